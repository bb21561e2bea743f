// The process between a child and its host, with which all that descends from the child ends, what
// has left its session included; and how the child is born. Between fork and exec only what is safe
// in a copy of a process with many threads may be done: system calls. Tested by
// process_subject_test.cc and isolation_test.cc.
#pragma once

#include <sys/resource.h>

#include <span>
#include <utility>

#include "oracle/subjects/host/isolation.h"

namespace gridproof {

// What a child says of itself before it becomes the program, and its keeper of its end.
struct Note {
  // The copy of a fork server (fork_server.h) has ended, and nothing is left of it.
  enum What : int { here, ended, copy_ended } what;
  int status;  // as waitpid() has it
};
// Why it does not become the program.
struct Failure {
  int error;
  bool confining;
};

struct Birth {
  char* const* arguments;
  int in;
  int out;
  int err;
  int control;  // to the host: notes
  int report;   // to the host: a failure, if there is one
  int roll;     // from a fork server: the numbers of its copies; else -1
  std::span<const int> inherited;
  std::span<const std::pair<int, rlim_t>> limits;
  Cell* cell;
};

// Forks the child and stays until that ends or is not wanted any more, then ends with all that
// comes of it. On SIGUSR1 it ends the copy of a fork server.
[[noreturn]] void keep(const Birth& birth);

}  // namespace gridproof
