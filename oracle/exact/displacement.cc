#include "oracle/exact/displacement.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace gridproof::exact {
namespace {

[[noreturn]] void reject(const std::string& what) { throw std::invalid_argument(what); }

void check_sizes(const Shape& sizes, const std::string& whose) {
  if (sizes.empty() || std::ranges::any_of(sizes, [](std::int64_t size) { return size < 1; })) {
    reject("the sizes of the " + whose + " are " + to_string(sizes) +
           ": expected at least one pixel along every axis");
  }
}

// The axes in the order of the components, x first; `sizes` and `outputs` have x last.
std::vector<DisplacementAxis> axes_of(const Shape& sizes, const Shape& outputs,
                                      bool align_corners) {
  std::vector<DisplacementAxis> axes;
  for (std::size_t at = sizes.size(); at-- > 0;) {
    axes.emplace_back(sizes[at], outputs[at], align_corners);
  }
  return axes;
}

// Calls `visit(n, indices, first)` for each output location, `indices` in the order x, y, z and
// `first` the place of its first number in a dense field.
template <class Visit>
void for_each_location(const Shape& field, const Visit& visit) {
  const std::size_t dimensions = field.size() - 2;
  const std::int64_t locations = element_count(field) / static_cast<std::int64_t>(dimensions);
  Shape indices(dimensions);
  for (std::int64_t location = 0; location < locations; ++location) {
    std::int64_t rest = location;
    for (std::size_t component = 0; component < dimensions; ++component) {
      const std::int64_t size = field[dimensions - component];
      indices[component] = rest % size;
      rest /= size;
    }
    visit(rest, indices, static_cast<std::size_t>(location) * dimensions);
  }
}

Shape without_ends(const Shape& shape) { return {shape.begin() + 1, shape.end() - 1}; }

}  // namespace

DisplacementAxis::DisplacementAxis(std::int64_t size, std::int64_t outputs, bool align_corners)
    : size_(size),
      outputs_(outputs),
      align_corners_(align_corners),
      size_span_(align_corners ? size - 1 : size),
      outputs_span_(align_corners ? outputs - 1 : outputs) {}

// The coordinate of the center of place `index` out of `count`; the middle where there is but one.
Ratio DisplacementAxis::center(std::int64_t index, std::int64_t count) const {
  if (align_corners_ && count == 1) return {};
  const std::int64_t span = align_corners_ ? count - 1 : count;
  return {2 * Dyadic(index) - (count - 1), span};
}

Ratio DisplacementAxis::position(const Ratio& coordinate) const {
  // From the middle of the input, where the coordinate is 0.
  return (coordinate * Dyadic(size_span_) + Dyadic(size_ - 1)) * Dyadic(0.5);
}

Ratio DisplacementAxis::coordinate(const Ratio& position) const {
  if (size_span_ == 0) return {};
  return (position * Dyadic(2) - Dyadic(size_ - 1)) * Ratio(1, size_span_);
}

Ratio DisplacementAxis::origin_coordinate(std::int64_t index, Origin origin) const {
  switch (origin) {
    case Origin::identity:
      return center(index, outputs_);
    case Origin::lattice:
      return center(index, size_);
    case Origin::none:
      break;
  }
  return {};
}

Ratio DisplacementAxis::origin_position(std::int64_t index, Origin origin) const {
  switch (origin) {
    case Origin::identity:
      return position(center(index, outputs_));
    case Origin::lattice:
      return Dyadic(index);
    case Origin::none:
      break;
  }
  return {};
}

