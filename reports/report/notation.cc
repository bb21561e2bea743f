#include "reports/report/notation.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "reference/contract/foreign_text.h"
#include "reference/contract/unravel.h"

namespace gridproof::reports {

std::string decimal(double value, Dtype dtype) {
  if (std::isnan(value)) return "nan";
  char buffer[64];
  const auto [end, error] =
      dtype == Dtype::f64
          ? std::to_chars(buffer, buffer + sizeof buffer, value)
          : std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value));
  return {buffer, end};
}

std::string notation(double value, Dtype dtype) {
  const std::string text = to_text(value, dtype);
  return text.find("0x") == std::string::npos ? text : decimal(value, dtype) + " (" + text + ')';
}

std::string notation(const Admissible& admissible, Dtype dtype) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " or ") + part; };
  for (const auto& [low, high] : admissible.intervals) {
    add(low == high || std::isnan(low)
            ? notation(low, dtype)
            : fmt::format("[{}, {}]", notation(low, dtype), notation(high, dtype)));
  }
  for (std::size_t i = 0; i < admissible.latitude.size(); ++i) {
    const auto& [value, clause] = admissible.latitude[i];
    const bool last =
        i + 1 == admissible.latitude.size() || admissible.latitude[i + 1].second != clause;
    add(to_text(value, dtype) + (last ? " under [" + clause + ']' : ""));
  }
  if (!admissible.silent.empty()) {
    add("anything else (the dialect is silent on [" + admissible.silent + "])");
  }
  return text;
}

std::string bracketed(const std::string& clause) {
  return clause.empty() ? "the documentation" : '[' + printable(clause, 60) + ']';
}

std::string whole_exact(const exact::Element& element) {
  if (!element.is_number()) return to_text(element.special, Dtype::f64);
  return to_text(element.number);
}

std::string short_exact(const exact::Element& element) {
  constexpr std::size_t most = 32;
  constexpr int digits = std::min(20, std::numeric_limits<long double>::digits10 + 2);
  std::string whole = whole_exact(element);
  if (whole.size() <= most) return whole;
  char buffer[64];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, exact::to_long_double(element.number),
                    std::chars_format::general, digits);
  std::string text(buffer, end);
  return text.insert(std::min(text.find('e'), text.size()), "…");
}

Shape indices_of(std::int64_t sample, const Shape& grid) {
  return unravel(sample, std::span(grid).first(grid.size() - 1));
}

std::string location(const Shape& indices) {
  const std::string_view letters = indices.size() == 4 ? "ndhw" : "nhw";
  std::string text;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    text += fmt::format("{}{}={}", i > 0 ? ", " : "", letters[i], indices[i]);
  }
  return text;
}

std::string coordinates_of(const Case& test_case, std::int64_t sample) {
  Shape index = indices_of(sample, test_case.grid.shape());
  index.push_back(0);
  std::string text;
  for (; index.back() < test_case.grid.shape().back(); ++index.back()) {
    if (!text.empty()) text += ", ";
    text += notation(test_case.grid.at(index), test_case.grid.dtype());
  }
  return text;
}

std::string describe(const Request& request) {
  const Options defaults;
  return fmt::format(
      "{}, {}, align_corners={}",
      printable(request.mode.value_or(std::string(name(defaults.mode))), 40),
      printable(request.padding_mode.value_or(std::string(name(defaults.padding))), 40),
      request.align_corners.value_or(defaults.align_corners) ? "True" : "False");
}

std::string describe(const Case& test_case) {
  const auto tensor = [](const Tensor& t) {
    return fmt::format("{}{}{}", name(t.dtype()), to_string(t.shape()),
                       t.is_contiguous() ? "" : " strides " + to_string(t.strides()));
  };
  return fmt::format("{}; input {}, grid {}", describe(test_case.request), tensor(test_case.input),
                     tensor(test_case.grid));
}

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same_bits:
    case Verdict::admissible:
      return "✓";
    case Verdict::latitude:
      return "~";
    case Verdict::undecided:
      return "?";
    case Verdict::quality_warning:
      return "△";
    case Verdict::refused_wrongly:
      return "R";
    case Verdict::deviates:
      return "✗";
    case Verdict::lost:
      return "L";
    case Verdict::unsupported:
      break;
  }
  return "";
}

}  // namespace gridproof::reports
