#include "oracle/judge/overflow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "oracle/judge/cubic.h"
#include "oracle/judge/judge.h"

namespace gridproof {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = 0x1.fffffep127;

// A kernel whose operations are rounded to f32, or not, and may overflow.
class Overflowing {
 public:
  explicit Overflowing(std::uint64_t seed) : random_(seed), always_((seed & 1U) != 0) {}
  bool chance() { return (random_() & 1U) != 0; }
  double operator()(double value) {
    return always_ || chance() ? static_cast<float>(value) : value;
  }

  double lerp(double a, double b, double t) { return (*this)(a + (*this)(t * (*this)(b - a))); }

  // One position for all: the weights of two axes, or of three. Sums along one axis first or not.
  double sum(const std::vector<double>& texels, const std::vector<std::vector<double>>& weights,
             bool lerps) {
    const std::size_t taps = weights[0].size();
    std::vector<double> values = texels;
    if (!lerps && chance()) {  // all in one sum
      std::vector<double> terms;
      for (std::size_t k = 0; k < values.size(); ++k) {
        double weight = 1;
        std::size_t rest = k;
        for (const std::vector<double>& axis : weights) {
          weight = (*this)(weight * axis[rest % taps]);
          rest /= taps;
        }
        terms.push_back((*this)(weight * values[k]));
      }
      return added(std::move(terms));
    }
    // Axis by axis, x first or last.
    std::vector<std::size_t> order(weights.size());
    for (std::size_t axis = 0; axis < order.size(); ++axis) order[axis] = axis;
    std::ranges::shuffle(order, random_);
    std::vector<std::size_t> shape(weights.size(), taps);
    for (const std::size_t axis : order) {
      std::size_t step = 1;
      for (std::size_t k = 0; k < axis; ++k) step *= shape[k];
      std::vector<double> next(values.size() / taps);
      for (std::size_t k = 0; k < next.size(); ++k) {
        const std::size_t first = k / step * step * taps + k % step;
        if (lerps) {
          next[k] = lerp(values[first], values[first + step], weights[axis][1]);
          continue;
        }
        std::vector<double> terms;
        for (std::size_t j = 0; j < taps; ++j) {
          terms.push_back((*this)(weights[axis][j] * values[first + j * step]));
        }
        next[k] = added(std::move(terms));
      }
      values = std::move(next);
      shape[axis] = 1;
    }
    return static_cast<float>(values[0]);
  }

