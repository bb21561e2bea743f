#include "reports/files/npz.h"

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "reference/contract/limits.h"
#include "reference/encoding/npy.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {

std::vector<FileTensor> read_npz(const Archive& archive) {
  constexpr std::string_view ending = ".npy";
  std::vector<FileTensor> tensors;
  std::int64_t elements = 0;  // of all
  for (std::size_t i = 0; i < archive.names().size(); ++i) {
    const std::string& name = archive.names()[i];
    try {
      if (!name.ends_with(ending)) throw NpyError("its name does not end with .npy");
      tensors.push_back({.name = name.substr(0, name.size() - ending.size()),
                         .tensor = read_npy_tensor(archive.read(i))});
      elements += tensors.back().tensor.element_count();
      if (elements > max_elements()) throw FileError("it holds " + more_than_most_elements());
    } catch (const NpyError& error) {
      throw FileError(fmt::format("the member {} of the zip archive is not an array: {}",
                                  in_quotes(name), printable(error.what())));
    }
  }
  return tensors;
}

}  // namespace gridproof::reports::files
