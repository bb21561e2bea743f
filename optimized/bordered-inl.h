// Bilinear and trilinear of small planes: each is copied once, as numbers, with two pixels of 0
// around it, so that no tap has to be asked whether it is a pixel. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_BORDERED_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#undef GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#else
#define GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#endif

#include "optimized/planar-inl.h"
#include "optimized/scratch.h"

HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// One plane into the middle of `to`, whose border is 0 already; strides are those of `axis`.
template <class Element>
HWY_INLINE void copy_plane(const Problem& problem, const Element* plane,
                           const Axes<ArithmeticOf<Element>>& axis, ArithmeticOf<Element>* to) {
  const PerAxis& size = problem.size;
  const PerAxis& stride = problem.input_stride;
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      const Element* const from = plane + z * stride.z + y * stride.y;
      ArithmeticOf<Element>* const row = to + z * axis.z.stride + y * axis.y.stride;
      for (std::int64_t x = 0; x < size.x; ++x) row[x] = to_number(from[x * stride.x]);
    }
  }
}

template <class T, int axes>
HWY_INLINE void plan_bordered(const Axes<T>& axis, std::size_t count, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  for (std::size_t i = 0; i < count; i += lanes<T>()) {
    const auto x = bordered_cell(o, hn::Load(d, tile.coordinate[0] + i), axis.x);
    const auto y = bordered_cell(o, hn::Load(d, tile.coordinate[1] + i), axis.y);
    const auto one = o.real(1);
    LinearAxis<Lanes<T>> z{};
    if constexpr (axes == 3) {
      const auto cell = bordered_cell(o, hn::Load(d, tile.coordinate[2] + i), axis.z);
      z = {cell.index, one - cell.fraction, cell.fraction};
    }
    store_linear<false, T, axes>(axis, {x.index, one - x.fraction, x.fraction},
                                 {y.index, one - y.fraction, y.fraction}, z, i, tile);
  }
}

template <class Element, int axes>
void run_bordered(const Problem& problem, const Part& part) {
  using T = ArithmeticOf<Element>;
  constexpr std::int64_t border = 2;
  Axes<T> axis = axes_of<T>(problem);
  axis.x.stride = 1;
  axis.y.stride = problem.size.x + 2 * border;
  axis.z.stride = axis.y.stride * (problem.size.y + 2 * border);
  const std::int64_t slices = axes == 3 ? problem.size.z + 2 * border : 1;
  const std::int64_t volume = axis.z.stride * slices;
  const std::int64_t origin =
      border * (1 + axis.y.stride + (axes == 3 ? axis.z.stride : std::int64_t{0}));
  const std::int64_t channels = part.end_channel - part.first_channel;
  T* const copies = scratch<T>(static_cast<std::size_t>(volume * channels));
  if (copies == nullptr) return run_planes<Element, Mode::bilinear, axes>(problem, part);
  std::fill_n(copies, volume * channels, T{0});
  for (std::int64_t c = 0; c < channels; ++c) {
    copy_plane(problem,
               static_cast<const Element*>(problem.input) + part.batch * problem.input_batch +
                   (part.first_channel + c) * problem.input_channel,
               axis, copies + c * volume + origin);
  }
  Tile<T> tile;
  alignas(64) Element aside[tile_size];
  for (std::int64_t begin = part.begin; begin < part.end; begin += tile_size) {
    const auto count =
        static_cast<std::size_t>(std::min<std::int64_t>(tile_size, part.end - begin));
    load_coordinates<Element>(problem, part.batch, begin, count, tile);
    plan_bordered<T, axes>(axis, count, tile);
    const std::size_t whole = count - count % lanes<T>();
    for (std::int64_t c = 0; c < channels; ++c) {
      const T* const plane = copies + c * volume + origin;
      Element* const to = static_cast<Element*>(problem.output) +
                          part.batch * problem.output_batch +
                          (part.first_channel + c) * problem.output_channel + begin;
      for (std::size_t i = 0; i < whole; i += lanes<T>()) {
        store_elements(linear_value<true, false, axes>(plane, axis, tile, i), to + i);
      }
      if (whole == count) continue;
      store_elements(linear_value<true, false, axes>(plane, axis, tile, whole), aside);
      std::copy_n(aside, count - whole, to + whole);
    }
  }
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target
