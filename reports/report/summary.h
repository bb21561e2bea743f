// The summary of a campaign on the terminal. Its last line but one says whether the gate is open
// (outcome_of), its last line the totals (totals_line). Tested by summary_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "reports/report/report.h"
#include "reports/text/table.h"

namespace gridproof::reports {

// `columns`: where a case line is cut. `folder`: where the whole report is; empty if nowhere.
std::string render_summary(const FullReport& report, const std::string& folder,
                           const Painter& painter, std::size_t columns);

// A row for each subject, of the first so many, and one for its gradients, if it was asked for
// them; and a column for each verdict that occurs, and one for clauses that were not tested, where
// there are any.
Table verdict_table(const Report& report, std::size_t most,
                    const std::function<Table::Cell(const std::string&)>& name_cell,
                    const std::function<Table::Cell(Verdict, std::int64_t)>& count_cell);

}  // namespace gridproof::reports
