#include "fuzz/causes/cause.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "fuzz/causes/battery.h"
#include "fuzz/causes/reduce.h"
#include "fuzz/mutants/mutants.h"

namespace gridproof {
namespace {

// Texels in memory beyond which a question is not put to all mutants.
constexpr std::int64_t max_texels = std::int64_t{1} << 22U;

// Right; wrong, under another objection; as objected to; or not to be looked at.
enum class Standing : std::uint8_t { right, other, objected, apart };

// Which places of an input an answer tells from others: all, those of some axes, or none.
enum class Places : std::uint8_t { all, some, none };

// A question with the answers of the subject and of the reference.
struct Asked {
  Case test_case;
  Answer answer;
  Answer expected;
  bool is_original = false;
  // When both are tensors of one kind: their values, by how much each sample of two answers may
  // differ by rounding alone, and what the judge says of the subject's.
  bool by_sample = false;
  Shape shape;
  std::vector<double> values;
  std::vector<double> right;
  std::vector<double> slack;
  double max_slack = 0;  // where the judge objects: far outside, rounding could excuse anything
  std::vector<Standing> standing;
  Standing whole = Standing::right;  // of the answer as a whole
  Places places = Places::all;
};

// Along how many axes of an input nobody sees from an answer where it was read, because the stride
// is 0 and the texel everywhere the same.
Places places_of(const Case& test_case) {
  const Tensor& input = test_case.input;
  bool any = false;
  bool all = true;
  for (int axis = 2; axis < input.rank(); ++axis) {
    if (input.size(axis) < 2) continue;
    const bool is_expanded = input.strides()[static_cast<std::size_t>(axis)] == 0;
    any = any || is_expanded;
    all = all && is_expanded;
  }
  return !any ? Places::all : all ? Places::none : Places::some;
}

// Same kind of output: then answers can be compared sample by sample.
bool alike(const Tensor& one, const Tensor& other) {
  return one.dtype() == other.dtype() && one.shape() == other.shape() &&
         one.is_contiguous() == other.is_contiguous();
}

// The largest finite texel.
double scale_of(const Case& test_case) {
  double scale = 0;
  for (std::int64_t i = 0; i < test_case.input.storage_size(); ++i) {
    const double texel = test_case.input.storage_value(i);
    if (std::isfinite(texel)) scale = std::max(scale, std::fabs(texel));
  }
  return scale;
}

// What rounding can make of each sample: of the position, of the weighted sum, of the result. The
// original case may be one of 16 bits and the reduced one not, for a subject that computes in them.
std::vector<double> slacks(const Case& test_case, bool is_original) {
  const auto samples = static_cast<std::size_t>(sample_count(test_case));
  std::vector<double> result(samples);
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || options->mode == Mode::nearest) return result;  // texels are not rounded
  const Dtype dtype = test_case.input.dtype();
  const double single = dtype == Dtype::f64 ? 0x1p-53 : 0x1p-24;
  const double result_unit = dtype == Dtype::bf16 ? 0x1p-8 : dtype == Dtype::f16 ? 0x1p-11 : single;
  const double working = is_original ? result_unit : single;
  const double scale = (options->mode == Mode::bicubic ? 2 : 1) * scale_of(test_case);
  const std::vector<double> grid = test_case.grid.values();
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  for (std::size_t i = 0; i < samples; ++i) {
    double steps = 4;
    for (std::size_t k = 0; k < axes; ++k) {
      const auto size = static_cast<double>(
          test_case.input.size(test_case.input.rank() - 1 - static_cast<int>(k)));
      const double x = std::fabs(grid[i * axes + k]);
      if (std::isfinite(x)) steps += 4 * size * std::max(x, 1.0);
    }
    result[i] = scale * (steps * working + 2 * result_unit);
  }
  return result;
}

// Of the original case: samples that meet rules for special coordinates which the objection is not
// about. They may be wrong by another fault, and some have latitude.
void set_apart(const Objection& objection, Asked& asked) {
  const auto axes = static_cast<std::size_t>(asked.test_case.input.rank() - 2);
  const auto has = [axes](const std::vector<double>& grid, std::size_t sample,
                          bool (*kind)(double)) {
    const auto first = grid.begin() + static_cast<std::ptrdiff_t>(sample * axes);
    return std::any_of(first, first + static_cast<std::ptrdiff_t>(axes), kind);
  };
  const std::vector<double> grid = asked.test_case.grid.values();
  const std::vector<double> reduced = objection.reduced.grid.values();
  for (bool (*const kind)(double) :
       {+[](double x) { return std::isnan(x); }, +[](double x) { return std::isinf(x); }}) {
    if (has(reduced, static_cast<std::size_t>(objection.sample), kind)) continue;
    for (std::size_t i = 0; i < asked.standing.size(); ++i) {
      if (has(grid, i, kind)) asked.standing[i] = Standing::apart;
    }
  }
}

Asked judged(const Interrogation& interrogation, const Objection& objection, Case test_case,
             Answer answer, bool is_original) {
  Asked asked{.test_case = std::move(test_case),
              .answer = std::move(answer),
              .expected = {},
              .is_original = is_original};
  asked.expected = interrogation.reference.answer(asked.test_case);
  const Judgment judgment =
      interrogation.judge.judge(asked.test_case, asked.answer, &asked.expected);
  const auto standing = [&](const SampleVerdict& verdict) {
    if (verdict.verdict == objection.verdict && verdict.clause == objection.clause)
      return Standing::objected;
    return is_finding(verdict.verdict, false) ? Standing::other : Standing::right;
  };
  asked.places = places_of(asked.test_case);
  if (judgment.whole && !judgment.notable.empty()) asked.whole = standing(judgment.notable.front());
  const auto* output = std::get_if<Tensor>(&asked.answer);
  const auto* right = std::get_if<Tensor>(&asked.expected);
  if (output == nullptr || right == nullptr || !alike(*output, *right)) return asked;
  asked.by_sample = true;
  asked.shape = output->shape();
  asked.values = output->values();
  asked.right = right->values();
  asked.slack = slacks(asked.test_case, is_original);
  asked.max_slack = std::ldexp(scale_of(asked.test_case), -6);
  asked.standing.resize(static_cast<std::size_t>(sample_count(asked.test_case)));
  for (const SampleVerdict& verdict : judgment.notable) {
    if (std::cmp_less(verdict.sample, asked.standing.size()))
      asked.standing[static_cast<std::size_t>(verdict.sample)] = standing(verdict);
  }
  if (is_original) set_apart(objection, asked);
  return asked;
}

bool is_near(double one, double other, double slack) {
  if (one == other || (std::isnan(one) && std::isnan(other))) return true;
  return std::fabs(one - other) <= slack;
}

// How a mutant's answers compare with the subject's.
class Comparison {
 public:
  explicit Comparison(const Mutant& mutant) : mutant_(&mutant) {}

