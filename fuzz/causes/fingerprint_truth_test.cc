// A fingerprint and the judge say the same of a subject. Over all mutants, with questions of the
// sizes and layout that a fingerprint is of: where a fact says how a rule is kept, no answer that
// the judge objects to under that rule is against what the fact says; and where a fact is not the
// reference's, the judge objects.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/domain/part.h"
#include "fuzz/mutants/conforming.h"
#include "fuzz/mutants/mutants.h"
#include "oracle/judge/judge.h"
#include "oracle/probe/fingerprint.h"
#include "oracle/subjects/host/process_subject.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

using probe::Kind;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr std::int64_t samples = 24;

// A question whose samples are at pixels, but for one axis each: there they are at a special
// coordinate, at a tie, outside or anywhere.
struct Asked {
  Kind kind;
  Case test_case;
  Answer right;
  std::vector<int> axis;  // of each sample
};

std::vector<Asked> test_cases() {
  std::vector<Asked> all;
  std::mt19937_64 random(1);
  const auto below = [&](std::uint64_t most) { return static_cast<std::int64_t>(random() % most); };
  const auto sign = [&] { return below(2) == 0 ? 1.0 : -1.0; };
  for (const Kind& kind : probe::all_kinds()) {
    for (int turn = 0; turn < 4; ++turn) {
      const int axes = kind.rank - 2;
      Shape sizes;  // x first
      // Of few bits, so that what rounding makes of positions plays no part.
      for (int k = 0; k < axes; ++k)
        sizes.push_back((4 << below(3)) + (kind.align_corners ? 1 : 0));
      Shape input = {1, 1};
      input.insert(input.end(), sizes.rbegin(), sizes.rend());
      std::vector<double> texels;
      for (std::int64_t i = 0; i < element_count(input); ++i) {
        texels.push_back(sign() * static_cast<double>(1 + below(127)));
      }
      Asked asked{.kind = kind, .test_case = {}, .right = {}, .axis = {}};
      std::vector<double> grid;
      for (std::int64_t i = 0; i < samples; ++i) {
        asked.axis.push_back(static_cast<int>(below(static_cast<std::uint64_t>(axes))));
        for (int k = 0; k < axes; ++k) {
          const auto n = static_cast<double>(sizes[static_cast<std::size_t>(k)]);
          double position = static_cast<double>(below(static_cast<std::uint64_t>(n)));
          std::optional<double> x;
          const std::int64_t what = k == asked.axis.back() ? below(8) : 8;
          if (what == 0) x = std::copysign(nan, sign());
          if (what == 1) x = sign() * infinity;
          if (what == 2) x = sign() * std::ldexp(1, static_cast<int>(4 + below(11)));
          if (what == 3 || what == 4) position += sign() / 2;
          if (what == 5) position = -6 + static_cast<double>(below(24)) / 2;
          if (what == 6 || what == 7) position += static_cast<double>(below(8)) / 8 - 0.5;
          grid.push_back(x.value_or(kind.align_corners ? 2 * position / (n - 1) - 1
                                                       : (2 * position + 1) / n - 1));
        }
      }
      Shape locations(static_cast<std::size_t>(axes), 1);
      locations.push_back(samples);
      locations.push_back(axes);
      asked.test_case = {.request = request_for({kind.mode, kind.padding, kind.align_corners}),
                         .input = Tensor(kind.dtype, input, texels),
                         .grid = Tensor(kind.dtype, locations, grid)};
      asked.right = grid_sample(asked.test_case);
      all.push_back(std::move(asked));
    }
  }
  return all;
}

// The kind of a question, along x; nothing where it is none.
std::optional<Kind> kind_of(const Case& test_case) {
  const auto index = kind_index(test_case);
  if (!index) return std::nullopt;
  const gridproof::Kind kind = kind_at(*index);
  return Kind{kind.form.mode, kind.form.rank, kind.padding, kind.align_corners, kind.dtype, 0};
}

