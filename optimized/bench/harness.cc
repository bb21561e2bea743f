#include "optimized/bench/harness.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "optimized/bench/judge_speed.h"
#include "optimized/bench/machine.h"
#include "optimized/bench/ours.h"
#include "optimized/bench/peer.h"
#include "optimized/bench/quantile.h"
#include "optimized/bench/rest.h"
#include "optimized/bench/small_backward.h"
#include "optimized/bench/spread.h"
#include "optimized/bench/table.h"
#include "optimized/cuda/device.h"
#include "optimized/grid_sample.h"
#include "oracle/judge/judge.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::bench {
namespace {

struct Arguments {
  bool quick = false;
  bool scaling = false;
  bool why = false;
  int threads = 0;
  int pairs = 0;  // 0: as many as make a steady median
  std::string dtype = "f32";
  bool channels_last = false;
  bool all_dtypes = false;
  std::string backward;  // which gradients, if any
  std::string device = "cpu";
  std::string filter = ".*";
  std::vector<std::string> peers;
  std::string json;
  bool judge = false;
  std::string kept;
  std::string keep;
};

template <class Function>
void fill(Tensor& tensor, const Function& value) {
  visit(tensor.dtype(), [&](auto type) {
    std::size_t i = 0;
    for (auto& element : tensor.elements<decltype(type)>()) {
      element = from_double<decltype(type)>(value(i++));
    }
  });
}

// Which gradients a word of --backward means.
OutputMask mask_of(const std::string& word) {
  return {.input = word != "grid", .grid = word != "input"};
}

Call make_call(const Workload& workload, Field field, const Arguments& arguments, Dtype dtype,
               bool channels_last) {
  Shape shape = workload.input;
  if (channels_last) std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  Call call{workload, Tensor(dtype, shape), Tensor(dtype, workload.grid_shape()), {}, {}};
  const auto noise = [](std::size_t i) {
    return (static_cast<std::uint32_t>(i * 2654435761U) >> 8U) * 0x1p-23;
  };
  fill(call.input, noise);
  if (!arguments.backward.empty()) {
    call.grads = Tensor(dtype, workload.output_shape());
    call.mask = mask_of(arguments.backward);
    fill(*call.grads, noise);
  }
  if (channels_last) {
    std::vector<int> axes(shape.size());
    for (std::size_t k = 2; k < axes.size(); ++k) axes[k] = static_cast<int>(k) - 1;
    axes[1] = static_cast<int>(axes.size()) - 1;
    call.input = call.input.permuted(axes);
  }
  const std::vector<float> grid = make_grid(workload, field);
  fill(call.grid, [&](std::size_t i) { return static_cast<double>(grid[i]); });
  return call;
}

// Judges answers at up to 2000 locations of the first batch entry.
class Sampled {
 public:
  explicit Sampled(const Call& call)
      : locations_(element_count(call.workload.locations)), count_(judged_count(locations_)) {
    const std::size_t axes = call.workload.locations.size();
    Shape shape(axes + 2, 1);
    shape[axes] = count_;
    shape.back() = static_cast<std::int64_t>(axes);
    Tensor grid(call.dtype(), shape);
    copy_judged(call.grid.storage(), locations_, shape.back(), grid);
    question_ = {request_for(call.workload.options), call.input.slice(0, 0, 1), grid};
    expected_ = gridproof::grid_sample(question_);
  }

  Verdict judge(const Judge& judge, const std::byte* output) const {
    Shape shape(question_.grid.shape().size(), 1);
    shape[1] = question_.input.size(1);
    shape.back() = count_;
    Tensor part(question_.input.dtype(), shape);
    copy_judged(output, locations_, 1, part);
    return judge.judge(question_, part, &expected_).worst();
  }

