// What the command line and the environment say of a campaign. Whatever is wrong with it ends as an
// InputError. Tested by arguments_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/campaign/campaign.h"
#include "reference/contract/subject.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {

// The value of the environment variable of that name, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Each takes the text of `option` and throws InputError for what it is not.
Shard parse_shard(std::string_view option, const std::string& text);  // 1/3 … 3/3
Profile parse_profile(std::string_view option, const std::string& text);
Dialect parse_dialect(std::string_view option, const std::string& text);

// Today, or so much later, in UTC: "2026-01-31". Today is the day of SOURCE_DATE_EPOCH where that
// is set, as for everything that is to be made again bit by bit. Throws InputError where that is no
// day before the year 9999.
std::string today(const Environment& variable, std::chrono::seconds later = {});

// The shard that a test runner asks for: TEST_TOTAL_SHARDS and TEST_SHARD_INDEX (Bazel) or the same
// with GTEST_ (GoogleTest), counted from 0. It is told that its wish is respected by the file of
// TEST_SHARD_STATUS_FILE. Nothing when it asks for none.
std::optional<Shard> shard_of_environment(const Environment& variable);

}  // namespace gridproof::reports
