// Where special values meet something else: two of them in a sample, or one and a mode, a lane, a
// type, a special texel.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The coordinates of one output location; `location` counts within its row.
struct Coordinates {
  std::array<double, 3> x;
  std::size_t count;
  std::int64_t location;

  template <class Holds>
  [[nodiscard]] bool any(Holds holds) const {
    return std::any_of(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(count), holds);
  }
};

// All channels are `value` at the locations for which `where(question, coordinates)`.
template <class Where>
auto gives_where(Where where, double value) {
  return gives([where, value](const Case& test_case, const Tensor& output) {
    const std::vector<double> grid = test_case.grid.values();
    const auto count = static_cast<std::size_t>(test_case.grid.size(test_case.grid.rank() - 1));
    const std::int64_t row = width_of(test_case.grid, 1);
    std::vector<bool> chosen;
    for (std::size_t i = 0; i < grid.size(); i += count) {
      Coordinates at{{}, count, static_cast<std::int64_t>(chosen.size()) % row};
      for (std::size_t k = 0; k < count; ++k) at.x[k] = grid[i + k];
      chosen.push_back(where(test_case, at));
    }
    if (std::ranges::count(chosen, true) == 0) return output;
    const Tensor other = filled_like(output, value);
    return mixed(output, other, [&chosen](const At& at, const At& sizes) {
      const std::int64_t item = sizes.z * sizes.y * sizes.x;
      return chosen[static_cast<std::size_t>(at.n * item + at.location(sizes))];
    });
  });
}

bool is_negative_nan(double x) { return std::isnan(x) && std::signbit(x); }
bool is_unusual_nan(double x) {
  return std::isnan(x) && std::bit_cast<std::uint64_t>(x) != 0x7ff8000000000000U;
}

// Whether a position overflows in the type of the question, which is f32 or f64. First it is (x +
// 1) S times `factor`.
bool overflows(const Case& test_case, const Coordinates& at, double factor) {
  const Tensor& input = test_case.input;
  const double most = input.dtype() == Dtype::f64 ? std::numeric_limits<double>::max()
                                                  : double{std::numeric_limits<float>::max()};
  for (std::size_t k = 0; k < at.count; ++k) {
    const std::int64_t size = input.size(input.rank() - 1 - static_cast<int>(k));
    const std::int64_t scale = corners_aligned(test_case) ? size - 1 : size;
    const double position = (at.x[k] + 1) * (static_cast<double>(scale) * factor);
    if (std::isfinite(at.x[k]) && std::fabs(position) > most) return true;
  }
  return false;
}

auto nan_from_overflow(double factor) {
  return gives_where([factor](const Case& test_case,
                              const Coordinates& at) { return overflows(test_case, at, factor); },
                     NAN);
}

// Replaces a coordinate by `function(x, axis)`.
template <class Function>
auto coordinate(Function function) {
  return [function](Hooked& rules) {
    rules.coordinate = [function](auto x, const Axis& axis) {
      return static_cast<decltype(x)>(function(Documented::coordinate(x, axis), axis));
    };
  };
}

// The same, for the components of one sample together.
template <class Function>
auto coordinates(Function function) {
  return asks([function](Case test_case) {
    const auto count = static_cast<std::size_t>(test_case.grid.size(test_case.grid.rank() - 1));
    std::vector<double> grid = test_case.grid.values();
    for (std::size_t i = 0; i < grid.size(); i += count) function(grid.data() + i, count);
    test_case.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid);
    return test_case;
  });
}

bool special_texels(const Case& test_case) {
  return std::ranges::any_of(test_case.input.values(), [](double v) { return !std::isfinite(v); });
}
bool no_special_texels(const Case& test_case) { return !special_texels(test_case); }

// One pixel by the weights 1 and 0 of a bilinear sample.
void weighs_nearest(Hooked& rules) {
  rules.before = [](Case test_case) {
    test_case.request.mode = "bilinear";
    return test_case;
  };
  rules.cell = [](const auto& sample, const Axis& /*axis*/) {
    using T = decltype(sample.padded);
    return semantics::Cell<std::remove_cvref_t<T>>{
        semantics::to_index(semantics::nearest(sample.padded)), 0};
  };
}

}  // namespace

