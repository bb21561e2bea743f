#include "reports/diagnosis/patch.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <initializer_list>
#include <memory>
#include <random>
#include <set>
#include <sstream>

#include "reports/testing/temporary_folder.h"

namespace gridproof::reports::diagnosis {
namespace {

// Sizes that all differ, and coordinates that no hypothesis maps to themselves.
Case question_of(const Shape& input, const Shape& outputs, double scale, bool is_affine,
                 bool align_corners) {
  Shape shape = {1};
  shape.insert(shape.end(), outputs.begin(), outputs.end());
  const auto axes = static_cast<std::int64_t>(outputs.size());
  shape.push_back(axes);
  Case test_case{{.mode = {}, .padding_mode = {}, .align_corners = align_corners},
                 Tensor(Dtype::f64, input),
                 Tensor(Dtype::f64, shape)};
  std::int64_t seed = 0;
  return dictionary::each_coordinate(test_case, [&](double, const Place& place) {
    if (is_affine) return scale * (0.7 * dictionary::identity_at(place) + 0.1);
    seed = (seed * 31 + 17) % 101;
    return scale * static_cast<double>(seed - 50) / 64;  // f16 holds it
  });
}

World world_of(std::size_t axes) {
  World world{.spacing = {2, 4}, .to_millimeters = Affine{.axes = static_cast<int>(axes)}};
  if (axes == 3) world.spacing.push_back(8);
  world.to_millimeters->linear = {{{0, -4, 1}, {2, 1, 0}, {0.5, 0, 8}}};
  world.to_millimeters->translation = {-30, 20, 10};
  world.output_to_millimeters = world.to_millimeters;
  world.output_to_millimeters->linear = {{{1, 3, 0}, {-2, 0, 1}, {0, 0.5, 4}}};
  world.output_to_millimeters->translation = {5, -6, 7};
  return world;
}

std::string list_of(const std::vector<double>& values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(fmt::format("{:.17g}", value));
  return fmt::format("{}", fmt::join(texts, ", "));
}

// What a program says, and whether it failed.
std::pair<std::string, bool> output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  return {text, pclose(pipe) == 0};
}

// Runs the patches of NumPy and compares the grids that they make with those that are meant.
TEST(Patch, InNumPyMakesTheGridThatIsMeant) {
  const reports::TemporaryFolder folder;
  std::ostringstream script;
  script << "import numpy as np\n";
  std::set<std::string> tried;
  for (const bool align_corners : {false, true}) {
    for (const bool is_affine : {false, true}) {
      for (const auto& [input, outputs] :
           {std::pair<Shape, Shape>{{1, 1, 5, 8}, {4, 6}}, {{1, 2, 3, 5, 8}, {2, 4, 6}}}) {
        const Situation situation = situation_of(
            question_of(input, outputs, 1, is_affine, align_corners), world_of(outputs.size()));
        const Sites sites(situation.test_case, situation.test_case.grid.element_count());
        std::vector<Hypothesis> all = hypotheses();
        for (const Fit& fit : fits(situation)) all.push_back(fit.make(fit.candidates[7]));
        std::ranges::copy(of_one_axis(), std::back_inserter(all));
        for (const Hypothesis& hypothesis : all) {
          if (hypothesis.fix.find("F.") != std::string::npos) continue;  // NumPy has no grid_sample
          const auto meant = corrected({&hypothesis}, situation, sites);
          if (!meant || meant->input || !meant->finishes.empty()) continue;
          tried.insert(hypothesis.name);
          script << "grid = np.array([" << list_of(*situation.grid) << "]).reshape("
                 << fmt::format("{}", fmt::join(situation.test_case.grid.shape(), ", ")) << ")\n"
                 << patch({.changes = {&hypothesis}, .distance = {}, .numbers = {}}, situation,
                          Language::numpy)
                 << "meant = np.array([" << list_of(meant->coordinates)
                 << "]).reshape(grid.shape)\n"
                 << "assert np.allclose(grid, meant, atol=1e-6), '" << hypothesis.name << "'\n";
        }
      }
    }
  }
  const auto [text, is_right] =
      output_of("/usr/bin/python3 " + folder.write("patches.py", script.str()));
  EXPECT_TRUE(is_right) << text;
  EXPECT_GE(tried.size(), 60U);
}

// What makes the variables of the user, whose numbers are `given`.
std::string variables_of(Given given) {
  switch (given) {
    case Given::grid:
      return "grid = given\n";
    case Given::theta:
      return "";  // its numbers are not the grid's
    case Given::displacement:
      return "displacement = given\n";
    case Given::maps:
      return "map_x, map_y = given[0, ..., 0], given[0, ..., 1]\n";
    case Given::joined_maps:
      return "joined_maps = given[0]\n";
    case Given::coordinates:
      return "coordinates = np.moveaxis(given[0], -1, 0)[::-1]\n";
  }
  return "";
}

// The numbers of the array that the grid of a situation was made of.
std::vector<double> numbers_of(const Situation& situation) {
  if (situation.given == Given::grid || situation.given == Given::theta) return *situation.grid;
  const bool align_corners = situation.options().align_corners;
  const Sites sites(situation.test_case, situation.test_case.grid.element_count());
  std::vector<double> numbers = *situation.grid;
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    const std::span<double> x = sites.of_site(numbers, i);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const Place& place = site.places[k];
      x[k] = dictionary::position_at(x[k], place.input, align_corners);
      if (situation.given == Given::displacement) {
        x[k] -= dictionary::position_at(dictionary::identity_at(place), place.input, align_corners);
      }
    }
  }
  return numbers;
}

