#include "reports/diagnosis/correction.h"

#include <algorithm>
#include <iterator>

#include "reference/semantics/grid_sample.h"

namespace gridproof::reports::diagnosis {
namespace {

// Whether a coordinate moved.
bool move(const Change::Move& move, const Sites& sites, Correction& meant) {
  bool has_moved = false;
  std::array<double, 3> before{};
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const std::span<double> x = sites.of_site(meant.coordinates, i);
    std::ranges::copy(x, before.begin());
    move(x, sites.site(i, meant.options.align_corners));
    has_moved |= !std::ranges::equal(x, std::span(before).first(x.size()));
  }
  return has_moved;
}

// The grids of these thetas, one for each n.
Change::Move made_of(const std::vector<Affine>& thetas) {
  return [&thetas](std::span<double> x, const Site& site) {
    std::array<double, 3> from{};
    for (std::size_t k = 0; k < x.size(); ++k) from[k] = dictionary::identity_at(site.places[k]);
    thetas[static_cast<std::size_t>(site.n)].apply(std::span(from).first(x.size()), x);
  };
}

}  // namespace

bool apply(const Change& change, const Sites& sites, Correction& meant) {
  bool has_changed =
      change.input || change.finish || change.uncertainty || change.answers != nullptr;
  if (change.options) {
    has_changed |= *change.options != meant.options;
    meant.options = *change.options;
  }
  if (change.input) meant.input = *change.input;
  if (change.thetas) {
    meant.thetas = change.thetas;
    has_changed |= move(made_of(*change.thetas), sites, meant);
  }
  if (change.move) has_changed |= move(change.move, sites, meant);
  if (change.uncertainty) {
    std::ranges::transform(meant.coordinates, std::back_inserter(meant.uncertainty),
                           change.uncertainty);
  }
  if (change.finish) meant.finishes.push_back(change.finish);
  if (change.answers != nullptr) meant.answers = change.answers;
  return has_changed;
}

void carry_over(const Correction& meant, Situation& situation) {
  situation.test_case.request = request_for(meant.options);
  if (!meant.thetas) return;
  situation.thetas = {};
  situation.thetas[meant.options.align_corners ? 1 : 0] = meant.thetas;
}

std::optional<Correction> corrected(const Changes& changes, const Situation& situation,
                                    const Sites& sites) {
  Situation now = situation;
  Correction meant;
  meant.options = now.options();
  meant.coordinates = sites.coordinates();
  bool has_changed = changes.empty();
  for (const Hypothesis* hypothesis : changes) {
    const std::optional<Change> change = hypothesis->change(now);
    if (!change) return std::nullopt;
    has_changed |= apply(*change, sites, meant);
    carry_over(meant, now);
  }
  return has_changed ? std::optional(std::move(meant)) : std::nullopt;
}

std::optional<std::vector<double>> finish(const Correction& meant, const Sites& sites,
                                          const Shape& input, std::vector<double>& output,
                                          const std::vector<double>& expected) {
  // The weight inside is what ones are sampled as: one texel, seen everywhere.
  Shape one_channel = input;
  one_channel[1] = 1;
  const Tensor texel(Dtype::f64, {1}, std::vector<double>{1});
  const Tensor ones = Tensor::strided(Dtype::f64, one_channel, Shape(one_channel.size(), 0), 0,
                                      texel.shared_storage(), 1);
  Options zeros = meant.options;
  zeros.padding = Padding::zeros;
  const Answer inside = grid_sample({request_for(zeros), ones, sites.grid_of(meant.coordinates)});
  const auto* weights = std::get_if<Tensor>(&inside);
  if (weights == nullptr || weights->element_count() == 0) return std::nullopt;
  const std::vector<double> of_each = weights->values();
  std::vector<double> found;
  for (const auto& finish : meant.finishes) {
    auto numbers = finish(output, expected,
                          {.coordinates = meant.coordinates, .inside = of_each, .sites = sites});
    if (!numbers) return std::nullopt;
    if (!numbers->empty()) found = std::move(*numbers);
  }
  return found;
}

std::optional<Case> meant_question(const Changes& changes, const Situation& situation) {
  const Case& asked = situation.test_case;
  const Sites sites(asked, asked.grid.element_count());
  const std::optional<Correction> meant = corrected(changes, situation, sites);
  if (!meant || meant->answers != nullptr || !meant->finishes.empty()) return std::nullopt;
  return Case{request_for(meant->options), meant->input.value_or(asked.input),
              Tensor(asked.grid.dtype(), asked.grid.shape(), meant->coordinates)};
}

}  // namespace gridproof::reports::diagnosis
