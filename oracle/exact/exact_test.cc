#include "oracle/exact/exact.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace gridproof::exact {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> values(const std::string& line) {
  return std::get<Tensor>(answer(parse_case(line))).values();
}

// The answers for an input of one row, which is sampled along x.
std::vector<double> row(const std::string& options, const std::vector<double>& texels,
                        const std::vector<double>& coordinates) {
  Case test_case =
      parse_case("grid_sample " + options + " input=f64[1,1,1,1]{0} grid=f64[1,1,1,2]{0,0}");
  test_case.input = Tensor(Dtype::f64, {1, 1, 1, std::ssize(texels)}, texels);
  std::vector<double> grid;
  for (const double x : coordinates) grid.insert(grid.end(), {x, 0});
  test_case.grid = Tensor(Dtype::f64, {1, 1, std::ssize(coordinates), 2}, grid);
  return std::get<Tensor>(answer(test_case)).values();
}

using Values = std::vector<double>;

// ---- Values worked out by hand from the documentation; exact.md has the formulas. ----

TEST(Exact, BilinearZeros) {
  // Positions (-0.9, 0.9) and (1.7, 3.3): 0.1 (0.1 x 1 + 0.9 x 5), 0.7 (0.3 x 14 + 0.7 x 15).
  const auto result = values(
      "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
      "input=f32[1,1,4,4]{1..16} grid=f32[1,1,2,2]{-1.2,-0.3,0.1,0.9}");
  EXPECT_NEAR(result[0], 0.46, 1e-6);
  EXPECT_NEAR(result[1], 10.29, 1e-6);
  // Beyond the rim the value runs down to 0 over one pixel.
  EXPECT_EQ(row("padding_mode=zeros", {8, 2, 4, 16}, {-1, -1.125, 1, -1.5}), (Values{4, 2, 8, 0}));
}

TEST(Exact, BilinearReflection) {
  EXPECT_EQ(row("padding_mode=reflection align_corners=False", {1, 2, 4, 8}, {-1.5, -1.75, 1.5}),
            (Values{1.5, 2, 6}));
  EXPECT_EQ(
      row("padding_mode=reflection align_corners=True", {1, 2, 4, 8, 16}, {-1.5, -1.75, 1.5, 1.75}),
      (Values{2, 3, 8, 6}));
  // The documentation's example with its slip put right: -3.5 reflects to 1.5, and that to 0.5.
  EXPECT_EQ(row("padding_mode=reflection align_corners=True", {1, 2, 4, 8, 16}, {-3.5, 1.5, 0.5}),
            (Values{8, 8, 8}));
  // Huge coordinates are multiples of 4, as which they take what 0 takes.
  EXPECT_EQ(row("padding_mode=reflection", {1, 2, 4, 8}, {0, 1e308, -1e308, 0x1p60}),
            (Values{3, 3, 3, 3}));
}

TEST(Exact, NearestRoundsHalfToEven) {
  EXPECT_EQ(row("mode=nearest padding_mode=zeros", {1, 2, 4, 8}, {-0.5, 0, 0.5, -1, 1}),
            (Values{1, 4, 4, 1, 0}));
  // After the padding: -1.5 is reflected to 0.5, which rounds to 0 (-1.5 rounds to -2, reflected to
  // 1).
  EXPECT_EQ(row("mode=nearest padding_mode=reflection", {1, 2, 4, 8}, {-1.5}), (Values{1}));
}

TEST(Exact, BicubicPadsItsTapsOneByOne) {
  EXPECT_EQ(row("mode=bicubic padding_mode=zeros", {0, 0, 1, 0, 0, 0, 0, 0}, {-0.25, 0}),
            (Values{0.59375, -0.09375}));
  EXPECT_EQ(row("mode=bicubic padding_mode=border", {0, 1, 0, 0}, {-1.125, -0.875}),
            (Values{-0.03515625, -0.10546875}));
  EXPECT_EQ(row("mode=bicubic padding_mode=reflection", {0, 1, 0, 0}, {-1.125}),
            (Values{-0.140625}));
  // Outside taps under zeros keep their weight: at -0.5 the weights of 0 and 1 are left.
  EXPECT_EQ(row("mode=bicubic padding_mode=zeros", {1, 1, 1, 1}, {-1}), (Values{0.5}));
}

