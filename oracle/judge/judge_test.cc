#include "oracle/judge/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "oracle/exact/exact.h"
#include "oracle/judge/position.h"
#include "oracle/judge/testing/any_rounding.h"
#include "oracle/judge/testing/random_case.h"

namespace gridproof {
namespace {

using judging::any_rounding;
using judging::CoordinateFormula;
using judging::RandomCase;
using judging::RoundingChoices;

constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan = std::nan("");

Judgment judgment(const std::string& line, const std::string& answer,
                  const std::string& profile = "P1") {
  return Judge(*parse_profile(profile)).judge(parse_case(line), parse_tensor(answer));
}
Verdict verdict(const std::string& line, const std::string& answer,
                const std::string& profile = "P1") {
  return judgment(line, answer, profile).worst();
}
std::string clause(const std::string& line, const std::string& answer,
                   const std::string& profile = "P1") {
  const Judgment result = judgment(line, answer, profile);
  return result.notable.empty() ? "" : result.notable.front().clause;
}

// The neighbor of a value in its dtype.
double neighbor(double value, Dtype dtype, double towards) {
  const Format format = format_of(dtype);
  const double largest =
      std::ldexp(2.0 - std::ldexp(1.0, 1 - format.precision), format.max_exponent);
  const double direction = towards > value ? 1 : -1;
  if (std::isinf(value)) return value > 0 ? largest : -largest;
  const double smallest = std::ldexp(1.0, format.min_subnormal_exponent());
  if (value == 0) return direction * smallest;
  const int exponent = std::max(std::ilogb(value), format.min_exponent);
  double ulp = std::ldexp(1.0, exponent - format.precision + 1);
  const bool power = std::fabs(value) == std::ldexp(1.0, exponent);
  if (power && exponent > format.min_exponent && direction * value < 0) ulp /= 2;
  return std::fabs(value + direction * ulp) > largest ? direction * infinity
                                                      : value + direction * ulp;
}

TEST(Neighbors, AreAdjacent) {
  EXPECT_EQ(neighbor(1, Dtype::f32, infinity), std::nextafter(1.0F, 2.0F));
  EXPECT_EQ(neighbor(1, Dtype::f32, -infinity), std::nextafter(1.0F, 0.0F));
  EXPECT_EQ(neighbor(-1, Dtype::f64, infinity), std::nextafter(-1.0, 0.0));
  EXPECT_EQ(neighbor(0, Dtype::f16, -infinity), -0x1p-24);
  EXPECT_EQ(neighbor(65504, Dtype::f16, infinity), infinity);
}

Tensor with_value(const Tensor& tensor, std::size_t position, double value) {
  std::vector<double> values = tensor.values();
  values[position] = value;
  return {tensor.dtype(), tensor.shape(), values};
}

// ---- Whole cases, worked out by hand ----

TEST(Judge, TellsSameBitsFromAdmissible) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,2,2]{0x1p24,1,1,-0x1p24} grid=f32[1,1,1,2]{0,0}");
  const Answer reference = parse_tensor("f32[1,1,1,1]{0}");
  const Judge judge;
  EXPECT_EQ(judge.judge(test_case, reference, &reference).worst(), Verdict::same_bits);
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,1,1,1]{0.5}"), &reference).worst(),
            Verdict::admissible);
  EXPECT_EQ(judge.judge(test_case, reference).worst(), Verdict::admissible);
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,1,1,1]{64}"), &reference).worst(),
            Verdict::deviates);
}

// An identity grid asks for texels as they are, and one last place more is wrong.
TEST(Judge, HoldsTheIdentityGridToTheLastPlace) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    const std::string line = std::string("grid_sample mode=") + mode +
                             " input=f32[1,1,2,2]{0.1,-3,0x1p-100,7e20} "
                             "grid=f32[1,2,2,2]{-0.5,-0.5,0.5,-0.5,-0.5,0.5,0.5,0.5}";
    const Case test_case = parse_case(line);
    const Tensor right(Dtype::f32, {1, 1, 2, 2}, test_case.input.values());
    EXPECT_EQ(Judge().judge(test_case, right).worst(), Verdict::admissible) << mode;
    for (std::size_t k = 0; k < 4; ++k) {
      for (const double towards : {infinity, -infinity}) {
        const Tensor wrong = with_value(right, k, neighbor(right.values()[k], Dtype::f32, towards));
        const Judgment result = Judge().judge(test_case, wrong);
        EXPECT_EQ(result[Verdict::deviates], 1) << mode << ' ' << k;
        EXPECT_EQ(result[Verdict::admissible], 3) << mode << ' ' << k;
      }
    }
  }
}

TEST(Judge, HasNoToleranceWhereNothingCanRound) {
  const std::string half = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}";
  const double value = std::get<Tensor>(exact::answer(parse_case(half))).values()[0];
  for (const double off : {0x1p-24, -0x1p-24, 0x1p-23, 1e-45}) {
    EXPECT_EQ(verdict(half, "f32[1,1,1,1]{" + to_text(value, Dtype::f32) + "}"),
              Verdict::admissible);
    if (static_cast<float>(value + off) == static_cast<float>(value)) continue;
    EXPECT_EQ(verdict(half, "f32[1,1,1,1]{" + to_text(value + off, Dtype::f32) + "}"),
              Verdict::deviates);
  }
  const std::string zeros = "grid_sample input=f32[1,1,3,3]{0*9} grid=f32[1,1,1,2]{0.123,0.456}";
  EXPECT_EQ(verdict(zeros, "f32[1,1,1,1]{0x1p-149}"), Verdict::deviates);
  const std::string cubic =
      "grid_sample mode=bicubic padding_mode=border "
      "input=f32[1,1,1,4]{10,200,37,255} grid=f32[1,1,1,2]{0,0}";
  const double middle = std::get<Tensor>(exact::answer(parse_case(cubic))).values()[0];
  EXPECT_EQ(verdict(cubic, "f32[1,1,1,1]{" + to_text(middle, Dtype::f32) + "}"),
            Verdict::admissible);
  EXPECT_EQ(verdict(cubic, "f32[1,1,1,1]{" +
                               to_text(neighbor(middle, Dtype::f32, infinity), Dtype::f32) + "}"),
            Verdict::deviates);
  // One bit more than fits, and there is room again.
  const std::string long_texel =
      "grid_sample input=f32[1,1,1,2]{0x1.000002p+0,2} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(long_texel, "f32[1,1,1,1]{0x1.800002p+0}"), Verdict::admissible);
}

TEST(Judge, AcceptsOnlyTheTexelThatNearestMeans) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,5,2]"
      "{-0.5,0,0,0,0.5,0,-1,0,1,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,5]{1,4,4,1,0}"), Verdict::admissible);
  // A tie that went to the odd neighbor.
  EXPECT_EQ(clause(line, "f32[1,1,1,5]{2,4,4,1,0}"), "nearest.ties-to-even");
  EXPECT_EQ(clause("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.1,0}",
                   "f32[1,1,1,1]{2}"),
            "nearest.texel");
  EXPECT_EQ(verdict("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.1,0}",
                    "f32[1,1,1,1]{0x1.000002p2}"),
            Verdict::deviates);
}

// [arith.zero-sign] Nearest copies the sign of zero, and padding is +0: the other sign is latitude.
// Elsewhere it does not matter.
TEST(Judge, TheSignOfZeroNeverDeviates) {
  const std::string copy = "grid_sample mode=nearest input=f32[1,1,1,1]{-0} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{-0}"), Verdict::admissible);
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{0}"), Verdict::latitude);
  EXPECT_EQ(clause(copy, "f32[1,1,1,1]{0}"), "arith.zero-sign");
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{0x1p-149}"), Verdict::deviates);
  // One position must explain all channels all the same.
  const std::string channels =
      "grid_sample mode=nearest input=f32[1,2,1,2]{-0,5,7,-0} grid=f32[1,1,1,2]{0x1p-30,0}";
  EXPECT_EQ(verdict(channels, "f32[1,2,1,1]{-0,7}"), Verdict::admissible);
  EXPECT_EQ(verdict(channels, "f32[1,2,1,1]{0,7}"), Verdict::latitude);
  EXPECT_EQ(verdict(channels, "f32[1,2,1,1]{5,0}"), Verdict::latitude);
  EXPECT_EQ(verdict(channels, "f32[1,2,1,1]{0,0}"), Verdict::deviates);
  const std::string mixed = "grid_sample input=f32[1,1,1,2]{-0,-0} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(mixed, "f32[1,1,1,1]{-0}"), Verdict::admissible);
  EXPECT_EQ(verdict(mixed, "f32[1,1,1,1]{0}"), Verdict::admissible);
  for (const char* mode : {"bilinear", "bicubic"}) {
    const std::string outside =
        std::string("grid_sample mode=") + mode + " input=f32[1,1,1,2]{1,1} grid=f32[1,1,1,2]{9,0}";
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{0}"), Verdict::admissible);
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{-0}"), Verdict::admissible);
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{0x1p-149}"), Verdict::deviates);
  }
  for (const char* x : {"9", "1.5", "inf"}) {
    const std::string outside =
        std::string("grid_sample mode=nearest input=f32[1,1,1,2]{1,1} grid=f32[1,1,1,2]{") + x +
        ",0}";
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{0}"), Verdict::admissible) << x;
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{-0}"), Verdict::latitude) << x;
    EXPECT_EQ(verdict(outside, "f32[1,1,1,1]{0x1p-149}"), Verdict::deviates) << x;
  }
}

