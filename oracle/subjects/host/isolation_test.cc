// Attack by attack: what each level of isolation stops (attacks_main.cc has the attacks), and that
// those who only want to answer can.
#include "oracle/subjects/host/isolation.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "oracle/subjects/host/process_subject.h"
#include "oracle/subjects/testing/emulator.h"

namespace gridproof {
namespace {

namespace fs = std::filesystem;

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "gp-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr const char* bare_sandbox = "sandbox, no namespaces";

// What the judge of an attack says at last, "stopped" or "succeeded: …"; "" if it is killed.
std::string outcome_of(const std::string& attack, const std::string& level, const Folder& folder,
                       bool in_copy = false) {
  const std::string file = folder.path() + "/said";
  const pid_t judge = fork();
  if (judge == 0) {
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    execl(GRIDPROOF_BINARY_DIR "/gridproof-attacks", "gridproof-attacks", "judge", level.c_str(),
          attack.c_str(), folder.path().c_str(), in_copy ? "copy" : nullptr, nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(judge, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return "";
  std::ifstream said(file);
  std::string all;
  for (std::string line; std::getline(said, line);) all += (all.empty() ? "" : "\n") + line;
  return all;
}

struct Attack {
  const char* name;
  const char* stopped_from;  // the weakest level that does
  bool always_works = true;  // at level none, whoever runs it, and wherever
  bool leaves_processes = false;
};

// Levels in order of strength.
constexpr std::array levels = {"none", "process", bare_sandbox, "sandbox"};

constexpr Attack attacks[] = {
    {"kill", bare_sandbox},
    {"kill a group", bare_sandbox},
    {"kill a thread", bare_sandbox},
    {"queue a signal", bare_sandbox},
    {"signal by a descriptor", bare_sandbox},
    {"signal by input", bare_sandbox},
    {"limit its processor time", bare_sandbox},
    {"trace", "process", false},  // where the system lets any process do so
    {"write its memory", "process", false},
    {"write /proc/PID/mem", "process", false},
    {"forge its output", "process", false},
    {"use what is left open", "none"},
    {"truncate its checkpoint", bare_sandbox},
    {"write its checkpoint", bare_sandbox},
    {"delete its checkpoint", bare_sandbox},
    {"replace its checkpoint", bare_sandbox},
    {"close its checkpoint to it", bare_sandbox},
    {"mount over its folder", "process", false},  // by root
    {"type into its terminal", "process", false},
    {"write to its terminal", bare_sandbox, false},  // where there is one
    {"leave a daemon", "none", true, true},
    {"leave one that runs away", "none", true, true},
    {"outlive it", "none", true, true},
    {"write beside its files", bare_sandbox},
    {"write a file of 2 GiB", "process"},
    {"fill the disk", "sandbox", false},  // which has more than 1 GiB
    {"read its environment", "process"},
    {"read /proc/PID/environ", "process", false},
    {"read the home folder", bare_sandbox},
    {"list the home folder", bare_sandbox},
    {"connect by TCP", bare_sandbox},
    {"send by UDP", bare_sandbox},
    {"connect to a socket without a name", bare_sandbox},
    {"gain privileges by a new namespace", bare_sandbox, false},
};

// isolation.md says the same.
TEST(Isolation, TheTableIsThatOfTheDocument) {
  std::ifstream file(GRIDPROOF_SOURCE_DIR "/oracle/subjects/host/isolation.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  std::string table =
      "| attack on the judge | none | process | sandbox, no namespaces | sandbox |\n"
      "| --- | --- | --- | --- | --- |\n";
  for (const Attack& attack : attacks) {
    bool stopped = false;
    table += std::string("| ") + attack.name + " |";
    for (const std::string level : levels) {
      stopped = stopped || level == attack.stopped_from;
      table += stopped ? " stopped |" : " not stopped |";
    }
    table += '\n';
  }
  EXPECT_NE(document.find(table + '\n'), std::string::npos) << table;
}

bool has(const std::string& level) {
  if (level == "sandbox") return sandbox_means().suffice() && sandbox_means().namespaces;
  return level != bare_sandbox || sandbox_means().suffice();
}

// Whether a process that the attack left is there after some seconds.
bool something_is_left(const Folder& folder) {
  const std::string wanted = fs::path(folder.path()).filename().string().substr(0, 15);
  for (int i = 0; i < 300; ++i) {
    bool found = false;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
      std::string name;
      std::ifstream(entry.path() / "comm") >> name;
      found = found || name == wanted;
    }
    if (!found) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

class Isolated : public testing::TestWithParam<Attack> {};

TEST_P(Isolated, IsStopped) {
  const Attack& attack = GetParam();
  if (attack.leaves_processes && !can_adopt()) {
    GTEST_SKIP() << "no process can inherit here what loses its parent";
  }
  bool stopped = false;
  for (const std::string level : levels) {
    const Folder folder;
    stopped = stopped || level == attack.stopped_from;
    if (!has(level)) continue;
    const std::string outcome = outcome_of(attack.name, level, folder);
    if (std::string(attack.name) == "outlive it") {
      EXPECT_EQ(outcome, "") << "the judge should be gone";
      EXPECT_FALSE(something_is_left(folder)) << "at level " << level;
    } else if (stopped) {
      EXPECT_EQ(outcome, "stopped") << "at level " << level;
    } else if (attack.always_works && level == "none") {
      EXPECT_EQ(outcome.substr(0, 10), "succeeded:") << "an attack that does nothing shows nothing";
    }
  }
}

// At the weakest level that stops it.
TEST_P(Isolated, IsStoppedInACopyOfAForkServer) {
  const Attack& attack = GetParam();
  if (!has(attack.stopped_from)) GTEST_SKIP() << "there is no such level here";
  if (attack.leaves_processes && !can_adopt()) {
    GTEST_SKIP() << "no process can inherit here what loses its parent";
  }
  const Folder folder;
  const std::string outcome = outcome_of(attack.name, attack.stopped_from, folder, true);
  if (std::string(attack.name) == "outlive it") {
    EXPECT_EQ(outcome, "") << "the judge should be gone";
    EXPECT_FALSE(something_is_left(folder));
  } else {
    EXPECT_EQ(outcome, "stopped");
  }
}

INSTANTIATE_TEST_SUITE_P(Attacks, Isolated, testing::ValuesIn(attacks), [](const auto& info) {
  std::string name;
  for (const char c : std::string(info.param.name)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
});

// ---- And yet a subject can work ----

std::string in_force;  // when a script has spoken

// What a shell script says in place of an answer, at the strongest level there is.
std::string said_by(const std::string& script, const IsolationOptions& options = {}) {
  isolate_children(options);
  std::string said;
  try {
    const ProcessSubject subject(
        {"/bin/sh", "-c",
         "read start; " + script + R"(; echo "{\"type\":\"error\",\"message\":\"$said\"}")"},
        {.attempts = 1});
  } catch (const std::runtime_error& error) {
    said = error.what();
  }
  in_force = isolation_in_force();
  isolate_children({});
  const std::size_t at = said.find("it says: ");
  return at == std::string::npos ? said : said.substr(at + 9, said.find('\n') - at - 9);
}

TEST(Isolation, ItsHomeIsAScratchFolderThatIsGoneAfterwards) {
  const std::string home = said_by("echo hi >$HOME/file; said=\"$HOME $TMPDIR $(cat $HOME/file)\"");
  const std::size_t space = home.find(' ');
  EXPECT_EQ(home.substr(0, home.find('-')), (fs::temp_directory_path() / "gridproof").string());
  EXPECT_EQ(home.substr(space), " " + home.substr(0, space) + " hi");
  EXPECT_FALSE(fs::exists(home.substr(0, space)));
}

TEST(Isolation, ItsSharedMemoryIsItsOwn) {
  if (!sandbox_means().suffice()) GTEST_SKIP() << "there is no sandbox here";
  const Folder folder;
  const fs::path file = "/dev/shm/" + fs::path(folder.path()).filename().string();
  std::ofstream(file) << "of somebody else";
  const std::string script = "cat " + file.string() + "; echo hi >" + file.string() +
                             " && said=$(cat " + file.string() + ")";
  EXPECT_EQ(said_by(script), sandbox_means().namespaces ? "hi" : "");
  std::string left;
  std::getline(std::ifstream(file), left);
  EXPECT_EQ(left, "of somebody else");
  fs::remove(file);
}

TEST(Isolation, AVariableThatIsNamedPasses) {
  setenv("GRIDPROOF_TEST_SECRET", "1", 1);  // ours
  setenv("SECRET_OF_SOMEBODY", "2", 1);
  setenv("OMP_NUM_THREADS", "3", 1);
  const std::string script =
      R"(said="$GRIDPROOF_TEST_SECRET-$SECRET_OF_SOMEBODY-$OMP_NUM_THREADS")";
  EXPECT_EQ(said_by(script), "1--3");
  IsolationOptions options;
  options.variables = {"SECRET_OF_SOMEBODY"};
  EXPECT_EQ(said_by(script, options), "1-2-3");
  options.variables = {"HOME"};
  EXPECT_EQ(said_by("said=$HOME", options), std::getenv("HOME"));
  options = {};
  options.level = Isolation::none;
  EXPECT_EQ(said_by(script, options), "1-2-3");
}

TEST(Isolation, AFolderThatIsNamedCanBeReadAndSoCanWhatTheCommandNames) {
  if (!sandbox_means().suffice()) GTEST_SKIP() << "there is no sandbox here";
  fs::current_path(GRIDPROOF_BINARY_DIR);  // which can be read
  const Folder folder;
  std::ofstream(folder.path() + "/data") << "42";
  std::ofstream(folder.path() + "/beside") << "43";
  const std::string script = "said=$(cat $(echo " + folder.path() + "/da)ta)";  // a word of its own
  EXPECT_EQ(said_by(script), "");
  IsolationOptions options;
  options.readable = {folder.path()};
  EXPECT_EQ(said_by(script, options), "42");
  EXPECT_EQ(said_by("said=$(cat " + folder.path() + "/data)"), "42");
  EXPECT_EQ(
      said_by(": " + folder.path() + "/data; said=$(cat $(echo " + folder.path() + "/be)side)"),
      "43");
}

TEST(Isolation, MissingLevelIsAnErrorAndNeverAWeakerOne) {
  if (sandbox_means().suffice()) GTEST_SKIP() << "there is a sandbox here";
  IsolationOptions options;
  options.level = Isolation::sandbox;
  EXPECT_NE(said_by("said=hello", options).find("this system has no sandbox"), std::string::npos);
}

TEST(Isolation, ReportsTheLevelInForce) {
  EXPECT_EQ(isolation_in_force(), "");
  said_by("said=hello");
  EXPECT_EQ(in_force.substr(0, 7), sandbox_means().suffice() ? "sandbox" : "process");
  IsolationOptions options;
  options.level = Isolation::none;
  said_by("said=hello", options);
  EXPECT_EQ(in_force, "none");
}

TEST(Isolation, FilesOfACommandAreFound) {
  const Folder folder;
  const std::string file = folder.path() + "/adapter.py";
  std::ofstream(file) << "";
  const auto files = files_of({"/bin/sh", "-c", "exec sh '" + file + "' --to=" + file});
  EXPECT_EQ(std::ranges::count(files, fs::path(file)), 1);
  EXPECT_EQ(
      std::ranges::count_if(files, [](const fs::path& one) { return one.filename() == "sh"; }),
      2);  // the one that is named, and the one in PATH
}

TEST(Isolation, ALimitOfProcessesHolds) {
  if (sanitized || !has("sandbox")) GTEST_SKIP() << "there are no namespaces to count them in";
  if (geteuid() == 0) GTEST_SKIP() << "Linux does not count those of root";
  ProcessLimits limits{.attempts = 1};
  limits.processes = 8;
  const auto started_with = [&limits](const std::string& children) {
    try {
      const ProcessSubject subject(
          {"/bin/sh", "-c",
           "read start; for i in " + children +
               "; do sleep 5 & done;"
               R"(echo '{"type":"started","protocol":1,"name":"x","version":"1"}')"},
          limits);
      return true;
    } catch (const std::runtime_error&) {  // the shell gives up when it cannot fork
      return false;
    }
  };
  EXPECT_TRUE(started_with("1 2 3"));
  EXPECT_FALSE(started_with("1 2 3 4 5 6 7 8 9 10"));
}

}  // namespace
}  // namespace gridproof
