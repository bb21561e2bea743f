#include "reports/cli/arguments.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/report_files.h"
#include "reports/cli/write_files.h"
#include "reports/evidence/evidence.h"
#include "reports/render/read_report.h"
#include "reports/report/report.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::vector<std::string> shards;  // report.json of each
  std::optional<std::string> out;   // the folder of the report
  std::optional<std::string> baseline;
};

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("reports", arguments.shards, "The report.json of each shard")
      ->type_name("FILE...")
      ->required();
  app.add_option("--out", arguments.out, "The folder for the report [gridproof-report]")
      ->type_name("DIR");
  add_baseline(app, arguments.baseline);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  std::vector<Report> shards;
  for (const std::string& file : arguments.shards) shards.push_back(read_report(file));
  Report report = merge(shards);
  report.day = today(program.variable);
  if (arguments.baseline) mark_known(report, read_report(*arguments.baseline));
  const std::string folder = arguments.out.value_or("gridproof-report");
  prepare_folder(folder, report_file_names());
  return write_reports(with_evidence(std::move(report)), folder, program);
}

}  // namespace

namespace commands {
extern const Command merge = {.name = "merge",
                              .group = Group::judge,
                              .summary = "Merge the reports of all shards into one",
                              .example = "gridproof merge shard-*/report.json --out out",
                              .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
