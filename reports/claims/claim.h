// For tests: a claim of claims.md, and the tensors that claims are about. The text and the test
// hold each other: a code span of nothing but numbers is a result, and the results of a claim's
// section are those that its test computes, in that order. Covered by the tests that use it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "reference/semantics/coordinates.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::claims {

using Numbers = std::vector<double>;

// Four digits; whole numbers, but for rounding, in full.
inline std::string plain(double value) {
  const double whole = std::round(value);
  return std::fabs(value - whole) < 1e-12 ? fmt::format("{:.0f}", whole + 0.0)
                                          : fmt::format("{:.4g}", value);
}

// "1 2 / 3 4": the last axis from left to right, then line by line.
inline std::string plain(const Tensor& tensor) {
  std::string text;
  const std::int64_t columns = tensor.shape().back();
  std::int64_t place = 0;
  for (const double value : tensor.values()) {
    if (place > 0) text += place % columns == 0 ? " / " : " ";
    text += plain(value);
    ++place;
  }
  return text;
}

inline std::string plain(const Numbers& numbers) {
  return plain(Tensor(Dtype::f64, {static_cast<std::int64_t>(numbers.size())}, numbers));
}

class Claim {
 public:
  // `heading` is that of its section: the name in brackets and the verdict.
  explicit Claim(const std::string& heading) {
    std::ifstream file(GRIDPROOF_SOURCE_DIR "/reports/claims/claims.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t begin = text.find("\n### " + heading + "\n");
    if (begin == std::string::npos) throw std::runtime_error("claims.md has no " + heading);
    const std::string section = text.substr(begin, text.find("\n#", begin + 1) - begin);
    const std::regex span("`(-?[0-9][-0-9./\\s]*)`");
    for (std::sregex_iterator at(section.begin(), section.end(), span), end; at != end; ++at) {
      stated_.push_back(std::regex_replace((*at)[1].str(), std::regex("\\s+"), " "));
    }
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { EXPECT_EQ(computed_, stated_) << "what is computed; what stands in claims.md"; }

  // The next result of the section.
  template <class Result>
  void says(const Result& result) {
    computed_.push_back(plain(result));
  }

 private:
  std::vector<std::string> stated_;
  std::vector<std::string> computed_;
};

inline constexpr Options unaligned{.align_corners = false};
inline constexpr Options aligned{.align_corners = true};
inline constexpr Options nearest_corners{.mode = Mode::nearest, .align_corners = false};
inline constexpr Options nearest_centers{.mode = Mode::nearest, .align_corners = true};

// As torch.linspace.
inline Numbers linspace(double first, double last, int count) {
  Numbers result;
  for (int i = 0; i < count; ++i) result.push_back(first + (last - first) * i / (count - 1));
  return result;
}

inline Numbers plus(Numbers numbers, double more) {
  for (double& number : numbers) number += more;
  return numbers;
}

// 1, 2, 3 … row by row.
inline Tensor counted(const Shape& shape, double first = 1) {
  Numbers values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) value = first++;
  return {Dtype::f64, shape, values};
}
inline Tensor image(std::int64_t rows, std::int64_t columns) {
  return counted({1, 1, rows, columns});
}

// One row of pixels.
inline Tensor row(const Numbers& values) {
  return {Dtype::f64, {1, 1, 1, static_cast<std::int64_t>(values.size())}, values};
}

// The grid whose columns have these x and whose rows have these y.
inline Tensor grid_of(const Numbers& xs, const Numbers& ys) {
  Numbers values;
  for (const double y : ys) {
    for (const double x : xs) values.insert(values.end(), {x, y});
  }
  return {Dtype::f64,
          {1, static_cast<std::int64_t>(ys.size()), static_cast<std::int64_t>(xs.size()), 2},
          values};
}

inline Tensor sample(const Tensor& input, const Tensor& grid, const Options& options) {
  return std::get<Tensor>(grid_sample(Case{request_for(options), input, grid}));
}

// The value at one location of the image.
inline double value_at(double x, double y, const Tensor& input, const Options& options) {
  return sample(input, grid_of({x}, {y}), options).values().front();
}

inline Numbers positions(const Numbers& coordinates, std::int64_t size, const Options& options) {
  Numbers result;
  for (const double x : coordinates) {
    result.push_back(semantics::position(x, semantics::Axis{.size = size, .options = options}));
  }
  return result;
}

// The grid that changes nothing: an output location is where the pixel of its index is.
inline Numbers identity(std::int64_t size, const Options& options) {
  Numbers result;
  for (std::int64_t j = 0; j < size; ++j) {
    result.push_back(semantics::coordinate(static_cast<double>(j),
                                           semantics::Axis{.size = size, .options = options}));
  }
  return result;
}

}  // namespace gridproof::claims
