// Kernels for planes: a tile of up to 256 output locations is planned once (places and weights of
// its taps, plan_*), and the plan is then run for every channel (run_*). Included once for each
// target, with `Element` known.

#if defined(GRIDPROOF_OPTIMIZED_PLANAR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_PLANAR_INL_H
#undef GRIDPROOF_OPTIMIZED_PLANAR_INL_H
#else
#define GRIDPROOF_OPTIMIZED_PLANAR_INL_H
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include "hwy/cache_control.h"
#include "optimized/kernels/lanes-inl.h"
#include "optimized/kernels/sample.h"

HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

inline constexpr std::size_t tile_size = 256;

// Where the taps of a vector of locations are.
enum class Place : std::uint8_t {
  inside,  // all are pixels, and neighbors in memory where the kernel would like them to be
  mixed,
  outside,  // none is a pixel
};

// Some locations of a batch entry, and what their channels share. Arrays are filled up to a whole
// number of vectors.
template <class T>
struct Tile {
  std::int64_t batch;
  std::int64_t begin;  // the first location
  std::size_t count;
  alignas(64) T coordinate[3][tile_size];  // x, y, z
  // Of the first tap of a location, in elements from the plane; 0 where there is none.
  alignas(64) std::int32_t offset[tile_size + 1];
  // Linear: of the corners, x before y before z; a weight with a sign is no tap's. Nearest: only a
  // sign, outside.
  // Bicubic: four of x, four of y.
  alignas(64) T weight[8][tile_size];
  // Bicubic: where the four columns and rows lie, in elements; no_place outside.
  alignas(64) std::int32_t column[4][tile_size];
  alignas(64) std::int32_t row[4][tile_size];
  Place place[tile_size];  // of each vector of locations
};

// Whole vectors of the locations of a tile.
struct Stretch {
  std::size_t begin;
  std::size_t end;
};

// Coordinates of the vector of locations number `i` of a tile; they lie at `from`, location after
// location.
template <class Element>
HWY_INLINE void load_vector(const Element* from, int axes, std::size_t i,
                            Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  const Numbers<T> d;
  alignas(64) T aside[3 * HWY_MAX_BYTES / sizeof(T)];
  const T* numbers = aside;
  if constexpr (std::is_same_v<Element, T>) {
    numbers = from;
  } else {
    for (std::size_t k = 0; k < static_cast<std::size_t>(axes) * lanes<T>(); k += lanes<T>()) {
      hn::Store(load_elements(d, from + k), d, aside + k);
    }
  }
  NumberVector<T> x;
  NumberVector<T> y;
  if (axes == 2) {
    hn::LoadInterleaved2(d, numbers, x, y);
  } else {
    NumberVector<T> z;
    hn::LoadInterleaved3(d, numbers, x, y, z);
    hn::Store(z, d, tile.coordinate[2] + i);
  }
  hn::Store(x, d, tile.coordinate[0] + i);
  hn::Store(y, d, tile.coordinate[1] + i);
}

// Lets the caches fetch as many elements as some vectors have.
template <class Element>
HWY_INLINE void fetch_vectors(const Element* from, int vectors) {
  constexpr std::size_t line = 64 / sizeof(Element);
  const std::size_t elements = static_cast<std::size_t>(vectors) * lanes<ArithmeticOf<Element>>();
  for (std::size_t k = 0; k < elements; k += line) hwy::Prefetch(from + k);
}

