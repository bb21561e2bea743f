// Direction, sign and size of a displacement, and the half pixels of coarser maps.
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "reports/diagnosis/chapters.h"
#include "reports/report/notation.h"

namespace gridproof::reports::diagnosis {
namespace {

// Displacements of a whole grid, in units of coordinates, between its output locations.
class Field {
 public:
  explicit Field(const Situation& situation) : axes_(situation.test_case.input.rank() - 2) {
    for (int k = 0; k < axes_; ++k) sizes_.push_back(situation.test_case.grid.size(axes_ - k));
    displacements_ = *situation.grid;
    Case test_case = situation.test_case;
    std::size_t at = 0;
    dictionary::each_coordinate(std::move(test_case), [&](double x, const Place& place) {
      displacements_[at] -= identity_at(place);
      ++at;
      return x;
    });
  }

  // The displacement at an output location that need not be a whole number; the nearest edge's
  // beyond the edges.
  std::vector<double> at(std::int64_t n, const std::vector<double>& location) const {
    const auto axes = static_cast<std::size_t>(axes_);
    std::vector<double> sum(axes, 0);
    std::vector<double> fraction(axes);
    Shape first(axes);
    for (std::size_t k = 0; k < axes; ++k) {
      const double inside = std::isnan(location[k])
                                ? 0
                                : std::clamp(location[k], 0.0, static_cast<double>(sizes_[k] - 1));
      first[k] =
          std::min(static_cast<std::int64_t>(inside), std::max<std::int64_t>(sizes_[k] - 2, 0));
      fraction[k] = inside - static_cast<double>(first[k]);
    }
    for (std::size_t corner = 0; corner < (std::size_t{1} << axes); ++corner) {
      double weight = 1;
      std::int64_t place = n;
      for (std::size_t k = axes; k-- > 0;) {
        const bool further = (corner >> k & 1U) != 0;
        weight *= further ? fraction[k] : 1 - fraction[k];
        place = place * sizes_[k] + std::min(first[k] + (further ? 1 : 0), sizes_[k] - 1);
      }
      if (weight == 0) continue;
      for (std::size_t k = 0; k < axes; ++k) {
        sum[k] += weight * displacements_[static_cast<std::size_t>(place) * axes + k];
      }
    }
    return sum;
  }

