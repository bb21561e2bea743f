// What both gradients need: grad_output, of the locations of a tile, a channel as vectors of
// locations or a block of channels side by side; and planes from such blocks. Included once for
// each target.

#if defined(GRIDPROOF_OPTIMIZED_GRADS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_GRADS_INL_H
#undef GRIDPROOF_OPTIMIZED_GRADS_INL_H
#else
#define GRIDPROOF_OPTIMIZED_GRADS_INL_H
#endif

#include "optimized/kernels/backward.h"
#include "optimized/kernels/planar-inl.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// The axes of dense planes, in which pixels are counted.
template <class T>
HWY_INLINE Axes<T> dense_axes(const Problem& problem) {
  const PerAxis& size = problem.size;
  return {axis_of<T>(size.x, 1, problem.options), axis_of<T>(size.y, size.x, problem.options),
          axis_of<T>(size.z, size.x * size.y, problem.options)};
}

// Plans the tile that begins at location `begin` of a batch entry. (What is done for a whole tile
// is not inlined: for every mode and width it would be compiled again.)
template <class Element, Mode mode, int axes>
HWY_NOINLINE void plan_tile(const Problem& problem, const Axes<ArithmeticOf<Element>>& axis,
                            std::int64_t batch, std::int64_t begin, std::int64_t end,
                            Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  load_coordinates<Element>(problem, batch, begin, end, tile);
  if constexpr (mode == Mode::nearest) plan_nearest<T, axes>(axis, tile);
  if constexpr (mode == Mode::bilinear) plan_linear<T, axes>(axis, tile);
  if constexpr (mode == Mode::bicubic) plan_cubic<T>(axis, tile);
}

// Whether locations of grad_output follow each other at the same distance.
HWY_INLINE bool has_even_grads(const Backward& backward) {
  const PerAxis& stride = backward.forward.output_stride;
  const PerAxis& size = backward.forward.out_size;
  return stride.y == stride.x * size.x && stride.z == stride.y * size.y;
}

template <class Element>
HWY_INLINE const Element* grads_of(const Backward& backward, std::int64_t batch, std::int64_t c) {
  return static_cast<const Element*>(backward.grads) + batch * backward.forward.output_batch +
         c * backward.forward.output_channel;
}

// Calls `visit(place)` for the places of some locations in a channel.
template <class Visit>
HWY_INLINE void for_each_grad(const Backward& backward, std::int64_t begin, std::size_t count,
                              const Visit& visit) {
  const PerAxis& stride = backward.forward.output_stride;
  const PerAxis& size = backward.forward.out_size;
  PerAxis at = location_of(backward.forward, begin);
  while (count > 0) {
    std::int64_t place = at.x * stride.x + at.y * stride.y + at.z * stride.z;
    const auto run = std::min(count, static_cast<std::size_t>(size.x - at.x));
    for (std::size_t i = 0; i < run; ++i, place += stride.x) visit(place);
    count -= run;
    at.x = 0;
    if (++at.y == size.y) {
      at.y = 0;
      ++at.z;
    }
  }
}

// A channel, as numbers, to `to`.
template <class Element>
HWY_NOINLINE void copy_grads(const Backward& backward, const Element* channel, std::int64_t begin,
                             std::size_t count, ArithmeticOf<Element>* to) {
  using T = ArithmeticOf<Element>;
  if (!has_even_grads(backward)) {
    return for_each_grad(backward, begin, count,
                         [&](std::int64_t place) { *to++ = to_number(channel[place]); });
  }
  const std::int64_t stride = backward.forward.output_stride.x;
  const Element* from = channel + begin * stride;
  if (stride == 1) {
    const Numbers<T> d;
    for (; count >= lanes<T>(); count -= lanes<T>(), from += lanes<T>(), to += lanes<T>()) {
      hn::StoreU(load_elements(d, from), d, to);
    }
  }
  for (; count > 0; --count, from += stride) *to++ = to_number(*from);
}

