#include "reports/text/case_reader.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "reference/contract/foreign_text.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"
#include "reports/text/text_file.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

std::string quoted(const std::string& path) { return '\'' + printable(path, 200) + '\''; }

constexpr std::string_view backward_name = "grid_sample_backward";

AnyCase parse_any_case(const std::string& line) {
  if (line.starts_with(backward_name)) return parse_backward_case(line);
  return parse_case(line);
}

// A case of line `number` of `file`.
SourcedCase case_at(const std::string& line, const std::string& file, std::size_t number) {
  const std::string where = fmt::format("{}:{}", printable(file, 200), number);
  try {
    return {parse_any_case(line), where};
  } catch (const ParseError& error) {
    throw InputError(fmt::format("{}:{}: {}", where, error.column(), printable(error.what(), 300)));
  }
}

constexpr std::size_t longest_line = std::size_t{256} << 20U;

// std::getline, but it gives up on a line that is longer than any case should be (/dev/zero is
// one).
bool limited_line(std::istream& in, std::string& line) {
  line.clear();
  std::array<char, 65536> piece{};
  while (line.size() <= longest_line) {
    in.getline(piece.data(), piece.size());
    const auto count = static_cast<std::size_t>(in.gcount());
    if (!in.fail()) {
      line.append(piece.data(), in.eof() ? count : count - 1);  // without the end of the line
      return true;
    }
    if (in.bad() || count == 0) return !line.empty();
    line.append(piece.data(), count);  // the line goes on
    in.clear(in.rdstate() & ~std::ios::failbit);
  }
  return true;
}

// Lines of a file, from 1.
struct Lines {
  std::size_t first = 0;
  std::size_t last = 0;
};

std::string text_of(const Lines& lines) {
  return lines.first == lines.last ? fmt::format("line {}", lines.first)
                                   : fmt::format("lines {} to {}", lines.first, lines.last);
}

// "4" or "4-6".
std::optional<Lines> lines_of(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto first = whole_number<std::size_t>(text.substr(0, dash));
  const auto last = dash == text.size() ? first : whole_number<std::size_t>(text.substr(dash + 1));
  if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
  return Lines{*first, *last};
}

std::vector<SourcedCase> cases_of(std::istream& in, const std::string& file,
                                  std::optional<Lines> only) {
  std::vector<SourcedCase> cases;
  std::string line;
  std::size_t number = 0;
  while (limited_line(in, line)) {
    ++number;
    if (line.size() > longest_line) {
      throw InputError(fmt::format("line {} of {} is longer than {} MiB", number, quoted(file),
                                   longest_line >> 20U));
    }
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // a byte order mark
    if (only && (number < only->first || number > only->last)) continue;
    if (line.find_first_not_of(" \t\r") == std::string::npos || line.front() == '#') continue;
    cases.push_back(case_at(line, file, number));
  }
  if (in.bad()) throw InputError("cannot read " + quoted(file) + ": " + std::strerror(errno));
  if (only && number < only->last) {
    throw InputError(fmt::format("{} has {}, so there is no line {}", quoted(file),
                                 counted(static_cast<std::int64_t>(number), "line"), only->last));
  }
  if (cases.empty()) {
    throw InputError(
        fmt::format("{} holds no case: expected lines such as 'grid_sample "
                    "input=f32[1,1,1,2]{{1,2}} grid=f32[1,1,1,2]{{0,0}}'",
                    only ? fmt::format("{} of {}", text_of(*only), quoted(file)) : quoted(file)));
  }
  return cases;
}

std::vector<SourcedCase> cases_of_file(const std::string& path, std::optional<Lines> only) {
  std::istringstream file(text_of_file(path));
  return cases_of(file, path, only);
}

// The one case that an argument means.
SourcedCase one_case(const std::string& argument, std::istream& in) {
  std::vector<SourcedCase> cases = read_cases(argument, in);
  if (cases.size() > 1) {
    throw InputError(fmt::format("{} holds {}: expected one, such as {}", quoted(argument),
                                 counted(static_cast<std::int64_t>(cases.size()), "case"),
                                 cases.front().where));
  }
  return std::move(cases.front());
}

// "cases.txt:3:1: " or "column 1 of the case: "
std::string beginning_of(const SourcedCase& sourced) {
  return sourced.where.empty() ? "column 1 of the case: " : sourced.where + ":1: ";
}

}  // namespace

std::vector<SourcedCase> read_cases(const std::string& argument, std::istream& in) {
  if (argument == "-") return cases_of(in, "standard input", std::nullopt);
  std::error_code ignored;
  const fs::file_status status = fs::status(argument, ignored);
  if (fs::is_directory(status)) {
    throw InputError(quoted(argument) + " is a directory: expected a file of case lines");
  }
  if (fs::exists(status)) return cases_of_file(argument, std::nullopt);
  if (argument.starts_with("grid_sample")) {
    try {
      return {{parse_any_case(argument), ""}};
    } catch (const ParseError& error) {
      throw InputError(
          fmt::format("column {} of the case: {}", error.column(), printable(error.what(), 300)));
    }
  }
  // Lines of a file, as compilers write one.
  const std::size_t colon = argument.rfind(':');
  if (colon != std::string::npos && fs::is_regular_file(argument.substr(0, colon), ignored)) {
    if (const auto lines = lines_of(std::string_view(argument).substr(colon + 1))) {
      return cases_of_file(argument.substr(0, colon), lines);
    }
  }
  throw InputError(quoted(argument) +
                   " is neither a case nor a file: a case starts with 'grid_sample '");
}

Case read_case(const std::string& argument, std::istream& in) {
  SourcedCase sourced = one_case(argument, in);
  if (auto* const test_case = std::get_if<Case>(&sourced.test_case)) return std::move(*test_case);
  throw InputError(beginning_of(sourced) +
                   "'grid_sample_backward' asks for gradients, which only 'gridproof replay', "
                   "'reduce --subject', 'explain --gradient' and 'diagnose --observed-grad-grid' "
                   "take: expected "
                   "'grid_sample '");
}

BackwardCase read_backward_case(const std::string& argument, std::istream& in) {
  SourcedCase sourced = one_case(argument, in);
  if (auto* const test_case = std::get_if<BackwardCase>(&sourced.test_case)) {
    return std::move(*test_case);
  }
  throw InputError(beginning_of(sourced) +
                   "'grid_sample' asks for values, not for gradients: expected "
                   "'grid_sample_backward '");
}

}  // namespace gridproof::reports
