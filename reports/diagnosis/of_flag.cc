// align_corners: on one side, or on both.
#include "reports/diagnosis/affine.h"
#include "reports/diagnosis/chapters.h"

namespace gridproof::diagnosis {

std::vector<Hypothesis> of_flag() {
  std::vector<Hypothesis> list;
  list.push_back(options(
      {"align_corners", "align_corners of the call is not that of the code that made the grid",
       "# the other align_corners; True was the default up to PyTorch 1.2"},
      [](Options& o) { o.align_corners = !o.align_corners; }));
  return list;
}

}  // namespace gridproof::diagnosis
