#include "fuzz/domain/sequence.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fuzz/domain/coordinates.h"
#include "fuzz/domain/layouts.h"
#include "fuzz/domain/random.h"
#include "fuzz/domain/texels.h"

namespace gridproof {
namespace {

// Makes questions of one kind and of given sizes.
class Maker {
 public:
  Maker(std::size_t kind, std::uint64_t seed) : kind_(kind_at(kind)), random_(seed) {
    const std::size_t axes = kind_.form.rank == 5 ? 3 : 2;
    for (std::size_t i = 0; i < axes; ++i) {
      input_.push_back(random_.from(2, 9));
      output_.push_back(random_.from(3, 6));
    }
    batch_ = random_.from(1, 2);
    channels_ = random_.from(1, 4);
  }

  Random& random() { return random_; }

  // Like the others, with all coordinates in the middle half.
  Case inside() {
    Case result = test_case(input_, output_, batch_, channels_, {Where::inside});
    visit(kind_.dtype, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, std::int32_t>) {
        for (T& x : result.grid.elements<T>()) x = from_double<T>(to_double(x) / 2);
      }
    });
    return result;
  }
  // With NaN among the coordinates and the texels, and infinities.
  Case nonfinite() {
    Case result = test_case(input_, output_, batch_, channels_,
                            {Where::inside, Where::nan, Where::plus_infinity, Where::outside});
    result.input = texels(Texels::nonfinite, kind_.dtype, result.input.shape(), random_);
    return result;
  }
  // The same sizes in another dtype.
  Case in(Dtype dtype) {
    Maker other = *this;
    other.kind_.dtype = dtype;
    return other.test_case();
  }

  Case test_case(const Shape& input, const Shape& output, std::int64_t batch, std::int64_t channels,
                 const std::vector<Where>& places = {Where::inside, Where::inside, Where::inside,
                                                     Where::rim, Where::outside, Where::center}) {
    Case result;
    result.request = request_for({kind_.form.mode, kind_.padding, kind_.align_corners});
    Shape shape = {batch, channels};
    shape.insert(shape.end(), input.begin(), input.end());
    result.input = texels(Texels::noise, kind_.dtype, shape, random_);
    result.grid = grid(input, output, batch, places);
    return result;
  }
  Case test_case() { return test_case(input_, output_, batch_, channels_); }

  // As many pixels and locations, with the axes in another order.
  Case transposed() {
    Shape input(input_.rbegin(), input_.rend());
    Shape output(output_.rbegin(), output_.rend());
    return test_case(input, output, batch_, channels_);
  }
  // Another size of everything.
  Case other() {
    Shape input = input_;
    Shape output = output_;
    for (std::int64_t& size : input) size += random_.from(1, 4);
    for (std::int64_t& size : output) size += random_.from(1, 3);
    return test_case(input, output, batch_ + 1, channels_ + random_.from(1, 4));
  }
  // The same output of a larger input, and the other way round.
  Case larger_input() {
    Shape input = input_;
    for (std::int64_t& size : input) size += random_.from(1, 4);
    return test_case(input, output_, batch_, channels_);
  }
  Case larger_output() {
    Shape output = output_;
    for (std::int64_t& size : output) size += random_.from(1, 4);
    return test_case(input_, output, batch_, channels_);
  }
  // More of the batch, or of the channels, alone.
  Case larger_batch() { return test_case(input_, output_, batch_ + random_.from(1, 4), channels_); }
  Case more_channels() {
    return test_case(input_, output_, batch_, channels_ + random_.from(1, 4));
  }
  // The same columns of fewer rows: nothing yet, and then some.
  Case empty_rows(const Case& like) {
    Shape output(like.grid.shape().begin() + 1, like.grid.shape().end() - 1);
    output.front() = 0;
    return test_case(input_, output, batch_, channels_);
  }
  Case large() {
    Shape input = input_;
    Shape output(output_.size(), 2);
    input.back() = 1030;
    output.back() = 1030;
    return test_case(input, output, 1, 1);
  }
  Case empty() {
    Shape output = output_;
    output.back() = 0;
    return test_case(input_, output, batch_, channels_);
  }

