#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "oracle/exact/exact.h"
#include "reference/encoding/npy.h"
#include "reports/cli/command.h"
#include "reports/cli/diagnose_gradients.h"
#include "reports/cli/options.h"
#include "reports/cli/question_options.h"
#include "reports/cli/write_files.h"
#include "reports/diagnosis/patch.h"
#include "reports/displacement/reads.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using diagnosis::Attempt;
using diagnosis::Diagnosis;
using diagnosis::Distance;
using diagnosis::Fault;
using diagnosis::Language;
using diagnosis::Tie;
using Json = nlohmann::ordered_json;

struct Arguments {
  SymptomArguments symptom;
  GradientArguments gradients;
  Language language = Language::pytorch;
  bool all = false;  // the whole table
  bool json = false;
  std::optional<std::string> out;  // a folder for the corrected grid, the picture and the JSON
};

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

void describe_ties(const std::vector<Tie>& ties, const std::string& same_in_words,
                   std::string& text) {
  constexpr std::size_t most = 12;
  std::string same;
  std::string others;
  for (std::size_t i = 0; i < std::min(ties.size(), most); ++i) {
    const Tie& tie = ties[i];
    if (tie.datum.empty()) {
      same += "    " + tie.name + '\n';
    } else {
      others += fmt::format("    {}: to tell them apart, use {}\n", tie.name, tie.datum);
    }
  }
  if (!same.empty()) text += same_in_words + same;
  if (!others.empty()) text += "\nThese explain just as much:\n" + others;
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
  for (std::size_t i = 0; i < std::min(diagnosis.attempts.size(), rows); ++i) {
    add(diagnosis.attempts[i].name(), diagnosis.attempts[i].distance);
  }
  return table;
}

bool is_about_grid(const Attempt& attempt) {
  return std::ranges::any_of(attempt.changes, [](const auto* change) {
    return change->fix.find("grid =") != std::string::npos || change->family() == "theta" ||
           change->family() == "align_corners";
  });
}

std::string text_of(const Diagnosis& diagnosis, const std::string& guesses,
                    const diagnosis::Situation& situation, const Arguments& arguments,
                    const Painter& painter) {
  std::string text = guesses.empty() ? "" : painter(Paint::dim, guesses) + '\n';
  if (!diagnosis.where.empty()) text += painter(Paint::bold, diagnosis.where) + '\n';
  text += painter(Paint::bold, printable(diagnosis.sentence, 1000)) + '\n';
  if (diagnosis.fault == Fault::implementation && diagnosis.options.empty() &&
      diagnosis.mutants.size() > 1) {
    constexpr std::ptrdiff_t most = 6;
    const auto first = diagnosis.mutants.begin() + 1;
    const auto count = std::min<std::ptrdiff_t>(std::ssize(diagnosis.mutants) - 1, most);
    text += fmt::format("Just as likely: {}{}\n", alternatives({first, first + count}),
                        std::ssize(diagnosis.mutants) - 1 > most ? ", and others" : "");
  }
  if (diagnosis.fault == Fault::usage) {
    const Attempt& best = diagnosis.attempts.front();
    text += diagnosis.before.share == 1
                ? fmt::format(
                      "As asked, all values are within {:.2g} of what was expected; as corrected, "
                      "within "
                      "{:.2g}. Confidence: {}.\n\n",
                      diagnosis.before.worst, best.distance.worst, name(diagnosis.confidence))
                : fmt::format(
                      "As asked, {} of the values are as expected; as corrected, {}. Confidence: "
                      "{}.\n\n",
                      percent(diagnosis.before.share), percent(best.distance.share),
                      name(diagnosis.confidence));
    text += indented(diagnosis::patch(best, situation, arguments.language));
    describe_ties(diagnosis.ties, "\nThe same correction in other words:\n", text);
  }
  if (diagnosis.fault == Fault::undecided) {
    const Attempt& first = diagnosis.attempts.front();
    text += fmt::format("\n    {}: {}\n", first.name(), first.changes.front()->sentence);
    describe_ties(diagnosis.ties, "\nThe same in other words:\n", text);
  }
  if (!diagnosis.remarks.empty() && diagnosis.fault != Fault::none) {
    text += "\nAbout the question:\n";
    for (const std::string& remark : diagnosis.remarks) text += "  - " + remark + '\n';
  }
  if (!diagnosis.attempts.empty()) {
    text += '\n' + table_of(diagnosis, arguments.all ? diagnosis.attempts.size() : 8).text(painter);
    text += painter(Paint::dim,
                    "inside: read between the centers of the outer pixels; rim: elsewhere") +
            '\n';
  }
  if (diagnosis.fault == Fault::usage && is_about_grid(diagnosis.attempts.front())) {
    const diagnosis::Sites sites(situation.test_case, 1);
    const auto meant = diagnosis::corrected(diagnosis.attempts.front().changes, situation, sites);
    text += "\nA test for the code that makes the grid:\n\n" +
            indented(diagnosis::self_check(situation, meant ? meant->options : situation.options(),
                                           arguments.language));
  }
  return text;
}

