#include "optimized/cuda/model.h"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <random>
#include <stdexcept>
#include <utility>

namespace gridproof::optimized::cuda {

// A thread was there, after so many barriers.
struct Model::Access {
  std::uint32_t thread = 0;  // 0: nobody
  std::uint32_t barriers = 0;
  std::uint32_t warp_barriers = 0;
};

struct Model::Region {
  struct Element {
    Access write;
    std::array<Access, 2> reads;  // since then, of two threads
  };

  std::string name;
  Use use;
  std::size_t element_size;
  const std::byte* begin;
  const std::byte* end;
  std::vector<bool> exists;       // empty: every element does
  std::vector<Element> elements;  // of what may be written

  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(end - begin) / element_size;
  }
  [[nodiscard]] bool has(std::size_t element) const {
    return element < size() && (exists.empty() || exists[element]);
  }
};

// Threads of a block with stacks of their own, which run until they wait.
class Model::Fibers {
 public:
  // Lets thread `i` begin or go on.
  void go_on(std::size_t i) {
    current_ = i;
    swapcontext(&caller_, &contexts_[i]);
  }
  void put_aside() { swapcontext(&contexts_[current_], &caller_); }

  void start(std::size_t threads, const std::function<void(std::size_t)>& body) {
    body_ = &body;
    stacks_.resize(threads);
    contexts_.resize(threads);
    for (std::size_t i = 0; i < threads; ++i) {
      stacks_[i].resize(stack_size);
      getcontext(&contexts_[i]);
      contexts_[i].uc_stack.ss_sp = stacks_[i].data();
      contexts_[i].uc_stack.ss_size = stack_size;
      contexts_[i].uc_link = &caller_;
      const auto address = std::bit_cast<std::uintptr_t>(this);
      makecontext(&contexts_[i], reinterpret_cast<void (*)()>(enter), 2,
                  static_cast<unsigned>(address >> 32U), static_cast<unsigned>(address));
    }
  }

 private:
  static constexpr std::size_t stack_size = std::size_t{64} << 10U;

  // A context takes numbers only, of 32 bits.
  static void enter(unsigned high, unsigned low) {
    auto* const self = std::bit_cast<Fibers*>(std::uintptr_t{high} << 32U | low);
    (*self->body_)(self->current_);
  }

  std::vector<std::vector<char>> stacks_;
  std::vector<ucontext_t> contexts_;
  ucontext_t caller_{};
  const std::function<void(std::size_t)>* body_ = nullptr;
  std::size_t current_ = 0;
};

Model::Model() = default;
Model::~Model() = default;

void Model::add(std::string name, Use use, const void* data, std::size_t element_size,
                const Shape& shape, const Shape& strides) {
  if (element_count(shape) == 0) return;  // no memory, wherever it begins
  std::int64_t first = 0;
  std::int64_t last = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t reach = (shape[axis] - 1) * strides[axis];
    (reach < 0 ? first : last) += reach;
  }
  const auto* const bytes = static_cast<const std::byte*>(data);
  const auto step = static_cast<std::int64_t>(element_size);
  Region region{
      std::move(name), use, element_size, bytes + first * step, bytes + (last + 1) * step, {}, {}};
  std::vector<std::pair<std::int64_t, std::int64_t>> axes;  // what is expanded is there once
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] > 1 && strides[axis] != 0) axes.emplace_back(shape[axis], strides[axis]);
  }
  const std::int64_t count =
      std::accumulate(axes.begin(), axes.end(), std::int64_t{1},
                      [](std::int64_t product, const auto& axis) { return product * axis.first; });
  if (count < last - first + 1) {
    region.exists.resize(region.size());
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i;
      std::int64_t offset = -first;
      for (const auto& [size, stride] : axes) {
        offset += rest % size * stride;
        rest /= size;
      }
      region.exists[static_cast<std::size_t>(offset)] = true;
    }
  }
  if (use != Use::read) region.elements.resize(region.size());
  regions_.push_back(std::move(region));
}

std::string Model::name_of(std::uint32_t number) const {
  const auto threads = static_cast<std::uint32_t>(threads_.size());
  return "thread " + std::to_string((number - 1) % threads) + " of block " +
         std::to_string((number - 1) / threads);
}

void Model::blame(const Thread& thread, const std::string& what) {
  if (!fault_) fault_ = name_of(thread.number_) + ' ' + what;
}

// Whether no order of the threads lets the two take place at once.
bool Model::is_apart(const Thread& thread, const Access& earlier) const {
  if (earlier.thread == 0 || earlier.thread == thread.number_) return true;
  const auto threads = static_cast<std::uint32_t>(threads_.size());
  const std::uint32_t one = earlier.thread - 1;
  const std::uint32_t other = thread.number_ - 1;
  if (one / threads != other / threads) return false;
  const bool is_same_warp = one % threads / warp_size == other % threads / warp_size;
  return earlier.barriers < thread.barriers_ ||
         (is_same_warp && earlier.warp_barriers < thread.warp_barriers_);
}

void Model::note(const Thread& thread, Region& region, std::size_t element, bool writes) {
  Region::Element& known = region.elements[element];
  const auto where = [&] { return region.name + '[' + std::to_string(element) + ']'; };
  const auto keep_apart = [&](const Access& earlier, const char* what) {
    if (is_apart(thread, earlier)) return;
    blame(thread, (writes ? "writes " : "reads ") + where() + ", which " + name_of(earlier.thread) +
                      ' ' + what + ": no barrier is between them");
  };
  const Access now{thread.number_, thread.barriers_, thread.warp_barriers_};
  keep_apart(known.write, "writes");
  if (writes) {
    for (const Access& read : known.reads) keep_apart(read, "reads");
    known = {.write = now, .reads = {}};
    return;
  }
  if (known.write.thread == 0 && region.use != Use::update)
    blame(thread, "reads " + where() + ", which nobody wrote");
  // Whoever writes it later conflicts with one of two, or with none.
  const auto own = std::ranges::find(known.reads, thread.number_, &Access::thread);
  const auto old =
      std::ranges::find_if(known.reads, [&](const Access& read) { return is_apart(thread, read); });
  if (own != known.reads.end()) {
    *own = now;
  } else if (old != known.reads.end()) {
    *old = now;
  }
}

