#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/findings/text.h"

namespace gridproof::diagnosis {
namespace {

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

// What mutants are held against: a question with what was observed and what is right.
struct Evidence {
  Case question;
  std::vector<double> observed;
  std::vector<double> right;
};

Evidence evidence_of(const Case& question, std::vector<double> observed) {
  return {question, std::move(observed), std::get<Tensor>(grid_sample(question)).values()};
}

// All output locations; of many those that differ, of one n, and some that were drawn.
std::vector<Evidence> evidence_of(const Case& question, const Tensor& documented,
                                  const Tensor& observed) {
  const Sites sites(question, most_judged / 16);
  std::vector<Evidence> all = {evidence_of(sites.narrowed(question), sites.values_of(observed))};
  if (sites.are_all()) return all;
  const std::int64_t locations = sample_count(question) / question.grid.size(0);
  std::vector<std::int64_t> of_n;
  std::int64_t n = 0;
  for (const std::int64_t location : locations_that_differ(documented, observed)) {
    if (of_n.empty()) n = location / locations;
    if (location / locations == n) of_n.push_back(location % locations);
    if (of_n.size() == 4096) break;
  }
  const auto [part, output] = part_of(question, observed, n, of_n);
  all.push_back(evidence_of(part, output.values()));
  return all;
}

// How a mutant's answers agree with what was observed; not at all where it does nothing wrong.
Alike agreement(const Mutant& mutant, const std::vector<Evidence>& all, double rounding) {
  Alike result = Alike::in_every_bit;
  bool is_wrong = false;
  for (const Evidence& evidence : all) {
    const Answer answer = mutant.answer(evidence.question);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output == nullptr) return Alike::no;
    const std::vector<double> values = output->values();
    result = std::min(result, alike(values, evidence.observed, rounding));
    if (result == Alike::no) return result;
    // By more than rounding, unless it has the very bits.
    const double least = result == Alike::in_every_bit ? 0 : rounding;
    is_wrong |= alike(values, evidence.right, least) == Alike::no;
  }
  return is_wrong ? result : Alike::no;
}

// The mutant that gives at least 99 % of the values and nine tenths of the wrong ones.
void find_nearest_mutant(const std::vector<Evidence>& all, double rounding, Diagnosis& diagnosis) {
  const auto is_alike = [rounding](double one, double other) {
    return one == other || (std::isnan(one) && std::isnan(other)) ||
           std::fabs(one - other) <= rounding;
  };
  for (const Mutant& mutant : mutants()) {
    std::size_t count = 0;
    std::size_t given = 0;
    std::size_t wrong = 0;
    std::size_t explained = 0;
    for (const Evidence& evidence : all) {
      const Answer answer = mutant.answer(evidence.question);
      const auto* output = std::get_if<Tensor>(&answer);
      if (output == nullptr) break;
      const std::vector<double> values = output->values();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const bool is_given = is_alike(values[i], evidence.observed[i]);
        const bool is_wrong = !is_alike(evidence.right[i], evidence.observed[i]);
        ++count;
        given += is_given ? 1 : 0;
        wrong += is_wrong ? 1 : 0;
        explained += is_given && is_wrong ? 1 : 0;
      }
    }
    if (100 * given < 99 * count || 10 * explained < 9 * wrong || explained == 0) continue;
    const double share = static_cast<double>(given) / static_cast<double>(count);
    if (share <= diagnosis.nearest_share) continue;
    diagnosis.nearest_mutant = mutant.name;
    diagnosis.nearest_share = share;
  }
}

