// What the processor and its system have. Tested by processor_test.cc.
#pragma once

namespace gridproof {

// The instructions that each target of target.h needs.
struct Processor {
  bool neon = false;
  bool avx2 = false;
  bool avx512 = false;
};

// Asks the processor itself: __builtin_cpu_supports() knows none in what zig builds.
Processor this_processor();

}  // namespace gridproof