// Runs the patch of some changes, if NumPy can, and compares the grid that it makes with the one
// that is meant. Returns whether there is something to run.
bool write_trial(std::ostringstream& script, const Changes& changes, const Situation& situation) {
  const auto calls_torch = [](const Hypothesis* one) {
    return one->fix.find("F.") != std::string::npos;
  };
  if (std::ranges::any_of(changes, calls_torch)) return false;
  const Sites sites(situation.test_case, situation.test_case.grid.element_count());
  const auto meant = corrected(changes, situation, sites);
  if (!meant || meant->input || !meant->finishes.empty()) return false;
  for (std::size_t i = 0; changes.size() > 1 && i < changes.size(); ++i) {
    Changes others = changes;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto without = corrected(others, situation, sites);
    if (!without ||
        (without->coordinates == meant->coordinates && without->options == meant->options)) {
      return false;  // one of them has no effect
    }
  }
  const Attempt attempt{.changes = changes, .distance = {}, .numbers = {}};
  script << "given = np.array([" << list_of(numbers_of(situation)) << "]).reshape("
         << fmt::format("{}", fmt::join(situation.test_case.grid.shape(), ", ")) << ")\n"
         << variables_of(situation.given) << patch(attempt, situation, Language::numpy)
         << "meant = np.array([" << list_of(meant->coordinates) << "]).reshape(given.shape)\n"
         << "if not np.allclose(grid, meant, atol=1e-6): wrong.append('" << attempt.name() << " of "
         << static_cast<int>(situation.given) << "')\n";
  return true;
}

// Calls `visit` with a picture and a volume under both flags, of each kind of what is given.
template <class Visit>
void for_each_situation(std::initializer_list<Given> kinds, const Visit& visit) {
  for (const Given given : kinds) {
    for (const bool align_corners : {false, true}) {
      for (const auto& [input, outputs] :
           {std::pair<Shape, Shape>{{1, 1, 5, 8}, {4, 6}}, {{1, 2, 3, 5, 8}, {2, 4, 6}}}) {
        if (given == Given::maps && outputs.size() == 3) continue;  // of pictures only
        visit(situation_of(question_of(input, outputs, 1, false, align_corners),
                           world_of(outputs.size()), given));
      }
    }
  }
}

