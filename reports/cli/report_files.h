// The files of a report, in a folder: what check and merge end with. Tested by program_test.cc.
#pragma once

#include <string>
#include <vector>

#include "reports/cli/command.h"
#include "reports/evidence/evidence.h"

namespace gridproof::reports {

// In the order in which they are written.
std::vector<std::string> report_file_names();

// Writes the files of a report into a folder, and a summary to the output. The exit code says
// whether the report passes.
ExitCode write_reports(const FullReport& report, const std::string& folder, const Context& program);

}  // namespace gridproof::reports
