// One axis of a sample: where the taps may lie after padding, [padding.border],
// [padding.reflection], [bicubic.taps-padded]. Derivation: judging.md, sections 3 and 4.
// Tested by axis_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "oracle/judge/position.h"
#include "reference/contract/options.h"

namespace gridproof::judging {

// Taps at `index` and after it, with t = position - index anywhere in [lo, hi].
template <class Wide>
struct CellRange {
  std::int64_t index = 0;
  Wide lo = 0;
  Wide hi = 0;
  bool constant = false;  // all taps are one texel, whatever t is
  bool by_taps = false;   // linear: the position is not padded, the taps are, one by one

  // t is known and its weights are 0 and 1, so that nothing rounds on this axis.
  [[nodiscard]] bool exact() const { return lo == hi && (lo == 0 || lo == 1); }
};

// One for each axis, x first.
template <class Wide, std::size_t N>
using Box = std::array<CellRange<Wide>, N>;

template <class Wide>
struct AxisSet {
  std::vector<CellRange<Wide>> cells;  // linear modes and bicubic
  std::vector<std::int64_t> indices;   // nearest; -1 and size are outside
  bool outside = false;                // no tap lies inside: the answer is 0
  bool wide = false;                   // the position is not known to within a pixel:
  std::int64_t first = 0;              // any tap from first to last, -1 and size meaning outside
  std::int64_t last = 0;
  std::string_view open;  // the clause that leaves the position open, if one does
  bool tie = false;       // nearest: the position is exactly between two pixels

  void clear() {
    cells.clear();
    indices.clear();
    outside = wide = tie = false;
    open = {};
  }
  // Any tap from `from` to `to` as well.
  void widen(std::int64_t from, std::int64_t to) {
    first = wide ? std::min(first, from) : from;
    last = wide ? std::max(last, to) : to;
    wide = true;
  }
};

// The texel that a tap index means, or -1 for none. Exact for every int64 that a position gives.
inline std::int64_t padded_index(std::int64_t index, std::int64_t size, Padding padding,
                                 bool align_corners) {
  if (index >= 0 && index < size) return index;
  switch (padding) {
    case Padding::zeros:
      return -1;
    case Padding::border:
      return index < 0 ? 0 : size - 1;
    case Padding::reflection:
      break;
  }
  if (align_corners && size == 1) return 0;
  // Mirror images repeat with period 2(S - 1) about the outer centers, 2S about the outer corners.
  const std::int64_t period = align_corners ? 2 * (size - 1) : 2 * size;
  const std::int64_t m = ((index % period) + period) % period;
  if (m < size) return m;
  return align_corners ? period - m : period - 1 - m;
}

// How far the t of a fused last product may lie beyond its cell, judging.md, section 2.
template <class Real, class Wide>
Wide stray_of(const Interval<Wide>& position, bool align_corners) {
  constexpr Wide unit = std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53;
  if (!align_corners || position.is_point()) return 0;
  // Beyond half a pixel it would no longer be a rounding, but another position.
  return std::min(Wide{0.5},
                  unit * std::max(fabs(position.lo), fabs(position.hi)) * (1 + 4 * unit));
}

// The part of a position in the cell that begins at k.
template <class Real, class Wide>
CellRange<Wide> cell_at(Wide k, const Interval<Wide>& position, Wide stray) {
  CellRange<Wide> cell{.index = static_cast<std::int64_t>(k)};
  cell.lo = add<Real, Wide>(std::max(position.lo, k - stray), -k, true);
  cell.hi = add<Real, Wide>(std::min(position.hi, k + 1 + stray), -k, false);
  return cell;
}
// Its t rounded to a 16-bit type, or not.
template <class Wide>
void widen_by_rounding(const Format& format, CellRange<Wide>& cell) {
  cell.lo = std::min<Wide>(cell.lo, round_to(format, static_cast<double>(cell.lo)));
  cell.hi = std::max<Wide>(cell.hi, round_to(format, static_cast<double>(cell.hi)));
}

// |position - line| reflected to [0, span]; the distance d is known to lie in [lo, hi].
template <class Wide>
Interval<Wide> fold(Interval<Wide> d, Wide span) {
  if (d.lo < 0)
    d = d.hi < 0 ? Interval<Wide>{-d.hi, -d.lo} : Interval<Wide>{0, std::max(-d.lo, d.hi)};
  if (d.hi - d.lo >= 2 * span) return {0, span};
  const auto one = [&](Wide value) {
    const Wide m = fmod(value, 2 * span);
    return m > span ? 2 * span - m : m;
  };
  // fmod and the difference are exact, so the quotients are exact integers.
  const Wide turns_lo = (d.lo - fmod(d.lo, span)) / span;
  const Wide turns_hi = (d.hi - fmod(d.hi, span)) / span;
  Interval<Wide> image{std::min(one(d.lo), one(d.hi)), std::max(one(d.lo), one(d.hi))};
  if (turns_hi - turns_lo >= 2) return {0, span};
  if (turns_hi != turns_lo) {
    if (fmod(turns_hi, Wide{2}) == 1) {
      image.hi = span;
    } else {
      image.lo = 0;
    }
  }
  return image;
}

// What no clause allows, and is tried to explain an answer.
struct Liberties {
  bool any_tie = false;        // between two pixels, either is nearest
  bool shifted_folds = false;  // a remainder below 0 is folded after a period is added to it
  bool as_written = false;     // positions by the formula of P1, or the very numbers that another
                               // one gives, whatever lies between them; and taps padded where they
                               // tell the pixel
};

// Everything that is known of one axis for one coordinate. What each of its positions may read is
// added to an AxisSet.
template <class Real>
class Locator {
 public:
  using Wide = typename Arithmetic<Real>::Wide;

