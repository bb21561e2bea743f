#include "oracle/exact/gradients.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "oracle/exact/exact.h"

namespace gridproof::exact {
namespace {

using Values = std::vector<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto all_modes = {Mode::bilinear, Mode::nearest, Mode::bicubic};
constexpr auto all_paddings = {Padding::zeros, Padding::border, Padding::reflection};

// The answer to a line without its first word; every NaN is `nan`.
std::string answer_to(const std::string& question) {
  BackwardAnswer answer = backward_answer(parse_backward_case("grid_sample_backward " + question));
  if (const auto* refusal = std::get_if<Refusal>(&answer)) return "refused " + refusal->clause;
  auto& gradients = std::get<Gradients>(answer);
  for (auto* tensor : {&gradients.input, &gradients.grid}) {
    if (!*tensor) continue;
    Values values = (*tensor)->values();
    std::ranges::replace_if(values, [](double value) { return std::isnan(value); }, nan);
    *tensor = Tensor((*tensor)->dtype(), (*tensor)->shape(), values);
  }
  return to_text(gradients);
}

// Samples of one row along x, each with gradient 1.
struct Row {
  Values input;  // the gradient of the row
  Values x, y;   // of the grid
};
Row row(const std::string& options, const Values& texels, const Values& coordinates, double y = 0) {
  BackwardCase test_case = parse_backward_case(
      "grid_sample_backward" + (options.empty() ? "" : " " + options) +
      " input=f64[1,1,1,1]{0} grid=f64[1,1,1,2]{0,0} grad_output=f64[1,1,1,1]{1}");
  const std::int64_t count = std::ssize(coordinates);
  test_case.forward.input = Tensor(Dtype::f64, {1, 1, 1, std::ssize(texels)}, texels);
  Values grid;
  for (const double x : coordinates) grid.insert(grid.end(), {x, y});
  test_case.forward.grid = Tensor(Dtype::f64, {1, 1, count, 2}, grid);
  test_case.grad_output =
      Tensor(Dtype::f64, {1, 1, 1, count}, Values(static_cast<std::size_t>(count), 1));
  const auto gradients = std::get<Gradients>(backward_answer(test_case));
  Row result{.input = gradients.input->values(), .x = {}, .y = {}};
  const Values components = gradients.grid->values();
  for (std::size_t i = 0; i < components.size(); i += 2) {
    result.x.push_back(components[i]);
    result.y.push_back(components[i + 1]);
  }
  return result;
}
const Values four = {1, 2, 4, 8};
const Values five = {1, 2, 4, 8, 16};

// ---- Values worked out by hand; exact.md has the formulas. ----

TEST(ExactGradients, OfOneSample) {
  EXPECT_EQ(answer_to("input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                      "grad_output=f32[1,1,1,1]{1}"),
            "grad_input=f32[1,1,1,4]{0,0.75,0.25,0} grad_grid=f32[1,1,1,2]{4,-1.25}");
  // The gradient of the grid is a sum over the channels: here 1 (4, -1.25) - 16 (4, -1.25).
  EXPECT_EQ(answer_to("input=f32[1,2,1,4]{1,2,4,8,16,32,64,128} grid=f32[1,1,1,2]{-0.125,0} "
                      "grad_output=f32[1,2,1,1]{1,-1}"),
            "grad_input=f32[1,2,1,4]{0,0.75,0.25,0,0,-0.75,-0.25,0} "
            "grad_grid=f32[1,1,1,2]{-60,18.75}");
  // A volume of 2 x 2 x 4: each row is 2.5 where this reads it, times 1, 16, 256 and 4096.
  EXPECT_EQ(answer_to("output_mask=[False,True] input=f32[1,1,2,2,4]{1,2,4,8,16,32,64,128,256,512,"
                      "1024,2048,4096,8192,16384,32768} grid=f32[1,1,1,1,3]{-0.125,0,0} "
                      "grad_output=f32[1,1,1,1,1]{1}"),
            "grad_grid=f32[1,1,1,1,3]{4369,4818.75,5418.75}");
}

TEST(ExactGradients, AreScaledToPixels) {
  EXPECT_EQ(row("padding_mode=border align_corners=True", five, {0.25}).x, Values{8});
  EXPECT_EQ(row("padding_mode=border align_corners=True", five, {0.5}).x, Values{16});
  EXPECT_EQ(row("padding_mode=border align_corners=False", five, {0.5}).x, Values{20});
}

TEST(ExactGradients, AreThoseToTheRightAtKinks) {
  const Row kink = row("", four, {-0.25});
  EXPECT_EQ(kink.x, Values{4});  // from the left it is 2
  EXPECT_EQ(kink.y, Values{-1});
}

TEST(ExactGradients, RampDownUnderZeros) {
  EXPECT_EQ(row("", four, {-1.25, -1.26, -1, 0.75, 1, 1.25}).x, (Values{2, 0, 2, -16, -16, 0}));
  const Row rim = row("", four, {-0.875});
  EXPECT_EQ(rim.input, (Values{0.75, 0, 0, 0}));
  EXPECT_EQ(rim.x, Values{2});
  EXPECT_EQ(rim.y, Values{-0.375});
}

TEST(ExactGradients, VanishAtAndBeyondTheBorder) {
  const Row border = row("padding_mode=border", four, {-5, -0.75, -0.7, 0.5, 0.75, 2});
  EXPECT_EQ(border.x, (Values{0, 0, 2, 8, 0, 0}));
  EXPECT_EQ(border.y, Values(6, 0));
  EXPECT_EQ(row("padding_mode=border", four, {2}).input, (Values{0, 0, 0, 1}));
}

TEST(ExactGradients, ChangeSignWithEachReflection) {
  EXPECT_EQ(
      row("padding_mode=reflection", four, {-1.375, 1.375, -1, 2.5, 1, 3.625, -2.5, 0x1p40}).x,
      (Values{-2, -8, 0, -2, 0, 2, -8, 4}));
  EXPECT_EQ(row("padding_mode=reflection align_corners=True", five, {-1.5, -1, 1, 1.25, 3, 3.25}).x,
            (Values{-4, 0, 0, -16, 0, 2}));
  // Back on a whole position: still the cell to its right, which lies to the left of the
  // coordinate.
  EXPECT_EQ(row("padding_mode=reflection", four, {-1.75, 1.75}).x, (Values{-4, -8}));
}

TEST(ExactGradients, OfOnePixel) {
  EXPECT_EQ(row("align_corners=True", {5}, {0.5}).x, Values{0});
  EXPECT_EQ(row("padding_mode=border", {5}, {0}).x, Values{0});
  EXPECT_EQ(row("padding_mode=reflection", {5}, {0, 0.3}).x, (Values{0, 0}));
  const Row ramp = row("", {5}, {0.5});
  EXPECT_EQ(ramp.x, Values{-2.5});
  EXPECT_EQ(ramp.y, Values{-1.875});
  EXPECT_EQ(row("mode=bicubic padding_mode=border", {5}, {0.5}).x, Values{0});
  EXPECT_EQ(row("mode=bicubic align_corners=True", {5}, {0.5}).x, Values{0});
}

TEST(ExactGradients, OfNearestAreThoseOfThePixelAlone) {
  const Row nearest = row("mode=nearest", four, {-0.5, -0.25, -0.25, 3});
  EXPECT_EQ(nearest.input, (Values{1, 2, 0, 0}));  // halves go to even
  EXPECT_EQ(nearest.x, Values(4, 0));
  EXPECT_EQ(nearest.y, Values(4, 0));
  EXPECT_EQ(answer_to("mode=nearest input=f32[1,1,1,2]{inf,nan} grid=f32[1,1,1,2]{0.5,0} "
                      "grad_output=f32[1,1,1,1]{nan}"),
            "grad_input=f32[1,1,1,2]{0,nan} grad_grid=f32[1,1,1,2]{0,0}");
}

TEST(ExactGradients, OfBicubicHaveNoKinks) {
  EXPECT_EQ(row("mode=bicubic", four, {-0.125, -0.25}).x, (Values{2.53125, 4.5}));
  EXPECT_EQ(row("mode=bicubic padding_mode=border", four, {-0.875, -1, 0.75}).x,
            (Values{0.28125, -0.375, 6}));
  EXPECT_EQ(row("mode=bicubic padding_mode=reflection", four, {-1.375}).x, Values{-1.125});
}

// The latitudes of these are wide; this is what the exact witness takes.
TEST(ExactGradients, OfCoordinatesThatAreNoNumbers) {
  for (const std::string mode : {"mode=bilinear", "mode=nearest", "mode=bicubic"}) {
    for (const std::string padding : {"zeros", "border", "reflection"}) {
      const std::string options = mode + " padding_mode=" + padding;
      const Row not_a_number = row(options, four, {nan}, 0.25);
      const Row as_if = row(options, four, {-1}, 0.25);
      EXPECT_EQ(not_a_number.input, as_if.input) << options;
      EXPECT_EQ(not_a_number.x, Values{0}) << options;
      EXPECT_EQ(not_a_number.y, as_if.y) << options;
    }
    EXPECT_EQ(row(mode, four, {infinity, -infinity}).input, Values(4, 0));
    EXPECT_EQ(row(mode, four, {infinity, -infinity}).y, Values(2, 0));
    EXPECT_EQ(row(mode, four, {0}, infinity).x, Values{0});
    const Row border = row(mode + " padding_mode=border", four, {infinity, -infinity, -infinity});
    EXPECT_EQ(border.input, (Values{2, 0, 0, 1}));
    EXPECT_EQ(border.x, Values(3, 0));
    const Row reflection = row(mode + " padding_mode=reflection", four, {infinity});
    EXPECT_EQ(reflection.input, row(mode + " padding_mode=reflection", four, {-1}).input);
    EXPECT_EQ(reflection.x, Values{0});
  }
}

TEST(ExactGradients, FactorsThatAreNoNumbers) {
  // Where the weight is 0, where m is 0, or where the gradient is 0, a texel is not read.
  EXPECT_EQ(row("padding_mode=border", {1, infinity}, {5}).x, Values{0});
  EXPECT_EQ(answer_to("input=f32[1,1,1,4]{nan,2,4,inf} grid=f32[1,1,1,2]{-0.125,0} "
                      "grad_output=f32[1,1,1,1]{1}"),
            "grad_input=f32[1,1,1,4]{0,0.75,0.25,0} grad_grid=f32[1,1,1,2]{4,-1.25}");
  EXPECT_EQ(answer_to("input=f32[1,2,1,1]{inf,1} grid=f32[1,1,1,2]{0.5,0.5} "
                      "grad_output=f32[1,2,1,1]{0,1}"),
            "grad_input=f32[1,2,1,1]{0,0.5625} grad_grid=f32[1,1,1,2]{-0.375,-0.375}");
  // Elsewhere signs decide. Position 1: the weight is 1 on the left, the slopes are -2 and 2.
  EXPECT_EQ(row("", {1, infinity, 1, 1}, {-0.25}).x, Values{-infinity});
  EXPECT_EQ(row("", {1, 1, -infinity, 1}, {-0.25}).x, Values{-infinity});
  EXPECT_TRUE(std::isnan(row("", {1, infinity, infinity, 1}, {-0.25}).x[0]));
  EXPECT_TRUE(std::isnan(row("", {1, nan, 1, 1}, {-0.25}).x[0]));
  EXPECT_EQ(row("", {infinity, 1, 1, infinity}, {-0.25}).x, Values{0});
  EXPECT_EQ(answer_to("input=f32[1,1,1,4]{1,2,0,4} grid=f32[1,1,1,2]{-0.125,0} "
                      "grad_output=f32[1,1,1,1]{-inf}"),
            "grad_input=f32[1,1,1,4]{0,-inf,-inf,0} grad_grid=f32[1,1,1,2]{inf,inf}");
  // The taps are added one by one: under border the outer two of these have one pixel.
  EXPECT_EQ(answer_to("mode=bicubic padding_mode=border input=f32[1,1,1,1]{1} "
                      "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{inf}"),
            "grad_input=f32[1,1,1,1]{nan} grad_grid=f32[1,1,1,2]{nan,nan}");
}

TEST(ExactGradients, AreRoundedOnce) {
  // 1 + 2^-11 is the middle of two f16 numbers, and 2^-24 more is not.
  EXPECT_EQ(answer_to("mode=nearest output_mask=[True,False] input=f16[1,1,1,1]{0} "
                      "grid=f16[1,1,3,2]{0*6} grad_output=f16[1,1,1,3]{1,0x1p-11,0x1p-24}"),
            "grad_input=f16[1,1,1,1]{1.0009765625}");
  // 5000 times 1, where f16 stops to count at 2048.
  EXPECT_EQ(answer_to("mode=nearest output_mask=[True,False] input=f16[1,1,1,1]{0} "
                      "grid=f16[1,1,5000,2]strides[0,0,0,0]{0} "
                      "grad_output=f16[1,1,1,5000]strides[0,0,0,0]{1}"),
            "grad_input=f16[1,1,1,1]{5000}");
  EXPECT_EQ(answer_to("padding_mode=border output_mask=[False,True] "
                      "input=f16[1,1,1,2]{-65504,65504} grid=f16[1,1,1,2]{0,0} "
                      "grad_output=f16[1,1,1,1]{1}"),
            "grad_grid=f16[1,1,1,2]{inf,0}");
}

// ---- Shapes, layouts, masks, refusals ----

TEST(ExactGradients, AnswerWhatIsWanted) {
  const std::string tensors =
      "input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}";
  const std::string input = "grad_input=f32[1,1,1,1]{1}";
  const std::string grid = "grad_grid=f32[1,1,1,2]{-2.5,-2.5}";
  EXPECT_EQ(answer_to("output_mask=[True,False] " + tensors), input);
  EXPECT_EQ(answer_to("output_mask=[False,True] " + tensors), grid);
  EXPECT_EQ(answer_to(tensors), input + " " + grid);
  const auto nothing = backward_answer(
      parse_backward_case("grid_sample_backward output_mask=[False,False] " + tensors));
  EXPECT_FALSE(std::get<Gradients>(nothing).input || std::get<Gradients>(nothing).grid);
}

TEST(ExactGradients, MayBeEmpty) {
  EXPECT_EQ(answer_to("input=f32[0,2,1,1]{} grid=f32[0,1,1,2]{} grad_output=f32[0,2,1,1]{}"),
            "grad_input=f32[0,2,1,1]{} grad_grid=f32[0,1,1,2]{}");
  EXPECT_EQ(answer_to("input=f32[1,0,1,1]{} grid=f32[1,1,1,2]{1,1} grad_output=f32[1,0,1,1]{}"),
            "grad_input=f32[1,0,1,1]{} grad_grid=f32[1,1,1,2]{0,0}");
  EXPECT_EQ(answer_to("input=f32[1,1,1,2]{1,2} grid=f32[1,0,3,2]{} grad_output=f32[1,1,0,3]{}"),
            "grad_input=f32[1,1,1,2]{0,0} grad_grid=f32[1,0,3,2]{}");
}

TEST(ExactGradients, RefuseWhatTheForwardRefusesAndOtherGradients) {
  const std::string good = "input=f32[1,2,1,1]{1,2} grid=f32[1,3,1,2]{0*6} ";
  EXPECT_EQ(answer_to(good + "grad_output=f32[1,2,3,1]{0*6}").substr(0, 10), "grad_input");
  const std::vector<std::pair<std::string, std::string>> questions = {
      {"options.mode", "mode=linear " + good + "grad_output=f64[1]{1}"},
      {"shape.batch", "input=f32[2,1,1,1]{1,2} grid=f32[1,1,1,2]{0,0} grad_output=f32[1]{1}"},
      {"dtype.supported",
       "input=i32[1,1,1,1]{1} grid=i32[1,1,1,2]{0,0} grad_output=i32[1,1,1,1]{1}"},
      {"grad.shape", good + "grad_output=f64[1,2,1,3]{0*6}"},
      {"grad.shape", good + "grad_output=f32[1,1,1,1]{1}"},
      {"grad.shape", good + "grad_output=f32[2,3,1]{0*6}"},
      {"grad.shape", good + "grad_output=f32[]{1}"},
      {"grad.dtype", good + "grad_output=f64[1,2,3,1]{0*6}"},
      {"grad.dtype", good + "grad_output=i32[1,2,3,1]{0*6}"},
  };
  for (const auto& [clause, question] : questions) {
    EXPECT_EQ(answer_to(question), "refused " + clause) << question;
    EXPECT_THROW(BackwardEvaluator{parse_backward_case("grid_sample_backward " + question)},
                 std::invalid_argument);
  }
}

TEST(ExactGradients, AreAnsweredByTheSubject) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0,0} "
      "grad_output=f32[1,1,1,1]{2}");
  const auto gradients = std::get<Gradients>(subject().open()->backward(test_case));
  EXPECT_EQ(to_text(gradients), "grad_input=f32[1,1,1,1]{2} grad_grid=f32[1,1,1,2]{-5,-5}");
}

