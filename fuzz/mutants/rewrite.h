// Changes to whole questions and whole outputs, for mutants that no stage of a sample can express.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "fuzz/mutants/dictionary.h"
#include "reference/contract/case.h"

namespace gridproof::dictionary {

// A mutant that answers `rewrite(question)` instead of the question.
Change asks(std::function<Case(Case)> rewrite);

// A mutant that gives `rewrite(question, output)` instead of the output, unless that is empty.
Change gives(std::function<Tensor(const Case&, const Tensor&)> rewrite);

// The options that are meant; the defaults, if a name is unknown.
inline Options options_of(const Case& test_case) {
  return resolve(test_case.request).value_or(Options{});
}

// A tensor of more elements than this is not copied, nor searched: who is wrong only by doing so
// answers right.
inline constexpr std::int64_t max_copied = std::int64_t{1} << 22U;
inline bool is_copied(const Tensor& tensor) { return tensor.element_count() <= max_copied; }

// A number rounded to a narrower type.
inline double f16(double value) { return to_double(from_double<Half>(value)); }
inline double bf16(double value) { return to_double(from_double<BFloat16>(value)); }
inline double f32(double value) { return static_cast<double>(static_cast<float>(value)); }

inline bool is_nan(double coordinate) { return std::isnan(coordinate); }
inline bool is_infinite(double coordinate) { return std::isinf(coordinate); }

inline Tensor filled_like(const Tensor& tensor, double value) {
  return {tensor.dtype(), tensor.shape(),
          std::vector<double>(static_cast<std::size_t>(tensor.element_count()), value)};
}

// The tensor with each element replaced by `function(element)`, dense.
template <class Function>
Tensor each_element(const Tensor& tensor, Function function) {
  std::vector<double> values = tensor.values();
  for (double& value : values) value = function(value);
  return {tensor.dtype(), tensor.shape(), values};
}

inline Tensor converted(const Tensor& tensor, Dtype dtype) {
  return {dtype, tensor.shape(), tensor.values()};
}

// What a kernel reads that takes these for the strides, in elements, from `offset` on: dense. What
// would lie outside the storage is the element at its end.
inline Tensor reread(const Tensor& tensor, const Shape& strides, std::int64_t offset) {
  if (tensor.element_count() == 0) return tensor;
  Tensor result(tensor.dtype(), tensor.shape());
  visit(tensor.dtype(), [&]<class T>(T) {
    const T* const storage = reinterpret_cast<const T*>(tensor.storage());
    Shape index(strides.size(), 0);
    std::int64_t place = offset;
    for (T& element : result.elements<T>()) {
      element = storage[std::clamp<std::int64_t>(place, 0, tensor.storage_size() - 1)];
      for (std::size_t axis = strides.size(); axis-- > 0;) {
        place += strides[axis];
        if (++index[axis] < tensor.shape()[axis]) break;
        place -= strides[axis] * tensor.shape()[axis];
        index[axis] = 0;
      }
    }
  });
  return result;
}
inline Tensor reread(const Tensor& tensor, const Shape& strides) {
  return reread(tensor, strides, tensor.offset());
}

// Gives `value` in all channels of the samples that have a coordinate of that kind; `first` is the
// first component that is looked at.
inline auto where_coordinate(bool (*kind)(double), double value, std::size_t first = 0) {
  return gives([kind, value, first](const Case& test_case, const Tensor& output) {
    const std::vector<double> grid = test_case.grid.values();
    std::vector<double> values = output.values();
    const auto components =
        static_cast<std::size_t>(test_case.grid.size(test_case.grid.rank() - 1));
    for (std::size_t at = 0; at < grid.size(); at += components) {
      bool found = false;
      for (std::size_t k = first; k < components; ++k) found |= kind(grid[at + k]);
      const auto sample = static_cast<std::int64_t>(at / components);
      for (std::int64_t c = 0; found && c < output.size(1); ++c) {
        values[static_cast<std::size_t>(element_place(output.shape(), sample, c))] = value;
      }
    }
    return Tensor(output.dtype(), output.shape(), values);
  });
}

// A coordinate of the grid with its surroundings along its axis.
struct Place {
  std::size_t component;  // 0 is x
  std::int64_t index;     // of the output location
  std::int64_t output;    // locations
  std::int64_t input;     // pixels
  bool align_corners;     // align_corners
};

// The question with each coordinate replaced by `function(coordinate, place)`; questions to which a
// refusal is due stay what they are.
template <class Function>
Case each_coordinate(Case test_case, Function function) {
  const int rank = test_case.input.rank();
  const auto components = static_cast<std::size_t>(std::max(rank - 2, 0));
  if (components < 2 || test_case.grid.rank() != rank || test_case.grid.element_count() == 0 ||
      std::cmp_not_equal(test_case.grid.size(rank - 1), components)) {
    return test_case;
  }
  std::vector<double> grid = test_case.grid.values();
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const std::size_t k = i % components;
    const auto axis = rank - 1 - static_cast<int>(k);  // of the input; the grid's is one before
    std::size_t inner = components;
    for (int after = axis; after < rank - 1; ++after) {
      inner *= static_cast<std::size_t>(test_case.grid.size(after));
    }
    const std::int64_t output = test_case.grid.size(axis - 1);
    grid[i] =
        function(grid[i], Place{.component = k,
                                .index = static_cast<std::int64_t>(i / inner) % output,
                                .output = output,
                                .input = test_case.input.size(axis),
                                .align_corners = test_case.request.align_corners.value_or(false)});
  }
  test_case.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid);
  return test_case;
}

// The coordinate of a position on an axis of so many pixels, and back, in double.
inline double coordinate_at(double position, std::int64_t size, bool align_corners) {
  const auto s = static_cast<double>(size);
  if (align_corners) return size == 1 ? 0 : 2 * position / (s - 1) - 1;
  return (2 * position + 1) / s - 1;
}
inline double position_at(double coordinate, std::int64_t size, bool align_corners) {
  const auto s = static_cast<double>(size);
  return align_corners ? (coordinate + 1) / 2 * (s - 1) : ((coordinate + 1) * s - 1) / 2;
}

// The coordinate that leaves an output location where it is.
inline double identity_at(const Place& place) {
  return coordinate_at(static_cast<double>(place.index), place.output, place.align_corners);
}

// The grid with its components in another order: `order[k]` is the one that comes k-th.
inline Case with_components(Case test_case, const std::vector<std::size_t>& order) {
  const std::size_t components = order.size();
  const int last = test_case.grid.rank() - 1;
  if (last < 0 || std::cmp_not_equal(test_case.grid.size(last), components)) return test_case;
  const std::vector<double> before = test_case.grid.values();
  std::vector<double> after(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    after[i] = before[i - i % components + order[i % components]];
  }
  test_case.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), after);
  return test_case;
}

inline Case reverse_components(const Case& test_case) {
  return with_components(test_case, test_case.input.rank() == 4
                                        ? std::vector<std::size_t>{1, 0}
                                        : std::vector<std::size_t>{2, 1, 0});
}

inline Case swap_first_components(const Case& test_case) {
  return with_components(test_case, test_case.input.rank() == 4
                                        ? std::vector<std::size_t>{1, 0}
                                        : std::vector<std::size_t>{1, 0, 2});
}

}  // namespace gridproof::dictionary
