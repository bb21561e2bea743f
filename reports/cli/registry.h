// The list of all subjects, by name: the two witnesses, every LibTorch that was built beside this
// program, and the controls that test the judge itself. Tested by roster_test.cc.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof::reports {

// "reference", "exact"; the kernels' targets, "portable" first; "cuda-host" and "cuda"; then
// "torch-<version>" for every program gridproof-torch-<version> in `folder`, the newest version
// first; then the controls: "conforming:<name>" for every conforming variation of the reference,
// "mutant:<name>" for every named wrong semantics.
std::vector<SubjectEntry> make_roster(const std::filesystem::path& folder);

// How to deal with a subject in a process.
struct ForeignOptions {
  bool validate = false;  // hold each message against the schema of the protocol
  // How long a case may take; else 10 s, for a peer 60 s, and no more than the budget or what a
  // start takes, whichever is longer.
  std::optional<std::chrono::milliseconds> per_case;
  std::optional<std::chrono::milliseconds> budget;  // of the campaign
};

// A subject of somebody else's, by what stands after --subject: "process:COMMAND", whose words are
// split as a shell does, speaks the process protocol; a path that ends in ".so" is a plug-in
// (reference/contract/plugin.h); "peer:NAME" is an implementation that peers.py knows. Nothing for
// any other name. LABEL= in front gives it a shorter name in reports. `folder` has the program that
// loads plug-ins.
std::optional<SubjectEntry> foreign_subject(const std::string& name,
                                            const std::filesystem::path& folder,
                                            const ForeignOptions& options = {});

// The entries of `roster` with these names, each once, in the order of the names; or what
// foreign_subject makes of a name.
std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options = {});

// An instance of the subject. Throws InputError, which names it, when it does not start.
std::unique_ptr<Subject> open_subject(const SubjectEntry& entry);

// gridproof-bench-<version> in `folder`, that of the newest version.
std::optional<std::filesystem::path> bench_program(const std::filesystem::path& folder);

// The program that installs and serves peers, oracle/subjects/peers/peers.py: the installed one if
// this program is installed, else the one in the source tree.
std::filesystem::path peers_program();

// The peers that are installed, by name, in the order of that program.
std::vector<std::string> installed_peers();

// The folder of the running program.
std::filesystem::path program_folder();

bool is_torch(std::string_view subject);
bool is_control(std::string_view subject);

}  // namespace gridproof::reports
