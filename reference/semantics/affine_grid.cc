#include "reference/semantics/affine_grid.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "reference/semantics/dtypes.h"
#include "reference/semantics/layout.h"
#include "reference/semantics/shapes.h"

namespace gridproof {
namespace {

using semantics::ArithmeticOf;
using semantics::base_coordinate;

bool is_size(const Shape& size) {
  return (size.size() == 4 || size.size() == 5) &&
         std::ranges::all_of(size, [](std::int64_t n) { return n >= 1; });
}

// Why `tensor`, called `what`, is none of affine_grid's for `size`, unless its shape is `expected`.
template <class Expected>
std::optional<Refusal> refusal_of(const char* clause, const std::string& what, const Tensor& tensor,
                                  const Shape& size, Expected&& expected) {
  const auto refuse = [clause](const std::string& message) { return Refusal{clause, message}; };
  if (!is_floating(tensor.dtype())) {
    return refuse(what + " is " + std::string(name(tensor.dtype())) +
                  ": expected f16, bf16, f32 or f64");
  }
  if (!is_size(size)) {
    return refuse("size is " + to_string(size) + ": expected 4 or 5 positive sizes");
  }
  if (tensor.shape() != expected(size)) {
    return refuse(what + " has shape " + to_string(tensor.shape()) + ": expected " +
                  to_string(expected(size)) + " for an output of shape " + to_string(size));
  }
  return std::nullopt;
}

Shape theta_shape(const Shape& size) {
  const auto dimensions = static_cast<std::int64_t>(size.size()) - 2;
  return {size[0], dimensions, dimensions + 1};
}

Shape grid_shape(const Shape& size) {
  Shape shape{size[0]};
  shape.insert(shape.end(), size.begin() + 2, size.end());
  shape.push_back(static_cast<std::int64_t>(size.size()) - 2);
  return shape;
}

// (N, D, H, W) of an output; D is 1 where there is none.
std::array<std::int64_t, 4> locations_of(const Shape& size) {
  return {size[0], size.size() == 5 ? size[2] : 1, size[size.size() - 2], size.back()};
}

// The base coordinates of a location and a 1: the column that theta is multiplied by. In two
// dimensions the 1 stands in the place of z.
template <class T>
std::array<T, 4> base_of(const std::array<std::int64_t, 4>& sizes, bool volumetric,
                         bool align_corners, std::int64_t z, std::int64_t y, std::int64_t x) {
  const T base_x = base_coordinate<T>(x, sizes[3], align_corners);
  const T base_y = base_coordinate<T>(y, sizes[2], align_corners);
  if (!volumetric) return {base_x, base_y, 1, 0};
  return {base_x, base_y, base_coordinate<T>(z, sizes[1], align_corners), 1};
}

}  // namespace

Answer affine_grid(const Tensor& theta, const Shape& size, bool align_corners) {
  // [affine_grid.theta]
  if (auto refusal = refusal_of("affine_grid.theta", "theta", theta, size, theta_shape)) {
    return *std::move(refusal);
  }
  const bool volumetric = size.size() == 5;
  const std::int64_t dimensions = volumetric ? 3 : 2;
  const auto sizes = locations_of(size);
  Tensor grid(theta.dtype(), grid_shape(size));
  semantics::visit_floating(theta.dtype(), [&]<class Element>(Element) {
    using T = ArithmeticOf<Element>;
    const auto matrix = theta.view<Element>();
    auto out = grid.elements<Element>().begin();
    semantics::for_each_sample(
        sizes, [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
          const auto base = base_of<T>(sizes, volumetric, align_corners, z, y, x);
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

Answer affine_grid_backward(const Tensor& grad_grid, const Shape& size, bool align_corners) {
  if (auto refusal = refusal_of("affine_grid.backward", "grad_grid", grad_grid, size, grid_shape)) {
    return *std::move(refusal);
  }
  const bool volumetric = size.size() == 5;
  const std::size_t dimensions = volumetric ? 3 : 2;
  const auto sizes = locations_of(size);
  Tensor grad_theta(grad_grid.dtype(), theta_shape(size));
  semantics::visit_floating(grad_grid.dtype(), [&]<class Element>(Element) {
    using T = ArithmeticOf<Element>;
    const semantics::Volume<Element> grads(grad_grid.view<Element>(), 1);
    std::vector<T> sums(static_cast<std::size_t>(grad_theta.element_count()));
    // [affine_grid.backward] A location adds its gradient times its column to the rows of theta.
    semantics::for_each_sample(
        sizes, [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
          const auto base = base_of<T>(sizes, volumetric, align_corners, z, y, x);
          T* sum = sums.data() + static_cast<std::size_t>(n) * dimensions * (dimensions + 1);
          for (std::size_t row = 0; row < dimensions; ++row) {
            const auto grad = static_cast<T>(grads(n, z, y, x, static_cast<std::int64_t>(row)));
            for (std::size_t k = 0; k <= dimensions; ++k) *sum++ += grad * base[k];
          }
        });
    std::ranges::transform(sums, grad_theta.elements<Element>().begin(),
                           [](T value) { return static_cast<Element>(value); });
    return 0;
  });
  return grad_theta;
}

}  // namespace gridproof
