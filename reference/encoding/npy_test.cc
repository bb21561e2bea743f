#include "reference/encoding/npy.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <random>

namespace gridproof {
namespace {

constexpr std::size_t most = std::size_t{1} << 30U;

void put(MemoryFile& file, const std::string& bytes) {
  file.clear();
  ASSERT_EQ(pwrite(file.descriptor(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
}
std::string get(MemoryFile& file) {
  std::string bytes(static_cast<std::size_t>(lseek(file.descriptor(), 0, SEEK_END)), '\0');
  EXPECT_EQ(pread(file.descriptor(), bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  return bytes;
}
std::string error_of(MemoryFile& file, Dtype dtype = Dtype::f32) {
  try {
    read_npy(file.descriptor(), dtype, allocate_plainly, most);
  } catch (const NpyError& error) {
    return error.what();
  }
  return "none";
}
std::string with_header(const std::string& header, const std::string& data) {
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

TEST(Npy, EveryDtypeThereAndBack) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16, Dtype::f32, Dtype::f64, Dtype::i32}) {
    const Tensor tensor(dtype, {2, 3}, std::vector<double>{1, -2, 3, 4, 5, 6});
    MemoryFile file;
    for (int time = 0; time < 2; ++time) {
      ASSERT_TRUE(write_npy(file.descriptor(), tensor));
      const NpyStorage read = read_npy(file.descriptor(), dtype, allocate_plainly, most);
      ASSERT_EQ(read.size, 6);
      EXPECT_EQ(std::memcmp(read.storage.get(), tensor.storage(), 6 * size_of(dtype)), 0);
    }
  }
}

TEST(Npy, AnArrayIsATensorOfItsShape) {
  MemoryFile file;
  const auto read = [&] { return read_npy_tensor(file.descriptor(), most); };
  put(file, with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
                        "\x01\x02\x03\x04\x05\xff"));
  EXPECT_TRUE(
      read().same_values(Tensor(Dtype::f32, {2, 3}, std::vector<double>{1, 2, 3, 4, 5, 255})));
  put(file, with_header("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }",
                        "\x01\x04\x02\x05\x03\xff"));
  EXPECT_TRUE(
      read().same_values(Tensor(Dtype::f32, {2, 3}, std::vector<double>{1, 2, 3, 4, 5, -1})));
  put(file, with_header("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }",
                        std::string("\x00\x3c", 2)));
  EXPECT_TRUE(read().same_values(Tensor(Dtype::f16, {1}, std::vector<double>{1})));
  put(file, with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }",
                        std::string("\x00\x00\x80\x3f", 4)));
  EXPECT_EQ(read().values(), std::vector<double>{1});
  for (const auto& [header, why] :
       {std::pair("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }",
                  "its elements are '>f4': expected numbers in little-endian order, such as '<f4'"),
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
         "its elements are '|O': expected numbers in little-endian order, such as '<f4'"},
        {"{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1,), }",
         "its elements are records, [('x', '<f4'), ('y', '<f4')]: expected numbers, such as '<f4'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }",
         "it has more than 67108864 elements (--max-elements raises that)"}}) {
    put(file, with_header(header, "1234"));
    try {
      read();
      ADD_FAILURE() << header;
    } catch (const NpyError& error) {
      EXPECT_STREQ(error.what(), why);
    }
  }
}

// Whatever the layout; scalars too.
TEST(Npy, OfATensorHasItsShape) {
  const Tensor dense(Dtype::f64, {2, 3}, std::vector<double>{1, -2, 3, 4, 5, 6});
  for (const Tensor& tensor : {dense, dense.permuted(std::array{1, 0}), dense.slice(0, 1, 2),
                               Tensor(Dtype::f16, {}), Tensor(Dtype::f32, {0, 4})}) {
    MemoryFile file;
    put(file, npy_of(tensor));
    const Tensor read = read_npy_tensor(file.descriptor(), most);
    EXPECT_TRUE(read.same_values(tensor)) << to_string(tensor.shape());
  }
}

TEST(Npy, AFileInMemoryIsTheSame) {
  const std::string file = with_header("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2), }",
                                       std::string("\x01\x00\x03\x00\x02\x00\xff\xff", 8));
  const auto bytes = std::as_bytes(std::span(file));
  EXPECT_TRUE(read_npy_tensor(bytes).same_values(
      Tensor(Dtype::f32, {2, 2}, std::vector<double>{1, 2, 3, -1})));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(read_npy_tensor(bytes.first(size)), NpyError);
  }
}

TEST(Npy, NumPyReadsAndWritesIt) {
  const Tensor tensor(Dtype::f32, {2, 2}, std::vector<double>{1, 2, 3, 4});
  MemoryFile file;
  ASSERT_TRUE(write_npy(file.descriptor(), tensor));
  ASSERT_EQ(fcntl(file.descriptor(), F_SETFD, 0), 0);  // inherited
  const std::string script =
      "import numpy as np\n"
      "a = np.load('" +
      file.path() +
      "', mmap_mode='r')\n"
      "assert a.dtype == np.float32 and list(a) == [1, 2, 3, 4], a\n"
      "b = np.asarray(a).reshape(2, 2) * 2\n"
      "np.save(open('" +
      file.path() + "', 'wb'), b)\n";
  ASSERT_EQ(std::system(("/usr/bin/python3 -c \"" + script + "\"").c_str()), 0);
  const NpyStorage read = read_npy(file.descriptor(), Dtype::f32, allocate_plainly, most);
  ASSERT_EQ(read.size, 4);
  EXPECT_EQ(reinterpret_cast<const float*>(read.storage.get())[3], 8);
}

TEST(Npy, RejectsOtherFiles) {
  MemoryFile file;
  const std::string data(16, '\0');
  const auto check = [&](const std::string& bytes) {
    put(file, bytes);
    return error_of(file);
  };
  EXPECT_EQ(check(""), "it ends too early");
  EXPECT_EQ(check("hello, this is some text"), "it is not a .npy file");
  EXPECT_EQ(check(std::string("\x93NUMPY\x09\x00\x00\x00\x00\x00", 12)),
            "its .npy format is unsupported (expected 1 to 3)");
  EXPECT_EQ(check(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12)), "its header is too long");
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
  EXPECT_EQ(check(with_header(good, data)), "none");
  EXPECT_EQ(check(with_header(good, data.substr(1))), "it ends too early");
  EXPECT_EQ(error_of(file, Dtype::f64), "its elements are '<f4': expected '<f8'");
  EXPECT_EQ(check(with_header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", data)),
            "it is not in row-major order");
  EXPECT_EQ(check(with_header("{'descr': '<f4', 'shape': (2, 2), }", data)),
            "its header has no field 'fortran_order'");
  for (const std::string shape : {"(2, -2)", "(2, x)", "(9999999999, 9999999999)", "4", "(2 2)",
                                  "(0, 1099511627776, 1099511627776)"}) {
    EXPECT_NE(check(with_header(
                  "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", data)),
              "none")
        << shape;
  }
  EXPECT_EQ(check(with_header(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,), }", data)),
            "it ends too early");
}

// No bytes whatever do more than to be refused.
TEST(Npy, SurvivesAnyBytes) {
  std::mt19937 random(1);
  MemoryFile file;
  ASSERT_TRUE(write_npy(file.descriptor(), Tensor(Dtype::f32, {5})));
  const std::string good = get(file);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(0, random() % 4 == 0 ? random() % good.size() : good.size());
    for (std::uint32_t change = random() % 4; change > 0 && !bytes.empty(); --change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    put(file, bytes);
    error_of(file);
  }
}

}  // namespace
}  // namespace gridproof
