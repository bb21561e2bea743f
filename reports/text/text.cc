#include "reports/text/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace gridproof::reports {
namespace {

// How many letters must be inserted, removed or replaced to turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, replaced}));
    }
  }
  return row.back();
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// Whether the point at `i` ends a www.
bool is_www(const std::string& line, std::size_t i) {
  return std::ranges::equal(line.substr(i - 3, 3), std::string_view("www"), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char one : text) {
    run = one == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// The notation $'…' of shells (POSIX 2024; bash, zsh and others long before).
std::string escape_quoted(std::string_view argument) {
  std::string quoted = "$'";
  while (!argument.empty()) {
    const auto [size, is_shown] = character_of(argument);
    const bool is_special = std::string_view("'\\#:").find(argument[0]) != std::string_view::npos;
    for (const char c : argument.substr(0, size)) {
      quoted += is_shown && !is_special ? std::string(1, c)
                                        : fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
    argument.remove_prefix(size);
  }
  return quoted + '\'';
}

}  // namespace

std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string counted(std::int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", grouped(count), thing, count == 1 ? "" : "s");
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (part == 0 || whole == 0) return "0 %";
  const double share = 100 * static_cast<double>(part) / static_cast<double>(whole);
  return share < 0.005 ? "< 0.01 %" : fmt::format("{:.2f} %", share);
}

std::string markdown(std::string_view text, std::size_t most) {
  std::string escaped;
  const std::string line = printable(text, most);
  // Behind the digits that it begins with, a point or parenthesis makes an item of a list.
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view rest = std::string_view(line).substr(i);
    const bool is_mark = (i == digits && i > 0 && (line[i] == '.' || line[i] == ')')) ||
                         (i == 0 && (line[i] == '-' || line[i] == '+'));
    const bool makes_item = (is_mark && (rest.size() == 1 || rest[1] == ' ')) ||
                            (i == 0 && line[i] == '=');  // which makes a heading
    if (makes_item) escaped += '\\';
    switch (line[i]) {
      case ' ':  // four of them make a block of code
        escaped += i == 0 ? "&#32;" : " ";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '|':  // in a table a backslash would be taken away before code is read
        escaped += "&#124;";
        break;
      default:
        // Addresses become links by themselves.
        if (std::string_view("\\`*_[]#~@!$").find(line[i]) != std::string_view::npos ||
            rest.starts_with("://") || (line[i] == '.' && i >= 3 && is_www(line, i))) {
          escaped += '\\';
        }
        escaped += line[i];
    }
  }
  return escaped;
}

std::string markdown_code(std::string_view text) {
  const std::string line = printable(text, text.size());
  const std::string fence(longest_run(line, '`') + 1, '`');
  // Blanks keep a backtick at an end from the fence, and are taken away when there is one.
  const std::string space = line.empty() || line.find('`') != std::string::npos ? " " : "";
  return fence + space + line + space + fence;
}

std::string markdown_block(std::string_view language, std::string_view text) {
  const std::string line = printable(text, text.size());
  const std::string fence(std::max<std::size_t>(3, longest_run(line, '`') + 1), '`');
  return fence + std::string(language) + '\n' + line + '\n' + fence + '\n';
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_a_character(c); }));
}

std::string shell_quoted(std::string_view argument) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos &&
      !argument.starts_with("::")) {
    return std::string(argument);
  }
  // What would not be shown as it stands is written by its bytes.
  if (printable(argument, argument.size()) != argument) return escape_quoted(argument);
  std::string quoted = "'";
  for (const char c : argument) {
    if (c == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += c;
    }
  }
  return quoted + '\'';
}

std::string alternatives(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " or " : ", ";
    text += items[i];
  }
  return text;
}

std::vector<std::string> similar(std::string_view name,
                                 const std::vector<std::string>& candidates) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    // A part of a name counts as one error, so that it comes before what merely resembles it.
    const bool part = name.size() > 2 && candidate.find(name) != std::string::npos;
    const std::size_t distance = part ? 1 : edit_distance(name, candidate);
    if (distance <= std::max<std::size_t>(2, name.size() / 3))
      near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, near.size()); ++i) {
    result.push_back(near[i].second);
  }
  return result;
}

}  // namespace gridproof::reports
