#include "reports/diagnosis/family.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace gridproof::reports::diagnosis {

Family::Family(const Situation& situation, const Sites& sites)
    : sites_(sites), stages_(static_cast<std::size_t>(Stage::shift) + 1) {
  std::array<Situation, 2> of_flag = {situation, situation};
  for (const bool align_corners : {false, true}) {
    Options options = situation.options();
    options.align_corners = align_corners;
    of_flag[align_corners ? 1 : 0].test_case.request = request_for(options);
  }
  for (const Hypothesis& hypothesis : hypotheses()) {
    if (hypothesis.stage == Stage::none) continue;
    Member member{&hypothesis, {}};
    for (std::size_t i = 0; i < 2; ++i) member.changes[i] = hypothesis.change(of_flag[i]);
    // A displacement that is given is put in order before it is taken for anything else.
    const bool comes_first =
        hypothesis.stage == Stage::motion && situation.given == Given::displacement;
    const Stage stage = comes_first ? Stage::order : hypothesis.stage;
    stages_[static_cast<std::size_t>(stage)].push_back(std::move(member));
  }
  asked_.options = situation.options();
  asked_.coordinates = sites.coordinates();
  std::ignore = is_new(asked_);
}

void Family::visit(std::size_t parts, const Visit& visit) {
  Changes changes;
  wants_rare_ = parts < max_parts;
  extend(0, parts, asked_, changes, visit);
}

void Family::extend(std::size_t stage, std::size_t parts, const Correction& meant, Changes& changes,
                    const Visit& visit) {
  if (parts == 0) {
    if (is_new(meant)) visit(changes, meant);
    return;
  }
  // A member that sets the flag leaves nothing to say of it.
  const bool has_flag = !changes.empty() && changes.front()->stage == Stage::flag;
  for (std::size_t s = stage; s < stages_.size(); ++s) {
    for (const Member& member : stages_[s]) {
      const auto& change = member.changes[meant.options.align_corners ? 1 : 0];
      if (!change || (member.hypothesis->is_rare && !wants_rare_)) continue;
      const bool sets_flag = member.hypothesis->stage == Stage::unit && change->options;
      if (sets_flag && has_flag) continue;
      Correction next = meant;
      if (!apply(*change, sites_, next)) continue;
      changes.push_back(member.hypothesis);
      const std::size_t after = sets_flag ? static_cast<std::size_t>(Stage::builder) + 1 : s + 1;
      extend(after, parts - 1, next, changes, visit);
      changes.pop_back();
    }
  }
}

// By where the sites read, a millionth of the input's length apart.
bool Family::is_new(const Correction& meant) {
  std::uint64_t hash = meant.options.align_corners ? 1 : 2;
  for (const double x : meant.coordinates) {
    const auto where = std::fabs(x) < 0x1p40 ? std::llround(x * 0x1p20) : INT64_MAX;
    hash = (hash ^ static_cast<std::uint64_t>(where)) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29U;
  }
  return seen_.insert(hash).second;
}

}  // namespace gridproof::reports::diagnosis
