# The engine of the pages as WebAssembly: two modules, compiled by clang for WASI from the sources of the
# library, with the same promise about rounding. Without that compiler the pages are written without
# them, and say so.
find_program(WASM_CXX clang++-19)
find_program(WASM_LD wasm-ld-19)
# Of this machine, also where the program is built for another.
set(here NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
find_path(WASI_LIBRARY libc.a PATHS /usr/lib/wasm32-wasi ${here})
find_path(WASI_CXX_LIBRARY libc++.a PATHS /usr/lib/llvm-19/lib/wasm32-wasi /usr/lib/wasm32-wasi ${here})
if(NOT WASM_CXX OR NOT WASM_LD OR NOT WASI_LIBRARY OR NOT WASI_CXX_LIBRARY)
  message(STATUS "No compiler for WebAssembly (.ci/setup installs it): pages will not compute")
  return()
endif()

set(wasm_sources)
foreach(layer contract semantics exact judge mutants)
  get_target_property(sources gridproof_${layer} SOURCES)
  list(APPEND wasm_sources ${sources})
endforeach()
list(APPEND wasm_sources reports/diagnosis/explain.cc reports/diagnosis/explain_axis.cc reports/report/notation.cc reports/text/text.cc reports/text/table.cc reports/render/snippets.cc
     reports/engine/engine.cc reports/page/number_line.cc reports/page/picture.cc)
# What needs threads or rounding modes, and the texts of the clauses.
list(FILTER wasm_sources EXCLUDE REGEX "/(parallel|parts|biased|documents)\\.cc$")

set(wasm ${CMAKE_BINARY_DIR}/wasm)
file(MAKE_DIRECTORY ${wasm}/include)
# The headers of libraries that are nothing but headers here, without what else /usr/include has.
foreach(library boost fmt nlohmann)
  find_path(WASM_${library} NAMES ${library} REQUIRED)
  file(CREATE_LINK ${WASM_${library}}/${library} ${wasm}/include/${library} SYMBOLIC)
endforeach()
set(wasm_options --target=wasm32-wasi -std=c++20 -Oz -DNDEBUG -ffunction-sections -fno-stack-protector
    -ffp-contract=off -fno-math-errno -fno-trapping-math
    -DFMT_HEADER_ONLY "-DFMT_STATIC_THOUSANDS_SEPARATOR=','"
    -DBOOST_NO_CXX98_FUNCTION_BASE -DBOOST_LEXICAL_CAST_ASSUME_C_LOCALE  # or half a C++ library comes along
    -I ${PROJECT_SOURCE_DIR} -isystem ${wasm}/include)

function(gridproof_wasm_object source)
  string(REPLACE / _ name ${source})
  add_custom_command(OUTPUT ${wasm}/${name}.o
    COMMAND ${CCACHE} ${WASM_CXX} ${wasm_options} -MD -MF ${wasm}/${name}.d -c ${PROJECT_SOURCE_DIR}/${source} -o ${wasm}/${name}.o
    DEPENDS ${source} DEPFILE ${wasm}/${name}.d COMMENT "WebAssembly: ${source}" VERBATIM)
endfunction()
set(wasm_objects)
foreach(source IN LISTS wasm_sources)
  string(REPLACE ${PROJECT_SOURCE_DIR}/ "" source ${source})
  gridproof_wasm_object(${source})
  string(REPLACE / _ name ${source})
  list(APPEND wasm_objects ${wasm}/${name}.o)
endforeach()
find_program(ADVDEF advdef)  # which compresses better, but is not needed
foreach(module picture question)
  set(smaller)
  if(ADVDEF)
    set(smaller COMMAND ${ADVDEF} --quiet --recompress --shrink-extra ${wasm}/${module}.wasm.gz)
  endif()
  gridproof_wasm_object(reports/engine/${module}_main.cc)
  add_custom_command(OUTPUT ${wasm}/${module}.wasm.gz
    COMMAND ${WASM_CXX} --target=wasm32-wasi -Oz -mexec-model=reactor -Wl,--strip-all -Wl,--gc-sections
            -Wl,--export=__stack_pointer -Wl,-z,stack-size=1048576
            ${wasm_objects} ${wasm}/reports_engine_${module}_main.cc.o -o ${wasm}/${module}.wasm
    COMMAND gzip --best --no-name --force --keep ${wasm}/${module}.wasm
    ${smaller}
    DEPENDS ${wasm_objects} ${wasm}/reports_engine_${module}_main.cc.o
    COMMENT "WebAssembly: ${module}" VERBATIM)
endforeach()
add_custom_target(gridproof_wasm DEPENDS ${wasm}/picture.wasm.gz ${wasm}/question.wasm.gz)