// The question with another coordinate of a sample, along the axis that is its own.
Case with_coordinate(const Asked& asked, std::int64_t sample, double x) {
  std::vector<double> grid = asked.test_case.grid.values();
  const int axis = asked.axis[static_cast<std::size_t>(sample)];
  grid[static_cast<std::size_t>(sample * (asked.kind.rank - 2) + axis)] = x;
  Case result = asked.test_case;
  result.grid = Tensor(asked.kind.dtype, asked.test_case.grid.shape(), grid);
  return result;
}
double coordinate_of(const Asked& asked, std::int64_t sample) {
  const int axis = asked.axis[static_cast<std::size_t>(sample)];
  return asked.test_case.grid
      .values()[static_cast<std::size_t>(sample * (asked.kind.rank - 2) + axis)];
}

double value_at(const Answer& answer, std::int64_t sample) {
  const auto* const output = std::get_if<Tensor>(&answer);
  return output == nullptr || output->element_count() <= sample
             ? nan
             : output->values()[static_cast<std::size_t>(sample)];
}

// By more than rounding makes of texels below 128.
bool differ(double one, double other) {
  if (std::isnan(one) || std::isnan(other)) return std::isnan(one) != std::isnan(other);
  return std::fabs(one - other) > 2;
}

using Ask = std::function<Answer(const Case&)>;

// Whether an answer is against what a fact says of such samples, where that is what the reference
// does, and what is at pixels is right.
bool is_against(const Ask& ask, const probe::Fact& fact, const Asked& asked, const Answer& answer,
                std::int64_t sample) {
  const double x = coordinate_of(asked, sample);
  const double got = value_at(answer, sample);
  if (fact.clause == "coord.nan") {
    return std::isnan(x) && differ(got, value_at(ask(with_coordinate(asked, sample, -1)), sample));
  }
  if (fact.name.starts_with("coordinate inf") && x != infinity) return false;
  if (fact.name.starts_with("coordinate -inf") && x != -infinity) return false;
  return differ(got, value_at(asked.right, sample));
}

// Facts about what the documentation leaves open, or about how weights are computed.
bool is_free(const probe::Fact& fact) {
  return fact.name.starts_with("position") || fact.name.starts_with("weights along") ||
         fact.name.starts_with("pixels read") || fact.name.ends_with("inf, reflection, along x");
}

// What a fingerprint and the judge do not both say of a subject.
std::vector<std::string> contradictions(const Ask& ask, const probe::Fingerprint& right,
                                        const std::vector<Asked>& all,
                                        const Profile& profile = {}) {
  std::vector<std::string> found;
  const Judge judge(profile);
  std::set<Kind> objected;  // kinds in which something is wrong, or less exact than it should be
  FunctionSubject subject([&](const Case& test_case) {
    Answer answer = ask(test_case);
    const Answer expected = grid_sample(test_case);
    const Verdict worst = judge.judge(test_case, answer, &expected).worst();
    const auto kind = kind_of(test_case);
    if (kind && is_finding(worst, true) && worst != Verdict::latitude) objected.insert(*kind);
    return answer;
  });
  const probe::Fingerprint own = probe::fingerprint_of(subject);
  std::map<std::string, std::set<Kind>> kept;    // where a fact has the reference's value,
  std::map<std::string, std::set<Kind>> broken;  // and where it has not
  for (std::size_t i = 0; i < own.facts.size(); ++i) {
    const probe::Fact& fact = own.facts[i];
    std::map<Kind, std::string> should;
    for (const probe::Statement& one : right.facts[i].statements) should[one.where] = one.value;
    for (const probe::Statement& one : fact.statements) {
      // Of several that it may be, one is right.
      const bool is_kept =
          (" or " + one.value + " or ").find(" or " + should[one.where] + " or ") !=
          std::string::npos;
      (is_kept ? kept : broken)[fact.name].insert(one.where);
    }
  }
  for (const Asked& asked : all) {
    const Answer answer = ask(asked.test_case);
    const Judgment judgment = judge.judge(asked.test_case, answer, &asked.right);
    for (const SampleVerdict& verdict : judgment.notable) {
      if (!is_finding(verdict.verdict, false) || judgment.whole) continue;
      Kind where = asked.kind;
      where.axis = asked.axis[static_cast<std::size_t>(verdict.sample)];
      if (!kept["at the center of each pixel"].contains(where)) continue;
      for (const probe::Fact& fact : own.facts) {
        if (fact.clause != verdict.clause || !kept[fact.name].contains(where)) continue;
        // Where a tap is read says nothing of its weight.
        if (fact.clause == "bicubic.taps-padded" && !kept["bicubic, kernel"].contains(where))
          continue;
        if (!is_against(ask, fact, asked, answer, verdict.sample)) continue;
        found.push_back(fact.name + ": " + fact.value + ", but [" + verdict.clause +
                        "] is broken by sample " + std::to_string(verdict.sample) + " of " +
                        to_line(asked.test_case));
      }
    }
  }
  for (const probe::Fact& fact : own.facts) {
    for (Kind where : broken[fact.name]) {
      where.axis = 0;
      if (is_free(fact) || objected.contains(where)) continue;
      found.push_back(
          fact.name + ": " + fact.value + ", but nothing is wrong in " +
          to_string(gridproof::Kind{
              {where.mode, where.rank}, where.padding, where.align_corners, where.dtype}));
      break;
    }
  }
  return found;
}