  [[nodiscard]] const Mutant& mutant() const { return *mutant_; }
  [[nodiscard]] std::size_t probes() const { return probes_; }
  [[nodiscard]] std::size_t bit_by_bit() const { return bit_by_bit_; }
  [[nodiscard]] std::size_t explained() const { return explained_; }
  // Samples that would speak for it if the texels differed.
  [[nodiscard]] std::size_t unseen() const { return unseen_; }

  // Adds a question. False as soon as a sample speaks against the mutant.
  bool holds(const Asked& asked) {
    const Answer own = mutant_->answer(asked.test_case);
    places_.reset();
    if (std::holds_alternative<Lost>(own)) return holds_where_not_lost(asked);
    const auto* output = std::get_if<Tensor>(&own);
    if (!asked.by_sample || output == nullptr || output->dtype() != asked.test_case.input.dtype() ||
        output->shape() != asked.shape || !output->is_contiguous()) {
      return holds_whole(asked, own);
    }
    const std::vector<double> values = output->values();
    for (std::size_t i = 0; i < asked.standing.size(); ++i) {
      if (!holds_at(asked, values, i)) return false;
    }
    return true;
  }

  // Whether so much agreement cannot be chance.
  [[nodiscard]] bool is_evidence() const {
    constexpr std::size_t enough = 8;
    if (explained_ < enough) return false;
    return answers_.size() >= different ||
           (std::max(right_answers_.size(), controls_.size()) >= different &&
            right_samples_ >= enough);
  }

