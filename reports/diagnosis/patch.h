// The lines that mend a question, to be pasted into a program. Tested by patch_test.cc, which runs
// those in NumPy.
#pragma once

#include <array>
#include <string>

#include "reports/diagnosis/search.h"

namespace gridproof::reports::diagnosis {

enum class Language : std::uint8_t { pytorch, numpy, cpp, onnx };

// What to put before the call of grid_sample, with the sizes of this question filled in; the
// options are those of the call. Every variable that is used is defined, but for `input` and what
// the user has: `grid`, `theta`, `displacement` (N, ..., k), or `map_x` and `map_y`. Fixes of a
// theta speak of its parts: `linear` (N, k, k) and `translation` (N, k, 1).
std::string patch(const Attempt& attempt, const Situation& situation, Language language);

// A test to paste beside the code that makes grids of what the user has, in the rank of the
// question: no motion must give the input back.
std::string self_check(const Situation& situation, const Options& options, Language language);

}  // namespace gridproof::reports::diagnosis

template <>
inline constexpr auto gridproof::names<gridproof::reports::diagnosis::Language> =
    std::to_array<gridproof::Named<gridproof::reports::diagnosis::Language>>(
        {{gridproof::reports::diagnosis::Language::pytorch, "PyTorch"},
         {gridproof::reports::diagnosis::Language::numpy, "NumPy"},
         {gridproof::reports::diagnosis::Language::cpp, "C++"},
         {gridproof::reports::diagnosis::Language::onnx, "ONNX"}});
