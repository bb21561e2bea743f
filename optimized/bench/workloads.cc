#include "optimized/bench/workloads.h"

#include <cmath>
#include <cstddef>

namespace gridproof::bench {
namespace {

constexpr Options bilinear{Mode::bilinear, Padding::zeros, false};
constexpr Options bilinear_centers{Mode::bilinear, Padding::zeros, true};
constexpr Options bilinear_border{Mode::bilinear, Padding::border, true};
constexpr Options bilinear_reflected{Mode::bilinear, Padding::reflection, false};
constexpr Options nearest{Mode::nearest, Padding::zeros, false};
constexpr Options bicubic_border{Mode::bicubic, Padding::border, true};

// A number in [0, 1) for each i: the bits of a Weyl sequence, mixed.
float scattered(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<float>(z >> 40U) * 0x1p-24F;
}

}  // namespace

Shape Workload::grid_shape() const {
  Shape shape = {input[0]};
  shape.insert(shape.end(), locations.begin(), locations.end());
  shape.push_back(static_cast<std::int64_t>(locations.size()));
  return shape;
}

Shape Workload::output_shape() const {
  Shape shape = {input[0], input[1]};
  shape.insert(shape.end(), locations.begin(), locations.end());
  return shape;
}

std::vector<Workload> workloads() {
  return {
      {"W1", "spatial transformer, MNIST", {64, 1, 28, 28}, {28, 28}, bilinear},
      {"W2", "affine augmentation of images", {32, 3, 224, 224}, {224, 224}, bilinear},
      {"W2r", "the same, reflected", {32, 3, 224, 224}, {224, 224}, bilinear_reflected},
      {"W3", "correlation look-up, RAFT", {7040, 1, 55, 128}, {9, 9}, bilinear_centers},
      {"W4", "flow warp of features, PWC-Net", {1, 32, 112, 256}, {112, 256}, bilinear_centers},
      {"W5", "deformable attention, DETR", {8, 32, 100, 167}, {22223, 4}, bilinear},
      {"W6", "bird's-eye attention, BEVFormer", {16, 32, 200, 200}, {40000, 4}, bilinear},
      {"W7", "tri-plane, EG3D", {3, 32, 256, 256}, {1, 196608}, bilinear},
      {"W8", "plane of K-Planes", {1, 32, 512, 512}, {1, 196608}, bilinear_border},
      {"W9", "plane of TensoRF", {1, 48, 300, 300}, {1, 500000}, bilinear_centers},
      {"W10", "volume warp, VoxelMorph", {1, 1, 160, 192, 224}, {160, 192, 224}, bilinear},
      {"W10v", "velocity field, VoxelMorph", {1, 3, 80, 96, 112}, {80, 96, 112}, bilinear},
      {"W10n", "labels, VoxelMorph", {1, 1, 160, 192, 224}, {160, 192, 224}, nearest},
      {"W11", "sparse motions, LivePortrait", {22, 4, 16, 64, 64}, {16, 64, 64}, bilinear},
      {"W11f", "feature warp, LivePortrait", {1, 32, 16, 64, 64}, {16, 64, 64}, bilinear},
      {"W12", "undistortion, 1080p", {1, 3, 1080, 1920}, {1080, 1920}, bilinear_border},
      {"W12c", "the same, bicubic", {1, 3, 1080, 1920}, {1080, 1920}, bicubic_border},
      {"W12n", "the same, nearest", {1, 3, 1080, 1920}, {1080, 1920}, nearest},
      {"W12k", "undistortion, 4K", {1, 3, 2160, 3840}, {2160, 3840}, bilinear_border},
      {"W13", "cost volume, MVSNet", {1, 32, 128, 160}, {24576, 160}, bilinear},
      {"W14", "mask paste, Mask R-CNN", {100, 1, 28, 28}, {800, 1333}, bilinear},
      {"W15", "voxel radiance field", {1, 12, 160, 160, 160}, {1, 1, 1000000}, bilinear_centers},
      {"W16", "frame interpolation, RIFE", {1, 64, 135, 240}, {135, 240}, bilinear_border},
  };
}

std::vector<Workload> scaling_workloads() {
  std::vector<Workload> all;
  int exponent = 4;
  for (const std::int64_t side : {100, 316, 1000, 3162, 10000}) {
    all.push_back({"10^" + std::to_string(exponent++), "", {1, 1, side, side}, {side, side}, {}});
  }
  return all;
}

std::vector<float> make_grid(const Workload& workload, Field field) {
  const std::size_t axes = workload.locations.size();
  const auto points = static_cast<std::size_t>(element_count(workload.locations));
  const auto batches = static_cast<std::size_t>(workload.input[0]);
  std::vector<float> grid(batches * points * axes);
  const float turn = std::acos(-1.0F) / 6;
  for (std::size_t i = 0; i < batches * points; ++i) {
    float* const to = &grid[i * axes];
    const std::size_t batch = i / points;
    std::size_t rest = i % points;
    for (std::size_t k = 0; k < axes; ++k) {
      const auto size = static_cast<std::size_t>(workload.locations[axes - 1 - k]);
      to[k] = (2 * static_cast<float>(rest % size) + 1) / static_cast<float>(size) - 1;
      rest /= size;
    }
    switch (field) {
      case Field::smooth: {
        const float x = to[0];
        const float y = to[1];
        to[0] += 0.03F * std::sin(7 * y + static_cast<float>(batch));
        to[1] += 0.03F * std::cos(5 * x);
        break;
      }
      case Field::affine: {
        const float x = to[0];
        const float y = to[1];
        to[0] = 1.1F * (std::cos(turn) * x - std::sin(turn) * y);
        to[1] = 1.1F * (std::sin(turn) * x + std::cos(turn) * y);
        break;
      }
      case Field::random:
        for (std::size_t k = 0; k < axes; ++k) to[k] = 2 * scattered(i * axes + k) - 1;
        break;
      case Field::outside:
        for (std::size_t k = 0; k < axes; ++k) to[k] = 2 + scattered(i * axes + k);
        break;
    }
  }
  return grid;
}

}  // namespace gridproof::bench
