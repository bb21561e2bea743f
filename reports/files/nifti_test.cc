#include "reports/files/nifti.h"

#include <gtest/gtest.h>
#include <nifti2_io.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/files/example_bytes.h"
#include "reports/files/example_gzip.h"

namespace gridproof::reports::files {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// A header of three axes, x first, of f32 without directions.
nifti_1_header header_of(const std::vector<std::int16_t>& sizes) {
  nifti_1_header header{};
  header.sizeof_hdr = 348;
  header.dim[0] = static_cast<std::int16_t>(sizes.size());
  std::ranges::copy(sizes, &header.dim[1]);
  std::ranges::fill(header.pixdim, 1.F);
  header.datatype = NIFTI_TYPE_FLOAT32;
  header.vox_offset = 352;
  header.xyzt_units = NIFTI_UNITS_MM;
  std::ranges::copy("n+1", header.magic);
  return header;
}

Bytes file_of(const nifti_1_header& header, const std::string& data) {
  return bytes_of(packed(header) + std::string(4, '\0') + data);
}
template <class Number>
Bytes file_of(const nifti_1_header& header, int datatype, const std::vector<Number>& numbers) {
  nifti_1_header other = header;
  other.datatype = static_cast<std::int16_t>(datatype);
  std::string data;
  for (const Number number : numbers) data += packed(number);
  return file_of(other, data);
}

std::vector<double> values_of(const Bytes& file) { return read_nifti(file).tensor.values(); }
std::string error_of_nifti(const Bytes& file) {
  return error_of([&] { read_nifti(file); });
}

TEST(Nifti, XIsTheLastAxis) {
  const Bytes file =
      file_of(header_of({3, 2, 1}), NIFTI_TYPE_FLOAT32, std::vector<float>{1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(is_nifti(file));
  const FileTensor volume = read_nifti(file);
  EXPECT_EQ(volume.content, Content::volume);
  EXPECT_TRUE(volume.tensor.same_values(
      Tensor(Dtype::f32, {1, 1, 1, 2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6})));
  EXPECT_EQ(volume.note,
            "is NIfTI-1 of f32, size 3 x 2 x 1 (x first), read as [1,1,1,2,3]; voxels of 1 x 1 x 1 "
            "mm, without directions");
  EXPECT_EQ(read_nifti(file_of(header_of({3, 2}), NIFTI_TYPE_UINT8,
                               std::vector<std::uint8_t>{1, 2, 3, 4, 5, 255}))
                .tensor.shape(),
            (Shape{1, 1, 2, 3}));
}

TEST(Nifti, TypesAndTheirDtypes) {
  const nifti_1_header header = header_of({2, 1, 1});
  const auto holds = [&](int datatype, auto low, auto high, Dtype dtype) {
    const FileTensor read = read_nifti(file_of(header, datatype, std::vector{low, high}));
    EXPECT_EQ(read.tensor.dtype(), dtype) << datatype;
    EXPECT_EQ(read.tensor.values(),
              (std::vector<double>{static_cast<double>(low), static_cast<double>(high)}))
        << datatype;
  };
  holds(NIFTI_TYPE_UINT8, std::uint8_t{1}, std::uint8_t{255}, Dtype::f32);
  holds(NIFTI_TYPE_INT8, std::int8_t{-128}, std::int8_t{127}, Dtype::f32);
  holds(NIFTI_TYPE_UINT16, std::uint16_t{1}, std::uint16_t{65535}, Dtype::f32);
  holds(NIFTI_TYPE_INT16, std::int16_t{-32768}, std::int16_t{2}, Dtype::f32);
  holds(NIFTI_TYPE_UINT32, std::uint32_t{1}, std::uint32_t{4294967295}, Dtype::f64);
  holds(NIFTI_TYPE_INT32, std::int32_t{-7}, std::int32_t{1 << 30}, Dtype::f64);
  holds(NIFTI_TYPE_UINT64, std::uint64_t{1}, std::uint64_t{1} << 60U, Dtype::f64);
  holds(NIFTI_TYPE_INT64, std::int64_t{-1}, std::int64_t{1} << 60U, Dtype::f64);
  holds(NIFTI_TYPE_FLOAT32, 0.1F, -2.F, Dtype::f32);
  holds(NIFTI_TYPE_FLOAT64, 0.1, -2.0, Dtype::f64);
  const auto error = [&](int datatype) {
    return error_of_nifti(file_of(header, datatype, std::vector<double>(4)));
  };
  EXPECT_EQ(error(NIFTI_TYPE_COMPLEX64),
            "its datatype is 32 (NIFTI_TYPE_COMPLEX64): expected integers of 8 to 64 bits, "
            "FLOAT32, FLOAT64, RGB24 or RGBA32");
  EXPECT_EQ(
      error(3),
      "its datatype is 3: expected integers of 8 to 64 bits, FLOAT32, FLOAT64, RGB24 or RGBA32");
  EXPECT_NE(error(DT_BINARY), "none");
  EXPECT_NE(error(DT_UNKNOWN), "none");
}

TEST(Nifti, ColorsAreChannels) {
  const FileTensor read = read_nifti(
      file_of(header_of({2, 1, 1}), NIFTI_TYPE_RGB24, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read.tensor.shape(), (Shape{1, 3, 1, 1, 2}));
  EXPECT_EQ(read.tensor.values(), (std::vector<double>{1, 4, 2, 5, 3, 6}));
}

TEST(Nifti, BigEndianIsTurned) {
  nifti_1_header header = header_of({2, 1, 1});
  header.datatype = NIFTI_TYPE_INT16;
  swap_nifti_header(&header, 1);
  EXPECT_EQ(values_of(file_of(header, std::string("\x01\x02\xff\xfe", 4))),
            (std::vector<double>{258, -2}));
}

TEST(Nifti, TheSecondVersion) {
  nifti_2_header header{};
  header.sizeof_hdr = 540;
  std::ranges::copy(std::string("n+2\0\r\n\x1a\n", 8), header.magic);
  header.datatype = NIFTI_TYPE_FLOAT64;
  header.dim[0] = 2;
  header.dim[1] = 2;
  header.dim[2] = 1;
  header.pixdim[1] = header.pixdim[2] = 0.5;
  header.vox_offset = 544;
  const auto file = [&] {
    return bytes_of(packed(header) + std::string(4, '\0') + packed(1.5, -1.0));
  };
  ASSERT_TRUE(is_nifti(file()));
  EXPECT_EQ(values_of(file()), (std::vector<double>{1.5, -1}));
  header.dim[1] = std::int64_t{1} << 62U;
  header.dim[2] = 4;
  EXPECT_EQ(error_of_nifti(file()),
            "its size of 4611686018427387904 x 4 has more than 67108864 elements (--max-elements "
            "raises that)");
  header.dim[1] = 2;
  header.vox_offset = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(error_of_nifti(file()),
            "its data begin at byte 9223372036854775807 (vox_offset): expected a whole number "
            "of 544 or more");
}

TEST(Nifti, NumbersAreScaled) {
  nifti_1_header header = header_of({2, 1, 1});
  const auto values = [&](float slope, float intercept) {
    header.scl_slope = slope;
    header.scl_inter = intercept;
    return values_of(file_of(header, NIFTI_TYPE_INT16, std::vector<std::int16_t>{3, -4}));
  };
  const std::vector<double> as_they_are = {3, -4};
  EXPECT_EQ(values(2, 0.5), (std::vector<double>{6.5, -7.5}));
  EXPECT_EQ(values(0, 7), as_they_are);
  EXPECT_EQ(values(nan, nan), as_they_are);
  header.scl_slope = 2;
  header.scl_inter = nan;
  EXPECT_EQ(error_of_nifti(file_of(header, std::string(8, '\0'))),
            "its scl_inter is nan: expected a number");
  header.scl_inter = 1;
  EXPECT_NE(read_nifti(file_of(header, std::string(8, '\0')))
                .note.find("each number times 2 plus 1 (scl_slope, scl_inter)"),
            std::string::npos);
}

TEST(Nifti, TimesAndComponentsAreChannels) {
  const std::vector<float> numbers = {1, 2, 3, 4};
  const auto read = [&](const std::vector<std::int16_t>& sizes) {
    return read_nifti(file_of(header_of(sizes), NIFTI_TYPE_FLOAT32, numbers));
  };
  EXPECT_EQ(read({2, 1, 1, 2}).tensor.shape(), (Shape{1, 2, 1, 1, 2}));
  EXPECT_EQ(read({2, 1, 1, 2}).tensor.values(), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_NE(read({2, 1, 1, 2}).note.find(", its 2 times as channels"), std::string::npos);
  EXPECT_EQ(read({2, 1, 2, 1}).tensor.shape(), (Shape{1, 1, 2, 1, 2}));
  EXPECT_NE(read({2, 1, 2, 1}).note.find(", without its time axis"), std::string::npos);
  EXPECT_EQ(read({1, 1, 1, 1, 4}).tensor.shape(), (Shape{1, 4, 1, 1, 1}));
  EXPECT_EQ(error_of([&] { read({1, 1, 1, 2, 2}); }),
            "its size is 1 x 1 x 1 x 2 x 2: it has both a time axis and a component axis, expected "
            "size 1 for one of them");
  EXPECT_EQ(
      error_of([&] { read({4}); }),
      "its size is 4: expected two or three spatial axes, one time axis and one component axis");
  EXPECT_EQ(error_of([&] { read({1, 1, 1, 1, 1, 4}); }),
            "its size is 1 x 1 x 1 x 1 x 1 x 4: expected two or three spatial axes, one time axis "
            "and one component axis");
}

TEST(Nifti, VectorsAreLast) {
  nifti_1_header header = header_of({2, 1, 1, 1, 3});
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  const auto read = [&](const nifti_1_header& one) {
    return read_nifti(file_of(one, NIFTI_TYPE_FLOAT32, numbers));
  };
  for (const int intent : {NIFTI_INTENT_NONE, NIFTI_INTENT_VECTOR, NIFTI_INTENT_DISPVECT}) {
    header.intent_code = static_cast<std::int16_t>(intent);
    EXPECT_EQ(read(header).content, Content::vectors);
    EXPECT_EQ(read(header).tensor.shape(), (Shape{1, 1, 2, 3}));
    EXPECT_EQ(read(header).tensor.values(), (std::vector<double>{1, 3, 5, 2, 4, 6}));
  }
  header.intent_code = NIFTI_INTENT_ESTIMATE;
  EXPECT_EQ(read(header).content, Content::volume);
  EXPECT_EQ(read(header).tensor.shape(), (Shape{1, 3, 1, 1, 2}));
  header = header_of({3, 1, 1, 1, 2});  // of a plane
  header.intent_code = NIFTI_INTENT_VECTOR;
  EXPECT_EQ(read(header).tensor.shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(read(header).tensor.values(), (std::vector<double>{1, 4, 2, 5, 3, 6}));
  header = header_of({1, 1, 3, 1, 2});
  header.intent_code = NIFTI_INTENT_VECTOR;
  EXPECT_EQ(error_of([&] { read(header); }),
            "its vectors have 2 components, and its size is 1 x 1 x 3 x 1 x 2: expected 3 "
            "components, or 2 for a single slice");
  header = header_of({2, 1, 1, 3});  // FSL has them on the axis of time
  EXPECT_EQ(read(header).content, Content::volume);
  header.intent_code = 2006;
  EXPECT_EQ(read(header).content, Content::vectors);
  EXPECT_EQ(read(header).tensor.shape(), (Shape{1, 1, 2, 3}));
  header.intent_code = 2007;
  EXPECT_EQ(error_of([&] { read(header); }),
            "it holds coefficients, as FNIRT writes them (intent 2007): expected values, or "
            "displacements such as fnirtfileutils makes from them");
}

TEST(Nifti, DirectionsAreThoseOfSformElseQform) {
  nifti_1_header header = header_of({1, 1, 1});
  const auto frame = [&] {
    return read_nifti(file_of(header, std::string(4, '\0'))).frame.value();
  };
  const auto note = [&] { return read_nifti(file_of(header, std::string(4, '\0'))).note; };
  header.pixdim[1] = -2;
  header.pixdim[2] = 0;  // said by nobody
  EXPECT_EQ(frame().source, "");
  EXPECT_EQ(frame().spacing, (std::array<double, 3>{2, 1, 1}));
  header.pixdim[1] = 2;
  header.pixdim[2] = 3;
  header.pixdim[3] = 4;
  header.qform_code = 1;
  header.quatern_d = 1;  // half a turn about z
  header.qoffset_x = 10;
  EXPECT_EQ(frame().source, "qform");
  EXPECT_EQ(frame().to_world,
            (std::array<std::array<double, 4>, 3>{{{-2, 0, 0, 10}, {0, -3, 0, 0}, {0, 0, 4, 0}}}));
  EXPECT_NE(note().find("voxels of 2 x 3 x 4 mm, x, y, z towards LPS (qform)"), std::string::npos)
      << note();
  header.sform_code = 1;
  header.srow_y[0] = 5;  // x to the front
  header.srow_x[1] = 6;
  header.srow_z[2] = 7;
  header.srow_z[3] = -1;
  EXPECT_EQ(frame().source, "sform");
  EXPECT_EQ(frame().spacing, (std::array<double, 3>{5, 6, 7}));
  EXPECT_EQ(frame().to_world,
            (std::array<std::array<double, 4>, 3>{{{0, 6, 0, 0}, {5, 0, 0, 0}, {0, 0, 7, -1}}}));
  EXPECT_NE(note().find("towards ARS (sform)"), std::string::npos) << note();
  header.xyzt_units = NIFTI_UNITS_MICRON;
  EXPECT_EQ(frame().spacing, (std::array<double, 3>{0.005, 0.006, 0.007}));
  header.xyzt_units = 0;
  EXPECT_NE(note().find("7 (the file says no unit: taken as mm)"), std::string::npos) << note();
  header.srow_z[2] = 0;  // a plane of directions
  EXPECT_EQ(frame().source, "");
}

TEST(Nifti, HostileHeadersAreRefused) {
  const auto error = [](const auto& change) {
    nifti_1_header header = header_of({2, 1, 1});
    change(header);
    return error_of_nifti(file_of(header, std::string(8, '\0')));
  };
  EXPECT_EQ(error([](auto&) {}), "none");
  EXPECT_EQ(error([](auto& header) { header.dim[0] = 8; }),
            "its header says 8 axes (dim[0]): expected 1 to 7");
  EXPECT_EQ(error([](auto& header) { header.dim[0] = -1; }),
            "its header says -1 axes (dim[0]): expected 1 to 7");
  EXPECT_EQ(error([](auto& header) { header.dim[2] = 0; }),
            "its size is 2 x 0 x 1: expected positive numbers");
  EXPECT_EQ(error([](auto& header) { header.dim[3] = -5; }),
            "its size is 2 x 1 x -5: expected positive numbers");
  EXPECT_EQ(error([](auto& header) {
              header.dim[0] = 7;
              std::fill(&header.dim[1], &header.dim[8], std::int16_t{32767});
            }),
            "its size of 32767 x 32767 x 32767 x 32767 x 32767 x 32767 x 32767 has more than "
            "67108864 elements (--max-elements raises that)");
  EXPECT_EQ(error([](auto& header) { header.dim[1] = 32767; }),
            "it ends too early: its data need 131068 bytes from byte 352, but it has 360 bytes");
  EXPECT_EQ(error([](auto& header) { header.pixdim[2] = nan; }),
            "its pixdim is 1, nan, 1: expected finite numbers");
  EXPECT_EQ(error([](auto& header) { header.pixdim[7] = nan; }), "none");  // of an axis that is not
  EXPECT_EQ(error([](auto& header) {
              header.sform_code = 1;
              header.srow_y[3] = nan;
            }),
            "its srow_y is 0, 0, 0, nan: expected finite numbers");
  EXPECT_EQ(error([](auto& header) {
              header.qform_code = 1;
              header.quatern_c = nan;
            }),
            "its qform is 1, 0, nan, 0, 0, 0, 0: expected finite numbers");
  for (const float offset : {nan, -1.F, 8.F, 352.5F, 1e30F}) {
    const std::string said = error([offset](auto& header) { header.vox_offset = offset; });
    EXPECT_TRUE(said.ends_with("(vox_offset): expected a whole number of 352 or more")) << said;
  }
  EXPECT_EQ(error([](auto& header) { header.vox_offset = 0; }), "none");
  EXPECT_EQ(error([](auto& header) { header.vox_offset = 1e6F; }),
            "it ends too early: its data need 8 bytes from byte 1000000, but it has 360 bytes");
}

TEST(Nifti, PairsAreRefused) {
  constexpr const char* pair =
      "it is the header of a .hdr/.img pair: expected a single NIfTI file, .nii";
  nifti_1_header header = header_of({2, 1, 1});
  header.magic[1] = 'i';
  ASSERT_TRUE(is_nifti(bytes_of(packed(header))));
  EXPECT_EQ(error_of_nifti(bytes_of(packed(header))), pair);
  std::ranges::fill(header.magic, '\0');  // of Analyze
  ASSERT_TRUE(is_nifti(bytes_of(packed(header))));
  EXPECT_EQ(error_of_nifti(bytes_of(packed(header))), pair);
  EXPECT_FALSE(is_nifti(bytes_of(packed(header, 0))));
  EXPECT_FALSE(is_nifti({}));
}

TEST(Nifti, PackedByGzip) {
  const Bytes plain =
      file_of(header_of({3, 1, 1}), NIFTI_TYPE_FLOAT32, std::vector<float>{1, 2, 3});
  const auto text = [](const Bytes& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  EXPECT_EQ(read_gzip(gzip_of(text(plain))).tensor.values(), (std::vector<double>{1, 2, 3}));
  const auto error = [](const std::string& unpacked) {
    return error_of([&] { read_gzip(gzip_of(unpacked)); });
  };
  EXPECT_EQ(error("any text"), "it is gzip data of an unknown format: expected .nii.gz");
  EXPECT_EQ(error(text(plain).substr(0, 360)), "it unpacks to 360 bytes: expected 364");
  EXPECT_EQ(error(text(plain) + std::string(1'000'000, '\0')),
            "it unpacks to more than the 364 bytes that it claims");
  // A few bytes that say that they are a quarter of a gigabyte.
  nifti_1_header header = header_of({8000, 8000, 1});
  const std::string said = error(packed(header));
  EXPECT_TRUE(said.starts_with("it claims to unpack to 256000352 bytes, which its ")) << said;
}

}  // namespace
}  // namespace gridproof::reports::files
