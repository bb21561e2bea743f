#include "reference/contract/parse_double.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <clocale>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace gridproof {
namespace {

using enum std::chars_format;

struct Reading {
  std::uint64_t bits;
  std::ptrdiff_t length;
  std::errc error;
  bool operator==(const Reading&) const = default;
};
std::ostream& operator<<(std::ostream& stream, const Reading& reading) {
  return stream << std::bit_cast<double>(reading.bits) << ", " << reading.length << " characters, "
                << static_cast<int>(reading.error);
}

template <class Function>
Reading reading(const Function& function, std::string_view text, std::chars_format format) {
  double value = 7;
  const auto [end, error] = function(text.data(), text.data() + text.size(), value, format);
  return {std::bit_cast<std::uint64_t>(value), end - text.data(), error};
}
Reading parsed(std::string_view text, std::chars_format format = general) {
  return reading(parse_double, text, format);
}
Reading by_strtod(std::string_view text, std::chars_format format = general) {
  return reading(parse_double_by_strtod, text, format);
}
Reading number(double value, std::ptrdiff_t length) {
  return {std::bit_cast<std::uint64_t>(value), length, std::errc{}};
}

constexpr const char* known[] = {"0",
                                 "-0",
                                 "1",
                                 "-1.5",
                                 ".5",
                                 "5.",
                                 "1e3",
                                 "1e-3",
                                 "1E+3",
                                 "1e",
                                 "1e+",
                                 "1.5.5",
                                 "1,5",
                                 "12abc",
                                 "0x10",
                                 "0X10",
                                 "",
                                 "-",
                                 "+1",
                                 "-+1",
                                 "--1",
                                 " 1",
                                 "\t1",
                                 "1 ",
                                 ".",
                                 "e5",
                                 "-.",
                                 "1p3",
                                 "1.8p1",
                                 "fp-2",
                                 "a.8",
                                 "x1",
                                 "1e400",
                                 "-1e400",
                                 "1e-400",
                                 "0e400",
                                 "0e999",
                                 "1p9999",
                                 "1p-9999",
                                 "0p-9999",
                                 "5e-324",
                                 "4.9e-324",
                                 "2e-324",
                                 "3e-324",
                                 "1.7976931348623157e308",
                                 "1.7976931348623159e308",
                                 "2.2250738585072011e-308",
                                 "0.1",
                                 "0.30000000000000004",
                                 "9007199254740993",
                                 "1p-1074",
                                 "1.8p-1074",
                                 "1p-1075",
                                 "1.fffffffffffff8p1023",
                                 "1.fffffffffffff7p1023",
                                 "1.00000000000008p0",
                                 "1.00000000000018p0"};

TEST(ParseDouble, ReadsNumbers) {
  EXPECT_EQ(parsed("-2.5e1;"), number(-25, 6));
  EXPECT_EQ(parsed("1.8p1", hex), number(3, 5));
  EXPECT_EQ(parsed("-0"), number(-0.0, 2));
  EXPECT_EQ(parsed("5e-324"), number(0x1p-1074, 6));
  EXPECT_EQ(parsed("0x10"), number(0, 1));
  EXPECT_EQ(parsed("1e400").error, std::errc::result_out_of_range);
  EXPECT_EQ(parsed("1e-400").error, std::errc::result_out_of_range);
  for (const char* none : {"", "-", "+1", " 1", "x"}) {
    EXPECT_EQ(parsed(none).error, std::errc::invalid_argument) << none;
  }
}

TEST(ParseDouble, StrtodReadsTheSame) {
  for (const char* text : known) {
    for (const std::chars_format format : {general, hex}) {
      EXPECT_EQ(by_strtod(text, format), parsed(text, format)) << "'" << text << "'";
    }
  }
}

RC_GTEST_PROP(ParseDouble, StrtodReadsTheSameOfAnyText, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123459.eEpPaF+- x")));
  for (const std::chars_format format : {general, hex}) {
    RC_ASSERT(by_strtod(text, format) == parsed(text, format));
  }
}

RC_GTEST_PROP(ParseDouble, StrtodReadsTheSameOfAnyDouble, ()) {
  const auto value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  RC_PRE(value - value == 0);
  std::array<char, 64> text{};
  for (const std::chars_format format : {general, hex}) {
    const char* const end =
        std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
    const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
    RC_ASSERT(by_strtod(written, format) == number(value, end - text.data()));
    RC_ASSERT(parsed(written, format) == number(value, end - text.data()));
  }
}

}  // namespace
}  // namespace gridproof
