#include "optimized/bench/judge_speed.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "optimized/bench/clock.h"
#include "optimized/bench/quantile.h"

namespace gridproof::bench {
namespace {

// What is measured twice on one machine differs by less than 1.2; the rest is for other processors.
constexpr double tolerance = 1.5;

// The loop: numbers from a small table, products and comparisons of doubles, and a branch that is
// not foreseen, as in the judge. A change of it changes all ratios that are kept.
constexpr int steps = 1 << 19;
double walk() {
  std::array<double, 1025> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<double>(i * i % 257);
  double sum = 0;
  std::uint64_t state = 1;
  for (int i = 0; i < steps; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const std::size_t at = state >> 54U;
    const double t = static_cast<double>(state >> 11U) * 0x1p-53;
    const double low = std::min(table[at], table[at + 1]);
    const double high = std::max(table[at], table[at + 1]);
    sum += low + t * (high - low);
    if ((state >> 33U & 1U) != 0) sum = std::floor(sum) / 2;
  }
  return sum;
}

double seconds_of_step() {
  return seconds_of([] { benchmark::DoNotOptimize(walk()); }) / steps;
}

// Of programs that have ended: what others do beside them does not count, nor how many cores there
// are.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Speed measured(const Task& task, int pairs) {
  const auto run = task.prepare();
  const bool is_program = task.unit == Unit::seconds;
  if (pairs == 0) pairs = is_program ? 1 : 15;
  if (!is_program) run();  // so that nothing is new
  std::vector<double> times;
  std::vector<double> ratios;
  for (int i = 0; i < pairs; ++i) {
    double step = seconds_of_step();
    const double processor = processor_seconds();
    times.push_back(seconds_of(run));
    const double work = is_program ? processor_seconds() - processor : times.back();
    step = (step + seconds_of_step()) / 2;
    ratios.push_back(work / static_cast<double>(task.samples) / step);
  }
  return {.task = task, .seconds = quantile(times, 0.5), .ratio = quantile(ratios, 0.5)};
}

std::string with_unit(double number, Unit unit) {
  switch (unit) {
    case Unit::megasamples:
      return fmt::format("{:.3g} M/s", number);
    case Unit::microseconds:
      return fmt::format("{:.3g} us", number);
    case Unit::seconds:
      break;
  }
  return fmt::format("{:.3g} s", number);
}

void print(const Speed& speed) {
  const Unit unit = speed.task.unit;
  const std::string goal = speed.task.goal
                               ? fmt::format("{} {}", unit == Unit::megasamples ? "≥" : "≤",
                                             with_unit(*speed.task.goal, unit))
                               : "–";
  const std::string kept = speed.kept ? fmt::format("{:.4g}", *speed.kept) : "–";
  const std::string remark = speed.is_slower_than_kept() ? "SLOWER THAN IT WAS"
                             : speed.misses_goal()       ? "misses its goal"
                                                         : "";
  fmt::print("| {} | {} | {} | {:.4g} | {} | {} |\n", speed.task.name, goal,
             with_unit(speed.in_unit(), unit), speed.ratio, kept, remark);
  std::fflush(stdout);  // the next one may take half a minute
}

std::vector<Task> chosen_tasks(const JudgeArguments& arguments) {
  namespace fs = std::filesystem;
  std::vector<Task> tasks = judge_tasks(arguments.dtype);
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path() / "gridproof";
  if (arguments.dtype == Dtype::f32) {  // the programs are asked once
    std::ranges::move(gate_tasks(program, std::make_shared<Folder>()), std::back_inserter(tasks));
  }
  std::erase_if(tasks,
                [&](const Task& task) { return !std::regex_search(task.name, arguments.filter); });
  return tasks;
}

nlohmann::json as_json(const std::vector<Speed>& speeds) {
  nlohmann::json json = nlohmann::json::array();
  for (const Speed& speed : speeds) {
    json.push_back({{"name", speed.task.name},
                    {"samples", speed.task.samples},
                    {"seconds", speed.seconds},
                    {"ratio", speed.ratio}});
    if (speed.kept) json.back()["kept"] = *speed.kept;
  }
  return json;
}

}  // namespace

double Speed::in_unit() const {
  const auto samples = static_cast<double>(task.samples);
  switch (task.unit) {
    case Unit::megasamples:
      return samples / seconds * 1e-6;
    case Unit::microseconds:
      return seconds / samples * 1e6;
    case Unit::seconds:
      break;
  }
  return seconds;
}

bool Speed::misses_goal() const {
  if (!task.goal) return false;
  return task.unit == Unit::megasamples ? in_unit() < *task.goal : in_unit() > *task.goal;
}

bool Speed::is_slower_than_kept() const { return kept && ratio > *kept * tolerance; }

Ratios read_ratios(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(file + " cannot be read");
  Ratios ratios;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    double ratio = 0;
    if (!(words >> name >> ratio) || !(words >> std::ws).eof()) {
      throw std::runtime_error(
          fmt::format("{}:{}: expected a name and a ratio, not '{}'", file, number, line));
    }
    ratios[name] = ratio;
  }
  return ratios;
}

void write_ratios(const Ratios& ratios, const std::string& file) {
  std::ofstream stream(file);
  stream << "# Written by 'gridproof bench --judge --keep FILE': what each takes, in steps of its "
            "loop.\n";
  for (const auto& [name, ratio] : ratios) stream << fmt::format("{} {:.4g}\n", name, ratio);
  if (!stream.flush()) throw std::runtime_error(file + " cannot be written");
}

int measure_judge(const JudgeArguments& arguments) {
  const Ratios kept = arguments.kept.empty() ? Ratios() : read_ratios(arguments.kept);
  const std::vector<Task> tasks = chosen_tasks(arguments);
  if (tasks.empty()) {
    fmt::print(stderr, "--filter: nothing that --judge measures matches\n");
    return 2;
  }
  fmt::print("{} cores; goals are for two idle ones; a step of the loop takes {:.2f} ns\n\n",
             std::thread::hardware_concurrency(), seconds_of_step() * 1e9);
  fmt::print("| what | goal | measured | in steps | kept | |\n|---|---:|---:|---:|---:|---|\n");
  std::vector<Speed> speeds;
  for (const Task& task : tasks) {
    Speed speed = measured(task, arguments.pairs);
    if (const auto found = kept.find(task.name); found != kept.end()) speed.kept = found->second;
    print(speed);
    speeds.push_back(std::move(speed));
  }
  if (!arguments.keep.empty()) {
    Ratios ratios;
    for (const Speed& speed : speeds) ratios[speed.task.name] = speed.ratio;
    write_ratios(ratios, arguments.keep);
  }
  if (!arguments.json.empty()) {
    std::ofstream file(arguments.json);
    file << as_json(speeds).dump(1) << '\n';
    if (!file.flush()) throw std::runtime_error(arguments.json + " cannot be written");
  }
  const auto slower = std::ranges::count_if(speeds, &Speed::is_slower_than_kept);
  const auto missed = std::ranges::count_if(speeds, &Speed::misses_goal);
  fmt::print("\n{} of {} slower than what was kept, by more than {:.1f} times; {} goal{} missed\n",
             slower, speeds.size(), tolerance, missed, missed == 1 ? "" : "s");
  return slower > 0 ? 1 : 0;
}

}  // namespace gridproof::bench
