// Bytes that arrive in pieces, taken out a line at a time without copying them.
// Tested by line_buffer_test.cc.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gridproof {

class LineBuffer {
 public:
  // Where the next bytes go: at least one `chunk`. Invalidates the lines taken before.
  std::span<char> room() {
    if (begin_ == end_ && bytes_.size() > max_idle) bytes_ = {};
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      searched_ -= begin_;
      begin_ = 0;
    }
    if (bytes_.size() < end_ + chunk) bytes_.resize(std::max(2 * bytes_.size(), end_ + chunk));
    return std::span(bytes_).subspan(end_);
  }
  // That many bytes were put there.
  void filled(std::size_t count) { end_ += count; }

  // The next whole line, without its newline.
  std::optional<std::string_view> take_line() {
    const std::string_view rest(bytes_.data() + searched_, end_ - searched_);
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) {
      searched_ = end_;
      return std::nullopt;
    }
    const std::string_view line(bytes_.data() + begin_, searched_ + newline - begin_);
    begin_ = searched_ = searched_ + newline + 1;
    return line;
  }

  // The bytes that belong to no line yet taken.
  [[nodiscard]] std::string_view pending() const { return {bytes_.data() + begin_, end_ - begin_}; }

 private:
  static constexpr std::size_t chunk = std::size_t{256} << 10U;
  static constexpr std::size_t max_idle = std::size_t{4} << 20U;  // what an empty buffer may keep

  std::vector<char> bytes_;
  std::size_t begin_ = 0;     // of the pending bytes
  std::size_t searched_ = 0;  // no newline before this
  std::size_t end_ = 0;
};

}  // namespace gridproof
