#include "fuzz/causes/battery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "fuzz/causes/reduce.h"
#include "fuzz/domain/layouts.h"
#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

// Texels of an input beyond which no other sizes are asked, and beyond which it keeps its texels.
constexpr std::int64_t max_grown = std::int64_t{1} << 14U;
constexpr std::int64_t max_texels = std::int64_t{1} << 18U;

std::size_t scattered(std::size_t i) { return i * 2654435761U % 4294967296U >> 8U; }

// A number in ±[1, 2) with eight significant bits, different for different i.
double texel_for(std::size_t i) {
  const std::size_t bits = scattered(i + 1) % 256;
  const auto fraction = bits / 2;
  return (bits % 2 == 0 ? 1 : -1) * (1 + static_cast<double>(fraction) / 128);
}

// Whether any of these has more significant bits than f16 holds: then rounding texels may be what a
// case is about.
bool are_fine(const std::vector<double>& texels) {
  return std::ranges::any_of(texels, [](double texel) {
    return std::isfinite(texel) && texel != round_to({11, -1022, 1023}, texel);
  });
}

// What to multiply those by to be as large as the finite ones of the question, where these are
// neither zero nor about one.
double scale_of(const std::vector<double>& texels) {
  double largest = 0;
  for (const double texel : texels) {
    if (std::isfinite(texel)) largest = std::max(largest, std::fabs(texel));
  }
  const bool is_plain = largest == 0 || (largest > 0x1p-8 && largest < 0x1p12);
  return is_plain ? 1 : std::ldexp(1, std::ilogb(largest) - 1);
}

template <class Change>
Tensor with_changed_storage(const Tensor& tensor, Change change) {
  std::vector<double> storage = storage_values(tensor);
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = change(storage[i], i);
  return with_storage(tensor, storage);
}

// The coordinates that a sweep goes through: the sixteenths are close where pixels begin and end.
std::vector<double> stations() {
  std::vector<double> result = {0};
  for (const double x : {1, 2, 4, 6, 8, 10, 12, 13, 14, 15, 16, 17, 18, 20, 24, 32, 40}) {
    result.push_back(x / 16);
    result.push_back(-x / 16);
  }
  return result;
}

class Around {
 public:
  Around(const Case& test_case, std::int64_t sample)
      : question_(test_case), options_(resolve(test_case.request).value_or(Options{})) {
    const Tensor& grid = test_case.grid;
    const auto axes = static_cast<std::size_t>(grid.size(grid.rank() - 1));
    const std::vector<double> coordinates = grid.values();
    const auto first = static_cast<std::size_t>(sample) * axes;
    own_.assign(coordinates.begin() + static_cast<std::ptrdiff_t>(first),
                coordinates.begin() + static_cast<std::ptrdiff_t>(first + axes));
    if (test_case.input.element_count() > max_texels) return;
    const std::vector<double> texels = test_case.input.values();
    scale_ = scale_of(texels);
    fine_ = are_fine(texels);
    for (std::size_t i = 0; i < texels.size(); ++i) {
      if (!std::isfinite(texels[i])) odd_.emplace_back(i, texels[i]);
    }
  }

  std::vector<Case> all() {
    const bool is_large =
        question_.input.storage_size() > max_texels || question_.grid.element_count() > max_grown;
    for (std::size_t k = 0; k < (is_large ? 2 : 6); ++k) add_same_layout(k);
    const Shape& sizes = question_.input.shape();
    const int axes = static_cast<int>(own_.size());
    for (int axis = 0; axis < axes; ++axis) add_sweep(sizes, axis, axis % 2 == 0);
    add_sweep(sizes, axes, true);
    if (question_.input.element_count() > max_grown) return std::move(result_);
    for (const std::int64_t more : {3, 6}) {
      Shape larger = sizes;
      for (std::size_t axis = 2; axis < larger.size(); ++axis) {
        larger[axis] += more + static_cast<std::int64_t>(axis % 3);
      }
      if (more == 6) ++larger[1];
      // Of both signs, and of one: a value of 0 is not between these.
      one_sign_ = more == 6;
      add_sweep(larger, 0, more == 6);
      add_sweep(larger, axes, more == 3);
      if (options_.mode == Mode::nearest) add_beside_ties(larger);
    }
    if (options_.mode == Mode::nearest) add_ties();
    return std::move(result_);
  }

 private:
  [[nodiscard]] double texel_of(std::size_t i) const {
    const double more = fine_ ? std::ldexp(static_cast<double>(scattered(i + 7) % 4096), -20) : 0;
    const double texel = scale_ * (texel_for(i) + more);
    return one_sign_ ? std::fabs(texel) : texel;
  }

