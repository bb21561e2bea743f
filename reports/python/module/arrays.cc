#include "reports/python/module/arrays.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "reference/contract/dtype.h"

namespace nb = nanobind;

namespace gridproof::python {

Tensor tensor_of(const Array& array, const std::string& dtype_name) {
  const auto dtype = parse<Dtype>(dtype_name);
  if (!dtype || array.itemsize() != size_of(*dtype))
    throw std::invalid_argument("no elements of " + dtype_name);
  if (array.ndim() > max_rank) {
    throw std::invalid_argument("an array of " + std::to_string(array.ndim()) +
                                " axes; at most 8 were expected");
  }
  Shape shape;
  Shape strides;
  std::int64_t lowest = 0;  // of the elements, counted from the one whose indices are all 0
  std::int64_t highest = 0;
  bool is_empty = false;
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) {
    const auto size = static_cast<std::int64_t>(array.shape(axis));
    const std::int64_t stride = size > 1 ? array.stride(axis) : 0;  // of one element it may be any
    shape.push_back(size);
    strides.push_back(stride);
    is_empty = is_empty || size == 0;
    (stride < 0 ? lowest : highest) += stride * (size - 1);
  }
  if (is_empty) return {*dtype, std::move(shape)};
  auto* const first = static_cast<std::byte*>(const_cast<void*>(array.data()));  // only read
  const auto width = static_cast<std::int64_t>(size_of(*dtype));
  return Tensor::strided(*dtype, std::move(shape), std::move(strides), -lowest,
                         std::shared_ptr<std::byte[]>(first + lowest * width, [](std::byte*) {}),
                         highest - lowest + 1);
}

nb::object array_of(Tensor tensor) {
  return visit(tensor.dtype(), [&]<class T>(T) -> nb::object {
    auto* const owned = new Tensor(std::move(tensor));
    const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<Tensor*>(p); });
    const std::vector<std::size_t> shape(owned->shape().begin(), owned->shape().end());
    void* const data = owned->elements<T>().data();
    const nb::dlpack::dtype dtype =
        owned->dtype() == Dtype::bf16
            ? nb::dtype<std::uint16_t>()
            : nb::dlpack::dtype{static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float),
                                static_cast<std::uint8_t>(8 * sizeof(T)), 1};
    return nb::cast(
        nb::ndarray<nb::numpy>(data, shape.size(), shape.data(), owner, nullptr, dtype));
  });
}

}  // namespace gridproof::python
