#include <fmt/core.h>

#include <chrono>
#include <fstream>
#include <utility>

#include "reference/semantics/grid_sample.h"
#include "reports/checkpoint/checkpoint_file.h"
#include "reports/cli/arguments.h"
#include "reports/cli/commands.h"
#include "reports/cli/registry.h"
#include "reports/cli/write_files.h"
#include "reports/evidence/evidence.h"
#include "reports/render/badge.h"
#include "reports/render/github.h"
#include "reports/render/json.h"
#include "reports/render/junit.h"
#include "reports/render/markdown.h"
#include "reports/render/read_report.h"
#include "reports/render/sarif.h"
#include "reports/report/report.h"
#include "reports/report/summary.h"
#include "reports/report/waivers.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<SubjectEntry> chosen_subjects(const std::vector<std::string>& names,
                                          const ForeignOptions& foreign, const Context& program) {
  if (!names.empty()) return select(program.roster, names, foreign);
  std::vector<SubjectEntry> torches;
  for (const SubjectEntry& entry : program.roster) {
    if (is_torch(entry.name)) torches.push_back(entry);
  }
  if (torches.empty()) {
    throw InputError(
        "no LibTorch is built beside this program: expected --subject NAME "
        "('gridproof subjects' lists the names)");
  }
  return torches;
}

// The command that makes the same report, wherever and with however many threads.
std::string command_of(const CheckArguments& arguments, const std::vector<SubjectEntry>& subjects) {
  std::string command = "gridproof check";
  for (const SubjectEntry& subject : subjects) command += " --subject " + spec_of(subject);
  if (arguments.waivers) command += " --waivers " + shell_quoted(*arguments.waivers);
  return command + arguments_of(arguments.options, arguments.foreign);
}

std::string folder_of(const CheckArguments& arguments) {
  if (arguments.report) return *arguments.report;
  const Shard& shard = arguments.options.shard;
  // Shards that run side by side must not write over each other.
  return shard.count == 1 ? "gridproof-report"
                          : fmt::format("gridproof-report-{}-of-{}", shard.index + 1, shard.count);
}

CampaignResult run_with_progress(CampaignOptions options, std::vector<SubjectEntry> subjects,
                                 const Context& program) {
  for (SubjectEntry& subject : subjects) {
    subject.open = [entry = subject] { return open_subject(entry); };
  }
  const Clock::time_point start = Clock::now();
  Progress progress(program.progress ? &program.err : nullptr, options.budget,
                    [start] { return Progress::Seconds(Clock::now() - start); });
  options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
  return run_campaign(options, subjects, reference_subject());
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
    throw InputError(fmt::format("'{}' is in the way: it is no checkpoint of gridproof check",
                                 printable(file.string(), 200)));
  }
}

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

std::string arguments_of(const CampaignOptions& options, const ForeignOptions& foreign) {
  std::string command;
  if (options.profile != Profile{}) {
    command += " --profile " + shell_quoted(to_string(options.profile));
  }
  if (options.dialect) command += fmt::format(" --dialect {}", name(*options.dialect));
  command += fmt::format(" --seed {}", options.seed);
  if (options.max_cases) command += fmt::format(" --cases {}", *options.max_cases);
  if (options.max_samples) command += fmt::format(" --samples {}", *options.max_samples);
  if (options.budget) command += fmt::format(" --budget {}ms", options.budget->count());
  if (options.strict) command += " --strict";
  if (options.max_lost != CampaignOptions{}.max_lost) {
    command += fmt::format(" --most-lost {}", options.max_lost);
  }
  if (!options.shortcut) command += " --no-shortcut";
  if (foreign.per_case) command += fmt::format(" --timeout {}ms", foreign.per_case->count());
  if (options.shard.count > 1) {
    command += fmt::format(" --shard {}/{}", options.shard.index + 1, options.shard.count);
  }
  return command;
}