 private:
  bool holds_whole(const Asked& asked, const Answer& own) {
    if (same_answer(own, asked.expected))
      return asked.whole == Standing::right || asked.is_original;
    if (asked.whole == Standing::right || !same_answer(own, asked.answer)) return false;
    ++probes_;
    ++bit_by_bit_;
    ++explained_;
    answers_.insert(static_cast<double>(probes_));
    return true;
  }

  // Whether the mutant is right where the same input is dense. What is not can be for any reason
  // that moves a position: where the texels do not differ, it is not seen which. Of an input that
  // is too large for it the last smaller one tells.
  [[nodiscard]] bool is_about_the_layout(const Asked& asked) {
    if (asked.test_case.input.element_count() > max_texels) return is_layout_;
    Case dense = asked.test_case;
    dense.input = dense.input.contiguous();
    is_layout_ = same_answer(mutant_->answer(dense), asked.expected);
    return is_layout_;
  }

  // Of a mutant that is lost, location by location: where it is, nobody knows what it would give.
  bool holds_where_not_lost(const Asked& asked) {
    constexpr std::size_t max_locations = 4096;
    if (!asked.by_sample || asked.standing.size() > max_locations) return true;
    std::vector<double> values = asked.values;
    for (std::size_t i = 0; i < asked.standing.size(); ++i) {
      const Answer own =
          mutant_->answer(at_location(asked.test_case, static_cast<std::int64_t>(i)));
      const auto* output = std::get_if<Tensor>(&own);
      if (output == nullptr) continue;
      const std::vector<double> channels = output->values();
      for (std::size_t c = 0; c < channels.size(); ++c) {
        values[static_cast<std::size_t>(element_place(asked.shape, static_cast<std::int64_t>(i),
                                                      static_cast<std::int64_t>(c)))] = channels[c];
      }
      if (!holds_at(asked, values, i)) return false;
    }
    return true;
  }

  // As many different answers as are evidence; a case can have a million samples.
  static constexpr std::size_t different = 5;
  static void keep(std::set<double>& answers, double value) {
    if (answers.size() < different) answers.insert(value);
  }

  void add_control(double value) {
    ++right_samples_;
    if (std::isfinite(value)) keep(controls_, value);
  }

  bool holds_at(const Asked& asked, const std::vector<double>& values, std::size_t i) {
    if (asked.standing[i] == Standing::apart) return true;
    bool bits = true;        // the subject's
    bool near = true;        // the subject's
    bool is_right = true;    // the reference's bits,
    bool near_right = true;  // or all but
    std::size_t last = 0;
    const bool is_objected = asked.standing[i] != Standing::right;
    const double slack = is_objected ? std::min(asked.slack[i], asked.max_slack) : asked.slack[i];
    for (std::int64_t c = 0; c < asked.shape[1]; ++c) {
      const auto at =
          static_cast<std::size_t>(element_place(asked.shape, static_cast<std::int64_t>(i), c));
      bits = bits && same_bits(values[at], asked.values[at]);
      near = near && is_near(values[at], asked.values[at], slack);
      is_right = is_right && same_bits(values[at], asked.right[at]);
      near_right = near_right && is_near(values[at], asked.right[at], slack);
      last = at;
      // Channels that stay right while others do not could have spoken against the mutant, too.
      if (is_objected && asked.shape[1] > 1 && same_bits(values[at], asked.right[at]) &&
          same_bits(values[at], asked.values[at])) {
        add_control(values[at]);
      }
    }
    if (!is_objected) {
      if (is_right || near_right) {
        if (bits && is_right && asked.places == Places::all) add_control(values[last]);
        return true;
      }
      return near;
    }
    const bool speaks = bits ? !is_right : near && !near_right;
    // Where places are not told apart, 0 is what any one outside gives, and all else is no news.
    if (speaks && !places_) {
      places_ =
          asked.places == Places::all || is_about_the_layout(asked) ? Places::all : asked.places;
    }
    if (speaks && (places_ == Places::none || (places_ == Places::some && values[last] == 0))) {
      ++unseen_;
      return true;
    }
    if (speaks) {
      ++probes_;
      bit_by_bit_ += bits ? 1 : 0;
      explained_ += asked.standing[i] == Standing::objected ? 1 : 0;
      if (std::isfinite(values[last]) && values[last] != 0) keep(answers_, values[last]);
      if (std::isfinite(asked.right[last]) && places_ == Places::all) {
        keep(right_answers_, asked.right[last]);
      }
      return true;
    }
    if (near && near_right) return true;  // too close to say
    if (asked.is_original && asked.standing[i] == Standing::other) return true;
    return false;
  }

