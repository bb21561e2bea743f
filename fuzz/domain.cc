#include "fuzz/domain.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <vector>

namespace gridproof {
namespace {

// Numbers for texels and coordinates. The engine's sequence is fixed by the C++ standard; the
// standard's distributions are not, so none is used.
class Source {
 public:
  explicit Source(std::uint64_t seed) : engine_(seed) {}

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(limit));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  // In [0, 1), with 53 bits.
  double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  double between(double lo, double hi) { return lo + (hi - lo) * unit(); }
  double sign() { return one_in(2) ? -1 : 1; }
  template <class T, std::size_t N>
  T of(const std::array<T, N>& choices) {
    return choices[static_cast<std::size_t>(below(N))];
  }

 private:
  std::mt19937_64 engine_;
};

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {  // SplitMix64's finaliser over both
  std::uint64_t z = a + 0x9e3779b97f4a7c15U * (b + 1);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

double largest_of(Dtype dtype) {
  const Format format = format_of(dtype);
  return std::ldexp(2.0 - std::ldexp(1.0, 1 - format.precision), format.max_exponent);
}

double rounded(double value, Dtype dtype) {
  const double largest = largest_of(dtype);
  return visit(dtype, [&]<class T>(T) {
    return to_double(from_double<T>(std::clamp(value, -largest, largest)));
  });
}

// --- coordinates --------------------------------------------------------------------------------

// The coordinate of a position, up to rounding; for a single pixel without extent, the middle.
double coordinate_of(double position, std::int64_t size, bool align_corners) {
  if (!align_corners) return (2 * position + 1) / static_cast<double>(size) - 1;
  return size == 1 ? 0 : 2 * position / static_cast<double>(size - 1) - 1;
}

constexpr std::array<int, 16> nudges = {0, 0, 0, 0, 0, 0, 1, -1, 1, -1, 2, -2, 3, -3, 8, -8};

double ordinary(Source& source) { return source.between(-1.0, 1.0); }

// One coordinate of the kind that the stratum is about.
double special_coordinate(Stratum stratum, std::int64_t size, bool align, Dtype dtype,
                          Source& source) {
  const auto beside = [&](double x) { return nudge(rounded(x, dtype), source.of(nudges), dtype); };
  switch (stratum) {
    case Stratum::cell_edges:
      return beside(coordinate_of(static_cast<double>(source.below(size + 2) - 1), size, align));
    case Stratum::ties:
      return beside(coordinate_of(static_cast<double>(source.below(size + 2)) - 1.5, size, align));
    case Stratum::ends: {
      const double pixel = 2.0 / static_cast<double>(size);
      const std::array<double, 6> ends = {1,         1 + pixel / 2, 1 - pixel / 2,
                                          1 + pixel, 1 - pixel,     1 + 2 * pixel};
      if (source.one_in(3)) return source.sign() * source.between(1 - pixel, 1 + 2 * pixel);
      return beside(source.sign() * source.of(ends));
    }
    case Stratum::outside:
      return source.sign() * source.between(1, 10);
    case Stratum::far:
      return source.sign() * std::exp2(source.between(3, 14));
    case Stratum::huge:
      return source.sign() * std::exp2(source.between(14, format_of(dtype).max_exponent + 1));
    case Stratum::tiny: {
      if (source.one_in(4)) return source.sign() * 0.0;
      const Format format = format_of(dtype);
      if (source.one_in(2)) {
        return source.sign() * std::ldexp(static_cast<double>(1 + source.below(5)),
                                          format.min_subnormal_exponent());
      }
      return source.sign() * std::exp2(source.between(format.min_exponent, -6));
    }
    case Stratum::nan:
      return std::numeric_limits<double>::quiet_NaN();
    case Stratum::infinity:
      return source.sign() * std::numeric_limits<double>::infinity();
    default:
      return ordinary(source);
  }
}

// A random affine map of the output square to the input, as D rows of D + 1 numbers.
std::vector<double> affine_map(std::size_t axes, bool identity, Source& source) {
  std::vector<double> map(axes * (axes + 1), 0);
  for (std::size_t row = 0; row < axes; ++row) {
    for (std::size_t column = 0; column < axes; ++column) {
      double& value = map[row * (axes + 1) + column];
      value = row == column ? 1 : 0;
      if (!identity) value = value * source.between(0.3, 1.5) + source.between(-0.5, 0.5);
    }
    if (!identity) map[row * (axes + 1) + axes] = source.between(-0.7, 0.7);
  }
  return map;
}

std::vector<double> grid_values(const Recipe& recipe, std::int64_t batches, bool align,
                                Source& source) {
  const std::size_t axes = recipe.output_shape.size();
  const std::int64_t locations = element_count(recipe.output_shape);
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(batches * locations) * axes);
  const auto size_of_axis = [&](std::size_t axis) {  // x first
    return recipe.input_shape[recipe.input_shape.size() - 1 - axis];
  };
  if (recipe.stratum == Stratum::identity || recipe.stratum == Stratum::affine) {
    const bool grid_align = source.one_in(4) ? !align : align;
    for (std::int64_t batch = 0; batch < batches; ++batch) {
      const std::vector<double> map = affine_map(axes, recipe.stratum == Stratum::identity, source);
      for (std::int64_t location = 0; location < locations; ++location) {
        std::array<double, 3> base{};  // x first
        std::int64_t rest = location;
        for (std::size_t axis = 0; axis < axes; ++axis) {
          const std::int64_t size = recipe.output_shape[axes - 1 - axis];
          base[axis] = coordinate_of(static_cast<double>(rest % size), size, grid_align);
          rest /= size;
        }
        for (std::size_t row = 0; row < axes; ++row) {
          double x = map[row * (axes + 1) + axes];
          for (std::size_t axis = 0; axis < axes; ++axis) {
            x += map[row * (axes + 1) + axis] * base[axis];
          }
          values.push_back(rounded(x, recipe.dtype));
        }
      }
    }
    return values;
  }
  for (std::int64_t i = 0; i < batches * locations; ++i) {
    // At least one axis is special; the others are for half of the samples.
    const auto chosen = static_cast<std::size_t>(source.below(static_cast<std::int64_t>(axes)));
    const bool every = source.one_in(2);
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const double x =
          (axis == chosen || every)
              ? special_coordinate(recipe.stratum, size_of_axis(axis), align, recipe.dtype, source)
              : ordinary(source);
      values.push_back(std::isfinite(x) ? rounded(x, recipe.dtype) : x);
    }
  }
  return values;
}

