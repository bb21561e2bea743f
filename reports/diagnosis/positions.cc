#include "reports/diagnosis/positions.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ranges>
#include <utility>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {
namespace {

constexpr std::int64_t few_locations = std::int64_t{1} << 6U;

// Half the distance between numbers near 1 of a type, with what a few operations add.
double rounding_of(Dtype dtype) {
  if (dtype == Dtype::f64) return 0x1p-48;
  if (dtype == Dtype::f32) return 0x1p-21;
  return dtype == Dtype::f16 ? 0x1p-10 : 0x1p-7;
}

// Pixels as people say them: 0.5, 1.333, 12.
std::string pixels(double value) { return fmt::format("{:.4g} px", std::fabs(value)); }

// "0.5 px to the left", "2 px down", "1 px towards the first slice"
std::string direction(double offset, std::size_t axis) {
  return pixels(offset) + ' ' + where_to(offset, axis);
}

// Solves the normal equations of a few unknowns by Gauss' method with the largest pivot; none where
// the data leave one open.
std::optional<std::vector<double>> solved(std::vector<std::vector<double>> rows) {
  const std::size_t n = rows.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < n; ++row) {
      if (std::fabs(rows[row][column]) > std::fabs(rows[pivot][column])) pivot = row;
    }
    if (!(std::fabs(rows[pivot][column]) > 1e-9)) return std::nullopt;
    std::swap(rows[pivot], rows[column]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double times = rows[row][column] / rows[column][column];
      for (std::size_t i = column; i <= n; ++i) rows[row][i] -= times * rows[column][i];
    }
  }
  std::vector<double> result(n);
  for (std::size_t i = 0; i < n; ++i) result[i] = rows[i][n] / rows[i][i];
  return result;
}

// The number as short as it is the same up to a tolerance.
double shortened(double value, double tolerance) {
  for (int digits = 0; digits < 7; ++digits) {
    const double scale = std::pow(10, digits);
    const double rounded = std::round(value * scale) / scale;
    if (std::fabs(rounded - value) <= tolerance) return rounded;
  }
  return value;
}

}  // namespace

std::vector<double> positions_of(const std::vector<double>& coordinates, bool align_corners,
                                 const Sites& sites) {
  std::vector<double> positions = coordinates;
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> p = sites.of_site(positions, i);
    for (std::size_t k = 0; k < p.size(); ++k) {
      p[k] = position_at(p[k], site.places[k].input, align_corners);
    }
  }
  return positions;
}

std::string where_it_reads(const std::vector<double>& asked, const std::vector<double>& meant,
                           std::size_t axes) {
  std::vector<double> low(axes, INFINITY);
  std::vector<double> high(axes, -INFINITY);
  std::vector<double> distances;
  for (std::size_t i = 0; i + axes <= asked.size(); i += axes) {
    double square = 0;
    for (std::size_t k = 0; k < axes; ++k) {
      const double offset = asked[i + k] - meant[i + k];
      square += offset * offset;
      if (!std::isfinite(offset)) continue;
      low[k] = std::min(low[k], offset);
      high[k] = std::max(high[k], offset);
    }
    if (std::isfinite(square)) distances.push_back(std::sqrt(square));
  }
  if (distances.empty()) return "";
  constexpr double least = 1e-3;  // pixels
  std::string text;
  bool is_everywhere = true;
  for (std::size_t k = 0; k < axes; ++k) {
    const double offset = (low[k] + high[k]) / 2;
    is_everywhere &= high[k] - low[k] <= least + 1e-3 * std::fabs(offset);
    if (std::fabs(offset) <= least) continue;
    text += (text.empty() ? "" : " and ") + direction(offset, k);
  }
  if (is_everywhere) {
    return text.empty() ? "" : "Reads " + text + " everywhere.";
  }
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  const double median = *middle;
  return fmt::format("Reads up to {} off, {} or more at half of the output locations.",
                     pixels(std::ranges::max(distances)), pixels(median));
}

