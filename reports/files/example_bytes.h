// For tests: files that are written by hand, and what the readers say of them.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// Numbers as they lie in memory, one behind the other.
template <class... Number>
std::string packed(Number... number) {
  std::string text;
  const auto append = [&text](auto value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  (append(number), ...);
  return text;
}

// The sentence of the FileError that is thrown, or "none".
template <std::invocable Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace gridproof::reports::files
