#include "fuzz/causes/waiver.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "reference/contract/unravel.h"

namespace gridproof {
namespace {

template <class T>
bool admits(const std::vector<T>& list, const T& item) {
  return list.empty() || std::ranges::find(list, item) != list.end();
}

}  // namespace

Coordinate coordinate_of(const Case& test_case, std::int64_t sample) {
  const Tensor& grid = test_case.grid;
  const auto rank = static_cast<std::size_t>(grid.rank());
  if (rank < 2) return {};
  if (sample_count(test_case) == 0) return {};
  Shape index = unravel(sample, std::span(grid.shape()).first(rank - 1));
  index.push_back(0);
  Coordinate coordinate{.kind = CoordinateKind::finite};
  for (std::int64_t k = 0; k < grid.shape()[rank - 1]; ++k) {
    index.back() = k;
    const double x = grid.at(index);
    if (std::isnan(x)) return {.kind = CoordinateKind::nan};
    if (std::isinf(x)) coordinate.kind = CoordinateKind::infinite;
    coordinate.magnitude = std::max(coordinate.magnitude, std::fabs(x));
  }
  if (coordinate.kind == CoordinateKind::infinite) coordinate.magnitude = 0;
  return coordinate;
}

bool Predicate::covers_case(const std::string& subject, const Case& test_case) const {
  const Request& request = test_case.request;
  const Options defaults;
  return admits(subjects, subject) &&
         admits(modes, request.mode.value_or(std::string(name(defaults.mode)))) &&
         admits(paddings, request.padding_mode.value_or(std::string(name(defaults.padding)))) &&
         admits(dtypes, test_case.input.dtype()) && admits(ranks, test_case.input.rank()) &&
         (!align_corners ||
          *align_corners == request.align_corners.value_or(defaults.align_corners));
}

Direction Predicate::covered_direction() const {
  if (direction) return *direction;
  const bool is_of_gradients =
      !clauses.empty() && std::ranges::all_of(clauses, [](const std::string& clause) {
        return clause.starts_with("grad.");
      });
  return is_of_gradients ? Direction::backward : Direction::forward;
}

bool Predicate::covers_sample(const Case& test_case, std::int64_t sample,
                              const std::string& clause) const {
  return admits(clauses, clause) && covers_coordinate(test_case, sample);
}

bool Predicate::covers_coordinate(const Case& test_case, std::int64_t sample) const {
  const bool any_magnitude = above < 0 && std::isinf(up_to);
  if (kinds.empty() && any_magnitude) return true;
  const Coordinate coordinate = coordinate_of(test_case, sample);
  if (!admits(kinds, coordinate.kind)) return false;
  return any_magnitude || (coordinate.kind == CoordinateKind::finite &&
                           coordinate.magnitude > above && coordinate.magnitude <= up_to);
}

std::string broken(const WaiverOutcome& outcome, const std::string& today) {
  const Waiver& waiver = outcome.waiver;
  // Days of this form sort like text.
  if (!waiver.expires.empty() && waiver.expires < today) return "expired on " + waiver.expires;
  if (outcome.covered == 0) return "matches nothing";
  if (outcome.waived == 0) return "all that it covers is right now";
  if (static_cast<double>(outcome.waived) >
      waiver.max_share * static_cast<double>(outcome.covered)) {
    const bool is_backward = waiver.predicate.covered_direction() == Direction::backward;
    return fmt::format("got worse: {} of {} {}{} fail{}, a share of at most {} was to",
                       outcome.waived, outcome.covered, is_backward ? "case" : "sample",
                       outcome.covered == 1 ? "" : "s", outcome.waived == 1 ? "s" : "",
                       waiver.max_share);
  }
  return {};
}

}  // namespace gridproof
