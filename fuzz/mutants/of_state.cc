// What an implementation keeps from one question to the next: plans and packed inputs, found again
// by less than they depend on; buffers that are not cleared; flags that stay.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"
#include "reference/semantics/grid_sample.h"

namespace gridproof::dictionary {
namespace {

using Key = std::vector<std::int64_t>;

// Nobody keeps what is larger.
constexpr std::int64_t max_kept = std::int64_t{1} << 16;

bool is_small(const Case& test_case) {
  return test_case.input.element_count() <= max_kept && test_case.grid.element_count() <= max_kept;
}

bool is_refused(const Case& test_case) { return semantics::refusal_of(test_case).has_value(); }

Case copy_of(const Case& test_case) {
  return {test_case.request, test_case.input.contiguous(), test_case.grid.contiguous()};
}

// Parts of a key.
std::int64_t address_of(const Tensor& tensor) {
  return static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(tensor.storage()));
}
std::int64_t bits_of(double value) { return std::bit_cast<std::int64_t>(value); }
std::int64_t first_of(const Tensor& tensor) {
  return tensor.element_count() == 0 ? 0 : bits_of(tensor.storage_value(tensor.offset()));
}
std::int64_t last_of(const Tensor& tensor) {
  if (tensor.element_count() == 0) return 0;
  Shape last = tensor.shape();
  for (std::int64_t& index : last) --index;
  return bits_of(tensor.at(last));
}
Key shape_of(const Tensor& tensor) {
  Key key = tensor.shape();
  key.push_back(static_cast<std::int64_t>(tensor.dtype()));
  return key;
}
Key shapes_of(const Case& test_case) {
  Key key = shape_of(test_case.input);
  std::ranges::copy(shape_of(test_case.grid), std::back_inserter(key));
  return key;
}
Key extended(Key key, std::initializer_list<std::int64_t> words) {
  key.insert(key.end(), words);
  return key;
}
std::int64_t mode_of(const Case& test_case) {
  return static_cast<std::int64_t>(options_of(test_case).mode);
}
std::int64_t padding_of(const Case& test_case) {
  return static_cast<std::int64_t>(options_of(test_case).padding);
}
std::int64_t corners_of(const Case& test_case) {
  return options_of(test_case).align_corners ? 1 : 0;
}

// A subject that keeps, under a key, the first question that had it, and answers
// `stale(kept, question)` to all later ones with that key.
class Cache final : public Subject {
 public:
  using KeyOf = std::function<Key(const Case&)>;
  using Stale = std::function<Answer(const Case&, const Case&)>;

  Cache(KeyOf key_of, Stale stale) : key_of_(std::move(key_of)), stale_(std::move(stale)) {}

  Answer answer(const Case& test_case) override {
    if (is_refused(test_case) || !is_small(test_case)) return grid_sample(test_case);
    const Key key = key_of_(test_case);
    if (const auto kept = kept_.find(key); kept != kept_.end()) {
      return stale_(kept->second, test_case);
    }
    if (kept_.size() == max_entries) kept_.clear();
    kept_.emplace(key, copy_of(test_case));
    return grid_sample(test_case);
  }

