#include "reference/contract/case.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "reference/contract/backward.h"
#include "reference/contract/limits.h"
#include "reference/contract/parse_double.h"

namespace gridproof {
namespace {

// A cursor on the text of a line; every failure says where it stands.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }

  bool take(std::string_view expected) {
    if (!text_.substr(position_).starts_with(expected)) return false;
    position_ += expected.size();
    return true;
  }
  void expect(std::string_view expected, const char* why) {
    if (!take(expected)) fail("expected '" + std::string(expected) + "' " + why);
  }
  // The longest run of characters that are not in `stop`.
  std::string_view until(std::string_view stop) {
    const std::size_t end = std::min(text_.find_first_of(stop, position_), text_.size());
    const std::string_view run = text_.substr(position_, end - position_);
    position_ = end;
    return run;
  }
  std::int64_t integer(const char* what) {
    std::int64_t value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc{}) fail(std::string("expected ") + what + ", a 64-bit integer");
    position_ += static_cast<std::size_t>(end - begin);
    return value;
  }
  [[noreturn]] void fail(const std::string& what) const { throw ParseError(what, position_ + 1); }
  [[noreturn]] void fail_before(const std::string& what, std::size_t length) const {
    throw ParseError(what, position_ - length + 1);
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

// What `nan` stands for.
template <class T>
T plain_nan() {
  return from_double<T>(std::numeric_limits<double>::quiet_NaN());
}

// The bits of a NaN that is written as nan(0x…), or nothing if the text is something else.
std::optional<std::uint64_t> nan_bits(std::string_view text, Dtype dtype, const Reader& reader) {
  constexpr std::string_view start = "nan(0x";
  if (!text.starts_with(start)) return std::nullopt;
  const char* const begin = text.data() + start.size();
  const char* const last = text.data() + text.size() - 1;
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(begin, last, bits, 16);
  const bool is_nan = visit(dtype, [&]<class T>(T) {
    if constexpr (std::is_same_v<T, std::int32_t>) {
      return false;
    } else {
      return std::cmp_less_equal(bits, std::numeric_limits<BitsOf<T>>::max()) &&
             std::isnan(to_double(std::bit_cast<T>(static_cast<BitsOf<T>>(bits))));
    }
  });
  if (error != std::errc{} || end != last || *last != ')' || !is_nan) {
    reader.fail_before("'" + std::string(text.substr(0, 40)) +
                           "' is not a NaN: expected nan(0x…) with the bits of one of " +
                           std::string(name(dtype)),
                       text.size());
  }
  return bits;
}

double number(std::string_view text, Dtype dtype, const Reader& reader) {
  const auto bad = [&](const std::string& why) {
    reader.fail_before("'" + std::string(text.substr(0, 40)) + "' " + why, text.size());
  };
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits == "nan" || digits == "inf") {
    if (!is_floating(dtype)) bad("is not a value of " + std::string(name(dtype)));
    const double value = digits == "nan" ? NAN : INFINITY;
    return negative ? -value : value;
  }
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  double value = 0;
  const auto [end, error] =
      parse_double(digits.data(), digits.data() + digits.size(), value,
                   hexadecimal ? std::chars_format::hex : std::chars_format::general);
  // It would also take another sign, and words.
  const auto first = static_cast<unsigned char>(digits.empty() ? '\0' : digits.front());
  const bool begins = hexadecimal ? std::isxdigit(first) != 0 : std::isdigit(first) != 0;
  if (!begins || error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    bad("is not a value: expected an integer, a decimal, a hexadecimal float, nan, inf or -inf");
  }
  if (error == std::errc::result_out_of_range) bad("is outside the range of f64");
  if (negative) value = -value;
  const bool is_integer = digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_floating(dtype)) {
    if (value != std::trunc(value) || std::fabs(value) > 2147483647.0) {
      bad("is not a value of " + std::string(name(dtype)));
    }
    return value;
  }
  const double rounded = visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); });
  if ((hexadecimal || is_integer) && rounded != value) {
    bad("is not exact in " + std::string(name(dtype)));
  }
  return rounded;
}

Shape shape_of(Reader& reader, const char* what) {
  Shape shape;
  reader.expect("[", what);
  if (reader.take("]")) return shape;
  do shape.push_back(reader.integer("a size"));
  while (reader.take(","));
  reader.expect("]", "or ',' after a size");
  return shape;
}

