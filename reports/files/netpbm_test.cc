#include "reports/files/netpbm.h"

#include <gtest/gtest.h>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

FileTensor read(const std::string& text) {
  const Bytes bytes = bytes_of(text);
  EXPECT_TRUE(is_netpbm(bytes));
  return read_netpbm(bytes);
}
void holds(const std::string& text, double white, const Shape& shape,
           const std::vector<double>& values) {
  const FileTensor picture = read(text);
  EXPECT_EQ(picture.content, Content::picture);
  EXPECT_EQ(picture.white, white);
  EXPECT_TRUE(picture.tensor.same_values(Tensor(Dtype::f32, shape, values))) << text;
}
std::string error_of_picture(const std::string& text) {
  return error_of([&] { read(text); });
}

TEST(Netpbm, EveryFormat) {
  holds("P1 3 2\n0 1 0\n1#a comment\n10", 1, {1, 1, 2, 3}, {1, 0, 1, 0, 0, 1});
  holds("P2\n# a comment\n2 1 # another\n 9\n7 9\n", 9, {1, 1, 1, 2}, {7, 9});
  holds("P3 1 2 65535 1 2 3 4 5 65535", 65535, {1, 3, 2, 1}, {1, 4, 2, 5, 3, 65535});
  holds("P4 9 1\n\x80\x80", 1, {1, 1, 1, 9}, {0, 1, 1, 1, 1, 1, 1, 1, 0});
  holds("P5 2 1 255\n\x09\xff", 255, {1, 1, 1, 2}, {9, 255});
  holds("P5 2 1 256\n" + std::string("\x01\x00\x00\x09", 4), 256, {1, 1, 1, 2}, {256, 9});
  holds("P6 2 1 255 abcdef", 255, {1, 3, 1, 2}, {'a', 'd', 'b', 'e', 'c', 'f'});
  holds("Pf 1 2 -1.0\n" + packed(1.5F, 2.F), 0, {1, 1, 2, 1}, {2, 1.5});
  holds("Pf 1 1 1\n" + std::string("\x3f\x80\x00\x00", 4), 0, {1, 1, 1, 1}, {1});
  holds("PF 1 2 -1\n" + packed(1.F, 2.F, 3.F, 4.F, 5.F, 6.F), 0, {1, 3, 2, 1}, {4, 1, 5, 2, 6, 3});
}

TEST(Netpbm, RejectsOtherFiles) {
  EXPECT_FALSE(is_netpbm(bytes_of("P7 1")));
  EXPECT_FALSE(is_netpbm(bytes_of("P5")));
  EXPECT_EQ(error_of_picture("P5 "),
            "it ends too early: the width at byte 3 needs 1 bytes, but 0 are left");
  EXPECT_EQ(error_of_picture("P5 -2 1 255\nxx"),
            "the width is '-2': expected a number from 1 to 1000000000");
  EXPECT_EQ(error_of_picture("P5 2 0 255\nxx"),
            "the height is '0': expected a number from 1 to 1000000000");
  EXPECT_EQ(error_of_picture("P6 999999999 999999999 255\nxx"),
            "a picture of 999999999 x 999999999 pixels has more than 67108864 elements "
            "(--max-elements raises that)");
  EXPECT_EQ(error_of_picture("P5 2 1 65536\nxx"),
            "the maximum is '65536': expected a number from 1 to 65535");
  EXPECT_EQ(error_of_picture("P5 2 1 255#\nxx"),
            "a header ends with '#': expected a space or a line end");
  EXPECT_EQ(error_of_picture("P5 2 1 255\nx"),
            "it ends too early: its 2 x 1 pixels need 2 bytes or more, but 1 are left");
  EXPECT_EQ(error_of_picture("P5 1 1 9\nx"),
            "a sample is 120: expected at most 9, the maximum of its header");
  EXPECT_EQ(error_of_picture("P1 1 1\n2"), "a pixel is '2': expected 0 or 1");
  EXPECT_EQ(error_of_picture("P2 1 1 9\nx"), "a sample is 'x': expected a number from 0 to 65535");
  EXPECT_EQ(error_of_picture("P2 2 1 9\n7"),
            "it ends too early: its 2 x 1 pixels need 3 bytes or more, but 2 are left");
  EXPECT_EQ(error_of_picture("Pf 1 1 nan\n1234"),
            "the scale is 'nan': expected a number from -1e+30 to 1e+30");
  EXPECT_EQ(error_of_picture("P5 1 1 255\nxP5 1 1 255\nx"),
            "12 bytes follow the picture: expected a picture that fills its file");
}

}  // namespace
}  // namespace gridproof::reports::files
