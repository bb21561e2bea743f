#include "reports/write_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "reports/findings/text.h"
#include "reports/input.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw InputError("cannot write '" + printable(path.string(), 200) + "': " + why);
}

// A file under a name of its own, which is removed again unless it is renamed.
class FileAside {
 public:
  FileAside(const fs::path& folder, const std::string& name)
      : target_(folder / name),
        aside_(folder / ("." + name + "." + std::to_string(getpid()) + ".tmp")) {}
  FileAside(FileAside&& other) noexcept
      : target_(std::move(other.target_)), aside_(std::exchange(other.aside_, {})) {}
  ~FileAside() {
    std::error_code ignored;
    if (!aside_.empty()) fs::remove(aside_, ignored);
  }

  void write(std::string_view contents) {
    const int file = open(aside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) fail(target_, std::strerror(errno));
    int error = 0;
    while (error == 0 && !contents.empty()) {
      const ssize_t written = ::write(file, contents.data(), contents.size());
      if (written >= 0) {
        contents.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        error = errno;
      }
    }
    if (error == 0 && fsync(file) != 0 && errno != EINVAL) error = errno;
    if (close(file) != 0 && error == 0) error = errno;
    if (error != 0) fail(target_, std::strerror(error));
  }

  void move_into_place() {
    std::error_code error;
    fs::rename(aside_, target_, error);
    if (error) fail(target_, error.message());
    aside_.clear();
  }

 private:
  fs::path target_;
  fs::path aside_;
};

}  // namespace

void prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    const std::string path = printable(folder.string(), 200);
    if (fs::exists(folder, ignored))
      throw InputError("'" + path + "' is a file: expected a folder");
    throw InputError("cannot make the folder '" + path + "': " + error.message());
  }
  FileAside(folder, "report").write("");
}

void write_files(const fs::path& folder,
                 const std::vector<std::pair<std::string, std::string_view>>& contents_by_name) {
  prepare_folder(folder);
  std::vector<FileAside> files;
  for (const auto& [name, contents] : contents_by_name) {
    files.emplace_back(folder, name).write(contents);
  }
  for (FileAside& file : files) file.move_into_place();
}

}  // namespace gridproof::reports
