#include "fuzz/gradients/campaign.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "fuzz/gradients/reduce.h"
#include "reference/contract/parallel.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using Clock = std::chrono::steady_clock;

// What findings are told apart by.
struct Key {
  Gradient gradient = Gradient::input;
  Verdict verdict = Verdict::deviates;
  std::string clause;
  std::string mode;
  std::string label;

  friend auto operator<=>(const Key&, const Key&) = default;
};

// How many smaller questions are tried: a loss costs a new process, and what only a strict judge
// objects to is not worth much.
int tries_of(Verdict verdict) {
  if (verdict == Verdict::lost) return 24;
  return is_finding(verdict, false) ? 200 : 60;
}

// What one thread has seen of a kind of finding: how often, and the smallest question that shows
// it.
struct Sighting {
  std::int64_t cases = 0;
  std::int64_t elements = 0;
  std::uint64_t ordinal = 0;
};

void add(Sighting& into, const Sighting& from) {
  const bool is_smaller = into.cases == 0 || std::tie(from.elements, from.ordinal) <
                                                 std::tie(into.elements, into.ordinal);
  if (is_smaller) into.elements = from.elements, into.ordinal = from.ordinal;
  into.cases += from.cases;
}

struct Tally {
  std::map<std::string, GradientCounts> strata;
  std::map<Key, Sighting> found;
};

std::int64_t elements_of(const BackwardCase& test_case) {
  return test_case.forward.input.element_count() + test_case.forward.grid.element_count() +
         test_case.grad_output.element_count();
}

// What is asked of a subject, and how it is judged.
struct Setup {
  const GradientCampaignOptions& options;
  const std::vector<GradientSubject>& subjects;
  GradientPlan plan;

  [[nodiscard]] bool is_notable(Verdict verdict) const { return is_finding(verdict, true); }
  [[nodiscard]] Key key_of(std::size_t subject, const BackwardCase& test_case,
                           const GradientVerdict& verdict) const {
    return {verdict.gradient, verdict.verdict, verdict.clause,
            test_case.forward.request.mode.value_or(""),
            options.label ? options.label(subject, test_case, verdict) : ""};
  }
};

// Ends a campaign whose subject is lost again and again: each loss takes seconds.
class LossLimit {
 public:
  explicit LossLimit(const Setup& setup) : setup_(setup), lost_(setup.subjects.size()) {}

  void add(std::size_t subject) {
    const std::scoped_lock lock(mutex_);
    if (++lost_[subject] < setup_.options.max_lost || !ended_.empty()) return;
    ended_ = "the campaign ended early: " + setup_.subjects[subject].entry.name + " was lost in " +
             std::to_string(lost_[subject]) + (lost_[subject] == 1 ? " case" : " cases") +
             " about gradients";
    is_over_ = true;
  }
  [[nodiscard]] bool is_over() const { return is_over_; }
  [[nodiscard]] const std::string& ended() const { return ended_; }

 private:
  const Setup& setup_;
  std::mutex mutex_;
  std::vector<std::int64_t> lost_;
  std::string ended_;
  std::atomic<bool> is_over_ = false;
};

// An instance of each subject, for one thread.
class Asker {
 public:
  explicit Asker(const Setup& setup) : setup_(setup) {
    const GradientCampaignOptions& options = setup.options;
    for (const GradientSubject& subject : setup.subjects) {
      instances_.push_back(subject.entry.open());
      dialects_.push_back(options.dialect.value_or(instances_.back()->info().dialect));
      const bool is_right = dialects_.back() == Dialect::pytorch && !options.one_sided;
      judges_.emplace_back(options.profile, is_right ? Kinks::right : Kinks::one_sided);
    }
  }

  // As it is put to a subject; nothing if that has no such gradients.
  [[nodiscard]] std::optional<BackwardCase> asked_of(std::size_t subject,
                                                     const BackwardCase& test_case) const {
    const auto& [entry, part, mask] = setup_.subjects[subject];
    if (kind_index(test_case.forward) && !part.has(test_case.forward)) return std::nullopt;
    BackwardCase asked = test_case;
    asked.output_mask.input = asked.output_mask.input && mask.input;
    asked.output_mask.grid = asked.output_mask.grid && mask.grid;
    const bool wants_any = asked.output_mask.input || asked.output_mask.grid;
    if (!wants_any && asked.output_mask != test_case.output_mask) return std::nullopt;
    return asked;
  }

  GradientJudgment judge(std::size_t subject, const BackwardCase& test_case,
                         const BackwardAnswer& expected) {
    return judges_[subject].judge(test_case, instances_[subject]->backward(test_case), &expected);
  }

  // The judgments on a question, one for each subject; of one that is not asked it counts nothing.
  std::vector<GradientJudgment> judgments(const BackwardCase& test_case) {
    std::vector<GradientJudgment> all(instances_.size());
    const BackwardAnswer expected = grid_sample_backward(test_case);
    for (std::size_t subject = 0; subject < all.size(); ++subject) {
      const auto asked = asked_of(subject, test_case);
      if (!asked) continue;
      all[subject] = judge(
          subject, *asked,
          asked->output_mask == test_case.output_mask ? expected : grid_sample_backward(*asked));
    }
    return all;
  }