void find_mutants(const Case& question, const Tensor& documented, const Tensor& observed,
                  Diagnosis& diagnosis) {
  const std::vector<Evidence> all = evidence_of(question, documented, observed);
  const bool is_16_bit = observed.dtype() == Dtype::f16 || observed.dtype() == Dtype::bf16;
  const double rounding = (is_16_bit ? 1e-2 : 1e-5) * largest_of(all.back().observed);
  std::vector<std::string> similar;
  for (const Mutant& mutant : mutants()) {
    const Alike how = agreement(mutant, all, rounding);
    if (how == Alike::in_every_bit) diagnosis.mutants.push_back(mutant.name);
    if (how == Alike::up_to_rounding) similar.push_back(mutant.name);
  }
  diagnosis.mutants_round_alike = !diagnosis.mutants.empty();
  if (diagnosis.mutants.empty()) diagnosis.mutants = std::move(similar);
  if (diagnosis.mutants.empty()) find_nearest_mutant(all, rounding, diagnosis);
}

// "at 3 of 1,200 output locations"
std::string findings_of(const Judgement& judgement, std::int64_t samples) {
  std::int64_t findings = 0;
  std::int64_t judged = 0;
  for (const auto& verdict : names<Verdict>) {
    judged += judgement[verdict.value];
    if (is_finding(verdict.value, false)) findings += judgement[verdict.value];
  }
  return fmt::format("at {}{} of {}", judged < samples ? "more than " : "",
                     reports::grouped(findings), reports::counted(samples, "output location"));
}

void blame_implementation(const Case& question, const Tensor& documented, const Tensor& observed,
                          Diagnosis& diagnosis) {
  diagnosis.fault = Fault::implementation;
  const SampleVerdict* const first = first_finding(diagnosis.judgement);
  find_mutants(question, documented, observed, diagnosis);
  diagnosis.sentence = "The output is not what the documentation demands for this grid";
  if (first != nullptr) {
    diagnosis.sentence +=
        fmt::format(": {} it breaks [{}], for example at {}, channel {}",
                    findings_of(diagnosis.judgement, sample_count(question)), first->clause,
                    reports::location(reports::indices_of(first->sample, question.grid.shape())),
                    first->channel);
  }
  if (!diagnosis.mutants.empty()) {
    diagnosis.sentence +=
        fmt::format(". {} value is that of `{}`: {}",
                    diagnosis.mutants_round_alike ? "Every" : "Up to rounding every",
                    diagnosis.mutants.front(), find_mutant(diagnosis.mutants.front())->sentence);
  }
  if (!diagnosis.nearest_mutant.empty()) {
    diagnosis.sentence += fmt::format(
        ". {:.2f} % of the values looked at are those of `{}`, in which {}; the rest has another "
        "cause",
        100 * diagnosis.nearest_share, diagnosis.nearest_mutant,
        find_mutant(diagnosis.nearest_mutant)->sentence);
  }
  diagnosis.sentence += '.';
  diagnosis.confidence = diagnosis.mutants.empty()       ? Confidence::low
                         : diagnosis.mutants.size() == 1 ? Confidence::high
                                                         : Confidence::medium;
}

// ---- The question ----

// "the grid holds pixel positions …", or "two mistakes, (1) the grid holds …, (2) …".
std::string sentence_of(const Trial& trial) {
  if (trial.changes.size() == 1) return trial.changes.front()->sentence;
  return fmt::format("two mistakes, (1) {}, (2) {}", trial.changes[0]->sentence,
                     trial.changes[1]->sentence);
}

// How sure one can be, at most, of what explains so many values: each tells as much as there are
// different ones, and there are a hundred hypotheses, thousands of pairs, and any number of
// numbers.
Confidence most_confidence(const Trial& trial, const Search& search, const Distance& before) {
  const double bits = search.bits_of_a_value() * (1 - before.share) * search.element_count();
  const double needed =
      trial.changes.size() > 1 || trial.fitted || !trial.numbers.empty() ? 16 : 10;
  return bits < needed       ? Confidence::low
         : bits < 2 * needed ? Confidence::medium
                             : Confidence::high;
}

bool has_all_equal_texels(const Tensor& input) {
  const std::vector<double> texels = input.values();
  return texels.size() > 1 &&
         std::ranges::adjacent_find(texels, std::not_equal_to<>()) == texels.end();
}

