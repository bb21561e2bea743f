#include <fmt/core.h>
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/gradients/campaign.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "reports/cli/campaigns.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/cli/write_files.h"
#include "reports/report/report.h"
#include "reports/text/parse.h"
#include "reports/text/terminal.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  CampaignArguments campaign;  // only which subjects, and how they are spoken to
  GradientCampaignOptions options;
  bool one_sided = false;
  std::optional<std::string> out;
};

constexpr const char* file_name = "gradients.json";

using Json = nlohmann::ordered_json;

// Of each gradient, how many numbers got which verdict.
Table table_of(const GradientResult& result) {
  Table table(
      {{"verdict"}, {"grad_input", Table::Align::right}, {"grad_grid", Table::Align::right}});
  for (const auto& [verdict, word] : names<Verdict>) {
    const auto count = [&, at = static_cast<std::size_t>(verdict)](Gradient gradient) {
      return result.counts[static_cast<std::size_t>(gradient)][at];
    };
    // Without gradients it is no number that has the verdict, but the case.
    if (verdict == Verdict::unsupported || count(Gradient::input) + count(Gradient::grid) == 0) {
      continue;
    }
    table.add({{std::string(word), is_finding(verdict, false) ? Paint::red : Paint::none},
               grouped(count(Gradient::input)),
               grouped(count(Gradient::grid))});
  }
  return table;
}

std::string undecided_of(const GradientResult& result) {
  std::string text;
  for (const auto& [stratum, word] : names<GradientStratum>) {
    const auto at = static_cast<std::size_t>(stratum);
    if (result.undecided[at] == 0) continue;
    text += fmt::format("{}{} {:.2f} %", text.empty() ? "" : ", ", word,
                        100.0 * static_cast<double>(result.undecided[at]) /
                            static_cast<double>(result.numbers[at]));
  }
  return text;
}

std::string sentence_of(const GradientFinding& finding) {
  std::string text = fmt::format("{} {}", name(finding.gradient), name(finding.verdict));
  if (!finding.clause.empty()) text += fmt::format(" [{}]", finding.clause);
  if (!finding.mode.empty()) text += fmt::format(", mode={}", printable(finding.mode, 40));
  return text + ": " + counted(finding.cases, "case");
}

// What became of the number in the smallest case.
std::string outcome_of(const GradientFinding& finding) {
  if (finding.admissible.empty()) return printable(finding.got, 300);
  return fmt::format("element {} is {}, admissible is {}", finding.element,
                     printable(finding.got, 60), finding.admissible);
}

// The wrong gradient that explains it.
std::string cause_of(const GradientFinding& finding) {
  if (!finding.cause) return "";
  const GradientCause& cause = *finding.cause;
  std::string text = fmt::format("     the same as {}: {}; {}, {} of them bit by bit\n",
                                 cause.mutant, find_gradient_mutant(cause.mutant)->sentence,
                                 counted(static_cast<std::int64_t>(cause.numbers), "number"),
                                 grouped(static_cast<std::int64_t>(cause.same_bits)));
  for (const std::string& tie : cause.ties) text += fmt::format("     or {}\n", tie);
  return text;
}

// The command that shows it again, if that can be read.
std::string command_of(const GradientFinding& finding, const SubjectEntry& entry) {
  constexpr std::size_t most = 2000;
  const std::string line = to_line(finding.smallest);
  if (line.size() > most) {
    return fmt::format("(its case has {} characters: see {} of --out DIR)",
                       grouped(std::ssize(line)), file_name);
  }
  return fmt::format("gridproof replay {} --subject {}", shell_quoted(line), spec_of(entry));
}

void write(std::ostream& out, const SubjectEntry& entry, const GradientResult& result,
           const Painter& painter) {
  out << painter(Paint::bold, printable(entry.name)) << ": " << counted(result.cases, "case");
  if (result.unsupported > 0) {
    out << fmt::format(", {} not supported", grouped(result.unsupported));
  }
  out << '\n';
  if (result.unsupported == result.cases) {
    out << "  It has no gradients: not tested.\n";
    return;
  }
  out << table_of(result).text(painter, 2);
  if (const std::string undecided = undecided_of(result); !undecided.empty()) {
    out << "  undecided: " << undecided << '\n';
  }
  int number = 0;
  for (const GradientFinding& finding : result.findings) {
    out << fmt::format("\n  {}. {}\n     {}\n{}     {}\n", ++number, sentence_of(finding),
                       outcome_of(finding), cause_of(finding), command_of(finding, entry));
  }
  out << fmt::format("  {}\n\n", counted(std::ssize(result.findings), "finding"));
}

