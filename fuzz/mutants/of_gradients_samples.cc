// Which samples count, and where their gradients are read and written: batches, tails, strides.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <vector>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The number of `grad_output` at a location of a batch entry.
struct GradAt {
  std::int64_t n;
  std::int64_t location;
  std::int64_t batches;
  std::int64_t locations;  // of each batch entry
};

// Both gradients without the samples for which not `function(GradAt)`.
template <class Function>
auto samples_where(const Function& function) {
  return asks_gradients([function](BackwardCase test_case) {
    const Tensor& grads = test_case.grad_output;
    if (!is_copied(grads) || grads.element_count() == 0) return test_case;
    std::vector<double> values = grads.values();
    const std::int64_t locations = locations_of(test_case);
    const std::int64_t of_batch = locations * grads.size(1);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto place = static_cast<std::int64_t>(i);
      const GradAt at{place / of_batch, place % locations, grads.size(0), locations};
      if (!function(at)) values[i] = 0;
    }
    test_case.grad_output = Tensor(grads.dtype(), grads.shape(), values);
    return test_case;
  });
}

// More locations than `group` are done in whole groups.
auto whole_groups(std::int64_t group) {
  return samples_where([group](const GradAt& at) {
    return at.locations < group || at.location < at.locations / group * group;
  });
}

// Every batch entry of a tensor is that of entry `source(n, batches)`.
template <class Source>
Tensor batches_from(const Tensor& tensor, const Source& source) {
  if (!is_copied(tensor) || tensor.element_count() == 0) return tensor;
  const std::vector<double> right = tensor.values();
  std::vector<double> values = right;
  const auto batches = tensor.size(0);
  const std::int64_t each = std::ssize(values) / batches;
  for (std::int64_t n = 0; n < batches; ++n) {
    std::copy_n(right.begin() + source(n, batches) * each, each, values.begin() + n * each);
  }
  return {tensor.dtype(), tensor.shape(), values};
}
std::int64_t first(std::int64_t /*n*/, std::int64_t /*batches*/) { return 0; }
std::int64_t reversed(std::int64_t n, std::int64_t batches) { return batches - 1 - n; }
std::int64_t behind_from_third(std::int64_t n, std::int64_t /*batches*/) {
  return n < 2 ? n : n - 1;
}

// The question with its tensors changed by `function(question)`.
template <class Function>
auto with_tensors(const Function& function) {
  return asks_gradients([function](BackwardCase test_case) {
    function(test_case);
    return test_case;
  });
}

// Elements of a dense gradient, written where the strides of `like` say, and read as dense.
void write_by_strides(const Tensor& like, std::vector<double>& values) {
  if (like.storage_size() != std::ssize(values)) return;
  const std::vector<double> right = values;
  std::ranges::fill(values, 0);
  auto next = right.begin();
  for_each_position(like.shape(), like.strides(), like.offset(),
                    [&](std::int64_t at) { values[static_cast<std::size_t>(at)] += *next++; });
}

// As many numbers, read in row-major order of the transposed plane.
Tensor with_transposed_planes(const Tensor& tensor) {
  if (!is_copied(tensor) || tensor.element_count() == 0) return tensor;
  const std::int64_t width = width_of(tensor, 0);
  const std::int64_t height = width_of(tensor, 1);
  const std::vector<double> right = tensor.values();
  std::vector<double> values = right;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) % (width * height);
    const std::int64_t other = at % width * height + at / width;
    values[i] = right[i - static_cast<std::size_t>(at) + static_cast<std::size_t>(other)];
  }
  return {tensor.dtype(), tensor.shape(), values};
}

