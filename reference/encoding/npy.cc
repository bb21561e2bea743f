#include "reference/encoding/npy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/contract/limits.h"
#include "reference/encoding/number_kind.h"

namespace gridproof {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t prelude = 10;       // of format 1: magic, version, length of the header
constexpr std::size_t max_header = 4096;  // that of an array is 118 bytes or a little more

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

// Where an array comes from. `read` fills all of its bytes from that place on, or throws.
struct Source {
  std::size_t size = 0;  // bytes
  std::function<void(std::span<std::byte>, std::size_t from)> read;
  std::span<const std::byte> memory;  // all of it, where it need not be copied
};

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

Source source_of(int file) {
  struct stat status{};
  if (fstat(file, &status) != 0) throw NpyError(std::strerror(errno));
  return {.size = static_cast<std::size_t>(status.st_size),
          .read =
              [file](std::span<std::byte> bytes, std::size_t from) {
                read_exactly(file, bytes, from);  // the file may have been cut since
              },
          .memory = {}};
}

Source source_of(std::span<const std::byte> file) {
  const auto read = [file](std::span<std::byte> bytes, std::size_t from) {
    if (from > file.size() || bytes.size() > file.size() - from) {
      throw NpyError("it ends too early");
    }
    std::ranges::copy(file.subspan(from, bytes.size()), bytes.begin());
  };
  return {.size = file.size(), .read = read, .memory = file};
}

// What stands after 'key': in the header, up to the comma that ends it.
std::string_view field(std::string_view header, std::string_view key) {
  const std::size_t start = header.find("'" + std::string(key) + "':");
  if (start == std::string_view::npos) {
    throw NpyError("its header has no field '" + std::string(key) + "'");
  }
  header.remove_prefix(start + key.size() + 3);
  while (header.starts_with(' ')) header.remove_prefix(1);
  std::size_t end = header.find_first_of(",}");
  if (header.starts_with('(')) end = header.find(')');
  if (header.starts_with('[')) end = header.find(']');  // the fields of a record
  if (end == std::string_view::npos) throw NpyError("its header does not end");
  return header.substr(0, end);
}

// The sizes of a shape, "(2, 3" or "(5,"; their product is below 2^40.
Shape shape_of(std::string_view text) {
  constexpr std::int64_t most = std::int64_t{1} << 40U;
  if (!text.starts_with('(')) throw NpyError("its shape is not a tuple");
  text.remove_prefix(1);
  Shape shape;
  std::int64_t count = 1;
  while (true) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty()) return shape;
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || size < 0 || (size > 0 && count > most / size)) {
      throw NpyError("its shape is not a tuple of sizes");
    }
    count *= std::max<std::int64_t>(size, 1);  // an empty axis hides no others
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (!text.empty() && !text.starts_with(','))
      throw NpyError("its shape is not a tuple of sizes");
    if (!text.empty()) text.remove_prefix(1);
  }
}

struct Header {
  std::string descr;  // "<f4"
  bool fortran_order = false;
  Shape shape;
  std::size_t data = 0;  // where it begins
};

Header read_header(const Source& file) {
  std::array<std::byte, prelude + 2> start{};
  file.read(start, 0);
  if (std::memcmp(start.data(), magic.data(), magic.size()) != 0)
    throw NpyError("it is not a .npy file");
  const auto number = [&start](std::size_t place) {
    return std::to_integer<std::size_t>(start[place]);
  };
  const std::size_t version = number(6);
  if (version < 1 || version > 3)
    throw NpyError("its .npy format is unsupported (expected 1 to 3)");
  std::size_t length = number(8) + 256 * number(9);
  if (version > 1) length += 65536 * (number(10) + 256 * number(11));
  const std::size_t data = prelude + (version > 1 ? 2 : 0) + length;
  if (length > max_header) throw NpyError("its header is too long");
  std::string text(length, '\0');
  file.read(std::as_writable_bytes(std::span(text)), data - length);
  std::string_view descr = field(text, "descr");
  if (descr.starts_with('[')) {
    throw NpyError("its elements are records, " + std::string(descr.substr(0, 60)) +
                   "]: expected numbers, such as '<f4'");
  }
  if (descr.size() >= 2) descr = descr.substr(1, descr.size() - 2);
  const std::string_view order = field(text, "fortran_order");
  if (order != "False" && order != "True") throw NpyError("its order is neither True nor False");
  return {.descr = std::string(descr.substr(0, 20)),
          .fortran_order = order == "True",
          .shape = shape_of(field(text, "shape")),
          .data = data};
}

// How many bytes the elements take, all of which are in the file.
std::size_t bytes_of(const Source& file, const Header& header, std::size_t element,
                     std::size_t max_bytes) {
  const std::size_t bytes = static_cast<std::size_t>(element_count(header.shape)) * element;
  if (file.size < header.data + bytes) throw NpyError("it ends too early");
  if (bytes > max_bytes) throw NpyError("it is too large");
  return bytes;
}

