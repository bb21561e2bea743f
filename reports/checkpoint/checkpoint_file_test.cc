#include "reports/checkpoint/checkpoint_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/testing/temporary_folder.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

std::vector<Judgment> some(const std::string& message) {
  Judgment judgment{.whole = true, .message = message};
  judgment[Verdict::quality_warning] = 3;
  judgment.notable.push_back({.verdict = Verdict::quality_warning,
                              .sample = 5,
                              .channel = 2,
                              .clause = "coord.rounding",
                              .within = Profile{.kind = Profile::Kind::formula}});
  return {judgment, Judgment{}};
}

TEST(CheckpointFile, SaysWhatWasWrittenAndForgetsATornLine) {
  const TemporaryFolder folder;
  {
    CheckpointFile checkpoint(folder.path(), "check", "1", false);
    EXPECT_EQ(checkpoint.find(7), nullptr);
    checkpoint.add(7, some("it \"said\" \xff\n"));
    checkpoint.add(9, some(""));
  }
  std::ofstream(folder.path() / "checkpoint.jsonl", std::ios::app) << "[10,5,[[[0,0";
  for (int run = 0; run < 2; ++run) {
    CheckpointFile checkpoint(folder.path(), "check", "1", true);
    ASSERT_NE(checkpoint.find(7), nullptr);
    const Judgment& judgment = checkpoint.find(7)->front();
    EXPECT_EQ(checkpoint.find(7)->size(), 2U);
    EXPECT_EQ(judgment[Verdict::quality_warning], 3);
    EXPECT_TRUE(judgment.whole);
    EXPECT_EQ(judgment.message, "it \"said\" \xEF\xBF\xBD\n");
    ASSERT_EQ(judgment.notable.size(), 1U);
    EXPECT_EQ(judgment.notable[0].sample, 5);
    EXPECT_EQ(judgment.notable[0].channel, 2);
    EXPECT_EQ(judgment.notable[0].clause, "coord.rounding");
    EXPECT_EQ(to_string(*judgment.notable[0].within), "P3");
    EXPECT_EQ(checkpoint.find(10) != nullptr, run == 1);
    if (run == 0) checkpoint.add(10, some("after the torn line"));
  }
}

TEST(CheckpointFile, SaysWhatWasWrittenOfGradients) {
  const TemporaryFolder folder;
  GradientJudgment judgment{.whole = true, .message = "it \"said\" \xff\n"};
  judgment.counts[0][static_cast<std::size_t>(Verdict::same_bits)] = 12;
  judgment.counts[1][static_cast<std::size_t>(Verdict::deviates)] = 3;
  judgment.notable = {{.verdict = Verdict::deviates,
                       .gradient = Gradient::grid,
                       .element = 7,
                       .clause = "grad.border"},
                      {.verdict = Verdict::quality_warning,
                       .element = 2,
                       .clause = "grad.order",
                       .within = Profile{.kind = Profile::Kind::formula}}};
  {
    CheckpointFile checkpoint(folder.path(), "check", "1", false);
    EXPECT_EQ(checkpoint.find_gradients(7), nullptr);
    checkpoint.add_gradients(7, {judgment, {}});
    checkpoint.add(7, some(""));  // values have numbers of their own
  }
  std::ofstream(folder.path() / "checkpoint.jsonl", std::ios::app) << R"({"gradients":8,"judg)";
  const CheckpointFile checkpoint(folder.path(), "check", "1", true);
  EXPECT_EQ(checkpoint.find_gradients(8), nullptr);
  ASSERT_NE(checkpoint.find_gradients(7), nullptr);
  EXPECT_EQ(checkpoint.find_gradients(7)->size(), 2U);
  const GradientJudgment& read = checkpoint.find_gradients(7)->front();
  EXPECT_EQ(read.counts, judgment.counts);
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(read.message, "it \"said\" \xEF\xBF\xBD\n");
  ASSERT_EQ(read.notable.size(), 2U);
  EXPECT_EQ(read.notable[0].gradient, Gradient::grid);
  EXPECT_EQ(read.notable[0].element, 7);
  EXPECT_EQ(read.notable[0].clause, "grad.border");
  EXPECT_EQ(read.notable[1].verdict, Verdict::quality_warning);
  EXPECT_EQ(to_string(*read.notable[1].within), "P3");
}

