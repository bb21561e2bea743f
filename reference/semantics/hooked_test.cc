#include "reference/semantics/hooked.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::semantics {
namespace {

std::string asked(const Hooked& rules, const char* line) {
  return to_text(grid_sample_with(parse_case(line), rules));
}

// A struct of rules may replace a stage at compile time as well, or compute in a wider type.
struct Wider : Documented {
  template <class Element>
  using Arithmetic = double;
};

TEST(Hooked, UnchangedItIsTheReference) {
  const Hooked rules;
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& test_case : clause.cases) {
      if (!test_case.line.starts_with("grid_sample ")) continue;
      EXPECT_EQ(asked(rules, test_case.line.c_str()), to_text(answer_line(test_case.line)))
          << test_case.line;
    }
  }
}

// Two wrong semantics that have been shipped.
TEST(Hooked, NearestHalfAwayFromZero) {
  Hooked rules;
  rules.nearest = [](const auto& sample, const Axis&) { return std::round(sample.padded); };
  EXPECT_EQ(asked(rules,
                  "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                  "grid=f32[1,1,5,2]{-0.5,0,0,0,0.5,0,-1,0,1,0}"),
            "f32[1,1,1,5]{2,4,8,0,0}");
  EXPECT_EQ(asked(rules,
                  "grid_sample mode=nearest input=f64[1,1,1,1,4]{1,2,4,8} "
                  "grid=f64[1,1,1,1,3]{-0.5,0,0}"),
            "f64[1,1,1,1,1]{2}");
}

TEST(Hooked, ReflectionAboutTheWrongEdge) {
  Hooked rules;
  rules.pad = [](auto position, Axis axis) {
    axis.options.align_corners = !axis.options.align_corners;
    return Documented::pad(position, axis);
  };
  EXPECT_EQ(asked(rules,
                  "grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} "
                  "grid=f32[1,1,3,2]{-1.5,0,-1.75,0,1.5,0}"),
            "f32[1,1,1,3]{3,4,3}");
  EXPECT_EQ(asked(rules,
                  "grid_sample padding_mode=reflection align_corners=True "
                  "input=f64[1,1,1,5]{1,2,4,8,16} grid=f64[1,1,4,2]{-1.5,0,-1.75,0,1.5,0,1.75,0}"),
            "f64[1,1,1,4]{1,1.5,16,12}");
}

// Every stage is asked: replacing it shows.
TEST(Hooked, EveryStageCanBeReplaced) {
  const char* const linear = "grid_sample input=f32[1,1,2,4]{1..8} grid=f32[1,1,1,2]{0.125,0.25}";
  const char* const cubic =
      "grid_sample mode=bicubic input=f32[1,1,2,4]{1..8} grid=f32[1,1,1,2]{0.125,0.25}";
  EXPECT_EQ(asked({}, linear), "f32[1,1,1,1]{5.75}");
  const auto expect_other = [&](const char* line, auto&& change) {
    Hooked rules;
    change(rules);
    EXPECT_NE(asked(rules, line), asked({}, line));
  };
  expect_other(linear, [](Hooked& r) { r.coordinate = [](auto x, const Axis&) { return -x; }; });
  expect_other(linear, [](Hooked& r) { r.position = [](auto x, const Axis&) { return x; }; });
  expect_other(linear, [](Hooked& r) { r.pad = [](auto p, const Axis&) { return p + 1; }; });
  expect_other(linear, [](Hooked& r) {
    r.cell = [](const auto& sample, const Axis& axis) {
      auto cell = Documented::cell(sample, axis);
      ++cell.index;
      return cell;
    };
  });
  expect_other(linear, [](Hooked& r) {
    r.linear_weights = [](auto t, const Axis&) { return std::array{t, 1 - t}; };
  });
  expect_other(cubic, [](Hooked& r) {
    r.cubic_weights = [](auto t, const Axis&) { return std::array{0 * t, 1 - t, t, 0 * t}; };
  });
  for (const char* line : {linear, cubic}) {
    expect_other(
        line, [](Hooked& r) { r.tap = [](std::int64_t, const Axis&) { return std::int64_t{0}; }; });
    expect_other(line, [](Hooked& r) { r.texel = [](auto value) { return 2 * value; }; });
    expect_other(line, [](Hooked& r) {
      r.sum = [](const auto& terms) { return Documented::sum(terms) / 2; };
    });
    expect_other(line, [](Hooked& r) { r.round = [](auto value, Dtype) { return value + 1; }; });
    expect_other(line, [](Hooked& r) {
      r.before = [](Case test_case) {
        test_case.request.align_corners = true;
        return test_case;
      };
    });
    expect_other(line, [](Hooked& r) {
      r.after = [](const Case&, Tensor output) {
        output.elements<float>()[0] = 0;
        return output;
      };
    });
  }
  expect_other(linear, [](Hooked& r) { r.corner = [](auto a, auto) { return a; }; });
}

// In a wider type the value is the f32 one before its roundings.
TEST(Hooked, AWiderType) {
  const Case test_case =
      parse_case("grid_sample input=f32[1,1,1,3]{1,2,4} grid=f32[1,1,1,2]{0x1.99999ap-4,0}");
  EXPECT_EQ(to_text(grid_sample(test_case)), "f32[1,1,1,1]{0x1.266668p+1}");
  EXPECT_EQ(to_text(grid_sample_with(test_case, Wider{})), "f32[1,1,1,1]{0x1.266666p+1}");
}

// A refusal stays a refusal, with the clause that the rewritten question meets.
TEST(Hooked, RefusalsPassThrough) {
  Hooked rules;
  EXPECT_EQ(asked(rules, "grid_sample mode=cubic input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"),
            "refused options.mode");
  rules.before = [](Case test_case) {
    test_case.request.mode = "bicubic";
    return test_case;
  };
  EXPECT_EQ(asked(rules, "grid_sample input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}"),
            "refused options.bicubic-4d");
}

}  // namespace
}  // namespace gridproof::semantics
