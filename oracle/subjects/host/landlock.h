// Linux's Landlock (https://docs.kernel.org/userspace-api/landlock.html): a process gives up, for
// itself and all that come from it, every access to files that is not listed, tracing of other
// processes, and, where the kernel is new enough, signals to others and TCP. Needs no privilege.
// Tested by isolation_test.cc.
#pragma once

#include <filesystem>

#include "reference/encoding/descriptor.h"

namespace gridproof {

// The version of the kernel's interface; 0 where there is none. 3 (Linux 6.2) knows of truncating,
// 4 (6.7) of TCP, 6 (6.12) of signals.
int landlock_version();

class LandlockRules {
 public:
  // Rules that allow nothing yet. Throws std::system_error.
  LandlockRules();

  // Reading, listing and executing what is there, below it as well; nothing where nothing is.
  void allow_reading(const std::filesystem::path& path);
  // Reading and writing one file, a device.
  void allow_writing(const std::filesystem::path& file);

  // These do no more than system calls, as is right between fork and exec, and return 0 or errno.
  // Everything below a folder.
  [[nodiscard]] int allow_all(const char* folder) const;
  // Binds the calling thread, which must have no_new_privs.
  [[nodiscard]] int bind() const;

 private:
  void add(const std::filesystem::path& path, unsigned long long rights) const;

  Descriptor rules_;
};

}  // namespace gridproof
