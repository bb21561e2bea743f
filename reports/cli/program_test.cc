#include "reports/cli/program.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"
#include "oracle/exact/exact.h"
#include "reference/semantics/clauses.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/help.h"
#include "reports/testing/temporary_folder.h"

namespace gridproof::reports {
namespace {

using nlohmann::json;

constexpr const char* nan_line =
    "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,0}";

// A command line in a folder of its own, with a roster made for the purpose: `torch-1.0` is right,
// `torch-0.9` takes NaN for 0, `broken` does not start.
struct ProgramTest : testing::Test {
  TemporaryFolder folder;
  std::string input;
  std::map<std::string, std::string> variables;
  std::vector<SubjectEntry> more;  // subjects
  std::string out;
  std::string err;

  static SubjectEntry named(SubjectEntry entry, std::string name) {
    entry.name = std::move(name);
    return entry;
  }

  static std::vector<SubjectEntry> roster() {
    const auto nan_is_zero = std::ranges::find(mutants(), "nan.zero", &Mutant::name);
    return {reference_subject(),
            exact::subject(),
            named(reference_subject(), "torch-1.0"),
            named(mutant_subject(*nan_is_zero), "torch-0.9"),
            {.name = "broken",
             .description = "for this test",
             .open = []() -> std::unique_ptr<Subject> {
               throw std::runtime_error("there is no such program");
             }},
            mutant_subject(*nan_is_zero),
            gradient_mutant_subject(*find_gradient_mutant("border.not-zero")),
            mutant_subject(*find_mutant("state.grid-by-address"))};
  }

  int run(const std::vector<std::string>& arguments) {
    std::istringstream in(input);
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    std::vector<SubjectEntry> subjects = roster();
    subjects.insert(subjects.end(), more.begin(), more.end());
    const ExitCode code =
        reports::run(all_commands(), arguments,
                     {.in = in,
                      .out = out_stream,
                      .err = err_stream,
                      .roster = std::move(subjects),
                      .variable = [this](const std::string& name) -> std::optional<std::string> {
                        const auto found = variables.find(name);
                        if (found == variables.end()) return std::nullopt;
                        return found->second;
                      }});
    out = out_stream.str();
    err = err_stream.str();
    return static_cast<int>(code);
  }

  // What is wrong with a command line: one sentence, and nothing on the output.
  std::string complaint(const std::vector<std::string>& arguments) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(out, "");
    EXPECT_TRUE(err.starts_with("gridproof: ")) << err;
    EXPECT_EQ(std::ranges::count(err, '\n'), 1) << err;
    return err.substr(11, err.size() - 12);
  }

  static std::string last_line(const std::string& text) {
    const std::size_t end = text.rfind('\n', text.size() - 2);
    return text.substr(end + 1, text.size() - end - 2);
  }
  bool says(const std::string& part) const { return out.find(part) != std::string::npos; }
};

TEST_F(ProgramTest, Help) {
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* command : {"subjects", "check", "replay", "explain", "spec", "vectors"}) {
    EXPECT_EQ(run({command, "--help"}), 0);
    EXPECT_TRUE(says(std::string("Example:\n  gridproof ") + command)) << out;
  }
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_TRUE(out.starts_with("gridproof 0."));
}

// What was called otherwise in earlier versions still works, and says how it is called now.
TEST_F(ProgramTest, OldNames) {
  EXPECT_EQ(run({"score", "nearest.half-away"}), 0);
  EXPECT_EQ(err, "gridproof: score is now mutation-score\n");
  EXPECT_EQ(run({"check", "--subject", "exact", "--cases", "1", "--report", folder / "report",
                 "--most-lost=3", "--most-elements", "1000000"}),
            1);
  EXPECT_TRUE(
      err.starts_with("gridproof: --cases is now --max-cases\n"
                      "gridproof: --report is now --out\n"
                      "gridproof: --most-lost is now --max-lost\n"
                      "gridproof: --most-elements is now --max-elements\n"))
      << err;
  EXPECT_EQ(run({"vectors", "--out", folder / "vectors", "--cases", "1"}), 0);
  EXPECT_EQ(err, "gridproof: --cases is now --cases-per-clause\n");
  EXPECT_EQ(run({"help", "waive"}), 0);
  EXPECT_TRUE(says("gridproof propose-waivers"));
  EXPECT_EQ(run({"--help"}), 0);
  for (const char* const old : {"\n  score ", "\n  waive ", "--most-elements"}) {
    EXPECT_FALSE(says(old)) << old;
  }
  EXPECT_EQ(run({"check", "--help"}), 0);
  for (const char* const old : {"--cases", "--samples", "--report ", "--most-"}) {
    EXPECT_FALSE(says(old)) << old;
  }
}

// The examples of the help are command lines that work.
TEST_F(ProgramTest, TheExamplesWork) {
  EXPECT_EQ(run({"replay",
                 "grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                 "grid=f32[1,1,1,2]{nan,0}",
                 "--subject", "reference"}),
            0);
  EXPECT_EQ(run({"explain", "grid_sample input=f32[1,1,2,2]{1..4} grid=f32[1,1,1,2]{0.25,-0.5}"}),
            0);
  EXPECT_EQ(run({"spec", "coord.nan"}), 0);
}

TEST_F(ProgramTest, BadCommandLines) {
  EXPECT_EQ(complaint({}),
            "no command: expected smoke, check, matrix, merge, propose-waivers, diagnose, "
            "explain, reduce, displacement, spec, replay, vectors, subjects, peers, probe, "
            "mutation-score "
            "or bench (see 'gridproof --help')");
  EXPECT_EQ(complaint({"chekc"}),
            "unknown command 'chekc': did you mean check? expected smoke, check, "
            "matrix, merge, "
            "propose-waivers, diagnose, explain, reduce, displacement, spec, replay, vectors, "
            "subjects, peers, probe, mutation-score or bench (see 'gridproof --help')");
  EXPECT_EQ(complaint({"check", "--seed"}), "--seed needs a value (see 'gridproof check --help')");
  EXPECT_EQ(complaint({"check", "--seed", "1", "--seed", "2"}),
            "--seed is given more than once (see 'gridproof check --help')");
  EXPECT_EQ(complaint({"check", "--colored", "more"}),
            "unexpected argument: --colored (see 'gridproof check --help')");
  EXPECT_EQ(complaint({"explain", nan_line, nan_line}),
            "unexpected argument: " + std::string(nan_line) + " (see 'gridproof explain --help')");
  EXPECT_EQ(complaint({"replay"}), "no case was given (see 'gridproof replay --help')");
  EXPECT_EQ(complaint({"explain", nan_line, "--sample", "0", "--at", "0,0,0"}),
            "--sample excludes --at (see 'gridproof explain --help')");
}

TEST_F(ProgramTest, BadValues) {
  EXPECT_EQ(complaint({"check", "--max-samples", "nan"}),
            "--max-samples is 'nan': expected a positive whole number such as 1000000 or 1e6");
  EXPECT_EQ(complaint({"check", "--max-cases", "-5"}),
            "--max-cases is '-5': expected a positive whole number such as 1000000 or 1e6");
  EXPECT_EQ(complaint({"check", "--budget", "30"}),
            "--budget is '30': expected a time such as 30s, 500ms, 5min or 1h");
  EXPECT_EQ(complaint({"check", "--shard", "3/2"}),
            "--shard is '3/2': expected i/n with 1 <= i <= n, such as 2/3");
  EXPECT_EQ(complaint({"check", "--seed", "1.5"}),
            "--seed is '1.5': expected a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(complaint({"check", "--threads", "0"}),
            "--threads is '0': expected a whole number from 1 to 1024");
  EXPECT_EQ(complaint({"check", "--profile", "P9"}),
            "--profile is 'P9': expected P0, P1, P2, P3, P4c(f16), P4c(bf16), P4a(f16), "
            "P4a(bf16) or P5(1) … P5(23)");
  EXPECT_EQ(complaint({"check", "--subject", "torch-1"}),
            "--subject is 'torch-1': expected reference, exact, torch-1.0, torch-0.9, broken, "
            "torch, peer:NAME, "
            "process:COMMAND or the path of a plug-in (.so), or did you mean torch-1.0?");
}

TEST_F(ProgramTest, BadCases) {
  const auto begins = [&](const std::string& line, const std::string& beginning) {
    const std::string sentence = complaint({"replay", line});
    EXPECT_TRUE(sentence.starts_with(beginning)) << sentence;
  };
  begins("grid_sample input=f32[1,1,1,2]{1}", "column 34 of the case: the shape [1,1,1,2] ");
  begins("grid_sample input=f32[4294967296,4294967296,1,1]{} grid=f32[1,1,1,2]{0,0}",
         "column 49 of the case: the shape [4294967296,4294967296,1,1] ");
  begins("grid_sample mode=nearest", "column 25 of the case: ");
  EXPECT_EQ(complaint({"replay",
                       "grid_sample input=f32[1,1048576,1,1]strides[0,0,0,0]{1} "
                       "grid=f32[1,4096,4096,2]strides[0,0,0,0]{0}"}),
            "column 99 of the case: its output has more than 67108864 elements (--max-elements "
            "raises that)");
  const std::string empty = folder.write("empty", "# nothing\n");
  EXPECT_EQ(complaint({"replay", empty}),
            "'" + empty +
                "' holds no case: expected lines such as 'grid_sample input=f32[1,1,1,2]{1,2} "
                "grid=f32[1,1,1,2]{0,0}'");
  EXPECT_EQ(complaint({"explain", nan_line, "--sample", "1"}),
            "--sample is '1': expected 0 to 0, the case has 1 sample");
  EXPECT_EQ(complaint({"explain", nan_line, "--channel", "3"}),
            "--channel is '3': expected 0 to 0, the case has 1 channel");
  EXPECT_EQ(complaint({"explain", nan_line, "--at", "0,1,0"}),
            "--at is '0,1,0': expected 3 indices within [1,1,1]");
  EXPECT_EQ(complaint({"explain", "grid_sample input=f32[0,1,1,1]{} grid=f32[0,1,1,2]{}"}),
            "the output of this case has no samples");
}

