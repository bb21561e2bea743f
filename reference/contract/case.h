// A case is one question: input, grid and options; and it is one line of text, exact both ways.
//
//   grid_sample mode=nearest padding_mode=zeros align_corners=False
//               input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0x1.000002p-1,0}
//
// (one line, fields separated by single spaces). An option that is left out takes its documented
// default. A tensor is dtype, shape, and its elements in row-major order; a layout that is not
// dense says so: f32[2,3]strides[1,2]offset[0]{…} with the whole storage in the braces. A value is
// an integer, a decimal or a hexadecimal float, nan, inf, -inf, or a NaN of other bits such as
// nan(0xffc00000); `v*n` repeats v n times and `a..b` counts from integer a up to b in steps of
// one. In the name of a mode, %XX stands for a byte that is not a visible ASCII character, or for
// %. Tested by case_test.cc.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "reference/contract/options.h"
#include "reference/contract/tensor.h"

namespace gridproof {

struct Case {
  Request request;
  Tensor input;  // (N, C, H, W) or (N, C, D, H, W)
  Tensor grid;   // (N, H_out, W_out, 2) or (N, D_out, H_out, W_out, 3)
};

// The same numbers in another dtype, each rounded once; dense, unless elements share memory.
Case in_dtype(const Case& test_case, Dtype dtype);

// An error for text that is not a case: what is wrong, where (column, from 1), and what was
// expected.
class ParseError : public std::runtime_error {
 public:
  ParseError(const std::string& what, std::size_t column);
  [[nodiscard]] std::size_t column() const { return column_; }

 private:
  std::size_t column_;
};

// The line of a case, without a newline. Equal cases give equal lines.
std::string to_line(const Case& test_case);
// The case of a line. Throws ParseError, also for more elements than max_elements() (limits.h).
Case parse_case(std::string_view line);

// One tensor in the notation of the case line, and one value.
std::string to_text(const Tensor& tensor);
Tensor parse_tensor(std::string_view text);
std::string to_text(double value, Dtype dtype);
// A value in that notation, rounded once to `dtype` if it is decimal; a hexadecimal or integer
// value that `dtype` does not have is a ParseError.
double parse_value(std::string_view text, Dtype dtype);

// The name of a case: 64 bits that depend on the text of its line and nothing else (FNV-1a).
std::uint64_t case_id(const Case& test_case);

// The number of samples: the product of N and the output's spatial sizes.
std::int64_t sample_count(const Case& test_case);

// The index of one element in an output of this shape, dense and row-major. Sample s
// is the s-th output location in row-major order, batches first.
std::int64_t element_place(const Shape& output, std::int64_t sample, std::int64_t channel);

}  // namespace gridproof
