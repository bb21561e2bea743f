#include "reference/contract/backward.h"

#include <gtest/gtest.h>

#include <string>

#include "reference/contract/limits.h"
#include "reference/contract/subject.h"

namespace gridproof {
namespace {

const std::string plain =
    "grid_sample_backward mode=nearest padding_mode=zeros align_corners=False "
    "output_mask=[False,True] input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.5,0} "
    "grad_output=f32[1,1,1,1]{1}";

TEST(BackwardCase, ALineIsReadAndWrittenBack) {
  const BackwardCase test_case = parse_backward_case(plain);
  EXPECT_EQ(test_case.forward.request.mode, "nearest");
  EXPECT_EQ(test_case.output_mask, (OutputMask{.input = false, .grid = true}));
  EXPECT_EQ(test_case.grad_output.values(), std::vector<double>{1});
  EXPECT_EQ(to_line(test_case), plain);
  EXPECT_EQ(case_id(test_case), case_id(parse_backward_case(plain + "\n")));
}

TEST(BackwardCase, FieldsComeInAnyOrderAndOptionsMayBeLeftOut) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward grad_output=f64[1,1,1,2]strides[0,0,0,0]{3} "
      "grid=f64[1,1,2,2]{0,0,1,1} input=f64[1,1,1,1]{1}");
  EXPECT_EQ(test_case.output_mask, OutputMask{});
  EXPECT_EQ(to_line(test_case),
            "grid_sample_backward input=f64[1,1,1,1]{1} grid=f64[1,1,2,2]{0,0,1,1} "
            "grad_output=f64[1,1,1,2]strides[0,0,0,0]{3}");
}

// The message, and the column that it is about.
std::string error_of(const std::string& line) {
  try {
    parse_backward_case(line);
  } catch (const ParseError& error) {
    return std::to_string(error.column()) + ": " + error.what();
  }
  return "none";
}

TEST(BackwardCase, ErrorsSayWhereAndWhat) {
  const std::string tensors = " input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}";
  const std::string start = "grid_sample_backward";
  EXPECT_EQ(error_of(start + tensors), "66: the case has no grad_output=");
  EXPECT_EQ(error_of(start + " output_mask=True" + tensors),
            "34: expected '[' before the two flags of output_mask");
  EXPECT_EQ(error_of(start + " output_mask=[True,Yes]"),
            "40: expected True or False for the second flag of output_mask");
  EXPECT_EQ(error_of(start + " output_mask=[True,True] output_mask=[True,True]"),
            "58: the field 'output_mask' appears twice");
  EXPECT_EQ(error_of(start + " gradient=1"),
            "22: expected one of mode=, padding_mode=, align_corners=, output_mask=, input=, "
            "grid=, grad_output=");
  EXPECT_EQ(error_of("grid_sample" + tensors),
            "1: expected 'grid_sample_backward' at the start of a case");
}

TEST(BackwardCase, AGradientMustFitIntoMemory) {
  // The input has one number in memory, its gradient 2^40.
  EXPECT_EQ(error_of("grid_sample_backward "
                     "input=f32[1,1,1048576,1048576]strides[0,0,0,0]{1} grid=f32[1,1,1,2]{0,0} "
                     "grad_output=f32[1,1,1,1]{1}"),
            "122: a gradient has more than 67108864 elements (--max-elements raises that)");
}

TEST(Gradients, AreWrittenAndRead) {
  for (const char* text : {"grad_input=f32[1,1,1,2]{0,-0} grad_grid=f32[1,1,1,2]{4,nan}",
                           "grad_input=f16[1,1,1,1]{0.5}", "grad_grid=bf16[1,1,1,2]{1,2}"}) {
    EXPECT_EQ(to_text(parse_gradients(text)), text);
  }
  EXPECT_THROW(parse_gradients(""), ParseError);
  EXPECT_THROW(parse_gradients("grad_input=f32[1]{1} "), ParseError);
  EXPECT_THROW(parse_gradients("grad_grid=f32[1]{1} grad_input=f32[1]{1}"), ParseError);
}

TEST(FunctionSubject, SaysThatItHasNoGradients) {
  FunctionSubject subject([](const Case& test_case) { return test_case.input; });
  const BackwardAnswer answer = subject.backward(parse_backward_case(plain));
  ASSERT_TRUE(std::holds_alternative<Unsupported>(answer));
  EXPECT_EQ(std::get<Unsupported>(answer).what, "gradients");
}

}  // namespace
}  // namespace gridproof
