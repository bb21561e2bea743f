// Another implementation beside ours on the clock, and one call that both answer.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "optimized/bench/workloads.h"
#include "reference/contract/backward.h"
#include "reference/contract/dtype.h"
#include "reference/contract/tensor.h"

namespace gridproof::bench {

// The gradients that a backward call wants, of input and grid: dense, of the dtype of the call.
using GradientBytes = std::array<const std::byte*, 2>;

// A workload with its tensors. The grid is dense; the input is dense, or has its channels last.
struct Call {
  Workload workload;
  Tensor input;
  Tensor grid;
  std::optional<Tensor> grads;  // grad_output, dense, of a backward call
  OutputMask mask;              // which gradients it wants

  [[nodiscard]] Dtype dtype() const { return input.dtype(); }
};

class Rival {
 public:
  Rival() = default;
  Rival(const Rival&) = delete;
  Rival& operator=(const Rival&) = delete;
  virtual ~Rival() = default;

  [[nodiscard]] virtual const std::string& name() const = 0;  // "LibTorch 2.15.0"

  // Gets ready to answer `call` on so many threads; `call` outlives the runs. Returns why it cannot
  // be answered, or nothing.
  virtual std::optional<std::string> prepare(const Call& call, int threads) = 0;

  // Answers once more; returns the seconds that this took.
  virtual double run() = 0;

  // The answer, dense, of the dtype of the call; valid until the next run.
  virtual const std::byte* output() = 0;
  // The same of a backward call, for those that do not say in `prepare` that they have none.
  virtual GradientBytes gradients() { return {}; }
};

}  // namespace gridproof::bench