std::vector<Mutant> of_specials() {
  return {
      // NaN coordinates.
      interaction(
          {"nan.with-infinity", "infinity.border", "NaN and an infinity in one sample give NaN",
           "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{nan,inf}"},
          meet(padded_by(Padding::border)),
          gives_where([](const Case&,
                         const Coordinates& at) { return at.any(is_nan) && at.any(is_infinite); },
                      NAN)),
      interaction(
          {"nan.negative", "coord.nan", "a NaN with its sign bit set gives NaN",
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-nan}"},
          meet(),
          gives_where([](const Case&, const Coordinates& at) { return at.any(is_negative_nan); },
                      NAN)),
      interaction(
          {"nan.other-pattern", "coord.nan",
           "only one bit pattern counts as NaN: any other NaN gives 0",
           "grid_sample padding_mode=border input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{0,-nan}"},
          meet(),
          gives_where([](const Case&, const Coordinates& at) { return at.any(is_unusual_nan); },
                      0)),
      interaction(
          {"nan.first-lane", "coord.nan",
           "of four adjacent locations only the first is checked for NaN",
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0,0,0,nan}"},
          meet(),
          gives_where([](const Case&,
                         const Coordinates& at) { return at.location % 4 != 0 && at.any(is_nan); },
                      NAN)),
      interaction({"nan.in-tail", "coord.nan",
                   "NaN after a row's last full group of eight locations gives NaN",
                   "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,9,2]{0*17,nan}"},
                  meet(),
                  gives_where(
                      [](const Case& test_case, const Coordinates& at) {
                        const std::int64_t row = width_of(test_case.grid, 1);
                        return row > 8 && at.location >= row / 8 * 8 && at.any(is_nan);
                      },
                      NAN)),
      interaction(
          {"nan.depth", "coord.nan", "in volumes, NaN in z gives NaN",
           "grid_sample input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,nan}"},
          meet(volumes),
          gives_where([](const Case&, const Coordinates& at) { return is_nan(at.x[2]); }, NAN)),
      interaction({"nan.cubic-border", "coord.nan", "in bicubic under border, NaN is read as +1",
                   "grid_sample mode=bicubic padding_mode=border input=f32[1,1,2,1]{1,2} "
                   "grid=f32[1,1,1,2]{0,nan}"},
                  meet(by(Mode::bicubic), padded_by(Padding::border)), as("nan.high-edge")),
      interaction({"nan.in-f64", "coord.nan", "NaN gives 0 in f64 only",
                   "grid_sample padding_mode=border input=f64[1,1,1,1]{1} "
                   "grid=f64[1,1,1,2]{0,nan}"},
                  meet(in(Dtype::f64)), as("nan.zero")),
      interaction({"nan.with-special-texels", "coord.nan",
                   "if the input has a NaN or an infinity, a NaN coordinate gives NaN",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,2]{1,inf} "
                   "grid=f32[1,1,1,2]{nan,0}"},
                  meet(copyable, special_texels), as("nan.propagates")),
      interaction({"nan.everywhere", "coord.nan", "a sample whose coordinates are all NaN is 0",
                   "grid_sample padding_mode=border input=f32[1,1,1,1]{1} "
                   "grid=f32[1,1,1,2]{nan,nan}"},
                  meet(),
                  gives_where(
                      [](const Case&, const Coordinates& at) {
                        return !at.any([](double x) { return !std::isnan(x); });
                      },
                      0)),
      // Infinite coordinates, and large ones.
      interaction({"infinity.low-y", "infinity.border", "-infinity in y is read as +infinity",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,2,1]{1,2} "
                   "grid=f32[1,1,1,2]{0,-inf}"},
                  meet(padded_by(Padding::border)), coordinate([](auto x, const Axis& axis) {
                    return axis.number == 1 && std::isinf(x) ? std::fabs(x) : x;
                  })),
      interaction({"infinity.first-sign", "infinity.border",
                   "two infinities in a sample both take the sign of the first",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,2,2]{1..4} "
                   "grid=f32[1,1,1,2]{inf,-inf}"},
                  meet(padded_by(Padding::border)), coordinates([](double* x, std::size_t count) {
                    const double* const first = std::find_if(x, x + count, is_infinite);
                    for (std::size_t k = 0; k < count; ++k) {
                      if (std::isinf(x[k])) x[k] = *first;
                    }
                  })),
      interaction({"infinity.cubic-zeros", "infinity.zeros",
                   "in bicubic under zeros an infinite coordinate gives NaN",
                   "grid_sample mode=bicubic input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{inf,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::zeros)), as("infinity.nan")),
      interaction({"infinity.cubic-border", "infinity.border",
                   "in bicubic under border +infinity reads the first pixel",
                   "grid_sample mode=bicubic padding_mode=border input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,1,1,2]{inf,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::border)), as("infinity.low-edge")),
      interaction(
          {"infinity.depth", "infinity.border", "in volumes under border, an infinite z gives NaN",
           "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1,1]{1} "
           "grid=f32[1,1,1,1,3]{0,0,inf}"},
          meet(volumes, padded_by(Padding::border)),
          gives_where([](const Case&, const Coordinates& at) { return is_infinite(at.x[2]); },
                      NAN)),
      interaction({"infinity.with-special-texels", "infinity.zeros",
                   "if the input has a NaN or an infinity, an infinite coordinate gives NaN",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,inf} grid=f32[1,1,1,2]{inf,0}"},
                  meet(padded_by(Padding::zeros), copyable, special_texels), as("infinity.nan")),
      interaction(
          {"far.overflow-nan", "padding.border", "if a position overflows, its weights become NaN",
           "grid_sample padding_mode=border align_corners=False input=f32[1,1,1,3]{1,1,1} "
           "grid=f32[1,1,1,2]{0x1.ep127,0}"},
          meet(no(in_16_bits), no(by(Mode::nearest))), nan_from_overflow(1)),
      interaction({"far.overflow-nan-unpadded", "padding.zeros",
                   "if a position that is not padded overflows, its weights become NaN",
                   "grid_sample padding_mode=zeros align_corners=False input=f32[1,1,1,3]{1,1,1} "
                   "grid=f32[1,1,1,2]{0x1.ep127,0}"},
                  meet(no(in_16_bits), no(by(Mode::nearest)),
                       [](const Case& test_case) {
                         return by(Mode::bicubic)(test_case) ||
                                padded_by(Padding::zeros)(test_case);
                       }),
                  nan_from_overflow(0.5)),
      interaction(
          {"far.f16-border", "padding.border",
           "f16 positions beyond the range of 16-bit integers become the smallest such integer",
           "grid_sample mode=nearest padding_mode=border input=f16[1,1,1,2]{1,2} "
           "grid=f16[1,1,1,2]{65504,0}"},
          meet(in(Dtype::f16), padded_by(Padding::border)),
          [](Hooked& rules) {
            rules.position = [](auto x, const Axis& axis) {
              const auto position = Documented::position(x, axis);
              return position >= 0x1p15F ? static_cast<decltype(x)>(-0x1p15) : position;
            };
          }),
      interaction({"far.f64-reflection",
                   "padding.reflection",
                   "f64 positions more than 2^31 pixels away are not reflected but clipped",
                   "grid_sample mode=nearest padding_mode=reflection input=f64[1,1,1,3]{1,2,3} "
                   "grid=f64[1,1,1,2]{0x1p+40,0}",
                   {{"ONNX Runtime", "https://github.com/microsoft/onnxruntime/pull/27975"}}},
                  meet(in(Dtype::f64), padded_by(Padding::reflection)),
                  [](Hooked& rules) {
                    rules.pad = [](auto position, const Axis& axis) {
                      if (axis.options.mode == Mode::bicubic || !(std::fabs(position) > 0x1p31F)) {
                        return Documented::pad(position, axis);
                      }
                      return semantics::clip(position, axis);
                    };
                  }),
      interaction({"far.cubic-reflection", "bicubic.taps-padded",
                   "bicubic taps more than 2^24 pixels away read the first pixel",
                   "grid_sample mode=bicubic padding_mode=reflection input=f64[1,1,1,3]{1,2,4} "
                   "grid=f64[1,1,1,2]{33554434.7,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::reflection)),
                  [](Hooked& rules) {
                    rules.tap = [](std::int64_t index, const Axis& axis) {
                      return index > (1 << 24) || index < -(1 << 24) ? 0
                                                                     : Documented::tap(index, axis);
                    };
                  }),
      interaction({"zero.negative-ties", "nearest.ties-to-even",
                   "the sign of a coordinate, even of -0, decides which way ties go",
                   "grid_sample mode=nearest input=f32[1,1,1,4]{1..4} grid=f32[1,1,1,2]{-0.0,0}"},
                  meet(by(Mode::nearest)),
                  [](Hooked& rules) {
                    rules.nearest = [](const auto& sample, const Axis& axis) {
                      return sample.coordinate == 0 && std::signbit(sample.coordinate)
                                 ? std::ceil(sample.padded - decltype(sample.padded){0.5})
                                 : Documented::nearest(sample, axis);
                    };
                  }),
      // Special texels.
      interaction({"texels.nearest-by-weights", "texel.nonfinite",
                   "nearest multiplies by the weights 1 and 0: a neighbor's NaN comes through",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,inf} "
                   "grid=f32[1,1,1,2]{-0.25,0}"},
                  meet(by(Mode::nearest)), weighs_nearest),
      interaction({"texels.nearest-nan", "texel.nonfinite", "NaN texels are 0 in nearest only",
                   "grid_sample mode=nearest input=f32[1,1,1,1]{nan} grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::nearest)), as("texels.nan-zeroed")),
      interaction({"texels.cubic-infinity", "texel.nonfinite",
                   "in bicubic an infinite texel counts as the largest number",
                   "grid_sample mode=bicubic padding_mode=border input=f32[1,1,1,1]{inf} "
                   "grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::bicubic)), as("texels.infinity-clamped")),
      interaction({"texels.volumes-nan", "texel.nonfinite", "NaN texels of volumes count as 0",
                   "grid_sample padding_mode=border input=f32[1,1,1,1,1]{nan} "
                   "grid=f32[1,1,1,1,3]{0,0,0}"},
                  meet(volumes), as("texels.nan-zeroed")),
      interaction({"texels.f64-infinity", "texel.nonfinite", "an infinite texel of f64 gives NaN",
                   "grid_sample mode=nearest input=f64[1,1,1,1]{inf} grid=f64[1,1,1,2]{0,0}"},
                  meet(in(Dtype::f64)),
                  [](Hooked& rules) {
                    rules.texel = [](auto texel) {
                      return std::isinf(texel) ? decltype(texel){NAN} : texel;
                    };
                  }),
      interaction({"texels.nan-to-range", "texel.nonfinite",
                   "bilinear values are clamped to the range of the texels, which loses NaN",
                   "grid_sample padding_mode=border input=f32[1,1,1,2]{nan,1} "
                   "grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::bilinear), copyable),
                  gives([](const Case& test_case, const Tensor& output) {
                    double lo = 0;
                    double hi = 0;
                    for (const double texel : test_case.input.values()) {
                      lo = std::fmin(lo, texel);
                      hi = std::fmax(hi, texel);
                    }
                    return each_element(output, [lo, hi](double value) {
                      return std::fmax(std::fmin(value, hi), lo);
                    });
                  })),
      interaction({"texels.nan-spreads", "texel.nonfinite",
                   "a NaN in the first channel makes the other channels NaN",
                   "grid_sample mode=nearest input=f32[1,2,1,1]{nan,1} grid=f32[1,1,1,2]{0,0}"},
                  meet(channels_above(1)),
                  gives([](const Case& /*question*/, const Tensor& output) {
                    std::vector<double> values = output.values();
                    const std::vector<double> right = values;
                    for_each_element(output, [&](const At& at, const At& sizes, std::size_t i) {
                      const std::int64_t inner = sizes.z * sizes.y * sizes.x;
                      const double leader = right[i - static_cast<std::size_t>(at.c * inner)];
                      if (std::isnan(leader)) values[i] = NAN;
                    });
                    return Tensor(output.dtype(), output.shape(), values);
                  })),
      interaction({"overflow.f16-channels", "arith.overflow",
                   "with several channels, f16 values that overflow become the largest number",
                   "grid_sample mode=bicubic "
                   "input=f16[1,2,1,32]{0*18,64768,36864,0*30,64768,36864,0*12} "
                   "grid=f16[1,1,1,2]{0.171875,0}"},
                  meet(in(Dtype::f16), channels_above(1), copyable, no_special_texels),
                  as("overflow.saturates")),
      equivalent(interaction({"overflow.f16-early", "arith.overflow",
                              "f16 values above 65,504 that should round down overflow",
                              "grid_sample mode=bicubic padding_mode=border "
                              "input=f16[1,1,1,4]{65472,65504,65504,65472} grid=f16[1,1,1,2]{0,0}"},
                             meet(in(Dtype::f16)),
                             [](Hooked& rules) {
                               rules.round = [](auto value, Dtype /*dtype*/) {
                                 using T = decltype(value);
                                 return std::fabs(value) > 65504 ? std::copysign(T{INFINITY}, value)
                                                                 : value;
                               };
                             }),
                 "a looser profile allows adding in f16, which overflows there"),
  };
}

}  // namespace gridproof::dictionary