Ratio DisplacementAxis::converted(const Ratio& value, std::int64_t index, Measure from,
                                  Measure to) const {
  if (from == to) return value;
  const bool from_coordinates = from.unit == Unit::normalized;
  const bool to_coordinates = to.unit == Unit::normalized;
  const auto counts_outputs = [](Measure measure) {
    return measure == Measure{Unit::output, Origin::identity};
  };
  Ratio point = value;
  if (from_coordinates) {
    point = point + origin_coordinate(index, from.origin);
    if (!to_coordinates) point = position(point);
  } else {
    if (counts_outputs(from)) {
      // Without a distance between outputs a displacement in their pixels is none.
      point = outputs_span_ == 0 ? Ratio() : point * Ratio(size_span_, outputs_span_);
    }
    point = point + origin_position(index, from.origin);
    if (to_coordinates) point = coordinate(point);
  }
  if (to_coordinates) return point - origin_coordinate(index, to.origin);
  point = point - origin_position(index, to.origin);
  if (!counts_outputs(to)) return point;
  return size_span_ == 0 ? Ratio() : point * Ratio(outputs_span_, size_span_);
}

Tensor convert_field(const Tensor& field, const Shape& input, bool align_corners, Measure from,
                     Measure to, Dtype dtype) {
  const std::size_t dimensions = input.size();
  if (dimensions == 0 || field.shape().size() != dimensions + 2 ||
      field.shape().back() != static_cast<std::int64_t>(dimensions)) {
    reject("the field has shape " + to_string(field.shape()) + ": expected (N, output sizes …, " +
           std::to_string(dimensions) + ") for the sizes " + to_string(input) + " of the input");
  }
  check_sizes(input, "input");
  const std::vector<DisplacementAxis> axes =
      axes_of(input, without_ends(field.shape()), align_corners);
  std::vector<double> values = field.values();
  const Format format = format_of(dtype);
  for_each_location(field.shape(), [&](std::int64_t, const Shape& indices, std::size_t first) {
    for (std::size_t component = 0; component < dimensions; ++component) {
      double& value = values[first + component];
      if (std::isnan(value) && from == as_grid && to != as_grid) value = -1;
      if (!std::isfinite(value)) continue;
      value =
          round_to(format, axes[component].converted(Dyadic(value), indices[component], from, to));
    }
  });
  return {dtype, field.shape(), values};
}

Tensor affine_field(const Tensor& theta, const Shape& outputs, const Shape& input,
                    bool align_corners, Measure to, Dtype dtype) {
  const std::size_t dimensions = input.size();
  const auto rows = static_cast<std::int64_t>(dimensions);
  if (dimensions == 0 || outputs.size() != dimensions || theta.rank() != 3 ||
      theta.size(1) != rows || theta.size(2) != rows + 1) {
    reject("theta has shape " + to_string(theta.shape()) +
           ": expected (N, 2, 3) or (N, 3, 4), as " + "many rows as the output " +
           to_string(outputs) + " and the input " + to_string(input) + " have sizes");
  }
  check_sizes(input, "input");
  check_sizes(outputs, "output");
  const std::vector<double> map = theta.values();
  if (!std::ranges::all_of(map, [](double value) { return std::isfinite(value); })) {
    reject("theta holds a number that is not finite, so it is not an affine map");
  }
  Shape shape{theta.size(0)};
  shape.insert(shape.end(), outputs.begin(), outputs.end());
  shape.push_back(rows);
  const std::vector<DisplacementAxis> axes = axes_of(input, outputs, align_corners);
  const Tensor empty(dtype, shape);  // which says whether such a field can exist
  std::vector<double> values(static_cast<std::size_t>(empty.element_count()));
  const Format format = format_of(dtype);
  for_each_location(shape, [&](std::int64_t n, const Shape& indices, std::size_t first) {
    const double* row = map.data() + static_cast<std::size_t>(n * rows * (rows + 1));
    for (std::size_t component = 0; component < dimensions; ++component) {
      Ratio coordinate = Dyadic(row[dimensions]);
      for (std::size_t k = 0; k < dimensions; ++k) {
        coordinate = coordinate + axes[k].identity_coordinate(indices[k]) * Dyadic(row[k]);
      }
      values[first + component] =
          round_to(format, axes[component].converted(coordinate, indices[component], as_grid, to));
      row += dimensions + 1;
    }
  });
  return {dtype, shape, values};
}

}  // namespace gridproof::exact
