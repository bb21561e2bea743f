#include "fuzz/mutants/biased.h"

#include <cfenv>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "reference/semantics/hooked.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::Hooked;

enum class Toward : std::uint8_t { zero, away, above, below };

// The limit toward which a value goes.
template <class T>
T limit(T value, Toward toward) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  switch (toward) {
    case Toward::zero:
      return 0;
    case Toward::away:
      return std::copysign(infinity, value);
    case Toward::above:
      return infinity;
    case Toward::below:
      break;
  }
  return -infinity;
}

// Whether going from `value` to `result` is going in this direction.
template <class T>
bool goes(T value, T result, Toward toward) {
  switch (toward) {
    case Toward::zero:
      return std::fabs(result) < std::fabs(value);
    case Toward::away:
      return std::fabs(result) > std::fabs(value);
    case Toward::above:
      return result > value;
    case Toward::below:
      break;
  }
  return result < value;
}

// The number of the type at the value or next to it in this direction.
template <class T>
T directed(long double value, Toward toward) {
  const T nearest = static_cast<T>(value);
  if (nearest == value || !std::isfinite(nearest)) return nearest;
  return goes<long double>(value, nearest, toward)
             ? nearest
             : std::nextafter(nearest, limit(nearest, toward));
}

// A 16-bit result by `function(value, spacing)` of its number.
template <class Function>
auto rounded_16_bit(Function function) {
  return [function](Hooked& rules) {
    rules.round = [function](auto value, Dtype dtype) {
      if (!is_16_bit(dtype) || !std::isfinite(value) || value == 0) return value;
      const Format format = format_of(dtype);
      const int exponent = std::max(std::ilogb(value), format.min_exponent);
      const auto spacing =
          static_cast<decltype(value)>(std::ldexp(1.0, exponent - format.precision + 1));
      return function(value / spacing) * spacing;
    };
  };
}

// Sums without error of products without error, then one rounding.
template <class Round>
auto sums(Round round) {
  return [round](Hooked& rules) {
    rules.sum = [round](const auto& terms) {
      long double total = 0;
      for (const auto& term : terms) {
        total += static_cast<long double>(term.weight) * static_cast<long double>(term.texel);
      }
      using T = std::remove_cvref_t<decltype(terms.list[0].weight)>;
      return round(total, T{});
    };
  };
}

auto directed_sums(Toward toward) {
  return sums(
      [toward](long double total, auto zero) { return directed<decltype(zero)>(total, toward); });
}

// One number further than the nearest, where that is not the exact one.
auto one_further(Toward toward) {
  return sums([toward](long double total, auto zero) {
    const auto nearest = static_cast<decltype(zero)>(total);
    return nearest == total ? nearest : std::nextafter(nearest, limit(nearest, toward));
  });
}

auto directed_products(Toward toward) {
  return [toward](Hooked& rules) {
    rules.sum = [toward](const auto& terms) {
      using T = std::remove_cvref_t<decltype(terms.list[0].weight)>;
      T total = 0;
      for (const auto& term : terms) {
        total += directed<T>(
            static_cast<long double>(term.weight) * static_cast<long double>(term.texel), toward);
      }
      return total;
    };
  };
}

template <class Change>
std::function<Answer(const Case&)> answers(const Change& change) {
  Hooked rules;
  change(rules);
  return [rules](const Case& test_case) { return semantics::grid_sample_with(test_case, rules); };
}

// Everything in another rounding mode of the processor.
std::function<Answer(const Case&)> answers_in(int mode) {
  return [mode](const Case& test_case) {
    const int usual = std::fegetround();
    std::fesetround(mode);
    Answer answer = semantics::grid_sample_with(test_case, Hooked());
    std::fesetround(usual);
    return answer;
  };
}

constexpr Leaning up = Leaning::up;
constexpr Leaning away = Leaning::away;

}  // namespace

SubjectEntry BiasedVariation::subject() const {
  return {.name = "biased:" + name, .description = sentence, .open = [answer = answer] {
            return std::make_unique<FunctionSubject>(answer);
          }};
}

std::vector<BiasedVariation> biased_variations() {
  const auto others = [](std::string name, std::string sentence, Leaning leaning, auto change) {
    return BiasedVariation{std::move(name), std::move(sentence), leaning, false, answers(change)};
  };
  const auto narrow = [](std::string name, std::string sentence, Leaning leaning, auto change) {
    return BiasedVariation{std::move(name), std::move(sentence), leaning, true, answers(change)};
  };
  return {
      others("sum.cut", "sums are truncated, not rounded", away, directed_sums(Toward::zero)),
      others("sum.up", "sums are rounded up", up, directed_sums(Toward::above)),
      others("sum.down", "sums are rounded down", up, directed_sums(Toward::below)),
      others("sum.out", "sums are rounded away from zero", away, directed_sums(Toward::away)),
      others("products.cut", "products are truncated, not rounded", away,
             directed_products(Toward::zero)),
      others("products.up", "products are rounded up", up, directed_products(Toward::above)),
      others("further.up", "inexact sums are one unit in the last place too large", up,
             one_further(Toward::above)),
      others("further.down", "inexact sums are one unit in the last place too small", up,
             one_further(Toward::below)),
      others("further.out", "inexact sums are one unit in the last place too far from zero", away,
             one_further(Toward::away)),
      others("further.in", "inexact sums are one unit in the last place too close to zero", away,
             one_further(Toward::zero)),
      BiasedVariation{"mode.zero",
                      "the processor is set to round toward zero",
                      {},
                      false,
                      answers_in(FE_TOWARDZERO)},
      BiasedVariation{
          "mode.up", "the processor is set to round up", {}, false, answers_in(FE_UPWARD)},
      BiasedVariation{
          "mode.down", "the processor is set to round down", {}, false, answers_in(FE_DOWNWARD)},
      narrow("narrow.cut", "16-bit results are truncated, not rounded", away,
             rounded_16_bit([](auto value) { return std::trunc(value); })),
      narrow("narrow.up", "16-bit results are rounded up", up,
             rounded_16_bit([](auto value) { return std::ceil(value); })),
      narrow("narrow.down", "16-bit results are rounded down", up,
             rounded_16_bit([](auto value) { return std::floor(value); })),
  };
}

}  // namespace gridproof
