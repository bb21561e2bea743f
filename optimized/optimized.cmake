# The flags of the kernels, and what takes all of an axis through them.

# The kernels' targets: those of optimized/kernels/target.h. SVE is left out: its vectors have no size, so
# they can't be members of a struct.
foreach(dtype f16 bf16 f32 f64)
  list(APPEND kernels optimized/kernels/kernels_${dtype}.cc optimized/kernels/backward_${dtype}.cc)
endforeach()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set_property(SOURCE ${kernels} PROPERTY COMPILE_DEFINITIONS
    "HWY_BASELINE_TARGETS=(HWY_BASELINE_SCALAR|HWY_NEON)" HWY_COMPILE_ALL_ATTAINABLE
    "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)")
  # Highway asks for these instructions in its own functions, and g++ inlines only where all have them. A
  # processor needn't have them, and no kernel uses one.
  set_property(SOURCE ${kernels} PROPERTY COMPILE_OPTIONS -march=armv8-a+crypto)
  if(GRIDPROOF_TESTS)
    add_test(NAME kernels:no-crypto COMMAND sh -c
      "! \"$1\" -d \"$2\" | grep -E '[[:space:]](aes(d|e|i?mc)|sha(1|256|512)[a-z0-9]*|pmull2?)[[:space:]]'"
      sh ${CMAKE_OBJDUMP} $<TARGET_FILE:gridproof_kernels>)
    add_executable(gridproof-calls optimized/bench/calls_main.cc)
    target_link_libraries(gridproof-calls PRIVATE gridproof::bench)
  endif()
else()
  set_property(SOURCE ${kernels} PROPERTY COMPILE_DEFINITIONS
    "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4|HWY_AVX3_DL)")
endif()
if(GRIDPROOF_SANITIZE)  # at -O2 they take the compiler several minutes each
  set_property(SOURCE ${kernels} APPEND PROPERTY COMPILE_OPTIONS -O1)
endif()

add_executable(gridproof-exhaustive EXCLUDE_FROM_ALL optimized/exhaustive_main.cc)
target_link_libraries(gridproof-exhaustive PRIVATE gridproof::optimized gridproof::semantics)

# What `bench --device cuda` starts beside itself.
if(GRIDPROOF_TESTS)
  target_compile_definitions(gridproof_bench PRIVATE
    GRIDPROOF_BENCH_PEERS="${PROJECT_SOURCE_DIR}/optimized/bench/peers.py")
endif()
