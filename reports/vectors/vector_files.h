// Golden vectors as files: an index, vectors.json; one file for each clause; the JSON Schema
// (draft-07) that these obey; a reader in Python; and node tests of ONNX below onnx/. Tested by
// vectors_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/vectors/gradient_vectors.h"
#include "reports/vectors/vectors.h"

namespace gridproof::reports {

inline constexpr std::string_view vectors_index_name = "vectors.json";

struct VectorFiles {
  std::vector<std::pair<std::string, std::string>> contents_by_path;
  std::int64_t cases = 0;
  std::int64_t clauses = 0;
  std::int64_t node_tests = 0;
  std::int64_t gradient_cases = 0;
};
// Those of gradients stand in files of their own, which the index lists apart.
VectorFiles render_vectors(const std::vector<GoldenVector>& vectors,
                           const std::vector<GoldenGradients>& gradients,
                           const VectorOptions& options);

// The texts of vectors.schema.json and read_vectors.py.
std::string_view vectors_schema();
std::string_view vectors_reader();

}  // namespace gridproof::reports
