// What goes wrong on the user's side: each hypothesis says which question was meant if one mistake
// of one kind was made. Tested by hypotheses_test.cc.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/mutants/mutants.h"
#include "reference/contract/options.h"
#include "reports/diagnosis/affine.h"

namespace gridproof::reports::diagnosis {

// What the user has: the grid was made of it.
enum class Given : std::uint8_t {
  grid,
  theta,         // affine_grid's
  displacement,  // in input pixels
  maps,          // positions in input pixels: OpenCV's two
  joined_maps,   // the same in one array, x first
  coordinates,   // the same in one array, rows first, as scipy.ndimage.map_coordinates takes it
};
inline bool are_positions(Given given) {
  return given == Given::maps || given == Given::joined_maps || given == Given::coordinates;
}

// Where the pixels of the input are in the world, as far as that is known.
struct World {
  std::vector<double> spacing = {};  // millimeters for each pixel, x first; empty: not said
  // From a position in pixels, x first, to millimeters to the right, to the front and up (RAS).
  std::optional<Affine> to_millimeters = {};
  // The same from the index of an output location, where that has a place of its own in the world.
  std::optional<Affine> output_to_millimeters = {};
};

// Which way x and y of the world grow: to the right and to the front, as NIfTI has it, or to the
// left and to the back, as ITK and DICOM do.
enum class Convention : std::uint8_t { ras, lps };
// To millimeters of that convention, of a map to those of RAS.
Affine to_world(const Affine& to_millimeters, Convention convention);

// A question that was asked, and what else is known.
struct Situation {
  Case test_case;                                   // one that the documentation answers
  std::shared_ptr<const std::vector<double>> grid;  // its coordinates, row-major
  World world = {};
  Given given = Given::grid;
  // What affine_grid was given if that made the grid, without align_corners and with it.
  std::array<std::optional<std::vector<Affine>>, 2> thetas = {};

  [[nodiscard]] Options options() const { return dictionary::options_of(test_case); }
};

Situation situation_of(Case test_case, World world = {}, Given given = Given::grid);

// What was meant instead.
struct Change {
  // New coordinates, x first, for those that stand in `x`.
  using Move = std::function<void(std::span<double> x, const Site& site)>;
  // Where the N x sites samples read: coordinates, x first, and how much of the weight is inside.
  struct Reads {
    const std::vector<double>& coordinates;
    const std::vector<double>& inside;
    const Sites& sites;
    [[nodiscard]] std::size_t axes() const { return coordinates.size() / inside.size(); }
  };
  // What is made of the output at the sites, (N, C, sites), knowing what was expected there.
  // Returns the numbers that it found, one or one for each channel, or none where this is no
  // explanation.
  using Finish = std::function<std::optional<std::vector<double>>(
      std::vector<double>& output, const std::vector<double>& expected, const Reads& reads)>;

  std::optional<Options> options = {};
  std::optional<Tensor> input = {};
  std::optional<std::vector<Affine>> thetas = {};  // the grid is made of these, for each n
  Move move = {};
  // How far from a coordinate the one may be that was meant: some number that near is explained.
  std::function<double(double x)> uncertainty = {};
  Finish finish = {};
  const Mutant* answers = nullptr;  // who answers instead of the reference
};

// The family of the coordinates: what an array of numbers may have been meant as. Each stage makes
// of the coordinates before it those that are meant; of each stage one member is due, or none. So
// every combination of members is found by going through the stages. The order is that in which
// they are applied.
enum class Stage : std::uint8_t {
  none,     // not of the family
  flag,     // of the call
  array,    // which way the axes of the array run
  order,    // which component is x, y and z
  unit,     // what the numbers are: positions or displacements, in what unit
  builder,  // the flag, and the half pixel, that the coordinates were made with
  motion,   // the order of the components of the displacement
  sign,
  scale,
  shift,
};

struct Hypothesis {
  std::string name;  // "units.pixels", "units.pixels, align_corners=True" where it sets the flag
  std::string sentence;  // "the grid holds pixel positions, not coordinates from -1 to 1"
  std::string fix;       // lines of PyTorch, in the words of patch.h
  // None where the mistake is not possible.
  std::function<std::optional<Change>(const Situation&)> change;
  // It looks at the whole grid, or at what was expected, and not only at one coordinate: so it
  // comes first or not at all in a pair.
  bool is_global = false;
  Stage stage = Stage::none;
  bool is_rare = false;      // it is thought of alone or in a pair
  bool is_of_theta = false;  // it is about what affine_grid was given
  // It may leave no motion, and so explains whatever no motion at all explains.
  bool shrinks = false;

  std::vector<double> numbers = {};  // what stands in the fix as `numbers`, or `matrix`
  std::vector<double> offsets = {};  // and as `offsets`
  std::string numpy = {};            // the fix in NumPy, where it is no translation

  [[nodiscard]] std::string family() const { return name.substr(0, name.find_first_of(".,")); }
};

// Mistakes of the user, the simplest first.
const std::vector<Hypothesis>& hypotheses();
// The one with a name that is among them.
const Hypothesis& hypothesis_named(std::string_view name);
// No motion: every output location is read where it is.
const Hypothesis& no_motion();
// A mistake by numbers that nobody knows: a hypothesis for each choice of them.
struct Fit {
  std::vector<std::vector<double>> candidates;
  double apart = 0;          // how far from a candidate its neighbors are
  bool is_relative = false;  // in units of the candidate
  std::function<Hypothesis(const std::vector<double>& numbers)> make;
};
std::vector<Fit> fits(const Situation& situation);
// Every position moved by so many input pixels, x first.
Hypothesis offset_by(const Situation& situation, const std::vector<double>& pixels);
// What other implementations do: the values are expected as one of them gives them.
const std::vector<Hypothesis>& other_semantics();

// The 16-bit type that holds all of the coordinates, NaN apart, if one does.
std::optional<Dtype> sixteen_bits(const std::vector<double>& coordinates);

// Whether the grid is the identity of its output, up to rounding, under the flag.
bool is_identity_grid(const Case& test_case, bool align_corners);

}  // namespace gridproof::reports::diagnosis
