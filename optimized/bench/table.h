// What the benchmark measured, and how it is shown.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "optimized/bench/machine.h"

namespace gridproof::bench {

// A rival in one row. Seconds of a whole call, medians; ratios of pairs, with their quartiles.
struct Against {
  std::string rival;
  std::optional<std::string> unsupported;  // why it has no time
  double seconds = 0;
  double ratio = 0;
  double lower_ratio = 0;
  double upper_ratio = 0;
  std::string verdict;  // on its answer, the worst
};

struct Row {
  std::string workload;
  std::string field;
  std::string why;
  double outputs = 0;
  double seconds = 0;  // of ours
  double bytes = 0;    // that must move at least
  double limit = 0;    // seconds, of this machine
  std::size_t pairs = 0;
  bool rests = true;  // whether each one's threads slept before the next one was timed
  bool same_bits = false;
  std::vector<Against> rivals;  // LibTorch first
};

struct Table {
  int threads = 0;
  std::string tensors;                // "f32", "f16, channels last"
  std::optional<std::string> device;  // that of CUDA; else threads of the CPU
  Machine machine;
  std::vector<Row> rows;
};

// Prints it as Markdown; with `why`, the choice of the kernel of each row as well.
void print_table(const Table& table, bool why);

nlohmann::json as_json(const Table& table);

// Prints a line for each rival, the first one's last. Returns whether all answers of ours were
// right.
bool summarize(const Table& table);

}  // namespace gridproof::bench
