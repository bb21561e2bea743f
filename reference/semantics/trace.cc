#include "reference/semantics/trace.h"

#include <cmath>
#include <cstddef>
#include <variant>

#include "reference/semantics/hooked.h"

namespace gridproof::semantics {
namespace {

// A number that notes what is done with it.
template <class T>
class Noting {
 public:
  Noting(T value, std::vector<Step>* steps = nullptr) : value_(value), steps_(steps) {}
  operator T() const { return value_; }

  template <class Operand>
  friend Noting operator+(const Noting& left, Operand right) {
    return left.noted(Step::Kind::add, right, left.value_ + static_cast<T>(right));
  }
  template <class Operand>
  friend Noting operator-(const Noting& left, Operand right) {
    return left.noted(Step::Kind::subtract, right, left.value_ - static_cast<T>(right));
  }
  template <class Operand>
  friend Noting operator*(const Noting& left, Operand right) {
    return left.noted(Step::Kind::multiply, right, left.value_ * static_cast<T>(right));
  }
  template <class Operand>
  friend Noting operator/(const Noting& left, Operand right) {
    return left.noted(Step::Kind::divide, right, left.value_ / static_cast<T>(right));
  }

 private:
  [[nodiscard]] Noting noted(Step::Kind kind, T operand, T value) const {
    steps_->push_back({kind, operand, value});
    return {value, steps_};
  }

  T value_;
  std::vector<Step>* steps_;
};

// Notes the steps of a reflection.
struct ReflectionNotes {
  std::vector<Step>* steps;

  template <class T>
  void periods(T period, T position) const {
    steps->push_back({Step::Kind::take_off_periods, period, position});
  }
  template <class T>
  void mirrored(T twice_line, T position) const {
    steps->push_back({Step::Kind::mirror, twice_line / 2, position});
  }
};

template <class T>
T noted_position(T coordinate, const Axis& axis, TracedAxis& notes) {
  position(Noting<T>(coordinate, &notes.formula), axis);
  Axis other = axis;
  other.options.align_corners = !axis.options.align_corners;
  notes.other_position = position(coordinate, other);
  const T result = Documented::position(coordinate, axis);
  notes.position = result;
  return result;
}

template <class T>
T noted_padding(T position, const Axis& axis, TracedAxis& notes) {
  if (axis.options.padding == Padding::reflection && axis.options.mode != Mode::bicubic) {
    const auto [twice_low, twice_high] = twice_the_lines<T>(axis);
    notes.low_line = twice_low / 2;
    notes.high_line = twice_high / 2;
    notes.reflected = reflect(position, axis, ReflectionNotes{&notes.reflection});
  }
  const T result = Documented::pad(position, axis);
  notes.padded = result;
  return result;
}

template <class T>
TracedSum noted_sum(const Terms<T>& terms) {
  TracedSum sum;
  const auto term = [&](int k) { return terms.list[static_cast<std::size_t>(k)]; };
  for (int k = 0; k < terms.count; ++k) {
    sum.terms.push_back({term(k).weight, term(k).texel});
    sum.products.push_back(product(term(k)));
    sum.so_far.push_back(sum_of<T>(k + 1, term));
  }
  return sum;
}

// The documented rules, which note what they are asked, and what they answer.
Hooked noting_rules(Trace& into) {
  using Rules = Documented;
  const auto notes = [&into](const Axis& axis) -> TracedAxis& {
    return into.axes[static_cast<std::size_t>(axis.number)];
  };
  // Weights are told before the taps that have them.
  const auto note_weights = [notes](const auto& weights, const Axis& axis) {
    for (const double weight : weights) notes(axis).taps.push_back({0, outside, weight});
    return weights;
  };
  Hooked rules;
  rules.coordinate = [notes](auto given, const Axis& axis) {
    const auto coordinate = Rules::coordinate(given, axis);
    notes(axis).axis = axis;
    notes(axis).given = given;
    notes(axis).coordinate = coordinate;
    return coordinate;
  };
  rules.position = [notes](auto coordinate, const Axis& axis) {
    return noted_position(coordinate, axis, notes(axis));
  };
  rules.pad = [notes](auto position, const Axis& axis) {
    return noted_padding(position, axis, notes(axis));
  };
  rules.nearest = [notes](const auto& sample, const Axis& axis) {
    const auto whole = Rules::nearest(sample, axis);
    notes(axis).nearest = whole;
    notes(axis).taps.push_back({0, outside, 1});
    return whole;
  };
  rules.cell = [notes](const auto& sample, const Axis& axis) {
    const auto cell = Rules::cell(sample, axis);
    notes(axis).cell = {cell.index, cell.fraction};
    return cell;
  };
  rules.linear_weights = [note_weights](auto fraction, const Axis& axis) {
    return note_weights(Rules::linear_weights(fraction, axis), axis);
  };
  rules.cubic_weights = [note_weights](auto fraction, const Axis& axis) {
    return note_weights(Rules::cubic_weights(fraction, axis), axis);
  };
  rules.tap = [notes, next = std::array<std::size_t, 3>{}](std::int64_t wanted,
                                                           const Axis& axis) mutable {
    const std::int64_t index = Rules::tap(wanted, axis);
    TracedTap& tap = notes(axis).taps.at(next[static_cast<std::size_t>(axis.number)]++);
    tap.wanted = wanted;
    tap.index = index;
    return index;
  };
  rules.sum = [&into](const auto& terms) {
    into.sums.push_back(noted_sum(terms));
    return Rules::sum(terms);
  };
  rules.round = [&into](auto value, Dtype dtype) {
    into.value = value;
    return Rules::round(value, dtype);
  };
  return rules;
}

template <class T>
T weight_outside(const std::vector<TracedAxis>& axes) {
  T inside = 1;
  for (const TracedAxis& axis : axes) {
    T sum = 0;
    for (const TracedTap& tap : axis.taps) {
      if (tap.index != outside) sum += static_cast<T>(tap.weight);
    }
    inside *= sum;
  }
  return 1 - inside;
}

// The question about this element alone.
Case one_element(const Case& test_case, std::int64_t sample, std::int64_t channel) {
  Case one = test_case;
  for (int axis = test_case.grid.rank() - 1; axis-- > 0;) {
    const std::int64_t size = test_case.grid.size(axis);
    const std::int64_t at = sample % size;
    sample /= size;
    one.grid = one.grid.slice(axis, at, at + 1);
    if (axis == 0) one.input = one.input.slice(0, at, at + 1);
  }
  one.input = one.input.slice(1, channel, channel + 1);
  return one;
}

}  // namespace

Trace trace(const Case& test_case, std::int64_t sample, std::int64_t channel) {
  Trace result;
  result.axes.resize(static_cast<std::size_t>(test_case.input.rank()) - 2);
  const Answer answer =
      grid_sample_with(one_element(test_case, sample, channel), noting_rules(result));
  result.element = std::get<Tensor>(answer).values().front();
  visit_floating(test_case.input.dtype(), [&]<class Element>(Element) {
    using T = ArithmeticOf<Element>;
    result.arithmetic = dtype_of<T>;
    result.weight_outside = weight_outside<T>(result.axes);
  });
  return result;
}

}  // namespace gridproof::semantics
