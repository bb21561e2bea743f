// Subjects that are other programs. Tested by roster_test.cc.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/subject.h"

namespace gridproof::reports {

// How to deal with a subject in a process.
struct ForeignOptions {
  bool validate = false;  // hold each message against the schema of the protocol
  // How long a case may take; else 10 s, for a peer or torch 60 s, and no more than the budget or
  // what a start takes, whichever is longer.
  std::optional<std::chrono::milliseconds> per_case;
  std::optional<std::chrono::milliseconds> budget;  // of the campaign
};

// A subject of somebody else's, by what stands after --subject: "process:COMMAND", whose words are
// split as a shell does, speaks the process protocol; a path that ends in ".so" is a plug-in
// (reference/contract/plugin.h); "peer:NAME" is an implementation that peers.py knows; "torch" is
// the torch of the Python $GRIDPROOF_PYTHON, or python3, "torch:DEVICE" on a device. Nothing for
// any other name. LABEL= in front gives it a shorter name in reports. `folder` has the program that
// loads plug-ins.
std::optional<SubjectEntry> foreign_subject(const std::string& name,
                                            const std::filesystem::path& folder,
                                            const ForeignOptions& options = {});

// "torch-<version>" for every program gridproof-torch-<version> in `folder`, the newest version
// first.
std::vector<SubjectEntry> torch_subjects(const std::filesystem::path& folder);

// gridproof-bench-<version> in `folder`, that of the newest version.
std::optional<std::filesystem::path> bench_program(const std::filesystem::path& folder);

// The program that installs and serves peers, oracle/subjects/peers/peers.py: the one that stands
// in
// ../share/gridproof beside this program's folder (of an installation or a Python package), else
// the one in the source tree.
std::filesystem::path peers_program();

// The program of Python that serves its torch, reports/python/gridproof/torch.py: that of the
// Python package which this program is in, the installed one, or the one in the source tree.
std::filesystem::path torch_program();

// The peers that are installed, by name, in the order of that program.
std::vector<std::string> installed_peers();

// The folder of the running program.
std::filesystem::path program_folder();

// Whether it is a file that can be run.
bool is_program(const std::filesystem::path& path);

}  // namespace gridproof::reports