// ---- Properties: they hold exactly, because nothing is rounded. ----

// In and around the input, on pixels and halfway between them, and now and then far away. All are
// multiples of 2^-16, so that every position is a multiple of 2^-17.
double any_coordinate(std::int64_t size, bool align_corners) {
  const auto fine =
      rc::gen::map(rc::gen::inRange(-5 << 16, 5 << 16), [](int n) { return std::ldexp(n, -16); });
  const auto far =
      rc::gen::map(rc::gen::inRange(-1 << 30, 1 << 30), [](int n) { return 0.125 * n; });
  const auto length = static_cast<double>(align_corners ? size - 1 : size);
  const auto halves =
      rc::gen::map(rc::gen::inRange<std::int64_t>(-8, 4 * size + 8), [=](std::int64_t n) {
        const double x = static_cast<double>(n) / std::max(length, 1.0) - 1;
        return std::ldexp(std::round(std::ldexp(x, 16)), -16);
      });
  return *rc::gen::weightedOneOf<double>({{4, fine}, {1, far}, {4, halves}});
}

Tensor any_tensor(const Shape& shape) {
  Values values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) value = std::ldexp(*rc::gen::inRange(-(1 << 30), 1 << 30), -25);
  return {Dtype::f64, shape, values};
}

// Of every padding and rank, with some batch entries, channels and output locations.
BackwardCase any_case(Mode mode) {
  const auto few = rc::gen::inRange<std::int64_t>(1, 4);
  const auto size = rc::gen::inRange<std::int64_t>(1, 8);
  const Options options{mode, *rc::gen::elementOf(std::vector<Padding>(all_paddings)),
                        *rc::gen::arbitrary<bool>()};
  const auto axes = mode == Mode::bicubic ? 2U : *rc::gen::inRange<std::size_t>(2, 4);
  Shape input = {*few, *few};
  Shape output = input;
  Shape grid = {input[0]};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    input.push_back(*size);
    output.push_back(*few);
    grid.push_back(output.back());
  }
  grid.push_back(static_cast<std::int64_t>(axes));
  Values coordinates(static_cast<std::size_t>(element_count(grid)));
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    coordinates[i] = any_coordinate(input[axes + 1 - i % axes], options.align_corners);
  }
  return {.forward = {.request = request_for(options),
                      .input = any_tensor(input),
                      .grid = Tensor(Dtype::f64, grid, coordinates)},
          .grad_output = any_tensor(output),
          .output_mask = {}};
}
BackwardCase any_case() { return any_case(*rc::gen::elementOf(std::vector<Mode>(all_modes))); }

