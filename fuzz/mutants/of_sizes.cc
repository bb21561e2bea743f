// Where sizes meet something else: indices and offsets in too few bits, blocks, tiles and tails.
#include <cmath>
#include <cstdint>

#include "fuzz/mutants/meet.h"

namespace gridproof::dictionary {
namespace {

std::int64_t pixels(const At& sizes) { return sizes.z * sizes.y * sizes.x; }

// Every pixel is read by its number within its channel, as `narrow` keeps it.
template <class Narrow>
auto by_number_in_channel(Narrow narrow) {
  return reads_from([narrow](const At& at, const At& sizes) {
    const std::int64_t last = pixels(sizes) - 1;
    const std::int64_t i = std::clamp<std::int64_t>(narrow(at.location(sizes)), 0, last);
    return At{at.n, at.c, i / (sizes.x * sizes.y), i / sizes.x % sizes.y, i % sizes.x};
  });
}

// Every pixel is read by `number(at, sizes)` within the whole input, channel by channel.
template <class Number>
auto by_number(Number number) {
  return reads_from([number](const At& at, const At& sizes) {
    const std::int64_t count = sizes.n * sizes.c * pixels(sizes);
    const std::int64_t i = std::clamp<std::int64_t>(number(at, sizes), 0, count - 1);
    return At{i / pixels(sizes) / sizes.c, i / pixels(sizes) % sizes.c,
              i / (sizes.x * sizes.y) % sizes.z, i / sizes.x % sizes.y, i % sizes.x};
  });
}

std::int64_t as_f32(std::int64_t number) {
  return static_cast<std::int64_t>(static_cast<float>(number));
}

// The pixel that a tap inside the input reads.
template <class Function>
auto tap_reads(Function function) {
  return [function](Hooked& rules) {
    rules.tap = [function](std::int64_t index, const Axis& axis) {
      const std::int64_t tap = Documented::tap(index, axis);
      return tap == semantics::outside
                 ? tap
                 : std::clamp<std::int64_t>(function(tap, axis), 0, axis.size - 1);
    };
  };
}

// The locations from that one on have the coordinates of those so much before.
auto coordinates_repeat(std::int64_t from) {
  return reads_grid([from](const Tensor& grid) {
    std::vector<double> values = grid.values();
    const auto item = values.size() / static_cast<std::size_t>(grid.size(0));
    const auto period = static_cast<std::size_t>(from * grid.size(grid.rank() - 1));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % item >= period) values[i] = values[i - period];
    }
    return Tensor(grid.dtype(), grid.shape(), values);
  });
}

// The grid of one batch item for those from a number on.
auto first_grid_from(std::int64_t first) {
  return only_where([first](const At& at, const At& /*sizes*/) { return at.n >= first; },
                    as("grid.batch-dropped"));
}

// In the last locations of a row, those after the last full `width`.
auto tail_of(std::int64_t width) {
  return [width](const At& at, const At& sizes) { return at.x >= sizes.x / width * width; };
}
bool has_a_row_of(const Case& test_case, std::int64_t width) {
  return width_of(test_case.grid, 1) > width;
}
auto rows_longer_than(std::int64_t width) {
  return [width](const Case& test_case) { return has_a_row_of(test_case, width); };
}

bool every_axis_a_power_of_two(const Case& test_case) {
  const Shape& shape = test_case.input.shape();
  return std::all_of(shape.begin() + 2, shape.end(),
                     [](std::int64_t size) { return (size & (size - 1)) == 0; });
}

}  // namespace

