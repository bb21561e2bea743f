# The Python package: a module for what a notebook calls a thousand times, beside the program.
#
# Two builds come here. pip's (scikit-build-core, SKBUILD) makes a wheel and brings nanobind. Any other
# makes the package in the build folder, python/gridproof, with the nanobind of the Python that CMake finds.
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module OPTIONAL_COMPONENTS ${SKBUILD_SABI_COMPONENT})
if(NOT SKBUILD)
  execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
                  OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()
find_package(nanobind CONFIG REQUIRED)
file(GLOB sources CONFIGURE_DEPENDS reports/python/module/*.cc)
nanobind_add_module(_gridproof STABLE_ABI NB_STATIC NB_SUPPRESS_WARNINGS ${sources})
target_link_libraries(_gridproof PRIVATE gridproof::python)

if(SKBUILD)
  install(TARGETS _gridproof LIBRARY DESTINATION gridproof COMPONENT python)
  install(TARGETS gridproof gridproof-plugin gridproof-control RUNTIME DESTINATION gridproof/bin COMPONENT python)
  return()
endif()

# The package in the build folder: links to the sources, so that an edit is tested at once.
set(package ${CMAKE_BINARY_DIR}/python/gridproof)
file(MAKE_DIRECTORY ${package}/bin)
file(GLOB files CONFIGURE_DEPENDS reports/python/gridproof/*)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME)
  file(CREATE_LINK ${file} ${package}/${name} SYMBOLIC)
endforeach()
foreach(program gridproof gridproof-plugin gridproof-control)
  file(CREATE_LINK ${CMAKE_BINARY_DIR}/${program} ${package}/bin/${program} SYMBOLIC)
endforeach()
set_target_properties(_gridproof PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${package})
