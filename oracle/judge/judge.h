// The judge: says of every sample of an answer whether a correct implementation of the declared
// profile could have given it. Derivations: judging.md; tests: judge_test.cc, controls_test.cc.
// Namespaces: gridproof for what is installed (this, profile.h, verdict.h) and for tests that use
// nothing else; gridproof::judging for the rest of the folder.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "oracle/judge/verdict.h"
#include "reference/contract/subject.h"

namespace gridproof {

// The answers that are admissible for one element of the output, as a person reads them.
struct Admissible {
  // The ends of the closed intervals of numbers, each end a value of the output's dtype; a discrete
  // value is an interval whose ends are equal. Sorted and disjoint. In `nearest` a zero stands here
  // with its sign, and the other sign is latitude; in the other modes +0 stands for both.
  std::vector<std::pair<double, double>> intervals;
  // What is admitted beside them under an open clause: "nan", "inf", "-inf" with the clause's name.
  std::vector<std::pair<double, std::string>> latitude;
  std::string silent;      // or anything else that this clause would exclude: the dialect is silent
  bool undecided = false;  // the set is so wide that being inside says nothing
  std::string clause;      // the clause that decides this sample
};
std::string to_string(const Admissible& admissible, Dtype dtype);

class Judge {
 public:
  static constexpr std::size_t max_notable = 4096;

  explicit Judge(Profile profile = {}, Dialect dialect = Dialect::pytorch)
      : profile_(profile), dialect_(dialect) {}
  [[nodiscard]] const Profile& profile() const { return profile_; }

  [[nodiscard]] Dialect dialect() const { return dialect_; }

  // A judge that leaves a case once so many of its samples deviate: the counts are of those before.
  // For a campaign, which has seen enough of it then.
  [[nodiscard]] Judge leaving_after(std::int64_t deviating) const {
    Judge judge = *this;
    judge.max_deviating_ = deviating;
    return judge;
  }

  // Judges `answer` to `question`. `reference`, when given, is the reference's answer to the same
  // question: samples with its bits need no further look (and P0 needs it).
  [[nodiscard]] Judgment judge(const Case& test_case, const Answer& answer,
                               const Answer* reference = nullptr) const;

  // For each sample of a question with an answer, the clause that it is mainly a question about;
  // for one that is to be refused, the clause that says so, once.
  [[nodiscard]] std::vector<std::string> main_clauses(const Case& test_case) const;

  // The admissible set of one element. `sample` counts output locations in row-major order,
  // batch included.
  [[nodiscard]] Admissible admissible(const Case& test_case, std::int64_t sample,
                                      std::int64_t channel) const;

 private:
  Profile profile_;
  Dialect dialect_;
  std::int64_t max_deviating_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace gridproof
