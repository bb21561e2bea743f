#include "reports/cli/replay_gradients.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <variant>

#include "reference/semantics/grid_sample.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/report/report.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_message = 300;

// Only PyTorch says which side counts at a kink.
Kinks kinks_under(Dialect dialect) {
  return dialect == Dialect::pytorch ? Kinks::right : Kinks::one_sided;
}

// What stands in a table for an answer without the gradients that were wanted.
std::string instead_of(const BackwardAnswer& answer, const GradientJudgment& judgment) {
  if (const auto* const refusal = std::get_if<Refusal>(&answer)) {
    return fmt::format("refused{}: {}", refusal->clause.empty() ? "" : " [" + refusal->clause + ']',
                       printable(refusal->message, max_message));
  }
  if (const auto* const lost = std::get_if<Lost>(&answer)) {
    return "lost: " + printable(lost->why, max_message);
  }
  if (const auto* const unsupported = std::get_if<Unsupported>(&answer)) {
    return "does not take part: " + printable(unsupported->what, max_message);
  }
  return printable(judgment.message, max_message);
}

}  // namespace

Table::Cell verdict_cell(Verdict verdict, const std::string& clause, bool strict) {
  const Paint paint = is_finding(verdict, strict)      ? Paint::red
                      : verdict <= Verdict::admissible ? Paint::green
                                                       : Paint::yellow;
  return {std::string(name(verdict)) + (clause.empty() ? "" : " [" + clause + ']'), paint};
}

GradientReplay::GradientReplay(const BackwardCase& test_case,
                               const std::vector<OpenSubject>& subjects, const Profile& profile,
                               std::optional<Dialect> dialect, bool strict, const Painter& painter)
    : case_(test_case),
      subjects_(subjects),
      strict_(strict),
      painter_(painter),
      expected_(grid_sample_backward(test_case)) {
  for (const OpenSubject& subject : subjects) {
    const GradientJudge judge(profile,
                              kinks_under(dialect.value_or(subject.subject->info().dialect)));
    BackwardAnswer answer = subject.subject->backward(test_case);
    GradientJudgment judgment = judge.judge(test_case, answer, &expected_);
    replies_.push_back({judge, std::move(answer), std::move(judgment)});
  }
}

std::string GradientReplay::text() const {
  std::string text = describe(case_) + '\n' + whole_answers();
  if (!std::holds_alternative<Gradients>(expected_)) return text;
  for (const auto& named : names<Gradient>) {
    if (gradient_of(std::get<Gradients>(expected_), named.value) != nullptr) {
      text += gradient_text(named.value);
    }
  }
  return text;
}

std::string GradientReplay::gradient_text(Gradient gradient) const {
  const Tensor& expected = *gradient_of(std::get<Gradients>(expected_), gradient);
  const std::int64_t elements = expected.element_count();
  const std::string table = counts(gradient);
  std::string text = '\n' + painter_(Paint::bold, name(gradient)) + ", " +
                     counted(elements, "number") + (table.empty() ? "\n" : ":\n" + table);
  const std::vector<std::int64_t> shown = places(gradient, elements);
  for (const std::int64_t element : shown) text += element_text(gradient, element);
  return text;
}

// All numbers of a small gradient; of a large one the first that a verdict speaks of.
std::vector<std::int64_t> GradientReplay::places(Gradient gradient, std::int64_t elements) const {
  std::set<std::int64_t> places;
  if (std::cmp_less_equal(elements, max_shown)) {
    for (std::int64_t element = 0; element < elements; ++element) places.insert(element);
  }
  for (const Reply& reply : replies_) {
    if (reply.judgment.whole) continue;
    for (const GradientVerdict& verdict : reply.judgment.notable) {
      if (verdict.gradient == gradient) places.insert(verdict.element);
    }
  }
  std::vector<std::int64_t> first(places.begin(), places.end());
  if (first.size() > max_shown) first.resize(max_shown);
  return first;
}

