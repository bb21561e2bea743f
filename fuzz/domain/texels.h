// What an input is filled with. Tested by texels_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/domain/random.h"
#include "reference/contract/tensor.h"

namespace gridproof {

enum class Texels : std::uint8_t {
  noise,
  integers,
  ramp,
  one_hot,
  checkerboard,
  constant,
  huge,
  tiny,
  mixed_exponents,
  canceling,
  nonfinite,      // NaN of every kind and both infinities among numbers
  nan,            // NaN of every kind among numbers
  infinite,       // both infinities among numbers
  nonfinite_rim,  // NaN or an infinity in the outermost pixels only
  signed_zeros,   // +0 and -0, and few other numbers
};
template <>
inline constexpr auto names<Texels> =
    std::to_array<Named<Texels>>({{Texels::noise, "noise"},
                                  {Texels::integers, "integers"},
                                  {Texels::ramp, "ramp"},
                                  {Texels::one_hot, "single ones"},
                                  {Texels::checkerboard, "checkerboard"},
                                  {Texels::constant, "constant"},
                                  {Texels::huge, "huge"},
                                  {Texels::tiny, "tiny"},
                                  {Texels::mixed_exponents, "mixed exponents"},
                                  {Texels::canceling, "canceling"},
                                  {Texels::nonfinite, "NaN and infinity"},
                                  {Texels::nan, "NaN"},
                                  {Texels::infinite, "infinity"},
                                  {Texels::nonfinite_rim, "NaN or infinity at the rim"},
                                  {Texels::signed_zeros, "zeros of both signs"}});

// A dense tensor, shape (N, C, spatial sizes).
Tensor texels(Texels kind, Dtype dtype, const Shape& shape, Random& random);

// A storage of so many elements; beyond some thousands the values repeat, with a period that is
// prime, so that a large one costs little. Of `nonfinite_rim` it has one such value at either end.
Tensor texel_storage(Texels kind, Dtype dtype, std::int64_t size, Random& random);

}  // namespace gridproof
