// Tensors: a shape, strides in elements, an offset, and storage that copies share.
// Any layout can be said: permuted, expanded (stride 0), offset, negative. Tested by
// tensor_test.cc.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reference/contract/dtype.h"

namespace gridproof {

using Shape = std::vector<std::int64_t>;

// The number of elements of `shape`. The shapes of this project's tensors are checked when they are
// made, so the product never overflows.
std::int64_t element_count(const Shape& shape);
// The strides of a dense row-major tensor of that shape.
Shape contiguous_strides(const Shape& shape);
std::string to_string(const Shape& shape);  // "[1,2,3]"

inline constexpr int max_rank = 8;

// A typed, non-owning window on a tensor. `data` points at the element whose indices are all 0.
template <class T>
struct View {
  const T* data = nullptr;
  int rank = 0;
  std::array<std::int64_t, max_rank> shape{};
  std::array<std::int64_t, max_rank> strides{};

  // The element at (i0, i1, …); one index for each axis.
  template <class... Index>
  const T& operator()(Index... index) const {
    std::int64_t offset = 0;
    std::size_t axis = 0;
    ((offset += static_cast<std::int64_t>(index) * strides[axis++]), ...);
    return data[offset];
  }
};

// Calls `visitor` with the storage position of every element, in row-major order.
template <class Visitor>
void for_each_position(const Shape& shape, const Shape& strides, std::int64_t offset,
                       Visitor&& visitor) {
  if (element_count(shape) == 0) return;
  Shape index(shape.size(), 0);
  std::int64_t position = offset;
  while (true) {
    visitor(position);
    std::size_t axis = shape.size();
    while (axis > 0) {
      --axis;
      position += strides[axis];
      if (++index[axis] < shape[axis]) break;
      position -= strides[axis] * shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (shape.empty()) return;
  }
}

class Tensor {
 public:
  Tensor() = default;

  // A dense tensor of zeros. Throws std::invalid_argument when the shape has a negative size, more
  // than 8 axes, or more elements than memory can hold.
  Tensor(Dtype dtype, Shape shape);

  // A dense tensor with the given values, each rounded once to `dtype`.
  Tensor(Dtype dtype, Shape shape, std::span<const double> values);

  // Any layout over shared storage of `storage_size` elements. Throws std::invalid_argument when an
  // element would lie outside the storage.
  static Tensor strided(Dtype dtype, Shape shape, Shape strides, std::int64_t offset,
                        std::shared_ptr<std::byte[]> storage, std::int64_t storage_size);

  [[nodiscard]] Dtype dtype() const { return dtype_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const Shape& strides() const { return strides_; }
  [[nodiscard]] std::int64_t offset() const { return offset_; }
  [[nodiscard]] int rank() const { return static_cast<int>(shape_.size()); }
  [[nodiscard]] std::int64_t size(int axis) const { return shape_[static_cast<std::size_t>(axis)]; }
  [[nodiscard]] std::int64_t element_count() const { return gridproof::element_count(shape_); }
  [[nodiscard]] bool is_contiguous() const;
  // Whether a dense copy takes at most some megabytes. With stride 0 a tensor can have more
  // elements than fit into any memory.
  [[nodiscard]] bool is_copyable() const { return element_count() <= std::int64_t{1} << 22U; }

  // The elements of the storage, those that the layout does not reach included.
  [[nodiscard]] std::int64_t storage_size() const { return storage_size_; }
  [[nodiscard]] const std::byte* storage() const { return storage_.get(); }
  [[nodiscard]] const std::shared_ptr<std::byte[]>& shared_storage() const { return storage_; }

  template <class T>
  [[nodiscard]] View<T> view() const {
    assert(dtype_of<T> == dtype_);
    View<T> result;
    result.data = reinterpret_cast<const T*>(storage_.get()) + offset_;
    result.rank = rank();
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
      result.shape[axis] = shape_[axis];
      result.strides[axis] = strides_[axis];
    }
    return result;
  }

  // The elements of a dense tensor in row-major order, for writing while nothing else reads them.
  template <class T>
  [[nodiscard]] std::span<T> elements() {
    assert(dtype_of<T> == dtype_ && is_contiguous());
    return {reinterpret_cast<T*>(storage_.get()) + offset_,
            static_cast<std::size_t>(element_count())};
  }
  template <class T>
  [[nodiscard]] std::span<const T> elements() const {
    assert(dtype_of<T> == dtype_ && is_contiguous());
    return {reinterpret_cast<const T*>(storage_.get()) + offset_,
            static_cast<std::size_t>(element_count())};
  }

  // One element as a double (exact for every dtype). One index for each axis.
  [[nodiscard]] double at(std::span<const std::int64_t> index) const;
  // All elements in row-major order, as doubles.
  [[nodiscard]] std::vector<double> values() const;
  // One element of the storage as a double.
  [[nodiscard]] double storage_value(std::int64_t position) const;

  // The same elements, dense and row-major, in storage of their own.
  [[nodiscard]] Tensor contiguous() const;
  // The same elements in row-major order under another shape, in their own storage. Throws
  // std::invalid_argument if that shape has more or fewer elements.
  [[nodiscard]] Tensor reshaped(Shape shape) const;
  // Part of an axis: [begin, end) of `axis`. Shares the storage.
  [[nodiscard]] Tensor slice(int axis, std::int64_t begin, std::int64_t end) const;
  // The same elements with the axes in another order. Shares the storage.
  [[nodiscard]] Tensor permuted(std::span<const int> axes) const;

  // The same dtype, shape and elements (any NaN equals any NaN), whatever the layout.
  [[nodiscard]] bool same_values(const Tensor& other) const;

 private:
  Dtype dtype_ = Dtype::f32;
  Shape shape_;
  Shape strides_;
  std::int64_t offset_ = 0;
  std::int64_t storage_size_ = 0;
  std::shared_ptr<std::byte[]> storage_;
};

}  // namespace gridproof
