// The operations layer of the vector kernels: core-inl.h's operations on lanes of a vector, and
// what Highway has no word for, loads of neighboring texels from scattered places above all.
// Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_LANES_INL_H
#undef GRIDPROOF_OPTIMIZED_LANES_INL_H
#else
#define GRIDPROOF_OPTIMIZED_LANES_INL_H
#endif

#include <cmath>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "optimized/kernels/axis.h"
#include "optimized/kernels/element.h"

// Of a target that has instructions of its own; the other one is portable. (Not of its own include
// guard: what it asks for is the target where it is used.)
#ifndef GRIDPROOF_HAS_VECTORS
#define GRIDPROOF_HAS_VECTORS \
  (HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON)
#endif

HWY_BEFORE_NAMESPACE();
#define GRIDPROOF_CORE HWY_NAMESPACE
#define GRIDPROOF_CORE_FUNCTION HWY_INLINE
#include "optimized/kernels/core-inl.h"

namespace gridproof::optimized::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The vectors of an arithmetic type, and of as many 32-bit integers.
template <class T>
using Numbers = hn::ScalableTag<T>;
template <class T>
using NumberVector = hn::Vec<Numbers<T>>;
template <class T>
using Offsets = hn::Rebind<std::int32_t, Numbers<T>>;

template <class T>
HWY_INLINE HWY_MAYBE_UNUSED std::size_t lanes() {
  return hn::Lanes(Numbers<T>());
}

// Whole numbers are counted in lanes of the arithmetic type: they have to stay below 2^24.
template <class T>
struct Lanes {
  using Number = T;
  using Real = NumberVector<T>;
  using Index = Real;
  using D = Numbers<T>;

  HWY_INLINE Real real(double value) const { return hn::Set(D(), static_cast<T>(value)); }
  HWY_INLINE Real count(std::int64_t n) const { return hn::Set(D(), static_cast<T>(n)); }
  HWY_INLINE Real index(Real whole) const { return whole; }
  template <class Mask>
  HWY_INLINE Real select(Mask condition, Real yes, Real no) const {
    return hn::IfThenElse(condition, yes, no);
  }
  template <class Mask>
  HWY_INLINE Mask both(Mask a, Mask b) const {
    return hn::And(a, b);
  }
  HWY_INLINE Real at_least(Real x, Real low) const { return hn::Max(low, x); }
  HWY_INLINE Real at_most(Real x, Real high) const { return hn::Min(high, x); }
  HWY_INLINE auto is_nan(Real x) const { return hn::IsNaN(x); }
  HWY_INLINE auto is_infinite(Real x) const { return hn::Abs(x) == real(HUGE_VAL); }
  HWY_INLINE Real floor(Real x) const { return hn::Floor(x); }
  HWY_INLINE Real round_to_even(Real x) const {
#if GRIDPROOF_HAS_VECTORS
    return hn::Round(x);
#else  // Highway's own adds 1/2 first, which rounds
    return each(x, [](T lane) { return std::rint(lane); });
#endif
  }
  // Hardly ever more than one period away, so there is no need for a vector's remainder.
  HWY_INLINE Real remainder(Real x, T period) const {
    if (HWY_LIKELY(hn::AllTrue(D(), hn::Abs(x) < real(period)))) return x;
    alignas(64) T lane[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(x, D(), lane);
    for (std::size_t i = 0; i < hn::Lanes(D()); ++i) {
      if (!(std::fabs(lane[i]) < period)) lane[i] = std::fmod(lane[i], period);
    }
    return hn::Load(D(), lane);
  }
  HWY_INLINE Real remainder_of_count(Real x, std::int64_t period) const {
    return remainder(x, static_cast<T>(period));
  }
  HWY_INLINE Real with_signs_of(Real value, Real one, Real other) const {
    return hn::Or(value, hn::And(hn::Or(one, other), hn::SignBit(D())));
  }

 private:
  template <class Function>
  HWY_INLINE static Real each(Real x, Function function) {
    alignas(64) T lane[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(x, D(), lane);
    for (std::size_t i = 0; i < hn::Lanes(D()); ++i) lane[i] = function(lane[i]);
    return hn::Load(D(), lane);
  }
};

// ---- Whole numbers as 32-bit integers ----

HWY_INLINE hn::Vec<Offsets<float>> to_int(NumberVector<float> whole) {
// Highway's own corrects what does not fit, which is not used.
#if HWY_TARGET == HWY_AVX2
  return hn::Vec256<std::int32_t>{_mm256_cvttps_epi32(whole.raw)};
#elif HWY_TARGET == HWY_AVX3
  return hn::Vec512<std::int32_t>{_mm512_cvttps_epi32(whole.raw)};
#else
  return hn::ConvertTo(Offsets<float>(), whole);
#endif
}
HWY_INLINE hn::Vec<Offsets<double>> to_int(NumberVector<double> whole) {
  return hn::DemoteTo(Offsets<double>(), whole);
}

// ---- Signs, that of -0 as well ----

template <class T>
using Bits = hn::RebindToSigned<Numbers<T>>;

template <class T>
HWY_INLINE bool any_has_sign(NumberVector<T> numbers) {
  const Bits<T> bits;
  return !hn::AllFalse(bits, hn::Lt(hn::BitCast(bits, numbers), hn::Zero(bits)));
}
// +0 in the lanes where `weight` has a sign.
template <class V>
HWY_INLINE V zero_if_signed(V texel, V weight) {
  const hn::DFromV<V> d;
  const hn::RebindToSigned<decltype(d)> bits;
  return hn::AndNot(hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(bits, weight))), texel);
}

