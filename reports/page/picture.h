// The picture of a question: the pixels of the input as squares with their values, the box that
// -1 … 1 spans under either flag, what the padding puts around the input, where every sample
// reads, and for one of them the taps with their weights; beside it the output. Everything drawn
// is an answer of the reference. Tested by picture_test.cc.
#pragma once

#include <cstdint>
#include <string>

#include "reference/contract/case.h"

namespace gridproof::reports {

// One output location and one channel.
struct Element {
  std::int64_t sample = 0;
  std::int64_t channel = 0;
};

// SVG elements, input and output, of a case that is not refused and has this element; of 5-D input
// each slice that is read. Of a large input or output the part around the element.
// They have no background, no identifiers and no colors but classes (style.css) and that of the
// text around them. That of the input says in data-… where pixel 0 is drawn and how large a pixel
// is, for whoever lets points be dragged.
std::string picture(const Case& test_case, const Element& element);

}  // namespace gridproof::reports
