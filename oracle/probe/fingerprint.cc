#include "oracle/probe/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "oracle/probe/trees.h"

namespace gridproof::probe {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string text_of(double value) {
  return value == std::nearbyint(value) ||
                 std::fabs(value * 1024) == std::nearbyint(std::fabs(value * 1024))
             ? fmt::format("{}", value)
             : fmt::format("{:.6g}", value);
}

// Which pixels of a row a sample sees.
std::string pixels_of(const std::vector<double>& weights) {
  std::string seen;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (std::isnan(weights[k])) return "NaN";
    if (weights[k] == 0) continue;
    if (!seen.empty()) seen += ", ";
    seen += weights[k] == 1 ? fmt::format("pixel {}", k)
                            : fmt::format("{} of pixel {}", text_of(weights[k]), k);
  }
  return seen.empty() ? "nothing" : seen;
}

// The place of the only pixel that a sample sees; -1 for none, -2 for anything else.
int place_of(const std::vector<double>& weights) {
  int place = -1;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] == 0) continue;
    if (weights[k] != 1 || place != -1) return -2;
    place = static_cast<int>(k);
  }
  return place;
}

// The name of the rule that gives these places, or the places.
using Rules = std::vector<std::pair<std::string, std::vector<int>>>;
std::string rule_of(const Weights& weights, const Rules& rules) {
  std::vector<int> places;
  for (const auto& sample : weights.of_sample) places.push_back(place_of(sample));
  for (const auto& [name, expected] : rules) {
    if (places == expected) return name;
  }
  std::string list = "pixels";
  for (const auto& sample : weights.of_sample) list += " [" + pixels_of(sample) + "]";
  return list;
}

// A row of pixels, seen at positions that are exact: a power of two of them without align_corners,
// one more with it.
struct Row {
  int axes = 2;
  Dtype dtype = Dtype::f32;
  std::string mode = "nearest";
  std::string padding = "zeros";
  bool align_corners = false;

  [[nodiscard]] Question at_coordinates(const std::vector<double>& xs) const {
    Question question{
        .request = {.mode = mode, .padding_mode = padding, .align_corners = align_corners},
        .dtype = dtype,
        .pixels = Shape(static_cast<std::size_t>(axes), 1),
        .coordinates = {}};
    question.pixels.back() = align_corners ? 5 : 4;
    for (const double x : xs) {
      question.coordinates.push_back(x);
      question.coordinates.resize(question.coordinates.size() + static_cast<std::size_t>(axes) - 1);
    }
    return question;
  }
  [[nodiscard]] Question at(const std::vector<double>& positions) const {
    std::vector<double> xs;
    for (const double p : positions) xs.push_back(align_corners ? p / 2 - 1 : (2 * p + 1) / 4 - 1);
    return at_coordinates(xs);
  }
};

// How many bits after the point all the fractions have, if they are few.
std::optional<int> bits_of(std::span<const double> fractions) {
  for (int bits = 1; bits <= 16; ++bits) {
    if (std::ranges::all_of(fractions, [bits](double t) {
          return std::ldexp(t, bits) == std::nearbyint(std::ldexp(t, bits));
        })) {
      return bits;
    }
  }
  return std::nullopt;
}

double ulp_of(double value, Dtype dtype) {
  const Format format = format_of(dtype);
  const int exponent =
      value == 0 ? format.min_exponent : std::max(std::ilogb(value), format.min_exponent);
  return std::ldexp(1.0, exponent - format.precision + 1);
}

class Probing {
 public:
  explicit Probing(Subject& subject) : subject_(subject) {}

