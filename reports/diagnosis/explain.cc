#include "reports/diagnosis/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/trace.h"
#include "reports/diagnosis/explain_axis.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using semantics::TracedAxis;
using semantics::TracedSum;
using semantics::TracedTap;

// The explanation of one element: its trace, in words.
class Explanation : private AxisExplanation {
 public:
  Explanation(const Case& test_case, std::int64_t sample, std::int64_t channel,
              const Profile& profile, const Painter& painter)
      : AxisExplanation(semantics::trace(test_case, sample, channel), painter),
        question_(test_case),
        location_(indices_of(sample, test_case.grid.shape())),
        sample_number_(sample),
        channel_(channel),
        profile_(profile) {}

  std::string text() {
    describe_question();
    for (const TracedAxis& axis : trace().axes) describe_axis(axis);
    heading("value");
    if (options().mode == Mode::bicubic) {
      describe_rows();
    } else {
      describe_pixels();
    }
    describe_result();
    return take();
  }

 private:
  // The question.

  void describe_question() {
    entry("question", describe(question_));
    entry("location",
          fmt::format("{} (sample {} of {}), channel {} of {}", location(location_), sample_number_,
                      sample_count(question_), channel_, question_.input.size(1)));
    if (trace().arithmetic != question_.input.dtype()) {
      entry("arithmetic",
            fmt::format("in {}, one rounding to {} at the end", name(trace().arithmetic),
                        name(question_.input.dtype())),
            "dtype.16-bit");
    }
  }

  // The value.

  // The pixels inside that a sample reads, in the order of the sum: "(1, 0)".
  [[nodiscard]] std::vector<std::string> pixels() const {
    std::vector<std::string> places = {""};
    for (std::size_t axis = trace().axes.size(); axis-- > 0;) {
      std::vector<std::string> longer;
      for (const std::string& place : places) {
        for (const TracedTap& tap : trace().axes[axis].taps) {
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
    if (options().mode == Mode::nearest) {
      entry("texel", fmt::format("at {}: {}", places.front(), number(trace().value)),
            "nearest.texel");
      return;
    }
    Table table({{trace().axes.size() == 3 ? "at (x, y, z)" : "at (x, y)"},
                 {"weight"},
                 {"texel"},
                 {"product"},
                 {"sum so far"}});
    const TracedSum& sum = trace().sums.front();
    for (std::size_t k = 0; k < places.size(); ++k) {
      table.add({places[k], number(sum.terms[k].weight), number(sum.terms[k].texel),
                 number(sum.products[k]), number(sum.so_far[k])});
    }
    table_of(table);
    const bool any_outside = std::ranges::any_of(trace().axes, [](const TracedAxis& axis) {
      return std::ranges::any_of(axis.taps, &is_outside);
    });
    if (any_outside) remark("taps outside are skipped");
  }
  static bool is_outside(const TracedTap& tap) { return tap.index == semantics::outside; }

  void describe_rows() {
    Table table({{"row y"}, {"weight"}, {"texels"}, {"row's sum"}, {"sum so far"}});
    const TracedSum& all = trace().sums.back();
    for (std::size_t j = 0; j < all.terms.size(); ++j) {
      const TracedTap& y = trace().axes[1].taps[j];
      std::string texels;
      for (std::size_t i = 0; i < trace().sums[j].terms.size(); ++i) {
        const bool inside = !is_outside(y) && !is_outside(trace().axes[0].taps[i]);
        if (i != 0) texels += ", ";
        texels += inside ? number(trace().sums[j].terms[i].texel) : "outside";
      }
      table.add({whole(y.index), number(y.weight), texels, number(all.terms[j].texel),
                 number(all.so_far[j])});
    }
    table_of(table);
  }

  void describe_result() {
    blank_line();
    if (options().padding == Padding::zeros && trace().weight_outside != 0) {
      entry("outside",
            fmt::format("{:.6g} of the weight is of taps outside, which count as 0",
                        trace().weight_outside),
            "padding.zeros");
    }
    const Dtype dtype = question_.input.dtype();
    entry("reference", painter()(Paint::bold, notation(trace().element, dtype)) +
                           (trace().arithmetic == dtype
                                ? ""
                                : fmt::format(", rounded from {}", number(trace().value))));
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
};

}  // namespace

std::string explain(const Case& test_case, std::int64_t sample, std::int64_t channel,
                    const Profile& profile, const Painter& painter) {
  return Explanation(test_case, sample, channel, profile, painter).text();
}

}  // namespace gridproof::reports
