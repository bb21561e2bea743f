// How fast the judge, the exact witness and the gate are: `gridproof bench --judge`. What each
// takes is also divided by the time of a loop that is measured beside it and never changes: such
// ratios are kept in the repository, and other machines have nearly the same. Tested by
// judge_speed_test.cc.
#pragma once

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "optimized/bench/judge_tasks.h"

namespace gridproof::bench {

struct Speed {
  Task task;
  double seconds = 0;  // of a run, median
  double ratio =
      0;  // one sample, of a program its processors' time, to one step of the loop; median
  std::optional<double> kept;

  [[nodiscard]] double in_unit() const;
  [[nodiscard]] bool misses_goal() const;
  [[nodiscard]] bool is_slower_than_kept() const;
};

// Ratios by the names of tasks, a line for each. Throws std::runtime_error, with the file and the
// line, where it cannot be read.
using Ratios = std::map<std::string, double>;
Ratios read_ratios(const std::string& file);
void write_ratios(const Ratios& ratios, const std::string& file);

struct JudgeArguments {
  Dtype dtype = Dtype::f32;
  std::regex filter;
  int pairs = 0;     // 0: as many as make a steady median
  std::string kept;  // a file of ratios to compare with
  std::string keep;  // where to write them
  std::string json;
};

// Measures and prints. Returns 1 if something is slower than what was kept, 2 if nothing matches.
int measure_judge(const JudgeArguments& arguments);

}  // namespace gridproof::bench
