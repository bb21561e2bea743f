#include "oracle/probe/adjoint.h"

#include <gtest/gtest.h>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

const OneHotQuery query{.request = {},
                        .dtype = Dtype::f32,
                        .pixels = {3, 4},
                        .coordinates = {0.3, 0, -0.875, 0.25, 1.5, -1, 0.125, 0.625}};

TEST(Adjoint, TheReferenceIsItsOwnTranspose) {
  FunctionSubject subject(grid_sample, grid_sample_backward);
  for (const char* const mode : {"bilinear", "nearest", "bicubic"}) {
    OneHotQuery question = query;
    question.request.mode = mode;
    const auto result = transpose_of(subject, question);
    ASSERT_TRUE(std::holds_alternative<Transpose>(result)) << std::get<std::string>(result);
    const auto& transpose = std::get<Transpose>(result);
    EXPECT_EQ(transpose.weights, 4U * 12U);
    EXPECT_TRUE(transpose.differences.empty()) << mode;
  }
}

TEST(Adjoint, SaysWhereTheBackwardPassGoesElsewhere) {
  FunctionSubject subject(grid_sample, [](BackwardCase test_case) {
    test_case.forward.request.padding_mode = "border";
    return grid_sample_backward(test_case);
  });
  const auto result = transpose_of(subject, query);
  const auto& transpose = std::get<Transpose>(result);
  // The second sample reads the rim with a quarter of its weight outside, and gives it all.
  ASSERT_FALSE(transpose.differences.empty());
  const Difference& first = transpose.differences.front();
  EXPECT_EQ(first.sample, 1U);
  EXPECT_EQ(first.pixel, (Shape{0, 1}));
  EXPECT_EQ(first.forward, 0.46875);
  EXPECT_EQ(first.backward, 0.625);
}

TEST(Adjoint, WhoHasNoGradientsIsNotCompared) {
  FunctionSubject subject(grid_sample);
  EXPECT_EQ(std::get<std::string>(transpose_of(subject, query)), "unsupported");
}

}  // namespace
}  // namespace gridproof::probe
