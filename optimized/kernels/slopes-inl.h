// The gradient of the grid: vectors of locations. Of every tap the products of texels and
// grad_output are summed over channels first; the derivatives of the weights come last,
// [grad.order]. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_SLOPES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_SLOPES_INL_H
#undef GRIDPROOF_OPTIMIZED_SLOPES_INL_H
#else
#define GRIDPROOF_OPTIMIZED_SLOPES_INL_H
#endif

#include "optimized/kernels/grads-inl.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

template <Mode mode, int axes>
inline constexpr int taps_of = mode == Mode::bicubic ? 16 : 1 << axes;

// Locations whose sums stay in the first-level cache.
template <Mode mode>
inline constexpr std::size_t stretch_size = mode == Mode::bicubic ? 32 : 64;

// Of every tap the sums over channels, c in number c mod 8.
template <class T, Mode mode, int axes>
struct ChannelSums {
  alignas(64) T sum[8][taps_of<mode, axes>][stretch_size<mode>];
};

// ---- Sums over channels ----

// Begins a sum with a term, or adds one. (A sum that begins with -0, not +0, changes no gradient.)
template <class T>
HWY_INLINE void add_term(bool begins, T* sum, NumberVector<T> term) {
  const Numbers<T> d;
  hn::Store(begins ? term : hn::Load(d, sum) + term, d, sum);
}

template <bool neighbors, int axes, class Element>
HWY_INLINE void add_linear(const Element* plane, const Axes<ArithmeticOf<Element>>& axis,
                           const Tile<ArithmeticOf<Element>>& tile, Stretch stretch,
                           const ArithmeticOf<Element>* grads, bool begins,
                           ArithmeticOf<Element> (*sum)[stretch_size<Mode::bilinear>]) {
  using T = ArithmeticOf<Element>;
  const std::size_t n = lanes<T>();
  for (std::size_t i = stretch.begin; i < stretch.end; i += n) {
    if (tile.place[i / n] == Place::outside) continue;
    const std::size_t at = i - stretch.begin;
    const auto given = hn::LoadU(Numbers<T>(), grads + at);
#pragma GCC unroll 4
    for (int r = 0; r < (1 << (axes - 1)); ++r) {
      const std::int64_t row = (r & 1) * axis.y.stride + (r >> 1) * axis.z.stride;
      const Pair<T> texel = neighbors ? gather_pairs(plane + row, tile.offset + i)
                                      : gather_two(plane + row, tile.offset + i, axis.x.stride);
      add_term<T>(begins, sum[2 * r] + at, given * texel.first);
      add_term<T>(begins, sum[2 * r + 1] + at, given * texel.second);
    }
  }
}

template <bool neighbors, class Element>
HWY_INLINE void add_cubic(const Element* plane, const Axes<ArithmeticOf<Element>>& axis,
                          const Tile<ArithmeticOf<Element>>& tile, Stretch stretch,
                          const ArithmeticOf<Element>* grads, bool begins,
                          ArithmeticOf<Element> (*sum)[stretch_size<Mode::bicubic>]) {
  using T = ArithmeticOf<Element>;
  const std::size_t n = lanes<T>();
  const bool has_windows = Window<T>::exists && neighbors && axis.x.size >= 4;
  for (std::size_t i = stretch.begin; i < stretch.end; i += n) {
    const std::size_t at = i - stretch.begin;
    const auto given = hn::LoadU(Numbers<T>(), grads + at);
    const auto add_rows = [&](const auto& row) HWY_ATTR {
      for (int j = 0; j < 4; ++j) {
        NumberVector<T> texel[4];
        row(j, texel);
        for (int k = 0; k < 4; ++k) add_term<T>(begins, sum[4 * j + k] + at, given * texel[k]);
      }
    };
    using Texels = NumberVector<T>[4];
    if (HWY_LIKELY(neighbors && tile.place[i / n] == Place::inside)) {
      add_rows([&](int j, Texels& texel)
                   HWY_ATTR { gather_fours(plane + j * axis.y.stride, tile.offset + i, texel); });
    } else if (has_windows) {
      Window<T> window;
      window.place(axis.x, tile, i);
      add_rows([&](int j, Texels& texel) HWY_ATTR { window.load(plane, tile, i, j, texel); });
    } else {
      add_rows([&](int j, Texels& texel) HWY_ATTR {
        for (int k = 0; k < 4; ++k) texel[k] = cubic_texels(plane, tile, i, k, j);
      });
    }
  }
}