TEST(Exact, OnePixel) {
  const Values coordinates = {-1e300, -1.5, -1, 0, 0.5, 1, 1.5, 1e300};
  // With aligned corners every finite coordinate is the center of the one pixel …
  for (const auto* mode : {"mode=bilinear", "mode=nearest", "mode=bicubic"}) {
    for (const auto* padding : {"zeros", "border", "reflection"}) {
      EXPECT_EQ(
          row(std::string(mode) + " align_corners=True padding_mode=" + padding, {5}, coordinates),
          Values(8, 5))
          << mode << padding;
    }
  }
  // … without, the pixel is as wide as the coordinates from -1 to 1.
  EXPECT_EQ(row("padding_mode=zeros", {5}, coordinates),
            (Values{0, 1.25, 2.5, 5, 3.75, 2.5, 1.25, 0}));
  EXPECT_EQ(row("padding_mode=border", {5}, coordinates), Values(8, 5));
  EXPECT_EQ(row("padding_mode=reflection", {5}, coordinates), Values(8, 5));
}

TEST(Exact, NanCoordinatesAreMinusOne) {
  for (const auto* mode : {"mode=bilinear", "mode=nearest", "mode=bicubic"}) {
    for (const auto* padding :
         {" padding_mode=zeros", " padding_mode=border", " padding_mode=reflection"}) {
      const auto result = row(std::string(mode) + padding, {1, 2, 4, 8}, {nan, -1});
      EXPECT_EQ(result[0], result[1]) << mode << padding;
    }
  }
}

TEST(Exact, InfiniteCoordinates) {
  const std::string input =
      " input=f32[1,1,2,2]{1,2,nan,nan} grid=f32[1,1,3,2]{inf,0,-inf,nan,0,inf}";
  for (const std::string mode : {"mode=bilinear", "mode=nearest", "mode=bicubic"}) {
    // Outside is outside: what the other axis says, and what lies there, does not matter.
    EXPECT_EQ(values(std::string("grid_sample ").append(mode).append(input)), (Values{0, 0, 0}));
    const auto border = row(mode + " padding_mode=border", {1, 2, 4, 8}, {-infinity, infinity});
    EXPECT_EQ(border, (Values{1, 8}));
    const auto reflection =
        row(mode + " padding_mode=reflection", {1, 2, 4, 8}, {-infinity, infinity, -1});
    EXPECT_EQ(reflection, Values(3, reflection[2]));
  }
}

TEST(Exact, TexelsThatAreNoNumbers) {
  // Where the weight is 0 a texel is not read; elsewhere the sum is that of IEEE 754.
  EXPECT_EQ(row("mode=bilinear", {1, infinity}, {-0.5, 0, 0.5}), (Values{1, infinity, infinity}));
  EXPECT_EQ(row("mode=bilinear", {1, -infinity}, {-0.5, 0}), (Values{1, -infinity}));
  EXPECT_EQ(row("mode=bilinear", {1, nan}, {-0.5}), (Values{1}));
  EXPECT_TRUE(std::isnan(row("mode=bilinear", {1, nan}, {0})[0]));
  EXPECT_TRUE(std::isnan(row("mode=bilinear", {infinity, -infinity}, {0})[0]));
  // Position 1.5: the weights of the outer taps are negative.
  EXPECT_EQ(row("mode=bicubic", {infinity, 1, 1, 1}, {0}), (Values{-infinity}));
  EXPECT_EQ(row("mode=bicubic", {infinity, 1, 1, infinity}, {0}), (Values{-infinity}));
  EXPECT_EQ(row("mode=bicubic", {1, 1, infinity, 1}, {0}), (Values{infinity}));
  EXPECT_TRUE(std::isnan(row("mode=bicubic", {infinity, infinity, 1, 1}, {0})[0]));
  EXPECT_EQ(row("mode=bicubic", {nan, 1, nan, nan}, {-0.25}), (Values{1}));
  // A negative weight along each axis: their product is positive.
  EXPECT_EQ(values("grid_sample mode=bicubic input=f32[1,1,4,4]{inf,0*15} grid=f32[1,1,1,2]{0,0}"),
            (Values{infinity}));
}

