// How far foreign code is kept from everything but the questions that it is asked, and by what.
//
//   none     It runs as its user: environment, files, network. (At every level it has pipes, a
//            session and limits of its own, and ends with all its descendants: child.h.)
//   process  Besides, with no_new_privs, no capabilities, an environment of what is harmless, a
//            scratch folder for a home, limits of files and processes, first in line when memory
//            runs out; and it cannot trace this process.
//   sandbox  Besides, with Landlock: it reads the system's folders, the one it is started in and
//            those of the files that its command names, but not homes, /run, /tmp and /var; it
//            writes to its scratch folder only, which ends with it. And with seccomp: no network,
//            no signals to this process, none of the calls that tests never need. And, where the
//            system allows it without privilege, with processes and a scratch folder in a
//            namespace: it sees no other processes, none of its own is left, and the disk is not
//            written to.
//
// Tested by isolation_test.cc, attack by attack.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/contract/options.h"

namespace gridproof {

enum class Isolation : std::uint8_t { none, process, sandbox };
template <>
inline constexpr auto names<Isolation> = std::to_array<Named<Isolation>>(
    {{Isolation::none, "none"}, {Isolation::process, "process"}, {Isolation::sandbox, "sandbox"}});

struct IsolationOptions {
  std::optional<Isolation> level;               // else the strongest that the system has
  std::vector<std::string> variables;           // that pass, beside those that are harmless
  std::vector<std::filesystem::path> readable;  // files and folders, beside the others
  bool namespaces = true;                       // in a sandbox, where the system has them
};
// Of all children that this process starts from now on, and forgets by what those before were
// isolated. Not while another thread starts one.
void isolate_children(IsolationOptions options);
const IsolationOptions& isolation_of_children();

// What the system has for a sandbox, found out by trying.
struct SandboxMeans {
  int landlock = 0;  // its version
  bool seccomp = false;
  bool namespaces = false;  // of users, processes and mounts, for anybody

  [[nodiscard]] bool suffice() const { return landlock > 0 && seccomp; }
};
const SandboxMeans& sandbox_means();

// By what the children that this process has started are isolated, the weakest that there was:
// "sandbox (Landlock 7, seccomp, namespaces)". Empty if there was none.
std::string isolation_in_force();

// The files that a command names: words, parts of words, and the program that PATH finds.
std::vector<std::filesystem::path> files_of(const std::vector<std::string>& command);

// Where one child lives: made before it is forked, so that system calls are all that is left to do
// in it, and gone with its scratch folder when the child is.
class Cell {
 public:
  // At `level`, or what the options and the system say. Throws std::runtime_error where there is no
  // such level.
  Cell(const std::vector<std::string>& command, std::optional<Isolation> level);
  ~Cell();
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  [[nodiscard]] Isolation level() const;
  [[nodiscard]] bool has_namespaces() const;
  [[nodiscard]] unsigned long clone_flags() const;  // of the keeper of the child
  [[nodiscard]] char* const* environment() const;

  // In the keeper, and then in the child at last; 0 or errno.
  [[nodiscard]] int furnish() const;
  [[nodiscard]] int lock();
  // In the keeper: whether nothing lies in the scratch folder.
  [[nodiscard]] bool is_untouched() const;
  // In the keeper at the end, for nobody else may be there to do it: takes the scratch folder away,
  // unless the child left something in it outside of a namespace.
  void clear() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gridproof
