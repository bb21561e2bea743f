// From the number in the grid to the position.
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// Replaces the position by a function of the coordinate and the axis; infinity stays itself.
template <class Function>
auto position(Function function) {
  return [function](Hooked& rules) {
    rules.position = [function](auto x, const Axis& axis) {
      if (!std::isfinite(x)) return Documented::position(x, axis);
      return static_cast<decltype(x)>(function(x, axis));
    };
  };
}

// Adds so many pixels to the position.
auto shifted(double pixels) {
  return position([pixels](auto x, const Axis& axis) {
    return Documented::position(x, axis) + static_cast<decltype(x)>(pixels);
  });
}

// Uses minus the coordinate on one axis.
auto mirrored(int number) {
  return position([number](auto x, const Axis& axis) {
    return Documented::position(axis.number == number ? -x : x, axis);
  });
}

// Rounds positions to so many steps a pixel.
template <class Rounding>
auto quantized(double steps, Rounding rounding) {
  return position([steps, rounding](auto x, const Axis& axis) {
    const auto exact = Documented::position(x, axis);
    const auto fine = static_cast<decltype(x)>(steps);
    return std::isfinite(exact * fine) ? rounding(exact * fine) / fine : exact;
  });
}

constexpr auto to_nearest = [](auto value) { return std::nearbyint(value); };

// Eleven significant bits and the exponents of f32: what matrix units make of an f32.
double tf32(double value) { return round_to({11, -126, 127}, value); }

// The coordinate is rounded by `rn`, then everything is computed as usual.
auto coordinate_rounded(double (*rn)(double)) {
  return position([rn](auto x, const Axis& axis) {
    return Documented::position(static_cast<decltype(x)>(rn(static_cast<double>(x))), axis);
  });
}

// Every step to the position is rounded by `rn`.
auto computed_in(double (*rn)(double)) {
  return position([rn](auto x, const Axis& axis) {
    const double sum = rn(rn(static_cast<double>(x)) + 1);
    const auto size = static_cast<double>(axis.size);
    if (axis.options.align_corners) return rn(rn(sum / 2) * rn(size - 1));
    return rn(rn(rn(sum * rn(size)) - 1) / 2);
  });
}

// The position that another size of the axis gives: `size_of(question, place)`.
template <class SizeOf>
auto sized_by(SizeOf size_of) {
  return asks([size_of](const Case& test_case) {
    return each_coordinate(test_case, [&](double x, const Place& place) {
      if (!std::isfinite(x)) return x;
      const std::int64_t size = size_of(test_case, place);
      return coordinate_at(position_at(x, size, place.align_corners), place.input,
                           place.align_corners);
    });
  });
}

}  // namespace

