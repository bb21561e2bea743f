// Numbers and words that somebody typed. Whatever is wrong with them ends as an InputError: one
// sentence that says what, where, and what was expected. Tested by parse_test.cc.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "reference/contract/options.h"
#include "reference/contract/parse_double.h"
#include "reference/contract/tensor.h"

namespace gridproof::reports {

// Throws the InputError "OPTION is 'TEXT': expected EXPECTED".
[[noreturn]] void reject(std::string_view option, std::string_view text, std::string_view expected);

// The whole of `text` as a number.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const char* const last = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::is_same_v<Number, double>) {
    read = parse_double(text.data(), last, value);
  } else {
    read = std::from_chars(text.data(), last, value);
  }
  if (read.ec != std::errc{} || read.ptr != last) return std::nullopt;
  return value;
}

// The text in lower case, of ASCII.
std::string lower(std::string_view text);
// The value of an enumeration of that name, in any case.
template <class Enum>
std::optional<Enum> parse_any_case(const std::string& text) {
  for (const auto& named : names<Enum>) {
    if (lower(named.name) == lower(text)) return named.value;
  }
  return std::nullopt;
}

// Finite numbers with commas between them, "2,-0.5"; empty where there is anything else.
std::vector<double> parse_numbers(const std::string& text);

// Each takes the text of `option` and throws InputError for what it is not.
std::int64_t parse_count(std::string_view option, const std::string& text);  // 1000000, 1e6
std::uint64_t parse_seed(std::string_view option, const std::string& text);
std::chrono::milliseconds parse_time(std::string_view option, const std::string& text);  // 30s
int parse_threads(std::string_view option, const std::string& text);                     // 1 … 1024
std::int64_t parse_index(std::string_view option, const std::string& text);              // 0, 1, …
std::vector<std::int64_t> parse_indices(std::string_view option, const std::string& text);  // 0,2,1
Shape parse_sizes(std::string_view option, const std::string& text);  // 64,48, each at least 1
bool parse_truth(std::string_view option, const std::string& text);   // True, false, 1, no

}  // namespace gridproof::reports
