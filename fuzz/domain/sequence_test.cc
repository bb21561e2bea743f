#include "fuzz/domain/sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "fuzz/domain/random.h"

namespace gridproof {
namespace {

constexpr std::uint64_t seed = 6;  // of the sequences

bool are_equal(const Case& one, const Case& other) {
  return one.request == other.request && one.input.same_values(other.input) &&
         one.grid.same_values(other.grid) && one.input.strides() == other.input.strides() &&
         one.grid.strides() == other.grid.strides();
}

bool is_refused(const Case& test_case) { return !kind_index(test_case); }

// Calls `check` with a sequence of each kind.
void for_each_sequence(const Part& part,
                       const std::function<void(std::size_t, const std::vector<Step>&)>& check) {
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    if (!part.has(kind)) continue;
    SCOPED_TRACE(to_string(kind_at(kind)));
    check(kind, sequence(kind, part, mix(seed, kind)));
  }
}

TEST(Sequence, WhatIsSaidToBeEqualIsEqualAndWasAskedBefore) {
  for_each_sequence(Part(), [](std::size_t kind, const std::vector<Step>& steps) {
    ASSERT_EQ(kind_index(steps.front().test_case), kind);
    std::set<std::size_t> repeated;
    int repeats = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i].same_as) continue;
      const std::size_t earlier = *steps[i].same_as;
      ASSERT_LT(earlier, i);
      ASSERT_FALSE(steps[earlier].same_as);
      ASSERT_TRUE(are_equal(steps[i].test_case, steps[earlier].test_case));
      repeated.insert(earlier);
      ++repeats;
    }
    EXPECT_GE(repeats, 20);
    EXPECT_GE(repeated.size(), 5U);
    EXPECT_TRUE(steps.back().same_as);
  });
}

// What is not said to be equal is another question in request, shape, layout or contents; but for
// refusals, of which nothing but a refusal is expected.
TEST(Sequence, OtherQuestionsDiffer) {
  for_each_sequence(Part(), [](std::size_t, const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].same_as || is_refused(steps[i].test_case)) continue;
      for (std::size_t j = 0; j < i; ++j) {
        ASSERT_FALSE(are_equal(steps[i].test_case, steps[j].test_case)) << i << ' ' << j;
      }
    }
  });
}

// A way in which a question differs from the first one.
struct Difference {
  std::string name;
  std::function<bool(const Case& first, const Case& other)> is;
};

bool has_same_shapes(const Case& one, const Case& other) {
  return one.input.shape() == other.input.shape() && one.grid.shape() == other.grid.shape() &&
         one.input.dtype() == other.input.dtype();
}
bool is_dense(const Case& test_case) {
  return layout_of(test_case.input) == Layout::dense && layout_of(test_case.grid) == Layout::dense;
}
// The same memory, wherever it lies, but for its contents.
bool has_same_memory(const Case& one, const Case& other) {
  return has_same_shapes(one, other) && is_dense(one) && is_dense(other);
}
bool has_same_ends(const Tensor& one, const Tensor& other) {
  const std::vector<double> a = one.values();
  const std::vector<double> b = other.values();
  return a.front() == b.front() && a.back() == b.back() && a != b;
}
std::vector<double> rounded_to(const Tensor& tensor, Dtype dtype) {
  return Tensor(dtype, tensor.shape(), tensor.values()).values();
}
bool has_nan(const Tensor& tensor) {
  return std::ranges::any_of(tensor.values(), [](double x) { return std::isnan(x); });
}

