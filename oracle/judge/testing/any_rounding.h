// A correct implementation at its most contrary, for the tests of the judge: exact numbers, of
// which every single operation is rounded to the arithmetic type, to a wider one, or not at all, as
// a random generator says. The operations may come in any order that judging.md, section 1, allows.
// The judge must never object to it. Not part of the judge; any_rounding_test.cc ties it to the
// witness oracle/exact.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "oracle/exact/dyadic.h"
#include "reference/contract/case.h"
#include "reference/contract/subject.h"

namespace gridproof::judging {

enum class CoordinateFormula : std::uint8_t { standard, decomposed, expanded };

struct RoundingChoices {
  CoordinateFormula formula = CoordinateFormula::standard;
  // How many of 8 operations are rounded, 0 being exact arithmetic. If it is not given, each sample
  // draws its own: many real kernels round everything, or whatever is not fused.
  std::optional<int> rounded;
  // The cubic kernel as it is written in its clause, in powers of the distance.
  bool powers = false;
  // Its last coefficient as what the others leave of 1.
  bool rest = false;
  // Bicubic by Hermite's form: the inner texels and two slopes.
  bool hermite = false;
  // Linear interpolation as a + t (b - a), or one of its like.
  bool lerp = false;
  // The taps of linear modes padded one by one, as those of bicubic, instead of the position.
  bool taps = false;
  // t from a fused last product of the position, beside the floor of the rounded one.
  bool stray = false;
};

class AnyRounding {
 public:
  using Dyadic = exact::Dyadic;

  // `type` is the arithmetic type: f32 or f64 (16-bit tensors are calculated in f32).
  AnyRounding(Dtype type, std::uint64_t seed, RoundingChoices habits = {})
      : format_(format_of(type)),
        is_double_(type == Dtype::f64),
        habits_(habits),
        rounded_(habits.rounded.value_or(4)),
        random_(seed) {}

  [[nodiscard]] bool chance(int eighths) { return static_cast<int>(random_() % 8) < eighths; }
  [[nodiscard]] std::size_t below(std::size_t n) { return random_() % n; }

  // The result of an operation, rounded or not.
  Dyadic operator()(Dyadic exact_result) {
    if (rounded_ == 0) return exact_result;
    if (chance(1)) exact_result = widely(exact_result);
    return chance(rounded_) ? narrowly(exact_result) : exact_result;
  }

  void begin_sample() {
    constexpr std::array<int, 4> kinds = {8, 0, 4, 6};
    rounded_ = habits_.rounded.value_or(kinds[below(kinds.size())]);
  }

  // Position of a finite coordinate: the one that floor sees, and the one from which t is taken.
  struct Position {
    Dyadic seen;
    Dyadic used;
  };
  Position position(double coordinate, std::int64_t size, const Options& options) {
    const Dyadic x = coordinate;
    if (habits_.formula == CoordinateFormula::decomposed) {
      const Dyadic scale = Dyadic(options.align_corners ? size - 1 : size).scaled(-1);
      const Dyadic at = (*this)((*this)(x * scale) + Dyadic(size - 1).scaled(-1));
      return {at, at};
    }
    if (habits_.formula == CoordinateFormula::expanded && !options.align_corners) {
      const Dyadic s = (*this)(Dyadic(size));
      const Dyadic at = (*this)((*this)((*this)(x * s) + s) - 1).scaled(-1);
      return {at, at};
    }
    const Dyadic sum = (*this)(x + 1);
    if (!options.align_corners) {
      const Dyadic scaled = (*this)(sum * (*this)(Dyadic(size)));
      const Dyadic at = (*this)(scaled - 1).scaled(-1);
      return {at, at};
    }
    const Dyadic product = sum.scaled(-1) * (*this)(Dyadic(size - 1));
    if (habits_.stray) {
      const Dyadic seen = narrowly(product);
      if (abs(product - seen) <= Dyadic(0.5)) return {seen, product};
      return {seen, seen};  // a t that far off would be another position, judging.md, section 2
    }
    const Dyadic at = (*this)(product);
    return {at, at};
  }

