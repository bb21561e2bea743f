// The backward pass in plain numbers, and its vector kernels: one function for each element type;
// a backward_<dtype>.cc has its code for every target. Internal.
#pragma once

#include <cstdint>

#include "optimized/kernels/problem.h"
#include "optimized/kernels/target.h"

namespace gridproof::optimized {

struct Backward {
  Problem forward;    // the strides of its output are those of grad_output; it has no output
  const void* grads;  // grad_output
  void* grad_input;   // dense; null if it is not wanted
  void* grad_grid;    // dense; null if it is not wanted
};

// Locations of a batch entry that are planned together.
inline constexpr std::int64_t backward_tile = 256;

// Which pixels, by their number in a dense plane, the locations of a tile add to: none where `last`
// is -1. This tile and later ones add to no pixel below `low`, this and earlier ones to none from
// `high` on.
struct Reach {
  std::int32_t first;
  std::int32_t last;
  std::int32_t low;
  std::int32_t high;
};

enum class Step : std::uint8_t {
  reach,  // fills in `first` and `last` of some tiles
  pack,   // copies some pixels, the channels of each side by side
  input,  // the gradient of some channels of the input, of at most a block; in a band of pixels
  grid,   // the gradient of the grid at some locations, plane by plane
  sides,  // the same by channels that lie side by side
  both,  // step `input`, and with it the gradient of the grid at the locations of tiles whose first
         // pixel is in the band; of all channels at once, which are at most a block; dense planes
};

struct BackwardPart {
  std::int64_t batch = 0;
  std::int64_t batches = 1;  // so many; several only for steps `input` and `both`, without `reach`
  std::int64_t begin = 0;    // locations: the first of a tile, and an end
  std::int64_t end = 0;
  std::int64_t first_channel = 0;
  std::int64_t end_channel = 0;
  std::int64_t begin_pixel = 0;  // of the band
  std::int64_t end_pixel = 0;
  Reach* reach = nullptr;  // of the tiles from `begin` on; only step `reach` cannot do without
  // So many pixels, a power of two, are enough at a time; or 0: all of the band. Needs `reach`.
  std::int64_t window = 0;
  void* packed = nullptr;  // of step `pack`; without it, step `sides` packs for itself
};

// Runs a part of any problem, of one batch entry, without bands and `reach`, sample by sample and
// without vectors.
void run_backward_generic(Step step, const Backward& backward, const BackwardPart& part);

// How many numbers step `sides` needs for the channels of a pixel.
inline std::int64_t side_by_side(const Backward& backward) {
  return (backward.forward.channels + 7) / 8 * 8;
}
// Whether it reads the input as it is, without packing.
inline bool reads_sides(const Backward& backward) {
  return backward.forward.input_channel == 1 && backward.forward.channels % 8 == 0;
}

// Channels of a part of step `input`, at most.
std::int64_t backward_block(Target target, Dtype dtype);

// Runs a part of a problem whose planes, dense ones too, fit vectors, on a target that has some and
// is possible on this machine. Throws std::bad_alloc.
void run_backward_f16(Target target, Step step, const Backward& backward, const BackwardPart& part);
void run_backward_bf16(Target target, Step step, const Backward& backward,
                       const BackwardPart& part);
void run_backward_f32(Target target, Step step, const Backward& backward, const BackwardPart& part);
void run_backward_f64(Target target, Step step, const Backward& backward, const BackwardPart& part);

}  // namespace gridproof::optimized
