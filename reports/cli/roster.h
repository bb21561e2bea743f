// The list of all subjects, by name: the two witnesses, every LibTorch that was built beside this
// program, and the controls that test the judge itself. Tested by roster_test.cc.
#pragma once

#include <filesystem>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof::reports {

// "reference", "exact"; the kernels' targets, "portable" first; "cuda-host" and "cuda"; then
// torch_subjects(folder); then the controls: "conforming:<name>" for every conforming variation of
// the reference, "mutant:<name>" for every named wrong semantics.
std::vector<SubjectEntry> make_roster(const std::filesystem::path& folder);

}  // namespace gridproof::reports