// The same where the user has a displacement or maps: the patch speaks of them.
TEST(Patch, InNumPyMakesTheGridOfWhatIsGiven) {
  const reports::TemporaryFolder folder;
  std::ostringstream script;
  script << "import numpy as np\nwrong = []\n";
  std::set<std::string> tried;
  for_each_situation({Given::displacement, Given::maps, Given::joined_maps, Given::coordinates},
                     [&](const Situation& situation) {
                       for (const auto* const list : {&hypotheses(), &of_one_axis()}) {
                         for (const Hypothesis& hypothesis : *list) {
                           if (!write_trial(script, {&hypothesis}, situation)) continue;
                           if (hypothesis.stage != Stage::none) tried.insert(hypothesis.name);
                         }
                       }
                     });
  script << "assert not wrong, wrong\n";
  const auto [text, is_right] =
      output_of("/usr/bin/python3 " + folder.write("patches.py", script.str()));
  EXPECT_TRUE(is_right) << text;
  EXPECT_GE(tried.size(), 60U);
}

// Combinations as the family has them: each change of a later stage than the one before.
std::vector<Changes> drawn_combinations(std::size_t count, std::mt19937_64& random) {
  std::vector<const Hypothesis*> members;
  for (const Hypothesis& one : hypotheses()) {
    if (one.stage != Stage::none) members.push_back(&one);
  }
  std::vector<Changes> drawn;
  while (drawn.size() < count) {
    Changes changes;
    for (std::size_t i = 0; i < 2 + drawn.size() % 2; ++i) {
      changes.push_back(members[random() % members.size()]);
    }
    std::ranges::sort(changes, {}, &Hypothesis::stage);
    if (std::ranges::adjacent_find(changes, {}, &Hypothesis::stage) == changes.end()) {
      drawn.push_back(std::move(changes));
    }
  }
  return drawn;
}

// Two or three changes in one patch: each keeps its own words.
TEST(Patch, InNumPyMakesTheGridOfCombinations) {
  const reports::TemporaryFolder folder;
  std::mt19937_64 random(1);
  std::ostringstream script;
  script << "import numpy as np\nwrong = []\n";
  std::size_t tried = 0;
  for_each_situation(
      {Given::grid, Given::displacement, Given::maps, Given::joined_maps, Given::coordinates},
      [&](const Situation& situation) {
        for (const Changes& changes : drawn_combinations(120, random)) {
          tried += write_trial(script, changes, situation) ? 1 : 0;
        }
      });
  script << "assert not wrong, wrong\n";
  const auto [text, is_right] =
      output_of("/usr/bin/python3 " + folder.write("patches.py", script.str()));
  EXPECT_TRUE(is_right) << text;
  EXPECT_GE(tried, 300U);
}

// A map that turns, scales and moves, of every axis its own way; or one that only turns.
Affine theta_of(int axes, bool only_turns) {
  Affine theta{.axes = axes};
  theta.translation = {0.3, -0.2, 0.1};
  theta.linear = {{{0.8, -0.6, 0.1}, {0.5, 0.7, -0.2}, {0.3, 0.2, 0.9}}};
  if (only_turns) {  // about z after x, or about z
    theta.linear =
        axes == 2 ? decltype(theta.linear){{{0.8, -0.6, 0}, {0.6, 0.8, 0}, {}}}
                  : decltype(theta.linear){{{0.8, -0.36, 0.48}, {0.6, 0.48, -0.64}, {0, 0.8, 0.6}}};
  }
  return theta;
}

Situation situation_of_theta(const Affine& theta, const Shape& input, const Shape& outputs,
                             bool align_corners, Given given) {
  Case test_case = question_of(input, outputs, 1, true, align_corners);
  const auto axes = static_cast<std::size_t>(theta.axes);
  const Sites sites(test_case, test_case.grid.element_count());
  std::vector<double> grid = sites.coordinates();
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, align_corners);
    std::array<double, 3> from{};
    for (std::size_t k = 0; k < axes; ++k) from[k] = dictionary::identity_at(site.places[k]);
    theta.apply(std::span(from).first(axes), sites.of_site(grid, i));
  }
  test_case.grid = Tensor(Dtype::f64, test_case.grid.shape(), grid);
  return situation_of(test_case, {}, given);
}

