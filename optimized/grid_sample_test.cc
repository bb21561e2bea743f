#include "optimized/grid_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

std::string clause_of(const Shape& input, const Shape& grid, const Shape& output,
                      const Options& options = {}) {
  const std::vector<float> numbers(4096);
  std::vector<float> written(4096, -1);
  try {
    grid_sample(dense_view(numbers.data(), input), dense_view(numbers.data(), grid), options,
                dense_output(written.data(), output));
  } catch (const RefusedError& error) {
    EXPECT_EQ(std::ranges::count(written, -1), 4096) << "wrote what it refused";
    return error.refusal().clause;
  }
  return "answered";
}

TEST(GridSampleFast, RefusesUnderTheClausesOfTheReference) {
  EXPECT_EQ(clause_of({1, 1, 4}, {1, 1, 2}, {1, 1, 1}), "shape.rank");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {1, 1, 1, 1, 2}, {1, 1, 1, 1}), "shape.rank");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {2, 1, 1, 2}, {1, 1, 1, 1}), "shape.batch");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {1, 1, 1, 3}, {1, 1, 1, 1}), "shape.last-dimension");
  EXPECT_EQ(clause_of({1, 1, 0, 4}, {1, 1, 1, 2}, {1, 1, 1, 1}), "shape.empty-spatial");
  EXPECT_EQ(clause_of({1, 1, 2, 2, 2}, {1, 1, 1, 1, 3}, {1, 1, 1, 1, 1}, {.mode = Mode::bicubic}),
            "options.bicubic-4d");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {1, 2, 3, 2}, {1, 1, 3, 2}), "shape.output");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {1, 2, 3, 2}, {1, 1, 2, 3}), "answered");
  EXPECT_EQ(clause_of({0, 1, 4, 4}, {0, 2, 3, 2}, {0, 1, 2, 3}), "answered");
  EXPECT_EQ(clause_of({1, 0, 4, 4}, {1, 2, 3, 2}, {1, 0, 2, 3}), "answered");
  EXPECT_EQ(clause_of({1, 1, 4, 4}, {1, 0, 3, 2}, {1, 1, 0, 3}), "answered");
}

// A value of the environment variable for one scope.
class Forced {
 public:
  explicit Forced(const char* target) { setenv("GRIDPROOF_TARGET", target, 1); }
  Forced(const Forced&) = delete;
  Forced& operator=(const Forced&) = delete;
  ~Forced() { unsetenv("GRIDPROOF_TARGET"); }
};

TEST(GridSampleFast, RunsOnTheForcedTarget) {
  const Shape input_shape = {2, 9, 11, 13};
  const Shape grid_shape = {2, 7, 19, 2};
  Tensor input(Dtype::f32, input_shape);
  Tensor grid(Dtype::f32, grid_shape);
  float number = 0.25F;
  for (Tensor* const tensor : {&input, &grid}) {
    for (float& element : tensor->elements<float>()) {
      element = number = std::fmod(number * 17.3F + 0.7F, 2.6F) - 1.3F;
    }
  }
  const Tensor expected = std::get<Tensor>(grid_sample(Case{{}, input, grid}));
  for (const auto& [target, target_name] : names<Target>) {
    if (!is_possible(target)) continue;
    const Forced forced(std::string(target_name).c_str());
    Tensor output(Dtype::f32, {2, 9, 7, 19});
    const auto to = dense_output(output.elements<float>().data(), output.shape());
    grid_sample(input.view<float>(), grid.view<float>(), {}, to);
    EXPECT_TRUE(output.same_values(expected)) << target_name;
    const std::string why = explain_choice(input.view<float>(), grid.view<float>(), {}, to);
    EXPECT_NE(why.find(" on " + std::string(target_name)), std::string::npos) << why;
  }
}

// How many of two threads a call uses that gives an output as large as its input.
std::string threads_of(const Shape& shape, Mode mode) {
  const std::vector<float> numbers(static_cast<std::size_t>(element_count(shape)));
  std::vector<float> written(numbers.size());
  const Shape grid = {shape[0], shape[2], shape[3], 2};
  const std::string why =
      explain_choice(dense_view(numbers.data(), shape), dense_view(numbers.data(), grid),
                     {.mode = mode}, dense_output(written.data(), shape), {.threads = 2});
  return why.substr(why.find("; ") + 2, 9);
}

TEST(GridSampleFast, StartsThreadsWhereTheyPay) {
  EXPECT_EQ(threads_of({1, 64, 32, 32}, Mode::bilinear), "1 threads");
  EXPECT_EQ(threads_of({1, 64, 48, 48}, Mode::bilinear), "2 threads");
  EXPECT_EQ(threads_of({1, 3, 96, 96}, Mode::bilinear), "1 threads");
  EXPECT_EQ(threads_of({1, 3, 224, 224}, Mode::bilinear), "2 threads");
  EXPECT_EQ(threads_of({1, 3, 128, 128}, Mode::nearest), "1 threads");
  EXPECT_EQ(threads_of({1, 3, 224, 224}, Mode::nearest), "2 threads");
  EXPECT_EQ(threads_of({1, 3, 64, 64}, Mode::bicubic), "1 threads");
  EXPECT_EQ(threads_of({1, 3, 128, 128}, Mode::bicubic), "2 threads");
}

TEST(DefaultTarget, CanBeForced) {
  {
    const Forced forced("portable");
    EXPECT_EQ(default_target(), Target::portable);
  }
  {
    const Forced forced("");
    EXPECT_TRUE(is_possible(default_target()));
  }
  {
    const Forced forced("sse9");
    try {
      default_target();
      ADD_FAILURE();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(),
                   "GRIDPROOF_TARGET is 'sse9': expected portable, neon, avx2 or avx512");
    }
  }
  if (!is_possible(Target::avx512)) {
    const Forced forced("avx512");
    EXPECT_THROW(default_target(), std::runtime_error);
  }
}

}  // namespace
}  // namespace gridproof
