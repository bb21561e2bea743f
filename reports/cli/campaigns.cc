#include "reports/cli/campaigns.h"

#include <fmt/core.h>

#include <chrono>

#include "reference/semantics/grid_sample.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/report/summary.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/terminal.h"
#include "reports/text/text.h"

namespace gridproof::reports {

void add_campaign(CLI::App& app, CampaignArguments& arguments, const std::string& subjects) {
  CampaignOptions& options = arguments.options;
  ForeignOptions& foreign = arguments.foreign;
  add_each(app, "--subject", arguments.subjects, "NAME", subjects);
  add_profile(app, options.profile);
  add_parsed(app, "--max-samples", options.max_samples, parse_count, "N",
             "Stop after N samples, such as 1e8; a case counts for at most 4,096");
  add_parsed(app, "--budget", "TIME", "Stop after this time, such as 30s or 5min",
             [&](const std::string& option, const std::string& text) {
               foreign.budget = options.budget = parse_time(option, text);
             });
  add_timeout(app, foreign.per_case);
  add_seed(app, options.seed);
  add_threads(app, options.threads);
  add_isolation(app);
}

std::vector<SubjectEntry> chosen_subjects(const CampaignArguments& arguments,
                                          const Context& program) {
  if (!arguments.subjects.empty()) {
    return select(program.roster, arguments.subjects, arguments.foreign);
  }
  std::vector<SubjectEntry> torches;
  for (const SubjectEntry& entry : program.roster) {
    if (is_torch(entry.name)) torches.push_back(entry);
  }
  if (torches.empty()) {
    throw InputError(
        "no LibTorch was built with this program: expected --subject NAME "
        "('gridproof subjects' lists the names)");
  }
  return torches;
}

void add_direction(CLI::App& app, CampaignOptions& options) {
  options.only.reset();
  add_parsed(app, "--direction", "forward|backward|both",
             "Judge values, their gradients, or both [both]",
             [&options](const std::string& option, const std::string& text) {
               options.only = parse<Direction>(text);
               if (!options.only && text != "both") {
                 reject(option, text, "forward, backward or both");
               }
             });
  app.add_flag("--one-sided", options.one_sided,
               "At a kink of gradients, allow any value between those of both sides");
}

std::string direction_text(const CampaignOptions& options) {
  return (options.only ? fmt::format(" --direction {}", name(*options.only)) : "") +
         (options.one_sided ? " --one-sided" : "");
}

std::string text_of(const CampaignArguments& arguments) {
  const CampaignOptions& options = arguments.options;
  std::string text;
  if (options.profile != Profile{}) {
    text += " --profile " + shell_quoted(to_string(options.profile));
  }
  if (options.dialect) text += fmt::format(" --dialect {}", name(*options.dialect));
  text += fmt::format(" --seed {}", options.seed);
  if (options.max_cases) text += fmt::format(" --max-cases {}", *options.max_cases);
  if (options.max_samples) text += fmt::format(" --max-samples {}", *options.max_samples);
  if (options.budget) text += fmt::format(" --budget {}ms", options.budget->count());
  if (options.strict) text += " --strict";
  if (options.max_lost != CampaignOptions{}.max_lost) {
    text += fmt::format(" --max-lost {}", options.max_lost);
  }
  if (!options.shortcut) text += " --no-shortcut";
  if (arguments.foreign.per_case) {
    text += fmt::format(" --timeout {}ms", arguments.foreign.per_case->count());
  }
  if (options.shard.count > 1) {
    text += fmt::format(" --shard {}/{}", options.shard.index + 1, options.shard.count);
  }
  return text;
}

CampaignResult run_with_progress(CampaignOptions options, std::vector<SubjectEntry> subjects,
                                 const Context& program) {
  using Clock = std::chrono::steady_clock;
  for (SubjectEntry& subject : subjects) {
    subject.open = [entry = subject] { return open_subject(entry); };
  }
  const Clock::time_point start = Clock::now();
  Progress progress(program.progress ? &program.err : nullptr, options.budget,
                    [start] { return Progress::Seconds(Clock::now() - start); });
  options.progress = [&](std::int64_t done, std::int64_t total) { progress.update(done, total); };
  return run_campaign(options, subjects, reference_subject());
}

}  // namespace gridproof::reports