// --- texels -------------------------------------------------------------------------------------

// Written straight into the tensor: planes can be large.
Tensor make_input(const Recipe& recipe, Source& source) {
  Tensor input(recipe.dtype, recipe.input_shape);
  const std::int64_t count = input.element_count();
  const Format format = format_of(recipe.dtype);
  const double scale = std::exp2(static_cast<double>(source.below(8)));
  const std::int64_t width = std::max<std::int64_t>(recipe.input_shape.back(), 1);
  const std::int64_t hot = count == 0 ? 0 : source.below(count);
  // Small enough for every dtype to hold exactly.
  constexpr std::int64_t exact_integers = 256;
  const auto texel = [&](std::int64_t i) {
    double value = 0;
    switch (recipe.texels) {
      case Texels::noise:
        value = source.between(-scale, scale);
        break;
      case Texels::integers:
        value = static_cast<double>(source.below(2 * exact_integers) - exact_integers);
        break;
      case Texels::ramp:
        value = static_cast<double>(i % (std::int64_t{1} << format.precision));
        break;
      case Texels::one_hot:
        value = i == hot ? 1 : 0;
        break;
      case Texels::checkerboard:
        value = (i / width + i % width) % 2 == 0 ? 1 : -1;
        break;
      case Texels::constant:
        value = scale;
        break;
      case Texels::huge:
        value = source.sign() *
                std::exp2(source.between(format.max_exponent - 3, format.max_exponent + 0.99));
        break;
      case Texels::tiny:
        value = source.sign() * std::exp2(source.between(format.min_subnormal_exponent() - 1,
                                                         format.min_exponent + 3));
        break;
      case Texels::mixed_exponents:
        value = source.sign() * std::exp2(source.between(format.min_exponent, format.max_exponent));
        break;
      case Texels::cancelling:
        value = (i % 2 == 0 ? 1 : -1) * 1000.0 + source.between(-1e-3, 1e-3);
        break;
      case Texels::nonfinite: {
        constexpr std::array odd = {std::numeric_limits<double>::quiet_NaN(),
                                    std::numeric_limits<double>::infinity(),
                                    -std::numeric_limits<double>::infinity()};
        value = source.one_in(8) ? source.of(odd) : source.between(-scale, scale);
        break;
      }
    }
    return value;
  };
  visit(recipe.dtype, [&]<class T>(T) {
    const double largest = largest_of(recipe.dtype);
    std::int64_t i = 0;
    for (T& element : input.elements<T>()) {
      const double value = texel(i++);
      element = from_double<T>(std::isfinite(value) ? std::clamp(value, -largest, largest) : value);
    }
  });
  return input;
}

