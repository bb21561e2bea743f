// What comes from outside: arguments, environment, files of cases. Whatever is wrong with it ends
// as an InputError: one sentence that says what, where, and what was expected. Tested by
// input_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/campaign.h"
#include "reference/contract/case.h"
#include "reference/contract/subject.h"
#include "reports/input_error.h"
#include "reports/roster.h"

namespace gridproof::reports {

// The value of the environment variable of that name, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The text in lower case, of ASCII.
std::string lower(std::string_view text);
// The value of an enumeration of that name, in any case.
template <class Enum>
std::optional<Enum> parse_any_case(const std::string& text) {
  for (const auto& named : names<Enum>) {
    if (lower(named.name) == lower(text)) return named.value;
  }
  return std::nullopt;
}

// Each takes the text of `option` and throws InputError for what it is not.
std::int64_t parse_count(std::string_view option, const std::string& text);  // 1000000, 1e6
std::uint64_t parse_seed(std::string_view option, const std::string& text);
std::chrono::milliseconds parse_time(std::string_view option, const std::string& text);  // 30s
Shard parse_shard(std::string_view option, const std::string& text);  // 1/3 … 3/3
Profile parse_profile(std::string_view option, const std::string& text);
Dialect parse_dialect(std::string_view option, const std::string& text);
int parse_threads(std::string_view option, const std::string& text);         // 1 … 1024
std::int64_t parse_index(std::string_view option, const std::string& text);  // 0, 1, …
std::vector<std::int64_t> parse_indices(std::string_view option, const std::string& text);  // 0,2,1
Shape parse_sizes(std::string_view option, const std::string& text);  // 64,48, each at least 1
bool parse_truth(std::string_view option, const std::string& text);   // True, false, 1

// Today, or so much later, in UTC: "2026-01-31". Today is the day of SOURCE_DATE_EPOCH where that
// is set, as for everything that is to be made again bit by bit. Throws InputError where that is no
// day before the year 9999.
std::string today(const Environment& variable, std::chrono::seconds later = {});

// The shard that a test runner asks for: TEST_TOTAL_SHARDS and TEST_SHARD_INDEX (Bazel) or the same
// with GTEST_ (GoogleTest), counted from 0. It is told that its wish is respected by the file of
// TEST_SHARD_STATUS_FILE. Nothing when it asks for none.
std::optional<Shard> shard_of_environment(const Environment& variable);

// The entries of `roster` with these names, each once, in the order of the names; or what
// foreign_subject (roster.h) makes of a name.
std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options = {});

// An instance of the subject. Throws InputError, which names it, when it does not start.
std::unique_ptr<Subject> open_subject(const SubjectEntry& entry);

struct SourcedCase {
  Case question;
  std::string where;  // "cases.txt:3"; empty for a case that was the argument itself
};
// The cases of an argument: a case line, a file of them (one a line; blank lines and those that
// start with # are skipped), one line of a file (FILE:4) or some (FILE:4-6), or - for `in`. At
// least one.
std::vector<SourcedCase> read_cases(const std::string& argument, std::istream& in);
// The one case that an argument means.
Case read_case(const std::string& argument, std::istream& in);

}  // namespace gridproof::reports
