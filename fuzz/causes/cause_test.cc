#include "fuzz/causes/cause.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/hooked.h"

namespace gridproof {
namespace {

const Mutant& mutant_named(std::string_view name) { return *find_mutant(name); }

Tensor filled(const Case& test_case, double value) {
  Tensor output = std::get<Tensor>(grid_sample(test_case));
  return {output.dtype(), output.shape(),
          std::vector<double>(static_cast<std::size_t>(output.element_count()), value)};
}

std::optional<Cause> cause_of(const std::function<Answer(const Case&)>& answers,
                              const std::string& clause, const std::string& line,
                              Verdict verdict = Verdict::deviates) {
  FunctionSubject subject(answers);
  FunctionSubject reference([](const Case& test_case) { return grid_sample(test_case); });
  const Judge judge;
  const Case test_case = parse_case(line);
  return explaining_mutant({subject, reference, judge}, {.verdict = verdict,
                                                         .clause = clause,
                                                         .original = test_case,
                                                         .reduced = test_case,
                                                         .sample = 0});
}

std::optional<Cause> cause_of_mutant(std::string_view name, const std::string& clause,
                                     const std::string& line, Verdict verdict = Verdict::deviates) {
  const Mutant& mutant = mutant_named(name);
  return cause_of([&](const Case& test_case) { return mutant.answer(test_case); }, clause, line,
                  verdict);
}

TEST(Cause, NamesTheMutant) {
  const auto cause = cause_of_mutant("reflect.wrong-edge", "padding.reflection",
                                     "grid_sample padding_mode=reflection "
                                     "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{1.25,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "reflect.wrong-edge");
  EXPECT_EQ(cause->same_bits, cause->probes);
  EXPECT_GE(cause->probes, 50U);
}

// Places in memory of 16 bits: the second row is before the first one, where nothing is known.
TEST(Cause, NamesAMutantThatIsLostOnSomeOfTheProbes) {
  const Mutant& mutant = mutant_named("own-type.planes");
  const auto cause = cause_of(
      [&](const Case& test_case) {
        const Answer own = mutant.answer(test_case);
        return std::holds_alternative<Lost>(own) ? Answer(filled(test_case, 7)) : own;
      },
      "padding.zeros",
      "grid_sample mode=nearest "
      "input=f16[1,1,2,4]strides[0,0,65535,1]{1,2,3,4,0*65531,5,6,7,8} "
      "grid=f16[1,1,1,2]{-32768,-0.5}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "own-type.planes");
}

// An axis so long has one texel everywhere: where along it something was read, no answer tells, and
// all that reads outside gives the same. A name takes texels that differ.
TEST(Cause, TexelsThatDoNotDifferGiveNoName) {
  const Mutant& mutant = mutant_named("own-type.f32-volumes");
  constexpr const char* line =
      "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
      "input=f32[1,1,1,16777217,1]strides[5,1,0,0,0]{1*5} grid=f32[1,1,1,1,3]{0,1,0}";
  const auto cause = cause_of_mutant(mutant.name, "trilinear.weights", line);
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, mutant.name);
  // Like it wherever they do not differ, and right where they do.
  const auto other = cause_of(
      [&](const Case& test_case) {
        return test_case.input.is_contiguous() ? grid_sample(test_case) : mutant.answer(test_case);
      },
      "trilinear.weights", line);
  EXPECT_FALSE(other) << other->mutant;
}

// But what is right where the same texels stand one after another is wrong for the layout.
TEST(Cause, AStrideOfZeroMayBeTheMistake) {
  const auto cause = cause_of_mutant("expanded.width", "bilinear.weights",
                                     "grid_sample input=f32[1,1,1,2]strides[0,0,0,0]{7} "
                                     "grid=f32[1,1,9,2]{0.5,0,0.375,0,0.25,0,0.125,0,0.4375,0,0."
                                     "3125,0,0.1875,0,-0.25,0,-0.125,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "expanded.width");
}

// A remainder that is made positive loses bits of the distance from the edge. On one long axis that
// looks as if positions were rounded to a part of a pixel. In the rank and the dtype of that case
// no case separates those mutants; one of another rank does, as a slice of a volume.
TEST(Cause, IsNoRoundingOfPositionsThatOnlyALongAxisShows) {
  semantics::Hooked rules;
  rules.pad = [](auto position, const semantics::Axis& axis) {
    using T = decltype(position);
    if (axis.options.padding != Padding::reflection || axis.options.mode == Mode::bicubic) {
      return semantics::Documented::pad(position, axis);
    }
    const T low = axis.options.align_corners ? T{0} : T{-0.5};
    const auto span = static_cast<T>(axis.options.align_corners ? axis.size - 1 : axis.size);
    if (span == 0) return T{0};
    T along = std::fmod(position - low, 2 * span);
    if (along < 0) along += 2 * span;
    return semantics::clip((along > span ? 2 * span - along : along) + low, axis);
  };
  for (const char* const x : {"-1.1328125", "-1.1171875", "-1.1484375", "-1.1953125"}) {
    const auto cause = cause_of(
        [&](const Case& test_case) { return semantics::grid_sample_with(test_case, rules); },
        "padding.reflection",
        fmt::format("grid_sample padding_mode=reflection align_corners=True "
                    "input=bf16[1,1,1,4096,65538]strides[2,4,5,2,1]"
                    "{{0*8448,-0.68359375,-2.59375,0*75507}} grid=bf16[1,1,1,1,3]{{{},0,0}}",
                    x));
    EXPECT_FALSE(cause) << x << ": " << cause->mutant;
  }
}

TEST(Cause, TiesAreSplitByTheCasesThatSeparateThem) {
  // One pixel far outside at both ends: reflecting once, twice or always is the same there.
  const auto cause = cause_of_mutant("reflect.once", "padding.reflection",
                                     "grid_sample padding_mode=reflection "
                                     "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{9.25,0}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "reflect.once");
  EXPECT_TRUE(cause->ties.empty()) << testing::PrintToString(cause->ties);
}

// Answers that are always 0, or always the same shape or refusal, name their mutant too: by where
// they are wrong and where they are not.
TEST(Cause, NamesWhatAlwaysGivesTheSame) {
  for (const auto& [name, clause, line] : std::vector<std::array<std::string, 3>>{
           {"zeros.whole-sample", "padding.zeros",
            "grid_sample padding_mode=zeros align_corners=False input=f32[1,1,1,1]{1} "
            "grid=f32[1,1,1,2]{-1.9375,0}"},
           {"zeros.whole-sample", "nearest.texel",
            "grid_sample mode=nearest padding_mode=zeros input=f32[1,1,1,1]{1} "
            "grid=f32[1,1,1,2]{0,0.5}"},
           {"infinity.nan", "infinity.zeros",
            "grid_sample padding_mode=zeros align_corners=False input=f32[1,1,1,1]{0} "
            "grid=f32[1,1,1,2]{inf,0}"},
           {"nan.zero", "coord.nan",
            "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1]{1} "
            "grid=f32[1,1,1,2]{0,nan}"},
           {"channels.after-four-lost", "padding.border",
            "grid_sample mode=nearest padding_mode=border input=f32[1,5,1,1]{1*5} "
            "grid=f32[1,1,1,2]{0,0}"},
           {"tail.lost", "nearest.texel",
            "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1]{1} "
            "grid=f32[1,1,1,2]{0,0}"},
           {"shape.output-channels-last", "shape.output",
            "grid_sample input=f32[1,2,1,1]{1,1} grid=f32[1,1,1,2]{0,0}"},
           {"layout.input-strides-ignored", "nearest.texel",
            "grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1,2,3,4} "
            "grid=f32[1,1,1,2]{0.5,-0.5}"},
           {"texels.f16", "nearest.texel",
            "grid_sample mode=nearest input=f32[1,1,1,1]{0x1.234568p+0} "
            "grid=f32[1,1,1,2]{0,0}"},
       }) {
    const auto cause = cause_of_mutant(name, clause, line);
    ASSERT_TRUE(cause) << name << ' ' << line;
    EXPECT_TRUE(cause->mutant == name || std::ranges::count(cause->ties, name) == 1)
        << name << ": " << cause->mutant;
  }
  const auto refused = cause_of_mutant(
      "shape.empty-output-refused", "shape.empty",
      "grid_sample mode=nearest padding_mode=zeros align_corners=False input=f32[1,1,1,1]{0} "
      "grid=f32[1,1,0,2]{}",
      Verdict::refused_wrongly);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->mutant, "shape.empty-output-refused");
}

// Neither alone gives these bits: another kernel at other positions.
TEST(Cause, NamesAPairWhereNoSingleOneExplains) {
  const Mutant pair = both(mutant_named("align.flipped"), mutant_named("cubic.alpha-0.5"));
  EXPECT_EQ(pair.name, "align.flipped + cubic.alpha-0.5");
  const auto cause =
      cause_of([&](const Case& test_case) { return pair.answer(test_case); }, "bicubic.kernel",
               "grid_sample mode=bicubic padding_mode=border align_corners=False "
               "input=f32[1,1,5,5]{1,2,4,8,16,3,1,4,1,5,9,2,6,5,3,5,8,9,7,9,3,2,3,8,4} "
               "grid=f32[1,1,1,2]{0.25,0.125}");
  ASSERT_TRUE(cause);
  const std::string name = cause->mutant;
  EXPECT_TRUE(name == pair.name || std::ranges::count(cause->ties, pair.name) == 1) << name;
  EXPECT_EQ(cause->same_bits, cause->probes);
  EXPECT_NE(mutant_sentence(name).value_or("").find("; and "), std::string::npos);
  EXPECT_FALSE(mutant_sentence("nan.zero + nobody").has_value());
}

// A tap that reads pixel (0, 0) is no pair of mistakes.
TEST(Cause, NamesNoPairForATapThatReadsTheFirstPixel) {
  const auto first_pixel = [](const Case& test_case) -> Answer {
    const auto right = std::get<Tensor>(grid_sample(test_case));
    const std::vector<double> grid = test_case.grid.values();
    std::vector<double> values = right.values();
    for (std::int64_t sample = 0; sample < sample_count(test_case); ++sample) {
      const auto at = static_cast<std::size_t>(sample) * 2;
      if (std::fabs(grid[at]) <= 1 && std::fabs(grid[at + 1]) <= 1) continue;
      values[static_cast<std::size_t>(element_place(right.shape(), sample, 0))] =
          test_case.input.values().front();
    }
    return Tensor(right.dtype(), right.shape(), values);
  };
  const auto cause = cause_of(first_pixel, "padding.zeros",
                              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
                              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{3,0}");
  EXPECT_FALSE(cause) << cause->mutant;
}

TEST(Cause, AFlagThatIsFlippedIsNamed) {
  const auto cause = cause_of_mutant("align.flipped", "bilinear.weights",
                                     "grid_sample align_corners=False "
                                     "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{0.5,0}");
  ASSERT_TRUE(cause);
  // With align_corners=False it does what `align.always-true` does, until it is asked about True.
  EXPECT_EQ(cause->mutant, "align.flipped");
  EXPECT_TRUE(cause->ties.empty()) << testing::PrintToString(cause->ties);
}

// Rounding that is not the mutant's is no objection, and is said.
TEST(Cause, RoundingIsSetAside) {
  const Mutant& mutant = mutant_named("cubic.alpha-0.5");
  const auto cause = cause_of(
      [&](const Case& test_case) -> Answer {
        const auto output = std::get<Tensor>(mutant.answer(test_case));
        std::vector<double> values = output.values();
        for (std::size_t i = 0; i < values.size(); i += 2) values[i] *= 1 + 0x1p-23;
        return Tensor(output.dtype(), output.shape(), values);
      },
      "bicubic.kernel",
      "grid_sample mode=bicubic padding_mode=border align_corners=False "
      "input=f32[1,1,4,4]{1,2,4,8,16,3,1,4,1,5,9,2,6,5,3,5} grid=f32[1,1,1,2]{0.25,0.125}");
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->mutant, "cubic.alpha-0.5");
  EXPECT_LT(cause->same_bits, cause->probes);
}

// Numbers that leave a 64-bit integer are not those that leave one of 32 bits.
TEST(Cause, TypesOfIntegersAreToldApart) {
  const auto answers = [](double first) {
    return [first](const Case& test_case) -> Answer {
      Case low = test_case;
      std::vector<double> grid = test_case.grid.values();
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const auto size = static_cast<double>(test_case.input.size(i % 2 == 0 ? 3 : 2));
        if (((grid[i] + 1) * size - 1) / 2 >= first) grid[i] = -8;
      }
      low.grid = Tensor(test_case.grid.dtype(), test_case.grid.shape(), grid);
      return grid_sample(low);
    };
  };
  const std::string line =
      "grid_sample mode=nearest padding_mode=border align_corners=False input=f32[1,1,1,2]{1,2} "
      "grid=f32[1,1,1,2]{0x1p+70,0}";
  const auto in_32_bits = cause_of(answers(0x1p31), "padding.border", line);
  ASSERT_TRUE(in_32_bits);
  EXPECT_EQ(in_32_bits->mutant, "far.low-edge");
  const auto in_64_bits = cause_of(answers(0x1p63), "padding.border", line);
  ASSERT_TRUE(in_64_bits);
  EXPECT_EQ(in_64_bits->mutant, "far.low-edge-i64");
  EXPECT_FALSE(cause_of(answers(0x1p47), "padding.border", line));
  // Neither where only infinity was seen.
  const std::string infinite =
      "grid_sample mode=nearest padding_mode=border align_corners=False input=f32[1,1,1,2]{1,2} "
      "grid=f32[1,1,1,2]{inf,0}";
  const auto from_infinity = cause_of(answers(0x1p63), "infinity.border", infinite);
  ASSERT_TRUE(from_infinity);
  EXPECT_EQ(from_infinity->mutant, "far.low-edge-i64");
  EXPECT_FALSE(cause_of(answers(0x1p47), "infinity.border", infinite));
}

// A mutant that is wrong wherever the subject is right does not explain it.
TEST(Cause, NoMutantThatIsWrongElsewhere) {
  const auto only_once = [](const Case& test_case) -> Answer {
    const auto right = std::get<Tensor>(grid_sample(test_case));
    if (test_case.grid.values().front() != 0.5) return right;
    return mutant_named("nearest.ceil").answer(test_case);
  };
  EXPECT_FALSE(cause_of(only_once, "nearest.texel",
                        "grid_sample mode=nearest input=f32[1,1,1,8]{1..8} "
                        "grid=f32[1,1,1,2]{0.5,0}"));
}

// One that gives most of the answers, and not all, does not either.
TEST(Cause, NoMutantThatExplainsMostOfIt) {
  const auto mostly = [](const Case& test_case) -> Answer {
    Answer answer = mutant_named("reflect.wrong-edge").answer(test_case);
    const auto& output = std::get<Tensor>(answer);
    std::vector<double> values = output.values();
    for (std::size_t i = 7; i < values.size(); i += 10) values[i] += 0.25;
    return Tensor(output.dtype(), output.shape(), values);
  };
  EXPECT_FALSE(cause_of(mostly, "padding.reflection",
                        "grid_sample padding_mode=reflection "
                        "input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{1.25,0}"));
}

// Every other time it is asked the same it does something else.
TEST(Cause, NamesNothingThatDependsOnTheOrder) {
  std::map<std::string, int> asked;
  const auto in_turn = [&asked](const Case& test_case) -> Answer {
    return ++asked[to_line(test_case)] % 2 == 1
               ? mutant_named("reflect.wrong-edge").answer(test_case)
               : grid_sample(test_case);
  };
  FunctionSubject subject(in_turn);
  const Case test_case = parse_case(
      "grid_sample padding_mode=reflection input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{1.25,0}");
  Case other = test_case;
  other.request.align_corners = true;
  FunctionSubject reference([](const Case& one) { return grid_sample(one); });
  const Judge judge;
  EXPECT_FALSE(explaining_mutant({subject, reference, judge}, {.verdict = Verdict::deviates,
                                                               .clause = "padding.reflection",
                                                               .original = other,
                                                               .reduced = test_case,
                                                               .sample = 0}));
}

// Always NaN, or always 0: the mutants that give that somewhere for reasons of their own are no
// explanation, because the subject gives it elsewhere, too.
TEST(Cause, NamesNothingForAConstantAnswer) {
  for (const double constant : {std::nan(""), 0.0}) {
    const auto always = [constant](const Case& test_case) -> Answer {
      const auto right = std::get<Tensor>(grid_sample(test_case));
      return Tensor(right.dtype(), right.shape(),
                    std::vector<double>(static_cast<std::size_t>(right.element_count()), constant));
    };
    for (const std::string clause : {"bilinear.weights", "coord.nan", "padding.border"}) {
      EXPECT_FALSE(cause_of(always, clause,
                            "grid_sample padding_mode=border input=f32[1,1,1,4]{1,2,4,8} "
                            "grid=f32[1,1,1,2]{" +
                                std::string(clause == "coord.nan" ? "nan" : "0.25") + ",0}"));
    }
  }
}

}  // namespace
}  // namespace gridproof
