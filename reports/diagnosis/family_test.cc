// Stories drawn from the whole family: a grid with one, two or three mistakes, and what the right
// one gives. The first answer must read where the right grid does, whatever it is called.
// GRIDPROOF_STORIES says how many are drawn, GRIDPROOF_SEED which.
#include "reports/diagnosis/family.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <set>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/diagnose.h"
#include "reports/diagnosis/positions.h"

namespace gridproof::reports::diagnosis {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11U) * 0x1p-53;
  }
  template <class T, std::size_t n>
  T one_of(const std::array<T, n>& list) {
    return list[static_cast<std::size_t>(below(n))];
  }

 private:
  std::mt19937_64 random_;
};

// What became of what was expected on the way.
enum class Quality : std::uint8_t { exact, bytes, noise, half };

struct Story {
  Quality quality = Quality::exact;
  Situation situation;
  Changes mistakes;
  std::vector<double> meant;  // coordinates of all sites, under the flag that was meant
  bool align_corners = false;
  Tensor expected;
};

// A picture as people have them: noise, or smooth with some detail; perhaps of little contrast.
Tensor picture(const Shape& shape, Draw& draw) {
  std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
  const double contrast = draw.one_of(std::to_array({1.0, 1.0, 0.05, 200.0}));
  const double detail = draw.one_of(std::to_array({1.0, 0.3}));
  const double base = draw.between(0, 2) * contrast;
  const auto width = static_cast<double>(shape.back());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double smooth = std::sin(0.37 * std::floor(static_cast<double>(i) / width)) +
                          std::cos(0.23 * std::fmod(static_cast<double>(i), width));
    values[i] = base + contrast * ((1 - detail) * smooth / 2 + detail * draw.between(0, 1));
  }
  return {Dtype::f32, shape, values};
}

// Whole numbers from 0 to 255.
Tensor in_bytes(const Tensor& picture) {
  std::vector<double> values = picture.values();
  const auto [low, high] = std::ranges::minmax(values);
  for (double& value : values) value = std::round(255 * (value - low) / (high - low));
  return {Dtype::f32, picture.shape(), values};
}

Tensor spoiled(const Tensor& expected, Quality quality, Draw& draw) {
  std::vector<double> values = expected.values();
  const double range = range_of(values);
  for (double& value : values) {
    if (quality == Quality::bytes) value = std::clamp(std::round(value), 0.0, 255.0);
    if (quality == Quality::half) value = dictionary::f16(value);
    // Nearly normal.
    const double noise = draw.between(-1, 1) + draw.between(-1, 1) + draw.between(-1, 1);
    if (quality == Quality::noise) value += 2e-3 * range * noise;
  }
  return {expected.dtype(), expected.shape(), values};
}

// Displacements of a few pixels that differ from place to place, and some scale and rotation.
std::vector<double> smooth_grid(const Case& test_case, const Sites& sites, double scale,
                                bool has_identity, Draw& draw) {
  std::vector<double> grid = sites.coordinates();
  std::array<double, 12> numbers{};
  for (double& number : numbers) number = draw.between(-0.12, 0.12);
  const bool align_corners = test_case.request.align_corners.value_or(false);
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> x = sites.of_site(grid, i);
    for (std::size_t k = 0; k < x.size(); ++k) {
      double value = numbers[k] / 2;
      for (std::size_t c = 0; c < x.size(); ++c) {
        const double at = dictionary::identity_at(site.places[c]);
        value += numbers[3 + c * x.size() % 7 + k] * at;
        value +=
            numbers[(5 * k + c) % 12] * std::sin((2 + static_cast<double>(k)) * at + numbers[c]);
      }
      if (has_identity) value += dictionary::identity_at(site.places[k]);
      x[k] = scale * value;
    }
  }
  return grid;
}

// Combinations of members as a story has them: each of another stage, in their order.
Changes mistakes_of(std::size_t parts, Draw& draw) {
  std::vector<const Hypothesis*> members;
  for (const Hypothesis& one : hypotheses()) {
    if (one.stage != Stage::none && !(one.is_rare && parts == max_parts)) members.push_back(&one);
  }
  while (true) {
    Changes changes;
    for (std::size_t i = 0; i < parts; ++i) {
      changes.push_back(members[static_cast<std::size_t>(draw.below(std::ssize(members)))]);
    }
    std::ranges::sort(changes, {}, &Hypothesis::stage);
    const bool differ =
        std::ranges::adjacent_find(changes, {}, &Hypothesis::stage) == changes.end();
    const auto sets_flag = [](const Hypothesis* one) {
      return one->stage == Stage::unit && one->name.find("align_corners=") != std::string::npos;
    };
    const bool is_possible = std::ranges::none_of(changes, sets_flag) ||
                             std::ranges::none_of(changes, [](const Hypothesis* one) {
                               return one->stage == Stage::flag || one->stage == Stage::builder;
                             });
    if (differ && is_possible) return changes;
  }
}

