#include "oracle/probe/trees.h"

#include <gtest/gtest.h>

#include <map>

namespace gridproof::probe {
namespace {

TEST(Trees, AgreeWhereNothingRounds) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    for (const bool align_corners : {false, true}) {
      for (const PositionTree& tree : position_trees(dtype, align_corners)) {
        EXPECT_EQ(tree.position(0.5, 9), align_corners ? 6 : 6.25) << tree.name;
      }
    }
    for (const CubicTree& tree : cubic_trees(dtype)) {
      EXPECT_EQ(tree.weights(0.5), (std::array<double, 4>{-0.09375, 0.59375, 0.59375, -0.09375}))
          << tree.name;
    }
  }
}

// Otherwise nothing could be told from them.
TEST(Trees, DifferSomewhere) {
  for (const bool align_corners : {false, true}) {
    const auto trees = position_trees(Dtype::f32, align_corners);
    std::map<std::vector<double>, std::string> all;
    for (const PositionTree& tree : trees) {
      std::vector<double> positions;
      for (const std::int64_t size : {7, 11, 26, 1001}) {
        for (int i = 0; i < 64; ++i) {
          positions.push_back(tree.position(static_cast<float>(i / 63.0 - 0.4), size));
        }
      }
      const auto [same, is_new] = all.try_emplace(positions, tree.name);
      EXPECT_TRUE(is_new) << tree.name << " is " << same->second;
    }
  }
}

}  // namespace
}  // namespace gridproof::probe
