// One test that says whether a grid_sample is right, and in its failure why it is not:
//
//   #include <gridproof/gtest.h>
//   TEST(MySampler, Conforms) { GRIDPROOF_EXPECT_CONFORMS(my_grid_sample); }
//
// with find_package(gridproof COMPONENTS gtest) and gridproof::gtest. The function takes one of the
// two forms in reports/conformance/conformance.h; a second argument, ConformanceOptions, sets more.
// Tested by conformance_test.cc.
#pragma once

#include <gtest/gtest.h>

#include "reports/conformance/conformance.h"

#define GRIDPROOF_EXPECT_CONFORMS(...)                       \
  if (const ::gridproof::Conformance gridproof_conformance = \
          ::gridproof::check_conformance(__VA_ARGS__);       \
      gridproof_conformance.conforms) {                      \
  } else                                                     \
    ADD_FAILURE() << "grid_sample does not conform\n" << gridproof_conformance.text