double share_inside(const std::vector<double>& positions, const Case& test_case) {
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  std::size_t inside = 0;
  for (std::size_t i = 0; i < positions.size(); i += axes) {
    bool is_inside = true;
    for (std::size_t k = 0; k < axes; ++k) {
      const double last = static_cast<double>(
          test_case.input.size(test_case.input.rank() - 1 - static_cast<int>(k)) - 1);
      is_inside &= positions[i + k] > -0.5 && positions[i + k] < last + 0.5;
    }
    inside += is_inside ? 1 : 0;
  }
  return static_cast<double>(inside * axes) / static_cast<double>(positions.size());
}

// Whether an output differs from another at fewer than a tenth of its elements, or has few values.
bool is_hardly_seen(const Tensor& expected, const Tensor& given) {
  const std::vector<double> wanted = expected.values();
  const std::vector<double> values = given.values();
  std::size_t differing = 0;
  std::set<double> different;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    different.insert(wanted[i]);
    differing += std::fabs(wanted[i] - values[i]) > 1e-2 * range_of(wanted) ? 1 : 0;
  }
  return 10 * differing < wanted.size() ||
         different.size() < std::min<std::size_t>(12, wanted.size() / 2);
}

// Spacings that all differ; perhaps with directions, turned about z and with an axis the other way.
World world_of(std::size_t axes, Draw& draw) {
  World world;
  for (std::size_t k = 0; k < axes; ++k) {
    world.spacing.push_back(0.5 + 0.75 * static_cast<double>(k));
  }
  if (draw.below(2) == 0) return world;
  const double angle = draw.one_of(std::to_array({0.0, 0.4, 2.0}));
  const double flip = draw.below(2) == 0 ? 1 : -1;
  Affine map{.axes = static_cast<int>(axes), .translation = {-3, 2, -1}};
  map.linear[0] = {std::cos(angle) * world.spacing[0], -std::sin(angle) * world.spacing[1], 0};
  map.linear[1] = {std::sin(angle) * world.spacing[0], std::cos(angle) * world.spacing[1], 0};
  if (axes == 3) map.linear[2][2] = flip * world.spacing[2];
  world.to_millimeters = map;
  if (angle == 0) return world;
  map.translation = {-2, 1, 0};
  for (std::size_t k = 0; k < axes; ++k) map.linear[k][0] *= 0.8;
  world.output_to_millimeters = map;
  return world;
}

// None where the mistakes are impossible here, leave the grid as it is, or little is seen of the
// picture.
std::optional<Story> story_of(const Changes& mistakes, Draw& draw) {
  const bool is_volume = draw.below(4) == 0;
  const auto size = [&](bool is_small) {
    return is_small ? 4 + draw.below(6) : 6 + draw.below(30);
  };
  Shape input = {1, 1 + draw.below(3)};
  Shape grid = {1};
  const bool same_sizes = draw.below(2) == 0;
  for (int axis = 0; axis < (is_volume ? 3 : 2); ++axis) {
    input.push_back(size(is_volume));
    grid.push_back(same_sizes ? input.back() : size(is_volume));
  }
  grid.push_back(is_volume ? 3 : 2);
  const char* const mode =
      draw.one_of(std::to_array({"bilinear", "bilinear", "nearest", "bicubic"}));
  Case test_case{{.mode = is_volume && std::string(mode) == "bicubic" ? "bilinear" : mode,
                  .padding_mode = draw.one_of(std::to_array({"zeros", "border", "reflection"})),
                  .align_corners = draw.below(2) == 0},
                 picture(input, draw),
                 Tensor(Dtype::f32, grid)};
  const World world = world_of(grid.size() - 2, draw);
  const Given given = draw.one_of(std::to_array(
      {Given::grid, Given::grid, Given::displacement, Given::maps, Given::coordinates}));
  if (is_volume && given == Given::maps) return std::nullopt;
  // The components of a displacement have one order, and one mistake in it.
  const auto is_of_order = [](const Hypothesis* mistake) {
    return mistake->stage == Stage::order || mistake->stage == Stage::motion;
  };
  if (given == Given::displacement && std::ranges::count_if(mistakes, is_of_order) > 1) {
    return std::nullopt;
  }
  const Quality quality =
      draw.one_of(std::to_array({Quality::exact, Quality::exact, Quality::exact, Quality::bytes,
                                 Quality::noise, Quality::half}));
  if (quality == Quality::bytes) test_case.input = in_bytes(test_case.input);
  for (const double scale : {1.0, 0.5, 2.0, static_cast<double>(input.back()) / 2, 0.25, 40.0}) {
    for (const bool has_identity : {true, false}) {
      const Sites all(test_case, test_case.grid.element_count());
      test_case.grid =
          Tensor(Dtype::f32, grid, smooth_grid(test_case, all, scale, has_identity, draw));
      Situation situation = situation_of(test_case, world, given);
      const Sites sites(test_case, test_case.grid.element_count());
      const auto meant = corrected(mistakes, situation, sites);
      if (!meant) continue;
      const auto positions = positions_of(meant->coordinates, meant->options.align_corners, sites);
      const auto asked =
          positions_of(sites.coordinates(), situation.options().align_corners, sites);
      double moved = 0;
      for (std::size_t i = 0; i < positions.size(); ++i) {
        moved = std::fmax(moved, std::fabs(positions[i] - asked[i]));
      }
      if (share_inside(positions, test_case) < 0.6 || moved < 0.05) continue;
      const Case right{request_for(meant->options), test_case.input,
                       Tensor(Dtype::f64, grid, meant->coordinates)};
      Case wide = right;
      wide.input = as_f64(right.input);
      Tensor expected = std::get<Tensor>(grid_sample(wide));
      if (is_hardly_seen(expected, std::get<Tensor>(grid_sample(test_case)))) continue;
      expected = spoiled(expected, quality, draw);
      return Story{.quality = quality,
                   .situation = std::move(situation),
                   .mistakes = mistakes,
                   .meant = positions,
                   .align_corners = meant->options.align_corners,
                   .expected = std::move(expected)};
    }
  }
  return std::nullopt;
}