// --- recipes ------------------------------------------------------------------------------------

rc::Gen<std::int64_t> axis_sizes() {
  return rc::gen::weightedOneOf<std::int64_t>(
      {{2, rc::gen::inRange<std::int64_t>(1, 5)},
       {4, rc::gen::element<std::int64_t>(1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 32, 33, 64)},
       {2, rc::gen::inRange<std::int64_t>(5, 40)},
       {1, rc::gen::element<std::int64_t>(63, 64, 65, 100, 127, 128, 255, 256, 257)}});
}

// Spatial sizes whose product stays small.
Shape spatial_sizes(std::size_t axes, std::int64_t most) {
  Shape sizes(axes);
  for (std::int64_t& size : sizes) size = *axis_sizes();
  while (element_count(sizes) > most) {
    std::int64_t& largest = *std::ranges::max_element(sizes);
    largest = (largest + 1) / 2;
  }
  return sizes;
}

Texels any_texels() {
  return *rc::gen::weightedElement<Texels>({{6, Texels::noise},
                                            {2, Texels::integers},
                                            {1, Texels::ramp},
                                            {1, Texels::one_hot},
                                            {1, Texels::checkerboard}});
}

Texels texels_of(Stratum stratum) {
  switch (stratum) {
    case Stratum::structured_texels:
      return *rc::gen::element(Texels::ramp, Texels::one_hot, Texels::checkerboard,
                               Texels::constant, Texels::integers);
    case Stratum::extreme_texels:
      return *rc::gen::element(Texels::huge, Texels::tiny, Texels::mixed_exponents,
                               Texels::cancelling);
    case Stratum::nonfinite_texels:
      return Texels::nonfinite;
    case Stratum::large_planes:
      return *rc::gen::element(Texels::integers, Texels::ramp);
    default:
      return any_texels();
  }
}

Shape large_plane(std::size_t axes) {
  // 2^24 texels are many megabytes, so they are rare.
  const auto log2 = *rc::gen::weightedElement<int>({{12, 15}, {12, 16}, {1, 24}});
  const std::int64_t count = (std::int64_t{1} << log2) + *rc::gen::inRange<std::int64_t>(-2, 3);
  Shape sizes(axes, 1);
  switch (*rc::gen::inRange(0, 3)) {
    case 0:  // one long row
      sizes[axes - 1] = count;
      break;
    case 1:  // one long column
      sizes[axes - 2] = count;
      break;
    default: {
      const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(count)));
      sizes[axes - 1] = side + 1;
      sizes[axes - 2] = side;
      break;
    }
  }
  return sizes;
}

