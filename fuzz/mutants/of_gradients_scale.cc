// How far the position moves with the coordinate, and along which axis.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// Pixels per unit: `function(axis)` instead of S / 2 or (S - 1) / 2, the padding's slope kept.
template <class Function>
auto scales(const Function& function) {
  return factors([function](auto right, const auto& sample, const Axis& axis) {
    using T = decltype(right);
    if (std::isnan(sample.given) || !std::isfinite(sample.position)) return right;
    const T slope =
        axis.options.mode == Mode::bicubic ? T{1} : semantics::padding_slope(sample.position, axis);
    return slope * static_cast<T>(function(axis));
  });
}

double half_of(std::int64_t pixels) { return static_cast<double>(pixels) / 2; }

// What belongs to each axis belongs to the axis `of(axis)` instead.
template <class Of>
auto sizes_of(const Of& of) {
  return [of](HookedGradients& rules, const BackwardCase& test_case) {
    scales([of, shape = test_case.forward.input.shape()](const Axis& axis) {
      const auto number = static_cast<std::size_t>(of(axis));
      const std::int64_t size = shape[shape.size() - 1 - number];
      return half_of(axis.options.align_corners ? size - 1 : size);
    })(rules);
  };
}

// The components of the grid's gradient: component k is the right one `order[k]`, with that sign.
struct Component {
  std::size_t from;
  double sign;
};
auto components(const std::vector<Component>& in_2d, const std::vector<Component>& in_3d) {
  return gives_grid([in_2d, in_3d](const BackwardCase& test_case, std::vector<double>& values) {
    const std::vector<Component>& order = test_case.forward.input.rank() == 5 ? in_3d : in_2d;
    const std::vector<double> right = values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& [from, sign] = order[i % order.size()];
      values[i] = sign == 0 ? 0 : sign * right[i - i % order.size() + from];
    }
  });
}

bool deep(const BackwardCase& test_case) { return volumes(test_case.forward); }

}  // namespace

std::vector<GradientMutant> of_gradient_scales() {
  return {
      gradient({"scale.flag-flipped", "grad.scale",
                "(S - 1) / 2 with align_corners=False and S / 2 with True",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) {
                 return half_of(axis.options.align_corners ? axis.size : axis.size - 1);
               })),
      gradient({"scale.corners-always", "grad.scale", "S / 2 with align_corners=True as well",
                "grid_sample_backward align_corners=True input=f32[1,1,1,5]{1,2,4,8,16} "
                "grid=f32[1,1,1,2]{0.25,0} grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) { return half_of(axis.size); })),
      gradient({"scale.centers-always",
                "grad.scale",
                "(S - 1) / 2 with align_corners=False as well",
                "grid_sample_backward input=f32[1,1,1,3]{1,2,4} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"stnbhwd, issue 29", "https://github.com/qassemoquab/stnbhwd/issues/29"}}},
               scales([](const Axis& axis) { return half_of(axis.size - 1); })),
      gradient({"scale.missing",
                "grad.scale",
                "the gradient is by pixels, not by coordinates",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"spynet, issue 4", "https://github.com/anuragranj/spynet/issues/4"}}},
               scales([](const Axis&) { return 1; })),
      gradient({"scale.not-halved", "grad.scale", "S or S - 1, as if coordinates spanned 0 to 1",
                "grid_sample_backward align_corners=True input=f32[1,1,1,2]{1,2} "
                "grid=f32[1,1,1,2]{0.25,0} grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) {
                 return axis.options.align_corners ? axis.size - 1 : axis.size;
               })),
      gradient(
          {"scale.inverse", "grad.scale", "2 / S and 2 / (S - 1): divided instead of multiplied",
           "grid_sample_backward input=f32[1,1,2,4]{1..8} grid=f32[1,1,1,2]{0.125,0} "
           "grad_output=f32[1,1,1,1]{1}"},
          scales([](const Axis& axis) {
            const double half = half_of(axis.options.align_corners ? axis.size - 1 : axis.size);
            return half == 0 ? 0 : 1 / half;
          })),
      gradient({"scale.whole-half", "grad.scale",
                "S / 2 and (S - 1) / 2 are quotients of whole numbers, rounded down",
                "grid_sample_backward input=f32[1,1,1,5]{1,2,4,8,16} grid=f32[1,1,1,2]{0.25,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) {
                 return (axis.options.align_corners ? axis.size - 1 : axis.size) / 2;
               })),
      gradient({"scale.other-axis",
                "grad.scale",
                "height and width are exchanged: x is scaled by the height, y by the width",
                "grid_sample_backward input=f32[1,1,2,4]{1..8} grid=f32[1,1,1,2]{0.125,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"Deformable-DETR, issue 6",
                  "https://github.com/fundamentalvision/Deformable-DETR/issues/6"}}},
               sizes_of([](const Axis& axis) { return axis.number == 2 ? 2 : 1 - axis.number; })),
      gradient({"scale.width-for-all", "grad.scale", "every axis is scaled by the width",
                "grid_sample_backward input=f32[1,1,2,8]{1..16} grid=f32[1,1,1,2]{0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               sizes_of([](const Axis& /*axis*/) { return 0; })),
      gradient({"scale.depth-by-height", "grad.scale", "z is scaled by the height",
                "grid_sample_backward input=f32[1,1,2,4,2]{1..16} grid=f32[1,1,1,1,3]{0,0.125,0} "
                "grad_output=f32[1,1,1,1,1]{1}"},
               sizes_of([](const Axis& axis) { return std::min(axis.number, 1); })),
      gradient({"scale.squared", "grad.scale", "the scale is multiplied in twice",
                "grid_sample_backward align_corners=True input=f32[1,1,1,9]{1..9} "
                "grid=f32[1,1,1,2]{0.0625,0} grad_output=f32[1,1,1,1]{1}"},
               factors([](auto right, const auto& /*sample*/, const Axis& axis) {
                 return right * semantics::pixels_per_unit<decltype(right)>(axis);
               })),
      gradient({"scale.padded-only", "grad.scale",
                "with align_corners=False the scale is (S - 1) / 2 where positions are clipped",
                "grid_sample_backward padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) {
                 const bool is_shorter =
                     axis.options.align_corners || axis.options.padding != Padding::zeros;
                 return half_of(is_shorter ? axis.size - 1 : axis.size);
               })),
      gradient({"scale.unit-size-half", "grad.unit-size",
                "an axis of one pixel with align_corners=True is scaled by 1 / 2",
                "grid_sample_backward align_corners=True input=f32[1,1,1,1]{5} "
                "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{1}"},
               scales([](const Axis& axis) {
                 return half_of(axis.options.align_corners
                                    ? std::max<std::int64_t>(axis.size - 1, 1)
                                    : axis.size);
               })),
      gradient({"scale.left-out-is-true",
                "grad.scale",
                "where align_corners is left out the backward pass takes True",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"PaddlePaddle, whose default is True by its documentation",
                  "https://www.paddlepaddle.org.cn/documentation/docs/en/api/paddle/nn/functional/"
                  "grid_sample_en.html"}}},
               asks_gradients([](BackwardCase test_case) {
                 auto& flag = test_case.forward.request.align_corners;
                 flag = flag.value_or(true);
                 return test_case;
               })),
  };
}

