// The instruction sets that the kernels are compiled for. Tested by grid_sample_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "reference/contract/options.h"

namespace gridproof {

enum class Target : std::uint8_t { portable, neon, avx2, avx512 };
template <>
inline constexpr auto names<Target> = std::to_array<Named<Target>>({{Target::portable, "portable"},
                                                                    {Target::neon, "neon"},
                                                                    {Target::avx2, "avx2"},
                                                                    {Target::avx512, "avx512"}});

// Whether this machine has the instructions of a target.
bool is_possible(Target target);

// The target of a call that does not name one: that of the environment variable GRIDPROOF_TARGET,
// or else the best one that is possible. Throws std::runtime_error with one sentence when the
// variable names one that does not exist or is not possible here.
Target default_target();

}  // namespace gridproof
