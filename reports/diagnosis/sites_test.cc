#include "reports/diagnosis/sites.h"

#include <gtest/gtest.h>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

Case question_of(std::int64_t n, const Shape& outputs) {
  Shape shape = {n};
  shape.insert(shape.end(), outputs.begin(), outputs.end());
  shape.push_back(static_cast<std::int64_t>(outputs.size()));
  Shape input = {n, 2};
  for (std::size_t k = 0; k < outputs.size(); ++k)
    input.push_back(static_cast<std::int64_t>(k) + 3);
  std::vector<double> texels(static_cast<std::size_t>(element_count(input)));
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<double>(i * i % 97);
  std::vector<double> grid(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < grid.size(); ++i)
    grid[i] = static_cast<double>(i * 37 % 101) / 50 - 1;
  return {{}, {Dtype::f32, input, texels}, {Dtype::f32, shape, grid}};
}

// The question at some sites has the answer that the whole question has there.
TEST(Sites, AskTheSame) {
  for (const Case& test_case :
       {question_of(2, {20, 30}), question_of(3, {7, 8, 9}), question_of(1, {1, 2})}) {
    const auto whole = std::get<Tensor>(grid_sample(test_case));
    for (const std::int64_t most : {2, 50, 1000000}) {
      const Sites sites(test_case, most);
      EXPECT_EQ(std::get<Tensor>(grid_sample(sites.narrowed(test_case))).values(),
                sites.values_of(whole));
      EXPECT_EQ(sites.grid_of(sites.coordinates()).values(), sites.coordinates());
    }
  }
}

TEST(Sites, KnowWhereTheyAre) {
  const Case test_case = question_of(2, {7, 8, 9});
  const Sites sites(test_case, 100);
  EXPECT_EQ(sites.count(), 100);
  EXPECT_FALSE(sites.are_all());
  const Tensor grid = test_case.grid;
  std::vector<double> coordinates = sites.coordinates();
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, true);
    for (std::int64_t k = 0; k < 3; ++k) {
      const std::vector<std::int64_t> at = {site.n, site.places[2].index, site.places[1].index,
                                            site.places[0].index, k};
      EXPECT_EQ(sites.of_site(coordinates, i)[static_cast<std::size_t>(k)], grid.at(at));
    }
    EXPECT_EQ(site.places[0].output, 9);
    EXPECT_EQ(site.places[2].input, 3);
    EXPECT_TRUE(site.places[1].align_corners);
  }
}

TEST(Sites, AreTheSameEveryTimeAndHoldTheCorners) {
  const Case test_case = question_of(1, {100, 100});
  const Sites one(test_case, 64);
  const Sites other(test_case, 64);
  EXPECT_EQ(one.coordinates(), other.coordinates());
  EXPECT_EQ(one.site(0, false).location, 0);
  EXPECT_EQ(one.site(63, false).location, 9999);
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
