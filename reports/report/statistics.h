// What the samples of a report show together, and what they cannot show: errors that lean to one
// side, and how rare an error may be to be missed. Tested by statistics_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/campaign/bias.h"
#include "reports/report/report.h"

namespace gridproof::reports {

struct SubjectBias {
  std::string subject;
  Bias bias;
};
// In the order of the subjects. They are quality warnings, which fail only when judging strictly.
std::vector<SubjectBias> biases_of(const Report& report);
// How many of them fail.
std::int64_t failing_biases_of(const Report& report);

// "in bilinear 4-D f32 the results lie on average 0.31 units in the last place above the exact
// value (5,012 elements of 1,083 cases); a correct implementation shows such a bias in a whole run
// with a probability below 1e-9"
std::string sentence_of(const Bias& bias);

// What so many decided samples show of an error that strikes each sample with the same probability,
// one independently of the other: "an error in one of 10,000,000 samples would have been missed
// with a probability of 37 %, one in 3,333,334 with 5 %".
std::string exclusion_of(std::int64_t decided);

// One line for each subject in a terminal, indented.
std::string exclusion_lines(const Report& report);
// The same as Markdown, with each mode by itself.
std::string exclusion_table(const Report& report);

}  // namespace gridproof::reports
