# Builds for aarch64 with Debian's cross compiler and the libraries of .ci/setup-aarch64. What is built
# names the loader and the libraries of that folder, so that QEMU needs no options to run it: the tests
# start programs themselves.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

if(DEFINED ENV{GRIDPROOF_CACHE})
  set(CMAKE_SYSROOT $ENV{GRIDPROOF_CACHE}/aarch64)
else()
  set(CMAKE_SYSROOT $ENV{HOME}/.cache/gridproof/aarch64)
endif()
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# With the old tag libraries find theirs there as well.
set(CMAKE_BUILD_RPATH ${CMAKE_SYSROOT}/lib/aarch64-linux-gnu ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,--dynamic-linker=${CMAKE_SYSROOT}/lib/ld-linux-aarch64.so.1 -Wl,--disable-new-dtags")
