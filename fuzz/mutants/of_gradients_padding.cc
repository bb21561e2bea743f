// The gradient at the rim and beyond it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

template <class Function>
auto border_slopes(const Function& function) {
  return padding_slopes(Padding::border, function);
}

// Under `reflection`: `function(folds, padded, axis)`, where `padded` is the position after
// `folds` reflections, before it is clipped.
struct Folds {
  std::int64_t& count;
  template <class T>
  void periods(T /*period*/, T /*position*/) const {}
  template <class T>
  void mirrored(T /*twice_line*/, T /*position*/) const {
    ++count;
  }
};
template <class Function>
auto reflection_slopes(const Function& function) {
  return padding_slopes(Padding::reflection, [function](const auto& sample, const Axis& axis) {
    std::int64_t folds = 0;
    const auto reflected = semantics::reflect(sample.position, axis, Folds{folds});
    return static_cast<double>(function(folds, reflected, sample, axis));
  });
}
// Where a position is said to be after 2^31 reflections and more, of which only an even number
// counts; nothing after fewer.
template <class T>
std::optional<T> folded_uncounted(T position, const Axis& axis) {
  const T low = axis.options.align_corners ? T{0} : T{-0.5};
  const T span = 2 * semantics::pixels_per_unit<T>(axis);
  const T distance = std::fabs(position - low);
  const bool is_far = axis.options.padding == Padding::reflection && span > 0 &&
                      std::isfinite(position) && distance >= static_cast<T>(0x1p31) * span;
  return is_far ? std::optional(std::fmod(distance, span) + low) : std::nullopt;
}
double sign_after(std::int64_t folds) { return folds % 2 == 0 ? 1 : -1; }

template <class T>
bool is_inside(T position, const Axis& axis) {
  return semantics::is_between_the_centers(position, axis);
}

bool under(const Axis& axis, Mode mode, Padding padding) {
  return axis.options.mode == mode && axis.options.padding == padding;
}

// Under `zeros`, in the linear modes: the taps of a sample as `function(taps, sample, axes)` leaves
// them.
template <class Function>
auto taps_under_zeros(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.taps = [function](const auto& all, const auto& sample, const auto& axes) {
      auto taps = all;
      if (under(axes[0], Mode::bilinear, Padding::zeros)) function(taps, sample, axes);
      return taps;
    };
  };
}

// The tap beside the rim reads the outermost pixel.
auto rim_taps() {
  return [](HookedGradients& rules) {
    rules.tap = [](std::int64_t index, const Axis& axis) {
      if (under(axis, Mode::bilinear, Padding::zeros) && index >= -1 && index <= axis.size) {
        return std::clamp<std::int64_t>(index, 0, axis.size - 1);
      }
      return Documented::tap(index, axis);
    };
  };
}

auto unit_moves(Padding padding) {
  return factors([padding](auto right, const auto& sample, const Axis& axis) {
    using T = decltype(right);
    const bool does = axis.size == 1 && axis.options.padding == padding &&
                      axis.options.mode != Mode::bicubic && std::isfinite(sample.given);
    return does ? T{0.5} : right;
  });
}

}  // namespace

