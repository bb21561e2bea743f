// What is excluded quickly is what the sets exclude.
#include "oracle/judge/quick_exclusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "oracle/judge/sample_judge.h"

namespace gridproof::judging {
namespace {

// What was excluded.
struct Counts {
  int by_set = 0;
  int quickly = 0;
};

// Answers in and around the set of each box of a random sample, under one profile.
template <class Element, std::size_t N>
Counts compared(const Profile& profile, std::mt19937& random) {
  const Dtype dtype = dtype_of<Element>;
  std::uniform_real_distribution<double> texel(-4, 4);
  std::uniform_real_distribution<double> coordinate(-1.2, 1.2);
  Shape shape(N + 2, 5);
  shape[0] = shape[1] = 1;
  std::vector<double> texels(static_cast<std::size_t>(element_count(shape)));
  std::ranges::generate(texels, [&] { return texel(random); });
  if (random() % 8 == 0) texels.front() = std::numeric_limits<double>::infinity();
  Shape grid_shape(N + 2, 1);
  grid_shape.back() = N;
  std::vector<double> grid(N);
  std::ranges::generate(grid, [&] { return coordinate(random); });
  const Case test_case{.request = {.mode = "bilinear",
                                   .padding_mode = random() % 2 == 0 ? "zeros" : "reflection",
                                   .align_corners = random() % 2 == 0},
                       .input = Tensor(dtype, shape, texels),
                       .grid = Tensor(dtype, grid_shape, grid)};
  const Options options = resolve(test_case.request).value_or(Options{});
  const CaseView<Element, N> view(test_case, options, profile);
  const LastRounding<Element> rounding(profile);
  SampleLocator<Element, N> locator(Locator<RealOf<Element>>(options, profile, {}));
  const auto& located = locator.locate(view, 0);
  Counts counts;
  if (located.is_outside() || located.is_wide()) return counts;
  QuickExclusion<Element, N> quick(view);
  for_each_box(located, [&](const Box<WideOf<Element>, N>& box) {
    LinearSums<WideOf<Element>, N> sums(box, view.budget);
    const auto values = gather<2>(view, 0, 0, tap_places<2>(view, box));
    const auto set = set_of(sums, values);
    const double size = static_cast<double>(set.range.most() - set.range.least());
    std::vector<double> answers = {texel(random), texel(random)};
    for (const double beside : {-1.0, -1e-3, 0.0, 0.3, 1.0, 1.001, 2.0})
      answers.push_back(static_cast<double>(set.range.least()) + beside * size);
    for (const double exact_answer : answers) {
      const Element answer = from_double<Element>(exact_answer);
      const bool is_outside =
          membership(rounding, sums, values.texels, set, to_double(answer)) == Membership::outside;
      quick.begin(rounding, 0, answer);
      const bool is_excluded = quick.excludes(view, box);
      EXPECT_TRUE(is_outside || !is_excluded) << to_line(test_case) << ' ' << to_double(answer);
      counts.by_set += is_outside;
      counts.quickly += is_excluded;
    }
    return true;
  });
  return counts;
}

template <class Element>
class QuickExclusionOf : public testing::Test {};
using Elements = testing::Types<Half, BFloat16, float, double>;
TYPED_TEST_SUITE(QuickExclusionOf, Elements);

TYPED_TEST(QuickExclusionOf, ExcludesNothingThatTheSetHolds) {
  using Kind = Profile::Kind;
  std::mt19937 random(1);
  for (const Profile& profile : {Profile{.kind = Kind::ieee},
                                 {.kind = Kind::flush},
                                 {.kind = Kind::formula},
                                 {.kind = Kind::narrow_coordinates, .type = Dtype::f16},
                                 {.kind = Kind::narrow_arithmetic, .type = Dtype::bf16}}) {
    Counts counts;
    for (int i = 0; i < 300; ++i) {
      for (const Counts& own :
           {compared<TypeParam, 2>(profile, random), compared<TypeParam, 3>(profile, random)}) {
        counts.by_set += own.by_set;
        counts.quickly += own.quickly;
      }
    }
    // Where nothing is flushed, what is not right beside the set.
    const int least = profile.kind == Kind::flush ? 0 : counts.by_set / 4;
    EXPECT_GE(counts.quickly, least) << to_string(profile);
    EXPECT_GT(counts.by_set, 100) << to_string(profile);
  }
}

}  // namespace
}  // namespace gridproof::judging