// All elements of both gradients, before any rounding.
std::vector<Dyadic> numbers(const BackwardCase& test_case) {
  const BackwardEvaluator asked(test_case);
  std::vector<Dyadic> all;
  for (std::int64_t n = 0; n < test_case.forward.input.size(0); ++n) {
    for (std::int64_t c = 0; c < test_case.forward.input.size(1); ++c) {
      for (const Element& element : asked.plane(n, c)) all.push_back(element.number);
    }
  }
  for (std::int64_t sample = 0; sample < asked.samples(); ++sample) {
    for (int component = 0; component < asked.components(); ++component) {
      all.push_back(asked.grid(sample, component).number);
    }
  }
  return all;
}

// The sum of the elements of one sample's output, each times its gradient.
Dyadic weighted_output(const BackwardCase& test_case, std::int64_t sample) {
  const Evaluator asked(test_case.forward);
  const Values gradients = test_case.grad_output.values();
  Dyadic sum;
  for (std::int64_t channel = 0; channel < asked.channels(); ++channel) {
    const auto place = element_place(test_case.grad_output.shape(), sample, channel);
    sum += asked.element(sample, channel).number * gradients[static_cast<std::size_t>(place)];
  }
  return sum;
}

// <g, F(x)> = <B(g), x>
RC_GTEST_PROP(ExactGradients, OfTheInputAreTheAdjoint, ()) {
  const BackwardCase test_case = any_case();
  const Tensor& input = test_case.forward.input;
  const BackwardEvaluator asked(test_case);
  Dyadic forward;
  for (std::int64_t sample = 0; sample < asked.samples(); ++sample) {
    forward += weighted_output(test_case, sample);
  }
  Dyadic backward;
  const Values texels = input.values();
  std::size_t place = 0;
  for (std::int64_t n = 0; n < input.size(0); ++n) {
    for (std::int64_t c = 0; c < input.size(1); ++c) {
      for (const Element& element : asked.plane(n, c)) {
        RC_ASSERT(element.is_number());
        backward += element.number * texels[place++];
      }
    }
  }
  RC_ASSERT(forward == backward);
}

