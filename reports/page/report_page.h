// A report as one page, report.html: the words of report.md, each finding folded, with a picture of
// its case and a heat map of its errors, copy buttons and a filter. Tested by report_page_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "reports/report/report.h"

namespace gridproof::reports {

// A page that needs no other file, NAME.html: `body` is its HTML.
std::string single_file(std::string_view name, const std::string& title, const std::string& body);

// `markdown`: the same report as report.md, whose sections "### …" are the findings of `report`,
// in their order, and then its remarks.
std::string report_page(const FullReport& report, std::string_view markdown);

}  // namespace gridproof::reports