class FingerprintTruth : public testing::Test {
 protected:
  const probe::Fingerprint& right() const { return right_; }
  const std::vector<Asked>& all() const { return all_; }

 private:
  static probe::Fingerprint of_the_reference() {
    FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
    return probe::fingerprint_of(reference);
  }
  probe::Fingerprint right_ = of_the_reference();
  std::vector<Asked> all_ = test_cases();
};

TEST_F(FingerprintTruth, NoFactIsAgainstTheJudgeOnAMutant) {
  std::size_t told = 0;  // mutants that some fact tells from the reference
  for (const Mutant& mutant : mutants()) {
    const std::unique_ptr<Subject> subject = mutant.open();
    const Ask ask = [&](const Case& test_case) { return subject->answer(test_case); };
    const probe::Fingerprint own = probe::fingerprint_of(*subject);
    told += own.facts == right().facts ? 0 : 1;
    // What depends on the number of locations and where among them a sample is, on other sizes, or
    // on the question before, no fact is about.
    const bool is_of_places = mutant.remembers() || mutant.name.starts_with("tail.") ||
                              mutant.name.starts_with("large.") ||
                              mutant.name.starts_with("shortcut.");
    const std::vector<Asked> none;
    for (const std::string& found : contradictions(ask, right(), is_of_places ? none : all())) {
      ADD_FAILURE() << mutant.name << ": " << found;
    }
  }
  EXPECT_GE(told, 150U);
}

TEST_F(FingerprintTruth, NoFactIsAgainstTheJudgeOnAConformingVariation) {
  for (const ConformingVariation& conforming : conforming_variations()) {
    const std::optional<Profile> profile = parse_profile(conforming.profile);
    ASSERT_TRUE(profile) << conforming.name;
    for (const std::string& found : contradictions(conforming.answer, right(), all(), *profile)) {
      ADD_FAILURE() << conforming.name << ": " << found;
    }
  }
}

// LibTorch keeps some rules in one mode and breaks them in another.
TEST_F(FingerprintTruth, NoFactIsAgainstTheJudgeOnLibTorch) {
  namespace fs = std::filesystem;
  std::size_t found_programs = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(GRIDPROOF_BINARY_DIR)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("gridproof-torch-")) continue;
    ++found_programs;
    const std::unique_ptr<Subject> subject =
        process_subject(name, "", {entry.path().string()}).open();
    const Ask ask = [&](const Case& test_case) { return subject->answer(test_case); };
    for (const std::string& found : contradictions(ask, right(), all())) {
      ADD_FAILURE() << name << ": " << found;
    }
  }
  if (found_programs == 0) GTEST_SKIP() << "no LibTorch is built";
}

// The test itself: a fact of one mode, told of all, is found.
TEST_F(FingerprintTruth, AFactThatIsToldOfTooMuchIsFound) {
  const Mutant& mutant = *find_mutant("infinity.cubic-zeros");
  const Ask ask = [&](const Case& test_case) { return mutant.answer(test_case); };
  EXPECT_TRUE(contradictions(ask, right(), all()).empty());
  // One that is right wherever it is asked for weights, and wrong elsewhere.
  const Ask elsewhere = [&](const Case& test_case) {
    return test_case.input.size(1) > 1 ? grid_sample(test_case) : mutant.answer(test_case);
  };
  const std::vector<std::string> found = contradictions(elsewhere, right(), all());
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(found.front().starts_with("coordinate ")) << found.front();
  EXPECT_NE(found.front().find("[infinity.zeros] is broken"), std::string::npos) << found.front();
}

}  // namespace
}  // namespace gridproof
