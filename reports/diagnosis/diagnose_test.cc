// What is said of an output; whole stories are in reports/stories.
#include "reports/diagnosis/diagnose.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/affine_grid.h"
#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/intent.h"

namespace gridproof::reports::diagnosis {
namespace {

Request options(const char* mode, const char* padding, bool align_corners) {
  return {.mode = mode, .padding_mode = padding, .align_corners = align_corners};
}

Tensor output_of(const Case& test_case) { return std::get<Tensor>(grid_sample(test_case)); }

Tensor noise(const Shape& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  for (double& value : values) value = static_cast<double>(random() % 1000) / 1000;
  return {Dtype::f32, shape, values};
}

TEST(Diagnose, CorrectUsesHaveNothingWrong) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const Request request = options(seed % 2 == 0 ? "bilinear" : "bicubic",
                                    seed % 3 == 0 ? "zeros" : "reflection", seed % 4 < 2);
    const Tensor input = noise({1, 2, 6, 7}, seed);
    Tensor coordinates = noise({1, 5, 4, 2}, seed + 100);
    const Case test_case{request, input, coordinates};
    const Tensor output = output_of(test_case);
    const Diagnosis found =
        diagnose({.test_case = test_case, .observed = output, .expected = output});
    EXPECT_EQ(found.fault, Fault::none) << found.sentence;
  }
}

TEST(Diagnose, UnrelatedOutputsAreNotGuessedAt) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const Diagnosis found =
        diagnose({.test_case = {{}, noise({1, 1, 6, 7}, seed), noise({1, 6, 7, 2}, seed + 1)},
                  .expected = noise({1, 1, 6, 7}, seed + 2)});
    EXPECT_EQ(found.fault, Fault::unexplained) << found.sentence;
    EXPECT_TRUE(found.sentence.starts_with("No single cause explains")) << found.sentence;
    EXPECT_EQ(found.confidence, Confidence::low);
  }
}

// An identity of an input, with each coordinate changed.
Case identity_of(const Tensor& input, bool align_corners,
                 const std::function<double(double, const Place&)>& change) {
  Shape shape = {input.size(0)};
  for (int axis = 2; axis < input.rank(); ++axis) shape.push_back(input.size(axis));
  shape.push_back(input.rank() - 2);
  return dictionary::each_coordinate(
      {options("bilinear", "zeros", align_corners), input, Tensor(Dtype::f32, shape)},
      [&](double, const Place& place) { return change(dictionary::identity_at(place), place); });
}

Tensor with_noise(const Tensor& tensor, double deviation) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0, deviation);
  std::vector<double> values = tensor.values();
  for (double& value : values) value += normal(random);
  return {tensor.dtype(), tensor.shape(), values};
}

TEST(Diagnose, NoiseIsNoMistake) {
  const auto shifted = [](double x, const Place&) { return 0.9 * x + 0.05; };
  for (const Shape& shape : {Shape{1, 1, 5, 8}, Shape{1, 2, 20, 30}, Shape{1, 1, 4, 6, 7}}) {
    const Case test_case = identity_of(noise(shape, 1), false, shifted);
    const Diagnosis found =
        diagnose({.test_case = test_case, .expected = with_noise(output_of(test_case), 2e-3)});
    EXPECT_EQ(found.fault, Fault::none) << found.sentence;
    EXPECT_TRUE(found.sentence.starts_with("Nothing is wrong beyond noise")) << found.sentence;
  }
}

// Where a picture is wide, a coordinate of f32 is far enough off to round a value the other way.
TEST(Diagnose, BytesOfAWidePictureAreRoundedBothWays) {
  std::mt19937 random(6);
  std::vector<double> texels(4000);
  for (double& texel : texels) texel = static_cast<double>(random() % 256);
  std::vector<double> grid(6000);
  for (double& x : grid) x = static_cast<double>(random() % 1000000) / 600000 - 0.8;
  const Request request = options("bilinear", "border", false);
  const Tensor exact = output_of({request, Tensor(Dtype::f64, {1, 1, 2, 2000}, texels),
                                  Tensor(Dtype::f64, {1, 30, 100, 2}, grid)});
  std::vector<double> bytes = exact.values();
  for (double& value : bytes) value = std::round(value);
  const Diagnosis found =
      diagnose({.test_case = {request, Tensor(Dtype::f32, {1, 1, 2, 2000}, texels),
                              Tensor(Dtype::f32, {1, 30, 100, 2}, grid)},
                .expected = Tensor(Dtype::f32, exact.shape(), bytes)});
  EXPECT_EQ(found.fault, Fault::none) << found.sentence;
}

TEST(Diagnose, AnOffsetIsFoundAmongNoise) {
  const Tensor input = noise({1, 1, 30, 20}, 2);
  const auto motion = [](double x, const Place&) { return 0.8 * x + 0.04 * std::sin(5 * x); };
  const Case meant = identity_of(input, false, motion);
  const Case asked = identity_of(input, false, [&](double x, const Place& place) {
    return motion(x, place) - (place.component == 0 ? 0.7 * 2 / 20 : 0);
  });
  const Diagnosis found =
      diagnose({.test_case = asked, .expected = with_noise(output_of(meant), 2e-3)});
  EXPECT_EQ(found.fault, Fault::usage) << found.sentence;
  EXPECT_EQ(found.attempts.front().name(), "fitted.offset");
  EXPECT_NE(found.sentence.find("Up to noise"), std::string::npos) << found.sentence;
  EXPECT_EQ(found.confidence, Confidence::low);
}

