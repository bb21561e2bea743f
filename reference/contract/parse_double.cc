#include "reference/contract/parse_double.h"

#include <locale.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace gridproof {

std::from_chars_result parse_double(const char* begin, const char* end, double& value,
                                    std::chars_format format) {
#ifdef __cpp_lib_to_chars
  return std::from_chars(begin, end, value, format);
#else
  return parse_double_by_strtod(begin, end, value, format);
#endif
}

std::from_chars_result parse_double_by_strtod(const char* begin, const char* end, double& value,
                                              std::chars_format format) {
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  const bool hexadecimal = format == std::chars_format::hex;
  std::string_view text(begin, static_cast<std::size_t>(end - begin));
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  // strtod() wants "0x" and takes spaces, another sign, and "0x" where a decimal is wanted.
  const std::string_view letters = hexadecimal ? "0123456789abcdefABCDEF.pP+-" : "0123456789.eE+-";
  text = text.substr(0, text.find_first_not_of(letters));
  if (text.starts_with('+') || text.starts_with('-')) text = {};
  const std::string copy = (hexadecimal ? "0x" : "") + std::string(text);
  char* after = nullptr;
  errno = 0;
  const double number = strtod_l(copy.c_str(), &after, plain);
  const std::ptrdiff_t read = after - copy.c_str() - (hexadecimal ? 2 : 0);
  if (read <= 0) return {begin, std::errc::invalid_argument};
  const char* const behind = begin + (negative ? 1 : 0) + read;
  // It also says ERANGE of subnormal numbers.
  if (errno == ERANGE && (std::isinf(number) || number == 0)) {
    return {behind, std::errc::result_out_of_range};
  }
  value = negative ? -number : number;
  return {behind, std::errc{}};
}

}  // namespace gridproof
