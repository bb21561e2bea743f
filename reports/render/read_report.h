// report.json read again: what render_json wrote, so that reports can be merged and compared with
// older ones. The day and the time it took are not in it. Tested by read_report_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/report/report.h"

namespace gridproof::reports {

// The report of a text that render_json made; rendered, it is that text again. (What a subject said
// that was no valid UTF-8 has been replaced there.) Throws InputError, which names `where`.
Report parse_report(std::string_view text, const std::string& where);

// The report of a file. Throws InputError.
Report read_report(const std::string& file);

// The report that the campaign in one piece gives, from those of all its shards, in any order.
// Throws InputError when they are not the shards of one campaign.
Report merge(const std::vector<Report>& shards);

// Marks as known each finding that `baseline` has for the same subject, clause, verdict and cause.
void mark_known(Report& report, const Report& baseline);

}  // namespace gridproof::reports
