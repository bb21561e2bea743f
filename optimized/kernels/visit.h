// From the values of a problem to template arguments.
#pragma once

#include <type_traits>

#include "optimized/kernels/problem.h"

namespace gridproof::optimized {

// Calls visitor.operator()<Element, mode, axes>() for a problem of that element type. Bicubic has
// two axes: the problem was checked.
template <class Element, class Visitor>
void visit_mode(const Problem& problem, const Visitor& visitor) {
  switch (problem.options.mode) {
    case Mode::nearest:
      if (problem.axes == 2) visitor.template operator()<Element, Mode::nearest, 2>();
      if (problem.axes == 3) visitor.template operator()<Element, Mode::nearest, 3>();
      break;
    case Mode::bilinear:
      if (problem.axes == 2) visitor.template operator()<Element, Mode::bilinear, 2>();
      if (problem.axes == 3) visitor.template operator()<Element, Mode::bilinear, 3>();
      break;
    case Mode::bicubic:
      visitor.template operator()<Element, Mode::bicubic, 2>();
      break;
  }
}

// The same for a dtype that is not known before; it is a floating one.
template <class Visitor>
void visit_problem(const Problem& problem, const Visitor& visitor) {
  visit(problem.dtype, [&]<class Element>(Element) {
    if constexpr (!std::is_integral_v<Element>) visit_mode<Element>(problem, visitor);
  });
}

}  // namespace gridproof::optimized