  // Border or reflection of a position, in one of the usual forms.
  Dyadic padded(const Dyadic& position, std::int64_t size, const Options& options) {
    const Dyadic last = size - 1;
    Dyadic at = position;
    if (options.padding == Padding::reflection) at = reflected(at, size, options);
    return options.padding == Padding::zeros ? at : std::clamp(at, Dyadic(0), last);
  }

  std::array<Dyadic, 2> linear_weights(const Dyadic& t) { return {(*this)(1 - t), t}; }

  std::array<Dyadic, 4> cubic_weights(const Dyadic& t) {
    const Dyadic s = (*this)(1 - t);
    const Dyadic far = chance(4) ? (*this)(s + 1) : (*this)(2 - t);
    std::array<Dyadic, 4> weights = {outer((*this)(t + 1)), inner(t), inner(s), outer(far)};
    if (habits_.rest) {
      weights[3] = (*this)((*this)((*this)(1 - weights[0]) - weights[1]) - weights[2]);
    }
    return weights;
  }

  Dyadic lerp(const Dyadic& a, const Dyadic& b, const Dyadic& t) {
    if (chance(5)) return (*this)(a + (*this)(t * (*this)(b - a)));
    return (*this)((*this)(t * b) - (*this)((*this)(t * a) - a));
  }

  Dyadic hermite(const std::array<Dyadic, 4>& values, const Dyadic& t) {
    const Dyadic s = (*this)(1 - t);
    const Dyadic square = (*this)(t * t);
    const Dyadic rise = (*this)((*this)(3 - t.scaled(1)) * square);
    const Dyadic first = (*this)(Dyadic(0.75) * (*this)(values[2] - values[0]));
    const Dyadic second = (*this)(Dyadic(0.75) * (*this)(values[3] - values[1]));
    return sum({(*this)((*this)(1 - rise) * values[1]), (*this)(rise * values[2]),
                (*this)((*this)(t * (*this)(s * s)) * first),
                -(*this)((*this)(square * s) * second)});
  }

  // A sum in a random order.
  Dyadic sum(std::vector<Dyadic> terms) {
    std::ranges::shuffle(terms, random_);
    while (terms.size() > 1) {
      // Either on from the first term, or of any two partial sums.
      const std::size_t other = 1 + below(terms.size() - 1);
      terms[0] = (*this)(terms[0] + terms[other]);
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(other));
      if (chance(2)) std::swap(terms[0], terms[below(terms.size())]);
    }
    return terms.empty() ? Dyadic(0) : terms[0];
  }

  Dyadic narrowly(const Dyadic& value) const { return exact::round_to(format_, value); }
  Dyadic widely(const Dyadic& value) const {
    if (is_double_) return exact::to_wide(value);
    return exact::round_to(format_of(Dtype::f64), value);
  }

 private:
  Dyadic reflected(const Dyadic& position, std::int64_t size, const Options& options) {
    if (options.align_corners && size == 1) return 0;
    const Dyadic line = options.align_corners ? Dyadic(0) : Dyadic(-0.5);
    const Dyadic span = options.align_corners ? size - 1 : size;
    // Folding is one operation: its steps do not round where its argument is a number of the type.
    // The distance is measured from the low line, or from the one that the position lies beyond.
    const bool from_high = position > line + span && chance(4);
    const Dyadic from = from_high ? line + span : line;
    const Dyadic distance = abs(chance(4) ? position - from : (*this)(position - from));
    const Dyadic rest = distance.remainder(span);
    const bool odd = distance.remainder(span.scaled(1)) >= span;
    const Dyadic image = odd ? span - rest : rest;
    if (from_high) return (*this)(from - (chance(4) ? image : (*this)(image)));
    return chance(4) ? (*this)(image + line) : (*this)((*this)(image) + line);
  }

