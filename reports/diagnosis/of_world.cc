// Displacements and positions in the millimeters of the world, where a file says what they are.
#include <algorithm>
#include <cmath>
#include <functional>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// Displacements over the spacing, in the order that `order` makes of it.
template <class Order>
Hypothesis in_millimeters(MistakeText words, Order order) {
  return hypothesis(std::move(words), [order](const Situation& situation) -> std::optional<Change> {
    if (situation.world.spacing.empty()) return std::nullopt;
    return Change{
        .move = [spacing = order(situation.world.spacing)](std::span<double> x, const Site& site) {
          for (std::size_t k = 0; k < x.size(); ++k) {
            const double identity = identity_at(site.places[k]);
            x[k] = identity + (x[k] - identity) / spacing[k];
          }
        }};
  });
}

// Whether it does no more than scale, by the spacing: then that alone says it.
bool is_spacing(const Affine& map) {
  for (std::size_t k = 0; std::cmp_less(k, map.axes); ++k) {
    for (std::size_t i = 0; std::cmp_less(i, map.axes); ++i) {
      if (k == i ? map.linear[k][i] <= 0 : map.linear[k][i] != 0) return false;
    }
  }
  return true;
}

// Without its translation, for displacements.
Affine linear_part(Affine map) {
  map.translation = {};
  return map;
}

// From millimeters to pixels; none where the world is not known, or its map has no inverse.
std::optional<Affine> to_pixels(const Situation& situation, Convention convention) {
  if (!situation.world.to_millimeters) return std::nullopt;
  return to_world(*situation.world.to_millimeters, convention).inverse();
}

Hypothesis displacement_in(Convention convention, MistakeText words) {
  Hypothesis result = hypothesis(
      std::move(words), [convention](const Situation& situation) -> std::optional<Change> {
        const auto inverse = to_pixels(situation, convention);
        if (!inverse || is_spacing(to_world(*situation.world.to_millimeters, convention))) {
          return std::nullopt;
        }
        return Change{.move = [map = linear_part(*inverse)](std::span<double> x, const Site& site) {
          std::array<double, 3> pixels{};
          for (std::size_t k = 0; k < x.size(); ++k) {
            const Place& place = site.places[k];
            pixels[k] =
                (x[k] - identity_at(place)) * pixels_per_unit(place.input, place.align_corners);
          }
          const std::array<double, 3> from = pixels;
          map.apply(std::span(from).first(x.size()), std::span(pixels).first(x.size()));
          for (std::size_t k = 0; k < x.size(); ++k) {
            const double unit = pixels_per_unit(site.places[k].input, site.places[k].align_corners);
            x[k] = identity_at(site.places[k]) + (unit == 0 ? 0 : pixels[k] / unit);
          }
        }};
      });
  result.stage = Stage::scale;
  return result;
}

// The number that was given, of which the coordinate was made.
double number_of(double x, const Place& place, Given given) {
  switch (given) {
    case Given::displacement:
      return (x - identity_at(place)) * pixels_per_unit(place.input, place.align_corners);
    case Given::maps:
    case Given::joined_maps:
    case Given::coordinates:
      return position_at(x, place.input, place.align_corners);
    case Given::grid:
    case Given::theta:
      break;
  }
  return x;
}

// Displacements from where the output is in the world to where the input is.
Hypothesis displacement_between(Convention convention, MistakeText words) {
  Hypothesis result = hypothesis(
      std::move(words), [convention](const Situation& situation) -> std::optional<Change> {
        const auto inverse = to_pixels(situation, convention);
        const auto& output = situation.world.output_to_millimeters;
        if (!inverse || !output || situation.given != Given::displacement) return std::nullopt;
        return Change{.move = [from_output = to_world(*output, convention), to_input = *inverse](
                                  std::span<double> x, const Site& site) {
          std::array<double, 3> index{};
          std::array<double, 3> place{};
          for (std::size_t k = 0; k < x.size(); ++k) {
            index[k] = static_cast<double>(site.places[k].index);
          }
          from_output.apply(std::span(index).first(x.size()), std::span(place).first(x.size()));
          for (std::size_t k = 0; k < x.size(); ++k) {
            place[k] += number_of(x[k], site.places[k], Given::displacement);
          }
          to_input.apply(std::span(place).first(x.size()), x);
          for (std::size_t k = 0; k < x.size(); ++k) {
            x[k] = coordinate_at(x[k], site.places[k].input, site.places[k].align_corners);
          }
        }};
      });
  result.stage = Stage::unit;
  return result;
}

