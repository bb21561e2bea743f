// The file beside a report in the making: a line when cases are asked, and one for each when it is
// judged, so that a campaign that is killed can go on, and knows at which cases that happened. A
// line is written with one call to the system; the last one of a run that was killed may be torn,
// and is then ignored. Tested by checkpoint_file_test.cc and checkpoint/checkpoint_fuzzer.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "reference/encoding/descriptor.h"
#include "reports/checkpoint/checkpoint_lines.h"

namespace gridproof::reports {

class CheckpointFile final : public Checkpoint {
 public:
  // Of the campaign that `command` runs with subjects of this `content`, in the folder of its
  // report. With `resume` what an earlier run of it left is read; InputError if there is none, or
  // one of another campaign, or of subjects that were built anew since. `tell` is told, as a
  // sentence, of each case that an earlier run began and did not end, before it is asked again.
  CheckpointFile(const std::filesystem::path& folder, const std::string& command,
                 const std::string& content, bool resume,
                 std::function<void(const std::string&)> tell = nullptr);

  void begin(std::span<const std::uint64_t> ordinals) override;
  [[nodiscard]] bool was_cut_off(std::uint64_t ordinal) const override;
  void ask_again(std::uint64_t ordinal, const Case& test_case) override;
  [[nodiscard]] const std::vector<Judgment>* find(std::uint64_t ordinal) const override;
  [[nodiscard]] std::chrono::milliseconds spent() const override { return earlier_.spent; }
  void add(std::uint64_t ordinal, const std::vector<Judgment>& judgments) override;
  [[nodiscard]] const std::vector<GradientJudgment>* find_gradients(
      std::uint64_t ordinal) const override;
  void add_gradients(std::uint64_t ordinal,
                     const std::vector<GradientJudgment>& judgments) override;

  // The report is there, and the file not needed any longer.
  void remove();

 private:
  void read(const std::string& command, const std::string& content);
  void write(const std::string& line) const;

  std::filesystem::path file_;
  CheckpointLines earlier_;
  std::function<void(const std::string&)> tell_;
  std::mutex telling_;
  int told_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  Descriptor file_descriptor_;
};

// A number for what is in the files of subjects and in the running program: with another, verdicts
// of before are not worth keeping.
std::string content_of(const std::vector<SubjectEntry>& subjects);

}  // namespace gridproof::reports
