#include "reports/files/png.h"

#include <fmt/core.h>
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

constexpr std::string_view magic = "\x89PNG\r\n\x1a\n";

// libpng reports an error by a jump over the functions that called it. Whatever must be destroyed
// therefore lives here, outside of those functions.
struct Decoder {
  explicit Decoder(std::span<const std::byte> file) : left(file) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }

  std::span<const std::byte> left;
  std::string error;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t channels = 0;
  std::size_t sample_bytes = 0;
  std::vector<png_byte> pixels;  // rows of pixels, samples with the higher byte first
  std::vector<png_bytep> rows;
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  static_cast<Decoder*>(png_get_error_ptr(png))->error = message;
  png_longjmp(png, 1);
}
void on_warning(png_structp /*png*/, png_const_charp /*message*/) {}

void on_read(png_structp png, png_bytep out, std::size_t count) {
  std::span<const std::byte>& left = static_cast<Decoder*>(png_get_io_ptr(png))->left;
  if (count > left.size()) png_error(png, "it ends too early");
  std::memcpy(out, left.data(), count);
  left = left.subspan(count);
}

// Everything up to the pixels; png_read_info and its like jump to the caller's setjmp.
void read_header(Decoder& decoder) {
  png_structp png = decoder.png;
  png_set_read_fn(png, &decoder, on_read);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // there is a limit on their product
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // text, profiles, gamma
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION  // or nothing that a fuzzer writes gets past them
  png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
#endif
  png_read_info(png, decoder.info);
  png_set_expand(png);
  png_set_interlace_handling(png);
  decoder.width = png_get_image_width(png, decoder.info);
  decoder.height = png_get_image_height(png, decoder.info);
}

void read_pixels(Decoder& decoder) {
  png_read_update_info(decoder.png, decoder.info);
  decoder.channels = png_get_channels(decoder.png, decoder.info);
  decoder.sample_bytes = png_get_bit_depth(decoder.png, decoder.info) / 8U;
  const std::size_t row = png_get_rowbytes(decoder.png, decoder.info);
  decoder.pixels.resize(row * decoder.height);
  decoder.rows.resize(decoder.height);
  for (std::size_t y = 0; y < decoder.height; ++y) {
    decoder.rows[y] = decoder.pixels.data() + y * row;
  }
  png_read_image(decoder.png, decoder.rows.data());
  png_read_end(decoder.png, nullptr);
}

// False when libpng jumped back; decoder.error says why.
bool run(Decoder& decoder, void (*step)(Decoder&)) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  step(decoder);
  return true;
}

// Deflate makes of a byte at most 1032, and expansion of a bit at most four samples.
void check_size(const Decoder& decoder, std::size_t file_bytes) {
  constexpr std::uint32_t max_rows = 1'000'000;  // each has a pointer
  const std::uint64_t samples =
      std::uint64_t{decoder.width} * decoder.height * png_get_channels(decoder.png, decoder.info);
  if (std::cmp_greater(samples, max_elements().load())) {
    throw FileError(fmt::format("a picture of {} x {} pixels has {}", decoder.width, decoder.height,
                                more_than_most_elements()));
  }
  if (decoder.height > max_rows) {
    throw FileError(
        fmt::format("a picture of {} x {} pixels is too large: expected at most {} rows",
                    decoder.width, decoder.height, max_rows));
  }
  const std::size_t row = png_get_rowbytes(decoder.png, decoder.info);
  if (row * decoder.height / 1032 > file_bytes) {
    throw FileError(fmt::format("it claims {} x {} pixels, which its {} bytes cannot hold",
                                decoder.width, decoder.height, file_bytes));
  }
}

Tensor picture_of(const Decoder& decoder) {
  Tensor picture(Dtype::f32,
                 {1, static_cast<std::int64_t>(decoder.channels), decoder.height, decoder.width});
  const std::span<float> planes = picture.elements<float>();
  const std::size_t pixels = planes.size() / decoder.channels;
  const png_byte* sample = decoder.pixels.data();
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t channel = 0; channel < decoder.channels; ++channel) {
      const unsigned value = decoder.sample_bytes == 2 ? 256U * sample[0] + sample[1] : sample[0];
      planes[channel * pixels + pixel] = static_cast<float>(value);
      sample += decoder.sample_bytes;
    }
  }
  return picture;
}

}  // namespace

bool is_png(std::span<const std::byte> file) { return text_of(file).starts_with(magic); }

FileTensor read_png(std::span<const std::byte> file) {
  Decoder decoder(file);
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
  if (decoder.png != nullptr) decoder.info = png_create_info_struct(decoder.png);
  if (decoder.info == nullptr) throw FileError("libpng cannot be initialized");
  const auto do_step = [&decoder](void (*step)(Decoder&)) {
    if (!run(decoder, step)) {
      throw FileError("the PNG is damaged: " + printable(decoder.error));
    }
  };
  do_step(read_header);
  check_size(decoder, file.size());
  do_step(read_pixels);
  return {.name = "",
          .content = Content::picture,
          .white = decoder.sample_bytes == 2 ? 65535. : 255.,
          .tensor = picture_of(decoder)};
}

}  // namespace gridproof::reports::files
