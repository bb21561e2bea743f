// The subcommand displacement, from its command line to its files.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "reference/encoding/npy.h"
#include "reports/cli/program.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

struct DisplacementCommand : testing::Test {
  TemporaryFolder folder;
  std::string out;
  std::string err;

  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "displacement");
    std::istringstream in;
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    const ExitCode code =
        reports::run(all_commands(), arguments,
                     {.in = in,
                      .out = out_stream,
                      .err = err_stream,
                      .roster = {},
                      .variable = [](const std::string&) { return std::optional<std::string>(); }});
    out = out_stream.str();
    err = err_stream.str();
    return static_cast<int>(code);
  }
  json answer(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    EXPECT_EQ(run(std::move(arguments)), 0) << err;
    return json::parse(out);
  }
  // What is wrong with a command line: one sentence, and nothing on the output.
  std::string complaint(const std::vector<std::string>& arguments) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(out, "");
    EXPECT_EQ(std::ranges::count(err, '\n'), 1) << err;
    return err.substr(11, err.size() - 12);
  }
  [[nodiscard]] Tensor tensor(const std::string& name) const {
    std::string file = folder.read(name);
    MemoryFile memory;
    EXPECT_EQ(pwrite(memory.descriptor(), file.data(), file.size(), 0),
              static_cast<ssize_t>(file.size()));
    return read_npy_tensor(memory.descriptor(), std::size_t{1} << 20U);
  }
};

const std::vector<std::string> shift = {"--theta", "[[1,0,0.5],[0,1,0]]", "--input-size", "1,4"};

TEST_F(DisplacementCommand, TellsWhatItIs) {
  EXPECT_EQ(run(shift), 0) << err;
  EXPECT_EQ(out,
            "theta of shape [2,3] is read as [1,2,3]\n"
            "the output is taken to be as large as the input: [1,4]\n"
            "given         theta, f32[1,2,3]\n"
            "sizes         input [1,4], output [1,4]\n"
            "displacement  input pixels, relative to the identity resize, align_corners=False; "
            "exact, rounded once to f64\n"
            "  x           1 … 1, mean 1\n"
            "  y           0 … 0, mean 0\n"
            "  longest     1 at n=0, h=0, w=0\n"
            "outside       1 of 4 locations (25.00 %) beyond the outer edges of the input\n"
            "folds         none (determinants 1 … 1 over x, by central differences)\n"
            "inverse       found, by iteration, for 3 of 4 input pixels; 1 read nowhere\n"
            "\n"
            "location       reads at (x, y)  displacement  determinant\n"
            "n=0, h=0, w=0  (1, 0)           (1, 0)                  1\n"
            "n=0, h=0, w=1  (2, 0)           (1, 0)                  1\n"
            "n=0, h=0, w=2  (3, 0)           (1, 0)                  1\n"
            "n=0, h=0, w=3  (4, 0)           (1, 0)                  1\n");
}

// The same resize from 4 to 2 columns, displaced by half an output pixel, in all that it can be.
TEST_F(DisplacementCommand, CountsInEveryUnit) {
  const auto longest = [&](const std::string& unit, const std::string& origin,
                           const std::string& corners) {
    const json said = answer({"--grid", "f32[1,1,2,2]{0,0,0.75,0}", "--input-size", "1,4", "--unit",
                              unit, "--relative-to", origin, "--align-corners", corners});
    EXPECT_EQ(said["unit"], unit == "normalised" ? "normalized" : unit);
    EXPECT_EQ(said["relative_to"], origin);
    EXPECT_EQ(said["align_corners"], corners == "True");
    return said["components"][0]["max"].get<double>();
  };
  // Positions 1.5 and 3; the identity reads 0.5 and 2.5.
  EXPECT_EQ(longest("input", "identity", "False"), 1);
  EXPECT_EQ(longest("output", "identity", "False"), 0.5);
  EXPECT_EQ(longest("normalized", "identity", "False"), 0.5);
  EXPECT_EQ(longest("normalised", "identity", "False"), 0.5);  // as it was spelled once
  EXPECT_EQ(longest("input", "lattice", "False"), 2);
  // Positions 1.5 and 2.625; the identity reads 0 and 3.
  EXPECT_EQ(longest("input", "identity", "True"), 1.5);
  EXPECT_EQ(longest("output", "identity", "True"), 0.5);
}

