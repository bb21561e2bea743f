#include "reports/roster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "fuzz/mutants/biased.h"
#include "fuzz/mutants/legal.h"
#include "fuzz/mutants/mutants.h"
#include "reports/temporary_folder.h"

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
            (std::vector<std::string>{"reference", "exact", "portable", "avx2", "avx512",
                                      "cuda-host", "cuda"}));
  EXPECT_EQ(names_in(folder.path() / "nowhere").size(), 7U);
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
            (std::vector<std::string>{"reference", "exact", "portable", "avx2", "avx512",
                                      "cuda-host", "cuda", "torch-2.15.0", "torch-2.8.0",
                                      "torch-1.13.1", "torch-system"}));
}

TEST(Roster, EveryControlIsASubject) {
  const auto roster = make_roster("/nowhere");
  EXPECT_EQ(
      static_cast<std::size_t>(std::ranges::count_if(roster, is_control, &SubjectEntry::name)),
      legal_variations().size() + biased_variations().size() + mutants().size());
  EXPECT_TRUE(is_control("legal:flushed"));
  EXPECT_TRUE(is_control("biased:sum.cut"));
  EXPECT_TRUE(is_torch("torch-2.15.0"));
  EXPECT_FALSE(is_torch("mutant:torch-like"));
}

TEST(Roster, TwoControlsAreProgramsOfTheirOwn) {
  const auto roster = make_roster(GRIDPROOF_BINARY_DIR);
  for (const std::string name : {"legal:contracted", "mutant:reads-past-row"}) {
    EXPECT_TRUE(std::ranges::count(roster, name, &SubjectEntry::name)) << name;
  }
}

}  // namespace
}  // namespace gridproof::reports
