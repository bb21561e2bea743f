// The subcommands, their arguments already parsed. Each returns the exit code and throws InputError
// for what it cannot work with. Tested by program_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/campaign/campaign.h"
#include "fuzz/campaign/score.h"
#include "oracle/exact/displacement.h"
#include "reports/cli/program.h"
#include "reports/cli/registry.h"
#include "reports/diagnosis/patch.h"
#include "reports/question/symptom.h"
#include "reports/report/report.h"
#include "reports/vectors/vectors.h"

namespace gridproof::reports {

struct SubjectsArguments {
  bool controls = false;
};
int subjects_command(const SubjectsArguments& arguments, const Context& program);

struct CheckArguments {
  std::vector<std::string> subjects;  // empty: every LibTorch
  CampaignOptions options;
  std::optional<std::string> report;    // the folder
  std::optional<std::string> baseline;  // a report.json whose findings do not fail again
  std::optional<std::string> waivers;   // a file of them
  ForeignOptions foreign;
  bool resume = false;  // go on where a run of the same campaign was cut off
};
int check_command(const CheckArguments& arguments, const Context& program);

struct MergeArguments {
  std::vector<std::string> shards;  // report.json of each
  std::optional<std::string> report;
  std::optional<std::string> baseline;
};
int merge_command(const MergeArguments& arguments, const Context& program);

// What to write after a command to have these options, but for the threads and how subjects are
// spoken to; the shard stands last.
std::string arguments_of(const CampaignOptions& options, const ForeignOptions& foreign);

// Writes the files of a report into a folder and a summary to the output; the exit code.
int write_reports(const FullReport& report, const std::string& folder, const Context& program);

struct MatrixArguments {
  std::vector<std::string> subjects;  // empty: every LibTorch and every installed peer
  CampaignOptions options;            // `budget` is of each subject
  ForeignOptions foreign;
  std::optional<std::string> report;  // the folder
};
int matrix_command(const MatrixArguments& arguments, const Context& program);

struct WaiveArguments {
  std::vector<std::string> subjects;  // empty: every LibTorch
  CampaignOptions options;
  ForeignOptions foreign;
};
int waive_command(const WaiveArguments& arguments, const Context& program);

struct SmokeArguments {
  std::string subject;
};
int smoke_command(const SmokeArguments& arguments, const Context& program);

struct ReplayArguments {
  std::vector<std::string> cases;     // each as read_cases takes it
  std::vector<std::string> subjects;  // empty: all that start here and are no controls
  Profile profile;
  std::optional<Dialect> dialect;  // of all; else each has its own
  bool strict = false;
};
int replay_command(const ReplayArguments& arguments, const Context& program);

struct ExplainArguments {
  SymptomArguments symptom;
  // Left out: what is wrong or furthest from what was expected, or the first.
  std::optional<std::int64_t> sample;
  std::optional<std::vector<std::int64_t>> location;  // n, (d,) h, w; instead of `sample`
  std::optional<std::int64_t> channel;
  Profile profile;
};
int explain_command(const ExplainArguments& arguments, const Context& program);

struct SpecArguments {
  std::optional<std::string> clause;
};
int spec_command(const SpecArguments& arguments, const Context& program);

struct DiagnoseArguments {
  SymptomArguments symptom;
  diagnosis::Language language = diagnosis::Language::pytorch;
  bool all = false;  // the whole table
  bool json = false;
};
int diagnose_command(const DiagnoseArguments& arguments, const Context& program);

struct DisplacementArguments {
  // One of these, each a file, a nested list, or f32[1,2]{3,4}.
  std::optional<std::string> grid;
  std::optional<std::string> theta;
  std::vector<std::string> maps;            // OpenCV's two: of x and of y, in pixels
  std::optional<std::string> flow;          // to be added to the pixel's own index; .flo
  std::optional<std::string> displacement;  // by `measure`
  std::optional<Shape> input_size;          // H,W or D,H,W [the output's]
  std::optional<Shape> output_size;         // for theta [the input's]
  bool align_corners = false;
  exact::Measure measure;
  std::optional<Dtype> dtype;      // of the files [f64 for the displacement, f32 for a grid]
  std::optional<std::string> out;  // the folder for arrays and pictures
  bool wheel = false;              // a picture of the directions as well
  bool json = false;
};
int displacement_command(const DisplacementArguments& arguments, const Context& program);

struct ReduceArguments {
  SymptomArguments symptom;
  std::optional<std::string> subject;  // who gave what was observed, to be asked again
  ForeignOptions foreign;
  std::optional<std::string> out;  // a folder for the files
};
int reduce_command(const ReduceArguments& arguments, const Context& program);

struct ProbeArguments {
  std::vector<std::string> subjects;
  std::optional<std::string> baseline;       // a fingerprint that was written before
  std::optional<QuestionArguments> samples;  // their weights instead of a fingerprint
};
int probe_command(const ProbeArguments& arguments, const Context& program);

struct ScoreArguments {
  std::vector<std::string> mutants;  // by name; empty: the whole dictionary
  ScoreOptions options;
};
int score_command(const ScoreArguments& arguments, const Context& program);

struct VectorsArguments {
  std::string out;  // the folder
  VectorOptions options;
};
int vectors_command(const VectorsArguments& arguments, const Context& program);

}  // namespace gridproof::reports
