#include "optimized/kernels/generic.h"

#include <algorithm>

#include "optimized/kernels/sample.h"
#include "optimized/kernels/visit.h"

namespace gridproof::optimized {
namespace {

template <class Element, Mode mode, int axes>
void run(const Problem& problem, const Part& part) {
  const auto axis = axes_of<ArithmeticOf<Element>>(problem);
  for (std::int64_t batch = part.batch; batch < part.end_batch; ++batch) {
    for (std::int64_t at = part.begin; at < part.end; ++at) {
      sample<Element, mode, axes, std::int64_t, 1>(PlainMemory(), problem, axis, batch,
                                                   place_of(problem, at),
                                                   {part.first_channel, part.end_channel, 1});
    }
  }
}

}  // namespace

void run_generic(const Problem& problem, const Part& part) {
  visit_problem(problem, [&]<class Element, Mode mode, int axes>() {
    run<Element, mode, axes>(problem, part);
  });
}

}  // namespace gridproof::optimized
