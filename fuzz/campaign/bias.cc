#include "fuzz/campaign/bias.h"

#include <algorithm>
#include <cmath>

namespace gridproof {
namespace {

// How far the mean error of a correct implementation may lean to a side, in spacings: judging.md,
// section 11. To plus infinity it cannot lean at all.
double allowance(const SampleKind& kind, Side side) {
  if (side == Side::up) return 0;
  return kind.mode == Mode::bicubic && !is_16_bit(kind.dtype) ? 1.0 / 8 : 1.0 / 32;
}

// Groups of kinds that are looked at: three modes with interpolation, that is bilinear, trilinear
// and bicubic, four dtypes, each over all paddings and for each of three; with two sides.
constexpr double tests = 3 * 4 * (1 + 3) * 2;

std::optional<Bias> bias_of(const SampleKind& kind, std::optional<Padding> padding,
                            const KindCounts& counts, Side side) {
  const double chance = std::min(1.0, tests * chance_of(kind, counts, side));
  if (chance > false_alarm) return std::nullopt;
  const double sum = static_cast<double>(counts.sum[static_cast<std::size_t>(side)]);
  return Bias{.mode = kind.mode,
              .rank = kind.rank,
              .dtype = kind.dtype,
              .padding = padding,
              .side = side,
              .mean = std::ldexp(sum, -SignedErrors::bits) / static_cast<double>(counts.elements),
              .cases = counts.cases,
              .elements = counts.elements,
              .chance = chance};
}

}  // namespace

double chance_of(const SampleKind& kind, const KindCounts& counts, Side side) {
  const auto at = static_cast<std::size_t>(side);
  const double unit = std::ldexp(1.0, SignedErrors::bits);
  const double beyond = std::fabs(static_cast<double>(counts.sum[at])) -
                        allowance(kind, side) * unit * static_cast<double>(counts.elements);
  if (counts.squares[at] == 0 || beyond <= 0) return 1;
  return std::min(1.0,
                  2 * std::exp(-beyond * beyond / (2 * static_cast<double>(counts.squares[at]))));
}

KindCounts& KindCounts::operator+=(const KindCounts& other) {
  decided += other.decided;
  cases += other.cases;
  elements += other.elements;
  for (std::size_t side = 0; side < sum.size(); ++side) {
    sum[side] += other.sum[side];
    squares[side] += other.squares[side];
  }
  return *this;
}

void count_kind(KindTable& table, const Case& test_case, const Judgment& judgment) {
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || judgment.whole) return;
  std::int64_t decided = 0;
  for (std::size_t i = 0; i < verdict_count; ++i) decided += judgment.counts[i];
  decided -= judgment[Verdict::latitude] + judgment[Verdict::undecided];
  if (decided == 0) return;
  KindCounts counts{.decided = decided};
  if (judgment.errors.elements > 0) {
    counts.cases = 1;
    counts.elements = judgment.errors.elements;
    counts.sum = {judgment.errors.up, judgment.errors.away};
    for (std::size_t side = 0; side < counts.sum.size(); ++side)
      counts.squares[side] = counts.sum[side] * counts.sum[side];
  }
  table[{options->mode, test_case.input.rank(), test_case.input.dtype(), options->padding}] +=
      counts;
}

std::vector<Bias> biases_of(const KindTable& table, const Profile& profile) {
  std::map<SampleKind, KindCounts> together;  // the padding of its kinds says nothing
  for (const auto& [kind, counts] : table) {
    together[{kind.mode, kind.rank, kind.dtype}] += counts;
  }
  std::vector<Bias> biases;
  for (const auto& [kind, counts] : together) {
    for (const Side side : {Side::up, Side::away}) {
      // Weights of 8 or 11 bits err alike in every case, by as much as their products are rounded.
      if (side == Side::away && profile.kind == Profile::Kind::narrow_arithmetic) continue;
      if (const auto bias = bias_of(kind, std::nullopt, counts, side)) {
        biases.push_back(*bias);
        continue;
      }
      for (const auto& [padding, name] : names<Padding>) {
        const auto found = table.find({kind.mode, kind.rank, kind.dtype, padding});
        if (found == table.end()) continue;
        if (const auto bias = bias_of(kind, padding, found->second, side)) biases.push_back(*bias);
      }
    }
  }
  return biases;
}

std::int64_t decided_of(const KindTable& table, std::optional<Mode> mode) {
  std::int64_t decided = 0;
  for (const auto& [kind, counts] : table) {
    if (!mode || kind.mode == *mode) decided += counts.decided;
  }
  return decided;
}

}  // namespace gridproof
