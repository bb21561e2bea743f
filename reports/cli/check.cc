#include <fmt/core.h>

#include <filesystem>
#include <fstream>

#include "reports/checkpoint/checkpoint_file.h"
#include "reports/cli/campaigns.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/report_files.h"
#include "reports/cli/write_files.h"
#include "reports/evidence/evidence.h"
#include "reports/render/read_report.h"
#include "reports/report/report.h"
#include "reports/report/waivers.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  CampaignArguments campaign;
  std::optional<Shard> shard;           // else what the environment says
  std::optional<std::string> out;       // the folder of the report
  std::optional<std::string> baseline;  // a report.json whose findings do not fail again
  std::optional<std::string> waivers;   // a file of them
  bool resume = false;                  // go on where a run of the same campaign was cut off
};

// The command that makes the same report, wherever and with however many threads.
std::string command_of(const CampaignArguments& campaign, const std::vector<SubjectEntry>& subjects,
                       const std::optional<std::string>& waivers) {
  std::string command = "gridproof check";
  for (const SubjectEntry& subject : subjects) command += " --subject " + spec_of(subject);
  if (waivers) command += " --waivers " + shell_quoted(*waivers);
  return command + direction_text(campaign.options) + text_of(campaign);
}

// Shards that run side by side must not write over each other.
std::string usual_folder(const Shard& shard) {
  return shard.count == 1 ? "gridproof-report"
                          : fmt::format("gridproof-report-{}-of-{}", shard.index + 1, shard.count);
}

// A run that was cut off leaves its checkpoint, which the next one replaces. Throws InputError
// where something else has its name.
void require_own_checkpoint(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "checkpoint.jsonl";
  std::error_code ignored;
  const auto type = std::filesystem::symlink_status(file, ignored).type();
  if (type == std::filesystem::file_type::not_found) return;
  std::string line;
  if (type == std::filesystem::file_type::regular) {
    std::ifstream stream(file, std::ios::binary);
    char start[4096] = {};
    stream.getline(start, sizeof start);
    line = start;
  }
  // Of the first line perhaps only a part was written, or nothing.
  const bool is_ours = type == std::filesystem::file_type::regular &&
                       std::string_view(line).substr(0, 12) ==
                           std::string_view(R"({"command":")").substr(0, line.size());
  if (!is_ours) {
    throw InputError(fmt::format("'{}' is in the way: it is not a checkpoint of gridproof check",
                                 printable(file.string(), 200)));
  }
}

// How strict, which part, and where the report goes.
void options(CLI::App& app, Arguments& arguments) {
  CampaignOptions& options = arguments.campaign.options;
  add_campaign(app, arguments.campaign, "A subject to judge [every LibTorch that is built]");
  add_direction(app, options);
  add_dialect(app, options.dialect);
  add_parsed(app, "--max-cases", options.max_cases, parse_count, "N", "Stop after N cases");
  add_strict(app, options.strict);
  app.add_flag("--no-shortcut{false}", options.shortcut,
               "Judge every sample, even those bit-identical to the reference");
  add_parsed(app, "--max-lost", options.max_lost, parse_count, "N",
             "End the campaign once a subject is lost in N cases [50]");
  add_parsed(app, "--shard", arguments.shard, parse_shard, "i/n",
             "Run part i of n, such as 2/3; TEST_TOTAL_SHARDS and GTEST_TOTAL_SHARDS work, too");
  app.add_option("--out", arguments.out, "The folder for the report [gridproof-report]")
      ->type_name("DIR");
  app.add_flag("--validate", arguments.campaign.foreign.validate,
               "Validate every message of a subject against the protocol's JSON Schema");
  app.add_flag("--resume", arguments.resume,
               "Continue an interrupted run of the same campaign in this folder");
  add_baseline(app, arguments.baseline);
  app.add_option("--waivers", arguments.waivers,
                 "A TOML file of known failures ('gridproof propose-waivers' writes one)")
      ->type_name("FILE");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  CampaignArguments campaign = arguments.campaign;
  if (const auto shard =
          arguments.shard ? arguments.shard : shard_of_environment(program.variable)) {
    campaign.options.shard = *shard;
  }
  std::optional<Report> baseline;  // read first: a long run should not end in a surprise
  if (arguments.baseline) baseline = read_report(*arguments.baseline);
  Report report{.version = GRIDPROOF_VERSION,
                .options = campaign.options,
                .subjects = chosen_subjects(campaign, program)};
  if (arguments.waivers) report.options.waivers = read_waivers(*arguments.waivers, report.subjects);
  const std::string folder = arguments.out.value_or(usual_folder(campaign.options.shard));
  prepare_folder(folder, report_file_names());
  require_own_checkpoint(folder);
  report.command = command_of(campaign, report.subjects, arguments.waivers);
  report.day = today(program.variable);
  CheckpointFile checkpoint(folder, report.command, content_of(report.subjects), arguments.resume,
                            [&program](const std::string& sentence) {
                              program.err << "gridproof: " << sentence
                                          << std::endl;  // it may be the last
                            });
  report.options.log = &checkpoint;
  report.result = run_with_progress(report.options, report.subjects, program);
  if (baseline) mark_known(report, *baseline);
  const ExitCode code = write_reports(with_evidence(std::move(report)), folder, program);
  checkpoint.remove();
  return code;
}

}  // namespace

namespace commands {
extern const Command check = {
    .name = "check",
    .group = Group::judge,
    .summary = "Judge values and gradients of subjects and write a report",
    .example = "gridproof check --subject torch-2.15.0 --max-samples 1e6 --out out",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
