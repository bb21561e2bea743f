// A report as a page for people: report.md. It says the same for the same campaign: neither time
// nor machine nor number of threads is in it. Tested by markdown_test.cc.
#pragma once

#include <string>

#include "reports/report/report.h"

namespace gridproof::reports {

std::string render_markdown(const FullReport& report);

}  // namespace gridproof::reports