  void add_same_layout(std::size_t k) {
    Case other = question_;
    if (question_.input.storage_size() <= max_texels) {
      other.input = with_changed_storage(question_.input, [&](double texel, std::size_t i) {
        return std::isfinite(texel) ? texel_of(i + 97 * k) : texel;
      });
    }
    other.grid = with_changed_storage(question_.grid, [&](double x, std::size_t) {
      const auto further = k / 2;
      return std::isfinite(x) ? x * (1 + static_cast<double>(further) / 16) : x;
    });
    result_.push_back(std::move(other));
  }

  // Texels of a dense input; those that are not finite keep their place.
  [[nodiscard]] Tensor texels(const Shape& shape) const {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    const std::size_t k = result_.size();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = texel_of(i + 97 * k);
    for (const auto& [at, texel] : odd_) {
      const Shape index = unravel(static_cast<std::int64_t>(at), question_.input.shape());
      if (!std::ranges::equal(index, shape, std::less())) continue;
      const Shape strides = contiguous_strides(shape);
      values[static_cast<std::size_t>(std::inner_product(
          index.begin(), index.end(), strides.begin(), std::int64_t{0}))] = texel;
    }
    return {question_.input.dtype(), shape, values};
  }

  // The coordinates of one axis that a sweep goes through.
  [[nodiscard]] std::vector<double> coordinates_about(double own) const {
    std::vector<double> result = stations();
    if (!std::isfinite(own)) {
      result.insert(result.end(), {own, own, own, own, own, own, own, own, -own, -own});
      // What is taken for infinite may be too large for some integer only.
      if (std::isinf(own) && question_.grid.dtype() != Dtype::f16) {
        for (const int e : {16, 24, 32, 48, 62, 64, 96}) {
          result.insert(result.end(), {std::ldexp(1, e), -std::ldexp(1, e)});
        }
      }
    } else if (std::fabs(own) > 2.5) {
      for (const double factor : {1.0, 1.0625, 1.5, 2.0, 4.0, 0.9375, 0.5, 0.25}) {
        result.push_back(own * factor);
        result.push_back(-own * factor);
      }
      // Where numbers leave a type of integers or lose their last bits.
      const double most = question_.grid.dtype() == Dtype::f16 ? 0x1p15 : 4 * std::fabs(own);
      for (const int e :
           {4, 8, 12, 15, 16, 20, 23, 24, 28, 30, 31, 32, 33, 48, 61, 62, 63, 64, 65, 96}) {
        const double power = std::ldexp(1, e);
        if (power <= most) result.insert(result.end(), {power, -power});
      }
    } else {
      result.insert(result.end(), {own, own, -own});
      // A tie or an edge, and all that steps or slopes of a position could make one.
      for (int e = 4; e <= 12; ++e) {
        for (const double step : {std::ldexp(1, -e), std::ldexp(0.75, -e)}) {
          result.insert(result.end(), {own + step, own - step, -own - step});
        }
      }
    }
    return result;
  }

  // Sweeps along one axis of the grid's last dimension, or along all of them at once.
  void add_sweep(const Shape& shape, int swept, bool as_row) {
    const int rank = question_.input.rank();
    const bool is_joint = std::cmp_equal(swept, own_.size());
    std::vector<std::vector<double>> along;
    for (const double own : own_) along.push_back(coordinates_about(own));
    std::int64_t count = 0;
    for (const std::vector<double>& list : along) {
      count = std::max(count, static_cast<std::int64_t>(list.size()));
    }
    if (!is_joint) {
      count = static_cast<std::int64_t>(along[static_cast<std::size_t>(swept)].size());
    }
    Shape locations(static_cast<std::size_t>(rank), 1);
    locations.front() = shape.front();
    locations.back() = static_cast<std::int64_t>(own_.size());
    locations[static_cast<std::size_t>(as_row ? rank - 2 : rank - 3)] = count;
    std::vector<double> values;
    for (std::int64_t n = 0; n < shape.front(); ++n) {
      for (std::size_t i = 0; std::cmp_less(i, count); ++i) {
        for (std::size_t axis = 0; axis < own_.size(); ++axis) {
          if (!is_joint && std::cmp_not_equal(axis, swept)) {
            values.push_back(own_[axis]);
            continue;
          }
          const std::size_t turn = static_cast<std::size_t>(n) + i;
          const std::size_t place = is_joint ? scattered(turn + 61 * axis + 1) : turn;
          values.push_back(along[axis][place % along[axis].size()]);
        }
      }
    }
    Case sweep = question_;
    if (element_count(shape) <= max_texels) sweep.input = texels(shape);
    sweep.grid = Tensor(question_.grid.dtype(), locations, values);
    result_.push_back(std::move(sweep));
  }