// One sample of a case, whose coordinate along one axis can be moved.
class Movable {
 public:
  explicit Movable(Mode mode)
      : test_case_(any_case(mode)),
        sample_(*rc::gen::inRange<std::int64_t>(0, sample_count(test_case_.forward))),
        component_(*rc::gen::inRange(0, test_case_.forward.grid.rank() - 2)),
        place_(static_cast<std::size_t>(sample_ * (test_case_.forward.grid.rank() - 2) +
                                        component_)) {}

  [[nodiscard]] Options options() const { return *resolve(test_case_.forward.request); }
  [[nodiscard]] std::int64_t size() const {
    return test_case_.forward.input.size(test_case_.forward.input.rank() - 1 - component_);
  }
  [[nodiscard]] Axis axis() const { return {size(), options()}; }
  [[nodiscard]] Dyadic position() const {
    return axis().position(test_case_.forward.grid.values()[place_]);
  }
  [[nodiscard]] Dyadic gradient() const {
    return BackwardEvaluator(test_case_).grid(sample_, component_).number;
  }
  // By how much its output, weighted by the gradients, grows when the coordinate does.
  [[nodiscard]] Dyadic growth(double step) const {
    BackwardCase moved = test_case_;
    Values grid = moved.forward.grid.values();
    grid[place_] += step;
    moved.forward.grid = Tensor(Dtype::f64, moved.forward.grid.shape(), grid);
    return weighted_output(moved, sample_) - weighted_output(test_case_, sample_);
  }

