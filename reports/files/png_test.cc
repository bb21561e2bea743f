#include "reports/files/png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <numeric>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

struct Layout {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  int depth = 8;
  int color = PNG_COLOR_TYPE_GRAY;
  bool is_interlaced = false;
  std::vector<png_color> palette;
  std::vector<png_byte> transparent;  // of the palette
};

// The file that libpng writes for these bytes of pixels.
Bytes png_of(const Layout& layout, const std::string& pixels) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp writer, png_bytep bytes, std::size_t count) {
        auto& out = *static_cast<Bytes*>(png_get_io_ptr(writer));
        const auto piece = std::as_bytes(std::span(bytes, count));
        out.insert(out.end(), piece.begin(), piece.end());
      },
      nullptr);
  png_set_IHDR(png, info, layout.width, layout.height, layout.depth, layout.color,
               layout.is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!layout.palette.empty()) {
    png_set_PLTE(png, info, layout.palette.data(), static_cast<int>(layout.palette.size()));
  }
  if (!layout.transparent.empty()) {
    png_set_tRNS(png, info, layout.transparent.data(), static_cast<int>(layout.transparent.size()),
                 nullptr);
  }
  png_set_gAMA(png, info, 0.1);  // must not matter
  png_write_info(png, info);
  const std::size_t row = pixels.size() / layout.height;
  std::vector<png_bytep> rows;
  for (std::size_t y = 0; y < layout.height; ++y) {
    rows.push_back(const_cast<png_bytep>(reinterpret_cast<const png_byte*>(&pixels[y * row])));
  }
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

void holds(const Bytes& file, double white, const Shape& shape, const std::vector<double>& values) {
  ASSERT_TRUE(is_png(file));
  const FileTensor picture = read_png(file);
  EXPECT_EQ(picture.content, Content::picture);
  EXPECT_EQ(picture.white, white);
  EXPECT_TRUE(picture.tensor.same_values(Tensor(Dtype::f32, shape, values)));
}
std::string error_of_png(const Bytes& file) {
  return error_of([&] { read_png(file); });
}

TEST(Png, EightBits) {
  holds(png_of({.width = 2}, "\x07\xff"), 255, {1, 1, 1, 2}, {7, 255});
  holds(png_of({.width = 2, .color = PNG_COLOR_TYPE_GRAY_ALPHA}, "abcd"), 255, {1, 2, 1, 2},
        {'a', 'c', 'b', 'd'});
  holds(png_of({.height = 2, .color = PNG_COLOR_TYPE_RGB}, "abcdef"), 255, {1, 3, 2, 1},
        {'a', 'd', 'b', 'e', 'c', 'f'});
  holds(png_of({.color = PNG_COLOR_TYPE_RGB_ALPHA}, "abcd"), 255, {1, 4, 1, 1},
        {'a', 'b', 'c', 'd'});
}

TEST(Png, SixteenBits) {
  holds(png_of({.depth = 16}, std::string("\x80\x01", 2)), 65535, {1, 1, 1, 1}, {32769});
  holds(png_of({.depth = 16, .color = PNG_COLOR_TYPE_RGB}, std::string("\0\1\0\2\1\0", 6)), 65535,
        {1, 3, 1, 1}, {1, 2, 256});
}

TEST(Png, FewerBitsBecomeEight) {
  holds(png_of({.width = 2, .depth = 1}, "\x40"), 255, {1, 1, 1, 2}, {0, 255});
  holds(png_of({.width = 4, .depth = 2}, "\x1b"), 255, {1, 1, 1, 4}, {0, 85, 170, 255});
}

TEST(Png, APaletteBecomesColors) {
  Layout layout{.width = 2, .color = PNG_COLOR_TYPE_PALETTE, .palette = {{1, 2, 3}, {4, 5, 6}}};
  const std::string pixels("\x01\x00", 2);
  holds(png_of(layout, pixels), 255, {1, 3, 1, 2}, {4, 1, 5, 2, 6, 3});
  layout.transparent = {9};
  holds(png_of(layout, pixels), 255, {1, 4, 1, 2}, {4, 1, 5, 2, 6, 3, 255, 9});
}

TEST(Png, InterlacedPixelsAreInTheirPlaces) {
  std::vector<double> values(81);
  std::iota(values.begin(), values.end(), 0);
  holds(png_of({.width = 9, .height = 9, .is_interlaced = true},
               std::string(values.begin(), values.end())),
        255, {1, 1, 9, 9}, values);
}

TEST(Png, EveryTruncationIsRefused) {
  const Bytes file = png_of({.width = 2, .color = PNG_COLOR_TYPE_RGB}, "abcdef");
  for (std::size_t size = 8; size < file.size(); ++size) {
    EXPECT_EQ(error_of_png({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}),
              "the PNG is damaged: it ends too early");
  }
}

// A header of that size, with its checksum, in front of the rest of a small picture.
Bytes with_size(std::uint32_t width, std::uint32_t height) {
  Bytes file = png_of({}, "x");
  std::string header = "IHDR" + packed(__builtin_bswap32(width), __builtin_bswap32(height));
  header += std::string("\x08\x00\x00\x00\x00", 5);
  std::uint32_t sum = 0xffffffff;
  for (const char c : header) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) * 0xedb88320U);
  }
  header += packed(__builtin_bswap32(~sum));
  std::ranges::copy(bytes_of(header), file.begin() + 12);
  return file;
}

TEST(Png, DeclaredSizesAreChecked) {
  holds(with_size(1, 1), 255, {1, 1, 1, 1}, {'x'});  // the checksum is right
  EXPECT_EQ(error_of_png(with_size(0x7fffffff, 0x7fffffff)),
            "a picture of 2147483647 x 2147483647 pixels has more than 67108864 elements "
            "(--max-elements raises that)");
  EXPECT_EQ(error_of_png(with_size(1, 1'000'001)),
            "a picture of 1 x 1000001 pixels is too large: expected at most 1000000 rows");
  EXPECT_EQ(error_of_png(with_size(8000, 8000)),
            "it claims 8000 x 8000 pixels, which its 83 bytes cannot hold");
  EXPECT_EQ(error_of_png(with_size(0, 1)), "the PNG is damaged: Invalid IHDR data");
}

}  // namespace
}  // namespace gridproof::reports::files
