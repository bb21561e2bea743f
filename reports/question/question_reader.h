// Reads a question from files or from a bug report: tensors in many shapes, and what grids are made
// from. Every assumption is reported. Tested by question_reader_test.cc.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/case.h"
#include "reports/diagnosis/hypotheses.h"
#include "reports/question/packed.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {

// A tensor from the value of an option: a file, a nested list as in a bug report, or the notation
// of a case line, f32[1,2]{3,4}. Remarks on a file are added to `guesses`, as below. Throws
// InputError.
Tensor read_tensor_argument(const std::string& option, const std::string& text,
                            std::string& guesses);

// The same for a field of displacements in pixels, which may be kept in a picture (files/flow.h).
Tensor read_flow_argument(const std::string& option, const std::string& text, std::string& guesses);

// Affine maps, (N, k, k + 1), as affine_grid takes them; they may have the last row of a
// homogeneous matrix, and one of them no axis of a batch. `axes` is k, where it is known.
Tensor read_theta(const std::string& text, std::optional<int> axes, std::string& guesses);

// Positions in input pixels, x first: OpenCV's two maps, or one array of all axes (packed.h).
Unpacked read_maps(const std::vector<std::string>& texts, std::string& guesses);

struct QuestionArguments {
  std::optional<std::string> line;  // a case line or FILE:LINE, instead of everything below
  std::optional<std::string> input;
  // Exactly one of these says where to read.
  std::optional<std::string> grid;
  std::optional<std::string> theta;         // as affine_grid has it, or one 2x3, 3x3, 3x4 or 4x4
  std::optional<std::string> displacement;  // in input pixels, x first: optical flow, voxels
  std::vector<std::string> maps;  // in pixels: OpenCV's two, or one array of all axes (packed.h)
  std::optional<std::string> output_size;  // H,W or D,H,W for theta; that of the input, if left out

  std::optional<std::string> mode;  // names of other frameworks are accepted too
  std::optional<std::string> padding_mode;
  std::optional<bool> align_corners;
};

struct UserQuestion {
  Case test_case;
  diagnosis::Given given = diagnosis::Given::grid;  // what the grid was made of
  // From the file of the input, else from that of the grid or displacement.
  diagnosis::World world = {};
  bool mixes_dtypes = false;  // the input's dtype was not that of the grid
  bool is_reversed = false;   // all axes of all arrays were in the reverse order
  // How the arrays lie, which grid_sample refuses, and what it takes; empty where it takes them.
  std::string layout = {};
  std::string guesses;  // lines that say what was read as what
};

// Throws InputError.
UserQuestion read_question(const QuestionArguments& arguments, std::istream& in);

// An error about a question, together with the assumptions that were made.
InputError with_guesses(const std::string& sentence, const std::string& guesses);

// A tensor with the shape of the question's output, from the option with that name. Axes that its
// shape leaves out are added and noted in `guesses`. If its shape shows that channels are last, in
// it or in the input too, they are moved first. Throws InputError, also for a JPEG, because its
// lossy values cannot be judged.
Tensor read_output(const std::string& option, const std::string& text, UserQuestion& question);

}  // namespace gridproof::reports
