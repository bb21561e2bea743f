#include "reports/files/jpeg.h"

#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <cmath>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

struct Layout {
  int width = 16;
  int height = 8;
  int format = TJPF_RGB;
  int subsampling = TJSAMP_444;
  int flags = 0;
};

// The file that libjpeg-turbo writes for these bytes of pixels, at its best quality.
Bytes jpeg_of(const Layout& layout, const std::vector<unsigned char>& pixels) {
  void* const encoder = tjInitCompress();
  unsigned char* file = nullptr;
  unsigned long size = 0;
  tjCompress2(encoder, pixels.data(), layout.width, 0, layout.height, layout.format, &file, &size,
              layout.subsampling, 100, layout.flags);
  const auto bytes = std::as_bytes(std::span(file, size));
  Bytes result(bytes.begin(), bytes.end());
  tjFree(file);
  tjDestroy(encoder);
  return result;
}

// Left of the middle one color, right of it another.
Bytes two_colors(const Layout& layout, const std::vector<unsigned char>& left,
                 const std::vector<unsigned char>& right) {
  std::vector<unsigned char> pixels;
  for (int i = 0; i < layout.width * layout.height; ++i) {
    const auto& color = i % layout.width < layout.width / 2 ? left : right;
    pixels.insert(pixels.end(), color.begin(), color.end());
  }
  return jpeg_of(layout, pixels);
}

std::string error_of_jpeg(const Bytes& file) {
  return error_of([&] { read_jpeg(file); });
}

// A segment of EXIF with that orientation, behind the first marker.
Bytes with_orientation(const Bytes& file, int orientation, bool is_big) {
  const auto number = [&](unsigned value, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += static_cast<char>(value >> (8U * static_cast<unsigned>(is_big ? count - 1 - i : i)));
    }
    return text;
  };
  std::string exif = std::string("Exif\0\0", 6) + (is_big ? "MM" : "II") + number(42, 2) +
                     number(8, 4) + number(2, 2);
  exif += number(0x0100, 2) + number(4, 2) + number(1, 4) + number(7, 4);
  exif += number(0x0112, 2) + number(3, 2) + number(1, 4) +
          number(static_cast<unsigned>(orientation), 2) + number(0, 2) + number(0, 4);
  const std::size_t size = exif.size() + 2;
  const std::string segment =
      std::string("\xff\xe1") + static_cast<char>(size >> 8U) + static_cast<char>(size) + exif;
  Bytes turned = file;
  const Bytes more = bytes_of(segment);
  turned.insert(turned.begin() + 2, more.begin(), more.end());
  return turned;
}

TEST(Jpeg, GrayHasOneChannel) {
  const Bytes file = two_colors({.format = TJPF_GRAY, .subsampling = TJSAMP_GRAY}, {0}, {255});
  ASSERT_TRUE(is_jpeg(file));
  const FileTensor picture = read_jpeg(file);
  EXPECT_EQ(picture.content, Content::picture);
  EXPECT_EQ(picture.white, 255);
  EXPECT_TRUE(picture.is_lossy);
  EXPECT_EQ(picture.tensor.shape(), (Shape{1, 1, 8, 16}));
  const std::vector<double> values = picture.tensor.values();
  EXPECT_NEAR(values[0], 0, 3);
  EXPECT_NEAR(values[15], 255, 3);
  EXPECT_NEAR(values[16], 0, 3);  // the next row
}

TEST(Jpeg, ColorsAreRedGreenBlue) {
  for (const int flags : {0, TJFLAG_PROGRESSIVE}) {
    const FileTensor picture = read_jpeg(two_colors({.flags = flags}, {200, 100, 50}, {0, 0, 255}));
    ASSERT_EQ(picture.tensor.shape(), (Shape{1, 3, 8, 16}));
    const std::vector<double> values = picture.tensor.values();
    EXPECT_NEAR(values[0], 200, 3);
    EXPECT_NEAR(values[128], 100, 3);
    EXPECT_NEAR(values[256], 50, 3);
    EXPECT_NEAR(values[15], 0, 3);
    EXPECT_NEAR(values[256 + 15], 255, 3);
  }
}

