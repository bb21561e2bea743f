// A report in three words, for a README: badge.json, an endpoint of shields.io, and badge.svg, the
// same as a picture. Tested by badge_test.cc.
#pragma once

#include <string>

#include "reports/report/report.h"

namespace gridproof::reports {

std::string render_badge_json(const Report& report);
std::string render_badge_svg(const Report& report);

}  // namespace gridproof::reports