 private:
  BackwardCase test_case_;
  std::int64_t sample_;
  int component_;
  std::size_t place_;
};

constexpr double small_step = 0x1p-24;  // three of them end before the next kink

bool may_be_a_kink(const Dyadic& position) { return position.scaled(1).is_integer(); }

// Between kinks the linear modes are linear: the difference quotients to both sides are the
// derivative.
RC_GTEST_PROP(ExactGradients, OfTheGridAreDifferenceQuotients, ()) {
  const Movable sample(Mode::bilinear);
  RC_PRE(!may_be_a_kink(sample.position()));
  for (const double step : {small_step, -small_step}) {
    RC_ASSERT(sample.growth(step) == step * sample.gradient());
  }
}

// At a kink it is the quotient towards growing padded positions, and 0 where these end.
RC_GTEST_PROP(ExactGradients, OfTheGridAreOneSidedAtKinks, ()) {
  const Movable sample(Mode::bilinear);
  RC_PRE(may_be_a_kink(sample.position()));
  const int direction = sample.axis().padding_slope(sample.position());
  const double step = direction * small_step;
  RC_ASSERT(sample.growth(step) == step * sample.gradient());
  if (sample.options().padding == Padding::zeros) return;
  const Dyadic padded = sample.axis().padded(sample.position());
  RC_ASSERT((direction == 0) == (padded == 0 || padded == sample.size() - 1));
  if (direction == 0) RC_ASSERT(sample.gradient().is_zero());
}

