// Answers questions as the hypotheses change them, at some output locations, and compares the
// answers with the expected values. Tested by diagnose_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/correction.h"
#include "reports/diagnosis/family.h"

namespace gridproof::reports::diagnosis {

// How far an output is from the expected values.
struct Distance {
  double share = 0;  // of the elements that are equal, up to 1e-3 of the range of the expected ones
  double inside = 1;   // the same share where all reads lie between the centers of the outer pixels
  double outside = 1;  // and elsewhere; 1 where there are no such elements
  double median = 0;   // of the absolute differences
  double most = 0;     // nine tenths of them are at most that
  double worst = 0;
  bool is_exact = false;  // the worst is as close as rounding allows, and no number was fitted
};

// Hypotheses, applied in their order.
struct Attempt {
  Changes changes;
  std::shared_ptr<const Hypothesis> fitted = {};  // the one of `changes` that was made for this
  bool keeps_flag = true;  // align_corners is unchanged, or is itself the mistake
  Distance distance;
  std::vector<double> numbers;  // the numbers that were fitted: a fill value, or one per channel

  [[nodiscard]] std::string name() const;  // "units.pixels + axes.reversed"
};

Tensor as_f64(const Tensor& tensor);

bool are_all_equal(const std::vector<double>& values);

// The largest finite value minus the smallest. If they are all equal, their magnitude, but at
// least 1.
double range_of(const std::vector<double>& values);
// The largest magnitude of the finite ones; 0 if there are none.
double largest_of(const std::vector<double>& values);
// How far apart two values are: 0 for the same infinity and for NaN twice, infinite for NaN or an
// infinity and anything else.
double difference_of(double one, double other);

// Answers a changed question at some sites.
class Evaluator {
 public:
  // The expected values may be missing; then there are outputs but no distances. `step` as in
  // Search. `other` looks at all channels of the same situation: its copy of the input is shared
  // where that is the same, since that of a large picture is larger than all the rest.
  Evaluator(const Situation& situation, const Tensor* expected, double step, std::int64_t locations,
            bool all_channels, const Evaluator* other = nullptr);

  struct Answered {
    std::vector<double> output;       // (N, C, sites)
    std::vector<double> coordinates;  // of each site
    Options options;
    std::vector<double> numbers;
    bool is_adapted = false;  // to what was expected
  };
  [[nodiscard]] std::optional<Answered> answer(const Changes& changes) const;
  [[nodiscard]] std::optional<Answered> answer(const Correction& meant) const;

  [[nodiscard]] std::optional<Attempt> attempt(const Changes& changes) const;

  // Every combination of this many members of the family of the coordinates. Keeps those that
  // explain at least the share `least` of the values, or leave only noise.
  void attempt_family(Family& family, std::size_t parts, double least,
                      std::vector<Attempt>& attempts) const;

  // Every sensible pair that starts with a hypothesis, which is prepared only once. Pairs within
  // the family are not included.
  void attempt_pairs(const Hypothesis& one, std::vector<Attempt>& pairs) const;

  [[nodiscard]] Distance distance_of(const Answered& answered) const;

  [[nodiscard]] double range() const { return range_of(expected_); }
  // The expected values at the sites, (N, C, sites).
  [[nodiscard]] const std::vector<double>& expected() const { return expected_; }
  [[nodiscard]] const Sites& sites() const { return sites_; }

  // Whether there are so few expected values that some fitted number explains them.
  [[nodiscard]] bool has_too_few_values() const;

  // As Search::differs_at_ties_only.
  [[nodiscard]] bool differs_at_ties_only() const;

 private:
  [[nodiscard]] std::optional<std::vector<double>> output_at(const std::vector<double>& coordinates,
                                                             const Correction& meant) const;

  // Replaces each output by the expected value if some coordinate within its uncertainty produces
  // it or, where the mode interpolates, if such coordinates produce values above and below it.
  // Tries the ends and the middle of each axis.
  void clamp_within_uncertainty(const Correction& meant, std::vector<double>& output) const;

  [[nodiscard]] Attempt trial_of(const Changes& changes, const Answered& answered) const;

  // Whether all reads are so far outside that every input gives the same answer.
  [[nodiscard]] bool is_emptied(const Answered& answered) const;

  // An input as it is shown to the reference.
  [[nodiscard]] Tensor shown(const Tensor& input) const;

  // Whether a site reads beyond the centers of the outer pixels.
  [[nodiscard]] std::vector<bool> beyond(const Answered& answered) const;

  const Situation& situation_;
  bool all_channels_;
  Sites sites_;
  Tensor input_;
  std::vector<double> expected_;
  double tolerance_ = 0;
  double steepest_ = 0;         // by how much neighbors of the input differ at most
  std::optional<double> most_;  // what is beyond 0 or this was cut
};

}  // namespace gridproof::reports::diagnosis
