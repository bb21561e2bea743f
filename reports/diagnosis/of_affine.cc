// What goes wrong with a theta: hypotheses about grids that are affine.
#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <numbers>

#include "reports/diagnosis/affine.h"
#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

using Places = std::array<Place, 3>;

// Another theta instead of the one that the grid was made of: `function(theta, places)` gives it
// or nothing.
template <class Function>
Hypothesis theta(MistakeText words, Function function) {
  Hypothesis result =
      hypothesis(std::move(words), [function](const Situation& situation) -> std::optional<Change> {
        const auto& given = situation.thetas[situation.options().align_corners ? 1 : 0];
        if (!given || given->empty()) return std::nullopt;
        const Places places =
            Sites(situation.test_case, 2).site(0, situation.options().align_corners).places;
        std::vector<Affine> meant;
        for (const Affine& one : *given) {
          const std::optional<Affine> other = function(one, places);
          if (!other) return std::nullopt;
          meant.push_back(*other);
        }
        return Change{.thetas = std::move(meant)};
      });
  result.is_global = true;
  result.is_of_theta = true;
  return result;
}

// Only where the user gave the theta: of a grid it says no more than the units do.
Hypothesis of_own_theta(Hypothesis hypothesis) {
  hypothesis.change = [change = hypothesis.change](const Situation& situation) {
    return situation.given == Given::theta ? change(situation) : std::nullopt;
  };
  return hypothesis;
}

double unit(const Place& place) { return pixels_per_unit(place.input, place.align_corners); }
double unit_of_output(const Place& place) {
  return pixels_per_unit(place.output, place.align_corners);
}
// Between the center of the first pixel and the coordinate -1, in pixels.
double half(const Place& place) { return place.align_corners ? 0 : 0.5; }

// The theta of a map from output pixels to input pixels, which is what `pixels` is.
std::optional<Affine> normalized(const Affine& pixels, const Places& places) {
  Affine result{.axes = pixels.axes};
  const auto axes = static_cast<std::size_t>(pixels.axes);
  for (std::size_t k = 0; k < axes; ++k) {
    if (unit(places[k]) == 0) return std::nullopt;
    double t = pixels.translation[k];
    for (std::size_t i = 0; i < axes; ++i) {
      result.linear[k][i] = pixels.linear[k][i] * unit_of_output(places[i]) / unit(places[k]);
      t += pixels.linear[k][i] * (unit_of_output(places[i]) - half(places[i]));
    }
    result.translation[k] = (t + half(places[k])) / unit(places[k]) - 1;
  }
  return result;
}

// The same as lines of a fix.
constexpr const char* in_coordinates =
    "c = (unit_out - half_out)[:, None]  # the center, in pixels of the output\n"
    "translation = translation + linear @ c + half\n"
    "linear = linear * unit_out / unit[:, None]\n"
    "translation = translation / unit[:, None] - 1";

// Each entry of theta, the linear part first, given its row and column.
template <class Function>
Affine each_entry(Affine theta, Function function) {
  const auto axes = static_cast<std::size_t>(theta.axes);
  for (std::size_t k = 0; k < axes; ++k) {
    for (std::size_t i = 0; i < axes; ++i) theta.linear[k][i] = function(theta.linear[k][i], k, i);
    theta.translation[k] = function(theta.translation[k], k, axes);
  }
  return theta;
}

// The angle in degrees whose number was taken for radians: the nearest whole one, or tenth.
std::optional<double> degrees_of(double radians) {
  for (const auto& [step, most] : {std::pair(1.0, 1e-3), {0.1, 1e-4}}) {
    double furthest = most;
    std::optional<double> best;
    for (int turn = -58; turn <= 58; ++turn) {
      const double degrees = radians + turn * 2 * std::numbers::pi;
      const double nearest = std::round(degrees / step) * step;
      if (std::fabs(degrees - nearest) >= furthest || std::fabs(degrees) > 360) continue;
      furthest = std::fabs(degrees - nearest);
      best = nearest;
    }
    if (best && *best != 0) return best;
  }
  return std::nullopt;
}

