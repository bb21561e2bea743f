// Writes what the judge says of f64 answers, right and wrong ones, to thousands of questions of all
// strata: to compare a judge whose wide type is software with one that has the processor's. Where
// both have 64 bits of significand, every verdict and every set must be the same; where long double
// has more, its sets are tighter, and only verdicts are written.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "fuzz/domain/domain.h"
#include "oracle/exact/dyadic.h"
#include "oracle/judge/bias.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

constexpr std::uint64_t questions = 2000;
constexpr std::int64_t max_samples = 256;
constexpr std::int64_t max_texels = 1 << 14;

void write(const Judgment& judgment) {
  std::cout << "verdict";
  for (const std::int64_t count : judgment.counts) std::cout << ' ' << count;
  for (const SampleVerdict& sample : judgment.notable) {
    std::cout << "; " << name(sample.verdict) << ' ' << sample.sample << ' ' << sample.channel
              << ' ' << sample.clause << ' ' << (sample.within ? to_string(*sample.within) : "")
              << ' ' << sample.reason;
  }
  std::cout << '\n';
}

// An answer of which some elements are a few numbers beside those of the reference: some in the
// set, some just outside, and some far away.
Tensor moved(const Tensor& answer, std::mt19937_64& random) {
  std::vector<double> values = answer.values();
  for (double& value : values) {
    if (!std::isfinite(value)) continue;
    const auto draw = random();
    const auto steps = static_cast<int>(draw >> 8U) % 9 - 4;
    switch (draw % 8) {
      case 0:
        value += value * std::ldexp(steps, -48);
        break;
      case 1:
        value += std::ldexp(steps, -52);  // many steps near 0
        break;
      case 2:
      case 3:
        for (int i = 0; i < std::abs(steps); ++i) {
          value = std::nextafter(value, steps < 0 ? -INFINITY : INFINITY);
        }
        break;
      default:
        break;
    }
  }
  return {answer.dtype(), answer.shape(), values};
}

void write_sets(const Case& test_case, const Judge& judge) {
  const std::int64_t samples = sample_count(test_case);
  const std::int64_t step = std::max<std::int64_t>(1, samples / 8);
  for (std::int64_t sample = 0; sample < samples; sample += step) {
    const std::int64_t channel = sample % test_case.input.size(1);
    std::cout << "set " << to_string(judge.admissible(test_case, sample, channel), Dtype::f64)
              << '\n';
  }
}

void write_question(const Case& test_case, std::mt19937_64& random) {
  constexpr bool has_same_bits = std::numeric_limits<long double>::digits == 64;
  const Answer reference = grid_sample(test_case);
  using Kind = Profile::Kind;
  for (const Kind kind : {Kind::ieee, Kind::flush, Kind::formula}) {
    const Judge judge({.kind = kind});
    write(judge.judge(test_case, reference));
    if (const auto* tensor = std::get_if<Tensor>(&reference)) {
      write(judge.judge(test_case, moved(*tensor, random)));
      if (has_same_bits && tensor->element_count() > 0) write_sets(test_case, judge);
    }
  }
  if (!has_same_bits) return;
  for (const auto& element : judging::known_elements(test_case, {})) {
    std::cout << "known " << element.sample << ' ' << exact::Dyadic(element.value) << '\n';
  }
}

void write_all() {
  std::uint64_t written = 0;
  for (std::uint64_t ordinal = 0; written < questions; ++ordinal) {
    Recipe recipe = recipe_of(8, ordinal);
    if (recipe.flaw != Flaw::none || sample_count(recipe) > max_samples ||
        element_count(recipe.input_shape) > max_texels) {
      continue;
    }
    recipe.dtype = Dtype::f64;
    std::mt19937_64 random(ordinal);
    std::cout << "question " << ordinal << '\n';
    write_question(make_case(recipe), random);
    ++written;
  }
}

}  // namespace
}  // namespace gridproof

int main() {
  gridproof::write_all();
  return std::cout.flush() ? 0 : 1;
}
