// The vocabulary of the stages. A sample goes through them one axis at a time,
//
//   coordinate → position → padded position → taps        (an AxisSample)
//
// and the taps of all axes together then give the value of every channel. Each stage hands on one
// of these small structs, so that an explanation of an answer prints what was computed (trace.h).
// No clause of its own; covered by the tests of every stage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reference/contract/options.h"

namespace gridproof::semantics {

// What a stage knows besides its number.
struct Axis {
  std::int64_t size = 1;  // pixels of the input along this axis, at least one
  int number = 0;         // 0 is x, along the last axis of the input; 1 is y; 2 is z
  int dimensions = 2;     // how many such axes the input has
  Options options;
};

// The index of a tap that is not a pixel: under zeros padding it counts as 0.
inline constexpr std::int64_t outside = -1;

template <class T>
struct Tap {
  std::int64_t index;
  T weight;
};

// The pixel at or below a position, and how far the position lies beyond it, in [0, 1).
template <class T>
struct Cell {
  std::int64_t index;
  T fraction;
};

// One axis of one sample, stage by stage. (These structs start out without values: the loop makes
// millions of them.)
template <class T>
struct AxisSample {
  T given;       // the number in the grid
  T coordinate;  // the same, NaN replaced
  T position;    // in pixels, 0 at the center of the first one; may be infinite
  T padded;      // the position that is sampled (bicubic pads its taps instead)
  int tap_count;
  std::array<Tap<T>, 4> taps;  // the first `tap_count` of them
};

// One sample: the axes x, y and z. A 4-D input is one slice deep: z is a single tap of weight 1.
template <class T>
struct Sample {
  std::array<AxisSample<T>, 3> axes;
};

// A pixel of the input, as its place in the memory of a channel, with the product of its weights.
template <class T>
struct Corner {
  std::int64_t place;
  T weight;
};

// One term of a sum.
template <class T>
struct Term {
  T weight;
  T texel;
};

// At most eight of something, in order.
template <class Item>
struct UpToEight {
  std::array<Item, 8> list;
  int count = 0;

  void push_back(const Item& item) { list[static_cast<std::size_t>(count++)] = item; }
  [[nodiscard]] const Item* begin() const { return list.data(); }
  [[nodiscard]] const Item* end() const { return list.data() + count; }
};

// The pixels inside the input that a linear or nearest sample reads, in the order of summation.
template <class T>
struct Corners : UpToEight<Corner<T>> {};
template <class T>
struct Terms : UpToEight<Term<T>> {};

}  // namespace gridproof::semantics