 private:
  std::int64_t locations_;
  std::int64_t count_;  // of those that are judged
  Case question_;
  Answer expected_;
};

// The least seconds that this machine needs: to move every byte once, or to fetch every row of
// taps, whichever is longer; from a random place of a plane if the grid is random, from the
// first-level cache if it is not.
void add_limit(const Call& call, Field field, const Machine& machine, int threads, Row& row) {
  const Workload& workload = call.workload;
  const auto size = static_cast<double>(size_of(call.dtype()));
  const auto axes = static_cast<double>(workload.locations.size());
  const double taps = workload.options.mode == Mode::nearest   ? 1
                      : workload.options.mode == Mode::bicubic ? 16
                                                               : std::exp2(axes);
  const auto batches = static_cast<double>(workload.input[0]);
  const auto channels = static_cast<double>(workload.input[1]);
  const double places = batches * static_cast<double>(element_count(workload.locations));
  const auto inputs = static_cast<double>(element_count(workload.input));
  const bool reads = field != Field::outside || workload.options.padding != Padding::zeros;
  // Memory comes in lines: if few places are read, a row of taps costs one.
  constexpr double line = 64;
  const double rows = taps == 1 ? 1 : taps == 16 ? 4 : taps / 2;
  const double read = reads ? std::min(size * inputs, line * rows * row.outputs) : 0;
  row.bytes = read + size * (row.outputs + axes * places);
  // Gradients are as large as what they are of; that of the input is added to, tap by tap.
  if (call.grads) {
    row.bytes = (call.mask.grid ? read + size * axes * places : 0) +
                (call.mask.input ? size * inputs : 0) + size * (row.outputs + axes * places);
  }
  // A row of taps is one load; eight channels side by side come at once.
  const double fetches = channels >= 8 ? places * taps * channels / 8 : row.outputs * rows;
  const double plane = field == Field::random ? size * inputs / channels / batches : 0;
  const double per_fetch = machine.seconds_per_pair(static_cast<std::size_t>(plane)) / threads;
  const double times = call.grads && call.mask.input && call.mask.grid ? 2 : 1;
  row.limit =
      std::max(row.bytes / machine.copy_bytes_per_second, reads ? times * fetches * per_fetch : 0);
}

// What else was possible, and how many times as long it takes: every other target, and one thread.
std::string in_other_ways(const Call& call, int threads, double seconds) {
  std::string text;
  const auto add = [&](std::string_view what, const Settings& settings) {
    const std::unique_ptr<Ours> other = ours_on_cpu(call, settings);
    std::vector<double> times;
    for (int i = 0; i < 6; ++i) times.push_back(other->run());
    times.erase(times.begin());  // was the first to touch its output
    text += fmt::format("{} {} takes {:.2f} times as long", text.empty() ? ";" : ",", what,
                        quantile(times, 0.5) / seconds);
  };
  if (threads > 1) add("one thread", {.threads = 1});
  for (const auto& [target, name] : names<Target>) {
    if (target == default_target() || !is_possible(target)) continue;
    add(name, {.target = target, .threads = threads});
  }
  return text;
}

// Judges ours, and every rival that can answer: in its row of `row`. Returns those.
std::vector<Rival*> judge_values(const Call& call, const Table& table, Ours& ours,
                                 const std::vector<Rival*>& rivals, Row& row) {
  const Sampled sampled(call);
  ours.run();
  row.same_bits =
      sampled.judge(Judge({.kind = Profile::Kind::same_bits}), ours.output()) == Verdict::same_bits;
  std::vector<Rival*> able;
  for (Rival* const rival : rivals) {
    Against against{.rival = rival->name(), .unsupported = rival->prepare(call, table.threads)};
    if (!against.unsupported) {
      able.push_back(rival);
      rival->run();
      against.verdict = name(sampled.judge(Judge(), rival->output()));
    }
    row.rivals.push_back(std::move(against));
  }
  return able;
}

// The same of gradients, which are judged in a smaller call.
std::vector<Rival*> judge_gradients(const Call& call, const Table& table, Ours& ours,
                                    const std::vector<Rival*>& rivals, Row& row) {
  const SmallBackward small(call);
  const std::unique_ptr<Ours> of_small = ours_on_cpu(small.call(), {.threads = table.threads});
  of_small->run();
  row.same_bits = small.judge(GradientJudge({.kind = Profile::Kind::same_bits}),
                              of_small->gradients()) == Verdict::same_bits;
  ours.run();
  std::vector<Rival*> able;
  for (Rival* const rival : rivals) {
    Against against{.rival = rival->name(),
                    .unsupported = rival->prepare(small.call(), table.threads)};
    if (!against.unsupported) {
      able.push_back(rival);
      rival->run();
      against.verdict = name(small.judge(GradientJudge(), rival->gradients()));
      against.unsupported = rival->prepare(call, table.threads);
      rival->run();
    }
    row.rivals.push_back(std::move(against));
  }
  return able;
}

// How many pairs of calls are measured, and in which rounds: several short calls in a row.
struct Pace {
  int rounds;
  int together;
};

Pace pace_for(const Arguments& arguments, const Workload& workload) {
  constexpr int least_rounds = 5;
  constexpr int most_together = 20;
  int pairs = arguments.pairs;
  if (pairs == 0) {
    const auto outputs = static_cast<double>(element_count(workload.output_shape()));
    const double enough = (arguments.quick ? 1e7 : 5e7) / outputs;
    pairs = static_cast<int>(std::clamp(enough, arguments.quick ? 1.0 : 5.0, 201.0));
  }
  const int together = std::min((pairs + least_rounds - 1) / least_rounds, most_together);
  return {(pairs + together - 1) / together, together};
}

// Ours, then every rival, on the clock.
class Contest {
 public:
  Contest(Ours& ours, const std::vector<Rival*>& rivals) : times_(rivals.size() + 1) {
    calls_.emplace_back([&ours] { return ours.run(); });
    for (Rival* const rival : rivals) calls_.emplace_back([rival] { return rival->run(); });
  }

