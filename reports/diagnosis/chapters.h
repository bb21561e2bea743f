// The chapters of the hypotheses; hypotheses.cc joins them.
#pragma once

#include <array>
#include <cmath>
#include <utility>

#include "reports/diagnosis/hypotheses.h"

namespace gridproof::reports::diagnosis {

using dictionary::coordinate_at;
using dictionary::identity_at;
using dictionary::position_at;

// What a hypothesis says; the code follows it.
struct MistakeText {
  std::string name;
  std::string sentence;
  std::string fix;
};

inline Hypothesis hypothesis(MistakeText words,
                             std::function<std::optional<Change>(const Situation&)> change) {
  return {.name = std::move(words.name),
          .sentence = std::move(words.sentence),
          .fix = std::move(words.fix),
          .change = std::move(change)};
}

// New coordinates at each site: `move(x, site)`.
template <class Move>
Hypothesis moves(MistakeText words, const Move& move) {
  return hypothesis(std::move(words), [move](const Situation&) { return Change{.move = move}; });
}

// A new coordinate from itself and its place alone.
template <class Function>
Hypothesis coordinates(MistakeText words, const Function& function) {
  return moves(std::move(words), [function](std::span<double> x, const Site& site) {
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = function(x[k], site.places[k]);
  });
}

// The same with a value of align_corners that may differ from the question's.
template <class Function>
Hypothesis coordinates_under(bool align_corners, MistakeText words, Function function) {
  words.name += align_corners ? ", align_corners=True" : ", align_corners=False";
  Hypothesis result = coordinates(std::move(words), function);
  result.change = [move = result.change, align_corners](const Situation& situation) {
    std::optional<Change> change = move(situation);
    change->options = situation.options();
    change->options->align_corners = align_corners;
    return change;
  };
  return result;
}

// Other options.
template <class Function>
Hypothesis options(MistakeText words, Function function) {
  return hypothesis(std::move(words),
                    [function](const Situation& situation) -> std::optional<Change> {
                      Options after = situation.options();
                      function(after);
                      if (after == situation.options()) return std::nullopt;
                      return Change{.options = after};
                    });
}

// A hypothesis about volumes.
inline Hypothesis of_volumes(Hypothesis hypothesis) {
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.test_case.input.rank() == 5 ? change(situation) : std::nullopt;
  };
  return hypothesis;
}

// Hypotheses about a grid that the user made. They do not apply if this program made the grid from
// a displacement or maps.
inline std::vector<Hypothesis> of_grids(std::vector<Hypothesis> list) {
  for (Hypothesis& one : list) {
    one.change = [change = one.change](const Situation& situation) {
      const bool is_own = situation.given == Given::grid || situation.given == Given::theta;
      return is_own ? change(situation) : std::nullopt;
    };
  }
  return list;
}

// All of a list as members of a stage.
inline std::vector<Hypothesis> staged(Stage stage, std::vector<Hypothesis> list) {
  for (Hypothesis& one : list) one.stage = stage;
  return list;
}

// The coordinate with its displacement multiplied by a factor.
inline double displaced(double x, const Place& place, double factor) {
  return factor == 1 ? x : identity_at(place) + factor * (x - identity_at(place));
}

// The direction of a move by a number of pixels, in words.
inline const char* where_to(double pixels, std::size_t axis) {
  constexpr std::array<std::array<const char*, 2>, 3> words = {
      {{"to the left", "to the right"},
       {"up", "down"},
       {"towards the first slice", "towards the last slice"}}};
  return words.at(axis)[pixels < 0 ? 0 : 1];
}

// A coordinate made of a displacement or a map under the other flag, as this one makes it.
double made_again(Given given, double x, const Place& place);

// Input pixels per unit of coordinate.
inline double pixels_per_unit(std::int64_t size, bool align_corners) {
  return static_cast<double>(align_corners ? size - 1 : size) / 2;
}

std::vector<Hypothesis> of_precision();
std::vector<Hypothesis> of_flag();
std::vector<Hypothesis> of_array();
std::vector<Hypothesis> of_builder();
std::vector<Hypothesis> of_given();
std::vector<Hypothesis> of_axes();
std::vector<Hypothesis> of_units();
std::vector<Hypothesis> of_motion();
std::vector<Hypothesis> of_world();
std::vector<Hypothesis> of_affine();
std::vector<Hypothesis> of_layout();
std::vector<Hypothesis> of_options();

}  // namespace gridproof::reports::diagnosis
