#include "reports/page/code.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace gridproof::reports {
namespace {

enum class Color : std::uint8_t { none, comment, keyword, number, string };

struct Token {
  Color color = Color::none;
  std::string_view text;
};

constexpr std::string_view keywords[] = {
    "auto",    "bool",      "break",       "case",      "catch",    "char",     "class",
    "concept", "const",     "consteval",   "constexpr", "continue", "default",  "delete",
    "do",      "double",    "else",        "enum",      "explicit", "extern",   "false",
    "float",   "for",       "friend",      "if",        "inline",   "int",      "long",
    "mutable", "namespace", "new",         "noexcept",  "nullptr",  "operator", "override",
    "private", "protected", "public",      "requires",  "return",   "short",    "signed",
    "sizeof",  "static",    "static_cast", "struct",    "switch",   "template", "this",
    "throw",   "true",      "try",         "typename",  "union",    "unsigned", "using",
    "virtual", "void",      "volatile",    "while"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The size of the token that `text` begins with, and its color.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    if (text_.starts_with("//")) return take(Color::comment, until("\n", 0));
    if (text_.starts_with("/*")) return take(Color::comment, until("*/", 2));
    if (text_.starts_with("R\"")) return take(Color::string, raw_string());
    const char first = text_.front();
    if (first == '"' || first == '\'') return take(Color::string, quoted(first));
    if (is_digit(first)) return take(Color::number, number());
    if (is_word(first)) return word();
    if (first == '#') return take(Color::keyword, directive());
    std::size_t size = 1;
    while (size < text_.size() && !is_word(text_[size]) &&
           std::string_view("\"'/#").find(text_[size]) == std::string_view::npos) {
      ++size;
    }
    return take(Color::none, size);
  }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  Token take(Color color, std::size_t size) {
    const Token token{color, text_.substr(0, size)};
    text_.remove_prefix(token.text.size());
    return token;
  }
  // Up to `stop`, with `behind` of its characters.
  [[nodiscard]] std::size_t until(std::string_view stop, std::size_t behind) const {
    const std::size_t found = text_.find(stop, 2);
    return found == std::string_view::npos ? text_.size() : found + behind;
  }
  [[nodiscard]] std::size_t raw_string() const {
    const std::size_t open = std::min(text_.find('('), text_.size());
    const std::string close =
        fmt::format("){}\"", text_.substr(2, open - std::min<std::size_t>(open, 2)));
    return until(close, close.size());
  }
  [[nodiscard]] std::size_t quoted(char quote) const {
    std::size_t size = 1;
    while (size < text_.size() && text_[size] != quote && text_[size] != '\n') {
      size += text_[size] == '\\' ? 2 : 1;
    }
    return size + 1;
  }
  // With digit separators, exponents and suffixes: 1'000, 0x1p-3, 1e+9, 2U.
  [[nodiscard]] std::size_t number() const {
    std::size_t size = 1;
    const auto continues = [&] {
      const char c = text_[size];
      const char before = text_[size - 1];
      const bool is_exponent = before == 'e' || before == 'E' || before == 'p' || before == 'P';
      return is_word(c) || c == '.' || ((c == '+' || c == '-') && is_exponent) ||
             (c == '\'' && size + 1 < text_.size() && is_word(text_[size + 1]));
    };
    while (size < text_.size() && continues()) ++size;
    return size;
  }
  Token word() {
    std::size_t size = 1;
    while (size < text_.size() && is_word(text_[size])) ++size;
    const bool is_keyword = std::ranges::count(keywords, text_.substr(0, size)) > 0;
    return take(is_keyword ? Color::keyword : Color::none, size);
  }
  [[nodiscard]] std::size_t directive() const {
    std::size_t size = 1;
    while (size < text_.size() && is_word(text_[size])) ++size;
    return size;
  }

  std::string_view text_;
};

// The tokens of each line. What spans lines is divided.
std::vector<std::vector<Token>> lines_of(std::string_view source) {
  std::vector<std::vector<Token>> lines(1);
  if (source.ends_with('\n')) source.remove_suffix(1);
  for (Lexer lexer(source); !lexer.at_end();) {
    Token token = lexer.next();
    for (std::size_t end = token.text.find('\n'); end != std::string_view::npos;
         end = token.text.find('\n')) {
      if (end > 0) lines.back().push_back({token.color, token.text.substr(0, end)});
      lines.emplace_back();
      token.text.remove_prefix(end + 1);
    }
    if (!token.text.empty()) lines.back().push_back(token);
  }
  return lines;
}

std::string_view class_of(Color color) {
  switch (color) {
    case Color::comment:
      return "comment";
    case Color::keyword:
      return "keyword";
    case Color::number:
      return "number";
    case Color::string:
      return "string";
    case Color::none:
      break;
  }
  return "";
}

// ---- What a clause is about ----

// One line as excerpts_of sees it.
struct Line {
  std::string comment;
  std::string code;  // without comments, the contents of strings and blanks at its end
  int depth = 0;     // of braces at its end, without those of namespaces

  [[nodiscard]] bool is_blank() const { return comment.empty() && code.empty(); }
  [[nodiscard]] bool is_comment() const { return code.empty() && !comment.empty(); }
  // A line that opens or closes a namespace.
  [[nodiscard]] bool is_border() const {
    return code.starts_with("namespace ") || (code == "}" && comment.starts_with("// namespace"));
  }
  // A statement may end here.
  [[nodiscard]] bool ends() const {
    return code.ends_with(';') || code.ends_with('}') || code.ends_with("};");
  }
};

