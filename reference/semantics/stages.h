// The vocabulary of the stages. A sample goes through them one axis at a time,
//
//   coordinate → position → padded position → taps        (an AxisSample)
//
// and the taps of all axes together then give the value of every channel. Each stage hands on one of
// these small structs, so that whoever explains an answer prints what was computed.
// No clause of its own; covered by the tests of every stage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "reference/contract/options.h"

namespace gridproof::semantics {

// What a stage knows beside the number that it is given.
struct Axis {
  std::int64_t size = 1;  // pixels of the input along this axis, at least one
  int number = 0;         // 0 is x, along the last axis of the input; 1 is y; 2 is z
  int dimensions = 2;     // how many such axes the input has
  Options options;
};

// The index of a tap that is no pixel: under zeros padding it counts as 0.
inline constexpr std::int64_t outside = -1;

template <class T>
struct Tap {
  std::int64_t index = outside;
  T weight = 1;
};

// The pixel at or below a position, and how far the position lies beyond it, in [0, 1).
template <class T>
struct Cell {
  std::int64_t index = 0;
  T fraction = 0;
};

// One axis of one sample, stage by stage.
template <class T>
struct AxisSample {
  T given{};       // the number in the grid
  T coordinate{};  // the same, NaN replaced
  T position{};    // in pixels, 0 at the centre of the first one; may be infinite
  T padded{};      // the position that is sampled (bicubic pads its taps instead)
  int tap_count = 0;
  std::array<Tap<T>, 4> taps{};
};

// One sample: the axes x, y and z. A 4-D input is one slice deep: z is a single tap of weight 1.
template <class T>
struct Sample {
  std::array<AxisSample<T>, 3> axes;
};

// A pixel of the input, with the product of the weights of its axes.
template <class T>
struct Corner {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t z = 0;
  T weight = 1;
};

// The pixels inside the input that a linear or nearest sample reads, in the order of summation.
template <class T>
struct Corners {
  std::array<Corner<T>, 8> list;
  int count = 0;

  const Corner<T>* begin() const { return list.data(); }
  const Corner<T>* end() const { return list.data() + count; }
};

// The terms of one sum, in order.
template <class T>
struct Term {
  T weight;
  T texel;
};
template <class T>
struct Terms {
  std::array<Term<T>, 8> list;
  int count = 0;

  void push_back(Term<T> term) { list[static_cast<std::size_t>(count++)] = term; }
  const Term<T>* begin() const { return list.data(); }
  const Term<T>* end() const { return list.data() + count; }
};

}  // namespace gridproof::semantics