// A subject that is wrong everywhere would fill disks otherwise.
TEST(CheckpointFile, IsShortWhereSamplesAreNotableForTheSame) {
  const TemporaryFolder folder;
  Judgment judgment{.errors = {.elements = 3, .up = -7, .away = 11}};
  for (std::int64_t sample = 0; sample < 4000; ++sample) {
    SampleVerdict verdict{.verdict = Verdict::deviates, .sample = sample, .clause = "coord.nan"};
    if (sample % 1000 == 999) verdict.clause = "nearest.texel";
    if (sample % 1000 == 500) verdict.channel = 2;
    if (sample % 1000 != 7) judgment.notable.push_back(verdict);
  }
  CheckpointFile(folder.path(), "check", "1", false).add(1, {judgment});
  EXPECT_LT(std::filesystem::file_size(folder.path() / "checkpoint.jsonl"), 500U);
  const CheckpointFile checkpoint(folder.path(), "check", "1", true);
  ASSERT_NE(checkpoint.find(1), nullptr);
  const Judgment& read = checkpoint.find(1)->front();
  EXPECT_EQ(read.errors.elements, 3);
  EXPECT_EQ(read.errors.up, -7);
  EXPECT_EQ(read.errors.away, 11);
  ASSERT_EQ(read.notable.size(), judgment.notable.size());
  for (std::size_t i = 0; i < read.notable.size(); ++i) {
    ASSERT_EQ(read.notable[i].sample, judgment.notable[i].sample);
    ASSERT_EQ(read.notable[i].channel, judgment.notable[i].channel);
    ASSERT_EQ(read.notable[i].clause, judgment.notable[i].clause);
    ASSERT_EQ(read.notable[i].verdict, Verdict::deviates);
  }
}

TEST(CheckpointFile, RefusesWhatIsNoCheckpointOfThisCampaign) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& command,
                         const std::string& content = "1") -> std::string {
    try {
      const CheckpointFile checkpoint(folder.path(), command, content, true);
    } catch (const InputError& problem) {
      return problem.what();
    }
    return "none";
  };
  const std::string file = (folder.path() / "checkpoint.jsonl").string();
  EXPECT_EQ(error("check"), "there is nothing to resume: no '" + file + "'");
  {
    CheckpointFile(folder.path(), "check", "1", false).add(1, {});
  }
  EXPECT_EQ(error("check"), "none");
  EXPECT_EQ(error("check --seed 2"),
            "'" + file + "' is of another campaign: expected that of 'check --seed 2'");
  EXPECT_EQ(error("check", "2"),
            "'" + file +
                "' is of subjects or of a gridproof that were built anew since: their "
                "verdicts of before say nothing; start again without --resume");
  std::ofstream(file, std::ios::app) << "[]\n";
  EXPECT_EQ(error("check"), "'" + file + "' is damaged: expected a checkpoint of gridproof check");
  folder.write("checkpoint.jsonl", "hello\n");
  EXPECT_NE(error("check").find("is of another campaign"), std::string::npos);
}

TEST(CheckpointFile, ContentIsThatOfTheFiles) {
  const TemporaryFolder folder;
  SubjectEntry entry{.name = "mine"};
  const std::string none = content_of({entry});
  entry.files = {folder.write("libmine.so", "one")};
  const std::string one = content_of({entry});
  folder.write("libmine.so", "two");
  const std::string two = content_of({entry});
  folder.write("libmine.so", std::string("one\0", 4));
  const std::string longer = content_of({entry});
  folder.write("libmine.so", "one");
  EXPECT_NE(one, longer);
  EXPECT_NE(one, none);
  EXPECT_NE(one, two);
  EXPECT_EQ(content_of({entry}), one);
}

// What was under way when a run was killed is named, and asked by itself, by the next.
TEST(CheckpointFile, ACaseUnderWayIsNamedAfterwards) {
  const TemporaryFolder folder;
  {
    CheckpointFile checkpoint(folder.path(), "check", "1", false);
    checkpoint.begin(std::vector<std::uint64_t>{0, 1, 2, 3});
    checkpoint.add(1, some("done"));
  }
  std::vector<std::string> told;
  {
    CheckpointFile checkpoint(folder.path(), "check", "1", true,
                              [&](const std::string& sentence) { told.push_back(sentence); });
    EXPECT_TRUE(checkpoint.was_cut_off(0));
    EXPECT_FALSE(checkpoint.was_cut_off(1));
    EXPECT_FALSE(checkpoint.was_cut_off(4));
    run_campaign({.max_cases = 3, .log = &checkpoint, .threads = 1}, {reference_subject()},
                 reference_subject());
  }
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(
      told[0].starts_with("the run before ended while this case and others were under "
                          "way; they are asked again one at a time: "))
      << told[0];
  CheckpointFile checkpoint(folder.path(), "check", "1", true);
  EXPECT_FALSE(checkpoint.was_cut_off(0));  // now it is judged
  EXPECT_TRUE(checkpoint.was_cut_off(3));
}