  // The finding of this kind, from the question that shows it.
  GradientFinding finding(std::size_t subject, const Key& key, const Sighting& sighting) {
    const DrawnGradient drawn = setup_.plan.question(sighting.ordinal);
    GradientFinding finding{
        .gradient = key.gradient,
        .verdict = key.verdict,
        .clause = key.clause,
        .mode = key.mode,
        .label = key.label,
        .cases = sighting.cases,
        .ordinal = sighting.ordinal,
        .elements = sighting.elements,
        .stratum = drawn.stratum,
        .smallest = asked_of(subject, drawn.test_case).value_or(drawn.test_case),
        .dialect = dialects_[subject]};
    const BackwardCase original = finding.smallest;
    Subject& warm = *instances_[subject];
    if (first_of(subject, key, warm, finding.smallest)) {
      finding.smallest = reduced(
          finding.smallest, key.gradient,
          [&](const BackwardCase& it) { return first_of(subject, key, warm, it).has_value(); },
          tries_of(key.verdict));
    }
    // What is told of it has to be so where nothing else was asked before.
    const std::unique_ptr<Subject> fresh = setup_.subjects[subject].entry.open();
    finding.recurs =
        complete(subject, key, *fresh, finding) || complete(subject, key, warm, finding);
    // What is lost has no numbers to compare.
    if (is_finding(key.verdict, false) && key.verdict != Verdict::lost) {
      finding.cause = explaining_gradient_mutant(
          *setup_.subjects[subject].entry.open(), judges_[subject],
          {key.gradient, key.verdict, key.clause, original, finding.smallest});
    }
    return finding;
  }

 private:
  struct Shown {
    GradientVerdict verdict;
    BackwardAnswer answer;
  };

  // What an instance shows of a kind of finding when it is asked a question.
  std::optional<Shown> first_of(std::size_t subject, const Key& key, Subject& instance,
                                const BackwardCase& test_case) {
    const BackwardAnswer expected = grid_sample_backward(test_case);
    BackwardAnswer answer = instance.backward(test_case);
    const GradientJudgment judgment = judges_[subject].judge(test_case, answer, &expected);
    for (const GradientVerdict& verdict : judgment.notable) {
      if (setup_.key_of(subject, test_case, verdict) == key) return Shown{verdict, answer};
    }
    return std::nullopt;
  }

  bool complete(std::size_t subject, const Key& key, Subject& instance, GradientFinding& finding) {
    auto shown = first_of(subject, key, instance, finding.smallest);
    if (!shown) {
      finding.answer = instance.backward(finding.smallest);
      return false;
    }
    finding.element = shown->verdict.element;
    finding.within = shown->verdict.within;
    finding.answer = std::move(shown->answer);
    return true;
  }

  const Setup& setup_;
  std::vector<std::unique_ptr<Subject>> instances_;
  std::vector<Dialect> dialects_;
  std::vector<GradientJudge> judges_;
};

void count(const Setup& setup, std::size_t subject, std::uint64_t ordinal,
           const JudgedGradients& judged, Tally& tally) {
  const GradientJudgment& judgment = judged.judgment;
  GradientCounts& counts = tally.strata[std::string(judged.drawn.stratum)];
  ++counts.cases;
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t v = 0; v < verdict_count; ++v) counts.numbers[g][v] += judgment.counts[g][v];
  }
  std::set<Key> here;
  for (const GradientVerdict& verdict : judgment.notable) {
    if (setup.is_notable(verdict.verdict))
      here.insert(setup.key_of(subject, judged.test_case, verdict));
  }
  for (const Key& key : here) {
    add(tally.found[key],
        {.cases = 1, .elements = elements_of(judged.test_case), .ordinal = ordinal});
  }
}

void add(Tally& into, const Tally& from) {
  for (const auto& [stratum, counts] : from.strata) {
    GradientCounts& sum = into.strata[stratum];
    sum.cases += counts.cases;
    for (std::size_t g = 0; g < 2; ++g) {
      for (std::size_t v = 0; v < verdict_count; ++v) sum.numbers[g][v] += counts.numbers[g][v];
    }
  }
  for (const auto& [key, sighting] : from.found) add(into.found[key], sighting);
}

// What was written down may be of another question.
bool is_of(const BackwardCase& test_case, const std::vector<GradientJudgment>& judgments,
           std::size_t subjects) {
  const auto size_of = [&](Gradient gradient) {
    const Case& forward = test_case.forward;
    return (gradient == Gradient::input ? forward.input : forward.grid).element_count();
  };
  return judgments.size() == subjects &&
         std::ranges::all_of(judgments, [&](const GradientJudgment& judgment) {
           return judgment.whole ||
                  std::ranges::all_of(judgment.notable, [&](const GradientVerdict& verdict) {
                    return verdict.element < size_of(verdict.gradient);
                  });
         });
}

