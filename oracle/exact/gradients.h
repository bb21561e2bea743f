// The second witness, backward: both gradients of grid_sample as exact numbers. That of the input
// is the transpose of the weights of axis.h, that of the grid is made of their derivatives; nothing
// is shared with the reference. It implements the clauses of gradients on values, with [grad.shape]
// and [grad.dtype]; through axis.h [grad.nan] and [grad.infinity]; of [grad.nonfinite] it leaves
// out what is multiplied by 0. Derivations: exact.md, "Gradients". Tested by gradients_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "oracle/exact/axis.h"
#include "oracle/exact/dyadic.h"
#include "oracle/exact/exact.h"
#include "reference/contract/subject.h"

namespace gridproof::exact {

// Why the operator does not answer this case, if it does not: what the forward has to refuse, then
// grad.shape, then grad.dtype.
std::optional<Refusal> refusal_of(const BackwardCase& test_case);

// A case that the operator answers, ready to be asked for the elements of its gradients, whatever
// its output_mask wants. Any number of threads may ask at the same time.
class BackwardEvaluator {
 public:
  // Throws std::invalid_argument for a case that has a refusal.
  explicit BackwardEvaluator(const BackwardCase& test_case);

  [[nodiscard]] std::int64_t samples() const { return samples_; }
  [[nodiscard]] int components() const { return static_cast<int>(axes_.size()); }

  // A tap of a sample, for every channel.
  struct Tap {
    std::int64_t pixel = 0;   // in row-major order among those of a plane
    std::int64_t offset = 0;  // in the storage of the input, from the beginning of the plane
    Dyadic weight;            // not 0
  };
  // What a sample reads, which is also what the gradient of the input gets from it. A pixel can
  // occur more than once.
  [[nodiscard]] std::vector<Tap> taps(std::int64_t sample) const;
  // The derivatives of these weights by one component of the grid: 0 is x.
  [[nodiscard]] std::vector<Tap> slopes(std::int64_t sample, int component) const;

  // An element of the gradient of the grid.
  [[nodiscard]] Element grid(std::int64_t sample, int component) const;

  // The gradient of the input in one plane, all of its pixels in row-major order.
  [[nodiscard]] std::vector<Element> plane(std::int64_t batch, std::int64_t channel) const;
  // What that of one pixel consists of: the samples that read it, in order, each with the weight of
  // one tap.
  struct Hit {
    std::int64_t sample = 0;
    Dyadic weight;
  };
  [[nodiscard]] std::vector<Hit> hits(std::int64_t batch, std::int64_t pixel) const;

 private:
  [[nodiscard]] std::vector<AxisTaps> factors(std::int64_t sample, int derived) const;
  [[nodiscard]] std::vector<Tap> product(std::span<const AxisTaps> factors) const;

  Tensor input_;
  Tensor grid_;             // (N, …, components)
  Tensor grad_output_;      // (N, …, C), like the grid
  std::vector<Axis> axes_;  // in the order of the input's shape: (z,) y, x
  std::int64_t samples_ = 0;
  std::int64_t samples_per_image_ = 0;
  std::int64_t pixels_ = 1;  // of a plane
};

// The answer to any case: a refusal, or those gradients that are wanted, every element rounded
// once.
BackwardAnswer backward_answer(const BackwardCase& test_case);

}  // namespace gridproof::exact
