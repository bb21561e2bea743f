#include "fuzz/cause.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "fuzz/mutants/mutants.h"

namespace gridproof {
namespace {

// A question with the subject's answer, and the samples of it that were objected to.
struct Asked {
  Case question;
  Shape shape;
  std::vector<double> values;
  std::vector<std::int64_t> samples;
};

std::optional<Asked> ask(const Trial& trial, Verdict verdict, const std::string& clause,
                         const Case& question) {
  const Answer answer = trial.subject.answer(question);
  const auto* output = std::get_if<Tensor>(&answer);
  if (output == nullptr) return std::nullopt;
  Asked asked{question, output->shape(), output->values(), {}};
  const Answer expected = trial.reference.answer(question);
  for (const SampleVerdict& at : trial.judge.judge(question, answer, &expected).notable) {
    if (at.verdict == verdict && at.clause == clause) asked.samples.push_back(at.sample);
  }
  if (asked.samples.empty()) return std::nullopt;
  return asked;
}

// Whether all channels of the sample have the same bits in `values`; if so, one of its finite
// values that are not zero, if there is one, is put into `seen`.
bool agrees(const Asked& asked, const std::vector<double>& values, std::int64_t sample,
            std::set<double>& seen) {
  const std::int64_t channels = asked.shape[1];
  double telling = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto at = static_cast<std::size_t>(element_place(asked.shape, sample, c));
    if (!same_bits(asked.values[at], values[at])) return false;
    if (std::isfinite(values[at])) telling = values[at];
  }
  if (telling != 0) seen.insert(telling);
  return true;
}

// A number in ±[1, 2) with few bits, different for different i.
double texel_for(std::size_t i) {
  const std::size_t scattered = (i * 2654435761U) % 256;
  return (scattered % 2 == 0 ? 1 : -1) * (1 + static_cast<double>(scattered) / 256);
}

// Clauses that say what one special coordinate means: the answer may always be the same.
bool is_special(std::string_view clause) {
  return clause == "coord.nan" || clause.starts_with("infinity.");
}

}  // namespace

std::vector<Case> variations(const Case& reduced) {
  const int rank = reduced.input.rank();
  if (rank < 3 || reduced.input.element_count() == 0 || reduced.input.element_count() > 4096) {
    return {};
  }
  std::vector<Case> result;
  const std::vector<double> texels = reduced.input.values();
  const std::vector<double> coordinates = reduced.grid.values();
  for (std::size_t k = 0; k < 16; ++k) {
    Shape shape = reduced.input.shape();
    for (std::size_t axis = 2; axis < shape.size(); ++axis) {
      shape[axis] += static_cast<std::int64_t>(k % 4 * (1 + axis % 2));
    }
    // Texels that are not finite stay where they were.
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = texel_for(i + 97 * k);
    for (std::size_t i = 0; i < texels.size(); ++i) {
      if (std::isfinite(texels[i])) continue;
      std::size_t place = 0;
      std::size_t rest = i;
      std::size_t step = 1;
      for (std::size_t axis = shape.size(); axis-- > 0;) {
        const auto size = static_cast<std::size_t>(reduced.input.shape()[axis]);
        place += rest % size * step;
        rest /= size;
        step *= static_cast<std::size_t>(shape[axis]);
      }
      values[place] = texels[i];
    }
    std::vector<double> moved = coordinates;
    const std::size_t further = k / 4;
    for (double& x : moved) x *= 1 + static_cast<double>(further) / 16;
    Case variation = reduced;
    variation.input = Tensor(reduced.input.dtype(), shape, values);
    variation.grid = Tensor(reduced.grid.dtype(), reduced.grid.shape(), moved);
    result.push_back(std::move(variation));
  }
  return result;
}

std::optional<Cause> explaining_mutant(const Trial& trial, Verdict verdict,
                                       const std::string& clause, const Case& reduced,
                                       const Case& original) {
  std::vector<Case> questions = variations(reduced);
  questions.push_back(reduced);
  questions.push_back(original);
  std::vector<Asked> all;
  std::size_t probes = 0;
  for (const Case& question : questions) {
    if (auto asked = ask(trial, verdict, clause, question)) {
      probes += asked->samples.size();
      all.push_back(*std::move(asked));
    }
  }
  std::optional<Cause> best;
  for (const Mutant& mutant : mutants()) {
    std::size_t agreeing = 0;
    std::set<double> seen;
    for (const Asked& asked : all) {
      const Answer answer = mutant.answer(asked.question);
      const auto* output = std::get_if<Tensor>(&answer);
      if (output == nullptr || output->shape() != asked.shape) continue;
      const std::vector<double> values = output->values();
      agreeing += static_cast<std::size_t>(std::ranges::count_if(
          asked.samples, [&](std::int64_t sample) { return agrees(asked, values, sample, seen); }));
    }
    const bool same_clause = mutant.clause == clause;
    const bool telling = seen.size() >= 3 && 4 * agreeing >= (same_clause ? 2 : 3) * probes;
    const bool plain = same_clause && is_special(clause) && 4 * agreeing >= 3 * probes;
    const bool explains = probes >= (same_clause ? 4U : 8U) && (telling || plain);
    if (explains && (!best || agreeing > best->agreeing)) {
      best = Cause{mutant.name, agreeing, probes};
    }
  }
  return best;
}

}  // namespace gridproof
