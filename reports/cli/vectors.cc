#include <fmt/core.h>

#include <algorithm>

#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/write_files.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"
#include "reports/vectors/vector_files.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::string out;  // the folder
  VectorOptions options;
  std::vector<std::string> profiles;
};

// Each once.
std::vector<Profile> profiles_of(const std::vector<std::string>& texts) {
  std::vector<Profile> profiles;
  for (const std::string& text : texts) {
    const Profile profile = parse_profile("--profile", text);
    if (profile.kind == Profile::Kind::same_bits) {
      throw InputError(
          "--profile P0 asks for the reference's bits, which every vector holds: expected P1 … "
          "P5(23)");
    }
    if (std::ranges::find(profiles, profile) == profiles.end()) profiles.push_back(profile);
  }
  return profiles;
}

void options(CLI::App& app, Arguments& arguments) {
  VectorOptions& options = arguments.options;
  app.add_option("--out", arguments.out,
                 "The folder to write; it is replaced only if it holds nothing but vectors")
      ->type_name("DIR")
      ->required();
  add_seed(app, options.seed);
  add_parsed(app, "--cases-per-clause", options.cases_per_clause, parse_count, "N",
             "Draw cases until each clause has N [8]");
  add_parsed(app, "--dialect", options.dialect, parse_dialect, "D",
             "Binding text: pytorch, onnx or onnx-16 [pytorch]");
  add_each(
      app, "--profile", arguments.profiles, "P",
      "How strict to be about arithmetic: P1 … P4a(bf16), P5(8); repeat it for more sets [P1]");
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  VectorOptions vector_options = arguments.options;
  if (!arguments.profiles.empty()) vector_options.profiles = profiles_of(arguments.profiles);
  require_own_folder(arguments.out);
  const VectorFiles files = render_vectors(make_vectors(vector_options),
                                           make_gradient_vectors(vector_options), vector_options);
  replace_folder(arguments.out, files.contents_by_path);
  program.out << fmt::format("vectors: {}/{}\n{} of gradients\n{}, {}, {}\n", arguments.out,
                             vectors_index_name, counted(files.gradient_cases, "case"),
                             counted(files.cases, "case"), counted(files.clauses, "clause"),
                             counted(files.node_tests, "ONNX node test"));
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command vectors = {
    .name = "vectors",
    .group = Group::meaning,
    .summary = "Write cases with their admissible answers as files, and as ONNX node tests",
    .example = "gridproof vectors --out vectors",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
