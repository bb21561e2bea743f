#include "fuzz/causes/reduce.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "fuzz/domain/layouts.h"
#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

// A volume of one slice as a plane.
std::optional<Case> as_plane(const Case& test_case) {
  if (!can_be_cut(test_case) || test_case.input.rank() != 5 || test_case.input.size(2) != 1 ||
      test_case.grid.size(1) != 1 || !test_case.input.is_copyable()) {
    return std::nullopt;
  }
  const auto without = [](const Tensor& tensor, std::size_t axis) {
    Shape shape = tensor.shape();
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    return tensor.reshaped(shape);
  };
  Case result = test_case;
  result.input = without(test_case.input, 2);
  result.grid = without(test_case.grid.slice(4, 0, 2), 1);
  return result;
}

std::optional<Case> in_f32(const Case& test_case) {
  const Dtype dtype = test_case.input.dtype();
  if (dtype == Dtype::f32 || dtype != test_case.grid.dtype() || !is_floating(dtype) ||
      !test_case.input.is_copyable()) {
    return std::nullopt;
  }
  return in_dtype(test_case, Dtype::f32);
}

constexpr auto is_same = [](double one, double other) { return same_bits(one, other); };

class Reduction {
 public:
  Reduction(Case test_case, const Interesting& interesting, int patience, Keeping keeping)
      : current_(std::move(test_case)),
        interesting_(interesting),
        patience_(patience),
        keeping_(keeping) {}

  Case run(std::int64_t sample) {
    isolate(sample);
    const bool is_free = keeping_ == Keeping::nothing;
    bool progress = true;
    while (progress && patience_ > 0) {
      progress = fewer_locations();
      progress = fewer_channels() || progress;
      progress = plain_layout() || progress;
      progress = plain_options() || progress;
      progress = smaller_axes() || progress;
      progress = (is_free && lower_rank()) || progress;
      progress = (is_free && plain_dtype()) || progress;
      progress = plain_coordinates() || progress;
      progress = plain_texels() || progress;
    }
    return current_;
  }

 private:
  bool accept(const Case& candidate) {
    if (patience_ <= 0) return false;
    --patience_;
    if (!interesting_(candidate)) return false;
    current_ = candidate;
    return true;
  }

  [[nodiscard]] int rank() const { return current_.input.rank(); }

  // The one output location straight away, which is nearly always enough.
  void isolate(std::int64_t sample) {
    if (!can_be_cut(current_) || sample_count(current_) == 0) return;
    accept(compact(at_location(current_, sample)));
  }

  // The same layout over no more storage than it reaches, where that is simple.
  static Case compact(Case test_case) {
    if (test_case.input.is_contiguous()) test_case.input = test_case.input.contiguous();
    if (test_case.grid.is_contiguous()) test_case.grid = test_case.grid.contiguous();
    return test_case;
  }

  // Halves of an axis, then all but its first or last.
  static std::vector<std::pair<std::int64_t, std::int64_t>> parts(std::int64_t size) {
    if (size <= 1) return {};
    std::vector<std::pair<std::int64_t, std::int64_t>> result = {
        {0, 1}, {size / 2, size}, {0, size / 2}};
    if (size > 2) {
      result.emplace_back(1, size);
      result.emplace_back(0, size - 1);
    }
    return result;
  }

  bool fewer_locations() {
    if (!can_be_cut(current_)) return false;
    for (int axis = 0; axis < rank() - 1; ++axis) {
      for (const auto& [begin, end] : parts(current_.grid.size(axis))) {
        Case candidate = current_;
        candidate.grid = candidate.grid.slice(axis, begin, end);
        if (axis == 0) candidate.input = candidate.input.slice(0, begin, end);
        if (accept(compact(candidate))) return true;
      }
    }
    return false;
  }

  bool fewer_channels() {
    if (rank() < 2) return false;
    for (const auto& [begin, end] : parts(current_.input.size(1))) {
      Case candidate = current_;
      candidate.input = candidate.input.slice(1, begin, end);
      if (accept(compact(candidate))) return true;
    }
    return false;
  }

  static bool is_plain(const Tensor& tensor) {
    return tensor.is_contiguous() && tensor.storage_size() == tensor.element_count();
  }