// The trial that is nearest by far, where noise or 8 bits leave nothing equal; none if there is no
// such trial. One change is better than two that are nearer.
Trial* nearest_by_far(std::vector<Trial>& trials, const Distance& before, double range) {
  Trial* nearest = nullptr;
  if (before.median <= 1e-3 * range) return nearest;  // most is as expected
  for (Trial& trial : trials) {
    const Distance& distance = trial.distance;
    // Accidents are many among pairs.
    const double near = trial.changes.size() == 1 ? 0.01 : 0.003;
    // Noise has no few values that are much further.
    const bool is_noise = distance.most <= 5 * distance.median;
    const bool is_near = is_noise && distance.median <= near * range &&
                         distance.most <= 10 * near * range &&
                         trial.changes.front()->family() != "elsewhere";
    const bool is_nearer =
        2.5 * distance.median <= before.median && 2 * distance.most <= before.most;
    if (!is_near || !is_nearer) continue;
    const auto rank = [](const Trial& one) {
      return std::tuple(one.fitted != nullptr, one.changes.size(), one.distance.median);
    };
    if (nearest == nullptr || rank(trial) < rank(*nearest)) nearest = &trial;
  }
  return nearest;
}

std::string distance_text(double distance) {
  return std::isfinite(distance) ? fmt::format("within {:.2g}", distance)
                                 : "no finite number from it";
}

void say_unexplained(const Search& search, Diagnosis& diagnosis) {
  const Distance& before = diagnosis.before;
  diagnosis.confidence = Confidence::low;
  if (before.worst <= 5e-3 * search.range()) {
    diagnosis.fault = Fault::none;
    diagnosis.sentence = fmt::format(
        "Nothing is wrong but rounding, as that to 8 bits: what was expected is within {:.2g} of "
        "what the documentation demands.",
        before.worst);
    return;
  }
  diagnosis.fault = Fault::unexplained;
  if (before.inside == 1) {
    diagnosis.sentence = fmt::format(
        "What is read between the centres of the outer pixels is as expected, what is read beyond "
        "them is not, and no cause that is known explains it: {:.1f} % of all is as expected.",
        100 * before.share);
    return;
  }
  diagnosis.sentence = fmt::format(
      "No single cause explains what was expected: {:.1f} % of it is what the documentation "
      "demands, half is {}, the worst {}.",
      100 * before.share, distance_text(before.median), distance_text(before.worst));
}

// Whether it is about which pixel is the nearest half-way between two.
bool is_about_ties(const Trial& trial) {
  return trial.changes.front()->name.find(".nearest.") != std::string::npos;
}

void blame_usage(const Situation& situation, const Search& search, Diagnosis& diagnosis) {
  std::vector<Trial>& trials = diagnosis.trials;
  // Half of what is not as expected, at least.
  if (search.expects_one_value() && !has_all_equal_texels(situation.question.input)) {
    return say_unexplained(search, diagnosis);
  }
  const bool is_explained = !trials.empty() && trials.front().distance.share >= enough &&
                            2 * (1 - trials.front().distance.share) <= 1 - diagnosis.before.share;
  if (!is_explained) {
    Trial* const nearest = nearest_by_far(trials, diagnosis.before, search.range());
    if (nearest == nullptr) return say_unexplained(search, diagnosis);
    std::rotate(trials.data(), nearest, nearest + 1);
  }
  diagnosis.fault = Fault::usage;
  Trial& best = trials.front();
  for (const Trial& trial : trials) {
    const bool is_as_good = is_explained ? trial.distance.share == best.distance.share
                                         : trial.distance.median <= 1.25 * best.distance.median;
    if (&trial == &best || trial.changes.size() != best.changes.size() || !is_as_good) continue;
    diagnosis.ties.push_back({trial.name(), what_tells(situation, best, trial)});
  }
  if (auto everywhere = search.everywhere(best.changes)) {
    everywhere->fitted = best.fitted;
    best = std::move(*everywhere);
  }
  diagnosis.sentence = fmt::format("{}: {}.", best.name(), sentence_of(best));
  if (!is_explained) {
    diagnosis.sentence += fmt::format(
        " Up to noise: half of the values are then within {:.2g}, as asked within {:.2g}.",
        best.distance.median, diagnosis.before.median);
  }
  const bool has_rival =
      std::ranges::any_of(diagnosis.ties, [](const Tie& tie) { return !tie.datum.empty(); });
  const bool is_little = diagnosis.before.share > 0.999 || search.expects_one_value();
  diagnosis.confidence = best.distance.share < 0.999 || is_little ? Confidence::low
                         : has_rival                              ? Confidence::medium
                                                                  : Confidence::high;
  diagnosis.confidence =
      std::min(diagnosis.confidence, most_confidence(best, search, diagnosis.before));
}

