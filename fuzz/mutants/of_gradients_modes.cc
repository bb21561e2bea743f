// Nearest, bicubic, and what is not finite.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

auto mode_is(Mode mode) {
  return [mode](const BackwardCase& test_case) { return by(mode)(test_case.forward); };
}

auto asked_as(const char* mode) {
  return asks_gradients([mode](BackwardCase test_case) {
    test_case.forward.request.mode = mode;
    return test_case;
  });
}

// The pixel of `nearest`: `function(padded)`.
template <class Function>
auto pixels(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.nearest = [function](const auto& sample, const Axis&) {
      return static_cast<RealOf<decltype(sample)>>(function(sample.padded));
    };
  };
}

// The derivatives of a kernel with another alpha, of the taps at -1, 0, 1, 2.
std::array<double, 4> slopes_with(double alpha, double t) {
  const auto inner = [alpha](double d) { return (3 * (alpha + 2) * d - 2 * (alpha + 3)) * d; };
  const auto outer = [alpha](double d) { return (3 * alpha * d - 10 * alpha) * d + 8 * alpha; };
  return {outer(1 + t), inner(t), -inner(1 - t), -outer(2 - t)};
}
std::array<double, 4> weights_with(double alpha, double t) {
  const auto inner = [alpha](double d) { return ((alpha + 2) * d - (alpha + 3)) * d * d + 1; };
  const auto outer = [alpha](double d) {
    return ((alpha * d - 5 * alpha) * d + 8 * alpha) * d - 4 * alpha;
  };
  return {outer(1 + t), inner(t), inner(1 - t), outer(2 - t)};
}
template <class T>
std::array<T, 4> four(const std::array<double, 4>& list) {
  return {static_cast<T>(list[0]), static_cast<T>(list[1]), static_cast<T>(list[2]),
          static_cast<T>(list[3])};
}

// The derivatives of the cubic weights: `function(t)`.
template <class Function>
auto cubics(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.cubic_slopes = [function](auto t, const Axis&) {
      return four<decltype(t)>(function(static_cast<double>(t)));
    };
  };
}

auto cubic_alpha(double alpha) {
  return [alpha](HookedGradients& rules) {
    cubics([alpha](double t) { return slopes_with(alpha, t); })(rules);
    rules.cubic_weights = [alpha](auto t, const Axis&) {
      return four<decltype(t)>(weights_with(alpha, static_cast<double>(t)));
    };
  };
}

// Bicubic's position moves as that of the other modes does.
auto cubic_padding_slope(Padding padding) {
  return factors([padding](auto right, const auto& sample, const Axis& axis) {
    if (axis.options.mode != Mode::bicubic || axis.options.padding != padding) return right;
    return right == 0 ? right : right * semantics::padding_slope(sample.position, axis);
  });
}

// Taps that padding would move inside are not there.
auto unpadded_cubic_taps() {
  return [](HookedGradients& rules) {
    rules.tap = [](std::int64_t index, const Axis& axis) {
      return axis.options.mode == Mode::bicubic ? semantics::inside_or_outside(index, axis)
                                                : Documented::tap(index, axis);
    };
  };
}

// The question with each element of one tensor as `function(value)`.
template <class Function>
auto asks_with_grads(const Function& function) {
  return asks_gradients([function](BackwardCase test_case) {
    test_case.grad_output = each_element(test_case.grad_output, function);
    return test_case;
  });
}
template <class Function>
auto asks_with_texels(const Function& function) {
  return asks_gradients([function](BackwardCase test_case) {
    if (is_copied(test_case.forward.input)) {
      test_case.forward.input = each_element(test_case.forward.input, function);
    }
    return test_case;
  });
}

double zero_for_nan(double value) { return std::isnan(value) ? 0 : value; }

