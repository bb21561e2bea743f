// The whole operator: the order of refusals, and what holds of every answer to the last bit.
#include "reference/semantics/grid_sample.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>

namespace gridproof {
namespace {

Tensor answer(const Case& test_case) { return std::get<Tensor>(grid_sample(test_case)); }

// A random tensor of small dyadic numbers, some of which lie outside, on ties, or are not finite.
Tensor numbers(Dtype dtype, const Shape& shape, bool nonfinite) {
  const auto number = rc::gen::weightedOneOf<double>(
      {{12, rc::gen::map(rc::gen::inRange(-48, 49), [](int k) { return k / 32.0; })},
       {4, rc::gen::map(rc::gen::inRange(-999, 999), [](int k) { return k * 0.0123; })},
       {nonfinite ? 1U : 0U, rc::gen::element(double{NAN}, double{INFINITY}, -double{INFINITY})}});
  return {dtype, shape,
          *rc::gen::container<std::vector<double>>(static_cast<std::size_t>(element_count(shape)),
                                                   number)};
}

// A random case that is not refused.
Case arbitrary_case() {
  const Mode mode = *rc::gen::element(Mode::bilinear, Mode::nearest, Mode::bicubic);
  const auto padding = *rc::gen::element(Padding::zeros, Padding::border, Padding::reflection);
  const std::size_t dimensions = mode == Mode::bicubic || *rc::gen::arbitrary<bool>() ? 2 : 3;
  const auto dtype = *rc::gen::element(Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64);
  const auto small = [](std::int64_t most) { return *rc::gen::inRange<std::int64_t>(1, most + 1); };
  Shape input{small(3), small(3)};
  Shape grid{input[0]};
  for (std::size_t axis = 0; axis < dimensions; ++axis) {
    input.push_back(small(5));
    grid.push_back(small(3));
  }
  grid.push_back(static_cast<std::int64_t>(dimensions));
  return {request_for({mode, padding, *rc::gen::arbitrary<bool>()}), numbers(dtype, input, true),
          numbers(dtype, grid, true)};
}

// The two tensors side by side along `axis`.
Tensor joined(const Tensor& a, const Tensor& b, int axis) {
  Shape shape = a.shape();
  shape[static_cast<std::size_t>(axis)] += b.size(axis);
  std::vector<int> to_front(shape.size());
  std::iota(to_front.begin(), to_front.end(), 0);
  std::swap(to_front[0], to_front[static_cast<std::size_t>(axis)]);
  std::vector<double> values = a.permuted(to_front).values();
  const std::vector<double> more = b.permuted(to_front).values();
  values.insert(values.end(), more.begin(), more.end());
  std::swap(shape[0], shape[static_cast<std::size_t>(axis)]);
  return Tensor(a.dtype(), shape, values).permuted(to_front);
}

RC_GTEST_PROP(GridSample, BatchesAreIndependent, ()) {
  const Case whole = arbitrary_case();
  const std::int64_t cut = *rc::gen::inRange<std::int64_t>(0, whole.input.size(0) + 1);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return answer(
        {whole.request, whole.input.slice(0, begin, end), whole.grid.slice(0, begin, end)});
  };
  RC_ASSERT(joined(part(0, cut), part(cut, whole.input.size(0)), 0).same_values(answer(whole)));
}

RC_GTEST_PROP(GridSample, ChannelsAreIndependent, ()) {
  const Case whole = arbitrary_case();
  const std::int64_t cut = *rc::gen::inRange<std::int64_t>(0, whole.input.size(1) + 1);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return answer({whole.request, whole.input.slice(1, begin, end), whole.grid});
  };
  RC_ASSERT(joined(part(0, cut), part(cut, whole.input.size(1)), 1).same_values(answer(whole)));
}

RC_GTEST_PROP(GridSample, OutputLocationsAreIndependent, ()) {
  const Case whole = arbitrary_case();
  const int axis = *rc::gen::inRange(1, whole.grid.rank() - 1);
  const std::int64_t cut = *rc::gen::inRange<std::int64_t>(0, whole.grid.size(axis) + 1);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return answer({whole.request, whole.input, whole.grid.slice(axis, begin, end)});
  };
  // Put together the other way round: the outputs of the later locations first.
  const Case moved{whole.request, whole.input,
                   joined(whole.grid.slice(axis, cut, whole.grid.size(axis)),
                          whole.grid.slice(axis, 0, cut), axis)};
  RC_ASSERT(
      joined(part(cut, whole.grid.size(axis)), part(0, cut), axis + 1).same_values(answer(moved)));
}

RC_GTEST_PROP(GridSample, LayoutDoesNotMatter, ()) {
  const Case dense = arbitrary_case();
  const auto shuffled = [](const Tensor& tensor) {
    std::vector<int> order(tensor.shape().size());
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t k = order.size(); k > 1; --k) {
      std::swap(order[k - 1], order[*rc::gen::inRange<std::size_t>(0, k)]);
    }
    std::vector<int> back(order.size());
    for (std::size_t axis = 0; axis < order.size(); ++axis) {
      back[static_cast<std::size_t>(order[axis])] = static_cast<int>(axis);
    }
    return tensor.permuted(order).contiguous().permuted(back);
  };
  const Case other{dense.request, shuffled(dense.input), shuffled(dense.grid)};
  RC_ASSERT(answer(other).same_values(answer(dense)));
}