  bool plain_layout() {
    bool progress = false;
    for (Tensor Case::* tensor : {&Case::input, &Case::grid}) {
      if (is_plain(current_.*tensor) || !(current_.*tensor).is_copyable()) continue;
      Case candidate = current_;
      candidate.*tensor = (current_.*tensor).contiguous();
      progress = accept(candidate) || progress;
    }
    return progress;
  }

  bool plain_options() {
    const std::optional<Options> options = resolve(current_.request);
    if (!options) return false;
    std::vector<Options> simpler;
    for (const auto& mode : {Mode::nearest, Mode::bilinear}) {
      if (options->mode == Mode::bicubic ||
          (options->mode == Mode::bilinear && mode < options->mode))
        simpler.push_back({mode, options->padding, options->align_corners});
    }
    if (options->align_corners) simpler.push_back({options->mode, options->padding, false});
    if (options->padding != Padding::zeros) {
      simpler.push_back({options->mode, Padding::zeros, options->align_corners});
    }
    for (const Options& candidate_options : simpler) {
      Case candidate = current_;
      candidate.request = request_for(candidate_options);
      if (accept(candidate)) return true;
    }
    return false;
  }

  bool smaller_axes() {
    if (!can_be_cut(current_)) return false;
    for (int axis = 2; axis < rank(); ++axis) {
      const std::int64_t size = current_.input.size(axis);
      for (const std::int64_t smaller : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3},
                                         std::int64_t{4}, size / 2, size - 1}) {
        if (smaller < 1 || smaller >= size) continue;
        Case candidate = current_;
        candidate.input = candidate.input.slice(axis, 0, smaller);
        if (accept(compact(candidate))) return true;
      }
    }
    return false;
  }

  bool lower_rank() {
    const std::optional<Case> candidate = as_plane(current_);
    return candidate && accept(*candidate);
  }

  bool plain_dtype() {
    const std::optional<Case> candidate = in_f32(current_);
    return candidate && accept(*candidate);
  }

  // Tries `simpler` values for the element at `position` of a dense tensor.
  template <class Values>
  bool simplify(Tensor Case::* tensor, const Values& simpler) {
    if (!is_plain(current_.*tensor)) return false;
    bool progress = false;
    std::vector<double> values = (current_.*tensor).values();
    for (std::size_t i = 0; i < values.size() && patience_ > 0; ++i) {
      const double before = values[i];
      for (const double value : simpler(before, i)) {
        if (same_bits(value, before)) break;  // the rest is no simpler
        values[i] = value;
        Case candidate = current_;
        candidate.*tensor = Tensor((current_.*tensor).dtype(), (current_.*tensor).shape(), values);
        if (accept(candidate)) {
          progress = true;
          break;
        }
        values[i] = before;
      }
    }
    return progress;
  }

  bool plain_coordinates() {
    if (current_.grid.element_count() > 24) return false;
    return simplify(&Case::grid, [](double before, std::size_t /*i*/) {
      std::vector<double> simpler = {0, -1, 1, 0.5, -0.5};
      if (std::isfinite(before)) {
        add_fewer_bits(simpler, before);
      } else if (before < 0) {
        simpler = {0, -1, 1, -before};
      }
      simpler.push_back(before);
      return simpler;
    });
  }

  bool plain_texels() {
    const std::int64_t count = current_.input.element_count();
    const std::int64_t stored = current_.input.storage_size();
    constexpr std::int64_t max_stored = std::int64_t{1} << 24U;
    if (stored > 1 && stored <= max_stored) {
      // All at once, so that a large plane needs no question for each texel; or, once, all that are
      // finite: zeros may take their place.
      const std::vector<double> now = storage_values(current_.input);
      for (const bool finite_only : {false, true}) {
        if (finite_only && std::exchange(has_leveled_, true)) break;
        for (const bool are_ones : {true, false}) {
          std::vector<double> values = now;
          for (std::size_t i = 0; i < values.size(); ++i) {
            if (finite_only && !std::isfinite(now[i])) continue;
            values[i] = are_ones ? 1 : static_cast<double>(i % 256 + 1);
          }
          if (std::ranges::equal(now, values, is_same)) return false;
          Case candidate = current_;
          candidate.input = with_storage(current_.input, values);
          if (accept(candidate)) return true;
        }
      }
    }
    if (zero_texels()) return true;
    if (count > 64) return false;
    return simplify(&Case::input, [](double before, std::size_t i) {
      std::vector<double> simpler = {0, 1, static_cast<double>(i + 1)};
      if (std::isinf(before) && before < 0) simpler.push_back(-before);
      if (std::isfinite(before)) add_fewer_bits(simpler, before);
      simpler.push_back(before);
      return simpler;
    });
  }

  // Zeros for half of the texels, a quarter of them, and so on; of what no element is, all at once.
  bool zero_texels() {
    bool progress = zero_gaps(&Case::input);
    progress = zero_gaps(&Case::grid) || progress;
    constexpr std::int64_t max_texels = std::int64_t{1} << 20;
    if (current_.input.storage_size() > max_texels) return progress;
    std::vector<double> values = storage_values(current_.input);
    for (std::size_t part = (values.size() + 1) / 2; part > 1; part = (part + 1) / 2) {
      for (std::size_t begin = 0; begin < values.size() && patience_ > 0; begin += part) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last =
            first + static_cast<std::ptrdiff_t>(std::min(part, values.size() - begin));
        if (std::all_of(first, last, [](double texel) { return texel == 0; })) continue;
        std::vector<double> candidate_values = values;
        std::fill(candidate_values.begin() + (first - values.begin()),
                  candidate_values.begin() + (last - values.begin()), 0);
        Case candidate = current_;
        candidate.input = with_storage(current_.input, candidate_values);
        if (!accept(candidate)) continue;
        values = std::move(candidate_values);
        progress = true;
      }
    }
    return progress;
  }

  bool zero_gaps(Tensor Case::* tensor) {
    const Tensor& now = current_.*tensor;
    if (now.is_contiguous() || !now.is_copyable()) return false;
    // The numbers of the places, in the layout: what is missing is no element's.
    std::vector<double> places(static_cast<std::size_t>(now.storage_size()));
    std::iota(places.begin(), places.end(), 0.0);
    const Tensor numbered = Tensor::strided(
        Dtype::f64, now.shape(), now.strides(), now.offset(),
        Tensor(Dtype::f64, {now.storage_size()}, places).shared_storage(), now.storage_size());
    std::vector<double> kept(places.size(), 0);
    for (const double place : numbered.values()) {
      const auto at = static_cast<std::size_t>(place);
      kept[at] = now.storage_value(static_cast<std::int64_t>(at));
    }
    if (std::ranges::equal(kept, storage_values(now), is_same)) return false;
    Case candidate = current_;
    candidate.*tensor = with_storage(now, kept);
    return accept(candidate);
  }

  static void add_fewer_bits(std::vector<double>& simpler, double before) {
    for (const int bits : {1, 2, 4, 8, 12, 16}) {
      simpler.push_back(round_to({bits, -1022, 1023}, before));
    }
  }

  Case current_;
  const Interesting& interesting_;
  int patience_;
  Keeping keeping_;
  bool has_leveled_ = false;
};

}  // namespace

