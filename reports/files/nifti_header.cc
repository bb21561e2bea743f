#include "reports/files/nifti_header.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "reference/contract/limits.h"
#include "reports/files/byte_reader.h"
#include "reports/files/file_tensor.h"
#include "reports/files/shape.h"

namespace gridproof::reports::files {
namespace {

constexpr std::size_t size_of_first = sizeof(nifti_1_header);
constexpr std::size_t size_of_second = max_bytes_of_nifti_header;
static_assert(size_of_first == 348 && size_of_second == 540);

VoxelKind kind_of(int datatype) {
  switch (datatype) {
    case NIFTI_TYPE_UINT8:
      return {NumberKind::u8};
    case NIFTI_TYPE_INT8:
      return {NumberKind::i8};
    case NIFTI_TYPE_UINT16:
      return {NumberKind::u16};
    case NIFTI_TYPE_INT16:
      return {NumberKind::i16};
    case NIFTI_TYPE_UINT32:
      return {NumberKind::u32};
    case NIFTI_TYPE_INT32:
      return {NumberKind::i32};
    case NIFTI_TYPE_UINT64:
      return {NumberKind::u64};
    case NIFTI_TYPE_INT64:
      return {NumberKind::i64};
    case NIFTI_TYPE_FLOAT32:
      return {NumberKind::f32};
    case NIFTI_TYPE_FLOAT64:
      return {NumberKind::f64};
    case NIFTI_TYPE_RGB24:
      return {NumberKind::u8, 3};
    case NIFTI_TYPE_RGBA32:
      return {NumberKind::u8, 4};
    default:
      break;
  }
  throw FileError(fmt::format(
      "its datatype is {}{}: expected integers of 8 to 64 bits, FLOAT32, FLOAT64, RGB24 or RGBA32",
      datatype,
      nifti_is_valid_datatype(datatype) != 0
          ? fmt::format(" ({})", nifti_datatype_to_string(datatype))
          : ""));
}

struct FreeImage {
  void operator()(nifti_image* image) const { nifti_image_free(image); }
};
using Image = std::unique_ptr<nifti_image, FreeImage>;

Image converted(const nifti_1_header& header) {
  return Image(nifti_convert_n1hdr2nim(header, nullptr));
}
Image converted(const nifti_2_header& header) {
  return Image(nifti_convert_n2hdr2nim(header, nullptr));
}

void require_finite(std::string_view what, const std::vector<double>& numbers) {
  if (std::ranges::all_of(numbers, [](double x) { return std::isfinite(x); })) return;
  throw FileError(
      fmt::format("its {} is {}: expected finite numbers", what, fmt::join(numbers, ", ")));
}

std::vector<std::int64_t> sizes_of(std::span<const std::int64_t> dim) {
  if (dim[0] < 1 || dim[0] > 7) {
    throw FileError(fmt::format("its header says {} axes (dim[0]): expected 1 to 7", dim[0]));
  }
  const auto first = dim.begin() + 1;
  std::vector<std::int64_t> sizes(first, first + dim[0]);
  if (std::ranges::any_of(sizes, [](std::int64_t size) { return size < 1; })) {
    throw FileError(
        fmt::format("its size is {}: expected positive numbers", fmt::join(sizes, " x ")));
  }
  const std::optional<std::int64_t> count = count_of(sizes);
  if (!count || *count > max_elements()) {
    throw FileError(
        fmt::format("its size of {} has {}", fmt::join(sizes, " x "), more_than_most_elements()));
  }
  return sizes;
}

// Where the data begin: nothing that is less than the header and its four bytes of extensions.
template <class Number>
std::size_t place_of(Number offset, std::size_t header_bytes) {
  const std::size_t least = header_bytes + 4;
  constexpr double most = 0x1p40;
  const auto place = static_cast<double>(offset);
  if (place == 0) return least;  // as some write it
  if (!(place >= static_cast<double>(least) && place <= most) || place != std::floor(place)) {
    throw FileError(
        fmt::format("its data begin at byte {} (vox_offset): expected a whole number of {} or more",
                    offset, least));
  }
  return static_cast<std::size_t>(place);
}

// What both versions have, in the types of their own. The library prints what it does not like and
// goes on, so all that it may not like is refused before it sees it.
template <class Raw>
NiftiHeader header_of(Raw raw, int version, bool is_swapped) {
  if (is_swapped) swap_nifti_header(&raw, version);
  NiftiHeader header{.version = version, .is_swapped = is_swapped};
  header.sizes = sizes_of(std::vector<std::int64_t>(std::begin(raw.dim), std::end(raw.dim)));
  header.kind = kind_of(raw.datatype);
  header.data_at = place_of(raw.vox_offset, sizeof raw);
  header.intent = raw.intent_code;
  const std::size_t axes = std::min<std::size_t>(header.sizes.size(), 3);
  require_finite("pixdim", {std::begin(raw.pixdim) + 1, std::begin(raw.pixdim) + 1 + axes});
  const bool is_scaled = std::isfinite(raw.scl_slope) && raw.scl_slope != 0;
  if (is_scaled && header.kind.colors == 1) {
    if (!std::isfinite(raw.scl_inter)) {
      throw FileError(fmt::format("its scl_inter is {}: expected a number", raw.scl_inter));
    }
    header.slope = raw.scl_slope;
    header.intercept = raw.scl_inter;
  }
  if (raw.sform_code > 0) {
    require_finite("srow_x", {std::begin(raw.srow_x), std::end(raw.srow_x)});
    require_finite("srow_y", {std::begin(raw.srow_y), std::end(raw.srow_y)});
    require_finite("srow_z", {std::begin(raw.srow_z), std::end(raw.srow_z)});
  } else if (raw.qform_code > 0) {
    require_finite("qform", {raw.pixdim[0], raw.quatern_b, raw.quatern_c, raw.quatern_d,
                             raw.qoffset_x, raw.qoffset_y, raw.qoffset_z});
  }
  // Left to the library: directions, units and the spacing of axes that have none.
  raw.vox_offset = 0;
  std::fill(std::begin(raw.pixdim) + 1 + axes, std::end(raw.pixdim), 1);
  nifti_set_debug_level(0);
  const Image image = converted(raw);
  if (!image) throw FileError("niftilib rejects its header");
  constexpr int meters = NIFTI_UNITS_METER;
  constexpr int microns = NIFTI_UNITS_MICRON;
  header.to_millimeters = image->xyz_units == meters    ? 1000
                          : image->xyz_units == microns ? 1e-3
                                                        : 1;
  header.has_unit = image->xyz_units != NIFTI_UNITS_UNKNOWN;
  header.spacing = {std::fabs(image->dx), std::fabs(image->dy), std::fabs(image->dz)};
  header.source = raw.sform_code > 0 ? "sform" : raw.qform_code > 0 ? "qform" : "";
  header.to_world = raw.sform_code > 0 ? image->sto_xyz : image->qto_xyz;
  return header;
}

template <class Raw>
Raw raw_of(std::span<const std::byte> file) {
  Raw raw{};
  if (file.size() < sizeof raw) {
    throw FileError(fmt::format("it ends too early: its header needs {} bytes, but it has {}",
                                sizeof raw, file.size()));
  }
  std::memcpy(&raw, file.data(), sizeof raw);
  return raw;
}

// The first four bytes are the size of the header, in the order of bytes of all of it.
std::uint32_t mark_of(std::span<const std::byte> file) {
  std::uint32_t mark = 0;
  if (file.size() >= sizeof mark) std::memcpy(&mark, file.data(), sizeof mark);
  return mark;
}
bool has_mark(std::span<const std::byte> file, std::size_t size) {
  const std::uint32_t mark = mark_of(file);
  return mark == size || __builtin_bswap32(mark) == size;
}

std::string_view magic_of(std::span<const std::byte> file, std::size_t at) {
  return text_of(file.subspan(std::min(at, file.size()))).substr(0, 4);
}

}  // namespace

bool is_nifti_header(std::span<const std::byte> file) {
  if (has_mark(file, size_of_first)) {
    const std::string_view magic = magic_of(file, 344);
    // The header of Analyze, which has no mark, is a file by itself.
    return magic == std::string_view("n+1", 4) || magic == std::string_view("ni1", 4) ||
           file.size() == size_of_first;
  }
  const std::string_view magic = magic_of(file, 4);
  return has_mark(file, size_of_second) &&
         (magic == std::string_view("n+2", 4) || magic == std::string_view("ni2", 4));
}

NiftiHeader nifti_header_of(std::span<const std::byte> file) {
  const bool is_first = has_mark(file, size_of_first);
  const std::string_view magic = magic_of(file, is_first ? 344 : 4);
  if (!magic.starts_with("n+")) {
    throw FileError("it is the header of a .hdr/.img pair: expected a single NIfTI file, .nii");
  }
  const bool is_swapped = mark_of(file) != (is_first ? size_of_first : size_of_second);
  return is_first ? header_of(raw_of<nifti_1_header>(file), 1, is_swapped)
                  : header_of(raw_of<nifti_2_header>(file), 2, is_swapped);
}

}  // namespace gridproof::reports::files
