#include "reports/question/question_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

#include "reports/testing/temporary_folder.h"
#include "reports/text/input_error.h"

namespace gridproof::reports {
namespace {

UserQuestion read(const QuestionArguments& arguments) {
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
  const UserQuestion question = read(arguments);
  EXPECT_EQ(to_line(question.test_case),
            "grid_sample mode=bilinear padding_mode=reflection input=f32[1,1,2,3]{1..6} "
            "grid=f32[1,1,1,2]{0.5,-1}");
  EXPECT_EQ(question.guesses,
            "the input of shape [2,3] is read as [1,1,2,3]\n"
            "the grid of shape [1,1,2] is read as [1,1,1,2]\n"
            "'linear' is read as 'bilinear'\n'mirror' is read as 'reflection'\n");
}

TEST(Sources, OptionsMayHaveTheNamesOfOthers) {
  for (const auto& [mode, padding, request] : std::to_array<std::array<const char*, 3>>(
           {{"INTER_LINEAR", "BORDER_REFLECT_101", "mode=bilinear padding_mode=reflection"},
            {"cv2.INTER_NEAREST", "cv2.BORDER_CONSTANT", "mode=nearest padding_mode=zeros"},
            {"cubic", "nearest", "mode=bicubic padding_mode=border"},
            {"nearest", "edge", "mode=nearest padding_mode=border"}})) {
    QuestionArguments arguments = with_input(picture);
    arguments.grid = "[[[0.5,-1]]]";
    arguments.mode = mode;
    arguments.padding_mode = padding;
    EXPECT_TRUE(to_line(read(arguments).test_case)
                    .starts_with(std::string("grid_sample ") + request + " input"))
        << mode << ' ' << padding;
  }
}

TEST(Sources, ThetasAreGridsOfTheirOutput) {
  QuestionArguments arguments = with_input(picture);
  arguments.theta = "[[1,0,0],[0,1,0],[0,0,1]]";
  arguments.output_size = "1,2";
  EXPECT_EQ(read(arguments).test_case.grid.values(), (std::vector<double>{-0.5, 0, 0.5, 0}));
  arguments.align_corners = true;
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.grid.values(), (std::vector<double>{-1, 0, 1, 0}));
  EXPECT_NE(question.guesses.find("affine_grid(theta, [1,1,1,2], align_corners=True)"),
            std::string::npos);
  arguments.theta = "[[1,0,0],[0,1,0],[0,1,1]]";
  EXPECT_EQ(complaint(arguments),
            "--theta has a last row that is not (0, …, 0, 1), so it is not an affine map");
  arguments.theta = "[[1,0],[0,1]]";
  EXPECT_EQ(complaint(arguments), "--theta has the shape [2,2]: expected [N,2,3]");
  arguments.theta = "[[1,0,0],[0,1,0]]";
  arguments.output_size = "1,0";
  EXPECT_EQ(
      complaint(arguments),
      "--output-size is '1,0': expected 2 sizes of 1 or more, with at most 2^26 locations in all");
}

TEST(Sources, DisplacementsAreInPixelsAndXFirst) {
  QuestionArguments arguments = with_input(picture);
  arguments.displacement = "[[[1,0],[1,0],[1,0]],[[0,-1],[0,-1],[0,-1]]]";
  arguments.align_corners = true;
  const std::vector<double> grid = {0, -1, 1, -1, 2, -1, -1, -1, 0, -1, 1, -1};
  EXPECT_EQ(read(arguments).test_case.grid.values(), grid);
  // The same with its components first, as networks hold it.
  arguments.displacement = "[[[1,1,1],[0,0,0]],[[0,0,0],[-1,-1,-1]]]";
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.grid.values(), grid);
  EXPECT_NE(question.guesses.find("with its components in axis 1"), std::string::npos);
  arguments.displacement = "[[1,2],[3,4]]";
  EXPECT_EQ(complaint(arguments), "--displacement has the shape [2,2]: expected [N,H,W,2]");
}

// A volume of some channels without an axis of the batch looks like pictures.
TEST(Sources, WhatMovesInSpaceSaysThatTheInputIsAVolume) {
  QuestionArguments arguments = with_input("f32[1,2,2,2]{1..8}");
  arguments.displacement = "f32[1,2,2,2,3]{0..23}";
  EXPECT_EQ(read(arguments).test_case.input.shape(), (Shape{1, 1, 2, 2, 2}));
  arguments.displacement = std::nullopt;
  arguments.theta = "[[1,0,0,0],[0,1,0,0],[0,0,1,0]]";
  EXPECT_EQ(read(arguments).test_case.input.shape(), (Shape{1, 1, 2, 2, 2}));
}

