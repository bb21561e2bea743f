// Questions as hypotheses would have them, answered at some output locations and held against what
// was expected. Tested by diagnose_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/correction.h"
#include "reports/diagnosis/family.h"

namespace gridproof::reports::diagnosis {

// How far an output is from what was expected.
struct Distance {
  double share = 0;   // of the elements that are equal, up to 1e-3 of the range of what is expected
  double inside = 1;  // the same share where all is read between the centers of the outer pixels
  double outside = 1;  // and elsewhere; 1 where there are no such elements
  double median = 0;   // of the absolute differences
  double most = 0;     // nine tenths of them are at most that
  double worst = 0;
  bool is_exact = false;  // the worst is as near as rounding allows, and nothing was adapted
};

// Hypotheses, applied in their order.
struct Attempt {
  Changes changes;
  std::shared_ptr<const Hypothesis> fitted = {};  // the one of `changes` that was made for this
  bool keeps_flag = true;  // align_corners is what it was, or what it is all about
  Distance distance;
  std::vector<double> numbers;  // what was found on the way: a fill, or that of each channel

  [[nodiscard]] std::string name() const;  // "units.pixels + axes.reversed"
};

Tensor as_f64(const Tensor& tensor);

bool are_all_equal(const std::vector<double>& values);

// The largest less the smallest of the finite ones; where they are all the same, their size, and at
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
  // What is expected may be missing: then there are outputs and no distances. `step` as in Search.
  Evaluator(const Situation& situation, const Tensor* expected, double step, std::int64_t locations,
            bool all_channels);

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

  // Every combination of so many members of the family of the coordinates, of which those are kept
  // that explain at least `least` of the values, or leave nothing but noise.
  void attempt_family(Family& family, std::size_t parts, double least,
                      std::vector<Attempt>& attempts) const;

  // Every sensible pair that starts with a hypothesis, which is prepared but once; those of the
  // family apart.
  void attempt_pairs(const Hypothesis& one, std::vector<Attempt>& pairs) const;

  [[nodiscard]] Distance distance_of(const Answered& answered) const;

  [[nodiscard]] double range() const { return range_of(expected_); }
  [[nodiscard]] const Sites& sites() const { return sites_; }

  // Whether so little is expected that some number explains it.
  [[nodiscard]] bool has_too_few_values() const;

  // As Search::differs_at_ties_only.
  [[nodiscard]] bool differs_at_ties_only() const;

 private:
  [[nodiscard]] std::optional<std::vector<double>> output_at(const std::vector<double>& coordinates,
                                                             const Correction& meant) const;

  // Makes of each output what is expected, if coordinates within the uncertainty have that, or
  // more and less than that where the mode interpolates: at the ends and in the middle of each
  // axis.
  void clamp_within_uncertainty(const Correction& meant, std::vector<double>& output) const;

  [[nodiscard]] Attempt trial_of(const Changes& changes, const Answered& answered) const;

  // Whether everything is read so far outside that any input has the same answer.
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