// ---- Elements ----

// Elements from consecutive places, as many as `d` has lanes.
template <class D>
HWY_INLINE hn::Vec<D> load_elements(D d, const hn::TFromD<D>* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> load_elements(D d, const BFloat16* from) {
  const hn::Rebind<std::uint16_t, D> d16;
  const hn::Rebind<std::uint32_t, D> d32;
  const auto bits = hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
}
template <class D>
HWY_INLINE hn::Vec<D> load_elements(D d, const Half* from) {
#if GRIDPROOF_HAS_VECTORS
  const hn::Rebind<hwy::float16_t, D> d16;
  return hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const hwy::float16_t*>(from)));
#else
  alignas(64) float number[HWY_MAX_BYTES / sizeof(float)];
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) number[i] = to_number(from[i]);
  return hn::Load(d, number);
#endif
}

// `streams`: past the caches; `to` is then a multiple of the size of what is stored.
template <class D>
HWY_INLINE void store_vector(hn::Vec<D> v, D d, hn::TFromD<D>* to, bool streams) {
  streams ? hn::Stream(v, d, to) : hn::StoreU(v, d, to);
}

// And back, each rounded once.
template <class V>
HWY_INLINE void store_elements(V numbers, hn::TFromV<V>* to, bool streams = false) {
  store_vector(numbers, hn::DFromV<V>(), to, streams);
}
template <class V>
HWY_INLINE void store_elements(V numbers, BFloat16* to, bool streams = false) {
  using D = hn::DFromV<V>;
  const hn::Rebind<std::uint16_t, D> d16;
  const hn::Rebind<std::uint32_t, D> d32;
  const hn::Rebind<std::int32_t, D> i32;
  // Half of the last place that stays, and 1 more if that place is odd: ties go to even.
  const auto bits = hn::BitCast(d32, numbers);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
  const auto rounded = hn::ShiftRight<16>(bits + hn::Set(d32, 0x7fff) + odd);
  const auto is_nan = hn::RebindMask(d32, hn::IsNaN(numbers));
  const auto result = hn::IfThenElse(is_nan, hn::Set(d32, 0x7fc0), rounded);
  store_vector(hn::DemoteTo(d16, hn::BitCast(i32, result)), d16,
               reinterpret_cast<std::uint16_t*>(to), streams);
}
template <class V>
HWY_INLINE void store_elements(V numbers, Half* to, [[maybe_unused]] bool streams = false) {
  const hn::DFromV<V> d;
#if GRIDPROOF_HAS_VECTORS
  const hn::Rebind<hwy::float16_t, decltype(d)> d16;
  store_vector(hn::DemoteTo(d16, numbers), d16, reinterpret_cast<hwy::float16_t*>(to), streams);
#else
  alignas(64) float number[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(numbers, d, number);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) to[i] = to_element<Half>(number[i]);
#endif
}

