// Sees quickly that a box of positions does not hold an answer. A position that was rounded to 16
// bits is one of several along each axis, so that three axes make over a hundred boxes, few of
// which hold the answer. Derivation: judging.md, section 5. Tested by quick_exclusion_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "oracle/judge/last_rounding.h"
#include "oracle/judge/taps.h"

namespace gridproof::judging {

// Of the answers in the first channel, in a linear mode.
template <class Element, std::size_t N>
class QuickExclusion {
 public:
  using Wide = WideOf<Element>;

  explicit QuickExclusion(const CaseView<Element, N>& view)
      : is_possible_(!view.is_cubic() && view.budget.flush == 0 && view.channels > 0),
        // What `linear_error`, `lerp_error` and the rest of `linear_range` come to at most while t
        // lies in [0, 1], and what this sight is off.
        relative_((view.budget.linear_growth[N] + N * view.budget.lerp_error * view.budget.unit) *
                      1.01 +
                  8 * view.budget.smallest + 0x1p-40),
        absolute_(16 * view.budget.smallest) {}

  // The next sample.
  void begin(const LastRounding<Element>& rounding, std::int64_t batch, Element answer) {
    const double got = to_double(answer);
    is_asked_ = is_possible_ && isfinite(got);
    if (is_asked_) from_ = rounding.preimage(got);
    batch_ = batch;
    cells_.reset();
  }

  // Whether the answer is surely not among what the box admits. If not, nothing follows.
  [[nodiscard]] bool excludes(const CaseView<Element, N>& view, const Box<Wide, N>& box) {
    if (!is_asked_) return false;
    std::array<Wide, N> t;
    Wide width = 0;
    for (std::size_t axis = 0; axis < N; ++axis) {
      if (box[axis].lo < 0 || box[axis].hi > 1) return false;
      t[axis] = box[axis].lo;
      width += box[axis].hi - box[axis].lo;
    }
    look_at(view, box);
    if (values_.has_nonfinite) return false;
    const Wide value = multi_affine<Wide, N>(values_.texels, t);
    // Along an axis the interpolant changes by two texels' difference at most.
    const Wide reach = largest_ * (relative_ + 2 * width) + absolute_;
    return from_.hi < value - reach || from_.lo > value + reach;
  }

 private:
  using Cells = std::array<std::pair<std::int64_t, bool>, N>;

  // The texels, which boxes in the same cells share.
  void look_at(const CaseView<Element, N>& view, const Box<Wide, N>& box) {
    Cells cells;
    for (std::size_t axis = 0; axis < N; ++axis) cells[axis] = {box[axis].index, box[axis].by_taps};
    if (cells_ == cells) return;
    cells_ = cells;
    values_ = gather<2>(view, batch_, 0, tap_places<2>(view, box));
    largest_ = 0;
    for (const Wide texel : values_.texels) largest_ = std::max<Wide>(largest_, fabs(texel));
  }

  bool is_possible_;
  Wide relative_;
  Wide absolute_;
  bool is_asked_ = false;
  Interval<Wide> from_;
  std::int64_t batch_ = 0;
  std::optional<Cells> cells_;
  TapValues<Wide, tap_count(2, N)> values_;
  Wide largest_ = 0;
};

}  // namespace gridproof::judging
