// Arrays of Python as tensors, without a copy, and tensors as arrays of NumPy.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <string>

#include "reference/contract/case.h"

namespace gridproof::python {

// An array in this process' memory, with any strides, to be read only.
using Array = nanobind::ndarray<nanobind::ro, nanobind::device::cpu>;

// A window on the array, which must outlive it. `dtype` is a name such as "f32"; the elements of
// "bf16" are given as their bits, in unsigned integers. Throws std::invalid_argument when the
// elements have another size than those of `dtype`, or are too many.
Tensor tensor_of(const Array& array, const std::string& dtype);

// A tensor's elements as a NumPy array that owns them: float16, float32, float64, and uint16 for
// the bits of bf16.
nanobind::object array_of(Tensor tensor);

}  // namespace gridproof::python
