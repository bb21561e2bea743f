// The list of all subjects, by name: the two witnesses, every LibTorch that was built beside this
// program, and the controls that test the judge itself. Tested by roster_test.cc.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof::reports {

// "reference", "exact"; the kernels' targets, "portable" first; "cuda-host" and "cuda"; then
// "torch-<version>" for every program gridproof-torch-<version> in `folder`, the newest version
// first; then the controls: "legal:<name>" for every legal variation of the reference,
// "mutant:<name>" for every named wrong semantics.
std::vector<SubjectEntry> make_roster(const std::filesystem::path& folder);

// gridproof-bench-<version> in `folder`, that of the newest version.
std::optional<std::filesystem::path> bench_program(const std::filesystem::path& folder);

// The folder of the running program.
std::filesystem::path program_folder();

bool is_torch(std::string_view subject);
bool is_control(std::string_view subject);

}  // namespace gridproof::reports