TEST(Exact, NearestCopiesAndTheOthersAdd) {
  const auto copied = row("mode=nearest", {-0.0, infinity, nan, 1}, {-0.75, -0.25, 0.25, 3});
  EXPECT_EQ(copied[0], 0);
  EXPECT_TRUE(std::signbit(copied[0]));
  EXPECT_EQ(copied[1], infinity);
  EXPECT_TRUE(std::isnan(copied[2]));
  EXPECT_EQ(copied[3], 0);
  EXPECT_FALSE(std::signbit(copied[3]));
  for (const auto* mode : {"mode=bilinear", "mode=bicubic"}) {
    EXPECT_FALSE(std::signbit(row(mode, {-0.0, -0.0}, {-0.5})[0]));
    EXPECT_FALSE(std::signbit(row(mode, {1, -1}, {0})[0]));
  }
}

// ---- Shapes, layouts, dtypes ----

// Corners aligned and sizes with a power of two between first and last: each texel has an exact
// coordinate. Every index is told apart: batch, channel, z, y and x. The first batch entry is
// copied, the second one reversed along all axes.
TEST(Exact, FindsEveryTexelInAnyLayout) {
  const Shape shape = {2, 2, 2, 3, 5};
  constexpr std::ptrdiff_t volume = 30;
  std::vector<double> texels(4 * volume);
  std::iota(texels.begin(), texels.end(), 0);
  std::vector<double> grid;
  for (const double sign : {1, -1}) {
    for (const double z : {-1.0, 1.0}) {
      for (const double y : {-1.0, 0.0, 1.0}) {
        for (const double x : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
          grid.insert(grid.end(), {sign * x, sign * y, sign * z});
        }
      }
    }
  }
  std::vector<double> expected = texels;
  std::reverse(expected.begin() + 2 * volume, expected.begin() + 3 * volume);
  std::reverse(expected.begin() + 3 * volume, expected.end());

  const Tensor input(Dtype::f32, shape, texels);
  const Tensor locations(Dtype::f32, {2, 2, 3, 5, 3}, grid);
  // The same elements in column-major order, behind others in the storage, and back to front.
  const auto transposed = [](const Tensor& tensor) {
    const std::vector<int> reversed = {4, 3, 2, 1, 0};
    return tensor.permuted(reversed).contiguous().permuted(reversed);
  };
  const auto behind_others = [](const Tensor& tensor) {
    std::vector<double> elements = tensor.values();
    elements.insert(elements.begin(), elements.size(), 7);
    Shape twice = tensor.shape();
    twice[0] *= 2;
    return Tensor(tensor.dtype(), twice, elements).slice(0, 2, 4);
  };
  const auto back_to_front = [](const Tensor& tensor) {
    std::vector<double> elements = tensor.values();
    std::ranges::reverse(elements);
    const Tensor dense(tensor.dtype(), tensor.shape(), elements);
    Shape strides = dense.strides();
    for (auto& stride : strides) stride = -stride;
    return Tensor::strided(dense.dtype(), dense.shape(), strides, dense.storage_size() - 1,
                           dense.shared_storage(), dense.storage_size());
  };
  for (const auto mode : {Mode::nearest, Mode::bilinear}) {
    for (const auto padding : {Padding::zeros, Padding::border, Padding::reflection}) {
      const auto check = [&](const Tensor& a, const Tensor& b) {
        const auto output = answer({request_for({mode, padding, true}), a, b});
        EXPECT_EQ(std::get<Tensor>(output).values(), expected);
      };
      check(input, locations);
      check(transposed(input), transposed(locations));
      check(behind_others(input), behind_others(locations));
      check(back_to_front(input), back_to_front(locations));
    }
  }
}

TEST(Exact, EmptyOutputs) {
  for (const auto* line : {"grid_sample input=f32[0,2,3,3]{} grid=f32[0,4,5,2]{}",
                           "grid_sample input=f32[1,0,3,3]{} grid=f32[1,1,1,2]{0,0}",
                           "grid_sample input=f32[1,2,1,1]{1,2} grid=f32[1,0,5,2]{}"}) {
    const Case test_case = parse_case(line);
    const auto output = std::get<Tensor>(answer(test_case));
    EXPECT_EQ(output.element_count(), 0) << line;
    EXPECT_EQ(output.shape(), (Shape{test_case.input.size(0), test_case.input.size(1),
                                     test_case.grid.size(1), test_case.grid.size(2)}));
  }
}

