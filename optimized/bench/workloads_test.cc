#include "optimized/bench/workloads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "optimized/checks.h"

namespace gridproof::bench {
namespace {

TEST(Workloads, AreCallsThatAreAnswered) {
  std::set<std::string> seen;
  for (const Workload& workload : workloads()) {
    EXPECT_TRUE(seen.insert(workload.name).second) << workload.name;
    EXPECT_FALSE(optimized::refuse_shapes(workload.input, workload.grid_shape(), workload.options))
        << workload.name;
    EXPECT_EQ(workload.output_shape(),
              optimized::output_shape(workload.input, workload.grid_shape()));
  }
  for (int n = 1; n <= 16; ++n) EXPECT_TRUE(seen.contains("W" + std::to_string(n))) << n;
}

TEST(Workloads, GrowTenfold) {
  double outputs = 1e4;
  for (const Workload& workload : scaling_workloads()) {
    EXPECT_NEAR(static_cast<double>(element_count(workload.output_shape())), outputs,
                outputs / 500);
    outputs *= 10;
  }
  EXPECT_EQ(outputs, 1e9);
}

TEST(Workloads, FieldsAreWhatTheyAreCalled) {
  const Workload small{"small", "", {2, 1, 8, 8, 8}, {4, 5, 6}, {}};
  for (const auto& [field, field_name] : names<Field>) {
    const std::vector<float> grid = make_grid(small, field);
    ASSERT_EQ(grid.size(), 2U * 4 * 5 * 6 * 3) << field_name;
    EXPECT_EQ(grid, make_grid(small, field)) << "another grid the second time";
    const auto inside = std::ranges::count_if(grid, [](float x) { return x >= -1 && x <= 1; });
    const auto all = static_cast<std::ptrdiff_t>(grid.size());
    if (field == Field::outside) {
      EXPECT_EQ(inside, 0);
    } else if (field == Field::random) {
      EXPECT_EQ(inside, all);
    } else {
      EXPECT_GT(inside, all * 3 / 4);
    }
  }
}

}  // namespace
}  // namespace gridproof::bench
