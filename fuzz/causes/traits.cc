#include "fuzz/causes/traits.h"

#include <algorithm>

#include "fuzz/causes/waiver.h"

namespace gridproof {
namespace {

std::string_view coordinate_class(const Case& test_case, std::int64_t sample) {
  const Coordinate coordinate = coordinate_of(test_case, sample);
  if (coordinate.kind != CoordinateKind::finite) return name(coordinate.kind);
  return std::ranges::find_if(
             coordinate_classes,
             [&](const CoordinateClass& entry) { return coordinate.magnitude <= entry.up_to; })
      ->name;
}

}  // namespace

Traits traits_of(const Case& test_case, std::int64_t sample, const std::string& clause) {
  const Request& request = test_case.request;
  const Options defaults;
  return {.clause = clause,
          .mode = request.mode.value_or(std::string(name(defaults.mode))),
          .padding = request.padding_mode.value_or(std::string(name(defaults.padding))),
          .align_corners = request.align_corners.value_or(defaults.align_corners),
          .dtype = test_case.input.dtype(),
          .rank = test_case.input.rank(),
          .coordinate = coordinate_class(test_case, sample)};
}

std::string features_of(const Case& test_case, std::int64_t sample) {
  const Traits traits = traits_of(test_case, sample, "");
  std::string text = traits.mode + ' ' + traits.padding + ' ' + std::to_string(traits.rank) + "-D ";
  text += name(traits.dtype);
  if (test_case.grid.rank() > 1) {
    text += " coordinate=";
    text += traits.coordinate;
  }
  return text;
}

}  // namespace gridproof
