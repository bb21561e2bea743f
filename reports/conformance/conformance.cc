#include "reports/conformance/conformance.h"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "oracle/exact/exact.h"
#include "reference/semantics/grid_sample.h"
#include "reference/semantics/shapes.h"
#include "reports/evidence/evidence.h"
#include "reports/report/summary.h"

namespace gridproof {
namespace {

constexpr std::size_t longest_line = 400;  // of a case in the log of a test

// The function as a subject: what it throws becomes an answer.
SubjectEntry entry_of(const std::function<Answer(const Case&)>& function,
                      const ConformanceOptions& options) {
  const auto answer = [&function](const Case& test_case) -> Answer {
    try {
      return function(test_case);
    } catch (const Unsupported& unsupported) {
      return unsupported;
    } catch (const std::exception& refusal) {
      return Refusal{"", refusal.what()};
    } catch (...) {
      return Refusal{"", "(it threw what is no std::exception)"};
    }
  };
  return {.name = options.name, .description = "a function in this process", .open = [answer] {
            return std::make_unique<FunctionSubject>(answer);
          }};
}

}  // namespace

std::variant<conformance::Call, Unsupported> conformance::prepare(const Case& test_case) {
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || exact::refusal_of(test_case)) return Unsupported{"questions without an answer"};
  if (!test_case.input.is_copyable()) {
    return Unsupported{"tensors that are too large to be copied to plain memory"};
  }
  return Call{
      .input = test_case.input.contiguous(),
      .grid = test_case.grid.contiguous(),
      .options = *options,
      .output = Tensor(test_case.input.dtype(),
                       semantics::output_shape(test_case.input.shape(), test_case.grid.shape()))};
}

Conformance check_conformance(const std::function<Answer(const Case&)>& function,
                              const ConformanceOptions& options) {
  reports::Report report;
  report.subjects = {entry_of(function, options)};
  report.options.seed = options.seed;
  report.options.max_samples = options.samples;
  report.options.profile = options.profile;
  report.options.dialect = options.dialect;
  report.options.strict = options.strict;
  report.options.threads = options.threads;
  report.result = run_campaign(report.options, report.subjects, reference_subject());
  Conformance conformance;
  reports::FullReport full = reports::with_evidence(std::move(report));
  conformance.text = reports::render_summary(full, "", {}, longest_line);
  conformance.conforms = reports::passes(full);
  conformance.result = std::move(full.result);
  return conformance;
}

}  // namespace gridproof
