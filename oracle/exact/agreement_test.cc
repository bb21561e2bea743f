// The two witnesses agree on gradients: reference and exact share the question, and nothing else.
// GRIDPROOF_GRADIENTS=1e8 asks for that many gradients in place of a million, and
// GRIDPROOF_GRADIENTS_SEED for others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/domain/random.h"
#include "oracle/exact/gradients.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double asked_for(const char* variable, double otherwise) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::strtod(text, nullptr) : otherwise;
}

// ---- Questions ----

// What decides how the answers are compared.
enum class Kind : std::uint8_t {
  few_bits,    // so few that the reference rounds nothing
  no_numbers,  // the same, with texels and gradients among them that are NaN or infinite
  any_bits
};

class Draw {
 public:
  Draw(std::uint64_t seed, Kind kind) : random_(seed), kind_(kind) {}

  BackwardCase test_case() {
    options_ = {random_.of<Mode, 3>({Mode::bilinear, Mode::nearest, Mode::bicubic}),
                random_.of<Padding, 3>({Padding::zeros, Padding::border, Padding::reflection}),
                random_.one_in(2)};
    dtype_ = random_.of<Dtype, 4>({Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64});
    const auto axes = options_.mode == Mode::bicubic ? 2U : random_.from(2, 3);
    Shape input = {random_.from(1, 2), random_.from(1, 3)};
    Shape output = input;
    Shape grid = {input[0]};
    for (std::int64_t axis = 0; axis < axes; ++axis) {
      input.push_back(random_.from(1, 8));
      output.push_back(random_.from(1, 4));
      grid.push_back(output.back());
    }
    if (kind_ == Kind::any_bits && random_.one_in(4)) input.back() = random_.from(1, 300);
    grid.push_back(axes);
    const auto size_of = [&](std::size_t i) {
      return input[input.size() - 1 - i % static_cast<std::size_t>(axes)];
    };
    return {
        .forward = {.request = request_for(options_),
                    .input = filled(input, [&](std::size_t) { return texel(); }),
                    .grid = filled(grid, [&](std::size_t i) { return coordinate(size_of(i)); })},
        .grad_output = filled(output, [&](std::size_t) { return gradient(); }),
        .output_mask = {}};
  }

 private:
  template <class Value>
  Tensor filled(const Shape& shape, Value&& value) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(i);
    return {dtype_, shape, values};
  }

  double short_number(std::int64_t limit) {
    if (kind_ == Kind::no_numbers && random_.one_in(12)) {
      return random_.of<double, 3>({infinity, -infinity, nan});
    }
    return static_cast<double>(random_.from(-limit, limit));
  }
  double texel() { return kind_ == Kind::any_bits ? random_.between(-1, 1) : short_number(3); }
  double gradient() { return kind_ == Kind::any_bits ? random_.between(-1, 1) : short_number(2); }

  // In few bits the fractions of positions are multiples of 1/16, or of 1/4 where a product of
  // cubic weights has to fit into f32.
  double coordinate(std::int64_t size) {
    if (random_.one_in(40)) return random_.of<double, 3>({nan, infinity, -infinity});
    // Far away; what reflection makes of these is left to it. A position that overflows is another
    // place where factors are no numbers: [grad.infinity].
    if (kind_ != Kind::any_bits && options_.padding != Padding::reflection && random_.one_in(40)) {
      const int most = format_of(dtype_).max_exponent;
      const int last = kind_ == Kind::no_numbers && dtype_ != Dtype::f16 ? most - 4 : most;
      return random_.sign() * std::ldexp(1, static_cast<int>(random_.from(9, last)));
    }
    const int bits = options_.mode == Mode::bicubic && dtype_ != Dtype::f64 ? 1 : 3;
    const double reach = random_.one_in(8) ? 256 : 2;
    const auto last = static_cast<std::int64_t>(std::ldexp(reach, bits));
    const double simple = std::ldexp(static_cast<double>(random_.from(-last, last)), -bits);
    if (kind_ != Kind::any_bits) return simple;
    switch (random_.below(4)) {
      case 0:
        return simple;
      case 1:  // A multiple of half a pixel, as near as the dtype has it, or next to that.
        if (options_.mode == Mode::nearest) return simple;  // a tie that rounding decides
        return nudged(
            static_cast<double>(random_.from(-2, 4 * size + 2)) / static_cast<double>(size) - 1);
      default:
        return random_.between(-reach, reach);
    }
  }
  double nudged(double x) {
    x = round_to(format_of(dtype_), x);
    const double ulp =
        x == 0 ? 0x1p-20 : std::ldexp(1, std::ilogb(x) + 1 - format_of(dtype_).precision);
    return x + ulp * static_cast<double>(random_.from(-1, 1));
  }

  Random random_;
  Kind kind_;
  Options options_;
  Dtype dtype_ = Dtype::f32;
};

