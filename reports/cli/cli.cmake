# The program and what is tested with it.
target_compile_definitions(gridproof_cli PRIVATE
  GRIDPROOF_PEERS_PROGRAM="${PROJECT_SOURCE_DIR}/oracle/subjects/peers/peers.py"
  GRIDPROOF_TORCH_PROGRAM="${PROJECT_SOURCE_DIR}/reports/python/gridproof/torch.py")

# A command line and the command `check` are a library of their own, below the others: what the demo
# needs of this folder.
set(check_sources arguments.cc campaigns.cc check.cc foreign.cc help.cc options.cc process.cc program.cc
                  report_files.cc select.cc spelling.cc write_files.cc)
list(TRANSFORM check_sources PREPEND ${PROJECT_SOURCE_DIR}/reports/cli/)
get_target_property(cli_sources gridproof_cli SOURCES)
list(REMOVE_ITEM cli_sources ${check_sources})
set_target_properties(gridproof_cli PROPERTIES SOURCES "${cli_sources}")
add_library(gridproof_check STATIC ${check_sources})
target_link_libraries(gridproof_check PUBLIC gridproof::page gridproof::evidence gridproof::render gridproof::checkpoint gridproof::host CLI11::CLI11 ${LIBMD})
target_link_libraries(gridproof_cli PUBLIC gridproof_check)
foreach(property COMPILE_DEFINITIONS COMPILE_OPTIONS)
  get_target_property(value gridproof_cli ${property})
  if(value)
    set_target_properties(gridproof_check PROPERTIES ${property} "${value}")
  endif()
endforeach()

add_executable(gridproof-demo reports/cli/demo_main.cc)
target_link_libraries(gridproof-demo PRIVATE gridproof_check)
add_executable(gridproof reports/cli/gridproof_main.cc)
target_link_libraries(gridproof PRIVATE gridproof::cli)
add_dependencies(gridproof gridproof-control gridproof-plugin)
if(NOT GRIDPROOF_TESTS)
  return()
endif()

add_dependencies(cli_test gridproof plugin-template gridproof-test-subject)
add_dependencies(stories_test gridproof)

# Our own kernels on trial, each target by itself: not one bit may differ from the reference's.
foreach(target portable neon avx2 avx512 cuda-host)
  add_test(NAME check:${target} COMMAND gridproof check --subject ${target} --profile P0 --seed 2
                                        --out ${CMAKE_BINARY_DIR}/report-${target})
  set_tests_properties(check:${target} PROPERTIES TIMEOUT 600
                       SKIP_REGULAR_EXPRESSION "this machine does not have the instructions")
endforeach()

# The kernels of devices beside PyTorch's, where there is a device.
if(torch_versions AND NOT GRIDPROOF_SANITIZE)
  add_test(NAME cuda:bench COMMAND gridproof bench --device cuda --quick --filter "^(W1|W4|W12) smooth")
  set_tests_properties(cuda:bench PROPERTIES TIMEOUT 600
                       SKIP_REGULAR_EXPRESSION "there is no CUDA device|this build has no CUDA")
endif()

# What was measured of a subject once is measured again; skipped where it cannot start or has no file.
set(fingerprints ${PROJECT_SOURCE_DIR}/reports/fingerprints/fingerprints.py)
list(TRANSFORM torch_versions PREPEND torch- OUTPUT_VARIABLE torch_subjects)
foreach(subject reference exact portable neon avx2 avx512 cuda-host ${torch_subjects})
  add_test(NAME fingerprint:${subject}
           COMMAND Python3::Interpreter ${fingerprints} $<TARGET_FILE:gridproof> ${subject})
  set_tests_properties(fingerprint:${subject} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

add_test(NAME hostile COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/reports/cli/hostile_test.py $<TARGET_FILE:gridproof>)
set_tests_properties(hostile PROPERTIES TIMEOUT 600)
add_test(NAME ci:recipes COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/reports/ci/recipes_test.py)
add_test(NAME peers COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/oracle/subjects/peers/peers_test.py)
add_test(NAME peers:onnx-vectors COMMAND sh -c "./gridproof vectors --out vectors && \
  ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/oracle/subjects/peers/onnx_vectors.py vectors"
         WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
set_tests_properties(peers:onnx-vectors PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_test(NAME hardening COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/.ci/hardening.py
    $<TARGET_FILE:gridproof> $<TARGET_FILE:gridproof-plugin>)
endif()