// The patch changes the theta that the user has by the rule, alone and before another change.
TEST(Patch, InNumPyMakesTheGridOfThetas) {
  const reports::TemporaryFolder folder;
  std::ostringstream script;
  script << "import numpy as np\nwrong = []\n";
  std::set<std::string> tried;
  for (const Given given : {Given::theta, Given::grid}) {
    for (const bool align_corners : {false, true}) {
      for (const bool only_turns : {false, true}) {
        for (const auto& [input, outputs] :
             {std::pair<Shape, Shape>{{1, 1, 5, 8}, {4, 6}}, {{1, 2, 3, 5, 8}, {2, 4, 6}}}) {
          const auto axes = static_cast<int>(outputs.size());
          const Affine theta = theta_of(axes, only_turns);
          const Situation situation =
              situation_of_theta(theta, input, outputs, align_corners, given);
          std::vector<double> numbers;
          for (std::size_t k = 0; k < outputs.size(); ++k) {
            numbers.insert(numbers.end(), theta.linear[k].begin(), theta.linear[k].begin() + axes);
            numbers.push_back(theta.translation[k]);
          }
          for (const Hypothesis& one : hypotheses()) {
            if (!one.is_of_theta) continue;
            for (const Changes& changes :
                 {Changes{&one}, Changes{&one, &hypothesis_named("align_corners")},
                  Changes{&one, &hypothesis_named("axes.reversed")}}) {
              script << "theta = np.array([" << list_of(numbers) << "]).reshape(1, " << axes << ", "
                     << axes + 1 << ")\ngrid = None\n";
              if (write_trial(script, changes, situation)) tried.insert(one.name);
            }
          }
        }
      }
    }
  }
  script << "assert not wrong, wrong\n";
  const auto [text, is_right] =
      output_of("/usr/bin/python3 " + folder.write("patches.py", script.str()));
  EXPECT_TRUE(is_right) << text;
  EXPECT_GE(tried.size(), 25U);
}

Attempt trial_of(const std::string& name) {
  for (const Hypothesis& hypothesis : hypotheses()) {
    if (hypothesis.name == name) return {.changes = {&hypothesis}, .distance = {}};
  }
  ADD_FAILURE() << name;
  return {};
}

const Situation of_pixels =
    situation_of(parse_case("grid_sample input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,2,2]{0,0,2,0}"));

TEST(Patch, SaysTheSameInEachLanguage) {
  const Attempt attempt = trial_of("units.pixels, align_corners=False");
  EXPECT_EQ(patch(attempt, of_pixels, Language::pytorch),
            "unit = torch.tensor([1.5, 0.5])\n"
            "half = 0.5\n"
            "grid = (grid + half) / unit - 1\n"
            "output = F.grid_sample(input, grid, mode='bilinear', padding_mode='zeros', "
            "align_corners=False)\n");
  EXPECT_EQ(patch(attempt, of_pixels, Language::cpp),
            "const auto unit = torch::tensor({1.5, 0.5});\n"
            "const auto half = 0.5;\n"
            "grid = (grid + half) / unit - 1;\n"
            "auto output = F::grid_sample(input, grid, F::GridSampleFuncOptions().mode("
            "torch::kBilinear).padding_mode(torch::kZeros).align_corners(false));\n");
  const Situation situation = situation_of(
      parse_case("grid_sample input=f32[1,1,2,3]{1,2,3,4,5,6} grid=f32[1,1,2,2]{0,0,2,1}"));
  EXPECT_EQ(patch(attempt, situation, Language::onnx),
            "grid = Add(Mul(grid, [0.666666667, 1.0]), [-0.666666667, -0.5])\n"
            "GridSample<mode = \"linear\", padding_mode = \"zeros\", align_corners = 0>(input, "
            "grid)  # opset 20; in opset 16 the mode is \"bilinear\"\n");
}

TEST(Patch, OfAnOptionIsTheCall) {
  EXPECT_EQ(patch(trial_of("padding.border"), of_pixels, Language::pytorch),
            "# padding_mode='border'\n"
            "output = F.grid_sample(input, grid, mode='bilinear', padding_mode='border', "
            "align_corners=False)\n");
}

