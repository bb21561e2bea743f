// Which gradients are given, of which shape and dtype, for which sizes, and what is left of
// questions before.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

bool only_input_wanted(const BackwardCase& test_case) {
  return test_case.output_mask.input && !test_case.output_mask.grid;
}
bool only_grid_wanted(const BackwardCase& test_case) {
  return !test_case.output_mask.input && test_case.output_mask.grid;
}

// What is given instead, whole.
template <class Function>
auto gives_gradients(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.after_gradients = [function](const BackwardCase& test_case, Gradients gradients) {
      function(test_case, gradients);
      return gradients;
    };
  };
}

Tensor zeros_like(const Tensor& tensor) { return {tensor.dtype(), tensor.shape()}; }

// Texels of the input's gradient for which not `function(place, question)` get none; `place` is
// the pixel's number in its plane.
template <class Function>
auto texels_where(const Function& function) {
  return gives_input([function](const BackwardCase& test_case, std::vector<double>& values) {
    if (values.empty()) return;
    const std::int64_t pixels = pixels_of(test_case.forward);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!function(static_cast<std::int64_t>(i) % pixels, test_case)) values[i] = 0;
    }
  });
}

std::vector<GradientMutant> of_masks() {
  return {
      gradient_where({"mask.input-alone-zero", "grad.mask",
                      "the gradient of the input is 0 where that of the grid is not wanted",
                      "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,1]{1} "
                      "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{2}"},
                     only_input_wanted, gives_gradients([](const auto&, Gradients& gradients) {
                       gradients.input = zeros_like(*gradients.input);
                     })),
      gradient_where({"mask.grid-alone-zero", "grad.mask",
                      "the gradient of the grid is 0 where that of the input is not wanted",
                      "grid_sample_backward output_mask=[False,True] input=f32[1,1,1,1]{1} "
                      "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{2}"},
                     only_grid_wanted, gives_gradients([](const auto&, Gradients& gradients) {
                       gradients.grid = zeros_like(*gradients.grid);
                     })),
      gradient_where(
          {"mask.grid-alone-missing",
           "grad.mask",
           "where the gradient of the input is not wanted there is none at all",
           "grid_sample_backward output_mask=[False,True] input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,1,1,1]{2}",
           {{"Paddle, issue 38900", "https://github.com/PaddlePaddle/Paddle/issues/38900"},
            {"Paddle, issue 15583", "https://github.com/PaddlePaddle/Paddle/issues/15583"},
            {"Paddle, pull request 70147", "https://github.com/PaddlePaddle/Paddle/pull/70147"}}},
          only_grid_wanted,
          gives_gradients([](const auto&, Gradients& gradients) { gradients.grid.reset(); })),
      gradient({"mask.ignored", "grad.mask", "both gradients are given, whichever is wanted",
                "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{2}"},
               gives_gradients([](const BackwardCase& test_case, Gradients& gradients) {
                 BackwardCase both = test_case;
                 both.output_mask = {};
                 gradients = right_gradients(both);
               })),
      gradient({"mask.exchanged", "grad.mask", "the two flags of output_mask are exchanged",
                "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,1]{1} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{2}"},
               asks_gradients([](BackwardCase test_case) {
                 std::swap(test_case.output_mask.input, test_case.output_mask.grid);
                 return test_case;
               })),
      gradient_where({"mask.input-alone-nearest", "grad.mask",
                      "where only the input's gradient is wanted the nearest pixel gets all of it",
                      "grid_sample_backward output_mask=[True,False] input=f32[1,1,1,4]{1,2,4,8} "
                      "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,1,1,1]{1}"},
                     only_input_wanted,
                     [](HookedGradients& rules) {
                       rules.linear_weights = [](auto t, const Axis& /*axis*/) {
                         using T = decltype(t);
                         return t > T{0.5} ? std::array<T, 2>{0, 1} : std::array<T, 2>{1, 0};
                       };
                     }),
      gradient_where({"mask.grid-alone-first-channel", "grad.mask",
                      "where only the grid's gradient is wanted only the first channel counts",
                      "grid_sample_backward output_mask=[False,True] input=f32[1,2,1,1]{1,2} "
                      "grid=f32[1,1,1,2]{0.5,0} grad_output=f32[1,2,1,1]{2,4}"},
                     only_grid_wanted,
                     [](HookedGradients& rules) {
                       rules.all_channels = [](const auto& terms) {
                         using T = RealOf<decltype(terms)>;
                         return terms.list.empty() ? T{0} : terms.list.front();
                       };
                     }),
  };
}

