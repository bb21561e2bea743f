// A report for the test tabs of CI services: junit.xml, as the schema of Jenkins' xUnit plug-in has
// it (validate_reports.py). A suite for each subject; in it a test for each finding, and one for
// each other clause that the campaign touched. But for the attribute `time` it says the same for
// the same campaign. Tested by junit_test.cc.
#pragma once

#include <string>

#include "reports/report/report.h"

namespace gridproof::reports {

std::string render_junit(const FullReport& report);

}  // namespace gridproof::reports
