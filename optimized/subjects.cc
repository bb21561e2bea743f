#include "optimized/subjects.h"

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "optimized/checks.h"
#include "optimized/grid_sample.h"

namespace gridproof::optimized {

std::optional<Refusal> refuse(const Case& question) {
  if (auto refusal = refuse_request(question.request)) return refusal;
  const Options options = resolve(question.request).value_or(Options{});
  const auto& [request, input, grid] = question;
  if (auto refusal = refuse_shapes(input.shape(), grid.shape(), options)) return refusal;
  return refuse_dtypes(input.dtype(), grid.dtype());
}

Answer answer(const Case& question, Target target, int threads) {
  if (auto refusal = refuse(question)) return *std::move(refusal);
  const Options options = resolve(question.request).value_or(Options{});
  const auto& [request, input, grid] = question;
  Tensor output(input.dtype(), output_shape(input.shape(), grid.shape()));
  visit(input.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      grid_sample(question.input.view<T>(), question.grid.view<T>(), options,
                  dense_output(output.elements<T>().data(), output.shape()),
                  {.target = target, .threads = threads});
    }
  });
  return output;
}

std::vector<SubjectEntry> subjects() {
  std::vector<SubjectEntry> entries;
  for (const auto& [target, name] : names<Target>) {
    entries.push_back(
        {.name = std::string(name),
         .description = "the fast kernels, " + std::string(target == Target::portable
                                                               ? "without vector instructions"
                                                               : "with vector instructions"),
         .open = [target, name] {
           if (!is_possible(target)) {
             throw std::runtime_error("this machine does not have the instructions of " +
                                      std::string(name));
           }
           return std::make_unique<FunctionSubject>(
               [target](const Case& question) { return answer(question, target, 1); });
         }});
  }
  return entries;
}

}  // namespace gridproof::optimized