std::vector<GradientMutant> of_forms() {
  return {
      gradients_by({"shape.empty-refused", "grad.shape",
                    "an empty grid is refused instead of giving gradients of zeros",
                    "grid_sample_backward input=f32[1,1,1,2]{1,2} grid=f32[1,0,1,2]{} "
                    "grad_output=f32[1,1,0,1]{}"},
                   [](const BackwardCase& test_case) -> BackwardAnswer {
                     if (test_case.forward.grid.element_count() > 0) {
                       return grid_sample_backward(test_case);
                     }
                     return Refusal{"", "expected grid to be non-empty"};
                   }),
      gradient({"shape.grid-without-rows", "grad.shape",
                "the gradient of the grid has one axis for all samples of a batch entry",
                "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4} "
                "grad_output=f32[1,1,1,2]{1,2}"},
               gives_gradients([](const BackwardCase& test_case, Gradients& gradients) {
                 if (!gradients.grid) return;
                 const Tensor& grid = test_case.forward.grid;
                 gradients.grid = gradients.grid->reshaped(
                     {grid.size(0), locations_of(test_case), grid.size(grid.rank() - 1)});
               })),
      gradient({"shape.expanded-batch-summed", "grad.shape",
                "the gradient of an input that is expanded along the batch has one entry",
                "grid_sample_backward mode=nearest input=f32[2,1,1,1]strides[0,1,1,1]{1} "
                "grid=f32[2,1,1,2]{0*4} grad_output=f32[2,1,1,1]{1,2}"},
               gives_gradients([](const BackwardCase& test_case, Gradients& gradients) {
                 if (!gradients.input || !input_expanded_along(0)(test_case.forward)) return;
                 gradients.input = gradients.input->slice(0, 0, 1).contiguous();
               })),
      gradient_where(
          {"dtype.f32-for-16-bit", "grad.dtype",
           "gradients of 16-bit tensors are f32, as they were summed",
           "grid_sample_backward input=bf16[1,1,1,1]{1} grid=bf16[1,1,1,2]{0,0} "
           "grad_output=bf16[1,1,1,1]{3}"},
          [](const BackwardCase& test_case) { return in_16_bits(test_case.forward); },
          gives_gradients([](const BackwardCase&, Gradients& gradients) {
            if (gradients.input) {
              gradients.input = converted(*gradients.input, Dtype::f32);
            }
            if (gradients.grid) gradients.grid = converted(*gradients.grid, Dtype::f32);
          })),
      gradient_where(
          {"dtype.f32-grid-for-f64", "grad.dtype", "the gradient of a grid in f64 is f32",
           "grid_sample_backward input=f64[1,1,1,1]{1} grid=f64[1,1,1,2]{0,0} "
           "grad_output=f64[1,1,1,1]{3}"},
          [](const BackwardCase& test_case) { return in(Dtype::f64)(test_case.forward); },
          gives_gradients([](const BackwardCase&, Gradients& gradients) {
            if (gradients.grid) gradients.grid = converted(*gradients.grid, Dtype::f32);
          })),
  };
}

