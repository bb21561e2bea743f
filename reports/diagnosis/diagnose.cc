#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::diagnosis {
namespace {

// A share below which nothing is explained: the rim may be expected otherwise.
constexpr double enough = 0.9;

Distance distance_of(const Tensor& output, const Tensor& expected) {
  const std::vector<double> given = output.values();
  const std::vector<double> wanted = expected.values();
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : wanted) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double tolerance = 1e-3 * (high > low ? high - low : std::fmax(1, std::fabs(high)));
  std::vector<double> differences;
  std::size_t equal = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const bool both_nan = std::isnan(given[i]) && std::isnan(wanted[i]);
    double difference = both_nan || given[i] == wanted[i] ? 0 : std::fabs(given[i] - wanted[i]);
    if (std::isnan(difference)) difference = INFINITY;
    equal += difference <= tolerance ? 1 : 0;
    differences.push_back(difference);
  }
  Distance distance;
  if (differences.empty()) return {.share = 1};
  distance.share = static_cast<double>(equal) / static_cast<double>(differences.size());
  distance.worst = std::ranges::max(differences);
  const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::ranges::nth_element(differences, middle);
  distance.median = *middle;
  return distance;
}

// More output locations than these and pairs, a thousand of them, would take minutes.
constexpr std::int64_t most_for_pairs = std::int64_t{1} << 16U;

// Of two trials the one that explains more; then the one with fewer changes; then the better one.
bool is_better(const Trial& one, const Trial& other) {
  const auto rank = [](const Trial& trial) {
    return std::tuple(-trial.distance.share, trial.changes.size(), !trial.keeps_flag,
                      trial.distance.median);
  };
  return rank(one) < rank(other);
}

class Search {
 public:
  Search(const Case& question, const Tensor& expected) : question_(question), expected_(expected) {}

  // Single hypotheses first; pairs only if none of those explains everything.
  std::vector<Trial> run() {
    for (const Hypothesis& one : hypotheses()) try_changes({&one});
    std::ranges::stable_sort(trials_, is_better);
    const bool is_explained = !trials_.empty() && trials_.front().distance.share == 1;
    if (!is_explained && sample_count(question_) <= most_for_pairs) {
      for (const Hypothesis& one : hypotheses()) {
        for (const Hypothesis& other : hypotheses()) {
          if (&one != &other) try_changes({&one, &other});
        }
      }
      std::ranges::stable_sort(trials_, is_better);
    }
    return std::move(trials_);
  }

 private:
  void try_changes(std::vector<const Hypothesis*> changes) {
    std::optional<Case> meant = question_;
    for (const Hypothesis* change : changes) {
      meant = change->meant(*meant);
      if (!meant) return;
    }
    const Answer answer = grid_sample(*meant);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output == nullptr || output->shape() != expected_.shape()) return;
    const bool keeps_flag = meant->request.align_corners.value_or(false) ==
                            question_.request.align_corners.value_or(false);
    trials_.push_back({std::move(changes), keeps_flag, distance_of(*output, expected_)});
  }

  const Case& question_;
  const Tensor& expected_;
  std::vector<Trial> trials_;
};

void require_shape(const char* what, const Tensor& tensor, const Tensor& output) {
  if (tensor.shape() == output.shape()) return;
  throw std::invalid_argument(fmt::format("{} has the shape {}: expected that of the output, {}",
                                          what, to_string(tensor.shape()),
                                          to_string(output.shape())));
}

void blame_implementation(const Case& question, const Tensor& observed, Diagnosis& diagnosis) {
  diagnosis.fault = Fault::implementation;
  const SampleVerdict* first = nullptr;
  for (const SampleVerdict& verdict : diagnosis.judgement.notable) {
    if (first == nullptr && is_finding(verdict.verdict, false)) first = &verdict;
  }
  for (const Mutant& mutant : mutants()) {
    const Answer answer = mutant.answer(question);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output != nullptr && output->same_values(observed)) {
      diagnosis.mutants.push_back(mutant.name);
    }
  }
  diagnosis.sentence = "The output is not what the documentation demands for this grid";
  if (first != nullptr) {
    diagnosis.sentence += fmt::format(": it breaks [{}], for example in sample {}, channel {}",
                                      first->clause, first->sample, first->channel);
  }
  if (!diagnosis.mutants.empty()) {
    diagnosis.sentence +=
        fmt::format(". Every value is that of `{}`: {}", diagnosis.mutants.front(),
                    find_mutant(diagnosis.mutants.front())->sentence);
  }
  diagnosis.sentence += '.';
}

