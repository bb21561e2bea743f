#include "optimized/run_backward.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <vector>

#include "hwy/cache_control.h"
#include "optimized/kernels/kernels.h"
#include "optimized/kernels/scratch.h"
#include "optimized/run.h"
#include "reference/contract/parallel.h"

namespace gridproof::optimized {
namespace {

std::int64_t pixels_of(const Problem& problem) {
  return problem.size.x * problem.size.y * problem.size.z;
}

PerAxis dense_stride(const Problem& problem) {
  return {1, problem.size.x, problem.size.x * problem.size.y};
}
bool has_dense_planes(const Problem& problem) {
  const PerAxis& stride = problem.input_stride;
  const PerAxis dense = dense_stride(problem);
  return stride.x == dense.x && stride.y == dense.y && (problem.axes == 2 || stride.z == dense.z);
}

// Both the planes that are read and the dense ones of their gradient.
bool vectors_fit(const Problem& problem) {
  Problem dense = problem;
  dense.input_stride = dense_stride(problem);
  return fits_vectors(problem) && fits_vectors(dense);
}

// How a call is done.
struct Call {
  const Backward& backward;
  Target target;
  bool in_vectors;
  int threads;

  [[nodiscard]] const Problem& problem() const { return backward.forward; }
  [[nodiscard]] std::int64_t tiles() const {
    return divide_up(problem().locations(), backward_tile);
  }

  void run(Step step, const BackwardPart& part) const {
    if (!in_vectors) return run_backward_generic(step, backward, part);
    switch (problem().dtype) {
      case Dtype::f16:
        return run_backward_f16(target, step, backward, part);
      case Dtype::bf16:
        return run_backward_bf16(target, step, backward, part);
      case Dtype::f32:
        return run_backward_f32(target, step, backward, part);
      case Dtype::f64:
        return run_backward_f64(target, step, backward, part);
      case Dtype::i32:
        break;
    }
  }

  // Runs parts of `all`, which is of the first batch entry, for all locations of so many batch
  // entries: `wanted` parts or more.
  void run_in_pieces(Step step, const BackwardPart& all, std::int64_t batches,
                     std::int64_t wanted) const {
    const std::int64_t each = std::clamp(divide_up(wanted, batches), std::int64_t{1}, tiles());
    const std::int64_t together = divide_up(tiles(), each);
    const std::int64_t pieces = divide_up(tiles(), together);
    for_each_part(batches * pieces, threads, [&](std::int64_t i) {
      const std::int64_t first = i % pieces * together;
      BackwardPart part = all;
      part.batch += i / pieces;
      part.begin = first * backward_tile;
      part.end = std::min(part.begin + together * backward_tile, problem().locations());
      if (part.reach != nullptr) part.reach += i / pieces * tiles() + first;
      run(step, part);
    });
  }
};

// About how many nanoseconds one thread takes for a location, and for each of its outputs: f32 with
// AVX-512. Other types and targets take longer, so that more threads pay than are started.
int threads_that_pay(const Problem& problem, int threads) {
  constexpr double least_nanoseconds = 20'000;  // for each
  const double taps = problem.options.mode == Mode::nearest   ? 0.3
                      : problem.options.mode == Mode::bicubic ? 4
                                                              : problem.axes - 1;
  const auto locations = static_cast<double>(problem.batches * problem.locations());
  const auto channels = static_cast<double>(problem.channels);
  const double work = locations * (1 + 1.5 * taps * channels);
  threads = threads_or_cores(threads);
  return static_cast<int>(std::clamp(work / least_nanoseconds, 1.0, static_cast<double>(threads)));
}

// ---- What tiles reach ----

// What the tiles reach, and the most pixels that earlier and later tiles of a batch entry share.
struct Survey {
  std::vector<Reach> reach;
  std::int64_t window = 0;
};

// Makes `low` and `high` of the tiles of a batch entry. Returns its window.
std::int64_t follow(std::span<Reach> tiles) {
  std::int32_t high = 0;
  for (Reach& reach : tiles) {
    high = std::max(high, reach.last + 1);
    reach.high = high;
  }
  std::int32_t low = std::numeric_limits<std::int32_t>::max();
  std::int64_t window = 1;
  for (auto reach = tiles.rbegin(); reach != tiles.rend(); ++reach) {
    low = std::min(low, reach->first);
    reach->low = low;
    window = std::max(window, std::int64_t{reach->high} - low);
  }
  return window;
}

std::span<Reach> tiles_of(const Call& call, Survey& survey, std::int64_t batch) {
  const auto count = static_cast<std::size_t>(call.tiles());
  return std::span(survey.reach).subspan(static_cast<std::size_t>(batch) * count, count);
}

Survey survey_all(const Call& call) {
  const std::int64_t batches = call.problem().batches;
  Survey survey;
  survey.reach.resize(static_cast<std::size_t>(batches * call.tiles()));
  call.run_in_pieces(Step::reach, {.reach = survey.reach.data()}, batches,
                     8 * std::int64_t{call.threads});
  for (std::int64_t n = 0; n < batches; ++n) {
    survey.window = std::max(survey.window, follow(tiles_of(call, survey, n)));
  }
  return survey;
}

// The window as a power of two, if it is much less than so many pixels; else 0.
std::int64_t useful_window(std::int64_t window, std::int64_t pixels) {
  const auto whole = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(window)));
  return 2 * whole <= pixels ? whole : 0;
}

