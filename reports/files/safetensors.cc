#include "reports/files/safetensors.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "reference/contract/limits.h"
#include "reference/encoding/number_kind.h"
#include "reports/files/byte_reader.h"
#include "reports/files/shape.h"
#include "reports/text/json_limits.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t max_header = 100'000'000;  // the format's own limit
constexpr std::pair<std::string_view, NumberKind> kinds[] = {
    {"F16", NumberKind::f16}, {"BF16", NumberKind::bf16}, {"F32", NumberKind::f32},
    {"F64", NumberKind::f64}, {"BOOL", NumberKind::u8},   {"U8", NumberKind::u8},
    {"I8", NumberKind::i8},   {"U16", NumberKind::u16},   {"I16", NumberKind::i16},
    {"U32", NumberKind::u32}, {"I32", NumberKind::i32},   {"U64", NumberKind::u64},
    {"I64", NumberKind::i64}};

struct Entry {
  std::string name;
  NumberKind kind;
  Shape shape;
  std::size_t begin;  // of its data, in bytes from the first
  std::size_t end;
};

[[noreturn]] void reject(const std::string& name, const std::string& why) {
  throw FileError(fmt::format("the tensor {} {}", in_quotes(name), why));
}

Json parse_header(std::string_view text) {
  constexpr JsonLimits limits{.depth = 3};  // lists in tensors in the header
  try {
    check_json(text, limits);
  } catch (const std::invalid_argument& error) {
    throw FileError("its header " + printable(error.what()));
  }
  Json header = Json::parse(text, nullptr, false);
  if (!header.is_object()) throw FileError("its header is not a JSON object");
  return header;
}

// A field of an entry that is a list of sizes.
Shape sizes_of(const std::string& name, const Json& entry, const char* field) {
  const auto found = entry.find(field);
  if (found == entry.end() || !found->is_array()) {
    reject(name, fmt::format("has no list '{}'", field));
  }
  Shape sizes;
  for (const Json& size : *found) {
    const bool is_size = size.is_number_unsigned() && size.get<std::uint64_t>() >> 40U == 0;
    if (!is_size) reject(name, fmt::format("has an entry in '{}' that is not a size", field));
    sizes.push_back(size.get<std::int64_t>());
  }
  return sizes;
}

NumberKind kind_of(const std::string& name, const Json& entry) {
  const auto found = entry.find("dtype");
  if (found == entry.end() || !found->is_string()) reject(name, "has no 'dtype'");
  const auto& dtype = found->get_ref<const std::string&>();
  for (const auto& [known, kind] : kinds) {
    if (known == dtype) return kind;
  }
  reject(name, fmt::format("is of dtype {}: expected F16, BF16, F32, F64, BOOL, or U or I with 8, "
                           "16, 32 or 64",
                           in_quotes(dtype)));
}

Entry entry_of(const std::string& name, const Json& json) {
  if (!json.is_object()) reject(name, "is not a JSON object");
  const NumberKind kind = kind_of(name, json);
  Shape shape = sizes_of(name, json, "shape");
  const Shape offsets = sizes_of(name, json, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    reject(name, "has 'data_offsets' that are not a begin and an end");
  }
  const auto count = count_of(shape);
  if (!count) reject(name, fmt::format("has an invalid shape, {}", to_string(shape)));
  const std::int64_t bytes = offsets[1] - offsets[0];
  if (*count * static_cast<std::int64_t>(size_of(kind)) != bytes) {
    reject(name,
           fmt::format("has {} bytes, which does not match its shape {}", bytes, to_string(shape)));
  }
  return {name, kind, std::move(shape), static_cast<std::size_t>(offsets[0]),
          static_cast<std::size_t>(offsets[1])};
}

// One behind the other, from the first byte to the last.
void check_order(const std::vector<Entry>& entries, std::size_t data_bytes) {
  std::size_t end = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != end) {
      reject(
          entry.name,
          fmt::format("begins at byte {} of the data: expected {}, where the previous tensor ends",
                      entry.begin, end));
    }
    end = entry.end;
  }
  if (end != data_bytes) {
    throw FileError(
        fmt::format("its tensors need {} bytes, but {} follow its header", end, data_bytes));
  }
}

}  // namespace

bool is_safetensors(std::span<const std::byte> file) {
  return file.size() > 8 && text_of(file)[8] == '{';
}

std::vector<FileTensor> read_safetensors(std::span<const std::byte> file) {
  ByteReader reader(file);
  const auto length = reader.number<std::uint64_t>("the length of the header");
  if (length > max_header) {
    throw FileError(
        fmt::format("its header has {} bytes: expected at most {}", length, max_header));
  }
  const Json header = parse_header(reader.take_text(length, "the header"));
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name != "__metadata__") entries.push_back(entry_of(name, json));
  }
  std::ranges::sort(
      entries, {}, [](const Entry& entry) { return std::tie(entry.begin, entry.end, entry.name); });
  check_order(entries, reader.left());
  std::int64_t elements = 0;  // of all; no more than there are bytes
  for (const Entry& entry : entries) elements += element_count(entry.shape);
  if (elements > max_elements()) throw FileError("it holds " + more_than_most_elements());
  std::vector<FileTensor> tensors;
  for (Entry& entry : entries) {
    const auto data = reader.rest().subspan(entry.begin, entry.end - entry.begin);
    tensors.push_back(
        {.name = std::move(entry.name), .tensor = tensor_of(entry.kind, entry.shape, data)});
  }
  return tensors;
}

}  // namespace gridproof::reports::files
