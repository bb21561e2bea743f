#include "reports/vectors/gradient_vectors.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "fuzz/mutants/gradient_mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/gradient_notation.h"
#include "reports/testing/schema_errors.h"
#include "reports/vectors/vector_files.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

const std::vector<GoldenGradients>& vectors() {
  static const std::vector<GoldenGradients> made = make_gradient_vectors({});
  return made;
}

bool is_inside(const GoldenGradients& vector, const BackwardAnswer& answer) {
  const auto* const gradients = std::get_if<Gradients>(&answer);
  if (gradients == nullptr || std::holds_alternative<Refusal>(vector.reference)) {
    return std::holds_alternative<Refusal>(answer) &&
           std::holds_alternative<Refusal>(vector.reference);
  }
  for (const auto& [gradient, word] : names<Gradient>) {
    const auto& sets = vector.admissible.front()[static_cast<std::size_t>(gradient)];
    const Tensor* const tensor = gradient_of(*gradients, gradient);
    if (tensor == nullptr) {
      if (!sets.empty()) return false;
      continue;
    }
    if (!std::cmp_equal(tensor->element_count(), sets.size())) return false;
    const std::vector<double> values = tensor->values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (sets[i] && !(sets[i]->first <= values[i] && values[i] <= sets[i]->second)) return false;
    }
  }
  return true;
}

TEST(GradientVectors, AreOfTheClausesThatBind) {
  std::set<std::string> clauses;
  for (const GoldenGradients& vector : vectors()) {
    clauses.insert(vector.clause);
    EXPECT_TRUE(is_inside(vector, vector.reference)) << to_line(vector.test_case);
  }
  EXPECT_GE(clauses.size(), 12U) << testing::PrintToString(clauses);
  EXPECT_TRUE(clauses.contains("grad.kink-right"));
  EXPECT_FALSE(clauses.contains("grad.nan"));
}

TEST(GradientVectors, WrongGradientsFail) {
  std::size_t seen = 0;
  for (const GradientMutant& mutant : gradient_mutants()) {
    seen += std::ranges::any_of(vectors(), [&](const GoldenGradients& vector) {
      return !is_inside(vector, mutant.answer(vector.test_case));
    });
  }
  EXPECT_GT(3 * seen, gradient_mutants().size());
}

TEST(GradientVectors, TheFilesObeyTheSchema) {
  const VectorOptions options = {.cases_per_clause = 1};
  const VectorFiles files =
      render_vectors(make_vectors(options), make_gradient_vectors(options), options);
  std::size_t documents = 0;
  for (const auto& [path, contents] : files.contents_by_path) {
    if (!path.starts_with("grad.") && path != vectors_index_name) continue;
    const json document = json::parse(contents);
    EXPECT_EQ(schema_errors(vectors_schema(), document), "") << path;
    ++documents;
    if (path != "grad.border.json") continue;
    const json& vector = document["vectors"][0];
    EXPECT_TRUE(vector["case"].get<std::string>().starts_with("grid_sample_backward "));
    EXPECT_TRUE(vector.contains("grad_output") && vector.contains("grad_grid"));
    EXPECT_EQ(vector["admissible"]["P1"]["grad_grid"].size(), 2U);
  }
  EXPECT_GE(documents, 13U);
  EXPECT_GT(files.gradient_cases, 30);
}

}  // namespace
}  // namespace gridproof::reports
