// One position for all channels of a sample. Derivation: judging.md, section 9. Tested by
// judge_test.cc and lines_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "oracle/judge/box_sums.h"

namespace gridproof::judging {

// A channel whose interpolant must be between lo and hi.
template <class Sums>
struct Target {
  typename Sums::Texels texels;
  typename Sums::Wide lo;
  typename Sums::Wide hi;

  [[nodiscard]] typename Sums::Wide middle() const { return lo + (hi - lo) / 2; }
};

// The position in the box of `sums` at which the interpolants of some channels come closest to the
// middles of their targets. Near it they are linear in the position: one step of least squares.
template <class Sums>
class LikelyPosition {
 public:
  using Wide = typename Sums::Wide;
  static constexpr std::size_t axes = Sums::axes;

  LikelyPosition(const Sums& sums, std::span<const Target<Sums>> targets)
      : targets_(targets.first(std::min(targets.size(), most_equations))) {
    point_ = sums.box();
    for (std::size_t axis = 0; axis < axes; ++axis) {
      half_[axis] = (point_[axis].hi - point_[axis].lo) / 2;
      point_[axis].lo = point_[axis].hi = point_[axis].lo + half_[axis];
    }
    const System system = equations(sums.budget());
    const std::array<Wide, axes> steps = solution(system);
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const CellRange<Wide>& range = sums.box()[axis];
      point_[axis].lo = point_[axis].hi =
          std::clamp(point_[axis].lo + steps[axis] * half_[axis], range.lo, range.hi);
    }
  }

  [[nodiscard]] const Box<Wide, axes>& point() const { return point_; }

 private:
  static constexpr std::size_t most_equations = 4;
  // The products of the slopes, and behind them those with the residuals.
  using System = std::array<std::array<Wide, axes + 1>, axes>;

  [[nodiscard]] System equations(const Budget& budget) const {
    const Sums here(point_, budget);
    std::array<std::array<Wide, axes>, most_equations> slopes{};
    std::array<Wide, most_equations> values{};
    for (std::size_t i = 0; i < targets_.size(); ++i)
      values[i] = here.interpolant(targets_[i].texels).lo;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      if (half_[axis] == 0) continue;
      Box<Wide, axes> side = point_;
      side[axis].lo = side[axis].hi = point_[axis].lo + half_[axis];
      const Sums there(side, budget);
      for (std::size_t i = 0; i < targets_.size(); ++i)
        slopes[i][axis] = there.interpolant(targets_[i].texels).lo - values[i];
    }
    System system{};
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      for (std::size_t row = 0; row < axes; ++row) {
        for (std::size_t column = 0; column < axes; ++column)
          system[row][column] += slopes[i][row] * slopes[i][column];
        system[row][axes] += slopes[i][row] * (targets_[i].middle() - values[i]);
      }
    }
    return system;
  }

  // By elimination, in halves of the box; an axis along which nothing changes stays where it is.
  static std::array<Wide, axes> solution(System system) {
    for (std::size_t pivot = 0; pivot < axes; ++pivot) {
      if (system[pivot][pivot] == 0) continue;
      for (std::size_t row = pivot + 1; row < axes; ++row) {
        const Wide factor = system[row][pivot] / system[pivot][pivot];
        for (std::size_t column = pivot; column <= axes; ++column)
          system[row][column] -= factor * system[pivot][column];
      }
    }
    std::array<Wide, axes> steps{};
    for (std::size_t row = axes; row-- > 0;) {
      Wide rest = system[row][axes];
      for (std::size_t column = row + 1; column < axes; ++column)
        rest -= system[row][column] * steps[column];
      const Wide step = rest / system[row][row];
      steps[row] = isfinite(step) ? std::clamp<Wide>(step, -1, 1) : Wide{0};
    }
    return steps;
  }

  std::span<const Target<Sums>> targets_;
  Box<Wide, axes> point_;
  std::array<Wide, axes> half_{};
};

