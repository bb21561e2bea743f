// Rules of the backward pass whose stages can be replaced at run time, as those of the forward pass
// (hooked.h), which it also asks. No clause of its own; tested by hooked_gradients_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "reference/semantics/backward.h"
#include "reference/semantics/hooked.h"

namespace gridproof::semantics {

// What the channels add to a texel: grad_output times texel, channel by channel.
template <class T>
struct ChannelTerms {
  std::vector<T> list;
};

namespace signature {
template <class T>
using OfChannels = T(const ChannelTerms<T>&);
template <class T>
using OfTaps = SlopedTaps<T>(const SlopedTaps<T>&, const Sample<T>&, const std::array<Axis, 3>&);
}  // namespace signature

struct HookedGradients : Hooked {
  using Backward = DocumentedGradients;

  // The question that is answered instead, and the gradients that are given instead. What is
  // refused is not changed.
  std::function<BackwardCase(BackwardCase)> before_gradients = [](BackwardCase test_case) {
    return test_case;
  };
  std::function<Gradients(const BackwardCase&, Gradients)> after_gradients =
      [](const BackwardCase&, Gradients gradients) { return gradients; };

  // The stages, in the order in which a sample meets them.
  Stage<signature::TwoWeights> linear_slopes = [](auto t, const Axis& a) {
    return Backward::linear_slopes(t, a);
  };
  Stage<signature::FourWeights> cubic_slopes = [](auto t, const Axis& a) {
    return Backward::cubic_slopes(t, a);
  };
  Stage<signature::OfTaps> taps = [](const auto& all, const auto& /*sample*/,
                                     const auto& /*axes*/) { return all; };
  Stage<signature::OfTwo> share = [](auto weight, auto grad) {
    return Backward::share(weight, grad);
  };
  Stage<signature::OfTwo> add = [](auto one, auto other) { return Backward::add(one, other); };
  Stage<signature::OfChannels> all_channels = [](const auto& terms) {
    using T = typename RealOf<std::remove_cvref_t<decltype(terms)>>::type;
    return Backward::channel_sum<T>(
        static_cast<std::int64_t>(terms.list.size()),
        [&](std::int64_t c) { return terms.list[static_cast<std::size_t>(c)]; });
  };
  Stage<signature::OnSample> factor = [](const auto& s, const Axis& a) {
    return Backward::factor(s, a);
  };
  Stage<signature::OfTwo> coordinate_gradient = [](auto f, auto slope) {
    return Backward::coordinate_gradient(f, slope);
  };

  // What the loop calls: `all_channels`, given a list.
  template <class T, class TermAt>
  T channel_sum(std::int64_t channels, TermAt&& term) const {
    ChannelTerms<T> terms;
    terms.list.reserve(static_cast<std::size_t>(channels));
    for (std::int64_t c = 0; c < channels; ++c) terms.list.push_back(term(c));
    return all_channels(terms);
  }
};

// The gradients of `question` under these rules.
BackwardAnswer grid_sample_backward_with(const BackwardCase& test_case,
                                         const HookedGradients& rules);

}  // namespace gridproof::semantics