TEST_F(DisplacementCommand, WritesArraysAndPictures) {
  std::vector<std::string> command = shift;
  command.insert(command.end(), {"--out", folder / "out"});
  EXPECT_EQ(run(command), 0) << err;
  EXPECT_TRUE(out.ends_with("\nwritten to " + (folder / "out") + "\n"));
  const Tensor displacement = tensor("out/displacement.npy");
  EXPECT_EQ(displacement.dtype(), Dtype::f64);
  EXPECT_EQ(displacement.shape(), (Shape{1, 1, 4, 2}));
  EXPECT_EQ(displacement.values(), (std::vector<double>{1, 0, 1, 0, 1, 0, 1, 0}));
  EXPECT_EQ(tensor("out/grid.npy").dtype(), Dtype::f32);
  EXPECT_EQ(tensor("out/grid.npy").values(),
            (std::vector<double>{-0.25, 0, 0.25, 0, 0.75, 0, 1.25, 0}));
  EXPECT_EQ(tensor("out/jacobian.npy").values(), std::vector<double>(4, 1.0));
  EXPECT_EQ(tensor("out/inverse.npy").at(Shape{0, 0, 1, 0}), -1);
  for (const char* name : {"out/quiver.svg", "out/magnitude.svg"}) {
    pugi::xml_document document;
    EXPECT_TRUE(document.load_string(folder.read(name).c_str())) << name;
  }
  EXPECT_TRUE(folder.read("out/magnitude.png").starts_with("\x89PNG\r\n"));
  // Again: the same bytes.
  const std::string before = folder.read("out/quiver.svg") + folder.read("out/magnitude.png");
  EXPECT_EQ(run(command), 0);
  EXPECT_EQ(folder.read("out/quiver.svg") + folder.read("out/magnitude.png"), before);
}

// Grid, displacement.npy, grid.npy.
TEST_F(DisplacementCommand, LeadsBack) {
  const std::string grid =
      "f32[1,2,3,2]{-0.7,0.1,0.3,1.5,0x1.fffffep-1,0,-3,0.2,0.9,-0.9,1e-3,1e-4}";
  for (const std::string corners : {"True", "False"}) {
    const std::vector<std::string> measure = {"--input-size", "5,7",    "--align-corners",
                                              corners,        "--unit", "output"};
    std::vector<std::string> there = {"--grid", grid, "--out", folder / "there"};
    there.insert(there.end(), measure.begin(), measure.end());
    const json said = answer(there);
    EXPECT_EQ(said["round_trip"], (json{{"coordinates", 12}, {"same", 12}, {"within_one_ulp", 0}}));
    EXPECT_FALSE(std::filesystem::exists(folder / "there/grid.npy"));
    std::vector<std::string> back = {"--displacement", folder / "there/displacement.npy", "--out",
                                     folder / "back"};
    back.insert(back.end(), measure.begin(), measure.end());
    EXPECT_EQ(run(back), 0) << err;
    EXPECT_TRUE(tensor("back/grid.npy").same_values(parse_tensor(grid)));
  }
}

// As diagnose does: one reader for both.
TEST_F(DisplacementCommand, TakesHomogeneousThetas) {
  const std::string theta = "[[1,0,0.5],[0,1,0],[0,0,1]]";
  EXPECT_EQ(answer({"--theta", theta, "--input-size", "1,4"})["components"],
            answer({shift.begin(), shift.end()})["components"]);
  EXPECT_EQ(complaint({"--theta", "[[1,0,0],[0,1,0],[0,1,1]]", "--input-size", "1,4"}),
            "--theta has a last row that is not (0, …, 0, 1), so it is not an affine map");
  // NIfTI has an axis of time before the components.
  EXPECT_EQ(answer({"--flow", "f32[1,2,1,1,2]{1,0,3,0}"})["shape"], (json{1, 2, 1, 2}));
}

