#include "oracle/exact/axis.h"

#include <algorithm>
#include <cmath>

namespace gridproof::exact {

Axis::Axis(std::int64_t size, const Options& options)
    : options_(options),
      size_(size),
      last_(size - 1),
      first_mirror_(options.align_corners ? 0.0 : -0.5),
      mirror_distance_(options.align_corners ? last_ : size_) {}

Dyadic Axis::position(const Dyadic& coordinate) const {
  const Dyadic from_edge = coordinate + 1;  // 0 … 2 across the input
  if (options_.align_corners) return (from_edge * last_).scaled(-1);
  return (from_edge * size_ - 1).scaled(-1);
}

// Reflecting at one mirror and then at the other is a shift by twice their distance, and each
// reflection maps the other's images onto themselves: so only the remainder by that period counts.
Dyadic Axis::reflected(const Dyadic& position) const {
  if (mirror_distance_.is_zero()) return first_mirror_;
  const Dyadic period = mirror_distance_.scaled(1);
  const Dyadic way = (position - first_mirror_).remainder(period);
  return first_mirror_ + (way > mirror_distance_ ? period - way : way);
}

Dyadic Axis::padded(const Dyadic& position) const {
  if (options_.padding == Padding::zeros) return position;
  // Without align_corners the mirrors stand half a pixel outside the outermost centers.
  const bool reflects = options_.padding == Padding::reflection;
  return std::clamp(reflects ? reflected(position) : position, Dyadic(0), last_);
}

void Axis::add_tap(AxisTaps& taps, const Dyadic& index, Dyadic weight) const {
  const auto pixel = index.to_int64();
  if (weight.is_zero() || !pixel || *pixel < 0 || *pixel >= size_) return;
  taps.push_back({*pixel, std::move(weight)});
}

AxisTaps Axis::taps(double coordinate) const {
  AxisTaps taps;
  if (std::isnan(coordinate)) coordinate = -1;
  if (std::isinf(coordinate)) {
    switch (options_.padding) {
      case Padding::zeros:
        return taps;
      case Padding::border:
        add_tap(taps, coordinate < 0 ? Dyadic(0) : last_, 1);
        return taps;
      case Padding::reflection:
        coordinate = -1;
        break;
    }
  }
  const Dyadic unpadded = position(coordinate);
  switch (options_.mode) {
    case Mode::nearest:
      add_tap(taps, padded(unpadded).nearest_integer(), 1);
      break;
    case Mode::bilinear: {
      const Dyadic inside = padded(unpadded);
      const Dyadic cell = inside.floor();
      const Dyadic t = inside - cell;
      add_tap(taps, cell, 1 - t);
      add_tap(taps, cell + 1, t);
      break;
    }
    case Mode::bicubic: {
      const Dyadic cell = unpadded.floor();
      const Dyadic t = unpadded - cell;
      for (int k = -1; k <= 2; ++k) add_tap(taps, padded(cell + k), cubic_weight(abs(t - k)));
      break;
    }
  }
  return taps;
}

// Keys (1981), with his a as it stands there: two cubics that meet at distance 1, 1 at distance 0
// and 0 at distances 1 and 2.
Dyadic cubic_weight(const Dyadic& d) {
  constexpr double a = -0.75;  // and so every constant below is exact
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

}  // namespace gridproof::exact
