// Where options, types, ranks and channel counts meet: one path of many that went wrong alone.
#include <cmath>

#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {

std::vector<Mutant> of_combinations() {
  return {
      interaction({"volumes.reflection-flag", "options.align-corners",
                   "volumes under reflection use align_corners inverted",
                   "grid_sample mode=nearest padding_mode=reflection input=f32[1,1,1,1,3]{1,2,3} "
                   "grid=f32[1,1,1,1,3]{-0.45,0,0}"},
                  meet(volumes, padded_by(Padding::reflection)), as("align.flipped")),
      interaction(
          {"volumes.f64-ties", "nearest.ties-to-even", "f64 volumes round ties away from zero",
           "grid_sample mode=nearest input=f64[1,1,1,1,2]{1,2} "
           "grid=f64[1,1,1,1,3]{0,0,0}"},
          meet(volumes, by(Mode::nearest), in(Dtype::f64)), as("nearest.half-away")),
      interaction({"volumes.one-channel-border", "padding.border",
                   "volumes of one channel are clipped at the lower edge only",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1,1]{1} "
                   "grid=f32[1,1,1,1,3]{4,0,0}"},
                  meet(volumes, padded_by(Padding::border), channels_are(1)),
                  as("border.low-only")),
      interaction({"volumes.16-bit-slice", "trilinear.weights",
                   "16-bit volumes are not interpolated along z",
                   "grid_sample input=f16[1,1,1,1,1]{1} grid=f16[1,1,1,1,3]{0,0,-1}"},
                  meet(volumes, in_16_bits, by(Mode::bilinear)), as("trilinear.slice")),
      interaction({"volumes.batched-corner", "bilinear.weights",
                   "in a batch of volumes under zeros, with align_corners, far taps read the edge",
                   "grid_sample align_corners=True input=f32[2,1,1,1,2]{1..4} "
                   "grid=f32[2,1,1,1,3]{1.5,0,0,1.5,0,0}"},
                  meet(volumes, batch_above(1), corners_aligned, padded_by(Padding::zeros)),
                  as("zeros.far-tap-clamped")),
      interaction({"cubic.f64-border-alpha", "bicubic.kernel",
                   "bicubic of f64 under border has another alpha",
                   "grid_sample mode=bicubic padding_mode=border "
                   "input=f64[1,1,1,4]{0,1,1,0} grid=f64[1,1,1,2]{0,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::border), in(Dtype::f64)),
                  as("cubic.alpha-0.5")),
      interaction(
          {"cubic.three-channels", "bicubic.taps-padded",
           "bicubic with three channels reads the edge for taps outside, even under zeros",
           "grid_sample mode=bicubic align_corners=True input=f32[1,3,1,2]{1*6} "
           "grid=f32[1,1,1,2]{0,0}"},
          meet(by(Mode::bicubic), padded_by(Padding::zeros), corners_aligned, channels_are(3)),
          as("cubic.outside-skipped")),
      interaction({"cubic.f64-once", "bicubic.taps-padded", "bicubic of f64 reflects taps once",
                   "grid_sample mode=bicubic padding_mode=reflection input=f64[1,1,1,2]{1,2} "
                   "grid=f64[1,1,1,2]{8192,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::reflection), in(Dtype::f64)),
                  as("cubic.taps-reflected-once")),
      interaction(
          {"reflect.f16-nearest-edge", "padding.reflection-lines",
           "nearest of f16 with align_corners reflects about the outer edges",
           "grid_sample mode=nearest padding_mode=reflection align_corners=True "
           "input=f16[1,1,1,3]{1,2,4} grid=f16[1,1,1,2]{2,0}"},
          meet(by(Mode::nearest), padded_by(Padding::reflection), corners_aligned, in(Dtype::f16)),
          as("reflect.wrong-edge")),
      interaction({"channels.odd-in-bf16", "shape.sample",
                   "with an odd number of bf16 channels, the last repeats the one before",
                   "grid_sample mode=nearest input=bf16[1,3,1,1]{1,2,3} grid=bf16[1,1,1,2]{0,0}"},
                  meet(in(Dtype::bf16), channels_above(1), no(channels_in_blocks_of(2))),
                  channels_from([](std::int64_t c, std::int64_t channels) {
                    return c + 1 == channels ? c - 1 : c;
                  })),
      interaction({"single.row-cubic", "bicubic.unit-size",
                   "bicubic of a single row under zeros is not interpolated along y",
                   "grid_sample mode=bicubic input=f32[1,1,1,2]{1,1} grid=f32[1,1,1,2]{0,-1}"},
                  meet(by(Mode::bicubic), padded_by(Padding::zeros),
                       [](const Case& test_case) {
                         return test_case.input.size(2) == 1 && test_case.input.size(3) > 1;
                       }),
                  as("cubic.unit-axis-skipped")),
      interaction({"single.column-reflection", "padding.reflection-lines",
                   "a single column under reflection is reflected about the outer centers",
                   "grid_sample padding_mode=reflection input=f32[1,1,2,1]{1,2} "
                   "grid=f32[1,1,1,2]{0,-1.75}"},
                  meet(padded_by(Padding::reflection),
                       [](const Case& test_case) {
                         return width_of(test_case.input, 0) == 1 &&
                                width_of(test_case.input, 1) > 1;
                       }),
                  as("reflect.about-centres")),
  };
}

}  // namespace gridproof::dictionary
