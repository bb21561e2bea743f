// Shortcuts that look at a part of a question and take it for the whole: corners, a first row, a
// first value.
#include <cmath>
#include <cstdint>

#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The coordinates of a grid by batch item and location, in double.
class Grid {
 public:
  explicit Grid(const Tensor& grid)
      : values_(grid.values()),
        components_(static_cast<std::size_t>(grid.size(grid.rank() - 1))),
        width_(width_of(grid, 1)),
        height_(width_of(grid, 2)),
        depth_(grid.rank() == 5 ? grid.size(1) : 1) {}

  [[nodiscard]] std::int64_t width() const { return width_; }
  [[nodiscard]] std::int64_t height() const { return height_; }
  [[nodiscard]] std::int64_t depth() const { return depth_; }
  [[nodiscard]] std::size_t components() const { return components_; }
  [[nodiscard]] std::vector<double>& values() { return values_; }
  [[nodiscard]] std::int64_t items() const {
    return static_cast<std::int64_t>(values_.size() / components_) / (depth_ * height_ * width_);
  }

  double& operator()(std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x,
                     std::size_t k) {
    return values_[static_cast<std::size_t>(((n * depth_ + z) * height_ + y) * width_ + x) *
                       components_ +
                   k];
  }

 private:
  std::vector<double> values_;
  std::size_t components_;
  std::int64_t width_;
  std::int64_t height_;
  std::int64_t depth_;
};

bool is_near(double one, double other) { return std::fabs(one - other) <= 1e-4; }

// A grid that `rewrite(grid, question)` changes; false leaves it as it is.
template <class Rewrite>
auto rewrites_grid(Rewrite rewrite) {
  return asks([rewrite](Case test_case) {
    Grid grid(test_case.grid);
    if (rewrite(grid, test_case)) {
      test_case.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid.values());
    }
    return test_case;
  });
}

bool as_large_as_input(const Case& test_case) {
  for (int axis = 2; axis < test_case.input.rank(); ++axis) {
    if (test_case.grid.size(axis - 1) != test_case.input.size(axis)) return false;
  }
  return true;
}

// The coordinate of the identity at an output location, along component k.
double identity(const Grid& grid, const Case& test_case, std::int64_t z, std::int64_t y,
                std::int64_t x, std::size_t k) {
  const std::int64_t index = k == 0 ? x : (k == 1 ? y : z);
  const std::int64_t size = k == 0 ? grid.width() : (k == 1 ? grid.height() : grid.depth());
  return coordinate_at(static_cast<double>(index), size, options_of(test_case).align_corners);
}

template <class Holds>
bool at_all_corners(const Grid& grid, Holds holds) {
  for (const std::int64_t z : {std::int64_t{0}, grid.depth() - 1}) {
    for (const std::int64_t y : {std::int64_t{0}, grid.height() - 1}) {
      for (const std::int64_t x : {std::int64_t{0}, grid.width() - 1}) {
        if (!holds(z, y, x)) return false;
      }
    }
  }
  return true;
}

// Makes an identity of the grid.
void make_identity(Grid& grid, const Case& test_case) {
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (std::int64_t z = 0; z < grid.depth(); ++z) {
      for (std::int64_t y = 0; y < grid.height(); ++y) {
        for (std::int64_t x = 0; x < grid.width(); ++x) {
          for (std::size_t k = 0; k < grid.components(); ++k) {
            grid(n, z, y, x, k) = identity(grid, test_case, z, y, x, k);
          }
        }
      }
    }
  }
}

bool is_identity_at(Grid& grid, const Case& test_case, std::int64_t z, std::int64_t y,
                    std::int64_t x) {
  for (std::size_t k = 0; k < grid.components(); ++k) {
    if (!is_near(grid(0, z, y, x, k), identity(grid, test_case, z, y, x, k))) return false;
  }
  return true;
}

bool corners_are_identity(Grid& grid, const Case& test_case) {
  const bool found = at_all_corners(grid, [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    return is_identity_at(grid, test_case, z, y, x);
  });
  if (found) make_identity(grid, test_case);
  return found;
}

bool first_row_is_identity(Grid& grid, const Case& test_case) {
  for (std::int64_t x = 0; x < grid.width(); ++x) {
    if (!is_identity_at(grid, test_case, 0, 0, x)) return false;
  }
  make_identity(grid, test_case);
  return true;
}

