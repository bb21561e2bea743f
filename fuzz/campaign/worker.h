// Who asks: the threads of a campaign, each with instances of its own of all subjects. Tested by
// campaign_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/losses.h"
#include "fuzz/campaign/plan.h"
#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof {

// What a campaign is called with.
struct Setup {
  const CampaignOptions& options;
  const std::vector<SubjectEntry>& entries;
  const SubjectEntry& reference;
};

// How a question came about: it can be made again.
struct Origin {
  std::shared_ptr<const Drawn> drawn;
  std::size_t step = 0;  // of a sequence
};

// The instances of the subjects that one thread uses, each with the judge of its dialect, and what
// the thread knows of them. What an answer depends on besides the question is all in here.
class Worker {
 public:
  Worker(std::size_t number, const Setup& setup);

  // Its place among those of a campaign.
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] std::size_t subjects() const { return subjects_.size(); }
  Subject& subject(std::size_t index) { return *subjects_[index]; }
  [[nodiscard]] const Judge& judge(std::size_t index) const { return judges_[index]; }
  Subject& reference() { return *reference_; }
  Losses& losses() { return losses_; }
  [[nodiscard]] const Losses& losses() const { return losses_; }

  // The last questions that a subject was asked, as far as they take little room together.
  [[nodiscard]] std::vector<Origin> recent(std::size_t index) const;
  void was_asked(std::size_t index, const Origin& origin, const Case& test_case);

 private:
  struct Recent {
    std::deque<std::pair<Origin, std::int64_t>> test_cases;  // with the elements of each
    std::int64_t elements = 0;                               // of all of them
  };

  std::size_t number_;
  std::unique_ptr<Subject> reference_;
  std::vector<std::unique_ptr<Subject>> subjects_;
  std::vector<Judge> judges_;
  std::vector<Recent> recent_;
  Losses losses_;
};

// The workers of a campaign, one for each thread. Subjects can take a second to start, so a worker
// stays, and is made where it is needed first.
class Crew {
 public:
  explicit Crew(const Setup& setup);

  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  Worker& worker(std::size_t number);
  // Calls `work` with each worker, in parallel. Throws what one of them threw first; the others are
  // asked to stop.
  void run(const std::function<void(Worker&)>& work, std::stop_source stop = {});

 private:
  Setup setup_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace gridproof
