// What the numbers of the grid are, if not coordinates from -1 to 1.
#include <numbers>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// The displacement of so many pixels, in units of coordinates.
double of_pixels(double pixels, const Place& place) {
  const double unit = pixels_per_unit(place.input, place.align_corners);
  return unit == 0 ? 0 : pixels / unit;
}

// Not of a grid that is its own identity: that does not miss.
Hypothesis of_motion_alone(Hypothesis hypothesis) {
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.holds_no_motion ? std::nullopt : change(situation);
  };
  return hypothesis;
}

void add_pixels(std::vector<Hypothesis>& list, bool align_corners) {
  list.push_back(coordinates_under(
      align_corners,
      {"units.pixels", "the grid holds pixel positions, not coordinates from -1 to 1",
       "grid = (grid + half) / unit - 1"},
      [](double x, const Place& place) {
        return coordinate_at(x, place.input, place.align_corners);
      }));
  list.push_back(
      coordinates_under(align_corners,
                        {"units.pixels-of-the-output",
                         "the grid holds output pixel positions, not coordinates from -1 to 1",
                         "grid = (grid + half) / unit_out - 1"},
                        [](double x, const Place& place) {
                          // Of one pixel there is nothing to scale.
                          return coordinate_at(x, place.output == 1 ? place.input : place.output,
                                               place.align_corners);
                        }));
  list.push_back(of_motion_alone(coordinates_under(
      align_corners,
      {"units.pixel-displacement",
       "the grid holds displacements in pixels; the identity is missing",
       "grid = identity + grid / unit"},
      [](double x, const Place& place) { return identity_at(place) + of_pixels(x, place); })));
  list.back().shrinks = true;  // of a grid that has its identity, next to nothing is left
  list.push_back(of_motion_alone(coordinates_under(
      align_corners,
      {"units.displacement",
       "the grid holds displacements in coordinate units; the identity is missing",
       "grid = identity + grid"},
      [](double x, const Place& place) { return identity_at(place) + x; })));
  list.push_back(coordinates_under(
      align_corners,
      {"units.pixels-from-center",
       "the grid holds pixel positions that are counted from the center, (size - 1) / 2",
       "grid = grid / unit"},
      [](double x, const Place& place) { return of_pixels(x, place); }));
  list.push_back(
      coordinates_under(align_corners,
                        {"units.pixels-added", "a displacement in pixels was added to the identity",
                         "grid = identity + (grid - identity) / unit"},
                        [](double x, const Place& place) {
                          return identity_at(place) + of_pixels(x - identity_at(place), place);
                        }));
  list.back().shrinks = true;
  list.push_back(coordinates_under(
      align_corners,
      {"units.mixed", "a displacement in coordinate units was added to pixel indices",
       "grid = identity + (grid - index)"},
      [](double x, const Place& place) {
        return identity_at(place) + x - static_cast<double>(place.index);
      }));
  if (align_corners) {
    list.push_back(coordinates_under(
        align_corners,
        {"divisor.size-displacement",
         "a displacement in pixels was divided by the size, not by the size minus one",
         "grid = identity + (grid - identity) * size / 2 / unit"},
        [](double x, const Place& place) {
          const double d = (x - identity_at(place)) * static_cast<double>(place.input) / 2;
          return identity_at(place) + of_pixels(d, place);
        }));
    list.back().shrinks = true;  // of no motion it is the flag
  }
  list.push_back(
      coordinates_under(align_corners,
                        {"divisor.size", "pixel positions were divided by the size: 2 p / size - 1",
                         "grid = ((grid + 1) * size / 2 + half) / unit - 1"},
                        [](double x, const Place& place) {
                          return coordinate_at((x + 1) * static_cast<double>(place.input) / 2,
                                               place.input, place.align_corners);
                        }));
  if (!align_corners) {
    list.push_back(coordinates_under(align_corners,
                                     {"divisor.size-less-one",
                                      "pixel positions plus half a pixel were divided by the size "
                                      "minus one: (2 p + 1) / (size - 1) - 1",
                                      "grid = (grid + 1) * (size - 1) / size - 1"},
                                     [](double x, const Place& place) {
                                       const auto size = static_cast<double>(place.input);
                                       return (x + 1) * (size - 1) / size - 1;
                                     }));
    list.back().is_rare = true;
  }
  list.push_back(coordinates_under(
      align_corners,
      {"divisor.of-the-output", "positions in the input were divided by the size of the output",
       "grid = (grid + 1) * unit_out / unit - 1"},
      [](double x, const Place& place) {
        if (place.output == 1) return x;
        return coordinate_at(dictionary::position_at(x, place.output, place.align_corners),
                             place.input, place.align_corners);
      }));
  list.back().is_rare = true;
}

// Whether the grid is the identity rounded to 16 bits: each coordinate is a number of that type,
// and no further from the identity's than its rounding.
bool is_rounded_identity(const Situation& situation) {
  if (!sixteen_bits(*situation.grid)) return false;
  bool is_near = true;
  dictionary::each_coordinate(situation.test_case, [&](double x, const Place& place) {
    is_near = is_near && std::fabs(x - identity_at(place)) < 0x1p-8;
    return x;
  });
  return is_near;
}

