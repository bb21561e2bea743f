#include "reports/input.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

#include "reports/findings/text.h"
#include "reports/roster.h"
#include "reports/text_file.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_quoted = 60;

[[noreturn]] void reject(std::string_view option, std::string_view text,
                         std::string_view expected) {
  throw InputError(
      fmt::format("{} is '{}': expected {}", option, printable(text, most_quoted), expected));
}

// The whole of `text` as a number.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whole numbers with commas between them, each at least `least`.
std::vector<std::int64_t> whole_numbers(std::string_view option, const std::string& text,
                                        std::int64_t least, std::string_view expected) {
  std::vector<std::int64_t> numbers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto number =
        whole_number<std::int64_t>(std::string_view(text).substr(begin, end - begin));
    if (!number || *number < least) reject(option, text, expected);
    numbers.push_back(*number);
    begin = end + 1;
  }
  return numbers;
}

std::string quoted(const std::string& path) { return '\'' + printable(path, 200) + '\''; }

// A case of line `number` of `file`.
SourcedCase case_at(const std::string& line, const std::string& file, std::size_t number) {
  const std::string where = fmt::format("{}:{}", printable(file, 200), number);
  try {
    return {parse_case(line), where};
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
    throw InputError(fmt::format("{} has {}: there is no line {}", quoted(file),
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

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::int64_t parse_count(std::string_view option, const std::string& text) {
  if (const auto count = whole_number<std::int64_t>(text); count && *count > 0) return *count;
  // 1e8: a whole number all the same, and small enough that double has it exactly.
  const auto value = whole_number<double>(text);
  if (value && *value >= 1 && *value <= 0x1p53 && *value == std::trunc(*value)) {
    return static_cast<std::int64_t>(*value);
  }
  reject(option, text, "a positive whole number such as 1000000 or 1e6");
}

std::uint64_t parse_seed(std::string_view option, const std::string& text) {
  if (const auto seed = whole_number<std::uint64_t>(text)) return *seed;
  reject(option, text, "a whole number from 0 to 18446744073709551615");
}

std::chrono::milliseconds parse_time(std::string_view option, const std::string& text) {
  static constexpr std::pair<std::string_view, double> units[] = {
      {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const auto& [unit, milliseconds] : units) {
    if (!std::string_view(text).ends_with(unit)) continue;
    const auto value =
        whole_number<double>(std::string_view(text).substr(0, text.size() - unit.size()));
    if (!value) continue;
    const double budget = *value * milliseconds;
    const bool sensible = budget >= 1 && budget <= 1e12;  // NaN is neither
    if (!sensible) break;
    return std::chrono::milliseconds(static_cast<std::int64_t>(budget));
  }
  reject(option, text, "a time such as 30s, 500ms, 5min or 1h");
}

Shard parse_shard(std::string_view option, const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto index = whole_number<int>(std::string_view(text).substr(0, slash));
    const auto count = whole_number<int>(std::string_view(text).substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count) return {*index - 1, *count};
  }
  reject(option, text, "i/n with 1 <= i <= n, such as 2/3");
}

Profile parse_profile(std::string_view option, const std::string& text) {
  if (const auto profile = gridproof::parse_profile(text)) return *profile;
  reject(option, text,
         "P0, P1, P2, P3, P4c(f16), P4c(bf16), P4a(f16), P4a(bf16) or P5(1) … P5(23)");
}

Dialect parse_dialect(std::string_view option, const std::string& text) {
  if (const auto dialect = parse<Dialect>(text)) return *dialect;
  reject(option, text, "pytorch, onnx or onnx-16");
}

int parse_threads(std::string_view option, const std::string& text) {
  if (const auto threads = whole_number<int>(text); threads && *threads >= 1 && *threads <= 1024) {
    return *threads;
  }
  reject(option, text, "a whole number from 1 to 1024");
}

std::int64_t parse_index(std::string_view option, const std::string& text) {
  if (const auto index = whole_number<std::int64_t>(text); index && *index >= 0) return *index;
  reject(option, text, "a whole number, 0 or more");
}

std::vector<std::int64_t> parse_indices(std::string_view option, const std::string& text) {
  return whole_numbers(option, text, 0, "indices from 0 such as 0,2,1");
}

Shape parse_sizes(std::string_view option, const std::string& text) {
  return whole_numbers(option, text, 1, "sizes from 1 such as 64,48");
}

bool parse_truth(std::string_view option, const std::string& text) {
  for (const char* yes : {"True", "true", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"False", "false", "0"}) {
    if (text == no) return false;
  }
  reject(option, text, "True or False");
}

std::string today(const Environment& variable, std::chrono::seconds later) {
  std::time_t now = std::time(nullptr);
  const std::string epoch = variable("SOURCE_DATE_EPOCH").value_or("");
  if (!epoch.empty()) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(epoch.data(), epoch.data() + epoch.size(), seconds);
    constexpr std::int64_t most = 253'370'764'799;  // the end of the year 9998
    if (error != std::errc() || end != epoch.data() + epoch.size() || seconds < 0 ||
        seconds > most) {
      throw InputError("SOURCE_DATE_EPOCH is '" + printable(epoch, 40) +
                       "': expected seconds since 1970, up to the year 9998");
    }
    now = seconds;
  }
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(now + later.count()));
}

std::optional<Shard> shard_of_environment(const Environment& variable) {
  for (const std::string prefix : {"TEST_", "GTEST_"}) {
    const auto total = variable(prefix + "TOTAL_SHARDS");
    const auto index = variable(prefix + "SHARD_INDEX");
    if (!total && !index) continue;
    if (!total || !index) {
      throw InputError(
          fmt::format("{0}TOTAL_SHARDS and {0}SHARD_INDEX go together: one is not set", prefix));
    }
    const auto count = whole_number<int>(*total);
    if (!count || *count < 1) reject(prefix + "TOTAL_SHARDS", *total, "a positive whole number");
    const auto place = whole_number<int>(*index);
    if (!place || *place < 0 || *place >= *count) {
      reject(prefix + "SHARD_INDEX", *index,
             fmt::format("a whole number from 0 to {}", *count - 1));
    }
    if (const auto status = variable(prefix + "SHARD_STATUS_FILE")) {
      if (!std::ofstream(*status, std::ios::app)) {
        throw InputError(fmt::format("cannot write {}SHARD_STATUS_FILE, {}: {}", prefix,
                                     quoted(*status), std::strerror(errno)));
      }
    }
    return Shard{*place, *count};
  }
  return std::nullopt;
}

std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options) {
  std::vector<SubjectEntry> chosen;
  for (const std::string& name : names) {
    if (valid_text(name) != name) reject("--subject", name, "text in UTF-8");
    const auto found = std::ranges::find(roster, name, &SubjectEntry::name);
    if (auto foreign = foreign_subject(name, program_folder(), options)) {
      const bool is_alias = !foreign->spec.empty();
      if (is_alias &&
          (is_torch(foreign->name) ||
           std::ranges::find(roster, foreign->name, &SubjectEntry::name) != roster.end())) {
        reject("--subject", name, "an alias that is no name of a subject of gridproof's");
      }
      const auto same = std::ranges::find(chosen, foreign->name, &SubjectEntry::name);
      if (same == chosen.end()) {
        chosen.push_back(std::move(*foreign));
      } else if (same->spec != foreign->spec) {
        reject("--subject", name, "another alias: this one is somebody else's already");
      }
      continue;
    }
    if (found == roster.end()) {
      std::vector<std::string> known;
      std::vector<std::string> hidden;  // too many to list
      for (const SubjectEntry& entry : roster) {
        (entry.name.find(':') == std::string::npos ? known : hidden).push_back(entry.name);
      }
      known.insert(known.end(), {"peer:NAME", "process:COMMAND", "the path of a plug-in (.so)"});
      hidden.insert(hidden.end(), known.begin(), known.end() - 3);
      std::vector<std::string> near = similar(name, hidden);
      std::error_code ignored;
      const auto status = std::filesystem::status(name, ignored);
      const bool is_program = std::filesystem::is_regular_file(status) &&
                              (status.permissions() & std::filesystem::perms::owner_exec) !=
                                  std::filesystem::perms::none;
      if (is_program) near = {"process:" + name};
      reject("--subject", name,
             alternatives(known) +
                 (near.empty() ? "" : ", or did you mean " + alternatives(near) + "?"));
    }
    if (std::ranges::find(chosen, name, &SubjectEntry::name) == chosen.end()) {
      chosen.push_back(*found);
    }
  }
  return chosen;
}

std::unique_ptr<Subject> open_subject(const SubjectEntry& entry) {
  try {
    return entry.open();
  } catch (const std::runtime_error& error) {
    throw InputError(entry.name + " does not start: " + printable(error.what(), 400));
  }
}

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
      return {{parse_case(argument), ""}};
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
  std::vector<SourcedCase> cases = read_cases(argument, in);
  if (cases.size() > 1) {
    throw InputError(fmt::format("{} holds {}: expected one, such as {}", quoted(argument),
                                 counted(static_cast<std::int64_t>(cases.size()), "case"),
                                 cases.front().where));
  }
  return std::move(cases.front().question);
}

}  // namespace gridproof::reports
