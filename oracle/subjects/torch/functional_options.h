// Options in LibTorch's words, for the benchmarks.
#pragma once

#include <torch/torch.h>

#include "reference/contract/options.h"

namespace gridproof {

inline torch::nn::functional::GridSampleFuncOptions functional_options(const Options& options) {
  torch::nn::functional::GridSampleFuncOptions result;
  if (options.mode == Mode::bilinear) result.mode(torch::kBilinear);
  if (options.mode == Mode::nearest) result.mode(torch::kNearest);
  if (options.mode == Mode::bicubic) result.mode(torch::kBicubic);
  if (options.padding == Padding::zeros) result.padding_mode(torch::kZeros);
  if (options.padding == Padding::border) result.padding_mode(torch::kBorder);
  if (options.padding == Padding::reflection) result.padding_mode(torch::kReflection);
  return result.align_corners(options.align_corners);
}

}  // namespace gridproof
