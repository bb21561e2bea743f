#include "reports/files/tensor_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "reports/files/example_zip.h"

namespace gridproof::reports::files {
namespace {

namespace fs = std::filesystem;

const std::string array = std::string("\x93NUMPY\x01\x00\x3b\x00", 10) +
                          "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }" +
                          "\x05\x06";

// An archive without members, which libzip does not write.
const Bytes no_members = bytes_of("PK\x05\x06" + std::string(18, '\0'));

std::string error_of_bytes(const std::string& text) {
  return error_of([&] { read_tensors(bytes_of(text)); });
}

TEST(TensorFile, TheFirstBytesSayWhatItIs) {
  const auto count = [](const Bytes& bytes) { return read_tensors(bytes).size(); };
  EXPECT_EQ(count(bytes_of(array)), 1U);
  EXPECT_EQ(count(zip_of({{"a.npy", array}, {"b.npy", array}})), 2U);
  EXPECT_EQ(count(no_members), 0U);
  EXPECT_EQ(count(bytes_of("P5 1 1 255 x")), 1U);
  EXPECT_EQ(count(bytes_of("PIEH" + packed(1, 1, 1.F, 1.F))), 1U);
  EXPECT_EQ(count(bytes_of(packed(std::uint64_t{2}) + "{}")), 0U);
}

TEST(TensorFile, RejectsOtherFiles) {
  const std::string unknown =
      "it is of an unknown format: expected .npy, .npz, .pt, .safetensors, PNG, JPEG, PNM, PFM, "
      ".flo, .nii or .nii.gz";
  EXPECT_EQ(error_of_bytes(""), "it is empty");
  EXPECT_EQ(error_of_bytes("x"), unknown);
  EXPECT_EQ(error_of_bytes("grid_sample input=f32[1,1,1,1]{1}"), unknown);
  EXPECT_EQ(error_of_bytes("\x93NUMPY"), "the .npy file cannot be read: it ends too early");
  EXPECT_EQ(error_of_bytes("\x89PNG\r\n\x1a\n"), "the PNG is damaged: it ends too early");
}

class TensorArgument : public testing::Test {
 protected:
  TensorArgument() {
    std::string name = (fs::temp_directory_path() / "gridproof-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~TensorArgument() override { fs::remove_all(folder_); }
  TensorArgument(const TensorArgument&) = delete;
  TensorArgument& operator=(const TensorArgument&) = delete;

  // The path of a new file with these contents.
  std::string put(const std::string& name, const Bytes& bytes) {
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return (folder_ / name).string();
  }
  static std::string error_of_argument(const std::string& argument) {
    return error_of([&] { read_tensor_argument(argument); });
  }

  fs::path folder_;
};

TEST_F(TensorArgument, IsAFileOfOneTensor) {
  EXPECT_EQ(read_tensor_argument(put("x", bytes_of(array))).tensor.shape(), (Shape{2, 1}));
  EXPECT_EQ(read_tensor_argument(put("a:b", bytes_of(array))).name, "");
  EXPECT_EQ(read_tensor_argument(put("y", zip_of({{"only.npy", array}}))).name, "only");
}

TEST_F(TensorArgument, IsOneOfManyByItsName) {
  const std::string file = put("a:b", zip_of({{"input.npy", array}, {"x:y.npy", array}}));
  EXPECT_EQ(read_tensor_argument(file + ":x:y").name, "x:y");
  EXPECT_EQ(error_of_argument(file),
            "it holds 2 tensors: choose one with FILE:NAME, out of 'input', 'x:y'");
  EXPECT_EQ(error_of_argument(file + ":grid"), "it holds no tensor 'grid': it has 'input', 'x:y'");
  EXPECT_EQ(error_of_argument(file + ":"), "it holds no tensor '': it has 'input', 'x:y'");
  EXPECT_EQ(error_of_argument(put("one", bytes_of(array)) + ":grid"),
            "it holds no tensor 'grid': its tensors have no names");
  EXPECT_EQ(error_of_argument(put("none", no_members)), "it holds no tensor");
}

TEST_F(TensorArgument, IsARawFileOfAShape) {
  const std::string file = put("r", bytes_of(packed(1.F, 2.F)));
  EXPECT_EQ(read_tensor_argument("raw:f32[2]:" + file).tensor.values(),
            (std::vector<double>{1, 2}));
  EXPECT_EQ(error_of_argument("raw:f32[3]:" + file), "it has 8 bytes, but f32[3] needs 12");
}

TEST_F(TensorArgument, IsARegularFile) {
  EXPECT_EQ(error_of_argument("/nowhere/at:all"), "cannot read it: No such file or directory");
  EXPECT_EQ(error_of_argument(folder_.string()), "it is not a regular file");
  EXPECT_EQ(error_of_argument("/dev/zero"), "it is not a regular file");
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of_argument(pipe), "it is not a regular file");  // and nobody waits for a writer
  const std::string large = put("large", {});
  fs::resize_file(large, (std::uintmax_t{4} << 30U) + 1);
  EXPECT_EQ(error_of_argument(large), "it has 4294967297 bytes: expected at most 4 GiB");
}

}  // namespace
}  // namespace gridproof::reports::files