Hypothesis positions_in(Convention convention, bool is_of_grids, MistakeText words) {
  Hypothesis result =
      hypothesis(std::move(words), [=](const Situation& situation) -> std::optional<Change> {
        const Given given = situation.given;
        const auto inverse = to_pixels(situation, convention);
        if (!inverse || (given == Given::grid || given == Given::theta) != is_of_grids) {
          return std::nullopt;
        }
        return Change{.move = [given, map = *inverse](std::span<double> x, const Site& site) {
          std::array<double, 3> from{};
          for (std::size_t k = 0; k < x.size(); ++k) {
            from[k] = number_of(x[k], site.places[k], given);
          }
          map.apply(std::span(from).first(x.size()), x);
          for (std::size_t k = 0; k < x.size(); ++k) {
            x[k] = coordinate_at(x[k], site.places[k].input, site.places[k].align_corners);
          }
        }};
      });
  result.stage = Stage::unit;
  return result;
}

}  // namespace

Affine to_world(const Affine& to_millimeters, Convention convention) {
  Affine map = to_millimeters;
  if (convention == Convention::ras) return map;
  for (const std::size_t k : {0U, 1U}) {
    for (double& number : map.linear[k]) number = -number;
    map.translation[k] = -map.translation[k];
  }
  return map;
}

std::vector<Hypothesis> of_world() {
  std::vector<Hypothesis> list;
  list.push_back(in_millimeters({"world.spacing", "the displacement is in millimeters",
                                 "grid = identity + (grid - identity) / spacing"},
                                [](std::vector<double> spacing) { return spacing; }));
  list.push_back(in_millimeters({"world.spacing-reversed",
                                 "the displacement is in millimeters, and the spacing was given in "
                                 "array-axis order, not x first",
                                 "grid = identity + (grid - identity) / spacing.flip(-1)"},
                                [](std::vector<double> spacing) {
                                  std::ranges::reverse(spacing);
                                  return spacing;
                                }));
  for (Hypothesis& one : list) one.stage = Stage::scale;
  for (const Convention convention : {Convention::ras, Convention::lps}) {
    const bool is_ras = convention == Convention::ras;
    const std::string name = is_ras ? "ras" : "lps";
    const std::string directions =
        is_ras ? "to the right, to the front and up (RAS), as in NIfTI"
               : "to the left, to the back and up (LPS), as in ITK and DICOM";
    list.push_back(displacement_in(
        convention, {"world." + name, "the displacement is in world millimeters, " + directions,
                     "grid = identity + ((grid - identity) * unit) @ from_" + name + ".T / unit"}));
    list.push_back(displacement_between(
        convention,
        {"given.world-between-" + name,
         "the given array is in world millimeters, " + directions +
             ", from the output's place in its own file to its place in the input's file",
         "given = index @ out_" + name + ".T + start_" + name + " + given - origin_" + name +
             "\ngrid = (given @ from_" + name + ".T + half) / unit - 1"}));
    list.push_back(positions_in(
        convention, true,
        {"world.positions-" + name, "the grid holds positions in world millimeters, " + directions,
         "grid = ((grid - origin_" + name + ") @ from_" + name + ".T + half) / unit - 1"}));
    list.push_back(positions_in(
        convention, false,
        {"given.world-" + name,
         "the given array holds positions in world millimeters, " + directions,
         "grid = ((given - origin_" + name + ") @ from_" + name + ".T + half) / unit - 1"}));
  }
  return list;
}

}  // namespace gridproof::reports::diagnosis
