#include "reports/files/gzip.h"

#include <gtest/gtest.h>

#include "reports/files/example_bytes.h"
#include "reports/files/example_gzip.h"

namespace gridproof::reports::files {
namespace {

TEST(Gzip, IsUnpacked) {
  const std::string text(100'000, 'x');
  const Bytes file = gzip_of(text);
  EXPECT_TRUE(is_gzip(file));
  EXPECT_FALSE(is_gzip(bytes_of("PK\x03\x04")));
  EXPECT_EQ(unpack_gzip(file, text.size()), bytes_of(text));
  EXPECT_EQ(unpack_gzip(gzip_of(""), 0), Bytes());
  EXPECT_EQ(beginning_of_gzip(file, 3), bytes_of("xxx"));
  EXPECT_EQ(beginning_of_gzip(gzip_of("ab"), 3), bytes_of("ab"));
  Bytes two = gzip_of("ab");
  const Bytes second = gzip_of("cd");
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(unpack_gzip(two, 4), bytes_of("abcd"));
  EXPECT_EQ(beginning_of_gzip(bytes_of("\x1f\x8b\x08"), 3), Bytes());
}

TEST(Gzip, HasTheClaimedSize) {
  const auto error = [](const Bytes& file, std::size_t size) {
    return error_of([&] { unpack_gzip(file, size); });
  };
  const Bytes file = gzip_of("abcdef");
  EXPECT_EQ(error(file, 7), "it unpacks to 6 bytes: expected 7");
  EXPECT_EQ(error(file, 5), "it unpacks to more than the 5 bytes that it claims");
  EXPECT_EQ(error(file, std::size_t{1} << 40U),
            "it claims to unpack to 1099511627776 bytes, which its 26 bytes cannot hold");
  Bytes wrong = file;
  wrong[wrong.size() - 8] ^= std::byte{1};  // of the checksum
  EXPECT_EQ(error(wrong, 6), "the gzip data are damaged");
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_EQ(error({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, 6),
              "the gzip data end too early");
  }
}

}  // namespace
}  // namespace gridproof::reports::files
