// One axis of a sample as its gradients see it: where the taps may lie, and how the sampled
// position moves with the coordinate, [grad.scale], [grad.border], [grad.reflection]. Derivation:
// judging-gradients.md, section 1. Tested by gradient_judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "oracle/judge/axis.h"

namespace gridproof::judging {

// A cell that the sampled position may lie in.
template <class Wide>
struct SlopedCell {
  CellRange<Wide> cell;
  Wide factor = 0;  // pixels that the position moves with each unit of the coordinate; exact
};

template <class Wide>
struct SlopedAxis {
  std::vector<SlopedCell<Wide>> cells;  // linear modes and bicubic
  std::vector<std::int64_t> indices;    // nearest; -1 and size are outside
  bool outside = false;                 // no tap lies inside, whatever is rounded
  bool wide = false;                    // the position is not known to within a pixel
  std::string_view open;                // the clause that leaves the slope open, if one does

  void clear() {
    cells.clear();
    indices.clear();
    outside = wide = false;
    open = {};
  }
};

template <class Real>
class SlopeLocator {
 public:
  using Wide = typename Arithmetic<Real>::Wide;

  // `one_sided`: at a kink the derivatives of both sides are taken for possible.
  SlopeLocator(const Options& options, const Profile& profile, bool one_sided)
      : options_(options), profile_(profile), one_sided_(one_sided), by_value_(options, profile) {}

  void locate(double coordinate, std::int64_t size, SlopedAxis<Wide>& axis) {
    axis.clear();
    if (isnan(coordinate)) {
      axis.open = "grad.nan";
      coordinate = -1;
    }
    if (isinf(coordinate)) {
      axis.open = "grad.infinity";
    }
    if (options_.mode != Mode::bilinear || isinf(coordinate)) {
      locate_by_value(coordinate, size, axis);
      return;
    }
    bool any_outside = false;
    for (const Interval<Wide>& position : positions(coordinate, size)) {
      if (overflows(position)) axis.open = "grad.infinity";
      if (isnan(position.lo)) {
        axis.wide = true;
      } else {
        any_outside |= !add(position, size, axis);
      }
    }
    axis.outside = axis.cells.empty() && !axis.wide;
    if (any_outside && !axis.outside) {
      axis.cells.push_back({.cell = {.index = -4}, .factor = scale(size)});
    }
  }

 private:
  static constexpr Wide integer_limit = std::is_same_v<Real, float> ? 0x1p24 : 0x1p53;

  static bool overflows(const Interval<Wide>& position) {
    return !isfinite(position.lo) || !isfinite(position.hi);
  }

  [[nodiscard]] Wide scale(std::int64_t size) const {
    return static_cast<Wide>(options_.align_corners ? size - 1 : size) / 2;
  }

  // Nearest moves nothing; bicubic moves without padding. An infinite coordinate moves nothing.
  void locate_by_value(double coordinate, std::int64_t size, SlopedAxis<Wide>& axis) {
    by_value_.locate(coordinate, size, value_);
    axis.outside = value_.outside;
    axis.wide = value_.wide;
    axis.indices = value_.indices;
    const bool moves = options_.mode == Mode::bicubic && isfinite(coordinate);
    if (isfinite(coordinate) && std::ranges::any_of(positions(coordinate, size), overflows)) {
      axis.open = "grad.infinity";
    }
    for (const CellRange<Wide>& cell : value_.cells) {
      axis.cells.push_back({.cell = cell, .factor = moves ? scale(size) : Wide{0}});
    }
  }

  const std::vector<Interval<Wide>>& positions(double coordinate, std::int64_t size) {
    if (!is_narrow(profile_)) {
      positions_of<Real>(coordinate, size, options_.align_corners, profile_, positions_);
      return positions_;
    }
    positions_.clear();
    add_narrow_positions(coordinate, size, options_.align_corners, format_of(profile_.type),
                         positions_);
    return positions_;
  }

  // Says whether a tap may lie inside.
  bool add(const Interval<Wide>& position, std::int64_t size, SlopedAxis<Wide>& axis) const {
    switch (options_.padding) {
      case Padding::zeros:
        return add_unpadded(position, size, axis);
      case Padding::border:
        add_clipped(position, size, scale(size), axis);
        return true;
      case Padding::reflection:
        add_reflected(position, size, axis);
        return true;
    }
    return true;
  }

  bool add_unpadded(Interval<Wide> position, std::int64_t size, SlopedAxis<Wide>& axis) const {
    if (position.hi < -1 || position.lo >= static_cast<Wide>(size)) {
      // At the far end the ramp ends; from its left side it has not.
      if (!one_sided_ || position.lo != static_cast<Wide>(size)) return false;
    }
    const Wide stray = stray_of<Real>(position, options_.align_corners);
    position.lo = std::max(position.lo, Wide{-2});
    position.hi = std::min(position.hi, static_cast<Wide>(size) + 1);
    if (position.hi - position.lo > 1) {
      axis.wide = true;
      return true;
    }
    add_cells(position, stray, floor(position.hi), scale(size), axis);
    return true;
  }

