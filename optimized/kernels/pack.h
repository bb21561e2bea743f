// Elements of neighboring channels that lie side by side and are loaded, computed and stored
// together.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "optimized/kernels/element.h"

namespace gridproof::optimized {

template <class Element, int width>
struct alignas(width * sizeof(Element)) Pack {
  Element element[width];
};

#ifdef __CUDA_ARCH__
template <int bytes>
struct Word;
template <>
struct Word<2> {
  using Type = unsigned short;
};
template <>
struct Word<4> {
  using Type = unsigned;
};
template <>
struct Word<8> {
  using Type = uint2;
};
template <>
struct Word<16> {
  using Type = uint4;
};
#endif

// The memory of a device, or of this process; a model of it looks at every access (cuda/model.h).
// Nothing writes what is loaded while a kernel runs, and nothing reads what it stores: a device
// loads through the cache for constants and keeps no room for what was stored.
struct PlainMemory {
  template <int width, class Element>
  GRIDPROOF_HOST_DEVICE Pack<Element, width> load(const Element* from) const {
#ifdef __CUDA_ARCH__
    using Bits = typename Word<sizeof(Pack<Element, width>)>::Type;
    return std::bit_cast<Pack<Element, width>>(__ldg(reinterpret_cast<const Bits*>(from)));
#else
    Pack<Element, width> pack;
    std::memcpy(static_cast<void*>(&pack), from, sizeof pack);
    return pack;
#endif
  }

  // Stores the elements of a pack so many elements apart.
  template <int width, class Element>
  GRIDPROOF_HOST_DEVICE void store(Element* to, std::int64_t apart,
                                   const Pack<Element, width>& pack) const {
    if (width == 1 || apart == 1) {
#ifdef __CUDA_ARCH__
      using Bits = typename Word<sizeof pack>::Type;
      __stcs(reinterpret_cast<Bits*>(to), std::bit_cast<Bits>(pack));
#else
      std::memcpy(static_cast<void*>(to), &pack, sizeof pack);
#endif
    } else {
      GRIDPROOF_UNROLL
      for (int i = 0; i < width; ++i) to[i * apart] = pack.element[i];
    }
  }
};

// The number itself. A device's compiler does not see that it is the same in every step of a loop,
// where it would keep what is computed from it in more registers than there are.
template <class Integer>
GRIDPROOF_HOST_DEVICE Integer opaque(Integer number) {
#ifdef __CUDA_ARCH__
  if constexpr (sizeof number == 4) {
    asm volatile("" : "+r"(number));
  } else {
    asm volatile("" : "+l"(number));
  }
#endif
  return number;
}

// A sum for each channel of a pack.
template <class T, int width>
struct Numbers {
  T number[width]{};

  // Begins the sums with a term, or adds one.
  template <class Element>
  GRIDPROOF_HOST_DEVICE void add(bool begin, T weight, const Pack<Element, width>& texels) {
    GRIDPROOF_UNROLL
    for (int i = 0; i < width; ++i) {
      const T term = weight * to_number(texels.element[i]);
      number[i] = begin ? term : number[i] + term;
    }
  }
  GRIDPROOF_HOST_DEVICE void add(bool begin, T weight, const Numbers& others) {
    GRIDPROOF_UNROLL
    for (int i = 0; i < width; ++i) {
      const T term = weight * others.number[i];
      number[i] = begin ? term : number[i] + term;
    }
  }
  // Zeros lose their sign.
  GRIDPROOF_HOST_DEVICE void add_zero() {
    GRIDPROOF_UNROLL
    for (int i = 0; i < width; ++i) number[i] = T{0} + number[i];
  }
  template <class Element>
  GRIDPROOF_HOST_DEVICE Pack<Element, width> rounded() const {
    Pack<Element, width> pack;
    GRIDPROOF_UNROLL
    for (int i = 0; i < width; ++i) pack.element[i] = to_element<Element>(number[i]);
    return pack;
  }
};

}  // namespace gridproof::optimized
