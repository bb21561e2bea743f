#include "reports/page/links.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>

#include "reference/encoding/base64.h"
#include "reports/report/report.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t longest_link = 4000;
constexpr std::size_t longest_question = std::size_t{1} << 24U;  // unpacked

// Base64 with the two characters that an address may hold in place of + and /, without padding.
std::string base64url(std::string_view bytes) {
  std::string text;
  append_base64(text, std::as_bytes(std::span(bytes)));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

std::string from_base64url(std::string_view packed) {
  std::string text(packed);
  if (text.find_first_of("+/=") != std::string::npos || text.size() % 4 == 1) {
    throw std::invalid_argument("this is not base64url");
  }
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  std::string bytes(base64_decoded_size(text).value_or(0), '\0');
  if (decode_base64(text, std::as_writable_bytes(std::span(bytes)))) {
    throw std::invalid_argument("this is not base64url");
  }
  return bytes;
}

std::string deflated(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib's
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string packed(std::string_view text) { return base64url(deflated(text)); }

}  // namespace

std::string address_of(std::string_view name) {
  if (name.starts_with("claim.")) return "myths.html#" + std::string(name);
  if (name.starts_with("migration.")) return "migration.html#" + std::string(name);
  if (const Clause* clause = find_clause(name)) return clause->stem + ".html#" + clause->name;
  const std::string_view file = name.substr(0, name.find('#'));
  for (const Document& document : documents()) {
    if (file == std::string(document.stem) + ".md") return std::string(document.stem) + ".html";
  }
  return "";
}

std::string question_link(std::string_view line) { return "question.html#q=" + packed(line); }

std::string question_address(std::string_view line) {
  const std::string site = site_address();
  if (site.empty() || line.size() > 64 * longest_link) return "";
  const std::string link = question_link(line);
  return link.size() > longest_link ? "" : site + link;
}

std::string unpacked(std::string_view packed_text) {
  const std::string bytes = from_base64url(packed_text);
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT: zlib's
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 4096> buffer{};
  int state = Z_OK;
  while (state == Z_OK && text.size() < longest_question) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) throw std::invalid_argument("this is not a whole link");
  return text;
}

std::string site_address() {
  const char* set = std::getenv("GRIDPROOF_SITE");
  if (set == nullptr || *set == '\0') return "";
  std::string address = set;
  if (address.find("://") == std::string::npos) {
    address = "file://" + std::filesystem::absolute(address).lexically_normal().string();
  }
  return address.ends_with('/') ? address : address + '/';
}

}  // namespace gridproof::reports
