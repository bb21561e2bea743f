#include "reports/cli/registry.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "fuzz/mutants/biased.h"
#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/mutants.h"
#include "optimized/cuda/subjects.h"
#include "optimized/subjects.h"
#include "oracle/exact/exact.h"
#include "oracle/subjects/host/process_subject.h"
#include "reference/contract/foreign_text.h"
#include "reference/semantics/grid_sample.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view torch_prefix = "torch-";
constexpr std::string_view control_program = "gridproof-control";

// The numbers of a version, so that 2.15.0 is newer than 2.8.0; none for a name such as "system".
std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> numbers;
  const char* const end = version.data() + version.size();
  for (const char* at = version.data(); at < end; ++at) {
    int number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) break;
    numbers.push_back(number);
    at = after;
    if (at == end || *at != '.') break;
  }
  return numbers;
}

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

// The programs <prefix><version> in a folder, the newest version first.
std::vector<std::pair<std::string, fs::path>> programs_in(const fs::path& folder,
                                                          std::string_view prefix) {
  std::vector<std::pair<std::string, fs::path>> programs;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(prefix) && file.size() > prefix.size() && is_program(entry.path())) {
      programs.emplace_back(file.substr(prefix.size()), entry.path());
    }
  }
  std::ranges::sort(programs, [](const auto& a, const auto& b) {
    return std::pair(numbers_of(a.first), a.first) > std::pair(numbers_of(b.first), b.first);
  });
  return programs;
}

}  // namespace

std::vector<SubjectEntry> make_roster(const fs::path& folder) {
  std::vector<SubjectEntry> roster = {reference_subject(), exact::subject()};
  for (SubjectEntry& kernels : optimized::subjects()) roster.push_back(std::move(kernels));
  for (SubjectEntry& kernels : optimized::cuda::subjects()) roster.push_back(std::move(kernels));
  for (const auto& [version, program] : programs_in(folder, "gridproof-torch-")) {
    roster.push_back(process_subject(std::string(torch_prefix) + version,
                                     "LibTorch " + version + ", in a process of its own",
                                     {program.string()}));
  }
  for (const ConformingVariation& conforming : conforming_variations())
    roster.push_back(conforming.subject());
  for (const BiasedVariation& biased : biased_variations()) roster.push_back(biased.subject());
  for (const Mutant& mutant : mutants()) roster.push_back(mutant_subject(mutant));
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

std::optional<SubjectEntry> foreign_subject(const std::string& name, const fs::path& folder,
                                            const ForeignOptions& options) {
  if (const std::size_t equals = name.find('=');
      equals != std::string::npos && equals > 0 &&
      name.find_first_of(":/. ") > equals) {  // else it is a part of the command
    auto subject = foreign_subject(name.substr(equals + 1), folder, options);
    if (subject) {
      subject->name = name.substr(0, equals);
      subject->spec = name;
    }
    return subject;
  }
  // The slowest peers need a minute to be imported, and seconds to compile a model.
  using std::chrono::seconds;
  constexpr std::string_view peer = "peer:";
  const bool is_peer = name.starts_with(peer);
  ProcessLimits limits{.validate = options.validate};
  if (is_peer) limits.start = seconds(300);
  if (is_peer) limits.per_case = seconds(60);
  if (options.per_case) {
    limits.per_case = *options.per_case;
  } else if (options.budget) {
    limits.budget = *options.budget;
  }
  constexpr std::string_view process = "process:";
  if (name.starts_with(process)) {
    const std::string command = name.substr(process.size());
    return process_subject(name, "a process", {"/bin/sh", "-c", "exec " + command}, limits);
  }
  if (is_peer) {
    return process_subject(name, "another implementation",
                           {"python3", peers_program().string(), "serve", name.substr(peer.size())},
                           limits);
  }
  if (name.ends_with(".so")) {
    // Whoever lays the elements of a huge input beside each other is to learn soon that they do not
    // fit, and not to copy for seconds first.
    limits.memory = std::size_t{1} << 30U;
    return process_subject(name, "a plug-in", {(folder / "gridproof-plugin").string(), name},
                           limits);
  }
  return std::nullopt;
}

fs::path peers_program() {
  const fs::path installed = program_folder() / "../share/gridproof/peers/peers.py";
  std::error_code ignored;
  return fs::exists(installed, ignored) ? fs::weakly_canonical(installed, ignored)
                                        : fs::path(GRIDPROOF_PEERS_PROGRAM);
}

std::vector<std::string> installed_peers() {
  std::vector<std::string> names;
  FILE* const pipe =
      popen(("python3 " + shell_quoted(peers_program().string()) + " installed").c_str(), "r");
  if (pipe == nullptr) return names;
  std::string name;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != '\n') {
      name += static_cast<char>(c);
    } else if (!name.empty()) {
      names.push_back(std::exchange(name, {}));
    }
  }
  pclose(pipe);
  return names;
}

