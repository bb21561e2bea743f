// The shape of the answer to a question that has one. Tested by judge_test.cc and parts_test.cc.
#pragma once

#include "reference/contract/case.h"

namespace gridproof::judging {

inline Shape output_shape(const Case& test_case) {
  Shape shape = {test_case.input.size(0), test_case.input.size(1)};
  for (int axis = 1; axis + 1 < test_case.grid.rank(); ++axis)
    shape.push_back(test_case.grid.size(axis));
  return shape;
}

}  // namespace gridproof::judging
