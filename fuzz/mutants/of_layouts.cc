// Where a layout meets something else: strides that are guessed, trusted or cut, and paths for one
// order of the axes only.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The same strides, but along `axis` that of a dense tensor.
Tensor dense_along(const Tensor& tensor, int axis) {
  Shape strides = tensor.strides();
  std::int64_t dense = 1;
  for (int inner = axis + 1; inner < tensor.rank(); ++inner) {
    dense *=
        std::max<std::int64_t>(std::abs(stride_of(tensor, inner)) * tensor.size(inner) / dense, 1);
  }
  strides[static_cast<std::size_t>(axis)] = dense;
  return reread(tensor, strides);
}

// As if it were dense from where it begins.
Tensor as_dense(const Tensor& tensor) { return reread(tensor, contiguous_strides(tensor.shape())); }

// With the strides of two axes exchanged.
Tensor exchanged(const Tensor& tensor, int one, int other) {
  Shape strides = tensor.strides();
  std::swap(strides[static_cast<std::size_t>(one)], strides[static_cast<std::size_t>(other)]);
  return reread(tensor, strides);
}

// With strides that go upwards from the lowest element.
Tensor unreversed(const Tensor& tensor) {
  Shape strides = tensor.strides();
  std::int64_t offset = tensor.offset();
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    if (strides[axis] >= 0) continue;
    offset += strides[axis] * (tensor.shape()[axis] - 1);
    strides[axis] = -strides[axis];
  }
  return reread(tensor, strides, offset);
}

// With the first item along `axis` for all.
Tensor first_along(const Tensor& tensor, int axis) {
  Shape strides = tensor.strides();
  strides[static_cast<std::size_t>(axis)] = 0;
  return Tensor::strided(tensor.dtype(), tensor.shape(), strides, tensor.offset(),
                         tensor.shared_storage(), tensor.storage_size());
}

bool overlapping_rows(const Case& test_case) {
  const int rank = test_case.input.rank();
  const std::int64_t row = stride_of(test_case.input, rank - 2);
  return stride_of(test_case.input, rank - 1) == 1 && row > 0 && width_of(test_case.input, 1) > 1 &&
         row < width_of(test_case.input, 0);
}
bool cropped_rows(const Case& test_case) {
  const int rank = test_case.input.rank();
  return stride_of(test_case.input, rank - 1) == 1 && width_of(test_case.input, 1) > 1 &&
         stride_of(test_case.input, rank - 2) > width_of(test_case.input, 0);
}
bool transposed_input(const Case& test_case) {
  const int rank = test_case.input.rank();
  return stride_of(test_case.input, rank - 2) == 1 && stride_of(test_case.input, rank - 1) > 1 &&
         width_of(test_case.input, 0) > 1 && width_of(test_case.input, 1) > 1;
}
bool long_strides(const Case& test_case) {
  const Tensor& input = test_case.input;
  for (int axis = 0; axis < input.rank(); ++axis) {
    if (input.size(axis) > 1 && std::abs(stride_of(input, axis)) > 32767) return true;
  }
  return false;
}
bool odd_offset(const Tensor& tensor) { return tensor.offset() % 2 != 0; }
bool constant_planes(const Case& test_case) {
  const int rank = test_case.input.rank();
  return input_expanded_along(rank - 1)(test_case) && input_expanded_along(rank - 2)(test_case);
}

}  // namespace