std::vector<GradientMutant> of_gradient_sizes() {
  return {
      gradient({"size.beyond-2^15-lost", "grad.input",
                "texels from the 32768th of a plane on get no gradient: a 16-bit index is negative",
                "grid_sample_backward mode=nearest "
                "input=f32[1,1,256,256]strides[0,0,0,0]{1} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,1,1,1]{1}"},
               texels_where([](std::int64_t place, const BackwardCase&) { return place < 32768; })),
      gradient({"size.beyond-2^16-wraps", "grad.input",
                "texels from the 65536th of a plane on add to the first ones: a 16-bit index",
                "grid_sample_backward mode=nearest "
                "input=f32[1,1,2,40000]strides[0,0,0,0]{1} grid=f32[1,1,1,2]{0.75,0.5} "
                "grad_output=f32[1,1,1,1]{1}"},
               gives_input([](const BackwardCase& test_case, std::vector<double>& values) {
                 if (values.empty()) return;
                 const std::int64_t pixels = pixels_of(test_case.forward);
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   const auto place = static_cast<std::int64_t>(i) % pixels;
                   if (place < 65536) continue;
                   values[i - static_cast<std::size_t>(place - place % 65536)] += values[i];
                   values[i] = 0;
                 }
               })),
      gradient({"size.odd-column-lost", "grad.input",
                "columns are done in pairs: the last of an odd number gets no gradient",
                "grid_sample_backward mode=nearest input=f32[1,1,1,3]{1,2,4} "
                "grid=f32[1,1,1,2]{0.75,0} grad_output=f32[1,1,1,1]{1}"},
               texels_where([](std::int64_t place, const BackwardCase& test_case) {
                 const std::int64_t width = width_of(test_case.forward.input, 0);
                 return width == 1 || width % 2 == 0 || place % width != width - 1;
               })),
      gradient({"size.last-row-lost", "grad.input", "the last of several rows gets no gradient",
                "grid_sample_backward mode=nearest input=f32[1,1,3,1]{1,2,4} "
                "grid=f32[1,1,1,2]{0,0.75} grad_output=f32[1,1,1,1]{1}"},
               texels_where([](std::int64_t place, const BackwardCase& test_case) {
                 const Tensor& input = test_case.forward.input;
                 const std::int64_t height = width_of(input, 1);
                 return height == 1 || place / width_of(input, 0) % height != height - 1;
               })),
      gradient(
          {"size.first-slice-only", "grad.input", "of volumes only the first slice gets a gradient",
           "grid_sample_backward mode=nearest input=f32[1,1,2,1,1]{1,2} "
           "grid=f32[1,1,1,1,3]{0,0,0.5} grad_output=f32[1,1,1,1,1]{1}"},
          texels_where([](std::int64_t place, const BackwardCase& test_case) {
            const Tensor& input = test_case.forward.input;
            return place < width_of(input, 0) * width_of(input, 1);
          })),
  };
}

// A subject that keeps something for each combination of shapes and dtype, of small questions; it
// answers those right that are refused or larger.
class RememberingGradients : public Subject {
 public:
  Answer answer(const Case& test_case) final { return grid_sample(test_case); }
  BackwardAnswer backward(const BackwardCase& test_case) final {
    BackwardAnswer right = grid_sample_backward(test_case);
    auto* const gradients = std::get_if<Gradients>(&right);
    const Case& forward = test_case.forward;
    if (gradients == nullptr || forward.input.element_count() > max_kept ||
        test_case.grad_output.element_count() > max_kept) {
      return right;
    }
    return given(test_case, std::move(*gradients));
  }

 protected:
  using Key = std::pair<Dtype, std::pair<Shape, Shape>>;
  static Key key_of(const BackwardCase& test_case) {
    const Case& forward = test_case.forward;
    return {forward.input.dtype(), {forward.input.shape(), forward.grid.shape()}};
  }

 private:
  static constexpr std::int64_t max_kept = std::int64_t{1} << 12;
  virtual Gradients given(const BackwardCase& test_case, Gradients right) = 0;
};

Tensor sum_of(const Tensor& one, const Tensor& other) {
  std::vector<double> values = one.values();
  const std::vector<double> more = other.values();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += more[i];
  return {one.dtype(), one.shape(), values};
}

// Gradients stay in their buffers, and those of the next question of the same shapes are added.
template <std::optional<Tensor> Gradients::* which>
class Accumulating final : public RememberingGradients {
  Gradients given(const BackwardCase& test_case, Gradients right) override {
    std::optional<Tensor>& gradient = right.*which;
    if (!gradient) return right;
    const auto [buffer, is_new] = buffers_.try_emplace(key_of(test_case), *gradient);
    if (!is_new) {
      buffer->second = sum_of(buffer->second, *gradient);
      gradient = buffer->second;
    }
    return right;
  }

  std::map<Key, Tensor> buffers_;
};

// The first question of the same shapes is kept, and later ones are answered with a part of it.
template <void (*replace)(BackwardCase&, const BackwardCase&)>
class Keeping final : public RememberingGradients {
  Gradients given(const BackwardCase& test_case, Gradients right) override {
    const Case& forward = test_case.forward;
    const auto [kept, is_new] = kept_.try_emplace(
        key_of(test_case),
        BackwardCase{{forward.request, forward.input.contiguous(), forward.grid.contiguous()},
                     test_case.grad_output.contiguous(),
                     test_case.output_mask});
    if (is_new) return right;
    BackwardCase asked = test_case;
    replace(asked, kept->second);
    return right_gradients(asked);
  }

  std::map<Key, BackwardCase> kept_;
};

