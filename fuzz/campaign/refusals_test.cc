#include "fuzz/campaign/refusals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "reference/contract/case.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

std::unique_ptr<Subject> declining(const std::function<bool(const Case&)>& declines) {
  return refusing_by_values(std::make_unique<FunctionSubject>([declines](const Case& test_case) {
                              return declines(test_case) ? Answer(Unsupported{"this"})
                                                         : grid_sample(test_case);
                            }),
                            Judge());
}

TEST(Refusals, AreWhatDependsOnValues) {
  const std::vector<Case> test_cases = {
      parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{nan,0}"),
      parse_case("grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}")};
  const auto by_values =
      declining([](const Case& test_case) { return std::isnan(test_case.grid.values().front()); });
  const std::vector<Answer> answers = by_values->answers(test_cases);
  ASSERT_TRUE(std::holds_alternative<Refusal>(answers[0]));
  EXPECT_EQ(std::get<Refusal>(answers[0]).clause, "coord.nan");
  EXPECT_TRUE(std::holds_alternative<Tensor>(answers[1]));
  // By what can be told without the values: it does not take part.
  const auto by_size =
      declining([](const Case& test_case) { return test_case.input.size(3) == 2; });
  EXPECT_TRUE(std::holds_alternative<Unsupported>(by_size->answer(test_cases[0])));
}

}  // namespace
}  // namespace gridproof
