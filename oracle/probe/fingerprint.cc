#include "oracle/probe/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <variant>

#include "oracle/probe/cross.h"
#include "oracle/probe/trees.h"
#include "reference/contract/ulp.h"

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

// How far a weight may be off for rounding alone.
double tolerance_of(Dtype dtype) { return std::ldexp(1, 2 - format_of(dtype).precision); }

bool are_near(const Line& one, const Line& other, double tolerance) {
  for (std::size_t k = 0; k < one.size(); ++k) {
    if (std::isnan(one[k]) != std::isnan(other[k])) return false;
    if (std::fabs(one[k] - other[k]) > tolerance) return false;
  }
  return true;
}

// A line of which one pixel is seen, or none.
Line only(std::int64_t size, std::int64_t pixel) {
  Line line(static_cast<std::size_t>(size));
  if (pixel >= 0 && pixel < size) line[static_cast<std::size_t>(pixel)] = 1;
  return line;
}

// What is seen of a line, in words that do not depend on its size.
std::string in_general(const Line& line, double tolerance) {
  const std::int64_t size = std::ssize(line);
  if (are_near(line, only(size, -1), tolerance)) return "nothing";
  if (are_near(line, only(size, 0), tolerance)) return "the first pixel";
  if (are_near(line, only(size, size - 1), tolerance)) return "the last pixel";
  return pixels_of(line);
}

std::int64_t reflected(std::int64_t index, std::int64_t size, bool about_centers, int most) {
  for (int i = 0; i < most && (index < 0 || index >= size); ++i) {
    const std::int64_t sum =
        index < 0 ? (about_centers ? 0 : -1) : (about_centers ? 2 * size - 2 : 2 * size - 1);
    index = sum - index;
  }
  return std::clamp<std::int64_t>(index, 0, size - 1);
}

// The same of a position.
double reflected_position(double position, double size, bool about_centers) {
  const double low = about_centers ? 0 : -0.5;
  const double high = about_centers ? size - 1 : size - 0.5;
  while (position < low || position > high) {
    position = 2 * (position < low ? low : high) - position;
  }
  return std::clamp(position, 0.0, size - 1);
}

constexpr int always = 99;  // reflections

// A rule of one step, by name: which pixel, or what of the line, is seen at a position.
template <class Place>
struct Rule {
  std::string name;
  Place place;
};

// Ways to round a position to a pixel.
using Rounding = double (*)(double);
std::vector<Rule<Rounding>> roundings() {
  return {
      {"to even", [](double p) { return std::nearbyint(p); }},
      {"away from zero", [](double p) { return std::round(p); }},
      {"up", [](double p) { return std::floor(p + 0.5); }},
      {"down", [](double p) { return std::ceil(p - 0.5); }},
      {"towards zero", [](double p) { return std::copysign(std::ceil(std::fabs(p) - 0.5), p); }},
      {"to odd",
       [](double p) {
         const double even = std::nearbyint(p);
         return std::fabs(p - even) == 0.5 ? even + 2 * (p - even) : even;
       }},
      {"no rounding: the pixel below", [](double p) { return std::floor(p); }},
      {"no rounding: the pixel above", [](double p) { return std::ceil(p); }},
      {"no rounding: truncated", [](double p) { return std::trunc(p); }}};
}

// Keys' kernel.
double keys(double distance, double alpha) {
  const double d = std::fabs(distance);
  if (d <= 1) return ((alpha + 2) * d - (alpha + 3)) * d * d + 1;
  return d < 2 ? ((alpha * d - 5 * alpha) * d + 8 * alpha) * d - 4 * alpha : 0;
}

// A line that gets the weights of four taps, each where `place` says; -1 for nowhere.
template <class Place>
Line cubic_line(std::int64_t size, double position, double alpha, const Place& place) {
  Line line(static_cast<std::size_t>(size));
  const auto below = static_cast<std::int64_t>(std::floor(position));
  for (std::int64_t tap = below - 1; tap <= below + 2; ++tap) {
    const std::int64_t pixel = place(tap);
    if (pixel < 0 || pixel >= size) continue;
    line[static_cast<std::size_t>(pixel)] += keys(position - static_cast<double>(tap), alpha);
  }
  return line;
}

// The samples of a cross of one kind, each by its coordinate or position. All axes have other
// sizes: a square is a special case to some. With these the positions below are of few bits.
struct Rows {
  Cross cross;
  std::vector<std::vector<Seen>> seen;  // by axis

