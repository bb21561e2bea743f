// The backward pass over the threads of a device, without atomics: whoever owns a number of a
// gradient makes all of it, in the reference's order, so that the bits are the reference's however
// many threads there are. Plain functions, so that a CPU can go the same way thread by thread
// (host.h). Tested by backward_test.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "optimized/cuda/launch.h"
#include "optimized/kernels/backward.h"
#include "optimized/kernels/backward_taps.h"

namespace gridproof::optimized::cuda {

// The passes over a device, one after the other. A texel's owner looks at all locations of its
// batch entry, but for boxes of pixels that say where the taps of many locations lie: of `tile`
// locations each, and of `chunk` such boxes each.
enum class Pass : std::uint8_t {
  tiles,        // a thread for each box of locations
  chunks,       // a thread for each box of boxes
  texels,       // [grad.input] a thread for each texel, and up to `together` of its channels
  coordinates,  // [grad.grid] a thread for each location
};
inline constexpr std::int64_t tile = 64;
inline constexpr std::int64_t chunk = 64;
inline constexpr int together = 4;

struct BackwardLaunch {
  Backward backward;
  // Six numbers for each box of each batch entry: the first pixel along x, y and z, and the last.
  // Null where the gradient of the input is not wanted.
  std::int64_t* tiles;
  std::int64_t* chunks;
  Pass pass;
  std::int64_t locations;  // of a batch entry
  std::int64_t work;       // of so many threads
  std::int64_t blocks;     // of max_threads, which take turns where there are fewer
};

// The launches that make the gradients that are wanted, one after the other, with `boxes` for the
// numbers of the boxes.
std::vector<BackwardLaunch> launches_of(const Backward& backward, std::int64_t* boxes);
// How many numbers these are; 0 where the gradient of the input is not wanted.
std::int64_t box_numbers(const Backward& backward);

// What one thread does with one piece of work.
template <class Element, Mode mode, int axes, class Memory>
class BackwardThread {
 public:
  using T = ArithmeticOf<Element>;

  GRIDPROOF_HOST_DEVICE BackwardThread(const Memory& memory, const BackwardLaunch& launch,
                                       const Axes<T>& axis)
      : memory_(memory), launch_(launch), problem_(launch.backward.forward), axis_(axis) {}

  template <Pass pass>
  GRIDPROOF_HOST_DEVICE void run(std::int64_t work) const {
    if constexpr (pass == Pass::tiles) make_tile(work);
    if constexpr (pass == Pass::chunks) make_chunk(work);
    if constexpr (pass == Pass::texels) make_texel(work);
    if constexpr (pass == Pass::coordinates) make_coordinates(work);
  }

 private:
  using Taps = decltype(axis_taps<mode>(scalar::Operations<T>(), T{}, Axis<T>()));
  static constexpr int depth = axes == 3 ? Taps::taps : 1;

  struct Box {
    std::int64_t first[3] = {std::numeric_limits<std::int64_t>::max(),
                             std::numeric_limits<std::int64_t>::max(),
                             std::numeric_limits<std::int64_t>::max()};
    std::int64_t last[3] = {-1, -1, -1};

    GRIDPROOF_HOST_DEVICE void add(int a, std::int64_t low, std::int64_t high) {
      first[a] = low < first[a] ? low : first[a];
      last[a] = high > last[a] ? high : last[a];
    }
  };

  template <class Number>
  GRIDPROOF_HOST_DEVICE Number load(const Number* from) const {
    return memory_.template load<1>(from).element[0];
  }
  template <class Number>
  GRIDPROOF_HOST_DEVICE void store(Number* to, Number number) const {
    memory_.template store<1>(to, 1, Pack<Number, 1>{{number}});
  }

  GRIDPROOF_HOST_DEVICE Taps taps_along(int a, std::int64_t n, std::int64_t location) const {
    const Element* const grid = static_cast<const Element*>(problem_.grid) +
                                n * problem_.grid_batch + a * problem_.grid_component +
                                place_of(problem_, location).times(problem_.grid_stride);
    const Axis<T>& axis = a == 0 ? axis_.x : a == 1 ? axis_.y : axis_.z;
    return axis_taps<mode>(scalar::Operations<T>(), static_cast<T>(to_number(load(grid))), axis);
  }

