#include "fuzz/gradients/reduce.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace gridproof {
namespace {

// Dense copies, so that what is sliced off is gone from memory too.
BackwardCase dense(const BackwardCase& test_case) {
  const auto& [forward, grads, mask] = test_case;
  return {{forward.request, forward.input.contiguous(), forward.grid.contiguous()},
          grads.contiguous(),
          mask};
}

BackwardCase with_batch(const BackwardCase& test_case, std::int64_t begin, std::int64_t end) {
  BackwardCase part = test_case;
  part.forward.input = part.forward.input.slice(0, begin, end);
  part.forward.grid = part.forward.grid.slice(0, begin, end);
  part.grad_output = part.grad_output.slice(0, begin, end);
  return dense(part);
}
BackwardCase with_channels(const BackwardCase& test_case, std::int64_t begin, std::int64_t end) {
  BackwardCase part = test_case;
  part.forward.input = part.forward.input.slice(1, begin, end);
  part.grad_output = part.grad_output.slice(1, begin, end);
  return dense(part);
}
// Part of an axis of the output: 0 is the first spatial one.
BackwardCase with_locations(const BackwardCase& test_case, int axis, std::int64_t begin,
                            std::int64_t end) {
  BackwardCase part = test_case;
  part.forward.grid = part.forward.grid.slice(1 + axis, begin, end);
  part.grad_output = part.grad_output.slice(2 + axis, begin, end);
  return dense(part);
}

// Each number replaced by `simple` of it.
template <class Simple>
Tensor simplified(const Tensor& tensor, Simple&& simple) {
  std::vector<double> values = tensor.values();
  for (double& value : values) value = simple(value);
  return {tensor.dtype(), tensor.shape(), values};
}

double to_integer(double value) {
  return std::isfinite(value) ? std::clamp(std::round(value * 4), -8.0, 8.0) : value;
}
// Few digits, near the same place.
double to_sixteenth(double value) {
  return std::isfinite(value) && std::fabs(value) < 64 ? std::round(value * 16) / 16 : value;
}

class Reduction {
 public:
  Reduction(BackwardCase test_case, const std::function<bool(const BackwardCase&)>& shows,
            int tries)
      : best_(std::move(test_case)), shows_(shows), tries_(tries) {}

  BackwardCase run(Gradient gradient) {
    BackwardCase one = best_;
    one.output_mask = {gradient == Gradient::input, gradient == Gradient::grid};
    try_this(one);
    try_this(dense(best_));
    const auto sizes = [&](auto&& size_of, auto&& part_of) { halve(size_of, part_of); };
    sizes([](const BackwardCase& c) { return c.forward.input.size(0); }, with_batch);
    for (int axis = best_.forward.input.rank() - 3; axis >= 0; --axis) {
      sizes([axis](const BackwardCase& c) { return c.forward.grid.size(1 + axis); },
            [axis](const BackwardCase& c, std::int64_t begin, std::int64_t end) {
              return with_locations(c, axis, begin, end);
            });
    }
    sizes([](const BackwardCase& c) { return c.forward.input.size(1); }, with_channels);
    simplify();
    return best_;
  }

 private:
  bool try_this(BackwardCase candidate) {
    if (tries_ <= 0) return false;
    --tries_;
    if (!shows_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  // Keeps a half of something as long as one of the halves shows it, then takes off single ends.
  template <class SizeOf, class PartOf>
  void halve(SizeOf&& size_of, PartOf&& part_of) {
    while (size_of(best_) > 1) {
      const std::int64_t size = size_of(best_);
      const std::int64_t half = size / 2;
      if (try_this(part_of(best_, 0, half))) continue;
      if (try_this(part_of(best_, half, size))) continue;
      if (size > 2 && try_this(part_of(best_, 0, size - 1))) continue;
      if (size > 2 && try_this(part_of(best_, 1, size))) continue;
      break;
    }
  }

  void simplify() {
    BackwardCase next = best_;
    next.grad_output =
        simplified(best_.grad_output, [](double g) { return std::isfinite(g) ? 1.0 : g; });
    if (!try_this(next)) {
      next.grad_output = simplified(best_.grad_output, to_integer);
      try_this(next);
    }
    next = best_;
    next.forward.input = simplified(best_.forward.input, [](double) { return 1.0; });
    if (!try_this(next)) {
      next.forward.input = simplified(best_.forward.input, to_integer);
      try_this(next);
    }
    next = best_;
    next.forward.grid = simplified(best_.forward.grid, to_sixteenth);
    try_this(next);
  }

  BackwardCase best_;
  const std::function<bool(const BackwardCase&)>& shows_;
  int tries_;
};

}  // namespace

BackwardCase reduced(BackwardCase test_case, Gradient gradient,
                     const std::function<bool(const BackwardCase&)>& shows, int tries) {
  return Reduction(std::move(test_case), shows, tries).run(gradient);
}

}  // namespace gridproof