  // Every rule of rounding and every little error of a position shows itself beside ties only.
  void add_beside_ties(const Shape& shape) {
    constexpr std::array offsets = {0x1p-5,  0x1p-6,  0x1p-7,  0x1p-8,  0x1p-9, 0x1p-11,
                                    0x1p-14, 0x1p-17, 0x1p-20, 0x1p-24, 0x1p-30};
    add_row(shape, 60, [&](std::size_t i, std::size_t axis) {
      const auto size = static_cast<double>(shape[shape.size() - 1 - axis]);
      const std::size_t k = scattered(i + 89 * axis + 5);
      const double offset = 0.85 * offsets.at(k % offsets.size());
      const double tie = std::floor(static_cast<double>(k / 16 % 1024) / 1024 * size) - 0.5;
      return tie + (k / 8 % 2 == 0 ? offset : -offset);
    });
  }

  // All ties of an axis, those after an even pixel and after an odd one, on sizes where every dtype
  // holds their coordinates and every order of rounding gives their positions.
  void add_ties() {
    Shape shape = question_.input.shape();
    std::fill(shape.begin() + 2, shape.end(), options_.align_corners ? 17 : 16);
    if (element_count(shape) > max_texels) return;
    add_row(shape, 64, [&](std::size_t i, std::size_t axis) {
      const std::size_t k = scattered(i + 89 * axis + 5);
      // Half a pixel after the pixel, or the pixel itself.
      const std::size_t halves = 2 * (k % 16) + (i % (own_.size() + 1) == axis ? 0 : 1);
      return static_cast<double>(halves) / 2;
    });
  }

  // A row of so many output locations with these positions, of an input of that shape; every second
  // one keeps what is not finite.
  template <class Position>
  void add_row(const Shape& shape, std::int64_t count, const Position& position) {
    const auto rank = shape.size();
    Shape locations(rank, 1);
    locations.front() = shape.front();
    locations.back() = static_cast<std::int64_t>(own_.size());
    locations[rank - 2] = count;
    std::vector<double> values;
    for (std::size_t i = 0; std::cmp_less(i, count * shape.front()); ++i) {
      for (std::size_t axis = 0; axis < own_.size(); ++axis) {
        const auto size = static_cast<double>(shape[rank - 1 - axis]);
        const double p = position(i, axis);
        const double x = options_.align_corners ? 2 * p / (size - 1) - 1 : (2 * p + 1) / size - 1;
        values.push_back(std::isfinite(own_[axis]) || i % 2 == 0 ? x : own_[axis]);
      }
    }
    Case row = question_;
    row.input = texels(shape);
    row.grid = Tensor(question_.grid.dtype(), locations, values);
    result_.push_back(std::move(row));
  }

  const Case& question_;
  Options options_;
  std::vector<double> own_;  // coordinates
  double scale_ = 1;
  bool fine_ = false;
  bool one_sign_ = false;
  std::vector<std::pair<std::size_t, double>> odd_;  // texels that are not finite
  std::vector<Case> result_;
};

}  // namespace

Case with_different_texels(Case test_case) {
  test_case.input = with_changed_storage(test_case.input, [](double texel, std::size_t i) {
    if (!std::isfinite(texel)) return texel;
    return 1 + static_cast<double>(scattered(i) % 65536) / 65536;
  });
  return test_case;
}

namespace {

// The question with its other axes longer by so much; what has no elements has none then, either.
Case enlarged(const Case& test_case, std::int64_t by) {
  const auto longer = [by](const Shape& shape, std::size_t end) {
    Shape result = shape;
    for (std::size_t axis = 1; axis < end; ++axis) result[axis] += result[axis] == 0 ? 0 : by;
    return result;
  };
  Case result = test_case;
  const auto rank = static_cast<std::size_t>(test_case.grid.rank());
  result.input = Tensor(test_case.input.dtype(), longer(test_case.input.shape(), rank));
  result.grid = Tensor(test_case.grid.dtype(), longer(test_case.grid.shape(), rank - 1));
  return result;
}

}  // namespace

std::vector<Case> questions_around(const Case& test_case, std::int64_t sample) {
  const Tensor& input = test_case.input;
  const Tensor& grid = test_case.grid;
  if (!can_be_cut(test_case)) return {};
  if (input.element_count() == 0 || grid.element_count() == 0) {
    std::vector<Case> result;
    for (std::int64_t by = 1; by <= 8; ++by) result.push_back(enlarged(test_case, by));
    return result;
  }
  if (sample >= sample_count(test_case)) return {};
  return Around(test_case, sample).all();
}

std::int64_t output_count(const Case& test_case) {
  const std::int64_t channels = test_case.input.rank() > 1 ? test_case.input.size(1) : 1;
  return sample_count(test_case) * std::max<std::int64_t>(channels, 1);
}

std::vector<Case> affordable(std::vector<Case> test_cases) {
  constexpr std::int64_t max_elements = std::int64_t{1} << 20U;
  std::int64_t elements = 0;
  for (const Case& test_case : test_cases) elements += output_count(test_case);
  const auto step = static_cast<std::size_t>(elements / max_elements + 1);
  std::vector<Case> kept;
  for (std::size_t i = 0; i < test_cases.size(); i += step)
    kept.push_back(std::move(test_cases[i]));
  return kept;
}

}  // namespace gridproof