 private:
  Tensor grid(const Shape& input, const Shape& output, std::int64_t batch,
              const std::vector<Where>& places) {
    Shape shape = {batch};
    shape.insert(shape.end(), output.begin(), output.end());
    shape.push_back(static_cast<std::int64_t>(input.size()));
    Tensor result(kind_.dtype, shape);
    visit(kind_.dtype, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, std::int32_t>) {
        std::size_t i = 0;
        for (T& element : result.elements<T>()) {
          const std::int64_t size = input[input.size() - 1 - i++ % input.size()];
          const Where where = places[static_cast<std::size_t>(random_.below(std::ssize(places)))];
          element = stored<T>(where,
                              coordinate_in(where, size, kind_.align_corners, kind_.dtype, random_),
                              random_);
        }
      }
    });
    return result;
  }

  Kind kind_;
  Random random_;
  Shape input_;
  Shape output_;
  std::int64_t batch_ = 1;
  std::int64_t channels_ = 1;
};

// The same numbers in another dtype, as near as it has them.
Tensor in_dtype(const Tensor& tensor, Dtype dtype) {
  return Tensor(dtype, tensor.shape(), tensor.values());
}

// The same bytes as numbers of another dtype of that size.
Tensor as_dtype(const Tensor& tensor, Dtype dtype) {
  return Tensor::strided(dtype, tensor.shape(), tensor.strides(), tensor.offset(),
                         tensor.shared_storage(), tensor.storage_size());
}

// The contents of `other` but for the first and the last element.
Tensor with_other_inside(const Tensor& tensor, const Tensor& other) {
  Tensor result = other.contiguous();
  const Tensor ends = tensor.contiguous();
  visit(tensor.dtype(), [&]<class T>(T) {
    const auto out = result.elements<T>();
    if (out.empty()) return;
    out.front() = ends.elements<T>().front();
    out.back() = ends.elements<T>().back();
  });
  return result;
}

// A grid of three rows or more that is regular where one looks first: its second row is the first
// again, or each row goes on by the step between its first two locations but for the last row.
enum class Start : std::uint8_t { equal_rows, equal_steps };
Tensor with_regular_start(const Tensor& grid, Start start) {
  Tensor result = grid.contiguous();
  const auto axes = static_cast<std::size_t>(grid.size(grid.rank() - 1));
  const std::size_t row = axes * static_cast<std::size_t>(grid.size(grid.rank() - 2));
  visit(grid.dtype(), [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, std::int32_t>) {
      const auto out = result.elements<T>();
      if (start == Start::equal_rows) {
        std::copy_n(out.begin(), row, out.begin() + static_cast<std::ptrdiff_t>(row));
        return;
      }
      for (std::size_t i = 2 * axes; i + row < out.size(); ++i) {
        if (i % row < 2 * axes) continue;
        out[i] = from_double<T>(2 * to_double(out[i - axes]) - to_double(out[i - 2 * axes]));
      }
    }
  });
  return result;
}

// The steps of one sequence, as they are added; most come back to the first two questions, whose
// shapes are equal.
class Script {
 public:
  Script(std::size_t kind, const Part& part, std::uint64_t seed)
      : own_(kind_at(kind)),
        part_(part),
        seed_(seed),
        maker_(kind, seed),
        first_(maker_.inside()),
        a_(ask(first_)),
        second_(maker_.test_case()),
        b_(ask(second_)) {}

  void add_other_contents() {
    again(a_);
    again(a_);
    const std::size_t odd = ask(maker_.nonfinite());
    again(a_);
    again(odd);
    const std::size_t numbers = ask(maker_.nonfinite());
    again(numbers);
    again(odd);
  }

  void add_other_dtypes() {
    for (const Dtype dtype : dtypes) {
      Case test_case = maker_.in(dtype);
      const auto other = kind_index(test_case);
      if (dtype == own_.dtype || !other || !part_.has(*other)) continue;
      ask(std::move(test_case));
      again(a_);
      // The same numbers in two dtypes, in either order.
      const Case there = with(in_dtype(first_.input, dtype), in_dtype(first_.grid, dtype));
      const Case back = with(in_dtype(there.input, own_.dtype), in_dtype(there.grid, own_.dtype));
      const std::size_t other_type = ask(there);
      if (back.input.same_values(first_.input) && back.grid.same_values(first_.grid)) {
        again(a_);
      } else {
        ask(back);
      }
      again(other_type);
      if (size_of(dtype) == size_of(own_.dtype)) {
        ask(with(as_dtype(first_.input, dtype), as_dtype(first_.grid, dtype)));
        again(a_);
      }
    }
  }

