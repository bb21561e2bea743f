// How much of the sets correct kernels attain, and that a kernel with tabulated weights is
// outside. judging.md, section 6.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "oracle/judge/cubic.h"
#include "oracle/judge/judge.h"

namespace gridproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double rn(double value) { return static_cast<float>(value); }

// All results of an expression whose operations are each rounded to f32 or not.
std::vector<double> trees(const std::function<double(const std::function<double(double)>&)>& of) {
  std::vector<double> results;
  for (unsigned choices = 0;; ++choices) {
    unsigned rest = choices;
    int operations = 0;
    results.push_back(of([&](double value) {
      const bool rounds = (rest & 1U) != 0;
      rest >>= 1U;
      ++operations;
      return rounds ? rn(value) : value;
    }));
    if (choices + 1 == 1U << static_cast<unsigned>(operations)) break;
  }
  std::ranges::sort(results);
  results.erase(std::ranges::unique(results).begin(), results.end());
  return results;
}

struct Axis {
  std::int64_t index;
  std::array<std::array<double, 2>, 4> ends;  // of each coefficient
};

std::vector<double> positions_of(double x, std::int64_t whole, bool align_corners) {
  const auto size = static_cast<double>(whole);
  return trees([&](const auto& op) {
    return align_corners ? op(op(x + 1) / 2 * (size - 1)) : op(op(op(x + 1) * size) - 1) / 2;
  });
}

// One axis by every tree of the position, and for each of these every tree of a coefficient.
std::vector<Axis> axes_of(double x, std::int64_t whole, bool align_corners) {
  std::vector<Axis> result;
  for (const double position : positions_of(x, whole, align_corners)) {
    const double floor = std::floor(position);
    Axis axis{static_cast<std::int64_t>(floor), {}};
    const double t = position - floor;
    // By Horner's rule in the distance, or in the fraction.
    const auto outer = [](const auto& op, double d) {
      return op(op(op(op(op(op(-0.75 * d) + 3.75) * d) - 6) * d) + 3);
    };
    const auto inner = [](const auto& op, double d) {
      const double first = op(op(1.25 * d) - 2.25);
      return op(op(op(first * d) * d) + 1);
    };
    const auto inner_by_square = [](const auto& op, double d) {
      const double first = op(op(1.25 * d) - 2.25);
      return op(op(first * op(d * d)) + 1);
    };
    const auto outer_near = [](const auto& op, double d) {
      return op(op(op(op(op(-0.75 * d) + 1.5) * d) - 0.75) * d);
    };
    const auto inner_far = [](const auto& op, double d) {
      return op(op(op(op(op(-1.25 * d) + 1.5) * d) + 0.75) * d);
    };
    const std::array<std::vector<std::vector<double>>, 4> all = {
        {{trees([&](const auto& op) { return outer(op, op(t + 1)); }),
          trees([&](const auto& op) { return outer_near(op, t); })},
         {trees([&](const auto& op) { return inner(op, t); }),
          trees([&](const auto& op) { return inner_by_square(op, t); })},
         {trees([&](const auto& op) { return inner(op, op(1 - t)); }),
          trees([&](const auto& op) { return inner_by_square(op, op(1 - t)); }),
          trees([&](const auto& op) { return inner_far(op, t); })},
         {trees([&](const auto& op) { return outer(op, op(op(1 - t) + 1)); }),
          trees([&](const auto& op) { return outer(op, op(2 - t)); }),
          trees([&](const auto& op) { return outer_near(op, op(1 - t)); })}}};
    for (std::size_t j = 0; j < 4; ++j) {
      axis.ends[j] = {infinity, -infinity};
      for (const std::vector<double>& form : all[j]) {
        axis.ends[j] = {std::min(axis.ends[j][0], form.front()),
                        std::max(axis.ends[j][1], form.back())};
      }
    }
    result.push_back(axis);
  }
  return result;
}

// The largest answer (of the negated texels: the least) that a search among correct kernels finds.
class Search {
 public:
  explicit Search(std::uint64_t seed) : random_(seed) {}