  // Each in turn is the first one. Each comes when the threads of all are at rest, and makes
  // `together` calls in a row; before several, one that is not timed wakes its own threads. Returns
  // the seconds of all that are timed.
  double run_round(std::size_t round, int together) {
    double all = 0;
    for (std::size_t k = 0; k < calls_.size(); ++k) {
      const std::size_t i = (round + k) % calls_.size();
      rests_ = wait_for_rest() && rests_;
      if (together > 1) calls_[i]();
      for (int call = 0; call < together; ++call) {
        times_[i].push_back(calls_[i]());
        all += times_[i].back();
      }
    }
    return all;
  }

  [[nodiscard]] const std::vector<double>& ours() const { return times_[0]; }
  [[nodiscard]] bool rests() const { return rests_; }  // whether all came to rest each time

  void give(std::size_t rival, Against& against) const {
    const std::vector<double>& times = times_[rival + 1];
    std::vector<double> ratios(times.size());
    std::ranges::transform(times, ours(), ratios.begin(), std::divides());
    against.seconds = quantile(times, 0.5);
    against.ratio = quantile(ratios, 0.5);
    against.lower_ratio = quantile(ratios, 0.25);
    against.upper_ratio = quantile(ratios, 0.75);
  }

 private:
  std::vector<std::function<double()>> calls_;
  std::vector<std::vector<double>> times_;
  bool rests_ = true;
};

// Judges and times one row. One iteration is a round.
Row run_row(benchmark::State& state, const Call& call, Field field, const Table& table,
            const std::vector<Rival*>& rivals, const Arguments& arguments) {
  Row row{.workload = call.workload.name, .field = std::string(name(field))};
  row.outputs = static_cast<double>(element_count(call.workload.output_shape()));
  add_limit(call, field, table.machine, table.threads, row);
  const std::unique_ptr<Ours> ours =
      table.device ? ours_on_device(call) : ours_on_cpu(call, {.threads = table.threads});
  row.why = ours->why();
  const std::vector<Rival*> able = call.grads ? judge_gradients(call, table, *ours, rivals, row)
                                              : judge_values(call, table, *ours, rivals, row);
  const int together = pace_for(arguments, call.workload).together;
  Contest contest(*ours, able);
  std::size_t round = 0;
  for (auto _ : state) state.SetIterationTime(contest.run_round(round++, together));
  row.seconds = quantile(contest.ours(), 0.5);
  row.pairs = contest.ours().size();
  row.rests = contest.rests();
  if (arguments.why && !table.device) {
    wait_for_rest();
    row.why += in_other_ways(call, table.threads, row.seconds);
  }
  std::size_t i = 0;
  for (Against& against : row.rivals) {
    if (!against.unsupported) contest.give(i++, against);
  }
  return row;
}

// While the rows are measured, says on a terminal which one it is.
class Progress : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    show("measured " + runs.front().run_name.function_name);
  }
  void Finalize() override { show(""); }

 private:
  void show(const std::string& text) const {
    if (is_terminal_) std::fprintf(stderr, "\r%-40s\r", text.c_str());
  }
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
};

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_flag("--quick", arguments.quick, "the same rows within a minute");
  app.add_flag("--scaling", arguments.scaling, "10^4 to 10^8 outputs instead of the workloads");
  app.add_flag("--why", arguments.why, "print which kernel was chosen, why, and what else takes");
  app.add_option("--threads", arguments.threads,
                 "threads for all implementations; 0: as many as the machine has")
      ->check(CLI::Range(0, 1024));
  app.add_option("--pairs", arguments.pairs,
                 "pairs for each row; 0: as many as steady medians need")
      ->check(CLI::Range(0, 1000000));
  app.add_option("--dtype", arguments.dtype, "dtype of all tensors")
      ->check(CLI::IsMember({"f16", "bf16", "f32", "f64"}));
  app.add_flag("--channels-last", arguments.channels_last, "store inputs channels-last");
  app.add_flag("--all-dtypes", arguments.all_dtypes,
               "one table for each dtype, and one for f32 with channels last")
      ->excludes("--dtype")
      ->excludes("--channels-last");
  CLI::Option* const backward =
      app.add_option("--backward", arguments.backward,
                     "time the backward pass: the gradient of input, grid or both")
          ->check(CLI::IsMember({"input", "grid", "both"}));
  CLI::Option* const device =
      app.add_option("--device", arguments.device,
                     "cuda: the kernels of a CUDA device, beside those of the torch of "
                     "$GRIDPROOF_PYTHON, or python3")
          ->check(CLI::IsMember({"cpu", "cuda"}));
  backward->excludes(device);
  app.add_option("--filter", arguments.filter,
                 "a regular expression over \"W12 smooth\", or over what --judge names");
  app.add_option("--peer", arguments.peers,
                 "another implementation to time, given as a command (optimized/bench/peer.h)");
  app.add_option("--json", arguments.json, "also write the results to this file");
  CLI::Option* const judge =
      app.add_flag("--judge", arguments.judge, "time the judge, the exact witness and the gate");
  app.add_option("--kept", arguments.kept, "with --judge: the ratios to compare with")
      ->needs(judge);
  app.add_option("--keep", arguments.keep, "with --judge: where to write them")->needs(judge);
  for (const char* const other : {"--quick", "--scaling", "--why", "--threads", "--channels-last",
                                  "--all-dtypes", "--device", "--peer", "--backward"}) {
    judge->excludes(other);
  }
  app.footer("Example: gridproof bench --quick --filter 'W12.*smooth' --why");
}

