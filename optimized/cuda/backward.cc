#include "optimized/cuda/backward.h"

#include <algorithm>
#include <bit>

#include "optimized/cuda/launch.h"

namespace gridproof::optimized::cuda {
namespace {

std::int64_t plane_of(const Problem& problem) {
  return problem.size.x * problem.size.y * problem.size.z;
}
std::int64_t taps_of(const Problem& problem) {
  std::int64_t taps = 0;
  visit_mode<float>(problem, [&]<class, Mode mode, int axes>() { taps = taps_in<mode, axes>; });
  return taps;
}

// Several batch entries as a whole, or parts of one.
std::vector<Chunk> chunks_of(const Problem& problem, const Limits& limits) {
  const std::int64_t plane = plane_of(problem);
  const std::int64_t locations = problem.locations();
  const std::int64_t taps = taps_of(problem);
  std::vector<Chunk> chunks;
  if (locations * taps <= limits.taps && plane <= limits.pixels) {
    const std::int64_t together =
        std::min(limits.taps / std::max<std::int64_t>(1, locations * taps), limits.pixels / plane);
    for (std::int64_t n = 0; n < problem.batches; n += together) {
      chunks.push_back({n, std::min(together, problem.batches - n), 0, locations, 0, plane});
    }
    return chunks;
  }
  const std::int64_t samples = std::min(locations, limits.taps / taps);
  const std::int64_t band = std::min(plane, limits.pixels);
  for (std::int64_t n = 0; n < problem.batches; ++n) {
    for (std::int64_t pixel = 0; pixel < plane; pixel += band) {
      std::int64_t first = 0;
      do {  // without samples, the sums are zeros
        chunks.push_back({n, 1, first, std::min(samples, locations - first), pixel,
                          std::min(band, plane - pixel)});
        first += samples;
      } while (first < locations);
    }
  }
  return chunks;
}

// What a chunk has beside the tensors.
struct Scratch {
  Entries entries[2]{};
  void* weights = nullptr;
  std::vector<Counters> counters;  // each counts the sums of the one before
  std::byte* sums = nullptr;       // of one batch entry
  std::size_t bytes = 0;
};

Scratch scratch_of(const Problem& problem, const Chunk& largest, std::byte* begin) {
  Scratch scratch;
  const auto take = [&](std::int64_t count, std::size_t size) -> std::byte* {
    constexpr std::size_t alignment = 256;
    std::byte* const taken = begin == nullptr ? nullptr : begin + scratch.bytes;
    const std::size_t bytes = static_cast<std::size_t>(count) * size;
    scratch.bytes += (bytes + alignment - 1) / alignment * alignment;
    return taken;
  };
  const auto take_numbers = [&](std::int64_t count) {
    return reinterpret_cast<std::uint32_t*>(take(count, sizeof(std::uint32_t)));
  };
  const std::size_t number = problem.dtype == Dtype::f64 ? sizeof(double) : sizeof(float);
  const std::int64_t taps = largest.batches * largest.samples * taps_of(problem);
  for (Entries& entries : scratch.entries) entries = {take_numbers(taps), take_numbers(taps)};
  scratch.weights = take(taps, number);
  for (std::int64_t count = digits * walkers_of(taps);; count = divide_up(count, fan)) {
    scratch.counters.push_back({take_numbers(count), count, nullptr});
    if (count <= fan) break;
  }
  if (is_16_bit(problem.dtype) && largest.samples < problem.locations()) {
    scratch.sums = take(problem.channels * plane_of(problem), number);
  }
  return scratch;
}

class Launches {
 public:
  Launches(const Backward& backward, const Scratch& scratch)
      : scratch_(scratch), common_{.backward = backward, .weights = scratch.weights} {
    common_.backward.forward = flattened(backward.forward);
  }

