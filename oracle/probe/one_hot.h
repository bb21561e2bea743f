// The weights of a black box. The operator is linear in its input, and its channels do not touch:
// with the identity in the channel axis (channel k is 1 at pixel k and 0 elsewhere) one answer
// holds the weight of every pixel in every sample. A product with 1 and sums with zeros do not
// round, so these are the weights that the subject computes with, to the last bit of the output's
// type. Tested by one_hot_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof::probe {

// Samples of one input: the options, the pixels along (z,) y, x, and the coordinates, x first.
struct OneHotQuery {
  Request request;
  Dtype dtype = Dtype::f32;
  Shape pixels;
  std::vector<double> coordinates;

  [[nodiscard]] std::size_t axes() const { return pixels.size(); }
  [[nodiscard]] std::size_t samples() const { return coordinates.size() / axes(); }
};

// The case with the identity in the channel axis: input [1, pixels, pixels…], grid [1, 1, samples,
// 2] or [1, 1, 1, samples, 3]. With `hot` for 1.
Case one_hot_case(const OneHotQuery& question, double hot = 1);

// The weight of every pixel (row-major) in every sample.
struct Weights {
  std::vector<std::vector<double>> of_sample;
};

// In a word why an answer is no tensor of so many elements: "refused", "unsupported", "lost",
// "another shape"; empty where it is one.
std::string word_instead(const Answer& answer, std::size_t elements);

// The weights, or such a word.
using Probed = std::variant<Weights, std::string>;
Probed weights_in(const OneHotQuery& question, const Answer& answer);

// Whether each pixel is read in each sample, even with the weight 0: channel k has NaN at pixel k.
Case taint_case(const OneHotQuery& question);

}  // namespace gridproof::probe
