// What the doors of the WebAssembly modules share. A text comes in as bytes that end with 0, in
// memory from `allocate`; what goes out stays valid until the next call. There are no exceptions
// here: what the library throws goes with its message to JavaScript's `thrown`, which throws an
// Error and never comes back (reports/site/assets/engine.js). Of each module one file includes
// this; tested by browser_test.py.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#define GRIDPROOF_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace gridproof::reports::engine {

inline const char* kept(std::string text) {
  static std::string latest;
  latest = std::move(text);
  return latest.c_str();
}

}  // namespace gridproof::reports::engine

GRIDPROOF_EXPORT(allocate) void* allocate(std::size_t size) { return std::malloc(size); }
GRIDPROOF_EXPORT(release) void release(void* memory) { std::free(memory); }

extern "C" {

__attribute__((import_module("gridproof"), import_name("thrown"), noreturn)) void thrown(
    const char* message);

// What clang calls where C++ throws; the C library of WASI has none of it.
void* __cxa_allocate_exception(std::size_t size) { return std::malloc(size); }
void __cxa_free_exception(void* memory) { std::free(memory); }
[[noreturn]] void __cxa_throw(void* object, void* /*type*/, void (* /*destructor*/)(void*)) {
  // Everything that this project throws derives from std::exception, whose part lies first.
  thrown(static_cast<std::exception*>(object)->what());
}

// Debian's objects of the compiler's own functions ask for these.
std::uintptr_t __stack_chk_guard = 0x5eed5eed;
[[noreturn]] void __stack_chk_fail() { thrown("the stack of the engine is broken"); }

}  // extern "C"
