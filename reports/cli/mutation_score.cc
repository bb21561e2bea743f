#include <fmt/core.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "fuzz/campaign/score.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::vector<std::string> mutants;  // by name; empty: the whole dictionary
  ScoreOptions options;
};

// The word for what became of a mutant.
std::string_view fate_of(const MutantScore& score) {
  if (!score.mutant->equivalent.empty()) return "equivalent";
  return score.kill ? "killed" : "survived";
}

void write_entry(std::ostream& out, const MutantScore& score) {
  const Mutant& mutant = *score.mutant;
  out << mutant.name << " (" << mutant.chapter << "): " << mutant.sentence << ".\n"
      << "It breaks [" << mutant.clause << "], for example in\n\n";
  std::istringstream lines(mutant.separating);
  for (std::string line; std::getline(lines, line);) out << "    " << line << '\n';
  out << '\n';
  for (const Carrier& carrier : mutant.carriers) {
    out << "Seen in " << carrier.who << ": " << carrier.link << '\n';
  }
  if (!mutant.equivalent.empty()) out << "Equivalent: " << mutant.equivalent << ".\n";
}

std::string line_of(const std::vector<MutantScore>& scores) {
  const auto count = [&](std::string_view fate) {
    return std::ranges::count_if(
        scores, [fate](const MutantScore& score) { return fate_of(score) == fate; });
  };
  return fmt::format("mutants {}, killed {}, equivalent {}, survived {}\n", scores.size(),
                     count("killed"), count("equivalent"), count("survived"));
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("mutants", arguments.mutants, "Mutants to describe and measure [all]")
      ->type_name("NAME...");
  add_parsed(app, "--max-samples", arguments.options.max_samples, parse_count, "N",
             "Give up on a mutant after N samples [1.05e7, as in check]");
  add_seed(app, arguments.options.seed);
  add_threads(app, arguments.options.threads);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  std::vector<Mutant> chosen;
  for (const std::string& name : arguments.mutants) {
    const Mutant* const mutant = find_mutant(name);
    if (mutant == nullptr) {
      throw InputError(fmt::format("there is no mutant '{}': 'gridproof mutation-score' lists all",
                                   printable(name, 60)));
    }
    chosen.push_back(*mutant);
  }
  const std::vector<Mutant>& dictionary = arguments.mutants.empty() ? mutants() : chosen;
  const std::vector<MutantScore> scores = score(dictionary, arguments.options);
  if (!arguments.mutants.empty()) {
    for (const MutantScore& score : scores) write_entry(program.out, score);
    program.out << '\n';
  }
  Table table({{"mutant"},
               {"class"},
               {"breaks"},
               {""},
               {"after samples", Table::Align::right},
               {"objection"}});
  for (const MutantScore& score : scores) {
    const std::string_view fate = fate_of(score);
    table.add({{score.mutant->name, Paint::bold},
               score.mutant->chapter,
               "[" + score.mutant->clause + "]",
               {std::string(fate), fate == "survived" ? Paint::red : Paint::none},
               score.kill ? grouped(score.kill->samples) : "",
               score.kill && !score.kill->clause.empty() ? "[" + score.kill->clause + "]" : ""});
  }
  program.out << table.text(program.painter) << '\n';
  if (arguments.mutants.empty()) {
    program.out << "Equivalent: no answer can tell it from a conforming implementation; 'gridproof "
                   "mutation-score NAME' says why.\n";
  }
  program.out << fmt::format("median {} to kill\n", counted(median_samples(scores), "sample"))
              << line_of(scores);
  const bool survivors = std::ranges::any_of(
      scores, [](const MutantScore& score) { return fate_of(score) == "survived"; });
  return survivors ? ExitCode::findings : ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command mutation_score = {
    .name = "mutation-score",
    .group = Group::more,
    .summary = "Measure which wrong semantics the default campaign catches, and how soon",
    .example = "gridproof mutation-score nearest.half-away",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
