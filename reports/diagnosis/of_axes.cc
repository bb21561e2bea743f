// The order of the axes, and the sizes that belong to them.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// The components in another order: `from(k, count)` is the place in the array of the one that is
// meant for axis k.
std::size_t reversed(std::size_t k, std::size_t count) { return count - 1 - k; }

template <class Order>
Hypothesis reordered(MistakeText words, Order from) {
  Hypothesis result = moves(std::move(words), [from](std::span<double> x, const Site& /*site*/) {
    const std::vector<double> before(x.begin(), x.end());
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = before[from(k, x.size())];
  });
  result.stage = Stage::order;
  return result;
}

double size_ratio(const Place& from, const Place& to) {
  const double own = pixels_per_unit(to.input, to.align_corners);
  return own == 0 ? 0 : pixels_per_unit(from.input, from.align_corners) / own;
}

// Displacements, in units of coordinates, in another order, each times `factor(its place, the new
// place)`. Those that are given are in pixels, to which sizes are nothing: `is_of_sizes` says that
// it is about these.
template <class Order, class Factor>
Hypothesis reordered_displacement(MistakeText words, Order from, Factor factor, bool is_of_sizes) {
  Hypothesis result =
      hypothesis(std::move(words), [=](const Situation& situation) -> std::optional<Change> {
        const bool is_given = situation.given == Given::displacement;
        if (is_given && is_of_sizes) return std::nullopt;
        return Change{.move = [=](std::span<double> x, const Site& site) {
          const std::vector<double> before(x.begin(), x.end());
          for (std::size_t to = 0; to < x.size(); ++to) {
            const Place& own = site.places[to];
            const Place& place = site.places[from(to, x.size())];
            x[to] = identity_at(own) + (before[place.component] - identity_at(place)) *
                                           (is_given ? size_ratio(place, own) : factor(place, own));
          }
        }};
      });
  result.stage = Stage::motion;
  return result;
}
double as_it_is(const Place& /*from*/, const Place& /*to*/) { return 1; }

// The longest axis of the input.
const Place& largest_of(const Site& site, std::size_t axes) {
  return *std::max_element(
      site.places.begin(), site.places.begin() + static_cast<std::ptrdiff_t>(axes),
      [](const Place& one, const Place& other) { return one.input < other.input; });
}

// The coordinate of a position that was made one with another axis' size.
double renormalized(double x, const Place& wrong, const Place& right) {
  return coordinate_at(position_at(x, wrong.input, right.align_corners), right.input,
                       right.align_corners);
}

// Positions in another order, each made a coordinate with the size of the place where it stands.
template <class Order>
Hypothesis reordered_positions(MistakeText words, Order from) {
  Hypothesis result = moves(std::move(words), [from](std::span<double> x, const Site& site) {
    const std::vector<double> before(x.begin(), x.end());
    for (std::size_t to = 0; to < x.size(); ++to) {
      const Place& place = site.places[from(to, x.size())];
      x[to] = renormalized(before[place.component], place, site.places[to]);
    }
  });
  result.stage = Stage::order;
  return result;
}

// Not of what map_coordinates takes: there the order of the array's axes is right.
Hypothesis not_of_coordinates(Hypothesis hypothesis) {
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.given == Given::coordinates ? std::nullopt : change(situation);
  };
  return hypothesis;
}
// The same in other words for what map_coordinates takes.
Hypothesis of_coordinates(Hypothesis hypothesis, std::string name, std::string sentence) {
  hypothesis.name = "given." + std::move(name);
  hypothesis.sentence = std::move(sentence);
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.given == Given::coordinates ? change(situation) : std::nullopt;
  };
  return hypothesis;
}
void add_both(std::vector<Hypothesis>& list, const Hypothesis& hypothesis, std::string name,
              std::string sentence) {
  list.push_back(not_of_coordinates(hypothesis));
  list.push_back(of_coordinates(hypothesis, std::move(name), std::move(sentence)));
}

// What a component of a grid is, if it is nothing of its own.
enum class Lost : std::uint8_t { constant, copy };

// Whether component k of the grid is that at all sites where there are several along its own axis:
// always the same, or made of another one by a line.
bool is_lost(const Situation& situation, std::size_t k, Lost lost) {
  const Sites sites(situation.test_case, std::int64_t{1} << 12U);
  if (sites.count() == 0 || sites.site(0, false).places[k].output == 1) return false;
  const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
  const std::vector<double>& x = sites.coordinates();
  // From where the other component is least to where it is largest.
  const auto is_line_of = [&](std::size_t other) {
    std::size_t low = 0;
    std::size_t high = 0;
    for (std::size_t i = 0; i < x.size(); i += axes) {
      if (x[i + other] < x[low + other]) low = i;
      if (x[i + other] > x[high + other]) high = i;
    }
    const double length = x[high + other] - x[low + other];
    const double slope = length > 0 ? (x[high + k] - x[low + k]) / length : 0;
    const double most = 1e-5 * std::fmax(1, std::fabs(x[low + k]));
    if ((std::fabs(slope) <= 1e-5) != (lost == Lost::constant)) return false;
    for (std::size_t i = 0; i < x.size(); i += axes) {
      const double wanted = x[low + k] + slope * (x[i + other] - x[low + other]);
      if (!(std::fabs(x[i + k] - wanted) <= most)) return false;
    }
    return true;
  };
  for (std::size_t other = 0; other < axes; ++other) {
    if (other != k && is_line_of(other)) return true;
  }
  return false;
}

