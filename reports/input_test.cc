#include "reports/input.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <sstream>

#include "reports/temporary_folder.h"

namespace gridproof::reports {
namespace {

constexpr const char* line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}";

// What somebody reads who gave bad input.
template <class Function>
std::string error_of(Function&& function) {
  try {
    function();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Input, Counts) {
  EXPECT_EQ(parse_count("--samples", "1"), 1);
  EXPECT_EQ(parse_count("--samples", "1e8"), 100'000'000);
  EXPECT_EQ(parse_count("--samples", "2.5e3"), 2500);
  EXPECT_EQ(parse_count("--samples", "9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  for (const std::string bad : {"", "0", "-5", "nan", "inf", "1.5", "1e30", "9223372036854775808",
                                "10 ", "0x10", "ten", "+1"}) {
    EXPECT_EQ(
        error_of([&] { parse_count("--samples", bad); }),
        "--samples is '" + bad + "': expected a positive whole number such as 1000000 or 1e6");
  }
}

TEST(Input, SeedsAndIndicesAndThreads) {
  EXPECT_EQ(parse_seed("--seed", "18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(error_of([] { parse_seed("--seed", "-1"); }),
            "--seed is '-1': expected a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(parse_index("--sample", "0"), 0);
  EXPECT_EQ(error_of([] { parse_index("--sample", "-1"); }),
            "--sample is '-1': expected a whole number, 0 or more");
  EXPECT_EQ(parse_indices("--at", "0,2,1"), (std::vector<std::int64_t>{0, 2, 1}));
  for (const std::string bad : {"", "1,", ",1", "1,,2", "1,-2", "a"}) {
    EXPECT_EQ(error_of([&] { parse_indices("--at", bad); }),
              "--at is '" + bad + "': expected indices from 0 such as 0,2,1");
  }
  EXPECT_EQ(parse_sizes("--input-size", "64,48"), (Shape{64, 48}));
  for (const std::string bad : {"", "0,1", "4x4", "9223372036854775808"}) {
    EXPECT_EQ(error_of([&] { parse_sizes("--input-size", bad); }),
              "--input-size is '" + bad + "': expected sizes from 1 such as 64,48");
  }
  EXPECT_TRUE(parse_truth("--align-corners", "True"));
  EXPECT_FALSE(parse_truth("--align-corners", "false"));
  EXPECT_EQ(error_of([] { parse_truth("--align-corners", "yes?"); }),
            "--align-corners is 'yes?': expected True or False");
  EXPECT_EQ(parse_threads("--threads", "2"), 2);
  EXPECT_EQ(error_of([] { parse_threads("--threads", "0"); }),
            "--threads is '0': expected a whole number from 1 to 1024");
}

TEST(Input, Budgets) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_time("--budget", "30s"), milliseconds(30'000));
  EXPECT_EQ(parse_time("--budget", "500ms"), milliseconds(500));
  EXPECT_EQ(parse_time("--budget", "1.5min"), milliseconds(90'000));
  EXPECT_EQ(parse_time("--budget", "2m"), milliseconds(120'000));
  EXPECT_EQ(parse_time("--budget", "1h"), milliseconds(3'600'000));
  for (const std::string bad : {"", "30", "s", "-1s", "0s", "nans", "infs", "1e300s", "1 s"}) {
    EXPECT_EQ(error_of([&] { parse_time("--budget", bad); }),
              "--budget is '" + bad + "': expected a time such as 30s, 500ms, 5min or 1h");
  }
}

TEST(Input, Shards) {
  const Shard shard = parse_shard("--shard", "2/3");
  EXPECT_EQ(shard.index, 1);
  EXPECT_EQ(shard.count, 3);
  for (const std::string bad : {"", "3", "0/3", "4/3", "3/2", "1/0", "-1/2", "1/2/3", "a/b"}) {
    EXPECT_EQ(error_of([&] { parse_shard("--shard", bad); }),
              "--shard is '" + bad + "': expected i/n with 1 <= i <= n, such as 2/3");
  }
}

TEST(Input, Profiles) {
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

TEST(Input, ShardsOfTheEnvironment) {
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

TEST(Input, BadShardsOfTheEnvironment) {
  const auto error = [](std::map<std::string, std::string> variables) {
    return error_of([&] { shard_of_environment(environment(std::move(variables))); });
  };
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "3"}}),
            "TEST_TOTAL_SHARDS and TEST_SHARD_INDEX go together: one is not set");
  EXPECT_EQ(error({{"GTEST_TOTAL_SHARDS", "3"}, {"GTEST_SHARD_INDEX", "3"}}),
            "GTEST_SHARD_INDEX is '3': expected a whole number from 0 to 2");
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "0"}, {"TEST_SHARD_INDEX", "0"}}),
            "TEST_TOTAL_SHARDS is '0': expected a positive whole number");
  EXPECT_EQ(error({{"TEST_TOTAL_SHARDS", "1"},
                   {"TEST_SHARD_INDEX", "0"},
                   {"TEST_SHARD_STATUS_FILE", "/no/such/file"}}),
            "cannot write TEST_SHARD_STATUS_FILE, '/no/such/file': No such file or directory");
}

TEST(Input, SubjectsByName) {
  const std::vector<SubjectEntry> roster = {{.name = "a"}, {.name = "b"}, {.name = "mutant:c"}};
  const auto chosen = select(roster, {"b", "mutant:c", "b"});
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].name, "b");
  EXPECT_EQ(chosen[1].name, "mutant:c");
  EXPECT_EQ(error_of([&] { select(roster, {"x"}); }),
            "--subject is 'x': expected a, b, peer:NAME, process:COMMAND or the path of a plug-in "
            "(.so), or did you mean a or b?");
  EXPECT_EQ(error_of([&] { select(roster, {"mutant:d"}); }),
            "--subject is 'mutant:d': expected a, b, peer:NAME, process:COMMAND or the path of a "
            "plug-in (.so), or did you mean mutant:c?");
}