std::optional<fs::path> bench_program(const fs::path& folder) {
  const auto programs = programs_in(folder, "gridproof-bench-");
  if (programs.empty()) return std::nullopt;
  return programs.front().second;
}

fs::path program_folder() {
  std::error_code error;
  fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) {  // no /proc: what the kernel was asked to execute
    const auto* const path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
    program = fs::weakly_canonical(fs::absolute(path == nullptr ? "gridproof" : path));
  }
  return program.parent_path();
}

bool is_torch(std::string_view subject) { return subject.starts_with(torch_prefix); }
bool is_control(std::string_view subject) {
  return subject.starts_with("conforming:") || subject.starts_with("biased:") ||
         subject.starts_with("mutant:");
}

namespace {

// What was once called legal is found by that name, too.
std::string current_name(const std::string& name) {
  constexpr std::string_view old_prefix = "legal:";
  return name.starts_with(old_prefix) ? "conforming:" + name.substr(old_prefix.size()) : name;
}

}  // namespace

std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options) {
  std::vector<SubjectEntry> chosen;
  for (const std::string& given : names) {
    const std::string name = current_name(given);
    if (valid_text(name) != name) reject("--subject", name, "text in UTF-8");
    const auto found = std::ranges::find(roster, name, &SubjectEntry::name);
    if (auto foreign = foreign_subject(name, program_folder(), options)) {
      const bool is_alias = !foreign->spec.empty();
      if (is_alias &&
          (is_torch(foreign->name) ||
           std::ranges::find(roster, foreign->name, &SubjectEntry::name) != roster.end())) {
        reject("--subject", name, "an alias that is no name of a subject of gridproof's");
      }
      const auto same = std::ranges::find(chosen, foreign->name, &SubjectEntry::name);
      if (same == chosen.end()) {
        chosen.push_back(std::move(*foreign));
      } else if (same->spec != foreign->spec) {
        reject("--subject", name, "another alias: this one is somebody else's already");
      }
      continue;
    }
    if (found == roster.end()) {
      std::vector<std::string> known;
      std::vector<std::string> hidden;  // too many to list
      for (const SubjectEntry& entry : roster) {
        (entry.name.find(':') == std::string::npos ? known : hidden).push_back(entry.name);
      }
      known.insert(known.end(), {"peer:NAME", "process:COMMAND", "the path of a plug-in (.so)"});
      hidden.insert(hidden.end(), known.begin(), known.end() - 3);
      std::vector<std::string> near = similar(name, hidden);
      std::error_code ignored;
      const auto status = std::filesystem::status(name, ignored);
      const bool is_program = std::filesystem::is_regular_file(status) &&
                              (status.permissions() & std::filesystem::perms::owner_exec) !=
                                  std::filesystem::perms::none;
      if (is_program) near = {"process:" + name};
      reject("--subject", name,
             alternatives(known) +
                 (near.empty() ? "" : ", or did you mean " + alternatives(near) + "?"));
    }
    if (std::ranges::find(chosen, name, &SubjectEntry::name) == chosen.end()) {
      chosen.push_back(*found);
    }
  }
  return chosen;
}

std::unique_ptr<Subject> open_subject(const SubjectEntry& entry) {
  try {
    return entry.open();
  } catch (const std::runtime_error& error) {
    throw InputError(entry.name + " does not start: " + printable(error.what(), 400));
  }
}

}  // namespace gridproof::reports
