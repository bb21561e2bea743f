#include "reference/contract/case.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace gridproof {
namespace {

const std::string plain =
    "grid_sample mode=nearest padding_mode=zeros align_corners=False "
    "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.5,0}";

TEST(Case, ALineIsReadAndWrittenBack) {
  const Case test_case = parse_case(plain);
  EXPECT_EQ(test_case.request.mode, "nearest");
  EXPECT_EQ(test_case.request.padding_mode, "zeros");
  EXPECT_EQ(test_case.request.align_corners, false);
  EXPECT_EQ(test_case.input.values(), (std::vector<double>{1, 2, 4, 8}));
  EXPECT_EQ(test_case.grid.values(), (std::vector<double>{-0.5, 0}));
  EXPECT_EQ(to_line(test_case), plain);
  EXPECT_EQ(sample_count(test_case), 1);
}

TEST(Case, OptionsMayBeLeftOut) {
  const Case test_case = parse_case("grid_sample input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,0}");
  EXPECT_EQ(test_case.request, Request{});
  EXPECT_EQ(resolve(test_case.request), Options{});
  EXPECT_FALSE(resolve(Request{.mode = "lanczos"}).has_value());
  EXPECT_FALSE(resolve(Request{.padding_mode = "wrap"}).has_value());
}

TEST(Tensor, TextIsShortWhereValuesRepeatOrCount) {
  EXPECT_EQ(to_text(Tensor(Dtype::f32, {6}, std::vector<double>(6, 0.5))), "f32[6]{0.5*6}");
  EXPECT_EQ(to_text(parse_tensor("f32[5]{3,4,5,6,7}")), "f32[5]{3..7}");
  EXPECT_EQ(to_text(parse_tensor("f32[5]{-2..2}")), "f32[5]{-2..2}");
  // A range through zero keeps the sign of zero.
  EXPECT_EQ(to_text(parse_tensor("f32[5]{-2,-1,-0,1,2}")), "f32[5]{-2,-1,-0,1,2}");
}

TEST(Tensor, LayoutsAreWritten) {
  const std::string text = "f32[2,2]strides[1,3]offset[1]{9,1,2,9,3,4}";
  const Tensor tensor = parse_tensor(text);
  EXPECT_EQ(tensor.values(), (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(to_text(tensor), text);
}

TEST(Value, IsExactBothWays) {
  for (const auto& [text, dtype, value] :
       {std::tuple{"0x1.000002p-1", Dtype::f32, 0x1.000002p-1},
        {"-0x1p-149", Dtype::f32, -0x1p-149},
        {"0x1.fffffffffffffp+1023", Dtype::f64, 0x1.fffffffffffffp+1023},
        {"0x1p-1074", Dtype::f64, 0x1p-1074},
        {"inf", Dtype::f16, INFINITY},
        {"-inf", Dtype::bf16, -INFINITY},
        {"-0", Dtype::f32, -0.0},
        {"2.125", Dtype::f16, 2.125}}) {
    EXPECT_TRUE(same_bits(parse_value(text, dtype), value)) << text;
    EXPECT_EQ(to_text(value, dtype), text);
  }
  EXPECT_TRUE(std::isnan(parse_value("nan", Dtype::f32)));
  // A decimal is rounded once, to the nearest of the type.
  EXPECT_EQ(parse_value("0.1", Dtype::f32), static_cast<double>(0.1F));
}

struct Bad {
  const char* text;
  const char* says;  // part of the sentence
  std::size_t column;
};

TEST(ParseError, SaysWhatAndWhere) {
  const Bad lines[] = {
      {"", "expected 'grid_sample'", 1},
      {"grid_sample", "no input=", 12},
      {"grid_sample input=f32[1,1,1,1]{1}", "no grid=", 34},
      {"grid_sample  mode=nearest", "expected one of mode=", 13},
      {"grid_sample mode=nearest mode=nearest", "appears twice", 31},
      {"grid_sample align_corners=yes", "True or False", 27},
      {"grid_sample input=f31[1]{1}", "not a dtype", 19},
      {"grid_sample input=f32[1,x]{1}", "a 64-bit integer", 25},
      {"grid_sample input=f32[99999999999999999999]{1}", "a 64-bit integer", 23},
      {"grid_sample input=f32[9999999999,9999999999]{1}", "too many elements", 45},
      {"grid_sample input=f32[1073741824]{1}", "more than 67108864 elements (--max-elem", 34},
      {"grid_sample input=f64[8192,8193]{0*67117056}", "the tensor has more than 67108864 el", 33},
      {"grid_sample input=f32[1]strides[0]{0*99999999}", "more than the 67108864 values", 46},
      {"grid_sample input=f32[1,1,1,1]{0} grid=f32[1,8192,8193,2]strides[0,0,0,0]{0}",
       "its output has more than 67108864 elements", 77},
      {"grid_sample input=f32[1,99999999999,1,1]strides[0,0,0,0]{0} "
       "grid=f32[1,99999,99999,2]strides"
       "[0,0,0,0]{0}",
       "its output has more than 67108864 elements", 105},
      {"grid_sample input=f32[-1]{1}", "negative", 26},
      {"grid_sample input=f32[2]{1}", "needs 2 values, not 1", 28},
      {"grid_sample input=f32[1]{1,2}", "more than the 1 values", 29},
      {"grid_sample input=f32[1]{}", "needs 1 values, not 0", 27},
      {"grid_sample input=f32[1]{1", "expected '}'", 27},
      {"grid_sample input=f32[1]{one}", "is not a value", 26},
      {"grid_sample input=f32[1]{1e999}", "outside the range", 26},
      {"grid_sample input=f32[1]{0x1.0000001p0}", "not exact in f32", 26},
      {"grid_sample input=f16[1]{2049}", "not exact in f16", 26},
      {"grid_sample input=i32[1]{nan}", "not a value of i32", 26},
      {"grid_sample input=f32[2]{1*0}", "positive count", 29},
      {"grid_sample input=f32[2]{3..1}", "integers a <= b", 26},
      {"grid_sample input=f32[2]strides[1]{1}", "reaches element 1", 38},
      {"grid_sample input=f32[2]strides[1,1]{1,2}", "one stride for each axis", 42},
      {"grid_sample input=f32[1]{--1}", "is not a value", 26},
      {"grid_sample input=f32[1]{0x}", "is not a value", 26},
      {"grid_sample input=f32[1]{infinity}", "is not a value", 26},
  };
  for (const Bad& bad : lines) {
    try {
      (void)parse_case(bad.text);
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const ParseError& error) {
      EXPECT_NE(std::string(error.what()).find(bad.says), std::string::npos)
          << bad.text << " → " << error.what();
      EXPECT_EQ(error.column(), bad.column) << bad.text << " → " << error.what();
    }
  }
}

// A kernel may know one NaN from another, so a line does.
TEST(Case, KeepsTheBitsOfNans) {
  const std::string line =
      "grid_sample input=f16[1,1,1,7]{nan,nan(0xfe00),nan(0x7c01)*4,inf} "
      "grid=f64[1,1,2,2]strides[4,4,1,1]{nan(0x7ff8000000000001),1,nan(0xfff8000000000000)}";
  const Case test_case = parse_case(line);
  EXPECT_EQ(test_case.input.elements<Half>()[0].bits, 0x7e00);
  EXPECT_EQ(test_case.input.elements<Half>()[1].bits, 0xfe00);
  EXPECT_EQ(test_case.input.elements<Half>()[3].bits, 0x7c01);
  EXPECT_EQ(to_line(test_case), line);
  EXPECT_EQ(to_text(parse_tensor("f32[4]{-nan*4}")), "f32[4]{nan(0xffc00000)*4}");
  for (const char* bad :
       {"f16[1]{nan(0x7c00)}", "f16[1]{nan(0x17e00)}", "f32[1]{nan(0x)}", "f32[1]{nan(0x7fc00001}",
        "f32[1]{nan(7fc00001)}", "i32[1]{nan(0x1)}", "f32[1]{nan(0x7fc00001)1}", "f32[1]{nan()}",
        "f32[1]{nan(0x7fc00001)..2}"}) {
    EXPECT_THROW(parse_tensor(bad), ParseError) << bad;
  }
}

// Whatever is done to a line, it is read or refused, and what is read is written back stably.
RC_GTEST_PROP(Parser, SurvivesMutatedLines, ()) {
  std::string line =
      "grid_sample mode=bilinear padding_mode=reflection align_corners=True "
      "input=f32[1,1,2,2]strides[4,4,2,1]offset[1]{nan(0x7fc00001),1..3,-0x1.8p-3*2} "
      "grid=bf16[1,1,1,2]{-0.5,inf}";
  const auto edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        line[at] = *rc::gen::elementOf(std::string("0123456789.,*-+[](){}=xpinfa \xff"));
        break;
      case 1:
        line.erase(at, *rc::gen::inRange<std::size_t>(1, 4));
        break;
      default:
        line.insert(at, line.substr(*rc::gen::inRange<std::size_t>(0, line.size()), 5));
        break;
    }
    if (line.empty()) line = "g";
  }
  try {
    const Case test_case = parse_case(line);
    const std::string written = to_line(test_case);
    RC_ASSERT(to_line(parse_case(written)) == written);
  } catch (const ParseError& error) {
    RC_ASSERT(error.column() >= 1 && error.column() <= line.size() + 1);
  }
}

RC_GTEST_PROP(Parser, EveryValueIsExactBothWays, (std::uint64_t bits)) {
  const auto wide = std::bit_cast<double>(bits);
  RC_ASSERT(same_bits(parse_value(to_text(wide, Dtype::f64), Dtype::f64), wide));
  const auto narrow = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  RC_ASSERT(same_bits(parse_value(to_text(narrow, Dtype::f32), Dtype::f32), narrow));
}

// The row-major place of (n, c, h, w) is that of sample (n, h, w) and channel c.
TEST(Case, ElementsHaveTheirPlace) {
  const Shape output{2, 3, 4, 5};
  std::int64_t place = 0;
  for (std::int64_t n = 0; n < 2; ++n) {
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t point = 0; point < 20; ++point) {
        EXPECT_EQ(element_place(output, n * 20 + point, c), place++);
      }
    }
  }
}

TEST(CaseId, DependsOnTheLineOnly) {
  EXPECT_EQ(case_id(parse_case(plain)), case_id(parse_case(plain + "\n")));
  Case other = parse_case(plain);
  other.request.align_corners = true;
  EXPECT_NE(case_id(parse_case(plain)), case_id(other));
}

}  // namespace
}  // namespace gridproof