TEST(Sources, DtypesThatPyTorchRefusesTogetherAreNoted) {
  QuestionArguments arguments = with_input("f16[1,1,2,2]{1,2,3,4}");
  arguments.displacement = "f32[1,2,2,2]{0,0,0,0,0,0,0,0}";
  EXPECT_TRUE(read(arguments).mixes_dtypes);
  arguments.input = "f32[1,1,2,2]{1,2,3,4}";
  EXPECT_FALSE(read(arguments).mixes_dtypes);
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
  EXPECT_EQ(read(arguments).test_case.grid.values(), (std::vector<double>{3, 0}));
  folder.write("cut.flo", flow.substr(0, 13));
  arguments.displacement = folder / "cut.flo";
  EXPECT_TRUE(complaint(arguments).starts_with("--displacement '" + folder / "cut.flo" + "': "));
}

TEST(Sources, MapsAreThoseOfRemap) {
  QuestionArguments arguments = with_input(picture);
  arguments.maps = {"[[0,2]]", "[[1,0.5]]"};
  arguments.align_corners = true;
  EXPECT_EQ(read(arguments).test_case.grid.values(), (std::vector<double>{-1, 1, 1, 0}));
  arguments.align_corners = false;
  EXPECT_EQ(read(arguments).test_case.grid.values()[1], 0.5);
  arguments.maps[1] = "[[1]]";
  EXPECT_EQ(complaint(arguments), "--maps have the shapes [1,2] and [1,1]: expected two of [H,W]");
}

// Files that other programs wrote.
std::string corpus(const std::string& file) {
  return std::string(GRIDPROOF_SOURCE_DIR) + "/reports/files/corpus/tensor_file/" + file;
}

TEST(Sources, VolumesOfNiftiSayWhereTheyAre) {
  QuestionArguments arguments = with_input(corpus("f4.nii"));
  arguments.grid = "[[[[0,0,0]]]]";
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.input.shape(), (Shape{1, 1, 4, 3, 2}));
  EXPECT_EQ(question.world.spacing, (std::vector<double>{2, 4, 3}));
  ASSERT_TRUE(question.world.to_millimeters);
  EXPECT_EQ(question.world.to_millimeters->linear[1], (std::array<double, 3>{0, 0, 3}));
  EXPECT_EQ(question.world.to_millimeters->translation, (std::array<double, 3>{10, 20, 30}));
  EXPECT_EQ(question.guesses,
            "--input is NIfTI-1 of f32, size 2 x 3 x 4 (x first), read as [1,1,4,3,2]; voxels of 2 "
            "x 4 x 3 (the file says no unit: taken as mm), x, y, z towards LSA (sform)\nthe grid "
            "of shape [1,1,1,3] is read as [1,1,1,1,3]\nmillimeters are tried with the spacing and "
            "directions from the file of the input\n");
}

TEST(Sources, TheDisplacementSaysWhereTheInputIs) {
  QuestionArguments arguments = with_input("f32[1,1,1,2,3]{1..6}");
  arguments.displacement = corpus("vectors.nii");
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.grid.shape(), (Shape{1, 1, 2, 3, 3}));
  EXPECT_EQ(question.world.spacing, (std::vector<double>{2, 4, 3}));
  EXPECT_NE(question.guesses.find("directions from the file of the displacement\n"),
            std::string::npos)
      << question.guesses;
}

TEST(Sources, ASliceMayBeAPicture) {
  QuestionArguments arguments = with_input(corpus("vectors.nii"));  // by itself it is sampled
  arguments.grid = "[[[0,0,0]]]";
  EXPECT_EQ(complaint(arguments), "");
  EXPECT_EQ(read(arguments).test_case.input.shape(), (Shape{1, 3, 1, 2, 3}));
  // x and z are in the plane of the world, and y is not.
  arguments = with_input(corpus("plane.nii"));
  arguments.grid = "[[[0,0]]]";
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.input.shape(), (Shape{1, 1, 4, 3}));
  EXPECT_EQ(question.world.spacing, (std::vector<double>{2, 4}));
  EXPECT_FALSE(question.world.to_millimeters);
}

TEST(Sources, JPEGsAreOnlyNear) {
  QuestionArguments arguments = with_input(corpus("turned.jpg"));
  arguments.grid = "[[[0,0]]]";
  UserQuestion question = read(arguments);
  EXPECT_TRUE(question.guesses.starts_with("--input is a JPEG: its values are only close"));
  EXPECT_NE(question.guesses.find("(EXIF orientation 6)"), std::string::npos);
  const std::string file = corpus("gray.jpg");
  try {
    read_output("--expected", file, question);
    FAIL() << "a JPEG was taken for what was expected";
  } catch (const InputError& error) {
    EXPECT_TRUE(std::string(error.what())
                    .ends_with("' is a JPEG, whose values are only close to those that were "
                               "written: expected a lossless file, such as PNG or .npy"))
        << error.what();
  }
}

