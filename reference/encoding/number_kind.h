// The kinds of number that files hold, and the elements of tensors that they become: those of their
// own dtype, or, for whole numbers, f32 (f64 from 32 bits on). Tested by number_kind_test.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "reference/contract/dtype.h"
#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof {

enum class NumberKind : std::uint8_t { f16, bf16, f32, f64, u8, i8, u16, i16, u32, i32, u64, i64 };

template <>
inline constexpr auto names<NumberKind> =
    std::to_array<Named<NumberKind>>({{NumberKind::f16, "f16"},
                                      {NumberKind::bf16, "bf16"},
                                      {NumberKind::f32, "f32"},
                                      {NumberKind::f64, "f64"},
                                      {NumberKind::u8, "u8"},
                                      {NumberKind::i8, "i8"},
                                      {NumberKind::u16, "u16"},
                                      {NumberKind::i16, "i16"},
                                      {NumberKind::u32, "u32"},
                                      {NumberKind::i32, "i32"},
                                      {NumberKind::u64, "u64"},
                                      {NumberKind::i64, "i64"}});

std::size_t size_of(NumberKind kind);  // bytes
// The dtype that holds such numbers: all of them but for 64-bit ones beyond 2^53, which are
// rounded.
Dtype dtype_for(NumberKind kind);

// The numbers, little-endian and one behind the other, as elements of dtype_for(kind). The size of
// `bytes` must be a multiple of size_of(kind).
std::shared_ptr<std::byte[]> elements_of(NumberKind kind, std::span<const std::byte> bytes);
// The same as a tensor, dense and row-major. The shape must be that of so many numbers.
Tensor tensor_of(NumberKind kind, const Shape& shape, std::span<const std::byte> bytes);

}  // namespace gridproof