// A pair with a fitted number is always a little nearer to noise; one mistake is the answer.
TEST(Diagnose, AmongNoiseNothingIsAddedToOneMistake) {
  const auto motion = [](double x, const Place&) { return 0.8 * x + 0.05 * std::sin(5 * x); };
  const auto mirrored = [&](double x, const Place& place) {
    return place.component == 1 ? -motion(x, place) : motion(x, place);
  };
  for (unsigned seed = 0; seed < 6; ++seed) {
    const Tensor input = noise({1, 1, 13, 17}, seed);
    const Diagnosis found =
        diagnose({.test_case = identity_of(input, true, mirrored),
                  .expected = with_noise(output_of(identity_of(input, true, motion)), 2e-3)});
    EXPECT_EQ(found.attempts.front().name(), "mirror.y") << found.sentence;
  }
}

// The first rows of what is expected are often padding.
TEST(Diagnose, ABlankBeginningIsNoBlankPicture) {
  const Tensor input = noise({1, 1, 60, 50}, 3);
  const auto lowered = [](double pixels) {
    return [pixels](double x, const Place& place) {
      return x - (place.component == 1 ? 2 * 40.0 / 60 : 0) + 2 * pixels / (place.input);
    };
  };
  const Diagnosis found = diagnose({.test_case = identity_of(input, false, lowered(1)),
                                    .expected = output_of(identity_of(input, false, lowered(0)))});
  EXPECT_EQ(found.fault, Fault::usage) << found.sentence;
  EXPECT_EQ(found.attempts.front().name(), "index.from-one");
  EXPECT_EQ(std::ranges::count(found.remarks,
                               "all expected values are equal: many mistakes explain that"),
            0);
}

TEST(Diagnose, MistakesAlongOneAxis) {
  const Tensor input = noise({1, 1, 24, 32}, 4);
  const auto motion = [](double x, const Place&) { return 0.8 * x + 0.1 * std::sin(3 * x); };
  const Tensor expected = output_of(identity_of(input, true, motion));
  struct Mistake {
    const char* name;
    std::size_t axis;
    double (*change)(double x, const Place& place);
  };
  for (const Mistake& mistake :
       {Mistake{"align_corners.of-the-grid, x only", 0,
                [](double x, const Place& place) {
                  return dictionary::coordinate_at(dictionary::position_at(x, place.input, true),
                                                   place.input, false);
                }},
        {"half-pixel.missing, y only", 1,
         [](double x, const Place& place) {
           return x - 1.0 / static_cast<double>(place.input - 1);
         }},
        {"units.unit-interval, x only", 0, [](double x, const Place&) { return (x + 1) / 2; }},
        {"divisor.size, align_corners=True, y only", 1, [](double x, const Place& place) {
           return 2 * dictionary::position_at(x, place.input, true) /
                      static_cast<double>(place.input) -
                  1;
         }}}) {
    const Case asked = identity_of(input, true, [&](double x, const Place& place) {
      const double meant = motion(x, place);
      return place.component == mistake.axis ? mistake.change(meant, place) : meant;
    });
    const Diagnosis found = diagnose({.test_case = asked, .expected = expected});
    ASSERT_EQ(found.fault, Fault::usage) << mistake.name << ": " << found.sentence;
    EXPECT_EQ(found.attempts.front().name(), mistake.name);
    EXPECT_NE(found.confidence, Confidence::low);
  }
}

// Of an image that is like no other the wrong flag is the only explanation.
TEST(Diagnose, TheWrongFlagOnNoise) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    for (const bool align_corners : {false, true}) {
      Case test_case{options("bilinear", "border", align_corners), noise({2, 3, 40, 30}, seed),
                     noise({2, 25, 35, 2}, seed + 100)};
      Case meant = test_case;
      meant.request.align_corners = !align_corners;
      const Diagnosis found = diagnose({.test_case = test_case, .expected = output_of(meant)});
      ASSERT_EQ(found.fault, Fault::usage);
      EXPECT_EQ(found.attempts.front().name(), "align_corners");
      EXPECT_EQ(found.confidence, Confidence::high);
      for (const Tie& tie : found.ties) EXPECT_EQ(tie.datum, "") << tie.name;  // the same positions
    }
  }
}

// Questions with a mistake that is told by its name alone, from what was meant instead.
struct Told {
  const char* name;
  Case test_case;
  Case meant;
};

Case with_coordinates(Case test_case, double (*function)(double, const Place&)) {
  return dictionary::each_coordinate(std::move(test_case), function);
}

// A displacement of some pixels, each divided by half the size of an axis: of its own, or not.
std::vector<Told> divided_by_one_size() {
  Case identity{options("bilinear", "zeros", false), noise({1, 1, 40, 60}, 1),
                Tensor(Dtype::f32, {1, 40, 60, 2})};
  const auto displaced_by = [&](double width, double height) {
    std::mt19937 random(3);
    Case test_case = identity;
    std::size_t at = 0;
    std::vector<double> grid(4800);
    dictionary::each_coordinate(identity, [&](double, const Place& place) {
      const double pixels = static_cast<double>(random() % 600) / 100 - 3;
      grid[at++] =
          dictionary::identity_at(place) + 2 * pixels / (place.component == 0 ? width : height);
      return 0.0;
    });
    test_case.grid = Tensor(Dtype::f32, test_case.grid.shape(), grid);
    return test_case;
  };
  const Case right = displaced_by(60, 40);
  return {{"sizes.displacement-by-height", displaced_by(40, 40), right},
          {"sizes.displacement-by-width", displaced_by(60, 60), right},
          {"fitted.displacement-by-axis", displaced_by(60 * 1.7, 40 * 0.6), right}};
}

