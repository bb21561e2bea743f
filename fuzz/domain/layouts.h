// Layouts of tensors: how the elements of a shape lie in their storage. Tested by layouts_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/domain/random.h"
#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof {

enum class Arrangement : std::uint8_t {
  dense,
  channels_last,         // memory order (N, H, W, C)
  planar,                // of a grid: memory order (N, 2, H, W), as flows are kept
  sliced,                // a window of a larger tensor that is full of sentinels
  expanded,              // stride 0 on some axis
  expanded_batch,        // on the batch
  expanded_channels,     // on axis 1
  expanded_both,         // on the batch and axis 1
  expanded_longest,      // on the longest of the other axes; of a grid, of the output's
  expanded_spatial,      // on all of those
  overlapping,           // rows that share elements; stride 0 on an axis of 2^20 and more
  reversed,              // some strides are negative, at least one
  transposed,            // the last two axes of an image exchanged; the output's of a grid
  spread,                // every stride is a multiple, with sentinels between the elements
  channels_last_sliced,  // a window of a larger tensor in memory order (N, H, W, C)
  planar_sliced,         // of a grid: a window of a larger one in memory order (N, 2, H, W)
  far_apart,             // the outermost axis of more than one has a stride beyond 2^16
  very_far_apart,        // beyond 2^24
  windows,            // the outermost axis of more than one moves by some rows: they share others
  shared_components,  // of a grid: stride 0 on the last axis, so x is y (is z)
};
template <>
inline constexpr auto names<Arrangement> = std::to_array<Named<Arrangement>>(
    {{Arrangement::dense, "dense"},
     {Arrangement::channels_last, "channels-last"},
     {Arrangement::planar, "planar"},
     {Arrangement::sliced, "sliced"},
     {Arrangement::expanded, "stride 0"},
     {Arrangement::expanded_batch, "stride 0 in the batch"},
     {Arrangement::expanded_channels, "stride 0 in the channels"},
     {Arrangement::expanded_both, "stride 0 in batch and channels"},
     {Arrangement::expanded_longest, "stride 0 on the longest axis"},
     {Arrangement::expanded_spatial, "stride 0 on all spatial axes"},
     {Arrangement::overlapping, "overlapping rows"},
     {Arrangement::reversed, "negative strides"},
     {Arrangement::transposed, "transposed"},
     {Arrangement::spread, "gaps between elements"},
     {Arrangement::channels_last_sliced, "a slice, channels-last"},
     {Arrangement::planar_sliced, "a slice, planar"},
     {Arrangement::far_apart, "a stride beyond 2^16"},
     {Arrangement::very_far_apart, "a stride beyond 2^24"},
     {Arrangement::windows, "sliding windows"},
     {Arrangement::shared_components, "stride 0 in the components"}});

// Where the elements lie: element (i0, i1, …) at `offset` + i0 strides[0] + …, all of them within
// `size` elements of storage.
struct Placement {
  Shape strides;
  std::int64_t offset = 0;
  std::int64_t size = 0;
  bool has_gaps = false;  // elements of the storage that the layout does not reach
};

// Of a grid, whose last axis holds x, y, z, the output's axes are the spatial ones.
Placement placed(const Shape& shape, Arrangement arrangement, bool is_grid, Random& random);

// What is in the storage, and the same layout over other storage of as many elements.
std::vector<double> storage_values(const Tensor& tensor);
Tensor with_storage(const Tensor& tensor, const std::vector<double>& storage);

// The same elements in another layout; what the layout does not reach is filled with sentinels:
// NaN, which shows even a read with weight 0, or a large number, which shows where it went. (Where
// elements share their place, the last one stands there.)
Tensor rearrange(const Tensor& dense, Arrangement arrangement, std::uint64_t seed,
                 bool is_grid = false);

}  // namespace gridproof
