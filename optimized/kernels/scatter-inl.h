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

#include "optimized/kernels/scratch.h"
#include "optimized/kernels/slopes-inl.h"

#if GRIDPROOF_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace gridproof::optimized::HWY_NAMESPACE {

// ---- Which pixels a tile adds to ----

// The lowest and the highest tap along an axis of some locations; `last` is -1 where there is none.
struct Range {
  std::int64_t first = std::numeric_limits<std::int32_t>::max();
  std::int64_t last = -1;
};

template <Mode mode, class T>
HWY_INLINE Range range_of(const Axis<T>& axis, const T* coordinate, std::size_t count) {
  const Lanes<T> o;
  const Numbers<T> d;
  const auto none = o.real(-1);
  const auto far = o.count(axis.size);
  auto lowest = far;
  auto highest = none;
  const auto add = [&](NumberVector<T> tap) HWY_ATTR {
    const auto inside = o.both(tap > none, tap < far);
    lowest = hn::IfThenElse(inside, hn::Min(lowest, tap), lowest);
    highest = hn::IfThenElse(inside, hn::Max(highest, tap), highest);
  };
  for (std::size_t i = 0; i < count; i += lanes<T>()) {
    const auto given = hn::Load(d, coordinate + i);
    if constexpr (mode == Mode::nearest) add(nearest_tap(o, given, axis));
    if constexpr (mode == Mode::bilinear) {
      const auto cell = hn::Floor(padded(o, position(o, given, axis), axis));
      add(cell);
      add(cell + o.real(1));
    }
    if constexpr (mode == Mode::bicubic) {
      const auto cell = cubic_axis(o, given, axis).cell;
      for (int k = 0; k < 4; ++k) add(cubic_tap(o, cell, k, axis));
    }
  }
  const auto last = static_cast<std::int64_t>(hn::GetLane(hn::MaxOfLanes(d, highest)));
  if (last < 0) return {};
  return {static_cast<std::int64_t>(hn::GetLane(hn::MinOfLanes(d, lowest))), last};
}

// In whole rows.
template <class Element, Mode mode, int axes>
void run_reach(const Backward& backward, const BackwardPart& part) {
  using T = ArithmeticOf<Element>;
  const Problem& problem = backward.forward;
  const PerAxis& size = problem.size;
  const Axes<T> axis = dense_axes<T>(problem);
  Tile<T> tile;
  Reach* reach = part.reach;
  for (std::int64_t begin = part.begin; begin < part.end; begin += backward_tile, ++reach) {
    load_coordinates<Element>(problem, part.batch, begin, part.end, tile);
    const Range y = range_of<mode>(axis.y, tile.coordinate[1], tile.count);
    Range z{0, 0};
    if constexpr (axes == 3) z = range_of<mode>(axis.z, tile.coordinate[2], tile.count);
    const bool none = y.last < 0 || z.last < 0;
    const std::int64_t first = none ? Range().first : (z.first * size.y + y.first) * size.x;
    const std::int64_t end = none ? 0 : (z.last * size.y + y.last + 1) * size.x;
    reach->first = static_cast<std::int32_t>(first);
    reach->last = static_cast<std::int32_t>(end - 1);
  }
}

// ---- The sums of a block of channels ----

// The sums of the pixels of a band: all of them, or a window that moves along. Those of a large
// plane lie where the caller wants them, if they can.
template <class Element, int width>
class Sums {
 public:
  using T = ArithmeticOf<Element>;
  static constexpr std::size_t spares = 8 * tile_size / 16;  // taps of a vector

  Sums(const Backward& backward, const BackwardPart& part)
      : backward_(backward),
        first_channel_(part.first_channel),
        channels_(static_cast<int>(part.end_channel - part.first_channel)),
        begin_(part.begin_pixel),
        end_(part.end_pixel),
        moves_(part.window > 0 && !can_be_in_place) {
    constexpr std::int64_t small = 1 << 15;
    const bool few_samples = 4 * (part.end - part.begin) < end_ - begin_;
    in_place_ = can_be_in_place && (few_samples || end_ - begin_ > small);
    capacity_ = static_cast<std::size_t>(moves_ ? part.window : end_ - begin_);
    mask_ = moves_ ? capacity_ - 1 : ~std::size_t{0};
    if (!in_place_) {
      sums_ = scratch<T>((capacity_ + spares) * width);
      if (sums_ == nullptr) throw std::bad_alloc();
    }
    begin(part.batch);
  }

