// The backward pass as launches on a device, and what each of their threads does. Deterministic,
// with the bits of the reference: a thread owns a texel in four channels, and adds to it what the
// samples give it in their order, [grad.order]. To find that, the taps of a chunk of samples are
// sorted by texel. Plain numbers and functions, so that a CPU can go the same way thread by thread
// (host.h). Tested by backward_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "optimized/cuda/sort.h"
#include "optimized/kernels/backward.h"
#include "optimized/kernels/backward_taps.h"
#include "optimized/kernels/element.h"
#include "optimized/kernels/sample.h"
#include "optimized/kernels/visit.h"

namespace gridproof::optimized::cuda {

enum class Task : std::uint8_t {
  plan,    // the taps of samples: their texels, as keys, and their weights
  count,   // the steps of a sort (sort.h)
  sum,     //
  scan,    //
  place,   //
  gather,  // [grad.input] adds the taps of each texel
  grid,    // [grad.grid]
};

// Batch entries, the same samples of each, and a band of their pixels: taps elsewhere are left out.
struct Chunk {
  std::int64_t batch;
  std::int64_t batches;
  std::int64_t first;
  std::int64_t samples;
  std::int64_t first_pixel;
  std::int64_t pixels;
};

struct BackwardLaunch {
  Task task;
  std::int64_t threads;
  Backward backward;
  Chunk chunk;
  Entries entries;  // the taps: in the order of samples, or sorted; tap k of sample s is s taps + k
  std::int64_t count;  // of them
  void* weights;       // by number
  // Sums of the first batch entry of the chunk and of those after it, laid out as the gradient.
  // They begin with the first samples of a batch entry, and end with its last.
  void* sums;
  bool begins;
  bool ends;
  Sort sort;
  Counters counters;
};

// What a chunk has at most. The rest is for tests.
struct Limits {
  std::int64_t taps = 1 << 22;  // at least 16
  std::int64_t pixels = std::int64_t{1} << 31;
};

// Bytes of the device's memory that the launches need beside the tensors: about 22 for each tap of
// a chunk (f64: 26), and, where a batch entry of 16-bit elements is more than a chunk, 4 for each
// texel of it.
std::size_t scratch_bytes(const Backward& backward, const Limits& limits = {});
// They run one after the other. `scratch` is aligned to 256 bytes.
std::vector<BackwardLaunch> launches_of(const Backward& backward, std::byte* scratch,
                                        const Limits& limits = {});

// ---- Threads ----

inline constexpr std::int64_t gathered = 4;  // channels of a thread

// A tap along one axis, and the products of such taps, [grad.order] x first. Without a third axis,
// z is not used.
template <class T>
struct AxisTap {
  std::int64_t index;
  T weight;
  T slope;
};
template <class T, int axes>
struct Tap {
  T weight;
  T slope[axes];
};
template <int axes, class T>
GRIDPROOF_HOST_DEVICE Tap<T, axes> tap_of(const AxisTap<T>& x, const AxisTap<T>& y,
                                          const AxisTap<T>& z) {
  const T across = x.weight * y.weight;
  const T along_x = x.slope * y.weight;
  const T along_y = x.weight * y.slope;
  if constexpr (axes == 2) return {across, {along_x, along_y}};
  if constexpr (axes == 3) {
    return {across * z.weight, {along_x * z.weight, along_y * z.weight, across * z.slope}};
  }
}
// Tap k; by comparisons, since an array in a loop that is not unrolled would be memory.
template <int taps, class T>
GRIDPROOF_HOST_DEVICE AxisTap<T> pick(const AxisTaps<T, taps>& of, int k) {
  AxisTap<T> picked{of.index[0], of.weight[0], of.slope[0]};
  GRIDPROOF_UNROLL
  for (int i = 1; i < taps; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (i == k) picked = {of.index[at], of.weight[at], of.slope[at]};
  }
  return picked;
}

// A location of a batch entry, and its coordinates.
template <class Element, int axes>
struct Sample {
  using T = ArithmeticOf<Element>;
  Place<std::int64_t> place;
  T given[axes];