  explicit Rows(const Kind& kind) {
    cross.kind = kind;
    cross.sizes = kind.align_corners ? Shape{5, 9, 17} : Shape{4, 8, 16};
    cross.sizes.resize(static_cast<std::size_t>(kind.rank - 2));
    cross.coordinates.resize(cross.axes());
    seen.resize(cross.axes());
  }
  [[nodiscard]] std::int64_t size(int axis) const {
    return cross.sizes[static_cast<std::size_t>(axis)];
  }
  [[nodiscard]] double coordinate_of(int axis, double position) const {
    const auto n = static_cast<double>(size(axis));
    return cross.kind.align_corners ? 2 * position / (n - 1) - 1 : (2 * position + 1) / n - 1;
  }
  [[nodiscard]] const Seen& at_coordinate(int axis, double x) const {
    const auto& along = cross.coordinates[static_cast<std::size_t>(axis)];
    const auto place = std::ranges::find_if(along, [x](double one) {
      return one == x || (std::isnan(one) && std::isnan(x) && std::signbit(one) == std::signbit(x));
    });
    return seen[static_cast<std::size_t>(axis)][static_cast<std::size_t>(place - along.begin())];
  }
  [[nodiscard]] const Seen& at(int axis, double position) const {
    return at_coordinate(axis, coordinate_of(axis, position));
  }
  [[nodiscard]] double tolerance() const { return tolerance_of(cross.kind.dtype); }
};

// A position in words that do not depend on the size: "-0.75", "S - 0.5", "-2 S - 1".
std::string position_text(double position, std::int64_t size) {
  const auto n = static_cast<double>(size);
  const double times = position < 0 ? -std::floor(-position / n) : std::floor((position + 1) / n);
  if (times == 0) return fmt::format("{}", position);
  const double rest = position - times * n;
  const std::string text = times == 1 ? "S" : times == -1 ? "-S" : fmt::format("{} S", times);
  return rest == 0 ? text : fmt::format("{} {} {}", text, rest < 0 ? '-' : '+', std::fabs(rest));
}

// Positions about a line of so many pixels: those that take one, two and three reflections,
std::vector<double> far_outside(std::int64_t size) {
  std::vector<double> positions;
  for (const std::int64_t steps : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, size,
                                   size + 1, 2 * size, 2 * size + 1, 2 * size + 2}) {
    positions.push_back(static_cast<double>(-steps));
    positions.push_back(static_cast<double>(size - 1 + steps));
  }
  return positions;
}
// in the middle between pixels, and beside,
std::vector<double> ties(std::int64_t size) {
  return {-0.5, 0.5, 1.5, 2.5, static_cast<double>(size) - 0.5, 0.25, 0.75};
}
// and with taps on both sides of the rim, or all outside.
std::vector<double> beyond_the_rim(std::int64_t size) {
  const auto n = static_cast<double>(size);
  return {-0.75, n - 0.25, -2 * n - 1.5, 3 * n + 0.5};
}
// Between pixels; the first one in the middle.
constexpr std::array cubic_positions = {1.5, 1.125, 1.25, 1.75};

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

class Probing {
 public:
  explicit Probing(Subject& subject) : subject_(subject) {}

