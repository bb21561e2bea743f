#include "reports/diagnosis/reduction.h"

#include <gtest/gtest.h>

#include <random>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/affine_grid.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

Tensor noise(const Shape& shape, unsigned seed, double low = 0) {
  std::mt19937 random(seed);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values)
    value = low + static_cast<double>(random() % 1000) / 1000 * (1 - low);
  return {Dtype::f32, shape, values};
}

const Case large{{.mode = "bilinear", .padding_mode = "zeros", .align_corners = false},
                 noise({2, 3, 11, 17}, 1),
                 noise({2, 9, 13, 2}, 2, -1)};

std::optional<Reduced> reduced_of(const Symptom& symptom, const Answerer& answerer) {
  return reduced(symptom, diagnose(symptom), answerer);
}

// What a mutant gives is reduced to one sample that still tells it from all other mutants.
TEST(Reduction, KeepsTheMutant) {
  for (const char* name :
       {"align.flipped", "nearest.half-away", "reflect.wrong-edge", "batch.dropped"}) {
    const Mutant& mutant = *find_mutant(name);
    Case test_case = large;
    if (mutant.chapter == "nearest") test_case.request.mode = "nearest";
    if (mutant.chapter == "padding") test_case.request.padding_mode = "reflection";
    std::vector<double> grid = test_case.grid.values();
    for (std::size_t i = 0; i < grid.size(); ++i) grid[i] = i % 3 == 0 ? 3 * grid[i] : grid[i];
    grid[0] = -16.0 / 17;  // the position 0, a pixel further on a tie
    grid[2] = -15.0 / 17;
    test_case.grid = Tensor(Dtype::f32, test_case.grid.shape(), grid);
    const auto observed = std::get<Tensor>(mutant.answer(test_case));
    const Diagnosis before = diagnose({.test_case = test_case, .observed = observed});
    if (before.fault != Fault::implementation) continue;  // this question does not show it
    const auto small = reduced_of({.test_case = test_case, .observed = observed}, nullptr);
    ASSERT_TRUE(small.has_value()) << name;
    EXPECT_EQ(small->signature.cause, before.mutants.front());
    EXPECT_LT(small->symptom.test_case.input.element_count(), test_case.input.element_count() / 4)
        << name;
    const Diagnosis after = diagnose(small->symptom);
    EXPECT_EQ(after.mutants.front(), before.mutants.front());
    EXPECT_LE(after.mutants.size(), before.mutants.size());
  }
}

TEST(Reduction, KeepsTheMistakeOfTheUser) {
  Case meant = large;
  meant.request.align_corners = true;
  const Symptom symptom{.test_case = large, .expected = std::get<Tensor>(grid_sample(meant))};
  const auto small = reduced_of(symptom, nullptr);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->signature.cause, "align_corners");
  EXPECT_LE(small->symptom.test_case.input.element_count(), 32);
  EXPECT_LE(small->symptom.test_case.grid.element_count(), 10);
  // Still nothing else explains it.
  for (const Tie& tie : diagnose(small->symptom).ties) EXPECT_EQ(tie.datum, "") << tie.name;
  EXPECT_TRUE(small->right.same_values(*small->symptom.expected));
}

// A grid cut to a few locations is that of another theta; so a small image gets the same one.
TEST(Reduction, KeepsTheMistakeInATheta) {
  const Tensor theta(Dtype::f32, {1, 2, 3}, std::vector<double>{0.6, -0.8, 0.2, 0.8, 0.6, -0.1});
  const Tensor right(Dtype::f32, {1, 2, 3}, std::vector<double>{0.6, 0.8, -0.04, -0.8, 0.6, 0.22});
  const auto with = [&](const Tensor& affine) {
    return Case{{.mode = {}, .padding_mode = {}, .align_corners = false},
                noise({1, 2, 30, 40}, 1),
                std::get<Tensor>(affine_grid(affine, {1, 2, 30, 40}, false))};
  };
  const Symptom symptom{.test_case = with(theta),
                        .expected = std::get<Tensor>(grid_sample(with(right)))};
  const auto small = reduced_of(symptom, nullptr);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->signature.cause, "theta.inverted");
  EXPECT_LE(small->symptom.test_case.input.element_count(), 32);
  EXPECT_LE(small->symptom.test_case.grid.element_count(), 64);
}

TEST(Reduction, AsksWhoAnswered) {
  // No mutant doubles the values.
  const auto doubles = [](const Case& test_case) -> Answer {
    Answer answer = grid_sample(test_case);
    if (const auto* output = std::get_if<Tensor>(&answer)) {
      std::vector<double> values = output->values();
      for (double& value : values) value *= 2;
      return Tensor(output->dtype(), output->shape(), values);
    }
    return answer;
  };
  const Symptom symptom{.test_case = large, .observed = std::get<Tensor>(doubles(large))};
  EXPECT_FALSE(reduced_of(symptom, nullptr).has_value());
  const auto small = reduced_of(symptom, doubles);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->symptom.test_case.grid.element_count(), 2);
}

TEST(Reduction, OfNothingIsNothing) {
  const Tensor right = std::get<Tensor>(grid_sample(large));
  EXPECT_FALSE(
      reduced_of({.test_case = large, .observed = right, .expected = right}, nullptr).has_value());
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
