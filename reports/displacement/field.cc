#include "reports/displacement/field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>

#include "reference/contract/unravel.h"

namespace gridproof::reports::displacement {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t max_axes = 3;

using Vector = std::array<double, max_axes>;
using Matrix = std::array<Vector, max_axes>;  // rows

// The determinant of the first `n` rows and columns.
double determinant(const Matrix& m, std::size_t n) {
  switch (n) {
    case 0:
      return 1;
    case 1:
      return m[0][0];
    case 2:
      return m[0][0] * m[1][1] - m[0][1] * m[1][0];
    default:
      break;
  }
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

// The solution of m s = b, by Cramer's rule; not finite where there is none.
Vector solution(const Matrix& m, const Vector& b, std::size_t n) {
  const double whole = determinant(m, n);
  Vector s{};
  for (std::size_t column = 0; column < n; ++column) {
    Matrix replaced = m;
    for (std::size_t row = 0; row < n; ++row) replaced[row][column] = b[row];
    s[column] = determinant(replaced, n) / whole;
  }
  return s;
}

// One item of the batch as numbers: positions by indices x, y, z.
class Item {
 public:
  Item(const Field& field, std::int64_t n)
      : dimensions_(static_cast<std::size_t>(field.dimensions())) {
    std::size_t stride = dimensions_;
    for (std::size_t axis = 0; axis < dimensions_; ++axis) {
      outputs_[axis] = field.outputs(static_cast<int>(axis));
      strides_[axis] = stride;
      stride *= static_cast<std::size_t>(outputs_[axis]);
    }
    positions_ =
        field.positions.elements<double>().subspan(static_cast<std::size_t>(n) * stride, stride);
  }

  [[nodiscard]] std::span<const double> at(const std::array<std::int64_t, max_axes>& j) const {
    std::size_t place = 0;
    for (std::size_t axis = 0; axis < dimensions_; ++axis) {
      place += static_cast<std::size_t>(j[axis]) * strides_[axis];
    }
    return positions_.subspan(place, dimensions_);
  }
  [[nodiscard]] std::int64_t outputs(std::size_t axis) const { return outputs_[axis]; }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }

 private:
  std::size_t dimensions_;
  std::array<std::int64_t, max_axes> outputs_{1, 1, 1};
  std::array<std::size_t, max_axes> strides_{};
  std::span<const double> positions_;
};

// The axes along which positions can change from index to index.
std::vector<int> moving_axes(const Field& field) {
  std::vector<int> axes;
  for (int axis = 0; axis < field.dimensions(); ++axis) {
    const bool is_flat = field.align_corners && field.size(axis) == 1;
    if (field.outputs(axis) > 1 && !is_flat) axes.push_back(axis);
  }
  return axes;
}

// Calls `visit` with the indices x, y, z of each element of a row-major array.
template <class Size, class Visit>
void for_each_index(std::size_t dimensions, const Size& size, const Visit& visit) {
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < dimensions; ++axis) count *= size(axis);
  std::array<std::int64_t, max_axes> index{};
  for (std::int64_t i = 0; i < count; ++i) {
    visit(index);
    for (std::size_t axis = 0; axis < dimensions && ++index[axis] == size(axis); ++axis) {
      index[axis] = 0;
    }
  }
}

double determinant_at(const Item& item, const std::vector<int>& axes,
                      const std::array<std::int64_t, max_axes>& index) {
  if (!std::ranges::all_of(item.at(index), [](double p) { return std::isfinite(p); })) return nan;
  Matrix jacobian{};
  for (std::size_t column = 0; column < axes.size(); ++column) {
    const auto axis = static_cast<std::size_t>(axes[column]);
    auto before = index;
    auto after = index;
    before[axis] = std::max<std::int64_t>(index[axis] - 1, 0);
    after[axis] = std::min(index[axis] + 1, item.outputs(axis) - 1);
    const auto low = item.at(before);
    const auto high = item.at(after);
    const auto distance = static_cast<double>(after[axis] - before[axis]);
    for (std::size_t row = 0; row < axes.size(); ++row) {
      const auto component = static_cast<std::size_t>(axes[row]);
      jacobian[row][column] = (high[component] - low[component]) / distance;
    }
  }
  return determinant(jacobian, axes.size());
}

