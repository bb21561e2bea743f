#include "oracle/judge/bias.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "oracle/exact/exact.h"
#include "oracle/judge/cubic.h"
#include "oracle/judge/taps.h"

namespace gridproof::judging {
namespace {

// Looks for known elements in one case, for one element type and one number of spatial axes.
template <class Element, std::size_t N>
class Search {
  using Wide = WideOf<Element>;

 public:
  Search(const Case& test_case, const Options& options, const Profile& profile)
      : view_(test_case, options, profile), locator_({options, profile}) {}

  std::vector<KnownElement> operator()() {
    // One final rounding of 16 bits shows in few elements. Others round in many steps, and few of
    // their positions are known.
    const std::int64_t most = is_16_bit(dtype_of<Element>) ? 8 : 32;
    const std::int64_t max_tries = 8 * most;
    const std::int64_t tries = std::min(view_.samples, max_tries);
    std::vector<KnownElement> found;
    for (std::int64_t i = 0; i < tries && std::ssize(found) < most; ++i) {
      const std::int64_t sample = i * view_.samples / tries;
      const LocatedSample<Wide, N>& located = locator_.locate(view_, sample);
      const std::optional<Box<Wide, N>> box = known_box(located);
      if (!box) continue;
      const std::int64_t channel = i % view_.channels;
      const std::optional<Wide> value = view_.is_cubic()
                                            ? value_of<4>(*box, located.batch, channel)
                                            : value_of<2>(*box, located.batch, channel);
      if (value) {
        const Format format = format_of(dtype_of<Element>);
        found.push_back({sample, channel, *value, ilogb(*value) - format.precision + 1});
      }
    }
    return found;
  }

 private:
  // The position of the sample, if it is known and lies between pixels.
  std::optional<Box<Wide, N>> known_box(const LocatedSample<Wide, N>& located) const {
    Box<Wide, N> box;
    bool between = false;
    for (std::size_t axis = 0; axis < N; ++axis) {
      const AxisSet<Wide>& known = located.axes[axis];
      if (known.outside || known.wide || !known.open.empty() || known.cells.size() != 1) {
        return std::nullopt;
      }
      const CellRange<Wide>& cell = known.cells.front();
      if (cell.lo != cell.hi || cell.lo < 0 || cell.lo > 1 || cell.constant) return std::nullopt;
      // Padded one by one, the taps inside are those that they are anyhow.
      if (cell.by_taps && (cell.index < 0 || cell.index + 1 >= view_.size[axis])) {
        return std::nullopt;
      }
      box[axis] = cell;
      between = between || !cell.exact();
    }
    if (!between) return std::nullopt;
    return box;
  }

  // The exact value at that position in one channel, if it is an ordinary number and no more than
  // half of what it consists of cancels.
  template <std::size_t taps>
  std::optional<Wide> value_of(const Box<Wide, N>& box, std::int64_t batch,
                               std::int64_t channel) const {
    std::array<std::array<Wide, taps>, N> weight{};
    for (std::size_t axis = 0; axis < N; ++axis) {
      if constexpr (taps == 4) {
        weight[axis] = cubic_coefficients(box[axis].lo);
      } else {
        weight[axis] = {1 - box[axis].lo, box[axis].lo};
      }
    }
    const auto values = gather<taps>(view_, batch, channel, tap_places<taps>(view_, box));
    if (values.has_nonfinite) return std::nullopt;
    Wide value = 0;
    Wide mass = 0;
    Wide total = 0;  // of the magnitudes of the texels
    for (std::size_t tap = 0; tap < values.texels.size(); ++tap) {
      Wide product = 1;
      for (std::size_t axis = 0; axis < N; ++axis) {
        product *= weight[axis][tap_along<taps>(tap, axis)];
      }
      product *= values.texels[tap];
      value += product;
      mass += fabs(product);
      total += fabs(values.texels[tap]);
    }
    const Format format = format_of(dtype_of<Element>);
    const bool is_ordinary = fabs(value) >= ldexp(Wide{1}, format.min_exponent + 2) &&
                             mass <= ldexp(Wide{1}, format.max_exponent - 3);
    if (!is_ordinary || 2 * fabs(value) < mass) return std::nullopt;
    // The coefficients of the cubic err by units of the texels, not of the value.
    if (taps == 4 && 16 * fabs(value) < total) return std::nullopt;
    return value;
  }

  CaseView<Element, N> view_;
  SampleLocator<Element, N> locator_;
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
    if (!isfinite(got)) continue;
    constexpr exact::Wide most = 64;  // so that no sum can overflow
    const exact::Wide error = std::clamp(ldexp(got - element.value, -element.spacing), -most, most);
    const std::int64_t parts = llround(ldexp(error, SignedErrors::bits));
    ++errors.elements;
    errors.up += parts;
    errors.away += element.value < 0 ? -parts : parts;
  }
  return errors;
}

}  // namespace gridproof::judging
