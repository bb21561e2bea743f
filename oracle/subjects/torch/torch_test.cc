// Each LibTorch that was built answers, over the protocol, in its own process.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <numeric>
#include <random>

#include "oracle/exact/displacement.h"
#include "oracle/subjects/host/process_subject.h"

namespace gridproof {
namespace {

Tensor counting(Dtype dtype, Shape shape) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), 1.0);
  return {dtype, std::move(shape), values};
}

// A 4 x 4 image of 1 … 16, and two samples whose values are worked out by hand: at the position
// (-0.9, 0.9) a tenth of 1·0.1 + 5·0.9, at (1.7, 3.3) 0.7 of 14·0.3 + 15·0.7.
Case example(Dtype dtype = Dtype::f32) {
  return {.request = {.mode = "bilinear", .padding_mode = "zeros", .align_corners = false},
          .input = counting(dtype, {1, 1, 4, 4}),
          .grid = Tensor(dtype, {1, 1, 2, 2}, std::array{-1.2, -0.3, 0.1, 0.9})};
}
constexpr std::array expected{0.46, 10.29};

class LibTorch : public testing::TestWithParam<const char*> {
 protected:
  // One process for all the tests of a version: it takes a while to start.
  static ProcessSubject& torch() {
    static std::map<std::string, std::unique_ptr<ProcessSubject>> started;
    auto& subject = started[GetParam()];
    if (!subject) {
      subject = std::make_unique<ProcessSubject>(std::vector<std::string>{
          std::string(GRIDPROOF_BINARY_DIR) + "/gridproof-torch-" + GetParam()});
    }
    return *subject;
  }

  static void expect_example(const Answer& answer, double tolerance = 1e-5) {
    ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << other(answer);
    const Tensor& output = std::get<Tensor>(answer);
    EXPECT_EQ(output.shape(), (Shape{1, 1, 1, 2}));
    const std::vector<double> values = output.values();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(values[i], expected[i], tolerance);
    }
  }

  // What an answer says that has no numbers.
  static std::string other(const auto& answer) {
    if (const auto* const refusal = std::get_if<Refusal>(&answer)) {
      return "refused: " + refusal->message;
    }
    if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) {
      return "unsupported: " + unsupported->what;
    }
    const auto* const lost = std::get_if<Lost>(&answer);
    return lost == nullptr ? "an answer" : "lost: " + lost->why;
  }
};

TEST_P(LibTorch, SaysWhichItIs) {
  EXPECT_EQ(torch().info().name, "LibTorch");
  EXPECT_EQ(torch().info().version, GetParam());
}

TEST_P(LibTorch, AnswersTheExample) {
  expect_example(torch().answer(example()));
  expect_example(torch().answer(example(Dtype::f64)), 1e-12);
}

TEST_P(LibTorch, WhatIsLeftOutHasItsDefault) {
  Case test_case = example();
  test_case.request = {};
  expect_example(torch().answer(test_case));
}

TEST_P(LibTorch, SeesTheLayoutThatIsAsked) {
  Case test_case = example();
  // The columns of a wider image, transposed, and one grid for all of a batch.
  const Tensor wide = counting(Dtype::f32, {1, 1, 4, 6});
  test_case.input = wide.slice(3, 1, 5).permuted(std::array{0, 1, 3, 2});
  const Answer strided = torch().answer(test_case);
  test_case.input = test_case.input.contiguous();
  const Answer dense = torch().answer(test_case);
  ASSERT_TRUE(std::holds_alternative<Tensor>(strided)) << other(strided);
  ASSERT_TRUE(std::holds_alternative<Tensor>(dense)) << other(dense);
  EXPECT_TRUE(std::get<Tensor>(strided).same_values(std::get<Tensor>(dense)));

  test_case.input = Tensor::strided(Dtype::f32, {1, 1, 4, 4}, {16, 16, 4, -1}, 3,
                                    test_case.input.shared_storage(), 16);
  EXPECT_EQ(other(torch().answer(test_case)), "unsupported: negative strides");
}

