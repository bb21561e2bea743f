// A heat map of what is wrong with an answer, drawn like the output in picture.h: the distance of
// each element from the reference's in units of the last place. Tested by error_picture_test.cc.
#pragma once

#include <string>

#include "reference/contract/subject.h"
#include "reports/page/picture.h"

namespace gridproof::reports {

// An SVG element, of the plane or slice of the output that holds `element`; of a large one the part
// around it. Empty if the answer is no tensor of the shape that the case asks for.
std::string error_picture(const Case& test_case, const Answer& answer, const Element& element);

}  // namespace gridproof::reports
