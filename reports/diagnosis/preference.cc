#include "reports/diagnosis/preference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "reports/diagnosis/positions.h"

namespace gridproof::reports::diagnosis {
namespace {

// By how many pixels all positions are moved by what a trial changes; none where that differs from
// place to place, or nothing is moved.
std::optional<std::vector<double>> constant_offset(const Situation& situation,
                                                   const Attempt& attempt) {
  const Sites sites(situation.test_case, std::int64_t{1} << 12U);
  const auto meant = corrected(attempt.changes, situation, sites);
  if (!meant || meant->answers != nullptr) return std::nullopt;
  const auto axes = static_cast<std::size_t>(situation.test_case.input.rank() - 2);
  const auto from = positions_of(sites.coordinates(), situation.options().align_corners, sites);
  const auto to = positions_of(meant->coordinates, meant->options.align_corners, sites);
  std::vector<double> offset(axes, NAN);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double moved = to[i] - from[i];
    if (!std::isfinite(moved)) continue;
    double& known = offset[i % axes];
    if (std::isnan(known)) known = moved;
    if (!(std::fabs(moved - known) <= 1e-3)) return std::nullopt;
  }
  bool is_some = false;
  for (double& pixels : offset) {
    if (std::isnan(pixels)) return std::nullopt;
    pixels = std::round(pixels * 1000) / 1000;
    is_some |= pixels != 0;
  }
  return is_some && meant->finishes.empty() && !meant->input ? std::optional(offset) : std::nullopt;
}

// Whether the grid is an affine map that does more than move.
bool turns_or_scales(const Situation& situation) {
  const auto& thetas = situation.thetas[situation.options().align_corners ? 1 : 0];
  if (!thetas) return false;
  return std::ranges::any_of(*thetas, [](const Affine& theta) {
    bool is_identity = true;
    for (std::size_t k = 0; std::cmp_less(k, theta.axes); ++k) {
      for (std::size_t i = 0; std::cmp_less(i, theta.axes); ++i) {
        is_identity &= std::fabs(theta.linear[k][i] - (i == k ? 1 : 0)) < 1e-3;
      }
    }
    return !is_identity;
  });
}

// Where the nearest pixels are those of a plain copy, as of a picture in its place, nothing says
// that they were asked for: the grid may be off by less than half a pixel. The coordinates of that
// copy; none where the pixels are no lattice.
std::optional<std::vector<double>> copied_pixels(const Situation& situation,
                                                 const Attempt& attempt) {
  const Case& test_case = situation.test_case;
  const Sites sites(test_case, test_case.grid.element_count());
  const auto meant = corrected(attempt.changes, situation, sites);
  if (!meant) return std::nullopt;
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  const bool align_corners = situation.options().align_corners;
  auto pixels = positions_of(meant->coordinates, meant->options.align_corners, sites);
  std::array<std::optional<std::pair<double, double>>, 3> lines;  // of each axis: at 0, and a step
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> p = sites.of_site(pixels, i);
    for (std::size_t k = 0; k < axes; ++k) {
      p[k] = std::nearbyint(p[k]);
      if (!std::isfinite(p[k])) return std::nullopt;
      const auto at = static_cast<double>(site.places[k].index);
      auto& line = lines[k];
      if (at == 0 && !line) line = {p[k], NAN};
      if (!line) return std::nullopt;  // the first location has index 0 on every axis
      if (at == 1 && std::isnan(line->second)) line->second = p[k] - line->first;
      const double wanted = at == 0 ? line->first : line->first + at * line->second;
      if (p[k] != wanted) return std::nullopt;
    }
  }
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> p = sites.of_site(pixels, i);
    for (std::size_t k = 0; k < axes; ++k) {
      p[k] = dictionary::coordinate_at(p[k], site.places[k].input, align_corners);
    }
  }
  return pixels;
}

// Some number is always near: what is found by one has to leave next to nothing but noise.
Attempt* nearest_fit(std::vector<Attempt>& attempts, const Distance& before, double range) {
  const auto found = std::ranges::find_if(attempts, [&](const Attempt& attempt) {
    const Distance& distance = attempt.distance;
    return attempt.fitted && 10 * distance.median <= before.median &&
           10 * distance.most <= before.most && distance.most <= 5 * distance.median &&
           distance.median <= 3e-3 * range;
  });
  return found == attempts.end() ? nullptr : &*found;
}

}  // namespace

