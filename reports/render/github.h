// A report for GitHub Actions: annotations, which are lines on the standard output, and the summary
// of a step, which is Markdown. Both say the same for the same campaign. Tested by
// github_test.cc.
#pragma once

#include <string>

#include "reports/report/report.h"

namespace gridproof::reports {

// A line `::error …` for each finding, at most ten (GitHub shows no more of a step), and then one
// that says how many more there are. Empty without findings.
std::string render_annotations(const FullReport& report);

// The table of verdicts and one line for each finding, at most 60 KB (GitHub drops a summary that
// is too long).
std::string render_step_summary(const FullReport& report);

}  // namespace gridproof::reports
