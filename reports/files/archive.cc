#include "reports/files/archive.h"

#include <fmt/core.h>
#include <zip.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"
#include "reports/files/file_tensor.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

constexpr std::int64_t max_members = 10'000;
constexpr std::size_t max_ratio = 1032;  // deflate makes of a byte no more

[[noreturn]] void reject(const std::string& why) {
  throw FileError("the zip archive is damaged: " + printable(why));
}

[[noreturn]] void reject_member(const std::string& name, const std::string& why) {
  throw FileError(fmt::format("the member {} of the zip archive {}", in_quotes(name), why));
}

zip_t* open_archive(std::span<const std::byte> file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  zip_t* archive = nullptr;
  if (source != nullptr) archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    reject(why);
  }
  return archive;
}

// What the directory says of a member.
zip_stat_t entry_of(zip_t* archive, std::size_t place) {
  zip_stat_t entry;
  zip_stat_init(&entry);
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                  ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, place, ZIP_FL_ENC_RAW, &entry) != 0) reject(zip_strerror(archive));
  if ((entry.valid & needed) != needed) reject("its directory is incomplete");
  return entry;
}

void check_entry(const zip_stat_t& entry) {
  if (entry.encryption_method != ZIP_EM_NONE) reject_member(entry.name, "is encrypted");
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) {
    reject_member(entry.name, fmt::format("uses compression method {}: expected stored or deflated",
                                          entry.comp_method));
  }
  if (entry.size / max_ratio > entry.comp_size) {
    reject_member(entry.name,
                  fmt::format("claims to unpack to {} bytes, which its {} packed bytes cannot hold",
                              entry.size, entry.comp_size));
  }
}

using OpenMember =
    std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

// How many bytes were there for `out`, which may be filled in pieces.
std::size_t read_into(zip_file_t* file, const std::string& name, std::span<std::byte> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const zip_int64_t count = zip_fread(file, out.data() + filled, out.size() - filled);
    if (count < 0) reject_member(name, fmt::format("is damaged: {}", zip_file_strerror(file)));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace

void Archive::Close::operator()(zip* archive) const { zip_discard(archive); }

bool Archive::is_archive(std::span<const std::byte> file) {
  const std::string_view text = text_of(file);
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");  // a member, or none
}

Archive::Archive(std::span<const std::byte> file) : archive_(open_archive(file)) {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count > max_members) {
    throw FileError(
        fmt::format("the zip archive has {} members: expected at most {}", count, max_members));
  }
  std::size_t packed = 0;
  std::size_t unpacked = 0;
  for (std::size_t i = 0; std::cmp_less(i, count); ++i) {
    const zip_stat_t entry = entry_of(archive_.get(), i);
    check_entry(entry);
    // Members that share bytes would make much of little.
    if (entry.comp_size > file.size() - packed) reject("its members are larger than the file");
    packed += entry.comp_size;
    unpacked += entry.size;
    // No element has more bytes than 8.
    if (unpacked / 8 > static_cast<std::size_t>(max_elements())) {
      throw FileError("the members of the zip archive hold " + more_than_most_elements());
    }
    names_.emplace_back(entry.name);
    sizes_.push_back(entry.size);
  }
  std::set<std::string_view> known;
  for (const std::string& name : names_) {
    if (!known.insert(name).second) reject_member(name, "appears twice");
  }
}

std::optional<std::size_t> Archive::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

std::vector<std::byte> Archive::read(std::size_t member) const {
  const std::string& name = names_[member];
  const OpenMember file(zip_fopen_index(archive_.get(), member, 0));
  if (file == nullptr) {
    reject_member(name, fmt::format("is damaged: {}", zip_strerror(archive_.get())));
  }
  std::vector<std::byte> bytes(sizes_[member]);
  std::byte more{};  // to read to the end makes libzip compare the checksum
  if (read_into(file.get(), name, bytes) < bytes.size() ||
      read_into(file.get(), name, {&more, 1}) > 0) {
    reject_member(name, fmt::format("does not have the {} bytes that it claims", bytes.size()));
  }
  return bytes;
}

}  // namespace gridproof::reports::files