// A theta from three corners of each item, if the fourth agrees; planes only.
bool corners_are_affine(Grid& grid, const Case& /*question*/) {
  const std::int64_t right = grid.width() - 1;
  const std::int64_t low = grid.height() - 1;
  if (right < 1 || low < 1) return false;
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (std::size_t k = 0; k < 2; ++k) {
      const double first = grid(n, 0, 0, 0, k);
      const double along = grid(n, 0, 0, right, k) - first;
      const double down = grid(n, 0, low, 0, k) - first;
      if (!is_near(grid(n, 0, low, right, k), first + along + down)) return false;
    }
  }
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (std::size_t k = 0; k < 2; ++k) {
      const double first = grid(n, 0, 0, 0, k);
      const double along = (grid(n, 0, 0, right, k) - first) / static_cast<double>(right);
      const double down = (grid(n, 0, low, 0, k) - first) / static_cast<double>(low);
      for (std::int64_t y = 0; y <= low; ++y) {
        for (std::int64_t x = 0; x <= right; ++x) {
          // The corners stay what they are.
          if ((y == 0 || y == low) && (x == 0 || x == right)) continue;
          grid(n, 0, y, x, k) =
              first + along * static_cast<double>(x) + down * static_cast<double>(y);
        }
      }
    }
  }
  return true;
}

// x by the column and y by the row, if the corners allow it; planes only.
bool corners_are_separable(Grid& grid, const Case& /*question*/) {
  const std::int64_t right = grid.width() - 1;
  const std::int64_t low = grid.height() - 1;
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (const std::int64_t x : {std::int64_t{0}, right}) {
      if (grid(n, 0, 0, x, 0) != grid(n, 0, low, x, 0)) return false;
    }
    for (const std::int64_t y : {std::int64_t{0}, low}) {
      if (grid(n, 0, y, 0, 1) != grid(n, 0, y, right, 1)) return false;
    }
  }
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (std::int64_t y = 0; y <= low; ++y) {
      for (std::int64_t x = 0; x <= right; ++x) {
        grid(n, 0, y, x, 0) = grid(n, 0, 0, x, 0);
        grid(n, 0, y, x, 1) = grid(n, 0, y, 0, 1);
      }
    }
  }
  return true;
}

// Items that begin like the first one have its grid.
bool same_beginnings(Grid& grid, const Case& /*question*/) {
  bool found = false;
  const auto item = grid.values().size() / static_cast<std::size_t>(grid.items());
  for (std::int64_t n = 1; n < grid.items(); ++n) {
    const auto begin = grid.values().begin() + n * static_cast<std::ptrdiff_t>(item);
    if (!std::equal(begin, begin + static_cast<std::ptrdiff_t>(grid.components()),
                    grid.values().begin())) {
      continue;
    }
    std::copy_n(grid.values().begin(), item, begin);
    found = true;
  }
  return found;
}

// If the first two rows are equal, all rows of a plane are.
bool same_rows(Grid& grid, const Case& /*question*/) {
  if (grid.height() < 3) return false;
  bool found = false;
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    bool equal = true;
    for (std::int64_t x = 0; x < grid.width(); ++x) {
      for (std::size_t k = 0; k < 2; ++k) equal &= grid(n, 0, 0, x, k) == grid(n, 0, 1, x, k);
    }
    if (!equal) continue;
    found = true;
    for (std::int64_t y = 2; y < grid.height(); ++y) {
      for (std::int64_t x = 0; x < grid.width(); ++x) {
        for (std::size_t k = 0; k < 2; ++k) grid(n, 0, y, x, k) = grid(n, 0, 0, x, k);
      }
    }
  }
  return found;
}

// A first step of one pixel along both axes makes a shift of the grid.
bool first_steps_are_pixels(Grid& grid, const Case& test_case) {
  const bool align_corners = options_of(test_case).align_corners;
  if (grid.width() < 2) return false;
  const std::int64_t size = width_of(test_case.input, 0);
  const double step = coordinate_at(1, size, align_corners) - coordinate_at(0, size, align_corners);
  if (!is_near(grid(0, 0, 0, 1, 0) - grid(0, 0, 0, 0, 0), step)) return false;
  for (std::int64_t n = 0; n < grid.items(); ++n) {
    for (std::int64_t y = 0; y < grid.height(); ++y) {
      for (std::int64_t x = 2; x < grid.width(); ++x) {
        grid(n, 0, y, x, 0) = grid(n, 0, y, 0, 0) + step * static_cast<double>(x);
      }
    }
  }
  return true;
}

