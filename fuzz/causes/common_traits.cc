#include "fuzz/causes/common_traits.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "fuzz/causes/battery.h"
#include "fuzz/causes/reduce.h"

namespace gridproof {
namespace {

constexpr unsigned attributes = 6;
enum Attribute : unsigned {
  of_mode,
  of_padding,
  of_align_corners,
  of_dtype,
  of_rank,
  of_coordinate
};

std::string value_of(const Traits& traits, unsigned attribute) {
  switch (attribute) {
    case of_mode:
      return traits.mode;
    case of_padding:
      return traits.padding;
    case of_align_corners:
      return traits.align_corners ? "true" : "false";
    case of_dtype:
      return std::string(name(traits.dtype));
    case of_rank:
      return std::to_string(traits.rank);
    default:
      return std::string(traits.coordinate);
  }
}

template <class T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

// The tightest predicate over these attributes that covers all of `traits`.
Predicate covering(const std::vector<Traits>& traits, unsigned mask) {
  Predicate predicate;
  const auto has = [mask](Attribute attribute) { return (mask >> attribute & 1U) != 0; };
  std::set<bool> flags;
  bool any_not_finite = false;
  bool any_unknown_mode = false;
  bool any_unknown_padding = false;
  double up_to = -1;
  double above = std::numeric_limits<double>::infinity();
  for (const Traits& one : traits) {
    if (has(of_mode)) add_once(predicate.modes, one.mode);
    if (has(of_padding)) add_once(predicate.paddings, one.padding);
    any_unknown_mode = any_unknown_mode || !parse<Mode>(one.mode);
    any_unknown_padding = any_unknown_padding || !parse<Padding>(one.padding);
    if (has(of_dtype)) add_once(predicate.dtypes, one.dtype);
    if (has(of_rank)) add_once(predicate.ranks, one.rank);
    flags.insert(one.align_corners);
    if (!has(of_coordinate)) continue;
    if (const auto kind = parse<CoordinateKind>(one.coordinate)) {
      any_not_finite = true;
      add_once(predicate.kinds, *kind);
      continue;
    }
    add_once(predicate.kinds, CoordinateKind::finite);
    const auto place =
        std::ranges::find(coordinate_classes, one.coordinate, &CoordinateClass::name);
    up_to = std::max(up_to, place->up_to);
    above = std::min(above, place == coordinate_classes.begin() ? -1 : std::prev(place)->up_to);
  }
  // A name that is none cannot be waived by it; its clause says what it is about.
  if (any_unknown_mode) predicate.modes.clear();
  if (any_unknown_padding) predicate.paddings.clear();
  if (has(of_align_corners) && flags.size() == 1) predicate.align_corners = *flags.begin();
  if (has(of_coordinate) && !any_not_finite) {
    predicate.above = above;
    if (up_to < std::numeric_limits<double>::max()) predicate.up_to = up_to;
  }
  return predicate;
}

bool covers(const Predicate& predicate, const Traits& traits) {
  const auto admits = [](const auto& list, const auto& item) {
    return list.empty() || std::ranges::find(list, item) != list.end();
  };
  if (!admits(predicate.modes, traits.mode) || !admits(predicate.paddings, traits.padding) ||
      !admits(predicate.dtypes, traits.dtype) || !admits(predicate.ranks, traits.rank) ||
      predicate.align_corners.value_or(traits.align_corners) != traits.align_corners) {
    return false;
  }
  if (const auto kind = parse<CoordinateKind>(traits.coordinate))
    return admits(predicate.kinds, *kind);
  const double bound =
      std::ranges::find(coordinate_classes, traits.coordinate, &CoordinateClass::name)->up_to;
  return admits(predicate.kinds, CoordinateKind::finite) && bound > predicate.above &&
         (bound <= predicate.up_to || std::isinf(predicate.up_to));
}

}  // namespace

std::pair<Predicate, std::int64_t> tightest(const std::vector<Traits>& wrong,
                                            const CountedTraits& right) {
  const auto covered = [&](const Predicate& predicate) {
    std::int64_t sum = 0;
    for (const auto& [traits, count] : right) {
      if (covers(predicate, traits)) sum += count;
    }
    return sum;
  };
  constexpr unsigned all = (1U << attributes) - 1;
  const std::int64_t least = covered(covering(wrong, all));
  for (int keys = 0; keys < static_cast<int>(attributes); ++keys) {
    for (unsigned mask = 0; mask < all; ++mask) {
      if (std::popcount(mask) != keys) continue;
      Predicate predicate = covering(wrong, mask);
      if (covered(predicate) == least) return {std::move(predicate), least};
    }
  }
  return {covering(wrong, all), least};
}

std::vector<Predicate> separating(const std::vector<Traits>& wrong, const CountedTraits& right) {
  if (auto [one, rest] = tightest(wrong, right); rest == 0) return {std::move(one)};
  std::vector<Predicate> best;
  for (unsigned attribute = 0; attribute < attributes; ++attribute) {
    std::map<std::string, std::vector<Traits>> parts;
    for (const Traits& one : wrong) parts[value_of(one, attribute)].push_back(one);
    std::vector<Predicate> predicates;
    for (const auto& [value, part] : parts) {
      if (auto [one, rest] = tightest(part, right); rest == 0) predicates.push_back(std::move(one));
    }
    if (predicates.size() == parts.size() && (best.empty() || predicates.size() < best.size())) {
      best = std::move(predicates);
    }
  }
  return best;
}

namespace {

std::string joined(const std::vector<std::string>& items, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == items.size() ? last : ", ") + items[i];
  }
  return text;
}

