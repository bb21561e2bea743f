#include "reference/semantics/gradients.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using semantics::Axis;

// The gradients of a line without the name of its operator, as text.
std::string gradients_of(const std::string& line) {
  return to_text(grid_sample_backward(parse_backward_case("grid_sample_backward " + line)));
}

Gradients gradients_of(const BackwardCase& test_case) {
  return std::get<Gradients>(grid_sample_backward(test_case));
}

// ---- Questions whose numbers have few bits, so that no operation rounds ----

// Random numbers out of few.
class FewBits {
 public:
  explicit FewBits(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(count));
  }
  Tensor integers(const Shape& shape) {
    return tensor(shape, [&] { return static_cast<double>(below(9) - 4); });
  }
  // Sixteenths in -2 … 2; with sizes that are powers of two positions are short as well.
  Tensor coordinates(const Shape& shape) {
    return tensor(shape, [&] { return static_cast<double>(below(65) - 32) / 16; });
  }

 private:
  template <class Draw>
  static Tensor tensor(const Shape& shape, Draw&& draw) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = draw();
    return {Dtype::f64, shape, values};
  }
  std::mt19937_64 random_;
};

BackwardCase drawn(std::uint64_t seed) {
  FewBits draw(seed);
  const bool volumetric = draw.below(3) == 0;
  Options options{.mode = static_cast<Mode>(draw.below(volumetric ? 2 : 3)),
                  .padding = static_cast<Padding>(draw.below(3)),
                  .align_corners = draw.below(2) == 1};
  const auto size = [&] { return std::int64_t{1} << draw.below(3); };
  Shape input{draw.below(2) + 1, draw.below(10) + 1};
  Shape grid{input[0]};
  Shape output = input;
  for (int axis = 0; axis < (volumetric ? 3 : 2); ++axis) {
    input.push_back(size());
    grid.push_back(draw.below(3) + 1);
    output.push_back(grid.back());
  }
  grid.push_back(volumetric ? 3 : 2);
  return {{request_for(options), draw.integers(input), draw.coordinates(grid)},
          draw.integers(output),
          {}};
}

double dot(const Tensor& a, const Tensor& b) {
  const auto one = a.values();
  const auto other = b.values();
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) sum += one[i] * other[i];
  return sum;
}

// What the gradients are those of: the output times grad_output, with one coordinate moved.
double value_after(const BackwardCase& test_case, std::int64_t coordinate, double step) {
  Case moved = test_case.forward;
  moved.grid = moved.grid.contiguous();
  moved.grid.elements<double>()[static_cast<std::size_t>(coordinate)] += step;
  return dot(test_case.grad_output, std::get<Tensor>(grid_sample(moved)));
}

// [grad.input] [grad.nearest] [grad.adjoint]
RC_GTEST_PROP(Gradients, OfTheInputAreTheTransposeOfTheForwardPass, ()) {
  const BackwardCase test_case = drawn(*rc::gen::arbitrary<std::uint64_t>());
  const Tensor output = std::get<Tensor>(grid_sample(test_case.forward));
  RC_ASSERT(dot(test_case.grad_output, output) ==
            dot(*gradients_of(test_case).input, test_case.forward.input));
}

// [grad.grid] [grad.scale] [grad.kink-right]: the value is linear within a cell, so that a step to
// the right by less than a cell gives its derivative.
TEST(Gradients, OfTheGridAreTheSlopeToTheRight) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    BackwardCase test_case = drawn(seed);
    const Options options = *resolve(test_case.forward.request);
    if (options.mode == Mode::bicubic) continue;
    const Gradients gradients = gradients_of(test_case);
    const double value = value_after(test_case, 0, 0);
    for (std::int64_t i = 0; i < gradients.grid->element_count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double gradient = gradients.grid->values()[at];
      // Clipping acts on the line itself, so that 0 stands where the slope to the right is none.
      if (gradient == 0 && options.padding != Padding::zeros) continue;
      const double step = 0x1p-12;
      // A reflected position moves to the left where the coordinate moves to the right.
      const double next = value_after(test_case, i, step);
      const double last = value_after(test_case, i, -step);
      EXPECT_TRUE((next - value) / step == gradient || (value - last) / step == gradient)
          << to_line(test_case) << "\ncoordinate " << i << ": " << gradient;
      ++compared;
    }
  }
  EXPECT_GT(compared, 3000);
}

