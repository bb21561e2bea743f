// One axis of the exact operator: from a coordinate to a position, through the padding, to the taps
// with their weights. The axes do not influence each other, so this is all of the geometry.
// With the derivatives of all that by the coordinate, the gradients need nothing more.
// It implements the clauses on coordinates ([coord.nan] among them), on the three paddings and on
// the three modes, and [texel.zero-weight]. Derivations: exact.md. Tested by axis_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "oracle/exact/dyadic.h"
#include "reference/contract/options.h"

namespace gridproof::exact {

struct AxisTap {
  std::int64_t index = 0;
  Dyadic weight;  // not 0
};

// The taps along one axis, at most four. A tap that lies outside under `zeros`, or that has no
// weight, is not among them; under the other paddings an index can occur more than once.
class AxisTaps {
 public:
  void push_back(AxisTap tap) { taps_[size_++] = std::move(tap); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const AxisTap* begin() const { return taps_.data(); }
  [[nodiscard]] const AxisTap* end() const { return taps_.data() + size_; }

 private:
  std::array<AxisTap, 4> taps_;
  std::size_t size_ = 0;
};

class Axis {
 public:
  // An axis of `size` pixels, at least one.
  Axis(std::int64_t size, const Options& options);

  // The position of a finite coordinate, in pixels; the center of the first pixel is at 0.
  [[nodiscard]] Dyadic position(const Dyadic& coordinate) const;
  // The position after the padding: the same under `zeros`, else one in [0, size - 1].
  [[nodiscard]] Dyadic padded(const Dyadic& position) const;
  // What is read for a coordinate, which may be infinite or NaN.
  [[nodiscard]] AxisTaps taps(double coordinate) const;

  // The derivative of the position by the coordinate: pixels per unit.
  [[nodiscard]] Dyadic scale() const;
  // The derivative of the padded position by the position: 0, or the direction, 1 or -1, in which
  // the padded position moves between the outer centers.
  [[nodiscard]] int padding_slope(const Dyadic& position) const;
  // The derivatives of the weights of all taps by the coordinate; the tap's `weight` is that. To
  // the right where left and right differ: see exact.md. None for what is no finite number.
  [[nodiscard]] AxisTaps slopes(double coordinate) const;

 private:
  struct Reflected {
    Dyadic position;
    int slope;  // by the position: 1 after an even number of reflections, else -1
  };
  [[nodiscard]] Reflected reflected(const Dyadic& position) const;
  void add_tap(AxisTaps& taps, const Dyadic& index, Dyadic weight) const;
  void add_bicubic_taps(AxisTaps& taps, const Dyadic& unpadded) const;

  Options options_;
  std::int64_t size_;
  Dyadic last_;          // the index of the last pixel
  Dyadic first_mirror_;  // where reflection begins, and how far away it ends
  Dyadic mirror_distance_;
};

// The cubic convolution kernel at a distance in [0, 2], alpha = -3/4.
Dyadic cubic_weight(const Dyadic& distance);
// Its weights of the four taps around a position, whose distance from the second is t, in [0, 1).
std::array<Dyadic, 4> cubic_weights(const Dyadic& t);
// Its derivative by the distance.
Dyadic cubic_slope(const Dyadic& distance);

}  // namespace gridproof::exact
