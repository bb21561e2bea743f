// A small question as code to paste: what it is, and what must come out. Tested by
// snippets_test.cc.
#pragma once

#include <optional>
#include <string>

#include "fuzz/campaign/incident.h"
#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof::reports {

// A script that asks PyTorch's grid_sample and prints what it gives beside what is right, and what
// somebody else gave, if that is known.
std::string pytorch_snippet(const Case& test_case, const Tensor& right,
                            const std::optional<Tensor>& observed = {});

// The same for gradients, by torch.autograd.
std::string pytorch_snippet(const BackwardCase& test_case, const Gradients& right);

// The same of a finding; empty where it is too long for a page, or a refusal is right.
std::string gradient_script(const BackwardIncident& incident);

// A test of GoogleTest that asks LibTorch's grid_sample; equal up to 1e-3 of a value, as the node
// tests of ONNX are.
std::string cpp_test(const Case& test_case, const Tensor& right, const std::string& name);

}  // namespace gridproof::reports
