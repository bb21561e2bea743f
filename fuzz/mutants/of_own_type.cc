// Everything computed in the tensor's own type, from the size of an axis to the sum: what that
// comes to in types of 16 bits, and in f32 beyond 2^24 pixels. Two kernels are known: one for
// planes, which numbers pixels in integers of the same size, and one for volumes. Each is followed
// operation by operation, because where everything is rounded, the order decides.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fuzz/mutants/meet.h"
#include "reference/semantics/layout.h"

namespace gridproof::dictionary {
namespace {

// A number of the type Element; what an operation gives is rounded to it.
template <class Element>
struct Narrow {
  float value = 0;

  Narrow() = default;
  explicit Narrow(float exact) : value(static_cast<float>(Element(static_cast<double>(exact)))) {}
  // As C++ converts: to f32 first.
  explicit Narrow(std::int64_t number) : Narrow(static_cast<float>(number)) {}
  explicit Narrow(Element element)
    requires(!std::is_same_v<Element, float>)
      : value(static_cast<float>(element)) {}

  friend Narrow operator+(Narrow a, Narrow b) { return Narrow(a.value + b.value); }
  friend Narrow operator-(Narrow a, Narrow b) { return Narrow(a.value - b.value); }
  friend Narrow operator*(Narrow a, Narrow b) { return Narrow(a.value * b.value); }
  friend Narrow operator/(Narrow a, Narrow b) { return Narrow(a.value / b.value); }
};

// x86 makes the least number of what an integer does not hold.
template <class Integer>
Integer converted_to(float value) {
  const float beyond = -static_cast<float>(std::numeric_limits<Integer>::min());
  return value >= -beyond && value < beyond ? static_cast<Integer>(value)
                                            : std::numeric_limits<Integer>::min();
}

// The integers that number the pixels of a plane.
template <class Element>
using Index = std::conditional_t<sizeof(Element) == 2, std::int16_t, std::int32_t>;

// The lower bits of the 32 to which a number is converted.
template <class Element>
std::int64_t number_of(Narrow<Element> value) {
  return wrapped<Index<Element>>(converted_to<std::int32_t>(value.value));
}

// Positions on an axis of a plane, the way that all of a vector are computed.
template <class Element>
class PlaneAxis {
  using Real = Narrow<Element>;

 public:
  PlaneAxis(std::int64_t size, const Options& options)
      : options_(options),
        most_(size - 1),
        scale_(Real(options.align_corners ? size - 1 : size) / Real(2.0F)),
        low_(options.align_corners ? 0.0F : -0.5F),
        twice_span_(Real(options.align_corners ? size - 1 : size) * Real(2.0F)),
        is_point_(options.align_corners && size == 1) {}

  [[nodiscard]] Real position(Real x) const {
    const Real scaled = (x + Real(1.0F)) * scale_;
    return options_.align_corners ? scaled : scaled - Real(0.5F);
  }

  [[nodiscard]] Real padded(Real position) const {
    if (options_.padding == Padding::zeros) return position;
    return clipped(options_.padding == Padding::reflection ? reflected(position) : position);
  }

 private:
  // NaN becomes 0.
  [[nodiscard]] Real clipped(Real position) const {
    position.value = position.value > 0 ? position.value : 0;
    position.value = position.value < most_.value ? position.value : most_.value;
    return position;
  }

  [[nodiscard]] Real reflected(Real position) const {
    if (is_point_) return Real(0.0F);
    const Real distance(std::fabs((position - low_).value));
    const Real flips(std::trunc((distance / twice_span_).value));
    const Real extra = distance - flips * twice_span_;
    const Real other = twice_span_ - extra;
    if (std::isnan(extra.value) || std::isnan(other.value)) return Real(NAN);
    return Real(std::min(extra.value, other.value)) + low_;
  }

  Options options_;
  Real most_;
  Real scale_;
  Real low_;
  Real twice_span_;
  bool is_point_;
};

// One channel of one item of a plane.
template <class Element>
struct Plane {
  const Element* storage;
  std::int64_t begin;  // where the channel begins in the storage, in elements
  std::int64_t end;    // of the storage
  std::int64_t height, width;
  std::int64_t row, column;  // strides
  bool* has_left;            // becomes true when a place outside of the storage is read

