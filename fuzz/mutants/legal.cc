#include "fuzz/mutants/legal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "reference/semantics/hooked.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::Cell;
using semantics::Documented;
using semantics::Hooked;

template <class Change>
LegalVariation variation(std::string name, std::string profile, std::string sentence,
                         const Change& change) {
  Hooked rules;
  change(rules);
  return {std::move(name), std::move(profile), std::move(sentence),
          [rules](const Case& question) { return semantics::grid_sample_with(question, rules); }};
}

// Everything in a wider type, and one rounding at the end.
struct InDouble : Documented {
  template <class Element>
  using Arithmetic = double;
};

template <class T>
T left_to_right(const semantics::Terms<T>& terms) {
  T total = 0;
  for (int k = 0; k < terms.count; ++k) {
    const auto& term = terms.list[static_cast<std::size_t>(k)];
    total = k == 0 ? term.weight * term.texel : total + term.weight * term.texel;
  }
  return total;
}

// A zero is not subnormal, and keeps its sign.
template <class T>
T flushed(T value) {
  return value != 0 && std::fabs(value) < std::numeric_limits<T>::min() ? T{0} : value;
}

// Reflection between `low` and `low` + `span` in other words. The first two are PyTorch's kernels:
// a remainder with the parity of a quotient, and a truncated division by the whole period.
template <class T>
T reflected_by_parity(T position, T low, T span) {
  const T distance = std::fabs(position - low);
  const T extra = std::fmod(distance, span);
  const T flips = std::floor(distance / span);
  return std::fmod(flips, T{2}) == 0 ? extra + low : span - extra + low;
}
template <class T>
T reflected_by_truncation(T position, T low, T span) {
  const T distance = std::fabs(position - low);
  const T extra = distance - std::trunc(distance / (2 * span)) * (2 * span);
  return std::fmin(extra, 2 * span - extra) + low;
}
template <class T>
T reflected_from_beyond(T position, T low, T span) {
  const T high = low + span;
  if (position >= low && position <= high) return position;
  const bool below = position < low;
  const T beyond = below ? low - position : position - high;
  const T rest = std::fmod(beyond, span);
  const bool even = std::fmod(std::floor(beyond / span), T{2}) == 0;
  return even == below ? low + rest : high - rest;
}

template <class Reflect>
auto reflection(Reflect reflect) {
  return [reflect](Hooked& rules) {
    rules.pad = [reflect](auto position, const Axis& axis) {
      if (axis.options.mode == Mode::bicubic || axis.options.padding != Padding::reflection) {
        return Documented::pad(position, axis);
      }
      using T = decltype(position);
      const T low = axis.options.align_corners ? T{0} : T{-0.5};
      const auto span = static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size);
      return span == 0 ? T{0} : semantics::clip(reflect(position, low, span), axis);
    };
  };
}

// The weights of the taps at -1, 0, 1, 2 from the two pieces of the kernel, as functions of the
// distance.
template <class T, class Inner, class Outer>
std::array<T, 4> cubic(T t, Inner inner, Outer outer) {
  return {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
}

template <class T>
T fused_position(T x, const Axis& axis) {
  if (!std::isfinite(x) || axis.options.align_corners) return Documented::position(x, axis);
  return semantics::settle_infinity(std::fma(x + 1, static_cast<T>(axis.size), T{-1}) / 2, axis);
}

}  // namespace

SubjectEntry LegalVariation::subject() const {
  return {.name = "legal:" + name, .description = sentence, .open = [answer = answer] {
            return std::make_unique<FunctionSubject>(answer);
          }};
}