  void add_mixed_contents() {
    ask(with(second_.input, first_.grid));
    ask(with(first_.input, second_.grid));
    again(a_);
    ask(with(with_other_inside(first_.input, second_.input), first_.grid));
    ask(with(first_.input, with_other_inside(first_.grid, second_.grid)));
    again(b_);
    for (const Start start : {Start::equal_rows, Start::equal_steps}) {
      ask(with(first_.input, with_regular_start(second_.grid, start)));
      again(b_);
    }
  }

  // Of the same tensors, those that the part has.
  void add_other_options() {
    for (std::size_t other = 0; other < kind_count; ++other) {
      const Kind what = kind_at(other);
      const int differing = (what.form.mode != own_.form.mode ? 1 : 0) +
                            (what.padding != own_.padding ? 1 : 0) +
                            (what.align_corners != own_.align_corners ? 1 : 0);
      if (differing != 1 || what.form.rank != own_.form.rank || what.dtype != own_.dtype ||
          !part_.has(other)) {
        continue;
      }
      // Inside, where paddings do not differ, and everywhere.
      for (const std::size_t step : {a_, b_}) {
        Case test_case = steps_[step].test_case;
        test_case.request = request_for({what.form.mode, what.padding, what.align_corners});
        ask(std::move(test_case));
        again(step);
      }
    }
  }

  // In which a sum may be taken in another order.
  void add_other_layouts() {
    if (!part_.has(Layout::strided)) return;
    for (const Arrangement arrangement :
         {Arrangement::transposed, Arrangement::channels_last, Arrangement::spread}) {
      ask(with(rearrange(first_.input, arrangement, seed_), first_.grid));
      ask(with(first_.input, rearrange(first_.grid, arrangement, seed_, true)));
    }
    again(a_);
  }

  void add_other_sizes() {
    ask(maker_.transposed());
    again(a_);
    const std::size_t c = ask(maker_.other());
    again(a_);
    again(c);
    ask(maker_.larger_input());
    again(a_);
    const Case wider = maker_.larger_output();
    ask(maker_.empty_rows(wider));
    ask(wider);
    again(a_);
    ask(maker_.larger_batch());
    again(a_);
    ask(maker_.more_channels());
    again(a_);
  }

  void add_refusals() {
    Case refused = second_;
    refused.request.mode = "lanczos";
    ask(refused);
    again(a_);
    for (const std::string_view padding : {"border", "zeros", "reflection"}) {
      refused.request.padding_mode = padding;
      refused.request.align_corners = !refused.request.align_corners.value_or(false);
      ask(refused);
      again(b_);
    }
  }

  void add_extremes() {
    ask(maker_.empty());
    again(a_);
    ask(maker_.large());
    again(a_);
    again(b_);
  }

  std::vector<Step> take() && { return std::move(steps_); }

 private:
  std::size_t ask(Case test_case) {
    steps_.push_back({std::move(test_case), std::nullopt});
    return steps_.size() - 1;
  }
  void again(std::size_t step) { steps_.push_back({steps_[step].test_case, step}); }
  [[nodiscard]] Case with(const Tensor& input, const Tensor& grid) const {
    return {first_.request, input, grid};
  }

  std::vector<Step> steps_;
  Kind own_;
  const Part& part_;
  std::uint64_t seed_;
  Maker maker_;
  Case first_;
  std::size_t a_;
  Case second_;
  std::size_t b_;
};

}  // namespace

std::vector<Step> sequence(std::size_t kind, const Part& part, std::uint64_t seed) {
  Script script(kind, part, seed);
  script.add_other_contents();
  script.add_other_dtypes();
  script.add_mixed_contents();
  script.add_other_options();
  script.add_other_layouts();
  script.add_other_sizes();
  script.add_refusals();
  script.add_extremes();
  return std::move(script).take();
}

std::int64_t sample_count(const std::vector<Step>& steps) {
  std::int64_t samples = 0;
  for (const Step& step : steps) samples += sample_count(step.test_case);
  return samples;
}

}  // namespace gridproof