Recipe draw(Stratum stratum) {
  using rc::gen::element;
  using rc::gen::inRange;
  using rc::gen::weightedElement;
  Recipe recipe;
  recipe.stratum = stratum;
  recipe.seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>());
  recipe.dtype = *weightedElement<Dtype>(
      {{6, Dtype::f32}, {2, Dtype::f64}, {1, Dtype::f16}, {1, Dtype::bf16}});
  const std::size_t axes = *weightedElement<std::size_t>({{7, 2}, {3, 3}});
  const Mode mode =
      axes == 3
          ? *element(Mode::bilinear, Mode::nearest)
          : *weightedElement<Mode>({{2, Mode::bilinear}, {1, Mode::nearest}, {2, Mode::bicubic}});
  const Padding padding = *element(Padding::zeros, Padding::border, Padding::reflection);
  const bool align = *element(false, true);
  recipe.request = request_for({.mode = mode, .padding = padding, .align_corners = align});

  const std::int64_t batches = *weightedElement<std::int64_t>({{6, 1}, {2, 2}, {1, 3}});
  const std::int64_t channels = *weightedElement<std::int64_t>({{4, 1}, {2, 2}, {2, 3}, {1, 5}});
  Shape spatial = stratum == Stratum::large_planes ? large_plane(axes) : spatial_sizes(axes, 4096);
  if (stratum == Stratum::unit_sizes) {
    spatial[static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(axes)))] = 1;
    if (*inRange(0, 3) == 0) std::ranges::fill(spatial, 1);
  }
  recipe.input_shape = {batches, channels};
  recipe.input_shape.insert(recipe.input_shape.end(), spatial.begin(), spatial.end());
  recipe.output_shape = spatial_sizes(axes, 1024);
  const auto any_length = inRange<std::int64_t>(1, 68);  // of a vector's, a block's, and beyond
  if (stratum == Stratum::layouts && *inRange(0, 3) == 0) recipe.input_shape[1] = *any_length;
  if (stratum == Stratum::tails) {
    std::ranges::fill(recipe.output_shape, 1);
    const auto axis = static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(axes)));
    recipe.output_shape[axis] = *any_length;
    if (*inRange(0, 2) == 0) recipe.input_shape[1] = *any_length;
    if (*inRange(0, 8) == 0) recipe.input_shape[0] = *any_length;
  } else if (stratum == Stratum::identity && *inRange(0, 2) == 0 &&
             element_count(spatial) <= 4096) {
    recipe.output_shape = spatial;
  } else if (stratum == Stratum::large_planes) {
    recipe.input_shape[0] = recipe.input_shape[1] = 1;
    recipe.output_shape = spatial_sizes(axes, 64);
  }
  recipe.texels = texels_of(stratum);

  const auto arrangement = [] {
    return *element(Arrangement::channels_last, Arrangement::sliced, Arrangement::expanded,
                    Arrangement::reversed, Arrangement::transposed);
  };
  if (stratum == Stratum::layouts || *inRange(0, 16) == 0) {
    if (stratum != Stratum::large_planes) recipe.input_arrangement = arrangement();
    if (*inRange(0, 2) == 0) recipe.grid_arrangement = arrangement();
  }
  if (stratum == Stratum::empty) {
    switch (*inRange(0, 3)) {
      case 0:
        recipe.input_shape[0] = 0;
        break;
      case 1:
        recipe.input_shape[1] = 0;
        break;
      default:
        recipe.output_shape[static_cast<std::size_t>(*inRange<int>(0, static_cast<int>(axes)))] = 0;
        break;
    }
  }
  if (stratum == Stratum::refusals) {
    recipe.flaw =
        *element(Flaw::unknown_mode, Flaw::unknown_padding, Flaw::bicubic_5d, Flaw::unbatched,
                 Flaw::rank_3, Flaw::rank_6, Flaw::grid_rank, Flaw::batch, Flaw::last_dimension,
                 Flaw::empty_spatial, Flaw::integer_dtype, Flaw::mixed_dtypes);
    for (std::int64_t& size : recipe.output_shape) size = std::min<std::int64_t>(size, 3);
    for (std::size_t axis = 2; axis < recipe.input_shape.size(); ++axis) {
      recipe.input_shape[axis] = std::min<std::int64_t>(recipe.input_shape[axis], 4);
    }
    if (recipe.flaw == Flaw::bicubic_5d) {
      recipe.request.mode = "bicubic";
      if (axes == 2) {
        recipe.input_shape.push_back(2);
        recipe.output_shape.push_back(2);
      }
    }
  }
  // What a caller may leave out is sometimes left out.
  if (recipe.request.mode == "bilinear" && *inRange(0, 8) == 0) recipe.request.mode.reset();
  if (padding == Padding::zeros && *inRange(0, 8) == 0) recipe.request.padding_mode.reset();
  if (!align && *inRange(0, 8) == 0) recipe.request.align_corners.reset();
  return recipe;
}

