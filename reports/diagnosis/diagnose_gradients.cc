#include "reports/diagnosis/diagnose_gradients.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include "oracle/exact/gradients.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/trace.h"
#include "reference/semantics/trace_gradients.h"
#include "reports/diagnosis/gradient_differences.h"
#include "reports/diagnosis/gradient_theta.h"
#include "reports/text/text.h"

namespace gridproof::reports::diagnosis {
namespace {

// Beyond so many samples nothing is looked at one by one.
constexpr std::int64_t most_samples = 1 << 16;

// The numbers of both gradients.
struct Numbers {
  std::vector<double> input;
  std::vector<double> grid;
  std::vector<double> theta;  // where one is asked about; of a mistake: if it is not that of grid
};

Numbers numbers_of(const Gradients& gradients) {
  Numbers numbers;
  if (gradients.input) numbers.input = gradients.input->contiguous().values();
  if (gradients.grid) numbers.grid = gradients.grid->contiguous().values();
  return numbers;
}

// How the numbers of one gradient fit those of a mistake.
struct Fit {
  bool all = true;
  std::int64_t telling = 0;
};

void compare(const std::vector<double>& observed, const std::vector<double>& predicted,
             const std::vector<double>& right, double tolerance, Fit& fit) {
  if (observed.empty()) return;
  double largest = 0;
  for (const double value : predicted) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double room = tolerance * std::max(std::fabs(predicted[i]), largest / 128);
    const auto differs = [&](double one, double other, double times) {
      if (std::isnan(one) || std::isnan(other)) return std::isnan(one) != std::isnan(other);
      return one != other && !(std::fabs(one - other) <= times * room);
    };
    fit.all = fit.all && !differs(observed[i], predicted[i], 1);
    fit.telling += differs(right[i], predicted[i], 4) ? 1 : 0;
  }
}

class Search {
 public:
  Search(const BackwardCase& test_case, const Gradients& observed, const GradientOrigin& origin)
      : case_(test_case),
        observed_(numbers_of(observed)),
        is_expected_(origin.is_expected),
        options_(resolve(test_case.forward.request).value_or(Options{})),
        axes_(static_cast<std::size_t>(test_case.forward.grid.shape().back())),
        tolerance_(is_16_bit(test_case.forward.input.dtype()) ? 0x1p-6 : 1e-4) {
    case_.output_mask = {};
    right_ = numbers_of(std::get<Gradients>(grid_sample_backward(case_)));
    if (origin.theta) {
      observed_.theta = origin.theta->contiguous().values();
      right_.theta = theta_of(right_.grid, case_, options_.align_corners);
    }
  }

  std::vector<GradientCause> causes() {
    // Whoever expects 0 has not got it from a graph that is cut.
    if (!is_expected_) of_nothing();
    of_signs_and_axes();
    of_scales();
    of_one_factor();
    of_theta();
    of_padding();
    of_other_options();
    of_16_bit_sums();
    of_differences();
    return std::move(causes_);
  }

 private:
  // The size of the input along an axis, 0 is x.
  [[nodiscard]] double size(std::size_t axis) const {
    const Shape& shape = case_.forward.input.shape();
    return static_cast<double>(shape[shape.size() - 1 - axis]);
  }
  // Pixels with each unit of the coordinate.
  [[nodiscard]] double scale(std::size_t axis, bool align_corners) const {
    return (align_corners ? size(axis) - 1 : size(axis)) / 2;
  }

