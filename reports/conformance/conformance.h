// Somebody's own function on trial, from within their own tests and whatever their test framework:
//
//   const gridproof::Conformance result = gridproof::check_conformance(my_grid_sample);
//   if (!result.conforms) std::puts(result.text.c_str());
//
// For GoogleTest, gridproof/gtest.h has a macro. Tested by conformance_test.cc.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "fuzz/campaign/campaign.h"
#include "reference/contract/dtype.h"
#include "reference/contract/subject.h"

namespace gridproof {

struct ConformanceOptions {
  std::string name = "the function";  // in findings
  std::int64_t samples = 1'000'000;   // `gridproof check` without options judges ten times as many
  std::uint64_t seed = 1;
  Profile profile;
  Dialect dialect = Dialect::pytorch;
  bool strict = false;
  int threads = 1;  // more: the function is called from several threads at once; 0: one a core
};

struct Conformance {
  bool conforms = false;
  std::string text;  // what `gridproof check` prints: the verdicts, the findings, the totals
  CampaignResult result;
};

// Puts `function` to a campaign. It may throw: Unsupported where it takes no part in a question,
// and anything else for a question that it refuses, a std::exception with the reason. It runs in
// this process, so what crashes it crashes the test; a plug-in or a process is watched from
// outside.
Conformance check_conformance(const std::function<Answer(const Case&)>& function,
                              const ConformanceOptions& options = {});

// A function that samples elements of type T: float, double, Half or BFloat16. Both tensors are
// dense, (N, C, H, W) and (N, H_out, W_out, 2) or one axis more, and so is `output`, row-major (N,
// C, H_out, W_out) or one axis more, which holds zeros.
template <class Function, class T>
concept Sampler =
    std::invocable<Function&, const View<T>&, const View<T>&, const Options&, std::span<T>>;

// The same for a function on plain memory, of one element type or several. It is only asked what
// has an answer, in dense tensors; refusals and layouts need the other form.
template <class Function>
  requires(Sampler<Function, float> || Sampler<Function, double> || Sampler<Function, Half> ||
           Sampler<Function, BFloat16>)
Conformance check_conformance(Function function, const ConformanceOptions& options = {});

namespace conformance {

// What such a function is given: a question with dense tensors that has an answer, or what it is
// spared.
struct Call {
  Tensor input;
  Tensor grid;
  Options options;
  Tensor output;  // of zeros
};
std::variant<Call, Unsupported> prepare(const Case& test_case);

}  // namespace conformance

template <class Function>
  requires(Sampler<Function, float> || Sampler<Function, double> || Sampler<Function, Half> ||
           Sampler<Function, BFloat16>)
Conformance check_conformance(Function function, const ConformanceOptions& options) {
  const auto answer = [&function](const Case& test_case) -> Answer {
    auto prepared = conformance::prepare(test_case);
    if (auto* const spared = std::get_if<Unsupported>(&prepared)) return std::move(*spared);
    auto& call = std::get<conformance::Call>(prepared);
    return visit(test_case.input.dtype(), [&]<class T>(T) -> Answer {
      if constexpr (Sampler<Function, T>) {
        function(call.input.view<T>(), call.grid.view<T>(), call.options,
                 call.output.elements<T>());
        return std::move(call.output);
      } else {
        return Unsupported{std::string(gridproof::name(dtype_of<T>))};
      }
    });
  };
  return check_conformance(std::function<Answer(const Case&)>(answer), options);
}

}  // namespace gridproof
