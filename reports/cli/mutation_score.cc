#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "fuzz/campaign/score.h"
#include "fuzz/gradients/campaign.h"
#include "fuzz/gradients/score.h"
#include "fuzz/mutants/gradient_mutants.h"
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

// ---- wrong gradients ----

void write_entry(std::ostream& out, const GradientMutant& mutant) {
  out << gradient_mutant_prefix << mutant.name << " (" << mutant.chapter << "): " << mutant.sentence
      << ".\nIt breaks [" << mutant.clause << "], for example in\n\n";
  std::istringstream lines(mutant.separating);
  for (std::string line; std::getline(lines, line);) out << "    " << line << '\n';
  out << '\n';
  for (const Carrier& carrier : mutant.carriers) {
    out << "Seen in " << carrier.who << ": " << carrier.link << '\n';
  }
}

// As many questions about gradients as belong to so many samples in check.
std::int64_t questions_of(std::int64_t max_samples) {
  const double share = static_cast<double>(max_samples) / static_cast<double>(default_samples);
  return GradientPlan(0).specified() +
         std::llround(share * static_cast<double>(default_gradient_questions));
}

std::ptrdiff_t survivors_of(const std::vector<GradientScore>& scores) {
  return std::ranges::count_if(scores, [](const GradientScore& score) { return !score.cases; });
}

std::string line_of(const std::vector<GradientScore>& scores) {
  const std::ptrdiff_t survived = survivors_of(scores);
  return fmt::format("mutants of gradients {}, killed {}, survived {}\n", scores.size(),
                     std::ssize(scores) - survived, survived);
}

// What became of them, and whether any survived.
bool write_scores(const std::vector<GradientScore>& scores, bool in_full, const Context& program) {
  if (in_full) {
    for (const GradientScore& score : scores) write_entry(program.out, *score.mutant);
    program.out << '\n';
  }
  Table table({{"mutant"},
               {"class"},
               {"breaks"},
               {""},
               {"after cases", Table::Align::right},
               {"objection"}});
  for (const GradientScore& score : scores) {
    table.add({{std::string(gradient_mutant_prefix) + score.mutant->name, Paint::bold},
               score.mutant->chapter,
               "[" + score.mutant->clause + "]",
               {score.cases ? "killed" : "survived", score.cases ? Paint::none : Paint::red},
               score.cases ? grouped(*score.cases) : "",
               score.clause.empty() ? "" : "[" + score.clause + "]"});
  }
  program.out << table.text(program.painter) << '\n' << line_of(scores);
  return survivors_of(scores) != 0;
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("mutants", arguments.mutants, "Mutants to describe and measure [all]")
      ->type_name("NAME...");
  add_parsed(app, "--max-samples", arguments.options.max_samples, parse_count, "N",
             "Give up on a mutant after N samples [1.05e7, as in check]");
  add_seed(app, arguments.options.seed);
  add_threads(app, arguments.options.threads);
}

// The mutants of these names, of values and of gradients; of none all.
struct Chosen {
  std::vector<Mutant> of_values;
  std::vector<GradientMutant> of_gradients;
};

Chosen chosen_mutants(const std::vector<std::string>& names) {
  if (names.empty()) return {mutants(), gradient_mutants()};
  Chosen chosen;
  for (const std::string& name : names) {
    const GradientMutant* const of_gradients = find_gradient_cause(name);
    const Mutant* const of_values = find_mutant(name);
    if (of_gradients == nullptr && of_values == nullptr) {
      throw InputError(fmt::format("there is no mutant '{}': 'gridproof mutation-score' lists all",
                                   printable(name, 60)));
    }
    if (of_values != nullptr) chosen.of_values.push_back(*of_values);
    if (of_gradients != nullptr) chosen.of_gradients.push_back(*of_gradients);
  }
  return chosen;
}

// The same of values.
bool write_scores(const std::vector<MutantScore>& scores, bool in_full, const Context& program) {
  if (in_full) {
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
  if (!in_full) {
    program.out << "Equivalent: no answer can tell it from a conforming implementation; 'gridproof "
                   "mutation-score NAME' says why.\n";
  }
  program.out << fmt::format("median {} to kill\n", counted(median_samples(scores), "sample"))
              << line_of(scores);
  return std::ranges::any_of(scores,
                             [](const MutantScore& score) { return fate_of(score) == "survived"; });
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  const Chosen chosen = chosen_mutants(arguments.mutants);
  const bool in_full = !arguments.mutants.empty();
  bool survivors = false;
  if (!chosen.of_values.empty()) {
    survivors = write_scores(score(chosen.of_values, arguments.options), in_full, program);
    if (!chosen.of_gradients.empty()) program.out << '\n';
  }
  if (!chosen.of_gradients.empty()) {
    const auto& [seed, part, max_samples, threads, progress] = arguments.options;
    const auto scores =
        gradient_scores(chosen.of_gradients, seed, questions_of(max_samples), threads, part);
    survivors = write_scores(scores, in_full, program) || survivors;
  }
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
