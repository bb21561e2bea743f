#include "reports/page/links.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "reference/semantics/clauses.h"

namespace gridproof::reports {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t longest_question = std::size_t{1} << 24U;  // unpacked

std::string base64url(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      three = three << 8U | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    const std::size_t characters = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t j = 0; j < characters; ++j) text += digits[three >> (18 - 6 * j) & 63U];
  }
  return text;
}

std::string from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) throw std::invalid_argument("this is not base64url");
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 255U);
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
  const auto& all = clauses();
  const auto clause = std::ranges::find(all, name, &Clause::name);
  if (clause != all.end()) return clause->stem + ".html#" + clause->name;
  const std::string_view file = name.substr(0, name.find('#'));
  for (const Document& document : documents()) {
    if (file == std::string(document.stem) + ".md") return std::string(document.stem) + ".html";
  }
  return "";
}

std::string question_link(std::string_view line) { return "question.html#q=" + packed(line); }

std::string answer_link(std::string_view line, std::string_view answer) {
  return question_link(line) + "&a=" + packed(answer);
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
