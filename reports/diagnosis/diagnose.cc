#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::diagnosis {
namespace {

// A share below which nothing is explained: the rim may be expected otherwise.
constexpr double enough = 0.9;

const char* python_name(bool value) { return value ? "True" : "False"; }

void require_shape(const char* what, const Tensor& tensor, const Tensor& output) {
  if (tensor.shape() == output.shape()) return;
  throw std::invalid_argument(fmt::format("{} has the shape {}: expected that of the output, {}",
                                          what, to_string(tensor.shape()),
                                          to_string(output.shape())));
}

// ---- The implementation ----

// Row-major numbers, batch included, of the output locations that have not the reference's bits,
// the furthest first.
std::vector<std::int64_t> locations_that_differ(const Tensor& documented, const Tensor& observed) {
  const std::vector<double> right = documented.values();
  const std::vector<double> given = observed.values();
  const std::int64_t channels = std::max<std::int64_t>(documented.size(1), 1);
  const std::int64_t batch = std::max<std::int64_t>(documented.size(0), 1);
  const std::int64_t locations = documented.element_count() / (channels * batch);
  std::vector<double> furthest(static_cast<std::size_t>(batch * locations), 0);
  std::vector<std::int64_t> differing;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const bool both_nan = std::isnan(right[i]) && std::isnan(given[i]);
    if (both_nan || (right[i] == given[i] && std::signbit(right[i]) == std::signbit(given[i])))
      continue;
    const auto element = static_cast<std::int64_t>(i);
    const std::int64_t location =
        element / (channels * locations) * locations + element % locations;
    const double difference = std::fabs(right[i] - given[i]);
    double& most = furthest[static_cast<std::size_t>(location)];
    if (most == 0) differing.push_back(location);
    most = std::max(most, std::isfinite(difference) && difference > 0 ? difference : INFINITY);
  }
  std::ranges::stable_sort(differing, [&](std::int64_t one, std::int64_t other) {
    return furthest[static_cast<std::size_t>(one)] > furthest[static_cast<std::size_t>(other)];
  });
  return differing;
}

// The question of the n-th input alone at some of its output locations, and what was observed
// there.
std::pair<Case, Tensor> part_of(const Case& question, const Tensor& observed, std::int64_t n,
                                const std::vector<std::int64_t>& locations) {
  const int axes = question.input.rank() - 2;
  const auto count = static_cast<std::int64_t>(locations.size());
  Shape shape(static_cast<std::size_t>(axes) + 2, 1);
  shape[shape.size() - 2] = count;
  shape.back() = axes;
  const Tensor grid = question.grid.slice(0, n, n + 1).contiguous();
  std::vector<double> coordinates;
  for (const std::int64_t location : locations) {
    for (int k = 0; k < axes; ++k) {
      coordinates.push_back(grid.storage_value(grid.offset() + location * axes + k));
    }
  }
  Case part{question.request, question.input.slice(0, n, n + 1),
            Tensor(question.grid.dtype(), shape, coordinates)};
  const Tensor output = observed.slice(0, n, n + 1).contiguous();
  const std::int64_t channels = output.size(1);
  const std::int64_t all = output.element_count() / std::max<std::int64_t>(channels, 1);
  std::vector<double> values;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (const std::int64_t location : locations) {
      values.push_back(output.storage_value(output.offset() + c * all + location));
    }
  }
  shape = question.grid.shape();
  Shape of_output(static_cast<std::size_t>(axes) + 2, 1);
  of_output[1] = channels;
  of_output.back() = count;
  return {part, Tensor(observed.dtype(), of_output, values)};
}

