#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/implementation.h"
#include "reports/diagnosis/positions.h"
#include "reports/diagnosis/preference.h"
#include "reports/text/text.h"

namespace gridproof::reports::diagnosis {
namespace {

const char* python_name(bool value) { return value ? "True" : "False"; }

// Why a tensor that should be an output has another shape, if that can be told; a further sentence.
std::string reason_of(const Tensor& tensor, const Tensor& output, const Shape& input) {
  Shape exchanged = output.shape();
  std::swap(exchanged.back(), exchanged[exchanged.size() - 2]);
  if (tensor.shape() == exchanged) return "; are height and width exchanged in the grid?";
  Shape of_rows = output.shape();
  of_rows[1] = input[2];
  if (tensor.shape() != of_rows) return "";
  return fmt::format(
      "; it has as many channels as the input has {}: a channels-last input was read as "
      "channels-first, and input.permute({}) is missing",
      input.size() == 5 ? "slices" : "rows", input.size() == 5 ? "0, 4, 1, 2, 3" : "0, 3, 1, 2");
}

void require_shape(const char* what, const Tensor& tensor, const Tensor& output,
                   const Shape& input) {
  if (tensor.shape() == output.shape()) return;
  throw std::invalid_argument(fmt::format(
      "{} has the shape {}: expected the shape of the output, {}{}", what,
      to_string(tensor.shape()), to_string(output.shape()), reason_of(tensor, output, input)));
}

// "the grid holds pixel positions …", or "two mistakes, (1) the grid holds …, (2) …".
std::string sentence_of(const Attempt& attempt) {
  if (attempt.changes.size() == 1) return attempt.changes.front()->sentence;
  std::string sentence = attempt.changes.size() == 2 ? "two mistakes" : "three mistakes";
  for (std::size_t i = 0; i < attempt.changes.size(); ++i) {
    sentence += fmt::format(", ({}) {}", i + 1, attempt.changes[i]->sentence);
  }
  return sentence;
}

// Whether what is near everywhere as it was asked is exact with what a trial changes.
bool is_nearer(const Attempt& attempt, const Distance& before) {
  return before.share == 1 && attempt.distance.is_exact && !before.is_exact;
}

// Whether it is about which pixel is the nearest half-way between two.
bool is_about_ties(const Attempt& attempt) {
  return attempt.changes.front()->name.find(".nearest.") != std::string::npos;
}

// How sure one can be, at most, of what explains so many values: each tells as much as there are
// different ones, and there are a hundred hypotheses, thousands of pairs, and any number of
// numbers.
Confidence max_confidence(const Attempt& attempt, const Search& search, const Distance& before) {
  // At a tie there are two values to choose from. What is near everywhere tells by how much nearer
  // it is.
  const double all_bits = is_about_ties(attempt) ? search.samples() : search.bits();
  const double bits = all_bits * (is_nearer(attempt, before) ? 1 : 1 - before.share);
  const bool has_numbers = attempt.fitted || !attempt.numbers.empty();
  const double needed = 4 + 6 * static_cast<double>(attempt.changes.size() + (has_numbers ? 1 : 0));
  return bits < needed       ? Confidence::low
         : bits < 2 * needed ? Confidence::medium
                             : Confidence::high;
}

bool has_all_equal_texels(const Tensor& input) {
  const std::vector<double> texels = input.values();
  return texels.size() > 1 && are_all_equal(texels);
}

// "half is within 0.1 of that, the worst within 2"
std::string distances(const Distance& distance) {
  std::string text;
  if (std::isfinite(distance.median)) {
    text = fmt::format("half of the values are within {:.2g} of it, ", distance.median);
  }
  return text + (std::isfinite(distance.worst)
                     ? fmt::format("the worst is within {:.2g}", distance.worst)
                     : "and where one value is NaN or infinite, the other is different");
}

// Whether the differences are small, with no few that are much larger, and nothing comes nearer.
bool is_noise(const Distance& before, double range, const std::vector<Attempt>& attempts) {
  const bool is_small = before.median <= 3e-3 * range && before.worst <= 10 * before.median;
  return is_small && std::ranges::none_of(attempts, [&](const Attempt& attempt) {
           const bool has_numbers = attempt.fitted || !attempt.numbers.empty();
           return attempt.distance.median < (has_numbers ? 0.5 : 0.75) * before.median;
         });
}

void say_unexplained(const Search& search, Diagnosis& diagnosis) {
  const Distance& before = diagnosis.before;
  diagnosis.confidence = Confidence::low;
  if (before.worst <= 5e-3 * search.range()) {
    diagnosis.fault = Fault::none;
    diagnosis.sentence = fmt::format(
        "Nothing is wrong beyond rounding, for example to 8 bits: the expected values are within "
        "{:.2g} of what the documentation demands.",
        before.worst);
    return;
  }
  if (is_noise(before, search.range(), diagnosis.attempts)) {
    diagnosis.fault = Fault::none;
    diagnosis.sentence = fmt::format(
        "Nothing is wrong beyond noise: half of the expected values are within {:.2g} of what the "
        "documentation demands, all of them within {:.2g}, and no known mistake comes closer.",
        before.median, before.worst);
    return;
  }
  diagnosis.fault = Fault::unexplained;
  if (before.inside == 1 && before.share >= 0.1) {
    diagnosis.sentence = fmt::format(
        "Values read between the centers of the outer pixels are as expected. Values read beyond "
        "them are not, and no known cause explains it: {:.1f} % of all values are as expected.",
        100 * before.share);
    return;
  }
  diagnosis.sentence = fmt::format(
      "No single cause explains the expected values: {:.1f} % of them are what the documentation "
      "demands, {}.",
      100 * before.share, distances(before));
  // What went through a resize or the like as well is equal nowhere.
  const auto median_of = [](const Attempt& attempt) {
    return attempt.changes.size() > 1 || attempt.fitted ? INFINITY : attempt.distance.median;
  };
  const auto nearest = std::ranges::min_element(diagnosis.attempts, {}, median_of);
  if (nearest == diagnosis.attempts.end() || std::isinf(median_of(*nearest))) return;
  const Distance& there = nearest->distance;
  if (2.5 * there.median > before.median || 2.5 * there.most > before.most) return;
  // Where nearly all is as expected there is nothing to come nearer to.
  if (before.share > 0.9) return;
  diagnosis.remarks.push_back(
      fmt::format("{} comes closer but does not explain it: half of the values are within {:.2g} "
                  "with it, within {:.2g} without it",
                  nearest->name(), there.median, before.median));
}

// Says which mistake the best trial is, and how sure that is.
void name_usage(const Situation& situation, const Search& search, bool is_explained,
                bool is_in_doubt, Diagnosis& diagnosis) {
  const Attempt& best = diagnosis.attempts.front();
  const Sites sites(situation.test_case, std::int64_t{1} << 12U);
  if (const auto meant = corrected(best.changes, situation, sites)) {
    diagnosis.where =
        where_it_reads(positions_of(sites.coordinates(), situation.options().align_corners, sites),
                       positions_of(meant->coordinates, meant->options.align_corners, sites),
                       static_cast<std::size_t>(situation.test_case.input.rank() - 2));
  }
  diagnosis.sentence = fmt::format("{}: {}.", best.name(), sentence_of(best));
  if (!is_explained) {
    const Distance& before = diagnosis.before;
    const bool is_of_most = 2.5 * best.distance.median <= before.median;
    diagnosis.sentence +=
        fmt::format(" Up to noise: {} within {:.2g} with the correction, within {:.2g} without it.",
                    is_of_most ? "half of the values are" : "the farthest value is",
                    is_of_most ? best.distance.median : best.distance.worst,
                    is_of_most ? before.median : before.worst);
  }
  const bool has_rival =
      std::ranges::any_of(diagnosis.ties, [](const Tie& tie) { return !tie.datum.empty(); });
  constexpr double few_bits = 5;
  if (search.bits() < few_bits) {
    diagnosis.fault = Fault::undecided;
    diagnosis.where.clear();
    diagnosis.confidence = Confidence::low;
    diagnosis.sentence = fmt::format(
        "There are too few expected values to tell: {}.",
        diagnosis.ties.empty()
            ? fmt::format("{} explains them, but so may many other mistakes; give more values",
                          best.name())
            : fmt::format("{} mistakes explain them, {} among them", diagnosis.ties.size() + 1,
                          best.name()));
    return;
  }
  const bool has_too_few_values =
      (diagnosis.before.share > 0.999 && !is_nearer(best, diagnosis.before)) ||
      (is_in_doubt && best.changes.front()->name == "mode.nearest");
  diagnosis.confidence = best.distance.share < 0.999 || has_too_few_values ? Confidence::low
                         : has_rival                                       ? Confidence::medium
                                                                           : Confidence::high;
  diagnosis.confidence =
      std::min(diagnosis.confidence, max_confidence(best, search, diagnosis.before));
}

// Whether the best trial is one of many combinations that read from different places, which the
// nearest pixels do not show.
bool is_one_of_many(const Situation& situation, const Diagnosis& diagnosis) {
  constexpr std::ptrdiff_t many = 3;
  return situation.options().mode == Mode::nearest &&
         diagnosis.attempts.front().changes.size() > 1 &&
         std::ranges::count_if(diagnosis.ties, [](const Tie& tie) { return !tie.datum.empty(); }) >=
             many;
}

void blame_usage(const Situation& situation, const Search& search, Diagnosis& diagnosis) {
  std::vector<Attempt>& attempts = diagnosis.attempts;
  // Some number explains what is no more than rounding.
  const bool is_rounding = diagnosis.before.worst <= 5e-3 * search.range() && !attempts.empty() &&
                           (attempts.front().fitted || !attempts.front().numbers.empty());
  if (is_rounding) return say_unexplained(search, diagnosis);
  // Half of what is not as expected, at least.
  const bool is_explained = !attempts.empty() && attempts.front().distance.share >= enough &&
                            2 * (1 - attempts.front().distance.share) <= 1 - diagnosis.before.share;
  if (!is_explained) {
    Attempt* const nearest = nearest_by_far(attempts, diagnosis.before, search.range());
    if (nearest == nullptr) return say_unexplained(search, diagnosis);
    std::rotate(attempts.data(), nearest, nearest + 1);
  }
  diagnosis.fault = Fault::usage;
  if (is_explained) prefer_theta(situation, attempts);
  Attempt& best = attempts.front();
  for (const Attempt& attempt : attempts) {
    const bool is_as_good = is_explained
                                ? attempt.distance.share == best.distance.share &&
                                      (attempt.distance.is_exact == best.distance.is_exact ||
                                       attempt.distance.worst <= best.distance.worst)
                                : attempt.distance.median <= 1.25 * best.distance.median;
    if (&attempt == &best || attempt.changes.size() != best.changes.size() || !is_as_good) continue;
    diagnosis.ties.push_back({attempt.name(), what_tells(situation, best, attempt)});
  }
  const bool is_guess = is_one_of_many(situation, diagnosis);
  if (is_guess && situation.holds_no_motion) {
    diagnosis.fault = Fault::undecided;
    diagnosis.confidence = Confidence::low;
    diagnosis.sentence = fmt::format(
        "The nearest pixels do not tell: the grid holds no motion, and {} combinations of mistakes "
        "explain the expected values, {} among them.",
        diagnosis.ties.size() + 1, best.name());
    return;
  }
  if (auto everywhere = search.everywhere(best)) best = std::move(*everywhere);
  const bool is_in_doubt = doubt_nearest(situation, search, attempts, diagnosis.ties);
  prefer_narrow_grid(situation, search, attempts, diagnosis.ties);
  prefer_offset(situation, search, attempts, diagnosis.ties);
  name_usage(situation, search, is_explained, is_in_doubt, diagnosis);
  if (is_guess) diagnosis.confidence = Confidence::low;
}

// How sure one can be of what reads everywhere as was meant: each coordinate that differs from
// others tells some ten bits.
Confidence confidence_of_positions(const Situation& situation, const Attempt& attempt) {
  std::set<std::pair<std::size_t, double>> different;
  const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
  for (std::size_t i = 0; i < std::min<std::size_t>(situation.grid->size(), 1000); ++i) {
    different.emplace(i % axes, (*situation.grid)[i]);
  }
  const double bits = 10 * static_cast<double>(different.size());
  const std::size_t numbers = attempt.fitted ? attempt.fitted->numbers.size() + 1 : 0;
  const double needed = 4 + 6 * static_cast<double>(attempt.changes.size() + numbers);
  return bits < needed       ? Confidence::low
         : bits < 2 * needed ? Confidence::medium
                             : Confidence::high;
}

// Whether the output is to have the input's height and width exchanged.
bool is_transposed(const Case& test_case) {
  const Shape& input = test_case.input.shape();
  const Shape& grid = test_case.grid.shape();
  return input.size() == 4 && input[2] != input[3] && grid[1] == input[3] && grid[2] == input[2];
}

// Where the grid reads, if it is not where it was meant to; then nothing is guessed from values.
bool look_at_positions(const Situation& situation, const Tensor& documented,
                       const Tensor& meant_grid, const Tensor& expected, Diagnosis& diagnosis) {
  const std::vector<double> meant = meant_grid.values();
  const Positions positions(situation, meant, std::int64_t{1} << 12U);
  if (positions.agree()) return false;
  const Search search(situation, expected);
  diagnosis.before = search.distance_as_asked(documented);
  diagnosis.where = positions.difference();
  diagnosis.attempts = positions.explanations();
  if (diagnosis.attempts.empty()) {
    diagnosis.fault = Fault::unexplained;
    diagnosis.confidence = Confidence::low;
    diagnosis.sentence =
        "The grid does not read where it was meant to, and no known mistake explains it.";
    return true;
  }
  diagnosis.fault = Fault::usage;
  // Who has a theta made his mistake there.
  if (situation.given == Given::theta) {
    put_first(diagnosis.attempts, [](const Attempt& attempt) {
      return attempt.changes.size() == 1 && attempt.changes.front()->is_of_theta;
    });
  }
  constexpr std::size_t max_rivals = 12;
  if (diagnosis.attempts.size() > max_rivals) diagnosis.attempts.resize(max_rivals);
  Attempt& best = diagnosis.attempts.front();
  for (Attempt& attempt : diagnosis.attempts) {
    if (auto there = search.everywhere(attempt)) attempt = std::move(*there);
    if (&attempt == &best) continue;
    diagnosis.ties.push_back({attempt.name(), what_tells(situation, best, attempt)});
  }
  if (best.name() == "axes.reversed" && is_transposed(situation.test_case)) {
    diagnosis.ties.push_back(
        {"rows and columns of the grid swapped, as meshgrid(x, y, indexing='ij') returns them: "
         "grid.transpose(1, 2)",
         "an output whose height and width are not the input's swapped"});
  }
  diagnosis.sentence = fmt::format("{}: {}.", best.name(), sentence_of(best));
  const bool has_rival =
      std::ranges::any_of(diagnosis.ties, [](const Tie& tie) { return !tie.datum.empty(); });
  // Some affine map makes of every theta any other: that it is one tells little.
  const bool is_certain = !has_rival && best.name() != "fitted.affine";
  diagnosis.confidence = std::min(is_certain ? Confidence::high : Confidence::medium,
                                  confidence_of_positions(situation, best));
  return true;
}

// What was expected, if it is not what the documentation demands.
void look_at_expected(const Situation& situation, const Tensor& documented, const Tensor& expected,
                      Diagnosis& diagnosis) {
  const Search search(situation, expected);
  diagnosis.before = search.distance_as_asked(documented);
  if (expected.element_count() > 1 && search.expects_one_value()) {
    diagnosis.remarks.emplace_back("all expected values are equal: many mistakes explain that");
  }
  const auto nothing_but = [&](const std::string& what) {
    diagnosis.attempts.clear();
    diagnosis.sentence = "Nothing is wrong" + what;
  };
  if (diagnosis.before.share == 1 && diagnosis.before.is_exact) {
    return nothing_but(": the expected values are what the documentation demands.");
  }
  diagnosis.attempts = search.run();
  if (diagnosis.before.share == 1) {
    // As near as in a smooth picture a wrong position is, too: only what is exact explains more.
    // That of a grid of 16 bits is nobody else's doing.
    const bool is_narrow = sixteen_bits(*situation.grid).has_value();
    std::erase_if(diagnosis.attempts, [is_narrow](const Attempt& attempt) {
      return !attempt.distance.is_exact || attempt.fitted || !attempt.numbers.empty() ||
             (is_narrow && attempt.changes.front()->family() == "elsewhere");
    });
    const double least = diagnosis.before.worst / 8;
    if (!diagnosis.attempts.empty() && diagnosis.attempts.front().distance.worst < least) {
      return blame_usage(situation, search, diagnosis);
    }
    return nothing_but(
        fmt::format(" beyond {:.2g}: the expected values are that close to what the documentation "
                    "demands. This is more than the rounding of f32 and less than a thousandth of "
                    "the range of the values.",
                    diagnosis.before.worst));
  }
  const auto share = [&] {
    return diagnosis.attempts.empty() ? 0 : diagnosis.attempts.front().distance.share;
  };
  // A grid that was made for the other flag meets ties at the rim: the flag is the likelier cause.
  put_first(diagnosis.attempts, [](const Attempt& attempt) {
    return attempt.distance.share == 1 && attempt.changes.size() == 1 &&
           attempt.changes.front()->stage == Stage::flag;
  });
  const bool is_other =
      share() == 1 && diagnosis.attempts.front().changes.front()->family() != "elsewhere";
  if (!is_other && search.differs_at_ties_only() &&
      !(share() == 1 && is_about_ties(diagnosis.attempts.front()))) {
    return nothing_but(
        " but ties: the expected values differ only where the position is halfway between two "
        "pixels, or between a pixel and the padding, up to rounding. Computing the position with "
        "more digits has this effect.");
  }
  // Where numbers were rounded little is equal, and what is not may look like something else.
  const double of_picture = step_of_picture(situation.test_case.input, expected);
  const std::optional<double> step =
      share() < 0.999 && of_picture != 0 ? std::optional(of_picture) : std::nullopt;
  if (!step) return blame_usage(situation, search, diagnosis);
  const char* const unit = *step == 1 ? "1" : "1/255";
  const Search rounded(situation, expected, *step);
  const Distance before = rounded.distance_as_asked(documented);
  if (before.share == 1) {
    return nothing_but(
        fmt::format(" but rounding: the expected values are what the documentation demands, "
                    "rounded to multiples of {}.",
                    unit));
  }
  std::vector<Attempt> attempts = rounded.run();
  if (attempts.empty() || attempts.front().distance.share <= share()) {
    return blame_usage(situation, search, diagnosis);
  }
  diagnosis.attempts = std::move(attempts);
  diagnosis.before = before;
  diagnosis.remarks.push_back(
      fmt::format("the expected values are rounded to multiples of {}: a difference of half a "
                  "multiple does not count",
                  unit));
  blame_usage(situation, rounded, diagnosis);
}

}  // namespace

Element furthest_element(const Tensor& one, const Tensor& other) {
  const std::vector<double> first = one.values();
  const std::vector<double> second = other.values();
  std::size_t place = 0;
  double most = -1;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double difference = difference_of(first[i], second[i]);
    if (difference > most) {
      most = difference;
      place = i;
    }
  }
  const std::int64_t channels = one.size(1);
  const std::int64_t locations = one.element_count() / (one.size(0) * channels);
  const auto at = static_cast<std::int64_t>(place);
  return {.sample = sample_of(at, channels, locations), .channel = at / locations % channels};
}

