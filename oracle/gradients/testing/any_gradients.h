// A correct backward pass at its most contrary, for the tests of the judge of gradients: exact
// numbers, of which every single operation is rounded or not, in any order that
// judging-gradients.md, section 1, allows. The judge must never object to it. Not part of the
// judge; gradient_judge_test.cc ties it to the witness oracle/exact.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "oracle/exact/dyadic.h"
#include "oracle/judge/testing/any_rounding.h"
#include "reference/contract/backward.h"

namespace gridproof::judging {

// Answers a case whose numbers are all finite.
class AnyGradients {
 public:
  using Dyadic = exact::Dyadic;

  AnyGradients(const BackwardCase& test_case, std::uint64_t seed, RoundingChoices habits = {})
      : case_(test_case),
        options_(resolve(test_case.forward.request).value()),
        dtype_(test_case.forward.input.dtype()),
        axes_(static_cast<std::size_t>(test_case.forward.input.rank() - 2)),
        round_(is_16_bit(dtype_) ? Dtype::f32 : dtype_, seed, habits) {}

  Gradients operator()() {
    const auto& [request, input, grid] = case_.forward;
    texels_ = input.values();
    grads_ = case_.grad_output.values();
    const std::vector<double> coordinates = grid.values();
    const std::int64_t samples = sample_count(case_.forward);
    const std::int64_t batches = input.size(0);
    inner_ = batches == 0 ? 0 : samples / batches;
    plane_ = 1;
    for (std::size_t axis = 0; axis < axes_; ++axis) plane_ *= size(axis);
    hits_.assign(static_cast<std::size_t>(input.element_count()), {});
    std::vector<double> grid_gradient(coordinates.size());
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      round_.begin_sample();
      std::vector<Axis> along;
      for (std::size_t axis = 0; axis < axes_; ++axis) {
        along.push_back(
            follow(coordinates[static_cast<std::size_t>(sample) * axes_ + axis], size(axis)));
      }
      add_hits(sample, along);
      for (std::size_t axis = 0; axis < axes_; ++axis) {
        grid_gradient[static_cast<std::size_t>(sample) * axes_ + axis] =
            last(coordinate_gradient(sample, along, axis));
      }
    }
    std::vector<double> input_gradient;
    for (std::vector<Dyadic>& hits : hits_) {
      round_.begin_sample();
      input_gradient.push_back(last(round_.sum(std::move(hits))));
    }
    return {Tensor(dtype_, input.shape(), input_gradient),
            Tensor(dtype_, grid.shape(), grid_gradient)};
  }

 private:
  struct Tap {
    std::int64_t index = -1;  // -1: outside
    Dyadic weight;
    Dyadic slope;
  };
  struct Axis {
    std::vector<Tap> taps;
    Dyadic factor;
  };

  [[nodiscard]] std::int64_t size(std::size_t axis) const {  // x first
    return case_.forward.input.shape()[axes_ + 1 - axis];
  }
  double last(const Dyadic& value) {
    return exact::round_to(format_of(dtype_), is_16_bit(dtype_) ? round_(value) : value);
  }

  // How the padded position moves with the position.
  Dyadic direction(const Dyadic& position, const Dyadic& padded, std::int64_t size) const {
    if (options_.padding == Padding::zeros) return 1;
    if (padded.sign() <= 0 || padded >= Dyadic(size - 1)) return 0;
    if (options_.padding == Padding::border) return 1;
    const Dyadic line = options_.align_corners ? Dyadic(0) : Dyadic(-0.5);
    const Dyadic span = options_.align_corners ? size - 1 : size;
    const bool odd = (position - line).remainder(span.scaled(1)) >= span;
    return odd ? -1 : 1;
  }

  Axis follow(double x, std::int64_t size) {
    Axis axis;
    const bool by_taps = options_.mode == Mode::bicubic;
    AnyRounding index_of(Dtype::f64, 0, {.rounded = 0});
    AnyRounding::Position at = round_.position(x, size, options_);
    axis.factor = Dyadic(options_.align_corners ? size - 1 : size).scaled(-1);
    if (!by_taps && options_.padding != Padding::zeros) {
      const Dyadic position = at.seen;
      at.seen = at.used = round_.padded(position, size, options_);
      axis.factor = axis.factor * direction(position, at.seen, size);
    }
    const auto tap = [&](Dyadic index, const Dyadic& weight, const Dyadic& slope) {
      if (by_taps) index = index_of.padded(index, size, options_);
      const bool inside = index.sign() >= 0 && index < Dyadic(size);
      axis.taps.push_back({inside ? *index.to_int64() : -1, weight, slope});
    };
    if (options_.mode == Mode::nearest) {
      tap(at.seen.nearest_integer(), 1, 0);
      axis.factor = 0;
      return axis;
    }
    const Dyadic cell = at.seen.floor();
    const Dyadic t = round_(at.used - cell);
    if (options_.mode == Mode::bilinear) {
      const auto weights = round_.linear_weights(t);
      tap(cell, weights[0], -1);
      tap(cell + 1, weights[1], 1);
      return axis;
    }
    const auto weights = round_.cubic_weights(t);
    const Dyadic s = round_(1 - t);
    const std::array<Dyadic, 4> slopes{outer(round_(t + 1)), inner(t), -inner(s),
                                       -outer(round_.chance(4) ? round_(s + 1) : round_(2 - t))};
    for (int k = 0; k < 4; ++k) {
      const auto j = static_cast<std::size_t>(k);
      tap(cell + (k - 1), weights[j], slopes[j]);
    }
    return axis;
  }
  Dyadic inner(const Dyadic& d) {
    const Dyadic first = round_(round_(Dyadic(3.75) * d) - Dyadic(4.5));
    return round_(first * d);
  }
  Dyadic outer(const Dyadic& d) {
    const Dyadic first = round_(round_(Dyadic(-2.25) * d) + Dyadic(7.5));
    return round_(round_(first * d) - 6);
  }

