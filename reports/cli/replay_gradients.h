// The replay of one case about gradients: what each subject gives, and what the judge says of it.
// Tested by program_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "oracle/exact/gradients.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/contract/subject.h"
#include "reports/text/table.h"

namespace gridproof::reports {

struct OpenSubject {
  std::string name;
  std::unique_ptr<Subject> subject;
};

inline constexpr std::size_t max_shown = 8;  // numbers of an answer

Table::Cell verdict_cell(Verdict verdict, const std::string& clause, bool strict);

class GradientReplay {
 public:
  // `dialect` is that of all subjects; left out, each has its own.
  GradientReplay(const BackwardCase& test_case, const std::vector<OpenSubject>& subjects,
                 const Profile& profile, std::optional<Dialect> dialect, bool strict,
                 const Painter& painter);

  // The worst verdict on what a subject gave.
  [[nodiscard]] Verdict worst(std::size_t subject) const {
    return replies_[subject].judgment.worst();
  }
  [[nodiscard]] std::string text() const;

 private:
  struct Reply {
    GradientJudge judge;
    BackwardAnswer answer;
    GradientJudgment judgment;
  };

  [[nodiscard]] std::string gradient_text(Gradient gradient) const;
  [[nodiscard]] std::vector<std::int64_t> places(Gradient gradient, std::int64_t elements) const;
  [[nodiscard]] std::string counts(Gradient gradient) const;
  [[nodiscard]] std::string element_text(Gradient gradient, std::int64_t element) const;
  [[nodiscard]] std::string whole_answers() const;
  [[nodiscard]] Table::Cell whole_verdict(const Reply& reply) const;

  const BackwardCase& case_;
  const std::vector<OpenSubject>& subjects_;
  bool strict_;
  Painter painter_;
  BackwardAnswer expected_;
  std::vector<Reply> replies_;
};

}  // namespace gridproof::reports
