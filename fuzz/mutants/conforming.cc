#include "fuzz/mutants/conforming.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <type_traits>
#include <utility>

#include "fuzz/mutants/meet.h"
#include "reference/semantics/hooked.h"

namespace gridproof {
namespace {

using semantics::Axis;
using semantics::Cell;
using semantics::Documented;
using semantics::Hooked;

template <class Change>
ConformingVariation variation(std::string name, std::string profile, std::string sentence,
                              const Change& change) {
  Hooked rules;
  change(rules);
  return {std::move(name), std::move(profile), std::move(sentence),
          [rules](const Case& test_case) { return semantics::grid_sample_with(test_case, rules); }};
}

// Everything in a wider type, and one rounding at the end.
struct InDouble : Documented {
  template <class Element>
  using Arithmetic = double;
};

using Kernel = std::function<Answer(const Case&)>;

Kernel kernel_of(const Hooked& rules) {
  return [rules](const Case& test_case) { return semantics::grid_sample_with(test_case, rules); };
}
Answer in_double(const Case& test_case) {
  return semantics::grid_sample_with(test_case, InDouble{});
}

// One kernel where traits of the question meet, the reference elsewhere.
template <class Traits>
Kernel where(Traits traits, const Kernel& kernel) {
  return [traits, kernel](const Case& test_case) {
    return traits(test_case) ? kernel(test_case) : grid_sample(test_case);
  };
}

// One kernel for the elements for which `where(at, sizes)`, the reference for the others.
template <class Where>
Kernel at_elements(Where where, const Kernel& kernel) {
  return [where, kernel](const Case& test_case) -> Answer {
    Answer right = grid_sample(test_case);
    const auto* const output = std::get_if<Tensor>(&right);
    if (output == nullptr || output->element_count() == 0) return right;
    return dictionary::mixed(*output, std::get<Tensor>(kernel(test_case)), where);
  };
}

// Columns before rows: the question with x and y exchanged in the input as well as in the grid.
Case columns_first(Case test_case) {
  if (semantics::refusal_of(test_case)) return test_case;
  const int rank = test_case.input.rank();
  std::vector<int> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
  test_case.input = test_case.input.permuted(axes);
  return dictionary::swap_first_components(test_case);
}

// Keeps a copy of the last grid and uses that as long as the grid is equal.
class GridKept final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    if (semantics::refusal_of(test_case) || !dictionary::is_copied(test_case.grid)) {
      return grid_sample(test_case);
    }
    if (!kept_.same_values(test_case.grid)) kept_ = test_case.grid.contiguous();
    return grid_sample({test_case.request, test_case.input, kept_});
  }

