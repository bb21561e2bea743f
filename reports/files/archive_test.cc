#include "reports/files/archive.h"

#include <gtest/gtest.h>

#include "reports/files/byte_reader.h"
#include "reports/files/example_zip.h"

namespace gridproof::reports::files {
namespace {

std::string error_of_archive(const Bytes& bytes) {
  return error_of([&] {
    const Archive archive(bytes);
    for (std::size_t i = 0; i < archive.names().size(); ++i) (void)archive.read(i);
  });
}

TEST(Archive, StoredAndDeflatedMembers) {
  const std::string large(100'000, 'x');
  for (const int method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const Bytes bytes = zip_of({{"a/b", large}, {"c", ""}}, method);
    ASSERT_TRUE(Archive::is_archive(bytes));
    const Archive archive(bytes);
    EXPECT_EQ(archive.names(), (std::vector<std::string>{"a/b", "c"}));
    EXPECT_EQ(archive.find("c"), 1U);
    EXPECT_EQ(archive.find("d"), std::nullopt);
    EXPECT_EQ(text_of(archive.read(0)), large);
    EXPECT_TRUE(archive.read(1).empty());
  }
}

TEST(Archive, RejectsOtherFiles) {
  EXPECT_EQ(error_of_archive(bytes_of("PK\x03\x04 and so on")),
            "the zip archive is damaged: Not a zip archive");
  Bytes bytes = zip_of({{"a", "hello"}});
  overwrite(bytes, local_header, 30 + 1, 'j');
  EXPECT_EQ(error_of_archive(bytes), "the member 'a' of the zip archive is damaged: CRC error");
}

TEST(Archive, OnlyPlainMembers) {
  EXPECT_EQ(error_of_archive(zip_of({{"a", "x"}}, ZIP_CM_STORE, ZIP_EM_TRAD_PKWARE)),
            "the member 'a' of the zip archive is encrypted");
  EXPECT_EQ(
      error_of_archive(zip_of({{"a", std::string(1000, 'x')}}, ZIP_CM_BZIP2)),
      "the member 'a' of the zip archive uses compression method 12: expected stored or deflated");
  Bytes bytes = zip_of({{"a", "x"}, {"b", "x"}});
  overwrite(bytes, "b", 0, 'a');
  EXPECT_EQ(error_of_archive(bytes), "the member 'a' of the zip archive appears twice");
  Members members;
  for (int i = 0; i < 10'001; ++i) members.emplace_back(std::to_string(i), "");
  EXPECT_EQ(error_of_archive(zip_of(members)),
            "the zip archive has 10001 members: expected at most 10000");
}

TEST(Archive, DeclaredSizesAreChecked) {
  const std::string zeros(1'000'000, '\0');
  const Bytes bomb = zip_of({{"a", zeros}}, ZIP_CM_DEFLATE);
  const auto unpacked = [&](std::uint32_t size) {
    Bytes bytes = bomb;
    overwrite(bytes, local_header, 22, size);
    overwrite(bytes, directory_entry, 24, size);
    return error_of_archive(bytes);
  };
  EXPECT_EQ(unpacked(1'000'000), "none");
  EXPECT_EQ(unpacked(999'999),  // more comes out than was said: no more is unpacked
            "the member 'a' of the zip archive does not have the 999999 bytes that it claims");
  EXPECT_EQ(unpacked(1'000'001),
            "the member 'a' of the zip archive does not have the 1000001 bytes that it claims");
  EXPECT_TRUE(unpacked(0xfffffffe)
                  .starts_with("the member 'a' of the zip archive claims to unpack to 4294967294 "
                               "bytes, which its "));
}

TEST(Archive, MembersDoNotShareBytes) {
  const std::string text(100'000, 'x');
  Bytes bytes = zip_of({{"a", text}, {"b", text}});
  overwrite(bytes, directory_entry, 42, 0U);  // both begin where the first does
  overwrite(bytes, directory_entry, 20, 150'000U);
  EXPECT_EQ(error_of_archive(bytes),
            "the zip archive is damaged: its members are larger than the file");
}

TEST(Archive, AllMembersTogetherHaveALimit) {
  // Three deflated members that are said to be almost 2 GiB each, and might be by their own sizes.
  const std::string noise = [] {
    std::string text;
    for (std::uint32_t i = 0; text.size() < 2'500'000; ++i) text += packed(i * 2654435761U);
    return text;
  }();
  Bytes bytes = zip_of({{"a", noise}, {"b", noise}, {"c", noise}}, ZIP_CM_DEFLATE);
  overwrite(bytes, local_header, 22, 0x7fffffffU);
  overwrite(bytes, directory_entry, 24, 0x7fffffffU);
  EXPECT_EQ(error_of([&] { const Archive archive(bytes); }),
            "the members of the zip archive hold more than 67108864 elements (--max-elements "
            "raises that)");
}

}  // namespace
}  // namespace gridproof::reports::files