const SampleVerdict* first_finding(const Judgment& judgment) {
  const auto found = std::ranges::find_if(judgment.notable, [](const SampleVerdict& verdict) {
    return is_finding(verdict.verdict, false);
  });
  return found == judgment.notable.end() ? nullptr : &*found;
}

namespace {

// How many coordinates of an identity are -1 or 1 at most: those of the first and last locations
// along each axis.
std::int64_t max_of_rim(const Shape& grid) {
  const std::int64_t locations = element_count(grid) / grid.back();
  std::int64_t rim = 0;
  for (std::size_t axis = 1; axis + 1 < grid.size(); ++axis) rim += 2 * locations / grid[axis];
  return rim;
}

}  // namespace

std::vector<std::string> remarks_on(const Case& test_case) {
  std::vector<std::string> remarks;
  const std::vector<double> grid = test_case.grid.values();
  const auto count = [&](auto is_so) { return std::ranges::count_if(grid, is_so); };
  const auto not_finite = count([](double x) { return !std::isfinite(x); });
  if (not_finite > 0) {
    remarks.push_back(fmt::format(
        "{} of {} {} NaN or infinite: NaN is read as -1; look for a division by zero", not_finite,
        reports::counted(std::ssize(grid), "coordinate"), not_finite == 1 ? "is" : "are"));
  }
  const auto beyond = count([](double x) { return std::fabs(x) > 1; });
  if (2 * static_cast<std::size_t>(beyond) > grid.size()) {
    remarks.push_back(fmt::format("{} of {} {} outside -1 … 1, the range that the input covers",
                                  beyond, reports::counted(std::ssize(grid), "coordinate"),
                                  beyond == 1 ? "is" : "are"));
  }
  for (const bool align_corners : {false, true}) {
    if (!is_identity_grid(test_case, align_corners)) continue;
    remarks.push_back(
        fmt::format("the grid is the identity (align_corners={}) and holds no motion; scaling a "
                    "map by its own minimum and maximum removes the motion",
                    python_name(align_corners)));
    break;
  }
  const auto at_end = count([](double x) { return std::fabs(x) == 1; });
  if (grid.size() > 64 && beyond == 0 && not_finite == 0 &&
      at_end > std::ssize(grid) / 50 + max_of_rim(test_case.grid.shape())) {
    remarks.push_back(fmt::format(
        "{} of {} are exactly -1 or 1, and none lies outside that range: was the grid clamped?",
        at_end, reports::counted(std::ssize(grid), "coordinate")));
  }
  if (grid.size() > 2 && count([](double x) { return x == std::round(x); }) == std::ssize(grid)) {
    remarks.emplace_back(
        "every coordinate is a whole number: these may be pixel positions, or values truncated to "
        "integers");
  }
  if (grid.size() > 64) {
    const Shape& shape = test_case.input.shape();
    if (const std::optional<Dtype> dtype = sixteen_bits(grid)) {
      const int digits = *dtype == Dtype::f16 ? 11 : 8;
      remarks.push_back(fmt::format(
          "every coordinate is exact in {}: positions near the rim are up to {:.2g} pixels off",
          name(*dtype),
          std::ldexp(static_cast<double>(*std::max_element(shape.begin() + 2, shape.end())),
                     -digits - 2)));
    }
  }
  const std::vector<double> texels = test_case.input.values();
  const auto strange = std::ranges::count_if(texels, [](double x) { return !std::isfinite(x); });
  if (strange > 0) {
    remarks.push_back(
        fmt::format("{} of {} {} NaN or infinite, and so is every output that reads {}", strange,
                    reports::counted(std::ssize(texels), "texel"), strange == 1 ? "is" : "are",
                    strange == 1 ? "it" : "them"));
  }
  for (int axis = 2; axis < test_case.input.rank(); ++axis) {
    if (test_case.input.size(axis) != 1) continue;
    remarks.push_back(fmt::format("axis {} of the input has one pixel: its coordinate {}", axis,
                                  test_case.request.align_corners.value_or(false)
                                      ? "has no effect with align_corners=True"
                                      : "still moves the position, by half a pixel for each unit"));
  }
  if (has_all_equal_texels(test_case.input)) {
    remarks.emplace_back("all texels are equal: motion inside the input cannot be seen");
  }
  return remarks;
}