  const Mutant* mutant_;
  // Of what is asked: which places tell for it; not known before something does.
  std::optional<Places> places_;
  bool is_layout_ = false;
  std::size_t probes_ = 0;
  std::size_t bit_by_bit_ = 0;
  std::size_t unseen_ = 0;
  std::size_t explained_ = 0;       // samples with the objection in question
  std::set<double> answers_;        // finite ones that are not 0
  std::set<double> right_answers_;  // to the same samples
  std::size_t right_samples_ = 0;   // to which all give the right answer,
  std::set<double> controls_;       // and those answers
};

// Asks the subject; what it does not answer is left out.
std::vector<Asked> ask(const Interrogation& interrogation, const Objection& objection,
                       const std::vector<Case>& test_cases, bool is_original = false) {
  std::vector<Asked> all;
  std::vector<Answer> answers = interrogation.subject.answers(test_cases);
  for (std::size_t i = 0; i < test_cases.size(); ++i) {
    const bool answered =
        std::holds_alternative<Tensor>(answers[i]) || std::holds_alternative<Refusal>(answers[i]);
    if (answered && test_cases[i].input.storage_size() <= max_texels) {
      all.push_back(
          judged(interrogation, objection, test_cases[i], std::move(answers[i]), is_original));
    }
  }
  return all;
}

// Of mutants that explain the same, leaves those that the cases that separate each of them from
// what is right do not speak against, with either align_corners; all, if they speak against all.
void split(const Interrogation& interrogation, const Objection& objection,
           std::vector<Comparison>& tied) {
  if (tied.size() < 2) return;
  std::vector<Case> test_cases;
  for (const Comparison& one : tied) {
    test_cases.push_back(separating_cases(one.mutant()).back());
    test_cases.push_back(test_cases.back());
    test_cases.back().request.align_corners =
        !test_cases.back().request.align_corners.value_or(false);
  }
  const std::vector<Asked> all = ask(interrogation, objection, test_cases);
  std::vector<std::size_t> against;
  for (const Comparison& one : tied) {
    Comparison further(one.mutant());
    against.push_back(static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const Asked& asked) { return !further.holds(asked); })));
  }
  const std::size_t least = std::ranges::min(against);
  std::size_t i = 0;
  std::erase_if(tied, [&](const Comparison& /*one*/) { return against[i++] > least; });
}

// A separating case in a rank: of a 4-D one, its picture as the only slice of a volume. None of one
// that has no such form.
std::optional<Case> in_rank(const Case& test_case, int rank) {
  if (test_case.input.rank() == rank) return test_case;
  const std::optional<Options> options = resolve(test_case.request);
  if (rank != 5 || test_case.input.rank() != 4 || test_case.grid.rank() != 4 || !options ||
      options->mode == Mode::bicubic || test_case.grid.shape().back() != 2 ||
      test_case.input.storage_size() > max_texels) {
    return std::nullopt;
  }
  Shape input = test_case.input.shape();
  input.insert(input.begin() + 2, 1);
  Shape grid = test_case.grid.shape();
  grid.insert(grid.begin() + 1, 1);
  grid.back() = 3;
  std::vector<double> coordinates;
  const std::vector<double> flat = test_case.grid.values();
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2) {
    coordinates.insert(coordinates.end(), {flat[i], flat[i + 1], 0});
  }
  return Case{test_case.request, Tensor(test_case.input.dtype(), input, test_case.input.values()),
              Tensor(test_case.grid.dtype(), grid, coordinates)};
}

