// The second witness: every forward value of grid_sample as an exact number, by mathematics alone.
// It knows the question (reference/contract) and the documentation; it shares no arithmetic with
// the reference. It implements the clauses on options, shapes and dtypes by refusing, and through
// axis.h all clauses on values. Derivations: exact.md. Tested by exact_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "oracle/exact/axis.h"
#include "oracle/exact/dyadic.h"
#include "reference/contract/subject.h"

namespace gridproof::exact {

// Why the operator does not answer this case, if it does not. The first of these that applies:
// options.mode, options.padding-mode, shape.rank, shape.batch, shape.last-dimension,
// shape.empty-spatial, options.bicubic-4d, dtype.supported, dtype.same.
std::optional<Refusal> refusal_of(const Case& test_case);

// The shape of the output of a case that has no refusal.
Shape output_shape(const Case& test_case);

// One element of the output or of a gradient, before any rounding.
struct Element {
  Dyadic number;
  // +0 for a number. Else `number` is 0, and this is what the element is: NaN, an infinity, or the
  // texel -0 that `nearest` has copied.
  double special = 0;

  [[nodiscard]] bool is_number() const { return special == 0; }
};

// The element rounded once to `format`, which must be no wider than double.
double round_to(const Format& format, const Element& element,
                Rounding rounding = Rounding::nearest);

// A case that the operator answers, ready to be asked for its elements. Any number of threads may
// ask at the same time.
class Evaluator {
 public:
  // Throws std::invalid_argument for a case that has a refusal.
  explicit Evaluator(const Case& test_case);

  [[nodiscard]] const Options& options() const { return options_; }
  // Output locations, counted in row-major order over (N, output spatial sizes).
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  [[nodiscard]] std::int64_t channels() const { return input_.size(1); }

  // All channels of one sample; `channels` has room for as many as there are.
  void sample(std::int64_t sample, std::span<Element> channels) const;
  [[nodiscard]] Element element(std::int64_t sample, std::int64_t channel) const;

 private:
  struct Place;  // of a sample: its batch and its taps

  [[nodiscard]] Place place_of(std::int64_t sample) const;
  [[nodiscard]] Element element_at(const Place& place, std::int64_t channel) const;
  [[nodiscard]] Dyadic weighted_sum(const Place& place, std::size_t axis, std::int64_t offset,
                                    int sign, double& special) const;

  Options options_;
  Tensor input_;
  Tensor grid_;
  std::vector<Axis> axes_;  // in the order of the input's shape: (z,) y, x
  std::int64_t samples_ = 0;
};

// The answer to any case: a refusal, or the output with every element rounded once.
Answer answer(const Case& test_case);

// The subject named "exact".
SubjectEntry subject();

}  // namespace gridproof::exact
