#include "fuzz/domain/part.h"

#include <algorithm>

namespace gridproof {
namespace {

constexpr std::size_t index_of(std::size_t form, std::size_t padding, std::size_t align,
                               std::size_t dtype) {
  return ((form * paddings.size() + padding) * 2 + align) * dtypes.size() + dtype;
}

template <class T, std::size_t N>
std::size_t place_of(const std::array<T, N>& all, const T& value) {
  return static_cast<std::size_t>(std::ranges::find(all, value) - all.begin());
}

}  // namespace

std::array<int, 4> levels_of(std::size_t kind) {
  const auto digit = [&kind](std::size_t count) {
    const auto value = static_cast<int>(kind % count);
    kind /= count;
    return value;
  };
  const int dtype = digit(dtypes.size());
  const int align = digit(2);
  const int padding = digit(paddings.size());
  return {digit(forms.size()), padding, align, dtype};
}

Kind kind_at(std::size_t index) {
  const auto [form, padding, align, dtype] = levels_of(index);
  return {forms[static_cast<std::size_t>(form)], paddings[static_cast<std::size_t>(padding)],
          align == 1, dtypes[static_cast<std::size_t>(dtype)]};
}

std::string to_string(const Kind& kind) {
  std::string text(name(kind.form.mode));
  text += ' ';
  text += name(kind.padding);
  text += kind.align_corners ? " align_corners=True " : " align_corners=False ";
  text += std::to_string(kind.form.rank) + "-D ";
  return text += name(kind.dtype);
}

std::optional<std::size_t> kind_index(const Options& options, int rank, Dtype dtype) {
  const std::size_t form = place_of(forms, Form{options.mode, rank});
  const std::size_t type = place_of(dtypes, dtype);
  if (form == forms.size() || type == dtypes.size()) return std::nullopt;
  return index_of(form, place_of(paddings, options.padding), options.align_corners ? 1 : 0, type);
}

std::optional<std::size_t> kind_index(const Case& test_case) {
  const auto options = resolve(test_case.request);
  const Tensor& input = test_case.input;
  const Tensor& grid = test_case.grid;
  const int rank = input.rank();
  if (!options || grid.dtype() != input.dtype() || grid.rank() != rank || rank < 4 ||
      grid.size(0) != input.size(0) || grid.size(rank - 1) != rank - 2) {
    return std::nullopt;
  }
  for (int axis = 2; axis < rank; ++axis) {
    if (input.size(axis) == 0) return std::nullopt;
  }
  return kind_index(*options, rank, input.dtype());
}

std::vector<std::size_t> Part::kinds() const {
  std::vector<std::size_t> kinds;
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    if (has(kind)) kinds.push_back(kind);
  }
  return kinds;
}

Part Part::nothing() {
  Part part;
  part.kinds_.reset();
  part.layouts_.reset();
  part.set(Layout::dense, true);
  return part;
}

bool Part::has(const Case& test_case) const {
  const auto kind = kind_index(test_case);
  return kind && has(*kind) && has(layout_of(test_case.input)) && has(layout_of(test_case.grid));
}

bool Part::has_some(int form, int padding, int align_corners, int dtype) const {
  const auto each = [](int level, std::size_t count, const auto& visitor) {
    if (level >= 0) return visitor(static_cast<std::size_t>(level));
    for (std::size_t i = 0; i < count; ++i) {
      if (visitor(i)) return true;
    }
    return false;
  };
  return each(form, forms.size(), [&](std::size_t f) {
    return each(padding, paddings.size(), [&](std::size_t p) {
      return each(align_corners, 2, [&](std::size_t a) {
        return each(dtype, dtypes.size(),
                    [&](std::size_t d) { return kinds_[index_of(f, p, a, d)]; });
      });
    });
  });
}

std::vector<std::size_t> Part::usual_kinds(const Form& form) const {
  std::vector<std::size_t> all = kinds();
  std::erase_if(all, [&](std::size_t kind) { return kind_at(kind).form != form; });
  std::vector<std::size_t> usual = all;
  std::erase_if(usual, [](std::size_t kind) { return kind_at(kind).dtype != Dtype::f32; });
  return usual.empty() ? all : usual;
}

Part& Part::operator|=(const Part& other) {
  kinds_ |= other.kinds_;
  layouts_ |= other.layouts_;
  return *this;
}

std::string to_string(const Part& part) {
  if (part.is_whole()) return {};
  if (part.is_empty()) return "nothing";
  std::string text;
  const auto list = [&](std::size_t count, const auto& has, const auto& word) {
    std::string words;
    std::size_t present = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!has(static_cast<int>(i))) continue;
      ++present;
      const std::string next = word(i);
      if (words.find(next) != std::string::npos) continue;
      words += (words.empty() ? "" : ", ") + next;
    }
    if (present < count) text += (text.empty() ? "" : "; ") + words;
  };
  list(
      forms.size(), [&](int i) { return part.has_some(i, -1, -1, -1); },
      [](std::size_t i) {
        return std::string(name(forms[i].mode)) + ' ' + std::to_string(forms[i].rank) + "-D";
      });
  list(
      paddings.size(), [&](int i) { return part.has_some(-1, i, -1, -1); },
      [](std::size_t i) { return std::string(name(paddings[i])); });
  list(
      2, [&](int i) { return part.has_some(-1, -1, i, -1); },
      [](std::size_t i) {
        return std::string(i == 0 ? "align_corners=False" : "align_corners=True");
      });
  list(
      dtypes.size(), [&](int i) { return part.has_some(-1, -1, -1, i); },
      [](std::size_t i) { return std::string(name(dtypes[i])); });
  list(
      names<Layout>.size(), [&](int i) { return part.has(static_cast<Layout>(i)); },
      [](std::size_t i) { return std::string(names<Layout>[i].name) + " layouts"; });
  if (text.empty()) text = "some combinations of options";
  return text;
}

}  // namespace gridproof