TEST_F(ProgramTest, SubjectsThatDoNotStart) {
  EXPECT_EQ(complaint({"replay", nan_line, "--subject", "broken"}),
            "broken does not start: there is no such program");
  EXPECT_EQ(
      complaint({"check", "--subject", "broken", "--max-cases", "1", "--out", folder / "report"}),
      "broken does not start: there is no such program");
  EXPECT_EQ(run({"subjects"}), 0);
  EXPECT_TRUE(says("broken     no      for this test: there is no such program\n")) << out;
  EXPECT_TRUE(says("torch-1.0  yes"));
  EXPECT_FALSE(says("mutant:nan.zero"));
  EXPECT_EQ(run({"subjects", "--controls"}), 0);
  EXPECT_TRUE(says("mutant:nan.zero"));
}

TEST_F(ProgramTest, ReplayOfAFinding) {
  EXPECT_EQ(run({"replay", nan_line, "--subject", "reference", "--subject", "torch-0.9"}), 1);
  EXPECT_EQ(out,
            "nearest, zeros, align_corners=False; input f32[1,1,1,4], grid f32[1,1,1,2]\n"
            "\n"
            "sample 0, channel 0 at coordinate (nan, 0)\n"
            "  admissible  1  [coord.nan]\n"
            "  reference   1  same-bits\n"
            "  torch-0.9   0  deviates [coord.nan]\n");
}

// A case that is a sequence: several lines, as arguments or of a file, in the same memory.
TEST_F(ProgramTest, ReplayOfASequence) {
  const Mutant& mutant = *find_mutant("state.grid-by-address");
  std::istringstream separating(mutant.separating);
  std::vector<std::string> lines;
  for (std::string line; std::getline(separating, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 2U);
  const std::vector<std::string> last = {"replay", lines[1], "--subject", "mutant:" + mutant.name};
  EXPECT_EQ(run(last), 0) << out;
  const std::vector<std::string> both = {"replay", lines[0], lines[1], "--subject",
                                         "mutant:" + mutant.name};
  EXPECT_EQ(run(both), 1) << out;
  EXPECT_TRUE(says("deviates [")) << out;
  const std::string file = folder.write("cases.txt", "# two\n" + lines[0] + '\n' + lines[1] + '\n');
  EXPECT_EQ(run({"replay", file + ":3", "--subject", "mutant:" + mutant.name}), 0) << out;
  EXPECT_EQ(run({"replay", file + ":2-3", "--subject", "mutant:" + mutant.name}), 1) << out;
  EXPECT_EQ(complaint({"replay", file + ":2-4", "--subject", "torch-1.0"}),
            '\'' + file + "' has 3 lines, so there is no line 4");
  EXPECT_TRUE(complaint({"replay", file + ":3-2", "--subject", "torch-1.0"})
                  .ends_with(" is neither a case nor a file: a case starts with 'grid_sample '"));
}

// Equal questions are to be answered alike, to the bit.
TEST_F(ProgramTest, ReplayObjectsToAChange) {
  const std::string wavering = folder.write("adapter.py", R"(
import sys
sys.path.insert(0, ")" GRIDPROOF_SOURCE_DIR R"(/oracle/subjects/templates")
import adapter, numpy
asked = 0
def grid_sample(input, grid, **options):
    global asked
    asked += 1
    value = input[:, :, :1, :1] * numpy.float32(0.5) + input[:, :, :1, 1:2] * numpy.float32(0.5)
    return value if asked == 1 else numpy.nextafter(value, numpy.float32(9))
adapter.serve(grid_sample, name="wavering", version="1")
)");
  const std::string line = "grid_sample input=f32[1,1,1,2]{0.1,0.7} grid=f32[1,1,1,2]{0x1p-26,0}";
  const std::string subject = "it=process:/usr/bin/python3 " + wavering;
  EXPECT_EQ(run({"replay", line, "--subject", subject}), 0) << out << err;
  EXPECT_EQ(run({"replay", line, line, "--subject", subject}), 1) << out << err;
  EXPECT_TRUE(says("deviates [shape.sample]")) << out;
}

// Of those who answer when nobody is named, who cannot start is left out and named.
TEST_F(ProgramTest, ReplayByDefaultAsksWhoStarts) {
  EXPECT_EQ(run({"replay", nan_line}), 1) << err;
  EXPECT_TRUE(
      out.starts_with("left out: broken does not start: there is no such program\n"
                      "nearest, zeros, align_corners=False; "))
      << out;
  EXPECT_TRUE(says("\n  exact       1  same-bits\n")) << out;
  EXPECT_TRUE(says("\n  torch-0.9   0  deviates [coord.nan]\n")) << out;
  EXPECT_FALSE(says("mutant:")) << out;
}

TEST_F(ProgramTest, ASignOfZeroIsLatitude) {
  const std::string line =
      "grid_sample mode=nearest input=f32[1,1,1,2]{-1,2} grid=f32[1,1,1,2]{9,0}";
  const std::string masked = folder.write("adapter.py", R"(
import sys
sys.path.insert(0, ")" GRIDPROOF_SOURCE_DIR R"(/oracle/subjects/templates")
import adapter, numpy
def grid_sample(input, grid, **options):
    return input[:, :, :1, :1] * numpy.float32(0)  # a mask
adapter.serve(grid_sample, name="masked", version="1")
)");
  const std::vector<std::string> replay = {"replay",
                                           line,
                                           "--subject",
                                           "m=process:/usr/bin/python3 " + masked,
                                           "--readable",  // a clone may lie in a home
                                           GRIDPROOF_SOURCE_DIR "/oracle/subjects/templates"};
  EXPECT_EQ(run(replay), 0) << err;
  EXPECT_TRUE(says("\n  m           -0  latitude [arith.zero-sign]\n")) << out;
  std::vector<std::string> strict = replay;
  strict.emplace_back("--strict");
  EXPECT_EQ(run(strict), 1);
}

TEST_F(ProgramTest, ReplayOfRefusals) {
  EXPECT_EQ(run({"replay", "grid_sample mode=cubic input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}",
                 "--subject", "torch-1.0"}),
            0);
  EXPECT_TRUE(says("a refusal under [options.mode]"));
  EXPECT_TRUE(says("refused [options.mode]: mode is 'cubic'"));
  EXPECT_TRUE(says("admissible\n"));
  EXPECT_EQ(run({"replay", "grid_sample input=i32[]{1} grid=f64[0]{}", "--subject", "exact"}), 0);
  EXPECT_TRUE(says("a refusal under [shape.rank]"));
  EXPECT_EQ(run({"replay", "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,0,1,2]{}", "--subject",
                 "exact"}),
            0);
  EXPECT_TRUE(says("an empty output"));
}

TEST_F(ProgramTest, ReplayOfManySamplesShowsTheNotableOnes) {
  EXPECT_EQ(run({"replay",
                 "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} "
                 "grid=f32[1,1,20,2]{0.25*30,nan,0.25*9}",
                 "--subject", "torch-0.9"}),
            1);
  EXPECT_TRUE(says("sample 15, channel 0 at coordinate (nan, 0.25)")) << out;
  EXPECT_FALSE(says("sample 0,"));
  EXPECT_TRUE(says("1 element of 20 shown"));
}

TEST_F(ProgramTest, ReplayOfAFileSumsUp) {
  const std::string file =
      folder.write("cases.txt", std::string("# two cases\n") + nan_line +
                                    "\ngrid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n");
  EXPECT_EQ(run({"replay", file, "--subject", "torch-0.9"}), 1);
  EXPECT_TRUE(says(file + ":2: nearest, zeros"));
  EXPECT_TRUE(
      says("2 cases by worst verdict  same-bits  deviates\n"
           "torch-0.9                         1         1\n"))
      << out;
  EXPECT_EQ(run({"replay", file + ":3", "--subject", "torch-0.9"}), 0);
  input = "grid_sample input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0}\n";
  EXPECT_EQ(run({"replay", "-", "--subject", "torch-0.9"}), 0);
  EXPECT_TRUE(says("standard input:1: bilinear"));
}

TEST_F(ProgramTest, CheckOfASubjectThatConforms) {
  EXPECT_EQ(run({"check", "--subject", "exact", "--max-cases", "300", "--out", folder / "report"}),
            0);
  EXPECT_TRUE(last_line(out).ends_with(" undecided")) << out;
  EXPECT_NE(last_line(out).find(" gradients judged, 0 findings, "), std::string::npos);
  EXPECT_EQ(err, "");
  for (const char* file : {"report.md", "report.html", "report.json", "report.schema.json",
                           "cases.txt", "junit.xml", "report.sarif", "badge.json", "badge.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "report" / file)) << file;
  }
}

TEST_F(ProgramTest, CheckJudgesEveryLibTorchByDefaultAndItsFindingsReplay) {
  EXPECT_EQ(run({"check", "--max-cases", "200", "--out", folder / "report"}), 1);
  const auto report = nlohmann::json::parse(folder.read("report/report.json"));
  EXPECT_EQ(report["subjects"].size(), 2U);
  ASSERT_FALSE(report["findings"].empty());
  EXPECT_EQ(last_line(out),
            std::to_string(report["totals"]["samples"].get<std::int64_t>()) + " samples and " +
                std::to_string(report["totals"]["gradients"].get<std::int64_t>()) +
                " gradients judged, " +
                fmt::format("{} finding{}, ", report["findings"].size(),
                            report["findings"].size() == 1 ? "" : "s") +
                std::to_string(report["totals"]["undecided"].get<std::int64_t>()) + " undecided");
  for (const auto& finding : report["findings"]) {
    EXPECT_EQ(finding["subject"], "torch-0.9");
    EXPECT_EQ(finding["clause"]["name"], "coord.nan");
    EXPECT_EQ(run({"replay", finding["incidents"][0]["case"], "--subject", finding["subject"]}), 1)
        << finding;
  }
}

TEST_F(ProgramTest, WhoTakesTooLongIsLostInTime) {
  const std::string hangs =
      R"(process:sh -c 'read line; echo "{\"type\":\"started\",\"protocol\":1,)"
      R"(\"name\":\"x\",\"version\":\"1\"}"; sleep 100')";
  const std::vector<std::string> check = {"check",     "--subject", "x=" + hangs,
                                          "--threads", "1",         "--max-cases",
                                          "1",         "--out",     folder / "report"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), check.begin(), check.end());
    return more;
  };
  EXPECT_EQ(run(with({"--timeout", "50ms"})), 1);
  EXPECT_NE(out.find("gave no answer within 50 ms"), std::string::npos) << out;
  EXPECT_NE(folder.read("report/report.md").find(" --timeout 50ms"), std::string::npos);
  // Nobody is waited for beyond the time of the whole campaign.
  EXPECT_EQ(run(with({"--budget", "100ms"})), 1);
  EXPECT_NE(out.find("gave no answer within "), std::string::npos) << out;
  EXPECT_EQ(out.find("gave no answer within 10000 ms"), std::string::npos) << out;
}

// Without a benchmark one sentence says how to get it; its help is help all the same.
TEST_F(ProgramTest, BenchSaysHowItIsBuilt) {
  const std::string sentence = complaint({"bench", "--quick"});
  EXPECT_TRUE(sentence.starts_with("the benchmark is not built: cmake --build ")) << sentence;
  EXPECT_TRUE(sentence.ends_with(" --target gridproof-bench-1.0")) << sentence;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"bench", "--help"}, {"bench", "-h"}, {"help", "bench"}}) {
    EXPECT_EQ(run(words), 0) << err;
    EXPECT_TRUE(says("Time the fast kernels against LibTorch")) << out;
    EXPECT_TRUE(
        says(wrapped("Its options are not listed here, because " + sentence, 80, 0, 0) + '\n'))
        << out;
  }
}

