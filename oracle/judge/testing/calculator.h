// Pages of examples, which their tests compute again: judging_by_example_test.cc.
#pragma once

#include <cstddef>
#include <iomanip>
#include <iterator>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gridproof::judging {

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
inline std::string digits(double value, const std::string& like) {
  const std::size_t point = like.find('.');
  std::ostringstream text;
  text << std::fixed
       << std::setprecision(point == std::string::npos ? 0
                                                       : static_cast<int>(like.size() - point - 1))
       << value;
  return text.str();
}

// `line` with each of its numbers replaced by what was computed, to as many digits.
inline std::string with_numbers(const std::string& line, const std::vector<double>& computed) {
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

// What should stand in place of a line of the page. `Example` is made of a case; it has the numbers
// that stand behind a key, the verdict of an answer, and a word of its own for some keys.
template <class Example>
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
  if (const auto word = example->word(key, value)) return key + ": " + *word;
  if (key == "answer") {
    const std::string answer = value.substr(0, value.find(" -> "));
    return key + ": " + answer + " -> " + example->verdict(answer);
  }
  return key + ": " + with_numbers(value, example->numbers(key));
}

}  // namespace gridproof::judging
