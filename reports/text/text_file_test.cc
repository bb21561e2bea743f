#include "reports/text/text_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

#include "reports/testing/temporary_folder.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

std::string complaint(const std::string& path, std::size_t most = max_text) {
  try {
    return "read: " + text_of_file(path, most);
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(TextOfFile, Files) {
  const TemporaryFolder folder;
  EXPECT_EQ(complaint(folder.write("a", "one\ntwo")), "read: one\ntwo");
  EXPECT_EQ(complaint(folder.write("b", std::string(3, '\0'))), "read: " + std::string(3, '\0'));
  EXPECT_EQ(complaint("/dev/null"), "read: ");
  const std::string place = folder.path().string();
  EXPECT_EQ(complaint(place), "cannot read '" + place + "': Is a directory");
  EXPECT_EQ(complaint(place + "/c"), "cannot read '" + place + "/c': No such file or directory");
}

TEST(TextOfFile, NoMoreThanSoManyBytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", std::string(std::size_t{1} << 20U, 'x'));
  EXPECT_EQ(complaint(path, std::size_t{1} << 20U).size(), 6 + (std::size_t{1} << 20U));
  EXPECT_EQ(complaint(path, (std::size_t{1} << 20U) - 1), "'" + path + "' has more than 0 MiB");
  EXPECT_EQ(complaint("/dev/zero", std::size_t{1} << 20U), "'/dev/zero' has more than 1 MiB");
}

TEST(TextOfFile, APipeIsWaitedForOnlyIfSomebodyWrites) {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(complaint(path), "'" + path + "' is a pipe that nobody wrote anything to");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::thread writer([&ends] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(write(ends[1], "late", 4), 4);
    close(ends[1]);
  });
  EXPECT_EQ(complaint("/dev/fd/" + std::to_string(ends[0])), "read: late");
  writer.join();
  // The end of a writer that wrote nothing looks the same.
  EXPECT_EQ(complaint("/dev/fd/" + std::to_string(ends[0])),
            "'/dev/fd/" + std::to_string(ends[0]) + "' is a pipe that nobody wrote anything to");
  close(ends[0]);
}

}  // namespace
}  // namespace gridproof::reports
