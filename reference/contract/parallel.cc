#include "reference/contract/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <exception>
#include <mutex>
#include <new>
#include <thread>

namespace gridproof {
namespace {

// One call. Who takes part counts itself in and out under the lock of the helpers.
class Work {
 public:
  Work(std::int64_t count, const std::function<void(std::int64_t)>& task)
      : count_(count), task_(task) {}

  // Does parts until none is left.
  void run() noexcept {
    try {
      for (std::int64_t i = next_++; i < count_; i = next_++) task_(i);
    } catch (...) {
      next_ = count_;
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

  Work* following = nullptr;    // of those that want helpers
  std::int64_t wanted = 0;      // helpers that may still come
  std::atomic<int> inside = 0;  // helpers

 private:
  const std::int64_t count_;
  const std::function<void(std::int64_t)>& task_;
  std::atomic<std::int64_t> next_ = 0;
  std::exception_ptr error_;
  std::mutex error_mutex_;
};

// Signals are for the threads of the program: those that start meanwhile take none.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

class Helpers {
 public:
  // Lets up to `wanted` helpers take part. Starts those that are missing; none, if the system
  // refuses.
  void invite(Work& work, std::int64_t wanted) {
    {
      const std::lock_guard lock(mutex_);
      work.wanted = wanted;
      wanted_ += wanted;
      work.following = first_;
      first_ = &work;
      is_called_.store(true, std::memory_order_relaxed);
      try {
        for (; free_ < wanted_; ++free_) start();
      } catch (const std::exception&) {  // no thread, or no memory for it
      }
      wanted = std::min(wanted, wanted_ - awake_);
    }
    for (std::int64_t i = 0; i < wanted; ++i) come_.notify_one();
  }

  // Waits for the helpers that take part; no other will.
  void dismiss(Work& work) {
    // The last parts end soon after each other; to sleep and wake takes longer.
    for (int i = 0; i < 200 && work.inside.load(std::memory_order_relaxed) > 0; ++i) pause();
    std::unique_lock lock(mutex_);
    remove(work);
    leave_.wait(lock, [&] { return work.inside == 0; });
  }

 private:
  static void pause() {
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }

  void start() {
    const NoSignals inherited;
    std::thread([this] { help(); }).detach();
  }

  [[noreturn]] void help() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (first_ == nullptr) watch(lock);
      come_.wait(lock, [&] { return first_ != nullptr; });
      Work& work = *first_;
      --free_;
      --wanted_;
      ++work.inside;
      if (--work.wanted == 0) remove(work);
      lock.unlock();
      work.run();
      lock.lock();
      ++free_;
      if (--work.inside == 0) leave_.notify_all();
    }
  }

  // The next call often comes soon. To wake a thread that sleeps takes tens of microseconds, so a
  // helper stays awake for about as long; a busy machine loses no more by it.
  void watch(std::unique_lock<std::mutex>& lock) {
    constexpr std::chrono::microseconds time{50};
    ++awake_;
    lock.unlock();
    const auto end = std::chrono::steady_clock::now() + time;
    while (!is_called_.load(std::memory_order_relaxed) && std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < 8; ++i) pause();
    }
    lock.lock();
    --awake_;
  }

  void remove(Work& work) {
    wanted_ -= work.wanted;
    work.wanted = 0;
    for (Work** at = &first_; *at != nullptr; at = &(*at)->following) {
      if (*at != &work) continue;
      *at = work.following;
      break;
    }
    is_called_.store(first_ != nullptr, std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::condition_variable come_;
  std::condition_variable leave_;
  Work* first_ = nullptr;
  std::int64_t wanted_ = 0;              // of all works
  std::int64_t free_ = 0;                // helpers that wait, or are about to
  std::int64_t awake_ = 0;               // of these, those that do not sleep
  std::atomic<bool> is_called_ = false;  // whether there is a first work
};

// Never destroyed: helpers wait there until the process ends.
Helpers& helpers() {
  alignas(Helpers) static std::byte memory[sizeof(Helpers)];
  static Helpers* const all = [] {
    // A child after fork() has none of the threads, and a lock may be held by one of them.
    pthread_atfork(nullptr, nullptr, [] { new (memory) Helpers; });
    return new (memory) Helpers;
  }();
  return *all;
}

}  // namespace

void for_each_part(std::int64_t count, int threads, const std::function<void(std::int64_t)>& task) {
  Work work(count, task);
  const std::int64_t wanted = std::min<std::int64_t>(threads, count) - 1;
  if (wanted > 0) helpers().invite(work, wanted);
  work.run();
  if (wanted > 0) helpers().dismiss(work);
  work.rethrow();
}

int threads_or_cores(int threads) {
  static const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return threads > 0 ? threads : cores;
}

}  // namespace gridproof
