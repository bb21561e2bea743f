// Dtypes and arithmetic: in which type a value is computed, in which order it is rounded.
// Clauses: dtypes.md. Tested by dtypes_test.cc.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "reference/contract/case.h"
#include "reference/contract/subject.h"
#include "reference/semantics/nonfinite.h"
#include "reference/semantics/stages.h"

namespace gridproof::semantics {

// [dtype.supported]
inline std::optional<Refusal> refuse_dtype(const Case& test_case) {
  for (const auto& [what, tensor] :
       {std::pair("input", &test_case.input), {"grid", &test_case.grid}}) {
    if (!is_floating(tensor->dtype())) {
      return Refusal{"dtype.supported", std::string(what) + " is " +
                                            std::string(name(tensor->dtype())) +
                                            ": expected f16, bf16, f32 or f64"};
    }
  }
  return std::nullopt;
}

// [dtype.same]
inline std::optional<Refusal> refuse_mixed_dtypes(const Case& test_case) {
  if (test_case.input.dtype() == test_case.grid.dtype()) return std::nullopt;
  return Refusal{"dtype.same", "grid is " + std::string(name(test_case.grid.dtype())) +
                                   ": expected " + std::string(name(test_case.input.dtype())) +
                                   ", the dtype of input"};
}

// [dtype.16-bit] The type in which tensors of Element are computed: their own, and float for the
// two of 16 bits, which then round once, at the end.
template <class Element>
using ArithmeticOf = std::conditional_t<std::is_same_v<Element, double>, double, float>;

// Calls `visitor` with a value of the C++ type of a floating dtype.
template <class Visitor>
auto visit_floating(Dtype dtype, Visitor&& visitor) -> decltype(visitor(float{})) {
  return visit(dtype, [&]<class Element>(Element) -> decltype(visitor(float{})) {
    if constexpr (std::is_integral_v<Element>) {
      throw std::logic_error("an integer dtype that was not refused");
    } else {
      return visitor(Element{});
    }
  });
}

// [arith.order] The sum of the products, from left to right, each operation rounded.
// [arith.overflow] Nothing is scaled to keep it from overflowing. [arith.subnormal] Nothing is
// flushed to zero. [arith.zero-sign] The sign of a zero is what these operations make it. `term(k)`
// is the k-th of `count`.
template <class T, class TermAt>
T sum_of(int count, TermAt&& term) {
  if (count == 0) return 0;
  T total = product<T>(term(0));
  for (int k = 1; k < count; ++k) total += product<T>(term(k));
  return total;
}

// [dtype.output] A value as an element of the output, which has the input's dtype.
template <class Element, class T>
Element to_element(T value) {
  return static_cast<Element>(value);
}

}  // namespace gridproof::semantics