  Dyadic power(const Dyadic& d, int n) { return n == 1 ? d : (*this)(power(d, n - 1) * d); }
  // factor * d^n, in one of the usual orders.
  Dyadic monomial(double factor, const Dyadic& d, int n) {
    if (chance(4)) return (*this)(Dyadic(factor) * power(d, n));
    Dyadic product = factor;
    for (int k = 0; k < n; ++k) product = (*this)(product * d);
    return product;
  }

  Dyadic inner(const Dyadic& d) {
    if (habits_.powers) {
      return (*this)((*this)(monomial(1.25, d, 3) - monomial(2.25, d, 2)) + 1);
    }
    const Dyadic first = (*this)((*this)(Dyadic(1.25) * d) - Dyadic(2.25));
    return (*this)((*this)((*this)(first * d) * d) + 1);
  }
  Dyadic outer(const Dyadic& d) {
    if (habits_.powers) {
      const Dyadic leading = (*this)(monomial(-0.75, d, 3) + monomial(3.75, d, 2));
      return (*this)((*this)(leading - monomial(6, d, 1)) + 3);
    }
    const Dyadic first = (*this)((*this)(Dyadic(-0.75) * d) + Dyadic(3.75));
    const Dyadic second = (*this)((*this)(first * d) - 6);
    return (*this)((*this)(second * d) + 3);
  }

  Format format_;
  bool is_double_;
  RoundingChoices habits_;
  int rounded_;
  std::mt19937_64 random_;
};

