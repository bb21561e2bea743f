#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "fuzz/causes/recognize.h"
#include "oracle/probe/adjoint.h"
#include "oracle/probe/fingerprint.h"
#include "oracle/probe/sample.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/question_options.h"
#include "reports/cli/select.h"
#include "reports/question/question_reader.h"
#include "reports/report/notation.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"
#include "reports/text/text_file.h"

namespace gridproof::reports {
namespace {

using probe::Fact;

struct Arguments {
  std::vector<std::string> subjects;
  std::optional<std::string> baseline;  // a fingerprint that was written before
  // With a grid: the weights there instead of a fingerprint. Of the input only the sizes count: its
  // channels become the identity.
  QuestionArguments samples;
};

struct Probed {
  std::string name;
  std::string version;  // what it says it is, "ONNX Runtime 1.31.1"; empty inside this program
  probe::Fingerprint fingerprint;
  std::string transpose;  // a sentence on its backward pass
};

// "name: value" lines, as they were written.
std::vector<Fact> facts_of_text(const std::string& text, const std::string& where) {
  std::vector<Fact> facts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) {
      throw InputError(fmt::format("{}: '{}' is not a line of a fingerprint: expected NAME: VALUE",
                                   printable(where, 200), printable(line, 60)));
    }
    facts.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  if (facts.empty()) throw InputError(printable(where, 200) + ": it holds no fingerprint");
  return facts;
}

// One line where all agree, one for each where they do not.
std::string comparison(const std::vector<Probed>& all, const Painter& painter) {
  std::string text;
  std::size_t differing = 0;
  std::map<std::string, std::vector<std::string>> values;  // of each subject, "" for none
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const Fact& fact : all[i].fingerprint.facts) {
      auto [place, is_new] = values.try_emplace(fact.name, all.size());
      if (is_new) names.push_back(fact.name);
      place->second[i] = fact.value;
    }
  }
  for (const std::string& name : names) {
    const std::vector<std::string>& of_name = values[name];
    if (std::ranges::adjacent_find(of_name, std::ranges::not_equal_to{}) == of_name.end()) {
      text += fmt::format("{}: {}\n", name, of_name.front());
      continue;
    }
    ++differing;
    text += painter(Paint::yellow, name) + ":\n";
    for (std::size_t i = 0; i < all.size(); ++i) {
      text +=
          fmt::format("  {}: {}\n", all[i].name, of_name[i].empty() ? "(not asked)" : of_name[i]);
    }
  }
  return text + fmt::format("\n{}, {} of {} {}\n", counted(std::ssize(all), "fingerprint"),
                            differing, counted(std::ssize(names), "fact"),
                            differing == 1 ? "differs" : "differ");
}

std::string sentence_of(const Recognition& found) {
  if (found.test_cases == 0) return "it answered nothing";
  const std::string test_cases = counted(static_cast<std::int64_t>(found.test_cases), "question");
  if (!found.same.empty()) {
    return fmt::format("in {} the same bits as {}", test_cases, fmt::join(found.same, ", "));
  }
  std::string text =
      fmt::format("in {} of {} other bits than the reference", found.differing, test_cases);
  for (const auto& [name, gain] : found.causes) text += fmt::format("; {} explains {}", name, gain);
  if (found.unexplained > 0)
    text += fmt::format("; {} by nobody in the dictionary", found.unexplained);
  return text;
}

std::string place(const Shape& pixel) { return fmt::format("({})", fmt::join(pixel, ", ")); }

// ---- the backward pass beside the forward pass ----

constexpr std::size_t most_differences = 8;

std::string text_of(const probe::Difference& difference, Dtype dtype) {
  return fmt::format("    sample {}, pixel {}: forward {}, backward {}\n", difference.sample,
                     place(difference.pixel), notation(difference.forward, dtype),
                     notation(difference.backward, dtype));
}