// ---- The gradient of the input ----

// The ends of bands of whole rows, with about as many additions each: those of a tile are taken to
// be spread over its pixels.
std::vector<std::int64_t> cut(std::span<const Reach> tiles, const Problem& problem,
                              std::int64_t bands) {
  const std::int64_t row = problem.size.x;
  std::vector<double> change(static_cast<std::size_t>(pixels_of(problem) / row + 1));
  for (const Reach& reach : tiles) {
    if (reach.last < 0) continue;
    const std::int64_t first = reach.first / row;
    const std::int64_t end = reach.last / row + 1;
    const double each = 1 / static_cast<double>(end - first);
    change[static_cast<std::size_t>(first)] += each;
    change[static_cast<std::size_t>(end)] -= each;
  }
  std::vector<std::int64_t> ends;
  const double wanted = static_cast<double>(tiles.size()) / static_cast<double>(bands);
  double here = 0;
  double sum = 0;
  for (std::int64_t y = 0; y + 1 < std::ssize(change) - 1 && std::ssize(ends) + 1 < bands; ++y) {
    here += change[static_cast<std::size_t>(y)];
    sum += here;
    if (sum >= wanted * static_cast<double>(ends.size() + 1)) ends.push_back((y + 1) * row);
  }
  ends.push_back(pixels_of(problem));
  return ends;
}

// The channels of some batch entries that are done together.
struct Group {
  std::int64_t batch;
  std::int64_t batches;
  std::int64_t first;
  std::int64_t end;
};

// How many bands it takes to keep the threads busy.
std::int64_t bands_of(const Call& call, std::int64_t groups) {
  const auto threads = static_cast<std::int64_t>(call.threads);
  if (!call.in_vectors || groups >= 2 * threads || groups % threads == 0) return 1;
  return divide_up(2 * threads, groups);
}

// A part for each band.
void add_parts(const Call& call, const Group& group, Survey& survey, std::int64_t bands,
               std::vector<BackwardPart>& parts) {
  const Problem& problem = call.problem();
  BackwardPart part{.batch = group.batch,
                    .batches = group.batches,
                    .begin = 0,
                    .end = problem.locations(),
                    .first_channel = group.first,
                    .end_channel = group.end,
                    .end_pixel = pixels_of(problem)};
  if (survey.reach.empty()) return parts.push_back(part);
  const std::span<Reach> tiles = tiles_of(call, survey, group.batch);
  part.reach = tiles.data();
  for (const std::int64_t end : cut(tiles, problem, bands)) {
    part.end_pixel = end;
    part.window = useful_window(survey.window, end - part.begin_pixel);
    parts.push_back(part);
    part.begin_pixel = end;
  }
}