Positions::Positions(const Situation& situation, const std::vector<double>& meant,
                     std::int64_t locations)
    : situation_(situation),
      meant_grid_(meant),
      sites_(situation.test_case, locations),
      axes_(static_cast<std::size_t>(situation.test_case.input.rank() - 2)) {
  const bool align_corners = situation.options().align_corners;
  asked_ = positions_of(sites_.coordinates(), align_corners, sites_);
  Case other = situation.test_case;
  other.grid = Tensor(Dtype::f64, other.grid.shape(), meant);
  wanted_ = Sites(other, locations).coordinates();
  meant_ = positions_of(wanted_, align_corners, sites_);
  const double rounding = rounding_of(situation.test_case.grid.dtype());
  for (std::size_t k = 0; k < axes_; ++k) {
    const double size = static_cast<double>(
        situation.test_case.input.size(situation.test_case.input.rank() - 1 - static_cast<int>(k)));
    tolerances_.push_back(1e-3 + size * rounding);
  }
}

bool Positions::agree(const std::vector<double>& positions) const {
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const double apart = std::fabs(positions[i] - meant_[i]);
    if (std::isfinite(asked_[i]) && !(apart <= tolerances_[i % axes_])) return false;
  }
  return true;
}

bool Positions::agree(const Correction& meant) const {
  return agree(positions_of(meant.coordinates, meant.options.align_corners, sites_));
}

