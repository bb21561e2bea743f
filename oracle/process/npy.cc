#include "oracle/process/npy.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace gridproof {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t prelude = 10;        // of format 1: magic, version, length of the header
constexpr std::size_t most_header = 4096;  // that of an array is 118 bytes or a little more

std::string_view descr_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return "<f2";
    case Dtype::bf16:
      return "<u2";
    case Dtype::f32:
      return "<f4";
    case Dtype::f64:
      return "<f8";
    case Dtype::i32:
      break;
  }
  return "<i4";
}

void read_exactly(int file, std::span<std::byte> bytes, std::size_t from) {
  while (!bytes.empty()) {
    const auto count = pread(file, bytes.data(), bytes.size(), static_cast<off_t>(from));
    if (count == 0) throw NpyError("it ends too early");
    if (count < 0 && errno != EINTR) throw NpyError(std::strerror(errno));
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      from += static_cast<std::size_t>(count);
    }
  }
}

// What stands after 'key': in the header, up to the comma that ends it.
std::string_view field(std::string_view header, std::string_view key) {
  const std::size_t start = header.find("'" + std::string(key) + "':");
  if (start == std::string_view::npos) {
    throw NpyError("its header has no field '" + std::string(key) + "'");
  }
  header.remove_prefix(start + key.size() + 3);
  while (header.starts_with(' ')) header.remove_prefix(1);
  const std::size_t end = header.starts_with('(') ? header.find(')') : header.find_first_of(",}");
  if (end == std::string_view::npos) throw NpyError("its header does not end");
  return header.substr(0, end);
}

// The product of the sizes of a shape, "(2, 3" or "(5,".
std::int64_t count_of(std::string_view shape) {
  constexpr std::int64_t most = std::int64_t{1} << 40U;
  if (!shape.starts_with('(')) throw NpyError("its shape is no tuple");
  shape.remove_prefix(1);
  std::int64_t count = 1;
  while (true) {
    while (shape.starts_with(' ')) shape.remove_prefix(1);
    if (shape.empty()) return count;
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
    if (error != std::errc() || size < 0 || (size > 0 && count > most / size)) {
      throw NpyError("its shape is not one of sizes");
    }
    count *= size;
    shape.remove_prefix(static_cast<std::size_t>(end - shape.data()));
    while (shape.starts_with(' ')) shape.remove_prefix(1);
    if (!shape.empty() && !shape.starts_with(',')) throw NpyError("its shape is not one of sizes");
    if (!shape.empty()) shape.remove_prefix(1);
  }
}

}  // namespace

bool write_npy(int file, const Tensor& tensor) {
  // The data begins at a multiple of 64 bytes.
  std::string header = "{'descr': '" + std::string(descr_of(tensor.dtype())) +
                       "', 'fortran_order': False, 'shape': (" +
                       std::to_string(tensor.storage_size()) + ",), }";
  header.append(63 - (prelude + header.size()) % 64, ' ');
  header += '\n';
  std::string start(magic);
  start += {'\x01', '\x00', static_cast<char>(header.size() % 256),
            static_cast<char>(header.size() / 256)};
  start += header;
  const auto bytes = static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
  return ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 &&
         write_all(file, std::as_bytes(std::span(start))) &&
         write_all(file, {tensor.storage(), bytes});
}

NpyStorage read_npy(int file, Dtype dtype, const Allocate& allocate, std::size_t most_bytes) {
  std::array<std::byte, prelude + 2> start{};
  read_exactly(file, start, 0);
  if (std::memcmp(start.data(), magic.data(), magic.size()) != 0) throw NpyError("it is no .npy");
  const auto number = [&start](std::size_t place) {
    return std::to_integer<std::size_t>(start[place]);
  };
  const std::size_t version = number(6);
  if (version < 1 || version > 3) throw NpyError("its format is none of 1 to 3");
  std::size_t length = number(8) + 256 * number(9);
  if (version > 1) length += 65536 * (number(10) + 256 * number(11));
  const std::size_t data = prelude + (version > 1 ? 2 : 0) + length;
  if (length > most_header) throw NpyError("its header is too long");
  std::string header(length, '\0');
  read_exactly(file, std::as_writable_bytes(std::span(header)), data - length);
  std::string_view descr = field(header, "descr");
  if (descr.size() >= 2) descr = descr.substr(1, descr.size() - 2);
  const bool is_void = dtype == Dtype::bf16 && (descr == "<V2" || descr == "|V2");
  if (descr != descr_of(dtype) && !is_void) {
    throw NpyError("its elements are '" + std::string(descr.substr(0, 20)) + "': expected '" +
                   std::string(descr_of(dtype)) + "'");
  }
  if (field(header, "fortran_order") != "False") {
    throw NpyError("it is not in row-major order");
  }
  const std::int64_t size = count_of(field(header, "shape"));
  const auto bytes = static_cast<std::size_t>(size) * size_of(dtype);
  struct stat status{};
  if (fstat(file, &status) != 0 || std::cmp_less(status.st_size, data + bytes)) {
    throw NpyError("it ends too early");
  }
  if (bytes > most_bytes) throw NpyError("it is too large");
  NpyStorage result{.storage = allocate(bytes), .size = size};
  read_exactly(file, {result.storage.get(), bytes}, data);
  return result;
}

int MemoryFile::descriptor() {
  if (file_.get() < 0) file_ = Descriptor(memfd_create("gridproof", MFD_CLOEXEC));
  return file_.get();
}

std::string MemoryFile::path() {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor());
}

void MemoryFile::clear() const {
  if (file_.get() >= 0) (void)!ftruncate(file_.get(), 0);
}

}  // namespace gridproof
