// The other half of the operator: what the gradients of a case are, given that of its output.
//
//   grid_sample_backward mode=bilinear output_mask=[True,False] input=f32[1,1,1,4]{1,2,4,8}
//               grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}
//
// (one line, in the notation of case.h). output_mask says which gradients are wanted, that of input
// and that of grid, as in PyTorch; left out, both are. Tested by backward_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/contract/case.h"

namespace gridproof {

struct OutputMask {
  bool input = true;
  bool grid = true;

  friend bool operator==(const OutputMask&, const OutputMask&) = default;
};

struct BackwardCase {
  Case forward;        // input, grid and options
  Tensor grad_output;  // one number for each element of the output
  OutputMask output_mask;
};

// Those of the gradients that were wanted, dense: of the input's shape, and of the grid's.
struct Gradients {
  std::optional<Tensor> input;
  std::optional<Tensor> grid;
};

// The line of a case, without a newline. Equal cases give equal lines.
std::string to_line(const BackwardCase& test_case);
// The case of a line. Throws ParseError, also for more elements than max_elements() (limits.h), of
// which a gradient of an expanded input has more than the input has memory.
BackwardCase parse_backward_case(std::string_view line);

// The name of a case, as that of case.h.
std::uint64_t case_id(const BackwardCase& test_case);

// "grad_input=f32[…]{…} grad_grid=f32[…]{…}": those that are there.
std::string to_text(const Gradients& gradients);
Gradients parse_gradients(std::string_view text);

}  // namespace gridproof
