// `gridproof-plugin LIBRARY` puts a shared library that speaks reference/contract/plugin.h behind
// the process protocol. Tested by plugin_test.cc.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "oracle/subjects/serve/guarded.h"
#include "oracle/subjects/serve/processor_state.h"
#include "oracle/subjects/serve/serve.h"
#include "reference/contract/plugin.h"
#include "reference/encoding/descriptor.h"

namespace gridproof {
namespace {

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

int code_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return GRIDPROOF_F16;
    case Dtype::bf16:
      return GRIDPROOF_BF16;
    case Dtype::f32:
      return GRIDPROOF_F32;
    case Dtype::f64:
      return GRIDPROOF_F64;
    case Dtype::i32:
      return GRIDPROOF_I32;
  }
  return -1;
}

gridproof_tensor tensor_of(const Tensor& tensor) {
  const auto first = tensor.offset() * static_cast<std::int64_t>(size_of(tensor.dtype()));
  return {.data = tensor.shared_storage().get() + first,
          .dtype = code_of(tensor.dtype()),
          .rank = tensor.rank(),
          .shape = tensor.shape().data(),
          .strides = tensor.strides().data()};
}

// The shape of the output, if input and grid fit together.
std::optional<Shape> output_shape(const Tensor& input, const Tensor& grid) {
  const int rank = input.rank();
  if ((rank != 4 && rank != 5) || grid.rank() != rank || grid.size(rank - 1) != rank - 2 ||
      grid.size(0) != input.size(0)) {
    return std::nullopt;
  }
  Shape shape = {input.size(0), input.size(1)};
  shape.insert(shape.end(), grid.shape().begin() + 1, grid.shape().end() - 1);
  return shape;
}

