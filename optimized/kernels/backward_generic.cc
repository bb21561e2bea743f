#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "optimized/kernels/backward.h"
#include "optimized/kernels/backward_taps.h"
#include "optimized/kernels/sample.h"
#include "optimized/kernels/visit.h"

namespace gridproof::optimized {
namespace {

// What every machine does in a few instructions; without SSE4.1 std::floor is a call.
template <class T>
struct Operations : scalar::Operations<T> {
  T floor(T x) const {
    constexpr auto far = static_cast<T>(std::int64_t{1} << 62);
    if (!(std::fabs(x) < far)) return x;
    const auto towards_zero = static_cast<T>(static_cast<std::int64_t>(x));
    return towards_zero > x ? towards_zero - 1 : towards_zero;
  }
};

// A sample as every channel needs it: the taps inside the input, in the reference's order.
template <class T, int taps, int axes>
struct Plan {
  int count = 0;
  std::array<std::int64_t, taps> place;  // in a plane
  std::array<T, taps> weight;
  std::array<std::array<T, taps>, axes> slope;
  std::array<T, axes> factor;
};

template <class T, Mode mode, int axes>
void plan(const std::array<Axis<T>, 3>& axis, const std::array<T, axes>& given,
          Plan<T, taps_in<mode, axes>, axes>& plan) {
  const Operations<T> o;
  const auto x = axis_taps<mode>(o, given[0], axis[0]);
  const auto y = axis_taps<mode>(o, given[1], axis[1]);
  using Taps = std::remove_const_t<decltype(x)>;
  Taps z;
  std::size_t depth = 1;
  if constexpr (axes == 3) {
    z = axis_taps<mode>(o, given[2], axis[2]);
    depth = z.index.size();
  }
  plan.count = 0;
  for (std::size_t k = 0; k < depth; ++k) {
    if (axes == 3 && z.index[k] < 0) continue;
    for (std::size_t j = 0; j < y.index.size(); ++j) {
      if (y.index[j] < 0) continue;
      for (std::size_t i = 0; i < x.index.size(); ++i) {
        if (x.index[i] < 0) continue;
        const auto tap = static_cast<std::size_t>(plan.count++);
        const T across = x.weight[i] * y.weight[j];
        const T along_x = x.slope[i] * y.weight[j];
        const T along_y = x.weight[i] * y.slope[j];
        plan.place[tap] = y.index[j] * axis[1].stride + x.index[i] * axis[0].stride;
        if constexpr (axes == 3) {
          plan.place[tap] += z.index[k] * axis[2].stride;
          plan.weight[tap] = across * z.weight[k];
          plan.slope[0][tap] = along_x * z.weight[k];
          plan.slope[1][tap] = along_y * z.weight[k];
          plan.slope[2][tap] = across * z.slope[k];
        } else {
          plan.weight[tap] = across;
          plan.slope[0][tap] = along_x;
          plan.slope[1][tap] = along_y;
        }
      }
    }
  }
  plan.factor[0] = x.factor;
  plan.factor[1] = y.factor;
  if constexpr (axes == 3) plan.factor[2] = z.factor;
}

// ---- A part ----

template <class Element, Mode mode, int axes>
class Generic {
 public:
  using T = ArithmeticOf<Element>;

  Generic(const Backward& backward, const BackwardPart& part)
      : backward_(backward), problem_(backward.forward), part_(part) {}

  // [grad.input] And, of all channels, the gradient of the grid, if planes are dense.
  void make_input(bool with_grid) {
    const PerAxis& size = problem_.size;
    const std::int64_t plane = size.x * size.y * size.z;
    const std::int64_t channels = part_.end_channel - part_.first_channel;
    axis_ = {axis_of<T>(size.x, 1, problem_.options), axis_of<T>(size.y, size.x, problem_.options),
             axis_of<T>(size.z, size.x * size.y, problem_.options)};
    Element* const out = static_cast<Element*>(backward_.grad_input) +
                         (part_.batch * problem_.channels + part_.first_channel) * plane;
    std::vector<T> wide;  // of 16-bit elements: the sums are complete before they are rounded
    T* sums = nullptr;
    if constexpr (std::is_same_v<Element, T>) {
      sums = out;
      std::fill_n(sums, channels * plane, T{0});
    } else {
      wide.resize(static_cast<std::size_t>(channels * plane));
      sums = wide.data();
    }
    for (std::int64_t begin = part_.begin; begin < part_.end; begin += tile) {
      plan_tile(begin);
      for (std::int64_t c = 0; c < channels; ++c) {
        load_grads(part_.first_channel + c, begin);
        scatter(sums + c * plane);
        if (with_grid) add_channel(c);
      }
      if (with_grid) finish(begin);
    }
    std::ranges::transform(wide, out, [](T sum) { return to_element<Element>(sum); });
  }

  // [grad.grid]
  void make_grid() {
    const auto [x, y, z] = axes_of<T>(problem_);
    axis_ = {x, y, z};
    for (std::int64_t begin = part_.begin; begin < part_.end; begin += tile) {
      plan_tile(begin);
      for (std::int64_t c = 0; c < problem_.channels; ++c) {
        load_grads(c, begin);
        add_channel(c);
      }
      finish(begin);
    }
  }

 private:
  static constexpr std::int64_t tile = 128;
  static constexpr int taps = taps_in<mode, axes>;
  // [grad.order] Of every tap the sums over channels, c in number c mod 8.
  using Sums = std::array<std::array<std::array<T, taps>, tile>, 8>;

