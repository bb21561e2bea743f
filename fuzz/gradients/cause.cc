#include "fuzz/gradients/cause.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <variant>

#include "fuzz/gradients/battery.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

// Elements of a question beyond which it is not put to all mutants.
constexpr std::int64_t max_elements = std::int64_t{1} << 19U;

// Right, wrong under another objection, or as objected to.
enum class Standing : std::uint8_t { right, other, objected };

// One gradient of the subject and of the reference; without numbers if either lacks it or is of
// another kind.
struct Compared {
  std::vector<double> values;
  std::vector<double> right;
  double scale = 0;  // the largest finite number
  std::vector<Standing> standing;
};

struct Asked {
  BackwardCase test_case;
  BackwardAnswer answer;
  BackwardAnswer expected;
  bool is_apart = false;  // other objections than the one in question may have other causes
  Standing whole = Standing::right;
  std::array<Compared, 2> gradients;
};

const std::optional<Tensor>& of(const Gradients& gradients, std::size_t gradient) {
  return gradient == 0 ? gradients.input : gradients.grid;
}

bool alike(const std::optional<Tensor>& one, const std::optional<Tensor>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->dtype() == other->dtype() && one->shape() == other->shape();
}

// Whether answers are of one kind: both refused, or gradients of the same shapes and dtypes.
bool alike(const BackwardAnswer& one, const BackwardAnswer& other) {
  const auto* gradients = std::get_if<Gradients>(&one);
  const auto* others = std::get_if<Gradients>(&other);
  if (gradients == nullptr || others == nullptr) return one.index() == other.index();
  return alike(gradients->input, others->input) && alike(gradients->grid, others->grid);
}

Compared compared(const std::optional<Tensor>& answer, const std::optional<Tensor>& expected) {
  if (!answer || !expected) return {};
  Compared result{.values = answer->values(), .right = expected->values()};
  for (const auto* const values : {&result.values, &result.right}) {
    for (const double value : *values) {
      if (std::isfinite(value)) result.scale = std::max(result.scale, std::fabs(value));
    }
  }
  result.standing.resize(result.values.size());
  return result;
}

// The subject's answers to the questions, judged; what it does not answer is left out.
class Interview {
 public:
  Interview(Subject& subject, const GradientJudge& judge, const GradientObjection& objection)
      : subject_(subject), judge_(judge), objection_(objection) {}

  std::vector<Asked> all() {
    add(objection_.reduced, false);
    for (const BackwardCase& around : gradient_questions_around(objection_.reduced)) {
      const Request& own = objection_.reduced.forward.request;
      add(around, around.forward.request != own);
    }
    add(objection_.original, true);
    return std::move(asked_);
  }

 private:
  [[nodiscard]] Standing standing(const GradientVerdict& verdict) const {
    if (verdict.gradient == objection_.gradient && verdict.verdict == objection_.verdict &&
        verdict.clause == objection_.clause) {
      return Standing::objected;
    }
    return is_finding(verdict.verdict, false) ? Standing::other : Standing::right;
  }

  void add(const BackwardCase& test_case, bool is_apart) {
    if (test_case.forward.input.element_count() > max_elements ||
        test_case.grad_output.element_count() > max_elements) {
      return;
    }
    Asked asked{.test_case = test_case,
                .answer = subject_.backward(test_case),
                .expected = grid_sample_backward(test_case),
                .is_apart = is_apart,
                .gradients = {}};
    if (!std::holds_alternative<Gradients>(asked.answer) &&
        !std::holds_alternative<Refusal>(asked.answer)) {
      return;
    }
    const GradientJudgment judgment = judge_.judge(test_case, asked.answer, &asked.expected);
    const auto* gradients = std::get_if<Gradients>(&asked.answer);
    const auto* right = std::get_if<Gradients>(&asked.expected);
    if (gradients != nullptr && right != nullptr && alike(asked.answer, asked.expected)) {
      for (std::size_t g = 0; g < 2; ++g) {
        asked.gradients[g] = compared(of(*gradients, g), of(*right, g));
      }
    }
    for (const GradientVerdict& verdict : judgment.notable) {
      Compared& its = asked.gradients[static_cast<std::size_t>(verdict.gradient)];
      if (judgment.whole || its.values.empty()) {
        asked.whole = std::max(asked.whole, standing(verdict));
      } else {
        its.standing[static_cast<std::size_t>(verdict.element)] = standing(verdict);
      }
    }
    asked_.push_back(std::move(asked));
  }

  Subject& subject_;
  const GradientJudge& judge_;
  const GradientObjection& objection_;
  std::vector<Asked> asked_;
};

bool is_near(double one, double other, double slack) {
  return one == other || (std::isnan(one) && std::isnan(other)) || std::fabs(one - other) <= slack;
}