// Fills in which locations they are, from `begin` to `end` at most, and their coordinates.
template <class Element>
HWY_INLINE void load_coordinates(const Problem& problem, std::int64_t batch, std::int64_t begin,
                                 std::int64_t end, Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  const auto count = static_cast<std::size_t>(std::min<std::int64_t>(tile_size, end - begin));
  tile.batch = batch;
  tile.begin = begin;
  tile.count = count;
  const Element* grid = static_cast<const Element*>(problem.grid) + batch * problem.grid_batch;
  const PerAxis& stride = problem.grid_stride;
  const PerAxis& size = problem.out_size;
  const bool dense = problem.grid_component == 1 && stride.x == problem.axes &&
                     stride.y == stride.x * size.x &&
                     (problem.axes == 2 || stride.z == stride.y * size.y);
  std::size_t i = 0;
  if (dense) {
    const Element* const from = grid + problem.axes * begin;
    for (; i + lanes<T>() <= count; i += lanes<T>()) {
      const Element* const here = from + static_cast<std::size_t>(problem.axes) * i;
      if (problem.fetches) fetch_vectors(here + problem.axes * tile_size, problem.axes);
      load_vector(here, problem.axes, i, tile);
    }
    for (; i < count; ++i) {
      for (int k = 0; k < problem.axes; ++k) {
        tile.coordinate[k][i] = to_number(from[problem.axes * static_cast<std::int64_t>(i) + k]);
      }
    }
  }
  PerAxis at = i < count ? location_of(problem, begin + static_cast<std::int64_t>(i)) : PerAxis{};
  for (; i < count; ++i) {
    const Element* from = grid + at.x * stride.x + at.y * stride.y + at.z * stride.z;
    for (int k = 0; k < problem.axes; ++k) {
      tile.coordinate[k][i] = to_number(from[k * problem.grid_component]);
    }
    if (++at.x == size.x) {
      at.x = 0;
      if (++at.y == size.y) {
        at.y = 0;
        ++at.z;
      }
    }
  }
  // The rest of the last vector is where its last location is, so that it is like the others.
  for (; i % lanes<T>() != 0; ++i) {
    for (int k = 0; k < problem.axes; ++k) tile.coordinate[k][i] = tile.coordinate[k][i - 1];
  }
  tile.offset[i] = 0;  // after the last vector
}

template <class T>
HWY_INLINE hn::Vec<Offsets<T>> times(hn::Vec<Offsets<T>> places, std::int64_t stride) {
  return places * hn::Set(Offsets<T>(), static_cast<std::int32_t>(stride));
}

// Whether vectors from `to` on go past the caches.
template <class Element>
HWY_INLINE bool can_stream(const Problem& problem, const Element* to) {
  const std::size_t vector = lanes<ArithmeticOf<Element>>() * sizeof(Element);
  return problem.streams && reinterpret_cast<std::uintptr_t>(to) % vector == 0;
}

// ---- Nearest ----

template <class T, int axes>
HWY_INLINE void plan_nearest(const Axes<T>& axis, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  const Axis<T>* const along[3] = {&axis.x, &axis.y, &axis.z};
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    NumberVector<T> pixel[axes];
    auto inside = hn::MaskFromVec(hn::Zero(d));
    for (int k = 0; k < axes; ++k) {
      pixel[k] = o.round_to_even(near_position(o, hn::Load(d, tile.coordinate[k] + i), *along[k]));
      const auto here = hn::And(pixel[k] >= hn::Zero(d), pixel[k] <= o.count(along[k]->size - 1));
      inside = k == 0 ? here : hn::And(inside, here);
    }
    Place place = Place::inside;
    auto outside = hn::MaskFromVec(hn::Zero(d));
    // A position whose nearest pixel exists is padded, if at all, to one that has the same.
    if (HWY_UNLIKELY(!hn::AllTrue(d, inside))) {
      for (int k = 0; k < axes; ++k) {
        pixel[k] = nearest_tap(o, hn::Load(d, tile.coordinate[k] + i), *along[k]);
        outside = hn::Or(outside, pixel[k] < hn::Zero(d));
      }
      if (!hn::AllFalse(d, outside)) {
        place = hn::AllTrue(d, outside) ? Place::outside : Place::mixed;
      }
    }
    auto offset = times<T>(to_int(pixel[0]), axis.x.stride);
    for (int k = 1; k < axes; ++k) {
      offset = offset + times<T>(to_int(pixel[k]), along[k]->stride);
    }
    hn::Store(offset, Offsets<T>(), tile.offset + i);
    // Strides may be negative: what is outside is told by a sign of its own.
    hn::Store(hn::IfThenElse(outside, o.real(-0.0), o.real(0)), d, tile.weight[0] + i);
    tile.place[i / lanes<T>()] = place;
  }
}