Attempt* nearest_by_far(std::vector<Attempt>& attempts, const Distance& before, double range) {
  const bool is_mostly_right = before.median <= 1e-3 * range;
  std::vector<Attempt*> near;
  for (Attempt& attempt : attempts) {
    const Distance& distance = attempt.distance;
    if (attempt.fitted || attempt.changes.front()->family() == "elsewhere") continue;
    // A few values that were far off are among the noise of the others, as of what is padded.
    const bool is_of_few = attempt.changes.size() == 1 && attempt.numbers.empty() &&
                           distance.worst <= 10 * distance.median &&
                           5 * distance.worst <= before.worst && distance.worst <= 0.1 * range;
    // Accidents are many among pairs.
    const double reach = attempt.changes.size() == 1 ? 0.01 : 0.003;
    // Noise has no few values that are much further.
    const bool is_noise = distance.most <= 5 * distance.median;
    const bool is_near = is_noise && distance.median <= reach * range &&
                         distance.most <= 10 * reach * range &&
                         2.5 * distance.median <= before.median && 2 * distance.most <= before.most;
    if (is_of_few || (is_near && !is_mostly_right)) near.push_back(&attempt);
  }
  if (near.empty()) return nearest_fit(attempts, before, range);
  const auto distance_of = [is_mostly_right](const Attempt* attempt) {
    return is_mostly_right ? attempt->distance.worst : attempt->distance.median;
  };
  const double least = distance_of(*std::ranges::min_element(near, {}, distance_of));
  // A second mistake, and a number, always come a little nearer to noise.
  std::erase_if(near, [&](const Attempt* attempt) { return distance_of(attempt) > 1.5 * least; });
  return *std::ranges::min_element(near, {}, [&](const Attempt* attempt) {
    return std::tuple(attempt->changes.size(), !attempt->numbers.empty(), distance_of(attempt));
  });
}

void prefer_offset(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties) {
  Attempt& best = attempts.front();
  auto offset = constant_offset(situation, best);
  if (!offset || best.fitted) return;
  // A nearest pixel is read as well from where it is: less than half a pixel cannot be seen.
  bool is_whole = true;
  if (situation.options().mode == Mode::nearest) {
    for (double& pixels : *offset) {
      is_whole &= pixels == std::round(pixels);
      pixels = std::round(pixels);
    }
    if (std::ranges::count(*offset, 0.0) == std::ssize(*offset)) return;
  }
  auto hypothesis = std::make_shared<const Hypothesis>(offset_by(situation, *offset));
  auto attempt =
      search.everywhere({.changes = {hypothesis.get()}, .fitted = hypothesis, .distance = {}});
  if (!attempt || attempt->distance.share < best.distance.share) return;
  attempt->fitted = hypothesis;
  const Hypothesis& first = *best.changes.front();
  // A theta that turns or scales is one; a quarter of a pixel is no mark of a stride of 2.
  const bool has_theta = situation.given == Given::theta || turns_or_scales(situation);
  const bool is_natural = is_whole && best.changes.size() == 1 &&
                          (!first.is_of_theta || has_theta) && first.name != "stride.2" &&
                          first.name != "stride.1/2";
  const char* const datum = "a motion that differs from pixel to pixel";
  if (is_natural) {
    ties.push_back({attempt->name(), datum});
    return;
  }
  ties.insert(ties.begin(), {best.name(), datum});
  attempts.insert(attempts.begin(), std::move(*attempt));
}

bool doubt_nearest(const Situation& situation, const Search& search, std::vector<Attempt>& attempts,
                   std::vector<Tie>& ties) {
  const bool has_nearest =
      std::ranges::any_of(attempts.front().changes,
                          [](const Hypothesis* change) { return change->name == "mode.nearest"; });
  if (!has_nearest) return false;
  const auto copied = copied_pixels(situation, attempts.front());
  if (!copied) return false;
  const Positions positions(situation, *copied, std::int64_t{1} << 12U);
  const char* const datum = "an expected output that moved by a fraction of a pixel";
  for (Attempt& attempt : positions.explanations()) {
    auto there = search.everywhere(attempt);
    if (!there || there->distance.share < attempts.front().distance.share) continue;
    ties.insert(ties.begin(), {attempts.front().name(), datum});
    attempts.insert(attempts.begin(), std::move(*there));
    return true;
  }
  ties.insert(ties.begin(),
              {"a grid that reads less than half a pixel away from where it should", datum});
  return true;
}

void prefer_theta(const Situation& situation, std::vector<Attempt>& attempts) {
  if (situation.given != Given::theta || attempts.front().changes.front()->is_of_theta) return;
  const Distance& best = attempts.front().distance;
  put_first(attempts, [&best](const Attempt& attempt) {
    return attempt.changes.size() == 1 && attempt.changes.front()->is_of_theta &&
           attempt.distance.share == best.share && attempt.distance.is_exact == best.is_exact;
  });
}

void prefer_narrow_grid(const Situation& situation, const Search& search,
                        std::vector<Attempt>& attempts, std::vector<Tie>& ties) {
  const std::string best = attempts.front().name();
  if (best.find(".quantised-") == std::string::npos || !sixteen_bits(*situation.grid)) return;
  const Hypothesis& narrow = hypothesis_named("precision.grid-of-16-bits");
  auto attempt = search.everywhere({.changes = {&narrow}, .distance = {}});
  if (!attempt || attempt->distance.share < enough) return;
  ties.insert(ties.begin(), {best, "coordinates with the full precision of f32"});
  attempts.insert(attempts.begin(), std::move(*attempt));
}

}  // namespace gridproof::reports::diagnosis