TEST(Diagnose, OneSizeForAllAxesAndAScaleForEach) {
  for (const Told& told : divided_by_one_size()) {
    const Diagnosis found =
        diagnose({.test_case = told.test_case, .expected = output_of(told.meant)});
    ASSERT_EQ(found.fault, Fault::usage) << found.sentence;
    EXPECT_EQ(found.attempts.front().name(), told.name) << found.sentence;
    EXPECT_EQ(found.confidence, Confidence::high) << found.sentence;
  }
}

TEST(Diagnose, GridsOfABatchInReverseOrder) {
  const Case meant{options("bilinear", "zeros", false), noise({3, 1, 9, 8}, 1),
                   noise({3, 7, 6, 2}, 2)};
  Case test_case = meant;
  std::vector<double> grid;
  for (const std::int64_t n : {2, 1, 0}) {
    const std::vector<double> part = meant.grid.slice(0, n, n + 1).contiguous().values();
    grid.insert(grid.end(), part.begin(), part.end());
  }
  test_case.grid = Tensor(Dtype::f32, meant.grid.shape(), grid);
  const Diagnosis found = diagnose({.test_case = test_case, .expected = output_of(meant)});
  EXPECT_EQ(found.attempts.front().name(), "layout.batch-reversed") << found.sentence;
  EXPECT_EQ(found.confidence, Confidence::high);
}

// As after a mean was subtracted and a deviation divided by, of each channel, before the call.
TEST(Diagnose, RestatedValues) {
  const Case test_case{options("bilinear", "zeros", false), noise({2, 3, 9, 8}, 1),
                       noise({2, 7, 6, 2}, 2)};
  Case meant = test_case;
  std::vector<double> texels = test_case.input.values();
  const std::array<double, 3> means = {0.485, 0.456, 0.406};
  const std::array<double, 3> deviations = {0.229, 0.224, 0.225};
  for (std::size_t i = 0; i < texels.size(); ++i) {
    const std::size_t c = i / 72 % 3;
    texels[i] = (texels[i] - means.at(c)) / deviations.at(c);
  }
  meant.input = Tensor(Dtype::f32, test_case.input.shape(), texels);
  const Tensor expected = output_of(meant);
  const Diagnosis found = diagnose({.test_case = test_case, .expected = expected});
  ASSERT_EQ(found.attempts.front().name(), "values.restated") << found.sentence;
  const std::vector<double>& numbers = found.attempts.front().numbers;
  ASSERT_EQ(numbers.size(), 6U);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(numbers[c], 1 / deviations.at(c), 1e-4);
    EXPECT_NEAR(numbers[c + 3], -means.at(c) / deviations.at(c), 1e-4);
  }
  // Noise is not explained by a line through it.
  const Diagnosis other = diagnose({.test_case = test_case, .expected = noise({2, 3, 7, 6}, 9)});
  EXPECT_EQ(other.fault, Fault::unexplained) << other.sentence;
}

// An implementation that fills with 1: the number is found, and is the whole difference.
TEST(Diagnose, WhatFillsTheOutside) {
  Case test_case{options("bilinear", "zeros", false), noise({1, 1, 9, 8}, 1),
                 noise({1, 12, 11, 2}, 2)};
  test_case = with_coordinates(test_case, [](double x, const Place&) { return 3 * x - 1.5; });
  Case less = test_case;
  std::vector<double> texels = test_case.input.values();
  for (double& texel : texels) texel -= 0.75;
  less.input = Tensor(Dtype::f32, test_case.input.shape(), texels);
  std::vector<double> observed = output_of(less).values();
  for (double& value : observed) value += 0.75;
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, {1, 1, 12, 11}, observed)});
  EXPECT_EQ(found.fault, Fault::implementation);
  EXPECT_EQ(found.misreading, "padding.blended") << found.sentence;
  ASSERT_EQ(found.fill.size(), 1U);
  EXPECT_NEAR(found.fill[0], 0.75, 1e-5);
  EXPECT_NE(found.sentence.find("was the implementation given a fill value?"), std::string::npos);
}

// A grid that went through 16 bits reads beside the pixels that it means, as if somebody rounded
// positions when they are meant to be whole: that is not said of an implementation.
TEST(Diagnose, A16BitGridIsNotTakenForRoundedPositions) {
  Case test_case{options("bilinear", "zeros", false), noise({1, 1, 23, 47}, 1),
                 Tensor(Dtype::f32, {1, 23, 47, 2})};
  test_case = dictionary::each_coordinate(test_case, [](double, const Place& place) {
    return dictionary::identity_at(place) + 6.0 / static_cast<double>(place.input);
  });
  const Tensor expected = output_of(test_case);
  const Tensor narrow(Dtype::f16, test_case.grid.shape(), test_case.grid.values());
  test_case.grid = Tensor(Dtype::f32, test_case.grid.shape(), narrow.values());
  const Diagnosis found = diagnose({.test_case = test_case, .expected = expected});
  ASSERT_EQ(found.fault, Fault::usage) << found.sentence;
  EXPECT_EQ(found.attempts.front().name(), "precision.grid-of-16-bits") << found.sentence;
}

