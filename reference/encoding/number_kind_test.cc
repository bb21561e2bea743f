#include "reference/encoding/number_kind.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace gridproof {
namespace {

template <class Number>
std::vector<double> values_of(NumberKind kind, const std::vector<Number>& numbers) {
  EXPECT_EQ(size_of(kind), sizeof(Number));
  const auto size = static_cast<std::int64_t>(numbers.size());
  return tensor_of(kind, {size}, std::as_bytes(std::span(numbers))).values();
}
template <class Number>
void keeps_its_limits(NumberKind kind, Dtype dtype) {
  const std::vector<Number> numbers = {std::numeric_limits<Number>::lowest(), Number{1},
                                       std::numeric_limits<Number>::max()};
  EXPECT_EQ(dtype_for(kind), dtype);
  EXPECT_EQ(values_of(kind, numbers), std::vector<double>(numbers.begin(), numbers.end()));
}

TEST(NumberKind, EveryKindKeepsItsNumbers) {
  keeps_its_limits<float>(NumberKind::f32, Dtype::f32);
  keeps_its_limits<double>(NumberKind::f64, Dtype::f64);
  keeps_its_limits<std::uint8_t>(NumberKind::u8, Dtype::f32);
  keeps_its_limits<std::int8_t>(NumberKind::i8, Dtype::f32);
  keeps_its_limits<std::uint16_t>(NumberKind::u16, Dtype::f32);
  keeps_its_limits<std::int16_t>(NumberKind::i16, Dtype::f32);
  keeps_its_limits<std::uint32_t>(NumberKind::u32, Dtype::f64);
  keeps_its_limits<std::int32_t>(NumberKind::i32, Dtype::f64);
  keeps_its_limits<std::uint64_t>(NumberKind::u64, Dtype::f64);  // 2^64-1 is rounded to 2^64
  keeps_its_limits<std::int64_t>(NumberKind::i64, Dtype::f64);
  EXPECT_EQ(values_of<std::uint16_t>(NumberKind::f16, {0x3c00}), std::vector<double>{1});
  EXPECT_EQ(dtype_for(NumberKind::f16), Dtype::f16);
  EXPECT_EQ(values_of<std::uint16_t>(NumberKind::bf16, {0x3f80}), std::vector<double>{1});
  EXPECT_EQ(dtype_for(NumberKind::bf16), Dtype::bf16);
}

TEST(NumberKind, NoNumbersAreNoElements) {
  EXPECT_TRUE(values_of<std::int16_t>(NumberKind::i16, {}).empty());
}

}  // namespace
}  // namespace gridproof
