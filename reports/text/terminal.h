// What depends on whether the output goes to a terminal: its columns, the progress line. Tested by
// terminal_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>

namespace gridproof::reports {

// Whether a file descriptor is a terminal, and then how many columns it has.
bool is_terminal(int descriptor);
std::optional<int> columns_of_terminal(int descriptor);

// One line that says how far a campaign has come, rewritten in place:
//   12,300,000 of 100,000,000 samples, 5.2 M/s, 17 s left
// It appears once a second has passed and more than two are expected in all; it is wiped at the
// end.
class Progress {
 public:
  using Seconds = std::chrono::duration<double>;

  // Quiet without `out`. `elapsed` tells the time since the start.
  Progress(std::ostream* out, std::optional<Seconds> budget, std::function<Seconds()> elapsed);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // `total` is 0 when only the budget decides.
  void update(std::int64_t done, std::int64_t total);

 private:
  std::ostream* out_;
  std::optional<Seconds> budget_;
  std::function<Seconds()> elapsed_;
  std::optional<Seconds> shown_;
  struct Mark {
    Seconds at{};
    std::int64_t done = 0;
  };
  Mark before_;  // from where the pace is measured
  Mark last_;    // where that will be next
};

}  // namespace gridproof::reports
