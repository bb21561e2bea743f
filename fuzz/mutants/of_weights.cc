// How the pixels around a position are combined.
#include <algorithm>
#include <array>
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

using semantics::Cell;

// Replaces the weights of an axis of bilinear by those of `function(fraction)`, the second one.
template <class Function>
auto linear(Function function) {
  return [function](Hooked& rules) {
    rules.linear_weights = [function](auto t, const Axis& /*axis*/) {
      const auto second = static_cast<decltype(t)>(function(t));
      return std::array<decltype(t), 2>{1 - second, second};
    };
  };
}

auto linear_quantized(double steps) {
  return linear([steps](auto t) {
    const auto fine = static_cast<decltype(t)>(steps);
    return std::nearbyint(t * fine) / fine;
  });
}

// Takes the nearest pixel on the axes for which `chosen(axis)`.
template <class Chosen>
auto not_interpolated(Chosen chosen) {
  return [chosen](Hooked& rules) {
    rules.linear_weights = [chosen](auto t, const Axis& axis) {
      using T = decltype(t);
      if (!chosen(axis)) return Documented::linear_weights(t, axis);
      return std::array<T, 2>{t < T{0.5} ? T{1} : T{0}, t < T{0.5} ? T{0} : T{1}};
    };
  };
}

// A cubic kernel of two parts, at distances in [0, 1] and [1, 2].
template <class Inner, class Outer>
auto cubic(Inner inner, Outer outer) {
  return [inner, outer](Hooked& rules) {
    rules.cubic_weights = [inner, outer](auto t, const Axis& /*axis*/) {
      using T = decltype(t);
      return std::array<T, 4>{outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
    };
  };
}

// Keys' kernel with another alpha.
auto cubic_alpha(double alpha) {
  return cubic(
      [alpha](auto d) {
        const auto a = static_cast<decltype(d)>(alpha);
        return ((a + 2) * d - (a + 3)) * d * d + 1;
      },
      [alpha](auto d) {
        const auto a = static_cast<decltype(d)>(alpha);
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
      });
}

// Mitchell and Netravali's family of kernels: (1, 0) is the B-spline, (1/3, 1/3) their choice.
auto cubic_family(double b, double c) {
  return cubic(
      [b, c](auto d) {
        using T = decltype(d);
        return static_cast<T>(
            (((12 - 9 * b - 6 * c) * d + (-18 + 12 * b + 6 * c)) * d * d + 6 - 2 * b) / 6);
      },
      [b, c](auto d) {
        using T = decltype(d);
        return static_cast<T>(
            ((((-b - 6 * c) * d + (6 * b + 30 * c)) * d - (12 * b + 48 * c)) * d + 8 * b + 24 * c) /
            6);
      });
}

// Replaces the pixels that the taps of bicubic read.
template <class Function>
auto cubic_taps(Function function) {
  return [function](Hooked& rules) {
    rules.tap = [function](std::int64_t index, const Axis& axis) {
      return axis.options.mode == Mode::bicubic ? function(index, axis)
                                                : Documented::tap(index, axis);
    };
  };
}

std::int64_t nearest_inside(std::int64_t index, const Axis& axis) {
  return std::clamp<std::int64_t>(index, 0, axis.size - 1);
}

// Pads the position of bicubic under the paddings that are `chosen`, as the other modes do.
template <class Chosen>
auto cubic_position_padded(Chosen chosen) {
  return [chosen](Hooked& rules) {
    rules.pad = [chosen](auto position, const Axis& axis) {
      return axis.options.mode == Mode::bicubic && chosen(axis.options.padding)
                 ? semantics::pad(position, axis)
                 : Documented::pad(position, axis);
    };
    rules.tap = [chosen](std::int64_t index, const Axis& axis) {
      return axis.options.mode == Mode::bicubic && chosen(axis.options.padding)
                 ? nearest_inside(index, axis)
                 : Documented::tap(index, axis);
    };
  };
}

// Divides by the sum of the weights of those taps that are pixels: what ones instead of texels
// give.
auto renormalized(Mode mode) {
  return gives([mode](const Case& test_case, const Tensor& output) {
    const Options options = options_of(test_case);
    if (options.mode != mode || options.padding != Padding::zeros) return output;
    const Tensor one(test_case.input.dtype(), {1}, std::vector<double>{1});
    const Shape& shape = test_case.input.shape();
    Case ones = test_case;
    ones.input =
        Tensor::strided(one.dtype(), shape, Shape(shape.size(), 0), 0, one.shared_storage(), 1);
    const std::vector<double> weights =
        std::get<Tensor>(semantics::grid_sample_with(ones, Documented{})).values();
    std::vector<double> values = output.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (weights[i] != 0) values[i] /= weights[i];
    }
    return Tensor(output.dtype(), output.shape(), values);
  });
}

}  // namespace