TEST(Judge, ReadsNanAsMinusOne) {
  const std::string line = "grid_sample input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0.5}"), Verdict::admissible);
  EXPECT_EQ(clause(line, "f32[1,1,1,1]{nan}"), "coord.nan");
  EXPECT_EQ(clause(line, "f32[1,1,1,1]{0}"), "coord.nan");
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}"), Verdict::deviates);
}

TEST(Judge, KnowsWhatInfinityReads) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    const std::string start = std::string("grid_sample mode=") + mode;
    const std::string rest = " input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,2,2]{inf,0,-inf,0}";
    // One row: bicubic would mix it with the padding above and below, so the border is used for y.
    EXPECT_EQ(verdict(start + rest, "f32[1,1,1,2]{0,0}"), Verdict::admissible);
    EXPECT_EQ(clause(start + rest, "f32[1,1,1,2]{0,1}"), "infinity.zeros");
    const std::string border = start + " padding_mode=border" + rest;
    EXPECT_EQ(verdict(border, "f32[1,1,1,2]{8,1}"), Verdict::admissible);
    EXPECT_EQ(clause(border, "f32[1,1,1,2]{8,nan}"), "infinity.border");
    EXPECT_EQ(clause(border, "f32[1,1,1,2]{1,1}"), "infinity.border");
    const std::string reflection = start + " padding_mode=reflection" + rest;
    const Judgment open = judgment(reflection, "f32[1,1,1,2]{8,1}");
    EXPECT_EQ(open[Verdict::latitude], 2) << mode;
    EXPECT_EQ(open.notable.front().clause, "infinity.reflection");
    EXPECT_EQ(verdict(reflection, "f32[1,1,1,2]{99,1}"), Verdict::deviates);
    EXPECT_EQ(verdict(reflection, "f32[1,1,1,2]{nan,1}"), Verdict::deviates);
    if (mode == std::string("nearest")) {
      EXPECT_EQ(verdict(reflection, "f32[1,1,1,2]{3,1}"), Verdict::deviates);
    }
  }
}

// A position that is off by pixels still has one answer where padding makes it so.
TEST(Judge, IsCertainOfLargeCoordinates) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    for (const char* flag : {"True", "False"}) {
      for (const char* x : {"0x1p20", "0x1.234568p30", "0x1p127"}) {
        const std::string start =
            std::string("grid_sample mode=") + mode + " align_corners=" + flag;
        const std::string rest =
            std::string(" input=f32[1,1,1,64]{1..64} grid=f32[1,1,2,2]{") + x + ",0,-" + x + ",0}";
        EXPECT_EQ(verdict(start + " padding_mode=border" + rest, "f32[1,1,1,2]{64,1}"),
                  Verdict::admissible)
            << mode << flag << x;
        EXPECT_EQ(verdict(start + " padding_mode=border" + rest, "f32[1,1,1,2]{63,1}"),
                  Verdict::deviates);
        EXPECT_EQ(verdict(start + " padding_mode=zeros" + rest, "f32[1,1,1,2]{0,0}"),
                  Verdict::admissible);
        EXPECT_EQ(clause(start + " padding_mode=zeros" + rest, "f32[1,1,1,2]{0,1}"),
                  "padding.zeros");
      }
    }
  }
}

// judging.md, section 7: in a 16-bit type nothing may be known of a position, and that excuses
// nothing: what P1 excludes deviates, unless a looser profile knows that it may be.
// On an axis of 2^24 rows P3 does not know the row; that a lerp rounds otherwise along the other
// axis it knows. Who reads a row that P1 excludes is not excused.
TEST(Judge, KnowsTheSumsOfOtherFormulasOnLongAxes) {
  const std::string lerp =
      "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
      "input=f32[1,1,16777221,8]strides[8,8,0,1]{-0x1.45d58ap+3,-0x1.4a4a18p-5,0*6} "
      "grid=f32[1,1,1,2]{-0.63671875,1}";
  EXPECT_EQ(verdict(lerp, "f32[1,1,1,1]{-0x1.080d2p-1}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(lerp, "f32[1,1,1,1]{-0x1.081d2p-1}"), Verdict::deviates);
  EXPECT_EQ(verdict(lerp, "f32[1,1,1,1]{0}"), Verdict::deviates);
}

// Beyond 2^24 a formula of P3 is off by pixels where that of P1 is exact: the numbers that it gives
// are few, and what is read there is excused, no more.
TEST(Judge, KnowsTheNumbersOfOtherFormulasOnLongAxes) {
  const std::string line =
      "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
      "input=f16[1,1,1,16777222]strides[1,1,0,0]{1000} grid=f16[1,1,1,2]{1,0}";
  EXPECT_EQ(verdict(line, "f16[1,1,1,1]{500}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f16[1,1,1,1]{1000}"), Verdict::quality_warning);  // x S/2 + (S - 1)/2
  for (const char* wrong :
       {"f16[1,1,1,1]{501}", "f16[1,1,1,1]{750}", "f16[1,1,1,1]{2000}", "f16[1,1,1,1]{nan}"}) {
    EXPECT_EQ(verdict(line, wrong), Verdict::deviates) << wrong;
  }
}

// Taps so far away that they are no whole numbers of the type are not padded one by one.
TEST(Judge, KnowsFarPositionsOfOtherFormulasUnderReflection) {
  EXPECT_EQ(verdict("grid_sample mode=bilinear padding_mode=reflection align_corners=False "
                    "input=f32[1,1,1,2049,2048]strides[7,1,6,7,1]offset[18]"
                    "{0*1056,0x1.f12404p+125,-0x1.fffffap+127,0*16871} "
                    "grid=f32[1,1,1,1,3]{8192,-0x1.007ff2p+0,nan(0xffc00000)}",
                    "f32[1,1,1,1,1]{0x1.f14316p+124}"),
            Verdict::quality_warning);
}

// Just inside by a formula of P3, and outside by that of P1: neither knows the column.
TEST(Judge, KnowsNoMoreOfAnAxisForBeingOutsideAlongAnother) {
  const auto line = [](const char* texel) {
    return std::string(
               "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
               "input=f32[1,1,11,16777221]strides[11,11,1,0]{") +
           texel + ",1,0*9} grid=f32[1,1,1,2]{0.5,-0x1.1745d2p+0}";
  };
  EXPECT_EQ(verdict(line("nan"), "f32[1,1,1,1]{0}"), Verdict::admissible);
  EXPECT_EQ(verdict(line("nan"), "f32[1,1,1,1]{nan}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(line("2"), "f32[1,1,1,1]{0x1p-20}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(line("2"), "f32[1,1,1,1]{5}"), Verdict::deviates);
  EXPECT_EQ(verdict(line("2"), "f32[1,1,1,1]{nan}"), Verdict::deviates);
}

TEST(Judge, ExcusesNothingByIgnorance) {
  EXPECT_EQ(verdict("grid_sample mode=bicubic padding_mode=reflection align_corners=False "
                    "input=bf16[1,1,257,257]{1*66049} grid=bf16[1,1,1,2]{0.5,0.5}",
                    "bf16[1,1,1,1]{nan}"),
            Verdict::deviates);
  EXPECT_EQ(verdict("grid_sample mode=bicubic padding_mode=reflection align_corners=False "
                    "input=bf16[1,1,1,160]{1..160} grid=bf16[1,1,1,2]{0.75,0}",
                    "bf16[1,1,1,1]{1}"),
            Verdict::deviates);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    RandomCase random(12);
    for (int axes = 2; axes <= 3; ++axes) {
      for (const std::int64_t size : {9, 140, 160, 257, 300, 1030, 2049, 5000, 70000}) {
        for (int flags = 0; flags < 18; ++flags) {
          const Options options{static_cast<Mode>(flags % 3), static_cast<Padding>(flags / 3 % 3),
                                flags / 9 == 1};
          if (axes == 3 && options.mode == Mode::bicubic) continue;
          // The left half is 1, the right half 5.
          std::vector<double> texels(static_cast<std::size_t>(size), 1);
          std::fill(texels.begin() + size / 2, texels.end(), 5);
          Shape shape(static_cast<std::size_t>(axes) + 2, 1);
          Shape location(static_cast<std::size_t>(axes) + 2, 1);
          shape.back() = size;
          location.back() = axes;
          std::vector<double> at(static_cast<std::size_t>(axes), 0);
          at[0] = random.real(0.3, 0.9);
          const Case test_case{request_for(options), Tensor(dtype, shape, texels),
                               Tensor(dtype, location, at)};
          const Tensor right = std::get<Tensor>(exact::answer(test_case));
          EXPECT_LE(Judge().judge(test_case, right).worst(), Verdict::admissible);
          std::vector<double> wrongs = {nan, infinity, -infinity, 7, -2};
          // Where all of the coordinate's roundings lie in the right half, the left one is wrong.
          if (dtype == Dtype::f16 && size <= 2049) wrongs.push_back(1);
          for (const double wrong : wrongs) {
            const double value = std::isfinite(wrong) && options.padding == Padding::zeros &&
                                         options.mode == Mode::bicubic
                                     ? 3 * wrong
                                     : wrong;
            EXPECT_EQ(Judge().judge(test_case, with_value(right, 0, value)).worst(),
                      Verdict::deviates)
                << value << ' ' << name(options.mode) << ' ' << name(options.padding) << ' '
                << options.align_corners << " size " << size << ' ' << name(dtype) << " at "
                << test_case.grid.values()[0] << " right " << right.values()[0];
          }
        }
      }
    }
  }
}

// So large a plane is not looked through for every sample, but its texels bound the answer.
TEST(Judge, BoundsWhatAnyTexelMayBe) {
  const double inf = infinity;
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    for (const char* layout : {"strides[0,0,0,0]offset[0]{3}", "strides[0,0,1,1]offset[0]{3*32001}",
                               "strides[0,0,-1,0]offset[16000]{3*16001}"}) {
      const std::string line = std::string("grid_sample padding_mode=reflection mode=") + mode +
                               " input=f32[1,1,16001,16001]" + layout +
                               " grid=f32[1,1,1,2]{inf,1e30}";
      const Case test_case = parse_case(line);
      for (const double value : {3.0, 2.0, 4.0, 0.0, nan, inf}) {
        EXPECT_EQ(
            Judge()
                .judge(test_case, Tensor(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{value}))
                .worst(),
            value == 3 ? Verdict::undecided : Verdict::deviates)
            << mode << ' ' << value << layout;
      }
      EXPECT_EQ(Judge().admissible(test_case, 0, 0).intervals.size(), 1U);
    }
  }
}

// Where nothing is known the judge says so; what is no texel at all deviates even there.
TEST(Judge, IsUndecidedWhereThePositionIsLost) {
  const std::string line =
      "grid_sample padding_mode=reflection input=f32[1,1,1,64]{1..64} grid=f32[1,1,1,2]{0x1p30,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{17.5}"), Verdict::undecided);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{65}"), Verdict::deviates);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}"), Verdict::deviates);
}

