// Channels: the sum over them in the gradient of the grid, and their places in that of the input.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

#include "fuzz/mutants/gradient_dictionary.h"
#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

// The sum over channels in the gradient of the grid: `function(terms)`, in double.
template <class Function>
auto channel_sums(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.all_channels = [function](const auto& terms) {
      using T = RealOf<decltype(terms)>;
      return static_cast<T>(function(std::vector<double>(terms.list.begin(), terms.list.end())));
    };
  };
}

// Only the channels for which `function(channel, channels)`; the rest is the reference's sum.
template <class Function>
auto channels_where(const Function& function) {
  return [function](HookedGradients& rules) {
    rules.all_channels = [function](const auto& terms) {
      using T = RealOf<decltype(terms)>;
      const auto channels = static_cast<std::int64_t>(terms.list.size());
      return DocumentedGradients::channel_sum<T>(channels, [&](std::int64_t c) {
        return function(c, channels) ? terms.list[static_cast<std::size_t>(c)] : T{0};
      });
    };
  };
}

// The gradient of the input, each channel of it that of `source(channel, channels)`; 0 if negative.
template <class Source>
auto input_channels(const Source& source) {
  return gives_input([source](const BackwardCase& test_case, std::vector<double>& values) {
    const std::int64_t channels = test_case.forward.input.size(1);
    if (values.empty()) return;
    const std::int64_t pixels = pixels_of(test_case.forward);
    const std::vector<double> right = values;
    for (std::int64_t plane = 0; plane * pixels < std::ssize(values); ++plane) {
      const std::int64_t c = plane % channels;
      const std::int64_t from = source(c, channels);
      const auto begin = right.begin() + (plane - c + std::max<std::int64_t>(from, 0)) * pixels;
      const auto to = values.begin() + plane * pixels;
      if (from < 0) {
        std::fill_n(to, pixels, 0);
      } else {
        std::copy_n(begin, pixels, to);
      }
    }
  });
}

// Both gradients are those of a grad_output whose channels are, at each location,
// `function(numbers)`.
template <class Function>
auto asks_with_channels(const Function& function) {
  return asks_gradients([function](BackwardCase test_case) {
    const Tensor& grads = test_case.grad_output;
    if (!is_copied(grads) || grads.element_count() == 0) return test_case;
    std::vector<double> values = grads.values();
    const std::int64_t channels = grads.size(1);
    const std::int64_t locations = locations_of(test_case);
    for (std::int64_t n = 0; n < grads.size(0); ++n) {
      for (std::int64_t at = 0; at < locations; ++at) {
        const auto place = [&](std::int64_t c) {
          return static_cast<std::size_t>((n * channels + c) * locations + at);
        };
        std::vector<double> numbers;
        for (std::int64_t c = 0; c < channels; ++c) numbers.push_back(values[place(c)]);
        function(numbers);
        for (std::int64_t c = 0; c < channels; ++c) {
          values[place(c)] = numbers[static_cast<std::size_t>(c)];
        }
      }
    }
    test_case.grad_output = Tensor(grads.dtype(), grads.shape(), values);
    return test_case;
  });
}

