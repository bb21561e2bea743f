#include "oracle/probe/kinds.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

namespace gridproof::probe {
namespace {

constexpr std::size_t attributes = 6;

// The place of a kind's attribute among the words for it.
std::size_t level_of(const Kind& kind, std::size_t attribute) {
  const auto place = [](const auto& all, auto value) {
    return static_cast<std::size_t>(
        std::ranges::find_if(all, [value](const auto& named) { return named.value == value; }) -
        all.begin());
  };
  switch (attribute) {
    case 0:
      return place(names<Mode>, kind.mode);
    case 1:
      return kind.rank == 5 ? 1 : 0;
    case 2:
      return place(names<Padding>, kind.padding);
    case 3:
      return kind.align_corners ? 1 : 0;
    case 4:
      return place(names<Dtype>, kind.dtype);
    default:
      return static_cast<std::size_t>(kind.axis);
  }
}

std::string word_of(std::size_t attribute, std::size_t level) {
  switch (attribute) {
    case 0:
      return std::string(names<Mode>[level].name);
    case 1:
      return level == 1 ? "5-D" : "4-D";
    case 2:
      return std::string(names<Padding>[level].name);
    case 3:
      return level == 1 ? "align_corners=True" : "align_corners=False";
    case 4:
      return std::string(names<Dtype>[level].name);
    default:
      return std::string(1, "xyz"[level]);
  }
}

using Levels = std::set<std::size_t>;
using Box = std::array<Levels, attributes>;

Box box_of(const Kinds& kinds) {
  Box box;
  for (const Kind& kind : kinds) {
    for (std::size_t i = 0; i < attributes; ++i) box[i].insert(level_of(kind, i));
  }
  return box;
}

bool contains(const Box& box, const Kind& kind) {
  for (std::size_t i = 0; i < attributes; ++i) {
    if (!box[i].contains(level_of(kind, i))) return false;
  }
  return true;
}

// Boxes that hold `some` and nothing else of `all`, as few as cutting along one attribute after
// another gives.
std::vector<Box> boxes_of(const Kinds& some, const Kinds& all) {
  const Box whole = box_of(some);
  const auto held =
      std::ranges::count_if(all, [&](const Kind& kind) { return contains(whole, kind); });
  if (std::cmp_equal(held, some.size())) return {whole};
  std::vector<Box> fewest;
  for (std::size_t i = 0; i < attributes; ++i) {
    if (whole[i].size() == 1) continue;
    std::vector<Box> boxes;
    for (const std::size_t level : whole[i]) {
      Kinds part;
      std::ranges::copy_if(some, std::inserter(part, part.end()),
                           [&](const Kind& kind) { return level_of(kind, i) == level; });
      for (Box& box : boxes_of(part, all)) {
        // What differs from the one before in nothing but this attribute is one with it.
        const auto same = std::ranges::find_if(boxes, [&](const Box& other) {
          for (std::size_t k = 0; k < attributes; ++k) {
            if (k != i && other[k] != box[k]) return false;
          }
          return true;
        });
        if (same == boxes.end()) {
          boxes.push_back(std::move(box));
        } else {
          (*same)[i].insert(box[i].begin(), box[i].end());
        }
      }
    }
    if (fewest.empty() || boxes.size() < fewest.size()) fewest = std::move(boxes);
  }
  return fewest;
}

}  // namespace

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16}) {
    for (const auto& [mode, mode_name] : names<Mode>) {
      for (const int rank : {4, 5}) {
        if (mode == Mode::bicubic && rank == 5) continue;
        for (const auto& [padding, padding_name] : names<Padding>) {
          for (const bool align_corners : {false, true}) {
            kinds.push_back({mode, rank, padding, align_corners, dtype, 0});
          }
        }
      }
    }
  }
  return kinds;
}

std::vector<Kind> along_each_axis(Kind kind) {
  std::vector<Kind> kinds;
  for (kind.axis = 0; kind.axis < kind.rank - 2; ++kind.axis) kinds.push_back(kind);
  return kinds;
}

std::string in_words(const Kinds& some, const Kinds& all) {
  const Box whole = box_of(all);
  std::vector<std::string> texts;
  for (Box& box : boxes_of(some, all)) {
    // What follows from the rest is not said: bicubic is of 4-D, which has no z.
    for (std::size_t i = attributes; i-- > 0;) {
      Box wider = box;
      wider[i] = whole[i];
      const bool says_more = std::ranges::any_of(
          all, [&](const Kind& kind) { return contains(wider, kind) && !contains(box, kind); });
      if (!says_more) box = std::move(wider);
    }
    std::vector<std::string> words;
    for (std::size_t i = 0; i < attributes; ++i) {
      if (box[i] == whole[i]) continue;
      std::vector<std::string> list;
      for (const std::size_t level : box[i]) list.push_back(word_of(i, level));
      words.push_back(fmt::format("{}{}", i == 5 ? "along " : "", fmt::join(list, ", ")));
    }
    const bool is_of_axes = words.size() == 1 && words.front().starts_with("along");
    texts.push_back(
        fmt::format("{}{}", words.empty() || is_of_axes ? "" : "in ", fmt::join(words, " ")));
  }
  return fmt::format("{}", fmt::join(texts, " and "));
}

}  // namespace gridproof::probe