  void add_input(const Chunk& chunk) {
    const Problem& problem = common_.backward.forward;
    const std::int64_t samples = chunk.batches * chunk.samples;
    const std::int64_t pixels = chunk.batches * chunk.pixels;
    common_.chunk = chunk;
    common_.count = samples * taps_of(problem);
    common_.begins = chunk.first == 0;
    common_.ends = chunk.first + chunk.samples == problem.locations();
    common_.entries = scratch_.entries[0];
    if (samples > 0) {
      add(Task::plan, samples);
      sort(std::bit_width(static_cast<std::uint64_t>(pixels)));
    }
    common_.sums = is_16_bit(problem.dtype) ? scratch_.sums : place_of_gradient(chunk.batch);
    add(Task::gather, pixels * divide_up(problem.channels, gathered));
  }

  void add_grid() {
    const Problem& problem = common_.backward.forward;
    add(Task::grid, problem.batches * problem.locations());
  }

  std::vector<BackwardLaunch> take() { return std::move(launches_); }

 private:
  void add(Task task, std::int64_t threads) {
    common_.task = task;
    common_.threads = threads;
    launches_.push_back(common_);
  }

  std::byte* place_of_gradient(std::int64_t batch) const {
    const Problem& problem = common_.backward.forward;
    return static_cast<std::byte*>(common_.backward.grad_input) +
           batch * problem.channels * plane_of(problem) *
               static_cast<std::int64_t>(size_of(problem.dtype));
  }

  // By so many bits of the keys.
  void sort(int bits) {
    Entries from{common_.entries.key, nullptr};
    std::vector<Counters> levels = counters();
    for (int shift = 0, turn = 1; shift < bits; shift += digit_bits, turn = 1 - turn) {
      const Entries& to = scratch_.entries[turn];
      common_.sort = {from, to, common_.count, shift, levels.front().counter};
      add(Task::count, walkers_of(common_.count));
      for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
        common_.counters = levels[i];
        add(Task::sum, levels[i + 1].count);
      }
      for (std::size_t i = levels.size(); i-- > 0;) {
        common_.counters = levels[i];
        add(Task::scan, divide_up(levels[i].count, fan));
      }
      add(Task::place, walkers_of(common_.count));
      from = to;
    }
    common_.entries = from;
  }

  // Those that the chunk has: fewer than there is room for, if it is smaller than others.
  [[nodiscard]] std::vector<Counters> counters() const {
    std::vector<Counters> levels;
    std::int64_t count = digits * walkers_of(common_.count);
    for (const Counters& room : scratch_.counters) {
      levels.push_back({room.counter, count, nullptr});
      if (count <= fan) break;
      count = divide_up(count, fan);
    }
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) levels[i].sum = levels[i + 1].counter;
    return levels;
  }

  const Scratch& scratch_;
  BackwardLaunch common_;
  std::vector<BackwardLaunch> launches_;
};

bool gives_input(const Backward& backward) {
  return backward.grad_input != nullptr && backward.forward.channels > 0;
}

}  // namespace

std::size_t scratch_bytes(const Backward& backward, const Limits& limits) {
  if (!gives_input(backward)) return 0;
  const std::vector<Chunk> chunks = chunks_of(backward.forward, limits);
  return chunks.empty() ? 0 : scratch_of(backward.forward, chunks.front(), nullptr).bytes;
}

std::vector<BackwardLaunch> launches_of(const Backward& backward, std::byte* scratch,
                                        const Limits& limits) {
  std::vector<Chunk> chunks;
  if (gives_input(backward)) chunks = chunks_of(backward.forward, limits);
  const Scratch room =
      chunks.empty() ? Scratch() : scratch_of(backward.forward, chunks.front(), scratch);
  Launches launches(backward, room);
  for (const Chunk& chunk : chunks) launches.add_input(chunk);
  const Problem& problem = backward.forward;
  if (backward.grad_grid != nullptr && problem.batches * problem.locations() > 0) {
    launches.add_grid();
  }
  return launches.take();
}

}  // namespace gridproof::optimized::cuda
