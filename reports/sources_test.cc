#include "reports/sources.h"

#include <gtest/gtest.h>

#include <sstream>

#include "reports/input.h"
#include "reports/temporary_folder.h"

namespace gridproof::reports {
namespace {

Question read(const QuestionArguments& arguments) {
  std::istringstream nothing;
  return read_question(arguments, nothing);
}
std::string complaint(const QuestionArguments& arguments) {
  try {
    read(arguments);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}
QuestionArguments with_input(const std::string& input) {
  QuestionArguments arguments;
  arguments.input = input;
  return arguments;
}
const std::string picture = "[[1,2,3],[4,5,6]]";

TEST(Sources, GridsAreAsTheyAre) {
  QuestionArguments arguments = with_input(picture);
  arguments.grid = "[[[0.5,-1]]]";
  arguments.mode = "linear";
  arguments.padding_mode = "mirror";
  const Question question = read(arguments);
  EXPECT_EQ(to_line(question.question),
            "grid_sample mode=bilinear padding_mode=reflection input=f32[1,1,2,3]{1..6} "
            "grid=f32[1,1,1,2]{0.5,-1}");
  EXPECT_EQ(question.guesses,
            "the input of shape [2,3] is read as [1,1,2,3]\n"
            "the grid of shape [1,1,2] is read as [1,1,1,2]\n"
            "'linear' is read as 'bilinear'\n'mirror' is read as 'reflection'\n");
}

TEST(Sources, ThetasAreGridsOfTheirOutput) {
  QuestionArguments arguments = with_input(picture);
  arguments.theta = "[[1,0,0],[0,1,0],[0,0,1]]";
  arguments.output_size = "1,2";
  EXPECT_EQ(read(arguments).question.grid.values(), (std::vector<double>{-0.5, 0, 0.5, 0}));
  arguments.align_corners = true;
  const Question question = read(arguments);
  EXPECT_EQ(question.question.grid.values(), (std::vector<double>{-1, 0, 1, 0}));
  EXPECT_NE(question.guesses.find("affine_grid(theta, [1,1,1,2], align_corners=True)"),
            std::string::npos);
  arguments.theta = "[[1,0,0],[0,1,0],[0,1,1]]";
  EXPECT_EQ(complaint(arguments), "--theta has a last row that is not (0, …, 0, 1): no affine map");
  arguments.theta = "[[1,0],[0,1]]";
  EXPECT_EQ(complaint(arguments), "--theta has the shape [2,2]: expected [N,2,3]");
  arguments.theta = "[[1,0,0],[0,1,0]]";
  arguments.output_size = "1,0";
  EXPECT_EQ(complaint(arguments),
            "--output-size is '1,0': expected 2 sizes of 1 or more, of 2^26 locations in all");
}

TEST(Sources, DisplacementsAreInPixelsAndXFirst) {
  QuestionArguments arguments = with_input(picture);
  arguments.displacement = "[[[1,0],[1,0],[1,0]],[[0,-1],[0,-1],[0,-1]]]";
  arguments.align_corners = true;
  const std::vector<double> grid = {0, -1, 1, -1, 2, -1, -1, -1, 0, -1, 1, -1};
  EXPECT_EQ(read(arguments).question.grid.values(), grid);
  // The same with its components first, as networks hold it.
  arguments.displacement = "[[[1,1,1],[0,0,0]],[[0,0,0],[-1,-1,-1]]]";
  const Question question = read(arguments);
  EXPECT_EQ(question.question.grid.values(), grid);
  EXPECT_NE(question.guesses.find("with its components in axis 1"), std::string::npos);
  arguments.displacement = "[[1,2],[3,4]]";
  EXPECT_EQ(complaint(arguments), "--displacement has the shape [2,2]: expected [N,H,W,2]");
}

TEST(Sources, FlowFilesAreDisplacements) {
  const TemporaryFolder folder;
  std::string flow = "PIEH";
  const auto append = [&](auto value) {
    flow.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  append(std::int32_t{1});
  append(std::int32_t{1});
  append(1.5F);
  append(0.0F);
  QuestionArguments arguments = with_input("[[4]]");
  arguments.displacement = folder.write("one.flo", flow);
  EXPECT_EQ(read(arguments).question.grid.values(), (std::vector<double>{3, 0}));
  folder.write("cut.flo", flow.substr(0, 13));
  arguments.displacement = folder / "cut.flo";
  EXPECT_TRUE(complaint(arguments).starts_with("--displacement '" + folder / "cut.flo" + "': "));
}

TEST(Sources, MapsAreThoseOfRemap) {
  QuestionArguments arguments = with_input(picture);
  arguments.maps = {"[[0,2]]", "[[1,0.5]]"};
  arguments.align_corners = true;
  EXPECT_EQ(read(arguments).question.grid.values(), (std::vector<double>{-1, 1, 1, 0}));
  arguments.align_corners = false;
  EXPECT_EQ(read(arguments).question.grid.values()[1], 0.5);
  arguments.maps[1] = "[[1]]";
  EXPECT_EQ(complaint(arguments), "--maps have the shapes [1,2] and [1,1]: expected two of [H,W]");
}

TEST(Sources, OneWayToSayWhereToRead) {
  QuestionArguments arguments = with_input(picture);
  EXPECT_EQ(complaint(arguments),
            "a case line is missing, or --input with --grid, --theta, --displacement or --maps");
  arguments.grid = "[[[0.5,-1]]]";
  arguments.theta = "[[1,0,0],[0,1,0]]";
  EXPECT_EQ(complaint(arguments), "--grid, --theta, --displacement and --maps exclude each other");
  arguments.theta.reset();
  arguments.output_size = "1,1";
  EXPECT_EQ(complaint(arguments), "--output-size needs --theta");
  arguments.line = "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(complaint(arguments),
            "a case line says everything: --input, --grid and options exclude it");
}

TEST(Sources, TensorsThatAreNone) {
  const auto complaint_of = [](const std::string& text) {
    try {
      read_tensor_argument("--grid", text);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(complaint_of("[[1],2]"), "--grid '[[1],2]': its lists are of different depths");
  EXPECT_EQ(complaint_of("[1,'a']"), "--grid '[1,'a']': it is no nested list of numbers");
  EXPECT_TRUE(complaint_of("f32[2]{1}").starts_with("--grid 'f32[2]{1}': "))
      << complaint_of("f32[2]{1}");
  EXPECT_TRUE(complaint_of("/no/such/file").starts_with("--grid '/no/such/file': "));
}

}  // namespace
}  // namespace gridproof::reports
