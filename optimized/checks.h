// Refusals: the calls that the operator does not answer, in the reference's order.
#pragma once

#include <optional>
#include <span>

#include "reference/contract/subject.h"

namespace gridproof::optimized {

// [options.mode] [options.padding-mode]
std::optional<Refusal> refuse_request(const Request& request);
// [shape.rank] [shape.batch] [shape.last-dimension] [shape.empty-spatial] [options.bicubic-4d]
std::optional<Refusal> refuse_shapes(std::span<const std::int64_t> input,
                                     std::span<const std::int64_t> grid, const Options& options);
// [dtype.supported] [dtype.same]
std::optional<Refusal> refuse_dtypes(Dtype input, Dtype grid);

// The shape of the output of shapes that are not refused.
Shape output_shape(std::span<const std::int64_t> input, std::span<const std::int64_t> grid);

}  // namespace gridproof::optimized
