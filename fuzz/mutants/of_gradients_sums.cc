// How shares are added up: lost additions, races, and the types of sums, weights and positions.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// The texel's sum with one more share in it: `function(sum, share)`, in double.
template <class Function>
auto additions(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.add = [function](auto sum, auto share) {
      return static_cast<decltype(sum)>(
          function(static_cast<double>(sum), static_cast<double>(share)));
    };
  };
}
template <class Function>
auto shares(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.share = [function](auto weight, auto grad) {
      return static_cast<decltype(weight)>(
          function(static_cast<double>(weight), static_cast<double>(grad)));
    };
  };
}

// Which of a sample's taps add to the input: `make(question)` gives a function of (taps, sample's
// number in its batch entry, batch entry) that returns whether they do, and may remember.
template <class Make>
auto hits_where(const Make& make) {
  return only_input([make](HookedGradients& rules, const BackwardCase& test_case) {
    const std::int64_t locations = locations_of(test_case);
    auto keeps = make();
    rules.taps = [keeps, locations, number = std::make_shared<std::int64_t>(0)](
                     const auto& all, const auto& /*sample*/, const auto& /*axes*/) {
      const std::int64_t sample = (*number)++;
      std::remove_cvref_t<decltype(all)> taps{};
      for (const auto& tap : all) {
        if (keeps(tap.gradient_place, sample % locations, sample / locations)) taps.push_back(tap);
      }
      return taps;
    };
  });
}

// Every `period`-th addition to a texel is lost.
auto every_hit_lost(std::int64_t period) {
  return hits_where([period] {
    return [period,
            counts =
                std::make_shared<std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>>()](
               std::int64_t place, std::int64_t /*location*/, std::int64_t n) {
      return ++(*counts)[{n, place}] % period != 0;
    };
  });
}

// Of the samples of a group that add to the same texel, only the first does.
auto conflicts_lost(std::int64_t group) {
  return hits_where([group] {
    struct Seen {
      std::pair<std::int64_t, std::int64_t> group;
      std::map<std::int64_t, std::int64_t> location_of;  // by place
    };
    return [group, seen = std::make_shared<Seen>()](std::int64_t place, std::int64_t location,
                                                    std::int64_t n) {
      const std::pair own(n, location / group);
      if (seen->group != own) *seen = {own, {}};
      return seen->location_of.emplace(place, location).first->second == location;
    };
  });
}

auto dtype_is(Dtype dtype) {
  return [dtype](const BackwardCase& test_case) { return in(dtype)(test_case.forward); };
}

// The gradients of the tensors in another dtype, converted back.
auto asked_in(Dtype dtype) {
  return [dtype](HookedGradients& rules) {
    rules.after_gradients = [dtype](const BackwardCase& test_case, Gradients gradients) {
      const Case& forward = test_case.forward;
      if (!is_copied(forward.input) || !is_copied(forward.grid)) return gradients;
      const Gradients other = right_gradients(
          {{forward.request, converted(forward.input, dtype), converted(forward.grid, dtype)},
           converted(test_case.grad_output, dtype),
           test_case.output_mask});
      if (gradients.input) gradients.input = converted(*other.input, forward.input.dtype());
      if (gradients.grid) gradients.grid = converted(*other.grid, forward.input.dtype());
      return gradients;
    };
  };
}

// The position rounded by `function`.
template <class Function>
auto positions(Function function) {
  return [function](HookedGradients& rules) {
    rules.position = [function](auto x, const Axis& axis) {
      const auto right = Documented::position(x, axis);
      return static_cast<decltype(x)>(function(static_cast<double>(right)));
    };
  };
}