// A cubic is known by four of its values, and (-11 f0 + 18 f1 - 9 f2 + 2 f3) / 6 is its derivative.
// It is the same to the left and to the right, also where two cubics meet.
RC_GTEST_PROP(ExactGradients, OfBicubicAreThoseToBothSides, ()) {
  const Movable sample(Mode::bicubic);
  for (const double step : {small_step, -small_step}) {
    const Dyadic sum =
        18 * sample.growth(step) - 9 * sample.growth(2 * step) + 2 * sample.growth(3 * step);
    RC_ASSERT(sum == 6 * step * sample.gradient());
  }
}

RC_GTEST_PROP(ExactGradients, AreLinearInTheGradientOfTheOutput, ()) {
  BackwardCase test_case = any_case();
  const Shape shape = test_case.grad_output.shape();
  const std::vector<Dyadic> of_first = numbers(test_case);
  Values sum = test_case.grad_output.values();
  test_case.grad_output = any_tensor(shape);
  const std::vector<Dyadic> of_second = numbers(test_case);
  const Values second = test_case.grad_output.values();
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] -= 3 * second[i];  // exact in f64
  test_case.grad_output = Tensor(Dtype::f64, shape, sum);
  const std::vector<Dyadic> of_both = numbers(test_case);
  for (std::size_t i = 0; i < of_both.size(); ++i) {
    RC_ASSERT(of_both[i] == of_first[i] - 3 * of_second[i]);
  }
}

