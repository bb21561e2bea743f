// Shared libraries as subjects, most of them hostile: each is named for what it does.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

#include "oracle/subjects/host/process_subject.h"

namespace gridproof {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> host_of(const std::string& plugin) {
  setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0", 1);
  return {std::string(GRIDPROOF_BINARY_DIR) + "/gridproof-plugin",
          std::string(GRIDPROOF_BINARY_DIR) + "/plugins/" + plugin + ".so"};
}

constexpr ProcessLimits limits{.start = milliseconds(20'000),
                               .per_case = milliseconds(2'000),
                               .memory = 0,
                               .output = 1U << 20U,
                               .attempts = 1};

Case test_case() {
  Case test_case = parse_case(
      "grid_sample mode=nearest padding_mode=zeros align_corners=False "
      "input=f32[1,1,2,2]{1,2,3,4} grid=f32[1,1,4,2]{-0.5,-0.5,0.5,-0.5,-0.5,0.5,0.5,0.5}");
  return test_case;
}

Answer answer_of(const std::string& plugin) {
  return ProcessSubject(host_of(plugin), limits).answer(test_case());
}

std::string loss_of(const std::string& behavior) {
  const Answer answer = answer_of("hostile-" + behavior);
  const auto* const lost = std::get_if<Lost>(&answer);
  return lost == nullptr ? "" : lost->why.substr(0, lost->why.find('\n'));
}

std::string obstacle_of(const std::string& plugin) {
  try {
    const ProcessSubject started(host_of(plugin), limits);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Plugin, TheTemplateAnswers) {
  ProcessSubject subject(host_of("plugin-template"), limits);
  EXPECT_EQ(subject.info().name, "C example");
  EXPECT_EQ(subject.info().language, "C");
  EXPECT_EQ(subject.info().dialect, Dialect::pytorch);
  const Answer answer = subject.answer(test_case());
  ASSERT_TRUE(std::holds_alternative<Tensor>(answer));
  EXPECT_EQ(to_text(std::get<Tensor>(answer)), "f32[1,1,1,4]{1..4}");
  // Strides, offsets and options that are left out arrive as they are.
  const Answer strided = subject.answer(
      parse_case("grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,-1,2]offset[1]{1,2,3,4} "
                 "grid=f32[1,1,1,2]{-0.5,-0.5}"));
  ASSERT_TRUE(std::holds_alternative<Tensor>(strided));
  EXPECT_EQ(to_text(std::get<Tensor>(strided)), "f32[1,1,1,1]{2}");
}

TEST(Plugin, TheTemplateRefusesAndSaysWhatItLacks) {
  ProcessSubject subject(host_of("plugin-template"), limits);
  const Answer unfit = subject.answer(
      parse_case("grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[2,1,1,2]{0,0,0,0}"));
  ASSERT_TRUE(std::holds_alternative<Refusal>(unfit));
  EXPECT_EQ(std::get<Refusal>(unfit).message, "the shapes of input and grid do not fit");
  const Answer bilinear =
      subject.answer(parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"));
  ASSERT_TRUE(std::holds_alternative<Unsupported>(bilinear));
}

TEST(Plugin, WhateverItDoesItIsNamed) {
  EXPECT_TRUE(contains(loss_of("crashes"), "signal 6"));
  EXPECT_TRUE(contains(loss_of("reads-beyond"), "signal 11")) << loss_of("reads-beyond");
  EXPECT_TRUE(contains(loss_of("writes-beyond"), "signal 11"));
  EXPECT_EQ(loss_of("writes-to-input"),
            "reported an error: the plug-in wrote to the input or the grid");
  EXPECT_EQ(loss_of("returns-nonsense"),
            "reported an error: the plug-in returned 4711, which is not a gridproof_result");
  EXPECT_EQ(loss_of("exits"), "exited with status 0");
  EXPECT_EQ(loss_of("hangs"),
            "gave no answer within 2000 ms, nor when the case was sent again alone");
  EXPECT_EQ(loss_of("fails"), "reported an error: no device");
}

TEST(Plugin, AWriteInFrontIsSeenAsOneBehindIs) {
  EXPECT_EQ(loss_of("writes-before"),
            "reported an error: the plug-in wrote 12 bytes in front of the output");
  EXPECT_EQ(loss_of("writes-before-input"),
            "reported an error: the plug-in wrote to the input or the grid");
}

TEST(Plugin, AChangedProcessorIsNamedAndUndone) {
  for (const auto& [plugin, what] : std::map<std::string, std::string>{
           {"changes-rounding", "changed the rounding mode (upward)"},
#if defined __SSE2__
           {"changes-rounding-of-vectors", "changed the rounding mode (toward zero)"},
           {"flushes", "switched on flush-to-zero, switched on denormals-are-zero"},
#endif
       }) {
    ProcessSubject subject(host_of("hostile-" + plugin), limits);
    for (int round = 0; round < 2; ++round) {
      const Answer answer = subject.answer(test_case());
      ASSERT_TRUE(std::holds_alternative<Lost>(answer)) << plugin;
      EXPECT_EQ(std::get<Lost>(answer).why,
                "reported an error: the plug-in " + what + " and did not restore it");
    }
  }
  EXPECT_TRUE(std::holds_alternative<Tensor>(answer_of("hostile-rounds-and-restores")));
}

TEST(Plugin, AProcessorThatLoadingChangedIsNamedOnceAndUndone) {
  for (const auto& [plugin, what] : std::map<std::string, std::string>{
#if defined __SSE2__
           {"flushes", "switched on flush-to-zero, switched on denormals-are-zero"},
#endif
           {"rounds", "changed the rounding mode (toward zero)"}}) {
    ProcessSubject subject(host_of("hostile-" + plugin + "-while-loading"), limits);
    EXPECT_EQ(subject.info().version, "1 (loading it " + what + ", which was undone)");
    EXPECT_TRUE(std::holds_alternative<Tensor>(subject.answer(test_case())));
  }
}

TEST(Plugin, WhatItDoesNotWriteIsNan) {
  EXPECT_EQ(to_text(std::get<Tensor>(answer_of("hostile-writes-nothing"))),
            "f32[1,1,1,4]{nan(0xffffffff)*4}");
  EXPECT_EQ(to_text(std::get<Tensor>(answer_of("hostile-writes-half"))),
            "f32[1,1,1,4]{1,1,nan(0xffffffff),nan(0xffffffff)}");
}

TEST(Plugin, WhatItPrintsAndSaysDoesNoHarm) {
  EXPECT_TRUE(std::holds_alternative<Tensor>(answer_of("hostile-prints")));
  EXPECT_TRUE(std::holds_alternative<Tensor>(answer_of("hostile-prints-while-loading")));
  EXPECT_EQ(std::get<Refusal>(answer_of("hostile-says-much")).message, std::string(1024, 'x'));
}

BackwardCase backward_case() {
  return {.forward = test_case(),
          .grad_output = Tensor(Dtype::f32, {1, 1, 1, 4}, std::array{1.0, 2.0, 3.0, 4.0}),
          .output_mask = {}};
}

std::string backward_of(const std::string& plugin) {
  const BackwardAnswer answer = ProcessSubject(host_of(plugin), limits).backward(backward_case());
  if (const auto* const gradients = std::get_if<Gradients>(&answer)) return to_text(*gradients);
  if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) return unsupported->what;
  const auto* const lost = std::get_if<Lost>(&answer);
  return lost == nullptr ? "refused" : lost->why.substr(0, lost->why.find('\n'));
}

TEST(Plugin, TheTemplateHasGradients) {
  ProcessSubject subject(host_of("plugin-template"), limits);
  const auto text_of = [&](const std::string& line) {
    const BackwardAnswer answer = subject.backward(parse_backward_case(line));
    if (const auto* const refusal = std::get_if<Refusal>(&answer)) return refusal->message;
    if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) return unsupported->what;
    const auto* const gradients = std::get_if<Gradients>(&answer);
    return gradients == nullptr ? std::get<Lost>(answer).why : to_text(*gradients);
  };
  const std::string start = "grid_sample_backward mode=nearest ";
  const std::string tensors = "input=f32[1,2,1,2]{1,2,3,4} grid=f32[1,1,3,2]{-0.5,0,0.5,0,-0.5,0} ";
  // Two samples on one pixel, whose gradient lies transposed.
  EXPECT_EQ(text_of(start + tensors + "grad_output=f32[1,2,1,3]strides[6,1,6,2]{1,2,3,4,5,6}"),
            "grad_input=f32[1,2,1,2]{6,3,8,4} grad_grid=f32[1,1,3,2]{0*6}");
  EXPECT_EQ(text_of(start + "output_mask=[False,True] " + tensors +
                    "grad_output=f32[1,2,1,3]{1,2,3,4,5,6}"),
            "grad_grid=f32[1,1,3,2]{0*6}");
  EXPECT_EQ(text_of(start + "output_mask=[True,False] " + tensors +
                    "grad_output=f32[1,2,1,3]{1,2,3,4,5,6}"),
            "grad_input=f32[1,2,1,2]{4,2,10,5}");
  EXPECT_EQ(text_of(start + tensors + "grad_output=f32[1,2,3,1]{1,2,3,4,5,6}"),
            "grad_output does not fit the output");
  EXPECT_EQ(text_of(start + tensors + "grad_output=f64[1,2,1,3]{1,2,3,4,5,6}"),
            "grad_output does not fit the output");
  EXPECT_EQ(text_of("grid_sample_backward " + tensors + "grad_output=f32[1,2,1,3]{1,2,3,4,5,6}"),
            "4-D f32 nearest with zeros only");
}

TEST(Plugin, WithoutTheSecondSymbolItIsAskedNoGradients) {
  EXPECT_EQ(backward_of("plugin-without-gradients"), "gradients");
  EXPECT_EQ(to_text(std::get<Tensor>(answer_of("plugin-without-gradients"))), "f32[1,1,1,4]{1*4}");
}

TEST(Plugin, WhateverItDoesWithGradientsIsNamed) {
  EXPECT_TRUE(contains(backward_of("hostile-gradients-crash"), "signal 6"));
  EXPECT_TRUE(contains(backward_of("hostile-gradients-read-beyond"), "signal 11"));
  EXPECT_TRUE(contains(backward_of("hostile-gradients-write-beyond"), "signal 11"));
  EXPECT_EQ(backward_of("hostile-gradients-write-before"),
            "reported an error: the plug-in wrote 8 bytes in front of grad_grid");
  EXPECT_EQ(backward_of("hostile-gradients-write-to-given"),
            "reported an error: the plug-in wrote to the input, the grid or grad_output");
  EXPECT_EQ(backward_of("hostile-gradients-round"),
            "reported an error: the plug-in changed the rounding mode (upward) and did not restore "
            "it");
  EXPECT_EQ(backward_of("hostile-gradients-fail"), "reported an error: no device");
}

TEST(Plugin, GradientsThatItDoesNotWriteOrClearAreNan) {
  const std::string nan = "nan(0xffffffff)";
  EXPECT_EQ(backward_of("hostile-gradients-not-written"),
            "grad_input=f32[1,1,2,2]{" + nan + "*4} grad_grid=f32[1,1,4,2]{" + nan + "*8}");
  EXPECT_EQ(backward_of("hostile-gradients-not-cleared"),
            "grad_input=f32[1,1,2,2]{" + nan + "*4} grad_grid=f32[1,1,4,2]{0*8}");
}

TEST(Plugin, WhyItDoesNotStart) {
  EXPECT_TRUE(contains(obstacle_of("hostile-no-symbol"), "exports no gridproof_plugin_v1"));
  EXPECT_TRUE(contains(obstacle_of("hostile-no-plugin"), "gridproof_plugin_v1 returns NULL"));
  EXPECT_TRUE(contains(obstacle_of("hostile-wrong-version"),
                       "says version 99 of the plug-in interface; expected 1"));
  EXPECT_TRUE(contains(obstacle_of("hostile-no-answer"), "has no function `answer`"));
  EXPECT_TRUE(contains(obstacle_of("hostile-wrong-dialect"), "neither pytorch nor onnx"));
  EXPECT_TRUE(contains(obstacle_of("nowhere"), "cannot open shared object file"));
}

}  // namespace
}  // namespace gridproof
