#include "reports/text/json_limits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace gridproof::reports {
namespace {

std::string complaint(const std::string& text, const JsonLimits& limits = {}) {
  try {
    check_json(text, limits);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(JsonLimits, JsonPasses) {
  EXPECT_EQ(complaint(R"({"a": [1, -2, 1.5, null, true, "x"], "b": {"a": {}}})"), "");
  EXPECT_EQ(complaint(R"([{"a": 1}, {"a": 1}])"), "");
}

TEST(JsonLimits, NoJson) {
  for (const char* text : {"", "{", "[1,]", "nan", "\xff", "\"\xff\"", "1 2", "{\"a\"}"}) {
    EXPECT_EQ(complaint(text), "is not JSON") << text;
  }
}

TEST(JsonLimits, DepthIsLimitedOnBothSides) {
  EXPECT_EQ(complaint("[[[]]]", {.depth = 3}), "");
  EXPECT_EQ(complaint("[[[[]]]]", {.depth = 3}), "is nested too deeply");
  EXPECT_EQ(complaint(std::string(20'000'000, '[')), "is nested too deeply");
}

TEST(JsonLimits, ValuesAreLimitedOnBothSides) {
  EXPECT_EQ(complaint(R"({"a": [1, 2]})", {.values = 5}), "");
  EXPECT_EQ(complaint(R"({"a": [1, 2]})", {.values = 4}), "has more than 4 values");
}

TEST(JsonLimits, AKeyTwice) {
  EXPECT_EQ(complaint(R"({"a": 1, "b": 2, "a": 3})"), "names 'a' twice");
  EXPECT_EQ(complaint(R"({"b": {"a": 1, "a": 3}})"), "names 'a' twice");
}

// Of 200,000 keys the time is no square.
TEST(JsonLimits, ManyKeysTakeNoTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) {
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":[]";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(complaint(text + '}'), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace gridproof::reports
