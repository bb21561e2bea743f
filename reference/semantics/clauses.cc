#include "reference/semantics/clauses.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "reference/semantics/affine_grid.h"
#include "reference/semantics/displacement.h"
#include "reference/semantics/evaluate.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using semantics::Axis;

// The fields `name=value` of a line, each of which must be asked for.
class Fields {
 public:
  explicit Fields(std::string_view line) : line_(line) {
    std::size_t begin = std::min(line.find(' '), line.size());
    while (begin < line.size()) {
      const std::size_t end = std::min(line.find(' ', begin + 1), line.size());
      const std::string_view field = line.substr(begin + 1, end - begin - 1);
      const std::size_t equals = field.find('=');
      if (equals == std::string_view::npos) fail("expected a field name=value", field);
      const std::string_view field_name = field.substr(0, equals);
      if (find(field_name) != fields_.end()) fail("this field appears twice", field);
      fields_.emplace_back(field_name, field.substr(equals + 1));
      begin = end;
    }
  }

  std::string_view take(std::string_view field) {
    const auto found = find(field);
    if (found == fields_.end()) fail("the line has no " + std::string(field) + "=", "");
    const std::string_view value = found->second;
    fields_.erase(found);
    return value;
  }
  Tensor tensor(std::string_view field) {
    const std::string_view text = take(field);
    try {
      Tensor result = parse_tensor(text);
      if (is_floating(result.dtype())) return result;
    } catch (const ParseError& error) {
      throw ParseError(error.what(), column(text) + error.column() - 1);
    }
    fail("expected f16, bf16, f32 or f64", text);
  }
  bool flag(std::string_view field) {
    const std::string_view text = take(field);
    if (text != "True" && text != "False") fail("expected True or False", text);
    return text == "True";
  }
  template <class Enum>
  Enum option(std::string_view field, Enum otherwise) {
    if (find(field) == fields_.end()) return otherwise;
    const std::string_view text = take(field);
    const auto value = parse<Enum>(text);
    if (!value) fail(semantics::expected_names<Enum>(), text);
    return *value;
  }
  // A positive integer, or several: 4 or [3,4].
  Shape sizes(std::string_view field) {
    const std::string_view text = take(field);
    const bool many = text.starts_with('[') && text.ends_with(']');
    std::string_view rest = many ? text.substr(1, text.size() - 2) : text;
    Shape sizes;
    while (true) {
      std::int64_t size = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (error != std::errc{} || size < 1 || size >= (std::int64_t{1} << 31)) {
        fail("expected positive integers below 2^31", text);
      }
      sizes.push_back(size);
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
      if (rest.empty()) return sizes;
      if (!many || !rest.starts_with(',')) fail("expected an integer, or [a,b,c]", text);
      rest.remove_prefix(1);
    }
  }
  Axis axis() {
    const std::string_view at = line_;
    const Shape size = sizes("size");
    if (size.size() != 1) fail("expected one size", at);
    Axis axis{.size = size.front()};
    axis.options.align_corners = flag("align_corners");
    axis.options.padding = option("padding_mode", Padding::zeros);
    return axis;
  }
  void end() const {
    if (!fields_.empty()) fail("this field does not belong here", fields_.front().first);
  }

 private:
  using Field = std::pair<std::string_view, std::string_view>;

  [[nodiscard]] std::vector<Field>::const_iterator find(std::string_view field) const {
    return std::ranges::find(fields_, field, &Field::first);
  }
  [[nodiscard]] std::size_t column(std::string_view at) const {
    return at.empty() ? line_.size() + 1 : static_cast<std::size_t>(at.data() - line_.data()) + 1;
  }
  [[noreturn]] void fail(const std::string& what, std::string_view at) const {
    throw ParseError(at.empty() ? what : what + ": '" + std::string(at.substr(0, 40)) + "'",
                     column(at));
  }

  std::string_view line_;
  std::vector<Field> fields_;
};

// A dense tensor of `stage(element, axis)`, computed as grid_sample computes the dtype.
template <class Stage>
Tensor on_each(const Tensor& tensor, const Axis& axis, Stage&& stage) {
  Tensor result = tensor.contiguous();
  semantics::visit_floating(tensor.dtype(), [&]<class Element>(Element) {
    using T = semantics::ArithmeticOf<Element>;
    for (Element& element : result.elements<Element>()) {
      element = static_cast<Element>(stage(static_cast<T>(element), axis));
    }
    return 0;
  });
  return result;
}