// Whether an axis is so long that the questions around the reduced case cannot vary it, and so show
// no more than one length. Then a subject is asked in another rank and dtype as well. Of shorter
// ones the questions are enough, and a subject may have other code for another rank or dtype.
bool is_long(const Objection& objection) {
  constexpr std::int64_t max_varied = 4096;
  return std::ranges::max(objection.reduced.input.shape()) > max_varied;
}

// Whether the subject gives what is right where a mutant was found to give something else: in such
// cases, in the rank of what was reduced and a dtype in which the subject is wrong.
bool is_contradicted(const Interrogation& interrogation, const Objection& objection,
                     const Mutant& mutant, Dtype dtype) {
  for (const Case& separating : separating_cases(mutant)) {
    const int rank = objection.reduced.input.rank();
    if (separating.input.rank() != rank && !is_long(objection)) continue;
    const std::optional<Case> in_that = in_rank(separating, rank);
    if (!in_that) continue;
    Case test_case = *in_that;
    if (test_case.input.dtype() != dtype && test_case.input.dtype() == test_case.grid.dtype() &&
        test_case.input.storage_size() <= max_texels) {
      test_case = in_dtype(test_case, dtype);
    }
    if (test_case.input.dtype() != dtype) continue;
    const Answer right = interrogation.reference.answer(test_case);
    if (!same_answer(mutant.answer(test_case), right) &&
        same_answer(interrogation.subject.answer(test_case), right)) {
      return true;
    }
  }
  return false;
}

// Whether nothing that was asked speaks against a mutant, adding up what speaks for it.
bool holds_of_all(Comparison& comparison, const std::vector<Asked>& all) {
  return std::ranges::all_of(all, [&](const Asked& asked) { return comparison.holds(asked); });
}
// Whether a mutant explains all that was asked.
bool explains(Comparison& comparison, const std::vector<Asked>& all) {
  return holds_of_all(comparison, all) && comparison.is_evidence();
}

// Of 16 bits many semantics give the same answers but for rounding. Where the subject is wrong in
// f32 as well, what explains it must do so there, too; on a long axis it must also be seen there.
void narrow_in_f32(const Interrogation& interrogation, const Objection& objection,
                   std::vector<Comparison>& tied) {
  const Tensor& input = objection.reduced.input;
  if (tied.empty() || size_of(input.dtype()) > 2 || input.storage_size() > max_texels ||
      input.dtype() != objection.reduced.grid.dtype()) {
    return;
  }
  const Case reduced = in_dtype(objection.reduced, Dtype::f32);
  std::vector<Case> test_cases = {reduced};
  std::ranges::move(questions_around(reduced, objection.sample), std::back_inserter(test_cases));
  const std::vector<Asked> all = ask(interrogation, objection, affordable(std::move(test_cases)));
  const bool is_right = std::ranges::all_of(all, [](const Asked& asked) {
    return asked.whole == Standing::right &&
           std::ranges::all_of(asked.standing, [](Standing s) { return s == Standing::right; });
  });
  if (is_right) return;
  std::erase_if(tied, [&](const Comparison& one) {
    Comparison further(one.mutant());
    if (!holds_of_all(further, all)) return true;
    return is_long(objection) &&
           (further.probes() + further.unseen() == 0 ||
            is_contradicted(interrogation, objection, one.mutant(), Dtype::f32));
  });
}