std::vector<GradientMutant> of_tails() {
  return {
      gradient({"samples.last-lost", "grad.input", "the last of several samples has no gradients",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,2,2]{-0.125,0,0.125,0} grad_output=f32[1,1,1,2]{1,2}"},
               samples_where([](const GradAt& at) {
                 return at.locations == 1 || at.location != at.locations - 1;
               })),
      gradient({"samples.first-only", "grad.input", "only the first sample has gradients",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,3,2]{-0.125,0,0.125,0,0.25,0} grad_output=f32[1,1,1,3]{1,2,4}"},
               samples_where([](const GradAt& at) { return at.location == 0; })),
      gradient({"samples.tail-of-4-lost", "grad.input",
                "more samples than 4 are done in whole groups of 4, the rest has no gradients",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,6,2]{0*12} grad_output=f32[1,1,1,6]{1..6}"},
               whole_groups(4)),
      gradient({"samples.tail-of-8-lost", "grad.input",
                "more samples than 8 are done in whole groups of 8, the rest has no gradients",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,12,2]{0*24} grad_output=f32[1,1,1,12]{1..12}"},
               whole_groups(8)),
      gradient({"samples.tail-of-16-lost", "grad.input",
                "more samples than 16 are done in whole groups of 16, the rest has no gradients",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,24,2]{0*48} grad_output=f32[1,1,1,24]{1..24}"},
               whole_groups(16)),
      gradient({"samples.tail-of-8-flat", "grad.grid",
                "the gradient of the grid is 0 for what does not fill a group of 8 samples",
                "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,9,2]{0*18} "
                "grad_output=f32[1,1,1,9]{1..9}"},
               only_grid(samples_where([](const GradAt& at) {
                 return at.locations < 8 || at.location < at.locations / 8 * 8;
               }))),
      gradient({"samples.beyond-1024-lost", "grad.input",
                "of a batch entry only the first 1024 samples have gradients",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,1025,2]{0*2050} grad_output=f32[1,1,1,1025]{1*1025}"},
               samples_where([](const GradAt& at) { return at.location < 1024; })),
      gradient({"samples.beyond-2^16-lost", "grad.input",
                "of a batch entry only the first 65536 samples have gradients",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,65537,2]strides[0,0,0,1]{0,0} "
                "grad_output=f32[1,1,1,65537]strides[0,0,0,0]{1}"},
               samples_where([](const GradAt& at) { return at.location < 65536; })),
      gradient({"samples.even-only", "grad.input",
                "samples are done in pairs, and of each only the first counts",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,3,2]{0*6} "
                "grad_output=f32[1,1,1,3]{1,2,4}"},
               only_input(samples_where([](const GradAt& at) { return at.location % 2 == 0; }))),
  };
}