// Looks for a position that surely serves all channels: the usual case is quick to see. (Kept from
// sample to sample for its memory.)
template <class Sums>
class SureTargets {
 public:
  using Wide = typename Sums::Wide;

  void clear() { targets_.clear(); }
  // A channel whose answer is rounded from a number in `from`.
  void add(const typename Sums::Texels& texels, const Interval<Wide>& from) {
    targets_.push_back({texels, from.lo, from.hi});
  }

  // If not, nothing follows.
  [[nodiscard]] bool have_position(const Sums& sums) const {
    const LikelyPosition<Sums> likely(sums, targets_);
    const Sums at(likely.point(), sums.budget());
    return std::ranges::all_of(targets_, [&](const Target<Sums>& target) {
      return at.surely_holds(target.texels, {target.lo, target.hi});
    });
  }

 private:
  std::vector<Target<Sums>> targets_;
};

// What each channel of a sample asks of the interpolant. (Kept from sample to sample for its
// memory.)
template <class Sums>
class ChannelTargets {
 public:
  using Wide = typename Sums::Wide;

  void clear() { targets_.clear(); }

  // A channel whose answer is rounded from a number in `from`, which is off by what `range` says.
  void add(const typename Sums::Texels& texels, const Range<Wide>& range,
           const Interval<Wide>& from) {
    const Wide error =
        range.evaluation_error + (fabs(from.lo) + range.error()) * evaluation_unit<Wide>;
    targets_.push_back({texels, from.lo - range.above - error, from.hi + range.below + error});
  }

  // Whether some position in the box serves all channels. Says no only when that is certain: boxes
  // are halved until they are excluded, a midpoint serves, or there were too many.
  bool have_position(const Sums& sums) {
    if (targets_.size() <= 1) return true;
    if (std::ranges::all_of(sums.box(), [](const auto& cell) { return width(cell) == 0; })) {
      return true;
    }
    if (!excludes(LikelyPosition<Sums>(sums, targets_).point(), sums.budget())) return true;
    pending_.assign(1, sums.box());
    for (int boxes = 0; boxes < max_boxes && !pending_.empty(); ++boxes) {
      const Box<Wide, Sums::axes> part = pending_.back();
      pending_.pop_back();
      if (excludes(part, sums.budget())) continue;
      Box<Wide, Sums::axes> middle = part;
      std::size_t widest = 0;
      for (std::size_t axis = 0; axis < Sums::axes; ++axis) {
        middle[axis].lo = middle[axis].hi = (part[axis].lo + part[axis].hi) / 2;
        if (width(part[axis]) > width(part[widest])) widest = axis;
      }
      if (width(part[widest]) == 0 || !excludes(middle, sums.budget())) return true;
      const Wide split = middle[widest].lo;
      if (split <= part[widest].lo || split >= part[widest].hi) return true;
      pending_.push_back(part);
      pending_.back()[widest].hi = split;
      pending_.push_back(part);
      pending_.back()[widest].lo = split;
    }
    return !pending_.empty();
  }

 private:
  static constexpr int max_boxes = 128;

  // Along an axis where all taps are one texel nothing depends on the position.
  static Wide width(const CellRange<Wide>& cell) {
    return cell.constant ? Wide{0} : cell.hi - cell.lo;
  }

  // Whether some channel's target is out of reach everywhere in the box.
  [[nodiscard]] bool excludes(const Box<Wide, Sums::axes>& box, const Budget& budget) const {
    const Sums sums(box, budget);
    return std::ranges::any_of(targets_, [&](const Target<Sums>& target) {
      const Range<Wide> range = sums.interpolant(target.texels);
      return range.hi < target.lo || range.lo > target.hi;
    });
  }

  std::vector<Target<Sums>> targets_;
  std::vector<Box<Wide, Sums::axes>> pending_;
};

}  // namespace gridproof::judging