// Judges what has not the reference's bits, n by n.
Judgement judge_differences(const Case& question, const Tensor& documented,
                            const Tensor& observed) {
  std::vector<std::int64_t> differing = locations_that_differ(documented, observed);
  const std::int64_t locations =
      question.grid.element_count() / (question.grid.size(0) * (question.input.rank() - 2));
  Judgement all;
  all[Verdict::same_bits] =
      question.grid.size(0) * locations - static_cast<std::int64_t>(differing.size());
  if (std::cmp_greater(differing.size(), most_judged)) {
    differing.resize(static_cast<std::size_t>(most_judged));
  }
  std::ranges::sort(differing);
  for (std::size_t first = 0; first < differing.size();) {
    const std::int64_t n = differing[first] / locations;
    std::vector<std::int64_t> of_n;
    for (; first < differing.size() && differing[first] / locations == n; ++first) {
      of_n.push_back(differing[first] % locations);
    }
    const auto [part, output] = part_of(question, observed, n, of_n);
    const Judgement judgement = Judge().judge(part, output);
    for (std::size_t i = 0; i < verdict_count; ++i) all.counts[i] += judgement.counts[i];
    for (SampleVerdict verdict : judgement.notable) {
      verdict.sample = n * locations + of_n[static_cast<std::size_t>(verdict.sample)];
      all.notable.push_back(std::move(verdict));
    }
  }
  return all;
}

// How alike two outputs are.
enum class Alike : std::uint8_t { no, up_to_rounding, in_every_bit };

Alike alike(const std::vector<double>& one, const std::vector<double>& other, double rounding) {
  Alike result = Alike::in_every_bit;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (one[i] == other[i] || (std::isnan(one[i]) && std::isnan(other[i]))) continue;
    if (!(std::fabs(one[i] - other[i]) <= rounding)) return Alike::no;
    result = Alike::up_to_rounding;
  }
  return result;
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  return largest;
}

// The mutants that answer what was observed, at all locations or at a few thousand.
void find_mutants(const Case& question, const Tensor& observed, Diagnosis& diagnosis) {
  const Sites sites(question, most_judged / 16);
  const Case narrowed = sites.narrowed(question);
  const std::vector<double> values = sites.values_of(observed);
  const bool is_16_bit = observed.dtype() == Dtype::f16 || observed.dtype() == Dtype::bf16;
  const double rounding = (is_16_bit ? 1e-2 : 1e-5) * largest_of(values);
  std::vector<std::string> similar;
  for (const Mutant& mutant : mutants()) {
    const Answer answer = mutant.answer(narrowed);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output == nullptr) continue;
    const Alike how = alike(output->values(), values, rounding);
    if (how == Alike::in_every_bit) diagnosis.mutants.push_back(mutant.name);
    if (how == Alike::up_to_rounding) similar.push_back(mutant.name);
  }
  diagnosis.mutants_round_alike = !diagnosis.mutants.empty();
  if (diagnosis.mutants.empty()) diagnosis.mutants = std::move(similar);
}

void blame_implementation(const Case& question, const Tensor& observed, Diagnosis& diagnosis) {
  diagnosis.fault = Fault::implementation;
  const SampleVerdict* first = nullptr;
  for (const SampleVerdict& verdict : diagnosis.judgement.notable) {
    if (first == nullptr && is_finding(verdict.verdict, false)) first = &verdict;
  }
  find_mutants(question, observed, diagnosis);
  diagnosis.sentence = "The output is not what the documentation demands for this grid";
  if (first != nullptr) {
    diagnosis.sentence += fmt::format(": it breaks [{}], for example in sample {}, channel {}",
                                      first->clause, first->sample, first->channel);
  }
  if (!diagnosis.mutants.empty()) {
    diagnosis.sentence +=
        fmt::format(". {} value is that of `{}`: {}",
                    diagnosis.mutants_round_alike ? "Every" : "Up to rounding every",
                    diagnosis.mutants.front(), find_mutant(diagnosis.mutants.front())->sentence);
  }
  diagnosis.sentence += '.';
  diagnosis.confidence = diagnosis.mutants.empty()       ? Confidence::low
                         : diagnosis.mutants.size() == 1 ? Confidence::high
                                                         : Confidence::medium;
}

// ---- The question ----

std::string sentence_of(const Trial& trial) {
  std::string sentence;
  for (const Hypothesis* change : trial.changes) {
    sentence += (sentence.empty() ? "" : "; and ") + change->sentence;
  }
  return sentence;
}

bool has_all_equal_texels(const Tensor& input) {
  const std::vector<double> texels = input.values();
  return texels.size() > 1 &&
         std::ranges::adjacent_find(texels, std::not_equal_to<>()) == texels.end();
}