// ---- Texels from scattered places ----

// The elements at base + offset[i], or +0 where `none`; offset[i] is then 0.
template <class Element, class V, class Mask>
HWY_INLINE NumberVector<ArithmeticOf<Element>> gather_some(const Element* base, V offset,
                                                           Mask none) {
  using T = ArithmeticOf<Element>;
  const Numbers<T> d;
  const Bits<T> bits;
  if constexpr (sizeof(Element) == 4) {
    return hn::IfThenZeroElse(hn::RebindMask(d, none), hn::GatherIndex(d, base, offset));
  } else if constexpr (sizeof(Element) == 8) {
    const auto wide = hn::PromoteTo(bits, hn::VecFromMask(Offsets<T>(), none));
    const auto mask = hn::RebindMask(d, hn::MaskFromVec(wide));
    return hn::IfThenZeroElse(mask, hn::GatherIndex(d, base, hn::PromoteTo(bits, offset)));
  } else {
    alignas(64) std::int32_t place[HWY_MAX_BYTES / sizeof(T)];
    alignas(64) T element[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(offset, Offsets<T>(), place);
    for (std::size_t i = 0; i < lanes<T>(); ++i) element[i] = to_number(base[place[i]]);
    return hn::IfThenZeroElse(hn::RebindMask(d, none), hn::Load(d, element));
  }
}

// The elements at base + offset[i], as they are, to consecutive places.
template <class Element>
HWY_INLINE void copy_scattered(const Element* base, const std::int32_t* offset, Element* to,
                               [[maybe_unused]] bool streams) {
  for (std::size_t i = 0; i < lanes<ArithmeticOf<Element>>(); ++i) to[i] = base[offset[i]];
}

template <class T>
struct Pair {
  NumberVector<T> first;
  NumberVector<T> second;
};

// The elements at base + offset[i], and those `step` further.
template <class Element>
HWY_INLINE Pair<ArithmeticOf<Element>> gather_two(const Element* base, const std::int32_t* offset,
                                                  std::int64_t step) {
  using T = ArithmeticOf<Element>;
  alignas(64) T first[HWY_MAX_BYTES / sizeof(T)];
  alignas(64) T second[HWY_MAX_BYTES / sizeof(T)];
  for (std::size_t i = 0; i < lanes<T>(); ++i) {
    first[i] = to_number(base[offset[i]]);
    second[i] = to_number(base[offset[i] + step]);
  }
  return {hn::Load(Numbers<T>(), first), hn::Load(Numbers<T>(), second)};
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3

// Rows and columns change places.
HWY_INLINE void transpose(hn::Vec256<float> (&v)[8]) {
  __m256 a[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_ps(v[2 * i].raw, v[2 * i + 1].raw);
    a[2 * i + 1] = _mm256_unpackhi_ps(v[2 * i].raw, v[2 * i + 1].raw);
  }
  __m256 b[8];
  for (int i = 0; i < 2; ++i) {
    b[4 * i] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0x44);
    b[4 * i + 1] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0xee);
    b[4 * i + 2] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0x44);
    b[4 * i + 3] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    v[i].raw = _mm256_permute2f128_ps(b[i], b[4 + i], 0x20);
    v[4 + i].raw = _mm256_permute2f128_ps(b[i], b[4 + i], 0x31);
  }
}
HWY_INLINE void transpose(hn::Vec256<double> (&v)[4]) {
  const __m256d low01 = _mm256_unpacklo_pd(v[0].raw, v[1].raw);
  const __m256d high01 = _mm256_unpackhi_pd(v[0].raw, v[1].raw);
  const __m256d low23 = _mm256_unpacklo_pd(v[2].raw, v[3].raw);
  const __m256d high23 = _mm256_unpackhi_pd(v[2].raw, v[3].raw);
  v[0].raw = _mm256_permute2f128_pd(low01, low23, 0x20);
  v[1].raw = _mm256_permute2f128_pd(high01, high23, 0x20);
  v[2].raw = _mm256_permute2f128_pd(low01, low23, 0x31);
  v[3].raw = _mm256_permute2f128_pd(high01, high23, 0x31);
}

