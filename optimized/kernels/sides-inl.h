// The gradient of the grid by channels that lie side by side, eight or more: a vector is eight
// channels of one location, and so are the eight sums, [grad.order]. Planes are packed first: all
// of them, or a window that moves along with the samples. Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_SIDES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_SIDES_INL_H
#undef GRIDPROOF_OPTIMIZED_SIDES_INL_H
#else
#define GRIDPROOF_OPTIMIZED_SIDES_INL_H
#endif

#include <new>

#include "optimized/kernels/scratch.h"
#include "optimized/kernels/slopes-inl.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// ---- Packing ----

// Some pixels of all channels, `apart` numbers each; those that are missing in the last eight are
// 0.
template <class Element>
HWY_NOINLINE void pack_pixels(const Problem& problem, std::int64_t batch, std::int64_t begin,
                              std::int64_t end, std::size_t apart, ArithmeticOf<Element>* to) {
  constexpr int width = max_width<ArithmeticOf<Element>>;
  constexpr std::int64_t together = 64;  // so that lines are full when they leave the cache
  const Element* first =
      static_cast<const Element*>(problem.input) + batch * problem.input_batch + begin;
  for (; begin < end; begin += together, first += together) {
    const auto count = static_cast<std::size_t>(std::min(together, end - begin));
    for (std::int64_t c = 0; c < static_cast<std::int64_t>(apart); c += width) {
      const auto channels =
          static_cast<int>(std::clamp<std::int64_t>(problem.channels - c, 0, width));
      const Element* plane[width];
      for (int k = 0; k < width; ++k) {
        plane[k] = first + std::min(c + k, problem.channels - 1) * problem.input_channel;
      }
      interleave<width>(plane, channels, count, to + c, apart);
    }
    to += count * apart;
  }
}

template <class Element>
void run_pack(const Backward& backward, const BackwardPart& part) {
  const auto apart = static_cast<std::size_t>(side_by_side(backward));
  auto* const packed = static_cast<ArithmeticOf<Element>*>(part.packed);
  pack_pixels<Element>(backward.forward, part.batch, part.begin_pixel, part.end_pixel, apart,
                       packed + static_cast<std::size_t>(part.begin_pixel) * apart);
}

// Texels whose channels lie side by side: of the input itself, or packed.
template <class Element, class Source>
class Texels {
 public:
  using T = ArithmeticOf<Element>;

  Texels(const Backward& backward, const BackwardPart& part)
      : problem_(backward.forward), batch_(part.batch) {
    if constexpr (std::is_same_v<Source, Element>) {
      if (reads_sides(backward)) {
        source_ = static_cast<const Element*>(problem_.input) + batch_ * problem_.input_batch;
        return;
      }
    }
    if constexpr (std::is_same_v<Source, T>) {
      apart_ = static_cast<std::size_t>(side_by_side(backward));
      source_ = static_cast<const T*>(part.packed);
      if (source_ != nullptr) return;
      const std::int64_t pixels = problem_.size.x * problem_.size.y * problem_.size.z;
      if (part.window > 0) mask_ = static_cast<std::size_t>(part.window) - 1;
      own_ = scratch<T>(static_cast<std::size_t>(part.window > 0 ? part.window : pixels) * apart_);
      if (own_ == nullptr) throw std::bad_alloc();
      source_ = own_;
      if (part.window == 0) open(0, pixels);
    }
  }

  // Packs the pixels below `to` that are not; none below `from` is needed any more.
  void open([[maybe_unused]] std::int64_t from, [[maybe_unused]] std::int64_t to) {
    if constexpr (std::is_same_v<Source, T>) {
      if (own_ == nullptr) return;
      opened_ = std::max(opened_, from);
      while (opened_ < to) {
        const std::size_t at = static_cast<std::size_t>(opened_) & mask_;
        const std::int64_t end =
            mask_ == ~std::size_t{0}
                ? to
                : std::min(to, opened_ + static_cast<std::int64_t>(mask_ + 1 - at));
        pack_pixels<Element>(problem_, batch_, opened_, end, apart_, own_ + at * apart_);
        opened_ = end;
      }
    }
  }

