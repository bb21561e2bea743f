#include "reference/encoding/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <vector>

namespace gridproof {
namespace {

std::string encoded(std::string_view bytes) {
  std::string text;
  append_base64(text, std::as_bytes(std::span(bytes)));
  return text;
}

// The bytes of `text`, or the index of its first wrong character as text.
std::string decoded(std::string_view text) {
  const auto size = base64_decoded_size(text);
  if (!size) return "length";
  // One byte more than is due: it must survive.
  std::string bytes(*size + 1, '#');
  const auto wrong = decode_base64(text, std::as_writable_bytes(std::span(bytes.data(), *size)));
  EXPECT_EQ(bytes.back(), '#');
  if (wrong) return "wrong at " + std::to_string(*wrong);
  bytes.pop_back();
  return bytes;
}

TEST(Base64, VectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encoded(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

RC_GTEST_PROP(Base64, RoundTrip, (const std::string& bytes)) {
  RC_ASSERT(decoded(encoded(bytes)) == bytes);
}

// Whatever decodes is what its bytes encode to: no two texts stand for the same bytes.
RC_GTEST_PROP(Base64, OnlyTheCanonicalTextDecodes, ()) {
  std::string text = encoded(*rc::gen::nonEmpty<std::string>());
  const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
  text[place] = *rc::gen::arbitrary<char>();
  const std::string bytes = decoded(text);
  if (!bytes.starts_with("wrong at ")) RC_ASSERT(encoded(bytes) == text);
}

TEST(Base64, NamesTheFirstWrongCharacter) {
  EXPECT_EQ(decoded("Zm9"), "length");
  EXPECT_EQ(decoded("Zm9vYm-y"), "wrong at 6");
  EXPECT_EQ(decoded("Zm9\nYmFy"), "wrong at 3");
  EXPECT_EQ(decoded("Zg==YmFy"), "wrong at 2");
  EXPECT_EQ(decoded("Z==="), "wrong at 1");
  EXPECT_EQ(decoded("===="), "wrong at 0");
  EXPECT_EQ(decoded("Zm=="), "wrong at 1");  // bits that no byte holds
  EXPECT_EQ(decoded("Zm9="), "wrong at 2");
  EXPECT_EQ(decoded("Zm8\xff"), "wrong at 3");
}

}  // namespace
}  // namespace gridproof
