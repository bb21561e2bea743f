#include "optimized/bench/harness.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>
#include <utility>

#include "optimized/bench/machine.h"
#include "optimized/grid_sample.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::bench {
namespace {

struct Arguments {
  bool quick = false;
  bool why = false;
  int threads = 0;
  int pairs = 0;  // 0: as many as make a steady median
  std::string filter = ".*";
  std::string json;
};

// One line of the table. Times are seconds of a whole call, medians of the pairs.
struct Row {
  std::string workload;
  std::string field;
  std::string why;
  double outputs = 0;
  double ours = 0;
  double rivals = 0;
  double ratio = 0;
  double lower_ratio = 0;  // quartiles
  double upper_ratio = 0;
  double bytes = 0;  // that must move at least
  double limit = 0;  // seconds, of this machine
  std::size_t pairs = 0;
  std::string verdict;  // the worst of the rival
  bool same_bits = false;
};

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
}

// The tensors of one row.
struct Data {
  Workload workload;
  Field field;
  std::vector<float> input;
  std::vector<float> grid;
  std::vector<float> output;

  Data(Workload what, Field where)
      : workload(std::move(what)),
        field(where),
        input(static_cast<std::size_t>(element_count(workload.input))),
        grid(make_grid(workload, where)),
        output(static_cast<std::size_t>(element_count(workload.output_shape()))) {
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = static_cast<float>(static_cast<std::uint32_t>(i * 2654435761U) >> 8U) * 0x1p-23F;
    }
  }

  void sample(int threads) {
    grid_sample(dense_view(input.data(), workload.input),
                dense_view(grid.data(), workload.grid_shape()), workload.options,
                dense_output(output.data(), workload.output_shape()), {.threads = threads});
  }
};

// The first batch entry at up to 2000 of its locations, as a case, and what `answer` says there.
std::pair<Case, std::function<Tensor(const float*)>> sampled_case(const Data& data) {
  const Workload& workload = data.workload;
  const std::int64_t locations = element_count(workload.locations);
  const std::int64_t count = std::min<std::int64_t>(locations, 2000);
  const std::int64_t step = locations / count;
  const auto axes = static_cast<std::int64_t>(workload.locations.size());
  Shape input_shape = workload.input;
  input_shape[0] = 1;
  Tensor input(Dtype::f32, input_shape);
  std::copy_n(data.input.begin(), input.element_count(), input.elements<float>().begin());
  Shape grid_shape(static_cast<std::size_t>(axes) + 2, 1);
  grid_shape[static_cast<std::size_t>(axes)] = count;
  grid_shape.back() = axes;
  Tensor grid(Dtype::f32, grid_shape);
  for (std::int64_t i = 0; i < count; ++i) {
    std::copy_n(data.grid.begin() + i * step * axes, axes,
                grid.elements<float>().begin() + i * axes);
  }
  Shape shape(static_cast<std::size_t>(axes) + 2, 1);
  shape[1] = workload.input[1];
  shape.back() = count;
  const auto part_of = [=](const float* output) {
    Tensor part(Dtype::f32, shape);
    float* to = part.elements<float>().data();
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      for (std::int64_t i = 0; i < count; ++i) *to++ = output[c * locations + i * step];
    }
    return part;
  };
  return {Case{request_for(workload.options), input, grid}, part_of};
}

// The least seconds that this machine needs: to move every byte once, or to fetch every pair of
// neighbours, whichever is longer; from a random place of a plane if the grid is random, from the
// first-level cache if it is not.
void add_limit(const Workload& workload, Field field, const Machine& machine, int threads,
               Row& row) {
  const auto axes = static_cast<double>(workload.locations.size());
  const double taps = workload.options.mode == Mode::nearest   ? 1
                      : workload.options.mode == Mode::bicubic ? 16
                                                               : std::exp2(axes);
  const auto batches = static_cast<double>(workload.input[0]);
  const auto channels = static_cast<double>(workload.input[1]);
  const double places = batches * static_cast<double>(element_count(workload.locations));
  const auto inputs = static_cast<double>(element_count(workload.input));
  const bool reads = field != Field::outside || workload.options.padding != Padding::zeros;
  row.bytes =
      4 * ((reads ? std::min(inputs, taps * row.outputs) : 0) + row.outputs + axes * places);
  // Nearest loads single texels, bicubic rows of four; eight channels side by side come at once.
  const double loads = taps == 1 ? 1 : taps == 16 ? 4 : taps / 2;
  const double fetches = channels >= 8 ? places * taps * channels / 8 : row.outputs * loads;
  const double plane = field == Field::random ? 4 * inputs / channels / batches : 0;
  const double per_fetch = machine.seconds_per_pair(static_cast<std::size_t>(plane)) / threads;
  row.limit = std::max(row.bytes / machine.copy_bytes_per_second, reads ? fetches * per_fetch : 0);
}