template <class List, class Text>
void add_words(std::vector<std::string>& words, const std::string& key, const List& list,
               const Text& text_of) {
  std::vector<std::string> items;
  for (const auto& item : list) items.push_back(text_of(item));
  if (!items.empty()) words.push_back(key + joined(items, " or "));
}

}  // namespace

std::string in_words(const Predicate& predicate) {
  std::vector<std::string> words;
  const auto same = [](const std::string& item) { return item; };
  add_words(words, "mode ", predicate.modes, same);
  add_words(words, "padding_mode ", predicate.paddings, same);
  if (predicate.align_corners)
    words.push_back(*predicate.align_corners ? "align_corners=True" : "align_corners=False");
  add_words(words, "", predicate.dtypes, [](Dtype dtype) { return std::string(name(dtype)); });
  add_words(words, "", predicate.ranks, [](int rank) { return fmt::format("{}-D input", rank); });
  const bool is_bounded = predicate.above >= 0 || std::isfinite(predicate.up_to);
  if (is_bounded) {
    std::string text = "the largest coordinate of the sample";
    if (predicate.above >= 0) text += fmt::format(" above {}", predicate.above);
    if (std::isfinite(predicate.up_to)) text += fmt::format(" up to {}", predicate.up_to);
    words.push_back(text);
  } else {
    add_words(words, "", predicate.kinds, [](CoordinateKind kind) {
      return kind == CoordinateKind::nan        ? std::string("a NaN coordinate")
             : kind == CoordinateKind::infinite ? std::string("an infinite coordinate")
                                                : std::string("finite coordinates");
    });
  }
  return joined(words, ", ");
}

namespace {

struct RightAndWrong {
  std::map<Traits, TraitCounts> counts;
  std::int64_t right = 0;
  std::int64_t wrong = 0;
  double smallest = std::numeric_limits<double>::infinity();  // largest coordinate of a wrong one

  void add(const Interrogation& interrogation, const Case& test_case, const Answer& answer) {
    if (!std::holds_alternative<Tensor>(answer) && !std::holds_alternative<Refusal>(answer)) return;
    const Answer expected = interrogation.reference.answer(test_case);
    const Judgment judgment = interrogation.judge.judge(test_case, answer, &expected);
    std::set<std::int64_t> at;
    for (const SampleVerdict& verdict : judgment.notable) {
      if (is_finding(verdict.verdict, false)) at.insert(verdict.sample);
    }
    const std::int64_t samples = sample_count(test_case);
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const bool is_wrong = judgment.whole ? !at.empty() : at.contains(sample);
      TraitCounts& count = counts[traits_of(test_case, sample, "")];
      ++(is_wrong ? count.wrong : count.right);
      ++(is_wrong ? wrong : right);
      if (is_wrong) smallest = std::min(smallest, coordinate_of(test_case, sample).magnitude);
    }
  }
};

// The question with another mode, padding mode, flag or dtype, one at a time.
std::vector<Case> with_other_options(const Case& test_case) {
  std::vector<Case> result;
  const std::optional<Options> options = resolve(test_case.request);
  if (!options) return result;
  const auto add = [&](const Options& other) {
    result.push_back(test_case);
    result.back().request = request_for(other);
  };
  for (const auto& [mode, name] : names<Mode>) {
    const bool is_defined = mode != Mode::bicubic || test_case.input.rank() == 4;
    if (mode != options->mode && is_defined) add({mode, options->padding, options->align_corners});
  }
  for (const auto& [padding, name] : names<Padding>) {
    if (padding != options->padding) add({options->mode, padding, options->align_corners});
  }
  add({options->mode, options->padding, !options->align_corners});
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64}) {
    if (dtype != test_case.input.dtype()) result.push_back(in_dtype(test_case, dtype));
  }
  return result;
}

