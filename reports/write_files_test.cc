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

TEST(ReplaceFolder, LeavesNothingElse) {
  const TemporaryFolder folder;
  replace_folder(folder.path() / "a" / "b", {{"one.txt", "1"}, {"deep/er/two.txt", "2"}});
  EXPECT_EQ(folder.read("a/b/deep/er/two.txt"), "2");
  replace_folder(folder.path() / "a" / "b" / "", {{"three.txt", "3"}});
  EXPECT_EQ(folder.read("a/b/three.txt"), "3");
  EXPECT_EQ(entries_in(folder.path() / "a" / "b"), 1);
  EXPECT_EQ(entries_in(folder.path() / "a"), 1);
}

TEST(ReplaceFolder, ChangesNothingWhenOneOfTheFilesCannotBeWritten) {
  const TemporaryFolder folder;
  replace_folder(folder.path() / "a", {{"one.txt", "1"}});
  // No folder can stand where a file does.
  EXPECT_THROW(replace_folder(folder.path() / "a", {{"one.txt", "2"}, {"one.txt/two.txt", "2"}}),
               InputError);
  EXPECT_EQ(folder.read("a/one.txt"), "1");
  EXPECT_EQ(entries_in(folder.path()), 1);
}

TEST(ReplaceFolder, FollowsALinkToTheFolder) {
  const TemporaryFolder folder;
  replace_folder(folder.path() / "a", {{"one.txt", "1"}});
  std::filesystem::create_directory_symlink(folder.path() / "a", folder.path() / "link");
  replace_folder(folder.path() / "link", {{"two.txt", "2"}});
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(folder.read("a/two.txt"), "2");
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
