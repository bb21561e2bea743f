// Every question of a kind, not a sample of them: all 2^32 float coordinates of one axis, and all
// pairs of f16 coordinates, in every mode, padding and flag; the kernels' bits against the
// reference's. Takes hours: `gridproof-exhaustive [f32|f16] [TARGET]`.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "optimized/subjects.h"
#include "reference/semantics/grid_sample.h"

namespace {

using namespace gridproof;

constexpr std::int64_t chunk = std::int64_t{1} << 18;
constexpr std::uint64_t all = std::uint64_t{1} << 32;

// The questions number `first` and the following: f32: the coordinates with these bits beside a
// fixed one; f16: the pairs of these bits.
Case question_of(const Options& options, Dtype dtype, std::uint64_t first) {
  Tensor grid(dtype, {1, 1, chunk, 2});
  if (dtype == Dtype::f32) {
    float* to = grid.elements<float>().data();
    for (std::int64_t i = 0; i < chunk; ++i) {
      const auto bits = static_cast<std::uint32_t>(first + static_cast<std::uint64_t>(i));
      std::memcpy(to + 2 * i, &bits, sizeof bits);
      to[2 * i + 1] = 0.3F;
    }
  } else {
    Half* to = grid.elements<Half>().data();
    for (std::int64_t i = 0; i < chunk; ++i) {
      const std::uint64_t bits = first + static_cast<std::uint64_t>(i);
      to[2 * i].bits = static_cast<std::uint16_t>(bits & 0xffffU);
      to[2 * i + 1].bits = static_cast<std::uint16_t>(bits >> 16U);
    }
  }
  const std::vector<double> texels = {0.1, 0.7, -0.3, 0.9, 0.2, -0.6, 0.8, -0.5, 0.4, 0.35};
  return {request_for(options), Tensor(dtype, {1, 1, 2, 5}, texels), std::move(grid)};
}

// The number of questions that differ.
std::uint64_t run(const Options& options, Dtype dtype, Target target) {
  std::atomic<std::uint64_t> next = 0;
  std::atomic<std::uint64_t> different = 0;
  const auto work = [&] {
    for (std::uint64_t first = next.fetch_add(chunk); first < all; first = next.fetch_add(chunk)) {
      const Case test_case = question_of(options, dtype, first);
      const Tensor got = std::get<Tensor>(optimized::answer(test_case, target, 1));
      const Tensor expected = std::get<Tensor>(grid_sample(test_case));
      if (got.same_values(expected)) continue;
      const std::vector<double> a = got.values();
      const std::vector<double> b = expected.values();
      for (std::size_t i = 0; i < a.size(); ++i) different += same_bits(a[i], b[i]) ? 0 : 1;
    }
  };
  std::vector<std::jthread> threads(std::max(1U, std::thread::hardware_concurrency()));
  for (std::jthread& thread : threads) thread = std::jthread(work);
  threads.clear();  // joins them
  return different;
}

}  // namespace

int main(int argc, char** argv) {
  const auto dtype = parse<Dtype>(argc > 1 ? argv[1] : "f32");
  const auto target = parse<Target>(argc > 2 ? argv[2] : "avx2");
  if ((dtype != Dtype::f32 && dtype != Dtype::f16) || !target || !is_possible(*target)) {
    std::fputs("usage: gridproof-exhaustive [f32|f16] [portable|neon|avx2|avx512]\n", stderr);
    return 2;
  }
  std::uint64_t total = 0;
  for (const auto& [mode, mode_name] : names<Mode>) {
    for (const auto& [padding, padding_name] : names<Padding>) {
      for (const bool align : {false, true}) {
        const std::uint64_t different = run({mode, padding, align}, *dtype, *target);
        total += different;
        std::printf("%s %s align_corners=%s: %llu of 2^32 differ\n", std::string(mode_name).c_str(),
                    std::string(padding_name).c_str(), align ? "True" : "False",
                    static_cast<unsigned long long>(different));
        std::fflush(stdout);
      }
    }
  }
  return total == 0 ? 0 : 1;
}