template <class Element, Mode mode, int axes>
HWY_INLINE void add_channels(const Backward& backward, const Axes<ArithmeticOf<Element>>& axis,
                             const Tile<ArithmeticOf<Element>>& tile, Stretch stretch,
                             ChannelSums<ArithmeticOf<Element>, mode, axes>& sums) {
  using T = ArithmeticOf<Element>;
  const Problem& problem = backward.forward;
  const bool neighbors = problem.input_stride.x == 1 && problem.size.x > 1;
  const std::size_t count = std::min(stretch.end, tile.count) - stretch.begin;
  const std::int64_t begin = tile.begin + static_cast<std::int64_t>(stretch.begin);
  const Element* plane =
      static_cast<const Element*>(problem.input) + tile.batch * problem.input_batch;
  alignas(64) T aside[stretch_size<mode>];
  for (std::int64_t c = 0; c < problem.channels; ++c, plane += problem.input_channel) {
    const T* const grads =
        grads_or_copy(backward, grads_of<Element>(backward, tile.batch, c), begin, count, aside);
    auto* const sum = sums.sum[c % 8];
    if constexpr (mode == Mode::bicubic) {
      neighbors ? add_cubic<true>(plane, axis, tile, stretch, grads, c < 8, sum)
                : add_cubic<false>(plane, axis, tile, stretch, grads, c < 8, sum);
    } else {
      neighbors ? add_linear<true, axes>(plane, axis, tile, stretch, grads, c < 8, sum)
                : add_linear<false, axes>(plane, axis, tile, stretch, grads, c < 8, sum);
    }
  }
}

// ---- From the sums to the gradients ----

// [grad.border] [grad.reflection] How the padded position moves with the position; 0 where it is
// clipped. The steps are those of reflect.
template <class T>
HWY_INLINE NumberVector<T> padding_slope(NumberVector<T> at, const Axis<T>& axis) {
  const Lanes<T> o;
  NumberVector<T> sign = o.real(1);
  if (axis.padding == Padding::zeros) return sign;
  if (axis.padding == Padding::reflection) {
    if (axis.size == 1) return o.real(0);
    at = o.remainder(at, axis.period) + o.real(0);
    for (const bool low : {true, false, true}) {
      const auto line = o.real(low ? axis.twice_low : axis.twice_high);
      const auto turns = low ? at + at < line : at + at > line;
      at = o.select(turns, line - at, at);
      sign = o.select(turns, o.real(0) - sign, sign);
    }
  }
  return o.select(o.both(at > o.real(0), at < o.real(axis.last)), sign, o.real(0));
}

// [grad.scale] [grad.nan] [grad.infinity]
template <Mode mode, class T>
HWY_INLINE NumberVector<T> factor_of(NumberVector<T> given, const Axis<T>& axis) {
  const Lanes<T> o;
  const auto at = usual_position(o, given, axis);
  const auto slope = mode == Mode::bicubic ? o.real(1) : padding_slope<T>(at, axis);
  const auto known = o.both(hn::IsFinite(given), hn::IsFinite(at));
  return o.select(known, slope * o.real(axis.span / 2), o.real(0));
}

// The weights of the taps of an axis, and their derivatives by the position.
template <class T, int taps>
struct Slopes {
  NumberVector<T> weight[taps];
  NumberVector<T> slope[taps];
};

