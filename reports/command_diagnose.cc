#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "reports/commands.h"
#include "reports/diagnosis/diagnose.h"
#include "reports/findings/text.h"
#include "reports/sources.h"

namespace gridproof::reports {
namespace {

using diagnosis::Diagnosis;
using diagnosis::Distance;
using diagnosis::Fault;
using diagnosis::Trial;
using Json = nlohmann::ordered_json;

// Axes that are left out in short forms: of a batch of one, and of one channel.
Tensor completed(Tensor tensor, int rank, const std::string& what, std::string& guesses) {
  if (tensor.rank() >= rank) return tensor;
  Shape shape = tensor.shape();
  shape.insert(shape.begin(), static_cast<std::size_t>(rank - tensor.rank()), 1);
  guesses += fmt::format("{} of shape {} is read as {}\n", what, to_string(tensor.shape()),
                         to_string(shape));
  return {tensor.dtype(), shape, tensor.values()};
}

// The names that other frameworks have for the options.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> aliases = {
    {{"linear", "bilinear"},
     {"trilinear", "bilinear"},
     {"cubic", "bicubic"},
     {"constant", "zeros"},
     {"replicate", "border"},
     {"clamp", "border"},
     {"edge", "border"},
     {"mirror", "reflection"},
     {"reflect", "reflection"}}};

std::optional<std::string> resolved(const std::optional<std::string>& name, std::string& guesses) {
  const auto* const alias = std::ranges::find(
      aliases, name.value_or(""), &std::pair<std::string_view, std::string_view>::first);
  if (alias == aliases.end()) return name;
  guesses += fmt::format("'{}' is read as '{}'\n", alias->first, alias->second);
  return std::string(alias->second);
}

// What was asked; all that was guessed is said.
diagnosis::Symptom symptom_of(const DiagnoseArguments& arguments, std::string& guesses) {
  diagnosis::Symptom symptom;
  if (arguments.question) {
    try {
      symptom.question = parse_case(*arguments.question);
    } catch (const ParseError& error) {
      throw InputError(
          fmt::format("the case '{}': {}", printable(*arguments.question, 60), error.what()));
    }
  } else {
    if (!arguments.input || !arguments.grid) {
      throw InputError("a case line, or --input and --grid, is missing");
    }
    Tensor grid = read_tensor_argument("--grid", *arguments.grid);
    const int axes = grid.rank() == 0 ? 2 : static_cast<int>(grid.size(grid.rank() - 1));
    const int rank = axes == 3 ? 5 : 4;
    symptom.question.grid = completed(std::move(grid), rank, "the grid", guesses);
    symptom.question.input =
        completed(read_tensor_argument("--input", *arguments.input), rank, "the input", guesses);
    symptom.question.request = {.mode = resolved(arguments.mode, guesses),
                                .padding_mode = resolved(arguments.padding_mode, guesses),
                                .align_corners = arguments.align_corners};
    if (symptom.question.input.dtype() != symptom.question.grid.dtype()) {
      const Dtype dtype = symptom.question.grid.dtype();
      guesses += fmt::format("the input is converted to the grid's {}\n", name(dtype));
      symptom.question.input =
          Tensor(dtype, symptom.question.input.shape(), symptom.question.input.values());
    }
  }
  const auto output = [&](const char* option, const std::optional<std::string>& text) {
    std::optional<Tensor> tensor;
    if (!text) return tensor;
    tensor = completed(read_tensor_argument(option, *text), symptom.question.input.rank(),
                       std::string(option).substr(2), guesses);
    return tensor;
  };
  symptom.observed = output("--observed", arguments.observed);
  symptom.expected = output("--expected", arguments.expected);
  if (symptom.observed && symptom.observed->dtype() != symptom.question.input.dtype()) {
    symptom.observed = Tensor(symptom.question.input.dtype(), symptom.observed->shape(),
                              symptom.observed->values());
  }
  if (!symptom.observed && !symptom.expected) {
    throw InputError("nothing to compare with: expected --observed, --expected, or both");
  }
  return symptom;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string text_of(const Diagnosis& diagnosis, const std::string& guesses,
                    const Painter& painter) {
  std::string text = guesses.empty() ? "" : painter(Paint::dim, guesses) + '\n';
  text += painter(Paint::bold, printable(diagnosis.sentence, 1000)) + '\n';
  if (diagnosis.fault == Fault::implementation && diagnosis.mutants.size() > 1) {
    text +=
        "Just as well: " +
        fmt::format("{}", alternatives({diagnosis.mutants.begin() + 1, diagnosis.mutants.end()})) +
        '\n';
  }
  if (diagnosis.fault == Fault::usage) {
    const Trial& best = diagnosis.trials.front();
    text += fmt::format("As asked {} of the values are as expected; as meant, {}.\n\n",
                        percent(diagnosis.before.share), percent(best.distance.share));
    for (const auto* change : best.changes) text += "    " + change->fix + '\n';
    if (!diagnosis.ties.empty()) {
      text +=
          "\nThese explain as much; other texels, sizes that differ, or a smooth mode would "
          "tell:\n";
      for (const std::string& tie : diagnosis.ties) text += "    " + tie + '\n';
    }
  }
  if (!diagnosis.trials.empty()) {
    Table table({{"hypothesis"},
                 {"as expected", Table::Align::right},
                 {"median error", Table::Align::right},
                 {"worst", Table::Align::right}});
    table.add({"(as asked)", percent(diagnosis.before.share),
               fmt::format("{:.4g}", diagnosis.before.median),
               fmt::format("{:.4g}", diagnosis.before.worst)});
    for (std::size_t i = 0; i < std::min<std::size_t>(diagnosis.trials.size(), 10); ++i) {
      const Trial& trial = diagnosis.trials[i];
      table.add({trial.name(), percent(trial.distance.share),
                 fmt::format("{:.4g}", trial.distance.median),
                 fmt::format("{:.4g}", trial.distance.worst)});
    }
    text += '\n' + table.text(painter);
  }
  return text;
}

std::string_view word_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::unknown:
      return "unknown";
    case Fault::refused:
      return "refused";
    case Fault::implementation:
      return "implementation";
    case Fault::usage:
      return "usage";
    case Fault::unexplained:
      break;
  }
  return "unexplained";
}