// Of so many channels the pixels do not stay in the second-level cache: a window of them would.
bool is_large(const Problem& problem, std::int64_t channels) {
  constexpr std::int64_t max_bytes = 1 << 18;
  return pixels_of(problem) * channels * (problem.dtype == Dtype::f64 ? 8 : 4) > max_bytes;
}

// [grad.input] Threads own pixels of channels, so that every texel gets its samples in their order.
// With step `both` a thread owns the locations whose samples begin in its pixels, too.
void make_input(const Call& call, Survey& survey, Step step) {
  const Problem& problem = call.problem();
  const std::int64_t width = backward_block(call.target, problem.dtype);
  const std::int64_t groups = divide_up(problem.channels, width);
  const std::int64_t bands = bands_of(call, problem.batches * groups);
  const bool moves = problem.channels > 1 && is_large(problem, std::min(problem.channels, width));
  if (survey.reach.empty() && call.in_vectors && (moves || bands > 1)) survey = survey_all(call);
  const std::int64_t together =
      call.in_vectors && survey.reach.empty() && groups == 1
          ? std::max<std::int64_t>(1, problem.batches / (8 * std::int64_t{call.threads}))
          : 1;
  std::vector<BackwardPart> parts;
  for (std::int64_t n = 0; n < problem.batches; n += together) {
    for (std::int64_t c = 0; c < problem.channels; c += width) {
      add_parts(call,
                {.batch = n,
                 .batches = std::min(together, problem.batches - n),
                 .first = c,
                 .end = std::min(c + width, problem.channels)},
                survey, bands, parts);
    }
  }
  for_each_part(std::ssize(parts), call.threads, [&](std::int64_t i) {
    call.run(step, parts[static_cast<std::size_t>(i)]);
    if (problem.streams) hwy::FlushStream();  // before another thread may read it
  });
}

// ---- The gradient of the grid ----

// Whether its channels can lie side by side.
bool has_sides(const Backward& backward) {
  const Problem& problem = backward.forward;
  constexpr std::int64_t most = 512;  // numbers of grad_output, of 16 locations in 32 KiB
  return problem.channels >= 8 && problem.channels <= most &&
         (reads_sides(backward) || has_dense_planes(problem));
}

// All pixels of a batch entry, the channels of each side by side: until the next call of this
// thread.
void* packed_input(const Call& call, std::int64_t batch) {
  const Problem& problem = call.problem();
  const std::int64_t pixels = pixels_of(problem);
  const std::int64_t number = problem.dtype == Dtype::f64 ? 8 : 4;
  BackwardPart part{.batch = batch};
  part.packed =
      scratch_bytes(static_cast<std::size_t>(pixels * side_by_side(call.backward) * number));
  if (part.packed == nullptr) throw std::bad_alloc();
  const std::int64_t together = divide_up(pixels, 4 * std::int64_t{call.threads});
  for_each_part(divide_up(pixels, together), call.threads, [&](std::int64_t i) {
    BackwardPart some = part;
    some.begin_pixel = i * together;
    some.end_pixel = std::min(some.begin_pixel + together, pixels);
    call.run(Step::pack, some);
  });
  return part.packed;
}

