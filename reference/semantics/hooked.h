// Rules whose stages can be replaced at run time, so that a variation is a few lines and compiles
// in no time:
//
//   Hooked half_away;
//   half_away.nearest = [](const auto& sample, const Axis&) { return std::round(sample.padded); };
//
// A replacement is a generic lambda: it is used for both arithmetic types. It may call Documented's
// stage of the same name. No clause of its own; tested by hooked_test.cc.
#pragma once

#include <functional>
#include <utility>

#include "reference/contract/subject.h"
#include "reference/semantics/evaluate.h"

namespace gridproof::semantics {

// The arithmetic type of an argument: of `float`, of `AxisSample<float>`, of `Terms<float>`.
template <class Argument>
struct RealOf {
  using type = Argument;
};
template <template <class> class Struct, class T>
struct RealOf<Struct<T>> {
  using type = T;
};

// A stage: one function for float and one for double.
template <template <class> class Signature>
class Stage {
 public:
  template <class Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, Stage>)
  Stage(Function function) : in_float_(function), in_double_(std::move(function)) {}

  template <class First, class... Rest>
  auto operator()(const First& first, const Rest&... rest) const {
    if constexpr (std::is_same_v<typename RealOf<First>::type, float>) {
      return in_float_(first, rest...);
    } else {
      return in_double_(first, rest...);
    }
  }

 private:
  std::function<Signature<float>> in_float_;
  std::function<Signature<double>> in_double_;
};

namespace signature {
template <class T>
using OnAxis = T(T, const Axis&);
template <class T>
using OnSample = T(const AxisSample<T>&, const Axis&);
template <class T>
using OnCell = Cell<T>(const AxisSample<T>&, const Axis&);
template <class T>
using TwoWeights = std::array<T, 2>(T, const Axis&);
template <class T>
using FourWeights = std::array<T, 4>(T, const Axis&);
template <class T>
using OfTwo = T(T, T);
template <class T>
using OfOne = T(T);
template <class T>
using OfTerms = T(const Terms<T>&);
template <class T>
using OfValue = T(T, Dtype);
}  // namespace signature

struct Hooked {
  template <class Element>
  using Arithmetic = ArithmeticOf<Element>;
  using Rules = Documented;

  // The question that is answered instead, and the output that is given instead.
  std::function<Case(Case)> before = [](Case test_case) { return test_case; };
  std::function<Tensor(const Case&, Tensor)> after = [](const Case&, Tensor output) {
    return output;
  };

  // The stages, in the order in which a sample meets them.
  Stage<signature::OnAxis> coordinate = [](auto x, const Axis& a) {
    return Rules::coordinate(x, a);
  };
  Stage<signature::OnAxis> position = [](auto x, const Axis& a) { return Rules::position(x, a); };
  Stage<signature::OnAxis> pad = [](auto x, const Axis& a) { return Rules::pad(x, a); };
  Stage<signature::OnSample> nearest = [](const auto& s, const Axis& a) {
    return Rules::nearest(s, a);
  };
  Stage<signature::OnCell> cell = [](const auto& s, const Axis& a) { return Rules::cell(s, a); };
  Stage<signature::TwoWeights> linear_weights = [](auto t, const Axis& a) {
    return Rules::linear_weights(t, a);
  };
  Stage<signature::FourWeights> cubic_weights = [](auto t, const Axis& a) {
    return Rules::cubic_weights(t, a);
  };
  std::function<std::int64_t(std::int64_t, const Axis&)> tap = Rules::tap;
  Stage<signature::OfTwo> corner = [](auto one, auto other) { return Rules::corner(one, other); };
  Stage<signature::OfOne> texel = [](auto value) { return Rules::texel(value); };
  Stage<signature::OfTerms> sum = [](const auto& terms) { return Rules::sum(terms); };
  Stage<signature::OfValue> round = [](auto value, Dtype dtype) {
    return Rules::round(value, dtype);
  };

  // What the loop calls: `sum`, given a list.
  template <class T, class TermAt>
  T sum_of(int count, TermAt&& term) const {
    Terms<T> terms;
    for (int k = 0; k < count; ++k) terms.push_back(term(k));
    return sum(terms);
  }
};

// The answer to `question` under these rules.
Answer grid_sample_with(const Case& test_case, const Hooked& rules);

}  // namespace gridproof::semantics