// Finds where, among the output locations of an item, a pixel is read.
class Solver {
 public:
  Solver(const Field& field, const Item& item)
      : field_(field), item_(item), axes_(moving_axes(field)) {
    // A few locations all over the item, one of which is near every solution.
    constexpr std::int64_t max_starts = 8;  // along an axis
    for_each_index(
        item.dimensions(),
        [&](std::size_t axis) { return std::min(max_starts, item.outputs(axis)); },
        [&](const std::array<std::int64_t, max_axes>& index) {
          Vector start{};
          for (std::size_t axis = 0; axis < item.dimensions(); ++axis) {
            const std::int64_t count = std::min(max_starts, item.outputs(axis));
            start[axis] =
                std::floor(static_cast<double>((2 * index[axis] + 1) * item.outputs(axis)) /
                           static_cast<double>(2 * count));
          }
          starts_.push_back({.at = start, .read = sampled(start).position});
        });
  }

  enum class Outcome : std::uint8_t { found, outside, lost };

  // The displacement, in input pixels, that leads from pixel `q` to the location that reads it.
  Outcome solve(const Vector& q, Vector& back) const {
    Vector guess{};  // where the identity, or the lattice, reads it
    for (std::size_t axis = 0; axis < item_.dimensions(); ++axis) {
      const double step = field_.step(static_cast<int>(axis));
      const double last = static_cast<double>(item_.outputs(axis) - 1);
      guess[axis] =
          step == 0
              ? last / 2
              : std::clamp((q[axis] - field_.origin(static_cast<int>(axis), 0)) / step, 0.0, last);
    }
    std::optional<Vector> found = iterated(guess, q);
    if (!found) found = iterated(nearest_start(q), q);
    if (!found) return Outcome::lost;
    for (std::size_t axis = 0; axis < item_.dimensions(); ++axis) {
      const auto number = static_cast<int>(axis);
      const double last = static_cast<double>(item_.outputs(axis) - 1);
      const double j = (*found)[axis];
      if (!is_moving(axis)) {
        // The displacement does not change across an axis of one output: it is the same for all
        // that this output stands for.
        const double read = sampled(*found).position[axis];
        const double room = std::max(field_.step(number), 1.0) / 2;
        if (std::fabs(q[axis] - read) > room + tolerance) return Outcome::outside;
        back[axis] = field_.origin(number, j) - read;
      } else {
        if (j < -0.5 - tolerance || j > last + 0.5 + tolerance) return Outcome::outside;
        back[axis] = field_.origin(number, j) - q[axis];
      }
    }
    return Outcome::found;
  }

 private:
  static constexpr double tolerance = 1e-9;

  struct Sampled {
    Vector position{};
    Matrix jacobian{};  // over axes_
  };
  struct Start {
    Vector at{};
    Vector read{};
  };

  [[nodiscard]] bool is_moving(std::size_t axis) const {
    return std::ranges::find(axes_, static_cast<int>(axis)) != axes_.end();
  }

