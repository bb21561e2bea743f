#include "reference/contract/tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <tuple>

namespace gridproof {
namespace {

Tensor counting(const Shape& shape) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  return {Dtype::f32, shape, values};
}

TEST(Tensor, IsRowMajor) {
  const Tensor tensor = counting({2, 3, 4});
  EXPECT_EQ(tensor.at(std::array<std::int64_t, 3>{1, 2, 3}), 23);
  EXPECT_EQ(tensor.view<float>()(1, 0, 2), 14);
  EXPECT_TRUE(tensor.is_contiguous());
}

TEST(Tensor, SlicesAndPermutationsShareTheStorage) {
  const Tensor tensor = counting({2, 3, 4});
  const Tensor slice = tensor.slice(1, 1, 3);
  EXPECT_EQ(slice.storage(), tensor.storage());
  EXPECT_EQ(slice.contiguous().values(),
            (std::vector<double>{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}));
  const Tensor permuted = tensor.permuted(std::array{2, 0, 1});
  EXPECT_EQ(permuted.shape(), (Shape{4, 2, 3}));
  EXPECT_EQ(permuted.at(std::array<std::int64_t, 3>{3, 1, 2}), 23);
  EXPECT_FALSE(permuted.is_contiguous());
  EXPECT_TRUE(permuted.same_values(permuted.contiguous()));
}

TEST(Tensor, ReshapedKeepsTheOrder) {
  const Tensor turned = counting({2, 3}).permuted(std::array{1, 0}).reshaped({6, 1});
  EXPECT_EQ(turned.values(), (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(turned.shape(), (Shape{6, 1}));
  EXPECT_THROW(std::ignore = turned.reshaped({5}), std::invalid_argument);
}

TEST(Tensor, ReversedAndExpandedLayoutsAreReadRight) {
  const Tensor tensor = counting({4});
  const Tensor reversed =
      Tensor::strided(Dtype::f32, {4}, {-1}, 3, tensor.shared_storage(), tensor.storage_size());
  EXPECT_EQ(reversed.values(), (std::vector<double>{3, 2, 1, 0}));
  const Tensor expanded =
      Tensor::strided(Dtype::f32, {2, 3}, {0, 1}, 1, tensor.shared_storage(), 4);
  EXPECT_EQ(expanded.values(), (std::vector<double>{1, 2, 3, 1, 2, 3}));
}

TEST(Tensor, LayoutsOutsideTheStorageAreRefused) {
  const Tensor tensor = counting({4});
  const auto make = [&](Shape shape, Shape strides, std::int64_t offset) {
    return Tensor::strided(Dtype::f32, std::move(shape), std::move(strides), offset,
                           tensor.shared_storage(), 4);
  };
  EXPECT_THROW(make({5}, {1}, 0), std::invalid_argument);
  EXPECT_THROW(make({4}, {1}, 1), std::invalid_argument);
  EXPECT_THROW(make({4}, {-1}, 2), std::invalid_argument);
  EXPECT_THROW(make({2, 2}, {1}, 0), std::invalid_argument);
  EXPECT_THROW(make({3}, {INT64_MAX}, 0), std::invalid_argument);
  EXPECT_NO_THROW(make({0, 5}, {100, 100}, 0));  // reaches nothing
}

TEST(Tensor, SizesThatOverflowAreRefused) {
  EXPECT_THROW(Tensor(Dtype::f32, {1LL << 40, 1LL << 40}), std::invalid_argument);
  EXPECT_THROW(Tensor(Dtype::f32, {0, 1LL << 40, 1LL << 40}), std::invalid_argument);
  EXPECT_THROW(Tensor(Dtype::f32, {-1}), std::invalid_argument);
  EXPECT_THROW(Tensor(Dtype::f32, {1, 1, 1, 1, 1, 1, 1, 1, 1}), std::invalid_argument);
  EXPECT_THROW(Tensor(Dtype::f32, {3}, std::vector<double>{1, 2}), std::invalid_argument);
}

TEST(Tensor, EmptyTensorsHaveNoElements) {
  const Tensor tensor(Dtype::f64, {2, 0, 3});
  EXPECT_EQ(tensor.element_count(), 0);
  EXPECT_TRUE(tensor.values().empty());
  EXPECT_TRUE(tensor.contiguous().same_values(tensor));
}

}  // namespace
}  // namespace gridproof
