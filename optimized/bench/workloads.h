// What grid_sample is used for, as sizes and options: the workloads of the benchmark, each with the
// model or program it is taken from. Tested by workloads_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof::bench {

struct Workload {
  std::string name;    // "W4"
  std::string source;  // "optical-flow feature warp, PWC-Net level 2"
  Shape input;         // (N, C, [D,] H, W)
  Shape locations;     // of the output: ([D_out,] H_out, W_out)
  Options options;

  [[nodiscard]] Shape grid_shape() const;
  [[nodiscard]] Shape output_shape() const;
};

std::vector<Workload> workloads();

// Images of one channel, sampled at as many places as they have pixels: 10^4 to 10^8.
std::vector<Workload> scaling_workloads();

// Where the grid points.
enum class Field : std::uint8_t {
  smooth,   // the identity, displaced by slow waves of a few pixels
  affine,   // turned by 30 degrees and scaled, so that the corners are outside
  random,   // anywhere inside, every location by itself
  outside,  // nowhere inside
};

// A grid of that kind in row-major order, as float; the same for the same arguments.
std::vector<float> make_grid(const Workload& workload, Field field);

}  // namespace gridproof::bench

namespace gridproof {
template <>
inline constexpr auto names<bench::Field> =
    std::to_array<Named<bench::Field>>({{bench::Field::smooth, "smooth"},
                                        {bench::Field::affine, "affine"},
                                        {bench::Field::random, "random"},
                                        {bench::Field::outside, "outside"}});
}  // namespace gridproof