// Two neighbors come with one load. Two loads fill a 128-bit register, and two of those a vector;
// its even and odd elements are then told apart. (A gather instruction costs several times as
// much.)
HWY_INLINE __m128i load_two(const void* at) {
  return _mm_loadl_epi64(static_cast<const __m128i*>(at));
}
HWY_INLINE __m128 pairs_of(const float* base, const std::int32_t* offset) {
  const __m128 low = _mm_castsi128_ps(load_two(base + offset[0]));
  return _mm_loadh_pi(low, reinterpret_cast<const __m64*>(base + offset[1]));
}
HWY_INLINE __m256 pairs_of_four(const float* base, const std::int32_t* offset) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(pairs_of(base, offset)),
                              pairs_of(base, offset + 4), 1);
}

// Eight 32-bit words, of one element or of two.
template <class Element>
HWY_INLINE __m256i words_of_eight(const Element* base, const std::int32_t* offset) {
  const auto word = [&](int i) HWY_ATTR {
    int bits;
    std::memcpy(&bits, base + offset[i], sizeof bits);
    return bits;
  };
  const auto four = [&](int i) HWY_ATTR {
    __m128i words = _mm_cvtsi32_si128(word(i));
    words = _mm_insert_epi32(words, word(i + 1), 1);
    words = _mm_insert_epi32(words, word(i + 2), 2);
    return _mm_insert_epi32(words, word(i + 3), 3);
  };
  return _mm256_inserti128_si256(_mm256_castsi128_si256(four(0)), four(4), 1);
}

HWY_INLINE __m256d two_pairs(const double* base, const std::int32_t* offset) {
  return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(base + offset[0])),
                              _mm_loadu_pd(base + offset[2]), 1);
}

// Four neighbors, as numbers.
HWY_INLINE __m128 four_of(const float* at) { return _mm_loadu_ps(at); }
HWY_INLINE __m128 four_of(const Half* at) { return _mm_cvtph_ps(load_two(at)); }
HWY_INLINE __m128 four_of(const BFloat16* at) {
  return _mm_castsi128_ps(_mm_slli_epi32(_mm_cvtepu16_epi32(load_two(at)), 16));
}
// Those of locations 0 and 4.
template <class Element>
HWY_INLINE __m256 two_fours(const Element* base, const std::int32_t* offset) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(four_of(base + offset[0])),
                              four_of(base + offset[4]), 1);
}

#elif HWY_TARGET == HWY_NEON

// Rows and columns change places.
HWY_INLINE void transpose(hn::Vec128<double> (&v)[2]) {
  const hn::Vec128<double> first{vzip1q_f64(v[0].raw, v[1].raw)};
  v[1] = hn::Vec128<double>{vzip2q_f64(v[0].raw, v[1].raw)};
  v[0] = first;
}

#endif

// The elements at base + offset[i] and the ones after them.
template <class Element>
HWY_INLINE Pair<ArithmeticOf<Element>> gather_pairs(const Element* base,
                                                    const std::int32_t* offset) {
  return gather_two(base, offset, 1);
}

// The elements at base + offset[i], and the three after them.
template <class Element>
HWY_INLINE void gather_fours(const Element* base, const std::int32_t* offset,
                             NumberVector<ArithmeticOf<Element>> (&four)[4]) {
  const auto [a, b] = gather_two(base, offset, 1);
  const auto [c, d] = gather_two(base + 2, offset, 1);
  four[0] = a;
  four[1] = b;
  four[2] = c;
  four[3] = d;
}

#if GRIDPROOF_HAS_VECTORS

#if HWY_TARGET == HWY_AVX2

