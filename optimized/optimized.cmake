# The flags of the kernels, and what takes all of an axis through them.

# The kernels' targets: those of optimized/kernels/target.h. The last is compiled without any flag. Highway's
# vectors of NEON have a flag of their own, which g++ does not take in the members that it makes itself:
# there the only target has one lane.
set(highway_targets "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4|HWY_AVX3_DL)")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(highway_targets HWY_COMPILE_ONLY_SCALAR)
endif()
set_property(SOURCE optimized/kernels/kernels_f16.cc optimized/kernels/kernels_bf16.cc optimized/kernels/kernels_f32.cc
                    optimized/kernels/kernels_f64.cc
             PROPERTY COMPILE_DEFINITIONS "${highway_targets}")
if(GRIDPROOF_SANITIZE)  # at -O2 they take the compiler several minutes each
  set_property(SOURCE optimized/kernels/kernels_f16.cc optimized/kernels/kernels_bf16.cc optimized/kernels/kernels_f32.cc
                      optimized/kernels/kernels_f64.cc
               PROPERTY COMPILE_OPTIONS -O1)
endif()

add_executable(gridproof-exhaustive EXCLUDE_FROM_ALL optimized/exhaustive_main.cc)
target_link_libraries(gridproof-exhaustive PRIVATE gridproof::optimized gridproof::semantics)

# What `bench --device cuda` starts beside itself.
if(GRIDPROOF_TESTS)
  target_compile_definitions(gridproof_bench PRIVATE
    GRIDPROOF_BENCH_PEERS="${PROJECT_SOURCE_DIR}/optimized/bench/peers.py")
endif()
