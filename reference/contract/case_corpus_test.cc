// The texts that the fuzzer of cases begins with, and what becomes of them when they are damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "reference/contract/backward.h"
#include "reference/contract/case.h"

namespace gridproof {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts() {
  std::vector<std::string> all;
  const fs::path folder = fs::path(GRIDPROOF_SOURCE_DIR) / "reference/contract/corpus/case";
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return all;
}

// A case or tensor, or a ParseError: another exception would end the test.
bool is_refused(const std::string& text) {
  try {
    if (text.starts_with("grid_sample_backward")) {
      parse_backward_case(text);
    } else if (text.starts_with("grid_sample")) {
      parse_case(text);
    } else {
      parse_tensor(text);
    }
    return false;
  } catch (const ParseError&) {
    return true;
  }
}

TEST(CaseCorpus, IsRead) {
  EXPECT_GE(texts().size(), 8U);
  for (const std::string& text : texts()) {
    // What stopped the fuzzer: a shape of 120 million elements, and two values.
    EXPECT_EQ(is_refused(text), text.find("9000") != std::string::npos) << text;
  }
}

TEST(CaseCorpus, NoTruncationAndNoWrongByteDoesHarm) {
  for (const std::string& text : texts()) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_TRUE(is_refused(text.substr(0, size))) << text.substr(0, size);
      std::string wrong = text;
      for (const char c : {'\0', '\x7f', '\xff', '0', '9', '-', '.', '*', ']', '}'}) {
        wrong[size] = c;
        is_refused(wrong);
      }
    }
  }
}

}  // namespace
}  // namespace gridproof
