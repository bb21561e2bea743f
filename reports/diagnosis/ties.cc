#include "reports/diagnosis/ties.h"

#include <cmath>
#include <random>

namespace gridproof::reports::diagnosis {
namespace {

constexpr std::int64_t max_locations = std::int64_t{1} << 8U;

Tensor noise(const Shape& shape, double low, double high, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) {
    value = low + (high - low) * static_cast<double>(random() >> 11U) * 0x1p-53;
  }
  return {Dtype::f64, shape, values};
}

// The grid of an affine map without any symmetry, of output sizes that all differ.
Tensor sheared(int rank, bool align_corners) {
  const bool is_volume = rank == 5;
  Case test_case{{.mode = {}, .padding_mode = {}, .align_corners = align_corners},
                 Tensor(Dtype::f64, is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}),
                 Tensor(Dtype::f64, is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2})};
  const Sites sites(test_case, test_case.grid.element_count());
  std::vector<double> grid = sites.coordinates();
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> x = sites.of_site(grid, i);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double next = dictionary::identity_at(site.places[(k + 1) % x.size()]);
      x[k] = (0.8 - 0.1 * static_cast<double>(k)) * dictionary::identity_at(site.places[k]) +
             (0.3 - 0.5 * static_cast<double>(k % 2)) * next + 0.15 - 0.2 * static_cast<double>(k);
    }
  }
  return {Dtype::f64, test_case.grid.shape(), grid};
}

}  // namespace

std::string what_tells(const Situation& situation, const Attempt& one, const Attempt& other) {
  bool was_asked = false;
  const auto differ = [&](const Case& test_case) {
    const Situation asked = situation_of(test_case, situation.world, situation.given);
    const Evaluator evaluator(asked, nullptr, 0, max_locations, false);
    const auto first = evaluator.answer(one.changes);
    const auto second = evaluator.answer(other.changes);
    if (!first && !second) return false;
    if (!first || !second) return true;
    was_asked = true;
    for (std::size_t i = 0; i < first->output.size(); ++i) {
      if (std::fabs(first->output[i] - second->output[i]) > 1e-6) return true;
    }
    return false;
  };
  Case test_case = situation.test_case;
  Shape texels = test_case.input.shape();
  texels[1] = 1;
  test_case.input = noise(texels, 0, 1, 1);
  test_case.grid = as_f64(test_case.grid);
  if (differ(test_case)) return "texels that all differ";
  const std::optional<std::string> mode = test_case.request.mode;
  test_case.request.mode = "bilinear";
  if (differ(test_case)) return "mode='bilinear'";
  test_case.grid = noise(test_case.grid.shape(), -1.2, 1.2, 2);
  if (differ(test_case)) return "a motion that differs from pixel to pixel";
  test_case.request.mode = mode;
  if (differ(test_case)) return "a motion that differs from pixel to pixel";
  const bool is_volume = test_case.input.rank() == 5;
  test_case.input = noise(is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}, 0, 1, 3);
  test_case.grid = noise(is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2}, -1.2, 1.2, 4);
  if (differ(test_case)) return "sizes that all differ";
  const bool align_corners = test_case.request.align_corners.value_or(false);
  test_case.grid = sheared(test_case.input.rank(), align_corners);
  if (differ(test_case)) return "an affine map that scales, shears and translates";
  // Positions that are multiples of 1/2 without any rounding.
  test_case.input = noise(is_volume ? Shape{1, 1, 8, 8, 8} : Shape{1, 1, 8, 8}, 0, 1, 5);
  test_case.request.align_corners = false;
  test_case.request.padding_mode = "zeros";
  std::vector<double> halves = noise(test_case.grid.shape(), -4, 4, 6).values();
  for (double& x : halves) x = std::round(x * 8) / 8;
  test_case.grid = Tensor(Dtype::f64, test_case.grid.shape(), halves);
  if (differ(test_case)) return "more positions halfway between pixels, -1/2 among them";
  return was_asked ? "" : "another question";
}

}  // namespace gridproof::reports::diagnosis