template <class Element>
void run_nearest(const Problem& problem, const Element* plane,
                 const Tile<ArithmeticOf<Element>>& tile, Stretch stretch, Element* to) {
  using T = ArithmeticOf<Element>;
  const std::size_t n = lanes<T>();
  const bool streams = can_stream(problem, to);
  for (std::size_t i = stretch.begin; i < stretch.end; i += n, to += n) {
    const Place place = tile.place[i / n];
    if (HWY_LIKELY(place == Place::inside)) {
      copy_scattered(plane, tile.offset + i, to, streams);
    } else if (place == Place::outside) {
      store_elements(hn::Zero(Numbers<T>()), to, streams);
    } else {
      for (std::size_t k = 0; k < n; ++k) {
        to[k] = std::signbit(tile.weight[0][i + k]) ? Element{} : plane[tile.offset[i + k]];
      }
    }
  }
}

// ---- Bilinear and trilinear ----

// `signs` if a weight may have one.
template <bool signs, class T, int axes>
HWY_INLINE void store_linear(const Axes<T>& axis, const LinearAxis<Lanes<T>>& x,
                             const LinearAxis<Lanes<T>>& y, const LinearAxis<Lanes<T>>& z,
                             std::size_t i, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  auto offset = times<T>(to_int(x.base), axis.x.stride) + times<T>(to_int(y.base), axis.y.stride);
  const NumberVector<T> corner[4] = {
      corner_weight<signs>(o, x.first, y.first), corner_weight<signs>(o, x.second, y.first),
      corner_weight<signs>(o, x.first, y.second), corner_weight<signs>(o, x.second, y.second)};
  for (int k = 0; k < 4; ++k) {
    if constexpr (axes == 3) {
      hn::Store(corner_weight<signs>(o, corner[k], z.first), d, tile.weight[k] + i);
      hn::Store(corner_weight<signs>(o, corner[k], z.second), d, tile.weight[4 + k] + i);
    } else {
      hn::Store(corner[k], d, tile.weight[k] + i);
    }
  }
  if constexpr (axes == 3) offset = offset + times<T>(to_int(z.base), axis.z.stride);
  hn::Store(offset, Offsets<T>(), tile.offset + i);
}

// The same for positions whose cells have pixels as all their corners.
template <class T, int axes>
HWY_INLINE void store_cells(const Axes<T>& axis, const NumberVector<T> (&at)[axes],
                            const NumberVector<T> (&cell)[axes], std::size_t i, Tile<T>& tile) {
  LinearAxis<Lanes<T>> taps[3];
  for (int k = 0; k < axes; ++k) {
    const NumberVector<T> t = at[k] - cell[k];
    taps[k] = {cell[k], Lanes<T>().real(1) - t, t};
  }
  store_linear<false, T, axes>(axis, taps[0], taps[1], taps[2], i, tile);
}

// The two usual kinds of a vector of locations: all taps are pixels, so that nothing is padded, and
// NaN and infinity are not among them; or, under zeros, no tap is one. Else it is mixed, and
// nothing was stored.
template <class T, int axes>
HWY_INLINE Place plan_usual(const Axes<T>& axis, std::size_t i, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  const Axis<T>* const along[3] = {&axis.x, &axis.y, &axis.z};
  NumberVector<T> at[axes];
  NumberVector<T> cell[axes];
  auto inside = hn::MaskFromVec(hn::Zero(d));
  for (int k = 0; k < axes; ++k) {
    at[k] = near_position(o, hn::Load(d, tile.coordinate[k] + i), *along[k]);
    cell[k] = hn::Floor(at[k]);
    const auto here = hn::And(cell[k] >= hn::Zero(d), cell[k] <= o.count(along[k]->size - 2));
    inside = k == 0 ? here : hn::And(inside, here);
  }
  if (HWY_UNLIKELY(!hn::AllTrue(d, inside))) {
    if (axis.x.padding != Padding::zeros) return Place::mixed;
    auto outside = hn::MaskFromVec(hn::Zero(d));
    for (int k = 0; k < axes; ++k) {
      outside = hn::Or(outside, hn::Or(at[k] < o.real(-1), at[k] >= o.count(along[k]->size)));
    }
    if (!hn::AllTrue(d, outside)) return Place::mixed;
    hn::Store(hn::Zero(Offsets<T>()), Offsets<T>(), tile.offset + i);
    return Place::outside;
  }
  store_cells<T, axes>(axis, at, cell, i, tile);
  return Place::inside;
}

