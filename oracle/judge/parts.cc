#include "oracle/judge/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>

#include "oracle/exact/exact.h"
#include "oracle/judge/output_shape.h"
#include "reference/contract/parallel.h"
#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

using Key = std::pair<Verdict, std::string>;

// What one thread has judged.
struct Tally {
  std::array<std::int64_t, verdict_count> counts{};
  std::map<Key, Group> groups;

  void add(Group group) {
    const auto [place, is_new] = groups.try_emplace({group.verdict, group.clause}, group);
    if (is_new) return;
    Group& known = place->second;
    known.samples += group.samples;
    if (std::tuple(-group.distance, group.worst.sample) <
        std::tuple(-known.distance, known.worst.sample)) {
      known.worst = std::move(group.worst);
      known.distance = group.distance;
    }
  }

  void add(Tally&& other) {
    for (std::size_t i = 0; i < verdict_count; ++i) counts[i] += other.counts[i];
    for (auto& [key, group] : std::exchange(other.groups, {})) add(std::move(group));
  }
};

double distance(const Tensor& one, const Tensor& other, std::int64_t sample, std::int64_t channel) {
  const Shape index = unravel(element_place(one.shape(), sample, channel), one.shape());
  const double difference = std::abs(one.at(index) - other.at(index));
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

// One part of a tensor with a batch axis; `space` is its first axis of the output's locations.
Tensor cut(Tensor tensor, const Part& part, int space) {
  tensor = tensor.slice(0, part.begin[0], part.end[0]);
  for (std::size_t axis = 1; axis < part.begin.size(); ++axis)
    tensor = tensor.slice(static_cast<int>(axis) - 1 + space, part.begin[axis], part.end[axis]);
  return tensor;
}

Tally judge_part(const Judge& judge, const Case& whole, const Tensor& output, const Part& part,
                 const std::function<Answer(const Case&)>& reference) {
  const Case question = {.request = whole.request,
                         .input = whole.input.slice(0, part.begin[0], part.end[0]),
                         .grid = cut(whole.grid, part, 1)};
  const Tensor answer = cut(output, part, 2).contiguous();
  const Answer expected = reference(question);
  const Judgment judgment = judge.judge(question, answer, &expected);
  Tally tally{.counts = judgment.counts, .groups = {}};
  for (const SampleVerdict& found : judgment.notable) {
    Group group{.verdict = found.verdict, .clause = found.clause, .samples = 1, .worst = found};
    group.distance = distance(answer, std::get<Tensor>(expected), found.sample, found.channel);
    group.worst.sample += part.first;
    tally.add(std::move(group));
  }
  return tally;
}

bool has_parts(const Case& test_case, const Answer& answer) {
  const auto* const output = std::get_if<Tensor>(&answer);
  if (!output || exact::refusal_of(test_case) || sample_count(test_case) == 0) return false;
  return output->shape() == judging::output_shape(test_case) &&
         output->dtype() == test_case.input.dtype() && output->element_count() > 0;
}

JudgmentOfParts judge_whole(const Judge& judge, const Case& test_case, const Answer& answer,
                            const PartsOptions& options) {
  const Answer expected = options.reference(test_case);
  Judgment judgment = judge.judge(test_case, answer, &expected);
  JudgmentOfParts result{.counts = judgment.counts,
                         .groups = {},
                         .whole = judgment.whole,
                         .message = std::move(judgment.message)};
  for (SampleVerdict& found : judgment.notable) {
    const std::int64_t samples = judgment.whole ? judgment[found.verdict] : std::int64_t{1};
    result.groups.push_back({.verdict = found.verdict,
                             .clause = found.clause,
                             .samples = samples,
                             .worst = std::move(found),
                             .distance = std::numeric_limits<double>::infinity()});
  }
  return result;
}

}  // namespace

std::vector<Part> parts_of(const Shape& grid) {
  const std::span<const std::int64_t> sizes(grid.data(), grid.size() - 1);
  constexpr auto most = static_cast<std::int64_t>(Judge::max_notable);
  std::vector<Part> parts;
  if (element_count(grid) == 0) return parts;
  // The axes behind `axis` are taken whole, those before it one by one.
  std::size_t axis = sizes.size() - 1;
  std::int64_t inner = 1;
  while (axis > 0 && inner * sizes[axis] <= most) inner *= sizes[axis--];
  const std::int64_t step = std::max<std::int64_t>(1, most / inner);

  Part part{.begin = Shape(sizes.size(), 0), .end = Shape(sizes.begin(), sizes.end())};
  for (std::size_t outer = 0; outer < axis; ++outer) part.end[outer] = 1;
  while (true) {
    for (std::int64_t begin = 0; begin < sizes[axis]; begin += step) {
      part.begin[axis] = begin;
      part.end[axis] = std::min(begin + step, sizes[axis]);
      parts.push_back(part);
      part.first += (part.end[axis] - begin) * inner;
    }
    std::size_t outer = axis;
    while (outer > 0 && part.end[outer - 1] == sizes[outer - 1]) {
      --outer;
      part.begin[outer] = 0;
      part.end[outer] = 1;
    }
    if (outer == 0) return parts;
    ++part.begin[outer - 1];
    ++part.end[outer - 1];
  }
}

JudgmentOfParts judge_in_parts(const Judge& judge, const Case& test_case, const Answer& answer,
                               const PartsOptions& options) {
  if (!has_parts(test_case, answer)) return judge_whole(judge, test_case, answer, options);
  const auto& output = std::get<Tensor>(answer);
  const std::vector<Part> parts = parts_of(test_case.grid.shape());
  const std::thread::id caller = std::this_thread::get_id();
  Tally tally;
  std::mutex mutex;
  for_each_part(std::ssize(parts), options.threads, [&](std::int64_t i) {
    const Part& part = parts[static_cast<std::size_t>(i)];
    Tally own = judge_part(judge, test_case, output, part, options.reference);
    {
      const std::lock_guard lock(mutex);
      tally.add(std::move(own));
    }
    if (options.progress && std::this_thread::get_id() == caller) options.progress(part.first);
  });
  if (options.progress) options.progress(sample_count(test_case));

  JudgmentOfParts result{.counts = tally.counts};
  for (auto& [key, group] : tally.groups) result.groups.push_back(std::move(group));
  std::ranges::stable_sort(result.groups, std::greater{}, [](const Group& group) {
    return std::pair(group.verdict, group.samples);
  });
  return result;
}

}  // namespace gridproof
