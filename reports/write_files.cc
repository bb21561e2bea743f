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

// `shown` is what the file is to be called in the end.
void write_file(const fs::path& path, std::string_view contents, const fs::path& shown) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail(shown, std::strerror(errno));
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
  if (error != 0) fail(shown, std::strerror(error));
}

// A folder that is removed again, whatever it holds then.
class FolderAside {
 public:
  explicit FolderAside(fs::path path) : path_(std::move(path)) {}
  FolderAside(const FolderAside&) = delete;
  FolderAside& operator=(const FolderAside&) = delete;
  ~FolderAside() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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

  void write(std::string_view contents) const { write_file(aside_, contents, target_); }

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

void replace_folder(const fs::path& folder,
                    const std::vector<std::pair<std::string, std::string>>& contents_by_path) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(fs::absolute(folder), error);
  if (error) fail(folder, error.message());
  if (target.filename().empty()) target = target.parent_path();  // it ended in a slash
  if (!target.has_filename()) fail(folder, "expected a folder below another");
  fs::create_directories(target.parent_path(), error);
  if (error) fail(folder, error.message());
  const std::string suffix = "." + target.filename().string() + "." + std::to_string(getpid());
  const FolderAside aside(target.parent_path() / (suffix + ".tmp"));
  for (const auto& [path, contents] : contents_by_path) {
    fs::create_directories((aside.path() / path).parent_path(), error);
    if (error) fail(folder / path, error.message());
    write_file(aside.path() / path, contents, folder / path);
  }
  // What is there changes places with what is new, and is removed from the place aside.
  if (renameat2(AT_FDCWD, aside.path().c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    return;
  }
  const FolderAside former(target.parent_path() / (suffix + ".old"));
  if (errno != ENOENT) {  // a file system that cannot do that: two steps
    fs::rename(target, former.path(), error);
    if (error) fail(folder, error.message());
  }
  fs::rename(aside.path(), target, error);
  if (!error) return;
  std::error_code ignored;
  fs::rename(former.path(), target, ignored);
  fail(folder, error.message());
}

}  // namespace gridproof::reports
