// What QEMU cannot do when it runs single programs for another processor, found out by trying; and
// what it says beside them.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace gridproof {

// Whether a process can inherit what loses its parent.
inline bool can_adopt() {
  int is_subreaper = 0;
  return prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper) == 0;
}

inline bool can_filter_calls() { return prctl(PR_GET_SECCOMP) >= 0; }

inline bool can_limit_memory() {
  rlimit before{};
  getrlimit(RLIMIT_DATA, &before);
  rlimit wanted = before;
  wanted.rlim_cur = std::min(before.rlim_cur, rlim_t{1} << 46U);
  setrlimit(RLIMIT_DATA, &wanted);
  rlimit set{};
  getrlimit(RLIMIT_DATA, &set);
  setrlimit(RLIMIT_DATA, &before);
  return set.rlim_cur == wanted.rlim_cur;
}

// Why an answer was lost, without QEMU's own last words of a process that a signal kills.
inline std::string without_emulator(std::string why) {
  const std::size_t words = why.find("\n  qemu: uncaught target signal");
  if (words == std::string::npos) return why;
  why.resize(words);
  const std::string title = "\nits standard error ended with:";
  if (why.ends_with(title)) why.resize(why.size() - title.size());
  return why;
}

}  // namespace gridproof
