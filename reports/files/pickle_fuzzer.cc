// The data.pkl of a .pt without the archive around it, which would let through none that is not
// packed anew. Each storage has 24 bytes.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "reports/files/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gridproof::reports::files;
  const auto read_storage = [](const std::string&) { return std::vector<std::byte>(24); };
  try {
    for (const FileTensor& tensor :
         read_torch_pickle(std::as_bytes(std::span(data, size)), read_storage)) {
      if (tensor.tensor.element_count() < 100'000) (void)tensor.tensor.values();
    }
  } catch (const FileError&) {  // anything else ends the program
  }
  return 0;
}