// Answers a case whose coordinates and texels are all finite and whose operator is defined.
inline Tensor any_rounding(const Case& test_case, std::uint64_t seed, RoundingChoices habits = {}) {
  using exact::Dyadic;
  const Options options = resolve(test_case.request).value();
  const Dtype dtype = test_case.input.dtype();
  const Dtype type = is_16_bit(dtype) ? Dtype::f32 : dtype;
  const Tensor& input = test_case.input;
  const std::vector<double> grid = test_case.grid.values();
  const auto axes = static_cast<std::size_t>(input.rank() - 2);
  const std::int64_t channels = input.size(1);

  Shape shape = {input.size(0), channels};
  for (std::size_t axis = 1; axis <= axes; ++axis) shape.push_back(test_case.grid.shape()[axis]);
  const std::int64_t plane = element_count({shape.begin() + 2, shape.end()});
  std::vector<double> output(static_cast<std::size_t>(element_count(shape)));

  struct Tap {
    std::int64_t index = -1;  // -1: outside
    Dyadic weight;
  };
  AnyRounding round(type, seed, habits);
  for (std::int64_t sample = 0; sample < shape[0] * plane; ++sample) {
    round.begin_sample();
    std::array<std::vector<Tap>, 3> taps;  // x first
    std::array<Dyadic, 3> fractions;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const std::int64_t size = input.shape()[axes + 1 - axis];
      double x = grid[static_cast<std::size_t>(sample) * axes + axis];
      if (std::isnan(x)) x = -1;
      const bool by_taps =
          options.mode == Mode::bicubic || (options.mode == Mode::bilinear && habits.taps);
      AnyRounding index_of(Dtype::f64, 0, {.rounded = 0});
      const auto tap = [&](Dyadic index, const Dyadic& weight) {
        if (by_taps) index = index_of.padded(index, size, options);
        const bool inside = index.sign() >= 0 && index < Dyadic(size);
        taps[axis].push_back({inside ? *index.to_int64() : -1, weight});
      };
      AnyRounding::Position at = round.position(x, size, options);
      if (!by_taps && options.padding != Padding::zeros) {
        at.seen = at.used = round.padded(at.seen, size, options);
      }
      if (options.mode == Mode::nearest) {
        tap(at.seen.nearest_integer(), 1);
        continue;
      }
      const Dyadic cell = at.seen.floor();
      const Dyadic t = round(at.used - cell);
      fractions[axis] = t;
      if (options.mode == Mode::bilinear) {
        const auto weights = round.linear_weights(t);
        for (int k = 0; k < 2; ++k) tap(cell + k, weights[static_cast<std::size_t>(k)]);
      } else {
        const auto weights = round.cubic_weights(t);
        for (int k = 0; k < 4; ++k) tap(cell + (k - 1), weights[static_cast<std::size_t>(k)]);
      }
    }

    const std::int64_t batch = sample / plane;
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const auto texel = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
        const Shape& strides = input.strides();
        return input.storage_value(input.offset() + batch * strides[0] + channel * strides[1] +
                                   (axes == 3 ? z * strides[2] : 0) + y * strides[axes] +
                                   x * strides[axes + 1]);
      };
      // The sum over the axes from `axis` down to x, row by row or all taps in one.
      const bool staged = round.chance(4);
      std::vector<Dyadic> terms;
      double copy = 0;
      const std::vector<Tap> one = {{0, 1}};
      std::vector<Dyadic> planes;
      for (const Tap& z : axes == 3 ? taps[2] : one) {
        std::vector<Dyadic> rows;
        for (const Tap& y : taps[1]) {
          std::vector<Dyadic> row;
          for (const Tap& x : taps[0]) {
            if (x.index < 0 || y.index < 0 || z.index < 0) continue;
            const double value = texel(z.index, y.index, x.index);
            if (options.mode == Mode::nearest) {
              copy = value;
            } else if (staged) {
              row.push_back(round(x.weight * Dyadic(value)));
            } else {
              std::array<Dyadic, 3> w = {x.weight, y.weight, axes == 3 ? z.weight : Dyadic(1)};
              std::swap(w[0], w[round.below(axes)]);
              const Dyadic weight = round(round(w[0] * w[1]) * w[2]);
              terms.push_back(round(weight * Dyadic(value)));
            }
          }
          if (staged) rows.push_back(round(y.weight * round.sum(std::move(row))));
        }
        if (staged) planes.push_back(round(z.weight * round.sum(std::move(rows))));
      }
      double result = copy;
      if (options.mode != Mode::nearest) {
        Dyadic total = round.sum(staged ? std::move(planes) : std::move(terms));
        if (habits.lerp && options.mode == Mode::bilinear) {
          std::vector<Dyadic> values;
          for (const Tap& z : axes == 3 ? taps[2] : one) {
            for (const Tap& y : taps[1]) {
              for (const Tap& x : taps[0]) {
                const bool inside = x.index >= 0 && y.index >= 0 && z.index >= 0;
                values.emplace_back(inside ? texel(z.index, y.index, x.index) : 0);
              }
            }
          }
          for (std::size_t axis = 0; axis < axes; ++axis) {
            for (std::size_t i = 0; i < values.size() / 2; ++i) {
              values[i] = round.lerp(values[2 * i], values[2 * i + 1], fractions[axis]);
            }
            values.resize(values.size() / 2);
          }
          total = values.front();
        }
        if (habits.hermite && options.mode == Mode::bicubic) {
          std::array<Dyadic, 4> column;
          for (std::size_t i = 0; i < 4; ++i) {
            std::array<Dyadic, 4> row;
            for (std::size_t j = 0; j < 4; ++j) {
              const std::int64_t y_index = taps[1][i].index;
              const std::int64_t x_index = taps[0][j].index;
              row[j] = y_index < 0 || x_index < 0 ? 0 : texel(0, y_index, x_index);
            }
            column[i] = round.hermite(row, fractions[0]);
          }
          total = round.hermite(column, fractions[1]);
        }
        result = exact::round_to(format_of(dtype), is_16_bit(dtype) ? round(total) : total);
      }
      output[static_cast<std::size_t>((batch * channels + channel) * plane + sample % plane)] =
          result;
    }
  }
  return {dtype, shape, output};
}

}  // namespace gridproof::judging