bool Thread::accesses(const void* at, std::size_t bytes, bool writes) {
  const auto* const from = static_cast<const std::byte*>(at);
  const auto blame = [&](const std::string& what) {
    model_->blame(*this, (writes ? "writes " : "reads ") + what);
  };
  const auto region = std::ranges::find_if(model_->regions_, [&](const Model::Region& known) {
    return from >= known.begin && from < known.end;
  });
  if (region == model_->regions_.end()) {
    blame("out of bounds of everything");
    return false;
  }
  if (region->use == (writes ? Use::read : Use::write)) {
    blame(region->name + ", which is not for that");
    return false;
  }
  if (std::bit_cast<std::uintptr_t>(at) % bytes != 0) {
    blame(region->name + " where it is not aligned");
  }
  const auto first = static_cast<std::size_t>(from - region->begin) / region->element_size;
  const std::size_t end = first + bytes / region->element_size;
  for (std::size_t i = first; i < end; ++i) {
    if (!region->has(i)) {
      blame("out of bounds of " + region->name);
      return false;
    }
    if (!region->elements.empty()) model_->note(*this, *region, i, writes);
  }
  return true;
}

void Thread::wait(State state) {
  if (!model_->fibers_) throw std::logic_error("a barrier in a kernel that does not wait");
  state_ = state;
  model_->fibers_->put_aside();
}

// Those who wait for nobody any more. Returns whether there are such.
bool Model::release() {
  const auto all = [](auto first, auto last, Thread::State state) {
    return std::all_of(first, last, [&](const Thread& thread) { return thread.state_ == state; });
  };
  const auto pass = [](auto first, auto last, std::uint32_t of_block) {
    for (auto thread = first; thread != last; ++thread) {
      thread->state_ = Thread::State::runs;
      thread->barriers_ += of_block;
      ++thread->warp_barriers_;
    }
  };
  bool any = false;
  const auto end = threads_.end();
  for (auto warp = threads_.begin(); warp != end;) {
    const auto next = warp + std::min<std::ptrdiff_t>(warp_size, end - warp);
    if (all(warp, next, Thread::State::waits_for_warp)) {
      pass(warp, next, 0);
      any = true;
    }
    warp = next;
  }
  if (all(threads_.begin(), end, Thread::State::waits_for_block)) {
    pass(threads_.begin(), end, 1);
    any = true;
  }
  return any;
}

void Model::run_waiting(const std::vector<int>& order, const std::function<void(Thread&)>& kernel) {
  const std::function<void(std::size_t)> body = [&](std::size_t i) {
    kernel(threads_[i]);
    threads_[i].state_ = Thread::State::has_ended;
  };
  fibers_->start(threads_.size(), body);
  do {
    for (const int i : order) {
      const auto at = static_cast<std::size_t>(i);
      if (threads_[at].state_ == Thread::State::runs) fibers_->go_on(at);
    }
  } while (release());
  for (const Thread& thread : threads_) {
    if (thread.state_ == Thread::State::has_ended) continue;
    blame(thread, "waits at a barrier that others do not reach");
    return;
  }
}

void Model::run(std::int64_t blocks, int threads, Order order, std::uint64_t seed, bool waits,
                const Kernel& kernel) {
  threads_.assign(static_cast<std::size_t>(threads), {});
  fibers_ = waits ? std::make_unique<Fibers>() : nullptr;
  std::mt19937_64 random(seed);
  const auto arrange = [&](auto& numbers) {
    if (order == Order::backward) std::ranges::reverse(numbers);
    if (order == Order::shuffled) std::ranges::shuffle(numbers, random);
  };
  std::vector<std::int64_t> block_order(static_cast<std::size_t>(blocks));
  std::iota(block_order.begin(), block_order.end(), 0);
  arrange(block_order);
  std::vector<int> thread_order(threads_.size());
  for (const std::int64_t block : block_order) {
    std::iota(thread_order.begin(), thread_order.end(), 0);
    arrange(thread_order);
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      Thread& thread = threads_[i];
      thread = {};
      thread.model_ = this;
      thread.index_ = static_cast<int>(i);
      thread.number_ = static_cast<std::uint32_t>(block * threads + thread.index_ + 1);
    }
    for (Region& region : regions_) {  // a block finds nothing in its shared memory
      if (region.use == Use::shared) std::ranges::fill(region.elements, Region::Element{});
    }
    const auto one = [&](Thread& thread) { kernel(thread, block); };
    if (waits) {
      run_waiting(thread_order, one);
    } else {
      for (const int i : thread_order) one(threads_[static_cast<std::size_t>(i)]);
    }
  }
}

std::optional<std::string> Model::fault() const {
  if (fault_) return fault_;
  for (const Region& region : regions_) {
    if (region.use != Use::write) continue;
    for (std::size_t i = 0; i < region.size(); ++i) {
      if (region.has(i) && region.elements[i].write.thread == 0) {
        return "nobody writes " + region.name + '[' + std::to_string(i) + ']';
      }
    }
  }
  return std::nullopt;
}

}  // namespace gridproof::optimized::cuda