void blame_usage(const Situation& situation, const Search& search, Diagnosis& diagnosis) {
  diagnosis.trials = search.run();
  Trial* const best = diagnosis.trials.empty() ? nullptr : diagnosis.trials.data();
  if (best == nullptr || best->distance.share < enough ||
      best->distance.share <= diagnosis.before.share) {
    diagnosis.fault = Fault::unexplained;
    diagnosis.confidence = Confidence::low;
    diagnosis.sentence =
        "The output is what the documentation demands, and no single cause explains what was "
        "expected.";
    return;
  }
  diagnosis.fault = Fault::usage;
  for (const Trial& trial : diagnosis.trials) {
    if (&trial == best || trial.changes.size() != best->changes.size() ||
        trial.distance.share != best->distance.share) {
      continue;
    }
    diagnosis.ties.push_back({trial.name(), what_tells(situation, *best, trial)});
  }
  if (const auto everywhere = search.distance_everywhere(best->changes))
    best->distance = *everywhere;
  diagnosis.sentence = fmt::format("{}: {}.", best->name(), sentence_of(*best));
  const bool has_rival =
      std::ranges::any_of(diagnosis.ties, [](const Tie& tie) { return !tie.datum.empty(); });
  diagnosis.confidence = best->distance.share < 0.999 ? Confidence::low
                         : has_rival                  ? Confidence::medium
                                                      : Confidence::high;
}

}  // namespace

std::vector<std::string> remarks_on(const Case& question) {
  std::vector<std::string> remarks;
  const std::vector<double> grid = question.grid.values();
  const auto count = [&](auto is_so) { return std::ranges::count_if(grid, is_so); };
  const auto not_finite = count([](double x) { return !std::isfinite(x); });
  if (not_finite > 0) {
    remarks.push_back(fmt::format(
        "{} of {} coordinates are NaN or infinite: NaN counts as -1; look for a division by zero",
        not_finite, grid.size()));
  }
  const auto beyond = count([](double x) { return std::fabs(x) > 1; });
  if (2 * static_cast<std::size_t>(beyond) > grid.size()) {
    remarks.push_back(fmt::format("{} of {} coordinates are beyond -1 or 1, where the input ends",
                                  beyond, grid.size()));
  }
  for (const bool corners : {false, true}) {
    if (!is_identity_grid(question, corners)) continue;
    remarks.push_back(fmt::format(
        "the grid is the identity (align_corners={}): no motion is in it; scaling a map by its own "
        "minimum and maximum removes one",
        python_name(corners)));
    break;
  }
  if (grid.size() > 2 && count([](double x) { return x == std::round(x); }) == std::ssize(grid)) {
    remarks.emplace_back("every coordinate is a whole number: pixel positions, or cut to integers");
  }
  for (int axis = 2; axis < question.input.rank(); ++axis) {
    if (question.input.size(axis) != 1) continue;
    remarks.push_back(fmt::format("axis {} of the input has one pixel: its coordinate {}", axis,
                                  question.request.align_corners.value_or(false)
                                      ? "has no effect with align_corners=True"
                                      : "still moves the position, by half a pixel for each unit"));
  }
  if (has_all_equal_texels(question.input)) {
    remarks.emplace_back("every texel is the same: no motion inside the input can be seen");
  }
  return remarks;
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
  if (symptom.expected) require_shape("what was expected", *symptom.expected, documented);
  if (symptom.observed) require_shape("what was observed", *symptom.observed, documented);
  if (documented.element_count() == 0) {
    diagnosis.sentence = "Nothing is wrong: the output has no elements.";
    return diagnosis;
  }
  diagnosis.remarks = remarks_on(symptom.question);
  if (symptom.observed) {
    diagnosis.judgement = judge_differences(symptom.question, documented, *symptom.observed);
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
  const Situation situation = situation_of(symptom.question, symptom.spacing);
  const Search search(situation, *symptom.expected);
  diagnosis.before = search.distance_of(documented);
  if (diagnosis.before.share == 1) {
    diagnosis.sentence = "Nothing is wrong: what was expected is what the documentation demands.";
    return diagnosis;
  }
  blame_usage(situation, search, diagnosis);
  return diagnosis;
}

}  // namespace gridproof::diagnosis
