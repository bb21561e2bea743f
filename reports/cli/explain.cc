#include "reports/diagnosis/explain.h"

#include <fmt/core.h>

#include "oracle/exact/exact.h"
#include "oracle/exact/gradients.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/question_options.h"
#include "reports/diagnosis/explain_gradients.h"
#include "reports/page/links.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/text/case_reader.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  SymptomArguments symptom;
  // Left out: what is wrong or furthest from what was expected, or the first.
  std::optional<std::int64_t> sample;
  std::optional<std::vector<std::int64_t>> location;  // n, (d,) h, w; instead of `sample`
  std::optional<std::int64_t> channel;
  Profile profile;
  // A question about gradients, instead of `symptom`, and the number to explain: by its indices in
  // that gradient, or by its number.
  std::optional<std::string> backward;
  std::optional<std::vector<std::int64_t>> coordinate;
  std::optional<std::vector<std::int64_t>> texel;
};

// The number of the sample at an output location; of a batch of one n may be left out.
std::int64_t sample_at(Shape location, const Shape& grid) {
  const Shape sizes(grid.begin(), grid.end() - 1);
  if (sizes[0] == 1 && location.size() + 1 == sizes.size()) location.insert(location.begin(), 0);
  bool inside = location.size() == sizes.size();
  std::int64_t sample = 0;
  for (std::size_t axis = 0; inside && axis < sizes.size(); ++axis) {
    inside = location[axis] < sizes[axis];
    sample = sample * sizes[axis] + location[axis];
  }
  if (!inside) {
    const std::string given = to_string(location);
    throw InputError(fmt::format("--at is '{}': expected {} indices within {}",
                                 given.substr(1, given.size() - 2), sizes.size(),
                                 to_string(sizes)));
  }
  return sample;
}

// The number of an element of a gradient of that shape, from itself or its indices; of a batch of
// one n may be left out.
std::int64_t element_at(std::string_view option, Shape indices, const Shape& sizes) {
  const bool is_number = indices.size() == 1;
  if (sizes[0] == 1 && !is_number && indices.size() + 1 == sizes.size()) {
    indices.insert(indices.begin(), 0);
  }
  bool inside = is_number ? indices[0] < element_count(sizes) : indices.size() == sizes.size();
  std::int64_t element = is_number ? indices[0] : 0;
  for (std::size_t axis = 0; inside && !is_number && axis < sizes.size(); ++axis) {
    inside = indices[axis] < sizes[axis];
    element = element * sizes[axis] + indices[axis];
  }
  if (!inside) {
    const std::string given = to_string(indices);
    throw InputError(fmt::format("{} is '{}': expected {} indices within {}, or a number below {}",
                                 option, given.substr(1, given.size() - 2), sizes.size(),
                                 to_string(sizes), element_count(sizes)));
  }
  return element;
}

// Which number of which gradient is meant: the first of one that is wanted, if none is named.
std::pair<Gradient, std::int64_t> named_number(const Arguments& arguments,
                                               const BackwardCase& test_case) {
  const Shape& grid = test_case.forward.grid.shape();
  const Shape& input = test_case.forward.input.shape();
  if (arguments.coordinate) {
    return {Gradient::grid, element_at("--coordinate", *arguments.coordinate, grid)};
  }
  if (arguments.texel) return {Gradient::input, element_at("--texel", *arguments.texel, input)};
  const bool is_of_input = test_case.output_mask.input && !test_case.output_mask.grid;
  return {is_of_input ? Gradient::input : Gradient::grid, 0};
}

ExitCode explain_backward(const std::string& line, const Arguments& arguments,
                          const Context& program) {
  const BackwardCase test_case = read_backward_case(line, program.in);
  if (const auto refusal = exact::refusal_of(test_case)) {
    program.out << describe(test_case) << "\n\nThe operator refuses this case under ["
                << refusal->clause << "]: " << printable(refusal->message, 300) << '\n';
    return ExitCode::usage_error;
  }
  const auto [gradient, element] = named_number(arguments, test_case);
  if (sample_count(test_case.forward) == 0 || test_case.forward.input.element_count() == 0) {
    throw InputError("this case has no samples or no texels: there is nothing to add up");
  }
  program.out << explain_gradient(test_case, gradient, element, arguments.profile, program.painter);
  return ExitCode::ok;
}

void require_below(std::string_view option, std::int64_t value, std::int64_t count,
                   std::string_view thing) {
  if (value < count) return;
  throw InputError(count == 0 ? fmt::format("the output of this case has no {}s", thing)
                              : fmt::format("{} is '{}': expected 0 to {}, the case has {}", option,
                                            value, count - 1, counted(count, thing)));
}

// What to look at: the first finding, or what is furthest from what was expected or observed.
diagnosis::Element worst_element(const diagnosis::Symptom& symptom,
                                 const diagnosis::Diagnosis& diagnosis) {
  if (const auto* finding = diagnosis::first_finding(diagnosis.judgment)) {
    return {.sample = finding->sample, .channel = finding->channel};
  }
  const std::optional<Tensor>& other = symptom.expected ? symptom.expected : symptom.observed;
  const auto documented = std::get<Tensor>(grid_sample(symptom.test_case));
  if (!other || documented.element_count() == 0) return {};
  return diagnosis::furthest_element(documented, *other);
}

