# The flags of the kernels, and what takes all of an axis through them.

# The kernels' targets: those of optimized/kernels/target.h. The last is compiled without any flag.
set_property(SOURCE optimized/kernels/kernels_f16.cc optimized/kernels/kernels_bf16.cc optimized/kernels/kernels_f32.cc
                    optimized/kernels/kernels_f64.cc
             PROPERTY COMPILE_DEFINITIONS "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4|HWY_AVX3_DL)")
if(GRIDPROOF_SANITIZE)  # at -O2 they take the compiler several minutes each
  set_property(SOURCE optimized/kernels/kernels_f16.cc optimized/kernels/kernels_bf16.cc optimized/kernels/kernels_f32.cc
                      optimized/kernels/kernels_f64.cc
               PROPERTY COMPILE_OPTIONS -O1)
endif()

add_executable(gridproof-exhaustive EXCLUDE_FROM_ALL optimized/exhaustive_main.cc)
target_link_libraries(gridproof-exhaustive PRIVATE gridproof::optimized gridproof::semantics)