class Bench {
 public:
  Bench(Arguments arguments, const Rival& rival)
      : arguments_(std::move(arguments)), rival_(rival), machine_(measure_machine(threads())) {
    rival_.use_threads(threads());
  }

  [[nodiscard]] int threads() const {
    return arguments_.threads > 0
               ? arguments_.threads
               : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }
  [[nodiscard]] const Machine& machine() const { return machine_; }
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  // Judges and times one row. One iteration is a pair.
  void run(benchmark::State& state, const Workload& workload, Field field) {
    Data data(workload, field);
    Row row{.workload = workload.name, .field = std::string(name(field))};
    row.outputs = static_cast<double>(data.output.size());
    add_limit(workload, field, machine_, threads(), row);
    row.why = explain_choice(dense_view(data.input.data(), workload.input),
                             dense_view(data.grid.data(), workload.grid_shape()), workload.options,
                             dense_output(data.output.data(), workload.output_shape()),
                             {.threads = threads()});
    judge(data, row);
    std::vector<double> ours;
    std::vector<double> rivals;
    std::vector<double> ratios;
    for (auto _ : state) {
      const bool first = ours.size() % 2 == 0;
      double mine = 0;
      if (first) mine = seconds([&] { data.sample(threads()); });
      const double theirs = seconds([&] {
        benchmark::DoNotOptimize(rival_.answer(workload, data.input.data(), data.grid.data()));
      });
      if (!first) mine = seconds([&] { data.sample(threads()); });
      state.SetIterationTime(mine + theirs);
      ours.push_back(mine);
      rivals.push_back(theirs);
      ratios.push_back(theirs / mine);
    }
    row.ours = quantile(ours, 0.5);
    row.rivals = quantile(rivals, 0.5);
    row.ratio = quantile(ratios, 0.5);
    row.lower_ratio = quantile(ratios, 0.25);
    row.upper_ratio = quantile(ratios, 0.75);
    row.pairs = ratios.size();
    rows_.push_back(std::move(row));
  }