  double largest(const std::array<double, 16>& texels, const Axis& x, const Axis& y) {
    std::array<double, 4> cx{};
    std::array<double, 4> cy{};
    for (std::size_t j = 0; j < 4; ++j) {
      cx[j] = x.ends[j][0];
      cy[j] = y.ends[j][0];
    }
    // Each coefficient at the end that serves, given those of the other axis.
    for (int round = 0; round < 2; ++round) {
      for (std::size_t j = 0; j < 4; ++j) {
        double along_y = 0;
        for (std::size_t i = 0; i < 4; ++i) along_y += cy[i] * texels[4 * i + j];
        cx[j] = x.ends[j][along_y > 0 ? 1 : 0];
      }
      for (std::size_t i = 0; i < 4; ++i) {
        double along_x = 0;
        for (std::size_t j = 0; j < 4; ++j) along_x += cx[j] * texels[4 * i + j];
        cy[i] = y.ends[i][along_x > 0 ? 1 : 0];
      }
    }
    std::vector<double> terms;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        const double weight = cx[j] * cy[i];
        const double texel = texels[4 * i + j];
        terms.push_back(up(std::max(weight * texel, rn(weight) * texel)));
      }
    }
    return largest_sum(terms);
  }

  // Of two or three axes with so much of the way from one pixel to the next: every tree of a
  // weight, for each of the texels.
  double largest(const std::vector<double>& texels, const std::vector<double>& fractions) {
    std::vector<double> terms;
    for (std::size_t tap = 0; tap < texels.size(); ++tap) {
      const std::vector<double> weights = trees([&](const auto& op) {
        double weight = 1;
        for (std::size_t axis = 0; axis < fractions.size(); ++axis) {
          const double t = fractions[axis];
          const double own = (tap >> axis & 1U) != 0 ? t : op(1 - t);
          weight = axis == 0 ? own : op(weight * own);
        }
        return weight;
      });
      terms.push_back(up(std::max(weights.front() * texels[tap], weights.back() * texels[tap])));
    }
    return largest_sum(terms);
  }

 private:
  // Always the pair of partial sums whose rounding gains most; or in some orders.
  double largest_sum(std::vector<double> terms) {
    double best = greedy(terms);
    for (int order = 0; order < 20; ++order) {
      std::ranges::shuffle(terms, random_);
      if (order == 0) std::ranges::sort(terms);
      if (order == 1) std::ranges::sort(terms, std::greater<>());
      double sum = terms[0];
      for (std::size_t k = 1; k < terms.size(); ++k) sum = up(sum + terms[k]);
      best = std::max(best, sum);
    }
    return rn(best);
  }

  static double greedy(std::vector<double> terms) {
    while (terms.size() > 1) {
      std::array<std::size_t, 2> pair = {0, 1};
      double most = -1;
      for (std::size_t a = 0; a < terms.size(); ++a) {
        for (std::size_t b = a + 1; b < terms.size(); ++b) {
          const double sum = terms[a] + terms[b];
          const double gain = up(sum) - sum;
          if (gain > most) {
            most = gain;
            pair = {a, b};
          }
        }
      }
      terms[pair[0]] = up(terms[pair[0]] + terms[pair[1]]);
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(pair[1]));
    }
    return terms[0];
  }
  static double up(double value) { return std::max(value, rn(value)); }
  std::mt19937_64 random_;
};

// The width of the set over what is attained, of many samples.
class LinearSets : public testing::TestWithParam<std::size_t> {};  // axes

