// What is read outside the input.
#include <algorithm>
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// Replaces the padded position under one padding mode, for the modes that pad positions.
template <class Function>
auto padded(Padding padding, Function function) {
  return [padding, function](Hooked& rules) {
    rules.pad = [padding, function](auto position, const Axis& axis) {
      using T = decltype(position);
      if (axis.options.padding != padding || axis.options.mode == Mode::bicubic ||
          !std::isfinite(position)) {
        return Documented::pad(position, axis);
      }
      return static_cast<T>(function(position, axis));
    };
  };
}

template <class Function>
auto reflected(Function function) {
  return padded(Padding::reflection, function);
}

// Replaces the pixel that a tap reads.
template <class Function>
auto taps(Function function) {
  return [function](Hooked& rules) { rules.tap = function; };
}

Axis with_align_corners(Axis axis, bool align_corners) {
  axis.options.align_corners = align_corners;
  return axis;
}

// The lines of reflection.
template <class T>
T low_line(const Axis& axis) {
  return axis.options.align_corners ? T{0} : T{-0.5};
}
template <class T>
T high_line(const Axis& axis) {
  return static_cast<T>(axis.size - 1) - low_line<T>(axis);
}

// At most so many reflections, then the edge.
auto reflected_at_most(int times) {
  return reflected([times](auto position, const Axis& axis) {
    using T = decltype(position);
    const T low = low_line<T>(axis);
    const T high = high_line<T>(axis);
    for (int i = 0; i < times; ++i) {
      if (position < low) {
        position = 2 * low - position;
      } else if (position > high) {
        position = 2 * high - position;
      }
    }
    return semantics::clip(position, axis);
  });
}

}  // namespace