  Locator(const Options& options, const Profile& profile, Liberties liberties = {})
      : options_(options), profile_(profile), liberties_(liberties) {}

  [[gnu::flatten]] void locate(double coordinate, std::int64_t size, AxisSet<Wide>& axis) {
    axis.clear();
    if (isnan(coordinate)) coordinate = -1;
    if (isinf(coordinate)) {
      locate_infinity(coordinate, size, axis);
      return;
    }
    bool all_outside = true;
    bool any_outside = false;
    for (const Interval<Wide>& position : positions(coordinate, size)) {
      if (isnan(position.lo)) {  // zero times infinity, in a narrow type
        const std::int64_t outer = options_.padding == Padding::zeros ? 1 : 0;
        axis.widen(-outer, size - 1 + outer);
        continue;
      }
      const bool outside = options_.mode == Mode::bicubic ? add_padded_taps(position, size, axis)
                                                          : add_padded(position, size, axis);
      all_outside = all_outside && outside;
      any_outside = any_outside || outside;
    }
    axis.outside = all_outside && !axis.wide;
    // Where only some of several narrow positions are outside, no tap is a possibility beside
    // others.
    if (any_outside && !axis.outside && options_.mode != Mode::nearest) {
      axis.cells.push_back({.index = -4});
    }
  }

 private:
  static constexpr Wide unit = std::is_same_v<Real, float> ? 0x1p-24 : 0x1p-53;
  static constexpr Wide integer_limit = std::is_same_v<Real, float> ? 0x1p24 : 0x1p53;

  // Below this every multiple of a half is a number of the type that positions are calculated in.
  [[nodiscard]] Wide half_limit() const {
    return is_narrow(profile_) ? ldexp(Wide{1}, format_of(profile_.type).precision - 1)
                               : integer_limit / 2;
  }

  // In memory that the next call uses again.
  const std::vector<Interval<Wide>>& positions(double coordinate, std::int64_t size) {
    if (!is_narrow(profile_)) {
      positions_of<Real>(coordinate, size, options_.align_corners,
                         liberties_.as_written ? Profile{} : profile_, positions_);
      // The f32 numbers that the other formulas come to: few, though far from each other.
      if constexpr (std::is_same_v<Real, float>) {
        if (!liberties_.as_written) return positions_;
        add_narrow_positions(coordinate, size, options_.align_corners, format_of(Dtype::f32),
                             positions_);
      }
      return positions_;
    }
    positions_.clear();
    add_narrow_positions(coordinate, size, options_.align_corners, format_of(profile_.type),
                         positions_);
    return positions_;
  }

