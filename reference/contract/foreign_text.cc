#include "reference/contract/foreign_text.h"

namespace gridproof {
namespace {

constexpr std::string_view replacement = "\uFFFD";

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

bool is_shown(char32_t code) {
  const bool control = code < 0x20 || (0x7f <= code && code < 0xa0);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool direction = code == 0x61c || code == 0x200e || code == 0x200f ||
                         (0x202a <= code && code <= 0x202e) || (0x2066 <= code && code <= 0x2069);
  // The mark of a byte order, interlinear annotations, tags, and U+FFFE and U+FFFF of each plane.
  const bool invisible =
      code == 0xfeff || (0xfff9 <= code && code <= 0xfffb) || (0xe0000 <= code && code <= 0xe007f);
  const bool none = (code & 0xfffeU) == 0xfffeU || (0xfdd0 <= code && code <= 0xfdef);
  return !control && !separator && !direction && !invisible && !none;
}

// Whether a text ends with a colon, before which is nothing or a blank of any script.
bool begins_with_colon(std::string_view text) {
  return text.ends_with(':') &&
         (text.size() == 1 || text[text.size() - 2] <= ' ' || text[text.size() - 2] > '~');
}

}  // namespace

Character character_of(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {1, is_shown(first)};
  const std::size_t size = first < 0xc2   ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return {};
  char32_t code = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues_a_character(text[i])) return {};
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  const bool is_overlong = code < (size == 2 ? 0x80U : size == 3 ? 0x800U : 0x10000U);
  const bool is_surrogate = 0xd800 <= code && code < 0xe000;
  if (is_overlong || is_surrogate || code > 0x10ffff) return {};
  return {size, is_shown(code)};
}

std::string valid_text(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const auto [size, is_shown] = character_of(text);
    const bool is_space = text.front() == '\t' || text.front() == '\n';
    valid += is_shown || is_space ? text.substr(0, size) : replacement;
    text.remove_prefix(size);
  }
  return valid;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const auto [size, is_shown] = character_of(text.substr(at));
    if (at + size > most) return line + "…";
    const auto first = static_cast<unsigned char>(text[at]);
    // And what is written before it.
    if ((line.ends_with("##") || line == "#") && first == '[') line += '\\';
    if (first == ':' && begins_with_colon(line)) line.insert(line.size() - 1, 1, '\\');
    if (is_shown) {
      line += text.substr(at, size);
    } else {
      line += first < 0x80 ? " " : replacement;
    }
    at += size;
  }
  // What is written behind it may complete a command.
  if (begins_with_colon(line) || line.ends_with("##")) line.insert(line.size() - 1, 1, '\\');
  return line;
}

}  // namespace gridproof