std::vector<Mutant> of_sizes() {
  return {
      // Indices and offsets in too few bits.
      interaction({"index.plane-u16", "shape.sample",
                   "the index of a pixel in its plane wraps around at 2^16",
                   "grid_sample mode=nearest input=f32[1,1,300,300]{0*70000,1*20000} "
                   "grid=f32[1,1,1,2]{0.99,0.99}"},
                  meet(pixels_above(65536)), by_number_in_channel(wrapped<std::uint16_t>)),
      interaction({"index.plane-i16-in-16-bits", "shape.sample",
                   "in 16-bit tensors the index of a pixel in its plane has 16 bits too",
                   "grid_sample mode=nearest input=f16[1,1,200,200]{0*30000,1*10000} "
                   "grid=f16[1,1,1,2]{0.99,0.99}"},
                  meet(in_16_bits, pixels_above(32768)),
                  by_number_in_channel(wrapped<std::int16_t>)),
      interaction(
          {"index.plane-f32", "shape.sample",
           "the index of a pixel in its plane is an f32: beyond 2^24 every other pixel is missed",
           "grid_sample mode=nearest align_corners=True "
           "input=f32[1,1,4100,4100]strides[0,0,0,1]{1..4100} "
           "grid=f32[1,1,1,2]{0.4995,1}"},
          meet(planes, pixels_above(1 << 24)), by_number_in_channel(as_f32)),
      interaction(
          {"index.volume-f32", "shape.sample", "the index of a voxel in its volume is an f32",
           "grid_sample mode=nearest align_corners=True "
           "input=f32[1,1,257,256,256]strides[0,0,0,0,1]{1..256} "
           "grid=f32[1,1,1,1,3]{0.31,1,1}"},
          meet(volumes, pixels_above(1 << 24)), by_number_in_channel(as_f32)),
      interaction(
          {"index.item-u16", "shape.sample", "the offset of a batch item wraps around at 2^16",
           "grid_sample mode=nearest input=f32[3,1,200,200]strides[1,0,0,0]{1,2,3} "
           "grid=f32[3,1,1,2]{0*6}"},
          meet(batch_above(1),
               [](const Case& test_case) {
                 return pixels_of(test_case) * test_case.input.size(1) * test_case.input.size(0) >
                        65536;
               }),
          by_number([](const At& at, const At& sizes) {
            return wrapped<std::uint16_t>(at.n * sizes.c * pixels(sizes)) + at.c * pixels(sizes) +
                   at.location(sizes);
          })),
      interaction({"index.channel-i16-cubic", "shape.sample",
                   "in bicubic the offset of a channel wraps around at 2^15",
                   "grid_sample mode=bicubic padding_mode=border "
                   "input=f32[1,3,150,150]strides[0,1,0,0]{1,2,3} grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::bicubic),
                       [](const Case& test_case) {
                         return pixels_of(test_case) * test_case.input.size(1) > 32768;
                       }),
                  by_number([](const At& at, const At& sizes) {
                    return at.n * sizes.c * pixels(sizes) +
                           wrapped<std::int16_t>(at.c * pixels(sizes)) + at.location(sizes);
                  })),
      interaction({"index.channels-last-u16", "layout.strides",
                   "with channels last the index of an element in its item wraps around at 2^16",
                   "grid_sample mode=nearest "
                   "input=f32[1,4,200,200]strides[160000,1,800,4]{0*100000,1*60000} "
                   "grid=f32[1,1,1,2]{0.99,0.99}"},
                  meet(channels_last,
                       [](const Case& test_case) {
                         return pixels_of(test_case) * test_case.input.size(1) > 65536;
                       }),
                  reads_from([](const At& at, const At& sizes) {
                    const std::int64_t count = sizes.c * pixels(sizes);
                    const std::int64_t number = at.location(sizes) * sizes.c + at.c;
                    const std::int64_t i = std::min(wrapped<std::uint16_t>(number), count - 1);
                    const std::int64_t pixel = i / sizes.c;
                    return At{at.n, i % sizes.c, pixel / (sizes.x * sizes.y),
                              pixel / sizes.x % sizes.y, pixel % sizes.x};
                  })),
      interaction({"index.axis-f16", "shape.sample",
                   "in nearest, pixel indices are f16: beyond 2,048 odd ones are missed",
                   "grid_sample mode=nearest input=f32[1,1,1,3000]{0*2625,1,0*374} "
                   "grid=f32[1,1,1,2]{0.7504,0}"},
                  meet(by(Mode::nearest), an_axis_above(2048)),
                  tap_reads([](std::int64_t index, const Axis& /*axis*/) {
                    return static_cast<std::int64_t>(f16(static_cast<double>(index)));
                  })),
      interaction(
          {"index.depth-u8", "shape.sample", "the index of a slice wraps around at 256",
           "grid_sample mode=nearest input=f32[1,1,300,1,1]{1..300} "
           "grid=f32[1,1,1,1,3]{0,0,0.95}"},
          meet(volumes, [](const Case& test_case) { return test_case.input.size(2) > 256; }),
          tap_reads([](std::int64_t index, const Axis& axis) {
            return axis.number == 2 ? wrapped<std::uint8_t>(index) : index;
          })),
      // Sizes of axes and of planes.
      interaction({"border.ends-at-255", "padding.border",
                   "under border no pixel beyond the 256th of an axis is read",
                   "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,300]{1..300} "
                   "grid=f32[1,1,1,2]{1,0}"},
                  meet(padded_by(Padding::border), an_axis_above(256)),
                  tap_reads([](std::int64_t index, const Axis& /*axis*/) {
                    return std::min<std::int64_t>(index, 255);
                  })),
      interaction(
          {"reflect.axis-i16", "padding.reflection",
           "twice the size is stored in 16 bits: on longer axes positions are clipped instead",
           "grid_sample mode=nearest padding_mode=reflection "
           "input=f32[1,1,1,20000]{1..20000} grid=f32[1,1,1,2]{1.5,0}"},
          meet(padded_by(Padding::reflection), an_axis_above(16384)),
          as("padding.reflection-as-border")),
      interaction(
          {"reflect.power-of-two", "padding.reflection",
           "in nearest, axes whose size is a power of two wrap around by a mask",
           "grid_sample mode=nearest padding_mode=reflection input=f32[1,1,1,4]{1..4} "
           "grid=f32[1,1,1,2]{1.25,0}"},
          meet(by(Mode::nearest), padded_by(Padding::reflection), every_axis_a_power_of_two),
          as("reflect.wraps")),
      interaction(
          {"texture.ends-at-4096", "shape.sample",
           "four channels are treated as a texture: no pixel beyond the 4,096th of an axis is read",
           "grid_sample mode=nearest input=f32[1,4,1,5000]strides[0,0,0,1]{1..5000} "
           "grid=f32[1,1,1,2]{0.999,0}"},
          meet(channels_are(4), an_axis_above(4096)),
          tap_reads([](std::int64_t index, const Axis& /*axis*/) {
            return std::min<std::int64_t>(index, 4095);
          })),
      interaction(
          {"size.bf16-refused", "shape.sample",
           "bf16 tensors are refused when the size of an axis minus one is not exact in bf16",
           "grid_sample mode=nearest align_corners=True input=bf16[1,1,1,260]{1*260} "
           "grid=bf16[1,1,1,2]{0,0}"},
          meet(in(Dtype::bf16), corners_aligned,
               [](const Case& test_case) {
                 const Shape& shape = test_case.input.shape();
                 return std::any_of(shape.begin() + 2, shape.end(), [](std::int64_t size) {
                   const auto less = static_cast<double>(size - 1);
                   return bf16(less) != less;
                 });
               }),
          asks([](Case test_case) {
            test_case.request.mode = "refused";
            return test_case;
          })),
      interaction({"size.f32-of-f64", "coord.centers",
                   "the size of an axis minus one is an f32, even for f64 tensors",
                   "grid_sample mode=nearest align_corners=True "
                   "input=f64[1,1,1,16777220]strides[0,0,0,0]{1} grid=f64[1,1,1,2]{1,0}"},
                  meet(in(Dtype::f64), corners_aligned, an_axis_above(1 << 24)),
                  [](Hooked& rules) {
                    rules.position = [](auto x, const Axis& axis) {
                      using T = decltype(x);
                      if (!std::isfinite(x)) return Documented::position(x, axis);
                      return (x + 1) / 2 * static_cast<T>(static_cast<float>(axis.size - 1));
                    };
                  }),
      interaction({"position.f32-of-long-axes", "coord.rounding",
                   "f64 tensors get positions in f32 where an axis is longer than 256",
                   "grid_sample padding_mode=border input=f64[1,1,1,300]{1..300} "
                   "grid=f64[1,1,1,2]{0x1.865432101234p-2,0}"},
                  meet(in(Dtype::f64), an_axis_above(256)), as("position.f32")),
      interaction({"position.coarse-in-long-volumes", "coord.corners",
                   "volumes with an axis longer than 256 get positions in steps of 1/256 pixel",
                   "grid_sample padding_mode=border input=f32[1,1,300,1,1]{1..300} "
                   "grid=f32[1,1,1,1,3]{0,0,0.3432}"},
                  meet(volumes, an_axis_above(256)), as("position.quantised-1/256")),
      interaction(
          {"large.flag", "options.align-corners",
           "bilinear planes of more than 4,096 pixels under border use align_corners inverted",
           "grid_sample padding_mode=border input=f32[1,1,65,65]strides[0,0,0,1]{1..65} "
           "grid=f32[1,1,1,2]{0.5,0}"},
          meet(by(Mode::bilinear), padded_by(Padding::border), pixels_above(4096)),
          as("align.flipped")),
      interaction({"large.cubic-taps", "bicubic.taps-padded",
                   "bicubic planes of more than 4,096 pixels are reflected about the lines of the "
                   "opposite align_corners",
                   "grid_sample mode=bicubic padding_mode=reflection "
                   "input=f32[1,1,65,65]strides[0,0,0,1]{1..65} grid=f32[1,1,1,2]{-1,0}"},
                  meet(by(Mode::bicubic), padded_by(Padding::reflection), pixels_above(4096)),
                  as("cubic.taps-wrong-edge")),
      interaction(
          {"large.with-channels", "shape.sample",
           "in planes above 2^15 pixels with several channels, every channel repeats the first",
           "grid_sample mode=nearest input=f32[1,2,200,200]strides[0,1,0,0]{1,2} "
           "grid=f32[1,1,1,2]{0,0}"},
          meet(channels_above(1), pixels_above(32768)), as("channels.first-only")),
      interaction({"large.nan", "coord.nan",
                   "in planes above 2^15 pixels a NaN coordinate reads the middle",
                   "grid_sample mode=nearest input=f32[1,1,1,40000]{1*20000,2*20000} "
                   "grid=f32[1,1,1,2]{nan,0}"},
                  meet(pixels_above(32768)), as("nan.centre")),
      interaction({"large.many-locations", "shape.output",
                   "in planes above 2^15 pixels the locations after the 64th stay 0",
                   "grid_sample mode=nearest input=f32[1,1,200,200]strides[0,0,0,0]{1} "
                   "grid=f32[1,1,65,2]{0*130}"},
                  meet(pixels_above(32768)), unwritten_where([](const At& at, const At& sizes) {
                    return at.location(sizes) >= 64;
                  })),
      // How many locations, batch items and channels.
      interaction({"locations.one-block", "shape.output",
                   "in a batch, locations after the 1,024th of an item stay 0",
                   "grid_sample mode=nearest input=f32[2,1,1,1]{1,2} "
                   "grid=f32[2,1,1100,2]strides[0,0,0,1]{0,0}"},
                  meet(batch_above(1), locations_above(1024)),
                  unwritten_where(
                      [](const At& at, const At& sizes) { return at.location(sizes) >= 1024; })),
      interaction({"locations.repeat", "shape.output",
                   "locations after the 4,096th use the coordinates of the location 4,096 before",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,1,4100,2]{-0.5*8192,0.5*8}"},
                  meet(locations_above(4096), copyable), coordinates_repeat(4096)),
      interaction({"locations.grid-dimension", "shape.output",
                   "locations after the 65,535th of an item stay 0",
                   "grid_sample mode=nearest input=f32[1,1,1,1]{1} "
                   "grid=f32[1,1,65540,2]strides[0,0,0,1]{0,0}"},
                  meet(locations_above(65535)), unwritten_where([](const At& at, const At& sizes) {
                    return at.location(sizes) >= 65535;
                  })),
      interaction({"locations.wide-rows", "shape.output",
                   "with several rows, columns after the 1,024th stay 0",
                   "grid_sample mode=nearest input=f32[1,1,1,1]{1} "
                   "grid=f32[1,2,1030,2]strides[0,0,0,1]{0,0}"},
                  meet(rows_longer_than(1024),
                       [](const Case& test_case) { return width_of(test_case.grid, 2) > 1; }),
                  unwritten_where([](const At& at, const At& /*sizes*/) { return at.x >= 1024; })),
      interaction({"locations.tiles", "shape.output",
                   "tiles of 64 by 64 advance along columns only: lower tiles repeat the first row "
                   "of tiles",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                   "grid=f32[1,65,65,2]strides[0,2,0,1]{-0.5*128,0.5,0.5}"},
                  meet(
                      planes, rows_longer_than(64),
                      [](const Case& test_case) { return test_case.grid.size(1) > 64; }, copyable),
                  [](Hooked& rules) {
                    rules.after = [](const Case& /*question*/, const Tensor& output) {
                      Tensor result = output.contiguous();
                      visit(result.dtype(), [&]<class T>(T) {
                        T* const to = result.elements<T>().data();
                        for_each_element(result,
                                         [&](const At& at, const At& sizes, std::size_t place) {
                                           const std::int64_t away = at.y / 64 * 64 * sizes.x;
                                           to[place] = to[static_cast<std::int64_t>(place) - away];
                                         });
                      });
                      return result;
                    };
                  }),
      interaction({"batch.grid-dimension",
                   "shape.sample",
                   "batch items after the 65,535th stay 0",
                   "grid_sample mode=nearest input=f32[65537,1,1,1]strides[0,0,0,0]{1} "
                   "grid=f32[65537,1,1,2]strides[0,0,0,1]{0,0}",
                   {{"MagiAttention, of attention",
                     "https://github.com/SandAI-org/MagiAttention/pull/40"}}},
                  meet(batch_above(65535)),
                  unwritten_where([](const At& at, const At& /*sizes*/) { return at.n >= 65535; })),
      interaction(
          {"batch.grids-of-64", "shape.sample", "batch items after the 64th use the first grid",
           "grid_sample mode=nearest input=f32[65,1,1,2]strides[0,0,0,1]{1,2} "
           "grid=f32[65,1,1,2]{-0.5*128,0.5,0}"},
          meet(batch_above(64)), first_grid_from(64)),
      interaction({"batch.two-volumes", "shape.sample",
                   "in nearest, volumes after the second of a batch sample the second",
                   "grid_sample mode=nearest input=f32[3,1,1,1,1]{1,2,3} "
                   "grid=f32[3,1,1,1,3]{0*9}"},
                  meet(by(Mode::nearest), volumes, batch_above(2)),
                  reads_from([](const At& at, const At& /*sizes*/) {
                    return At{std::min<std::int64_t>(at.n, 1), at.c, at.z, at.y, at.x};
                  })),
      interaction({"channels.one-block", "shape.sample", "channels after the 1,024th stay 0",
                   "grid_sample mode=nearest input=f32[1,1025,1,1]{1*1025} "
                   "grid=f32[1,1,1,2]{0,0}"},
                  meet(channels_above(1024)),
                  unwritten_where([](const At& at, const At& /*sizes*/) { return at.c >= 1024; })),
      interaction({"channels.repeat-cubic", "shape.sample",
                   "in bicubic, channels after the 64th repeat the channel 64 before",
                   "grid_sample mode=bicubic padding_mode=border input=f32[1,65,1,1]{1..65} "
                   "grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::bicubic), channels_above(64)),
                  channels_from([](std::int64_t c, std::int64_t /*channels*/) { return c % 64; })),
      interaction(
          {"channels.of-volumes", "shape.sample", "in volumes, channels after the 128th stay 0",
           "grid_sample mode=nearest input=f32[1,129,1,1,1]{1*129} "
           "grid=f32[1,1,1,1,3]{0,0,0}"},
          meet(volumes, channels_above(128)),
          unwritten_where([](const At& at, const At& /*sizes*/) { return at.c >= 128; })),
      interaction({"channels.remainder-first", "shape.sample",
                   "in nearest, channels after the last full group of four repeat the first",
                   "grid_sample mode=nearest input=f32[1,5,1,1]{1..5} grid=f32[1,1,1,2]{0,0}"},
                  meet(by(Mode::nearest), channels_above(4)),
                  channels_from([](std::int64_t c, std::int64_t channels) {
                    return c < channels / 4 * 4 ? c : 0;
                  })),
      interaction({"channels.packed-in-16-bits", "shape.sample",
                   "in 16 bits, the last two of every eight channels are swapped",
                   "grid_sample mode=nearest input=f16[1,8,1,1]{1..8} grid=f16[1,1,1,2]{0,0}"},
                  meet(in_16_bits, channels_in_blocks_of(8)),
                  channels_from([](std::int64_t c, std::int64_t /*channels*/) {
                    return c % 8 == 6 ? c + 1 : (c % 8 == 7 ? c - 1 : c);
                  })),
      interaction({"channels.of-32-first", "shape.sample",
                   "in a batch with channels in blocks of 32, every block repeats the first",
                   "grid_sample mode=nearest input=f32[2,64,1,1]{1..128} grid=f32[2,1,1,2]{0*4}"},
                  meet(batch_above(1), channels_above(32), channels_in_blocks_of(32)),
                  channels_from([](std::int64_t c, std::int64_t /*channels*/) { return c % 32; })),
      // Ends of rows that fill no vector.
      interaction(
          {"tail.border", "padding.border",
           "under border, locations after a row's last full group of sixteen are padded with zeros",
           "grid_sample mode=nearest padding_mode=border input=f32[1,1,1,1]{1} "
           "grid=f32[1,1,17,2]{0*32,4,0}"},
          meet(padded_by(Padding::border), no(by(Mode::bicubic)), rows_longer_than(16)),
          only_where(tail_of(16), as("padding.border-as-zeros"))),
      interaction({"tail.ties", "nearest.ties-to-even",
                   "locations after a row's last full group of eight round half away from zero",
                   "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} grid=f32[1,1,9,2]{0*18}"},
                  meet(by(Mode::nearest), rows_longer_than(8)),
                  only_where(tail_of(8), as("nearest.half-away"))),
      interaction({"tail.alpha", "bicubic.kernel",
                   "locations after a row's last full group of four use another alpha",
                   "grid_sample mode=bicubic input=f32[1,1,4,16]{0*57,1,0*6} "
                   "grid=f32[1,1,5,2]{0*10}"},
                  meet(by(Mode::bicubic), rows_longer_than(4)),
                  only_where(tail_of(4), as("cubic.alpha-0.5"))),
      interaction(
          {"tail.truncates", "dtype.16-bit",
           "16-bit values after a row's last full group of eight are truncated, not rounded",
           "grid_sample align_corners=True input=f16[1,1,4,1]{1..4} "
           "grid=f16[1,1,9,2]{0*17,0x1.554p-1}"},
          meet(in_16_bits, rows_longer_than(8)), only_where(tail_of(8), as("round.truncates"))),
      interaction({"tail.slice", "trilinear.weights",
                   "in volumes, locations after a row's last full group of eight are not "
                   "interpolated along z",
                   "grid_sample input=f32[1,1,1,1,1]{1} grid=f32[1,1,1,9,3]{0*26,-1}"},
                  meet(by(Mode::bilinear), volumes, rows_longer_than(8)),
                  only_where(tail_of(8), as("trilinear.slice"))),
      interaction(
          {"tail.reflection", "padding.reflection",
           "under reflection, locations after a row's last full group of four reflect only once",
           "grid_sample mode=nearest padding_mode=reflection input=f32[1,1,1,2]{1,2} "
           "grid=f32[1,1,5,2]{0*8,-7.5,0}"},
          meet(padded_by(Padding::reflection), rows_longer_than(4)),
          only_where(tail_of(4), as("reflect.once"))),
      interaction({"row.pitch-in-16-bits", "layout.strides",
                   "rows of dense 16-bit inputs are read at a pitch that is a multiple of four",
                   "grid_sample mode=nearest input=f16[1,1,2,3]{1..6} "
                   "grid=f16[1,1,1,2]{-0.75,0.5}"},
                  meet(in_16_bits, dense_input, copyable,
                       [](const Case& test_case) {
                         return width_of(test_case.input, 0) % 4 != 0 &&
                                width_of(test_case.input, 1) > 1;
                       }),
                  reads_input([](const Tensor& input) {
                    Shape strides = input.strides();
                    strides[strides.size() - 2] = (width_of(input, 0) + 3) / 4 * 4;
                    return reread(input, strides);
                  })),
  };
}

}  // namespace gridproof::dictionary
