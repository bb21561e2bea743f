// NaN, infinity, and numbers too large for an index.
#include <cmath>
#include <limits>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// Replaces the coordinate that stands for NaN.
auto nan_means(double value) {
  return [value](Hooked& rules) {
    rules.coordinate = [value](auto x, const Axis& /*axis*/) {
      return std::isnan(x) ? static_cast<decltype(x)>(value) : x;
    };
  };
}

// Replaces the position of an infinite coordinate under one padding mode by `position(low)`.
template <class Function>
auto infinity_means(Padding padding, Function position) {
  return [padding, position](Hooked& rules) {
    rules.position = [padding, position](auto x, const Axis& axis) {
      using T = decltype(x);
      return std::isinf(x) && axis.options.padding == padding
                 ? static_cast<T>(position(x < 0, axis))
                 : Documented::position(x, axis);
    };
  };
}

// A position that an integer does not hold becomes the least one: of `limit` and more.
auto becomes_least(double limit) {
  return [limit](Hooked& rules) {
    rules.position = [limit](auto x, const Axis& axis) {
      using T = decltype(x);
      const T position = Documented::position(x, axis);
      return position >= static_cast<T>(limit) ? static_cast<T>(-limit) : position;
    };
  };
}

}  // namespace

std::vector<Mutant> of_nonfinite() {
  return {
      mutant(
          {"nan.propagates",
           "coord.nan",
           "a NaN coordinate gives NaN",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,nan}",
           {{"PyTorch in vectorized kernels", "https://github.com/pytorch/pytorch/issues/24823"}}},
          where_coordinate(is_nan, NAN)),
      mutant({"nan.y-propagates", "coord.nan", "a NaN in y or z gives NaN; a NaN in x does not",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,nan}"},
             where_coordinate(is_nan, NAN, 1)),
      mutant({"nan.zero", "coord.nan", "a NaN coordinate gives 0",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,nan}"},
             where_coordinate(is_nan, 0)),
      mutant({"nan.centre", "coord.nan", "NaN is read as coordinate 0, the middle of the input",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,nan}"},
             nan_means(0)),
      mutant({"nan.high-edge", "coord.nan", "NaN is read as coordinate +1",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,nan}"},
             nan_means(1)),
      mutant({"nan.outside", "coord.nan", "NaN is read as a coordinate far outside",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{nan,0}"},
             nan_means(-1e4)),
      mutant(
          {"nan.all-components", "coord.nan", "one NaN turns all components of its sample into -1",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,nan}"},
          asks([](const Case& test_case) {
            if (test_case.grid.rank() < 4) return test_case;
            const std::vector<double> grid = test_case.grid.values();
            const auto components =
                static_cast<std::size_t>(test_case.grid.size(test_case.grid.rank() - 1));
            std::size_t at = 0;
            return each_coordinate(test_case, [&](double x, const Place& place) {
              const std::size_t first = at++ - place.component;
              for (std::size_t k = 0; k < components; ++k) {
                if (std::isnan(grid[first + k])) return -1.0;
              }
              return x;
            });
          })),
      mutant({"nan.refused", "coord.nan", "a grid with a NaN is refused",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,nan}"},
             asks([](Case test_case) {
               for (const double x : test_case.grid.values()) {
                 if (std::isnan(x)) test_case.request.mode = "refused";
               }
               return test_case;
             })),
      mutant({"infinity.nan",
              "infinity.border",
              "an infinite coordinate gives NaN",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,inf}",
              {{"PyTorch", "https://github.com/pytorch/pytorch/issues/51911"}}},
             where_coordinate(is_infinite, NAN)),
      mutant({"infinity.zero", "infinity.border", "an infinite coordinate gives 0",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,inf}"},
             where_coordinate(is_infinite, 0)),
      mutant({"infinity.low-edge", "infinity.border", "+infinity is read as -infinity",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{inf,0}"},
             [](Hooked& rules) {
               rules.coordinate = [](auto x, const Axis& axis) {
                 return std::isinf(x) ? -std::fabs(x) : Documented::coordinate(x, axis);
               };
             }),
      mutant({"infinity.inside-zeros", "infinity.zeros", "under zeros infinity reads the edge",
              "grid_sample padding_mode=zeros align_corners=False input=f32[1,1,1,1]{1} "
              "grid=f32[1,1,1,2]{inf,0}"},
             infinity_means(Padding::zeros,
                            [](bool low, const Axis& axis) { return low ? 0 : axis.size - 1; })),
      mutant({"infinity.outside-reflection", "infinity.reflection",
              "under reflection an infinite coordinate gives 0",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{inf,0}"},
             gives([](const Case& test_case, const Tensor& output) {
               if (options_of(test_case).padding != Padding::reflection) return output;
               Hooked rules;
               where_coordinate(is_infinite, 0)(rules);
               return rules.after(test_case, output);
             })),
      mutant({"far.low-edge",
              "padding.border",
              "a position too large for a 32-bit integer becomes the smallest one",
              "grid_sample mode=nearest padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,0x1p+82}",
              {{"PyTorch once", "https://github.com/pytorch/pytorch/issues/42616"}}},
             becomes_least(0x1p31)),
      mutant({"far.low-edge-i64",
              "padding.border",
              "a position too large for a 64-bit integer becomes the smallest one",
              "grid_sample mode=nearest padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,0x1p+82}",
              {{"ONNX Runtime", "https://github.com/microsoft/onnxruntime/issues/10607"}}},
             becomes_least(0x1p63)),
      mutant({"far.wraps", "padding.border", "positions wrap around at 2^31",
              "grid_sample mode=nearest padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,0x1p+82}"},
             [](Hooked& rules) {
               rules.position = [](auto x, const Axis& axis) {
                 const auto position = Documented::position(x, axis);
                 using T = decltype(x);
                 const auto turn = static_cast<T>(0x1p32);
                 return std::fabs(position) >= turn / 2 && std::isfinite(position)
                            ? std::remainder(position, turn)
                            : position;
               };
             }),
      mutant({"texels.nan-zeroed", "texel.nonfinite", "a NaN in the input counts as 0",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,2,1,31]{0*54,nan,-0x1.c353ccp-5,0*6} grid=f32[1,1,1,1,3]{0.5,0,0}"},
             [](Hooked& rules) {
               rules.texel = [](auto texel) {
                 return std::isnan(texel) ? decltype(texel){0} : texel;
               };
             }),
      mutant({"texels.infinity-clamped", "texel.nonfinite",
              "an infinity in the input counts as the largest finite number",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,31]{0*30,inf} grid=f32[1,1,1,2]{1,0}"},
             [](Hooked& rules) {
               rules.texel = [](auto texel) {
                 using T = decltype(texel);
                 return std::isinf(texel) ? std::copysign(std::numeric_limits<T>::max(), texel)
                                          : texel;
               };
             }),
  };
}

}  // namespace gridproof::dictionary