  // Of a place in a plane of the axes with which samples are planned.
  [[nodiscard]] HWY_INLINE const Source* of(std::int64_t place) const {
    return source_ + (static_cast<std::size_t>(place) & mask_) * apart_;
  }

 private:
  const Problem& problem_;
  std::int64_t batch_;
  const Source* source_ = nullptr;
  T* own_ = nullptr;
  std::size_t apart_ = 1;
  std::size_t mask_ = ~std::size_t{0};
  std::int64_t opened_ = 0;
};

// ---- Sums over channels ----

template <class T>
using SideTag = hn::CappedTag<T, max_width<T>>;
template <class T>
inline constexpr int side_vectors = 8 / static_cast<int>(hn::MaxLanes(SideTag<T>()));

// grad_output of some locations, [block of channels][location][channel]; f32 takes 32 KiB.
template <class T>
struct Blocks {
  static constexpr std::size_t size = 8192;
  alignas(64) T number[size];
};

// The eight sums of each of four taps, added up: number k to k + 4, to k + 2, to k + 1.
template <class T>
HWY_INLINE void add_up(const hn::Vec<SideTag<T>> (&sum)[4][side_vectors<T>], T* to) {
  if constexpr (std::is_same_v<T, float> && side_vectors<T> <= 2) {
    const WideTag<T, 4> d;
    const auto half = [&](int k) HWY_ATTR {
      if constexpr (side_vectors<T> == 1) {
        return hn::LowerHalf(d, sum[k][0]) + hn::UpperHalf(d, sum[k][0]);
      } else {
        return sum[k][0] + sum[k][1];
      }
    };
    const auto pair = [&](auto a, auto b) HWY_ATTR {
      return hn::InterleaveLower(d, a, b) + hn::InterleaveUpper(d, a, b);
    };
    const auto low = pair(half(0), half(1));
    const auto high = pair(half(2), half(3));
    hn::StoreU(hn::ConcatLowerLower(d, high, low) + hn::ConcatUpperUpper(d, high, low), d, to);
  } else {
    const SideTag<T> d;
    for (int k = 0; k < 4; ++k) {
      alignas(64) T each[8];
      for (int v = 0; v < side_vectors<T>; ++v) {
        hn::Store(sum[k][v], d, each + static_cast<std::size_t>(v) * hn::MaxLanes(d));
      }
      for (const int half : {4, 2, 1}) {
        for (int c = 0; c < half; ++c) each[c] = each[c] + each[c + half];
      }
      to[k] = each[0];
    }
  }
}

// Four taps of a location: its numbers of grad_output are at `grads`, and in each next block of
// channels `step` further.
template <class T, class Source>
HWY_INLINE void sum_taps(const Source* const (&texel)[4], const T* grads, std::size_t step,
                         std::size_t channels, T* to) {
  const SideTag<T> d;
  constexpr std::size_t n = hn::MaxLanes(d);
  constexpr std::size_t width = max_width<T>;
  hn::Vec<SideTag<T>> sum[4][side_vectors<T>];
  for (auto& of_tap : sum) {
    for (auto& one : of_tap) one = hn::Zero(d);
  }
  for (std::size_t c = 0; c < channels; c += 8) {
    for (std::size_t v = 0; v < side_vectors<T>; ++v) {
      const std::size_t from = c + v * n;
      const auto given = hn::LoadU(d, grads + from / width * step + from % width);
      for (int k = 0; k < 4; ++k) {
        sum[k][v] = sum[k][v] + given * load_elements(d, texel[k] + from);
      }
    }
  }
  add_up<T>(sum, to);
}

// The place of tap `tap` of a location, in group `group` of four: a row of bicubic's, a face of a
// linear cell. Of a tap that is outside of the input, that of any pixel.
template <Mode mode, class T>
HWY_INLINE std::int64_t place_of_tap(const Axes<T>& axis, const Tile<T>& tile, std::size_t i,
                                     int group, int tap) {
  if constexpr (mode == Mode::bicubic) {
    const std::int32_t column = tile.column[tap][i];
    const std::int32_t row = tile.row[group][i];
    return column == no_place || row == no_place ? 0 : std::int64_t{column} + row;
  } else {
    return tile.offset[i] + (tap & 1) * axis.x.stride + (tap >> 1) * axis.y.stride +
           group * axis.z.stride;
  }
}