// Any vector of locations: stores its taps, and returns inside or mixed.
template <class T, int axes>
HWY_INLINE Place plan_any(const Axes<T>& axis, std::size_t i, Tile<T>& tile) {
  const Lanes<T> o;
  const Numbers<T> d;
  const Axis<T>* const along[3] = {&axis.x, &axis.y, &axis.z};
  NumberVector<T> at[axes];
  NumberVector<T> cell[axes];
  auto inside = hn::MaskFromVec(hn::Zero(d));
#pragma GCC unroll 3
  for (int k = 0; k < axes; ++k) {
    at[k] = padded(o, position(o, hn::Load(d, tile.coordinate[k] + i), *along[k]), *along[k]);
    cell[k] = hn::Floor(at[k]);
    const auto here = cell[k] <= o.count(along[k]->size - 2);
    inside = k == 0 ? here : hn::And(inside, here);
  }
  // Cells of padded positions are pixels: only the tap after the last pixel may be none.
  if (axis.x.padding != Padding::zeros && hn::AllTrue(d, inside)) {
    store_cells<T, axes>(axis, at, cell, i, tile);
    return Place::inside;
  }
  LinearAxis<Lanes<T>> taps[3];
  auto signs = hn::Zero(d);
#pragma GCC unroll 3
  for (int k = 0; k < axes; ++k) {
    taps[k] = linear_taps(o, at[k], *along[k]);
    signs = hn::Or(signs, hn::Or(taps[k].first, taps[k].second));
  }
  store_linear<true, T, axes>(axis, taps[0], taps[1], taps[2], i, tile);
  return any_has_sign<T>(signs) ? Place::mixed : Place::inside;
}

template <class T, int axes>
HWY_INLINE void plan_linear(const Axes<T>& axis, Tile<T>& tile) {
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    Place place = plan_usual<T, axes>(axis, i, tile);
    if (place == Place::mixed) place = plan_any<T, axes>(axis, i, tile);
    tile.place[i / lanes<T>()] = place;
  }
}

// One vector of locations in several planes; `masked` if some texel is not to be read.
template <bool neighbors, bool masked, int axes, int planes, class Element>
HWY_INLINE void linear_values(const Element* const (&plane)[planes],
                              const Axes<ArithmeticOf<Element>>& axis,
                              const Tile<ArithmeticOf<Element>>& tile, std::size_t i,
                              NumberVector<ArithmeticOf<Element>> (&value)[planes]) {
  using T = ArithmeticOf<Element>;
  const Numbers<T> d;
#pragma GCC unroll 4
  for (int r = 0; r < (1 << (axes - 1)); ++r) {
    const std::int64_t row = (r & 1) * axis.y.stride + (r >> 1) * axis.z.stride;
    const auto first = hn::Load(d, tile.weight[2 * r] + i);
    const auto second = hn::Load(d, tile.weight[2 * r + 1] + i);
    for (int p = 0; p < planes; ++p) {
      Pair<T> texel = neighbors ? gather_pairs(plane[p] + row, tile.offset + i)
                                : gather_two(plane[p] + row, tile.offset + i, axis.x.stride);
      if constexpr (masked) {
        texel.first = zero_if_signed(texel.first, first);
        texel.second = zero_if_signed(texel.second, second);
      }
      value[p] = r == 0 ? first * texel.first : value[p] + first * texel.first;
      value[p] = value[p] + second * texel.second;
    }
  }
  for (int p = 0; p < planes; ++p) value[p] = hn::Zero(d) + value[p];
}

// The same for a stretch of them, to `to`, where the planes are `apart`.
template <bool neighbors, bool masked, int axes, int planes, class Element>
HWY_INLINE void linear_stretch(const Element* const (&plane)[planes],
                               const Axes<ArithmeticOf<Element>>& axis,
                               const Tile<ArithmeticOf<Element>>& tile, Stretch stretch,
                               Element* to, std::int64_t apart, bool streams) {
  using T = ArithmeticOf<Element>;
  for (std::size_t i = stretch.begin; i < stretch.end; i += lanes<T>(), to += lanes<T>()) {
    NumberVector<T> value[planes];
    linear_values<neighbors, masked, axes>(plane, axis, tile, i, value);
    for (int p = 0; p < planes; ++p) store_elements(value[p], to + p * apart, streams);
  }
}