// No number comes near overflow or underflow, so a power of two goes through every operation.
RC_GTEST_PROP(GridSample, PowersOfTwoGoThrough, ()) {
  Case test_case = arbitrary_case();
  const Dtype dtype = test_case.input.dtype();
  const double scale = *rc::gen::element(0.5, 4.0, -2.0, -1.0);
  // Numbers of 6 bits, so that 16-bit values stay exact and normal.
  std::vector<double> values;
  for (std::int64_t k = test_case.input.element_count(); k > 0; --k) {
    values.push_back(*rc::gen::inRange(1, 64));
  }
  test_case.input = Tensor(dtype, test_case.input.shape(), values);
  std::vector<double> expected = answer(test_case).values();
  // A value that cancels to less than the smallest normal f16 would round differently when scaled.
  for (double& value : expected) {
    RC_PRE(value == 0 || std::fabs(value) >= 0x1p-12);
    value = value == 0 ? 0 : value * scale;
  }
  for (double& value : values) value *= scale;
  const Tensor got =
      answer({test_case.request, Tensor(dtype, test_case.input.shape(), values), test_case.grid});
  std::vector<double> numbers = got.values();
  for (double& value : numbers) value += 0.0;  // [arith.zero-sign]
  RC_ASSERT(Tensor(dtype, got.shape(), numbers).same_values(Tensor(dtype, got.shape(), expected)));
}

// A 4-D case is a 5-D case of one slice, seen at its middle.
RC_GTEST_PROP(GridSample, TwoDimensionsAreASliceOfThree, ()) {
  const Case flat = arbitrary_case();
  RC_PRE(flat.input.rank() == 4 && flat.request.mode != name(Mode::bicubic));
  Shape input = flat.input.shape();
  input.insert(input.begin() + 2, 1);
  Shape grid = flat.grid.shape();
  grid.insert(grid.begin() + 1, 1);
  grid.back() = 3;
  std::vector<double> points;
  const std::vector<double> flat_points = flat.grid.values();
  for (std::size_t k = 0; k < flat_points.size(); k += 2) {
    points.insert(points.end(), {flat_points[k], flat_points[k + 1], 0.0});
  }
  const Dtype dtype = flat.input.dtype();
  const Tensor deep = answer(
      {flat.request, Tensor(dtype, input, flat.input.values()), Tensor(dtype, grid, points)});
  const Tensor output = answer(flat);
  RC_ASSERT(Tensor(dtype, output.shape(), deep.values()).same_values(output));
}

// Each question is wrong in one way more than the one after it; the first in order is named.
TEST(GridSample, TheFirstRefusalIsNamed) {
  const auto clause = [](const Case& test_case) {
    const Answer answer = grid_sample(test_case);
    const auto* refusal = std::get_if<Refusal>(&answer);
    return refusal == nullptr ? "answered" : refusal->clause;
  };
  const Tensor i32(Dtype::i32, {1, 1, 1, 1, 0});
  Case test_case{{.mode = "a", .padding_mode = "b"}, i32, Tensor(Dtype::f32, {2, 1, 1, 2})};
  EXPECT_EQ(clause(test_case), "options.mode");
  test_case.request.mode = "bicubic";
  EXPECT_EQ(clause(test_case), "options.padding-mode");
  test_case.request.padding_mode = "border";
  EXPECT_EQ(clause(test_case), "shape.rank");
  test_case.grid = Tensor(Dtype::f32, {2, 1, 1, 1, 2});
  EXPECT_EQ(clause(test_case), "shape.batch");
  test_case.grid = Tensor(Dtype::f32, {1, 1, 1, 1, 2});
  EXPECT_EQ(clause(test_case), "shape.last-dimension");
  test_case.grid = Tensor(Dtype::f32, {1, 1, 1, 1, 3});
  EXPECT_EQ(clause(test_case), "shape.empty-spatial");
  test_case.input = Tensor(Dtype::i32, {1, 1, 1, 1, 1});
  EXPECT_EQ(clause(test_case), "options.bicubic-4d");
  test_case.request.mode = "nearest";
  EXPECT_EQ(clause(test_case), "dtype.supported");
  test_case.input = Tensor(Dtype::f64, {1, 1, 1, 1, 1});
  EXPECT_EQ(clause(test_case), "dtype.same");
  test_case.input = Tensor(Dtype::f32, {1, 1, 1, 1, 1});
  EXPECT_EQ(clause(test_case), "answered");
}

TEST(GridSample, IsASubject) {
  const SubjectEntry entry = reference_subject();
  EXPECT_EQ(entry.name, "reference");
  const Answer answer = entry.open()->answer(
      parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_EQ(std::get<Tensor>(answer).values(), std::vector<double>{1.5});
}

}  // namespace
}  // namespace gridproof