// Whether the objection stays when the reduced case is changed so.
bool stays(const Interrogation& interrogation, const Case& test_case) {
  const Answer answer = interrogation.subject.answer(test_case);
  const Answer expected = interrogation.reference.answer(test_case);
  return is_finding(interrogation.judge.judge(test_case, answer, &expected).worst(), false);
}

// A size that the objection may depend on: an axis of the input, of the grid, or of both.
struct Size {
  std::string_view what;
  int input_axis = -1;
  int grid_axis = -1;
};

std::vector<Size> sizes_of(const Case& test_case) {
  constexpr std::array<std::string_view, 3> spatial = {"columns", "rows", "slices"};
  constexpr std::array<std::string_view, 3> of_output = {"output columns", "output rows",
                                                         "output slices"};
  std::vector<Size> sizes = {{"batch entries", 0, 0}, {"channels", 1}};
  const int rank = test_case.input.rank();
  for (int axis = rank - 1; axis >= 2; --axis) {
    sizes.push_back({spatial.at(static_cast<std::size_t>(rank - 1 - axis)), axis});
  }
  for (int axis = rank - 2; axis >= 1; --axis) {
    sizes.push_back({of_output.at(static_cast<std::size_t>(rank - 2 - axis)), -1, axis});
  }
  return sizes;
}

std::int64_t size_of(const Case& test_case, const Size& which) {
  return which.input_axis >= 0 ? test_case.input.size(which.input_axis)
                               : test_case.grid.size(which.grid_axis);
}

// Entries of an axis from `first` on; where there are no more the last one again.
Tensor cut(const Tensor& tensor, int axis, std::int64_t first, std::int64_t size) {
  const std::int64_t has = tensor.size(axis);
  if (first + size <= has) {
    const Tensor slice = tensor.slice(axis, first, first + size);
    return tensor.is_contiguous() && slice.is_copyable() ? slice.contiguous() : slice;
  }
  Shape shape = tensor.shape();
  shape[static_cast<std::size_t>(axis)] = size;
  Tensor longer(tensor.dtype(), shape);
  std::int64_t inner = 1;
  for (int k = axis + 1; k < tensor.rank(); ++k) inner *= tensor.size(k);
  const Tensor dense = tensor.contiguous();
  visit(tensor.dtype(), [&]<class T>(T) {
    const std::span<const T> from = dense.elements<T>();
    const std::span<T> to = longer.elements<T>();
    for (std::size_t i = 0; i < to.size(); ++i) {
      const auto place = static_cast<std::int64_t>(i);
      const std::int64_t at = std::min(first + place / inner % size, has - 1);
      to[i] = from[static_cast<std::size_t>((place / (inner * size) * has + at) * inner +
                                            place % inner)];
    }
  });
  return longer;
}

// Whether some sample about the reduced case is wrong where one of its sizes is another.
bool is_wrong_at(const Interrogation& interrogation, const Case& reduced, const Size& which,
                 std::int64_t size) {
  const std::int64_t has = size_of(reduced, which);
  for (const std::int64_t first : {std::int64_t{0}, has - size}) {
    if (first < 0 || (first == 0 && has == size)) continue;
    Case test_case = reduced;
    if (which.input_axis >= 0) test_case.input = cut(reduced.input, which.input_axis, first, size);
    if (which.grid_axis >= 0) test_case.grid = cut(reduced.grid, which.grid_axis, first, size);
    std::vector<Case> test_cases = questions_around(test_case, 0);
    std::erase_if(test_cases, [&](const Case& other) {
      return which.input_axis >= 0 ? other.input.shape() != test_case.input.shape()
                                   : other.grid.shape() != test_case.grid.shape();
    });
    test_cases.insert(test_cases.begin(), std::move(test_case));
    if (std::ranges::any_of(test_cases,
                            [&](const Case& one) { return stays(interrogation, one); })) {
      return true;
    }
  }
  return false;
}

