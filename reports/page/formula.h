// Formulas of the clauses as MathML, which browsers show and read aloud by themselves. Tested by
// formula_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace gridproof::reports {

// A formula in the notation of the clauses (clauses.md) as an element <math display="block">, whose
// label is the formula as it stands. Throws std::invalid_argument for what is not in the notation.
std::string mathml_of(std::string_view formula);

}  // namespace gridproof::reports
