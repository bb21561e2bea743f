#include "reports/files/torch_file.h"

#include <gtest/gtest.h>

#include "reports/files/example_zip.h"
#include "reports/files/tensor_file.h"

namespace gridproof::reports::files {
namespace {

std::string text(const std::string& text) {
  return "\x8c" + std::string(1, static_cast<char>(text.size())) + text;
}
std::string number(int value) { return "J" + packed(value); }
std::string tuple(const std::vector<int>& values) {
  std::string items;
  for (const int value : values) items += number(value);
  return "(" + items + "t";
}
std::string storage(const std::string& key, int size,
                    const std::string& type = "torch\nFloatStorage") {
  return "(" + text("storage") + "c" + type + "\n" + text(key) + text("cpu") + number(size) + "tQ";
}
// The pickle of a tensor, without its end.
std::string tensor(const std::string& storage, int offset, const std::vector<int>& shape,
                   const std::vector<int>& strides, const std::string& more = "") {
  return "ctorch._utils\n_rebuild_tensor_v" + std::string(more.empty() ? "2" : "3") + "\n(" +
         storage + number(offset) + tuple(shape) + tuple(strides) + "\x89}" + more + "tR";
}

std::vector<FileTensor> read(const std::string& pickle, const Members& others) {
  Members members = {{"x/data.pkl", "\x80\x02" + pickle + "."}};
  members.insert(members.end(), others.begin(), others.end());
  return read_tensors(zip_of(members));
}
const Members four_floats = {{"x/byteorder", "little"}, {"x/data/0", packed(1.F, 2.F, 3.F, 4.F)}};
std::string error_of_file(const std::string& pickle, const Members& others = four_floats) {
  return error_of([&] { read(pickle, others); });
}

TEST(TorchFile, ATensorHasNoName) {
  const auto tensors = read(tensor(storage("0", 4), 0, {2, 2}, {1, 2}), four_floats);
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "");
  EXPECT_EQ(tensors[0].tensor.strides(), (Shape{1, 2}));
  EXPECT_EQ(tensors[0].tensor.values(), (std::vector<double>{1, 3, 2, 4}));
}

TEST(TorchFile, NamesAreThoseOfTheContainers) {
  const std::string one = tensor(storage("0", 4), 1, {1}, {1});
  const std::string inner = "](" + one + number(5) + text("words") + one + "e";
  const auto tensors =
      read("}(" + text("a") + inner + number(7) + "}" + text("b") + one + "s" + text("n") + "Nu",
           four_floats);
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors[0].name, "a.0");
  EXPECT_EQ(tensors[1].name, "a.3");
  EXPECT_EQ(tensors[2].name, "7.b");
  EXPECT_EQ(tensors[0].tensor.shared_storage(), tensors[2].tensor.shared_storage());
  EXPECT_TRUE(read("N", {}).empty());
}

TEST(TorchFile, ViewsAreKept) {
  const Tensor repeated = read(tensor(storage("0", 4), 3, {2, 3}, {0, 0}), four_floats)[0].tensor;
  EXPECT_EQ(repeated.values(), std::vector<double>(6, 4));
  EXPECT_EQ(repeated.storage_size(), 4);
  const auto overlapping = read(tensor(storage("0", 4), 0, {3, 2}, {1, 1}), four_floats);
  EXPECT_EQ(overlapping[0].tensor.values(), (std::vector<double>{1, 2, 2, 3, 3, 4}));
  EXPECT_EQ(read(tensor(storage("0", 4), 99, {0, 5}, {7, 7}), four_floats)[0].tensor.shape(),
            (Shape{0, 5}));
}

TEST(TorchFile, WholeNumbersBecomeFloats) {
  const Members numbers = {{"x/data/0", packed(std::int64_t{-1}, std::int64_t{5})}};
  const Tensor longs =
      read(tensor(storage("0", 2, "torch\nLongStorage"), 0, {2}, {1}), numbers)[0].tensor;
  EXPECT_TRUE(longs.same_values(Tensor(Dtype::f64, {2}, std::vector<double>{-1, 5})));
  const std::string untyped = storage("0", 16, "torch.storage\nUntypedStorage");
  const Tensor shorts = read(tensor(untyped, 4, {2}, {1}, "ctorch\nuint16\n"), numbers)[0].tensor;
  EXPECT_TRUE(shorts.same_values(Tensor(Dtype::f32, {2}, std::vector<double>{5, 0})));
}

TEST(TorchFile, AParameterIsATensor) {
  const std::string one = tensor(storage("0", 4), 1, {1}, {1});
  const auto tensors = read("ctorch._utils\n_rebuild_parameter\n(" + one + "\x88}tR", four_floats);
  EXPECT_EQ(tensors[0].tensor.values(), std::vector<double>{2});
}

TEST(TorchFile, NothingIsCalled) {
  EXPECT_EQ(error_of_file("cposix\nsystem\n(" + text("touch /tmp/evil") + "tR"),
            "the global 'posix system' at byte 2 of data.pkl is not allowed: expected tensors, and "
            "lists, tuples and dictionaries of tensors");
  EXPECT_EQ(error_of_file("ctorch\nFloatStorage\n(tR"),
            "torch.save does not call 'torch FloatStorage' this way");
}