std::vector<Mutant> of_layouts() {
  return {
      // One axis that is not as in a dense tensor.
      interaction({"expanded.batch", "layout.strides",
                   "an input expanded over the batch is read as if it were dense",
                   "grid_sample mode=nearest input=f32[2,1,1,2]strides[0,2,2,1]{1,2} "
                   "grid=f32[2,1,1,2]{-0.5,0,-0.5,0}"},
                  meet(input_expanded_along(0), copyable),
                  reads_input([](const Tensor& input) { return dense_along(input, 0); })),
      interaction({"expanded.channels", "layout.strides",
                   "an input expanded over the channels is read as if it were dense",
                   "grid_sample mode=nearest input=f32[1,2,1,2]strides[2,0,2,1]{1,2} "
                   "grid=f32[1,1,1,2]{-0.5,0}"},
                  meet(input_expanded_along(1), copyable),
                  reads_input([](const Tensor& input) { return dense_along(input, 1); })),
      interaction({"expanded.grid-batch", "layout.strides",
                   "a grid expanded over the batch is read as if it were dense",
                   "grid_sample mode=nearest input=f32[2,1,1,2]{1,2,1,2} "
                   "grid=f32[2,1,1,2]strides[0,2,2,1]{-0.5,0.5}"},
                  meet(grid_expanded_along(0), copyable),
                  reads_grid([](const Tensor& grid) { return dense_along(grid, 0); })),
      interaction({"expanded.grid-rows", "layout.strides",
                   "a grid expanded over its rows is treated as expanded over its columns",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,2,2,2]strides[4,0,2,1]{-0.5,0,0.5,0}"},
                  meet(planes, grid_expanded_along(1)),
                  reads_grid([](const Tensor& grid) { return first_along(grid, 2); })),
      interaction({"expanded.batch-and-channels", "shape.sample",
                   "an input expanded over batch and channels is sampled once, with the first grid",
                   "grid_sample mode=nearest input=f32[2,2,1,2]strides[0,0,2,1]{1,2} "
                   "grid=f32[2,1,1,2]{-0.5,0,0.5,0}"},
                  meet(input_expanded_along(0), input_expanded_along(1)), as("grid.batch-dropped")),
      interaction({"expanded.plane", "padding.zeros",
                   "an input expanded over its plane counts as constant: every answer is its texel",
                   "grid_sample input=f32[1,1,2,2]strides[0,0,0,0]{1} grid=f32[1,1,1,2]{4,0}"},
                  meet(constant_planes, padded_by(Padding::zeros)), as("padding.zeros-as-border")),
      interaction(
          {"expanded.width", "padding.zeros-ramp", "an axis of stride 0 counts as one pixel",
           "grid_sample input=f32[1,1,1,4]strides[0,0,0,0]{1} grid=f32[1,1,1,2]{0.875,0}"},
          meet([](const Case& test_case) {
            return input_expanded_along(test_case.input.rank() - 1)(test_case);
          }),
          reads_input([](const Tensor& input) { return input.slice(input.rank() - 1, 0, 1); })),
      interaction({"overlap.rows", "layout.strides",
                   "overlapping rows are read as if they were consecutive",
                   "grid_sample mode=nearest input=f32[1,1,2,2]strides[3,3,1,1]{1,2,3} "
                   "grid=f32[1,1,1,2]{-0.5,0.5}"},
                  meet(overlapping_rows, copyable), reads_input([](const Tensor& input) {
                    Shape strides = input.strides();
                    strides[strides.size() - 2] = width_of(input, 0);
                    return reread(input, strides);
                  })),
      interaction({"crop.nearest", "layout.strides",
                   "in nearest, the rows of a crop are read as if they were contiguous",
                   "grid_sample mode=nearest input=f32[1,1,2,2]strides[6,6,3,1]{1..6} "
                   "grid=f32[1,1,1,2]{-0.5,0.5}"},
                  meet(by(Mode::nearest), cropped_rows, copyable),
                  reads_input([](const Tensor& input) {
                    Shape strides = input.strides();
                    strides[strides.size() - 2] = width_of(input, 0);
                    return reread(input, strides);
                  })),
      interaction({"reversed.channels-last", "layout.strides",
                   "with channels last, negative strides are treated as positive",
                   "grid_sample mode=nearest input=f32[1,2,1,2]strides[4,1,4,-2]offset[2]{1..4} "
                   "grid=f32[1,1,1,2]{-0.5,0}"},
                  meet([](const Case& test_case) { return is_reversed(test_case.input); },
                       channels_last, copyable),
                  reads_input(unreversed)),
      interaction({"reversed.rows", "layout.strides",
                   "with rows stored bottom to top, bilinear reads them top to bottom",
                   "grid_sample input=f32[1,1,2,1]strides[2,2,-1,1]offset[1]{1,2} "
                   "grid=f32[1,1,1,2]{0,-0.5}"},
                  meet(
                      by(Mode::bilinear),
                      [](const Case& test_case) {
                        return stride_of(test_case.input, test_case.input.rank() - 2) < 0;
                      },
                      copyable),
                  reads_input(unreversed)),
      interaction({"reversed.grid", "layout.strides",
                   "negative strides of the grid are treated as positive",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,1,2,2]strides[4,4,-2,1]offset[2]{-0.5,0,0.5,0}"},
                  meet([](const Case& test_case) { return is_reversed(test_case.grid); }, copyable),
                  reads_grid(unreversed)),
      // The grid as it is stored.
      interaction(
          {"planar.interleaved",
           "coord.order",
           "a grid of all x, then all y, is read as pairs",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
           "grid=f32[1,1,2,2]strides[4,2,1,2]{-0.5,0.5,0,0}",
           {{"PyTorch on MPS, of volumes", "https://github.com/pytorch/pytorch/issues/171602"}}},
          meet(planar_grid, copyable), reads_grid(as_dense)),
      interaction({"planar.reversed-in-volumes", "coord.order",
                   "a planar grid of volumes is read as (z, y, x)",
                   "grid_sample mode=nearest input=f32[1,1,1,1,2]{1,2} "
                   "grid=f32[1,1,1,2,3]strides[6,2,2,1,2]{0.5*2,0*4}"},
                  meet(volumes, planar_grid), as("axes.reversed")),
      interaction({"planar.of-two-columns", "coord.order",
                   "a dense grid of two columns is taken to be planar",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,1,2,2]{-0.5,0,0.5,0}"},
                  meet(planes, dense_grid, copyable,
                       [](const Case& test_case) { return test_case.grid.size(2) == 2; }),
                  reads_grid([](const Tensor& grid) { return exchanged(grid, 2, 3); })),
      interaction({"grid.transposed-in-volumes", "layout.strides",
                   "a grid of volumes stored column by column is read row by row",
                   "grid_sample mode=nearest input=f32[1,1,1,1,2]{1,2} "
                   "grid=f32[1,1,2,2,3]strides[12,12,3,6,1]"
                   "{-0.5,0,0,0.5,0,0,-0.5,0,0,-0.5,0,0}"},
                  meet(volumes, copyable,
                       [](const Case& test_case) {
                         return stride_of(test_case.grid, 3) > stride_of(test_case.grid, 2) &&
                                test_case.grid.size(2) > 1 && test_case.grid.size(3) > 1;
                       }),
                  reads_grid([](const Tensor& grid) { return exchanged(grid, 2, 3); })),
      interaction({"trusted.grid", "layout.strides",
                   "if the input is dense, the grid is assumed to be dense too",
                   "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                   "grid=f32[1,1,2,2]strides[4,4,1,2]{-0.75,0.75,0,0}"},
                  meet(dense_input, no(dense_grid), copyable), reads_grid(as_dense)),
      interaction({"trusted.input",
                   "layout.strides",
                   "if the grid is dense, the input is assumed to be dense too",
                   "grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1..4} "
                   "grid=f32[1,1,1,2]{0.5,-0.5}",
                   {{"stnbhwd", "https://github.com/qassemoquab/stnbhwd/pull/7"}}},
                  meet(dense_grid, no(dense_input), copyable), reads_input(as_dense)),
      interaction({"odd.grid-offset", "layout.strides",
                   "a grid that begins at an odd element is read from the even element before it",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,1,1,2]strides[2,2,2,1]offset[1]{0.5,-0.5,0}"},
                  meet([](const Case& test_case) { return odd_offset(test_case.grid); }, copyable),
                  reads_grid([](const Tensor& grid) {
                    return reread(grid, grid.strides(), grid.offset() - 1);
                  })),
      interaction(
          {"odd.offset-in-16-bits", "layout.strides",
           "a 16-bit input that begins at an odd element is read from the even element before it",
           "grid_sample mode=nearest input=f16[1,1,1,2]strides[2,2,2,1]offset[1]{1,2,4} "
           "grid=f16[1,1,1,2]{-0.5,0}"},
          meet(in_16_bits, copyable,
               [](const Case& test_case) { return odd_offset(test_case.input); }),
          reads_input([](const Tensor& input) {
            return reread(input, input.strides(), input.offset() - 1);
          })),
      // The input as it is stored.
      interaction({"transposed.in-16-bits", "layout.strides",
                   "a 16-bit input stored column by column is read row by row",
                   "grid_sample mode=nearest input=f16[1,1,2,2]strides[4,4,1,2]{1..4} "
                   "grid=f16[1,1,1,2]{0.5,-0.5}"},
                  meet(in_16_bits, transposed_input, copyable),
                  reads_input([](const Tensor& input) {
                    return exchanged(input, input.rank() - 1, input.rank() - 2);
                  })),
      interaction({"strides.i16", "layout.strides", "strides are truncated to 16 bits",
                   "grid_sample mode=nearest "
                   "input=f32[1,1,2,1]strides[40000,40000,40000,1]{0*40000,1} "
                   "grid=f32[1,1,1,2]{0,0.5}"},
                  meet(long_strides, copyable), reads_input([](const Tensor& input) {
                    Shape strides = input.strides();
                    for (std::int64_t& stride : strides) stride = static_cast<std::int16_t>(stride);
                    return reread(input, strides);
                  })),
      interaction({"channels-last.guessed", "layout.strides",
                   "a stride of 1 over a single channel, which means nothing, makes the input "
                   "count as dense",
                   "grid_sample mode=nearest input=f32[1,1,2,2]strides[1,1,1,2]{1..4} "
                   "grid=f32[1,1,1,2]{0.5,-0.5}"},
                  meet(channels_are(1), no(dense_input), copyable,
                       [](const Case& test_case) { return stride_of(test_case.input, 1) == 1; }),
                  reads_input(as_dense)),
      interaction({"channels-last.block-reversed", "layout.strides",
                   "with channels last, each block of four is in reverse order",
                   "grid_sample mode=nearest input=f32[1,4,1,2]strides[8,1,8,4]{1..8} "
                   "grid=f32[1,1,1,2]{-0.5,0}"},
                  meet(channels_last, channels_in_blocks_of(4)),
                  channels_from([](std::int64_t c, std::int64_t /*channels*/) {
                    return c / 4 * 4 + 3 - c % 4;
                  })),
      interaction({"channels-last.blocks-in-16-bits", "layout.strides",
                   "with 16-bit channels last and more than one block of eight, every block "
                   "repeats the first",
                   "grid_sample mode=nearest input=f16[1,16,1,2]strides[32,1,32,16]{1..32} "
                   "grid=f16[1,1,1,2]{-0.5,0}"},
                  meet(channels_last, in_16_bits, channels_in_blocks_of(8)),
                  channels_from([](std::int64_t c, std::int64_t /*channels*/) { return c % 8; })),
      interaction({"channels-last.remainder", "shape.sample",
                   "with channels last, the channels after the last full four are 0",
                   "grid_sample mode=nearest input=f32[1,5,1,2]strides[10,1,10,5]{1..10} "
                   "grid=f32[1,1,1,2]{-0.5,0}"},
                  meet(channels_last, channels_above(4)),
                  channels_from([](std::int64_t c, std::int64_t channels) {
                    return c < channels / 4 * 4 ? c : -1;
                  })),
      interaction({"channels-last.wide-pixels", "shape.sample",
                   "with more than 128 channels last, the channels after the 128th are those of "
                   "the next pixel",
                   "grid_sample mode=nearest input=f32[1,129,1,2]strides[258,1,258,129]{1..258} "
                   "grid=f32[1,1,1,2]{-0.5,0}"},
                  meet(channels_last, channels_above(128)),
                  reads_from([](const At& at, const At& sizes) {
                    const std::int64_t x = std::min(at.x + 1, sizes.x - 1);
                    return at.c < 128 ? at : At{at.n, at.c, at.z, at.y, x};
                  })),
      interaction({"channels-last.depth", "layout.strides",
                   "volumes with channels last have slices and rows swapped",
                   "grid_sample mode=nearest input=f32[1,2,2,2,1]strides[8,1,4,2,2]{1..8} "
                   "grid=f32[1,1,1,1,3]{0,-0.5,0.5}"},
                  meet(volumes, channels_last, copyable),
                  reads_input([](const Tensor& input) { return exchanged(input, 2, 3); })),
      interaction({"channels-last.z-weights", "trilinear.weights",
                   "volumes with eight channels last have the two weights of z swapped",
                   "grid_sample input=f32[1,8,1,1,2]strides[16,1,16,16,8]{1..16} "
                   "grid=f32[1,1,1,1,3]{0,0,-0.5}"},
                  meet(volumes, by(Mode::bilinear), channels_last, channels_in_blocks_of(8)),
                  as("trilinear.z-exchanged")),
      interaction({"channels-last.cubic-rim", "bicubic.taps-padded",
                   "bicubic with channels last reads the edge for taps outside, even under zeros",
                   "grid_sample mode=bicubic input=f32[1,2,1,2]strides[4,1,4,2]{1*4} "
                   "grid=f32[1,1,1,2]{0,-1}"},
                  meet(by(Mode::bicubic), padded_by(Padding::zeros), channels_last),
                  as("cubic.outside-skipped")),
      interaction(
          {"channels-last.batch-stride", "layout.strides",
           "with channels last, the step to the next batch item ignores the number of channels",
           "grid_sample mode=nearest input=f32[2,2,1,2]strides[4,1,4,2]{1..8} "
           "grid=f32[2,1,1,2]{-0.5,0,-0.5,0}"},
          meet(channels_last, batch_above(1), copyable), reads_input([](const Tensor& input) {
            Shape strides = input.strides();
            strides[0] = 1;
            for (int axis = 2; axis < input.rank(); ++axis) strides[0] *= input.size(axis);
            return reread(input, strides);
          })),
      interaction({"channels-last.nan", "coord.nan",
                   "with channels last, a NaN coordinate gives NaN under border",
                   "grid_sample mode=nearest padding_mode=border "
                   "input=f32[1,2,1,2]strides[4,1,4,2]{1..4} grid=f32[1,1,1,2]{0,nan}"},
                  meet(channels_last, padded_by(Padding::border)), as("nan.propagates")),
      interaction({"channels-last.ties", "nearest.ties-to-even",
                   "with channels last, ties go away from zero",
                   "grid_sample mode=nearest input=f32[1,4,1,2]strides[8,1,8,4]{1..8} "
                   "grid=f32[1,1,1,2]{0,0}"},
                  meet(channels_last, by(Mode::nearest), channels_in_blocks_of(4)),
                  as("nearest.half-away")),
      interaction({"channels-last.mixed-grid", "coord.order",
                   "with channels last and a planar grid, x and y are swapped",
                   "grid_sample mode=nearest input=f32[1,2,1,2]strides[4,1,4,2]{1..4} "
                   "grid=f32[1,1,2,2]strides[4,2,1,2]{0.5*2,0*2}"},
                  meet(channels_last, planar_grid), as("axes.xy-swapped")),
  };
}

}  // namespace gridproof::dictionary
