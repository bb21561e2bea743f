#include "optimized/subjects.h"

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "optimized/backward.h"
#include "optimized/checks.h"
#include "optimized/grid_sample.h"

namespace gridproof::optimized {

std::optional<Refusal> refuse(const Case& test_case) {
  if (auto refusal = refuse_request(test_case.request)) return refusal;
  const Options options = resolve(test_case.request).value_or(Options{});
  const auto& [request, input, grid] = test_case;
  if (auto refusal = refuse_shapes(input.shape(), grid.shape(), options)) return refusal;
  return refuse_dtypes(input.dtype(), grid.dtype());
}

Answer answer(const Case& test_case, Target target, int threads) {
  if (auto refusal = refuse(test_case)) return *std::move(refusal);
  const Options options = resolve(test_case.request).value_or(Options{});
  const auto& [request, input, grid] = test_case;
  Tensor output(input.dtype(), output_shape(input.shape(), grid.shape()));
  visit(input.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_integral_v<T>) {
      grid_sample(test_case.input.view<T>(), test_case.grid.view<T>(), options,
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
               [target](const Case& test_case) { return answer(test_case, target, 1); },
               [target](const BackwardCase& test_case) {
                 return backward_answer(test_case, target, 1);
               });
         }});
  }
  return entries;
}

}  // namespace gridproof::optimized
