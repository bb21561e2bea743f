#include "reports/files/netpbm.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

bool is_space(char c) { return std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos; }

// Skips white space, and comments, which begin with # and end with the line.
void skip_space(ByteReader& reader) {
  bool in_comment = false;
  while (reader.left() > 0) {
    const char next = static_cast<char>(reader.rest()[0]);
    in_comment = (in_comment || next == '#') && next != '\n';
    if (!in_comment && !is_space(next)) return;
    reader.take(1, "a space");
  }
}

// The next word, and white space before it.
std::string_view word(ByteReader& reader, std::string_view what) {
  skip_space(reader);
  const std::string_view rest = text_of(reader.rest());
  const auto* const end =
      std::ranges::find_if(rest, [](char c) { return is_space(c) || c == '#'; });
  return reader.take_text(std::max<std::size_t>(static_cast<std::size_t>(end - rest.begin()), 1),
                          what);
}

template <class Number>
Number number(ByteReader& reader, std::string_view what, Number least, Number most) {
  const std::string_view text = word(reader, what);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(least <= value) ||
      !(value <= most)) {
    throw FileError(fmt::format("{} is {}: expected a number from {} to {}", what, in_quotes(text),
                                least, most));
  }
  return value;
}

struct Size {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;

  [[nodiscard]] std::int64_t samples() const { return channels * height * width; }
};

// Width and height, which stand in every header.
Size read_size(ByteReader& reader, std::int64_t channels) {
  constexpr std::int64_t most =
      1'000'000'000;  // a row of three channels is counted without overflow
  Size size{.channels = channels};
  size.width = number<std::int64_t>(reader, "the width", 1, most);
  size.height = number<std::int64_t>(reader, "the height", 1, most);
  if (size.height > max_elements() / (size.width * size.channels)) {
    throw FileError(fmt::format("a picture of {} x {} pixels has {}", size.width, size.height,
                                more_than_most_elements()));
  }
  return size;
}

void needs(const ByteReader& reader, std::int64_t bytes, const Size& size) {
  if (std::cmp_less(reader.left(), bytes)) {
    throw FileError(
        fmt::format("it ends too early: its {} x {} pixels need {} bytes or more, but {} are left",
                    size.width, size.height, bytes, reader.left()));
  }
}

// The picture whose samples `sample` gives in the order of the file: row by row, channels last.
template <class Sample>
Tensor picture_of(const Size& size, Sample&& sample) {
  Tensor picture(Dtype::f32, {1, size.channels, size.height, size.width});
  const std::span<float> planes = picture.elements<float>();
  const auto channels = static_cast<std::size_t>(size.channels);
  const std::size_t pixels = planes.size() / channels;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      planes[channel * pixels + pixel] = sample();
    }
  }
  return picture;
}

float checked(unsigned sample, unsigned white) {
  if (sample > white) {
    throw FileError(fmt::format("a sample is {}: expected at most {}, the maximum of its header",
                                sample, white));
  }
  return static_cast<float>(sample);
}

// P1: digits with or without space between them; 1 is black.
Tensor read_plain_bits(ByteReader& reader, const Size& size) {
  needs(reader, size.samples(), size);
  return picture_of(size, [&reader] {
    skip_space(reader);
    const std::string_view digit = reader.take_text(1, "a pixel");
    if (digit != "0" && digit != "1") {
      throw FileError(fmt::format("a pixel is {}: expected 0 or 1", in_quotes(digit)));
    }
    return digit == "0" ? 1.F : 0.F;
  });
}

// P4: eight pixels a byte, the first in the highest bit; a row begins with a byte of its own.
Tensor read_bits(ByteReader& reader, const Size& size) {
  const std::int64_t row = (size.width + 7) / 8;
  needs(reader, row * size.height, size);
  std::int64_t x = 0;
  unsigned bits = 0;
  return picture_of(size, [&, x, bits]() mutable {
    bits = x % 8 == 0 ? reader.number<std::uint8_t>("pixels") : bits << 1U;
    x = (x + 1) % size.width;
    return (bits & 0x80U) == 0 ? 1.F : 0.F;
  });
}

