// The gradient of the input: every sample adds its taps to the sums of their pixels, one after the
// other in row-major order, so that each sum has the reference's order, [grad.order]. The sums of a
// block of channels lie side by side: a tap is one vector that is loaded, added to and stored.
// Included once for each target.

#if defined(GRIDPROOF_OPTIMIZED_SCATTER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef GRIDPROOF_OPTIMIZED_SCATTER_INL_H
#undef GRIDPROOF_OPTIMIZED_SCATTER_INL_H
#else
#define GRIDPROOF_OPTIMIZED_SCATTER_INL_H
#endif

#include <new>

#include "optimized/kernels/grads-inl.h"
#include "optimized/kernels/scratch.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// ---- Which pixels a tile adds to ----

struct Span {
  std::int32_t first = std::numeric_limits<std::int32_t>::max();
  std::int32_t last = -1;

  void add(std::int32_t low, std::int32_t high) {
    first = std::min(first, low);
    last = std::max(last, high);
  }
};

// Of a location of bicubic some of whose taps may be outside.
template <class T>
void add_cubic_taps(const Tile<T>& tile, std::size_t i, Span& span) {
  Span columns;
  Span rows;
  for (int k = 0; k < 4; ++k) {
    const std::int32_t column = tile.column[k][i];
    const std::int32_t row = tile.row[k][i];
    if (column != no_place) columns.add(column, column);
    if (row != no_place) rows.add(row, row);
  }
  if (columns.last >= 0 && rows.last >= 0) {
    span.add(columns.first + rows.first, columns.last + rows.last);
  }
}

template <Mode mode, int axes, class T>
HWY_INLINE Span span_of(const Axes<T>& axis, const Tile<T>& tile) {
  // From the first tap of a location to the last.
  const auto taps = static_cast<std::int32_t>(
      mode == Mode::nearest
          ? 0
          : (axis.x.stride + axis.y.stride + axis.z.stride) * (mode == Mode::bicubic ? 3 : 1));
  Span span;
  for (std::size_t i = 0; i < tile.count; ++i) {
    const Place place = tile.place[i / lanes<T>()];
    if (place == Place::outside) continue;
    if (place == Place::mixed) {
      if constexpr (mode == Mode::bicubic) {
        add_cubic_taps(tile, i, span);
        continue;
      }
      bool none = true;
      for (int k = 0; k < (mode == Mode::nearest ? 1 : 1 << axes); ++k) {
        none = none && std::signbit(tile.weight[k][i]);
      }
      if (none) continue;
    }
    span.add(tile.offset[i], tile.offset[i] + taps);
  }
  return span;
}

template <class Element, Mode mode, int axes>
void run_reach(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  const Axes<T> axis = dense_axes<T>(backward.forward);
  Tile<T> tile;
  Reach* reach = part.reach;
  for (std::int64_t begin = part.begin; begin < part.end; begin += backward_tile, ++reach) {
    plan_tile<Element, mode, axes>(backward.forward, axis, part.batch, begin, part.end, tile);
    const Span span = span_of<mode, axes>(axis, tile);
    reach->first = span.first;
    reach->last = span.last;
  }
}

// ---- The sums of a block of channels ----

// The sums of the pixels of a band: all of them, or a window that moves along. Where they are what
// the caller wants, they lie there.
template <class Element, int width>
class Sums {
 public:
  using T = ArithmeticOf<Element>;

  Sums(const Backward& backward, const BackwardPart& part)
      : begin_(part.begin_pixel),
        end_(part.end_pixel),
        channels_(static_cast<int>(part.end_channel - part.first_channel)) {
    const PerAxis& size = backward.forward.size;
    const std::int64_t pixels = size.x * size.y * size.z;
    for (int k = 0; k < width; ++k) {
      const std::int64_t c = part.first_channel + std::min(k, channels_ - 1);
      plane_[k] = static_cast<Element*>(backward.grad_input) +
                  (part.batch * backward.forward.channels + c) * pixels;
    }
    const bool moves = part.window > 0 && !in_place;
    capacity_ = static_cast<std::size_t>(moves ? part.window : end_ - begin_);
    mask_ = moves ? capacity_ - 1 : ~std::size_t{0};
    if constexpr (in_place) {
      sums_ = plane_[0] + begin_;
    } else {
      sums_ = scratch<T>(capacity_ * width);
      if (sums_ == nullptr) throw std::bad_alloc();
    }
  }

