#include "reports/vectors/vectors.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "fuzz/domain/domain.h"
#include "oracle/exact/exact.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/notation.h"
#include "reports/report/report.h"

namespace gridproof::reports {
namespace {

// Of a case of the specification; drawn ones are far smaller.
constexpr std::int64_t max_texels = 4096;
// Judge::admissible stops after 64 texels that `nearest` may give.
constexpr std::int64_t max_texels_of_nearest = 31;

// The fields `name=value` of a line.
std::map<std::string, std::string, std::less<>> fields_of(std::string_view line) {
  std::map<std::string, std::string, std::less<>> fields;
  for (const auto part : line | std::views::split(' ')) {
    const std::string_view field(part.begin(), part.end());
    const std::size_t equals = field.find('=');
    if (equals != std::string_view::npos) {
      fields.emplace(field.substr(0, equals), field.substr(equals + 1));
    }
  }
  return fields;
}

// What a case of the specification asks of grid_sample. One about coordinates and positions is
// asked of a ramp, whose texels are their own indices: there the value is the position.
std::optional<Case> question_of(const std::string& line) {
  const std::string_view kind = std::string_view(line).substr(0, line.find(' '));
  if (kind == "grid_sample") return parse_case(line);
  if (kind != "position" && kind != "coordinate" && kind != "pad") return std::nullopt;
  auto fields = fields_of(line);
  const std::string& size = fields["size"];
  std::string coordinates = fields["coordinate"];
  if (coordinates.empty()) {
    const Answer answer = answer_line("coordinate align_corners=" + fields["align_corners"] +
                                      " size=" + size + " position=" + fields["position"]);
    coordinates = gridproof::to_text(std::get<Tensor>(answer));
  }
  std::vector<double> pairs;
  const Tensor x = parse_tensor(coordinates);
  for (const double value : x.values()) pairs.insert(pairs.end(), {value, 0});
  const std::int64_t pixels = std::stoll(size);
  std::vector<double> ramp;
  for (std::int64_t i = 0; i < pixels; ++i) ramp.push_back(static_cast<double>(i));
  const std::string padding = fields.contains("padding_mode") ? fields["padding_mode"] : "border";
  return Case{{.mode = "bilinear",
               .padding_mode = padding,
               .align_corners = fields["align_corners"] == "True"},
              Tensor(x.dtype(), {1, 1, 1, pixels}, ramp),
              Tensor(x.dtype(), {1, 1, x.element_count(), 2}, pairs)};
}

// A case of the campaign, with every axis cut to a size that can be read.
Case small_case(std::uint64_t seed, std::uint64_t ordinal) {
  Recipe recipe = recipe_of(seed, ordinal);
  const auto cut = [](std::int64_t& size, std::int64_t most) { size = std::min(size, most); };
  const bool is_flat = recipe.output_shape.size() == 2;
  cut(recipe.input_shape[0], 2);
  cut(recipe.input_shape[1], 2);
  for (std::size_t axis = 2; axis < recipe.input_shape.size(); ++axis) {
    cut(recipe.input_shape[axis], is_flat ? 5 : 3);
  }
  for (std::int64_t& size : recipe.output_shape) cut(size, 2);
  if (is_flat) recipe.output_shape.back() += recipe.output_shape.back() > 1 ? 1 : 0;
  return make_case(recipe);
}

// The clauses that a question is about: what its samples are, and what is odd about its tensors.
std::set<std::string> clauses_of(const Case& test_case, const Judge& judge) {
  const std::vector<std::string> of_samples = judge.main_clauses(test_case);
  std::set<std::string> clauses(of_samples.begin(), of_samples.end());
  if (exact::refusal_of(test_case)) return clauses;
  const Shape& input = test_case.input.shape();
  if (!test_case.input.is_contiguous() || !test_case.grid.is_contiguous()) {
    clauses.insert("layout.strides");
  }
  if (of_samples.empty() || input[1] == 0) clauses.insert("shape.empty");
  if (is_16_bit(test_case.input.dtype())) clauses.insert("dtype.16-bit");
  if (std::find(input.begin() + 2, input.end(), 1) != input.end())
    clauses.insert("coord.unit-size");
  if (input[0] > 1) clauses.insert("shape.sample");
  if (test_case.request == Request{}) clauses.insert("options.defaults");
  return clauses;
}

// What makes two questions of a clause alike.
std::string kind_of(const Case& test_case) {
  return describe(test_case.request) + ' ' + std::string(name(test_case.input.dtype())) + ' ' +
         std::to_string(test_case.input.rank());
}

bool is_small(const Case& test_case) {
  return test_case.input.storage_size() <= max_texels &&
         test_case.grid.storage_size() <= max_texels;
}

class Collection {
 public:
  explicit Collection(const VectorOptions& options)
      : options_(options), dialect_judge_({}, options.dialect) {
    for (const Profile& profile : options.profiles) judges_.emplace_back(profile, options.dialect);
  }

