#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "reports/commands.h"
#include "reports/findings/text.h"
#include "reports/render_vectors.h"
#include "reports/write_files.h"

namespace gridproof::reports {
namespace {

namespace fs = std::filesystem;

// A folder of vectors is replaced as a whole, so it must be empty or hold nothing but vectors.
void refuse_foreign(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  const std::string shown = printable(folder.string(), 200);
  if (!fs::is_directory(folder, error)) {
    throw InputError("'" + shown + "' is a file: expected a folder");
  }
  std::ifstream index(folder / vectors_index_name, std::ios::binary);
  const std::vector<std::string> own =
      listed_files(std::string(std::istreambuf_iterator<char>(index), {}));
  fs::recursive_directory_iterator entries(folder, error);
  if (error) throw InputError("cannot read the folder '" + shown + "': " + error.message());
  for (const fs::directory_entry& entry : entries) {
    if (entry.is_directory() && !entry.is_symlink()) continue;
    const std::string path = fs::relative(entry.path(), folder).generic_string();
    if (std::ranges::find(own, path) == own.end()) {
      throw InputError(
          fmt::format("'{}' holds '{}', which is no vector: expected a new folder, or one that "
                      "gridproof vectors wrote",
                      shown, printable(path, 200)));
    }
  }
}

}  // namespace

int vectors_command(const VectorsArguments& arguments, const Program& program) {
  refuse_foreign(arguments.out);
  const VectorFiles files = render_vectors(make_vectors(arguments.options), arguments.options);
  replace_folder(arguments.out, files.contents_by_path);
  program.out << fmt::format("vectors: {}/{}\n{}, {}, {}\n", arguments.out, vectors_index_name,
                             counted(files.cases, "case"), counted(files.clauses, "clause"),
                             counted(files.node_tests, "ONNX node test"));
  return conforms;
}

}  // namespace gridproof::reports
