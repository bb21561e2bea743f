// Any text is a case, a tensor or a ParseError; and what was read is written so that it reads the
// same.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof {
namespace {

// Whether a text may count beyond 9,999 ("0*268435456" is legal, and a gibibyte). Digits behind a
// point count nothing.
bool counts_far(std::string_view text) {
  std::size_t digits = 0;
  bool is_fraction = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      is_fraction = text[i] == '.' && (i == 0 || text[i - 1] != '.');
      digits = 0;
    } else if (++digits > 4 && !is_fraction) {
      return true;
    }
  }
  return false;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// `parse` reads a case of either direction.
template <class Parse>
void read_as_case(std::string_view text, Parse&& parse) {
  try {
    const std::string line = to_line(parse(text));
    require(to_line(parse(line)) == line);
  } catch (const ParseError& error) {
    require(error.column() >= 1 && error.column() <= text.size() + 1);
  }
}

void read_as_tensor(std::string_view text) {
  try {
    const Tensor tensor = parse_tensor(text);
    const std::string written = to_text(tensor);
    const Tensor again = parse_tensor(written);
    require(to_text(again) == written);
    // A layout of stride 0 may repeat few values very often.
    if (tensor.element_count() < 100'000) require(again.same_values(tensor));
  } catch (const ParseError& error) {
    require(error.column() >= 1 && error.column() <= text.size() + 1);
  }
}

}  // namespace
}  // namespace gridproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!gridproof::counts_far(text)) {
    gridproof::read_as_case(text, gridproof::parse_case);
    gridproof::read_as_case(text, gridproof::parse_backward_case);
    gridproof::read_as_tensor(text);
  }
  return 0;
}
