// Shapes, layouts, dtypes: what goes wrong around the samples.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/meet.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// The same memory seen in another way.
Tensor seen_as(const Tensor& tensor, Shape shape, Shape strides) {
  return Tensor::strided(tensor.dtype(), std::move(shape), std::move(strides), tensor.offset(),
                         tensor.shared_storage(), tensor.storage_size());
}

// A tensor whose first item along `axis` stands for all.
Tensor first_for_all(const Tensor& tensor, int axis) {
  if (tensor.element_count() == 0 || axis >= tensor.rank()) return tensor;
  Shape strides = tensor.strides();
  strides[static_cast<std::size_t>(axis)] = 0;
  return seen_as(tensor, tensor.shape(), strides);
}

// The storage read from its beginning as if it were dense.
Tensor as_if_dense(const Tensor& tensor) {
  if (tensor.storage_size() < tensor.element_count()) return tensor;
  return Tensor::strided(tensor.dtype(), tensor.shape(), contiguous_strides(tensor.shape()), 0,
                         tensor.shared_storage(), tensor.storage_size());
}

// The elements in their order, as a tensor of shape `permuted by order` that is then permuted back.
Tensor misread(const Tensor& tensor, const std::vector<int>& order) {
  if (!is_copied(tensor)) return tensor;
  Shape shape;
  for (const int axis : order) shape.push_back(tensor.size(axis));
  const Tensor dense = tensor.contiguous();
  const Tensor other = seen_as(dense, shape, contiguous_strides(shape));
  std::vector<int> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  }
  return other.permuted(back);
}

