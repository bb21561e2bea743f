#include <fmt/core.h>

#include <chrono>

#include "reports/cli/campaigns.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/report/report.h"
#include "reports/report/waivers.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

void options(CLI::App& app, CampaignArguments& arguments) {
  add_campaign(app, arguments, "A subject to judge [every LibTorch that is built]");
  add_direction(app, arguments.options);
  add_dialect(app, arguments.options.dialect);
  add_strict(app, arguments.options.strict);
}

// What fails now, as a file of waivers that somebody has to give reasons for.
ExitCode execute(const CampaignArguments& arguments, const Context& program) {
  CampaignOptions options = arguments.options;
  options.counters = {count_traits};
  const std::vector<SubjectEntry> subjects = chosen_subjects(arguments, program);
  const CampaignResult result = run_with_progress(options, subjects, program);
  // Long enough to mend it, short enough not to be forgotten.
  const std::string expires = today(program.variable, std::chrono::days(90));
  const std::vector<Waiver> waivers = propose_waivers(result, expires);
  program.out << "# What failed on " << today(program.variable)
              << ". Each waiver needs a reason.\n";
  for (const Waiver& waiver : waivers) program.out << '\n' << to_toml(waiver);
  const Report report{.options = options, .subjects = subjects, .result = result};
  for (const std::string& sentence : gaps(report))
    program.out << "\n# Warning: " << sentence << '\n';
  program.out << fmt::format("\n# {} for {} in {}\n", counted(std::ssize(waivers), "waiver"),
                             counted(std::ssize(result.findings), "finding"), asked_text(report));
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command propose_waivers = {
    .name = "propose-waivers",
    .group = Group::judge,
    .summary = "Propose waivers for everything that fails today",
    .example = "gridproof propose-waivers --subject torch-2.15.0 > waivers.toml",
    .prepare = prepare<CampaignArguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