  Fingerprint run() {
    ask_rows();
    if (dtypes_.empty()) return std::move(result_);
    defaults();
    axes();
    pixels();
    nearest();
    coordinates();
    outside();
    one_pixel();
    between_pixels();
    reads();
    products();
    bicubic();
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16}) {
      for (const bool align_corners : {false, true}) position(dtype, align_corners);
    }
    for (const Dtype dtype : {Dtype::f32, Dtype::f64}) cubic_weights(dtype);
    return std::move(result_);
  }

 private:
  // Notes a fact of one place.
  void note(const std::string& what, const Kind& where, std::string value) {
    result_.facts.push_back(
        {.name = fmt::format("{}, {}, {}, align_corners={}, {}-D, {}", what, name(where.mode),
                             name(where.padding), where.align_corners ? "True" : "False",
                             where.rank, name(where.dtype)),
         .value = value,
         .statements = {{where, value}}});
  }
  // Notes a fact that was asked at several places: its value, or for each value where it was found.
  void note(std::string name, std::vector<Statement> statements, std::string clause = "") {
    Kinds all;
    std::vector<std::pair<std::string, Kinds>> values;  // those of the most places first
    for (const Statement& statement : statements) {
      all.insert(statement.where);
      const auto known =
          std::ranges::find(values, statement.value, &std::pair<std::string, Kinds>::first);
      if (known == values.end()) {
        values.push_back({statement.value, {statement.where}});
      } else {
        known->second.insert(statement.where);
      }
    }
    // Of who answers little it is said first what.
    std::ranges::stable_sort(values, std::ranges::greater{}, [](const auto& value) {
      return std::pair(value.first == "values", value.second.size());
    });
    std::string text;
    for (const auto& [value, where] : values) {
      if (!text.empty()) text += "; ";
      text += value;
      if (values.size() == 1) break;
      const std::string words = in_words(where, all);
      const bool is_rest = &value == &values.back().first;
      text += is_rest && words.find(" and ") != std::string::npos ? " elsewhere" : " " + words;
    }
    if (values.empty()) text = "unsupported";
    result_.facts.push_back({.name = std::move(name),
                             .value = std::move(text),
                             .clause = std::move(clause),
                             .statements = std::move(statements)});
  }

  Answer ask(const Case& question) {
    result_.asked.emplace_back(question, subject_.answer(question));
    return result_.asked.back().second;
  }
  Probed weights_of(const OneHotQuery& question) {
    return weights_in(question, ask(one_hot_case(question)));
  }

  // `describe(weights)`, or why there are none.
  template <class Describe>
  std::string measured(const OneHotQuery& question, const Describe& describe) {
    const Probed probed = weights_of(question);
    const auto* weights = std::get_if<Weights>(&probed);
    return weights ? describe(*weights) : std::get<std::string>(probed);
  }

  // One cross for each kind: all that its rules are about.
  void ask_rows() {
    std::vector<Statement> answers;
    for (const Kind& kind : all_kinds()) {
      Rows rows = asked_rows(kind);
      const Seen& any = rows.at(0, 1);
      const auto* const word = std::get_if<std::string>(&any);
      const bool is_answered = word == nullptr || *word == "pixels of other lines";
      answers.push_back({kind, is_answered ? "values" : *word});
      if (word != nullptr && *word == "unsupported") continue;
      if (is_answered && std::ranges::find(dtypes_, kind.dtype) == dtypes_.end()) {
        dtypes_.push_back(kind.dtype);
      }
      rows_.push_back(std::move(rows));
    }
    if (!dtypes_.empty()) dtype_ = dtypes_.front();
    note("answers", std::move(answers));
  }

  Rows asked_rows(const Kind& kind) {
    Rows rows(kind);
    const std::vector<double> special = special_coordinates(kind);
    Cross ordinary = rows.cross;
    for (const Kind& where : along_each_axis(kind)) {
      std::vector<double>& along = ordinary.coordinates[static_cast<std::size_t>(where.axis)];
      along = {-1, 0, 1};
      for (const double p : positions(kind.mode, rows.size(where.axis))) {
        const double x = rows.coordinate_of(where.axis, p);
        if (std::ranges::find(along, x) == along.end()) along.push_back(x);
      }
    }
    rows.cross = ordinary;
    for (auto& along : rows.cross.coordinates) {
      along.insert(along.end(), special.begin(), special.end());
    }
    rows.seen = lines(rows.cross);
    const auto* const word = std::get_if<std::string>(&rows.seen.front().front());
    if (word == nullptr || (*word != "lost" && *word != "refused")) return rows;
    // Who is lost on one of the coordinates says all the same what it does at the others.
    rows.seen = lines(ordinary);
    for (const double x : special) {
      Cross one = ordinary;
      for (auto& along : one.coordinates) along = {x};
      const auto seen = lines(one);
      for (std::size_t axis = 0; axis < seen.size(); ++axis) {
        rows.seen[axis].push_back(seen[axis].front());
      }
    }
    return rows;
  }

  // All positions that some fact about the mode is of.
  static std::vector<double> positions(Mode mode, std::int64_t size) {
    std::vector<double> all;
    for (std::int64_t k = 0; k < size; ++k) all.push_back(static_cast<double>(k));
    const auto add = [&](const auto& some) { all.insert(all.end(), some.begin(), some.end()); };
    add(far_outside(size));
    if (mode == Mode::nearest) {
      add(ties(size));
      add(std::array{-1.5});
    } else if (mode == Mode::bilinear) {
      add(std::array{-0.25, static_cast<double>(size) - 0.75, 1.25, 1.5});
    } else {
      add(cubic_positions);
      add(beyond_the_rim(size));
    }
    return all;
  }

  std::vector<std::vector<Seen>> lines(const Cross& cross) {
    const Case question = cross_case(cross);
    // Others are compared by those of the first dtype: there are many.
    const bool is_first = dtypes_.empty() || dtypes_.front() == cross.kind.dtype;
    return lines_in(cross, is_first ? ask(question) : subject_.answer(question));
  }

  static std::vector<double> special_coordinates(const Kind& kind) {
    // See `special_reflected`.
    if (kind.padding == Padding::reflection) return {};
    std::vector<double> all = {nan, -nan, infinity, -infinity, 0x1p15, -0x1p15};
    if (kind.dtype != Dtype::f16) all.insert(all.end(), {0x1p100, -0x1p100});
    return all;
  }

  // A statement for each kind that `is_meant`, along each axis, by `describe(rows, axis)`.
  template <class IsMeant, class Describe>
  std::vector<Statement> of_rows(const IsMeant& is_meant, const Describe& describe) {
    std::vector<Statement> statements;
    for (const Rows& rows : rows_) {
      if (!is_meant(rows.cross.kind)) continue;
      for (const Kind& where : along_each_axis(rows.cross.kind)) {
        statements.push_back({where, describe(rows, where.axis)});
      }
    }
    return statements;
  }

  // The same by `describe(lines)` of what is seen at some positions, where all of it is lines.
  template <class Describe>
  static std::string of_lines(const Rows& rows, int axis, std::span<const double> positions,
                              const Describe& describe) {
    std::vector<Line> lines;
    for (const double p : positions) {
      const Seen& seen = rows.at(axis, p);
      if (const auto* const word = std::get_if<std::string>(&seen)) return *word;
      lines.push_back(std::get<Line>(seen));
    }
    return describe(lines);
  }

  // The names of the rules that give these lines, each of which gives a line for a position; else
  // the rule that gives the most of them, and the first that it does not.
  template <class Rules>
  static std::string rule_of(const Rows& rows, int axis, const std::vector<double>& positions,
                             const Rules& rules) {
    return of_lines(rows, axis, positions, [&](const std::vector<Line>& lines) {
      std::string found;
      std::string best;
      std::size_t most = 0;
      std::size_t first = 0;  // that the best rule does not give
      for (const auto& [rule, line_at] : rules) {
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < lines.size(); ++i) {
          if (!are_near(lines[i], line_at(positions[i]), rows.tolerance())) others.push_back(i);
        }
        if (others.empty()) {
          found += (found.empty() ? "" : " or ") + rule;
        } else if (lines.size() - others.size() > most) {
          most = lines.size() - others.size();
          best = rule;
          first = others.front();
        }
      }
      if (!found.empty()) return found;
      return fmt::format("{}{} at {}", best.empty() ? "" : best + ", but ",
                         in_general(lines[first], rows.tolerance()),
                         position_text(positions[first], rows.size(axis)));
    });
  }
  using LineRules = std::vector<std::pair<std::string, std::function<Line(double)>>>;

  void axes() {
    for (const int rank : {4, 5}) {
      const Kind where{Mode::nearest, rank, Padding::zeros, true, dtype_, 0};
      OneHotQuery corner{.request = request_for({where.mode, where.padding, where.align_corners}),
                         .dtype = dtype_,
                         .pixels = {2, 3},
                         .coordinates = {1, -1, -1, 1}};
      std::vector<std::pair<std::string, std::vector<std::size_t>>> rules = {{"x, y", {2, 3}},
                                                                             {"y, x", {3, 2}}};
      if (rank == 5) {
        corner.pixels = {2, 2, 3};
        corner.coordinates = {1, -1, -1, -1, 1, -1, -1, -1, 1};
        rules = {{"x, y, z", {2, 3, 6}}, {"z, y, x", {6, 3, 2}}, {"y, x, z", {3, 2, 6}}};
      }
      note("axes", where, measured(corner, [&](const Weights& weights) {
             std::string list = "pixels";
             for (const auto& sample : weights.of_sample) list += " [" + pixels_of(sample) + "]";
             for (const auto& [order, places] : rules) {
               bool holds = true;
               for (std::size_t i = 0; i < places.size(); ++i) {
                 Line expected(weights.of_sample[i].size());
                 expected[places[i]] = 1;
                 holds = holds && weights.of_sample[i] == expected;
               }
               if (holds) return order;
             }
             return list;
           }));
      result_.facts.back().clause = "coord.order";
    }
  }

  // The options that give what is given when all are left out.
  void defaults() {
    const auto asked = [&](const Request& request) {
      return OneHotQuery{.request = request,
                         .dtype = dtype_,
                         .pixels = {1, 4},
                         .coordinates = {-1.375, 0, 0.0625, 0, 0.6875, 0}};
    };
    const std::string value = measured(asked({}), [&](const Weights& weights) {
      std::string found;
      for (const auto& mode : names<Mode>) {
        for (const auto& padding : names<Padding>) {
          for (const bool align_corners : {false, true}) {
            const Request request = request_for({mode.value, padding.value, align_corners});
            const Probed other = weights_of(asked(request));
            const auto* same = std::get_if<Weights>(&other);
            if (same == nullptr || same->of_sample != weights.of_sample) continue;
            found += fmt::format("{}{}, {}, {}", found.empty() ? "" : " or ", mode.name,
                                 padding.name, align_corners ? "True" : "False");
          }
        }
      }
      return found.empty() ? "none of the options" : found;
    });
    result_.facts.push_back({.name = fmt::format("defaults, 4-D, {}", name(dtype_)),
                             .value = value,
                             .clause = "options.defaults",
                             .statements = {{{.dtype = dtype_}, value}}});
  }

  void pixels() {
    note("at the center of each pixel",
         of_rows([](const Kind&) { return true; },
                 [](const Rows& rows, int axis) {
                   std::vector<double> inside;
                   for (std::int64_t k = 0; k < rows.size(axis); ++k) {
                     inside.push_back(static_cast<double>(k));
                   }
                   return rule_of(rows, axis, inside,
                                  LineRules{{"that pixel", [&](double p) {
                                               return only(rows.size(axis),
                                                           static_cast<std::int64_t>(p));
                                             }}});
                 }));
  }

  void nearest() {
    const auto is_nearest = [](const Kind& kind) { return kind.mode == Mode::nearest; };
    note("nearest, ties",
         of_rows(is_nearest,
                 [](const Rows& rows, int axis) {
                   const Kind& kind = rows.cross.kind;
                   const auto n = static_cast<double>(rows.size(axis));
                   LineRules rules;
                   for (const auto& [rule, rounded] : roundings()) {
                     rules.emplace_back(rule, [&, rounded](double p) {
                       if (kind.padding == Padding::border) {
                         p = std::clamp(p, 0.0, n - 1);
                       } else if (kind.padding == Padding::reflection) {
                         p = reflected_position(p, n, kind.align_corners);
                       }
                       return only(rows.size(axis), static_cast<std::int64_t>(rounded(p)));
                     });
                   }
                   return rule_of(rows, axis, ties(rows.size(axis)), rules);
                 }),
         "nearest.ties-to-even");
    // About the outer corners the order of the two steps shows itself.
    note("nearest, rounds, reflection, align_corners=False",
         of_rows(
             [&](const Kind& kind) {
               return is_nearest(kind) && kind.padding == Padding::reflection &&
                      !kind.align_corners;
             },
             [](const Rows& rows, int axis) {
               return rule_of(
                   rows, axis, {-1.5},
                   LineRules{{"after padding", [&](double) { return only(rows.size(axis), 0); }},
                             {"before padding", [&](double) { return only(rows.size(axis), 1); }}});
             }),
         "nearest.pad-first");
  }

  // Coordinates that no position is computed of, or that are far away.
  void coordinates() {
    for (const auto& [named_padding, padding_name] : names<Padding>) {
      const Padding padding = named_padding;
      if (padding == Padding::reflection) continue;
      const auto is_meant = [padding](const Kind& kind) { return kind.padding == padding; };
      note(fmt::format("coordinate NaN, {}", padding_name),
           of_rows(is_meant,
                   [](const Rows& rows, int axis) {
                     return of_both(as_another(rows, axis, nan), as_another(rows, axis, -nan));
                   }),
           "coord.nan");
      const std::string clause = padding == Padding::zeros ? "infinity.zeros" : "infinity.border";
      for (const double x : {infinity, -infinity}) {
        note(fmt::format("coordinate {}, {}", x, padding_name),
             of_rows(is_meant, [&](const Rows& rows, int axis) { return seen_at(rows, axis, x); }),
             clause);
      }
      for (const int exponent : {15, 100}) {
        for (const double sign : {1.0, -1.0}) {
          const double x = std::ldexp(sign, exponent);
          note(fmt::format("coordinate {}2^{}, {}", sign < 0 ? "-" : "", exponent, padding_name),
               of_rows(
                   [&](const Kind& kind) {
                     const bool has_it = exponent < 16 || kind.dtype != Dtype::f16;
                     return is_meant(kind) && has_it;
                   },
                   [&](const Rows& rows, int axis) { return seen_at(rows, axis, x); }));
        }
      }
    }
    special_reflected();
  }
  // What a NaN gives, without a sign and with one.
  static std::string of_both(const std::string& plain, const std::string& negative) {
    return plain == negative ? plain : plain + ", but with its sign " + negative;
  }
  static std::string seen_at(const Rows& rows, int axis, double x) {
    const Seen& seen = rows.at_coordinate(axis, x);
    const auto* const word = std::get_if<std::string>(&seen);
    return word != nullptr ? *word : in_general(std::get<Line>(seen), rows.tolerance());
  }
  // Of what has no place of its own: which other coordinate gives the same.
  static std::string as_another(const Rows& rows, int axis, double x) {
    std::string seen = seen_at(rows, axis, x);
    const auto* const line = std::get_if<Line>(&rows.at_coordinate(axis, x));
    for (const double y : {-1.0, 0.0, 1.0}) {
      // Where +1 is outside, too, nothing is nothing.
      if (y >= 0 && seen == "nothing") break;
      const auto* const other = std::get_if<Line>(&rows.at_coordinate(axis, y));
      if (line != nullptr && other != nullptr && are_near(*line, *other, rows.tolerance())) {
        return fmt::format("as {}", y);
      }
    }
    return seen;
  }

  // The same under reflection. Some reflect step by step, and take seconds for each of these: so it
  // is asked of few pixels, along x.
  void special_reflected() {
    std::vector<Statement> of_nan;
    std::vector<Statement> of_infinity;
    std::vector<Statement> of_minus_infinity;
    for (const Rows& rows : rows_) {
      const Kind& kind = rows.cross.kind;
      if (kind.padding != Padding::reflection) continue;
      const std::array special = {nan, -nan, infinity, -infinity};
      std::vector<std::string> values = seen_reflected(kind, special);
      const bool may_be_one_of_them = values.front() == "lost" || values.front() == "refused";
      if (may_be_one_of_them) {
        values.clear();
        for (const double x : special) values.push_back(seen_reflected(kind, {&x, 1}).front());
      }
      of_nan.push_back({kind, of_both(values[0], values[1])});
      of_infinity.push_back({kind, values[2]});
      of_minus_infinity.push_back({kind, values[3]});
    }
    note("coordinate NaN, reflection, along x", std::move(of_nan), "coord.nan");
    note("coordinate inf, reflection, along x", std::move(of_infinity));
    note("coordinate -inf, reflection, along x", std::move(of_minus_infinity));
  }
  std::vector<std::string> seen_reflected(const Kind& kind, std::span<const double> special) {
    const auto axes = static_cast<std::size_t>(kind.rank - 2);
    // Four pixels along x, two along the other axes, of these the last ones.
    constexpr std::ptrdiff_t row = 4;
    OneHotQuery question{.request = request_for({kind.mode, kind.padding, kind.align_corners}),
                         .dtype = kind.dtype,
                         .pixels = Shape(axes, 2),
                         .coordinates = {}};
    question.pixels.back() = row;
    const auto add = [&](double x) {
      question.coordinates.push_back(x);
      question.coordinates.insert(question.coordinates.end(), axes - 1,
                                  kind.align_corners ? 1 : 0.5);
    };
    constexpr std::array others = {-1.0, 0.0, 1.0};
    std::ranges::for_each(others, add);
    std::ranges::for_each(special, add);
    const Case asked = one_hot_case(question);
    const Answer answer = kind.dtype == dtype_ ? ask(asked) : subject_.answer(asked);
    const auto* const lost = std::get_if<Lost>(&answer);
    const bool is_slow = lost != nullptr && lost->why.find("within") != std::string::npos;
    const Probed probed = is_slow ? Probed("too slow") : weights_in(question, answer);
    const auto* const weights = std::get_if<Weights>(&probed);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < special.size(); ++i) {
      if (weights == nullptr) {
        values.push_back(std::get<std::string>(probed));
        continue;
      }
      const double tolerance = tolerance_of(kind.dtype);
      const Line& seen = weights->of_sample[others.size() + i];
      const bool is_on_line =
          std::all_of(seen.begin(), seen.end() - row, [](double weight) { return weight == 0; });
      std::string value = is_on_line || std::isnan(seen.back())
                              ? in_general({seen.end() - row, seen.end()}, tolerance)
                              : "pixels of other lines";
      for (std::size_t k = others.size(); k-- > 0;) {
        if (are_near(seen, weights->of_sample[k], tolerance)) {
          value = fmt::format("as {}", others.at(k));
        }
      }
      values.push_back(std::move(value));
    }
    return values;
  }

  // Positions that are whole numbers of pixels outside, up to ten at either end.
  void outside() {
    for (const auto& [padding, padding_name] : names<Padding>) {
      note(fmt::format("whole pixels outside, {}", padding_name),
           of_rows([padding = padding](const Kind& kind) { return kind.padding == padding; },
                   [](const Rows& rows, int axis) {
                     const std::int64_t n = rows.size(axis);
                     const auto all = [n](auto place) {
                       return [n, place](double p) {
                         return only(n, place(static_cast<std::int64_t>(p)));
                       };
                     };
                     return rule_of(
                         rows, axis, far_outside(n),
                         LineRules{
                             {"nothing", all([](std::int64_t) { return -1; })},
                             {"the edge", all([n](std::int64_t p) {
                                return std::clamp<std::int64_t>(p, 0, n - 1);
                              })},
                             {"reflected about the corners",
                              all([n](std::int64_t p) { return reflected(p, n, false, always); })},
                             {"reflected about the centers",
                              all([n](std::int64_t p) { return reflected(p, n, true, always); })},
                             {"reflected about the corners, twice at most",
                              all([n](std::int64_t p) { return reflected(p, n, false, 2); })},
                             {"reflected about the centers, twice at most",
                              all([n](std::int64_t p) { return reflected(p, n, true, 2); })},
                             {"the input is repeated",
                              all([n](std::int64_t p) { return (p % n + n) % n; })}});
                   }));
    }
    note("a quarter of a pixel outside, bilinear, zeros",
         of_rows(
             [](const Kind& kind) {
               return kind.mode == Mode::bilinear && kind.padding == Padding::zeros;
             },
             [](const Rows& rows, int axis) {
               const std::int64_t n = rows.size(axis);
               const double upper = static_cast<double>(n) - 0.75;
               return rule_of(
                   rows, axis, {-0.25, upper},
                   LineRules{{"3/4 of the edge",
                              [&](double p) {
                                Line line = only(n, p < 0 ? 0 : n - 1);
                                for (double& weight : line) weight *= 0.75;
                                return line;
                              }},
                             {"the edge", [&](double p) { return only(n, p < 0 ? 0 : n - 1); }},
                             {"nothing", [&](double) { return only(n, -1); }}});
             }),
         "padding.zeros-ramp");
  }

  // An axis of one pixel: a quarter of a pixel off its center, and far away.
  void one_pixel() {
    std::vector<Statement> statements;
    for (const Rows& rows : rows_) {
      const Kind& kind = rows.cross.kind;
      if (kind.padding != Padding::zeros || kind.dtype != dtype_) continue;
      const Cross single{.kind = kind,
                         .sizes = Shape(rows.cross.axes(), 1),
                         .coordinates = {rows.cross.axes(), std::vector<double>{0.5, 7}}};
      const auto seen = lines(single);
      const double weight = kind.mode == Mode::bilinear  ? 0.75
                            : kind.mode == Mode::bicubic ? keys(0.25, -0.75)
                                                         : 1;
      for (const Kind& where : along_each_axis(kind)) {
        const auto& of_axis = seen[static_cast<std::size_t>(where.axis)];
        const auto is = [&](std::size_t i, double expected) {
          const auto* const line = std::get_if<Line>(&of_axis[i]);
          return line != nullptr && are_near(*line, {expected}, rows.tolerance());
        };
        const auto word = [&](std::size_t i) {
          const auto* const line = std::get_if<Line>(&of_axis[i]);
          return line != nullptr ? text_of(line->front()) : std::get<std::string>(of_axis[i]);
        };
        std::string value = fmt::format("{} near it, {} far away", word(0), word(1));
        if (is(0, weight) && is(1, 0)) value = "as on longer axes";
        if (is(0, 1) && is(1, 1)) value = "the pixel is everywhere";
        statements.push_back({where, std::move(value)});
      }
    }
    note(fmt::format("an axis of one pixel, zeros, {}", name(dtype_)), std::move(statements),
         "coord.unit-size");
  }

  void between_pixels() {
    note("between pixels, bilinear",
         of_rows([](const Kind& kind) { return kind.mode == Mode::bilinear; },
                 [](const Rows& rows, int axis) {
                   return rule_of(rows, axis, {1.25, 1.5},
                                  LineRules{{"linear weights", [&](double p) {
                                               Line line = only(rows.size(axis), -1);
                                               line[1] = 2 - p;
                                               line[2] = p - 1;
                                               return line;
                                             }}});
                 }));
  }

  // Which pixels of a row are read at a position, even with the weight 0.
  void reads() {
    for (const auto& [mode, position] :
         {std::pair(Mode::bilinear, 1.0), {Mode::bicubic, 1.0}, {Mode::bilinear, -3.0}}) {
      const Kind where{.mode = mode, .dtype = dtype_};
      const OneHotQuery question{.request = request_for({mode, where.padding, where.align_corners}),
                                 .dtype = dtype_,
                                 .pixels = {1, 4},
                                 .coordinates = {(2 * position + 1) / 4 - 1, 0}};
      const Probed probed = weights_in(question, ask(taint_case(question)));
      const auto* const weights = std::get_if<Weights>(&probed);
      std::string read;
      if (weights == nullptr) {
        read = std::get<std::string>(probed);
      } else {
        const std::vector<double>& sample = weights->of_sample.front();
        for (std::size_t k = 0; k < sample.size(); ++k) {
          if (std::isnan(sample[k])) read += fmt::format("{}{}", read.empty() ? "" : ", ", k);
        }
        if (read.empty()) read = "none";
      }
      note(fmt::format("pixels read {} along x",
                       position < 0 ? "three pixels outside" : "at pixel 1"),
           where, read);
    }
  }

  // Whether the weights of several axes are the products of those of each axis, up to rounding.
  void products() {
    for (const auto& [mode, rank] :
         {std::pair(Mode::bilinear, 4), {Mode::bilinear, 5}, {Mode::bicubic, 4}}) {
      const Kind where{.mode = mode, .rank = rank, .dtype = dtype_};
      note("weights of several axes", where, product(where));
    }
  }
  std::string product(const Kind& where) {
    const auto axes = static_cast<std::size_t>(where.rank - 2);
    const Shape pixels = axes == 2 ? Shape{5, 7} : Shape{3, 4, 5};
    const Request request = request_for({where.mode, where.padding, where.align_corners});
    const std::vector<double> coordinates = {0.125, -0.25, 0.0625};
    OneHotQuery question{
        .request = request, .dtype = dtype_, .pixels = pixels, .coordinates = coordinates};
    question.coordinates.resize(axes);
    std::vector<double> expected = {1};  // row-major, from z to x
    for (std::size_t k = axes; k-- > 0;) {
      OneHotQuery along{.request = request,
                        .dtype = dtype_,
                        .pixels = Shape(axes, 1),
                        .coordinates = std::vector<double>(axes)};
      along.pixels.back() = pixels[axes - 1 - k];
      along.coordinates.front() = coordinates[k];
      const Probed probed = weights_of(along);
      const auto* weights = std::get_if<Weights>(&probed);
      if (weights == nullptr) return std::get<std::string>(probed);
      std::vector<double> all;
      for (const double w : expected) {
        for (const double v : weights->of_sample.front()) all.push_back(w * v);
      }
      expected = std::move(all);
    }
    return measured(question, [&](const Weights& weights) {
      double worst = 0;
      for (std::size_t k = 0; k < expected.size(); ++k) {
        worst = std::max(worst, std::fabs(weights.of_sample.front()[k] - expected[k]));
      }
      return worst < 0x1p-6 ? std::string("products of those along each axis")
                            : fmt::format("no products: {} off", text_of(worst));
    });
  }

  void bicubic() {
    const auto is_bicubic = [](const Kind& kind) { return kind.mode == Mode::bicubic; };
    note(
        "bicubic, kernel",
        of_rows(is_bicubic,
                [](const Rows& rows, int axis) {
                  return of_lines(rows, axis, cubic_positions, [&](const std::vector<Line>& lines) {
                    const double alpha = alpha_of(lines.front());
                    for (std::size_t i = 0; i < lines.size(); ++i) {
                      const Line expected = cubic_line(rows.size(axis), cubic_positions.at(i),
                                                       alpha, [](std::int64_t tap) { return tap; });
                      if (!are_near(lines[i], expected, rows.tolerance())) {
                        return fmt::format("not Keys': {} at {}", pixels_of(lines[i]),
                                           cubic_positions.at(i));
                      }
                    }
                    return "Keys' with alpha " + text_of(alpha);
                  });
                }),
        "bicubic.kernel");
    for (const auto& [padding, padding_name] : names<Padding>) {
      note(fmt::format("bicubic, taps outside, {}", padding_name),
           of_rows([&, padding = padding](
                       const Kind& kind) { return is_bicubic(kind) && kind.padding == padding; },
                   [](const Rows& rows, int axis) { return taps_outside(rows, axis); }),
           "bicubic.taps-padded");
    }
  }

  static double alpha_of(const Line& line) { return 8 * line[0]; }  // in the middle between two

  // What bicubic makes of taps that are outside.
  static std::string taps_outside(const Rows& rows, int axis) {
    const auto* const middle = std::get_if<Line>(&rows.at(axis, 1.5));
    const double alpha = middle != nullptr ? alpha_of(*middle) : -0.75;
    const std::int64_t n = rows.size(axis);
    const bool align_corners = rows.cross.kind.align_corners;
    const Padding padding = rows.cross.kind.padding;
    const auto edge = [n](std::int64_t tap) { return std::clamp<std::int64_t>(tap, 0, n - 1); };
    const auto each = [=](auto place) {
      return [=](double p) { return cubic_line(n, p, alpha, place); };
    };
    LineRules rules;
    if (padding == Padding::zeros) {
      rules = {{"nothing", each([](std::int64_t tap) { return tap; })}, {"the edge", each(edge)}};
    } else if (padding == Padding::border) {
      rules = {{"the edge", each(edge)},
               {"the edge: the position is clipped", [=](double p) {
                  return cubic_line(n, std::clamp(p, 0.0, static_cast<double>(n - 1)), alpha, edge);
                }}};
    } else {
      const auto mirrored = [=](bool about_centers, int most) {
        return each([=](std::int64_t tap) { return reflected(tap, n, about_centers, most); });
      };
      rules = {{"each is reflected about the corners", mirrored(false, always)},
               {"each is reflected about the centers", mirrored(true, always)},
               {"each is reflected about the corners, twice at most", mirrored(false, 2)},
               {"each is reflected about the centers, twice at most", mirrored(true, 2)},
               {"the position is reflected, then the edge", [=](double p) {
                  return cubic_line(n, reflected_position(p, static_cast<double>(n), align_corners),
                                    alpha, edge);
                }}};
    }
    return rule_of(rows, axis, beyond_the_rim(n), rules);
  }

  [[nodiscard]] bool has(Dtype dtype) const {
    return std::ranges::find(dtypes_, dtype) != dtypes_.end();
  }

  // Samples of a row between its pixels, with coordinates that fill the type.
  static OneHotQuery between(Dtype dtype, std::int64_t size, bool align_corners) {
    OneHotQuery question{
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
    const Kind where{.align_corners = align_corners, .dtype = dtype};
    note("position along x", where, position_rule(where));
  }
  std::string position_rule(const Kind& where) {
    const Dtype dtype = where.dtype;
    const bool align_corners = where.align_corners;
    std::vector<PositionTree> trees = position_trees(dtype, align_corners);
    std::vector<double> fractions;
    double error = 0;
    for (const std::int64_t size : {7, 11, 26}) {
      const OneHotQuery question = between(dtype, size, align_corners);
      const Probed probed = has(dtype) ? weights_of(question) : Probed("unsupported");
      const auto* weights = std::get_if<Weights>(&probed);
      if (weights == nullptr) return std::get<std::string>(probed);
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
    return value;
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
    const Kind where{.mode = Mode::bicubic, .dtype = dtype};
    note("weights along x", where, cubic_rule(where));
  }
  std::string cubic_rule(const Kind& where) {
    const Dtype dtype = where.dtype;
    OneHotQuery question{.request = request_for({where.mode, where.padding, where.align_corners}),
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
    if (weights == nullptr) return std::get<std::string>(probed);
    std::string value;
    for (const CubicTree& tree : cubic_trees(dtype)) {
      bool all = true;
      for (std::size_t s = 0; s < fractions.size(); ++s) {
        const auto expected = tree.weights(fractions[s]);
        all = all && std::ranges::equal(weights->of_sample[s], expected);
      }
      if (all) value += (value.empty() ? "" : "; ") + tree.name;
    }
    return value.empty() ? "another arithmetic" : value;
  }

  Subject& subject_;
  Fingerprint result_;
  std::vector<Rows> rows_;     // of the kinds that are not unsupported
  std::vector<Dtype> dtypes_;  // that some question is answered in
  Dtype dtype_ = Dtype::f32;   // the first of them
};

}  // namespace

Fingerprint fingerprint_of(Subject& subject) { return Probing(subject).run(); }

}  // namespace gridproof::probe