// Planes lie `problem.input_channel` apart.
template <bool neighbors, int axes, int planes, class Element>
void run_linear(const Problem& problem, const Element* plane,
                const Axes<ArithmeticOf<Element>>& axis, const Tile<ArithmeticOf<Element>>& tile,
                Stretch stretch, Element* to, std::int64_t apart) {
  const std::size_t n = lanes<ArithmeticOf<Element>>();
  const bool streams = can_stream(problem, to) && (planes == 1 || can_stream(problem, to + apart));
  const Element* all[planes];
  for (int p = 0; p < planes; ++p) all[p] = plane + p * problem.input_channel;
  while (stretch.begin < stretch.end) {
    const Place place = tile.place[stretch.begin / n];
    Stretch alike{stretch.begin, stretch.begin + n};
    while (alike.end < stretch.end && tile.place[alike.end / n] == place) alike.end += n;
    if (place == Place::inside) {
      linear_stretch<neighbors, false, axes>(all, axis, tile, alike, to, apart, streams);
    } else if (place == Place::mixed) {
      linear_stretch<neighbors, true, axes>(all, axis, tile, alike, to, apart, streams);
    } else {
      for (int p = 0; p < planes; ++p) {
        std::fill_n(to + p * apart, alike.end - alike.begin, Element{});
      }
    }
    to += alike.end - alike.begin;
    stretch.begin = alike.end;
  }
}

// ---- Bicubic ----

// Stands for the place of a tap that is no pixel.
inline constexpr std::int32_t no_place = std::numeric_limits<std::int32_t>::min();

template <class T>
HWY_INLINE void plan_cubic_axis(const Axis<T>& axis, const T* coordinate, std::size_t i,
                                T (*weight)[tile_size], std::int32_t (*place)[tile_size],
                                Place& where) {
  const Lanes<T> o;
  const Numbers<T> d;
  const Offsets<T> d32;
  const auto cubic = cubic_axis(o, hn::Load(d, coordinate + i), axis);
  const bool inside =
      hn::AllTrue(d, o.both(cubic.cell >= o.count(1), cubic.cell <= o.count(axis.size - 3)));
  if (!inside) where = Place::mixed;
  for (int k = 0; k < 4; ++k) {
    hn::Store(cubic.weight[k], d, weight[k] + i);
    const auto tap = inside ? cubic.cell + o.count(k - 1) : cubic_tap(o, cubic.cell, k, axis);
    const auto index = to_int(tap);
    const auto outside = hn::Lt(index, hn::Zero(d32));
    hn::Store(hn::IfThenElse(outside, hn::Set(d32, no_place), times<T>(index, axis.stride)), d32,
              place[k] + i);
  }
}

template <class T>
HWY_INLINE void plan_cubic(const Axes<T>& axis, Tile<T>& tile) {
  const Offsets<T> d32;
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    Place& place = tile.place[i / lanes<T>()];
    place = Place::inside;
    plan_cubic_axis(axis.x, tile.coordinate[0], i, tile.weight, tile.column, place);
    plan_cubic_axis(axis.y, tile.coordinate[1], i, tile.weight + 4, tile.row, place);
    const auto first = hn::Load(d32, tile.column[0] + i) + hn::Load(d32, tile.row[0] + i);
    hn::Store(first, d32, tile.offset + i);  // if all are pixels
  }
}

// The texels of row `row` and column `column` of taps, each padded by itself.
template <class Element>
HWY_INLINE NumberVector<ArithmeticOf<Element>> cubic_texels(const Element* plane,
                                                            const Tile<ArithmeticOf<Element>>& tile,
                                                            std::size_t i, int column, int row) {
  const Offsets<ArithmeticOf<Element>> d32;
  const auto x = hn::Load(d32, tile.column[column] + i);
  const auto y = hn::Load(d32, tile.row[row] + i);
  const auto none = hn::Set(d32, no_place);
  const auto outside = hn::Or(hn::Eq(x, none), hn::Eq(y, none));
  return gather_some(plane, hn::IfThenZeroElse(outside, x + y), outside);
}