TEST_P(LibTorch, TooLittleMemoryIsNoRefusal) {
  const Tensor one = counting(Dtype::f32, {1});
  const std::int64_t many = 1 << 17;  // by as many channels: 64 GiB of output
  Case test_case;
  test_case.input =
      Tensor::strided(Dtype::f32, {many, many, 1, 1}, {0, 0, 0, 0}, 0, one.shared_storage(), 1);
  test_case.grid =
      Tensor::strided(Dtype::f32, {many, 1, 1, 2}, {0, 0, 0, 0}, 0, one.shared_storage(), 1);
  const std::string answer = other(torch().answer(test_case));
  EXPECT_EQ(answer.rfind("lost: reported an error: ", 0), 0U) << answer;
  EXPECT_NE(answer.find("memory"), std::string::npos) << answer;
  expect_example(torch().answer(example()));
}

TEST_P(LibTorch, SamplesBicubicAndVolumes) {
  Case bicubic = example();
  bicubic.request.mode = "bicubic";
  EXPECT_EQ(other(torch().answer(bicubic)), "an answer");
  Case volume = example();
  volume.input = counting(Dtype::f32, {1, 1, 2, 2, 2});
  volume.grid = Tensor(Dtype::f32, {1, 1, 1, 1, 3});  // the center
  const Answer answer = torch().answer(volume);
  ASSERT_EQ(other(answer), "an answer");
  EXPECT_EQ(std::get<Tensor>(answer).values(), std::vector{4.5});
}