  Fingerprint run() {
    domain();
    if (dtypes_.empty()) return std::move(result_);
    rules();
    nonfinite();
    outside();
    products();
    bicubic();
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16}) {
      for (const bool align_corners : {false, true}) position(dtype, align_corners);
    }
    for (const Dtype dtype : {Dtype::f32, Dtype::f64}) cubic_weights(dtype);
    return std::move(result_);
  }

 private:
  void note(std::string name, std::string value) {
    result_.facts.push_back({std::move(name), std::move(value)});
  }

  Answer ask(const Case& question) {
    result_.asked.emplace_back(question, subject_.answer(question));
    return result_.asked.back().second;
  }
  Probed weights_of(const Question& question) {
    return weights_in(question, ask(one_hot_case(question)));
  }

  // Notes `describe(weights)`, or why there are none.
  template <class Describe>
  void measure(std::string name, const Question& question, Describe describe) {
    const Probed probed = weights_of(question);
    const auto* weights = std::get_if<Weights>(&probed);
    note(std::move(name), weights ? describe(*weights) : std::get<std::string>(probed));
  }

  [[nodiscard]] Row row(std::string mode, std::string padding, bool align_corners = false) const {
    return {.dtype = dtype_,
            .mode = std::move(mode),
            .padding = std::move(padding),
            .align_corners = align_corners};
  }

  void domain() {
    std::string list;
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16}) {
      const Row row{.dtype = dtype, .mode = "bilinear"};
      if (!std::holds_alternative<Weights>(weights_of(row.at({1.25})))) continue;
      if (dtypes_.empty()) dtype_ = dtype;
      dtypes_.push_back(dtype);
      list += (list.empty() ? "" : ", ") + std::string(name(dtype));
    }
    note("dtypes", list.empty() ? "none is answered" : list);
  }

  void rules() {
    defaults();
    Question corner{.request = {.mode = "nearest", .padding_mode = "zeros", .align_corners = true},
                    .dtype = dtype_,
                    .pixels = {2, 3},
                    .coordinates = {1, -1, -1, 1}};
    measure("axes, 4-D", corner, [](const Weights& weights) {
      return rule_of(weights, {{"x, y", {2, 3}}, {"y, x", {3, 2}}});
    });
    corner.pixels = {2, 2, 3};
    corner.coordinates = {1, -1, -1, -1, 1, -1, -1, -1, 1};
    measure("axes, 5-D", corner, [](const Weights& weights) {
      return rule_of(weights,
                     {{"x, y, z", {2, 3, 6}}, {"z, y, x", {6, 3, 2}}, {"y, x, z", {3, 2, 6}}});
    });
    for (const int axes : {2, 3}) {
      for (const Dtype dtype : dtypes_) {
        const Row row{.axes = axes, .dtype = dtype};
        measure(fmt::format("nearest, ties, {}-D, {}", axes + 2, name(dtype)),
                row.at({-0.5, 0.5, 1.5, 2.5, 0.25, 0.75}), [](const Weights& weights) {
                  return rule_of(weights, {{"to even", {0, 0, 2, 2, 0, 1}},
                                           {"away from zero", {-1, 1, 2, 3, 0, 1}},
                                           {"up", {0, 1, 2, 3, 0, 1}},
                                           {"down", {-1, 0, 1, 2, 0, 1}},
                                           {"towards zero", {0, 0, 1, 2, 0, 1}},
                                           {"to odd", {-1, 1, 1, 3, 0, 1}},
                                           {"no rounding: the pixel below", {-1, 0, 1, 2, 0, 0}},
                                           {"no rounding: the pixel above", {0, 1, 2, 3, 1, 1}},
                                           {"no rounding: truncated", {0, 0, 1, 2, 0, 0}}});
                });
      }
    }
  }

  // The options that give what is given when all are left out.
  void defaults() {
    const auto asked = [&](const Request& request) {
      return Question{.request = request,
                      .dtype = dtype_,
                      .pixels = {1, 4},
                      .coordinates = {-1.375, 0, 0.0625, 0, 0.6875, 0}};
    };
    const Probed probed = weights_of(asked({}));
    const auto* weights = std::get_if<Weights>(&probed);
    if (weights == nullptr) return note("defaults", std::get<std::string>(probed));
    std::string found;
    for (const auto& mode : names<Mode>) {
      for (const auto& padding : names<Padding>) {
        for (const bool align_corners : {false, true}) {
          const Request request = request_for({mode.value, padding.value, align_corners});
          const Probed other = weights_of(asked(request));
          const auto* same = std::get_if<Weights>(&other);
          if (same == nullptr || same->of_sample != weights->of_sample) continue;
          found += fmt::format("{}{}, {}, {}", found.empty() ? "" : " or ", mode.name, padding.name,
                               align_corners ? "True" : "False");
        }
      }
    }
    note("defaults", found.empty() ? "none of the options" : found);
  }

  void nonfinite() {
    const auto first = [](const Weights& weights) { return pixels_of(weights.of_sample.front()); };
    for (const auto& padding : names<Padding>) {
      const Row row = this->row("nearest", std::string(padding.name));
      measure(fmt::format("coordinate NaN, {}", padding.name), row.at_coordinates({nan}), first);
      measure(fmt::format("coordinate inf, {}", padding.name), row.at_coordinates({infinity}),
              first);
      measure(fmt::format("coordinate -inf, {}", padding.name), row.at_coordinates({-infinity}),
              first);
    }
    measure("coordinate 60000, border", row("nearest", "border").at_coordinates({60000}), first);
    if (dtype_ == Dtype::f32 || dtype_ == Dtype::f64) {
      measure("coordinate 1e30, border", row("nearest", "border").at_coordinates({0x1p100}), first);
    }
  }

  void outside() {
    const std::vector<double> outwards = {-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12};
    for (const bool align_corners : {false, true}) {
      measure(fmt::format("reflection, align_corners={}", align_corners ? "True" : "False"),
              row("nearest", "reflection", align_corners).at(outwards),
              [&](const Weights& weights) {
                return rule_of(weights, reflections(align_corners ? 5 : 4, outwards));
              });
    }
    measure("nearest, rounds", row("nearest", "reflection").at({-1.5}), [](const Weights& weights) {
      return rule_of(weights, {{"after padding", {0}}, {"before padding", {1}}});
    });
    for (const bool align_corners : {false, true}) {
      one_pixel("bilinear", align_corners);
      one_pixel("bicubic", align_corners);
    }
    measure("zeros, a quarter of a pixel outside", row("bilinear", "zeros").at({-0.25}),
            [](const Weights& weights) { return pixels_of(weights.of_sample.front()); });
    taint("pixels read at a pixel, bilinear", row("bilinear", "zeros").at({1}));
    taint("pixels read at a pixel, bicubic", row("bicubic", "zeros").at({1}));
    taint("pixels read three pixels outside, zeros", row("bilinear", "zeros").at({-3}));
  }

  // An axis of one pixel, inside and far outside.
  void one_pixel(const std::string& mode, bool align_corners) {
    const Question question{
        .request = {.mode = mode, .padding_mode = "zeros", .align_corners = align_corners},
        .dtype = dtype_,
        .pixels = {1, 1},
        .coordinates = {0.5, 0, 7, 0}};
    measure(fmt::format("one pixel, {}, align_corners={}", mode, align_corners ? "True" : "False"),
            question, [](const Weights& weights) {
              return fmt::format("{} inside, {} far outside", text_of(weights.of_sample[0][0]),
                                 text_of(weights.of_sample[1][0]));
            });
  }

  // Whether the weights of several axes are the products of those of each axis, up to rounding.
  void products() {
    for (const std::string mode : {"bilinear", "bicubic"}) {
      for (const std::size_t axes : {2U, 3U}) {
        if (mode == "bicubic" && axes == 3) continue;
        product(mode, axes);
      }
    }
  }
  void product(const std::string& mode, std::size_t axes) {
    const Shape pixels = axes == 2 ? Shape{5, 7} : Shape{3, 4, 5};
    const Request request{.mode = mode, .padding_mode = "zeros", .align_corners = false};
    const std::vector<double> coordinates = {0.125, -0.25, 0.0625};
    Question question{
        .request = request, .dtype = dtype_, .pixels = pixels, .coordinates = coordinates};
    question.coordinates.resize(axes);
    std::vector<double> expected = {1};  // row-major, from z to x
    for (std::size_t k = axes; k-- > 0;) {
      Question along{.request = request,
                     .dtype = dtype_,
                     .pixels = {1, pixels[axes - 1 - k]},
                     .coordinates = {coordinates[k], 0}};
      const Probed probed = weights_of(along);
      const auto* weights = std::get_if<Weights>(&probed);
      if (weights == nullptr) return note(product_name(mode, axes), std::get<std::string>(probed));
      std::vector<double> all;
      for (const double w : expected) {
        for (const double v : weights->of_sample.front()) all.push_back(w * v);
      }
      expected = std::move(all);
    }
    measure(product_name(mode, axes), question, [&](const Weights& weights) {
      double worst = 0;
      for (std::size_t k = 0; k < expected.size(); ++k) {
        worst = std::max(worst, std::fabs(weights.of_sample.front()[k] - expected[k]));
      }
      return worst < 0x1p-6 ? std::string("products of those along each axis")
                            : fmt::format("no products: {} off", text_of(worst));
    });
  }
  static std::string product_name(const std::string& mode, std::size_t axes) {
    return fmt::format("{}, weights, {}-D", mode, axes + 2);
  }

  // Rules of reflection for a row of so many pixels.
  static Rules reflections(int size, const std::vector<double>& positions) {
    const auto all = [&](auto place) {
      std::vector<int> places;
      for (const double p : positions) places.push_back(place(static_cast<int>(p)));
      return places;
    };
    const auto fold = [size](int low_twice, int high_twice, int most) {
      return [=](int p) {
        for (int i = 0; i < most && (p < 0 || p >= size); ++i)
          p = (p < 0 ? low_twice : high_twice) - p;
        return std::clamp(p, 0, size - 1);
      };
    };
    return {
        {"about the corners", all(fold(-1, 2 * size - 1, 99))},
        {"about the centres", all(fold(0, 2 * size - 2, 99))},
        {"about the corners, twice at most", all(fold(-1, 2 * size - 1, 2))},
        {"about the centres, twice at most", all(fold(0, 2 * size - 2, 2))},
        {"none: the edge", all([](int) { return 0; })},
        {"none: nothing", all([](int) { return -1; })},
        {"none: the input is repeated", all([size](int p) { return (p % size + size) % size; })}};
  }

  void taint(std::string name, const Question& question) {
    const Probed probed = weights_in(question, ask(taint_case(question)));
    const auto* weights = std::get_if<Weights>(&probed);
    if (weights == nullptr) return note(std::move(name), std::get<std::string>(probed));
    std::string read;
    const std::vector<double>& sample = weights->of_sample.front();
    for (std::size_t k = 0; k < sample.size(); ++k) {
      if (std::isnan(sample[k])) read += fmt::format("{}{}", read.empty() ? "" : ", ", k);
    }
    note(std::move(name), read.empty() ? "none" : read);
  }

  void bicubic() {
    measure("bicubic, kernel", row("bicubic", "zeros").at({1.5}), [](const Weights& weights) {
      const std::vector<double>& w = weights.of_sample.front();
      const double alpha = 8 * w[0];
      const bool is_keys =
          w[3] == w[0] && w[1] == w[2] && std::fabs(w[1] - (0.5 - alpha / 8)) < 1e-6;
      return is_keys ? "Keys' with alpha " + text_of(alpha) : "not Keys': " + pixels_of(w);
    });
    measure("bicubic, far reflection", row("bicubic", "reflection").at({-9.5}),
            [](const Weights& weights) { return pixels_of(weights.of_sample.front()); });
    // Keys' weights at 1/4: the outer ones, of the taps at -2 and at 1.
    for (const auto& [padding, outer] :
         {std::pair<std::string, double>("border", -0.03515625), {"reflection", -0.140625}}) {
      measure(fmt::format("bicubic, {} pads", padding), row("bicubic", padding).at({-0.75}),
              [outer = outer](const Weights& weights) -> std::string {
                const std::vector<double>& w = weights.of_sample.front();
                if (w[0] == 1) return "the position";
                return std::fabs(w[1] - outer) < 1e-3 ? "each tap" : pixels_of(w);
              });
    }
  }

  [[nodiscard]] bool has(Dtype dtype) const {
    return std::ranges::find(dtypes_, dtype) != dtypes_.end();
  }

  // Samples of a row between its pixels, with coordinates that fill the type.
  static Question between(Dtype dtype, std::int64_t size, bool align_corners) {
    Question question{
        .request = {.mode = "bilinear", .padding_mode = "zeros", .align_corners = align_corners},
        .dtype = dtype,
        .pixels = {1, size},
        .coordinates = {}};
    for (int i = 0; i < 24; ++i) {
      const double even = (2 * i + 1) / 24.0 - 1;  // no dyadic number: it is rounded
      const double inner = even * static_cast<double>(size - 2) / static_cast<double>(size);
      question.coordinates.push_back(round_to(format_of(dtype), inner));
      question.coordinates.push_back(0);
    }
    return question;
  }

  // Which expression trees give every weight, how far the position is off, and in which steps.
  void position(Dtype dtype, bool align_corners) {
    const std::string what =
        fmt::format("{}, align_corners={}", name(dtype), align_corners ? "True" : "False");
    std::vector<PositionTree> trees = position_trees(dtype, align_corners);
    std::vector<double> fractions;
    double error = 0;
    for (const std::int64_t size : {7, 11, 26}) {
      const Question question = between(dtype, size, align_corners);
      const Probed probed = has(dtype) ? weights_of(question) : Probed("unsupported");
      const auto* weights = std::get_if<Weights>(&probed);
      if (weights == nullptr) {
        note("position, " + what, std::get<std::string>(probed));
        return;
      }
      for (std::size_t s = 0; s < question.samples(); ++s) {
        const double x = question.coordinates[2 * s];
        const std::vector<double>& w = weights->of_sample[s];
        const double n = static_cast<double>(size);
        const double exact = align_corners ? (x + 1) / 2 * (n - 1) : ((x + 1) * n - 1) / 2;
        const auto cell = static_cast<std::size_t>(std::floor(exact));
        const double seen = static_cast<double>(cell) + (cell + 1 < w.size() ? w[cell + 1] : 0);
        error = std::max(error, std::fabs(seen - exact) / ulp_of(exact, dtype));
        fractions.push_back(cell + 1 < w.size() ? w[cell + 1] : 0);
        std::erase_if(trees,
                      [&](const PositionTree& tree) { return !gives(tree, dtype, x, size, w); });
      }
    }
    std::string value;
    for (const PositionTree& tree : trees) value += (value.empty() ? "" : "; ") + tree.name;
    if (value.empty()) {
      const auto bits = bits_of(fractions);
      value = bits ? fmt::format("steps of 1/{} of a pixel", 1 << *bits) : "another arithmetic";
      value += error < 1000 ? fmt::format(", at most {:.1f} ulp off", error) : ", far off";
    }
    note("position, " + what, value);
  }

  // Whether the weights at the tree's position are those of the sample, to the last bit.
  static bool gives(const PositionTree& tree, Dtype dtype, double x, std::int64_t size,
                    const std::vector<double>& seen) {
    const double position = tree.position(x, size);
    if (!(position >= 0 && position < static_cast<double>(size - 1))) return false;
    const double fraction = position - std::floor(position);
    const auto cell = static_cast<std::size_t>(std::floor(position));
    const Format format = format_of(dtype);
    std::vector<double> expected(seen.size());
    expected[cell] = round_to(format, 1 - fraction);
    expected[cell + 1] = round_to(format, fraction);
    return expected == seen;
  }

  void cubic_weights(Dtype dtype) {
    const std::string what = fmt::format("bicubic, weights, {}", name(dtype));
    Question question{
        .request = {.mode = "bicubic", .padding_mode = "zeros", .align_corners = false},
        .dtype = dtype,
        .pixels = {1, 4},
        .coordinates = {}};
    // Multiples of such a step that no formula rounds on the way to the position.
    const double step = dtype == Dtype::f32 ? 0x1p-20 : 0x1p-48;
    std::vector<double> fractions;
    for (int i = 1; i < 32; ++i) {
      const double x = std::nearbyint(((1 + i / 32.3) * 2 + 1) / 4 / step) * step - 1;
      question.coordinates.push_back(x);
      question.coordinates.push_back(0);
      fractions.push_back(((x + 1) * 4 - 1) / 2 - 1);
    }
    const Probed probed = has(dtype) ? weights_of(question) : Probed("unsupported");
    const auto* weights = std::get_if<Weights>(&probed);
    if (weights == nullptr) return note(what, std::get<std::string>(probed));
    std::string value;
    for (const CubicTree& tree : cubic_trees(dtype)) {
      bool all = true;
      for (std::size_t s = 0; s < fractions.size(); ++s) {
        const auto expected = tree.weights(fractions[s]);
        all = all && std::ranges::equal(weights->of_sample[s], expected);
      }
      if (all) value += (value.empty() ? "" : "; ") + tree.name;
    }
    note(what, value.empty() ? "another arithmetic" : value);
  }

  Subject& subject_;
  Fingerprint result_;
  std::vector<Dtype> dtypes_;
  Dtype dtype_ = Dtype::f32;
};

}  // namespace

Fingerprint fingerprint_of(Subject& subject) { return Probing(subject).run(); }

}  // namespace gridproof::probe
