#include "oracle/judge/bias.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "oracle/exact/exact.h"
#include "oracle/judge/axis.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/judge.h"

namespace gridproof::judging {
namespace {

// Looks for known elements in one case, for one element type and one number of spatial axes.
template <class Element, std::size_t N>
class Search {
  // The type in which a correct implementation calculates.
  using Real = std::conditional_t<std::is_same_v<Element, double>, double, float>;
  using Wide = typename Arithmetic<Real>::Wide;

 public:
  Search(const Case& test_case, const Options& options, const Profile& profile)
      : options_(options),
        locator_(options, profile),
        input_(test_case.input.view<Element>()),
        grid_(test_case.grid.view<Element>()) {}

  std::vector<KnownElement> operator()() {
    // One final rounding of 16 bits shows in few elements. Others round in many steps, and few of
    // their positions are known.
    const std::int64_t most = is_16_bit(dtype_of<Element>) ? 8 : 32;
    const std::int64_t max_tries = 8 * most;
    std::vector<KnownElement> found;
    std::int64_t samples = 1;
    for (std::size_t axis = 0; axis <= N; ++axis) samples *= grid_.shape[axis];
    const std::int64_t channels = input_.shape[1];
    const std::int64_t tries = std::min(samples, max_tries);
    for (std::int64_t i = 0; i < tries && std::ssize(found) < most; ++i) {
      const std::int64_t sample = i * samples / tries;
      if (!locate(sample)) continue;
      const std::int64_t channel = i % channels;
      if (const auto value = value_of(channel)) {
        const Format format = format_of(dtype_of<Element>);
        found.push_back({sample, channel, *value, std::ilogb(*value) - format.precision + 1});
      }
    }
    return found;
  }

 private:
  // Whether the position of the sample is known, and lies between pixels.
  bool locate(std::int64_t sample) {
    std::array<std::int64_t, N + 1> index{};
    for (std::size_t axis = N; axis > 0; --axis) {
      index[axis] = sample % grid_.shape[axis];
      sample /= grid_.shape[axis];
    }
    batch_ = index[0] = sample;
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis <= N; ++axis) offset += index[axis] * grid_.strides[axis];
    bool between = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      const std::int64_t size = input_.shape[N + 1 - axis];
      locator_.locate(
          to_double(grid_.data[offset + static_cast<std::int64_t>(axis) * grid_.strides[N + 1]]),
          size, axis_);
      if (axis_.outside || axis_.wide || !axis_.open.empty() || axis_.cells.size() != 1) {
        return false;
      }
      const Cell<Wide>& cell = axis_.cells.front();
      if (cell.lo != cell.hi || cell.lo < 0 || cell.lo > 1 || cell.constant) return false;
      // Padded one by one, the taps inside are those that they are anyhow.
      if (cell.by_taps && (cell.index < 0 || cell.index + 1 >= size)) return false;
      cells_[axis] = cell;
      between = between || !cell.exact();
    }
    return between;
  }

  // The texel at `index` (x first), each already padded; 0 outside.
  Wide texel(std::int64_t channel, const std::array<std::int64_t, N>& index) const {
    std::int64_t offset = batch_ * input_.strides[0] + channel * input_.strides[1];
    for (std::size_t axis = 0; axis < N; ++axis) {
      if (index[axis] < 0) return 0;
      offset += index[axis] * input_.strides[N + 1 - axis];
    }
    return to_double(input_.data[offset]);
  }

