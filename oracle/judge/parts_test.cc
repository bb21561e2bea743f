#include "oracle/judge/parts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "oracle/exact/exact.h"

namespace gridproof {
namespace {

PartsOptions with_reference(int threads = 1) {
  return {.reference = [](const Case& question) { return exact::answer(question); },
          .threads = threads,
          .progress = {}};
}

Case question(const std::string& input, const std::string& grid, const std::string& options = "") {
  return parse_case("grid_sample " + options + "input=" + input + " grid=" + grid);
}

std::int64_t samples_of(const Part& part) {
  std::int64_t samples = 1;
  for (std::size_t axis = 0; axis < part.begin.size(); ++axis)
    samples *= part.end[axis] - part.begin[axis];
  return samples;
}

TEST(Parts, AreAllSamplesInTheirOrderAndFewEnoughToBeListed) {
  for (const Shape& grid : std::vector<Shape>{{1, 1, 1, 2},
                                              {3, 5, 7, 2},
                                              {2, 100, 100, 2},
                                              {100000, 1, 1, 2},
                                              {2, 3, 9000, 2},
                                              {2, 3, 65, 64, 3},
                                              {1, 4096, 1, 1, 3},
                                              {1, 2, 2049, 5000, 3}}) {
    std::int64_t next = 0;
    for (const Part& part : parts_of(grid)) {
      EXPECT_EQ(part.first, next);
      EXPECT_LE(samples_of(part), static_cast<std::int64_t>(Judge::max_notable));
      // Its first sample is where it says it is.
      std::int64_t first = 0;
      for (std::size_t axis = 0; axis < part.begin.size(); ++axis)
        first = first * grid[axis] + part.begin[axis];
      EXPECT_EQ(part.first, first);
      next += samples_of(part);
    }
    EXPECT_EQ(next, element_count(grid) / grid.back());
  }
  EXPECT_TRUE(parts_of({2, 0, 5, 2}).empty());
}

// 120 x 100 locations of two images, an answer with one wrong row and single wrong values.
struct Spoiled {
  Case test_case = question("f32[2,2,3,4]{1..48}", "f32[2,120,100,2]{0.3,-0.2,0.9,1.4*47997}");
  Tensor output = std::get<Tensor>(exact::answer(test_case));

  Spoiled() {
    const auto values = output.elements<float>();
    for (std::size_t w = 0; w < 100; ++w) values[((2 + 1) * 120 + 77) * 100 + w] += 1;
    values[7] = std::numeric_limits<float>::quiet_NaN();
    values[60] = std::nextafter(values[60], 100.F);
  }
};

TEST(Parts, GiveTheCountsOfTheWholeWithAnyNumberOfThreads) {
  const Spoiled spoiled;
  const Judge judge;
  const Answer expected = exact::answer(spoiled.test_case);
  const Judgment whole = judge.judge(spoiled.test_case, spoiled.output, &expected);
  for (const int threads : {1, 3}) {
    const JudgmentOfParts parts =
        judge_in_parts(judge, spoiled.test_case, spoiled.output, with_reference(threads));
    EXPECT_EQ(parts.counts, whole.counts);
    EXPECT_FALSE(parts.whole);
    ASSERT_FALSE(parts.groups.empty());
    EXPECT_EQ(parts.groups.front().verdict, Verdict::deviates);
    std::int64_t deviating = 0;
    for (const Group& group : parts.groups) deviating += group.samples;
    EXPECT_EQ(deviating, 102);
    EXPECT_EQ(parts.groups.front().worst.sample, 7);  // NaN is further than any number
    EXPECT_TRUE(std::isinf(parts.groups.front().distance));
  }
}

TEST(Parts, JudgeWhatIsNoOutputOfTheQuestionAsAWhole) {
  const Case test_case = question("f32[1,1,2,2]{1..4}", "f32[1,1,2,2]{0,0,1,1}");
  const JudgmentOfParts shape =
      judge_in_parts(Judge(), test_case, Tensor(Dtype::f32, {1, 1, 2, 1}), with_reference());
  EXPECT_TRUE(shape.whole);
  ASSERT_EQ(shape.groups.size(), 1U);
  EXPECT_EQ(shape.groups[0].verdict, Verdict::deviates);
  EXPECT_EQ(shape.groups[0].samples, 2);

  const Case refused = question("f32[1,1,2,2]{1..4}", "f32[2,1,2,2]{0*8}");
  const JudgmentOfParts refusal =
      judge_in_parts(Judge(), refused, exact::answer(refused), with_reference());
  EXPECT_TRUE(refusal.groups.empty());
}

TEST(Parts, TellTheirProgressAndStopWhereItThrows) {
  const Spoiled spoiled;
  PartsOptions options = with_reference();
  std::vector<std::int64_t> told;
  options.progress = [&](std::int64_t samples) { told.push_back(samples); };
  judge_in_parts(Judge(), spoiled.test_case, spoiled.output, options);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 24000);

  options.threads = 2;
  options.progress = [](std::int64_t) { throw std::runtime_error("stop"); };
  EXPECT_THROW(judge_in_parts(Judge(), spoiled.test_case, spoiled.output, options),
               std::runtime_error);
}

}  // namespace
}  // namespace gridproof
