// How fast samples are judged, and how fast the exact witness answers: one thread, f32 unless the
// name says otherwise, items are samples.
#include <benchmark/benchmark.h>

#include <cmath>

#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// A plane of noise and a grid that stays inside, one channel.
Case question_of(Options options, int axes, Dtype dtype, std::int64_t samples) {
  std::uint64_t state = 1;
  const auto noise = [&state] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(static_cast<std::int64_t>(state)) * 0x1p-63;
  };
  const auto filled = [&](const Shape& shape) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = noise();
    return Tensor(dtype, shape, values);
  };
  Case test_case;
  test_case.request = request_for(options);
  test_case.input = filled(axes == 2 ? Shape{1, 1, 64, 100} : Shape{1, 1, 16, 20, 20});
  test_case.grid =
      filled(axes == 2 ? Shape{1, samples / 100, 100, 2} : Shape{1, 1, samples / 100, 100, 3});
  return test_case;
}

// The answer that makes the judge look at every sample: the exact one, without the reference's.
void judge_by_set(benchmark::State& state, Options options, int axes, Dtype dtype) {
  const Case test_case = question_of(options, axes, dtype, 20000);
  const Answer answer = exact::answer(test_case);
  const Judge judge;
  for (auto _ : state) benchmark::DoNotOptimize(judge.judge(test_case, answer));
  state.SetItemsProcessed(state.iterations() * sample_count(test_case));
}

void judge_by_bits(benchmark::State& state, Options options, int axes, Dtype dtype) {
  const Case test_case = question_of(options, axes, dtype, 100000);
  const Answer answer = grid_sample(test_case);
  const Judge judge;
  for (auto _ : state) benchmark::DoNotOptimize(judge.judge(test_case, answer, &answer));
  state.SetItemsProcessed(state.iterations() * sample_count(test_case));
}

void answer_exactly(benchmark::State& state, Options options, int axes, Dtype dtype) {
  const Case test_case = question_of(options, axes, dtype, 2000);
  for (auto _ : state) benchmark::DoNotOptimize(exact::answer(test_case));
  state.SetItemsProcessed(state.iterations() * sample_count(test_case));
}

void answer_by_reference(benchmark::State& state, Options options, int axes, Dtype dtype) {
  const Case test_case = question_of(options, axes, dtype, 20000);
  for (auto _ : state) benchmark::DoNotOptimize(grid_sample(test_case));
  state.SetItemsProcessed(state.iterations() * sample_count(test_case));
}

void register_all() {
  const auto add = [](const char* what, auto function) {
    for (const auto& [mode, axes] : {std::pair{Mode::bilinear, 2},
                                     {Mode::nearest, 2},
                                     {Mode::bicubic, 2},
                                     {Mode::bilinear, 3}}) {
      for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16}) {
        const std::string label = std::string(what) + '/' + std::string(name(mode)) + '/' +
                                  std::to_string(axes) + "-D/" + std::string(name(dtype));
        benchmark::RegisterBenchmark(label.c_str(), function, Options{.mode = mode}, axes, dtype);
      }
    }
  };
  add("judge-by-set", judge_by_set);
  add("judge-by-bits", judge_by_bits);
  add("exact", answer_exactly);
  add("reference", answer_by_reference);
}

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  gridproof::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
