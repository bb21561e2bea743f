#include "fuzz/domain/texels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "fuzz/domain/coordinates.h"
#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

// A texel for each place in turn, of one kind and type.
template <class T>
class Painter {
 public:
  // `width` is the length of a row, `hot` the one place that `one_hot` marks.
  Painter(Texels kind, std::int64_t width, std::int64_t hot, Random& random)
      : kind_(kind),
        width_(std::max<std::int64_t>(width, 1)),
        hot_(hot),
        scale_(std::exp2(static_cast<double>(random.below(8)))),
        random_(random) {}

  T operator()(std::int64_t i) {
    switch (kind_) {
      case Texels::nonfinite:
        if (random_.one_in(8)) {
          const bool may_be_infinite = random_.one_in(2);
          const bool may_be_nan = random_.one_in(3);
          return odd(may_be_nan, may_be_infinite);
        }
        break;
      case Texels::nan:
        if (random_.one_in(6)) return odd(true, false);
        break;
      case Texels::infinite:
        if (random_.one_in(6)) return odd(false, true);
        break;
      default:
        break;
    }
    return from_double<T>(std::clamp(number(i), -largest_, largest_));
  }

  // A NaN of any kind, or an infinity of either sign.
  T odd(bool may_be_nan, bool may_be_infinite) {
    if (!may_be_infinite || (may_be_nan && random_.one_in(2))) {
      const bool payload = random_.one_in(2);
      const bool negative = random_.one_in(2);
      return nan_of<T>(negative, payload, random_);
    }
    return from_double<T>(random_.sign() * std::numeric_limits<double>::infinity());
  }

 private:
  double number(std::int64_t i) {
    constexpr Format format = format_of(dtype_of<T>);
    constexpr std::int64_t exact_integers = 256;  // that every dtype holds
    switch (kind_) {
      case Texels::integers:
        return static_cast<double>(random_.below(2 * exact_integers) - exact_integers);
      case Texels::one_hot:
        return i == hot_ ? 1 : 0;
      case Texels::checkerboard:
        return (i / width_ + i % width_) % 2 == 0 ? 1 : -1;
      case Texels::constant:
        return scale_;
      case Texels::huge:
        // What is just beyond the largest rounds down to it.
        if (random_.one_in(4)) {
          return random_.sign() * nudge(largest_, -static_cast<int>(random_.below(3)), dtype_of<T>);
        }
        return random_.sign() *
               std::exp2(random_.between(format.max_exponent - 3, format.max_exponent + 0.99));
      case Texels::tiny:
        return random_.sign() * std::exp2(random_.between(format.min_subnormal_exponent() - 1,
                                                          format.min_exponent + 3));
      case Texels::mixed_exponents:
        return random_.sign() *
               std::exp2(random_.between(format.min_exponent, format.max_exponent));
      case Texels::canceling:
        return (i % 2 == 0 ? 1 : -1) * 1000.0 + random_.between(-1e-3, 1e-3);
      case Texels::signed_zeros:
        if (!random_.one_in(5)) return random_.sign() * 0.0;
        return static_cast<double>(random_.below(9) - 4);
      default:
        return random_.between(-scale_, scale_);
    }
  }

  Texels kind_;
  std::int64_t width_;
  std::int64_t hot_;
  double scale_;
  double largest_ = largest_of(dtype_of<T>);
  Random& random_;
};

// 0, 1, 2, … and from 0 again before what the type does not hold.
template <class T>
void ramp(std::span<T> elements) {
  constexpr std::int64_t end = std::int64_t{1} << format_of(dtype_of<T>).precision;
  std::int64_t next = 0;
  for (T& element : elements) {
    element = from_double<T>(static_cast<double>(next));
    if (++next == end) next = 0;
  }
}

// Whether an element lies in the outermost pixels of its plane or volume.
bool is_at_rim(std::int64_t place, const Shape& shape) {
  const auto sizes = std::span(shape).subspan(2);
  std::array<std::int64_t, 3> index{};
  unravel(place, sizes, index);
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    if (index[axis] == 0 || index[axis] + 1 == sizes[axis]) return true;
  }
  return false;
}

}  // namespace

Tensor texels(Texels kind, Dtype dtype, const Shape& shape, Random& random) {
  Tensor input(dtype, shape);
  const std::int64_t count = input.element_count();
  const std::int64_t hot = count == 0 ? 0 : random.below(count);
  visit(dtype, [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      // Of millions, mostly.
      if (kind == Texels::ramp) {
        ramp(input.elements<T>());
        return;
      }
      Painter<T> paint(kind, shape.back(), hot, random);
      const bool nan = random.one_in(2);
      std::int64_t i = 0;
      for (T& element : input.elements<T>()) {
        element =
            kind == Texels::nonfinite_rim && is_at_rim(i, shape) ? paint.odd(nan, !nan) : paint(i);
        ++i;
      }
    }
  });
  return input;
}

Tensor texel_storage(Texels kind, Dtype dtype, std::int64_t size, Random& random) {
  constexpr std::int64_t period = 4099;
  Tensor storage(dtype, {size});
  visit(dtype, [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      const std::span<T> elements = storage.elements<T>();
      if (kind == Texels::ramp) {
        ramp(elements);
        return;
      }
      const std::int64_t painted = std::min(size, period);
      Painter<T> paint(kind, 61, painted == 0 ? 0 : random.below(painted), random);
      for (std::int64_t i = 0; i < painted; ++i) elements[static_cast<std::size_t>(i)] = paint(i);
      for (std::int64_t done = painted; done < size;) {
        const std::int64_t more = std::min(done, size - done);
        std::memcpy(static_cast<void*>(elements.data() + done), elements.data(),
                    static_cast<std::size_t>(more) * sizeof(T));
        done += more;
      }
      if (kind == Texels::nonfinite_rim && size > 0) {
        const bool nan = random.one_in(2);
        elements.front() = paint.odd(nan, !nan);
        elements.back() = paint.odd(nan, !nan);
      }
    }
  });
  return storage;
}

}  // namespace gridproof