TEST_F(ProgramTest, ThreadsChangeNothing) {
  const std::vector<std::string> arguments = {"check", "--subject", "torch-0.9", "--max-cases",
                                              "200"};
  const auto report_with = [&](const std::string& threads) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--threads", threads, "--out", folder / threads});
    run(all);
    return folder.read(threads + "/report.json") + folder.read(threads + "/report.md");
  };
  EXPECT_EQ(report_with("1"), report_with("3"));
}

TEST_F(ProgramTest, GitHubIsToldWhereItRuns) {
  const std::vector<std::string> arguments = {"check", "--subject", "torch-0.9",      "--max-cases",
                                              "200",   "--out",     folder / "report"};
  const std::string summary = folder.write("summary", "before\n");
  variables = {{"GITHUB_STEP_SUMMARY", summary}};
  EXPECT_EQ(run(arguments), 1);
  const std::string quiet = out;
  EXPECT_EQ(folder.read("summary"), "before\n");  // not in GitHub Actions
  variables["GITHUB_ACTIONS"] = "true";
  EXPECT_EQ(run(arguments), 1);
  EXPECT_TRUE(out.starts_with("::error title=torch-0.9 deviates from [coord.nan]::")) << out;
  EXPECT_TRUE(out.ends_with(quiet));
  EXPECT_TRUE(folder.read("summary").starts_with("before\n## grid\\_sample: "));
  EXPECT_EQ(err, "");
  // The verdict does not depend on what can be shown.
  variables["GITHUB_STEP_SUMMARY"] = folder / "no/such/file";
  EXPECT_EQ(run(arguments), 1);
  EXPECT_TRUE(err.starts_with("gridproof: cannot append to GITHUB_STEP_SUMMARY, '")) << err;
}

TEST_F(ProgramTest, ShardsOfTheEnvironmentAndOfTheCommandLine) {
  const auto shard_of = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"check", "--subject", "exact", "--max-cases", "10", "--out", folder / "report"});
    EXPECT_LE(run(more), 1) << err;  // ten cases test no clause but a few
    const auto report = nlohmann::json::parse(folder.read("report/report.json"));
    return std::pair<int, int>(report["campaign"]["shard"]["index"],
                               report["campaign"]["shard"]["count"]);
  };
  EXPECT_EQ(shard_of({}), std::pair(1, 1));
  variables = {{"TEST_TOTAL_SHARDS", "4"}, {"TEST_SHARD_INDEX", "2"}};
  EXPECT_EQ(shard_of({}), std::pair(3, 4));
  EXPECT_EQ(shard_of({"--shard", "1/2"}), std::pair(1, 2));
  variables = {{"TEST_TOTAL_SHARDS", "4"}};
  EXPECT_EQ(complaint({"check", "--subject", "exact"}),
            "TEST_TOTAL_SHARDS and TEST_SHARD_INDEX must be set together: one is not set");
}

TEST_F(ProgramTest, NothingIsJudgedThatCouldNotBeReported) {
  const std::string file = folder.write("file", "before");
  EXPECT_EQ(complaint({"check", "--subject", "exact", "--out", file}),
            "'" + file + "' is a file: expected a folder");
  EXPECT_EQ(complaint({"check", "--subject", "exact", "--out", "/proc/gridproof"}),
            "cannot make the folder '/proc/gridproof': No such file or directory");
  EXPECT_EQ(folder.read("file"), "before");
}

TEST_F(ProgramTest, Spec) {
  EXPECT_EQ(run({"spec"}), 0);
  for (const Clause& clause : clauses()) EXPECT_TRUE(says('\n' + clause.name + ' ')) << clause.name;
  EXPECT_TRUE(last_line(out).ends_with(" documentation statements covered")) << last_line(out);
  EXPECT_EQ(run({"spec", "[coord.nan]"}), 0);
  EXPECT_TRUE(out.starts_with("[coord.nan] documented\n"));
  EXPECT_EQ(run({"spec", "bicubic.unpadded-cell"}), 0);
  EXPECT_TRUE(says("does so.\n\n    i = floor(p)\n    t = p - i\n\ngrid_sample ")) << out;
  EXPECT_EQ(complaint({"spec", "coord.nam"}),
            "no clause is named 'coord.nam' or speaks of it: did you mean coord.nan?");
  EXPECT_EQ(complaint({"spec", "xyzzy"}),
            "no clause is named 'xyzzy' or speaks of it: expected one that 'gridproof spec' lists");
  EXPECT_EQ(run({"spec", "half pixel"}), 0);
  EXPECT_TRUE(says("\ncoord.centers ")) << out;
}

TEST_F(ProgramTest, QuestionsLinkToThePagesWhereTheyAreKnown) {
  const std::string line = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}";
  for (const char* command : {"replay", "explain"}) {
    EXPECT_EQ(run({command, line}), 0) << err;
    EXPECT_FALSE(says("question.html")) << out;
    setenv("GRIDPROOF_SITE", "https://example.org", 1);
    EXPECT_EQ(run({command, line}), 0) << err;
    unsetenv("GRIDPROOF_SITE");
    EXPECT_TRUE(says("\nhttps://example.org/question.html#q=")) << out;
  }
}

TEST_F(ProgramTest, SpecWritesPages) {
  EXPECT_EQ(run({"spec", "--html", folder / "pages"}), 0) << err;
  EXPECT_TRUE(says(" files with ")) << out;
  EXPECT_NE(folder.read("pages/nonfinite.html").find("id=\"coord.nan\""), std::string::npos);
  EXPECT_EQ(run({"spec", "--html", folder / "pages"}), 0) << err;  // again, over its own
  const std::string matrix = folder.write("matrix.json", "{}");
  EXPECT_TRUE(complaint({"spec", "--html", folder / "other", "--matrix", matrix})
                  .starts_with("this is not what 'gridproof matrix' writes"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "other"));
  std::filesystem::create_directory(folder.path() / "mine");
  folder.write("mine/index.html", "mine");
  EXPECT_NE(run({"spec", "--html", folder / "mine"}), 0);
  EXPECT_EQ(folder.read("mine/index.html"), "mine");
}

TEST_F(ProgramTest, ExplainOfARefusalNamesItsClause) {
  EXPECT_EQ(run({"explain", "grid_sample input=f32[1,1,1]{1} grid=f32[1,1,1,2]{0,0}"}), 2);
  EXPECT_TRUE(says("The operator refuses this case under [shape.rank]: ")) << out;
}

TEST_F(ProgramTest, AnOutputThatCannotBeWrittenIsNoSuccess) {
  std::istringstream in;
  std::ostream closed(nullptr);
  std::ostringstream errors;
  EXPECT_EQ(reports::run(all_commands(), std::vector<std::string>{"spec", "coord.nan"},
                         {.in = in,
                          .out = closed,
                          .err = errors,
                          .variable = [](const std::string&) { return std::nullopt; }}),
            ExitCode::usage_error);
  EXPECT_EQ(errors.str(), "gridproof: cannot write to the standard output\n");
}

TEST_F(ProgramTest, ScoreOfTheSuite) {
  EXPECT_EQ(run({"mutation-score", "nearest.half-away", "shape.batch-broadcast"}), 0) << err;
  EXPECT_NE(out.find("Seen in burn before 5663: https://github.com/"), std::string::npos) << out;
  EXPECT_EQ(last_line(out), "mutants 2, killed 1, equivalent 1, survived 0");
  EXPECT_EQ(run({"mutation-score", "index.i16", "--max-samples", "1000"}), 1);
  EXPECT_EQ(last_line(out), "mutants 1, killed 0, equivalent 0, survived 1");
  EXPECT_EQ(run({"mutation-score", "grad.border.not-zero", "--max-samples", "10000"}), 0) << err;
  EXPECT_TRUE(says("grad.border.not-zero (padding): ")) << out;
  EXPECT_EQ(last_line(out), "mutants of gradients 1, killed 1, survived 0");
  EXPECT_EQ(complaint({"mutation-score", "nobody"}),
            "there is no mutant 'nobody': 'gridproof mutation-score' lists all");
}