TEST(Exact, RoundsOnceToTheDtype) {
  // (4 + 2^-9 + 2^-24) / 4 lies just above the middle of two f16 numbers; f32 on the way there
  // would put it on the middle.
  EXPECT_EQ(values("grid_sample input=f16[1,1,2,2]{4,0x1p-9,0x1p-24,0} grid=f16[1,1,1,2]{0,0}"),
            (Values{0x1.004p0}));
  EXPECT_EQ(values("grid_sample input=bf16[1,1,2,2]{4,0x1p-6,0x1p-60,0} grid=bf16[1,1,1,2]{0,0}"),
            (Values{0x1.02p0}));
  // 65504 is the largest f16: a bicubic overshoot leaves the range.
  EXPECT_EQ(values("grid_sample mode=bicubic input=f16[1,1,1,4]{0,65504,65504,0} "
                   "grid=f16[1,1,1,2]{0,0}"),
            (Values{infinity}));
}

// A subnormal coordinate under bicubic: the weights have some 3000 bits, the value has 6000.
TEST(Exact, KeepsEveryBit) {
  const Case test_case = parse_case(
      "grid_sample mode=bicubic padding_mode=zeros align_corners=True "
      "input=f64[1,1,3,3]{0,0,0,0,0,0x1p-1074,0,0,0} grid=f64[1,1,1,2]{0x1p-1074,0x1p-1074}");
  const Element element = Evaluator(test_case).element(0, 0);
  // Positions 1 + e, e = 2^-1074: the texel is at distances 1 - e along x and e along y.
  const Dyadic e = Dyadic(1).scaled(-1074);
  EXPECT_EQ(element.number, cubic_weight(1 - e) * cubic_weight(e) * e);
  EXPECT_GT(element.number, 0);
}

// ---- Refusals ----

TEST(Exact, RefusesWhatTheDocumentationExcludesAndNothingElse) {
  const std::string good = " input=f32[1,1,2,2]{0*4} grid=f32[1,1,1,2]{0,0}";
  const std::vector<std::pair<std::string, std::string>> test_cases = {
      {"", good},
      {"options.mode", " mode=linear" + good},
      {"options.padding-mode", " padding_mode=wrap" + good},
      {"shape.rank", " input=f32[1,2,2]{0*4} grid=f32[1,1,1]{0}"},
      {"shape.rank", " input=f32[1,1,1,1,1,1]{0} grid=f32[1,1,1,1,1,4]{0*4}"},
      {"shape.rank", " input=f32[1,1,2,2]{0*4} grid=f32[1,1,1,1,3]{0*3}"},
      {"shape.rank", " input=f32[]{0} grid=f32[]{0}"},
      {"shape.batch", " input=f32[2,1,1,1]{0*2} grid=f32[1,1,1,2]{0,0}"},
      {"shape.last-dimension", " input=f32[1,1,1,1]{0} grid=f32[1,1,1,3]{0*3}"},
      {"shape.last-dimension", " input=f32[1,1,1,1,1]{0} grid=f32[1,1,1,1,2]{0*2}"},
      {"shape.empty-spatial", " input=f32[1,1,0,1]{} grid=f32[1,1,1,2]{0*2}"},
      {"shape.empty-spatial", " input=f32[1,1,1,1,0]{} grid=f32[1,1,1,1,3]{0*3}"},
      {"options.bicubic-4d", " mode=bicubic input=f32[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0*3}"},
      {"dtype.supported", " input=i32[1,1,1,1]{0} grid=i32[1,1,1,2]{0,0}"},
      {"dtype.supported", " input=i32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,0}"},
      {"dtype.same", " input=f32[1,1,1,1]{0} grid=f64[1,1,1,2]{0,0}"},
      {"dtype.same", " input=f16[1,1,1,1]{0} grid=i32[1,1,1,2]{0,0}"},
  };
  for (const auto& [clause, text] : test_cases) {
    const Case test_case = parse_case("grid_sample" + text);
    const auto refusal = refusal_of(test_case);
    EXPECT_EQ(refusal ? refusal->clause : "", clause) << text;
    const Answer given = answer(test_case);
    EXPECT_EQ(std::holds_alternative<Refusal>(given), refusal.has_value()) << text;
    if (refusal) {
      EXPECT_FALSE(refusal->message.empty());
      EXPECT_THROW(Evaluator{test_case}, std::invalid_argument);
    }
  }
}

