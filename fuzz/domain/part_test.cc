#include "fuzz/domain/part.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gridproof {
namespace {

TEST(Kinds, EachIndexIsAKindOfItsOwn) {
  ASSERT_EQ(kind_count, 5U * 3 * 2 * 4);
  std::set<std::string> seen;
  for (std::size_t index = 0; index < kind_count; ++index) {
    const Kind kind = kind_at(index);
    seen.insert(to_string(kind));
    EXPECT_EQ(
        kind_index({kind.form.mode, kind.padding, kind.align_corners}, kind.form.rank, kind.dtype),
        index);
    const auto [form, padding, align, dtype] = levels_of(index);
    EXPECT_EQ(forms[static_cast<std::size_t>(form)], kind.form);
    EXPECT_EQ(paddings[static_cast<std::size_t>(padding)], kind.padding);
    EXPECT_EQ(align == 1, kind.align_corners);
    EXPECT_EQ(dtypes[static_cast<std::size_t>(dtype)], kind.dtype);
  }
  EXPECT_EQ(seen.size(), kind_count);
  EXPECT_TRUE(seen.contains("bicubic reflection align_corners=True 4-D bf16"));
}

TEST(Kinds, WhatHasNoAnswerHasNone) {
  EXPECT_FALSE(kind_index({.mode = Mode::bicubic}, 5, Dtype::f32));
  EXPECT_FALSE(kind_index({}, 3, Dtype::f32));
  EXPECT_FALSE(kind_index({}, 4, Dtype::i32));
  const auto has_kind = [](const std::string& arguments) {
    return kind_index(parse_case("grid_sample " + arguments)).has_value();
  };
  EXPECT_TRUE(has_kind("input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_TRUE(has_kind("input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}"));
  EXPECT_FALSE(has_kind("mode=lanczos input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1,1]{1} grid=f64[1,1,1,2]{0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1,1]{1} grid=f32[1,1,1,1,3]{0,0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1,1]{1} grid=f32[2,1,1,2]{0,0,0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1,1]{1} grid=f32[1,1,1,3]{0,0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1,0]{} grid=f32[1,1,1,2]{0,0}"));
  EXPECT_FALSE(has_kind("input=f32[1,1,1]{1} grid=f32[1,1,1]{0}"));
}

// Everything in one dtype and with one padding, in dense layouts.
Part some_part() {
  Part part = Part::nothing();
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const Kind what = kind_at(kind);
    part.set(kind, what.dtype == Dtype::f32 && what.padding == Padding::zeros);
  }
  return part;
}

TEST(Part, HasItsKindsInItsLayouts) {
  Part part = some_part();
  const auto has = [&](const std::string& arguments) {
    return part.has(parse_case("grid_sample " + arguments));
  };
  const std::string grid = "grid=f32[1,1,1,2]{0,0}";
  EXPECT_TRUE(has("input=f32[1,1,1,1]{1} " + grid));
  EXPECT_FALSE(has("padding_mode=border input=f32[1,1,1,1]{1} " + grid));
  EXPECT_FALSE(has("input=f16[1,1,1,1]{1} grid=f16[1,1,1,2]{0,0}"));
  EXPECT_FALSE(has("mode=lanczos input=f32[1,1,1,1]{1} " + grid));
  Case test_case = parse_case("grid_sample input=f32[1,1,2,3]{1..6} " + grid);
  EXPECT_TRUE(part.has(test_case));
  test_case.input = test_case.input.permuted(std::array{0, 1, 3, 2});
  EXPECT_FALSE(part.has(test_case));
  part.set(Layout::strided, true);
  EXPECT_TRUE(part.has(test_case));
  part.set(Layout::dense, false);
  EXPECT_FALSE(part.has(test_case));  // for its grid
}

TEST(Part, HasSomeOfAKindOnlyWhereAllLevelsMeet) {
  Part part = Part::nothing();
  EXPECT_TRUE(part.is_empty());
  EXPECT_FALSE(part.has_some(-1, -1, -1, -1));
  part.set(*kind_index({Mode::nearest, Padding::border, true}, 5, Dtype::f16), true);
  part.set(*kind_index({Mode::bicubic, Padding::zeros, false}, 4, Dtype::f64), true);
  EXPECT_TRUE(part.has_some(4, 1, 1, 2));
  EXPECT_TRUE(part.has_some(2, -1, 0, -1));
  EXPECT_TRUE(part.has_some(-1, -1, -1, 1));
  EXPECT_FALSE(part.has_some(4, 0, -1, -1));
  EXPECT_FALSE(part.has_some(-1, 1, -1, 1));
  EXPECT_FALSE(part.has_some(0, -1, -1, -1));
  EXPECT_FALSE(part.has_some(-1, 2, -1, -1));
}

TEST(Part, IsUnitedAndTellsItselfApart) {
  Part part = some_part();
  Part other = Part::nothing();
  other.set(*kind_index({Mode::nearest, Padding::border, true}, 5, Dtype::f16), true);
  other.set(Layout::negative, true);
  EXPECT_NE(part.key(), other.key());
  Part both = part;
  both |= other;
  EXPECT_TRUE(both.has(*kind_index({}, 4, Dtype::f32)));
  EXPECT_TRUE(both.has_some(4, 1, 1, 2));
  EXPECT_TRUE(both.has(Layout::negative));
  EXPECT_FALSE(both.has(Layout::strided));
  EXPECT_FALSE(both == part);
  Part layouts = part;
  layouts.set(Layout::strided, true);
  EXPECT_NE(layouts.key(), part.key());
  Part whole;
  EXPECT_TRUE(whole.is_whole());
  whole |= both;
  EXPECT_EQ(whole, Part());
  whole.set(Layout::negative, false);
  EXPECT_FALSE(whole.is_whole());
}

TEST(Part, IsSaidInShortWords) {
  EXPECT_EQ(to_string(Part()), "");
  EXPECT_EQ(to_string(Part::nothing()), "nothing");
  EXPECT_EQ(to_string(some_part()), "zeros; f32; dense layouts");
  Part one = Part::nothing();
  one.set(*kind_index({Mode::nearest, Padding::border, true}, 5, Dtype::f16), true);
  EXPECT_EQ(to_string(one), "nearest 5-D; border; align_corners=True; f16; dense layouts");
  Part holed;
  holed.set(7, false);
  EXPECT_EQ(to_string(holed), "some combinations of options");
}

TEST(Part, TheUsualKindsOfAFormAreInF32IfItHasThat) {
  Part part;
  for (const Form& form : forms) {
    const std::vector<std::size_t> usual = part.usual_kinds(form);
    EXPECT_EQ(usual.size(), 6U);
    for (const std::size_t kind : usual) {
      EXPECT_EQ(kind_at(kind).form, form);
      EXPECT_EQ(kind_at(kind).dtype, Dtype::f32);
    }
  }
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    if (kind_at(kind).dtype == Dtype::f32) part.set(kind, false);
  }
  EXPECT_EQ(part.usual_kinds(forms[0]).size(), 18U);
  EXPECT_TRUE(Part::nothing().usual_kinds(forms[0]).empty());
}

}  // namespace
}  // namespace gridproof