template <class Element>
HWY_INLINE hn::Vec<Offsets<float>> words_of(const Element* base, const std::int32_t* offset) {
  return hn::Vec256<std::int32_t>{words_of_eight(base, offset)};
}
template <class Element>
HWY_INLINE NumberVector<float> fours_of(const Element* base, const std::int32_t* offset) {
  return hn::Vec256<float>{two_fours(base, offset)};
}
HWY_INLINE NumberVector<float> choose(NumberVector<float> fours, hn::Vec<Offsets<float>> which) {
  return hn::Vec256<float>{_mm256_permutevar_ps(fours.raw, which.raw)};
}

HWY_INLINE Pair<float> gather_pairs(const float* base, const std::int32_t* offset) {
  const __m256 a = pairs_of_four(base, offset);      // 0 1 4 5
  const __m256 b = pairs_of_four(base, offset + 2);  // 2 3 6 7
  return {hn::Vec256<float>{_mm256_shuffle_ps(a, b, 0x88)},
          hn::Vec256<float>{_mm256_shuffle_ps(a, b, 0xdd)}};
}

HWY_INLINE Pair<double> gather_pairs(const double* base, const std::int32_t* offset) {
  const __m256d a = two_pairs(base, offset);
  const __m256d b = two_pairs(base, offset + 1);
  return {hn::Vec256<double>{_mm256_unpacklo_pd(a, b)},
          hn::Vec256<double>{_mm256_unpackhi_pd(a, b)}};
}

HWY_INLINE void gather_fours(const double* base, const std::int32_t* offset,
                             hn::Vec256<double> (&four)[4]) {
  for (int k = 0; k < 4; ++k) four[k].raw = _mm256_loadu_pd(base + offset[k]);
  transpose(four);
}

#elif HWY_TARGET == HWY_AVX3

template <class Element>
HWY_INLINE hn::Vec<Offsets<float>> words_of(const Element* base, const std::int32_t* offset) {
  const __m512i low = _mm512_castsi256_si512(words_of_eight(base, offset));
  return hn::Vec512<std::int32_t>{_mm512_inserti64x4(low, words_of_eight(base, offset + 8), 1)};
}
template <class Element>
HWY_INLINE NumberVector<float> fours_of(const Element* base, const std::int32_t* offset) {
  __m512 fours = _mm512_castps128_ps512(four_of(base + offset[0]));
  fours = _mm512_mask_broadcast_f32x4(fours, 0xf0, four_of(base + offset[4]));
  fours = _mm512_mask_broadcast_f32x4(fours, 0xf00, four_of(base + offset[8]));
  return hn::Vec512<float>{_mm512_mask_broadcast_f32x4(fours, 0xf000, four_of(base + offset[12]))};
}
HWY_INLINE NumberVector<float> choose(NumberVector<float> fours, hn::Vec<Offsets<float>> which) {
  return hn::Vec512<float>{_mm512_permutevar_ps(fours.raw, which.raw)};
}

// A load that fills its part of a register, and leaves the others, needs no shuffle.
HWY_INLINE __m512 pairs_of_eight(const float* base, const std::int32_t* offset) {
  const auto two = [&](int i) HWY_ATTR { return _mm_castsi128_pd(load_two(base + offset[i])); };
  __m512d pairs = _mm512_castpd128_pd512(two(0));
#pragma GCC unroll 8
  for (int i = 1; i < 8; ++i) {
    pairs = _mm512_mask_broadcastsd_pd(pairs, static_cast<__mmask8>(1U << i), two(i));
  }
  return _mm512_castpd_ps(pairs);
}
HWY_INLINE Pair<float> gather_pairs(const float* base, const std::int32_t* offset) {
  const Numbers<float> d;
  const hn::Vec512<float> low{pairs_of_eight(base, offset)};
  const hn::Vec512<float> high{pairs_of_eight(base, offset + 8)};
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  return {hn::Vec512<float>{_mm512_permutex2var_ps(low.raw, even, high.raw)},
          hn::Vec512<float>{_mm512_permutex2var_ps(low.raw, odd, high.raw)}};
}

