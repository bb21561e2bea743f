#include "reports/text/case_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "reports/testing/error_of.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

constexpr const char* line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}";

TEST(CaseReader, CasesOfAFile) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("cases.txt", std::string("# a comment\n\n") + line + "\r\n  \n" + line);
  std::istringstream in;
  const auto cases = read_cases(file, in);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].where, file + ":3");
  EXPECT_EQ(cases[1].where, file + ":5");
  EXPECT_EQ(to_line(std::get<Case>(cases[1].test_case)), line);
  EXPECT_EQ(read_cases(file + ":5", in).size(), 1U);
}

TEST(CaseReader, CasesOfTheArgumentAndOfTheInput) {
  std::istringstream in(std::string(line) + "\n");
  EXPECT_EQ(read_cases("-", in).front().where, "standard input:1");
  EXPECT_EQ(to_line(read_case(line, in)), line);
}

TEST(CaseReader, BadCases) {
  const TemporaryFolder folder;
  std::istringstream in;
  const auto error = [&](const std::string& argument) {
    return error_of([&] { read_case(argument, in); });
  };
  const std::string empty = folder.write("empty", "");
  EXPECT_EQ(error(empty), "'" + empty +
                              "' holds no case: expected lines such as 'grid_sample "
                              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}'");
  EXPECT_TRUE(error("-").starts_with("'standard input' holds no case"));
  EXPECT_EQ(error(folder.path()),
            "'" + folder.path().string() + "' is a directory: expected a file of case lines");
  EXPECT_EQ(error("no-such-file"),
            "'no-such-file' is neither a case nor a file: a case starts with 'grid_sample '");
  EXPECT_EQ(error(empty + ":1"), "'" + empty + "' has 0 lines, so there is no line 1");
  const std::string bad = folder.write("bad", std::string(line) + "\ngrid_sample input=f99[1]{1}");
  EXPECT_EQ(error(bad), bad + ":2:19: 'f99' is not a dtype: expected f16, bf16, f32, f64 or i32");
  EXPECT_EQ(error("grid_sample mode=nearest"), "column 25 of the case: the case has no input=");
  const std::string two = folder.write("two", std::string(line) + "\n" + line);
  EXPECT_EQ(error(two), "'" + two + "' holds 2 cases: expected one, such as " + two + ":1");
}

constexpr const char* backward_line =
    "grid_sample_backward input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0} "
    "grad_output=f32[1,1,1,1]{1}";

TEST(CaseReader, CasesOfGradientsStandBesideThoseOfValues) {
  const TemporaryFolder folder;
  std::istringstream in;
  const std::string file =
      folder.write("cases.txt", std::string(line) + '\n' + backward_line + '\n');
  const auto cases = read_cases(file, in);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(to_line(std::get<BackwardCase>(cases[1].test_case)), backward_line);
  EXPECT_EQ(to_line(read_backward_case(backward_line, in)), backward_line);
  EXPECT_EQ(to_line(read_backward_case(file + ":2", in)), backward_line);
  const std::string wrong_kind =
      "'grid_sample_backward' asks for gradients, which only 'gridproof replay', 'reduce "
      "--subject', 'explain --gradient' and 'diagnose --observed-grad-grid' take: expected "
      "'grid_sample '";
  EXPECT_EQ(error_of([&] { read_case(backward_line, in); }), "column 1 of the case: " + wrong_kind);
  EXPECT_EQ(error_of([&] { read_case(file + ":2", in); }), file + ":2:1: " + wrong_kind);
  EXPECT_EQ(error_of([&] { read_backward_case(line, in); }),
            "column 1 of the case: 'grid_sample' asks for values, not for gradients: expected "
            "'grid_sample_backward '");
  EXPECT_EQ(error_of([&] { read_backward_case("grid_sample_backward mode=nearest", in); }),
            "column 34 of the case: the case has no input=");
}

}  // namespace
}  // namespace gridproof::reports
