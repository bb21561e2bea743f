// A report for tools that show what analyzers found: report.sarif, in SARIF 2.1.0. A rule for each
// clause that occurs, a result for each finding and each remark; its place is the line of its case
// in the file of cases. It says the same for the same campaign. Tested by render_sarif_test.cc, and
// against the published schema by validate_reports.py.
#pragma once

#include <string>

#include "reports/findings/report.h"

namespace gridproof::reports {

std::string render_sarif(const Report& report, const CaseFile& cases);

}  // namespace gridproof::reports