struct Count {
  int all = 0;
  int right = 0;
  int ties = 0;  // as good as the truth, and not the same
  int unexplained = 0;
  int false_low = 0;
  int false_sure = 0;
  int in_noise = 0;  // of those that are not told, where noise or f16 hides little
};

// Whether the answer reads where the right grid does; in nearest only which pixel matters.
bool is_right(const Story& story, const Attempt& attempt) {
  const Sites sites(story.situation.test_case, story.situation.test_case.grid.element_count());
  const auto meant = corrected(attempt.changes, story.situation, sites);
  if (!meant) return false;
  const auto positions = positions_of(meant->coordinates, meant->options.align_corners, sites);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!(std::fabs(positions[i] - story.meant[i]) <= 2e-3 + 1e-5 * std::fabs(story.meant[i]))) {
      return false;
    }
  }
  return true;
}

Count tell(int stories, std::size_t parts, bool knows_positions, std::uint64_t seed) {
  Count count;
  for (int i = 0; count.all < stories && i < 20 * stories; ++i) {
    Draw draw(seed + static_cast<std::uint64_t>(i) * 1000003);
    const Changes mistakes = mistakes_of(parts, draw);
    const auto story = story_of(mistakes, draw);
    if (!story) continue;
    Symptom symptom{.test_case = story->situation.test_case,
                    .expected = story->expected,
                    .world = story->situation.world,
                    .given = story->situation.given};
    if (knows_positions) {
      // The coordinates of the right positions under the flag of the call.
      const Case& test_case = symptom.test_case;
      const bool align_corners = story->situation.options().align_corners;
      std::vector<double> grid = story->meant;
      const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
      for (std::size_t k = 0; k < grid.size(); ++k) {
        grid[k] = dictionary::coordinate_at(
            grid[k], test_case.input.size(test_case.input.rank() - 1 - static_cast<int>(k % axes)),
            align_corners);
      }
      symptom.meant_grid = Tensor(Dtype::f64, test_case.grid.shape(), grid);
    }
    const Diagnosis found = diagnose(symptom);
    ++count.all;
    std::string truth = Attempt{.changes = mistakes, .distance = {}}.name();
    const bool is_usage = found.fault == Fault::usage;
    if (is_usage && is_right(*story, found.attempts.front())) {
      ++count.right;
      continue;
    }
    // Where what is read is the same, as beyond the border, nothing tells them.
    const bool is_spoiled = story->quality != Quality::exact;
    if (is_usage && found.attempts.front().distance.share == 1 &&
        (is_spoiled || found.attempts.front().distance.is_exact)) {
      ++count.ties;
      continue;
    }
    (!is_usage                             ? count.unexplained
     : found.confidence == Confidence::low ? count.false_low
                                           : count.false_sure)++;
    const bool is_noisy = story->quality == Quality::noise || story->quality == Quality::half;
    if (is_noisy) ++count.in_noise;
    if (std::getenv("GRIDPROOF_STORIES") != nullptr) {
      fmt::print("{} {} [{} {}]: {} ({}) {}\n", i, truth,
                 symptom.test_case.request.mode.value_or(""), static_cast<int>(story->quality),
                 found.sentence.substr(0, 90), name(found.confidence),
                 found.attempts.empty() ? 0 : found.attempts.front().distance.share);
    }
  }
  fmt::print(
      "{} mistakes, positions {}: {} stories, {} right, {} ties, {} unexplained, {} false (low), "
      "{} false (medium or high), {} of them among noise\n",
      parts, knows_positions ? "known" : "not known", count.all, count.right, count.ties,
      count.unexplained, count.false_low, count.false_sure, count.in_noise);
  return count;
}