  // What is beyond the outermost centers, or on them, does not move.
  void add_clipped(const Interval<Wide>& position, std::int64_t size, Wide factor,
                   SlopedAxis<Wide>& axis) const {
    const auto last = static_cast<Wide>(size - 1);
    if (position.lo <= 0) axis.cells.push_back({.cell = {.index = 0}});
    if (position.hi >= last) axis.cells.push_back({.cell = {.index = size - 1}});
    const bool is_inside = position.hi > 0 && position.lo < last;
    const bool touches = one_sided_ && position.hi >= 0 && position.lo <= last;
    if (size == 1 || !(is_inside || touches)) return;
    const Interval<Wide> inside{std::max(position.lo, Wide{0}), std::min(position.hi, last)};
    if (inside.hi - inside.lo > 1) {
      axis.wide = true;
      return;
    }
    add_cells(inside, 0, std::min(floor(inside.hi), last - 1), factor, axis);
  }

  // The cells from the one of the low end to `last_cell`, which may begin below the high end.
  void add_cells(const Interval<Wide>& position, Wide stray, Wide last_cell, Wide factor,
                 SlopedAxis<Wide>& axis) const {
    Wide first = std::min(floor(position.lo), last_cell);
    if (one_sided_ && first == position.lo && (first > 0 || options_.padding == Padding::zeros)) {
      first -= 1;  // from the left it is the end of another
    }
    for (Wide k = first; k <= last_cell; ++k) {
      CellRange<Wide> cell = cell_at<Real>(k, position, stray);
      if (profile_.kind == Profile::Kind::narrow_arithmetic) {
        widen_by_rounding(format_of(profile_.type), cell);
      }
      axis.cells.push_back({.cell = cell, .factor = factor});
    }
  }

  // One cell of reflections after another: the image runs forwards in every second one.
  void add_reflected(const Interval<Wide>& position, std::int64_t size,
                     SlopedAxis<Wide>& axis) const {
    if (size == 1) {
      axis.cells.push_back({.cell = {.index = 0}});
      return;
    }
    const Wide line = options_.align_corners ? 0 : Wide{-0.5};
    const Wide span = static_cast<Wide>(options_.align_corners ? size - 1 : size);
    const Wide far_line = line + span;
    const Wide limit =
        is_narrow(profile_) ? ldexp(Wide{1}, format_of(profile_.type).precision) : integer_limit;
    if (!(std::max(-position.lo, position.hi) + 1 < limit) || 2 * span > limit) {
      axis.wide = true;  // the common forms of the remainder lose the parity
      return;
    }
    const Wide first = floor((position.lo - line) / span);
    const Wide last = floor((position.hi - line) / span);
    if (last - first > 1) {
      axis.wide = true;
      return;
    }
    for (Wide fold = first; fold <= last; ++fold) {
      const Interval<Wide> part{std::max(position.lo, line + fold * span),
                                std::min(position.hi, line + (fold + 1) * span)};
      const Interval<Wide> distance = image_of(part, line, fold, span);
      Interval<Wide> image{rounded(line + distance.lo, true), rounded(line + distance.hi, false)};
      if (position.hi > far_line) {
        // Or measured from the line that the position lies beyond.
        const Interval<Wide> beyond = image_of(part, far_line, fold - 1, span);
        image.lo = std::min(image.lo, rounded(far_line - beyond.hi, true));
        image.hi = std::max(image.hi, rounded(far_line - beyond.lo, false));
      }
      add_clipped(image, size, is_even(fold) ? scale(size) : -scale(size), axis);
    }
  }

  static bool is_even(Wide whole) { return fmod(whole, Wide{2}) == 0; }

  // The image of the distance from a line, in this fold: each operation rounded or not.
  [[nodiscard]] Interval<Wide> image_of(const Interval<Wide>& position, Wide line, Wide fold,
                                        Wide span) const {
    const Interval<Wide> distance{rounded(position.lo - line, true),
                                  rounded(position.hi - line, false)};
    return is_even(fold) ? Interval<Wide>{rounded(distance.lo - fold * span, true),
                                          rounded(distance.hi - fold * span, false)}
                         : Interval<Wide>{rounded((fold + 1) * span - distance.hi, true),
                                          rounded((fold + 1) * span - distance.lo, false)};
  }

  // A result of the type, or of a wider one; differences of this kind are short in Wide.
  [[nodiscard]] Wide rounded(Wide value, bool lower) const {
    Wide result = rounded_or_not<Real>(value, false, lower);
    if (!is_narrow(profile_)) return result;
    const Wide narrow = round_to(format_of(profile_.type), static_cast<double>(value));
    return lower ? std::min(result, narrow) : std::max(result, narrow);
  }

  Options options_;
  Profile profile_;
  bool one_sided_;
  Locator<Real> by_value_;
  AxisSet<Wide> value_;                    // memory of `locate_by_value`
  std::vector<Interval<Wide>> positions_;  // memory of `positions`
};

}  // namespace gridproof::judging