// What was expected, if it is not what the documentation demands.
void look_at_expected(const Situation& situation, const Tensor& documented, const Tensor& expected,
                      Diagnosis& diagnosis) {
  const Search search(situation, expected);
  diagnosis.before = search.distance_of(documented);
  if (expected.element_count() > 1 && search.expects_one_value()) {
    diagnosis.remarks.emplace_back("every value that was expected is the same: much explains that");
  }
  const auto nothing_but = [&](const std::string& what) {
    diagnosis.trials.clear();
    diagnosis.sentence = "Nothing is wrong" + what;
  };
  if (diagnosis.before.share == 1) {
    return nothing_but(": what was expected is what the documentation demands.");
  }
  diagnosis.trials = search.run();
  const auto share = [&] {
    return diagnosis.trials.empty() ? 0 : diagnosis.trials.front().distance.share;
  };
  const bool is_other =
      share() == 1 && diagnosis.trials.front().changes.front()->family() != "elsewhere";
  if (!is_other && search.differs_at_ties_only() &&
      !(share() == 1 && is_about_ties(diagnosis.trials.front()))) {
    return nothing_but(
        " but ties: what was expected is another pixel only where the position is half-way between "
        "two, up to rounding, as when it is computed with more digits.");
  }
  // Where numbers were rounded little is equal, and what is not may look like something else.
  const std::optional<double> step = share() < 0.999 ? search.step() : std::nullopt;
  if (!step) return blame_usage(situation, search, diagnosis);
  const Search rounded(situation, expected, *step);
  const Distance before = rounded.distance_of(documented);
  if (before.share == 1) {
    return nothing_but(
        fmt::format(" but rounding: what was expected is what the documentation "
                    "demands, rounded to multiples of {}.",
                    *step == 1 ? "1" : "1/255"));
  }
  std::vector<Trial> trials = rounded.run();
  if (trials.empty() || trials.front().distance.share <= share()) {
    return blame_usage(situation, search, diagnosis);
  }
  diagnosis.trials = std::move(trials);
  diagnosis.before = before;
  diagnosis.remarks.push_back(
      fmt::format("what was expected was rounded to multiples of {}: half of one is no difference",
                  *step == 1 ? "1" : "1/255"));
  blame_usage(situation, rounded, diagnosis);
}

// Whether it is what is documented in whole numbers, as pictures are stored: rounded or cut.
bool is_of_whole_numbers(const Tensor& observed, const Tensor& documented) {
  const std::vector<double> values = observed.values();
  const std::vector<double> right = documented.values();
  std::size_t rounded = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double cut = std::clamp(right[i], 0.0, 255.0);
    if (values[i] != std::round(values[i]) || !(std::fabs(values[i] - cut) < 1)) return false;
    rounded += values[i] != right[i] ? 1 : 0;
  }
  return 2 * rounded > values.size();
}

