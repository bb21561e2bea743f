#include "reports/conformance/conformance.h"

#include <gtest/gtest-spi.h>

#include <stdexcept>
#include <string>

#include "reference/semantics/grid_sample.h"
#include "reports/conformance/gtest.h"

namespace gridproof {
namespace {

// What somebody may have: nearest only, f32 only, 2-D only; `half_away` is the usual mistake.
template <bool half_away>
void nearest_sampler(const View<float>& input, const View<float>& grid, const Options& options,
                     std::span<float> output) {
  if (input.rank != 4) throw Unsupported{"5-D"};
  if (options.mode != Mode::nearest) throw Unsupported{"modes other than nearest"};
  if (options.padding != Padding::zeros) throw Unsupported{"padding other than zeros"};
  std::size_t next = 0;
  const auto texel = [&](float coordinate, std::int64_t size) {
    const auto extent = static_cast<float>(size);
    const float position = options.align_corners ? (coordinate + 1) / 2 * (extent - 1)
                                                 : ((coordinate + 1) * extent - 1) / 2;
    return half_away ? std::round(position) : std::nearbyint(position);
  };
  for (std::int64_t n = 0; n < input.shape[0]; ++n) {
    for (std::int64_t c = 0; c < input.shape[1]; ++c) {
      for (std::int64_t y = 0; y < grid.shape[1]; ++y) {
        for (std::int64_t x = 0; x < grid.shape[2]; ++x) {
          const auto place = [&](int axis) {
            const float coordinate = grid(n, y, x, axis);
            return texel(std::isnan(coordinate) ? -1 : coordinate, input.shape[axis == 0 ? 3 : 2]);
          };
          const float column = place(0);
          const float row = place(1);
          const bool inside = column >= 0 && row >= 0 &&
                              column < static_cast<float>(input.shape[3]) &&
                              row < static_cast<float>(input.shape[2]);
          output[next++] = inside ? input(n, c, static_cast<std::int64_t>(row),
                                          static_cast<std::int64_t>(column))
                                  : 0;
        }
      }
    }
  }
}

const ConformanceOptions quick{.samples = 200'000};

TEST(Conformance, AFunctionOfCasesThatIsRight) {
  const Conformance result = check_conformance(
      [](const Case& test_case) { return gridproof::grid_sample(test_case); }, quick);
  EXPECT_TRUE(result.conforms) << result.text;
  EXPECT_NE(result.text.find("0 findings"), std::string::npos) << result.text;
}

TEST(Conformance, ASamplerOnPlainMemoryThatIsRight) {
  GRIDPROOF_EXPECT_CONFORMS(nearest_sampler<false>, quick);
}

TEST(Conformance, AWrongOneFailsWithItsCauseAndCase) {
  EXPECT_NONFATAL_FAILURE(GRIDPROOF_EXPECT_CONFORMS(nearest_sampler<true>, quick),
                          "the function deviates from [nearest.ties-to-even]");
  const Conformance result = check_conformance(nearest_sampler<true>, quick);
  EXPECT_NE(result.text.find("nearest.half-away"), std::string::npos) << result.text;
  EXPECT_NE(result.text.find("grid_sample mode=nearest"), std::string::npos) << result.text;
  EXPECT_EQ(result.text.find("report.md"), std::string::npos) << result.text;
}

TEST(Conformance, WhoAnswersNothingDoesNotConform) {
  const Conformance result =
      check_conformance([](const Case&) -> Answer { return Unsupported{"everything"}; }, quick);
  EXPECT_FALSE(result.conforms);
  EXPECT_NE(result.text.find("the function was not judged"), std::string::npos) << result.text;
}

TEST(Conformance, WhatIsThrownIsARefusal) {
  const Conformance result = check_conformance(
      [](const Case& test_case) -> Answer {
        Answer answer = gridproof::grid_sample(test_case);
        if (std::holds_alternative<Refusal>(answer)) throw std::invalid_argument("no");
        return answer;
      },
      quick);
  EXPECT_TRUE(result.conforms) << result.text;
  const Conformance refuses = check_conformance(
      [](const Case&) -> Answer { throw std::runtime_error("out of order"); }, quick);
  EXPECT_FALSE(refuses.conforms);
  EXPECT_NE(refuses.text.find("out of order"), std::string::npos) << refuses.text;
}

}  // namespace
}  // namespace gridproof
