#include "reports/cli/help.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "reports/cli/arguments.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t usual = 80;
constexpr std::size_t least = 40;
constexpr std::size_t most = 120;  // longer lines are hard to read

// Words, put one after another as long as they fit.
class Lines {
 public:
  // The first line stands after `first` columns; each further one has so many spaces before it, and
  // `end` after the one before.
  Lines(std::size_t columns, std::size_t first, std::size_t further, std::string end)
      : columns_(columns), further_(further), end_(std::move(end)), used_(first) {}

  void add(std::string_view word) {
    const std::size_t needed = width(word) + end_.size();
    if (!is_empty_ && used_ + 1 + needed > columns_) {
      text_ += end_ + '\n' + std::string(further_, ' ');
      used_ = further_;
    } else if (!is_empty_) {
      text_ += ' ';
      ++used_;
    }
    text_ += word;
    used_ += width(word);
    is_empty_ = false;
  }
  std::string text() { return std::move(text_); }

 private:
  std::size_t columns_;
  std::size_t further_;
  std::string end_;
  std::size_t used_;
  std::string text_;
  bool is_empty_ = true;
};

// Calls `visitor(word)` for what stands between spaces, but for those between single quotes where
// these count.
template <class Visitor>
void for_each_word(std::string_view text, bool quotes_count, const Visitor& visitor) {
  std::size_t begin = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (quotes_count && i < text.size() && text[i] == '\'') is_quoted = !is_quoted;
    if (i < text.size() && (text[i] != ' ' || is_quoted)) continue;
    if (i > begin) visitor(text.substr(begin, i - begin));
    begin = i + 1;
  }
}

class Wrapping final : public CLI::Formatter {
 public:
  explicit Wrapping(std::size_t columns) : columns_(columns) {
    // Beside the names there is to be as much room again.
    column_width(columns < 60 ? 6 : 30);
  }

  std::string make_description(const CLI::App* app) const override {
    return by_line(CLI::Formatter::make_description(app));
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return by_line(CLI::Formatter::make_usage(app, std::move(name)));
  }
  std::string make_footer(const CLI::App* app) const override {
    return by_line(CLI::Formatter::make_footer(app));
  }
  std::string make_subcommand(const CLI::App* sub) const override {
    return entry(sub->get_display_name(true), sub->get_description());
  }
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string names = make_option_name(option, is_positional);
    // How a flag that says no is told to CLI11 is nobody else's business.
    if (const std::size_t value = names.find("{false}"); value != std::string::npos) {
      names.erase(value, std::string_view("{false}").size());
    }
    return entry(names + make_option_opts(option), make_option_desc(option));
  }

 private:
  // A name with what it means beside it, or below.
  [[nodiscard]] std::string entry(const std::string& name, const std::string& meaning) const {
    const std::size_t column = get_column_width();
    std::string text = "  " + wrapped(name, columns_, 2, 4);
    const std::size_t used = width(text.substr(text.rfind('\n') + 1));
    if (meaning.empty()) return text + '\n';
    text += used < column && text.find('\n') == std::string::npos ? std::string(column - used, ' ')
                                                                  : '\n' + std::string(column, ' ');
    return text + wrapped(meaning, columns_, column, column) + '\n';
  }

  // Each line by itself; those that are indented are commands.
  [[nodiscard]] std::string by_line(const std::string& text) const {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = std::string_view(text).substr(begin, end - begin);
      result += line.starts_with("  ") ? "  " + wrapped_command(line.substr(2), columns_, 2, 4)
                                       : wrapped(line, columns_, 0, 0);
      result += '\n';
      begin = end + 1;
    }
    return result;
  }

  std::size_t columns_;
};

std::string in_lines(std::string_view text, bool quotes_count, Lines lines) {
  for_each_word(text, quotes_count, [&](std::string_view word) { lines.add(word); });
  return lines.text();
}

}  // namespace

std::size_t help_columns(std::optional<int> terminal, const Environment& variable) {
  std::size_t columns = usual;
  if (terminal) {
    columns = static_cast<std::size_t>(*terminal);
  } else if (const auto text = variable("COLUMNS")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), columns);
    if (error != std::errc{} || end != text->data() + text->size() || columns == 0) return usual;
  }
  return std::clamp(columns, least, most);
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t first,
                    std::size_t further) {
  return in_lines(text, false, {columns, first, further, ""});
}

std::string wrapped_command(std::string_view command, std::size_t columns, std::size_t first,
                            std::size_t further) {
  // What fits needs no sign that it goes on.
  if (first + width(command) <= columns) return std::string(command);
  return in_lines(command, true, {columns, first, further, " \\"});
}

std::shared_ptr<CLI::Formatter> help_formatter(std::size_t columns) {
  return std::make_shared<Wrapping>(columns);
}

}  // namespace gridproof::reports
