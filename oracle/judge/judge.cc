#include "oracle/judge/judge.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "oracle/exact/exact.h"
#include "oracle/judge/answer_judge.h"
#include "oracle/judge/output_shape.h"

namespace gridproof {
namespace {

// All samples of a case share the verdict.
Judgment unanimous(const Case& test_case, Verdict verdict, std::string clause,
                   std::string message) {
  Judgment judgment;
  judgment[verdict] = std::max<std::int64_t>(1, sample_count(test_case));
  judgment.message = std::move(message);
  judgment.whole = true;
  if (verdict != Verdict::same_bits && verdict != Verdict::admissible) {
    judgment.notable.push_back({.verdict = verdict, .clause = std::move(clause)});
  }
  return judgment;
}

// The part of the operator that a wrong refusal concerns, as far as the question tells.
std::string clause_of_refusal(const Case& test_case, const Refusal& refusal) {
  if (!refusal.clause.empty()) return refusal.clause;
  if (is_16_bit(test_case.input.dtype())) return "dtype.supported";
  if (test_case.input.element_count() == 0 || test_case.grid.element_count() == 0)
    return "shape.empty";
  if (!test_case.input.is_contiguous() || !test_case.grid.is_contiguous()) return "layout.strides";
  return "shape.output";
}

// Calls `visitor` with Element{} and the number of spatial axes for the case.
template <class Visitor>
void with_element(const Case& test_case, Visitor&& visitor) {
  visit(test_case.input.dtype(), [&]<class Element>(Element) {
    if constexpr (!std::is_same_v<Element, std::int32_t>) {
      if (test_case.input.rank() == 4) {
        visitor.template operator()<Element, 2>();
      } else {
        visitor.template operator()<Element, 3>();
      }
    }
  });
}

Options options_of(const Case& test_case) {
  const std::optional<Options> options = resolve(test_case.request);
  if (!options) throw std::logic_error("options without meaning that the witness did not refuse");
  return *options;
}

// Sorted, and those that touch are one; NaN has no place among numbers and comes last, once. The
// two zeros are two texels where `nearest` copies them.
std::vector<std::pair<double, double>> in_order(std::vector<std::pair<double, double>> intervals) {
  const auto not_numbers = std::ranges::partition(
      intervals, [](const auto& interval) { return !std::isnan(interval.first); });
  const bool has_nan = !not_numbers.empty();
  intervals.erase(not_numbers.begin(), not_numbers.end());
  std::ranges::sort(intervals, [](const auto& a, const auto& b) {
    return a != b ? a < b : std::signbit(a.first) && !std::signbit(b.first);
  });
  std::vector<std::pair<double, double>> merged;
  for (const auto& interval : intervals) {
    if (!merged.empty() && interval.first <= merged.back().second &&
        !(std::signbit(merged.back().second) && interval == std::pair(0.0, 0.0) &&
          !std::signbit(interval.first))) {
      merged.back().second = std::max(merged.back().second, interval.second);
    } else {
      merged.push_back(interval);
    }
  }
  if (has_nan) merged.emplace_back(std::nan(""), std::nan(""));
  return merged;
}

}  // namespace

Judgment Judge::judge(const Case& test_case, const Answer& answer, const Answer* reference) const {
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    return unanimous(test_case, Verdict::lost, "", lost->why);
  }
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return unanimous(test_case, Verdict::unsupported, "", unsupported->what);
  }
  const std::optional<Refusal> due = exact::refusal_of(test_case);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    if (due) return unanimous(test_case, Verdict::admissible, due->clause, refusal->message);
    return unanimous(test_case, Verdict::refused_wrongly, clause_of_refusal(test_case, *refusal),
                     refusal->message);
  }
  const auto& output = std::get<Tensor>(answer);
  if (due) {
    // Another rank or a batch that is broadcast adds to the operator. A name that it does not have
    // hides the caller's mistake behind the answer to another question.
    const bool hides = due->clause == "options.mode" || due->clause == "options.padding-mode";
    return unanimous(test_case, hides ? Verdict::deviates : Verdict::latitude, due->clause,
                     "answered what the documentation excludes: " + due->message);
  }
  if (output.shape() != judging::output_shape(test_case)) {
    return unanimous(test_case, Verdict::deviates, "shape.output",
                     "the output has the shape " + to_string(output.shape()) + ", not " +
                         to_string(judging::output_shape(test_case)));
  }
  if (output.dtype() != test_case.input.dtype()) {
    return unanimous(test_case, Verdict::deviates, "dtype.output",
                     "the output is " + std::string(name(output.dtype())) + ", not " +
                         std::string(name(test_case.input.dtype())));
  }
  if (!output.is_contiguous()) {
    return unanimous(test_case, Verdict::deviates, "layout.output",
                     "the output is not dense and row-major");
  }
  const Tensor* expected = reference == nullptr ? nullptr : std::get_if<Tensor>(reference);
  Judgment judgment;
  with_element(test_case, [&]<class Element, std::size_t N>() {
    judging::AnswerJudge<Element, N> judge(test_case, options_of(test_case), profile_, dialect_);
    judgment = judge(output, expected, max_deviating_);
  });
  return judgment;
}

std::vector<std::string> Judge::main_clauses(const Case& test_case) const {
  if (const auto refusal = exact::refusal_of(test_case)) return {refusal->clause};
  std::vector<std::string> clauses;
  with_element(test_case, [&]<class Element, std::size_t N>() {
    judging::SampleJudge<Element, N> judge(test_case, options_of(test_case), profile_);
    const std::int64_t samples = sample_count(test_case);
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      clauses.emplace_back(judge.main_clause(sample));
    }
  });
  return clauses;
}

Admissible Judge::admissible(const Case& test_case, std::int64_t sample,
                             std::int64_t channel) const {
  Admissible result;
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || exact::refusal_of(test_case)) return result;
  with_element(test_case, [&]<class Element, std::size_t N>() {
    using SampleJudge = judging::SampleJudge<Element, N>;
    SampleJudge judge(test_case, *options, profile_);
    result = judge.admissible(sample, channel);
    if (dialect_ == Dialect::pytorch) return;
    if (judge.has_nan_coordinate(sample)) {
      result.silent = "coord.nan";
    } else if (dialect_ == Dialect::onnx_16 && options->mode == Mode::nearest) {
      SampleJudge any_tie(test_case, *options, profile_, {.any_tie = true});
      Admissible either = any_tie.admissible(sample, channel);
      if (either.intervals != result.intervals) {
        result.intervals = std::move(either.intervals);
        result.clause = "nearest.ties-to-even";
      }
    }
  });
  result.intervals = in_order(std::move(result.intervals));
  return result;
}

std::string to_string(const Admissible& admissible, Dtype dtype) {
  std::string text;
  for (const auto& [lo, hi] : admissible.intervals) {
    if (!text.empty()) text += " or ";
    text += lo == hi || std::isnan(lo) ? to_text(lo, dtype)
                                       : '[' + to_text(lo, dtype) + ", " + to_text(hi, dtype) + ']';
  }
  for (const auto& [value, clause] : admissible.latitude) {
    if (!text.empty()) text += " or ";
    text += to_text(value, dtype) + " under [" + clause + ']';
  }
  if (!admissible.silent.empty()) {
    text += " or anything else (the dialect is silent on [" + admissible.silent + "])";
  }
  if (admissible.undecided) text += " (undecided: the position is not known to within a pixel)";
  return text;
}

}  // namespace gridproof
