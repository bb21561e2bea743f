// Pictures of pixels, and PNG: the same bytes for the same picture. Tested by pictures_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gridproof::reports::displacement {

using Color = std::array<std::uint8_t, 3>;  // red, green, blue

class Image {
 public:
  Image(int width, int height, Color color);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] Color at(int x, int y) const;
  void set(int x, int y, Color color);
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  int width_;
  int height_;
  std::vector<std::uint8_t> bytes_;  // row by row from the top
};

// The bytes of a PNG file.
std::string encode_png(const Image& image);

}  // namespace gridproof::reports::displacement
