// The output locations at which a question is examined: all of them, or a sample, so that a large
// image takes no longer than a small one. Tested by sites_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/mutants/rewrite.h"
#include "reference/contract/case.h"

namespace gridproof::reports::diagnosis {

using dictionary::Place;

// One output location.
struct Site {
  std::int64_t n = 0;             // of the batch
  std::int64_t location = 0;      // row-major among the output locations of one n
  std::array<Place, 3> places{};  // x first
};

// The sample, row-major over (N, locations), that an element of an output (N, channels, locations)
// belongs to.
inline std::int64_t sample_of(std::int64_t element, std::int64_t channels, std::int64_t locations) {
  return element / (channels * locations) * locations + element % locations;
}

// The element of a channel of that output that belongs to a sample.
inline std::size_t element_of(std::size_t sample, std::size_t channel, std::size_t channels,
                              std::size_t locations) {
  return (sample / locations * channels + channel) * locations + sample % locations;
}

class Sites {
 public:
  // `most` output locations, drawn the same way every time, or all where there are no more; the
  // same for each n. `question` must be one that the documentation answers.
  Sites(const Case& test_case, std::int64_t most);

  [[nodiscard]] bool are_all() const { return locations_.empty(); }
  [[nodiscard]] std::int64_t count() const { return batch_ * per_batch_; }
  // With a value of align_corners that may differ from the question's.
  [[nodiscard]] Site site(std::int64_t index, bool align_corners) const;

  // The coordinates, x first, site by site.
  [[nodiscard]] const std::vector<double>& coordinates() const { return coordinates_; }
  // Those of one site, out of coordinates().
  [[nodiscard]] std::span<double> of_site(std::vector<double>& coordinates,
                                          std::int64_t index) const;

  // The question at these sites only: its grid is (N, 1, sites, k), or (N, 1, 1, sites, k).
  [[nodiscard]] Case narrowed(const Case& test_case) const;
  // The same, of f64, with other coordinates.
  [[nodiscard]] Tensor grid_of(const std::vector<double>& coordinates) const;
  // The elements, in the order of narrowed()'s output, of a tensor of the shape of the output.
  [[nodiscard]] std::vector<double> values_of(const Tensor& output) const;

 private:
  [[nodiscard]] std::int64_t location_of(std::int64_t index) const {
    const std::int64_t one = index % per_batch_;
    return are_all() ? one : locations_[static_cast<std::size_t>(one)];
  }
  [[nodiscard]] Shape narrowed_shape() const;

  std::size_t components_;
  std::int64_t batch_;
  std::int64_t per_batch_ = 0;
  Shape inputs_;                         // spatial sizes, x first
  Shape outputs_;                        // the same
  std::vector<std::int64_t> locations_;  // sorted; empty: all
  std::vector<double> coordinates_;
};

// Calls `visit(moved)` with the coordinates of samples with this number of axes, x first. Each
// coordinate is moved by its reach to either side or not at all, in every combination of axes.
template <class Visit>
void each_corner(const std::vector<double>& coordinates, const std::vector<double>& reaches,
                 std::size_t axes, const Visit& visit) {
  for (int corner = 0; corner < (axes == 3 ? 27 : 9); ++corner) {
    const std::array<int, 3> sides = {corner % 3 - 1, corner / 3 % 3 - 1, corner / 9 - 1};
    std::vector<double> moved = coordinates;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += sides[i % axes] * reaches[i];
    visit(moved);
  }
}

}  // namespace gridproof::reports::diagnosis