std::vector<Attempt> Positions::explanations() const {
  std::vector<Attempt> attempts;
  const auto add = [&](const Changes& changes, const Correction& meant) {
    attempts.push_back(
        {.changes = changes,
         .keeps_flag = meant.options.align_corners == situation_.options().align_corners ||
                       changes.front()->family() == "align_corners",
         .distance = {}});
  };
  // What makes a motion small explains nothing where none is meant.
  const auto still = corrected({&no_motion()}, situation_, sites_);
  const bool is_still = still && agree(*still);
  const auto try_all = [&](const Changes& changes) {
    if (is_still && std::ranges::any_of(changes, &Hypothesis::shrinks)) return;
    const std::optional<Correction> meant = corrected(changes, situation_, sites_);
    const bool is_of_grid = meant && !meant->input && meant->finishes.empty() &&
                            meant->uncertainty.empty() && meant->answers == nullptr &&
                            meant->options.mode == situation_.options().mode &&
                            meant->options.padding == situation_.options().padding;
    if (is_of_grid && agree(*meant)) add(changes, *meant);
  };
  for (const Hypothesis& one : hypotheses()) try_all({&one});
  if (attempts.empty()) {
    const Positions at_few(situation_, meant_grid_, few_locations);
    Family family(situation_, at_few.sites_);
    for (std::size_t parts = 2; parts <= max_parts && attempts.empty(); ++parts) {
      std::vector<Changes> candidates;
      // What reads as was meant at a few sites is tried at all.
      family.visit(parts, [&](const Changes& changes, const Correction& meant) {
        if (at_few.agree(meant)) candidates.push_back(changes);
      });
      for (const Changes& changes : candidates) try_all(changes);
    }
    // Two mistakes in a theta: before any affine map, which explains every theta.
    const auto of_theta = [](const Hypothesis& one) { return one.is_of_theta; };
    if (attempts.empty() && situation_.given == Given::theta) {
      for (const Hypothesis& first : hypotheses() | std::views::filter(of_theta)) {
        for (const Hypothesis& second : hypotheses() | std::views::filter(of_theta)) {
          if (&first == &second) continue;
          const std::optional<Correction> meant =
              corrected({&first, &second}, situation_, at_few.sites_);
          if (meant && at_few.agree(*meant)) try_all({&first, &second});
        }
      }
    }
  }
  std::ranges::stable_sort(attempts, {},
                           [](const Attempt& attempt) { return !attempt.keeps_flag; });
  std::vector<std::vector<std::size_t>> orders = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                                  {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  if (axes_ == 2) orders = {{0, 1}, {1, 0}};
  orders.emplace_back();
  for (const auto& order : orders) {
    if (!attempts.empty()) break;
    auto hypothesis = fitted(order);
    if (!hypothesis) continue;
    const Hypothesis* const one = hypothesis.get();
    attempts.push_back({.changes = {one}, .fitted = std::move(hypothesis), .distance = {}});
  }
  return attempts;
}

std::shared_ptr<const Hypothesis> Positions::fitted(const std::vector<std::size_t>& order) const {
  const std::vector<double>& from = sites_.coordinates();
  std::vector<std::vector<double>> factors(axes_, std::vector<double>(axes_, 0));
  std::vector<double> offsets;
  for (std::size_t k = 0; k < axes_; ++k) {
    std::vector<std::size_t> components = {0, 1, 2};
    components.resize(axes_);
    if (!order.empty()) components = {order[k]};
    const std::size_t n = components.size() + 1;
    std::vector<std::vector<double>> equations(n, std::vector<double>(n + 1, 0));
    for (std::size_t i = 0; i < from.size(); i += axes_) {
      std::vector<double> terms;
      for (const std::size_t c : components) terms.push_back(from[i + c]);
      terms.push_back(1);
      terms.push_back(wanted_[i + k]);
      if (!std::ranges::all_of(terms, [](double x) { return std::isfinite(x); })) continue;
      for (std::size_t row = 0; row < n; ++row) {
        for (std::size_t column = 0; column <= n; ++column) {
          equations[row][column] += terms[row] * terms[column];
        }
      }
    }
    const auto solution = solved(std::move(equations));
    if (!solution) return nullptr;
    const double unit = std::fmax(
        1, pixels_per_unit(sites_.site(0, situation_.options().align_corners).places[k].input,
                           situation_.options().align_corners));
    for (std::size_t i = 0; i < components.size(); ++i) {
      factors[k][components[i]] = shortened((*solution)[i], tolerances_[k] / unit / 4);
    }
    offsets.push_back(shortened(solution->back(), tolerances_[k] / unit / 4));
  }
  MistakeText words{"fitted.affine", "", "grid = grid @ matrix.T + offsets"};
  std::vector<double> numbers;
  if (order.empty()) {
    words.sentence = "the intended coordinates are an affine map of the grid's";
    for (const auto& row : factors) numbers.insert(numbers.end(), row.begin(), row.end());
  } else {
    const bool is_permuted = !std::ranges::is_sorted(order);
    for (std::size_t k = 0; k < axes_; ++k) numbers.push_back(factors[k][order[k]]);
    words.name = is_permuted ? "fitted.components" : "fitted.axes";
    words.fix = "grid = grid";
    if (is_permuted) words.fix += fmt::format("[..., [{}]]", fmt::join(order, ", "));
    if (std::ranges::count(numbers, 1.0) < std::ssize(numbers)) words.fix += " * numbers";
    if (std::ranges::count(offsets, 0.0) < std::ssize(offsets)) words.fix += " + offsets";
    for (std::size_t k = 0; k < axes_; ++k) {
      std::string what;
      if (order[k] != k) what += fmt::format(" component {} of the grid", order[k]);
      if (numbers[k] != 1) what += fmt::format(" {:.6g} times as large", numbers[k]);
      if (offsets[k] != 0) {
        what += fmt::format("{} {:.6g} {}", numbers[k] == 1 && order[k] == k ? "" : ", then",
                            std::fabs(offsets[k]), offsets[k] < 0 ? "less" : "more");
      }
      words.sentence += fmt::format("{}{} {}{}", k == 0 ? "" : ", ", "xyz"[k],
                                    what.empty() ? "is right" : "must be", what);
    }
    words.sentence += " (the numbers were fitted to the positions)";
  }
  Hypothesis result = moves(std::move(words), [factors, offsets](std::span<double> x, const Site&) {
    const std::vector<double> before(x.begin(), x.end());
    for (std::size_t k = 0; k < x.size(); ++k) {
      x[k] = offsets[k];
      for (std::size_t c = 0; c < x.size(); ++c) {
        if (factors[k][c] != 0) x[k] += factors[k][c] * before[c];
      }
    }
  });
  result.numbers = std::move(numbers);
  result.offsets = offsets;
  const std::optional<Correction> meant = corrected({&result}, situation_, sites_);
  if (!meant || !agree(*meant)) return nullptr;
  return std::make_shared<const Hypothesis>(std::move(result));
}

std::string Positions::difference() const { return where_it_reads(asked_, meant_, axes_); }

}  // namespace gridproof::reports::diagnosis
