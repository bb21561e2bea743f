#include "reports/files/jpeg.h"

#include <fmt/core.h>
#include <turbojpeg.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

struct Destroy {
  void operator()(void* decoder) const { tjDestroy(decoder); }
};
using Decoder = std::unique_ptr<void, Destroy>;

[[noreturn]] void refuse(const Decoder& decoder) {
  throw FileError("the JPEG is damaged: " + printable(tjGetErrorStr2(decoder.get())));
}

struct Size {
  int width = 0;
  int height = 0;
};

// A byte of a picture of one color is some hundred pixels.
void check_size(Size size, std::int64_t channels, std::size_t file_bytes) {
  constexpr std::int64_t max_of_a_byte = 1024;
  const std::int64_t pixels = std::int64_t{size.width} * size.height;
  if (pixels * channels > max_elements()) {
    throw FileError(fmt::format("a picture of {} x {} pixels has {}", size.width, size.height,
                                more_than_most_elements()));
  }
  if (std::cmp_greater(pixels / max_of_a_byte, file_bytes)) {
    throw FileError(
        fmt::format("it claims {} x {} pixels in {} bytes: expected at most {} pixels per byte",
                    size.width, size.height, file_bytes, max_of_a_byte));
  }
}

std::string note_of(int orientation) {
  std::string note =
      "is a JPEG: its values are only close to those that were written, and other decoders may "
      "give different ones";
  if (orientation != 1) {
    // Where row 0 and column 0 of the file are seen.
    constexpr std::array<const char*, 9> seen = {"",
                                                 "as it is",
                                                 "mirrored",
                                                 "upside down",
                                                 "mirrored and upside down",
                                                 "mirrored and rotated a quarter turn to the left",
                                                 "rotated a quarter turn to the right",
                                                 "mirrored and rotated a quarter turn to the right",
                                                 "rotated a quarter turn to the left"};
    note += fmt::format("; viewers show it {} (EXIF orientation {}), but it is read as stored",
                        seen.at(static_cast<std::size_t>(orientation)), orientation);
  }
  return note;
}

}  // namespace

bool is_jpeg(std::span<const std::byte> file) { return text_of(file).starts_with("\xff\xd8\xff"); }

FileTensor read_jpeg(std::span<const std::byte> file) {
  const Decoder decoder(tjInitDecompress());
  if (!decoder) throw FileError("libjpeg-turbo cannot be initialized");
  const auto* const bytes = reinterpret_cast<const unsigned char*>(file.data());
  Size size;
  int subsampling = 0;
  int colors = 0;
  if (tjDecompressHeader3(decoder.get(), bytes, file.size(), &size.width, &size.height,
                          &subsampling, &colors) != 0) {
    refuse(decoder);
  }
  if (size.width < 1 || size.height < 1) {  // tables alone
    throw FileError("the JPEG is damaged: it holds no picture");
  }
  if (colors != TJCS_GRAY && colors != TJCS_RGB && colors != TJCS_YCbCr) {
    throw FileError("the JPEG is in CMYK: expected gray or RGB");
  }
  const std::int64_t channels = colors == TJCS_GRAY ? 1 : 3;
  check_size(size, channels, file.size());
  std::vector<unsigned char> pixels(static_cast<std::size_t>(channels) *
                                    static_cast<std::size_t>(size.width) *
                                    static_cast<std::size_t>(size.height));
  // A file without its end would be gray where nothing is left; one of many scans takes for ever.
  constexpr int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(decoder.get(), bytes, file.size(), pixels.data(), size.width, 0, size.height,
                    channels == 1 ? TJPF_GRAY : TJPF_RGB, flags) != 0) {
    refuse(decoder);
  }
  Tensor picture(Dtype::f32, {1, channels, size.height, size.width});
  const std::span<float> planes = picture.elements<float>();
  const std::size_t count = pixels.size() / static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto stride = static_cast<std::size_t>(channels);
    planes[i % stride * count + i / stride] = pixels[i];
  }
  return {.name = "",
          .content = Content::picture,
          .white = 255,
          .tensor = std::move(picture),
          .note = note_of(exif_orientation(file)),
          .is_lossy = true};
}

}  // namespace gridproof::reports::files
