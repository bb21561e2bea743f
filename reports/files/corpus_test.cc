// The files of corpus/, which other people's programs wrote, and what becomes of them when they are
// damaged.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "reports/files/example_bytes.h"
#include "reports/files/tensor_file.h"
#include "reports/files/torch_file.h"

namespace gridproof::reports::files {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(GRIDPROOF_SOURCE_DIR) / "reports/files/corpus";

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files(const std::string& kind) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder / kind)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

// In the notation of expected.txt, which make.py writes: file|name|dtype|shape|values.
std::string line_of(const std::string& file, const FileTensor& tensor) {
  std::string shape = to_string(tensor.tensor.shape());
  std::string values;
  for (const double value : tensor.tensor.values()) {
    values += (values.empty() ? "" : " ") + fmt::format("{:g}", value);
  }
  return fmt::format("{}|{}|{}|{}|{}", file, tensor.name, name(tensor.tensor.dtype()),
                     shape.substr(1, shape.size() - 2), values);
}

std::string sorted_lines(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// expected.txt is what the makers of the files know, refused.txt was written by hand.
TEST(Corpus, TheTensorsAreThoseThatWereWritten) {
  std::vector<std::string> lines;
  std::vector<std::string> refusals;
  for (const fs::path& path : files("tensor_file")) {
    try {
      for (const FileTensor& tensor : read_tensor_file(path.string())) {
        lines.push_back(line_of(path.filename().string(), tensor));
      }
    } catch (const FileError& error) {
      refusals.push_back(fmt::format("{}: {}", path.filename().string(), error.what()));
    }
  }
  EXPECT_EQ(sorted_lines(lines), contents_of(folder / "expected.txt"));
  EXPECT_EQ(sorted_lines(refusals), contents_of(folder / "refused.txt"));
}

// Whether the bytes are refused; another exception would end the test.
using IsRefused = bool (*)(const Bytes& bytes);
bool is_refused_file(const Bytes& bytes) {
  return error_of([&] { read_tensors(bytes); }) != "none";
}
bool is_refused_pickle(const Bytes& bytes) {
  const auto read_storage = [](const std::string&) { return Bytes(24); };
  return error_of([&] { read_torch_pickle(bytes, read_storage); }) != "none";
}

// How many of all beginnings of a file are refused.
std::size_t refused_truncations(const Bytes& whole, IsRefused is_refused) {
  std::size_t refusals = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // In memory of its own, so that the address sanitizer sees what is read beyond it.
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    refusals += is_refused(part) ? 1 : 0;
  }
  return refusals;
}

void corrupt_each_byte(Bytes bytes, IsRefused is_refused) {
  for (std::byte& byte : bytes) {
    const std::byte right = byte;
    for (const std::byte wrong : {right ^ std::byte{0x01}, right ^ std::byte{0x80}, ~right,
                                  std::byte{0x00}, std::byte{0x7f}}) {
      byte = wrong;
      is_refused(bytes);
    }
    byte = right;
  }
}

TEST(Corpus, TruncatedFilesAreRefused) {
  for (const fs::path& path : files("tensor_file")) {
    const Bytes whole = bytes_of(contents_of(path));
    const std::size_t refused = refused_truncations(whole, is_refused_file);
    // The plain formats of Netpbm may end with a line end, or within their last number.
    EXPECT_GE(refused + (path.extension() == ".pbm" || path.extension() == ".ppm" ||
                                 path.extension() == ".pgm"
                             ? 5
                             : 0),
              whole.size())
        << path;
  }
}

TEST(Corpus, TruncatedPicklesAreRefused) {
  for (const fs::path& path : files("pickle")) {
    const Bytes whole = bytes_of(contents_of(path));
    EXPECT_EQ(refused_truncations(whole, is_refused_pickle), whole.size()) << path;
  }
}

TEST(Corpus, NoWrongByteOfAFileDoesHarm) {
  for (const fs::path& path : files("tensor_file")) {
    corrupt_each_byte(bytes_of(contents_of(path)), is_refused_file);
  }
}

TEST(Corpus, NoWrongByteOfAPickleDoesHarm) {
  for (const fs::path& path : files("pickle")) {
    corrupt_each_byte(bytes_of(contents_of(path)), is_refused_pickle);
  }
}

}  // namespace
}  // namespace gridproof::reports::files
