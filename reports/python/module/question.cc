#include <utility>

#include "optimized/checks.h"
#include "optimized/grid_sample.h"
#include "optimized/subjects.h"
#include "reports/python/module/doors.h"

namespace nb = nanobind;

namespace gridproof::python {

Case Question::to_case() const {
  return {.request = {.mode = mode, .padding_mode = padding_mode, .align_corners = align_corners},
          .input = tensor_of(input, input_dtype),
          .grid = tensor_of(grid, grid_dtype)};
}

Shape Question::output_shape() const {
  const Case test_case = to_case();
  if (auto refusal = optimized::refuse(test_case)) throw RefusedError(*std::move(refusal));
  return optimized::output_shape(test_case.input.shape(), test_case.grid.shape());
}

void add_question(nb::module_& module) {
  nb::class_<Question>(module, "Question")
      .def(
          "__init__",
          [](Question* self, Array input, std::string input_dtype, Array grid,
             std::string grid_dtype, std::optional<std::string> mode,
             std::optional<std::string> padding_mode, std::optional<bool> align_corners) {
            new (self) Question{
                std::move(input), std::move(input_dtype),  std::move(grid), std::move(grid_dtype),
                std::move(mode),  std::move(padding_mode), align_corners};
          },
          nb::arg("input"), nb::arg("input_dtype"), nb::arg("grid"), nb::arg("grid_dtype"),
          nb::arg("mode").none(), nb::arg("padding_mode").none(), nb::arg("align_corners").none())
      .def_ro("dtype", &Question::input_dtype)
      .def_prop_ro("output_shape", &Question::output_shape);
}

}  // namespace gridproof::python
