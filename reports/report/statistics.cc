#include "reports/report/statistics.h"

#include <fmt/core.h>

#include <cmath>

#include "reports/text/table.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

const KindTable& kinds_of(const Report& report, const std::string& subject) {
  static const KindTable none;
  const auto found = report.result.kinds.find(subject);
  return found == report.result.kinds.end() ? none : found->second;
}

// An error in one of so many samples is missed with a probability of 5 %: (1 - 3/n)^n < 0.05.
std::int64_t third(std::int64_t decided) { return (decided + 2) / 3; }

}  // namespace

std::vector<SubjectBias> biases_of(const Report& report) {
  std::vector<SubjectBias> all;
  for (const SubjectEntry& subject : report.subjects) {
    const KindTable& kinds = kinds_of(report, subject.name);
    for (const Bias& bias : gridproof::biases_of(kinds, report.options.profile))
      all.push_back({subject.name, bias});
  }
  return all;
}

std::int64_t failing_biases_of(const Report& report) {
  return report.options.strict ? std::ssize(biases_of(report)) : 0;
}

std::string sentence_of(const Bias& bias) {
  std::string where = fmt::format("{} {}-D {}", name(bias.mode), bias.rank, name(bias.dtype));
  if (bias.padding) where += fmt::format(" under {}", name(*bias.padding));
  const bool positive = bias.mean > 0;
  const std::string_view side = bias.side == Side::up ? (positive ? "above" : "below")
                                : positive            ? "farther from zero than"
                                                      : "nearer to zero than";
  // The next power of ten; what is smaller than every number is below the smallest of them.
  const int power = static_cast<int>(std::ceil(std::log10(std::max(bias.chance, 1e-300))));
  return fmt::format(
      "in {} the results lie on average {:.2g} units in the last place {} the exact value ({} of "
      "{}); a correct implementation shows such a bias in a whole run with a probability below "
      "1e{}",
      where, std::fabs(bias.mean), side, counted(bias.elements, "element"),
      counted(bias.cases, "case"), power);
}

std::string exclusion_of(std::int64_t decided) {
  constexpr std::int64_t few = 10;
  if (decided < few) return "too few samples were decided about to exclude rare errors";
  return fmt::format(
      "an error in one of {} samples would have been missed with a probability of 37 %, one in {} "
      "with 5 %",
      grouped(decided), grouped(third(decided)));
}

std::string exclusion_lines(const Report& report) {
  std::string text;
  for (const SubjectEntry& subject : report.subjects) {
    const std::int64_t decided = decided_of(kinds_of(report, subject.name));
    if (decided == 0) continue;
    text += fmt::format("     {}: {}\n", printable(subject.name, 100), exclusion_of(decided));
  }
  return text;
}

std::string exclusion_table(const Report& report) {
  Table table({{"subject"},
               {"mode"},
               {"decided samples", Table::Align::right},
               {"missed with 37 %: one in", Table::Align::right},
               {"with 5 %: one in", Table::Align::right}});
  for (const SubjectEntry& subject : report.subjects) {
    const KindTable& kinds = kinds_of(report, subject.name);
    const auto add = [&](const std::string& subject_cell, const std::string& mode_cell,
                         std::int64_t decided) {
      const std::string none = decided == 0 ? "–" : "";
      table.add({subject_cell, mode_cell, grouped(decided), decided == 0 ? none : grouped(decided),
                 decided == 0 ? none : grouped(third(decided))});
    };
    add(printable(subject.name, 100), "all", decided_of(kinds));
    for (const auto& [mode, mode_name] : names<Mode>)
      add("", std::string(mode_name), decided_of(kinds, mode));
  }
  return table.markdown();
}

}  // namespace gridproof::reports
