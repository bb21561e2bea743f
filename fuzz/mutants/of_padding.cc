// What is read outside the input.
#include <algorithm>
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

auto padding(Padding from, Padding to) {
  return [from, to](Hooked& rules) {
    rules.before = [from, to](Case question) {
      if (resolve(question.request)->padding == from) question.request.padding_mode = name(to);
      return question;
    };
  };
}

bool reflects(const Axis& axis) {
  return axis.options.padding == Padding::reflection && axis.options.mode != Mode::bicubic;
}

// The axis as the other align_corners sees it.
Axis flipped(Axis axis) {
  axis.options.align_corners = !axis.options.align_corners;
  return axis;
}

}  // namespace

std::vector<Mutant> of_padding() {
  return {
      mutant("padding.zeros-as-border", "padding.zeros", "zeros padding repeats the edge",
             padding(Padding::zeros, Padding::border)),
      mutant("padding.border-as-zeros", "padding.border", "border padding gives zeros",
             padding(Padding::border, Padding::zeros)),
      mutant("padding.border-as-reflection", "padding.border", "border padding reflects",
             padding(Padding::border, Padding::reflection)),
      mutant("padding.reflection-as-border", "padding.reflection", "reflection repeats the edge",
             padding(Padding::reflection, Padding::border)),
      mutant("padding.reflection-as-zeros", "padding.reflection", "reflection gives zeros",
             padding(Padding::reflection, Padding::zeros)),
      mutant("zeros.whole-sample", "padding.zeros-ramp",
             "a position outside the outermost pixel centres gives 0, without the ramp",
             [](Hooked& rules) {
               rules.position = [](auto x, const Axis& axis) {
                 const auto position = Documented::position(x, axis);
                 const auto last = static_cast<decltype(x)>(axis.size - 1);
                 return axis.options.padding == Padding::zeros && (position < 0 || position > last)
                            ? static_cast<decltype(x)>(-10)
                            : position;
               };
             }),
      mutant("zeros.far-tap-clamped", "padding.zeros-ramp",
             "the tap one beyond the last pixel reads the last pixel",
             [](Hooked& rules) {
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 return Documented::tap(index == axis.size ? index - 1 : index, axis);
               };
             }),
      mutant("zeros.near-tap-clamped", "padding.zeros-ramp",
             "the tap one before the first pixel reads the first pixel",
             [](Hooked& rules) {
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 return Documented::tap(index == -1 ? 0 : index, axis);
               };
             }),
      mutant(
          "border.one-too-far", "padding.border", "the upper edge is clipped to size, not size-1",
          [](Hooked& rules) {
            rules.pad = [](auto position, const Axis& axis) {
              if (axis.options.padding != Padding::border || axis.options.mode == Mode::bicubic) {
                return Documented::pad(position, axis);
              }
              using T = decltype(position);
              return std::clamp<T>(position, 0, static_cast<T>(axis.size));
            };
          }),
      mutant("reflect.wrong-edge", "padding.reflection-lines",
             "reflects about the lines of the other align_corners",
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 if (!reflects(axis) || !std::isfinite(position)) {
                   return Documented::pad(position, axis);
                 }
                 return semantics::clip(semantics::reflect(position, flipped(axis)), axis);
               };
             }),
      mutant("reflect.once", "padding.reflection", "reflects once at each end, then clips",
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 using T = decltype(position);
                 if (!reflects(axis)) return Documented::pad(position, axis);
                 const T low = axis.options.align_corners ? T{0} : T{-0.5};
                 const T high = static_cast<T>(axis.size - 1) - low;
                 if (position < low) position = 2 * low - position;
                 if (position > high) position = 2 * high - position;
                 return semantics::clip(position, axis);
               };
             }),
      mutant("reflect.wraps", "padding.reflection", "repeats the input instead of mirroring it",
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 using T = decltype(position);
                 if (!reflects(axis) || !std::isfinite(position)) {
                   return Documented::pad(position, axis);
                 }
                 const T low = axis.options.align_corners ? T{0} : T{-0.5};
                 const auto span =
                     static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size);
                 if (span == 0) return T{0};
                 const T turns = std::floor((position - low) / span);
                 return semantics::clip(position - turns * span, axis);
               };
             }),
      mutant("infinity.nan", "infinity.border", "an infinite coordinate gives NaN",
             [](Hooked& rules) { rules.after = where_coordinate(is_infinite, NAN); }),
      mutant("infinity.low-edge", "infinity.border", "+infinity is read as -infinity",
             [](Hooked& rules) {
               rules.coordinate = [](auto x, const Axis& axis) {
                 return std::isinf(x) ? -std::fabs(x) : Documented::coordinate(x, axis);
               };
             }),
      mutant("far.low-edge", "padding.border",
             "a position too large for a 32-bit integer becomes the smallest one",
             [](Hooked& rules) {
               rules.position = [](auto x, const Axis& axis) {
                 const auto position = Documented::position(x, axis);
                 return position >= 0x1p31F ? static_cast<decltype(x)>(-0x1p31) : position;
               };
             }),
  };
}

}  // namespace gridproof::dictionary
