#include "reports/render/matrix.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "fuzz/campaign/refusals.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/arguments.h"
#include "reports/cli/campaigns.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/cli/write_files.h"
#include "reports/evidence/evidence.h"
#include "reports/render/answers.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  CampaignArguments campaign;      // the budget is of each subject
  std::optional<std::string> out;  // the folder of the report
};

// Those that were named, or every LibTorch and every installed peer.
std::vector<SubjectEntry> subjects_of_matrix(const CampaignArguments& arguments,
                                             const Context& program) {
  if (!arguments.subjects.empty())
    return select(program.roster, arguments.subjects, arguments.foreign);
  std::vector<SubjectEntry> chosen;
  for (const SubjectEntry& entry : program.roster) {
    if (is_torch(entry.name)) chosen.push_back(entry);
  }
  for (const std::string& peer : installed_peers()) {
    chosen.push_back(select(program.roster, {"peer:" + peer}, arguments.foreign).front());
  }
  if (chosen.empty()) {
    throw InputError(
        "no LibTorch is built and no peer is installed: expected --subject NAME, or "
        "'gridproof peers install --light' first");
  }
  return chosen;
}

std::string command_of(const CampaignArguments& arguments) {
  std::string command = "gridproof matrix";
  for (const std::string& name : arguments.subjects) command += " --subject " + shell_quoted(name);
  return command + direction_text(arguments.options) + text_of(arguments);
}

// Puts the clauses' own cases to one subject.
std::vector<CaseAnswer> answers_of(const SubjectEntry& entry, const Profile& profile) {
  std::unique_ptr<Subject> subject = entry.open();
  const Judge judge(profile, subject->info().dialect);
  subject = refusing_by_values(std::move(subject), judge);
  std::vector<CaseAnswer> answers;
  for (const ClauseQuestion& question : clause_questions().list) {
    const Case test_case = parse_case(question.test_case->line);
    const Answer expected = grid_sample(test_case);
    const Answer answer = subject->answer(test_case);
    answers.push_back({.verdict = judge.judge(test_case, answer, &expected).worst(),
                       .text = answer_text(answer)});
  }
  return answers;
}

// Puts the clauses' cases and the campaign to one subject. What it says of itself is noted when it
// first starts.
MatrixRow row_of(SubjectEntry entry, const Matrix& matrix) {
  MatrixRow row{.subject = entry.name, .name = entry.description};
  Report report{.version = matrix.version,
                .command = matrix.command,
                .options = matrix.options,
                .day = matrix.day};
  std::mutex mutex;
  entry.open = [open = entry.open, &row, &mutex] {
    std::unique_ptr<Subject> subject = open();
    const std::scoped_lock lock(mutex);
    const SubjectInfo info = subject->info();
    row.dialect = info.dialect;
    row.issues = info.issues;
    if (!info.name.empty()) row.name = info.name + ' ' + info.version;
    return subject;
  };
  Clock::time_point start = Clock::now();
  try {
    row.answers = answers_of(entry, matrix.options.profile);
    start = Clock::now();
    report.result = run_campaign(matrix.options, {entry}, reference_subject());
  } catch (const std::runtime_error& error) {
    row.obstacle = printable(error.what(), 1000);
  }
  row.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  report.subjects = {{.name = row.subject, .description = row.name, .spec = entry.spec}};
  report.result.remarks.clear();
  const std::string cases = render_matrix_cases(matrix);
  row.report =
      with_evidence(std::move(report), static_cast<std::size_t>(std::ranges::count(cases, '\n')));
  return row;
}

void options(CLI::App& app, Arguments& arguments) {
  add_campaign(
      app, arguments.campaign,
      "A subject to judge [every LibTorch that is built and every peer that is installed]");
  add_direction(app, arguments.campaign.options);
  app.add_option("--out", arguments.out, "The folder for the report [gridproof-matrix]")
      ->type_name("DIR");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  Matrix matrix{.version = GRIDPROOF_VERSION,
                .command = command_of(arguments.campaign),
                .day = today(program.variable),
                .options = arguments.campaign.options};
  matrix.options.counters = {count_admissible};
  if (!matrix.options.max_samples && !matrix.options.budget) matrix.options.max_samples = 1'000'000;
  const std::string folder = arguments.out.value_or("gridproof-matrix");
  prepare_folder(folder, {"matrix.md", "matrix.json", "matrix.html", "answers.json"});
  for (const SubjectEntry& entry : subjects_of_matrix(arguments.campaign, program)) {
    MatrixRow row = row_of(entry, matrix);
    program.out << fmt::format(
        "{:<24} {:>6.0f} s  {}\n", printable(row.subject), row.seconds,
        row.obstacle.empty()
            ? counted(static_cast<std::int64_t>(row.report.result.findings.size()), "finding")
            : "does not start: " + printable(row.obstacle, 120));
    program.out.flush();
    matrix.rows.push_back(std::move(row));
    // After each, so that a long run that is cut off has something to show.
    write_files(folder, {{"matrix.md", render_matrix_markdown(matrix)},
                         {"matrix.json", render_matrix_json(matrix)},
                         {"matrix.html", render_matrix_page(matrix)},
                         {"answers.json", render_matrix_answers(matrix)},
                         {std::string(case_file_name), render_matrix_cases(matrix)}});
  }
  if (program.peers && findings_of(matrix) != 0) {
    program.out.flush();
    if (program.peers({"scripts", folder + "/matrix.json"}) != ExitCode::ok) {
      return ExitCode::usage_error;
    };
  }
  for (const std::string& sentence : gaps_of(matrix)) program.out << sentence << '\n';
  program.out << "report: " << printable(folder, folder.size()) << "/matrix.md\n"
              << outcome_of(matrix) << '\n'
              << total_line(matrix) << '\n';
  return findings_of(matrix) == 0 && gaps_of(matrix).empty() ? ExitCode::ok : ExitCode::findings;
}

}  // namespace

namespace commands {
extern const Command matrix = {
    .name = "matrix",
    .group = Group::judge,
    .summary =
        "Judge many subjects on the same cases, 1e6 samples each, in one table of all clauses",
    .example = "gridproof matrix --budget 60s --out out",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
