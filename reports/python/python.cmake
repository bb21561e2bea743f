# The Python package: a module for what a notebook calls a thousand times, beside the program.
#
# Two builds come here. pip's (scikit-build-core, SKBUILD) makes a wheel. Any other makes the package in
# the build folder, python/gridproof, with the Python of .ci/environment.sh, and tests it.
if(NOT SKBUILD)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/.ci/environment.sh ${PROJECT_SOURCE_DIR}/reports/python/tests
                  OUTPUT_VARIABLE environment OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(Python_EXECUTABLE ${environment}/bin/python)
endif()
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module OPTIONAL_COMPONENTS ${SKBUILD_SABI_COMPONENT})
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
                OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)
file(GLOB sources CONFIGURE_DEPENDS reports/python/module/*.cc)
list(FILTER sources EXCLUDE REGEX "_main\\.cc$")
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include cstdio>")  # nanobind 3.1 prints to stderr without it
nanobind_add_module(_gridproof STABLE_ABI NB_STATIC NB_SUPPRESS_WARNINGS ${sources})
target_link_libraries(_gridproof PRIVATE gridproof::python)
set(names ${PROJECT_SOURCE_DIR}/reports/python/module/names.map)
target_link_options(_gridproof PRIVATE -Wl,--gc-sections -Wl,--version-script=${names})
set_target_properties(_gridproof PROPERTIES LINK_DEPENDS ${names})

if(SKBUILD)
  # In a wheel all code is in the module, once, and the programs are doors to it. What it needs of Python they
  # have by name alone: no code that a program runs looks at it.
  set(python_names ${CMAKE_BINARY_DIR}/doors/python_names.c)
  add_custom_command(OUTPUT ${python_names} DEPENDS _gridproof reports/python/module/python_names.awk VERBATIM
    COMMAND sh -ec "${CMAKE_READELF} --dyn-syms --wide $<TARGET_FILE:_gridproof> | awk -f ${PROJECT_SOURCE_DIR}/reports/python/module/python_names.awk >${python_names}")
  foreach(program gridproof gridproof-plugin)
    string(REPLACE - _ door ${program})
    string(REGEX REPLACE ".*[-]" "" main ${program})
    get_target_property(source ${program} SOURCES)
    get_target_property(libraries ${program} LINK_LIBRARIES)
    add_library(${program}-code OBJECT ${source})
    target_link_libraries(${program}-code PRIVATE ${libraries})
    target_compile_definitions(${program}-code PRIVATE main=${main}_main)
    target_link_libraries(_gridproof PRIVATE ${program}-code ${libraries})
    add_executable(${program}-door reports/python/module/program.c ${python_names})
    set_target_properties(${program}-door PROPERTIES OUTPUT_NAME ${program} ENABLE_EXPORTS ON
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/doors)
    target_compile_definitions(${program}-door PRIVATE DOOR="${door}" MODULE="$<TARGET_FILE_NAME:_gridproof>")
    target_link_libraries(${program}-door PRIVATE ${CMAKE_DL_LIBS})
    list(APPEND doors ${program}-door)
  endforeach()
  target_sources(_gridproof PRIVATE reports/python/module/programs_main.cc)
  install(TARGETS _gridproof LIBRARY DESTINATION gridproof COMPONENT python)
  install(TARGETS ${doors} RUNTIME DESTINATION gridproof/bin COMPONENT python)
  install(DIRECTORY oracle/subjects/peers oracle/subjects/templates DESTINATION gridproof/share/gridproof COMPONENT python
          PATTERN "*_test.py" EXCLUDE PATTERN __pycache__ EXCLUDE PATTERN "*.cmake" EXCLUDE)
  if(GRIDPROOF_WHEEL_LIBRARIES)
    install(DIRECTORY ${GRIDPROOF_WHEEL_LIBRARIES}/share/licenses DESTINATION gridproof/share COMPONENT python)
  endif()
  return()
endif()

# Links to the sources, so that an edit is tested at once.
set(package ${CMAKE_BINARY_DIR}/python/gridproof)
file(MAKE_DIRECTORY ${package}/bin)
file(GLOB files CONFIGURE_DEPENDS reports/python/gridproof/*)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(CREATE_LINK ${file} ${package}/${name} SYMBOLIC)
endforeach()
foreach(program gridproof gridproof-plugin)
  file(CREATE_LINK ${CMAKE_BINARY_DIR}/${program} ${package}/bin/${program} SYMBOLIC)
endforeach()
set_target_properties(_gridproof PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${package})

file(GLOB tests CONFIGURE_DEPENDS reports/python/tests/test_*.py)
foreach(test IN LISTS tests)
  string(REGEX REPLACE ".*/test_(.*)\\.py" "\\1" name ${test})
  add_test(NAME python:${name} COMMAND ${Python_EXECUTABLE} -m pytest -q -p no:cacheprovider ${test})
  set_tests_properties(python:${name} PROPERTIES TIMEOUT 600 ENVIRONMENT
    "PYTHONPATH=${CMAKE_BINARY_DIR}/python;PYTHONDONTWRITEBYTECODE=1")
endforeach()