  void consider(const std::string& name, const std::string& sentence, const std::string& fix,
                const Numbers& predicted) {
    Fit fit;
    compare(observed_.input, predicted.input, right_.input, tolerance_, fit);
    compare(observed_.grid, predicted.grid, right_.grid, tolerance_, fit);
    if (!observed_.theta.empty()) {
      compare(observed_.theta,
              predicted.theta.empty() ? theta_of(predicted.grid, case_, options_.align_corners)
                                      : predicted.theta,
              right_.theta, tolerance_, fit);
    }
    if (fit.all && fit.telling > 0) causes_.push_back({name, sentence, fix, fit.telling});
  }
  // The right numbers, from which theta's follow.
  [[nodiscard]] Numbers of_right() const { return {right_.input, right_.grid, {}}; }
  // Both gradients with their numbers changed: `change(value, axis)`; the axis of a texel is none.
  using Change = std::function<double(double, std::optional<std::size_t>)>;
  [[nodiscard]] Numbers changed(const Change& change) const {
    Numbers numbers = of_right();
    for (double& value : numbers.input) value = change(value, std::nullopt);
    for (std::size_t i = 0; i < numbers.grid.size(); ++i) {
      numbers.grid[i] = change(numbers.grid[i], i % axes_);
    }
    return numbers;
  }
  [[nodiscard]] Numbers times_per_axis(const std::function<double(std::size_t)>& factor) const {
    return changed([&](double value, std::optional<std::size_t> axis) {
      return axis ? value * factor(*axis) : value;
    });
  }

  void of_nothing() {
    consider("gradient.none", "They are all 0: no gradient arrives.",
             "Look for detach(), .data, round(), an integer index or torch.no_grad() on the way, "
             "and for requires_grad on the tensor itself.",
             changed([](double, auto) { return 0; }));
  }

  void of_signs_and_axes() {
    consider("gradient.sign", "They have the opposite sign.",
             "Do not negate them, or step against them only once.",
             changed([](double value, auto) { return -value; }));
    Numbers reversed = of_right();
    for (std::size_t i = 0; i < reversed.grid.size(); ++i) {
      reversed.grid[i] = right_.grid[i - i % axes_ + (axes_ - 1 - i % axes_)];
    }
    consider(
        "gradient.axes-reversed",
        "In grad_grid the components are in the other order: y stands where x belongs.",
        "grad_grid = grad_grid.flip(-1), because component 0 is x, the last axis of the input.",
        reversed);
  }

  void of_scales() {
    const bool flag = options_.align_corners;
    const std::string half = flag ? "(S - 1) / 2" : "S / 2";
    consider("gradient.in-pixels",
             "grad_grid is the gradient by the position in pixels, not by the coordinate.",
             "Multiply each component by " + half + " of its axis, the pixels of one unit.",
             times_per_axis([&](std::size_t axis) { return 1 / scale(axis, flag); }));
    consider("gradient.scaled-twice",
             "grad_grid is multiplied by " + half + " of its axis once more.",
             "Leave that out: grid_sample's gradient is by the coordinate already.",
             times_per_axis([&](std::size_t axis) { return scale(axis, flag); }));
    consider(
        "gradient.other-scale",
        fmt::format("grad_grid is scaled as with align_corners={}, the other parts are as with "
                    "align_corners={}.",
                    flag ? "False" : "True", flag ? "True" : "False"),
        "Give forward and backward pass the same align_corners: the factor is " + half + ".",
        times_per_axis([&](std::size_t axis) { return scale(axis, !flag) / scale(axis, flag); }));
    consider("gradient.scale-of-other-axis",
             "Each component of grad_grid is scaled by the size of another axis.",
             "x belongs to the width, the last axis of the input.",
             times_per_axis([&](std::size_t axis) {
               return scale(axes_ - 1 - axis, flag) / scale(axis, flag);
             }));
  }

  // The factor by which all numbers differ, if it is one.
  [[nodiscard]] std::optional<double> common_factor() const {
    double product = 0;
    double square = 0;
    int count = 0;
    const auto add = [&](const std::vector<double>& observed, const std::vector<double>& right) {
      for (std::size_t i = 0; i < observed.size(); ++i) {
        if (!std::isfinite(observed[i]) || !std::isfinite(right[i])) continue;
        product += observed[i] * right[i];
        square += right[i] * right[i];
        count += right[i] != 0 ? 1 : 0;
      }
    };
    add(observed_.input, right_.input);
    add(observed_.grid, right_.grid);
    add(observed_.theta, right_.theta);
    const double factor = product / square;
    if (!std::isfinite(factor) || factor == 0 || factor == -1) return std::nullopt;
    // Any two numbers have a factor.
    return count < 3 ? std::nullopt : std::optional(factor);
  }