std::vector<Mutant> of_coordinates() {
  return {
      mutant(
          {"axes.reversed",
           "coord.order",
           "the grid is read as (y, x) or (z, y, x)",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}",
           {{"deformable-attention", "https://github.com/lucidrains/deformable-attention/issues/6"},
            {"SingleShapeGen", "https://github.com/rundiwu/SingleShapeGen/issues/4"}}},
          asks(reverse_components)),
      mutant({"axes.xy-swapped", "coord.order", "x and y are swapped, z is not",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}"},
             asks(swap_first_components)),
      mutant({"axes.sizes-exchanged",
              "coord.normalized",
              "x is scaled by the height and y by the width",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{1.5,0}",
              {{"AlignSeg", "https://github.com/speedinghzl/AlignSeg/issues/7"},
               {"torchvision elastic transform", "https://github.com/pytorch/vision/issues/9299"}}},
             sized_by([](const Case& test_case, const Place& place) {
               const std::size_t other = place.component < 2 ? 1 - place.component : 2;
               return test_case.input.size(test_case.input.rank() - 1 - static_cast<int>(other));
             })),
      mutant({"units.pixels",
              "coord.normalized",
              "coordinates are taken as pixel positions",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,1,2]{1.5,0}",
              {{"stn.pytorch", "https://github.com/fxia22/stn.pytorch/issues/11"}}},
             position([](auto x, const Axis& /*axis*/) { return x; })),
      mutant(
          {"units.unit-interval",
           "coord.normalized",
           "coordinates are taken to run from 0 to 1",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0}",
           {{"LiDAR4D", "https://github.com/ispc-lab/LiDAR4D/pull/2"}}},
          position([](auto x, const Axis& axis) { return Documented::position(2 * x - 1, axis); })),
      mutant({"units.half-range", "coord.extremes", "coordinates are taken to run from -1/2 to 1/2",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.5}"},
             position([](auto x, const Axis& axis) { return Documented::position(2 * x, axis); })),
      mutant({"units.displacement",
              "coord.normalized",
              "the grid is taken as a displacement and added to the identity",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{0,2,0,0}",
              {{"a user of voxelmorph", "https://github.com/voxelmorph/voxelmorph/issues/89"}}},
             asks([](const Case& test_case) {
               return each_coordinate(
                   test_case, [](double x, const Place& place) { return identity_at(place) + x; });
             })),
      mutant(
          {"direction.reversed",
           "coord.inverse",
           "pixels move to where the grid says, not from there",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}",
           {{"WarpAffine2GridSample", "https://github.com/wuneng/WarpAffine2GridSample/issues/2"}}},
          asks([](const Case& test_case) {
            return each_coordinate(test_case, [](double x, const Place& place) {
              return std::isfinite(x) ? 2 * identity_at(place) - x : x;
            });
          })),
      mutant({"position.no-half-pixel",
              "coord.corners",
              "half a pixel is missing: position (x + 1) S / 2",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-2}",
              {{"a tutorial of MONAI", "https://github.com/Project-MONAI/tutorials/pull/2073"}}},
             position([](auto x, const Axis& axis) {
               const auto size = static_cast<decltype(x)>(axis.size);
               return axis.options.align_corners ? Documented::position(x, axis)
                                                 : (x + 1) * size / 2;
             })),
      mutant({"position.half-pixel-twice", "coord.corners",
              "half a pixel is subtracted twice: position (x + 1) S / 2 - 1",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1.25}"},
             position([](auto x, const Axis& axis) {
               const auto size = static_cast<decltype(x)>(axis.size);
               return axis.options.align_corners ? Documented::position(x, axis)
                                                 : (x + 1) * size / 2 - 1;
             })),
      mutant({"position.size-less-one", "coord.corners",
              "without align_corners the span is the size minus one, from the corner",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1.25}"},
             position([](auto x, const Axis& axis) {
               using T = decltype(x);
               return axis.options.align_corners
                          ? Documented::position(x, axis)
                          : (x + 1) / 2 * static_cast<T>(axis.size - 1) - T{0.5};
             })),
      mutant({"position.divided-by-size",
              "coord.centers",
              "with align_corners the span is the size, not the size minus one",
              "grid_sample mode=bilinear padding_mode=border align_corners=True "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0}",
              {{"mmtracking", "https://github.com/open-mmlab/mmtracking/issues/466"},
               {"neuralbody", "https://github.com/zju3dv/neuralbody/pull/134"}}},
             position([](auto x, const Axis& axis) {
               const auto size = static_cast<decltype(x)>(axis.size);
               return axis.options.align_corners ? (x + 1) / 2 * size
                                                 : Documented::position(x, axis);
             })),
      mutant({"position.output-size", "coord.resolution",
              "coordinates are scaled by the size of the output",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{1.5,0}"},
             sized_by([](const Case& /*question*/, const Place& place) { return place.output; })),
      mutant({"position.one-too-far", "coord.normalized", "every position is one pixel too large",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0}"},
             shifted(1)),
      mutant({"position.one-too-near", "coord.normalized", "every position is one pixel too small",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0}"},
             shifted(-1)),
      mutant({"position.mirrored-x", "coord.normalized", "x runs to the left",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}"},
             mirrored(0)),
      mutant({"position.mirrored-y",
              "coord.normalized",
              "y runs upward",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,-1}",
              {{"DirectVoxGO", "https://github.com/sunset1995/DirectVoxGO/issues/22"}}},
             mirrored(1)),
      mutant({"position.mirrored-z", "coord.normalized", "z runs from the last slice to the first",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,2,1,1]{1,2} grid=f32[1,1,1,1,3]{0,0,-1}"},
             mirrored(2)),
      mutant({"position.clamped", "coord.outside", "coordinates are clamped to -1 … 1",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,2}"},
             position([](auto x, const Axis& axis) {
               using T = decltype(x);
               return Documented::position(std::fmax(T{-1}, std::fmin(T{1}, x)), axis);
             })),
      mutant({"position.wrapped", "coord.outside", "coordinates are wrapped into -1 … 1",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}"},
             position([](auto x, const Axis& axis) {
               if (std::fabs(x) <= 1) return Documented::position(x, axis);
               return Documented::position(x - 2 * std::floor((x + 1) / 2), axis);
             })),
      mutant({"extremes.exclusive", "coord.extremes",
              "under zeros the coordinates -1 and 1 already count as outside",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1.25}"},
             position([](auto x, const Axis& axis) {
               using T = decltype(x);
               return axis.options.padding == Padding::zeros && std::fabs(x) >= 1
                          ? T{-10}
                          : Documented::position(x, axis);
             })),
      mutant(
          {"unit-size.nan",
           "coord.unit-size",
           "with align_corners an axis of one pixel divides by zero and gives NaN",
           "grid_sample mode=nearest padding_mode=zeros align_corners=True "
           "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,1.125}",
           {{"MONAI", "https://github.com/Project-MONAI/MONAI/pull/8946"},
            {"OpenVINO before 12867", "https://github.com/openvinotoolkit/openvino/pull/12867"}}},
          gives([](const Case& test_case, Tensor output) {
            const Shape& shape = test_case.input.shape();
            if (!test_case.request.align_corners.value_or(false)) return output;
            for (std::size_t axis = 2; axis < shape.size(); ++axis) {
              if (shape[axis] == 1) return filled_like(output, NAN);
            }
            return output;
          })),
      mutant({"unit-size.half-pixel", "coord.unit-size",
              "with align_corners an axis of one pixel uses the formula without it",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=True "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             position([](auto x, const Axis& axis) {
               return axis.size == 1 ? x / 2 : Documented::position(x, axis);
             })),
      mutant({"unit-size.always-inside", "coord.outside",
              "on an axis of one pixel every coordinate is inside",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             position([](auto x, const Axis& axis) {
               return axis.size == 1 ? decltype(x){0} : Documented::position(x, axis);
             })),
      mutant(
          {"position.quantised-1/16", "coord.corners", "positions are rounded to 1/16 of a pixel",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.5625}"},
          quantized(16, to_nearest)),
      mutant({"position.quantised-1/32",
              "coord.corners",
              "positions are rounded to 1/32 of a pixel",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.58984375}",
              {{"OpenCV remap", "https://github.com/opencv/opencv/issues/25937"}}},
             quantized(32, to_nearest)),
      mutant(
          {"position.quantised-1/256", "coord.corners", "positions are rounded to 1/256 of a pixel",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.58984375}"},
          quantized(256, to_nearest)),
      mutant(
          {"position.cut-1/256", "coord.corners", "positions are rounded down to 1/256 of a pixel",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.58984375}"},
          quantized(256, [](auto value) { return std::floor(value); })),
      mutant(
          {"position.quantised-1/65536", "coord.corners", "positions have 16 bits after the point",
           "grid_sample mode=bilinear padding_mode=border align_corners=False "
           "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e576ap-1}"},
          quantized(65536, to_nearest)),
      mutant({"position.f16",
              "coord.rounding",
              "positions are computed in f16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e6p-1}",
              {{"PyTorch in half precision", "https://github.com/pytorch/pytorch/issues/96429"}}},
             computed_in(f16)),
      mutant({"position.bf16",
              "coord.rounding",
              "positions are computed in bf16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0.58984375}",
              {{"tt-metal", "https://github.com/tenstorrent/tt-metal/pull/28001"}}},
             computed_in(bf16)),
      mutant({"position.tf32", "coord.rounding", "positions are computed in TF32",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e6p-1}"},
             computed_in(tf32)),
      mutant({"position.f32", "coord.rounding", "positions of f64 tensors are computed in f32",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,-0x1.854dba1486962p-1}"},
             computed_in(f32)),
      mutant({"position.stored-f32",
              "coord.rounding",
              "positions of f64 tensors are rounded to f32",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,-0x1.854dba1486962p-1}",
              {{"ONNX's reference implementation",
                "https://github.com/onnx/onnx/blob/main/onnx/reference/ops/op_grid_sample.py"}}},
             position([](auto x, const Axis& axis) {
               return static_cast<decltype(x)>(static_cast<float>(Documented::position(x, axis)));
             })),
      mutant({"coordinate.f16", "coord.rounding", "the grid is rounded to f16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e6p-1}"},
             coordinate_rounded(f16)),
      mutant({"coordinate.bf16", "coord.rounding", "the grid is rounded to bf16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e6p-1}"},
             coordinate_rounded(bf16)),
      mutant({"coordinate.tf32", "coord.rounding", "the grid is rounded to TF32",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{1,2,3} grid=f32[1,1,1,2]{2,0x1.2e6p-1}"},
             coordinate_rounded(tf32)),
      mutant({"coordinate.f32", "coord.rounding", "a grid of f64 is rounded to f32",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,-0x1.854dba1486962p-1}"},
             coordinate_rounded(f32)),
  };
}

}  // namespace gridproof::dictionary
