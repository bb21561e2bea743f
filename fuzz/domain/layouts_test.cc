#include "fuzz/domain/layouts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace gridproof {
namespace {

Placement placement_of(const Shape& shape, Arrangement arrangement, bool is_grid = false,
                       std::uint64_t seed = 1) {
  Random random(seed);
  return placed(shape, arrangement, is_grid, random);
}

Shape strides_of(const Shape& shape, Arrangement arrangement, bool is_grid = false) {
  return placement_of(shape, arrangement, is_grid).strides;
}

TEST(Layouts, AxesAreInTheMemoryOrderOfTheirName) {
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::dense), (Shape{60, 20, 5, 1}));
  EXPECT_EQ(strides_of({2, 8, 4, 5}, Arrangement::channels_last), (Shape{160, 1, 40, 8}));
  EXPECT_EQ(strides_of({2, 8, 3, 4, 5}, Arrangement::channels_last), (Shape{480, 1, 160, 40, 8}));
  EXPECT_EQ(strides_of({2, 4, 5, 2}, Arrangement::planar, true), (Shape{40, 5, 1, 20}));
  EXPECT_EQ(strides_of({2, 3, 4, 5, 3}, Arrangement::planar, true), (Shape{180, 20, 5, 1, 60}));
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::transposed), (Shape{60, 20, 1, 4}));
  EXPECT_EQ(strides_of({2, 4, 5, 2}, Arrangement::transposed, true), (Shape{40, 2, 8, 1}));
}

TEST(Layouts, StrideZeroIsOnTheAxesOfTheName) {
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::expanded_batch), (Shape{0, 20, 5, 1}));
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::expanded_channels), (Shape{20, 0, 5, 1}));
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::expanded_both), (Shape{0, 0, 5, 1}));
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::expanded_longest), (Shape{12, 4, 1, 0}));
  EXPECT_EQ(strides_of({2, 9, 5, 4}, Arrangement::expanded_longest), (Shape{36, 4, 0, 1}));
  EXPECT_EQ(strides_of({2, 3, 4, 5}, Arrangement::expanded_spatial), (Shape{3, 1, 0, 0}));
  // Of a grid, the output's axes.
  EXPECT_EQ(strides_of({9, 4, 5, 2}, Arrangement::expanded_longest, true), (Shape{8, 2, 0, 1}));
  EXPECT_EQ(strides_of({9, 4, 5, 2}, Arrangement::expanded_spatial, true), (Shape{2, 0, 0, 1}));
  // Of an axis of 1 the stride is no matter, and dense.
  EXPECT_EQ(strides_of({1, 3, 4, 5}, Arrangement::expanded_batch), (Shape{60, 20, 5, 1}));
  std::set<std::size_t> axes;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Shape strides = placement_of({2, 3, 4, 5}, Arrangement::expanded, false, seed).strides;
    EXPECT_EQ(std::ranges::count(strides, 0), 1);
    axes.insert(static_cast<std::size_t>(std::ranges::find(strides, 0) - strides.begin()));
  }
  EXPECT_EQ(axes.size(), 4U);
}

TEST(Layouts, ReversedOnesHaveANegativeStrideOnEveryAxisInTurn) {
  std::set<std::size_t> negative;
  std::set<std::size_t> positive;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Shape strides = placement_of({2, 3, 4, 5}, Arrangement::reversed, false, seed).strides;
    EXPECT_TRUE(std::ranges::any_of(strides, [](std::int64_t stride) { return stride < 0; }));
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      (strides[axis] < 0 ? negative : positive).insert(axis);
    }
  }
  EXPECT_EQ(negative.size(), 4U);
  EXPECT_EQ(positive.size(), 4U);
}

// Different indices share an element; an axis of 2^20 and more costs no storage.
TEST(Layouts, OverlappingRowsShareElements) {
  const Placement flat = placement_of({2, 3, 40, 50}, Arrangement::overlapping);
  EXPECT_LT(flat.size, 2 * 3 * 40 * 50 / 4);
  EXPECT_EQ(flat.strides[3], 1);
  for (const std::int64_t stride : flat.strides) EXPECT_GT(stride, 0);
  const Placement wide = placement_of({1, 2, 3, 1 << 24}, Arrangement::overlapping);
  EXPECT_EQ(wide.strides[3], 0);
  EXPECT_LT(wide.size, 100);
}

