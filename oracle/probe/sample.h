// The weights of single samples, for a person to read: which pixels, how much of each, and which
// position that means. Tested by sample_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "oracle/probe/one_hot.h"

namespace gridproof::probe {

// Where the linear weights along one axis put a sample.
struct Implied {
  double position = 0;  // of the two pixels by their weights
  double exact = 0;     // of the coordinate, in f64
  double ulps = 0;      // between the two, in units of the last place of `exact` in the dtype
  int bits = 0;         // binary digits of the position after the point: 5 in steps of 1/32
};

struct ProbedSample {
  std::vector<std::pair<Shape, double>> taps;  // pixels, x first, with weights that are not 0
  std::vector<Implied> implied;                // x first; empty where no two pixels say it all
  std::vector<Shape> read;                     // pixels that are read, even with the weight 0
};

// What a subject does at each sample of a question. Empty where it does not answer with a tensor of
// the right shape.
std::vector<ProbedSample> probed_samples(Subject& subject, const OneHotQuery& question);

}  // namespace gridproof::probe
