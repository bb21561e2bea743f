# The templates for other people's implementations. A clean NumPy one gets no objection.
add_test(NAME adapter:plugin COMMAND gridproof smoke --subject ${CMAKE_BINARY_DIR}/plugins/plugin-template.so)
add_executable(adapter-template oracle/subjects/templates/adapter.cc)
set_target_properties(adapter-template PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
target_compile_options(adapter-template PRIVATE -O2 -ffp-contract=off)
add_test(NAME adapter:cpp COMMAND gridproof check --validate --max-samples 1e5
  --subject "c++=process:${CMAKE_BINARY_DIR}/plugins/adapter-template" --out ${CMAKE_BINARY_DIR}/report-cpp)
add_test(NAME adapter:cpp-smoke COMMAND gridproof smoke
  --subject "process:${CMAKE_BINARY_DIR}/plugins/adapter-template")
find_program(NUMPY_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)  # Debian's, with Debian's NumPy
set(adapter "numpy=process:${NUMPY_PYTHON} ${PROJECT_SOURCE_DIR}/oracle/subjects/templates/adapter.py")
add_test(NAME adapter:python COMMAND gridproof smoke --subject ${adapter})
add_test(NAME adapter:numpy COMMAND gridproof check --subject ${adapter} --max-samples 1e6
                                    --out ${CMAKE_BINARY_DIR}/report-numpy)
# What an adapter can spoil: layouts, options, dtypes, batches, and what is left of the question before.
set(adapters_test Python3::Interpreter ${PROJECT_SOURCE_DIR}/oracle/subjects/peers/adapters_test.py)
set(numpy_adapter ${NUMPY_PYTHON} ${PROJECT_SOURCE_DIR}/oracle/subjects/templates/adapter.py)
add_test(NAME adapter:python-layouts COMMAND ${adapters_test} --command NumPy ${numpy_adapter})
add_test(NAME adapter:cpp-layouts COMMAND ${adapters_test} --command C++ $<TARGET_FILE:adapter-template>)
add_test(NAME adapter:plugin-layouts COMMAND ${adapters_test} --command plug-in
  $<TARGET_FILE:gridproof-plugin> ${CMAKE_BINARY_DIR}/plugins/plugin-template.so)
set(adapter_tests adapter:plugin adapter:python adapter:numpy adapter:cpp adapter:cpp-smoke adapter:python-layouts
                  adapter:cpp-layouts adapter:plugin-layouts)
foreach(version IN LISTS torch_versions)
  add_test(NAME adapter:torch-${version}-layouts COMMAND ${adapters_test}
    --command "LibTorch ${version}" $<TARGET_FILE:gridproof-torch-${version}>)
  list(APPEND adapter_tests adapter:torch-${version}-layouts)
endforeach()
add_test(NAME adapter:limits COMMAND ${NUMPY_PYTHON} ${PROJECT_SOURCE_DIR}/oracle/subjects/peers/limits_test.py)
add_test(NAME adapter:faults COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/oracle/subjects/peers/adapters_faults_test.py
                                     ${NUMPY_PYTHON})
set_tests_properties(${adapter_tests} adapter:limits adapter:faults PROPERTIES TIMEOUT 900)