double first_position(const Case& test_case, std::size_t k) {
  const int axis = test_case.input.rank() - 1 - static_cast<int>(k);
  Shape index(static_cast<std::size_t>(test_case.grid.rank()), 0);
  index.back() = static_cast<std::int64_t>(k);
  return position_at(test_case.grid.at(index), test_case.input.size(axis),
                     options_of(test_case).align_corners);
}

// What is asked of the first location only.
bool begins_whole(const Case& test_case) {
  const auto components = static_cast<std::size_t>(test_case.input.rank() - 2);
  for (std::size_t k = 0; k < components; ++k) {
    const double position = first_position(test_case, k);
    if (position != std::floor(position)) return false;
  }
  return true;
}

// Whether the first and the last location lie inside the outer pixels' centers.
bool ends_inside(const Case& test_case) {
  const std::vector<double> grid = test_case.grid.values();
  const auto components = static_cast<std::size_t>(test_case.input.rank() - 2);
  for (std::size_t k = 0; k < components; ++k) {
    const std::int64_t size = width_of(test_case.input, static_cast<int>(k));
    for (const double x : {grid[k], grid[grid.size() - components + k]}) {
      const double position = position_at(x, size, options_of(test_case).align_corners);
      if (!(position >= 0 && position <= static_cast<double>(size - 1))) return false;
    }
  }
  return true;
}

bool has_no_nan_in_first_row(const Case& test_case) {
  const Tensor row = test_case.grid.slice(test_case.grid.rank() - 3, 0, 1);
  return std::ranges::none_of(row.values(), is_nan);
}

// First, middle and last texel are the same number.
bool looks_constant(const Case& test_case) {
  const Tensor& input = test_case.input;
  Shape first(static_cast<std::size_t>(input.rank()), 0);
  Shape middle = first;
  Shape last = first;
  for (std::size_t axis = 0; axis < last.size(); ++axis) {
    middle[axis] = input.shape()[axis] / 2;
    last[axis] = input.shape()[axis] - 1;
  }
  return input.at(first) == input.at(middle) && input.at(first) == input.at(last);
}

}  // namespace