const std::vector<Difference>& differences() {
  static const std::vector<Difference> all = {
      {"other contents of both",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request == b.request && !a.input.same_values(b.input) &&
                !a.grid.same_values(b.grid);
       }},
      {"another grid",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request == b.request && a.input.same_values(b.input) &&
                !a.grid.same_values(b.grid);
       }},
      {"another input",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request == b.request && !a.input.same_values(b.input) &&
                a.grid.same_values(b.grid);
       }},
      {"an input with the same ends",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && has_same_ends(a.input, b.input) &&
                a.grid.same_values(b.grid);
       }},
      {"a grid with the same ends",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && has_same_ends(a.grid, b.grid) &&
                a.input.same_values(b.input);
       }},
      {"NaN in the grid",
       [](const Case& a, const Case& b) { return has_same_memory(a, b) && has_nan(b.grid); }},
      {"the other flag",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request.align_corners != b.request.align_corners &&
                a.input.same_values(b.input) && a.request.mode == b.request.mode;
       }},
      {"another padding",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request.padding_mode != b.request.padding_mode &&
                a.input.same_values(b.input) && a.request.mode == b.request.mode;
       }},
      {"another mode",
       [](const Case& a, const Case& b) {
         return has_same_memory(a, b) && a.request.mode != b.request.mode &&
                a.input.same_values(b.input) && !is_refused(b);
       }},
      {"another dtype",
       [](const Case& a, const Case& b) {
         return a.input.dtype() != b.input.dtype() && a.input.shape() == b.input.shape();
       }},
      {"the same numbers in another dtype",
       [](const Case& a, const Case& b) {
         return a.input.dtype() != b.input.dtype() && a.input.shape() == b.input.shape() &&
                rounded_to(a.input, b.input.dtype()) == b.input.values() &&
                rounded_to(a.grid, b.input.dtype()) == b.grid.values();
       }},
      {"another layout of the input",
       [](const Case& a, const Case& b) {
         return a.input.same_values(b.input) && layout_of(b.input) == Layout::strided;
       }},
      {"another layout of the grid",
       [](const Case& a, const Case& b) {
         return a.grid.same_values(b.grid) && layout_of(b.grid) == Layout::strided;
       }},
      {"as many elements in another shape",
       [](const Case& a, const Case& b) {
         Shape shape = a.input.shape();
         std::reverse(shape.begin() + 2, shape.end());
         return b.input.shape() == shape && a.grid.element_count() == b.grid.element_count();
       }},
      {"a larger input of the same output",
       [](const Case& a, const Case& b) {
         return a.grid.shape() == b.grid.shape() &&
                a.input.element_count() < b.input.element_count();
       }},
      {"a larger output of the same input",
       [](const Case& a, const Case& b) {
         return a.input.shape() == b.input.shape() &&
                a.grid.element_count() < b.grid.element_count();
       }},
      {"another batch and other channels",
       [](const Case& a, const Case& b) {
         return a.input.size(0) != b.input.size(0) && a.input.size(1) != b.input.size(1) &&
                !is_refused(b) && b.grid.size(0) == a.grid.size(0) + 1;
       }},
      {"a refusal", [](const Case&, const Case& b) { return is_refused(b); }},
      {"nothing at all",
       [](const Case&, const Case& b) { return !is_refused(b) && sample_count(b) == 0; }},
      {"a large one",
       [](const Case&, const Case& b) {
         return b.input.element_count() >= 2000 && sample_count(b) >= 2000;
       }},
  };
  return all;
}

// A plan that is found by the bytes of a grid must know what they are.
TEST(Sequence, EqualBytesStandForNumbersOfEveryDtypeOfTheirSize) {
  for_each_sequence(Part(), [](std::size_t, const std::vector<Step>& steps) {
    const Case& first = steps.front().test_case;
    if (size_of(first.grid.dtype()) != 2) return;
    const auto bytes = [](const Tensor& tensor) {
      return std::string(reinterpret_cast<const char*>(tensor.shared_storage().get()),
                         static_cast<std::size_t>(tensor.storage_size()) * 2);
    };
    EXPECT_TRUE(std::ranges::any_of(steps, [&](const Step& step) {
      const Case& other = step.test_case;
      return size_of(other.grid.dtype()) == 2 && other.grid.dtype() != first.grid.dtype() &&
             bytes(other.grid) == bytes(first.grid);
    }));
  });
}

