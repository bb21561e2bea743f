#include "optimized/kernels/processor.h"

#include <gtest/gtest.h>

namespace gridproof {
namespace {

TEST(Processor, HasNothingOfAnotherKind) {
#ifdef __aarch64__
  EXPECT_TRUE(this_processor().neon);
#else
  EXPECT_FALSE(this_processor().neon);
#endif
#ifndef __x86_64__
  EXPECT_FALSE(this_processor().avx2);
  EXPECT_FALSE(this_processor().avx512);
#endif
}

#ifdef __x86_64__

// The compiler's own question, whose answer g++ links.
TEST(Processor, HasWhatTheCompilerFinds) {
  EXPECT_EQ(this_processor().avx2,
            __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2"));
  EXPECT_EQ(this_processor().avx512,
            this_processor().avx2 && __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
}

#endif

}  // namespace
}  // namespace gridproof