  // Calls `visit(place, tap of each axis)` for the taps inside.
  template <class Visit>
  void for_each_tap(const std::vector<Axis>& along, Visit&& visit) {
    const std::vector<Tap> one = {{0, 1, 0}};
    for (const Tap& z : axes_ == 3 ? along[2].taps : one) {
      for (const Tap& y : along[1].taps) {
        for (const Tap& x : along[0].taps) {
          if (x.index < 0 || y.index < 0 || z.index < 0) continue;
          visit((z.index * size(1) + y.index) * size(0) + x.index,
                std::array<const Tap*, 3>{&x, &y, &z});
        }
      }
    }
  }
  [[nodiscard]] std::int64_t channels() const { return case_.forward.input.size(1); }
  Dyadic grad(std::int64_t sample, std::int64_t c) const {
    const std::int64_t batch = sample / inner_;
    return grads_[static_cast<std::size_t>((batch * channels() + c) * inner_ + sample % inner_)];
  }
  [[nodiscard]] std::size_t place_of(std::int64_t sample, std::int64_t c, std::int64_t at) const {
    return static_cast<std::size_t>((sample / inner_ * channels() + c) * plane_ + at);
  }

  // A product in a random order.
  Dyadic product(std::vector<Dyadic> factors) {
    while (factors.size() > 1) {
      std::swap(factors.back(), factors[round_.below(factors.size())]);
      const Dyadic one = factors.back();
      factors.pop_back();
      std::swap(factors.back(), factors[round_.below(factors.size())]);
      factors.back() = round_(one * factors.back());
    }
    return factors.front();
  }

  void add_hits(std::int64_t sample, const std::vector<Axis>& along) {
    for_each_tap(along, [&](std::int64_t at, const std::array<const Tap*, 3>& taps) {
      // Either the weight once for all channels, or g in between.
      std::vector<Dyadic> weights;
      for (std::size_t axis = 0; axis < axes_; ++axis) weights.push_back(taps[axis]->weight);
      const bool shared = round_.chance(5);
      const Dyadic weight = shared ? product(weights) : Dyadic(0);
      for (std::int64_t c = 0; c < channels(); ++c) {
        std::vector<Dyadic> factors = shared ? std::vector<Dyadic>{weight} : weights;
        factors.push_back(grad(sample, c));
        hits_[place_of(sample, c, at)].push_back(
            options_.mode == Mode::nearest ? grad(sample, c) : product(std::move(factors)));
      }
    });
  }

  Dyadic coordinate_gradient(std::int64_t sample, const std::vector<Axis>& along,
                             std::size_t axis) {
    const Dyadic& factor = along[axis].factor;
    if (factor.is_zero()) return 0;
    const bool channels_first = round_.chance(4);
    const bool factor_early = round_.chance(3);
    std::vector<Dyadic> terms;
    for_each_tap(along, [&](std::int64_t at, const std::array<const Tap*, 3>& taps) {
      std::vector<Dyadic> weights;
      for (std::size_t other = 0; other < axes_; ++other) {
        weights.push_back(other == axis ? taps[other]->slope : taps[other]->weight);
      }
      if (factor_early) weights.push_back(factor);
      if (channels_first) {
        std::vector<Dyadic> all;
        for (std::int64_t c = 0; c < channels(); ++c) {
          all.push_back(round_(grad(sample, c) * Dyadic(texels_[place_of(sample, c, at)])));
        }
        weights.push_back(round_.sum(std::move(all)));
        terms.push_back(product(weights));
        return;
      }
      for (std::int64_t c = 0; c < channels(); ++c) {
        std::vector<Dyadic> factors = weights;
        factors.push_back(grad(sample, c));
        factors.emplace_back(texels_[place_of(sample, c, at)]);
        terms.push_back(product(std::move(factors)));
      }
    });
    const Dyadic sum = round_.sum(std::move(terms));
    return factor_early ? sum : round_(factor * sum);
  }

  const BackwardCase& case_;
  Options options_;
  Dtype dtype_;
  std::size_t axes_;
  AnyRounding round_;
  std::vector<double> texels_;
  std::vector<double> grads_;
  std::vector<std::vector<Dyadic>> hits_;
  std::int64_t inner_ = 0;
  std::int64_t plane_ = 1;
};

}  // namespace gridproof::judging