Answer answer_position(Fields& fields) {
  const Axis axis = fields.axis();
  return on_each(fields.tensor("coordinate"), axis, [](auto x, const Axis& a) {
    return semantics::Documented::position(semantics::Documented::coordinate(x, a), a);
  });
}

Answer answer_coordinate(Fields& fields) {
  const Axis axis = fields.axis();
  return on_each(fields.tensor("position"), axis,
                 [](auto p, const Axis& a) { return semantics::coordinate(p, a); });
}

Answer answer_pad(Fields& fields) {
  const Axis axis = fields.axis();
  return on_each(fields.tensor("position"), axis,
                 [](auto p, const Axis& a) { return semantics::Documented::pad(p, a); });
}

Answer answer_affine_grid(Fields& fields) {
  const bool align_corners = fields.flag("align_corners");
  const Shape size = fields.sizes("size");
  return affine_grid(fields.tensor("theta"), size, align_corners);
}

Answer answer_affine_grid_backward(Fields& fields) {
  const bool align_corners = fields.flag("align_corners");
  const Shape size = fields.sizes("size");
  return affine_grid_backward(fields.tensor("grad_grid"), size, align_corners);
}

Answer answer_displacement(Fields& fields) {
  const bool align_corners = fields.flag("align_corners");
  const Shape size = fields.sizes("size");
  return displacement_of(fields.tensor("grid"), size, align_corners);
}

Answer answer_displaced_grid(Fields& fields) {
  const bool align_corners = fields.flag("align_corners");
  const Shape size = fields.sizes("size");
  const PixelUnit unit = fields.option("unit", PixelUnit::input);
  return displaced_grid(fields.tensor("displacement"), size, align_corners, unit);
}

constexpr std::pair<std::string_view, Answer (*)(Fields&)> operators[] = {
    {"position", answer_position},
    {"coordinate", answer_coordinate},
    {"pad", answer_pad},
    {"affine_grid", answer_affine_grid},
    {"affine_grid_backward", answer_affine_grid_backward},
    {"displacement", answer_displacement},
    {"displaced_grid", answer_displaced_grid},
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

// Takes what stands before `stop` off the front of `text`, and `stop` with it.
std::string_view take_until(std::string_view& text, std::string_view stop) {
  const std::size_t end = text.find(stop);
  const std::string_view taken = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + stop.size());
  return taken;
}

[[noreturn]] void bad_text(std::string_view stem, std::string_view line) {
  throw std::runtime_error(std::string(stem) + ".md breaks the notation: " + std::string(line));
}

// Appends the clauses of one document.
void read_clauses(const Document& document, std::vector<Clause>& out) {
  Clause* clause = nullptr;
  for (std::string_view rest = document.text; !rest.empty();) {
    const std::string_view line = take_until(rest, "\n");
    std::string_view content = trim(line);
    if (line.starts_with("### [")) {
      content.remove_prefix(5);
      const std::string_view clause_name = take_until(content, "] ");
      if (content.empty()) bad_text(document.stem, line);
      clause = &out.emplace_back(Clause{.name = std::string(clause_name),
                                        .status = std::string(content),
                                        .stem = std::string(document.stem)});
    } else if (line.starts_with("#")) {
      clause = nullptr;
    } else if (clause == nullptr) {
      continue;
    } else if (const auto test_case = read_case(line)) {
      clause->cases.push_back(*test_case);
    } else if (content.starts_with("formula: ")) {
      clause->formulas.emplace_back(content.substr(9));
    } else if (content.starts_with("since: ")) {
      clause->since = content.substr(7);
    } else {
      clause->text += std::string(line) + "\n";
    }
  }
}

std::vector<Clause> read_all_clauses() {
  std::vector<Clause> result;
  for (const Document& document : documents()) read_clauses(document, result);
  for (Clause& clause : result) clause.text = trim(clause.text);
  return result;
}

