#include "fuzz/cause.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "fuzz/mutants/mutants.h"

namespace gridproof {
namespace {

// A question with the answers of the subject and of the reference, and the samples of the subject's
// that were objected to.
struct Asked {
  Case question;
  Shape shape;
  std::vector<double> values;
  std::vector<double> expected;
  std::vector<bool> objected;
};

std::optional<Asked> ask(const Trial& trial, Verdict verdict, const std::string& clause,
                         const Case& question) {
  const Answer answer = trial.subject.answer(question);
  const Answer expected = trial.reference.answer(question);
  const auto* output = std::get_if<Tensor>(&answer);
  const auto* right = std::get_if<Tensor>(&expected);
  if (output == nullptr || right == nullptr || output->shape() != right->shape()) {
    return std::nullopt;
  }
  Asked asked{question, output->shape(), output->values(), right->values(),
              std::vector<bool>(static_cast<std::size_t>(sample_count(question)))};
  for (const SampleVerdict& at : trial.judge.judge(question, answer, &expected).notable) {
    if (at.verdict == verdict && at.clause == clause &&
        std::cmp_less(at.sample, asked.objected.size())) {
      asked.objected[static_cast<std::size_t>(at.sample)] = true;
    }
  }
  return asked;
}

// Whether all channels of a sample have the same bits.
bool agree(const Shape& shape, const std::vector<double>& one, const std::vector<double>& other,
           std::int64_t sample) {
  for (std::int64_t c = 0; c < shape[1]; ++c) {
    const auto at = static_cast<std::size_t>(element_place(shape, sample, c));
    if (!same_bits(one[at], other[at])) return false;
  }
  return true;
}

// How well a mutant explains what was asked.
struct Fit {
  const Mutant* mutant = nullptr;
  std::size_t agreeing = 0;  // samples that were objected to, with the subject's bits
  std::size_t strange = 0;   // samples that nobody objected to, where it differs from both
  std::set<double> seen;     // a finite value, if there is one, of each that agrees
};

Fit fit_of(const Mutant& mutant, const std::vector<Asked>& all) {
  Fit fit{.mutant = &mutant};
  for (const Asked& asked : all) {
    const Answer answer = mutant.answer(asked.question);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output == nullptr || output->shape() != asked.shape) continue;
    const std::vector<double> values = output->values();
    for (std::size_t i = 0; i < asked.objected.size(); ++i) {
      const auto sample = static_cast<std::int64_t>(i);
      const bool agrees = agree(asked.shape, asked.values, values, sample);
      if (!asked.objected[i]) {
        const bool right = agrees || agree(asked.shape, asked.expected, values, sample);
        fit.strange += right ? 0 : 1;
      } else if (agrees) {
        ++fit.agreeing;
        const double value = values[static_cast<std::size_t>(
            element_place(asked.shape, sample, asked.shape[1] - 1))];
        if (std::isfinite(value) && value != 0) fit.seen.insert(value);
      }
    }
  }
  return fit;
}

// A number in ±[1, 2) with few bits, different for different i.
double texel_for(std::size_t i) {
  const std::size_t scattered = (i * 2654435761U) % 256;
  return (scattered % 2 == 0 ? 1 : -1) * (1 + static_cast<double>(scattered) / 256);
}

// Of mutants that explain the same, leaves those that the subject agrees with most often on the
// cases that separate each of them from what is right, with either align_corners.
void split(const Trial& trial, std::vector<Fit>& tied) {
  if (tied.size() < 2) return;
  std::vector<std::size_t> agreeing(tied.size());
  std::vector<Case> questions;
  for (const Fit& fit : tied) {
    Case question = separating_cases(*fit.mutant).back();
    questions.push_back(question);
    question.request.align_corners = !question.request.align_corners.value_or(false);
    questions.push_back(std::move(question));
  }
  for (const Case& question : questions) {
    const Answer answer = trial.subject.answer(question);
    const auto* output = std::get_if<Tensor>(&answer);
    if (output == nullptr) continue;
    for (std::size_t i = 0; i < tied.size(); ++i) {
      const Answer own = tied[i].mutant->answer(question);
      const auto* same = std::get_if<Tensor>(&own);
      agreeing[i] += same != nullptr && same->same_values(*output) ? 1 : 0;
    }
  }
  const std::size_t most = std::ranges::max(agreeing);
  std::size_t i = 0;
  std::erase_if(tied, [&](const Fit& /*fit*/) { return agreeing[i++] < most; });
}

// Two mutants at once, one of which explains a part, or breaks the clause in question. There are
// thousands of pairs: so nothing but the same bits nearly everywhere is evidence, and no sample may
// speak against them.
std::optional<Cause> explaining_pair(const std::vector<Asked>& all, const Asked& reduced,
                                     const std::string& clause, std::size_t probes) {
  constexpr std::size_t enough = 12;
  if (probes < enough) return std::nullopt;
  std::vector<bool> matters;
  for (const Mutant& mutant : mutants()) {
    matters.push_back(mutant.clause == clause || 10 * fit_of(mutant, all).agreeing >= probes);
  }
  std::optional<Cause> best;
  for (std::size_t i = 0; i < matters.size(); ++i) {
    for (std::size_t j = i + 1; j < matters.size(); ++j) {
      if (!matters[i] && !matters[j]) continue;
      if (mutants()[i].is_interaction || mutants()[j].is_interaction) continue;
      const Mutant pair = both(mutants()[i], mutants()[j]);
      if (fit_of(pair, {reduced}).agreeing == 0) continue;
      const Fit fit = fit_of(pair, all);
      const bool explains =
          10 * fit.agreeing >= 9 * probes && fit.seen.size() >= 3 && fit.strange == 0;
      if (!explains || (best && fit.agreeing < best->agreeing)) continue;
      if (best && fit.agreeing == best->agreeing) {
        best->ties.push_back(pair.name);
      } else {
        best = Cause{pair.name, fit.agreeing, probes, {}};
      }
    }
  }
  return best;
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
      probes += static_cast<std::size_t>(std::ranges::count(asked->objected, true));
      all.push_back(*std::move(asked));
    }
  }
  std::vector<Fit> best;
  for (const Mutant& mutant : mutants()) {
    Fit fit = fit_of(mutant, all);
    const bool same_clause = mutant.clause == clause;
    const bool telling = fit.seen.size() >= 3 && 4 * fit.agreeing >= (same_clause ? 2 : 3) * probes;
    const bool plain = same_clause && is_special(clause) && 4 * fit.agreeing >= 3 * probes;
    const bool explains =
        probes >= (same_clause ? 4U : 8U) && (telling || plain) && fit.strange <= fit.agreeing;
    if (!explains || (!best.empty() && fit.agreeing < best.front().agreeing)) continue;
    if (!best.empty() && fit.agreeing > best.front().agreeing) best.clear();
    best.push_back(std::move(fit));
  }
  if (best.empty()) {
    const auto asked = ask(trial, verdict, clause, reduced);
    return asked ? explaining_pair(all, *asked, clause, probes) : std::nullopt;
  }
  split(trial, best);
  Cause cause{best.front().mutant->name, best.front().agreeing, probes, {}};
  for (std::size_t i = 1; i < best.size(); ++i) cause.ties.push_back(best[i].mutant->name);
  return cause;
}

}  // namespace gridproof
