// The arithmetic of one sample along one axis, written once for everything that runs it: a number
// of a CPU thread, a vector of them (lanes-inl.h), a number of a CUDA thread (scalar.h).
//
// It follows the clauses of reference/semantics operation by operation, so that every bit is the
// same; where a step is taken in another way, the comment says why no bit changes.
//
// `O` is the set of operations on O::Real, one number or several of the arithmetic type, and on
// O::Index, whole numbers that are counted without error. This text is included once for each
// namespace GRIDPROOF_CORE, because functions of vectors must be compiled for their instructions.
// Not to be included by others. Tested by kernels_test.cc.

namespace gridproof::optimized::GRIDPROOF_CORE {

template <class O>
using Real = typename O::Real;
template <class O>
using Index = typename O::Index;
template <class O>
using AxisOf = Axis<typename O::Number>;

// [coord.corners] [coord.centers] [coord.rounding] The position that a coordinate means, in pixels,
// unless it is NaN or infinite. Halving is exact, so a product with 1/2 is the quotient by 2.
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> usual_position(const O& o, Real<O> x, const AxisOf<O>& axis) {
  const Real<O> sum = x + o.real(1);
  return axis.align_corners ? sum * o.real(0.5) * o.real(axis.span)
                            : (sum * o.real(axis.span) - o.real(1)) * o.real(0.5);
}

// The same in fewer steps, if a pixel is near: halving commutes with rounding where nothing is
// subnormal or overflows. Else no pixel is near here either.
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> near_position(const O& o, Real<O> x, const AxisOf<O>& axis) {
  return (x + o.real(1)) * o.real(axis.span / 2) + o.real(axis.start);
}

// [coord.nan] [infinity.reflection] The position that any coordinate means.
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> position(const O& o, Real<O> given, const AxisOf<O>& axis) {
  const Real<O> x = o.select(o.is_nan(given), o.real(-1), given);
  Real<O> at = usual_position(o, x, axis);
  // With align_corners and one pixel everything is at 0, but 0 * inf is NaN.
  if (axis.span == 0) at = o.select(o.is_infinite(x), x, at);
  if (axis.padding == Padding::reflection) {
    at = o.select(o.is_infinite(at), o.real(axis.start), at);
  }
  return at;
}

// [padding.border]
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> clip(const O& o, Real<O> at, const AxisOf<O>& axis) {
  return o.at_most(o.at_least(at, o.real(0)), o.real(axis.last));
}

// [padding.reflection] The documented walk from line to line. From within one period of 0 it has no
// more than three steps: below the low line to the other side of it, from beyond the high line
// back, and from there, if that ends below the low line, by less than a pixel, once more.
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> reflect(const O& o, Real<O> at, const AxisOf<O>& axis) {
  if (axis.period == 0) return o.real(0);  // [padding.reflection-unit]
  const Real<O> low = o.real(axis.twice_low);
  const Real<O> high = o.real(axis.twice_high);
  // A whole number of periods below 0 leaves -0, whose sign would be taken for that of a weight.
  at = o.remainder(at, axis.period) + o.real(0);
  at = o.select(at + at < low, low - at, at);
  at = o.select(at + at > high, high - at, at);
  return o.select(at + at < low, low - at, at);
}

// The padded position of nearest and the linear modes.
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> padded(const O& o, Real<O> at, const AxisOf<O>& axis) {
  if (axis.padding == Padding::zeros) return at;
  if (axis.padding == Padding::reflection) at = reflect(o, at, axis);
  return clip(o, at, axis);
}

// The cell of a position and its fraction; an infinite position has no fraction.
template <class O>
struct Cell {
  Index<O> index;
  Real<O> fraction;
};
template <class O>
GRIDPROOF_CORE_FUNCTION Cell<O> cell_of(const O& o, Real<O> at) {
  const Real<O> below = o.floor(at);
  return {o.index(below), o.select(o.is_infinite(at), o.real(0), at - below)};
}

// [padding.border] A clipped position that is not the number of the last pixel is still that pixel.
template <class O>
GRIDPROOF_CORE_FUNCTION Index<O> pixel_at(const O& o, Real<O> whole, const AxisOf<O>& axis) {
  const Index<O> pixel = o.index(whole);
  if (!axis.last_is_above) return pixel;
  const Index<O> last = o.count(axis.size - 1);
  return o.select(pixel > last, last, pixel);
}

// [nearest.ties-to-even] The pixel, or -1 outside.
template <class O>
GRIDPROOF_CORE_FUNCTION Index<O> nearest_tap(const O& o, Real<O> given, const AxisOf<O>& axis) {
  const Real<O> at = padded(o, position(o, given, axis), axis);
  const Index<O> pixel = pixel_at(o, o.round_to_even(at), axis);
  const auto inside = o.both(pixel >= o.count(0), pixel <= o.count(axis.size - 1));
  return o.select(inside, pixel, o.count(-1));
}

// The two taps of a linear axis as two neighboring pixels that are both inside (or, on an axis of
// one pixel, the same one twice): `base` and the next. A weight that belongs to no tap is -0, and
// other weights have no sign: a texel under a weight with a sign is not read, [padding.zeros-ramp].
// The order of the taps is kept, so sums are taken in the reference's order; what is added for a
// pixel that is no tap is a zero, which changes no sum, except the sign of one that is zero itself,
// and such a sum ends as +0 in any case.
template <class O>
struct LinearAxis {
  Index<O> base;
  Real<O> first;
  Real<O> second;
};
template <class O>
GRIDPROOF_CORE_FUNCTION LinearAxis<O> linear_taps(const O& o, Real<O> at, const AxisOf<O>& axis) {
  const Real<O> below = o.floor(at);
  // The weights of the pixels `below` and the next; NaN if `at` is infinite, and then not used.
  const Real<O> second = at - below;
  const Real<O> first = o.real(1) - second;
  const Index<O> cell = pixel_at(o, below, axis);
  const Index<O> highest = o.count(axis.size > 1 ? axis.size - 2 : 0);
  const Real<O> none = o.real(-0.0);
  const auto low = cell < o.count(0);  // only the second can be inside: it is pixel 0
  const auto high = cell > highest;    // only the first: it is the last pixel
  const Real<O> of_low = o.select(cell >= o.count(-1), second, none);
  const Real<O> of_high = o.select(cell <= o.count(axis.size - 1), first, none);
  LinearAxis<O> taps{o.select(low, o.count(0), o.select(high, highest, cell)),
                     o.select(low, of_low, o.select(high, none, first)),
                     o.select(low, none, o.select(high, of_high, second))};
  if (axis.size == 1) taps.second = none;
  return taps;
}
template <class O>
GRIDPROOF_CORE_FUNCTION LinearAxis<O> linear_axis(const O& o, Real<O> given,
                                                  const AxisOf<O>& axis) {
  return linear_taps(o, padded(o, position(o, given, axis), axis), axis);
}

// The cell of a linear axis of an input that has two pixels of 0 around it: then every tap is a
// pixel, and one of the border adds a zero to the sum, as above. Positions farther out are moved to
// where there are only such pixels. With align_corners there are two pixels at least: else infinity
// has no position here.
template <class O>
GRIDPROOF_CORE_FUNCTION Cell<O> bordered_cell(const O& o, Real<O> given, const AxisOf<O>& axis) {
  Real<O> at;
  if (axis.padding == Padding::reflection) {
    at = padded(o, position(o, given, axis), axis);
  } else {
    const bool zeros = axis.padding == Padding::zeros;
    at = near_position(o, o.select(o.is_nan(given), o.real(-1), given), axis);
    at = o.at_most(o.at_least(at, o.real(zeros ? -2 : 0)), o.real(axis.last + (zeros ? 1 : 0)));
  }
  const Real<O> below = o.floor(at);
  return {o.index(below), at - below};
}

// [bilinear.weights] The product of two weights; -0 if they may have signs and either has one.
template <bool signs = true, class O>
GRIDPROOF_CORE_FUNCTION Real<O> corner_weight(const O& o, Real<O> one, Real<O> other) {
  if constexpr (!signs) return one * other;
  return o.with_signs_of(one * other, one, other);
}

// [bicubic.kernel]
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> inner_kernel(const O& o, Real<O> d) {
  return (o.real(1.25) * d - o.real(2.25)) * d * d + o.real(1);
}
template <class O>
GRIDPROOF_CORE_FUNCTION Real<O> outer_kernel(const O& o, Real<O> d) {
  return ((o.real(-0.75) * d - o.real(-3.75)) * d + o.real(-6)) * d - o.real(-3);
}

// [bicubic.unpadded-cell] The cell of an axis of a bicubic sample, and its weights.
template <class O>
struct CubicAxis {
  Index<O> cell;
  Real<O> weight[4];
};
template <class O>
GRIDPROOF_CORE_FUNCTION CubicAxis<O> cubic_axis(const O& o, Real<O> given, const AxisOf<O>& axis) {
  const Cell<O> cell = cell_of(o, position(o, given, axis));
  const Real<O> t = cell.fraction;
  const Real<O> rest = o.real(1) - t;
  return {cell.index,
          {outer_kernel(o, t + o.real(1)), inner_kernel(o, t), inner_kernel(o, rest),
           outer_kernel(o, rest + o.real(1))}};
}

// [bicubic.taps-padded] The pixel of tap 0 … 3, or -1 outside.
template <class O>
GRIDPROOF_CORE_FUNCTION Index<O> cubic_tap(const O& o, Index<O> cell, int tap,
                                           const AxisOf<O>& axis) {
  const Index<O> zero = o.count(0);
  const Index<O> last = o.count(axis.size - 1);
  if (axis.padding == Padding::reflection) {
    const std::int64_t twice_low = axis.align_corners ? 0 : -1;
    const std::int64_t twice_high = 2 * (axis.size - 1) - twice_low;
    const std::int64_t period = twice_high - twice_low;
    if (period == 0) return zero;
    // Whole periods change nothing. Within two pixels of one, three steps lead inside.
    Index<O> at = o.remainder_of_count(cell, period) + o.count(tap - 1);
    for (int step = 0; step < 3; ++step) {
      at = o.select(at < zero, o.count(twice_low) - at,
                    o.select(at > last, o.count(twice_high) - at, at));
    }
    return at;
  }
  // What is too large to be counted by ones is beyond the edge with or without `tap`.
  const Index<O> at = cell + o.count(tap - 1);
  if (axis.padding == Padding::zeros) {
    return o.select(o.both(at >= zero, at <= last), at, o.count(-1));
  }
  return o.select(at < zero, zero, o.select(at > last, last, at));
}

}  // namespace gridproof::optimized::GRIDPROOF_CORE
#undef GRIDPROOF_CORE
#undef GRIDPROOF_CORE_FUNCTION
