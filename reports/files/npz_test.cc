#include "reports/files/npz.h"

#include <gtest/gtest.h>

#include "reports/files/example_zip.h"

namespace gridproof::reports::files {
namespace {

const std::string array = std::string("\x93NUMPY\x01\x00\x3b\x00", 10) +
                          "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }" +
                          "\x05\x06";

std::vector<FileTensor> read(const Members& members, int method = ZIP_CM_STORE) {
  const Bytes bytes = zip_of(members, method);
  return read_npz(Archive(bytes));
}

TEST(Npz, ArraysStandInTheOrderOfTheArchive) {
  for (const int method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const auto tensors = read({{"grid.npy", array}, {"arr_0.npy", array}}, method);
    ASSERT_EQ(tensors.size(), 2U);
    EXPECT_EQ(tensors[0].name, "grid");
    EXPECT_EQ(tensors[1].name, "arr_0");
    EXPECT_TRUE(
        tensors[1].tensor.same_values(Tensor(Dtype::f32, {2, 1}, std::vector<double>{5, 6})));
  }
  EXPECT_TRUE(read({}).empty());
}

TEST(Npz, NamesAMemberThatIsNotAnArray) {
  EXPECT_EQ(
      error_of([] { read({{"a.txt", array}}); }),
      "the member 'a.txt' of the zip archive is not an array: its name does not end with .npy");
  EXPECT_EQ(error_of([] { read({{"a.npy", array.substr(0, array.size() - 1)}}); }),
            "the member 'a.npy' of the zip archive is not an array: it ends too early");
}

}  // namespace
}  // namespace gridproof::reports::files