TEST(Judge, KnowsTexelsThatAreNotNumbers) {
  // Surely tapped.
  EXPECT_EQ(
      verdict("grid_sample input=f32[1,1,1,2]{nan,1} grid=f32[1,1,1,2]{0,0}", "f32[1,1,1,1]{nan}"),
      Verdict::admissible);
  EXPECT_EQ(
      clause("grid_sample input=f32[1,1,1,2]{nan,1} grid=f32[1,1,1,2]{0,0}", "f32[1,1,1,1]{1}"),
      "texel.nonfinite");
  EXPECT_EQ(
      verdict("grid_sample input=f32[1,1,1,2]{inf,1} grid=f32[1,1,1,2]{0,0}", "f32[1,1,1,1]{inf}"),
      Verdict::admissible);
  EXPECT_EQ(
      verdict("grid_sample input=f32[1,1,1,2]{inf,1} grid=f32[1,1,1,2]{0,0}", "f32[1,1,1,1]{-inf}"),
      Verdict::deviates);
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,2]{inf,-inf} grid=f32[1,1,1,2]{0,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::admissible);
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,2]{inf,-inf} grid=f32[1,1,1,2]{0,0}",
                    "f32[1,1,1,1]{inf}"),
            Verdict::deviates);
  // Not tapped.
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,4]{nan,1,2,nan} grid=f32[1,1,1,2]{0,0}",
                    "f32[1,1,1,1]{1.5}"),
            Verdict::admissible);
  EXPECT_EQ(verdict("grid_sample input=f32[1,1,1,4]{nan,1,2,nan} grid=f32[1,1,1,2]{0,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::deviates);
  // Tapped with weight 0: [texel.zero-weight].
  const std::string zero = "grid_sample input=f32[1,1,1,2]{1,inf} grid=f32[1,1,1,2]{-0.5,0}";
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{1}"), Verdict::admissible);
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{nan}"), Verdict::latitude);
  EXPECT_EQ(clause(zero, "f32[1,1,1,1]{nan}"), "texel.zero-weight");
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{inf}"), Verdict::deviates);
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{2}"), Verdict::deviates);
  // Nearest copies.
  EXPECT_EQ(verdict("grid_sample mode=nearest input=f32[1,1,1,2]{nan,1} grid=f32[1,1,1,2]{-0.5,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::admissible);
  EXPECT_EQ(verdict("grid_sample mode=nearest input=f32[1,1,1,2]{-inf,1} grid=f32[1,1,1,2]{-0.5,0}",
                    "f32[1,1,1,1]{nan}"),
            Verdict::deviates);
}

// A weight that is 0 or not, as rounding has it: both sides are admissible, and only NaN is owed to
// the open clause.
TEST(Judge, AdmitsBothSidesOfADoubtfulWeight) {
  // x + 1 is 1 or a little more, so that t is 0 or a little more.
  const std::string line = "grid_sample input=f32[1,1,1,3]{1,2,inf} grid=f32[1,1,1,2]{0x1p-30,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{2}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{inf}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}"), Verdict::latitude);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{-inf}"), Verdict::deviates);
  const std::string not_a_number =
      "grid_sample input=f32[1,1,1,3]{1,2,nan} grid=f32[1,1,1,2]{0x1p-30,0}";
  EXPECT_EQ(verdict(not_a_number, "f32[1,1,1,1]{2}"), Verdict::admissible);
  EXPECT_EQ(verdict(not_a_number, "f32[1,1,1,1]{nan}"), Verdict::admissible);
  EXPECT_EQ(verdict(not_a_number, "f32[1,1,1,1]{inf}"), Verdict::deviates);
}

// Far outside under border all taps of bicubic are the edge, and so is what they hold.
TEST(Judge, KnowsThatFarBicubicTapsAreTheEdge) {
  for (const char* x : {"-0x1.234568p10", "-inf", "-5"}) {
    const std::string start = "grid_sample mode=bicubic padding_mode=border input=f32[1,1,3,4]";
    const std::string grid = std::string(" grid=f32[1,1,1,2]{") + x + ",0x1.99999ap-4}";
    EXPECT_EQ(verdict(start + "{nan,1*3,nan,1*3,nan,1*3}" + grid, "f32[1,1,1,1]{nan}"),
              Verdict::admissible)
        << x;
    EXPECT_EQ(verdict(start + "{nan,1*3,nan,1*3,nan,1*3}" + grid, "f32[1,1,1,1]{0}"),
              Verdict::deviates)
        << x;
    EXPECT_EQ(verdict(start + "{2,nan,1*2,2,nan,1*2,2,nan,1*2}" + grid, "f32[1,1,1,1]{2}"),
              Verdict::admissible)
        << x;
    EXPECT_EQ(verdict(start + "{2,nan,1*2,2,nan,1*2,2,nan,1*2}" + grid, "f32[1,1,1,1]{nan}"),
              Verdict::deviates)
        << x;
  }
}

TEST(Judge, KnowsOverflow) {
  // The magnitudes of the bicubic weights sum to 1.89: on the way there may be no number.
  const std::string line =
      "grid_sample mode=bicubic padding_mode=border input=f32[1,1,1,4]{0x1.ep+127*4} "
      "grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1.ep+127}"), Verdict::admissible);
  EXPECT_EQ(clause(line, "f32[1,1,1,1]{inf}"), "arith.overflow");
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}"), Verdict::latitude);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1p+127}"), Verdict::deviates);
  // A row that overflows, though it hardly counts in the end.
  const std::string row =
      "grid_sample mode=bicubic padding_mode=border "
      "input=f32[1,1,4,4]{-0x1.ep+127,0x1.ep+127*2,-0x1.ep+127,0*12} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(row, "f32[1,1,1,1]{-0x1.efp+124}"), Verdict::admissible);
  EXPECT_EQ(clause(row, "f32[1,1,1,1]{-inf}"), "arith.overflow");
  const std::string small =
      "grid_sample mode=bicubic padding_mode=border input=f32[1,1,1,4]{0x1p+126*4} "
      "grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(small, "f32[1,1,1,1]{inf}"), Verdict::deviates);
  // 16-bit: the sum in f32 is a number, the last rounding may make it infinite or not.
  const std::string half =
      "grid_sample mode=bicubic padding_mode=border input=f16[1,1,1,4]{0,65504,65504,0} "
      "grid=f16[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(half, "f16[1,1,1,1]{inf}"), Verdict::admissible);
  EXPECT_EQ(verdict(half, "f16[1,1,1,1]{65504}"), Verdict::deviates);
  // But sums in f16 can be infinity minus infinity.
  EXPECT_EQ(verdict(half, "f16[1,1,1,1]{nan}"), Verdict::quality_warning);
}

