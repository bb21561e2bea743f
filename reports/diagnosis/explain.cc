#include "reports/diagnosis/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "oracle/exact/axis.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/trace.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using semantics::Axis;
using semantics::Step;
using semantics::TracedAxis;
using semantics::TracedSum;
using semantics::TracedTap;

constexpr std::string_view axis_names = "xyz";

// The explanation of one element: its trace, in words.
class Explanation {
 public:
  Explanation(const Case& test_case, std::int64_t sample, std::int64_t channel,
              const Profile& profile, const Painter& painter)
      : question_(test_case),
        location_(indices_of(sample, test_case.grid.shape())),
        sample_number_(sample),
        channel_(channel),
        profile_(profile),
        painter_(painter),
        trace_(semantics::trace(test_case, sample, channel)),
        options_(trace_.axes.front().axis.options) {}

  std::string text() {
    describe_question();
    for (const TracedAxis& axis : trace_.axes) describe_axis(axis);
    heading("value");
    if (options_.mode == Mode::bicubic) {
      describe_rows();
    } else {
      describe_pixels();
    }
    describe_result();
    return std::move(out_);
  }

 private:
  // Output.

  void heading(const std::string& text) { out_ += '\n' + painter_(Paint::bold, text) + '\n'; }
  // A label with text that may have several lines.
  void entry(std::string_view label, std::string_view text, std::string_view clause = "") {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out_ += fmt::format("  {:<12} {}", begin == 0 ? label : "", text.substr(begin, end - begin));
      begin = end + 1;
      if (begin > text.size() && !clause.empty()) {
        out_ += "  " + painter_(Paint::dim, fmt::format("[{}]", clause));
      }
      out_ += '\n';
    }
  }
  [[nodiscard]] std::string number(double value) const {
    return notation(value, trace_.arithmetic);
  }
  static std::string whole(std::int64_t index) {
    return index == semantics::outside ? "outside" : std::to_string(index);
  }

  // The question.

  void describe_question() {
    entry("question", describe(question_));
    entry("location",
          fmt::format("{} (sample {} of {}), channel {} of {}", location(location_), sample_number_,
                      sample_count(question_), channel_, question_.input.size(1)));
    if (trace_.arithmetic != question_.input.dtype()) {
      entry("arithmetic",
            fmt::format("in {}, one rounding to {} at the end", name(trace_.arithmetic),
                        name(question_.input.dtype())),
            "dtype.16-bit");
    }
  }

  // One axis.

  void describe_axis(const TracedAxis& a) {
    const char letter = axis_names[static_cast<std::size_t>(a.axis.number)];
    heading(fmt::format("{}: {}", letter, counted(a.axis.size, "pixel")));
    entry("coordinate", number(a.given));
    if (std::isnan(a.given)) {
      entry("", fmt::format("NaN counts as {}", number(a.coordinate)), "coord.nan");
    }
    describe_position(a);
    describe_padding(a);
    describe_taps(a);
  }

  void describe_position(const TracedAxis& a) {
    const Axis& axis = a.axis;
    if (a.formula.empty()) {
      const bool reflected = options_.padding == Padding::reflection;
      entry("position",
            number(a.position) + (reflected ? ": nothing mirrors infinity, it counts as NaN" : ""),
            "infinity." + std::string(name(options_.padding)));
      return;
    }
    if (options_.align_corners) {
      entry("position", fmt::format("((x + 1) / 2) * {}", axis.size - 1), "coord.centers");
    } else {
      entry("position", fmt::format("((x + 1) * {} - 1) / 2", axis.size), "coord.corners");
    }
    for (const Step& step : a.formula) {
      const std::string operation =
          fmt::format("{}{} {}", &step == &a.formula.front() ? "x " : "", sign_of(step.kind),
                      static_cast<std::int64_t>(step.operand));
      entry("", fmt::format("{:<8} = {}", operation, number(step.value)));
    }
    if (std::isinf(a.formula.back().value)) {
      entry("", "it overflows: " + number(a.position), "arith.overflow");
    }
    const exact::Dyadic exactly =
        exact::Axis(axis.size, options_).position(exact::Dyadic(a.coordinate));
    if (std::isinf(a.position) || exactly != exact::Dyadic(a.position)) {
      entry("", "without rounding: " + short_exact({.number = exactly}));
    }
    entry("", painter_(Paint::dim, fmt::format("(align_corners={} would give {})",
                                               options_.align_corners ? "False" : "True",
                                               number(a.other_position))));
  }
  static char sign_of(Step::Kind kind) {
    return kind == Step::Kind::add        ? '+'
           : kind == Step::Kind::subtract ? '-'
           : kind == Step::Kind::multiply ? '*'
                                          : '/';
  }

  void describe_padding(const TracedAxis& a) {
    const std::string padding(name(options_.padding));
    if (options_.mode == Mode::bicubic) {
      entry("padding", padding + ": of each tap, not of the position", "bicubic.taps-padded");
      if (a.padded != a.position) {
        entry("", fmt::format("brought near by whole periods: {}", number(a.padded)),
              "bicubic.unpadded-cell");
      }
      return;
    }
    switch (options_.padding) {
      case Padding::zeros:
        entry("padding", "zeros: the position stays, what lies outside counts as 0",
              "padding.zeros");
        break;
      case Padding::border:
        entry("padding",
              fmt::format("border: clipped to 0 … {}: {}", a.axis.size - 1, number(a.padded)),
              "padding.border");
        break;
      case Padding::reflection:
        describe_reflection(a);
        break;
    }
  }

  void describe_reflection(const TracedAxis& a) {
    if (options_.align_corners && a.axis.size == 1) {
      entry("padding", "reflection: both lines meet in the only pixel: 0",
            "padding.reflection-unit");
      return;
    }
    entry("padding",
          fmt::format("reflection between {} and {}", number(a.low_line), number(a.high_line)),
          "padding.reflection");
    for (const Step& step : a.reflection) {
      if (step.kind == Step::Kind::take_off_periods) {
        entry("",
              fmt::format("whole periods of {} taken off: {}", number(step.operand),
                          number(step.value)),
              "padding.reflection-exact");
      } else {
        entry("", fmt::format("mirrored at {}: {}", number(step.operand), number(step.value)));
      }
    }
    if (a.reflected == a.position && a.reflected == a.padded) {
      entry("", "the position is between them");
    }
    if (a.padded != a.reflected) {
      entry("", fmt::format("clipped to the outermost center: {}", number(a.padded)),
            "padding.reflection-clip");
    }
  }

  void describe_taps(const TracedAxis& a) {
    if (options_.mode == Mode::nearest) {
      entry("nearest",
            fmt::format("{} → pixel {}", number(a.nearest), whole(a.taps.front().index)));
      return;
    }
    const bool is_far = std::abs(a.cell.index) >= std::int64_t{1} << 62;
    entry("cell",
          is_far ? "farther out than pixels are counted"
                 : fmt::format("floor {}, fraction t = {}", a.cell.index, number(a.cell.fraction)));
    static constexpr std::array<std::string_view, 2> linear = {"1 - t", "t"};
    static constexpr std::array<std::string_view, 4> cubic = {"k(1 + t)", "k(t)", "k(1 - t)",
                                                              "k(2 - t)"};
    const bool bicubic = options_.mode == Mode::bicubic;
    Table table({{""}, {""}, {""}});
    for (std::size_t k = 0; k < a.taps.size(); ++k) {
      const TracedTap& tap = a.taps[k];
      std::string read = "pixel " + whole(tap.index);
      if (tap.index == semantics::outside) {
        read = is_far ? "outside" : fmt::format("{} is outside", tap.wanted);
      } else if (tap.index != tap.wanted && !is_far) {
        read = fmt::format("pixel {} → {}", tap.wanted, tap.index);
      }
      table.add({std::move(read), std::string(bicubic ? cubic[k] : linear[k]),
                 "= " + number(tap.weight)});
    }
    std::string taps = table.text(painter_);
    taps.pop_back();
    entry("taps", taps);
    if (bicubic) {
      entry("", painter_(Paint::dim, "k: cubic convolution with alpha = -0.75"), "bicubic.kernel");
    }
  }

  // The value.

  // The pixels inside that a sample reads, in the order of the sum: "(1, 0)".
  [[nodiscard]] std::vector<std::string> pixels() const {
    std::vector<std::string> places = {""};
    for (std::size_t axis = trace_.axes.size(); axis-- > 0;) {
      std::vector<std::string> longer;
      for (const std::string& place : places) {
        for (const TracedTap& tap : trace_.axes[axis].taps) {
          if (tap.index == semantics::outside) continue;
          longer.push_back(std::to_string(tap.index) + (place.empty() ? "" : ", ") + place);
        }
      }
      places = std::move(longer);
    }
    for (std::string& place : places) place = '(' + place + ')';
    return places;
  }

  void describe_pixels() {
    const std::vector<std::string> places = pixels();
    if (places.empty()) {
      entry("taps", "none is inside: 0", "padding.zeros");
      return;
    }
    if (options_.mode == Mode::nearest) {
      entry("texel", fmt::format("at {}: {}", places.front(), number(trace_.value)),
            "nearest.texel");
      return;
    }
    Table table({{trace_.axes.size() == 3 ? "at (x, y, z)" : "at (x, y)"},
                 {"weight"},
                 {"texel"},
                 {"product"},
                 {"sum so far"}});
    const TracedSum& sum = trace_.sums.front();
    for (std::size_t k = 0; k < places.size(); ++k) {
      table.add({places[k], number(sum.terms[k].weight), number(sum.terms[k].texel),
                 number(sum.products[k]), number(sum.so_far[k])});
    }
    out_ += table.text(painter_, 2);
    const bool any_outside = std::ranges::any_of(trace_.axes, [](const TracedAxis& axis) {
      return std::ranges::any_of(axis.taps, &is_outside);
    });
    if (any_outside) out_ += "  " + painter_(Paint::dim, "taps outside are skipped") + '\n';
  }
  static bool is_outside(const TracedTap& tap) { return tap.index == semantics::outside; }

  void describe_rows() {
    Table table({{"row y"}, {"weight"}, {"texels"}, {"row's sum"}, {"sum so far"}});
    const TracedSum& all = trace_.sums.back();
    for (std::size_t j = 0; j < all.terms.size(); ++j) {
      const TracedTap& y = trace_.axes[1].taps[j];
      std::string texels;
      for (std::size_t i = 0; i < trace_.sums[j].terms.size(); ++i) {
        const bool inside = !is_outside(y) && !is_outside(trace_.axes[0].taps[i]);
        if (i != 0) texels += ", ";
        texels += inside ? number(trace_.sums[j].terms[i].texel) : "outside";
      }
      table.add({whole(y.index), number(y.weight), texels, number(all.terms[j].texel),
                 number(all.so_far[j])});
    }
    out_ += table.text(painter_, 2);
  }

  void describe_result() {
    out_ += '\n';
    if (options_.padding == Padding::zeros && trace_.weight_outside != 0) {
      entry("outside",
            fmt::format("{:.6g} of the weight is of taps outside, which count as 0",
                        trace_.weight_outside),
            "padding.zeros");
    }
    const Dtype dtype = question_.input.dtype();
    entry("reference", painter_(Paint::bold, notation(trace_.element, dtype)) +
                           (trace_.arithmetic == dtype
                                ? ""
                                : fmt::format(", rounded from {}", number(trace_.value))));
    entry("exact", short_exact(exact::Evaluator(question_).element(sample_number_, channel_)));
    const Admissible admissible = Judge(profile_).admissible(question_, sample_number_, channel_);
    entry("admissible",
          fmt::format("{} under {}{}", notation(admissible, dtype), to_string(profile_),
                      admissible.undecided ? "; being inside says nothing" : ""),
          admissible.clause);
  }

  const Case& question_;
  Shape location_;  // (n, h, w) or (n, d, h, w)
  std::int64_t sample_number_;
  std::int64_t channel_;
  Profile profile_;
  Painter painter_;
  semantics::Trace trace_;
  Options options_;
  std::string out_;
};

}  // namespace

std::string explain(const Case& test_case, std::int64_t sample, std::int64_t channel,
                    const Profile& profile, const Painter& painter) {
  return Explanation(test_case, sample, channel, profile, painter).text();
}

}  // namespace gridproof::reports
