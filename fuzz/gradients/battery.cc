#include "fuzz/gradients/battery.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "fuzz/domain/coordinates.h"
#include "fuzz/domain/layouts.h"
#include "fuzz/domain/random.h"
#include "reference/semantics/backward.h"

namespace gridproof {
namespace {

// Elements of input and output beyond which no other sizes are asked, and not so many of the same.
constexpr std::int64_t max_grown = std::int64_t{1} << 12U;

// Whether any has more significant bits than f16 holds: then rounding may be what it is about.
bool is_fine(const Tensor& tensor) {
  return std::ranges::any_of(storage_values(tensor), [](double value) {
    return std::isfinite(value) && value != round_to({11, -1022, 1023}, value);
  });
}

// One that is not finite, if there is any.
std::optional<double> odd_of(const Tensor& tensor) {
  for (const double value : tensor.values()) {
    if (!std::isfinite(value)) return value;
  }
  return std::nullopt;
}

// The power of two by which numbers of few bits are as large as the finite ones of a tensor, where
// these are not about one.
double scale_of(const Tensor& tensor) {
  double largest = 0;
  for (const double value : storage_values(tensor)) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  const bool is_plain = largest == 0 || (largest > 0x1p-8 && largest < 0x1p10);
  return is_plain ? 1 : std::ldexp(1, std::ilogb(largest) - 5);
}

// The numbers that stand for those of a tensor.
struct Numbers {
  double scale;
  bool fine;
  std::optional<double> odd;
  std::int64_t most;

  Numbers(const Tensor& tensor, std::int64_t largest)
      : scale(scale_of(tensor)), fine(is_fine(tensor)), odd(odd_of(tensor)), most(largest) {}

  // Of two rounds the first has positive ones: their sums grow.
  double draw(Random& random, int round) const {
    double value = static_cast<double>(random.from(1, most));
    if (fine) value += std::ldexp(static_cast<double>(random.below(4096)), -12);
    return scale * (round % 2 == 0 ? value : random.sign() * value);
  }
  // Of a tensor that had something that is not finite, some is that.
  double draw_any(Random& random, int round) const {
    return odd && random.one_in(4) ? *odd : draw(random, round);
  }
};

class Around {
 public:
  explicit Around(const BackwardCase& test_case)
      : question_(test_case),
        options_(resolve(test_case.forward.request).value_or(Options{})),
        texels_(test_case.forward.input, 31),
        grads_(test_case.grad_output, 7),
        random_(case_id(test_case)) {}

  std::vector<BackwardCase> all() {
    const std::int64_t elements =
        question_.forward.input.element_count() + question_.grad_output.element_count();
    const bool is_large = elements > max_grown;
    for (int round = 0; round < (is_large ? 4 : 12); ++round) add_same_layout(round);
    for (int round = 0; !is_large && round < 8; ++round) add_grown(round);
    for (const BackwardCase& like : {result_.front(), result_.back()}) add_other_options(like);
    return std::move(result_);
  }

 private:
  template <class Change>
  static Tensor changed(const Tensor& tensor, const Change& change) {
    std::vector<double> storage = storage_values(tensor);
    for (double& value : storage) {
      if (std::isfinite(value)) value = change(value);
    }
    return with_storage(tensor, storage);
  }

  void add(BackwardCase test_case, int round) {
    if (round % 3 == 2) test_case.output_mask = {};
    result_.push_back(std::move(test_case));
  }

  // A whole position now and then, and sixteenths.
  double coordinate(std::int64_t size) {
    if (random_.one_in(2)) return static_cast<double>(random_.from(-24, 24)) / 16;
    return coordinate_at(static_cast<double>(random_.from(-1, size)), size, options_.align_corners);
  }

  void add_same_layout(int round) {
    BackwardCase other = question_;
    other.forward.input = changed(question_.forward.input,
                                  [&](double /*old*/) { return texels_.draw(random_, round); });
    other.grad_output =
        changed(question_.grad_output, [&](double /*old*/) { return grads_.draw(random_, round); });
    if (round >= 7) {
      other.forward.grid = changed(question_.forward.grid, [&](double x) {
        const Shape& sizes = question_.forward.input.shape();
        return round < 9 ? x * (1 + static_cast<double>(round) / 16) : coordinate(sizes.back());
      });
    }
    add(std::move(other), round);
  }

  void add_other_options(BackwardCase other) {
    const std::optional<bool> flag = other.forward.request.align_corners;
    other.forward.request.align_corners = !options_.align_corners;
    result_.push_back(other);
    other.forward.request.align_corners = flag;
    other.forward.request.padding_mode =
        name(options_.padding == Padding::border ? Padding::reflection : Padding::border);
    result_.push_back(std::move(other));
  }

  // Sizes that are powers of two, or one more with align_corners, give sixteenths whole positions.
  [[nodiscard]] std::int64_t grown(std::int64_t size, int round) const {
    const auto power = static_cast<std::int64_t>(
        std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(size, 2 + round % 3))));
    return options_.align_corners ? power + 1 : power;
  }

  void add_grown(int round) {
    const Case& forward = question_.forward;
    const std::int64_t batches = forward.input.size(0) + round % 2;
    constexpr std::array<std::int64_t, 4> more_channels = {0, 1, 4, 0};
    Shape input{batches,
                forward.input.size(1) + more_channels[static_cast<std::size_t>(round) % 4]};
    Shape output = input;
    Shape grid{batches};
    for (int axis = 2; axis < forward.input.rank(); ++axis) {
      input.push_back(grown(forward.input.size(axis), round));
      const bool is_last = axis + 1 == forward.input.rank();
      output.push_back(question_.grad_output.size(axis) + (is_last ? 5 : 0));
      grid.push_back(output.back());
    }
    const std::int64_t axes = forward.grid.shape().back();
    grid.push_back(axes);
    if (element_count(input) > 4 * max_grown || element_count(output) > 4 * max_grown) return;
    const auto filled = [&](const Shape& shape, const auto& value) {
      std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(i);
      return Tensor(forward.input.dtype(), shape, values);
    };
    const auto size_of = [&](std::size_t i) {
      return input[input.size() - 1 - i % static_cast<std::size_t>(axes)];
    };
    add({{forward.request, filled(input, [&](auto) { return texels_.draw_any(random_, round); }),
          filled(grid, [&](std::size_t i) { return coordinate(size_of(i)); })},
         filled(output, [&](auto) { return grads_.draw_any(random_, round); }),
         question_.output_mask},
        round);
  }

  const BackwardCase& question_;
  Options options_;
  Numbers texels_;
  Numbers grads_;
  Random random_;
  std::vector<BackwardCase> result_;
};

}  // namespace

std::vector<BackwardCase> gradient_questions_around(const BackwardCase& test_case) {
  if (semantics::refusal_of(test_case)) return {};
  return Around(test_case).all();
}

}  // namespace gridproof