  static std::int64_t cut(std::int64_t number) { return wrapped<Index<Element>>(number); }

  [[nodiscard]] bool holds(std::int64_t x, std::int64_t y) const {
    return x >= 0 && x < cut(width) && y >= 0 && y < cut(height);
  }
  [[nodiscard]] Narrow<Element> at(std::int64_t x, std::int64_t y) const {
    const std::int64_t place = cut(y * cut(row) + x * cut(column));
    if (begin + place >= 0 && begin + place < end) return Narrow<Element>(storage[begin + place]);
    *has_left = true;
    return {};
  }
};

template <class Element>
std::array<Narrow<Element>, 4> cubic_weights(Narrow<Element> t) {
  using Real = Narrow<Element>;
  const Real a(-0.75F);
  const auto outer = [a](Real d) {
    return ((a * d - Real(5.0F) * a) * d + Real(8.0F) * a) * d - Real(4.0F) * a;
  };
  const auto inner = [a](Real d) {
    return ((a + Real(2.0F)) * d - (a + Real(3.0F))) * d * d + Real(1.0F);
  };
  return {outer(t + Real(1.0F)), inner(t), inner(Real(1.0F) - t), outer(Real(2.0F) - t)};
}

template <class Element>
Narrow<Element> sample_of_plane(const Plane<Element>& plane,
                                const std::array<PlaneAxis<Element>, 2>& axes,
                                const Options& options, Narrow<Element> x, Narrow<Element> y) {
  using Real = Narrow<Element>;
  const bool masked = options.padding == Padding::zeros;
  if (options.mode == Mode::nearest) {
    const auto nearest = [](Real at) { return number_of(Real(std::nearbyint(at.value))); };
    const std::int64_t px = nearest(axes[0].padded(axes[0].position(x)));
    const std::int64_t py = nearest(axes[1].padded(axes[1].position(y)));
    return masked && !plane.holds(px, py) ? Real(0.0F) : plane.at(px, py);
  }
  if (options.mode == Mode::bilinear) {
    const Real at_x = axes[0].padded(axes[0].position(x));
    const Real at_y = axes[1].padded(axes[1].position(y));
    const Real west(std::floor(at_x.value));
    const Real north(std::floor(at_y.value));
    const std::array<Real, 2> along_x = {Real(1.0F) - (at_x - west), at_x - west};
    const std::array<Real, 2> along_y = {Real(1.0F) - (at_y - north), at_y - north};
    Real total;
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t px = plane.cut(number_of(west) + static_cast<int>(i));
        const std::int64_t py = plane.cut(number_of(north) + static_cast<int>(j));
        // Where positions are padded, only the second pixel of an axis is asked whether it exists.
        const bool exists = masked ? plane.holds(px, py)
                                   : (i == 0 || px < plane.cut(plane.width)) &&
                                         (j == 0 || py < plane.cut(plane.height));
        const Real texel = exists ? plane.at(px, py) : Real(0.0F);
        const Real term = texel * (along_y[j] * along_x[i]);
        total = i + j == 0 ? term : total + term;
      }
    }
    return total;
  }
  const Real at_x = axes[0].position(x);
  const Real at_y = axes[1].position(y);
  const Real west(std::floor(at_x.value));
  const Real north(std::floor(at_y.value));
  const std::array<Real, 4> along_x = cubic_weights(at_x - west);
  const std::array<Real, 4> along_y = cubic_weights(at_y - north);
  Real total;
  for (std::size_t j = 0; j < 4; ++j) {
    const std::int64_t py = number_of(axes[1].padded(north + Real(static_cast<float>(j) - 1)));
    Real row;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::int64_t px = number_of(axes[0].padded(west + Real(static_cast<float>(i) - 1)));
      const Real texel = masked && !plane.holds(px, py) ? Real(0.0F) : plane.at(px, py);
      row = i == 0 ? along_x[i] * texel : row + along_x[i] * texel;
    }
    total = j == 0 ? along_y[j] * row : total + along_y[j] * row;
  }
  return total;
}

