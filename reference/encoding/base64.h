// Base64 of RFC 4648 (standard alphabet, padded), the form in which tensors travel in the process
// protocol. Fast, because a campaign sends every tensor through it. Tested by base64_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gridproof {

// Appends the base64 of `bytes` to `out`.
void append_base64(std::string& out, std::span<const std::byte> bytes);

// How many bytes `text` stands for, judged by its length and its padding alone; nothing when the
// length is no multiple of four.
std::optional<std::size_t> base64_decoded_size(std::string_view text);

// Decodes `text` into `out`, whose size is base64_decoded_size(text), and writes nothing beyond
// it. Returns the index of the first character that is wrong, or nothing when all is well.
// Only the canonical form is accepted, so a text and its bytes determine each other: no white
// space, no other alphabet, the bits that pad the last character zero.
std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::byte> out);

}  // namespace gridproof
