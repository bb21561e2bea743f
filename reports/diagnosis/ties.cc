#include "reports/diagnosis/ties.h"

#include <cmath>
#include <random>

namespace gridproof::reports::diagnosis {
namespace {

constexpr std::int64_t most_locations = std::int64_t{1} << 8U;

Tensor noise(const Shape& shape, double low, double high, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) {
    value = low + (high - low) * static_cast<double>(random() >> 11U) * 0x1p-53;
  }
  return {Dtype::f64, shape, values};
}

// The grid of an affine map without any symmetry, of output sizes that all differ.
Tensor sheared(int rank, bool corners) {
  const bool is_volume = rank == 5;
  Case question{{.mode = {}, .padding_mode = {}, .align_corners = corners},
                Tensor(Dtype::f64, is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}),
                Tensor(Dtype::f64, is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2})};
  const Sites sites(question, question.grid.element_count());
  std::vector<double> grid = sites.coordinates();
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, corners);
    const std::span<double> x = sites.of_site(grid, i);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double next = dictionary::identity_at(site.places[(k + 1) % x.size()]);
      x[k] = (0.8 - 0.1 * static_cast<double>(k)) * dictionary::identity_at(site.places[k]) +
             (0.3 - 0.5 * static_cast<double>(k % 2)) * next + 0.15 - 0.2 * static_cast<double>(k);
    }
  }
  return {Dtype::f64, question.grid.shape(), grid};
}

}  // namespace

std::string what_tells(const Situation& situation, const Trial& one, const Trial& other) {
  bool was_asked = false;
  const auto differ = [&](const Case& question) {
    const Situation asked = situation_of(question, situation.world, situation.given);
    const Looks looks(asked, nullptr, 0, most_locations, false);
    const auto first = looks.answer(one.changes);
    const auto second = looks.answer(other.changes);
    if (!first && !second) return false;
    if (!first || !second) return true;
    was_asked = true;
    for (std::size_t i = 0; i < first->output.size(); ++i) {
      if (std::fabs(first->output[i] - second->output[i]) > 1e-6) return true;
    }
    return false;
  };
  Case question = situation.question;
  Shape texels = question.input.shape();
  texels[1] = 1;
  question.input = noise(texels, 0, 1, 1);
  question.grid = as_f64(question.grid);
  if (differ(question)) return "texels that all differ";
  const std::optional<std::string> mode = question.request.mode;
  question.request.mode = "bilinear";
  if (differ(question)) return "mode='bilinear'";
  question.grid = noise(question.grid.shape(), -1.2, 1.2, 2);
  if (differ(question)) return "a motion that differs from pixel to pixel";
  question.request.mode = mode;
  if (differ(question)) return "a motion that differs from pixel to pixel";
  const bool is_volume = question.input.rank() == 5;
  question.input = noise(is_volume ? Shape{1, 1, 3, 5, 7} : Shape{1, 1, 5, 7}, 0, 1, 3);
  question.grid = noise(is_volume ? Shape{1, 2, 4, 6, 3} : Shape{1, 4, 6, 2}, -1.2, 1.2, 4);
  if (differ(question)) return "sizes that all differ";
  const bool corners = question.request.align_corners.value_or(false);
  question.grid = sheared(question.input.rank(), corners);
  if (differ(question)) return "an affine map that scales, shears and moves";
  // Positions that are multiples of 1/2 without any rounding.
  question.input = noise(is_volume ? Shape{1, 1, 8, 8, 8} : Shape{1, 1, 8, 8}, 0, 1, 5);
  question.request.align_corners = false;
  question.request.padding_mode = "zeros";
  std::vector<double> halves = noise(question.grid.shape(), -4, 4, 6).values();
  for (double& x : halves) x = std::round(x * 8) / 8;
  question.grid = Tensor(Dtype::f64, question.grid.shape(), halves);
  if (differ(question)) return "more positions half-way between pixels, -1/2 among them";
  return was_asked ? "" : "another question";
}

}  // namespace gridproof::reports::diagnosis
