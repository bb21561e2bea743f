#include "reports/files/byte_reader.h"

#include <fmt/core.h>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

std::span<const std::byte> ByteReader::take(std::size_t count, std::string_view what) {
  if (count > left()) {
    throw FileError(fmt::format("it ends too early: {} at byte {} needs {} bytes, but {} are left",
                                what, position_, count, left()));
  }
  position_ += count;
  return bytes_.subspan(position_ - count, count);
}

}  // namespace gridproof::reports::files