TEST(Sources, MapsMayBeOneArrayRowsFirst) {
  QuestionArguments arguments = with_input(picture);
  arguments.align_corners = true;
  arguments.maps = {"[[[1,0.5,0]],[[0,2,1]]]"};
  const std::vector<double> grid = {-1, 1, 1, 0, 0, -1};
  UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.grid.values(), grid);
  EXPECT_EQ(question.given, diagnosis::Given::coordinates);
  EXPECT_EQ(question.layout, "");
  arguments.maps = {"[[[0,1],[2,0.5],[1,0]]]"};
  question = read(arguments);
  EXPECT_EQ(question.test_case.grid.values(), grid);
  EXPECT_EQ(question.given, diagnosis::Given::joined_maps);
  arguments.maps = {"[[[[0]]],[[[0]]],[[[0]]]]"};
  EXPECT_EQ(read(arguments).test_case.input.shape(), (Shape{1, 1, 1, 2, 3}));
  EXPECT_EQ(read(arguments).test_case.grid.values(), (std::vector<double>{-1, -1, 0}));
  arguments.input = "f32[1,1,1,2,3]{1..6}";
  arguments.maps = {"[[[1,0.5,0]],[[0,2,1]]]"};
  EXPECT_EQ(complaint(arguments), "--input has the shape [1,1,1,2,3]: expected 4 axes");
}

TEST(Sources, PackedGridsAreUnpacked) {
  QuestionArguments arguments = with_input(picture);
  arguments.grid = "f32[1,2,1,3]{-0.5,0,0.5,-1,0,1}";
  const UserQuestion question = read(arguments);
  EXPECT_EQ(question.test_case.grid.values(), (std::vector<double>{-0.5, -1, 0, 0, 0.5, 1}));
  EXPECT_TRUE(question.layout.starts_with("layout.components: ")) << question.layout;
  EXPECT_NE(question.guesses.find("the grid of shape [1,2,1,3] is read as [1,1,3,2]"),
            std::string::npos);
  // Two of a batch, and not all axes in the reverse order.
  arguments = with_input("f32[2,1,2,3]{1..12}");
  arguments.grid = "f32[2,2,1,3]{-0.5,0,0.5,-1,0,1,-0.5,0,0.5,-1,0,1}";
  EXPECT_FALSE(read(arguments).is_reversed);
  EXPECT_EQ(read(arguments).test_case.grid.shape(), (Shape{2, 1, 3, 2}));
  arguments.grid.reset();
  arguments.displacement = "f32[2,3,2,1]{0,1,2,3,4,5,6,7,8,9,10,11}";
  arguments.input = "f32[2,1,3,1]{1..6}";
  EXPECT_NE(read(arguments).guesses.find("with its components in axis 2"), std::string::npos);
}

TEST(Sources, OneWayToSayWhereToRead) {
  QuestionArguments arguments = with_input(picture);
  EXPECT_EQ(complaint(arguments),
            "there is no question: expected a case line, or --input with --grid, --theta, "
            "--displacement or --maps");
  arguments.grid = "[[[0.5,-1]]]";
  arguments.theta = "[[1,0,0],[0,1,0]]";
  EXPECT_EQ(complaint(arguments), "--grid, --theta, --displacement and --maps exclude each other");
  arguments.theta.reset();
  arguments.output_size = "1,1";
  EXPECT_EQ(complaint(arguments), "--output-size needs --theta");
  arguments.line = "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}";
  EXPECT_EQ(complaint(arguments),
            "a case line is complete: it cannot be combined with --input, --grid or options");
}

TEST(Sources, RejectsInvalidTensors) {
  const auto complaint_of = [](const std::string& text) {
    try {
      std::string guesses;
      read_tensor_argument("--grid", text, guesses);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(complaint_of("[[1],2]"), "--grid '[[1],2]': its lists have different depths");
  EXPECT_EQ(complaint_of("[1,'a']"), "--grid '[1,'a']': it is not a nested list of numbers");
  EXPECT_TRUE(complaint_of("f32[2]{1}").starts_with("--grid 'f32[2]{1}': "))
      << complaint_of("f32[2]{1}");
  EXPECT_TRUE(complaint_of("/no/such/file").starts_with("--grid '/no/such/file': "));
}

}  // namespace
}  // namespace gridproof::reports
