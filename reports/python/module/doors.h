// The parts of the module, and the question that all of them are asked.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>

#include "reference/contract/subject.h"
#include "reports/python/module/arrays.h"

namespace gridproof::python {

// The arguments of grid_sample as Python gives them; None is an option that was left out.
struct Question {
  Array input;
  std::string input_dtype;
  Array grid;
  std::string grid_dtype;
  std::optional<std::string> mode;
  std::optional<std::string> padding_mode;
  std::optional<bool> align_corners;

  // A case whose tensors are windows on the arrays.
  [[nodiscard]] Case to_case() const;
  // The shape of its answer. Throws RefusedError when it has none.
  [[nodiscard]] Shape output_shape() const;
};

// The output of an answer. Throws RefusedError for a refusal.
Tensor output_of(Answer answer);

void add_question(nanobind::module_& module);   // question.cc
void add_operator(nanobind::module_& module);   // operator.cc
void add_judge(nanobind::module_& module);      // judging.cc
void add_gradients(nanobind::module_& module);  // gradients.cc

}  // namespace gridproof::python