// For a vector of locations: where four neighboring pixels of a row hold all the texels of a row
// of taps, in whatever order padding has put them. A target that cannot permute them does without.
template <class T>
struct Window {
  static constexpr bool exists = false;
  void place(const Axis<T>& /*axis*/, const Tile<T>& /*tile*/, std::size_t /*i*/) {}
  template <class Element>
  void load(const Element* /*plane*/, const Tile<T>& /*tile*/, std::size_t /*i*/, int /*row*/,
            NumberVector<T> (& /*texel*/)[4]) const {}
};
#if GRIDPROOF_HAS_VECTORS
template <>
struct Window<float> {
  static constexpr bool exists = true;
  hn::Vec<Offsets<float>> begin;
  Choice choice;

  // The axis has four pixels at least.
  HWY_INLINE void place(const Axis<float>& axis, const Tile<float>& tile, std::size_t i) {
    const Offsets<float> d;
    const hn::RebindToUnsigned<Offsets<float>> unsigned_d;
    hn::Vec<Offsets<float>> column[4];
    auto lowest = hn::Set(unsigned_d, static_cast<std::uint32_t>(axis.size - 4));
    for (int k = 0; k < 4; ++k) {
      column[k] = hn::Load(d, tile.column[k] + i);
      // As an unsigned number, no_place is above every column.
      lowest = hn::Min(lowest, hn::BitCast(unsigned_d, column[k]));
    }
    begin = hn::BitCast(d, lowest);
    for (auto& which : column) which = which - begin;  // of no_place, anything
    choice = choice_of(column);
  }

  template <class Element>
  HWY_INLINE void load(const Element* plane, const Tile<float>& tile, std::size_t i, int row,
                       NumberVector<float> (&texel)[4]) const {
    const Offsets<float> d;
    const Numbers<float> numbers;
    const auto none = hn::Set(d, no_place);
    const auto y = hn::Load(d, tile.row[row] + i);
    const auto no_row = hn::Eq(y, none);
    alignas(64) std::int32_t offset[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(hn::IfThenZeroElse(no_row, y) + begin, d, offset);
    gather_chosen(plane, offset, choice, texel);
    for (int k = 0; k < 4; ++k) {
      const auto outside = hn::Or(no_row, hn::Eq(hn::Load(d, tile.column[k] + i), none));
      texel[k] = hn::IfThenZeroElse(hn::RebindMask(numbers, outside), texel[k]);
    }
  }
};
#endif

// The sum of a vector of locations. `row(j, texel)` gives the texels of a row of taps.
template <class T, class Row>
HWY_INLINE NumberVector<T> cubic_sum(const Tile<T>& tile, std::size_t i, const Row& row) {
  const Numbers<T> d;
  NumberVector<T> sum = hn::Zero(d);
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    NumberVector<T> texel[4];
    row(j, texel);
    NumberVector<T> along = hn::Load(d, tile.weight[0] + i) * texel[0];
    for (int k = 1; k < 4; ++k) along = along + hn::Load(d, tile.weight[k] + i) * texel[k];
    const auto weight = hn::Load(d, tile.weight[4 + j] + i);
    sum = j == 0 ? weight * along : sum + weight * along;
  }
  return sum;
}

template <bool neighbors, class Element>
void run_cubic(const Element* plane, const Axes<ArithmeticOf<Element>>& axis,
               const Tile<ArithmeticOf<Element>>& tile, Stretch stretch, Element* to) {
  using T = ArithmeticOf<Element>;
  using Texels = NumberVector<T>[4];
  const std::size_t n = lanes<T>();
  const bool has_windows = Window<T>::exists && neighbors && axis.x.size >= 4;
  for (std::size_t i = stretch.begin; i < stretch.end; i += n, to += n) {
    NumberVector<T> sum;
    if (HWY_LIKELY(neighbors && tile.place[i / n] == Place::inside)) {
      sum = cubic_sum(tile, i, [&](int j, Texels& texel) HWY_ATTR {
        gather_fours(plane + j * axis.y.stride, tile.offset + i, texel);
      });
    } else if (has_windows) {
      Window<T> window;
      window.place(axis.x, tile, i);
      sum = cubic_sum(
          tile, i, [&](int j, Texels& texel) HWY_ATTR { window.load(plane, tile, i, j, texel); });
    } else {
      sum = cubic_sum(tile, i, [&](int j, Texels& texel) HWY_ATTR {
        for (int k = 0; k < 4; ++k) texel[k] = cubic_texels(plane, tile, i, k, j);
      });
    }
    store_elements(sum, to);
  }
}