std::vector<Mutant> of_padding() {
  return {
      mutant({"zeros.whole-sample", "padding.zeros-ramp",
              "a position outside the outermost pixel centers gives 0, without the ramp",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1.25}"},
             [](Hooked& rules) {
               rules.position = [](auto x, const Axis& axis) {
                 const auto position = Documented::position(x, axis);
                 const auto last = static_cast<decltype(x)>(axis.size - 1);
                 return axis.options.padding == Padding::zeros && (position < 0 || position > last)
                            ? static_cast<decltype(x)>(-10)
                            : position;
               };
             }),
      mutant({"zeros.far-tap-clamped", "padding.zeros-ramp",
              "the tap just after the last pixel reads the last pixel",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,2}"},
             taps([](std::int64_t index, const Axis& axis) {
               return Documented::tap(index == axis.size ? index - 1 : index, axis);
             })),
      mutant({"zeros.near-tap-clamped", "padding.zeros-ramp",
              "the tap just before the first pixel reads the first pixel",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-2}"},
             taps([](std::int64_t index, const Axis& axis) {
               return Documented::tap(index == -1 ? 0 : index, axis);
             })),
      mutant({"zeros.last-pixel-lost",
              "padding.zeros",
              "the last row and column count as outside",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,1.125}",
              {{"a replacement in onnx2tf", "https://github.com/PINTO0309/onnx2tf/issues/274"}}},
             taps([](std::int64_t index, const Axis& axis) {
               return axis.options.padding == Padding::zeros && index == axis.size - 1
                          ? semantics::outside
                          : Documented::tap(index, axis);
             })),
      mutant(
          {"zeros.first-pixel-lost", "padding.zeros", "the first row and column count as outside",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{0,-1.25}"},
          taps([](std::int64_t index, const Axis& axis) {
            return axis.options.padding == Padding::zeros && index == 0
                       ? semantics::outside
                       : Documented::tap(index, axis);
          })),
      mutant({"taps.circular", "padding.zeros", "a tap outside reads the opposite edge",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-8}"},
             taps([](std::int64_t index, const Axis& axis) {
               if (axis.options.padding != Padding::zeros) return Documented::tap(index, axis);
               return (index % axis.size + axis.size) % axis.size;
             })),
      mutant(
          {"border.one-too-far", "padding.border", "the upper edge is clipped to size, not size-1",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{2,0}"},
          padded(Padding::border,
                 [](auto position, const Axis& axis) {
                   using T = decltype(position);
                   return std::clamp<T>(position, 0, static_cast<T>(axis.size));
                 })),
      mutant({"border.to-the-corner", "padding.border",
              "positions are clipped to the outer corners of the outermost pixels",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{2,0}"},
             padded(Padding::border,
                    [](auto position, const Axis& axis) {
                      using T = decltype(position);
                      return std::clamp<T>(position, T{-0.5}, static_cast<T>(axis.size) - T{0.5});
                    })),
      mutant({"border.low-only", "padding.border",
              "positions are clipped at the lower edge, not at the upper",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{2,0}"},
             padded(Padding::border,
                    [](auto position, const Axis& /*axis*/) {
                      return std::max<decltype(position)>(position, 0);
                    })),
      mutant({"border.high-only", "padding.border",
              "positions are clipped at the upper edge, not at the lower",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{-2,0}"},
             padded(Padding::border,
                    [](auto position, const Axis& axis) {
                      using T = decltype(position);
                      return std::min<T>(position, static_cast<T>(axis.size - 1));
                    })),
      mutant({"reflect.wrong-edge",
              "padding.reflection-lines",
              "reflects about the lines of the opposite align_corners",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{0,-2}",
              {{"ONNX Runtime on Core ML", "https://github.com/microsoft/onnxruntime/pull/21431"}}},
             reflected([](auto position, const Axis& axis) {
               const Axis other = with_align_corners(axis, !axis.options.align_corners);
               return semantics::clip(semantics::reflect(position, other), axis);
             })),
      mutant({"reflect.about-corners", "padding.reflection-lines",
              "always reflects about the outer corners",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=True "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,-2}"},
             reflected([](auto position, const Axis& axis) {
               return semantics::clip(semantics::reflect(position, with_align_corners(axis, false)),
                                      axis);
             })),
      mutant({"reflect.about-centres", "padding.reflection-lines",
              "always reflects about the centers of the outermost pixels",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,4]{1..4} grid=f32[1,1,1,2]{-1048576,0}"},
             reflected([](auto position, const Axis& axis) {
               return semantics::clip(semantics::reflect(position, with_align_corners(axis, true)),
                                      axis);
             })),
      mutant({"reflect.once", "padding.reflection", "reflects once at each end, then clips",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,1,2]{-1048576,0}"},
             reflected([](auto position, const Axis& axis) {
               using T = decltype(position);
               const T low = low_line<T>(axis);
               const T high = high_line<T>(axis);
               if (position < low) position = 2 * low - position;
               if (position > high) position = 2 * high - position;
               return semantics::clip(position, axis);
             })),
      mutant(
          {"reflect.three-times", "padding.reflection", "reflects three times at most, then clips",
           "grid_sample mode=nearest padding_mode=reflection align_corners=False "
           "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-1048576,0}"},
          reflected_at_most(3)),
      mutant({"reflect.low-only", "padding.reflection",
              "reflects at the lower edge, clips at the upper",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=True "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,1.015625}"},
             reflected([](auto position, const Axis& axis) {
               return position > 0 ? semantics::clip(position, axis)
                                   : Documented::pad(position, axis);
             })),
      mutant({"reflect.high-only", "padding.reflection",
              "reflects at the upper edge, clips at the lower",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,-2}"},
             reflected([](auto position, const Axis& axis) {
               return position < 0 ? decltype(position){0} : Documented::pad(position, axis);
             })),
      mutant({"reflect.wraps", "padding.reflection", "repeats the input instead of mirroring it",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-1.125,0}"},
             reflected([](auto position, const Axis& axis) {
               using T = decltype(position);
               const T low = low_line<T>(axis);
               const T span = high_line<T>(axis) - low;
               if (span == 0) return T{0};
               const T turns = std::floor((position - low) / span);
               return semantics::clip(position - turns * span, axis);
             })),
      mutant({"reflect.not-clipped", "padding.reflection-clip",
              "positions within half a pixel of the rim are not clipped to the outermost center",
              "grid_sample mode=bilinear padding_mode=reflection input=f32[1,1,1,1]{1} "
              "grid=f32[1,1,1,2]{0,-1}"},
             reflected([](auto position, const Axis& axis) {
               return semantics::reflect(position, axis);
             })),
      mutant({"reflect.unit-nan", "padding.reflection-unit",
              "with align_corners an axis of one pixel divides by zero and gives NaN",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=True "
              "input=f32[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0,0,0}"},
             gives([](const Case& test_case, Tensor output) {
               const Options options = options_of(test_case);
               if (!options.align_corners || options.padding != Padding::reflection) return output;
               const Shape& shape = test_case.input.shape();
               for (std::size_t axis = 2; axis < shape.size(); ++axis) {
                 if (shape[axis] == 1) return filled_like(output, NAN);
               }
               return output;
             })),
      mutant(
          {"reflect.example-as-printed",
           "padding.reflection-example",
           "reflects at the upper end as the documentation's example prints it: 1.5 becomes -0.5",
           "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
           "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,1.015625}",
           {{"the documentation's example", "https://github.com/pytorch/pytorch/issues/63559"}}},
          reflected([](auto position, const Axis& axis) {
            using T = decltype(position);
            const T low = low_line<T>(axis);
            const T high = high_line<T>(axis);
            if (high == low) return T{0};
            // 1 - x for a coordinate x: half of the span lower than the reflection.
            for (int i = 0; i < 64 && (position < low || position > high); ++i) {
              position =
                  position < low ? 2 * low - position : 2 * high - position - (high - low) / 2;
            }
            return semantics::clip(position, axis);
          })),
      mutant({"reflect.flips-i32", "padding.reflection",
              "reflections are counted in 32 bits: a larger count is taken as even",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f64[1,1,1,2]{1,2} grid=f64[1,1,1,2]{0x1.8000000001p+40,0}"},
             reflected([](auto position, const Axis& axis) {
               using T = decltype(position);
               const T low = low_line<T>(axis);
               const T span = high_line<T>(axis) - low;
               const T distance = std::fabs(position - low);
               const T flips = std::floor(distance / span);
               if (!(flips >= T{0x1p31F})) return Documented::pad(position, axis);
               return semantics::clip(std::fmod(distance, span) + low, axis);
             })),
      mutant({"reflect.f16", "padding.reflection-exact", "reflects in f16",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
              "input=f32[1,1,5,1,1]{1..5} grid=f32[1,1,1,1,3]{0,0,-0.1923828125}"},
             reflected([](auto position, const Axis& axis) {
               const auto rounded = static_cast<decltype(position)>(
                   to_double(from_double<Half>(static_cast<double>(position))));
               return Documented::pad(std::isfinite(rounded) ? rounded : position, axis);
             })),
  };
}

}  // namespace gridproof::dictionary
