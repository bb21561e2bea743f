// One call of grid_sample in plain numbers, checked and ready to be computed: what a kernel gets,
// on the CPU or on a CUDA device.
#pragma once

#include <cstdint>

#include "reference/contract/dtype.h"
#include "reference/contract/options.h"

namespace gridproof::optimized {

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// One number for each spatial axis: x along the last axis of a tensor, y, z. What has two such axes
// is one slice deep.
struct PerAxis {
  std::int64_t x;
  std::int64_t y;
  std::int64_t z;
};

// Strides are in elements, and may be anything.
struct Problem {
  Options options;
  Dtype dtype;
  int axes;  // spatial axes: 2 or 3
  std::int64_t batches;
  std::int64_t channels;
  PerAxis size;      // of the input
  PerAxis out_size;  // of the output, and of the grid

  const void* input;
  std::int64_t input_batch;
  std::int64_t input_channel;
  PerAxis input_stride;

  const void* grid;
  std::int64_t grid_batch;
  PerAxis grid_stride;
  std::int64_t grid_component;

  void* output;
  std::int64_t output_batch;
  std::int64_t output_channel;
  PerAxis output_stride;
  bool streams;  // the output goes past the caches
  bool fetches;  // what is read is fetched into the caches a tile before

  // Output locations of one batch entry.
  [[nodiscard]] std::int64_t locations() const { return out_size.x * out_size.y * out_size.z; }
};

// Part of the output: of the batch entries [batch, end_batch) the locations [begin, end) in
// row-major order, and of these the channels [first_channel, end_channel).
struct Part {
  std::int64_t batch;
  std::int64_t end_batch;
  std::int64_t begin;
  std::int64_t end;
  std::int64_t first_channel;
  std::int64_t end_channel;
};

}  // namespace gridproof::optimized
