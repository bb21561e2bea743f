#include "optimized/kernels/target.h"

#include <cstdlib>
#include <stdexcept>

#include "optimized/kernels/processor.h"

namespace gridproof {

bool is_possible(Target target) {
  switch (target) {
    case Target::portable:
      return true;
    case Target::neon:
      return this_processor().neon;
    case Target::avx2:
      return this_processor().avx2;
    case Target::avx512:
      return this_processor().avx512;
  }
  return false;
}

Target default_target() {
  const char* const forced = std::getenv("GRIDPROOF_TARGET");
  if (forced == nullptr || *forced == '\0') {
    for (const Target target : {Target::avx512, Target::avx2, Target::neon}) {
      if (is_possible(target)) return target;
    }
    return Target::portable;
  }
  const auto target = parse<Target>(forced);
  if (!target) {
    throw std::runtime_error("GRIDPROOF_TARGET is '" + std::string(forced) +
                             "': expected portable, neon, avx2 or avx512");
  }
  if (!is_possible(*target)) {
    throw std::runtime_error("GRIDPROOF_TARGET is " + std::string(forced) +
                             ", but this machine does not have its instructions");
  }
  return *target;
}

}  // namespace gridproof
