// align_corners: of the call, and of the code that made the grid.
#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

// The coordinate of the pixel that the coordinate means under the other flag, on an axis of so many
// pixels.
double under_the_other_flag(double x, std::int64_t size, bool align_corners) {
  return coordinate_at(position_at(x, size, !align_corners), size, align_corners);
}

// The coordinate under the flag of a place of the displacement in pixels that one under the other
// flag has.
double displaced_under_the_other_flag(double x, const Place& place) {
  Place other = place;
  other.align_corners = !place.align_corners;
  const double pixels =
      (x - identity_at(other)) * pixels_per_unit(other.input, other.align_corners);
  const double unit = pixels_per_unit(place.input, place.align_corners);
  return identity_at(place) + (unit == 0 ? 0 : pixels / unit);
}

// Positions p in the input, of output pixels j, of another way to resize: `move(p, I, O)`.
template <class Move>
Hypothesis of_positions(MistakeText words, Move move) {
  words.fix = "grid = (" + words.fix + " + half) / unit - 1";
  Hypothesis result = coordinates(std::move(words), [move](double x, const Place& place) {
    const double p = position_at(x, place.input, place.align_corners);
    return coordinate_at(
        move(p, static_cast<double>(place.input), static_cast<double>(place.output)), place.input,
        place.align_corners);
  });
  result.change = [change = result.change](const Situation& situation) -> std::optional<Change> {
    const Case& asked = situation.test_case;
    bool has_other_size = false;
    for (int axis = 2; axis < asked.input.rank(); ++axis) {
      const std::int64_t in = asked.input.size(axis);
      const std::int64_t out = asked.grid.size(axis - 1);
      if (in == 1 || out == 1) return std::nullopt;
      has_other_size |= in != out;
    }
    return has_other_size ? change(situation) : std::nullopt;
  };
  result.is_rare = true;
  return result;
}

// To another size: three ways to lay pixels upon pixels.
std::vector<Hypothesis> of_resizes() {
  const std::string p = "((grid + 1) * unit - half)";
  std::vector<Hypothesis> list;
  list.push_back(
      of_positions({"resize.corners",
                    "the positions lay corner pixels upon corner pixels, j (I - 1) / (O - 1), as "
                    "scipy.ndimage.zoom does; expected are those of areas, (j + 1/2) I / O - 1/2",
                    "(" + p + " * (size_out - 1) / (size - 1) + 0.5) * size / size_out - 0.5"},
                   [](double at, double in, double out) {
                     return (at * (out - 1) / (in - 1) + 0.5) * in / out - 0.5;
                   }));
  list.push_back(of_positions(
      {"resize.areas",
       "the positions are those of areas, (j + 1/2) I / O - 1/2; expected are corner pixels upon "
       "corner pixels, j (I - 1) / (O - 1)",
       "((" + p + " + 0.5) * size_out / size - 0.5) * (size - 1) / (size_out - 1)"},
      [](double at, double in, double out) {
        return ((at + 0.5) * out / in - 0.5) * (in - 1) / (out - 1);
      }));
  list.push_back(
      of_positions({"resize.no-half-pixel",
                    "the positions are j I / O; the half pixels are missing: (j + 1/2) I / O - 1/2",
                    p + " + (size / size_out - 1) / 2"},
                   [](double at, double in, double out) { return at + (in / out - 1) / 2; }));
  return list;
}

}  // namespace

double made_again(Given given, double x, const Place& place) {
  return are_positions(given) ? under_the_other_flag(x, place.input, place.align_corners)
                              : displaced_under_the_other_flag(x, place);
}

std::vector<Hypothesis> of_flag() {
  std::vector<Hypothesis> list;
  list.push_back(
      hypothesis({"align_corners",
                  "align_corners of the call differs from that of the code that made the grid",
                  "# the other align_corners; True was the default up to PyTorch 1.2"},
                 [](const Situation& situation) {
                   Change change{.options = situation.options()};
                   change.options->align_corners = !change.options->align_corners;
                   const Given given = situation.given;
                   if (is_made_here(given)) {
                     change.move = [given](std::span<double> x, const Site& site) {
                       for (std::size_t k = 0; k < x.size(); ++k) {
                         x[k] = made_again(given, x[k], site.places[k]);
                       }
                     };
                   }
                   return std::optional(std::move(change));
                 }));
  return staged(Stage::flag, std::move(list));
}

std::vector<Hypothesis> of_builder() {
  std::vector<Hypothesis> list;
  list.push_back(coordinates(
      {"align_corners.of-the-grid",
       "the grid was made from pixel positions for the other align_corners; the call is right",
       "grid = ((grid + 1) * other_unit - other_half + half) / unit - 1"},
      [](double x, const Place& place) {
        return under_the_other_flag(x, place.input, place.align_corners);
      }));
  list.push_back(coordinates(
      {"align_corners.of-the-resize",
       "the grid was made from output pixels for the other align_corners; the call is right",
       "grid = ((grid + 1) * other_unit_out - other_half + half) / unit_out - 1"},
      [](double x, const Place& place) {
        return place.output == 1 ? x : under_the_other_flag(x, place.output, place.align_corners);
      }));
  list.push_back(
      coordinates({"align_corners.of-the-identity",
                   "the displacement was added to the identity of the other align_corners",
                   "grid = identity + (grid - other_identity)"},
                  [](double x, const Place& place) {
                    Place other = place;
                    other.align_corners = !place.align_corners;
                    return identity_at(place) + (x - identity_at(other));
                  }));
  list.push_back(coordinates({"half-pixel.of-the-resize",
                              "the grid was made from output pixels without the half pixel: 2 j / "
                              "size - 1 fits neither align_corners",
                              "grid = ((grid + 1) * size_out / 2 + half) / unit_out - 1"},
                             [](double x, const Place& place) {
                               return coordinate_at((x + 1) * static_cast<double>(place.output) / 2,
                                                    place.output, place.align_corners);
                             }));
  list.push_back(coordinates(
      {"unit-size.of-the-output",
       "on an axis with one output location the coordinate is -1, as linspace(-1, 1, 1) gives; the "
       "middle is 0",
       "grid = where(size_out == 1, 0 * grid, grid)"},
      [](double x, const Place& place) { return place.output == 1 && x == -1 ? 0 : x; }));
  for (Hypothesis& one : of_resizes()) list.push_back(std::move(one));
  return of_grids(staged(Stage::builder, std::move(list)));
}

}  // namespace gridproof::reports::diagnosis
