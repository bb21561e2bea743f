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

  Answer answer(const Case& question) override {
    return told(question, subject_->answer(question));
  }
  std::vector<Answer> answers(std::span<const Case> questions) override {
    std::vector<Answer> all = subject_->answers(questions);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = told(questions[i], std::move(all[i]));
    return all;
  }
  [[nodiscard]] Dialect dialect() const override { return subject_->dialect(); }

 private:
  Answer told(const Case& question, Answer answer) {
    const auto* const unsupported = std::get_if<Unsupported>(&answer);
    if (unsupported == nullptr || !kind_index(question) ||
        !std::holds_alternative<Tensor>(subject_->answer(with_ordinary_values(question)))) {
      return answer;
    }
    const std::vector<std::string> clauses = judge_.main_clauses(question);
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
