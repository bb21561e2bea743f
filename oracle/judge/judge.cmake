# The rounding lemmas of both judges, proved by Gappa for each format they are used in.

# Pairs that were stored one by one and are loaded as a vector wait for the stores.
set_property(SOURCE oracle/judge/judge.cc PROPERTY COMPILE_OPTIONS -fno-tree-slp-vectorize)

if(NOT GRIDPROOF_TESTS)
  return()
endif()

# The same verdicts with the wide type of platforms whose long double is short (oracle/exact/wide.h).
add_executable(verdicts oracle/judge/verdicts_main.cc)
target_link_libraries(verdicts PRIVATE gridproof::judge gridproof::domain gridproof::semantics)
get_target_property(exact_sources gridproof_exact SOURCES)
get_target_property(judge_sources gridproof_judge SOURCES)
add_executable(verdicts-software oracle/judge/verdicts_main.cc ${exact_sources} ${judge_sources})
target_link_libraries(verdicts-software PRIVATE gridproof::domain gridproof::semantics Boost::headers)
target_compile_definitions(verdicts-software PRIVATE GRIDPROOF_SOFTWARE_WIDE)
set_target_properties(verdicts-software PROPERTIES EXPORT_COMPILE_COMMANDS OFF)  # the same sources once more
add_test(NAME judge:software-wide COMMAND sh -c "./verdicts >verdicts.txt && ./verdicts-software | cmp - verdicts.txt")
set_tests_properties(judge:software-wide PROPERTIES TIMEOUT 600)

find_program(GAPPA gappa)
if(NOT GAPPA)
  message(STATUS "Gappa is missing (apt-get install gappa): no lemma of oracle/judge and oracle/gradients is proved")
else()
  set(gappa_f32 "@rnd = float<ieee_32, ne>; u = 1b-24;")
  set(gappa_f64 "@rnd = float<ieee_64, ne>; u = 1b-53;")
  set(gappa_f16 "@rnd = float<11, -24, ne>; u = 1b-11;")
  set(gappa_bf16 "@rnd = float<8, -133, ne>; u = 1b-8;")
  file(GLOB lemmas CONFIGURE_DEPENDS oracle/judge/*.gappa oracle/gradients/*.gappa)
  foreach(path IN LISTS lemmas)
    get_filename_component(lemma ${path} NAME_WE)
    set(formats f32 f64)
    if(lemma MATCHES "^cubic")
      list(APPEND formats f16 bf16)
    endif()
    foreach(format IN LISTS formats)
      add_test(NAME gappa:${lemma}:${format} COMMAND sh -c "{ echo '${gappa_${format}}'; cat ${path}; } | ${GAPPA}")
      set_tests_properties(gappa:${lemma}:${format} PROPERTIES TIMEOUT 300)
    endforeach()
  endforeach()
endif()