// The samples of all questions about the reduced input, of one where its texels differ along every
// axis; none where that is too large.
std::optional<Case> with_texels_everywhere(const Objection& objection,
                                           const std::vector<Asked>& all) {
  constexpr std::int64_t max_bytes = std::int64_t{1} << 27U;
  const Case& reduced = objection.reduced;
  const Tensor& input = reduced.input;
  Shape shape = input.shape();
  if (places_of(reduced) == Places::all || input.rank() != reduced.grid.rank()) return std::nullopt;
  shape[0] = shape[1] = 1;
  const std::int64_t texels = element_count(shape);
  if (texels * static_cast<std::int64_t>(size_of(input.dtype())) > max_bytes) return std::nullopt;
  std::vector<double> grid;
  for (const Asked& asked : all) {
    const Shape& own = asked.test_case.input.shape();
    const bool is_of_it =
        own.size() == shape.size() && std::equal(own.begin() + 2, own.end(), shape.begin() + 2);
    if (asked.is_original || !is_of_it) continue;
    std::ranges::copy(asked.test_case.grid.values(), std::back_inserter(grid));
  }
  const auto axes = static_cast<std::int64_t>(shape.size()) - 2;
  Shape locations(static_cast<std::size_t>(axes), 1);
  locations.push_back(std::ssize(grid) / axes);
  locations.push_back(axes);
  return with_different_texels({.request = reduced.request,
                                .input = Tensor(input.dtype(), shape),
                                .grid = Tensor(reduced.grid.dtype(), locations, grid)});
}

// Of mutants that lack evidence those that have it where texels differ.
std::vector<Comparison> with_evidence(const Interrogation& interrogation,
                                      const Objection& objection, const std::vector<Asked>& all,
                                      std::vector<Comparison> candidates) {
  const std::optional<Case> test_case = with_texels_everywhere(objection, all);
  if (!test_case || candidates.empty()) return {};
  const Asked asked =
      judged(interrogation, objection, *test_case, interrogation.subject.answer(*test_case), false);
  if (!asked.by_sample) return {};
  std::erase_if(candidates,
                [&](Comparison& one) { return !one.holds(asked) || !one.is_evidence(); });
  return candidates;
}

// Whether the subject gives the same answers in another order. Of one that does not, the answers
// depend on more than the question, and so do not show a semantics.
bool is_steady(const Interrogation& interrogation, const std::vector<Asked>& all) {
  return std::ranges::all_of(all.rbegin(), all.rend(), [&](const Asked& asked) {
    return same_answer(interrogation.subject.answer(asked.test_case), asked.answer);
  });
}

// Whether the answers of two mutants at once differ from those of one alone so often that it is not
// by chance that both are needed.
bool adds(const Mutant& pair, const Mutant& alone, const std::vector<Asked>& all) {
  constexpr std::size_t enough = 8;
  constexpr std::size_t different = 5;
  std::size_t samples = 0;
  std::set<double> answers;
  for (const Asked& asked : all) {
    const Answer one = pair.answer(asked.test_case);
    const Answer other = alone.answer(asked.test_case);
    const auto* a = std::get_if<Tensor>(&one);
    const auto* b = std::get_if<Tensor>(&other);
    if (!asked.by_sample || asked.places == Places::none || a == nullptr || b == nullptr ||
        a->shape() != b->shape()) {
      continue;
    }
    const std::vector<double> values = a->values();
    const std::vector<double> others = b->values();
    for (std::size_t i = 0; i < asked.standing.size(); ++i) {
      const auto at =
          static_cast<std::size_t>(element_place(asked.shape, static_cast<std::int64_t>(i), 0));
      if (asked.standing[i] == Standing::right || is_near(values[at], others[at], asked.slack[i]))
        continue;
      ++samples;
      if (std::isfinite(values[at])) answers.insert(values[at]);
    }
  }
  return samples >= enough && answers.size() >= different;
}

