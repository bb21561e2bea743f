#include "reports/vectors/vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "fuzz/domain/domain.h"
#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/mutants.h"
#include "reference/encoding/base64.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/write_files.h"
#include "reports/testing/schema_errors.h"
#include "reports/testing/temporary_folder.h"
#include "reports/vectors/vector_files.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

const VectorOptions every_profile = {.profiles = {{.kind = Profile::Kind::ieee},
                                                  {.kind = Profile::Kind::flush},
                                                  {.kind = Profile::Kind::formula}}};

const std::vector<GoldenVector>& vectors() {
  static const std::vector<GoldenVector> made = make_vectors(every_profile);
  return made;
}

std::map<std::string, json> parsed(const VectorFiles& files) {
  std::map<std::string, json> documents;
  for (const auto& [path, contents] : files.contents_by_path) {
    if (path.ends_with(".json")) documents[path] = json::parse(contents);
  }
  return documents;
}
const std::map<std::string, json>& documents() {
  static const std::map<std::string, json> made =
      parsed(render_vectors(vectors(), {}, every_profile));
  return made;
}

std::string schema_errors(const json& document) {
  return reports::schema_errors(vectors_schema(), document);
}

double number_of(const json& number) {
  return number.is_string() ? std::stod(number.get<std::string>()) : number.get<double>();
}

// The rule that the schema's description gives to readers.
bool admits(const json& set, double x) {
  const auto place = [](double value) { return std::pair(value, !std::signbit(value)); };
  if (set.contains("silent")) return true;
  for (const json& other : set.value("latitude", json::array())) {
    if (same_bits(number_of(other["value"]), x)) return true;
  }
  if (std::isnan(x)) return set.contains("nan");
  return std::ranges::any_of(set["intervals"], [&](const json& interval) {
    return place(number_of(interval[0])) <= place(x) && place(x) <= place(number_of(interval[1]));
  });
}

// The first element of an answer that is in no set of its vector; -1 if there is none.
std::int64_t first_outside(const json& vector, const std::string& profile, const Answer& answer) {
  const auto* output = std::get_if<Tensor>(&answer);
  if ((output == nullptr) != vector.contains("refusal")) return 0;
  if (output == nullptr) return -1;
  const json& sets = vector["admissible"][profile];
  if (std::cmp_not_equal(sets.size(), output->element_count())) return 0;
  const std::vector<double> values = output->values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!admits(sets[i], values[i])) return static_cast<std::int64_t>(i);
  }
  return -1;
}

// Calls `visitor` with each vector as it was made and as a file has it.
template <class Visitor>
void for_each_vector(const Visitor& visitor) {
  std::map<std::string, std::size_t> next;
  for (const GoldenVector& vector : vectors()) {
    visitor(vector, documents().at(vector.clause + ".json")["vectors"][next[vector.clause]++]);
  }
}

TEST(Vectors, TheSameOptionsGiveTheSameFiles) {
  const VectorOptions options = {.seed = 7, .cases_per_clause = 2};
  const auto files = [](const VectorOptions& o) {
    return render_vectors(make_vectors(o), {}, o).contents_by_path;
  };
  EXPECT_EQ(files(options), files(options));
  VectorOptions other = options;
  other.seed = 8;
  EXPECT_NE(files(options), files(other));
}

TEST(Vectors, EveryClauseAboutGridSampleHasSome) {
  std::set<std::string> present;
  for (const GoldenVector& vector : vectors()) present.insert(vector.clause);
  for (const Clause& clause : clauses()) {
    const bool is_other =
        clause.stem == "affine_grid" || clause.stem == "displacement" || clause.stem == "gradients";
    EXPECT_EQ(present.contains(clause.name), !is_other) << clause.name;
  }
  std::set<std::string> without;
  for (const json& clause : documents().at("vectors.json")["without"])
    without.insert(clause["name"]);
  EXPECT_EQ(present.size() + without.size(), clauses().size());
}

TEST(Vectors, TheFilesObeyTheSchema) {
  for (const auto& [path, document] : documents()) {
    if (path == "vectors.schema.json") continue;
    EXPECT_EQ(schema_errors(document), "") << path;
    EXPECT_EQ(document["$schema"], "vectors.schema.json");
  }
}