// Under noise a few values that are far off are told by these alone.
TEST(Diagnose, PaddingAmongNoise) {
  Case test_case{options("bilinear", "zeros", false), noise({1, 1, 30, 20}, 1),
                 noise({1, 25, 25, 2}, 2)};
  test_case = with_coordinates(test_case, [](double x, const Place&) { return 2.1 * x - 1.05; });
  Case meant = test_case;
  meant.request.padding_mode = "border";
  std::vector<double> expected = output_of(meant).values();
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0, 2e-3);
  for (double& value : expected) value += normal(random);
  const Diagnosis found =
      diagnose({.test_case = test_case, .expected = Tensor(Dtype::f32, {1, 1, 25, 25}, expected)});
  EXPECT_EQ(found.fault, Fault::usage) << found.sentence;
  EXPECT_EQ(found.confidence, Confidence::low);
  std::set<std::string> named = {found.attempts.front().name()};
  for (const Tie& tie : found.ties) named.insert(tie.name);
  EXPECT_TRUE(named.contains("padding.border")) << found.sentence;
}

// Two mistakes in one theta, each known; an affine map between any two thetas is no cause.
TEST(Diagnose, TwoMistakesInATheta) {
  const double turn = 30.0;  // degrees, taken for radians, and no aspect
  const std::vector<double> wrong = {std::cos(turn), -std::sin(turn), 0,
                                     std::sin(turn), std::cos(turn),  0};
  const Tensor theta(Dtype::f32, {1, 2, 3}, wrong);
  const Case test_case{options("bilinear", "zeros", false), noise({1, 1, 20, 32}, 1),
                       std::get<Tensor>(affine_grid(theta, {1, 1, 20, 32}, false))};
  const Tensor meant = intended_grid(*parse_intent("rotate 30"), test_case);
  const Diagnosis found = diagnose({.test_case = test_case,
                                    .expected = output_with(meant, test_case),
                                    .meant_grid = meant,
                                    .given = Given::theta});
  ASSERT_EQ(found.fault, Fault::usage);
  EXPECT_EQ(found.attempts.front().name(), "theta.aspect + theta.degrees") << found.sentence;
  EXPECT_LE(found.confidence, Confidence::medium);
}

// What makes motion smaller explains nothing that no motion explains as well.
TEST(Diagnose, AnIdentityOfTheOtherFlag) {
  Case test_case{options("bilinear", "border", true), noise({1, 1, 30, 40}, 1),
                 Tensor(Dtype::f32, {1, 30, 40, 2})};
  test_case = dictionary::each_coordinate(
      test_case, [](double, const Place& place) { return dictionary::identity_at(place); });
  test_case.request.align_corners = false;
  const Diagnosis found = diagnose({.test_case = test_case, .expected = test_case.input});
  EXPECT_EQ(found.attempts.front().name(), "align_corners");
  // A nearest pixel is as good here, and the grid may be mended instead of the call.
  std::set<std::string> rivals;
  for (const Tie& tie : found.ties) rivals.insert(tie.name);
  EXPECT_EQ(rivals,
            (std::set<std::string>{"align_corners.of-affine-grid", "align_corners.of-the-grid",
                                   "align_corners.of-the-identity", "align_corners.of-the-resize",
                                   "divisor.of-the-output, align_corners=True", "mode.nearest"}));
}

TEST(Diagnose, PartialExplanationsHaveLowConfidence) {
  const Case test_case{options("bilinear", "border", false), noise({1, 1, 40, 30}, 1),
                       noise({1, 25, 35, 2}, 2)};
  Case meant = test_case;
  meant.request.align_corners = true;
  std::vector<double> expected = output_of(meant).values();
  for (std::size_t i = 0; i < expected.size(); i += 20) expected[i] += 0.5;
  const Diagnosis found =
      diagnose({.test_case = test_case, .expected = Tensor(Dtype::f32, {1, 1, 25, 35}, expected)});
  EXPECT_EQ(found.attempts.front().name(), "align_corners");
  EXPECT_NEAR(found.attempts.front().distance.share, 0.95, 0.01);
  EXPECT_EQ(found.confidence, Confidence::low);
}

TEST(Diagnose, TiesSayWhatWouldTell) {
  const Diagnosis found =
      diagnose({.test_case = parse_case("grid_sample input=f32[1,1,2,2]{1..4} align_corners=True "
                                        "grid=f32[1,2,2,2]{0,0,1,0,0,1,1,1}"),
                .expected = Tensor(Dtype::f32, {1, 1, 2, 2}, std::vector<double>{1, 2, 3, 4})});
  ASSERT_EQ(found.attempts.front().name(), "units.pixels, align_corners=True");
  EXPECT_EQ(found.confidence, Confidence::low);  // four numbers tell little
  const auto datum_of = [&](const std::string& name) {
    const auto tie = std::ranges::find(found.ties, name, &Tie::name);
    return tie == found.ties.end() ? "no tie" : tie->datum;
  };
  EXPECT_EQ(datum_of("units.pixels, align_corners=False"), "");  // both are right
  EXPECT_EQ(datum_of("units.unit-interval"), "sizes that all differ");
}

// One element that is wrong by a ten-thousandth, among a million that are right.
TEST(Diagnose, FindsOneWrongElementInALargeOutput) {
  const Case test_case{options("bilinear", "zeros", false), noise({2, 2, 20, 30}, 1),
                       noise({2, 300, 800, 2}, 2)};
  const Tensor right = output_of(test_case);
  EXPECT_EQ(diagnose({.test_case = test_case, .observed = right}).fault, Fault::unknown);
  std::vector<double> values = right.values();
  const std::int64_t sample = 300 * 800 + 777;  // of the second input
  const Admissible admissible = Judge().admissible(test_case, sample, 1);
  double& wrong = values[static_cast<std::size_t>(element_place(right.shape(), sample, 1))];
  wrong = admissible.intervals.back().second + 1e-4;
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, right.shape(), values)});
  ASSERT_EQ(found.fault, Fault::implementation);
  EXPECT_NE(found.sentence.find("at n=1, h=0, w=777, channel 1"), std::string::npos)
      << found.sentence;
  wrong = admissible.intervals.back().second;
  EXPECT_EQ(
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, right.shape(), values)})
          .fault,
      Fault::unknown);
}