// One element of an output.
std::string element(const Tensor& output, std::int64_t sample, std::int64_t channel) {
  const std::int64_t place = element_place(output.shape(), sample, channel);
  return notation(output.values()[static_cast<std::size_t>(place)], output.dtype());
}

// What was observed and expected there, and the same location of the question that was meant.
std::string compared(const diagnosis::Symptom& symptom, const diagnosis::Diagnosis& diagnosis,
                     const diagnosis::Element& place, const Profile& profile,
                     const Painter& painter) {
  std::string text;
  const auto add = [&](const char* label, const std::optional<Tensor>& output) {
    if (output) {
      text += fmt::format("  {:<12} {}\n", label, element(*output, place.sample, place.channel));
    }
  };
  add("observed", symptom.observed);
  add("expected", symptom.expected);
  text += '\n' + painter(Paint::bold, printable(diagnosis.sentence, 1000)) + '\n';
  if (diagnosis.fault != diagnosis::Fault::usage) return text;
  const auto situation = diagnosis::situation_of(symptom.test_case, symptom.world, symptom.given);
  const auto meant = diagnosis::meant_question(diagnosis.attempts.front().changes, situation);
  if (!meant) {
    return text +
           "One call of grid_sample cannot do what is intended: change its output, or use another "
           "implementation.\n";
  }
  return text + "\nAs meant:\n" + explain(*meant, place.sample, place.channel, profile, painter);
}

void options(CLI::App& app, Arguments& arguments) {
  add_symptom(app, arguments.symptom);
  CLI::Option* sample =
      add_parsed(app, "--sample", arguments.sample, parse_index, "N",
                 "The sample to explain, counted in row-major order over (N, output) [the worst]");
  add_parsed(app, "--at", arguments.location, parse_indices, "n,h,w",
             "The sample to explain, by its location in the output")
      ->excludes(sample);
  add_parsed(app, "--channel", arguments.channel, parse_index, "C",
             "The channel to explain [the worst]");
  add_profile(app, arguments.profile);
  CLI::Option* backward = app.add_option("--gradient", arguments.backward,
                                         "A case of gradients, 'grid_sample_backward …', or "
                                         "FILE:LINE, one number of which is to be explained")
                              ->type_name("LINE")
                              ->excludes("case");
  CLI::Option* coordinate =
      add_parsed(app, "--coordinate", arguments.coordinate, parse_indices, "n,h,w,axis",
                 "The gradient of a coordinate (axis 0 is x), by its indices or its number in "
                 "row-major order")
          ->needs(backward);
  add_parsed(app, "--texel", arguments.texel, parse_indices, "n,c,h,w",
             "The gradient of a texel, by its indices or its number")
      ->needs(backward)
      ->excludes(coordinate);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  if (arguments.backward) return explain_backward(*arguments.backward, arguments, program);
  std::string guesses;
  const diagnosis::Symptom symptom = read_symptom(arguments.symptom, program.in, guesses);
  const Case& test_case = symptom.test_case;
  if (!guesses.empty()) program.out << program.painter(Paint::dim, guesses) << '\n';
  if (const auto refusal = exact::refusal_of(test_case)) {
    program.out << describe(test_case) << "\n\nThe operator refuses this case under ["
                << refusal->clause << "]: " << printable(refusal->message, 300) << '\n';
    return ExitCode::usage_error;
  }
  const bool is_compared = symptom.observed || symptom.expected;
  diagnosis::Diagnosis diagnosis;
  try {
    if (is_compared) diagnosis = diagnosis::diagnose(symptom);
  } catch (const std::invalid_argument& error) {
    throw with_guesses(error.what(), guesses);
  }
  diagnosis::Element place;
  if (arguments.location) {
    place.sample = sample_at(*arguments.location, test_case.grid.shape());
  } else if (arguments.sample) {
    place.sample = *arguments.sample;
  } else if (is_compared) {
    place = worst_element(symptom, diagnosis);
  }
  if (arguments.channel) place.channel = *arguments.channel;
  require_below("--sample", place.sample, sample_count(test_case), "sample");
  require_below("--channel", place.channel, test_case.input.size(1), "channel");
  program.out << explain(test_case, place.sample, place.channel, arguments.profile,
                         program.painter);
  if (const std::string site = site_address(); !site.empty()) {
    program.out << '\n' << site << question_link(to_line(test_case)) << '\n';
  }
  if (is_compared) {
    program.out << compared(symptom, diagnosis, place, arguments.profile, program.painter);
  }
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command explain = {.name = "explain",
                                .group = Group::wrong_values,
                                .summary = "Compute one output location step by step",
                                .example =
                                    "gridproof explain 'grid_sample input=f32[1,1,2,2]{1..4} "
                                    "grid=f32[1,1,1,2]{0.25,-0.5}'",
                                .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
