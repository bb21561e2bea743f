#include "reports/vectors/onnx_node.h"

#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <cstring>

#include "reference/semantics/grid_sample.h"
#include "reports/vectors/vectors.h"

namespace gridproof::reports {
namespace {

std::optional<NodeTest> node_test(const std::string& line, Dialect dialect = Dialect::onnx) {
  const Case test_case = parse_case(line);
  return node_test_of(test_case, grid_sample(test_case), dialect,
                      sets_of(Judge({}, dialect), test_case));
}

onnx::ModelProto model_of(const NodeTest& test) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(test.model));
  return model;
}

std::string attributes_of(const onnx::ModelProto& model) {
  std::string text;
  for (const onnx::AttributeProto& attribute : model.graph().node(0).attribute()) {
    text += attribute.name() + '=' +
            (attribute.type() == onnx::AttributeProto::INT ? std::to_string(attribute.i())
                                                           : attribute.s()) +
            ' ';
  }
  return text;
}

constexpr const char* rest = " input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.5,0}";

TEST(OnnxNode, IsAModelOfOneNode) {
  const auto test = node_test(
      std::string("grid_sample mode=bilinear padding_mode=border align_corners=True") + rest);
  ASSERT_TRUE(test);
  const onnx::ModelProto model = model_of(*test);
  EXPECT_EQ(model.opset_import(0).version(), 20);
  EXPECT_EQ(model.ir_version(), 9);
  ASSERT_EQ(model.graph().node_size(), 1);
  EXPECT_EQ(model.graph().node(0).op_type(), "GridSample");
  EXPECT_EQ(attributes_of(model), "mode=linear padding_mode=border align_corners=1 ");
  const auto& shape = model.graph().output(0).type().tensor_type().shape();
  EXPECT_EQ(shape.dim_size(), 4);
  EXPECT_EQ(shape.dim(3).dim_value(), 1);
}

TEST(OnnxNode, LeavesOutWhatTheCaseLeavesOut) {
  EXPECT_EQ(attributes_of(model_of(node_test(std::string("grid_sample") + rest).value())), "");
}

TEST(OnnxNode, TheFirstVersionHasOtherNames) {
  const auto test = node_test(std::string("grid_sample mode=bicubic") + rest, Dialect::onnx_16);
  const onnx::ModelProto model = model_of(test.value());
  EXPECT_EQ(model.opset_import(0).version(), 16);
  EXPECT_EQ(attributes_of(model), "mode=bicubic ");
}

TEST(OnnxNode, TensorsAreExact) {
  const auto test = node_test(
      "grid_sample mode=nearest input=f16[1,1,1,3]{-0,inf,0x1p-24} grid=f16[1,1,3,2]"
      "{-0.5,0,0,0,0.5,0}");
  onnx::TensorProto input;
  ASSERT_TRUE(input.ParseFromString(test.value().input));
  EXPECT_EQ(input.name(), "X");
  EXPECT_EQ(input.data_type(), onnx::TensorProto::FLOAT16);
  EXPECT_EQ(input.dims_size(), 4);
  EXPECT_EQ(input.raw_data(), std::string("\x00\x80\x00\x7c\x01\x00", 6));
  onnx::TensorProto output;
  ASSERT_TRUE(output.ParseFromString(test.value().output));
  EXPECT_EQ(output.raw_data(), input.raw_data());
}

// A layout that is not dense has the same elements in a node test.
TEST(OnnxNode, TensorsAreDense) {
  const auto test = node_test(
      "grid_sample mode=nearest input=f32[1,1,1,2]strides[1,1,1,-1]offset[1]{1,2} "
      "grid=f32[1,1,1,2]{-0.5,0}");
  onnx::TensorProto input;
  ASSERT_TRUE(input.ParseFromString(test.value().input));
  std::array<float, 2> values{};
  ASSERT_EQ(input.raw_data().size(), sizeof values);
  std::memcpy(values.data(), input.raw_data().data(), sizeof values);
  EXPECT_EQ(values, (std::array<float, 2>{2, 1}));
}

TEST(OnnxNode, Bfloat16NeedsTheLatestVersion) {
  const std::string line =
      "grid_sample mode=nearest input=bf16[1,1,1,2]{1,2} grid=bf16[1,1,1,2]{0.5,0}";
  EXPECT_EQ(model_of(node_test(line).value()).opset_import(0).version(), 22);
  EXPECT_FALSE(node_test(line, Dialect::onnx_16));
}

TEST(OnnxNode, MakesNoneForWhatTheOperatorLacks) {
  EXPECT_FALSE(node_test("grid_sample input=f32[1,1,4]{1,2,4,8} grid=f32[1,1,1]{0}"));
  EXPECT_FALSE(node_test("grid_sample mode=lanczos input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_FALSE(node_test("grid_sample input=f32[1,0,1,1]{} grid=f32[1,1,1,2]{0,0}"));
  const std::string volume =
      "grid_sample mode=nearest input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}";
  EXPECT_TRUE(node_test(volume));
  EXPECT_FALSE(node_test(volume, Dialect::onnx_16));
}

// One expected output and one tolerance must not fail a right answer.
TEST(OnnxNode, MakesNoneWhereRightAnswersDiffer) {
  // Silent on NaN coordinates, and in version 16 on ties.
  EXPECT_FALSE(node_test("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{nan,0}"));
  const std::string tie =
      "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0,0}";
  EXPECT_TRUE(node_test(tie));
  EXPECT_FALSE(node_test(tie, Dialect::onnx_16));
  // A weight of 0 on an infinity is an open clause.
  EXPECT_FALSE(node_test("grid_sample input=f32[1,1,1,2]{1,inf} grid=f32[1,1,1,2]{-0.5,0}"));
  // What cancels leaves rounding errors that no relative tolerance covers.
  EXPECT_FALSE(
      node_test("grid_sample input=f32[1,1,2,2]{0x1p24,1,1,-0x1p24} grid=f32[1,1,1,2]{0,0}"));
  // One step of bf16 is more than the tolerance.
  EXPECT_FALSE(
      node_test("grid_sample input=bf16[1,1,1,2]{1,1.0078125} grid=bf16[1,1,1,2]{0x1p-30,0}"));
  EXPECT_TRUE(node_test("grid_sample input=bf16[1,1,1,2]{1,1.0078125} grid=bf16[1,1,1,2]{0.5,0}"));
}

}  // namespace
}  // namespace gridproof::reports
