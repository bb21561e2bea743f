// A report for tools that show what analyzers found: report.sarif, in SARIF 2.1.0. A rule for each
// clause that occurs, a result for each finding and each remark; its place is the subject's file in
// the repository, where that is known, else the line of its case in the file of cases. It says the
// same for the same campaign. Tested by sarif_test.cc, and against the published schema by
// validate_reports.py.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reports/report/report.h"

namespace gridproof::reports {

// Files of the repository, by their paths from its root, with '/' between folders.
struct RepositoryFiles {
  std::string cases;                           // the file of cases; empty if it lies elsewhere
  std::map<std::string, std::string> sources;  // by subject: the file that its findings are about
};

std::string render_sarif(const FullReport& report, const RepositoryFiles& files = {});

// The same, with the current folder as the root: the report is written into `folder`, and the file
// of a subject is the first word of its spec that is one, such as adapter.py of
// "process:python3 adapter.py".
RepositoryFiles repository_files(const std::vector<SubjectEntry>& subjects,
                                 const std::string& folder);

}  // namespace gridproof::reports
