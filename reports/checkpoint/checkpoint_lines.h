// The text of a checkpoint (checkpoint.h), a JSON value a line: first of which campaign it is, then
// {"asked": [ordinals]}, [ordinal, milliseconds, judgments] and, of gradients, {"gradients":
// ordinal, "judgments": […]}. Whoever wrote it, reading ends
// well. Tested by ../checkpoint_file_test.cc and checkpoint_fuzzer.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "oracle/judge/verdict.h"

namespace gridproof::reports {

struct CheckpointLines {
  std::unordered_map<std::uint64_t, std::vector<Judgment>> judged;             // by ordinal
  std::unordered_map<std::uint64_t, std::vector<GradientJudgment>> gradients;  // likewise
  std::unordered_set<std::uint64_t> begun;                                     // and not judged
  std::chrono::milliseconds spent{};
  std::size_t whole = 0;  // bytes up to the end of the last whole line
};

// A line that is none of a checkpoint.
class CheckpointError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Of the text after the first line; half a line at its end is left out. Throws CheckpointError.
CheckpointLines read_checkpoint_lines(std::string_view text);

// Lines, newlines included.
std::string asked_line(const std::vector<std::uint64_t>& ordinals);
std::string judged_line(std::uint64_t ordinal, std::chrono::milliseconds spent,
                        const std::vector<Judgment>& judgments);
std::string gradients_line(std::uint64_t ordinal, const std::vector<GradientJudgment>& judgments);

}  // namespace gridproof::reports