std::string sentence_of(const Trial& trial) {
  std::string sentence;
  for (const Hypothesis* change : trial.changes) {
    sentence += (sentence.empty() ? "" : "; and ") + change->sentence;
  }
  return sentence;
}

void blame_usage(const Case& question, const Tensor& expected, Diagnosis& diagnosis) {
  diagnosis.trials = Search(question, expected).run();
  const Trial* const best = diagnosis.trials.empty() ? nullptr : &diagnosis.trials.front();
  if (best == nullptr || best->distance.share < enough ||
      best->distance.share <= diagnosis.before.share) {
    diagnosis.fault = Fault::unexplained;
    diagnosis.sentence =
        "The output is what the documentation demands, and no single cause explains what was "
        "expected";
    for (const bool corners : {false, true}) {
      if (!is_identity_grid(question, corners)) continue;
      diagnosis.sentence += fmt::format(
          ". The grid is the identity (align_corners={}): no motion is in it; scaling a map by its "
          "own "
          "minimum and maximum removes one",
          corners ? "True" : "False");
      break;
    }
    diagnosis.sentence += '.';
    if (sample_count(question) > most_for_pairs) {
      diagnosis.sentence += fmt::format(
          " Pairs of causes were not tried: the output has more than {} locations; a part of it "
          "will "
          "do.",
          most_for_pairs);
    }
    return;
  }
  diagnosis.fault = Fault::usage;
  diagnosis.sentence = fmt::format("{}: {}.", best->name(), sentence_of(*best));
  for (const Trial& trial : diagnosis.trials) {
    if (&trial != best && trial.changes.size() == best->changes.size() &&
        trial.distance.share == best->distance.share) {
      diagnosis.ties.push_back(trial.name());
    }
  }
}

}  // namespace

std::string Trial::name() const {
  std::string name;
  for (const Hypothesis* change : changes) name += (name.empty() ? "" : " + ") + change->name;
  return name;
}

Diagnosis diagnose(const Symptom& symptom) {
  Diagnosis diagnosis;
  const Answer answer = grid_sample(symptom.question);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    diagnosis.fault = Fault::refused;
    diagnosis.sentence = fmt::format("The documentation demands a refusal [{}]: {}",
                                     refusal->clause, refusal->message);
    return diagnosis;
  }
  const auto& documented = std::get<Tensor>(answer);
  if (symptom.expected) {
    require_shape("what was expected", *symptom.expected, documented);
    diagnosis.before = distance_of(documented, *symptom.expected);
  }
  if (symptom.observed) {
    require_shape("what was observed", *symptom.observed, documented);
    diagnosis.judgement = Judge().judge(symptom.question, *symptom.observed);
    if (is_finding(diagnosis.judgement.worst(), false)) {
      blame_implementation(symptom.question, *symptom.observed, diagnosis);
      return diagnosis;
    }
  }
  if (!symptom.expected) {
    diagnosis.fault = symptom.observed ? Fault::unknown : Fault::none;
    diagnosis.sentence = symptom.observed
                             ? "The output is what the documentation demands for this grid."
                             : "Nothing was observed or expected.";
    return diagnosis;
  }
  if (diagnosis.before.share == 1) {
    diagnosis.sentence = "Nothing is wrong: what was expected is what the documentation demands.";
    return diagnosis;
  }
  blame_usage(symptom.question, *symptom.expected, diagnosis);
  return diagnosis;
}

}  // namespace gridproof::diagnosis
