// Each LibTorch that was built answers, over the protocol, in its own process.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "oracle/process/process_subject.h"

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

  // What an answer says that is no tensor.
  static std::string other(const Answer& answer) {
    if (const auto* const refusal = std::get_if<Refusal>(&answer)) {
      return "refused: " + refusal->message;
    }
    if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) {
      return "unsupported: " + unsupported->what;
    }
    const auto* const lost = std::get_if<Lost>(&answer);
    return lost == nullptr ? "a tensor" : "lost: " + lost->why;
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
  Case question = example();
  question.request = {};
  expect_example(torch().answer(question));
}

TEST_P(LibTorch, SeesTheLayoutThatIsAsked) {
  Case question = example();
  // The columns of a wider image, transposed, and one grid for all of a batch.
  const Tensor wide = counting(Dtype::f32, {1, 1, 4, 6});
  question.input = wide.slice(3, 1, 5).permuted(std::array{0, 1, 3, 2});
  const Answer strided = torch().answer(question);
  question.input = question.input.contiguous();
  const Answer dense = torch().answer(question);
  ASSERT_TRUE(std::holds_alternative<Tensor>(strided)) << other(strided);
  ASSERT_TRUE(std::holds_alternative<Tensor>(dense)) << other(dense);
  EXPECT_TRUE(std::get<Tensor>(strided).same_values(std::get<Tensor>(dense)));

  question.input = Tensor::strided(Dtype::f32, {1, 1, 4, 4}, {16, 16, 4, -1}, 3,
                                   question.input.shared_storage(), 16);
  EXPECT_EQ(other(torch().answer(question)), "unsupported: negative strides");
}

TEST_P(LibTorch, SamplesBicubicAndVolumes) {
  Case bicubic = example();
  bicubic.request.mode = "bicubic";
  EXPECT_EQ(other(torch().answer(bicubic)), "a tensor");
  Case volume = example();
  volume.input = counting(Dtype::f32, {1, 1, 2, 2, 2});
  volume.grid = Tensor(Dtype::f32, {1, 1, 1, 1, 3});  // the centre
  const Answer answer = torch().answer(volume);
  ASSERT_EQ(other(answer), "a tensor");
  EXPECT_EQ(std::get<Tensor>(answer).values(), std::vector{4.5});
}

TEST_P(LibTorch, RefusesInOneLine) {
  Case question = example();
  question.grid = Tensor(Dtype::f32, {2, 1, 2, 2});
  const std::string said = other(torch().answer(question));
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
  Case question = example();
  question.grid = Tensor(Dtype::f32, {1, 0, 2, 2});
  const Answer answer = torch().answer(question);
  ASSERT_EQ(other(answer), "a tensor");
  EXPECT_EQ(std::get<Tensor>(answer).shape(), (Shape{1, 1, 0, 2}));
}

INSTANTIATE_TEST_SUITE_P(, LibTorch, testing::Values(GRIDPROOF_TORCH_VERSIONS),
                         [](const testing::TestParamInfo<const char*>& version) {
                           std::string name = version.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace gridproof
