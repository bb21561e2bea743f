#include "reference/encoding/number_kind.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace gridproof {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

// Calls `visitor` with a value of the C++ type of such a number.
template <class Visitor>
decltype(auto) visit(NumberKind kind, Visitor&& visitor) {
  switch (kind) {
    case NumberKind::f16:
      return visitor(Half{});
    case NumberKind::bf16:
      return visitor(BFloat16{});
    case NumberKind::f32:
      return visitor(float{});
    case NumberKind::f64:
      return visitor(double{});
    case NumberKind::u8:
      return visitor(std::uint8_t{});
    case NumberKind::i8:
      return visitor(std::int8_t{});
    case NumberKind::u16:
      return visitor(std::uint16_t{});
    case NumberKind::i16:
      return visitor(std::int16_t{});
    case NumberKind::u32:
      return visitor(std::uint32_t{});
    case NumberKind::i32:
      return visitor(std::int32_t{});
    case NumberKind::u64:
      return visitor(std::uint64_t{});
    case NumberKind::i64:
      break;
  }
  return visitor(std::int64_t{});
}

template <class Target, class Number>
void convert(std::span<const std::byte> bytes, std::byte* out) {
  for (; !bytes.empty(); bytes = bytes.subspan(sizeof(Number)), out += sizeof(Target)) {
    Number number{};
    std::memcpy(&number, bytes.data(), sizeof number);
    const auto value = static_cast<Target>(number);
    std::memcpy(out, &value, sizeof value);
  }
}

}  // namespace

std::size_t size_of(NumberKind kind) {
  return visit(kind, []<class Number>(Number) { return sizeof(Number); });
}

Dtype dtype_for(NumberKind kind) {
  return visit(kind, []<class Number>(Number) {
    if constexpr (requires { DtypeOf<Number>::value; } && !std::is_integral_v<Number>) {
      return dtype_of<Number>;
    }
    return sizeof(Number) < 4 ? Dtype::f32 : Dtype::f64;
  });
}

std::shared_ptr<std::byte[]> elements_of(NumberKind kind, std::span<const std::byte> bytes) {
  const Dtype dtype = dtype_for(kind);
  auto storage = std::make_shared<std::byte[]>(bytes.size() / size_of(kind) * size_of(dtype));
  visit(kind, [&]<class Number>(Number) {
    if constexpr (!std::is_integral_v<Number>) {
      std::ranges::copy(bytes, storage.get());
    } else if constexpr (sizeof(Number) < 4) {
      convert<float, Number>(bytes, storage.get());
    } else {
      convert<double, Number>(bytes, storage.get());
    }
  });
  return storage;
}

Tensor tensor_of(NumberKind kind, const Shape& shape, std::span<const std::byte> bytes) {
  return Tensor::strided(dtype_for(kind), shape, contiguous_strides(shape), 0,
                         elements_of(kind, bytes), element_count(shape));
}

}  // namespace gridproof