 private:
  template <class Function>
  static double seconds(const Function& function) {
    const auto start = std::chrono::steady_clock::now();
    function();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  void judge(Data& data, Row& row) {
    const auto [question, part_of] = sampled_case(data);
    const Answer expected = gridproof::grid_sample(question);
    data.sample(threads());
    const Judge strict({.kind = Profile::Kind::same_bits});
    row.same_bits = strict.judge(question, part_of(data.output.data()), &expected).worst() ==
                    Verdict::same_bits;
    const float* const theirs = rival_.answer(data.workload, data.input.data(), data.grid.data());
    row.verdict = name(Judge().judge(question, part_of(theirs), &expected).worst());
  }

  Arguments arguments_;
  const Rival& rival_;
  Machine machine_;
  std::vector<Row> rows_;
};

int pairs_for(const Arguments& arguments, const Workload& workload) {
  if (arguments.pairs > 0) return arguments.pairs;
  const auto outputs = static_cast<double>(element_count(workload.output_shape()));
  const double pairs = (arguments.quick ? 1e7 : 5e7) / outputs;
  return static_cast<int>(std::clamp(pairs, arguments.quick ? 1.0 : 5.0, 201.0));
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

void print_table(const Bench& bench, const Rival& rival, bool why) {
  const Machine& machine = bench.machine();
  fmt::print("{} threads; copy {:.1f} GB/s; random 8-byte load", bench.threads(),
             machine.copy_bytes_per_second * 1e-9);
  for (const auto& [bytes, seconds] : machine.pair_load) {
    fmt::print(" {:.2f} ns ({} KiB)", seconds * 1e9, bytes >> 10U);
  }
  fmt::print(
      "\n\n| workload | grid | ns/output | GB/s | limit | {} ns/output | ratio | quartiles | "
      "judged |\n|---|---|---:|---:|---:|---:|---:|---:|---|\n",
      rival.name);
  for (const Row& row : bench.rows()) {
    fmt::print(
        "| {} | {} | {:.3f} | {:.1f} | {:.1f}x | {:.3f} | {:.2f} | {:.2f} … {:.2f} | {}{} |\n",
        row.workload, row.field, row.ours / row.outputs * 1e9, row.bytes / row.ours * 1e-9,
        row.ours / row.limit, row.rivals / row.outputs * 1e9, row.ratio, row.lower_ratio,
        row.upper_ratio, row.same_bits ? "" : "NOT THE REFERENCE'S BITS; ", row.verdict);
  }
  if (!why) return;
  fmt::print("\n");
  for (const Row& row : bench.rows()) {
    fmt::print("{} {}: {}\n", row.workload, row.field, row.why);
  }
}

nlohmann::json as_json(const Bench& bench, const Rival& rival) {
  nlohmann::json json{{"rival", rival.name},
                      {"threads", bench.threads()},
                      {"copy_bytes_per_second", bench.machine().copy_bytes_per_second},
                      {"rows", nlohmann::json::array()}};
  for (const Row& row : bench.rows()) {
    json["rows"].push_back({{"workload", row.workload},
                            {"grid", row.field},
                            {"outputs", row.outputs},
                            {"seconds", row.ours},
                            {"rival_seconds", row.rivals},
                            {"ratio", row.ratio},
                            {"ratio_quartiles", {row.lower_ratio, row.upper_ratio}},
                            {"pairs", row.pairs},
                            {"bytes", row.bytes},
                            {"limit_seconds", row.limit},
                            {"same_bits", row.same_bits},
                            {"rival_verdict", row.verdict},
                            {"why", row.why}});
  }
  return json;
}

int summarize(const Bench& bench, const Rival& rival) {
  double logarithms = 0;
  const Row* worst = &bench.rows().front();
  bool right = true;
  for (const Row& row : bench.rows()) {
    logarithms += std::log(row.ratio);
    if (row.ratio < worst->ratio) worst = &row;
    right = right && row.same_bits;
  }
  fmt::print("\ngeomean vs {} {:.2f}, worst {:.2f} ({} {})\n",
             rival.name.substr(0, rival.name.find(' ')),
             std::exp(logarithms / static_cast<double>(bench.rows().size())), worst->ratio,
             worst->workload, worst->field);
  return right ? 0 : 1;
}

}  // namespace

int bench_main(int argc, char** argv, const Rival& rival) {
  Arguments arguments;
  CLI::App app{"Times the fast kernels and " + rival.name + " in pairs.", "gridproof bench"};
  app.add_flag("--quick", arguments.quick, "the same rows within a minute");
  app.add_flag("--why", arguments.why, "say which kernel was chosen, and why");
  app.add_option("--threads", arguments.threads, "of both; 0: as many as the machine has")
      ->check(CLI::Range(0, 1024));
  app.add_option("--pairs", arguments.pairs, "for each row; 0: as many as steady medians need")
      ->check(CLI::Range(0, 1000000));
  app.add_option("--filter", arguments.filter, "a regular expression over \"W12 smooth\"");
  app.add_option("--json", arguments.json, "also write the figures to this file");
  app.footer("Example: gridproof bench --quick --filter 'W12.*smooth' --why");
  std::regex filter;
  try {
    app.parse(argc, argv);
    filter = std::regex(arguments.filter);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::regex_error&) {
    fmt::print(stderr, "--filter is '{}': expected a regular expression\n", arguments.filter);
    return 2;
  }
  Bench bench(arguments, rival);
  bool any = false;
  for (const Workload& workload : workloads()) {
    for (const auto& [field, field_name] : names<Field>) {
      const std::string row = workload.name + ' ' + std::string(field_name);
      if (!std::regex_search(row, filter)) continue;
      any = true;
      benchmark::RegisterBenchmark(row.c_str(),
                                   [&bench, workload, where = field](benchmark::State& state) {
                                     bench.run(state, workload, where);
                                   })
          ->UseManualTime()
          ->Iterations(pairs_for(arguments, workload));
    }
  }
  if (!any) {
    fmt::print(stderr, "--filter is '{}': no row has such a name\n", arguments.filter);
    return 2;
  }
  Progress progress;
  benchmark::RunSpecifiedBenchmarks(&progress);
  print_table(bench, rival, arguments.why);
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << as_json(bench, rival).dump(1) << '\n';
    if (!file.flush()) {
      fmt::print(stderr, "{} cannot be written\n", arguments.json);
      return 2;
    }
  }
  return summarize(bench, rival);
}

}  // namespace gridproof::bench
