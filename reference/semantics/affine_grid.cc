#include "reference/semantics/affine_grid.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "reference/semantics/dtypes.h"
#include "reference/semantics/shapes.h"

namespace gridproof {
namespace {

using semantics::ArithmeticOf;
using semantics::base_coordinate;

// [affine_grid.theta]
std::optional<Refusal> refusal_of(const Tensor& theta, const Shape& size) {
  const auto refuse = [](const std::string& message) {
    return Refusal{"affine_grid.theta", message};
  };
  if (!is_floating(theta.dtype())) {
    return refuse("theta is " + std::string(name(theta.dtype())) +
                  ": expected f16, bf16, f32 or f64");
  }
  if ((size.size() != 4 && size.size() != 5) ||
      std::ranges::any_of(size, [](std::int64_t n) { return n < 1; })) {
    return refuse("size is " + to_string(size) + ": expected 4 or 5 positive sizes");
  }
  const auto dimensions = static_cast<std::int64_t>(size.size()) - 2;
  const Shape expected{size[0], dimensions, dimensions + 1};
  if (theta.shape() != expected) {
    return refuse("theta has shape " + to_string(theta.shape()) + ": expected " +
                  to_string(expected) + " for an output of shape " + to_string(size));
  }
  return std::nullopt;
}

}  // namespace

Answer affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  if (auto refusal = refusal_of(theta, size)) return *std::move(refusal);
  const bool volumetric = size.size() == 5;
  const std::int64_t dimensions = volumetric ? 3 : 2;
  const std::array<std::int64_t, 4> sizes{size[0], volumetric ? size[2] : 1, size[size.size() - 2],
                                          size.back()};
  Shape shape{size[0]};
  shape.insert(shape.end(), size.begin() + 2, size.end());
  shape.push_back(dimensions);
  Tensor grid(theta.dtype(), std::move(shape));
  semantics::visit_floating(theta.dtype(), [&]<class Element>(Element) {
    using T = ArithmeticOf<Element>;
    const auto matrix = theta.view<Element>();
    auto out = grid.elements<Element>().begin();
    semantics::for_each_sample(
        sizes, [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
          const std::array<T, 3> base{base_coordinate<T>(x, sizes[3], align_corners),
                                      base_coordinate<T>(y, sizes[2], align_corners),
                                      base_coordinate<T>(z, sizes[1], align_corners)};
          // [affine_grid.map] A row of theta times (x, y, 1) or (x, y, z, 1), from left to right.
          for (std::int64_t row = 0; row < dimensions; ++row) {
            T sum = static_cast<T>(matrix(n, row, 0)) * base[0];
            for (std::int64_t k = 1; k < dimensions; ++k) {
              sum += static_cast<T>(matrix(n, row, k)) * base[static_cast<std::size_t>(k)];
            }
            *out++ = static_cast<Element>(sum + static_cast<T>(matrix(n, row, dimensions)));
          }
        });
    return 0;
  });
  return grid;
}

}  // namespace gridproof
