// Kernels for channels that lie side by side: a vector is a block of channels of one location, a
// tap is one load of a whole vector. Planes are packed into blocks first; the output is planes or
// has its channels side by side. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_BLOCKS_INL_H
#undef GRIDPROOF_OPTIMIZED_BLOCKS_INL_H
#else
#define GRIDPROOF_OPTIMIZED_BLOCKS_INL_H
#endif

#include "optimized/kernels/planar-inl.h"
#include "optimized/kernels/scratch.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// At most 256 bits, on AVX-512 as well: wider blocks would waste more on channels that are missing.
// Locations, and channels, in a square of them.
template <class T>
inline constexpr std::size_t square = std::min<std::size_t>(32, HWY_MAX_BYTES) / sizeof(T);
template <class T>
using BlockTag = hn::CappedTag<T, square<T>>;
template <class T>
using BlockVector = hn::Vec<BlockTag<T>>;

// [pixel][channel] of a block of channels, as numbers.
template <class Element>
HWY_INLINE void pack(const Problem& problem, std::int64_t batch, std::int64_t first,
                     ArithmeticOf<Element>* to) {
  using T = ArithmeticOf<Element>;
  constexpr std::int64_t n = square<T>;
  const BlockTag<T> d;
  const PerAxis& size = problem.size;
  const PerAxis& stride = problem.input_stride;
  const Element* const planes = static_cast<const Element*>(problem.input) +
                                batch * problem.input_batch + first * problem.input_channel;
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      const Element* const row = planes + z * stride.z + y * stride.y;
      std::int64_t x = 0;
      for (; stride.x == 1 && x + n <= size.x; x += n) {
        BlockVector<T> block[n];
        for (std::int64_t c = 0; c < n; ++c) {
          block[c] = load_elements(d, row + c * problem.input_channel + x);
        }
        transpose(block);
        for (std::int64_t i = 0; i < n; ++i, to += n) hn::StoreU(block[i], d, to);
      }
      for (; x < size.x; ++x) {
        for (std::int64_t c = 0; c < n; ++c) {
          *to++ = to_number(row[c * problem.input_channel + x * stride.x]);
        }
      }
    }
  }
}

// One location of a linear sample, a block of channels.
template <bool masked, int axes, class T, class Source>
HWY_INLINE BlockVector<T> linear_block(const Source* base, const Axes<T>& axis, const Tile<T>& tile,
                                       std::size_t i) {
  const BlockTag<T> d;
  const Source* const texels = base + tile.offset[i];
  BlockVector<T> sum = hn::Zero(d);
  for (int k = 0; k < (1 << axes); ++k) {
    const auto weight = hn::Set(d, tile.weight[k][i]);
    auto texel = load_elements(d, texels + (k & 1) * axis.x.stride + (k >> 1 & 1) * axis.y.stride +
                                      (k >> 2) * axis.z.stride);
    if constexpr (masked) texel = zero_if_signed(texel, weight);
    sum = k == 0 ? weight * texel : sum + weight * texel;
  }
  return hn::Zero(d) + sum;
}

// A square of locations, from number `i` of the tile on, by the channels of a block.
template <int axes, class T, class Source>
HWY_INLINE void sample_square(const Source* base, const Axes<T>& axis, const Tile<T>& tile,
                              std::size_t i, BlockVector<T> (&block)[square<T>]) {
  constexpr std::size_t n = square<T>;
  const Place place = tile.place[i / lanes<T>()];
  if (HWY_LIKELY(place == Place::inside)) {
    for (std::size_t k = 0; k < n; ++k) {
      block[k] = linear_block<false, axes>(base, axis, tile, i + k);
    }
  } else if (place == Place::mixed) {
    for (std::size_t k = 0; k < n; ++k) {
      block[k] = linear_block<true, axes>(base, axis, tile, i + k);
    }
  } else {
    for (std::size_t k = 0; k < n; ++k) block[k] = hn::Zero(BlockTag<T>());
  }
}

