// Our own kernels on the clock: one call, with the place of its answer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "optimized/bench/rival.h"
#include "optimized/grid_sample.h"

namespace gridproof::bench {

class Ours {
 public:
  Ours() = default;
  Ours(const Ours&) = delete;
  Ours& operator=(const Ours&) = delete;
  virtual ~Ours() = default;

  // Answers; returns the seconds that this took.
  virtual double run() = 0;
  // The answer of the last run, dense.
  virtual const std::byte* output() = 0;
  // The same of a backward call.
  virtual GradientBytes gradients() { return {}; }
  // Which kernel it is, for people.
  virtual std::string why() = 0;
};

// `call` outlives them. Of a backward call, the backward pass.
std::unique_ptr<Ours> ours_on_cpu(const Call& call, const Settings& settings);
// On a CUDA device, whose memory has the tensors before the clock starts. Throws
// std::runtime_error.
std::unique_ptr<Ours> ours_on_device(const Call& call);

}  // namespace gridproof::bench
