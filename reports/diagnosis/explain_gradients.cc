#include "reports/diagnosis/explain_gradients.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <variant>

#include "reference/contract/unravel.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/trace_gradients.h"
#include "reports/diagnosis/explain_axis.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using semantics::CoordinateTrace;
using semantics::TexelTrace;
using semantics::TracedAxis;
using semantics::TracedHit;
using semantics::TracedSlope;

constexpr std::size_t max_rows = 20;
constexpr std::int64_t max_channels = 8;

BackwardCase wanting_both(BackwardCase test_case) {
  test_case.output_mask = {};
  return test_case;
}

// The sample whose way is shown: that of a coordinate; of a texel the first, which only lends its
// words.
class GradientExplanation : private AxisExplanation {
 public:
  GradientExplanation(const BackwardCase& test_case, Gradient gradient, std::int64_t element,
                      std::int64_t sample, const Profile& profile, const Painter& painter)
      : AxisExplanation(semantics::trace(test_case.forward, sample, 0), painter),
        case_(wanting_both(test_case)),
        gradient_(gradient),
        element_(element),
        sample_(sample),
        profile_(profile) {}

  std::string of_coordinate() {
    const std::int64_t axes = case_.forward.grid.shape().back();
    const auto component = static_cast<int>(element_ % axes);
    const CoordinateTrace its = semantics::trace_coordinate(case_, sample_, component);
    describe_question();
    for (const TracedAxis& axis : trace().axes) describe_axis(axis);
    const TracedAxis& along = trace().axes[static_cast<std::size_t>(component)];
    const char letter = "xyz"[component];
    heading(fmt::format("how the value changes with the position along {}", letter));
    describe_slopes(its, along, letter);
    heading(fmt::format("how the position moves with the coordinate {}", letter));
    describe_factor(its, along);
    heading("gradient");
    describe_product(its);
    describe_result(its.element, its.value);
    return take();
  }

  std::string of_texel() {
    const TexelTrace its = semantics::trace_texel(case_, element_);
    describe_question();
    heading("samples that read this texel");
    describe_hits(its);
    heading("gradient");
    describe_result(its.element, its.value);
    return take();
  }

 private:
  void describe_question() {
    entry("question", describe(case_));
    const std::int64_t count =
        (gradient_ == Gradient::grid ? case_.forward.grid : case_.forward.input).element_count();
    entry(
        gradient_ == Gradient::grid ? "coordinate" : "texel",
        fmt::format("{} (number {} of {})", location(case_, gradient_, element_), element_, count));
    if (trace().arithmetic != case_.forward.input.dtype()) {
      entry("arithmetic",
            fmt::format("in {}, one rounding of the sum to {} at the end", name(trace().arithmetic),
                        name(case_.forward.input.dtype())),
            "grad.16-bit");
    }
  }

  // A coordinate.

  // What of grad_output belongs to the sample, for each channel.
  [[nodiscard]] std::string grads() const {
    Shape index = indices_of(sample_, case_.forward.grid.shape());
    index.insert(index.begin() + 1, 0);
    const std::int64_t channels = case_.grad_output.size(1);
    std::string text;
    for (; index[1] < std::min(channels, max_channels); ++index[1]) {
      if (!text.empty()) text += ", ";
      text += notation(case_.grad_output.at(index), case_.grad_output.dtype());
    }
    if (channels > max_channels) text += fmt::format(", … ({} channels)", channels);
    return text;
  }

  void describe_slopes(const CoordinateTrace& its, const TracedAxis& along, char letter) {
    if (options().mode == Mode::nearest) {
      entry("derivative", "0: the value is constant between ties", "grad.nearest");
      return;
    }
    entry("grad_output", "g = " + grads());
    if (its.taps.empty()) {
      entry("taps", "none is inside: 0", "grad.zeros-rim");
      return;
    }
    Table table({{trace().axes.size() == 3 ? "at (x, y, z)" : "at (x, y)"},
                 {"sum of g * texel"},
                 {"slope of the weight"},
                 {"product"},
                 {"sum so far"}});
    for (const TracedSlope& tap : its.taps) {
      std::string at = fmt::format("({}, {}", tap.pixel[0], tap.pixel[1]);
      if (trace().axes.size() == 3) at += fmt::format(", {}", tap.pixel[2]);
      table.add({at + ')', number(tap.channel_sum), number(tap.slope), number(tap.product),
                 number(tap.so_far)});
    }
    table_of(table);
    const bool any_outside = std::ranges::any_of(trace().axes, [](const TracedAxis& axis) {
      return std::ranges::any_of(axis.taps,
                                 [](const auto& tap) { return tap.index == semantics::outside; });
    });
    if (any_outside) remark("taps outside count as texels that are 0  [grad.zeros-rim]");
    if (options().mode == Mode::bicubic) {
      entry("slopes", "the derivatives of the kernel, times the weights of the other axis",
            "grad.bicubic");
      return;
    }
    entry("slopes",
          "-1 for the pixel of the cell and 1 for the next, times the weights of the "
          "other axes",
          "grad.grid");
    if (along.cell.fraction == 0 && its.padding_slope != 0) {
      entry("kink",
            fmt::format("the position is whole: this is the derivative to the right along {}",
                        letter),
            "grad.kink-right");
    }
  }

  void describe_factor(const CoordinateTrace& its, const TracedAxis& along) {
    const std::int64_t size = along.axis.size;
    entry(
        "scale",
        fmt::format("{} / 2 = {} pixels with each unit of the coordinate",
                    options().align_corners ? fmt::format("({} - 1)", size) : std::to_string(size),
                    number(its.pixels_per_unit)),
        "grad.scale");
    describe_padding_slope(its, along);
    entry("factor m", number(its.factor));
  }