bool can_be_cut(const Case& test_case) {
  const int rank = test_case.input.rank();
  return (rank == 4 || rank == 5) && test_case.grid.rank() == rank &&
         test_case.grid.size(0) == test_case.input.size(0) &&
         test_case.grid.size(rank - 1) == rank - 2;
}

Case at_location(const Case& test_case, std::int64_t sample) {
  Case result = test_case;
  const Shape& grid = test_case.grid.shape();
  const Shape index = unravel(sample, std::span(grid).first(grid.size() - 1));
  for (int axis = 0; axis < std::ssize(index); ++axis) {
    const std::int64_t at = index[static_cast<std::size_t>(axis)];
    result.grid = result.grid.slice(axis, at, at + 1);
    if (axis == 0) result.input = result.input.slice(0, at, at + 1);
  }
  return result;
}

Case reduce(Case test_case, std::int64_t sample, const Interesting& interesting, int patience,
            Keeping keeping) {
  return Reduction(std::move(test_case), interesting, patience, keeping).run(sample);
}

std::vector<Case> in_plainer_kernels(const Case& test_case) {
  std::vector<Case> result;
  const std::optional<Case> plane = as_plane(test_case);
  if (plane) {
    if (auto both = in_f32(*plane)) result.push_back(*std::move(both));
  }
  if (auto single = in_f32(test_case)) result.push_back(*std::move(single));
  if (plane) result.push_back(*plane);
  return result;
}

}  // namespace gridproof
