// Which pixel is the nearest.
#include <algorithm>
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

template <class Function>
auto nearest(Function function) {
  return [function](Hooked& rules) {
    rules.nearest = [function](const auto& sample, const Axis& /*axis*/) {
      return function(sample.padded);
    };
  };
}

}  // namespace

std::vector<Mutant> of_nearest() {
  return {
      mutant({"nearest.half-away",
              "nearest.ties-to-even",
              "ties are rounded away from zero",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}",
              {{"burn before 5663", "https://github.com/tracel-ai/burn/pull/5663"},
               {"Paddle before 27657", "https://github.com/PaddlePaddle/Paddle/pull/27657"}}},
             nearest([](auto p) { return std::round(p); })),
      mutant({"nearest.half-away-5d",
              "nearest.ties-to-even",
              "ties are rounded away from zero on 5-D input only",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,-1,0}",
              {{"PyTorch before 2.1", "https://github.com/pytorch/pytorch/pull/97000"}}},
             [](Hooked& rules) {
               rules.nearest = [](const auto& sample, const Axis& axis) {
                 return axis.dimensions == 3 ? std::round(sample.padded)
                                             : Documented::nearest(sample, axis);
               };
             }),
      mutant({"nearest.half-up",
              "nearest.ties-to-even",
              "ties are rounded up",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}",
              {{"a replacement in RF-DETR", "https://github.com/roboflow/rf-detr/pull/1432"}}},
             nearest([](auto p) { return std::floor(p + decltype(p){0.5}); })),
      mutant({"nearest.half-down", "nearest.ties-to-even", "ties are rounded down",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,4]{1..4} grid=f32[1,1,1,2]{0,0}"},
             nearest([](auto p) { return std::ceil(p - decltype(p){0.5}); })),
      mutant({"nearest.half-towards-zero", "nearest.ties-to-even", "ties are rounded toward zero",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,4]{1..4} grid=f32[1,1,1,2]{0,0}"},
             nearest([](auto p) {
               const auto whole = std::trunc(p);
               return std::fabs(p - whole) <= decltype(p){0.5} ? whole : std::round(p);
             })),
      mutant({"nearest.half-odd", "nearest.ties-to-even", "ties are rounded to the odd neighbor",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}"},
             nearest([](auto p) {
               const auto low = std::floor(p);
               if (p - low != decltype(p){0.5}) return std::nearbyint(p);
               return std::fmod(low, decltype(p){2}) == 0 ? low + 1 : low;
             })),
      mutant({"nearest.floor", "nearest.texel",
              "the pixel at or below the position is taken, not the nearest",
              "grid_sample mode=nearest padding_mode=zeros align_corners=True "
              "input=f32[1,1,4,1]{1..4} grid=f32[1,1,1,2]{0,-0.5}"},
             nearest([](auto p) { return std::floor(p); })),
      mutant({"nearest.ceil", "nearest.texel",
              "the pixel at or above the position is taken, not the nearest",
              "grid_sample mode=nearest padding_mode=zeros align_corners=True "
              "input=f32[1,1,4,1,1]{1..4} grid=f32[1,1,1,1,3]{0,0,0.5}"},
             nearest([](auto p) { return std::ceil(p); })),
      mutant({"nearest.truncates", "nearest.texel", "the position is truncated toward zero",
              "grid_sample mode=nearest padding_mode=zeros align_corners=True "
              "input=f32[1,1,4,1]{1..4} grid=f32[1,1,1,2]{0,-0.5}"},
             nearest([](auto p) { return std::trunc(p); })),
      mutant({"nearest.clamped", "padding.zeros",
              "under zeros the nearest pixel is clamped into the input",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-8}"},
             [](Hooked& rules) {
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 if (axis.options.mode != Mode::nearest) return Documented::tap(index, axis);
                 return std::clamp<std::int64_t>(index, 0, axis.size - 1);
               };
             }),
      mutant({"nearest.rounds-first", "nearest.pad-first", "rounds the position before padding it",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,7]{1..7} grid=f32[1,1,1,2]{1028709.25,0}"},
             [](Hooked& rules) {
               rules.pad = [](auto position, const Axis& axis) {
                 if (axis.options.mode != Mode::nearest) return Documented::pad(position, axis);
                 return Documented::pad(std::nearbyint(position), axis);
               };
             }),
  };
}

}  // namespace gridproof::dictionary