// The files of a report, in the order of `conclude`.
std::vector<std::string> report_file_names() {
  return {"report.md",
          "report.json",
          std::string(schema_file_name),
          std::string(case_file_name),
          "junit.xml",
          "report.sarif",
          "badge.json",
          "badge.svg"};
}

int write_reports(const FullReport& report, const std::string& folder, const Context& program) {
  const std::string page = render_markdown(report);
  const std::string data = render_json(report);
  const std::string tests = render_junit(report);
  const std::string results = render_sarif(report, repository_files(report.subjects, folder));
  const std::string badge = render_badge_json(report);
  const std::string picture = render_badge_svg(report);
  write_files(folder, {{"report.md", page},
                       {"report.json", data},
                       {std::string(schema_file_name), report_schema()},
                       {std::string(case_file_name), report.cases},
                       {"junit.xml", tests},
                       {"report.sarif", results},
                       {"badge.json", badge},
                       {"badge.svg", picture}});
  annotate_github(report, program);
  program.out << render_summary(report, folder, program.painter, program.columns);
  return passes(report) ? conforms : findings;
}

int merge_command(const MergeArguments& arguments, const Context& program) {
  std::vector<Report> shards;
  for (const std::string& file : arguments.shards) shards.push_back(read_report(file));
  Report report = merge(shards);
  report.day = today(program.variable);
  if (arguments.baseline) mark_known(report, read_report(*arguments.baseline));
  const std::string folder = arguments.report.value_or("gridproof-report");
  prepare_folder(folder, report_file_names());
  return write_reports(with_evidence(std::move(report)), folder, program);
}

// What is wrong with the subjects now, as a file of waivers that somebody has to give reasons for.
int waive_command(const WaiveArguments& arguments, const Context& program) {
  CampaignOptions options = arguments.options;
  options.counters = {count_traits};
  const std::vector<SubjectEntry> subjects =
      chosen_subjects(arguments.subjects, arguments.foreign, program);
  const CampaignResult result = run_with_progress(options, subjects, program);
  // Long enough to mend it, short enough not to be forgotten.
  const std::string expires = today(program.variable, std::chrono::days(90));
  const std::vector<Waiver> waivers = propose_waivers(result, expires);
  program.out << "# What was wrong on " << today(program.variable)
              << ". Each waiver needs a reason.\n";
  for (const Waiver& waiver : waivers) program.out << '\n' << to_toml(waiver);
  const Report report{.options = options, .subjects = subjects, .result = result};
  for (const std::string& sentence : gaps(report))
    program.out << "\n# Beware: " << sentence << '\n';
  program.out << fmt::format("\n# {} for {} in {}\n", counted(std::ssize(waivers), "waiver"),
                             counted(std::ssize(result.findings), "finding"),
                             counted(asked_of(report), "sample"));
  return conforms;
}

int check_command(const CheckArguments& arguments, const Context& program) {
  std::optional<Report> baseline;  // read first: a long run should not end in a surprise
  if (arguments.baseline) baseline = read_report(*arguments.baseline);
  Report report{.version = GRIDPROOF_VERSION,
                .options = arguments.options,
                .subjects = chosen_subjects(arguments.subjects, arguments.foreign, program)};
  if (arguments.waivers) report.options.waivers = read_waivers(*arguments.waivers, report.subjects);
  const std::string folder = folder_of(arguments);
  prepare_folder(folder, report_file_names());
  require_own_checkpoint(folder);
  report.command = command_of(arguments, report.subjects);
  report.day = today(program.variable);
  CheckpointFile checkpoint(folder, report.command, content_of(report.subjects), arguments.resume,
                            [&program](const std::string& sentence) {
                              program.err << "gridproof: " << sentence
                                          << std::endl;  // it may be the last
                            });
  report.options.log = &checkpoint;
  report.result = run_with_progress(report.options, report.subjects, program);
  if (baseline) mark_known(report, *baseline);
  const int code = write_reports(with_evidence(std::move(report)), folder, program);
  checkpoint.remove();
  return code;
}

}  // namespace gridproof::reports
