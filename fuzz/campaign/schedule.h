// Which worker asks which cases of a plan, and until when. Tested by campaign_test.cc.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/plan.h"

namespace gridproof {

class Schedule {
 public:
  // A budget is counted from `start` on; a quarter of it is left for what follows.
  Schedule(const CampaignOptions& options, Plan& plan, std::size_t workers,
           std::chrono::steady_clock::time_point start, std::stop_token stop);

  // Some cases for one worker: fewer than `most` where they are large; a sequence by itself. None
  // when the campaign is over. By any thread.
  std::vector<Drawn> next(std::size_t worker, std::size_t most);

 private:
  // What was dealt to a worker and not asked yet; what it was dealt altogether, in samples.
  struct Hand {
    std::deque<Drawn> cases;
    double cost = 0;
  };

  std::optional<Drawn> next_case(std::size_t worker);
  std::optional<Drawn> next_dealt(std::size_t worker);
  std::optional<Drawn> next_of_window();
  std::optional<Drawn> draw();
  [[nodiscard]] bool is_over() const;

  const CampaignOptions& options_;
  std::chrono::steady_clock::time_point start_;
  std::stop_token stop_;
  std::mutex mutex_;  // of all that follows
  Plan& plan_;
  std::int64_t drawn_cases_ = 0;
  std::int64_t drawn_samples_ = 0;
  std::vector<Hand> hands_;    // of each worker
  std::vector<Drawn> window_;  // when time is short
};

}  // namespace gridproof