// Where only one tap of the cell is inside, it may be in the place of the other (linear_taps).
template <class T>
HWY_INLINE Slopes<T, 2> linear_slopes(NumberVector<T> given, const Axis<T>& axis) {
  const Lanes<T> o;
  const auto at = padded(o, position(o, given, axis), axis);
  const auto taps = linear_taps(o, at, axis);
  const auto cell = pixel_at(o, o.floor(at), axis);
  const auto low = cell < o.count(0);
  const auto high = cell > o.count(axis.size > 1 ? axis.size - 2 : 0);
  return {{taps.first, taps.second},
          {o.select(low, o.real(1), o.real(-1)), o.select(high, o.real(-1), o.real(1))}};
}

template <class T>
HWY_INLINE Slopes<T, 4> cubic_slopes(NumberVector<T> given, const Axis<T>& axis) {
  const Lanes<T> o;
  const auto inner = [&](auto d) HWY_ATTR { return (o.real(3.75) * d - o.real(4.5)) * d; };
  const auto outer = [&](auto d)
                         HWY_ATTR { return (o.real(-2.25) * d + o.real(7.5)) * d - o.real(6); };
  const auto minus = [](auto x) HWY_ATTR { return hn::Neg(x); };
  const auto cubic = cubic_axis(o, given, axis);
  const auto t = cell_of(o, position(o, given, axis)).fraction;
  const auto rest = o.real(1) - t;
  return {{cubic.weight[0], cubic.weight[1], cubic.weight[2], cubic.weight[3]},
          {outer(t + o.real(1)), inner(t), minus(inner(rest)), minus(outer(rest + o.real(1)))}};
}

// The same of a cell all of whose corners are pixels, at a position that is not padded.
template <class T>
HWY_INLINE Slopes<T, 2> cell_slopes(NumberVector<T> given, const Axis<T>& axis) {
  const Lanes<T> o;
  const auto at = near_position(o, given, axis);
  const auto second = at - o.floor(at);
  return {{o.real(1) - second, second}, {o.real(-1), o.real(1)}};
}

template <Mode mode, class T>
HWY_INLINE auto slopes_of(NumberVector<T> given, const Axis<T>& axis) {
  if constexpr (mode == Mode::bicubic) {
    return cubic_slopes<T>(given, axis);
  } else {
    return linear_slopes<T>(given, axis);
  }
}

// +0 instead of the products of a tap that is outside of the input, in the lanes where it is.
template <Mode mode, class T>
HWY_INLINE NumberVector<T> zero_outside(NumberVector<T> product, const Tile<T>& tile, std::size_t i,
                                        int x, int y, int z) {
  if constexpr (mode == Mode::bicubic) {
    const Offsets<T> d;
    const auto none = hn::Set(d, no_place);
    const auto outside = hn::Or(hn::Eq(hn::Load(d, tile.column[x] + i), none),
                                hn::Eq(hn::Load(d, tile.row[y] + i), none));
    const Numbers<T> numbers;
    if constexpr (sizeof(T) == 4) {
      return hn::IfThenZeroElse(hn::RebindMask(numbers, outside), product);
    } else {
      const auto wide = hn::PromoteTo(Bits<T>(), hn::VecFromMask(d, outside));
      return hn::IfThenZeroElse(hn::RebindMask(numbers, hn::MaskFromVec(wide)), product);
    }
  } else {
    return zero_if_signed(product, hn::Load(Numbers<T>(), tile.weight[x + 2 * y + 4 * z] + i));
  }
}

// The sum over all channels of a tap. Sums that no channel has are 0, which changes nothing.
template <class T, class Sums>
HWY_INLINE NumberVector<T> whole_sum(const Sums& sums, int tap, std::size_t at,
                                     std::int64_t channels) {
  const Numbers<T> d;
  const auto sum_of = [&](int c) HWY_ATTR { return hn::Load(d, sums.sum[c][tap] + at); };
  if (channels == 1) return sum_of(0);
  const auto half = [&](int c) HWY_ATTR {
    if (channels <= c) return hn::Zero(d);
    return channels <= c + 4 ? sum_of(c) : sum_of(c) + sum_of(c + 4);
  };
  return (half(0) + half(2)) + (half(1) + half(3));
}

