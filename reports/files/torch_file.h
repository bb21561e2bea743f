// .pt and .pth, archives as torch.save writes them from version 1.6 on. Tested by
// torch_file_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/files/archive.h"
#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

// Whether the archive has what torch.save writes, a member data.pkl.
bool is_torch_file(const Archive& archive);
// The tensors of a tensor, or of lists, tuples and dictionaries, which give the parts of their
// names: "state.grid", "outputs.1". Numbers, texts and the like beside them are left out. Strides,
// offsets and shared storage are as they were saved. Throws FileError.
std::vector<FileTensor> read_torch_file(const Archive& archive);

// The same of a data.pkl alone, with a function that gives the bytes of a storage by its key.
using ReadStorage = std::function<std::vector<std::byte>(const std::string& key)>;
std::vector<FileTensor> read_torch_pickle(std::span<const std::byte> bytes,
                                          const ReadStorage& read_storage);

// A pickle without an archive, as torch.save wrote them before version 1.6, is always refused.
bool is_bare_pickle(std::span<const std::byte> file);
[[noreturn]] void refuse_bare_pickle(std::span<const std::byte> file);

}  // namespace gridproof::reports::files
