// The door between Python and the operator, its second witness and its judge. It converts arrays
// and lets go of the interpreter's lock; it decides nothing. What people call is the package
// beside it, gridproof/, which says what everything means.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "optimized/grid_sample.h"
#include "reports/python/module/doors.h"

namespace nb = nanobind;

namespace {

// gridproof.Refused, a ValueError that knows its clause.
void add_refused(nb::module_& module) {
  static const nb::object refused = nb::steal(PyErr_NewExceptionWithDoc(
      "gridproof.Refused",
      "The operator does not answer this question. `clause` is the clause "
      "of the specification that says so, such as \"shape.rank\".",
      PyExc_ValueError, nullptr));
  module.attr("Refused") = refused;
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const gridproof::RefusedError& error) {
      const nb::object exception = refused(error.what());
      exception.attr("clause") = error.refusal().clause;
      PyErr_SetObject(refused.ptr(), exception.ptr());
    }
  });
}

}  // namespace

NB_MODULE(_gridproof, module) {
  add_refused(module);
  gridproof::python::add_question(module);
  gridproof::python::add_operator(module);
  gridproof::python::add_judge(module);
  gridproof::python::add_gradients(module);
}
