// The wide type: what the judge of f64 calculates in, and the only place that chooses it.
#pragma once

#include <cfloat>

#include "oracle/exact/float80.h"

namespace gridproof::exact {

// GRIDPROOF_SOFTWARE_WIDE: as on a platform whose long double is double, to test that elsewhere.
#if defined(GRIDPROOF_SOFTWARE_WIDE) || LDBL_MANT_DIG < 64 || LDBL_MAX_EXP <= DBL_MAX_EXP
using Wide = Float80;
#else
using Wide = long double;
#endif

}  // namespace gridproof::exact
