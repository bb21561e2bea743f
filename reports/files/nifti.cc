#include "reports/files/nifti.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nifti2_io.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/contract/limits.h"
#include "reference/encoding/number_kind.h"
#include "reports/files/gzip.h"
#include "reports/files/nifti_header.h"

namespace gridproof::reports::files {
namespace {

// ---- The data ----

// The bytes of all voxels.
std::size_t bytes_of(const NiftiHeader& header) {
  const VoxelKind kind = header.kind;
  const std::int64_t numbers = element_count(header.sizes) * kind.colors;
  if (std::cmp_greater(numbers, max_elements().load())) {
    throw FileError(fmt::format("its size of {} in color has {}", fmt::join(header.sizes, " x "),
                                more_than_most_elements()));
  }
  return static_cast<std::size_t>(numbers) * size_of(kind.number);
}

void scale(Tensor& tensor, double slope, double intercept) {
  const auto in_place = [&]<class Number>(std::span<Number> numbers) {
    for (Number& number : numbers) number = static_cast<Number>(number * slope + intercept);
  };
  if (tensor.dtype() == Dtype::f32) {
    in_place(tensor.elements<float>());
  } else {
    in_place(tensor.elements<double>());
  }
}

// The numbers, of the shape that the sizes have from the last to the first.
Tensor numbers_of(const NiftiHeader& header, std::span<const std::byte> data) {
  const VoxelKind kind = header.kind;
  Shape shape(header.sizes.rbegin(), header.sizes.rend());
  if (kind.colors > 1) shape.push_back(kind.colors);
  const std::size_t width = size_of(kind.number);
  std::vector<std::byte> swapped;
  if (header.is_swapped && width > 1) {
    swapped.assign(data.begin(), data.end());
    nifti_swap_Nbytes(static_cast<std::int64_t>(swapped.size() / width), static_cast<int>(width),
                      swapped.data());
    data = swapped;
  }
  return tensor_of(kind.number, shape, data);
}

// ---- What it means ----

// Intents of FSL, which niftilib does not name.
constexpr int displacements_of_fsl = 2006;
constexpr int last_of_fsl = 2009;  // those between are coefficients of its splines

struct Layout {
  std::int64_t axes = 0;  // of space
  std::int64_t times = 1;
  std::int64_t components = 1;
  bool are_vectors = false;
};

Layout layout_of(const NiftiHeader& header) {
  const auto count = std::ssize(header.sizes);
  const std::string text = fmt::format("{}", fmt::join(header.sizes, " x "));
  if (count < 2 || header.size(5) * header.size(6) != 1) {
    throw FileError(fmt::format(
        "its size is {}: expected two or three spatial axes, one time axis and one component axis",
        text));
  }
  Layout layout{.axes = count == 2 ? 2 : 3, .times = header.size(3), .components = header.size(4)};
  if (header.intent > displacements_of_fsl && header.intent <= last_of_fsl) {
    throw FileError(
        fmt::format("it holds coefficients, as FNIRT writes them (intent {}): expected values, or "
                    "displacements such as fnirtfileutils makes from them",
                    header.intent));
  }
  if (header.intent == displacements_of_fsl) std::swap(layout.times, layout.components);
  if (layout.times > 1 && layout.components > 1) {
    throw FileError(
        fmt::format("its size is {}: it has both a time axis and a component axis, expected size 1 "
                    "for one of them",
                    text));
  }
  const bool says_so = header.intent == NIFTI_INTENT_VECTOR ||
                       header.intent == NIFTI_INTENT_DISPVECT ||
                       header.intent == displacements_of_fsl;
  const bool says_nothing = header.intent == NIFTI_INTENT_NONE;
  if (!says_so && !says_nothing) return layout;
  const bool are_of_plane = layout.components == 2 && header.size(2) == 1;
  layout.are_vectors = header.kind.colors == 1 && (are_of_plane || layout.components == 3);
  if (layout.are_vectors && are_of_plane) layout.axes = 2;
  if (says_so && layout.components > 1 && !layout.are_vectors) {
    throw FileError(
        fmt::format("its vectors have {} components, and its size is {}: expected 3 components, or "
                    "2 for a single slice",
                    layout.components, text));
  }
  return layout;
}

// The numbers of (components, time, D, H, W, colors) as the tensor that they mean.
Tensor arranged(const Tensor& numbers, const NiftiHeader& header, const Layout& layout) {
  const std::int64_t colors = header.kind.colors;
  const std::int64_t channels = layout.times * layout.components;
  Shape space = {header.size(1), header.size(0)};
  if (layout.axes == 3) space.insert(space.begin(), header.size(2));
  Shape shape = {channels};
  shape.insert(shape.end(), space.begin(), space.end());
  shape.push_back(colors);
  const Tensor all = numbers.reshaped(shape);
  const int last = all.rank() - 1;
  std::vector<int> order;
  for (int axis = 1; axis < last; ++axis) order.push_back(axis);
  if (layout.are_vectors) {
    order.push_back(0);
    order.push_back(last);  // of one color
    space.push_back(channels);
    return all.permuted(order).contiguous().reshaped(space);
  }
  if (colors == 1) {  // as they lie
    space.insert(space.begin(), {1, channels});
    return numbers.reshaped(space);
  }
  order.insert(order.begin(), {0, last});
  space.insert(space.begin(), {1, channels * colors});
  return all.permuted(order).contiguous().reshaped(space);
}

std::string letters_of(const nifti_dmat44& to_world) {
  std::array<int, 3> codes{};
  nifti_dmat44_to_orientation(to_world, codes.data(), &codes[1], &codes[2]);
  std::string letters;
  for (const int code : codes) letters += code >= 1 && code <= 6 ? "RLAPSI"[code - 1] : '?';
  return letters;
}

std::string note_of(const NiftiHeader& header, const Layout& layout, const Frame& frame,
                    const Shape& shape) {
  std::string note =
      fmt::format("is NIfTI-{} of {}, size {} (x first), read as {}", header.version,
                  name(header.kind.number), fmt::join(header.sizes, " x "), to_string(shape));
  const std::int64_t channels = layout.times * layout.components;
  if (layout.are_vectors) {
    note += fmt::format(", vectors x first (intent {})", header.intent);
  } else if (channels > 1) {
    note +=
        fmt::format(", its {} {} as channels", channels, layout.times > 1 ? "times" : "components");
  }
  if (header.sizes.size() > 3 && layout.times == 1) note += ", without its time axis";
  if (header.slope != 1 || header.intercept != 0) {
    note += fmt::format(", each number times {} plus {} (scl_slope, scl_inter)", header.slope,
                        header.intercept);
  }
  note += fmt::format("; voxels of {:.6g} x {:.6g} x {:.6g} {}", frame.spacing[0], frame.spacing[1],
                      frame.spacing[2],
                      header.has_unit ? "mm" : "(the file says no unit: taken as mm)");
  return frame.source.empty() ? note + ", without directions"
                              : note + fmt::format(", x, y, z towards {} ({})",
                                                   letters_of(header.to_world), frame.source);
}

// Of an sform the spacing is that of its columns: pixdim may say something else.
Frame frame_of(const NiftiHeader& header) {
  Frame frame{.source = header.source, .spacing = header.spacing};
  double determinant = 0;
  if (!frame.source.empty()) {
    nifti_dmat33 linear{};
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t column = 0; column < 4; ++column) {
        const double number = header.to_world.m[row][column] * header.to_millimeters;
        frame.to_world[row][column] = number;
        if (column < 3) linear.m[row][column] = number;
      }
    }
    determinant = nifti_dmat33_determ(linear);
  }
  // Directions that leave out a part of space are none.
  if (!std::isnormal(determinant)) frame.source.clear();
  for (std::size_t k = 0; k < 3; ++k) {
    frame.spacing[k] *= header.to_millimeters;
    if (frame.source.empty()) continue;
    frame.spacing[k] = std::hypot(frame.to_world[0][k], frame.to_world[1][k], frame.to_world[2][k]);
  }
  return frame;
}

