#include "fuzz/domain/texels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "fuzz/domain/part.h"
#include "reference/contract/dtype.h"

namespace gridproof {
namespace {

constexpr std::uint64_t seed = 4;  // of every Random here

// What a tensor holds, counted.
struct Census {
  int negative_zeros = 0;
  int zeros = 0;
  int ones = 0;
  int integers = 0;
  int negative = 0;
  int finite = 0;
  int plus_infinities = 0;
  int minus_infinities = 0;
  std::set<std::uint64_t> nans;  // by their bits
  int nan_count = 0;
  double least = std::numeric_limits<double>::infinity();  // of the magnitudes of numbers
  double most = 0;
};

Census census(const Tensor& tensor) {
  Census result;
  visit(tensor.dtype(), [&]<class T>(T) {
    for (const T element : tensor.elements<T>()) {
      const double value = to_double(element);
      if (std::isnan(value)) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &element, sizeof(T));
        result.nans.insert(bits);
        ++result.nan_count;
      } else if (std::isinf(value)) {
        ++(value > 0 ? result.plus_infinities : result.minus_infinities);
      } else {
        ++result.finite;
        result.negative += std::signbit(value) ? 1 : 0;
        if (value == 0) ++(std::signbit(value) ? result.negative_zeros : result.zeros);
        result.ones += value == 1 ? 1 : 0;
        result.integers += value == std::round(value) ? 1 : 0;
        result.least = std::min(result.least, std::fabs(value));
        result.most = std::max(result.most, std::fabs(value));
      }
    }
  });
  return result;
}

// Of both ways to fill memory: a tensor of some shape, and a storage.
template <class Check>
void for_each_tensor(Texels kind, const Check& check) {
  for (const Dtype dtype : dtypes) {
    SCOPED_TRACE(testing::Message() << name(kind) << ' ' << name(dtype));
    Random random(seed);
    check(texels(kind, dtype, {2, 3, 20, 30}, random));
    check(texel_storage(kind, dtype, 9000, random));
  }
}

TEST(Texels, OrdinaryNumbersHaveBothSigns) {
  for (const Texels kind : {Texels::noise, Texels::integers, Texels::huge, Texels::tiny,
                            Texels::mixed_exponents, Texels::canceling}) {
    for_each_tensor(kind, [&](const Tensor& tensor) {
      const Census count = census(tensor);
      EXPECT_EQ(count.finite, tensor.element_count());
      EXPECT_GT(count.negative, count.finite / 3);
      EXPECT_LT(count.negative, 2 * count.finite / 3);
    });
  }
}

TEST(Texels, MagnitudesAreOfTheirKind) {
  for_each_tensor(Texels::noise, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_LE(count.most, 128);
    EXPECT_LT(count.integers, count.finite / 2);
  });
  for_each_tensor(Texels::integers, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_EQ(count.integers, count.finite);
    EXPECT_LE(count.most, 256);
    EXPECT_GT(count.most, 200);
  });
  for_each_tensor(Texels::huge, [](const Tensor& tensor) {
    const Format format = format_of(tensor.dtype());
    const Census count = census(tensor);
    EXPECT_GE(count.least, std::ldexp(1.0, format.max_exponent - 3));
    EXPECT_GT(count.most, std::ldexp(1.5, format.max_exponent));
  });
  for_each_tensor(Texels::tiny, [](const Tensor& tensor) {
    const Format format = format_of(tensor.dtype());
    const Census count = census(tensor);
    EXPECT_LE(count.most, std::ldexp(1.0, format.min_exponent + 3));
    // Subnormal ones among them, and normal ones.
    EXPECT_LT(count.least, std::ldexp(1.0, format.min_subnormal_exponent() + 2));
    EXPECT_GT(count.most, std::ldexp(1.0, format.min_exponent + 2));
  });
  for_each_tensor(Texels::mixed_exponents, [](const Tensor& tensor) {
    const Format format = format_of(tensor.dtype());
    const Census count = census(tensor);
    EXPECT_LT(std::log2(count.least), 0.8 * format.min_exponent);
    EXPECT_GT(std::log2(count.most), 0.8 * format.max_exponent);
  });
  for_each_tensor(Texels::canceling, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_NEAR(count.least, 1000, 8);
    EXPECT_NEAR(count.most, 1000, 8);
  });
}

TEST(Texels, ZerosHaveBothSigns) {
  for_each_tensor(Texels::signed_zeros, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_GT(count.negative_zeros, count.finite / 4);
    EXPECT_GT(count.zeros, count.finite / 4);
    EXPECT_LT(count.negative_zeros + count.zeros, count.finite);
  });
}

