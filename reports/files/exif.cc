#include <cstdint>
#include <string_view>

#include "reports/files/byte_reader.h"
#include "reports/files/jpeg.h"

namespace gridproof::reports::files {
namespace {

// Numbers of bytes in one order or the other; 0 beyond their end.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes)
      : bytes_(bytes), is_big_(text_of(bytes).starts_with("MM")) {}

  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t count) const {
    std::uint32_t value = 0;
    if (at > bytes_.size() || count > bytes_.size() - at) return value;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = is_big_ ? at + i : at + count - 1 - i;
      value = value << 8U | std::to_integer<std::uint32_t>(bytes_[place]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool is_big_;
};

// The orientation in the first directory of a TIFF; 0 where there is none.
std::uint32_t orientation_of(std::span<const std::byte> bytes) {
  constexpr std::uint32_t orientation = 0x0112;
  constexpr std::size_t entry_bytes = 12;
  const Tiff tiff(bytes);
  if (tiff.number(2, 2) != 42) return 0;
  const std::size_t directory = tiff.number(4, 4);
  const std::uint32_t entries = tiff.number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + entry_bytes * i;
    if (tiff.number(entry, 2) == orientation) return tiff.number(entry + 8, 2);
  }
  return 0;
}

}  // namespace

int exif_orientation(std::span<const std::byte> file) {
  constexpr std::string_view exif("Exif\0\0", 6);
  constexpr auto start_of_scan = std::byte{0xda};
  constexpr auto application = std::byte{0xe1};
  std::size_t at = 2;  // a marker: ff, its kind, and the size of what follows
  while (at + 4 <= file.size() && file[at] == std::byte{0xff} && file[at + 1] != start_of_scan) {
    const std::size_t size = std::to_integer<std::size_t>(file[at + 2]) << 8U |
                             std::to_integer<std::size_t>(file[at + 3]);
    if (size < 2 || size > file.size() - at - 2) break;
    const auto segment = file.subspan(at + 4, size - 2);
    if (file[at + 1] == application && text_of(segment).starts_with(exif)) {
      const std::uint32_t found = orientation_of(segment.subspan(exif.size()));
      if (found >= 1 && found <= 8) return static_cast<int>(found);
    }
    at += 2 + size;
  }
  return 1;
}

}  // namespace gridproof::reports::files