// Two mutants at once, one of which breaks the clause in question or explains a part. There are
// thousands of pairs, so both must be needed many times, and those are left out that give the right
// answers to what is looked at first: the reduced case and the sweeps that come last.
std::optional<Cause> explaining_pair(const Interrogation& interrogation, const Objection& objection,
                                     const std::vector<Asked>& all) {
  // On two probes of 65,600 elements each they took more than nine minutes.
  constexpr std::int64_t max_elements = std::int64_t{1} << 14U;
  std::int64_t elements = 0;
  for (const Asked& asked : all) elements += output_count(asked.test_case);
  if (elements > max_elements) return std::nullopt;
  std::vector<const Asked*> first = {&all.front()};
  for (auto asked = all.rbegin(); asked != all.rend() && first.size() < 3; ++asked) {
    if (!asked->is_original) first.push_back(&*asked);
  }
  std::vector<const Mutant*> active;
  std::vector<bool> matters;
  for (const Mutant& mutant : mutants()) {
    if (mutant.is_interaction) continue;
    bool is_active = false;
    std::size_t parts = 0;
    Comparison alone(mutant);
    for (const Asked* const asked : first) {
      is_active = is_active || !same_answer(mutant.answer(asked->test_case), asked->expected);
      parts += alone.holds(*asked) ? 1 : 0;
    }
    if (!is_active) continue;
    active.push_back(&mutant);
    matters.push_back(mutant.clause == objection.clause || (parts > 0 && alone.explained() > 0));
  }
  const auto is_contradicted_somewhere = [&](const Mutant& pair) {
    return is_long(objection) &&
           (is_contradicted(interrogation, objection, pair, objection.reduced.input.dtype()) ||
            is_contradicted(interrogation, objection, pair, Dtype::f32));
  };
  std::optional<Cause> best;
  for (std::size_t i = 0; i < active.size(); ++i) {
    for (std::size_t j = i + 1; j < active.size(); ++j) {
      if (!matters[i] && !matters[j]) continue;
      const Mutant pair = both(*active[i], *active[j]);
      Comparison comparison(pair);
      if (!explains(comparison, all) || !adds(pair, *active[i], all) ||
          !adds(pair, *active[j], all) || is_contradicted_somewhere(pair)) {
        continue;
      }
      if (best) {
        best->ties.push_back(pair.name);
      } else {
        best = Cause{pair.name, comparison.probes(), comparison.bit_by_bit(), {}};
      }
    }
  }
  return best;
}

}  // namespace

bool same_answer(const Answer& one, const Answer& other) {
  const auto* a = std::get_if<Tensor>(&one);
  const auto* b = std::get_if<Tensor>(&other);
  if (a == nullptr || b == nullptr) return one.index() == other.index();
  return alike(*a, *b) && a->same_values(*b);
}

std::optional<Cause> explaining_mutant(const Interrogation& interrogation,
                                       const Objection& objection) {
  std::vector<Case> test_cases = {objection.reduced};
  std::ranges::move(questions_around(objection.reduced, objection.sample),
                    std::back_inserter(test_cases));
  std::vector<Asked> all = ask(interrogation, objection, affordable(std::move(test_cases)));
  std::ranges::move(ask(interrogation, objection, {objection.original}, true),
                    std::back_inserter(all));
  if (all.empty()) return std::nullopt;
  // A case of so many elements was not made smaller because its size matters.
  constexpr std::int64_t many = 4096;
  const bool needs_size = output_count(objection.reduced) > many;
  std::vector<Comparison> tied;
  std::vector<Comparison> unseen;  // against whom nothing speaks, and nothing for them
  for (const Mutant& mutant : mutants()) {
    if (needs_size && !mutant.is_interaction) continue;
    Comparison comparison(mutant);
    if (!holds_of_all(comparison, all)) continue;
    const bool is_evidence = comparison.is_evidence();
    if (!is_evidence && comparison.unseen() == 0) continue;
    if (is_contradicted(interrogation, objection, mutant, objection.reduced.input.dtype()))
      continue;
    (is_evidence ? tied : unseen).push_back(comparison);
  }
  if (tied.empty()) tied = with_evidence(interrogation, objection, all, std::move(unseen));
  narrow_in_f32(interrogation, objection, tied);
  std::optional<Cause> pair;
  if (tied.empty() && !needs_size) pair = explaining_pair(interrogation, objection, all);
  if ((tied.empty() && !pair) || !is_steady(interrogation, all)) return std::nullopt;
  if (pair) return pair;
  split(interrogation, objection, tied);
  Cause cause{tied.front().mutant().name, tied.front().probes(), tied.front().bit_by_bit(), {}};
  for (std::size_t i = 1; i < tied.size(); ++i) cause.ties.push_back(tied[i].mutant().name);
  return cause;
}

}  // namespace gridproof