// Half the distance to the next numbers of a type of so many digits.
double half_step(double x, int digits) {
  return std::ldexp(1, std::max(std::ilogb(x), -14) - digits);
}

}  // namespace

std::vector<Hypothesis> of_precision() {
  std::vector<Hypothesis> list;
  Hypothesis rounded = coordinates(
      {"precision.16-bits", "the grid was stored in 16 bits at some point and lost its last digits",
       "grid = identity  # make it in float32: 16 bits hold 11 binary digits, or 8"},
      [](double, const Place& place) { return identity_at(place); });
  rounded.change = [change = rounded.change](const Situation& situation) -> std::optional<Change> {
    return is_rounded_identity(situation) ? change(situation) : std::nullopt;
  };
  list.push_back(rounded);
  list.push_back(hypothesis(
      {"precision.grid-of-16-bits",
       "the coordinates were rounded to 16 bits; the expected values need more digits",
       "# make the grid in float32 from the beginning: 16 bits hold 11 binary digits, or 8"},
      [](const Situation& situation) -> std::optional<Change> {
        const std::optional<Dtype> dtype = sixteen_bits(*situation.grid);
        if (!dtype) return std::nullopt;
        return Change{.uncertainty = [digits = *dtype == Dtype::f16 ? 11 : 8](double x) {
          return x == 0 || !std::isfinite(x) ? 0 : half_step(x, digits);
        }};
      }));
  list.back().is_global = true;
  return list;
}

std::vector<Hypothesis> of_units() {
  std::vector<Hypothesis> list;
  for (const bool align_corners : {false, true}) add_pixels(list, align_corners);
  // A position p on an image is (p + 1/2) / s - 1/2 on a map that is s times coarser.
  for (const int stride : {2, 4, 8, 16, 32}) {
    const std::string s = std::to_string(stride);
    list.push_back(coordinates({"units.pixels-of-stride-" + s,
                                "the grid holds pixel positions in an image, but the input is a "
                                "feature map of it that is " +
                                    s + " times coarser",
                                "grid = ((grid + 0.5) / " + s + " - 0.5 + half) / unit - 1"},
                               [stride](double x, const Place& place) {
                                 return coordinate_at((x + 0.5) / stride - 0.5, place.input,
                                                      place.align_corners);
                               }));
  }
  list.push_back(coordinates(
      {"units.not-pixels",
       "the displacement was in coordinate units and was divided as if it were in pixels",
       "grid = identity + (grid - identity) * unit"},
      [](double x, const Place& place) {
        const double identity = identity_at(place);
        return identity + (x - identity) * pixels_per_unit(place.input, place.align_corners);
      }));
  list.push_back(coordinates(
      {"units.unit-interval", "the grid runs from 0 to 1, not from -1 to 1", "grid = 2 * grid - 1"},
      [](double x, const Place&) { return 2 * x - 1; }));
  list.push_back(coordinates(
      {"units.zero-to-two", "the grid runs from 0 to 2: the -1 is missing", "grid = grid - 1"},
      [](double x, const Place&) { return x - 1; }));
  for (const std::size_t c : {0U, 1U, 2U}) {
    const std::string axis(1, "xyz"[c]);
    Hypothesis one_axis = coordinates(
        {"units.pixels-of-" + axis, axis + " is in pixels, not from -1 to 1",
         "grid = where(" + axis + "_only == 1, (grid + half) / unit - 1, grid)"},
        [c](double x, const Place& place) {
          return place.component == c ? coordinate_at(x, place.input, place.align_corners) : x;
        });
    list.push_back(c == 2 ? of_volumes(std::move(one_axis)) : std::move(one_axis));
  }
  list.push_back(coordinates(
      {"units.half-range", "the grid runs from -1/2 to 1/2, not from -1 to 1", "grid = 2 * grid"},
      [](double x, const Place&) { return 2 * x; }));
  list.push_back(coordinates(
      {"units.double-range", "the grid runs from -2 to 2, not from -1 to 1", "grid = grid / 2"},
      [](double x, const Place&) { return x / 2; }));
  list.push_back(coordinates(
      {"units.degrees", "the grid holds degrees: longitudes to 180, latitudes to 90",
       "grid = grid / degrees"},
      [](double x, const Place& place) { return x / (place.component == 0 ? 180 : 90); }));
  list.push_back(
      coordinates({"units.radians", "the grid holds radians: longitudes to pi, latitudes to pi/2",
                   "grid = grid / radians"},
                  [](double x, const Place& place) {
                    return x / (place.component == 0 ? std::numbers::pi : std::numbers::pi / 2);
                  }));
  list.push_back(coordinates(
      {"unit-size.centre", "on an axis of one pixel the coordinate is not 0, the center",
       "grid = where(size == 1, 0 * grid, grid)"},
      [](double x, const Place& place) { return place.input == 1 ? 0 : x; }));
  list = of_grids(staged(Stage::unit, std::move(list)));
  for (Hypothesis& one : list) {
    one.is_rare |= one.name.find("stride") != std::string::npos || one.name == "units.degrees" ||
                   one.name == "units.radians";
  }
  return list;
}

}  // namespace gridproof::reports::diagnosis