// The position on an axis of a volume, the way that one by one is computed.
template <class Element>
Narrow<Element> position_in_volume(Narrow<Element> x, std::int64_t size, const Options& options) {
  using Real = Narrow<Element>;
  const bool align_corners = options.align_corners;
  Real position = align_corners ? (x + Real(1.0F)) / Real(2.0F) * Real(size - 1)
                                : ((x + Real(1.0F)) * Real(size) - Real(1.0F)) / Real(2.0F);
  if (options.padding == Padding::zeros) return position;
  if (options.padding == Padding::reflection) {
    const std::int64_t low = align_corners ? 0 : -1;  // both lines twice
    const std::int64_t high = align_corners ? 2 * (size - 1) : 2 * size - 1;
    if (low == high) return Real(0.0F);
    const Real least = Real(low) / Real(2.0F);
    const Real span = Real(high - low) / Real(2.0F);
    const Real distance(std::fabs((position - least).value));
    const Real extra(std::fmod(distance.value, span.value));
    const auto flips = converted_to<std::int32_t>(std::floor((distance / span).value));
    position = flips % 2 == 0 ? extra + least : span - extra + least;
  }
  // NaN becomes the last pixel.
  const Real last(size - 1);
  const float raised = position.value < 0 ? 0 : position.value;
  return Real(raised < last.value ? raised : last.value);
}

// The number of a pixel along an axis of a volume: of bf16, NaN is pixel 0.
template <class Element>
std::int64_t number_in_volume(float whole) {
  if (std::is_same_v<Element, BFloat16> && std::isnan(whole)) return 0;
  return converted_to<std::int64_t>(whole);
}

template <class Element>
using Voxel = std::function<Narrow<Element>(std::int64_t, std::int64_t, std::int64_t)>;

// `read` gives the voxel at x, y, z.
template <class Element>
Narrow<Element> sample_of_volume(const std::array<std::int64_t, 3>& sizes, const Options& options,
                                 const std::array<Narrow<Element>, 3>& coordinates,
                                 const Voxel<Element>& read) {
  using Real = Narrow<Element>;
  std::array<Real, 3> position;
  std::array<std::int64_t, 3> first{};
  for (std::size_t k = 0; k < 3; ++k) {
    position[k] = position_in_volume(coordinates[k], sizes[k], options);
    const float value = position[k].value;
    first[k] = number_in_volume<Element>(options.mode == Mode::nearest ? std::nearbyint(value)
                                                                       : std::floor(value));
  }
  const auto exists = [&sizes](const std::array<std::int64_t, 3>& at) {
    for (std::size_t k = 0; k < 3; ++k) {
      if (at[k] < 0 || at[k] >= sizes[k]) return false;
    }
    return true;
  };
  if (options.mode == Mode::nearest) {
    return exists(first) ? read(first[0], first[1], first[2]) : Real(0.0F);
  }
  Real total;
  for (std::size_t corner = 0; corner < 8; ++corner) {
    std::array<std::int64_t, 3> at = first;
    std::array<Real, 3> weight;
    for (std::size_t k = 0; k < 3; ++k) {
      const bool second = ((corner >> k) & 1U) != 0;
      at[k] += second ? 1 : 0;
      weight[k] = second ? position[k] - Real(first[k]) : Real(first[k] + 1) - position[k];
    }
    if (exists(at)) {
      total = total + read(at[0], at[1], at[2]) * (weight[0] * weight[1] * weight[2]);
    }
  }
  return total;
}

