#include "reports/page/formula_tree.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "reference/contract/foreign_text.h"

namespace gridproof::reports {
namespace {

using Kind = Formula::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr std::array functions{"floor", "min", "max"};
constexpr std::array words{"align_corners", "True", "False", "if", "otherwise"};

struct Token {
  enum class Kind : std::uint8_t { number, name, sign, end };
  Kind kind = Kind::end;
  std::string_view text;
  bool is_glued = false;  // to what is before it
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { advance(); }

  Formula whole() {
    Formula formula = relation();
    if (is("if") || is("otherwise") || is(";")) {
      Formula branches{.kind = Kind::branches};
      branches.parts.push_back(branch(std::exchange(formula.parts.back(), {})));
      while (accept(";")) branches.parts.push_back(branch(sum()));
      formula.parts.back() = std::move(branches);
    }
    if (token_.kind != Token::Kind::end) fail("this is not understood");
    if (formula.parts.size() < 2) fail("expected an equation");
    return formula;
  }

 private:
  // ---- Tokens ----
  void advance() {
    const bool had_token = token_.text.data() != nullptr;
    const std::size_t begin = std::min(text_.find_first_not_of(' ', at_), text_.size());
    const bool is_glued = had_token && begin == at_;
    const std::string_view rest = text_.substr(begin);
    token_ = {.kind = Token::Kind::sign,
              .text = rest.substr(0, character_of(rest).size),
              .is_glued = is_glued};
    if (rest.empty()) {
      token_ = {.kind = Token::Kind::end, .text = rest};
    } else if (is_digit(rest.front())) {
      token_.kind = Token::Kind::number;
      token_.text = number_at(rest);
    } else if (is_letter(rest.front()) || token_.text == "α" || token_.text == "θ") {
      token_.kind = Token::Kind::name;
      token_.text = name_at(rest, token_.text.size());
    }
    at_ = begin + token_.text.size();
  }
  static std::string_view number_at(std::string_view rest) {
    std::size_t size = 0;
    while (size < rest.size() && is_digit(rest[size])) ++size;
    if (size + 1 < rest.size() && rest[size] == '.' && is_digit(rest[size + 1])) {
      ++size;
      while (size < rest.size() && is_digit(rest[size])) ++size;
    }
    return rest.substr(0, size);
  }
  // A word, or one letter with a prime or an index: "floor", "p'", "x_id".
  static std::string_view name_at(std::string_view rest, std::size_t letter) {
    const auto end_of = [&](std::size_t size, auto belongs) {
      while (size < rest.size() && belongs(rest[size])) ++size;
      return size;
    };
    const std::size_t word = end_of(0, [](char c) { return is_letter(c) || c == '_'; });
    if (word > 1 && rest[1] != '_') return rest.substr(0, word);
    std::size_t size = end_of(letter, [](char c) { return c == '\''; });
    if (size + 1 < rest.size() && rest[size] == '_' &&
        (is_letter(rest[size + 1]) || is_digit(rest[size + 1]))) {
      size = end_of(size + 1, [](char c) { return is_letter(c) || is_digit(c); });
    }
    return rest.substr(0, size);
  }

  [[nodiscard]] bool is(std::string_view sign) const {
    return token_.text == sign && token_.kind != Token::Kind::end;
  }
  bool accept(std::string_view sign) {
    const bool found = is(sign);
    if (found) advance();
    return found;
  }
  void expect(std::string_view sign) {
    if (!accept(sign)) fail(fmt::format("expected '{}'", sign));
  }
  [[noreturn]] void fail(std::string_view what) const {
    const auto column = token_.text.data() - text_.data() + 1;
    throw std::invalid_argument(
        fmt::format("formula '{}', column {}: {}", printable(text_), column, what));
  }

  // ---- The notation, from the loosest to the tightest ----
  Formula branch(Formula value) {
    Formula branch{.kind = Kind::branch, .parts = {std::move(value)}};
    if (accept("otherwise")) return branch;
    expect("if");
    do {
      branch.parts.push_back(relation());
      if (branch.parts.back().parts.size() < 2) fail("expected a condition");
    } while (accept(","));
    return branch;
  }

  Formula relation() {
    Formula relation{.kind = Kind::relation, .parts = {sum()}};
    while (is("=") || is("<") || is("≤") || is(">") || is("≥")) {
      relation.signs.emplace_back(token_.text);
      advance();
      relation.parts.push_back(sum());
    }
    return relation;
  }