TEST(Patch, SpeaksOfCoordinatesAsTheyAreKept) {
  Situation situation = of_pixels;
  situation.given = Given::coordinates;
  const auto first_lines = [&](Language language) {
    const std::string text = patch(trial_of("given.x-first"), situation, language);
    return text.substr(text.find("maps =") - (language == Language::cpp ? 5 : 0),
                       text.find("grid =") - text.find("maps ="));
  };
  EXPECT_EQ(first_lines(Language::pytorch),
            "maps = coordinates.flip(0).movedim(0, -1)[None]\nmaps = maps.flip(-1)\n");
  EXPECT_EQ(first_lines(Language::numpy),
            "maps = np.moveaxis(coordinates[::-1], 0, -1)[None]\nmaps = maps[..., ::-1]\n");
  EXPECT_TRUE(first_lines(Language::cpp)
                  .starts_with("auto maps = coordinates.flip(0).movedim(0, -1).unsqueeze(0);\n"))
      << first_lines(Language::cpp);
  situation.given = Given::joined_maps;
  EXPECT_NE(patch(trial_of("index.from-one"), situation, Language::cpp)
                .find("auto maps = joined_maps.unsqueeze(0);\n"),
            std::string::npos);
}

TEST(Patch, OfTheWorldIsAMatrix) {
  Situation situation = of_pixels;
  situation.world = world_of(2);
  EXPECT_EQ(patch(trial_of("world.positions-lps"), situation, Language::cpp),
            "const auto origin_lps = torch::tensor({30.0, -20.0});\n"
            "const auto from_lps = torch::tensor({{-0.125, -0.5}, {0.25, 0.0}});\n"
            "const auto unit = torch::tensor({1.5, 0.5});\n"
            "const auto half = 0.5;\n"
            "grid = ((grid - origin_lps).matmul(from_lps.t()) + half) / unit - 1;\n"
            "auto output = F::grid_sample(input, grid, F::GridSampleFuncOptions().mode("
            "torch::kBilinear).padding_mode(torch::kZeros).align_corners(false));\n");
  situation.given = Given::displacement;
  const std::string text = patch(trial_of("world.ras"), situation, Language::cpp);
  EXPECT_NE(text.find("displacement = displacement.matmul(from_ras.t());\n"), std::string::npos)
      << text;
  situation.given = Given::grid;
  EXPECT_NE(patch(trial_of("world.ras"), situation, Language::cpp)
                .find("grid = identity + ((grid - identity) * unit).matmul(from_ras.t()) / unit;"),
            std::string::npos);
}

// A theta is changed by the rule; only where there is none are there other numbers.
TEST(Patch, ChangesTheThetaThatIsGiven) {
  const Situation situation =
      situation_of_theta(theta_of(2, false), {1, 1, 5, 8}, {4, 6}, false, Given::theta);
  EXPECT_EQ(patch(trial_of("theta.translation-pixels"), situation, Language::pytorch),
            "corners = False\n"
            "unit = torch.tensor([4.0, 2.5])\n"
            "linear, translation = theta[..., :-1], theta[..., -1:]\n"
            "translation = translation / unit[:, None]\n"
            "theta = torch.cat([linear, translation], -1)\n"
            "grid = F.affine_grid(theta, (1, 1, 4, 6), align_corners=corners)\n"
            "grid = grid.to(input.dtype)\n"
            "output = F.grid_sample(input, grid, mode='bilinear', padding_mode='zeros', "
            "align_corners=False)\n");
  EXPECT_EQ(patch(trial_of("theta.inverted"), situation, Language::cpp),
            "const auto corners = false;\n"
            "auto linear = theta.slice(-1, 0, -1);\n"
            "auto translation = theta.slice(-1, -1);\n"
            "linear = torch::linalg_inv(linear);\n"
            "translation = -linear.matmul(translation);\n"
            "theta = torch::cat({linear, translation}, -1);\n"
            "auto grid = F::affine_grid(theta, {1, 1, 4, 6}, corners);\n"
            "grid = grid.to(input.dtype());\n"
            "auto output = F::grid_sample(input, grid, F::GridSampleFuncOptions().mode("
            "torch::kBilinear).padding_mode(torch::kZeros).align_corners(false));\n");
}

