// Traits of a question, and wrong semantics that show themselves only where several of them meet:
//
//   interaction({…}, meet(volumes, padded_by(Padding::reflection)), as("align.flipped"))
//
// A trait is a predicate on questions that are not refused and have an output.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::dictionary {

// Where all of these traits meet.
template <class... Trait>
auto meet(Trait... trait) {
  return [trait...](const Case& test_case) {
    return !semantics::refusal_of(test_case) && test_case.input.size(1) > 0 &&
           test_case.grid.element_count() > 0 && (trait(test_case) && ...);
  };
}

template <class Trait>
auto no(Trait trait) {
  return [trait](const Case& test_case) { return !trait(test_case); };
}

// --- options and types --------------------------------------------------------------------------

inline auto by(Mode mode) {
  return [mode](const Case& test_case) { return options_of(test_case).mode == mode; };
}
inline auto padded_by(Padding padding) {
  return [padding](const Case& test_case) { return options_of(test_case).padding == padding; };
}
inline bool corners_aligned(const Case& test_case) { return options_of(test_case).align_corners; }
inline auto in(Dtype dtype) {
  return [dtype](const Case& test_case) { return test_case.input.dtype() == dtype; };
}
inline bool in_16_bits(const Case& test_case) { return is_16_bit(test_case.input.dtype()); }
inline bool volumes(const Case& test_case) { return test_case.input.rank() == 5; }
inline bool planes(const Case& test_case) { return test_case.input.rank() == 4; }

// --- sizes --------------------------------------------------------------------------------------

// The pixels of one channel, and the output locations of one batch item.
inline std::int64_t pixels_of(const Case& test_case) {
  std::int64_t count = 1;
  for (int axis = 2; axis < test_case.input.rank(); ++axis) count *= test_case.input.size(axis);
  return count;
}
inline std::int64_t locations_of(const Case& test_case) {
  return sample_count(test_case) / std::max<std::int64_t>(1, test_case.grid.size(0));
}
inline std::int64_t width_of(const Tensor& tensor, int from_the_end) {
  return tensor.size(tensor.rank() - 1 - from_the_end);
}

inline auto an_axis_above(std::int64_t size) {
  return [size](const Case& test_case) {
    const Shape& shape = test_case.input.shape();
    return std::ranges::any_of(shape.begin() + 2, shape.end(),
                               [size](std::int64_t s) { return s > size; });
  };
}
inline auto pixels_above(std::int64_t count) {
  return [count](const Case& test_case) { return pixels_of(test_case) > count; };
}
inline auto locations_above(std::int64_t count) {
  return [count](const Case& test_case) { return locations_of(test_case) > count; };
}
inline auto batch_above(std::int64_t count) {
  return [count](const Case& test_case) { return test_case.input.size(0) > count; };
}
inline auto channels_above(std::int64_t count) {
  return [count](const Case& test_case) { return test_case.input.size(1) > count; };
}
inline auto channels_in_blocks_of(std::int64_t block) {
  return [block](const Case& test_case) { return test_case.input.size(1) % block == 0; };
}
inline auto channels_are(std::int64_t count) {
  return [count](const Case& test_case) { return test_case.input.size(1) == count; };
}
// Small enough to be copied by whoever is wrong about it.
inline bool copyable(const Case& test_case) {
  return is_copied(test_case.input) && is_copied(test_case.grid);
}

// --- layouts ------------------------------------------------------------------------------------

inline std::int64_t stride_of(const Tensor& tensor, int axis) {
  return tensor.strides()[static_cast<std::size_t>(axis)];
}
inline bool dense_input(const Case& test_case) { return test_case.input.is_contiguous(); }
inline bool dense_grid(const Case& test_case) { return test_case.grid.is_contiguous(); }
inline bool channels_last(const Case& test_case) {
  const Tensor& input = test_case.input;
  return stride_of(input, 1) == 1 && input.size(1) > 1 && !input.is_contiguous();
}
// All x, then all y: the usual layout of flows, permuted.
inline bool planar_grid(const Case& test_case) {
  const Tensor& grid = test_case.grid;
  const int last = grid.rank() - 1;
  return grid.size(last - 1) > 1 && stride_of(grid, last - 1) == 1 && stride_of(grid, last) > 1;
}
inline auto input_expanded_along(int axis) {
  return [axis](const Case& test_case) {
    return test_case.input.size(axis) > 1 && stride_of(test_case.input, axis) == 0;
  };
}
inline auto grid_expanded_along(int axis) {
  return [axis](const Case& test_case) {
    return test_case.grid.size(axis) > 1 && stride_of(test_case.grid, axis) == 0;
  };
}
inline bool is_reversed(const Tensor& tensor) {
  return std::ranges::any_of(tensor.strides(), [](std::int64_t stride) { return stride < 0; });
}