Json json_of(const Distance& distance) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json("inf"); };
  return {{"share", distance.share},
          {"median", number(distance.median)},
          {"worst", number(distance.worst)}};
}

Json json_of(const Diagnosis& diagnosis) {
  Json trials = Json::array();
  for (const Trial& trial : diagnosis.trials) {
    Json fixes = Json::array();
    for (const auto* change : trial.changes) fixes.push_back(change->fix);
    trials.push_back(
        {{"name", trial.name()}, {"fix", fixes}, {"distance", json_of(trial.distance)}});
  }
  return {{"fault", word_of(diagnosis.fault)},
          {"sentence", diagnosis.sentence},
          {"mutants", diagnosis.mutants},
          {"before", json_of(diagnosis.before)},
          {"ties", diagnosis.ties},
          {"trials", trials}};
}

}  // namespace

int diagnose_command(const DiagnoseArguments& arguments, const Program& program) {
  std::string guesses;
  const diagnosis::Symptom symptom = symptom_of(arguments, guesses);
  Diagnosis diagnosis;
  try {
    diagnosis = diagnosis::diagnose(symptom);
  } catch (const std::invalid_argument& error) {
    throw InputError(error.what());
  }
  if (arguments.json) {
    program.out << json_of(diagnosis).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    program.out << text_of(diagnosis, guesses, program.painter);
  }
  return diagnosis.fault == Fault::none || diagnosis.fault == Fault::unknown ? conforms : findings;
}

}  // namespace gridproof::reports