// An image whose texels are their own indices, one channel for each axis, is read as the position
// itself where the linear interpolation stays inside: the origin plus the exact displacement, but
// for LibTorch's rounding of some ten operations on numbers of at most the size.
TEST_P(LibTorch, ReadsWhereTheExactDisplacementSays) {
  std::mt19937_64 random(1);
  const auto size = [&] { return static_cast<std::int64_t>(1 + random() % 12); };
  int compared = 0;
  for (int round = 0; round < 60; ++round) {
    const std::int64_t axes = 2 + round % 2;
    const bool align_corners = round % 4 < 2;
    Shape input;
    Shape outputs;
    for (std::int64_t axis = 0; axis < axes; ++axis) {
      input.push_back(size());
      outputs.push_back(size());
    }
    std::vector<double> theta(static_cast<std::size_t>(axes * (axes + 1)));
    std::uniform_real_distribution<double> entry(-1.2, 1.2);
    for (double& value : theta) value = entry(random);
    const Tensor grid = exact::affine_field(Tensor(Dtype::f64, {1, axes, axes + 1}, theta), outputs,
                                            input, align_corners, exact::as_grid);
    Shape shape{1, axes};
    shape.insert(shape.end(), input.begin(), input.end());
    std::vector<double> ramps;
    for (std::int64_t component = 0; component < axes; ++component) {
      const auto at = static_cast<std::size_t>(axes - 1 - component);
      std::int64_t stride = 1;
      for (std::size_t axis = at + 1; axis < input.size(); ++axis) stride *= input[axis];
      for (std::int64_t i = 0; i < element_count(input); ++i) {
        ramps.push_back(static_cast<double>(i / stride % input[at]));
      }
    }
    const Answer answer = torch().answer(
        {.request = {.mode = "bilinear", .padding_mode = "border", .align_corners = align_corners},
         .input = Tensor(Dtype::f64, shape, ramps),
         .grid = grid});
    ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << other(answer);
    const std::vector<double> read = std::get<Tensor>(answer).values();
    for (const exact::Measure& measure :
         {exact::Measure{exact::Unit::input, exact::Origin::identity}, exact::as_flow}) {
      const std::vector<double> moved =
          exact::convert_field(grid, input, align_corners, exact::as_grid, measure).values();
      const Tensor none(Dtype::f64, grid.shape());
      const std::vector<double> origin =
          exact::convert_field(none, input, align_corners, measure, exact::as_maps).values();
      const auto locations = moved.size() / static_cast<std::size_t>(axes);
      for (std::size_t i = 0; i < moved.size(); ++i) {
        const std::size_t component = i % static_cast<std::size_t>(axes);
        const auto last = static_cast<double>(input[input.size() - 1 - component] - 1);
        const double position = origin[i] + moved[i];
        if (position < 0 || position > last) continue;
        const double here = read[component * locations + i / static_cast<std::size_t>(axes)];
        EXPECT_NEAR(here - origin[i], moved[i], 0x1p-53 * 16 * (last + 1)) << round;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 5000);
}

TEST_P(LibTorch, RefusesInOneLine) {
  Case test_case = example();
  test_case.grid = Tensor(Dtype::f32, {2, 1, 2, 2});
  const std::string said = other(torch().answer(test_case));
  EXPECT_EQ(said.substr(0, 9), "refused: ") << said;
  EXPECT_NE(said.find("batch size"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos) << said;
}

TEST_P(LibTorch, AdmitsWhatItDoesNotDo) {
  Case integers = example();
  integers.input = Tensor(Dtype::i32, {1, 1, 4, 4});
  integers.grid = Tensor(Dtype::i32, {1, 1, 2, 2});
  const std::string said = other(torch().answer(integers));
  EXPECT_EQ(said.substr(0, 13), "unsupported: ") << said;
  EXPECT_NE(said.find("not implemented for "), std::string::npos) << said;
  Case name = example();
  name.request.mode = "linear";
  EXPECT_EQ(other(torch().answer(name)), "unsupported: a name that is no mode or padding mode");
}

TEST_P(LibTorch, Samples16BitTensorsOrSaysThatItDoesNot) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const Answer answer = torch().answer(example(dtype));
    if (std::string(GetParam()) == "1.13.1") {
      EXPECT_NE(other(answer).find("unsupported: "), std::string::npos) << other(answer);
    } else {
      expect_example(answer, 0.05);
      EXPECT_EQ(std::get<Tensor>(answer).dtype(), dtype);
    }
  }
}

TEST_P(LibTorch, AnswersNothingWithNothing) {
  Case test_case = example();
  test_case.grid = Tensor(Dtype::f32, {1, 0, 2, 2});
  const Answer answer = torch().answer(test_case);
  ASSERT_EQ(other(answer), "an answer");
  EXPECT_EQ(std::get<Tensor>(answer).shape(), (Shape{1, 1, 0, 2}));
}

// Gradients that are worked out by hand, of one sample at (x, 0) in a row of pixels, for a gradient
// of 1; of which the beginning is given.
struct Worked {
  const char* mode;
  const char* padding;
  bool align_corners;
  std::vector<double> row;
  double x;
  std::vector<double> grad_grid;
  std::vector<double> grad_input = {};
};

std::vector<Worked> worked_out() {
  const std::vector<double> four{1, 2, 4, 8};
  const std::vector<double> five{1, 2, 4, 8, 16};
  const std::vector<double> one{5};
  return {
      {"bilinear", "zeros", false, four, -0.125, {4, -1.25}, {0, 0.75, 0.25, 0}},
      {"bilinear", "border", true, five, 0.5, {16}},
      {"bilinear", "zeros", false, four, -0.25, {4, -1}},  // the right derivative at a kink
      {"bilinear", "zeros", false, four, -1.25, {2}},
      {"bilinear", "zeros", false, four, 0.75, {-16}},
      {"bilinear", "zeros", false, four, 1.25, {0}},
      {"bilinear", "border", false, four, 0.75, {0}, {0, 0, 0, 1}},
      {"bilinear", "border", false, four, -0.75, {0}, {1, 0, 0, 0}},
      {"bilinear", "border", false, four, 0.5, {8}},
      {"bilinear", "reflection", false, four, -1.375, {-2}},
      {"bilinear", "reflection", false, four, 1.375, {-8}},
      {"bilinear", "reflection", false, four, -1, {0}},
      {"bilinear", "reflection", false, four, 2.5, {-2}},
      {"bilinear", "reflection", true, five, -1.5, {-4}},
      {"bilinear", "reflection", true, five, 1, {0}},
      {"bilinear", "reflection", true, five, -1, {0}},
      {"bilinear", "zeros", true, one, 0.5, {0}},
      {"bilinear", "border", false, one, 0, {0}},
      {"bilinear", "zeros", false, one, 0.5, {-2.5, -1.875}},
      {"nearest", "zeros", false, four, -0.5, {0, 0}, {1, 0, 0, 0}},
      {"bicubic", "zeros", false, four, -0.125, {2.53125}},
      {"bicubic", "zeros", false, four, -0.25, {4.5}},
      {"bicubic", "border", false, four, -0.875, {0.28125}},
      {"bicubic", "border", false, four, -1, {-0.375}},
      {"bicubic", "reflection", false, four, -1.375, {-1.125}},
      {"bicubic", "border", false, one, 0.5, {0}},
  };
}

BackwardCase backward_of(const Worked& worked, Dtype dtype) {
  return {.forward = {.request = {.mode = worked.mode,
                                  .padding_mode = worked.padding,
                                  .align_corners = worked.align_corners},
                      .input = Tensor(dtype, {1, 1, 1, std::ssize(worked.row)}, worked.row),
                      .grid = Tensor(dtype, {1, 1, 1, 2}, std::array{worked.x, 0.0})},
          .grad_output = Tensor(dtype, {1, 1, 1, 1}, std::array{1.0}),
          .output_mask = {}};
}

void expect_to_begin_with(const Tensor& tensor, const std::vector<double>& beginning,
                          const std::string& line) {
  const std::vector<double> values = tensor.values();
  ASSERT_GE(values.size(), beginning.size()) << line;
  for (std::size_t i = 0; i < beginning.size(); ++i) EXPECT_EQ(values[i], beginning[i]) << line;
}

TEST_P(LibTorch, HasTheGradientsThatAreWorkedOut) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    for (const Worked& worked : worked_out()) {
      const BackwardCase asked = backward_of(worked, dtype);
      const BackwardAnswer answer = torch().backward(asked);
      ASSERT_TRUE(std::holds_alternative<Gradients>(answer)) << other(answer) << to_line(asked);
      const auto& [input, grid] = std::get<Gradients>(answer);
      ASSERT_TRUE(input && grid);
      EXPECT_EQ(input->dtype(), dtype);
      EXPECT_EQ(input->shape(), asked.forward.input.shape());
      EXPECT_EQ(grid->dtype(), dtype);
      EXPECT_EQ(grid->shape(), asked.forward.grid.shape());
      expect_to_begin_with(*input, worked.grad_input, to_line(asked));
      expect_to_begin_with(*grid, worked.grad_grid, to_line(asked));
    }
  }
}