 private:
  static constexpr std::size_t max_entries = 64;
  KeyOf key_of_;
  Stale stale_;
  std::map<Key, Case> kept_;
};

Mutant cache(MutantText words, const Cache::KeyOf& key_of, const Cache::Stale& stale) {
  Mutant result = mutant(std::move(words), [](Hooked&) {});
  result.remembering = [key_of, stale] { return std::make_unique<Cache>(key_of, stale); };
  return result;
}

// What is stale: a part of the kept question stands for that of the new one.
Answer with_kept_grid(const Case& kept, Case test_case) {
  test_case.grid = kept.grid;
  return grid_sample(test_case);
}
Answer with_kept_input(const Case& kept, Case test_case) {
  test_case.input = kept.input;
  return grid_sample(test_case);
}
Answer with_kept_options(const Case& kept, Case test_case) {
  test_case.request = kept.request;
  return grid_sample(test_case);
}
// Positions are scaled by the sizes of the kept input.
Answer with_kept_sizes(const Case& kept, const Case& test_case) {
  const int rank = test_case.input.rank();
  return grid_sample(each_coordinate(test_case, [&](double x, const Place& place) {
    const std::int64_t size = kept.input.size(rank - 1 - static_cast<int>(place.component));
    if (!std::isfinite(x) || size == place.input) return x;
    return coordinate_at(position_at(x, size, place.align_corners), place.input,
                         place.align_corners);
  }));
}

// The answer where `wrong(question)` does not hold, else that of the mutant with that name.
template <class Wrong>
Cache::Stale unless_guarded(Wrong wrong, const char* mutant) {
  return [wrong, mutant](const Case& kept, const Case& test_case) {
    return wrong(kept, test_case) ? find_mutant(mutant)->answer(test_case) : grid_sample(test_case);
  };
}

bool all_of(const Tensor& tensor, bool (*holds)(double)) {
  return std::ranges::all_of(tensor.values(), holds);
}
bool is_number(double value) { return !std::isnan(value); }
bool is_inside(double coordinate) { return std::fabs(coordinate) <= 0.5; }

// A subject that answers right and then spoils what it says: `spoil(question, output)` may keep
// what it likes. Outputs without elements and large ones go by untouched.
class Spoiling : public Subject {
 public:
  Answer answer(const Case& test_case) final {
    Answer right = grid_sample(test_case);
    auto* const output = std::get_if<Tensor>(&right);
    if (output == nullptr || output->element_count() == 0 || output->element_count() > max_kept) {
      return right;
    }
    std::vector<double> values = output->values();
    spoil(test_case, *output, values);
    return Tensor(output->dtype(), output->shape(), values);
  }

 private:
  virtual void spoil(const Case& test_case, const Tensor& output, std::vector<double>& values) = 0;
};

// The output buffer is that of the answer before: elements for which `unwritten(value)` keep what
// they find there.
template <bool (*unwritten)(double)>
class SameBuffer final : public Spoiling {
  void spoil(const Case& /*question*/, const Tensor& output, std::vector<double>& values) override {
    if (output.dtype() == dtype_) {
      const std::size_t both = std::min(values.size(), buffer_.size());
      for (std::size_t i = 0; i < both; ++i) {
        if (unwritten(values[i])) values[i] = buffer_[i];
      }
    }
    dtype_ = output.dtype();
    buffer_ = values;
  }

  Dtype dtype_ = Dtype::i32;
  std::vector<double> buffer_;
};

bool is_zero(double value) { return value == 0; }

// The output buffer has the size of the first output.
class FirstCapacity final : public Spoiling {
  void spoil(const Case& /*question*/, const Tensor& /*output*/,
             std::vector<double>& values) override {
    if (capacity_ == 0) capacity_ = values.size();
    for (std::size_t i = capacity_; i < values.size(); ++i) values[i] = 0;
  }

  std::size_t capacity_ = 0;
};

// After an answer that is not finite everywhere, later NaN become 0.
class NumbersFromThenOn final : public Spoiling {
  void spoil(const Case& /*question*/, const Tensor& /*output*/,
             std::vector<double>& values) override {
    const bool is_finite = std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
    if (seen_) std::ranges::replace_if(values, is_nan, 0.0);
    seen_ = seen_ || !is_finite;
  }

  bool seen_ = false;
};

// Once an output was larger than 4,096 elements, the last elements of smaller ones, those after
// the last full eight, are not written.
class AfterLarge final : public Spoiling {
  void spoil(const Case& /*question*/, const Tensor& /*output*/,
             std::vector<double>& values) override {
    if (values.size() > 4096) {
      seen_ = true;
    } else if (seen_) {
      for (std::size_t i = values.size() / 8 * 8; i < values.size(); ++i) values[i] = 0;
    }
  }