class Stories : public testing::TestWithParam<std::tuple<std::size_t, bool>> {};

TEST_P(Stories, AreToldRight) {
  const auto [parts, knows_positions] = GetParam();
  const int stories = static_cast<int>(number_from("GRIDPROOF_STORIES", 20));
  const Count count = tell(stories, parts, knows_positions, number_from("GRIDPROOF_SEED", 1));
  EXPECT_EQ(count.all, stories);
  EXPECT_EQ(count.false_sure, 0);
  EXPECT_GE(count.right + count.ties + count.in_noise, count.all * 99 / 100);
  EXPECT_LE(count.in_noise, count.all / 10);
}

INSTANTIATE_TEST_SUITE_P(Family, Stories,
                         testing::Combine(testing::Values(1U, 2U, 3U), testing::Bool()));

// A question with a smooth grid, and what another one gives.
Symptom unrelated(Draw& draw, bool is_right, Quality quality) {
  const bool is_volume = draw.below(4) == 0;
  Shape input = {1, 1 + draw.below(3)};
  Shape grid = {1};
  for (int axis = 0; axis < (is_volume ? 3 : 2); ++axis) {
    input.push_back(6 + draw.below(is_volume ? 4 : 30));
    grid.push_back(6 + draw.below(is_volume ? 4 : 30));
  }
  grid.push_back(is_volume ? 3 : 2);
  Case test_case{{.mode = draw.one_of(std::to_array({"bilinear", "nearest"})),
                  .padding_mode = draw.one_of(std::to_array({"zeros", "border", "reflection"})),
                  .align_corners = draw.below(2) == 0},
                 picture(input, draw),
                 Tensor(Dtype::f32, grid)};
  if (quality == Quality::bytes) test_case.input = in_bytes(test_case.input);
  const Sites sites(test_case, test_case.grid.element_count());
  const double scale = draw.one_of(std::to_array({0.9, 1.0, 1.2}));
  test_case.grid = Tensor(Dtype::f32, grid, smooth_grid(test_case, sites, scale, true, draw));
  Case other = test_case;
  if (!is_right) {
    other.grid = Tensor(Dtype::f32, grid, smooth_grid(test_case, sites, scale, true, draw));
  }
  other.input = as_f64(other.input);
  other.grid = as_f64(other.grid);
  return {.test_case = test_case,
          .expected = spoiled(std::get<Tensor>(grid_sample(other)), quality, draw)};
}

TEST(Stories, IsNeverSureOutsideTheFamily) {
  const int stories = static_cast<int>(number_from("GRIDPROOF_STORIES", 20));
  for (int i = 0; i < stories; ++i) {
    Draw draw(number_from("GRIDPROOF_SEED", 1) + static_cast<std::uint64_t>(i) * 7919);
    const auto quality = static_cast<Quality>(i % 4);
    const Diagnosis found = diagnose(unrelated(draw, false, quality));
    EXPECT_FALSE(found.fault == Fault::usage && found.confidence != Confidence::low)
        << i << ' ' << found.sentence;
    EXPECT_NE(found.fault, Fault::none) << i << ' ' << found.sentence;
  }
}

TEST(Stories, DoesNotAccuseRightOutputs) {
  const int stories = static_cast<int>(number_from("GRIDPROOF_STORIES", 20));
  for (int i = 0; i < stories; ++i) {
    Draw draw(number_from("GRIDPROOF_SEED", 1) + static_cast<std::uint64_t>(i) * 104729);
    const auto quality = static_cast<Quality>(i % 4);
    const Diagnosis found = diagnose(unrelated(draw, true, quality));
    const bool may_be_left_open = quality == Quality::noise;
    EXPECT_TRUE(found.fault == Fault::none ||
                (may_be_left_open && found.fault == Fault::unexplained))
        << i << ' ' << static_cast<int>(quality) << ' ' << found.sentence;
  }
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