 private:
  Tensor kept_;
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

template <class T>
T fused_sum(const semantics::Terms<T>& terms) {
  T total = 0;
  for (const auto& term : terms) total = std::fma(term.weight, term.texel, total);
  return total;
}

template <class T>
T reversed_sum(semantics::Terms<T> terms) {
  std::reverse(terms.list.begin(), terms.list.begin() + terms.count);
  return left_to_right(terms);
}

template <class T>
T pairwise_sum(const semantics::Terms<T>& terms) {
  std::array<T, 8> value{};
  auto count = static_cast<std::size_t>(terms.count);
  for (std::size_t i = 0; i < count; ++i) value[i] = terms.list[i].weight * terms.list[i].texel;
  while (count > 1) {
    for (std::size_t i = 0; i < count / 2; ++i) value[i] = value[2 * i] + value[2 * i + 1];
    if (count % 2 != 0) value[count / 2] = value[count - 1];
    count = (count + 1) / 2;
  }
  return value[0];
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

template <class T>
T reflected_by_remainder(T position, T low, T span) {
  return std::fabs(std::remainder(position - low, 2 * span)) + low;
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

template <class T>
T decomposed_position(T x, const Axis& axis) {
  if (!std::isfinite(x)) return Documented::position(x, axis);
  const auto scale = static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size) / 2;
  return semantics::settle_infinity(x * scale + static_cast<T>(axis.size - 1) / 2, axis);
}

}  // namespace

SubjectEntry ConformingVariation::subject() const {
  const auto open = [answer = answer]() -> std::unique_ptr<Subject> {
    return std::make_unique<FunctionSubject>(answer);
  };
  return {.name = "conforming:" + name,
          .description = sentence,
          .open = remembering ? remembering : open};
}

std::vector<ConformingVariation> conforming_variations() {
  using dictionary::At;
  using dictionary::meet;
  Hooked fused;
  fused.sum = [](const auto& terms) { return fused_sum(terms); };
  Hooked reversed;
  reversed.sum = [](const auto& terms) { return reversed_sum(terms); };
  Hooked pairwise;
  pairwise.sum = [](const auto& terms) { return pairwise_sum(terms); };
  Hooked placed;
  placed.position = [](auto x, const Axis& axis) { return fused_position(x, axis); };
  Hooked decomposed;
  decomposed.position = [](auto x, const Axis& axis) { return decomposed_position(x, axis); };
  const auto in_tail = [](const At& at, const At& sizes) { return at.x >= sizes.x / 8 * 8; };
  return {
      {"fused.position", "P1", "the product and the difference in the position formula are fused",
       kernel_of(placed)},
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
      {"fused.sum", "P1", "every product is added without rounding it", kernel_of(fused)},
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
      {"sum.reversed", "P1", "the sum runs backward", kernel_of(reversed)},
      {"sum.pairwise", "P1", "adjacent products are added first", kernel_of(pairwise)},
      variation("reflect.parity", "P1", "reflects by a remainder and the parity of a quotient",
                reflection([](auto... at) { return reflected_by_parity(at...); })),
      variation("reflect.truncation", "P1", "reflects by a truncated division",
                reflection([](auto... at) { return reflected_by_truncation(at...); })),
      variation("reflect.beyond", "P1",
                "reflects starting from the line that the position lies beyond",
                reflection([](auto... at) { return reflected_from_beyond(at...); })),
      variation("reflect.remainder", "P1", "reflects by the remainder nearest to 0",
                reflection([](auto... at) { return reflected_by_remainder(at...); })),
      {"wider", "P1", "computes in f64 and rounds once", in_double},
      // Right in more than one way, by size, layout or place.
      {"tail.reversed", "P1",
       "sums run backward for the locations after a row's last full group of eight",
       at_elements(in_tail, kernel_of(reversed))},
      {"tail.fused-position", "P1",
       "the position is fused for the locations after a row's last full group of eight",
       at_elements(in_tail, kernel_of(placed))},
      {"channels.fused-blocks", "P1", "products are fused in full blocks of four channels",
       at_elements([](const At& at, const At& sizes) { return at.c < sizes.c / 4 * 4; },
                   kernel_of(fused))},
      {"batch.reversed", "P1", "sums run backward in every other batch item",
       at_elements([](const At& at, const At& /*sizes*/) { return at.n % 2 == 1; },
                   kernel_of(reversed))},
      {"channels-last.pairwise", "P1", "blocks of eight channels-last channels are added in pairs",
       where(meet(dictionary::channels_last, dictionary::channels_in_blocks_of(8)),
             kernel_of(pairwise))},
      {"channels-last.wider", "P1", "with channels last, computes in f64 and rounds once",
       where(meet(dictionary::channels_last), in_double)},
      {"large.wider", "P1", "planes of more than 4,096 pixels are computed in f64 and rounded once",
       where(meet(dictionary::pixels_above(4096)), in_double)},
      {"columns-first", "P1", "interpolates along columns first, then along rows",
       [](const Case& test_case) { return grid_sample(columns_first(test_case)); }},
      variation("zero-weights.skipped", "P1", "taps of weight 0 are not read",
                [](Hooked& rules) {
                  rules.sum = [](const auto& terms) {
                    auto rest = terms;
                    rest.count = 0;
                    for (const auto& term : terms) {
                      if (term.weight != 0) rest.push_back(term);
                    }
                    return left_to_right(rest);
                  };
                }),
      variation("infinity.last-pixel", "P1",
                "under reflection an infinite coordinate reads the last pixel",
                [](Hooked& rules) {
                  rules.position = [](auto x, const Axis& axis) {
                    return std::isinf(x) && axis.options.padding == Padding::reflection
                               ? static_cast<decltype(x)>(axis.size - 1)
                               : Documented::position(x, axis);
                  };
                }),
      {"grid.kept", "P1", "reuses the last grid while the next one is equal", grid_sample,
       [] { return std::make_unique<GridKept>(); }},
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
      {"decomposed", "P3", "the position is x S/2 + (S - 1)/2", kernel_of(decomposed)},
      variation("border.taps-clamped", "P3", "under border the taps are clamped, not the position",
                [](Hooked& rules) {
                  rules.pad = [](auto position, const Axis& axis) {
                    return axis.options.padding == Padding::border
                               ? position
                               : Documented::pad(position, axis);
                  };
                  rules.tap = [](std::int64_t index, const Axis& axis) {
                    return axis.options.padding == Padding::border
                               ? std::clamp<std::int64_t>(index, 0, axis.size - 1)
                               : Documented::tap(index, axis);
                  };
                }),
      {"decomposed.volumes", "P3", "in volumes the position is x S/2 + (S - 1)/2",
       where(meet(dictionary::volumes), kernel_of(decomposed))},
  };
}

}  // namespace gridproof
