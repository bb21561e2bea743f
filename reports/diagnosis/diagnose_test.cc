// Reports of real users, as they are told in public, each with what was wrong.
#include "reports/diagnosis/diagnose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::diagnosis {
namespace {

using Function = std::function<double(double x, double y, double z)>;

// The coordinate of a pixel with align_corners=True and without.
double n_true(double p, double size) { return 2 * p / (size - 1) - 1; }
double n_false(double p, double size) { return (2 * p + 1) / size - 1; }

// [1, 1, H, W] or [1, 1, D, H, W] of f(x, y, z).
Tensor image(const Shape& pixels, const Function& value) {
  Shape shape = {1, 1};
  shape.insert(shape.end(), pixels.begin(), pixels.end());
  std::vector<double> values;
  for (std::int64_t i = 0; i < element_count(pixels); ++i) {
    const std::int64_t w = pixels.back();
    const std::int64_t h = pixels[pixels.size() - 2];
    const std::int64_t z = i / (w * h);
    values.push_back(
        value(static_cast<double>(i % w), static_cast<double>(i / w % h), static_cast<double>(z)));
  }
  return {Dtype::f32, shape, values};
}
Tensor ramp(std::int64_t h, std::int64_t w, double first = 0) {
  return image({h, w},
               [=](double x, double y, double) { return y * static_cast<double>(w) + x + first; });
}
Tensor volume(std::int64_t d, std::int64_t h, std::int64_t w) {
  return image({d, h, w}, [](double x, double y, double z) { return 100 * z + 10 * y + x; });
}

// A grid over output pixels, one function for each component.
Tensor grid(const Shape& outputs, const std::vector<Function>& components) {
  Shape shape = {1};
  shape.insert(shape.end(), outputs.begin(), outputs.end());
  shape.push_back(static_cast<std::int64_t>(components.size()));
  std::vector<double> values;
  for (std::int64_t i = 0; i < element_count(outputs); ++i) {
    const std::int64_t w = outputs.back();
    const std::int64_t h = outputs[outputs.size() - 2];
    const std::int64_t z = i / (w * h);
    for (const Function& component : components) {
      values.push_back(component(static_cast<double>(i % w), static_cast<double>(i / w % h),
                                 static_cast<double>(z)));
    }
  }
  return {Dtype::f32, shape, values};
}
// One output location for each point.
Tensor points(const std::vector<std::array<double, 3>>& list) {
  std::vector<double> values;
  for (const auto& point : list) values.insert(values.end(), point.begin(), point.end());
  return {Dtype::f32, {1, 1, 1, static_cast<std::int64_t>(list.size()), 3}, values};
}

Request options(const char* mode, const char* padding, bool align_corners) {
  return {.mode = mode, .padding_mode = padding, .align_corners = align_corners};
}
const Request f = options("bilinear", "zeros", false);
const Request t = options("bilinear", "zeros", true);

// What a 2-D image is when its content is read (dx, dy) further on; 0 outside.
Tensor shifted(const Tensor& input, int dx, int dy) {
  const std::int64_t h = input.size(2);
  const std::int64_t w = input.size(3);
  return image({h, w}, [&](double x, double y, double) {
    const auto i = static_cast<std::int64_t>(y) + dy;
    const auto j = static_cast<std::int64_t>(x) + dx;
    if (i < 0 || j < 0 || i >= h || j >= w) return 0.0;
    return input.at(std::vector<std::int64_t>{0, 0, i, j});
  });
}

Tensor output_of(const Case& question) { return std::get<Tensor>(grid_sample(question)); }

Diagnosis of(const Request& request, const Tensor& input, const Tensor& coordinates,
             const Tensor& expected) {
  return diagnose(
      {.question = {request, input, coordinates}, .observed = {}, .expected = expected});
}

std::string best(const Diagnosis& diagnosis) {
  return diagnosis.fault == Fault::usage ? diagnosis.trials.front().name() : diagnosis.sentence;
}
bool ties_with(const Diagnosis& diagnosis, const std::string& name) {
  return std::ranges::count(diagnosis.ties, name, &Tie::name) == 1;
}

TEST(Replay, Rc01PixelPositions) {
  const Tensor input = ramp(5, 5, 1);
  const auto found = of(options("nearest", "zeros", true), input,
                        grid({5, 5}, {[](double x, double, double) { return x; },
                                      [](double, double y, double) { return y; }}),
                        input);
  EXPECT_EQ(best(found), "units.pixels, align_corners=True");
  EXPECT_TRUE(ties_with(found, "units.pixels, align_corners=False"));
}

TEST(Replay, Rc02PixelPositionsInTheOtherOrder) {
  const Tensor input = ramp(4, 4, 1);
  const auto found =
      of(options("nearest", "zeros", true), input,
         grid({4, 4}, {[](double x, double y, double) { return y + 0.2 * std::sin(x); },
                       [](double x, double y, double) { return x - 0.1 * std::cos(y); }}),
         input);
  ASSERT_EQ(found.fault, Fault::usage);
  EXPECT_EQ(found.trials.front().changes.size(), 2U);
  EXPECT_NE(best(found).find("units.pixels"), std::string::npos) << best(found);
  EXPECT_NE(best(found).find("axes.reversed"), std::string::npos) << best(found);
}

TEST(Replay, Rc03TheUnitInterval) {
  const Tensor input = ramp(4, 6);
  EXPECT_EQ(best(of(t, input,
                    grid({4, 6}, {[](double x, double, double) { return x / 5; },
                                  [](double, double y, double) { return y / 3; }}),
                    input)),
            "units.unit-interval");
}

TEST(Replay, Rc04APixelDisplacementWithoutTheIdentity) {
  const Tensor input = ramp(4, 6);
  const auto found = of(t, input,
                        grid({4, 6}, {[](double, double, double) { return 1; },
                                      [](double, double, double) { return 0; }}),
                        shifted(input, 1, 0));
  EXPECT_EQ(best(found), "units.pixel-displacement, align_corners=True");
  EXPECT_TRUE(ties_with(found, "units.pixel-displacement, align_corners=False"));
}

TEST(Replay, Rc05PixelsPlusADisplacementInCoordinates) {
  const Tensor input = ramp(4, 6);
  EXPECT_EQ(best(of({}, input,
                    grid({4, 6}, {[](double x, double, double) { return x + 0.4; },
                                  [](double, double y, double) { return y; }}),
                    shifted(input, 1, 0))),
            "units.mixed, align_corners=True");
}

TEST(Replay, Rc06AMapScaledByItsOwnMinimumAndMaximum) {
  const Tensor input = ramp(5, 5);
  const auto found = of(t, input,
                        grid({5, 5}, {[](double x, double, double) { return n_true(x, 5); },
                                      [](double, double y, double) { return n_true(y, 5); }}),
                        shifted(input, 2, 0));
  EXPECT_EQ(found.fault, Fault::unexplained);
  ASSERT_FALSE(found.remarks.empty());
  EXPECT_TRUE(found.remarks.front().starts_with("the grid is the identity (align_corners=True)"));
}

TEST(Replay, Rc07RowsBeforeColumns) {
  const Tensor input = image({3, 4}, [](double x, double y, double) { return x == 1 && y == 0; });
  EXPECT_EQ(best(of(t, input,
                    grid({3, 4}, {[](double, double y, double) { return y - 1; },
                                  [](double x, double, double) { return 2 * x / 3 - 1; }}),
                    input)),
            "axes.reversed");
}

TEST(Replay, Rc08PointsInTheOtherOrder) {
  const Tensor input = image({5, 9}, [](double x, double y, double) { return (x + 1) * (y + 1); });
  const Tensor expected(Dtype::f32, {1, 1, 1, 9},
                        std::vector<double>{1, 3, 5, 15, 3, 15, 27, 9, 45});
  const Tensor coordinates =
      grid({1, 9}, {[](double x, double, double) { return std::floor(x / 3) - 1; },
                    [](double x, double, double) { return std::fmod(x, 3) - 1; }});
  Case swapped{options("nearest", "zeros", true), input,
               grid({1, 9}, {[](double x, double, double) { return std::fmod(x, 3) - 1; },
                             [](double x, double, double) { return std::floor(x / 3) - 1; }})};
  EXPECT_EQ(best(of(options("nearest", "zeros", true), input, coordinates, output_of(swapped))),
            "axes.reversed");
}

TEST(Replay, Rc09TheDisplacementDividedByTheOtherSize) {
  const Tensor input = ramp(4, 8);
  EXPECT_EQ(best(of(t, input,
                    grid({4, 8}, {[](double x, double, double) { return n_true(x, 8); },
                                  [](double, double y, double) { return n_true(y, 4) + 2.0 / 7; }}),
                    shifted(input, 0, 1))),
            "sizes.exchanged-displacement");
}

TEST(Replay, Rc10DividedByTheOtherSize) {
  const Tensor input = ramp(4, 8);
  EXPECT_EQ(best(of(t, input,
                    grid({4, 8}, {[](double x, double, double) { return 2 * x / 3 - 1; },
                                  [](double, double y, double) { return 2 * y / 7 - 1; }}),
                    input)),
            "sizes.exchanged");
  EXPECT_EQ(best(of(f, input,
                    grid({4, 8}, {[](double x, double, double) { return n_false(x, 4); },
                                  [](double, double y, double) { return n_false(y, 8); }}),
                    input)),
            "sizes.exchanged");
}

TEST(Replay, Rc11DividedByTheSize) {
  const Tensor input = ramp(3, 5, 1);
  const auto found = of(options("bilinear", "border", true), input,
                        grid({3, 5}, {[](double x, double, double) { return 2 * x / 5 - 1; },
                                      [](double, double y, double) { return 2 * y / 3 - 1; }}),
                        input);
  EXPECT_EQ(best(found), "divisor.size, align_corners=True");
  EXPECT_TRUE(ties_with(found, "divisor.size, align_corners=False"));
}

TEST(Replay, Rc12TheIdentityOfTheOtherFlag) {
  const Tensor input = ramp(4, 4);
  EXPECT_EQ(best(of(f, input,
                    grid({4, 4}, {[](double x, double, double) { return n_true(x, 4); },
                                  [](double, double y, double) { return n_true(y, 4); }}),
                    input)),
            "align_corners");
}

TEST(Replay, Rc13AShearOfOnes) {
  const Tensor input = image({12, 16}, [](double, double, double) { return 1; });
  const Tensor coordinates =
      grid({12, 16}, {[](double x, double y, double) { return n_true(x - 0.5 * y, 16); },
                      [](double, double y, double) { return n_true(y, 12); }});
  EXPECT_EQ(best(of(f, input, coordinates, output_of({t, input, coordinates}))), "align_corners");
}

const std::vector<std::array<double, 3>> voxels = {{1, 2, 3}, {4, 1, 2}, {2, 3, 1}, {5, 4, 3}};
const Tensor values_of_voxels(Dtype::f32, {1, 1, 1, 1, 4}, std::vector<double>{321, 214, 132, 345});

Tensor divided(const std::array<double, 3>& sizes) {
  std::vector<std::array<double, 3>> list = voxels;
  for (auto& point : list) {
    for (std::size_t k = 0; k < 3; ++k) point[k] = 2 * point[k] / sizes[k] - 1;
  }
  return points(list);
}

TEST(Replay, Rc14HalfAVoxelIsMissing) {
  EXPECT_EQ(best(of(f, volume(4, 5, 6), divided({6, 5, 4}), values_of_voxels)),
            "divisor.size, align_corners=False");
}

TEST(Replay, Rc15TheDefaultOfVersion12) {
  const Tensor input = ramp(3, 5, 1);
  const Tensor coordinates =
      grid({3, 5}, {[](double x, double, double) { return 0.9 * n_true(x, 5) + 0.05; },
                    [](double, double y, double) { return 0.8 * n_true(y, 3); }});
  const Request given = {.mode = {}, .padding_mode = "border", .align_corners = {}};
  EXPECT_EQ(best(of(given, input, coordinates,
                    output_of({options("bilinear", "border", true), input, coordinates}))),
            "align_corners");
}

TEST(Replay, Rc16DividedByTheSizeIn3D) {
  EXPECT_EQ(best(of(t, volume(4, 6, 8), divided({8, 6, 4}), values_of_voxels)),
            "divisor.size, align_corners=True");
}

TEST(Replay, Rc17PointsInTheOrderOfTheArray) {
  std::vector<std::array<double, 3>> list;
  for (const auto& [x, y, z] : voxels) list.push_back({n_true(z, 4), n_true(y, 6), n_true(x, 8)});
  EXPECT_EQ(best(of(t, volume(4, 6, 8), points(list), values_of_voxels)), "axes.reversed");
}

TEST(Replay, Rc18AVoxelDisplacementInTheOrderOfTheArray) {
  const Tensor input = volume(4, 6, 8);
  const Tensor coordinates =
      grid({4, 6, 8}, {[](double x, double, double) { return n_true(x, 8); },
                       [](double, double y, double) { return n_true(y, 6) + 2.0 / 5; },
                       [](double, double, double z) { return n_true(z, 4) + 4.0 / 3; }});
  const Tensor expected = image({4, 6, 8}, [](double x, double y, double z) {
    return y + 1 < 6 && x + 2 < 8 ? 100 * z + 10 * (y + 1) + x + 2 : 0;
  });
  const auto found = of(t, input, coordinates, expected);
  EXPECT_EQ(best(found), "axes.displacement-reversed-pixels");
  EXPECT_FALSE(ties_with(found, "axes.displacement-reversed"));
}

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
    const Case question{request, input, coordinates};
    const Tensor output = output_of(question);
    const Diagnosis found =
        diagnose({.question = question, .observed = output, .expected = output});
    EXPECT_EQ(found.fault, Fault::none) << found.sentence;
  }
}

