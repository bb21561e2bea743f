// What is the same for all samples of a case, and where one of them lies. Tested by judge_test.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "oracle/judge/axis.h"
#include "oracle/judge/interpolate.h"
#include "reference/contract/case.h"

namespace gridproof::judging {

// The type in which a correct implementation calculates: 16-bit tensors are calculated in f32.
template <class Element>
using RealOf = std::conditional_t<std::is_same_v<Element, double>, double, float>;
template <class Element>
using WideOf = typename Arithmetic<RealOf<Element>>::Wide;

// That a 16-bit tensor flushes its last step as well is seen by LastRounding.
template <class Real>
Budget budget_of(const Profile& profile) {
  Format format = format_of(dtype_of<Real>);
  const bool narrow = profile.kind == Profile::Kind::narrow_arithmetic;
  if (narrow) format = format_of(profile.type);
  Budget budget{.unit = ldexp(1.0, -format.precision),
                .smallest = ldexp(1.0, format.min_subnormal_exponent()),
                .largest = ldexp(2.0 - ldexp(1.0, 1 - format.precision), format.max_exponent)};
  budget.of_real = !narrow;
  budget.powers = profile.has_any_formula();
  if (budget.powers || narrow) budget.lerp_error = Budget::worst_lerp;
  if (profile.kind == Profile::Kind::flush) budget.flush = ldexp(1.0, format.min_exponent);
  return budget;
}

// A case as the judge reads it, for one element type and one number of spatial axes.
template <class Element, std::size_t N>
struct CaseView {
  using Wide = WideOf<Element>;
  using Index = std::array<std::int64_t, N>;  // x first

  CaseView(const Case& test_case, const Options& its_options, const Profile& its_profile)
      : options(its_options),
        profile(its_profile),
        budget(budget_of<RealOf<Element>>(its_profile)),
        input(test_case.input.view<Element>()),
        grid(test_case.grid.view<Element>()),
        channels(test_case.input.size(1)),
        samples(sample_count(test_case)) {
    for (std::size_t axis = 0; axis < N; ++axis) size[axis] = input.shape[N + 1 - axis];
  }

  [[nodiscard]] const Element* plane(std::int64_t batch, std::int64_t channel) const {
    return input.data + batch * input.strides[0] + channel * input.strides[1];
  }
  // +0 where an index is -1.
  [[nodiscard]] Element texel(std::int64_t batch, std::int64_t channel, const Index& index) const {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < N; ++axis) {
      if (index[axis] < 0) return Element{};
      offset += index[axis] * input.strides[N + 1 - axis];
    }
    return plane(batch, channel)[offset];
  }

  [[nodiscard]] bool is_cubic() const { return options.mode == Mode::bicubic; }

  Options options;
  Profile profile;
  Budget budget;
  View<Element> input;
  View<Element> grid;
  std::int64_t channels;
  std::int64_t samples;
  Index size{};  // of the input
};

// A sample, and all that is known of its position.
template <class Wide, std::size_t N>
struct LocatedSample {
  std::int64_t batch = 0;
  std::array<double, N> coordinate{};
  std::array<AxisSet<Wide>, N> axes;

  // The input is out of reach along some axis.
  [[nodiscard]] bool is_outside() const {
    return std::ranges::any_of(axes, &AxisSet<Wide>::outside);
  }
  // Along some axis the position is not known to within a pixel.
  [[nodiscard]] bool is_wide() const { return std::ranges::any_of(axes, &AxisSet<Wide>::wide); }
  [[nodiscard]] bool has_nan_coordinate() const {
    return std::ranges::any_of(coordinate, [](double x) { return isnan(x); });
  }
};

// Locates the samples of a case, which are mostly asked for in order.
template <class Element, std::size_t N>
class SampleLocator {
 public:
  using Wide = WideOf<Element>;

  explicit SampleLocator(Locator<RealOf<Element>> locator) : locator_(std::move(locator)) {}

  // Valid until the next call.
  const LocatedSample<Wide, N>& locate(const CaseView<Element, N>& view, std::int64_t sample) {
    seek(view.grid, sample);
    located_.batch = index_[0];
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis <= N; ++axis) offset += index_[axis] * view.grid.strides[axis];
    for (std::size_t axis = 0; axis < N; ++axis) {
      const std::int64_t place =
          offset + static_cast<std::int64_t>(axis) * view.grid.strides[N + 1];
      located_.coordinate[axis] = to_double(view.grid.data[place]);
      locator_.locate(located_.coordinate[axis], view.size[axis], located_.axes[axis]);
    }
    return located_;
  }

 private:
  void seek(const View<Element>& grid, std::int64_t sample) {
    std::size_t axis = N;
    if (sample == sample_ + 1) {
      while (++index_[axis] == grid.shape[axis] && axis > 0) index_[axis--] = 0;
    } else {
      std::int64_t rest = sample;
      for (; axis > 0; --axis) {
        index_[axis] = rest % grid.shape[axis];
        rest /= grid.shape[axis];
      }
      index_[0] = rest;
    }
    sample_ = sample;
  }

  Locator<RealOf<Element>> locator_;
  std::int64_t sample_ = -2;
  std::array<std::int64_t, N + 1> index_{};  // of `sample_` in the grid, without its last axis
  LocatedSample<Wide, N> located_;
};

}  // namespace gridproof::judging
