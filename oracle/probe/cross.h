// The weights along each axis, of one question: the channels of its input are 1 at one pixel each
// of the lines through pixel (1, 1, …), one line for each axis; the last channel is 1 at all other
// pixels. A sample leaves that pixel along one axis. Tested by cross_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "oracle/probe/kinds.h"
#include "reference/contract/subject.h"

namespace gridproof::probe {

struct Cross {
  Kind kind;                                     // its axis plays no part
  Shape sizes;                                   // x first
  std::vector<std::vector<double>> coordinates;  // along each axis, one sample for each

  [[nodiscard]] std::size_t axes() const { return sizes.size(); }
};

Case cross_case(const Cross& cross);

// What is seen of the pixels of one line; or what is seen instead: "refused", "lost", "another
// shape", "pixels of other lines".
using Line = std::vector<double>;
using Seen = std::variant<Line, std::string>;

// For each axis and coordinate.
std::vector<std::vector<Seen>> lines_in(const Cross& cross, const Answer& answer);

}  // namespace gridproof::probe