// Zeros are no picture in whole numbers of values from 0 to 1.
TEST(Diagnose, ABlankOutputIsNotRight) {
  const Case test_case{options("bilinear", "border", false), noise({1, 2, 20, 30}, 1),
                       noise({1, 30, 40, 2}, 2)};
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, {1, 2, 30, 40})});
  EXPECT_EQ(found.fault, Fault::implementation);
}

// A mutant that gives nearly everything is named, with what it does not give.
TEST(Diagnose, NamesTheMutantOfNearlyEverything) {
  const Case test_case{options("bilinear", "zeros", false), noise({1, 3, 20, 30}, 1),
                       noise({1, 30, 40, 2}, 2)};
  const auto given = std::get<Tensor>(find_mutant("channels.reversed")->answer(test_case));
  std::vector<double> values = given.values();
  values[77] += 1;
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, given.shape(), values)});
  EXPECT_EQ(found.fault, Fault::implementation);
  EXPECT_TRUE(found.mutants.empty());
  EXPECT_EQ(found.nearest_mutant, "channels.reversed");
  EXPECT_EQ(found.confidence, Confidence::low);
  for (std::size_t i = 0; i < 200; ++i) values[5 * i] += 1;
  EXPECT_EQ(
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, given.shape(), values)})
          .nearest_mutant,
      "");
}

// A number that nobody knows is found where nothing else explains what was expected.
TEST(Diagnose, FindsNumbers) {
  const Case right{
      options("bilinear", "zeros", false), noise({1, 2, 40, 60}, 1),
      std::get<Tensor>(affine_grid(
          Tensor(Dtype::f32, {1, 2, 3}, std::vector<double>{0.9, -0.2, 0.05, 0.3, 0.8, -0.1}),
          {1, 1, 30, 50}, false))};
  const auto moved = [&](auto function) {
    Case test_case = right;
    std::vector<double> grid = right.grid.values();
    for (std::size_t i = 0; i < grid.size(); ++i) {
      // The grid is bent, so that no theta explains anything.
      const double bent = grid[i] + 0.05 * std::sin(7 * grid[i]);
      grid[i] = function(bent, i % 2);
    }
    test_case.grid = Tensor(Dtype::f32, right.grid.shape(), grid);
    return test_case;
  };
  const Tensor expected = output_of(moved([](double x, std::size_t) { return x; }));
  const auto name_of = [&](const Case& test_case) {
    const Diagnosis found = diagnose({.test_case = test_case, .expected = expected});
    return found.fault == Fault::usage ? found.sentence : "";
  };
  EXPECT_EQ(name_of(moved([](double x, std::size_t) { return x / 1.75; })).substr(0, 72),
            "fitted.zoom: the coordinates must be 1.75 times as large (the factor was");
  EXPECT_TRUE(name_of(moved([](double x, std::size_t) { return (x + 1) / 0.6 - 1; }))
                  .starts_with("fitted.size: positions were divided by the size of another image, "
                               "which is 0.6 times"));
  EXPECT_TRUE(
      name_of(moved([](double x, std::size_t k) {
        return x + (k == 0 ? 3 / 30.0 : -2 / 20.0);
      })).starts_with("fitted.offset: every position must be 3 px to the left and 2 px down"));
}

// A picture in its place says nothing of the mode: a grid that is slightly off comes first.
TEST(Diagnose, ANearestPixelIsDoubtedWhereItCopies) {
  const Tensor picture = noise({1, 2, 24, 30}, 3);
  const auto asked = [&](auto function) {
    Case test_case{options("bilinear", "zeros", false), picture,
                   Tensor(Dtype::f32, {1, 24, 30, 2})};
    return dictionary::each_coordinate(test_case, [&](double, const Place& place) {
      return function(dictionary::identity_at(place), place);
    });
  };
  const Diagnosis zoomed = diagnose(
      {.test_case = asked([](double x, const Place&) { return 0.98 * x; }), .expected = picture});
  EXPECT_EQ(zoomed.attempts.front().name(), "fitted.axes") << zoomed.sentence;
  EXPECT_EQ(zoomed.ties.front().name, "mode.nearest");
  EXPECT_LT(zoomed.confidence, Confidence::high);
  const Diagnosis jittered = diagnose({.test_case = asked([](double x, const Place& place) {
                                         return x + 0.02 * std::sin(7.0 * place.index);
                                       }),
                                       .expected = picture});
  EXPECT_EQ(jittered.confidence, Confidence::low) << jittered.sentence;
}

