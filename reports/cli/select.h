// Subjects by name. Tested by roster_test.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"
#include "reports/cli/foreign.h"

namespace gridproof::reports {

// The entries of `roster` with these names, each once, in the order of the names; or what
// foreign_subject makes of a name.
std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options = {});

// An instance of the subject. Throws InputError, which names it, when it does not start.
std::unique_ptr<Subject> open_subject(const SubjectEntry& entry);

bool is_torch(std::string_view subject);
bool is_control(std::string_view subject);

}  // namespace gridproof::reports