Json json_of(const GradientFinding& finding) {
  Json json = {{"gradient", name(finding.gradient)},
               {"verdict", name(finding.verdict)},
               {"clause", finding.clause},
               {"mode", finding.mode},
               {"cases", finding.cases},
               {"case", to_line(finding.smallest)},
               {"element", finding.element},
               {"got", finding.got},
               {"admissible", finding.admissible}};
  if (finding.cause) {
    json["cause"] = {{"name", finding.cause->mutant},
                     {"numbers", finding.cause->numbers},
                     {"same_bits", finding.cause->same_bits},
                     {"ties", finding.cause->ties}};
  }
  return json;
}

Json json_of(const SubjectEntry& entry, const GradientResult& result) {
  Json json{{"name", entry.name}, {"cases", result.cases}, {"unsupported", result.unsupported}};
  for (const auto& [gradient, word] : names<Gradient>) {
    Json counts = Json::object();
    for (const auto& [verdict, verdict_name] : names<Verdict>) {
      const std::int64_t count =
          result.counts[static_cast<std::size_t>(gradient)][static_cast<std::size_t>(verdict)];
      if (count != 0) counts[std::string(verdict_name)] = count;
    }
    json["verdicts"][std::string(word)] = counts;
  }
  json["findings"] = Json::array();
  for (const GradientFinding& finding : result.findings)
    json["findings"].push_back(json_of(finding));
  return json;
}

void options(CLI::App& app, Arguments& arguments) {
  GradientCampaignOptions& options = arguments.options;
  add_each(app, "--subject", arguments.campaign.subjects, "NAME",
           "A subject to judge [every LibTorch that is built]");
  add_profile(app, options.profile);
  add_parsed(app, "--max-cases", options.cases, parse_count, "N", "Stop after N cases [6000]");
  app.add_flag("--one-sided", arguments.one_sided,
               "At a kink, allow any value between the derivatives of both sides");
  add_strict(app, options.strict);
  add_timeout(app, arguments.campaign.foreign.per_case);
  add_seed(app, options.seed);
  add_threads(app, options.threads);
  add_isolation(app);
  app.add_option("--out", arguments.out, "A folder for gradients.json")->type_name("DIR");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  GradientCampaignOptions options = arguments.options;
  if (arguments.one_sided) options.kinks = Kinks::one_sided;
  if (arguments.out) prepare_folder(*arguments.out, {file_name});
  Json json{{"seed", options.seed},
            {"profile", to_string(options.profile)},
            {"one_sided", arguments.one_sided},
            {"subjects", Json::array()}};
  bool passes = true;  // what was not tested does not
  for (SubjectEntry entry : chosen_subjects(arguments.campaign, program)) {
    entry.open = [entry] { return open_subject(entry); };
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    const GradientResult result = [&] {
      Progress progress(program.progress ? &program.err : nullptr, std::nullopt,
                        [start] { return Progress::Seconds(Clock::now() - start); });
      options.progress = [&](std::int64_t done) { progress.update(done, options.cases); };
      return run_gradients(options, entry);
    }();
    write(program.out, entry, result, program.painter);
    passes = passes && result.findings.empty() && result.unsupported < result.cases;
    json["subjects"].push_back(json_of(entry, result));
  }
  if (arguments.out) write_files(*arguments.out, {{file_name, json.dump(2) + "\n"}});
  return passes ? ExitCode::ok : ExitCode::findings;
}

}  // namespace

namespace commands {
extern const Command gradients = {
    .name = "gradients",
    .group = Group::judge,
    .summary = "Judge the gradients of subjects on cases from the whole domain",
    .example = "gridproof gradients --subject torch-2.15.0 --max-cases 1000",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