Hypothesis own_component(MistakeText words, std::size_t k, Lost lost) {
  Hypothesis result =
      hypothesis(std::move(words), [k, lost](const Situation& situation) -> std::optional<Change> {
        if (k >= static_cast<std::size_t>(situation.test_case.input.rank() - 2)) {
          return std::nullopt;
        }
        if (!is_lost(situation, k, lost)) return std::nullopt;
        return Change{.move = [k](std::span<double> x, const Site& site) {
          x[k] = identity_at(site.places[k]);
        }};
      });
  result.is_global = true;
  return result;
}

Hypothesis of_unit(Hypothesis hypothesis) {
  hypothesis.stage = Stage::unit;
  return hypothesis;
}

}  // namespace

std::vector<Hypothesis> of_axes() {
  std::vector<Hypothesis> list;
  list.push_back(not_of_coordinates(
      reordered({"axes.reversed", "the components of the grid are in array-axis order, not x first",
                 "grid = grid.flip(-1)"},
                reversed)));
  list.push_back(not_of_coordinates(reordered_displacement(
      {"axes.displacement-reversed",
       "the components of the displacement are in array-axis order, not x first",
       "grid = identity + (grid - identity).flip(-1)"},
      reversed, as_it_is, false)));
  add_both(list,
           reordered_positions({"axes.reversed-pixels",
                                "the components are in array-axis order, and each was divided by "
                                "the size of the axis whose slot it is in",
                                "grid = ((grid + 1) * unit).flip(-1) / unit - 1"},
                               reversed),
           "x-first", "the given array is x first, and map_coordinates takes x last");
  add_both(list,
           reordered_displacement({"axes.displacement-reversed-pixels",
                                   "the displacement is in array-axis order, and each component "
                                   "was divided by the size of the axis whose slot it is in",
                                   "grid = identity + ((grid - identity) * unit).flip(-1) / unit"},
                                  reversed, size_ratio, true),
           "displacement-x-first",
           "the displacement in the given array is x first, and map_coordinates takes x last");
  std::vector<Hypothesis> lost;
  for (const std::size_t k : {0U, 1U, 2U}) {
    const std::string axis(1, "xyz"[k]);
    const std::string fix = "grid = grid + " + axis + "_only * (identity - grid)";
    lost.push_back(own_component({"axes.copy-in-" + axis,
                                  axis + " of the grid was made of another component and does "
                                         "not move along its own axis",
                                  fix},
                                 k, Lost::copy));
    lost.push_back(
        own_component({"axes.constant-" + axis, axis + " of the grid is the same everywhere", fix},
                      k, Lost::constant));
  }
  for (Hypothesis& one : of_grids(std::move(lost))) list.push_back(std::move(one));
  list.push_back(of_unit(moves({"sizes.exchanged", "x was divided by the height and y by the width",
                                "grid = (grid + 1) * exchanged / unit - 1"},
                               [](std::span<double> x, const Site& site) {
                                 for (const std::size_t k : {0U, 1U}) {
                                   x[k] = renormalized(x[k], site.places[1 - k], site.places[k]);
                                 }
                               })));
  list.push_back(of_unit(moves({"sizes.reversed", "x was divided by the depth and z by the width",
                                "grid = (grid + 1) * unit.flip(-1) / unit - 1"},
                               [](std::span<double> x, const Site& site) {
                                 if (x.size() != 3) return;
                                 for (const std::size_t k : {0U, 2U}) {
                                   x[k] = renormalized(x[k], site.places[2 - k], site.places[k]);
                                 }
                               })));
  list.back().is_rare = true;
  list.push_back(of_unit(moves(
      {"sizes.exchanged-displacement",
       "x of the displacement was divided by the height and y by the width",
       "grid = identity + (grid - identity) * exchanged / unit"},
      [](std::span<double> x, const Site& site) {
        for (const std::size_t k : {0U, 1U}) {
          if (site.places[k].input == 1 && site.places[k].align_corners) continue;
          x[k] = displaced(x[k], site.places[k], size_ratio(site.places[1 - k], site.places[k]));
        }
      })));
  for (const std::size_t c : {0U, 1U}) {
    const std::string side = c == 0 ? "width" : "height";
    list.push_back(of_unit(hypothesis(
        {"sizes.all-by-" + side,
         "every component of the displacement was converted to pixels with the " + side +
             " of the image",
         "given = given * size / " + side},
        [c](const Situation& situation) -> std::optional<Change> {
          if (situation.given != Given::displacement) return std::nullopt;
          return Change{.move = [c](std::span<double> x, const Site& site) {
            const auto by = static_cast<double>(site.places[c].input);
            for (std::size_t k = 0; k < x.size(); ++k) {
              x[k] =
                  displaced(x[k], site.places[k], static_cast<double>(site.places[k].input) / by);
            }
          }};
        })));
  }
  list.push_back(of_unit(
      moves({"sizes.largest", "every axis was divided by the largest size: 2 p / largest - 1",
             "grid = (grid + 1) * largest / unit - 1"},
            [](std::span<double> x, const Site& site) {
              const Place& largest = largest_of(site, x.size());
              for (std::size_t k = 0; k < x.size(); ++k) {
                x[k] = renormalized(x[k], largest, site.places[k]);
              }
            })));
  list.push_back(of_unit(moves({"sizes.largest-centred",
                                "every axis was divided by the largest size, about the center: the "
                                "grid spans -1 to 1 on the longest axis only",
                                "grid = grid * largest / unit"},
                               [](std::span<double> x, const Site& site) {
                                 const Place& largest = largest_of(site, x.size());
                                 for (std::size_t k = 0; k < x.size(); ++k) {
                                   x[k] *= size_ratio(largest, site.places[k]);
                                 }
                               })));
  // By one size, of grids that the user made.
  std::vector<Hypothesis> of_one_size;
  for (const std::size_t c : {0U, 1U, 2U}) {
    const std::string side = c == 0 ? "width" : c == 1 ? "height" : "depth";
    const std::string unit = "unit[" + std::to_string(c) + "]";
    of_one_size.push_back(of_unit(moves(
        {"sizes.displacement-by-" + side,
         "every component of the displacement was divided by the " + side,
         "grid = identity + (grid - identity) * " + unit + " / unit"},
        [c](std::span<double> x, const Site& site) {
          for (std::size_t k = 0; k < x.size(); ++k) {
            x[k] = displaced(x[k], site.places[k], size_ratio(site.places[c], site.places[k]));
          }
        })));
    of_one_size.push_back(of_unit(moves(
        {"sizes.by-" + side, "every axis was divided by the " + side + ": 2 p / " + side + " - 1",
         "grid = (grid + 1) * " + unit + " / unit - 1"},
        [c](std::span<double> x, const Site& site) {
          for (std::size_t k = 0; k < x.size(); ++k) {
            x[k] = renormalized(x[k], site.places[c], site.places[k]);
          }
        })));
    for (auto at = of_one_size.end() - 2; at != of_one_size.end(); ++at) {
      at->is_rare = true;
      if (c == 2) *at = of_volumes(std::move(*at));
    }
  }
  for (Hypothesis& one : of_grids(std::move(of_one_size))) list.push_back(std::move(one));
  struct Order {
    const char* name;
    std::array<std::size_t, 3> from;
  };
  for (const Order& order :
       {Order{"xzy", {0, 2, 1}}, {"yxz", {1, 0, 2}}, {"yzx", {1, 2, 0}}, {"zxy", {2, 0, 1}}}) {
    // The grid holds, say, (y, z, x): x stands at the place of the letter x.
    std::array<std::size_t, 3> place{};
    for (std::size_t k = 0; k < 3; ++k) place[order.from[k]] = k;
    const auto from = [place](std::size_t k, std::size_t) { return place[k]; };
    const std::string name = order.name;
    const std::string letters = std::string() + name[0] + ", " + name[1] + ", " + name[2];
    const std::string numbers = fmt::format("[..., [{}]]", fmt::join(place, ", "));
    list.push_back(not_of_coordinates(of_volumes(
        reordered({"axes." + name, "the components of the grid are in the order " + letters,
                   "grid = grid" + numbers},
                  from))));
    list.push_back(not_of_coordinates(of_volumes(
        reordered_displacement({"axes.displacement-" + name,
                                "the components of the displacement are in the order " + letters,
                                "grid = identity + (grid - identity)" + numbers},
                               from, as_it_is, false))));
    // Read from the last to the first, as map_coordinates has them.
    const std::string backwards(name.rbegin(), name.rend());
    const std::string given = fmt::format("{}, {}, {}", name[2], name[1], name[0]);
    add_both(list,
             of_volumes(reordered_positions(
                 {"axes." + name + "-pixels",
                  "the components are in the order " + letters +
                      ", and each was divided by the size of the axis whose slot it is in",
                  "grid = ((grid + 1) * unit)" + numbers + " / unit - 1"},
                 from)),
             backwards,
             "the given array is in the order " + given + ", and map_coordinates takes z, y, x");
    add_both(
        list,
        of_volumes(reordered_displacement(
            {"axes.displacement-" + name + "-pixels",
             "the displacement is in the order " + letters +
                 ", and each component was divided by the size of the axis whose slot it is in",
             "grid = identity + ((grid - identity) * unit)" + numbers + " / unit"},
            from, size_ratio, true)),
        "displacement-" + backwards,
        "the displacement in the given array is in the order " + given +
            ", and map_coordinates takes z, y, x");
  }
  return list;
}

}  // namespace gridproof::reports::diagnosis
