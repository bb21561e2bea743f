// One position for all channels of a sample. Derivation: judging.md, section 9. Tested by
// judge_test.cc and lines_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <vector>

#include "oracle/judge/box_sums.h"

namespace gridproof::judging {

template <class Wide>
Wide middle_of(const Interval<Wide>& interval) {
  return interval.lo + (interval.hi - interval.lo) / 2;
}

// Where in a box the interpolants of some channels come closest to what is wanted of them. In a
// small box they are linear in the position: one step of least squares from its middle.
template <class Wide, std::size_t N>
class LikelyStep {
 public:
  // More channels say the same.
  static constexpr std::size_t most_equations = 4;

  void add(const Tangent<Wide, N>& tangent, Wide wanted) {
    for (std::size_t row = 0; row < N; ++row) {
      for (std::size_t column = 0; column < N; ++column)
        system_[row][column] += tangent.change[row] * tangent.change[column];
      system_[row][N] += tangent.change[row] * (wanted - tangent.value);
    }
  }

  // By elimination, in halves of the box; along an axis where nothing changes there is none.
  [[nodiscard]] std::array<Wide, N> step() const {
    auto system = system_;
    for (std::size_t pivot = 0; pivot < N; ++pivot) {
      if (system[pivot][pivot] == 0) continue;
      for (std::size_t row = pivot + 1; row < N; ++row) {
        const Wide factor = system[row][pivot] / system[pivot][pivot];
        for (std::size_t column = pivot; column <= N; ++column)
          system[row][column] -= factor * system[pivot][column];
      }
    }
    std::array<Wide, N> steps{};
    for (std::size_t row = N; row-- > 0;) {
      Wide rest = system[row][N];
      for (std::size_t column = row + 1; column < N; ++column)
        rest -= system[row][column] * steps[column];
      const Wide step = rest / system[row][row];
      steps[row] = isfinite(step) ? std::clamp<Wide>(step, -1, 1) : Wide{0};
    }
    return steps;
  }

 private:
  // The products of the changes, and behind them those with what is missing.
  std::array<std::array<Wide, N + 1>, N> system_{};
};

// The box after a step from its middle: a point.
template <class Wide, std::size_t N>
Box<Wide, N> point_of(const Box<Wide, N>& box, const std::array<Wide, N>& step) {
  Box<Wide, N> point = box;
  for (std::size_t axis = 0; axis < N; ++axis) {
    const Wide half = (box[axis].hi - box[axis].lo) / 2;
    point[axis].lo = point[axis].hi =
        std::clamp(box[axis].lo + half + step[axis] * half, box[axis].lo, box[axis].hi);
  }
  return point;
}

// Looks for a position that surely serves all channels: the usual case is quick to see. (Kept from
// sample to sample for its memory.)
template <class Sums>
class SureTargets {
 public:
  using Wide = typename Sums::Wide;
  static constexpr std::size_t axes = Sums::axes;

  void clear() {
    channels_.clear();
    likely_ = {};
  }
  // A channel whose answer is rounded from a number in `from`.
  void add(const Sums& sums, const typename Sums::Texels& texels, const Interval<Wide>& from) {
    const Tangent<Wide, axes> tangent = sums.tangent(texels);
    if (channels_.size() < likely_.most_equations) likely_.add(tangent, middle_of(from));
    channels_.push_back({tangent, from});
  }

  // Of the sums that the channels were added with; `texels_of(i)` are those of the i-th that was.
  // If not, nothing follows.
  template <class TexelsOf>
  [[nodiscard]] bool have_position(const Sums& sums, TexelsOf&& texels_of) const {
    if (channels_.size() == 1) {  // between the two corners where it is least and greatest
      const Channel& only = channels_.front();
      Wide reach = 0;
      for (const Wide change : only.tangent.change) reach += fabs(change);
      std::array<Wide, axes> corner;
      corner.fill(1);
      return only.is_near(only.tangent.value, reach, sums.neglected(corner));
    }
    const std::array<Wide, axes> step = likely_.step();
    const Wide neglected = sums.neglected(step);
    const auto serves = [&](const Channel& channel) {
      return channel.is_near(channel.tangent.after(step), 0, neglected);
    };
    if (std::ranges::all_of(channels_, serves)) return true;
    const Wide own = sums.neglected({});
    if (neglected == own) return false;
    // Where the interpolant bends more than roundings cover, it is looked at there.
    const Box<Wide, axes> point = point_of(sums.box(), step);
    const Sums there(point, sums.budget());
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      if (!channels_[i].is_near(there.interpolant(texels_of(i)).lo, 0, own)) return false;
    }
    return true;
  }

 private:
  struct Channel {
    Tangent<Wide, axes> tangent;
    Interval<Wide> from;

    // Whether rounding surely covers what the answer is away from `value`, up to `reach` from where
    // the interpolant is, and what is neglected there.
    [[nodiscard]] bool is_near(Wide value, Wide reach, Wide neglected) const {
      const Wide sure = reach + tangent.rounding - tangent.total * neglected;
      return from.hi >= value - sure && from.lo <= value + sure;
    }
  };

  std::vector<Channel> channels_;
  LikelyStep<Wide, axes> likely_;
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
    targets_.push_back({texels, {from.lo - range.above - error, from.hi + range.below + error}});
  }

  // Whether some position in the box serves all channels. Says no only when that is certain: boxes
  // are halved until they are excluded, a midpoint serves, or there were too many.
  bool have_position(const Sums& sums) {
    if (targets_.size() <= 1) return true;
    if (std::ranges::all_of(sums.box(), [](const auto& cell) { return width(cell) == 0; })) {
      return true;
    }
    if (!excludes(point_of(sums.box(), likely_step(sums)), sums.budget())) return true;
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

  struct Target {
    typename Sums::Texels texels;
    Interval<Wide> values;  // that the interpolant must have
  };

  // Along an axis where all taps are one texel nothing depends on the position.
  static Wide width(const CellRange<Wide>& cell) {
    return cell.constant ? Wide{0} : cell.hi - cell.lo;
  }

  [[nodiscard]] std::array<Wide, Sums::axes> likely_step(const Sums& sums) const {
    LikelyStep<Wide, Sums::axes> likely;
    for (const Target& target : targets_ | std::views::take(likely.most_equations))
      likely.add(sums.tangent(target.texels), middle_of(target.values));
    return likely.step();
  }

  // Whether some channel's target is out of reach everywhere in the box.
  [[nodiscard]] bool excludes(const Box<Wide, Sums::axes>& box, const Budget& budget) const {
    const Sums sums(box, budget);
    return std::ranges::any_of(targets_, [&](const Target& target) {
      const Range<Wide> range = sums.interpolant(target.texels);
      return range.hi < target.values.lo || range.lo > target.values.hi;
    });
  }

  std::vector<Target> targets_;
  std::vector<Box<Wide, Sums::axes>> pending_;
};

}  // namespace gridproof::judging