// Everything is wrong at first; each line puts right what the one before was refused for.
TEST(Exact, RefusesForTheFirstReason) {
  const std::vector<std::pair<std::string, std::string>> test_cases = {
      {"options.mode", " mode=x padding_mode=y input=i32[2,1,0]{} grid=f32[1,3]{0*3}"},
      {"options.padding-mode",
       " mode=bicubic padding_mode=y input=i32[2,1,0]{} grid=f32[1,3]{0*3}"},
      {"shape.rank", " mode=bicubic input=i32[2,1,0]{} grid=f32[1,3]{0*3}"},
      {"shape.batch", " mode=bicubic input=i32[2,1,0,1,1]{} grid=f32[1,1,1,1,4]{0*4}"},
      {"shape.last-dimension", " mode=bicubic input=i32[1,1,0,1,1]{} grid=f32[1,1,1,1,4]{0*4}"},
      {"shape.empty-spatial", " mode=bicubic input=i32[1,1,0,1,1]{} grid=f32[1,1,1,1,3]{0*3}"},
      {"options.bicubic-4d", " mode=bicubic input=i32[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0*3}"},
      {"dtype.supported", " input=i32[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0*3}"},
      {"dtype.same", " input=f64[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0*3}"},
  };
  for (const auto& [clause, text] : test_cases) {
    EXPECT_EQ(refusal_of(parse_case("grid_sample" + text)).value_or(Refusal{}).clause, clause);
  }
}

TEST(Exact, IsASubject) {
  const SubjectEntry entry = subject();
  EXPECT_EQ(entry.name, "exact");
  const Case test_case = parse_case("grid_sample input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0,0}");
  EXPECT_EQ(std::get<Tensor>(entry.open()->answer(test_case)).values(), (Values{5}));
}

// ---- Properties: they hold exactly, because nothing is rounded. ----

// Images of a few small sizes and coordinates that are multiples of 2^-12, so that sums with simple
// fractions are coordinates too.
struct Sampled {
  Options options;
  std::int64_t height, width;
  std::vector<double> texels;
  double x, y;
};

rc::Gen<Sampled> any_sampled() {
  const auto size = rc::gen::inRange<std::int64_t>(1, 8);
  const auto options = rc::gen::construct<Options>(
      rc::gen::element(Mode::bilinear, Mode::nearest, Mode::bicubic),
      rc::gen::element(Padding::zeros, Padding::border, Padding::reflection),
      rc::gen::arbitrary<bool>());
  const auto coordinate =
      rc::gen::map(rc::gen::inRange(-(5 << 12), 5 << 12), [](int n) { return std::ldexp(n, -12); });
  const auto texel = rc::gen::map(rc::gen::inRange<std::int64_t>(-(1LL << 53), 1LL << 53),
                                  [](std::int64_t n) { return std::ldexp(n, -50); });
  return rc::gen::mapcat(rc::gen::pair(size, size), [=](const auto& sizes) {
    const auto [height, width] = sizes;
    return rc::gen::construct<Sampled>(
        options, rc::gen::just(height), rc::gen::just(width),
        rc::gen::container<std::vector<double>>(static_cast<std::size_t>(height * width), texel),
        coordinate, coordinate);
  });
}

Element element(const Options& options, const Tensor& input,
                const std::vector<double>& coordinates) {
  Shape shape(coordinates.size() + 2, 1);
  shape.back() = std::ssize(coordinates);
  const Tensor grid(input.dtype(), shape, coordinates);
  return Evaluator({request_for(options), input, grid}).element(0, 0);
}

Dyadic number(const Sampled& s) {
  return element(s.options, Tensor(Dtype::f64, {1, 1, s.height, s.width}, s.texels), {s.x, s.y})
      .number;
}

