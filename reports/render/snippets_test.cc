#include "reports/render/snippets.h"

#include <gtest/gtest.h>

namespace gridproof::reports {
namespace {

const Case test_case = parse_case(
    "grid_sample mode=nearest padding_mode=border input=f64[1,1,1,2]{0.1,-inf} "
    "grid=f64[1,1,1,2]{nan,0}");
const Tensor right(Dtype::f64, {1, 1, 1, 1}, std::vector<double>{0.1});

TEST(Snippets, OfPyTorch) {
  EXPECT_EQ(pytorch_snippet(test_case, right),
            "import torch\n"
            "import torch.nn.functional as F\n"
            "\n"
            "input = torch.tensor([0.1, -float('inf')], "
            "dtype=torch.float64).reshape(1, 1, 1, 2)\n"
            "grid = torch.tensor([float('nan'), 0.0], dtype=torch.float64).reshape(1, 1, 1, 2)\n"
            "output = F.grid_sample(input, grid, mode='nearest', padding_mode='border')\n"
            "print('got', output.flatten().tolist(), 'expected', [0.1])\n");
}

TEST(Snippets, OfLibTorch) {
  EXPECT_EQ(cpp_test(test_case, right, "CoordNan"),
            "#include <gtest/gtest.h>\n"
            "#include <torch/torch.h>\n"
            "\n"
            "TEST(GridSample, CoordNan) {\n"
            "  namespace F = torch::nn::functional;\n"
            "  const auto input = torch::tensor({0.1, -INFINITY}, "
            "torch::kDouble).to(torch::kDouble).reshape({1, 1, 1, 2});\n"
            "  const auto grid = torch::tensor({NAN, 0.0}, "
            "torch::kDouble).to(torch::kDouble).reshape({1, 1, 1, 2});\n"
            "  const auto right = torch::tensor({0.1}, "
            "torch::kDouble).to(torch::kDouble).reshape({1, 1, 1, 1});\n"
            "  const auto output = F::grid_sample(input, grid, "
            "F::GridSampleFuncOptions().mode(torch::kNearest)\n"
            "                                     "
            ".padding_mode(torch::kBorder).align_corners(false));\n"
            "  EXPECT_TRUE(torch::allclose(output, right, 1e-3, 1e-7, true)) << output;\n"
            "}\n");
}

TEST(Snippets, GradientsInPyTorch) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward mode=nearest output_mask=[True,False] input=f32[1,1,1,2]{1,2} "
      "grid=f32[1,1,1,2]{-0.5,0} grad_output=f32[1,1,1,1]{3}");
  EXPECT_EQ(pytorch_snippet(test_case, parse_gradients("grad_input=f32[1,1,1,2]{3,0}")),
            R"(import torch
import torch.nn.functional as F

input = torch.tensor([1.0, 2.0], dtype=torch.float32).reshape(1, 1, 1, 2)
grid = torch.tensor([-0.5, 0.0], dtype=torch.float32).reshape(1, 1, 1, 2)
grad_output = torch.tensor([3.0], dtype=torch.float32).reshape(1, 1, 1, 1)
input.requires_grad_()
F.grid_sample(input, grid, mode='nearest').backward(grad_output)
print('gradient of input: got', input.grad.flatten().tolist(), 'expected', [3.0, 0.0])
)");
}

}  // namespace
}  // namespace gridproof::reports
