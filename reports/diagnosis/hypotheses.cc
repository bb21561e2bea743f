#include "reports/diagnosis/hypotheses.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fuzz/mutants/rewrite.h"

namespace gridproof::diagnosis {
namespace {

using dictionary::coordinate_at;
using dictionary::each_coordinate;
using dictionary::identity_at;
using dictionary::Place;
using dictionary::position_at;

Case with_flag(Case question, std::optional<bool> align_corners) {
  if (align_corners) question.request.align_corners = *align_corners;
  return question;
}

// A new coordinate for each, from itself and its place, under a flag.
template <class Function>
Hypothesis coordinates(const std::string& name, const std::string& sentence, const std::string& fix,
                       std::optional<bool> align_corners, Function function) {
  return {.name = name,
          .sentence = sentence,
          .fix = fix,
          .meant = [=](const Case& question) -> std::optional<Case> {
            return each_coordinate(with_flag(question, align_corners), function);
          }};
}

// The same with the coordinates of the other components at hand: `function(all, places)`, both
// lists x first.
using Components = std::vector<double>;
template <class Function>
Hypothesis components(const std::string& name, const std::string& sentence, const std::string& fix,
                      Function function) {
  return {.name = name,
          .sentence = sentence,
          .fix = fix,
          .meant = [function](const Case& question) -> std::optional<Case> {
            const auto k = static_cast<std::size_t>(question.input.rank() - 2);
            const std::vector<double> before = question.grid.values();
            std::vector<Place> places;
            Case changed = each_coordinate(question, [&](double x, const Place& place) {
              places.push_back(place);
              return x;
            });
            if (places.size() != before.size()) return std::nullopt;
            std::vector<double> after(before.size());
            for (std::size_t first = 0; first < before.size(); first += k) {
              const Components all(before.begin() + static_cast<std::ptrdiff_t>(first),
                                   before.begin() + static_cast<std::ptrdiff_t>(first + k));
              const std::vector<Place> here(
                  places.begin() + static_cast<std::ptrdiff_t>(first),
                  places.begin() + static_cast<std::ptrdiff_t>(first + k));
              const Components meant = function(all, here);
              std::ranges::copy(meant, after.begin() + static_cast<std::ptrdiff_t>(first));
            }
            changed.grid = Tensor(changed.grid.dtype(), changed.grid.shape(), after);
            return changed;
          }};
}

template <class Change>
Hypothesis options(const std::string& name, const std::string& sentence, const std::string& fix,
                   Change change) {
  return {.name = name,
          .sentence = sentence,
          .fix = fix,
          .meant = [change](Case question) -> std::optional<Case> {
            const std::optional<Options> before = resolve(question.request);
            if (!before) return std::nullopt;
            Options after = *before;
            change(after);
            if (after == *before) return std::nullopt;
            question.request = request_for(after);
            return question;
          }};
}

// Input pixels for one unit of coordinate.
double pixels_per_unit(std::int64_t size, bool corners) {
  return static_cast<double>(corners ? size - 1 : size) / 2;
}

// Displacements, in units of coordinates, reversed, each scaled by `factor(its size, the new
// size)`.
template <class Factor>
auto reversed_displacement(Factor factor) {
  return [factor](const Components& all, const std::vector<Place>& places) {
    Components meant(all.size());
    for (std::size_t c = 0; c < all.size(); ++c) {
      const std::size_t from = all.size() - 1 - c;
      meant[c] = identity_at(places[c]) +
                 (all[from] - identity_at(places[from])) * factor(places, from, c);
    }
    return meant;
  };
}

// What each of two flags says, in code.
std::string normalise(const std::string& what, bool corners) {
  return corners ? "2 * " + what + " / (size - 1) - 1" : "(2 * " + what + " + 1) / size - 1";
}
std::string scale(const std::string& what, bool corners) {
  return corners ? "2 * " + what + " / (size - 1)" : "2 * " + what + " / size";
}
std::string with(const std::string& line, bool corners) {
  return line + (corners ? "  # and align_corners=True" : "  # and align_corners=False");
}

void add_units(std::vector<Hypothesis>& list, bool corners) {
  const std::string suffix = corners ? ", align_corners=True" : ", align_corners=False";
  list.push_back(coordinates(
      "units.pixels" + suffix, "the grid holds pixel positions, not coordinates from -1 to 1",
      with("grid = " + normalise("grid", corners), corners), corners,
      [](double x, const Place& place) { return coordinate_at(x, place.input, place.corners); }));
  list.push_back(
      coordinates("units.pixel-displacement" + suffix,
                  "the grid holds displacements in pixels; the identity is missing",
                  with("grid = identity + " + scale("grid", corners), corners), corners,
                  [](double x, const Place& place) {
                    return identity_at(place) +
                           (place.input == 1 ? 0 : x / pixels_per_unit(place.input, place.corners));
                  }));
  list.push_back(
      coordinates("units.displacement" + suffix,
                  "the grid holds displacements in units of coordinates; the identity is missing",
                  with("grid = identity + grid", corners), corners,
                  [](double x, const Place& place) { return identity_at(place) + x; }));
  list.push_back(coordinates("units.mixed" + suffix,
                             "a displacement in units of coordinates was added to pixel indices",
                             with("grid = identity + (grid - indices)", corners), corners,
                             [](double x, const Place& place) {
                               return identity_at(place) + x - static_cast<double>(place.index);
                             }));
  list.push_back(coordinates("divisor.size" + suffix,
                             "pixel positions were divided by the size: 2 p / size - 1",
                             with("grid = " + normalise("p", corners), corners), corners,
                             [](double x, const Place& place) {
                               return coordinate_at((x + 1) * static_cast<double>(place.input) / 2,
                                                    place.input, place.corners);
                             }));
}

void add_axes(std::vector<Hypothesis>& list) {
  list.push_back(components(
      "axes.reversed",
      "the components of the grid are in the order of the array's axes, not x first",
      "grid = grid.flip(-1)", [](const Components& all, const std::vector<Place>& /*places*/) {
        return Components(all.rbegin(), all.rend());
      }));
  list.push_back(components(
      "axes.displacement-reversed",
      "the components of the displacement are in the order of the array's axes, not x first",
      "grid = identity + (grid - identity).flip(-1)",
      reversed_displacement(
          [](const std::vector<Place>&, std::size_t, std::size_t) { return 1.0; })));
  list.push_back(components(
      "axes.reversed-pixels",
      "the components are in the order of the array's axes, and each was divided by the size of "
      "the "
      "place where it stands",
      "reverse the pixel positions first, then divide x by the width, y by the height …",
      [](const Components& all, const std::vector<Place>& places) {
        Components meant(all.size());
        for (std::size_t c = 0; c < all.size(); ++c) {
          const std::size_t from = all.size() - 1 - c;
          const double position = position_at(all[from], places[from].input, places[c].corners);
          meant[c] = coordinate_at(position, places[c].input, places[c].corners);
        }
        return meant;
      }));
  list.push_back(components(
      "axes.displacement-reversed-pixels",
      "the displacement is in the order of the array's axes, and each component was divided by the "
      "size of the place where it stands",
      "reverse the displacement in pixels first, then divide x by the width, y by the height …",
      reversed_displacement([](const std::vector<Place>& places, std::size_t from, std::size_t to) {
        const double own = pixels_per_unit(places[to].input, places[to].corners);
        return own == 0 ? 0 : pixels_per_unit(places[from].input, places[from].corners) / own;
      })));
  list.push_back(components("sizes.exchanged", "x was divided by the height and y by the width",
                            "grid[..., 0] and grid[..., 1]: divide x by the width, y by the height",
                            [](const Components& all, const std::vector<Place>& places) {
                              Components meant = all;
                              for (const std::size_t c : {0U, 1U}) {
                                const double position =
                                    position_at(all[c], places[1 - c].input, places[c].corners);
                                meant[c] =
                                    coordinate_at(position, places[c].input, places[c].corners);
                              }
                              return meant;
                            }));
  list.push_back(components(
      "sizes.exchanged-displacement",
      "the displacement's x was divided by the height and its y by the width",
      "divide the displacement's x by the width, y by the height",
      [](const Components& all, const std::vector<Place>& places) {
        Components meant = all;
        for (const std::size_t c : {0U, 1U}) {
          const double mine = pixels_per_unit(places[c].input, places[c].corners);
          const double other = pixels_per_unit(places[1 - c].input, places[c].corners);
          if (mine == 0) continue;
          meant[c] = identity_at(places[c]) + (all[c] - identity_at(places[c])) * other / mine;
        }
        return meant;
      }));
}

void add_directions(std::vector<Hypothesis>& list) {
  list.push_back(coordinates(
      "direction.reversed",
      "the grid says where pixels go; it must say where they come from (or the sign is wrong)",
      "grid = 2 * identity - grid  # exact for constant motion; else invert the map", {},
      [](double x, const Place& place) { return 2 * identity_at(place) - x; }));
  for (const std::size_t c : {0U, 1U, 2U}) {
    const std::string axis(1, "xyz"[c]);
    list.push_back(
        coordinates("sign." + axis, "the displacement along " + axis + " has the wrong sign",
                    "negate the displacement along " + axis, {}, [c](double x, const Place& place) {
                      return place.component == c ? 2 * identity_at(place) - x : x;
                    }));
    list.push_back(
        coordinates("mirror." + axis, axis + " runs the other way",
                    "grid[..., " + std::to_string(c) + "] *= -1", {},
                    [c](double x, const Place& place) { return place.component == c ? -x : x; }));
  }
  for (const auto& [factor, text] :
       {std::pair(2.0, "2"), {0.5, "1/2"}, {4.0, "4"}, {0.25, "1/4"}}) {
    list.push_back(coordinates(std::string("scale.") + text,
                               std::string("the displacement must be ") + text + " times as large",
                               std::string("grid = identity + ") + text + " * (grid - identity)",
                               {}, [factor = factor](double x, const Place& place) {
                                 return identity_at(place) + factor * (x - identity_at(place));
                               }));
  }
}

void add_flag(std::vector<Hypothesis>& list) {
  list.push_back(options("align_corners",
                         "align_corners of the call is not that of the code that made the grid",
                         "the other align_corners (True was the default up to PyTorch 1.2)",
                         [](Options& o) { o.align_corners = !o.align_corners; }));
}

void add_options(std::vector<Hypothesis>& list) {
  for (const auto& padding : names<Padding>) {
    list.push_back(options(
        "padding." + std::string(padding.name),
        "what is outside is expected as padding_mode='" + std::string(padding.name) + "' gives it",
        "padding_mode='" + std::string(padding.name) + "'",
        [value = padding.value](Options& o) { o.padding = value; }));
  }
  for (const auto& mode : names<Mode>) {
    list.push_back(
        options("mode." + std::string(mode.name),
                "values are expected as mode='" + std::string(mode.name) + "' gives them",
                "mode='" + std::string(mode.name) + "'",
                [value = mode.value](Options& o) { o.mode = value; }));
  }
}

}  // namespace

const std::vector<Hypothesis>& hypotheses() {
  static const std::vector<Hypothesis> all = [] {
    std::vector<Hypothesis> list;
    add_flag(list);
    add_axes(list);
    for (const bool corners : {false, true}) add_units(list, corners);
    list.push_back(coordinates("units.unit-interval", "the grid runs from 0 to 1, not from -1 to 1",
                               "grid = 2 * grid - 1", {},
                               [](double x, const Place&) { return 2 * x - 1; }));
    list.push_back(
        coordinates("units.half-range", "the grid runs from -1/2 to 1/2, not from -1 to 1",
                    "grid = 2 * grid", {}, [](double x, const Place&) { return 2 * x; }));
    add_directions(list);
    add_options(list);  // last: a nearest pixel hides many mistakes
    return list;
  }();
  return all;
}

bool is_identity_grid(const Case& question, bool align_corners) {
  bool is_identity = question.grid.element_count() > 0;
  each_coordinate(with_flag(question, align_corners), [&](double x, const Place& place) {
    is_identity = is_identity && std::fabs(x - identity_at(place)) < 1e-5;
    return x;
  });
  return is_identity;
}

}  // namespace gridproof::diagnosis