// ---- Comparing ----

constexpr Format wide = format_of(Dtype::f64);

// The type in which the reference computes.
Format arithmetic_of(Dtype dtype) {
  return format_of(dtype == Dtype::f64 ? Dtype::f64 : Dtype::f32);
}
double unit_roundoff(Dtype dtype) { return std::ldexp(1, -arithmetic_of(dtype).precision); }

// How far the reference's position, and its distance from the cell, can be from the exact ones:
// sum, product, difference and that distance round.
double fraction_error(double x, const Axis& axis, Dtype dtype) {
  if (!std::isfinite(x)) return 0;
  return unit_roundoff(dtype) * (4 * std::fabs(round_to(wide, axis.position(x))) + 4);
}

// The same for the position alone. Where no step rounds it is exact.
double position_error(double x, const Axis& axis, Dtype dtype) {
  if (!std::isfinite(x)) return 0;
  const auto fits = [&](const Dyadic& value) {
    return Dyadic(round_to(arithmetic_of(dtype), value)) == value;
  };
  const Dyadic sum = Dyadic(x) + 1;
  const bool exact = fits(sum) && fits(sum * axis.scale()) && fits(axis.position(x));
  return exact ? 0 : fraction_error(x, axis, dtype);
}

// What is allowed: the exact answers, and how far the reference's may be from one of them.
struct Allowed {
  std::vector<double> exact;
  double distance = 0;
  bool nan = false;  // [grad.nonfinite] where exact leaves out 0 times infinity

  // The share of the distance that is used; more than 1 is too much.
  [[nodiscard]] double used_by(double value) const {
    if (nan && std::isnan(value)) return 0;
    double least = infinity;
    for (const double one : exact) {
      const double error = std::fabs(value - one);
      if (value == one || (std::isnan(value) && std::isnan(one))) return 0;
      if (!std::isnan(error)) least = std::min(least, error / distance);
    }
    return least;
  }
};

class Comparison {
 public:
  Comparison(const BackwardCase& test_case, Kind kind)
      : case_(test_case),
        kind_(kind),
        options_(resolve(test_case.forward.request).value_or(Options{})),
        dtype_(test_case.forward.input.dtype()),
        exact_(test_case),
        input_(test_case.forward.input),
        coordinates_(test_case.forward.grid.values()),
        gradients_(test_case.grad_output.values()) {}

  void run() {
    const auto answer = std::get<Gradients>(grid_sample_backward(case_));
    compare_grid(answer.grid->values());
    compare_input(answer.input->values());
  }

  double compared = 0;
  double undecided = 0;
  double used = 0;
  std::string failure;

