#include "fuzz/domain/layouts.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace gridproof {
namespace {

using Axes = std::vector<std::size_t>;

// The axes from the one that changes slowest in memory to the one that changes fastest.
Axes memory_order(std::size_t rank, Arrangement arrangement, bool is_grid, Random& random) {
  Axes order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (arrangement == Arrangement::reversed && random.one_in(2)) {
    arrangement = is_grid ? Arrangement::planar : Arrangement::channels_last;
  }
  switch (arrangement) {
    case Arrangement::channels_last:  // axis 1 becomes the last
    case Arrangement::channels_last_sliced:
      std::rotate(order.begin() + 1, order.begin() + 2, order.end());
      break;
    case Arrangement::planar:  // the last becomes axis 1
    case Arrangement::planar_sliced:
      std::rotate(order.begin() + 1, order.end() - 1, order.end());
      break;
    case Arrangement::transposed: {
      const std::size_t last = rank - (is_grid && rank > 3 ? 2 : 1);
      std::swap(order[last], order[last - 1]);
      break;
    }
    default:
      break;
  }
  return order;
}

bool is_spatial(std::size_t axis, std::size_t rank, bool is_grid) {
  return is_grid ? axis >= 1 && axis + 1 < rank : axis >= 2;
}

// Which axes have stride 0.
std::vector<bool> expanded_axes(const Shape& shape, Arrangement arrangement, bool is_grid,
                                Random& random) {
  const std::size_t rank = shape.size();
  std::vector<bool> expanded(rank, false);
  switch (arrangement) {
    case Arrangement::expanded:
      expanded[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(rank)))] = true;
      break;
    case Arrangement::expanded_batch:
      expanded[0] = true;
      break;
    case Arrangement::expanded_channels:
      expanded[1] = true;
      break;
    case Arrangement::expanded_both:
      expanded[0] = expanded[1] = true;
      break;
    case Arrangement::shared_components:
      expanded.back() = true;
      break;
    case Arrangement::expanded_longest: {
      std::size_t longest = rank;
      for (std::size_t axis = 0; axis < rank; ++axis) {
        if (is_spatial(axis, rank, is_grid) && (longest == rank || shape[axis] > shape[longest])) {
          longest = axis;
        }
      }
      if (longest < rank) expanded[longest] = true;
      break;
    }
    case Arrangement::expanded_spatial:
      for (std::size_t axis = 0; axis < rank; ++axis)
        expanded[axis] = is_spatial(axis, rank, is_grid);
      break;
    default:
      break;
  }
  return expanded;
}

bool is_sliced(Arrangement arrangement) {
  return arrangement == Arrangement::sliced || arrangement == Arrangement::channels_last_sliced ||
         arrangement == Arrangement::planar_sliced;
}

// How many elements of the larger tensor lie before a window and after it, on each axis.
struct Margins {
  Shape before;
  Shape after;
  std::int64_t lead = 0;  // elements before all of it
  std::int64_t tail = 0;  // and after; memory ends behind these
};

// Of every axis; or of one alone, so that the strides of the others are what they would be by
// themselves: a kernel may know one pitch and take another for granted. Or of none, at an address
// that is no multiple of anything.
Margins margins_of(const Shape& shape, Arrangement arrangement, bool is_grid, Random& random) {
  const std::size_t rank = shape.size();
  Margins margins{Shape(rank, 0), Shape(rank, 0)};
  // One component of a grid that has all of them.
  if (arrangement == Arrangement::shared_components) margins.after.back() = shape.back() - 1;
  if (!is_sliced(arrangement)) return margins;
  // One channel is most often one of several.
  const bool is_channel = !is_grid && shape[1] == 1 && random.one_in(2);
  const bool is_of_one = is_channel || random.one_in(2);
  const auto one =
      is_channel ? 1 : static_cast<std::size_t>(random.below(static_cast<std::int64_t>(rank) + 1));
  if (is_of_one && one == rank) {
    margins.lead = random.below(2);
    margins.tail = 1;
  }
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (is_of_one && axis != one) continue;
    margins.before[axis] = random.below(3);
    margins.after[axis] = is_of_one && margins.before[axis] == 0 ? 1 : random.below(3);
  }
  return margins;
}

std::size_t outermost_of(const Shape& shape) {
  const auto found = std::ranges::find_if(shape, [](std::int64_t count) { return count > 1; });
  return static_cast<std::size_t>(found - shape.begin());
}

// Dense but for the outermost axis, along which each window begins a row or two after the one
// before.
Placement windows(const Shape& shape, Random& random) {
  Placement placement{.strides = contiguous_strides(shape)};
  const std::size_t outermost = outermost_of(shape);
  const std::int64_t row = placement.strides[shape.size() - 2];
  if (outermost < shape.size()) {
    placement.strides[outermost] = std::min(placement.strides[outermost], random.from(1, 2) * row);
  }
  placement.size = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    placement.size += (shape[axis] - 1) * placement.strides[axis];
  }
  return placement;
}

