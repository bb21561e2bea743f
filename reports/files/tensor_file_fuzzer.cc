// Any bytes are tensors or a FileError, and tensors have all the elements that they say.
#include <cstddef>
#include <cstdint>
#include <span>

#include "reports/files/tensor_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gridproof::reports::files::FileTensor;
  try {
    for (const FileTensor& tensor :
         gridproof::reports::files::read_tensors(std::as_bytes(std::span(data, size)))) {
      // An expanded one may have many; all of them are read where that takes no time.
      if (tensor.tensor.element_count() < 100'000) (void)tensor.tensor.values();
    }
  } catch (const gridproof::reports::files::FileError&) {  // anything else ends the program
  }
  return 0;
}