  GRIDPROOF_HOST_DEVICE T grad(std::int64_t n, std::int64_t channel, std::int64_t location) const {
    return to_number(load(static_cast<const Element*>(launch_.backward.grads) +
                          n * problem_.output_batch + channel * problem_.output_channel +
                          place_of(problem_, location).times(problem_.output_stride)));
  }

  GRIDPROOF_HOST_DEVICE void store_box(std::int64_t* boxes, std::int64_t number,
                                       const Box& box) const {
    GRIDPROOF_UNROLL
    for (int a = 0; a < 3; ++a) {
      store(boxes + 6 * number + a, box.first[a]);
      store(boxes + 6 * number + 3 + a, box.last[a]);
    }
  }

  GRIDPROOF_HOST_DEVICE void make_tile(std::int64_t work) const {
    const std::int64_t tiles = divide_up(launch_.locations, tile);
    const std::int64_t n = work / tiles;
    const std::int64_t begin = work % tiles * tile;
    Box box;
    if (axes == 2) box.add(2, 0, 0);
    for (std::int64_t at = begin; at < begin + tile && at < launch_.locations; ++at) {
      GRIDPROOF_UNROLL
      for (int a = 0; a < axes; ++a) {
        const Taps along = taps_along(a, n, at);
        GRIDPROOF_UNROLL
        for (int k = 0; k < Taps::taps; ++k) {
          const std::int64_t pixel = along.index[static_cast<std::size_t>(k)];
          if (pixel >= 0) box.add(a, pixel, pixel);
        }
      }
    }
    store_box(launch_.tiles, work, box);
  }

  GRIDPROOF_HOST_DEVICE void make_chunk(std::int64_t work) const {
    const std::int64_t tiles = divide_up(launch_.locations, tile);
    const std::int64_t chunks = divide_up(tiles, chunk);
    const std::int64_t n = work / chunks;
    const std::int64_t begin = work % chunks * chunk;
    Box box;
    for (std::int64_t at = begin; at < begin + chunk && at < tiles; ++at) {
      const std::int64_t* const from = launch_.tiles + 6 * (n * tiles + at);
      GRIDPROOF_UNROLL
      for (int a = 0; a < 3; ++a) box.add(a, load(from + a), load(from + 3 + a));
    }
    store_box(launch_.chunks, work, box);
  }

  GRIDPROOF_HOST_DEVICE bool meets(const std::int64_t* box, std::int64_t x, std::int64_t y,
                                   std::int64_t z) const {
    return load(box) <= x && x <= load(box + 3) && load(box + 1) <= y && y <= load(box + 4) &&
           load(box + 2) <= z && z <= load(box + 5);
  }

  // Neighboring threads own neighboring texels, of the same channels.
  GRIDPROOF_HOST_DEVICE void make_texel(std::int64_t work) const {
    const PerAxis& size = problem_.size;
    const std::int64_t plane = size.x * size.y * size.z;
    const std::int64_t groups = divide_up(problem_.channels, together);
    const std::int64_t pixel = work % plane;
    const std::int64_t n = work / plane / groups;
    const std::int64_t first = work / plane % groups * together;
    const std::int64_t left = problem_.channels - first;
    const int channels = left < together ? static_cast<int>(left) : together;
    const std::int64_t x = pixel % size.x;
    const std::int64_t y = pixel / size.x % size.y;
    const std::int64_t z = pixel / size.x / size.y;
    const std::int64_t tiles = divide_up(launch_.locations, tile);
    const std::int64_t chunks = divide_up(tiles, chunk);
    T sums[together] = {};
    for (std::int64_t c = 0; c < chunks; ++c) {
      if (!meets(launch_.chunks + 6 * (n * chunks + c), x, y, z)) continue;
      for (std::int64_t t = c * chunk; t < (c + 1) * chunk && t < tiles; ++t) {
        if (!meets(launch_.tiles + 6 * (n * tiles + t), x, y, z)) continue;
        for (std::int64_t at = t * tile; at < (t + 1) * tile && at < launch_.locations; ++at) {
          add_location(n, at, first, channels, x, y, z, sums);
        }
      }
    }
    GRIDPROOF_UNROLL
    for (int c = 0; c < together; ++c) {
      if (c >= channels) break;
      store(static_cast<Element*>(launch_.backward.grad_input) +
                (n * problem_.channels + first + c) * plane + pixel,
            to_element<Element>(sums[c]));
    }
  }