// ---- A part of the output ----

// How many planes are done at a time, at most.
template <Mode mode, int axes>
inline constexpr int max_planes = mode != Mode::bilinear ? 1
                                  : axes == 2            ? 3
                                                         : 2;

// The output of a stretch for `planes` channels from `plane` on, to `to`, where they are `apart`.
template <class Element, Mode mode, int axes, int planes>
HWY_INLINE void run_stretch(const Problem& problem, const Element* plane,
                            const Axes<ArithmeticOf<Element>>& axis,
                            const Tile<ArithmeticOf<Element>>& tile, Stretch stretch, Element* to,
                            std::int64_t apart) {
  const bool neighbors = problem.input_stride.x == 1 && problem.size.x > 1;
  if constexpr (mode == Mode::nearest) run_nearest<Element>(problem, plane, tile, stretch, to);
  if constexpr (mode == Mode::bilinear) {
    neighbors ? run_linear<true, axes, planes>(problem, plane, axis, tile, stretch, to, apart)
              : run_linear<false, axes, planes>(problem, plane, axis, tile, stretch, to, apart);
  }
  if constexpr (mode == Mode::bicubic) {
    neighbors ? run_cubic<true>(plane, axis, tile, stretch, to)
              : run_cubic<false>(plane, axis, tile, stretch, to);
  }
}

// Channel `c` of a tile and the next ones, to their places in the output: whole vectors as they
// are, if the output is dense, what is left by way of `aside`.
template <class Element, Mode mode, int axes, int planes>
HWY_INLINE void run_channels(const Problem& problem, std::int64_t c,
                             const Axes<ArithmeticOf<Element>>& axis,
                             const Tile<ArithmeticOf<Element>>& tile) {
  const std::size_t n = lanes<ArithmeticOf<Element>>();
  const PerAxis& size = problem.out_size;
  const PerAxis& stride = problem.output_stride;
  const bool dense = stride.x == 1 && stride.y == size.x && stride.z == size.x * size.y;
  const Element* const plane = static_cast<const Element*>(problem.input) +
                               tile.batch * problem.input_batch + c * problem.input_channel;
  Element* const output = static_cast<Element*>(problem.output) +
                          tile.batch * problem.output_batch + c * problem.output_channel;
  const std::size_t whole = dense ? tile.count / n * n : 0;
  if (whole > 0) {
    run_stretch<Element, mode, axes, planes>(problem, plane, axis, tile, {0, whole},
                                             output + tile.begin, problem.output_channel);
  }
  if (whole == tile.count) return;
  alignas(64) Element aside[planes][tile_size];
  run_stretch<Element, mode, axes, planes>(problem, plane, axis, tile, {whole, tile.count},
                                           aside[0], tile_size);
  for (int p = 0; p < planes; ++p) {
    Element* const to = output + p * problem.output_channel;
    for (std::size_t i = whole; i < tile.count; ++i) {
      const std::int64_t at = tile.begin + static_cast<std::int64_t>(i);
      const PerAxis place = dense ? PerAxis{at, 0, 0} : location_of(problem, at);
      to[place.x * stride.x + place.y * stride.y + place.z * stride.z] = aside[p][i - whole];
    }
  }
}

