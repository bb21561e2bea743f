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

Json read(const char* name) {
  std::ifstream file(folder / name);
  return Json::parse(file);
}
const Json& stories() {
  static const Json all = read("stories.json");
  return all;
}
const Json& gradient_stories() {
  static const Json all = read("gradient_stories.json");
  return all;
}

std::vector<std::string> names_of(const Json& stories) {
  std::vector<std::string> list;
  for (const Json& story : stories) list.push_back(story["name"]);
  return list;
}
const Json& with_name(const Json& stories, const std::string& name) {
  return *std::ranges::find_if(stories, [&](const Json& one) { return one["name"] == name; });
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
Json answer_to(const Json& replay, bool is_right) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const ExitCode code = run(all_commands(), command_of(replay),
                            {.in = in, .out = out, .err = err, .roster = {}, .variable = nothing});
  EXPECT_EQ(code, is_right ? ExitCode::ok : ExitCode::findings) << err.str();
  return Json::parse(out.str());
}

bool has_tie(const Json& answer, const std::string& name) {
  return std::ranges::any_of(answer["ties"], [&](const Json& tie) { return tie["name"] == name; });
}

class Stories : public testing::TestWithParam<std::string> {};

TEST_P(Stories, AreAnsweredRightFirst) {
  const Json& replay = with_name(stories(), GetParam());
  const Json answer = answer_to(replay, replay["fault"] == "none" || replay["fault"] == "unknown");
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

std::string letters_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::erase_if(name, [](char c) { return !std::isalnum(c); });
  return name;
}

INSTANTIATE_TEST_SUITE_P(Questions, Stories, testing::ValuesIn(names_of(stories())), letters_of);

class GradientStories : public testing::TestWithParam<std::string> {};

TEST_P(GradientStories, AreAnsweredRightFirst) {
  const Json& story = with_name(gradient_stories(), GetParam());
  const Json answer = answer_to(story, story["right"]);
  SCOPED_TRACE(answer.dump(1).substr(0, 3000));
  EXPECT_TRUE(std::string(story["link"]).starts_with("https://"));
  ASSERT_EQ(answer["right"], story["right"]);
  if (answer["right"]) {
    EXPECT_TRUE(std::ranges::any_of(answer["remarks"], [&](const std::string remark) {
      return remark.find(story["answer"]) != std::string::npos;
    }));
    return;
  }
  ASSERT_FALSE(answer["causes"].empty());
  EXPECT_EQ(answer["causes"][0]["name"], story["answer"]);
  std::vector<std::string> ties;
  for (std::size_t i = 1; i < answer["causes"].size(); ++i) {
    ties.push_back(answer["causes"][i]["name"]);
  }
  EXPECT_EQ(ties, story["ties"]);
}

INSTANTIATE_TEST_SUITE_P(Questions, GradientStories,
                         testing::ValuesIn(names_of(gradient_stories())), letters_of);

}  // namespace
}  // namespace gridproof::reports
