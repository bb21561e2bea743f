// A stable sort of numbers by keys, on a device: what each thread does. Four bits of the keys after
// the other, the lowest first; threads own neighbors, so that equal keys stay in their order, and
// the result is the same for every number of blocks. Each of the steps is a launch of its own, and
// no thread reads what another one writes in the same: between two launches is the only
// synchronization. Nothing is atomic. Tested by backward_test.cc.
#pragma once

#include <cstdint>

#include "optimized/kernels/pack.h"

namespace gridproof::optimized::cuda {

inline constexpr int digit_bits = 4;
inline constexpr int digits = 1 << digit_bits;
// Neighbors that a thread counts and places, at most 127; counters that one sums up.
inline constexpr std::int64_t walk = 32;
inline constexpr std::int64_t fan = 64;

// What is sorted: numbers with keys.
struct Entries {
  std::uint32_t* key;
  std::uint32_t* number;
};

struct Sort {
  Entries from;  // without numbers, these are 0, 1, 2 …
  Entries to;
  std::int64_t count;
  int shift;  // of the digit in the keys
  // `digits` groups, each of one number for every thread: how often it meets the digit, and then
  // where it puts the first of them.
  std::uint32_t* counters;
};

// Counters, and the sums of each `fan` of them: null if there is one sum only.
struct Counters {
  std::uint32_t* counter;
  std::int64_t count;
  std::uint32_t* sum;
};

// Memory in which a thread may also load what it stores itself.
struct OwnMemory : PlainMemory {
  template <class Element>
  GRIDPROOF_HOST_DEVICE Element reload(const Element* from) const {
    return *from;
  }
};

template <class Memory>
GRIDPROOF_HOST_DEVICE std::uint32_t load_number(const Memory& memory, const std::uint32_t* from) {
  return memory.template load<1>(from).element[0];
}
template <class Memory>
GRIDPROOF_HOST_DEVICE void store_number(const Memory& memory, std::uint32_t* to,
                                        std::uint32_t number) {
  memory.template store<1>(to, 1, Pack<std::uint32_t, 1>{{number}});
}

// How often a thread met each digit: in two registers, since an array would be memory.
class Tally {
 public:
  // Returns how often it was met before.
  GRIDPROOF_HOST_DEVICE std::uint32_t meet(std::uint32_t digit) {
    const std::uint32_t before = times(digit);
    (digit < 8 ? low_ : high_) += std::uint64_t{1} << (digit % 8 * 8);
    return before;
  }
  [[nodiscard]] GRIDPROOF_HOST_DEVICE std::uint32_t times(std::uint32_t digit) const {
    return static_cast<std::uint32_t>((digit < 8 ? low_ : high_) >> (digit % 8 * 8)) & 0xffU;
  }

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

GRIDPROOF_HOST_DEVICE constexpr std::int64_t walkers_of(std::int64_t count) {
  return (count + walk - 1) / walk;
}

// Calls visit(place, key, digit) for what thread `index` owns.
template <class Memory, class Visit>
GRIDPROOF_HOST_DEVICE void for_each_own(const Memory& memory, const Sort& sort, std::int64_t index,
                                        const Visit& visit) {
  const std::int64_t begin = index * walk;
  const std::int64_t end = begin + walk < sort.count ? begin + walk : sort.count;
  GRIDPROOF_KEEP_ROLLED
  for (std::int64_t i = begin; i < end; ++i) {
    const std::uint32_t key = load_number(memory, sort.from.key + i);
    visit(i, key, key >> sort.shift & (digits - 1));
  }
}

// One thread for each walk.
template <class Memory>
GRIDPROOF_HOST_DEVICE void count_digits(const Memory& memory, const Sort& sort,
                                        std::int64_t index) {
  Tally tally;
  for_each_own(memory, sort, index,
               [&](std::int64_t /*place*/, std::uint32_t /*key*/, std::uint32_t digit) {
                 tally.meet(digit);
               });
  const std::int64_t walkers = walkers_of(sort.count);
  GRIDPROOF_UNROLL
  for (int digit = 0; digit < digits; ++digit) {
    store_number(memory, sort.counters + digit * walkers + index,
                 tally.times(static_cast<std::uint32_t>(digit)));
  }
}

// The same threads, after the counters have become places.
template <class Memory>
GRIDPROOF_HOST_DEVICE void place_entries(const Memory& memory, const Sort& sort,
                                         std::int64_t index) {
  const std::uint32_t* const first = sort.counters + index;
  const std::int64_t walkers = walkers_of(sort.count);
  Tally tally;
  for_each_own(memory, sort, index,
               [&](std::int64_t place, std::uint32_t key, std::uint32_t digit) {
                 const std::uint32_t number = sort.from.number == nullptr
                                                  ? static_cast<std::uint32_t>(place)
                                                  : load_number(memory, sort.from.number + place);
                 const std::int64_t to =
                     std::int64_t{load_number(memory, first + digit * walkers)} + tally.meet(digit);
                 store_number(memory, sort.to.key + to, key);
                 store_number(memory, sort.to.number + to, number);
               });
}

// One thread for each sum.
template <class Memory>
GRIDPROOF_HOST_DEVICE void sum_counters(const Memory& memory, const Counters& counters,
                                        std::int64_t index) {
  const std::int64_t begin = index * fan;
  const std::int64_t end = begin + fan < counters.count ? begin + fan : counters.count;
  std::uint32_t sum = 0;
  for (std::int64_t i = begin; i < end; ++i) sum += load_number(memory, counters.counter + i);
  store_number(memory, counters.sum + index, sum);
}

// The same threads, after the sums have become what is before each: so do the counters.
template <class Memory>
GRIDPROOF_HOST_DEVICE void scan_counters(const Memory& memory, const Counters& counters,
                                         std::int64_t index) {
  const std::int64_t begin = index * fan;
  const std::int64_t end = begin + fan < counters.count ? begin + fan : counters.count;
  std::uint32_t before = counters.sum == nullptr ? 0 : load_number(memory, counters.sum + index);
  GRIDPROOF_KEEP_ROLLED
  for (std::int64_t i = begin; i < end; ++i) {
    const std::uint32_t own = memory.reload(counters.counter + i);
    store_number(memory, counters.counter + i, before);
    before += own;
  }
}

}  // namespace gridproof::optimized::cuda