Dtype dtype_of(const Arguments& arguments) {
  return parse<Dtype>(arguments.dtype).value_or(Dtype::f32);  // was checked
}

// Measures a table. Empty where no row matches.
Table measure(const Arguments& arguments, const std::regex& filter, Dtype dtype, bool channels_last,
              const std::vector<Rival*>& rivals) {
  Table table;
  table.threads = threads_or_cores(arguments.threads);
  table.tensors = std::string(name(dtype)) + (channels_last ? ", inputs with channels last" : "");
  if (!arguments.backward.empty()) {
    table.tensors += ", gradient of " +
                     (arguments.backward == "both" ? "input and of grid" : arguments.backward);
  }
  if (arguments.device == "cuda") {
    table.device = optimized::cuda::device_name();
    table.machine.copy_bytes_per_second = optimized::cuda::copy_bytes_per_second();
  } else {
    table.machine = measure_machine(table.threads);
  }
  std::exception_ptr lost;
  benchmark::ClearRegisteredBenchmarks();
  for (const Workload& workload : arguments.scaling ? scaling_workloads() : workloads()) {
    for (const auto& [field, field_name] : names<Field>) {
      const std::string row = workload.name + ' ' + std::string(field_name);
      if (!std::regex_search(row, filter)) continue;
      const auto run = [&, workload, where = field](benchmark::State& state) {
        try {
          const Call call = make_call(workload, where, arguments, dtype, channels_last);
          table.rows.push_back(run_row(state, call, where, table, rivals, arguments));
        } catch (...) {
          lost = std::current_exception();
          state.SkipWithError("lost");
        }
      };
      benchmark::RegisterBenchmark(row.c_str(), run)
          ->UseManualTime()
          ->Iterations(pace_for(arguments, workload).rounds);
    }
  }
  Progress progress;
  benchmark::RunSpecifiedBenchmarks(&progress);
  if (lost) std::rethrow_exception(lost);
  return table;
}