class Plugin {
 public:
  explicit Plugin(const std::string& path) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto changed = changed_processor_state();
    restore_processor_state();
    using Entry = const gridproof_plugin* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(library, "gridproof_plugin_v1"));
    if (entry == nullptr) throw std::runtime_error("exports no gridproof_plugin_v1");
    plugin_ = entry();
    if (plugin_ == nullptr) throw std::runtime_error("gridproof_plugin_v1 returns NULL");
    if (plugin_->version != GRIDPROOF_PLUGIN_VERSION) {
      throw std::runtime_error("says version " + std::to_string(plugin_->version) +
                               " of the plug-in interface; expected " +
                               std::to_string(GRIDPROOF_PLUGIN_VERSION));
    }
    backward_ = reinterpret_cast<Backward>(dlsym(library, "gridproof_backward_v1"));
    if (plugin_->answer == nullptr) throw std::runtime_error("has no function `answer`");
    info_ = {.name = text_of(plugin_->name),
             .version = text_of(plugin_->release),
             .language = text_of(plugin_->language),
             .homepage = text_of(plugin_->homepage),
             .issues = text_of(plugin_->issues)};
    const auto dialect = parse<Dialect>(plugin_->dialect == nullptr ? "pytorch" : plugin_->dialect);
    if (!dialect) throw std::runtime_error("has a dialect that is neither pytorch nor onnx");
    info_.dialect = *dialect;
    // Not its answers' fault, and no reason not to ask for them: -ffast-math does so where a
    // library is loaded.
    if (changed) info_.version += " (loading it " + *changed + ", which was undone)";
  }

  [[nodiscard]] const SubjectInfo& info() const { return info_; }

  [[nodiscard]] bool has_gradients() const { return backward_ != nullptr; }

  Answer answer(const Case& test_case) {
    const auto& [request, input, grid] = test_case;
    Asked asked(test_case);
    Tensor answer(input.dtype(), {0});
    gridproof_tensor output{};
    if (auto shape = output_shape(input, grid)) {
      answer = unwritten(input.dtype(), std::move(*shape));
      output = tensor_of(answer);
      asked.test_case.output = &output;
    }
    std::int32_t result = 0;
    if (auto harm =
            harm_of([&] { result = plugin_->answer(&asked.test_case); },
                    {{"the input", &input}, {"the grid", &grid}}, {{"the output", &answer}})) {
      return std::move(*harm);
    }
    return outcome<Answer>(result, asked, std::move(answer));
  }

  BackwardAnswer backward(const BackwardCase& test_case) {
    const auto& [request, input, grid] = test_case.forward;
    Asked asked(test_case.forward);
    const Shape shape = output_shape(input, grid).value_or(Shape{});
    const Shape strides = contiguous_strides(shape);
    const gridproof_tensor output = {.data = nullptr,
                                     .dtype = code_of(input.dtype()),
                                     .rank = static_cast<std::int32_t>(shape.size()),
                                     .shape = shape.data(),
                                     .strides = strides.data()};
    if (!shape.empty()) asked.test_case.output = &output;
    const gridproof_tensor grad_output = tensor_of(test_case.grad_output);
    gridproof_backward_case question = {.size = sizeof(gridproof_backward_case),
                                        .forward = &asked.test_case,
                                        .grad_output = &grad_output,
                                        .grad_input = nullptr,
                                        .grad_grid = nullptr};
    Gradients gradients;
    gridproof_tensor grad_input{};
    gridproof_tensor grad_grid{};
    std::vector<NamedTensor> results;
    if (test_case.output_mask.input) {
      gradients.input = unwritten(input.dtype(), input.shape());
      grad_input = tensor_of(*gradients.input);
      question.grad_input = &grad_input;
      results.push_back({"grad_input", &*gradients.input});
    }
    if (test_case.output_mask.grid) {
      gradients.grid = unwritten(grid.dtype(), grid.shape());
      grad_grid = tensor_of(*gradients.grid);
      question.grad_grid = &grad_grid;
      results.push_back({"grad_grid", &*gradients.grid});
    }
    std::int32_t result = 0;
    if (auto harm = harm_of(
            [&] { result = backward_(&question); },
            {{"the input", &input}, {"the grid", &grid}, {"grad_output", &test_case.grad_output}},
            results)) {
      return std::move(*harm);
    }
    return outcome<BackwardAnswer>(result, asked, std::move(gradients));
  }

 private:
  struct NamedTensor {
    std::string name;
    const Tensor* tensor;
  };

  // A case as the plug-in sees it, with room for its message.
  struct Asked {
    gridproof_tensor input;
    gridproof_tensor grid;
    std::array<char, 1024> message{};
    gridproof_case test_case;

    explicit Asked(const Case& asked)
        : input(tensor_of(asked.input)),
          grid(tensor_of(asked.grid)),
          test_case{
              .size = sizeof(gridproof_case),
              .input = &input,
              .grid = &grid,
              .output = nullptr,
              .mode = asked.request.mode ? asked.request.mode->c_str() : nullptr,
              .padding_mode =
                  asked.request.padding_mode ? asked.request.padding_mode->c_str() : nullptr,
              .align_corners = asked.request.align_corners ? *asked.request.align_corners : -1,
              .message = message.data(),
              .message_size = message.size()} {}
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
  };

  // What `call` changed that is not its own: the processor's state, which is restored, or memory.
  static std::optional<Lost> harm_of(const std::function<void()>& call,
                                     const std::vector<NamedTensor>& given,
                                     const std::vector<NamedTensor>& results) {
    const std::vector<std::byte> before = bytes_of(given);
    for (const NamedTensor& result : results) paint(front_of(*result.tensor));
    call();
    if (const auto changed = changed_processor_state()) {
      restore_processor_state();
      return Lost{"the plug-in " + *changed + " and did not restore it"};
    }
    if (bytes_of(given) != before) return Lost{"the plug-in wrote to " + any_of(given)};
    for (const NamedTensor& result : results) {
      if (const auto distance = spoiled(front_of(*result.tensor))) {
        return Lost{"the plug-in wrote " + std::to_string(*distance) + " bytes in front of " +
                    result.name};
      }
    }
    return std::nullopt;
  }

  // `answer`, unless the plug-in says otherwise.
  template <class AnswerTo>
  static AnswerTo outcome(std::int32_t result, const Asked& asked, AnswerTo answer) {
    const std::string said(asked.message.data(),
                           strnlen(asked.message.data(), asked.message.size()));
    switch (result) {
      case GRIDPROOF_ANSWERED:
        return answer;
      case GRIDPROOF_REFUSED:
        return Refusal{.clause = "", .message = said};
      case GRIDPROOF_UNSUPPORTED:
        return Unsupported{said};
      case GRIDPROOF_FAILED:
        return Lost{said};
      default:
        return Lost{"the plug-in returned " + std::to_string(result) +
                    ", which is not a gridproof_result"};
    }
  }

  // "the input, the grid or grad_output"
  static std::string any_of(const std::vector<NamedTensor>& tensors) {
    std::string text = tensors.front().name;
    for (std::size_t i = 1; i < tensors.size(); ++i) {
      text += (i + 1 < tensors.size() ? ", " : " or ") + tensors[i].name;
    }
    return text;
  }

  // The storage of the tensors, with what lies in front of each.
  static std::vector<std::byte> bytes_of(const std::vector<NamedTensor>& tensors) {
    std::vector<std::byte> bytes;
    for (const auto& [name, tensor] : tensors) {
      const std::span<const std::byte> front = front_of(*tensor);
      bytes.insert(bytes.end(), front.begin(), front.end());
      bytes.insert(bytes.end(), tensor->storage(), tensor->storage() + size_in_bytes(*tensor));
    }
    return bytes;
  }

  static std::size_t size_in_bytes(const Tensor& tensor) {
    return static_cast<std::size_t>(tensor.storage_size()) * size_of(tensor.dtype());
  }

  static std::span<std::byte> front_of(const Tensor& tensor) {
    if (tensor.storage_size() == 0) return {};  // of no pool
    return GuardedPool::slack(tensor.shared_storage().get(), size_in_bytes(tensor));
  }

  // Bytes that no number is likely to have, each another.
  static std::byte color(std::size_t place) {
    return static_cast<std::byte>(0xa5U ^ (place * 31U & 0xffU));
  }
  static void paint(std::span<std::byte> front) {
    for (std::size_t i = 0; i < front.size(); ++i) front[i] = color(i);
  }
  // How far in front of its end the first byte lies that was written to.
  static std::optional<std::size_t> spoiled(std::span<const std::byte> front) {
    for (std::size_t i = 0; i < front.size(); ++i) {
      if (front[i] != color(i)) return front.size() - i;
    }
    return std::nullopt;
  }

  // All bits one, which is NaN: an element that nobody writes is seen.
  Tensor unwritten(Dtype dtype, Shape shape) {
    const std::int64_t elements = element_count(shape);
    const std::size_t bytes = static_cast<std::size_t>(elements) * size_of(dtype);
    std::shared_ptr<std::byte[]> storage = pool_.allocate(bytes);
    std::memset(storage.get(), 0xff, bytes);
    Shape strides = contiguous_strides(shape);
    return Tensor::strided(dtype, std::move(shape), std::move(strides), 0, std::move(storage),
                           elements);
  }

  using Backward = std::int32_t (*)(const gridproof_backward_case*);
  const gridproof_plugin* plugin_ = nullptr;
  Backward backward_ = nullptr;  // if it has gradients
  SubjectInfo info_;
  GuardedPool pool_;
};

}  // namespace
}  // namespace gridproof

int main(int argc, char** argv) {
  const int out = gridproof::take_standard_output();  // what is loaded may print
  if (argc != 2) {
    std::cerr << "usage: gridproof-plugin LIBRARY\n";
    return 2;
  }
  try {
    // dlopen looks for a name without a slash in the system's folders.
    gridproof::Plugin plugin(std::filesystem::absolute(argv[1]).string());
    gridproof::Started started{.info = plugin.info()};
    if (plugin.has_gradients()) {
      started.supports.gradients = {gridproof::GradientOf::input, gridproof::GradientOf::grid};
    }
    return gridproof::serve(
        started, [&plugin](const gridproof::Case& test_case) { return plugin.answer(test_case); },
        [&plugin](const gridproof::BackwardCase& test_case) { return plugin.backward(test_case); },
        out);
  } catch (const std::exception& error) {
    std::string line;
    gridproof::append_reply(line, {std::nullopt, gridproof::Lost{error.what()}});
    gridproof::write_all(out, std::as_bytes(std::span(line)));
    return 2;
  }
}
