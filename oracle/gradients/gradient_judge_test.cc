#include "oracle/gradients/gradient_judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "oracle/exact/gradients.h"
#include "oracle/gradients/testing/any_gradients.h"
#include "oracle/judge/testing/random_case.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::judging {
namespace {

// How many seeds a test takes; GRIDPROOF_GRADIENT_SEEDS for a long run.
std::uint64_t seeds(std::uint64_t usual) {
  const char* const given = std::getenv("GRIDPROOF_GRADIENT_SEEDS");
  return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

BackwardCase random_backward(std::uint64_t seed, bool with_halves = true) {
  RandomCase random(seed);
  const Options options = random.options();
  const auto dtype = static_cast<Dtype>(random.below(with_halves ? 4 : 2) + (with_halves ? 0 : 2));
  const int axes = options.mode == Mode::bicubic ? 2 : 2 + static_cast<int>(random.below(2));
  const std::int64_t samples = random.below(4) == 0 ? 40 : 4;
  const std::int64_t channels = 1 + random.below(4);
  Case forward = random.make(options, dtype, axes, samples, channels);
  Shape shape{1, channels};
  shape.insert(shape.end(), forward.grid.shape().begin() + 1, forward.grid.shape().end() - 1);
  const std::vector<double> grads = random.texels(element_count(shape), dtype);
  return {std::move(forward), Tensor(dtype, shape, grads), {}};
}

double largest(const Tensor& tensor) {
  double most = 0;
  for (const double x : tensor.values())
    most = std::isnan(x) ? INFINITY : std::max(most, std::fabs(x));
  return most;
}

// Whether nothing comes near the end of what the type can hold.
bool is_moderate(const BackwardCase& test_case) {
  const Dtype dtype = test_case.forward.input.dtype();
  const double end =
      is_16_bit(dtype) ? 0x1p100 : std::ldexp(1.0, format_of(dtype).max_exponent - 27);
  const double texels = std::max(1.0, largest(test_case.forward.input));
  const double grads = std::max(1.0, largest(test_case.grad_output));
  const double last = std::ldexp(1.0, format_of(dtype).max_exponent - 15);
  return texels * grads < end && largest(test_case.forward.grid) * 2048 < end &&
         (!is_16_bit(dtype) || texels * grads < last);
}

std::string described(const BackwardCase& test_case, const GradientJudgment& judgment,
                      const BackwardAnswer& answer) {
  const auto& gradients = std::get<Gradients>(answer);
  std::string text = to_line(test_case);
  for (const GradientVerdict& it : judgment.notable) {
    if (it.verdict < Verdict::quality_warning) continue;
    const auto set = GradientJudge().admissible(test_case, it.gradient, it.element);
    text += "\n" + std::string(name(it.gradient)) + " " + std::to_string(it.element) + " " +
            std::string(name(it.verdict)) + " [" + it.clause + "]";
    const auto& tensor = it.gradient == Gradient::input ? gradients.input : gradients.grid;
    const double got = tensor->values()[static_cast<std::size_t>(it.element)];
    char numbers[100];
    if (set) {
      std::snprintf(numbers, sizeof numbers, " %a, not %a ... %a", got, set->first, set->second);
      text += numbers;
    }
  }
  return text;
}

TEST(GradientJudge, NeverObjectsToAnyRounding) {
  std::array<std::int64_t, verdict_count> counts{};
  for (std::uint64_t seed = 0; seed < seeds(6000); ++seed) {
    const BackwardCase test_case = random_backward(seed);
    if (!is_moderate(test_case)) continue;
    const Gradients answer = AnyGradients(test_case, seed, {.stray = seed % 2 == 0})();
    const GradientJudgment judgment = GradientJudge().judge(test_case, answer);
    for (std::size_t v = 0; v < verdict_count; ++v) {
      counts[v] += judgment.count(static_cast<Verdict>(v));
    }
    ASSERT_LT(judgment.worst(), Verdict::quality_warning) << "seed " << seed << "\n"
                                                          << described(test_case, judgment, answer);
  }
  std::string summary;
  for (std::size_t v = 0; v < verdict_count; ++v) {
    if (counts[v] != 0) {
      summary +=
          std::string(name(static_cast<Verdict>(v))) + " " + std::to_string(counts[v]) + ", ";
    }
  }
  std::puts(summary.c_str());
}

TEST(GradientJudge, NeverObjectsToTheFormulasOfItsProfile) {
  const auto never = [](const Profile& profile, RoundingChoices habits) {
    const GradientJudge judge(profile);
    std::int64_t judged = 0;
    for (std::uint64_t seed = 0; seed < seeds(1500); ++seed) {
      const BackwardCase test_case = random_backward(seed + 500000, false);
      if (!is_moderate(test_case)) continue;
      const Gradients answer = AnyGradients(test_case, seed, habits)();
      const GradientJudgment judgment = judge.judge(test_case, answer);
      ASSERT_LT(judgment.worst(), Verdict::quality_warning)
          << to_string(profile) << " seed " << seed << "\n"
          << described(test_case, judgment, answer);
      judged += judgment.count(Verdict::admissible);
    }
    EXPECT_GT(judged, 100000);
  };
  using Kind = Profile::Kind;
  never({.kind = Kind::flush}, {});
  never({.kind = Kind::formula}, {.formula = CoordinateFormula::decomposed});
  never({.kind = Kind::formula}, {.formula = CoordinateFormula::expanded});
}

// Differences of one last place from a sum that rounds nothing.
TEST(GradientJudge, SeesTheLastBitOfSumsThatDoNotRound) {
  // 4096 samples on one texel, with weights of 1/4 and 3/4.
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward input=f32[1,2,1,4]{1..8} "
      "grid=f32[1,64,64,2]strides[0,0,0,1]{-0.125,0} "
      "grad_output=f32[1,2,64,64]strides[0,1,0,0]{1,3}");
  auto gradients = std::get<Gradients>(grid_sample_backward(test_case));
  EXPECT_EQ(GradientJudge().judge(test_case, gradients).worst(), Verdict::admissible);
  for (const auto& [index, step] : {std::pair(std::size_t{1}, 0.75F), {2, 0.25F}, {5, 2.25F}}) {
    Gradients wrong = gradients;
    wrong.input = gradients.input->contiguous();
    wrong.input->elements<float>()[index] -= step;  // one hit is lost
    const GradientJudgment judgment = GradientJudge().judge(test_case, wrong);
    ASSERT_EQ(judgment.count(Verdict::deviates), 1);
    EXPECT_EQ(judgment.notable.back().element, static_cast<std::int64_t>(index));
    EXPECT_EQ(judgment.notable.back().clause, "grad.input");
  }
}

// A union over cells, not a hull: beside a kink either slope is right, and nothing between them.
TEST(GradientJudge, SeesAWrongCellBesideAKink) {
  const auto verdict = [](const std::string& x, double slope, Kinks kinks) {
    const BackwardCase test_case = parse_backward_case(
        "grid_sample_backward padding_mode=border output_mask=[False,True] "
        "input=f32[1,1,1,4]{0,1,8,16} grid=f32[1,1,1,2]{" +
        x + ",0} grad_output=f32[1,1,1,1]{1}");
    const Gradients answer{.input = std::nullopt,
                           .grid = Tensor(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{slope, 0})};
    return GradientJudge({}, kinks).judge(test_case, answer).worst();
  };
  // At x = -1/4 the position is 1, exactly: on the kink between slopes of 2 and 14.
  EXPECT_EQ(verdict("-0.25", 14, Kinks::right), Verdict::admissible);
  EXPECT_EQ(verdict("-0.25", 2, Kinks::right), Verdict::deviates);
  EXPECT_EQ(verdict("-0.25", 2, Kinks::one_sided), Verdict::admissible);
  EXPECT_EQ(verdict("-0.25", 6, Kinks::one_sided), Verdict::admissible);
  EXPECT_EQ(verdict("-0.25", 15, Kinks::one_sided), Verdict::deviates);
  // A last place below that, x + 1 rounds to 3/4, or does not.
  EXPECT_EQ(verdict("-0x1.000002p-2", 14, Kinks::right), Verdict::admissible);
  EXPECT_EQ(verdict("-0x1.000002p-2", 2, Kinks::right), Verdict::admissible);
  EXPECT_EQ(verdict("-0x1.000002p-2", 6, Kinks::right), Verdict::deviates);
  EXPECT_EQ(verdict("-0x1.0002p-2", 14, Kinks::right), Verdict::deviates);
  // On the border and beyond the slope is 0; on it, also that of the inside is one of two.
  EXPECT_EQ(verdict("0.75", 0, Kinks::right), Verdict::admissible);
  EXPECT_EQ(verdict("0.75", 16, Kinks::right), Verdict::deviates);
  EXPECT_EQ(verdict("0.75", 16, Kinks::one_sided), Verdict::admissible);
  EXPECT_EQ(verdict("0.75", -34, Kinks::one_sided), Verdict::deviates);
  EXPECT_EQ(verdict("2", 0, Kinks::one_sided), Verdict::admissible);
  EXPECT_EQ(verdict("2", 16, Kinks::one_sided), Verdict::deviates);
}

// A factor that comes before the sum may overflow, and infinities cancel to NaN; without overflow a
// position that is hardly known is no excuse for NaN.
TEST(GradientJudge, AdmitsNanOnlyWhereSomethingOverflows) {
  const auto verdict = [](const std::string& grad) {
    const BackwardCase test_case = parse_backward_case(
        "grid_sample_backward padding_mode=reflection align_corners=True output_mask=[False,True] "
        "input=f32[1,1,1,128]{1*128} grid=f32[1,1,1,2]{-0x1.37992p+102,0x1.aa6756p+108} "
        "grad_output=f32[1,1,1,1]{" +
        grad + "}");
    const Tensor nan(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{NAN, 0});
    return GradientJudge().judge(test_case, Gradients{std::nullopt, nan}).worst();
  };
  EXPECT_LE(verdict("0x1.e9199p+126"), Verdict::undecided);
  EXPECT_EQ(verdict("1"), Verdict::deviates);
}

// [grad.infinity]
TEST(GradientJudge, AdmitsNanWhereAPositionOverflows) {
  const auto worst = [](const std::string& options, const std::string& coordinate) {
    const BackwardCase test_case = parse_backward_case(
        "grid_sample_backward " + options + " align_corners=True output_mask=[False,True] " +
        "input=f32[1,1,1,16]{1..16} grid=f32[1,1,1,2]{" + coordinate +
        ",0} grad_output=f32[1,1,1,1]{1}");
    const Tensor nan(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{NAN, NAN});
    return GradientJudge().judge(test_case, Gradients{std::nullopt, nan}).worst();
  };
  for (const std::string mode : {"nearest", "bilinear", "bicubic"}) {
    for (const std::string padding : {"zeros", "border", "reflection"}) {
      const std::string options = "mode=" + mode + " padding_mode=" + padding;
      EXPECT_EQ(worst(options, "0x1p126"), Verdict::latitude) << options;
      EXPECT_EQ(worst(options, "0x1p20"), Verdict::deviates) << options;
    }
  }
}

TEST(GradientJudge, SeesWhatIsMissingAndWhatIsToBeRefused) {
  const BackwardCase test_case = parse_backward_case(
      "grid_sample_backward output_mask=[False,True] input=f32[1,1,1,1]{1} "
      "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,1,1,1]{1}");
  const Tensor grid(Dtype::f32, {1, 1, 1, 2}, std::vector<double>{-0.5, -0.5});
  const Tensor input(Dtype::f32, {1, 1, 1, 1});
  const GradientJudge judge;
  EXPECT_EQ(judge.judge(test_case, Gradients{std::nullopt, grid}).worst(), Verdict::admissible);
  EXPECT_EQ(judge.judge(test_case, Gradients{}).message, "grad_grid is missing");
  EXPECT_EQ(judge.judge(test_case, Gradients{input, grid}).message,
            "grad_input is there, which was not wanted");
  EXPECT_EQ(judge.judge(test_case, Gradients{std::nullopt, input}).message,
            "grad_grid has shape [1,1,1,1]: expected [1,1,1,2]");
  EXPECT_EQ(judge.judge(test_case, Gradients{std::nullopt, input}).notable.front().clause,
            "grad.shape");
  EXPECT_EQ(judge.judge(test_case, Refusal{"", "no"}).worst(), Verdict::refused_wrongly);
  EXPECT_EQ(judge.judge(test_case, Unsupported{"gradients"}).worst(), Verdict::unsupported);
  EXPECT_EQ(judge.judge(test_case, Lost{"crashed"}).worst(), Verdict::lost);
  BackwardCase refused = test_case;
  refused.grad_output = Tensor(Dtype::f32, {1});
  EXPECT_EQ(judge.judge(refused, Refusal{"", "no"}).worst(), Verdict::same_bits);
  EXPECT_EQ(judge.judge(refused, Gradients{std::nullopt, grid}).worst(), Verdict::latitude);
  EXPECT_THROW((void)GradientJudge({.kind = Profile::Kind::same_bits})
                   .judge(test_case, Gradients{std::nullopt, grid}),
               std::invalid_argument);
}

TEST(GradientJudge, AdmitsTheWitnessAndTheReference) {
  for (std::uint64_t seed = 0; seed < seeds(6000); ++seed) {
    const BackwardCase test_case = random_backward(seed + 1000000);
    for (const BackwardAnswer& answer :
         {exact::backward_answer(test_case), grid_sample_backward(test_case)}) {
      const GradientJudgment judgment = GradientJudge().judge(test_case, answer);
      ASSERT_LT(judgment.worst(), Verdict::quality_warning)
          << "seed " << seed << "\n"
          << described(test_case, judgment, answer);
    }
  }
}

TEST(GradientJudge, AdmitsEveryCaseOfTheClauses) {
  int judged = 0;
  for (const Clause& clause : clauses()) {
    for (const ClauseCase& one : clause.cases) {
      if (!one.line.starts_with("grid_sample_backward ")) continue;
      const BackwardCase test_case = parse_backward_case(one.line);
      const BackwardAnswer answer = grid_sample_backward(test_case);
      const GradientJudgment judgment = GradientJudge().judge(test_case, answer);
      EXPECT_LT(judgment.worst(), Verdict::quality_warning)
          << clause.name << " " << described(test_case, judgment, answer);
      ++judged;
    }
  }
  EXPECT_GT(judged, 30);
}

}  // namespace
}  // namespace gridproof::judging