namespace {

Diagnosis diagnose_in_order(const Symptom& symptom) {
  Diagnosis diagnosis;
  const Answer answer = grid_sample(symptom.test_case);
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    diagnosis.fault = Fault::refused;
    diagnosis.sentence = fmt::format("The documentation demands a refusal [{}]: {}",
                                     refusal->clause, refusal->message);
    const Tensor& grid = symptom.test_case.grid;
    const int axes = symptom.test_case.input.rank() - 2;
    if ((axes == 2 || axes == 3) && grid.rank() == axes + 2 && grid.size(axes + 1) != axes &&
        grid.size(1) == axes) {
      diagnosis.remarks.push_back(fmt::format(
          "the grid has its components in axis 1: grid.permute(0, 2, {}) moves them last",
          axes == 2 ? "3, 1" : "3, 4, 1"));
    }
    return diagnosis;
  }
  const auto& documented = std::get<Tensor>(answer);
  const Shape& input = symptom.test_case.input.shape();
  if (symptom.expected) require_shape("the expected output", *symptom.expected, documented, input);
  if (symptom.observed) require_shape("the observed output", *symptom.observed, documented, input);
  if (documented.element_count() == 0) {
    diagnosis.sentence = "Nothing is wrong: the output has no elements.";
    return diagnosis;
  }
  diagnosis.remarks = remarks_on(symptom.test_case);
  if (symptom.observed) {
    const Tensor observed = as_asked(*symptom.observed, symptom.test_case, documented, diagnosis);
    diagnosis.judgment = judge_differences(symptom.test_case, documented, observed, symptom.given);
    if (is_finding(diagnosis.judgment.worst(), false)) {
      blame_implementation(situation_of(symptom.test_case, symptom.world, symptom.given),
                           documented, *symptom.observed, diagnosis);
      if (symptom.expected) {
        diagnosis.remarks.emplace_back(
            "the expected output was not examined, because the implementation comes first; leave "
            "out the observed output to judge the grid");
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
  const Situation situation = situation_of(symptom.test_case, symptom.world, symptom.given);
  const bool is_known =
      symptom.meant_grid &&
      look_at_positions(situation, documented, *symptom.meant_grid, *symptom.expected, diagnosis);
  if (!is_known) look_at_expected(situation, documented, *symptom.expected, diagnosis);
  return diagnosis;
}

}  // namespace

Diagnosis diagnose(const Symptom& symptom) {
  Diagnosis diagnosis = diagnose_in_order(symptom);
  if (symptom.layout.empty()) return diagnosis;
  if (diagnosis.fault == Fault::none || diagnosis.fault == Fault::unknown) {
    diagnosis.fault = Fault::refused;
    diagnosis.sentence = symptom.layout + " Read that way, " +
                         (symptom.observed ? "the output is right." : "nothing else is wrong.");
  } else {
    diagnosis.remarks.insert(diagnosis.remarks.begin(), symptom.layout);
  }
  return diagnosis;
}

}  // namespace gridproof::reports::diagnosis
