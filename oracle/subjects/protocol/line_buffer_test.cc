#include "oracle/subjects/protocol/line_buffer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace gridproof {
namespace {

void put(LineBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = buffer.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    buffer.filled(count);
    bytes.remove_prefix(count);
  }
}

TEST(LineBuffer, EmptyLinesAndRests) {
  LineBuffer buffer;
  EXPECT_EQ(buffer.take_line(), std::nullopt);
  put(buffer, "\none\ntw");
  EXPECT_EQ(buffer.take_line(), "");
  EXPECT_EQ(buffer.take_line(), "one");
  EXPECT_EQ(buffer.take_line(), std::nullopt);
  EXPECT_EQ(buffer.pending(), "tw");
  put(buffer, "o\n");
  EXPECT_EQ(buffer.take_line(), "two");
  EXPECT_EQ(buffer.pending(), "");
}

// However the bytes arrive, the lines are the same.
RC_GTEST_PROP(LineBuffer, PiecesDoNotMatter, ()) {
  const auto lines = *rc::gen::container<std::vector<std::string>>(
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(0, 600'000)),
                   [](const std::pair<int, int>& kind) {
                     const int length = kind.first == 0 ? kind.second : kind.second % 7;
                     return std::string(static_cast<std::size_t>(length), 'x');
                   }));
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  LineBuffer buffer;
  std::vector<std::string> taken;
  for (std::size_t at = 0; at < all.size();) {
    const auto piece = static_cast<std::size_t>(*rc::gen::inRange(1, 500'000));
    put(buffer, std::string_view(all).substr(at, piece));
    at += piece;
    while (const auto line = buffer.take_line()) taken.emplace_back(*line);
  }
  RC_ASSERT(taken == lines);
  RC_ASSERT(buffer.pending().empty());
}

}  // namespace
}  // namespace gridproof
