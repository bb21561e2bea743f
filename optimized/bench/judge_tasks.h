// What `gridproof bench --judge` measures: the judge and its witnesses in this process, the gate
// and its explanations as programs. Tested by judge_speed_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "optimized/bench/folder.h"
#include "reference/contract/dtype.h"

namespace gridproof::bench {

enum class Unit : std::uint8_t {
  megasamples,   // a second, of one thread
  microseconds,  // a sample
  seconds,       // as a whole
};

struct Task {
  std::string name;
  Unit unit;
  std::optional<double> goal;  // in the unit, on two idle cores
  std::int64_t samples;        // that a run takes
  // Gets ready, and returns what is timed. Both throw std::runtime_error.
  std::function<std::function<void()>()> prepare;
};

// One thread each: the judge of answers that are not the reference's, which is every sample; that
// of those that are; the judge of both gradients, whose samples are the numbers of these; the exact
// witness; and the reference.
std::vector<Task> judge_tasks(Dtype dtype);

// The commands of the program gridproof that people wait for. Their files lie in `folder`.
std::vector<Task> gate_tasks(const std::string& program, std::shared_ptr<const Folder> folder);

}  // namespace gridproof::bench
