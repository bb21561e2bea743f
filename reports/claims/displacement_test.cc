// Claims about displacements: the second part of claims.md.
#include "reference/semantics/displacement.h"

#include <algorithm>
#include <numbers>
#include <optional>
#include <random>
#include <set>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/trace.h"
#include "reports/claims/claim.h"

namespace gridproof::claims {
namespace {

using semantics::Axis;

// What the page's function computes along one axis: a position by its formula, less the index.
double page_position(double x, std::int64_t size) {
  return ((x + 1) * static_cast<double>(size) - 1) / 2;
}
double page_displacement(double x, std::int64_t index, std::int64_t size) {
  return page_position(x, size) - static_cast<double>(index);
}

// The displacements that a row of coordinates means.
Numbers displacements(const Numbers& xs, std::int64_t size, const Options& options) {
  const Tensor field = displacement_of(grid_of(xs, {0}), {1, size}, options.align_corners);
  return field.slice(3, 0, 1).values();
}

Numbers identity_positions(std::int64_t outputs, std::int64_t size, const Options& options) {
  Numbers result;
  for (std::int64_t j = 0; j < outputs; ++j) {
    result.push_back(
        semantics::identity_position<double>(j, outputs, Axis{.size = size, .options = options}));
  }
  return result;
}

// The shape that two shapes are broadcast to, if they can be.
std::optional<Shape> broadcast(Shape a, Shape b) {
  if (a.size() < b.size()) std::swap(a, b);
  b.insert(b.begin(), a.size() - b.size(), 1);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && a[i] != 1 && b[i] != 1) return std::nullopt;
    a[i] = a[i] == 1 ? b[i] : a[i];
  }
  return a;
}

TEST(Displacement, TheRangeIsThatOfAnySize) {
  Claim claim("[claim.any-resolution] true");
  for (const Options& options : {unaligned, aligned}) {
    for (const std::int64_t size : {4, 8}) claim.says(positions({0.5}, size, options));
  }
}

TEST(Displacement, TheFormulaIsThatOfFalse) {
  Claim claim("[claim.formula] imprecise");
  Numbers by_formula;
  for (const double x : {-1, 0, 1}) by_formula.push_back(page_position(x, 5));
  EXPECT_EQ(by_formula, positions({-1, 0, 1}, 5, unaligned));
  claim.says(by_formula);
  claim.says(positions({-1, 0, 1}, 5, aligned));
}

TEST(Displacement, FormulaAndCallDifferByHalfTheCoordinate) {
  Claim claim("[claim.formula-and-call] false");
  double largest = 0;
  for (std::int64_t size = 1; size < 300; ++size) {
    for (const double x : linspace(-1, 1, 17)) {
      const double difference = page_position(x, size) - positions({x}, size, aligned)[0];
      EXPECT_NEAR(difference, x / 2, 1e-12);
      largest = std::max(largest, std::fabs(difference));
    }
  }
  claim.says(largest);
  claim.says(page_position(0.5, 10));
  const Case call{request_for(aligned), image(1, 10), grid_of({0.5}, {0})};
  claim.says(semantics::trace(call, 0, 0).axes[0].position);
}

TEST(Displacement, TheFormulasRangeIsHalfAPixelOutside) {
  Claim claim("[claim.formula-range] false");
  claim.says(Numbers{page_position(-1, 5), page_position(1, 5)});
  claim.says(positions({-1, 1}, 5, aligned));
}

TEST(Displacement, TheFormulaDoesWhatGridSampleDoes) {
  Claim claim("[claim.reverses-normalization] imprecise");
  const double x = semantics::coordinate(3.0, Axis{.size = 5, .options = unaligned});
  claim.says(x);
  claim.says(page_position(x, 5));
  const Case call{request_for(unaligned), image(1, 5), grid_of({x}, {0})};
  claim.says(semantics::trace(call, 0, 0).axes[0].position);
}

TEST(Displacement, NothingMovesInTheCall) {
  Claim claim("[claim.before-and-after] imprecise");
  const Numbers xs = plus(identity(5, aligned), 0.5);
  const Numbers base = identity_positions(5, 5, aligned);
  for (const double brightness : {1.0, 100.0}) {  // whatever is in the picture
    const Case call{request_for(aligned), counted({1, 1, 1, 5}, brightness), grid_of(xs, {0})};
    for (std::int64_t j = 0; j < 5; ++j) {
      const auto at = static_cast<std::size_t>(j);
      EXPECT_EQ(semantics::trace(call, j, 0).axes[0].position - base[at],
                displacements(xs, 5, aligned)[at]);
    }
  }
  claim.says(displacements(xs, 5, aligned));
}

