#include "reports/displacement/flow_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace gridproof::field {
namespace {

std::string file_of(std::int32_t width, std::int32_t height, const std::vector<float>& numbers) {
  std::string file = "PIEH";
  file.resize(12 + numbers.size() * sizeof(float));
  std::memcpy(&file[4], &width, 4);
  std::memcpy(&file[8], &height, 4);
  std::memcpy(&file[12], numbers.data(), numbers.size() * sizeof(float));
  return file;
}

TEST(FlowFile, HoldsRowsOfPairs) {
  const Tensor flow = flow_of_file(file_of(1, 2, {1, -2, 3.5, 0}));
  EXPECT_EQ(flow.shape(), (Shape{1, 2, 1, 2}));
  EXPECT_EQ(flow.values(), (std::vector<double>{1, -2, 3.5, 0}));
}

TEST(FlowFile, WhatIsUnknownIsNan) {
  const std::vector<double> flow = flow_of_file(file_of(1, 1, {1.666e9F, -2e9F})).values();
  EXPECT_TRUE(std::isnan(flow[0]) && std::isnan(flow[1]));
}

TEST(FlowFile, WhatIsNone) {
  EXPECT_THROW(flow_of_file(""), std::invalid_argument);
  EXPECT_THROW(flow_of_file("PIEH"), std::invalid_argument);
  EXPECT_THROW(flow_of_file("HEIP" + std::string(100, '\0')), std::invalid_argument);
  EXPECT_THROW(flow_of_file(file_of(2, 1, {0, 0, 0})), std::invalid_argument);
  EXPECT_THROW(flow_of_file(file_of(0, 1, {})), std::invalid_argument);
  EXPECT_THROW(flow_of_file(file_of(-1, -1, {0, 0})), std::invalid_argument);
  EXPECT_THROW(flow_of_file(file_of(0x7fffffff, 0x7fffffff, {0, 0})), std::invalid_argument);
}

}  // namespace
}  // namespace gridproof::field
