#include "reports/text/parse.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reference/contract/foreign_text.h"
#include "reference/contract/parse_double.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_quoted = 60;

// Whole numbers with commas between them, each at least `least`.
std::vector<std::int64_t> whole_numbers(std::string_view option, const std::string& text,
                                        std::int64_t least, std::string_view expected) {
  std::vector<std::int64_t> numbers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto number =
        whole_number<std::int64_t>(std::string_view(text).substr(begin, end - begin));
    if (!number || *number < least) reject(option, text, expected);
    numbers.push_back(*number);
    begin = end + 1;
  }
  return numbers;
}

}  // namespace

void reject(std::string_view option, std::string_view text, std::string_view expected) {
  throw InputError(
      fmt::format("{} is '{}': expected {}", option, printable(text, max_quoted), expected));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::vector<double> parse_numbers(const std::string& text) {
  std::vector<double> list;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    double value = 0;
    const auto [after, error] = parse_double(at, end, value);
    if (error != std::errc() || !std::isfinite(value)) return {};
    list.push_back(value);
    if (after == end) return list;
    if (*after != ',') return {};
    at = after + 1;
  }
}

std::int64_t parse_count(std::string_view option, const std::string& text) {
  if (const auto count = whole_number<std::int64_t>(text); count && *count > 0) return *count;
  // 1e8: a whole number all the same, and small enough that double has it exactly.
  const auto value = whole_number<double>(text);
  if (value && *value >= 1 && *value <= 0x1p53 && *value == std::trunc(*value)) {
    return static_cast<std::int64_t>(*value);
  }
  reject(option, text, "a positive whole number such as 1000000 or 1e6");
}

std::uint64_t parse_seed(std::string_view option, const std::string& text) {
  if (const auto seed = whole_number<std::uint64_t>(text)) return *seed;
  reject(option, text, "a whole number from 0 to 18446744073709551615");
}

std::chrono::milliseconds parse_time(std::string_view option, const std::string& text) {
  static constexpr std::pair<std::string_view, double> units[] = {
      {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const auto& [unit, milliseconds] : units) {
    if (!std::string_view(text).ends_with(unit)) continue;
    const auto value =
        whole_number<double>(std::string_view(text).substr(0, text.size() - unit.size()));
    if (!value) continue;
    const double budget = *value * milliseconds;
    const bool sensible = budget >= 1 && budget <= 1e12;  // NaN is neither
    if (!sensible) break;
    return std::chrono::milliseconds(static_cast<std::int64_t>(budget));
  }
  reject(option, text, "a time such as 30s, 500ms, 5min or 1h");
}

int parse_threads(std::string_view option, const std::string& text) {
  if (const auto threads = whole_number<int>(text); threads && *threads >= 1 && *threads <= 1024) {
    return *threads;
  }
  reject(option, text, "a whole number from 1 to 1024");
}

std::int64_t parse_index(std::string_view option, const std::string& text) {
  if (const auto index = whole_number<std::int64_t>(text); index && *index >= 0) return *index;
  reject(option, text, "a whole number, 0 or more");
}

std::vector<std::int64_t> parse_indices(std::string_view option, const std::string& text) {
  return whole_numbers(option, text, 0, "indices from 0 such as 0,2,1");
}

Shape parse_sizes(std::string_view option, const std::string& text) {
  return whole_numbers(option, text, 1, "sizes from 1 such as 64,48");
}

bool parse_truth(std::string_view option, const std::string& text) {
  const std::string typed = lower(text);
  for (const char* yes : {"true", "1", "yes", "on"}) {
    if (typed == yes) return true;
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    if (typed == no) return false;
  }
  reject(option, text, "True or False");
}

}  // namespace gridproof::reports
