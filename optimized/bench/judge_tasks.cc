#include "optimized/bench/judge_tasks.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "optimized/bench/workloads.h"
#include "optimized/grid_sample.h"
#include "oracle/exact/exact.h"
#include "oracle/exact/gradients.h"
#include "oracle/gradients/gradient_judge.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::bench {
namespace {

// Tensors of noise between -1 and 1, the same every time.
class Noise {
 public:
  Tensor filled(Dtype dtype, const Shape& shape) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = next();
    return {dtype, shape, values};
  }

 private:
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(static_cast<std::int64_t>(state_)) * 0x1p-63;
  }
  std::uint64_t state_ = 1;
};

// A plane of noise, a grid that stays inside and a gradient of the output, one channel.
BackwardCase question_of(Mode mode, int axes, Dtype dtype, std::int64_t samples) {
  Noise noise;
  const std::int64_t rows = samples / 100;
  BackwardCase question;
  question.forward.request = request_for({.mode = mode});
  question.forward.input =
      noise.filled(dtype, axes == 2 ? Shape{1, 1, 64, 100} : Shape{1, 1, 16, 20, 20});
  question.forward.grid =
      noise.filled(dtype, axes == 2 ? Shape{1, rows, 100, 2} : Shape{1, 1, rows, 100, 3});
  question.grad_output =
      noise.filled(dtype, axes == 2 ? Shape{1, 1, rows, 100} : Shape{1, 1, 1, rows, 100});
  return question;
}

void run_program(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  // 1: it ran, and has findings.
  if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
    throw std::runtime_error("it failed: " + command);
  }
}

// A 4K picture, the grid that somebody used, and an output that no two of the known mistakes give.
void write_picture(const Folder& folder) {
  const Workload picture{"", "", {1, 3, 2160, 3840}, {2160, 3840}, {}};
  Tensor input(Dtype::f32, picture.input);
  const Shape& size = picture.locations;
  std::int64_t i = 0;
  for (float& texel : input.elements<float>()) {
    const std::int64_t row = i / size[1];  // with the channels below each other
    const auto x = static_cast<float>(i % size[1]);
    const auto y = static_cast<float>(row);
    texel = std::sin(x / 17) * std::cos(y / 23) + std::sin(x / 3.1F + y / 4.3F) / 5;
    ++i;
  }
  Tensor grid(Dtype::f32, picture.grid_shape());
  std::ranges::copy(make_grid(picture, Field::smooth), grid.elements<float>().begin());
  write_npy(folder / "input.npy", input);
  write_npy(folder / "grid.npy", grid);
  // Turned by less than half, waved, and cubed.
  for (float& x : grid.elements<float>()) x = std::sin(2.3F * x) - x / 3;
  Tensor output(Dtype::f32, picture.output_shape());
  grid_sample(input.view<float>(), grid.view<float>(), Options{},
              dense_output(output.elements<float>().data(), output.shape()));
  for (float& value : output.elements<float>()) value = value * value * value;
  write_npy(folder / "expected.npy", output);
}

}  // namespace

std::vector<Task> judge_tasks(Dtype dtype) {
  struct Kind {
    Mode mode;
    int axes;
    double rate;  // goal of the judge
  };
  std::vector<Task> tasks;
  const bool has_goals = dtype == Dtype::f32;
  for (const Kind& kind : {Kind{Mode::bilinear, 2, 8}, Kind{Mode::bilinear, 3, 4},
                           Kind{Mode::bicubic, 2, 2}, Kind{Mode::nearest, 2, 8}}) {
    const auto add = [&](const char* what, Unit unit, double goal, std::int64_t samples,
                         auto with) {
      tasks.push_back(
          {.name = fmt::format("{}/{}/{}-D/{}", what, name(kind.mode), kind.axes, name(dtype)),
           .unit = unit,
           .goal = has_goals && goal > 0 ? std::optional(goal) : std::nullopt,
           .samples = samples,
           .prepare = [with, samples, kind, dtype]() -> std::function<void()> {
             return with(question_of(kind.mode, kind.axes, dtype, samples).forward);
           }});
    };
    add("judge", Unit::megasamples, kind.rate, 20000, [](Case question) {
      Answer answer = exact::answer(question);
      return [question = std::move(question), answer = std::move(answer)] {
        benchmark::DoNotOptimize(Judge().judge(question, answer));
      };
    });
    add("judge-same-bits", Unit::megasamples, 0, 200000, [](Case question) {
      Answer answer = grid_sample(question);
      return [question = std::move(question), answer = std::move(answer)] {
        benchmark::DoNotOptimize(Judge().judge(question, answer, &answer));
      };
    });
    add("exact", Unit::microseconds, 0.5, 5000, [](Case question) {
      return
          [question = std::move(question)] { benchmark::DoNotOptimize(exact::answer(question)); };
    });
    constexpr std::int64_t locations = 20000;
    constexpr std::int64_t texels = 6400;
    tasks.push_back(
        {.name = fmt::format("judge-gradients/{}/{}-D/{}", name(kind.mode), kind.axes, name(dtype)),
         .unit = Unit::megasamples,
         .goal = has_goals ? std::optional(2.0) : std::nullopt,
         .samples = texels + locations * kind.axes,
         .prepare = [kind, dtype]() -> std::function<void()> {
           BackwardCase question = question_of(kind.mode, kind.axes, dtype, locations);
           BackwardAnswer answer = exact::backward_answer(question);
           return [question = std::move(question), answer = std::move(answer)] {
             benchmark::DoNotOptimize(GradientJudge().judge(question, answer));
           };
         }});
    add("reference", Unit::megasamples, 0, 100000, [](Case question) {
      return [question = std::move(question)] { benchmark::DoNotOptimize(grid_sample(question)); };
    });
  }
  return tasks;
}

std::vector<Task> gate_tasks(const std::string& program, std::shared_ptr<const Folder> folder) {
  const auto file = [&](const char* name) { return '\'' + (*folder / name).string() + '\''; };
  const auto running = [&](const std::string& arguments) {
    return [command = '\'' + program + "' " + arguments] { run_program(command); };
  };
  const auto task = [](const char* name, double goal, auto prepare) {
    return Task{.name = name,
                .unit = Unit::seconds,
                .goal = goal,
                .samples = 1,
                .prepare = std::move(prepare)};
  };
  const auto ready = [&](const std::string& arguments) {
    return [run = running(arguments), folder] { return run; };
  };
  return {task("check/1e6-samples", 10, ready("check --max-samples 1e6 --out " + file("report"))),
          task("check/default", 20, ready("check --out " + file("report"))),
          task("mutation-score/all", 1, ready("mutation-score")),
          task("diagnose/4K-unexplained", 5,
               [folder, run = running("diagnose --input " + file("input.npy") + " --grid " +
                                      file("grid.npy") + " --expected " + file("expected.npy"))] {
                 write_picture(*folder);
                 return run;
               })};
}

}  // namespace gridproof::bench
