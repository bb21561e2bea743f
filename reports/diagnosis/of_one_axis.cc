// What people do to all axes, done along one of them and forgotten along the others, or the other
// way round. Tested by diagnose_test.cc.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// Of a mistake that changes each coordinate by itself.
std::optional<Hypothesis> along(const Hypothesis& all, std::size_t axis) {
  if (!all.fix.starts_with("grid = ") || all.fix.find('\n') != std::string::npos) {
    return std::nullopt;
  }
  const std::string letter(1, "xyz"[axis]);
  Hypothesis one = all;
  one.name += ", " + letter + " only";
  one.sentence = fmt::format("along {} only: {}", letter, all.sentence);
  one.fix = fmt::format("grid = where({}_only == 1, {}, grid)", letter, all.fix.substr(7));
  one.change = [change = all.change, axis](const Situation& situation) -> std::optional<Change> {
    std::optional<Change> of_all = change(situation);
    const bool is_there = std::cmp_less(axis, situation.test_case.input.rank() - 2);
    if (!of_all || !is_there) return std::nullopt;
    // The call is the same for all axes.
    if (of_all->options.value_or(situation.options()) != situation.options()) return std::nullopt;
    of_all->move = [move = of_all->move, axis](std::span<double> x, const Site& site) {
      std::array<double, 3> moved{};
      std::ranges::copy(x, moved.begin());
      move(std::span(moved).first(x.size()), site);
      x[axis] = moved.at(axis);
    };
    return of_all;
  };
  return one;
}

}  // namespace

const std::vector<Hypothesis>& of_one_axis() {
  static const std::vector<Hypothesis> all = [] {
    std::vector<Hypothesis> list;
    for (const char* name :
         {"divisor.size, align_corners=False", "divisor.size, align_corners=True",
          "divisor.size-displacement, align_corners=True", "units.unit-interval",
          "units.zero-to-two", "align_corners.of-the-grid", "align_corners.of-the-resize",
          "align_corners.of-the-identity", "half-pixel.of-the-resize", "scale.2", "scale.1/2",
          "index.from-one", "index.one-too-small", "half-pixel.missing", "half-pixel.twice"}) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        if (auto one = along(hypothesis_named(name), axis)) list.push_back(std::move(*one));
      }
    }
    return list;
  }();
  return all;
}

}  // namespace gridproof::reports::diagnosis