class Campaign {
 public:
  Campaign(const GradientCampaignOptions& options, const std::vector<GradientSubject>& subjects)
      : setup_{options, subjects, GradientPlan(options.seed, part_of_all(subjects))},
        limit_(setup_),
        tallies_(subjects.size()) {
    const int threads = threads_or_cores(options.threads);
    for (int i = 0; i < threads; ++i) askers_.push_back(std::make_unique<Asker>(setup_));
  }

  GradientResults run() {
    each([this](std::size_t thread) { ask(thread); });
    GradientResults results{.subjects = std::vector<GradientResult>(tallies_.size()),
                            .ended = limit_.ended()};
    struct Open {
      std::size_t subject;
      const Key& key;
      const Sighting& sighting;
    };
    std::vector<Open> open;
    for (std::size_t subject = 0; subject < tallies_.size(); ++subject) {
      results.subjects[subject].strata = std::move(tallies_[subject].strata);
      for (const auto& [key, sighting] : tallies_[subject].found)
        open.push_back({subject, key, sighting});
    }
    std::vector<GradientFinding> findings(open.size());
    each([&](std::size_t thread) {
      for (std::size_t i = thread; i < open.size(); i += askers_.size()) {
        findings[i] = askers_[thread]->finding(open[i].subject, open[i].key, open[i].sighting);
      }
    });
    for (std::size_t i = 0; i < open.size(); ++i)
      results.subjects[open[i].subject].findings.push_back(std::move(findings[i]));
    return results;
  }

 private:
  static Part part_of_all(const std::vector<GradientSubject>& subjects) {
    Part all = Part::nothing();
    for (const GradientSubject& subject : subjects) all |= subject.part;
    return all;
  }

  // Calls `work(thread)` for each of the threads.
  template <class Work>
  void each(const Work& work) {
    const auto threads = static_cast<int>(askers_.size());
    for_each_part(threads, threads,
                  [&](std::int64_t thread) { work(static_cast<std::size_t>(thread)); });
  }

  // What a thread is asked follows from their number alone; each gets its share of what comes round
  // every so many questions, which are not alike.
  [[nodiscard]] bool is_of(std::size_t thread, std::uint64_t ordinal) const {
    constexpr std::uint64_t row = 16;
    return (ordinal + ordinal / row) % askers_.size() == thread &&
           (!setup_.options.is_ours || setup_.options.is_ours(ordinal));
  }
  [[nodiscard]] bool is_over() const {
    const auto& budget = setup_.options.budget;
    return limit_.is_over() || (budget && Clock::now() - start_ >= *budget);
  }

  void ask(std::size_t thread) {
    std::vector<Tally> own(tallies_.size());
    const auto end = static_cast<std::uint64_t>(setup_.options.questions);
    for (std::uint64_t ordinal = 0; ordinal < end && !is_over(); ++ordinal) {
      if (!is_of(thread, ordinal)) continue;
      ask(*askers_[thread], ordinal, own);
      const std::int64_t done = ++done_;
      if (setup_.options.progress && thread == 0 && done % 64 < 2) setup_.options.progress(done);
    }
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < own.size(); ++i) add(tallies_[i], own[i]);
  }

  void ask(Asker& asker, std::uint64_t ordinal, std::vector<Tally>& tallies) {
    const DrawnGradient drawn = setup_.plan.question(ordinal);
    GradientLog* const log = setup_.options.log;
    const std::vector<GradientJudgment>* const earlier =
        log == nullptr ? nullptr : log->find_gradients(ordinal);
    const bool is_known =
        earlier != nullptr && gridproof::is_of(drawn.test_case, *earlier, tallies.size());
    const std::vector<GradientJudgment> judgments =
        is_known ? *earlier : asker.judgments(drawn.test_case);
    if (log != nullptr && !is_known) log->add_gradients(ordinal, judgments);
    for (std::size_t subject = 0; subject < judgments.size(); ++subject) {
      const auto asked = asker.asked_of(subject, drawn.test_case);
      if (!asked) continue;
      const JudgedGradients judged{subject, drawn, *asked, judgments[subject]};
      count(setup_, subject, ordinal, judged, tallies[subject]);
      if (judgments[subject].worst() == Verdict::lost) limit_.add(subject);
      if (!setup_.options.judged) continue;
      const std::scoped_lock lock(mutex_);
      setup_.options.judged(judged);
    }
  }

  Setup setup_;
  LossLimit limit_;
  Clock::time_point start_ = Clock::now();
  std::vector<std::unique_ptr<Asker>> askers_;
  std::atomic<std::int64_t> done_ = 0;
  std::mutex mutex_;
  std::vector<Tally> tallies_;  // of each subject
};

}  // namespace

GradientResults run_gradients(const GradientCampaignOptions& options,
                              const std::vector<GradientSubject>& subjects) {
  return Campaign(options, subjects).run();
}

}  // namespace gridproof
