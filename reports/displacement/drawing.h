// What the pictures of fields are drawn with: slices, ticks, arrows, and the nodes of SVG. Tested
// by pictures_test.cc and reads_test.cc.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "reference/contract/tensor.h"

namespace gridproof::reports::displacement {

inline constexpr std::string_view axis_names = "xyz";

// Two axes of the output; the third, if there is one, stays at its middle.
struct Slice {
  int across;
  int down;
  std::optional<int> fixed;
  std::int64_t at = 0;  // of `fixed`
};

// `outputs` are the sizes of the output, (H, W) or (D, H, W).
std::vector<Slice> slices_of(const Shape& outputs);
std::string title_of(const Slice& slice);

// What is read at an output location, in a slice.
struct Arrow {
  std::array<double, 2> from{};  // across and down, in input pixels
  std::array<double, 2> to{};
  bool finite = true;
  bool inside = true;  // of the outer edges of the input, along all axes
};

// The path of an arrow in the picture: its head is never longer than half of it.
std::string arrow_path(double x, double y, double to_x, double to_y);

// Whole numbers between two ends, 1, 2 or 5 times a power of ten apart, at most some `most` of
// them.
std::vector<std::int64_t> ticks_between(double least, double greatest, double most = 10);

// 1, 2 or 5 times a power of ten: the largest that is at most `limit`, which is above 0.
double round_number(double limit);

// A straight scale from pixel numbers to the picture.
struct Scale {
  double least;     // the number at `start`
  double start;     // in the picture
  double per_unit;  // of the picture

  [[nodiscard]] double operator()(double number) const {
    return start + (number - least) * per_unit;
  }
};

struct Range {
  double least;
  double greatest;
};

struct Box {
  double x;
  double y;
  double width;
  double height;
};

template <class T>
void set(pugi::xml_node node, const char* attribute, const T& value) {
  node.append_attribute(attribute).set_value(value);
}
inline void set(pugi::xml_node node, const char* attribute, const std::string& value) {
  node.append_attribute(attribute).set_value(value.c_str());
}
// A place in the picture: a hundredth of a pixel is enough for anybody.
inline void set(pugi::xml_node node, const char* attribute, double value) {
  set(node, attribute, fmt::format("{:.2f}", value));
}

pugi::xml_node add_rectangle(pugi::xml_node parent, double x, double y, double width, double height,
                             const char* fill);
pugi::xml_node add_text(pugi::xml_node parent, double x, double y, const std::string& text,
                        const char* anchor = "start");
pugi::xml_node add_path(pugi::xml_node parent, const std::string& d, const char* color);

}  // namespace gridproof::reports::displacement