// Turns a sound question into one that the operator refuses.
void spoil(Case& question, Flaw flaw) {
  const auto reshaped = [](const Tensor& tensor, const Shape& shape) {
    return Tensor(tensor.dtype(), shape);
  };
  Shape input = question.input.shape();
  Shape grid = question.grid.shape();
  switch (flaw) {
    case Flaw::none:
    case Flaw::bicubic_5d:
      return;
    case Flaw::unknown_mode:
      question.request.mode = "lanczos";
      return;
    case Flaw::unknown_padding:
      question.request.padding_mode = "wrap";
      return;
    case Flaw::rank_3:
      question.input = reshaped(question.input, {input[0], input[1], input.back()});
      return;
    case Flaw::unbatched:
      input.erase(input.begin());
      grid.erase(grid.begin());
      break;
    case Flaw::rank_6:
      input.resize(6, 1);
      grid = {input[0], 1, 1, 1, 1, 4};
      break;
    case Flaw::grid_rank:
      grid.insert(grid.begin() + 1, 1);
      break;
    case Flaw::batch:
      grid[0] += 1;
      break;
    case Flaw::last_dimension:
      grid.back() += 1;
      break;
    case Flaw::empty_spatial:
      input.back() = 0;
      break;
    case Flaw::integer_dtype:
      question.input = Tensor(Dtype::i32, input);
      question.grid = Tensor(Dtype::i32, grid);
      return;
    case Flaw::mixed_dtypes:
      question.grid = Tensor(question.input.dtype() == Dtype::f64 ? Dtype::f32 : Dtype::f64, grid);
      return;
  }
  question.input = reshaped(question.input, input);
  question.grid = reshaped(question.grid, grid);
}

// The strata of a campaign and how often each comes.
constexpr std::array<std::pair<int, Stratum>, names<Stratum>.size()> proportions = {
    {{12, Stratum::interior},
     {10, Stratum::cell_edges},
     {10, Stratum::ties},
     {8, Stratum::ends},
     {6, Stratum::outside},
     {4, Stratum::far},
     {3, Stratum::huge},
     {2, Stratum::tiny},
     {3, Stratum::nan},
     {3, Stratum::infinity},
     {6, Stratum::identity},
     {6, Stratum::affine},
     {5, Stratum::structured_texels},
     {5, Stratum::extreme_texels},
     {3, Stratum::nonfinite_texels},
     {6, Stratum::layouts},
     {6, Stratum::tails},
     {4, Stratum::unit_sizes},
     {1, Stratum::large_planes},
     {1, Stratum::empty},
     {2, Stratum::refusals}}};

}  // namespace

double nudge(double value, int steps, Dtype dtype) {
  return visit(dtype, [&]<class T>(T) -> double {
    if constexpr (std::is_same_v<T, std::int32_t>) {
      return value + steps;
    } else {
      // Reading the bits as an integer in sign and magnitude keeps the order of the reals.
      using Bits =
          std::conditional_t<sizeof(T) == 2, std::uint16_t,
                             std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
      constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
      const Bits bits = std::bit_cast<Bits>(from_double<T>(value));
      const auto magnitude = static_cast<std::int64_t>(bits & static_cast<Bits>(~sign));
      std::int64_t order = (bits & sign) != 0 ? -magnitude : magnitude;
      const double largest = largest_of(dtype);
      const auto limit = static_cast<std::int64_t>(std::bit_cast<Bits>(from_double<T>(largest)));
      order = std::clamp(order + steps, -limit, limit);
      const auto result = static_cast<Bits>(order < 0 ? (static_cast<Bits>(-order) | sign)
                                                      : static_cast<Bits>(order));
      return to_double(std::bit_cast<T>(result));
    }
  });
}

