// The kernels give the reference's bits: on the cases of a campaign, for any number of threads, in
// layouts of their own, between pages that nobody may touch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "fuzz/domain/domain.h"
#include "optimized/grid_sample.h"
#include "optimized/subjects.h"
#include "oracle/subjects/serve/guarded.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof {
namespace {

class Kernels : public testing::TestWithParam<Target> {
 protected:
  void SetUp() override {
    if (!is_possible(GetParam())) GTEST_SKIP() << "this machine does not have the instructions";
  }
};
INSTANTIATE_TEST_SUITE_P(All, Kernels,
                         testing::Values(Target::portable, Target::neon, Target::avx2,
                                         Target::avx512),
                         [](const auto& info) { return std::string(name(info.param)); });

// "" if the answers are the same, else what is not.
std::string difference(const Answer& answer, const Answer& expected) {
  if (answer.index() != expected.index()) return "another kind of answer";
  if (const auto* refusal = std::get_if<Refusal>(&answer)) {
    const std::string& clause = std::get<Refusal>(expected).clause;
    return refusal->clause == clause ? "" : "refused under " + refusal->clause + ", not " + clause;
  }
  return std::get<Tensor>(answer).same_values(std::get<Tensor>(expected)) ? "" : "other bits";
}

TEST_P(Kernels, GiveTheReferencesBits) {
  for (std::uint64_t ordinal = 0; ordinal < 2000; ++ordinal) {
    const Case test_case = make_case(recipe_of(4, ordinal));
    const Answer answer = optimized::answer(test_case, GetParam(), 1);
    ASSERT_EQ(difference(answer, grid_sample(test_case)), "") << to_line(test_case).substr(0, 500);
  }
}

// [padding.border] Where f32 has no S - 1: the same pixel stands for all, so that little memory
// does.
TEST_P(Kernels, GiveTheReferencesBitsBeyond2To24Pixels) {
  for (const char* const mode : {"nearest", "bilinear", "bicubic"}) {
    for (const char* const padding : {"zeros", "border", "reflection"}) {
      for (const std::int64_t size : {16777215, 16777217, 16777218, 16777219, 16777220, 33554437}) {
        for (const char* const corners : {"False", "True"}) {
          for (const char* const dtype : {"f32", "f16", "f64"}) {
            const Case test_case = parse_case(fmt::format(
                "grid_sample mode={} padding_mode={} align_corners={} "
                "input={}[1,1,1,{}]strides[1,1,1,0]{{5}} "
                "grid={}[1,1,8,2]{{1,0,-1,0,inf,0,-inf,0,1.5,0,0x1.ffcp-1,0,3,0,0x1p15,0}}",
                mode, padding, corners, dtype, size, dtype));
            const Answer expected = grid_sample(test_case);
            ASSERT_EQ(difference(optimized::answer(test_case, GetParam(), 1), expected), "")
                << to_line(test_case);
            if (std::string_view(padding) != "border") continue;
            for (std::int64_t i = 0; i < 8; ++i) {
              ASSERT_EQ(std::get<Tensor>(expected).storage_value(i), 5)
                  << i << ": " << to_line(test_case);
            }
          }
        }
      }
    }
  }
}

// A case of so many channels and locations that every kernel and every cut of the work occurs.
Case large_case(Dtype dtype, Mode mode, int axes, std::int64_t batches, std::int64_t channels,
                Padding padding, std::int64_t rows = 37) {
  Shape input = {batches, channels, 17, 23};
  Shape grid = {batches, rows, 61, axes};
  if (axes == 3) {
    input.insert(input.begin() + 2, 5);
    grid.insert(grid.begin() + 1, 3);
  }
  const auto noise = [](const Shape& shape, std::uint64_t state, double scale) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      value = scale * static_cast<double>(static_cast<std::int64_t>(state)) * 0x1p-63;
    }
    return values;
  };
  return {request_for({mode, padding, false}), Tensor(dtype, input, noise(input, 1, 8)),
          Tensor(dtype, grid, noise(grid, 2, 1.3))};
}

TEST_P(Kernels, DoNotDependOnTheNumberOfThreads) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16}) {
    for (const int axes : {2, 3}) {
      for (const Mode mode : {Mode::bilinear, Mode::nearest, Mode::bicubic}) {
        if (axes == 3 && mode == Mode::bicubic) continue;
        for (const std::int64_t channels : {1, 3, 8, 21}) {
          const Case test_case =
              large_case(dtype, mode, axes, channels == 3 ? 5 : 1, channels, Padding::zeros, 296);
          const Answer expected = grid_sample(test_case);
          for (const int threads : {1, 2, 3, 7}) {
            ASSERT_EQ(difference(optimized::answer(test_case, GetParam(), threads), expected), "")
                << name(dtype) << ' ' << name(mode) << ' ' << channels << " channels, " << threads
                << " threads";
          }
        }
      }
    }
  }
}