TEST_F(ProgramTest, ProbesAreComparedWithEachOtherAndWithEarlierOnes) {
  EXPECT_EQ(run({"probe", "--subject", "torch-1.0"}), 0) << err;
  EXPECT_NE(out.find("\nnearest, ties: to even\n"), std::string::npos) << out;
  EXPECT_TRUE(last_line(out).ends_with("the same bits as reference")) << out;
  EXPECT_TRUE(says("torch-1.0: its backward pass is the transpose of its forward pass in 30 kinds"))
      << out;
  const std::string earlier = folder.write("earlier.txt", out);
  EXPECT_EQ(run({"probe", "--subject", "torch-1.0", "--baseline", earlier}), 0) << err;
  EXPECT_EQ(run({"probe", "--subject", "torch-0.9", "--baseline", earlier}), 1) << err;
  EXPECT_NE(out.find("coordinate NaN, border:\n  " + earlier + ": as -1\n  torch-0.9: nothing\n"),
            std::string::npos)
      << out;
  EXPECT_EQ(run({"probe", "--subject", "torch-0.9", "--subject", "torch-1.0"}), 0) << err;
  EXPECT_NE(out.find("torch-0.9: in 110 questions the same bits as mutant:nan.zero"),
            std::string::npos)
      << out;
  EXPECT_EQ(run({"probe", "--subject",
                 std::string("mine=") + GRIDPROOF_BINARY_DIR + "/plugins/plugin-template.so"}),
            0)
      << err;
  EXPECT_EQ(last_line(out), "mine, C example 1: in 5 questions the same bits as reference");
  EXPECT_EQ(complaint({"probe", "--subject", "torch-1.0", "--baseline", folder.write("bad", "x")}),
            (folder.path() / "bad").string() +
                ": 'x' is not a line of a fingerprint: expected NAME: VALUE");
}

TEST_F(ProgramTest, ProbesSingleSamples) {
  EXPECT_EQ(
      run({"probe", "--subject", "torch-1.0", "--grid", "[[[0.25,0]]]", "--input", "[[0,0,0,0]]"}),
      0)
      << err;
  EXPECT_EQ(out,
            "torch-1.0:\n"
            "  sample 0: reads 2 pixels\n"
            "    (2, 0)  1\n"
            "    x = 2, without rounding 2: 0 ulp, a whole number\n"
            "    y = 0, without rounding 0: 0 ulp, a whole number\n"
            "  backward: the transpose of the forward pass in all 4 weights\n");
  EXPECT_TRUE(complaint({"probe", "--subject", "torch-1.0", "--grid", "[[[0.25,0]]]"})
                  .starts_with("--grid requires --input"));
}

TEST_F(ProgramTest, DiagnosesWhatIsPastedFromAReport) {
  const std::vector<std::string> pixels = {
      "diagnose",        "--input", "[[1,2],[3,4]]", "--grid", "[[[0,0],[1,0]],[[0,1],[1,1]]]",
      "--align-corners", "true"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), pixels.begin(), pixels.end());
    return more;
  };
  EXPECT_EQ(run(with({"--expected", "[[1,2],[3,4]]"})), 1) << err;
  EXPECT_NE(out.find("the grid of shape [2,2,2] is read as [1,2,2,2]\n"), std::string::npos);
  EXPECT_NE(out.find("\nunits.pixels, align_corners=True: the grid holds pixel positions"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("    unit = torch.tensor([0.5, 0.5])\n"
                     "    half = 0.0\n"
                     "    grid = (grid + half) / unit - 1\n"),
            std::string::npos)
      << out;
  EXPECT_EQ(run(with({"--expected", "[[1,2],[3,4]]", "--json"})), 1) << err;
  EXPECT_EQ(nlohmann::json::parse(out)["fault"], "usage");
  EXPECT_EQ(run(with({"--intent", "identity", "--language", "C++"})), 1) << err;
  EXPECT_NE(out.find("    grid = (grid + half) / unit - 1;\n"), std::string::npos) << out;
  EXPECT_EQ(run(with({"--intent", "same-as [[1,2],[3,4]]"})), 1) << err;
  EXPECT_EQ(complaint(with({"--intent", "turn"})),
            "--intent is 'turn': expected identity, 'shift 2,0', 'rotate 30', 'flip x', "
            "'grid FILE' or 'same-as FILE'");
  EXPECT_EQ(complaint(with({"--intent", "flip z"})),
            "--intent is 'flip z': a picture has no depth");
  EXPECT_EQ(complaint(with({"--intent", "identity", "--spacing", "1,0"})),
            "--spacing is '1,0': expected 2 positive lengths, x first");
  EXPECT_EQ(complaint(with({"--intent", "identity", "--language", "Cobol"})),
            "--language is 'Cobol': expected PyTorch, NumPy, C++ or ONNX");
  EXPECT_EQ(run(with({"--observed", "[[2.5,3],[3.5,4]]"})), 0) << out;
  EXPECT_EQ(run(with({"--observed", "[[2.5,3],[3.5,5]]"})), 1) << out;
  EXPECT_EQ(complaint(pixels),
            "nothing to compare with: expected --observed, --expected or --intent");
  EXPECT_EQ(complaint(with({"--expected", "[[1,2],[3]]"})),
            "--expected '[[1,2],[3]]': its lists have different lengths");
  EXPECT_EQ(complaint(with({"--expected", "[[1,2,3]]"})),
            "the expected output has the shape [1,1,1,3]: expected the shape of the output, "
            "[1,1,2,2] (the input of shape [2,2] is read as [1,1,2,2]; the grid of shape [2,2,2] "
            "is read as [1,2,2,2]; expected of shape [1,3] is read as [1,1,1,3])");
  EXPECT_EQ(complaint(with({"--expected", "/no/such.npy"})),
            "--expected '/no/such.npy': cannot read it: No such file or directory");
  EXPECT_EQ(complaint({"diagnose", "--input", "[[1]]"}),
            "there is no question: expected a case line, or --input with --grid, --theta, "
            "--displacement or --maps");
}

TEST_F(ProgramTest, WritesACorrectedQuestion) {
  const std::string out_folder = folder / "diagnosis";
  const auto diagnose = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"diagnose", "--input", "[[1,2,4],[3,9,4]]", "--out",
                                          out_folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  EXPECT_EQ(diagnose({"--grid", "[[[0,0],[1,0],[2,0]],[[0,1],[1,1],[2,1]]]", "--intent", "identity",
                      "--align-corners", "true"}),
            1)
      << err;
  EXPECT_TRUE(out.ends_with("\nwritten to " + out_folder + '\n')) << out;
  const auto json = nlohmann::json::parse(std::ifstream(out_folder + "/diagnosis.json"));
  EXPECT_EQ(json["causes"], nlohmann::json({"units.pixels, align_corners=True"}));
  EXPECT_EQ(json["corrected"]["align_corners"], true);
  EXPECT_EQ(json["corrected"]["dtype"], "f32");
  EXPECT_EQ(json["read_as"][0], "the input of shape [2,3] is read as [1,1,2,3]");
  // The corrected grid reads the input as it is.
  EXPECT_EQ(
      run({"diagnose", "--input", out_folder + "/input.npy", "--grid", out_folder + "/grid.npy",
           "--expected", "[[1,2,4],[3,9,4]]", "--align-corners", "true"}),
      0)
      << out;
  EXPECT_EQ(json["corrected"]["input_shape"], nlohmann::json({1, 1, 2, 3}));
  EXPECT_EQ(json["corrected"]["input_is_mended"], false);
  EXPECT_TRUE(std::filesystem::exists(out_folder + "/reads.svg"));
  // What cannot be corrected has a picture and no grid, also not that of before; what is refused
  // has none.
  EXPECT_EQ(diagnose({"--grid", "[[[0,0]]]", "--observed", "[[9]]"}), 1) << err;
  EXPECT_FALSE(std::filesystem::exists(out_folder + "/grid.npy"));
  EXPECT_EQ(nlohmann::json::parse(std::ifstream(out_folder + "/diagnosis.json"))["corrected"],
            nullptr);
  const std::string refused = folder / "refused";
  EXPECT_EQ(run({"diagnose", "--input", "[[1,2]]", "--grid", "[[[0,0]]]", "--intent", "identity",
                 "--mode", "no such mode", "--out", refused}),
            1);
  EXPECT_TRUE(std::filesystem::exists(refused + "/diagnosis.json"));
  EXPECT_FALSE(std::filesystem::exists(refused + "/reads.svg"));
}

TEST_F(ProgramTest, TakesWordsAsPeopleTypeThem) {
  EXPECT_EQ(run({"diagnose", "--Image", "[[1,2],[3,4]]", "--grid", "[[[0,0]]]", "--align_corners",
                 "True", "--mode", "Linear", "--language", "numpy", "--output", "[[2.5]]"}),
            0)
      << err;
  EXPECT_EQ(run({"explain", "--input", "[[1,2],[3,4]]", "--grid", "[[[0,0]]]", "--at", "0,0"}), 0)
      << err;
  const std::vector<std::string> grid = {"--grid", "[[[0,0]]]", "--intent", "Flip Horizontal"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), "diagnose");
    more.insert(more.end(), grid.begin(), grid.end());
    return more;
  };
  EXPECT_LE(run(with({"--input", "[[1,2],[3,4]]"})), 1) << err;
  EXPECT_EQ(complaint(with({"--input", "[[1,2],[3,4]]", "--mode", "bilinar"})),
            "there is no mode or padding_mode 'bilinar': did you mean bilinear?");
  EXPECT_EQ(
      complaint(with({"--imput", "[[1]]"})),
      "unexpected argument: --imput: did you mean --input? (see 'gridproof diagnose --help')");
  EXPECT_EQ(complaint(with({"--input", "[[[[[[1]]]]]]"})),
            "--input has 6 axes and --grid 3: expected at most 5");
}

// --intent rotate 90 for --intent 'rotate 90'.
TEST_F(ProgramTest, AnIntentNeedsNoQuotes) {
  const auto intent = [&](const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"diagnose",
                                          "--input",
                                          "[[1,2],[3,4]]",
                                          "--grid",
                                          "[[[-0.5,-0.5],[0.5,-0.5]],[[-0.5,0.5],[0.5,0.5]]]",
                                          "--intent"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const int code = run(arguments);
    return code == 2 ? err : out;
  };
  for (const std::vector<std::string>& words : {std::vector<std::string>{"identity"},
                                                {"shift", "-1", "0"},
                                                {"flip", "x"},
                                                {"rotate", "-90"}}) {
    std::string joined = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) joined += ' ' + words[i];
    EXPECT_EQ(intent(words), intent({joined}));
    std::vector<std::string> before_option = words;
    before_option.insert(before_option.end(), {"--mode", "bilinear"});
    EXPECT_EQ(intent(before_option), intent({joined}));
  }
  // A case line is one by itself.
  EXPECT_EQ(run({"diagnose", "--intent", "identity",
                 "grid_sample input=f32[1,1,2,2]{1..4} "
                 "grid=f32[1,2,2,2]{-0.5,-0.5,0.5,-0.5,-0.5,0.5,0.5,0.5}"}),
            0)
      << err;
}

