// A child process with which one exchanges lines, under limits, and which cannot take its parent
// along: not by crashing, hanging, flooding, or closing its end. It lives in a cell (isolation.h)
// and has a keeper, a process between the two, with which all that descends from it ends, what has
// left its session included. Tested by process_subject_test.cc and isolation_test.cc.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "oracle/subjects/host/isolation.h"

namespace gridproof {

struct ProcessLimits {
  std::chrono::milliseconds start{30'000};     // until it says that it has started
  std::chrono::milliseconds per_case{10'000};  // until it answers
  // Cuts `per_case` where that is more, but not below what a start took; 0 for none.
  std::chrono::milliseconds budget{0};
  // Private writable memory in bytes (RLIMIT_DATA: what the process can dirty, so that libraries
  // and reserved addresses do not count, of which sanitizers and CUDA take terabytes); 0 for no
  // limit.
  std::size_t memory = std::size_t{8} << 30U;
  std::size_t output = std::size_t{256} << 20U;  // bytes of one line of output
  // From level `process` on: bytes of a file, how many processes and threads (not of root, except
  // in a namespace: Linux does not count them), and processor time of one process for each core.
  std::size_t file = std::size_t{1} << 30U;
  int processes = 4096;
  std::chrono::hours processor{24};
  int attempts = 3;          // to start it before giving up
  bool validate = false;     // hold its messages against the schema: unknown fields are errors, too
  bool fork_server = false;  // its program is one (serve/fork_server.h)
  std::optional<Isolation> isolation;  // else as isolation_of_children() says
};

// The child is of no use any more. The first line says why and depends on nothing but what the
// child did; the lines after it are the last that it wrote on its standard error.
class ChildLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It gave no answer in time. The lines after the first say what was measured.
class ChildLate : public ChildLost {
 public:
  using ChildLost::ChildLost;
};

class Child {
 public:
  // Runs `command` (program, looked up in PATH, and arguments) in a session of its own, which is
  // killed with this object or with this process, with all that comes of it. It has the open files
  // `inherited` under the same numbers. Throws ChildLost when it cannot be run.
  Child(const std::vector<std::string>& command, const ProcessLimits& limits,
        std::span<const int> inherited = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Sends `lines`, newlines included, and returns the next line that comes back, without newline,
  // valid until the next call. `awaited` lines are to come, that one included. Throws ChildLost
  // when more than are awaited come, and ChildLate when none comes within `time`, of which what it
  // spends in line for a processor is not counted (but at most seven times as much).
  std::string_view exchange(std::string_view lines, std::chrono::milliseconds time,
                            std::size_t awaited = 1);

  // Ends the child because of what it said, and returns `why` with its last words.
  std::string give_up(const std::string& why);

  // Sends `line` and lets the child end by itself, for a second at most.
  void finish(std::string_view line);

  // Of a fork server: ends the child, if it has not ended, with all that comes of it. If nothing is
  // left, `renew` makes another one, as fresh as one that is started, with the same open files;
  // else it returns false.
  void end();
  bool renew();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gridproof