  // The sums of a pixel of the band.
  HWY_INLINE T* of(std::int64_t pixel) const { return sums_ + slot(pixel - begin_) * width; }
  [[nodiscard]] HWY_INLINE bool has(std::int64_t pixel) const {
    return pixel >= begin_ && pixel < end_;
  }

  // Begins the sums of the pixels below `to` that have none.
  void open(std::int64_t to) {
    to = std::clamp(to, begin_, end_) - begin_;
    for (std::int64_t at = opened_; at < to;) {
      const auto count = together(at, to);
      std::fill_n(sums_ + slot(at) * width, count * width, T{0});
      at += static_cast<std::int64_t>(count);
    }
    opened_ = std::max(opened_, to);
  }

  // Gives the sums of the pixels below `to`, which are complete.
  void close(std::int64_t to) {
    to = std::clamp(to, begin_, end_) - begin_;
    if constexpr (in_place) {
      open(to + begin_);
    } else {
      while (closed_ < std::min(to, opened_)) {
        const auto count = together(closed_, std::min(to, opened_));
        Element* plane[width];
        for (int k = 0; k < width; ++k) plane[k] = plane_[k] + begin_ + closed_;
        deinterleave<width>(sums_ + slot(closed_) * width, count, channels_, plane);
        closed_ += static_cast<std::int64_t>(count);
      }
      for (int k = 0; k < channels_ && closed_ < to; ++k) {  // nothing was added to these
        std::fill_n(plane_[k] + begin_ + closed_, to - closed_, Element{});
      }
      closed_ = std::max(closed_, to);
      opened_ = std::max(opened_, to);
    }
  }

 private:
  static constexpr bool in_place = width == 1 && std::is_same_v<Element, T>;

  [[nodiscard]] HWY_INLINE std::size_t slot(std::int64_t at) const {
    return static_cast<std::size_t>(at) & mask_;
  }
  // How many of the pixels [at, to) lie next to each other.
  [[nodiscard]] std::size_t together(std::int64_t at, std::int64_t to) const {
    return std::min(static_cast<std::size_t>(to - at), capacity_ - slot(at));
  }

  std::int64_t begin_;
  std::int64_t end_;
  int channels_;
  Element* plane_[width];
  T* sums_;
  std::size_t capacity_;
  std::size_t mask_;
  std::int64_t opened_ = 0;  // both from the beginning of the band
  std::int64_t closed_ = 0;
};

// ---- Adding ----

// What a sample has of grad_output, in a block of channels.
template <class T, int width>
struct Given {
  using D = WideTag<T, width>;
  static constexpr std::size_t count = width / hn::MaxLanes(D());
  hn::Vec<D> vector[count];

  explicit HWY_INLINE Given(const T* from) {
    for (std::size_t k = 0; k < count; ++k) vector[k] = hn::LoadU(D(), from + k * lanes());
  }
  HWY_INLINE void add(T* to, T weight) const {
    const D d;
    const auto factor = hn::Set(d, weight);
    for (std::size_t k = 0; k < count; ++k, to += lanes()) {
      hn::StoreU(hn::LoadU(d, to) + factor * vector[k], d, to);
    }
  }
  HWY_INLINE void add(T* to) const {
    const D d;
    for (std::size_t k = 0; k < count; ++k, to += lanes()) {
      hn::StoreU(hn::LoadU(d, to) + vector[k], d, to);
    }
  }

 private:
  static constexpr std::size_t lanes() { return hn::MaxLanes(D()); }
};
template <class T>
struct Given<T, 1> {
  T number;

  explicit HWY_INLINE Given(const T* from) : number(*from) {}
  HWY_INLINE void add(T* to, T weight) const { *to += weight * number; }
  HWY_INLINE void add(T* to) const { *to += number; }
};

