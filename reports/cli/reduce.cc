#include <fmt/core.h>

#include <cctype>
#include <filesystem>

#include "reference/contract/foreign_text.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/question_options.h"
#include "reports/cli/reduce_gradients.h"
#include "reports/cli/select.h"
#include "reports/cli/write_files.h"
#include "reports/diagnosis/reduction.h"
#include "reports/render/snippets.h"
#include "reports/report/notation.h"
#include "reports/text/input_error.h"
#include "reports/vectors/onnx_node.h"

namespace gridproof::reports {
namespace {

using diagnosis::Fault;
using diagnosis::Reduced;

struct Arguments {
  SymptomArguments symptom;
  std::optional<std::string> subject;  // who gave what was observed, to be asked again
  std::optional<std::string> out;      // a folder for the files
};

// "units.pixels, align_corners=True" → "UnitsPixelsAlignCornersTrue"
std::string test_name(const std::string& cause) {
  std::string name;
  bool begins = true;
  for (const char c : cause) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_letter) name += static_cast<char>(begins ? std::toupper(c) : c);
    begins = !is_letter;
  }
  return name.empty() ? "Reduced" : name;
}

using Files = std::vector<std::pair<std::string, std::string>>;

// Writes the question as code, and as a node test of ONNX where that has such questions. Returns
// the paths.
std::vector<std::string> write(const Reduced& reduced, const std::filesystem::path& folder) {
  const Case& test_case = reduced.symptom.test_case;
  Files files = {
      {"case.txt", to_line(test_case) + '\n'},
      {"reduced.py", pytorch_snippet(test_case, reduced.right, reduced.symptom.observed)},
      {"reduced_test.cc", cpp_test(test_case, reduced.right, test_name(reduced.signature.cause))}};
  const Judge judge({}, Dialect::onnx);
  std::vector<Admissible> admissible;
  for (std::int64_t n = 0; n < sample_count(test_case); ++n) {
    for (std::int64_t c = 0; c < test_case.input.size(1); ++c) {
      admissible.push_back(judge.admissible(test_case, n, c));
    }
  }
  const auto node = node_test_of(test_case, grid_sample(test_case), Dialect::onnx, admissible);
  Files data;
  if (node) {
    files.emplace_back("model.onnx", node->model);
    data = {{"input_0.pb", node->input}, {"input_1.pb", node->grid}, {"output_0.pb", node->output}};
  }
  std::vector<std::string> paths;
  const auto write_all = [&](const std::filesystem::path& where, const Files& contents) {
    if (contents.empty()) return;
    std::vector<std::pair<std::string, std::string_view>> views(contents.begin(), contents.end());
    write_files(where, views);
    for (const auto& [name, content] : contents) paths.push_back((where / name).string());
  };
  write_all(folder, files);
  write_all(folder / "test_data_set_0", data);
  return paths;
}

void options(CLI::App& app, Arguments& arguments) {
  add_symptom(app, arguments.symptom);
  app.add_option("--subject", arguments.subject,
                 "The subject that gave the observed output, to be asked again")
      ->type_name("NAME");
  app.add_option("--out", arguments.out, "A folder for the files, which include an ONNX model")
      ->type_name("DIR");
  add_isolation(app);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  if (const auto backward = backward_question(arguments.symptom.test_case.line, program.in)) {
    if (!arguments.subject) {
      throw InputError("gradients are reduced by asking again who gave them: expected --subject");
    }
    return reduce_gradients(*backward, *arguments.subject, arguments.out, program);
  }
  std::string guesses;
  diagnosis::Symptom symptom = read_symptom(arguments.symptom, program.in, guesses);
  std::unique_ptr<Subject> subject;
  diagnosis::Answerer answerer;
  if (arguments.subject) {
    subject = open_subject(select(program.roster, {*arguments.subject}).front());
    answerer = [&](const Case& test_case) { return subject->answer(test_case); };
    if (!symptom.observed) {
      const Answer answer = answerer(symptom.test_case);
      if (const auto* output = std::get_if<Tensor>(&answer)) symptom.observed = *output;
    }
  }
  if (!symptom.observed && !symptom.expected) {
    throw InputError(
        "nothing to compare with: expected --observed, --expected, --intent or --subject");
  }
  diagnosis::Diagnosis diagnosis;
  std::optional<Reduced> reduced;
  try {
    diagnosis = diagnosis::diagnose(symptom);
    reduced = diagnosis::reduced(symptom, diagnosis, answerer);
  } catch (const std::invalid_argument& error) {
    throw with_guesses(error.what(), guesses);
  }
  if (!guesses.empty()) program.out << program.painter(Paint::dim, guesses) << '\n';
  if (!reduced) {
    const bool is_wrong = diagnosis.fault == Fault::usage ||
                          diagnosis.fault == Fault::implementation ||
                          diagnosis.fault == Fault::unexplained;
    program.out << printable(diagnosis.sentence, 1000) << '\n';
    if (!is_wrong) {
      program.out << "There is nothing to reduce.\n";
    } else {
      program.out
          << "It cannot be reduced: "
          << (diagnosis.fault == Fault::implementation
                  ? "no mutant gives these answers; --subject asks the implementation again.\n"
                  : "the expected output of a smaller case is unknown.\n");
    }
    return is_wrong ? ExitCode::findings : ExitCode::ok;
  }
  const Case& test_case = reduced->symptom.test_case;
  program.out << program.painter(Paint::bold, reduced->signature.cause) << '\n'
              << describe(symptom.test_case) << "\nis reduced to\n"
              << describe(test_case) << "\n\n";
  const std::string line = to_line(test_case);
  constexpr std::size_t max_characters = 4000;  // that somebody looks at
  if (line.size() > max_characters) {
    program.out << "The smallest case is too long to print; --out FOLDER writes it.\n";
  } else {
    program.out << line << "\n\n"
                << pytorch_snippet(test_case, reduced->right, reduced->symptom.observed) << '\n'
                << cpp_test(test_case, reduced->right, test_name(reduced->signature.cause));
  }
  if (arguments.out) {
    program.out << '\n';
    for (const std::string& path : write(*reduced, *arguments.out)) program.out << path << '\n';
  }
  return ExitCode::findings;
}

}  // namespace

namespace commands {
extern const Command reduce = {
    .name = "reduce",
    .group = Group::wrong_values,
    .summary = "Find the smallest case that shows the same mistake, as code to paste",
    .example = "gridproof reduce --input in.npy --grid grid.npy --expected out.npy --out small",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