TEST_F(ProgramTest, AnInputWithItsChannelsLastIsReadAndSaid) {
  EXPECT_EQ(run({"diagnose", "--input", "f32[1,3,4,2]{1..24}", "--grid", "f32[1,1,1,2]{0,0}",
                 "--expected", "f32[1,2,1,1]{12,13}"}),
            1)
      << err;
  EXPECT_NE(out.find("layout.channels-last: the input has its channels last"), std::string::npos);
  EXPECT_NE(out.find("input.permute(0, 3, 1, 2)"), std::string::npos);
  EXPECT_NE(out.find("nothing else is wrong"), std::string::npos) << out;
}

// What is made of a displacement in f64 is judged in f64.
TEST_F(ProgramTest, GridsThatAreMadeHaveTheDtypeOfTheInput) {
  const std::string input = "f64[1,1,1,3]{1e6,1000001,1000003}";
  EXPECT_EQ(run({"diagnose", "--input", input, "--displacement", "f64[1,1,3,2]{0.1,0,0.1,0,-0.1,0}",
                 "--padding-mode", "border", "--observed",
                 "f64[1,1,1,3]{1000000.1,1000001.2,1000002.8}"}),
            0)
      << out << err;
  EXPECT_EQ(out.find("f32"), std::string::npos) << out;
  EXPECT_EQ(run({"diagnose", "--input", "f32[1,1,1,3]{1,2,4}", "--grid", "f64[1,1,1,2]{0,0}",
                 "--expected", "f32[1,1,1,1]{2}"}),
            0);
  EXPECT_NE(out.find("with a grid of f64 (or int64)"), std::string::npos) << out;
}

TEST_F(ProgramTest, ReducesWhatIsWrong) {
  const std::string input = "[[1,2,3,4],[5,6,7,8],[9,1,2,3]]";
  const std::string grid = "[[[0,0],[1,0],[2,0]],[[0,1],[1,1],[2,1]]]";
  const std::string small = folder / "small";
  EXPECT_EQ(run({"reduce", "--input", input, "--grid", grid, "--align-corners", "true",
                 "--expected", "[[1,2,3],[5,6,7]]", "--out", small}),
            1)
      << err;
  EXPECT_NE(out.find("units.pixels, align_corners=True\n"), std::string::npos) << out;
  EXPECT_TRUE(last_line(out).starts_with(small)) << out;
  const std::string line = folder.read("small/case.txt");
  EXPECT_LE(parse_case(line.substr(0, line.size() - 1)).grid.element_count(), 8) << line;
  EXPECT_FALSE(folder.read("small/model.onnx").empty());
  // A subject is asked again.
  const std::string nan =
      "grid_sample padding_mode=border input=f32[1,1,4,4]{1..16} "
      "grid=f32[1,2,2,2]{0,0.5,nan,0.1,0.2,nan,1,1}";
  EXPECT_EQ(run({"reduce", nan, "--subject", "torch-0.9"}), 1) << err;
  EXPECT_TRUE(out.starts_with("nan.zero\n")) << out;
  EXPECT_EQ(run({"reduce", nan, "--subject", "torch-1.0"}), 0) << err;
  EXPECT_NE(out.find("There is nothing to reduce."), std::string::npos) << out;
  EXPECT_EQ(complaint({"reduce", nan}),
            "nothing to compare with: expected --observed, --expected, --intent or --subject");
}

TEST_F(ProgramTest, ReduceAsksForGradientsAgain) {
  const std::string line =
      "grid_sample_backward padding_mode=border input=f32[1,2,4,4]{1..32} "
      "grid=f32[1,2,2,2]{0,0.5,-3,0.1,0.2,2,1,1} grad_output=f32[1,2,2,2]{1,2,3,4,5,6,7,8}";
  EXPECT_EQ(
      run({"reduce", line, "--subject", "mutant:grad.border.not-zero", "--out", folder / "small"}),
      1)
      << err;
  EXPECT_TRUE(out.starts_with("grad_grid deviates [grad.border]\n")) << out;
  EXPECT_TRUE(says(".backward(grad_output)\n")) << out;
  const std::string small = folder.read("small/case.txt");
  EXPECT_EQ(parse_backward_case(small.substr(0, small.size() - 1)).grad_output.element_count(), 1);
  EXPECT_FALSE(folder.read("small/reduced.py").empty());
  EXPECT_EQ(run({"reduce", line, "--subject", "torch-1.0"}), 0) << err;
  EXPECT_EQ(out, "These gradients are right.\nThere is nothing to reduce.\n");
  EXPECT_EQ(complaint({"reduce", line}),
            "gradients are reduced by asking again who gave them: expected --subject");
}

TEST_F(ProgramTest, CheckAsksGradientsWhereASubjectHasThem) {
  EXPECT_EQ(run({"check", "--subject", "exact", "--direction", "backward", "--max-cases", "120",
                 "--out", folder / "out"}),
            0)
      << out;
  EXPECT_TRUE(says("exact, gradients")) << out;
  EXPECT_TRUE(last_line(out).find(" gradients judged, 0 findings, ") != std::string::npos) << out;
  std::ifstream file(folder / "out/report.json");
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json["campaign"]["direction"], "backward");
  EXPECT_EQ(json["gradients"][0]["subject"], "exact");
  EXPECT_GT(json["totals"]["gradients"], 100);
  EXPECT_NE(folder.read("out/junit.xml").find("[grad.kink-right]"), std::string::npos);
}

TEST_F(ProgramTest, CheckOfBothDirectionsIsOneReport) {
  EXPECT_EQ(run({"check", "--subject", "mutant:grad.border.not-zero", "--max-cases", "400", "--out",
                 folder / "out"}),
            1);
  EXPECT_TRUE(last_line(out).find(" samples and ") != std::string::npos) << out;
  EXPECT_TRUE(says(" deviates from [grad.border]")) << out;
  const std::string report = folder.read("out/report.md");
  EXPECT_NE(report.find("gridproof replay 'grid_sample_backward "), std::string::npos);
  EXPECT_NE(report.find(".backward(grad_output)"), std::string::npos);
  EXPECT_NE(report.find("| **all gradients** |"), std::string::npos);
  // What replay is told to ask shows it.
  const auto json = nlohmann::json::parse(folder.read("out/report.json"));
  const std::string line = json["findings"][0]["incidents"][0]["case"];
  EXPECT_TRUE(line.starts_with("grid_sample_backward ")) << line;
  EXPECT_EQ(run({"replay", line, "--subject", "mutant:grad.border.not-zero"}), 1) << out;
}

TEST_F(ProgramTest, WhoHasNoGradientsIsAskedNone) {
  EXPECT_EQ(run({"check", "--subject", "torch-0.9", "--max-cases", "400", "--out", folder / "a"}),
            1);
  EXPECT_TRUE(says("torch-0.9: gradients: not asked, the subject declares none\n")) << out;
  EXPECT_EQ(run({"check", "--subject", "torch-0.9", "--direction", "backward", "--max-cases", "24",
                 "--out", folder / "b"}),
            1);
  EXPECT_TRUE(says("torch-0.9 was not judged: it has no gradients")) << out;
  EXPECT_EQ(complaint({"check", "--subject", "torch-0.9", "--direction", "sideways"}),
            "--direction is 'sideways': expected forward, backward or both");
}

TEST_F(ProgramTest, WaiversOfGradients) {
  const std::string subject = "mutant:grad.border.not-zero";
  const auto with = [&](const std::string& waiver) {
    folder.write("waivers.toml",
                 "[[waiver]]\nname = \"w\"\nreason = \"r\"\npermanent = true\n" + waiver + "\n");
    return run({"check", "--subject", subject, "--direction", "backward", "--max-cases", "300",
                "--waivers", folder / "waivers.toml", "--out", folder / "out"});
  };
  EXPECT_EQ(with("direction = \"backward\"\npadding_mode = \"border\""), 0) << out;
  EXPECT_TRUE(says("known or waived")) << out;
  EXPECT_EQ(with(R"(clause = ["grad.border", "grad.unit-size", "grad.infinity"])"), 0) << out;
  EXPECT_TRUE(says("cases that it covers fail")) << out;
  EXPECT_EQ(with("padding_mode = \"border\""), 1) << out;  // of values
  EXPECT_TRUE(says("waiver 'w' matches nothing")) << out;
  EXPECT_EQ(with("direction = \"sideways\""), 2);
  EXPECT_EQ(run({"propose-waivers", "--subject", subject, "--direction", "backward",
                 "--max-samples", "200000"}),
            0);
  EXPECT_TRUE(says("direction = \"backward\"\n")) << out;
  EXPECT_TRUE(says("clause = \"grad.border\"\n")) << out;
}

TEST_F(ProgramTest, ShardsOfBothDirectionsAreMerged) {
  const std::string subject = "mutant:grad.border.not-zero";
  const auto check = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"check", "--subject", subject, "--max-cases", "300"};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  EXPECT_EQ(check({"--out", folder / "whole"}), 1);
  const std::string totals = last_line(out);
  EXPECT_EQ(check({"--shard", "1/2", "--out", folder / "one"}), 1) << out;
  EXPECT_EQ(check({"--shard", "2/2", "--out", folder / "two"}), 1) << out;
  EXPECT_EQ(run({"merge", folder / "one/report.json", folder / "two/report.json", "--out",
                 folder / "merged"}),
            1)
      << err;
  EXPECT_EQ(last_line(out), totals);
  EXPECT_EQ(folder.read("merged/cases.txt").substr(100),
            folder.read("whole/cases.txt").substr(100));
  // What is known does not fail again.
  EXPECT_EQ(check({"--baseline", folder / "whole/report.json", "--out", folder / "again"}), 0);
}

