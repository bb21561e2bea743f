# The judge's rounding lemmas, proved by Gappa for each format they are used in, and its benchmark.

# Pairs that were stored one by one and are loaded as a vector wait for the stores.
set_property(SOURCE oracle/judge/judge.cc PROPERTY COMPILE_OPTIONS -fno-tree-slp-vectorize)

if(NOT GRIDPROOF_TESTS)
  return()
endif()

add_executable(judge_bench EXCLUDE_FROM_ALL oracle/judge/judge_bench.cc)
target_link_libraries(judge_bench PRIVATE gridproof::judge gridproof::semantics benchmark::benchmark)

find_program(GAPPA gappa)
if(NOT GAPPA)
  message(STATUS "Gappa is missing (apt-get install gappa): no lemma of oracle/judge is proved")
else()
  set(gappa_f32 "@rnd = float<ieee_32, ne>; u = 1b-24;")
  set(gappa_f64 "@rnd = float<ieee_64, ne>; u = 1b-53;")
  set(gappa_f16 "@rnd = float<11, -24, ne>; u = 1b-11;")
  set(gappa_bf16 "@rnd = float<8, -133, ne>; u = 1b-8;")
  foreach(lemma position fraction weights cubic_outer cubic_inner cubic_far cubic_sum)
    set(formats f32 f64)
    if(lemma MATCHES "^cubic")
      list(APPEND formats f16 bf16)
    endif()
    foreach(format IN LISTS formats)
      add_test(NAME gappa:${lemma}:${format} COMMAND sh -c
        "{ echo '${gappa_${format}}'; cat ${PROJECT_SOURCE_DIR}/oracle/judge/${lemma}.gappa; } | ${GAPPA}")
      set_tests_properties(gappa:${lemma}:${format} PROPERTIES TIMEOUT 300)
    endforeach()
  endforeach()
endif()
