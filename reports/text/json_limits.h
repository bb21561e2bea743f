// JSON that nobody trusts, looked through before it is built: a list of lists takes a hundred times
// its text. Tested by json_limits_test.cc.
#pragma once

#include <cstddef>
#include <string_view>

namespace gridproof::reports {

struct JsonLimits {
  std::size_t depth = 16;           // objects and lists in each other
  std::size_t values = 10'000'000;  // of all kinds, keys included
};

// Throws std::invalid_argument where the text is no JSON, is deeper or has more values than that,
// or names a key of an object twice. What is wrong is said as "is no JSON", to stand after a
// subject. The time it takes is that of sorting the keys.
void check_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace gridproof::reports