// Two channels of two samples, whose gradients are given in several layouts.
BackwardCase two_channels() {
  return parse_backward_case(
      "grid_sample_backward align_corners=False input=f32[1,2,1,4]{1,2,4,8,16,32,64,128} "
      "grid=f32[1,1,2,2]{-0.125,0,-0.25,0} grad_output=f32[1,2,1,2]{1,2,-1,3}");
}

TEST_P(LibTorch, SeesTheLayoutOfTheGradient) {
  BackwardCase asked = two_channels();
  const auto text_of = [&] {
    const BackwardAnswer answer = torch().backward(asked);
    return std::holds_alternative<Gradients>(answer) ? to_text(std::get<Gradients>(answer))
                                                     : other(answer);
  };
  const std::string worked_out_by_hand =
      "grad_input=f32[1,2,1,4]{0,2.75,0.25,0,0,2.25,-0.25,0} "
      "grad_grid=f32[1,1,2,2]{-60,18.75,200,-50}";
  EXPECT_EQ(text_of(), worked_out_by_hand);
  asked.grad_output = parse_tensor("f32[1,2,1,2]strides[9,1,7,2]offset[1]{7,1,-1,2,3}");
  EXPECT_EQ(text_of(), worked_out_by_hand);
  asked.grad_output = parse_tensor("f32[1,2,1,2]strides[0,0,0,0]{1}");
  EXPECT_EQ(text_of(),
            "grad_input=f32[1,2,1,4]{0,1.75,0.25,0,0,1.75,0.25,0} "
            "grad_grid=f32[1,1,2,2]{68,-21.25,68,-17}");
  asked.grad_output = parse_tensor("f32[1,2,1,2]strides[4,2,2,-1]offset[1]{2,1,3,-1}");
  EXPECT_EQ(text_of(), "unsupported: negative strides");
}

