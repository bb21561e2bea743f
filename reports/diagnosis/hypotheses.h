// Mistakes on the user's side. Each hypothesis says which question was meant if the user made one
// particular mistake. Tested by hypotheses_test.cc.
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

// What the user gave and the grid was made from.
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
// Whether this program made the grid of it, under the flag of the call.
inline bool is_made_here(Given given) {
  return given == Given::displacement || are_positions(given);
}

// Where the pixels of the input are in the world, as far as it is known.
struct World {
  std::vector<double> spacing = {};  // millimeters per pixel, x first; empty if unknown
  // From a position in pixels, x first, to millimeters to the right, to the front and up (RAS).
  std::optional<Affine> to_millimeters = {};
  // The same from the index of an output location, if the output has its own place in the world.
  std::optional<Affine> output_to_millimeters = {};
};

// Which way x and y of the world grow: to the right and to the front, as in NIfTI, or to the left
// and to the back, as in ITK and DICOM.
enum class Convention : std::uint8_t { ras, lps };
// Converts a map to RAS millimeters into a map to millimeters of that convention.
Affine to_world(const Affine& to_millimeters, Convention convention);

// A question, and what else is known about it.
struct Situation {
  Case test_case;                                   // one that the documentation answers
  std::shared_ptr<const std::vector<double>> grid;  // its coordinates, row-major
  bool flag_of_grid = false;                        // align_corners that they were made with
  World world = {};
  Given given = Given::grid;
  // The user's input and grid, or what it is made of, differ in dtype, which PyTorch refuses.
  bool mixes_dtypes = false;
  // The grid is the identity for its output, under either flag.
  bool holds_no_motion = false;
  // The theta that was passed to affine_grid, if affine_grid made the grid; without align_corners
  // and with it.
  std::array<std::optional<std::vector<Affine>>, 2> thetas = {};

  [[nodiscard]] Options options() const { return dictionary::options_of(test_case); }
};

Situation situation_of(Case test_case, World world = {}, Given given = Given::grid);

// What was meant instead.
struct Change {
  // Replaces the coordinates in `x`, x first, by new ones.
  using Move = std::function<void(std::span<double> x, const Site& site)>;
  // Where the N x sites samples read: coordinates, x first, and which share of the weight is
  // inside.
  struct Reads {
    const std::vector<double>& coordinates;
    const std::vector<double>& inside;
    const Sites& sites;
    [[nodiscard]] std::size_t axes() const { return coordinates.size() / inside.size(); }
  };
  // Transforms the output at the sites, (N, C, sites), given the expected values there. Returns the
  // fitted numbers, one or one per channel, or nothing if this does not explain the values.
  using Finish = std::function<std::optional<std::vector<double>>(
      std::vector<double>& output, const std::vector<double>& expected, const Reads& reads)>;

  std::optional<Options> options = {};
  std::optional<Tensor> input = {};
  std::optional<std::vector<Affine>> thetas = {};  // the grid is made of these, for each n
  Move move = {};
  // How far the coordinate that was meant may be from the given one. Every value within this reach
  // counts as explained.
  std::function<double(double x)> uncertainty = {};
  Finish finish = {};
  const Mutant* answers = nullptr;  // answers instead of the reference
};

// The family of the coordinates: what an array of numbers may have been meant as. Each stage turns
// the coordinates before it into the ones that were meant, by at most one of its members. So going
// through the stages yields every combination of members. The stages are applied in this order.
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
  // Nothing if the mistake is not possible.
  std::function<std::optional<Change>(const Situation&)> change;
  // It depends on the whole grid or on the expected values, not only on one coordinate. So in a
  // pair it can only come first.
  bool is_global = false;
  Stage stage = Stage::none;
  bool is_rare = false;      // it is only tried alone or in a pair
  bool is_of_theta = false;  // it concerns the theta that was passed to affine_grid
  // It may leave no motion, and then explains everything that the identity explains.
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
// Mistakes of all axes, made along one of them only; they are tried alone.
const std::vector<Hypothesis>& of_one_axis();
// No motion: every output location is read where it is.
const Hypothesis& no_motion();
// A mistake with unknown numbers: one hypothesis for each choice of them.
struct Fit {
  std::vector<std::vector<double>> candidates;
  double apart = 0;          // how far from a candidate its neighbors are
  bool is_relative = false;  // in units of the candidate
  std::function<Hypothesis(const std::vector<double>& numbers)> make;
};
std::vector<Fit> fits(const Situation& situation);
// Every position moved by these numbers of input pixels, x first.
Hypothesis offset_by(const Situation& situation, const std::vector<double>& pixels);
// The semantics of other implementations: the expected values are what one of them gives.
const std::vector<Hypothesis>& other_semantics();

// The 16-bit type that holds all of the coordinates except NaN, if there is one.
std::optional<Dtype> sixteen_bits(const std::vector<double>& coordinates);

// Whether the grid is the identity for its output, up to rounding, with this value of
// align_corners.
bool is_identity_grid(const Case& test_case, bool align_corners);

}  // namespace gridproof::reports::diagnosis
