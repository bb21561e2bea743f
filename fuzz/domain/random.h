// Numbers for texels, coordinates and layouts that a seed decides, on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace gridproof {

// Two numbers made one that depends on every bit of both (the finalizer of SplitMix64).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9e3779b97f4a7c15U * (b + 1);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

// SplitMix64 (Steele, Lea and Flood, 2014), which costs nothing to begin: most cases take few
// numbers. The standard's distributions differ among libraries, so none is used.
class Random {
 public:
  // Begun elsewhere than at the seed itself, of which mix() makes the seeds of other sources.
  explicit Random(std::uint64_t seed) : seed_(mix(seed, ~std::uint64_t{0})) {}

  std::uint64_t bits() { return mix(seed_, drawn_++); }
  // In [0, limit).
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(limit));
  }
  // In [first, last], both included.
  std::int64_t from(std::int64_t first, std::int64_t last) {
    return first + below(last - first + 1);
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  // In [0, 1), with 53 bits.
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }
  double between(double lo, double hi) { return lo + (hi - lo) * unit(); }
  double sign() { return one_in(2) ? -1 : 1; }
  template <class T, std::size_t N>
  T of(const std::array<T, N>& choices) {
    return choices[static_cast<std::size_t>(below(N))];
  }
  template <class Range>
  void shuffle(Range& range) {
    for (std::size_t i = range.size(); i > 1; --i) {
      std::swap(range[i - 1], range[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

}  // namespace gridproof
