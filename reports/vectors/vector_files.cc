#include "reports/vectors/vector_files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "oracle/subjects/protocol/wire.h"
#include "reference/semantics/clauses.h"
#include "reports/report/report.h"
#include "reports/vectors/onnx_node.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view schema_name = "vectors.schema.json";
constexpr std::string_view reader_name = "read_vectors.py";

// What fits on a line stands on one, so that a set can be read at a glance.
void lay_out(const Json& json, std::size_t indent, std::string& text) {
  constexpr std::size_t columns = 100;
  const std::string line = json.dump();
  if (json.empty() || !json.is_structured() || indent + line.size() <= columns) {
    text += line;
    return;
  }
  const std::string margin(indent + 1, ' ');
  text += json.is_object() ? "{\n" : "[\n";
  bool first = true;
  for (const auto& [key, value] : json.items()) {
    text += (first ? "" : ",\n") + margin;
    if (json.is_object()) text += Json(key).dump() + ": ";
    lay_out(value, indent + 1, text);
    first = false;
  }
  text += '\n' + std::string(indent, ' ') + (json.is_object() ? '}' : ']');
}

std::string laid_out(const Json& json) {
  std::string text;
  lay_out(json, 0, text);
  return text + '\n';
}

// The fields of a case or of an answer as the process protocol has them.
Json message_of(const Case& test_case) {
  std::string line;
  append_case(line, 0, test_case);
  return Json::parse(line);
}
Json message_of(const Answer& answer) {
  std::string line;
  append_reply(line, {.id = 0, .answer = answer});
  return Json::parse(line);
}

// JSON has no infinity and no NaN. Numbers are doubles, which hold every dtype's exactly.
Json number_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

// -0 comes before +0, and where one is right so is the other, [arith.zero-sign].
Json set_json(const Admissible& set) {
  Json json = {{"clause", set.clause}};
  Json intervals = Json::array();
  for (auto [lo, hi] : set.intervals) {
    if (std::isnan(lo)) {
      json["nan"] = true;
      continue;
    }
    if (lo == 0) lo = -0.0;
    if (hi == 0) hi = 0.0;
    intervals.push_back({number_json(lo), number_json(hi)});
  }
  json["intervals"] = std::move(intervals);
  for (const auto& [value, clause] : set.latitude) {
    json["latitude"].push_back({{"value", number_json(value)}, {"clause", clause}});
  }
  if (!set.silent.empty()) json["silent"] = set.silent;
  if (set.undecided) json["undecided"] = true;
  return json;
}

std::vector<std::string> names_of(const std::vector<Profile>& profiles) {
  std::vector<std::string> names;
  for (const Profile& profile : profiles) names.push_back(to_string(profile));
  return names;
}

Json vector_json(const GoldenVector& vector, const VectorOptions& options,
                 const std::string& node_test) {
  const Json test_case = message_of(vector.test_case);
  Json json = {{"source", vector.source}, {"case", to_line(vector.test_case)}};
  for (const char* const field : {"mode", "padding_mode", "align_corners", "input", "grid"}) {
    if (test_case.contains(field)) json[field] = test_case[field];
  }
  if (const auto* refusal = std::get_if<Refusal>(&vector.reference)) {
    json["refusal"] = {{"clause", refusal->clause}, {"message", refusal->message}};
    return json;
  }
  json["output"] = message_of(vector.reference)["output"];
  for (std::size_t i = 0; i < options.profiles.size(); ++i) {
    Json sets = Json::array();
    for (const Admissible& set : vector.admissible[i]) sets.push_back(set_json(set));
    json["admissible"][to_string(options.profiles[i])] = std::move(sets);
  }
  if (!node_test.empty()) json["onnx"] = node_test;
  return json;
}

// -0 and +0 are as right as each other.
Json interval_json(const GradientInterval& interval) {
  if (!interval) return {{"undecided", true}};
  const double low = interval->first == 0 ? -0.0 : interval->first;
  const double high = interval->second == 0 ? 0.0 : interval->second;
  return {{"intervals", Json::array({Json::array({number_json(low), number_json(high)})})}};
}

// The fields of a question about gradients, or of its answer, as the process protocol has them.
Json message_of(const BackwardCase& test_case) {
  std::string line;
  append_case(line, 0, test_case);
  return Json::parse(line);
}
Json message_of(const Gradients& gradients) {
  std::string line;
  append_gradients(line, {.id = 0, .gradients = gradients});
  return Json::parse(line);
}

Json vector_json(const GoldenGradients& vector, const VectorOptions& options) {
  const Json test_case = message_of(vector.test_case);
  Json json = {{"source", "the specification"}, {"case", to_line(vector.test_case)}};
  for (const char* const field :
       {"mode", "padding_mode", "align_corners", "output_mask", "input", "grid", "grad_output"}) {
    if (test_case.contains(field)) json[field] = test_case[field];
  }
  if (const auto* refusal = std::get_if<Refusal>(&vector.reference)) {
    json["refusal"] = {{"clause", refusal->clause}, {"message", refusal->message}};
    return json;
  }
  const Json answer = message_of(std::get<Gradients>(vector.reference));
  for (const auto& [gradient, word] : names<Gradient>) {
    const std::string field(word);
    if (!answer.contains(field)) continue;
    json[field] = answer[field];
    for (std::size_t i = 0; i < options.profiles.size(); ++i) {
      Json sets = Json::array();
      for (const GradientInterval& set : vector.admissible[i][static_cast<std::size_t>(gradient)])
        sets.push_back(interval_json(set));
      json["admissible"][to_string(options.profiles[i])][field] = std::move(sets);
    }
  }
  return json;
}