std::vector<GradientMutant> of_batches() {
  return {
      gradient({"batch.last-lost", "grad.input", "the last of several batch entries is not done",
                "grid_sample_backward mode=nearest input=f32[2,1,1,1]{1,2} "
                "grid=f32[2,1,1,2]{0*4} grad_output=f32[2,1,1,1]{1,2}"},
               samples_where(
                   [](const GradAt& at) { return at.batches == 1 || at.n != at.batches - 1; })),
      gradient({"batch.first-only", "grad.input", "only the first batch entry is done",
                "grid_sample_backward mode=nearest input=f32[3,1,1,1]{1,2,4} "
                "grid=f32[3,1,1,2]{0*6} grad_output=f32[3,1,1,1]{1,2,4}"},
               samples_where([](const GradAt& at) { return at.n == 0; })),
      gradient(
          {"batch.first-grads", "grad.input", "every batch entry has the grad_output of the first",
           "grid_sample_backward mode=nearest input=f32[2,1,1,1]{1,2} "
           "grid=f32[2,1,1,2]{0*4} grad_output=f32[2,1,1,1]{1,2}"},
          with_tensors([](BackwardCase& test_case) {
            test_case.grad_output = batches_from(test_case.grad_output, first);
          })),
      gradient({"batch.first-grid", "grad.input", "every batch entry has the grid of the first",
                "grid_sample_backward mode=nearest input=f32[2,1,1,2]{1,2,4,8} "
                "grid=f32[2,1,1,2]{-0.5,0,0.5,0} grad_output=f32[2,1,1,1]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 test_case.forward.grid = batches_from(test_case.forward.grid, first);
               })),
      gradient({"batch.first-texels", "grad.grid",
                "the gradient of the grid reads the texels of the first batch entry for all",
                "grid_sample_backward input=f32[2,1,1,2]{1,2,4,16} grid=f32[2,1,1,2]{0*4} "
                "grad_output=f32[2,1,1,1]{1,1}"},
               with_tensors([](BackwardCase& test_case) {
                 test_case.forward.input = batches_from(test_case.forward.input, first);
               })),
      gradient({"batch.all-in-first", "grad.input",
                "all batch entries add to the gradient of the first input",
                "grid_sample_backward mode=nearest input=f32[2,1,1,1]{1,2} "
                "grid=f32[2,1,1,2]{0*4} grad_output=f32[2,1,1,1]{1,2}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 if (values.empty()) return;
                 const auto each =
                     values.size() / static_cast<std::size_t>(test_case.forward.input.size(0));
                 for (std::size_t i = each; i < values.size(); ++i) {
                   values[i % each] += values[i];
                   values[i] = 0;
                 }
               })),
      gradient({"batch.reversed-grads", "grad.input",
                "grad_output is read with its batch entries in reverse order",
                "grid_sample_backward mode=nearest input=f32[2,1,1,1]{1,2} "
                "grid=f32[2,1,1,2]{0*4} grad_output=f32[2,1,1,1]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 test_case.grad_output = batches_from(test_case.grad_output, reversed);
               })),
      gradient(
          {"batch.one-grid-one-input", "grad.input",
           "with one grid for all batch entries, stride 0, every input has the gradient of the "
           "first",
           "grid_sample_backward mode=nearest input=f32[2,1,1,1]{1,2} "
           "grid=f32[2,1,1,2]strides[0,2,2,1]{0,0} grad_output=f32[2,1,1,1]{1,2}"},
          [](HookedGradients& rules, const BackwardCase& test_case) {
            const Tensor& grid = test_case.forward.grid;
            if (stride_of(grid, 0) != 0 || grid.size(0) < 2) return;
            only_input(with_tensors([](BackwardCase& asked) {
              asked.grad_output = batches_from(asked.grad_output, first);
            }))(rules);
          }),
      gradient({"batch.third-behind", "grad.input",
                "from the third on, batch entries have the grad_output of the one before",
                "grid_sample_backward mode=nearest input=f32[3,1,1,1]{1,2,4} "
                "grid=f32[3,1,1,2]{0*6} grad_output=f32[3,1,1,1]{1,2,4}"},
               with_tensors([](BackwardCase& test_case) {
                 test_case.grad_output = batches_from(test_case.grad_output, behind_from_third);
               })),
      gradient({"batch.beyond-2-lost",
                "grad.input",
                "batch entries are done in steps of two; what does not fill a step is lost",
                "grid_sample_backward mode=nearest input=f32[3,1,1,1]{1,2,4} "
                "grid=f32[3,1,1,2]{0*6} grad_output=f32[3,1,1,1]{1,2,4}",
                {{"mmcv, issue 1169 (deformable convolution)",
                  "https://github.com/open-mmlab/mmcv/issues/1169"},
                 {"mmcv, pull request 565", "https://github.com/open-mmlab/mmcv/pull/565"}}},
               samples_where(
                   [](const GradAt& at) { return at.batches < 2 || at.n < at.batches / 2 * 2; })),
  };
}

