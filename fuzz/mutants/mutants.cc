#include "fuzz/mutants/mutants.h"

#include <iterator>
#include <memory>
#include <utility>

#include "fuzz/mutants/dictionary.h"

namespace gridproof {

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> list;
    for (const auto chapter : {dictionary::of_coordinates, dictionary::of_padding,
                               dictionary::of_interpolation, dictionary::of_tensors}) {
      std::vector<Mutant> entries = chapter();
      std::ranges::move(entries, std::back_inserter(list));
    }
    return list;
  }();
  return all;
}

SubjectEntry mutant_subject(const Mutant& mutant) {
  return {.name = "mutant:" + mutant.name, .description = mutant.sentence, .open = [mutant] {
            return std::make_unique<FunctionSubject>(
                [mutant](const Case& question) { return mutant.answer(question); });
          }};
}

}  // namespace gridproof
