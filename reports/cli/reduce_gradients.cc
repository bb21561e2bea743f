#include "reports/cli/reduce_gradients.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/gradients/reduce.h"
#include "oracle/gradients/gradient_judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/select.h"
#include "reports/cli/write_files.h"
#include "reports/render/snippets.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/text/case_reader.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// What a subject does wrong about a question: the first number that is a finding.
class Objections {
 public:
  explicit Objections(Subject& subject)
      : subject_(subject),
        judge_({}, subject.info().dialect == Dialect::pytorch ? Kinks::right : Kinks::one_sided) {}

  std::optional<GradientVerdict> first(const BackwardCase& test_case) {
    const BackwardAnswer expected = grid_sample_backward(test_case);
    const GradientJudgment judgment =
        judge_.judge(test_case, subject_.backward(test_case), &expected);
    const auto found = std::ranges::find_if(judgment.notable, [](const GradientVerdict& verdict) {
      return is_finding(verdict.verdict, false);
    });
    return found == judgment.notable.end() ? std::nullopt : std::optional(*found);
  }

  bool shows(const BackwardCase& test_case, const GradientVerdict& what) {
    const auto verdict = first(test_case);
    return verdict && verdict->verdict == what.verdict && verdict->gradient == what.gradient &&
           verdict->clause == what.clause;
  }

 private:
  Subject& subject_;
  GradientJudge judge_;
};

std::string script_of(const BackwardCase& test_case) {
  const BackwardAnswer right = grid_sample_backward(test_case);
  const auto* const gradients = std::get_if<Gradients>(&right);
  return gradients == nullptr ? "" : pytorch_snippet(test_case, *gradients);
}

void write(const BackwardCase& test_case, const std::string& folder, std::ostream& out) {
  const std::string line = to_line(test_case) + '\n';
  const std::string script = script_of(test_case);
  std::vector<std::pair<std::string, std::string_view>> files = {{"case.txt", line}};
  if (!script.empty()) files.emplace_back("reduced.py", script);
  write_files(folder, files);
  out << '\n';
  for (const auto& [name, content] : files)
    out << (std::filesystem::path(folder) / name).string() << '\n';
}

}  // namespace

std::optional<BackwardCase> backward_question(const std::optional<std::string>& line,
                                              std::istream& in) {
  if (!line || *line == "-") return std::nullopt;
  std::vector<SourcedCase> cases = read_cases(*line, in);
  auto* const backward =
      cases.size() == 1 ? std::get_if<BackwardCase>(&cases.front().test_case) : nullptr;
  return backward == nullptr ? std::nullopt : std::optional(std::move(*backward));
}

ExitCode reduce_gradients(const BackwardCase& test_case, const std::string& name,
                          const std::optional<std::string>& out, const Context& program) {
  constexpr int tries = 400;
  const std::unique_ptr<Subject> subject = open_subject(select(program.roster, {name}).front());
  Objections objections(*subject);
  const auto what = objections.first(test_case);
  if (!what) {
    program.out << "These gradients are right.\nThere is nothing to reduce.\n";
    return ExitCode::ok;
  }
  const BackwardCase smallest = reduced(
      test_case, what->gradient,
      [&](const BackwardCase& candidate) { return objections.shows(candidate, *what); }, tries);
  program.out << program.painter(
                     Paint::bold,
                     fmt::format("{} {} {}", gridproof::name(what->gradient),
                                 gridproof::name(what->verdict), bracketed(what->clause)))
              << '\n'
              << describe(test_case) << "\nis reduced to\n"
              << describe(smallest) << "\n\n";
  constexpr std::size_t max_characters = 4000;  // that somebody looks at
  const std::string line = to_line(smallest);
  if (line.size() > max_characters) {
    program.out << "The smallest case is too long to print; --out FOLDER writes it.\n";
  } else {
    program.out << line << "\n\n" << script_of(smallest);
  }
  if (out) write(smallest, *out, program.out);
  return ExitCode::findings;
}

}  // namespace gridproof::reports