// The gradients of a vector of locations. `sum_of(tap)` is the sum over all channels.
template <Mode mode, int axes, class T, class SumOf>
HWY_INLINE void finish_vector(const Axes<T>& axis, const Tile<T>& tile, std::size_t i,
                              const SumOf& sum_of, NumberVector<T> (&gradient)[axes]) {
  const Lanes<T> o;
  constexpr int taps = mode == Mode::bicubic ? 4 : 2;
  const auto given = [&](int k) HWY_ATTR { return hn::Load(Numbers<T>(), tile.coordinate[k] + i); };
  const bool inside = tile.place[i / lanes<T>()] == Place::inside;
  // NaN may be inside, too; infinity is not.
  auto all = given(0) + given(1);
  if constexpr (axes == 3) all = all + given(2);
  const bool plain =
      inside && axis.x.padding == Padding::zeros && hn::AllFalse(Numbers<T>(), hn::IsNaN(all));
  const auto slopes = [&](int k, const Axis<T>& along) HWY_ATTR {
    if constexpr (mode == Mode::bilinear) {
      if (HWY_LIKELY(plain)) return cell_slopes<T>(given(k), along);
    }
    return slopes_of<mode, T>(given(k), along);
  };
  const auto x = slopes(0, axis.x);
  const auto y = slopes(1, axis.y);
  Slopes<T, taps> z;
  if constexpr (axes == 3) z = slopes(2, axis.z);
  for (auto& one : gradient) one = o.real(0);
  const auto add = [&](int a, NumberVector<T> product, int tx, int ty, int tz) HWY_ATTR {
    if (!inside) product = zero_outside<mode, T>(product, tile, i, tx, ty, tz);
    gradient[a] = gradient[a] + product;
  };
  for (int c = 0; c < (axes == 3 ? taps : 1); ++c) {
    for (int b = 0; b < taps; ++b) {
      for (int a = 0; a < taps; ++a) {
        const auto sum = sum_of(a + taps * (b + taps * c));
        const auto along_x = x.slope[a] * y.weight[b];
        const auto along_y = x.weight[a] * y.slope[b];
        if constexpr (axes == 3) {
          add(0, along_x * z.weight[c] * sum, a, b, c);
          add(1, along_y * z.weight[c] * sum, a, b, c);
          add(2, x.weight[a] * y.weight[b] * z.slope[c] * sum, a, b, c);
        } else {
          add(0, along_x * sum, a, b, c);
          add(1, along_y * sum, a, b, c);
        }
      }
    }
  }
  const Axis<T>* const along[3] = {&axis.x, &axis.y, &axis.z};
  for (int k = 0; k < axes; ++k) {
    if (HWY_LIKELY(mode == Mode::bilinear && plain)) {
      gradient[k] = o.real(along[k]->span / 2) * gradient[k];
      continue;
    }
    const auto factor = factor_of<mode, T>(given(k), *along[k]);
    gradient[k] = o.select(factor == o.real(0), o.real(0), factor * gradient[k]);
  }
}