// Location number `i` of a tile. `careful` if a tap may be outside of the input or of the band;
// taps with a sign are outside of the input.
template <Mode mode, int axes, bool careful, int width, class Element, class T>
HWY_INLINE void add_sample(const Axes<T>& axis, const Tile<T>& tile, std::size_t i,
                           const Given<T, width>& given, const Sums<Element, width>& sums) {
  if constexpr (mode == Mode::nearest) {
    if (careful && (std::signbit(tile.weight[0][i]) || !sums.has(tile.offset[i]))) return;
    given.add(sums.of(tile.offset[i]));  // a product with 1 changes nothing
  } else if constexpr (mode == Mode::bilinear) {
    for (int r = 0; r < (1 << (axes - 1)); ++r) {
      const std::int64_t pixel =
          tile.offset[i] + (r & 1) * axis.y.stride + (r >> 1) * axis.z.stride;
      if (careful && !sums.has(pixel)) continue;  // bands consist of rows
      const T first = tile.weight[2 * r][i];
      const T second = tile.weight[2 * r + 1][i];
      if (!careful || !std::signbit(first)) given.add(sums.of(pixel), first);
      if (!careful || !std::signbit(second)) given.add(sums.of(pixel + axis.x.stride), second);
    }
  } else {
    for (int j = 0; j < 4; ++j) {
      const std::int32_t row = tile.row[j][i];
      if (careful && row == no_place) continue;
      for (int k = 0; k < 4; ++k) {
        const std::int32_t column = tile.column[k][i];
        const std::int64_t pixel = std::int64_t{column} + row;
        if (careful && (column == no_place || !sums.has(pixel))) continue;
        given.add(sums.of(pixel), tile.weight[k][i] * tile.weight[4 + j][i]);
      }
    }
  }
}

template <Mode mode, int axes, int width, class Element, class T>
HWY_INLINE void add_tile(const Axes<T>& axis, const Tile<T>& tile, const T* grads,
                         bool is_in_the_band, const Sums<Element, width>& sums) {
  for (std::size_t begin = 0; begin < tile.count; begin += lanes<T>()) {
    const Place place = tile.place[begin / lanes<T>()];
    const std::size_t end = std::min(begin + lanes<T>(), tile.count);
    if (place == Place::outside) continue;
    if (HWY_LIKELY(place == Place::inside && is_in_the_band)) {
      for (std::size_t i = begin; i < end; ++i) {
        add_sample<mode, axes, false>(axis, tile, i, Given<T, width>(grads + i * width), sums);
      }
    } else {
      for (std::size_t i = begin; i < end; ++i) {
        add_sample<mode, axes, true>(axis, tile, i, Given<T, width>(grads + i * width), sums);
      }
    }
  }
}

template <class Element, Mode mode, int axes, int width>
void run_scatter(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  const Axes<T> axis = dense_axes<T>(backward.forward);
  const auto channels = static_cast<int>(part.end_channel - part.first_channel);
  Sums<Element, width> sums(backward, part);
  Tile<T> tile;
  alignas(64) T grads[tile_size * width];
  const Reach* reach = part.reach;
  if (reach == nullptr) sums.open(part.end_pixel);
  for (std::int64_t begin = part.begin; begin < part.end; begin += backward_tile) {
    bool is_in_the_band = true;
    if (reach != nullptr) {
      const Reach& here = *reach++;
      if (here.last < part.begin_pixel || here.first >= part.end_pixel) continue;
      is_in_the_band = here.first >= part.begin_pixel && here.last < part.end_pixel;
      sums.close(here.low);
      sums.open(here.high);
    }
    plan_tile<Element, mode, axes>(backward.forward, axis, part.batch, begin, part.end, tile);
    load_block<width, Element>(backward, part.batch, part.first_channel, channels, begin,
                               tile.count, grads);
    add_tile<mode, axes>(axis, tile, grads, is_in_the_band, sums);
  }
  sums.close(part.end_pixel);
}

// The block is as wide as the channels need.
template <class Element, Mode mode, int axes>
HWY_INLINE void scatter(const Backward& backward, const BackwardPart& part) {
  constexpr int widest = max_width<ArithmeticOf<Element>>;
  const std::int64_t channels = part.end_channel - part.first_channel;
  if (channels == 1) return run_scatter<Element, mode, axes, 1>(backward, part);
  if (widest == 4 || channels <= 4) return run_scatter<Element, mode, axes, 4>(backward, part);
  return run_scatter<Element, mode, axes, widest>(backward, part);
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