// The rows `| number | statement | [clause], [clause] |` or `| number | statement | none: why |`.
std::vector<Statement> read_documentation() {
  const auto found = std::ranges::find(documents(), "documentation", &Document::stem);
  std::vector<Statement> result;
  for (std::string_view rest = found->text; !rest.empty();) {
    std::string_view line = take_until(rest, "\n");
    if (!line.starts_with("| ") || std::isdigit(static_cast<unsigned char>(line[2])) == 0) continue;
    line.remove_prefix(2);
    Statement& statement = result.emplace_back();
    const std::string_view number = take_until(line, " | ");
    std::from_chars(number.data(), number.data() + number.size(), statement.number);
    statement.text = take_until(line, " | ");
    std::string_view rules = take_until(line, " |");
    if (rules.starts_with("none: ")) {
      statement.reason = rules.substr(6);
      continue;
    }
    while (!rules.empty()) {
      take_until(rules, "[");
      if (!rules.empty()) statement.clauses.emplace_back(take_until(rules, "]"));
    }
  }
  return result;
}

}  // namespace

std::optional<ClauseCase> read_case(std::string_view line) {
  std::string_view content = trim(line);
  if (!content.starts_with("case: ")) return std::nullopt;
  content.remove_prefix(6);
  const std::string_view question = take_until(content, " -> ");
  if (content.empty()) throw std::runtime_error("a case without an answer: " + std::string(line));
  return ClauseCase{std::string(question), std::string(content)};
}

const std::vector<Clause>& clauses() {
  static const std::vector<Clause> all = read_all_clauses();
  return all;
}

const std::vector<Statement>& documentation() {
  static const std::vector<Statement> all = read_documentation();
  return all;
}

Answer answer_line(std::string_view line) {
  const std::string_view asked = line.substr(0, line.find(' '));
  if (asked == "grid_sample") return grid_sample(parse_case(line));
  for (const auto& [operator_name, answer] : operators) {
    if (asked != operator_name) continue;
    Fields fields(line);
    try {
      Answer result = answer(fields);
      fields.end();
      return result;
    } catch (const std::invalid_argument& error) {
      throw ParseError(error.what(), 1);
    }
  }
  throw ParseError("'" + std::string(asked.substr(0, 40)) + "' is not an operator of a case", 1);
}

std::string to_text(const Answer& answer) {
  if (const auto* tensor = std::get_if<Tensor>(&answer)) return to_text(*tensor);
  return "refused " + std::get<Refusal>(answer).clause;
}

std::string to_text(const BackwardAnswer& answer) {
  if (const auto* gradients = std::get_if<Gradients>(&answer)) return to_text(*gradients);
  return "refused " + std::get<Refusal>(answer).clause;
}

namespace {

bool is_same(const Tensor& one, const Tensor& other) { return one.same_values(other); }
bool is_same(const Gradients& one, const Gradients& other) {
  const auto both = [](const std::optional<Tensor>& a, const std::optional<Tensor>& b) {
    return a && b ? is_same(*a, *b) : a.has_value() == b.has_value();
  };
  return both(one.input, other.input) && both(one.grid, other.grid);
}

constexpr std::string_view backward = "grid_sample_backward ";

// `parse` reads what is expected, if that is no refusal.
template <class Any, class Parse>
Outcome compared(const ClauseCase& test_case, const Any& answer, Parse&& parse) {
  Outcome outcome{
      .test_case = test_case.line, .expected = test_case.expected, .got = to_text(answer)};
  const auto* value = std::get_if<0>(&answer);
  outcome.passed = value == nullptr || test_case.expected.starts_with("refused ")
                       ? outcome.got == outcome.expected
                       : is_same(parse(test_case.expected), *value);
  return outcome;
}

}  // namespace

std::string answer_text(std::string_view line) {
  if (!line.starts_with(backward)) return to_text(answer_line(line));
  return to_text(grid_sample_backward(parse_backward_case(line)));
}

Outcome run(const ClauseCase& test_case) {
  if (test_case.line.starts_with(backward)) {
    const BackwardAnswer answer = grid_sample_backward(parse_backward_case(test_case.line));
    return compared(test_case, answer, parse_gradients);
  }
  return compared(test_case, answer_line(test_case.line), parse_tensor);
}

}  // namespace gridproof
