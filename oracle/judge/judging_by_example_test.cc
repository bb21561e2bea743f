// Runs judging-by-example.md: an indented line of the page is arithmetic, `expression = number`, or
// what the judge finds, `key: value`. A number is right if it has the digits that are computed.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "oracle/judge/cubic.h"
#include "oracle/judge/judge.h"

namespace gridproof::judging {
namespace {

// What a pocket calculator makes of numbers, + - * / and parentheses.
class Calculator {
 public:
  explicit Calculator(std::string_view text) : rest_(text) {}

  double result() {
    const double value = sum();
    skip_spaces();
    if (!rest_.empty()) throw std::runtime_error("not arithmetic: " + std::string(rest_));
    return value;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool skip(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  double sum() {
    double value = product();
    while (true) {
      if (skip('+')) {
        value += product();
      } else if (skip('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }
  double product() {
    double value = factor();
    while (true) {
      if (skip('*')) {
        value *= factor();
      } else if (skip('/')) {
        value /= factor();
      } else {
        return value;
      }
    }
  }
  double factor() {
    if (skip('-')) return -factor();
    if (skip('(')) {
      const double value = sum();
      if (!skip(')')) throw std::runtime_error("a parenthesis is not closed");
      return value;
    }
    std::size_t length = 0;
    const double value = std::stod(std::string(rest_), &length);
    rest_.remove_prefix(length);
    return value;
  }

  std::string_view rest_;
};

// `value` with as many digits behind the point as `like` has.
std::string digits(double value, const std::string& like) {
  const std::size_t point = like.find('.');
  std::ostringstream text;
  text << std::fixed
       << std::setprecision(point == std::string::npos ? 0
                                                       : static_cast<int>(like.size() - point - 1))
       << value;
  return text.str();
}

// `line` with each of its numbers replaced by what was computed, to as many digits.
std::string with_numbers(const std::string& line, const std::vector<double>& computed) {
  static const std::regex number("-?[0-9]+(\\.[0-9]+)?");
  const std::vector<std::smatch> found(std::sregex_iterator(line.begin(), line.end(), number), {});
  if (found.size() != computed.size()) {
    return std::to_string(computed.size()) + " numbers are computed";
  }
  std::string result = line;
  for (std::size_t i = found.size(); i-- > 0;) {
    const auto at = static_cast<std::size_t>(found[i].position());
    result.replace(at, found[i].str().size(), digits(computed[i], found[i].str()));
  }
  return result;
}

// One sample of the page: f32, profile P1, an image of one row and no channels but the first, so
// that only x matters.
class Example {
 public:
  explicit Example(const std::string& line)
      : case_(parse_case(line)), options_(*resolve(case_.request)) {
    const double x = case_.grid.values()[0];
    positions_of<float>(x, size(), options_.align_corners, {}, positions_);
    Locator<float>(options_, {}).locate(x, size(), x_);
    Locator<float>(options_, {}).locate(0, 1, y_);
  }

  // The numbers that stand behind a key of the page.
  [[nodiscard]] std::vector<double> numbers(const std::string& key) const {
    if (key == "position") return {positions_.front().lo, positions_.front().hi};
    if (key == "pixels") return {x_.indices.begin(), x_.indices.end()};
    if (key == "cell") return {static_cast<double>(cell().index)};
    if (key == "t") return {cell().lo, cell().hi};
    if (key == "value") return {range().lo, range().hi};
    if (key == "error") return {range().error()};
    const std::size_t tap = key.empty() ? 0 : static_cast<std::size_t>(key.back() - '0');
    if (key.starts_with("coefficient ")) return {axes().at(0).coefficient.at(tap)};
    if (key.starts_with("slope ")) return {axes().at(0).slope.at(tap)};
    if (key.starts_with("error of coefficient ")) return {axes().at(0).error(tap) * 0x1p24};
    throw std::runtime_error("no key of the page: " + key);
  }

  [[nodiscard]] std::string set() const {
    return to_string(Judge().admissible(case_, 0, 0), Dtype::f32);
  }

  // Of the values by channel, "20, 2".
  [[nodiscard]] std::string verdict(const std::string& answer) const {
    const Tensor tensor = parse_tensor("f32[1," + std::to_string(case_.input.size(1)) + ",1,1]{" +
                                       std::regex_replace(answer, std::regex(", "), ",") + "}");
    return std::string(name(Judge().judge(case_, tensor).worst()));
  }

 private:
  [[nodiscard]] std::int64_t size() const { return case_.input.size(3); }
  [[nodiscard]] const Cell<double>& cell() const {
    if (x_.cells.size() != 1) throw std::runtime_error("not one cell");
    return x_.cells.front();
  }
  [[nodiscard]] std::array<Cell<double>, 2> box() const { return {cell(), y_.cells.front()}; }

  // The texels under the taps: 0 outside the only row.
  template <std::size_t taps>
  [[nodiscard]] std::array<double, taps * taps> texels() const {
    constexpr std::int64_t before = taps / 2 - 1;
    const std::vector<double> row = case_.input.values();
    std::array<double, taps * taps> result{};
    for (std::size_t j = 0; j < taps; ++j) {
      const std::int64_t index = cell().index - before + static_cast<std::int64_t>(j);
      if (index < 0 || index >= size()) continue;
      result[before * taps + j] = row[static_cast<std::size_t>(index)];
    }
    return result;
  }

  [[nodiscard]] std::array<CubicAxis<double>, 2> axes() const {
    const std::array<Cell<double>, 2> cells = box();
    std::array<CubicAxis<double>, 2> axes = {CubicAxis<double>(cells[0]),
                                             CubicAxis<double>(cells[1])};
    for (std::size_t axis = 0; axis < 2; ++axis) axes[axis].bound_errors(cells[axis], {});
    return axes;
  }

  [[nodiscard]] Range<double> range() const {
    if (options_.mode == Mode::bicubic) return cubic_range<double>(texels<4>(), box(), {});
    return linear_range<double, 2>(texels<2>(), box(), {});
  }

  Case case_;
  Options options_;
  std::vector<Interval<double>> positions_;
  Axis<double> x_;
  Axis<double> y_;
};

// What should stand in place of the line of the page.
std::string recomputed(const std::string& line, std::optional<Example>& example) {
  if (const std::size_t equals = line.find(" = ");
      equals != std::string::npos && !line.starts_with("case:")) {
    const std::string stated = line.substr(equals + 3);
    return line.substr(0, equals + 3) +
           digits(Calculator(std::string_view(line).substr(0, equals)).result(), stated);
  }
  const std::size_t colon = line.find(": ");
  if (colon == std::string::npos) return "neither arithmetic nor a key and a value";
  const std::string key = line.substr(0, colon);
  const std::string value = line.substr(colon + 2);
  if (key == "case") {
    example.emplace(value);
    return line;
  }
  if (!example) return "no case stands before this";
  if (key == "set") return key + ": " + example->set();
  if (key == "answer") {
    const std::string answer = value.substr(0, value.find(" -> "));
    return key + ": " + answer + " -> " + example->verdict(answer);
  }
  return key + ": " + with_numbers(value, example->numbers(key));
}

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