// Whether the output of a question is too large to be held.
bool has_large_output(const Case& test_case) {
  if (test_case.input.rank() < 2 || test_case.grid.rank() < 1) return false;  // it is refused
  std::int64_t count = 1;
  Shape sizes(test_case.grid.shape().begin(), test_case.grid.shape().end() - 1);
  sizes.push_back(test_case.input.size(1));
  if (std::ranges::find(sizes, 0) != sizes.end()) return false;
  return std::ranges::any_of(sizes, [&count](std::int64_t size) {
    return __builtin_mul_overflow(count, size, &count) || count > max_elements();
  });
}

bool is_plain(char c) { return '!' <= c && c <= '~' && c != '%' && c != '#'; }

// A name as a field of the line, whatever its bytes are; and read again.
std::string escaped(const std::string& name) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    if (is_plain(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const begin = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(begin, begin + 2, byte, 16).ptr == begin + 2) {
      name += static_cast<char>(byte);
      i += 2;
    } else {
      name += text[i];
    }
  }
  return name;
}

// The items between the braces, expanded.
struct Elements {
  std::vector<double> values;
  struct Nans {
    std::size_t first;
    std::size_t last;
    std::uint64_t bits;
  };
  std::vector<Nans> nans;  // those whose bits are given

  [[nodiscard]] Tensor tensor(Dtype dtype, Shape shape) const {
    Tensor result(dtype, std::move(shape), values);
    visit(dtype, [&]<class T>(T) {
      for (const auto& [first, last, bits] : nans) {
        std::ranges::fill(result.elements<T>().subspan(first, last - first),
                          std::bit_cast<T>(static_cast<BitsOf<T>>(bits)));
      }
    });
    return result;
  }
};
Elements elements_of(Reader& reader, Dtype dtype, std::int64_t most) {
  Elements elements;
  std::vector<double>& values = elements.values;
  const auto room_for = [&](std::int64_t count) {
    if (count > most - static_cast<std::int64_t>(values.size())) {
      reader.fail("there are more than the " + std::to_string(most) + " values of the tensor");
    }
  };
  reader.expect("{", "before the values");
  if (reader.take("}")) return elements;
  do {
    std::string_view text = reader.until(",*}");
    const std::size_t dots = text.find("..");
    if (dots != std::string_view::npos) {
      const double first = number(text.substr(0, dots), dtype, reader);
      const double last = number(text.substr(dots + 2), dtype, reader);
      if (first != std::trunc(first) || last != std::trunc(last) || !(first <= last) ||
          std::fabs(first) > 0x1p31 || std::fabs(last) > 0x1p31) {
        reader.fail_before("expected 'a..b' with integers a <= b below 2^31", text.size());
      }
      room_for(static_cast<std::int64_t>(last - first) + 1);
      for (double value = first; value <= last; ++value) {
        if (visit(dtype, [&]<class T>(T) { return to_double(from_double<T>(value)); }) != value) {
          reader.fail_before("a value of this range is not exact in " + std::string(name(dtype)),
                             text.size());
        }
        values.push_back(value);
      }
      continue;
    }
    const std::optional<std::uint64_t> bits = nan_bits(text, dtype, reader);
    const double value = bits ? NAN : number(text, dtype, reader);
    std::int64_t count = 1;
    if (reader.take("*")) count = reader.integer("how many times the value is repeated");
    if (count < 1) reader.fail("expected a positive count after '*'");
    room_for(count);
    values.insert(values.end(), static_cast<std::size_t>(count), value);
    if (bits) {
      elements.nans.push_back(
          {values.size() - static_cast<std::size_t>(count), values.size(), *bits});
    }
  } while (reader.take(","));
  reader.expect("}", "or ',' after a value");
  return elements;
}

