// The backward pass of grid_sample, fast: the same bits as the reference (any NaN equals any NaN),
// for any number of threads. Tested by backward_test.cc.
#pragma once

#include "reference/contract/options.h"
#include "reference/contract/subject.h"
#include "reference/contract/tensor.h"

namespace gridproof {

// The gradients of `input` and `grid`, given that of the output, of their shapes, dense and
// row-major; a null pointer is one that is not wanted. T is float, double, Half or BFloat16; the
// strides of what is read may be anything. At most `threads` threads (0: as many as the machine
// has). Throws RefusedError in the cases in which the reference refuses; then nothing is written.
template <class T>
void grid_sample_backward(const View<T>& grad_output, const View<T>& input, const View<T>& grid,
                          const Options& options, T* grad_input, T* grad_grid, int threads = 0);

namespace optimized {

// The same as a subject answers it.
BackwardAnswer backward_answer(const BackwardCase& test_case, int threads);

}  // namespace optimized
}  // namespace gridproof