// All four quadrants of sign and quietness, with payloads; the numbers are the most.
void expect_nans_of_every_kind(const Tensor& tensor, const Census& count) {
  const int width = 8 * static_cast<int>(size_of(tensor.dtype()));
  const std::uint64_t sign = std::uint64_t{1} << (width - 1);
  const std::uint64_t quiet = std::uint64_t{1} << (format_of(tensor.dtype()).precision - 2);
  std::set<std::pair<bool, bool>> kinds;
  bool has_usual = false;
  for (const std::uint64_t bits : count.nans) {
    kinds.emplace((bits & sign) != 0, (bits & quiet) != 0);
    has_usual = has_usual || (bits & (sign - 1)) == ((sign - 1) & ~(quiet - 1));
  }
  EXPECT_EQ(kinds.size(), 4U);
  EXPECT_TRUE(has_usual);
  EXPECT_GT(count.nans.size(), 20U);
  EXPECT_GT(count.finite, tensor.element_count() / 2);
}

TEST(Texels, NansHaveEverySignAndPayload) {
  for_each_tensor(Texels::nan, [](const Tensor& tensor) {
    const Census count = census(tensor);
    expect_nans_of_every_kind(tensor, count);
    EXPECT_EQ(count.plus_infinities + count.minus_infinities, 0);
  });
  for_each_tensor(Texels::nonfinite, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_GT(count.nan_count, 0);
    EXPECT_GT(count.plus_infinities, 0);
    EXPECT_GT(count.minus_infinities, 0);
    EXPECT_GT(count.finite, tensor.element_count() / 2);
  });
}

TEST(Texels, InfinitiesHaveBothSigns) {
  for_each_tensor(Texels::infinite, [](const Tensor& tensor) {
    const Census count = census(tensor);
    EXPECT_EQ(count.nan_count, 0);
    EXPECT_GT(count.plus_infinities, tensor.element_count() / 24);
    EXPECT_GT(count.minus_infinities, tensor.element_count() / 24);
    EXPECT_GT(count.finite, tensor.element_count() / 2);
  });
}

// The outermost pixels, all of them and no others; all NaN or all infinite.
TEST(Texels, TheRimIsTheOutermostPixels) {
  std::set<bool> seen;
  for (std::uint64_t own = 0; own < 20; ++own) {
    Random random(own);
    const Tensor flat = texels(Texels::nonfinite_rim, Dtype::f32, {1, 2, 4, 5}, random);
    for (std::int64_t y = 0; y < 4; ++y) {
      for (std::int64_t x = 0; x < 5; ++x) {
        const bool is_rim = y == 0 || y == 3 || x == 0 || x == 4;
        EXPECT_EQ(std::isfinite(flat.at(std::array<std::int64_t, 4>{0, 1, y, x})), !is_rim);
      }
    }
    const Tensor deep = texels(Texels::nonfinite_rim, Dtype::f32, {1, 1, 3, 3, 3}, random);
    EXPECT_EQ(census(deep).finite, 1);
    EXPECT_TRUE(std::isfinite(deep.at(std::array<std::int64_t, 5>{0, 0, 1, 1, 1})));
    const Census count = census(flat);
    EXPECT_TRUE(count.nan_count == 0 || count.plus_infinities + count.minus_infinities == 0);
    seen.insert(count.nan_count == 0);
    const Tensor storage = texel_storage(Texels::nonfinite_rim, Dtype::f32, 70, random);
    EXPECT_EQ(census(storage).finite, 68);
  }
  EXPECT_EQ(seen.size(), 2U);
}

TEST(Texels, PatternsAreWhatTheirNamesSay) {
  Random random(seed);
  const Tensor hot = texels(Texels::one_hot, Dtype::f32, {2, 3, 4, 5}, random);
  EXPECT_EQ(census(hot).ones, 1);
  EXPECT_EQ(census(hot).zeros, 2 * 3 * 4 * 5 - 1);
  const Tensor flat = texels(Texels::constant, Dtype::f32, {1, 1, 4, 5}, random);
  EXPECT_EQ(census(flat).least, census(flat).most);
  EXPECT_GT(census(flat).least, 0);
  EXPECT_EQ(texels(Texels::ramp, Dtype::f32, {1, 1, 2, 3}, random).values(),
            (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(texels(Texels::checkerboard, Dtype::f32, {1, 1, 2, 3}, random).values(),
            (std::vector<double>{1, -1, 1, -1, 1, -1}));
}

// A storage that is larger than what is drawn repeats with a prime period, to its last element.
TEST(Texels, ALargeStorageRepeats) {
  Random random(seed);
  const Tensor storage = texel_storage(Texels::noise, Dtype::f32, 20'000, random);
  const std::vector<double> values = storage.values();
  for (std::size_t i = 4099; i < values.size(); ++i) ASSERT_EQ(values[i], values[i - 4099]) << i;
  EXPECT_GT(std::set<double>(values.begin(), values.end()).size(), 4000U);
}

}  // namespace
}  // namespace gridproof
