#include "reference/semantics/dtypes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

std::string asked(Dtype input, Dtype grid) {
  const Answer answer = grid_sample({{}, Tensor(input, {1, 1, 1, 1}), Tensor(grid, {1, 1, 1, 2})});
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    return refusal->clause + ": " + refusal->message;
  }
  return std::string(name(std::get<Tensor>(answer).dtype()));
}

// [dtype.supported] [dtype.same] [dtype.output]
TEST(Dtypes, BothAreTheSameFloatingDtype) {
  for (const auto& [input, input_name] : names<Dtype>) {
    for (const auto& [grid, grid_name] : names<Dtype>) {
      std::string expected(input_name);
      if (input == Dtype::i32) {
        expected = "dtype.supported: input is i32: expected f16, bf16, f32 or f64";
      } else if (grid == Dtype::i32) {
        expected = "dtype.supported: grid is i32: expected f16, bf16, f32 or f64";
      } else if (input != grid) {
        expected = "dtype.same: grid is " + std::string(grid_name) + ": expected " +
                   std::string(input_name) + ", the dtype of input";
      }
      EXPECT_EQ(asked(input, grid), expected);
    }
  }
}

// [dtype.16-bit] The answer for 16 bits is that for the same numbers in f32, rounded once.
RC_GTEST_PROP(Dtypes, SixteenBitsAreF32RoundedOnce, ()) {
  const Dtype narrow = *rc::gen::element(Dtype::f16, Dtype::bf16);
  const Options options{*rc::gen::element(Mode::bilinear, Mode::nearest, Mode::bicubic),
                        *rc::gen::element(Padding::zeros, Padding::border, Padding::reflection),
                        *rc::gen::arbitrary<bool>()};
  const auto numbers = [](int count, double scale) {
    auto values = *rc::gen::container<std::vector<double>>(
        static_cast<std::size_t>(count),
        rc::gen::map(rc::gen::inRange(-1000, 1000), [=](int k) { return k * scale; }));
    return values;
  };
  const Tensor input(narrow, {1, 2, 3, 5}, numbers(30, 0.37));
  const Tensor grid(narrow, {1, 4, 2, 2}, numbers(16, 0.0017));
  const auto widened = [](const Tensor& tensor) {
    return Tensor(Dtype::f32, tensor.shape(), tensor.values());
  };
  const Request request = request_for(options);
  const auto answer = std::get<Tensor>(grid_sample({request, input, grid}));
  const auto wide = std::get<Tensor>(grid_sample({request, widened(input), widened(grid)}));
  RC_ASSERT(answer.same_values(Tensor(narrow, wide.shape(), wide.values())));
}

// [arith.order] From left to right each 1 is lost on 2^24; two of them together would not be.
TEST(Dtypes, OrderOfRounding) {
  const float texels[] = {0x1p24F, 1, 1, 1};
  const auto term = [&](int k) { return semantics::Term<float>{1, texels[k]}; };
  EXPECT_EQ(semantics::sum_of<float>(4, term), 0x1p24F);
  const auto backwards = [&](int k) { return term(3 - k); };
  EXPECT_EQ(semantics::sum_of<float>(4, backwards), 0x1p24F + 4);
  EXPECT_EQ(semantics::sum_of<float>(0, term), 0);
}

// [arith.overflow]
TEST(Dtypes, OverflowIsNotAvoided) {
  const auto huge = [](int) { return semantics::Term<float>{1.0F, 0x1.8p127F}; };
  EXPECT_EQ(semantics::sum_of<float>(2, huge), INFINITY);
  semantics::Axis axis{.size = 64};
  EXPECT_EQ(semantics::position(0x1p127F, axis), INFINITY);
  EXPECT_EQ(semantics::position(-0x1p127F, axis), -INFINITY);
  axis.options.padding = Padding::reflection;
  EXPECT_EQ(semantics::settle_infinity(-INFINITY, axis), -0.5F);
}

// [arith.subnormal]
TEST(Dtypes, SubnormalsAreKept) {
  const auto tiny = [](int) { return semantics::Term<float>{0.5F, 0x1p-148F}; };
  EXPECT_EQ(semantics::sum_of<float>(3, tiny), 0x1.8p-148F);
}

// [arith.zero-sign]
TEST(Dtypes, SignOfZero) {
  const auto negative_zeros = [](const char* mode) {
    return to_text(answer_line(std::string("grid_sample mode=") + mode +
                               " input=f32[1,1,1,3]{-0,-0,-0} grid=f32[1,1,2,2]{0,0,5,0}"));
  };
  EXPECT_EQ(negative_zeros("nearest"), "f32[1,1,1,2]{-0,0}");
  EXPECT_EQ(negative_zeros("bilinear"), "f32[1,1,1,2]{0,0}");
}

}  // namespace
}  // namespace gridproof