// Lost when it reads outside of the input's storage: what stands there, nobody knows.
template <class Element>
Answer in_own_type(const Case& test_case) {
  using Real = Narrow<Element>;
  const Options options = options_of(test_case);
  const Tensor& tensor = test_case.input;
  Tensor result(tensor.dtype(), semantics::output_shape(tensor.shape(), test_case.grid.shape()));
  Element* const output = result.elements<Element>().data();
  const semantics::Volume<Element> input(tensor.view<Element>(), 2);
  const semantics::Volume<Element> grid(test_case.grid.view<Element>(), 1);
  const auto* const storage = reinterpret_cast<const Element*>(tensor.storage());
  const std::array<PlaneAxis<Element>, 2> axes = {PlaneAxis<Element>(input.shape[4], options),
                                                  PlaneAxis<Element>(input.shape[3], options)};
  const std::array<std::int64_t, 3> sizes = {input.shape[4], input.shape[3], input.shape[2]};
  const bool is_plane = tensor.rank() == 4;
  bool has_left = false;
  const auto visit = [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
    const Real at_x(grid(n, z, y, x, 0));
    const Real at_y(grid(n, z, y, x, 1));
    for (std::int64_t c = 0; c < input.shape[1]; ++c) {
      Real value;
      if (is_plane) {
        const Plane<Element> plane{.storage = storage,
                                   .begin = &input(n, c, 0, 0, 0) - storage,
                                   .end = tensor.storage_size(),
                                   .height = input.shape[3],
                                   .width = input.shape[4],
                                   .row = input.strides[3],
                                   .column = input.strides[4],
                                   .has_left = &has_left};
        value = sample_of_plane(plane, axes, options, at_x, at_y);
      } else {
        value = sample_of_volume<Element>(sizes, options, {at_x, at_y, Real(grid(n, z, y, x, 2))},
                                          [&](std::int64_t px, std::int64_t py, std::int64_t pz) {
                                            return Real(input(n, c, pz, py, px));
                                          });
      }
      output[semantics::output_place(grid.shape, input.shape[1], n, c, z, y, x)] =
          Element(static_cast<double>(value.value));
    }
  };
  semantics::for_each_sample(grid.shape, visit);
  if (has_left) return Lost{"reads outside of the input's storage"};
  return result;
}

Answer everything_in_own_type(const Case& test_case) {
  switch (test_case.input.dtype()) {
    case Dtype::f16:
      return in_own_type<Half>(test_case);
    case Dtype::bf16:
      return in_own_type<BFloat16>(test_case);
    default:
      return in_own_type<float>(test_case);
  }
}

bool beyond_whole_f32(const Case& test_case) {
  return in(Dtype::f32)(test_case) && an_axis_above(1 << 24)(test_case);
}

}  // namespace

std::vector<Mutant> of_own_type() {
  const Carrier pytorch{"PyTorch", "https://github.com/pytorch/pytorch/issues/96429"};
  return {
      kernel({"own-type.planes",
              "dtype.16-bit",
              "16-bit planes are computed in 16 bits, from the axis size to the pixel index and "
              "the sum",
              "grid_sample mode=nearest input=f16[1,1,1,4]{1..4} grid=f16[1,1,1,2]{-32768,0}",
              {pytorch}},
             meet(in_16_bits, planes), everything_in_own_type),
      kernel({"own-type.volumes",
              "dtype.16-bit",
              "16-bit volumes are computed in 16 bits, from the axis size to the sum",
              "grid_sample input=bf16[1,1,1,1,511]{1*511} grid=bf16[1,1,1,1,3]{0,0,0}",
              {pytorch}},
             meet(in_16_bits, volumes), everything_in_own_type),
      kernel({"own-type.f32-planes",
              "shape.sample",
              "planes with an axis of more than 2^24 pixels are computed in f32 and int32, from "
              "the axis size on",
              "grid_sample input=f32[1,1,2147483648,1]strides[1,1,0,1]{1} "
              "grid=f32[1,1,1,2]{0,0}",
              {{"PyTorch", "https://github.com/pytorch/pytorch/issues/42616"}}},
             meet(beyond_whole_f32, planes), everything_in_own_type),
      kernel({"own-type.f32-volumes", "shape.sample",
              "volumes with an axis of more than 2^24 pixels are computed in f32, from the axis "
              "size on",
              "grid_sample padding_mode=reflection "
              "input=f32[1,1,1,1,16777219]strides[1,1,0,0,0]{1} grid=f32[1,1,1,1,3]{1,0,0}"},
             meet(beyond_whole_f32, volumes), everything_in_own_type),
  };
}

}  // namespace gridproof::dictionary
