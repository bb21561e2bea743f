#include "oracle/probe/sample.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace gridproof::probe {
namespace {

// The indices of the k-th pixel, x first.
Shape pixel_of(std::int64_t k, const Shape& pixels) {
  Shape index;
  for (std::size_t axis = pixels.size(); axis-- > 0;) {
    index.push_back(k % pixels[axis]);
    k /= pixels[axis];
  }
  return index;
}

// The distance from a number to the next one of its type.
double ulp_of(double value, Dtype dtype) {
  const int digits = dtype == Dtype::f64   ? 53
                     : dtype == Dtype::f32 ? 24
                     : dtype == Dtype::f16 ? 11
                                           : 8;
  return value == 0 ? std::ldexp(1, -digits) : std::ldexp(1, std::ilogb(value) - digits + 1);
}

int bits_after_the_point(double value) {
  int bits = 0;
  while (bits < 60 && value != std::round(value)) {
    value *= 2;
    ++bits;
  }
  return bits;
}

// From the sums of the weights along an axis, if they are of one pixel or of two neighbors.
bool implied_along(const std::map<std::int64_t, double>& sums, double exact, Dtype dtype,
                   Implied& implied) {
  double whole = 0;
  double position = 0;
  for (const auto& [index, weight] : sums) {
    whole += weight;
    position += static_cast<double>(index) * weight;
  }
  const bool are_two = !sums.empty() && sums.rbegin()->first - sums.begin()->first <= 1 &&
                       std::fabs(whole - 1) < 1e-2;
  implied = {.position = position,
             .exact = exact,
             .ulps = (position - exact) / ulp_of(exact, dtype),
             .bits = bits_after_the_point(position)};
  return are_two;
}

}  // namespace

std::vector<ProbedSample> probed_samples(Subject& subject, const OneHotQuery& question) {
  const Probed probed = weights_in(question, subject.answer(one_hot_case(question)));
  const auto* weights = std::get_if<Weights>(&probed);
  if (weights == nullptr) return {};
  const Probed tainted = weights_in(question, subject.answer(taint_case(question)));
  const auto* taints = std::get_if<Weights>(&tainted);
  const bool is_linear = question.request.mode.value_or("bilinear") == "bilinear";
  const bool align_corners = question.request.align_corners.value_or(false);
  std::vector<ProbedSample> samples;
  for (std::size_t s = 0; s < question.samples(); ++s) {
    ProbedSample sample;
    std::vector<std::map<std::int64_t, double>> sums(question.axes());
    const std::vector<double>& all = weights->of_sample[s];
    for (std::size_t k = 0; k < all.size(); ++k) {
      const Shape pixel = pixel_of(static_cast<std::int64_t>(k), question.pixels);
      if (taints != nullptr && std::isnan(taints->of_sample[s][k])) sample.read.push_back(pixel);
      if (all[k] == 0) continue;
      sample.taps.emplace_back(pixel, all[k]);
      for (std::size_t axis = 0; axis < pixel.size(); ++axis) sums[axis][pixel[axis]] += all[k];
    }
    for (std::size_t axis = 0; is_linear && axis < question.axes(); ++axis) {
      const double x = question.coordinates[s * question.axes() + axis];
      const auto size = static_cast<double>(question.pixels[question.axes() - 1 - axis]);
      const double exact = align_corners ? (x + 1) / 2 * (size - 1) : ((x + 1) * size - 1) / 2;
      Implied implied;
      if (!implied_along(sums[axis], exact, question.dtype, implied)) {
        sample.implied.clear();
        break;
      }
      sample.implied.push_back(implied);
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace gridproof::probe
