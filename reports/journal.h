// The file beside a report in the making: one line for each case that is judged, so that a campaign
// that is killed can go on. A line is written with one call to the system before the next case is
// asked for; the last line of a run that was killed may be torn, and is then ignored. Tested by
// journal_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "fuzz/campaign.h"
#include "oracle/process/descriptor.h"

namespace gridproof::reports {

class Journal final : public CampaignLog {
 public:
  // Of the campaign that `command` runs, in the folder of its report. With `resume` what an earlier
  // run of it left is read; InputError if there is none, or one of another campaign.
  Journal(const std::filesystem::path& folder, const std::string& command, bool resume);

  [[nodiscard]] const std::vector<Judgement>* find(std::uint64_t ordinal) const override;
  [[nodiscard]] std::chrono::milliseconds spent() const override { return spent_; }
  void add(std::uint64_t ordinal, const std::vector<Judgement>& judgements) override;

  // The report is there, and the file not needed any longer.
  void remove();

 private:
  void read(const std::string& command);
  void write(const std::string& line) const;

  std::filesystem::path file_;
  std::unordered_map<std::uint64_t, std::vector<Judgement>> earlier_;
  std::chrono::milliseconds spent_{};
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  Descriptor file_descriptor_;
};

}  // namespace gridproof::reports
