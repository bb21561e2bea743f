// Small random cases for the tests of the judge: every mode, padding, flag, rank and dtype, with
// coordinates where judging is hard. (The domains of campaigns are in fuzz, a layer above.)
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof::judging {

class RandomCase {
 public:
  explicit RandomCase(std::uint64_t seed) : random_(seed) {}

  std::uint64_t bits() { return random_(); }
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  double real(double lo, double hi) {
    return lo + (hi - lo) * static_cast<double>(random_() >> 11U) * 0x1p-53;
  }

  // The exponent is drawn first, whatever order a compiler evaluates arguments in.
  double scaled_real(double most, int exponent) { return std::ldexp(real(-most, most), exponent); }

  Options options() {
    return {static_cast<Mode>(below(3)), static_cast<Padding>(below(3)), below(2) == 1};
  }

  std::int64_t size() {
    constexpr std::array<std::int64_t, 14> sizes = {1,  2,  3,  4,  5,   7,   8,
                                                    13, 17, 31, 64, 100, 257, 1920};
    return sizes[static_cast<std::size_t>(below(sizes.size()))];
  }

  // Coordinates that mean something on an axis of that size.
  double coordinate(std::int64_t axis_size, bool align_corners) {
    switch (below(10)) {
      case 0: {  // a pixel center, an edge or a tie, or a neighbor
        const auto scale = static_cast<double>(
            align_corners ? std::max<std::int64_t>(1, axis_size - 1) : axis_size);
        const double at = static_cast<double>(below(2 * axis_size + 5) - 2) / 2;
        const double x = align_corners ? 2 * at / scale - 1 : (2 * at + 1) / scale - 1;
        return x * (1 + static_cast<double>(below(5) - 2) * 0x1p-24);
      }
      case 1:
        return static_cast<double>(below(257) - 128) / 128;
      case 2:
        return std::copysign(1.0, real(-1, 1)) * (1 + static_cast<double>(below(5) - 2) * 0x1p-23);
      case 3:
        return real(-1.1, 1.1) * 3;
      case 4:
        return scaled_real(2, static_cast<int>(below(20)));
      case 5:
        return scaled_real(2, -static_cast<int>(below(140)));
      default:
        return real(-1.05, 1.05);
    }
  }

  // Texels of one tensor: what kind is drawn once.
  std::vector<double> texels(std::int64_t count, Dtype dtype) {
    const Format format = format_of(dtype);
    const std::int64_t kind = below(6);
    std::vector<double> result(static_cast<std::size_t>(count));
    for (double& value : result) {
      switch (kind) {
        case 0:
          value = static_cast<double>(below(17) - 8);
          break;
        case 1:  // huge and tiny ones side by side, without overflow
          value = scaled_real(
              1, static_cast<int>(below(format.max_exponent)) - format.max_exponent / 2);
          break;
        case 2:  // around the least normal number
          value = scaled_real(1, format.min_exponent + 2 - static_cast<int>(below(6)));
          break;
        case 3:  // cancellation
          value = (below(2) == 0 ? 1 : -1) * (1 + real(-1, 1) * 0x1p-10);
          break;
        default:
          value = real(-1, 1);
      }
    }
    return result;
  }

  Case make(const Options& options, Dtype dtype, int spatial_axes, std::int64_t samples,
            std::int64_t channels) {
    Shape input = {1, channels};
    Shape grid = {1};
    // Large axes only where the plane stays small.
    std::int64_t room = 4096;
    for (int axis = 0; axis < spatial_axes; ++axis) {
      std::int64_t one = size();
      while (one > room) one = size();
      room /= one;
      input.push_back(one);
      grid.push_back(axis + 1 == spatial_axes ? samples : 1);
    }
    grid.push_back(spatial_axes);
    std::vector<double> coordinates;
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      for (int axis = 0; axis < spatial_axes; ++axis) {
        coordinates.push_back(coordinate(input[static_cast<std::size_t>(1 + spatial_axes - axis)],
                                         options.align_corners));
      }
    }
    // Rounded once to the dtype here.
    return {request_for(options), Tensor(dtype, input, texels(element_count(input), dtype)),
            Tensor(dtype, grid, coordinates)};
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace gridproof::judging
