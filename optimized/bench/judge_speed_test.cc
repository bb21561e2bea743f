// What is kept of the speed of the judge, and what it is compared with.
#include "optimized/bench/judge_speed.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "reports/testing/temporary_folder.h"

namespace gridproof::bench {
namespace {

std::string complaint(const std::string& file) {
  try {
    read_ratios(file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Ratios, AreTheSameWhenTheyAreReadAgain) {
  const reports::TemporaryFolder folder;
  const Ratios ratios = {{"judge/bilinear/2-D/f32", 31.25}, {"check/default", 1.25e10}};
  write_ratios(ratios, folder / "kept.txt");
  EXPECT_EQ(read_ratios(folder / "kept.txt"), ratios);
}

TEST(Ratios, ABadLineIsNamed) {
  const reports::TemporaryFolder folder;
  EXPECT_EQ(complaint(folder / "none"), folder / "none" + " cannot be read");
  for (const char* const line : {"judge", "judge fast", "judge 1 2"}) {
    const std::string file =
        folder.write("kept.txt", std::string("# these\n\na 1\n") + line + '\n');
    EXPECT_EQ(complaint(file), file + ":4: expected a name and a ratio, not '" + line + "'");
  }
}

TEST(Ratios, ThoseOfTheRepositoryAreOfWhatIsMeasured) {
  std::set<std::string> names;
  for (const Task& task : judge_tasks(Dtype::f32)) names.insert(task.name);
  for (const Task& task : gate_tasks("gridproof", std::make_shared<Folder>())) {
    names.insert(task.name);
  }
  std::set<std::string> kept;
  for (const auto& [name, ratio] :
       read_ratios(GRIDPROOF_SOURCE_DIR "/optimized/bench/judge_ratios.txt")) {
    kept.insert(name);
  }
  EXPECT_EQ(kept, names);
}

TEST(Speed, IsHeldAgainstTheGoalAndWhatWasKept) {
  Speed speed{.task = {.name = "", .unit = Unit::megasamples, .goal = 8, .samples = 20000},
              .seconds = 0.002,
              .ratio = 30,
              .kept = 31};
  EXPECT_DOUBLE_EQ(speed.in_unit(), 10);
  EXPECT_FALSE(speed.misses_goal());
  EXPECT_FALSE(speed.is_slower_than_kept());
  speed.seconds = 0.004;
  EXPECT_TRUE(speed.misses_goal());
  speed.ratio = 50;
  EXPECT_TRUE(speed.is_slower_than_kept());
  speed.kept = {};
  EXPECT_FALSE(speed.is_slower_than_kept());
  speed.task = {.name = "", .unit = Unit::microseconds, .goal = 0.5, .samples = 1000};
  speed.seconds = 0.0004;
  EXPECT_DOUBLE_EQ(speed.in_unit(), 0.4);
  EXPECT_FALSE(speed.misses_goal());
  speed.seconds = 0.0006;
  EXPECT_TRUE(speed.misses_goal());
}

TEST(Tasks, OfTheJudgeCanBeRun) {
  std::set<std::string> names;
  for (const Dtype dtype : {Dtype::f16, Dtype::f32, Dtype::f64}) {
    for (const Task& task : judge_tasks(dtype)) {
      EXPECT_TRUE(names.insert(task.name).second) << task.name;
      if (dtype == Dtype::f16) task.prepare()();
    }
  }
}

TEST(Tasks, AProgramThatFailsIsNamed) {
  for (const Task& task : gate_tasks("/no/such/program", std::make_shared<Folder>())) {
    if (task.name.starts_with("diagnose")) continue;  // writes its picture first
    EXPECT_THROW(task.prepare()(), std::runtime_error) << task.name;
  }
}

TEST(Tasks, TensorsAreFilesOfNumPy) {
  const Folder folder;
  write_npy(folder / "a.npy", Tensor(Dtype::f32, {1, 2}));
  std::ifstream file(folder / "a.npy", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(bytes.size(), 128 + 8);
  EXPECT_TRUE(bytes.starts_with(std::string("\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', ", 26)));
  EXPECT_NE(bytes.find("'shape': (1, 2,)}"), std::string::npos);
  EXPECT_EQ(bytes[127], '\n');
}

}  // namespace
}  // namespace gridproof::bench
