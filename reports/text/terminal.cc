#include "reports/text/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

std::string duration_text(Progress::Seconds duration) {
  const auto seconds = static_cast<std::int64_t>(std::ceil(duration.count()));
  if (seconds < 100) return fmt::format("{} s", seconds);
  if (seconds < 6000) return fmt::format("{} min", (seconds + 59) / 60);
  return fmt::format("{:.1f} h", static_cast<double>(seconds) / 3600);
}

std::string rate_text(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.1f} k/s", per_second / 1e3);
  return fmt::format("{:.0f}/s", per_second);
}

}  // namespace

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

std::optional<int> columns_of_terminal(int descriptor) {
  winsize size{};
  if (!is_terminal(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return size.ws_col;
}

Progress::Progress(std::ostream* out, std::optional<Seconds> budget,
                   std::function<Seconds()> elapsed)
    : out_(out), budget_(budget), elapsed_(std::move(elapsed)) {}

Progress::~Progress() {
  if (shown_) *out_ << "\r\x1b[K" << std::flush;
}

void Progress::update(std::int64_t done, std::int64_t total) {
  if (out_ == nullptr || done <= 0) return;
  const Seconds now = elapsed_();
  if (now < Seconds(1) || (shown_ && now - *shown_ < Seconds(0.2))) return;
  // What an earlier run has judged is there at once, and cases differ: the pace is that of the last
  // half a minute.
  constexpr Seconds stretch(15);
  if (now - last_.at >= stretch) before_ = std::exchange(last_, {now, done});
  const double rate =
      static_cast<double>(done - before_.done) / std::max(now - before_.at, Seconds(0.1)).count();
  std::optional<Seconds> left;
  if (total > 0 && rate > 0)
    left = Seconds(static_cast<double>(std::max<std::int64_t>(0, total - done)) / rate);
  if (budget_) {
    const Seconds of_budget = std::max(Seconds(0), *budget_ - now);
    left = left ? std::min(*left, of_budget) : of_budget;
  }
  if (!shown_ && left && now + *left <= Seconds(2)) return;
  shown_ = now;
  *out_ << "\r\x1b[K" << grouped(done);
  if (total > 0) *out_ << " of " << grouped(total);
  *out_ << " samples, " << rate_text(rate);
  if (left) *out_ << ", " << duration_text(*left) << " left";
  *out_ << std::flush;
}

}  // namespace gridproof::reports
