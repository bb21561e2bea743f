#include "optimized/bench/folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace gridproof::bench {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = fs::temp_directory_path() / "gridproof-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write(const fs::path& path, const Tensor& tensor, std::string_view header) {
  const Tensor dense = tensor.is_contiguous() ? tensor : tensor.contiguous();
  const auto size = static_cast<std::int64_t>(size_of(dense.dtype()));
  std::ofstream file(path, std::ios::binary);
  file << header;
  file.write(reinterpret_cast<const char*>(dense.storage() + dense.offset() * size),
             dense.element_count() * size);
  if (!file.flush()) throw std::runtime_error(path.string() + " cannot be written");
}

void write_npy(const fs::path& path, const Tensor& tensor) {
  std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},)}}",
                                 fmt::join(tensor.shape(), ", "));
  constexpr std::size_t head = 10;  // the magic number, the version and the length of the text
  text.resize((text.size() + head) / 64 * 64 + 63 - head, ' ');
  text += '\n';
  const auto length = static_cast<char>(text.size());
  write(path, tensor, std::string("\x93NUMPY\x01\x00", 8) + length + '\0' + text);
}

}  // namespace gridproof::bench
