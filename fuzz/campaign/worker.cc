#include "fuzz/campaign/worker.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <ranges>
#include <system_error>
#include <thread>

#include "fuzz/campaign/refusals.h"
#include "reference/contract/parallel.h"

namespace gridproof {
namespace {

// So many wrong samples of one case tell all that it has to tell.
constexpr std::int64_t enough_deviating = 1024;

}  // namespace

Worker::Worker(std::size_t number, const Setup& setup)
    : number_(number), reference_(setup.reference.open()) {
  const CampaignOptions& options = setup.options;
  // With waivers, what is known must not hide what is new.
  const bool counts_all = !options.waivers.empty() || !options.counters.empty();
  subjects_.reserve(setup.entries.size());
  recent_.resize(setup.entries.size());
  for (const SubjectEntry& entry : setup.entries) {
    std::unique_ptr<Subject> subject = entry.open();
    const Judge judge(options.profile, options.dialect.value_or(subject->info().dialect));
    subjects_.push_back(refusing_by_values(std::move(subject), judge));
    judges_.push_back(counts_all ? judge : judge.leaving_after(enough_deviating));
  }
}

std::vector<Origin> Worker::recent(std::size_t index) const {
  const auto origins = std::views::keys(recent_[index].test_cases);
  return {origins.begin(), origins.end()};
}

void Worker::was_asked(std::size_t index, const Origin& origin, const Case& test_case) {
  constexpr std::size_t most = 64;
  constexpr std::int64_t max_elements = std::int64_t{1} << 22U;
  Recent& recent = recent_[index];
  const std::int64_t elements = test_case.input.storage_size() + test_case.grid.storage_size();
  recent.test_cases.emplace_back(origin, elements);
  recent.elements += elements;
  while (recent.test_cases.size() > most || recent.elements > max_elements) {
    recent.elements -= recent.test_cases.front().second;
    recent.test_cases.pop_front();
  }
}

Crew::Crew(const Setup& setup) : setup_(setup) {
  workers_.resize(static_cast<std::size_t>(threads_or_cores(setup.options.threads)));
}

Worker& Crew::worker(std::size_t number) {
  std::unique_ptr<Worker>& worker = workers_[number];
  if (!worker) worker = std::make_unique<Worker>(number, setup_);
  return *worker;
}

void Crew::run(const std::function<void(Worker&)>& work, std::stop_source stop) {
  std::mutex mutex;
  std::exception_ptr failure;
  const auto body = [&](std::size_t number) {
    try {
      work(worker(number));
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
      stop.request_stop();
    }
  };
  {
    std::vector<std::jthread> threads;
    try {
      while (threads.size() + 1 < size()) threads.emplace_back(body, threads.size() + 1);
    } catch (const std::system_error&) {  // no more threads: this one does the work of the others
    }
    const std::size_t started = threads.size();
    body(0);
    for (std::size_t i = started + 1; i < size(); ++i) body(i);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace gridproof