  // The exact value of the sample in hand in one channel, if it is an ordinary number and no more
  // than half of what it consists of cancels.
  std::optional<Wide> value_of(std::int64_t channel) const {
    const bool is_cubic = options_.mode == Mode::bicubic;
    const std::size_t count = is_cubic ? 4 : 2;  // taps of an axis
    std::array<std::array<Wide, 4>, N> weight{};
    std::array<std::array<std::int64_t, 4>, N> tap{};
    for (std::size_t axis = 0; axis < N; ++axis) {
      const Cell<Wide>& cell = cells_[axis];
      weight[axis] =
          is_cubic ? cubic_coefficients(cell.lo) : std::array<Wide, 4>{1 - cell.lo, cell.lo, 0, 0};
      for (std::size_t j = 0; j < count; ++j) {
        tap[axis][j] =
            padded_index(cell.index + static_cast<std::int64_t>(j) - (is_cubic ? 1 : 0),
                         input_.shape[N + 1 - axis], is_cubic ? options_.padding : Padding::zeros,
                         options_.align_corners);
      }
    }
    Wide value = 0;
    Wide mass = 0;
    Wide total = 0;  // of the magnitudes of the texels
    std::array<std::size_t, N> choice{};
    for (std::size_t axis = 0; axis < N;) {
      Wide product = 1;
      std::array<std::int64_t, N> index{};
      for (std::size_t k = 0; k < N; ++k) {
        product *= weight[k][choice[k]];
        index[k] = tap[k][choice[k]];
      }
      const Wide factor = texel(channel, index);
      product *= factor;
      value += product;
      mass += std::fabs(product);
      total += std::fabs(factor);
      for (axis = 0; axis < N && ++choice[axis] == count; ++axis) choice[axis] = 0;
    }
    const Format format = format_of(dtype_of<Element>);
    const bool is_ordinary = std::fabs(value) >= std::ldexp(Wide{1}, format.min_exponent + 2) &&
                             mass <= std::ldexp(Wide{1}, format.max_exponent - 3);
    if (!is_ordinary || 2 * std::fabs(value) < mass) return std::nullopt;
    // The coefficients of the cubic err by units of the texels, not of the value.
    if (is_cubic && 16 * std::fabs(value) < total) return std::nullopt;
    return value;
  }

  Options options_;
  Locator<Real> locator_;
  View<Element> input_;
  View<Element> grid_;
  Axis<Wide> axis_;
  // The sample in hand.
  std::int64_t batch_ = 0;
  std::array<Cell<Wide>, N> cells_{};
};

}  // namespace

std::vector<KnownElement> known_elements(const Case& test_case, const Profile& profile) {
  std::vector<KnownElement> elements;
  const std::optional<Options> options = resolve(test_case.request);
  if (!options || options->mode == Mode::nearest || exact::refusal_of(test_case)) return elements;
  visit(test_case.input.dtype(), [&]<class Element>(Element) {
    if constexpr (!std::is_same_v<Element, std::int32_t>) {
      if (test_case.input.element_count() == 0 || test_case.grid.element_count() == 0) return;
      elements = test_case.input.rank() == 4 ? Search<Element, 2>(test_case, *options, profile)()
                                             : Search<Element, 3>(test_case, *options, profile)();
    }
  });
  return elements;
}

SignedErrors signed_errors(const std::vector<KnownElement>& elements, const Answer& answer,
                           const Judgment& judgment) {
  SignedErrors errors;
  const auto* output = std::get_if<Tensor>(&answer);
  if (output == nullptr || judgment.whole || !judgment.lists_all()) {
    return errors;
  }
  auto next = judgment.notable.begin();
  const auto is_excluded = [&](std::int64_t sample) {
    while (next != judgment.notable.end() && next->sample < sample) ++next;
    return next != judgment.notable.end() && next->sample == sample &&
           next->verdict != Verdict::quality_warning;
  };
  for (const KnownElement& element : elements) {
    if (is_excluded(element.sample)) continue;
    const double got = output->storage_value(
        output->offset() + element_place(output->shape(), element.sample, element.channel));
    if (!std::isfinite(got)) continue;
    constexpr long double most = 64;  // so that no sum can overflow
    const long double error =
        std::clamp(std::ldexp(got - element.value, -element.spacing), -most, most);
    const std::int64_t parts = std::llround(std::ldexp(error, SignedErrors::bits));
    ++errors.elements;
    errors.up += parts;
    errors.away += element.value < 0 ? -parts : parts;
  }
  return errors;
}

}  // namespace gridproof::judging