  void describe_padding_slope(const CoordinateTrace& its, const TracedAxis& along) {
    if (std::isnan(along.given)) {
      entry("NaN", "is replaced by a constant, which does not move: 0", "grad.nan");
      return;
    }
    if (along.formula.empty() || std::isinf(along.formula.back().value)) {
      entry("infinity", "the position is infinite and does not move: 0", "grad.infinity");
      return;
    }
    if (options().mode == Mode::nearest) {
      entry("nearest", "does not need it: the gradient of every coordinate is 0", "grad.nearest");
      return;
    }
    if (options().mode == Mode::bicubic) {
      entry("padding", "of the taps, not of the position: it takes no movement away",
            "grad.bicubic");
      return;
    }
    const std::int64_t last = along.axis.size - 1;
    const std::string slope = number(its.padding_slope);
    switch (options().padding) {
      case Padding::zeros:
        entry("padding", "zeros leaves the position as it is: 1", "padding.zeros");
        break;
      case Padding::border:
        entry("padding",
              its.padding_slope == 0
                  ? fmt::format("the position is not between 0 and {}: clipping takes the movement "
                                "away: 0",
                                last)
                  : fmt::format("the position is between 0 and {}, where it is free to move: 1",
                                last),
              along.axis.size == 1 ? "grad.unit-size" : "grad.border");
        break;
      case Padding::reflection:
        describe_reflection_slope(its.padding_slope, along);
        break;
    }
  }

  void describe_reflection_slope(double slope, const TracedAxis& along) {
    if (along.axis.size == 1) {
      entry("padding", "there is only one pixel: nothing moves: 0", "grad.unit-size");
    } else if (slope == 0) {
      entry("padding",
            fmt::format("the reflected position is not between 0 and {}, where clipping leaves it "
                        "free to move: 0",
                        along.axis.size - 1),
            "grad.reflection");
    } else {
      entry("padding",
            slope < 0 ? "an odd number of reflections turns the direction round: -1"
                      : "no reflection, or an even number of them, keeps the direction: 1",
            "grad.reflection");
    }
  }

  void describe_product(const CoordinateTrace& its) {
    if (options().mode == Mode::nearest) {
      entry("product", "0, whatever grad_output is", "grad.nearest");
    } else if (its.factor == 0) {
      entry("product", "0, because nothing moves");
    } else {
      entry("product",
            fmt::format("{} * {} = {}", number(its.factor), number(its.slope), number(its.value)),
            "grad.grid");
    }
  }

  // A texel.

  void describe_hits(const TexelTrace& its) {
    if (its.hits.empty()) {
      entry("samples", "none: the gradient is 0", "grad.input");
      return;
    }
    std::int64_t samples = 0;
    for (std::size_t k = 0; k < its.hits.size(); ++k) {
      if (k == 0 || its.hits[k].sample != its.hits[k - 1].sample) ++samples;
    }
    const auto taps = static_cast<std::int64_t>(its.hits.size());
    entry("samples",
          counted(samples, "sample") +
              (taps == samples ? "" : fmt::format(", through {}", counted(taps, "tap"))) +
              ", in the reference's order",
          "grad.order");
    Table table({{"sample"}, {"coordinate"}, {"weight"}, {"g"}, {"product"}, {"sum so far"}});
    for (std::size_t k = 0; k < std::min(its.hits.size(), max_rows); ++k) {
      const TracedHit& hit = its.hits[k];
      table.add({location(indices_of(hit.sample, case_.forward.grid.shape())),
                 '(' + coordinates_of(case_.forward, hit.sample) + ')', number(hit.weight),
                 number(hit.grad_output), number(hit.product), number(hit.so_far)});
    }
    table_of(table);
    if (its.hits.size() > max_rows) {
      remark(fmt::format("… and {} more, after which the sum is {}",
                         grouped(taps - static_cast<std::int64_t>(max_rows)), number(its.value)));
    }
    entry("weights",
          options().mode == Mode::nearest ? "1: the one pixel that a sample copies"
                                          : "those of the value, products of one for each axis",
          options().mode == Mode::nearest ? "grad.nearest" : "grad.input");
  }

  // Either.

  void describe_result(double element, double value) {
    const Dtype dtype = case_.forward.input.dtype();
    entry("reference",
          painter()(Paint::bold, notation(element, dtype)) +
              (trace().arithmetic == dtype ? "" : fmt::format(", rounded from {}", number(value))));
    const exact::BackwardEvaluator evaluator(case_);
    entry("exact", short_exact(exact_gradient(evaluator, case_, gradient_, element_)));
    const auto reference = std::get<Gradients>(grid_sample_backward(case_));
    const GradientSet set =
        admissible_gradient(GradientJudge(profile_), case_, reference, gradient_, element_);
    entry("admissible", fmt::format("{} under {}", set.text, to_string(profile_)), set.clause);
  }

  BackwardCase case_;
  Gradient gradient_;
  std::int64_t element_;
  std::int64_t sample_;
  Profile profile_;
};

}  // namespace

std::string explain_gradient(const BackwardCase& test_case, Gradient gradient, std::int64_t element,
                             const Profile& profile, const Painter& painter) {
  if (gradient == Gradient::grid) {
    const std::int64_t sample = element / test_case.forward.grid.shape().back();
    return GradientExplanation(test_case, gradient, element, sample, profile, painter)
        .of_coordinate();
  }
  return GradientExplanation(test_case, gradient, element, 0, profile, painter).of_texel();
}

}  // namespace gridproof::reports