RC_GTEST_PROP(Exact, LinearModesStayWithinTheTexels, ()) {
  const auto s = *any_sampled();
  RC_PRE(s.options.mode != Mode::bicubic);
  auto [low, high] = std::ranges::minmax(s.texels);
  if (s.options.padding == Padding::zeros) {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
  }
  RC_ASSERT(number(s) >= low);
  RC_ASSERT(number(s) <= high);
}

RC_GTEST_PROP(Exact, ConstantImagesStayConstant, ()) {
  auto s = *any_sampled();
  RC_PRE(s.options.padding != Padding::zeros);
  std::ranges::fill(s.texels, s.texels[0]);
  RC_ASSERT(number(s) == s.texels[0]);
}

// Ties of `nearest` go to even indices, which a flip keeps even only if the size is odd.
RC_GTEST_PROP(Exact, FlippingTheImageNegatesTheCoordinates, ()) {
  auto s = *any_sampled();
  RC_PRE(s.options.mode != Mode::nearest || (s.width % 2 == 1 && s.height % 2 == 1));
  const auto before = number(s);
  std::ranges::reverse(s.texels);  // both axes
  s.x = -s.x;
  s.y = -s.y;
  RC_ASSERT(number(s) == before);
}

RC_GTEST_PROP(Exact, TransposingTheImageSwapsTheCoordinates, ()) {
  const auto s = *any_sampled();
  const Tensor input(Dtype::f64, {1, 1, s.height, s.width}, s.texels);
  const std::vector<int> swapped = {0, 1, 3, 2};
  RC_ASSERT(element(s.options, input.permuted(swapped), {s.y, s.x}).number == number(s));
}

RC_GTEST_PROP(Exact, ReflectionHasPeriodFour, ()) {
  auto s = *any_sampled();
  s.options.padding = Padding::reflection;
  const auto before = number(s);
  s.x += 4.0 * *rc::gen::inRange(-(1 << 20), 1 << 20);
  s.y += 4.0 * *rc::gen::inRange(-(1 << 20), 1 << 20);
  RC_ASSERT(number(s) == before);
}

// A row of 16 with zeros around its middle: moved by k pixels under a sample that moves along.
RC_GTEST_PROP(Exact, ShiftingTheImageShiftsTheSample, ()) {
  auto s = *any_sampled();
  s.options.padding = Padding::zeros;
  s.options.align_corners = false;
  s.y = 0;
  const int shift = 2 * *rc::gen::inRange(-2, 3);  // even: ties go to even indices
  const auto moved_by = [&](int pixels) {
    Sampled moved = s;
    moved.height = 1;
    moved.width = 16;
    moved.texels.assign(16, 0);
    for (std::size_t i = 0; i < std::min<std::size_t>(s.texels.size(), 8); ++i) {
      moved.texels[i + 4 + static_cast<std::size_t>(pixels)] = s.texels[i];
    }
    moved.x += pixels * 2 / 16.0;
    return number(moved);
  };
  RC_ASSERT(moved_by(shift) == moved_by(0));
}

RC_GTEST_PROP(Exact, OneSliceOfAVolumeIsAnImage, ()) {
  const auto s = *any_sampled();
  RC_PRE(s.options.mode != Mode::bicubic);
  const Tensor slice(Dtype::f64, {1, 1, 1, s.height, s.width}, s.texels);
  RC_ASSERT(element(s.options, slice, {s.x, s.y, 0}).number == number(s));
}

// Between two slices at positions 0 and 1 a trilinear sample is the linear mean of two bilinear
// ones.
RC_GTEST_PROP(Exact, TrilinearIsLinearInDepth, ()) {
  auto s = *any_sampled();
  s.options.mode = Mode::bilinear;
  s.options.align_corners = true;
  const double z = std::ldexp(*rc::gen::inRange(-4096, 4097), -12);
  const Dyadic depth = (Dyadic(z) + 1).scaled(-1);
  std::vector<double> volume = s.texels;
  const auto first = number(s);
  std::ranges::reverse(s.texels);
  const auto second = number(s);
  volume.insert(volume.end(), s.texels.begin(), s.texels.end());
  const Tensor input(Dtype::f64, {1, 1, 2, s.height, s.width}, volume);
  RC_ASSERT(element(s.options, input, {s.x, s.y, z}).number ==
            (1 - depth) * first + depth * second);
}

}  // namespace
}  // namespace gridproof::exact