std::vector<LegalVariation> legal_variations() {
  return {
      variation("fused.position", "P1", "the product and the difference of the position are fused",
                [](Hooked& rules) {
                  rules.position = [](auto x, const Axis& axis) { return fused_position(x, axis); };
                }),
      variation(
          "fused.fraction", "P1", "with align_corners the fraction comes from an unrounded product",
          [](Hooked& rules) {
            rules.cell = [](const auto& sample, const Axis& axis) {
              using T = std::remove_cvref_t<decltype(sample.padded)>;
              const Cell<T> cell = Documented::cell(sample, axis);
              // Beyond 2^(p-1) the product is off by half a pixel, and what is left of it after the
              // floor is no fraction: judging.md, section 2.
              const T whole = std::ldexp(T{1}, std::numeric_limits<T>::digits - 1);
              const T product = (sample.coordinate + 1) / 2 * static_cast<T>(axis.size - 1);
              if (!axis.options.align_corners || sample.padded != product ||
                  !(std::fabs(product) < whole) ||
                  (axis.options.mode != Mode::bicubic && axis.options.padding != Padding::zeros)) {
                return cell;
              }
              return Cell<T>{cell.index,
                             std::fma((sample.coordinate + 1) / 2, static_cast<T>(axis.size - 1),
                                      -static_cast<T>(std::floor(sample.position)))};
            };
          }),
      variation("fused.sum", "P1", "every product is added without rounding it",
                [](Hooked& rules) {
                  rules.sum = [](const auto& terms) {
                    std::remove_cvref_t<decltype(terms.list[0].weight)> total = 0;
                    for (int k = 0; k < terms.count; ++k) {
                      const auto& term = terms.list[static_cast<std::size_t>(k)];
                      total = std::fma(term.weight, term.texel, total);
                    }
                    return total;
                  };
                }),
      variation("fused.cubic", "P1", "the cubic coefficients are evaluated with fused operations",
                [](Hooked& rules) {
                  rules.cubic_weights = [](auto t, const Axis& /*axis*/) {
                    using T = decltype(t);
                    const T a = T{-0.75};
                    const auto inner = [a](T d) {
                      return std::fma(std::fma(a + 2, d, -(a + 3)) * d, d, T{1});
                    };
                    const auto outer = [a](T d) {
                      return std::fma(std::fma(std::fma(a, d, -5 * a), d, 8 * a), d, -4 * a);
                    };
                    return cubic(t, inner, outer);
                  };
                }),
      variation("sum.reversed", "P1", "the sum runs backwards",
                [](Hooked& rules) {
                  rules.sum = [](auto terms) {
                    std::reverse(terms.list.begin(), terms.list.begin() + terms.count);
                    return left_to_right(terms);
                  };
                }),
      variation("sum.pairwise", "P1", "neighbouring products are added first",
                [](Hooked& rules) {
                  rules.sum = [](const auto& terms) {
                    using T = std::remove_cvref_t<decltype(terms.list[0].weight)>;
                    std::array<T, 8> value{};
                    auto count = static_cast<std::size_t>(terms.count);
                    for (std::size_t i = 0; i < count; ++i) {
                      value[i] = terms.list[i].weight * terms.list[i].texel;
                    }
                    while (count > 1) {
                      for (std::size_t i = 0; i < count / 2; ++i) {
                        value[i] = value[2 * i] + value[2 * i + 1];
                      }
                      if (count % 2 != 0) value[count / 2] = value[count - 1];
                      count = (count + 1) / 2;
                    }
                    return value[0];
                  };
                }),
      variation("reflect.parity", "P1", "reflects by a remainder and the parity of a quotient",
                reflection([](auto... at) { return reflected_by_parity(at...); })),
      variation("reflect.truncation", "P1", "reflects by a truncated division",
                reflection([](auto... at) { return reflected_by_truncation(at...); })),
      variation("reflect.beyond", "P1", "reflects from the line that the position lies beyond",
                reflection([](auto... at) { return reflected_from_beyond(at...); })),
      LegalVariation{
          "wider", "P1", "computes in f64 and rounds once",
          [](const Case& question) { return semantics::grid_sample_with(question, InDouble{}); }},
      variation("flushed", "P2", "subnormal products, sums and texels become 0",
                [](Hooked& rules) {
                  rules.texel = [](auto texel) { return flushed(texel); };
                  rules.sum = [](const auto& terms) {
                    std::remove_cvref_t<decltype(terms.list[0].weight)> total = 0;
                    for (int k = 0; k < terms.count; ++k) {
                      const auto& term = terms.list[static_cast<std::size_t>(k)];
                      total = flushed(total + flushed(term.weight * term.texel));
                    }
                    return total;
                  };
                }),
      variation("cubic.powers", "P3", "the cubic kernel is a polynomial in powers of the distance",
                [](Hooked& rules) {
                  rules.cubic_weights = [](auto t, const Axis& /*axis*/) {
                    using T = decltype(t);
                    const T a = T{-0.75};
                    const auto inner = [a](T d) {
                      return (a + 2) * (d * d * d) - (a + 3) * (d * d) + 1;
                    };
                    const auto outer = [a](T d) {
                      return a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
                    };
                    return cubic(t, inner, outer);
                  };
                }),
      variation("decomposed", "P3", "the position is x S/2 + (S - 1)/2",
                [](Hooked& rules) {
                  rules.position = [](auto x, const Axis& axis) {
                    using T = decltype(x);
                    if (!std::isfinite(x)) return Documented::position(x, axis);
                    const auto scale =
                        static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size) / 2;
                    return semantics::settle_infinity(x * scale + static_cast<T>(axis.size - 1) / 2,
                                                      axis);
                  };
                }),
  };
}

}  // namespace gridproof
