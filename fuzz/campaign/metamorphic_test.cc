// Relations between answers that hold without knowing any of them: bit for bit where the
// operation only moves data, through the judge where it rounds.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fuzz/domain/domain.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

Tensor output_of(const Case& test_case) { return std::get<Tensor>(grid_sample(test_case)); }

// A small sound case, of any stratum but those that are slow or have no answer.
Recipe small_recipe() {
  Recipe recipe = *recipes().as("recipe");
  RC_PRE(recipe.flaw == Flaw::none && recipe.stratum != Stratum::large_planes &&
         recipe.stratum != Stratum::empty);
  for (std::int64_t& size : recipe.output_shape) size = std::min<std::int64_t>(size, 6);
  for (std::size_t axis = 2; axis < recipe.input_shape.size(); ++axis) {
    recipe.input_shape[axis] = std::min<std::int64_t>(recipe.input_shape[axis], 9);
  }
  return recipe;
}

void all_admissible(const Case& test_case, const Tensor& answer) {
  const Judgment judgment = Judge().judge(test_case, answer);
  RC_ASSERT(judgment[Verdict::deviates] == 0);
  RC_ASSERT(judgment[Verdict::quality_warning] == 0);
}

RC_GTEST_PROP(Bitwise, OutputPointsMayBePermuted, ()) {
  const Case test_case = make_case(small_recipe());
  // Reverses the order of the output's columns.
  const Tensor grid = test_case.grid.contiguous();
  const int axis = grid.rank() - 2;
  Shape strides = grid.strides();
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t offset = (grid.shape()[a] - 1) * strides[a];
  strides[a] = -strides[a];
  Case mirrored = test_case;
  mirrored.grid = Tensor::strided(grid.dtype(), grid.shape(), strides, offset,
                                  grid.shared_storage(), grid.storage_size());
  const Tensor one = output_of(test_case);
  const Tensor other = output_of(mirrored);
  const std::int64_t width = one.size(one.rank() - 1);
  for (std::int64_t x = 0; x < width; ++x) {
    RC_ASSERT(one.slice(one.rank() - 1, x, x + 1)
                  .same_values(other.slice(one.rank() - 1, width - 1 - x, width - x)));
  }
}

RC_GTEST_PROP(Bitwise, BatchesMayBeSplit, ()) {
  const Case test_case = make_case(small_recipe());
  const Tensor whole = output_of(test_case);
  for (std::int64_t n = 0; n < test_case.input.size(0); ++n) {
    Case one = test_case;
    one.input = test_case.input.slice(0, n, n + 1);
    one.grid = test_case.grid.slice(0, n, n + 1);
    RC_ASSERT(output_of(one).same_values(whole.slice(0, n, n + 1)));
  }
}

RC_GTEST_PROP(Bitwise, ChannelsAreIndependent, ()) {
  const Case test_case = make_case(small_recipe());
  const Tensor whole = output_of(test_case);
  for (std::int64_t c = 0; c < test_case.input.size(1); ++c) {
    Case one = test_case;
    one.input = test_case.input.slice(1, c, c + 1);
    RC_ASSERT(output_of(one).same_values(whole.slice(1, c, c + 1)));
  }
}

RC_GTEST_PROP(Bitwise, LayoutsDoNotMatter, ()) {
  const Case test_case = make_case(small_recipe());
  const Tensor expected = output_of(test_case);
  for (const auto arrangement : {Arrangement::channels_last, Arrangement::sliced,
                                 Arrangement::reversed, Arrangement::transposed}) {
    Case other = test_case;
    other.input = rearrange(test_case.input.contiguous(), arrangement, 1);
    other.grid = rearrange(test_case.grid.contiguous(), arrangement, 2);
    RC_ASSERT(output_of(other).same_values(expected));
  }
}

RC_GTEST_PROP(Bitwise, TexelsMayBeScaledByAPowerOfTwo, ()) {
  Recipe recipe = small_recipe();
  recipe.texels = Texels::integers;  // far from overflow
  const Case test_case = make_case(recipe);
  Case other = test_case;
  std::vector<double> texels = test_case.input.values();
  for (double& texel : texels) texel *= 2;
  other.input = Tensor(test_case.input.dtype(), test_case.input.shape(), texels);
  const std::vector<double> once = output_of(test_case).values();
  const std::vector<double> twice = output_of(other).values();
  const double normal = std::ldexp(1.0, format_of(test_case.input.dtype()).min_exponent);
  for (std::size_t i = 0; i < once.size(); ++i) {
    // Subnormals have fewer bits, so doubling them is not exact: a weight of 2^-23 gives some in
    // f16.
    if (std::fabs(once[i]) <= normal) {
      RC_ASSERT(std::fabs(twice[i]) <= 2 * normal);
    } else {
      RC_ASSERT(2 * once[i] == twice[i] || (std::isnan(once[i]) && std::isnan(twice[i])));
    }
  }
}

