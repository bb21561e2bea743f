// From the number in the grid to the position.
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// Replaces the coordinate that stands for NaN.
auto nan_means(double value) {
  return [value](Hooked& rules) {
    rules.coordinate = [value](auto x, const Axis& /*axis*/) {
      return std::isnan(x) ? static_cast<decltype(x)>(value) : x;
    };
  };
}

auto align_corners(bool value) {
  return [value](Hooked& rules) {
    rules.before = [value](Case question) {
      question.request.align_corners = value;
      return question;
    };
  };
}

// Replaces the position by a function of the coordinate and the axis; infinity stays itself.
template <class Function>
auto position(Function function) {
  return [function](Hooked& rules) {
    rules.position = [function](auto x, const Axis& axis) {
      if (!std::isfinite(x)) return Documented::position(x, axis);
      return static_cast<decltype(x)>(function(x, axis));
    };
  };
}

auto quantised(double steps) {
  return position([steps](auto x, const Axis& axis) {
    const auto exact = Documented::position(x, axis);
    const auto fine = static_cast<decltype(x)>(steps);
    return std::isfinite(exact * fine) ? std::nearbyint(exact * fine) / fine : exact;
  });
}

template <class Narrow>
auto computed_in() {
  return position([](auto x, const Axis& axis) {
    const auto rn = [](double value) { return to_double(from_double<Narrow>(value)); };
    const double sum = rn(rn(x) + 1);
    const auto size = static_cast<double>(axis.size);
    if (axis.options.align_corners) return rn(rn(sum / 2) * rn(size - 1));
    return rn(rn(rn(sum * rn(size)) - 1) / 2);
  });
}

}  // namespace

std::vector<Mutant> of_coordinates() {
  return {
      mutant("nan.propagates", "coord.nan", "a NaN coordinate gives NaN",
             [](Hooked& rules) { rules.after = where_coordinate(is_nan, NAN); }),
      mutant("nan.zero", "coord.nan", "a NaN coordinate gives 0",
             [](Hooked& rules) { rules.after = where_coordinate(is_nan, 0); }),
      mutant("nan.centre", "coord.nan", "NaN is read as coordinate 0, the middle of the input",
             nan_means(0)),
      mutant("nan.high-edge", "coord.nan", "NaN is read as coordinate +1", nan_means(1)),
      mutant("nan.outside", "coord.nan", "NaN is read as a coordinate far outside",
             nan_means(-1e4)),
      mutant("align.flipped", "options.align-corners", "align_corners is taken the wrong way round",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.request.align_corners = !question.request.align_corners.value_or(false);
                 return question;
               };
             }),
      mutant("align.always-true", "coord.corners", "align_corners=False is ignored",
             align_corners(true)),
      mutant("align.always-false", "coord.centers", "align_corners=True is ignored",
             align_corners(false)),
      mutant("axes.reversed", "coord.order", "the grid is read as (y, x) or (z, y, x)",
             [](Hooked& rules) { rules.before = reverse_components; }),
      mutant("axes.xy-swapped", "coord.order", "x and y are exchanged, z is not",
             [](Hooked& rules) { rules.before = swap_first_components; }),
      mutant("units.pixels", "coord.normalized", "coordinates are taken for pixels",
             position([](auto x, const Axis& /*axis*/) { return x; })),
      mutant(
          "units.unit-interval", "coord.normalized", "coordinates are taken to run from 0 to 1",
          position([](auto x, const Axis& axis) { return Documented::position(2 * x - 1, axis); })),
      mutant(
          "position.no-half-pixel", "coord.corners",
          "half a pixel is missing: position (x + 1) S / 2", position([](auto x, const Axis& axis) {
            const auto size = static_cast<decltype(x)>(axis.size);
            return axis.options.align_corners ? Documented::position(x, axis) : (x + 1) * size / 2;
          })),
      mutant("position.divided-by-size", "coord.centers",
             "with align_corners the span is the size, not the size less one",
             position([](auto x, const Axis& axis) {
               const auto size = static_cast<decltype(x)>(axis.size);
               return axis.options.align_corners ? (x + 1) / 2 * size
                                                 : Documented::position(x, axis);
             })),
      mutant("position.one-too-far", "coord.normalized", "every position is one pixel too far",
             position([](auto x, const Axis& axis) { return Documented::position(x, axis) + 1; })),
      mutant("position.mirrored-y", "coord.normalized", "y runs upwards",
             position([](auto x, const Axis& axis) {
               return Documented::position(axis.number == 1 ? -x : x, axis);
             })),
      mutant("position.clamped", "coord.outside", "coordinates are clamped to -1 … 1",
             position([](auto x, const Axis& axis) {
               using T = decltype(x);
               return Documented::position(std::fmax(T{-1}, std::fmin(T{1}, x)), axis);
             })),
      mutant("position.quantised-1/32", "coord.corners", "positions are rounded to 1/32 of a pixel",
             quantised(32)),
      mutant("position.quantised-1/256", "coord.corners",
             "positions are rounded to 1/256 of a pixel", quantised(256)),
      mutant("position.f16", "coord.rounding", "positions are computed in f16",
             computed_in<Half>()),
      mutant("position.bf16", "coord.rounding", "positions are computed in bf16",
             computed_in<BFloat16>()),
      mutant("unit-size.zero", "coord.unit-size",
             "with align_corners an axis of one pixel divides by zero and gives NaN",
             [](Hooked& rules) {
               rules.after = [](const Case& question, Tensor output) {
                 const Shape& shape = question.input.shape();
                 if (!question.request.align_corners.value_or(false)) return output;
                 for (std::size_t axis = 2; axis < shape.size(); ++axis) {
                   if (shape[axis] == 1) return filled_like(output, NAN);
                 }
                 return output;
               };
             }),
  };
}

}  // namespace gridproof::dictionary