// PyTorch on the device, where the Python has one that can use it.
std::unique_ptr<Rival> torch_on_device() {
  const char* const python = std::getenv("GRIDPROOF_PYTHON");
  const std::string command = python == nullptr || *python == '\0' ? "python3" : python;
  try {
    return start_peer(command + " '" GRIDPROOF_BENCH_PEERS "' --serve torch-cuda");
  } catch (const std::runtime_error& error) {
    fmt::print(stderr, "PyTorch is not in the table: {}\n", error.what());
    return nullptr;
  }
}

std::vector<std::pair<Dtype, bool>> tensors_of(const Arguments& arguments) {
  if (!arguments.all_dtypes) return {{dtype_of(arguments), arguments.channels_last}};
  return {{Dtype::f32, false},
          {Dtype::f16, false},
          {Dtype::bf16, false},
          {Dtype::f64, false},
          {Dtype::f32, true}};
}

int run_bench(const Arguments& arguments, const std::regex& filter, Rival& rival) {
  std::vector<std::unique_ptr<Rival>> peers;
  std::vector<Rival*> rivals;
  if (arguments.device == "cuda") {
    if (const auto why = optimized::cuda::obstacle()) throw std::runtime_error(*why);
    peers.push_back(torch_on_device());
    if (peers.back()) rivals.push_back(peers.back().get());
  } else {
    rivals.push_back(&rival);
  }
  for (const std::string& command : arguments.peers) {
    peers.push_back(start_peer(command));
    rivals.push_back(peers.back().get());
  }
  nlohmann::json json = nlohmann::json::array();
  bool is_right = true;
  for (const auto& [dtype, channels_last] : tensors_of(arguments)) {
    const Table table = measure(arguments, filter, dtype, channels_last, rivals);
    if (table.rows.empty()) {
      fmt::print(stderr, "--filter is '{}': no row matches\n", arguments.filter);
      return 2;
    }
    print_table(table, arguments.why);
    is_right = summarize(table) && is_right;
    if (arguments.all_dtypes) fmt::print("\n");
    json.push_back(as_json(table));
  }
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << (arguments.all_dtypes ? json : json.front()).dump(1) << '\n';
    if (!file.flush()) {
      fmt::print(stderr, "{} cannot be written\n", arguments.json);
      return 2;
    }
  }
  return is_right ? 0 : 1;
}

}  // namespace

int bench_main(int argc, char** argv, Rival& rival) {
  Arguments arguments;
  CLI::App app{"Times the fast kernels and " + rival.name() + " in pairs.", "gridproof bench"};
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
    const std::regex filter(arguments.filter);
    if (!arguments.judge) return run_bench(arguments, filter, rival);
    return measure_judge({.dtype = dtype_of(arguments),
                          .filter = filter,
                          .pairs = arguments.pairs,
                          .kept = arguments.kept,
                          .keep = arguments.keep,
                          .json = arguments.json});
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::regex_error&) {
    fmt::print(stderr, "--filter is '{}': expected a regular expression\n", arguments.filter);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  return 2;
}

}  // namespace gridproof::bench
