#include "oracle/probe/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

std::map<std::string, std::string> facts_of(const std::function<Answer(const Case&)>& answer) {
  FunctionSubject subject(answer);
  std::map<std::string, std::string> facts;
  for (const Fact& fact : fingerprint_of(subject).facts) facts[fact.name] = fact.value;
  return facts;
}

TEST(Fingerprint, OfTheReference) {
  auto facts = facts_of(grid_sample);
  EXPECT_EQ(facts["dtypes"], "f32, f64, f16, bf16");
  EXPECT_EQ(facts["defaults"], "bilinear, zeros, False");
  EXPECT_EQ(facts["axes, 5-D"], "x, y, z");
  EXPECT_EQ(facts["nearest, ties, 4-D, f32"], "to even");
  EXPECT_EQ(facts["nearest, ties, 5-D, bf16"], "to even");
  EXPECT_EQ(facts["coordinate NaN, border"], "pixel 0");
  EXPECT_EQ(facts["coordinate inf, zeros"], "nothing");
  EXPECT_EQ(facts["coordinate inf, border"], "pixel 3");
  EXPECT_EQ(facts["reflection, align_corners=False"], "about the corners");
  EXPECT_EQ(facts["reflection, align_corners=True"], "about the centres");
  EXPECT_EQ(facts["zeros, a quarter of a pixel outside"], "0.75 of pixel 0");
  EXPECT_EQ(facts["bicubic, kernel"], "Keys' with alpha -0.75");
  EXPECT_EQ(facts["bicubic, border pads"], "each tap");
  EXPECT_EQ(facts["bicubic, reflection pads"], "each tap");
  EXPECT_EQ(facts["position, f32, align_corners=False"], "((x + 1) S - 1) / 2");
  EXPECT_EQ(facts["position, f64, align_corners=True"], "((x + 1) / 2) (S - 1)");
  EXPECT_EQ(facts["bicubic, weights, f64"], "Horner");
}

TEST(Fingerprint, HasTheSameFactsForWhoAnswersLittle) {
  const auto facts = facts_of([](const Case& question) -> Answer {
    if (question.request.mode != "nearest" || question.input.dtype() != Dtype::f32) {
      return Unsupported{"that"};
    }
    return grid_sample(question);
  });
  // Nobody is probed who has no bilinear at all.
  EXPECT_EQ(facts.at("dtypes"), "none is answered");
}

}  // namespace
}  // namespace gridproof::probe