 private:
  [[nodiscard]] std::size_t components() const {
    return static_cast<std::size_t>(exact_.components());
  }
  [[nodiscard]] Axis axis(std::size_t component) const {
    return {input_.shape()[input_.shape().size() - 1 - component], options_};
  }
  [[nodiscard]] double coordinate(std::int64_t sample, std::size_t component) const {
    return coordinates_[static_cast<std::size_t>(sample) * components() + component];
  }
  // As an element of the gradient, or as it was before it became one.
  [[nodiscard]] double value_of(const Element& element) const {
    return round_to(kind_ == Kind::any_bits ? wide : format_of(dtype_), element);
  }
  // How much one rounding to the dtype moves a value.
  [[nodiscard]] double rounding_of(double value) const {
    const Format format = format_of(dtype_);
    return std::ldexp(std::fabs(value), -format.precision) +
           std::ldexp(1, format.min_subnormal_exponent());
  }
  // Of all axes of a sample, added up.
  [[nodiscard]] double fraction_errors(std::int64_t sample) const {
    double sum = 0;
    for (std::size_t component = 0; component < components(); ++component) {
      sum += fraction_error(coordinate(sample, component), axis(component), dtype_);
    }
    return sum;
  }
  [[nodiscard]] double sum_of_gradients(std::int64_t sample) const {
    double sum = 0;
    for (std::int64_t channel = 0; channel < input_.size(1); ++channel) {
      sum += std::fabs(gradients_[static_cast<std::size_t>(
          element_place(case_.grad_output.shape(), sample, channel))]);
    }
    return sum;
  }

  // Whether the reference's position may lie on the other side of a kink, or on it.
  [[nodiscard]] bool may_cross(double x, const Axis& axis) const {
    if (kind_ != Kind::any_bits || !std::isfinite(x)) return false;
    const Dyadic padded = axis.padded(axis.position(x));
    const Dyadic error = position_error(x, axis, dtype_);
    return !error.is_zero() && abs(padded - padded.nearest_integer()) <= error;
  }
  // The coordinates at which the derivative may be taken.
  [[nodiscard]] std::vector<double> candidates(double x, const Axis& axis) const {
    if (options_.mode != Mode::bilinear || axis.scale().is_zero() || !may_cross(x, axis))
      return {x};
    const double step = 2 * position_error(x, axis, dtype_) / round_to(wide, axis.scale());
    return {x, x - step, x + step};
  }
  // Whether the reference's position may be where the padding takes the movement away.
  [[nodiscard]] bool may_stop(double x, const Axis& axis) const {
    if (options_.padding == Padding::zeros || !may_cross(x, axis)) return false;
    const Dyadic whole = axis.padded(axis.position(x)).nearest_integer();
    return axis.padded(whole - 1) != whole - 1 || axis.padded(whole + 1) != whole + 1;
  }

  // The exact gradients of one sample at other coordinates.
  [[nodiscard]] std::vector<double> exact_at(std::int64_t sample,
                                             const std::vector<double>& coordinates) const {
    BackwardCase moved = case_;
    moved.forward.input = Tensor(Dtype::f64, input_.shape(), input_.values());
    moved.grad_output = Tensor(Dtype::f64, case_.grad_output.shape(), gradients_);
    std::vector<double> grid = coordinates_;
    std::ranges::copy(coordinates, grid.begin() + sample * std::ssize(coordinates));
    moved.forward.grid = Tensor(Dtype::f64, case_.forward.grid.shape(), grid);
    const BackwardEvaluator evaluator(moved);
    std::vector<double> gradients;
    for (int component = 0; component < evaluator.components(); ++component) {
      gradients.push_back(value_of(evaluator.grid(sample, component)));
    }
    return gradients;
  }

  // All that one sample may be at, as far as its gradient depends on it.
  [[nodiscard]] std::vector<std::vector<double>> points_of(std::int64_t sample) const {
    std::vector<std::vector<double>> points = {{}};
    for (std::size_t component = 0; component < components(); ++component) {
      std::vector<std::vector<double>> longer;
      for (const auto& point : points) {
        for (const double x : candidates(coordinate(sample, component), axis(component))) {
          longer.push_back(point);
          longer.back().push_back(x);
        }
      }
      points = std::move(longer);
    }
    return points;
  }