// ---- The answer as JSON ----

Json lines_of(const std::string& text) {
  Json lines = Json::array();
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

Json json_of(const Distance& distance) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json("inf"); };
  return {{"share", distance.share},
          {"inside", distance.inside},
          {"rim", distance.outside},
          {"median", number(distance.median)},
          {"worst", number(distance.worst)}};
}

// The question to ask instead, where it is another question to grid_sample and nothing in it is
// lost; of arrays that it refuses, what they were read as.
std::optional<Case> corrected_question(const Diagnosis& diagnosis,
                                       const diagnosis::Symptom& symptom,
                                       diagnosis::Situation situation) {
  if (diagnosis.fault == Fault::usage) {
    const diagnosis::Changes& changes = diagnosis.attempts.front().changes;
    const auto meant = corrected(changes, situation, diagnosis::Sites(situation.test_case, 1));
    if (!meant || !meant->uncertainty.empty()) return std::nullopt;
    // What 16 bits do not hold is meant in more of them.
    if (changes.front()->family() == "precision") {
      situation.test_case = in_dtype(situation.test_case, Dtype::f32);
    }
    return diagnosis::meant_question(changes, situation);
  }
  const bool is_read_otherwise = diagnosis.fault == Fault::refused && !symptom.layout.empty();
  if (is_read_otherwise && !exact::refusal_of(symptom.test_case)) return symptom.test_case;
  return std::nullopt;
}

// What is named as the cause.
std::vector<std::string> causes_of(const Diagnosis& diagnosis) {
  if (diagnosis.fault == Fault::implementation) {
    if (!diagnosis.mutants.empty() || diagnosis.misreading.empty()) return diagnosis.mutants;
    return {diagnosis.misreading};
  }
  std::vector<std::string> causes;
  if (diagnosis.fault == Fault::usage || diagnosis.fault == Fault::undecided) {
    for (const auto* change : diagnosis.attempts.front().changes) causes.push_back(change->name);
  }
  return causes;
}

Json json_of(const std::optional<Case>& corrected, const diagnosis::Symptom& symptom) {
  if (!corrected) return nullptr;
  const Options options = dictionary::options_of(*corrected);
  const bool is_same = corrected->input.storage() == symptom.test_case.input.storage();
  return {{"mode", name(options.mode)},
          {"padding_mode", name(options.padding)},
          {"align_corners", options.align_corners},
          {"dtype", name(corrected->grid.dtype())},
          {"input_shape", corrected->input.shape()},
          {"input_is_mended", !is_same || !symptom.layout.empty()}};
}

Json json_of(const Diagnosis& diagnosis, const diagnosis::Symptom& symptom,
             const diagnosis::Situation& situation, const std::optional<Case>& corrected,
             const std::string& guesses) {
  Json attempts = Json::array();
  for (const Attempt& attempt : diagnosis.attempts) {
    attempts.push_back({{"name", attempt.name()}, {"distance", json_of(attempt.distance)}});
  }
  Json ties = Json::array();
  for (const Tie& tie : diagnosis.ties) ties.push_back({{"name", tie.name}, {"datum", tie.datum}});
  Json patches = Json::object();
  if (diagnosis.fault == Fault::usage) {
    for (const auto& language : names<Language>) {
      patches[std::string(language.name)] =
          diagnosis::patch(diagnosis.attempts.front(), situation, language.value);
    }
  }
  return {{"fault", name(diagnosis.fault)},
          {"where", diagnosis.where},
          {"sentence", diagnosis.sentence},
          {"causes", causes_of(diagnosis)},
          {"confidence", name(diagnosis.confidence)},
          {"remarks", diagnosis.remarks},
          {"options", diagnosis.options},
          {"mutants", diagnosis.mutants},
          {"mutants_match_bitwise", diagnosis.mutants_match_bitwise},
          {"mutants_under", diagnosis.under},
          {"misreading", diagnosis.misreading},
          {"nearest_mutant", diagnosis.nearest_mutant},
          {"read_as", lines_of(guesses)},
          {"before", json_of(diagnosis.before)},
          {"corrected", json_of(corrected, symptom)},
          {"patches", patches},
          {"ties", ties},
          {"attempts", attempts}};
}

// ---- The answer as files ----

constexpr const char* json_file = "diagnosis.json";
constexpr const char* grid_file = "grid.npy";
constexpr const char* input_file = "input.npy";
constexpr const char* picture_file = "reads.svg";

