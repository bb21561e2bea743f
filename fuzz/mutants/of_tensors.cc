// Shapes, layouts, dtypes: what goes wrong around the samples.
#include <algorithm>
#include <cmath>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

// A tensor whose first item along `axis` stands for all.
Tensor first_for_all(const Tensor& tensor, std::size_t axis) {
  if (tensor.element_count() == 0) return tensor;
  Shape strides = tensor.strides();
  strides[axis] = 0;
  return Tensor::strided(tensor.dtype(), tensor.shape(), strides, tensor.offset(),
                         tensor.shared_storage(), tensor.storage_size());
}

// The storage read from its beginning as if it were dense.
Tensor as_if_dense(const Tensor& tensor) {
  if (tensor.storage_size() < tensor.element_count()) return tensor;
  return Tensor::strided(tensor.dtype(), tensor.shape(), contiguous_strides(tensor.shape()), 0,
                         tensor.shared_storage(), tensor.storage_size());
}

}  // namespace

std::vector<Mutant> of_tensors() {
  return {
      mutant("batch.dropped", "shape.sample", "every batch item samples the first input",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.input = first_for_all(question.input, 0);
                 return question;
               };
             }),
      mutant("grid.batch-dropped", "shape.sample", "every batch item uses the first grid",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.grid = first_for_all(question.grid, 0);
                 return question;
               };
             }),
      mutant("channels.first-only", "shape.sample", "every channel is the first one",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.input = first_for_all(question.input, 1);
                 return question;
               };
             }),
      mutant("channels.tail-lost", "shape.sample",
             "channels after the last full block of eight repeat the block's last one",
             [](Hooked& rules) {
               rules.after = [](const Case& question, Tensor output) {
                 const std::int64_t whole = output.size(1) / 8 * 8;
                 if (output.element_count() == 0 || whole == 0) return output;
                 std::vector<double> values = output.values();
                 const auto element = [&](std::int64_t sample, std::int64_t channel) -> double& {
                   return values[static_cast<std::size_t>(
                       element_place(output.shape(), sample, channel))];
                 };
                 for (std::int64_t sample = 0; sample < sample_count(question); ++sample) {
                   for (std::int64_t c = whole; c < output.size(1); ++c) {
                     element(sample, c) = element(sample, whole - 1);
                   }
                 }
                 return Tensor(output.dtype(), output.shape(), values);
               };
             }),
      mutant("layout.input-strides-ignored", "layout.strides",
             "the input is read as if it were dense",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.input = as_if_dense(question.input);
                 return question;
               };
             }),
      mutant("layout.grid-strides-ignored", "layout.strides",
             "the grid is read as if it were dense",
             [](Hooked& rules) {
               rules.before = [](Case question) {
                 question.grid = as_if_dense(question.grid);
                 return question;
               };
             }),
      mutant("tail.lost", "shape.output", "samples after the last full group of eight stay 0",
             [](Hooked& rules) {
               rules.after = [](const Case& /*question*/, Tensor output) {
                 if (output.element_count() == 0) return output;
                 std::vector<double> values = output.values();
                 const auto planes = static_cast<std::size_t>(output.size(0) * output.size(1));
                 const std::size_t inner = values.size() / planes;
                 for (std::size_t i = 0; i < values.size(); ++i) {
                   if (i % inner >= inner / 8 * 8) values[i] = 0;
                 }
                 return Tensor(output.dtype(), output.shape(), values);
               };
             }),
      mutant("index.i16", "shape.sample", "pixel indices wrap around at 2^15",
             [](Hooked& rules) {
               rules.tap = [](std::int64_t index, const Axis& axis) {
                 const std::int64_t tap = Documented::tap(index, axis);
                 if (tap < (1 << 15)) return tap;
                 return std::clamp<std::int64_t>(static_cast<std::int16_t>(tap & 0xffff), 0,
                                                 axis.size - 1);
               };
             }),
      mutant("round.truncates", "dtype.16-bit", "16-bit results are cut off, not rounded",
             [](Hooked& rules) {
               rules.round = [](auto value, Dtype dtype) {
                 if (!is_16_bit(dtype) || !std::isfinite(value)) return value;
                 const double nearest = round_to(format_of(dtype), static_cast<double>(value));
                 if (std::fabs(nearest) <= std::fabs(static_cast<double>(value))) return value;
                 // Half an ulp nearer to zero rounds to the number below.
                 const int exponent = std::max(std::ilogb(value), format_of(dtype).min_exponent);
                 const double ulp = std::ldexp(1.0, exponent - format_of(dtype).precision + 1);
                 const double cut = std::trunc(static_cast<double>(value) / ulp) * ulp;
                 return static_cast<decltype(value)>(cut);
               };
             }),
  };
}

}  // namespace gridproof::dictionary