// One position explains all channels of a sample, or the answer is wrong.
// Both channels rise with t, which is known to within some 2^-16; with the other axis far outside,
// nothing depends on it.
TEST(Judge, AsksForOnePositionForAllChannels) {
  for (const std::string mode : {"bilinear", "bicubic"}) {
    for (const std::string y : {"0", "0x1.234568p10"}) {
      const Case test_case =
          parse_case("grid_sample mode=" + mode +
                     " padding_mode=border input=f32[1,2,1,1000]{0*600,1*400,0*600,1*400} "
                     "grid=f32[1,1,1,2]{0x1.99db22p-3," +
                     y + "}");
      SCOPED_TRACE(to_line(test_case));
      const Judge judge;
      const Admissible set = judge.admissible(test_case, 0, 0);
      ASSERT_EQ(set.intervals.size(), 1U);
      const auto [lo, hi] = set.intervals[0];
      ASSERT_GT(hi - lo, 0x1p-18);
      const auto verdict = [&](double a, double b) {
        const Tensor answer(Dtype::f32, {1, 2, 1, 1}, std::vector<double>{a, b});
        return judge.judge(test_case, answer).worst();
      };
      EXPECT_EQ(verdict(lo, lo), Verdict::admissible);
      EXPECT_EQ(verdict(hi, hi), Verdict::admissible);
      EXPECT_GT(verdict(lo, hi), Verdict::undecided);
      EXPECT_GT(verdict(hi, lo), Verdict::undecided);
    }
  }
}

// a + t (b - a) in f32 where a is large and t almost 1: 0 for 1.
TEST(Judge, AdmitsALerpUnderP3) {
  const std::string line =
      "grid_sample padding_mode=border align_corners=True input=f32[1,1,1,3]{0x1p24,1,0} "
      "grid=f32[1,1,1,2]{-0x1p-24,0}";
  const Case test_case = parse_case(line);
  const Tensor lerp(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{0});
  const Judgment judgment = Judge().judge(test_case, lerp);
  EXPECT_EQ(judgment.worst(), Verdict::quality_warning);
  EXPECT_EQ(to_string(*judgment.notable.front().within), "P3");
  const Judge loose(*parse_profile("P3"));
  EXPECT_EQ(loose.judge(test_case, lerp).worst(), Verdict::admissible);
  const Tensor wrong(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{20});
  EXPECT_EQ(loose.judge(test_case, wrong).worst(), Verdict::deviates);
  // An infinite a: NaN is left open.
  const Case infinite = parse_case("grid_sample input=f32[1,1,1,2]{inf,1} grid=f32[1,1,1,2]{0,0}");
  const Tensor nan(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{NAN});
  EXPECT_EQ(loose.judge(infinite, nan).worst(), Verdict::latitude);
  EXPECT_EQ(loose.judge(infinite, nan).notable.front().clause, "texel.nonfinite");
  EXPECT_EQ(Judge().judge(infinite, nan).worst(), Verdict::quality_warning);
}

// Beyond the outer center both taps may be the outer pixel: t 79 + (1 - t) 79 rounds.
TEST(Judge, AdmitsPaddedTapsUnderP3) {
  for (const std::string padding : {"reflection", "border"}) {
    const std::string line = "grid_sample padding_mode=" + padding +
                             " input=f32[1,1,7,1]{79,1,1,1,1,1,1} "
                             "grid=f32[1,1,1,2]{0,-0x1.b6db7p-1}";
    EXPECT_EQ(verdict(line, "f32[1,1,1,1]{79}"), Verdict::admissible) << padding;
    EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1.3c0002p+6}"), Verdict::quality_warning) << padding;
    EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0x1.3c0002p+6}", "P3"), Verdict::admissible) << padding;
    EXPECT_EQ(verdict(line, "f32[1,1,1,1]{78.999}", "P3"), Verdict::deviates) << padding;
  }
}

// With padded taps a contracted t strays under border and reflection as well, judging.md,
// section 2.
TEST(Judge, AdmitsStrayPaddedTapsUnderP3) {
  const std::string border =
      "grid_sample padding_mode=border align_corners=True input=f32[1,1,1,27]{0*20,1,0*6} "
      "grid=f32[1,1,1,2]{0x1.d89d8ap-2,0}";
  EXPECT_EQ(verdict(border, "f32[1,1,1,1]{-0x1.8p-22}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(border, "f32[1,1,1,1]{-0x1.8p-22}", "P3"), Verdict::admissible);
  EXPECT_EQ(verdict(border, "f32[1,1,1,1]{-0x1p-19}", "P3"), Verdict::deviates);
  // Far outside all taps are the edge, whatever it holds.
  for (const std::string padding : {"border", "reflection"}) {
    const std::string far = "grid_sample padding_mode=" + padding +
                            " align_corners=True input=f32[1,1,1,2]{nan,nan} "
                            "grid=f32[1,1,1,2]{-17.3,0}";
    EXPECT_EQ(verdict(far, "f32[1,1,1,1]{nan}", "P3"), Verdict::admissible);
    EXPECT_EQ(verdict(far, "f32[1,1,1,1]{0}", "P3"), Verdict::deviates) << padding;
  }
}

// judging.md, section 7: every way to the correctly rounded position.
TEST(Judge, AdmitsAFusedPositionUnderP4) {
  const std::string line =
      "grid_sample mode=nearest align_corners=True input=f16[1,1,27,1]{1..27} "
      "grid=f16[1,1,1,2]{0,0x1.9d4p-1}";
  for (const char* profile : {"P4c(f16)", "P4a(f16)"}) {
    EXPECT_EQ(verdict(line, "f16[1,1,1,1]{25}", profile), Verdict::admissible);
    EXPECT_EQ(verdict(line, "f16[1,1,1,1]{24}", profile), Verdict::admissible);
    EXPECT_EQ(verdict(line, "f16[1,1,1,1]{26}", profile), Verdict::deviates);
  }
}

// Hermite's slopes subtract an infinite texel from itself, or from nothing.
TEST(Judge, AdmitsHermitesFormUnderP3) {
  const std::string line =
      "grid_sample mode=bicubic padding_mode=border input=f32[1,1,4,4]{1*5,inf,1*10} "
      "grid=f32[1,1,1,2]{-0.25,-0.25}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{inf}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{nan}", "P3"), Verdict::latitude);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{-inf}", "P3"), Verdict::deviates);
}

// P5: the fraction is a multiple of 2^-q, the same for all channels.
TEST(Judge, AdmitsTextureUnitsUnderP5) {
  // t is 0.3, between 76/256 and 77/256, and between 4/16 and 5/16.
  const std::string line =
      "grid_sample padding_mode=border input=f32[1,2,1,2]{0,256,256,0} "
      "grid=f32[1,1,1,2]{-0x1.99999ap-3,0}";
  EXPECT_EQ(verdict(line, "f32[1,2,1,1]{76,180}"), Verdict::deviates);
  EXPECT_EQ(verdict(line, "f32[1,2,1,1]{76,180}", "P3"), Verdict::deviates);
  for (const char* answer : {"f32[1,2,1,1]{76,180}", "f32[1,2,1,1]{77,179}"}) {
    EXPECT_EQ(verdict(line, answer, "P5(8)"), Verdict::admissible) << answer;
    EXPECT_EQ(verdict(line, answer, "P5(4)"), Verdict::deviates) << answer;
  }
  EXPECT_EQ(verdict(line, "f32[1,2,1,1]{64,192}", "P5(4)"), Verdict::admissible);
  for (const char* answer : {"f32[1,2,1,1]{76,179}", "f32[1,2,1,1]{76.5,179.5}",
                             "f32[1,2,1,1]{75,181}", "f32[1,2,1,1]{78,178}"}) {
    EXPECT_EQ(verdict(line, answer, "P5(8)"), Verdict::deviates) << answer;
  }
  // Up to the next pixel.
  EXPECT_EQ(verdict("grid_sample padding_mode=border input=f32[1,1,1,2]{0,256} "
                    "grid=f32[1,1,1,2]{0x1.ff7cecp-2,0}",
                    "f32[1,1,1,1]{256}", "P5(8)"),
            Verdict::admissible);
}

// A remainder that is never negative, as Python's, adds a period and rounds where no correct form
// does: that is a reason to give.
TEST(Judge, SaysThatAFoldRounds) {
  const float size = 1000;
  int explained = 0;
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    const auto x = static_cast<float>(-1 - 0x1p-8 * static_cast<double>(random() % 4096) / 4096);
    const float position = ((x + 1) * size - 1) / 2;
    float distance = std::fmod(position + 0.5F, 2 * size);
    if (distance < 0) distance += 2 * size;
    const float folded = (distance > size ? 2 * size - distance : distance) - 0.5F;
    const float at = std::clamp(folded, 0.0F, size - 1);
    std::vector<double> texels(1000);
    for (std::size_t k = 0; k < 1000; ++k) texels[k] = static_cast<double>(k);
    const Case test_case{request_for({Mode::bilinear, Padding::reflection, false}),
                         Tensor(Dtype::f32, {1, 1, 1, 1000}, texels),
                         Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{x, 0})};
    const Tensor answer(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{at});
    const Judgment judged = Judge().judge(test_case, answer);
    if (judged.worst() != Verdict::deviates) continue;
    EXPECT_NE(judged.notable.front().reason.find("adding a period"), std::string::npos) << at;
    ++explained;
    const Tensor wrong(Dtype::f32, {1, 1, 1, 1}, std::vector<double>{at + 1});
    EXPECT_EQ(Judge().judge(test_case, wrong).notable.front().reason, "");
  }
  EXPECT_GT(explained, 20);
}

