#include "fuzz/domain/traits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/domain/combination.h"
#include "reference/contract/case.h"

namespace gridproof {
namespace {

constexpr std::uint64_t seed = 1;  // as `check` takes it

// --- what a case has, whatever the row says -----------------------------------------------------

std::int64_t width(const Tensor& input) { return input.shape().back(); }
std::int64_t height(const Tensor& input) { return input.shape().end()[-2]; }
std::int64_t depth(const Tensor& input) { return input.rank() == 5 ? input.size(2) : 0; }
std::int64_t plane(const Case& test_case) {
  return width(test_case.input) * height(test_case.input);
}
std::int64_t locations(const Case& test_case) {
  return sample_count(test_case) / test_case.grid.size(0);
}

bool is_stretched(const Tensor& tensor, std::size_t axis) {
  return tensor.strides()[axis] == 0 && tensor.shape()[axis] > 1;
}
bool is_stretched_on_all(const Tensor& tensor, std::size_t first, std::size_t last) {
  for (std::size_t axis = first; axis <= last; ++axis) {
    if (tensor.strides()[axis] != 0) return false;
  }
  return true;
}

// The strides, in their size, of axes that are longer than 1 and not stretched.
std::vector<std::int64_t> steps(const Tensor& tensor) {
  std::vector<std::int64_t> all;
  for (std::size_t axis = 0; axis < tensor.shape().size(); ++axis) {
    const std::int64_t stride = tensor.strides()[axis];
    if (stride != 0 && tensor.shape()[axis] > 1) all.push_back(std::abs(stride));
  }
  return all;
}

// Two indices share an element, and not by a stride of 0.
bool overlaps(const Tensor& tensor) {
  std::int64_t places = 1;
  std::int64_t indices = 1;
  bool has_two = false;
  for (std::size_t axis = 0; axis < tensor.shape().size(); ++axis) {
    if (tensor.strides()[axis] == 0) continue;
    places += (tensor.shape()[axis] - 1) * std::abs(tensor.strides()[axis]);
    has_two = has_two || (indices > 1 && tensor.shape()[axis] > 1);
    indices *= tensor.shape()[axis];
  }
  return has_two && indices > places;
}

std::uint64_t storage_bits(const Tensor& tensor, std::int64_t place) {
  std::uint64_t bits = 0;
  const std::size_t size = size_of(tensor.dtype());
  std::memcpy(&bits, tensor.storage() + static_cast<std::size_t>(place) * size, size);
  return bits;
}
std::uint64_t sign_of(const Tensor& tensor) {
  return std::uint64_t{1} << (8 * size_of(tensor.dtype()) - 1);
}

bool any_stored(const Tensor& tensor, const std::function<bool(double, std::uint64_t)>& is) {
  for (std::int64_t i = 0; i < std::min<std::int64_t>(tensor.storage_size(), 5000); ++i) {
    if (is(tensor.storage_value(i), storage_bits(tensor, i))) return true;
  }
  return false;
}

// NaN with these bits of sign and payload.
bool has_nan(const Tensor& tensor, bool negative, bool payload) {
  const std::uint64_t quiet = std::uint64_t{1} << (format_of(tensor.dtype()).precision - 2);
  return any_stored(tensor, [&](double value, std::uint64_t bits) {
    return std::isnan(value) && ((bits & sign_of(tensor)) != 0) == negative &&
           ((bits & (quiet - 1)) != 0) == payload;
  });
}
bool has_value(const Tensor& tensor, double wanted) {
  return any_stored(tensor, [&](double value, std::uint64_t) {
    return value == wanted && std::signbit(value) == std::signbit(wanted);
  });
}

std::vector<double> coordinates(const Case& test_case, std::int64_t location) {
  const Tensor& grid = test_case.grid;
  Shape index(static_cast<std::size_t>(grid.rank()), 0);
  for (std::size_t axis = index.size() - 1; axis > 1; --axis) {
    index[axis - 1] = location % grid.shape()[axis - 1];
    location /= grid.shape()[axis - 1];
  }
  std::vector<double> all;
  for (; index.back() < grid.shape().back(); ++index.back()) all.push_back(grid.at(index));
  return all;
}

// Some sample has a coordinate of one kind, and another of another.
template <class One, class Other>
bool meet_in_a_sample(const Case& test_case, const One& one, const Other& other) {
  for (std::int64_t i = 0; i < std::min<std::int64_t>(locations(test_case), 200); ++i) {
    const std::vector<double> all = coordinates(test_case, i);
    if (std::ranges::any_of(all, one) && std::ranges::any_of(all, other)) return true;
  }
  return false;
}

bool is_nan(double x) { return std::isnan(x); }
bool is_infinite(double x) { return std::isinf(x); }
bool is_small(double x) { return std::fabs(x) <= 1; }
bool is_beyond(double x) { return std::isfinite(x) && std::fabs(x) > 100; }

// Every location has the coordinate of its pixel, up to roundings, by one flag.
bool is_identity(const Case& test_case, bool align_corners) {
  const Shape& shape = test_case.grid.shape();
  const double tolerance = std::ldexp(4.0, -format_of(test_case.grid.dtype()).precision);
  std::int64_t distinct = 1;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(locations(test_case), 100); ++i) {
    std::int64_t rest = i;
    const std::vector<double> all = coordinates(test_case, i);
    for (std::size_t axis = 0; axis < all.size(); ++axis) {
      const std::size_t own = shape.size() - 2 - axis;
      if (test_case.grid.strides()[own] == 0) return false;
      const std::int64_t size = shape[own];
      distinct = std::max(distinct, size);
      const auto pixel = static_cast<double>(rest % size);
      const auto n = static_cast<double>(size);
      const double wanted = !align_corners ? (2 * pixel + 1) / n - 1
                            : size == 1    ? 0
                                           : 2 * pixel / (n - 1) - 1;
      if (!(std::fabs(all[axis] - wanted) <= tolerance)) return false;
      rest /= size;
    }
  }
  return distinct > 1;
}

enum class Meets : std::uint8_t {
  all,      // every form and dtype
  volumes,  // likewise, but for the forms of 4-D
  some,     // takes more than one level, or luck, and need not meet everything
};

struct Feature {
  std::string name;
  std::function<bool(const Case&)> is;
  Meets meets = Meets::all;
};

void add_sizes(std::vector<Feature>& all, const std::string& name,
               const std::function<std::int64_t(const Case&)>& size,
               const std::vector<std::pair<std::int64_t, std::int64_t>>& ranges,
               Meets meets = Meets::all) {
  for (const auto& [first, last] : ranges) {
    all.push_back(
        {name + ' ' + std::to_string(first) + " to " + std::to_string(last),
         [=](const Case& test_case) { return size(test_case) >= first && size(test_case) <= last; },
         meets});
  }
}

const std::vector<Feature>& features() {
  static const std::vector<Feature> all = [] {
    std::vector<Feature> list;
    const std::vector<std::pair<std::int64_t, std::int64_t>> axis = {{1, 1},
                                                                     {2, 2},
                                                                     {3, 14},
                                                                     {15, 257},
                                                                     {258, 2045},
                                                                     {2046, 2050},
                                                                     {4095, 4099},
                                                                     {32767, 32770},
                                                                     {65535, 65538},
                                                                     {16777215, 16777219},
                                                                     {16777220, 1'000'000'000'000}};
    constexpr std::int64_t most = std::int64_t{1} << 50;
    add_sizes(list, "width", [](const Case& q) { return width(q.input); }, axis);
    add_sizes(list, "height", [](const Case& q) { return height(q.input); }, axis);
    add_sizes(list, "depth", [](const Case& q) { return depth(q.input); }, axis, Meets::volumes);
    add_sizes(list, "plane", plane,
              {{1, 1},
               {2, 64},
               {65, 4096},
               {4097, 32767},
               {32768, 65535},
               {65536, 1 << 20},
               {(1 << 20) + 1, 1 << 24},
               {(1 << 24) + 1, 2147483647},
               {2147483648, most}});
    add_sizes(
        list, "volume", [](const Case& q) { return plane(q) * depth(q.input); },
        {{1, 4096},
         {4097, 32767},
         {32768, 65535},
         {65536, 1 << 24},
         {(1 << 24) + 1, 2147483647},
         {2147483648, most}},
        Meets::volumes);
    add_sizes(list, "batch", [](const Case& q) { return q.input.size(0); },
              {{1, 1}, {2, 2}, {3, 8}, {9, 67}, {68, 65535}, {65536, most}});
    add_sizes(
        list, "channels", [](const Case& q) { return q.input.size(1); },
        {{1, 1}, {2, 3}, {4, 4}, {5, 7}, {8, 8}, {9, 65}, {66, 127}, {128, 1023}, {1024, most}});
    add_sizes(list, "output width", [](const Case& q) { return q.grid.shape().end()[-2]; },
              {{1, 1},
               {2, 3},
               {4, 7},
               {8, 15},
               {16, 33},
               {34, 67},
               {68, 1023},
               {1024, 4095},
               {4096, 65535},
               {65536, most}});
    add_sizes(list, "output locations", locations,
              {{1, 1}, {2, 8}, {9, 64}, {65, 1024}, {1025, 4096}, {4097, 65535}, {65536, most}});
    // Neither the greatest of its level nor an axis by itself.
    list.push_back({"plane 4097 to 32765 of several rows",
                    [](const Case& q) {
                      return plane(q) > 4096 && plane(q) < 32'766 && height(q.input) > 1 &&
                             width(q.input) > 1;
                    },
                    Meets::some});
    const auto add = [&](std::string name, std::function<bool(const Case&)> is,
                         Meets meets = Meets::all) {
      list.push_back({std::move(name), std::move(is), meets});
    };
    for (const auto& [multiple, but_not] : {std::pair{4, 8}, {8, 16}, {32, 128}}) {
      add(
          "channels a multiple of " + std::to_string(multiple),
          [=](const Case& q) {
            return q.input.size(1) % multiple == 0 && q.input.size(1) % but_not != 0;
          },
          multiple == 64 ? Meets::some : Meets::all);
    }
    add(
        "channels of which one is left by 8",
        [](const Case& q) { return q.input.size(1) > 8 && q.input.size(1) % 8 == 1; }, Meets::some);
    // Layouts.
    for (const bool of_grid : {false, true}) {
      const std::string who = of_grid ? "grid " : "input ";
      const auto tensor = [of_grid](const Case& q) -> const Tensor& {
        return of_grid ? q.grid : q.input;
      };
      add(who + "dense", [=](const Case& q) { return layout_of(tensor(q)) == Layout::dense; });
      add(who + "negative stride",
          [=](const Case& q) { return layout_of(tensor(q)) == Layout::negative; });
      add(who + "gaps between elements", [=](const Case& q) {
        const std::vector<std::int64_t> all = steps(tensor(q));
        return !all.empty() && std::ranges::min(all) > 1 && tensor(q).offset() == 0 &&
               !overlaps(tensor(q));
      });
      add(who + "sliced", [=](const Case& q) {
        const std::vector<std::int64_t> all = steps(tensor(q));
        return tensor(q).offset() > 0 && layout_of(tensor(q)) == Layout::strided &&
               tensor(q).storage_size() > tensor(q).element_count();
      });
      add(who + "overlap", [=](const Case& q) { return overlaps(tensor(q)); });
      add(who + "stride 0 in the batch", [=](const Case& q) { return is_stretched(tensor(q), 0); });
      add(who + "stride 0 on all spatial axes", [=](const Case& q) {
        const Tensor& t = tensor(q);
        const auto rank = static_cast<std::size_t>(t.rank());
        return !overlaps(t) &&
               is_stretched_on_all(t, of_grid ? 1 : 2, of_grid ? rank - 2 : rank - 1);
      });
      add(who + "stride 0 on one spatial axis only", [=](const Case& q) {
        const Tensor& t = tensor(q);
        int stretched = 0;
        for (std::size_t i = of_grid ? 1 : 2; i + (of_grid ? 1 : 0) < t.shape().size(); ++i) {
          stretched += is_stretched(t, i) ? 1 : 0;
        }
        return stretched == 1 && t.strides()[0] != 0;
      });
      add(who + "transposed", [=](const Case& q) {
        const Tensor& t = tensor(q);
        const std::size_t last = t.shape().size() - (of_grid ? 2 : 1);
        return t.shape()[last] > 1 && t.shape()[last - 1] > 1 && t.strides()[last - 1] > 0 &&
               t.strides()[last] == t.strides()[last - 1] * t.shape()[last - 1];
      });
    }
    add("input stride 0 in the channels",
        [](const Case& q) { return is_stretched(q.input, 1) && !is_stretched(q.input, 0); });
    add("input stride 0 in batch and channels",
        [](const Case& q) { return is_stretched(q.input, 0) && is_stretched(q.input, 1); });
    const auto is_channels_last = [](const Case& q) {
      const Shape& strides = q.input.strides();
      const std::int64_t channels = q.input.size(1);
      return channels > 1 && plane(q) > 1 && strides[1] == 1 && strides.back() == channels;
    };
    add("channels-last", is_channels_last);
    add(
        "channels-last of a multiple of 8",
        [=](const Case& q) { return is_channels_last(q) && q.input.size(1) % 8 == 0; },
        Meets::some);
    add(
        "channels-last of no multiple of 4",
        [=](const Case& q) { return is_channels_last(q) && q.input.size(1) % 4 != 0; },
        Meets::some);
    add("planar grid", [](const Case& q) {
      const Shape& strides = q.grid.strides();
      return locations(q) > 1 && strides.end()[-2] == 1 && strides.back() == locations(q);
    });
    // Texels.
    const auto add_texel = [&](const std::string& name, double value) {
      add("texel " + name, [=](const Case& q) { return has_value(q.input, value); }, Meets::some);
    };
    add_texel("-0", -0.0);
    add_texel("+infinity", std::numeric_limits<double>::infinity());
    add_texel("-infinity", -std::numeric_limits<double>::infinity());
    for (const bool negative : {false, true}) {
      for (const bool payload : {false, true}) {
        const std::string name =
            std::string(negative ? "negative " : "") + "NaN" + (payload ? " with payload" : "");
        add(
            "texel " + name,
            [=](const Case& q) {
              return layout_of(q.input) == Layout::dense && has_nan(q.input, negative, payload);
            },
            Meets::some);
        add("coordinate " + name, [=](const Case& q) {
          return layout_of(q.grid) == Layout::dense && has_nan(q.grid, negative, payload);
        });
      }
    }
    add("texels near the largest", [](const Case& q) {
      return any_stored(q.input, [&](double value, std::uint64_t) {
        return std::isfinite(value) && std::fabs(value) > largest_of(q.input.dtype()) / 2;
      });
    });
    add("subnormal texels", [](const Case& q) {
      return any_stored(q.input, [&](double value, std::uint64_t) {
        return value != 0 &&
               std::fabs(value) < std::ldexp(1.0, format_of(q.input.dtype()).min_exponent);
      });
    });
    // Coordinates.
    add("coordinate -0", [](const Case& q) { return has_value(q.grid, -0.0); });
    add("NaN beside infinity",
        [](const Case& q) { return meet_in_a_sample(q, is_nan, is_infinite); });
    add("NaN beside one inside",
        [](const Case& q) { return meet_in_a_sample(q, is_nan, is_small); });
    add("infinity beside a large one",
        [](const Case& q) { return meet_in_a_sample(q, is_infinite, is_beyond); });
    add("infinities of both signs", [](const Case& q) {
      return meet_in_a_sample(
          q, [](double x) { return is_infinite(x) && x > 0; },
          [](double x) { return is_infinite(x) && x < 0; });
    });
    for (const bool grid_align : {false, true}) {
      for (const bool align : {false, true}) {
        add(
            std::string("identity of ") + (grid_align ? "True" : "False") + " asked as " +
                (align ? "True" : "False"),
            [=](const Case& q) {
              return resolve(q.request)->align_corners == align && is_identity(q, grid_align) &&
                     !is_identity(q, !grid_align);
            },
            Meets::some);
      }
    }
    return list;
  }();
  return all;
}

// Each feature of each form and of each dtype: features are measured in the case, so that it does
// not matter what the levels of a row say.
TEST(Traits, EveryFeatureComesWithEveryFormAndDtype) {
  std::map<std::string, std::set<std::size_t>> with_forms;
  std::map<std::string, std::set<Dtype>> with_dtypes;
  std::vector<Combination> asked = combination_plan(2, Part(), seed).combinations;
  std::ranges::copy(corner_cases(Part(), seed), std::back_inserter(asked));
  for (const Combination& combination : asked) {
    const Case test_case = make_case(combination);
    const auto form = static_cast<std::size_t>(level(combination.row, Trait::form));
    for (const Feature& feature : features()) {
      if (!feature.is(test_case)) continue;
      with_forms[feature.name].insert(form);
      with_dtypes[feature.name].insert(test_case.input.dtype());
    }
  }
  for (const Feature& feature : features()) {
    const std::size_t with = with_forms[feature.name].size();
    if (feature.meets == Meets::some) {
      EXPECT_GT(with, 0U) << feature.name;
      continue;
    }
    EXPECT_EQ(with, feature.meets == Meets::volumes ? 2U : forms.size()) << feature.name;
    EXPECT_EQ(with_dtypes[feature.name].size(), dtypes.size()) << feature.name;
  }
}

// Whether a coordinate is where a level says, as far as a number of any type tells.
bool is_at(Where where, double x, double pixel) {
  switch (where) {
    case Where::inside:
      return std::fabs(x) <= 1;
    case Where::center:
    case Where::tie:
      return std::fabs(x) <= 1 + 2 * pixel;
    case Where::rim:
      return std::fabs(x) >= 0.93 - pixel && std::fabs(x) <= 1.07 + 2 * pixel;
    case Where::outside:
      return std::fabs(x) >= 1 && std::fabs(x) <= 10;
    case Where::far:
      return std::fabs(x) >= 8 && std::fabs(x) <= 0x1p14;
    case Where::huge:
      return std::isfinite(x) && std::fabs(x) >= 0x1p14;
    case Where::tiny:
      return std::fabs(x) <= 0x1p-6;
    case Where::nan:
    case Where::negative_nan:
    case Where::nan_payload:
      return std::isnan(x);
    case Where::plus_infinity:
      return std::isinf(x) && x > 0;
    case Where::minus_infinity:
      return std::isinf(x) && x < 0;
  }
  return false;
}

// The first sample is where x, y and z say, in the order of the axes.
TEST(Traits, TheFirstSampleIsWhereTheRowSays) {
  std::set<std::pair<Trait, int>> seen;
  for (const Combination& combination : combination_plan(2, Part(), seed).combinations) {
    const Row& row = combination.row;
    if (level(row, Trait::pattern) != static_cast<int>(Pattern::scattered)) continue;
    const Case test_case = make_case(combination);
    const std::vector<double> all = coordinates(test_case, 0);
    const Shape& shape = test_case.input.shape();
    for (std::size_t axis = 0; axis < all.size(); ++axis) {
      const auto trait = static_cast<Trait>(static_cast<std::size_t>(Trait::x) + axis);
      const int which = level(row, trait);
      ASSERT_GT(which, 0);
      const double pixel =
          2 / std::max(1.0, static_cast<double>(shape[shape.size() - 1 - axis]) - 1);
      EXPECT_TRUE(is_at(static_cast<Where>(which - 1), all[axis], pixel))
          << trait_name(trait) << ' ' << level_name(trait, which) << ' ' << all[axis];
      seen.emplace(trait, which);
    }
  }
  EXPECT_EQ(seen.size(), 3 * names<Where>.size());
}

// Where a kernel divides by a size, sizes come for which the product with the reciprocal, in either
// type, is too small.
TEST(Traits, SomeSizesDivideTooSmall) {
  const auto is_too_small = []<class Real>(std::int64_t size, Real one) {
    const auto real = static_cast<Real>(size);
    return std::floor(real * (one / real)) < 1 || std::floor(3 * real * (one / real)) < 3;
  };
  for (const auto& [trait, name] : {std::pair(Trait::out_width, "34 to 67"),
                                    {Trait::out_width, "68 to 1,023"},
                                    {Trait::width, "around 16 to 256"},
                                    {Trait::batch, "9 to 67"}}) {
    bool is_there = false;
    for (const Combination& combination : combination_plan(2, Part(), seed).combinations) {
      if (level_name(trait, level(combination.row, trait)) != name) continue;
      const Extent& extent = combination.extent;
      const std::int64_t size = trait == Trait::batch       ? extent.batch
                                : trait == Trait::out_width ? extent.output.back()
                                                            : extent.input.back();
      is_there |= is_too_small(size, 1.0F) || is_too_small(size, 1.0);
    }
    EXPECT_TRUE(is_there) << trait_name(trait);
  }
}

// Each level of each trait is in some row, and has a name of its own.
TEST(Traits, EveryLevelComesAndHasAName) {
  std::vector<std::set<int>> seen(trait_count);
  for (const Combination& combination : combination_plan(2, Part(), seed).combinations) {
    for (std::size_t trait = 0; trait < trait_count; ++trait) {
      seen[trait].insert(combination.row[trait]);
    }
  }
  std::set<std::string_view> traits;
  for (std::size_t trait = 0; trait < trait_count; ++trait) {
    const auto which = static_cast<Trait>(trait);
    EXPECT_EQ(std::ssize(seen[trait]), trait_levels()[trait]) << trait_name(which);
    traits.insert(trait_name(which));
    std::set<std::string> levels;
    for (int i = 0; i < trait_levels()[trait]; ++i) levels.insert(level_name(which, i));
    EXPECT_EQ(std::ssize(levels), trait_levels()[trait]) << trait_name(which);
    EXPECT_FALSE(levels.contains(""));
    EXPECT_FALSE(levels.contains("?"));
  }
  EXPECT_EQ(traits.size(), trait_count);
}

std::string in_words(const Row& row) {
  std::string words;
  for (std::size_t trait = 0; trait < row.size(); ++trait) {
    if (row[trait] == unset) continue;
    const auto which = static_cast<Trait>(trait);
    words += std::string(trait_name(which)) + " = " + level_name(which, row[trait]) + "; ";
  }
  return words;
}

// Every complete row that is said to be possible has sizes that are what its levels say, within the
// bounds of a case; what is impossible stays so whatever else is set.
TEST(Traits, WhatIsPossibleHasACaseAndMoreNeverHelps) {
  Random random(seed);
  int possible = 0;
  int impossible = 0;
  for (int i = 0; i < 40'000; ++i) {
    Row row(trait_count, unset);
    std::vector<std::size_t> order(trait_count);
    for (std::size_t trait = 0; trait < trait_count; ++trait) order[trait] = trait;
    random.shuffle(order);
    bool was_possible = true;
    for (const std::size_t trait : order) {
      // Mostly a level that is possible, so that complete rows come.
      for (int attempt = 0; attempt < 12; ++attempt) {
        row[trait] = static_cast<int>(random.below(trait_levels()[trait]));
        if (is_possible(row, Part())) break;
      }
      const bool now = is_possible(row, Part());
      ASSERT_TRUE(was_possible || !now)
          << in_words(row) << " was impossible without " << trait_name(static_cast<Trait>(trait));
      if (!now) ++impossible;
      was_possible = now;
      if (!now && random.one_in(2)) break;
    }
    if (!was_possible || std::ranges::count(row, unset) > 0) continue;
    ++possible;
    const Combination combination = combination_of(row, random.bits());
    const Extent& extent = combination.extent;
    ASSERT_FALSE(extent.input.empty());
    const auto is_within = [&](Trait trait, std::int64_t size) {
      const Range range = range_of(trait, level(row, trait));
      return size >= range.first && size <= range.last;
    };
    EXPECT_TRUE(is_within(Trait::width, extent.input.back()));
    EXPECT_TRUE(is_within(Trait::height, extent.input.end()[-2]));
    EXPECT_TRUE(is_within(Trait::out_count, element_count(extent.output)));
    const std::int64_t samples = extent.batch * element_count(extent.output);
    EXPECT_LE(samples, max_samples);
    EXPECT_LE(samples * extent.channels, max_output_elements);
    EXPECT_EQ(extent.input.size(), extent.output.size());
  }
  EXPECT_GT(possible, 1000);
  EXPECT_GT(impossible, 1000);
}

}  // namespace
}  // namespace gridproof
