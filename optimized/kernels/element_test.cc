#include "optimized/kernels/element.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gridproof::optimized {
namespace {

// The contract's conversions go by way of double; these do not.
template <class Element>
void expect_the_same_conversions() {
  for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
    Element element;
    element.bits = static_cast<std::uint16_t>(bits);
    const float number = to_number(element);
    ASSERT_TRUE(same_bits(number, static_cast<float>(element))) << bits;
    // The number itself, the boundary to the next one, and both neighbors of that.
    Element next = element;
    ++next.bits;
    const float middle = number + (to_number(next) - number) / 2;
    for (const float x : {number, middle, std::nextafter(middle, INFINITY),
                          std::nextafter(middle, -INFINITY), middle * 1e-30F, middle * 1e10F}) {
      ASSERT_TRUE(same_bits(to_element<Element>(x), Element(static_cast<double>(x)))) << x;
    }
  }
}

TEST(Element, HalfIsTheContracts) { expect_the_same_conversions<Half>(); }
TEST(Element, BFloat16IsTheContracts) { expect_the_same_conversions<BFloat16>(); }

}  // namespace
}  // namespace gridproof::optimized
