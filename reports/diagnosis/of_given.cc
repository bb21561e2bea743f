// What a displacement or maps hold, if not that. Of a grid the units say it (of_units.cc).

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// The displacement in pixels, and the position in pixels, that the grid was made of.
double displacement_at(double x, const Place& place) {
  return (x - identity_at(place)) * pixels_per_unit(place.input, place.align_corners);
}
double map_at(double x, const Place& place) {
  return position_at(x, place.input, place.align_corners);
}

// A coordinate from a number that is given: `make(number, place)`.
enum class Kinds : std::uint8_t { displacements, maps, both };
template <class Make>
Hypothesis given_as(MistakeText words, Kinds kinds, Make make) {
  words.name = "given." + words.name;
  return hypothesis(
      std::move(words), [kinds, make](const Situation& situation) -> std::optional<Change> {
        const Given given = situation.given;
        const bool is_possible = (given == Given::displacement && kinds != Kinds::maps) ||
                                 (are_positions(given) && kinds != Kinds::displacements);
        if (!is_possible) return std::nullopt;
        return Change{.move = [given, make](std::span<double> x, const Site& site) {
          for (std::size_t k = 0; k < x.size(); ++k) {
            const Place& place = site.places[k];
            x[k] = make(are_positions(given) ? map_at(x[k], place) : displacement_at(x[k], place),
                        place);
          }
        }};
      });
}

}  // namespace

std::vector<Hypothesis> of_given() {
  std::vector<Hypothesis> list;
  list.push_back(
      given_as({"map", "the given array is a map: positions in pixels, not displacements",
                "grid = (given + half) / unit - 1"},
               Kinds::displacements, [](double p, const Place& place) {
                 return coordinate_at(p, place.input, place.align_corners);
               }));
  list.push_back(
      given_as({"displacement", "the given array holds displacements in pixels, not positions",
                "grid = identity + given / unit"},
               Kinds::maps, [](double d, const Place& place) {
                 const double unit = pixels_per_unit(place.input, place.align_corners);
                 return identity_at(place) + (unit == 0 ? 0 : d / unit);
               }));
  list.push_back(given_as(
      {"grid", "the given array is already a grid: coordinates from -1 to 1", "grid = given"},
      Kinds::both, [](double x, const Place&) { return x; }));
  list.push_back(given_as({"map-from-0-to-1", "the given array is a map: positions from 0 to 1",
                           "grid = 2 * given - 1"},
                          Kinds::both, [](double x, const Place&) { return 2 * x - 1; }));
  list.push_back(given_as(
      {"map-over-the-size", "the given array is a map: positions in pixels, divided by the size",
       "grid = (given * size + half) / unit - 1"},
      Kinds::both, [](double p, const Place& place) {
        return coordinate_at(p * static_cast<double>(place.input), place.input,
                             place.align_corners);
      }));
  list.push_back(
      given_as({"displacement-of-coordinates",
                "the given array holds displacements in coordinate units, where 2 is the size",
                "grid = identity + given"},
               Kinds::both, [](double x, const Place& place) { return identity_at(place) + x; }));
  list.push_back(given_as(
      {"displacement-from-0-to-1", "the given array holds displacements in units of the size",
       "grid = identity + 2 * given"},
      Kinds::both, [](double x, const Place& place) { return identity_at(place) + 2 * x; }));
  // Under align_corners=False they are the same.
  Hypothesis over_the_size =
      given_as({"displacement-over-the-size",
                "the given array holds displacements in pixels, divided by the size",
                "grid = identity + given * size / unit"},
               Kinds::both, [](double x, const Place& place) {
                 const double unit = pixels_per_unit(place.input, place.align_corners);
                 const double pixels = x * static_cast<double>(place.input);
                 return identity_at(place) + (unit == 0 ? 0 : pixels / unit);
               });
  over_the_size.change = [change = over_the_size.change](const Situation& situation) {
    return situation.options().align_corners ? change(situation) : std::nullopt;
  };
  list.push_back(std::move(over_the_size));
  return staged(Stage::unit, std::move(list));
}

}  // namespace gridproof::reports::diagnosis
