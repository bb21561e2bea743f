#include "reports/text/parse.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "reports/testing/error_of.h"

namespace gridproof::reports {
namespace {

TEST(Parse, Counts) {
  EXPECT_EQ(parse_count("--max-samples", "1"), 1);
  EXPECT_EQ(parse_count("--max-samples", "1e8"), 100'000'000);
  EXPECT_EQ(parse_count("--max-samples", "2.5e3"), 2500);
  EXPECT_EQ(parse_count("--max-samples", "9223372036854775807"),
            std::numeric_limits<std::int64_t>::max());
  for (const std::string bad : {"", "0", "-5", "nan", "inf", "1.5", "1e30", "9223372036854775808",
                                "10 ", "0x10", "ten", "+1"}) {
    EXPECT_EQ(
        error_of([&] { parse_count("--max-samples", bad); }),
        "--max-samples is '" + bad + "': expected a positive whole number such as 1000000 or 1e6");
  }
}

TEST(Parse, SeedsAndIndicesAndThreads) {
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

TEST(Parse, Budgets) {
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

}  // namespace
}  // namespace gridproof::reports