  // What a factor is, and what it is of.
  struct Meaning {
    double factor;
    const char* name;
    const char* sentence;
    const char* fix;
  };

  void of_one_factor() {
    const auto factor = common_factor();
    if (!factor) return;
    const Shape& output = case_.grad_output.shape();
    const auto all = static_cast<double>(case_.grad_output.element_count());
    const auto batch = static_cast<double>(output[0]);
    const auto locations = static_cast<double>(element_count({output.begin() + 2, output.end()}));
    std::vector<Meaning> meanings = {
        {1 / all, "gradient.mean",
         ", one over the count of numbers of the output: as of a loss that is their mean, not "
         "their sum",
         "Take sum() in place of mean(), or expect the smaller numbers."},
        {all, "gradient.sum",
         ", the count of numbers of the output: as of a loss that is their sum, not their mean",
         "Take mean() in place of sum(), or expect the larger numbers."},
        {1 / batch, "gradient.mean-of-batch",
         ", one over the size of the batch: as of a mean over the batch",
         "Expect the mean over the batch, or take the sum."},
        {2, "gradient.added-twice", ": as if two backward passes were added up",
         "Clear gradients between two passes, with optimizer.zero_grad()."}};
    if (!observed_.theta.empty()) {
      meanings.insert(
          meanings.begin(),
          {{1 / locations, "theta.mean-over-locations",
            ", one over the count of output locations: as of their mean",
            "Theta moves every output location: its gradient is the sum over all, [affine_grid."
            "backward]. Make the step smaller, or divide by the count."},
           {locations, "theta.sum-twice",
            ", the count of output locations: as if they were summed once more",
            "affine_grid's gradient is the sum over output locations already."}});
    }
    const std::size_t before = causes_.size();
    for (const Meaning& meaning : meanings) {
      if (std::fabs(*factor / meaning.factor - 1) <= tolerance_) consider_factor(*factor, meaning);
    }
    if (causes_.size() > before) return;
    consider_factor(*factor, {*factor, "gradient.factor", "",
                              "Look for a factor in the loss, such as a scale for half "
                              "precision."});
  }
  void consider_factor(double factor, const Meaning& meaning) {
    consider(meaning.name,
             fmt::format("All are the right ones times {:.6g}{}.", factor, meaning.sentence),
             meaning.fix, changed([factor](double value, auto) { return value * factor; }));
  }

  // Theta's alone.
  void of_theta() {
    if (observed_.theta.empty()) return;
    Numbers other = of_right();
    other.theta = theta_of(right_.grid, case_, !options_.align_corners);
    consider("theta.base-of-other-flag",
             fmt::format("The gradient of theta is that of affine_grid with align_corners={}.",
                         options_.align_corners ? "False" : "True"),
             "Give affine_grid and grid_sample the same align_corners.", other);
    other.theta = right_.theta;
    const auto rows = static_cast<std::size_t>(case_.forward.grid.shape().back());
    for (std::size_t i = 0; i < other.theta.size(); ++i) {
      const std::size_t column = i % (rows + 1);
      if (column < rows) other.theta[i - column + (rows - 1 - column)] = right_.theta[i];
    }
    consider("theta.columns-reversed",
             "In the gradient of theta the columns are in the other order: that of y stands where "
             "that of x belongs.",
             "Column 0 of theta is multiplied by x, the last axis of the output.", other);
  }

  // The padding counts in the value, and not in its derivative.
  void of_padding() {
    const bool moves = options_.mode != Mode::bilinear || options_.padding == Padding::zeros;
    if (moves || sample_count(case_.forward) > most_samples || case_.forward.input.size(1) == 0) {
      return;
    }
    Numbers free = of_right();
    for (std::size_t i = 0; i < free.grid.size(); ++i) {
      const auto trace = semantics::trace_coordinate(case_, static_cast<std::int64_t>(i / axes_),
                                                     static_cast<int>(i % axes_));
      free.grid[i] = trace.slope * trace.pixels_per_unit;
    }
    consider(
        "gradient.padding-left-out",
        fmt::format("grad_grid leaves out what {} does to the movement.", name(options_.padding)),
        options_.padding == Padding::border
            ? "At and beyond the outermost centers the gradient is 0, [grad.border]."
            : "After an odd number of reflections the sign is turned, and where the position "
              "is clipped the gradient is 0, [grad.reflection].",
        free);
  }