TEST_F(ProgramTest, SmokeSaysThatASubjectIsReady) {
  EXPECT_EQ(run({"smoke", "--subject", "torch-1.0"}), 0) << out << err;
  EXPECT_NE(out.find("18 of 18"), std::string::npos);
  EXPECT_EQ(last_line(out), "Ready: gridproof check --subject torch-1.0");
}

TEST_F(ProgramTest, SmokeHasALineOnGradients) {
  EXPECT_EQ(run({"smoke", "--subject", "torch-1.0"}), 0);
  EXPECT_TRUE(says("\n  gradients")) << out;
  EXPECT_TRUE(says("30 of 30")) << out;
  run({"smoke", "--subject", "torch-0.9"});
  EXPECT_TRUE(says("the subject declares none")) << out;
  EXPECT_EQ(run({"smoke", "--subject", "mutant:grad.border.not-zero"}), 1);
  EXPECT_TRUE(says("\ngradients\n  first: grad_grid at n=0, h=0, w=0, x is ")) << out;
  EXPECT_TRUE(says(" [grad.border]\n  gridproof replay 'grid_sample_backward ")) << out;
}

TEST_F(ProgramTest, SmokeSaysWhatIsWrong) {
  EXPECT_EQ(run({"smoke", "--subject", "torch-0.9"}), 1);
  EXPECT_NE(out.find("NaN, infinity, far away"), std::string::npos);
  EXPECT_NE(out.find("[coord.nan]"), std::string::npos);
  EXPECT_NE(
      out.find("\n  bilinear, 4-D, f32: 6 of 6 wrong: padding_mode zeros, border, reflection; "
               "align_corners False, True\n    first: sample 0, channel 0 is 0, not 0.25 "
               "[coord.nan]\n"),
      std::string::npos)
      << out;
  EXPECT_NE(out.find("\n    gridproof replay 'grid_sample mode=bilinear padding_mode=zeros "),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("' --subject torch-0.9\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("Ready"), std::string::npos);
  EXPECT_EQ(complaint({"smoke"}), "no --subject was given (see 'gridproof smoke --help')");
  EXPECT_EQ(complaint({"smoke", "--subject", "broken"}),
            "broken does not start: there is no such program");
}

// Of a step with right and wrong answers both are counted, each under its word; the command has the
// name in front.
TEST_F(ProgramTest, SmokeSaysOfWhichOptions) {
  const std::string adapter = folder.write("adapter.py", R"(
import sys
sys.path.insert(0, ")" GRIDPROOF_SOURCE_DIR R"(/oracle/subjects/templates")
import adapter, numpy_grid_sample
def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
    if mode == "bicubic":
        raise NotImplementedError("bicubic")
    if padding_mode == "reflection" and align_corners:
        padding_mode = "border"
    return numpy_grid_sample.grid_sample(input, grid, mode, padding_mode, align_corners)
adapter.serve(grid_sample, name="half", version="1", supports={"dtypes": ["f32", "f64"]})
)");
  const std::string spec = "half=process:/usr/bin/python3 " + adapter;
  EXPECT_EQ(run({"smoke", "--subject", spec, "--readable",  // a clone may lie in a home
                 GRIDPROOF_SOURCE_DIR "/oracle/subjects/templates"}),
            1)
      << err;
  EXPECT_TRUE(says("  modes, paddings, align_corners  wrong        8 of 18, 10 right")) << out;
  EXPECT_TRUE(
      says("\n  bilinear, 4-D, f32: 1 of 6 wrong: padding_mode reflection; align_corners "
           "True\n    first: sample "))
      << out;
  EXPECT_TRUE(
      says("\n  bicubic, 4-D, f32: 6 of 6 wrong: padding_mode zeros, border, reflection; "
           "align_corners False, True\n    first: refused-wrongly: NotImplementedError: "
           "bicubic\n    gridproof replay 'grid_sample mode=bicubic padding_mode=zeros "))
      << out;
  EXPECT_TRUE(says("' --subject '" + spec + "'\n")) << out;
  EXPECT_TRUE(says("raise Unsupported\n")) << out;
  EXPECT_TRUE(says("  f16                             unsupported  18 of 18")) << out;
}

TEST_F(ProgramTest, SmokeOfAProcessThatIsNone) {
  EXPECT_TRUE(complaint({"smoke", "--subject", "process:/no/such/program"})
                  .starts_with("process:/no/such/program does not start: "));
  EXPECT_TRUE(complaint({"smoke", "--subject", "./no-such.so"})
                  .starts_with("./no-such.so does not start: "));
  EXPECT_TRUE(
      complaint({"smoke", "--subject", "mine=./no-such.so"}).starts_with("mine does not start: "));
}

TEST_F(ProgramTest, MatrixOfSeveralSubjects) {
  const std::string report = (folder.path() / "matrix").string();
  EXPECT_EQ(run({"matrix", "--subject", "torch-1.0", "--subject", "torch-0.9", "--subject",
                 "broken", "--max-samples", "20000", "--out", report}),
            1)
      << err;
  EXPECT_TRUE(last_line(out).starts_with("2 subjects, ")) << out;
  EXPECT_TRUE(last_line(out).ends_with(" 1 finding")) << out;
  const std::string total = last_line(out);
  EXPECT_TRUE(says("\nbroken does not start: there is no such program\n")) << out;
  EXPECT_TRUE(says("\ndoes not pass: 1 finding, ")) << out;
  // The command of a finding stands whole in the page, and works.
  const std::string page = folder.read("matrix/matrix.md");
  EXPECT_NE(page.find("\n       gridproof replay 'grid_sample "), std::string::npos) << page;
  EXPECT_EQ(page.find("…"), std::string::npos) << page;
  EXPECT_EQ(run({"replay", folder / "matrix/cases.txt", "--subject", "torch-0.9"}), 1) << err;
  EXPECT_TRUE(folder.read("matrix/matrix.md").ends_with(total + "\n"));
  EXPECT_TRUE(folder.read("matrix/matrix.html").starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(nlohmann::json::parse(folder.read("matrix/matrix.json"))["total"], total);
  const auto answers = nlohmann::json::parse(folder.read("matrix/answers.json"));
  EXPECT_EQ(answers["subjects"][2]["obstacle"], "there is no such program");
  std::set<std::string> deviates;
  for (const auto& row : answers["cases"]) {
    const bool is_refusal = row["expected"].get<std::string>().starts_with("refused ");
    EXPECT_EQ(row["answers"][0]["verdict"], is_refusal ? "admissible" : "same-bits") << row;
    if (row["answers"][1]["verdict"] == "deviates") deviates.insert(row["clause"]);
    EXPECT_TRUE(row["answers"][2].is_null());
  }
  EXPECT_EQ(deviates, std::set<std::string>{"coord.nan"});
}

// Without findings it does not pass either while somebody was not judged.
TEST_F(ProgramTest, MatrixWithAGap) {
  EXPECT_EQ(run({"matrix", "--subject", "broken", "--max-samples", "1000", "--out", folder / "m"}),
            1);
  EXPECT_TRUE(says("\ndoes not pass: 1 gap\n0 subjects, 0 clauses, 0 findings\n")) << out;
}

TEST_F(ProgramTest, TheDialectMayBeChosen) {
  EXPECT_EQ(run({"replay", nan_line, "--subject", "torch-0.9"}), 1);
  EXPECT_EQ(run({"replay", nan_line, "--subject", "torch-0.9", "--dialect", "onnx"}), 0);
  EXPECT_NE(out.find("the dialect is silent on [coord.nan]"), std::string::npos) << out;
  EXPECT_EQ(run({"check", "--subject", "torch-0.9", "--dialect", "onnx", "--max-cases", "200",
                 "--out", (folder.path() / "r").string()}),
            0)
      << out;
  EXPECT_EQ(complaint({"replay", nan_line, "--dialect", "klingon"}),
            "--dialect is 'klingon': expected pytorch, onnx or onnx-16");
}

TEST_F(ProgramTest, ShardsMergeIntoTheReportInOnePiece) {
  const auto check = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"check",
                                          "--subject",
                                          "torch-0.9",
                                          "--max-samples",
                                          "100000",
                                          "--seed",
                                          "3",
                                          "--out",
                                          (folder.path() / name).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_LE(run(arguments), 1) << err;  // a shard may have no findings
  };
  check("whole", {});
  std::vector<std::string> arguments = {"merge"};
  for (const std::string shard : {"3", "1", "4", "2"}) {
    check("shard-" + shard, {"--shard", shard + "/4"});
    arguments.push_back((folder.path() / ("shard-" + shard) / "report.json").string());
  }
  const std::string merged = (folder.path() / "merged").string();
  arguments.insert(arguments.end(), {"--out", merged});
  EXPECT_EQ(run(arguments), 1) << err;
  // Byte by byte; junit.xml alone tells the time that the whole campaign took.
  for (const std::string file : {"report.json", "report.md", "report.html", "cases.txt",
                                 "report.sarif", "badge.json", "badge.svg", "report.schema.json"}) {
    EXPECT_EQ(folder.read("merged/" + file), folder.read("whole/" + file)) << file;
  }
  // A shard that is missing, or that stands twice, is noticed.
  EXPECT_EQ(complaint({"merge", arguments[1], arguments[2], arguments[3]}), "shard 2/4 is missing");
  EXPECT_EQ(complaint({"merge", arguments[1], arguments[1]}), "shard 3/4 was given twice");
  EXPECT_TRUE(complaint({"merge", arguments[1], (folder.path() / "whole/report.json").string()})
                  .starts_with("these are not shards of one campaign: "));
}

TEST_F(ProgramTest, OnlyWhatTheBaselineLacksFails) {
  const std::string old = (folder.path() / "old").string();
  const std::vector<std::string> check = {"check", "--subject", "torch-0.9", "--max-samples",
                                          "50000"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), check.begin(), check.end());
    return more;
  };
  EXPECT_EQ(run(with({"--out", old})), 1);
  const std::string report = (folder.path() / "new").string();
  EXPECT_EQ(run(with({"--out", report, "--baseline", old + "/report.json"})), 0) << out;
  EXPECT_NE(out.find("1 finding (1 known or waived)"), std::string::npos) << out;
  EXPECT_NE(folder.read("new/report.md").find("(known)"), std::string::npos);
  // The baseline of somebody who had no findings.
  EXPECT_EQ(run({"check", "--subject", "torch-1.0", "--max-samples", "5000", "--out", old}), 0);
  EXPECT_EQ(run(with({"--out", report, "--baseline", old + "/report.json"})), 1);
  EXPECT_TRUE(complaint(with({"--baseline", "/no/such"})).starts_with("cannot read '/no/such': "));
  EXPECT_EQ(complaint(with({"--baseline", folder.path()})),
            "cannot read '" + folder.path().string() + "': Is a directory");
  EXPECT_EQ(complaint(with({"--baseline", folder.write("text", "hello")})),
            (folder.path() / "text").string() +
                ": this is not JSON: expected a report.json of gridproof check");
}

