// How the pixels around a position are combined.
#include <algorithm>
#include <cmath>

#include "fuzz/mutants/dictionary.h"

namespace gridproof::dictionary {
namespace {

using semantics::Cell;

template <class Function>
auto nearest(Function function) {
  return [function](Hooked& rules) {
    rules.nearest = [function](const auto& sample, const Axis& /*axis*/) {
      return function(sample.padded);
    };
  };
}

auto mode(Mode from, Mode to) {
  return [from, to](Hooked& rules) {
    rules.before = [from, to](Case question) {
      if (resolve(question.request)->mode == from) question.request.mode = name(to);
      return question;
    };
  };
}

// Keys' kernel with another alpha.
auto cubic_alpha(double alpha) {
  return [alpha](Hooked& rules) {
    rules.cubic_weights = [alpha](auto t, const Axis& /*axis*/) {
      using T = decltype(t);
      const T a = static_cast<T>(alpha);
      const auto inner = [a](T d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
      const auto outer = [a](T d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
      return std::array<T, 4>{outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
    };
  };
}

}  // namespace

std::vector<Mutant> of_interpolation() {
  return {
      mutant("nearest.half-away", "nearest.ties-to-even", "ties are rounded away from zero",
             nearest([](auto p) { return std::round(p); })),
      mutant("nearest.half-up", "nearest.ties-to-even", "ties are rounded up",
             nearest([](auto p) { return std::floor(p + decltype(p){0.5}); })),
      mutant("nearest.half-down", "nearest.ties-to-even", "ties are rounded down",
             nearest([](auto p) { return std::ceil(p - decltype(p){0.5}); })),
      mutant("nearest.floor", "nearest.texel", "the pixel below is taken, not the nearest",
             nearest([](auto p) { return std::floor(p); })),
      mutant("nearest.truncates", "nearest.texel", "the fraction is dropped towards zero",
             nearest([](auto p) { return std::trunc(p); })),
      mutant("nearest.rounds-first", "nearest.pad-first", "rounds the position before padding it",
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 if (axis.options.mode != Mode::nearest) return Documented::pad(position, axis);
                 return Documented::pad(std::nearbyint(position), axis);
               };
             }),
      mutant("mode.bilinear-as-nearest", "bilinear.weights", "bilinear takes the nearest pixel",
             mode(Mode::bilinear, Mode::nearest)),
      mutant("mode.nearest-as-bilinear", "nearest.texel", "nearest interpolates",
             mode(Mode::nearest, Mode::bilinear)),
      mutant("mode.bicubic-as-bilinear", "bicubic.kernel", "bicubic is answered by bilinear",
             mode(Mode::bicubic, Mode::bilinear)),
      mutant("mode.bicubic-as-nearest", "bicubic.kernel", "bicubic is answered by nearest",
             mode(Mode::bicubic, Mode::nearest)),
      mutant("trilinear.slice", "trilinear.weights", "5-D input is not interpolated along z",
             [](Hooked& rules) {
               rules.linear_weights = [](auto t, const Axis& axis) {
                 using T = decltype(t);
                 if (axis.number == 2) {
                   return std::array<T, 2>{t < T{0.5} ? T{1} : T{0}, t < T{0.5} ? T{0} : T{1}};
                 }
                 return Documented::linear_weights(t, axis);
               };
             }),
      mutant("floor.truncates", "bilinear.weights", "the cell is found by truncation",
             [](Hooked& rules) {
               rules.cell = [](const auto& sample, const Axis& axis) {
                 using T = decltype(sample.padded);
                 if (!(std::fabs(sample.padded) < T{0x1p31})) return Documented::cell(sample, axis);
                 const auto index = static_cast<std::int64_t>(sample.padded);
                 return Cell<T>{index, sample.padded - static_cast<T>(index)};
               };
             }),
      mutant("weights.exchanged", "bilinear.weights", "the two weights of an axis are exchanged",
             [](Hooked& rules) {
               rules.linear_weights = [](auto t, const Axis& /*axis*/) {
                 return std::array<decltype(t), 2>{t, 1 - t};
               };
             }),
      mutant("weights.smoothstep", "bilinear.weights", "weights follow 3t^2 - 2t^3",
             [](Hooked& rules) {
               rules.linear_weights = [](auto t, const Axis& /*axis*/) {
                 const auto s = t * t * (3 - 2 * t);
                 return std::array<decltype(t), 2>{1 - s, s};
               };
             }),
      mutant("weights.quantised-1/256", "bilinear.weights", "weights are rounded to 1/256",
             [](Hooked& rules) {
               rules.linear_weights = [](auto t, const Axis& /*axis*/) {
                 const auto q = std::nearbyint(t * 256) / 256;
                 return std::array<decltype(t), 2>{1 - q, q};
               };
             }),
      mutant("cubic.alpha-0.5", "bicubic.kernel", "alpha is -1/2", cubic_alpha(-0.5)),
      mutant("cubic.alpha-1", "bicubic.kernel", "alpha is -1", cubic_alpha(-1)),
      mutant("cubic.position-padded", "bicubic.taps-padded",
             "the position is padded, then the taps are clamped",
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 return axis.options.mode == Mode::bicubic ? semantics::pad(position, axis)
                                                           : Documented::pad(position, axis);
               };
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 if (axis.options.mode != Mode::bicubic || axis.options.padding == Padding::zeros) {
                   return Documented::tap(index, axis);
                 }
                 return std::clamp<std::int64_t>(index, 0, axis.size - 1);
               };
             }),
      mutant("cubic.outside-skipped", "bicubic.taps-padded",
             "weights of taps outside are given to those inside",
             [](Hooked& rules) {
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 if (axis.options.mode != Mode::bicubic) return Documented::tap(index, axis);
                 return std::clamp<std::int64_t>(index, 0, axis.size - 1);
               };
             }),
      mutant("cubic.clamped", "bicubic.overshoot", "the result is kept in the range of the input",
             [](Hooked& rules) {
               rules.after = [](const Case& question, Tensor output) {
                 if (resolve(question.request)->mode != Mode::bicubic) return output;
                 double lo = INFINITY;
                 double hi = -INFINITY;
                 for (const double texel : question.input.values()) {
                   lo = std::fmin(lo, texel);
                   hi = std::fmax(hi, texel);
                 }
                 std::vector<double> values = output.values();
                 for (double& value : values) value = std::clamp(value, std::fmin(lo, 0), hi);
                 return Tensor(output.dtype(), output.shape(), values);
               };
             }),
      mutant("accumulate.f16", "arith.order", "sums are kept in f16",
             [](Hooked& rules) {
               rules.sum = [](const auto& terms) {
                 double total = 0;
                 for (const auto& term : terms) {
                   total = to_double(Half(
                       total + to_double(Half(static_cast<double>(term.weight * term.texel)))));
                 }
                 return static_cast<std::remove_cvref_t<decltype(terms.list[0].weight)>>(total);
               };
             }),
  };
}

}  // namespace gridproof::dictionary