// Why no vector speaks of a clause.
std::string reason(const Clause& clause) {
  if (clause.stem == "affine_grid" || clause.stem == "displacement") {
    return "it is about another function, of " + clause.stem + ".md";
  }
  return "it has no small case with a meaningful set of admissible answers";
}

// Adds the node tests of the vectors, numbered by clause, and tells their names.
class NodeTests {
 public:
  NodeTests(const VectorOptions& options, VectorFiles& files)
      : dialect_(options.dialect == Dialect::onnx_16 ? Dialect::onnx_16 : Dialect::onnx),
        judge_({}, dialect_),
        files_(files) {}

  // The name of the node test of a vector; empty where there is none.
  std::string add(const GoldenVector& vector) {
    const auto test = node_test_of(vector.test_case, vector.reference, dialect_,
                                   sets_of(judge_, vector.test_case));
    if (!test) return {};
    std::string name = "test_grid_sample_" + vector.clause;
    std::ranges::replace_if(name, [](char c) { return c == '.' || c == '-'; }, '_');
    name += '_' + std::to_string(++count_[vector.clause]);
    const std::string folder = "onnx/" + name;
    const std::string data = folder + "/test_data_set_0";
    files_.contents_by_path.emplace_back(folder + "/model.onnx", test->model);
    files_.contents_by_path.emplace_back(data + "/input_0.pb", test->input);
    files_.contents_by_path.emplace_back(data + "/input_1.pb", test->grid);
    files_.contents_by_path.emplace_back(data + "/output_0.pb", test->output);
    ++files_.node_tests;
    return name;
  }

 private:
  Dialect dialect_;
  Judge judge_;
  VectorFiles& files_;
  std::map<std::string, int> count_;
};

using ByClause = std::map<std::string, Json>;

// Adds the file of a clause, and says what the index has of it.
Json add_file(const Clause& clause, const Json& vectors, const VectorOptions& options,
              VectorFiles& files) {
  const std::string name = clause.name + ".json";
  files.contents_by_path.emplace_back(
      name, laid_out({{"$schema", schema_name},
                      {"format", 1},
                      {"clause",
                       {{"name", clause.name}, {"status", clause.status}, {"text", clause.text}}},
                      {"dialect", gridproof::name(options.dialect)},
                      {"profiles", names_of(options.profiles)},
                      {"vectors", vectors}}));
  return {
      {"name", clause.name}, {"status", clause.status}, {"file", name}, {"cases", vectors.size()}};
}

}  // namespace

VectorFiles render_vectors(const std::vector<GoldenVector>& vectors,
                           const std::vector<GoldenGradients>& gradients,
                           const VectorOptions& options) {
  VectorFiles files;
  files.cases = std::ssize(vectors);
  files.gradient_cases = std::ssize(gradients);
  NodeTests node_tests(options, files);
  ByClause of_values;
  for (const GoldenVector& vector : vectors) {
    of_values[vector.clause].push_back(vector_json(vector, options, node_tests.add(vector)));
  }
  ByClause of_gradients;
  for (const GoldenGradients& vector : gradients)
    of_gradients[vector.clause].push_back(vector_json(vector, options));
  files.clauses = std::ssize(of_values);
  const std::vector<std::string> profiles = names_of(options.profiles);
  Json present = Json::array();
  Json present_gradients = Json::array();
  Json without = Json::array();
  for (const Clause& clause : clauses()) {
    if (of_values.contains(clause.name)) {
      present.push_back(add_file(clause, of_values.at(clause.name), options, files));
    } else if (of_gradients.contains(clause.name)) {
      present_gradients.push_back(add_file(clause, of_gradients.at(clause.name), options, files));
    } else {
      without.push_back({{"name", clause.name}, {"why", reason(clause)}});
    }
  }
  files.contents_by_path.emplace_back(schema_name, vectors_schema());
  files.contents_by_path.emplace_back(reader_name, vectors_reader());
  std::vector<std::string> paths = {std::string(vectors_index_name)};
  for (const auto& [path, contents] : files.contents_by_path) paths.push_back(path);
  std::ranges::sort(paths);
  files.contents_by_path.emplace_back(vectors_index_name,
                                      laid_out({{"$schema", schema_name},
                                                {"format", 1},
                                                {"gridproof", GRIDPROOF_VERSION},
                                                {"seed", options.seed},
                                                {"cases_per_clause", options.cases_per_clause},
                                                {"dialect", gridproof::name(options.dialect)},
                                                {"profiles", profiles},
                                                {"totals",
                                                 {{"cases", files.cases},
                                                  {"clauses", files.clauses},
                                                  {"node_tests", files.node_tests},
                                                  {"gradients", files.gradient_cases}}},
                                                {"clauses", present},
                                                {"gradients", present_gradients},
                                                {"without", without},
                                                {"files", paths}}));
  return files;
}

}  // namespace gridproof::reports
