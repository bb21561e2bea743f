// The reference against LibTorch, one thread each, on the same data, interleaved in pairs: the
// ratio of their times, as median with quartiles. Both answers are judged before anything is timed.
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "oracle/subjects/torch/functional_options.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

namespace functional = torch::nn::functional;

struct Workload {
  const char* name;
  Options options;
  Shape input;
  Shape grid;
};

Tensor noise(const Shape& shape, std::uint64_t state) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<double>(static_cast<std::int64_t>(state)) * 0x1p-63;
  }
  return {Dtype::f32, shape, values};
}

at::Tensor wrap(Tensor& tensor) {
  return torch::from_blob(tensor.elements<float>().data(), tensor.shape(), torch::kFloat);
}

template <class Function>
double seconds(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool run(const Workload& workload) {
  Case test_case{request_for(workload.options), noise(workload.input, 1), noise(workload.grid, 2)};
  const at::Tensor input = wrap(test_case.input);
  const at::Tensor grid = wrap(test_case.grid);
  const auto options = functional_options(workload.options);
  const auto ask_torch = [&] { return functional::grid_sample(input, grid, options); };

  const Answer reference = grid_sample(test_case);
  at::Tensor output = ask_torch().contiguous();
  Tensor answer(Dtype::f32, output.sizes().vec());
  std::copy_n(output.data_ptr<float>(), answer.element_count(), answer.elements<float>().begin());
  if (Judge().judge(test_case, answer, &reference).worst() > Verdict::admissible) {
    std::printf("%-36s LibTorch's answer is not admissible: not timed\n", workload.name);
    return false;
  }
  std::vector<double> ratios;
  std::vector<double> times;
  for (int pair = 0; pair < 15; ++pair) {
    const double ours = seconds([&] { (void)grid_sample(test_case); });
    const double theirs = seconds(ask_torch);
    times.push_back(ours);
    ratios.push_back(ours / theirs);
  }
  std::ranges::sort(ratios);
  std::ranges::sort(times);
  const auto samples = static_cast<double>(sample_count(test_case));
  std::printf("%-36s reference %6.1f ns/sample, %5.2f times LibTorch's time (%.2f … %.2f)\n",
              workload.name, times[7] / samples * 1e9, ratios[7], ratios[3], ratios[11]);
  return true;
}

}  // namespace
}  // namespace gridproof

int main() {
  using gridproof::Mode;
  using gridproof::Padding;
  at::set_num_threads(1);
  const c10::InferenceMode guard;
  bool all = true;
  for (const gridproof::Workload& workload : std::initializer_list<gridproof::Workload>{
           {"bilinear zeros C1 512x512", {}, {1, 1, 512, 512}, {1, 512, 512, 2}},
           {"bilinear zeros C3 512x512", {}, {1, 3, 512, 512}, {1, 512, 512, 2}},
           {"bilinear reflection C1 512x512",
            {.padding = Padding::reflection},
            {1, 1, 512, 512},
            {1, 512, 512, 2}},
           {"nearest zeros C1 512x512",
            {.mode = Mode::nearest},
            {1, 1, 512, 512},
            {1, 512, 512, 2}},
           {"bicubic zeros C1 512x512",
            {.mode = Mode::bicubic},
            {1, 1, 512, 512},
            {1, 512, 512, 2}},
           {"bicubic border C3 512x512",
            {.mode = Mode::bicubic, .padding = Padding::border},
            {1, 3, 512, 512},
            {1, 512, 512, 2}},
           {"trilinear zeros C1 64^3", {}, {1, 1, 64, 64, 64}, {1, 64, 64, 64, 3}}}) {
    all = gridproof::run(workload) && all;
  }
  return all ? 0 : 1;
}
