#include <fmt/core.h>

#include "reports/cli/commands.h"
#include "reports/cli/write_files.h"
#include "reports/text/text.h"
#include "reports/vectors/vector_files.h"

namespace gridproof::reports {
int vectors_command(const VectorsArguments& arguments, const Context& program) {
  require_own_folder(arguments.out);
  const VectorFiles files = render_vectors(make_vectors(arguments.options), arguments.options);
  replace_folder(arguments.out, files.contents_by_path);
  program.out << fmt::format("vectors: {}/{}\n{}, {}, {}\n", arguments.out, vectors_index_name,
                             counted(files.cases, "case"), counted(files.clauses, "clause"),
                             counted(files.node_tests, "ONNX node test"));
  return conforms;
}

}  // namespace gridproof::reports