TEST_F(DisplacementCommand, TakesMapsAndFlows) {
  // The same in one array, rows first.
  EXPECT_EQ(answer({"--maps", "[[[0,0,3],[1,2,1]],[[1,1,0],[0,1,2]]]"})["components"],
            answer({"--maps", "[[1,1,0],[0,1,2]]", "[[0,0,3],[1,2,1]]"})["components"]);
  const json maps = answer({"--maps", "[[1,1],[0,1]]", "[[0,0],[1,2]]"});
  EXPECT_EQ(maps["shape"], (json{1, 2, 2, 2}));
  EXPECT_EQ(maps["components"][0]["max"], 1);
  EXPECT_EQ(maps["components"][1]["max"], 1);
  EXPECT_EQ(maps["longest"]["at"], (json{0, 0, 0}));
  // Two pixels of Middlebury's .flo, one to the right and one unknown.
  const std::array<float, 4> pixels = {1, 0, 2e9F, 0};
  std::string file = "PIEH";
  file += std::string("\x02\0\0\0\x01\0\0\0", 8);
  file.append(reinterpret_cast<const char*>(pixels.data()), sizeof pixels);
  const json flo = answer({"--flow", folder.write("a.flo", file)});
  EXPECT_EQ(flo["shape"], (json{1, 1, 2, 2}));
  EXPECT_EQ(flo["components"][0]["max"], 1);
  EXPECT_EQ(flo["not_finite"], 1);
  // Components first, as networks have them.
  const json flow = answer({"--flow", "f32[1,2,1,4]{1,2,3,4,0,0,0,0}", "--dtype", "f16"});
  EXPECT_EQ(flow["guesses"][0], "flow of shape [1,2,1,4] is read as [1,1,4,2]");
  EXPECT_EQ(flow["components"][0]["mean"], 2.5);
  EXPECT_EQ(flow["components"][1]["mean"], 0);
}

TEST_F(DisplacementCommand, CountsWhatIsNotFinite) {
  const json said = answer({"--grid", "f32[1,2,2,2]{nan,inf,-inf,1,0,0,0,0}"});
  EXPECT_EQ(said["nan"], 1);
  EXPECT_EQ(said["not_finite"], 2);
  EXPECT_EQ(said["jacobian"]["not_finite"], 4);
  EXPECT_EQ(said["inverse"]["found"], 0);
  EXPECT_EQ(run({"--grid", "f32[1,1,1,2]{nan,0}"}), 0);
  EXPECT_NE(out.find("nan           1 coordinate, which count as -1\n"), std::string::npos) << out;
  const json none =
      answer({"--grid", "f32[1,0,2,2]{}", "--input-size", "2,2", "--out", folder / "o"});
  EXPECT_EQ(none["locations"], 0);
}

TEST_F(DisplacementCommand, InThreeDimensions) {
  const json said = answer({"--theta", "f64[1,3,4]{1,0,0,0,0,1,0,0,0,0,1,0.5}", "--input-size",
                            "8,4,2", "--output-size", "2,2,2", "--out", folder / "o"});
  EXPECT_EQ(said["components"][2]["max"], 2);  // z: 0.5 * 8 / 2
  EXPECT_EQ(said["jacobian"]["axes"], (json{"x", "y", "z"}));
  EXPECT_EQ(tensor("o/inverse.npy").shape(), (Shape{1, 8, 4, 2, 3}));
}

TEST_F(DisplacementCommand, SaysHowAGridLies) {
  EXPECT_EQ(run({"--grid", "f32[1,2,1,3]{-0.5,0,0.5,0,0,0}"}), 0) << err;
  EXPECT_TRUE(out.starts_with(
      "the grid of shape [1,2,1,3] is read as [1,1,3,2]: x and y are in axis 1\nlayout.components: "
      "the grid has x and y in axis 1, which grid_sample refuses. Pass grid.movedim(1, -1).\n"))
      << out;
  EXPECT_EQ(run({"--grid", "f32[2,1,3]{0,0,0,2,3,4}", "--input-size", "4,5"}), 0) << err;
  EXPECT_TRUE(out.find("given         maps, ") != std::string::npos) << out;
  EXPECT_TRUE(out.find("(2, 0)") != std::string::npos) << out;  // x first
}