// That of the outermost axis, of which 16 or 24 bits hold no more than a part.
std::int64_t least_stride(Arrangement arrangement, Random& random) {
  const int bits = arrangement == Arrangement::far_apart        ? 16
                   : arrangement == Arrangement::very_far_apart ? 24
                                                                : 0;
  return bits == 0 ? 0 : (std::int64_t{1} << bits) + random.from(1, 99);
}

// Each axis steps by a few elements, so that what has different indices often shares a place.
Placement overlapping(const Shape& shape, Random& random) {
  constexpr std::int64_t long_axis = std::int64_t{1} << 20;
  Placement placement{.strides = Shape(shape.size(), 0)};
  for (std::size_t i = shape.size(); i > 0; --i) {
    const std::size_t axis = i - 1;
    if (shape[axis] >= long_axis) continue;
    placement.strides[axis] = i == shape.size() ? 1 : random.from(1, 7);
    placement.size += (shape[axis] - 1) * placement.strides[axis];
  }
  ++placement.size;
  return placement;
}

}  // namespace

Placement placed(const Shape& shape, Arrangement arrangement, bool is_grid, Random& random) {
  const std::size_t rank = shape.size();
  if (arrangement == Arrangement::overlapping) return overlapping(shape, random);
  if (arrangement == Arrangement::windows) return windows(shape, random);
  const Axes order = memory_order(rank, arrangement, is_grid, random);
  const std::vector<bool> expanded = expanded_axes(shape, arrangement, is_grid, random);
  const Margins margins = margins_of(shape, arrangement, is_grid, random);
  Placement placement{.strides = Shape(rank)};
  std::int64_t size = arrangement == Arrangement::spread ? random.from(2, 5) : 1;
  placement.has_gaps = size > 1;
  const std::size_t outermost = outermost_of(shape);
  for (std::size_t i = rank; i > 0; --i) {
    const std::size_t axis = order[i - 1];
    const std::int64_t stored = expanded[axis] ? 1 : shape[axis];
    if (const std::int64_t least = least_stride(arrangement, random);
        size < least && axis == outermost) {
      size = least;
      placement.has_gaps = true;
    }
    placement.strides[axis] = expanded[axis] && shape[axis] != 1 ? 0 : size;
    placement.offset += margins.before[axis] * size;
    placement.has_gaps |= margins.before[axis] + margins.after[axis] > 0;
    size *= margins.before[axis] + stored + margins.after[axis];
  }
  placement.offset += margins.lead;
  placement.size = margins.lead + size + margins.tail;
  placement.has_gaps |= margins.lead + margins.tail > 0;
  if (arrangement == Arrangement::reversed) {
    const auto always = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(rank)));
    for (std::size_t axis = 0; axis < rank; ++axis) {
      if (axis != always && !random.one_in(2)) continue;
      placement.offset += (shape[axis] - 1) * placement.strides[axis];
      placement.strides[axis] = -placement.strides[axis];
    }
  }
  return placement;
}

std::vector<double> storage_values(const Tensor& tensor) {
  std::vector<double> values(static_cast<std::size_t>(tensor.storage_size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.storage_value(static_cast<std::int64_t>(i));
  }
  return values;
}

Tensor with_storage(const Tensor& tensor, const std::vector<double>& storage) {
  const Tensor dense(tensor.dtype(), {static_cast<std::int64_t>(storage.size())}, storage);
  return Tensor::strided(tensor.dtype(), tensor.shape(), tensor.strides(), tensor.offset(),
                         dense.shared_storage(), tensor.storage_size());
}

Tensor rearrange(const Tensor& dense, Arrangement arrangement, std::uint64_t seed, bool is_grid) {
  Random random(seed);
  const Shape& shape = dense.shape();
  const auto rank = shape.size();
  if (arrangement == Arrangement::dense || rank < 3 || dense.element_count() == 0) return dense;
  const Placement placement = placed(shape, arrangement, is_grid, random);
  const double sentinel = random.one_in(2) ? std::numeric_limits<double>::quiet_NaN() : 16384;
  Tensor storage(dense.dtype(), {placement.size});
  visit(dense.dtype(), [&]<class T>(T) {
    const std::span<T> out = storage.elements<T>();
    if (placement.has_gaps) std::ranges::fill(out, from_double<T>(sentinel));
    const T* in = dense.elements<T>().data();
    for_each_position(shape, placement.strides, placement.offset, [&](std::int64_t position) {
      out[static_cast<std::size_t>(position)] = *in++;
    });
  });
  return Tensor::strided(dense.dtype(), shape, placement.strides, placement.offset,
                         storage.shared_storage(), placement.size);
}

}  // namespace gridproof