// Vectors of gradients to `to`, where those of a location lie side by side.
template <int axes, class Element>
HWY_INLINE void store_gradients(const NumberVector<ArithmeticOf<Element>> (&gradient)[axes],
                                std::size_t count, Element* to) {
  using T = ArithmeticOf<Element>;
  const Numbers<T> d;
  alignas(64) T aside[axes * HWY_MAX_BYTES / sizeof(T)];
  alignas(64) Element rounded[axes * HWY_MAX_BYTES / sizeof(T)];
  if constexpr (axes == 2) hn::StoreInterleaved2(gradient[0], gradient[1], d, aside);
  if constexpr (axes == 3) hn::StoreInterleaved3(gradient[0], gradient[1], gradient[2], d, aside);
  const bool whole = count == lanes<T>();
  for (int k = 0; k < axes; ++k) {
    const std::size_t at = static_cast<std::size_t>(k) * lanes<T>();
    store_elements(hn::Load(d, aside + at), (whole ? to : rounded) + at);
  }
  if (!whole) std::copy_n(rounded, axes * count, to);
}

// The gradients of the vector of locations number `i` of a tile, to their places in the grid's.
template <Mode mode, int axes, class T, class SumOf, class Element>
HWY_INLINE void write_vector(const Axes<T>& axis, const Tile<T>& tile, std::size_t i,
                             const SumOf& sum_of, Element* out) {
  const std::size_t n = lanes<T>();
  NumberVector<T> gradient[axes];
  if (mode == Mode::bilinear && tile.place[i / n] == Place::outside) {
    for (auto& one : gradient) one = hn::Zero(Numbers<T>());
  } else {
    finish_vector<mode, axes>(axis, tile, i, sum_of, gradient);
  }
  store_gradients<axes>(gradient, std::min(n, tile.count - i),
                        out + (tile.begin + static_cast<std::int64_t>(i)) * axes);
}

template <class Element>
HWY_INLINE Element* grad_grid_of(const Backward& backward, std::int64_t batch) {
  const Problem& problem = backward.forward;
  return static_cast<Element*>(backward.grad_grid) + batch * problem.locations() * problem.axes;
}

// ---- So few channels that all sums of a vector stay in registers ----

// The sum over all channels of a tap, of the product of each.
template <class T, int channels>
HWY_INLINE NumberVector<T> sum_of_few(const NumberVector<T> (&product)[channels]) {
  if constexpr (channels == 1) return product[0];
  if constexpr (channels == 2) return product[0] + product[1];
  if constexpr (channels == 3) return (product[0] + product[2]) + product[1];
  if constexpr (channels == 4) return (product[0] + product[2]) + (product[1] + product[3]);
}

template <bool neighbors, int axes, int channels, class Element>
HWY_INLINE void few_sums(const Element* const (&plane)[channels],
                         const Axes<ArithmeticOf<Element>>& axis,
                         const Tile<ArithmeticOf<Element>>& tile, std::size_t i,
                         const ArithmeticOf<Element>* const (&grads)[channels],
                         NumberVector<ArithmeticOf<Element>> (&sum)[1 << axes]) {
  using T = ArithmeticOf<Element>;
  NumberVector<T> given[channels];
  for (int c = 0; c < channels; ++c) given[c] = hn::LoadU(Numbers<T>(), grads[c] + i);
#pragma GCC unroll 4
  for (int r = 0; r < (1 << (axes - 1)); ++r) {
    const std::int64_t row = (r & 1) * axis.y.stride + (r >> 1) * axis.z.stride;
    NumberVector<T> first[channels];
    NumberVector<T> second[channels];
    for (int c = 0; c < channels; ++c) {
      const Pair<T> texel = neighbors ? gather_pairs(plane[c] + row, tile.offset + i)
                                      : gather_two(plane[c] + row, tile.offset + i, axis.x.stride);
      first[c] = given[c] * texel.first;
      second[c] = given[c] * texel.second;
    }
    sum[2 * r] = sum_of_few<T>(first);
    sum[2 * r + 1] = sum_of_few<T>(second);
  }
}

// Lets the caches fetch all texels of a vector of locations, which are far from each other.
template <int axes, int channels, class Element>
HWY_INLINE void fetch_scattered(const Element* const (&plane)[channels],
                                const Axes<ArithmeticOf<Element>>& axis,
                                const std::int32_t* offset) {
  for (int c = 0; c < channels; ++c) {
    for (int r = 0; r < (1 << (axes - 1)); ++r) {
      const Element* const row = plane[c] + (r & 1) * axis.y.stride + (r >> 1) * axis.z.stride;
      for (std::size_t k = 0; k < lanes<ArithmeticOf<Element>>(); ++k) {
        hwy::Prefetch(row + offset[k]);
      }
    }
  }
}

