#include "oracle/subjects/protocol/supports.h"

#include <gtest/gtest.h>

#include <array>

namespace gridproof {
namespace {

Case test_case(Dtype dtype = Dtype::f32) {
  return {.request = {}, .input = Tensor(dtype, {1, 1, 2, 2}), .grid = Tensor(dtype, {1, 1, 1, 2})};
}

TEST(Supports, MissingListsExcludeNothing) {
  EXPECT_EQ(unsupported_part({}, test_case()), std::nullopt);
}

TEST(Supports, EachListIsLookedAt) {
  EXPECT_EQ(unsupported_part({.dtypes = {{Dtype::f64}}}, test_case()), "dtype f32");
  EXPECT_EQ(unsupported_part({.ranks = {{5}}}, test_case()), "rank 4");
  EXPECT_EQ(unsupported_part({.modes = {{Mode::nearest}}}, test_case()), "mode bilinear");
  EXPECT_EQ(unsupported_part({.padding_modes = {{Padding::border}}}, test_case()),
            "padding_mode zeros");
  EXPECT_EQ(unsupported_part({.align_corners = {{true}}}, test_case()), "align_corners False");
  Case flipped = test_case();
  flipped.grid = flipped.grid.permuted(std::array{0, 2, 3, 1});
  EXPECT_EQ(unsupported_part({.layouts = {{Layout::dense}}}, flipped), std::nullopt);
  flipped.input = flipped.input.permuted(std::array{0, 1, 3, 2});
  EXPECT_EQ(unsupported_part({.layouts = {{Layout::dense}}}, flipped), "layout strided");
}

TEST(Supports, SendsWhatTheOperatorLacks) {
  const Supports little{.dtypes = {{Dtype::f64}},
                        .ranks = {{5}},
                        .modes = {{Mode::nearest}},
                        .padding_modes = {{Padding::border}},
                        .align_corners = {},
                        .layouts = {},
                        .gradients = {}};
  Case wrong = test_case(Dtype::i32);
  wrong.input = Tensor(Dtype::i32, {2, 2});
  wrong.request = {.mode = "linear", .padding_mode = "mirror", .align_corners = {}};
  EXPECT_EQ(unsupported_part(little, wrong), std::nullopt);
}

TEST(Supports, GradientsAreAskedOnlyOfThoseThatSayThatTheyHaveThem) {
  BackwardCase asked{.forward = test_case(),
                     .grad_output = Tensor(Dtype::f32, {1, 1, 1, 1}),
                     .output_mask = {.input = true, .grid = false}};
  EXPECT_EQ(unsupported_part({}, asked), "gradients");
  Supports supports{.dtypes = {{Dtype::f32}}, .layouts = {{Layout::dense}}};
  supports.gradients.emplace();
  EXPECT_EQ(unsupported_part(supports, asked), "gradients");
  supports.gradients = {GradientOf::input};
  EXPECT_EQ(unsupported_part(supports, asked), std::nullopt);
  asked.output_mask = {};
  EXPECT_EQ(unsupported_part(supports, asked), "the gradient of the grid");
  supports.gradients = {GradientOf::grid, GradientOf::input};
  EXPECT_EQ(unsupported_part(supports, asked), std::nullopt);
  // What holds for the other tensors holds for the gradient that is given.
  asked.grad_output = Tensor(Dtype::f64, {1, 1, 1, 1});
  EXPECT_EQ(unsupported_part(supports, asked), "dtype f64");
  asked.grad_output = Tensor(Dtype::f32, {1, 1, 2, 1}).slice(2, 0, 1);
  EXPECT_EQ(unsupported_part(supports, asked), "layout strided");
  asked.forward = test_case(Dtype::f64);
  EXPECT_EQ(unsupported_part(supports, asked), "dtype f64");
}

TEST(Supports, Layouts) {
  const Tensor dense(Dtype::f32, {2, 3});
  EXPECT_EQ(layout_of(dense), Layout::dense);
  EXPECT_EQ(layout_of(dense.permuted(std::array{1, 0})), Layout::strided);
  EXPECT_EQ(layout_of(dense.slice(0, 0, 1)), Layout::strided);  // there is storage beside it
  const auto strided = [&](Shape shape, Shape strides, std::int64_t offset) {
    return layout_of(Tensor::strided(Dtype::f32, std::move(shape), std::move(strides), offset,
                                     dense.shared_storage(), 6));
  };
  EXPECT_EQ(strided({6}, {-1}, 5), Layout::negative);
  EXPECT_EQ(strided({1, 6}, {-1, 1}, 0), Layout::dense);  // a stride that is never taken
  EXPECT_EQ(strided({6, 6}, {0, 1}, 0), Layout::strided);
}

}  // namespace
}  // namespace gridproof
