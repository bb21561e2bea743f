#include "oracle/subjects/host/syscall_filter.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include "oracle/subjects/host/landlock.h"
#include "reference/encoding/npy.h"

namespace gridproof {
namespace {

// Stands in the program for the number of the parent, which only the child will know. No process
// has it: numbers end at 2^22.
constexpr std::uint32_t parent_stand_in = 0x7ffffffeU;

constexpr std::uint64_t low_half = 0xffffffffU;  // of an argument that is an int

// Refused whatever the arguments are. What reaches files outside is Landlock's business, except for
// what it does not see: modes, owners, attributes and times of files.
constexpr const char* refused[] = {"socket",
                                   "io_uring_setup",
                                   "io_uring_enter",
                                   "io_uring_register",  // network
                                   "bpf",
                                   "perf_event_open",
                                   "userfaultfd",
                                   "add_key",
                                   "request_key",
                                   "keyctl",
                                   "syslog",
                                   "pidfd_send_signal",
                                   "pidfd_getfd",
                                   "kcmp",
                                   "process_madvise",
                                   "process_mrelease",
                                   "migrate_pages",
                                   "move_pages",  // others' processes
                                   "shmget",
                                   "semget",
                                   "msgget",
                                   "mq_open",
                                   "mq_unlink",  // what others share
                                   "mount",
                                   "umount2",
                                   "move_mount",
                                   "open_tree",
                                   "fsopen",
                                   "fsconfig",
                                   "fsmount",
                                   "fspick",
                                   "mount_setattr",
                                   "pivot_root",
                                   "chroot",
                                   "setns",
                                   "unshare",  // other views
                                   "fanotify_init",
                                   "quotactl",
                                   "swapon",
                                   "swapoff",
                                   "acct",
                                   "reboot",
                                   "settimeofday",
                                   "clock_settime",
                                   "adjtimex",
                                   "clock_adjtime",
                                   "sethostname",
                                   "setdomainname",
                                   "vhangup",
                                   "init_module",
                                   "finit_module",
                                   "delete_module",
                                   "kexec_load",
                                   "kexec_file_load",
                                   "chmod",
                                   "fchmod",
                                   "fchmodat",
                                   "chown",
                                   "fchown",
                                   "lchown",
                                   "fchownat",
                                   "setxattr",
                                   "lsetxattr",
                                   "fsetxattr",
                                   "removexattr",
                                   "lremovexattr",
                                   "fremovexattr",
                                   "utime",
                                   "utimes",
                                   "futimesat",
                                   "utimensat",
                                   "open_by_handle_at",
                                   "name_to_handle_at"};

class Rules {
 public:
  Rules() : context_(seccomp_init(SCMP_ACT_ALLOW), seccomp_release) {
    if (!context_) throw std::runtime_error("seccomp cannot be used");
    seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree and not a list
  }

  // The call `name` fails with `error`, if its arguments are these. One that this library or this
  // machine does not know is left out.
  template <class... Argument>
  void refuse(const char* name, int error, Argument... arguments) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) return;
    const int result =
        seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), number,
                         sizeof...(arguments), arguments...);
    if (result < 0) {
      throw std::runtime_error(std::string("seccomp rejects a rule for ") + name + ": " +
                               std::generic_category().message(-result));
    }
  }

  [[nodiscard]] std::vector<sock_filter> program() const {
    MemoryFile memory;
    const int file = memory.descriptor();
    if (file < 0 || seccomp_export_bpf(context_.get(), file) != 0) {
      throw std::runtime_error("seccomp cannot write its program");
    }
    const auto size = lseek(file, 0, SEEK_END);
    std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (pread(file, program.data(), static_cast<std::size_t>(size), 0) != size) {
      throw std::runtime_error("seccomp cannot write its program");
    }
    return program;
  }

 private:
  std::unique_ptr<void, decltype(&seccomp_release)> context_;
};

scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = low_half, .datum_b = value};
}
scmp_arg_cmp has(unsigned argument, std::uint64_t bits, std::uint64_t of_these) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = of_these, .datum_b = bits};
}

}  // namespace

SyscallFilter::SyscallFilter(bool own_numbers) {
  Rules rules;
  for (const char* const name : refused) rules.refuse(name, EPERM);
  // glibc then does without.
  for (const char* const name : {"clone3", "openat2"}) rules.refuse(name, ENOSYS);
  rules.refuse("clone", EPERM, has(0, CLONE_NEWUSER, CLONE_NEWUSER));
  if (!own_numbers) {
    for (const std::uint64_t process :
         {static_cast<std::uint64_t>(getpid()), std::uint64_t{parent_stand_in}}) {
      for (const char* const name :
           {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sched_setaffinity",
            "sched_setattr", "sched_setparam", "sched_setscheduler"}) {
        rules.refuse(name, EPERM, is(0, process));
      }
      for (const char* const name : {"setpriority", "ioprio_set"}) {
        rules.refuse(name, EPERM, is(1, process));
      }
    }
    // To groups, and to threads, of which the host has more than the first.
    rules.refuse("kill", EPERM, has(0, 0x80000000U, 0x80000000U));
    rules.refuse("tkill", EPERM);
  }
  rules.refuse("prlimit64", EPERM,
               scmp_arg_cmp{.arg = 0, .op = SCMP_CMP_NE, .datum_a = 0, .datum_b = 0});
  // Others' input and output: into a terminal, and signals to whoever is named.
  for (const std::uint64_t request : {TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP}) {
    rules.refuse("ioctl", EPERM, is(1, request));
  }
  constexpr std::uint64_t set_owner_ex = 15;  // F_SETOWN_EX
  for (const std::uint64_t command : {std::uint64_t{F_SETOWN}, set_owner_ex}) {
    rules.refuse("fcntl", EPERM, is(1, command));
  }
  if (landlock_version() < 3) {  // which does not see these
    rules.refuse("truncate", EPERM);
    constexpr std::uint64_t mask = O_TRUNC | O_ACCMODE;
    rules.refuse("open", EPERM, has(1, O_TRUNC | O_RDONLY, mask));
    rules.refuse("openat", EPERM, has(2, O_TRUNC | O_RDONLY, mask));
  }
  program_ = rules.program();
}

int SyscallFilter::bind() {
  const auto parent = static_cast<std::uint32_t>(getppid());
  for (sock_filter& instruction : program_) {
    if (instruction.k == parent_stand_in) instruction.k = parent;
  }
  const sock_fprog program{.len = static_cast<unsigned short>(program_.size()),
                           .filter = program_.data()};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) ==
                 0
             ? 0
             : errno;
}

bool SyscallFilter::is_available() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace gridproof
