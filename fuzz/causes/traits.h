// What samples can be told apart by.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "reference/contract/case.h"

namespace gridproof {

// What a waiver can tell samples apart by.
struct Traits {
  std::string clause;  // that decides, or of which the sample is mainly a question
  std::string mode;
  std::string padding;
  bool align_corners = false;
  Dtype dtype = Dtype::f32;
  int rank = 4;
  std::string_view coordinate;  // one of coordinate_classes

  friend auto operator<=>(const Traits&, const Traits&) = default;
};
struct TraitCounts {
  std::int64_t right = 0;
  std::int64_t wrong = 0;
  std::int64_t right_of_one_case = 0;  // the most

  TraitCounts& operator+=(const TraitCounts& other) {
    right += other.right;
    wrong += other.wrong;
    right_of_one_case = std::max(right_of_one_case, other.right_of_one_case);
    return *this;
  }
};
// The kinds of a sample's coordinates, those of finite magnitude in ascending order up to the
// bound.
struct CoordinateClass {
  std::string_view name;
  double up_to;
};
inline constexpr auto coordinate_classes =
    std::to_array<CoordinateClass>({{"inside", 1},
                                    {"outside", 10},
                                    {"far", 0x1p14},
                                    {"huge", std::numeric_limits<double>::max()},
                                    {"infinite", 0},
                                    {"nan", 0},
                                    {"none", 0}});

// The traits of a sample of a question.
Traits traits_of(const Case& test_case, std::int64_t sample, const std::string& clause);

// "bilinear zeros 4-D f32 coordinate=nan".
std::string features_of(const Case& test_case, std::int64_t sample);

}  // namespace gridproof