  void locate_infinity(double coordinate, std::int64_t size, AxisSet<Wide>& axis) {
    switch (options_.padding) {
      case Padding::zeros:
        axis.outside = true;
        return;
      case Padding::border: {
        if (options_.mode == Mode::bicubic) {
          axis.cells.push_back({.index = coordinate < 0 ? -4 : size + 2, .constant = true});
          return;
        }
        const Wide edge = coordinate < 0 ? 0 : static_cast<Wide>(size - 1);
        add_cells({edge, edge}, 0, size, axis);
        return;
      }
      case Padding::reflection:
        axis.open = "infinity.reflection";
        anywhere(size, axis);
        return;
    }
  }

  static void anywhere(std::int64_t size, AxisSet<Wide>& axis) { axis.widen(0, size - 1); }

  // Bilinear, trilinear and nearest pad the position, then look at pixels. Returns whether no tap
  // lies inside.
  bool add_padded(const Interval<Wide>& position, std::int64_t size, AxisSet<Wide>& axis) const {
    Interval<Wide> padded = position;
    // A fused last product can give t a position that was not rounded, beside a floor of the
    // rounded one (judging.md, section 2).
    Wide stray = 0;
    switch (options_.padding) {
      case Padding::zeros:
        if (options_.mode == Mode::nearest ? position.hi < -0.5 || position.lo > size - Wide{0.5}
                                           : position.hi < -1 || position.lo >= size) {
          if (options_.mode == Mode::nearest) axis.indices.push_back(position.hi < 0 ? -1 : size);
          return true;
        }
        stray = stray_of(position);
        padded.lo = std::max(position.lo, Wide{-2});
        padded.hi = std::min(position.hi, static_cast<Wide>(size) + 1);
        break;
      case Padding::border:
        padded = clip(position, size);
        break;
      case Padding::reflection: {
        if (is_narrow(profile_)) {
          add_narrow_reflections(static_cast<double>(position.lo), size, axis);
          return false;
        }
        const std::optional<Interval<Wide>> reflected = reflection_of(position, size);
        if (!reflected) {
          anywhere(size, axis);
          return false;
        }
        padded = clip(*reflected, size);
        break;
      }
    }
    if (padded.hi - padded.lo > 1) {
      const auto first = static_cast<std::int64_t>(floor(padded.lo));
      const auto last = static_cast<std::int64_t>(floor(padded.hi)) + 1;
      axis.widen(std::max<std::int64_t>(first, -1), std::min(last, size));
      return false;
    }
    const bool by_taps = pads_taps_as_well(position);
    // While nothing is padded, and nothing rounded for it, that has the same cells and the stray.
    const bool same = by_taps && position.lo >= 0 && position.hi <= static_cast<Wide>(size - 1) &&
                      position.lo <= padded.lo && position.hi >= padded.hi;
    if (!same) add_cells(padded, stray, size, axis);
    if (by_taps) add_by_taps(position, size, axis);
    return false;
  }

  // P3 pads the taps beside the position.
  [[nodiscard]] bool pads_taps_as_well(const Interval<Wide>& position) const {
    if (!profile_.has_any_formula() || options_.padding == Padding::zeros ||
        options_.mode == Mode::nearest) {
      return false;
    }
    return !liberties_.as_written ||
           (options_.padding == Padding::reflection ? !is_lost(position)
                                                    : position.hi - position.lo <= 1);
  }

  void add_by_taps(Interval<Wide> position, std::int64_t size, AxisSet<Wide>& axis) const {
    const Wide stray = stray_of(position);
    if (options_.padding == Padding::border) {
      if (position.hi < -1 || position.lo >= static_cast<Wide>(size)) {
        axis.cells.push_back(edge_cell(position, stray, position.hi < -1 ? -2 : size));
        return;
      }
      position.lo = std::max(position.lo, Wide{-2});
      position.hi = std::min(position.hi, static_cast<Wide>(size) + 1);
    } else if (is_lost(position)) {
      anywhere(size, axis);
      return;
    }
    const std::size_t known = axis.cells.size();
    add_cells(position, stray, size, axis);
    for (std::size_t i = known; i < axis.cells.size(); ++i) axis.cells[i].by_taps = true;
  }

