// A large answer, judged part by part: on several cores, and in the memory that parts need. What is
// said of a sample does not depend on the samples beside it, so the counts are those of
// Judge::judge. Tested by parts_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"

namespace gridproof {

struct PartsOptions {
  // The reference's answer to a question, in its bits, for samples that have them (and P0).
  std::function<Answer(const Case&)> reference;
  int threads = 1;
  // Called now and then by the thread that judges, with the number of samples before those that it
  // has judged just now, and with the number of all at the end. What it throws ends the judging.
  std::function<void(std::int64_t)> progress;
};

// The samples that have one verdict by one clause, of those that are neither same-bits nor
// admissible.
struct Group {
  Verdict verdict = Verdict::admissible;
  std::string clause;
  std::int64_t samples = 0;
  SampleVerdict worst;  // the one whose answer is furthest from the reference's; the first of such
  double distance = 0;  // by so much; infinite where one of the two is not a number
};

struct JudgmentOfParts {
  std::array<std::int64_t, verdict_count> counts{};  // as in Judgment
  std::vector<Group> groups;                         // the worst verdict first, the largest first
  bool whole = false;                                // as in Judgment
  std::string message;                               // as in Judgment
};

JudgmentOfParts judge_in_parts(const Judge& judge, const Case& test_case, const Answer& answer,
                               const PartsOptions& options);

// The parts of a question: output locations that follow each other in row-major order, at most so
// many that the judge lists each of them.
struct Part {
  Shape begin;             // along the axes of the output without its channels
  Shape end;               // likewise, past the last
  std::int64_t first = 0;  // sample
};
std::vector<Part> parts_of(const Shape& grid);

}  // namespace gridproof