  // Those that differ in one option before those that differ in more; what is found with some is
  // not said of more again.
  void of_other_options() {
    std::vector<OtherOptions> all;
    for (const auto& mode : names<Mode>) {
      if (mode.value == Mode::bicubic && case_.forward.input.rank() == 5) continue;
      for (const auto& padding : names<Padding>) {
        for (const bool flag : {false, true}) all.push_back(other(mode.value, padding.value, flag));
      }
    }
    std::ranges::stable_sort(all, {}, [](const OtherOptions& it) { return it.differing.size(); });
    std::vector<std::vector<std::string>> found;
    for (const OtherOptions& it : all) {
      const bool is_known = std::ranges::any_of(
          found, [&](const auto& fewer) { return std::ranges::includes(it.differing, fewer); });
      if (it.differing.empty() || is_known) continue;
      const std::size_t before = causes_.size();
      consider_options(it);
      if (causes_.size() > before) found.push_back(it.differing);
    }
  }
  struct OtherOptions {
    Request request;
    std::vector<std::string> differing;  // sorted
  };
  [[nodiscard]] OtherOptions other(Mode mode, Padding padding, bool align_corners) const {
    OtherOptions it{{std::string(name(mode)), std::string(name(padding)), align_corners}, {}};
    if (align_corners != options_.align_corners) {
      it.differing.push_back(fmt::format("align_corners={}", align_corners ? "True" : "False"));
    }
    if (mode != options_.mode) it.differing.push_back(fmt::format("mode='{}'", name(mode)));
    if (padding != options_.padding) {
      it.differing.push_back(fmt::format("padding_mode='{}'", name(padding)));
    }
    return it;
  }
  void consider_options(const OtherOptions& it) {
    BackwardCase asked = case_;
    asked.forward.request = it.request;
    consider("gradient.options",
             fmt::format("They are the gradients with {}.", fmt::join(it.differing, ", ")),
             "Give forward and backward pass the same options.",
             numbers_of(std::get<Gradients>(grid_sample_backward(asked))));
  }