// The locations of a tile, one block of channels, to `to`: the first location, the first channel.
template <int axes, class Element, class Source>
HWY_INLINE void run_tile(const Problem& problem, const Source* base,
                         const Axes<ArithmeticOf<Element>>& axis,
                         const Tile<ArithmeticOf<Element>>& tile, Element* to) {
  using T = ArithmeticOf<Element>;
  constexpr std::size_t n = square<T>;
  const bool side_by_side = problem.output_channel == 1;
  for (std::size_t i = 0; i < tile.count; i += n) {
    BlockVector<T> block[n];
    sample_square<axes>(base, axis, tile, i, block);
    const std::size_t locations = std::min(n, tile.count - i);
    Element* const here = to + static_cast<std::int64_t>(i) * problem.output_stride.x;
    if (side_by_side) {
      for (std::size_t k = 0; k < locations; ++k) {
        store_elements(block[k], here + static_cast<std::int64_t>(k) * problem.output_stride.x);
      }
      continue;
    }
    transpose(block);
    for (std::size_t c = 0; c < n; ++c) {
      Element* const row = here + static_cast<std::int64_t>(c) * problem.output_channel;
      if (HWY_LIKELY(locations == n)) {
        store_elements(block[c], row);
      } else {
        Element aside[n];
        store_elements(block[c], aside);
        std::copy_n(aside, locations, row);
      }
    }
  }
}

// Bilinear and trilinear of blocks of channels: the first from `base` on, each next one `step`
// elements after. A tile is planned once for all of them.
template <class Element, int axes, class Source>
HWY_INLINE void sample_blocks(const Problem& problem, const Part& part, std::int64_t batch,
                              const Source* base, std::int64_t step,
                              const Axes<ArithmeticOf<Element>>& axis) {
  using T = ArithmeticOf<Element>;
  constexpr std::int64_t n = square<T>;
  Element* const output = static_cast<Element*>(problem.output) + batch * problem.output_batch;
  Tile<T> tile;
  for (std::int64_t begin = part.begin; begin < part.end; begin += tile_size) {
    load_coordinates<Element>(problem, batch, begin, part.end, tile);
    plan_linear<T, axes>(axis, tile);
    const Source* block = base;
    for (std::int64_t c = part.first_channel; c < part.end_channel; c += n, block += step) {
      run_tile<axes>(problem, block, axis, tile,
                     output + begin * problem.output_stride.x + c * problem.output_channel);
    }
  }
}

// The channels are whole blocks.
template <class Element, int axes>
void run_blocks(const Problem& problem, const Part& part) {
  using T = ArithmeticOf<Element>;
  constexpr std::int64_t n = square<T>;
  Axes<T> axis = axes_of<T>(problem);
  const PerAxis& size = problem.size;
  const std::int64_t channels = part.end_channel - part.first_channel;
  const bool packs = problem.input_channel != 1;
  const std::int64_t step = packs ? size.x * size.y * size.z * n : n;
  T* const packed = packs ? scratch<T>(static_cast<std::size_t>(step * (channels / n))) : nullptr;
  if (packs && packed == nullptr) return run_planes<Element, Mode::bilinear, axes>(problem, part);
  if (packs) {
    axis.x.stride = size.x > 1 ? n : 0;
    axis.y.stride = size.y > 1 ? n * size.x : 0;
    axis.z.stride = size.z > 1 ? n * size.x * size.y : 0;
  }
  for (std::int64_t batch = part.batch; batch < part.end_batch; ++batch) {
    if (!packs) {
      const Element* const base = static_cast<const Element*>(problem.input) +
                                  batch * problem.input_batch + part.first_channel;
      sample_blocks<Element, axes>(problem, part, batch, base, step, axis);
      continue;
    }
    for (std::int64_t c = 0; c < channels; c += n) {
      pack<Element>(problem, batch, part.first_channel + c, packed + c / n * step);
    }
    sample_blocks<Element, axes>(problem, part, batch, packed, step, axis);
  }
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
