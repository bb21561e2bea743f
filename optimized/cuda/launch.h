// How a problem is laid out over the threads of a device: which kernel, how many blocks, and what
// each thread computes. Plain numbers and functions, so that a CPU can go the same way thread by
// thread (host.h). Tested by cuda_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "optimized/kernels/problem.h"
#include "optimized/kernels/sample.h"
#include "optimized/kernels/visit.h"

namespace gridproof::optimized::cuda {

// Which of the kernels for an element type, a mode and a number of axes.
struct Kernel {
  int offset_bits;  // 32 or 64
  int width;        // channels that are loaded together: 1, or one of pack_widths()

  friend bool operator==(const Kernel&, const Kernel&) = default;
};
std::string to_string(const Kernel& kernel);  // "32-bit offsets, packs of 4"

// Packs of channels: two 16-bit elements are one load of 32 bits; 128 bits are the longest load.
template <class Element>
inline constexpr int whole_pack = 16 / static_cast<int>(sizeof(Element));

// The kernels that can compute the problem, the one to take first.
std::vector<Kernel> possible_kernels(const Problem& problem);

// Along x: the locations of a batch entry. Along y: its channels. Along z: the batch.
struct Blocks {
  std::int64_t x;
  std::int64_t y;
  std::int64_t z;
};

struct Launch {
  Problem problem;
  Kernel kernel;
  // The threads of a block: `lanes` for one location, neighbors in its channels, by `rows`
  // locations. One lane means that neighboring threads are neighboring locations, for channels
  // that are planes of their own.
  int lanes;
  int rows;
  Blocks blocks;
  std::int64_t locations;
};
inline constexpr int max_threads = 256;  // in a block

Launch launch_of(const Problem& problem, const Kernel& kernel);

// The same problem with the locations in one row, where output and grid allow it: there is nothing
// to divide then.
Problem flattened(Problem problem);

// What thread (lane, row) of a block computes.
template <class Element, Mode mode, int axes, class Offset, int width, class Memory>
GRIDPROOF_HOST_DEVICE void run_thread(const Memory& memory, const Launch& launch,
                                      const Axes<ArithmeticOf<Element>>& axis, const Blocks& block,
                                      int lane, int row) {
  const Problem& problem = launch.problem;
  const Channels channels{(block.y * launch.lanes + lane) * width, problem.channels,
                          launch.blocks.y * launch.lanes * width};
  const auto end = static_cast<Offset>(launch.locations);
  const auto step = static_cast<Offset>(launch.blocks.x * launch.rows);
  for (std::int64_t n = block.z; n < problem.batches; n += launch.blocks.z) {
    for (auto at = static_cast<Offset>(block.x * launch.rows + row); at < end; at += step) {
      sample<Element, mode, axes, Offset, width>(memory, problem, axis, n, place_of(problem, at),
                                                 channels);
    }
  }
}

// Calls visitor.operator()<mode, axes, Offset, width>() for the kernel of a launch.
template <class Element, class Visitor>
void visit_kernel(const Launch& launch, const Visitor& visitor) {
  const auto with_width = [&]<Mode mode, int axes, class Offset>() {
    if constexpr (sizeof(Element) == 2) {
      if (launch.kernel.width == 2) return visitor.template operator()<mode, axes, Offset, 2>();
    }
    if (launch.kernel.width == 1) return visitor.template operator()<mode, axes, Offset, 1>();
    visitor.template operator()<mode, axes, Offset, whole_pack<Element>>();
  };
  visit_mode<Element>(launch.problem, [&]<class, Mode mode, int axes>() {
    if (launch.kernel.offset_bits == 32) {
      with_width.template operator()<mode, axes, std::int32_t>();
    } else {
      with_width.template operator()<mode, axes, std::int64_t>();
    }
  });
}

}  // namespace gridproof::optimized::cuda