// The channel as numbers: where it is, or else copied to `aside`, with zeros up to a whole number
// of vectors.
template <class Element>
HWY_INLINE const ArithmeticOf<Element>* grads_or_copy(const Backward& backward,
                                                      const Element* channel, std::int64_t begin,
                                                      std::size_t count,
                                                      ArithmeticOf<Element>* aside) {
  using T = ArithmeticOf<Element>;
  if constexpr (std::is_same_v<Element, T>) {
    if (backward.forward.output_stride.x == 1 && count % lanes<T>() == 0 &&
        has_even_grads(backward)) {
      return channel + begin;
    }
  }
  copy_grads(backward, channel, begin, count, aside);
  for (std::size_t i = count; i % lanes<T>() != 0; ++i) aside[i] = 0;
  return aside;
}

// Whether the next location is often in the same cell, or in the neighbor.
template <class T>
HWY_INLINE bool follows_rows(const Tile<T>& tile) {
  const Offsets<T> d;
  std::size_t near = 0;
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    const auto step = hn::LoadU(d, tile.offset + i + 1) - hn::Load(d, tile.offset + i);
    near += hn::CountTrue(d, hn::Eq(hn::ShiftRight<1>(step), hn::Zero(d)));
  }
  return 4 * near >= tile.count;
}

// Lets the caches fetch what the next tile reads: grad_output of a part's channels, and where that
// is asked for, texels of all channels.
template <class Element, Mode mode, int axes>
HWY_NOINLINE void fetch_tile(const Backward& backward, const BackwardPart& part,
                             const Axes<ArithmeticOf<Element>>& axis, bool with_texels,
                             const Tile<ArithmeticOf<Element>>& tile) {
  const Problem& problem = backward.forward;
  if (problem.output_stride.x == 1 && has_even_grads(backward)) {
    for (std::int64_t c = part.first_channel; c < part.end_channel; ++c) {
      fetch_vectors(grads_of<Element>(backward, tile.batch, c) + tile.begin,
                    tile_size / lanes<ArithmeticOf<Element>>());
    }
  }
  if (with_texels) {
    fetch_taps<Element, mode, axes>(problem, part.first_channel, part.end_channel, axis, tile);
  }
}

// Calls `run(tile, reach)` for every tile of a part, or those that `meets(reach)` chooses. Each is
// planned before the one before it is run: meanwhile what it reads comes.
template <class Element, Mode mode, int axes, class Meets, class Run>
HWY_INLINE void for_each_tile(const Backward& backward, const BackwardPart& part,
                              const Axes<ArithmeticOf<Element>>& axis, bool with_texels,
                              const Meets& meets, const Run& run) {
  Tile<ArithmeticOf<Element>> two[2];
  const Reach* its_reach = nullptr;
  int planned = 0;
  for (std::int64_t batch = part.batch; batch < part.batch + part.batches; ++batch) {
    const Reach* reach = part.reach;
    for (std::int64_t begin = part.begin; begin < part.end; begin += backward_tile) {
      const Reach* const here = reach == nullptr ? nullptr : reach++;
      if (here != nullptr && !meets(*here)) continue;
      auto& tile = two[planned % 2];
      plan_tile<Element, mode, axes>(backward.forward, axis, batch, begin, part.end, tile);
      if (backward.forward.fetches) {
        fetch_tile<Element, mode, axes>(backward, part, axis, with_texels, tile);
      }
      if (planned++ > 0) run(two[planned % 2], its_reach);
      its_reach = here;
    }
  }
  if (planned > 0) run(two[(planned + 1) % 2], its_reach);
}

// A block of `width` channels.
template <class T, int width>
using WideTag = hn::CappedTag<T, width>;

// The widest block: two vectors of AVX-512 would hold twice as many, but the sums of a coordinate
// are eight.
template <class T>
inline constexpr int max_width =
    HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 ? 32 / static_cast<int>(sizeof(T)) : 4;