// Whether the gradient of the input is the transpose of the forward pass, entry by entry.
std::string transpose_text(Subject& subject, const probe::OneHotQuery& question) {
  const auto compared = probe::transpose_of(subject, question);
  if (const auto* const word = std::get_if<std::string>(&compared))
    return fmt::format("  backward: {}\n", *word == "unsupported" ? "it has no gradients" : *word);
  const auto& [weights, rounded, differences] = std::get<probe::Transpose>(compared);
  const std::string but =
      rounded == 0 ? "" : fmt::format(", {} of them but for rounding", grouped(rounded));
  if (differences.empty()) {
    return fmt::format("  backward: the transpose of the forward pass in all {} weights{}\n",
                       grouped(weights), but);
  }
  std::string text = fmt::format(
      "  backward: not the transpose of the forward pass in {} of {} "
      "weights{}\n",
      grouped(differences.size()), grouped(weights), but);
  for (std::size_t i = 0; i < std::min(differences.size(), most_differences); ++i)
    text += text_of(differences[i], question.dtype);
  if (differences.size() > most_differences)
    text += fmt::format("    and {} more\n", grouped(differences.size() - most_differences));
  return text;
}

// The same in a sentence, of every mode, padding, flag and rank in f32 at a few coordinates.
std::string transpose_sentence(Subject& subject) {
  std::size_t kinds = 0;
  std::string wrong;
  for (const int axes : {2, 3}) {
    for (const auto& [mode, mode_name] : names<Mode>) {
      if (axes == 3 && mode == Mode::bicubic) continue;
      for (const auto& [padding, padding_name] : names<Padding>) {
        for (const bool align_corners : {false, true}) {
          const probe::OneHotQuery question{.request = request_for({mode, padding, align_corners}),
                                            .dtype = Dtype::f32,
                                            .pixels = axes == 2 ? Shape{4, 5} : Shape{2, 3, 4},
                                            .coordinates = {-1.375, 0.3, -0.6875, 1.25, 0.125, -0.5,
                                                            0.9, 0.0625, -0.2, 1.0, -1.0, 0.7}};
          const auto compared = probe::transpose_of(subject, question);
          if (std::holds_alternative<std::string>(compared)) continue;
          ++kinds;
          if (std::get<probe::Transpose>(compared).differences.empty()) continue;
          wrong += fmt::format("{}{} {} align_corners={} {}-D", wrong.empty() ? "" : ", ",
                               mode_name, padding_name, align_corners ? "True" : "False", axes + 2);
        }
      }
    }
  }
  if (kinds == 0) return "it has no gradients";
  if (wrong.empty()) {
    return fmt::format("its backward pass is the transpose of its forward pass in {}",
                       counted(static_cast<std::int64_t>(kinds), "kind") + " of questions");
  }
  return "its backward pass is not the transpose of its forward pass in " + wrong;
}

// The weights of a subject at the coordinates of a question.
std::string samples_of(const std::string& name, const Case& asked, Subject& subject) {
  constexpr std::size_t most = 64;
  probe::OneHotQuery question{
      .request = asked.request,
      .dtype = asked.input.dtype(),
      .pixels = {asked.input.shape().begin() + 2, asked.input.shape().end()},
      .coordinates = asked.grid.values()};
  if (element_count(question.pixels) > 4096) {
    throw InputError("--input has more than 4096 pixels: each becomes a channel");
  }
  question.coordinates.resize(std::min(question.coordinates.size(), most * question.axes()));
  const std::vector<probe::ProbedSample> samples = probe::probed_samples(subject, question);
  std::string text = printable(name) + (samples.empty() ? ": no answer\n" : ":\n");
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const probe::ProbedSample& sample = samples[s];
    text += fmt::format("  sample {}: reads {}\n", s, counted(std::ssize(sample.read), "pixel"));
    for (const auto& [pixel, weight] : sample.taps) {
      text += fmt::format("    {}  {}\n", place(pixel), notation(weight, question.dtype));
    }
    for (std::size_t k = 0; k < sample.implied.size(); ++k) {
      const probe::Implied& implied = sample.implied[k];
      text += fmt::format(
          "    {} = {:.9g}, without rounding {:.9g}: {:.3g} ulp, {}\n", "xyz"[k], implied.position,
          implied.exact, implied.ulps,
          implied.bits == 0 ? "a whole number" : fmt::format("a multiple of 2^-{}", implied.bits));
    }
  }
  return samples.empty() ? text : text + transpose_text(subject, question);
}

