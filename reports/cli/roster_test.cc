#include "reports/cli/roster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "fuzz/mutants/biased.h"
#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/select.h"
#include "reports/testing/error_of.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const SubjectEntry& entry : make_roster(folder)) {
    if (!is_control(entry.name)) names.push_back(entry.name);
  }
  return names;
}

TEST(Roster, TheWitnessesAndTheKernelsAreAlwaysThere) {
  const TemporaryFolder folder;
  EXPECT_EQ(names_in(folder.path()),
            (std::vector<std::string>{"reference", "exact", "portable", "neon", "avx2", "avx512",
                                      "cuda-host", "cuda"}));
  EXPECT_EQ(names_in(folder.path() / "nowhere").size(), 8U);
}

TEST(Roster, EveryLibTorchBesideTheProgramNewestFirst) {
  const TemporaryFolder folder;
  for (const std::string version : {"2.8.0", "2.15.0", "system", "1.13.1"}) {
    std::filesystem::permissions(folder.write("gridproof-torch-" + version, ""),
                                 std::filesystem::perms::owner_all);
  }
  folder.write("gridproof-torch-3.0", "no program");
  folder.write("gridproof-torch-", "no version");
  std::filesystem::create_directory(folder.path() / "gridproof-torch-4.0");
  EXPECT_EQ(names_in(folder.path()),
            (std::vector<std::string>{"reference", "exact", "portable", "neon", "avx2", "avx512",
                                      "cuda-host", "cuda", "torch-2.15.0", "torch-2.8.0",
                                      "torch-1.13.1", "torch-system"}));
}

TEST(Roster, EveryControlIsASubject) {
  const auto roster = make_roster("/nowhere");
  EXPECT_EQ(
      static_cast<std::size_t>(std::ranges::count_if(roster, is_control, &SubjectEntry::name)),
      conforming_variations().size() + biased_variations().size() + mutants().size() +
          gradient_mutants().size());
  EXPECT_TRUE(is_control("conforming:flushed"));
  EXPECT_TRUE(is_control("biased:sum.cut"));
  EXPECT_TRUE(is_torch("torch-2.15.0"));
  EXPECT_FALSE(is_torch("mutant:torch-like"));
}

TEST(Roster, TwoControlsAreProgramsOfTheirOwn) {
  const auto roster = make_roster(GRIDPROOF_BINARY_DIR);
  for (const std::string name : {"conforming:contracted", "mutant:reads-past-row"}) {
    EXPECT_TRUE(std::ranges::count(roster, name, &SubjectEntry::name)) << name;
  }
}

TEST(Roster, SubjectsByName) {
  const std::vector<SubjectEntry> roster = {{.name = "a"}, {.name = "b"}, {.name = "mutant:c"}};
  const auto chosen = select(roster, {"b", "mutant:c", "b"});
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].name, "b");
  EXPECT_EQ(chosen[1].name, "mutant:c");
  EXPECT_EQ(
      error_of([&] { select(roster, {"x"}); }),
      "--subject is 'x': expected a, b, torch, peer:NAME, process:COMMAND or the path of a plug-in "
      "(.so), or did you mean a or b?");
  EXPECT_EQ(
      error_of([&] { select(roster, {"mutant:d"}); }),
      "--subject is 'mutant:d': expected a, b, torch, peer:NAME, process:COMMAND or the path of a "
      "plug-in (.so), or did you mean mutant:c?");
}

TEST(Roster, AnAliasIsNobodyElses) {
  const std::vector<SubjectEntry> roster = {reference_subject()};
  const auto complaint = [&](const std::vector<std::string>& names) {
    return error_of([&] { select(roster, names); });
  };
  EXPECT_EQ(select(roster, {"a=process:x", "b=process:x", "a=process:x"}).size(), 2U);
  EXPECT_EQ(complaint({"a=process:x", "a=process:y"}),
            "--subject is 'a=process:y': expected another alias: this one is already "
            "taken");
  EXPECT_EQ(complaint({"reference=process:x"}),
            "--subject is 'reference=process:x': expected an alias that is not the name of one of "
            "gridproof's own subjects");
  EXPECT_TRUE(
      complaint({"torch-9.9.9=process:x"}).starts_with("--subject is 'torch-9.9.9=process:x'"));
  EXPECT_EQ(select(roster, {"a\nb=process:x"}).size(), 1U);
  EXPECT_EQ(complaint({"a\xff=process:x"}),
            "--subject is 'a\uFFFD=process:x': expected text in UTF-8");
}

}  // namespace
}  // namespace gridproof::reports
