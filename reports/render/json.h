// A report as data: report.json, and the JSON Schema (draft-07) that it obeys. Two runs of the
// same campaign give the same bytes. Tested by json_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "reports/report/report.h"

namespace gridproof::reports {

inline constexpr std::string_view schema_file_name = "report.schema.json";

std::string render_json(const FullReport& report);

// The text of report.schema.json, which is written beside the report.
std::string_view report_schema();

}  // namespace gridproof::reports
