// The cell that the gradient is taken in, and the weights of its taps.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The linear modes' cell: `function(cell, axis)` of the right one.
template <class Function>
auto linear_cells(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.cell = [function](const auto& sample, const Axis& axis) {
      const auto cell = Documented::cell(sample, axis);
      return axis.options.mode == Mode::bilinear ? function(cell, axis) : cell;
    };
  };
}

// The gradient of the grid in the cell to the left of whole positions.
auto left_cells() {
  return only_grid(linear_cells([](auto cell, const Axis& /*axis*/) {
    if (cell.fraction == 0) return decltype(cell){cell.index - 1, 1};
    return cell;
  }));
}

template <class Function>
auto slopes(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.linear_slopes = [function](auto t, const Axis& axis) {
      using T = decltype(t);
      const std::array<double, 2> two = function(static_cast<double>(t), axis);
      return std::array<T, 2>{static_cast<T>(two[0]), static_cast<T>(two[1])};
    };
  };
}

// The weights as `function(t)` says, for one gradient or the other.
template <class Function>
auto weights(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.linear_weights = [function](auto t, const Axis& /*axis*/) {
      using T = decltype(t);
      const std::array<double, 2> two = function(static_cast<double>(t));
      return std::array<T, 2>{static_cast<T>(two[0]), static_cast<T>(two[1])};
    };
  };
}

template <class T>
T sign_of(T number) {
  return number > 0 ? T{1} : number < 0 ? T{-1} : T{0};
}

}  // namespace

