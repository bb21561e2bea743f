#include "oracle/probe/one_hot.h"

#include <cmath>
#include <limits>
#include <utility>

namespace gridproof::probe {

Case one_hot_case(const OneHotQuery& question, double hot) {
  const auto pixels = static_cast<std::size_t>(element_count(question.pixels));
  std::vector<double> identity(pixels * pixels);
  for (std::size_t k = 0; k < pixels; ++k) identity[k * pixels + k] = hot;
  Shape input = {1, static_cast<std::int64_t>(pixels)};
  input.insert(input.end(), question.pixels.begin(), question.pixels.end());
  Shape grid(question.axes(), 1);
  grid.push_back(static_cast<std::int64_t>(question.samples()));
  grid.push_back(static_cast<std::int64_t>(question.axes()));
  return {.request = question.request,
          .input = Tensor(question.dtype, input, identity),
          .grid = Tensor(question.dtype, grid, question.coordinates)};
}

Case taint_case(const OneHotQuery& question) {
  return one_hot_case(question, std::numeric_limits<double>::quiet_NaN());
}

std::string word_instead(const Answer& answer, std::size_t elements) {
  if (std::holds_alternative<Refusal>(answer)) return "refused";
  if (std::holds_alternative<Unsupported>(answer)) return "unsupported";
  if (std::holds_alternative<Lost>(answer)) return "lost";
  const auto& output = std::get<Tensor>(answer);
  return std::cmp_equal(output.element_count(), elements) ? "" : "another shape";
}

Probed weights_in(const OneHotQuery& question, const Answer& answer) {
  const auto pixels = static_cast<std::size_t>(element_count(question.pixels));
  const std::size_t samples = question.samples();
  if (std::string word = word_instead(answer, pixels * samples); !word.empty()) return word;
  const auto& output = std::get<Tensor>(answer);
  const std::vector<double> values = output.values();
  Weights weights;
  weights.of_sample.assign(samples, std::vector<double>(pixels));
  for (std::size_t k = 0; k < pixels; ++k) {
    for (std::size_t s = 0; s < samples; ++s) weights.of_sample[s][k] = values[k * samples + s];
  }
  return weights;
}

}  // namespace gridproof::probe
