// Bilinear and trilinear of small planes: each is copied once, as numbers, with two pixels of 0
// around it, so that no tap has to be asked whether it is a pixel. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_BORDERED_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#undef GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#else
#define GRIDPROOF_OPTIMIZED_BORDERED_INL_H
#endif

#include "optimized/kernels/planar-inl.h"
#include "optimized/kernels/scratch.h"

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
      std::int64_t x = 0;
      if (stride.x == 1) {
        const Numbers<ArithmeticOf<Element>> d;
        const auto n = static_cast<std::int64_t>(hn::Lanes(d));
        for (; x + n <= size.x; x += n) hn::StoreU(load_elements(d, from + x), d, row + x);
      }
      for (; x < size.x; ++x) row[x] = to_number(from[x * stride.x]);
    }
  }
}

template <Padding padding, int axes, class T>
HWY_INLINE void plan_bordered(Axes<T> axis, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  axis.x.padding = axis.y.padding = axis.z.padding = padding;  // asked once, not for each vector
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
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

// One channel of a tile; `plane` is a copy.
template <class Element, int axes>
HWY_INLINE void run_bordered_tile(const ArithmeticOf<Element>* plane,
                                  const Axes<ArithmeticOf<Element>>& axis,
                                  const Tile<ArithmeticOf<Element>>& tile, Element* to) {
  using T = ArithmeticOf<Element>;
  const T* const all[1] = {plane};
  NumberVector<T> value[1];
  std::size_t i = 0;
  for (; i + lanes<T>() <= tile.count; i += lanes<T>()) {
    linear_values<true, false, axes>(all, axis, tile, i, value);
    store_elements(value[0], to + i);
  }
  if (i == tile.count) return;
  alignas(64) Element aside[HWY_MAX_BYTES / sizeof(T)];
  linear_values<true, false, axes>(all, axis, tile, i, value);
  store_elements(value[0], aside);
  std::copy_n(aside, tile.count - i, to + i);
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
  for (std::int64_t batch = part.batch; batch < part.end_batch; ++batch) {
    const Element* const planes = static_cast<const Element*>(problem.input) +
                                  batch * problem.input_batch +
                                  part.first_channel * problem.input_channel;
    for (std::int64_t c = 0; c < channels; ++c) {
      copy_plane(problem, planes + c * problem.input_channel, axis, copies + c * volume + origin);
    }
    Element* const output = static_cast<Element*>(problem.output) + batch * problem.output_batch +
                            part.first_channel * problem.output_channel;
    Tile<T> tile;
    for (std::int64_t begin = part.begin; begin < part.end; begin += tile_size) {
      load_coordinates<Element>(problem, batch, begin, part.end, tile);
      switch (problem.options.padding) {
        case Padding::zeros:
          plan_bordered<Padding::zeros, axes>(axis, tile);
          break;
        case Padding::border:
          plan_bordered<Padding::border, axes>(axis, tile);
          break;
        case Padding::reflection:
          plan_bordered<Padding::reflection, axes>(axis, tile);
          break;
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        run_bordered_tile<Element, axes>(copies + c * volume + origin, axis, tile,
                                         output + c * problem.output_channel + begin);
      }
    }
  }
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target