// How a mutant's answers compare with the subject's.
class Comparison {
 public:
  explicit Comparison(const GradientMutant& mutant) : mutant_(&mutant), instance_(mutant.open()) {}

  // Adds a question. False as soon as a number speaks against the mutant.
  bool holds(const Asked& asked) {
    const BackwardAnswer own = instance_->backward(asked.test_case);
    const auto* gradients = std::get_if<Gradients>(&own);
    if (gradients == nullptr || !alike(own, asked.expected) ||
        !alike(asked.answer, asked.expected)) {
      return holds_whole(asked, own);
    }
    const Dtype dtype = asked.test_case.forward.input.dtype();
    for (std::size_t g = 0; g < 2; ++g) {
      const std::optional<Tensor>& gradient = of(*gradients, g);
      if (!gradient || asked.gradients[g].values.empty()) continue;
      const std::vector<double> values = gradient->values();
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!holds_at(asked, asked.gradients[g], dtype, values[i], i)) return false;
      }
    }
    return true;
  }

  // Whether so much agreement cannot be chance.
  [[nodiscard]] bool is_evidence() const {
    return explained_ >= enough && (answers_.size() >= different ||
                                    (right_answers_.size() >= different && controls_ >= enough));
  }
  [[nodiscard]] const GradientMutant& mutant() const { return *mutant_; }
  [[nodiscard]] std::size_t numbers() const { return numbers_; }
  [[nodiscard]] std::size_t bit_by_bit() const { return bit_by_bit_; }

 private:
  static constexpr std::size_t enough = 8;
  static constexpr std::size_t different = 5;
  static void keep(std::set<double>& numbers, double value) {
    if (std::isfinite(value) && value != 0 && numbers.size() < different) numbers.insert(value);
  }

  bool holds_whole(const Asked& asked, const BackwardAnswer& own) {
    const bool is_right = alike(own, asked.expected);
    if (is_right) return alike(asked.answer, asked.expected) || asked.is_apart;
    if (!alike(own, asked.answer)) return false;
    numbers_ += 1;
    bit_by_bit_ += 1;
    explained_ += enough / 4;
    answers_.insert(static_cast<double>(numbers_));
    return true;
  }

  bool holds_at(const Asked& asked, const Compared& its, Dtype dtype, double own, std::size_t i) {
    const double slack = its.scale * (is_16_bit(dtype) ? 0x1p-7 : 0x1p-14);
    const double subject = its.values[i];
    const double right = its.right[i];
    const bool bits = same_bits(own, subject);
    const bool is_right = same_bits(own, right);
    const bool near = bits || is_near(own, subject, slack);
    const bool near_right = is_right || is_near(own, right, slack);
    if (its.standing[i] == Standing::right) {
      controls_ += bits && is_right && own != 0 ? 1 : 0;
      return near_right || near;
    }
    if (bits ? !is_right : near && !near_right) {
      ++numbers_;
      bit_by_bit_ += bits ? 1 : 0;
      explained_ += its.standing[i] == Standing::objected ? 1 : 0;
      keep(answers_, own);
      keep(right_answers_, right);
      return true;
    }
    if (near && near_right) return true;  // too close to say
    return asked.is_apart && its.standing[i] == Standing::other;
  }

  const GradientMutant* mutant_;
  std::unique_ptr<Subject> instance_;
  std::size_t numbers_ = 0;
  std::size_t bit_by_bit_ = 0;
  std::size_t explained_ = 0;  // numbers with the objection in question
  std::size_t controls_ = 0;   // numbers that are right, in both
  std::set<double> answers_;
  std::set<double> right_answers_;
};

}  // namespace

std::optional<GradientCause> explaining_gradient_mutant(Subject& fresh, const GradientJudge& judge,
                                                        const GradientObjection& objection) {
  const std::vector<Asked> asked = Interview(fresh, judge, objection).all();
  std::vector<Comparison> explaining;
  for (const GradientMutant& mutant : gradient_mutants()) {
    Comparison comparison(mutant);
    const bool holds =
        std::ranges::all_of(asked, [&](const Asked& one) { return comparison.holds(one); });
    if (holds && comparison.is_evidence()) explaining.push_back(std::move(comparison));
  }
  if (explaining.empty()) return std::nullopt;
  const auto best = std::ranges::max_element(explaining, {}, [](const Comparison& one) {
    return std::pair(one.numbers(), one.bit_by_bit());
  });
  GradientCause cause{.mutant = best->mutant().name,
                      .numbers = best->numbers(),
                      .same_bits = best->bit_by_bit(),
                      .ties = {}};
  for (const Comparison& other : explaining) {
    if (&other != &*best) cause.ties.push_back(other.mutant().name);
  }
  return cause;
}

}  // namespace gridproof
