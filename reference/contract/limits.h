// How much a text or a file from outside may make this process hold: a line of 80 bytes can ask for
// gigabytes. What counts are elements in memory, so that a tensor of stride 0 costs its storage
// alone. Tested by case_test.cc and tensor_file_test.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace gridproof {

inline constexpr std::int64_t default_most_elements = std::int64_t{1} << 26;  // half a GiB of f64

// How many elements a tensor that is read, and the output of a question, may have. A program sets
// it once, before it reads anything.
inline std::atomic<std::int64_t>& max_elements() {
  static std::atomic<std::int64_t> most = default_most_elements;
  return most;
}

// "more than 67108864 elements (--most-elements raises that)": the end of a sentence.
inline std::string more_than_most_elements() {
  return "more than " + std::to_string(max_elements()) + " elements (--most-elements raises that)";
}

}  // namespace gridproof
