// A question and its answer as a node test of ONNX: a model of one GridSample and the tensors that
// go in and must come out, as in onnx/backend/test. Tested by onnx_node_test.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "oracle/judge/judge.h"
#include "reference/contract/subject.h"

namespace gridproof::reports {

struct NodeTest {
  std::string model;  // each a message of ONNX, serialized
  std::string input;
  std::string grid;
  std::string output;
};

// The node test whose expected output is `reference`; `dialect` says which version of the operator
// it is of. Nothing where that version does not have the question (a rank, a dtype, an option), or
// where the tolerance of such tests, 1e-3 relative and 1e-7 absolute, would fail a right answer:
// `admissible` holds the sets of the output's elements in that dialect.
std::optional<NodeTest> node_test_of(const Case& test_case, const Answer& reference,
                                     Dialect dialect, std::span<const Admissible> admissible);

}  // namespace gridproof::reports