// [grad.bicubic]: the kernel's second derivative is bounded, so that differences come near.
TEST(Gradients, OfBicubicAreDifferencesInTheLimit) {
  int compared = 0;
  for (std::uint64_t seed = 0; compared < 1000; ++seed) {
    BackwardCase test_case = drawn(seed);
    if (resolve(test_case.forward.request)->mode != Mode::bicubic) continue;
    const Gradients gradients = gradients_of(test_case);
    for (std::int64_t i = 0; i < gradients.grid->element_count(); ++i, ++compared) {
      const auto at = static_cast<std::size_t>(i);
      const double step = 0x1p-22;
      const double next = value_after(test_case, i, step);
      const double last = value_after(test_case, i, -step);
      EXPECT_NEAR((next - last) / (2 * step), gradients.grid->values()[at], 1e-3)
          << to_line(test_case);
    }
  }
}

// [grad.zeros-rim] [grad.border] [grad.reflection] [grad.unit-size]
TEST(Gradients, OfPaddedPositions) {
  const auto slope = [](double position, std::int64_t size, Padding padding, bool align_corners) {
    return semantics::padding_slope(
        position, Axis{.size = size, .options = {Mode::bilinear, padding, align_corners}});
  };
  for (const double p : {-9.0, -0.5, 0.0, 3.0, 1e300})
    EXPECT_EQ(slope(p, 4, Padding::zeros, false), 1);
  for (const double p : {-1.0, -0.0, 0.0, 3.0, 3.5, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(slope(p, 4, Padding::border, false), 0);
  }
  EXPECT_EQ(slope(0x1p-1074, 4, Padding::border, true), 1);
  EXPECT_EQ(slope(std::nextafter(3.0, 0.0), 4, Padding::border, true), 1);
  // The lines are at -1/2 and 7/2, or at 0 and 3.
  for (const auto& [p, expected] : {std::pair(1.0, 1.0),
                                    {-1.25, -1.0},
                                    {4.25, -1.0},
                                    {-0.75, 0.0},
                                    {3.25, 0.0},
                                    {3.5, 0.0},
                                    {7.25, 0.0},
                                    {8.5, 1.0},
                                    {-7.5, 1.0},
                                    {-8.5, 0.0},
                                    {1.0 + 8e15, 1.0}}) {
    EXPECT_EQ(slope(p, 4, Padding::reflection, false), expected) << p;
  }
  for (const auto& [p, expected] : {std::pair(1.0, 1.0),
                                    {-1.0, -1.0},
                                    {4.0, -1.0},
                                    {0.0, 0.0},
                                    {3.0, 0.0},
                                    {6.0, 0.0},
                                    {7.0, 1.0}}) {
    EXPECT_EQ(slope(p, 4, Padding::reflection, true), expected) << p;
  }
  for (const bool align_corners : {false, true}) {
    for (const double p : {-3.0, -0.25, 0.0, 0.5}) {
      EXPECT_EQ(slope(p, 1, Padding::border, align_corners), 0);
      EXPECT_EQ(slope(p, 1, Padding::reflection, align_corners), 0);
    }
  }
  EXPECT_EQ(gradients_of("output_mask=[False,True] input=f32[1,1,1,2]{4,8} "
                         "grid=f32[1,1,3,2]{-1.5,0,-1.5000001,0,1.4375,0} "
                         "grad_output=f32[1,1,1,3]{1,1,1}"),
            "grad_grid=f32[1,1,3,2]{4,0,0,0,-8,-0.25}");
}

// [grad.infinity] [grad.nan]: whatever else the sample is, nothing that is not finite comes out.
TEST(Gradients, OfWhatIsNotFiniteAreFinite) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    for (const char* padding : {"zeros", "border", "reflection"}) {
      for (const char* x : {"nan", "inf", "-inf", "0x1.fffffep+127"}) {
        const std::string line = std::string("mode=") + mode + " padding_mode=" + padding +
                                 " input=f32[1,1,4,4]{1..16} grid=f32[1,1,1,2]{" + x +
                                 ",0.25} grad_output=f32[1,1,1,1]{1}";
        const Gradients gradients =
            gradients_of(parse_backward_case("grid_sample_backward " + line));
        EXPECT_EQ(gradients.grid->values().front(), 0) << line;
        for (const double value : gradients.input->values()) EXPECT_TRUE(std::isfinite(value));
      }
    }
  }
}