std::vector<Mutant> of_shortcuts() {
  return {
      interaction({"shortcut.identity-corners", "shape.sample",
                   "a grid whose corners match the identity copies the input",
                   "grid_sample align_corners=True input=f32[1,1,1,3]{1,2,3} "
                   "grid=f32[1,1,3,2]{-1,0,1,0,1,0}"},
                  meet(as_large_as_input, copyable), rewrites_grid(corners_are_identity)),
      interaction({"shortcut.identity-row", "shape.sample",
                   "a grid whose first row matches the identity copies the input",
                   "grid_sample mode=nearest input=f32[1,1,2,1]{1,2} "
                   "grid=f32[1,2,1,2]{0,-0.5,0,-0.5}"},
                  meet(as_large_as_input, copyable), rewrites_grid(first_row_is_identity)),
      interaction({"shortcut.affine-corners", "shape.sample",
                   "a grid whose four corners match an affine grid is taken as that affine grid",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,2,3,2]{-0.5,0,0.5,0,0.5,0,-0.5,0,0.5,0,0.5,0}"},
                  meet(planes, copyable), rewrites_grid(corners_are_affine)),
      interaction({"shortcut.separable-corners", "shape.sample",
                   "a grid whose corners match an axis-parallel grid is taken as axis-parallel",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,3,3,2]{-0.5,0,-0.5,0,-0.5,0,-0.5,0,0.5,0,-0.5,0,"
                   "-0.5,0,-0.5,0,-0.5,0}"},
                  meet(planes, copyable), rewrites_grid(corners_are_separable)),
      interaction({"shortcut.same-beginning", "shape.sample",
                   "batch items whose grid begins like the first grid use the first grid",
                   "grid_sample mode=nearest input=f32[2,1,1,2]{1,2,1,2} "
                   "grid=f32[2,1,2,2]{-0.5,0,-0.5,0,-0.5,0,0.5,0}"},
                  meet(batch_above(1), copyable), rewrites_grid(same_beginnings)),
      interaction({"shortcut.same-rows", "shape.sample",
                   "if the first two rows of a grid are equal, all rows are taken as equal",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,3,1,2]{-0.5,0,-0.5,0,0.5,0}"},
                  meet(planes, copyable), rewrites_grid(same_rows)),
      interaction({"shortcut.pixel-steps", "shape.sample",
                   "rows of a grid that begin with a step of one pixel are taken to continue so",
                   "grid_sample mode=nearest input=f32[1,1,1,4]{1..4} "
                   "grid=f32[1,1,3,2]{-0.75,0,-0.25,0,0.75,0}"},
                  meet(planes, copyable), rewrites_grid(first_steps_are_pixels)),
      interaction({"shortcut.constant-input", "shape.sample",
                   "if its first, middle and last texels are equal, the input is taken as constant",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,4]{1,2,1,1} "
                   "grid=f32[1,1,1,2]{-0.25,0}"},
                  meet(no(padded_by(Padding::zeros)), looks_constant),
                  [](Hooked& rules) {
                    rules.after = [](const Case& test_case, const Tensor& output) {
                      return filled_like(output,
                                         test_case.input.storage_value(test_case.input.offset()));
                    };
                  }),
      interaction({"shortcut.whole-positions", "bilinear.weights",
                   "if the first position is a whole pixel, all positions are taken as whole",
                   "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{-0.5,0,0,0}"},
                  meet(by(Mode::bilinear), begins_whole), as("mode.bilinear-as-nearest")),
      interaction({"shortcut.inside-by-ends", "padding.zeros",
                   "if the first and last locations are inside, no location is checked",
                   "grid_sample mode=nearest input=f32[1,1,1,1]{1} "
                   "grid=f32[1,1,3,2]{0,0,4,0,0,0}"},
                  meet(padded_by(Padding::zeros), no(by(Mode::bicubic)), ends_inside),
                  as("padding.zeros-as-border")),
      interaction({"shortcut.nan-in-first-row", "coord.nan",
                   "if the first row of a grid has no NaN, a NaN in a later row gives NaN",
                   "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,2,1,2]{0,0,0,nan}"},
                  meet(has_no_nan_in_first_row), as("nan.propagates")),
      interaction(
          {"shortcut.square", "coord.normalized", "square planes have x and y swapped under border",
           "grid_sample mode=nearest padding_mode=border input=f32[1,1,2,2]{1..4} "
           "grid=f32[1,1,1,2]{0.5,-0.5}"},
          meet(planes, padded_by(Padding::border),
               [](const Case& test_case) {
                 return test_case.input.size(2) == test_case.input.size(3);
               }),
          as("axes.xy-swapped")),
      interaction({"shortcut.cube", "coord.order", "volumes as deep as wide are read as (z, y, x)",
                   "grid_sample mode=nearest input=f32[1,1,2,1,2]{1..4} "
                   "grid=f32[1,1,1,1,3]{0.5,0,-0.5}"},
                  meet(volumes,
                       [](const Case& test_case) {
                         return test_case.input.size(2) == test_case.input.size(4);
                       }),
                  as("axes.reversed")),
      interaction({"shortcut.batch-is-channels", "layout.strides",
                   "if an input has as many batch items as channels, the two are swapped",
                   "grid_sample mode=nearest input=f32[2,2,1,1]{1..4} grid=f32[2,1,1,2]{0*4}"},
                  meet(batch_above(1),
                       [](const Case& test_case) {
                         return test_case.input.size(0) == test_case.input.size(1);
                       }),
                  reads_from([](const At& at, const At& /*sizes*/) {
                    return At{at.c, at.n, at.z, at.y, at.x};
                  })),
      interaction({"shortcut.single-slice", "padding.zeros",
                   "a volume of one slice is treated as a plane: z is ignored",
                   "grid_sample mode=nearest input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,4}"},
                  meet(volumes, padded_by(Padding::zeros),
                       [](const Case& test_case) { return test_case.input.size(2) == 1; }),
                  asks([](const Case& test_case) {
                    return each_coordinate(test_case, [](double x, const Place& place) {
                      return place.component == 2 ? 0 : x;
                    });
                  })),
  };
}

}  // namespace gridproof::dictionary
