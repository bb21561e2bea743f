// The chapters of the dictionary of gradients; gradient_mutants.cc binds them together.
//
// A change is a function of the rules of the backward pass, and of the question where it has to
// know that. Rules are made for each question, whose samples they meet in row-major order; so a
// change may count.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/hooked_gradients.h"

namespace gridproof::dictionary {

using semantics::DocumentedGradients;
using semantics::HookedGradients;
using semantics::SlopedTap;
using semantics::SlopedTaps;

// The arithmetic type of a stage's first argument.
template <class Argument>
using RealOf = typename semantics::RealOf<std::remove_cvref_t<Argument>>::type;

// --- entries ------------------------------------------------------------------------------------

template <class Change>
HookedGradients changed_rules(const Change& change, const BackwardCase& test_case) {
  HookedGradients rules;
  if constexpr (std::invocable<const Change&, HookedGradients&>) {
    change(rules);
  } else {
    change(rules, test_case);
  }
  return rules;
}

// The gradients under rules with that change. The question is not refused.
template <class Change>
Gradients changed_gradients(const Change& change, const BackwardCase& test_case) {
  return std::get<Gradients>(
      semantics::grid_sample_backward_with(test_case, changed_rules(change, test_case)));
}
inline Gradients right_gradients(const BackwardCase& test_case) {
  return std::get<Gradients>(grid_sample_backward(test_case));
}

// An entry that answers questions by a function.
GradientMutant gradients_by(MutantText words,
                            std::function<BackwardAnswer(const BackwardCase&)> answer);

// A mutant with that change of the rules.
template <class Change>
GradientMutant gradient(MutantText&& words, const Change& change) {
  return gradients_by(std::move(words), [change](const BackwardCase& test_case) -> BackwardAnswer {
    return changed_gradients(change, test_case);
  });
}

// One that changes the questions for which `applies(question)`.
template <class Applies, class Change>
GradientMutant gradient_where(MutantText&& words, Applies&& applies, const Change& change) {
  GradientMutant result = gradient(std::move(words), change);
  result.applies = std::forward<Applies>(applies);
  return result;
}

// A mutant whose instances are subjects of the class `Memory`.
template <class Memory>
GradientMutant gradient_remembering(MutantText&& words) {
  GradientMutant result = gradients_by(std::move(words), nullptr);
  result.remembering = [] { return std::make_unique<Memory>(); };
  return result;
}

// The output locations of one batch entry.
inline std::int64_t locations_of(const BackwardCase& test_case) {
  const Shape& shape = test_case.grad_output.shape();
  return element_count({shape.begin() + 2, shape.end()});
}

// --- changes of one gradient --------------------------------------------------------------------

// The question about one gradient alone.
inline BackwardCase about_input(BackwardCase test_case) {
  test_case.output_mask = {.input = true, .grid = false};
  return test_case;
}
inline BackwardCase about_grid(BackwardCase test_case) {
  test_case.output_mask = {.input = false, .grid = true};
  return test_case;
}

// The gradient of the grid is that of `change`, the gradient of the input is right; and vice versa.
template <class Change>
auto only_grid(const Change& change) {
  return [change](HookedGradients& rules) {
    rules.after_gradients = [change](const BackwardCase& test_case, Gradients gradients) {
      if (gradients.grid) gradients.grid = changed_gradients(change, about_grid(test_case)).grid;
      return gradients;
    };
  };
}
template <class Change>
auto only_input(const Change& change) {
  return [change](HookedGradients& rules) {
    rules.after_gradients = [change](const BackwardCase& test_case, Gradients gradients) {
      if (gradients.input) {
        gradients.input = changed_gradients(change, about_input(test_case)).input;
      }
      return gradients;
    };
  };
}

// The question is answered for `rewrite(question)`.
template <class Rewrite>
auto asks_gradients(const Rewrite& rewrite) {
  return [rewrite](HookedGradients& rules) { rules.before_gradients = rewrite; };
}

// Numbers of a gradient, each replaced: `rewrite(question, values)`.
template <class Rewrite>
auto gives_grid(const Rewrite& rewrite) {
  return [rewrite](HookedGradients& rules) {
    rules.after_gradients = [rewrite](const BackwardCase& test_case, Gradients gradients) {
      if (gradients.grid) {
        std::vector<double> values = gradients.grid->values();
        rewrite(test_case, values);
        gradients.grid = Tensor(gradients.grid->dtype(), gradients.grid->shape(), values);
      }
      return gradients;
    };
  };
}
template <class Rewrite>
auto gives_input(const Rewrite& rewrite) {
  return [rewrite](HookedGradients& rules) {
    rules.after_gradients = [rewrite](const BackwardCase& test_case, Gradients gradients) {
      if (gradients.input) {
        std::vector<double> values = gradients.input->values();
        rewrite(test_case, values);
        gradients.input = Tensor(gradients.input->dtype(), gradients.input->shape(), values);
      }
      return gradients;
    };
  };
}

// --- changes of a stage -------------------------------------------------------------------------

// How many pixels the sampled position moves with each unit: `function(right, sample, axis)`.
template <class Function>
auto factors(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.factor = [function](const auto& sample, const Axis& axis) {
      using T = RealOf<decltype(sample)>;
      return static_cast<T>(function(DocumentedGradients::factor(sample, axis), sample, axis));
    };
  };
}

// The same for one padding mode, in the modes that pad positions: `function(sample, axis)` is how
// the padded position moves with the position.
template <class Function>
auto padding_slopes(Padding padding, const Function& function) {
  return factors([padding, function](auto right, const auto& sample, const Axis& axis) {
    using T = decltype(right);
    if (axis.options.padding != padding || axis.options.mode == Mode::bicubic ||
        !std::isfinite(sample.position) || std::isnan(sample.given)) {
      return right;
    }
    return static_cast<T>(function(sample, axis)) * semantics::pixels_per_unit<T>(axis);
  });
}

// The axis with the other flag.
inline Axis with_other_flag(Axis axis) {
  axis.options.align_corners = !axis.options.align_corners;
  return axis;
}

// Each tap, as `function(tap, sample, axes)` changes it.
template <class Function>
auto each_tap(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.taps = [function](const auto& all, const auto& sample, const auto& axes) {
      auto taps = all;
      for (auto& tap : taps.list) {
        if (&tap < taps.end()) function(tap, sample, axes);
      }
      return taps;
    };
  };
}

// Only the taps for which `function(tap, sample, axes)`.
template <class Function>
auto taps_where(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.taps = [function](const auto& all, const auto& sample, const auto& axes) {
      std::remove_cvref_t<decltype(all)> taps{};
      for (const auto& tap : all) {
        if (function(tap, sample, axes)) taps.push_back(tap);
      }
      return taps;
    };
  };
}

std::vector<GradientMutant> of_gradient_scales();
std::vector<GradientMutant> of_gradient_axes();
std::vector<GradientMutant> of_gradient_cells();
std::vector<GradientMutant> of_gradient_padding();
std::vector<GradientMutant> of_gradient_modes();
std::vector<GradientMutant> of_gradient_channels();
std::vector<GradientMutant> of_gradient_samples();
std::vector<GradientMutant> of_gradient_sums();
std::vector<GradientMutant> of_gradient_tensors();

}  // namespace gridproof::dictionary