// P2, P3: numbers with space between them.
Tensor read_plain_samples(ByteReader& reader, const Size& size, unsigned white) {
  needs(reader, 2 * size.samples() - 1, size);
  return picture_of(size, [&reader, white] {
    return checked(number<unsigned>(reader, "a sample", 0, 65535), white);
  });
}

// P5, P6: a byte for each sample, or two, the higher first.
Tensor read_samples(ByteReader& reader, const Size& size, unsigned white) {
  needs(reader, size.samples() * (white > 255 ? 2 : 1), size);
  return picture_of(size, [&reader, white] {
    unsigned sample = reader.number<std::uint8_t>("a sample");
    if (white > 255) sample = 256 * sample + reader.number<std::uint8_t>("a sample");
    return checked(sample, white);
  });
}

// Pf, PF: the bottom row first; a negative scale says little-endian.
Tensor read_floats(ByteReader& reader, const Size& size, bool is_little_endian) {
  needs(reader, size.samples() * 4, size);
  const Tensor upside_down = picture_of(size, [&] {
    auto bits = reader.number<std::uint32_t>("a sample");
    if (!is_little_endian) bits = __builtin_bswap32(bits);
    return std::bit_cast<float>(bits);
  });
  Tensor picture(Dtype::f32, upside_down.shape());
  const std::span<const float> from = upside_down.elements<float>();
  const auto row = static_cast<std::size_t>(size.width);
  const auto height = static_cast<std::size_t>(size.height);
  for (std::size_t i = 0; i < from.size() / row; ++i) {
    const std::size_t mirrored = i / height * height + (height - 1 - i % height);
    std::ranges::copy(from.subspan(i * row, row),
                      picture.elements<float>().subspan(mirrored * row).begin());
  }
  return picture;
}

// The one byte between a header and what is not text.
void take_separator(ByteReader& reader) {
  const std::string_view byte = reader.take_text(1, "the space after the header");
  if (!is_space(byte[0])) {
    throw FileError(
        fmt::format("a header ends with {}: expected a space or a line end", in_quotes(byte)));
  }
}

FileTensor read_pfm(ByteReader& reader, std::int64_t channels) {
  const Size size = read_size(reader, channels);
  const auto scale = number<float>(reader, "the scale", -1e30F, 1e30F);
  take_separator(reader);
  return {.name = "",
          .content = Content::picture,
          .white = 0,
          .tensor = read_floats(reader, size, std::signbit(scale))};
}

FileTensor read_pnm(ByteReader& reader, char format) {
  const bool is_bitmap = format == '1' || format == '4';
  const Size size = read_size(reader, format == '3' || format == '6' ? 3 : 1);
  const unsigned white = is_bitmap ? 1 : number<unsigned>(reader, "the maximum", 1, 65535);
  if (format >= '4') take_separator(reader);
  const auto samples = [&] {
    if (format == '1') return read_plain_bits(reader, size);
    if (format == '4') return read_bits(reader, size);
    return format < '4' ? read_plain_samples(reader, size, white)
                        : read_samples(reader, size, white);
  };
  return {.name = "",
          .content = Content::picture,
          .white = static_cast<double>(white),
          .tensor = samples()};
}

}  // namespace

bool is_netpbm(std::span<const std::byte> file) {
  const std::string_view text = text_of(file);
  return text.size() >= 3 && text[0] == 'P' &&
         std::string_view("123456fF").find(text[1]) != std::string_view::npos &&
         (is_space(text[2]) || text[2] == '#');
}

FileTensor read_netpbm(std::span<const std::byte> file) {
  ByteReader reader(file);
  const char format = reader.take_text(2, "the format")[1];
  FileTensor picture = format == 'f' || format == 'F' ? read_pfm(reader, format == 'F' ? 3 : 1)
                                                      : read_pnm(reader, format);
  skip_space(reader);
  if (reader.left() > 0) {
    throw FileError(fmt::format(
        "{} bytes follow the picture: expected a picture that fills its file", reader.left()));
  }
  return picture;
}

}  // namespace gridproof::reports::files
