#include "reports/page/formula.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <pugixml.hpp>
#include <random>
#include <stdexcept>
#include <variant>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/bicubic.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/displacement.h"
#include "reference/semantics/gradients.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/linear.h"
#include "reference/semantics/nearest.h"
#include "reference/semantics/padding.h"
#include "reports/page/formula_tree.h"

namespace gridproof::reports {
namespace {

// ---- How it looks ----

// What is between <math …><mrow> and its end.
std::string inside(std::string_view formula) {
  const std::string mathml = mathml_of(formula);
  const std::string open = "<math display=\"block\" aria-label=\"";
  EXPECT_TRUE(mathml.starts_with(open));
  const std::size_t begin = mathml.find("\"><mrow>") + 8;
  return mathml.substr(begin, mathml.size() - begin - std::string("</mrow></math>").size());
}

TEST(Formula, Fractions) {
  EXPECT_EQ(
      mathml_of("p = x / 2"),
      "<math display=\"block\" aria-label=\"p = x / 2\"><mrow><mi>p</mi><mo>=</mo><mfrac><mrow>"
      "<mi>x</mi></mrow><mrow><mn>2</mn></mrow></mfrac></mrow></math>");
  EXPECT_EQ(inside("a = (x + 1)/2"), inside("a = (x+1) / 2"));
  EXPECT_EQ(inside("1.5 = 2 · (-1) - (-3.5)"),
            "<mn>1.5</mn><mo>=</mo><mn>2</mn><mo>·</mo><mrow><mo "
            "stretchy=\"false\">(</mo><mrow><mrow><mo>−</mo><mn>1</mn>"
            "</mrow></mrow><mo stretchy=\"false\">)</mo></mrow><mo>−</mo><mrow><mo "
            "stretchy=\"false\">(</mo><mrow><mrow><mo>−</mo><mn>3.5</mn>"
            "</mrow></mrow><mo stretchy=\"false\">)</mo></mrow>");
}

TEST(Formula, ProductsAndCalls) {
  EXPECT_EQ(inside("a = p (x)"),
            "<mi>a</mi><mo>=</mo><mi>p</mi><mo>\u2062</mo><mrow><mo stretchy=\"false\">(</mo><mrow>"
            "<mi>x</mi></mrow><mo stretchy=\"false\">)</mo></mrow>");
  EXPECT_EQ(inside("a = p(x)"),
            "<mi>a</mi><mo>=</mo><mi>p</mi><mo>\u2061</mo><mrow><mo stretchy=\"false\">(</mo><mrow>"
            "<mi>x</mi></mrow><mo stretchy=\"false\">)</mo></mrow>");
  EXPECT_EQ(inside("i = floor(p)"),
            "<mi>i</mi><mo>=</mo><mrow><mo stretchy=\"false\">⌊</mo><mrow><mi>p</mi></mrow><mo "
            "stretchy=\"false\">⌋</mo></mrow>");
  EXPECT_EQ(inside("a = 2d"), inside("a = 2 d"));
}

TEST(Formula, PowersAndIndices) {
  EXPECT_EQ(inside("a = |t|^3"),
            "<mi>a</mi><mo>=</mo><msup><mrow><mrow><mo "
            "stretchy=\"false\">|</mo><mrow><mi>t</mi></mrow><mo stretchy=\"false\">|</mo></mrow>"
            "</mrow><mrow><mn>3</mn></mrow></msup>");
  EXPECT_EQ(inside("w_0 = p'"),
            "<msub><mi>w</mi><mn>0</mn></msub><mo>=</mo><mrow><mi>p</mi><mo lspace=\"0\" "
            "rspace=\"0\">′</mo></mrow>");
  EXPECT_EQ(inside("x_id = θ_0j"),
            "<msub><mi>x</mi><mtext>id</mtext></msub><mo>=</mo><msub><mi>θ</mi><mrow><mn>0</mn>"
            "<mo>\u2063</mo><mi>j</mi></mrow></msub>");
}

TEST(Formula, CasesAndSums) {
  EXPECT_EQ(inside("p = x if align_corners = True, S > 1; 0 otherwise"),
            "<mi>p</mi><mo>=</mo><mrow><mo>{</mo><mtable displaystyle=\"true\"><mtr><mtd "
            "style=\"text-align: left\"><mi>x</mi>"
            "</mtd><mtd style=\"text-align: left\"><mtext>if\u00a0</mtext><mi>align_corners</mi>"
            "<mo>=</mo><mi>True</mi><mo>,</mo><mi>S</mi><mo>&gt;</mo><mn>1</mn></mtd></mtr><mtr>"
            "<mtd style=\"text-align: left\"><mn>0</mn></mtd><mtd style=\"text-align: left\">"
            "<mtext>otherwise</mtext></mtd></mtr></mtable></mrow>");
  EXPECT_EQ(inside("v = Σ_i=-1…2 v_i"),
            "<mi>v</mi><mo>=</mo><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mrow><mo>−</mo>"
            "<mn>1</mn></mrow></mrow><mn>2</mn></munderover><msub><mi>v</mi><mi>i</mi></msub>");
}

TEST(Formula, RefusesWhatItDoesNotUnderstand) {
  const auto complaint = [](const std::string& formula) -> std::string {
    try {
      return mathml_of(formula);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_EQ(complaint("p = a / b c"),
            "formula 'p = a / b c', column 11: what is behind a quotient needs parentheses");
  EXPECT_EQ(complaint("p"), "formula 'p', column 2: expected an equation");
  EXPECT_EQ(complaint("p = sin(x)"), "formula 'p = sin(x)', column 5: this word is not known");
  EXPECT_EQ(complaint("p = (x"), "formula 'p = (x', column 7: expected ')'");
  EXPECT_EQ(complaint("p = x 2"),
            "formula 'p = x 2', column 7: expected a sign before this number");
  EXPECT_EQ(complaint("p = x if y"), "formula 'p = x if y', column 11: expected a condition");
  EXPECT_EQ(complaint("p = max(x)"),
            "formula 'p = max(x)', column 11: max has another number of arguments");
  for (const std::string formula : {"",
                                    "=",
                                    "p =",
                                    "p = <b>",
                                    "p = a; b",
                                    "p = a if",
                                    "p = a otherwise; ",
                                    "p = |x",
                                    "p = x)",
                                    "p = x^",
                                    "p = floor",
                                    "p = Σ_i x",
                                    "p = Σ_i=a…2 x",
                                    "p = +x",
                                    "p = a / b / c",
                                    "p = x_",
                                    "p == x",
                                    "p = 1. 2",
                                    "p = x otherwise y",
                                    "p = \xff"}) {
    EXPECT_THROW(mathml_of(formula), std::invalid_argument) << formula;
  }
  EXPECT_THROW(mathml_of("p = " + std::string(1000, '(')), std::invalid_argument);
  EXPECT_THROW(mathml_of("p = " + std::string(1000, '|')), std::invalid_argument);
}

RC_GTEST_PROP(Formula, IsUnderstoodOrRefused, ()) {
  const auto words =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "p",  "x_id", "w_0", "p'", "2", "1.5", "floor",     "min",  "(", ")",   "|", "^",
          "+",  "-",    "·",   "/",  "=", "≤",   "<",         ",",    ";", "if",  " ", " ",
          "Σ_", "…",    "_",   "'",  ".", "α",   "otherwise", "True", "&", "\xff"}));
  std::string formula;
  for (const std::string& word : words) formula += word;
  try {
    pugi::xml_document document;
    RC_ASSERT(document.load_string(mathml_of(formula).c_str()));
  } catch (const std::invalid_argument& error) {
    RC_ASSERT(std::string_view(error.what()).starts_with("formula '"));
  }
}

TEST(Formula, EveryFormulaOfTheClausesIsUnderstood) {
  int formulas = 0;
  for (const Clause& clause : clauses()) {
    for (const std::string& formula : clause.formulas) {
      SCOPED_TRACE(clause.name);
      pugi::xml_document document;
      EXPECT_TRUE(document.load_string(mathml_of(formula).c_str())) << formula;
      EXPECT_EQ(document.child("math").attribute("aria-label").value(), formula);
      ++formulas;
    }
  }
  EXPECT_GT(formulas, 30);
}

// ---- Whether it is true: each formula of each clause holds for what the reference computes ----

// The numbers that stand for names, and what calls and names that are none of them mean.
struct Meaning {
  std::map<std::string, double> names;
  std::function<double(const std::string& name, const std::vector<double>& arguments,
                       const Meaning& meaning)>
      other = [](const std::string& name, const std::vector<double>& /*arguments*/,
                 const Meaning& /*meaning*/) -> double { throw std::out_of_range(name); };
};

using Kind = Formula::Kind;

double value_of(const Formula& formula, const Meaning& meaning);

bool holds(const Formula& relation, const Meaning& meaning) {
  for (std::size_t i = 0; i < relation.signs.size(); ++i) {
    const double left = value_of(relation.parts[i], meaning);
    const double right = value_of(relation.parts[i + 1], meaning);
    const std::string& sign = relation.signs[i];
    const bool is_so = sign == "="   ? std::fabs(left - right) <= 1e-9 * (1 + std::fabs(right))
                       : sign == "<" ? left < right
                       : sign == "≤" ? left <= right
                       : sign == ">" ? left > right
                                     : left >= right;
    if (!is_so) return false;
  }
  return true;
}

double value_of_call(const Formula& call, const Meaning& meaning) {
  std::vector<double> arguments;
  for (const Formula& part : call.parts) arguments.push_back(value_of(part, meaning));
  if (call.text == "floor") return std::floor(arguments[0]);
  if (call.text == "min") return std::min(arguments[0], arguments[1]);
  if (call.text == "max") return std::max(arguments[0], arguments[1]);
  return meaning.other(call.text, arguments, meaning);
}

double total_of(const Formula& total, Meaning meaning) {
  double sum = 0;
  const double last = value_of(total.parts[1], meaning);
  for (double i = value_of(total.parts[0], meaning); i <= last; ++i) {
    meaning.names[total.text] = i;
    sum += value_of(total.parts[2], meaning);
  }
  return sum;
}

double value_of_branches(const Formula& branches, const Meaning& meaning) {
  for (const Formula& branch : branches.parts) {
    const bool applies = std::all_of(branch.parts.begin() + 1, branch.parts.end(),
                                     [&](const Formula& part) { return holds(part, meaning); });
    if (applies) return value_of(branch.parts[0], meaning);
  }
  throw std::out_of_range("no branch applies");
}

double value_of_chain(const Formula& chain, const Meaning& meaning) {
  double value = value_of(chain.parts[0], meaning);
  for (std::size_t i = 1; i < chain.parts.size(); ++i) {
    const double next = value_of(chain.parts[i], meaning);
    const std::string& sign = chain.signs[i - 1];
    value = chain.kind == Kind::product ? value * next : sign == "+" ? value + next : value - next;
  }
  return value;
}

double value_of(const Formula& formula, const Meaning& meaning) {
  const auto part = [&](std::size_t i) { return value_of(formula.parts[i], meaning); };
  switch (formula.kind) {
    case Kind::number:
      return std::stod(formula.text);
    case Kind::name: {
      if (formula.text == "True" || formula.text == "False") return formula.text == "True" ? 1 : 0;
      const auto found = meaning.names.find(formula.text);
      return found != meaning.names.end() ? found->second
                                          : meaning.other(formula.text, {}, meaning);
    }
    case Kind::call:
      return value_of_call(formula, meaning);
    case Kind::group:
      return part(0);
    case Kind::absolute:
      return std::fabs(part(0));
    case Kind::negative:
      return -part(0);
    case Kind::sum:
    case Kind::product:
      return value_of_chain(formula, meaning);
    case Kind::quotient:
      return part(0) / part(1);
    case Kind::power:
      return std::pow(part(0), part(1));
    case Kind::total:
      return total_of(formula, meaning);
    case Kind::branches:
      return value_of_branches(formula, meaning);
    case Kind::relation:
    case Kind::branch:
      break;
  }
  throw std::logic_error("no number");
}

// Numbers to try the formulas with.
class Numbers {
 public:
  std::int64_t whole(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  double real(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
  }
  bool flag() { return whole(0, 1) == 1; }
  semantics::Axis axis(std::int64_t size) {
    semantics::Axis axis{.size = size};
    axis.options.align_corners = flag();
    return axis;
  }
  semantics::Axis axis() { return axis(whole(2, 9)); }

 private:
  std::mt19937_64 random_{19};
};

double number(std::int64_t whole) { return static_cast<double>(whole); }

Meaning of_axis(const semantics::Axis& axis) {
  return {
      .names = {{"S", number(axis.size)}, {"align_corners", axis.options.align_corners ? 1 : 0}}};
}

Meaning of_position(Numbers& numbers, const semantics::Axis& axis) {
  Meaning meaning = of_axis(axis);
  meaning.names["x"] = numbers.real(-3, 3);
  meaning.names["p"] = semantics::position(meaning.names["x"], axis);
  return meaning;
}

semantics::Axis with_corners(Numbers& numbers, bool align_corners) {
  semantics::Axis axis = numbers.axis();
  axis.options.align_corners = align_corners;
  return axis;
}

Meaning of_inverse(Numbers& numbers) {
  const semantics::Axis axis = numbers.axis(numbers.whole(1, 4));
  Meaning meaning = of_axis(axis);
  meaning.names["p"] = numbers.real(-5, 9);
  meaning.names["x"] = semantics::coordinate(meaning.names["p"], axis);
  return meaning;
}

// Of a position that is at most one reflection away from the inside.
Meaning of_reflection(Numbers& numbers) {
  const semantics::Axis axis = numbers.axis();
  Meaning meaning = of_axis(axis);
  const auto [twice_low, twice_high] = semantics::twice_the_lines<double>(axis);
  const double a = twice_low / 2;
  const double b = twice_high / 2;
  meaning.names["a"] = a;
  meaning.names["b"] = b;
  meaning.names["p"] = numbers.real(2 * a - b, 2 * b - a);
  meaning.names["p'"] = semantics::reflect(meaning.names["p"], axis);
  return meaning;
}

Meaning of_clip(Numbers& numbers) {
  const semantics::Axis axis = numbers.axis();
  Meaning meaning = of_axis(axis);
  meaning.names["p"] = numbers.real(-3, 12);
  meaning.names["p'"] = semantics::clip(meaning.names["p"], axis);
  return meaning;
}

Meaning of_cell(Numbers& numbers) {
  const double p = numbers.flag() ? numbers.real(-3, 12) : 0.5 * number(numbers.whole(-6, 20));
  const auto cell = semantics::cell_of(p);
  return {.names = {{"p", p}, {"i", number(cell.index)}, {"t", cell.fraction}}};
}

Meaning of_nearest(Numbers& numbers) {
  Meaning meaning = of_cell(numbers);
  meaning.names["i"] = semantics::nearest(meaning.names["p"]);
  return meaning;
}

// A value in the middle of an image of 6 pixels along each axis, and the fractions in its cell. The
// indices of v count from the pixel of the cell.
Meaning of_value(Numbers& numbers, Mode mode, int axes) {
  const std::string shape = axes == 2 ? "6,6" : "6,6,6";
  std::vector<double> texels;
  for (int i = 0; i < (axes == 2 ? 36 : 216); ++i) texels.push_back(numbers.real(-1, 1));
  std::vector<double> grid;
  std::vector<std::int64_t> cells;
  Meaning meaning;
  for (int axis = 0; axis < axes; ++axis) {
    const double position = numbers.real(1, 4);
    cells.push_back(static_cast<std::int64_t>(position));
    meaning.names[fmt::format("t_{}", "xyz"[axis])] = position - number(cells.back());
    grid.push_back(
        semantics::coordinate(position, {.size = 6, .options = {.align_corners = false}}));
  }
  const std::string ones = axes == 2 ? "1,1,1" : "1,1,1,1";
  const auto answer = grid_sample(parse_case(fmt::format(
      "grid_sample mode={} input=f64[1,1,{}]{{{}}} grid=f64[{},{}]{{{}}}", gridproof::name(mode),
      shape, fmt::join(texels, ","), ones, axes, fmt::join(grid, ","))));
  meaning.names["v"] = std::get<Tensor>(answer).values().front();
  meaning.other = [texels, cells](const std::string& name, const std::vector<double>& arguments,
                                  const Meaning& known) -> double {
    if (name == "w") {
      return arguments[0] <= 1 ? semantics::inner_kernel(arguments[0])
                               : semantics::outer_kernel(arguments[0]);
    }
    if (name.starts_with("w_")) {
      const std::string index = name.substr(2);
      const double which = index == "0" ? 0 : index == "1" ? 1 : known.names.at(index);
      return semantics::linear_weights(arguments[0])[static_cast<std::size_t>(which)];
    }
    std::int64_t place = 0;
    for (std::size_t k = cells.size(); k-- > 0;) {
      place = place * 6 + cells[k] +
              static_cast<std::int64_t>(known.names.at(std::string(1, "ijk"[k])));
    }
    return texels[static_cast<std::size_t>(place)];
  };
  return meaning;
}

Meaning of_linear(Numbers& numbers) {
  Meaning meaning = of_value(numbers, Mode::bilinear, 2);
  meaning.names.merge(of_cell(numbers).names);
  return meaning;
}

Meaning of_cubic(Numbers& numbers) {
  Meaning meaning = of_value(numbers, Mode::bicubic, 2);
  meaning.names["d"] = numbers.real(0, 2);
  meaning.names["α"] = semantics::alpha<double>;
  return meaning;
}

Meaning of_base(Numbers& numbers, std::int64_t size) {
  const bool align_corners = numbers.flag();
  const std::int64_t j = numbers.whole(0, size - 1);
  return {.names = {{"n", number(size)},
                    {"j", number(j)},
                    {"align_corners", align_corners ? 1 : 0},
                    {"x", semantics::base_coordinate<double>(j, size, align_corners)}}};
}

// One location of four, and the grid there.
Meaning of_map(Numbers& numbers) {
  Meaning meaning;
  std::vector<double> theta;
  for (const std::string name : {"θ_00", "θ_01", "θ_02", "θ_10", "θ_11", "θ_12"}) {
    theta.push_back(meaning.names[name] = numbers.real(-2, 2));
  }
  const Tensor grid =
      std::get<Tensor>(affine_grid(Tensor(Dtype::f64, {1, 2, 3}, theta), {1, 1, 2, 2}, false));
  meaning.names["x"] = 0.5;
  meaning.names["y"] = -0.5;
  meaning.names["x'"] = grid.values()[2];
  meaning.names["y'"] = grid.values()[3];
  return meaning;
}

Meaning of_displacement(Numbers& numbers, std::int64_t size, std::int64_t outputs) {
  const semantics::Axis axis = numbers.axis(size);
  const std::int64_t j = numbers.whole(0, outputs - 1);
  const double x = numbers.real(-2, 2);
  Meaning meaning = of_axis(axis);
  meaning.names.merge(std::map<std::string, double>{
      {"I", number(size)},
      {"O", number(outputs)},
      {"j", number(j)},
      {"x", x},
      {"d", semantics::displacement(x, j, outputs, axis)},
      {"p_id", semantics::identity_position<double>(j, outputs, axis)},
      {"x_id", semantics::displaced_coordinate(0.0, j, outputs, axis)}});
  meaning.other = [axis](const std::string& /*name*/, const std::vector<double>& arguments,
                         const Meaning& /*known*/) {
    return semantics::position(arguments.at(0), axis);
  };
  return meaning;
}

Meaning of_displaced(Numbers& numbers) {
  Meaning meaning = of_displacement(numbers, numbers.whole(2, 9), numbers.whole(2, 9));
  semantics::Axis axis{.size = static_cast<std::int64_t>(meaning.names["I"])};
  axis.options.align_corners = meaning.names["align_corners"] == 1;
  meaning.names["d"] = numbers.real(-3, 3);
  meaning.names["x"] = semantics::displaced_coordinate(
      meaning.names["d"], static_cast<std::int64_t>(meaning.names["j"]),
      static_cast<std::int64_t>(meaning.names["O"]), axis);
  return meaning;
}

Meaning of_output_pixels(Numbers& numbers) {
  const semantics::Axis axis = numbers.axis();
  const std::int64_t outputs = numbers.whole(1, 3);
  Meaning meaning = of_axis(axis);
  meaning.names["I"] = number(axis.size);
  meaning.names["O"] = number(outputs);
  meaning.names["d_out"] = numbers.real(-3, 3);
  meaning.names["d"] =
      meaning.names["d_out"] * semantics::input_pixels_per_output_pixel<double>(outputs, axis);
  return meaning;
}

// What a step of the coordinate, of the position and of the fraction changes.
Meaning of_gradient(Numbers& numbers) {
  semantics::Axis axis = numbers.axis();
  Meaning meaning = of_clip(numbers);
  meaning.names["S"] = number(axis.size);
  meaning.names["align_corners"] = axis.options.align_corners ? 1 : 0;
  meaning.names["m"] = semantics::pixels_per_unit<double>(axis);
  axis.options.padding = Padding::border;
  meaning.names["r"] = semantics::padding_slope(meaning.names["p"], axis);
  meaning.names["s_0"] = semantics::linear_slopes<double>[0];
  meaning.names["s_1"] = semantics::linear_slopes<double>[1];
  meaning.names["α"] = semantics::alpha<double>;
  meaning.names["d"] = numbers.real(0, 2);
  meaning.other = [](const std::string& /*name*/, const std::vector<double>& arguments,
                     const Meaning& /*known*/) {
    const double d = arguments.at(0);
    return d <= 1 ? semantics::inner_kernel_slope(d) : semantics::outer_kernel_slope(d);
  };
  return meaning;
}

const std::map<std::string, std::function<Meaning(Numbers&)>>& meanings() {
  static const std::map<std::string, std::function<Meaning(Numbers&)>> all = {
      {"coord.corners", [](Numbers& n) { return of_position(n, with_corners(n, false)); }},
      {"coord.centers", [](Numbers& n) { return of_position(n, with_corners(n, true)); }},
      {"coord.unit-size", [](Numbers& n) { return of_position(n, n.axis(1)); }},
      {"coord.resolution", [](Numbers& n) { return of_position(n, with_corners(n, false)); }},
      {"coord.inverse", of_inverse},
      {"coord.rounding", [](Numbers& n) { return of_position(n, with_corners(n, false)); }},
      {"padding.border", of_clip},
      {"padding.reflection", of_reflection},
      {"padding.reflection-lines", of_reflection},
      {"padding.reflection-example", [](Numbers&) { return Meaning{}; }},
      {"padding.reflection-clip", of_clip},
      {"padding.reflection-unit",
       [](Numbers& n) {
         return Meaning{.names = {{"p'", semantics::reflect_and_clip(n.real(-9, 9), n.axis(1))}}};
       }},
      {"nearest.ties-to-even", of_nearest},
      {"bilinear.weights", of_linear},
      {"trilinear.weights", [](Numbers& n) { return of_value(n, Mode::bilinear, 3); }},
      {"bicubic.kernel", of_cubic},
      {"bicubic.unpadded-cell", of_cell},
      {"affine_grid.base", [](Numbers& n) { return of_base(n, n.whole(2, 9)); }},
      {"affine_grid.unit-size", [](Numbers& n) { return of_base(n, 1); }},
      {"affine_grid.map", of_map},
      {"displacement.identity",
       [](Numbers& n) { return of_displacement(n, n.whole(1, 9), n.whole(2, 9)); }},
      {"displacement.relative",
       [](Numbers& n) { return of_displacement(n, n.whole(2, 9), n.whole(1, 9)); }},
      {"displacement.coordinate", of_displaced},
      {"displacement.unit-size", [](Numbers& n) { return of_displacement(n, 1, 1); }},
      {"displacement.unit-output", [](Numbers& n) { return of_displacement(n, n.whole(1, 9), 1); }},
      {"displacement.output-pixels", of_output_pixels},
      {"grad.scale", of_gradient},
      {"grad.kink-right", of_gradient},
      {"grad.border", of_gradient},
      {"grad.bicubic", of_gradient},
  };
  return all;
}

TEST(Formula, EveryFormulaOfTheClausesIsTrue) {
  Numbers numbers;
  for (const Clause& clause : clauses()) {
    for (const std::string& text : clause.formulas) {
      SCOPED_TRACE("[" + clause.name + "] " + text);
      const auto meaning = meanings().find(clause.name);
      ASSERT_NE(meaning, meanings().end()) << "the test does not know what its names mean";
      const Formula formula = parse_formula(text);
      for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(holds(formula, meaning->second(numbers)));
      }
    }
  }
}

TEST(Formula, AFalseFormulaDoesNotHold) {
  Numbers numbers;
  const Meaning meaning = of_position(numbers, with_corners(numbers, false));
  EXPECT_TRUE(holds(parse_formula("p = ((x + 1) S - 1) / 2"), meaning));
  EXPECT_FALSE(holds(parse_formula("p = ((x + 1) S + 1) / 2"), meaning));
  EXPECT_FALSE(holds(parse_formula("p = ((x + 1) / 2) (S - 1)"), meaning));
  EXPECT_FALSE(holds(parse_formula("p = x if align_corners = False; p otherwise"), meaning));
}

}  // namespace
}  // namespace gridproof::reports
