// What the process protocol costs: base64, the text of messages, guarded storage, and a question
// and its answer through a child. Target: process_bench.
#include <benchmark/benchmark.h>

#include <cstring>

#include "oracle/subjects/host/process_subject.h"
#include "oracle/subjects/serve/guarded.h"
#include "reference/encoding/base64.h"

namespace gridproof {
namespace {

// An image of `samples` texels and a grid of as many samples.
Case test_case(std::int64_t samples) {
  return {.request = {.mode = "bilinear", .padding_mode = "border", .align_corners = false},
          .input = Tensor(Dtype::f32, {1, 1, 1, samples}),
          .grid = Tensor(Dtype::f32, {1, 1, samples, 2})};
}

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void encode_base64(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
  std::string text;
  for (auto _ : state) {
    text.clear();
    append_base64(text, bytes);
    benchmark::DoNotOptimize(text.data());
  }
  set_bytes(state, text.size());
}
BENCHMARK(encode_base64)->Arg(1 << 12)->Arg(1 << 20);

void decode_base64(benchmark::State& state) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
  std::string text;
  append_base64(text, bytes);
  for (auto _ : state) benchmark::DoNotOptimize(gridproof::decode_base64(text, bytes));
  set_bytes(state, text.size());
}
BENCHMARK(decode_base64)->Arg(1 << 12)->Arg(1 << 20);

void encode_case(benchmark::State& state) {
  const Case asked = test_case(state.range(0));
  std::string line;
  for (auto _ : state) {
    line.clear();
    append_case(line, 1, asked);
  }
  set_bytes(state, line.size());
}
BENCHMARK(encode_case)->Arg(2)->Arg(1 << 16);

void decode_case(benchmark::State& state) {
  std::string line;
  append_case(line, 1, test_case(state.range(0)));
  line.pop_back();
  GuardedPool pool;
  const Allocate allocate = [&](std::size_t bytes) { return pool.allocate(bytes); };
  for (auto _ : state) benchmark::DoNotOptimize(decode_host_line(line, allocate));
  set_bytes(state, line.size());
}
BENCHMARK(decode_case)->Arg(2)->Arg(1 << 16);

// Fresh mappings every time, where `kept` is 0, or storage that was there before.
void guarded_storage(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  GuardedPool kept;
  for (auto _ : state) {
    GuardedPool fresh;
    const auto storage = (state.range(1) == 0 ? fresh : kept).allocate(bytes);
    std::memset(storage.get(), 1, bytes);
  }
}
BENCHMARK(guarded_storage)->ArgNames({"bytes", "kept"})->ArgsProduct({{64, 1 << 20}, {0, 1}});

void exchange(benchmark::State& state, const std::string& program, const std::string& argument) {
  std::vector<std::string> command{std::string(GRIDPROOF_BINARY_DIR) + "/" + program};
  if (!argument.empty()) command.push_back(argument);
  ProcessSubject subject(command);
  const Case asked = test_case(state.range(0));
  for (auto _ : state) {
    if (!std::holds_alternative<Tensor>(subject.answer(asked))) state.SkipWithError("no answer");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(exchange, echo, "gridproof-test-subject", "serve")
    ->UseRealTime()
    ->Arg(2)
    ->Arg(1 << 16)
    ->Arg(1 << 24);

// Small cases under way together; the time is that of one.
void exchange_many(benchmark::State& state) {
  ProcessSubject subject({std::string(GRIDPROOF_BINARY_DIR) + "/gridproof-test-subject", "serve"});
  const std::vector<Case> asked(static_cast<std::size_t>(state.range(0)), test_case(2));
  for (auto _ : state) {
    if (!std::holds_alternative<Tensor>(subject.answers(asked).back())) {
      state.SkipWithError("no answer");
    }
  }
  state.counters["seconds_per_case"] =
      benchmark::Counter(static_cast<double>(state.iterations() * state.range(0)),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(exchange_many)->UseRealTime()->Arg(1)->Arg(4)->Arg(16)->Arg(64);

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  for (const std::string& version : std::vector<std::string>{GRIDPROOF_TORCH_VERSIONS}) {
    benchmark::RegisterBenchmark(("exchange/torch-" + version).c_str(),
                                 [version](benchmark::State& state) {
                                   gridproof::exchange(state, "gridproof-torch-" + version, "");
                                 })
        ->UseRealTime()
        ->Arg(2)
        ->Arg(1 << 16);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