  // All taps are the texel at one edge, and t is anywhere.
  static CellRange<Wide> edge_cell(const Interval<Wide>& position, Wide stray, std::int64_t index) {
    CellRange<Wide> cell{.index = index, .constant = true, .by_taps = true};
    if (!position.is_point() || position.lo != floor(position.lo)) {
      cell.lo = -stray;
      cell.hi = 1 + stray;
    }
    return cell;
  }

  // Where taps are reflected one by one: whether a tap index and a half is no longer a number, or
  // nothing is known of the cell.
  [[nodiscard]] bool is_lost(const Interval<Wide>& position) const {
    return std::max(-position.lo, position.hi) + 4 >= half_limit() || position.hi - position.lo > 1;
  }

  static Interval<Wide> clip(Interval<Wide> position, std::int64_t size) {
    const Wide edge = static_cast<Wide>(size - 1);
    return {std::clamp(position.lo, Wide{0}, edge), std::clamp(position.hi, Wide{0}, edge)};
  }

  // The position among the lines of reflection, not yet clipped to the pixels. None where the
  // common forms of the remainder lose the parity: any position is then possible.
  [[nodiscard]] std::optional<Interval<Wide>> reflection_of(const Interval<Wide>& position,
                                                            std::int64_t size) const {
    if (options_.align_corners && size == 1) return Interval<Wide>{0, 0};
    const Wide line = options_.align_corners ? 0 : Wide{-0.5};
    const Wide span = static_cast<Wide>(options_.align_corners ? size - 1 : size);
    const Interval<Wide> distance{add<Real, Wide>(position.lo, -line, true),
                                  add<Real, Wide>(position.hi, -line, false)};
    if (std::max(-distance.lo, distance.hi) >= integer_limit || 2 * span > integer_limit) {
      return std::nullopt;
    }
    const Interval<Wide> image = folded(distance, span);
    Interval<Wide> result{add<Real, Wide>(image.lo, line, true),
                          add<Real, Wide>(image.hi, line, false)};
    const Wide far_line = line + span;
    if (position.hi > far_line) {
      // Or measured from the line that the position lies beyond.
      const Interval<Wide> beyond = folded({add<Real, Wide>(position.lo, -far_line, true),
                                            add<Real, Wide>(position.hi, -far_line, false)},
                                           span);
      result.lo = std::min(result.lo, add<Real, Wide>(far_line, -beyond.hi, true));
      result.hi = std::max(result.hi, add<Real, Wide>(far_line, -beyond.lo, false));
    }
    if (liberties_.shifted_folds && distance.lo < 0) {
      // The sum rounds to the place of a number up to the period.
      result.lo -= 2 * span * unit;
      result.hi += 2 * span * unit;
    }
    return result;
  }

  static Interval<Wide> folded(const Interval<Wide>& distance, Wide span) {
    const Interval<Wide> image = fold(distance, span);
    return {rounded_or_not<Real>(image.lo, false, true),
            rounded_or_not<Real>(image.hi, false, false)};
  }

  // The same in a 16-bit type: candidates, each difference rounded or not.
  void add_narrow_reflections(double position, std::int64_t size, AxisSet<Wide>& axis) const {
    if (options_.align_corners && size == 1) {
      add_cells({0, 0}, 0, size, axis);
      return;
    }
    const Format format = format_of(profile_.type);
    if (fabs(position) + 1 >= ldexp(1.0, format.precision)) {
      anywhere(size, axis);  // the parity is lost sooner in a narrow type
      return;
    }
    const double low = options_.align_corners ? 0 : -0.5;
    const auto span = static_cast<Wide>(options_.align_corners ? size - 1 : size);
    for (const bool from_low : {true, false}) {
      const double line = from_low ? low : low + static_cast<double>(span);
      if (!from_low && position <= line) continue;
      for (const Wide distance : {Wide{position - line}, Wide{round_to(format, position - line)}}) {
        const Wide image = fold(Interval<Wide>{distance, distance}, span).lo;
        const Wide exact = from_low ? line + image : line - image;
        for (const Wide reflected : {exact, Wide{round_to(format, static_cast<double>(exact))}}) {
          add_cells(clip({reflected, reflected}, size), 0, size, axis);
        }
      }
    }
  }