// Nearest: all channels are copied from the same pixel.
TEST(Judge, AsksForOneTexelForAllChannels) {
  // A hair below the tie between the pixels 1 and 2.
  const std::string line =
      "grid_sample mode=nearest input=f32[1,2,1,4]{1,2,4,8,10,20,40,80} "
      "grid=f32[1,1,1,2]{-0x1p-30,0}";
  EXPECT_EQ(verdict(line, "f32[1,2,1,1]{2,20}"), Verdict::admissible);
  EXPECT_EQ(verdict(line, "f32[1,2,1,1]{4,40}"), Verdict::admissible);
  const Judgment mixed = judgment(line, "f32[1,2,1,1]{2,40}");
  EXPECT_EQ(mixed.worst(), Verdict::deviates);
  EXPECT_EQ(mixed.notable.front().channel, 1);
}

// [layout.strides] A permuted, reversed or expanded layout is the same question.
TEST(Judge, ReadsAnyLayout) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    const std::string start =
        std::string("grid_sample mode=") + mode + " padding_mode=border input=";
    const std::string dense =
        start + "f32[2,1,2,3]{1..12} grid=f32[2,1,2,2]{-0.5,0.2,0.7,-0.9,0.1,0.1,0.9,0.9}";
    const Answer answer = exact::answer(parse_case(dense));
    const Tensor wrong = with_value(std::get<Tensor>(answer), 3, 5.5);
    for (const std::string& other :
         {start + "f32[2,1,2,3]strides[1,1,6,2]offset[0]{1,7,2,8,3,9,4,10,5,11,6,12} "
                  "grid=f32[2,1,2,2]{-0.5,0.2,0.7,-0.9,0.1,0.1,0.9,0.9}",
          start +
              "f32[2,1,2,3]strides[-6,-6,-3,-1]offset[11]{12,11,10,9,8,7,6,5,4,3,2,1} "
              "grid=f32[2,1,2,2]strides[1,1,2,4]offset[1]{0,-0.5,0.1,0.7,0.9,0.2,0.1,-0.9,0.9}"}) {
      const Case test_case = parse_case(other);
      EXPECT_EQ(Judge().judge(test_case, answer).worst(), Verdict::admissible) << other;
      EXPECT_EQ(Judge().judge(test_case, wrong)[Verdict::deviates], 1) << other;
    }
  }
}

// ---- Answers that are no tensors, or not the right ones ----

TEST(Judge, JudgesRefusals) {
  const Case fine = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}");
  const Case refused = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[2,1,1,2]{0*4}");
  const Judge judge;
  EXPECT_EQ(judge.judge(fine, Refusal{"", "no"}).worst(), Verdict::refused_wrongly);
  EXPECT_EQ(judge.judge(refused, Refusal{"", "no"}).worst(), Verdict::admissible);
  EXPECT_EQ(judge.judge(refused, parse_tensor("f32[1,1,1,1]{1}")).worst(), Verdict::latitude);
  // An extension of newer releases.
  const Case cubic =
      parse_case("grid_sample mode=bicubic input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0*3}");
  const Judgment extension = judge.judge(cubic, parse_tensor("f32[1,1,1,1,1]{1}"));
  EXPECT_EQ(extension.worst(), Verdict::latitude);
  EXPECT_EQ(extension.notable.front().clause, "options.bicubic-4d");
  EXPECT_EQ(judge.judge(cubic, Refusal{"options.bicubic-4d", ""}).worst(), Verdict::admissible);
  const Case half = parse_case("grid_sample input=f16[1,1,1,1]{1} grid=f16[1,1,1,2]{0,0}");
  EXPECT_EQ(judge.judge(half, Refusal{"", "not implemented for Half"}).notable.front().clause,
            "dtype.supported");
}

TEST(Judge, JudgesTheShapeAndTheDtype) {
  const Case test_case = parse_case("grid_sample input=f32[1,2,1,1]{1,2} grid=f32[1,1,3,2]{0*6}");
  const Judge judge;
  const Judgment shape = judge.judge(test_case, parse_tensor("f32[1,1,1,3]{1,1,1}"));
  EXPECT_EQ(shape.worst(), Verdict::deviates);
  EXPECT_EQ(shape[Verdict::deviates], 3);
  EXPECT_EQ(shape.notable.front().clause, "shape.output");
  const Judgment dtype = judge.judge(test_case, parse_tensor("f64[1,2,1,3]{1*3,2*3}"));
  EXPECT_EQ(dtype.notable.front().clause, "dtype.output");
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,2,1,3]{1*3,2*3}")).worst(),
            Verdict::admissible);
  // [layout.output]
  const Judgment layout =
      judge.judge(test_case, parse_tensor("f32[1,2,1,3]strides[0,1,0,2]offset[0]{1,2,1,2,1,2}"));
  EXPECT_EQ(layout.worst(), Verdict::deviates);
  EXPECT_EQ(layout.notable.front().clause, "layout.output");
}

TEST(Judge, JudgesTheLostAndTheUnsupported) {
  const Case test_case = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}");
  const Judgment lost = Judge().judge(test_case, Lost{"killed by signal 11"});
  EXPECT_EQ(lost.worst(), Verdict::lost);
  EXPECT_EQ(lost.message, "killed by signal 11");
  EXPECT_EQ(Judge().judge(test_case, Unsupported{"f32"}).worst(), Verdict::unsupported);
}

TEST(Judge, HasNothingToSayOfEmptyOutputs) {
  const Judge judge;
  for (const char* shapes : {"input=f32[0,1,1,1]{} grid=f32[0,1,1,2]{}|f32[0,1,1,1]{}",
                             "input=f32[1,0,2,2]{} grid=f32[1,1,1,2]{0,0}|f32[1,0,1,1]{}",
                             "input=f32[1,1,1,1]{1} grid=f32[1,0,3,2]{}|f32[1,1,0,3]{}",
                             "input=f64[0,0,1,1]{} grid=f64[0,1,0,2]{}|f64[0,0,1,0]{}"}) {
    const std::string text = shapes;
    const std::size_t bar = text.find('|');
    for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
      const Judgment result = judge.judge(
          parse_case(std::string("grid_sample mode=") + mode + " " + text.substr(0, bar)),
          parse_tensor(text.substr(bar + 1)));
      EXPECT_LE(result.worst(), Verdict::admissible) << text;
    }
  }
}

// ---- Profiles ----

TEST(Profiles, HaveNames) {
  for (const char* text : {"P0", "P1", "P2", "P3", "P4c(f16)", "P4c(bf16)", "P4a(f16)", "P4a(bf16)",
                           "P5(1)", "P5(8)", "P5(23)"}) {
    const auto profile = parse_profile(text);
    ASSERT_TRUE(profile) << text;
    EXPECT_EQ(to_string(*profile), text);
  }
  for (const char* text : {"", "P", "P5", "P5(0)", "P5(24)", "P5(08)", "P6", "p1", "P4c",
                           "P4c(f32)", "P4a(f16", "P1 "}) {
    EXPECT_FALSE(parse_profile(text)) << text;
  }
}

TEST(Profiles, SameBitsMeansTheBitsOfTheReference) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,2,2]{0x1p24,1,1,-0x1p24} grid=f32[1,1,1,2]{0,0}");
  const Answer reference = parse_tensor("f32[1,1,1,1]{0}");
  const Judge judge(*parse_profile("P0"));
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,1,1,1]{0}"), &reference).worst(),
            Verdict::same_bits);
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,1,1,1]{0.5}"), &reference).worst(),
            Verdict::deviates);
  EXPECT_EQ(judge.judge(test_case, parse_tensor("f32[1,1,1,1]{-0}"), &reference).worst(),
            Verdict::deviates);
}

TEST(Profiles, FlushAllowsZeroForSubnormals) {
  const std::string line =
      "grid_sample input=f32[1,1,1,2]{0x1p-140,0x1p-140} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(line, "f32[1,1,1,1]{0}", "P2"), Verdict::admissible);
  EXPECT_EQ(judgment(line, "f32[1,1,1,1]{0}").notable.front().within, parse_profile("P2"));
  const std::string copy =
      "grid_sample mode=nearest input=f32[1,1,1,1]{0x1p-140} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{0}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{-0}", "P2"), Verdict::admissible);
  EXPECT_EQ(verdict(copy, "f32[1,1,1,1]{0x1p-149}", "P2"), Verdict::deviates);
  // A channel that is flushed says nothing of the position that the others share.
  const Case both = parse_case(
      "grid_sample input=f16[1,2,1,13]{0*6,1,0*6,0*6,0x1p-14,0*6} "
      "grid=f16[1,1,1,2]{0x1.68cp-11,0}");
  const auto kept = std::get<Tensor>(exact::answer(both)).values();
  ASSERT_LT(kept[1], 0x1p-14);
  const Tensor flushed(Dtype::f16, {1, 2, 1, 1}, std::vector<double>{kept[0], 0});
  EXPECT_EQ(Judge({.kind = Profile::Kind::flush}).judge(both, flushed).worst(),
            Verdict::admissible);
  // The example of judging.md, section 8: flushing does not only move a result towards zero.
  const std::string away =
      "grid_sample input=f32[1,1,1,2]{0x1.8p-125,-0x1.e66666p-126} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(away, "f32[1,1,1,1]{0x1.8p-126}", "P2"), Verdict::admissible);
  EXPECT_EQ(verdict(away, "f32[1,1,1,1]{0x1.8p-122}", "P2"), Verdict::deviates);
}