// The input mirrored along x, and x negated. Ties of nearest go to even, which mirroring can turn
// into odd; the judge knows.
RC_GTEST_PROP(Judged, FlippingTheInputAndTheCoordinateChangesNothing, ()) {
  const Case test_case = make_case(small_recipe());
  RC_PRE(test_case.request.mode.value_or("bilinear") != "nearest");
  const std::vector<double> texels = test_case.input.values();
  const auto width = static_cast<std::size_t>(test_case.input.size(test_case.input.rank() - 1));
  std::vector<double> mirrored(texels.size());
  for (std::size_t i = 0; i < texels.size(); ++i) {
    mirrored[i] = texels[i - i % width + (width - 1 - i % width)];
  }
  std::vector<double> grid = test_case.grid.values();
  const auto components = static_cast<std::size_t>(test_case.input.rank() - 2);
  for (std::size_t i = 0; i < grid.size(); i += components) {
    RC_PRE(std::isfinite(grid[i]) && std::fabs(grid[i]) < 100);
    grid[i] = -grid[i];
  }
  Case other = test_case;
  other.input = Tensor(test_case.input.dtype(), test_case.input.shape(), mirrored);
  other.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid);
  // Mirrored exact values are equal; each rounding of one is admissible for the other only up to
  // the asymmetry of x + 1, so the exact witness stands in.
  const Answer exact_value = exact::answer(other);
  all_admissible(test_case, std::get<Tensor>(exact_value));
}

RC_GTEST_PROP(Judged, AConstantInputStaysConstantInside, ()) {
  Recipe recipe = small_recipe();
  recipe.texels = Texels::constant;
  recipe.request.padding_mode = *rc::gen::element<std::string>("border", "reflection");
  const Case test_case = make_case(recipe);
  const double constant = test_case.input.contiguous().storage_value(0);
  const std::vector<double> values(static_cast<std::size_t>(output_of(test_case).element_count()),
                                   constant);
  all_admissible(test_case, Tensor(test_case.input.dtype(), output_of(test_case).shape(), values));
}

RC_GTEST_PROP(Judged, LinearModesStayInTheHullOfTheInput, ()) {
  Recipe recipe = small_recipe();
  RC_PRE(recipe.request.mode.value_or("bilinear") != "bicubic" &&
         recipe.texels != Texels::nonfinite && recipe.texels != Texels::huge);
  const Case test_case = make_case(recipe);
  const std::vector<double> texels = test_case.input.values();
  const auto [least, greatest] = std::ranges::minmax(texels);
  const double room = 0x1p-6 * std::max(std::fabs(least), std::fabs(greatest));
  for (const double value : output_of(test_case).values()) {
    RC_ASSERT(value >= std::min(least, 0.0) - room && value <= std::max(greatest, 0.0) + room);
  }
}

// f(T1 + T2) = f(T1) + f(T2), exactly over exact numbers.
RC_GTEST_PROP(Exact, TheOperatorIsLinearInTheInput, ()) {
  Recipe recipe = small_recipe();
  recipe.texels = Texels::integers;
  recipe.dtype = Dtype::f64;
  const Case one = make_case(recipe);
  std::vector<double> texels = one.input.values();
  std::vector<double> sums = texels;
  std::ranges::reverse(texels);
  std::ranges::transform(sums, texels, sums.begin(), std::plus{});
  Case other = one;
  Case both = one;
  other.input = Tensor(Dtype::f64, one.input.shape(), texels);
  both.input = Tensor(Dtype::f64, one.input.shape(), sums);
  const exact::Evaluator a(one);
  const exact::Evaluator b(other);
  const exact::Evaluator c(both);
  for (std::int64_t sample = 0; sample < a.samples(); ++sample) {
    RC_ASSERT(a.element(sample, 0).number + b.element(sample, 0).number ==
              c.element(sample, 0).number);
  }
}

// Under reflection a coordinate and the same one two input widths away see the same.
RC_GTEST_PROP(Exact, ReflectionHasAPeriod, ()) {
  Recipe recipe = small_recipe();
  recipe.dtype = Dtype::f64;
  recipe.stratum = Stratum::interior;
  recipe.request.padding_mode = "reflection";
  const Case test_case = make_case(recipe);
  std::vector<double> grid = test_case.grid.values();
  for (double& x : grid) x = std::ldexp(std::nearbyint(std::ldexp(x, 20)), -20);
  Case near = test_case;
  near.grid = Tensor(Dtype::f64, test_case.grid.shape(), grid);
  for (double& x : grid) x += 4;
  Case far = test_case;
  far.grid = Tensor(Dtype::f64, test_case.grid.shape(), grid);
  const exact::Evaluator a(near);
  const exact::Evaluator b(far);
  for (std::int64_t sample = 0; sample < a.samples(); ++sample) {
    const exact::Element here = a.element(sample, 0);
    const exact::Element there = b.element(sample, 0);
    RC_ASSERT(here.number == there.number);
  }
}

// The identity grid of sizes that are powers of two is exact, and so is the answer.
TEST(Bitwise, TheIdentityGridCopiesTheInput) {
  for (const char* mode : {"bilinear", "nearest", "bicubic"}) {
    for (const std::int64_t size : {1, 2, 4, 8, 64}) {
      std::vector<double> texels;
      std::vector<double> grid;
      for (std::int64_t y = 0; y < size; ++y) {
        for (std::int64_t x = 0; x < size; ++x) {
          texels.push_back(std::sin(static_cast<double>(texels.size())));
          grid.push_back(static_cast<double>(2 * x + 1) / static_cast<double>(size) - 1);
          grid.push_back(static_cast<double>(2 * y + 1) / static_cast<double>(size) - 1);
        }
      }
      const Case test_case{{mode, "zeros", false},
                           Tensor(Dtype::f32, {1, 1, size, size}, texels),
                           Tensor(Dtype::f32, {1, size, size, 2}, grid)};
      EXPECT_TRUE(output_of(test_case).same_values(test_case.input)) << mode << ' ' << size;
    }
  }
}

}  // namespace
}  // namespace gridproof