TEST_P(LinearSets, AreCloseToWhatIsAttained) {
  const std::size_t axes = GetParam();
  constexpr std::int64_t other = 8;  // pixels of the other axes
  std::mt19937_64 random(12);
  const auto uniform = [&] { return rn(static_cast<double>(random() >> 11U) * 0x1p-52 - 1); };
  for (const std::int64_t size : {64, 100, 256, 640, 1024, 1920, 4096}) {
    std::vector<std::int64_t> sizes(axes, other);
    sizes[0] = size;
    Shape shape = {1, 1};
    shape.insert(shape.end(), sizes.rbegin(), sizes.rend());
    std::vector<double> texels(static_cast<std::size_t>(element_count(shape)));
    for (double& texel : texels) texel = uniform();
    for (const bool align_corners : {false, true}) {
      std::vector<double> ratios;
      Search search(static_cast<std::uint64_t>(size));
      for (int sample = 0; sample < 101; ++sample) {
        std::vector<double> grid;
        std::vector<std::vector<double>> positions;
        for (std::size_t axis = 0; axis < axes; ++axis) {
          grid.push_back(rn(uniform() * (axis == 0 ? 0.95 : 0.8)));
          positions.push_back(positions_of(grid.back(), sizes[axis], align_corners));
        }
        Shape one(axes + 2, 1);
        one.back() = static_cast<std::int64_t>(axes);
        const Case test_case{request_for({Mode::bilinear, Padding::zeros, align_corners}),
                             Tensor(Dtype::f32, shape, texels), Tensor(Dtype::f32, one, grid)};
        const Admissible set = Judge().admissible(test_case, 0, 0);
        ASSERT_EQ(set.intervals.size(), 1U);
        const auto [lo, hi] = set.intervals[0];
        double least = 1e300;
        double most = -1e300;
        std::size_t combinations = 1;
        for (const auto& list : positions) combinations *= list.size();
        for (std::size_t k = 0; k < combinations; ++k) {
          std::vector<double> fractions;
          std::int64_t first = 0;
          std::size_t rest = k;
          std::array<std::int64_t, 3> strides{};
          std::int64_t stride = 1;
          for (std::size_t axis = 0; axis < axes; ++axis) {
            const double position = positions[axis][rest % positions[axis].size()];
            rest /= positions[axis].size();
            fractions.push_back(position - std::floor(position));
            strides[axis] = stride;
            first += static_cast<std::int64_t>(std::floor(position)) * stride;
            stride *= sizes[axis];
          }
          std::vector<double> taps;
          std::vector<double> negated;
          for (std::size_t tap = 0; tap < std::size_t{1} << axes; ++tap) {
            std::int64_t place = first;
            for (std::size_t axis = 0; axis < axes; ++axis) {
              if ((tap >> axis & 1U) != 0) place += strides[axis];
            }
            taps.push_back(texels[static_cast<std::size_t>(place)]);
            negated.push_back(-taps.back());
          }
          most = std::max(most, search.largest(taps, fractions));
          least = std::min(least, -search.largest(negated, fractions));
        }
        ASSERT_LE(lo, least) << to_line(test_case);
        ASSERT_GE(hi, most) << to_line(test_case);
        if (most > least) ratios.push_back((hi - lo) / (most - least));
      }
      std::ranges::sort(ratios);
      ASSERT_GT(ratios.size(), 80U);
      // At a power of two half of the positions are exact: what is left is the rounding of sums,
      // which no kernel has as large as it could be.
      const bool is_power = (size & (size - 1)) == 0;
      EXPECT_LE(ratios[ratios.size() / 2], is_power ? 4 : 2.5) << size << ' ' << align_corners;
      RecordProperty("median_" + std::to_string(size) + (align_corners ? "_True" : "_False"),
                     std::to_string(ratios[ratios.size() / 2]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Axes, LinearSets, testing::Values(2U, 3U));

TEST(BicubicSets, AreAtMostTwoAndAHalfTimesWhatIsAttained) {
  constexpr std::int64_t rows = 64;
  std::mt19937_64 random(11);
  const auto uniform = [&] { return rn(static_cast<double>(random() >> 11U) * 0x1p-52 - 1); };
  for (const std::int64_t size : {64, 100, 256, 640, 1024, 1920, 4096}) {
    std::vector<double> texels(static_cast<std::size_t>(size * rows));
    for (double& texel : texels) texel = uniform();
    for (const bool align_corners : {false, true}) {
      std::vector<double> ratios;
      Search search(size);
      for (int sample = 0; sample < 101; ++sample) {
        const double x = uniform() * 0.95;
        const double y = uniform() * 0.9;
        const Case test_case{request_for({Mode::bicubic, Padding::zeros, align_corners}),
                             Tensor(Dtype::f32, {1, 1, rows, size}, texels),
                             Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{rn(x), rn(y)})};
        const Admissible set = Judge().admissible(test_case, 0, 0);
        ASSERT_EQ(set.intervals.size(), 1U);
        const auto [lo, hi] = set.intervals[0];
        double least = 1e300;
        double most = -1e300;
        for (const Axis& ax : axes_of(rn(x), size, align_corners)) {
          for (const Axis& ay : axes_of(rn(y), rows, align_corners)) {
            std::array<double, 16> taps{};
            std::array<double, 16> negated{};
            for (std::size_t tap = 0; tap < 16; ++tap) {
              const auto row = ay.index - 1 + static_cast<std::int64_t>(tap / 4);
              const auto column = ax.index - 1 + static_cast<std::int64_t>(tap % 4);
              taps[tap] = texels[static_cast<std::size_t>(row * size + column)];
              negated[tap] = -taps[tap];
            }
            most = std::max(most, search.largest(taps, ax, ay));
            least = std::min(least, -search.largest(negated, ax, ay));
          }
        }
        ASSERT_LE(lo, least) << to_line(test_case);
        ASSERT_GE(hi, most) << to_line(test_case);
        if (most > least) ratios.push_back((hi - lo) / (most - least));
      }
      std::ranges::sort(ratios);
      ASSERT_GT(ratios.size(), 90U);
      EXPECT_LE(ratios[ratios.size() / 2], 2.5) << size << ' ' << align_corners;
      RecordProperty("median_" + std::to_string(size) + (align_corners ? "_True" : "_False"),
                     std::to_string(ratios[ratios.size() / 2]));
    }
  }
}

// A kernel in f32 that takes its weights from a table of 1,024 entries, with linear interpolation:
// off by up to 9 u.
std::array<double, 4> tabulated(double t) {
  const double at = t * 1024;
  const double entry = std::floor(at);
  const auto from = judging::cubic_coefficients(entry / 1024);
  const auto to = judging::cubic_coefficients((entry + 1) / 1024);
  std::array<double, 4> weights{};
  for (std::size_t j = 0; j < 4; ++j) {
    weights[j] = rn(rn(from[j]) + rn(rn(at - entry) * rn(rn(to[j]) - rn(from[j]))));
  }
  return weights;
}

TEST(BicubicSets, ExcludeTabulatedWeights) {
  std::mt19937_64 random(12);
  const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1p-52 - 1; };
  constexpr std::int64_t size = 64;
  std::array<int, 2> deviating{};
  int warned = 0;
  for (int image = 0; image < 100; ++image) {
    std::vector<double> texels(size * size);
    for (double& texel : texels) texel = random() % 24 == 0 ? uniform() : 0;
    Case test_case{request_for({Mode::bicubic, Padding::border, false}),
                   Tensor(Dtype::f32, {1, 1, size, size}, texels),
                   Tensor(Dtype::f32, {1, 5, 5, 2})};
    std::vector<double> grid(50);
    for (double& x : grid) x = rn(uniform() * 0.9);
    test_case.grid = Tensor(Dtype::f32, {1, 5, 5, 2}, grid);
    const std::vector<double> rounded = test_case.input.values();
    std::vector<double> output;
    for (std::size_t sample = 0; sample < 25; ++sample) {
      std::array<double, 2> floor{};
      std::array<std::array<double, 4>, 2> weights{};
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const double at = rn(rn(rn(grid[2 * sample + axis] + 1) * size) - 1) / 2;
        floor[axis] = std::floor(at);
        weights[axis] = tabulated(rn(at - floor[axis]));
      }
      double sum = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        double row = 0;
        for (std::size_t j = 0; j < 4; ++j) {
          const auto y = std::clamp<std::int64_t>(
              static_cast<std::int64_t>(floor[1]) - 1 + static_cast<std::int64_t>(i), 0, size - 1);
          const auto x = std::clamp<std::int64_t>(
              static_cast<std::int64_t>(floor[0]) - 1 + static_cast<std::int64_t>(j), 0, size - 1);
          row = rn(row + rn(weights[0][j] * rounded[static_cast<std::size_t>(y * size + x)]));
        }
        sum = rn(sum + rn(weights[1][i] * row));
      }
      output.push_back(sum);
    }
    const Tensor answer(Dtype::f32, {1, 1, 5, 5}, output);
    for (std::size_t strict = 0; strict < 2; ++strict) {
      const Judge judge(*parse_profile(strict == 1 ? "P1" : "P3"));
      deviating[strict] += static_cast<int>(judge.judge(test_case, answer)[Verdict::deviates]);
      warned += static_cast<int>(judge.judge(test_case, answer)[Verdict::quality_warning]);
    }
  }
  EXPECT_GT(deviating[0], 5);
  EXPECT_GT(deviating[1], 5);
  EXPECT_GT(warned, 100);
}

}  // namespace
}  // namespace gridproof