std::string picture_of(const Diagnosis& diagnosis, const diagnosis::Symptom& symptom,
                       const std::optional<Case>& corrected) {
  using displacement::Reading;
  const auto reading = [](const char* title, const Case& test_case) {
    return Reading{.title = title,
                   .grid = test_case.grid,
                   .align_corners = test_case.request.align_corners.value_or(false)};
  };
  std::vector<Reading> readings = {reading("as asked", symptom.test_case)};
  if (corrected && symptom.layout.empty()) {
    readings.push_back(reading("as corrected", *corrected));
  } else if (corrected) {
    readings = {reading("as corrected", *corrected)};
  } else if (symptom.meant_grid && diagnosis.fault == Fault::unexplained) {
    readings.push_back(reading("as intended", symptom.test_case));
    readings.back().grid = *symptom.meant_grid;
  }
  const Shape& input = symptom.test_case.input.shape();
  return displacement::reads_svg({input.begin() + 2, input.end()}, readings);
}

void write(const std::string& folder, const Json& json, const Diagnosis& diagnosis,
           const diagnosis::Symptom& symptom, const std::optional<Case>& corrected) {
  std::vector<std::pair<std::string, std::string>> files = {
      {json_file, json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'}};
  if (!exact::refusal_of(symptom.test_case)) {
    files.emplace_back(picture_file, picture_of(diagnosis, symptom, corrected));
  }
  if (corrected) {
    files.emplace_back(grid_file, npy_of(corrected->grid));
    files.emplace_back(input_file, npy_of(corrected->input));
  }
  replace_folder(folder, files);
}

Language parse_language(const std::string& option, const std::string& text) {
  if (const auto language = parse_any_case<Language>(text)) return *language;
  reject(option, text, "PyTorch, NumPy, C++ or ONNX");
}

void options(CLI::App& app, Arguments& arguments) {
  add_symptom(app, arguments.symptom);
  add_gradients(app, arguments.gradients);
  add_parsed(app, "--language", arguments.language, parse_language, "L",
             "Language of the patch: PyTorch, NumPy, C++ or ONNX [PyTorch]");
  app.add_flag("--all", arguments.all, "Show every hypothesis in the table");
  app.add_flag("--json", arguments.json, "Write JSON, with every hypothesis");
  app.add_option(
         "--out", arguments.out,
         "A folder for the corrected input and grid (.npy), a picture of where it reads, and the "
         "JSON")
      ->type_name("DIR");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  if (are_gradients(arguments.gradients)) {
    return diagnose_gradients(arguments.gradients, arguments.symptom.test_case, arguments.json,
                              program);
  }
  if (arguments.out) require_own_folder(*arguments.out);
  std::string guesses;
  const diagnosis::Symptom symptom = read_symptom(arguments.symptom, program.in, guesses);
  if (!symptom.observed && !symptom.expected && !arguments.symptom.intent) {
    throw InputError("nothing to compare with: expected --observed, --expected or --intent");
  }
  Diagnosis diagnosis;
  try {
    diagnosis = diagnosis::diagnose(symptom);
  } catch (const std::invalid_argument& error) {
    throw with_guesses(error.what(), guesses);
  }
  // What is refused may be anything.
  auto situation = diagnosis.fault == Fault::refused
                       ? diagnosis::Situation{.test_case = symptom.test_case, .grid = nullptr}
                       : diagnosis::situation_of(symptom.test_case, symptom.world, symptom.given);
  situation.mixes_dtypes = symptom.mixes_dtypes;
  if (arguments.json || arguments.out) {
    const std::optional<Case> corrected = corrected_question(diagnosis, symptom, situation);
    const Json json = json_of(diagnosis, symptom, situation, corrected, guesses);
    if (arguments.json)
      program.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    if (arguments.out) write(*arguments.out, json, diagnosis, symptom, corrected);
  }
  if (!arguments.json) {
    program.out << text_of(diagnosis, guesses, situation, arguments, program.painter);
    if (arguments.out)
      program.out << fmt::format("\nwritten to {}\n", printable(*arguments.out, 200));
  }
  return diagnosis.fault == Fault::none || diagnosis.fault == Fault::unknown ? ExitCode::ok
                                                                             : ExitCode::findings;
}

}  // namespace

namespace commands {
extern const Command diagnose = {
    .name = "diagnose",
    .group = Group::wrong_values,
    .summary =
        "Find out whether unexpected values come from the implementation or the grid, and why",
    .example =
        "gridproof diagnose --input '[[1,2],[3,4]]' --grid '[[[0,0],[1,0]],[[0,1],[1,1]]]' "
        "--align-corners true --expected '[[1,2],[3,4]]'\n\n"
        "Exit code: 0 nothing is wrong; 1 something is wrong, or the operator refuses the case; 2 "
        "the "
        "command line or its input is invalid.",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
