// The built program, as a shell would run it: what only a process can show.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

struct GridproofTest : testing::Test {
  TemporaryFolder folder;
  std::string program = GRIDPROOF_BINARY_DIR "/gridproof";

  // Runs the program with files for its input and outputs, and without any shell.
  Outcome run(std::vector<std::string> arguments, const std::string& input = "",
              std::vector<std::string> variables = {}) const {
    arguments.insert(arguments.begin(), program);
    variables.emplace_back("PATH=/usr/bin:/bin");
    const std::string in = folder.write("in", input);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, 1, (folder / "out").c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, (folder / "err").c_str(), flags, 0600);
    pid_t child = 0;
    const int error = posix_spawn(&child, arguments.front().c_str(), &actions, nullptr,
                                  pointers(arguments).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(error, 0);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    return {WEXITSTATUS(status), folder.read("out"), folder.read("err")};
  }

  static std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (std::string& string : strings) result.push_back(string.data());
    result.push_back(nullptr);
    return result;
  }
};

constexpr const char* line =
    "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,0}";

TEST_F(GridproofTest, TellsItsVersion) {
  const Outcome result = run({"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(result.out.starts_with("gridproof ")) << result.out;
}

// One in a folder bin has what stands in share/gridproof beside that, wherever both are.
TEST_F(GridproofTest, AnInstalledOneHasItsOwnPeers) {
  std::filesystem::create_directories(folder.path() / "share/gridproof/peers");
  std::filesystem::create_directory(folder.path() / "bin");
  folder.write("share/gridproof/peers/peers.py", "print('those of this folder')");
  std::filesystem::copy_file(program, folder / "bin/gridproof");
  program = folder / "bin/gridproof";
  EXPECT_EQ(run({"peers"}).out, "those of this folder\n");
}

TEST_F(GridproofTest, ExitCodes) {
  EXPECT_EQ(run({"replay", line, "--subject", "exact"}).code, 0);
  EXPECT_EQ(run({"replay", line, "--subject", "mutant:nan.zero"}).code, 1);
  EXPECT_EQ(run({"replay", line, "--subject", "nobody"}).code, 2);
}

// Killed in the middle, a campaign goes on and ends with the report that it would have had.
TEST_F(GridproofTest, ACampaignThatIsKilledGoesOn) {
  const auto check = [&](const std::string& report) {
    return std::vector<std::string>{"check",
                                    "--subject",
                                    "mutant:nan.zero",
                                    "--max-samples",
                                    "2e6",
                                    "--out",
                                    (folder.path() / report).string()};
  };
  EXPECT_EQ(run(check("whole")).code, 1);
  std::vector<std::string> words = check("killed");
  words.insert(words.begin(), GRIDPROOF_BINARY_DIR "/gridproof");
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> list = pointers(words);
    execv(list.front(), list.data());
    _exit(127);
  }
  const auto checkpoint = folder.path() / "killed/checkpoint.jsonl";
  std::error_code error;
  for (int i = 0; i < 2000 && !(std::filesystem::file_size(checkpoint, error) > 100'000 && !error);
       ++i) {
    usleep(5000);
  }
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it was not killed in time";
  ASSERT_GT(std::filesystem::file_size(checkpoint), 100'000U);
  std::vector<std::string> resume = check("killed");
  resume.emplace_back("--resume");
  const Outcome resumed = run(resume);
  EXPECT_EQ(resumed.code, 1) << resumed.err;
  EXPECT_FALSE(std::filesystem::exists(checkpoint));
  for (const std::string file : {"cases.txt", "report.md"}) {
    EXPECT_EQ(folder.read("killed/" + file), folder.read("whole/" + file));
  }
  EXPECT_EQ(run(resume).err,
            "gridproof: there is nothing to resume: no '" + checkpoint.string() + "'\n");
}

// Any Python serves its torch; one that does not start is named.
TEST_F(GridproofTest, TheTorchOfAPython) {
  const std::string python =
      folder.write("python", "#!/bin/sh\necho \"$@\" >&2\nexec " GRIDPROOF_BINARY_DIR
                             "/gridproof-test-subject serve\n");
  std::filesystem::permissions(python, std::filesystem::perms::owner_all);
  const auto replay = [&](const std::string& subject, const std::string& variable) {
    return run({"replay", "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}", "--subject",
                subject, "--isolation", "none"},
               "", {"GRIDPROOF_PYTHON=" + variable});
  };
  for (const std::string subject : {"torch", "torch:cuda", "mine=torch"}) {
    const Outcome started = replay(subject, python);  // it answers as a test's subject does
    const std::string name = subject.substr(0, subject.find('='));
    EXPECT_NE(started.out.find("  " + name + "  "), std::string::npos)
        << started.out << started.err;
  }
  const Outcome nowhere = replay("torch:cuda", "/nowhere/python");
  EXPECT_EQ(nowhere.code, 2);
  EXPECT_TRUE(nowhere.err.starts_with("gridproof: torch:cuda does not start: '/nowhere/python "))
      << nowhere.err;
  EXPECT_NE(nowhere.err.find("torch.py --device cuda' cannot be started"), std::string::npos)
      << nowhere.err;
}

// Killed while it asks a program, it leaves no folder behind. (Killed within a moment after it has
// made one, and before that has a keeper, it would.)
TEST_F(GridproofTest, ACampaignThatIsKilledLeavesNoScratchFolder) {
  const std::filesystem::path scratch = folder.path() / "scratch";
  std::filesystem::create_directory(scratch);
  std::vector<std::string> words = {GRIDPROOF_BINARY_DIR "/gridproof",
                                    "check",
                                    "--subject",
                                    "process:" GRIDPROOF_BINARY_DIR "/gridproof-test-subject serve",
                                    "--max-samples",
                                    "1e8",
                                    "--out",
                                    folder / "report"};
  const pid_t child = fork();
  if (child == 0) {
    setenv("TMPDIR", scratch.c_str(), 1);
    std::vector<char*> list = pointers(words);
    execv(list.front(), list.data());
    _exit(127);
  }
  const auto wait_until = [](const std::function<bool()>& it_is_so) {
    for (int i = 0; i < 4000 && !it_is_so(); ++i) usleep(5000);
    return it_is_so();
  };
  std::error_code error;
  EXPECT_TRUE(wait_until([&] {
    const auto size = std::filesystem::file_size(folder.path() / "report/checkpoint.jsonl", error);
    return !error && size > 100'000;  // all threads have started theirs
  }));
  EXPECT_FALSE(std::filesystem::is_empty(scratch));
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(wait_until([&] { return std::filesystem::is_empty(scratch); }));
}

TEST_F(GridproofTest, ReadsItsInput) {
  const Outcome result =
      run({"replay", "-", "--subject", "exact"}, std::string(line) + "\nnonsense\n");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "gridproof: standard input:2:1: expected 'grid_sample' at the start of a case\n");
  EXPECT_EQ(run({"replay", "-", "--subject", "exact"}, line).code, 0);
}

TEST_F(GridproofTest, HasNeitherColorsNorProgressWhereThereIsNoTerminal) {
  const Outcome result = run(
      {"check", "--subject", "mutant:nan.zero", "--max-cases", "60", "--out", folder / "report"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(result.err, "");
}

TEST_F(GridproofTest, ReadsItsEnvironment) {
  const Outcome result =
      run({"check", "--subject", "exact", "--max-cases", "5", "--out", folder / "report"}, "",
          {"GTEST_TOTAL_SHARDS=2", "GTEST_SHARD_INDEX=7"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "gridproof: GTEST_SHARD_INDEX is '7': expected a whole number from 0 to 1\n");
}

}  // namespace
}  // namespace gridproof::reports
