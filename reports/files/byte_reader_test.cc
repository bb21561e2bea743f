#include "reports/files/byte_reader.h"

#include <gtest/gtest.h>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

TEST(ByteReader, ReadsOnePieceAfterTheOther) {
  const Bytes bytes = bytes_of(std::string("\x02\x01zy", 4));
  ByteReader reader(bytes);
  EXPECT_EQ(reader.number<std::uint16_t>("the size"), 0x0102);
  EXPECT_EQ(reader.position(), 2U);
  EXPECT_EQ(reader.take_text(1, "the name"), "z");
  EXPECT_EQ(text_of(reader.rest()), "y");
  EXPECT_EQ(error_of([&] { reader.take(2, "the name"); }),
            "it ends too early: the name at byte 3 needs 2 bytes, but 1 are left");
  EXPECT_EQ(reader.left(), 1U);
}

}  // namespace
}  // namespace gridproof::reports::files
