#include "fuzz/causes/loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/causes/battery.h"
#include "fuzz/causes/reduce.h"
#include "fuzz/mutants/mutants.h"

namespace gridproof {
namespace {

constexpr int patience = 64;
constexpr int max_losses = 12;  // each takes a start
constexpr std::int64_t max_texels = std::int64_t{1} << 22U;

// A number with its thousands apart.
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

class Neighborhood {
 public:
  Neighborhood(const Interrogation& interrogation, Case test_case)
      : trial_(interrogation), current_(std::move(test_case)) {}

  Loss look() {
    Loss loss;
    if (can_be_cut(current_) && is_bad(current_)) {
      std::vector<std::string> thresholds;
      for (const auto& [axis, what] : axes()) {
        if (const std::int64_t size = shorten(axis); size > 1) {
          thresholds.push_back(fmt::format("lost from {} {} on; {} is answered", what,
                                           grouped(size), grouped(size - 1)));
        }
      }
      loss.threshold = fmt::format("{}", fmt::join(thresholds, "; "));
      move_coordinates();
      loss.cause = cause();
    }
    loss.reduced = current_;
    return loss;
  }

 private:
  // An axis of the input, or of the grid where it is negative (-1 is its axis 1); 0 is the batch.
  [[nodiscard]] std::vector<std::pair<int, std::string>> axes() const {
    const int rank = current_.input.rank();
    std::vector<std::pair<int, std::string>> result = {{0, "batch size"}};
    constexpr std::array spatial = {"width", "height", "depth"};
    for (int axis = 1; axis < rank - 1; ++axis) {
      const char* const what = spatial.at(static_cast<std::size_t>(rank - 2 - axis));
      result.emplace_back(-axis, std::string("output ") + what);
      result.emplace_back(axis + 1, what);
    }
    result.emplace_back(1, "channel count");
    return result;
  }

  [[nodiscard]] std::int64_t size(int axis) const {
    return axis < 0 ? current_.grid.size(-axis) : current_.input.size(axis);
  }

  [[nodiscard]] Case cut(int axis, std::int64_t size) const {
    Case result = current_;
    if (axis >= 0) result.input = result.input.slice(axis, 0, size);
    if (axis <= 0) result.grid = result.grid.slice(-axis, 0, size);
    for (Tensor Case::* tensor : {&Case::input, &Case::grid}) {
      if ((current_.*tensor).is_contiguous()) result.*tensor = (result.*tensor).contiguous();
    }
    return result;
  }

  [[nodiscard]] bool is_tired() const { return asked_ >= patience || losses_ >= max_losses; }

  // Asks, and remembers what became of it. What is answered wrongly is as bad as what is lost; so
  // that another pixel is another answer, texels differ.
  bool is_bad(const Case& plain) {
    ++asked_;
    Case test_case = with_different_texels(plain);
    const Answer answer = trial_.subject.answer(test_case);
    bool bad = std::holds_alternative<Lost>(answer);
    if (bad) {
      ++losses_;
    } else {
      const Answer expected = trial_.reference.answer(test_case);
      bad = is_finding(trial_.judge.judge(test_case, answer, &expected).worst(), false);
    }
    neighbors_.emplace_back(std::move(test_case), bad);
    return bad;
  }

  // The shortest that is still lost, if 1 is not: then `current_` has that size.
  std::int64_t shorten(int axis) {
    std::int64_t bad = size(axis);
    std::int64_t good = 0;
    std::int64_t next = 1;
    while (bad - good > 1 && !is_tired()) {
      Case candidate = cut(axis, next);
      if (is_bad(candidate)) {
        current_ = std::move(candidate);
        bad = next;
      } else {
        good = next;
      }
      next = good + (bad - good) / 2;
    }
    return bad - good == 1 && good > 0 ? bad : 1;
  }

  // To tell apart what depends on sizes and what depends on the pixels that are read.
  void move_coordinates() {
    for (const double x : {-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0}) {
      if (is_tired()) return;
      Case moved = current_;
      std::vector<double> grid = current_.grid.values();
      for (double& coordinate : grid) coordinate = x;
      moved.grid = Tensor(current_.grid.dtype(), current_.grid.shape(), grid);
      is_bad(moved);
    }
  }

  [[nodiscard]] std::optional<Cause> cause() const {
    constexpr std::ptrdiff_t enough = 3;
    const auto bad = std::ranges::count_if(neighbors_, [](const auto& one) { return one.second; });
    if (bad < enough || std::ssize(neighbors_) - bad < enough) return std::nullopt;
    std::vector<Answer> right;
    for (const auto& [test_case, is_bad] : neighbors_) {
      if (test_case.input.storage_size() > max_texels) return std::nullopt;
      right.push_back(trial_.reference.answer(test_case));
    }
    Cause result;
    for (const Mutant& mutant : mutants()) {
      bool fits = true;
      for (std::size_t i = 0; fits && i < right.size(); ++i) {
        const auto& [test_case, was_bad] = neighbors_[i];
        const Answer own = mutant.answer(test_case);
        fits = was_bad == is_finding(trial_.judge.judge(test_case, own, &right[i]).worst(), false);
      }
      if (!fits) continue;
      if (result.mutant.empty()) {
        result.mutant = mutant.name;
      } else {
        result.ties.push_back(mutant.name);
      }
    }
    if (result.mutant.empty()) return std::nullopt;
    result.probes = result.same_bits = neighbors_.size();
    return result;
  }

  const Interrogation& trial_;
  Case current_;
  int asked_ = 0;
  int losses_ = 0;
  std::vector<std::pair<Case, bool>> neighbors_;  // and whether they are bad
};

}  // namespace

bool takes_long(const Answer& answer) {
  const auto* const lost = std::get_if<Lost>(&answer);
  return lost != nullptr && lost->why.find("within") != std::string::npos;
}

bool lacks_memory(const Case& test_case, const Answer& answer) {
  const auto* const lost = std::get_if<Lost>(&answer);
  if (lost == nullptr) return false;
  constexpr double many = 0x1p28;
  const auto bytes = static_cast<double>(test_case.input.element_count()) *
                     static_cast<double>(size_of(test_case.input.dtype()));
  if (bytes <= many) return false;
  // As C++, Python, NumPy, PyTorch and others say it.
  return std::ranges::any_of(
      std::to_array<std::string_view>({"bad_alloc", "MemoryError", "out of memory", "Out of memory",
                                       "not enough memory", "nable to allocate", "annot allocate",
                                       "ailed to allocate", "llocation failed"}),
      [&](std::string_view words) { return lost->why.find(words) != std::string::npos; });
}

Loss look_around(const Interrogation& interrogation, const Case& test_case) {
  return Neighborhood(interrogation, test_case).look();
}

}  // namespace gridproof