  bool seen_ = false;
};

// The options of a refused question stay for the next one, as far as they have a meaning.
class OptionsOfRefused final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    if (is_refused(test_case)) {
      refused_ = test_case.request;
      return grid_sample(test_case);
    }
    Case asked = test_case;
    if (const auto stays = std::exchange(refused_, std::nullopt)) {
      if (stays->padding_mode && parse<Padding>(*stays->padding_mode)) {
        asked.request.padding_mode = stays->padding_mode;
      }
      if (stays->align_corners) asked.request.align_corners = stays->align_corners;
    }
    return grid_sample(asked);
  }

 private:
  std::optional<Request> refused_;
};

// After a question of that kind the next one gets `next(question)`.
template <bool (*kind)(const Case&), Answer (*next)(const Case&)>
class AfterOne final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    if (kind(test_case)) {
      seen_ = true;
      return grid_sample(test_case);
    }
    return std::exchange(seen_, false) ? next(test_case) : grid_sample(test_case);
  }

 private:
  bool seen_ = false;
};

bool is_empty(const Case& test_case) {
  return !is_refused(test_case) &&
         (test_case.input.element_count() == 0 || test_case.grid.element_count() == 0);
}
Answer refusal(const Case& /*question*/) { return Refusal{"", "the last question was refused"}; }
Answer zeros(const Case& test_case) {
  Answer answer = grid_sample(test_case);
  if (const auto* output = std::get_if<Tensor>(&answer)) {
    return Tensor(output->dtype(), output->shape());
  }
  return answer;
}

// Whatever an implementation does about the input of the question before, of the same shape.
template <bool (*applies)(std::int64_t count)>
class InputOfBefore final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    if (is_refused(test_case) || !is_small(test_case)) return grid_sample(test_case);
    count_ = before_ && shape_of(before_->input) == shape_of(test_case.input) ? count_ + 1 : 0;
    Case asked = test_case;
    if (applies(count_) && before_) asked.input = before_->input;
    before_ = copy_of(test_case);
    return grid_sample(asked);
  }

 private:
  std::optional<Case> before_;
  std::int64_t count_ = 0;  // of the same shape before this one
};

bool is_odd(std::int64_t count) { return count % 2 == 1; }
bool is_fourth(std::int64_t count) { return count >= 3; }

// Room for the plans of two kinds of options; whoever comes third takes the place of the first, and
// the list of names is not changed.
class TwoPlans final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    if (is_refused(test_case)) return grid_sample(test_case);
    const Key key = {padding_of(test_case), corners_of(test_case)};
    for (Plan& plan : plans_) {
      if (plan.key != key) continue;
      Case asked = test_case;
      asked.request.padding_mode = plan.options.padding_mode;
      asked.request.align_corners = plan.options.align_corners;
      return grid_sample(asked);
    }
    if (plans_.size() < 2) {
      plans_.push_back({key, test_case.request});
    } else {
      plans_.front().options = test_case.request;
    }
    return grid_sample(test_case);
  }

 private:
  struct Plan {
    Key key;
    Request options;
  };
  std::vector<Plan> plans_;
};

// Once an input with its channels last was seen, dense ones of that shape are read so.
class ChannelsLastStays final : public Subject {
 public:
  Answer answer(const Case& test_case) override {
    const Tensor& input = test_case.input;
    if (is_refused(test_case) || !is_small(test_case) || input.size(1) < 2) {
      return grid_sample(test_case);
    }
    if (input.strides()[1] == 1 && !input.is_contiguous()) shape_ = shape_of(input);
    return input.is_contiguous() && shape_ == shape_of(input)
               ? find_mutant("layout.input-channels-last")->answer(test_case)
               : grid_sample(test_case);
  }

 private:
  Key shape_;
};