  [[nodiscard]] Wide stray_of(const Interval<Wide>& position) const {
    return judging::stray_of<Real>(position, options_.align_corners);
  }

  // Of a position known to within a pixel.
  void add_cells(const Interval<Wide>& position, Wide stray, std::int64_t size,
                 AxisSet<Wide>& axis) const {
    if (options_.mode == Mode::nearest) {
      // The default rounding of the machine is to nearest, ties to even.
      Wide first = nearbyint(position.lo);
      Wide last = nearbyint(position.hi);
      axis.tie = position.is_point() && fabs(position.lo - first) == Wide{0.5};
      if (liberties_.any_tie) {
        first = ceil(position.lo - Wide{0.5});
        last = floor(position.hi + Wide{0.5});
      }
      for (Wide index = first; index <= last; ++index) {
        axis.indices.push_back(
            index > size - 1 ? size : std::max(static_cast<std::int64_t>(index), std::int64_t{-1}));
      }
      return;
    }
    const Wide last = floor(position.hi);
    for (Wide k = floor(position.lo); k <= last; ++k) {
      axis.cells.push_back(cell_at<Real>(k, position, stray));
      if (profile_.kind == Profile::Kind::texture && options_.mode == Mode::bilinear) {
        quantize(axis);
      } else if (profile_.kind == Profile::Kind::narrow_arithmetic) {
        widen_by_rounding(format_of(profile_.type), axis.cells.back());
      }
    }
  }

  // P5: the fraction of the last cell becomes a multiple of 2^-bits, rounded up, down or to
  // nearest.
  void quantize(AxisSet<Wide>& axis) const {
    const CellRange<Wide> cell = axis.cells.back();
    const Wide scale = ldexp(Wide{1}, profile_.bits);
    const Wide first = floor(std::clamp(cell.lo, Wide{0}, Wide{1}) * scale);
    const Wide last = ceil(std::clamp(cell.hi, Wide{0}, Wide{1}) * scale);
    constexpr int most = 4;  // points; more are taken for an interval
    if (last - first >= most) {
      axis.cells.back().lo = first / scale;
      axis.cells.back().hi = last / scale;
      return;
    }
    axis.cells.pop_back();
    for (Wide step = first; step <= last; ++step) {
      axis.cells.push_back(cell);
      axis.cells.back().lo = axis.cells.back().hi = step / scale;
    }
  }

  // Bicubic takes the floor of the position as it is; its taps are padded one by one. Returns
  // whether no tap lies inside.
  bool add_padded_taps(const Interval<Wide>& position, std::int64_t size,
                       AxisSet<Wide>& axis) const {
    const bool below = position.hi < -2;
    const bool above = position.lo >= static_cast<Wide>(size) + 1;
    if ((below || above) && options_.padding == Padding::zeros) return true;
    if ((below || above) && options_.padding == Padding::border) {
      axis.cells.push_back(edge_cell(position, stray_of(position), below ? -4 : size + 2));
      return false;
    }
    if (options_.padding == Padding::reflection && is_lost(position)) {
      anywhere(size, axis);
      return false;
    }
    if (position.hi - position.lo > 1) {
      const std::int64_t outer = options_.padding == Padding::zeros ? -1 : 0;
      const Wide first = std::max(floor(position.lo) - 1, static_cast<Wide>(outer));
      const Wide last = std::min(floor(position.hi) + 2, static_cast<Wide>(size - 1 - outer));
      axis.widen(static_cast<std::int64_t>(std::min(first, last)), static_cast<std::int64_t>(last));
      return false;
    }
    add_cells(position, stray_of(position), size, axis);
    return false;
  }

  Options options_;
  Profile profile_;
  Liberties liberties_;
  std::vector<Interval<Wide>> positions_;  // memory of `positions`
};

}  // namespace gridproof::judging