  // Calls `visit(place)` for the places, in strides, of the locations of a tile.
  template <class Visit>
  void for_each_location(const PerAxis& stride, std::int64_t begin, const Visit& visit) const {
    const PerAxis& size = problem_.out_size;
    PerAxis at = location_of(problem_, begin);
    for (auto left = static_cast<std::int64_t>(count_); left > 0;) {
      std::int64_t place = at.x * stride.x + at.y * stride.y + at.z * stride.z;
      const std::int64_t run = std::min(left, size.x - at.x);
      for (std::int64_t i = 0; i < run; ++i, place += stride.x) visit(place);
      left -= run;
      at.x = 0;
      if (++at.y == size.y) {
        at.y = 0;
        ++at.z;
      }
    }
  }

  void plan_tile(std::int64_t begin) {
    count_ = static_cast<std::size_t>(std::min(tile, part_.end - begin));
    const Element* const grid =
        static_cast<const Element*>(problem_.grid) + part_.batch * problem_.grid_batch;
    std::size_t s = 0;
    for_each_location(problem_.grid_stride, begin, [&](std::int64_t place) {
      std::array<T, axes> given;
      for (int k = 0; k < axes; ++k) {
        given[static_cast<std::size_t>(k)] = to_number(grid[place + k * problem_.grid_component]);
      }
      plan<T, mode, axes>(axis_, given, plans_.front()[s++]);
    });
  }

  void load_grads(std::int64_t c, std::int64_t begin) {
    const Element* const channel = static_cast<const Element*>(backward_.grads) +
                                   part_.batch * problem_.output_batch +
                                   c * problem_.output_channel;
    std::size_t s = 0;
    for_each_location(problem_.output_stride, begin,
                      [&](std::int64_t place) { grads_[s++] = to_number(channel[place]); });
  }

  void scatter(T* plane) const {
    for (std::size_t s = 0; s < count_; ++s) {
      const auto& plan = plans_.front()[s];
      const T g = grads_[s];
      if (plan.count == taps) {
        for (std::size_t k = 0; k < taps; ++k) plane[plan.place[k]] += plan.weight[k] * g;
      } else {
        for (std::size_t k = 0; std::cmp_less(k, plan.count); ++k) {
          plane[plan.place[k]] += plan.weight[k] * g;
        }
      }
    }
  }

  void add_channel(std::int64_t c) {
    if constexpr (mode != Mode::nearest) {
      if (sums_.empty()) sums_.resize(1);
      const Element* const plane = static_cast<const Element*>(problem_.input) +
                                   part_.batch * problem_.input_batch + c * problem_.input_channel;
      auto& own = sums_.front()[static_cast<std::size_t>(c % 8)];
      if (c < 8) own = {};
      for (std::size_t s = 0; s < count_; ++s) {
        const auto& plan = plans_.front()[s];
        for (std::size_t k = 0; std::cmp_less(k, plan.count); ++k) {
          own[s][k] += grads_[s] * to_number(plane[plan.place[k]]);
        }
      }
    }
  }

  // The gradients of a tile: all channels of a sample as one, then its taps, then the factors of
  // its axes. Sums that no channel has are +0, and so is none of the others -0: adding them would
  // change nothing.
  void finish(std::int64_t begin) {
    if constexpr (mode != Mode::nearest) {
      if (sums_.empty()) sums_.resize(1);  // there are no channels
      Element* out = static_cast<Element*>(backward_.grad_grid) +
                     (part_.batch * problem_.locations() + begin) * axes;
      const auto used = static_cast<std::size_t>(std::min<std::int64_t>(8, problem_.channels));
      for (std::size_t s = 0; s < count_; ++s) out = finish_sample(s, used, out);
    }
  }

  Element* finish_sample(std::size_t s, std::size_t used, Element* out) {
    auto& sums = sums_.front();
    const auto& plan = plans_.front()[s];
    for (const std::size_t half : {4, 2, 1}) {
      for (std::size_t i = half; i < used; ++i) {
        for (std::size_t k = 0; k < taps; ++k) sums[i - half][s][k] += sums[i][s][k];
      }
      used = std::min(used, half);
    }
    std::array<T, axes> slope{};
    for (std::size_t k = 0; std::cmp_less(k, plan.count); ++k) {
      for (std::size_t axis = 0; axis < axes; ++axis) {
        slope[axis] += plan.slope[axis][k] * sums[0][s][k];
      }
    }
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const T factor = plan.factor[axis];
      *out++ = to_element<Element>(factor == 0 ? T{0} : factor * slope[axis]);
    }
    return out;
  }

  const Backward& backward_;
  const Problem& problem_;
  const BackwardPart& part_;
  std::array<Axis<T>, 3> axis_{};
  std::vector<std::array<Plan<T, taps, axes>, tile>> plans_{1};
  std::vector<Sums> sums_;  // one; none before they are needed
  std::array<T, tile> grads_{};
  std::size_t count_ = 0;  // of a tile
};

}  // namespace

void run_backward_generic(Step step, const Backward& backward, const BackwardPart& part) {
  visit_problem(backward.forward, [&]<class Element, Mode mode, int axes>() {
    Generic<Element, mode, axes> generic(backward, part);
    if (step == Step::grid) {
      generic.make_grid();
    } else {
      generic.make_input(step == Step::both);
    }
  });
}

}  // namespace gridproof::optimized
