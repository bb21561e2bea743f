// grid_sample, fast: the same bits as the reference (any NaN equals any NaN) for every input, on
// every target, for any number of threads. Tested by grid_sample_test.cc and kernels_test.cc.
//
//   std::vector<float> pixels(1 * 3 * 480 * 640), where(1 * 480 * 640 * 2), out(pixels.size());
//   gridproof::grid_sample(gridproof::dense_view(pixels.data(), {1, 3, 480, 640}),
//                          gridproof::dense_view(where.data(), {1, 480, 640, 2}), {},
//                          gridproof::dense_output(out.data(), {1, 3, 480, 640}));
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "optimized/kernels/target.h"
#include "reference/contract/options.h"
#include "reference/contract/subject.h"
#include "reference/contract/tensor.h"

namespace gridproof {

// A window like View, to write to. No two of its elements may share their place.
template <class T>
struct OutputView {
  T* data = nullptr;
  int rank = 0;
  std::array<std::int64_t, max_rank> shape{};
  std::array<std::int64_t, max_rank> strides{};
};

// Windows on dense row-major memory.
template <class T>
View<T> dense_view(const T* data, const Shape& shape);
template <class T>
OutputView<T> dense_output(T* data, const Shape& shape);

// A call that the operator does not answer; `refusal` names the clause.
class RefusedError : public std::invalid_argument {
 public:
  explicit RefusedError(gridproof::Refusal refusal)
      : std::invalid_argument(refusal.message), refusal_(std::move(refusal)) {}
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  Refusal refusal_;
};

struct Settings {
  std::optional<Target> target;  // default_target() if none is named
  int threads = 0;               // at most so many; 0: as many as the machine has
};

// Samples `input`, (N, C, H, W) or (N, C, D, H, W), at the places of `grid`, (N, H_out, W_out, 2)
// or (N, D_out, H_out, W_out, 3), and writes `output`, (N, C, H_out, W_out) or (N, C, D_out, H_out,
// W_out). T is float, double, Half or BFloat16; strides may be anything; `output` shares no memory
// with the others. What a thread needs beside its stack it keeps for its next call: a packed copy
// of some channels at most. May be called from several threads at once. Throws RefusedError in the
// cases in which the reference refuses, and when the shape of `output` is another (then nothing is
// written); std::runtime_error when the target is not possible.
template <class T>
void grid_sample(const View<T>& input, const View<T>& grid, const Options& options,
                 const OutputView<T>& output, const Settings& settings = {});

// Which kernel such a call uses, how it cuts the work, and why: one line for people.
template <class T>
std::string explain_choice(const View<T>& input, const View<T>& grid, const Options& options,
                           const OutputView<T>& output, const Settings& settings = {});

}  // namespace gridproof
