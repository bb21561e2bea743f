# The kernels' code for devices. By commands and not as a language of CMake's: g++ goes on linking
# everything, no flag of g++ reaches nvcc, and what ptxas says of the kernels is kept for a test.
set(gridproof_nvcc_flags -ccbin ${CMAKE_CXX_COMPILER} -std=c++20 -O3 -I ${PROJECT_SOURCE_DIR}
    --fmad=false --ftz=false --prec-div=true --prec-sqrt=true --expt-relaxed-constexpr
    -Xcompiler=-ffp-contract=off -Werror cross-execution-space-call)
# Code for these, and text that later devices compile for themselves.
foreach(sm 80 90 120)
  list(APPEND gridproof_nvcc_flags -gencode arch=compute_${sm},code=sm_${sm})
endforeach()
list(APPEND gridproof_nvcc_flags -gencode arch=compute_90,code=compute_90)
if(NOT GRIDPROOF_CUDA)
  message(STATUS "CUDA is off: GRIDPROOF_CUDA is OFF; the subject cuda-host remains")
else()
  find_package(CUDAToolkit QUIET)
  if(NOT CUDAToolkit_FOUND OR NOT CUDAToolkit_NVCC_EXECUTABLE)
    message(STATUS "CUDA is off: there is no nvcc; the subject cuda-host remains")
  else()
    file(WRITE ${CMAKE_BINARY_DIR}/cuda/probe.cu "#include <optional>\n__global__ void probe() {}\n")
    execute_process(COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} ${gridproof_nvcc_flags}
                            -c ${CMAKE_BINARY_DIR}/cuda/probe.cu -o ${CMAKE_BINARY_DIR}/cuda/probe.o
                    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE error)
    if(NOT result EQUAL 0)
      string(REGEX MATCH "[^\n]+" error "${error}")
      message(STATUS "CUDA is off: nvcc fails (${error}); the subject cuda-host remains")
    else()
      message(STATUS "CUDA is on: nvcc ${CUDAToolkit_VERSION}, for sm_80, sm_90 and sm_120")
      set(GRIDPROOF_HAS_CUDA ON)
    endif()
  endif()
endif()
if(GRIDPROOF_HAS_CUDA)
  file(GLOB cuda_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/optimized/cuda
       optimized/cuda/*.cu)
  set(ptxas_logs "")
  set(kernel_objects "")
  foreach(source IN LISTS cuda_sources)
    set(object ${CMAKE_BINARY_DIR}/cuda/${source}.o)
    string(JOIN " " command ${CCACHE} ${CUDAToolkit_NVCC_EXECUTABLE} ${gridproof_nvcc_flags}
           -Xptxas -v -MD -MT ${object} -MF ${object}.d
           -c ${PROJECT_SOURCE_DIR}/optimized/cuda/${source} -o ${object})
    add_custom_command(OUTPUT ${object} BYPRODUCTS ${object}.log
      COMMAND sh -c "${command} >${object}.log 2>&1 || { cat ${object}.log; exit 1; }"
      DEPENDS optimized/cuda/${source} DEPFILE ${object}.d
      COMMENT "Building CUDA object ${source}.o" VERBATIM)
    target_sources(gridproof_cuda PRIVATE ${object})
    list(APPEND ptxas_logs ${object}.log)
    if(source MATCHES "^kernels_")
      list(APPEND kernel_objects ${object})
    endif()
  endforeach()
  target_compile_definitions(gridproof_cuda PRIVATE GRIDPROOF_HAS_CUDA)
  target_link_libraries(gridproof_cuda PUBLIC CUDA::cudart_static)
  add_test(NAME cuda:registers COMMAND Python3::Interpreter
    ${PROJECT_SOURCE_DIR}/optimized/cuda/registers.py ${ptxas_logs})
  add_test(NAME cuda:estimate COMMAND Python3::Interpreter
    ${PROJECT_SOURCE_DIR}/optimized/cuda/estimate.py ${kernel_objects})
  set_tests_properties(cuda:estimate PROPERTIES SKIP_RETURN_CODE 77)
endif()
