// Numbers without any header, of a shape that the user says. Tested by raw_test.cc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "reference/encoding/number_kind.h"
#include "reports/files/file_tensor.h"

namespace gridproof::reports::files {

// What raw:f32[1,1,4,4]:FILE says: f16, bf16, f32, f64, u8, i8, u16, i16, u32, i32, u64 or i64, the
// shape, and the path.
struct RawArgument {
  NumberKind kind;
  Shape shape;
  std::string path;
};
bool is_raw_argument(std::string_view argument);            // whether it begins with "raw:"
RawArgument parse_raw_argument(std::string_view argument);  // throws FileError

// The numbers, little-endian in row-major order; the file holds just so many. Whole numbers become
// f32, or f64 from 32 bits on.
Tensor read_raw(std::span<const std::byte> file, NumberKind kind, const Shape& shape);

}  // namespace gridproof::reports::files