// What one sample or one pixel consists of is what the gradients are summed from.
RC_GTEST_PROP(ExactGradients, ConsistOfTheTermsThatAreListed, ()) {
  const BackwardCase test_case = any_case();
  const Tensor& input = test_case.forward.input;
  const BackwardEvaluator asked(test_case);
  const Evaluator forward(test_case.forward);
  const Values gradients = test_case.grad_output.values();
  const Values texels = input.values();
  const auto n = *rc::gen::inRange<std::int64_t>(0, input.size(0));
  const auto c = *rc::gen::inRange<std::int64_t>(0, input.size(1));
  const std::vector<Element> plane = asked.plane(n, c);
  const auto gradient_of = [&](std::int64_t sample) {
    const auto place = element_place(test_case.grad_output.shape(), sample, c);
    return gradients[static_cast<std::size_t>(place)];
  };

  const auto pixel = *rc::gen::inRange<std::int64_t>(0, std::ssize(plane));
  Dyadic of_pixel;
  for (const auto& [sample, weight] : asked.hits(n, pixel))
    of_pixel += weight * gradient_of(sample);
  RC_ASSERT(plane[static_cast<std::size_t>(pixel)].number == of_pixel);

  const auto images = asked.samples() / input.size(0);
  const auto sample = n * images + *rc::gen::inRange<std::int64_t>(0, images);
  Dyadic value;
  for (const auto& tap : asked.taps(sample)) {
    const auto place = (n * input.size(1) + c) * std::ssize(plane) + tap.pixel;
    RC_ASSERT(!tap.weight.is_zero());
    RC_ASSERT(input.storage_value(input.offset() + (n * input.size(1) + c) * std::ssize(plane) +
                                  tap.offset) == texels[static_cast<std::size_t>(place)]);
    value += tap.weight * texels[static_cast<std::size_t>(place)];
  }
  RC_ASSERT(forward.element(sample, c).number == value);
}

// Behind others in the storage, in column-major order.
Tensor elsewhere(const Tensor& tensor) {
  std::vector<int> reversed(static_cast<std::size_t>(tensor.rank()));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const Tensor turned = tensor.permuted(reversed).contiguous();
  Values values = turned.values();
  values.insert(values.begin(), values.size(), 7);
  Shape twice = turned.shape();
  twice[0] *= 2;
  return Tensor(tensor.dtype(), twice, values)
      .slice(0, turned.size(0), 2 * turned.size(0))
      .permuted(reversed);
}

RC_GTEST_PROP(ExactGradients, DoNotDependOnTheLayout, ()) {
  BackwardCase test_case = any_case();
  const std::vector<Dyadic> dense = numbers(test_case);
  test_case.forward.input = elsewhere(test_case.forward.input);
  test_case.forward.grid = elsewhere(test_case.forward.grid);
  test_case.grad_output = elsewhere(test_case.grad_output);
  RC_ASSERT(numbers(test_case) == dense);
}

}  // namespace
}  // namespace gridproof::exact
