#include "reports/displacement/flow_file.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

namespace gridproof::field {
namespace {

static_assert(std::endian::native == std::endian::little, "as the format is");

constexpr std::size_t head = 12;  // the magic number, width and height

template <class T>
T number_at(std::string_view bytes, std::size_t place) {
  T number{};
  std::memcpy(&number, bytes.data() + place, sizeof number);
  return number;
}

}  // namespace

Tensor flow_of_file(std::string_view bytes) {
  constexpr float unknown = 1e9F;
  if (!bytes.starts_with("PIEH"))
    throw std::invalid_argument("it is no .flo: expected PIEH at its start");
  if (bytes.size() < head) throw std::invalid_argument("it ends too early");
  const auto width = number_at<std::int32_t>(bytes, 4);
  const auto height = number_at<std::int32_t>(bytes, 8);
  const std::size_t places = (bytes.size() - head) / (2 * sizeof(float));
  if (width < 1 || height < 1 ||
      static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) > places) {
    throw std::invalid_argument("it says " + std::to_string(width) + " x " +
                                std::to_string(height) + " and holds " + std::to_string(places) +
                                " places");
  }
  Tensor flow(Dtype::f32, {1, height, width, 2});
  const auto numbers = flow.elements<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = number_at<float>(bytes, head + i * sizeof(float));
    const bool is_known = std::fabs(number) <= unknown;
    numbers[i] = is_known ? number : std::numeric_limits<float>::quiet_NaN();
  }
  return flow;
}

}  // namespace gridproof::field
