#include "reports/cli/question_options.h"

#include "reports/cli/options.h"
#include "reports/text/parse.h"

namespace gridproof::reports {
namespace {

// A question: a case line, or tensors and options.
void add_question(CLI::App& app, QuestionArguments& arguments) {
  app.add_option("case", arguments.line, "A case or FILE:LINE, instead of tensors and options")
      ->type_name("LINE");
  add_tensor(app, "--input,--image", arguments.input, "The input");
  add_tensor(app, "--grid", arguments.grid, "The grid");
  add_tensor(app, "--theta", arguments.theta, "Affine matrix for affine_grid, instead of a grid");
  add_tensor(app, "--displacement,--flow", arguments.displacement,
             "Displacement in input pixels, x first, such as optical flow, instead of a grid");
  add_maps(
      app, arguments.maps,
      "Positions in pixels, instead of a grid: the two maps of OpenCV's remap, or one array as "
      "scipy.ndimage.map_coordinates takes it, rows first");
  app.add_option("--output-size", arguments.output_size,
                 "The output's size, for --theta [the input's]")
      ->type_name("H,W");
  app.add_option("--mode", arguments.mode,
                 "Interpolation mode, by its name here or in another framework");
  app.add_option("--padding-mode", arguments.padding_mode, "Padding mode, likewise");
  add_align_corners(app, arguments.align_corners);
}

}  // namespace

CLI::Option* add_tensor(CLI::App& app, const std::string& flags, std::optional<std::string>& text,
                        const std::string& what) {
  return app.add_option(flags, text, what + ": a file, a nested list, or f32[1,2]{3,4}")
      ->type_name("TENSOR");
}

CLI::Option* add_maps(CLI::App& app, std::vector<std::string>& maps, const std::string& what) {
  return app.add_option("--maps", maps, what)
      ->type_name("X Y")
      ->expected(1, 2)
      ->allow_extra_args(false);  // else CLI11 takes a list apart
}

CLI::Option* add_align_corners(CLI::App& app, std::optional<bool>& align_corners) {
  return add_parsed(app, "--align-corners", align_corners, parse_truth, "BOOLEAN",
                    "True or False [False]");
}

void add_symptom(CLI::App& app, SymptomArguments& arguments) {
  add_question(app, arguments.test_case);
  add_tensor(app, "--observed,--output", arguments.observed, "The output of an implementation");
  CLI::Option* expected = add_tensor(app, "--expected", arguments.expected, "The expected output");
  app.add_option("--intent", arguments.intent,
                 "The expected output in words: identity, 'shift 2,0', 'rotate 30', 'flip x', "
                 "'grid FILE', 'same-as FILE'")
      ->type_name("WORDS")
      ->excludes(expected);
  app.add_option("--spacing", arguments.spacing,
                 "Millimeters per pixel, x first: displacements in millimeters are tried, too")
      ->type_name("X,Y,Z");
}

}  // namespace gridproof::reports
