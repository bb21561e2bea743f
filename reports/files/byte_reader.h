// Bytes in memory, read one piece after the other; never beyond their end. Tested by
// byte_reader_test.cc.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace gridproof::reports::files {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }
  [[nodiscard]] std::span<const std::byte> rest() const { return bytes_.subspan(position_); }

  // The next bytes. Throws FileError, which names `what`, when there are fewer.
  std::span<const std::byte> take(std::size_t count, std::string_view what);
  std::string_view take_text(std::size_t count, std::string_view what) {
    return text_of(take(count, what));
  }
  // The next bytes as a little-endian number.
  template <class Number>
  Number number(std::string_view what) {
    Number value{};
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace gridproof::reports::files