  // Every sum rounded as it grows.
  void of_16_bit_sums() {
    const Dtype dtype = case_.forward.input.dtype();
    if (!is_16_bit(dtype) || observed_.input.empty()) return;
    if (sample_count(case_.forward) > most_samples) return;
    const exact::BackwardEvaluator evaluator(case_);
    const std::int64_t channels = case_.forward.input.size(1);
    const auto pixels = static_cast<std::int64_t>(right_.input.size()) /
                        (case_.forward.input.size(0) * std::max<std::int64_t>(channels, 1));
    const std::int64_t of_image = evaluator.samples() / case_.forward.grid.size(0);
    const std::vector<double> grads = case_.grad_output.contiguous().values();
    const auto rounded = [&](double value) {
      return visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); });
    };
    Numbers sums = of_right();
    std::ranges::fill(sums.input, 0);
    for (std::int64_t sample = 0; sample < evaluator.samples(); ++sample) {
      const std::int64_t n = sample / of_image;
      for (const auto& tap : evaluator.taps(sample)) {
        const auto weight = static_cast<double>(exact::to_long_double(tap.weight));
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::int64_t plane = n * channels + c;
          double& sum = sums.input[static_cast<std::size_t>(plane * pixels + tap.pixel)];
          const double grad = grads[static_cast<std::size_t>(plane * of_image + sample % of_image)];
          sum = rounded(sum + rounded(weight * grad));
        }
      }
    }
    consider("gradient.sums-in-16-bits",
             fmt::format("grad_input is what sums in {} give, which stop growing once an addend is "
                         "less than half of the last bit of the sum.",
                         name(dtype)),
             "Add up in f32 and round once, [grad.16-bit]: pass input and grid as float32.", sums);
  }

  // Of the gradient of the grid, by any of the usual steps.
  void of_differences() {
    if (options_.mode == Mode::nearest || observed_.grid.empty() ||
        sample_count(case_.forward) > most_samples) {
      return;
    }
    constexpr std::array kinds = {std::pair(Difference::central, "on both sides"),
                                  std::pair(Difference::backward, "to the left"),
                                  std::pair(Difference::forward, "to the right")};
    const std::size_t before = causes_.size();
    for (const auto& [kind, side] : kinds) {
      for (const double step : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1}) {
        if (causes_.size() > before) return;
        Numbers predicted = of_right();
        predicted.grid = differences(case_, kind, step);
        consider("difference.across-kink",
                 fmt::format("They are finite differences {}, with a step of about {:g}, which go "
                             "across kinks of the values.",
                             side, step),
                 "The gradient at a whole position is the derivative to the right, beyond the "
                 "outermost centers it is that of the padding, [grad.kink-right]. Compare where "
                 "no kink is within a step, such as at coordinates with a little noise.",
                 predicted);
      }
    }
    const auto step = step_below_rounding(case_, observed_.grid, right_.grid);
    if (!step) return;
    Numbers rounded = observed_;
    rounded.input = right_.input;
    rounded.theta = right_.theta;
    consider("difference.step-too-small",
             fmt::format("They are finite differences with a step of about {:g}, which is so small "
                         "in {} that they are mostly rounding.",
                         *step, name(case_.forward.grid.dtype())),
             "Compare in float64, or with a step of about 1e-3.", rounded);
  }

  BackwardCase case_;
  Numbers observed_;
  bool is_expected_;
  Options options_;
  std::size_t axes_;
  double tolerance_;
  Numbers right_;
  std::vector<GradientCause> causes_;
};

// What may surprise in right gradients.
std::vector<std::string> remarks_on(const BackwardCase& test_case) {
  std::vector<std::string> remarks;
  const Options options = resolve(test_case.forward.request).value_or(Options{});
  if (options.mode == Mode::nearest) {
    return {
        "mode='nearest' has no gradient by coordinates: grad_grid is 0 everywhere "
        "[grad.nearest]"};
  }
  const std::int64_t axes = test_case.forward.grid.shape().back();
  const std::int64_t samples = sample_count(test_case.forward);
  remarks.push_back(
      fmt::format("grad_grid is by the coordinate, one unit of which is {} pixels; by pixels it is "
                  "that much smaller [grad.scale]",
                  options.align_corners ? "(S - 1) / 2" : "S / 2"));
  if (samples > most_samples || test_case.forward.input.size(1) == 0) return remarks;
  std::int64_t still = 0;
  std::int64_t kinks = 0;
  std::int64_t outside = 0;
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const semantics::Trace trace = semantics::trace(test_case.forward, sample, 0);
    for (std::int64_t axis = 0; axis < axes; ++axis) {
      const auto its = semantics::trace_coordinate(test_case, sample, static_cast<int>(axis));
      if (its.factor == 0) ++still;
      if (its.factor != 0 && its.taps.empty()) ++outside;
      if (its.factor != 0 && trace.axes[static_cast<std::size_t>(axis)].cell.fraction == 0) ++kinks;
    }
  }
  if (still > 0) {
    remarks.push_back(fmt::format(
        "{} of {} move nothing, because their position is clipped or NaN: their gradient is 0 "
        "[grad.border, grad.reflection, grad.nan]",
        grouped(still), counted(samples * axes, "coordinate")));
  }
  if (outside > 0) {
    remarks.push_back(fmt::format(
        "{} of {} are of samples that read nothing, because they lie outside: their gradient is 0, "
        "and nothing pulls them back [grad.zeros-rim]",
        grouped(outside), counted(samples * axes, "coordinate")));
  }
  if (kinks > 0 && options.mode == Mode::bilinear) {
    remarks.push_back(fmt::format(
        "{} of {} are at whole positions, where the gradient is that to the right, and finite "
        "differences give the mean of both sides [grad.kink-right]",
        grouped(kinks), counted(samples * axes, "coordinate")));
  }
  return remarks;
}

}  // namespace