void keep_grid(BackwardCase& asked, const BackwardCase& kept) {
  asked.forward.grid = kept.forward.grid;
}
void keep_input(BackwardCase& asked, const BackwardCase& kept) {
  asked.forward.input = kept.forward.input;
}
void keep_grads(BackwardCase& asked, const BackwardCase& kept) {
  asked.grad_output = kept.grad_output;
}
void keep_options(BackwardCase& asked, const BackwardCase& kept) {
  if (options_of(asked.forward).mode == Mode::bicubic ||
      options_of(kept.forward).mode == Mode::bicubic) {
    return;
  }
  asked.forward.request = kept.forward.request;
}

// The gradient of an input larger than the first one is cut off where that ended.
class FirstSize final : public RememberingGradients {
  Gradients given(const BackwardCase& /*question*/, Gradients right) override {
    if (!right.input) return right;
    std::vector<double> values = right.input->values();
    if (capacity_ == 0) capacity_ = values.size();
    if (values.size() <= capacity_) return right;
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(capacity_), values.end(), 0);
    right.input = Tensor(right.input->dtype(), right.input->shape(), values);
    return right;
  }

  std::size_t capacity_ = 0;
};

// What the question before left, if it had the same shapes: the gradient of its input is not
// cleared, or its align_corners is taken.
class LastNotCleared final : public RememberingGradients {
  Gradients given(const BackwardCase& test_case, Gradients right) override {
    if (!right.input) return right;
    if (last_ && last_->first == key_of(test_case))
      right.input = sum_of(last_->second, *right.input);
    last_.emplace(key_of(test_case), *right.input);
    return right;
  }

  std::optional<std::pair<Key, Tensor>> last_;
};
class LastFlag final : public RememberingGradients {
  Gradients given(const BackwardCase& test_case, Gradients /*right*/) override {
    BackwardCase asked = test_case;
    if (last_ && last_->first == key_of(test_case)) {
      asked.forward.request.align_corners = last_->second;
    }
    last_.emplace(key_of(test_case), options_of(asked.forward).align_corners);
    return right_gradients(asked);
  }

  std::optional<std::pair<Key, bool>> last_;
};

std::vector<GradientMutant> of_state_of_gradients() {
  return {
      gradient_remembering<LastNotCleared>(
          {"state.last-not-cleared", "grad.input",
           "the gradient of the input is added to that of the question before, if of its shapes",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{4}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{2}"}),
      gradient_remembering<LastFlag>(
          {"state.last-flag", "grad.scale",
           "a question has the align_corners of the one before, if of its shapes",
           "grid_sample_backward align_corners=True input=f32[1,1,1,2]{1,2} "
           "grid=f32[1,1,1,2]{0.25,0} grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.25,0} "
           "grad_output=f32[1,1,1,1]{1}"}),
      gradient_remembering<Accumulating<&Gradients::input>>(
          {"state.input-not-cleared", "grad.input",
           "the gradient of the input is added to those of earlier questions of the same shapes",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{2}"}),
      gradient_remembering<Accumulating<&Gradients::grid>>(
          {"state.grid-not-cleared", "grad.grid",
           "the gradient of the grid is added to those of earlier questions of the same shapes",
           "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{2}"}),
      gradient_remembering<Keeping<keep_grid>>(
          {"state.first-grid", "grad.input",
           "questions of the same shapes have the grid of the first one",
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}"}),
      gradient_remembering<Keeping<keep_input>>(
          {"state.first-input", "grad.grid",
           "questions of the same shapes have the texels of the first one",
           "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward input=f32[1,1,1,1]{2} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}"}),
      gradient_remembering<Keeping<keep_grads>>(
          {"state.first-grads", "grad.input",
           "questions of the same shapes have the grad_output of the first one",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{2}"}),
      gradient_remembering<Keeping<keep_options>>(
          {"state.first-options", "grad.input",
           "questions of the same shapes have the options of the first one, but for bicubic",
           "grid_sample_backward input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.25,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.25,0} "
           "grad_output=f32[1,1,1,1]{1}"}),
      gradient_remembering<FirstSize>(
          {"state.first-size", "grad.input",
           "the gradient of a larger input than the first is cut off where that one ended",
           "grid_sample_backward mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,1,1,1]{1}\n"
           "grid_sample_backward mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0} "
           "grad_output=f32[1,1,1,1]{1}"}),
  };
}

}  // namespace

std::vector<GradientMutant> of_gradient_tensors() {
  std::vector<GradientMutant> all = of_masks();
  for (auto* const more : {of_forms, of_gradient_sizes, of_state_of_gradients}) {
    std::ranges::move(more(), std::back_inserter(all));
  }
  return all;
}

}  // namespace gridproof::dictionary