Tensor tensor_of(Reader& reader) {
  const std::string_view type = reader.until("[ ");
  const auto dtype = parse<Dtype>(type);
  if (!dtype) {
    reader.fail_before("'" + std::string(type.substr(0, 40)) +
                           "' is not a dtype: expected f16, bf16, f32, f64 or i32",
                       type.size());
  }
  Shape shape = shape_of(reader, "before the shape");
  try {
    // The shape is checked as that of a single number, repeated.
    const std::int64_t count = element_count(
        Tensor::strided(*dtype, shape, Shape(shape.size(), 0), 0, nullptr, 1).shape());
    if (!reader.take("strides")) {
      if (count > max_elements()) reader.fail("the tensor has " + more_than_most_elements());
      return elements_of(reader, *dtype, count).tensor(*dtype, std::move(shape));
    }
    Shape strides = shape_of(reader, "before the strides");
    std::int64_t offset = 0;
    if (reader.take("offset")) {
      const Shape one = shape_of(reader, "before the offset");
      if (one.size() != 1) reader.fail("expected one offset");
      offset = one.front();
    }
    const Elements elements = elements_of(reader, *dtype, max_elements());
    const auto stored = static_cast<std::int64_t>(elements.values.size());
    const Tensor dense = elements.tensor(*dtype, {stored});
    return Tensor::strided(*dtype, std::move(shape), std::move(strides), offset,
                           dense.shared_storage(), stored);
  } catch (const std::invalid_argument& error) {
    reader.fail(error.what());
  }
}

// Whether the decimal text of `value` with a few digits is exactly `value`, and that text.
bool short_decimal(double value, char* buffer, std::size_t size, std::size_t& length) {
  const double scaled = value * 1024;
  if (std::fabs(value) >= 16777216 || scaled != std::trunc(scaled)) return false;
  const auto [end, error] = std::to_chars(buffer, buffer + size, value, std::chars_format::fixed);
  length = static_cast<std::size_t>(end - buffer);
  return error == std::errc{};
}

void append_value(std::string& out, double value) {
  char buffer[64];
  std::size_t length = 0;
  if (std::isnan(value)) {
    out += "nan";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-inf" : "inf";
  } else if (short_decimal(value, buffer, sizeof buffer, length)) {
    out.append(buffer, length);
  } else {
    // The mantissa is 1.…, for subnormal numbers too.
    int exponent = 0;
    const double mantissa = 2 * std::frexp(std::fabs(value), &exponent);
    char* end = std::to_chars(buffer, buffer + sizeof buffer, mantissa, std::chars_format::hex).ptr;
    out += std::signbit(value) ? "-0x" : "0x";
    out.append(buffer, std::find(buffer, end, 'p'));
    out += exponent > 0 ? "p+" : "p";
    out += std::to_string(exponent - 1);
  }
}

// An element; a NaN with its bits, unless it is the plain one.
template <class T>
void append_element(std::string& out, T element) {
  if constexpr (!std::is_same_v<T, std::int32_t>) {
    const auto bits = std::bit_cast<BitsOf<T>>(element);
    if (std::isnan(to_double(element)) && bits != std::bit_cast<BitsOf<T>>(plain_nan<T>())) {
      char buffer[24];
      out += "nan(0x";
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, bits, 16).ptr);
      out += ')';
      return;
    }
  }
  append_value(out, to_double(element));
}

void append_tensor(std::string& out, const Tensor& tensor) {
  out += name(tensor.dtype());
  out += to_string(tensor.shape());
  const bool dense = tensor.is_contiguous() && tensor.offset() == 0 &&
                     tensor.storage_size() == tensor.element_count();
  if (!dense) {
    out += "strides" + to_string(tensor.strides());
    if (tensor.offset() != 0) out += "offset" + to_string(Shape{tensor.offset()});
  }
  out += '{';
  const std::int64_t count = tensor.storage_size();
  visit(tensor.dtype(), [&]<class T>(T) {
    const T* storage = reinterpret_cast<const T*>(tensor.storage());
    for (std::int64_t i = 0; i < count;) {
      if (i > 0) out += ',';
      const double value = to_double(storage[i]);
      std::int64_t same = 1;
      const auto bits = std::bit_cast<BitsOf<T>>(storage[i]);
      while (i + same < count && std::bit_cast<BitsOf<T>>(storage[i + same]) == bits) ++same;
      std::int64_t rising = 1;
      if (same == 1 && value == std::trunc(value) && std::fabs(value) <= 0x1p30 &&
          !(value == 0 && std::signbit(value))) {
        while (i + rising < count &&
               to_double(storage[i + rising]) == value + static_cast<double>(rising)) {
          ++rising;
        }
        // -0 would be read back as +0.
        for (std::int64_t k = 1; k < rising; ++k) {
          const double later = to_double(storage[i + k]);
          if (later == 0 && std::signbit(later)) rising = k;
        }
      }
      append_element(out, storage[i]);
      if (rising > 3) {
        out += "..";
        append_value(out, value + static_cast<double>(rising - 1));
        i += rising;
      } else if (same > 3) {
        out += '*' + std::to_string(same);
        i += same;
      } else {
        ++i;
      }
    }
  });
  out += '}';
}