// A checkpoint that somebody made up does not make a campaign look beyond its cases.
TEST(CheckpointFile, AJudgmentOfSamplesThatAreNotThereIsNotTaken) {
  const TemporaryFolder folder;
  {
    CheckpointFile checkpoint(folder.path(), "check", "1", false);
    Judgment judgment;
    judgment[Verdict::deviates] = 1;
    judgment.notable.push_back({.verdict = Verdict::deviates,
                                .sample = std::int64_t{1} << 40U,
                                .clause = "nearest.ties-to-even"});
    for (std::uint64_t i = 0; i < 20; ++i) checkpoint.add(i, {judgment});
  }
  CheckpointFile checkpoint(folder.path(), "check", "1", true);
  const CampaignResult result = run_campaign({.max_cases = 20, .log = &checkpoint, .threads = 1},
                                             {reference_subject()}, reference_subject());
  EXPECT_TRUE(result.findings.empty());
  std::ofstream(folder.path() / "checkpoint.jsonl", std::ios::app)
      << R"([0,5,[[[0,0,0,0,0,0,0,0,0],[["deviates",0,"x","",[-1000000,1]]],false,"",[0,0,0]]]])"
      << "\n";
  EXPECT_THROW(CheckpointFile(folder.path(), "check", "1", true), InputError);
}

TEST(CheckpointFile, SurvivesAnyBytes) {
  const TemporaryFolder folder;
  {
    CheckpointFile(folder.path(), "check", "1", false).add(7, some("why"));
  }
  const std::string good = folder.read("checkpoint.jsonl");
  const std::size_t first = good.find('\n') + 1;
  std::mt19937 random(1);
  for (int i = 0; i < 3'000; ++i) {
    std::string text = good;
    for (std::uint32_t change = 1 + random() % 3; change > 0; --change) {
      text[first + random() % (text.size() - first - 1)] =
          random() % 2 == 0 ? static_cast<char>(random()) : "[]{},\"0-"[random() % 8];
    }
    folder.write("checkpoint.jsonl", text);
    try {
      const CheckpointFile checkpoint(folder.path(), "check", "1", true);
    } catch (const InputError&) {  // that is its right
    }
  }
}

// A campaign that goes on asks for nothing again, and ends with the same result.
TEST(CheckpointFile, ACampaignGoesOn) {
  const TemporaryFolder folder;
  const auto mutant = std::ranges::find(mutants(), "nan.zero", &Mutant::name);
  std::atomic<int> asked = 0;
  SubjectEntry counting = mutant_subject(*mutant);
  counting.open = [&asked, open = counting.open] {
    std::shared_ptr<Subject> inner = open();
    return std::make_unique<FunctionSubject>([&asked, inner](const Case& test_case) {
      ++asked;
      return inner->answer(test_case);
    });
  };
  const auto judged = [&](bool resume, std::int64_t cases) {
    CheckpointFile checkpoint(folder.path(), "check", "1", resume);
    asked = 0;
    return run_campaign({.max_cases = cases, .log = &checkpoint, .threads = 2}, {counting},
                        reference_subject());
  };
  const CampaignResult whole = judged(false, 600);
  const int all = asked;
  judged(false, 400);  // as if cut off there
  const CampaignResult resumed = judged(true, 600);
  EXPECT_LT(asked, all - 300);
  EXPECT_EQ(resumed.samples, whole.samples);
  ASSERT_EQ(resumed.findings.size(), whole.findings.size());
  for (std::size_t i = 0; i < whole.findings.size(); ++i) {
    EXPECT_EQ(resumed.findings[i].samples, whole.findings[i].samples);
    EXPECT_EQ(to_line(resumed.findings[i].incidents[0].reduced),
              to_line(whole.findings[i].incidents[0].reduced));
  }
}

}  // namespace
}  // namespace gridproof::reports
