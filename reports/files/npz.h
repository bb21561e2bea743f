// .npz, an archive of .npy as numpy.savez and savez_compressed write it. Tested by npz_test.cc.
#pragma once

#include <vector>

#include "reports/files/archive.h"
#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

// In the order of the archive, called as its members without ".npy". Throws FileError, also where a
// member is no .npy.
std::vector<FileTensor> read_npz(const Archive& archive);

}  // namespace gridproof::reports::files