// ---- Random cases ----

// A kernel that rounds however it likes, within its profile.
class AdversarialRounding : public testing::TestWithParam<std::string> {
 protected:
  static Judge judge() {
    Profile profile;
    if (GetParam() != "standard" && GetParam() != "stray") profile.kind = Profile::Kind::formula;
    return Judge(profile);
  }
  static RoundingChoices habits() {
    RoundingChoices habits{.powers = GetParam() == "powers",
                           .rest = GetParam() == "rest",
                           .hermite = GetParam() == "hermite",
                           .taps = GetParam().starts_with("taps"),
                           .stray = GetParam().ends_with("stray")};
    habits.lerp = GetParam().ends_with("lerp");
    if (GetParam() == "decomposed") habits.formula = CoordinateFormula::decomposed;
    if (GetParam() == "expanded") habits.formula = CoordinateFormula::expanded;
    return habits;
  }
};

TEST_P(AdversarialRounding, IsNeverObjectedTo) {
  const Judge judge = this->judge();
  std::int64_t samples = 0;
  std::int64_t undecided = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RandomCase random(seed);
    const Options options = random.options();
    const auto dtype = static_cast<Dtype>(random.below(4));
    const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
    const Case test_case = random.make(options, dtype, axes, 8, 1 + random.below(3));
    const std::vector<double> grid = test_case.grid.values();
    if (std::ranges::any_of(grid, [](double x) { return std::isinf(x); })) continue;
    const Judgment result = judge.judge(test_case, any_rounding(test_case, seed, habits()));
    samples += 8;
    undecided += result[Verdict::undecided];
    ASSERT_EQ(result[Verdict::admissible] + result[Verdict::undecided], 8)
        << "seed " << seed << ' ' << to_line(test_case);
  }
  EXPECT_LT(undecided * 200, samples);
}
// Where nothing should round, nothing does: short texels, and t with few bits.
TEST_P(AdversarialRounding, GivesTheOnlyAnswerWhereThereIsOne) {
  const Judge judge = this->judge();
  int single = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    RandomCase random(seed + 77);
    const Options options = random.options();
    if (options.mode == Mode::nearest) continue;
    const auto dtype = static_cast<Dtype>(random.below(4));
    const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
    Case test_case = random.make(options, dtype, axes, 2, 1);
    // Texels of up to so many bits, at any place in the range of the type.
    const std::int64_t most = std::int64_t{1} << random.below(25);
    const Format format = format_of(dtype);
    const int scale = static_cast<int>(random.below(format.max_exponent - format.min_exponent)) +
                      format.min_subnormal_exponent();
    std::vector<double> texels = test_case.input.values();
    for (double& texel : texels) {
      texel = std::ldexp(static_cast<double>(random.below(2 * most + 1) - most), scale);
      // Differences of slopes are numbers, too.
      if (!std::isfinite(round_to(format, 4 * texel))) texel = 0;
    }
    test_case.input = Tensor(dtype, test_case.input.shape(), texels);
    std::vector<double> grid = test_case.grid.values();
    const auto bits = static_cast<int>(random.below(8));
    for (double& x : grid) {
      x = std::ldexp(static_cast<double>(random.below((2 << bits) + 1) - (1 << bits)), -bits);
    }
    test_case.grid = Tensor(dtype, test_case.grid.shape(), grid);
    const Judgment result = judge.judge(test_case, any_rounding(test_case, seed, habits()));
    ASSERT_EQ(result[Verdict::deviates] + result[Verdict::quality_warning], 0)
        << "seed " << seed << ' ' << to_line(test_case);
    const Admissible set = judge.admissible(test_case, 0, 0);
    single += set.intervals.size() == 1 && set.intervals[0].first == set.intervals[0].second;
  }
  EXPECT_GT(single, 800);
}
INSTANTIATE_TEST_SUITE_P(All, AdversarialRounding,
                         testing::Values("standard", "stray", "decomposed", "expanded", "powers",
                                         "rest", "hermite", "lerp", "taps", "taps_stray",
                                         "taps_lerp"),
                         [](const auto& info) { return info.param; });

// The witness rounds the exact value once, which is a correct implementation of everything.
TEST(Judge, NeverObjectsToTheWitness) {
  const Judge judge;
  std::map<Verdict, std::int64_t> counts;
  for (std::uint64_t seed = 0; seed < 6250; ++seed) {
    RandomCase random(seed + 1'000'000);
    const Options options = random.options();
    const auto dtype = static_cast<Dtype>(random.below(4));
    const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
    const Case test_case = random.make(options, dtype, axes, 16, 1 + random.below(3));
    const Judgment result = judge.judge(test_case, exact::answer(test_case));
    for (std::size_t v = 0; v < verdict_count; ++v)
      counts[static_cast<Verdict>(v)] += result.counts[v];
    for (const SampleVerdict& sample : result.notable) {
      ASSERT_TRUE(sample.verdict == Verdict::undecided || sample.clause == "infinity.reflection")
          << name(sample.verdict) << " [" << sample.clause << "] " << to_line(test_case);
    }
  }
  EXPECT_GT(counts[Verdict::admissible], 98'000);
  EXPECT_EQ(counts[Verdict::deviates] + counts[Verdict::quality_warning], 0);
}

// What `admissible` says is what `judge` does: both ends are admissible, one more is not.
TEST(Judge, DrawsTheLineWhereItSaysItDoes) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 12000; ++seed) {
    RandomCase random(seed + 2'000'000);
    const Options options = random.options();
    const auto dtype = static_cast<Dtype>(random.below(4));
    const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
    const Case test_case = random.make(options, dtype, axes, 1, 1);
    std::string profile = "P1";
    if (random.below(3) == 0) {
      profile = std::vector<std::string>{"P2",       "P3",        "P4c(f16)", "P4c(bf16)",
                                         "P4a(f16)", "P4a(bf16)", "P5(8)"}[static_cast<std::size_t>(
          random.below(7))];
    }
    const Judge judge(*parse_profile(profile));
    const Admissible set = judge.admissible(test_case, 0, 0);
    ASSERT_FALSE(set.intervals.empty()) << to_line(test_case);
    ASSERT_TRUE(std::ranges::is_sorted(set.intervals)) << to_line(test_case);
    if (!set.latitude.empty()) continue;
    Tensor answer(dtype, exact::answer(test_case).index() == 0
                             ? std::get<Tensor>(exact::answer(test_case)).shape()
                             : Shape{});
    const auto judged = [&](double value) {
      return judge.judge(test_case, with_value(answer, 0, value)).worst();
    };
    const auto inside = [&](double value) {
      return std::ranges::any_of(set.intervals, [&](const auto& interval) {
        return interval.first <= value && value <= interval.second;
      });
    };
    for (const auto& [lo, hi] : set.intervals) {
      for (const double end : {lo, hi}) {
        const Verdict there = judged(end);
        ASSERT_TRUE(there == Verdict::admissible || there == Verdict::latitude ||
                    there == Verdict::undecided)
            << profile << ' ' << to_string(set, dtype) << ' ' << to_text(end, dtype) << ' '
            << name(there) << ' ' << to_line(test_case);
        ASSERT_EQ(there == Verdict::undecided, set.undecided)
            << profile << ' ' << to_string(set, dtype) << ' ' << to_text(end, dtype) << ' '
            << name(there) << ' ' << to_line(test_case);
      }
      for (const auto& [end, towards] : {std::pair{lo, -infinity}, {hi, infinity}}) {
        // The texels of an undecided sample are not all listed.
        if (std::isinf(end) || set.undecided) continue;
        const double beyond = neighbor(end, dtype, towards);
        if (inside(beyond)) continue;
        const Verdict there = judged(beyond);
        ASSERT_TRUE(there == Verdict::deviates || there == Verdict::quality_warning)
            << profile << ' ' << to_string(set, dtype) << ' ' << to_text(beyond, dtype) << ' '
            << name(there) << ' ' << to_line(test_case);
      }
    }
    ++seen[std::string(name(options.mode)) + (axes == 3 ? "3 " : " ") +
           std::string(name(options.padding)) + (options.align_corners ? " T " : " F ") +
           std::string(name(dtype))];
  }
  // Every combination had its turn.
  EXPECT_EQ(seen.size(), 5U * 3 * 2 * 4);
}

