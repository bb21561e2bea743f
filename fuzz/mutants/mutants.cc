#include "fuzz/mutants/mutants.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "fuzz/mutants/dictionary.h"

namespace gridproof {

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> list;
    const auto add = [&list](const char* chapter, std::vector<Mutant> entries) {
      for (Mutant& entry : entries) {
        entry.chapter = chapter;
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
    return list;
  }();
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

SubjectEntry mutant_subject(const Mutant& mutant) {
  return {.name = "mutant:" + mutant.name, .description = mutant.sentence, .open = [mutant] {
            return std::make_unique<FunctionSubject>(
                [mutant](const Case& question) { return mutant.answer(question); });
          }};
}

}  // namespace gridproof