  // The field at an index that need not be whole: linear along each axis between locations, and
  // beyond the outermost ones as in the last cell.
  [[nodiscard]] Sampled sampled(const Vector& j) const {
    Sampled result;
    std::array<std::int64_t, max_axes> cell{};
    Vector t{};
    for (std::size_t axis = 0; axis < item_.dimensions(); ++axis) {
      const auto last = static_cast<double>(item_.outputs(axis) - 1);
      const double floor = std::clamp(std::floor(j[axis]), 0.0, std::max(last - 1, 0.0));
      cell[axis] = static_cast<std::int64_t>(floor);
      if (is_moving(axis)) t[axis] = j[axis] - floor;
    }
    for (unsigned corner = 0; corner < 1U << axes_.size(); ++corner) {
      auto index = cell;
      double weight = 1;
      Vector slope{1, 1, 1};  // of the weight along each of axes_
      for (std::size_t k = 0; k < axes_.size(); ++k) {
        const auto axis = static_cast<std::size_t>(axes_[k]);
        const bool upper = ((corner >> k) & 1U) != 0;
        index[axis] += upper ? 1 : 0;
        const double factor = upper ? t[axis] : 1 - t[axis];
        for (std::size_t other = 0; other < axes_.size(); ++other) {
          slope[other] *= other != k ? factor : upper ? 1 : -1;
        }
        weight *= factor;
      }
      const auto position = item_.at(index);
      for (std::size_t row = 0; row < position.size(); ++row) {
        result.position[row] += weight * position[row];
      }
      for (std::size_t row = 0; row < axes_.size(); ++row) {
        for (std::size_t column = 0; column < axes_.size(); ++column) {
          result.jacobian[row][column] +=
              slope[column] * position[static_cast<std::size_t>(axes_[row])];
        }
      }
    }
    return result;
  }

  // q less what is read, along axes_.
  [[nodiscard]] Vector rest(const Vector& q, const Vector& read) const {
    Vector rest{};
    for (std::size_t k = 0; k < axes_.size(); ++k) {
      const auto axis = static_cast<std::size_t>(axes_[k]);
      rest[k] = q[axis] - read[axis];
    }
    return rest;
  }
  static double length(const Vector& v) { return std::hypot(v[0], v[1], v[2]); }

  // Newton's iteration; a step that leads farther away is halved.
  [[nodiscard]] std::optional<Vector> iterated(Vector j, const Vector& q) const {
    constexpr int max_steps = 25;
    constexpr int max_halvings = 5;
    Sampled here = sampled(j);
    Vector missing = rest(q, here.position);
    for (int k = 0; k < max_steps; ++k) {
      const double distance = length(missing);
      if (distance <= tolerance) return j;
      Vector step = solution(here.jacobian, missing, axes_.size());
      if (!std::isfinite(length(step))) return std::nullopt;
      bool closer = false;
      for (int halving = 0; halving <= max_halvings && !closer; ++halving) {
        Vector next = j;
        for (std::size_t i = 0; i < axes_.size(); ++i) {
          next[static_cast<std::size_t>(axes_[i])] += step[i];
          step[i] /= 2;
        }
        const Sampled there = sampled(next);
        const Vector still = rest(q, there.position);
        if (length(still) < distance) {
          j = next;
          here = there;
          missing = still;
          closer = true;
        }
      }
      if (!closer) return std::nullopt;
    }
    return std::nullopt;
  }

  [[nodiscard]] Vector nearest_start(const Vector& q) const {
    const auto distance = [&](const Start& start) {
      const double d = length(rest(q, start.read));
      return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
    };
    return std::ranges::min_element(starts_, {}, distance)->at;
  }

  const Field& field_;
  const Item& item_;
  std::vector<int> axes_;
  std::vector<Start> starts_;
};

void check_axes(const Shape& input) {
  if (input.size() > max_axes) {
    throw std::invalid_argument("the input has the sizes " + to_string(input) +
                                ": expected at most 3");
  }
}

}  // namespace

double identity_step(std::int64_t size, std::int64_t outputs, bool align_corners) {
  const std::int64_t less = align_corners ? 1 : 0;
  const std::int64_t span = outputs - less;
  return span == 0 ? 0 : static_cast<double>(size - less) / static_cast<double>(span);
}

double identity_position(std::int64_t size, std::int64_t outputs, bool align_corners,
                         double index) {
  // From the middle of the output, which is the middle of the input.
  const double middle = static_cast<double>(outputs - 1) / 2;
  return static_cast<double>(size - 1) / 2 +
         (index - middle) * identity_step(size, outputs, align_corners);
}