std::vector<GradientMutant> of_gradient_padding() {
  return {
      gradient({"border.not-zero", "grad.border",
                "clipping takes no movement away: the gradient beyond the border is as inside",
                "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{2,0} grad_output=f32[1,1,1,1]{1}"},
               border_slopes([](const auto&, const Axis&) { return 1; })),
      gradient(
          {"border.exclusive",
           "grad.border",
           "at the centers of the outermost pixels the gradient is not 0, only beyond them",
           "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{0.75,0} grad_output=f32[1,1,1,1]{1}",
           {{"PyTorch before 1.5, issue 23925", "https://github.com/pytorch/pytorch/issues/23925"},
            {"PyTorch, the repair", "https://github.com/pytorch/pytorch/pull/32829"}}},
          border_slopes([](const auto& sample, const Axis& axis) {
            return sample.position == sample.padded && axis.size > 1 ? 1 : 0;
          })),
      gradient(
          {"border.lower-side-only", "grad.border", "only below the first pixel is the gradient 0",
           "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{0.875,0} grad_output=f32[1,1,1,1]{1}"},
          border_slopes(
              [](const auto& sample, const Axis&) { return sample.position > 0 ? 1 : 0; })),
      gradient(
          {"border.upper-side-only", "grad.border", "only beyond the last pixel is the gradient 0",
           "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{-0.75,0} grad_output=f32[1,1,1,1]{1}"},
          border_slopes([](const auto& sample, const Axis& axis) {
            return sample.position < semantics::last_position<RealOf<decltype(sample)>>(axis) ? 1
                                                                                              : 0;
          })),
      gradient({"border.by-coordinate",
                "grad.border",
                "the gradient is 0 beyond -1 and 1, as if coordinates were clipped, not positions",
                "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{0.875,0} grad_output=f32[1,1,1,1]{1}",
                {{"kornia, pull request 4073", "https://github.com/kornia/kornia/pull/4073"}}},
               border_slopes([](const auto& sample, const Axis&) {
                 return std::fabs(sample.coordinate) < 1 ? 1 : 0;
               })),
      gradient({"border.whole-sample-zero", "grad.border",
                "where one coordinate is beyond the border all of the sample's gradients are 0",
                "grid_sample_backward padding_mode=border input=f32[1,1,2,2]{1,2,4,8} "
                "grid=f32[1,1,1,2]{3,0} grad_output=f32[1,1,1,1]{1}"},
               [](HookedGradients& rules) {
                 rules.taps = [](const auto& all, const auto& sample, const auto& axes) {
                   auto taps = all;
                   if (!under(axes[0], Mode::bilinear, Padding::border)) return taps;
                   bool is_beyond = false;
                   for (std::size_t k = 0; std::cmp_less(k, axes[0].dimensions); ++k) {
                     is_beyond |= sample.axes[k].position != sample.axes[k].padded;
                   }
                   if (!is_beyond) return taps;
                   for (auto& tap : taps.list) tap.slopes = {};
                   return taps;
                 };
               }),
      gradient({"border.texel-lost", "grad.border",
                "a sample beyond the border adds nothing to the gradient of the input",
                "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{2,0} grad_output=f32[1,1,1,1]{1}"},
               only_input(taps_where([](const auto&, const auto& sample, const auto& axes) {
                 if (axes[0].options.mode == Mode::bicubic ||
                     axes[0].options.padding != Padding::border) {
                   return true;
                 }
                 for (std::size_t k = 0; std::cmp_less(k, axes[0].dimensions); ++k) {
                   if (sample.axes[k].position != sample.axes[k].padded) return false;
                 }
                 return true;
               }))),
      gradient({"reflection.sign-missing", "grad.reflection",
                "reflections do not turn the direction round",
                "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-1.375,0} grad_output=f32[1,1,1,1]{1}"},
               reflection_slopes([](std::int64_t, auto position, const auto&, const Axis& axis) {
                 return is_inside(position, axis) ? 1 : 0;
               })),
      gradient({"reflection.sign-once", "grad.reflection",
                "the direction is turned round by any number of reflections, also by two",
                "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{3.875,0} grad_output=f32[1,1,1,1]{1}"},
               padding_slopes(Padding::reflection,
                              [](const auto& sample, const Axis& axis) {
                                if (!is_inside(sample.padded, axis)) return 0;
                                return sample.position == sample.padded ? 1 : -1;
                              })),
      gradient({"reflection.sign-below-only", "grad.reflection",
                "only reflection at the lower line turns the direction round",
                "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{1.375,0} grad_output=f32[1,1,1,1]{1}"},
               reflection_slopes(
                   [](std::int64_t folds, auto position, const auto& sample, const Axis& axis) {
                     if (!is_inside(position, axis)) return 0.0;
                     return sample.position > 0 ? 1.0 : sign_after(folds);
                   })),
      gradient({"reflection.clip-missing", "grad.reflection",
                "what is clipped after reflection keeps its movement",
                "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{0.875,0} grad_output=f32[1,1,1,1]{1}"},
               reflection_slopes([](std::int64_t folds, auto, const auto&, const Axis& axis) {
                 return axis.size == 1 ? 0 : sign_after(folds);
               })),
      gradient({"reflection.clip-exclusive", "grad.reflection",
                "at the centers of the outermost pixels the gradient is not 0",
                "grid_sample_backward padding_mode=reflection align_corners=True "
                "input=f32[1,1,1,5]{1,2,4,8,16} grid=f32[1,1,1,2]{-1,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               reflection_slopes(
                   [](std::int64_t folds, auto position, const auto& sample, const Axis& axis) {
                     return position == sample.padded && axis.size > 1 ? sign_after(folds) : 0;
                   })),
      gradient(
          {"reflection.zero-outside", "grad.reflection",
           "a position that was reflected has the gradient 0, as under border",
           "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{-1.375,0} grad_output=f32[1,1,1,1]{1}"},
          reflection_slopes([](std::int64_t folds, auto position, const auto&, const Axis& axis) {
            return folds == 0 && is_inside(position, axis) ? 1 : 0;
          })),
      gradient(
          {"reflection.other-lines", "grad.reflection",
           "reflections are counted at the lines of the other align_corners",
           "grid_sample_backward padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{2.375,0} grad_output=f32[1,1,1,1]{1}"},
          reflection_slopes([](std::int64_t, auto position, const auto& sample, const Axis& axis) {
            if (!is_inside(position, axis) || axis.size == 1) return 0.0;
            std::int64_t folds = 0;
            semantics::reflect(sample.position, with_other_flag(axis), Folds{folds});
            return sign_after(folds);
          })),
      gradient(
          {"reflection.count-of-32-bits",
           "grad.reflection",
           "of 2^31 reflections and more the position and the direction are as after an even "
           "number",
           "grid_sample_backward padding_mode=reflection input=f64[1,1,1,4]{1,2,4,8} "
           "grid=f64[1,1,1,2]{0x1.000000034p33,0} grad_output=f64[1,1,1,1]{1}",
           {{"PyTorch, the count of reflections is an int",
             "https://github.com/pytorch/pytorch/blob/v2.8.0/aten/src/ATen/native/GridSampler.h"}}},
          [](HookedGradients& rules) {
            rules.pad = [](auto position, const Axis& axis) {
              const auto folded = folded_uncounted(position, axis);
              return folded ? semantics::clip(*folded, axis) : Documented::pad(position, axis);
            };
            padding_slopes(Padding::reflection, [](const auto& sample, const Axis& axis) {
              const auto folded = folded_uncounted(sample.position, axis);
              if (!folded) {
                return static_cast<double>(semantics::padding_slope(sample.position, axis));
              }
              if (!is_inside(*folded, axis)) return 0.0;
              return sample.position < 0 ? -1.0 : 1.0;
            })(rules);
          }),
      gradient({"zeros.clipped", "grad.zeros-rim",
                "under zeros the gradient is 0 beyond the outermost centers, as under border",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-1.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               padding_slopes(Padding::zeros,
                              [](const auto& sample, const Axis& axis) {
                                const bool is_free = axis.size == 1 ||
                                                     is_inside(sample.position, axis) ||
                                                     sample.position == 0;
                                return is_free ? 1 : 0;
                              })),
      gradient({"zeros.rim-lost", "grad.zeros-rim",
                "samples beyond the outermost centers have no gradients at all",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               taps_under_zeros([](auto& taps, const auto& sample, const auto& axes) {
                 for (std::size_t k = 0; std::cmp_less(k, axes[0].dimensions); ++k) {
                   const auto position = sample.axes[k].position;
                   if (position < 0 || position > static_cast<decltype(position)>(axes[k].size - 1))
                     taps.count = 0;
                 }
               })),
      gradient({"zeros.partial-cell-lost", "grad.zeros-rim",
                "a cell with a tap outside gives nothing to the gradient of the grid",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.75,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(taps_under_zeros([](auto& taps, const auto& /*sample*/, const auto& axes) {
                 if (taps.count != 1 << axes[0].dimensions) taps.count = 0;
               }))),
      gradient({"zeros.renormalized", "grad.zeros-rim",
                "the weights of the taps inside, and their derivatives, are divided by their sum",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               taps_under_zeros([](auto& taps, const auto& /*sample*/, const auto& /*axes*/) {
                 double sum = 0;
                 for (const auto& tap : taps) sum += tap.weight;
                 if (sum == 0) return;
                 for (auto& tap : taps.list) {
                   tap.weight = static_cast<decltype(tap.weight)>(tap.weight / sum);
                   for (auto& slope : tap.slopes) {
                     slope = static_cast<decltype(tap.weight)>(slope / sum);
                   }
                 }
               })),
      gradient({"zeros.texel-of-rim", "grad.zeros-rim",
                "in the gradient of the grid a tap outside has the texel of the rim",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_grid(rim_taps())),
      gradient({"zeros.share-to-rim", "grad.input",
                "what a tap outside would get is added to the outermost pixel",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.875,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input(rim_taps())),
      gradient({"zeros.wraps", "grad.input",
                "beyond the end of a row a tap adds to the beginning of the next",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0.75,-0.5} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input(taps_under_zeros([](auto& taps, const auto& sample, const auto& axes) {
                 const auto& x = sample.axes[0];
                 const std::int64_t width = axes[0].size;
                 const std::int64_t pixels = width * axes[1].size * axes[2].size;
                 if (x.taps[1].index != semantics::outside || x.taps[0].weight == 0) return;
                 const int inside = taps.count;
                 for (std::size_t k = 0; std::cmp_less(k, inside); ++k) {
                   auto tap = taps.list[k];
                   if (++tap.gradient_place >= pixels) continue;
                   tap.weight *= x.taps[1].weight / x.taps[0].weight;
                   taps.push_back(tap);
                 }
               }))),
      gradient({"unit-size.border-moves", "grad.unit-size",
                "under border an axis of one pixel has the gradient of a ramp",
                "grid_sample_backward padding_mode=border input=f32[1,1,1,1]{5} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}"},
               unit_moves(Padding::border)),
      gradient({"unit-size.reflection-moves", "grad.unit-size",
                "under reflection an axis of one pixel has the gradient of a ramp",
                "grid_sample_backward padding_mode=reflection input=f32[1,1,1,1]{5} "
                "grid=f32[1,1,1,2]{0.25,0} grad_output=f32[1,1,1,1]{1}"},
               unit_moves(Padding::reflection)),
      gradient(
          {"unit-size.zeros-still", "grad.unit-size",
           "under zeros an axis of one pixel has the gradient 0",
           "grid_sample_backward input=f32[1,1,1,1]{5} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}"},
          padding_slopes(Padding::zeros, [](const auto& /*sample*/,
                                            const Axis& axis) { return axis.size == 1 ? 0 : 1; })),
  };
}

}  // namespace gridproof::dictionary
