// A part of the operator: the modes, paddings, flags, ranks, dtypes and layouts that somebody takes
// part in. Tested by part_test.cc.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "oracle/subjects/protocol/supports.h"
#include "reference/contract/case.h"

namespace gridproof {

// A mode and the rank of the input; bicubic has rank 4 only.
struct Form {
  Mode mode;
  int rank;
  friend bool operator==(const Form&, const Form&) = default;
};
inline constexpr std::array<Form, 5> forms = {{{Mode::bilinear, 4},
                                               {Mode::nearest, 4},
                                               {Mode::bicubic, 4},
                                               {Mode::bilinear, 5},
                                               {Mode::nearest, 5}}};
inline constexpr std::array<Padding, 3> paddings = {Padding::zeros, Padding::border,
                                                    Padding::reflection};
inline constexpr std::array<Dtype, 4> dtypes = {Dtype::f32, Dtype::f64, Dtype::f16, Dtype::bf16};

// What can be told of a question before it is asked, apart from its layouts.
struct Kind {
  Form form;
  Padding padding;
  bool align_corners;
  Dtype dtype;
};
inline constexpr std::size_t kind_count = forms.size() * paddings.size() * 2 * dtypes.size();
Kind kind_at(std::size_t index);  // below kind_count
// The places of its form, padding, flag and dtype among all of them.
std::array<int, 4> levels_of(std::size_t kind);
std::string to_string(const Kind& kind);  // "bilinear zeros align_corners=False 4-D f32"

class Part {
 public:
  // The whole operator.
  Part() { kinds_.set(), layouts_.set(); }

  static Part nothing();

  void set(std::size_t kind, bool takes_part) { kinds_.set(kind, takes_part); }
  void set(Layout layout, bool takes_part) {
    layouts_.set(static_cast<std::size_t>(layout), takes_part);
  }

  [[nodiscard]] bool has(std::size_t kind) const { return kinds_[kind]; }
  [[nodiscard]] std::vector<std::size_t> kinds() const;
  [[nodiscard]] bool has(Layout layout) const { return layouts_[static_cast<std::size_t>(layout)]; }
  [[nodiscard]] bool is_whole() const { return kinds_.all() && layouts_.all(); }
  [[nodiscard]] bool is_empty() const { return kinds_.none(); }

  // Whether a question that has an answer belongs to the part. One that has none does not, as far
  // as this can tell.
  [[nodiscard]] bool has(const Case& test_case) const;
  // Whether some kind belongs to it that has these levels (an index into `forms`, `paddings`,
  // {false, true} and `dtypes`, or -1 for any).
  [[nodiscard]] bool has_some(int form, int padding, int align_corners, int dtype) const;

  // Equal parts have equal keys.
  [[nodiscard]] std::string key() const { return kinds_.to_string() + layouts_.to_string(); }

  // The kinds of a form in f32, which is what most people have; of all dtypes if it has none of
  // f32.
  [[nodiscard]] std::vector<std::size_t> usual_kinds(const Form& form) const;

  Part& operator|=(const Part& other);
  friend bool operator==(const Part&, const Part&) = default;

 private:
  std::bitset<kind_count> kinds_;
  std::bitset<3> layouts_;
};

// The kind with these options, rank of the input and dtype; nothing if there is none.
std::optional<std::size_t> kind_index(const Options& options, int rank, Dtype dtype);
// The kind of a question that has an answer; nothing for others.
std::optional<std::size_t> kind_index(const Case& test_case);

// The part in short words, such as "bilinear, nearest; zeros, border; 4-D; f32", each list only
// where it leaves something out; empty for the whole operator.
std::string to_string(const Part& part);

}  // namespace gridproof