std::vector<GradientMutant> of_scatter() {
  return {
      gradient({"scatter.overwrites", "grad.input",
                "a share is written over what a texel has, not added to it",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               additions([](double, double share) { return share; })),
      gradient({"scatter.first-stays", "grad.input",
                "what a texel has is not added to: the first share stays",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               additions([](double sum, double share) { return sum == 0 ? share : sum; })),
      gradient(
          {"scatter.first-doubled", "grad.input", "the first share of a texel counts twice",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
           "grad_output=f32[1,1,1,2]{1,2}"},
          additions([](double sum, double share) { return sum == 0 ? 2 * share : sum + share; })),
      gradient({"scatter.all-doubled", "grad.input", "every share counts twice",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               shares([](double weight, double grad) { return 2 * weight * grad; })),
      gradient({"scatter.largest", "grad.input",
                "a texel keeps the largest share, as by an atomic maximum",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{2,1}"},
               additions([](double sum, double share) { return std::max(sum, share); })),
      gradient({"scatter.negative-lost", "grad.input", "negative shares are lost",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{2,-1}"},
               additions([](double sum, double share) { return share < 0 ? sum : sum + share; })),
      gradient({"scatter.last-tap-lost", "grad.input",
                "of a sample's taps the last one inside adds nothing",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               only_input([](HookedGradients& rules) {
                 rules.taps = [](const auto& all, const auto& /*sample*/, const auto& /*axes*/) {
                   auto taps = all;
                   if (taps.count > 1) --taps.count;
                   return taps;
                 };
               })),
      gradient(
          {"scatter.small-weights-lost", "grad.input", "taps with a weight below 1/256 are skipped",
           "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
           "grid=f32[1,1,1,2]{-0x1.ffp-3,0} grad_output=f32[1,1,1,1]{1}"},
          only_input(taps_where([](const auto& tap, const auto&, const auto&) {
            return std::fabs(tap.weight) >= 0x1p-8F;
          }))),
      gradient({"scatter.every-256th-lost",
                "grad.input",
                "every 256th addition to a texel is lost, as an atomic one may be",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,300,2]{0*600} grad_output=f32[1,1,1,300]{1*300}",
                {{"PyTorch, pull request 165337 (withdrawn)",
                  "https://github.com/pytorch/pytorch/pull/165337"}}},
               every_hit_lost(256)),
      gradient(
          {"scatter.every-1024th-lost", "grad.input", "every 1024th addition to a texel is lost",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1100,2]{0*2200} grad_output=f32[1,1,1,1100]{1*1100}"},
          every_hit_lost(1024)),
      gradient({"scatter.neighbors-conflict", "grad.input",
                "of two samples in a row that add to one texel only the first does",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               conflicts_lost(2)),
      gradient({"scatter.lanes-conflict", "grad.input",
                "of eight samples in one register that add to one texel only the first does",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,9,2]{0*18} "
                "grad_output=f32[1,1,1,9]{1..9}"},
               conflicts_lost(8)),
      gradient({"scatter.beyond-32-hits-lost", "grad.input",
                "a texel takes at most 32 shares, the length of its list",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,40,2]{0*80} grad_output=f32[1,1,1,40]{1*40}"},
               hits_where([] {
                 return
                     [counts =
                          std::make_shared<std::map<std::pair<std::int64_t, std::int64_t>, int>>()](
                         std::int64_t place, std::int64_t, std::int64_t n) {
                       return ++(*counts)[{n, place}] <= 32;
                     };
               })),
      gradient({"scatter.mean", "grad.input",
                "a texel's gradient is divided by the number of taps that read it",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,1}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 BackwardCase ones = about_input(test_case);
                 ones.grad_output = filled_like(test_case.grad_output, 1);
                 const auto counting = shares([](double, double grad) { return grad; });
                 const Tensor counts = *changed_gradients(counting, ones).input;
                 const std::vector<double> hits = counts.values();
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   if (hits[i] > 1) values[i] /= hits[i];
                 }
               })),
      gradient({"scatter.fixed-point", "grad.input",
                "sums are in units of 2^-16, so that their order does not matter",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0*2} "
                "grad_output=f32[1,1,1,1]{0x1p-20}"},
               shares([](double weight, double grad) {
                 return std::rint(weight * grad * 0x1p16) * 0x1p-16;
               })),
      gradient({"scatter.saturates", "grad.input", "sums stop at 32768 and -32768",
                "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0*2} "
                "grad_output=f32[1,1,1,1]{65536}"},
               additions([](double sum, double share) {
                 const double next = sum + share;
                 return std::isnan(next) ? next : std::clamp(next, -32768.0, 32768.0);
               })),
  };
}

std::vector<GradientMutant> of_types() {
  return {
      gradient_where(
          {"sum.f16",
           "grad.16-bit",
           "f16 tensors are summed in f16, which stops at 2048",
           "grid_sample_backward mode=nearest input=f16[1,1,1,1]{1} "
           "grid=f16[1,1,5000,2]{0*10000} grad_output=f16[1,1,1,5000]{1*5000}",
           {{"PyTorch, pull request 90427", "https://github.com/pytorch/pytorch/pull/90427"},
            {"PyTorch, pull request 96586", "https://github.com/pytorch/pytorch/pull/96586"},
            {"MXNet, issue 17703", "https://github.com/apache/mxnet/issues/17703"}}},
          dtype_is(Dtype::f16),
          additions([](double sum, double share) { return f16(sum + share); })),
      gradient_where(
          {"sum.bf16", "grad.16-bit", "bf16 tensors are summed in bf16, which stops at 256",
           "grid_sample_backward mode=nearest input=bf16[1,1,1,1]{1} "
           "grid=bf16[1,1,512,2]{0*1024} grad_output=bf16[1,1,1,512]{1*512}"},
          dtype_is(Dtype::bf16),
          additions([](double sum, double share) { return bf16(sum + share); })),
      gradient_where({"sum.f32-in-f16", "grad.input", "f32 tensors are summed in f16",
                      "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                      "grid=f32[1,1,2,2]{0*4} grad_output=f32[1,1,1,2]{2048,1}"},
                     dtype_is(Dtype::f32),
                     additions([](double sum, double share) { return f16(sum + share); })),
      gradient_where({"sum.f32-in-bf16", "grad.input", "f32 tensors are summed in bf16",
                      "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} "
                      "grid=f32[1,1,2,2]{0*4} grad_output=f32[1,1,1,2]{256,1}"},
                     dtype_is(Dtype::f32),
                     additions([](double sum, double share) { return bf16(sum + share); })),
      gradient_where({"sum.f64-in-f32", "grad.input", "f64 tensors are summed in f32",
                      "grid_sample_backward mode=nearest input=f64[1,1,1,1]{1} "
                      "grid=f64[1,1,2,2]{0*4} grad_output=f64[1,1,1,2]{0x1p30,1}"},
                     dtype_is(Dtype::f64),
                     additions([](double sum, double share) { return f32(sum + share); })),
      gradient_where({"tensors.f64-in-f32", "grad.grid", "f64 tensors are computed in f32",
                      "grid_sample_backward input=f64[1,1,1,2]{0x1.0000001p0,1} "
                      "grid=f64[1,1,1,2]{0,0} grad_output=f64[1,1,1,1]{1}"},
                     dtype_is(Dtype::f64), asked_in(Dtype::f32)),
      gradient_where({"tensors.f32-in-f16", "grad.grid",
                      "f32 tensors are computed as f16, as under automatic mixed precision",
                      "grid_sample_backward input=f32[1,1,1,2]{2049,2048} "
                      "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}"},
                     dtype_is(Dtype::f32), asked_in(Dtype::f16)),
      gradient_where(
          {"channels.f32-sum-in-f16", "grad.grid", "channels of f32 tensors are summed in f16",
           "grid_sample_backward input=f32[1,3,1,2]{0,2048,0,1,0,1} "
           "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,3,1,1]{1,1,1}"},
          dtype_is(Dtype::f32),
          [](HookedGradients& rules) {
            rules.all_channels = [](const auto& terms) {
              double sum = 0;
              for (const auto term : terms.list) {
                sum = f16(sum + static_cast<double>(term));
              }
              return static_cast<RealOf<decltype(terms)>>(sum);
            };
          }),
      gradient({"weights.of-8-bits", "grad.input",
                "the fraction of a position has 8 bits, as in a texture unit",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0x1.fdp-3,0} grad_output=f32[1,1,1,1]{1024}"},
               [](HookedGradients& rules) {
                 rules.cell = [](const auto& sample, const Axis& axis) {
                   auto cell = Documented::cell(sample, axis);
                   cell.fraction = static_cast<decltype(cell.fraction)>(
                       std::floor(static_cast<double>(cell.fraction) * 256) / 256);
                   return cell;
                 };
               }),
      gradient({"weights.in-bf16", "grad.input", "weights are rounded to bf16 before g is weighted",
                "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                "grid=f32[1,1,1,2]{-0x1.ffp-3,0} grad_output=f32[1,1,1,1]{1024}"},
               shares([](double weight, double grad) { return bf16(weight) * grad; })),
      gradient_where({"position.f32-in-f16", "grad.input",
                      "positions of f32 tensors are rounded to f16 in the backward pass",
                      "grid_sample_backward mode=nearest input=f32[1,1,1,8192]strides[0,0,0,0]{1} "
                      "grid=f32[1,1,1,2]{0.0003662109375,0} grad_output=f32[1,1,1,1]{1}"},
                     dtype_is(Dtype::f32), positions(f16)),
      gradient_where({"position.f32-in-bf16", "grad.input",
                      "positions of f32 tensors are rounded to bf16 in the backward pass",
                      "grid_sample_backward mode=nearest input=f32[1,1,1,512]strides[0,0,0,0]{1} "
                      "grid=f32[1,1,1,2]{0.005859375,0} grad_output=f32[1,1,1,1]{1}"},
                     dtype_is(Dtype::f32), positions(bf16)),
  };
}

}  // namespace

std::vector<GradientMutant> of_gradient_sums() {
  std::vector<GradientMutant> all = of_scatter();
  std::ranges::move(of_types(), std::back_inserter(all));
  return all;
}

}  // namespace gridproof::dictionary
