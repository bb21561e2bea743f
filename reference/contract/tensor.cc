#include "reference/contract/tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace gridproof {
namespace {

constexpr std::int64_t max_elements = std::int64_t{1} << 40;

void check_shape(const Shape& shape) {
  if (shape.size() > max_rank) throw std::invalid_argument("a tensor has at most 8 axes");
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) throw std::invalid_argument("a size of " + to_string(shape) + " is negative");
    // An empty axis must not hide an overflow in the others.
    if (size > 0 && count > max_elements / size) {
      throw std::invalid_argument("the shape " + to_string(shape) + " has too many elements");
    }
    count *= std::max<std::int64_t>(size, 1);
  }
}

// The shape, which must be that of so many elements; asked before memory is taken for them.
Shape shape_of_count(Shape shape, std::size_t count) {
  check_shape(shape);
  const std::int64_t needed = element_count(shape);
  if (std::cmp_not_equal(count, needed)) {
    throw std::invalid_argument("the shape " + to_string(shape) + " needs " +
                                std::to_string(needed) + " values, not " + std::to_string(count));
  }
  return shape;
}

std::shared_ptr<std::byte[]> allocate(Dtype dtype, std::int64_t count) {
  // Zeros are all bits clear in every dtype.
  return std::make_shared<std::byte[]>(static_cast<std::size_t>(count) * size_of(dtype));
}

}  // namespace

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

Shape contiguous_strides(const Shape& shape) {
  Shape strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis > 0; --axis) {
    strides[axis - 1] = stride;
    stride *= std::max<std::int64_t>(shape[axis - 1], 1);
  }
  return strides;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) {
    if (text.size() > 1) text += ',';
    text += std::to_string(size);
  }
  return text + "]";
}

Tensor::Tensor(Dtype dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)) {
  check_shape(shape_);
  strides_ = contiguous_strides(shape_);
  storage_size_ = gridproof::element_count(shape_);
  storage_ = allocate(dtype_, storage_size_);
}

Tensor::Tensor(Dtype dtype, Shape shape, std::span<const double> values)
    : Tensor(dtype, shape_of_count(std::move(shape), values.size())) {
  visit(dtype,
        [&]<class T>(T) { std::ranges::transform(values, elements<T>().begin(), from_double<T>); });
}

Tensor Tensor::strided(Dtype dtype, Shape shape, Shape strides, std::int64_t offset,
                       std::shared_ptr<std::byte[]> storage, std::int64_t storage_size) {
  check_shape(shape);
  if (strides.size() != shape.size()) {
    throw std::invalid_argument("there must be one stride for each axis of " + to_string(shape));
  }
  if (gridproof::element_count(shape) > 0) {
    std::int64_t lowest = offset;
    std::int64_t highest = offset;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      std::int64_t reach = 0;
      if (__builtin_mul_overflow(strides[axis], shape[axis] - 1, &reach) ||
          __builtin_add_overflow(reach < 0 ? lowest : highest, reach,
                                 reach < 0 ? &lowest : &highest)) {
        throw std::invalid_argument("the strides " + to_string(strides) + " overflow");
      }
    }
    if (lowest < 0 || highest >= storage_size) {
      throw std::invalid_argument("the layout reaches element " +
                                  std::to_string(lowest < 0 ? lowest : highest) +
                                  " of a storage of " + std::to_string(storage_size));
    }
  }
  Tensor result;
  result.dtype_ = dtype;
  result.shape_ = std::move(shape);
  result.strides_ = std::move(strides);
  result.offset_ = offset;
  result.storage_ = std::move(storage);
  result.storage_size_ = storage_size;
  return result;
}

bool Tensor::is_contiguous() const {
  std::int64_t expected = 1;
  for (std::size_t axis = shape_.size(); axis > 0; --axis) {
    if (shape_[axis - 1] != 1 && strides_[axis - 1] != expected) return false;
    expected *= std::max<std::int64_t>(shape_[axis - 1], 1);
  }
  return true;
}

double Tensor::storage_value(std::int64_t position) const {
  return visit(dtype_, [&]<class T>(T) {
    return to_double(reinterpret_cast<const T*>(storage_.get())[position]);
  });
}

double Tensor::at(std::span<const std::int64_t> index) const {
  std::int64_t position = offset_;
  for (std::size_t axis = 0; axis < index.size(); ++axis) position += index[axis] * strides_[axis];
  return storage_value(position);
}

std::vector<double> Tensor::values() const {
  std::vector<double> result(static_cast<std::size_t>(element_count()));
  visit(dtype_, [&]<class T>(T) {
    const T* const in = reinterpret_cast<const T*>(storage_.get());
    double* out = result.data();
    if (is_contiguous()) {
      std::transform(in + offset_, in + offset_ + element_count(), out,
                     [](T element) { return to_double(element); });
    } else {
      for_each_position(shape_, strides_, offset_,
                        [&](std::int64_t position) { *out++ = to_double(in[position]); });
    }
  });
  return result;
}

Tensor Tensor::contiguous() const {
  Tensor result(dtype_, shape_);
  visit(dtype_, [&]<class T>(T) {
    T* out = result.elements<T>().data();
    const T* const in = reinterpret_cast<const T*>(storage_.get());
    if (is_contiguous()) {
      std::copy_n(in + offset_, element_count(), out);
    } else {
      for_each_position(shape_, strides_, offset_,
                        [&](std::int64_t position) { *out++ = in[position]; });
    }
  });
  return result;
}

Tensor Tensor::reshaped(Shape shape) const {
  if (gridproof::element_count(shape) != element_count()) {
    throw std::invalid_argument("a shape of " + std::to_string(gridproof::element_count(shape)) +
                                " elements for " + std::to_string(element_count()));
  }
  Tensor result = contiguous();
  result.strides_ = contiguous_strides(shape);
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::slice(int axis, std::int64_t begin, std::int64_t end) const {
  Tensor result = *this;
  const auto a = static_cast<std::size_t>(axis);
  result.shape_[a] = end - begin;
  result.offset_ += begin * strides_[a];
  return result;
}

Tensor Tensor::permuted(std::span<const int> axes) const {
  Tensor result = *this;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    result.shape_[axis] = shape_[static_cast<std::size_t>(axes[axis])];
    result.strides_[axis] = strides_[static_cast<std::size_t>(axes[axis])];
  }
  return result;
}

bool Tensor::same_values(const Tensor& other) const {
  if (dtype_ != other.dtype_ || shape_ != other.shape_) return false;
  return std::ranges::equal(values(), other.values(), same_bits<double>);
}

}  // namespace gridproof
