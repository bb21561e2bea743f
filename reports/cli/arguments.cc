#include "reports/cli/arguments.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

#include "reference/contract/foreign_text.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"

namespace gridproof::reports {

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
      throw InputError(fmt::format(
          "{0}TOTAL_SHARDS and {0}SHARD_INDEX must be set together: one is not set", prefix));
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
                                     "'" + printable(*status, 200) + "'", std::strerror(errno)));
      }
    }
    return Shard{*place, *count};
  }
  return std::nullopt;
}

}  // namespace gridproof::reports
