#include "reference/encoding/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace gridproof {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t bad = 0x80000000U;

// Two characters for every twelve bits.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t bits = 0; bits < table.size(); ++bits) {
    table[bits] = {alphabet[bits >> 6U], alphabet[bits & 63U]};
  }
  return table;
}();

// For each of the four places in a group, what a character there adds to the three bytes, first
// byte lowest as it lies in memory; `bad` where it is no character of the alphabet.
constexpr auto places = [] {
  std::array<std::array<std::uint32_t, 256>, 4> table{};
  for (auto& place : table) place.fill(bad);
  for (std::uint32_t value = 0; value < 64; ++value) {
    const auto character = static_cast<unsigned char>(alphabet[value]);
    table[0][character] = value << 2U;
    table[1][character] = (value >> 4U) | ((value & 15U) << 12U);
    table[2][character] = ((value >> 2U) << 8U) | ((value & 3U) << 22U);
    table[3][character] = value << 16U;
  }
  return table;
}();

std::uint32_t group(const char* text) {
  return places[0][static_cast<unsigned char>(text[0])] |
         places[1][static_cast<unsigned char>(text[1])] |
         places[2][static_cast<unsigned char>(text[2])] |
         places[3][static_cast<unsigned char>(text[3])];
}

// The first of four characters that is not in the alphabet.
std::size_t first_bad(const char* text) {
  std::size_t i = 0;
  while (i < 3 && places[0][static_cast<unsigned char>(text[i])] != bad) ++i;
  return i;
}

}  // namespace

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + start;
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, from += 3, to += 4) {
    const std::uint32_t bits =
        (std::uint32_t{from[0]} << 16U) | (std::uint32_t{from[1]} << 8U) | from[2];
    std::memcpy(to, pairs[bits >> 12U].data(), 2);
    std::memcpy(to + 2, pairs[bits & 4095U].data(), 2);
  }
  if (left == 0) return;
  const std::uint32_t bits =
      (std::uint32_t{from[0]} << 16U) | (left == 2 ? std::uint32_t{from[1]} << 8U : 0U);
  std::memcpy(to, pairs[bits >> 12U].data(), 2);
  to[2] = left == 2 ? pairs[bits & 4095U][0] : '=';
  to[3] = '=';
}

std::optional<std::size_t> base64_decoded_size(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t size = text.size() / 4 * 3;
  if (text.ends_with('=')) --size;
  if (text.ends_with("==")) --size;
  return size;
}

std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::byte> out) {
  if (text.empty()) return std::nullopt;
  const char* from = text.data();
  std::byte* to = out.data();
  const auto failed = [&] {
    return static_cast<std::size_t>(from - text.data()) + first_bad(from);
  };
  // All groups but the last are stored as four bytes of which the next group overwrites one.
  const char* const last = text.data() + text.size() - 4;
  for (; from != last; from += 4, to += 3) {
    const std::uint32_t bits = group(from);
    if ((bits & bad) != 0) return failed();
    std::memcpy(to, &bits, 4);
  }
  std::array<char, 4> tail{from[0], from[1], from[2], from[3]};
  const std::size_t size = out.size() - static_cast<std::size_t>(to - out.data());
  for (std::size_t i = size + 1; i < 4; ++i) tail[i] = 'A';  // stands for six zero bits
  const std::uint32_t bits = group(tail.data());
  if ((bits & bad) != 0)
    return static_cast<std::size_t>(from - text.data()) + first_bad(tail.data());
  if (size < 3 && (bits >> (8U * size)) != 0) {
    return static_cast<std::size_t>(from - text.data()) + size;
  }
  std::memcpy(to, &bits, size);
  return std::nullopt;
}

}  // namespace gridproof