void append_field(std::string& out, std::string_view field, const Tensor& tensor) {
  out += field;
  append_tensor(out, tensor);
}

const char* word(bool flag) { return flag ? "True" : "False"; }

void append_options(std::string& line, const Request& request) {
  if (request.mode) line += " mode=" + escaped(*request.mode);
  if (request.padding_mode) line += " padding_mode=" + escaped(*request.padding_mode);
  if (request.align_corners) line += std::string(" align_corners=") + word(*request.align_corners);
}

bool flag_of(Reader& reader, std::string_view stop, const char* what) {
  const std::string_view flag = reader.until(stop);
  if (flag != "True" && flag != "False") {
    reader.fail_before(std::string("expected True or False for ") + what, flag.size());
  }
  return flag == "True";
}

OutputMask mask_of(Reader& reader) {
  OutputMask mask;
  reader.expect("[", "before the two flags of output_mask");
  mask.input = flag_of(reader, ",] ", "the first flag of output_mask");
  reader.expect(",", "between the two flags of output_mask");
  mask.grid = flag_of(reader, ",] ", "the second flag of output_mask");
  reader.expect("]", "after the two flags of output_mask");
  return mask;
}

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  return line;
}

// The fields of a line, in any order, and those of them that every case has.
class Fields {
 public:
  Fields(Reader& reader, std::string_view operator_name) : reader_(reader) {
    reader_.expect(operator_name, "at the start of a case");
  }

  // Whether there is one more field, which then comes next.
  bool next() {
    if (reader_.at_end()) return false;
    reader_.expect(" ", "before the next field");
    return true;
  }
  // Whether the next one is `field`, which must not have been `seen`.
  bool take(std::string_view field, bool seen) {
    if (!reader_.take(field)) return false;
    field.remove_suffix(1);
    if (seen) reader_.fail("the field '" + std::string(field) + "' appears twice");
    return true;
  }
  // Reads the next field if it is one of input, grid and options.
  bool take_forward() {
    Request& request = forward_.request;
    if (take("mode=", request.mode.has_value())) {
      request.mode = unescaped(reader_.until(" "));
    } else if (take("padding_mode=", request.padding_mode.has_value())) {
      request.padding_mode = unescaped(reader_.until(" "));
    } else if (take("align_corners=", request.align_corners.has_value())) {
      request.align_corners = flag_of(reader_, " ", "align_corners");
    } else if (take("input=", has_input_)) {
      forward_.input = tensor_of(reader_);
      has_input_ = true;
    } else if (take("grid=", has_grid_)) {
      forward_.grid = tensor_of(reader_);
      has_grid_ = true;
    } else {
      return false;
    }
    return true;
  }
  // Once all are read.
  Case forward() && {
    if (!has_input_) reader_.fail("the case has no input=");
    if (!has_grid_) reader_.fail("the case has no grid=");
    if (has_large_output(forward_)) {
      reader_.fail("its output has " + more_than_most_elements());
    }
    return std::move(forward_);
  }

 private:
  Reader& reader_;
  Case forward_;
  bool has_input_ = false;
  bool has_grid_ = false;
};

// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

ParseError::ParseError(const std::string& what, std::size_t column)
    : std::runtime_error(what), column_(column) {}

std::string to_text(const Tensor& tensor) {
  std::string text;
  append_tensor(text, tensor);
  return text;
}

std::string to_text(double value, Dtype /*dtype*/) {
  std::string text;
  append_value(text, value);
  return text;
}

Tensor parse_tensor(std::string_view text) {
  Reader reader(text);
  Tensor tensor = tensor_of(reader);
  if (!reader.at_end()) reader.fail("expected the end of the tensor");
  return tensor;
}

double parse_value(std::string_view text, Dtype dtype) {
  Reader reader(text);
  return number(reader.until(""), dtype, reader);
}