// The number in too few bits.
template <class Integer>
std::int64_t wrapped(std::int64_t number) {
  return static_cast<Integer>(number);
}

// --- what is wrong there ------------------------------------------------------------------------

// What the plain mutant of that name does.
inline auto as(const std::string& name) {
  return [name](Hooked& rules) {
    rules.after = [name](const Case& test_case, const Tensor& output) {
      Answer answer = find_mutant(name)->answer(test_case);
      auto* const tensor = std::get_if<Tensor>(&answer);
      return tensor == nullptr ? output : std::move(*tensor);
    };
  };
}

// An element of the output, and the output's sizes; a 4-D one is one slice deep.
struct At {
  std::int64_t n, c, z, y, x;

  // The output location within the batch item.
  [[nodiscard]] std::int64_t location(const At& sizes) const {
    return (z * sizes.y + y) * sizes.x + x;
  }
};

// Calls `visit(at, place)` for each element of an output; `at` and the sizes are given as At.
template <class Visitor>
void for_each_element(const Tensor& output, Visitor&& visit) {
  const bool deep = output.rank() == 5;
  const At sizes{output.size(0), output.size(1), deep ? output.size(2) : 1,
                 output.size(deep ? 3 : 2), output.size(deep ? 4 : 3)};
  std::size_t place = 0;
  At at{};
  for (at.n = 0; at.n < sizes.n; ++at.n) {
    for (at.c = 0; at.c < sizes.c; ++at.c) {
      for (at.z = 0; at.z < sizes.z; ++at.z) {
        for (at.y = 0; at.y < sizes.y; ++at.y) {
          for (at.x = 0; at.x < sizes.x; ++at.x) visit(at, sizes, place++);
        }
      }
    }
  }
}

// The output with the elements for which `where(at, sizes)` taken from `other`, of its shape.
template <class Where>
Tensor mixed(const Tensor& output, const Tensor& other, Where where) {
  Tensor result = output.contiguous();
  const Tensor source = other.contiguous();
  visit(result.dtype(), [&]<class T>(T) {
    T* const to = result.elements<T>().data();
    const T* const from = source.elements<T>().data();
    for_each_element(result, [&](const At& at, const At& sizes, std::size_t place) {
      if (where(at, sizes)) to[place] = from[place];
    });
  });
  return result;
}

// Does so, but only to the elements for which `where(at, sizes)`.
template <class Where, class Change>
auto only_where(Where where, const Change& change) {
  return [where, change](Hooked& rules) {
    change(rules);
    rules.after = [where, earlier = rules.after](const Case& test_case, const Tensor& output) {
      const Answer right = grid_sample(test_case);
      return mixed(std::get<Tensor>(right), earlier(test_case, output), where);
    };
  };
}

// The elements for which `where(at, sizes)` stay 0.
template <class Where>
auto unwritten_where(Where where) {
  return [where](Hooked& rules) {
    rules.after = [where](const Case& /*question*/, const Tensor& output) {
      return mixed(output, Tensor(output.dtype(), output.shape()), where);
    };
  };
}

// Each channel is that of another one, `source(c, channels)`, or 0 where that is negative.
template <class Source>
auto channels_from(Source source) {
  return gives([source](const Case& /*question*/, const Tensor& output) {
    Tensor result = output.contiguous();
    visit(result.dtype(), [&]<class T>(T) {
      T* const to = result.elements<T>().data();
      const std::vector<T> from(result.elements<T>().begin(), result.elements<T>().end());
      for_each_element(result, [&](const At& at, const At& sizes, std::size_t place) {
        const std::int64_t channel = source(at.c, sizes.c);
        const std::int64_t away = (channel - at.c) * sizes.z * sizes.y * sizes.x;
        to[place] = channel < 0 ? T{} : from[place + static_cast<std::size_t>(away)];
      });
    });
    return result;
  });
}

// `rewrite(tensor)` is read for the input, or for the grid.
template <class Rewrite>
auto reads_input(Rewrite rewrite) {
  return asks([rewrite](Case test_case) {
    if (test_case.input.rank() >= 4) test_case.input = rewrite(test_case.input);
    return test_case;
  });
}
template <class Rewrite>
auto reads_grid(Rewrite rewrite) {
  return asks([rewrite](Case test_case) {
    if (test_case.grid.rank() >= 4) test_case.grid = rewrite(test_case.grid);
    return test_case;
  });
}

// The pixel that is read in the place of that at `at` of an input of these sizes; it must be one.
using From = std::function<At(const At& at, const At& sizes)>;
// The output when every pixel is read from elsewhere. The question is not refused.
Tensor evaluated_from(const Case& test_case, const From& from);

inline auto reads_from(From from) {
  return [from = std::move(from)](Hooked& rules) {
    rules.after = [from](const Case& test_case, const Tensor& /*output*/) {
      return evaluated_from(test_case, from);
    };
  };
}

}  // namespace gridproof::dictionary
