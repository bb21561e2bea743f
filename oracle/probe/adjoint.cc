#include "oracle/probe/adjoint.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gridproof::probe {
namespace {

// So many units in the last place of 1, the largest weight, are rounding: that of bicubic weights
// in another order of operations.
constexpr double rounding = 16;

double unit_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
      return 0x1p-53;
    case Dtype::f16:
      return 0x1p-11;
    case Dtype::bf16:
      return 0x1p-8;
    default:
      return 0x1p-24;
  }
}

std::string word_instead(const BackwardAnswer& answer, std::size_t elements) {
  if (std::holds_alternative<Refusal>(answer)) return "refused";
  if (std::holds_alternative<Unsupported>(answer)) return "unsupported";
  if (std::holds_alternative<Lost>(answer)) return "lost";
  const auto& input = std::get<Gradients>(answer).input;
  const bool is_whole = input && std::cmp_equal(input->element_count(), elements);
  return is_whole ? "" : "another shape";
}

Shape pixel_of(std::size_t k, const Shape& pixels) {
  Shape index;
  for (std::size_t axis = pixels.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(pixels[axis]);
    index.push_back(static_cast<std::int64_t>(k % size));
    k /= size;
  }
  return index;
}

}  // namespace

BackwardCase adjoint_case(const OneHotQuery& question) {
  const auto samples = static_cast<std::int64_t>(question.samples());
  Case forward = one_hot_case(question);
  Shape input = {1, samples};
  input.insert(input.end(), question.pixels.begin(), question.pixels.end());
  forward.input = Tensor(question.dtype, input);
  Shape output = {1, samples};
  output.insert(output.end(), forward.grid.shape().begin() + 1, forward.grid.shape().end() - 1);
  std::vector<double> grads(static_cast<std::size_t>(samples * samples));
  for (std::size_t s = 0; s < question.samples(); ++s) grads[s * question.samples() + s] = 1;
  return {
      std::move(forward), Tensor(question.dtype, output, grads), {.input = true, .grid = false}};
}

Probed given_in(const OneHotQuery& question, const BackwardAnswer& answer) {
  const auto pixels = static_cast<std::size_t>(element_count(question.pixels));
  const std::size_t samples = question.samples();
  if (std::string word = word_instead(answer, samples * pixels); !word.empty()) return word;
  const std::optional<Tensor>& input = std::get<Gradients>(answer).input;
  if (!input) return "no gradient of the input";  // word_instead() has seen one
  const std::vector<double> values = input->values();
  Weights weights;
  for (std::size_t s = 0; s < samples; ++s) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(s * pixels);
    weights.of_sample.emplace_back(first, first + static_cast<std::ptrdiff_t>(pixels));
  }
  return weights;
}

std::variant<Transpose, std::string> transpose_of(Subject& subject, const OneHotQuery& question) {
  const Probed forward = weights_in(question, subject.answer(one_hot_case(question)));
  if (const auto* const word = std::get_if<std::string>(&forward)) return *word;
  const Probed backward = given_in(question, subject.backward(adjoint_case(question)));
  if (const auto* const word = std::get_if<std::string>(&backward)) return *word;
  Transpose result;
  for (std::size_t s = 0; s < question.samples(); ++s) {
    const std::vector<double>& reads = std::get<Weights>(forward).of_sample[s];
    const std::vector<double>& gives = std::get<Weights>(backward).of_sample[s];
    for (std::size_t k = 0; k < reads.size(); ++k) {
      ++result.weights;
      if (reads[k] == gives[k]) continue;
      if (std::fabs(reads[k] - gives[k]) <= rounding * unit_of(question.dtype)) {
        ++result.rounded;
      } else {
        result.differences.push_back({s, pixel_of(k, question.pixels), reads[k], gives[k]});
      }
    }
  }
  return result;
}

}  // namespace gridproof::probe