TEST(Vectors, TheSchemaRejectsOtherDocuments) {
  const auto rejects = [&](const std::string& path, const std::string& pointer, const json& value) {
    json bad = documents().at(path);
    bad[json::json_pointer(pointer)] = value;
    EXPECT_NE(schema_errors(bad), "") << pointer;
  };
  rejects("vectors.json", "/format", 2);
  rejects("vectors.json", "/surprise", 1);
  rejects("vectors.json", "/totals/cases", -1);
  rejects("vectors.json", "/profiles", json::array({"P0"}));
  const std::string vector = "/vectors/0";
  rejects("coord.nan.json", vector + "/refusal", {{"clause", "shape.rank"}, {"message", ""}});
  rejects("coord.nan.json", vector + "/case", "grid sample");
  rejects("coord.nan.json", vector + "/input/dtype", "f8");
  rejects("coord.nan.json", vector + "/input/strides", json::array({1}));
  rejects("coord.nan.json", vector + "/admissible/P1/0/intervals", json::array({json::array({1})}));
  rejects("coord.nan.json", vector + "/admissible/P1/0/intervals/0/0", "1.5");
  rejects("coord.nan.json", vector + "/admissible/P1/0/undecided", false);
  json bad = documents().at("coord.nan.json");
  bad["vectors"][0].erase("admissible");
  EXPECT_NE(schema_errors(bad), "");
}

// The line, the fields and the bytes say the same question, to the last bit.
TEST(Vectors, TheQuestionIsExact) {
  for_each_vector([](const GoldenVector& vector, const json& file) {
    EXPECT_EQ(file["case"], to_line(vector.test_case));
    EXPECT_EQ(json(to_line(parse_case(file["case"].get<std::string>()))), file["case"]);
    const auto check = [&](const json& field, const Tensor& tensor) {
      EXPECT_EQ(field["dtype"], name(tensor.dtype()));
      EXPECT_EQ(field["shape"], json(tensor.shape()));
      std::string text;
      append_base64(text, {tensor.storage(), static_cast<std::size_t>(tensor.storage_size()) *
                                                 size_of(tensor.dtype())});
      EXPECT_EQ(field["data"], text);
      EXPECT_EQ(field.contains("strides"), !tensor.is_contiguous() || tensor.offset() != 0 ||
                                               tensor.storage_size() != tensor.element_count());
    };
    check(file["input"], vector.test_case.input);
    check(file["grid"], vector.test_case.grid);
    if (file.contains("output")) check(file["output"], std::get<Tensor>(vector.reference));
    EXPECT_EQ(file.contains("mode"), vector.test_case.request.mode.has_value());
  });
}

TEST(Vectors, TheReferenceIsAdmissible) {
  for_each_vector([](const GoldenVector& vector, const json& file) {
    for (const Profile& profile : every_profile.profiles) {
      EXPECT_EQ(first_outside(file, to_string(profile), vector.reference), -1) << file.dump();
    }
  });
}

// A set ends where the judge says so: its ends are no findings, and the next number is one. With
// one channel, because the judge wants one position for all.
TEST(Vectors, OneNumberBeyondASetFails) {
  std::int64_t tried = 0;
  for_each_vector([&](const GoldenVector& vector, const json& file) {
    const auto* reference = std::get_if<Tensor>(&vector.reference);
    if (reference == nullptr || vector.test_case.input.size(1) != 1) return;
    const Dtype dtype = reference->dtype();
    for (const Profile& profile : every_profile.profiles) {
      const Judge judge(profile, Dialect::pytorch);
      const json& sets = file["admissible"][to_string(profile)];
      const auto is_inside = [&](std::size_t element, double value) {
        std::vector<double> values = reference->values();
        values[element] = value;
        const Verdict verdict =
            judge.judge(vector.test_case, Tensor(dtype, reference->shape(), values)).worst();
        return verdict != Verdict::deviates && verdict != Verdict::quality_warning;
      };
      for (std::size_t i = 0; i < sets.size(); ++i) {
        if (sets[i].contains("undecided")) continue;
        for (const json& interval : sets[i]["intervals"]) {
          for (const int end : {0, 1}) {
            const double value = number_of(interval[static_cast<std::size_t>(end)]);
            if (!std::isfinite(value)) continue;
            EXPECT_TRUE(is_inside(i, value)) << value << ' ' << file.dump();
            const double beyond = nudge(value, end == 0 ? -1 : 1, dtype);
            if (beyond == value) continue;  // the largest number
            EXPECT_EQ(admits(sets[i], beyond), is_inside(i, beyond))
                << beyond << ' ' << file.dump();
            tried += admits(sets[i], beyond) ? 0 : 1;
          }
        }
      }
    }
  });
  EXPECT_GT(tried, 1000);
}

