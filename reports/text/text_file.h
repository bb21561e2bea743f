// Files of text that somebody names. Tested by text_file_test.cc.
#pragma once

#include <cstddef>
#include <string>

namespace gridproof::reports {

inline constexpr std::size_t max_text = std::size_t{256} << 20U;

// The whole file, which may also be a pipe that somebody writes to. Throws InputError, also where
// it is a folder, a pipe without a byte, or has more than `most` bytes; /dev/zero has.
std::string text_of_file(const std::string& path, std::size_t most = max_text);

}  // namespace gridproof::reports