// From planes to [location][channel], where locations are `apart`. Of the block, `channels` are
// there; the others are 0.
template <int width, class Source, class T>
HWY_INLINE void interleave(const Source* const (&plane)[width], int channels, std::size_t count,
                           T* to, std::size_t apart = width) {
  std::size_t i = 0;
  const auto of = [&](auto d, int c) HWY_ATTR {
    return c < channels ? load_elements(d, plane[c] + i) : hn::Zero(d);
  };
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  if constexpr (width == 32 / sizeof(T)) {
    const WideTag<T, width> d;
    for (; i + width <= count; i += width) {
      hn::Vec<WideTag<T, width>> block[width];
      for (int c = 0; c < width; ++c) block[c] = of(d, c);
      transpose(block);
      for (std::size_t k = 0; k < width; ++k) hn::StoreU(block[k], d, to + (i + k) * apart);
    }
  }
#endif
  if constexpr (width == 4) {
    const Numbers<T> d;
    for (; apart == 4 && i + lanes<T>() <= count; i += lanes<T>()) {
      hn::StoreInterleaved4(of(d, 0), of(d, 1), of(d, 2), of(d, 3), d, to + i * 4);
    }
  }
  for (; i < count; ++i) {
    for (int c = 0; c < width; ++c) {
      to[i * apart + static_cast<std::size_t>(c)] = c < channels ? to_number(plane[c][i]) : T{0};
    }
  }
}

// And back, rounded: only the channels that are there. `streams`: past the caches, where vectors
// allow it.
template <int width, class T, class Element>
HWY_NOINLINE void deinterleave(const T* from, std::size_t count, int channels, bool streams,
                               Element* const (&plane)[width]) {
  std::size_t i = 0;
  const Numbers<T> d;
  for (int c = 0; c < channels; ++c) {
    streams = streams && reinterpret_cast<std::uintptr_t>(plane[c]) % 64 == 0;
  }
  if constexpr (width == 8) {
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
    const WideTag<T, 8> d8;
    for (; i + 8 <= count; i += 8) {
      hn::Vec<WideTag<T, 8>> block[8];
      for (std::size_t k = 0; k < 8; ++k) block[k] = hn::LoadU(d8, from + (i + k) * 8);
      transpose(block);
      for (int c = 0; c < channels; ++c) store_elements(block[c], plane[c] + i);
    }
#endif
  } else if constexpr (width == 4) {
    for (; i + lanes<T>() <= count; i += lanes<T>()) {
      NumberVector<T> v[4];
      hn::LoadInterleaved4(d, from + i * 4, v[0], v[1], v[2], v[3]);
      for (int c = 0; c < channels; ++c) store_elements(v[c], plane[c] + i, streams);
    }
  } else {
    for (; i + lanes<T>() <= count; i += lanes<T>()) {
      store_elements(hn::LoadU(d, from + i), plane[0] + i, streams);
    }
  }
  for (; i < count; ++i) {
    for (int c = 0; c < channels; ++c) {
      plane[c][i] = to_element<Element>(from[i * width + static_cast<std::size_t>(c)]);
    }
  }
}

// The block of channels from `c` on, of a tile's locations, to `to`.
template <int width, class Element>
HWY_NOINLINE void load_block(const Backward& backward, std::int64_t batch, std::int64_t c,
                             int channels, std::int64_t begin, std::size_t count,
                             ArithmeticOf<Element>* to) {
  using T = ArithmeticOf<Element>;
  const Element* const first = grads_of<Element>(backward, batch, c);
  if constexpr (width == 1) {
    copy_grads(backward, first, begin, count, to);
    return;
  }
  if (backward.forward.output_channel == 1 && channels == width) {
    const WideTag<T, width> d;
    for_each_grad(backward, begin, count, [&](std::int64_t place) HWY_ATTR {
      for (std::size_t k = 0; k < width; k += hn::Lanes(d)) {
        hn::StoreU(load_elements(d, first + place + k), d, to + k);
      }
      to += width;
    });
    return;
  }
  if (backward.forward.output_stride.x == 1 && has_even_grads(backward)) {
    const Element* plane[width];
    for (int k = 0; k < width; ++k) {
      plane[k] = first + std::min(k, channels - 1) * backward.forward.output_channel + begin;
    }
    return interleave<width>(plane, channels, count, to);
  }
  alignas(64) T aside[width][tile_size];
  const T* plane[width];
  for (int k = 0; k < width; ++k) {
    plane[k] = aside[k];
    if (k < channels) {
      copy_grads(backward, first + k * backward.forward.output_channel, begin, count, aside[k]);
    }
  }
  interleave<width>(plane, channels, count, to);
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