 private:
  int axes_;
  Shape sizes_;  // of the output, x first
  std::vector<double> displacements_;
};

// Output locations for one unit of coordinate.
double locations_per_unit(const Place& place) {
  return pixels_per_unit(place.output, place.align_corners);
}

// The inverse of a displacement d is f with f(q) = -d(q + f(q)): solved by iteration, which
// converges where d changes by less than a pixel for each pixel.
Hypothesis inverse() {
  Hypothesis hypothesis;
  hypothesis.name = "direction.inverted";
  hypothesis.sentence = "the grid says where pixels go; it must say where they come from";
  hypothesis.fix =
      "d = (grid - identity).movedim(-1, 1)\n"
      "f = torch.zeros_like(grid)\n"
      "for _ in range(30): f = -F.grid_sample(d, identity + f, padding_mode='border', "
      "align_corners=corners).movedim(1, -1)\n"
      "grid = identity + f";
  hypothesis.numpy =
      "from scipy.ndimage import map_coordinates\n"
      "d = np.moveaxis(grid - identity, -1, 1)\n"
      "f = np.zeros_like(d)\n"
      "for _ in range(30):\n"
      "    at = index + unit_out * np.moveaxis(f, 1, -1)\n"
      "    f = -np.array([[map_coordinates(c, np.moveaxis(p, -1, 0)[::-1], order=1, "
      "mode='nearest') "
      "for c in n] for n, p in zip(d, at)])\n"
      "grid = identity + np.moveaxis(f, 1, -1)";
  hypothesis.is_global = true;
  hypothesis.change = [](const Situation& situation) -> std::optional<Change> {
    const auto field = std::make_shared<Field>(situation);
    return Change{.move = [field](std::span<double> x, const Site& site) {
      std::vector<double> f(x.size(), 0);
      std::vector<double> location(x.size());
      for (int iteration = 0; iteration < 30; ++iteration) {
        for (std::size_t k = 0; k < x.size(); ++k) {
          location[k] =
              static_cast<double>(site.places[k].index) + f[k] * locations_per_unit(site.places[k]);
        }
        const std::vector<double> d = field->at(site.n, location);
        double moved = 0;
        for (std::size_t k = 0; k < x.size(); ++k) {
          moved = std::max(moved, std::fabs(f[k] + d[k]));
          f[k] = -d[k];
        }
        if (!(moved > 1e-7)) break;  // or it is NaN
      }
      for (std::size_t k = 0; k < x.size(); ++k) x[k] = identity_at(site.places[k]) + f[k];
    }};
  };
  return hypothesis;
}

// Displacements times `factor(place)`.
template <class Factor>
Hypothesis scaled(MistakeText words, Factor factor) {
  return coordinates(std::move(words), [factor](double x, const Place& place) {
    return displaced(x, place, factor(place));
  });
}

// Positions moved by so many input pixels.
Hypothesis shifted(MistakeText words, double pixels) {
  return coordinates(std::move(words), [pixels](double x, const Place& place) {
    const double unit = pixels_per_unit(place.input, place.align_corners);
    return unit == 0 ? x : x + pixels / unit;
  });
}

}  // namespace

const Hypothesis& no_motion() {
  static const Hypothesis hypothesis = scaled(
      {"no-motion", "no motion is expected", "grid = identity"}, [](const Place&) { return 0.0; });
  return hypothesis;
}

std::vector<Hypothesis> of_motion() {
  std::vector<Hypothesis> list;
  list.push_back(scaled({"direction.reversed",
                         "the grid says where pixels go; it must say where they come from (or the "
                         "sign is wrong)",
                         "grid = 2 * identity - grid"},
                        [](const Place&) { return -1.0; }));
  for (const std::size_t c : {0U, 1U, 2U}) {
    const std::string axis(1, "xyz"[c]);
    list.push_back(scaled({"sign." + axis, "the displacement along " + axis + " has the wrong sign",
                           "grid = identity + (grid - identity) * sign"},
                          [c](const Place& place) { return place.component == c ? -1.0 : 1.0; }));
    list.push_back(
        coordinates({"mirror." + axis, axis + " runs the other way", "grid = grid * sign"},
                    [c](double x, const Place& place) { return place.component == c ? -x : x; }));
  }
  list.push_back(of_volumes(
      scaled({"world.signs",
              "the displacement counts x and y in the opposite direction, as between LPS and RAS",
              "grid = identity + (grid - identity) * sign"},
             [](const Place& place) { return place.component < 2 ? -1.0 : 1.0; })));
  for (const char* axes : {"xz", "yz"}) {
    list.push_back(of_volumes(
        scaled({std::string("sign.") + axes,
                std::string("the displacements along ") + axes[0] + " and z have the wrong sign",
                "grid = identity + (grid - identity) * sign"},
               [axes](const Place& place) {
                 return place.component == 2 || "xyz"[place.component] == axes[0] ? -1.0 : 1.0;
               })));
  }
  list = staged(Stage::sign, std::move(list));
  for (const std::string_view letters : {"xy", "xz", "yz", "xyz"}) {
    Hypothesis mirror = coordinates(
        {"mirror." + std::string(letters),
         letters == "xyz" ? "x, y and z run the other way"
                          : fmt::format("{} and {} run the other way", letters[0], letters[1]),
         "grid = grid * sign"},
        [letters](double x, const Place& place) {
          return letters.find("xyz"[place.component]) == std::string_view::npos ? x : -x;
        });
    mirror.stage = Stage::sign;
    list.push_back(letters == "xy" ? std::move(mirror) : of_volumes(std::move(mirror)));
  }
  const auto scales = std::ssize(list);
  for (const auto& [factor, text] : {std::pair(2.0, "2"),
                                     {0.5, "1/2"},
                                     {4.0, "4"},
                                     {0.25, "1/4"},
                                     {8.0, "8"},
                                     {0.125, "1/8"},
                                     {16.0, "16"},
                                     {0.0625, "1/16"},
                                     {20.0, "20"},
                                     {0.05, "1/20"}}) {
    list.push_back(
        scaled({std::string("scale.") + text,
                std::string("the displacement must be ") + text + " times as large",
                "grid = identity + " + fmt::format("{}", factor) + " * (grid - identity)"},
               [factor = factor](const Place&) { return factor; }));
    list.back().shrinks = factor < 1;
    list.back().is_rare = factor != 2 && factor != 0.5;
  }
  list.push_back(
      scaled({"scale.of-output", "the displacement is in output pixels but is used as input pixels",
              "grid = identity + (grid - identity) * unit / unit_out"},
             [](const Place& place) {
               // One location has no scale.
               if (place.output == 1) return 1.0;
               return pixels_per_unit(place.input, place.align_corners) /
                      pixels_per_unit(place.output, place.align_corners);
             }));
  list.push_back(scaled(
      {"scale.of-input", "the displacement was scaled by the ratio of the sizes once too often",
       "grid = identity + (grid - identity) * unit_out / unit"},
      [](const Place& place) {
        const double in = pixels_per_unit(place.input, place.align_corners);
        return in == 0 ? 0 : pixels_per_unit(place.output, place.align_corners) / in;
      }));
  for (const std::size_t c : {0U, 1U, 2U}) {
    const std::string axis(1, "xyz"[c]);
    for (const bool is_half : {true, false}) {
      list.push_back(
          coordinates({(is_half ? "half-range." : "double-range.") + axis,
                       axis + (is_half ? " is half of what it must be: it runs from -1/2 to 1/2"
                                       : " is twice what it must be: it runs from -2 to 2"),
                       is_half ? "grid = grid * doubled" : "grid = grid / doubled"},
                      [c, factor = is_half ? 2.0 : 0.5](double x, const Place& place) {
                        return place.component == c ? factor * x : x;
                      }));
      list.back().is_rare = true;
    }
  }
  for (auto at = list.begin() + scales; at != list.end(); ++at) at->stage = Stage::scale;
  const auto shifts = std::ssize(list);
  list.push_back(shifted({"index.from-one", "pixels are counted from 1; the first pixel is 0",
                          "grid = grid - 1 / unit"},
                         -1));
  list.push_back(shifted(
      {"index.one-too-small", "every position is one pixel too small", "grid = grid + 1 / unit"},
      1));
  list.push_back(shifted({"half-pixel.missing", "every position is half a pixel too small",
                          "grid = grid + 0.5 / unit"},
                         0.5));
  list.push_back(shifted(
      {"half-pixel.twice", "every position is half a pixel too large", "grid = grid - 0.5 / unit"},
      -0.5));
  // A position p on an image is (p + 1/2) / s - 1/2 on a map that is s times coarser, not p / s.
  for (const int stride : {2, 4, 8, 16, 32}) {
    const double offset = (stride - 1) / (2.0 * stride);
    const std::string s = std::to_string(stride);
    list.push_back(shifted(
        {"stride." + s,
         "pixel positions were divided by the stride " + s + " without the half-pixel offset",
         "grid = grid - " + std::to_string(offset) + " / unit"},
        -offset));
    list.back().is_rare = true;
    list.push_back(shifted(
        {"stride.1/" + s, "the half-pixel offset of stride " + s + " is already in the grid",
         "grid = grid + " + std::to_string(offset) + " / unit"},
        offset));
    list.back().is_rare = true;
  }
  for (auto at = list.begin() + shifts; at != list.end(); ++at) at->stage = Stage::shift;
  list.insert(list.begin() + 1, inverse());
  return list;
}

}  // namespace gridproof::reports::diagnosis
