#include "optimized/run.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "hwy/cache_control.h"
#include "optimized/kernels/generic.h"
#include "optimized/kernels/kernels.h"
#include "reference/contract/parallel.h"

namespace gridproof::optimized {
namespace {

void run_part(Target target, Kernel kernel, const Problem& problem, Part part) {
  if (kernel == Kernel::generic) return run_generic(problem, part);
  if (kernel == Kernel::blocks) {  // the channels after the last full block are planes
    Part rest = part;
    part.end_channel -= (part.end_channel - part.first_channel) % block_size(problem.dtype);
    rest.first_channel = part.end_channel;
    if (rest.first_channel < rest.end_channel) run_part(target, Kernel::planes, problem, rest);
    if (part.first_channel == part.end_channel) return;
  }
  switch (problem.dtype) {
    case Dtype::f16:
      return run_f16(target, kernel, problem, part);
    case Dtype::bf16:
      return run_bf16(target, kernel, problem, part);
    case Dtype::f32:
      return run_f32(target, kernel, problem, part);
    case Dtype::f64:
      return run_f64(target, kernel, problem, part);
    case Dtype::i32:
      break;
  }
}

// The parts of a problem: some batch entries by pieces of locations by groups of channels.
struct Cut {
  std::int64_t batches;
  std::int64_t piece_size;
  std::int64_t group_size;
};
// Batch entries of a part, if there are many: then it is set up once for several.
std::int64_t batches_together(const Problem& problem, std::int64_t wanted) {
  return std::max<std::int64_t>(1, problem.batches / (8 * wanted));
}
// At least `wanted` parts if that is possible without cutting channels into groups; a piece is a
// whole number of the kernels' tiles.
Cut cut_planes(const Problem& problem, std::int64_t wanted) {
  constexpr std::int64_t tile = 256;
  if (problem.batches >= wanted) {
    return {batches_together(problem, wanted), problem.locations(), problem.channels};
  }
  const std::int64_t each = divide_up(wanted, problem.batches);
  const std::int64_t tiles = divide_up(problem.locations(), tile);
  const std::int64_t pieces = std::min(tiles, each);
  const std::int64_t groups = std::min(problem.channels, divide_up(each, pieces));
  return {1, tile * divide_up(tiles, pieces), divide_up(problem.channels, groups)};
}

// Groups of whole blocks: more than one, so that a tile is planned for all of them, while their
// texels stay in the second-level cache and there are parts enough.
Cut cut_blocks(const Problem& problem, std::int64_t wanted) {
  constexpr std::int64_t max_bytes = 3 << 17;
  const std::int64_t block = block_size(problem.dtype);
  const std::int64_t bytes = 32 * problem.size.x * problem.size.y * problem.size.z;
  const std::int64_t blocks = problem.channels / block;
  const std::int64_t groups =
      std::clamp<std::int64_t>(divide_up(wanted, problem.batches), 1, blocks);
  const std::int64_t together =
      std::clamp<std::int64_t>(max_bytes / bytes, 1, divide_up(blocks, groups));
  return {batches_together(problem, wanted), problem.locations(), together * block};
}

// Whether locations of the output follow each other at the same distance.
bool is_even(const Problem& problem) {
  const PerAxis& stride = problem.output_stride;
  return stride.y == stride.x * problem.out_size.x && stride.z == stride.y * problem.out_size.y;
}

bool blocks_fit(const Problem& problem) {
  const PerAxis& size = problem.size;
  return problem.options.mode == Mode::bilinear && is_even(problem) &&
         (problem.output_stride.x == 1 || problem.output_channel == 1) &&
         size.x * size.y * size.z * block_size(problem.dtype) <
             std::numeric_limits<std::int32_t>::max();
}

// Whether copies of the planes with a border pay: they stay in the second-level cache, and rows are
// so short, compared with vectors, that many of them would meet the rim.
bool borders_pay(const Problem& problem, const Cut& cut) {
  constexpr std::int64_t max_numbers = 1 << 15;
  constexpr std::int64_t longest_row = 128;
  const PerAxis& size = problem.size;
  const std::int64_t numbers =
      (size.x + 4) * (size.y + 4) * (problem.axes == 3 ? size.z + 4 : 1) * cut.group_size;
  const bool flat = std::min({size.x, size.y, problem.axes == 3 ? size.z : size.y}) == 1;
  return problem.options.mode == Mode::bilinear && is_even(problem) &&
         !(flat && problem.options.align_corners) &&  // bordered_cell
         problem.output_stride.x == 1 && size.x <= longest_row && numbers <= max_numbers &&
         cut.piece_size * cut.group_size >= numbers / 2;
}

// Why a problem is not done in blocks of channels, if it is not.
const char* obstacle_to_blocks(const Problem& problem, Target target) {
  if (!fits_vectors(problem)) {
    return "sizes or strides exceed the index range of the vector kernels";
  }
  if (target == Target::portable) return "the target has no vector instructions";
  if (problem.options.mode != Mode::bilinear) return "the mode has no block kernel";
  if (problem.channels < block_size(problem.dtype)) return "too few channels for a block";
  if (!blocks_fit(problem)) return "the layout of the output, or the size";
  // To pack a number costs about as much as a block saves for one output; half of them are enough,
  // because packed texels are also nearer to each other.
  const std::int64_t pixels = problem.size.x * problem.size.y * problem.size.z;
  if (problem.input_channel != 1 && 2 * problem.locations() < pixels) {
    return "too few outputs for packing the input to pay off";
  }
  return nullptr;
}

// About how many nanoseconds one thread takes for a location, and for each output there: f32 with
// AVX-512. Other types and targets take longer, so that more threads pay than are started.
struct Cost {
  double location;
  double output;
};
Cost cost_of(const Problem& problem, bool in_blocks) {
  switch (problem.options.mode) {
    case Mode::nearest:
      return {0.36, 0.28};
    case Mode::bicubic:
      return {1.0, 1.1};
    case Mode::bilinear:
      break;
  }
  if (problem.axes == 2) return {0.2, in_blocks ? 0.28 : 0.52};
  return {0.7, in_blocks ? 0.55 : 1.0};
}

// A helper that sleeps comes after 10 to 80 microseconds, and costs the caller 3 to call; one that
// has just worked comes at once. Two threads pay when one takes about as long.
int threads_that_pay(const Problem& problem, bool in_blocks, int threads) {
  constexpr double least_nanoseconds = 15'000;  // for each
  const Cost cost = cost_of(problem, in_blocks);
  const auto locations = static_cast<double>(problem.batches * problem.locations());
  const auto channels = static_cast<double>(problem.channels);
  const double work = locations * (cost.location + channels * cost.output);
  threads = threads_or_cores(threads);
  return static_cast<int>(std::clamp(work / least_nanoseconds, 1.0, static_cast<double>(threads)));
}

// How a problem is done: the cost model. Its comparisons and its constants are here and above.
struct Choice {
  Kernel kernel;
  int threads;
  Cut cut;
  const char* why;
};

Choice choose(const Problem& problem, Target target, int max_threads) {
  const char* const obstacle = obstacle_to_blocks(problem, target);
  const int threads = threads_that_pay(problem, obstacle == nullptr, max_threads);
  if (obstacle == nullptr) {
    return {Kernel::blocks, threads,
            cut_blocks(problem, threads == 1 ? 1 : 2 * std::int64_t{threads}),
            problem.input_channel == 1 ? "channels are adjacent in memory"
                                       : "packing the input pays off"};
  }
  const Cut planes = cut_planes(problem, threads == 1 ? 1 : 4 * std::int64_t{threads});
  if (!fits_vectors(problem)) return {Kernel::generic, threads, planes, obstacle};
  return {borders_pay(problem, planes) ? Kernel::bordered : Kernel::planes, threads, planes,
          obstacle};
}

// Of all three tensors; of an input that is expanded, more than it has.
double bytes_of(const Problem& problem) {
  const auto channels = static_cast<double>(problem.channels);
  const double pixels = static_cast<double>(problem.size.x) * static_cast<double>(problem.size.y) *
                        static_cast<double>(problem.size.z);
  const double locations = static_cast<double>(problem.locations());
  const double numbers = channels * (pixels + locations) + problem.axes * locations;
  return static_cast<double>(size_of(problem.dtype)) * static_cast<double>(problem.batches) *
         numbers;
}

// No cache would keep so many bytes until somebody reads them.
constexpr std::int64_t max_cached = 1 << 24;

}  // namespace

bool exceeds_caches(const Problem& problem) {
  return bytes_of(problem) > 1.5 * static_cast<double>(max_cached);
}

bool fits_vectors(const Problem& problem) {
  constexpr std::int64_t max_pixels = std::int64_t{1} << 22;
  const PerAxis& size = problem.size;
  const PerAxis& stride = problem.input_stride;
  if (std::max({size.x, size.y, size.z}) > max_pixels) return false;
  const auto reach = [](std::int64_t n, std::int64_t step) {
    return static_cast<double>(n) * static_cast<double>(step < 0 ? -step : step);
  };
  return reach(size.x, stride.x) + reach(size.y, stride.y) + reach(size.z, stride.z) <
         std::numeric_limits<std::int32_t>::max();
}

std::int64_t block_size(Dtype dtype) { return dtype == Dtype::f64 ? 4 : 8; }

void run(Problem problem, Target target, int threads) {
  const std::int64_t outputs = problem.batches * problem.channels * problem.locations();
  if (outputs == 0) return;
  const auto size = static_cast<std::int64_t>(size_of(problem.dtype));
  // Bicubic and copies of small planes gain nothing by it: they write more slowly.
  problem.streams = outputs * size > max_cached;
  problem.fetches = exceeds_caches(problem);
  const Choice choice = choose(problem, target, threads);
  const Cut& cut = choice.cut;
  const std::int64_t pieces = divide_up(problem.locations(), cut.piece_size);
  const std::int64_t groups = divide_up(problem.channels, cut.group_size);
  const std::int64_t parts = divide_up(problem.batches, cut.batches) * pieces * groups;
  for_each_part(parts, choice.threads, [&](std::int64_t i) {
    const std::int64_t begin = i % pieces * cut.piece_size;
    const std::int64_t channel = i / pieces % groups * cut.group_size;
    const std::int64_t batch = i / pieces / groups * cut.batches;
    const Part part{batch,   std::min(batch + cut.batches, problem.batches),
                    begin,   std::min(begin + cut.piece_size, problem.locations()),
                    channel, std::min(channel + cut.group_size, problem.channels)};
    run_part(target, choice.kernel, problem, part);
    if (problem.streams) hwy::FlushStream();  // before another thread may read it
  });
}

std::string explain(const Problem& problem, Target target, int threads) {
  if (problem.batches * problem.channels * problem.locations() == 0) return "nothing to do";
  const Choice choice = choose(problem, target, threads);
  constexpr std::array<const char*, 4> kernels = {
      "sample by sample", "planes", "small planes with a border", "blocks of channels"};
  return std::string(kernels[static_cast<std::size_t>(choice.kernel)]) + " on " +
         std::string(name(target)) + ", because: " + choice.why + "; " +
         std::to_string(choice.threads) + " threads over parts of " +
         std::to_string(choice.cut.batches) + " batch entries, " +
         std::to_string(choice.cut.piece_size) + " locations and " +
         std::to_string(choice.cut.group_size) + " channels";
}

}  // namespace gridproof::optimized
