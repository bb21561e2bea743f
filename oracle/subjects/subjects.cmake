# Subjects in processes of their own: plug-ins, LibTorch, the templates for other people, peers.

# Programs that are not sanitized: LibTorch and plug-ins are not and share a heap with their programs,
# and a control is to crash by itself.
if(GRIDPROOF_SANITIZE)
  set(plain_sources "")
  foreach(layer contract encoding protocol serve)
    get_target_property(sources gridproof_${layer} SOURCES)
    list(APPEND plain_sources ${sources})
  endforeach()
  add_library(gridproof_plain_serve STATIC ${plain_sources})
  target_include_directories(gridproof_plain_serve PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(gridproof_plain_serve PUBLIC nlohmann_json::nlohmann_json Threads::Threads)
else()
  add_library(gridproof_plain_serve ALIAS gridproof_serve)
endif()

# ---- Subjects in processes of their own: plug-ins, the one of the protocol's tests, LibTorch ----
add_executable(gridproof-plugin oracle/subjects/serve/plugin_main.cc)
target_link_libraries(gridproof-plugin PRIVATE gridproof_plain_serve ${CMAKE_DL_LIBS})

# Controls that need a process of their own, one of them for these very options.
add_executable(gridproof-control fuzz/mutants/control_main.cc)
target_link_libraries(gridproof-control PRIVATE gridproof_plain_serve)
check_cxx_compiler_flag(-mfma HAS_FMA_FLAG)
set_source_files_properties(fuzz/mutants/control_main.cc PROPERTIES
  COMPILE_OPTIONS "-O2;-ffp-contract=fast;$<$<BOOL:${HAS_FMA_FLAG}>:-mfma>")

if(GRIDPROOF_TESTS)
  # The template, and plug-ins of every kind of bad behavior.
  add_library(plugin-template MODULE oracle/subjects/templates/plugin.c)
  target_link_libraries(plugin-template PRIVATE m)
  add_library(plugin-without-gradients MODULE oracle/subjects/testing/plugin_without_gradients.c)
  foreach(test host_test serve_test)
    add_dependencies(${test} gridproof-plugin plugin-template plugin-without-gradients)
  endforeach()
  foreach(behavior crashes reads-beyond writes-beyond writes-before writes-before-input writes-to-input
                    writes-nothing writes-half returns-nonsense says-much prints prints-while-loading exits
                    hangs fails changes-rounding changes-rounding-of-vectors flushes rounds-and-restores
                    flushes-while-loading rounds-while-loading no-symbol no-plugin wrong-version no-answer
                    wrong-dialect gradients-crash gradients-read-beyond gradients-write-beyond
                    gradients-write-before gradients-write-to-given gradients-not-written
                    gradients-not-cleared gradients-round gradients-fail)
    add_library(hostile-${behavior} MODULE oracle/subjects/testing/hostile_plugin.c)
    string(TOUPPER ${behavior} macro)
    string(REPLACE "-" "_" macro ${macro})
    target_compile_definitions(hostile-${behavior} PRIVATE ${macro}
                               $<$<BOOL:$<FILTER:${macro},INCLUDE,^GRADIENTS>>:HAS_GRADIENTS>)
    add_dependencies(serve_test hostile-${behavior})
    add_dependencies(host_test hostile-${behavior})
  endforeach()
  get_property(modules DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  list(FILTER modules INCLUDE REGEX "^(hostile-|plugin-)")
  set_target_properties(${modules} PROPERTIES PREFIX "" C_STANDARD 11
                                              LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  foreach(module IN LISTS modules)
    target_include_directories(${module} PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_options(${module} PRIVATE -O1 -Wall -Wextra -Wno-unused-function)
  endforeach()
  add_executable(gridproof-test-subject oracle/subjects/testing/subject_main.cc)
  target_link_libraries(gridproof-test-subject PRIVATE gridproof::serve gridproof::host)
  add_executable(gridproof-attacks oracle/subjects/testing/attacks_main.cc)
  target_link_libraries(gridproof-attacks PRIVATE gridproof::serve gridproof::host util)
  add_dependencies(host_test gridproof-test-subject gridproof-attacks)
  add_dependencies(serve_test gridproof-test-subject gridproof-attacks)
  foreach(test campaign_test causes_test)
    add_dependencies(${test} gridproof-control)
  endforeach()
endif()

# The program gridproof-torch-<version>, from the headers and the two libraries of that version.
# Every version here has the C++11 ABI of std::string, which is g++'s default.
function(gridproof_torch version include_folder torch_cpu c10)
  set(program gridproof-torch-${version})
  add_executable(${program} oracle/subjects/torch/torch_main.cc)
  target_link_libraries(${program} PRIVATE gridproof_plain_serve ${torch_cpu} ${c10})
  target_include_directories(${program} SYSTEM PRIVATE
    ${include_folder} ${include_folder}/torch/csrc/api/include)
  target_compile_definitions(${program} PRIVATE GRIDPROOF_TORCH_VERSION="${version}")
  set_property(GLOBAL APPEND PROPERTY GRIDPROOF_TORCH_VERSIONS ${version})
  if(GRIDPROOF_SANITIZE OR NOT GRIDPROOF_TESTS)
    return()
  endif()
  # The same LibTorch beside our own code, to be timed.
  add_executable(gridproof-bench-${version} oracle/subjects/torch/bench_main.cc)
  target_link_libraries(gridproof-bench-${version} PRIVATE gridproof::bench)
  target_compile_definitions(gridproof-bench-${version} PRIVATE GRIDPROOF_TORCH_VERSION="${version}")
  add_executable(reference-bench-${version} EXCLUDE_FROM_ALL oracle/subjects/torch/reference_bench.cc)
  target_link_libraries(reference-bench-${version} PRIVATE gridproof::judge gridproof::semantics)
  foreach(bench gridproof-bench-${version} reference-bench-${version})
    target_link_libraries(${bench} PRIVATE ${torch_cpu} ${c10})
    target_include_directories(${bench} SYSTEM PRIVATE
      ${include_folder} ${include_folder}/torch/csrc/api/include)
  endforeach()
endfunction()

if(NOT GRIDPROOF_LIBTORCH)
  message(STATUS "LibTorch is missing: GRIDPROOF_LIBTORCH is empty, no gridproof-torch-<version> is built")
endif()
foreach(version IN LISTS GRIDPROOF_LIBTORCH)
  if(version STREQUAL "system")
    find_path(SYSTEM_TORCH_INCLUDE torch/csrc/api/include/torch/version.h)
    find_library(SYSTEM_TORCH_CPU torch_cpu)
    find_library(SYSTEM_C10 c10)
    if(NOT SYSTEM_TORCH_INCLUDE OR NOT SYSTEM_TORCH_CPU OR NOT SYSTEM_C10)
      message(FATAL_ERROR "GRIDPROOF_LIBTORCH=system needs Debian's package: apt-get install libtorch-dev")
    endif()
    # The headers of Debian's 1.13.1 call themselves 1.13.0; the package knows.
    execute_process(COMMAND dpkg-query -W -f "\${source:Upstream-Version}" libtorch-dev
                    OUTPUT_VARIABLE package_version COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "^[0-9.]+[0-9]" package_version "${package_version}")
    gridproof_torch(${package_version} ${SYSTEM_TORCH_INCLUDE} ${SYSTEM_TORCH_CPU} ${SYSTEM_C10})
  else()
    execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/oracle/subjects/torch/fetch.py ${version}
                    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "There is no LibTorch ${version}; -DGRIDPROOF_LIBTORCH= builds everything else")
    endif()
    gridproof_torch(${version} ${folder}/include ${folder}/lib/libtorch_cpu.so ${folder}/lib/libc10.so)
  endif()
endforeach()

get_property(torch_versions GLOBAL PROPERTY GRIDPROOF_TORCH_VERSIONS)
list(TRANSFORM torch_versions REPLACE "(.+)" "\"\\1\"" OUTPUT_VARIABLE torch_versions_text)
list(JOIN torch_versions_text "," torch_versions_text)
if(NOT GRIDPROOF_TESTS)
  return()
endif()

if(torch_versions)
  add_executable(torch_test oracle/subjects/torch/torch_test.cc)
  target_link_libraries(torch_test PRIVATE gridproof::host gridproof::exact GTest::gtest_main)
  target_compile_definitions(torch_test PRIVATE GRIDPROOF_BINARY_DIR="${CMAKE_BINARY_DIR}"
                                                GRIDPROOF_TORCH_VERSIONS=${torch_versions_text})
  foreach(version IN LISTS torch_versions)
    add_dependencies(torch_test gridproof-torch-${version})
    string(REPLACE "." "_" filter ${version})
    add_test(NAME torch:${version} COMMAND torch_test --gtest_filter=*/${filter})
    set_tests_properties(torch:${version} PROPERTIES TIMEOUT 300)
  endforeach()
endif()
add_test(NAME torch:fetch COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/oracle/subjects/torch/fetch_test.py)
set_tests_properties(torch:fetch PROPERTIES TIMEOUT 300)

add_executable(process_bench EXCLUDE_FROM_ALL oracle/subjects/host/process_bench.cc)
target_link_libraries(process_bench PRIVATE gridproof::host benchmark::benchmark)
target_compile_definitions(process_bench PRIVATE GRIDPROOF_BINARY_DIR="${CMAKE_BINARY_DIR}"
                                                 GRIDPROOF_TORCH_VERSIONS=${torch_versions_text})
