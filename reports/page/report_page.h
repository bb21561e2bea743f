// A report as one page, report.html: the words of report.md, each finding folded, with a picture of
// its case, copy buttons, a link to its question and a filter. Tested by report_page_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "reports/report/report.h"

namespace gridproof::reports {

// `markdown`: the same report as report.md, whose sections "### …" are the findings of `report`,
// in their order, and then its remarks.
std::string report_page(const FullReport& report, std::string_view markdown);

}  // namespace gridproof::reports
