#include <fmt/core.h>

#include "oracle/exact/exact.h"
#include "reports/commands.h"
#include "reports/explain.h"
#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

// The number of the sample at an output location.
std::int64_t sample_at(const Shape& location, const Shape& grid) {
  const Shape sizes(grid.begin(), grid.end() - 1);
  bool inside = location.size() == sizes.size();
  std::int64_t sample = 0;
  for (std::size_t axis = 0; inside && axis < sizes.size(); ++axis) {
    inside = location[axis] < sizes[axis];
    sample = sample * sizes[axis] + location[axis];
  }
  if (!inside) {
    const std::string given = to_string(location);
    throw InputError(fmt::format("--at is '{}': expected {} indices within {}",
                                 given.substr(1, given.size() - 2), sizes.size(),
                                 to_string(sizes)));
  }
  return sample;
}

void require_below(std::string_view option, std::int64_t value, std::int64_t count,
                   std::string_view thing) {
  if (value < count) return;
  throw InputError(count == 0 ? fmt::format("the output of this case has no {}s", thing)
                              : fmt::format("{} is '{}': expected 0 to {}, the case has {}", option,
                                            value, count - 1, counted(count, thing)));
}

}  // namespace

int explain_command(const ExplainArguments& arguments, const Program& program) {
  const Case question = read_case(arguments.question, program.in);
  if (const auto refusal = exact::refusal_of(question)) {
    program.out << describe(question) << "\n\nThe operator refuses this question under ["
                << refusal->clause << "]: " << printable(refusal->message, 300) << '\n';
    return conforms;
  }
  const std::int64_t sample =
      arguments.location ? sample_at(*arguments.location, question.grid.shape()) : arguments.sample;
  require_below("--sample", sample, sample_count(question), "sample");
  require_below("--channel", arguments.channel, question.input.size(1), "channel");
  program.out << explain(question, sample, arguments.channel, arguments.profile, program.painter);
  return conforms;
}

}  // namespace gridproof::reports
