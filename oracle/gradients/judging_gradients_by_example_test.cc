// Runs judging-gradients-by-example.md as judging_by_example_test.cc runs its page.
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "oracle/gradients/coordinate_judge.h"
#include "oracle/gradients/gradient_judge.h"
#include "oracle/gradients/texel_judge.h"
#include "oracle/judge/testing/calculator.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::judging {
namespace {

// One number of a gradient of the page: f32, profile P1, an image of one row, so that only x
// matters; that of the first coordinate, or of the texel that is chosen.
class Example {
 public:
  explicit Example(const std::string& line)
      : case_(parse_backward_case(line)), options_(*resolve(case_.forward.request)) {
    const double x = case_.forward.grid.values()[0];
    const std::int64_t width = case_.forward.input.shape().back();
    positions_of<float>(x, width, options_.align_corners, Profile{}, positions_);
    SlopeLocator<float>(options_, Profile{}, false).locate(x, width, axis_);
  }

  // Chooses a texel.
  std::optional<std::string> word(const std::string& key, const std::string& value) {
    if (key != "texel") return std::nullopt;
    texel_ = std::stoll(value);
    return value;
  }

  // The numbers that stand behind a key of the page.
  [[nodiscard]] std::vector<double> numbers(const std::string& key) const {
    if (key == "position") return {positions_.front().lo, positions_.front().hi};
    if (key == "t") return {axis_.cells.front().cell.lo, axis_.cells.front().cell.hi};
    if (key == "cells" || key == "factor") {
      std::vector<double> all;
      for (const SlopedCell<double>& it : axis_.cells) {
        all.push_back(key == "cells" ? static_cast<double>(it.cell.index) : it.factor);
        if (key == "factor") break;
      }
      return all;
    }
    const SlopeRange<double> its = range();
    if (key == "value") return {its.lo, its.hi};
    if (key == "error") return {its.error};
    if (key == "set") return {its.lo - its.error, its.hi + its.error};
    throw std::runtime_error("no key of the page: " + key);
  }

  [[nodiscard]] std::string verdict(const std::string& answer) const {
    auto gradients = std::get<Gradients>(grid_sample_backward(case_));
    std::optional<Tensor>& its = gradients.input ? gradients.input : gradients.grid;
    std::vector<double> values = its->values();
    values[static_cast<std::size_t>(texel_)] = std::stod(answer);
    its = Tensor(its->dtype(), its->shape(), values);
    return std::string(name(GradientJudge().judge(case_, gradients).worst()));
  }

 private:
  [[nodiscard]] SlopeRange<double> range() const {
    if (case_.output_mask.grid) {
      return *CoordinateJudge<float, 2>(case_, options_, Profile{}, false).range(0, 0);
    }
    TexelJudge<float, 2> judge(case_, options_, Profile{});
    judge.sum(0, 0, 1);
    return judge.range(texel_);
  }

  BackwardCase case_;
  Options options_;
  std::vector<Interval<double>> positions_;
  SlopedAxis<double> axis_;
  std::int64_t texel_ = 0;
};

TEST(JudgingGradientsByExample, HasTheNumbersOfTheJudge) {
  std::ifstream page(GRIDPROOF_SOURCE_DIR "/oracle/gradients/judging-gradients-by-example.md");
  std::optional<Example> example;
  int lines = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("    ")) continue;
    line.erase(0, 4);
    ++lines;
    EXPECT_EQ(line, recomputed(line, example));
  }
  EXPECT_GT(lines, 40);
}

TEST(JudgingGradientsByExample, WouldTellAWrongNumber) {
  std::optional<Example> example;
  EXPECT_EQ(recomputed("2 / 3 = 0.66", example), "2 / 3 = 0.67");
  EXPECT_EQ(recomputed("factor: 2", example), "no case stands before this");
  recomputed(
      "case: grid_sample_backward output_mask=[False,True] input=f32[1,1,1,4]{1,2,4,8} "
      "grid=f32[1,1,1,2]{-0.25,0} grad_output=f32[1,1,1,1]{1}",
      example);
  EXPECT_EQ(recomputed("factor: 3", example), "factor: 2");
  EXPECT_EQ(recomputed("cells: 1, 2", example), "cells: 1 numbers are computed");
  EXPECT_EQ(recomputed("answer: 2 -> admissible", example), "answer: 2 -> deviates");
}

}  // namespace
}  // namespace gridproof::judging