constexpr std::pair<std::string_view, NumberKind> kinds[] = {
    {"<f2", NumberKind::f16}, {"<f4", NumberKind::f32}, {"<f8", NumberKind::f64},
    {"|b1", NumberKind::u8},  {"|u1", NumberKind::u8},  {"|i1", NumberKind::i8},
    {"<u2", NumberKind::u16}, {"<i2", NumberKind::i16}, {"<u4", NumberKind::u32},
    {"<i4", NumberKind::i32}, {"<u8", NumberKind::u64}, {"<i8", NumberKind::i64}};

NumberKind kind_of(const std::string& descr) {
  for (const auto& [name, kind] : kinds) {
    if (name == descr) return kind;
  }
  throw NpyError("its elements are '" + descr +
                 "': expected numbers in little-endian order, such as '<f4'");
}

Tensor read_tensor(const Source& file, std::size_t max_bytes) {
  const Header header = read_header(file);
  const NumberKind kind = kind_of(header.descr);
  if (header.shape.size() > max_rank) throw NpyError("it has more than 8 axes");
  if (element_count(header.shape) > max_elements()) {
    throw NpyError("it has " + more_than_most_elements());
  }
  const std::size_t bytes = bytes_of(file, header, size_of(kind), max_bytes);
  std::vector<std::byte> copy(file.memory.empty() ? bytes : 0);
  file.read(copy, header.data);
  const std::span<const std::byte> data =
      file.memory.empty() ? copy : file.memory.subspan(header.data, bytes);
  Shape strides = contiguous_strides(header.shape);
  if (header.fortran_order) {  // the first axis is the fastest
    strides = contiguous_strides({header.shape.rbegin(), header.shape.rend()});
    std::ranges::reverse(strides);
  }
  const Tensor tensor = Tensor::strided(dtype_for(kind), header.shape, strides, 0,
                                        elements_of(kind, data), element_count(header.shape));
  return tensor.is_contiguous() ? tensor : tensor.contiguous();
}

// What stands before the elements, which begin at a multiple of 64 bytes.
std::string start_of(Dtype dtype, const std::string& shape) {
  std::string header = "{'descr': '" + std::string(descr_of(dtype)) +
                       "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(63 - (prelude + header.size()) % 64, ' ');
  header += '\n';
  std::string start(magic);
  start += {'\x01', '\x00', static_cast<char>(header.size() % 256),
            static_cast<char>(header.size() / 256)};
  return start + header;
}

}  // namespace

std::shared_ptr<std::byte[]> allocate_plainly(std::size_t bytes) {
  return std::shared_ptr<std::byte[]>(new std::byte[bytes]);
}

bool write_npy(int file, const Tensor& tensor) {
  const std::string start =
      start_of(tensor.dtype(), "(" + std::to_string(tensor.storage_size()) + ",)");
  const auto bytes = static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
  return ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 &&
         write_all(file, std::as_bytes(std::span(start))) &&
         write_all(file, {tensor.storage(), bytes});
}

std::string npy_of(const Tensor& tensor) {
  std::string shape = "(";
  for (const std::int64_t size : tensor.shape()) shape += std::to_string(size) + ",";
  std::string file = start_of(tensor.dtype(), shape + ")");
  const Tensor dense = tensor.contiguous();
  file.append(reinterpret_cast<const char*>(dense.storage()),
              static_cast<std::size_t>(dense.element_count()) * size_of(dense.dtype()));
  return file;
}

NpyStorage read_npy(int file, Dtype dtype, const Allocate& allocate, std::size_t max_bytes) {
  const Source source = source_of(file);
  const Header header = read_header(source);
  const bool is_void = dtype == Dtype::bf16 && (header.descr == "<V2" || header.descr == "|V2");
  if (header.descr != descr_of(dtype) && !is_void) {
    throw NpyError("its elements are '" + header.descr + "': expected '" +
                   std::string(descr_of(dtype)) + "'");
  }
  if (header.fortran_order) throw NpyError("it is not in row-major order");
  const std::int64_t size = element_count(header.shape);
  const std::size_t bytes = bytes_of(source, header, size_of(dtype), max_bytes);
  NpyStorage result{.storage = allocate(bytes), .size = size};
  source.read({result.storage.get(), bytes}, header.data);
  return result;
}

Tensor read_npy_tensor(int file, std::size_t max_bytes) {
  return read_tensor(source_of(file), max_bytes);
}

Tensor read_npy_tensor(std::span<const std::byte> file) {
  return read_tensor(source_of(file), file.size());
}

int MemoryFile::descriptor() {
  if (file_.get() < 0) {
    // memfd_create() of glibc 2.27
    const Descriptor made(static_cast<int>(syscall(SYS_memfd_create, "gridproof", MFD_CLOEXEC)));
    // Not one that stands for a standard stream elsewhere.
    file_ = Descriptor(fcntl(made.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  }
  return file_.get();
}

std::string MemoryFile::path() { return "/proc/self/fd/" + std::to_string(descriptor()); }

void MemoryFile::clear() const {
  if (file_.get() >= 0) (void)!ftruncate(file_.get(), 0);
}

}  // namespace gridproof