HWY_INLINE Pair<double> gather_pairs(const double* base, const std::int32_t* offset) {
  const auto four = [&](int i) HWY_ATTR {
    return _mm512_insertf64x4(_mm512_castpd256_pd512(two_pairs(base, offset + i)),
                              two_pairs(base, offset + i + 4), 1);
  };
  const __m512d a = four(0);  // 0 2 4 6
  const __m512d b = four(1);
  return {hn::Vec512<double>{_mm512_unpacklo_pd(a, b)},
          hn::Vec512<double>{_mm512_unpackhi_pd(a, b)}};
}

HWY_INLINE void gather_fours(const double* base, const std::int32_t* offset,
                             hn::Vec512<double> (&four)[4]) {
  const auto two = [&](int i) HWY_ATTR {
    return _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(base + offset[i])),
                              _mm256_loadu_pd(base + offset[i + 2]), 1);
  };
  const __m512d a = two(0);  // 0 and 2
  const __m512d b = two(1);
  const __m512d c = two(4);
  const __m512d d = two(5);
  const __m512d even[2] = {_mm512_unpacklo_pd(a, b), _mm512_unpacklo_pd(c, d)};
  const __m512d odd[2] = {_mm512_unpackhi_pd(a, b), _mm512_unpackhi_pd(c, d)};
  four[0].raw = _mm512_shuffle_f64x2(even[0], even[1], 0x88);
  four[1].raw = _mm512_shuffle_f64x2(odd[0], odd[1], 0x88);
  four[2].raw = _mm512_shuffle_f64x2(even[0], even[1], 0xdd);
  four[3].raw = _mm512_shuffle_f64x2(odd[0], odd[1], 0xdd);
}

#else  // NEON

// Four 32-bit words, of one element or of two.
template <class Element>
HWY_INLINE hn::Vec<Offsets<float>> words_of(const Element* base, const std::int32_t* offset) {
  const auto word = [&](int i) HWY_ATTR {
    std::int32_t bits;
    std::memcpy(&bits, base + offset[i], sizeof bits);
    return bits;
  };
  int32x4_t words = vdupq_n_s32(word(0));
  words = vsetq_lane_s32(word(1), words, 1);
  words = vsetq_lane_s32(word(2), words, 2);
  return hn::Vec128<std::int32_t>{vsetq_lane_s32(word(3), words, 3)};
}
template <class Element>
HWY_INLINE NumberVector<float> fours_of(const Element* base, const std::int32_t* offset) {
  return load_elements(Numbers<float>(), base + offset[0]);
}
HWY_INLINE NumberVector<float> choose(NumberVector<float> fours, hn::Vec<Offsets<float>> which) {
  const Numbers<float> d;
  const Offsets<float> d32;
  return hn::TableLookupLanes(fours, hn::IndicesFromVec(d, hn::And(which, hn::Set(d32, 3))));
}

HWY_INLINE Pair<float> gather_pairs(const float* base, const std::int32_t* offset) {
  const auto two = [&](int i) HWY_ATTR {
    return vcombine_f32(vld1_f32(base + offset[i]), vld1_f32(base + offset[i + 1]));
  };
  const float32x4_t low = two(0);
  const float32x4_t high = two(2);
  return {hn::Vec128<float>{vuzp1q_f32(low, high)}, hn::Vec128<float>{vuzp2q_f32(low, high)}};
}

HWY_INLINE Pair<double> gather_pairs(const double* base, const std::int32_t* offset) {
  hn::Vec128<double> both[2] = {hn::Vec128<double>{vld1q_f64(base + offset[0])},
                                hn::Vec128<double>{vld1q_f64(base + offset[1])}};
  transpose(both);
  return {both[0], both[1]};
}

HWY_INLINE void gather_fours(const double* base, const std::int32_t* offset,
                             hn::Vec128<double> (&four)[4]) {
  const auto [a, b] = gather_pairs(base, offset);
  const auto [c, d] = gather_pairs(base + 2, offset);
  four[0] = a;
  four[1] = b;
  four[2] = c;
  four[3] = d;
}

#endif