// What was observed as a tensor of the question's dtype. Where it is of fewer bits, the documented
// value stands for what is that value rounded.
Tensor as_asked(const Tensor& observed, const Tensor& documented, Diagnosis& diagnosis) {
  const Dtype dtype = documented.dtype();
  if (is_of_whole_numbers(observed, documented)) {
    diagnosis.remarks.emplace_back(
        "what was observed was rounded to whole numbers: it is judged as if rounded at the end");
    return documented;
  }
  if (observed.dtype() == dtype) return observed;
  std::vector<double> values = observed.values();
  const std::vector<double> right = documented.values();
  const Tensor rounded(observed.dtype(), documented.shape(), right);
  const std::vector<double> right_rounded = rounded.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    // The neighbours in that type are as near as the last step of a correct sum may round.
    const double step = observed.dtype() == Dtype::bf16 ? 0x1p-8 : 0x1p-11;
    const bool is_rounded = observed.dtype() != Dtype::f64 && observed.dtype() != Dtype::f32 &&
                            std::fabs(values[i] - right_rounded[i]) <=
                                2 * step * std::fmax(std::fabs(right_rounded[i]), 0x1p-14);
    if (is_rounded || values[i] == right_rounded[i]) values[i] = right[i];
  }
  diagnosis.remarks.push_back(
      fmt::format("what was observed is {}, the question {}: it is judged as if rounded at the end",
                  name(observed.dtype()), name(dtype)));
  return {dtype, observed.shape(), values};
}

}  // namespace

Element furthest_element(const Tensor& one, const Tensor& other) {
  const std::vector<double> first = one.values();
  const std::vector<double> second = other.values();
  std::size_t place = 0;
  double most = -1;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double difference = std::fabs(first[i] - second[i]);
    if (difference > most) {
      most = difference;
      place = i;
    }
  }
  const std::int64_t channels = one.size(1);
  const std::int64_t locations = one.element_count() / (one.size(0) * channels);
  const auto at = static_cast<std::int64_t>(place);
  return {.sample = at / (channels * locations) * locations + at % locations,
          .channel = at / locations % channels};
}

const SampleVerdict* first_finding(const Judgement& judgement) {
  const auto found = std::ranges::find_if(judgement.notable, [](const SampleVerdict& verdict) {
    return is_finding(verdict.verdict, false);
  });
  return found == judgement.notable.end() ? nullptr : &*found;
}

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
  if (grid.size() > 64) {
    const Shape& shape = question.input.shape();
    if (const std::optional<Dtype> dtype = sixteen_bits(grid)) {
      const int digits = *dtype == Dtype::f16 ? 11 : 8;
      remarks.push_back(fmt::format(
          "every coordinate can be written in {}: positions near the rim are up to {:.2g} pixels "
          "off",
          name(*dtype),
          std::ldexp(static_cast<double>(*std::max_element(shape.begin() + 2, shape.end())),
                     -digits - 2)));
    }
  }
  const std::vector<double> texels = question.input.values();
  const auto strange = std::ranges::count_if(texels, [](double x) { return !std::isfinite(x); });
  if (strange > 0) {
    remarks.push_back(fmt::format("{} of {} texels are NaN or infinite, and so is what reads them",
                                  strange, texels.size()));
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
    const Tensor& grid = symptom.question.grid;
    const int axes = symptom.question.input.rank() - 2;
    if ((axes == 2 || axes == 3) && grid.rank() == axes + 2 && grid.size(axes + 1) != axes &&
        grid.size(1) == axes) {
      diagnosis.remarks.push_back(
          fmt::format("the grid has its components in axis 1: grid.permute(0, 2, {}) has them last",
                      axes == 2 ? "3, 1" : "3, 4, 1"));
    }
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
    const Tensor observed = as_asked(*symptom.observed, documented, diagnosis);
    diagnosis.judgement = judge_differences(symptom.question, documented, observed);
    if (is_finding(diagnosis.judgement.worst(), false)) {
      blame_implementation(symptom.question, documented, observed, diagnosis);
      if (symptom.expected) {
        diagnosis.remarks.emplace_back(
            "what was expected was not looked at: the implementation comes first; leave out what "
            "was observed to judge the grid");
      }
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
  look_at_expected(situation_of(symptom.question, symptom.spacing), documented, *symptom.expected,
                   diagnosis);
  return diagnosis;
}

}  // namespace gridproof::diagnosis
