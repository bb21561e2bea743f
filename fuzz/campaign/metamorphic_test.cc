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

Tensor output_of(const Case& question) { return std::get<Tensor>(grid_sample(question)); }

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

void all_admissible(const Case& question, const Tensor& answer) {
  const Judgement judgement = Judge().judge(question, answer);
  RC_ASSERT(judgement[Verdict::deviates] == 0);
  RC_ASSERT(judgement[Verdict::quality_warning] == 0);
}

RC_GTEST_PROP(Bitwise, OutputPointsMayBePermuted, ()) {
  const Case question = make_case(small_recipe());
  // Reverses the order of the output's columns.
  const Tensor grid = question.grid.contiguous();
  const int axis = grid.rank() - 2;
  Shape strides = grid.strides();
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t offset = (grid.shape()[a] - 1) * strides[a];
  strides[a] = -strides[a];
  Case mirrored = question;
  mirrored.grid = Tensor::strided(grid.dtype(), grid.shape(), strides, offset,
                                  grid.shared_storage(), grid.storage_size());
  const Tensor one = output_of(question);
  const Tensor other = output_of(mirrored);
  const std::int64_t width = one.size(one.rank() - 1);
  for (std::int64_t x = 0; x < width; ++x) {
    RC_ASSERT(one.slice(one.rank() - 1, x, x + 1)
                  .same_values(other.slice(one.rank() - 1, width - 1 - x, width - x)));
  }
}

RC_GTEST_PROP(Bitwise, BatchesMayBeSplit, ()) {
  const Case question = make_case(small_recipe());
  const Tensor whole = output_of(question);
  for (std::int64_t n = 0; n < question.input.size(0); ++n) {
    Case one = question;
    one.input = question.input.slice(0, n, n + 1);
    one.grid = question.grid.slice(0, n, n + 1);
    RC_ASSERT(output_of(one).same_values(whole.slice(0, n, n + 1)));
  }
}

RC_GTEST_PROP(Bitwise, ChannelsAreIndependent, ()) {
  const Case question = make_case(small_recipe());
  const Tensor whole = output_of(question);
  for (std::int64_t c = 0; c < question.input.size(1); ++c) {
    Case one = question;
    one.input = question.input.slice(1, c, c + 1);
    RC_ASSERT(output_of(one).same_values(whole.slice(1, c, c + 1)));
  }
}

RC_GTEST_PROP(Bitwise, LayoutsDoNotMatter, ()) {
  const Case question = make_case(small_recipe());
  const Tensor expected = output_of(question);
  for (const auto arrangement : {Arrangement::channels_last, Arrangement::sliced,
                                 Arrangement::reversed, Arrangement::transposed}) {
    Case other = question;
    other.input = rearrange(question.input.contiguous(), arrangement, 1);
    other.grid = rearrange(question.grid.contiguous(), arrangement, 2);
    RC_ASSERT(output_of(other).same_values(expected));
  }
}

RC_GTEST_PROP(Bitwise, TexelsMayBeScaledByAPowerOfTwo, ()) {
  Recipe recipe = small_recipe();
  recipe.texels = Texels::integers;  // far from overflow
  const Case question = make_case(recipe);
  Case other = question;
  std::vector<double> texels = question.input.values();
  for (double& texel : texels) texel *= 2;
  other.input = Tensor(question.input.dtype(), question.input.shape(), texels);
  const std::vector<double> once = output_of(question).values();
  const std::vector<double> twice = output_of(other).values();
  const double normal = std::ldexp(1.0, format_of(question.input.dtype()).min_exponent);
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
  const Case question = make_case(small_recipe());
  RC_PRE(question.request.mode.value_or("bilinear") != "nearest");
  const std::vector<double> texels = question.input.values();
  const auto width = static_cast<std::size_t>(question.input.size(question.input.rank() - 1));
  std::vector<double> mirrored(texels.size());
  for (std::size_t i = 0; i < texels.size(); ++i) {
    mirrored[i] = texels[i - i % width + (width - 1 - i % width)];
  }
  std::vector<double> grid = question.grid.values();
  const auto components = static_cast<std::size_t>(question.input.rank() - 2);
  for (std::size_t i = 0; i < grid.size(); i += components) {
    RC_PRE(std::isfinite(grid[i]) && std::fabs(grid[i]) < 100);
    grid[i] = -grid[i];
  }
  Case other = question;
  other.input = Tensor(question.input.dtype(), question.input.shape(), mirrored);
  other.grid = Tensor(question.grid.dtype(), question.grid.shape(), grid);
  // Mirrored exact values are equal; each rounding of one is admissible for the other only up to
  // the asymmetry of x + 1, so the exact witness stands in.
  const Answer exact_value = exact::answer(other);
  all_admissible(question, std::get<Tensor>(exact_value));
}

RC_GTEST_PROP(Judged, AConstantInputStaysConstantInside, ()) {
  Recipe recipe = small_recipe();
  recipe.texels = Texels::constant;
  recipe.request.padding_mode = *rc::gen::element<std::string>("border", "reflection");
  const Case question = make_case(recipe);
  const double constant = question.input.contiguous().storage_value(0);
  const std::vector<double> values(static_cast<std::size_t>(output_of(question).element_count()),
                                   constant);
  all_admissible(question, Tensor(question.input.dtype(), output_of(question).shape(), values));
}

RC_GTEST_PROP(Judged, LinearModesStayInTheHullOfTheInput, ()) {
  Recipe recipe = small_recipe();
  RC_PRE(recipe.request.mode.value_or("bilinear") != "bicubic" &&
         recipe.texels != Texels::nonfinite && recipe.texels != Texels::huge);
  const Case question = make_case(recipe);
  const std::vector<double> texels = question.input.values();
  const auto [least, greatest] = std::ranges::minmax(texels);
  const double room = 0x1p-6 * std::max(std::fabs(least), std::fabs(greatest));
  for (const double value : output_of(question).values()) {
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
  const exact::Question a(one);
  const exact::Question b(other);
  const exact::Question c(both);
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
  const Case question = make_case(recipe);
  std::vector<double> grid = question.grid.values();
  for (double& x : grid) x = std::ldexp(std::nearbyint(std::ldexp(x, 20)), -20);
  Case near = question;
  near.grid = Tensor(Dtype::f64, question.grid.shape(), grid);
  for (double& x : grid) x += 4;
  Case far = question;
  far.grid = Tensor(Dtype::f64, question.grid.shape(), grid);
  const exact::Question a(near);
  const exact::Question b(far);
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
      const Case question{{mode, "zeros", false},
                          Tensor(Dtype::f32, {1, 1, size, size}, texels),
                          Tensor(Dtype::f32, {1, size, size, 2}, grid)};
      EXPECT_TRUE(output_of(question).same_values(question.input)) << mode << ' ' << size;
    }
  }
}

}  // namespace
}  // namespace gridproof
