#include "reports/cli/report_files.h"

#include <fstream>

#include "reports/cli/write_files.h"
#include "reports/page/report_page.h"
#include "reports/render/badge.h"
#include "reports/render/github.h"
#include "reports/render/json.h"
#include "reports/render/junit.h"
#include "reports/render/markdown.h"
#include "reports/render/sarif.h"
#include "reports/report/summary.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// A job of GitHub Actions shows findings where people look first. What cannot be shown there is in
// the report all the same, and changes no exit code.
void annotate_github(const FullReport& report, const Context& program) {
  if (program.variable("GITHUB_ACTIONS") != "true") return;
  program.out << render_annotations(report);
  const std::string path = program.variable("GITHUB_STEP_SUMMARY").value_or("");
  if (path.empty()) return;
  std::ofstream summary(path, std::ios::binary | std::ios::app);
  if (!(summary << render_step_summary(report)).flush()) {
    program.err << "gridproof: cannot append to GITHUB_STEP_SUMMARY, '" << printable(path, 200)
                << "'\n";
  }
}

}  // namespace

std::vector<std::string> report_file_names() {
  return {"report.md",
          "report.html",
          "report.json",
          std::string(schema_file_name),
          std::string(case_file_name),
          "junit.xml",
          "report.sarif",
          "badge.json",
          "badge.svg"};
}

ExitCode write_reports(const FullReport& report, const std::string& folder,
                       const Context& program) {
  const std::string text = render_markdown(report);
  const std::string page = report_page(report, text);
  const std::string data = render_json(report);
  const std::string tests = render_junit(report);
  const std::string results = render_sarif(report, repository_files(report.subjects, folder));
  const std::string badge = render_badge_json(report);
  const std::string picture = render_badge_svg(report);
  write_files(folder, {{"report.md", text},
                       {"report.html", page},
                       {"report.json", data},
                       {std::string(schema_file_name), report_schema()},
                       {std::string(case_file_name), report.cases},
                       {"junit.xml", tests},
                       {"report.sarif", results},
                       {"badge.json", badge},
                       {"badge.svg", picture}});
  annotate_github(report, program);
  program.out << render_summary(report, folder, program.painter, program.columns);
  return passes(report) ? ExitCode::ok : ExitCode::findings;
}

}  // namespace gridproof::reports