// "16 columns or more", if no sample about the reduced case is wrong with fewer; "8 channels (not 7
// or 9)"; "2 channels (not 1)" where no more can be asked; empty if the size does not matter, or
// not in such a way.
std::string least_size(const Interrogation& interrogation, const Case& reduced, const Size& which) {
  const std::int64_t has = size_of(reduced, which);
  const auto is_wrong = [&](std::int64_t size) {
    return size == has || is_wrong_at(interrogation, reduced, which, size);
  };
  std::int64_t right = 0;  // of no size is anything asked
  std::int64_t wrong = has;
  while (wrong - right > 1) {
    const std::int64_t middle = wrong == has ? has - 1 : right + (wrong - right) / 2;
    (is_wrong(middle) ? wrong : right) = middle;
  }
  if (wrong < 2) return "";
  // One more can only be dense.
  const bool can_grow = (which.input_axis < 0 || reduced.input.is_contiguous()) &&
                        (which.grid_axis < 0 || reduced.grid.is_contiguous());
  if (wrong == has && !can_grow) return fmt::format("{} {} (not {})", wrong, which.what, wrong - 1);
  if (is_wrong(wrong + 1)) return fmt::format("{} {} or more", wrong, which.what);
  if (wrong < has) return "";
  return fmt::format("{} {} (not {} or {})", wrong, which.what, wrong - 1, wrong + 1);
}

// What the reduced case cannot do without.
std::vector<std::string> needs(const Interrogation& interrogation, const Case& reduced) {
  std::vector<std::string> result;
  for (Tensor Case::* tensor : {&Case::input, &Case::grid}) {
    if ((reduced.*tensor).is_contiguous() || !(reduced.*tensor).is_copyable()) continue;
    Case dense = reduced;
    dense.*tensor = (reduced.*tensor).contiguous();
    if (stays(interrogation, dense)) continue;
    result.emplace_back(tensor == &Case::input ? "an input that is not dense"
                                               : "a grid that is not dense");
  }
  // Beyond, each question takes long.
  constexpr std::int64_t max_texels = std::int64_t{1} << 16U;
  if (!can_be_cut(reduced) || reduced.input.element_count() > max_texels) return result;
  for (const Size& size : sizes_of(reduced)) {
    if (std::string least = least_size(interrogation, reduced, size); !least.empty())
      result.push_back(std::move(least));
  }
  return result;
}

}  // namespace

std::string common_traits(const Interrogation& interrogation, const Objection& objection) {
  std::vector<Case> test_cases = {objection.reduced};
  for (Case& test_case : questions_around(objection.reduced, objection.sample))
    test_cases.push_back(std::move(test_case));
  constexpr std::int64_t max_elements = std::int64_t{1} << 16U;
  if (test_cases.back().input.element_count() <= max_elements) {
    for (Case& test_case : with_other_options(test_cases.back()))
      test_cases.push_back(std::move(test_case));
  }
  // Of the questions of many samples, the reduced case alone.
  constexpr std::int64_t max_samples = std::int64_t{1} << 14U;
  const bool is_large = sample_count(objection.reduced) > max_samples;
  const auto others = std::ranges::subrange(test_cases.begin() + 1, test_cases.end());
  const auto left_out = std::ranges::remove_if(
      others, [](const Case& test_case) { return sample_count(test_case) > max_samples; });
  test_cases.erase(left_out.begin(), left_out.end());
  test_cases = affordable(std::move(test_cases));
  const std::vector<Answer> answers = interrogation.subject.answers(test_cases);
  RightAndWrong samples;
  for (std::size_t i = 0; i < test_cases.size(); ++i)
    samples.add(interrogation, test_cases[i], answers[i]);
  if (samples.wrong == 0) return "";
  std::vector<Traits> wrong;
  CountedTraits right;
  for (const auto& [traits, count] : samples.counts) {
    if (count.wrong > 0) wrong.push_back(traits);
    if (count.right > 0) right.emplace_back(traits, count.right);
  }
  std::string text = fmt::format("{} of {} samples around it are wrong", samples.wrong,
                                 samples.wrong + samples.right);
  if (!right.empty()) {
    const std::vector<Predicate> apart = separating(wrong, right);
    std::vector<std::string> words;
    for (const Predicate& predicate : apart) words.push_back(in_words(predicate));
    if (!words.empty()) {
      text += ", those and only those with " + joined(words, "; or ");
    } else {
      const auto& [predicate, rest] = tightest(wrong, right);
      const std::string said = in_words(predicate);
      if (!said.empty()) {
        text += fmt::format(", all among the {} with {}", samples.wrong + rest, said);
      }
    }
  }
  text += '.';
  constexpr double far = 2.5;  // as far as the questions go by themselves
  if (samples.smallest > far && std::isfinite(samples.smallest)) {
    text += fmt::format(" Each of them has a coordinate of {:.6g} or more.", samples.smallest);
  }
  if (is_large) return text;
  if (const std::vector<std::string> list = needs(interrogation, objection.reduced);
      !list.empty()) {
    text += " The reduced case needs " + joined(list, " and ") + '.';
  }
  return text;
}

}  // namespace gridproof