TEST(Jpeg, OfPrintersIsRefused) {
  const Bytes file = two_colors({.format = TJPF_CMYK}, {1, 2, 3, 4}, {5, 6, 7, 8});
  EXPECT_EQ(error_of_jpeg(file), "the JPEG is in CMYK: expected gray or RGB");
}

TEST(Jpeg, ReportsTheOrientation) {
  const Bytes file = two_colors({}, {9, 9, 9}, {99, 99, 99});
  const std::string note =
      "is a JPEG: its values are only close to those that were written, and other decoders may "
      "give different ones";
  EXPECT_EQ(read_jpeg(file).note, note);
  EXPECT_EQ(read_jpeg(with_orientation(file, 1, false)).note, note);
  for (const bool is_big : {false, true}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      EXPECT_EQ(exif_orientation(with_orientation(file, orientation, is_big)), orientation);
    }
    EXPECT_EQ(exif_orientation(with_orientation(file, 9, is_big)), 1);
  }
  const FileTensor turned = read_jpeg(with_orientation(file, 6, true));
  EXPECT_EQ(turned.note, note +
                             "; viewers show it rotated a quarter turn to the right (EXIF "
                             "orientation 6), but it is read as stored");
  EXPECT_EQ(turned.tensor.shape(), (Shape{1, 3, 8, 16}));
}

TEST(Jpeg, DamagedEXIFSaysNothing) {
  const Bytes file = with_orientation(two_colors({}, {9, 9, 9}, {99, 99, 99}), 6, false);
  for (std::size_t size = 0; size < 60; ++size) {
    const int found =
        exif_orientation(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_TRUE(found == 1 || found == 6) << size;
  }
  Bytes wrong = file;
  wrong[16] = wrong[17] = std::byte{0xff};  // where the directory is
  EXPECT_EQ(exif_orientation(wrong), 1);
}

TEST(Jpeg, EveryTruncationIsRefused) {
  for (const int flags : {0, TJFLAG_PROGRESSIVE}) {
    const Bytes file = two_colors({.flags = flags}, {200, 100, 50}, {0, 0, 255});
    for (std::size_t size = 3; size < file.size(); ++size) {
      const std::string error =
          error_of_jpeg({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)});
      EXPECT_TRUE(error.starts_with("the JPEG is damaged: ")) << size << ' ' << error;
      EXPECT_EQ(error.find("Invalid argument"), std::string::npos) << size;
    }
  }
}

// The sizes in its frame header.
Bytes with_size(Bytes file, std::uint16_t width, std::uint16_t height) {
  for (std::size_t i = 0; i + 8 < file.size(); ++i) {
    if (file[i] != std::byte{0xff} || file[i + 1] != std::byte{0xc0}) continue;
    file[i + 5] = static_cast<std::byte>(height >> 8U);
    file[i + 6] = static_cast<std::byte>(height);
    file[i + 7] = static_cast<std::byte>(width >> 8U);
    file[i + 8] = static_cast<std::byte>(width);
    break;
  }
  return file;
}

TEST(Jpeg, DeclaredSizesAreChecked) {
  const Bytes file = two_colors({}, {200, 100, 50}, {0, 0, 255});
  EXPECT_EQ(error_of_jpeg(with_size(file, 65500, 65500)),
            "a picture of 65500 x 65500 pixels has more than 67108864 elements (--max-elements "
            "raises that)");
  const std::string said = error_of_jpeg(with_size(file, 4000, 4000));
  EXPECT_TRUE(said.starts_with("it claims 4000 x 4000 pixels in ") &&
              said.ends_with(" bytes: expected at most 1024 pixels per byte"))
      << said;
  EXPECT_TRUE(error_of_jpeg(with_size(file, 0, 8)).starts_with("the JPEG is damaged: "));
}

}  // namespace
}  // namespace gridproof::reports::files
