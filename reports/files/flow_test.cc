#include "reports/files/flow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

FileTensor read(const std::string& text) {
  const Bytes bytes = bytes_of(text);
  return read_flo(bytes);
}
std::string error_of_flo(const std::string& text) {
  return error_of([&] { read(text); });
}

TEST(Flo, IsFlowOfItsShape) {
  const FileTensor flow = read("PIEH" + packed(2, 1, 1.5F, -2.F, 3.F, 1e9F));
  EXPECT_EQ(flow.content, Content::flow);
  EXPECT_EQ(flow.tensor.shape(), (Shape{1, 1, 2, 2}));
  EXPECT_EQ(flow.tensor.values(), (std::vector<double>{1.5, -2, 3, 1e9}));
}

TEST(Flo, UnknownFlowIsNaN) {
  const Tensor flow = read("PIEH" + packed(3, 1, 1.F, 1.7e9F, -1.7e9F, 2.F, INFINITY, NAN)).tensor;
  for (const double value : flow.values()) EXPECT_TRUE(std::isnan(value));
}

TEST(Flo, TheSizeIsThatOfTheFile) {
  EXPECT_EQ(error_of_flo("PIEH"),
            "it ends too early: the width at byte 4 needs 4 bytes, but 0 are left");
  EXPECT_EQ(error_of_flo("PIEH" + packed(-2, -1, 0.F, 0.F, 0.F, 0.F)),
            "its size is -2 x -1: expected positive numbers");
  EXPECT_EQ(error_of_flo("PIEH" + packed(0, 1)), "its size is 0 x 1: expected positive numbers");
  EXPECT_EQ(error_of_flo("PIEH" + packed(2147483647, 2147483647, 0.F)),
            "its 2147483647 x 2147483647 pixels have more than 67108864 elements (--max-elements "
            "raises that)");
  EXPECT_EQ(error_of_flo("PIEH" + packed(1, 1, 0.F)),
            "its 1 x 1 pixels need 8 bytes each, but 4 bytes follow its header");
  EXPECT_EQ(error_of_flo("PIEH" + packed(1, 1, 0.F, 0.F, 0.F)),
            "its 1 x 1 pixels need 8 bytes each, but 12 bytes follow its header");
}

TEST(Kitti, SixteenBitsAreFlow) {
  const FileTensor picture{
      .name = "",
      .content = Content::picture,
      .white = 65535,
      .tensor = Tensor(Dtype::f32, {1, 3, 1, 2}, std::vector<double>{32769, 1, 0, 1, 1, 0})};
  const Tensor flow = flow_of_picture(picture);
  EXPECT_TRUE(flow.same_values(
      Tensor(Dtype::f32, {1, 1, 2, 2}, std::vector<double>{1. / 64, -512, NAN, NAN})));
}

TEST(Kitti, RejectsOtherPictures) {
  const std::string none =
      "it is not a flow: expected a picture of three channels, of 16 bits as in KITTI or of floats "
      "(PFM)";
  FileTensor picture{.name = "",
                     .content = Content::picture,
                     .white = 255,
                     .tensor = Tensor(Dtype::f32, {1, 3, 1, 1})};
  EXPECT_EQ(error_of([&] { flow_of_picture(picture); }), none);
  picture.white = 65535;
  EXPECT_EQ(error_of([&] { flow_of_picture(picture); }), "none");
  picture.tensor = Tensor(Dtype::f32, {1, 4, 1, 1});
  EXPECT_EQ(error_of([&] { flow_of_picture(picture); }), none);
  EXPECT_EQ(error_of([&] { flow_of_picture(FileTensor{}); }), none);
}

TEST(Pfm, ThreeChannelsAreFlow) {
  FileTensor picture{
      .name = "",
      .content = Content::picture,
      .white = 0,
      .tensor = Tensor(Dtype::f32, {1, 3, 1, 2}, std::vector<double>{1.5, -2, 0.25, 3, 0, 0})};
  EXPECT_TRUE(flow_of_picture(picture).same_values(
      Tensor(Dtype::f32, {1, 1, 2, 2}, std::vector<double>{1.5, 0.25, -2, 3})));
  picture.tensor = Tensor(Dtype::f32, {1, 3, 1, 1}, std::vector<double>{0.5, 0.25, 0.75});
  EXPECT_EQ(error_of([&] { flow_of_picture(picture); }),
            "it is not a flow: its third channel is not 0 everywhere");
}

}  // namespace
}  // namespace gridproof::reports::files
