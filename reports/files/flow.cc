#include "reports/files/flow.h"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"

namespace gridproof::reports::files {
namespace {

constexpr std::string_view magic = "PIEH";  // as a float, 202021.25
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

bool is_flo(std::span<const std::byte> file) { return text_of(file).starts_with(magic); }

FileTensor read_flo(std::span<const std::byte> file) {
  ByteReader reader(file);
  reader.take(magic.size(), "the signature of a flow");
  const auto width = reader.number<std::int32_t>("the width");
  const auto height = reader.number<std::int32_t>("the height");
  if (width < 1 || height < 1) {
    throw FileError(fmt::format("its size is {} x {}: expected positive numbers", width, height));
  }
  const std::uint64_t pixels =
      static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  if (std::cmp_greater(pixels, max_elements() / 2)) {
    throw FileError(
        fmt::format("its {} x {} pixels have {}", width, height, more_than_most_elements()));
  }
  if (reader.left() % 8 != 0 || reader.left() / 8 != pixels) {
    throw FileError(
        fmt::format("its {} x {} pixels need 8 bytes each, but {} bytes follow its header", width,
                    height, reader.left()));
  }
  Tensor flow(Dtype::f32, {1, height, width, 2});
  const std::span<float> numbers = flow.elements<float>();
  std::memcpy(numbers.data(), reader.rest().data(), reader.left());
  constexpr float most = 1e9F;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const bool is_known = std::fabs(numbers[i]) <= most && std::fabs(numbers[i + 1]) <= most;
    if (!is_known) numbers[i] = numbers[i + 1] = nan;
  }
  return {.name = "", .content = Content::flow, .white = 0, .tensor = std::move(flow)};
}

Tensor flow_of_picture(const FileTensor& picture) {
  const Tensor& samples = picture.tensor;
  const bool is_kitti = picture.white == 65535;
  const bool is_pfm = picture.white == 0;
  if (picture.content != Content::picture || samples.size(1) != 3 || !(is_kitti || is_pfm)) {
    throw FileError(
        "it is not a flow: expected a picture of three channels, of 16 bits as in KITTI or of "
        "floats (PFM)");
  }
  Tensor flow(Dtype::f32, {1, samples.size(2), samples.size(3), 2});
  const std::span<float> numbers = flow.elements<float>();
  const std::size_t pixels = numbers.size() / 2;
  const std::span<const float> channels = samples.elements<float>();
  for (std::size_t i = 0; i < pixels; ++i) {
    const float third = channels[2 * pixels + i];
    if (is_pfm && third != 0) {
      throw FileError("it is not a flow: its third channel is not 0 everywhere");
    }
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const float sample = channels[axis * pixels + i];
      numbers[2 * i + axis] = is_pfm ? sample : third != 0 ? (sample - 0x1p15F) / 64 : nan;
    }
  }
  return flow;
}

}  // namespace gridproof::reports::files
