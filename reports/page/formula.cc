#include "reports/page/formula.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/page/formula_tree.h"
#include "reports/page/markdown.h"

namespace gridproof::reports {
namespace {

using Kind = Formula::Kind;

std::string element(std::string_view tag, std::string_view content) {
  return fmt::format("<{0}>{1}</{0}>", tag, content);
}
std::string sign(std::string_view text) { return element("mo", text == "-" ? "−" : escaped(text)); }
std::string row(std::string_view content) { return element("mrow", content); }
// They grow with fractions only; without a font for formulas they would with every letter.
std::string fenced(std::string_view open, std::string_view content, std::string_view close) {
  const bool grows = content.find("<mfrac>") != std::string_view::npos;
  const auto fence = [&](std::string_view text) {
    return grows ? sign(text) : fmt::format("<mo stretchy=\"false\">{}</mo>", text);
  };
  return row(fence(open) + row(content) + fence(close));
}

// "0" and "ij", of which each character is one, or the word "id".
std::string index_of(std::string_view index) {
  if (index == "id" || index == "out") return element("mtext", index);
  std::string each;
  for (const char c : index) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!each.empty()) each += sign("\u2063");  // a comma that is not seen
    each += element(is_digit ? "mn" : "mi", std::string_view(&c, 1));
  }
  return index.size() == 1 ? each : row(each);
}

// A word, or a letter with primes and an index.
std::string name_of(std::string_view name) {
  if (name == "align_corners" || name == "True" || name == "False") return element("mi", name);
  const std::size_t end = std::min(name.find('_'), name.size());
  const std::size_t base_end = std::min(name.find('\''), end);
  std::string base = element("mi", name.substr(0, base_end));
  for (std::size_t i = base_end; i < end; ++i) {
    base += "<mo lspace=\"0\" rspace=\"0\">′</mo>";  // raised by itself
  }
  if (base_end < end) base = row(base);
  return end == name.size() ? base : element("msub", base + index_of(name.substr(end + 1)));
}

std::string mathml(const Formula& formula);

// A fraction shows by itself what belongs together.
const Formula& without_parentheses(const Formula& formula) {
  return formula.kind == Kind::group ? formula.parts[0] : formula;
}

std::string call(const Formula& formula) {
  if (formula.text == "floor") return fenced("⌊", mathml(formula.parts[0]), "⌋");
  std::string arguments;
  for (const Formula& part : formula.parts) {
    arguments += (arguments.empty() ? "" : sign(",")) + mathml(part);
  }
  const bool is_word = formula.text == "min" || formula.text == "max";
  const std::string name = is_word ? element("mi", formula.text) : name_of(formula.text);
  return name + sign("\u2061") + fenced("(", arguments, ")");  // a sign of application, not seen
}

std::string chain(const Formula& formula) {
  std::string parts;
  for (std::size_t i = 0; i < formula.parts.size(); ++i) {
    if (i > 0) parts += sign(formula.signs[i - 1].empty() ? "\u2062" : formula.signs[i - 1]);
    parts += mathml(formula.parts[i]);
  }
  return parts;
}

std::string conditions_of(const Formula& branch) {
  if (branch.parts.size() == 1) return element("mtext", "otherwise");
  std::string conditions = element("mtext", "if\u00a0");
  for (std::size_t i = 1; i < branch.parts.size(); ++i) {
    conditions += (i == 1 ? "" : sign(",")) + mathml(branch.parts[i]);
  }
  return conditions;
}

std::string branches(const Formula& formula) {
  if (formula.parts.size() == 1) {
    const Formula& branch = formula.parts[0];
    return mathml(branch.parts[0]) + "<mspace width=\"1em\"></mspace>" + conditions_of(branch);
  }
  const auto cell = [](const std::string& content) {
    return "<mtd style=\"text-align: left\">" + content + "</mtd>";
  };
  std::string rows;
  for (const Formula& branch : formula.parts) {
    rows += element("mtr", cell(mathml(branch.parts[0])) + cell(conditions_of(branch)));
  }
  return row(sign("{") + fmt::format("<mtable displaystyle=\"true\">{}</mtable>", rows));
}

std::string mathml(const Formula& formula) {
  switch (formula.kind) {
    case Kind::number:
      return element("mn", formula.text);
    case Kind::name:
      return name_of(formula.text);
    case Kind::call:
      return call(formula);
    case Kind::group:
      return formula.parts[0].kind == Kind::quotient ? mathml(formula.parts[0])
                                                     : fenced("(", mathml(formula.parts[0]), ")");
    case Kind::absolute:
      return fenced("|", mathml(formula.parts[0]), "|");
    case Kind::negative:
      return row(sign("-") + mathml(formula.parts[0]));
    case Kind::quotient:
      return element("mfrac", row(mathml(without_parentheses(formula.parts[0]))) +
                                  row(mathml(without_parentheses(formula.parts[1]))));
    case Kind::power: {
      // A fraction under an exponent keeps its parentheses.
      const Formula& base = formula.parts[0];
      const std::string shown =
          base.kind == Kind::group ? fenced("(", mathml(base.parts[0]), ")") : mathml(base);
      return element("msup", row(shown) + row(mathml(without_parentheses(formula.parts[1]))));
    }
    case Kind::total:
      return element("munderover",
                     sign("∑") + row(name_of(formula.text) + sign("=") + mathml(formula.parts[0])) +
                         mathml(formula.parts[1])) +
             mathml(formula.parts[2]);
    case Kind::sum:
    case Kind::product:
    case Kind::relation:
      return chain(formula);
    case Kind::branches:
      return branches(formula);
    case Kind::branch:
      break;  // belongs to its branches
  }
  return {};
}

}  // namespace

std::string mathml_of(std::string_view formula) {
  return fmt::format("<math display=\"block\" aria-label=\"{}\">{}</math>", escaped(formula),
                     row(mathml(parse_formula(formula))));
}

}  // namespace gridproof::reports
