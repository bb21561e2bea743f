// Where something was measured, and how to say in which of these places it is so.
// Tested by kinds_test.cc.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "reference/contract/dtype.h"
#include "reference/contract/options.h"

namespace gridproof::probe {

// The options, rank and dtype of a question, and the axis that a sample leaves the middle along.
struct Kind {
  Mode mode = Mode::bilinear;
  int rank = 4;
  Padding padding = Padding::zeros;
  bool align_corners = false;
  Dtype dtype = Dtype::f32;
  int axis = 0;  // x, y, z

  friend auto operator<=>(const Kind&, const Kind&) = default;
};
using Kinds = std::set<Kind>;

// All but those of i32 and of bicubic in 5-D, which is none; each along x.
std::vector<Kind> all_kinds();
// The same kind along each of its axes.
std::vector<Kind> along_each_axis(Kind kind);

// Those of `all` that are in `some`, in words: "in nearest 5-D f16", "in bicubic and along y".
// Attributes that tell nothing apart are left out; nothing is left where all are meant.
std::string in_words(const Kinds& some, const Kinds& all);

}  // namespace gridproof::probe
