#include "optimized/backward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/gradients/questions.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

bool same(const std::optional<Tensor>& one, const std::optional<Tensor>& other) {
  return one && other ? one->same_values(*other) : one.has_value() == other.has_value();
}

// Says what differs from the reference, if something does.
std::string difference(const BackwardCase& test_case, Target target, int threads) {
  const BackwardAnswer expected = grid_sample_backward(test_case);
  const BackwardAnswer got = optimized::backward_answer(test_case, target, threads);
  if (const auto* refusal = std::get_if<Refusal>(&expected)) {
    const auto* its = std::get_if<Refusal>(&got);
    return its != nullptr && its->clause == refusal->clause ? "" : "not refused " + refusal->clause;
  }
  if (!std::holds_alternative<Gradients>(got)) return "refused";
  const auto& one = std::get<Gradients>(expected);
  const auto& other = std::get<Gradients>(got);
  if (!same(one.input, other.input)) return "grad_input";
  return same(one.grid, other.grid) ? "" : "grad_grid";
}

std::int64_t gradient_count(const BackwardCase& test_case) {
  const auto& [forward, grads, mask] = test_case;
  return (mask.input ? element_count(forward.input.shape()) : 0) +
         (mask.grid ? element_count(forward.grid.shape()) : 0);
}

std::vector<Target> possible_targets() {
  std::vector<Target> targets;
  for (const auto& [target, name] : names<Target>) {
    if (is_possible(target)) targets.push_back(target);
  }
  return targets;
}

TEST(FastBackward, HasTheBitsOfTheReferenceInEveryCaseOfTheClauses) {
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& one : clause.cases) {
      if (!one.line.starts_with("grid_sample_backward ")) continue;
      for (const Target target : possible_targets()) {
        EXPECT_EQ(difference(parse_backward_case(one.line), target, 1), "")
            << name(target) << ": " << one.line;
      }
    }
  }
}

TEST(FastBackward, HasTheBitsOfTheReferenceInTheCampaign) {
  const char* const given = std::getenv("GRIDPROOF_GRADIENT_SEEDS");
  const std::uint64_t count = given == nullptr ? 1200 : std::strtoull(given, nullptr, 10);
  std::int64_t gradients = 0;
  for (std::uint64_t ordinal = 0; ordinal < count; ++ordinal) {
    const BackwardCase test_case = gradient_question(7, ordinal);
    gradients += gradient_count(test_case);
    for (const Target target : possible_targets()) {
      for (const int threads : {1, 3}) {
        ASSERT_EQ(difference(test_case, target, threads), "")
            << name(target) << ", " << threads << " threads, ordinal " << ordinal << "\n"
            << to_line(test_case).substr(0, 2000);
      }
    }
  }
  if (given != nullptr)
    std::printf("%lld gradients of every target\n", static_cast<long long>(gradients));
}

// ---- Planes that do not stay in a cache ----

// Where samples follow each other, or anywhere; some of them outside.
Tensor grid_of(Dtype dtype, std::int64_t rows, std::int64_t columns, bool scattered) {
  std::vector<double> coordinates;
  std::uint32_t state = 1;
  const auto noise = [&] {
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8U) * 0x1p-23 - 1;
  };
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      const double across = 2.2 * static_cast<double>(x) / static_cast<double>(columns) - 1.1;
      const double down = 2.2 * static_cast<double>(y) / static_cast<double>(rows) - 1.1;
      coordinates.push_back(scattered ? 1.1 * noise() : across + 0.02 * noise());
      coordinates.push_back(scattered ? 1.1 * noise() : down + 0.02 * noise());
    }
  }
  return {dtype, {1, rows, columns, 2}, coordinates};
}

Tensor noise_of(Dtype dtype, const Shape& shape) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < element_count(shape); ++i) {
    values.push_back(
        static_cast<double>(static_cast<std::uint32_t>(i) * 2654435761U >> 20U) * 0x1p-11 - 1);
  }
  return {dtype, shape, values};
}

