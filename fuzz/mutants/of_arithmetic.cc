// In which precision sums are kept, and what becomes of the last bit.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// Every product and partial sum is rounded by `rn`.
auto summed_in(double (*rn)(double)) {
  return [rn](Hooked& rules) {
    rules.sum = [rn](const auto& terms) {
      double total = 0;
      for (const auto& term : terms) {
        total = rn(total + rn(static_cast<double>(term.weight * term.texel)));
      }
      return static_cast<std::remove_cvref_t<decltype(terms.list[0].weight)>>(total);
    };
  };
}

auto texels_in(double (*rn)(double)) {
  return [rn](Hooked& rules) {
    rules.texel = [rn](auto texel) {
      return static_cast<decltype(texel)>(rn(static_cast<double>(texel)));
    };
  };
}

// Replaces the way to a 16-bit value by `function(value, ulp)` for finite values.
template <class Function>
auto rounded_16_bit(Function function) {
  return [function](Hooked& rules) {
    rules.round = [function](auto value, Dtype dtype) {
      if (!is_16_bit(dtype) || !std::isfinite(value) || value == 0) return value;
      const Format format = format_of(dtype);
      const int exponent = std::max(std::ilogb(value), format.min_exponent);
      const double ulp = std::ldexp(1.0, exponent - format.precision + 1);
      return static_cast<decltype(value)>(function(static_cast<double>(value), ulp));
    };
  };
}

}  // namespace

std::vector<Mutant> of_arithmetic() {
  return {
      mutant({"accumulate.f16",
              "arith.order",
              "sums are kept in f16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,1]{0,0,15} grid=f32[1,1,1,2]{2,0.58984375}",
              {{"PyTorch in half precision", "https://github.com/pytorch/pytorch/issues/89836"}}},
             summed_in(f16)),
      mutant({"accumulate.bf16", "arith.order", "sums are kept in bf16",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,3,7]{0*6,256,0*6,1,0*7} grid=f32[1,1,1,2]{2,-0.5}"},
             summed_in(bf16)),
      mutant({"accumulate.f32", "arith.order", "sums of f64 tensors are kept in f32",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,-0.76171875}"},
             summed_in(f32)),
      mutant({"texels.f16", "arith.order", "the input is rounded to f16",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,13]{0*6,-0x1.207ap+2,0*6} grid=f32[1,1,1,2]{0,0}"},
             texels_in(f16)),
      mutant({"texels.bf16", "arith.order", "the input is rounded to bf16",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,13]{0*6,-4.5078125,0*6} grid=f32[1,1,1,2]{0,0}"},
             texels_in(bf16)),
      mutant(
          {"round.truncates", "dtype.16-bit", "16-bit results are truncated, not rounded",
           "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
           "input=f16[1,1,2,1]{1,0} grid=f16[1,1,1,2]{0,0x1p-22}"},
          rounded_16_bit([](double value, double ulp) { return std::trunc(value / ulp) * ulp; })),
      mutant(
          {"round.half-away", "dtype.16-bit", "ties of 16-bit results are rounded away from zero",
           "grid_sample mode=bicubic padding_mode=reflection align_corners=False "
           "input=f16[1,1,8,2]{0*4,-244,199,112,-25,-3,-1,-5,-143,0*4} "
           "grid=f16[1,1,1,2]{1,32768}"},
          rounded_16_bit([](double value, double ulp) { return std::round(value / ulp) * ulp; })),
      equivalent(mutant({"round.f16-flushes", "arith.subnormal", "subnormal f16 values become 0",
                         "grid_sample padding_mode=zeros align_corners=False "
                         "input=f16[1,1,1,1]{0x1p-20} grid=f16[1,1,1,2]{0,0}"},
                        [](Hooked& rules) {
                          rules.round = [](auto value, Dtype dtype) {
                            return dtype == Dtype::f16 && std::fabs(value) < 0x1p-14F ? value * 0
                                                                                      : value;
                          };
                        }),
                 "a looser profile allows flushing"),
      mutant({"overflow.saturates", "arith.overflow",
              "values that overflow become the largest finite number",
              "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
              "input=f16[1,1,1,32]{0*18,64768,36864,0*12} grid=f16[1,1,1,2]{0.171875,0}"},
             gives([](const Case& test_case, const Tensor& output) {
               if (!is_copied(test_case.input)) return output;
               const Format format = format_of(output.dtype());
               const double most =
                   std::ldexp(2 - std::ldexp(1.0, 1 - format.precision), format.max_exponent);
               for (const double texel : test_case.input.values()) {
                 if (!std::isfinite(texel)) return output;
               }
               return each_element(output, [most](double value) {
                 return std::isinf(value) ? std::copysign(most, value) : value;
               });
             })),
      mutant({"overflow.bf16-in-f16", "arith.overflow", "bf16 is computed in f16 and overflows",
              "grid_sample padding_mode=border align_corners=True "
              "input=bf16[1,1,20,64]{0*1265,99,16,15,0*12} grid=bf16[1,1,1,2]{0.5859375,4}"},
             [](Hooked& rules) {
               rules.round = [](auto value, Dtype dtype) {
                 return dtype == Dtype::bf16
                            ? static_cast<decltype(value)>(f16(static_cast<double>(value)))
                            : value;
               };
             }),
  };
}

}  // namespace gridproof::dictionary
