// How long something takes, on the clock that all rivals of this process are timed by.
#pragma once

#include <chrono>

namespace gridproof::bench {

template <class Function>
double seconds_of(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace gridproof::bench