std::vector<int> axes_of(const Tensor& tensor) {
  std::vector<int> axes(static_cast<std::size_t>(tensor.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// The output with its axes in another order.
template <class Order>
auto output_permuted(Order order) {
  return gives([order](const Case& /*question*/, const Tensor& output) {
    return output.permuted(order(output)).contiguous();
  });
}

// Leaves 0 in the samples of each plane for which `lost(place, samples)`.
template <class Lost>
auto samples_lost(Lost lost) {
  return gives([lost](const Case& /*question*/, const Tensor& output) {
    std::vector<double> values = output.values();
    const auto planes = static_cast<std::size_t>(output.size(0) * output.size(1));
    const std::size_t inner = values.size() / planes;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (lost(i % inner, inner)) values[i] = 0;
    }
    return Tensor(output.dtype(), output.shape(), values);
  });
}

// Pixel indices wrap around as those of the integer type do.
template <class Integer>
auto index_in() {
  return [](Hooked& rules) {
    rules.tap = [](std::int64_t index, const Axis& axis) {
      const std::int64_t tap = Documented::tap(index, axis);
      if (tap == semantics::outside) return tap;
      return std::clamp<std::int64_t>(static_cast<Integer>(tap), 0, axis.size - 1);
    };
  };
}

// Whether some axis has pixels whose index such an integer does not hold.
template <class Integer>
bool is_beyond(const Case& test_case) {
  const Shape& shape = test_case.input.shape();
  return std::ranges::any_of(shape, [](std::int64_t size) {
    return size - 1 > std::int64_t{std::numeric_limits<Integer>::max()};
  });
}

bool is_unbatched(const Case& test_case) {
  return test_case.input.rank() == 3 && test_case.grid.rank() == 3;
}

}  // namespace

std::vector<Mutant> of_tensors() {
  return {
      only_about(is_unbatched,
                 extension({"shape.unbatched-accepted", "shape.rank",
                            "input and grid without a batch axis are taken as a batch of one",
                            "grid_sample mode=nearest padding_mode=zeros align_corners=False "
                            "input=f32[2,1,3]{1*6} grid=f32[3,3,2]{0*18}"},
                           asks([](Case test_case) {
                             if (!is_unbatched(test_case)) return test_case;
                             for (Tensor* tensor : {&test_case.input, &test_case.grid}) {
                               Shape shape = tensor->shape();
                               Shape strides = tensor->strides();
                               shape.insert(shape.begin(), 1);
                               strides.insert(strides.begin(), 0);
                               *tensor = seen_as(*tensor, shape, strides);
                             }
                             return test_case;
                           }))),
      extension({"shape.batch-broadcast", "shape.batch", "a batch of one is repeated",
                 "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
                 "input=f32[1,1,4,3,4]{1*48} grid=f32[2,2,3,3,3]{0*108}"},
                asks([](Case test_case) {
                  Tensor& input = test_case.input;
                  Tensor& grid = test_case.grid;
                  if (input.rank() < 4 || grid.rank() < 4 || input.size(0) == grid.size(0)) {
                    return test_case;
                  }
                  for (const auto& [one, other] : {std::pair(&input, &grid), {&grid, &input}}) {
                    if (one->size(0) != 1) continue;
                    Shape shape = one->shape();
                    shape[0] = other->size(0);
                    *one = seen_as(first_for_all(*one, 0), shape, first_for_all(*one, 0).strides());
                  }
                  return test_case;
                })),
      extension({"shape.components-ignored", "shape.last-dimension",
                 "extra components of the grid are ignored",
                 "grid_sample mode=nearest padding_mode=zeros align_corners=False "
                 "input=f32[3,1,4,4]{1*48} grid=f32[3,3,3,3]{0*81}"},
                asks([](Case test_case) {
                  const int rank = test_case.grid.rank();
                  const int components = test_case.input.rank() - 2;
                  if (rank == test_case.input.rank() && rank >= 4 &&
                      test_case.grid.size(rank - 1) > components) {
                    test_case.grid = test_case.grid.slice(rank - 1, 0, components);
                  }
                  return test_case;
                })),
      extension({"shape.empty-input-accepted", "shape.empty-spatial",
                 "an input without pixels is treated as zeros",
                 "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
                 "input=f32[1,1,1,0]{} grid=f32[1,1,1,2]{0,0}"},
                asks([](Case test_case) {
                  if (test_case.input.rank() < 4) return test_case;
                  Shape shape = test_case.input.shape();
                  bool is_empty = false;
                  for (std::size_t axis = 2; axis < shape.size(); ++axis) {
                    is_empty |= shape[axis] == 0;
                    shape[axis] = std::max<std::int64_t>(shape[axis], 1);
                  }
                  if (is_empty) test_case.input = Tensor(test_case.input.dtype(), shape);
                  return test_case;
                })),
      mutant({"shape.empty-output-refused", "shape.empty", "an output without elements is refused",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,0,2]{}"},
             asks([](Case test_case) {
               if (test_case.grid.element_count() == 0 || test_case.input.element_count() == 0) {
                 test_case.request.mode = "refused";
               }
               return test_case;
             })),
      mutant(
          {"shape.output-transposed", "shape.output", "the last two axes of the output are swapped",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f32[1,1,1,1]{0} grid=f32[1,1,2,2]{0*4}"},
          output_permuted([](const Tensor& output) {
            std::vector<int> order = axes_of(output);
            std::swap(order[order.size() - 1], order[order.size() - 2]);
            return order;
          })),
      mutant({"shape.output-channels-last", "shape.output", "the output has its channels last",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,2,1,1]{1,1} grid=f32[1,1,1,2]{0,0}"},
             output_permuted([](const Tensor& output) {
               std::vector<int> order = axes_of(output);
               std::rotate(order.begin() + 1, order.begin() + 2, order.end());
               return order;
             })),
      extension(
          {"dtype.integers-accepted", "dtype.supported", "an input of integers is converted to f32",
           "grid_sample mode=nearest padding_mode=zeros align_corners=False "
           "input=i32[1,1,1,1]{0} grid=i32[1,1,1,2]{0,0}"},
          asks([](Case test_case) {
            for (Tensor* tensor : {&test_case.input, &test_case.grid}) {
              if (tensor->dtype() == Dtype::i32) *tensor = converted(*tensor, Dtype::f32);
            }
            return test_case;
          })),
      extension({"dtype.mixed-accepted", "dtype.same",
                 "a grid of another dtype is converted to the dtype of the input",
                 "grid_sample mode=nearest padding_mode=zeros align_corners=False "
                 "input=f32[1,1,1,1]{0} grid=f64[1,1,1,2]{0,0}"},
                asks([](Case test_case) {
                  const Dtype dtype = test_case.input.dtype();
                  if (dtype != Dtype::i32 && test_case.grid.dtype() != Dtype::i32 &&
                      test_case.grid.dtype() != dtype) {
                    test_case.grid = converted(test_case.grid, dtype);
                  }
                  return test_case;
                })),
      mutant({"dtype.output-f32", "dtype.output", "the output of 16-bit tensors is f32",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f16[1,1,1,1]{0} grid=f16[1,1,1,2]{0,0}"},
             gives([](const Case& /*question*/, const Tensor& output) {
               return is_16_bit(output.dtype()) ? converted(output, Dtype::f32) : output;
             })),
      mutant({"batch.dropped", "shape.sample", "every batch item samples the first input",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[2,1,1,1]{1,2} grid=f32[2,1,1,2]{0,0,-1.125,0}"},
             reads_input([](const Tensor& input) { return first_for_all(input, 0); })),
      mutant({"grid.batch-dropped", "shape.sample", "every batch item uses the first grid",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[2,1,1,2]{1..4} grid=f32[2,1,1,2]{0,0,-1.125,0}"},
             reads_grid([](const Tensor& grid) { return first_for_all(grid, 0); })),
      mutant({"depth.first-only", "shape.sample", "every slice of the input repeats the first",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,2,1,1]{1,2} grid=f32[1,1,1,1,3]{0,0,1}"},
             reads_input([](const Tensor& input) {
               return input.rank() == 5 ? first_for_all(input, 2) : input;
             })),
      mutant({"channels.first-only", "shape.sample", "every channel repeats the first",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,2,1,1]{1,2} grid=f32[1,1,1,2]{2,0}"},
             reads_input([](const Tensor& input) { return first_for_all(input, 1); })),
      mutant({"channels.reversed", "shape.sample", "the channels are in reverse order",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,2,1,1]{1,2} grid=f32[1,1,1,2]{2,0}"},
             channels_from([](std::int64_t c, std::int64_t channels) { return channels - 1 - c; })),
      mutant({"channels.after-four-lost",
              "shape.sample",
              "channels after the fourth are 0",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,5,1,1]{1*5} grid=f32[1,1,1,2]{2,0}",
              {{"MNN on 5-D input", "https://github.com/alibaba/MNN/issues/3026"}}},
             channels_from([](std::int64_t c, std::int64_t) { return c < 4 ? c : -1; })),
      mutant({"channels.tail-lost", "shape.sample",
              "channels after the last full block of eight repeat the last channel of that block",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,9,1,1,1]{1..9} grid=f32[1,1,1,1,3]{0,0,0}"},
             channels_from([](std::int64_t c, std::int64_t channels) {
               const std::int64_t whole = channels / 8 * 8;
               return c < whole || whole == 0 ? c : whole - 1;
             })),
      mutant({"layout.input-strides-ignored", "layout.strides",
              "the input is read as if it were dense",
              "grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1,2,3,4} "
              "grid=f32[1,1,1,2]{0.5,-0.5}"},
             reads_input(as_if_dense)),
      mutant(
          {"layout.grid-strides-ignored", "layout.strides", "the grid is read as if it were dense",
           "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,2,2]strides[4,4,1,2]{-0.75,0.75,0,0}"},
          reads_grid(as_if_dense)),
      mutant({"layout.offset-ignored", "layout.strides",
              "the input is read from the beginning of its storage",
              "grid_sample mode=nearest input=f32[1,1,1,2]strides[2,2,2,1]offset[1]{1,2,4} "
              "grid=f32[1,1,1,2]{-0.5,0}"},
             reads_input([](const Tensor& input) {
               // Only where that stays inside.
               const Shape& strides = input.strides();
               if (std::ranges::any_of(strides, [](std::int64_t s) { return s < 0; })) return input;
               return Tensor::strided(input.dtype(), input.shape(), strides, 0,
                                      input.shared_storage(), input.storage_size());
             })),
      mutant({"layout.input-channels-last",
              "shape.sample",
              "the input is read as if its channels were last",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,2,1,2]{1..4} grid=f32[1,1,1,2]{2,0}",
              {{"onnx2tf", "https://github.com/PINTO0309/onnx2tf/pull/325"}}},
             reads_input([](const Tensor& input) {
               std::vector<int> order = axes_of(input);
               std::rotate(order.begin() + 1, order.begin() + 2, order.end());
               return misread(input, order);
             })),
      mutant({"layout.input-transposed",
              "shape.sample",
              "the input is read as if it were stored column by column",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{2,0}",
              {{"DIF-Net", "https://github.com/xmed-lab/DIF-Net/issues/18"}}},
             reads_input([](const Tensor& input) {
               std::vector<int> order = axes_of(input);
               std::swap(order[order.size() - 1], order[order.size() - 2]);
               return misread(input, order);
             })),
      mutant({"layout.grid-planar", "coord.order", "the grid is read as all x, then all y",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{0,0,1.125,0}"},
             reads_grid([](const Tensor& grid) {
               std::vector<int> order = axes_of(grid);
               std::rotate(order.begin() + 1, order.end() - 1, order.end());
               return misread(grid, order);
             })),
      mutant({"layout.output-channels-last", "layout.output",
              "the output is stored with its channels last",
              "grid_sample mode=nearest input=f32[1,2,1,2]{1,2,3,4} "
              "grid=f32[1,1,2,2]{-0.5,0,0.5,0}"},
             gives([](const Case& /*question*/, const Tensor& output) {
               std::vector<int> order = axes_of(output);
               std::rotate(order.begin() + 1, order.begin() + 2, order.end());
               std::vector<int> back = axes_of(output);
               std::rotate(back.begin() + 1, back.end() - 1, back.end());
               return output.permuted(order).contiguous().permuted(back);
             })),
      mutant({"tail.lost", "shape.output", "samples after the last full group of eight stay 0",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,2}"},
             samples_lost([](std::size_t at, std::size_t count) { return at >= count / 8 * 8; })),
      mutant({"tail.last-sample-lost", "shape.output", "the last sample of each plane stays 0",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{1.125,0}"},
             samples_lost([](std::size_t at, std::size_t count) { return at + 1 == count; })),
      only_about(
          is_beyond<std::int16_t>,
          mutant({"index.i16", "shape.sample", "pixel indices wrap around at 2^15",
                  "grid_sample mode=nearest align_corners=True input=f32[1,1,1,40000]{0*39999,1} "
                  "grid=f32[1,1,1,2]{1,0}"},
                 index_in<std::int16_t>())),
      only_about(
          is_beyond<std::uint16_t>,
          mutant({"index.u16", "shape.sample", "pixel indices wrap around at 2^16",
                  "grid_sample mode=nearest align_corners=True input=f32[1,1,1,65540]{0*65539,1} "
                  "grid=f32[1,1,1,2]{1,0}"},
                 index_in<std::uint16_t>())),
  };
}

}  // namespace gridproof::dictionary