// No correct implementation fails a vector.
TEST(Vectors, ConformingVariationsPass) {
  std::int64_t asked = 0;
  for (const ConformingVariation& variation : conforming_variations()) {
    for_each_vector([&](const GoldenVector& vector, const json& file) {
      if (!file.contains("refusal") && !file["admissible"].contains(variation.profile)) return;
      ++asked;
      EXPECT_EQ(first_outside(file, variation.profile, variation.answer(vector.test_case)), -1)
          << variation.name << ": " << file.dump();
    });
  }
  EXPECT_GT(asked, 1000);
}

// And most wrong ones do, by the default number of cases and element by element.
TEST(Vectors, WrongSemanticsFail) {
  std::vector<std::string> unseen;
  for (const Mutant& mutant : mutants()) {
    if (mutant.is_interaction) continue;
    bool seen = false;
    for_each_vector([&](const GoldenVector& vector, const json& file) {
      seen = seen || first_outside(file, "P1", mutant.answer(vector.test_case)) != -1;
    });
    if (!seen) unseen.push_back(mutant.name);
  }
  EXPECT_LE(unseen.size() * 20, mutants().size()) << testing::PrintToString(unseen);
  RecordProperty("unseen", testing::PrintToString(unseen));
}

// Whether zeros are copies, as in `nearest`, or sums, as in other modes.
TEST(Vectors, TheSignOfZeroDoesNotCount) {
  const auto sets = [](const std::string& line) {
    const Case test_case = parse_case(line);
    const VectorOptions options;
    const VectorFiles files = render_vectors({{.clause = "arith.zero-sign",
                                               .source = "this test",
                                               .test_case = test_case,
                                               .reference = grid_sample(test_case),
                                               .admissible = {sets_of(Judge(), test_case)}}},
                                             {}, options);
    return parsed(files).at("arith.zero-sign.json")["vectors"][0]["admissible"]["P1"];
  };
  const std::string rest = " input=f32[1,1,1,2]{-0,0} grid=f32[1,1,3,2]{-0.5,0,0.5,0,0,5}";
  for (const char* const mode : {"nearest", "bilinear"}) {
    for (const json& set : sets("grid_sample mode=" + std::string(mode) + rest)) {
      EXPECT_TRUE(admits(set, -0.0) && admits(set, 0.0)) << set;
      EXPECT_FALSE(admits(set, 0x1p-149) || admits(set, -0x1p-149)) << set;
    }
  }
}

TEST(Vectors, ADialectHasItsSilences) {
  const auto all = [](Dialect dialect) {
    const VectorOptions options = {.cases_per_clause = 3, .dialect = dialect};
    return parsed(render_vectors(make_vectors(options), {}, options));
  };
  const auto silent = [](const json& document) {
    return std::ranges::count_if(document["vectors"], [](const json& vector) {
      return vector.contains("admissible") && vector["admissible"]["P1"].dump().find(
                                                  "\"silent\":\"coord.nan\"") != std::string::npos;
    });
  };
  EXPECT_EQ(silent(all(Dialect::pytorch)["coord.nan.json"]), 0);
  const json onnx = all(Dialect::onnx)["coord.nan.json"];
  EXPECT_EQ(silent(onnx), std::ssize(onnx["vectors"]));
  const json tie = all(Dialect::onnx_16)["nearest.ties-to-even.json"]["vectors"][0];
  EXPECT_EQ(tie["admissible"]["P1"][0]["intervals"], (json{{1.0, 1.0}, {2.0, 2.0}}));
}

// The reader that stands in the folder, with the example of an implementation, and with a wrong
// one.
TEST(Vectors, TheReaderTellsRightFromWrong) {
  const TemporaryFolder folder;
  const VectorOptions options;
  replace_folder(folder.path() / "vectors",
                 render_vectors(make_vectors(options), {}, options).contents_by_path);
  folder.write(
      "wrong.py",
      "import numpy_grid_sample\n"
      "def grid_sample(input, grid, align_corners=False, **options):\n"
      "    return numpy_grid_sample.grid_sample(input, grid, align_corners=not align_corners,"
      " **options)\n");
  const auto run = [&](const std::string& module) {
    const std::string command =
        "cd '" + folder.path().string() + "' && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=.:'" +
        GRIDPROOF_SOURCE_DIR
        "/oracle/subjects/templates' /usr/bin/python3 vectors/read_vectors.py" +
        " vectors " + module + " >out 2>&1";
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(run("numpy_grid_sample"), 0) << folder.read("out");
  EXPECT_EQ(run("wrong"), 1) << folder.read("out");
  EXPECT_NE(folder.read("out").find("is not one of"), std::string::npos) << folder.read("out");
}

}  // namespace
}  // namespace gridproof::reports