  GRIDPROOF_HOST_DEVICE static bool has(const Taps& along, std::int64_t pixel) {
    bool found = false;
    GRIDPROOF_UNROLL
    for (std::size_t k = 0; k < Taps::taps; ++k) found = found || along.index[k] == pixel;
    return found;
  }

  // What the taps of a location that are this texel give to it: x fastest.
  GRIDPROOF_HOST_DEVICE void add_location(std::int64_t n, std::int64_t at, std::int64_t first,
                                          int channels, std::int64_t x, std::int64_t y,
                                          std::int64_t z, T (&sums)[together]) const {
    const Taps along_y = taps_along(1, n, at);
    if (!has(along_y, y)) return;
    const Taps along_x = taps_along(0, n, at);
    if (!has(along_x, x)) return;
    Taps along_z{};
    if constexpr (axes == 3) along_z = taps_along(2, n, at);
    GRIDPROOF_UNROLL
    for (std::size_t k = 0; k < depth; ++k) {
      if (axes == 3 && along_z.index[k] != z) continue;
      GRIDPROOF_UNROLL
      for (std::size_t j = 0; j < Taps::taps; ++j) {
        if (along_y.index[j] != y) continue;
        GRIDPROOF_UNROLL
        for (std::size_t i = 0; i < Taps::taps; ++i) {
          if (along_x.index[i] != x) continue;
          const T across = along_x.weight[i] * along_y.weight[j];
          const T weight = axes == 3 ? across * along_z.weight[k] : across;
          GRIDPROOF_UNROLL
          for (int c = 0; c < together; ++c) {
            if (c < channels) sums[c] += weight * grad(n, first + c, at);
          }
        }
      }
    }
  }

  // Of the taps of a location in one row.
  struct Sums {
    T of[Taps::taps] = {};

    GRIDPROOF_HOST_DEVICE void add(const Sums& other) {
      GRIDPROOF_UNROLL
      for (int i = 0; i < Taps::taps; ++i) of[i] += other.of[i];
    }
  };

  // A row of taps: its first pixel in a plane, and the taps along x.
  struct Row {
    std::int64_t begin;
    const Taps& x;
  };

  // [grad.order] Every tap's texels times g, over the channels `first`, `first` + 8, …
  GRIDPROOF_HOST_DEVICE Sums eighth(const Row& row, std::int64_t n, std::int64_t at,
                                    std::int64_t first) const {
    Sums sums;
    for (std::int64_t c = first; c < problem_.channels; c += 8) {
      const T g = grad(n, c, at);
      const Element* const texels = static_cast<const Element*>(problem_.input) +
                                    n * problem_.input_batch + c * problem_.input_channel +
                                    row.begin;
      GRIDPROOF_UNROLL
      for (std::size_t i = 0; i < Taps::taps; ++i) {
        if (row.x.index[i] < 0) continue;
        sums.of[i] += g * to_number(load(texels + row.x.index[i] * axis_.x.stride));
      }
    }
    return sums;
  }

