#include "fuzz/campaign/participation.h"

#include <algorithm>
#include <variant>

#include "fuzz/domain/layouts.h"

namespace gridproof {
namespace {

Tensor in_layout(const Tensor& dense, Layout layout, bool is_grid) {
  switch (layout) {
    case Layout::dense:
      return dense;
    case Layout::strided:
      return rearrange(dense, Arrangement::spread, 1, is_grid);
    case Layout::negative:
      return rearrange(dense, Arrangement::reversed, 1, is_grid);
  }
  return dense;
}

// A storage of the same size with other numbers behind the same layout.
Tensor refilled(const Tensor& tensor, double (*number)(std::int64_t)) {
  std::vector<double> values(static_cast<std::size_t>(tensor.storage_size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = number(static_cast<std::int64_t>(i));
  const Tensor storage(tensor.dtype(), {tensor.storage_size()}, values);
  return Tensor::strided(tensor.dtype(), tensor.shape(), tensor.strides(), tensor.offset(),
                         storage.shared_storage(), tensor.storage_size());
}

double small_integer(std::int64_t i) { return static_cast<double>(i % 7 + 1); }
double small_coordinate(std::int64_t i) { return static_cast<double>(i % 5) / 8 - 0.25; }

// A gradient of the output of a harmless question.
Tensor one_for_each(const Case& test_case) {
  Shape shape{test_case.input.size(0), test_case.input.size(1)};
  shape.insert(shape.end(), test_case.grid.shape().begin() + 1, test_case.grid.shape().end() - 1);
  return {test_case.input.dtype(), shape,
          std::vector<double>(static_cast<std::size_t>(element_count(shape)), 1)};
}

// Of what `ask` gives an answer, or a refusal, to harmless questions.
template <class Ask>
Part part_where(const Ask& ask) {
  // Who is lost again and again takes part in everything, to be found out by the campaign.
  constexpr int max_losses = 2;
  int losses = 0;
  const auto takes_part = [&](const Case& test_case) {
    if (losses >= max_losses) return true;
    const auto answer = ask(test_case);
    if (std::holds_alternative<Lost>(answer)) ++losses;
    return !std::holds_alternative<Unsupported>(answer);
  };
  Part part = Part::nothing();
  std::size_t some = kind_count;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    part.set(kind, takes_part(harmless_question(kind)));
    if (part.has(kind)) some = std::min(some, kind);
  }
  if (some == kind_count) {
    // Perhaps one that takes no dense tensors.
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
      part.set(kind, takes_part(harmless_question(kind, Layout::strided)));
      if (part.has(kind)) some = std::min(some, kind);
    }
    if (some == kind_count) return part;
    part.set(Layout::dense, false);
  }
  for (const Layout layout : {Layout::strided, Layout::negative}) {
    part.set(layout, takes_part(harmless_question(some, layout)));
  }
  return part;
}

}  // namespace

Case harmless_question(std::size_t kind, Layout layout) {
  const Kind what = kind_at(kind);
  const bool is_deep = what.form.rank == 5;
  const Shape input = is_deep ? Shape{1, 1, 3, 4, 5} : Shape{1, 1, 4, 5};
  const Shape grid = is_deep ? Shape{1, 1, 2, 2, 3} : Shape{1, 2, 2, 2};
  const Case test_case{
      request_for({what.form.mode, what.padding, what.align_corners}),
      in_layout(refilled(Tensor(what.dtype, input), small_integer), layout, false),
      in_layout(refilled(Tensor(what.dtype, grid), small_coordinate), layout, true)};
  return test_case;
}

Part part_of(Subject& subject) {
  return part_where([&](const Case& test_case) { return subject.answer(test_case); });
}

GradientPart gradient_part_of(Subject& subject) {
  for (const OutputMask mask : {OutputMask{}, OutputMask{true, false}, OutputMask{false, true}}) {
    const Part part = part_where([&](const Case& test_case) {
      return subject.backward({test_case, one_for_each(test_case), mask});
    });
    if (!part.is_empty()) return {part, mask};
  }
  return {Part::nothing(), {}};
}

Case with_ordinary_values(const Case& test_case) {
  return {test_case.request, refilled(test_case.input, small_integer),
          refilled(test_case.grid, small_coordinate)};
}

std::vector<std::string> kinds_in_words(const Part& part) {
  std::vector<std::string> words;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    if (!part.has(kind)) continue;
    const Kind what = kind_at(kind);
    words.push_back(std::string(name(what.form.mode)) + ' ' + std::string(name(what.padding)) +
                    ' ' + std::to_string(what.form.rank) + "-D " + std::string(name(what.dtype)));
  }
  std::ranges::sort(words);
  const auto twins = std::ranges::unique(words);
  words.erase(twins.begin(), twins.end());
  return words;
}

}  // namespace gridproof