Probed probed(const SubjectEntry& entry) {
  const std::unique_ptr<Subject> subject = open_subject(entry);
  Probed result{.name = printable(entry.name)};
  if (const SubjectInfo info = subject->info(); !info.name.empty()) {
    result.version = printable(info.name + ' ' + info.version, 200);
  }
  result.fingerprint = probe::fingerprint_of(*subject);
  result.transpose = transpose_sentence(*subject);
  return result;
}

void options(CLI::App& app, Arguments& arguments) {
  add_each(app, "--subject", arguments.subjects, "NAME", "A subject to probe; several are compared")
      ->required();
  app.add_option("--baseline", arguments.baseline,
                 "The output of an earlier probe; exit 1 if anything has changed")
      ->type_name("FILE");
  QuestionArguments& samples = arguments.samples;
  CLI::Option* grid =
      add_tensor(app, "--grid", samples.grid, "Show the weights at these coordinates instead");
  add_tensor(app, "--input", samples.input, "With --grid: an input of the intended size")
      ->needs(grid);
  grid->needs("--input");
  app.add_option("--mode", samples.mode, "With --grid: interpolation mode, as for diagnose")
      ->needs(grid);
  app.add_option("--padding-mode", samples.padding_mode, "With --grid: padding mode")->needs(grid);
  add_align_corners(app, samples.align_corners)->needs(grid);
  add_isolation(app);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  std::optional<Probed> baseline;
  if (arguments.baseline) {
    if (arguments.subjects.size() != 1) throw InputError("--baseline needs exactly one --subject");
    const std::string& file = *arguments.baseline;
    baseline = Probed{.name = file,
                      .version = {},
                      .fingerprint = {facts_of_text(text_of_file(file), file), {}},
                      .transpose = {}};
  }
  if (arguments.samples.grid) {
    const UserQuestion question = read_question(arguments.samples, program.in);
    if (question.test_case.input.rank() != question.test_case.grid.rank()) {
      throw InputError("--input and --grid have different ranks");
    }
    for (const SubjectEntry& entry : select(program.roster, arguments.subjects)) {
      program.out << samples_of(entry.name, question.test_case, *open_subject(entry));
    }
    return ExitCode::ok;
  }
  std::vector<Probed> all;
  for (const SubjectEntry& entry : select(program.roster, arguments.subjects)) {
    all.push_back(probed(entry));
  }
  const std::vector<Fact>& first = all.front().fingerprint.facts;
  if (baseline) {
    const bool same = baseline->fingerprint.facts == first;
    program.out << comparison({*baseline, all.front()}, program.painter);
    return same ? ExitCode::ok : ExitCode::findings;
  }
  if (all.size() == 1) {
    for (const Fact& fact : first) program.out << fact.name << ": " << fact.value << '\n';
  } else {
    program.out << comparison(all, program.painter);
  }
  program.out << "\nAll of this is of small dense inputs. What depends on sizes, on layouts or on "
                 "earlier questions,\ngridproof check asks.\n\n";
  for (const Probed& one : all) {
    program.out << one.name << ": " << one.transpose << '\n'
                << one.name << (one.version.empty() ? "" : ", ") << one.version << ": "
                << sentence_of(recognize(one.fingerprint.asked)) << '\n';
  }
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command probe = {
    .name = "probe",
    .group = Group::more,
    .summary = "Measure a subject's rules and the arithmetic behind its weights",
    .example = "gridproof probe --subject torch-2.15.0 > torch.txt",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
