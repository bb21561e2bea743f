#include "oracle/exact/axis.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace gridproof::exact {
namespace {

constexpr double alpha = -0.75;  // of the cubic kernel: so all of its constants are exact

}  // namespace

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
Axis::Reflected Axis::reflected(const Dyadic& position) const {
  if (mirror_distance_.is_zero()) return {first_mirror_, 1};
  const Dyadic period = mirror_distance_.scaled(1);
  const Dyadic way = (position - first_mirror_).remainder(period);
  if (way > mirror_distance_) return {first_mirror_ + (period - way), -1};
  return {first_mirror_ + way, 1};
}

Dyadic Axis::padded(const Dyadic& position) const {
  if (options_.padding == Padding::zeros) return position;
  // Without align_corners the mirrors stand half a pixel outside the outermost centers.
  const bool reflects = options_.padding == Padding::reflection;
  return std::clamp(reflects ? reflected(position).position : position, Dyadic(0), last_);
}

void Axis::add_tap(AxisTaps& taps, const Dyadic& index, Dyadic weight) const {
  const auto pixel = index.to_int64();
  if (weight.is_zero() || !pixel || *pixel < 0 || *pixel >= size_) return;
  taps.push_back({*pixel, std::move(weight)});
}

void Axis::add_bicubic_taps(AxisTaps& taps, const Dyadic& unpadded) const {
  const Dyadic cell = unpadded.floor();
  std::array<Dyadic, 4> weights = cubic_weights(unpadded - cell);
  const std::optional<std::int64_t> first = cell.to_int64();
  const bool is_inside = first && *first >= 1 && *first < size_ - 2;  // no padding
  for (int k = -1; k <= 2; ++k) {
    Dyadic& weight = weights[static_cast<std::size_t>(k + 1)];
    if (!is_inside) {
      add_tap(taps, padded(cell + k), std::move(weight));
    } else if (!weight.is_zero()) {
      taps.push_back({*first + k, std::move(weight)});
    }
  }
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
    case Mode::bicubic:
      add_bicubic_taps(taps, unpadded);
      break;
  }
  return taps;
}

Dyadic Axis::scale() const { return Dyadic(options_.align_corners ? size_ - 1 : size_).scaled(-1); }

// The clip is constant outside and at its ends, where the mirrors of align_corners stand as well.
int Axis::padding_slope(const Dyadic& position) const {
  if (options_.padding == Padding::zeros) return 1;
  const Reflected inside =
      options_.padding == Padding::reflection ? reflected(position) : Reflected{position, 1};
  return inside.position > 0 && inside.position < last_ ? inside.slope : 0;
}

AxisTaps Axis::slopes(double coordinate) const {
  AxisTaps slopes;
  if (!std::isfinite(coordinate)) return slopes;  // [grad.nan], [grad.infinity]
  const Dyadic unpadded = position(coordinate);
  switch (options_.mode) {
    case Mode::nearest:  // [grad.nearest] constant but for its jumps
      break;
    case Mode::bilinear: {
      const Dyadic slope = padding_slope(unpadded) * scale();
      const Dyadic cell = padded(unpadded).floor();
      add_tap(slopes, cell, -slope);
      add_tap(slopes, cell + 1, slope);
      break;
    }
    case Mode::bicubic: {
      const Dyadic cell = unpadded.floor();
      for (int k = -1; k <= 2; ++k) {
        const Dyadic way = unpadded - (cell + k);  // from the tap
        add_tap(slopes, padded(cell + k), way.sign() * cubic_slope(abs(way)) * scale());
      }
      break;
    }
  }
  return slopes;
}

// Keys (1981), whose a is alpha: two cubics that meet at distance 1, 1 at distance 0 and 0 at
// distances 1 and 2.
Dyadic cubic_weight(const Dyadic& d) {
  if (d <= 1) return ((alpha + 2) * d - (alpha + 3)) * d * d + 1;
  return ((alpha * d - 5 * alpha) * d + 8 * alpha) * d - 4 * alpha;
}

std::array<Dyadic, 4> cubic_weights(const Dyadic& t) {
  constexpr int short_enough = 40;
  const auto m = t.scaled(short_enough).to_int64();
  if (!m) return {cubic_weight(t + 1), cubic_weight(t), cubic_weight(1 - t), cubic_weight(2 - t)};
  // Four times the polynomials in t = m 2^-40 are integers x 2^-120 of at most 9 x 2^120.
  using Int128 = Dyadic::Int128;
  const Int128 square = Int128{*m} * *m << short_enough;
  const Int128 cube = Int128{*m} * *m * *m;
  const Int128 line = Int128{*m} << 2 * short_enough;
  const Int128 one = Int128{1} << 3 * short_enough;
  const auto quarter = [](Int128 sum) { return Dyadic::canonical(sum, -3 * short_enough - 2); };
  return {quarter(-3 * cube + 6 * square - 3 * line), quarter(5 * cube - 9 * square + 4 * one),
          quarter(-5 * cube + 6 * square + 3 * line), quarter(3 * cube - 3 * square)};
}

Dyadic cubic_slope(const Dyadic& d) {
  if (d <= 1) return (3 * (alpha + 2) * d - 2 * (alpha + 3)) * d;
  return (3 * alpha * d - 10 * alpha) * d + 8 * alpha;
}

}  // namespace gridproof::exact