std::vector<GradientMutant> of_gradient_cells() {
  return {
      gradient({"kink.left",
                "grad.kink-right",
                "at a whole position the gradient is the derivative to the left",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.25,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"TensorFlow Addons, issue 2535 (legal there)",
                  "https://github.com/tensorflow/addons/issues/2535"}}},
               left_cells()),
      gradient({"kink.zero",
                "grad.kink-right",
                "at a whole position the gradient is 0",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.25,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"JAX, issue 3024", "https://github.com/jax-ml/jax/issues/3024"},
                 {"JAX, issue 8684", "https://github.com/jax-ml/jax/issues/8684"}}},
               slopes([](double t, const Axis&) {
                 return t == 0 ? std::array{0.0, 0.0} : std::array{-1.0, 1.0};
               })),
      gradient({"kink.mean", "grad.kink-right",
                "at a whole position the gradient is the mean of those on both sides",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.25,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               gives_grid([](const BackwardCase& test_case, std::vector<double>& values) {
                 const Tensor left = *changed_gradients(left_cells(), about_grid(test_case)).grid;
                 const std::vector<double> others = left.values();
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   values[i] = (values[i] + others[i]) / 2;
                 }
               })),
      gradient({"kink.last-pixel-left", "grad.zeros-rim",
                "at the center of the last pixel the cell is the one before: the ramp is not seen",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.75,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(linear_cells([](auto cell, const Axis& axis) {
                 if (cell.fraction == 0 && cell.index == axis.size - 1) {
                   return decltype(cell){cell.index - 1, 1};
                 }
                 return cell;
               }))),
      gradient({"cell.next", "grad.grid", "the gradient of the grid is that of the next cell",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(linear_cells([](auto cell, const Axis& /*axis*/) {
                 return decltype(cell){cell.index + 1, cell.fraction};
               }))),
      gradient({"cell.rounded", "grad.grid",
                "the gradient of the grid is taken in the cell of the nearest pixel",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(linear_cells([](auto cell, const Axis& /*axis*/) {
                 if (cell.fraction > 0.5) return decltype(cell){cell.index + 1, cell.fraction - 1};
                 return cell;
               }))),
      gradient({"cell.truncated", "grad.zeros-rim",
                "the cell is cut towards 0: between -1 and 0 it is that of pixel 0",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               linear_cells([](auto cell, const Axis& /*axis*/) {
                 if (cell.index < 0 && cell.fraction != 0) {
                   return decltype(cell){cell.index + 1, cell.fraction - 1};
                 }
                 return cell;
               })),
      gradient({"cell.kept-inside", "grad.zeros-rim",
                "the cell is one of those between pixels, the first or the last beyond the rim",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(linear_cells([](auto cell, const Axis& axis) {
                 const auto last = std::max<std::int64_t>(axis.size - 2, 0);
                 return decltype(cell){std::clamp<std::int64_t>(cell.index, 0, last),
                                       cell.fraction};
               }))),
      gradient({"slope.two-cells", "grad.grid",
                "the gradient is the mean over the cell and the next: central differences",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               gives_grid([](const BackwardCase& test_case, std::vector<double>& values) {
                 const auto next = only_grid(linear_cells([](auto cell, const Axis& /*axis*/) {
                   return decltype(cell){cell.index + 1, cell.fraction};
                 }));
                 const Tensor there = *changed_gradients(next, about_grid(test_case)).grid;
                 const std::vector<double> others = there.values();
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   values[i] = (values[i] + others[i]) / 2;
                 }
               })),
      gradient({"slope.weights", "grad.grid",
                "the weights 1 - t and t stand for their derivatives -1 and 1",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               slopes([](double t, const Axis&) { return std::array{1 - t, t}; })),
      gradient({"slope.sum", "grad.grid", "both derivatives are 1: a sum for a difference",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               slopes([](double, const Axis&) { return std::array{1.0, 1.0}; })),
      gradient({"slope.far-tap-lost", "grad.grid",
                "the tap on the far side is missing from the gradient of the grid",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               slopes([](double, const Axis&) { return std::array{-1.0, 0.0}; })),
      gradient({"slope.last-corner-lost", "grad.grid",
                "the last corner of the cell is missing from the gradient of the grid",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(taps_where([](const auto& tap, const auto& sample, const auto& axes) {
                 if (axes[0].options.mode != Mode::bilinear) return true;
                 bool is_last = true;
                 std::int64_t place = 0;
                 for (const std::size_t k : {2, 1, 0}) {
                   const auto& [index, weight] =
                       sample.axes[k].taps[static_cast<std::size_t>(sample.axes[k].tap_count - 1)];
                   is_last &= index != semantics::outside;
                   place = place * axes[k].size + index;
                 }
                 return !is_last || tap.gradient_place != place;
               }))),
      gradient({"slope.other-axes-forgotten", "grad.grid",
                "derivatives are not multiplied by the weights of the other axes",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,16} grid=f32[1,1,1,2]{0,0.25} "
                "grad_output=f32[1,1,1,1]{1}"},
               each_tap([](auto& tap, const auto& /*sample*/, const auto& axes) {
                 if (axes[0].options.mode != Mode::bilinear) return;
                 for (auto& slope : tap.slopes) slope = sign_of(slope);
               })),
      gradient({"slope.other-axes-exchanged", "grad.grid",
                "derivatives are multiplied by the other axes' weights the wrong way round",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,16} grid=f32[1,1,1,2]{0,0.25} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(weights([](double t) { return std::array{t, 1 - t}; }))),
      gradient_where(
          {"slope.depth-forgotten", "grad.grid",
           "of volumes the derivatives along x and y are not multiplied by z's weights",
           "grid_sample_backward input=f32[1,1,2,2,2]{1..7,16} "
           "grid=f32[1,1,1,1,3]{0,0,0.25} grad_output=f32[1,1,1,1,1]{1}"},
          [](const BackwardCase& test_case) { return volumes(test_case.forward); },
          each_tap([](auto& tap, const auto& sample, const auto& axes) {
            const std::int64_t z = tap.gradient_place / (axes[0].size * axes[1].size);
            const auto& own = sample.axes[2];
            for (std::size_t k = 0; std::cmp_less(k, own.tap_count); ++k) {
              const auto& [index, weight] = own.taps[k];
              if (index != z || weight == 0) continue;
              tap.slopes[0] /= weight;
              tap.slopes[1] /= weight;
            }
          })),
      gradient({"weights.exchanged", "grad.input",
                "the two taps of an axis exchange their weights in the gradient of the input",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input(weights([](double t) { return std::array{t, 1 - t}; }))),
      gradient({"weights.nearer-takes-all", "grad.input",
                "the nearer of two pixels gets the whole gradient",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input(weights([](double t) {
                 return t > 0.5 ? std::array{0.0, 1.0} : std::array{1.0, 0.0};
               }))),
      gradient(
          {"weights.equal", "grad.input", "the pixels around a position share the gradient equally",
           "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
           "grad_output=f32[1,1,1,1]{1}"},
          only_input(weights(
              [](double t) { return t == 0 ? std::array{1.0, 0.0} : std::array{0.5, 0.5}; }))),
      gradient({"weights.magnitude-of-g", "grad.input",
                "a texel gets the magnitude of what it should get",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{-1}"},
               [](HookedGradients& rules) {
                 rules.share = [](auto weight, auto grad) { return std::fabs(weight * grad); };
               }),
      gradient(
          {"weights.texel-multiplied", "grad.input", "what a texel gets is multiplied by the texel",
           "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
           "grad_output=f32[1,1,1,1]{1}"},
          gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
            const std::vector<double> texels = test_case.forward.input.values();
            for (std::size_t i = 0; i < values.size(); ++i) values[i] *= texels[i];
          })),
  };
}

}  // namespace gridproof::dictionary