TEST(TorchFile, LayoutsAreChecked) {
  const auto error = [](int offset, const std::vector<int>& shape,
                        const std::vector<int>& strides) {
    return error_of_file(tensor(storage("0", 4), offset, shape, strides));
  };
  EXPECT_EQ(error(1, {4}, {1}), "the tensor '': the layout reaches element 4 of a storage of 4");
  EXPECT_EQ(error(-1, {1}, {1}), "the tensor '': the layout reaches element -1 of a storage of 4");
  EXPECT_EQ(error(3, {2}, {-1}), "the tensor '': its stride is negative");
  EXPECT_EQ(error(0, {-1}, {1}), "the tensor '': its size is negative");
  EXPECT_EQ(error(0, {1, 1}, {1}),
            "the tensor '': there must be one stride for each axis of [1,1]");
  EXPECT_EQ(error(0, {1 << 20, 1 << 20}, {0, 0}),
            "the tensor '': its shape [1048576,1048576] has more than 67108864 elements "
            "(--max-elements raises that)");
  EXPECT_EQ(error(0, std::vector<int>(9, 1), std::vector<int>(9, 1)),
            "the tensor '': it has more than 8 axes");
}

TEST(TorchFile, StoragesAreChecked) {
  const auto error = [](const std::string& storage, const std::string& more = "") {
    return error_of_file(tensor(storage, 0, {1}, {1}, more));
  };
  EXPECT_EQ(error(storage("0", 5)),
            "the tensor '': its storage '0' has 16 bytes, but 5 f32 are expected");
  EXPECT_EQ(error(storage("0", -1)),
            "the tensor '': its storage '0' has 16 bytes, but -1 f32 are expected");
  EXPECT_EQ(error(storage("1", 4)), "the tensor '': its storage '1' is not in the file");
  EXPECT_EQ(error(storage("../x", 4)), "the tensor '': its storage '../x' is not in the file");
  EXPECT_EQ(error(storage("0", 4, "torch\nSize")),
            "the tensor '': 'torch Size' is not a storage that it can use");
  EXPECT_EQ(error("N"), "the tensor '': its storage is not where torch.save writes it");
  EXPECT_EQ(error("NQ"), "the tensor '': its storage's type is not where torch.save writes it");
  EXPECT_EQ(error(storage("0", 15, "torch.storage\nUntypedStorage"), "ctorch\nuint16\n"),
            "the tensor '': its storage '0' has 16 bytes, but 15 bytes are expected");
  EXPECT_EQ(error(storage("0", 16, "torch.storage\nUntypedStorage"), "ctorch\nSize\n"),
            "the tensor '': torch.save does not write its dtype");
  const std::string doubles = tensor(storage("0", 2, "torch\nDoubleStorage"), 0, {1}, {1});
  EXPECT_EQ(error_of_file(doubles + tensor(storage("0", 4), 0, {1}, {1}) + "\x86"),
            "the tensor '1': its storage '0' holds both f64 and f32");
}

TEST(TorchFile, SharedObjectsDoNotMultiply) {
  // Thirty lists, each twice in the next, are a thousand million items.
  std::string doubled = std::string("]q\0", 3);
  for (char i = 0; i < 30; ++i) {
    doubled += std::string("](h") + i + "h" + i + "eq" + static_cast<char>(i + 1);
  }
  EXPECT_EQ(error_of_file("(" + doubled + "t"), "it has more than a million objects");
  EXPECT_EQ(error_of_file(std::string("]q\0h\0a", 6)), "it is nested more than 100 deep");
  EXPECT_EQ(error_of_file(")" + std::string(101, '\x85')), "it is nested more than 100 deep");
}

TEST(TorchFile, NamesAreShort) {
  const std::string name(250, 'x');
  std::string nested = tensor(storage("0", 4), 1, {1}, {1});
  for (int i = 0; i < 3; ++i) nested = "}" + text(name) + nested + "s";
  EXPECT_EQ(error_of_file(nested),
            "the name '" + std::string(60, 'x') + "…' has more than 500 bytes");
}

TEST(TorchFile, NamesAreClear) {
  const std::string one = tensor(storage("0", 4), 1, {1}, {1});
  EXPECT_EQ(error_of_file("}(" + text("0") + one + number(0) + one + "u"),
            "two tensors are called '0'");
  EXPECT_EQ(error_of_file("}(N" + one + "u"),
            "the key of a tensor is neither a string nor an integer");
  EXPECT_EQ(error_of_file("}(NNu"), "none");
  EXPECT_EQ(read("}(" + text("?") + one + "u", four_floats)[0].name, "?");
}

TEST(TorchFile, OtherFormatsAreNamed) {
  EXPECT_EQ(error_of_file("N", {{"x/byteorder", "big"}}),
            "its byte order is 'big': expected 'little'");
  EXPECT_EQ(error_of_file("N", {{"x/constants.pkl", ""}}),
            "it is a TorchScript program: expected tensors that torch.save wrote");
  const std::string legacy =
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
  EXPECT_EQ(error_of([&] { read_tensors(bytes_of(legacy)); }),
            "it is in the format that torch.save wrote before version 1.6: save it again with "
            "torch.save(torch.load(FILE), NEW_FILE)");
  EXPECT_EQ(error_of([] { read_tensors(bytes_of("\x80\x04N.")); }),
            "it is a pickle that torch.save did not write: expected torch.save(…)");
}

}  // namespace
}  // namespace gridproof::reports::files