template <class Element, int axes, int channels>
HWY_NOINLINE void write_few(const Backward& backward, const Axes<ArithmeticOf<Element>>& axis,
                            const Tile<ArithmeticOf<Element>>& tile, Element* out) {
  using T = ArithmeticOf<Element>;
  const Problem& problem = backward.forward;
  const bool neighbors = problem.input_stride.x == 1 && problem.size.x > 1;
  alignas(64) T aside[channels][tile_size];
  const T* grads[channels];
  const Element* plane[channels];
  for (int c = 0; c < channels; ++c) {
    grads[c] = grads_or_copy(backward, grads_of<Element>(backward, tile.batch, c), tile.begin,
                             tile.count, aside[c]);
    plane[c] = static_cast<const Element*>(problem.input) + tile.batch * problem.input_batch +
               c * problem.input_channel;
  }
  const std::size_t ahead = 2 * lanes<T>();
  const bool fetches = problem.fetches && !follows_rows(tile);
  for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
    if (fetches && i + ahead < tile.count) {
      fetch_scattered<axes>(plane, axis, tile.offset + i + ahead);
    }
    NumberVector<T> sum[1 << axes];
    if (tile.place[i / lanes<T>()] != Place::outside) {
      neighbors ? few_sums<true, axes>(plane, axis, tile, i, grads, sum)
                : few_sums<false, axes>(plane, axis, tile, i, grads, sum);
    }
    write_vector<Mode::bilinear, axes>(
        axis, tile, i, [&](int tap) HWY_ATTR { return sum[tap]; }, out);
  }
}

// ---- Tiles ----

// The gradients of the locations of a tile that is planned in the planes of the input.
template <class Element, Mode mode, int axes>
HWY_NOINLINE void write_tile(const Backward& backward, const Axes<ArithmeticOf<Element>>& axis,
                             const Tile<ArithmeticOf<Element>>& tile) {
  using T = ArithmeticOf<Element>;
  const std::size_t n = lanes<T>();
  const std::int64_t channels = backward.forward.channels;
  Element* const out = grad_grid_of<Element>(backward, tile.batch);
  if constexpr (mode == Mode::bilinear) {
    if (channels == 1) return write_few<Element, axes, 1>(backward, axis, tile, out);
    if (channels == 2) return write_few<Element, axes, 2>(backward, axis, tile, out);
    if (channels == 3) return write_few<Element, axes, 3>(backward, axis, tile, out);
    if (channels == 4) return write_few<Element, axes, 4>(backward, axis, tile, out);
  }
  ChannelSums<T, mode, axes> sums;
  for (std::size_t first = 0; first < tile.count; first += stretch_size<mode>) {
    const Stretch stretch{first,
                          std::min(first + stretch_size<mode>, (tile.count + n - 1) / n * n)};
    add_channels<Element, mode, axes>(backward, axis, tile, stretch, sums);
    for (std::size_t i = stretch.begin; i < stretch.end; i += n) {
      write_vector<mode, axes>(
          axis, tile, i,
          [&](int tap) HWY_ATTR { return whole_sum<T>(sums, tap, i - stretch.begin, channels); },
          out);
    }
  }
}

template <class Element, Mode mode, int axes>
void run_slopes(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  const Axes<T> axis = axes_of<T>(backward.forward);
  for_each_tile<Element, mode, axes>(
      backward, part, axis, true, [](const Reach&) { return true; },
      [&](const Tile<T>& tile, const Reach*)
          HWY_ATTR { write_tile<Element, mode, axes>(backward, axis, tile); });
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