TEST(Diagnose, UnrelatedOutputsAreNotGuessedAt) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto found = of(f, noise({1, 1, 6, 7}, seed), noise({1, 6, 7, 2}, seed + 1),
                          noise({1, 1, 6, 7}, seed + 2));
    EXPECT_EQ(found.fault, Fault::unexplained) << found.sentence;
    EXPECT_TRUE(found.sentence.starts_with(
        "The output is what the documentation demands, and no single cause explains"));
  }
}

TEST(Diagnose, AnImplementationThatIsWrongIsNamed) {
  const Case question{options("nearest", "zeros", false), ramp(4, 4, 1),
                      grid({4, 4}, {[](double x, double, double) { return x / 2 - 1; },
                                    [](double, double y, double) { return n_false(y, 4); }})};
  const Tensor wrong = std::get<Tensor>(find_mutant("nearest.half-away")->answer(question));
  const Diagnosis found = diagnose({.question = question, .observed = wrong, .expected = {}});
  EXPECT_EQ(found.fault, Fault::implementation);
  EXPECT_TRUE(std::ranges::count(found.mutants, "nearest.half-away")) << found.sentence;
}

TEST(Diagnose, WhatTheDocumentationRefuses) {
  const Diagnosis found =
      of({.mode = "lanczos", .padding_mode = {}, .align_corners = {}}, ramp(2, 2),
         grid({1, 1},
              {[](double, double, double) { return 0; }, [](double, double, double) { return 0; }}),
         ramp(1, 1));
  EXPECT_EQ(found.fault, Fault::refused);
  EXPECT_NE(found.sentence.find("[options.mode]"), std::string::npos);
}

TEST(Diagnose, AnExpectedOutputOfAnotherShapeIsNoQuestion) {
  EXPECT_THROW(of(f, ramp(2, 2),
                  grid({1, 1}, {[](double, double, double) { return 0; },
                                [](double, double, double) { return 0; }}),
                  ramp(2, 2)),
               std::invalid_argument);
}

}  // namespace
}  // namespace gridproof::diagnosis
