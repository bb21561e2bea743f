#include "oracle/probe/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "reference/semantics/grid_sample.h"

namespace gridproof::probe {
namespace {

using Answering = std::function<Answer(const Case&)>;

std::map<std::string, std::string> facts_of(const Answering& answer) {
  FunctionSubject subject(answer);
  std::map<std::string, std::string> facts;
  for (const Fact& fact : fingerprint_of(subject).facts) facts[fact.name] = fact.value;
  return facts;
}
std::set<std::string> names_of(const Answering& answer) {
  std::set<std::string> names;
  for (const auto& [name, value] : facts_of(answer)) names.insert(name);
  return names;
}

bool has_infinity(const Case& test_case) {
  return std::ranges::any_of(test_case.grid.values(), [](double x) { return std::isinf(x); });
}

TEST(Fingerprint, OfTheReference) {
  auto facts = facts_of(grid_sample);
  EXPECT_EQ(facts["answers"], "values");
  EXPECT_EQ(facts["defaults, 4-D, f32"], "bilinear, zeros, False");
  EXPECT_EQ(facts["axes, nearest, zeros, align_corners=True, 5-D, f32"], "x, y, z");
  EXPECT_EQ(facts["at the center of each pixel"], "that pixel");
  EXPECT_EQ(facts["nearest, ties"], "to even");
  EXPECT_EQ(facts["nearest, rounds, reflection, align_corners=False"], "after padding");
  EXPECT_EQ(facts["coordinate NaN, border"], "as -1");
  EXPECT_EQ(facts["coordinate inf, zeros"], "nothing");
  EXPECT_EQ(facts["coordinate inf, border"], "the last pixel");
  EXPECT_EQ(facts["coordinate -2^100, border"], "the first pixel");
  EXPECT_EQ(facts["whole pixels outside, zeros"], "nothing");
  EXPECT_EQ(facts["whole pixels outside, border"], "the edge");
  EXPECT_EQ(facts["whole pixels outside, reflection"],
            "reflected about the corners in align_corners=False; reflected about the centers in "
            "align_corners=True");
  EXPECT_EQ(facts["a quarter of a pixel outside, bilinear, zeros"], "3/4 of the edge");
  EXPECT_EQ(facts["an axis of one pixel, zeros, f32"],
            "as on longer axes in align_corners=False; the pixel is everywhere in "
            "align_corners=True");
  EXPECT_EQ(facts["bicubic, kernel"], "Keys' with alpha -0.75");
  EXPECT_EQ(facts["bicubic, taps outside, border"], "the edge");
  EXPECT_EQ(facts["position along x, bilinear, zeros, align_corners=False, 4-D, f32"],
            "((x + 1) S - 1) / 2");
  EXPECT_EQ(facts["position along x, bilinear, zeros, align_corners=True, 4-D, f64"],
            "((x + 1) / 2) (S - 1)");
  EXPECT_EQ(facts["weights along x, bicubic, zeros, align_corners=False, 4-D, f64"], "Horner");
}

// What is so in one mode is told of that mode; likewise of a rank, a dtype, a flag and an axis.
TEST(Fingerprint, AFactSaysWhereItIsOtherwise) {
  const auto with_nan = [](const Answering& is_wrong,
                           const std::function<bool(const Case&)>& where) {
    return [=](const Case& test_case) {
      return where(test_case) ? is_wrong(test_case) : grid_sample(test_case);
    };
  };
  const Answering all_nan = [](const Case& test_case) {
    Answer answer = grid_sample(test_case);
    if (auto* const output = std::get_if<Tensor>(&answer);
        output != nullptr && has_infinity(test_case)) {
      std::vector<double> values = output->values();
      const std::vector<double> grid = test_case.grid.values();
      const auto axes = static_cast<std::size_t>(test_case.grid.size(test_case.grid.rank() - 1));
      const std::size_t samples = grid.size() / axes;
      for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t k = 0; k < axes; ++k) {
          if (std::isinf(grid[i % samples * axes + k])) values[i] = std::nan("");
        }
      }
      answer = Tensor(output->dtype(), output->shape(), values);
    }
    return answer;
  };
  const auto zeros_at_infinity = [&](const std::function<bool(const Case&)>& where) {
    return facts_of(with_nan(all_nan, where)).at("coordinate inf, zeros");
  };
  EXPECT_EQ(zeros_at_infinity([](const Case& q) { return q.request.mode == "bilinear"; }),
            "nothing in nearest, bicubic; NaN in bilinear");
  EXPECT_EQ(zeros_at_infinity([](const Case& q) { return q.request.mode != "nearest"; }),
            "NaN in bilinear, bicubic; nothing in nearest");
  EXPECT_EQ(zeros_at_infinity([](const Case& q) { return q.input.rank() == 5; }),
            "nothing in 4-D; NaN in 5-D");
  EXPECT_EQ(zeros_at_infinity([](const Case& q) { return q.input.dtype() == Dtype::bf16; }),
            "nothing in f16, f32, f64; NaN in bf16");
  EXPECT_EQ(zeros_at_infinity([](const Case& q) {
              return q.request.align_corners == true && q.input.dtype() == Dtype::f64;
            }),
            "nothing in align_corners=False and in align_corners=True f16, bf16, f32; NaN in "
            "align_corners=True f64");
  EXPECT_EQ(zeros_at_infinity([](const Case&) { return true; }), "NaN");
}

// One that is lost on infinity, and on a question with one in it as a whole.
TEST(Fingerprint, AFactIsNotLostForAnother) {
  auto facts = facts_of([](const Case& test_case) -> Answer {
    if (has_infinity(test_case)) return Lost{"it crashed"};
    return grid_sample(test_case);
  });
  EXPECT_EQ(facts["coordinate inf, zeros"], "lost");
  EXPECT_EQ(facts["coordinate NaN, zeros"], "as -1");
  EXPECT_EQ(facts["nearest, ties"], "to even");
  EXPECT_EQ(facts["answers"], "values");
}

TEST(Fingerprint, HasTheSameFactsForWhoAnswersLittle) {
  const Answering nearest_only = [](const Case& test_case) -> Answer {
    if (test_case.request.mode != "nearest" || test_case.input.dtype() != Dtype::f32) {
      return Unsupported{"that"};
    }
    return grid_sample(test_case);
  };
  EXPECT_EQ(names_of(nearest_only), names_of(grid_sample));
  const auto facts = facts_of(nearest_only);
  EXPECT_EQ(facts.at("answers"), "values in nearest f32; unsupported elsewhere");
  EXPECT_EQ(facts.at("nearest, ties"), "to even");
  EXPECT_EQ(facts.at("bicubic, kernel"), "unsupported");
  const auto none = facts_of([](const Case&) { return Unsupported{"all"}; });
  EXPECT_EQ(none.size(), 1U);
  EXPECT_EQ(none.at("answers"), "unsupported");
}

}  // namespace
}  // namespace gridproof::probe