std::vector<Mutant> of_weights() {
  return {
      mutant({"bilinear.rows-only", "bilinear.weights", "4-D input is interpolated along x only",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,0}"},
             not_interpolated(
                 [](const Axis& axis) { return axis.dimensions == 2 && axis.number == 1; })),
      mutant({"bilinear.columns-only", "bilinear.weights", "4-D input is interpolated along y only",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{-1,0}"},
             not_interpolated(
                 [](const Axis& axis) { return axis.dimensions == 2 && axis.number == 0; })),
      mutant({"trilinear.slice", "trilinear.weights", "5-D input is not interpolated along z",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,-1}"},
             not_interpolated([](const Axis& axis) { return axis.number == 2; })),
      mutant({"trilinear.z-exchanged", "trilinear.weights", "the two weights of z are swapped",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}"},
             [](Hooked& rules) {
               rules.linear_weights = [](auto t, const Axis& axis) {
                 using T = decltype(t);
                 return axis.number == 2 ? std::array<T, 2>{t, 1 - t}
                                         : Documented::linear_weights(t, axis);
               };
             }),
      mutant({"floor.truncates", "bilinear.weights", "the cell is found by truncation",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             [](Hooked& rules) {
               rules.cell = [](const auto& sample, const Axis& axis) {
                 using T = decltype(sample.padded);
                 if (!(std::fabs(sample.padded) < T{0x1p31})) return Documented::cell(sample, axis);
                 const auto index = static_cast<std::int64_t>(sample.padded);
                 return Cell<T>{index, sample.padded - static_cast<T>(index)};
               };
             }),
      mutant({"weights.exchanged", "bilinear.weights", "the two weights of an axis are swapped",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"},
             linear([](auto t) { return 1 - t; })),
      mutant({"weights.smoothstep", "bilinear.weights", "weights follow 3t^2 - 2t^3",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.5,0}"},
             linear([](auto t) { return t * t * (3 - 2 * t); })),
      mutant({"weights.cosine", "bilinear.weights", "weights follow half a cosine",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.5,0}"},
             linear([](auto t) {
               return (1 - std::cos(3.14159265358979323846 * static_cast<double>(t))) / 2;
             })),
      mutant({"weights.quantised-1/16", "bilinear.weights", "weights are rounded to 1/16",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.74609375,0}"},
             linear_quantized(16)),
      mutant(
          {"weights.quantised-1/256",
           "bilinear.weights",
           "weights are rounded to 1/256",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.74609375,0}",
           {{"textures of NVIDIA's GPUs",
             "https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#linear-filtering"}}},
          linear_quantized(256)),
      mutant({"weights.f16", "bilinear.weights", "weights are rounded to f16",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0x1.7dep-1,0}"},
             linear([](auto t) { return to_double(from_double<Half>(static_cast<double>(t))); })),
      mutant(
          {"weights.bf16", "bilinear.weights", "weights are rounded to bf16",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f32[1,1,1,7]{1..7} grid=f32[1,1,1,2]{0.74609375,0}"},
          linear([](auto t) { return to_double(from_double<BFloat16>(static_cast<double>(t))); })),
      mutant({"corner.minimum", "bilinear.weights",
              "the weight of a corner is the smaller of its axis weights, not their product",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,2,1]{1,1} grid=f32[1,1,1,2]{-1,0}"},
             [](Hooked& rules) {
               rules.corner = [](auto one, auto other) { return std::fmin(one, other); };
             }),
      mutant({"corner.last-lost", "bilinear.weights", "the last of four corners is forgotten",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,2,3]{1*6} grid=f32[1,1,1,2]{0.5,0}"},
             [](Hooked& rules) {
               rules.sum = [](auto terms) {
                 if (terms.count == 4) terms.count = 3;
                 return Documented::sum(terms);
               };
             }),
      mutant({"cubic.alpha-0", "bicubic.kernel", "alpha is 0",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,16]{0*57,1,0*6} "
              "grid=f32[1,1,1,2]{0,0}"},
             cubic_alpha(0)),
      mutant({"cubic.alpha-0.5",
              "bicubic.kernel",
              "alpha is -1/2",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,16]{0*57,1,0*6} "
              "grid=f32[1,1,1,2]{0,0}",
              {{"mlx-vlm", "https://github.com/Blaizzy/mlx-vlm/issues/1241"},
               {"OpenCV on CUDA", "https://github.com/opencv/opencv/issues/24165"}}},
             cubic_alpha(-0.5)),
      mutant({"cubic.alpha-1", "bicubic.kernel", "alpha is -1",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,16]{0*57,1,0*6} "
              "grid=f32[1,1,1,2]{0,0}"},
             cubic_alpha(-1)),
      mutant({"cubic.b-spline", "bicubic.kernel", "the kernel is the cubic B-spline",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,4]{1*16} "
              "grid=f32[1,1,1,2]{0,0}"},
             cubic_family(1, 0)),
      mutant({"cubic.mitchell", "bicubic.kernel", "the kernel is that of Mitchell and Netravali",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,4]{1..16} "
              "grid=f32[1,1,1,2]{0,0}"},
             cubic_family(1.0 / 3, 1.0 / 3)),
      mutant({"cubic.reversed", "bicubic.kernel", "the four weights are in reverse order",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,7,4]{1..28} "
              "grid=f32[1,1,1,2]{0,0}"},
             [](Hooked& rules) {
               rules.cubic_weights = [](auto t, const Axis& axis) {
                 auto weights = Documented::cubic_weights(t, axis);
                 std::ranges::reverse(weights);
                 return weights;
               };
             }),
      mutant({"cubic.linear-in-y", "bicubic.kernel", "bicubic along x, bilinear along y",
              "grid_sample mode=bicubic padding_mode=zeros "
              "input=f32[1,1,16,16]{0*152,-0x1.78f5bcp+2,-0x1.7019b8p+0,0*102} "
              "grid=f32[1,1,1,2]{0,0}"},
             [](Hooked& rules) {
               rules.cubic_weights = [](auto t, const Axis& axis) {
                 using T = decltype(t);
                 return axis.number == 1 ? std::array<T, 4>{0, 1 - t, t, 0}
                                         : Documented::cubic_weights(t, axis);
               };
             }),
      mutant({"cubic.position-clipped",
              "bicubic.unpadded-cell",
              "under border the position is clipped before its taps are found",
              "grid_sample mode=bicubic padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-1,-4}",
              {{"ONNX Runtime once", "https://github.com/microsoft/onnxruntime/issues/10607"}}},
             cubic_position_padded([](Padding padding) { return padding == Padding::border; })),
      mutant({"cubic.position-padded", "bicubic.taps-padded",
              "the position is padded, then the taps are clamped",
              "grid_sample mode=bicubic padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-1,0}"},
             cubic_position_padded([](Padding padding) { return padding != Padding::zeros; })),
      mutant({"cubic.outside-skipped", "bicubic.taps-padded",
              "taps outside read the edge under every padding",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,1,1]{1} "
              "grid=f32[1,1,1,2]{0,-1}"},
             cubic_taps(nearest_inside)),
      mutant({"cubic.taps-reflected-once", "bicubic.taps-padded",
              "taps are reflected once at each end, then clamped",
              "grid_sample mode=bicubic padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{8192,0}"},
             cubic_taps([](std::int64_t index, const Axis& axis) {
               if (axis.options.padding != Padding::reflection) return Documented::tap(index, axis);
               const bool centers = axis.options.align_corners;
               const std::int64_t last = axis.size - 1;
               if (index < 0) index = (centers ? 0 : -1) - index;
               if (index > last) index = (centers ? 2 * last : 2 * last + 1) - index;
               return nearest_inside(index, axis);
             })),
      mutant({"cubic.taps-wrong-edge", "bicubic.taps-padded",
              "taps are reflected about the lines of the opposite align_corners",
              "grid_sample mode=bicubic padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-1,0}"},
             cubic_taps([](std::int64_t index, Axis axis) {
               axis.options.align_corners = !axis.options.align_corners;
               return Documented::tap(index, axis);
             })),
      mutant({"cubic.unit-axis-skipped", "bicubic.unit-size",
              "an axis of one pixel is not interpolated",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             [](Hooked& rules) {
               rules.cubic_weights = [](auto t, const Axis& axis) {
                 using T = decltype(t);
                 return axis.size == 1 ? std::array<T, 4>{0, 1, 0, 0}
                                       : Documented::cubic_weights(t, axis);
               };
             }),
      mutant(
          {"cubic.clamped", "bicubic.overshoot", "the result is clamped to the range of the input",
           "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
           "input=f32[1,1,3,1]{1,1,1} grid=f32[1,1,1,2]{0,0.5}"},
          gives([](const Case& test_case, Tensor output) {
            if (options_of(test_case).mode != Mode::bicubic || !is_copied(test_case.input)) {
              return output;
            }
            double lo = 0;
            double hi = -INFINITY;
            for (const double texel : test_case.input.values()) {
              lo = std::fmin(lo, texel);
              hi = std::fmax(hi, texel);
            }
            return each_element(output, [&](double value) {
              return std::fmin(std::fmax(value, lo), std::fmax(lo, hi));
            });
          })),
      mutant({"cubic.renormalised", "bicubic.taps-padded",
              "under zeros, bicubic is divided by the sum of the weights inside",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,1,1]{1} "
              "grid=f32[1,1,1,2]{0,-1}"},
             renormalized(Mode::bicubic)),
      mutant({"bilinear.renormalised", "padding.zeros-ramp",
              "under zeros, bilinear is divided by the sum of the weights inside",
              "grid_sample padding_mode=zeros input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             renormalized(Mode::bilinear)),
      mutant({"bilinear.clamped", "padding.zeros-ramp",
              "bilinear values are clamped to the range of the texels, even under zeros",
              "grid_sample padding_mode=zeros input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-1}"},
             gives([](const Case& test_case, const Tensor& output) {
               if (options_of(test_case).mode != Mode::bilinear || !is_copied(test_case.input)) {
                 return output;
               }
               double lo = INFINITY;
               double hi = -INFINITY;
               for (const double texel : test_case.input.values()) {
                 lo = std::fmin(lo, texel);
                 hi = std::fmax(hi, texel);
               }
               return each_element(output, [lo, hi](double value) {
                 return value < lo ? lo : value > hi ? hi : value;
               });
             })),
  };
}

}  // namespace gridproof::dictionary