// judging.md, section 2: another formula is another profile.
TEST(Profiles, FormulaIsAQualityWarningUnderP1) {
  std::int64_t warnings = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomCase random(seed + 3'000'000);
    const Options options{Mode::bilinear, Padding::border, false};
    // Near -1 the standard formula hardly rounds, the decomposed one does.
    Case test_case = random.make(options, Dtype::f32, 2, 1, 1);
    std::vector<double> texels(1920);
    for (double& texel : texels) texel = random.real(-1, 1);
    test_case.input = Tensor(Dtype::f32, {1, 1, 1, 1920}, texels);
    std::vector<double> grid;
    for (int k = 0; k < 16; ++k) grid.insert(grid.end(), {random.real(-1, -0.9), 0});
    test_case.grid = Tensor(Dtype::f32, {1, 1, 16, 2}, grid);
    const Tensor answer = any_rounding(test_case, seed, {.formula = CoordinateFormula::decomposed});
    EXPECT_EQ(Judge(*parse_profile("P3")).judge(test_case, answer).worst(), Verdict::admissible);
    const Judgment result = Judge().judge(test_case, answer);
    EXPECT_EQ(result[Verdict::deviates], 0);
    warnings += result[Verdict::quality_warning];
    for (const SampleVerdict& sample : result.notable) {
      EXPECT_EQ(sample.within, parse_profile("P3"));
    }
  }
  EXPECT_GT(warnings, 300);
}

// Kernels that compute in a 16-bit type step by step, as the scalar source reads.
class Narrow {
 public:
  static constexpr int forms = 5;

  Narrow(Format coordinates, Format arithmetic, int form, bool lerps)
      : coordinates_(coordinates), arithmetic_(arithmetic), form_(form), lerps_(lerps) {}

  Tensor answer(const Case& test_case) const {
    const Options options = *resolve(test_case.request);
    const std::vector<double> grid = test_case.grid.values();
    const std::vector<double> texels = test_case.input.values();
    const std::int64_t height = test_case.input.size(2);
    const std::int64_t width = test_case.input.size(3);
    Tensor shape = std::get<Tensor>(exact::answer(test_case));
    std::vector<double> output;
    for (std::size_t sample = 0; sample < grid.size() / 2; ++sample) {
      const Axis x = axis(grid[2 * sample], width, options);
      const Axis y = axis(grid[2 * sample + 1], height, options);
      const auto a = [&](double value) { return round_to(arithmetic_, value); };
      const auto texel = [&](double row, double column) {
        if (row < 0 || column < 0 || row > static_cast<double>(height - 1) ||
            column > static_cast<double>(width - 1))
          return 0.0;
        return texels[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(column)];
      };
      if (options.mode == Mode::nearest) {
        output.push_back(texel(std::nearbyint(y.position), std::nearbyint(x.position)));
        continue;
      }
      double sum = 0;
      if (options.mode == Mode::bilinear && lerps_) {
        const auto lerp = [&](double from, double to, double t) {
          return a(from + a(t * a(to - from)));
        };
        const auto row = [&](double index) {
          return lerp(texel(index, x.floor), texel(index, x.floor + 1), x.t);
        };
        sum = lerp(row(y.floor), row(y.floor + 1), y.t);
      } else if (options.mode == Mode::bilinear) {
        for (int k = 0; k < 4; ++k) {
          const double wx = (k & 1) != 0 ? x.t : a(1 - x.t);
          const double wy = (k & 2) != 0 ? y.t : a(1 - y.t);
          sum = a(sum + a(texel(y.floor + (k >> 1), x.floor + (k & 1)) * a(wx * wy)));
        }
      } else {
        const auto cx = coefficients(x.t);
        const auto cy = coefficients(y.t);
        for (int row = 0; row < 4; ++row) {
          double line = 0;
          for (int column = 0; column < 4; ++column) {
            const double r = tap(y.floor + row - 1, height, options);
            const double s = tap(x.floor + column - 1, width, options);
            line = a(line + a(cx[static_cast<std::size_t>(column)] * texel(r, s)));
          }
          sum = a(sum + a(cy[static_cast<std::size_t>(row)] * line));
        }
      }
      output.push_back(round_to(format_of(test_case.input.dtype()), sum));
    }
    return {test_case.input.dtype(), shape.shape(), output};
  }

 private:
  struct Axis {
    double position;
    double floor;
    double t;
  };

  [[nodiscard]] static double tap(double index, std::int64_t size, const Options& options) {
    if (std::fabs(index) > 0x1p40) {
      if (options.padding != Padding::border) return -1;
      return index < 0 ? 0 : static_cast<double>(size - 1);
    }
    return static_cast<double>(judging_index(static_cast<std::int64_t>(index), size, options));
  }
  static std::int64_t judging_index(std::int64_t index, std::int64_t size, const Options& options);

  [[nodiscard]] Axis axis(double x, std::int64_t size, const Options& options) const {
    const auto c = [&](double value) { return round_to(coordinates_, value); };
    const double last = static_cast<double>(size - 1);
    double at = position(x, static_cast<double>(size), options.align_corners);
    if (options.mode != Mode::bicubic && options.padding != Padding::zeros) {
      if (options.padding == Padding::reflection) {
        const double line = options.align_corners ? 0 : -0.5;
        const double span = static_cast<double>(options.align_corners ? size - 1 : size);
        if (span == 0) {
          at = 0;
        } else {
          const double distance = std::fabs(c(at - line));
          const double rest = std::fmod(distance, 2 * span);
          at = c((rest > span ? 2 * span - rest : rest) + line);
        }
      }
      at = std::clamp(at, 0.0, last);
    }
    const double floor = std::floor(at);
    return {at, floor, round_to(arithmetic_, at - floor)};
  }

  [[nodiscard]] double position(double x, double size, bool align_corners) const {
    const auto c = [&](double value) { return round_to(coordinates_, value); };
    const double factor = align_corners ? c(size - 1) : c(size);
    const double half = c(factor / 2);
    const double shift = c(c(size - 1) / 2);
    switch (form_) {
      case 0:
        return align_corners ? c(c(c(x + 1) / 2) * factor) : c(c(c(c(x + 1) * factor) - 1) / 2);
      case 1:  // one fused multiply-add
        return c(x * half + shift);
      case 2:
        return c(c(x * half) + shift);
      case 3:  // in f32, and stored
        return c(align_corners ? static_cast<float>((x + 1) / 2 * (size - 1))
                               : static_cast<float>(((x + 1) * size - 1) / 2));
      default:
        return align_corners ? c(c(x + 1) * half) : c(c(c(x * factor) + c(size - 1)) / 2);
    }
  }

  [[nodiscard]] std::array<double, 4> coefficients(double t) const {
    const auto a = [&](double value) { return round_to(arithmetic_, value); };
    const auto inner = [&](double d) { return a(a(a(a(a(1.25 * d) - 2.25) * d) * d) + 1); };
    const auto outer = [&](double d) { return a(a(a(a(a(a(-0.75 * d) + 3.75) * d) - 6) * d) + 3); };
    const double s = a(1 - t);
    return {outer(a(t + 1)), inner(t), inner(s), outer(a(s + 1))};
  }

  Format coordinates_;
  Format arithmetic_;
  int form_;
  bool lerps_;
};

std::int64_t Narrow::judging_index(std::int64_t index, std::int64_t size, const Options& options) {
  if (index >= 0 && index < size) return index;
  if (options.padding == Padding::zeros) return -1;
  if (options.padding == Padding::border) return std::clamp<std::int64_t>(index, 0, size - 1);
  while (index < 0 || index >= size) {
    if (options.align_corners) {
      if (size == 1) return 0;
      index = index < 0 ? -index : 2 * (size - 1) - index;
    } else {
      index = index < 0 ? -1 - index : 2 * size - 1 - index;
    }
  }
  return index;
}

class NarrowKernels : public testing::TestWithParam<std::tuple<Dtype, bool>> {};

TEST_P(NarrowKernels, BelongToTheirProfile) {
  const auto [type, only_coordinates] = GetParam();
  const Format narrow = format_of(type);
  const Format wide = format_of(Dtype::f32);
  const Judge own(
      {only_coordinates ? Profile::Kind::narrow_coordinates : Profile::Kind::narrow_arithmetic,
       type});
  const Judge strict;
  std::int64_t outside = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    RandomCase random(seed + 4'000'000);
    const Options options = random.options();
    Case test_case = random.make(options, type, 2, 8, 1);
    std::vector<double> grid = test_case.grid.values();
    for (double& x : grid) x = std::clamp(x, -20.0, 20.0);
    test_case.grid = Tensor(type, test_case.grid.shape(), grid);
    std::vector<double> texels = test_case.input.values();
    for (double& texel : texels) texel = std::clamp(texel, -1000.0, 1000.0);
    test_case.input = Tensor(type, test_case.input.shape(), texels);
    const bool lerps = !only_coordinates && random.below(2) == 1;
    const auto form = static_cast<int>(random.below(Narrow::forms));
    const Tensor answer =
        Narrow(narrow, only_coordinates ? wide : narrow, form, lerps).answer(test_case);
    const Judgment result = own.judge(test_case, answer);
    ASSERT_LE(result.worst(), Verdict::undecided)
        << "seed " << seed << ' ' << result.notable.front().sample << ' ' << to_line(test_case)
        << " -> " << to_text(answer) << " set "
        << to_string(own.admissible(test_case, result.notable.front().sample, 0), type);
    outside += strict.judge(test_case, answer)[Verdict::quality_warning];
  }
  EXPECT_GT(outside, 1000);
}
INSTANTIATE_TEST_SUITE_P(All, NarrowKernels,
                         testing::Combine(testing::Values(Dtype::f16, Dtype::bf16),
                                          testing::Bool()),
                         [](const auto& info) {
                           return std::string(name(std::get<0>(info.param))) +
                                  (std::get<1>(info.param) ? "_coordinates" : "_arithmetic");
                         });

