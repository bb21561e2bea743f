#include "fuzz/campaign/refusals.h"

#include <string>
#include <utility>
#include <variant>

#include "fuzz/campaign/participation.h"
#include "fuzz/domain/part.h"

namespace gridproof {
namespace {

class RefusingByValues final : public Subject {
 public:
  RefusingByValues(std::unique_ptr<Subject> subject, const Judge& judge)
      : subject_(std::move(subject)), judge_(judge) {}

  Answer answer(const Case& test_case) override {
    return told(test_case, subject_->answer(test_case));
  }
  std::vector<Answer> answers(std::span<const Case> test_cases) override {
    std::vector<Answer> all = subject_->answers(test_cases);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = told(test_cases[i], std::move(all[i]));
    return all;
  }
  BackwardAnswer backward(const BackwardCase& test_case) override {
    return subject_->backward(test_case);
  }
  [[nodiscard]] SubjectInfo info() const override { return subject_->info(); }

 private:
  Answer told(const Case& test_case, Answer answer) {
    const auto* const unsupported = std::get_if<Unsupported>(&answer);
    if (unsupported == nullptr || !kind_index(test_case) ||
        !std::holds_alternative<Tensor>(subject_->answer(with_ordinary_values(test_case)))) {
      return answer;
    }
    const std::vector<std::string> clauses = judge_.main_clauses(test_case);
    return Refusal{clauses.empty() ? std::string() : clauses.front(),
                   "declines this for its values (" + unsupported->what +
                       "): the same question with other numbers is answered"};
  }

  std::unique_ptr<Subject> subject_;
  Judge judge_;
};

}  // namespace

std::unique_ptr<Subject> refusing_by_values(std::unique_ptr<Subject> subject, const Judge& judge) {
  return std::make_unique<RefusingByValues>(std::move(subject), judge);
}

}  // namespace gridproof
