#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reference/semantics/grid_sample.h"
#include "reports/commands.h"
#include "reports/diagnosis/diagnose.h"
#include "reports/diagnosis/intent.h"
#include "reports/diagnosis/patch.h"
#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

using diagnosis::Diagnosis;
using diagnosis::Distance;
using diagnosis::Fault;
using diagnosis::Language;
using diagnosis::Tie;
using diagnosis::Trial;
using Json = nlohmann::ordered_json;

// ---- What was asked ----

std::vector<double> spacing_of(const std::string& text, int axes) {
  std::vector<double> list;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at <= end) {
    double value = 0;
    const auto [after, error] = std::from_chars(at, end, value);
    if (error != std::errc() || !(value > 0) || !std::isfinite(value)) break;
    list.push_back(value);
    at = after + 1;
    if (after == end || *after != ',') break;
  }
  if (at != end + 1 || std::cmp_not_equal(list.size(), axes)) {
    throw InputError(fmt::format("--spacing is '{}': expected {} lengths above 0, x first",
                                 printable(text, 60), axes));
  }
  return list;
}

Tensor expected_of(const std::string& intent, Question& question) {
  constexpr std::string_view same = "same-as ";
  if (intent.starts_with(same)) {
    return *read_output("--intent", intent.substr(same.size()), question);
  }
  const auto parsed = diagnosis::parse_intent(intent);
  if (!parsed) {
    throw InputError(
        fmt::format("--intent is '{}': expected identity, 'shift 2,0', 'rotate 30', 'flip x' or "
                    "'same-as FILE'",
                    printable(intent, 60)));
  }
  try {
    return diagnosis::intended(*parsed, question.question);
  } catch (const std::invalid_argument& error) {
    throw InputError(fmt::format("--intent is '{}': {}", printable(intent, 60), error.what()));
  }
}

bool is_refused(const Case& question) {
  return !std::holds_alternative<Tensor>(grid_sample(question));
}

diagnosis::Symptom symptom_of(const DiagnoseArguments& arguments, Question& question) {
  diagnosis::Symptom symptom;
  symptom.observed = read_output("--observed", arguments.observed, question);
  symptom.expected = read_output("--expected", arguments.expected, question);
  if (arguments.intent && !is_refused(question.question)) {
    symptom.expected = expected_of(*arguments.intent, question);
  }
  if (symptom.observed && symptom.observed->dtype() != question.question.input.dtype()) {
    symptom.observed = Tensor(question.question.input.dtype(), symptom.observed->shape(),
                              symptom.observed->values());
  }
  if (!arguments.observed && !arguments.expected && !arguments.intent) {
    throw InputError("nothing to compare with: expected --observed, --expected or --intent");
  }
  if (arguments.spacing) {
    symptom.spacing = spacing_of(*arguments.spacing, question.question.input.rank() - 2);
  }
  symptom.question = question.question;
  return symptom;
}

diagnosis::Situation situation_of(const diagnosis::Symptom& symptom) {
  return {.question = symptom.question,
          .grid = std::make_shared<const std::vector<double>>(symptom.question.grid.values()),
          .spacing = symptom.spacing};
}

// ---- The answer as text ----

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string indented(const std::string& text) {
  std::string result;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    result += "    " + text.substr(from, end - from) + '\n';
    from = end + 1;
  }
  return result;
}

void describe_ties(const std::vector<Tie>& ties, std::string& text) {
  constexpr std::size_t most = 12;
  std::string same;
  std::string others;
  for (std::size_t i = 0; i < std::min(ties.size(), most); ++i) {
    const Tie& tie = ties[i];
    if (tie.datum.empty()) {
      same += "    " + tie.name + '\n';
    } else {
      others += fmt::format("    {}: {} would tell\n", tie.name, tie.datum);
    }
  }
  if (!same.empty()) text += "\nThe same correction in other words:\n" + same;
  if (!others.empty()) text += "\nThese explain as much:\n" + others;
  if (ties.size() > most) text += fmt::format("    … and {} more\n", ties.size() - most);
}

