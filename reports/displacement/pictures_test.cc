#include "reports/displacement/pictures.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <limits>
#include <pugixml.hpp>
#include <span>

namespace gridproof::reports::displacement {
namespace {

constexpr exact::Measure input_pixels{exact::Unit::input, exact::Origin::identity};

Field affine(const std::vector<double>& theta, const Shape& outputs, const Shape& input) {
  const auto rows = static_cast<std::int64_t>(input.size());
  return make_affine_field(Tensor(Dtype::f64, {1, rows, rows + 1}, theta), outputs, input, false,
                           input_pixels);
}

Image decoded(const std::string& file) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&header, file.data(), file.size()) == 0) {
    ADD_FAILURE() << header.message;
    return {1, 1, {}};
  }
  header.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(header));
  EXPECT_NE(png_image_finish_read(&header, nullptr, bytes.data(), 0, nullptr), 0);
  Image image(static_cast<int>(header.width), static_cast<int>(header.height), {});
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      const auto place = static_cast<std::size_t>(3 * (y * image.width() + x));
      image.set(x, y, {bytes[place], bytes[place + 1], bytes[place + 2]});
    }
  }
  return image;
}

pugi::xml_document parsed(const std::string& svg) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_string(svg.c_str());
  EXPECT_TRUE(result) << result.description();
  EXPECT_STREQ(document.document_element().name(), "svg");
  return document;
}
bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(Png, ComesBack) {
  Image image(3, 2, {1, 2, 3});
  image.set(2, 1, {250, 128, 7});
  const std::string file = encode_png(image);
  EXPECT_EQ(decoded(file).bytes(), image.bytes());
  EXPECT_EQ(encode_png(image), file);
}

// Brighter and brighter, as the eye weighs the colors (ITU-R BT.709): also without color vision.
TEST(Colors, AreOrderedByBrightness) {
  double last = -1;
  for (int i = 0; i <= 100; ++i) {
    const Color color = color_of(i / 100.0);
    const double brightness = 0.2126 * std::pow(color[0] / 255.0, 2.2) +
                              0.7152 * std::pow(color[1] / 255.0, 2.2) +
                              0.0722 * std::pow(color[2] / 255.0, 2.2);
    EXPECT_GT(brightness, last) << i;
    last = brightness;
  }
  EXPECT_EQ(color_of(0), (Color{0x44, 0x01, 0x54}));
  EXPECT_EQ(color_of(1), (Color{0xfd, 0xe7, 0x25}));
}

// y points down: the location of the first row is at the top, with its own color.
TEST(Magnitude, RowsGoDown) {
  std::vector<double> maps(3 * 4 * 2);
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t row = i / 4;
    maps[2 * i] = static_cast<double>(i % 4);
    maps[2 * i + 1] = static_cast<double>(row);
  }
  maps[1] += 0.25;      // row 0, column 0
  maps[2 * 11] += 0.5;  // row 2, column 3
  const Field field = make_field(Tensor(Dtype::f64, {1, 3, 4, 2}, maps), {3, 4}, false,
                                 exact::as_maps, exact::as_flow);
  const Image image = magnitude_image(field, jacobian_of(field));
  const int cell = 64;
  const auto color = [&](int row, int column) {
    return image.at(8 + column * cell + 5, 8 + row * cell + 5);
  };
  EXPECT_EQ(color(0, 0), color_of(0.5));
  EXPECT_EQ(color(2, 3), color_of(1));
  EXPECT_EQ(color(2, 0), color_of(0));
  EXPECT_EQ(color(0, 3), color_of(0));
  EXPECT_EQ(image.height(), 3 * cell + 16);
}

TEST(Magnitude, MarksFoldsAndWhatIsNotFinite) {
  const Field mirror = affine({-1, 0, 0, 0, 1, 0}, {4, 4}, {4, 4});
  const Image folded = magnitude_image(mirror, jacobian_of(mirror));
  bool has_black = false;
  for (int x = 8; x < 72; ++x) has_black = has_black || folded.at(x, 20) == Color{0, 0, 0};
  EXPECT_TRUE(has_black);
  const Tensor grid(Dtype::f32, {1, 1, 1, 2},
                    std::vector<double>{std::numeric_limits<double>::infinity(), 0});
  const Field nowhere = make_field(grid, {2, 2}, false, exact::as_grid, input_pixels);
  EXPECT_EQ(magnitude_image(nowhere, jacobian_of(nowhere)).at(12, 12), (Color{150, 150, 150}));
  EXPECT_TRUE(says(quiver_svg(nowhere), "l6 6m0 -6l-6 6"));
}

// The picture inside the SVG is the PNG, and the numbers are beside it.
TEST(Magnitude, SvgHasTheImageAndNumbers) {
  const Field field = affine({2, 0, 0, 0, 1, 0}, {4, 6}, {4, 6});
  const std::string svg = magnitude_svg(field, jacobian_of(field));
  const pugi::xml_document document = parsed(svg);
  const std::string href = document.document_element().child("image").attribute("href").value();
  EXPECT_TRUE(href.starts_with("data:image/png;base64,iVBORw0KGgo"));
  // Round numbers up to (2 - 1) (5 - 2.5), and a title.
  for (const char* tick : {">0<", ">1<", ">2<"}) EXPECT_TRUE(says(svg, tick)) << tick;
  EXPECT_TRUE(says(svg, ">How far each output location reads from its own place<"));
  EXPECT_TRUE(says(svg, "input pixels, relative to the identity resize, align_corners=False"));
  EXPECT_EQ(svg, magnitude_svg(field, jacobian_of(field)));
}