// A waiver opens the gate, and closes it when it expired, matches nothing, is no longer needed, or
// got worse.
TEST_F(ProgramTest, Waivers) {
  variables["SOURCE_DATE_EPOCH"] = "1798675200";  // 2026-12-31
  const auto check = [&](const std::string& subject, const std::string& waiver) {
    const std::string file = folder.write(
        "w.toml", "[[waiver]]\nname = \"nan\"\nreason = \"by design\"\n" + waiver + '\n');
    const int code = run({"check", "--subject", subject, "--max-samples", "50000", "--out",
                          (folder.path() / "report").string(), "--waivers", file});
    EXPECT_EQ(err, "");
    return code;
  };
  const std::string nan = "expires = 2026-12-31\nclause = \"coord.nan\"";
  EXPECT_EQ(check("torch-0.9", nan), 0) << out;
  EXPECT_TRUE(says("nan: ")) << out;
  EXPECT_NE(folder.read("report/report.md").find("(waived: nan)"), std::string::npos);
  EXPECT_NE(folder.read("report/report.sarif").find("suppressions"), std::string::npos);
  EXPECT_NE(folder.read("report/badge.json").find("1 finding known or waived"), std::string::npos);
  EXPECT_TRUE(says("\npasses, with 1 finding known or waived\n")) << out;

  EXPECT_EQ(check("torch-0.9", "expires = 2026-12-30\nclause = \"coord.nan\""), 1);
  EXPECT_TRUE(says("waiver 'nan' expired on 2026-12-30")) << out;
  EXPECT_NE(folder.read("report/junit.xml").find("expired on"), std::string::npos);
  EXPECT_NE(folder.read("report/badge.json").find("1 broken waiver"), std::string::npos);
  EXPECT_EQ(check("torch-0.9", nan + "\nshare = 0.01"), 1);
  EXPECT_TRUE(says("waiver 'nan' got worse: ")) << out;
  EXPECT_EQ(check("torch-0.9", nan + "\nworst = \"refused-wrongly\""), 1);
  EXPECT_EQ(check("torch-1.0", nan), 1);
  EXPECT_TRUE(says("waiver 'nan' all that it covers is right now")) << out;
  EXPECT_EQ(check("torch-1.0", nan + "\nrank = 7"), 1);
  EXPECT_TRUE(says("waiver 'nan' matches nothing")) << out;
  EXPECT_TRUE(says("\ndoes not pass: 1 broken waiver\n")) << out;

  const std::string misspelled =
      folder.write("w.toml", "[[waiver]]\nname = \"nan\"\nreason = \"by design\"\n" + nan +
                                 "\nsubject = \"torch-0.8\"");
  EXPECT_EQ(complaint({"check", "--subject", "torch-0.9", "--waivers", misspelled}),
            misspelled +
                ": waiver 'nan' is of 'torch-0.8', who is not judged here: expected "
                "torch-0.9");

  // What `waive` proposes is a file of waivers as soon as somebody gives reasons.
  EXPECT_EQ(run({"propose-waivers", "--subject", "torch-0.9", "--max-samples", "50000"}), 0);
  EXPECT_TRUE(last_line(out).starts_with("# 1 waiver for 1 finding in 5")) << out;
  std::string proposed = out;
  EXPECT_EQ(complaint({"check", "--waivers", folder.write("w.toml", proposed)}),
            (folder.path() / "w.toml").string() + ":3: waiver 'torch-0.9 coord.nan' has no reason");
  const std::string empty = "reason = \"\"";
  proposed.replace(proposed.find(empty), empty.size(), "reason = 'by design'");
  EXPECT_EQ(
      run({"check", "--subject", "torch-0.9", "--max-samples", "50000", "--out",
           (folder.path() / "report").string(), "--waivers", folder.write("w.toml", proposed)}),
      0)
      << out;
  EXPECT_EQ(complaint({"check", "--waivers", "/no/such"}),
            "cannot read '/no/such': No such file or directory");
}

// Shards say nothing of waivers, their sum does.
TEST_F(ProgramTest, WaiversOfShards) {
  const std::string file = folder.write(
      "w.toml",
      "[[waiver]]\nname='a'\nreason='b'\npermanent=true\nclause='coord.nan'\n"
      "[[waiver]]\nname='c'\nreason='d'\npermanent=true\nclause='coord.nan'\nrank=7\n");
  std::vector<std::string> merge = {"merge", "--out", (folder.path() / "merged").string()};
  for (const std::string shard : {"1/2", "2/2"}) {
    const std::string report = (folder.path() / shard.substr(0, 1)).string();
    EXPECT_EQ(run({"check", "--subject", "torch-0.9", "--max-samples", "50000", "--waivers", file,
                   "--shard", shard, "--out", report}),
              0)
        << out;
    merge.push_back(report + "/report.json");
  }
  EXPECT_EQ(run(merge), 1);
  EXPECT_TRUE(says("waiver 'c' matches nothing")) << out;
}

TEST_F(ProgramTest, ALabelIsTheNameInReportsAndCommandsFindItsSubject) {
  const std::string plugin =
      std::string("mine=") + GRIDPROOF_BINARY_DIR + "/plugins/plugin-template.so";
  EXPECT_EQ(run({"check", "--subject", plugin, "--max-samples", "20000", "--out",
                 (folder.path() / "r").string()}),
            0)
      << out << err;
  EXPECT_NE(folder.read("r/report.md").find("--subject " + plugin), std::string::npos);
  EXPECT_NE(out.find("mine "), std::string::npos);
  EXPECT_EQ(out.find(".so"), std::string::npos);
}

TEST_F(ProgramTest, VectorsAreWrittenWholeAndReplaceOnlyTheirOwn) {
  const std::string place = folder / "vectors";
  const std::vector<std::string> command = {"vectors", "--out", place + "/", "--cases-per-clause",
                                            "2"};
  ASSERT_EQ(run(command), 0) << err;
  EXPECT_TRUE(last_line(out).ends_with(" ONNX node tests")) << out;
  const json index = json::parse(folder.read("vectors/vectors.json"));
  const json& totals = index["totals"];
  EXPECT_EQ(last_line(out),
            fmt::format("{} cases, {} clauses, {} ONNX node tests", totals["cases"].get<int>(),
                        totals["clauses"].get<int>(), totals["node_tests"].get<int>()));
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
    const std::string file = std::filesystem::relative(entry.path(), place).generic_string();
    if (!entry.is_directory() && file != ".gridproof-files") files.push_back(file);
  }
  std::ranges::sort(files);
  EXPECT_EQ(index["files"], json(files));

  ASSERT_EQ(run({"vectors", "--out", place, "--cases-per-clause", "1", "--dialect", "onnx-16",
                 "--profile", "P2", "--profile", "P1", "--profile", "P2"}),
            0)
      << err;
  const json later = json::parse(folder.read("vectors/vectors.json"));
  EXPECT_EQ(later["dialect"], "onnx-16");
  EXPECT_EQ(later["profiles"], (json{"P2", "P1"}));
  EXPECT_LT(later["files"].size(), files.size());

  folder.write("vectors/notes.txt", "mine");
  EXPECT_EQ(complaint(command), "'" + place +
                                    "/' holds 'notes.txt', which gridproof did not write, or which "
                                    "has changed since: expected a new folder, or one that "
                                    "gridproof wrote");
  EXPECT_EQ(folder.read("vectors/notes.txt"), "mine");
  // Nothing is left beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

// In a folder of somebody else's, each command that writes one changes nothing.
TEST_F(ProgramTest, NothingOfTheUsersIsLost) {
  const std::map<std::string, std::vector<std::string>> commands = {
      {"junit.xml", {"check", "--subject", "exact", "--max-cases", "1", "--out"}},
      {"checkpoint.jsonl", {"check", "--subject", "exact", "--max-cases", "1", "--out"}},
      {"matrix.md", {"matrix", "--subject", "exact", "--max-samples", "10", "--out"}},
      {"quiver.svg", {"displacement", "--grid", "[[[0,0]]]", "--out"}},
      {"case.txt",
       {"reduce", "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,0}",
        "--subject", "mutant:nan.zero", "--out"}},
      {"read_vectors.py", {"vectors", "--cases-per-clause", "1", "--out"}}};
  for (const auto& [file, begin] : commands) {
    std::vector<std::string> command = begin;
    const TemporaryFolder place;
    command.push_back(place.path().string());
    place.write(file, "mine");
    EXPECT_EQ(run(command), 2) << file << out;
    EXPECT_EQ(std::ranges::count(err, '\n'), 1) << err;
    EXPECT_EQ(place.read(file), "mine") << file;
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place.path()), {}), 1) << file;
  }
}

TEST_F(ProgramTest, VectorsThatCannotBe) {
  EXPECT_EQ(complaint({"vectors"}), "no --out was given (see 'gridproof vectors --help')");
  const std::string file = folder.write("file", "");
  EXPECT_EQ(complaint({"vectors", "--out", file}), "'" + file + "' is a file: expected a folder");
  EXPECT_TRUE(complaint({"vectors", "--out", file + "/below"}).starts_with("cannot write '"));
  EXPECT_EQ(complaint({"vectors", "--out", folder / "v", "--profile", "P0"}),
            "--profile P0 asks for the reference's bits, which every vector holds: expected P1 … "
            "P5(23)");
  EXPECT_TRUE(complaint({"vectors", "--out", folder / "v", "--dialect", "tf"})
                  .starts_with("--dialect is 'tf': expected "));
  EXPECT_FALSE(std::filesystem::exists(folder / "v"));
}

