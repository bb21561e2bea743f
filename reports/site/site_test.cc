#include "reports/site/site.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/clauses.h"
#include "reports/site/claims.h"
#include "reports/site/libraries.h"
#include "reports/text/input_error.h"

namespace gridproof::reports::site {
namespace {

using Json = nlohmann::json;
using Files = std::vector<std::pair<std::string, std::string>>;

const Files& files() {
  static const Files all = make_site("0.0.0", kept_obedience());
  return all;
}

std::string file(const std::string& name) {
  const auto found = std::ranges::find(files(), name, &Files::value_type::first);
  return found == files().end() ? "" : found->second;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Site, HasEveryClauseClaimAndWrongSemantics) {
  for (const Clause& clause : clauses()) {
    EXPECT_TRUE(holds(file(clause.stem + ".html"), "id=\"" + clause.name + "\"")) << clause.name;
  }
  EXPECT_GT(claims().size(), 40U);
  for (const Claim& claim : claims()) {
    EXPECT_FALSE(claim.says.empty()) << claim.name;
    EXPECT_TRUE(holds(file("myths.html"), "id=\"" + claim.name + "\"")) << claim.name;
  }
  for (const Mutant& mutant : mutants()) {
    if (mutant.is_interaction || mutant.remembers()) continue;
    EXPECT_TRUE(holds(file("wrong.html"), "id=\"" + mutant.name + "\"")) << mutant.name;
  }
}

TEST(Site, HasEveryOtherLibrary) {
  EXPECT_GT(libraries().size(), 5U);
  for (const Library& library : libraries()) {
    EXPECT_TRUE(holds(file("migration.html"), "id=\"" + library.name + "\"")) << library.name;
  }
}

TEST(Site, SaysWhatItRan) {
  for (const auto& [name, text] : files()) {
    EXPECT_FALSE(holds(text, "not as the clause says")) << name;
    EXPECT_FALSE(holds(text, "not what this page says")) << name;
  }
}

TEST(Site, ConceptsHaveTheirFiguresAndCode) {
  EXPECT_TRUE(holds(file("coordinates.html"), "<math"));
  EXPECT_TRUE(holds(file("coordinates.html"), "class=\"line lit\""));
  EXPECT_TRUE(holds(file("affine_grid.html"), "affine_grid.cc, from line"));
  EXPECT_TRUE(holds(file("bicubic.html"), "class=\"plot\""));
  EXPECT_TRUE(holds(file("padding.html"), "<code>reflection</code>, <code>align_corners=True"));
  EXPECT_TRUE(holds(file("nearest.html"), "class=\"picture ties\""));
  EXPECT_TRUE(holds(file("linear.html"), "class=\"picture cells\""));
  EXPECT_FALSE(holds(file("shapes.html"), "class=\"plot\""));
}

TEST(Site, IsTheSameEveryTime) { EXPECT_EQ(make_site("0.0.0", kept_obedience()), files()); }

TEST(Site, TellsProgramsTheSame) {
  const Json json = Json::parse(file("clauses.json"));
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["clauses"].size(), clauses().size());
  const Json& nan = json["clauses"]["coord.nan"];
  EXPECT_EQ(nan["status"], "documented");
  EXPECT_EQ(nan["since"], "0.1.0");
  EXPECT_EQ(nan["page"], "nonfinite.html#coord.nan");
  EXPECT_EQ(nan["results"]["torch-2.15.0"]["verdict"], "deviates");
}

TEST(Site, EveryClaimHasACaseThatAnswersAsItSays) {
  for (const Claim& claim : claims()) {
    EXPECT_FALSE(claim.cases.empty()) << claim.name;
    for (const ClauseCase& test_case : claim.cases) {
      const Outcome outcome = run(test_case);
      EXPECT_TRUE(outcome.passed) << claim.name << ": " << outcome.got;
    }
    EXPECT_FALSE(holds(claim.text, "case: ")) << claim.name;
  }
}

// What a subject, a claim or a matrix says is text, whatever it looks like.
TEST(Site, ForeignTextStaysText) {
  Obedience obedience = kept_obedience();
  const std::string hostile = "\"><script>alert(1)</script>";
  obedience.day = hostile;
  obedience.command = hostile;
  JudgedSubject& subject = obedience.subjects.front();
  subject.called = subject.name = hostile;
  subject.violations.push_back({.clause = hostile,
                                .verdict = Verdict::deviates,
                                .sentence = hostile,
                                .cause = hostile,
                                .line = hostile});
  subject.violations.back().clause = "coord.nan";
  for (const auto& [name, text] : make_site(hostile, obedience)) {
    if (!name.ends_with(".html")) continue;
    EXPECT_FALSE(holds(text, "<script>alert")) << name;
  }
}

TEST(Site, WordsOfPeopleFindTheirClauses) {
  const auto first = [](std::string_view words) {
    const auto hits = search(words);
    return hits.empty() ? "" : hits.front().name;
  };
  EXPECT_EQ(first("coord.nan"), "coord.nan");
  EXPECT_EQ(first("not a number"), "coord.nan");
  EXPECT_EQ(first("half pixel"), "coord.corners");
  EXPECT_EQ(first("scipy"), "migration.scipy");
  EXPECT_EQ(first("BORDER_REFLECT_101"), "migration.remap");
  EXPECT_EQ(first("no such thing at all"), "");
  for (const auto& [words, name] :
       {std::pair("ties", "nearest.ties-to-even"), std::pair("5-D", "shape.rank"),
        std::pair("voxel", "trilinear.weights"), std::pair("gradient", "grad.grid"),
        std::pair("backward", "grad.input"), std::pair("autograd", "grad.input"),
        std::pair("kink", "grad.kink-right"), std::pair("vanishing gradient", "grad.border")}) {
    const auto hits = search(words);
    EXPECT_TRUE(std::ranges::find(hits, name, &Hit::name) != hits.end()) << words;
  }
}

TEST(Obedience, IsWhatTheMatrixSays) {
  const Obedience obedience = kept_obedience();
  EXPECT_GT(obedience.subjects.size(), 12U);
  const JudgedSubject& torch = obedience.subjects.front();
  EXPECT_EQ(torch.name, "torch-2.15.0");
  EXPECT_EQ(sign_of(torch.under("coord.nan")), "✗");
  EXPECT_EQ(kind_of(torch.under("coord.nan")), "wrong");
  EXPECT_EQ(words_of(torch.under("no.such")), "not asked");
  EXPECT_GT(obedience.answers.size(), 100U);
  for (const auto& [line, answers] : obedience.answers) EXPECT_GT(answers.size(), 10U) << line;
}

TEST(Obedience, RefusesWhatIsNoMatrix) {
  for (const char* text : {"", "{", "[]", "{}", R"({"gridproof": 1})",
                           R"({"gridproof": "1", "command": "", "day": "", "subjects": [1]})"}) {
    EXPECT_THROW(read_obedience(text, ""), InputError) << text;
  }
}

}  // namespace
}  // namespace gridproof::reports::site