TEST_P(LibTorch, ComputesTheGradientsThatAreWanted) {
  BackwardCase asked = two_channels();
  const Gradients both = std::get<Gradients>(torch().backward(asked));
  for (const bool wants_input : {true, false}) {
    for (const bool wants_grid : {true, false}) {
      asked.output_mask = {.input = wants_input, .grid = wants_grid};
      const BackwardAnswer answer = torch().backward(asked);
      ASSERT_TRUE(std::holds_alternative<Gradients>(answer)) << other(answer);
      EXPECT_EQ(to_text(std::get<Gradients>(answer)),
                to_text({.input = wants_input ? both.input : std::nullopt,
                         .grid = wants_grid ? both.grid : std::nullopt}));
    }
  }
}

TEST_P(LibTorch, RefusesAndLacksGradientsAsValues) {
  BackwardCase asked = two_channels();
  asked.forward.grid = Tensor(Dtype::f32, {2, 1, 2, 2});
  std::string said = other(torch().backward(asked));
  EXPECT_EQ(said.substr(0, 9), "refused: ") << said;
  EXPECT_NE(said.find("batch size"), std::string::npos) << said;
  asked = two_channels();
  asked.forward.request.mode = "linear";
  EXPECT_EQ(other(torch().backward(asked)), "unsupported: a name that is no mode or padding mode");
  // The check of the operator itself, which older versions do not have.
  asked = two_channels();
  asked.grad_output = Tensor(Dtype::f32, {1, 2, 1, 3});
  said = other(torch().backward(asked));
  if (std::string(GetParam()) == "2.15.0") {
    EXPECT_EQ(said.substr(0, 9), "refused: ") << said;
    EXPECT_NE(said.find("grad_output"), std::string::npos) << said;
  }
}

// Of its size a few milliseconds: LibTorch is loaded once.
TEST_P(LibTorch, CopiesOfAForkServerAnswerLikeTheProgram) {
  const SubjectEntry copies = process_subject(
      "", "", {std::string(GRIDPROOF_BINARY_DIR) + "/gridproof-torch-" + GetParam()},
      {.fork_server = true});
  for (int i = 0; i < 5; ++i) {
    const auto copy = copies.open();
    for (const char* const mode : {"bilinear", "nearest"}) {
      Case test_case = example();
      test_case.request.mode = mode;
      const Answer expected_answer = torch().answer(test_case);
      const Answer answer = copy->answer(test_case);
      ASSERT_TRUE(std::holds_alternative<Tensor>(answer)) << other(answer);
      EXPECT_TRUE(std::get<Tensor>(answer).same_values(std::get<Tensor>(expected_answer)));
    }
    // Large enough for threads, if it had any: those of a fork server would be missing.
    Case large = example();
    large.input = Tensor(Dtype::f32, {4, 8, 64, 64});
    large.grid = Tensor(Dtype::f32, {4, 256, 256, 2});
    EXPECT_TRUE(std::holds_alternative<Tensor>(copy->answer(large)));
  }
}

INSTANTIATE_TEST_SUITE_P(, LibTorch, testing::Values(GRIDPROOF_TORCH_VERSIONS),
                         [](const testing::TestParamInfo<const char*>& version) {
                           std::string name = version.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace gridproof
