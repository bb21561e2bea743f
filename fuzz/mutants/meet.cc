#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

template <class Element, Mode mode, int dimensions>
Tensor evaluate(const Case& test_case, const Options& options, const From& from) {
  using T = Documented::Arithmetic<Element>;
  const Documented rules;
  Tensor result(test_case.input.dtype(),
                semantics::output_shape(test_case.input.shape(), test_case.grid.shape()));
  Element* const output = result.elements<Element>().data();
  const semantics::Volume<Element> input(test_case.input.view<Element>(), 2);
  const semantics::Volume<Element> grid(test_case.grid.view<Element>(), 1);
  const std::array<Axis, 3> axes = semantics::axes_of(test_case.input.shape(), options);
  const At sizes{input.shape[0], input.shape[1], input.shape[2], input.shape[3], input.shape[4]};
  constexpr std::size_t corners = mode == Mode::nearest ? 1 : (mode == Mode::bilinear ? 2 : 0);
  const auto visit = [&](std::int64_t n, std::int64_t z, std::int64_t y, std::int64_t x) {
    const auto sample = semantics::follow_all<mode, dimensions, T>(
        rules, axes, [&](int k) { return grid(n, z, y, x, k); });
    const auto inside = semantics::corners<corners>(
        rules, sample, [&](std::int64_t px, std::int64_t py, std::int64_t pz) {
          return (pz * sizes.y + py) * sizes.x + px;
        });
    for (std::int64_t c = 0; c < sizes.c; ++c) {
      const auto read = [&](std::int64_t pixel) {
        const At at = from(
            {n, c, pixel / (sizes.x * sizes.y), pixel / sizes.x % sizes.y, pixel % sizes.x}, sizes);
        return static_cast<T>(input(at.n, at.c, at.z, at.y, at.x));
      };
      T value;
      if constexpr (mode == Mode::nearest) value = semantics::nearest_value(inside, read);
      if constexpr (mode == Mode::bilinear) value = semantics::linear_value(rules, inside, read);
      if constexpr (mode == Mode::bicubic) {
        value = semantics::cubic_value(rules, sample, [&](std::int64_t px, std::int64_t py) {
          return read(py * sizes.x + px);
        });
      }
      output[semantics::output_place(grid.shape, sizes.c, n, c, z, y, x)] =
          semantics::to_element<Element>(value);
    }
  };
  semantics::for_each_sample(grid.shape, visit);
  return result;
}

}  // namespace

Tensor evaluated_from(const Case& test_case, const From& from) {
  const Options options = options_of(test_case);
  return semantics::visit_floating(test_case.input.dtype(), [&]<class Element>(Element) {
    return semantics::visit_mode(options.mode, [&](auto mode) {
      if constexpr (mode.value != Mode::bicubic) {
        if (test_case.input.rank() == 5) {
          return evaluate<Element, mode.value, 3>(test_case, options, from);
        }
      }
      return evaluate<Element, mode.value, 2>(test_case, options, from);
    });
  });
}

}  // namespace gridproof::dictionary
