// The options and what is refused because of them; their names and defaults are in the contract.
// Clauses: options.md. Tested by options_test.cc.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "reference/contract/case.h"
#include "reference/contract/subject.h"

namespace gridproof::semantics {

// "expected 'a', 'b' or 'c'", from the table of names.
template <class Enum>
std::string expected_names() {
  std::string text = "expected ";
  for (std::size_t i = 0; i < names<Enum>.size(); ++i) {
    if (i > 0) text += i + 1 == names<Enum>.size() ? " or " : ", ";
    text += "'" + std::string(names<Enum>[i].name) + "'";
  }
  return text;
}

// [options.mode]
inline std::optional<Refusal> refuse_mode(const Case& test_case) {
  const auto& mode = test_case.request.mode;
  if (!mode || parse<Mode>(*mode)) return std::nullopt;
  return Refusal{"options.mode", "mode is '" + *mode + "': " + expected_names<Mode>()};
}

// [options.padding-mode]
inline std::optional<Refusal> refuse_padding_mode(const Case& test_case) {
  const auto& padding = test_case.request.padding_mode;
  if (!padding || parse<Padding>(*padding)) return std::nullopt;
  return Refusal{"options.padding-mode",
                 "padding_mode is '" + *padding + "': " + expected_names<Padding>()};
}

// [options.bicubic-4d] Checked after the rank: the input is 4-D or 5-D.
inline std::optional<Refusal> refuse_bicubic(const Case& test_case) {
  if (test_case.request.mode != name(Mode::bicubic) || test_case.input.rank() == 4) {
    return std::nullopt;
  }
  return Refusal{"options.bicubic-4d", "mode is 'bicubic' and input is 5-D: expected a 4-D input"};
}

// [options.defaults] [options.align-corners] What a valid request means: an option that is left out
// takes the value of a default-constructed Options.
inline Options options_of(const Request& request) {
  const auto options = resolve(request);
  if (!options) throw std::invalid_argument("an option without meaning that was not refused");
  return *options;
}

// Calls `visitor` with the mode as a constant of the compiler's.
template <class Visitor>
auto visit_mode(Mode mode, Visitor&& visitor) {
  switch (mode) {
    case Mode::bilinear:
      return visitor(std::integral_constant<Mode, Mode::bilinear>{});
    case Mode::nearest:
      return visitor(std::integral_constant<Mode, Mode::nearest>{});
    case Mode::bicubic:
      break;
  }
  return visitor(std::integral_constant<Mode, Mode::bicubic>{});
}

}  // namespace gridproof::semantics