FileTensor tensor_of(const NiftiHeader& header, std::span<const std::byte> data) {
  const Layout layout = layout_of(header);
  Tensor tensor = numbers_of(header, data);
  if (header.slope != 1 || header.intercept != 0) {
    scale(tensor, header.slope, header.intercept);
  }
  tensor = arranged(tensor, header, layout);
  Frame frame = frame_of(header);
  const std::string note = note_of(header, layout, frame, tensor.shape());
  return {.name = "",
          .content = layout.are_vectors ? Content::vectors : Content::volume,
          .white = 0,
          .tensor = std::move(tensor),
          .note = note,
          .frame = std::move(frame)};
}

}  // namespace

bool is_nifti(std::span<const std::byte> file) { return is_nifti_header(file); }

FileTensor read_nifti(std::span<const std::byte> file) {
  const NiftiHeader header = nifti_header_of(file);
  const std::size_t size = bytes_of(header);
  if (file.size() < header.data_at || file.size() - header.data_at < size) {
    throw FileError(
        fmt::format("it ends too early: its data need {} bytes from byte {}, but it has {} bytes",
                    size, header.data_at, file.size()));
  }
  return tensor_of(header, file.subspan(header.data_at, size));
}

FileTensor read_gzip(std::span<const std::byte> file) {
  const std::vector<std::byte> beginning = beginning_of_gzip(file, max_bytes_of_nifti_header);
  if (!is_nifti(beginning)) {
    throw FileError("it is gzip data of an unknown format: expected .nii.gz");
  }
  const NiftiHeader header = nifti_header_of(beginning);
  const std::size_t size = bytes_of(header);
  const std::vector<std::byte> all = unpack_gzip(file, header.data_at + size);
  return tensor_of(header, std::span(all).subspan(header.data_at));
}

}  // namespace gridproof::reports::files
