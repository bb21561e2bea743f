#include <fmt/core.h>

#include "oracle/exact/exact.h"
#include "reference/semantics/grid_sample.h"
#include "reports/commands.h"
#include "reports/explain.h"
#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

// The number of the sample at an output location.
std::int64_t sample_at(const Shape& location, const Shape& grid) {
  const Shape sizes(grid.begin(), grid.end() - 1);
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

void require_below(std::string_view option, std::int64_t value, std::int64_t count,
                   std::string_view thing) {
  if (value < count) return;
  throw InputError(count == 0 ? fmt::format("the output of this case has no {}s", thing)
                              : fmt::format("{} is '{}': expected 0 to {}, the case has {}", option,
                                            value, count - 1, counted(count, thing)));
}

// The sample that is furthest from what was expected, or else from what was observed.
std::int64_t worst_sample(const diagnosis::Symptom& symptom) {
  const std::optional<Tensor>& other = symptom.expected ? symptom.expected : symptom.observed;
  const auto documented = std::get<Tensor>(grid_sample(symptom.question));
  if (!other || other->shape() != documented.shape() || documented.element_count() == 0) return 0;
  return diagnosis::furthest_sample(documented, *other);
}

// One element of an output.
std::string element(const Tensor& output, std::int64_t sample, std::int64_t channel) {
  const std::int64_t place = element_place(output.shape(), sample, channel);
  return notation(output.values()[static_cast<std::size_t>(place)], output.dtype());
}

// What was observed and expected there, and the same location of the question that was meant.
std::string compared(const diagnosis::Symptom& symptom, std::int64_t sample,
                     const ExplainArguments& arguments, const Painter& painter) {
  if (!symptom.observed && !symptom.expected) return "";
  const diagnosis::Diagnosis diagnosis = diagnosis::diagnose(symptom);  // it looks at the shapes
  std::string text;
  const auto add = [&](const char* label, const std::optional<Tensor>& output) {
    if (output)
      text += fmt::format("  {:<12} {}\n", label, element(*output, sample, arguments.channel));
  };
  add("observed", symptom.observed);
  add("expected", symptom.expected);
  text += '\n' + painter(Paint::bold, printable(diagnosis.sentence, 1000)) + '\n';
  if (diagnosis.fault != diagnosis::Fault::usage) return text;
  const auto situation = diagnosis::situation_of(symptom.question, symptom.spacing);
  const auto meant = diagnosis::meant_question(diagnosis.trials.front(), situation);
  if (!meant) return text;
  return text + "\nAs meant:\n" +
         explain(*meant, sample, arguments.channel, arguments.profile, painter);
}

}  // namespace

int explain_command(const ExplainArguments& arguments, const Program& program) {
  std::string guesses;
  const diagnosis::Symptom symptom = read_symptom(arguments.symptom, program.in, guesses);
  const Case& question = symptom.question;
  if (!guesses.empty()) program.out << program.painter(Paint::dim, guesses) << '\n';
  if (const auto refusal = exact::refusal_of(question)) {
    program.out << describe(question) << "\n\nThe operator refuses this question under ["
                << refusal->clause << "]: " << printable(refusal->message, 300) << '\n';
    return conforms;
  }
  const std::int64_t sample = arguments.location
                                  ? sample_at(*arguments.location, question.grid.shape())
                              : arguments.sample ? *arguments.sample
                                                 : worst_sample(symptom);
  require_below("--sample", sample, sample_count(question), "sample");
  require_below("--channel", arguments.channel, question.input.size(1), "channel");
  program.out << explain(question, sample, arguments.channel, arguments.profile, program.painter);
  try {
    program.out << compared(symptom, sample, arguments, program.painter);
  } catch (const std::invalid_argument& error) {
    throw InputError(error.what());
  }
  return conforms;
}

}  // namespace gridproof::reports
