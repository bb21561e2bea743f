#include "fuzz/causes/common_traits.h"

#include <gtest/gtest.h>

#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// What is said of a subject that adds 1 wherever `is_wrong(question, sample)`.
std::string said_of(const std::function<bool(const Case&, std::int64_t)>& is_wrong,
                    const std::string& line) {
  FunctionSubject subject([&](const Case& test_case) -> Answer {
    const Answer right = grid_sample(test_case);
    const auto* output = std::get_if<Tensor>(&right);
    if (output == nullptr) return right;
    std::vector<double> values = output->values();
    for (std::int64_t sample = 0; sample < sample_count(test_case); ++sample) {
      if (is_wrong(test_case, sample))
        values[static_cast<std::size_t>(element_place(output->shape(), sample, 0))] += 1;
    }
    return Tensor(output->dtype(), output->shape(), values);
  });
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  const Case test_case = parse_case(line);
  return common_traits({subject, reference, judge}, {.verdict = Verdict::deviates,
                                                     .clause = "",
                                                     .original = test_case,
                                                     .reduced = test_case,
                                                     .sample = 0});
}

constexpr const char* plain =
    "grid_sample mode=nearest padding_mode=border align_corners=True input=f32[1,1,2,2]{1,2,3,4} "
    "grid=f32[1,1,1,2]{0.5,0}";

TEST(CommonTraits, AreThoseThatTellWrongFromRight) {
  const auto first_word = [](const Case& test_case) { return *test_case.request.mode; };
  EXPECT_NE(said_of([&](const Case& q, std::int64_t) { return first_word(q) == "nearest"; }, plain)
                .find(" are wrong, those and only those with mode nearest."),
            std::string::npos);
  EXPECT_NE(said_of(
                [&](const Case& q, std::int64_t) {
                  return q.request.padding_mode == "border" && q.input.dtype() == Dtype::f32;
                },
                plain)
                .find("those and only those with padding_mode border, f32."),
            std::string::npos);
  EXPECT_NE(said_of([&](const Case& q,
                        std::int64_t sample) { return coordinate_of(q, sample).magnitude > 1; },
                    plain)
                .find("those and only those with the largest coordinate of the sample above 1"),
            std::string::npos);
}

TEST(CommonTraits, SayWhatAllHaveWhereThatIsNotEnough) {
  const std::string said =
      said_of([](const Case& q,
                 std::int64_t sample) { return *q.request.mode == "nearest" && sample == 2; },
              plain);
  EXPECT_NE(said.find(", all among the "), std::string::npos) << said;
  EXPECT_NE(said.find(" with mode nearest"), std::string::npos) << said;
}

TEST(CommonTraits, SayNothingWhereAllIsWrongOrNothing) {
  const std::string all = said_of([](const Case&, std::int64_t) { return true; }, plain);
  EXPECT_TRUE(all.ends_with(" samples around it are wrong.")) << all;
  EXPECT_EQ(said_of([](const Case&, std::int64_t) { return false; }, plain), "");
}

TEST(CommonTraits, SayWhatTheCaseNeeds) {
  const std::string strided = said_of(
      [](const Case& q, std::int64_t) { return !q.input.is_contiguous(); },
      "grid_sample mode=nearest padding_mode=border input=f32[1,1,2,2]strides[4,4,1,2]{1,2,3,4} "
      "grid=f32[1,1,1,2]{0.5,0}");
  EXPECT_NE(strided.find(" The reduced case needs an input that is not dense"), std::string::npos)
      << strided;
  const std::string wide = said_of(
      [](const Case& q, std::int64_t) { return q.input.size(3) > 32 && q.input.size(1) > 2; },
      "grid_sample mode=nearest padding_mode=border input=f32[1,3,1,33]{1..99} "
      "grid=f32[1,1,1,2]{0.5,0}");
  EXPECT_NE(wide.find(" The reduced case needs 3 channels or more and 33 columns or more."),
            std::string::npos)
      << wide;
}

// Not what the case happens to have, but the least size at which anything about it is wrong.
TEST(CommonTraits, SayTheLeastSize) {
  const std::string start = "grid_sample mode=nearest padding_mode=border ";
  const auto said = [&](const auto& is_wrong, const std::string& rest) {
    return said_of(is_wrong, start + rest);
  };
  EXPECT_TRUE(said([](const Case& q, std::int64_t) { return q.input.size(3) >= 16; },
                   "input=f32[1,1,1,23]{1..23} grid=f32[1,1,1,2]{0.5,0}")
                  .ends_with(" The reduced case needs 16 columns or more."));
  EXPECT_TRUE(said([](const Case& q, std::int64_t) { return q.input.size(1) % 8 == 0; },
                   "input=f32[1,8,1,2]{1..16} grid=f32[1,1,1,2]{0.5,0}")
                  .ends_with(" The reduced case needs 8 channels (not 7 or 9)."));
  EXPECT_TRUE(said(
                  [](const Case& q, std::int64_t sample) {
                    return q.input.size(0) > 1 && sample >= sample_count(q) / q.input.size(0);
                  },
                  "input=f32[2,1,1,2]{1..4} grid=f32[2,1,1,2]{0.5,0,0.5,0}")
                  .ends_with(" The reduced case needs 2 batch entries or more."));
  EXPECT_TRUE(
      said([](const Case& q,
              std::int64_t sample) { return q.grid.size(2) > 4 && sample % q.grid.size(2) > 3; },
           "input=f32[1,1,1,2]{1,2} grid=f32[1,1,6,2]{0.5*12}")
          .ends_with(" The reduced case needs 5 output columns or more."));
  // Of more than two channels with these strides nothing is known.
  EXPECT_TRUE(
      said([](const Case& q,
              std::int64_t) { return !q.input.is_contiguous() && q.input.size(1) > 1; },
           "input=f32[1,2,1,2]strides[4,1,4,2]{1..4} grid=f32[1,1,1,2]{0.5,0}")
          .ends_with(" The reduced case needs an input that is not dense, 2 channels (not 1) "
                     "and 2 columns (not 1)."));
  EXPECT_TRUE(said([](const Case& q, std::int64_t) { return q.grid.size(1) > 1; },
                   "input=f32[1,1,1,2]{1,2} grid=f32[1,2,1,2]{0.5*4}")
                  .ends_with(" The reduced case needs 2 output rows or more."));
}

TEST(CommonTraits, APredicateInWords) {
  EXPECT_EQ(in_words({.modes = {"nearest", "bilinear"},
                      .dtypes = {Dtype::f16},
                      .ranks = {5},
                      .align_corners = true,
                      .kinds = {CoordinateKind::nan}}),
            "mode nearest or bilinear, align_corners=True, f16, 5-D input, a NaN coordinate");
}

}  // namespace
}  // namespace gridproof
