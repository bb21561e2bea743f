// Files in which people hold tensors: what they are is found by their first bytes, never by their
// names. Tested by tensor_file_test.cc and corpus_test.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

// All tensors of a .npy, .npz, .pt (torch.save), .safetensors, PNG, JPEG, PNM, PFM, .flo, .nii or
// .nii.gz. Nothing in a file is executed, and what it declares is checked before memory is taken
// for it. Throws FileError and nothing else.
std::vector<FileTensor> read_tensors(std::span<const std::byte> file);

// The tensors of the file of that path: a regular file of at most 4 GiB. Throws FileError.
std::vector<FileTensor> read_tensor_file(const std::string& path);

// The one tensor that an argument means: FILE, where that holds one, FILE:NAME, or
// raw:f32[1,1,4,4]:FILE (raw.h). A colon in the name of a file that exists is part of it. Throws
// FileError.
FileTensor read_tensor_argument(const std::string& argument);

}  // namespace gridproof::reports::files