// The sums over channels of each location of a tile, [group of taps][location][tap].
template <class T, Mode mode, int axes>
struct TapSums {
  static constexpr int groups = taps_of<mode, axes> / 4;
  alignas(64) T sum[groups][tile_size][4];
};

// Of the locations of a stretch.
template <class Element, Mode mode, int axes, class Source>
HWY_INLINE void sum_stretch(const Backward& backward, const Axes<ArithmeticOf<Element>>& axis,
                            const Tile<ArithmeticOf<Element>>& tile, Stretch stretch,
                            const Texels<Element, Source>& texels,
                            Blocks<ArithmeticOf<Element>>& grads,
                            TapSums<ArithmeticOf<Element>, mode, axes>& sums) {
  using T = ArithmeticOf<Element>;
  constexpr int width = max_width<T>;
  const Problem& problem = backward.forward;
  const std::size_t count = stretch.end - stretch.begin;
  const auto channels = static_cast<std::size_t>(side_by_side(backward));
  for (std::size_t c = 0; c < channels; c += width) {
    const auto first = static_cast<std::int64_t>(c);
    T* const to = grads.number + c * count;
    if (first >= problem.channels) {
      std::fill_n(to, width * count, T{0});
      continue;
    }
    load_block<width, Element>(
        backward, tile.batch, first,
        static_cast<int>(std::min<std::int64_t>(width, problem.channels - first)),
        tile.begin + static_cast<std::int64_t>(stretch.begin), count, to);
  }
  for (std::size_t i = stretch.begin; i < stretch.end; ++i) {
    if (tile.place[i / lanes<T>()] == Place::outside) continue;
    for (int group = 0; group < TapSums<T, mode, axes>::groups; ++group) {
      const Source* texel[4];
      for (int tap = 0; tap < 4; ++tap) {
        texel[tap] = texels.of(place_of_tap<mode>(axis, tile, i, group, tap));
      }
      sum_taps<T>(texel, grads.number + (i - stretch.begin) * width, count * width, channels,
                  sums.sum[group][i]);
    }
  }
}

template <class Element, Mode mode, int axes, class Source>
void run_sides_of(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  const Problem& problem = backward.forward;
  const Axes<T> axis = reads_sides(backward) ? axes_of<T>(problem) : dense_axes<T>(problem);
  Texels<Element, Source> texels(backward, part);
  Element* const out = grad_grid_of<Element>(backward, part.batch);
  const auto together = Blocks<T>::size / static_cast<std::size_t>(side_by_side(backward));
  Tile<T> tile;
  Blocks<T> grads;
  TapSums<T, mode, axes> sums;
  const Reach* reach = part.window > 0 ? part.reach : nullptr;
  for (std::int64_t begin = part.begin; begin < part.end; begin += backward_tile) {
    if (reach != nullptr) {
      texels.open(reach->low, reach->high);
      ++reach;
    }
    plan_tile<Element, mode, axes>(problem, axis, part.batch, begin, part.end, tile);
    for (std::size_t i = 0; i < tile.count; i += together) {
      sum_stretch(backward, axis, tile, {i, std::min(i + together, tile.count)}, texels, grads,
                  sums);
    }
    for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
      NumberVector<T> sum[taps_of<mode, axes>];
      for (int group = 0; group < TapSums<T, mode, axes>::groups; ++group) {
        hn::LoadInterleaved4(Numbers<T>(), sums.sum[group][i], sum[4 * group], sum[4 * group + 1],
                             sum[4 * group + 2], sum[4 * group + 3]);
      }
      write_vector<mode, axes>(axis, tile, i, [&](int tap) HWY_ATTR { return sum[tap]; }, out);
    }
  }
}

template <class Element, Mode mode, int axes>
HWY_INLINE void run_sides(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  if constexpr (!std::is_same_v<Element, T>) {
    if (reads_sides(backward)) return run_sides_of<Element, mode, axes, Element>(backward, part);
  }
  run_sides_of<Element, mode, axes, T>(backward, part);
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
