// Questions, values and admissible sets as a person reads them. Whatever is written here is the
// same in every locale. Tested by notation_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/contract/case.h"

namespace gridproof::reports {

// The shortest decimal that reads back as `value` in the arithmetic of `dtype`.
std::string decimal(double value, Dtype dtype);
// The decimal; in parentheses the notation of the case line, where that is another.
std::string notation(double value, Dtype dtype);
// The admissible set, likewise; what an open clause admits beside it stands at the end. Whether
// being inside says anything is not in it.
std::string notation(const Admissible& admissible, Dtype dtype);
// What stands for a verdict in a table, which says in words beside it what the signs mean: "✗".
std::string_view sign_of(Verdict verdict);
// "[coord.nan]", or "the documentation" where there is no clause.
std::string bracketed(const std::string& clause);
// The exact value, cut after some 20 digits ("0.333…") where it is longer.
std::string short_exact(const exact::Element& element);
// The exact value, whole.
std::string whole_exact(const exact::Element& element);

// Where a sample of a grid of this shape stands: n, h and w; n, d, h and w.
Shape indices_of(std::int64_t sample, const Shape& grid);
// "n=0, h=2, w=5".
std::string location(const Shape& indices);
// The coordinates of a sample: "-0.125, 0".
std::string coordinates_of(const Case& test_case, std::int64_t sample);
// "bilinear, zeros, align_corners=False" with the defaults filled in.
std::string describe(const Request& request);
// The question in short: options, dtypes and shapes, without the values.
std::string describe(const Case& test_case);

}  // namespace gridproof::reports