Tensor rearrange(const Tensor& dense, Arrangement arrangement, std::uint64_t seed) {
  Source source(seed);
  const Shape& shape = dense.shape();
  const auto rank = shape.size();
  if (arrangement == Arrangement::dense || rank < 2 || dense.element_count() == 0) return dense;
  Shape stored = shape;  // the sizes of the storage, in the order of memory
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::int64_t> margin(rank, 0);
  switch (arrangement) {
    case Arrangement::dense:
      break;
    case Arrangement::channels_last:  // memory order N, H, W, C
      std::rotate(order.begin() + 1, order.begin() + 2, order.end());
      break;
    case Arrangement::transposed:
      std::swap(order[rank - 1], order[rank - 2]);
      break;
    case Arrangement::sliced:
      for (std::int64_t& m : margin) m = source.below(3);
      break;
    case Arrangement::reversed:
      break;
    case Arrangement::expanded: {
      const auto axis = static_cast<std::size_t>(source.below(static_cast<std::int64_t>(rank)));
      stored[axis] = 1;
      break;
    }
  }
  Shape strides(rank);
  std::int64_t size = 1;
  for (std::size_t i = rank; i > 0; --i) {
    const std::size_t axis = order[i - 1];
    strides[axis] = stored[axis] == 1 && shape[axis] != 1 ? 0 : size;
    size *= stored[axis] + 2 * margin[axis];
  }
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < rank; ++axis) offset += margin[axis] * strides[axis];
  if (arrangement == Arrangement::reversed) {
    for (std::size_t axis = 0; axis < rank; ++axis) {
      if (!source.one_in(2)) continue;
      offset += (shape[axis] - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
  }
  // NaN shows even a read with weight zero; a large number shows where it went.
  const double sentinel = source.one_in(2) ? std::numeric_limits<double>::quiet_NaN() : 16384;
  const Tensor storage(dense.dtype(), {size},
                       std::vector<double>(static_cast<std::size_t>(size), sentinel));
  Tensor result =
      Tensor::strided(dense.dtype(), shape, strides, offset, storage.shared_storage(), size);
  visit(dense.dtype(), [&]<class T>(T) {
    T* out = reinterpret_cast<T*>(storage.shared_storage().get()) + offset;
    const T* in = dense.elements<T>().data();
    Shape index(rank, 0);
    for (std::int64_t i = 0; i < dense.element_count(); ++i) {
      std::int64_t position = 0;
      for (std::size_t axis = 0; axis < rank; ++axis) position += index[axis] * strides[axis];
      out[position] = in[i];
      for (std::size_t axis = rank; axis > 0 && ++index[axis - 1] == shape[axis - 1]; --axis) {
        index[axis - 1] = 0;
      }
    }
  });
  return result;
}

rc::Gen<Recipe> recipes(Stratum stratum) {
  return rc::gen::exec([stratum] { return draw(stratum); });
}

rc::Gen<Recipe> recipes() {
  return rc::gen::exec([] {
    int total = 0;
    for (const auto& [weight, stratum] : proportions) total += weight;
    int ticket = *rc::gen::inRange(0, total);
    for (const auto& [weight, stratum] : proportions) {
      if (ticket < weight) return draw(stratum);
      ticket -= weight;
    }
    return draw(Stratum::interior);
  });
}

Recipe recipe_of(std::uint64_t seed, std::uint64_t ordinal) {
  static const rc::Gen<Recipe> generator = recipes();
  return generator(rc::Random(mix(seed, ordinal)), rc::kNominalSize).value();
}

std::int64_t sample_count(const Recipe& recipe) {
  return recipe.input_shape[0] * element_count(recipe.output_shape);
}

Case make_case(const Recipe& recipe) {
  Source source(recipe.seed);
  Case question;
  question.request = recipe.request;
  const bool align = recipe.request.align_corners.value_or(false);
  const std::int64_t batches = recipe.input_shape[0];
  Shape grid_shape = {batches};
  grid_shape.insert(grid_shape.end(), recipe.output_shape.begin(), recipe.output_shape.end());
  grid_shape.push_back(static_cast<std::int64_t>(recipe.output_shape.size()));
  question.input = rearrange(make_input(recipe, source), recipe.input_arrangement, recipe.seed + 1);
  const std::vector<double> coordinates = grid_values(recipe, batches, align, source);
  question.grid = rearrange(Tensor(recipe.dtype, grid_shape, coordinates), recipe.grid_arrangement,
                            recipe.seed + 2);
  spoil(question, recipe.flaw);
  return question;
}

}  // namespace gridproof
