#include "reports/text/text_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "reference/contract/foreign_text.h"
#include "reference/encoding/descriptor.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {

std::string text_of_file(const std::string& path, std::size_t most) {
  const auto fail = [&](int error) {
    throw InputError(
        fmt::format("cannot read '{}': {}", printable(path, 200), std::strerror(error)));
  };
  // A pipe that nobody writes to is opened without waiting for somebody.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) fail(errno);
  if (S_ISDIR(status.st_mode)) fail(EISDIR);
  if (fcntl(file.get(), F_SETFL, 0) != 0) fail(errno);  // from now on it waits
  std::string text;
  std::vector<char> piece(std::size_t{1} << 16U);
  while (true) {
    const ssize_t count = read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    if (count == 0) break;
    if (static_cast<std::size_t>(count) > most - text.size()) {
      throw InputError(fmt::format("'{}' has more than {} MiB", printable(path, 200), most >> 20U));
    }
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  // Taken for an empty file, a pipe whose writer came too late would be waivers that are none.
  if (text.empty() && S_ISFIFO(status.st_mode)) {
    throw InputError(
        fmt::format("'{}' is a pipe that nobody wrote anything to", printable(path, 200)));
  }
  return text;
}

}  // namespace gridproof::reports