// [grad.nonfinite]
TEST(Gradients, MultiplyWhatIsNotFinite) {
  EXPECT_EQ(gradients_of("padding_mode=border input=f32[1,1,1,2]{nan,nan} grid=f32[1,1,1,2]{9,0} "
                         "grad_output=f32[1,1,1,1]{inf}"),
            "grad_input=f32[1,1,1,2]{0,inf} grad_grid=f32[1,1,1,2]{0,0}");
}

// [grad.16-bit]
TEST(Gradients, OfHalfPrecisionRoundOnce) {
  // 2048 + 1 is 2048 in f16.
  const auto nearest = [](const std::string& dtype, const std::string& count) {
    return gradients_of("mode=nearest output_mask=[True,False] input=" + dtype +
                        "[1,1,1,1]{1} grid=" + dtype + "[1,1," + count +
                        ",2]strides[0,0,0,0]{0} grad_output=" + dtype + "[1,1,1," + count +
                        "]strides[0,0,0,0]{1}");
  };
  EXPECT_EQ(nearest("f16", "3000"), "grad_input=f16[1,1,1,1]{3000}");
  EXPECT_EQ(nearest("bf16", "1000"), "grad_input=bf16[1,1,1,1]{1000}");
}

// [grad.order]
TEST(Gradients, AddInTheirOrder) {
  std::vector<float> numbers(20);
  for (std::size_t c = 0; c < numbers.size(); ++c)
    numbers[c] = std::ldexp(1.0F, static_cast<int>(c * 7 % 25));
  std::array<float, 8> sums{};
  for (std::size_t c = 0; c < numbers.size(); ++c) sums[c % 8] += numbers[c];
  const float expected =
      ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  EXPECT_EQ(semantics::channel_sum<float>(
                20, [&](std::int64_t c) { return numbers[static_cast<std::size_t>(c)]; }),
            expected);
  EXPECT_EQ(semantics::channel_sum<float>(0, [](std::int64_t) { return 1.0F; }), 0);
}

// [grad.mask]
RC_GTEST_PROP(Gradients, DoNotDependOnWhatElseIsWanted, ()) {
  BackwardCase test_case = drawn(*rc::gen::arbitrary<std::uint64_t>());
  const Gradients both = gradients_of(test_case);
  test_case.output_mask = {.input = true, .grid = false};
  const Gradients input = gradients_of(test_case);
  test_case.output_mask = {.input = false, .grid = true};
  const Gradients grid = gradients_of(test_case);
  RC_ASSERT(!input.grid && !grid.input);
  RC_ASSERT(input.input->same_values(*both.input));
  RC_ASSERT(grid.grid->same_values(*both.grid));
  test_case.output_mask = {.input = false, .grid = false};
  RC_ASSERT(to_text(gradients_of(test_case)).empty());
}

// [grad.shape] [grad.dtype]
TEST(Gradients, AreRefusedForAnotherGradOutput) {
  const std::string forward = "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0} grad_output=";
  EXPECT_EQ(gradients_of(forward + "f32[1,1,1]{1}"), "refused grad.shape");
  EXPECT_EQ(gradients_of(forward + "f16[1,1,1,1]{1}"), "refused grad.dtype");
  EXPECT_EQ(gradients_of("mode=cubic " + forward + "f16[1,1,1,1]{1}"), "refused options.mode");
}

// [grad.layout]
RC_GTEST_PROP(Gradients, DoNotDependOnTheLayout, ()) {
  BackwardCase test_case = drawn(*rc::gen::arbitrary<std::uint64_t>());
  const Gradients expected = gradients_of(test_case);
  // The last axis first in memory.
  const auto turned = [](const Tensor& tensor) {
    std::vector<int> axes{tensor.rank() - 1};
    for (int axis = 0; axis + 1 < tensor.rank(); ++axis) axes.push_back(axis);
    std::vector<int> back;
    for (int axis = 1; axis < tensor.rank(); ++axis) back.push_back(axis);
    back.push_back(0);
    return tensor.permuted(axes).contiguous().permuted(back);
  };
  test_case.forward.input = turned(test_case.forward.input);
  test_case.forward.grid = turned(test_case.forward.grid);
  test_case.grad_output = turned(test_case.grad_output);
  const Gradients gradients = gradients_of(test_case);
  RC_ASSERT(gradients.input->is_contiguous() && gradients.grid->is_contiguous());
  RC_ASSERT(gradients.input->same_values(*expected.input));
  RC_ASSERT(gradients.grid->same_values(*expected.grid));
}

}  // namespace
}  // namespace gridproof
