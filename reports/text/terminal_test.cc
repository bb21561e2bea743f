#include "reports/text/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gridproof::reports {
namespace {

// A progress line whose clock is set by hand.
struct ProgressTest : testing::Test {
  std::ostringstream out;
  double now = 0;

  std::unique_ptr<Progress> make(std::optional<Progress::Seconds> budget = {}) {
    return std::make_unique<Progress>(&out, budget, [this] { return Progress::Seconds(now); });
  }
};

TEST_F(ProgressTest, TellsRateAndTimeLeft) {
  const auto progress = make();
  now = 2;
  progress->update(10'000'000, 100'000'000);
  EXPECT_EQ(out.str(), "\r\x1b[K10,000,000 of 100,000,000 samples, 5.0 M/s, 18 s left");
}

// What a resumed run finds done says nothing of the time that is left.
TEST_F(ProgressTest, ForgetsAnOldPace) {
  const auto progress = make();
  now = 2;
  progress->update(900'000'000, 1'000'000'000);
  for (now = 16; now < 60; ++now) {
    progress->update(900'000'000 + static_cast<std::int64_t>(now) * 1'000'000, 1'000'000'000);
  }
  EXPECT_TRUE(out.str().ends_with("samples, 1.0 M/s, 41 s left")) << out.str();
}

TEST_F(ProgressTest, IsWipedAtTheEnd) {
  auto progress = make();
  now = 5;
  progress->update(1, 100);
  progress.reset();
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

TEST_F(ProgressTest, SaysNothingOfWhatIsOverSoon) {
  auto progress = make();
  now = 0.9;
  progress->update(1, 1000);
  now = 1.5;
  progress->update(900, 1000);
  progress.reset();
  EXPECT_EQ(out.str(), "");
}

TEST_F(ProgressTest, CountsDownABudget) {
  const auto progress = make(Progress::Seconds(150));
  now = 3;
  progress->update(6000, 0);
  EXPECT_EQ(out.str(), "\r\x1b[K6,000 samples, 2.0 k/s, 3 min left");
}

TEST_F(ProgressTest, IsNotRewrittenAllTheTime) {
  const auto progress = make();
  now = 2;
  progress->update(10, 1000);
  const std::string before = out.str();
  now = 2.1;
  progress->update(11, 1000);
  EXPECT_EQ(out.str(), before);
}

TEST(Progress, IsQuietWithoutAStream) {
  Progress progress(nullptr, {}, [] { return Progress::Seconds(10); });
  progress.update(1, 1000);
}

}  // namespace
}  // namespace gridproof::reports