// The two axes that a theta turns, if it turns two and scales the third, if there is one.
std::optional<std::array<std::size_t, 2>> turned_axes(const Affine& theta) {
  if (theta.axes == 2) return std::array<std::size_t, 2>{0, 1};
  const auto& a = theta.linear;
  for (const std::size_t m : {2U, 1U, 0U}) {
    const std::size_t i = m == 0 ? 1 : 0;
    const std::size_t j = m == 2 ? 1 : 2;
    const double rest =
        std::fabs(a[m][i]) + std::fabs(a[m][j]) + std::fabs(a[i][m]) + std::fabs(a[j][m]);
    if (rest < 1e-6) return std::array{i, j};
  }
  return std::nullopt;
}

// A rotation, of an image that need not be a square, whose angle was given in degrees where radians
// were expected.
std::optional<Affine> in_degrees(const Affine& theta, const Places& /*places*/) {
  const auto turned = turned_axes(theta);
  if (!turned) return std::nullopt;
  const auto [x, y] = *turned;
  const auto& a = theta.linear;
  const double sines = -a[x][y] * a[y][x];
  if (!(sines > 0)) return std::nullopt;
  const double cosine = (a[x][x] + a[y][y]) / 2;
  const double sine = std::copysign(std::sqrt(sines), a[y][x]);
  const double scale = std::hypot(cosine, sine);
  if (std::fabs(a[x][x] - a[y][y]) > 1e-4 * scale) return std::nullopt;
  const std::optional<double> degrees = degrees_of(std::atan2(sine, cosine));
  if (!degrees) return std::nullopt;
  const double angle = *degrees * std::numbers::pi / 180;
  const double aspect = std::sqrt(-a[x][y] / a[y][x]);
  Affine meant = theta;
  meant.linear[x][x] = meant.linear[y][y] = scale * std::cos(angle);
  meant.linear[x][y] = -scale * std::sin(angle) * aspect;
  meant.linear[y][x] = scale * std::sin(angle) / aspect;
  return meant;
}

// The same linear part with another translation: `translation(theta, k, places)`.
template <class Translation>
Hypothesis translated(MistakeText words, Translation translation) {
  return theta(std::move(words),
               [translation](const Affine& given, const Places& places) -> std::optional<Affine> {
                 Affine meant = given;
                 for (std::size_t k = 0; std::cmp_less(k, given.axes); ++k) {
                   meant.translation[k] = translation(given, k, places);
                 }
                 return meant;
               });
}

// Row k of the linear part times a vector.
double row_times(const Affine& theta, std::size_t k, const std::array<double, 3>& vector) {
  double sum = 0;
  for (std::size_t i = 0; std::cmp_less(i, theta.axes); ++i) sum += theta.linear[k][i] * vector[i];
  return sum;
}

// Of a rotation with a scale for each axis, applied before it (the scales are the lengths of the
// columns) or after it (of the rows): the same with the scale on the other side. None where it is
// no such map, or the scales are all the same.
std::optional<Affine> scaled_in_the_other_order(const Affine& given, bool by_columns) {
  const auto axes = static_cast<std::size_t>(given.axes);
  const auto entry = [&](std::size_t i, std::size_t k) {
    return by_columns ? given.linear[k][i] : given.linear[i][k];
  };
  std::array<double, 3> scales{};
  for (std::size_t i = 0; i < axes; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < axes; ++k) square += entry(i, k) * entry(i, k);
    scales[i] = std::sqrt(square);
    if (!(scales[i] > 1e-6)) return std::nullopt;
    for (std::size_t j = 0; j < i; ++j) {
      double product = 0;
      for (std::size_t k = 0; k < axes; ++k) product += entry(i, k) * entry(j, k);
      if (std::fabs(product) > 1e-3 * scales[i] * scales[j]) return std::nullopt;
    }
  }
  Affine meant = given;
  double change = 0;
  for (std::size_t k = 0; k < axes; ++k) {
    for (std::size_t i = 0; i < axes; ++i) {
      const double turned = given.linear[k][i] / scales[by_columns ? i : k];
      meant.linear[k][i] = turned * scales[by_columns ? k : i];
      change = std::fmax(change, std::fabs(meant.linear[k][i] - given.linear[k][i]));
    }
  }
  return change > 1e-4 ? std::optional(meant) : std::nullopt;
}

