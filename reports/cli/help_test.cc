#include "reports/cli/help.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "reference/semantics/grid_sample.h"
#include "reports/cli/program.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

std::string help_of(const std::vector<std::string>& arguments, std::size_t columns) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const ExitCode code = run(all_commands(), arguments,
                            {.in = in,
                             .out = out,
                             .err = err,
                             .roster = {reference_subject()},
                             .variable = [](const std::string&) { return std::nullopt; },
                             .help_columns = columns});
  EXPECT_EQ(code, ExitCode::ok) << err.str();
  return out.str();
}

// The words, however they are wrapped.
std::string words_of(const std::string& text) {
  std::istringstream stream(text);
  std::string words;
  for (std::string word; stream >> word;) {
    if (word != "\\") words += word + ' ';
  }
  return words;
}

const std::vector<std::vector<std::string>>& all_helps() {
  static const std::vector<std::vector<std::string>> all = [] {
    std::vector<std::vector<std::string>> helps = {{"--help"}};
    for (const char* command : {"subjects", "check", "merge", "propose-waivers", "replay",
                                "explain", "spec", "mutation-score", "probe", "diagnose", "reduce",
                                "displacement", "smoke", "matrix", "vectors", "bench"}) {
      helps.push_back({command, "--help"});
    }
    return helps;
  }();
  return all;
}

TEST(Help, NoLineIsLongerThanTheTerminal) {
  for (const auto& arguments : all_helps()) {
    const std::string wide = words_of(help_of(arguments, 1000));
    for (const std::size_t columns : {40U, 59U, 60U, 80U, 100U, 120U}) {
      const std::string text = help_of(arguments, columns);
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) {
        // What stands between quotes cannot be broken.
        const bool is_quoted = line.find_first_not_of(' ') == line.find('\'');
        EXPECT_TRUE(width(line) <= columns || is_quoted)
            << arguments.front() << ' ' << columns << ": " << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
      }
      EXPECT_EQ(words_of(text), wide) << arguments.front();
    }
  }
}

// At the usual width no argument of an example is too long.
TEST(Help, EightyColumnsAreEnoughForEveryExample) {
  for (const auto& arguments : all_helps()) {
    std::istringstream lines(help_of(arguments, 80));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), 80U) << line;
  }
}

TEST(Help, AFlagIsShownAsItIsWritten) {
  EXPECT_NE(help_of({"check", "--help"}, 80).find("  --no-shortcut  "), std::string::npos);
}

TEST(Help, Wraps) {
  EXPECT_EQ(wrapped("one two three", 9, 0, 2), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 9, 3, 2), "one\n  two\n  three");
  EXPECT_EQ(wrapped("incomprehensible words", 9, 0, 0), "incomprehensible\nwords");
  EXPECT_EQ(wrapped("ätöü ätöü", 9, 0, 0), "ätöü ätöü");  // columns, not bytes
  EXPECT_EQ(wrapped("", 9, 0, 0), "");
}

// A shell takes the lines for one command.
TEST(Help, WrapsCommands) {
  EXPECT_EQ(wrapped_command("do this", 9, 2, 4), "do this");
  EXPECT_EQ(wrapped_command("do this now", 9, 2, 4), "do \\\n    this \\\n    now");
  EXPECT_EQ(wrapped_command("say 'a b c d e f' aloud", 12, 2, 4),
            "say \\\n    'a b c d e f' \\\n    aloud");
}

TEST(Help, IsAsWideAsTheTerminal) {
  const auto with = [](const std::optional<std::string>& columns) {
    return
        [columns](const std::string& name) { return name == "COLUMNS" ? columns : std::nullopt; };
  };
  EXPECT_EQ(help_columns(100, with("60")), 100U);
  EXPECT_EQ(help_columns(std::nullopt, with("60")), 60U);
  EXPECT_EQ(help_columns(std::nullopt, with(std::nullopt)), 80U);
  EXPECT_EQ(help_columns(std::nullopt, with("many")), 80U);
  EXPECT_EQ(help_columns(std::nullopt, with("0")), 80U);
  EXPECT_EQ(help_columns(10, with(std::nullopt)), 40U);
  EXPECT_EQ(help_columns(300, with(std::nullopt)), 120U);
}

}  // namespace
}  // namespace gridproof::reports