TEST(Input, CasesOfAFile) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("cases.txt", std::string("# a comment\n\n") + line + "\r\n  \n" + line);
  std::istringstream in;
  const auto cases = read_cases(file, in);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].where, file + ":3");
  EXPECT_EQ(cases[1].where, file + ":5");
  EXPECT_EQ(to_line(cases[1].question), line);
  EXPECT_EQ(read_cases(file + ":5", in).size(), 1U);
}

TEST(Input, CasesOfTheArgumentAndOfTheInput) {
  std::istringstream in(std::string(line) + "\n");
  EXPECT_EQ(read_cases("-", in).front().where, "standard input:1");
  EXPECT_EQ(to_line(read_case(line, in)), line);
}

TEST(Input, BadCases) {
  const TemporaryFolder folder;
  std::istringstream in;
  const auto error = [&](const std::string& argument) {
    return error_of([&] { read_case(argument, in); });
  };
  const std::string empty = folder.write("empty", "");
  EXPECT_EQ(error(empty), "'" + empty +
                              "' holds no case: expected lines such as 'grid_sample "
                              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}'");
  EXPECT_TRUE(error("-").starts_with("'standard input' holds no case"));
  EXPECT_EQ(error(folder.path()),
            "'" + folder.path().string() + "' is a directory: expected a file of case lines");
  EXPECT_EQ(error("no-such-file"),
            "'no-such-file' is neither a case nor a file: a case starts with 'grid_sample '");
  EXPECT_EQ(error(empty + ":1"), "'" + empty + "' has 0 lines: there is no line 1");
  const std::string bad = folder.write("bad", std::string(line) + "\ngrid_sample input=f99[1]{1}");
  EXPECT_EQ(error(bad), bad + ":2:19: 'f99' is not a dtype: expected f16, bf16, f32, f64 or i32");
  EXPECT_EQ(error("grid_sample mode=nearest"), "column 25 of the case: the case has no input=");
  const std::string two = folder.write("two", std::string(line) + "\n" + line);
  EXPECT_EQ(error(two), "'" + two + "' holds 2 cases: expected one, such as " + two + ":1");
}

}  // namespace
}  // namespace gridproof::reports