// An arrow of the last row is below one of the first, and points down where y grows.
TEST(Quiver, PointsDownForMoreY) {
  const Field field = affine({1, 0, 0, 0, 1, 0.5}, {2, 1}, {8, 8});
  const pugi::xml_document document = parsed(quiver_svg(field));
  std::vector<std::array<double, 4>> arrows;
  for (const auto& path : document.document_element().child("g").children("path")) {
    std::array<double, 4> arrow{};
    ASSERT_EQ(std::sscanf(path.attribute("d").value(), "M%lf %lfL%lf %lf", arrow.data(), &arrow[1],
                          &arrow[2], &arrow[3]),
              4);
    arrows.push_back(arrow);
  }
  ASSERT_EQ(arrows.size(), 2U);
  const double per_pixel = 480 / 8.5;  // for 8 pixels, and half of one beyond 5.5 + 2
  EXPECT_NEAR(arrows[1][1] - arrows[0][1], 4 * per_pixel, 0.02);
  for (const auto& arrow : arrows) {
    EXPECT_EQ(arrow[0], arrow[2]);
    EXPECT_NEAR(arrow[3] - arrow[1], 2 * per_pixel, 0.02);
  }
}

TEST(Quiver, TellsWhatIsOutside) {
  const std::string svg = quiver_svg(affine({1, 0, 1, 0, 1, 0}, {1, 4}, {4, 4}));
  EXPECT_EQ(count_of(svg, "stroke=\"#0072b2\""),
            8U);  // two, the legend's, and the mesh's five lines
  EXPECT_EQ(count_of(svg, "stroke=\"#d55e00\""), 3U);
  EXPECT_TRUE(says(svg, "where the identity resize reads"));
}

TEST(Quiver, LeavesOutMostOfALargeField) {
  const Field field = affine({1, 0, 0.5, 0, 1, 0}, {100, 230}, {100, 230});
  const std::string svg = quiver_svg(field);
  parsed(svg);
  EXPECT_TRUE(says(svg, "Arrows shown: one of 10 along x, one of 5 along y."));
  EXPECT_LT(count_of(svg, "<path"), 40U * 40U + 10);
}

TEST(Pictures, OfThreeDimensions) {
  const Field field = affine({1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0}, {2, 3, 4}, {2, 3, 4});
  for (const std::string& svg : {quiver_svg(field), magnitude_svg(field, jacobian_of(field))}) {
    parsed(svg);
    EXPECT_TRUE(says(svg, "x across, y down, z = 1"));
    EXPECT_TRUE(says(svg, "x across, z down, y = 1"));
    EXPECT_TRUE(says(svg, "y across, z down, x = 2"));
  }
}

TEST(Directions, HaveAColorEach) {
  EXPECT_EQ(direction_color(0, 0), (Color{255, 255, 255}));
  EXPECT_EQ(direction_color(1, 0), (Color{255, 0, 0}));    // right
  EXPECT_EQ(direction_color(0, 1), (Color{128, 255, 0}));  // down
  EXPECT_EQ(direction_color(-1, 0), (Color{0, 255, 255}));
  EXPECT_EQ(direction_color(0, -2), (Color{128, 0, 255}));
  EXPECT_EQ(direction_color(NAN, 0), (Color{150, 150, 150}));
  const std::string svg = direction_svg(affine({1, 0, 0.5, 0, 1, 0}, {4, 4}, {8, 8}));
  parsed(svg);
  EXPECT_TRUE(says(svg, "edge: 2")) << svg;
}

// What is small is magnified by a round number, and the legend says so.
TEST(Quiver, MagnifiesSmallArrows) {
  const std::string svg = quiver_svg(affine({1, 0, 0.01, 0, 1, 0}, {8, 8}, {8, 8}));
  EXPECT_TRUE(says(svg, "0.05 px; arrows are drawn 20 times their true length")) << svg;
  EXPECT_FALSE(
      says(quiver_svg(affine({1, 0, 0.5, 0, 1, 0}, {8, 8}, {8, 8})), "times their true length"));
  EXPECT_TRUE(says(svg, "Content moves against the arrows"));
}

// Sizes of one, of none, numbers beyond all pictures.
TEST(Pictures, OfOddFields) {
  const std::vector<double> huge = {1e300, -1e300, 1e30, 0, 0, 0, -1e8, 5};
  const std::vector<Field> fields = {
      affine({1, 0, 0, 0, 1, 0}, {1, 1}, {1, 1}),
      make_field(Tensor(Dtype::f64, {1, 2, 2, 2}, huge), {2, 2}, true, exact::as_grid,
                 input_pixels),
      make_field(Tensor(Dtype::f32, {0, 2, 2, 2}), {2, 2}, true, exact::as_grid, input_pixels),
      make_field(Tensor(Dtype::f32, {1, 0, 2, 2}), {2, 2}, true, exact::as_grid, exact::as_flow),
      make_field(Tensor(Dtype::f32, {1, 3, 3000, 2}), {1, 7}, true, exact::as_grid, input_pixels),
  };
  for (const Field& field : fields) {
    const Jacobian jacobian = jacobian_of(field);
    const std::string quiver = quiver_svg(field);
    parsed(quiver);
    EXPECT_FALSE(says(quiver, "nan") || says(quiver, "inf\"")) << quiver;
    parsed(magnitude_svg(field, jacobian));
    parsed(direction_svg(field));
    EXPECT_GT(decoded(encode_png(magnitude_image(field, jacobian))).width(), 0);
  }
}

}  // namespace
}  // namespace gridproof::reports::displacement
