#include "reports/cli/foreign.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "oracle/subjects/host/process_subject.h"
#include "reference/contract/foreign_text.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

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

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

std::vector<SubjectEntry> torch_subjects(const fs::path& folder) {
  std::vector<SubjectEntry> subjects;
  for (const auto& [version, program] : programs_in(folder, "gridproof-torch-")) {
    subjects.push_back(process_subject("torch-" + version,
                                       "LibTorch " + version + ", in a process of its own",
                                       {program.string()}, {.fork_server = true}));
  }
  return subjects;
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
  constexpr std::string_view torch_on = "torch:";
  const bool is_peer = name.starts_with(peer);
  const bool is_python_torch = name == "torch" || name.starts_with(torch_on);
  ProcessLimits limits{.validate = options.validate};
  if (is_peer || is_python_torch) limits.start = seconds(300);
  if (is_peer || is_python_torch) limits.per_case = seconds(60);
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
  if (is_python_torch) {
    const char* const python = std::getenv("GRIDPROOF_PYTHON");
    std::vector<std::string> command = {python == nullptr || *python == '\0' ? "python3" : python,
                                        torch_program().string()};
    if (name != "torch") command.insert(command.end(), {"--device", name.substr(torch_on.size())});
    return process_subject(name, "the torch of " + command.front(), command, limits);
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

fs::path torch_program() {
  std::error_code ignored;
  for (const char* const package :
       {"..", "../share/gridproof/python"}) {  // a wheel's, or installed
    const fs::path folder = program_folder() / package;
    if (fs::exists(folder / "_protocol.py", ignored)) {
      return fs::weakly_canonical(folder / "torch.py", ignored);
    }
  }
  return GRIDPROOF_TORCH_PROGRAM;
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

}  // namespace gridproof::reports
