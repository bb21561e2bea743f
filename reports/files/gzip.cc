#include "reports/files/gzip.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "reports/files/byte_reader.h"
#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {
namespace {

constexpr std::size_t max_of_a_piece = std::numeric_limits<uInt>::max();  // of zlib's

class Stream {
 public:
  explicit Stream(std::span<const std::byte> file) : left_(file) {
    constexpr int of_gzip_only = 16;
    if (inflateInit2(&stream_, MAX_WBITS + of_gzip_only) != Z_OK) {
      throw FileError("zlib cannot be initialized");
    }
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // or nothing that a fuzzer writes gets past it
    inflateValidate(&stream_, 0);
#endif
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { inflateEnd(&stream_); }

  // Fills `out` as far as there is something, and returns how many bytes that were.
  std::size_t read(std::span<std::byte> out) {
    std::size_t filled = 0;
    while (filled < out.size() && status_ == Z_OK) {
      const auto room = static_cast<uInt>(std::min(out.size() - filled, max_of_a_piece));
      const auto given = static_cast<uInt>(std::min(left_.size(), max_of_a_piece));
      stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(left_.data()));
      stream_.avail_in = given;
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
      stream_.avail_out = room;
      status_ = inflate(&stream_, Z_NO_FLUSH);
      left_ = left_.subspan(given - stream_.avail_in);
      filled += room - stream_.avail_out;
      // Several may stand one behind the other, as those that were packed in parallel.
      if (status_ == Z_STREAM_END && is_gzip(left_)) status_ = inflateReset(&stream_);
    }
    return filled;
  }
  // Whether the end was seen, with the right checksum.
  [[nodiscard]] bool has_ended() const { return status_ == Z_STREAM_END; }
  [[nodiscard]] bool is_damaged() const { return !has_ended() && !wants_more(); }

 private:
  [[nodiscard]] bool wants_more() const { return status_ == Z_OK || status_ == Z_BUF_ERROR; }

  z_stream stream_{};
  int status_ = Z_OK;
  std::span<const std::byte> left_;
};

}  // namespace

bool is_gzip(std::span<const std::byte> file) { return text_of(file).starts_with("\x1f\x8b\x08"); }

std::vector<std::byte> beginning_of_gzip(std::span<const std::byte> file, std::size_t most) {
  std::vector<std::byte> bytes(most);
  bytes.resize(Stream(file).read(bytes));
  return bytes;
}

std::vector<std::byte> unpack_gzip(std::span<const std::byte> file, std::size_t size) {
  constexpr std::size_t max_of_a_byte = 1032;  // that deflate makes
  if (size / max_of_a_byte > file.size()) {
    throw FileError(fmt::format("it claims to unpack to {} bytes, which its {} bytes cannot hold",
                                size, file.size()));
  }
  Stream stream(file);
  std::vector<std::byte> bytes(size);
  const std::size_t found = stream.read(bytes);
  std::byte more{};
  if (found == size && stream.read({&more, 1}) == 1) {
    throw FileError(fmt::format("it unpacks to more than the {} bytes that it claims", size));
  }
  if (stream.is_damaged()) throw FileError("the gzip data are damaged");
  if (found < size && stream.has_ended()) {
    throw FileError(fmt::format("it unpacks to {} bytes: expected {}", found, size));
  }
  if (!stream.has_ended()) throw FileError("the gzip data end too early");
  return bytes;
}

}  // namespace gridproof::reports::files
