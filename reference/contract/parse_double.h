// A number from text as std::from_chars reads it, also with a standard library that has that for
// integers alone (libc++). Tested by parse_double_test.cc.
#pragma once

#include <charconv>

namespace gridproof {

std::from_chars_result parse_double(const char* begin, const char* end, double& value,
                                    std::chars_format format = std::chars_format::general);

// The same by strtod().
std::from_chars_result parse_double_by_strtod(const char* begin, const char* end, double& value,
                                              std::chars_format format);

}  // namespace gridproof