  void add_specification() {
    for (const Clause& clause : clauses()) {
      for (const ClauseCase& line : clause.cases) {
        if (const auto test_case = question_of(line.line)) {
          add(clause.name, "the specification", *test_case);
        }
      }
    }
  }

  // Each drawn case goes to the clause that has fewest and lacks its kind. The longer it takes, the
  // more of a kind are welcome, because some clauses know only one.
  void add_drawn() {
    const std::uint64_t most = 4096 + 512 * static_cast<std::uint64_t>(options_.cases_per_clause);
    for (std::uint64_t ordinal = 0; ordinal < most; ++ordinal) {
      const Case test_case = small_case(options_.seed, ordinal);
      const std::string kind = kind_of(test_case);
      const std::uint64_t welcome = 1 + ordinal / 1024;
      const std::string* poorest = nullptr;
      const std::set<std::string> about = clauses_of(test_case, dialect_judge_);
      for (const std::string& clause : about) {
        if (std::cmp_greater_equal(by_clause_[clause].size(), options_.cases_per_clause)) continue;
        if (kinds_[{clause, kind}] >= welcome) continue;
        if (poorest == nullptr || by_clause_[clause].size() < by_clause_[*poorest].size()) {
          poorest = &clause;
        }
      }
      if (poorest == nullptr) continue;
      add(*poorest, drawn_source(ordinal), test_case);
    }
  }

  [[nodiscard]] std::vector<GoldenVector> vectors() && {
    std::vector<GoldenVector> all;
    for (const Clause& clause : clauses()) {
      for (GoldenVector& vector : by_clause_[clause.name]) all.push_back(std::move(vector));
    }
    return all;
  }

 private:
  [[nodiscard]] std::string drawn_source(std::uint64_t ordinal) const {
    return "drawn, seed " + std::to_string(options_.seed) + ", number " + std::to_string(ordinal);
  }

  void add(const std::string& clause, const std::string& source, const Case& test_case) {
    if (!is_small(test_case) || !asked_.insert(clause + ' ' + to_line(test_case)).second) return;
    GoldenVector vector{.clause = clause,
                        .source = source,
                        .test_case = test_case,
                        .reference = grid_sample(test_case)};
    for (const Judge& judge : judges_) vector.admissible.push_back(sets_of(judge, test_case));
    if (std::holds_alternative<Tensor>(vector.reference) && !says_something(vector)) return;
    ++kinds_[{clause, kind_of(test_case)}];
    by_clause_[clause].push_back(std::move(vector));
  }

  // Whether each element has a set that some profile can decide by, and that is complete.
  static bool says_something(const GoldenVector& vector) {
    const Case& test_case = vector.test_case;
    const bool is_cut_short =
        test_case.request.mode == "nearest" &&
        element_count({test_case.input.shape().begin() + 2, test_case.input.shape().end()}) >
            max_texels_of_nearest;
    const std::size_t elements = vector.admissible.front().size();
    for (std::size_t i = 0; i < elements; ++i) {
      bool decided = false;
      for (const auto& sets : vector.admissible) {
        const Clause* clause = find_clause(sets[i].clause);
        const bool is_open = clause != nullptr && clause->status == "open";
        if (is_cut_short && (sets[i].undecided || is_open)) return false;
        decided = decided || !sets[i].undecided;
      }
      if (!decided) return false;
    }
    return true;
  }

  VectorOptions options_;
  Judge dialect_judge_;
  std::vector<Judge> judges_;
  std::map<std::string, std::vector<GoldenVector>> by_clause_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> kinds_;  // of a clause
  std::set<std::string> asked_;
};

}  // namespace

std::vector<Admissible> sets_of(const Judge& judge, const Case& test_case) {
  std::vector<Admissible> sets;
  if (exact::refusal_of(test_case)) return sets;
  const std::int64_t batches = test_case.input.size(0);
  const std::int64_t channels = test_case.input.size(1);
  const std::int64_t inner = batches == 0 ? 0 : sample_count(test_case) / batches;
  for (std::int64_t n = 0; n < batches; ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t i = 0; i < inner; ++i) {
        sets.push_back(judge.admissible(test_case, n * inner + i, c));
      }
    }
  }
  return sets;
}

std::vector<GoldenVector> make_vectors(const VectorOptions& options) {
  Collection collection(options);
  collection.add_specification();
  collection.add_drawn();
  return std::move(collection).vectors();
}

}  // namespace gridproof::reports
