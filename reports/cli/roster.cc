#include "reports/cli/roster.h"

#include <string>
#include <utility>

#include "fuzz/mutants/biased.h"
#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"
#include "optimized/cuda/subjects.h"
#include "optimized/subjects.h"
#include "oracle/exact/exact.h"
#include "oracle/subjects/host/process_subject.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/foreign.h"

namespace gridproof::reports {

std::vector<SubjectEntry> make_roster(const std::filesystem::path& folder) {
  constexpr std::string_view control_program = "gridproof-control";
  std::vector<SubjectEntry> roster = {reference_subject(), exact::subject()};
  for (SubjectEntry& kernels : optimized::subjects()) roster.push_back(std::move(kernels));
#ifndef GRIDPROOF_WHEEL  // where nobody changes kernels of devices
  for (SubjectEntry& kernels : optimized::cuda::subjects()) roster.push_back(std::move(kernels));
#endif
  for (SubjectEntry& torch : torch_subjects(folder)) roster.push_back(std::move(torch));
  for (const ConformingVariation& conforming : conforming_variations())
    roster.push_back(conforming.subject());
  for (const BiasedVariation& biased : biased_variations()) roster.push_back(biased.subject());
  for (const Mutant& mutant : mutants()) roster.push_back(mutant_subject(mutant));
  for (const GradientMutant& mutant : gradient_mutants())
    roster.push_back(gradient_mutant_subject(mutant));
  if (is_program(folder / control_program)) {
    const std::string program = (folder / control_program).string();
    roster.push_back(process_subject("conforming:contracted",
                                     "the compiler fuses every product and sum that it can",
                                     {program, "contracted"}));
    roster.push_back(process_subject("mutant:reads-past-row",
                                     "loads the pixel after a row, with weight 0",
                                     {program, "reads-past-row"}));
  }
  return roster;
}

}  // namespace gridproof::reports