GradientDiagnosis diagnose_gradients(const BackwardCase& test_case, const Gradients& observed,
                                     const GradientOrigin& origin) {
  BackwardCase asked = test_case;
  asked.output_mask = {.input = observed.input.has_value(), .grid = observed.grid.has_value()};
  const BackwardAnswer reference = grid_sample_backward(asked);
  GradientDiagnosis diagnosis{.judgment = GradientJudge().judge(asked, observed, &reference),
                              .is_expected = origin.is_expected};
  for (const auto* const gradient : {&observed.input, &observed.grid, &origin.theta}) {
    if (*gradient) diagnosis.numbers += (*gradient)->element_count();
  }
  for (const Verdict verdict : {Verdict::quality_warning, Verdict::deviates}) {
    diagnosis.wrong += diagnosis.judgment.count(verdict);
  }
  if (origin.theta) {
    const bool flag = resolve(asked.forward.request).value_or(Options{}).align_corners;
    const auto ranges = admissible_thetas(asked, flag);
    const std::vector<double> values = origin.theta->contiguous().values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& [lo, hi] = ranges[i];
      diagnosis.wrong += lo <= values[i] && values[i] <= hi ? 0 : 1;
    }
  }
  if (diagnosis.wrong > 0) {
    diagnosis.causes = Search(asked, observed, origin).causes();
  } else {
    diagnosis.remarks = remarks_on(asked);
  }
  return diagnosis;
}

std::string confidence_of(const GradientDiagnosis& diagnosis) {
  constexpr std::int64_t few = 4;
  constexpr std::int64_t many = 12;
  if (diagnosis.causes.empty() || diagnosis.causes.front().telling < few) return "low";
  const bool is_alone = diagnosis.causes.size() == 1;
  return is_alone && diagnosis.causes.front().telling >= many ? "high" : "medium";
}

namespace {

std::string text_of_right(const GradientDiagnosis& diagnosis) {
  const std::string numbers = counted(diagnosis.numbers, "number");
  std::string text = fmt::format(
      "These gradients are right: of {} every one is what a correct implementation can give.\n",
      numbers);
  if (const std::int64_t undecided = diagnosis.judgment.count(Verdict::undecided)) {
    text =
        fmt::format("Nothing is wrong with these gradients, as far as {} of {} can be decided.\n",
                    grouped(diagnosis.numbers - undecided), numbers);
  }
  for (const std::string& remark : diagnosis.remarks) text += "  - " + remark + '\n';
  return text;
}

}  // namespace

std::string text_of(const GradientDiagnosis& diagnosis) {
  if (diagnosis.wrong == 0) return text_of_right(diagnosis);
  const std::string came = diagnosis.is_expected ? "expected" : "observed";
  std::string text =
      fmt::format("These are not the gradients of this question: {} of {} cannot be right.\n",
                  grouped(diagnosis.wrong), counted(diagnosis.numbers, "number"));
  if (diagnosis.causes.empty()) {
    return text + "No known mistake gives all of them. " +
           (diagnosis.is_expected
                ? "'gridproof explain --gradient' adds one of the right ones up.\n"
                : "If a library gave them, it is wrong for this question; 'gridproof replay' asks "
                  "it again.\n");
  }
  const GradientCause& first = diagnosis.causes.front();
  text += fmt::format(
      "{}\nThis gives all {} that were {}, {} of which the right gradients do not have{}.\n"
      "    {}: {}\n",
      first.sentence, counted(diagnosis.numbers, "number"), came, grouped(first.telling),
      first.telling < 4 ? ": few, so that it may be by chance" : "", first.name, first.fix);
  if (diagnosis.causes.size() > 1) text += "\nThese explain just as much:\n";
  for (std::size_t i = 1; i < diagnosis.causes.size(); ++i) {
    text += fmt::format("    {}: {}\n", diagnosis.causes[i].name, diagnosis.causes[i].sentence);
  }
  return text;
}

}  // namespace gridproof::reports::diagnosis
