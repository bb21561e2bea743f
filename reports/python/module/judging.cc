// The judge, and the sets by which it judges.
#include <nanobind/stl/function.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

#include "optimized/grid_sample.h"
#include "optimized/subjects.h"
#include "oracle/judge/parts.h"
#include "reference/contract/parallel.h"
#include "reference/contract/unravel.h"
#include "reference/semantics/trace.h"
#include "reports/python/module/doors.h"

namespace nb = nanobind;

namespace gridproof::python {
namespace {

Judge judge_of(const std::string& profile) {
  const auto known = parse_profile(profile);
  if (!known) {
    throw std::invalid_argument(
        "no profile \"" + profile +
        "\"; P0, P1, P2, P3, P4a(f16), P4c(bf16) or P5(8), for example, were expected");
  }
  return Judge(*known);
}

nb::dict judged(const Question& question, const Array& actual, const std::string& dtype,
                const std::string& profile, int threads,
                const std::optional<std::function<void(std::int64_t)>>& progress) {
  const Judge judge = judge_of(profile);
  const Case test_case = question.to_case();
  const Answer answer = tensor_of(actual, dtype);
  PartsOptions options{
      .reference = [](const Case& part) { return optimized::answer(part, default_target(), 1); },
      .threads = threads,
      .progress = {}};
  options.progress = [&](std::int64_t samples) {
    const nb::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (progress) (*progress)(samples);
  };
  JudgmentOfParts judgment;
  {
    const nb::gil_scoped_release release;
    judgment = judge_in_parts(judge, test_case, answer, options);
  }
  nb::dict counts;
  for (const auto& [verdict, name] : names<Verdict>)
    counts[nb::str(name.data(), name.size())] = judgment.counts[static_cast<std::size_t>(verdict)];
  nb::list groups;
  for (const Group& group : judgment.groups) {
    const std::string_view verdict = name(group.verdict);
    nb::dict one;
    one["verdict"] = nb::str(verdict.data(), verdict.size());
    one["clause"] = group.clause;
    one["samples"] = group.samples;
    one["sample"] = group.worst.sample;
    one["channel"] = group.worst.channel;
    one["difference"] = group.distance;
    one["within"] = group.worst.within ? nb::cast(to_string(*group.worst.within)) : nb::none();
    one["reason"] = group.worst.reason;
    groups.append(std::move(one));
  }
  nb::dict result;
  result["counts"] = counts;
  result["groups"] = groups;
  result["whole"] = judgment.whole;
  result["message"] = judgment.message;
  return result;
}

// What the hull of an element's set does not say.
enum Flag : std::uint8_t {
  has_gaps = 1,      // not everything between its ends is admissible
  has_nan = 2,       // NaN is admissible, too
  has_latitude = 4,  // a clause leaves more open
  says_nothing = 8,  // the set is so wide that nothing follows from being inside
};

struct Hull {
  double lower = std::numeric_limits<double>::quiet_NaN();
  double upper = std::numeric_limits<double>::quiet_NaN();
  unsigned flags = 0;
};

Hull hull_of(const Admissible& set) {
  Hull hull;
  for (const auto& [lower, upper] : set.intervals) {
    if (std::isnan(lower)) {
      hull.flags |= has_nan;
      continue;
    }
    if (std::isnan(hull.lower)) {
      hull.lower = lower;
    } else {
      hull.flags |= has_gaps;
    }
    hull.upper = upper;
  }
  if (!set.latitude.empty() || !set.silent.empty()) hull.flags |= has_latitude;
  if (set.undecided) hull.flags |= says_nothing;
  return hull;
}

nb::tuple admissible(const Question& question, const std::string& profile, int threads) {
  const Judge judge = judge_of(profile);
  const Case test_case = question.to_case();
  const Shape shape = question.output_shape();
  const auto elements = static_cast<std::size_t>(element_count(shape));
  std::vector<double> lower(elements);
  std::vector<double> upper(elements);
  Tensor flags(Dtype::bf16, shape);  // whose elements have 16 bits, as a bitmap needs them
  const std::span<BFloat16> bits = flags.elements<BFloat16>();
  {
    const nb::gil_scoped_release release;
    const std::int64_t samples = sample_count(test_case);
    constexpr std::int64_t block = 256;
    for_each_part((samples + block - 1) / block, threads, [&](std::int64_t part) {
      for (std::int64_t sample = part * block; sample < std::min((part + 1) * block, samples);
           ++sample) {
        for (std::int64_t channel = 0; channel < shape[1]; ++channel) {
          const auto place = static_cast<std::size_t>(element_place(shape, sample, channel));
          const Hull hull = hull_of(judge.admissible(test_case, sample, channel));
          lower[place] = hull.lower;
          upper[place] = hull.upper;
          bits[place] = std::bit_cast<BFloat16>(static_cast<std::uint16_t>(hull.flags));
        }
      }
    });
  }
  const Dtype dtype = test_case.input.dtype();
  return nb::make_tuple(array_of(Tensor(dtype, shape, lower)),
                        array_of(Tensor(dtype, shape, upper)), array_of(std::move(flags)));
}

// One element of the answer as a question of its own: the same sizes, and 0 for every texel but
// those around its taps, so that its line is short whatever the image.
Case element_alone(const Case& test_case, std::int64_t sample, std::int64_t channel) {
  constexpr std::int64_t margin = 2;  // an implementation may read beside what is right
  const semantics::Trace trace = semantics::trace(test_case, sample, channel);
  const int spatial = test_case.input.rank() - 2;
  const Shape& locations = test_case.grid.shape();
  const Shape place = unravel(sample, std::span(locations).first(locations.size() - 1));
  const std::int64_t batch = place.front();
  const Tensor image = test_case.input.slice(0, batch, batch + 1).slice(1, channel, channel + 1);

  Tensor window = image;  // of the image: what is kept
  Shape first(2, 0);      // its indices there
  for (int axis = 0; axis < spatial; ++axis) {
    const auto& taps = trace.axes[static_cast<std::size_t>(spatial - 1 - axis)].taps;
    const std::int64_t last = image.size(axis + 2) - 1;
    std::int64_t low = last;
    std::int64_t high = 0;
    for (const semantics::TracedTap& tap : taps) {
      const std::int64_t pixel = std::clamp<std::int64_t>(tap.wanted, 0, last);
      low = std::min(low, pixel);
      high = std::max(high, pixel);
    }
    low = std::max<std::int64_t>(0, low - margin);
    high = std::min(last, high + margin);
    first.push_back(low);
    window = window.slice(axis + 2, low, high + 1);
  }

  Tensor grid = test_case.grid;
  for (int axis = 0; axis <= spatial; ++axis) {
    const std::int64_t index = place[static_cast<std::size_t>(axis)];
    grid = grid.slice(axis, index, index + 1);
  }
  Tensor input(image.dtype(), image.shape());
  visit(image.dtype(), [&]<class T>(T) {
    const std::span<T> texels = input.elements<T>();
    const Tensor kept = window.contiguous();
    const std::span<const T> values = kept.elements<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      Shape index = unravel(static_cast<std::int64_t>(i), kept.shape());
      std::int64_t position = 0;
      for (std::size_t axis = 0; axis < index.size(); ++axis)
        position = position * image.size(static_cast<int>(axis)) + index[axis] + first[axis];
      texels[static_cast<std::size_t>(position)] = values[i];
    }
  });
  return {.request = test_case.request, .input = std::move(input), .grid = grid.contiguous()};
}

}  // namespace

void add_judge(nb::module_& module) {
  module.def("judge", &judged, nb::arg("question"), nb::arg("actual"), nb::arg("dtype"),
             nb::arg("profile"), nb::arg("threads"), nb::arg("progress").none());
  module.def("admissible", &admissible);
  module.def("element_line",
             [](const Question& question, std::int64_t sample, std::int64_t channel) {
               const Case test_case = question.to_case();
               const nb::gil_scoped_release release;
               return to_line(element_alone(test_case, sample, channel));
             });
  module.def("admissible_text", [](const Question& question, std::int64_t sample,
                                   std::int64_t channel, const std::string& profile) {
    const Case test_case = question.to_case();
    const nb::gil_scoped_release release;
    return to_string(judge_of(profile).admissible(test_case, sample, channel),
                     test_case.input.dtype());
  });
}

}  // namespace gridproof::python
