#include "fuzz/mutants/mutants.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace dictionary {

Mutant mutant(MutantText words, Change change) {
  Mutant result;
  result.name = words.name;
  result.clause = words.clause;
  result.sentence = words.sentence;
  result.separating = words.separating;
  result.carriers = std::move(words.carriers);
  result.change = std::move(change);
  result.change(result.rules);
  return result;
}

Mutant interaction(MutantText words, Applies applies, Change change) {
  Mutant result = mutant(std::move(words), std::move(change));
  result.applies = std::move(applies);
  return result;
}

Mutant kernel(MutantText words, Applies applies, Answer (*answer)(const Case&)) {
  Mutant result = interaction(std::move(words), std::move(applies), [](Hooked&) {});
  result.kernel = answer;
  return result;
}

Mutant equivalent(Mutant mutant, std::string_view reason) {
  mutant.equivalent = reason;
  return mutant;
}

Mutant extension(MutantText words, Change change) {
  return equivalent(mutant(std::move(words), std::move(change)),
                    "it answers what the documentation excludes, which only --strict forbids");
}

Mutant only_about(Applies applies, Mutant mutant) {
  mutant.applies = std::move(applies);
  return mutant;
}

Change asks(std::function<Case(Case)> rewrite) {
  return [rewrite = std::move(rewrite)](Hooked& rules) {
    rules.before = [rewrite, earlier = rules.before](Case test_case) {
      return rewrite(earlier(std::move(test_case)));
    };
  };
}

Change gives(std::function<Tensor(const Case&, const Tensor&)> rewrite) {
  return [rewrite = std::move(rewrite)](Hooked& rules) {
    rules.after = [rewrite, earlier = rules.after](const Case& test_case, const Tensor& output) {
      const Tensor given = earlier(test_case, output);
      return given.element_count() == 0 ? given : rewrite(test_case, given);
    };
  };
}

}  // namespace dictionary

Answer Mutant::answer(const Case& test_case) const {
  if (remembers()) return open()->answer(test_case);
  if (is_right_about(test_case)) return grid_sample(test_case);
  return kernel ? kernel(test_case) : semantics::grid_sample_with(test_case, rules);
}

std::unique_ptr<Subject> Mutant::open() const {
  if (remembers()) return remembering();
  return std::make_unique<FunctionSubject>(
      [mutant = *this](const Case& test_case) { return mutant.answer(test_case); });
}

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> list;
    const auto add = [&list](const char* chapter, std::vector<Mutant> entries,
                             bool are_interactions = false) {
      for (Mutant& entry : entries) {
        entry.chapter = chapter;
        entry.is_interaction = are_interactions;
        list.push_back(std::move(entry));
      }
    };
    add("options", dictionary::of_options());
    add("coordinates", dictionary::of_coordinates());
    add("nonfinite", dictionary::of_nonfinite());
    add("padding", dictionary::of_padding());
    add("nearest", dictionary::of_nearest());
    add("weights", dictionary::of_weights());
    add("arithmetic", dictionary::of_arithmetic());
    add("tensors", dictionary::of_tensors());
    add("own type", dictionary::of_own_type(), true);
    add("sizes", dictionary::of_sizes(), true);
    add("layouts", dictionary::of_layouts(), true);
    add("specials", dictionary::of_specials(), true);
    add("shortcuts", dictionary::of_shortcuts(), true);
    add("combinations", dictionary::of_combinations(), true);
    add("state", dictionary::of_state(), true);
    return list;
  }();
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

std::vector<Case> separating_cases(const Mutant& mutant) {
  std::vector<Case> cases;
  std::istringstream lines(mutant.separating);
  for (std::string line; std::getline(lines, line);) cases.push_back(parse_case(line));
  return cases;
}

Mutant both(const Mutant& one, const Mutant& other) {
  Mutant pair = one;
  pair.name += " + " + other.name;
  pair.sentence += "; and " + other.sentence;
  pair.separating += '\n' + other.separating;
  pair.carriers.clear();
  if (!one.is_interaction) pair.applies = nullptr;  // the other one may apply to more
  pair.change = [first = one.change, second = other.change](semantics::Hooked& rules) {
    first(rules);
    second(rules);
  };
  pair.rules = {};
  pair.change(pair.rules);
  return pair;
}

std::optional<Mutant> mutant_named(std::string_view name) {
  const std::size_t plus = name.find(" + ");
  const Mutant* const one = find_mutant(name.substr(0, plus));
  if (one == nullptr) return std::nullopt;
  if (plus == std::string_view::npos) return *one;
  const Mutant* const other = find_mutant(name.substr(plus + 3));
  return other == nullptr ? std::nullopt : std::optional(both(*one, *other));
}

std::optional<std::string> mutant_sentence(std::string_view name) {
  const std::optional<Mutant> mutant = mutant_named(name);
  return mutant ? std::optional(mutant->sentence) : std::nullopt;
}

SubjectEntry mutant_subject(const Mutant& mutant) {
  return {.name = "mutant:" + mutant.name, .description = mutant.sentence, .open = [mutant] {
            return mutant.open();
          }};
}

}  // namespace gridproof
