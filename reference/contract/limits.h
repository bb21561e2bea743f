// Limits on the memory that a text or file from outside can claim: a line of 80 bytes can ask for
// gigabytes. Elements in memory count, so a tensor of stride 0 costs only its storage. Tested by
// case_test.cc and tensor_file_test.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace gridproof {

inline constexpr std::int64_t default_max_elements = std::int64_t{1} << 26;  // half a GiB of f64

// The maximum number of elements of a tensor that is read, and of the output of a question. A
// program sets it once, before it reads anything.
inline std::atomic<std::int64_t>& max_elements() {
  static std::atomic<std::int64_t> most = default_max_elements;
  return most;
}

// "more than 67108864 elements (--max-elements raises that)": the end of a sentence.
inline std::string more_than_most_elements() {
  return "more than " + std::to_string(max_elements()) + " elements (--max-elements raises that)";
}

}  // namespace gridproof
