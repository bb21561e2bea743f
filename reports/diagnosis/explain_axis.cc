#include "reports/diagnosis/explain_axis.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "oracle/exact/axis.h"
#include "oracle/exact/exact.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {

using semantics::Axis;
using semantics::Step;
using semantics::TracedAxis;
using semantics::TracedTap;

namespace {

constexpr std::string_view axis_names = "xyz";

char sign_of(Step::Kind kind) {
  return kind == Step::Kind::add        ? '+'
         : kind == Step::Kind::subtract ? '-'
         : kind == Step::Kind::multiply ? '*'
                                        : '/';
}

}  // namespace

void AxisExplanation::heading(const std::string& text) {
  out_ += '\n' + painter_(Paint::bold, text) + '\n';
}

void AxisExplanation::entry(std::string_view label, std::string_view text,
                            std::string_view clause) {
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

void AxisExplanation::table_of(const Table& table) { out_ += table.text(painter_, 2); }

void AxisExplanation::remark(std::string_view text) {
  out_ += "  " + painter_(Paint::dim, text) + '\n';
}

std::string AxisExplanation::number(double value) const {
  return notation(value, trace_.arithmetic);
}

std::string AxisExplanation::whole(std::int64_t index) {
  return index == semantics::outside ? "outside" : std::to_string(index);
}

void AxisExplanation::describe_axis(const TracedAxis& a) {
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

void AxisExplanation::describe_position(const TracedAxis& a) {
  const Axis& axis = a.axis;
  if (a.formula.empty()) {
    const bool reflected = options().padding == Padding::reflection;
    entry("position",
          number(a.position) + (reflected ? ": nothing mirrors infinity, it counts as NaN" : ""),
          "infinity." + std::string(name(options().padding)));
    return;
  }
  if (options().align_corners) {
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
      exact::Axis(axis.size, options()).position(exact::Dyadic(a.coordinate));
  if (std::isinf(a.position) || exactly != exact::Dyadic(a.position)) {
    entry("", "without rounding: " + short_exact({.number = exactly}));
  }
  entry("", painter_(Paint::dim, fmt::format("(align_corners={} would give {})",
                                             options().align_corners ? "False" : "True",
                                             number(a.other_position))));
}

void AxisExplanation::describe_padding(const TracedAxis& a) {
  const std::string padding(name(options().padding));
  if (options().mode == Mode::bicubic) {
    entry("padding", padding + ": of each tap, not of the position", "bicubic.taps-padded");
    if (a.padded != a.position) {
      entry("", fmt::format("brought near by whole periods: {}", number(a.padded)),
            "bicubic.unpadded-cell");
    }
    return;
  }
  switch (options().padding) {
    case Padding::zeros:
      entry("padding", "zeros: the position stays, what lies outside counts as 0", "padding.zeros");
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

void AxisExplanation::describe_reflection(const TracedAxis& a) {
  if (options().align_corners && a.axis.size == 1) {
    entry("padding", "reflection: both lines meet in the only pixel: 0", "padding.reflection-unit");
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

void AxisExplanation::describe_taps(const TracedAxis& a) {
  if (options().mode == Mode::nearest) {
    entry("nearest", fmt::format("{} → pixel {}", number(a.nearest), whole(a.taps.front().index)));
    return;
  }
  const bool is_far = std::abs(a.cell.index) >= std::int64_t{1} << 62;
  entry("cell",
        is_far ? "farther out than pixels are counted"
               : fmt::format("floor {}, fraction t = {}", a.cell.index, number(a.cell.fraction)));
  static constexpr std::array<std::string_view, 2> linear = {"1 - t", "t"};
  static constexpr std::array<std::string_view, 4> cubic = {"k(1 + t)", "k(t)", "k(1 - t)",
                                                            "k(2 - t)"};
  const bool bicubic = options().mode == Mode::bicubic;
  Table table({{""}, {""}, {""}});
  for (std::size_t k = 0; k < a.taps.size(); ++k) {
    const TracedTap& tap = a.taps[k];
    std::string read = "pixel " + whole(tap.index);
    if (tap.index == semantics::outside) {
      read = is_far ? "outside" : fmt::format("{} is outside", tap.wanted);
    } else if (tap.index != tap.wanted && !is_far) {
      read = fmt::format("pixel {} → {}", tap.wanted, tap.index);
    }
    table.add(
        {std::move(read), std::string(bicubic ? cubic[k] : linear[k]), "= " + number(tap.weight)});
  }
  std::string taps = table.text(painter_);
  taps.pop_back();
  entry("taps", taps);
  if (bicubic) {
    entry("", painter_(Paint::dim, "k: cubic convolution with alpha = -0.75"), "bicubic.kernel");
  }
}

}  // namespace gridproof::reports
