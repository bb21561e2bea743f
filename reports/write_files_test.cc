#include "reports/write_files.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reports/input.h"
#include "reports/temporary_folder.h"

namespace gridproof::reports {
namespace {

std::string error_of(const std::filesystem::path& folder) {
  try {
    write_files(folder, {{"a.txt", "a"}});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::ptrdiff_t entries_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

TEST(WriteFiles, MakesTheFolderAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_files(folder.path() / "a" / "b", {{"one.txt", "1\n"}, {"two.txt", ""}});
  EXPECT_EQ(folder.read("a/b/one.txt"), "1\n");
  EXPECT_EQ(folder.read("a/b/two.txt"), "");
  EXPECT_EQ(entries_in(folder.path() / "a" / "b"), 2);
}

TEST(WriteFiles, ReplacesWhatIsThere) {
  const TemporaryFolder folder;
  folder.write("one.txt", "a long text that was there before");
  write_files(folder.path(), {{"one.txt", "short"}});
  EXPECT_EQ(folder.read("one.txt"), "short");
}

TEST(WriteFiles, WritesNothingWhenOneOfTheFilesCannotBeWritten) {
  const TemporaryFolder folder;
  folder.write("one.txt", "before");
  EXPECT_THROW(write_files(folder.path(), {{"one.txt", "after"}, {"no/such/folder.txt", ""}}),
               InputError);
  EXPECT_EQ(folder.read("one.txt"), "before");
  EXPECT_EQ(entries_in(folder.path()), 1);
}

TEST(WriteFiles, SaysWhichFolderAndWhy) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  EXPECT_EQ(error_of(file), "'" + file + "' is a file: expected a folder");
  EXPECT_EQ(error_of(file + "/below"),
            "cannot make the folder '" + file + "/below': Not a directory");
  EXPECT_EQ(error_of("/proc/gridproof"),
            "cannot make the folder '/proc/gridproof': No such file or directory");
}

}  // namespace
}  // namespace gridproof::reports
