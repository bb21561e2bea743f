// One position for all channels of a sample. Derivation: judging.md, section 9. Tested by
// judge_test.cc and lines_test.cc.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "oracle/judge/box_sums.h"

namespace gridproof::judging {

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
        range.evaluation_error + (std::fabs(from.lo) + range.error()) * evaluation_unit<Wide>;
    targets_.push_back({texels, from.lo - range.above - error, from.hi + range.below + error});
  }

  // Whether some position in the box serves all channels. Says no only when that is certain: boxes
  // are halved until they are excluded, a midpoint serves, or there were too many.
  bool have_position(const Sums& sums) {
    if (targets_.size() <= 1) return true;
    if (std::ranges::all_of(sums.box(), [](const auto& cell) { return width(cell) == 0; })) {
      return true;
    }
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

  // A value of the interpolant between lo and hi.
  struct Target {
    typename Sums::Texels texels;
    Wide lo;
    Wide hi;
  };

  // Along an axis where all taps are one texel nothing depends on the position.
  static Wide width(const CellRange<Wide>& cell) {
    return cell.constant ? Wide{0} : cell.hi - cell.lo;
  }

  // Whether some channel's target is out of reach everywhere in the box.
  [[nodiscard]] bool excludes(const Box<Wide, Sums::axes>& box, const Budget& budget) const {
    const Sums sums(box, budget);
    return std::ranges::any_of(targets_, [&](const Target& target) {
      const Range<Wide> range = sums.interpolant(target.texels);
      return range.hi < target.lo || range.lo > target.hi;
    });
  }

  std::vector<Target> targets_;
  std::vector<Box<Wide, Sums::axes>> pending_;
};

}  // namespace gridproof::judging
