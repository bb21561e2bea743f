#include "oracle/probe/kinds.h"

#include <gtest/gtest.h>

#include <functional>

namespace gridproof::probe {
namespace {

Kinds all() {
  Kinds kinds;
  for (const Kind& kind : all_kinds()) {
    for (const Kind& along : along_each_axis(kind)) kinds.insert(along);
  }
  return kinds;
}

std::string words(const std::function<bool(const Kind&)>& where) {
  Kinds some;
  for (const Kind& kind : all()) {
    if (where(kind)) some.insert(kind);
  }
  return in_words(some, all());
}

TEST(Kinds, AreAllThatThereAre) {
  EXPECT_EQ(all_kinds().size(), 5U * 3 * 2 * 4);
  EXPECT_EQ(along_each_axis({.rank = 4}).size(), 2U);
  EXPECT_EQ(along_each_axis({.rank = 5}).size(), 3U);
}

TEST(Kinds, InWords) {
  EXPECT_EQ(words([](const Kind&) { return true; }), "");
  EXPECT_EQ(words([](const Kind& kind) { return kind.mode == Mode::bicubic; }), "in bicubic");
  EXPECT_EQ(words([](const Kind& kind) { return kind.axis == 2; }), "along z");
  EXPECT_EQ(words([](const Kind& kind) { return kind.rank == 5 && kind.axis == 0; }),
            "in 5-D along x");
  EXPECT_EQ(words([](const Kind& kind) {
              return kind.mode == Mode::nearest && kind.rank == 5 && is_16_bit(kind.dtype);
            }),
            "in nearest 5-D f16, bf16");
  EXPECT_EQ(words([](const Kind& kind) {
              return kind.padding != Padding::border && !kind.align_corners;
            }),
            "in zeros, reflection align_corners=False");
}

// What no list of each attribute says is told in parts, which together are it.
TEST(Kinds, InSeveralParts) {
  EXPECT_EQ(words([](const Kind& kind) {
              return kind.mode == Mode::bicubic || kind.dtype == Dtype::f64;
            }),
            "in bilinear, nearest f64 and in bicubic");
  EXPECT_EQ(words([](const Kind& kind) {
              return (kind.mode == Mode::nearest) == (kind.padding == Padding::zeros);
            }),
            "in nearest zeros and in bilinear, bicubic border, reflection");
}

}  // namespace
}  // namespace gridproof::probe
