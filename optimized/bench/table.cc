#include "optimized/bench/table.h"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace gridproof::bench {
namespace {

std::string nanoseconds(double seconds, double outputs) {
  const double each = seconds / outputs * 1e9;
  return each < 0.05 ? fmt::format("{:.5f}", each) : fmt::format("{:.3f}", each);
}

// The rows of the rival number `i` in one line.
void summarize(const Table& table, std::size_t i) {
  double logarithms = 0;
  int count = 0;
  double worst = INFINITY;
  std::string worst_row;
  for (const Row& row : table.rows) {
    const Against& rival = row.rivals[i];
    if (rival.unsupported) continue;
    ++count;
    logarithms += std::log(rival.ratio);
    if (rival.ratio < worst) {
      worst = rival.ratio;
      worst_row = row.workload + ' ' + row.field;
    }
  }
  const std::string& name = table.rows.front().rivals[i].rival;
  if (count == 0) {
    fmt::print("{} has no time\n", name);
    return;
  }
  fmt::print("geomean vs {} {:.2f}, worst {:.2f} ({})",
             i == 0 ? name.substr(0, name.find(' ')) : name, std::exp(logarithms / count), worst,
             worst_row);
  const auto rows = static_cast<int>(table.rows.size());
  fmt::print("{}\n", count == rows
                         ? ""
                         : fmt::format(", {} of {} row{}", count, rows, rows == 1 ? "" : "s"));
}

}  // namespace

void print_table(const Table& table, bool why) {
  const std::string where = table.device.value_or(
      fmt::format("{} thread{}", table.threads, table.threads == 1 ? "" : "s"));
  fmt::print("{}; {}; copy {:.1f} GB/s", table.tensors, where,
             table.machine.copy_bytes_per_second * 1e-9);
  if (!table.device) fmt::print("; random 8-byte load");
  for (const auto& [bytes, seconds] : table.machine.pair_load) {
    if (!table.device) fmt::print(" {:.2f} ns ({} KiB)", seconds * 1e9, bytes >> 10U);
  }
  fmt::print(
      "\nEach is timed when the threads of the others sleep, in rounds of up to 20 calls.\n");
  fmt::print("\n| workload | grid | ns/output | GB/s | limit |");
  std::string line = "|---|---|---:|---:|---:|";
  for (const Against& rival : table.rows.front().rivals) {
    fmt::print(" {} | ratio (quartiles) | judged |", rival.rival);
    line += "---:|---:|---|";
  }
  fmt::print("\n{}\n", line);
  for (const Row& row : table.rows) {
    fmt::print("| {} | {} | {} | {:.1f} | {:.1f}x |", row.workload, row.field,
               nanoseconds(row.seconds, row.outputs), row.bytes / row.seconds * 1e-9,
               row.seconds / row.limit);
    for (const Against& rival : row.rivals) {
      if (rival.unsupported) {
        fmt::print(" – | – | {} |", *rival.unsupported);
        continue;
      }
      fmt::print(" {} | {:.2f} ({:.2f} … {:.2f}) | {} |", nanoseconds(rival.seconds, row.outputs),
                 rival.ratio, rival.lower_ratio, rival.upper_ratio, rival.verdict);
    }
    fmt::print("{}{}\n", row.rests ? "" : " beside threads that ran on",
               row.same_bits ? "" : " OURS: BITS DIFFER FROM THE REFERENCE");
  }
  fmt::print("\n");
  if (!why) return;
  for (const Row& row : table.rows) {
    fmt::print("{} {}: {}\n", row.workload, row.field, row.why);
  }
  fmt::print("\n");
}

nlohmann::json as_json(const Table& table) {
  nlohmann::json json{{"tensors", table.tensors},
                      {"threads", table.threads},
                      {"copy_bytes_per_second", table.machine.copy_bytes_per_second},
                      {"rows", nlohmann::json::array()}};
  if (table.device) json["device"] = *table.device;
  for (const Row& row : table.rows) {
    nlohmann::json rivals = nlohmann::json::array();
    for (const Against& rival : row.rivals) {
      if (rival.unsupported) {
        rivals.push_back({{"rival", rival.rival}, {"unsupported", *rival.unsupported}});
        continue;
      }
      rivals.push_back({{"rival", rival.rival},
                        {"seconds", rival.seconds},
                        {"ratio", rival.ratio},
                        {"ratio_quartiles", {rival.lower_ratio, rival.upper_ratio}},
                        {"verdict", rival.verdict}});
    }
    json["rows"].push_back({{"workload", row.workload},
                            {"grid", row.field},
                            {"outputs", row.outputs},
                            {"seconds", row.seconds},
                            {"pairs", row.pairs},
                            {"bytes", row.bytes},
                            {"limit_seconds", row.limit},
                            {"rests", row.rests},
                            {"same_bits", row.same_bits},
                            {"why", row.why},
                            {"rivals", rivals}});
  }
  return json;
}

bool summarize(const Table& table) {
  for (std::size_t i = table.rows.front().rivals.size(); i-- > 0;) summarize(table, i);
  bool right = true;
  for (const Row& row : table.rows) right = right && row.same_bits;
  return right;
}

}  // namespace gridproof::bench