  template <class Memory>
  GRIDPROOF_HOST_DEVICE Sample(const Memory& memory, const Problem& problem, std::int64_t batch,
                               std::int64_t at)
      : place(place_of(problem, at)) {
    const Element* const grid = static_cast<const Element*>(problem.grid) +
                                batch * problem.grid_batch + place.times(problem.grid_stride);
    GRIDPROOF_UNROLL
    for (int k = 0; k < axes; ++k) {
      given[k] = to_number(memory.template load<1>(grid + k * problem.grid_component).element[0]);
    }
  }
};

// Its taps along each axis.
template <Mode mode, int axes, class T>
struct SampleTaps {
  AxisTaps<T, taps_along<mode>> x;
  AxisTaps<T, taps_along<mode>> y;
  AxisTaps<T, taps_along<mode>> z{};
  static constexpr int along = taps_along<mode>;
  static constexpr int depth = axes == 3 ? along : 1;

  GRIDPROOF_HOST_DEVICE SampleTaps(const T (&given)[axes], const Axes<T>& axis)
      : x(axis_taps<mode>(scalar::Operations<T>(), given[0], axis.x)),
        y(axis_taps<mode>(scalar::Operations<T>(), given[1], axis.y)) {
    if constexpr (axes == 3) z = axis_taps<mode>(scalar::Operations<T>(), given[2], axis.z);
  }
};

// One thread for each sample of a chunk. The strides of `axis` count pixels.
template <class Element, Mode mode, int axes>
struct PlanThread {
  using T = ArithmeticOf<Element>;
  Axes<T> axis;

  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    const Chunk& chunk = launch.chunk;
    const std::int64_t n = index / chunk.samples;
    const std::int64_t at = chunk.first + index % chunk.samples;
    const Sample<Element, axes> sample(memory, launch.backward.forward, chunk.batch + n, at);
    const SampleTaps<mode, axes, T> taps(sample.given, axis);
    std::int64_t number = index * taps_in<mode, axes>;
    T* const weights = static_cast<T*>(launch.weights);
    GRIDPROOF_UNROLL
    for (int k = 0; k < taps.depth; ++k) {
      GRIDPROOF_UNROLL
      for (int j = 0; j < taps.along; ++j) {
        GRIDPROOF_UNROLL
        for (int i = 0; i < taps.along; ++i) {
          const AxisTap<T> x = pick(taps.x, i);
          const AxisTap<T> y = pick(taps.y, j);
          const AxisTap<T> z = pick(taps.z, k);
          std::int64_t pixel =
              x.index * axis.x.stride + y.index * axis.y.stride - chunk.first_pixel;
          if constexpr (axes == 3) pixel += z.index * axis.z.stride;
          const bool is_in =
              x.index >= 0 && y.index >= 0 && z.index >= 0 && pixel >= 0 && pixel < chunk.pixels;
          store_number(memory, launch.entries.key + number,
                       static_cast<std::uint32_t>(is_in ? n * chunk.pixels + pixel
                                                        : chunk.batches * chunk.pixels));
          memory.template store<1>(weights + number, 1, Pack<T, 1>{{tap_of<axes>(x, y, z).weight}});
          ++number;
        }
      }
    }
  }
};

struct CountThread {
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    count_digits(memory, launch.sort, index);
  }
};
struct SumThread {
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    sum_counters(memory, launch.counters, index);
  }
};
struct ScanThread {
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    scan_counters(memory, launch.counters, index);
  }
};
struct PlaceThread {
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    place_entries(memory, launch.sort, index);
  }
};

