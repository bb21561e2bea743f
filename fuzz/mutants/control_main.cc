// Controls that need a process of their own; `gridproof-control NAME`.
//
// contracted: the reference compiled with every product and sum contracted that the compiler can.
// Its inline functions must not be linked with ours, which are compiled without.
//
// reads-past-row: a bilinear kernel that loads the right neighbor before it knows whether there is
// one, and gives it the weight 0. Its answers are right wherever the memory behind a row happens to
// be a number.
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "oracle/subjects/serve/serve.h"
#include "reference/semantics/evaluate.h"
#include "reference/semantics/shapes.h"

namespace gridproof {
namespace {

// Bilinear with zeros at (x, y) of one plane; the tap to the right of the last column has the
// weight 0, but is loaded.
float blend(const float* plane, std::int64_t row, std::int64_t column, const Shape& size, float x,
            float y) {
  float sum = 0;
  const float left = std::floor(x);
  const float top = std::floor(y);
  for (int j = 0; j < 2; ++j) {
    const float h = top + static_cast<float>(j);
    if (!(h >= 0 && h < static_cast<float>(size[2]))) continue;
    for (int i = 0; i < 2; ++i) {
      const float w = left + static_cast<float>(i);
      if (!(w >= 0 && w <= static_cast<float>(size[3]))) continue;  // one too many
      const volatile float& texel =
          plane[static_cast<std::int64_t>(h) * row + static_cast<std::int64_t>(w) * column];
      const float weight = w < static_cast<float>(size[3]) ? 1 - std::fabs(x - w) : 0;
      sum += texel * weight * (1 - std::fabs(y - h));
    }
  }
  return sum;
}

Answer reading_past_rows(const Case& test_case) {
  Answer right = semantics::grid_sample_with(test_case, semantics::Documented{});
  const std::optional<Options> options = resolve(test_case.request);
  const auto* output = std::get_if<Tensor>(&right);
  if (output == nullptr || !options || test_case.input.rank() != 4 ||
      test_case.input.dtype() != Dtype::f32 || options->mode != Mode::bilinear ||
      options->padding != Padding::zeros || options->align_corners) {
    return right;
  }
  Tensor result = output->contiguous();
  const auto input = test_case.input.view<float>();
  const auto grid = test_case.grid.view<float>();
  const auto axes = semantics::axes_of(test_case.input.shape(), *options);
  float* out = result.elements<float>().data();
  for (std::int64_t n = 0; n < result.size(0); ++n) {
    for (std::int64_t c = 0; c < result.size(1); ++c) {
      for (std::int64_t h = 0; h < result.size(2); ++h) {
        for (std::int64_t w = 0; w < result.size(3); ++w, ++out) {
          const float x = grid(n, h, w, 0);
          const float y = grid(n, h, w, 1);
          if (!std::isfinite(x) || !std::isfinite(y)) continue;
          *out = blend(input.data + n * input.strides[0] + c * input.strides[1], input.strides[2],
                       input.strides[3], test_case.input.shape(), semantics::position(x, axes[0]),
                       semantics::position(y, axes[1]));
        }
      }
    }
  }
  return result;
}

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  using namespace gridproof;
  const std::string_view name = argc == 2 ? argv[1] : "";
  if (name == "contracted") {
    return serve({.info = {.name = "contracted"}}, [](const Case& test_case) {
      return semantics::grid_sample_with(test_case, semantics::Documented{});
    });
  }
  if (name == "reads-past-row")
    return serve({.info = {.name = "reads-past-row"}}, reading_past_rows);
  std::fputs("usage: gridproof-control contracted|reads-past-row\n", stderr);
  return 2;
}
