#include "reports/files/safetensors.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {
namespace {

std::vector<FileTensor> read(const std::string& header, const std::string& data) {
  const Bytes bytes = bytes_of(packed(std::uint64_t{header.size()}) + header + data);
  EXPECT_TRUE(is_safetensors(bytes));
  return read_safetensors(bytes);
}
std::string error_of_header(const std::string& header, const std::string& data = "") {
  return error_of([&] { read(header, data); });
}

TEST(Safetensors, TensorsStandInTheOrderOfTheirData) {
  const auto tensors = read(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[2,1],"data_offsets":[4,6]},)"
      R"("b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  )",
      packed(1.5F) + "\x03\x04");
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors[0].name, "b");
  EXPECT_TRUE(tensors[0].tensor.same_values(Tensor(Dtype::f32, {}, std::vector<double>{1.5})));
  EXPECT_EQ(tensors[1].name, "a");
  EXPECT_TRUE(tensors[1].tensor.same_values(Tensor(Dtype::f32, {2, 1}, std::vector<double>{3, 4})));
  EXPECT_TRUE(read("{}", "").empty());
}

TEST(Safetensors, TheLengthOfTheHeaderIsChecked) {
  const auto with_length = [](std::uint64_t length) {
    const Bytes bytes = bytes_of(packed(length) + "{}");
    return error_of([&] { read_safetensors(bytes); });
  };
  EXPECT_EQ(with_length(std::uint64_t{1} << 63U),
            "its header has 9223372036854775808 bytes: expected at most 100000000");
  EXPECT_EQ(with_length(100'000'000),
            "it ends too early: the header at byte 8 needs 100000000 bytes, but 2 are left");
  EXPECT_EQ(with_length(1), "its header is not JSON");
  EXPECT_EQ(with_length(2), "none");
}

TEST(Safetensors, TheHeaderIsChecked) {
  EXPECT_EQ(error_of_header("{"), "its header is not JSON");
  EXPECT_EQ(error_of_header("{\"\xff\":1}"), "its header is not JSON");
  EXPECT_EQ(error_of_header(R"({"a":1})"), "the tensor 'a' is not a JSON object");
  EXPECT_EQ(error_of_header(R"({"a":[[[[1]]]]})"), "its header is nested too deeply");
  EXPECT_EQ(error_of_header("{\"a\":" + std::string(100'000, '[')),
            "its header is nested too deeply");
  EXPECT_EQ(error_of_header(R"({"a":{}})"), "the tensor 'a' has no 'dtype'");
  EXPECT_EQ(error_of_header(R"({"a":{},"a":{}})"), "its header names 'a' twice");
  EXPECT_EQ(error_of_header(R"({"a":{"shape":[],"shape":[]}})"), "its header names 'shape' twice");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"F8_E4M3","shape":[],"data_offsets":[0,1]}})", "x"),
            "the tensor 'a' is of dtype 'F8_E4M3': expected F16, BF16, F32, F64, BOOL, or U or I "
            "with 8, 16, 32 or 64");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", "x"),
            "the tensor 'a' has no list 'shape'");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", "x"),
            "the tensor 'a' has an entry in 'shape' that is not a size");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}})", "x"),
            "the tensor 'a' has an entry in 'shape' that is not a size");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}})", "x"),
            "the tensor 'a' has 'data_offsets' that are not a begin and an end");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", "x"),
            "the tensor 'a' has 'data_offsets' that are not a begin and an end");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],)"
                            R"("data_offsets":[0,1]}})",
                            "x"),
            "the tensor 'a' has an invalid shape, [1,1,1,1,1,1,1,1,1]");
}

TEST(Safetensors, ManyTensorsTakeNoTime) {
  std::string header = "{";
  for (int i = 0; i < 40'000; ++i) {
    header += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[],"data_offsets":[{},{}]}})",
                          i == 0 ? "" : ",", i, i, i + 1);
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(read(header + '}', std::string(40'000, 'x')).size(), 40'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Safetensors, TensorsNeitherOverlapNorLeaveHoles) {
  const auto two = [](const std::string& first, const std::string& second) {
    return error_of_header(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":)" + first +
                               R"(},"b":{"dtype":"U8","shape":[1],"data_offsets":)" + second + "}}",
                           "xy");
  };
  EXPECT_EQ(two("[1,2]", "[0,1]"), "none");
  EXPECT_EQ(
      two("[0,1]", "[0,1]"),
      "the tensor 'b' begins at byte 0 of the data: expected 1, where the previous tensor ends");
  EXPECT_EQ(
      two("[0,1]", "[2,3]"),
      "the tensor 'b' begins at byte 2 of the data: expected 1, where the previous tensor ends");
  EXPECT_EQ(two("[0,2]", "[2,3]"),
            "the tensor 'a' has 2 bytes, which does not match its shape [1]");
  const std::string one = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_EQ(error_of_header(one), "its tensors need 1 bytes, but 0 follow its header");
  EXPECT_EQ(error_of_header(one, "xy"), "its tensors need 1 bytes, but 2 follow its header");
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"F64","shape":[1099511627775,1099511627775,4],)"
                            R"("data_offsets":[0,1]}})",
                            "x"),
            "the tensor 'a' has an invalid shape, [1099511627775,1099511627775,4]");
}

}  // namespace
}  // namespace gridproof::reports::files
