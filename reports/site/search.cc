#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reference/contract/options.h"
#include "reports/page/links.h"
#include "reports/site/claims.h"
#include "reports/site/libraries.h"
#include "reports/site/pages.h"
#include "reports/site/site.h"

namespace gridproof::reports::site {
namespace {

// What people call it, and the clauses that are about it.
struct Word {
  std::string_view words;
  std::string_view clauses;
};
constexpr auto dictionary = std::to_array<Word>({
    {"half pixel, half a pixel, pixel center, off by half, shifted",
     "coord.corners coord.centers affine_grid.base displacement.identity"},
    {"5-D, 5d, volume, volumetric, 3-D, trilinear, voxel",
     "shape.rank trilinear.weights coord.order options.bicubic-4d"},
    {"tie, ties, halfway, rounding to even, round half, banker's rounding",
     "nearest.ties-to-even nearest.texel"},
    {"NaN, not a number", "coord.nan texel.nonfinite"},
    {"infinity, inf, infinite", "infinity.zeros infinity.border infinity.reflection"},
    {"x and y exchanged, xy order, swapped, transposed", "coord.order"},
    {"identity, unchanged, no motion", "affine_grid.base displacement.identity"},
    {"flow, optical flow, displacement field, motion",
     "displacement.coordinate displacement.pixels"},
    {"mirror, mirrored, reflect, reflect 101, symmetric",
     "padding.reflection padding.reflection-lines"},
    {"clamp, replicate, edge", "padding.border"},
    {"dark rim, black border, outside is black, fade", "padding.zeros padding.zeros-ramp"},
    {"warning, default changed, default argument", "options.defaults"},
    {"Expected grid to have size, mode must be, error, refused, raises",
     "options.mode options.padding-mode shape.rank shape.batch shape.last-dimension "
     "shape.empty-spatial options.bicubic-4d dtype.supported dtype.same"},
    {"half precision, float16, bfloat16, amp, autocast", "dtype.16-bit dtype.same dtype.supported"},
    {"overshoot, ringing, negative values, Catmull-Rom, cubic constant, -0.75",
     "bicubic.kernel bicubic.overshoot"},
    {"channels last, non-contiguous, strides, expand, permute", "layout.strides layout.output"},
    {"empty tensor, zero size", "shape.empty shape.empty-spatial"},
    {"fused multiply-add, fma, tolerance, precision, ulp",
     "arith.order coord.rounding arith.overflow"},
    {"resize, interpolate, scale, resolution", "coord.resolution displacement.identity"},
    {"RuntimeError, grid_sampler(): expected", "shape.rank shape.batch shape.last-dimension"},
    {"flip, flipped, upside down", "coord.order coord.extremes"},
    {"one pixel, size 1, single pixel",
     "coord.unit-size bicubic.unit-size padding.reflection-unit"},
    {"gradient, gradients, backward, backward pass, backpropagation, autograd, derivative, "
     "grad_output, training",
     "grad.input grad.grid grad.scale grad.border grad.reflection grad.nearest grad.bicubic"},
    {"kink, one-sided, subgradient, not differentiable, finite differences, gradcheck",
     "grad.kink-right grad.border grad.reflection grad.bicubic"},
    {"vanishing gradient, zero gradient, gradient is zero, no gradient, does not learn",
     "grad.border grad.nearest grad.reflection grad.unit-size"},
    {"gradient in pixels, gradient too small, gradient too large, factor", "grad.scale"},
    {"atomics, nondeterministic, deterministic, accumulate", "grad.order grad.16-bit"},
    {"requires_grad, needs_input_grad, output_mask", "grad.mask"},
});

// In small letters; "half-pixel" and "half pixel" are the same.
std::string plain(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return c == '-' || c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  });
  return result;
}

bool names(std::string_view list, std::string_view clause) {
  std::size_t begin = 0;
  while (begin < list.size()) {
    const std::size_t end = std::min(list.find(' ', begin), list.size());
    if (list.substr(begin, end - begin) == clause) return true;
    begin = end + 1;
  }
  return false;
}

// What can be found, with the words that lead there.
struct Entry {
  std::string name;
  std::string sentence;
  std::string words;  // in small letters
};

std::string first_sentence(const std::string& text) {
  std::string line;
  for (const char c : text) {
    if (c == '`') continue;
    line += c == '\n' ? ' ' : c;
  }
  const std::size_t end = line.find(". ");
  return line.substr(0, end == std::string::npos ? line.find_last_not_of(' ') + 1 : end + 1);
}

// What somebody who comes from another library calls it: the first cells of its tables.
std::string options_of(const Library& library) {
  std::string words;
  std::istringstream lines(library.text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| ")) words += line.substr(2, line.find(" |", 2) - 2) + ", ";
  }
  std::erase(words, '`');
  return words;
}

std::vector<Entry> entries() {
  std::vector<Entry> all;
  for (const Clause& clause : clauses()) {
    std::string words;
    for (const Word& word : dictionary) {
      if (names(word.clauses, clause.name)) words += std::string(word.words) + ", ";
    }
    all.push_back({clause.name, first_sentence(clause.text), plain(words)});
  }
  for (const Claim& claim : claims()) {
    all.push_back({claim.name, first_sentence(claim.says), ""});
  }
  for (const Library& library : libraries()) {
    all.push_back({library.name, first_sentence(library.title), plain(options_of(library))});
  }
  return all;
}

// How well an entry answers to all of the words; 0: not at all. The page ranks alike (site.js).
int rank(const Entry& entry, std::string_view wanted) {
  const std::string whole = plain(wanted);
  const std::string name = plain(entry.name);
  const std::string sentence = plain(entry.sentence);
  if (name == whole) return 100;
  if (name.find(whole) != std::string::npos) return 80;
  if (entry.words.find(whole) != std::string::npos) return 60;
  if (sentence.find(whole) != std::string::npos) return 40;
  std::size_t begin = 0;
  while (begin < whole.size()) {  // every word somewhere
    const std::size_t end = std::min(whole.find(' ', begin), whole.size());
    const std::string_view word = std::string_view(whole).substr(begin, end - begin);
    if ((name + ' ' + entry.words + ' ' + sentence).find(word) == std::string::npos) return 0;
    begin = end + 1;
  }
  return 20;
}

}  // namespace

std::vector<Hit> search(std::string_view words) {
  std::vector<std::pair<int, Hit>> ranked;
  for (Entry& entry : entries()) {
    const int its = rank(entry, words);
    if (its > 0) ranked.push_back({its, {std::move(entry.name), std::move(entry.sentence)}});
  }
  std::ranges::stable_sort(ranked, std::greater<>(), &std::pair<int, Hit>::first);
  std::vector<Hit> hits;
  for (auto& [its, hit] : ranked) hits.push_back(std::move(hit));
  return hits;
}

std::string search_script() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Entry& entry : entries()) {
    list.push_back({entry.name, address_of(entry.name), entry.sentence, entry.words});
  }
  return "gridproof.found(" + list.dump() + ");\n";
}

}  // namespace gridproof::reports::site