  // Begins a batch entry.
  void begin(std::int64_t batch) {
    batch_ = batch;
    opened_ = 0;
    closed_ = 0;
    const PerAxis& size = backward_.forward.size;
    const std::int64_t pixels = size.x * size.y * size.z;
    for (int k = 0; k < width; ++k) {
      const std::int64_t c = first_channel_ + std::min(k, channels_ - 1);
      plane_[k] = static_cast<Element*>(backward_.grad_input) +
                  (batch * backward_.forward.channels + c) * pixels;
    }
    if constexpr (can_be_in_place) {
      if (in_place_) sums_ = plane_[0] + begin_;
    }
  }
  [[nodiscard]] std::int64_t batch() const { return batch_; }

  // The sums of a pixel of the band.
  HWY_INLINE T* of(std::int64_t pixel) const { return sums_ + slot(pixel - begin_) * width; }
  [[nodiscard]] HWY_INLINE bool has(std::int64_t pixel) const {
    return pixel >= begin_ && pixel < end_;
  }
  // Those of the whole plane, if they lie in order.
  [[nodiscard]] HWY_INLINE T* of_plane() const {
    if constexpr (can_be_in_place) {
      if (in_place_) return plane_[0];
    }
    return begin_ == 0 && !moves_ ? sums_ : nullptr;
  }
  // Whether there are sums that are no pixel's, and the first one's place in the plane.
  [[nodiscard]] HWY_INLINE bool has_spare() const { return !in_place_; }
  [[nodiscard]] HWY_INLINE std::int32_t spare() const {
    return static_cast<std::int32_t>(capacity_);
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
    if (in_place_) return open(to + begin_);
    while (closed_ < std::min(to, opened_)) {
      const auto count = together(closed_, std::min(to, opened_));
      Element* plane[width];
      for (int k = 0; k < width; ++k) plane[k] = plane_[k] + begin_ + closed_;
      deinterleave<width>(sums_ + slot(closed_) * width, count, channels_,
                          backward_.forward.streams, plane);
      closed_ += static_cast<std::int64_t>(count);
    }
    for (int k = 0; k < channels_ && closed_ < to; ++k) {  // nothing was added to these
      std::fill_n(plane_[k] + begin_ + closed_, to - closed_, Element{});
    }
    closed_ = std::max(closed_, to);
    opened_ = std::max(opened_, to);
  }

 private:
  static constexpr bool can_be_in_place = width == 1 && std::is_same_v<Element, T>;

  [[nodiscard]] HWY_INLINE std::size_t slot(std::int64_t at) const {
    return static_cast<std::size_t>(at) & mask_;
  }
  // How many of the pixels [at, to) lie next to each other.
  [[nodiscard]] std::size_t together(std::int64_t at, std::int64_t to) const {
    return std::min(static_cast<std::size_t>(to - at), capacity_ - slot(at));
  }

  const Backward& backward_;
  std::int64_t first_channel_;
  int channels_;
  std::int64_t begin_;
  std::int64_t end_;
  std::int64_t batch_ = 0;
  Element* plane_[width];
  bool moves_;
  bool in_place_ = false;
  T* sums_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t mask_ = 0;
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

// -1 where a number has a sign, else 0.
template <class T>
HWY_INLINE hn::Vec<Offsets<T>> sign_of(NumberVector<T> numbers) {
  const auto signs = hn::BroadcastSignBit(hn::BitCast(Bits<T>(), numbers));
  if constexpr (sizeof(T) == 4) return signs;
  if constexpr (sizeof(T) == 8) {
    const hn::RebindToUnsigned<Offsets<T>> d;
    return hn::BitCast(Offsets<T>(),
                       hn::TruncateTo(d, hn::BitCast(hn::RebindToUnsigned<Bits<T>>(), signs)));
  }
}

// Of one channel, what the locations of a tile add in a linear mode. It is stored a tile before it
// is added: a number that was just stored as one of a vector is long in coming.
template <class T, int axes>
struct Products {
  static constexpr int taps = 1 << axes;
  alignas(64) T number[taps / 4][tile_size * 4];  // [z][location][y][x]
  // Of mixed vectors, where the sums lie. What belongs to no pixel is added to spare ones, each
  // time to others, because an addition waits for the last one to the same place.
  alignas(64) std::int32_t place[taps][tile_size];
  std::int64_t further[taps];

