// For tests: archives that libzip writes.
#pragma once

#include <zip.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {

using Members = std::vector<std::pair<std::string, std::string>>;  // name and contents

inline Bytes zip_of(const Members& members, std::int32_t method = ZIP_CM_STORE,
                    std::uint16_t encryption = ZIP_EM_NONE) {
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(memory);
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
  for (const auto& [name, contents] : members) {
    zip_source_t* source = zip_source_buffer(archive, contents.data(), contents.size(), 0);
    const auto place = static_cast<zip_uint64_t>(zip_file_add(archive, name.c_str(), source, 0));
    zip_set_file_compression(archive, place, method, 9);
    zip_file_set_mtime(archive, place, 0, 0);
    if (encryption != ZIP_EM_NONE) zip_file_set_encryption(archive, place, encryption, "secret");
  }
  zip_close(archive);
  zip_stat_t status;
  zip_source_stat(memory, &status);
  Bytes bytes(status.size);
  zip_source_open(memory);
  zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  zip_source_free(memory);
  return bytes;
}

// Puts another number at so many bytes behind every place where `signature` begins.
template <class Number>
void overwrite(Bytes& bytes, std::string_view signature, std::size_t offset, Number number) {
  const std::string found(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::size_t place = found.find(signature); place != std::string::npos;
       place = found.find(signature, place + 1)) {
    std::memcpy(bytes.data() + place + offset, &number, sizeof number);
  }
}
constexpr std::string_view local_header = "PK\x03\x04";     // sizes at 18 (packed) and 22
constexpr std::string_view directory_entry = "PK\x01\x02";  // sizes at 20 (packed) and 24

}  // namespace gridproof::reports::files