double sum_of_all(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

std::vector<GradientMutant> of_channel_sums() {
  const auto below = [](std::int64_t limit) {
    return channels_where([limit](std::int64_t c, std::int64_t) { return c < limit; });
  };
  const auto whole_groups = [](std::int64_t group) {
    return channels_where([group](std::int64_t c, std::int64_t channels) {
      return channels < group || c < channels / group * group;
    });
  };
  return {
      gradient({"channels.first-only", "grad.grid",
                "only the first channel counts in the gradient of the grid",
                "grid_sample_backward input=f32[1,2,1,4]{1,2,4,8,16,32,64,128} "
                "grid=f32[1,1,1,2]{-0.125,0} grad_output=f32[1,2,1,1]{1,-1}"},
               below(1)),
      gradient({"channels.last-lost", "grad.grid",
                "the last of several channels is missing from the gradient of the grid",
                "grid_sample_backward input=f32[1,3,1,2]{1..6} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,3,1,1]{1,2,4}"},
               channels_where([](std::int64_t c, std::int64_t channels) {
                 return channels == 1 || c < channels - 1;
               })),
      gradient({"channels.mean", "grad.grid", "the mean over channels stands for their sum",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,1}"},
               channel_sums([](const std::vector<double>& terms) {
                 return terms.empty() ? 0 : sum_of_all(terms) / static_cast<double>(terms.size());
               })),
      gradient({"channels.magnitudes", "grad.grid",
                "magnitudes of g times texel are summed over channels",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,-1}"},
               channel_sums([](const std::vector<double>& terms) {
                 double sum = 0;
                 for (const double term : terms) sum += std::fabs(term);
                 return sum;
               })),
      gradient(
          {"channels.last-written", "grad.grid",
           "every channel overwrites the gradient of the grid: the last one stays",
           "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,2,1,1]{1,1}"},
          channels_where([](std::int64_t c, std::int64_t channels) { return c == channels - 1; })),
      gradient({"channels.product-of-sums", "grad.grid",
                "g is summed over channels first, and then multiplied by the sum of the texels",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,2}"},
               only_grid(asks_with_channels([](std::vector<double>& numbers) {
                 std::ranges::fill(numbers, sum_of_all(numbers));
               }))),
      gradient({"channels.first-g-for-all", "grad.grid",
                "in the gradient of the grid all channels have the g of the first one",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,2}"},
               only_grid(asks_with_channels([](std::vector<double>& numbers) {
                 if (!numbers.empty()) std::ranges::fill(numbers, numbers.front());
               }))),
      gradient({"channels.beyond-4-lost", "grad.grid",
                "only the first 4 channels count in the gradient of the grid",
                "grid_sample_backward input=f32[1,5,1,2]{1..10} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,5,1,1]{1..5}"},
               below(4)),
      gradient({"channels.beyond-8-lost", "grad.grid",
                "only the first 8 channels count in the gradient of the grid",
                "grid_sample_backward input=f32[1,9,1,2]{1..18} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,9,1,1]{1..9}"},
               below(8)),
      gradient({"channels.beyond-16-lost", "grad.grid",
                "only the first 16 channels count in the gradient of the grid",
                "grid_sample_backward input=f32[1,17,1,2]{1..34} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,17,1,1]{1..17}"},
               below(16)),
      gradient({"channels.beyond-64-lost", "grad.grid",
                "only the first 64 channels count in the gradient of the grid",
                "grid_sample_backward input=f32[1,65,1,2]{1..130} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,65,1,1]{1..65}"},
               below(64)),
      gradient({"channels.tail-of-4-lost", "grad.grid",
                "more channels than 4 count in whole groups of 4, the rest is lost",
                "grid_sample_backward input=f32[1,6,1,2]{1..12} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,6,1,1]{1..6}"},
               whole_groups(4)),
      gradient({"channels.tail-of-8-lost", "grad.grid",
                "more channels than 8 count in whole groups of 8, the rest is lost",
                "grid_sample_backward input=f32[1,18,1,2]{1..36} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,18,1,1]{1..18}"},
               whole_groups(8)),
      gradient({"channels.tail-of-4-again", "grad.grid",
                "the last group of 4 ends at the last channel and counts some channels again",
                "grid_sample_backward input=f32[1,6,1,2]{1..12} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,6,1,1]{1..6}"},
               channel_sums([](const std::vector<double>& terms) {
                 const std::size_t rest = terms.size() % 4;
                 double sum = sum_of_all(terms);
                 for (std::size_t c = terms.size() - 4;
                      terms.size() > 4 && rest > 0 && c < terms.size() - rest; ++c) {
                   sum += terms[c];
                 }
                 return sum;
               })),
  };
}

std::vector<GradientMutant> of_input_channels() {
  return {
      gradient({"planes.first-for-all", "grad.input",
                "every channel of the input gets the gradient of the first",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,2}"},
               input_channels([](std::int64_t, std::int64_t) { return 0; })),
      gradient(
          {"planes.reversed", "grad.input",
           "the channels of the input's gradient are in reverse order",
           "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,2,1,1]{1,2}"},
          input_channels([](std::int64_t c, std::int64_t channels) { return channels - 1 - c; })),
      gradient({"planes.last-lost", "grad.input",
                "the last of several channels of the input gets no gradient",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,2}"},
               input_channels([](std::int64_t c, std::int64_t channels) {
                 return channels > 1 && c == channels - 1 ? -1 : c;
               })),
      gradient({"planes.summed", "grad.input",
                "every channel of the input gets the sum of all channels' gradients",
                "grid_sample_backward input=f32[1,2,1,2]{1,2,4,8} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{1,2}"},
               only_input(asks_with_channels([](std::vector<double>& numbers) {
                 std::ranges::fill(numbers, sum_of_all(numbers));
               }))),
      gradient(
          {"planes.middle-doubled", "grad.input",
           "channels are done in two halves, which both add the middle one of an odd number",
           "grid_sample_backward mode=nearest input=f32[1,3,1,1]{1,2,4} grid=f32[1,1,1,2]{0,0} "
           "grad_output=f32[1,3,1,1]{1,2,4}"},
          only_input(asks_with_channels([](std::vector<double>& numbers) {
            if (numbers.size() > 1 && numbers.size() % 2 == 1) numbers[numbers.size() / 2] *= 2;
          }))),
      gradient({"planes.beyond-256-repeat", "grad.input",
                "from the 257th on, channels have the g of the first ones: an index of 8 bits",
                "grid_sample_backward mode=nearest input=f32[1,257,1,1]strides[0,0,0,0]{1} "
                "grid=f32[1,1,1,2]{0,0} grad_output=f32[1,257,1,1]{1..257}"},
               asks_with_channels([](std::vector<double>& numbers) {
                 for (std::size_t c = 256; c < numbers.size(); ++c) numbers[c] = numbers[c % 256];
               })),
      gradient({"planes.nan-in-all", "grad.input",
                "a NaN in one channel of grad_output is one in all channels",
                "grid_sample_backward mode=nearest input=f32[1,2,1,1]{1,2} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,2,1,1]{nan,1}"},
               only_input(asks_with_channels([](std::vector<double>& numbers) {
                 if (std::isnan(sum_of_all(numbers))) std::ranges::fill(numbers, NAN);
               }))),
      gradient({"planes.beyond-4-repeat", "grad.input",
                "from the fifth on, channels of the input get the gradients of the first four",
                "grid_sample_backward input=f32[1,5,1,2]{1..10} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,5,1,1]{1..5}"},
               input_channels([](std::int64_t c, std::int64_t) { return c % 4; })),
      gradient({"planes.beyond-8-lost", "grad.input",
                "from the ninth on, channels of the input get no gradient",
                "grid_sample_backward input=f32[1,9,1,2]{1..18} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,9,1,1]{1..9}"},
               input_channels([](std::int64_t c, std::int64_t) { return c < 8 ? c : -1; })),
      gradient({"planes.beyond-16-repeat", "grad.input",
                "from the 17th on, channels of the input get the gradients of the first 16",
                "grid_sample_backward input=f32[1,17,1,2]{1..34} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,17,1,1]{1..17}"},
               input_channels([](std::int64_t c, std::int64_t) { return c % 16; })),
      gradient({"planes.beyond-64-lost", "grad.input",
                "from the 65th on, channels of the input get no gradient",
                "grid_sample_backward input=f32[1,65,1,2]{1..130} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,65,1,1]{1..65}"},
               input_channels([](std::int64_t c, std::int64_t) { return c < 64 ? c : -1; })),
      gradient({"planes.tail-of-8-lost", "grad.input",
                "more channels than 8 are done in whole groups of 8, the rest gets no gradient",
                "grid_sample_backward input=f32[1,18,1,2]{1..36} grid=f32[1,1,1,2]{0,0} "
                "grad_output=f32[1,18,1,1]{1..18}"},
               input_channels([](std::int64_t c, std::int64_t channels) {
                 return channels < 8 || c < channels / 8 * 8 ? c : -1;
               })),
  };
}

}  // namespace

std::vector<GradientMutant> of_gradient_channels() {
  std::vector<GradientMutant> all = of_channel_sums();
  std::ranges::move(of_input_channels(), std::back_inserter(all));
  return all;
}

}  // namespace gridproof::dictionary
