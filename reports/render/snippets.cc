#include "reports/render/snippets.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cctype>
#include <cmath>
#include <string_view>
#include <variant>
#include <vector>

#include "reference/contract/options.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::reports {
namespace {

// A number with as many digits as its type has, as the language writes it.
std::string number(double value, bool is_cpp) {
  if (std::isnan(value)) return is_cpp ? "NAN" : "float('nan')";
  if (std::isinf(value)) {
    const std::string sign = value < 0 ? "-" : "";
    return is_cpp ? sign + "INFINITY" : sign + "float('inf')";
  }
  std::string text = fmt::format("{:.17g}", value);
  if (const std::string shorter = fmt::format("{:.9g}", value); std::stod(shorter) == value) {
    text = shorter;
  }
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string list_of(const Tensor& tensor, bool is_cpp) {
  std::vector<std::string> texts;
  for (const double value : tensor.values()) texts.push_back(number(value, is_cpp));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string torch_dtype(Dtype dtype, bool is_cpp) {
  switch (dtype) {
    case Dtype::f16:
      return is_cpp ? "torch::kHalf" : "torch.float16";
    case Dtype::bf16:
      return is_cpp ? "torch::kBFloat16" : "torch.bfloat16";
    case Dtype::f64:
      return is_cpp ? "torch::kDouble" : "torch.float64";
    default:
      return is_cpp ? "torch::kFloat" : "torch.float32";
  }
}

std::string pytorch_tensor(const Tensor& tensor) {
  return fmt::format("torch.tensor([{}], dtype={}).reshape({})", list_of(tensor, false),
                     torch_dtype(tensor.dtype(), false), fmt::join(tensor.shape(), ", "));
}

std::string cpp_tensor(const Tensor& tensor) {
  return fmt::format("torch::tensor({{{}}}, torch::kDouble).to({}).reshape({{{}}})",
                     list_of(tensor, true), torch_dtype(tensor.dtype(), true),
                     fmt::join(tensor.shape(), ", "));
}

// Any name as a literal of Python.
std::string python_text(const std::string& text) {
  std::string literal = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= ' ' && byte <= '~' && c != '\'' && c != '\\';
    literal += is_plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return literal + '\'';
}

// "torch::kBilinear"
std::string constant(const std::string& name) {
  return "torch::k" + std::string(1, static_cast<char>(std::toupper(name.front()))) +
         name.substr(1);
}

// "F.grid_sample(input, grid, mode='nearest')"
std::string pytorch_call(const Request& request) {
  std::string call = "F.grid_sample(input, grid";
  if (request.mode) call += ", mode=" + python_text(*request.mode);
  if (request.padding_mode) call += ", padding_mode=" + python_text(*request.padding_mode);
  if (request.align_corners) {
    call += fmt::format(", align_corners={}", *request.align_corners ? "True" : "False");
  }
  return call + ')';
}

}  // namespace

std::string pytorch_snippet(const Case& test_case, const Tensor& right,
                            const std::optional<Tensor>& observed) {
  return fmt::format(
      "import torch\n"
      "import torch.nn.functional as F\n"
      "\n"
      "input = {}\n"
      "grid = {}\n"
      "output = {}\n"
      "print('got', output.flatten().tolist(), 'expected', [{}])\n{}",
      pytorch_tensor(test_case.input), pytorch_tensor(test_case.grid),
      pytorch_call(test_case.request), list_of(right, false),
      observed ? fmt::format("# observed: [{}]\n", list_of(*observed, false)) : "");
}

std::string pytorch_snippet(const BackwardCase& test_case, const Gradients& right) {
  const Case& forward = test_case.forward;
  std::string text = fmt::format(
      "import torch\n"
      "import torch.nn.functional as F\n"
      "\n"
      "input = {}\n"
      "grid = {}\n"
      "grad_output = {}\n",
      pytorch_tensor(forward.input), pytorch_tensor(forward.grid),
      pytorch_tensor(test_case.grad_output));
  if (right.input) text += "input.requires_grad_()\n";
  if (right.grid) text += "grid.requires_grad_()\n";
  text += fmt::format("{}.backward(grad_output)\n", pytorch_call(forward.request));
  const auto print = [&](std::string_view of, const std::optional<Tensor>& gradient) {
    if (!gradient) return;
    text += fmt::format(
        "print('gradient of {0}: got', {0}.grad.flatten().tolist(), 'expected', [{1}])\n", of,
        list_of(*gradient, false));
  };
  print("input", right.input);
  print("grid", right.grid);
  return text;
}

std::string gradient_script(const BackwardIncident& incident) {
  constexpr std::size_t longest = 2000;
  const BackwardAnswer right = grid_sample_backward(incident.reduced);
  const auto* const gradients = std::get_if<Gradients>(&right);
  if (gradients == nullptr) return "";
  std::string script = pytorch_snippet(incident.reduced, *gradients);
  return script.size() > longest ? "" : script;
}

std::string cpp_test(const Case& test_case, const Tensor& right, const std::string& name) {
  const Options options = resolve(test_case.request).value_or(Options{});
  return fmt::format(
      "#include <gtest/gtest.h>\n"
      "#include <torch/torch.h>\n"
      "\n"
      "TEST(GridSample, {}) {{\n"
      "  namespace F = torch::nn::functional;\n"
      "  const auto input = {};\n"
      "  const auto grid = {};\n"
      "  const auto right = {};\n"
      "  const auto output = F::grid_sample(input, grid, F::GridSampleFuncOptions().mode({})\n"
      "                                     .padding_mode({}).align_corners({}));\n"
      "  EXPECT_TRUE(torch::allclose(output, right, 1e-3, 1e-7, true)) << output;\n"
      "}}\n",
      name, cpp_tensor(test_case.input), cpp_tensor(test_case.grid), cpp_tensor(right),
      constant(std::string(gridproof::name(options.mode))),
      constant(std::string(gridproof::name(options.padding))), options.align_corners);
}

}  // namespace gridproof::reports
