#include "optimized/bench/small_backward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "optimized/bench/ours.h"

namespace gridproof::bench {
namespace {

Tensor numbers(const Shape& shape) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < element_count(shape); ++i) {
    values.push_back(std::sin(static_cast<double>(i)));
  }
  return {Dtype::f32, shape, values};
}

TEST(SmallBackward, IsACallOfItsOwnWhoseAnswerIsJudged) {
  const Workload workload{"small", "", {2, 9, 7, 6}, {50, 60}, {}};
  const Call call{workload,
                  numbers(workload.input),
                  numbers(workload.grid_shape()),
                  numbers(workload.output_shape()),
                  {}};
  const SmallBackward small(call);
  EXPECT_EQ(small.call().workload.output_shape(), (Shape{1, 9, 1, 2000}));
  const std::unique_ptr<Ours> ours = ours_on_cpu(small.call(), {.threads = 1});
  ours->run();
  const GradientJudge same_bits({.kind = Profile::Kind::same_bits});
  EXPECT_EQ(small.judge(same_bits, ours->gradients()), Verdict::same_bits);
  const auto zeros = std::vector<std::byte>(2000 * 2 * sizeof(float));
  EXPECT_EQ(small.judge(GradientJudge(), {ours->gradients()[0], zeros.data()}), Verdict::deviates);
}

TEST(SmallBackward, KeepsTheMaskAndTheVolume) {
  const Workload workload{"small", "", {1, 2, 3, 4, 5}, {2, 3, 4}, {}};
  const Call call{workload,
                  numbers(workload.input),
                  numbers(workload.grid_shape()),
                  numbers(workload.output_shape()),
                  {.input = false, .grid = true}};
  const SmallBackward small(call);
  const std::unique_ptr<Ours> ours = ours_on_cpu(small.call(), {.threads = 2});
  ours->run();
  EXPECT_EQ(ours->gradients()[0], nullptr);
  EXPECT_EQ(small.judge(GradientJudge({.kind = Profile::Kind::same_bits}), ours->gradients()),
            Verdict::same_bits);
}

}  // namespace
}  // namespace gridproof::bench
