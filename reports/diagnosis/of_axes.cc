// The order of the axes, and the sizes that belong to them.
#include <algorithm>

#include "reports/diagnosis/chapters.h"

namespace gridproof::diagnosis {
namespace {

// The components in another order: `from(k)` of so many is the one that comes k-th.
template <class From>
Hypothesis reordered(Words words, From from) {
  return moves(std::move(words), [from](std::span<double> x, const Site& /*site*/) {
    const std::vector<double> before(x.begin(), x.end());
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = before[from(k, x.size())];
  });
}

// Displacements, in units of coordinates, reversed, each times `factor(its place, the new place)`.
template <class Factor>
auto reversed_displacement(Factor factor) {
  return [factor](std::span<double> x, const Site& site) {
    const std::vector<double> before(x.begin(), x.end());
    for (std::size_t to = 0; to < x.size(); ++to) {
      const std::size_t from = x.size() - 1 - to;
      x[to] = identity_at(site.places[to]) + (before[from] - identity_at(site.places[from])) *
                                                 factor(site.places[from], site.places[to]);
    }
  };
}

double size_ratio(const Place& from, const Place& to) {
  const double own = pixels_per_unit(to.input, to.corners);
  return own == 0 ? 0 : pixels_per_unit(from.input, from.corners) / own;
}

// The longest axis of the input.
const Place& largest_of(const Site& site, std::size_t axes) {
  return *std::max_element(
      site.places.begin(), site.places.begin() + static_cast<std::ptrdiff_t>(axes),
      [](const Place& one, const Place& other) { return one.input < other.input; });
}

// The coordinate of a position that was made one with another axis' size.
double renormalised(double x, const Place& wrong, const Place& right) {
  return coordinate_at(position_at(x, wrong.input, right.corners), right.input, right.corners);
}

// A hypothesis about volumes.
Hypothesis of_volumes(Hypothesis hypothesis) {
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.question.input.rank() == 5 ? change(situation) : std::nullopt;
  };
  return hypothesis;
}

}  // namespace

std::vector<Hypothesis> of_axes() {
  std::vector<Hypothesis> list;
  list.push_back(
      reordered({"axes.reversed",
                 "the components of the grid are in the order of the array's axes, not x first",
                 "grid = grid.flip(-1)"},
                [](std::size_t k, std::size_t count) { return count - 1 - k; }));
  list.push_back(
      moves({"axes.displacement-reversed",
             "the components of the displacement are in the order of the array's axes, not x first",
             "grid = identity + (grid - identity).flip(-1)"},
            reversed_displacement([](const Place&, const Place&) { return 1.0; })));
  list.push_back(moves(
      {"axes.reversed-pixels",
       "the components are in the order of the array's axes, and each was divided by the size of "
       "the place where it stands",
       "grid = ((grid + 1) * unit).flip(-1) / unit - 1"},
      [](std::span<double> x, const Site& site) {
        const std::vector<double> before(x.begin(), x.end());
        for (std::size_t to = 0; to < x.size(); ++to) {
          const std::size_t from = x.size() - 1 - to;
          x[to] = renormalised(before[from], site.places[from], site.places[to]);
        }
      }));
  list.push_back(moves(
      {"axes.displacement-reversed-pixels",
       "the displacement is in the order of the array's axes, and each component was divided by "
       "the size of the place where it stands",
       "grid = identity + ((grid - identity) * unit).flip(-1) / unit"},
      reversed_displacement(size_ratio)));
  list.push_back(moves({"sizes.exchanged", "x was divided by the height and y by the width",
                        "grid = (grid + 1) * exchanged / unit - 1"},
                       [](std::span<double> x, const Site& site) {
                         for (const std::size_t k : {0U, 1U}) {
                           x[k] = renormalised(x[k], site.places[1 - k], site.places[k]);
                         }
                       }));
  list.push_back(moves({"sizes.exchanged-displacement",
                        "the displacement's x was divided by the height and its y by the width",
                        "grid = identity + (grid - identity) * exchanged / unit"},
                       [](std::span<double> x, const Site& site) {
                         for (const std::size_t k : {0U, 1U}) {
                           const double identity = identity_at(site.places[k]);
                           if (site.places[k].input == 1 && site.places[k].corners) continue;
                           x[k] = identity + (x[k] - identity) *
                                                 size_ratio(site.places[1 - k], site.places[k]);
                         }
                       }));
  list.push_back(
      moves({"sizes.largest", "every axis was divided by the largest size: 2 p / largest - 1",
             "grid = (grid + 1) * largest / unit - 1"},
            [](std::span<double> x, const Site& site) {
              const Place& largest = largest_of(site, x.size());
              for (std::size_t k = 0; k < x.size(); ++k) {
                x[k] = renormalised(x[k], largest, site.places[k]);
              }
            }));
  list.push_back(moves({"sizes.largest-centred",
                        "every axis was divided by the largest size, around the centre: the grid "
                        "runs from -1 to 1 on the longest axis only",
                        "grid = grid * largest / unit"},
                       [](std::span<double> x, const Site& site) {
                         const Place& largest = largest_of(site, x.size());
                         for (std::size_t k = 0; k < x.size(); ++k) {
                           x[k] *= size_ratio(largest, site.places[k]);
                         }
                       }));
  struct Order {
    const char* name;
    std::array<std::size_t, 3> from;
  };
  for (const Order& order :
       {Order{"xzy", {0, 2, 1}}, {"yxz", {1, 0, 2}}, {"yzx", {1, 2, 0}}, {"zxy", {2, 0, 1}}}) {
    // The grid holds, say, (y, z, x): x stands at the place of the letter x.
    std::array<std::size_t, 3> place{};
    for (std::size_t k = 0; k < 3; ++k) place[order.from[k]] = k;
    list.push_back(of_volumes(
        reordered({std::string("axes.") + order.name,
                   std::string("the components of the grid are in the order ") + order.name[0] +
                       ", " + order.name[1] + ", " + order.name[2],
                   "grid = grid[..., [" + std::to_string(place[0]) + ", " +
                       std::to_string(place[1]) + ", " + std::to_string(place[2]) + "]]"},
                  [place](std::size_t k, std::size_t) { return place[k]; })));
  }
  return list;
}

}  // namespace gridproof::diagnosis