// Of more than 24 MiB in all, so that texels are fetched before, and an output of more than 16 MiB,
// which is stored past the caches where it is aligned.
struct Large {
  Mode mode;
  int axes;
  std::int64_t channels;
  Dtype dtype;
};
TEST_P(Kernels, GiveTheReferencesBitsInLargeOutputs) {
  const auto larges = std::to_array<Large>({{Mode::nearest, 2, 3, Dtype::f32},
                                            {Mode::nearest, 2, 3, Dtype::f64},
                                            {Mode::nearest, 2, 3, Dtype::f16},
                                            {Mode::nearest, 2, 3, Dtype::bf16},
                                            {Mode::bilinear, 2, 5, Dtype::f32},
                                            {Mode::bilinear, 2, 4, Dtype::f16},
                                            {Mode::bilinear, 3, 3, Dtype::f64},
                                            {Mode::bicubic, 2, 2, Dtype::f32}});
  for (const auto& [mode, axes, channels, dtype] : larges) {
    Case test_case = large_case(dtype, mode, axes, 1, channels, Padding::zeros);
    const std::int64_t columns =
        18'000'000 / (1501 * channels * static_cast<std::int64_t>(size_of(dtype))) + 3;
    Shape shape = {1, 1501, columns, axes};
    if (axes == 3) shape.insert(shape.begin() + 1, 1);
    Tensor grid(dtype, shape);
    const std::vector<double> coordinates = test_case.grid.values();
    visit(dtype, [&]<class T>(T) {
      std::size_t i = 0;
      for (T& element : grid.elements<T>()) {
        element = from_double<T>(coordinates[i++ % coordinates.size()]);
      }
    });
    test_case.grid = grid;
    const Tensor expected = std::get<Tensor>(grid_sample(test_case));
    visit(dtype, [&]<class T>(T) {
      if constexpr (!std::is_integral_v<T>) {
        const auto count = static_cast<std::size_t>(expected.element_count());
        std::vector<T> memory(count + 65);
        for (const std::size_t past_a_line : {0, 1}) {
          T* to = memory.data();
          while (reinterpret_cast<std::uintptr_t>(to) % 64 != past_a_line * sizeof(T)) ++to;
          grid_sample(test_case.input.view<T>(), grid.view<T>(), {.mode = mode},
                      dense_output(to, expected.shape()), {.target = GetParam(), .threads = 2});
          const std::span<const T> wanted = expected.elements<T>();
          EXPECT_TRUE(std::ranges::equal(wanted, std::span(to, count), same_bits<T>))
              << name(mode) << ' ' << name(dtype) << ", " << past_a_line << " elements past a line";
        }
      }
    });
  }
}

// An output may have any layout. What lies between its elements stays as it was.
TEST_P(Kernels, WriteOnlyTheElementsOfTheOutput) {
  for (const std::int64_t channels : {2, 9}) {
    for (const Mode mode : {Mode::bilinear, Mode::nearest, Mode::bicubic}) {
      const Case test_case = large_case(Dtype::f32, mode, 2, 2, channels, Padding::border);
      const Tensor expected = std::get<Tensor>(grid_sample(test_case));
      const Shape& shape = expected.shape();
      // Channels last, with a gap after each pixel and each row.
      std::array<std::int64_t, max_rank> strides{};
      strides[1] = 1;
      strides[3] = channels + 1;
      strides[2] = strides[3] * shape[3] + 5;
      strides[0] = strides[2] * shape[2];
      constexpr float untouched = -12345;
      std::vector<float> storage(static_cast<std::size_t>(strides[0] * shape[0]), untouched);
      OutputView<float> output{storage.data(), 4, {}, strides};
      std::ranges::copy(shape, output.shape.begin());
      grid_sample(test_case.input.view<float>(), test_case.grid.view<float>(),
                  resolve(test_case.request).value(), output, {.target = GetParam()});
      const View<float> got{storage.data(), 4, output.shape, strides};
      const View<float> wanted = expected.view<float>();
      for (std::int64_t n = 0; n < shape[0]; ++n) {
        for (std::int64_t c = 0; c < shape[1]; ++c) {
          for (std::int64_t h = 0; h < shape[2]; ++h) {
            for (std::int64_t w = 0; w < shape[3]; ++w) {
              ASSERT_TRUE(same_bits(got(n, c, h, w), wanted(n, c, h, w)));
            }
          }
        }
      }
      EXPECT_EQ(storage.size() - static_cast<std::size_t>(std::ranges::count(storage, untouched)),
                static_cast<std::size_t>(expected.element_count()));
    }
  }
}

// The same elements in storage between two pages that nobody may touch: at its very beginning and
// at its very end.
Tensor guarded(const Tensor& tensor, GuardedPool& pool) {
  const Tensor dense = tensor.contiguous();
  const std::size_t bytes =
      static_cast<std::size_t>(dense.element_count()) * size_of(dense.dtype());
  std::shared_ptr<std::byte[]> storage = pool.allocate(bytes);
  std::memcpy(storage.get(),
              dense.storage() + static_cast<std::size_t>(dense.offset()) * size_of(dense.dtype()),
              bytes);
  return Tensor::strided(dense.dtype(), dense.shape(), dense.strides(), 0, std::move(storage),
                         dense.element_count());
}

TEST_P(Kernels, ReadNothingBeyondTheirTensors) {
  GuardedPool pool;
  for (std::uint64_t ordinal = 0; ordinal < 1500; ++ordinal) {
    Case test_case = make_case(recipe_of(5, ordinal));
    test_case.input = guarded(test_case.input, pool);
    test_case.grid = guarded(test_case.grid, pool);
    const Answer answer = optimized::answer(test_case, GetParam(), 1);
    ASSERT_EQ(difference(answer, grid_sample(test_case)), "") << to_line(test_case).substr(0, 500);
  }
}

TEST_P(Kernels, CanBeCalledFromSeveralThreads) {
  const Case test_case = large_case(Dtype::f32, Mode::bilinear, 2, 1, 16, Padding::reflection);
  const Answer expected = grid_sample(test_case);
  std::vector<std::string> results(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& result : results) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20 && result.empty(); ++i) {
          result = difference(optimized::answer(test_case, GetParam(), 2), expected);
        }
      });
    }
  }
  for (const std::string& result : results) EXPECT_EQ(result, "");
}

}  // namespace
}  // namespace gridproof