double Field::step(int axis) const {
  if (measure.origin != exact::Origin::identity) return 1;
  return identity_step(size(axis), outputs(axis), align_corners);
}

double Field::origin(int axis, double index) const {
  if (measure.origin != exact::Origin::identity) return index;
  return identity_position(size(axis), outputs(axis), align_corners, index);
}

double Field::measured(int axis, double input_pixels) const {
  switch (measure.unit) {
    case exact::Unit::input:
      return input_pixels;
    case exact::Unit::output:
      return step(axis) == 0 ? 0 : input_pixels / step(axis);
    case exact::Unit::normalized:
      break;
  }
  const std::int64_t span = size(axis) - (align_corners ? 1 : 0);
  return span == 0 ? 0 : 2 * input_pixels / static_cast<double>(span);
}

std::string describe(const Field& field) {
  const auto unit = [&] {
    switch (field.measure.unit) {
      case exact::Unit::input:
        return "input pixels";
      case exact::Unit::output:
        return "output pixels";
      case exact::Unit::normalized:
        break;
    }
    return "coordinates (-1 … 1)";
  };
  const bool identity = field.measure.origin == exact::Origin::identity;
  return std::string(unit()) + ", relative to " +
         (identity ? "the identity resize" : "the same pixel lattice") +
         ", align_corners=" + (field.align_corners ? "True" : "False");
}

Field make_field(const Tensor& given, const Shape& input, bool align_corners, exact::Measure from,
                 exact::Measure measure) {
  check_axes(input);
  return {.positions = exact::convert_field(given, input, align_corners, from, exact::as_maps),
          .displacement = exact::convert_field(given, input, align_corners, from, measure),
          .input = input,
          .align_corners = align_corners,
          .measure = measure};
}

Field make_affine_field(const Tensor& theta, const Shape& outputs, const Shape& input,
                        bool align_corners, exact::Measure measure) {
  check_axes(input);
  return {.positions = exact::affine_field(theta, outputs, input, align_corners, exact::as_maps),
          .displacement = exact::affine_field(theta, outputs, input, align_corners, measure),
          .input = input,
          .align_corners = align_corners,
          .measure = measure};
}

Return return_of(const Tensor& grid, const Field& field) {
  const Tensor back = exact::convert_field(field.displacement, field.input, field.align_corners,
                                           field.measure, exact::as_grid, grid.dtype());
  const Format format = format_of(grid.dtype());
  const std::vector<double> there = grid.values();
  const std::vector<double> here = back.values();
  Return result;
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (!std::isfinite(there[i]) || !std::isfinite(here[i])) continue;
    ++result.coordinates;
    const int exponent =
        there[i] == 0 ? format.min_exponent : std::max(std::ilogb(there[i]), format.min_exponent);
    const double ulp = std::ldexp(1.0, exponent - format.precision + 1);
    if (here[i] == there[i]) {
      ++result.same;
    } else if (std::fabs(here[i] - there[i]) <= ulp) {
      ++result.within_one_ulp;
    }
  }
  return result;
}

