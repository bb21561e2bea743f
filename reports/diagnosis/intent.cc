#include "reports/diagnosis/intent.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <regex>
#include <stdexcept>
#include <vector>

#include "reference/semantics/grid_sample.h"
#include "reports/diagnosis/sites.h"
#include "reports/text/parse.h"

namespace gridproof::reports::diagnosis {
namespace {

// Where in the input the content of an output location comes from, in pixels, x first.
std::array<double, 3> source(const Intent& intent, const std::array<Place, 3>& places,
                             std::size_t axes) {
  std::array<double, 3> p{};
  for (std::size_t k = 0; k < axes; ++k) {
    const double identity = dictionary::identity_at(places[k]);
    p[k] = dictionary::position_at(identity, places[k].input, places[k].align_corners);
    if (intent.kind == Intent::Kind::shift) p[k] -= intent.shift[k];
    if (intent.kind == Intent::Kind::flip && k == intent.axis) {
      p[k] = static_cast<double>(places[k].input - 1) - p[k];
    }
  }
  if (intent.kind == Intent::Kind::rotate) {
    // y runs down, so that counterclockwise is from x to -y.
    const double angle = intent.degrees * std::numbers::pi / 180;
    const double x_center = static_cast<double>(places[0].input - 1) / 2;
    const double y_center = static_cast<double>(places[1].input - 1) / 2;
    const double x = p[0] - x_center;
    const double y = p[1] - y_center;
    p[0] = x_center + std::cos(angle) * x - std::sin(angle) * y;
    p[1] = y_center + std::sin(angle) * x + std::cos(angle) * y;
  }
  return p;
}

}  // namespace

std::optional<Intent> parse_intent(const std::string& text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string word = text.substr(0, space);
  const std::string rest = space < text.size() ? text.substr(space + 1) : "";
  Intent intent;
  if (word == "identity" && rest.empty() && space == text.size()) return intent;
  if (word == "flip" && (rest == "horizontal" || rest == "horizontally"))
    return parse_intent("flip x");
  if (word == "flip" && (rest == "vertical" || rest == "vertically")) return parse_intent("flip y");
  if (word == "flip" && rest.size() == 1 && std::string("xyz").find(rest) != std::string::npos) {
    intent.kind = Intent::Kind::flip;
    intent.axis = static_cast<std::size_t>(rest[0] - 'x');
    return intent;
  }
  const std::vector<double> given =
      parse_numbers(std::regex_replace(rest, std::regex("[ ,]+(?!$)"), ","));
  if (word == "shift" && (given.size() == 2 || given.size() == 3)) {
    intent.kind = Intent::Kind::shift;
    for (std::size_t k = 0; k < given.size(); ++k) intent.shift[k] = given[k];
    return intent;
  }
  if (word == "rotate" && given.size() == 1 && std::fabs(given[0]) <= 360) {
    intent.kind = Intent::Kind::rotate;
    intent.degrees = given[0];
    return intent;
  }
  return std::nullopt;
}

Tensor intended_grid(const Intent& intent, const Case& test_case) {
  const auto axes = static_cast<std::size_t>(test_case.input.rank() - 2);
  if (axes == 3 && intent.kind == Intent::Kind::rotate) {
    throw std::invalid_argument("a volume has more than one way to rotate");
  }
  if (axes == 2 && (intent.shift[2] != 0 || intent.axis == 2)) {
    throw std::invalid_argument("a picture has no depth");
  }
  const Options options = dictionary::options_of(test_case);
  const Sites sites(test_case, std::numeric_limits<std::int64_t>::max());
  std::vector<double> grid(sites.coordinates().size());
  for (std::int64_t i = 0; i < sites.count(); ++i) {
    const Site site = sites.site(i, options.align_corners);
    const std::array<double, 3> p = source(intent, site.places, axes);
    const std::span<double> x = sites.of_site(grid, i);
    for (std::size_t k = 0; k < axes; ++k) {
      x[k] = dictionary::coordinate_at(p[k], site.places[k].input, options.align_corners);
    }
  }
  return {Dtype::f64, test_case.grid.shape(), grid};
}

Tensor output_with(const Tensor& grid, const Case& test_case) {
  const Case right{test_case.request,
                   Tensor(Dtype::f64, test_case.input.shape(), test_case.input.values()), grid};
  return std::get<Tensor>(grid_sample(right));
}

}  // namespace gridproof::reports::diagnosis
