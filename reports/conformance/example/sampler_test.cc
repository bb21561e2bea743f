// Somebody's own tests of their own grid_sample: a user of the installed package.
#include <gridproof/gtest.h>

#include "optimized/grid_sample.h"

using gridproof::Options;
using gridproof::View;

// What is on trial: a function on plain memory.
void my_grid_sample(const View<float>& input, const View<float>& grid, const Options& options,
                    std::span<float> output) {
  gridproof::Shape shape(input.shape.begin(), input.shape.begin() + 2);
  shape.insert(shape.end(), grid.shape.begin() + 1, grid.shape.begin() + grid.rank - 1);
  gridproof::grid_sample(input, grid, options, gridproof::dense_output(output.data(), shape));
}

TEST(MySampler, Conforms) { GRIDPROOF_EXPECT_CONFORMS(my_grid_sample, {.samples = 100'000}); }

// The same with a mistake: the flag is lost.
TEST(MySampler, FailsWithoutItsFlag) {
  const auto result = gridproof::check_conformance(
      [](const View<float>& input, const View<float>& grid, Options options,
         std::span<float> output) {
        options.align_corners = false;
        my_grid_sample(input, grid, options, output);
      },
      {.samples = 100'000});
  EXPECT_FALSE(result.conforms);
  EXPECT_NE(result.text.find("align"), std::string::npos) << result.text;
  std::puts(result.text.c_str());
}