TEST_F(DisplacementCommand, ReadsNifti) {
  const std::string file =
      std::string(GRIDPROOF_SOURCE_DIR) + "/reports/files/corpus/tensor_file/vectors.nii";
  EXPECT_EQ(run({"--displacement", file}), 0) << err;
  EXPECT_TRUE(out.starts_with("--displacement is NIfTI-1 of f32, size 3 x 2 x 1 x 1 x 3")) << out;
  EXPECT_TRUE(out.find("--displacement: its numbers are read as pixels, or in the unit of --unit, "
                       "not as millimeters\n") != std::string::npos)
      << out;
}

TEST_F(DisplacementCommand, BadInput) {
  const std::string one_of = "expected one of --grid, --theta, --maps, --flow and --displacement";
  EXPECT_EQ(complaint({}), "no field was given: " + one_of);
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--flow", "[[[0,0]]]"}),
            "more than one field was given: " + one_of);
  EXPECT_EQ(complaint({"--grid", "[1,2]"}),
            "--grid has shape [2]: expected (N, H, W, 2) or (N, D, H, W, 3)");
  EXPECT_EQ(complaint({"--grid", "f32[1,1,1,1]{0}"}),
            "--grid has shape [1,1,1,1]: expected (N, H, W, 2) or (N, D, H, W, 3)");
  EXPECT_EQ(complaint({"--grid", "i32[1,1,1,2]{0,0}"}),
            "--grid is i32: expected f16, bf16, f32 or f64");
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--input-size", "4"}),
            "--input-size has 1 size: expected 2, such as 64,48");
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--input-size", "0,4"}),
            "--input-size is '0,4': expected sizes from 1 such as 64,48");
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--input-size", "4611686018427387904,4"}),
            "--input-size is [4611686018427387904,4]: the field would be too large, expected "
            "at most 2^26 numbers");
  EXPECT_EQ(complaint({"--grid", "f32[1,0,2,2]{}"}),
            "the output [0,2] has no locations: --input-size must say how large the input is");
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--output-size", "2,2"}),
            "--output-size needs --theta: a field has its own size");
  EXPECT_EQ(complaint({"--theta", "[[1,0,0],[0,1,0]]"}),
            "--theta needs --output-size, --input-size, or both");
  EXPECT_EQ(complaint({"--theta", "[[1,0],[0,1]]", "--output-size", "2,2"}),
            "--theta has the shape [2,2]: expected [N,2,3] or [N,3,4]");
  EXPECT_EQ(complaint({"--theta", "f32[1,2,3]{nan,0,0,0,1,0}", "--output-size", "2,2"}),
            "theta holds a number that is not finite, so it is not an affine map");
  EXPECT_EQ(complaint({"--maps", "[[1,1]]", "[[1]]"}),
            "--maps have the shapes [1,2] and [1,1]: expected two of [H,W]");
  EXPECT_EQ(complaint({"--unit", "feet"}),
            "--unit is 'feet': expected input, output or normalized");
  EXPECT_EQ(complaint({"--relative-to", "none"}),
            "--relative-to is 'none': expected identity or lattice");
  EXPECT_EQ(complaint({"--dtype", "bf16"}), "--dtype is 'bf16': expected f16, f32 or f64");
  EXPECT_EQ(complaint({"--align-corners", "maybe"}),
            "--align-corners is 'maybe': expected True or False");
  const std::string file = folder.write("file", "");
  EXPECT_EQ(complaint({"--grid", "[[[0,0]]]", "--out", file}),
            "'" + file + "' is a file: expected a folder");
  EXPECT_TRUE(complaint({"--grid", "[[[0,0]]]", "--out", file + "/below"})
                  .starts_with("cannot make the folder '"));
}

}  // namespace
}  // namespace gridproof::reports