// Of so many rotations about the axes, the last of `order` applied first, times a scale: the same
// applied in the other order. None where it is no such map.
std::optional<Affine> rotated_in_the_other_order(const Affine& given,
                                                 const std::array<std::size_t, 3>& order,
                                                 std::size_t rotations) {
  if (given.axes != 3) return std::nullopt;
  const auto& [a, b, c] = order;
  const auto& r = given.linear;
  double square = 0;
  for (const double x : r[0]) square += x * x;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double product = r[i][0] * r[j][0] + r[i][1] * r[j][1] + r[i][2] * r[j][2];
      if (std::fabs(product - (i == j ? square : 0)) > 1e-4 * square) return std::nullopt;
    }
  }
  const double scale = std::sqrt(square);
  const double sign = (b + 3 - a) % 3 == 1 ? 1 : -1;
  const double sine = sign * r[a][c] / scale;
  constexpr double least = 1e-3;  // an angle, or a cosine
  if (!(std::fabs(sine) < 1 - least)) return std::nullopt;
  const std::array angles = {std::atan2(-sign * r[b][c], r[c][c]), std::asin(sine),
                             std::atan2(-sign * r[a][b], r[a][a])};
  for (std::size_t i = 0; i < 3; ++i) {
    if ((std::fabs(angles[i]) < least) != (i >= rotations)) return std::nullopt;
  }
  Affine meant{.axes = 3};
  for (std::size_t i = 0; i < 3; ++i) meant.linear[i][i] = scale;
  meant.translation = given.translation;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t one = (order[i] + 1) % 3;
    const std::size_t other = (order[i] + 2) % 3;
    const auto rows = meant.linear;
    for (std::size_t k = 0; k < 3; ++k) {
      const double cosine = std::cos(angles[i]);
      meant.linear[one][k] = cosine * rows[one][k] - std::sin(angles[i]) * rows[other][k];
      meant.linear[other][k] = std::sin(angles[i]) * rows[one][k] + cosine * rows[other][k];
    }
  }
  return meant;
}

