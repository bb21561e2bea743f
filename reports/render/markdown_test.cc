#include "reports/render/markdown.h"

#include <gtest/gtest.h>

#include "reports/evidence/evidence.h"
#include "reports/testing/example_report.h"

namespace gridproof::reports {
namespace {

std::string page_of(const Report& report) { return render_markdown(with_evidence(report)); }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++times;
  return times;
}

TEST(RenderMarkdown, HasItsSections) {
  const std::string page = page_of(example_report());
  for (const char* part :
       {"# grid_sample: fake\n", "123,456 samples judged", "**3 findings**, 55 undecided",
        "The gate: **does not pass: 3 findings**", "gridproof check --subject fake --seed 1",
        "| fake | made by hand |", "## Summary", "| \\[coord.nan\\] |", "## Findings",
        "### 1. fake deviates from \\[coord.nan\\]", "It gives 2 where only 1 is right.",
        "> **[coord.nan]** (documented): ", "### 2. fake was lost", "## Remarks",
        "### Remark 1. fake uses the latitude of \\[options.bicubic-4d\\]", "## Strata",
        "| fake | nan | 100 | 123,456 |"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

TEST(RenderMarkdown, AFindingCanBeReplayedFromThePage) {
  EXPECT_NE(
      page_of(example_report())
          .find("```sh\ngridproof replay '" + std::string(nan_line) + "' --subject fake\n```"),
      std::string::npos);
}

TEST(RenderMarkdown, CountsByKindOfQuestionWhereThereAreSeveral) {
  const std::string page = page_of(example_report());
  EXPECT_EQ(count(page, "| question | samples | cases |"), 1U);
  EXPECT_NE(page.find("| bilinear border align\\_corners=True 5-D f16 | 499 | 12 |"),
            std::string::npos);
}

// What a subject says cannot break the page.
TEST(RenderMarkdown, ForeignTextIsHarmless) {
  const std::string page = page_of(example_report());
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_NE(page.find("`` refused: strides `1` \\| not supported ``"), std::string::npos);
}

TEST(RenderMarkdown, ALongCaseIsInTheFileOfCases) {
  Report report = example_report();
  const std::string line = "grid_sample input=f32[1,1,1,600]{" + [] {
    std::string values = "1";
    for (int i = 1; i < 600; ++i) values += i % 2 == 0 ? ",1" : ",5.25";
    return values;
  }() + "} grid=f32[1,1,1,2]{0,0}";
  report.result.findings = {
      finding_of({incident_of(Verdict::deviates, "coord.nan", line, one_value(Dtype::f32, 2))})};
  const std::string page = page_of(report);
  EXPECT_EQ(page.find(line.substr(0, 1000)), std::string::npos);
  EXPECT_NE(page.find("gridproof replay cases.txt:4 --subject fake"), std::string::npos);
}

TEST(RenderMarkdown, DependsOnNothingButTheCampaign) {
  const Report report = example_report();
  Report later = report;
  later.day = "2027-01-01";
  later.result.elapsed = std::chrono::seconds(1000);
  EXPECT_EQ(page_of(report), page_of(later));
}

// The table of clauses says of each whether it was tested; counts are of what was asked.
TEST(RenderMarkdown, SaysWhatWasTested) {
  Report report = clean_report();
  Participation& part = report.result.participation["fake"];
  part.untested = {"infinity.zeros"};
  part.unsupported = {"bicubic.kernel"};
  std::erase_if(part.parts, [](const std::string& one) { return one.starts_with("bicubic"); });
  const std::string page = page_of(report);
  for (const char* part_of_it :
       {"\n1,000 samples judged against", "The gate: **does not pass: 1 clause not tested**.",
        "\n**of fake 1 clause was not tested: \\[infinity.zeros\\]**\n",
        "| judged | 1,000 samples in 100 cases |", "| fake | takes part in bilinear, nearest |",
        "| fake | 3-way combinations: 7,000 of 7,001 |",
        "| subject | clause | decided | same-bits |", "| **fake** | **all** | 995 |",
        "|  | \\[coord.nan\\] | 600 |", "|  | \\[infinity.zeros\\] | **not tested** |",
        "|  | \\[bicubic.kernel\\] | takes no part |", "| fake | nan | 100 | 1,000 |"}) {
    EXPECT_NE(page.find(part_of_it), std::string::npos) << part_of_it << page;
  }
  EXPECT_NE(page_of(clean_report()).find("The gate: **passes**."), std::string::npos);
}

}  // namespace
}  // namespace gridproof::reports
