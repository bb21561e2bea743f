#include "reports/cli/diagnose_gradients.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "oracle/exact/gradients.h"
#include "reports/cli/question_options.h"
#include "reports/diagnosis/diagnose_gradients.h"
#include "reports/diagnosis/gradient_theta.h"
#include "reports/report/gradient_notation.h"
#include "reports/text/case_reader.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::ordered_json;

// A tensor of this shape in this dtype, from an option.
Tensor read_shaped(const std::string& option, const std::string& text, const Shape& shape,
                   Dtype dtype, std::string& guesses) {
  const Tensor tensor = read_tensor_argument(option, text, guesses);
  if (tensor.shape() != shape) {
    throw InputError(fmt::format("{} has the shape {}: expected {}", option,
                                 to_string(tensor.shape()), to_string(shape)));
  }
  return tensor.dtype() == dtype ? tensor : Tensor(dtype, shape, tensor.values());
}

Shape output_shape(const Case& forward) {
  Shape shape = {forward.grid.size(0), forward.input.size(1)};
  shape.insert(shape.end(), forward.grid.shape().begin() + 1, forward.grid.shape().end() - 1);
  return shape;
}

BackwardCase read_backward_question(const GradientArguments& arguments,
                                    const QuestionArguments& question, std::istream& in,
                                    std::string& guesses) {
  if (question.line) {
    if (arguments.grad_output) {
      throw InputError("a case line has its grad_output: it cannot be combined with --grad-output");
    }
    return read_backward_case(*question.line, in);
  }
  UserQuestion asked = read_question(question, in);
  guesses = std::move(asked.guesses);
  Case forward = std::move(asked.test_case);
  if (const auto refusal = exact::refusal_of(forward)) {
    throw with_guesses(
        fmt::format("the operator refuses this question under [{}]", refusal->clause), guesses);
  }
  const Shape shape = output_shape(forward);
  const Dtype dtype = forward.input.dtype();
  if (arguments.grad_output) {
    return {
        forward, read_shaped("--grad-output", *arguments.grad_output, shape, dtype, guesses), {}};
  }
  guesses += "--grad-output is left out: ones, as of output.sum().backward()\n";
  const std::vector<double> ones(static_cast<std::size_t>(element_count(shape)), 1);
  return {forward, Tensor(dtype, shape, ones), {}};
}

Json json_of(const diagnosis::GradientDiagnosis& diagnosis) {
  Json causes = Json::array();
  for (const diagnosis::GradientCause& cause : diagnosis.causes) {
    causes.push_back({{"name", cause.name},
                      {"sentence", cause.sentence},
                      {"fix", cause.fix},
                      {"telling", cause.telling}});
  }
  return {
      {"right", diagnosis.wrong == 0},
      {"expected", diagnosis.is_expected},
      {"confidence", diagnosis.causes.empty() ? Json() : Json(diagnosis::confidence_of(diagnosis))},
      {"numbers", diagnosis.numbers},
      {"wrong", diagnosis.wrong},
      {"undecided", diagnosis.judgment.count(Verdict::undecided)},
      {"causes", causes},
      {"remarks", diagnosis.remarks}};
}

bool has_observed(const GradientArguments& arguments) {
  return arguments.observed_input || arguments.observed_grid || arguments.observed_theta;
}
bool has_expected(const GradientArguments& arguments) {
  return arguments.expected_input || arguments.expected_grid || arguments.expected_theta;
}

// The options that name numbers, and what these are of.
struct Given {
  const std::optional<std::string>& input;
  const std::optional<std::string>& grid;
  const std::optional<std::string>& theta;
  std::string prefix;
};
Given given_by(const GradientArguments& arguments) {
  if (has_observed(arguments) && has_expected(arguments)) {
    throw InputError(
        "gradients are observed or expected, and diagnosed one at a time: expected --observed-grad-"
        "… or --expected-grad-…");
  }
  if (has_expected(arguments)) {
    return {arguments.expected_input, arguments.expected_grid, arguments.expected_theta,
            "--expected-grad-"};
  }
  if (has_observed(arguments)) {
    return {arguments.observed_input, arguments.observed_grid, arguments.observed_theta,
            "--observed-grad-"};
  }
  throw InputError(
      "no gradient to look at: expected --observed-grad-input or --observed-grad-grid");
}

}  // namespace

void add_gradients(CLI::App& app, GradientArguments& arguments) {
  add_tensor(app, "--grad-output", arguments.grad_output,
             "For gradients: that of the output, as backward() was given it [ones]");
  add_tensor(app, "--observed-grad-input", arguments.observed_input,
             "The gradient of the input that came out");
  add_tensor(app, "--observed-grad-grid", arguments.observed_grid,
             "The gradient of the grid that came out");
  add_tensor(app, "--observed-grad-theta", arguments.observed_theta,
             "The gradient of theta that came out, with --theta");
  add_tensor(app, "--expected-grad-input", arguments.expected_input,
             "Instead: the gradient of the input that is expected");
  add_tensor(app, "--expected-grad-grid", arguments.expected_grid, "That of the grid");
  add_tensor(app, "--expected-grad-theta", arguments.expected_theta, "That of theta");
}

bool are_gradients(const GradientArguments& arguments) {
  return arguments.grad_output || has_observed(arguments) || has_expected(arguments);
}

ExitCode diagnose_gradients(const GradientArguments& arguments, const QuestionArguments& question,
                            bool json, const Context& program) {
  const Given given = given_by(arguments);
  if (given.theta && !question.theta) {
    throw InputError(given.prefix + "theta is of a grid that affine_grid made: expected --theta");
  }
  std::string guesses;
  const BackwardCase test_case = read_backward_question(arguments, question, program.in, guesses);
  if (const auto refusal = exact::refusal_of(test_case)) {
    throw with_guesses(
        fmt::format("the operator refuses this question under [{}]", refusal->clause), guesses);
  }
  const auto read = [&](const char* of, const std::optional<std::string>& text, const Shape& shape,
                        Dtype dtype) -> std::optional<Tensor> {
    if (!text) return std::nullopt;
    return read_shaped(given.prefix + of, *text, shape, dtype, guesses);
  };
  const auto& [request, input, grid] = test_case.forward;
  const Gradients gradients = {read("input", given.input, input.shape(), input.dtype()),
                               read("grid", given.grid, grid.shape(), grid.dtype())};
  const diagnosis::GradientDiagnosis diagnosis = diagnosis::diagnose_gradients(
      test_case, gradients,
      {.theta = read("theta", given.theta, diagnosis::theta_shape(test_case), grid.dtype()),
       .is_expected = has_expected(arguments)});
  if (json) {
    program.out << json_of(diagnosis).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    if (!guesses.empty()) program.out << program.painter(Paint::dim, guesses) << '\n';
    program.out << describe(test_case) << "\n\n" << diagnosis::text_of(diagnosis);
  }
  return diagnosis.wrong == 0 ? ExitCode::ok : ExitCode::findings;
}

}  // namespace gridproof::reports
