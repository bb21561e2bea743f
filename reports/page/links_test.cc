#include "reports/page/links.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <stdexcept>

#include "reference/semantics/clauses.h"

namespace gridproof::reports {
namespace {

TEST(Links, EveryClauseHasAPlace) {
  for (const Clause& clause : clauses()) {
    EXPECT_TRUE(address_of(clause.name).ends_with("#" + clause.name)) << clause.name;
  }
  EXPECT_EQ(address_of("coord.nan"), "nonfinite.html#coord.nan");
  EXPECT_EQ(address_of("coordinates.md#x"), "coordinates.html");
  EXPECT_EQ(address_of("claim.nan"), "myths.html#claim.nan");
  EXPECT_EQ(address_of("no.such"), "");
}

RC_GTEST_PROP(Links, AQuestionComesBack, (const std::string& text)) {
  const std::string link = question_link(text);
  const std::string start = "question.html#q=";
  RC_ASSERT(link.starts_with(start));
  const std::string packed = link.substr(start.size());
  RC_ASSERT(
      packed.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
                               "_") == std::string::npos);
  RC_ASSERT(unpacked(packed) == text);
}

RC_GTEST_PROP(Links, NoTextBreaksTheReader, (const std::string& text)) {
  try {
    unpacked(text);
  } catch (const std::invalid_argument&) {
    RC_SUCCEED("refused");
  }
}

TEST(Links, APartOfALinkIsRefused) {
  const std::string link = question_link("grid_sample input=f32[1,1,1,1]{1}");
  const std::string packed = link.substr(link.find('=') + 1);
  EXPECT_THROW(unpacked(packed.substr(0, packed.size() / 2)), std::invalid_argument);
  EXPECT_THROW(unpacked("%"), std::invalid_argument);
}

TEST(Links, TheSiteIsAnAddressOrAFolder) {
  unsetenv("GRIDPROOF_SITE");
  EXPECT_EQ(site_address(), "");
  setenv("GRIDPROOF_SITE", "https://example.org/spec", 1);
  EXPECT_EQ(site_address(), "https://example.org/spec/");
  setenv("GRIDPROOF_SITE", "/tmp/pages/", 1);
  EXPECT_EQ(site_address(), "file:///tmp/pages/");
  unsetenv("GRIDPROOF_SITE");
}

}  // namespace
}  // namespace gridproof::reports