// Of positions that are all moved alike only that is known.
TEST(Diagnose, UniformMotionIsAnOffset) {
  const auto moved = [](double x_pixels, double y_pixels) {
    Case test_case{options("bilinear", "border", false), noise({1, 2, 24, 30}, 3),
                   Tensor(Dtype::f32, {1, 24, 30, 2})};
    return dictionary::each_coordinate(test_case, [&](double, const Place& place) {
      const double pixels = place.component == 0 ? x_pixels : y_pixels;
      return dictionary::identity_at(place) + pixels / static_cast<double>(place.input) * 2;
    });
  };
  const auto name_of = [&](const Case& given, const Case& meant) {
    const Diagnosis found = diagnose({.test_case = given, .expected = output_of(meant)});
    EXPECT_LE(found.confidence, Confidence::medium) << found.sentence;
    return found.attempts.front().name();
  };
  EXPECT_EQ(name_of(moved(-1, 2), moved(-3, -2)), "fitted.offset");
  EXPECT_EQ(name_of(moved(2, 0), moved(0, 1)), "fitted.offset");
  EXPECT_EQ(name_of(moved(1.25, -0.5), moved(1.5, -0.25)), "fitted.offset");
  EXPECT_EQ(name_of(moved(-1, -1), moved(0, 0)), "index.one-too-small");
}

// Nothing finite is no scale for what is equal.
TEST(Diagnose, NonFiniteOutputIsNotRight) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,2,1,2]{0,0,1,1}");
  for (const double value : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    const Tensor expected(Dtype::f32, {1, 1, 2, 1}, std::vector<double>{value, value});
    EXPECT_NE(diagnose({.test_case = test_case, .expected = expected}).fault, Fault::none) << value;
  }
}

// What reads nothing of the input explains nothing but blanks.
TEST(Diagnose, ABlankIsNotExplained) {
  const Case test_case{{}, noise({1, 1, 16, 16}, 1), noise({1, 16, 16, 2}, 2)};
  const Diagnosis found =
      diagnose({.test_case = test_case, .expected = Tensor(Dtype::f32, {1, 1, 16, 16})});
  EXPECT_EQ(found.confidence, Confidence::low);
  EXPECT_NE(
      std::ranges::find(found.remarks, "all expected values are equal: many mistakes explain that"),
      found.remarks.end());
}

// A mutant that does nothing wrong here is not blamed for one wrong pixel.
TEST(Diagnose, OneWrongPixelHasNoKnownCause) {
  const Case test_case{options("bilinear", "zeros", false), noise({1, 1, 60, 70}, 1),
                       noise({1, 200, 200, 2}, 2)};
  const Tensor right = output_of(test_case);
  std::vector<double> values = right.values();
  values[12345] += 0.01;
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, right.shape(), values)});
  EXPECT_EQ(found.fault, Fault::implementation);
  EXPECT_TRUE(found.mutants.empty()) << found.sentence;
}

TEST(Diagnose, WhatWasSavedIn16BitsIsRight) {
  const Case test_case{options("bilinear", "zeros", false), noise({1, 2, 60, 70}, 1),
                       noise({1, 50, 50, 2}, 2)};
  const Tensor right = output_of(test_case);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    std::vector<double> values = right.values();
    const auto saved = [&] { return Tensor(dtype, right.shape(), values); };
    EXPECT_EQ(diagnose({.test_case = test_case, .observed = saved()}).fault, Fault::unknown);
    values[100] += 0.1;
    EXPECT_EQ(diagnose({.test_case = test_case, .observed = saved()}).fault, Fault::implementation);
  }
}

TEST(Diagnose, AnImplementationThatIsWrongIsNamed) {
  const Case test_case = parse_case(
      "grid_sample mode=nearest input=f32[1,1,1,4]{1..4} grid=f32[1,1,4,2]{-1,0,-0.5,0,0,0,0.5,0}");
  const Tensor wrong = std::get<Tensor>(find_mutant("nearest.half-away")->answer(test_case));
  const Diagnosis found = diagnose({.test_case = test_case, .observed = wrong});
  EXPECT_EQ(found.fault, Fault::implementation);
  EXPECT_EQ(std::ranges::count(found.mutants, "nearest.half-away"), 1) << found.sentence;
  EXPECT_TRUE(found.mutants_match_bitwise);
}

TEST(Diagnose, AnImplementationThatRoundsOtherwiseIsNamedToo) {
  const Case test_case{options("bilinear", "zeros", false), noise({1, 1, 6, 7}, 1),
                       noise({1, 9, 9, 2}, 2)};
  Case other = test_case;
  other.request.align_corners = true;
  std::vector<double> values = output_of(other).values();
  for (double& value : values) value *= 1 + 0x1p-21;
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, {1, 1, 9, 9}, values)});
  EXPECT_EQ(found.mutants.front(), "align.flipped") << found.sentence;
  EXPECT_FALSE(found.mutants_match_bitwise);
}

TEST(Diagnose, RemarksOnTheQuestion) {
  using Strings = std::vector<std::string>;
  EXPECT_EQ(
      remarks_on(parse_case("grid_sample align_corners=True input=f32[1,1,1,2]{3,3} "
                            "grid=f32[1,1,2,2]{nan,2,0.5,-7}")),
      (Strings{
          "1 of 4 coordinates is NaN or infinite: NaN is read as -1; look for a division by zero",
          "axis 2 of the input has one pixel: its coordinate has no effect with "
          "align_corners=True",
          "all texels are equal: motion inside the input cannot be seen"}));
  EXPECT_EQ(
      remarks_on(parse_case("grid_sample input=f32[1,1,3,3]{1..9} grid=f32[1,1,2,2]{2,2,3,0}")),
      (Strings{"3 of 4 coordinates are outside -1 … 1, the range that the input covers",
               "every coordinate is a whole number: these may be pixel positions, or values "
               "truncated to integers"}));
}

