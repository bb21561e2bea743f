// LibTorch as the rival of the benchmark: the program gridproof-bench-<version>, which
// `gridproof bench` runs.
#include <malloc.h>
#include <torch/torch.h>

#include "optimized/bench/harness.h"
#include "oracle/torch/functional_options.h"

namespace {

namespace F = torch::nn::functional;
using gridproof::bench::Workload;

at::Tensor wrap(const float* data, const gridproof::Shape& shape) {
  return torch::from_blob(const_cast<float*>(data), shape, torch::kFloat);
}

}  // namespace

int main(int argc, char** argv) {
  // LibTorch makes a new output for every call. It gets the same memory each time, already mapped,
  // as ours does: the cost of fresh pages is not grid_sample's.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  const c10::InferenceMode guard;
  at::Tensor output;
  const gridproof::bench::Rival rival{
      .name = "LibTorch " GRIDPROOF_TORCH_VERSION,
      .use_threads = [](int threads) { at::set_num_threads(threads); },
      .answer =
          [&output](const Workload& workload, const float* input, const float* grid) {
            output.reset();  // frees the last one first
            output = F::grid_sample(wrap(input, workload.input), wrap(grid, workload.grid_shape()),
                                    gridproof::functional_options(workload.options));
            return static_cast<const float*>(output.data_ptr<float>());
          }};
  return gridproof::bench::bench_main(argc, argv, rival);
}