void add_rotations(std::vector<Hypothesis>& list) {
  for (const auto& order : std::initializer_list<std::array<std::size_t, 3>>{
           {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    for (const std::size_t rotations : {2U, 3U}) {
      std::string name;
      for (std::size_t i = 0; i < rotations; ++i) name += "xyz"[order[i]];
      const std::string axes = rotations == 2
                                   ? fmt::format("{} and {}", name[0], name[1])
                                   : fmt::format("{}, {} and {}", name[0], name[1], name[2]);
      list.push_back(theta({"theta.rotations-" + name,
                            "theta is the product of rotations about " + axes +
                                ", in this order; expected is the product in the other order",
                            "# multiply the rotations in the other order"},
                           [order, rotations](const Affine& given, const Places&) {
                             return rotated_in_the_other_order(given, order, rotations);
                           }));
    }
  }
}

void add_translations(std::vector<Hypothesis>& list) {
  list.push_back(translated(
      {"theta.translation-half",
       "the translation of theta was divided by the size; divide by half the size, because "
       "coordinates span 2",
       "translation = 2 * translation"},
      [](const Affine& given, std::size_t k, const Places&) { return 2 * given.translation[k]; }));
  list.push_back(translated({"theta.translation-unit-interval",
                             "the translation of theta is on the scale 0 to 1, not -1 to 1",
                             "translation = 2 * translation - 1"},
                            [](const Affine& given, std::size_t k, const Places&) {
                              return 2 * given.translation[k] - 1;
                            }));
  list.push_back(translated(
      {"theta.translation-sign", "the translation of theta has the wrong sign",
       "translation = -translation"},
      [](const Affine& given, std::size_t k, const Places&) { return -given.translation[k]; }));
  list.push_back(
      translated({"theta.unit-interval", "theta maps coordinates on the scale 0 to 1, not -1 to 1",
                  "translation = 2 * translation + linear.sum(-1)[..., None] - 1"},
                 [](const Affine& given, std::size_t k, const Places&) {
                   return 2 * given.translation[k] + row_times(given, k, {1, 1, 1}) - 1;
                 }));
  list.push_back(
      translated({"theta.inverse-by-hand",
                  "theta was inverted with the translation only negated; the translation must also "
                  "be multiplied by the inverse of the linear part",
                  "# the inverse of x -> A x + t is x -> B x - B t, where B is the inverse of A\n"
                  "translation = linear @ translation"},
                 [](const Affine& given, std::size_t k, const Places&) {
                   return row_times(given, k, given.translation);
                 }));
  list.push_back(theta({"theta.translation-first",
                        "the translation was applied before the linear part and is expected after "
                        "it (or two maps were composed in the wrong order)",
                        "translation = torch.linalg.inv(linear) @ translation"},
                       [](const Affine& given, const Places&) -> std::optional<Affine> {
                         const auto inverse = given.inverse();
                         if (!inverse) return std::nullopt;
                         Affine meant = given;
                         for (std::size_t k = 0; std::cmp_less(k, given.axes); ++k) {
                           meant.translation[k] = row_times(*inverse, k, given.translation);
                         }
                         return meant;
                       }));
  for (const bool by_columns : {true, false}) {
    list.push_back(theta({by_columns ? "theta.scale-first" : "theta.scale-last",
                          by_columns ? "theta scales before it rotates and is expected to scale "
                                       "after (or two maps were composed in the wrong order)"
                                     : "theta scales after it rotates and is expected to scale "
                                       "before (or two maps were composed in the wrong order)",
                          by_columns ? "lengths = (linear * linear).sum(-2) ** 0.5\n"
                                       "linear = linear / lengths[:, None] * lengths[..., None]"
                                     : "lengths = (linear * linear).sum(-1) ** 0.5\n"
                                       "linear = linear / lengths[..., None] * lengths[:, None]"},
                         [by_columns](const Affine& given, const Places&) {
                           return scaled_in_the_other_order(given, by_columns);
                         }));
  }
  list.push_back(
      translated({"theta.translation-reversed", "the translation of theta is in y, x order",
                  "translation = torch.flip(translation, (-2,))"},
                 [](const Affine& given, std::size_t k, const Places&) {
                   return given.translation[static_cast<std::size_t>(given.axes) - 1 - k];
                 }));
  list.push_back(translated({"theta.translation-sizes-exchanged",
                             "x of the translation was divided by the height and y by the width",
                             "translation = translation * (exchanged / unit)[:, None]"},
                            [](const Affine& given, std::size_t k, const Places& places) {
                              const double own = k < 2 ? unit(places[k]) : 0;
                              return own == 0 ? given.translation[k]
                                              : given.translation[k] * unit(places[1 - k]) / own;
                            }));
  list.push_back(
      translated({"theta.centre",
                  "theta rotates about the center of the image, (size - 1) / 2; the expected "
                  "rotation is about size / 2, half a pixel farther",
                  "c = (0.5 / unit)[:, None]  # half a pixel\n"
                  "translation = translation + c - linear @ c"},
                 [](const Affine& given, std::size_t k, const Places& places) {
                   std::array<double, 3> c{};
                   for (std::size_t i = 0; std::cmp_less(i, given.axes); ++i) {
                     c[i] = unit(places[i]) == 0 ? 0 : 0.5 / unit(places[i]);
                   }
                   return given.translation[k] + c[k] - row_times(given, k, c);
                 }));
  for (const bool is_corner : {false, true}) {
    const std::string point = is_corner ? "corner" : "first-pixel";
    list.push_back(theta(
        {"theta.about-the-" + point,
         std::string("theta is applied about the center of the image; it is expected about ") +
             (is_corner ? "its corner" : "the center of its first pixel"),
         is_corner ? "translation = translation + linear.sum(-1)[..., None] - 1"
                   : "c = (half / unit - 1)[:, None]  # the first pixel, of the output as well\n"
                     "c_out = (half_out / unit_out - 1)[:, None]\n"
                     "translation = translation + c - linear @ c_out"},
        [is_corner](const Affine& given, const Places& places) -> std::optional<Affine> {
          // Under align_corners=True the center of the first pixel is the corner.
          if (is_corner && places[0].align_corners) return std::nullopt;
          std::array<double, 3> out{};
          Affine meant = given;
          for (std::size_t i = 0; std::cmp_less(i, given.axes); ++i) {
            out[i] = is_corner ? -1 : coordinate_at(0, places[i].output, places[i].align_corners);
          }
          for (std::size_t k = 0; std::cmp_less(k, given.axes); ++k) {
            const double in =
                is_corner ? -1 : coordinate_at(0, places[k].input, places[k].align_corners);
            meant.translation[k] += in - row_times(given, k, out);
          }
          return meant;
        }));
  }
}

// The same theta under the other flag, on both sides.
Hypothesis of_both_sides() {
  Hypothesis result =
      theta({"align_corners.both",
             "affine_grid and grid_sample were both called with the wrong align_corners",
             "# the other align_corners, in affine_grid and in grid_sample"},
            [](const Affine& same, const Places&) { return same; });
  result.change = [change = result.change](const Situation& situation) {
    std::optional<Change> both = change(situation);
    if (!both) return both;
    both->options = situation.options();
    both->options->align_corners = !both->options->align_corners;
    return both;
  };
  return result;
}

// The theta that makes the grid under the other flag, under that of the call.
Hypothesis of_affine_grid() {
  Hypothesis result = hypothesis({"align_corners.of-affine-grid",
                                  "affine_grid and grid_sample were called with different "
                                  "align_corners; that of grid_sample is right",
                                  "# pass affine_grid the align_corners of the grid_sample call"},
                                 [](const Situation& situation) -> std::optional<Change> {
                                   const auto& given =
                                       situation.thetas[situation.options().align_corners ? 0 : 1];
                                   if (!given || given->empty()) return std::nullopt;
                                   return Change{.thetas = given};
                                 });
  result.is_global = true;
  result.is_of_theta = true;
  return result;
}

}  // namespace

std::vector<Hypothesis> of_affine() {
  std::vector<Hypothesis> list;
  list.push_back(of_affine_grid());
  list.push_back(of_both_sides());
  list.push_back(theta({"theta.inverted", "theta maps input to output; it must map output to input",
                        "linear = torch.linalg.inv(linear)\n"
                        "translation = -linear @ translation"},
                       [](const Affine& given, const Places&) { return given.inverse(); }));
  list.push_back(theta({"theta.translation-pixels", "the translation of theta is in pixels",
                        "translation = translation / unit[:, None]"},
                       [](const Affine& given, const Places& places) {
                         return each_entry(given, [&](double x, std::size_t k, std::size_t i) {
                           const double own = unit(places[k]);
                           return std::cmp_less(i, given.axes) || own == 0 ? x : x / own;
                         });
                       }));
  list.push_back(theta(
      {"theta.pixels", "theta maps output pixels to input pixels, not coordinates to coordinates",
       "# N_in * theta * inverse(N_out): N takes pixels to coordinates from -1 to 1\n" +
           std::string(in_coordinates)},
      [](const Affine& given, const Places& places) { return normalized(given, places); }));
  list.push_back(theta(
      {"theta.pixels-inverted",
       "theta maps input pixels to output pixels, as the matrix of warpAffine does",
       "# N_in * inverse(theta) * inverse(N_out): N takes pixels to coordinates from -1 to 1\n"
       "linear = torch.linalg.inv(linear)\n"
       "translation = -linear @ translation\n" +
           std::string(in_coordinates)},
      [](const Affine& given, const Places& places) -> std::optional<Affine> {
        const auto inverse = given.inverse();
        return inverse ? normalized(*inverse, places) : std::nullopt;
      }));
  list.push_back(
      theta({"theta.aspect", "theta rotates or shears as if the image were square, which it is not",
             "linear = linear * unit_out / unit[:, None]"},
            [](const Affine& given, const Places& places) -> std::optional<Affine> {
              bool turns = false;
              for (std::size_t k = 0; std::cmp_less(k, given.axes); ++k) {
                if (unit(places[k]) == 0) return std::nullopt;
                for (std::size_t i = 0; i < k; ++i) {
                  turns |= std::fabs(given.linear[k][i]) > 1e-6;
                }
              }
              if (!turns) return std::nullopt;
              return each_entry(given, [&](double x, std::size_t k, std::size_t i) {
                if (std::cmp_equal(i, given.axes)) return x;
                return x * unit_of_output(places[i]) / unit(places[k]);
              });
            }));
  list.push_back(theta(
      {"theta.output-size",
       "the scale of theta lacks a factor: the ratio of the output's size to the input's",
       "linear = linear * size_out / size"},
      [](const Affine& given, const Places& places) {
        return each_entry(given, [&](double x, std::size_t, std::size_t i) {
          if (std::cmp_equal(i, given.axes)) return x;
          return x * static_cast<double>(places[i].output) / static_cast<double>(places[i].input);
        });
      }));
  list.push_back(theta(
      {"theta.input-size",
       "the scale of theta has a factor too many: the ratio of the input's size to the output's",
       "linear = linear * size / size_out"},
      [](const Affine& given, const Places& places) {
        return each_entry(given, [&](double x, std::size_t, std::size_t i) {
          if (std::cmp_equal(i, given.axes)) return x;
          return x * static_cast<double>(places[i].input) / static_cast<double>(places[i].output);
        });
      }));
  list.push_back(theta({"theta.axes-reversed", "the rows and columns of theta are in y, x order",
                        "linear = torch.flip(linear, (-2, -1))\n"
                        "translation = torch.flip(translation, (-2,))"},
                       [](const Affine& given, const Places&) {
                         Affine meant = given;
                         const auto last = static_cast<std::size_t>(given.axes - 1);
                         for (std::size_t k = 0; k <= last; ++k) {
                           for (std::size_t i = 0; i <= last; ++i) {
                             meant.linear[k][i] = given.linear[last - k][last - i];
                           }
                           meant.translation[k] = given.translation[last - k];
                         }
                         return std::optional(meant);
                       }));
  list.push_back(theta({"theta.entries-inverted",
                        "theta was inverted entry by entry, which is not the inverse of the matrix",
                        "linear = where(linear == 0, 0, 1) / where(linear == 0, 1, linear)\n"
                        "linear = torch.linalg.inv(linear)\n"
                        "translation = linear @ translation"},
                       [](const Affine& given, const Places&) -> std::optional<Affine> {
                         // Zeros stand for zeros, and translations had their signs changed.
                         const Affine forward =
                             each_entry(given, [&](double x, std::size_t, std::size_t i) {
                               if (std::cmp_equal(i, given.axes)) return -x;
                               return x == 0 ? 0 : 1 / x;
                             });
                         return forward.inverse();
                       }));
  list.push_back(theta({"theta.transposed", "theta rotates the wrong way",
                        "linear = linear.transpose(-2, -1)  # or negate the angle"},
                       [](const Affine& given, const Places&) {
                         Affine meant = given;
                         for (std::size_t k = 0; k < 3; ++k) {
                           for (std::size_t i = 0; i < 3; ++i)
                             meant.linear[k][i] = given.linear[i][k];
                         }
                         return std::optional(meant);
                       }));
  list.push_back(theta(
      {"theta.linear-inverted", "the linear part of theta is inverted; the translation is right",
       "linear = torch.linalg.inv(linear)"},
      [](const Affine& given, const Places&) -> std::optional<Affine> {
        auto meant = given.inverse();
        if (meant) meant->translation = given.translation;
        return meant;
      }));
  for (const bool is_missing : {true, false}) {
    list.push_back(of_own_theta(theta(
        {is_missing ? "theta.identity-missing" : "theta.identity-twice",
         is_missing ? "theta is the difference from the identity; the ones of its diagonal are "
                      "missing"
                    : "the identity was added to a theta that held it already",
         std::string("# ") + (is_missing ? "add" : "subtract") + " the ones of the diagonal\n" +
             "linear = linear " + (is_missing ? "+ ones" : "- ones")},
        [is_missing](const Affine& given, const Places&) -> std::optional<Affine> {
          Affine meant = given;
          for (std::size_t k = 0; std::cmp_less(k, given.axes); ++k) {
            meant.linear[k][k] += is_missing ? 1 : -1;
          }
          return meant;
        })));
  }
  add_translations(list);
  add_rotations(list);
  list.push_back(theta({"theta.degrees", "the angle of theta is in degrees, not in radians",
                        "# angle = math.radians(angle)"},
                       in_degrees));
  return list;
}

}  // namespace gridproof::reports::diagnosis