TEST(Diagnose, WhatTheDocumentationRefuses) {
  const Diagnosis found =
      diagnose({.test_case = parse_case(
                    "grid_sample mode=lanczos input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"),
                .expected = Tensor(Dtype::f32, {1, 1, 1, 1})});
  EXPECT_EQ(found.fault, Fault::refused);
  EXPECT_NE(found.sentence.find("[options.mode]"), std::string::npos);
}

TEST(Diagnose, NothingIsWrongWithNothing) {
  const Diagnosis found =
      diagnose({.test_case = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,0,1,2]{}"),
                .observed = Tensor(Dtype::f32, {1, 1, 0, 1}),
                .expected = Tensor(Dtype::f32, {1, 1, 0, 1})});
  EXPECT_EQ(found.fault, Fault::none);
}

TEST(Diagnose, RejectsAnExpectedOutputOfAnotherShape) {
  EXPECT_THROW(
      diagnose({.test_case = parse_case("grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"),
                .expected = Tensor(Dtype::f32, {1, 1, 1, 2})}),
      std::invalid_argument);
}

TEST(Diagnose, AnObservedShapeSaysHowTheInputWasTaken) {
  const Case test_case{{}, noise({1, 3, 6, 5}, 1), Tensor(Dtype::f32, {1, 4, 7, 2})};
  const auto complaint = [&](const Shape& observed) -> std::string {
    try {
      diagnose({.test_case = test_case, .observed = Tensor(Dtype::f32, observed)});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(complaint({1, 6, 4, 7}).find("input.permute(0, 3, 1, 2) is missing"),
            std::string::npos);
  EXPECT_NE(complaint({1, 3, 7, 4}).find("height and width exchanged"), std::string::npos);
  EXPECT_EQ(complaint({1, 5, 4, 7}).find("missing"), std::string::npos);
}

// A grid that is made here, of a displacement, may have been made with other roundings.
TEST(Diagnose, RoundingOfAGridMadeHereIsNotAFault) {
  Case test_case{{}, noise({1, 1, 16, 32}, 3), Tensor(Dtype::f32, {1, 16, 32, 2})};
  std::vector<double> grid(16 * 32 * 2);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    grid[i] = 1.02 * std::sin(0.37 * static_cast<double>(i));
  }
  test_case.grid = Tensor(Dtype::f32, test_case.grid.shape(), grid);
  Case other = test_case;
  std::vector<double> moved = test_case.grid.values();
  for (double& x : moved) x += 0x1p-23;
  other.grid = Tensor(Dtype::f32, test_case.grid.shape(), moved);
  const Tensor observed = output_of(other);
  EXPECT_EQ(diagnose({.test_case = test_case, .observed = observed}).fault, Fault::implementation);
  const Diagnosis found =
      diagnose({.test_case = test_case, .observed = observed, .given = Given::displacement});
  EXPECT_EQ(found.fault, Fault::unknown) << found.sentence;
  std::vector<double> wrong = observed.values();
  wrong[100] += 0.01;
  EXPECT_EQ(diagnose({.test_case = test_case,
                      .observed = Tensor(Dtype::f32, observed.shape(), wrong),
                      .given = Given::displacement})
                .fault,
            Fault::implementation);
}

// Nobody says the flag, and the other one is what the implementation has.
TEST(Diagnose, SearchesMutantsUnderTheOtherAlignCorners) {
  Case test_case{{}, noise({1, 1, 5, 7}, 5), noise({1, 6, 6, 2}, 6)};
  Case other = test_case;
  other.request.align_corners = true;
  const Tensor observed = std::get<Tensor>(find_mutant("axes.reversed")->answer(other));
  const Diagnosis found = diagnose({.test_case = test_case, .observed = observed});
  EXPECT_EQ(found.mutants.front(), "axes.reversed");
  EXPECT_NE(
      found.sentence.find("If you meant align_corners=True, which you did not pass, every value"),
      std::string::npos)
      << found.sentence;
  test_case.request.align_corners = false;
  EXPECT_TRUE(diagnose({.test_case = test_case, .observed = observed}).mutants.empty());
}

// What was expected, computed with more digits and rounded once.
Tensor expected_of(const Case& test_case) {
  Case other = test_case;
  other.input = as_f64(test_case.input);
  other.grid = as_f64(test_case.grid);
  return {Dtype::f32, output_of(test_case).shape(), output_of(other).values()};
}

// Values of a thousand, which differ by one: the last bit of f32 is no longer small.
TEST(Diagnose, LargeValuesThatDifferLittleAreNotAccused) {
  for (const double offset : {1e3, 1e4, 1e5}) {
    for (const char* const mode : {"bilinear", "bicubic"}) {
      std::vector<double> texels = noise({1, 1, 24, 30}, 1).values();
      for (double& texel : texels) texel += offset;
      Case test_case{options(mode, "border", false), Tensor(Dtype::f32, {1, 1, 24, 30}, texels),
                     noise({1, 20, 25, 2}, 2)};
      const Diagnosis found =
          diagnose({.test_case = test_case, .expected = expected_of(test_case)});
      EXPECT_EQ(found.fault, Fault::none) << offset << ' ' << mode << ' ' << found.sentence;
    }
  }
}

// In a smooth picture a wrong position is near in value: what is exact is the explanation.
TEST(Diagnose, ASmoothPictureHidesNoMistake) {
  for (const std::int64_t size : {64, 256, 512}) {
    std::vector<double> ramp(static_cast<std::size_t>(size * size));
    for (std::size_t i = 0; i < ramp.size(); ++i) {
      const auto column = static_cast<double>(i % static_cast<std::size_t>(size));
      ramp[i] = (column + 0.3 * static_cast<double>(i) / static_cast<double>(size)) /
                static_cast<double>(size);
    }
    Case test_case{options("bilinear", "border", false),
                   Tensor(Dtype::f32, {1, 1, size, size}, ramp),
                   Tensor(Dtype::f32, {1, 40, 50, 2})};
    std::vector<double> grid = noise({1, 40, 50, 2}, 3).values();
    for (double& x : grid) x = 1.6 * x - 0.8;
    test_case.grid = Tensor(Dtype::f32, {1, 40, 50, 2}, grid);
    Case other = test_case;
    other.request.align_corners = true;
    const Diagnosis found = diagnose({.test_case = test_case, .expected = expected_of(other)});
    ASSERT_EQ(found.fault, Fault::usage) << size << ' ' << found.sentence;
    EXPECT_EQ(found.attempts.front().name(), "align_corners") << size;
    const Diagnosis right = diagnose({.test_case = test_case, .expected = expected_of(test_case)});
    EXPECT_EQ(right.fault, Fault::none) << size << ' ' << right.sentence;
  }
}

// Half a pixel less in nearest is a slip of the grid, or another rule of rounding.
TEST(Diagnose, AnotherRuleOfRoundingIsATieInNearest) {
  const Case test_case{options("nearest", "border", false), noise({1, 1, 12, 27}, 4),
                       noise({1, 12, 27, 2}, 5)};
  const Tensor expected = std::get<Tensor>(find_mutant("nearest.floor")->answer(test_case));
  const Diagnosis found = diagnose({.test_case = test_case, .expected = expected});
  std::set<std::string> names = {found.attempts.front().name()};
  for (const Tie& tie : found.ties) names.insert(tie.name);
  EXPECT_TRUE(names.contains("elsewhere.nearest.floor")) << found.sentence;
  EXPECT_LT(found.confidence, Confidence::high);
}

// An output that was computed in f32 and kept in 16 bits, in an array of f32.
TEST(Diagnose, AnOutputOf16BitsIsNamed) {
  const Case test_case{options("bilinear", "zeros", false), noise({1, 2, 12, 17}, 7),
                       noise({1, 12, 17, 2}, 8)};
  const Tensor right = output_of(test_case);
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const Tensor narrow(dtype, right.shape(), right.values());
    const Diagnosis found = diagnose(
        {.test_case = test_case, .observed = Tensor(Dtype::f32, right.shape(), narrow.values())});
    EXPECT_EQ(found.fault, Fault::implementation);
    EXPECT_NE(found.sentence.find("Every value is the documented one rounded to " +
                                  std::string(name(dtype))),
              std::string::npos)
        << found.sentence;
    EXPECT_NE(found.confidence, Confidence::high);
  }
}

