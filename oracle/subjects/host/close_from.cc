#include "oracle/subjects/host/close_from.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace gridproof {
namespace {

// What the kernel writes: linux_dirent64 of getdents64(2), whose name follows it.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t size;
  std::uint8_t type;
};
constexpr std::size_t name_offset = 19;

// The number that is the name; -1 for "." and "..".
int number_of(const char* name) {
  int number = -1;
  for (; *name >= '0' && *name <= '9'; ++name) {
    number = (number < 0 ? 0 : number * 10) + (*name - '0');
  }
  return number;
}

}  // namespace

void close_from(int first, unsigned flags) {
  if (syscall(SYS_close_range, first, ~0U, flags) == 0) return;
  const int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  alignas(Entry) std::array<char, 4096> entries{};
  long count = 0;
  while ((count = syscall(SYS_getdents64, folder, entries.data(), entries.size())) > 0) {
    for (long at = 0; at < count;) {
      const char* const entry = entries.data() + at;
      at += reinterpret_cast<const Entry*>(entry)->size;
      const int file = number_of(entry + name_offset);
      if (file < first || file == folder) continue;
      if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
        fcntl(file, F_SETFD, FD_CLOEXEC);
      } else {
        close(file);
      }
    }
  }
  close(folder);
}

}  // namespace gridproof
