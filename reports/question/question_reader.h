// Where a question comes from that somebody holds in files, or in a bug report: tensors in many
// shapes, and what grids are made of. All that is guessed is said. Tested by sources_test.cc.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/case.h"
#include "reports/diagnosis/hypotheses.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {

// A tensor from the value of an option: a file, a nested list as a bug report has it, or the
// notation of a case line, f32[1,2]{3,4}. What must be said of a file is added to `guesses`, as it
// is below. Throws InputError.
Tensor read_tensor_argument(const std::string& option, const std::string& text,
                            std::string& guesses);

// The same for a field of displacements in pixels, which may be kept in a picture (files/flow.h).
Tensor read_flow_argument(const std::string& option, const std::string& text, std::string& guesses);

struct QuestionArguments {
  std::optional<std::string> line;  // a case line or FILE:LINE, instead of everything below
  std::optional<std::string> input;
  // One of these says where to read.
  std::optional<std::string> grid;
  std::optional<std::string> theta;         // as affine_grid has it, or one 2x3, 3x3, 3x4 or 4x4
  std::optional<std::string> displacement;  // in input pixels, x first: optical flow, voxels
  std::vector<std::string> maps;  // in pixels: OpenCV's two, or one array of all axes (packed.h)
  std::optional<std::string> output_size;  // H,W or D,H,W for theta; that of the input, if left out

  std::optional<std::string> mode;  // the options have the names of other frameworks as well
  std::optional<std::string> padding_mode;
  std::optional<bool> align_corners;
};

struct UserQuestion {
  Case test_case;
  diagnosis::Given given = diagnosis::Given::grid;  // what the grid was made of
  // Of the file of the input, else of that of the grid or displacement.
  diagnosis::World world = {};
  bool is_reversed = false;  // all axes of all arrays were in the reverse order
  // How the arrays lie, which grid_sample refuses, and what it takes; empty where it takes them.
  std::string layout = {};
  std::string guesses;  // lines that say what was read as what
};

// Throws InputError.
UserQuestion read_question(const QuestionArguments& arguments, std::istream& in);

// What is wrong with a question, with what was guessed about it.
InputError with_guesses(const std::string& sentence, const std::string& guesses);

// A tensor of the shape of the output of a question, from an option whose name says what it is;
// what is left out of its shape is added to `guesses`. Where its shape says that channels are last,
// in it or in the input as well, they are put first. Throws InputError, also for a JPEG: nobody can
// say of its numbers which are wrong.
Tensor read_output(const std::string& option, const std::string& text, UserQuestion& question);

}  // namespace gridproof::reports