Summary summary_of(const Field& field) {
  const auto dimensions = static_cast<std::size_t>(field.dimensions());
  const auto displacement = field.displacement.elements<double>();
  const auto positions = field.positions.elements<double>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Summary summary;
  summary.locations = static_cast<std::int64_t>(displacement.size() / dimensions);
  summary.components.assign(dimensions, {infinity, 0, -infinity});
  std::int64_t finite = 0;
  std::optional<std::size_t> largest_at;
  for (std::size_t i = 0; i < displacement.size(); i += dimensions) {
    const auto here = displacement.subspan(i, dimensions);
    if (!std::ranges::all_of(here, [](double value) { return std::isfinite(value); })) {
      ++summary.not_finite;
      continue;
    }
    ++finite;
    bool inside = true;
    double length = 0;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
      Component& component = summary.components[axis];
      component.least = std::min(component.least, here[axis]);
      component.greatest = std::max(component.greatest, here[axis]);
      // A running mean, which cannot overflow where a sum would.
      component.mean +=
          here[axis] / static_cast<double>(finite) - component.mean / static_cast<double>(finite);
      length = std::hypot(length, here[axis]);
      const double position = positions[i + axis];
      inside = inside && position >= -0.5 &&
               position <= static_cast<double>(field.size(static_cast<int>(axis))) - 0.5;
    }
    if (!inside) ++summary.outside;
    if (!largest_at || length > summary.largest) {
      summary.largest = length;
      largest_at = i / dimensions;
    }
  }
  if (finite == 0) summary.components.assign(dimensions, {nan, nan, nan});
  if (largest_at) {
    summary.largest_at = unravel(static_cast<std::int64_t>(*largest_at),
                                 std::span(field.positions.shape()).first(dimensions + 1));
  }
  return summary;
}

Jacobian jacobian_of(const Field& field) {
  const Shape& shape = field.positions.shape();
  Jacobian jacobian{.determinants = Tensor(Dtype::f64, {shape.begin(), shape.end() - 1}),
                    .axes = moving_axes(field),
                    .least = nan,
                    .greatest = nan};
  const auto determinants = jacobian.determinants.elements<double>();
  std::size_t place = 0;
  for (std::int64_t n = 0; n < field.batch(); ++n) {
    const Item item(field, n);
    for_each_index(
        item.dimensions(), [&](std::size_t axis) { return item.outputs(axis); },
        [&](const std::array<std::int64_t, max_axes>& index) {
          double& value = determinants[place++];
          value = determinant_at(item, jacobian.axes, index);
          if (!std::isfinite(value)) {
            value = nan;
            ++jacobian.not_finite;
            return;
          }
          if (value <= 0) ++jacobian.folds;
          if (value < 0) ++jacobian.mirrored;
          jacobian.least = std::fmin(jacobian.least, value);
          jacobian.greatest = std::fmax(jacobian.greatest, value);
        });
  }
  return jacobian;
}

Inverse inverse_of(const Field& field) {
  Shape shape{field.batch()};
  shape.insert(shape.end(), field.input.begin(), field.input.end());
  shape.push_back(field.dimensions());
  Inverse inverse{.displacement = Tensor(Dtype::f64, shape)};
  const auto dimensions = static_cast<std::size_t>(field.dimensions());
  inverse.pixels = element_count(shape) / field.dimensions();
  const auto numbers = inverse.displacement.elements<double>();
  std::ranges::fill(numbers, nan);
  if (field.positions.element_count() == 0) {
    inverse.outside = inverse.pixels;
    return inverse;
  }
  std::size_t place = 0;
  for (std::int64_t n = 0; n < field.batch(); ++n) {
    const Item item(field, n);
    const Solver solver(field, item);
    for_each_index(
        dimensions, [&](std::size_t axis) { return field.size(static_cast<int>(axis)); },
        [&](const std::array<std::int64_t, max_axes>& index) {
          Vector q{};
          Vector back{};
          for (std::size_t axis = 0; axis < dimensions; ++axis) {
            q[axis] = static_cast<double>(index[axis]);
          }
          const auto outcome = solver.solve(q, back);
          switch (outcome) {
            case Solver::Outcome::found:
              ++inverse.found;
              for (std::size_t axis = 0; axis < dimensions; ++axis) {
                numbers[place + axis] = field.measured(static_cast<int>(axis), back[axis]);
              }
              break;
            case Solver::Outcome::outside:
              ++inverse.outside;
              break;
            case Solver::Outcome::lost:
              ++inverse.lost;
              break;
          }
          place += dimensions;
        });
  }
  return inverse;
}

}  // namespace gridproof::reports::displacement