std::vector<GradientMutant> of_gradient_axes() {
  return {
      gradient({"axes.exchanged", "grad.grid", "x and y are exchanged in the gradient of the grid",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               components({{1, 1}, {0, 1}}, {{1, 1}, {0, 1}, {2, 1}})),
      gradient_where({"axes.z-first", "grad.grid", "of volumes z comes first: z, y, x",
                      "grid_sample_backward input=f32[1,1,2,2,2]{1..8} "
                      "grid=f32[1,1,1,1,3]{0,0,0} grad_output=f32[1,1,1,1,1]{1}"},
                     deep, components({}, {{2, 1}, {1, 1}, {0, 1}})),
      gradient_where({"axes.y-and-z-exchanged", "grad.grid", "of volumes y and z are exchanged",
                      "grid_sample_backward input=f32[1,1,2,2,2]{1..8} "
                      "grid=f32[1,1,1,1,3]{0,0,0} grad_output=f32[1,1,1,1,1]{1}"},
                     deep, components({}, {{0, 1}, {2, 1}, {1, 1}})),
      gradient({"axes.negative", "grad.grid", "the gradient of the grid has the other sign",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               components({{0, -1}, {1, -1}}, {{0, -1}, {1, -1}, {2, -1}})),
      gradient({"axes.y-negative", "grad.grid", "y points upwards: its gradient has the other sign",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               components({{0, 1}, {1, -1}}, {{0, 1}, {1, -1}, {2, 1}})),
      gradient({"axes.only-x",
                "grad.grid",
                "only x has a gradient; the others stay 0",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}",
                {{"torch-ngp, issue 149", "https://github.com/ashawkey/torch-ngp/issues/149"}}},
               components({{0, 1}, {0, 0}}, {{0, 1}, {0, 0}, {0, 0}})),
      gradient({"axes.x-lost", "grad.grid", "x has no gradient",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               components({{0, 0}, {1, 1}}, {{0, 0}, {1, 1}, {2, 1}})),
      gradient_where({"axes.z-lost", "grad.grid", "of volumes z has no gradient",
                      "grid_sample_backward input=f32[1,1,2,2,2]{1..8} "
                      "grid=f32[1,1,1,1,3]{0,0,0} grad_output=f32[1,1,1,1,1]{1}"},
                     deep, components({}, {{0, 1}, {1, 1}, {2, 0}})),
      gradient({"axes.x-for-all", "grad.grid", "every component is that of x",
                "grid_sample_backward input=f32[1,1,2,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               components({{0, 1}, {0, 1}}, {{0, 1}, {0, 1}, {0, 1}})),
  };
}

}  // namespace gridproof::dictionary