Case in_dtype(const Case& test_case, Dtype dtype) {
  const auto converted = [dtype](const Tensor& tensor) {
    const std::int64_t stored = tensor.storage_size();
    if (tensor.element_count() <= stored) return Tensor(dtype, tensor.shape(), tensor.values());
    std::vector<double> values(static_cast<std::size_t>(stored));
    for (std::int64_t i = 0; i < stored; ++i) {
      values[static_cast<std::size_t>(i)] = tensor.storage_value(i);
    }
    const Tensor storage(dtype, {stored}, values);
    return Tensor::strided(dtype, tensor.shape(), tensor.strides(), tensor.offset(),
                           storage.shared_storage(), stored);
  };
  return {test_case.request, converted(test_case.input), converted(test_case.grid)};
}

std::string to_line(const Case& test_case) {
  std::string line = "grid_sample";
  append_options(line, test_case.request);
  append_field(line, " input=", test_case.input);
  append_field(line, " grid=", test_case.grid);
  return line;
}

std::string to_line(const BackwardCase& test_case) {
  const auto& [forward, grad_output, output_mask] = test_case;
  std::string line = "grid_sample_backward";
  append_options(line, forward.request);
  if (output_mask != OutputMask{}) {
    line += " output_mask=[";
    line += word(output_mask.input);
    line += ',';
    line += word(output_mask.grid);
    line += ']';
  }
  append_field(line, " input=", forward.input);
  append_field(line, " grid=", forward.grid);
  append_field(line, " grad_output=", grad_output);
  return line;
}

std::string to_text(const Gradients& gradients) {
  std::string text;
  if (gradients.input) append_field(text, "grad_input=", *gradients.input);
  if (gradients.input && gradients.grid) text += ' ';
  if (gradients.grid) append_field(text, "grad_grid=", *gradients.grid);
  return text;
}

Case parse_case(std::string_view line) {
  Reader reader(without_line_end(line));
  Fields fields(reader, "grid_sample");
  while (fields.next()) {
    if (!fields.take_forward()) {
      reader.fail("expected one of mode=, padding_mode=, align_corners=, input=, grid=");
    }
  }
  return std::move(fields).forward();
}

BackwardCase parse_backward_case(std::string_view line) {
  Reader reader(without_line_end(line));
  Fields fields(reader, "grid_sample_backward");
  std::optional<Tensor> grad_output;
  std::optional<OutputMask> output_mask;
  while (fields.next()) {
    if (fields.take_forward()) continue;
    if (fields.take("grad_output=", grad_output.has_value())) {
      grad_output = tensor_of(reader);
    } else if (fields.take("output_mask=", output_mask.has_value())) {
      output_mask = mask_of(reader);
    } else {
      reader.fail(
          "expected one of mode=, padding_mode=, align_corners=, output_mask=, input=, grid=, "
          "grad_output=");
    }
  }
  Case forward = std::move(fields).forward();
  if (!grad_output) reader.fail("the case has no grad_output=");
  for (const Tensor* tensor : {&forward.input, &forward.grid}) {
    if (tensor->element_count() > max_elements()) {
      reader.fail("a gradient has " + more_than_most_elements());
    }
  }
  return {std::move(forward), *std::move(grad_output), output_mask.value_or(OutputMask{})};
}

Gradients parse_gradients(std::string_view text) {
  Reader reader(text);
  Gradients gradients;
  if (reader.take("grad_input=")) {
    gradients.input = tensor_of(reader);
    if (reader.at_end()) return gradients;
    reader.expect(" ", "before grad_grid=");
  }
  reader.expect("grad_grid=", "where no more grad_input= follows");
  gradients.grid = tensor_of(reader);
  if (!reader.at_end()) reader.fail("expected the end of the gradients");
  return gradients;
}

std::uint64_t case_id(const Case& test_case) { return hash_of(to_line(test_case)); }
std::uint64_t case_id(const BackwardCase& test_case) { return hash_of(to_line(test_case)); }

std::int64_t sample_count(const Case& test_case) {
  std::int64_t count = 1;
  for (int axis = 0; axis + 1 < test_case.grid.rank(); ++axis) count *= test_case.grid.size(axis);
  return count;
}

std::int64_t element_place(const Shape& output, std::int64_t sample, std::int64_t channel) {
  const std::int64_t channels = output[1];
  const std::int64_t inner = element_count(output) / (output[0] * channels);
  return (sample / inner * channels + channel) * inner + sample % inner;
}

}  // namespace gridproof
