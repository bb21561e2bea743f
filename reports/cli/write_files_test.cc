#include "reports/cli/write_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "reports/testing/error_of.h"
#include "reports/testing/temporary_folder.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

std::string error_of_writing(const std::filesystem::path& folder) {
  return error_of([&] { write_files(folder, {{"a.txt", "a"}}); });
}

std::ptrdiff_t entries_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

TEST(WriteFiles, MakesTheFolderAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_files(folder.path() / "a" / "b", {{"one.txt", "1\n"}, {"two.txt", ""}});
  EXPECT_EQ(folder.read("a/b/one.txt"), "1\n");
  EXPECT_EQ(folder.read("a/b/two.txt"), "");
  EXPECT_EQ(entries_in(folder.path() / "a" / "b"), 3);  // and the list of them
}

TEST(WriteFiles, ReplacesWhatItWrote) {
  const TemporaryFolder folder;
  write_files(folder.path(), {{"one.txt", "a long text that was there before"}});
  write_files(folder.path(), {{"two.txt", "2"}});
  write_files(folder.path(), {{"one.txt", "short"}});
  EXPECT_EQ(folder.read("one.txt"), "short");
  EXPECT_EQ(entries_in(folder.path()), 3);
}

TEST(WriteFiles, ListsItInTheNotationOfSha256sum) {
  const TemporaryFolder folder;
  write_files(folder.path(), {{"one.txt", "abc"}});
  EXPECT_EQ(folder.read(".gridproof-files"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  one.txt\n");
}

TEST(WriteFiles, WritesNothingWhenOneOfTheFilesCannotBeWritten) {
  const TemporaryFolder folder;
  write_files(folder.path(), {{"one.txt", "before"}});
  EXPECT_THROW(write_files(folder.path(), {{"one.txt", "after"}, {"no/such/folder.txt", ""}}),
               InputError);
  EXPECT_EQ(folder.read("one.txt"), "before");
  EXPECT_EQ(entries_in(folder.path()), 2);
}

std::string in_the_way(const std::string& path) {
  return "'" + path +
         "' is in the way: gridproof did not write it, or it has changed since; expected another "
         "folder, or that it is moved away";
}

TEST(WriteFiles, NeverReplacesAFileOfSomebodyElse) {
  const TemporaryFolder folder;
  const std::string mine = folder.write("a.txt", "mine");
  EXPECT_EQ(error_of_writing(folder.path()), in_the_way(mine));
  EXPECT_EQ(error_of([&] { prepare_folder(folder.path(), {"b.txt", "a.txt"}); }), in_the_way(mine));
  EXPECT_EQ(folder.read("a.txt"), "mine");
  EXPECT_EQ(entries_in(folder.path()), 1);
  // What is the same in the end is lost to nobody.
  folder.write("a.txt", "a");
  EXPECT_EQ(error_of_writing(folder.path()), "no error");
}

TEST(WriteFiles, NeverReplacesWhatHasChangedSince) {
  const TemporaryFolder folder;
  write_files(folder.path(), {{"a.txt", "generated"}});
  const std::string noted = folder.write("a.txt", "generated, and my notes");
  EXPECT_EQ(error_of_writing(folder.path()), in_the_way(noted));
  EXPECT_EQ(folder.read("a.txt"), "generated, and my notes");
}

TEST(WriteFiles, NeverReplacesALinkOrAFolder) {
  const TemporaryFolder folder;
  const std::string mine = folder.write("mine.txt", "a");
  std::filesystem::create_directory(folder.path() / "out");
  std::filesystem::create_symlink(mine, folder.path() / "out/a.txt");
  EXPECT_EQ(error_of_writing(folder.path() / "out"), in_the_way(folder / "out/a.txt"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "out/a.txt"));
  EXPECT_EQ(folder.read("mine.txt"), "a");
  std::filesystem::create_directories(folder.path() / "other/a.txt");
  EXPECT_EQ(error_of_writing(folder.path() / "other"), in_the_way(folder / "other/a.txt"));
  // A link that leads nowhere is one as well.
  std::filesystem::create_directory(folder.path() / "third");
  std::filesystem::create_symlink(folder.path() / "nowhere", folder.path() / "third/a.txt");
  EXPECT_EQ(error_of_writing(folder.path() / "third"), in_the_way(folder / "third/a.txt"));
}

TEST(WriteFiles, AListOfSomebodyElseIsNoPermission) {
  for (const char* list :
       {"mine", "a.txt\n",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  ../a.txt\n",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  /etc/passwd\n"}) {
    const TemporaryFolder folder;
    folder.write(".gridproof-files", list);
    EXPECT_NE(error_of_writing(folder.path()).find("is no list of gridproof's"), std::string::npos)
        << list;
    EXPECT_EQ(folder.read(".gridproof-files"), list);
  }
}

TEST(WriteFiles, HalfAFileOfAKilledRunIsLeftAlone) {
  const TemporaryFolder folder;
  const std::string name = ".a.txt." + std::to_string(getpid()) + ".0.tmp";
  folder.write(name, "somebody's");
  EXPECT_EQ(error_of_writing(folder.path()), "no error");
  EXPECT_EQ(folder.read(name), "somebody's");
}

TEST(ReplaceFolder, LeavesNothingElse) {
  const TemporaryFolder folder;
  replace_folder(folder.path() / "a" / "b", {{"one.txt", "1"}, {"deep/er/two.txt", "2"}});
  EXPECT_EQ(folder.read("a/b/deep/er/two.txt"), "2");
  replace_folder(folder.path() / "a" / "b" / "", {{"three.txt", "3"}});
  EXPECT_EQ(folder.read("a/b/three.txt"), "3");
  EXPECT_EQ(entries_in(folder.path() / "a" / "b"), 2);
  EXPECT_EQ(entries_in(folder.path() / "a"), 1);
}

TEST(ReplaceFolder, NeverRemovesWhatIsSomebodyElses) {
  const auto refusal = [](const TemporaryFolder& folder) {
    return error_of([&] { replace_folder(folder.path() / "a", {{"one.txt", "2"}}); });
  };
  const auto made = [](const TemporaryFolder& folder) {
    replace_folder(folder.path() / "a", {{"one.txt", "1"}, {"deep/two.txt", "1"}});
    return folder.path() / "a";
  };
  const std::string end =
      "', which gridproof did not write, or which has changed since: expected a new folder, or one "
      "that gridproof wrote";
  {
    const TemporaryFolder folder;
    const std::filesystem::path place = made(folder);
    folder.write("a/deep/notes.txt", "mine");
    EXPECT_EQ(refusal(folder), "'" + place.string() + "' holds 'deep/notes.txt" + end);
    EXPECT_EQ(folder.read("a/deep/notes.txt"), "mine");
  }
  {
    const TemporaryFolder folder;
    const std::filesystem::path place = made(folder);
    folder.write("a/one.txt", "changed");
    EXPECT_EQ(refusal(folder), "'" + place.string() + "' holds 'one.txt" + end);
  }
  {
    const TemporaryFolder folder;
    const std::filesystem::path place = made(folder);
    std::filesystem::create_directory(place / "empty");
    EXPECT_EQ(refusal(folder), "'" + place.string() + "' holds 'empty" + end);
  }
  {  // the same files, reached through a link
    const TemporaryFolder folder;
    const std::filesystem::path place = made(folder);
    std::filesystem::rename(place / "deep", folder.path() / "elsewhere");
    std::filesystem::create_directory_symlink(folder.path() / "elsewhere", place / "deep");
    EXPECT_EQ(refusal(folder), "'" + place.string() + "' holds 'deep" + end);
    EXPECT_EQ(folder.read("elsewhere/two.txt"), "1");
  }
  {  // a folder that was never ours
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "a");
    folder.write("a/vectors.json", R"({"$schema": "vectors.schema.json", "files": ["x"]})");
    folder.write("a/x", "mine");
    EXPECT_NE(refusal(folder).find("which gridproof did not write"), std::string::npos);
    EXPECT_EQ(folder.read("a/x"), "mine");
  }
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
  EXPECT_EQ(error_of_writing(file), "'" + file + "' is a file: expected a folder");
  EXPECT_EQ(error_of_writing(file + "/below"),
            "cannot make the folder '" + file + "/below': Not a directory");
  EXPECT_EQ(error_of_writing("/proc/gridproof"),
            "cannot make the folder '/proc/gridproof': No such file or directory");
}

}  // namespace
}  // namespace gridproof::reports
