// Calls a kernel on a workload of the benchmark, made small, some times: for those who count
// instructions (instructions.py), where there is no processor to time.
//   gridproof-calls WORKLOAD FIELD DTYPE CALLS      with GRIDPROOF_TARGET
// Prints how many outputs a call has.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "optimized/bench/ours.h"
#include "optimized/bench/workloads.h"
#include "reference/contract/tensor.h"

namespace {

using namespace gridproof;

// The same workload with about so many outputs in a plane, and as many fewer pixels: packing and
// outputs keep their proportion.
bench::Workload made_small(bench::Workload workload, double outputs) {
  const auto all = static_cast<double>(element_count(workload.locations));
  const auto axes = static_cast<double>(workload.locations.size());
  const double scale = std::min(1.0, std::pow(outputs / all, 1 / axes));
  const auto shrink = [&](std::int64_t& size) {
    size = std::max<std::int64_t>(1, std::llround(static_cast<double>(size) * scale));
  };
  std::for_each(workload.input.begin() + 2, workload.input.end(), shrink);
  std::for_each(workload.locations.begin(), workload.locations.end(), shrink);
  workload.input[0] = std::min<std::int64_t>(workload.input[0], 2);
  return workload;
}

std::vector<double> texels(std::int64_t count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  return values;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc == 5 ? argv[1] : "";
  const auto field = parse<bench::Field>(argc == 5 ? argv[2] : "");
  const auto dtype = parse<Dtype>(argc == 5 ? argv[3] : "");
  const std::vector<bench::Workload> all = bench::workloads();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& w) { return w.name == name; });
  if (found == all.end() || !field || !dtype || *dtype == Dtype::i32) {
    std::fputs("usage: gridproof-calls WORKLOAD FIELD DTYPE CALLS\n", stderr);
    return 2;
  }
  const bench::Workload workload = made_small(*found, 4096);
  const std::vector<float> grid = bench::make_grid(workload, *field);
  const std::vector<double> coordinates(grid.begin(), grid.end());
  const std::vector<double> values = texels(element_count(workload.input));
  const bench::Call call{workload, Tensor(*dtype, workload.input, values),
                         Tensor(*dtype, workload.grid_shape(), coordinates)};
  const std::unique_ptr<bench::Ours> kernel = bench::ours_on_cpu(call, {.threads = 1});
  for (int left = std::atoi(argv[4]); left > 0; --left) kernel->run();
  std::printf("%lld\n", static_cast<long long>(element_count(workload.output_shape())));
}
