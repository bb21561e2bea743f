// Files that gzip made, in memory. Tested by gzip_test.cc.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace gridproof::reports::files {

bool is_gzip(std::span<const std::byte> file);

// At most so many of the first bytes of what is packed, as many as are found.
std::vector<std::byte> beginning_of_gzip(std::span<const std::byte> file, std::size_t most);

// All of it, which must be so many bytes. Throws FileError where it is not, where its checksum is
// not right, and, before memory is taken, where the file is too short to hold them.
std::vector<std::byte> unpack_gzip(std::span<const std::byte> file, std::size_t size);

}  // namespace gridproof::reports::files