std::vector<Line> read_lines(std::string_view source) {
  std::vector<Line> lines;
  int depth = 0;
  for (const std::vector<Token>& tokens : lines_of(source)) {
    Line line;
    for (const Token& token : tokens) {
      if (token.color == Color::comment) {
        line.comment += token.text;
      } else {
        line.code += token.color == Color::string ? "\"\"" : token.text;
      }
    }
    line.code.erase(line.code.find_last_not_of(' ') + 1);
    if (!line.is_border()) {
      depth +=
          static_cast<int>(std::ranges::count(line.code, '{') - std::ranges::count(line.code, '}'));
    }
    line.depth = depth;
    lines.push_back(std::move(line));
  }
  return lines;
}

// Whether a comment names any clause.
bool names_any(std::string_view comment) {
  return with_links(comment, [](std::string_view) { return "#"; }).find("<a ") != std::string::npos;
}

// Lines from `begin` up to and without `end`, numbered from 0.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What stands together at the outermost level: without an empty line, but for those in braces.
std::vector<Range> blocks_of(const std::vector<Line>& lines) {
  const auto divides = [&](std::size_t i) {
    return (i == 0 || lines[i - 1].depth <= 0) && (lines[i].is_blank() || lines[i].is_border());
  };
  std::vector<Range> blocks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t begin = i;
    while (i < lines.size() && !divides(i)) ++i;
    if (i > begin) blocks.push_back({begin, i});
  }
  return blocks;
}

// The end of the statement that begins on line `begin`.
std::size_t end_of_statement(const std::vector<Line>& lines, std::size_t begin, std::size_t end) {
  const int depth = begin == 0 ? 0 : lines[begin - 1].depth;
  for (std::size_t i = begin; i < end; ++i) {
    if (lines[i].depth <= depth && lines[i].ends()) return i + 1;
  }
  return end;
}

// The comment that begins on line `at`, in a block that ends with `end`, up to its next name: the
// line with that name belongs to it if a sentence ends there.
Range comment_at(const std::vector<Line>& lines, std::size_t at, std::size_t end) {
  std::size_t next = at + 1;
  bool is_named = !lines[at].is_comment();
  while (!is_named && next < end && lines[next].is_comment()) {
    is_named = names_any(lines[next].comment);
    if (is_named && lines[next].comment.starts_with("// [")) break;
    ++next;
  }
  return {at, next};
}

// What it is about: the statement behind it, or the one that it stands beside; at the outermost
// level all that stands together with it, up to the next comment there.
Range statement_at(const std::vector<Line>& lines, std::size_t at, std::size_t end) {
  const auto is_comment = [&](std::size_t i) { return lines[i].is_comment(); };
  std::size_t begin = at;
  while (begin < end && is_comment(begin)) ++begin;
  if (!is_comment(at) || lines[at].depth != 0) return {begin, end_of_statement(lines, begin, end)};
  std::size_t next = begin;
  while (next < end && !(is_comment(next) && lines[next].depth == 0)) ++next;
  return {begin, next};
}

// The characters of the lines of a range.
std::string_view text_of(std::string_view source, const Range& range) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < range.begin; ++i) begin = source.find('\n', begin) + 1;
  std::size_t end = begin;
  for (std::size_t i = range.begin; i < range.end; ++i) {
    end = std::min(source.find('\n', end), source.size() - 1) + 1;
  }
  return source.substr(begin, end - begin);
}

}  // namespace

std::string code_html(std::string_view source, const std::function<bool(int line)>& is_lit,
                      const AddressOf& address_of, int first) {
  std::string html;
  int number = first;
  for (const std::vector<Token>& tokens : lines_of(source)) {
    html += fmt::format("<span class=\"{}\" data-number=\"{}\">",
                        is_lit(number) ? "line lit" : "line", number);
    for (const auto& [color, text] : tokens) {
      const std::string shown =
          color == Color::comment ? with_links(text, address_of) : escaped(text);
      html += color == Color::none
                  ? shown
                  : fmt::format("<span class=\"{}\">{}</span>", class_of(color), shown);
    }
    html += "</span>\n";
    ++number;
  }
  return html;
}

std::vector<Excerpt> excerpts_of(std::string_view source, std::string_view clause) {
  const std::vector<Line> lines = read_lines(source);
  const std::string wanted = fmt::format("[{}]", clause);
  std::vector<Excerpt> excerpts;
  for (const Range& block : blocks_of(lines)) {
    std::vector<int> lit;
    for (std::size_t i = block.begin; i < block.end; ++i) {
      if (lines[i].comment.find(wanted) == std::string::npos) continue;
      for (const Range& range :
           {comment_at(lines, i, block.end), statement_at(lines, i, block.end)}) {
        for (std::size_t k = range.begin; k < range.end; ++k)
          lit.push_back(static_cast<int>(k) + 1);
      }
    }
    if (lit.empty()) continue;
    std::ranges::sort(lit);
    lit.erase(std::ranges::unique(lit).begin(), lit.end());
    excerpts.push_back({.text = text_of(source, block),
                        .first_line = static_cast<int>(block.begin) + 1,
                        .lit = std::move(lit)});
  }
  return excerpts;
}

}  // namespace gridproof::reports
