// What a subject takes part in, as it says itself when it starts. A question outside of that is not
// put to it: its answer is `Unsupported`. What the operator itself does not have (an unknown mode,
// a rank of 3, an integer dtype) is always asked, because there the right answer is a refusal.
// Tested by supports_test.cc; the form on the wire is in reference/contract/protocol.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof {

// Kinds of layout: row-major and nothing but its elements; any other; one with a negative stride.
enum class Layout : std::uint8_t { dense, strided, negative };
template <>
inline constexpr auto names<Layout> = std::to_array<Named<Layout>>(
    {{Layout::dense, "dense"}, {Layout::strided, "strided"}, {Layout::negative, "negative"}});

Layout layout_of(const Tensor& tensor);

// The tensor that a gradient is of.
enum class GradientOf : std::uint8_t { input, grid };
template <>
inline constexpr auto names<GradientOf> =
    std::to_array<Named<GradientOf>>({{GradientOf::input, "input"}, {GradientOf::grid, "grid"}});

// Each list holds what is supported; a list that is left out leaves nothing out, but for that of
// the gradients: who does not say that it has any is asked none.
struct Supports {
  std::optional<std::vector<Dtype>> dtypes;  // floating-point ones
  std::optional<std::vector<int>> ranks;     // of the input: 4, 5
  std::optional<std::vector<Mode>> modes;
  std::optional<std::vector<Padding>> padding_modes;
  std::optional<std::vector<bool>> align_corners;
  std::optional<std::vector<Layout>> layouts;
  std::optional<std::vector<GradientOf>> gradients;
};

// The first thing about a question that is not supported ("dtype f16", "gradients"), or nothing.
std::optional<std::string> unsupported_part(const Supports& supports, const Case& test_case);
std::optional<std::string> unsupported_part(const Supports& supports,
                                            const BackwardCase& test_case);

}  // namespace gridproof
