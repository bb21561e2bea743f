// A device as a model that finds what no answer shows. Each access of a thread is held against the
// elements that the kernel may read or write, and against the accesses of other threads that no
// barrier keeps apart from it: that is found in any order of the threads. They run one after the
// other, in the order that is asked for; one that waits at a barrier is put aside. Tested by
// model_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "optimized/kernels/pack.h"
#include "reference/contract/tensor.h"

namespace gridproof::optimized::cuda {

enum class Use : std::uint8_t {
  read,    // only
  write,   // only, and all of it
  update,  // and write; what it holds in the beginning is known
  shared,  // by the threads of a block, each of which finds it as if nobody had written it
};

// In which order the threads of a block run, and the blocks.
enum class Order : std::uint8_t { forward, backward, shuffled };

class Model;

// A thread of a block, as its kernel sees the model.
class Thread {
 public:
  [[nodiscard]] int index() const { return index_; }
  // Notes an access. Returns whether it may take place: not out of bounds.
  bool reads(const void* from, std::size_t bytes) { return accesses(from, bytes, false); }
  bool writes(const void* to, std::size_t bytes) { return accesses(to, bytes, true); }
  // Return when all threads of the block, or of the warp, have come here.
  void sync_block() { wait(State::waits_for_block); }
  void sync_warp() { wait(State::waits_for_warp); }

 private:
  friend class Model;
  enum class State : std::uint8_t { runs, waits_for_warp, waits_for_block, has_ended };

  bool accesses(const void* at, std::size_t bytes, bool writes);
  void wait(State state);

  Model* model_ = nullptr;
  int index_ = 0;             // in the block
  std::uint32_t number_ = 0;  // in the launch, and 1 more
  // That it has passed.
  std::uint32_t barriers_ = 0;       // of its block
  std::uint32_t warp_barriers_ = 0;  // of any kind
  State state_ = State::runs;
};

class Model {
 public:
  static constexpr int warp_size = 32;

  Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model();

  // Memory that the kernel may use; the rest is out of bounds. Strides are in elements, the first
  // of which is at `data`.
  void add(std::string name, Use use, const void* data, std::size_t element_size,
           const Shape& shape, const Shape& strides);

  // Runs `kernel(thread, block)` for each thread of each block. Only one that `waits` may call a
  // barrier: its threads need stacks of their own.
  using Kernel = std::function<void(Thread&, std::int64_t block)>;
  void run(std::int64_t blocks, int threads, Order order, std::uint64_t seed, bool waits,
           const Kernel& kernel);

  // What was wrong first, in one sentence; in the end also what nobody wrote.
  [[nodiscard]] std::optional<std::string> fault() const;

 private:
  friend class Thread;
  struct Region;
  struct Access;
  class Fibers;

  void note(const Thread& thread, Region& region, std::size_t element, bool writes);
  [[nodiscard]] bool is_apart(const Thread& thread, const Access& earlier) const;
  void run_waiting(const std::vector<int>& order, const std::function<void(Thread&)>& kernel);
  bool release();
  void blame(const Thread& thread, const std::string& what);
  [[nodiscard]] std::string name_of(std::uint32_t number) const;

  std::vector<Region> regions_;
  std::vector<Thread> threads_;
  std::unique_ptr<Fibers> fibers_;
  std::optional<std::string> fault_;
};

// The memory of a device as a thread in the model sees it.
class WatchedMemory {
 public:
  explicit WatchedMemory(Thread& thread) : thread_(thread) {}

  template <int width, class Element>
  Pack<Element, width> load(const Element* from) const {
    if (!thread_.reads(from, sizeof(Pack<Element, width>))) return {};
    return PlainMemory().load<width>(from);
  }
  template <class Element>
  Element reload(const Element* from) const {
    return load<1>(from).element[0];
  }
  template <int width, class Element>
  void store(Element* to, std::int64_t apart, const Pack<Element, width>& pack) const {
    if (apart == 1) {
      if (thread_.writes(to, sizeof pack)) PlainMemory().store<width>(to, apart, pack);
      return;
    }
    for (int i = 0; i < width; ++i) {
      Element* const at = to + i * apart;
      if (thread_.writes(at, sizeof *at)) *at = pack.element[i];
    }
  }

 private:
  Thread& thread_;
};

}  // namespace gridproof::optimized::cuda