  void make(const Axes<T>& axis, const Tile<T>& tile, const T* grads, std::int32_t spare) {
    const Numbers<T> d;
    const Offsets<T> d32;
    const auto n = static_cast<std::int32_t>(lanes<T>());
    for (int k = 0; k < taps; ++k) {
      further[k] =
          (k & 1) * axis.x.stride + (k >> 1 & 1) * axis.y.stride + (k >> 2) * axis.z.stride;
    }
    for (std::size_t i = 0; i < tile.count; i += lanes<T>()) {
      if (tile.place[i / lanes<T>()] == Place::outside) continue;
      const auto given = hn::Load(d, grads + i);
      for (int k = 0; k < taps; k += 4) {
        const auto product = [&](int tap)
                                 HWY_ATTR { return given * hn::Load(d, tile.weight[k + tap] + i); };
        hn::StoreInterleaved4(product(0), product(1), product(2), product(3), d,
                              number[k / 4] + 4 * i);
      }
      if (tile.place[i / lanes<T>()] == Place::inside) continue;
      const auto offset = hn::Load(d32, tile.offset + i);
      const auto other = hn::Iota(d32, 0) + hn::Set(d32, spare);
      for (int k = 0; k < taps; ++k) {
        const auto own = offset + hn::Set(d32, static_cast<std::int32_t>(further[k]));
        const auto outside = sign_of<T>(hn::Load(d, tile.weight[k] + i));
        hn::Store(hn::IfVecThenElse(outside, other + hn::Set(d32, k * n), own), d32, place[k] + i);
      }
    }
  }
  [[nodiscard]] HWY_INLINE T of(std::size_t i, int tap) const {
    return number[tap / 4][4 * i + static_cast<std::size_t>(tap % 4)];
  }
};

// The sums of a cell, which stay in registers from one sample to the next: those of the same cell,
// or half of them if the next cell is the neighbor.
template <class T, int axes>
class CellSums {
 public:
  static constexpr int taps = 1 << axes;

  HWY_INLINE CellSums(T* sums, const std::int64_t* further) : sums_(sums), further_(further) {}

  HWY_INLINE void go_to(std::int32_t cell) {
    if (cell == cell_) return;
    if (cell == cell_ + 1 && cell_ >= 0) {
      for (int k = 0; k < taps; k += 2) {
        at(k) = sum_[k];
        sum_[k] = sum_[k + 1];
      }
      cell_ = cell;
      for (int k = 1; k < taps; k += 2) sum_[k] = at(k);
      return;
    }
    leave();
    cell_ = cell;
    for (int k = 0; k < taps; ++k) sum_[k] = at(k);
  }
  HWY_INLINE void leave() {
    if (cell_ < 0) return;
    for (int k = 0; k < taps; ++k) at(k) = sum_[k];
    cell_ = -1;
  }
  HWY_INLINE void add(int tap, T term) { sum_[tap] += term; }

 private:
  HWY_INLINE T& at(int tap) const { return sums_[cell_ + further_[tap]]; }