constexpr const char* backward_line =
    "grid_sample_backward input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{-0.125,0} "
    "grad_output=f32[1,1,1,1]{1}";

// A subject that takes the gradient of the grid as one in pixels, and that of the input as it is.
SubjectEntry in_pixels() {
  const auto backward = [](const BackwardCase& test_case) -> BackwardAnswer {
    BackwardAnswer answer = grid_sample_backward(test_case);
    if (auto* const gradients = std::get_if<Gradients>(&answer); gradients && gradients->grid) {
      std::vector<double> values = gradients->grid->values();
      for (double& value : values) value /= 2;
      gradients->grid = Tensor(gradients->grid->dtype(), gradients->grid->shape(), values);
    }
    return answer;
  };
  return {.name = "in-pixels", .description = "for this test", .open = [backward] {
            return std::make_unique<FunctionSubject>(grid_sample, backward);
          }};
}

TEST_F(ProgramTest, ReplayJudgesBothGradients) {
  EXPECT_EQ(run({"replay", backward_line, "--subject", "reference", "--subject", "exact"}), 0);
  EXPECT_TRUE(
      says("; input f32[1,1,1,4], grid f32[1,1,1,2], grad_output f32[1,1,1,1]; both "
           "gradients are wanted\n"))
      << out;
  EXPECT_TRUE(
      says("\ngrad_input, 4 numbers:\n"
           "             same-bits  worst\n"))
      << out;
  EXPECT_TRUE(
      says("grad_grid at n=0, h=0, w=0, y (number 1), coordinate (-0.125, 0)\n"
           "  admissible  -1.25  [grad.unit-size]\n"
           "  exactly     -1.25\n"
           "  reference   -1.25  same-bits\n"
           "  exact       -1.25  same-bits\n"))
      << out;
  // Whoever has no gradients takes no part.
  EXPECT_EQ(run({"replay", backward_line, "--subject", "torch-0.9"}), 0) << out << err;
  EXPECT_TRUE(says("torch-0.9  does not take part: gradients  unsupported\n")) << out;
}

TEST_F(ProgramTest, ReplayShowsEachWrongGradient) {
  more = {in_pixels()};
  EXPECT_EQ(run({"replay", backward_line, "--subject", "in-pixels"}), 1);
  EXPECT_TRUE(
      says("grad_grid at n=0, h=0, w=0, x (number 0), coordinate (-0.125, 0)\n"
           "  admissible        4  [grad.grid]\n"
           "  exactly           4\n"
           "  by the reference  4\n"
           "  in-pixels         2  deviates [grad.grid]\n"))
      << out;
  // In a large gradient only what is wrong is shown.
  const std::string large = folder.write(
      "cases.txt", std::string(nan_line) +
                       "\ngrid_sample_backward input=f32[1,1,1,4]{1,2,4,8} "
                       "grid=f32[1,1,6,2]{-0.125,0.25,9*10} grad_output=f32[1,1,1,6]{1*6}\n");
  EXPECT_EQ(run({"replay", large, "--subject", "in-pixels"}), 1);
  EXPECT_TRUE(
      says("\n2 cases by worst verdict  same-bits  deviates\n"
           "in-pixels                         1         1\n"))
      << out;
  EXPECT_TRUE(says("grad_grid at n=0, h=0, w=0, x")) << out;
  EXPECT_FALSE(says("grad_grid at n=0, h=0, w=1")) << out;
}

TEST_F(ProgramTest, ReplayOfARefusedOrPartlyWantedGradient) {
  EXPECT_EQ(run({"replay",
                 "grid_sample_backward input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0} "
                 "grad_output=f64[1,1,1,1]{1}",
                 "--subject", "reference"}),
            0);
  EXPECT_TRUE(says("  admissible  a refusal under [grad.dtype]\n")) << out;
  EXPECT_EQ(run({"replay",
                 "grid_sample_backward output_mask=[False,True] input=f32[1,1,1,2]{1,2} "
                 "grid=f32[1,1,1,2]{nan,0} grad_output=f32[1,1,1,1]{1}",
                 "--subject", "reference"}),
            0);
  EXPECT_FALSE(says("grad_input,")) << out;
  EXPECT_TRUE(says("  admissible  0 or 1 or nan under [grad.nan]")) << out;
}

TEST_F(ProgramTest, ReplayPrintsAScriptForPyTorchAlone) {
  EXPECT_EQ(run({"replay", backward_line, nan_line, "--subject", "reference", "--script"}), 0);
  EXPECT_TRUE(
      says("\ngrid.requires_grad_()\nF.grid_sample(input, grid).backward(grad_output)\n"
           "print('gradient of input: got', input.grad.flatten().tolist(), 'expected', "
           "[0.0, 0.75, 0.25, 0.0])\n"))
      << out;
  EXPECT_TRUE(says("\noutput = F.grid_sample(input, grid, mode='nearest')\n")) << out;
}

TEST_F(ProgramTest, ExplainsGradients) {
  EXPECT_EQ(run({"explain", "--gradient", backward_line, "--coordinate", "0,0,0,1"}), 0) << err;
  EXPECT_TRUE(says("  coordinate   n=0, h=0, w=0, y (number 1 of 2)\n")) << out;
  EXPECT_TRUE(says("  reference    -1.25\n")) << out;
  const std::string whole = out;
  EXPECT_EQ(run({"explain", "--gradient", backward_line, "--coordinate", "0,0,1"}), 0);
  EXPECT_EQ(out, whole);
  EXPECT_EQ(run({"explain", "--gradient", backward_line, "--coordinate", "1"}), 0);
  EXPECT_EQ(out, whole);
  EXPECT_EQ(run({"explain", "--gradient", backward_line, "--texel", "0,0,0,2"}), 0);
  EXPECT_TRUE(says("  texel        n=0, c=0, h=0, w=2 (number 2 of 4)\n")) << out;
  EXPECT_TRUE(says("  reference    0.25\n")) << out;
  EXPECT_EQ(run({"explain", "--gradient", backward_line}), 0);
  EXPECT_TRUE(says("n=0, h=0, w=0, x (number 0 of 2)")) << out;

  EXPECT_EQ(complaint({"explain", "--gradient", backward_line, "--coordinate", "0,0,1,0"}),
            "--coordinate is '0,0,1,0': expected 4 indices within [1,1,1,2], or a number below 2");
  EXPECT_EQ(complaint({"explain", "--gradient", backward_line, "--texel", "4"}),
            "--texel is '4': expected 4 indices within [1,1,1,4], or a number below 4");
  EXPECT_EQ(complaint({"explain", "--gradient", nan_line}),
            "column 1 of the case: 'grid_sample' asks for values, not for gradients: expected "
            "'grid_sample_backward '");
  EXPECT_EQ(complaint({"explain", nan_line, "--texel", "4"}),
            "--texel requires --gradient (see 'gridproof explain --help')");
}

TEST_F(ProgramTest, DiagnosesGradients) {
  const std::vector<std::string> tensors = {"diagnose", "--input", "[[[[1,2,4,8],[3,5,7,1]]]]",
                                            "--grid", "[[[[-0.125,0.1],[0.3,-0.2]]]]"};
  const auto with = [&](const std::vector<std::string>& more_arguments) {
    std::vector<std::string> all = tensors;
    all.insert(all.end(), more_arguments.begin(), more_arguments.end());
    return all;
  };
  EXPECT_EQ(run({"diagnose", backward_line, "--observed-grad-grid", "[[[[4,-1.25]]]]"}), 0) << err;
  EXPECT_TRUE(says("\n\nThese gradients are right: of 2 numbers every one is what")) << out;
  EXPECT_EQ(run({"diagnose", backward_line, "--observed-grad-grid", "[[[[2,-2.5]]]]"}), 1) << err;
  EXPECT_TRUE(
      says("\n\nThese are not the gradients of this question: 2 of 2 numbers cannot be "
           "right.\ngrad_grid is the gradient by the position in pixels, not by the "
           "coordinate.\nThis gives all 2 numbers that were observed, 2 of which the right "
           "gradients do not have: few, so that it may be by chance.\n"
           "    gradient.in-pixels: Multiply each component by S / 2 "))
      << out;
  EXPECT_EQ(run(with({"--observed-grad-input", "[[[[0,0,0,0],[0,0,0,0]]]]"})), 1) << err;
  EXPECT_TRUE(says("--grad-output is left out: ones, as of output.sum().backward()\n")) << out;
  EXPECT_TRUE(says("They are all 0: no gradient arrives.")) << out;
  EXPECT_EQ(run(with({"--observed-grad-input", "[[[[0,0,0,0],[0,0,0,0]]]]", "--json"})), 1);
  EXPECT_EQ(json::parse(out)["causes"][0]["name"], "gradient.none");
  EXPECT_EQ(complaint(with({"--grad-output", "[1]"})),
            "no gradient to look at: expected --observed-grad-input or --observed-grad-grid");
  EXPECT_EQ(complaint(with({"--expected-grad-theta", "[[[1,2,3],[4,5,6]]]"})),
            "--expected-grad-theta is of a grid that affine_grid made: expected --theta");
  EXPECT_EQ(complaint(with({"--grad-output", "[1]", "--observed-grad-input", "[1]"})),
            "--grad-output has the shape [1]: expected [1,1,1,2]");
}

// A question about gradients is refused where only values are understood.
TEST_F(ProgramTest, GradientsAreForSomeCommands) {
  for (const char* const command : {"explain", "diagnose"}) {
    EXPECT_EQ(complaint({command, backward_line}),
              "column 1 of the case: 'grid_sample_backward' asks for gradients, which only "
              "'gridproof replay', 'reduce --subject', 'explain --gradient' and 'diagnose "
              "--observed-grad-grid' take: expected 'grid_sample '");
  }
  EXPECT_EQ(
      complaint({"replay", "grid_sample_backward input=f32[1,1,1,1]{1}", "--subject", "reference"}),
      "column 43 of the case: the case has no grid=");
}

}  // namespace
}  // namespace gridproof::reports