// The first of sorted entries whose key is not below.
template <class Memory>
GRIDPROOF_HOST_DEVICE std::int64_t find_key(const Memory& memory, const std::uint32_t* keys,
                                            std::int64_t count, std::uint32_t key) {
  std::int64_t begin = 0;
  std::int64_t end = count;
  while (begin < end) {
    const std::int64_t middle = (begin + end) / 2;
    if (load_number(memory, keys + middle) < key) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

// One thread for each pixel of a chunk and `gathered` channels, neighbors for neighboring pixels.
template <class Element>
struct GatherThread {
  using T = ArithmeticOf<Element>;
  int taps;  // of a sample

  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    const Problem& problem = launch.backward.forward;
    const Chunk& chunk = launch.chunk;
    const std::int64_t key = index % (chunk.batches * chunk.pixels);
    const std::int64_t n = key / chunk.pixels;
    const std::int64_t c = index / (chunk.batches * chunk.pixels) * gathered;
    const std::int64_t plane = problem.size.x * problem.size.y * problem.size.z;
    const std::int64_t place =
        (n * problem.channels + c) * plane + chunk.first_pixel + key % chunk.pixels;
    T sum[gathered]{};
    const auto for_each_channel = [&](const auto& visit) {
      GRIDPROOF_UNROLL
      for (int k = 0; k < gathered; ++k) {
        if (c + k < problem.channels) visit(k, place + k * plane);
      }
    };
    if (!launch.begins) {
      for_each_channel([&](int k, std::int64_t at) {
        sum[k] = memory.reload(static_cast<const T*>(launch.sums) + at);
      });
    }
    add(memory, launch, static_cast<std::uint32_t>(key), n, c, sum);
    if (launch.ends) {
      Element* const out = static_cast<Element*>(launch.backward.grad_input) +
                           chunk.batch * problem.channels * plane;
      for_each_channel([&](int k, std::int64_t at) {
        memory.template store<1>(out + at, 1, Pack<Element, 1>{{to_element<Element>(sum[k])}});
      });
    } else {
      for_each_channel([&](int k, std::int64_t at) {
        memory.template store<1>(static_cast<T*>(launch.sums) + at, 1, Pack<T, 1>{{sum[k]}});
      });
    }
  }

  // Adds the taps of a texel in channel c and those after it.
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void add(const Memory& memory, const BackwardLaunch& launch,
                                 std::uint32_t key, std::int64_t n, std::int64_t c,
                                 T (&sum)[gathered]) const {
    const Problem& problem = launch.backward.forward;
    const Chunk& chunk = launch.chunk;
    const Element* const grads = static_cast<const Element*>(launch.backward.grads) +
                                 (chunk.batch + n) * problem.output_batch +
                                 c * problem.output_channel;
    const T* const weights = static_cast<const T*>(launch.weights);
    std::int64_t i = find_key(memory, launch.entries.key, launch.count, key);
    GRIDPROOF_KEEP_ROLLED
    for (; i < launch.count && load_number(memory, launch.entries.key + i) == key; ++i) {
      const std::uint32_t number = load_number(memory, launch.entries.number + i);
      const T weight = memory.template load<1>(weights + number).element[0];
      const std::int64_t sample = number / static_cast<std::uint32_t>(taps) - n * chunk.samples;
      const Element* const given =
          grads + place_of(problem, chunk.first + sample).times(problem.output_stride);
      GRIDPROOF_UNROLL
      for (int k = 0; k < gathered; ++k) {
        if (c + k < problem.channels) {
          sum[k] +=
              weight *
              to_number(memory.template load<1>(given + k * problem.output_channel).element[0]);
        }
      }
    }
  }
};

// One thread for each sample. The strides of `axis` are those of the input.
template <class Element, Mode mode, int axes>
struct GridThread {
  using T = ArithmeticOf<Element>;
  Axes<T> axis;

  template <class Memory>
  GRIDPROOF_HOST_DEVICE void operator()(const Memory& memory, const BackwardLaunch& launch,
                                        std::int64_t index) const {
    const Problem& problem = launch.backward.forward;
    T gradient[axes]{};  // [grad.nearest]
    // (Problem::locations is no function of a device.)
    const std::int64_t locations = problem.out_size.x * problem.out_size.y * problem.out_size.z;
    if constexpr (mode != Mode::nearest) {
      const std::int64_t n = index / locations;
      const Sample<Element, axes> sample(memory, problem, n, index % locations);
      const SampleTaps<mode, axes, T> taps(sample.given, axis);
      add_taps(memory, launch, n, sample.place.times(problem.output_stride), taps, gradient);
      const T factor[3] = {taps.x.factor, taps.y.factor, taps.z.factor};
      GRIDPROOF_UNROLL
      for (int k = 0; k < axes; ++k) {
        gradient[k] = factor[k] == 0 ? T{0} : factor[k] * gradient[k];
      }
    }
    Element* const out = static_cast<Element*>(launch.backward.grad_grid) + index * axes;
    GRIDPROOF_UNROLL
    for (int k = 0; k < axes; ++k) {
      memory.template store<1>(out + k, 1, Pack<Element, 1>{{to_element<Element>(gradient[k])}});
    }
  }

  // [grad.order] Of every tap the sum over channels first. Tap by tap: the sums of all taps at once
  // would not fit the registers.
  template <class Memory>
  GRIDPROOF_HOST_DEVICE void add_taps(const Memory& memory, const BackwardLaunch& launch,
                                      std::int64_t n, std::int64_t place,
                                      const SampleTaps<mode, axes, T>& taps,
                                      T (&gradient)[axes]) const {
    const Problem& problem = launch.backward.forward;
    const Element* const input =
        static_cast<const Element*>(problem.input) + n * problem.input_batch;
    const Element* const grads =
        static_cast<const Element*>(launch.backward.grads) + n * problem.output_batch + place;
    GRIDPROOF_KEEP_ROLLED
    for (int k = 0; k < taps.depth; ++k) {
      const AxisTap<T> z = pick(taps.z, k);
      GRIDPROOF_KEEP_ROLLED
      for (int j = 0; j < taps.along; ++j) {
        const AxisTap<T> y = pick(taps.y, j);
        GRIDPROOF_KEEP_ROLLED
        for (int i = 0; i < taps.along; ++i) {
          const AxisTap<T> x = pick(taps.x, i);
          if (x.index < 0 || y.index < 0 || z.index < 0) continue;
          std::int64_t at = x.index * axis.x.stride + y.index * axis.y.stride;
          if constexpr (axes == 3) at += z.index * axis.z.stride;
          const T sum = over_channels(memory, problem, input + at, grads);
          const Tap<T, axes> tap = tap_of<axes>(x, y, z);
          GRIDPROOF_UNROLL
          for (int along = 0; along < axes; ++along) gradient[along] += tap.slope[along] * sum;
        }
      }
    }
  }

  // [grad.order] Eight sums, channel c in number c mod 8, and then halves.
  template <class Memory>
  GRIDPROOF_HOST_DEVICE T over_channels(const Memory& memory, const Problem& problem,
                                        const Element* texel, const Element* given) const {
    T sum[8]{};
    GRIDPROOF_KEEP_ROLLED
    for (std::int64_t c = 0; c < problem.channels; c += 8) {
      GRIDPROOF_UNROLL
      for (int k = 0; k < 8; ++k) {
        if (c + k < problem.channels) {
          sum[k] +=
              to_number(memory.template load<1>(given + k * problem.output_channel).element[0]) *
              to_number(memory.template load<1>(texel + k * problem.input_channel).element[0]);
        }
      }
      given += 8 * problem.output_channel;
      texel += 8 * problem.input_channel;
    }
    GRIDPROOF_UNROLL
    for (int half = 4; half > 0; half /= 2) {
      GRIDPROOF_UNROLL
      for (int k = 0; k < half; ++k) sum[k] += sum[k + half];
    }
    return sum[0];
  }
};

// ---- From a launch to what its threads do ----

inline bool is_sort(Task task) {
  return task == Task::count || task == Task::sum || task == Task::scan || task == Task::place;
}

// Calls visitor(thread) for a step of a sort.
template <class Visitor>
void visit_sort(const BackwardLaunch& launch, const Visitor& visitor) {
  if (launch.task == Task::count) visitor(CountThread());
  if (launch.task == Task::sum) visitor(SumThread());
  if (launch.task == Task::scan) visitor(ScanThread());
  if (launch.task == Task::place) visitor(PlaceThread());
}

// Pixels of a dense plane by their number.
template <class T>
Axes<T> dense_axes_of(const Problem& problem) {
  const PerAxis& size = problem.size;
  return {axis_of<T>(size.x, 1, problem.options), axis_of<T>(size.y, size.x, problem.options),
          axis_of<T>(size.z, size.x * size.y, problem.options)};
}

// Calls visitor(thread) for another one, of what has such elements.
template <class Element, class Visitor>
void visit_task(const BackwardLaunch& launch, const Visitor& visitor) {
  using T = ArithmeticOf<Element>;
  const Problem& problem = launch.backward.forward;
  visit_mode<Element>(problem, [&]<class, Mode mode, int axes>() {
    if (launch.task == Task::plan) {
      visitor(PlanThread<Element, mode, axes>{dense_axes_of<T>(problem)});
    } else if (launch.task == Task::grid) {
      visitor(GridThread<Element, mode, axes>{axes_of<T>(problem)});
    } else {
      visitor(GatherThread<Element>{taps_in<mode, axes>});
    }
  });
}

}  // namespace gridproof::optimized::cuda