  T* sums_;
  const std::int64_t* further_;
  std::int32_t cell_ = -1;
  T sum_[taps];
};

template <int axes, class Element, class T>
HWY_INLINE void add_products(const Axes<T>& axis, const Tile<T>& tile, const T* grads,
                             Products<T, axes>& products, const Sums<Element, 1>& sums) {
  constexpr int taps = 1 << axes;
  T* const all = sums.of_plane();
  products.make(axis, tile, grads, sums.spare());
  const bool follows = follows_rows(tile);
  CellSums<T, axes> cell(all, products.further);
  for (std::size_t begin = 0; begin < tile.count; begin += lanes<T>()) {
    const Place place = tile.place[begin / lanes<T>()];
    const std::size_t end = std::min(begin + lanes<T>(), tile.count);
    if (place == Place::inside && follows) {
      for (std::size_t i = begin; i < end; ++i) {
        cell.go_to(tile.offset[i]);
        for (int k = 0; k < taps; ++k) cell.add(k, products.of(i, k));
      }
    } else if (place == Place::inside) {
      for (std::size_t i = begin; i < end; ++i) {
        T* const first = all + tile.offset[i];
        for (int k = 0; k < taps; ++k) first[products.further[k]] += products.of(i, k);
      }
    } else if (place == Place::mixed) {
      cell.leave();
      for (std::size_t i = begin; i < end; ++i) {
        if (!sums.has_spare()) {
          add_sample<Mode::bilinear, axes, true>(axis, tile, i, Given<T, 1>(grads + i), sums);
          continue;
        }
        for (int k = 0; k < taps; ++k) all[products.place[k][i]] += products.of(i, k);
      }
    }
  }
  cell.leave();
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

// Whether a tile of such a reach is one of a part: those that add to its band, and with the grid
// the first band's those that add to nothing.
HWY_INLINE bool meets(const Reach& reach, const BackwardPart& part, bool with_grid) {
  if (reach.last < 0) return with_grid && part.begin_pixel == 0;
  return reach.last >= part.begin_pixel && reach.first < part.end_pixel;
}

template <class Element, Mode mode, int axes, int width>
void run_scatter(const Backward& backward, const BackwardPart& part, bool with_grid) {
  using T = ArithmeticOf<Element>;
  const Axes<T> axis = dense_axes<T>(backward.forward);
  const auto channels = static_cast<int>(part.end_channel - part.first_channel);
  Sums<Element, width> sums(backward, part);
  alignas(64) T grads[tile_size * width];
  Products<T, axes> products;
  if (part.reach == nullptr) sums.open(part.end_pixel);
  const auto add = [&](const Tile<T>& tile, const Reach* reach) HWY_ATTR {
    bool is_in_the_band = true;
    bool is_first = true;
    if (tile.batch != sums.batch()) {
      sums.close(part.end_pixel);
      sums.begin(tile.batch);
      sums.open(part.end_pixel);
    }
    if (reach != nullptr) {
      is_in_the_band = reach->first >= part.begin_pixel && reach->last < part.end_pixel;
      is_first = reach->first >= part.begin_pixel || part.begin_pixel == 0;
      sums.close(reach->low);
      sums.open(reach->high);
    }
    load_block<width, Element>(backward, tile.batch, part.first_channel, channels, tile.begin,
                               tile.count, grads);
    bool is_added = false;
    if constexpr (mode == Mode::bilinear && width == 1) {
      if (is_in_the_band && sums.of_plane() != nullptr) {
        add_products(axis, tile, grads, products, sums);
        is_added = true;
      }
    }
    if (!is_added) add_tile<mode, axes>(axis, tile, grads, is_in_the_band, sums);
    if constexpr (mode != Mode::nearest) {
      if (with_grid && is_first) write_tile<Element, mode, axes>(backward, axis, tile);
    }
  };
  for_each_tile<Element, mode, axes>(
      backward, part, axis, with_grid,
      [&](const Reach& reach) { return meets(reach, part, with_grid); }, add);
  sums.close(part.end_pixel);
}

// The block is as wide as the channels need.
template <class Element, Mode mode, int axes>
HWY_INLINE void scatter(const Backward& backward, const BackwardPart& part, bool with_grid) {
  constexpr int widest = max_width<ArithmeticOf<Element>>;
  const std::int64_t channels = part.end_channel - part.first_channel;
  if (channels == 1) return run_scatter<Element, mode, axes, 1>(backward, part, with_grid);
  if (widest == 4 || channels <= 4) {
    return run_scatter<Element, mode, axes, 4>(backward, part, with_grid);
  }
  return run_scatter<Element, mode, axes, widest>(backward, part, with_grid);
}

}  // namespace gridproof::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif  // include guard of this target