  // What is allowed for each component of one sample's gradient.
  [[nodiscard]] std::vector<Allowed> allowed_for(std::int64_t sample) const {
    std::vector<Allowed> allowed(components());
    for (std::size_t i = 0; i < components(); ++i) {
      allowed[i].exact.push_back(value_of(exact_.grid(sample, static_cast<int>(i))));
      allowed[i].nan = !std::isfinite(sum_of_gradients(sample)) || !image_is_finite(sample);
    }
    if (kind_ != Kind::any_bits) return allowed;
    if (const auto points = points_of(sample); points.size() > 1) {
      for (const auto& point : points) {
        const auto gradients = exact_at(sample, point);
        for (std::size_t i = 0; i < components(); ++i) allowed[i].exact.push_back(gradients[i]);
      }
    }
    const double relative = relative_error_of(sample);
    for (std::size_t i = 0; i < components(); ++i) {
      if (may_stop(coordinate(sample, i), axis(i))) allowed[i].exact.push_back(0);
      const double terms = round_to(wide, axis(i).scale()) * taps() * sum_of_gradients(sample);
      allowed[i].distance = terms * relative;
      double most = 0;
      for (const double value : allowed[i].exact) most = std::max(most, std::fabs(value));
      allowed[i].distance += rounding_of(most + allowed[i].distance);
    }
    return allowed;
  }

  [[nodiscard]] double taps() const {
    return options_.mode == Mode::bicubic ? 16 : std::ldexp(1, exact_.components());
  }
  // Of the terms of a gradient of the grid: each is a product with a few roundings, their sum has
  // one for each, and each weight is that of a position that is a little elsewhere.
  [[nodiscard]] double relative_error_of(std::int64_t sample) const {
    const bool cubic = options_.mode == Mode::bicubic;
    const double roundings = taps() * static_cast<double>(input_.size(1)) + (cubic ? 40 : 8);
    return roundings * unit_roundoff(dtype_) + (cubic ? 5 : 1) * fraction_errors(sample);
  }

  [[nodiscard]] bool image_is_finite(std::int64_t sample) const {
    const std::int64_t n = sample / (exact_.samples() / input_.size(0));
    return std::ranges::all_of(input_.slice(0, n, n + 1).values(),
                               [](double texel) { return std::isfinite(texel); });
  }

  void compare_grid(const std::vector<double>& given) {
    std::size_t place = 0;
    for (std::int64_t sample = 0; sample < exact_.samples(); ++sample) {
      for (const Allowed& allowed : allowed_for(sample)) {
        compare(given[place], allowed, "grad_grid", place);
        ++place;
      }
    }
  }

  [[nodiscard]] bool may_read_another_pixel(std::int64_t sample) const {
    for (std::size_t component = 0; component < components(); ++component) {
      const double x = coordinate(sample, component);
      if (!std::isfinite(x)) continue;
      const Dyadic padded = axis(component).padded(axis(component).position(x));
      const Dyadic error = position_error(x, axis(component), dtype_);
      if (!error.is_zero() && abs(padded - padded.floor() - 0.5) <= error) return true;
    }
    return false;
  }

  void compare_input(const std::vector<double>& given) {
    const std::int64_t samples = exact_.samples() / input_.size(0);
    std::size_t place = 0;
    for (std::int64_t n = 0; n < input_.size(0); ++n) {
      const std::int64_t first = n * samples;
      const bool is_decided = this->is_decided(first, first + samples);
      const double error = kind_ == Kind::any_bits ? error_of_input(first, first + samples) : 0;
      for (std::int64_t channel = 0; channel < input_.size(1); ++channel) {
        const bool nan = !gradients_are_finite(n, channel);
        for (const Element& element : exact_.plane(n, channel)) {
          const double value = value_of(element);
          const double rounding = error == 0 ? 0 : rounding_of(std::fabs(value) + error);
          if (is_decided) {
            const Allowed allowed = {.exact = {value}, .distance = error + rounding, .nan = nan};
            compare(given[place], allowed, "grad_input", place);
          } else {
            ++undecided;
          }
          ++place;
        }
      }
    }
  }