Table table_of(const Diagnosis& diagnosis, std::size_t rows) {
  Table table({{"hypothesis"},
               {"as expected", Table::Align::right},
               {"inside", Table::Align::right},
               {"rim", Table::Align::right},
               {"median error", Table::Align::right},
               {"worst", Table::Align::right}});
  const auto add = [&](const std::string& name, const Distance& distance) {
    table.add({name, percent(distance.share), percent(distance.inside), percent(distance.outside),
               fmt::format("{:.4g}", distance.median), fmt::format("{:.4g}", distance.worst)});
  };
  add("(as asked)", diagnosis.before);
  for (std::size_t i = 0; i < std::min(diagnosis.trials.size(), rows); ++i) {
    add(diagnosis.trials[i].name(), diagnosis.trials[i].distance);
  }
  return table;
}

std::string text_of(const Diagnosis& diagnosis, const Question& question,
                    const diagnosis::Situation& situation, const DiagnoseArguments& arguments,
                    const Painter& painter) {
  std::string text = question.guesses.empty() ? "" : painter(Paint::dim, question.guesses) + '\n';
  text += painter(Paint::bold, printable(diagnosis.sentence, 1000)) + '\n';
  if (diagnosis.fault == Fault::implementation && diagnosis.mutants.size() > 1) {
    text += fmt::format("Just as well: {}\n",
                        alternatives({diagnosis.mutants.begin() + 1, diagnosis.mutants.end()}));
  }
  if (diagnosis.fault == Fault::usage) {
    const Trial& best = diagnosis.trials.front();
    text += fmt::format(
        "As asked {} of the values are as expected; as meant, {}. Confidence: {}.\n\n",
        percent(diagnosis.before.share), percent(best.distance.share), name(diagnosis.confidence));
    text += indented(diagnosis::patch(best, situation, arguments.language));
    describe_ties(diagnosis.ties, text);
  }
  if (!diagnosis.remarks.empty() && diagnosis.fault != Fault::none) {
    text += "\nAbout the question:\n";
    for (const std::string& remark : diagnosis.remarks) text += "  - " + remark + '\n';
  }
  if (!diagnosis.trials.empty()) {
    text += '\n' + table_of(diagnosis, arguments.all ? diagnosis.trials.size() : 8).text(painter);
  }
  if (diagnosis.fault == Fault::usage) {
    const diagnosis::Sites sites(situation.question, 1);
    const auto meant = diagnosis::meant_by(diagnosis.trials.front().changes, situation, sites);
    text += "\nA test for the code that makes the grid:\n\n" +
            indented(diagnosis::self_check(meant ? meant->options : situation.options(),
                                           arguments.language));
  }
  return text;
}

// ---- The answer as JSON ----

Json json_of(const Distance& distance) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json("inf"); };
  return {{"share", distance.share},
          {"inside", distance.inside},
          {"rim", distance.outside},
          {"median", number(distance.median)},
          {"worst", number(distance.worst)}};
}

Json json_of(const Diagnosis& diagnosis, const diagnosis::Situation& situation) {
  Json trials = Json::array();
  for (const Trial& trial : diagnosis.trials) {
    trials.push_back({{"name", trial.name()}, {"distance", json_of(trial.distance)}});
  }
  Json ties = Json::array();
  for (const Tie& tie : diagnosis.ties) ties.push_back({{"name", tie.name}, {"datum", tie.datum}});
  Json patches = Json::object();
  if (diagnosis.fault == Fault::usage) {
    for (const auto& language : names<Language>) {
      patches[std::string(language.name)] =
          diagnosis::patch(diagnosis.trials.front(), situation, language.value);
    }
  }
  return {{"fault", name(diagnosis.fault)},
          {"sentence", diagnosis.sentence},
          {"confidence", name(diagnosis.confidence)},
          {"remarks", diagnosis.remarks},
          {"mutants", diagnosis.mutants},
          {"before", json_of(diagnosis.before)},
          {"patches", patches},
          {"ties", ties},
          {"trials", trials}};
}

}  // namespace

int diagnose_command(const DiagnoseArguments& arguments, const Program& program) {
  Question question = read_question(arguments.question, program.in);
  const diagnosis::Symptom symptom = symptom_of(arguments, question);
  Diagnosis diagnosis;
  try {
    diagnosis = diagnosis::diagnose(symptom);
  } catch (const std::invalid_argument& error) {
    throw InputError(error.what());
  }
  const diagnosis::Situation situation = situation_of(symptom);
  if (arguments.json) {
    const Json json = json_of(diagnosis, situation);
    program.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    program.out << text_of(diagnosis, question, situation, arguments, program.painter);
  }
  return diagnosis.fault == Fault::none || diagnosis.fault == Fault::unknown ? conforms : findings;
}

}  // namespace gridproof::reports
