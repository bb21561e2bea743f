// Where a question reads and where it was meant to read, in input pixels. If the intent gives the
// positions, nothing has to be guessed from values. Tested by positions_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/diagnosis/evaluator.h"

namespace gridproof::reports::diagnosis {

// Positions at some sites, x first, site by site.
std::vector<double> positions_of(const std::vector<double>& coordinates, bool align_corners,
                                 const Sites& sites);

// "Reads 0.5 px to the left and 0.5 px up everywhere.", or the largest distance if it differs from
// place to place; empty if both read the same.
std::string where_it_reads(const std::vector<double>& asked, const std::vector<double>& meant,
                           std::size_t axes);

class Positions {
 public:
  // `meant` holds the coordinates that were meant, in the layout of the grid and for align_corners
  // of the call. `locations` output locations are examined. Both references must outlive it.
  Positions(const Situation& situation, const std::vector<double>& meant, std::int64_t locations);

  // Whether the grid reads where it was meant to, up to the rounding of its dtype. NaN and infinite
  // coordinates count as agreeing.
  [[nodiscard]] bool agree() const { return agree(asked_); }

  // The simplest explanations that read where it was meant everywhere: the smallest combinations of
  // family members, or another hypothesis about the grid; if there are none, a scale and an offset
  // for each axis; then an affine map. Empty if none of these does.
  [[nodiscard]] std::vector<Attempt> explanations() const;

  // where_it_reads() of the unchanged grid.
  [[nodiscard]] std::string difference() const;

 private:
  [[nodiscard]] bool agree(const std::vector<double>& positions) const;
  [[nodiscard]] bool agree(const Correction& meant) const;
  // The affine map from the coordinates to the ones that were meant, if there is one. `order` says
  // from which component each axis is computed; empty: from all of them.
  [[nodiscard]] std::shared_ptr<const Hypothesis> fitted(
      const std::vector<std::size_t>& order) const;

  const Situation& situation_;
  const std::vector<double>& meant_grid_;
  Sites sites_;
  std::size_t axes_;
  std::vector<double> wanted_;      // coordinates
  std::vector<double> asked_;       // positions
  std::vector<double> meant_;       // positions
  std::vector<double> tolerances_;  // pixels, by axis
};

}  // namespace gridproof::reports::diagnosis
