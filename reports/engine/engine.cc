#include "reports/engine/engine.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <variant>

#include "fuzz/mutants/mutants.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/explain.h"
#include "reports/page/number_line.h"
#include "reports/render/snippets.h"
#include "reports/report/notation.h"

namespace gridproof::reports::engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t most_elements = 4096;  // of an answer that is written out
constexpr std::size_t most_notable = 64;

Profile profile_of(std::string_view text) {
  const auto profile = parse_profile(text);
  if (!profile) throw std::invalid_argument("'" + std::string(text) + "' is not a profile");
  return *profile;
}

// A text of foreign bytes is no JSON; what a message repeats of a case line is visible ASCII.
std::string written(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// The case of a line, which has this element.
Case case_with(std::string_view line, const Element& element) {
  Case test_case = parse_case(line);
  if (exact::refusal_of(test_case) || element.sample < 0 || element.channel < 0 ||
      element.sample >= sample_count(test_case) || element.channel >= test_case.input.size(1)) {
    throw std::invalid_argument("the question has no such element");
  }
  return test_case;
}

Json judgment_of(const Case& test_case, const Answer& answer, std::string_view profile) {
  const Answer expected = grid_sample(test_case);
  const Judgment judgment = Judge(profile_of(profile)).judge(test_case, answer, &expected);
  Json json;
  json["verdict"] = name(judgment.worst());
  json["clause"] = judgment.notable.empty() ? "" : judgment.notable.front().clause;
  Json& samples = json["samples"] = Json::object();
  for (const auto& [verdict, called] : names<Verdict>) {
    if (judgment[verdict] > 0) samples[std::string(called)] = judgment[verdict];
  }
  Json& notable = json["notable"] = Json::array();
  for (const SampleVerdict& one : judgment.notable) {
    if (notable.size() == most_notable) break;
    notable.push_back({{"sample", one.sample},
                       {"channel", one.channel},
                       {"verdict", name(one.verdict)},
                       {"clause", one.clause},
                       {"within", one.within ? to_string(*one.within) : ""},
                       {"reason", one.reason}});
  }
  return json;
}

}  // namespace

std::string ask(std::string_view line) {
  Json json;
  if (!line.starts_with("grid_sample ")) {
    json["line"] = line;
    json["answer"] = answer_text(line);
    return written(json);
  }
  const Case test_case = parse_case(line);
  json["line"] = to_line(test_case);
  json["question"] = describe(test_case);
  const Answer answer = grid_sample(test_case);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    json["refused"] = {{"clause", refusal->clause}, {"message", refusal->message}};
    return written(json);
  }
  const std::int64_t samples = sample_count(test_case);
  const std::int64_t channels = test_case.input.size(1);
  const auto& output = std::get<Tensor>(answer);
  json["output"] = fmt::format("{}{}", name(output.dtype()), to_string(output.shape()));
  if (samples * channels <= most_elements) json["answer"] = to_text(answer);
  json["samples"] = samples;
  json["channels"] = channels;
  return written(json);
}

std::string draw(std::string_view line, const Element& element) {
  return picture(case_with(line, element), element);
}

std::string look(std::string_view line, const Element& element, std::string_view profile,
                 std::string_view answer) {
  const Case test_case = case_with(line, element);
  const Profile wanted = profile_of(profile);
  const Dtype dtype = test_case.input.dtype();
  const Admissible admissible =
      Judge(wanted).admissible(test_case, element.sample, element.channel);
  const Shape place = indices_of(element.sample, test_case.grid.shape());
  Shape of_grid = place;
  std::string coordinate;
  for (std::int64_t i = 0; i < test_case.grid.shape().back(); ++i) {
    of_grid.push_back(i);
    coordinate +=
        (i > 0 ? ", " : "") + notation(test_case.grid.at(of_grid), test_case.grid.dtype());
    of_grid.pop_back();
  }
  const auto output = std::get<Tensor>(grid_sample(test_case));
  Shape of_output = place;
  of_output.insert(of_output.begin() + 1, element.channel);
  Json json;
  json["location"] = location(place);
  json["coordinate"] = '(' + coordinate + ')';
  json["value"] = notation(output.at(of_output), dtype);
  json["exact"] = short_exact(exact::Evaluator(test_case).element(element.sample, element.channel));
  json["admissible"] = notation(admissible, dtype);
  json["undecided"] = admissible.undecided;
  json["clause"] = admissible.clause;
  std::vector<double> given;
  if (!answer.empty()) {
    const Tensor theirs = parse_tensor(answer);
    if (theirs.shape() == output.shape()) given.push_back(theirs.at(of_output));
  }
  json["line"] = number_line(admissible, output.at(of_output), given, dtype);
  json["explanation"] = explain(test_case, element.sample, element.channel, wanted, Painter());
  return written(json);
}

std::string script(std::string_view line, std::string_view answer) {
  const Case test_case = parse_case(line);
  const Answer right = grid_sample(test_case);
  const auto* output = std::get_if<Tensor>(&right);
  if (output == nullptr || output->element_count() > most_elements ||
      test_case.input.element_count() > most_elements ||
      test_case.grid.element_count() > most_elements) {
    return "";
  }
  std::optional<Tensor> observed;
  if (!answer.empty()) {
    observed = parse_tensor(answer);
    if (observed->shape() != output->shape()) observed.reset();
  }
  return pytorch_snippet(test_case, *output, observed);
}

std::string judge(std::string_view line, std::string_view answer, std::string_view profile) {
  return written(judgment_of(parse_case(line), parse_tensor(answer), profile));
}

std::string answer_of(std::string_view mutant, std::string_view line, std::string_view profile) {
  const Mutant* wrong = find_mutant(mutant);
  if (wrong == nullptr) {
    throw std::invalid_argument("no wrong semantics is named '" + std::string(mutant) + "'");
  }
  const Case test_case = parse_case(line);
  const Answer answer = wrong->answer(test_case);
  Json json;
  json["answer"] = to_text(answer);
  json.update(judgment_of(test_case, answer, profile));
  return written(json);
}

}  // namespace gridproof::reports::engine
