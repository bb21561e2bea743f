# A toolchain of CMake's: zig, for GRIDPROOF_WHEEL_TARGET, and the static libraries that were made for it.
set(GRIDPROOF_WHEEL_TARGET "x86_64-linux-gnu.2.17" CACHE STRING "What zig builds for: processor, system, version of glibc")
set(GRIDPROOF_WHEEL_LIBRARIES "" CACHE PATH "Where the script libraries has put them")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES GRIDPROOF_WHEEL_TARGET GRIDPROOF_WHEEL_LIBRARIES)

string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR ${GRIDPROOF_WHEEL_TARGET})
cmake_host_system_information(RESULT host QUERY OS_PLATFORM)
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL host)
  set(CMAKE_SYSTEM_NAME Linux)  # what is built does not run here
endif()
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_TARGET ${GRIDPROOF_WHEEL_TARGET})
  # zig would look for undefined behavior at run time and keep frame pointers. The last two are about g++'s warnings.
  set(CMAKE_${language}_FLAGS_INIT "-fno-sanitize=undefined -fomit-frame-pointer -ffunction-sections -fdata-sections -Xclang -fmerge-functions \
-Wno-unknown-warning-option -Wno-missing-designated-field-initializers")
  set(CMAKE_${language}_STANDARD_INCLUDE_DIRECTORIES ${GRIDPROOF_WHEEL_LIBRARIES}/include)
endforeach()
set(CMAKE_C_COMPILER ${CMAKE_CURRENT_LIST_DIR}/zig-cc)
set(CMAKE_CXX_COMPILER ${CMAKE_CURRENT_LIST_DIR}/zig-c++)
set(CMAKE_AR ${CMAKE_CURRENT_LIST_DIR}/zig-ar)
set(CMAKE_RANLIB ${CMAKE_CURRENT_LIST_DIR}/zig-ranlib)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s -Wl,--gc-sections")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-s -Wl,--gc-sections")
# Nothing of this system, whose libraries have another C++ library and a newer glibc.
list(PREPEND CMAKE_PREFIX_PATH ${GRIDPROOF_WHEEL_LIBRARIES})
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
set(Boost_NO_BOOST_CMAKE ON)
# Boost 1.74 asks for what C++17 removed.
string(APPEND CMAKE_CXX_FLAGS_INIT " -DBOOST_NO_CXX98_FUNCTION_BASE")