// Lets the first-level cache fetch the texels of a tile: for each first tap, those that are `next`
// elements further. `none` has no offsets.
template <Place none, class Element>
void fetch_texels(const Problem& problem, std::int64_t first_channel, std::int64_t end_channel,
                  std::int64_t next, const Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  const Offsets<T> d;
  constexpr int line = sizeof(Element) == 8 ? 3 : sizeof(Element) == 4 ? 4 : 5;
  // Of those that follow each other in a line of the cache, the last.
  alignas(64) std::int32_t offset[tile_size + HWY_MAX_BYTES / sizeof(std::int32_t)];
  std::size_t count = 0;
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    if (tile.place[i / lanes<T>()] == none) continue;
    const auto here = hn::Load(d, tile.offset + i);
    const auto after = hn::LoadU(d, tile.offset + i + 1);
    const auto changes = hn::Ne(hn::ShiftRight<line>(here), hn::ShiftRight<line>(after));
    count += hn::CompressStore(here, changes, d, offset + count);
  }
  // Of many scattered ones, the processor has as many on the way without this, unless they are
  // only copied.
  if (problem.options.mode != Mode::nearest && tile.count == tile_size && 4 * count > 3 * tile_size)
    return;
  const Element* plane = static_cast<const Element*>(problem.input) +
                         tile.batch * problem.input_batch + first_channel * problem.input_channel +
                         next;
  for (std::int64_t c = first_channel; c < end_channel; ++c) {
    for (std::size_t k = 0; k < count; ++k) hwy::Prefetch(plane + offset[k]);
    plane += problem.input_channel;
  }
}

// The last row of taps of a tile: the others are those of locations above, and mostly there
// already.
template <class Element, Mode mode, int axes>
HWY_INLINE void fetch_taps(const Problem& problem, std::int64_t first_channel,
                           std::int64_t end_channel, const Axes<ArithmeticOf<Element>>& axis,
                           const Tile<ArithmeticOf<Element>>& tile) {
  constexpr int rows = mode == Mode::nearest ? 0 : mode == Mode::bilinear ? 1 : 3;
  const std::int64_t next = rows * axis.y.stride + (axes == 3 ? rows * axis.z.stride : 0);
  // Of a mixed vector bicubic has no offsets.
  fetch_texels<mode == Mode::bicubic ? Place::mixed : Place::outside, Element>(
      problem, first_channel, end_channel, next, tile);
}

// Plans a tile.
template <class Element, Mode mode, int axes>
HWY_INLINE void plan(const Problem& problem, const Part& part,
                     const Axes<ArithmeticOf<Element>>& axis, Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  if constexpr (mode == Mode::nearest) plan_nearest<T, axes>(axis, tile);
  if constexpr (mode == Mode::bilinear) plan_linear<T, axes>(axis, tile);
  if constexpr (mode == Mode::bicubic) plan_cubic<T>(axis, tile);
  if (problem.fetches) {
    fetch_taps<Element, mode, axes>(problem, part.first_channel, part.end_channel, axis, tile);
  }
}

// Each tile is planned before the one before it is run: meanwhile its texels come.
template <class Element, Mode mode, int axes>
void run_planes(const Problem& problem, const Part& part) {
  using T = ArithmeticOf<Element>;
  constexpr int together = max_planes<mode, axes>;
  constexpr auto size = static_cast<std::int64_t>(tile_size);
  const Axes<T> axis = axes_of<T>(problem);
  const std::int64_t tiles = (part.end - part.begin + size - 1) / size;  // of a batch entry
  const std::int64_t all = (part.end_batch - part.batch) * tiles;
  Tile<T> two[2];
  for (std::int64_t k = 0; k <= all; ++k) {
    if (k < all) {
      load_coordinates<Element>(problem, part.batch + k / tiles, part.begin + k % tiles * size,
                                part.end, two[k % 2]);
      plan<Element, mode, axes>(problem, part, axis, two[k % 2]);
    }
    if (k == 0) continue;
    const Tile<T>& tile = two[(k - 1) % 2];
    std::int64_t c = part.first_channel;
    for (; c + together <= part.end_channel; c += together) {
      run_channels<Element, mode, axes, together>(problem, c, axis, tile);
    }
    if constexpr (together == 3) {
      if (c + 2 == part.end_channel) {
        run_channels<Element, mode, axes, 2>(problem, c, axis, tile);
        continue;
      }
    }
    if (c < part.end_channel) run_channels<Element, mode, axes, 1>(problem, c, axis, tile);
  }
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target
