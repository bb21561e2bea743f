#include "reports/diagnosis/implementation.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports::diagnosis {
namespace {

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
    const std::int64_t location = sample_of(element, channels, locations);
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
std::pair<Case, Tensor> part_of(const Case& test_case, const Tensor& observed, std::int64_t n,
                                const std::vector<std::int64_t>& locations) {
  const int axes = test_case.input.rank() - 2;
  const auto count = static_cast<std::int64_t>(locations.size());
  Shape shape(static_cast<std::size_t>(axes) + 2, 1);
  shape[shape.size() - 2] = count;
  shape.back() = axes;
  const Tensor grid = test_case.grid.slice(0, n, n + 1).contiguous();
  std::vector<double> coordinates;
  for (const std::int64_t location : locations) {
    for (int k = 0; k < axes; ++k) {
      coordinates.push_back(grid.storage_value(grid.offset() + location * axes + k));
    }
  }
  Case part{test_case.request, test_case.input.slice(0, n, n + 1),
            Tensor(test_case.grid.dtype(), shape, coordinates)};
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
struct MutantProbe {
  Case test_case;
  std::vector<double> observed;
  std::vector<double> right;
};

MutantProbe probe_of(const Case& test_case, std::vector<double> observed) {
  return {test_case, std::move(observed), std::get<Tensor>(grid_sample(test_case)).values()};
}

// All output locations; of many those that differ, of one n, and some that were drawn.
std::vector<MutantProbe> probe_of(const Case& test_case, const Tensor& documented,
                                  const Tensor& observed) {
  const Sites sites(test_case, max_judged / 16);
  std::vector<MutantProbe> all = {probe_of(sites.narrowed(test_case), sites.values_of(observed))};
  if (sites.are_all()) return all;
  const std::int64_t locations = sample_count(test_case) / test_case.grid.size(0);
  std::vector<std::int64_t> of_n;
  std::int64_t n = 0;
  for (const std::int64_t location : locations_that_differ(documented, observed)) {
    if (of_n.empty()) n = location / locations;
    if (location / locations == n) of_n.push_back(location % locations);
    if (of_n.size() == 4096) break;
  }
  const auto [part, output] = part_of(test_case, observed, n, of_n);
  all.push_back(probe_of(part, output.values()));
  return all;
}

// How a mutant's answers agree with what was observed; not at all where it does nothing wrong.
Alike agreement(const Mutant& mutant, const std::vector<MutantProbe>& all, double rounding) {
  Alike result = Alike::in_every_bit;
  bool is_wrong = false;
  for (const MutantProbe& evidence : all) {
    const Answer answer = mutant.answer(evidence.test_case);
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
void find_nearest_mutant(const std::vector<MutantProbe>& all, double rounding,
                         Diagnosis& diagnosis) {
  const auto is_alike = [rounding](double one, double other) {
    return one == other || (std::isnan(one) && std::isnan(other)) ||
           std::fabs(one - other) <= rounding;
  };
  for (const Mutant& mutant : mutants()) {
    std::size_t count = 0;
    std::size_t given = 0;
    std::size_t wrong = 0;
    std::size_t explained = 0;
    for (const MutantProbe& evidence : all) {
      const Answer answer = mutant.answer(evidence.test_case);
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

// "mode='nearest', align_corners=True": the fewest other options under which all is as it was
// observed; empty where there are none.
std::string other_options(const Case& test_case, const std::vector<MutantProbe>& all,
                          double rounding) {
  const Options said = dictionary::options_of(test_case);
  std::string best;
  int fewest = 4;
  for (const auto& mode : names<Mode>) {
    for (const auto& padding : names<Padding>) {
      for (const bool align_corners : {said.align_corners, !said.align_corners}) {
        const Options options{
            .mode = mode.value, .padding = padding.value, .align_corners = align_corners};
        std::vector<std::string> changed;
        if (options.mode != said.mode) changed.push_back(fmt::format("mode='{}'", mode.name));
        if (options.padding != said.padding) {
          changed.push_back(fmt::format("padding_mode='{}'", padding.name));
        }
        if (align_corners != said.align_corners) {
          changed.push_back(fmt::format("align_corners={}", align_corners ? "True" : "False"));
        }
        if (changed.empty() || std::cmp_greater_equal(changed.size(), fewest)) continue;
        const bool explains = std::ranges::all_of(all, [&](const MutantProbe& evidence) {
          Case other = evidence.test_case;
          other.request = request_for(options);
          const Answer answer = grid_sample(other);
          const auto* output = std::get_if<Tensor>(&answer);
          return output != nullptr &&
                 alike(output->values(), evidence.observed, rounding) != Alike::no;
        });
        if (!explains) continue;
        fewest = static_cast<int>(changed.size());
        best = fmt::format("{}", fmt::join(changed, ", "));
      }
    }
  }
  return best;
}

void find_mutants(const Case& test_case, const Tensor& documented, const Tensor& observed,
                  Diagnosis& diagnosis) {
  const std::vector<MutantProbe> all = probe_of(test_case, documented, observed);
  const bool is_16_bit = observed.dtype() == Dtype::f16 || observed.dtype() == Dtype::bf16;
  const double step = step_of_picture(test_case.input, observed);
  // A position is as far off as the size of its axis times the rounding of a coordinate.
  const Shape& shape = test_case.input.shape();
  const auto size = static_cast<double>(*std::max_element(shape.begin() + 2, shape.end()));
  const double rounding =
      step + (is_16_bit ? 1e-2 : 1e-5 + size * 0x1p-22) * largest_of(all.back().observed);
  diagnosis.options = other_options(test_case, all, rounding);
  std::vector<std::string> similar;
  for (const Mutant& mutant : mutants()) {
    const Alike how = agreement(mutant, all, rounding);
    if (how == Alike::in_every_bit) diagnosis.mutants.push_back(mutant.name);
    if (how == Alike::up_to_rounding) similar.push_back(mutant.name);
  }
  diagnosis.mutants_match_bitwise = !diagnosis.mutants.empty();
  if (diagnosis.mutants.empty()) diagnosis.mutants = std::move(similar);
  if (diagnosis.mutants.empty()) find_nearest_mutant(all, rounding, diagnosis);
}

// The outputs of grids that differ from that of the question by rounding: the least and the largest
// value of each element.
struct Outputs {
  std::vector<double> least;
  std::vector<double> largest;
};
Outputs outputs_nearby(const Case& test_case) {
  Outputs all;
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  const std::vector<double> grid = test_case.grid.values();
  // A few roundings of numbers up to 1, or of the coordinate itself.
  const double few = std::ldexp(1, 2 - format_of(test_case.grid.dtype()).precision);
  std::vector<double> reaches;
  for (const double x : grid) reaches.push_back(few * std::fmax(std::fabs(x), 1));
  each_corner(grid, reaches, axes, [&](const std::vector<double>& moved) {
    const Case there{test_case.request, test_case.input,
                     Tensor(test_case.grid.dtype(), test_case.grid.shape(), moved)};
    const std::vector<double> values = std::get<Tensor>(grid_sample(there)).values();
    if (all.least.empty()) all = {values, values};
    for (std::size_t i = 0; i < values.size(); ++i) {
      all.least[i] = std::fmin(all.least[i], values[i]);
      all.largest[i] = std::fmax(all.largest[i], values[i]);
    }
  });
  return all;
}

// Makes admissible what is a finding of one output location of the question and is between the
// outputs of grids nearby. The question has one n.
void admit_other_rounding(const Case& test_case, const Tensor& observed, Judgment& judgment) {
  if (!is_finding(judgment.worst(), false) || judgment.whole) return;
  const Outputs nearby = outputs_nearby(test_case);
  const std::vector<double> values = observed.values();
  const auto locations = static_cast<std::size_t>(observed.size(observed.rank() - 1));
  const double scale = largest_of(test_case.input.values());
  const double slack = std::ldexp(scale, 3 - format_of(observed.dtype()).precision);
  const auto is_admitted = [&](const SampleVerdict& verdict) {
    if (!is_finding(verdict.verdict, false)) return false;
    for (auto i = static_cast<std::size_t>(verdict.sample); i < values.size(); i += locations) {
      const bool is_between =
          values[i] >= nearby.least[i] - slack && values[i] <= nearby.largest[i] + slack;
      if (!is_between && !(std::isnan(values[i]) && std::isnan(nearby.least[i]))) return false;
    }
    return true;
  };
  std::erase_if(judgment.notable, [&](const SampleVerdict& verdict) {
    if (!is_admitted(verdict)) return false;
    --judgment[verdict.verdict];
    ++judgment[Verdict::admissible];
    return true;
  });
}

// Nobody said align_corners, and nothing explains what was observed under the default: whether
// something does under the other one.
void look_under_the_other_flag(const Situation& situation, const Tensor& observed,
                               Diagnosis& diagnosis) {
  if (situation.test_case.request.align_corners) return;
  // As whoever gave a theta has made the grid.
  const bool is_theta = situation.given == Given::theta;
  const Hypothesis& flag = hypothesis_named(is_theta ? "align_corners.both" : "align_corners");
  const std::optional<Case> other = meant_question({&flag}, situation);
  if (!other) return;
  const Answer answer = grid_sample(*other);
  const auto* documented = std::get_if<Tensor>(&answer);
  if (documented == nullptr) return;
  Diagnosis there;
  find_mutants(*other, *documented, observed, there);
  if (there.mutants.empty()) return;
  diagnosis.mutants = std::move(there.mutants);
  diagnosis.mutants_match_bitwise = there.mutants_match_bitwise;
  diagnosis.under = "If you meant align_corners=True, which you did not pass, ";
}

// What the implementation makes of the grid or of what is outside, if that is one mistake of those
// that users make.
void look_for_misreading(const Situation& situation, const Tensor& observed, Diagnosis& diagnosis) {
  const Search search(situation, observed);
  for (const Attempt& attempt : search.run()) {
    const Hypothesis& change = *attempt.changes.front();
    const bool is_fill = change.family() == "padding" && !attempt.numbers.empty();
    if (attempt.distance.share < 1 || !(attempt.distance.is_exact || is_fill)) return;
    if (attempt.changes.size() > 1 || attempt.fitted || (change.stage == Stage::none && !is_fill))
      continue;
    const auto everywhere = search.everywhere(attempt);
    if (!everywhere || everywhere->distance.share < 1) continue;
    diagnosis.misreading = change.name;
    if (is_fill) diagnosis.fill = everywhere->numbers;
    return;
  }
}

// "at 3 of 1,200 output locations"
std::string findings_of(const Judgment& judgment, std::int64_t samples) {
  std::int64_t findings = 0;
  std::int64_t judged = 0;
  for (const auto& verdict : names<Verdict>) {
    judged += judgment[verdict.value];
    if (is_finding(verdict.value, false)) findings += judgment[verdict.value];
  }
  return fmt::format("at {}{} of {}", judged < samples ? "more than " : "",
                     reports::grouped(findings), reports::counted(samples, "output location"));
}

// What explains what was observed, as further sentences; empty if nothing does.
std::string explanation_of(const Diagnosis& diagnosis) {
  if (!diagnosis.options.empty()) {
    return fmt::format(
        ". The whole output is right for {}: did you call grid_sample with the options that you "
        "gave here?",
        diagnosis.options);
  }
  if (!diagnosis.mutants.empty()) {
    std::string every = diagnosis.mutants_match_bitwise ? "Every" : "Up to rounding, every";
    if (!diagnosis.under.empty()) every.front() = diagnosis.mutants_match_bitwise ? 'e' : 'u';
    return fmt::format(". {}{} value is what the mistake `{}` gives: {}", diagnosis.under, every,
                       diagnosis.mutants.front(), find_mutant(diagnosis.mutants.front())->sentence);
  }
  if (!diagnosis.fill.empty()) {
    return fmt::format(
        ". The whole output is right if {} (`{}`), {:.6g}: was the implementation given a fill "
        "value?",
        hypothesis_named(diagnosis.misreading).sentence, diagnosis.misreading,
        fmt::join(diagnosis.fill, ", "));
  }
  if (!diagnosis.misreading.empty()) {
    return fmt::format(
        ". The whole output is right if {} (`{}`): is that how you call the implementation?",
        hypothesis_named(diagnosis.misreading).sentence, diagnosis.misreading);
  }
  if (diagnosis.nearest_mutant.empty()) return "";
  return fmt::format(
      ". {:.2f} % of the examined values are what the mistake `{}` gives ({}); the rest has "
      "another cause",
      100 * diagnosis.nearest_share, diagnosis.nearest_mutant,
      find_mutant(diagnosis.nearest_mutant)->sentence);
}

// Whether a value is what another one is in that type of 16 bits, or a neighbor there: as near as
// the last step of a correct sum may round.
bool is_beside(double value, double right, Dtype dtype) {
  const double reach = dtype == Dtype::bf16 ? 0x1p-7 : 0x1p-10;
  return std::fabs(value - right) <= reach * std::fmax(std::fabs(right), 0x1p-14);
}

// The type of 16 bits in which all values are those that were documented; none if there is no such
// type.
std::optional<Dtype> narrow_type(const Tensor& documented, const Tensor& observed) {
  const std::vector<double> right = documented.values();
  const std::vector<double> values = observed.values();
  const std::optional<Dtype> dtype = sixteen_bits(values);
  if (!dtype || documented.dtype() == *dtype || values.size() < 8) return std::nullopt;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (difference_of(values[i], right[i]) != 0 && !is_beside(values[i], right[i], *dtype))
      return std::nullopt;
  }
  return dtype;
}

// By how much values differ at most, as a remark; empty where one of them is NaN or infinite.
std::string furthest_of(const Tensor& documented, const Tensor& observed) {
  const std::vector<double> right = documented.values();
  const std::vector<double> values = observed.values();
  double furthest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    furthest = std::fmax(furthest, difference_of(values[i], right[i]));
  }
  return std::isfinite(furthest)
             ? fmt::format("the largest difference from what is documented is {:.2g}", furthest)
             : "";
}

// Whether all are multiples of a step, between 0 and 255 of them.
bool are_of_8_bits(const std::vector<double>& values, double step) {
  return std::ranges::all_of(values, [step](double value) {
    const double steps = value / step;
    return steps > -0.5 && steps < 255.5 && std::fabs(steps - std::round(steps)) < 1e-3;
  });
}

}  // namespace

double step_of_picture(const Tensor& input, const Tensor& observed) {
  const std::vector<double> texels = input.values();
  const std::vector<double> values = observed.values();
  constexpr std::size_t many = 16;
  if (texels.size() < many || values.size() < many) return 0;
  for (const double step : {1.0, 1 / 255.0}) {
    const double range = std::max(range_of(texels), range_of(values));
    if (range >= 16 * step && are_of_8_bits(texels, step) && are_of_8_bits(values, step)) {
      return step;
    }
  }
  return 0;
}

Tensor as_asked(const Tensor& observed, const Case& test_case, const Tensor& documented,
                Diagnosis& diagnosis) {
  const Dtype dtype = documented.dtype();
  std::vector<double> values = observed.values();
  const std::vector<double> right = documented.values();
  // Rounded to a step, or cut.
  const auto is_rounded = [&](std::size_t i, double step) {
    return std::fabs(values[i] / step - std::clamp(right[i] / step, 0.0, 255.0)) < 1;
  };
  double step = step_of_picture(test_case.input, observed);
  for (const double other : {1.0, 1 / 255.0}) {
    if (step != 0 || range_of(right) < 16 * other || !are_of_8_bits(values, other)) continue;
    // Of another picture only where all of it is so near.
    bool are_all = true;
    for (std::size_t i = 0; are_all && i < values.size(); ++i) are_all = is_rounded(i, other);
    if (are_all) step = other;
  }
  if (step != 0) {
    std::size_t rounded = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == right[i] || !is_rounded(i, step)) continue;
      values[i] = right[i];
      ++rounded;
    }
    if (rounded > 0) {
      diagnosis.remarks.push_back(
          fmt::format("the observed output is an 8-bit picture, rounded to multiples of {}: a "
                      "smaller difference does not count",
                      step == 1 ? "1" : "1/255"));
    }
    return {dtype, observed.shape(), values};
  }
  if (observed.dtype() == dtype) return observed;
  const Tensor rounded(observed.dtype(), documented.shape(), right);
  const std::vector<double> right_rounded = rounded.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_near = observed.dtype() != Dtype::f64 && observed.dtype() != Dtype::f32 &&
                         is_beside(values[i], right_rounded[i], observed.dtype());
    if (is_near || values[i] == right_rounded[i]) values[i] = right[i];
  }
  diagnosis.remarks.push_back(
      fmt::format("the observed output is {} and the question is {}: the output is judged as if "
                  "rounded at the end",
                  name(observed.dtype()), name(dtype)));
  return {dtype, observed.shape(), values};
}

Judgment judge_differences(const Case& test_case, const Tensor& documented, const Tensor& observed,
                           Given given) {
  std::vector<std::int64_t> differing = locations_that_differ(documented, observed);
  const std::int64_t locations =
      test_case.grid.element_count() / (test_case.grid.size(0) * (test_case.input.rank() - 2));
  Judgment all;
  all[Verdict::same_bits] =
      test_case.grid.size(0) * locations - static_cast<std::int64_t>(differing.size());
  if (std::cmp_greater(differing.size(), max_judged)) {
    differing.resize(static_cast<std::size_t>(max_judged));
  }
  std::ranges::sort(differing);
  for (std::size_t first = 0; first < differing.size();) {
    const std::int64_t n = differing[first] / locations;
    std::vector<std::int64_t> of_n;
    while (first < differing.size() && differing[first] / locations == n &&
           of_n.size() < Judge::max_notable) {
      of_n.push_back(differing[first++] % locations);
    }
    const auto [part, output] = part_of(test_case, observed, n, of_n);
    Judgment judgment = Judge().judge(part, output);
    if (given != Given::grid) admit_other_rounding(part, output, judgment);
    for (std::size_t i = 0; i < verdict_count; ++i) all.counts[i] += judgment.counts[i];
    for (SampleVerdict verdict : judgment.notable) {
      verdict.sample = n * locations + of_n[static_cast<std::size_t>(verdict.sample)];
      all.notable.push_back(std::move(verdict));
    }
  }
  return all;
}

void blame_implementation(const Situation& situation, const Tensor& documented,
                          const Tensor& observed, Diagnosis& diagnosis) {
  const Case& test_case = situation.test_case;
  diagnosis.fault = Fault::implementation;
  const SampleVerdict* const first = first_finding(diagnosis.judgment);
  find_mutants(test_case, documented, observed, diagnosis);
  const auto is_explained = [&] {
    return !diagnosis.options.empty() || !diagnosis.mutants.empty();
  };
  if (!is_explained()) look_under_the_other_flag(situation, observed, diagnosis);
  if (!is_explained()) look_for_misreading(situation, observed, diagnosis);
  diagnosis.sentence = "The output is not what the documentation demands for this grid";
  if (first != nullptr) {
    diagnosis.sentence +=
        fmt::format(": {} it breaks [{}], for example at {}, channel {}",
                    findings_of(diagnosis.judgment, sample_count(test_case)), first->clause,
                    reports::location(reports::indices_of(first->sample, test_case.grid.shape())),
                    first->channel);
  }
  const std::optional<Dtype> narrow =
      is_explained() ? std::nullopt : narrow_type(documented, observed);
  diagnosis.sentence += narrow
                            ? fmt::format(
                                  ". Every value is the documented one rounded to {}, or a "
                                  "neighbor of it: was the output computed or stored in 16 bits?",
                                  name(*narrow))
                            : explanation_of(diagnosis);
  if (std::string furthest = furthest_of(documented, observed); !furthest.empty()) {
    diagnosis.remarks.push_back(std::move(furthest));
  }
  if (!diagnosis.sentence.ends_with('?')) diagnosis.sentence += '.';
  const bool is_sure = !diagnosis.options.empty() || diagnosis.mutants.size() == 1;
  diagnosis.confidence = narrow                                            ? Confidence::medium
                         : !is_explained() && diagnosis.misreading.empty() ? Confidence::low
                         : is_sure && diagnosis.under.empty()              ? Confidence::high
                                                                           : Confidence::medium;
}

}  // namespace gridproof::reports::diagnosis