  // Of the eight sums number k and k + 4, then k and k + 2, then both: each as soon as it can be,
  // so that few are there at a time.
  GRIDPROOF_HOST_DEVICE Sums all_channels(const Row& row, std::int64_t n, std::int64_t at) const {
    Sums all;
    GRIDPROOF_KEEP_ROLLED
    for (int odd = 0; odd < 2; ++odd) {
      Sums half;
      GRIDPROOF_KEEP_ROLLED
      for (int second = 0; second < 2; ++second) {
        Sums quarter = eighth(row, n, at, odd + 2 * second);
        quarter.add(eighth(row, n, at, odd + 2 * second + 4));
        half.add(quarter);
      }
      all.add(half);
    }
    return all;
  }

  // The taps row by row, x fastest: those outside are left out.
  GRIDPROOF_HOST_DEVICE void make_coordinates(std::int64_t work) const {
    const std::int64_t n = work / launch_.locations;
    const std::int64_t at = work % launch_.locations;
    T slope[axes] = {};
    T factor[axes] = {};
    if constexpr (mode != Mode::nearest) {
      const Taps x = taps_along(0, n, at);
      const Taps y = taps_along(1, n, at);
      Taps z{};
      if constexpr (axes == 3) z = taps_along(2, n, at);
      GRIDPROOF_UNROLL
      for (std::size_t k = 0; k < depth; ++k) {
        if (axes == 3 && z.index[k] < 0) continue;
        const T wz = axes == 3 ? z.weight[k] : T{1};
        GRIDPROOF_UNROLL
        for (std::size_t j = 0; j < Taps::taps; ++j) {
          if (y.index[j] < 0) continue;
          std::int64_t begin = y.index[j] * axis_.y.stride;
          if constexpr (axes == 3) begin += z.index[k] * axis_.z.stride;
          const Sums sums = all_channels({begin, x}, n, at);
          GRIDPROOF_UNROLL
          for (std::size_t i = 0; i < Taps::taps; ++i) {
            if (x.index[i] < 0) continue;
            slope[0] += x.slope[i] * y.weight[j] * wz * sums.of[i];
            slope[1] += x.weight[i] * y.slope[j] * wz * sums.of[i];
            if constexpr (axes == 3)
              slope[2] += x.weight[i] * y.weight[j] * z.slope[k] * sums.of[i];
          }
        }
      }
      factor[0] = x.factor;
      factor[1] = y.factor;
      if constexpr (axes == 3) factor[2] = z.factor;
    }
    Element* const out = static_cast<Element*>(launch_.backward.grad_grid) + work * axes;
    GRIDPROOF_UNROLL
    for (int a = 0; a < axes; ++a) {
      store(out + a, to_element<Element>(factor[a] == 0 ? T{0} : factor[a] * slope[a]));
    }
  }

  const Memory& memory_;
  const BackwardLaunch& launch_;
  const Problem& problem_;
  const Axes<T>& axis_;
};

// What thread number `thread` of all `threads` of a launch does.
template <class Element, Mode mode, int axes, Pass pass, class Memory>
GRIDPROOF_HOST_DEVICE void run_backward_thread(const Memory& memory, const BackwardLaunch& launch,
                                               const Axes<ArithmeticOf<Element>>& axis,
                                               std::int64_t thread, std::int64_t threads) {
  const BackwardThread<Element, mode, axes, Memory> own(memory, launch, axis);
  for (std::int64_t work = thread; work < launch.work; work += threads) {
    own.template run<pass>(work);
  }
}

// Calls visitor.operator()<mode, axes, pass>() for the kernel of a launch.
template <class Element, class Visitor>
void visit_backward(const BackwardLaunch& launch, const Visitor& visitor) {
  visit_mode<Element>(launch.backward.forward, [&]<class, Mode mode, int axes>() {
    switch (launch.pass) {
      case Pass::tiles:
        return visitor.template operator()<mode, axes, Pass::tiles>();
      case Pass::chunks:
        return visitor.template operator()<mode, axes, Pass::chunks>();
      case Pass::texels:
        return visitor.template operator()<mode, axes, Pass::texels>();
      case Pass::coordinates:
        return visitor.template operator()<mode, axes, Pass::coordinates>();
    }
  });
}

}  // namespace gridproof::optimized::cuda