std::vector<GradientMutant> of_layouts_of_gradients() {
  return {
      gradient({"layout.grads-transposed", "grad.layout",
                "the planes of grad_output are read column by column",
                "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} "
                "grid=f32[1,2,2,2]{-0.5,0,-0.5,0,0.5,0,0.5,0} grad_output=f32[1,1,2,2]{1,2,4,8}"},
               with_tensors([](BackwardCase& test_case) {
                 test_case.grad_output = with_transposed_planes(test_case.grad_output);
               })),
      gradient(
          {"layout.grads-strides-ignored", "grad.layout", "grad_output is read as if it were dense",
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} "
           "grid=f32[1,1,2,2]{-0.5,0,0.5,0} "
           "grad_output=f32[1,1,1,2]strides[4,4,4,2]{1,2,4,8}"},
          with_tensors([](BackwardCase& test_case) {
            const Tensor& grads = test_case.grad_output;
            if (!is_copied(grads)) return;
            test_case.grad_output = reread(grads, contiguous_strides(grads.shape()));
          })),
      gradient({"layout.grads-offset-ignored", "grad.layout",
                "grad_output is read from the beginning of its memory",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]strides[1,1,1,1]offset[1]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 const Tensor& grads = test_case.grad_output;
                 const bool goes_up = std::ranges::all_of(
                     grads.strides(), [](std::int64_t stride) { return stride >= 0; });
                 if (is_copied(grads) && goes_up) {
                   test_case.grad_output = reread(grads, grads.strides(), 0);
                 }
               })),
      gradient({"layout.grads-backwards", "grad.layout",
                "the sign of a negative stride of grad_output is lost",
                "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} "
                "grid=f32[1,1,2,2]{-0.5,0,0.5,0} "
                "grad_output=f32[1,1,1,2]strides[2,2,2,-1]offset[1]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 const Tensor& grads = test_case.grad_output;
                 if (!is_copied(grads) || !is_reversed(grads)) return;
                 Shape strides = grads.strides();
                 std::int64_t offset = grads.offset();
                 for (std::size_t k = 0; k < strides.size(); ++k) {
                   if (strides[k] >= 0) continue;
                   offset += strides[k] * (grads.shape()[k] - 1);
                   strides[k] = -strides[k];
                 }
                 test_case.grad_output = reread(grads, strides, offset);
               })),
      gradient({"layout.expanded-rows-all-first", "grad.layout",
                "of a grad_output expanded along its rows every row has the number of the first",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,2,2,2]{0*8} "
                "grad_output=f32[1,1,2,2]strides[2,2,1,0]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 const Tensor& grads = test_case.grad_output;
                 const int last = grads.rank() - 1;
                 if (stride_of(grads, last) != 0) return;
                 Shape strides = grads.strides();
                 std::fill(strides.begin() + 2, strides.end(), 0);
                 test_case.grad_output = reread(grads, strides, grads.offset());
               })),
      gradient({"layout.expanded-grads-once",
                "grad.layout",
                "of a grad_output expanded along its rows only the first number is used",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,3,2]{0*6} "
                "grad_output=f32[1,1,1,3]strides[0,0,0,0]{2}",
                {{"PyTorch with cuDNN, issue 2307 (strides of 0)",
                  "https://github.com/pytorch/pytorch/issues/2307"},
                 {"PyTorch, the repair", "https://github.com/pytorch/pytorch/pull/2993"}}},
               [](HookedGradients& rules, const BackwardCase& test_case) {
                 const Tensor& grads = test_case.grad_output;
                 const int last = grads.rank() - 1;
                 if (stride_of(grads, last) != 0) return;
                 samples_where([width = grads.size(last)](const GradAt& at) {
                   return at.location % width == 0;
                 })(rules);
               }),
      gradient({"layout.input-strides-ignored", "grad.layout",
                "in the gradient of the grid the input is read as if it were dense",
                "grid_sample_backward input=f32[1,1,2,2]strides[4,4,1,2]{1,2,4,16} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}"},
               with_tensors([](BackwardCase& test_case) {
                 const Tensor& input = test_case.forward.input;
                 if (!is_copied(input)) return;
                 test_case.forward.input = reread(input, contiguous_strides(input.shape()));
               })),
      gradient({"layout.grid-strides-ignored", "grad.layout",
                "the backward pass reads the grid as if it were dense",
                "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} "
                "grid=f32[1,1,2,2]strides[4,4,1,2]{-0.5,0.5,0,0} grad_output=f32[1,1,1,2]{1,2}"},
               with_tensors([](BackwardCase& test_case) {
                 const Tensor& grid = test_case.forward.grid;
                 if (!is_copied(grid)) return;
                 test_case.forward.grid = reread(grid, contiguous_strides(grid.shape()));
               })),
      gradient({"layout.input-strides-written", "grad.layout",
                "the gradient of the input is written by the input's strides, and said to be dense",
                "grid_sample_backward mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1,2,4,8} "
                "grid=f32[1,1,1,2]{0.5,-0.5} grad_output=f32[1,1,1,1]{1}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 write_by_strides(test_case.forward.input, values);
               })),
      gradient({"layout.grid-planes", "grad.layout",
                "the gradient of the grid is written as planes: all x, then all y",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               gives_grid([](const BackwardCase& test_case, std::vector<double>& values) {
                 const auto axes = static_cast<std::size_t>(test_case.forward.input.rank() - 2);
                 const std::size_t samples = values.size() / axes;
                 const std::vector<double> right = values;
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   values[i % axes * samples + i / axes] = right[i];
                 }
               })),
  };
}

}  // namespace

std::vector<GradientMutant> of_gradient_samples() {
  std::vector<GradientMutant> all = of_tails();
  for (auto* const more : {of_batches, of_layouts_of_gradients}) {
    std::ranges::move(more(), std::back_inserter(all));
  }
  return all;
}

}  // namespace gridproof::dictionary