// How many numbers got which verdict, and the worst.
std::string GradientReplay::counts(Gradient gradient) const {
  const auto which = static_cast<std::size_t>(gradient);
  std::vector<std::array<std::int64_t, verdict_count>> all;
  for (const Reply& reply : replies_) {
    if (!reply.judgment.whole) all.push_back(reply.judgment.counts[which]);
  }
  const std::vector<Verdict> verdicts = occurring(all);
  if (verdicts.empty()) return "";
  std::vector<Table::Column> columns = {{""}};
  for (const Verdict verdict : verdicts) {
    columns.push_back({std::string(name(verdict)), Table::Align::right});
  }
  columns.push_back({"worst"});
  Table table(std::move(columns));
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    const GradientJudgment& judgment = replies_[i].judgment;
    if (judgment.whole) continue;
    std::vector<Table::Cell> row = {subjects_[i].name};
    Verdict worst = Verdict::same_bits;
    for (const Verdict verdict : verdicts) {
      const std::int64_t count = judgment.count(gradient, verdict);
      row.emplace_back(grouped(count));
      if (count != 0) worst = verdict;
    }
    row.push_back(verdict_cell(worst, "", strict_));
    table.add(std::move(row));
  }
  return table.text(painter_, 2);
}

std::string GradientReplay::element_text(Gradient gradient, std::int64_t element) const {
  const auto& right = std::get<Gradients>(expected_);
  const Dtype dtype = case_.forward.input.dtype();
  Table table({{""}, {""}, {""}});
  std::vector<std::string> shown;  // subjects of different dialects have different sets
  for (const Reply& reply : replies_) {
    const GradientSet set = admissible_gradient(reply.judge, case_, right, gradient, element);
    if (std::ranges::find(shown, set.text) != shown.end()) continue;
    table.add(
        {{reply.judge.kinks() == Kinks::right ? "admissible" : "admissible (any side)", Paint::dim},
         set.text,
         {set.clause.empty() ? "" : '[' + set.clause + ']', Paint::dim}});
    shown.push_back(set.text);
  }
  const exact::BackwardEvaluator evaluator(case_);
  table.add({{"exactly", Paint::dim},
             short_exact(exact_gradient(evaluator, case_, gradient, element)),
             ""});
  const auto at = static_cast<std::size_t>(element);
  const double expected = gradient_of(right, gradient)->values()[at];
  const auto add = [&](const Table::Cell& who, double value, const Table::Cell& verdict) {
    table.add({who, notation(value, dtype), verdict});
  };
  if (std::ranges::find(subjects_, "reference", &OpenSubject::name) == subjects_.end()) {
    add({"by the reference", Paint::dim}, expected, "");
  }
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    const GradientJudgment& judgment = replies_[i].judgment;
    if (judgment.whole) continue;
    const double got =
        gradient_of(std::get<Gradients>(replies_[i].answer), gradient)->contiguous().values()[at];
    const auto found = std::ranges::find_if(judgment.notable, [&](const GradientVerdict& it) {
      return it.gradient == gradient && it.element == element;
    });
    if (found == judgment.notable.end()) {
      add(subjects_[i].name, got,
          verdict_cell(same_bits(got, expected) ? Verdict::same_bits : Verdict::admissible, "",
                       strict_));
      continue;
    }
    Table::Cell cell = verdict_cell(found->verdict, found->clause, strict_);
    if (const auto& within = found->within) cell.text += " within " + to_string(*within);
    add(subjects_[i].name, got, cell);
  }
  std::string where = fmt::format("{} at {}", name(gradient), location(case_, gradient, element));
  where = '\n' + painter_(Paint::bold, where) + fmt::format(" (number {})", element);
  if (gradient == Gradient::grid) {
    const std::int64_t axes = case_.forward.grid.shape().back();
    where += ", coordinate (" + coordinates_of(case_.forward, element / axes) + ')';
  }
  return where + '\n' + table.text(painter_, 2);
}

// Answers that have no numbers to speak of.
std::string GradientReplay::whole_answers() const {
  Table table({{""}, {""}, {""}});
  if (const auto* const refusal = std::get_if<Refusal>(&expected_)) {
    table.add({{"admissible", Paint::dim}, "a refusal under [" + refusal->clause + ']', ""});
  }
  for (std::size_t i = 0; i < replies_.size(); ++i) {
    const Reply& reply = replies_[i];
    if (!reply.judgment.whole) continue;
    const bool has_gradients = std::holds_alternative<Gradients>(reply.answer);
    table.add({subjects_[i].name,
               has_gradients && reply.judgment.message.empty()
                   ? "gradients"
                   : instead_of(reply.answer, reply.judgment),
               whole_verdict(reply)});
  }
  return table.empty() ? "" : '\n' + table.text(painter_, 2);
}

Table::Cell GradientReplay::whole_verdict(const Reply& reply) const {
  const auto& notable = reply.judgment.notable;
  return verdict_cell(reply.judgment.worst(), notable.empty() ? "" : notable.front().clause,
                      strict_);
}

}  // namespace gridproof::reports
