#include "optimized/bench/small_backward.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "optimized/bench/spread.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::bench {
namespace {

Workload small(Workload workload) {
  const std::int64_t locations = element_count(workload.locations);
  workload.input[0] = 1;
  std::ranges::fill(workload.locations, 1);
  workload.locations.back() = judged_count(locations);
  return workload;
}

BackwardCase question_of(const Call& call) {
  const std::int64_t locations = element_count(call.workload.locations);
  const Workload less = small(call.workload);
  BackwardCase question{{request_for(less.options), call.input.slice(0, 0, 1),
                         Tensor(call.dtype(), less.grid_shape())},
                        Tensor(call.dtype(), less.output_shape()),
                        call.mask};
  copy_judged(call.grid.storage(), locations, std::ssize(less.locations), question.forward.grid);
  if (call.grads) copy_judged(call.grads->storage(), locations, 1, question.grad_output);
  return question;
}

std::optional<Tensor> tensor_of(Dtype dtype, const Shape& shape, const std::byte* bytes) {
  if (bytes == nullptr) return std::nullopt;
  Tensor tensor(dtype, shape);
  std::memcpy(tensor.shared_storage().get(), bytes,
              static_cast<std::size_t>(tensor.element_count()) * size_of(dtype));
  return tensor;
}

}  // namespace

SmallBackward::SmallBackward(const Call& call)
    : question_(question_of(call)),
      expected_(grid_sample_backward(question_)),
      call_{small(call.workload), question_.forward.input, question_.forward.grid,
            question_.grad_output, call.mask} {}

Verdict SmallBackward::judge(const GradientJudge& judge, const GradientBytes& answer) const {
  Gradients gradients;
  gradients.input = tensor_of(call_.dtype(), call_.workload.input, answer[0]);
  gradients.grid = tensor_of(call_.dtype(), call_.workload.grid_shape(), answer[1]);
  return judge.judge(question_, gradients, &expected_).worst();
}

}  // namespace gridproof::bench