// Rows and columns that meshgrid exchanged look like components in the other order.
TEST(Diagnose, ATransposedGridIsATie) {
  Case test_case{options("bilinear", "zeros", true), noise({1, 1, 20, 32}, 6),
                 Tensor(Dtype::f32, {1, 32, 20, 2})};
  std::vector<double> grid(32 * 20 * 2);
  std::vector<double> identity(grid.size());
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 20; ++column) {
      const auto i = static_cast<std::size_t>(2 * (20 * row + column));
      grid[i] = identity[i + 1] = 2.0 * row / 31 - 1;
      grid[i + 1] = identity[i] = 2.0 * column / 19 - 1;
    }
  }
  test_case.grid = Tensor(Dtype::f32, {1, 32, 20, 2}, grid);
  Case meant = test_case;
  meant.grid = Tensor(Dtype::f32, {1, 32, 20, 2}, identity);
  const Diagnosis found =
      diagnose({.test_case = test_case, .expected = expected_of(meant), .meant_grid = meant.grid});
  EXPECT_EQ(found.attempts.front().name(), "axes.reversed");
  EXPECT_EQ(found.confidence, Confidence::medium);
  ASSERT_FALSE(found.ties.empty());
  EXPECT_NE(found.ties.back().name.find("grid.transpose(1, 2)"), std::string::npos);
}

// An infinity where one is right is no difference.
TEST(Diagnose, TheFurthestElementIsWrong) {
  const Tensor right(Dtype::f32, {1, 2, 1, 3}, std::vector<double>{INFINITY, 1, 2, NAN, 3, 4});
  const Tensor wrong(Dtype::f32, {1, 2, 1, 3}, std::vector<double>{INFINITY, 1, 2, NAN, 3.5, 4});
  EXPECT_EQ(furthest_element(right, wrong).sample, 1);
  EXPECT_EQ(furthest_element(right, wrong).channel, 1);
}

// Where nothing is read under the other align_corners, zeros may well come of that.
TEST(Diagnose, OfOneValueTheOtherFlagIsListedAlthoughItReadsNothing) {
  for (const char* input : {"1", "7"}) {
    const Case test_case = parse_case(fmt::format(
        "grid_sample align_corners=True input=f32[1,1,1,1]{{{}}} grid=f32[1,1,1,2]{{-5,-5}}",
        input));
    const Diagnosis diagnosis =
        diagnose({.test_case = test_case, .expected = Tensor(Dtype::f32, {1, 1, 1, 1})});
    EXPECT_EQ(diagnosis.fault, Fault::undecided);
    EXPECT_NE(diagnosis.sentence.find("align_corners"), std::string::npos) << diagnosis.sentence;
    EXPECT_LE(diagnosis.confidence, Confidence::low);
  }
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
