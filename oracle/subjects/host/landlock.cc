#include "oracle/subjects/host/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace gridproof {
namespace {

// What the headers of Debian 12 do not have yet, as in the kernel's include/uapi/linux/landlock.h.
constexpr std::uint64_t access_refer = std::uint64_t{1} << 13U;     // version 2
constexpr std::uint64_t access_truncate = std::uint64_t{1} << 14U;  // version 3
constexpr std::uint64_t bind_tcp = 1;                               // version 4
constexpr std::uint64_t connect_tcp = 2;
constexpr std::uint64_t scope_abstract_sockets = 1;  // version 6
constexpr std::uint64_t scope_signals = 2;
struct Attributes {
  std::uint64_t files;
  std::uint64_t network;  // from version 4 on
  std::uint64_t scoped;   // from version 6 on
};

constexpr std::uint64_t reading =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t of_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;

std::uint64_t all_rights() {
  std::uint64_t all = (std::uint64_t{LANDLOCK_ACCESS_FS_MAKE_SYM} << 1U) - 1;  // version 1
  if (landlock_version() >= 2) all |= access_refer;
  if (landlock_version() >= 3) all |= access_truncate;
  return all;
}

int add_rule(int rules, const char* path, std::uint64_t rights) {
  const int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0) return errno;
  struct stat status{};
  int error = 0;
  if (fstat(file, &status) != 0) {
    error = errno;
  } else {
    const std::uint64_t allowed = S_ISDIR(status.st_mode) ? rights : rights & of_files;
    const landlock_path_beneath_attr rule{.allowed_access = allowed, .parent_fd = file};
    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
      error = errno;
    }
  }
  close(file);
  return error;
}

}  // namespace

int landlock_version() {
  static const auto version = syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0},
                                      LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

LandlockRules::LandlockRules() {
  const Attributes attributes{.files = all_rights(),
                              .network = bind_tcp | connect_tcp,
                              .scoped = scope_abstract_sockets | scope_signals};
  const int version = landlock_version();
  const std::size_t size = version >= 6   ? sizeof(Attributes)
                           : version >= 4 ? offsetof(Attributes, scoped)
                                          : offsetof(Attributes, network);
  rules_ = Descriptor(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (rules_.get() < 0) throw std::system_error(errno, std::generic_category(), "Landlock");
}

void LandlockRules::add(const std::filesystem::path& path, unsigned long long rights) const {
  const int error = add_rule(rules_.get(), path.c_str(), rights);
  if (error == 0 || error == ENOENT || error == ENOTDIR || error == EACCES) return;
  throw std::system_error(error, std::generic_category(), "Landlock");
}

void LandlockRules::allow_reading(const std::filesystem::path& path) { add(path, reading); }

void LandlockRules::allow_writing(const std::filesystem::path& file) {
  add(file, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
}

int LandlockRules::allow_all(const char* folder) const {
  return add_rule(rules_.get(), folder, all_rights());
}

int LandlockRules::bind() const {
  return syscall(SYS_landlock_restrict_self, rules_.get(), 0) == 0 ? 0 : errno;
}

}  // namespace gridproof