TEST(Layouts, SpreadElementsHaveGapsOfSeveralSizes) {
  std::set<std::int64_t> last;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Placement placement = placement_of({2, 3, 4, 5}, Arrangement::spread, false, seed);
    EXPECT_TRUE(placement.has_gaps);
    last.insert(placement.strides[3]);
  }
  EXPECT_EQ(last, (std::set<std::int64_t>{2, 3, 4, 5}));
}

// Everywhere the layout reaches is storage, and as a rule no more than that is.
TEST(Layouts, PlacementsFillTheirStorage) {
  for (const auto& entry : names<Arrangement>) {
    for (const bool is_grid : {false, true}) {
      for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const Shape shape = is_grid ? Shape{2, 4, 5, 2} : Shape{2, 3, 4, 5};
        const Placement placement = placement_of(shape, entry.value, is_grid, seed);
        std::int64_t first = placement.offset;
        std::int64_t last = placement.offset;
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
          const std::int64_t reach = (shape[axis] - 1) * placement.strides[axis];
          (reach < 0 ? first : last) += reach;
        }
        ASSERT_GE(first, 0) << entry.name;
        ASSERT_LT(last, placement.size) << entry.name;
        if (!placement.has_gaps) {
          ASSERT_TRUE(first == 0 && last + 1 == placement.size) << entry.name << ' ' << seed;
        }
      }
    }
  }
}

Tensor counted(const Shape& shape) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i + 1);
  return {Dtype::f32, shape, values};
}

// What no index reaches is NaN or a large number, before, between and behind the elements.
TEST(Layouts, SentinelsStandWhereNoElementIs) {
  const Tensor dense = counted({2, 3, 4, 5});
  std::set<bool> kinds;
  bool before = false;
  bool behind = false;
  for (const Arrangement arrangement : {Arrangement::sliced, Arrangement::spread}) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const Tensor tensor = rearrange(dense, arrangement, seed);
      ASSERT_TRUE(tensor.same_values(dense));
      std::int64_t sentinels = 0;
      bool is_nan = false;
      const auto is_sentinel = [&](std::int64_t place) {
        const double value = tensor.storage_value(place);
        is_nan = is_nan || std::isnan(value);
        return std::isnan(value) || value >= 16384;
      };
      for (std::int64_t i = 0; i < tensor.storage_size(); ++i) sentinels += is_sentinel(i) ? 1 : 0;
      ASSERT_EQ(sentinels, tensor.storage_size() - dense.element_count());
      if (sentinels == 0) continue;
      kinds.insert(is_nan);
      before = before || is_sentinel(0);
      behind = behind || is_sentinel(tensor.storage_size() - 1);
    }
  }
  EXPECT_EQ(kinds.size(), 2U);
  EXPECT_TRUE(before && behind);
}

TEST(Layouts, RareOnesAreOfTheOutermostAxis) {
  EXPECT_EQ(placement_of({1, 2, 3, 4}, Arrangement::far_apart).strides[2], 4);
  EXPECT_GT(placement_of({1, 2, 3, 4}, Arrangement::far_apart).strides[1], 1 << 16);
  EXPECT_GT(placement_of({2, 2, 3, 4}, Arrangement::very_far_apart).strides[0], 1 << 24);
  const Placement windows = placement_of({2, 2, 3, 4}, Arrangement::windows);
  EXPECT_EQ(Shape(windows.strides.begin() + 1, windows.strides.end()), (Shape{12, 4, 1}));
  EXPECT_TRUE(windows.strides[0] == 4 || windows.strides[0] == 8);
  EXPECT_EQ(windows.size, windows.strides[0] + 24);
  EXPECT_EQ(strides_of({2, 4, 5, 2}, Arrangement::shared_components, true), (Shape{40, 10, 2, 0}));
}

TEST(Layouts, ElementsKeepTheirPlaces) {
  for (const auto& entry : names<Arrangement>) {
    for (const bool is_grid : {false, true}) {
      for (const Shape& shape : {Shape{2, 3, 4, 2}, Shape{2, 3, 4, 5, 3}}) {
        const Tensor dense = counted(shape);
        const Tensor tensor = rearrange(dense, entry.value, 7, is_grid);
        EXPECT_EQ(tensor.shape(), shape);
        const bool shares = entry.value == Arrangement::overlapping ||
                            entry.value == Arrangement::windows ||
                            std::ranges::find(tensor.strides(), 0) != tensor.strides().end();
        EXPECT_EQ(tensor.same_values(dense), !shares) << entry.name;
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