// Each is asked after the first question and before the last one that is equal to it.
TEST(Sequence, EveryDifferenceStandsBetweenEqualQuestions) {
  for_each_sequence(Part(), [](std::size_t, const std::vector<Step>& steps) {
    const Case& first = steps.front().test_case;
    std::size_t last = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].same_as == 0U) last = i;
    }
    for (const Difference& difference : differences()) {
      const auto is_it = [&](const Step& step) {
        return !step.same_as && difference.is(first, step.test_case);
      };
      EXPECT_TRUE(
          std::any_of(steps.begin() + 1, steps.begin() + static_cast<std::ptrdiff_t>(last), is_it))
          << difference.name;
    }
  });
}

// The batch, the channels and the output each grow by themselves; an output of nothing comes before
// one of the same columns.
TEST(Sequence, OneSizeGrowsAtATime) {
  for_each_sequence(Part(), [](std::size_t, const std::vector<Step>& steps) {
    const Case& first = steps.front().test_case;
    const auto sizes_of = [](const Case& test_case) {
      Shape sizes = test_case.input.shape();
      sizes.insert(sizes.end(), test_case.grid.shape().begin() + 1, test_case.grid.shape().end());
      return sizes;
    };
    const Shape sizes = sizes_of(first);
    const std::size_t axes = first.input.shape().size() - 2;
    std::set<std::string> seen;
    for (std::size_t i = 1; i < steps.size(); ++i) {
      const Case& test_case = steps[i].test_case;
      if (test_case.input.rank() != first.input.rank()) continue;
      const Shape other = sizes_of(test_case);
      std::set<std::size_t> grown;
      for (std::size_t k = 0; k < other.size(); ++k) {
        if (other[k] > sizes[k]) grown.insert(k);
      }
      if (grown == std::set<std::size_t>{0}) seen.insert("batch");
      if (grown == std::set<std::size_t>{1}) seen.insert("channels");
      const Case& before = steps[i - 1].test_case;
      const bool is_after_nothing =
          before.grid.element_count() == 0 && test_case.grid.element_count() > 0 &&
          before.grid.rank() == test_case.grid.rank() &&
          before.grid.size(static_cast<int>(axes)) == test_case.grid.size(static_cast<int>(axes)) &&
          test_case.grid.size(static_cast<int>(axes)) != first.grid.size(static_cast<int>(axes));
      if (is_after_nothing) seen.insert("columns after nothing");
    }
    EXPECT_EQ(seen, (std::set<std::string>{"batch", "channels", "columns after nothing"}));
  });
}

TEST(Sequence, QuestionsAreSmallButForOne) {
  for_each_sequence(Part(), [](std::size_t, const std::vector<Step>& steps) {
    const auto is_large = [](const Step& step) {
      return std::max(step.test_case.input.element_count(), step.test_case.grid.element_count()) >
             20'000;
    };
    EXPECT_LE(std::ranges::count_if(steps, is_large), 1);
    std::int64_t samples = 0;
    for (const Step& step : steps) samples += sample_count(step.test_case);
    EXPECT_EQ(sample_count(steps), samples);
  });
}

TEST(Sequence, StaysInsideThePart) {
  Part part;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const Kind what = kind_at(kind);
    part.set(kind, what.dtype == Dtype::f32 && what.padding == Padding::border);
  }
  part.set(Layout::strided, false);
  part.set(Layout::negative, false);
  for_each_sequence(part, [&](std::size_t, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      EXPECT_TRUE(is_refused(step.test_case) || part.has(step.test_case))
          << to_line(step.test_case);
    }
  });
}

TEST(Sequence, TheSeedDecidesIt) {
  const std::vector<Step> once = sequence(3, Part(), 1);
  const std::vector<Step> again = sequence(3, Part(), 1);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_TRUE(are_equal(once[i].test_case, again[i].test_case));
  }
  EXPECT_FALSE(are_equal(once[0].test_case, sequence(3, Part(), 2)[0].test_case));
}

}  // namespace
}  // namespace gridproof
