#include "reports/diagnosis/hypotheses.h"

#include <algorithm>
#include <iterator>

#include "reports/diagnosis/chapters.h"

namespace gridproof::reports::diagnosis {

const std::vector<Hypothesis>& hypotheses() {
  static const std::vector<Hypothesis> all = [] {
    std::vector<Hypothesis> list;
    // First what is only thought of where the grid itself says so. The last are the options: a
    // nearest pixel hides many mistakes.
    for (const auto& chapter : {of_precision, of_flag, of_axes, of_units, of_given, of_builder,
                                of_motion, of_world, of_array, of_affine, of_layout, of_options}) {
      std::ranges::move(chapter(), std::back_inserter(list));
    }
    return list;
  }();
  return all;
}

const Hypothesis& hypothesis_named(std::string_view name) {
  return *std::ranges::find(hypotheses(), name, &Hypothesis::name);
}

const std::vector<Hypothesis>& other_semantics() {
  static const std::vector<Hypothesis> all = [] {
    std::vector<Hypothesis> list;
    for (const Mutant& mutant : mutants()) {
      const bool is_semantics = mutant.chapter != "options" && mutant.chapter != "arithmetic" &&
                                mutant.chapter != "tensors" && !mutant.is_interaction &&
                                mutant.equivalent.empty();
      if (!is_semantics) continue;
      Hypothesis hypothesis;
      hypothesis.name = "elsewhere." + mutant.name;
      hypothesis.sentence =
          "the expected values come from an implementation with this mistake: " + mutant.sentence;
      hypothesis.fix =
          "# grid_sample does not do this [" + mutant.clause + "]; expect the documented values";
      hypothesis.is_global = true;
      hypothesis.change = [&mutant](const Situation&) { return Change{.answers = &mutant}; };
      list.push_back(std::move(hypothesis));
    }
    return list;
  }();
  return all;
}

Situation situation_of(Case test_case, World world, Given given) {
  auto grid = std::make_shared<const std::vector<double>>(test_case.grid.values());
  const bool flag_of_grid = test_case.request.align_corners.value_or(false);
  Situation situation{.test_case = std::move(test_case),
                      .grid = std::move(grid),
                      .flag_of_grid = flag_of_grid,
                      .world = std::move(world),
                      .given = given};
  for (const bool align_corners : {false, true}) {
    situation.thetas[align_corners ? 1 : 0] =
        affine_of(situation.test_case, *situation.grid, align_corners);
    situation.holds_no_motion |= is_identity_grid(situation.test_case, align_corners);
  }
  return situation;
}

std::optional<Dtype> sixteen_bits(const std::vector<double>& coordinates) {
  const auto holds = [&](auto round) {
    return std::ranges::all_of(coordinates,
                               [&](double x) { return std::isnan(x) || round(x) == x; });
  };
  // What bf16 holds near 0 f16 holds as well; so few digits are no accident of many coordinates.
  constexpr std::size_t many = 16;
  const bool are_bf16 = holds(dictionary::bf16);
  if (are_bf16 && coordinates.size() >= many) return Dtype::bf16;
  if (holds(dictionary::f16)) return Dtype::f16;
  return are_bf16 ? std::optional(Dtype::bf16) : std::nullopt;
}

bool is_identity_grid(const Case& test_case, bool align_corners) {
  if (test_case.grid.element_count() == 0) return false;
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  const auto reads_in_place = [&](std::int64_t locations) {
    const Sites sites(test_case, locations);
    for (std::int64_t i = 0; i < sites.count(); ++i) {
      const Site site = sites.site(i, align_corners);
      for (std::size_t k = 0; k < axes; ++k) {
        const double x = sites.coordinates()[static_cast<std::size_t>(i) * axes + k];
        if (!(std::fabs(x - identity_at(site.places[k])) < 1e-5)) return false;
      }
    }
    return true;
  };
  // A few locations tell of nearly every grid that it is none.
  constexpr std::int64_t few = std::int64_t{1} << 6U;
  return reads_in_place(few) && reads_in_place(test_case.grid.element_count());
}

}  // namespace gridproof::reports::diagnosis
