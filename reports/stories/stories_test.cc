// The questions of reports/stories, as their askers would put them to the program.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/cli/program.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

const std::filesystem::path folder =
    std::filesystem::path(GRIDPROOF_SOURCE_DIR) / "reports" / "stories";

const Json& stories() {
  static const Json all = [] {
    std::ifstream file(folder / "stories.json");
    return Json::parse(file);
  }();
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const Json& story : stories()) list.push_back(story["name"]);
  return list;
}

// The arguments with the files where they are.
std::vector<std::string> command_of(const Json& replay) {
  std::vector<std::string> command = {"diagnose", "--json"};
  for (const std::string argument : replay["arguments"]) {
    const std::string file = argument.substr(0, argument.find(':'));
    const bool is_file = !file.starts_with("[") && std::filesystem::exists(folder / file);
    command.push_back(is_file ? (folder / argument).string() : argument);
  }
  return command;
}

// What the program says of a replay.
Json answer_to(const Json& replay) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const ExitCode code = run(all_commands(), command_of(replay),
                            {.in = in, .out = out, .err = err, .roster = {}, .variable = nothing});
  const bool is_right = replay["fault"] == "none" || replay["fault"] == "unknown";
  EXPECT_EQ(code, is_right ? ExitCode::ok : ExitCode::findings) << err.str();
  return Json::parse(out.str());
}

bool has_tie(const Json& answer, const std::string& name) {
  return std::ranges::any_of(answer["ties"], [&](const Json& tie) { return tie["name"] == name; });
}

class Stories : public testing::TestWithParam<std::string> {};

TEST_P(Stories, AreAnsweredRightFirst) {
  const Json& replay =
      *std::ranges::find_if(stories(), [](const Json& one) { return one["name"] == GetParam(); });
  const Json answer = answer_to(replay);
  SCOPED_TRACE(answer.dump(1).substr(0, 3000));
  ASSERT_EQ(answer["fault"], replay["fault"]);
  const Json& wanted = replay["answer"];
  if (answer["fault"] == "usage") {
    const std::string first = answer["attempts"][0]["name"];
    ASSERT_EQ(std::ranges::count(first, '+') + 1, std::ssize(wanted)) << first;
    for (const std::string part : wanted) {
      const std::size_t at = first.find(part);
      EXPECT_TRUE(wanted.size() == 1 ? at == 0 : at != std::string::npos) << first;
    }
  } else if (answer["fault"] == "implementation") {
    EXPECT_TRUE(answer["options"] == wanted[0] || answer["misreading"] == wanted[0] ||
                std::ranges::count(answer["mutants"], wanted[0]) == 1);
  } else {
    EXPECT_TRUE(std::string(answer["sentence"]).find(wanted[0]) != std::string::npos);
  }
  for (const std::string tie : replay["ties"]) EXPECT_TRUE(has_tie(answer, tie)) << tie;
  for (const std::string tie : replay["not_ties"]) EXPECT_FALSE(has_tie(answer, tie)) << tie;
}

INSTANTIATE_TEST_SUITE_P(Questions, Stories, testing::ValuesIn(names()), [](const auto& info) {
  std::string name = info.param;
  std::erase_if(name, [](char c) { return !std::isalnum(c); });
  return name;
});

}  // namespace
}  // namespace gridproof::reports