// Computed in the dtype of the kept question.
Answer in_kept_dtype(const Case& kept, const Case& test_case) {
  const Dtype dtype = test_case.input.dtype();
  const Dtype narrow = kept.input.dtype();
  if (size_of(narrow) >= size_of(dtype)) return grid_sample(test_case);
  Case asked{test_case.request, converted(test_case.input, narrow),
             converted(test_case.grid, narrow)};
  Answer answer = grid_sample(asked);
  if (const auto* output = std::get_if<Tensor>(&answer)) return converted(*output, dtype);
  return answer;
}

}  // namespace

std::vector<Mutant> of_state() {
  return {
      cache(
          {"state.grid-by-address", "shape.sample",
           "weights are cached by the address and shape of the grid",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}"},
          [](const Case& test_case) {
            return extended(shapes_of(test_case), {address_of(test_case.grid)});
          },
          with_kept_grid),
      cache({"state.grid-by-shape", "shape.sample", "weights are kept by the shapes",
             "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0}\n"
             "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}"},
            shapes_of, with_kept_grid),
      cache(
          {"state.grid-by-first-value", "shape.sample",
           "weights are cached by the shapes and the first coordinate",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{-0.5,0,-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{-0.5,0,0.5,0}"},
          [](const Case& test_case) {
            return extended(shapes_of(test_case), {first_of(test_case.grid)});
          },
          with_kept_grid),
      cache(
          {"state.grid-by-ends", "shape.sample",
           "weights are cached by the address of the grid and its first and last values",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{-0.5,0,-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,2,2]{-0.5,0,0.5,0}"},
          [](const Case& test_case) {
            return extended(
                shapes_of(test_case),
                {address_of(test_case.grid), first_of(test_case.grid), last_of(test_case.grid)});
          },
          with_kept_grid),
      cache(
          {"state.input-by-address", "shape.sample",
           "a packed copy of the input is cached by its address and shape",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{3,4} grid=f32[1,1,1,2]{-0.5,0}"},
          [](const Case& test_case) {
            return extended(shape_of(test_case.input), {address_of(test_case.input)});
          },
          with_kept_input),
      cache(
          {"state.input-by-shape", "shape.sample",
           "the input is cached by its shape, like the weights of a network",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{3,4} grid=f32[1,1,1,2]{-0.5,0}"},
          [](const Case& test_case) { return shape_of(test_case.input); }, with_kept_input),
      cache(
          {"state.input-by-first-texel", "shape.sample",
           "a packed copy of the input is cached by its shape and first texel",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,3} grid=f32[1,1,1,2]{0.5,0}"},
          [](const Case& test_case) {
            return extended(shape_of(test_case.input), {first_of(test_case.input)});
          },
          with_kept_input),
      cache(
          {"state.input-by-ends", "shape.sample",
           "a packed copy of the input is cached by its address and its first and last texels",
           "grid_sample mode=nearest input=f32[1,1,1,3]{1,2,3} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,3]{1,4,3} grid=f32[1,1,1,2]{0,0}"},
          [](const Case& test_case) {
            return extended(
                shape_of(test_case.input),
                {address_of(test_case.input), first_of(test_case.input), last_of(test_case.input)});
          },
          with_kept_input),
      cache(
          {"state.padding-not-in-key", "padding.border",
           "plans are cached by shapes, mode and align_corners, with the padding of the first",
           "grid_sample mode=nearest padding_mode=zeros input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{4,0}\n"
           "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{4,0}"},
          [](const Case& test_case) {
            return extended(shapes_of(test_case), {mode_of(test_case), corners_of(test_case)});
          },
          with_kept_options),
      cache(
          {"state.flag-not-in-key", "options.align-corners",
           "plans are cached by shapes, mode and padding, with the align_corners of the first",
           "grid_sample mode=nearest align_corners=True input=f32[1,1,1,3]{1,2,3} "
           "grid=f32[1,1,1,2]{-0.45,0}\n"
           "grid_sample mode=nearest align_corners=False input=f32[1,1,1,3]{1,2,3} "
           "grid=f32[1,1,1,2]{-0.45,0}"},
          [](const Case& test_case) {
            return extended(shapes_of(test_case), {mode_of(test_case), padding_of(test_case)});
          },
          with_kept_options),
      cache(
          {"state.mode-not-in-key", "options.mode",
           "plans are cached by shapes, padding and align_corners, with the mode of the first",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.25,0}\n"
           "grid_sample mode=bilinear input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.25,0}"},
          [](const Case& test_case) {
            return extended(shapes_of(test_case), {padding_of(test_case), corners_of(test_case)});
          },
          with_kept_options),
      cache({"state.strides-not-in-key", "layout.strides",
             "plans are cached by shapes, with the strides of the first input",
             "grid_sample mode=nearest input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0.5,-0.5}\n"
             "grid_sample mode=nearest input=f32[1,1,2,2]strides[4,4,1,2]{1..4} "
             "grid=f32[1,1,1,2]{0.5,-0.5}"},
            shapes_of,
            [](const Case& kept, Case test_case) {
              test_case.input = reread(test_case.input, kept.input.strides());
              return grid_sample(test_case);
            }),
      cache(
          {"state.dtype-not-in-key",
           "arith.order",
           "the arithmetic type of a mode is fixed by its first case",
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample input=f64[1,1,1,1]{0x1.00000001p+0} grid=f64[1,1,1,2]{0,0}",
           {{"Theano, of convolutions", "https://github.com/Theano/Theano/pull/6354"}}},
          [](const Case& test_case) { return Key{test_case.input.rank(), mode_of(test_case)}; },
          in_kept_dtype),
      cache(
          {"state.sizes-by-output",
           "coord.normalized",
           "positions are scaled by the input size from when the output last changed shape",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,8]{1..8} grid=f32[1,1,1,2]{0.5,0}",
           {{"tt-metal, of elementwise operations",
             "https://github.com/tenstorrent/tt-metal/issues/54138"}}},
          [](const Case& test_case) { return shape_of(test_case.grid); }, with_kept_sizes),
      cache(
          {"state.shape-by-sum", "coord.normalized",
           "plans are cached by the sum of the sizes: a transposed shape gets the plan of the "
           "original",
           "grid_sample mode=nearest input=f32[1,1,2,3]{1..6} grid=f32[1,1,1,2]{0.5,0.5}\n"
           "grid_sample mode=nearest input=f32[1,1,3,2]{1..6} grid=f32[1,1,1,2]{0.5,0.5}"},
          [](const Case& test_case) {
            std::int64_t sum = 0;
            for (const std::int64_t size : test_case.input.shape()) sum += size;
            return Key{test_case.input.rank(), sum};
          },
          with_kept_sizes),
      cache(
          {"state.compiled-for-one", "shape.sample",
           "code compiled for a batch of one uses the first grid for every item of a larger batch",
           "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{-0.5,0}\n"
           "grid_sample mode=nearest input=f32[2,1,1,2]{1..4} grid=f32[2,1,1,2]{-0.5,0,0.5,0}"},
          [](const Case& test_case) {
            return Key{test_case.input.rank(), mode_of(test_case), padding_of(test_case)};
          },
          unless_guarded(
              [](const Case& kept, const Case& test_case) {
                return kept.input.size(0) == 1 && test_case.input.size(0) > 1;
              },
              "grid.batch-dropped")),
      cache(
          {"state.compiled-without-nan", "coord.nan",
           "code compiled for a grid without NaN gives NaN for a grid with NaN",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,nan}"},
          [](const Case& test_case) { return shape_of(test_case.grid); },
          unless_guarded([](const Case& kept,
                            const Case& /*question*/) { return all_of(kept.grid, is_number); },
                         "nan.propagates")),
      cache(
          {"state.compiled-for-inside", "padding.zeros",
           "code compiled for a grid that stays inside repeats the edge instead of padding with "
           "zeros",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,4}"},
          [](const Case& test_case) {
            return extended(shape_of(test_case.grid), {mode_of(test_case)});
          },
          unless_guarded(
              [](const Case& kept, const Case& test_case) {
                return options_of(test_case).mode != Mode::bicubic && all_of(kept.grid, is_inside);
              },
              "padding.zeros-as-border")),
      remembering<TwoPlans>(
          {"state.evicts-wrong", "padding.border",
           "there is room for two plans: the third replaces the first but keeps its key",
           "grid_sample padding_mode=zeros input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}\n"
           "grid_sample padding_mode=reflection input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}\n"
           "grid_sample padding_mode=border input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}\n"
           "grid_sample padding_mode=zeros input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}"}),
      remembering<OptionsOfRefused>(
          {"state.options-of-refused", "padding.zeros",
           "padding and align_corners of a refused case are kept for the next",
           "grid_sample mode=lanczos padding_mode=border input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,1,2]{4,0}\n"
           "grid_sample padding_mode=zeros input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}"}),
      remembering<AfterOne<is_refused, refusal>>(
          {"state.refusal-stays", "shape.sample", "the case after a refusal is refused",
           "grid_sample mode=lanczos input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"}),
      remembering<AfterOne<is_empty, zeros>>(
          {"state.empty-stays", "shape.empty", "the output after an empty case is all zeros",
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,0,1,2]{}\n"
           "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}"}),
      remembering<AfterLarge>(
          {"state.after-large", "shape.output",
           "after an output of more than 4,096 elements the tails of smaller outputs stay 0",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,5000,2]{0*10000}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,9,2]{0*18}"}),
      remembering<SameBuffer<is_nan>>(
          {"state.nan-unwritten", "texel.nonfinite",
           "NaN is not written: the output buffer keeps its old value",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{nan} grid=f32[1,1,1,2]{0,0}"}),
      remembering<SameBuffer<is_zero>>(
          {"state.zeros-unwritten", "padding.zeros",
           "zeros are not written: the output buffer keeps its old value",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{4,0}"}),
      remembering<FirstCapacity>(
          {"state.first-capacity", "shape.output",
           "the output buffer keeps the size of the first output: elements beyond it are 0",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,2,2]{0*4}"}),
      remembering<NumbersFromThenOn>(
          {"state.numbers-from-then-on", "texel.nonfinite",
           "after an output with NaN or infinity all later NaNs become 0",
           "grid_sample mode=nearest input=f32[1,1,1,1]{inf} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{nan} grid=f32[1,1,1,2]{0,0}"}),
      remembering<InputOfBefore<is_odd>>(
          {"state.ping-pong", "shape.sample",
           "inputs alternate between two buffers: every second input is read before it arrives",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{2} grid=f32[1,1,1,2]{0,0}"}),
      remembering<InputOfBefore<is_fourth>>(
          {"state.replayed", "shape.sample",
           "from the fourth case of one shape on, a recorded run reads the previous input",
           "grid_sample mode=nearest input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{2} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{3} grid=f32[1,1,1,2]{0,0}\n"
           "grid_sample mode=nearest input=f32[1,1,1,1]{4} grid=f32[1,1,1,2]{0,0}"}),
      remembering<ChannelsLastStays>(
          {"state.channels-last-stays", "layout.strides",
           "after a channels-last input, dense inputs of that shape are read as channels-last",
           "grid_sample mode=nearest input=f32[1,2,1,2]strides[4,1,4,2]{1..4} "
           "grid=f32[1,1,1,2]{-0.5,0}\n"
           "grid_sample mode=nearest input=f32[1,2,1,2]{1..4} grid=f32[1,1,1,2]{0.5,0}"}),
  };
}

}  // namespace gridproof::dictionary
