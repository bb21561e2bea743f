#include "oracle/probe/trees.h"

#include <cmath>

namespace gridproof::probe {
namespace {

// A function of T as one of double.
template <class T, class Function>
auto in(Function function) {
  return [function](double x, std::int64_t size) {
    return static_cast<double>(function(static_cast<T>(x), static_cast<T>(size)));
  };
}

// Trees that always give the same bits stand here once: a product with a half, for example.
template <class T>
void add_trees_of_corners(std::vector<PositionTree>& trees) {
  trees.push_back({"((x + 1) S - 1) / 2", in<T>([](T x, T s) { return ((x + 1) * s - 1) / 2; })});
  trees.push_back(
      {"fma(x + 1, S, -1) / 2", in<T>([](T x, T s) { return std::fma(x + 1, s, T{-1}) / 2; })});
  trees.push_back(
      {"x (S / 2) + (S - 1) / 2", in<T>([](T x, T s) { return x * (s / 2) + (s - 1) / 2; })});
  trees.push_back({"fma(x, S / 2, (S - 1) / 2)",
                   in<T>([](T x, T s) { return std::fma(x, s / 2, (s - 1) / 2); })});
}

template <class T>
void add_trees_of_centers(std::vector<PositionTree>& trees) {
  trees.push_back({"((x + 1) / 2) (S - 1)", in<T>([](T x, T s) { return (x + 1) / 2 * (s - 1); })});
  trees.push_back({"x ((S - 1) / 2) + (S - 1) / 2",
                   in<T>([](T x, T s) { return x * ((s - 1) / 2) + (s - 1) / 2; })});
  trees.push_back({"fma(x, (S - 1) / 2, (S - 1) / 2)",
                   in<T>([](T x, T s) { return std::fma(x, (s - 1) / 2, (s - 1) / 2); })});
}

// The documented formula with every step rounded by `rn`.
PositionTree stepwise(const std::string& type, double (*rn)(double), bool align_corners) {
  return {"in " + type + ", step by step", [rn, align_corners](double x, std::int64_t size) {
            const double sum = rn(rn(x) + 1);
            const auto s = static_cast<double>(size);
            return align_corners ? rn(rn(sum / 2) * rn(s - 1)) : rn(rn(rn(sum * rn(s)) - 1) / 2);
          }};
}

double f16(double value) { return to_double(from_double<Half>(value)); }
double bf16(double value) { return to_double(from_double<BFloat16>(value)); }
double f32(double value) { return static_cast<double>(static_cast<float>(value)); }

double exact_position(double x, std::int64_t size, bool align_corners) {
  const auto s = static_cast<double>(size);
  return align_corners ? (x + 1) / 2 * (s - 1) : ((x + 1) * s - 1) / 2;
}

template <class T>
std::vector<CubicTree> cubic_trees_in() {
  constexpr T a = T{-0.75};
  const auto four = [](auto inner, auto outer) {
    return [inner, outer](double fraction) {
      const auto t = static_cast<T>(fraction);
      return std::array<double, 4>{outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
    };
  };
  return {
      {"Horner", four([](T d) { return ((a + 2) * d - (a + 3)) * d * d + 1; },
                      [](T d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; })},
      {"Horner, fused",
       four([](T d) { return std::fma(std::fma(a + 2, d, -(a + 3)) * d, d, T{1}); },
            [](T d) { return std::fma(std::fma(std::fma(a, d, -5 * a), d, 8 * a), d, -4 * a); })},
      {"Horner, the inner weights fused",
       four([](T d) { return std::fma(((a + 2) * d - (a + 3)) * d, d, T{1}); },
            [](T d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; })},
      {"powers", four([](T d) { return (a + 2) * d * d * d - (a + 3) * d * d + 1; },
                      [](T d) { return a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a; })},
      {"the last weight as the rest", [](double fraction) {
         const auto t = static_cast<T>(fraction);
         const auto inner = [](T d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
         const auto outer = [](T d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
         const T w0 = outer(t + 1);
         const T w1 = inner(t);
         const T w2 = inner(1 - t);
         return std::array<double, 4>{w0, w1, w2, 1 - w0 - w1 - w2};
       }}};
}

}  // namespace

std::vector<PositionTree> position_trees(Dtype dtype, bool align_corners) {
  std::vector<PositionTree> trees;
  const bool wide = dtype == Dtype::f64;
  if (align_corners) {
    wide ? add_trees_of_centers<double>(trees) : add_trees_of_centers<float>(trees);
  } else {
    wide ? add_trees_of_corners<double>(trees) : add_trees_of_corners<float>(trees);
  }
  const auto exact = [align_corners](double x, std::int64_t size) {
    return exact_position(x, size, align_corners);
  };
  if (wide) {
    trees.push_back(stepwise("f32", f32, align_corners));
  } else {
    trees.push_back({"in f64", exact});
  }
  trees.push_back(stepwise("f16 or TF32", f16, align_corners));
  trees.push_back(stepwise("bf16", bf16, align_corners));
  return trees;
}

std::vector<CubicTree> cubic_trees(Dtype dtype) {
  return dtype == Dtype::f64 ? cubic_trees_in<double>() : cubic_trees_in<float>();
}

}  // namespace gridproof::probe
