#include "reports/cli/arguments.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "reports/testing/error_of.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

TEST(Arguments, Shards) {
  const Shard shard = parse_shard("--shard", "2/3");
  EXPECT_EQ(shard.index, 1);
  EXPECT_EQ(shard.count, 3);
  for (const std::string bad : {"", "3", "0/3", "4/3", "3/2", "1/0", "-1/2", "1/2/3", "a/b"}) {
    EXPECT_EQ(error_of([&] { parse_shard("--shard", bad); }),
              "--shard is '" + bad + "': expected i/n with 1 <= i <= n, such as 2/3");
  }
}

TEST(Arguments, Profiles) {
  EXPECT_EQ(parse_profile("--profile", "P4c(f16)"),
            (Profile{.kind = Profile::Kind::narrow_coordinates, .type = Dtype::f16}));
  EXPECT_EQ(error_of([] { parse_profile("--profile", "P9"); }),
            "--profile is 'P9': expected P0, P1, P2, P3, P4c(f16), P4c(bf16), P4a(f16), "
            "P4a(bf16) or P5(1) … P5(23)");
}

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(Arguments, ShardsOfTheEnvironment) {
  EXPECT_FALSE(shard_of_environment(environment({})));
  const TemporaryFolder folder;
  for (const std::string prefix : {"TEST_", "GTEST_"}) {
    const std::string status = folder / (prefix + "status");
    const Shard shard = shard_of_environment(environment({{prefix + "TOTAL_SHARDS", "3"},
                                                          {prefix + "SHARD_INDEX", "2"},
                                                          {prefix + "SHARD_STATUS_FILE", status}}))
                            .value();
    EXPECT_EQ(shard.index, 2);
    EXPECT_EQ(shard.count, 3);
    EXPECT_TRUE(std::filesystem::exists(status));
  }
}

TEST(Arguments, BadShardsOfTheEnvironment) {
  const auto error = [](std::map<std::string, std::string> variables) {
    return error_of([&] { shard_of_environment(environment(std::move(variables))); });
  };
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "3"}}),
            "TEST_TOTAL_SHARDS and TEST_SHARD_INDEX must be set together: one is not set");
  EXPECT_EQ(error({{"GTEST_TOTAL_SHARDS", "3"}, {"GTEST_SHARD_INDEX", "3"}}),
            "GTEST_SHARD_INDEX is '3': expected a whole number from 0 to 2");
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "0"}, {"TEST_SHARD_INDEX", "0"}}),
            "TEST_TOTAL_SHARDS is '0': expected a positive whole number");
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "1"},
                   {"TEST_SHARD_INDEX", "0"},
                   {"TEST_SHARD_STATUS_FILE", "/no/such/file"}}),
            "cannot write TEST_SHARD_STATUS_FILE, '/no/such/file': No such file or directory");
}

}  // namespace
}  // namespace gridproof::reports