// A displacement is mended by its own name.
TEST(Patch, SpeaksOfWhatTheUserHas) {
  Situation situation = of_pixels;
  situation.given = Given::displacement;
  const auto last_lines = [&](const std::string& name, Language language) {
    const std::string text = patch(trial_of(name), situation, language);
    return text.substr(text.find("displacement ="));
  };
  EXPECT_EQ(last_lines("direction.reversed", Language::pytorch),
            "displacement = -displacement\n"
            "grid = identity + displacement / unit\n"
            "output = F.grid_sample(input, grid, mode='bilinear', padding_mode='zeros', "
            "align_corners=False)\n");
  EXPECT_TRUE(last_lines("axes.displacement-reversed", Language::cpp)
                  .starts_with("displacement = displacement.flip(-1);\n"
                               "auto grid = identity + displacement / unit;\n"));
  EXPECT_TRUE(patch(trial_of("given.map"), situation, Language::pytorch)
                  .find("grid = (displacement + half) / unit - 1\n") != std::string::npos);
}

// PyTorch refuses a grid of another dtype than the input's, and numbers in a program are f32.
TEST(Patch, InPyTorchKeepsTheDtype) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16}) {
    Case test_case = question_of({1, 1, 6, 7}, {5, 4}, 3, false, false);
    test_case.input = Tensor(dtype, test_case.input.shape());
    test_case.grid = Tensor(dtype, test_case.grid.shape(), test_case.grid.values());
    const Situation situation(test_case);
    const Attempt attempt{.changes = {&hypothesis_named("units.pixels, align_corners=False")},
                          .distance = {}};
    EXPECT_EQ(patch(attempt, situation, Language::pytorch).find("grid = grid.to(input.dtype)\n") !=
                  std::string::npos,
              dtype != Dtype::f32);
  }
}

TEST(Patch, InPyTorchMakesDtypesAgree) {
  Situation situation = of_pixels;
  const auto agrees = [&](const std::string& name) {
    return patch(trial_of(name), situation, Language::pytorch)
               .find("grid = grid.to(input.dtype)\n") != std::string::npos;
  };
  EXPECT_FALSE(agrees("padding.border"));
  situation.mixes_dtypes = true;
  EXPECT_TRUE(agrees("padding.border"));
  situation.given = Given::displacement;
  EXPECT_TRUE(agrees("direction.reversed"));
}

// The test to paste is in the language, the rank and the words of who asked.
TEST(Patch, TheSelfCheckIsInTheUsersLanguageRankAndVariable) {
  Situation plane(parse_case("grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0,0}"));
  Situation volume(parse_case("grid_sample input=f32[1,1,2,2,2]{1..8} grid=f32[1,1,1,1,3]{0,0,0}"));
  const Options options{.align_corners = true};
  const auto has = [&](const Situation& situation, Language language, const std::string& text) {
    return self_check(situation, options, language).find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(plane, Language::pytorch, "F.grid_sample(x, make_grid(x), align_corners=True)"));
  EXPECT_TRUE(has(volume, Language::pytorch, "torch.rand(1, 1, 4, 5, 7)"));
  EXPECT_TRUE(has(volume, Language::cpp, "torch::rand({1, 1, 4, 5, 7})"));
  EXPECT_TRUE(has(plane, Language::numpy, "np.random.rand(1, 1, 5, 7).astype(np.float32)"));
  EXPECT_TRUE(has(plane, Language::onnx, "session.run("));
  volume.given = Given::displacement;
  EXPECT_TRUE(has(volume, Language::pytorch, "to_grid(torch.zeros(1, 4, 5, 7, 3))"));
  EXPECT_TRUE(has(volume, Language::numpy, "to_grid(np.zeros((1, 4, 5, 7, 3), np.float32))"));
}

}  // namespace
}  // namespace gridproof::reports::diagnosis
