#include "reports/files/tensor_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "reference/contract/limits.h"
#include "reference/encoding/descriptor.h"
#include "reference/encoding/npy.h"
#include "reports/files/archive.h"
#include "reports/files/byte_reader.h"
#include "reports/files/flow.h"
#include "reports/files/gzip.h"
#include "reports/files/jpeg.h"
#include "reports/files/netpbm.h"
#include "reports/files/nifti.h"
#include "reports/files/npz.h"
#include "reports/files/png.h"
#include "reports/files/raw.h"
#include "reports/files/safetensors.h"
#include "reports/files/torch_file.h"
#include "reports/text/quoting.h"

namespace gridproof::reports::files {
namespace {

// A file with the largest tensor that may be read, whatever else it has, and at least 4 GiB.
std::size_t max_bytes() {
  return std::max(std::size_t{4} << 30U, 9 * static_cast<std::size_t>(max_elements()));
}

[[noreturn]] void reject(int error) {
  throw FileError("cannot read it: " + std::string(std::strerror(error)));
}

// A whole file in memory. A copy, as one that is mapped may be cut by others while it is read.
struct Contents {
  std::unique_ptr<std::byte[]> memory;
  std::size_t size = 0;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {memory.get(), size}; }
};

Contents contents_of(const std::string& path) {
  // A pipe is opened without waiting for its writer, and then refused.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) reject(errno);
  if (!S_ISREG(status.st_mode)) throw FileError("it is not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes()) {
    throw FileError(
        fmt::format("it has {} bytes: expected at most {} GiB", size, max_bytes() >> 30U));
  }
  Contents contents{std::make_unique_for_overwrite<std::byte[]>(size), 0};
  while (contents.size < size) {
    const auto count =
        read(file.get(), contents.memory.get() + contents.size, size - contents.size);
    if (count < 0 && errno != EINTR) reject(errno);
    if (count == 0) break;
    contents.size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  return contents;
}

std::vector<FileTensor> only(FileTensor tensor) {
  std::vector<FileTensor> tensors;
  tensors.push_back(std::move(tensor));
  return tensors;
}

std::vector<FileTensor> read_npy_file(std::span<const std::byte> file) {
  try {
    return only({.tensor = read_npy_tensor(file)});
  } catch (const NpyError& error) {
    throw FileError("the .npy file cannot be read: " + printable(error.what()));
  }
}

std::vector<FileTensor> read_archive(std::span<const std::byte> file) {
  const Archive archive(file);
  return is_torch_file(archive) ? read_torch_file(archive) : read_npz(archive);
}

std::vector<FileTensor> read_known(std::span<const std::byte> file) {
  if (file.empty()) throw FileError("it is empty");
  if (text_of(file).starts_with("\x93NUMPY")) return read_npy_file(file);
  if (Archive::is_archive(file)) return read_archive(file);
  if (is_bare_pickle(file)) refuse_bare_pickle(file);
  if (is_png(file)) return only(read_png(file));
  if (is_jpeg(file)) return only(read_jpeg(file));
  if (is_flo(file)) return only(read_flo(file));
  if (is_netpbm(file)) return only(read_netpbm(file));
  if (is_nifti(file)) return only(read_nifti(file));  // its beginning suits a .safetensors as well
  if (is_gzip(file)) return only(read_gzip(file));
  if (is_safetensors(file)) return read_safetensors(file);
  throw FileError(
      "it is of an unknown format: expected .npy, .npz, .pt, .safetensors, PNG, JPEG, PNM, PFM, "
      ".flo, .nii or .nii.gz");
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::vector<std::string> names_of(const std::vector<FileTensor>& tensors) {
  std::vector<std::string> names;
  for (const FileTensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

FileTensor only_tensor(std::vector<FileTensor> tensors) {
  if (tensors.empty()) throw FileError("it holds no tensor");
  if (tensors.size() > 1) {
    throw FileError(fmt::format("it holds {} tensors: choose one with FILE:NAME, out of {}",
                                tensors.size(), listed(names_of(tensors))));
  }
  return std::move(tensors.front());
}

FileTensor named_tensor(std::vector<FileTensor> tensors, const std::string& name) {
  const auto found = std::ranges::find(tensors, name, &FileTensor::name);
  if (found != tensors.end() && !name.empty()) return std::move(*found);
  const bool has_names = !tensors.empty() && !tensors.front().name.empty();
  throw FileError(
      fmt::format("it holds no tensor {}: {}", in_quotes(name),
                  has_names ? "it has " + listed(names_of(tensors)) : "its tensors have no names"));
}

FileTensor tensor_of_argument(const std::string& argument) {
  if (is_raw_argument(argument)) {
    const RawArgument raw = parse_raw_argument(argument);
    return {.tensor = read_raw(contents_of(raw.path).bytes(), raw.kind, raw.shape)};
  }
  if (is_file(argument)) return only_tensor(read_tensor_file(argument));
  for (std::size_t colon = argument.find(':'); colon != std::string::npos;
       colon = argument.find(':', colon + 1)) {
    const std::string path = argument.substr(0, colon);
    if (is_file(path)) return named_tensor(read_tensor_file(path), argument.substr(colon + 1));
  }
  reject(ENOENT);
}

// What `read` returns; whatever it throws becomes a FileError.
template <class Read>
auto with_file_errors(Read&& read) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    throw FileError("there is not enough memory for its contents");
  } catch (const std::invalid_argument& error) {  // a layout that no tensor has
    throw FileError("it holds an invalid tensor: " + printable(error.what()));
  }
}

}  // namespace

std::vector<FileTensor> read_tensors(std::span<const std::byte> file) {
  return with_file_errors([&] { return read_known(file); });
}

std::vector<FileTensor> read_tensor_file(const std::string& path) {
  return with_file_errors([&] { return read_known(contents_of(path).bytes()); });
}

FileTensor read_tensor_argument(const std::string& argument) {
  return with_file_errors([&] { return tensor_of_argument(argument); });
}

}  // namespace gridproof::reports::files
