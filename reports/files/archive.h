// Zip archives in memory, of files that nobody trusts. Tested by archive_test.cc.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct zip;

namespace gridproof::reports::files {

class Archive {
 public:
  // Reads the directory; `file` must outlive the archive. Throws FileError for what is no archive,
  // and for one with more than 10,000 members, a name twice, a member that is encrypted or neither
  // stored nor deflated, or members that are together more than the file can hold or than 8 bytes
  // for each of max_elements() (limits.h).
  explicit Archive(std::span<const std::byte> file);

  static bool is_archive(std::span<const std::byte> file);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;  // its place in names
  [[nodiscard]] std::size_t size(std::size_t member) const { return sizes_[member]; }
  // The bytes of a member, no more than its directory says. Throws FileError, also where they do
  // not match their checksum.
  [[nodiscard]] std::vector<std::byte> read(std::size_t member) const;

 private:
  struct Close {
    void operator()(zip* archive) const;
  };

  std::unique_ptr<zip, Close> archive_;
  std::vector<std::string> names_;
  std::vector<std::size_t> sizes_;  // unpacked
};

}  // namespace gridproof::reports::files