TEST(FastBackward, HasTheBitsOfTheReferenceInLargePlanes) {
  for (const Mode mode : {Mode::bilinear, Mode::nearest, Mode::bicubic}) {
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::bf16}) {
      for (const std::int64_t channels : {1, 3, 10}) {
        for (const bool scattered : {false, true}) {
          const Options options{.mode = mode,
                                .padding = scattered ? Padding::reflection : Padding::zeros};
          const BackwardCase test_case{
              {request_for(options), noise_of(dtype, {1, channels, 210, 150}),
               grid_of(dtype, 190, 130, scattered)},
              noise_of(dtype, {1, channels, 190, 130}),
              {}};
          for (const Target target : possible_targets()) {
            for (const int threads : {1, 2, 5}) {
              EXPECT_EQ(difference(test_case, target, threads), "")
                  << name(target) << ", " << name(mode) << ", " << name(dtype) << ", " << channels
                  << " channels, " << threads << " threads, scattered: " << scattered;
            }
          }
        }
      }
    }
  }
}

// ---- Many planes, volumes, magnified planes ----

// Along the last axis first; some locations outside.
Tensor any_grid(Dtype dtype, const Shape& locations, bool scattered) {
  std::vector<double> coordinates;
  std::uint32_t state = 1;
  const auto noise = [&] {
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8U) * 0x1p-23 - 1;
  };
  for (std::int64_t i = 0; i < element_count(locations); ++i) {
    std::int64_t rest = i;
    for (std::size_t axis = locations.size() - 1; axis > 0; --axis) {
      const auto along = static_cast<double>(rest % locations[axis]);
      const double even = 2.2 * along / static_cast<double>(locations[axis]) - 1.1;
      coordinates.push_back(scattered ? 1.1 * noise() : even + 0.02 * noise());
      rest /= locations[axis];
    }
  }
  Shape shape = locations;
  shape.push_back(static_cast<std::int64_t>(locations.size()) - 1);
  return {dtype, shape, coordinates};
}

TEST(FastBackward, HasTheBitsOfTheReferenceInAnyShape) {
  struct Sizes {
    Shape input;
    Shape locations;  // with the batch
  };
  for (const auto& [input, locations] :
       std::vector<Sizes>{{{50, 1, 9, 11}, {50, 13, 17}},         // many small planes
                          {{50, 3, 9, 11}, {50, 13, 17}},         //
                          {{9, 7, 1, 40}, {9, 13, 31}},           // of one row
                          {{40, 1, 60, 50}, {40, 5, 7}},          // few samples of each
                          {{3, 1, 10, 12}, {3, 90, 200}},         // magnified
                          {{1, 2, 10, 12}, {1, 90, 200}},         //
                          {{2, 1, 200, 190}, {2, 170, 180}},      // sums in their place
                          {{1, 1, 760, 700}, {1, 100, 110}},      // beyond the caches
                          {{1, 1, 17, 18, 19}, {1, 14, 15, 16}},  // volumes
                          {{12, 3, 7, 8, 9}, {12, 9, 8, 7}},      //
                          {{1, 3, 40, 70, 70}, {1, 20, 25, 30}}}) {
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16}) {
      for (const bool scattered : {false, true}) {
        for (const Padding padding : {Padding::zeros, Padding::border, Padding::reflection}) {
          Shape grads = input;
          std::copy(locations.begin() + 1, locations.end(), grads.begin() + 2);
          const BackwardCase test_case{
              {request_for({.mode = Mode::bilinear, .padding = padding}), noise_of(dtype, input),
               any_grid(dtype, locations, scattered)},
              noise_of(dtype, grads),
              {}};
          for (const Target target : possible_targets()) {
            for (const int threads : {1, 2, 5}) {
              EXPECT_EQ(difference(test_case, target, threads), "")
                  << name(target) << ", " << name(padding) << ", " << name(dtype) << ", "
                  << to_string(input) << ", " << threads << " threads, scattered: " << scattered;
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