HWY_INLINE void copy_scattered(const float* base, const std::int32_t* offset, float* to,
                               bool streams) {
  const Numbers<float> d;
  store_vector(hn::BitCast(d, words_of(base, offset)), d, to, streams);
}

HWY_INLINE Pair<float> gather_pairs(const BFloat16* base, const std::int32_t* offset) {
  const Numbers<float> d;
  const hn::RebindToUnsigned<Numbers<float>> bits;
  const auto words = hn::BitCast(bits, words_of(base, offset));
  return {hn::BitCast(d, hn::ShiftLeft<16>(words)),
          hn::BitCast(d, hn::And(words, hn::Set(bits, 0xffff0000U)))};
}
HWY_INLINE Pair<float> gather_pairs(const Half* base, const std::int32_t* offset) {
  const Numbers<float> d;
  const hn::RebindToUnsigned<Numbers<float>> bits;
  const hn::Rebind<hwy::float16_t, Numbers<float>> d16;
  const hn::Rebind<std::uint16_t, Numbers<float>> bits16;
  const auto words = hn::BitCast(bits, words_of(base, offset));
  return {hn::PromoteTo(d, hn::BitCast(d16, hn::TruncateTo(bits16, words))),
          hn::PromoteTo(d, hn::BitCast(d16, hn::TruncateTo(bits16, hn::ShiftRight<16>(words))))};
}

// The elements at base + offset[i], and the three after them. In each block of 128 bits there are
// those of a location, at first.
HWY_INLINE void transpose_fours(const NumberVector<float> (&lane)[4],
                                NumberVector<float> (&four)[4]) {
  const Numbers<float> d;
  const hn::Repartition<double, Numbers<float>> pairs;
  const auto pairs_of = [&](auto a, auto b)
                            HWY_ATTR { return hn::BitCast(pairs, hn::InterleaveLower(d, a, b)); };
  const auto other_pairs_of = [&](auto a, auto b) HWY_ATTR {
    return hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));
  };
  const auto low01 = pairs_of(lane[0], lane[1]);
  const auto low23 = pairs_of(lane[2], lane[3]);
  const auto high01 = other_pairs_of(lane[0], lane[1]);
  const auto high23 = other_pairs_of(lane[2], lane[3]);
  four[0] = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  four[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  four[2] = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  four[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}
#if HWY_TARGET == HWY_NEON  // those of a whole vector: rows and columns change places
HWY_INLINE void transpose(hn::Vec128<float> (&v)[4]) {
  const hn::Vec128<float> row[4] = {v[0], v[1], v[2], v[3]};
  transpose_fours(row, v);
}
#endif
template <class Element>
  requires(sizeof(Element) < 8)
HWY_INLINE void gather_fours(const Element* base, const std::int32_t* offset,
                             NumberVector<float> (&four)[4]) {
  NumberVector<float> lane[4];
  for (int k = 0; k < 4; ++k) lane[k] = fours_of(base, offset + k);
  transpose_fours(lane, four);
}

// The same for fours of which element which[0], which[1], ... (0 to 3, in each location) is taken
// first, second, and so on. What is taken is planned once, in registers like those of a location.
struct Choice {
  hn::Vec<Offsets<float>> of[4];
};
HWY_INLINE Choice choice_of(const hn::Vec<Offsets<float>> (&which)[4]) {
  const Numbers<float> d;
  NumberVector<float> numbers[4];
  NumberVector<float> of[4];
  for (int k = 0; k < 4; ++k) numbers[k] = hn::BitCast(d, which[k]);
  transpose_fours(numbers, of);  // a transposition is its own inverse
  Choice choice;
  for (int k = 0; k < 4; ++k) choice.of[k] = hn::BitCast(Offsets<float>(), of[k]);
  return choice;
}
template <class Element>
HWY_INLINE void gather_chosen(const Element* base, const std::int32_t* offset, const Choice& choice,
                              NumberVector<float> (&four)[4]) {
  NumberVector<float> lane[4];
  for (int k = 0; k < 4; ++k) lane[k] = choose(fours_of(base, offset + k), choice.of[k]);
  transpose_fours(lane, four);
}

#endif

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of this target
