// Which hypotheses explain what was expected. Tested by diagnose_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/hypotheses.h"

namespace gridproof::diagnosis {

// How far an output is from what was expected.
struct Distance {
  double share = 0;   // of the elements that are equal, up to 1e-3 of the range of what is expected
  double inside = 1;  // the same share where all is read between the centres of the outer pixels
  double outside = 1;  // and elsewhere; 1 where there are no such elements
  double median = 0;   // of the absolute differences
  double most = 0;     // nine tenths of them are at most that
  double worst = 0;
};

// A share below which nothing is explained: the rim may be expected otherwise.
inline constexpr double enough = 0.9;

using Changes = std::vector<const Hypothesis*>;

// One or two hypotheses, applied in their order.
struct Trial {
  Changes changes;
  std::shared_ptr<const Hypothesis> fitted = {};  // the one of `changes` that was made for this
  bool keeps_flag = true;  // align_corners is what it was, or what it is all about
  Distance distance;
  std::vector<double> numbers;  // what was found on the way: a fill, or that of each channel

  [[nodiscard]] std::string name() const;  // "units.pixels + axes.reversed"
};

// What is meant at some sites, if all of the changes were due.
struct Meant {
  Options options;
  std::vector<double> coordinates;            // x first, site by site
  std::optional<Tensor> input;                // if it is another
  std::optional<std::vector<Affine>> thetas;  // the grid is made of them, but for later changes
  std::vector<double> uncertainty;            // of each coordinate; empty: none
  std::vector<Change::Finish> finishes;
  const Mutant* answers = nullptr;
};
// None where a change is not possible, or nothing is changed by any.
std::optional<Meant> meant_by(const Changes& changes, const Situation& situation,
                              const Sites& sites);

// Does with an output, (N, C, sites), what the hypotheses do with it, knowing what was expected.
// Returns the numbers that were found, or none where that is not possible. `input` is the shape of
// the input.
std::optional<std::vector<double>> finish(const Meant& meant, const Sites& sites,
                                          const Shape& input, std::vector<double>& output,
                                          const std::vector<double>& expected);

// The whole question that was meant, where it is still a question to grid_sample: not where what
// was expected is another's answer, or that of grid_sample with something done to it.
std::optional<Case> meant_question(const Trial& trial, const Situation& situation);

class Search {
 public:
  // `expected` has the shape of the output. If it was rounded to whole `step`s, half of one is no
  // difference, and what lies beyond the 256 of 8 bits was cut.
  Search(Situation situation, Tensor expected, double step = 0);

  // All single hypotheses, and, where none of them explains everything, other semantics and pairs,
  // and where that is not enough those that fit a number; the best first. Of pairs only the best
  // are kept.
  [[nodiscard]] std::vector<Trial> run() const;

  // Of an output of the question as it was asked, everywhere.
  [[nodiscard]] Distance distance_of(const Tensor& output) const;
  // The largest of what is expected less the smallest; of finite numbers.
  [[nodiscard]] double range() const;
  [[nodiscard]] bool expects_one_value() const;
  [[nodiscard]] double element_count() const;
  // How much one value tells: the logarithm of how many different ones there are.
  [[nodiscard]] double bits_of_a_value() const;
  // 1 or 1/255 where everything that is expected is a multiple of that, and there are many.
  [[nodiscard]] std::optional<double> step() const;
  // Whether what is expected differs from what was asked for only where `nearest` has a position
  // half-way between pixels, up to rounding, and is one of the two pixels there.
  [[nodiscard]] bool differs_at_ties_only() const;
  // At every output location and channel; none where a hypothesis is not possible.
  [[nodiscard]] std::optional<Trial> everywhere(const Changes& changes) const;

 private:
  Situation situation_;
  Tensor expected_;
  double step_;
};

// What another question would have to be like to tell two trials that explain as much from each
// other; empty where nothing does, because they are two ways to write the same correction.
std::string what_tells(const Situation& situation, const Trial& one, const Trial& other);

}  // namespace gridproof::diagnosis
