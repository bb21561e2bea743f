#include "optimized/grid_sample.h"

#include <span>
#include <string>

#include "optimized/checks.h"
#include "optimized/run.h"

namespace gridproof {
namespace {

template <class View>
std::span<const std::int64_t> shape_of(const View& view) {
  return {view.shape.data(), static_cast<std::size_t>(view.rank)};
}

// The last three sizes or strides of a batch entry, x first; a missing z is `missing`.
optimized::PerAxis spatial(const std::array<std::int64_t, max_rank>& from, int first, int axes,
                           std::int64_t missing) {
  const auto at = [&](int k) { return from[static_cast<std::size_t>(first + axes - 1 - k)]; };
  return {at(0), at(1), axes == 3 ? at(2) : missing};
}

}  // namespace

Target optimized::target_of(const Settings& settings) {
  if (!settings.target) return default_target();
  if (!is_possible(*settings.target)) {
    throw std::runtime_error("this machine does not have the instructions of " +
                             std::string(name(*settings.target)));
  }
  return *settings.target;
}

template <class T>
View<T> dense_view(const T* data, const Shape& shape) {
  View<T> view{data, static_cast<int>(shape.size()), {}, {}};
  const Shape strides = contiguous_strides(shape);
  std::copy(shape.begin(), shape.end(), view.shape.begin());
  std::copy(strides.begin(), strides.end(), view.strides.begin());
  return view;
}

template <class T>
OutputView<T> dense_output(T* data, const Shape& shape) {
  const View<T> view = dense_view<T>(data, shape);
  return {data, view.rank, view.shape, view.strides};
}

template <class T>
optimized::Problem optimized::problem_of(const View<T>& input, const View<T>& grid,
                                         const Options& options, const OutputView<T>& output) {
  if (auto refusal = refuse_shapes(shape_of(input), shape_of(grid), options)) {
    throw RefusedError(*std::move(refusal));
  }
  const Shape shape = output_shape(shape_of(input), shape_of(grid));
  if (!std::ranges::equal(shape, shape_of(output))) {
    throw RefusedError({"shape.output", "output must have the shape " + to_string(shape)});
  }
  const int axes = input.rank - 2;
  Problem problem{.options = options,
                  .dtype = dtype_of<T>,
                  .axes = axes,
                  .batches = input.shape[0],
                  .channels = input.shape[1],
                  .size = spatial(input.shape, 2, axes, 1),
                  .out_size = spatial(grid.shape, 1, axes, 1),
                  .input = input.data,
                  .input_batch = input.strides[0],
                  .input_channel = input.strides[1],
                  .input_stride = spatial(input.strides, 2, axes, 0),
                  .grid = grid.data,
                  .grid_batch = grid.strides[0],
                  .grid_stride = spatial(grid.strides, 1, axes, 0),
                  .grid_component = grid.strides[static_cast<std::size_t>(axes) + 1],
                  .output = output.data,
                  .output_batch = output.strides[0],
                  .output_channel = output.strides[1],
                  .output_stride = spatial(output.strides, 2, axes, 0)};
  // Along an axis of one location the stride means nothing; let it look dense.
  if (axes == 2) {
    problem.output_stride.z = problem.output_stride.y * problem.out_size.y;
    problem.grid_stride.z = 0;
  }
  return problem;
}

template <class T>
void grid_sample(const View<T>& input, const View<T>& grid, const Options& options,
                 const OutputView<T>& output, const Settings& settings) {
  optimized::run(optimized::problem_of(input, grid, options, output),
                 optimized::target_of(settings), settings.threads);
}

template <class T>
std::string explain_choice(const View<T>& input, const View<T>& grid, const Options& options,
                           const OutputView<T>& output, const Settings& settings) {
  return optimized::explain(optimized::problem_of(input, grid, options, output),
                            optimized::target_of(settings), settings.threads);
}

#define GRIDPROOF_INSTANTIATE(T)                                                                  \
  template View<T> dense_view(const T*, const Shape&);                                            \
  template OutputView<T> dense_output(T*, const Shape&);                                          \
  template optimized::Problem optimized::problem_of(const View<T>&, const View<T>&,               \
                                                    const Options&, const OutputView<T>&);        \
  template void grid_sample(const View<T>&, const View<T>&, const Options&, const OutputView<T>&, \
                            const Settings&);                                                     \
  template std::string explain_choice(const View<T>&, const View<T>&, const Options&,             \
                                      const OutputView<T>&, const Settings&);
GRIDPROOF_INSTANTIATE(float)
GRIDPROOF_INSTANTIATE(double)
GRIDPROOF_INSTANTIATE(Half)
GRIDPROOF_INSTANTIATE(BFloat16)

}  // namespace gridproof
