#include "reports/files/raw.h"

#include <gtest/gtest.h>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

TEST(Raw, TheArgumentSaysKindShapeAndPath) {
  const RawArgument argument = parse_raw_argument("raw:bf16[1,1,4,4]:a[1]:b.bin");
  EXPECT_EQ(argument.kind, NumberKind::bf16);
  EXPECT_EQ(argument.shape, (Shape{1, 1, 4, 4}));
  EXPECT_EQ(argument.path, "a[1]:b.bin");
  EXPECT_EQ(parse_raw_argument("raw:f64[]:x").shape, Shape{});
}

TEST(Raw, RejectsOtherArguments) {
  for (const std::string wrong :
       {"raw:", "raw:f32", "raw:f32[1]", "raw:f32[1]:", "raw:f32[1,]:x", "raw:f32[,1]:x",
        "raw:f32[-1]:x", "raw:f32[1 2]:x", "raw:f8[1]:x", "raw:f32[1099511627776,2]:x",
        "raw:f32[0,9223372036854775807,9223372036854775807]:x", "raw:f32[1,1,1,1,1,1,1,1,1]:x",
        "raw:]:[", "f32[1]:x"}) {
    EXPECT_NE(error_of([&] { parse_raw_argument(wrong); }), "none") << wrong;
  }
  EXPECT_EQ(
      error_of([] { parse_raw_argument("raw:f8[1]:x"); }),
      "'raw:f8[1]:x' does not name a raw file: expected raw:TYPE[SIZE,…]:FILE with f16, bf16, f32, "
      "f64, u8, i8, u16, i16, u32, i32, u64 or i64, such as raw:f32[1,1,4,4]:FILE");
}

TEST(Raw, TheSizeMustMatch) {
  const Bytes bytes = bytes_of(packed(std::int16_t{1}, std::int16_t{-2}));
  EXPECT_TRUE(read_raw(bytes, NumberKind::i16, {2, 1})
                  .same_values(Tensor(Dtype::f32, {2, 1}, std::vector<double>{1, -2})));
  EXPECT_EQ(error_of([&] { read_raw(bytes, NumberKind::f32, {2}); }),
            "it has 4 bytes, but f32[2] needs 8");
  EXPECT_EQ(error_of([&] { read_raw(bytes, NumberKind::u8, {3}); }),
            "it has 4 bytes, but u8[3] needs 3");
  EXPECT_EQ(read_raw({}, NumberKind::u8, {0, 3}).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace gridproof::reports::files
