// The summary of a campaign on the terminal. Its last line is always
// "S samples judged, F findings, U undecided". Tested by render_summary_test.cc.
#pragma once

#include <cstddef>
#include <string>

#include "reports/findings/report.h"
#include "reports/findings/terminal.h"

namespace gridproof::reports {

// `columns`: where a case line is cut. `folder`: where the whole report is; empty if nowhere.
std::string render_summary(const Report& report, const CaseFile& cases, const std::string& folder,
                           const Painter& painter, std::size_t columns);

}  // namespace gridproof::reports