// [grad.grid] Locations are independent of each other. Packing all channels pays as in the forward
// pass (obstacle_to_blocks): a window of them, if that is enough, or all pixels of a batch entry,
// once for all threads.
void make_grid(const Call& call, Survey& survey) {
  const Problem& problem = call.problem();
  const std::int64_t wanted = call.threads == 1 ? 1 : 8 * std::int64_t{call.threads};
  const bool pays = reads_sides(call.backward) || 2 * problem.locations() >= pixels_of(problem);
  if (!call.in_vectors || !has_sides(call.backward) || !pays) {
    return call.run_in_pieces(Step::grid, {.end_channel = problem.channels}, problem.batches,
                              wanted);
  }
  const std::int64_t numbers = side_by_side(call.backward);
  if (survey.reach.empty() && !reads_sides(call.backward) && is_large(problem, numbers)) {
    survey = survey_all(call);
  }
  BackwardPart part;
  if (!survey.reach.empty()) {
    part.reach = survey.reach.data();
    part.window = useful_window(survey.window, pixels_of(problem));
  }
  if (reads_sides(call.backward) || part.window > 0) {
    return call.run_in_pieces(Step::sides, part, problem.batches, wanted);
  }
  if (problem.batches >= 2 * call.threads) {  // then each thread packs its own
    return call.run_in_pieces(Step::sides, part, problem.batches, 1);
  }
  for (; part.batch < problem.batches; ++part.batch) {
    part.packed = packed_input(call, part.batch);
    call.run_in_pieces(Step::sides, part, 1, wanted);
    if (part.reach != nullptr) part.reach += call.tiles();
  }
}

// One thread, without vectors, plans every sample once for both gradients.
void make_both(const Call& call) {
  const Problem& problem = call.problem();
  for (std::int64_t n = 0; n < problem.batches; ++n) {
    call.run(Step::both,
             {.batch = n, .begin = 0, .end = problem.locations(), .end_channel = problem.channels});
  }
}

// Whether a tile is planned once for both gradients: its channels are one block, no packing of them
// would pay for the gradient of the grid, and its texels and sums stay in the caches together.
bool makes_both(const Call& call, Survey& survey) {
  const Problem& problem = call.problem();
  constexpr std::int64_t max_numbers = 1 << 19;
  if (problem.options.mode == Mode::nearest || !has_dense_planes(problem) ||
      problem.channels > backward_block(call.target, problem.dtype) || problem.channels >= 8) {
    return false;
  }
  if (pixels_of(problem) * problem.channels < max_numbers) return true;
  survey = survey_all(call);
  return useful_window(survey.window, pixels_of(problem)) > 0;
}

}  // namespace

std::int64_t backward_block(Target target, Dtype dtype) {
  if (target != Target::avx2 && target != Target::avx512) return 4;
  return dtype == Dtype::f64 ? 4 : 8;
}

void run_backward(const Backward& whole, Target target, int threads) {
  Backward backward = whole;
  Problem& problem = backward.forward;
  const Call call{backward, target,
                  target != Target::portable && vectors_fit(problem) && problem.channels > 0,
                  threads_that_pay(problem, threads)};
  const std::int64_t locations = problem.batches * problem.locations();
  const std::int64_t texels = problem.batches * problem.channels * pixels_of(problem);
  problem.fetches = exceeds_caches(problem);
  problem.streams = texels * static_cast<std::int64_t>(size_of(problem.dtype)) > (1 << 24);
  const auto zeros = [&](void* to, std::int64_t count) {
    std::memset(to, 0, static_cast<std::size_t>(count) * size_of(problem.dtype));
  };
  const bool wants_both = backward.grad_input != nullptr && backward.grad_grid != nullptr;
  Survey survey;
  if (wants_both && texels > 0 && locations > 0) {
    if (!call.in_vectors && call.threads == 1 && problem.options.mode != Mode::nearest &&
        has_dense_planes(problem)) {
      return make_both(call);
    }
    if (call.in_vectors && makes_both(call, survey)) return make_input(call, survey, Step::both);
  }
  if (backward.grad_input != nullptr && texels > 0) {
    locations > 0 ? make_input(call, survey, Step::input) : zeros(backward.grad_input, texels);
  }
  if (backward.grad_grid == nullptr || locations == 0) return;
  if (problem.options.mode == Mode::nearest) {  // [grad.nearest]
    return zeros(backward.grad_grid, locations * problem.axes);
  }
  make_grid(call, survey);
}

}  // namespace gridproof::optimized