  Formula sum() {
    if (++depth_ > 40) fail("this is nested too deeply");
    Formula sum{.kind = Kind::sum};
    const bool is_negative = accept("-");
    sum.parts.push_back(term());
    if (is_negative) sum.parts[0] = {.kind = Kind::negative, .parts = {std::move(sum.parts[0])}};
    while (is("+") || is("-")) {
      sum.signs.emplace_back(token_.text);
      advance();
      sum.parts.push_back(term());
    }
    --depth_;
    return only(std::move(sum));
  }

  // A product, or the quotient of one and a factor.
  Formula term() {
    Formula product{.kind = Kind::product, .parts = {factor()}};
    while (starts_factor() || is("·")) {
      product.signs.emplace_back(accept("·") ? "·" : "");
      if (product.signs.back().empty() && token_.kind == Token::Kind::number) {
        fail("expected a sign before this number");
      }
      product.parts.push_back(factor());
    }
    if (!accept("/")) return only(std::move(product));
    Formula quotient{.kind = Kind::quotient, .parts = {only(std::move(product)), factor()}};
    if (starts_factor() || is("·") || is("/")) fail("what is behind a quotient needs parentheses");
    return quotient;
  }

  [[nodiscard]] bool starts_factor() const {
    return token_.kind == Token::Kind::number || is("(") || is("Σ") || (is("|") && bars_ == 0) ||
           (token_.kind == Token::Kind::name && !is("if") && !is("otherwise"));
  }

  Formula factor() {
    Formula base = atom();
    if (!accept("^")) return base;
    return {.kind = Kind::power, .parts = {std::move(base), atom()}};
  }

  Formula atom() {
    const Token token = token_;
    if (token.kind == Token::Kind::number) {
      advance();
      return {.kind = Kind::number, .text = std::string(token.text)};
    }
    if (token.kind == Token::Kind::name && !is("if") && !is("otherwise")) return name();
    if (is("Σ")) return total();
    if (accept("(")) {
      const int bars = std::exchange(bars_, 0);
      Formula group{.kind = Kind::group, .parts = {sum()}};
      bars_ = bars;
      expect(")");
      return group;
    }
    if (accept("|")) {
      ++bars_;
      Formula absolute{.kind = Kind::absolute, .parts = {sum()}};
      --bars_;
      expect("|");
      return absolute;
    }
    fail("expected a number, a name or a parenthesis");
  }

  Formula name() {
    const std::string name(token_.text);
    const bool is_function = std::ranges::count(functions, name) > 0;
    if (is_letter(name[0]) && name.size() > 1 && is_letter(name[1]) && !is_function &&
        std::ranges::count(words, name) == 0) {
      fail("this word is not known");
    }
    advance();
    if (!is("(") || !token_.is_glued) {
      if (is_function) fail("expected '('");
      return {.kind = Kind::name, .text = name};
    }
    advance();
    const int bars = std::exchange(bars_, 0);
    Formula call{.kind = Kind::call, .text = name};
    do {
      call.parts.push_back(sum());
    } while (accept(","));
    bars_ = bars;
    expect(")");
    if (is_function && call.parts.size() != (name == "floor" ? 1U : 2U)) {
      fail(name + " has another number of arguments");
    }
    return call;
  }

  // Σ_i=0…1 and a product.
  Formula total() {
    expect("Σ");
    expect("_");
    Formula total{.kind = Kind::total, .text = std::string(token_.text)};
    if (token_.kind != Token::Kind::name) fail("expected an index");
    advance();
    expect("=");
    total.parts.push_back(bound());
    expect("…");
    total.parts.push_back(bound());
    if (++depth_ > 40) fail("this is nested too deeply");
    total.parts.push_back(term());
    --depth_;
    return total;
  }
  Formula bound() {
    const bool is_negative = accept("-");
    if (token_.kind != Token::Kind::number) fail("expected a number");
    Formula number = atom();
    if (!is_negative) return number;
    return {.kind = Kind::negative, .parts = {std::move(number)}};
  }

  // A sum or product of one part is that part.
  static Formula only(Formula formula) {
    if (formula.parts.size() > 1) return formula;
    Formula part = std::move(formula.parts.front());
    return part;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  int depth_ = 0;
  int bars_ = 0;  // that are open, and no parenthesis since
};

}  // namespace

Formula parse_formula(std::string_view text) { return Parser(text).whole(); }

}  // namespace gridproof::reports