 private:
  double added(std::vector<double> terms) {
    std::ranges::shuffle(terms, random_);
    double sum = terms[0];
    for (std::size_t k = 1; k < terms.size(); ++k) sum = (*this)(sum + terms[k]);
    return static_cast<float>(sum);
  }
  std::mt19937_64 random_;
  bool always_;
};

struct Form {
  Mode mode;
  int axes;
  bool lerps;
};

// Near the largest number: whatever such a kernel gives is admitted, and what is admitted is given
// by some.
TEST(Overflow, IsAdmittedAsFarAsSomeKernelDoesIt) {
  for (const Form form : {Form{Mode::bilinear, 2, false},
                          {Mode::bilinear, 3, false},
                          {Mode::bilinear, 2, true},
                          {Mode::bilinear, 3, true},
                          {Mode::bicubic, 2, false}}) {
    const Judge judge(*parse_profile(form.lerps ? "P3" : "P1"));
    std::mt19937_64 random(40);
    int admitted = 0;
    int attained = 0;
    const bool cubic = form.mode == Mode::bicubic;
    for (int i = 0; i < 250; ++i) {
      Shape shape = {1, 1};
      Shape location = {1};
      std::int64_t count = 1;
      for (int axis = 0; axis < form.axes; ++axis) {
        shape.push_back(cubic ? 4 : 2);
        location.push_back(1);
        count *= shape.back();
      }
      location.push_back(form.axes);
      // Within some ulps of the largest number the bounds are not sharp.
      const bool sharp = i % 2 == 0;
      const double most = sharp ? largest * (1 - 0x1p-18) : largest;
      const auto some = [&] { return most * static_cast<double>(random() % 256) / 256; };
      const std::array<double, 11> kinds = {
          most,   -most,     most * (1 - 0x1p-22),  most / 2, -most / 2,
          0,      most / 64, -most * (1 - 0x1p-23), some(),   -some(),
          -some()};
      const std::size_t few = 1 + random() % kinds.size();
      std::vector<double> texels(static_cast<std::size_t>(count));
      for (double& texel : texels) texel = static_cast<float>(kinds[random() % few]);
      // Short t, so that nothing is unknown but the roundings and the order.
      std::vector<double> grid;
      std::vector<std::vector<double>> weights;
      for (int axis = 0; axis < form.axes; ++axis) {
        const double t = static_cast<double>(random() % 5 == 0 ? 0 : random() % 2048) / 2048;
        const double position = (cubic ? 1 : 0) + t;
        const double size = cubic ? 4 : 2;
        grid.push_back((2 * position + 1) / size - 1);
        if (cubic) {
          const auto c = judging::cubic_coefficients(t);
          weights.emplace_back(c.begin(), c.end());
        } else {
          weights.push_back({1 - t, t});
        }
      }
      const Case test_case{request_for({form.mode, Padding::border, false}),
                           Tensor(Dtype::f32, shape, texels), Tensor(Dtype::f32, location, grid)};
      judging::Specials seen = 0;
      for (std::uint64_t seed = 0; seed < 120; ++seed) {
        Overflowing kernel(seed + 1000 * static_cast<std::uint64_t>(i));
        const double value = kernel.sum(texels, weights, form.lerps);
        Shape output(static_cast<std::size_t>(form.axes) + 2, 1);
        const Verdict verdict =
            judge.judge(test_case, Tensor(Dtype::f32, output, std::vector<double>{value})).worst();
        ASSERT_LE(verdict, Verdict::latitude)
            << value << ' ' << to_line(test_case) << " set "
            << to_string(judge.admissible(test_case, 0, 0), Dtype::f32);
        if (std::isnan(value)) seen |= judging::nan_bit;
        if (value == infinity) seen |= judging::plus_bit;
        if (value == -infinity) seen |= judging::minus_bit;
      }
      for (const auto& [value, clause] : judge.admissible(test_case, 0, 0).latitude) {
        EXPECT_EQ(clause, "arith.overflow");
        if (!sharp) continue;
        ++admitted;
        const judging::Specials bit = std::isnan(value) ? judging::nan_bit
                                      : value > 0       ? judging::plus_bit
                                                        : judging::minus_bit;
        attained += (seen & bit) != 0 ? 1 : 0;
      }
    }
    // Weights that are positive and sum to 1 stay below the largest texel.
    EXPECT_EQ(admitted > 20, cubic || form.lerps) << admitted;
    EXPECT_GE(attained * 10, admitted * 7) << static_cast<int>(form.mode) << form.axes << form.lerps
                                           << ' ' << attained << " of " << admitted;
  }
}

Verdict verdict(const std::string& line, const std::string& answer,
                const std::string& profile = "P1") {
  return Judge(*parse_profile(profile)).judge(parse_case(line), parse_tensor(answer)).worst();
}

// A sum of which one term is large cannot overflow, and only its own sign can come of it.
TEST(Overflow, HasTheSignOfWhatOverflows) {
  const std::string one =
      "grid_sample input=f32[1,1,1,2]{0x1.fffffep+127,0} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(verdict(one, "f32[1,1,1,1]{0x1.fffffep+126}"), Verdict::admissible);
  for (const char* answer : {"f32[1,1,1,1]{inf}", "f32[1,1,1,1]{-inf}", "f32[1,1,1,1]{nan}"}) {
    EXPECT_EQ(verdict(one, answer), Verdict::deviates) << answer;
    EXPECT_EQ(verdict(one, answer, "P3"), Verdict::deviates) << answer;
  }
  const std::string two =
      "grid_sample padding_mode=border input=f32[1,1,1,2]{0x1.fffffep+127,0x1.fffffep+127} "
      "grid=f32[1,1,1,2]{0x1.99999ap-4,0}";
  EXPECT_LE(verdict(two, "f32[1,1,1,1]{inf}"), Verdict::latitude);
  EXPECT_EQ(verdict(two, "f32[1,1,1,1]{-inf}"), Verdict::deviates);
  // A difference that overflows, in a form that takes one.
  const std::string apart =
      "grid_sample padding_mode=border input=f32[1,1,1,2]{-0x1.8p+127,0x1.8p+127} "
      "grid=f32[1,1,1,2]{0x1.99999ap-4,0}";
  EXPECT_EQ(verdict(apart, "f32[1,1,1,1]{inf}"), Verdict::quality_warning);
  EXPECT_EQ(verdict(apart, "f32[1,1,1,1]{inf}", "P3"), Verdict::latitude);
  EXPECT_EQ(verdict(apart, "f32[1,1,1,1]{nan}", "P3"), Verdict::latitude);
  EXPECT_EQ(verdict(apart, "f32[1,1,1,1]{-inf}", "P3"), Verdict::deviates);
  const std::string near =
      "grid_sample padding_mode=border input=f32[1,1,1,2]{-0x1.fp+126,0x1.fp+126} "
      "grid=f32[1,1,1,2]{0x1.99999ap-4,0}";
  EXPECT_EQ(verdict(near, "f32[1,1,1,1]{inf}", "P3"), Verdict::deviates);
  // Where t is 0, too: 0 times infinity.
  const std::string zero =
      "grid_sample padding_mode=border input=f32[1,1,1,2]{-0x1.8p+127,0x1.8p+127} "
      "grid=f32[1,1,1,2]{-0.5,0}";
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{nan}", "P3"), Verdict::latitude);
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{inf}", "P3"), Verdict::deviates);
  EXPECT_EQ(verdict(zero, "f32[1,1,1,1]{nan}"), Verdict::quality_warning);
}

// An infinite row meets a sum of rows that was infinite before it came: reversed loops do it.
TEST(Overflow, OfASumOfRowsMeetsAnInfiniteRow) {
  EXPECT_EQ(verdict("grid_sample mode=bicubic padding_mode=zeros align_corners=True "
                    "input=bf16[1,1,3,2]{-0x1.fap+127,-0x1p+127,-0x1.cp+127,0,-0x1.cp+127,0} "
                    "grid=bf16[1,1,1,2]{-0.92578125,0.5}",
                    "bf16[1,1,1,1]{nan}"),
            Verdict::latitude);
  EXPECT_EQ(verdict("grid_sample mode=bicubic padding_mode=zeros align_corners=False "
                    "input=f64[1,1,32768,5]{0*135106,0x1.674eaf4da8b91p+1023,"
                    "0x1.ffffffffffffdp+1023,0x1.fffffffffffffp+1023,0x1.3b08599db1c3cp+1020,0*6,"
                    "0x1.bf1b8a6a5ea73p+1022,0x1.6d4736076d742p+1020,0x1.ffffffffffffep+1023,"
                    "-0x1.4b63ef3ff6bc3p+1020,0,0,0,-0x1.a88a746ef92bap+1023,0*28716} "
                    "grid=f64[1,1,1,2]{0.375,0x1.4c7b2ec1adacp-1}",
                    "f64[1,1,1,1]{nan}"),
            Verdict::latitude);
}

// The sum beyond the largest number is that of one rounding to infinity.
// Beyond the rim all taps of an axis are one texel: two weights of 19/32 in one sum are 19/16.
TEST(Overflow, IsThatOfTwoTapsOfOneTexel) {
  const Judge judge;
  const auto verdict = [&](const char* line, double answer) {
    const Case test_case = parse_case(line);
    const Shape shape = {1, 1, 1, 1};
    const std::vector<double> values = {answer};
    return judge.judge(test_case, Tensor(test_case.input.dtype(), shape, values)).worst();
  };
  const char* const row =
      "grid_sample mode=bicubic padding_mode=border align_corners=True "
      "input=f32[1,1,1,4]{0,0,0,0x1.fp+127} grid=f32[1,1,1,2]{4,nan}";
  EXPECT_EQ(verdict(row, INFINITY), Verdict::latitude);
  EXPECT_EQ(verdict(row, -INFINITY), Verdict::deviates);
  EXPECT_EQ(verdict(row, 0x1.fp+127), Verdict::admissible);
  const char* const pixel =
      "grid_sample mode=bicubic padding_mode=border input=f32[1,1,1,1]{-0x1.ep+127} "
      "grid=f32[1,1,1,2]{-9,112.740234375}";
  EXPECT_EQ(verdict(pixel, NAN), Verdict::latitude);
  const char* const smaller =
      "grid_sample mode=bicubic padding_mode=border align_corners=True "
      "input=f32[1,1,1,4]{0,0,0,0x1.ap+127} grid=f32[1,1,1,2]{4,nan}";
  EXPECT_EQ(verdict(smaller, INFINITY), Verdict::deviates);
}

TEST(Overflow, BeginsHalfAnUlpBeyondTheLargest) {
  EXPECT_EQ(judging::overflow_limit<double>(judging::Budget{}), 0x1.ffffffp127);
  const judging::Budget wide{
      .unit = 0x1p-53, .smallest = 0x1p-1074, .largest = std::numeric_limits<double>::max()};
  EXPECT_EQ(judging::overflow_limit<exact::Wide>(wide),
            std::numeric_limits<double>::max() + exact::Wide(0x1p970));
  // Two weights of a half: t is known.
  std::array<judging::WeightRange<double, 2>, 2> axes;
  axes[0] = {{{{0.5, 0.5}, {0.5, 0.5}}}, false, false};
  axes[1] = {{{{1, 1}, {0, 0}}}, true, false};
  const auto of = [&](double texel) {
    return judging::overflow_of<double, 2, 2, 4>({texel, texel, 0, 0}, axes, 1, 1000, false);
  };
  EXPECT_EQ(of(999.9), 0);
  EXPECT_EQ(of(1000), judging::plus_bit);
  EXPECT_EQ(of(-1000), judging::minus_bit);
  // A line without weight makes NaN, or nothing.
  EXPECT_EQ((judging::overflow_of<double, 2, 2, 4>({0, 0, 1000, 1000}, axes, 1, 1000, false)),
            judging::nan_bit);
  // Two infinities that meet.
  axes[1] = {{{{0.5, 0.5}, {0.5, 0.5}}}, false, false};
  EXPECT_EQ(
      (judging::overflow_of<double, 2, 2, 4>({1000, 1000, -1000, -1000}, axes, 1, 1000, false)),
      judging::all_bits);
  // One term exceeds its texel only with a weight above 1.
  EXPECT_EQ((judging::overflow_of<double, 2, 2, 4>({2000, 0, 0, 0}, axes, 1, 1000, false)), 0);
  axes[0].exceeds = true;
  EXPECT_EQ((judging::overflow_of<double, 2, 2, 4>({2000, 0, 0, 0}, axes, 1, 1000, false)),
            judging::plus_bit);
}

}  // namespace
}  // namespace gridproof
