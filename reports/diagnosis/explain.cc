#include "reports/diagnosis/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "oracle/exact/axis.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/coordinates.h"
#include "reference/semantics/dtypes.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/nearest.h"
#include "reference/semantics/nonfinite.h"
#include "reference/semantics/options.h"
#include "reference/semantics/padding.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using semantics::Axis;
using AxisSample = semantics::AxisSample<double>;
using Tap = semantics::Tap<double>;

constexpr std::string_view axis_names = "xyz";

// The explanation of one sample; T is the type in which it is computed.
template <class Element>
class Explanation {
  using T = semantics::ArithmeticOf<Element>;

 public:
  Explanation(const Case& test_case, std::int64_t sample, std::int64_t channel,
              const Profile& profile, const Painter& painter)
      : question_(test_case),
        options_(semantics::options_of(test_case.request)),
        location_(indices_of(sample, test_case.grid.shape())),
        sample_number_(sample),
        channel_(channel),
        profile_(profile),
        painter_(painter),
        sample_(stages_of(test_case, sample)) {}

  std::string text() {
    describe_question();
    for (int k = 0; k < question_.input.rank() - 2; ++k) {
      describe_axis(semantics::axis_of(k, question_.input.shape(), options_));
    }
    heading("value");
    if (options_.mode == Mode::bicubic) {
      describe_bicubic();
    } else {
      describe_corners();
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
  static std::string number(double value) { return notation(value, dtype_of<T>); }
  static std::string whole(std::int64_t index) {
    return index == semantics::outside ? "outside" : std::to_string(index);
  }

  // The question.

  void describe_question() {
    entry("question", describe(question_));
    entry("location",
          fmt::format("{} (sample {} of {}), channel {} of {}", location(location_), sample_number_,
                      sample_count(question_), channel_, question_.input.size(1)));
    if (dtype_of<T> != question_.input.dtype()) {
      entry("arithmetic",
            fmt::format("in {}, one rounding to {} at the end", name(dtype_of<T>),
                        name(question_.input.dtype())),
            "dtype.16-bit");
    }
  }

  // One axis.

  void describe_axis(const Axis& axis) {
    const AxisSample& a = sample_.axes[static_cast<std::size_t>(axis.number)];
    const char letter = axis_names[static_cast<std::size_t>(axis.number)];
    heading(fmt::format("{}: {}", letter, counted(axis.size, "pixel")));
    entry("coordinate", number(a.given));
    if (std::isnan(a.given)) {
      entry("", fmt::format("NaN counts as {}", number(a.coordinate)), "coord.nan");
    }
    describe_position(a, axis);
    describe_padding(a, axis);
    describe_taps(a, axis);
  }

  void describe_position(const AxisSample& a, const Axis& axis) {
    const auto x = static_cast<T>(a.coordinate);
    if (std::isinf(x)) {
      const bool reflected = axis.options.padding == Padding::reflection;
      entry("position",
            number(a.position) + (reflected ? ": nothing mirrors infinity, it counts as NaN" : ""),
            "infinity." + std::string(name(axis.options.padding)));
      return;
    }
    const auto size = static_cast<T>(axis.size);
    if (axis.options.align_corners) {
      entry("position", fmt::format("((x + 1) / 2) * {}", axis.size - 1), "coord.centers");
      step("x + 1", x + 1);
      step("/ 2", (x + 1) / 2);
      step(fmt::format("* {}", axis.size - 1), (x + 1) / 2 * (size - 1));
    } else {
      entry("position", fmt::format("((x + 1) * {} - 1) / 2", axis.size), "coord.corners");
      step("x + 1", x + 1);
      step(fmt::format("* {}", axis.size), (x + 1) * size);
      step("- 1", (x + 1) * size - 1);
      step("/ 2", ((x + 1) * size - 1) / 2);
    }
    if (std::isinf(semantics::position(x, axis))) {
      entry("", "it overflows: " + number(a.position), "arith.overflow");
    }
    const exact::Dyadic exactly = exact::Axis(axis.size, axis.options).position(exact::Dyadic(x));
    if (std::isinf(a.position) || exactly != exact::Dyadic(a.position)) {
      entry("", "without rounding: " + short_exact({.number = exactly}));
    }
    Axis other = axis;
    other.options.align_corners = !axis.options.align_corners;
    entry("", painter_(Paint::dim, fmt::format("(align_corners={} would give {})",
                                               other.options.align_corners ? "True" : "False",
                                               number(semantics::position(x, other)))));
  }
  void step(const std::string& operation, T value) {
    entry("", fmt::format("{:<8} = {}", operation, number(value)));
  }

  void describe_padding(const AxisSample& a, const Axis& axis) {
    const std::string padding(name(axis.options.padding));
    if (axis.options.mode == Mode::bicubic) {
      entry("padding", padding + ": of each tap, not of the position", "bicubic.taps-padded");
      if (a.padded != a.position) {
        entry("", fmt::format("brought near by whole periods: {}", number(a.padded)),
              "bicubic.unpadded-cell");
      }
      return;
    }
    switch (axis.options.padding) {
      case Padding::zeros:
        entry("padding", "zeros: the position stays, what lies outside counts as 0",
              "padding.zeros");
        break;
      case Padding::border:
        entry("padding",
              fmt::format("border: clipped to 0 … {}: {}", axis.size - 1, number(a.padded)),
              "padding.border");
        break;
      case Padding::reflection:
        describe_reflection(a, axis);
        break;
    }
  }

  // The steps of [padding.reflection], as semantics::reflect takes them.
  void describe_reflection(const AxisSample& a, const Axis& axis) {
    const bool align_corners = axis.options.align_corners;
    if (align_corners && axis.size == 1) {
      entry("padding", "reflection: both lines meet in the only pixel: 0",
            "padding.reflection-unit");
      return;
    }
    const T twice_low = align_corners ? 0 : -1;
    const auto twice_high = static_cast<T>(align_corners ? 2 * (axis.size - 1) : 2 * axis.size - 1);
    entry(
        "padding",
        fmt::format("reflection between {} and {}", number(twice_low / 2), number(twice_high / 2)),
        "padding.reflection");
    auto p = static_cast<T>(a.position);
    const T period = twice_high - twice_low;
    if (std::fabs(p) >= period) {
      p = std::fmod(p, period);
      entry("", fmt::format("whole periods of {} taken off: {}", number(period), number(p)),
            "padding.reflection-exact");
    }
    while (2 * p < twice_low || 2 * p > twice_high) {
      const T twice_line = 2 * p < twice_low ? twice_low : twice_high;
      p = twice_line - p;
      entry("", fmt::format("mirrored at {}: {}", number(twice_line / 2), number(p)));
    }
    if (p == a.position && p == a.padded) entry("", "the position is between them");
    if (a.padded != p) {
      entry("", fmt::format("clipped to the outermost center: {}", number(a.padded)),
            "padding.reflection-clip");
    }
  }

  void describe_taps(const AxisSample& a, const Axis& axis) {
    if (axis.options.mode == Mode::nearest) {
      entry("nearest",
            fmt::format("{} → pixel {}", number(semantics::nearest(static_cast<T>(a.padded))),
                        whole(a.taps[0].index)));
      return;
    }
    const auto padded = static_cast<T>(a.padded);
    const semantics::Cell<T> cell = axis.options.mode == Mode::bicubic
                                        ? semantics::cell_of(padded)
                                        : semantics::padded_cell(padded, axis);
    const bool is_far = std::abs(cell.index) >= std::int64_t{1} << 62;
    entry("cell",
          is_far ? "farther out than pixels are counted"
                 : fmt::format("floor {}, fraction t = {}", cell.index, number(cell.fraction)));
    static constexpr std::array<std::string_view, 2> linear = {"1 - t", "t"};
    static constexpr std::array<std::string_view, 4> cubic = {"k(1 + t)", "k(t)", "k(1 - t)",
                                                              "k(2 - t)"};
    const bool bicubic = axis.options.mode == Mode::bicubic;
    Table table({{""}, {""}, {""}});
    for (int i = 0; i < a.tap_count; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const std::int64_t before = cell.index + i - (bicubic ? 1 : 0);
      const std::int64_t after = a.taps[k].index;
      std::string read = "pixel " + whole(after);
      if (after == semantics::outside) {
        read = is_far ? "outside" : fmt::format("{} is outside", before);
      } else if (after != before && !is_far) {
        read = fmt::format("pixel {} → {}", before, after);
      }
      table.add({std::move(read), std::string(bicubic ? cubic[k] : linear[k]),
                 "= " + number(a.taps[k].weight)});
    }
    std::string taps = table.text(painter_);
    taps.pop_back();
    entry("taps", taps);
    if (bicubic) {
      entry("", painter_(Paint::dim, "k: cubic convolution with alpha = -0.75"), "bicubic.kernel");
    }
  }

  // The value.

  [[nodiscard]] T texel(std::int64_t x, std::int64_t y, std::int64_t z) const {
    Shape index = {location_[0], channel_};
    if (question_.input.rank() == 5) index.push_back(z);
    index.push_back(y);
    index.push_back(x);
    return static_cast<T>(question_.input.at(index));
  }
  [[nodiscard]] std::string place(std::int64_t x, std::int64_t y, std::int64_t z) const {
    return question_.input.rank() == 5 ? fmt::format("({}, {}, {})", x, y, z)
                                       : fmt::format("({}, {})", x, y);
  }

  // The taps of an axis.
  [[nodiscard]] std::span<const Tap> taps(std::size_t axis) const {
    const AxisSample& a = sample_.axes[axis];
    return std::span(a.taps).first(static_cast<std::size_t>(a.tap_count));
  }

  void describe_corners() {
    Table table({{question_.input.rank() == 5 ? "at (x, y, z)" : "at (x, y)"},
                 {"weight"},
                 {"texel"},
                 {"product"},
                 {"sum so far"}});
    bool any_outside = false;
    for (const Tap& z : taps(2)) {
      for (const Tap& y : taps(1)) {
        for (const Tap& x : taps(0)) {
          const bool outside = x.index == semantics::outside || y.index == semantics::outside ||
                               z.index == semantics::outside;
          any_outside = any_outside || outside;
          if (outside) continue;
          const T weight =
              static_cast<T>(x.weight) * static_cast<T>(y.weight) * static_cast<T>(z.weight);
          const T t = texel(x.index, y.index, z.index);
          value_ = table.empty() ? weight * t : value_ + weight * t;
          table.add({place(x.index, y.index, z.index), number(weight), number(t),
                     number(weight * t), number(value_)});
        }
      }
    }
    if (table.empty()) {
      entry("taps", "none is inside: 0", "padding.zeros");
    } else if (options_.mode == Mode::nearest) {
      const auto index = [&](std::size_t axis) { return taps(axis).front().index; };
      value_ = texel(index(0), index(1), index(2));
      entry("texel", fmt::format("at {}: {}", place(index(0), index(1), index(2)), number(value_)),
            "nearest.texel");
    } else {
      value_ = T{0} + value_;
      out_ += table.text(painter_, 2);
      if (any_outside) out_ += "  " + painter_(Paint::dim, "taps outside are skipped") + '\n';
    }
  }

  void describe_bicubic() {
    Table table({{"row y"}, {"weight"}, {"texels"}, {"row's sum"}, {"sum so far"}});
    for (const Tap& y : taps(1)) {
      std::string texels;
      T row = 0;
      for (const Tap& x : taps(0)) {
        const bool inside = x.index != semantics::outside && y.index != semantics::outside;
        const T t = inside ? texel(x.index, y.index, 0) : T{0};
        const T product = static_cast<T>(x.weight) * t;
        row = texels.empty() ? product : row + product;
        if (!texels.empty()) texels += ", ";
        texels += inside ? number(t) : "outside";
      }
      const T product = static_cast<T>(y.weight) * row;
      value_ = table.empty() ? product : value_ + product;
      table.add({whole(y.index), number(y.weight), texels, number(row), number(value_)});
    }
    out_ += table.text(painter_, 2);
  }

  // The part of the weights that belongs to taps outside, of every axis together.
  [[nodiscard]] T mass_outside() const {
    T inside = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      T sum = 0;
      for (const Tap& tap : taps(axis)) {
        if (tap.index != semantics::outside) sum += static_cast<T>(tap.weight);
      }
      inside *= sum;
    }
    return 1 - inside;
  }

  void describe_result() {
    out_ += '\n';
    if (const T mass = mass_outside(); options_.padding == Padding::zeros && mass != 0) {
      entry("outside",
            fmt::format("{:.6g} of the weight is of taps outside, which count as 0", mass),
            "padding.zeros");
    }
    const auto result = from_double<Element>(static_cast<double>(value_));
    entry("reference",
          painter_(Paint::bold, notation(to_double(result), dtype_of<Element>)) +
              (dtype_of<T> != dtype_of<Element> ? fmt::format(", rounded from {}", number(value_))
                                                : ""));
    entry("exact", short_exact(exact::Evaluator(question_).element(sample_number_, channel_)));
    const Admissible admissible = Judge(profile_).admissible(question_, sample_number_, channel_);
    entry("admissible",
          fmt::format("{} under {}{}", notation(admissible, dtype_of<Element>), to_string(profile_),
                      admissible.undecided ? "; being inside says nothing" : ""),
          admissible.clause);
  }

  const Case& question_;
  Options options_;
  Shape location_;  // (n, h, w) or (n, d, h, w)
  std::int64_t sample_number_;
  std::int64_t channel_;
  Profile profile_;
  Painter painter_;
  semantics::Sample<double> sample_;
  T value_ = 0;
  std::string out_;
};

}  // namespace

std::string explain(const Case& test_case, std::int64_t sample, std::int64_t channel,
                    const Profile& profile, const Painter& painter) {
  return semantics::visit_floating(test_case.input.dtype(), [&]<class Element>(Element) {
    return Explanation<Element>(test_case, sample, channel, profile, painter).text();
  });
}

}  // namespace gridproof::reports
