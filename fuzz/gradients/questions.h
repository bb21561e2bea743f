// Questions about gradients: those of the forward domain with a grad_output of their own, and such
// as only gradients meet. Tested by campaign_test.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "fuzz/domain/part.h"
#include "reference/contract/backward.h"
#include "reference/contract/options.h"

namespace gridproof {

enum class GradientStratum : std::uint8_t {
  forward,     // the coordinates, texels, sizes and layouts of the forward domain
  kinks,       // whole positions, the outermost centers, the lines of reflection, and beside them
  many_hits,   // up to thousands of samples on few texels, in few bits: nothing may round
  long_sums,   // up to hundreds of channels, in few bits
  stagnation,  // 16-bit tensors with sums that the type itself cannot go on adding to
  pairs,       // two samples and two channels: what one leaves of the other's
  siblings,    // several in a row of the same shapes: what one call leaves to the next
  large,       // more than 2^16 pixels in a plane, or samples in a batch entry, in few bits
};
template <>
inline constexpr auto names<GradientStratum> =
    std::to_array<Named<GradientStratum>>({{GradientStratum::forward, "forward domain"},
                                           {GradientStratum::kinks, "kinks"},
                                           {GradientStratum::many_hits, "many hits"},
                                           {GradientStratum::long_sums, "long sums"},
                                           {GradientStratum::stagnation, "stagnation"},
                                           {GradientStratum::pairs, "pairs"},
                                           {GradientStratum::siblings, "siblings"},
                                           {GradientStratum::large, "large"}});

// The stratum of the question with this number, and the question in the campaign with this seed. Of
// a part of the operator that has nothing of a stratum, pairs stand for it.
GradientStratum gradient_stratum_of(std::uint64_t ordinal);
BackwardCase gradient_question(std::uint64_t seed, std::uint64_t ordinal, const Part& part = {});

}  // namespace gridproof