TEST(Displacement, OriginalPositionsAreThoseOfTheResizedInput) {
  Claim claim("[claim.original-positions] false");
  claim.says(identity_positions(3, 5, aligned));
  claim.says(identity_positions(3, 5, unaligned));
  claim.says(identity_positions(5, 5, aligned));
  EXPECT_EQ(identity_positions(5, 5, unaligned), identity_positions(5, 5, aligned));
}

TEST(Displacement, ExampleWithASinglePixel) {
  Claim claim("[claim.example-single-pixel] false");
  const Numbers xs = linspace(-1, 1, 3);
  Numbers page;  // x and y are alike
  for (std::int64_t j = 0; j < 3; ++j) {
    page.push_back(page_displacement(xs[static_cast<std::size_t>(j)], j, 5));
  }
  claim.says(Numbers{page[1], page[1]});
  claim.says(page);
  claim.says(displacements(xs, 5, aligned));
  claim.says(displacements(xs, 5, unaligned));
}

TEST(Displacement, ACroppedBaseIsTooSmallForALargerOutput) {
  Claim claim("[claim.larger-output] false");
  // The page's base for W_in pixels, cropped to W_out columns, and the positions it is taken from.
  const auto difference = [](std::int64_t input, std::int64_t output) {
    return broadcast({1, 3, output}, {1, 3, std::min(input, output)});
  };
  EXPECT_FALSE(difference(5, 8));
  EXPECT_TRUE(difference(5, 3));
  EXPECT_TRUE(difference(1, 8));
  claim.says(identity_positions(2, 1, unaligned));
}

TEST(Displacement, WidthAndHeightAreNotMixedUp) {
  Claim claim("[claim.non-square] true");
  std::mt19937 random(1);
  std::uniform_real_distribution<double> coordinate(-1, 1);
  Tensor grid(Dtype::f64, {1, 3, 5, 2});
  for (double& x : grid.elements<double>()) x = coordinate(random);
  const Tensor moved = displacement_of(grid, {3, 5}, false);
  double largest = 0;
  for (std::int64_t y = 0; y < 3; ++y) {
    for (std::int64_t x = 0; x < 5; ++x) {
      const Shape at_x{0, y, x, 0};
      const Shape at_y{0, y, x, 1};
      largest =
          std::max({largest, std::fabs(page_displacement(grid.at(at_x), x, 5) - moved.at(at_x)),
                    std::fabs(page_displacement(grid.at(at_y), y, 3) - moved.at(at_y))});
    }
  }
  claim.says(largest);
}

TEST(Displacement, AnAxisDoesNotInfluenceTheOther) {
  Claim claim("[claim.axes-apart] true");
  std::set<double> seen;
  for (const double y : linspace(-2, 2, 9)) {
    const Case call{request_for(unaligned), image(7, 5), grid_of({0.3}, {y})};
    seen.insert(semantics::trace(call, 0, 0).axes[0].position);
  }
  EXPECT_EQ(seen.size(), 1U);
  claim.says(*seen.begin());
}

TEST(Displacement, WholeNumbersFitIntoF32) {
  Claim claim("[claim.base-dtype] imprecise");
  std::int64_t width = 2;  // all whole numbers up to it are f32
  while (static_cast<std::int64_t>(static_cast<float>(width * 2 - 1)) == width * 2 - 1) width *= 2;
  EXPECT_EQ(static_cast<std::int64_t>(static_cast<float>(width)), width);
  EXPECT_NE(static_cast<std::int64_t>(static_cast<float>(width + 1)), width + 1);
  claim.says(static_cast<double>(width));
}

TEST(Displacement, ContentMovesAgainstTheDisplacement) {
  Claim claim("[claim.place-after-warping] false");
  const Numbers xs = plus(identity(5, aligned), 0.5);
  claim.says(displacements(xs, 5, aligned)[0]);
  claim.says(image(1, 5));
  claim.says(sample(image(1, 5), grid_of(xs, {0}), aligned));
}

TEST(Displacement, MeshgridByXyHasXAlongColumns) {
  Claim claim("[claim.meshgrid-xy] true");
  const Tensor theta(Dtype::f64, {1, 2, 3}, Numbers{1, 0, 0, 0, 1, 0});
  const Tensor grid = grid_of(linspace(-1, 1, 3), linspace(-1, 1, 2));  // xy: rows of x, then y
  EXPECT_TRUE(std::get<Tensor>(affine_grid(theta, {1, 1, 2, 3}, true)).same_values(grid));
  claim.says(sample(image(2, 3), grid, aligned));
  // ij: x along rows.
  const Numbers three = linspace(-1, 1, 3);
  const Tensor turned = grid_of(three, three).permuted(std::array{0, 2, 1, 3});
  claim.says(sample(image(3, 3), turned, aligned));
}

TEST(Displacement, PositionsAreSeldomWhole) {
  Claim claim("[claim.seldom-whole] true");
  EXPECT_EQ(resolve(Request{})->mode, Mode::bilinear);
  claim.says(identity_positions(5, 10, unaligned));
  const Tensor ramp = counted({1, 1, 1, 10}, 0);
  claim.says(sample(ramp, grid_of(identity(5, unaligned), {0}), unaligned));
}

