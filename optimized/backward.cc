#include "optimized/backward.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "optimized/checks.h"
#include "optimized/grid_sample.h"
#include "optimized/kernels/element.h"
#include "optimized/kernels/scalar.h"
#include "optimized/subjects.h"
#include "reference/contract/parallel.h"

namespace gridproof::optimized {
namespace {

// ---- One sample: its taps, with their weights and what a step changes of these ----

// One axis of a sample. Only the first `taps` are there; an index of -1 is outside.
template <class T, int taps>
struct AxisTaps {
  std::array<std::int64_t, taps> index{};
  std::array<T, taps> weight{};
  std::array<T, taps> slope{};  // of the weight, by the position
  T factor = 0;                 // of the position, by the coordinate
};

// What every machine does in a few instructions; without SSE4.1 std::floor is a call.
template <class T>
struct Numbers : scalar::Operations<T, double> {
  T floor(T x) const {
    constexpr auto far = static_cast<T>(std::int64_t{1} << 62);
    if (!(std::fabs(x) < far)) return x;
    const auto towards_zero = static_cast<T>(static_cast<std::int64_t>(x));
    return towards_zero > x ? towards_zero - 1 : towards_zero;
  }
};

// [grad.border] [grad.reflection] How the padded position moves with the position; 0 where it is
// clipped. The steps are those of scalar::reflect.
template <class T>
T padding_slope(const Numbers<T>& o, T at, const Axis<T>& axis) {
  if (axis.padding == Padding::zeros) return 1;
  T sign = 1;
  if (axis.padding == Padding::reflection) {
    if (axis.size == 1) return 0;
    at = o.remainder(at, axis.period) + T{0};
    for (const bool low : {true, false, true}) {
      if (low ? at + at < axis.twice_low : at + at > axis.twice_high) {
        at = (low ? axis.twice_low : axis.twice_high) - at;
        sign = -sign;
      }
    }
  }
  return at > 0 && at < axis.last ? sign : T{0};
}

// [grad.scale] [grad.nan] [grad.infinity]
template <class T>
T factor_of(const Numbers<T>& o, T given, bool is_cubic, const Axis<T>& axis) {
  if (std::isnan(given) || std::isinf(given)) return 0;
  const T at = scalar::usual_position(o, given, axis);
  if (std::isinf(at)) return 0;
  return (is_cubic ? T{1} : padding_slope(o, at, axis)) * (axis.span / 2);
}

template <class T>
AxisTaps<T, 2> linear_taps(const Numbers<T>& o, T given, const Axis<T>& axis) {
  AxisTaps<T, 2> taps;
  const T at = scalar::padded(o, scalar::position(o, given, axis), axis);
  const T below = o.floor(at);
  taps.index.fill(-1);
  if (below >= -1 && below <= axis.last) {
    const auto pixel = static_cast<std::int64_t>(scalar::pixel_at(o, below, axis));
    if (pixel >= 0 && pixel < axis.size) taps.index[0] = pixel;
    if (pixel + 1 < axis.size) taps.index[1] = pixel + 1;
  }
  taps.weight = {1 - (at - below), at - below};
  taps.slope = {-1, 1};
  taps.factor = factor_of(o, given, false, axis);
  return taps;
}

template <class T>
AxisTaps<T, 4> cubic_taps(const Numbers<T>& o, T given, const Axis<T>& axis) {
  const auto inner = [](T d) { return (T{3.75} * d - T{4.5}) * d; };
  const auto outer = [](T d) { return (T{-2.25} * d + T{7.5}) * d - T{6}; };
  const T at = scalar::position(o, given, axis);
  const auto sampled = scalar::cubic_axis(o, given, axis);
  const T t = scalar::cell_of(o, at).fraction;
  const T rest = 1 - t;
  AxisTaps<T, 4> taps;
  taps.slope = {outer(t + 1), inner(t), -inner(rest), -outer(rest + 1)};
  for (std::size_t k = 0; k < 4; ++k) {
    taps.index[k] =
        static_cast<std::int64_t>(scalar::cubic_tap(o, sampled.cell, static_cast<int>(k), axis));
    taps.weight[k] = sampled.weight[k];
  }
  taps.factor = factor_of(o, given, true, axis);
  return taps;
}

template <class T, Mode mode>
auto axis_taps(const Numbers<T>& o, T given, const Axis<T>& axis) {
  if constexpr (mode == Mode::bilinear) return linear_taps(o, given, axis);
  if constexpr (mode == Mode::bicubic) return cubic_taps(o, given, axis);
  if constexpr (mode == Mode::nearest) {
    return AxisTaps<T, 1>{
        {static_cast<std::int64_t>(scalar::nearest_tap(o, given, axis))}, {1}, {0}, 0};
  }
}

// A sample as every channel needs it: the taps inside the input, in the reference's order.
template <class T, int taps, int axes>
struct Plan {
  int count = 0;
  std::array<std::int64_t, taps> place;  // in a dense plane
  std::array<T, taps> weight;
  std::array<std::array<T, taps>, axes> slope;
  std::array<T, axes> factor;
};

template <Mode mode, int axes>
constexpr int max_taps = mode == Mode::nearest   ? 1
                         : mode == Mode::bicubic ? 16
                                                 : 1 << axes;

template <class T, Mode mode, int axes>
void plan(const std::array<Axis<T>, 3>& axis, const std::array<T, axes>& given,
          Plan<T, max_taps<mode, axes>, axes>& plan) {
  const Numbers<T> o;
  const auto x = axis_taps<T, mode>(o, given[0], axis[0]);
  const auto y = axis_taps<T, mode>(o, given[1], axis[1]);
  using Taps = std::remove_const_t<decltype(x)>;
  Taps z;
  std::size_t depth = 1;
  if constexpr (axes == 3) {
    z = axis_taps<T, mode>(o, given[2], axis[2]);
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
        plan.place[tap] = y.index[j] * axis[0].size + x.index[i];
        if constexpr (axes == 3) {
          plan.place[tap] += z.index[k] * axis[0].size * axis[1].size;
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

// ---- A call ----

template <class Element>
struct Call {
  View<Element> grads;
  View<Element> input;  // dense
  View<Element> grid;
  Options options;
  Element* grad_input;
  Element* grad_grid;
  int threads;
};

template <class Element, Mode mode, int axes>
class Backward {
 public:
  using T = std::conditional_t<std::is_same_v<Element, double>, double, float>;
  static constexpr int taps = max_taps<mode, axes>;

  explicit Backward(const Call<Element>& call) : call_(call) {
    for (int k = 0; k < axes; ++k) {
      const auto at = static_cast<std::size_t>(1 + axes - k);
      axis_[static_cast<std::size_t>(k)] =
          axis_of<T>(call.input.shape[at], call.input.strides[at], call.options);
      plane_ *= call.input.shape[at];
      locations_ *= call.grid.shape[static_cast<std::size_t>(k + 1)];
    }
  }

  void run() const {
    const bool wants_input = call_.grad_input != nullptr && channels() > 0;
    const bool wants_grid = call_.grad_grid != nullptr;
    // One thread plans every sample once for both gradients. Several share the planes of the one
    // and the locations of the other.
    if (call_.threads == 1 && wants_input && wants_grid) {
      for (std::int64_t n = 0; n < batches(); ++n) add_to_planes(n, 0, channels(), true);
      return;
    }
    if (wants_input) add_to_input();
    if (wants_grid) make_grid();
  }

 private:
  static constexpr std::int64_t tile = 128;
  using Plans = std::array<Plan<T, taps, axes>, tile>;
  using Tile = std::array<T, tile>;

  [[nodiscard]] std::int64_t batches() const { return call_.input.shape[0]; }
  [[nodiscard]] std::int64_t channels() const { return call_.input.shape[1]; }

  // Calls `visit(location's place in its batch entry's strides)` for the locations of a tile.
  template <class Visit>
  void for_each_location(const View<Element>& view, int first_axis, std::int64_t begin,
                         std::int64_t end, Visit&& visit) const {
    std::array<std::int64_t, axes> index{};
    std::int64_t rest = begin;
    for (int k = axes - 1; k >= 0; --k) {
      const std::int64_t size = call_.grid.shape[static_cast<std::size_t>(k + 1)];
      index[static_cast<std::size_t>(k)] = rest % size;
      rest /= size;
    }
    const auto stride = [&](int k) {
      return view.strides[static_cast<std::size_t>(first_axis + k)];
    };
    for (std::int64_t at = begin; at < end;) {
      std::int64_t place = 0;
      for (int k = 0; k < axes; ++k) place += index[static_cast<std::size_t>(k)] * stride(k);
      auto& x = index[axes - 1];
      const std::int64_t row = call_.grid.shape[axes];
      const std::int64_t run = std::min(row - x, end - at);
      for (std::int64_t i = 0; i < run; ++i, place += stride(axes - 1)) visit(place);
      at += run;
      x += run;
      for (int k = axes - 1; k > 0 && index[static_cast<std::size_t>(k)] ==
                                          call_.grid.shape[static_cast<std::size_t>(k + 1)];
           --k) {
        index[static_cast<std::size_t>(k)] = 0;
        ++index[static_cast<std::size_t>(k - 1)];
      }
    }
  }

  void plan_tile(std::int64_t n, std::int64_t begin, std::int64_t end, Plans& plans) const {
    const Element* const grid = call_.grid.data + n * call_.grid.strides[0];
    const std::int64_t component = call_.grid.strides[axes + 1];
    std::size_t s = 0;
    for_each_location(call_.grid, 1, begin, end, [&](std::int64_t place) {
      std::array<T, axes> given;
      for (int k = 0; k < axes; ++k) {
        given[static_cast<std::size_t>(k)] = static_cast<T>(grid[place + k * component]);
      }
      plan<T, mode, axes>(axis_, given, plans[s++]);
    });
  }

  void load_grads(std::int64_t n, std::int64_t c, std::int64_t begin, std::int64_t end,
                  Tile& grads) const {
    const Element* const channel =
        call_.grads.data + n * call_.grads.strides[0] + c * call_.grads.strides[1];
    std::size_t s = 0;
    for_each_location(call_.grads, 2, begin, end,
                      [&](std::int64_t place) { grads[s++] = static_cast<T>(channel[place]); });
  }

  // [grad.input] Threads own planes, so that every texel gets its samples in their order.
  void add_to_input() const {
    const std::int64_t together =
        std::clamp<std::int64_t>(batches() * channels() / (4 * call_.threads), 1, 16);
    const std::int64_t groups = (channels() + together - 1) / together;
    for_each_part(batches() * groups, call_.threads, [&](std::int64_t part) {
      const std::int64_t first = part % groups * together;
      add_to_planes(part / groups, first, std::min(first + together, channels()), false);
    });
  }

  // Some planes; and with all of a batch entry the gradient of its grid.
  void add_to_planes(std::int64_t n, std::int64_t first, std::int64_t end, bool with_grid) const {
    Element* const out = call_.grad_input + (n * channels() + first) * plane_;
    std::vector<T> wide;  // of 16-bit elements: the sums are complete before they are rounded
    T* sums = nullptr;
    if constexpr (std::is_same_v<Element, T>) {
      sums = out;
      std::fill_n(sums, (end - first) * plane_, T{0});
    } else {
      wide.resize(static_cast<std::size_t>((end - first) * plane_));
      sums = wide.data();
    }
    Workspace work(with_grid);
    for (std::int64_t begin = 0; begin < locations_; begin += tile) {
      const std::int64_t stop = std::min(begin + tile, locations_);
      start_tile(n, begin, stop, work);
      for (std::int64_t c = first; c < end; ++c) {
        load_grads(n, c, begin, stop, work.grads);
        scatter(work.plans.front(), work.grads, stop - begin, sums + (c - first) * plane_);
        if (with_grid) add_channel(n, c, stop - begin, work);
      }
      if (with_grid) finish_tile(n, begin, stop, work);
    }
    if constexpr (!std::is_same_v<Element, T>) {
      std::ranges::transform(wide, out, [](T value) { return static_cast<Element>(value); });
    }
  }

  static void scatter(const Plans& plans, const Tile& grads, std::int64_t count, T* plane) {
    for (std::size_t s = 0; s < static_cast<std::size_t>(count); ++s) {
      const auto& plan = plans[s];
      const T g = grads[s];
      if (plan.count == taps) {
        for (std::size_t k = 0; k < taps; ++k) plane[plan.place[k]] += plan.weight[k] * g;
      } else {
        for (std::size_t k = 0; k < static_cast<std::size_t>(plan.count); ++k) {
          plane[plan.place[k]] += plan.weight[k] * g;
        }
      }
    }
  }

  // [grad.grid] Locations are independent of each other.
  void make_grid() const {
    const std::int64_t tiles = (locations_ + tile - 1) / tile;
    const std::int64_t together =
        std::max<std::int64_t>(1, batches() * tiles / (8 * call_.threads));
    const std::int64_t pieces = (tiles + together - 1) / together;
    for_each_part(batches() * pieces, call_.threads, [&](std::int64_t part) {
      Workspace work(true);
      const std::int64_t n = part / pieces;
      const std::int64_t first = part % pieces * together;
      for (std::int64_t at = first; at < std::min(first + together, tiles); ++at) {
        const std::int64_t begin = at * tile;
        const std::int64_t end = std::min(begin + tile, locations_);
        if (mode != Mode::nearest) start_tile(n, begin, end, work);
        for (std::int64_t c = 0; c < channels() && mode != Mode::nearest; ++c) {
          load_grads(n, c, begin, end, work.grads);
          add_channel(n, c, end - begin, work);
        }
        finish_tile(n, begin, end, work);
      }
    });
  }

  // [grad.order] Of every tap the sums over channels, c in number c mod 8.
  using Sums = std::array<std::array<std::array<T, taps>, tile>, 8>;
  struct Workspace {
    explicit Workspace(bool with_grid) : sums(with_grid && mode != Mode::nearest ? 1 : 0) {}
    std::vector<Plans> plans{1};
    std::vector<Sums> sums;
    Tile grads;
  };

  void start_tile(std::int64_t n, std::int64_t begin, std::int64_t end, Workspace& work) const {
    plan_tile(n, begin, end, work.plans.front());
    for (Sums& sums : work.sums) {
      for (std::size_t k = 0; std::cmp_less(k, std::min<std::int64_t>(8, channels())); ++k) {
        sums[k] = {};
      }
    }
  }

  void add_channel(std::int64_t n, std::int64_t c, std::int64_t count, Workspace& work) const {
    if constexpr (mode != Mode::nearest) {
      const Plans& plans = work.plans.front();
      const Element* const plane = call_.input.data + (n * channels() + c) * plane_;
      auto& own = work.sums.front()[static_cast<std::size_t>(c % 8)];
      for (std::size_t s = 0; std::cmp_less(s, count); ++s) {
        const auto& plan = plans[s];
        for (std::size_t k = 0; k < static_cast<std::size_t>(plan.count); ++k) {
          own[s][k] += work.grads[s] * static_cast<T>(plane[plan.place[k]]);
        }
      }
    }
  }

  void finish_tile(std::int64_t n, std::int64_t begin, std::int64_t end, Workspace& work) const {
    Element* out = call_.grad_grid + (n * locations_ + begin) * axes;
    if constexpr (mode == Mode::nearest) {  // [grad.nearest]
      std::fill_n(out, (end - begin) * axes, Element{});
    } else {
      const auto used = static_cast<std::size_t>(std::min<std::int64_t>(8, channels()));
      for (std::size_t s = 0; std::cmp_less(s, end - begin); ++s) {
        out = finish(work.plans.front()[s], work.sums.front(), s, used, out);
      }
    }
  }

  // All channels of a sample as one, then its taps, then the factors of its axes. Sums that no
  // channel has are +0, and so is none of the others -0: adding them would change nothing.
  static Element* finish(const Plan<T, taps, axes>& plan, Sums& sums, std::size_t s,
                         std::size_t used, Element* out) {
    for (const std::size_t half : {4, 2, 1}) {
      for (std::size_t i = half; i < used; ++i) {
        for (std::size_t k = 0; k < taps; ++k) sums[i - half][s][k] += sums[i][s][k];
      }
      used = std::min(used, half);
    }
    std::array<T, axes> slope{};
    for (std::size_t k = 0; k < static_cast<std::size_t>(plan.count); ++k) {
      for (std::size_t axis = 0; axis < axes; ++axis) {
        slope[axis] += plan.slope[axis][k] * sums[0][s][k];
      }
    }
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const T factor = plan.factor[axis];
      *out++ = static_cast<Element>(factor == 0 ? T{0} : factor * slope[axis]);
    }
    return out;
  }

  const Call<Element>& call_;
  std::array<Axis<T>, 3> axis_{};
  std::int64_t plane_ = 1;
  std::int64_t locations_ = 1;
};

template <class Element>
void run(const Call<Element>& call) {
  const bool volumetric = call.input.rank == 5;
  switch (call.options.mode) {
    case Mode::nearest:
      return volumetric ? Backward<Element, Mode::nearest, 3>(call).run()
                        : Backward<Element, Mode::nearest, 2>(call).run();
    case Mode::bilinear:
      return volumetric ? Backward<Element, Mode::bilinear, 3>(call).run()
                        : Backward<Element, Mode::bilinear, 2>(call).run();
    case Mode::bicubic:
      return Backward<Element, Mode::bicubic, 2>(call).run();
  }
}

template <class View>
std::span<const std::int64_t> shape_of(const View& view) {
  return {view.shape.data(), static_cast<std::size_t>(view.rank)};
}

// [grad.shape]
std::optional<Refusal> refuse_grads(std::span<const std::int64_t> grads,
                                    std::span<const std::int64_t> input,
                                    std::span<const std::int64_t> grid) {
  const Shape expected = output_shape(input, grid);
  if (std::ranges::equal(expected, grads)) return std::nullopt;
  return Refusal{"grad.shape", "grad_output has shape " +
                                   to_string(Shape(grads.begin(), grads.end())) + ": expected " +
                                   to_string(expected) + ", the shape of the output"};
}

template <class T>
bool is_dense(const View<T>& view) {
  std::int64_t stride = 1;
  for (int axis = view.rank - 1; axis >= 0; --axis) {
    const auto at = static_cast<std::size_t>(axis);
    if (view.shape[at] != 1 && view.strides[at] != stride) return false;
    stride *= view.shape[at];
  }
  return true;
}

// The elements of a window in row-major order.
template <class T>
std::vector<T> dense_copy(const View<T>& view) {
  const auto shape = shape_of(view);
  std::vector<T> copy;
  for_each_position(Shape(shape.begin(), shape.end()),
                    Shape(view.strides.begin(), view.strides.begin() + view.rank), 0,
                    [&](std::int64_t at) { copy.push_back(view.data[at]); });
  return copy;
}

}  // namespace
}  // namespace gridproof::optimized

namespace gridproof {

template <class T>
void grid_sample_backward(const View<T>& grad_output, const View<T>& input, const View<T>& grid,
                          const Options& options, T* grad_input, T* grad_grid, int threads) {
  using optimized::shape_of;
  if (auto refusal = optimized::refuse_shapes(shape_of(input), shape_of(grid), options)) {
    throw RefusedError(*std::move(refusal));
  }
  if (auto refusal =
          optimized::refuse_grads(shape_of(grad_output), shape_of(input), shape_of(grid))) {
    throw RefusedError(*std::move(refusal));
  }
  optimized::Call<T> call{
      grad_output, input, grid, options, grad_input, grad_grid, threads_or_cores(threads)};
  std::vector<T> copy;  // only what is read: the gradient of the input does not depend on it
  if (grad_grid != nullptr && options.mode != Mode::nearest && !optimized::is_dense(input)) {
    copy = optimized::dense_copy(input);
    const auto shape = shape_of(input);
    call.input = dense_view<T>(copy.data(), Shape(shape.begin(), shape.end()));
  }
  optimized::run(call);
}

template void grid_sample_backward(const View<float>&, const View<float>&, const View<float>&,
                                   const Options&, float*, float*, int);
template void grid_sample_backward(const View<double>&, const View<double>&, const View<double>&,
                                   const Options&, double*, double*, int);
template void grid_sample_backward(const View<Half>&, const View<Half>&, const View<Half>&,
                                   const Options&, Half*, Half*, int);
template void grid_sample_backward(const View<BFloat16>&, const View<BFloat16>&,
                                   const View<BFloat16>&, const Options&, BFloat16*, BFloat16*,
                                   int);

BackwardAnswer optimized::backward_answer(const BackwardCase& test_case, int threads) {
  const auto& [forward, grads, mask] = test_case;
  if (auto refusal = refuse(forward)) return *std::move(refusal);
  if (auto refusal = refuse_grads(grads.shape(), forward.input.shape(), forward.grid.shape())) {
    return *std::move(refusal);
  }
  if (grads.dtype() != forward.input.dtype()) {
    return Refusal{"grad.dtype", "grad_output is " + std::string(name(grads.dtype())) +
                                     ": expected " + std::string(name(forward.input.dtype())) +
                                     ", the dtype of the output"};
  }
  Gradients gradients;
  const Dtype dtype = forward.input.dtype();
  if (mask.input) gradients.input = Tensor(dtype, forward.input.shape());
  if (mask.grid) gradients.grid = Tensor(dtype, forward.grid.shape());
  visit(dtype, [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      const auto data = [](std::optional<Tensor>& tensor) {
        return tensor ? tensor->elements<T>().data() : nullptr;
      };
      grid_sample_backward(test_case.grad_output.view<T>(), test_case.forward.input.view<T>(),
                           test_case.forward.grid.view<T>(),
                           resolve(test_case.forward.request).value_or(Options{}),
                           data(gradients.input), data(gradients.grid), threads);
    }
  });
  return gradients;
}

}  // namespace gridproof
