#include "reports/displacement/png.h"

#include <png.h>

#include <algorithm>
#include <stdexcept>

namespace gridproof::reports::displacement {

Image::Image(int width, int height, Color color) : width_(width), height_(height) {
  bytes_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = color[i % 3];
}

Color Image::at(int x, int y) const {
  const std::size_t place = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                                 static_cast<std::size_t>(x));
  return {bytes_[place], bytes_[place + 1], bytes_[place + 2]};
}

void Image::set(int x, int y, Color color) {
  const std::size_t place = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                                 static_cast<std::size_t>(x));
  std::ranges::copy(color, bytes_.begin() + static_cast<std::ptrdiff_t>(place));
}

std::string encode_png(const Image& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width());
  header.height = static_cast<png_uint_32>(image.height());
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&header, file.data(), &size, 0, image.bytes().data(), 0, nullptr) ==
      0) {
    throw std::runtime_error("libpng: " + std::string(header.message));
  }
  file.resize(size);
  return file;
}

}  // namespace gridproof::reports::displacement