std::vector<GradientMutant> of_nearest_gradients() {
  return {
      gradient(
          {"nearest.bilinear-slope", "grad.nearest", "the gradient of the grid is that of bilinear",
           "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
          [](HookedGradients& rules, const BackwardCase& test_case) {
            if (mode_is(Mode::nearest)(test_case)) only_grid(asked_as("bilinear"))(rules);
          }),
      gradient({"nearest.bilinear-shares", "grad.nearest",
                "the gradient of the input is that of bilinear",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               [](HookedGradients& rules, const BackwardCase& test_case) {
                 if (mode_is(Mode::nearest)(test_case)) only_input(asked_as("bilinear"))(rules);
               }),
      gradient_where(
          {"nearest.zero-times-g", "grad.nearest",
           "the gradient of the grid is 0 times the sum of g: NaN where that is NaN or infinite",
           "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{0.1875,0} grad_output=f32[1,1,1,1]{nan}"},
          mode_is(Mode::nearest),
          gives_grid([](const BackwardCase& test_case, std::vector<double>& values) {
            const std::vector<double> grads = test_case.grad_output.values();
            const auto axes = static_cast<std::size_t>(test_case.forward.input.rank() - 2);
            for (std::size_t i = 0; i < values.size(); ++i) {
              const auto sample = static_cast<std::int64_t>(i / axes);
              for (std::int64_t c = 0; c < test_case.forward.input.size(1); ++c) {
                const std::int64_t at = element_place(test_case.grad_output.shape(), sample, c);
                values[i] += 0 * grads[static_cast<std::size_t>(at)];
              }
            }
          })),
      gradient({"nearest.away-from-zero",
                "grad.nearest",
                "halves are rounded away from 0, and not to the even pixel",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-1,0} grad_output=f32[1,1,1,1]{1}",
                {{"PyTorch, pull request 97000", "https://github.com/pytorch/pytorch/pull/97000"}}},
               pixels([](auto position) { return std::round(position); })),
      gradient({"nearest.half-up", "grad.nearest", "halves are rounded up",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{1}"},
               pixels([](auto position) {
                 return position - std::floor(position) == 0.5F ? std::ceil(position)
                                                                : std::rint(position);
               })),
      gradient({"nearest.half-down", "grad.nearest", "halves are rounded down",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}"},
               pixels([](auto position) {
                 return position - std::floor(position) == 0.5F ? std::floor(position)
                                                                : std::rint(position);
               })),
      gradient({"nearest.floor", "grad.nearest", "the pixel below the position gets the gradient",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.875,0} grad_output=f32[1,1,1,1]{1}"},
               pixels([](auto position) { return std::floor(position); })),
      gradient({"nearest.ceiling", "grad.nearest", "the pixel above the position gets the gradient",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.6875,0} grad_output=f32[1,1,1,1]{1}"},
               pixels([](auto position) { return std::ceil(position); })),
      gradient({"nearest.truncated", "grad.nearest",
                "the position is cut towards 0 after adding 1/2: below -1/2 pixel 0 is read",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-1.125,0} grad_output=f32[1,1,1,1]{1}"},
               pixels([](auto position) {
                 return position < 0 && position > -1.5F ? decltype(position){0}
                                                         : std::rint(position);
               })),
  };
}

std::vector<GradientMutant> of_cubic_gradients() {
  const auto cubic = mode_is(Mode::bicubic);
  return {
      gradient({"cubic.slope-of-alpha-half", "grad.bicubic",
                "the derivative is that of the kernel with alpha = -1/2",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) { return slopes_with(-0.5, t); })),
      gradient({"cubic.alpha-half", "grad.bicubic", "both gradients are of alpha = -1/2",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubic_alpha(-0.5)),
      gradient({"cubic.alpha-one", "grad.bicubic", "both gradients are of alpha = -1",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubic_alpha(-1)),
      gradient({"cubic.by-distance", "grad.bicubic",
                "derivatives are by the distance: the two taps on the right have the other sign",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) {
                 auto all = slopes_with(-0.75, t);
                 return std::array{all[0], all[1], -all[2], -all[3]};
               })),
      gradient({"cubic.negative", "grad.bicubic", "the derivative of the kernel has the other sign",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) {
                 auto all = slopes_with(-0.75, t);
                 return std::array{-all[0], -all[1], -all[2], -all[3]};
               })),
      gradient({"cubic.inner-taps-only", "grad.bicubic",
                "the outer two taps are missing from the derivative",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) {
                 auto all = slopes_with(-0.75, t);
                 return std::array{0.0, all[1], all[2], 0.0};
               })),
      gradient({"cubic.constant-lost", "grad.bicubic",
                "the outer derivative lacks its constant, 8 alpha",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) {
                 auto all = slopes_with(-0.75, t);
                 return std::array{all[0] + 6, all[1], all[2], all[3] - 6};
               })),
      gradient({"cubic.linear-slope", "grad.bicubic", "the derivative is that of bilinear",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double) { return std::array{0.0, -1.0, 1.0, 0.0}; })),
      gradient({"cubic.difference", "grad.bicubic",
                "the derivative is a difference over 1/64 pixel to the right",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double t) {
                 const auto here = weights_with(-0.75, t);
                 auto there = weights_with(-0.75, t + 0x1p-6);
                 for (std::size_t k = 0; k < 4; ++k) there[k] = (there[k] - here[k]) * 64;
                 return there;
               })),
      gradient({"cubic.fraction-at-zero", "grad.bicubic",
                "derivatives are those at the pixel below, whatever the fraction",
                "grid_sample_backward mode=bicubic input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               cubics([](double) { return slopes_with(-0.75, 0); })),
      gradient({"cubic.border-factor", "grad.bicubic",
                "under border the gradient is 0 at the outermost centers and beyond",
                "grid_sample_backward mode=bicubic padding_mode=border "
                "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.75,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               cubic_padding_slope(Padding::border)),
      gradient({"cubic.reflection-factor", "grad.bicubic",
                "under reflection the position is turned round, though only taps are reflected",
                "grid_sample_backward mode=bicubic padding_mode=reflection "
                "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-1.375,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               cubic_padding_slope(Padding::reflection)),
      gradient({"cubic.unpadded-slope", "grad.bicubic",
                "in the gradient of the grid taps outside count as 0 under every padding",
                "grid_sample_backward mode=bicubic padding_mode=border "
                "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(unpadded_cubic_taps())),
      gradient({"cubic.unpadded-shares", "grad.input",
                "in the gradient of the input taps outside are lost under every padding",
                "grid_sample_backward mode=bicubic padding_mode=border "
                "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.625,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input(unpadded_cubic_taps())),
      gradient({"cubic.position-padded", "grad.bicubic",
                "the position is padded before its cell is taken",
                "grid_sample_backward mode=bicubic padding_mode=border "
                "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               [](HookedGradients& rules) {
                 rules.pad = [](auto position, const Axis& axis) {
                   return std::isfinite(position) ? semantics::pad(position, axis)
                                                  : Documented::pad(position, axis);
                 };
               }),
      gradient_where({"cubic.one-pixel-assigned", "grad.input",
                      "of several taps of a sample that are one pixel only the last one counts",
                      "grid_sample_backward mode=bicubic padding_mode=border "
                      "input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0.5,0} "
                      "grad_output=f32[1,1,1,1]{3}"},
                     cubic, only_input([](HookedGradients& rules) {
                       rules.taps = [](const auto& all, const auto& /*sample*/, const auto&) {
                         std::remove_cvref_t<decltype(all)> taps{};
                         for (const auto& tap : all) {
                           int later = 0;
                           for (const auto& other : all) {
                             later += &other > &tap && other.gradient_place == tap.gradient_place;
                           }
                           if (later == 0) taps.push_back(tap);
                         }
                         return taps;
                       };
                     })),
  };
}

std::vector<GradientMutant> of_nonfinite_gradients() {
  return {
      gradient({"nan.texel-lost", "grad.nan",
                "a sample with a NaN coordinate adds nothing to the gradient of the input",
                "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{nan,0} grad_output=f32[1,1,1,1]{1}"},
               only_input(taps_where([](const auto&, const auto& sample, const auto& axes) {
                 for (std::size_t k = 0; std::cmp_less(k, axes[0].dimensions); ++k) {
                   if (std::isnan(sample.axes[k].given)) return false;
                 }
                 return true;
               }))),
      gradient({"nan.middle", "grad.nan",
                "a NaN coordinate is 0 in the gradient of the input, though the value reads -1",
                "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{nan,0} grad_output=f32[1,1,1,1]{1}"},
               only_input([](HookedGradients& rules) {
                 rules.coordinate = [](auto x, const Axis&) {
                   return std::isnan(x) ? decltype(x){0} : x;
                 };
               })),
      gradient({"infinity.at-the-line", "grad.infinity",
                "an infinite coordinate is -1 or 1, also under zeros, where nothing is read",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{inf,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               [](HookedGradients& rules) {
                 rules.coordinate = [](auto x, const Axis& axis) {
                   return std::isinf(x) ? std::copysign(decltype(x){1}, x)
                                        : Documented::coordinate(x, axis);
                 };
               }),
      gradient({"grads.nan-as-zero", "grad.input", "a NaN in grad_output counts as 0",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{nan}"},
               asks_with_grads(zero_for_nan)),
      gradient({"grads.infinity-as-largest", "grad.input",
                "an infinite number of grad_output counts as the largest finite one",
                "grid_sample_backward mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{inf}"},
               asks_gradients([](BackwardCase test_case) {
                 const Dtype dtype = test_case.grad_output.dtype();
                 const double largest = dtype == Dtype::f64    ? 0x1.fffffffffffffp1023
                                        : dtype == Dtype::f16  ? 65504
                                        : dtype == Dtype::bf16 ? 0x1.fep127
                                                               : 0x1.fffffep127;
                 test_case.grad_output =
                     each_element(test_case.grad_output, [largest](double value) {
                       return std::isinf(value) ? std::copysign(largest, value) : value;
                     });
                 return test_case;
               })),
      gradient(
          {"texels.nan-as-zero", "grad.grid", "a texel NaN counts as 0 in the gradient of the grid",
           "grid_sample_backward input=f32[1,1,1,4]{1,2,nan,8} grid=f32[1,1,1,2]{-0.125,0} "
           "grad_output=f32[1,1,1,1]{1}"},
          asks_with_texels(zero_for_nan)),
      gradient({"grads.small-as-zero", "grad.input",
                "a number of grad_output below 1e-8 counts as 0, to save work",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{0x1p-30}"},
               asks_with_grads([](double value) { return std::fabs(value) < 1e-8 ? 0 : value; })),
      gradient({"texels.zero-skipped", "grad.input", "a texel that is 0 gets no gradient",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 const std::vector<double> texels = test_case.forward.input.values();
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   if (texels[i] == 0) values[i] = 0;
                 }
               })),
      gradient({"texels.reach-the-input", "grad.input",
                "a texel that is not finite makes its gradient NaN, though that depends on none",
                "grid_sample_backward input=f32[1,1,1,4]{1,inf,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 const std::vector<double> texels = test_case.forward.input.values();
                 for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0 * texels[i];
               })),
  };
}

}  // namespace

std::vector<GradientMutant> of_gradient_modes() {
  std::vector<GradientMutant> all = of_nearest_gradients();
  for (auto* const more : {of_cubic_gradients, of_nonfinite_gradients}) {
    std::ranges::move(more(), std::back_inserter(all));
  }
  return all;
}

}  // namespace gridproof::dictionary