// ---- Nothing breaks the judge ----

TEST(Judge, SurvivesStrangeCases) {
  const std::vector<std::string> lines = {
      // A plane that only expanding makes large: nothing may be looked at texel by texel.
      "grid_sample padding_mode=reflection input=f32[1,1,16384,16384]strides[0,0,0,0]offset[0]{1} "
      "grid=f32[1,1,2,2]{inf,-inf,3e38,3e38}",
      "grid_sample mode=nearest padding_mode=reflection "
      "input=f32[1,1,16384,16384]strides[0,0,0,0]offset[0]{1} "
      "grid=f32[1,1,2,2]{inf,-inf,3e38,3e38}",
      "grid_sample mode=bicubic padding_mode=reflection "
      "input=f64[1,1,16384,16384]strides[0,0,0,0]offset[0]{1} "
      "grid=f64[1,1,2,2]{inf,-inf,1e308,1e308}",
      // 16-bit coordinates that overflow in their own type, and sizes that do.
      "grid_sample padding_mode=reflection input=f16[1,1,1,64]{1*64} "
      "grid=f16[1,1,1,2]{65504,-65504}",
      "grid_sample mode=nearest padding_mode=reflection input=f16[1,1,1,64]{1*64} "
      "grid=f16[1,1,1,2]{65504,-65504}",
      "grid_sample padding_mode=zeros input=f16[1,1,1,70000]strides[0,0,0,0]offset[0]{1} "
      "grid=f16[1,1,1,2]{-1,0}",
      "grid_sample mode=nearest padding_mode=border "
      "input=bf16[1,1,1,268435456]strides[0,0,0,0]offset[0]{1} grid=bf16[1,1,1,2]{-1,0}",
      // The ends of the formats.
      "grid_sample input=f64[1,1,2,2]{0x1.fffffffffffffp1023*4} grid=f64[1,1,1,2]{0.3,0.3}",
      "grid_sample mode=bicubic padding_mode=border "
      "input=f64[1,1,2,2]{0x1.fffffffffffffp1023,-0x1.fffffffffffffp1023*3} "
      "grid=f64[1,1,1,2]{0.3,0.3}",
      "grid_sample input=f64[1,1,2,2]{0x1p-1074*4} grid=f64[1,1,1,2]{0x1p-1074,0.3}",
      "grid_sample mode=bicubic padding_mode=reflection input=f64[1,1,2,2]{0x1p-1074*4} "
      "grid=f64[1,1,1,2]{0x1.fffffffffffffp1023,0x1p52}",
      "grid_sample padding_mode=border align_corners=True input=f32[1,1,1,2]{1,2} "
      "grid=f32[1,1,1,2]{0x1.fffffep127,-0x1.fffffep127}",
      "grid_sample input=f32[1,1,1,16777219]strides[0,0,0,0]offset[0]{1} "
      "grid=f32[1,1,2,2]{1,0,0.5,0}",
      "grid_sample mode=bicubic align_corners=True "
      "input=f32[1,1,1,268435456]strides[0,0,0,0]offset[0]{1} "
      "grid=f32[1,1,2,2]{1,0,0.5,0}",
  };
  for (const std::string& line : lines) {
    const Case test_case = parse_case(line);
    const Answer exact = exact::answer(test_case);
    const auto& shape = std::get<Tensor>(exact).shape();
    for (const char* profile : {"P1", "P2", "P3", "P4c(f16)", "P4a(bf16)"}) {
      const Judge judge(*parse_profile(profile));
      for (const double value : {0.0, -0.0, 1.0, 12345.0, infinity, -infinity, nan, 0x1p-1074}) {
        Tensor answer(test_case.input.dtype(), shape);
        for (std::int64_t k = 0; k < answer.element_count(); ++k) {
          answer = with_value(answer, static_cast<std::size_t>(k), value);
        }
        const Judgment result = judge.judge(test_case, answer);
        EXPECT_EQ(std::accumulate(result.counts.begin(), result.counts.end(), std::int64_t{0}),
                  sample_count(test_case));
      }
      for (std::int64_t sample = 0; sample < sample_count(test_case); ++sample) {
        EXPECT_FALSE(
            to_string(judge.admissible(test_case, sample, 0), test_case.input.dtype()).empty());
      }
    }
    EXPECT_LE(Judge().judge(test_case, exact).worst(), Verdict::undecided) << line;
  }
}

TEST(Judge, ListsNotMoreThanItPromises) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,5000,2]{0*10000}");
  const Tensor wrong(Dtype::f32, {1, 1, 1, 5000});
  const Answer reference = exact::answer(test_case);
  for (const char* profile : {"P0", "P1"}) {
    const Judgment result = Judge(*parse_profile(profile)).judge(test_case, wrong, &reference);
    EXPECT_EQ(result[Verdict::deviates], 5000);
    EXPECT_EQ(result.notable.size(), Judge::max_notable);
  }
}

// A kernel that is wrong behind many samples that are left open is wrong all the same.
TEST(Judge, ListsWhatIsRareBehindWhatIsFrequent) {
  const Case test_case =
      parse_case("grid_sample mode=nearest input=f32[1,1,1,1]{0} grid=f32[1,1,5000,2]{0*10000}");
  std::vector<double> values(5000, -0.0);
  values[4990] = values[4999] = 1;
  const Judgment result = Judge().judge(test_case, Tensor(Dtype::f32, {1, 1, 1, 5000}, values));
  EXPECT_EQ(result[Verdict::latitude], 4998);
  EXPECT_EQ(result[Verdict::deviates], 2);
  EXPECT_EQ(result.notable.size(), Judge::max_notable);
  EXPECT_FALSE(result.lists_all());
  EXPECT_TRUE(std::ranges::is_sorted(result.notable, {}, &SampleVerdict::sample));
  std::vector<std::int64_t> deviating;
  for (const SampleVerdict& verdict : result.notable) {
    if (verdict.verdict == Verdict::deviates) deviating.push_back(verdict.sample);
  }
  EXPECT_EQ(deviating, (std::vector<std::int64_t>{4990, 4999}));
}

TEST(Judge, LeavesACaseOnceItHasSeenEnough) {
  const Case test_case = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,50,2]{0*100}");
  const Tensor wrong(Dtype::f32, {1, 1, 1, 50});
  const Judgment result = Judge().leaving_after(7).judge(test_case, wrong);
  EXPECT_EQ(result[Verdict::deviates], 7);
  EXPECT_EQ(result.notable.size(), 7U);
  EXPECT_EQ(Judge().judge(test_case, wrong)[Verdict::deviates], 50);
}

// ---- What a person reads ----

TEST(Admissible, ReadsWell) {
  const Judge judge;
  const auto text = [&](const std::string& line) {
    const Case test_case = parse_case(line);
    return to_string(judge.admissible(test_case, 0, 0), test_case.input.dtype());
  };
  EXPECT_EQ(text("grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}"), "2");
  EXPECT_EQ(text("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}"), "2");
  EXPECT_EQ(text("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{9,0}"), "0");
  EXPECT_EQ(text("grid_sample input=f32[1,1,1,2]{1,inf} grid=f32[1,1,1,2]{-0.5,0}"),
            "1 or nan under [texel.zero-weight]");
  EXPECT_EQ(text("grid_sample input=f32[1,1,1,2]{nan,1} grid=f32[1,1,1,2]{0,0}"), "nan");
  // Rounding puts the position at a tie or beside it: two texels, and no others.
  EXPECT_EQ(
      text("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0x1p-30,0}"),
      "4");
  EXPECT_EQ(
      text("grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0x1p-30,0}"),
      "2 or 4");
  // At the far rim: the last texel or the padding.
  EXPECT_EQ(text("grid_sample mode=nearest input=f32[1,1,1,3]{1,2,4} "
                 "grid=f32[1,1,1,2]{0x1.000002p+0,0}"),
            "0 or 4");
  EXPECT_EQ(text("grid_sample mode=nearest padding_mode=reflection input=f32[1,1,1,4]{4,nan,1,2} "
                 "grid=f32[1,1,1,2]{inf,0}"),
            "1 or 2 or 4 or nan");
}

}  // namespace
}  // namespace gridproof
