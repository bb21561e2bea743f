// The backward pass of grid_sample, fast: the same bits as the reference (any NaN equals any NaN),
// on every target, for any number of threads. Tested by backward_test.cc.
#pragma once

#include <optional>

#include "optimized/grid_sample.h"
#include "reference/contract/options.h"
#include "reference/contract/subject.h"
#include "reference/contract/tensor.h"

namespace gridproof {

// The gradients of `input` and `grid`, given that of the output, of their shapes, dense and
// row-major; a null pointer is one that is not wanted. T is float, double, Half or BFloat16; the
// strides of what is read may be anything. What a thread needs beside its stack it keeps for its
// next call: the sums of eight channels at most. May be called from several threads at once. Throws
// RefusedError in the cases in which the reference refuses (then nothing is written);
// std::runtime_error when the target is not possible; std::bad_alloc.
template <class T>
void grid_sample_backward(const View<T>& grad_output, const View<T>& input, const View<T>& grid,
                          const Options& options, T* grad_input, T* grad_grid,
                          const Settings& settings = {});

namespace optimized {

// Why a question has no answer, if it has none.
std::optional<Refusal> refuse(const BackwardCase& test_case);

// The answer of one target, with so many threads.
BackwardAnswer backward_answer(const BackwardCase& test_case, Target target, int threads);

}  // namespace optimized
}  // namespace gridproof
