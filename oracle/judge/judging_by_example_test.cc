// Runs judging-by-example.md: an indented line of the page is arithmetic, `expression = number`, or
// what the judge finds, `key: value`. A number is right if it has the digits that are computed.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "oracle/judge/box_sums.h"
#include "oracle/judge/judge.h"
#include "oracle/judge/testing/calculator.h"

namespace gridproof::judging {
namespace {

// One sample of the page: f32, profile P1, an image of one row, so that only x matters.
class Example {
 public:
  explicit Example(const std::string& line)
      : case_(parse_case(line)), view_(case_, *resolve(case_.request), Profile{}) {
    positions_of<float>(case_.grid.values()[0], view_.size[0], view_.options.align_corners,
                        view_.profile, positions_);
    located_ = SampleLocator<float, 2>({view_.options, view_.profile}).locate(view_, 0);
  }

  // The numbers that stand behind a key of the page.
  [[nodiscard]] std::vector<double> numbers(const std::string& key) const {
    if (key == "position") return {positions_.front().lo, positions_.front().hi};
    if (key == "pixels") return {located_.axes[0].indices.begin(), located_.axes[0].indices.end()};
    const Box<double, 2> box = only_box();
    if (key == "cell") return {static_cast<double>(box[0].index)};
    if (key == "t") return {box[0].lo, box[0].hi};
    const Range<double> range = range_over(box);
    if (key == "value") return {range.lo, range.hi};
    if (key == "error") return {range.error()};
    CubicAxis<double> axis(box[0]);
    axis.bound_errors(box[0], view_.budget);
    const auto tap = static_cast<std::size_t>(key.back() - '0');
    if (key.starts_with("coefficient ")) return {axis.coefficient.at(tap)};
    if (key.starts_with("slope ")) return {axis.slope.at(tap)};
    if (key.starts_with("error of coefficient ")) return {axis.error(tap) / view_.budget.unit};
    throw std::runtime_error("no key of the page: " + key);
  }

  [[nodiscard]] std::optional<std::string> word(const std::string& key,
                                                const std::string& /*value*/) const {
    if (key != "set") return std::nullopt;
    return to_string(Judge().admissible(case_, 0, 0), Dtype::f32);
  }

  // Of the values by channel, "20, 2".
  [[nodiscard]] std::string verdict(const std::string& answer) const {
    const Tensor tensor = parse_tensor("f32[1," + std::to_string(view_.channels) + ",1,1]{" +
                                       std::regex_replace(answer, std::regex(", "), ",") + "}");
    return std::string(name(Judge().judge(case_, tensor).worst()));
  }

 private:
  [[nodiscard]] Box<double, 2> only_box() const {
    Box<double, 2> box;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      if (located_.axes[axis].cells.size() != 1) throw std::runtime_error("not one cell");
      box[axis] = located_.axes[axis].cells.front();
    }
    return box;
  }

  [[nodiscard]] Range<double> range_over(const Box<double, 2>& box) const {
    if (view_.is_cubic()) {
      return CubicSums<double>(box, view_.budget)
          .range(gather<4>(view_, 0, 0, tap_places<4>(view_, box)).texels);
    }
    return LinearSums<double, 2>(box, view_.budget)
        .range(gather<2>(view_, 0, 0, tap_places<2>(view_, box)).texels);
  }

  Case case_;
  CaseView<float, 2> view_;
  std::vector<Interval<double>> positions_;
  LocatedSample<double, 2> located_;
};

TEST(JudgingByExample, HasTheNumbersOfTheJudge) {
  std::ifstream page(GRIDPROOF_SOURCE_DIR "/oracle/judge/judging-by-example.md");
  std::optional<Example> example;
  int lines = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("    ")) continue;
    line.erase(0, 4);
    ++lines;
    EXPECT_EQ(line, recomputed(line, example));
  }
  EXPECT_GT(lines, 60);
}

TEST(JudgingByExample, WouldTellAWrongNumber) {
  std::optional<Example> example;
  EXPECT_EQ(recomputed("(1 + 2) * 3 / 4 - -1 = 3", example), "(1 + 2) * 3 / 4 - -1 = 3");
  EXPECT_EQ(recomputed("2 / 3 = 0.66", example), "2 / 3 = 0.67");
  EXPECT_EQ(recomputed("cell: 1", example), "no case stands before this");
  recomputed("case: grid_sample input=f32[1,1,1,4]{1,2,3,4} grid=f32[1,1,1,2]{0,0}", example);
  EXPECT_EQ(recomputed("position: [1.5, 1.6]", example), "position: [1.5, 1.5]");
  EXPECT_EQ(recomputed("cell: 1, 2", example), "cell: 1 numbers are computed");
  EXPECT_EQ(recomputed("answer: 3 -> admissible", example), "answer: 3 -> deviates");
  EXPECT_EQ(recomputed("set: 2", example), "set: 2.5");
}

}  // namespace
}  // namespace gridproof::judging
