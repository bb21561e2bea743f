#include "reports/diagnosis/sites.h"

#include <algorithm>
#include <random>
#include <span>

#include "reference/contract/unravel.h"

namespace gridproof::reports::diagnosis {
namespace {

// `most` different numbers below `count`, the first and the last among them, sorted.
std::vector<std::int64_t> drawn(std::int64_t count, std::int64_t most) {
  std::mt19937_64 random(1);  // its numbers are the same everywhere
  std::vector<std::int64_t> chosen = {0, count - 1};
  while (static_cast<std::int64_t>(chosen.size()) < most) {
    while (static_cast<std::int64_t>(chosen.size()) < most) {
      chosen.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count)));
    }
    std::ranges::sort(chosen);
    chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
  }
  return chosen;
}

// The spatial sizes of a tensor, x first.
Shape sizes(const Tensor& tensor, int first, int count) {
  Shape sizes;
  for (int axis = first + count - 1; axis >= first; --axis) sizes.push_back(tensor.size(axis));
  return sizes;
}

}  // namespace

Sites::Sites(const Case& test_case, std::int64_t most)
    : components_(static_cast<std::size_t>(test_case.input.rank() - 2)),
      batch_(test_case.grid.size(0)),
      inputs_(sizes(test_case.input, 2, test_case.input.rank() - 2)),
      outputs_(sizes(test_case.grid, 1, test_case.input.rank() - 2)) {
  const std::int64_t locations = element_count(outputs_);
  if (batch_ == 0 || locations == 0) return;
  const std::int64_t least = 2;
  per_batch_ = std::min(locations, std::max(least, most / batch_));
  if (per_batch_ < locations) locations_ = drawn(locations, per_batch_);
  if (are_all()) {
    coordinates_ = test_case.grid.values();
    return;
  }
  coordinates_.reserve(static_cast<std::size_t>(count()) * components_);
  Shape index(test_case.grid.shape().size());
  for (std::int64_t i = 0; i < count(); ++i) {
    index[0] = i / per_batch_;
    unravel(location_of(i), std::span(test_case.grid.shape()).subspan(1, components_),
            std::span(index).subspan(1, components_));
    for (std::size_t k = 0; k < components_; ++k) {
      index.back() = static_cast<std::int64_t>(k);
      coordinates_.push_back(test_case.grid.at(index));
    }
  }
}

Site Sites::site(std::int64_t index, bool align_corners) const {
  Site site{.n = index / per_batch_, .location = location_of(index)};
  std::int64_t rest = site.location;
  for (std::size_t k = 0; k < components_; ++k) {
    site.places[k] = {.component = k,
                      .index = rest % outputs_[k],
                      .output = outputs_[k],
                      .input = inputs_[k],
                      .align_corners = align_corners};
    rest /= outputs_[k];
  }
  return site;
}

std::span<double> Sites::of_site(std::vector<double>& coordinates, std::int64_t index) const {
  return std::span(coordinates).subspan(static_cast<std::size_t>(index) * components_, components_);
}

Shape Sites::narrowed_shape() const {
  Shape shape(components_, 1);
  shape.front() = batch_;
  shape.push_back(per_batch_);
  shape.push_back(static_cast<std::int64_t>(components_));
  return shape;
}

Tensor Sites::grid_of(const std::vector<double>& coordinates) const {
  return {Dtype::f64, narrowed_shape(), coordinates};
}

Case Sites::narrowed(const Case& test_case) const {
  Case narrowed = test_case;
  if (!are_all()) narrowed.grid = Tensor(test_case.grid.dtype(), narrowed_shape(), coordinates_);
  return narrowed;
}

std::vector<double> Sites::values_of(const Tensor& output) const {
  if (are_all()) return output.values();
  const Tensor dense = output.contiguous();
  const std::int64_t locations = element_count(outputs_);
  const std::int64_t planes = batch_ * output.size(1);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(planes * per_batch_));
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    for (const std::int64_t location : locations_) {
      values.push_back(dense.storage_value(dense.offset() + plane * locations + location));
    }
  }
  return values;
}

}  // namespace gridproof::reports::diagnosis