// The example's wave, one value for each of `count` indices.
Numbers wave(double (*function)(double), int count) {
  Numbers result;
  for (int i = 0; i < count; ++i) {
    result.push_back(0.2 * function(i / (count / (2 * std::numbers::pi))));
  }
  return result;
}

TEST(Displacement, ExampleWithWaves) {
  Claim claim("[claim.example-waves] false");
  const Numbers line = linspace(-0.5, 0.5, 20);
  const Numbers sine = wave([](double a) { return std::sin(a); }, 20);
  const Numbers cosine = wave([](double a) { return std::cos(a); }, 20);
  // x: a row and a column, as it should be. y: (H) and (1, W) are both rows.
  EXPECT_EQ(broadcast({20}, {20, 1}), (Shape{20, 20}));
  EXPECT_EQ(broadcast({20}, {1, 20}), (Shape{1, 20}));
  EXPECT_FALSE(broadcast({30}, {1, 20}));  // H = 30, W = 20
  Tensor wrong(Dtype::f64, {1, 20, 20, 2});
  Tensor right(Dtype::f64, {1, 20, 20, 2});
  double least = 1;
  double most = -1;
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t j = 0; j < 20; ++j) {
      const std::size_t at = 2 * (20 * i + j);
      wrong.elements<double>()[at] = right.elements<double>()[at] = line[j] + sine[i];
      wrong.elements<double>()[at + 1] = line[j] + cosine[j];
      right.elements<double>()[at + 1] = line[i] + cosine[j];
      least = std::min(least, line[j] + cosine[j]);
      most = std::max(most, line[j] + cosine[j]);
    }
  }
  claim.says(Numbers{least, most});
  Numbers heights;  // each pixel holds the number of its row
  for (int i = 0; i < 20; ++i) heights.insert(heights.end(), 20, i);
  const auto different_rows = [&](const Tensor& grid) {
    const Tensor output = sample({Dtype::f64, {1, 1, 20, 20}, heights}, grid, aligned);
    std::set<std::string>
        rows;  // in a few digits: the weights of a row add up to 1 but for rounding
    for (int i = 0; i < 20; ++i) rows.insert(plain(output.slice(2, i, i + 1)));
    return static_cast<double>(rows.size());
  };
  claim.says(different_rows(wrong));
  claim.says(different_rows(right));
  claim.says(displacements(line, 20, aligned)[0]);
  claim.says(*std::ranges::max_element(sine) * 19 / 2);
}

// matplotlib's rules for the arrow (u, v) in the example's figure. By default its angle is that of
// (u, v) on a screen whose y points up, and its length in widths of the axes is that of (u, v) over
// `scale`. Seen in data units of axes of this many pixels whose y points down.
Numbers drawn_arrow(double u, double v, double scale, double width, double height) {
  const double limits = 19 * 1.1;  // 0 … 19 and a margin of 5 % at either end
  const double pixels = width / scale;
  return {u * pixels * limits / width, -v * pixels * limits / height};
}

TEST(Displacement, AQuiverIsDrawnUpsideDown) {
  Claim claim("[claim.quiver] false");
  // 0.775 and 0.77 of 8 inches, 100 pixels to the inch.
  claim.says(drawn_arrow(1, 1, 20, 620, 616));
}

TEST(Displacement, ExampleWithARandomGrid) {
  Claim claim("[claim.example-random-grid] false");
  std::mt19937 random(1);
  std::uniform_real_distribution<double> coordinate(-1, 1);
  for (int round = 0; round < 1000; ++round) {
    Numbers xs(5);
    for (double& x : xs) x = coordinate(random);
    const Numbers right = displacements(xs, 10, aligned);
    for (std::size_t j = 0; j < 5; ++j) {
      const auto index = static_cast<double>(j);
      EXPECT_NEAR(page_displacement(xs[j], static_cast<std::int64_t>(j), 10) - right[j],
                  1.25 * index + xs[j] / 2, 1e-12);
    }
  }
  for (const std::size_t j : {2U, 3U}) {
    Numbers errors;
    for (const double x : {-1.0, 1.0}) {
      errors.push_back(page_displacement(x, static_cast<std::int64_t>(j), 10) -
                       displacements(Numbers(5, x), 10, aligned)[j]);
    }
    claim.says(errors);
  }
}

TEST(Displacement, ItIsMeasuredInTheInput) {
  Claim claim("[claim.pixels-of-the-output] imprecise");
  for (const Options& options : {aligned, unaligned}) {
    claim.says(
        semantics::input_pixels_per_output_pixel<double>(5, Axis{.size = 10, .options = options}));
  }
}

}  // namespace
}  // namespace gridproof::claims
