// Changes to whole questions and whole outputs, for mutants that no stage of a sample can express.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "reference/contract/case.h"

namespace gridproof::dictionary {

inline bool is_nan(double coordinate) { return std::isnan(coordinate); }
inline bool is_infinite(double coordinate) { return std::isinf(coordinate); }

inline Tensor filled_like(const Tensor& tensor, double value) {
  return {tensor.dtype(), tensor.shape(),
          std::vector<double>(static_cast<std::size_t>(tensor.element_count()), value)};
}

// Puts `value` in all channels of the samples that have a coordinate of that kind.
inline std::function<Tensor(const Case&, Tensor)> where_coordinate(bool (*kind)(double),
                                                                   double value) {
  return [kind, value](const Case& question, Tensor output) {
    if (output.element_count() == 0) return output;
    const std::vector<double> grid = question.grid.values();
    std::vector<double> values = output.values();
    const auto components = static_cast<std::size_t>(question.grid.size(question.grid.rank() - 1));
    for (std::size_t first = 0; first < grid.size(); first += components) {
      bool found = false;
      for (std::size_t k = 0; k < components; ++k) found |= kind(grid[first + k]);
      const auto sample = static_cast<std::int64_t>(first / components);
      for (std::int64_t c = 0; found && c < output.size(1); ++c) {
        values[static_cast<std::size_t>(element_place(output.shape(), sample, c))] = value;
      }
    }
    return Tensor(output.dtype(), output.shape(), values);
  };
}

// The grid with its components in another order: `order[k]` is the one that comes k-th.
inline Case with_components(Case question, const std::vector<std::size_t>& order) {
  const std::vector<double> before = question.grid.values();
  std::vector<double> after(before.size());
  const std::size_t components = order.size();
  for (std::size_t i = 0; i < before.size(); ++i) {
    after[i] = before[i - i % components + order[i % components]];
  }
  question.grid = Tensor(question.grid.dtype(), question.grid.shape(), after);
  return question;
}

inline Case reverse_components(const Case& question) {
  return with_components(question, question.input.rank() == 4 ? std::vector<std::size_t>{1, 0}
                                                              : std::vector<std::size_t>{2, 1, 0});
}

inline Case swap_first_components(const Case& question) {
  return with_components(question, question.input.rank() == 4 ? std::vector<std::size_t>{1, 0}
                                                              : std::vector<std::size_t>{1, 0, 2});
}

}  // namespace gridproof::dictionary