  [[nodiscard]] bool gradients_are_finite(std::int64_t n, std::int64_t channel) const {
    const Tensor plane = case_.grad_output.slice(0, n, n + 1).slice(1, channel, channel + 1);
    return std::ranges::all_of(plane.values(), [](double g) { return std::isfinite(g); });
  }
  // Whether it is known which pixels these samples read.
  [[nodiscard]] bool is_decided(std::int64_t first, std::int64_t last) const {
    if (kind_ != Kind::any_bits || options_.mode != Mode::nearest) return true;
    for (std::int64_t sample = first; sample < last; ++sample) {
      if (may_read_another_pixel(sample)) return false;
    }
    return true;
  }
  // How far a texel's gradient may be from the exact one, where no number of grad_output exceeds 1.
  [[nodiscard]] double error_of_input(std::int64_t first, std::int64_t last) const {
    const auto samples = static_cast<double>(last - first);
    double error = samples * 2 * (samples + 20) * unit_roundoff(dtype_);
    if (options_.mode == Mode::nearest) return error;
    for (std::int64_t sample = first; sample < last; ++sample) {
      error += 2 * fraction_errors(sample);
    }
    return error;
  }

  void compare(double given, const Allowed& allowed, const std::string& name, std::size_t place) {
    ++compared;
    const double share = allowed.used_by(given);
    if (share <= 1) {
      used = std::max(used, share);
      return;
    }
    if (!failure.empty()) return;
    failure = name + "[" + std::to_string(place) + "] is " + to_text(given, dtype_) + ", not";
    for (const double value : allowed.exact) failure += " " + to_text(value, Dtype::f64);
    failure += ": " + to_line(case_);
  }

  const BackwardCase& case_;
  Kind kind_;
  Options options_;
  Dtype dtype_;
  BackwardEvaluator exact_;
  Tensor input_;
  std::vector<double> coordinates_, gradients_;
};

// Compares cases of one kind until there were `wanted` gradients.
void agree(Kind kind, double wanted) {
  constexpr std::int64_t parts = 64;
  const auto seed = static_cast<std::uint64_t>(asked_for("GRIDPROOF_GRADIENTS_SEED", 1));
  std::mutex mutex;
  double compared = 0;
  double undecided = 0;
  double used = 0;
  int failures = 0;
  for_each_part(parts, 2, [&](std::int64_t part) {
    const std::uint64_t of_kind = mix(seed, static_cast<std::uint64_t>(kind));
    const std::uint64_t of_part = mix(of_kind, static_cast<std::uint64_t>(part));
    double mine = 0;
    for (std::uint64_t number = 0; mine < wanted / parts; ++number) {
      const BackwardCase test_case = Draw(mix(of_part, number), kind).test_case();
      Comparison comparison(test_case, kind);
      comparison.run();
      mine += comparison.compared + comparison.undecided;
      const std::scoped_lock lock(mutex);
      compared += comparison.compared;
      undecided += comparison.undecided;
      used = std::max(used, comparison.used);
      if (!comparison.failure.empty() && ++failures <= 5) ADD_FAILURE() << comparison.failure;
    }
  });
  EXPECT_EQ(failures, 0);
  EXPECT_LT(undecided, 0.01 * compared);
  std::printf("%.0f gradients, %.0f undecided, %.2g of the bound\n", compared, undecided, used);
}

const double gradients = asked_for("GRIDPROOF_GRADIENTS", 1e6);

TEST(GradientsAgree, ToTheBitInFewBits) { agree(Kind::few_bits, gradients / 2); }
TEST(GradientsAgree, WhereFactorsAreNoNumbers) { agree(Kind::no_numbers, gradients / 10); }
TEST(GradientsAgree, WithinTheBoundInAnyBits) { agree(Kind::any_bits, gradients * 0.4); }

}  // namespace
}  // namespace gridproof::exact
