#include "reports/cli/program.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <system_error>
#include <utility>

#include "oracle/subjects/host/isolation.h"
#include "reference/contract/limits.h"
#include "reports/cli/arguments.h"
#include "reports/cli/commands.h"
#include "reports/cli/help.h"
#include "reports/cli/registry.h"
#include "reports/diagnosis/intent.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

// An option whose text goes through one of the parsers of input.h.
template <class Assign>
CLI::Option* add_parsed(CLI::App* command, const std::string& flags, const std::string& what,
                        const std::string& type, const Assign& assign) {
  return command
      ->add_option_function<std::string>(
          flags,
          [assign, option = flags](const std::string& text) {
            try {
              assign(option, text);
            } catch (const InputError& error) {
              throw CLI::ValidationError(error.what(), CLI::ExitCodes::ValidationError);
            }
          },
          what)
      ->type_name(type);
}

void add_profile(CLI::App* command, Profile& profile) {
  add_parsed(command, "--profile", "How strict about arithmetic: P0 … P4a(bf16), P5(8) [P1]", "P",
             [&profile](const std::string& option, const std::string& text) {
               profile = parse_profile(option, text);
             });
}

void add_dialect(CLI::App* command, std::optional<Dialect>& dialect) {
  add_parsed(command, "--dialect",
             "Which text binds: pytorch, onnx or onnx-16 [what the subject says]", "D",
             [&dialect](const std::string& option, const std::string& text) {
               dialect = parse_dialect(option, text);
             });
}

void add_subjects(CLI::App* command, std::vector<std::string>& subjects, const std::string& what) {
  command->add_option("--subject", subjects, what)
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// How foreign code is kept in its place: of the process, because its children are.
void add_isolation(CLI::App* command) {
  const auto change = [](const auto& setter) {
    IsolationOptions options = isolation_of_children();
    setter(options);
    isolate_children(std::move(options));
  };
  add_parsed(command, "--isolation",
             "Keep foreign code from all but its questions: sandbox, process or none [what the "
             "system has]",
             "LEVEL", [change](const std::string& option, const std::string& text) {
               const auto level = parse<Isolation>(text);
               if (!level) {
                 throw InputError(fmt::format("{} is '{}': expected none, process or sandbox",
                                              option, printable(text, 60)));
               }
               if (*level == Isolation::sandbox && !sandbox_means().suffice()) {
                 throw InputError(option +
                                  " sandbox needs Landlock (Linux 5.13) and seccomp, which this "
                                  "system does not allow: expected process or none");
               }
               change([level](IsolationOptions& options) { options.level = level; });
             });
  const auto add_each = [command](const char* option, const char* what, const char* type,
                                  const auto& add) {
    command
        ->add_option_function<std::vector<std::string>>(
            option,
            [add](const std::vector<std::string>& texts) {
              for (const std::string& text : texts) add(text);
            },
            what)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add_each("--env", "A variable that foreign code may see, beside PATH and others without secrets",
           "NAME", [change](const std::string& name) {
             if (name.empty() || name.find('=') != std::string::npos) {
               throw CLI::ValidationError(
                   fmt::format("--env is '{}': expected the name of a variable, which keeps its "
                               "value",
                               printable(name, 60)),
                   CLI::ExitCodes::ValidationError);
             }
             change([&name](IsolationOptions& options) { options.variables.push_back(name); });
           });
  add_each("--readable", "A file or folder that foreign code in a sandbox may read as well", "PATH",
           [change](const std::string& path) {
             std::error_code error;
             if (!std::filesystem::exists(path, error)) {
               throw CLI::ValidationError(
                   fmt::format("--readable is '{}': there is no such file or folder",
                               printable(path, 200)),
                   CLI::ExitCodes::ValidationError);
             }
             change([&path](IsolationOptions& options) { options.readable.emplace_back(path); });
           });
}

// A command of the line, and what it does once the line is parsed.
struct Command {
  CLI::App* app;
  std::function<int()> execute;
};

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer("Example:\n  " + example);
  return command;
}

// Why there is no benchmark, and the command that builds one.
std::string bench_obstacle(const std::vector<SubjectEntry>& roster) {
  const auto torch = std::ranges::find_if(roster, is_torch, &SubjectEntry::name);
  if (torch == roster.end()) {
    return "no LibTorch is built beside this program (CMake: GRIDPROOF_LIBTORCH), and bench has "
           "nothing to compare with";
  }
  return fmt::format("the benchmark is not built: cmake --build {} --target gridproof-bench-{}",
                     shell_quoted(program_folder().string()),
                     torch->name.substr(torch->name.find('-') + 1));
}

// The benchmark is a program of its own, because LibTorch is in it, and has its own options.
Command add_bench_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(app, "bench", "Time the fast kernels against LibTorch",
                                  "gridproof bench --quick");
  command->prefix_command();
  command->set_help_flag();
  return {command, [=, &program] {
            if (program.bench) return program.bench(command->remaining());
            const std::vector<std::string> options = command->remaining();
            const bool asks = std::ranges::any_of(options, [](const std::string& option) {
              return option == "--help" || option == "-h";
            });
            const std::string why = bench_obstacle(program.roster);
            if (!asks) throw InputError(why);
            program.out << command->help() << '\n'
                        << wrapped("Its options are not listed here, because " + why,
                                   program.help_columns, 0, 0)
                        << '\n';
            return int{conforms};
          }};
}

Command add_subjects_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(app, "subjects", "List who can be judged, and whether it starts",
                                  "gridproof subjects");
  auto arguments = std::make_shared<SubjectsArguments>();
  command->add_flag(
      "--controls", arguments->controls,
      "List the conforming and the biased variations and the named wrong semantics instead");
  add_isolation(command);
  return {command, [=, &program] { return subjects_command(*arguments, program); }};
}

void add_baseline(CLI::App* command, std::optional<std::string>& baseline) {
  command->add_option("--baseline", baseline, "A report.json; only findings that it lacks fail")
      ->type_name("FILE");
}

// What all campaigns have: how long, which cases, and how many threads.
void add_campaign(CLI::App* command, CampaignOptions& options, ForeignOptions& foreign) {
  add_profile(command, options.profile);
  add_parsed(command, "--samples",
             "Stop after so many samples, such as 1e8; of a case 4,096 count at most", "N",
             [&options](const std::string& option, const std::string& text) {
               options.max_samples = parse_count(option, text);
             });
  add_parsed(command, "--budget", "Stop after such a time, such as 30s or 5min", "TIME",
             [&options, &foreign](const std::string& option, const std::string& text) {
               foreign.budget = options.budget = parse_time(option, text);
             });
  add_parsed(command, "--timeout",
             "A subject in a process is lost when it takes longer for a case [10s; a peer 60s]",
             "TIME", [&foreign](const std::string& option, const std::string& text) {
               foreign.per_case = parse_time(option, text);
             });
  add_parsed(command, "--seed", "Which cases; the same seed gives the same findings [1]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.seed = parse_seed(option, text);
             });
  add_parsed(command, "--threads", "How many threads [one for each core]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.threads = parse_threads(option, text);
             });
}

Command add_check_command(CLI::App& app, const Context& program) {
  CLI::App* command =
      add_command(app, "check", "Judge subjects on cases from the whole domain; write a report",
                  "gridproof check --subject torch-2.15.0 --samples 1e6 --report out");
  auto arguments = std::make_shared<CheckArguments>();
  CampaignOptions& options = arguments->options;
  const auto sharded = std::make_shared<bool>(false);
  add_subjects(command, arguments->subjects, "Whom to judge [every LibTorch that is built]");
  add_dialect(command, options.dialect);
  add_parsed(command, "--cases", "Stop after so many cases", "N",
             [&options](const std::string& option, const std::string& text) {
               options.max_cases = parse_count(option, text);
             });
  add_campaign(command, options, arguments->foreign);
  command->add_flag("--strict", options.strict, "Latitude and quality warnings fail as well");
  command->add_flag("--no-shortcut{false}", options.shortcut,
                    "Judge the reference's own bits by their set as well");
  add_parsed(command, "--most-lost",
             "End the campaign when a subject is lost in so many cases [50]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.max_lost = parse_count(option, text);
             });
  add_parsed(command, "--shard", "Part i of n, such as 2/3; also by TEST_ or GTEST_TOTAL_SHARDS",
             "i/n", [&options, sharded](const std::string& option, const std::string& text) {
               options.shard = parse_shard(option, text);
               *sharded = true;
             });
  command->add_option("--report", arguments->report, "The folder of the report [gridproof-report]")
      ->type_name("DIR");
  command->add_flag("--validate", arguments->foreign.validate,
                    "Hold each message of a subject against the protocol's JSON Schema");
  command->add_flag("--resume", arguments->resume,
                    "Go on where a run of the same campaign in this folder was cut off");
  add_baseline(command, arguments->baseline);
  command
      ->add_option("--waivers", arguments->waivers,
                   "A TOML file of what is known to be wrong ('gridproof waive' proposes one)")
      ->type_name("FILE");
  add_isolation(command);
  return {command, [=, &program] {
            if (!*sharded) {
              if (const auto shard = shard_of_environment(program.variable)) {
                arguments->options.shard = *shard;
              }
            }
            return check_command(*arguments, program);
          }};
}

Command add_merge_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(app, "merge", "Make one report from those of all shards",
                                  "gridproof merge shard-*/report.json --report out");
  auto arguments = std::make_shared<MergeArguments>();
  command->add_option("reports", arguments->shards, "The report.json of each shard")
      ->type_name("FILE...")
      ->required();
  command->add_option("--report", arguments->report, "The folder of the report [gridproof-report]")
      ->type_name("DIR");
  add_baseline(command, arguments->baseline);
  return {command, [=, &program] { return merge_command(*arguments, program); }};
}

Command add_waive_command(CLI::App& app, const Context& program) {
  CLI::App* command =
      add_command(app, "waive", "Propose waivers for what is wrong with subjects now",
                  "gridproof waive --subject torch-2.15.0 > waivers.toml");
  auto arguments = std::make_shared<WaiveArguments>();
  add_subjects(command, arguments->subjects, "Whom to judge [every LibTorch that is built]");
  add_campaign(command, arguments->options, arguments->foreign);
  add_dialect(command, arguments->options.dialect);
  command->add_flag("--strict", arguments->options.strict,
                    "Latitude and quality warnings fail as well");
  add_isolation(command);
  return {command, [=, &program] { return waive_command(*arguments, program); }};
}

Command add_smoke_command(CLI::App& app, const Context& program) {
  CLI::App* command =
      add_command(app, "smoke", "Try a new subject with simple questions; say what it does wrong",
                  "gridproof smoke --subject 'process:python3 adapter.py'");
  auto arguments = std::make_shared<SmokeArguments>();
  command
      ->add_option("--subject", arguments->subject,
                   "process:COMMAND, a plug-in (a path that ends in .so), peer:NAME, or a name")
      ->type_name("NAME")
      ->required();
  add_isolation(command);
  return {command, [=, &program] { return smoke_command(*arguments, program); }};
}

Command add_matrix_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "matrix",
      "Judge many subjects by the same cases, 1e6 samples each; one table of all clauses",
      "gridproof matrix --budget 60s --report out");
  auto arguments = std::make_shared<MatrixArguments>();
  CampaignOptions& options = arguments->options;
  add_subjects(command, arguments->subjects,
               "Whom to judge [every LibTorch that is built and every peer that is installed]");
  add_campaign(command, options, arguments->foreign);
  command->add_option("--report", arguments->report, "The folder of the report [gridproof-matrix]")
      ->type_name("DIR");
  add_isolation(command);
  return {command, [=, &program] { return matrix_command(*arguments, program); }};
}

// The programs beside this one have options of their own.
Command add_peers_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(app, "peers", "Install other implementations, or list them",
                                  "gridproof peers install onnxruntime");
  command->prefix_command();
  command->set_help_flag();
  return {command, [=, &program] { return program.peers(command->remaining()); }};
}

Command add_replay_command(CLI::App& app, const Context& program) {
  CLI::App* command =
      add_command(app, "replay", "Put cases to subjects again and judge every answer",
                  "gridproof replay 'grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
                  "grid=f32[1,1,1,2]{nan,0}'");
  auto arguments = std::make_shared<ReplayArguments>();
  command
      ->add_option("case", arguments->cases,
                   "A case, a file with one a line, lines of a file (FILE:4 or FILE:4-6), or - for "
                   "input; several are asked one after another, in the same memory")
      ->type_name("LINE|FILE...")
      ->required();
  add_subjects(command, arguments->subjects,
               "Who answers [all of 'gridproof subjects' that start]");
  add_profile(command, arguments->profile);
  add_dialect(command, arguments->dialect);
  command->add_flag("--strict", arguments->strict, "Latitude and quality warnings fail as well");
  add_isolation(command);
  return {command, [=, &program] { return replay_command(*arguments, program); }};
}

CLI::Option* add_tensor(CLI::App* command, const char* option, std::optional<std::string>& text,
                        const std::string& what) {
  return command->add_option(option, text, what + ": a file, a nested list, or f32[1,2]{3,4}")
      ->type_name("TENSOR");
}

// A question: a case line, or tensors and options.
void add_question(CLI::App* command, QuestionArguments& arguments) {
  command
      ->add_option("case", arguments.line, "A case, or FILE:LINE, instead of tensors and options")
      ->type_name("LINE");
  add_tensor(command, "--input,--image", arguments.input, "The input");
  add_tensor(command, "--grid", arguments.grid, "The grid");
  add_tensor(command, "--theta", arguments.theta,
             "Instead of a grid what affine_grid makes one of");
  add_tensor(command, "--displacement,--flow", arguments.displacement,
             "Instead of a grid a displacement in input pixels, x first, as optical flow is");
  command
      ->add_option("--maps", arguments.maps,
                   "Instead of a grid positions in pixels: the two maps of OpenCV's remap, or one "
                   "array as scipy.ndimage.map_coordinates takes it, rows first")
      ->type_name("X Y")
      ->expected(1, 2)
      ->allow_extra_args(false);
  command->add_option("--output-size", arguments.output_size, "For --theta [that of the input]")
      ->type_name("H,W");
  command->add_option("--mode", arguments.mode, "Its name, here or in another framework");
  command->add_option("--padding-mode", arguments.padding_mode, "Likewise");
  command->add_option("--align-corners", arguments.align_corners, "true or false [left out]");
}

// The same with what was observed and expected.
void add_symptom(CLI::App* command, SymptomArguments& arguments) {
  add_question(command, arguments.test_case);
  add_tensor(command, "--observed,--output", arguments.observed, "What an implementation gave");
  CLI::Option* expected =
      add_tensor(command, "--expected", arguments.expected, "What was expected");
  command
      ->add_option("--intent", arguments.intent,
                   "What was expected in words: identity, 'shift 2,0', 'rotate 30', 'flip x', "
                   "'grid FILE', 'same-as FILE'")
      ->type_name("WORDS")
      ->excludes(expected);
  command
      ->add_option("--spacing", arguments.spacing,
                   "Millimeters for each pixel, x first: tries displacements in millimeters")
      ->type_name("X,Y,Z");
}

Command add_explain_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(app, "explain", "Compute one output location step by step",
                                  "gridproof explain 'grid_sample input=f32[1,1,2,2]{1..4} "
                                  "grid=f32[1,1,1,2]{0.25,-0.5}'");
  auto arguments = std::make_shared<ExplainArguments>();
  add_symptom(command, arguments->symptom);
  CLI::Option* sample = add_parsed(
      command, "--sample", "Which sample, in row-major order over (N, output) [the worst]", "N",
      [arguments](const std::string& option, const std::string& text) {
        arguments->sample = parse_index(option, text);
      });
  add_parsed(command, "--at", "Which sample, by its place in the output", "n,h,w",
             [arguments](const std::string& option, const std::string& text) {
               arguments->location = parse_indices(option, text);
             })
      ->excludes(sample);
  add_parsed(command, "--channel", "Which channel [the worst]", "C",
             [arguments](const std::string& option, const std::string& text) {
               arguments->channel = parse_index(option, text);
             });
  add_profile(command, arguments->profile);
  return {command, [=, &program] { return explain_command(*arguments, program); }};
}

Command add_spec_command(CLI::App& app, const Context& program) {
  CLI::App* command =
      add_command(app, "spec", "Run the cases of the specification", "gridproof spec coord.nan");
  auto arguments = std::make_shared<SpecArguments>();
  command->add_option("clause", arguments->clause, "One clause, with its text and cases")
      ->type_name("CLAUSE");
  return {command, [=, &program] { return spec_command(*arguments, program); }};
}

Command add_diagnose_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "diagnose", "Values are not as expected: is it the implementation, or the grid, and why",
      "gridproof diagnose --input '[[1,2],[3,4]]' --grid '[[[0,0],[1,0]],[[0,1],[1,1]]]' "
      "--align-corners true --expected '[[1,2],[3,4]]'\n\n"
      "Exit code: 0 nothing is wrong; 1 something is, or the question must be refused; 2 something "
      "is wrong with the command or its input.");
  auto arguments = std::make_shared<DiagnoseArguments>();
  add_symptom(command, arguments->symptom);
  add_parsed(command, "--language", "Of the patch: PyTorch, NumPy, C++ or ONNX [PyTorch]", "L",
             [arguments](const std::string& option, const std::string& text) {
               const auto language = parse_any_case<diagnosis::Language>(text);
               if (!language) {
                 throw InputError(option + " is '" + printable(text, 60) +
                                  "': expected PyTorch, NumPy, C++ or ONNX");
               }
               arguments->language = *language;
             });
  command->add_flag("--all", arguments->all, "Show every hypothesis in the table");
  command->add_flag("--json", arguments->json, "Write JSON, with every hypothesis");
  return {command, [=, &program] { return diagnose_command(*arguments, program); }};
}

// An option that is the name of a value of an enumeration, in any case.
template <class Enum>
void add_named(CLI::App* command, const std::string& flag, const std::string& what,
               const std::vector<Enum>& values, const std::function<void(Enum)>& assign) {
  add_parsed(command, flag, what, "NAME",
             [values, assign](const std::string& option, const std::string& text) {
               std::vector<std::string> known;
               const std::string asked = lower(text) == "normalised" ? "normalized" : lower(text);
               for (const Enum value : values) {
                 if (lower(name(value)) == asked) return assign(value);
                 known.emplace_back(name(value));
               }
               throw InputError(fmt::format("{} is '{}': expected {}", option, printable(text, 60),
                                            alternatives(known)));
             });
}

Command add_displacement_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "displacement",
      "How far from its place each output location reads, exactly; folds, the way back, pictures",
      "gridproof displacement --theta '[[1,0,0.5],[0,1,0]]' --input-size 4,4 --out field");
  auto arguments = std::make_shared<DisplacementArguments>();
  const auto tensor = [command](const char* option, std::optional<std::string>& text,
                                const std::string& what) {
    command->add_option(option, text, what)->type_name("TENSOR");
  };
  const auto sizes = [command](const char* option, std::optional<Shape>& shape,
                               const std::string& what) {
    add_parsed(command, option, what, "H,W",
               [&shape](const std::string& flag, const std::string& text) {
                 shape = parse_sizes(flag, text);
               });
  };
  tensor("--grid", arguments->grid, "A grid: a file, a nested list, or f32[1,2]{3,4}");
  tensor("--theta", arguments->theta, "Affine maps, as affine_grid takes them");
  command
      ->add_option("--maps", arguments->maps,
                   "OpenCV's maps of x and of y, in pixels, or map_coordinates' one array of both")
      ->type_name("TENSOR TENSOR")
      ->expected(1, 2)
      ->allow_extra_args(false);  // else CLI11 takes a list apart
  tensor("--flow", arguments->flow, "What is to be added to each pixel's index; also a .flo file");
  tensor("--displacement", arguments->displacement,
         "A displacement as --unit and --relative-to say; its grid is written");
  sizes("--input-size", arguments->input_size, "The input's, H,W or D,H,W [as the output]");
  sizes("--output-size", arguments->output_size, "The output's, for --theta [as the input]");
  add_parsed(command, "--align-corners", "true or false [false]", "BOOLEAN",
             [arguments](const std::string& option, const std::string& text) {
               arguments->align_corners = parse_truth(option, text);
             });
  add_named<exact::Unit>(command, "--unit", "Pixels of the input or output, or normalized [input]",
                         {exact::Unit::input, exact::Unit::output, exact::Unit::normalized},
                         [arguments](exact::Unit unit) { arguments->measure.unit = unit; });
  add_named<exact::Origin>(
      command, "--relative-to",
      "What the identity resize reads, or the pixel of the same index on one lattice [identity]",
      {exact::Origin::identity, exact::Origin::lattice},
      [arguments](exact::Origin origin) { arguments->measure.origin = origin; });
  add_named<Dtype>(command, "--dtype", "Of displacement.npy [f64] and grid.npy [f32]",
                   {Dtype::f16, Dtype::f32, Dtype::f64},
                   [arguments](Dtype dtype) { arguments->dtype = dtype; });
  CLI::Option* out = command->add_option("--out", arguments->out,
                                         "Write arrays (.npy) and pictures into this folder");
  out->type_name("DIR");
  command
      ->add_flag("--wheel", arguments->wheel,
                 "With --out: a picture of the directions as well, in the colors of a wheel")
      ->needs(out);
  command->add_flag("--json", arguments->json, "Write JSON");
  return {command, [=, &program] { return displacement_command(*arguments, program); }};
}

Command add_reduce_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "reduce", "Make the smallest question that shows the same mistake, as code to paste",
      "gridproof reduce --input in.npy --grid grid.npy --expected out.npy --out small");
  auto arguments = std::make_shared<ReduceArguments>();
  add_symptom(command, arguments->symptom);
  command
      ->add_option("--subject", arguments->subject,
                   "Who gave what was observed, to be asked again; a name, or as check takes it")
      ->type_name("NAME");
  command->add_option("--out", arguments->out, "A folder for the files, an ONNX model among them")
      ->type_name("DIR");
  add_isolation(command);
  return {command, [=, &program] { return reduce_command(*arguments, program); }};
}

Command add_probe_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "probe", "Measure what a subject does: its rules, and the arithmetic behind its weights",
      "gridproof probe --subject torch-2.15.0 > torch.txt");
  auto arguments = std::make_shared<ProbeArguments>();
  add_subjects(command, arguments->subjects, "Whom to probe; several are compared");
  command->get_option("--subject")->required();
  command
      ->add_option("--baseline", arguments->baseline,
                   "What an earlier probe wrote; exit 1 if anything has changed")
      ->type_name("FILE");
  // Of --input only the sizes count: its channels become the identity.
  auto samples = std::make_shared<QuestionArguments>();
  CLI::Option* grid =
      add_tensor(command, "--grid", samples->grid, "Show the weights at these coordinates instead");
  add_tensor(command, "--input", samples->input,
             "With --grid: an input of the sizes that are meant")
      ->needs(grid);
  grid->needs("--input");
  command->add_option("--mode", samples->mode, "With --grid: as diagnose takes it")->needs(grid);
  command->add_option("--padding-mode", samples->padding_mode, "Likewise")->needs(grid);
  command->add_option("--align-corners", samples->align_corners, "Likewise")->needs(grid);
  add_isolation(command);
  return {command, [=, &program] {
            if (samples->grid) arguments->samples = *samples;
            return probe_command(*arguments, program);
          }};
}

Command add_score_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "score", "Tell which wrong semantics the default campaign catches, and how soon",
      "gridproof score nearest.half-away");
  auto arguments = std::make_shared<ScoreArguments>();
  ScoreOptions& options = arguments->options;
  command->add_option("mutants", arguments->mutants, "Mutants by name, with what is known of them")
      ->type_name("NAME...");
  add_parsed(command, "--samples", "How many samples each may survive [1.05e7, as check takes]",
             "N", [&options](const std::string& option, const std::string& text) {
               options.max_samples = parse_count(option, text);
             });
  add_parsed(command, "--seed", "Which cases [1]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.seed = parse_seed(option, text);
             });
  add_parsed(command, "--threads", "How many threads [one for each core]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.threads = parse_threads(option, text);
             });
  return {command, [=, &program] { return score_command(*arguments, program); }};
}

// The profiles of vectors, each once. Throws CLI::ValidationError.
std::vector<Profile> vector_profiles(const std::vector<std::string>& texts) {
  std::vector<Profile> profiles;
  for (const std::string& text : texts) {
    try {
      const Profile profile = parse_profile("--profile", text);
      if (profile.kind == Profile::Kind::same_bits) {
        throw InputError(
            "--profile P0 asks for the reference's bits, which every vector holds: expected P1 … "
            "P5(23)");
      }
      if (std::ranges::find(profiles, profile) == profiles.end()) profiles.push_back(profile);
    } catch (const InputError& error) {
      throw CLI::ValidationError(error.what(), CLI::ExitCodes::ValidationError);
    }
  }
  return profiles;
}

Command add_vectors_command(CLI::App& app, const Context& program) {
  CLI::App* command = add_command(
      app, "vectors", "Write cases with their admissible answers as files, and as ONNX node tests",
      "gridproof vectors --out vectors");
  auto arguments = std::make_shared<VectorsArguments>();
  VectorOptions& options = arguments->options;
  command
      ->add_option("--out", arguments->out,
                   "The folder; it is written whole, and only vectors are ever replaced")
      ->type_name("DIR")
      ->required();
  add_parsed(command, "--seed", "Which cases [1]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.seed = parse_seed(option, text);
             });
  add_parsed(command, "--cases", "Draw cases until a clause has so many [8]", "N",
             [&options](const std::string& option, const std::string& text) {
               options.cases_per_clause = parse_count(option, text);
             });
  add_parsed(command, "--dialect", "Which text binds: pytorch, onnx or onnx-16 [pytorch]", "D",
             [&options](const std::string& option, const std::string& text) {
               options.dialect = parse_dialect(option, text);
             });
  command
      ->add_option_function<std::vector<std::string>>(
          "--profile",
          [&options](const std::vector<std::string>& texts) {
            options.profiles = vector_profiles(texts);
          },
          "How strict about arithmetic, more than once for more sets: P1 … P4a(bf16), P5(8) [P1]")
      ->type_name("P")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return {command, [=, &program] { return vectors_command(*arguments, program); }};
}

// ": did you mean --grid?" of an argument that nobody expects; empty where nothing is like it.
std::string suggestion(const std::string& argument, const CLI::App& command) {
  if (!argument.starts_with("--")) return "";
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string> near = similar(argument.substr(0, argument.find('=')), names);
  return near.empty() ? "" : ": did you mean " + alternatives(near) + "?";
}

// What CLI11 has against a command line, in our words.
std::string sentence_of(const CLI::ParseError& error, const std::string& command,
                        const CLI::App& app) {
  const std::string what = error.what();
  std::string sentence = what;
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return sentence;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    // The only one, or the first of several, which stands last.
    const bool single = what.starts_with("The following argument was");
    const std::string argument = what.substr(single ? what.find(": ") + 2 : what.rfind(' ') + 1);
    sentence = "unexpected argument: " + argument + suggestion(argument, app);
  } else if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    sentence = "no " + what.substr(0, what.find(" is required")) + " was given";
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::size_t least = what.find("At least ");
    sentence = what.substr(0, what.find(": "));
    if (least != std::string::npos) {
      const char values = what[least + 9];
      sentence += values == '1' ? " needs a value" : fmt::format(" needs {} values", values);
    } else {
      sentence += what.ends_with("missing") ? " needs a value" : " stands more than once";
    }
  }
  return fmt::format("{} ('gridproof{}{} --help' tells more)", printable(sentence, 300),
                     command.empty() ? "" : " ", command);
}

// An option as it is spelled here: people write --align_corners and --Align-Corners.
std::string as_spelled(const std::string& argument, const CLI::App& command) {
  if (!argument.starts_with("--")) return argument;
  const std::size_t end = std::min(argument.find('='), argument.size());
  const std::string typed = argument.substr(0, end);
  std::string name = lower(typed);
  std::ranges::replace(name, '_', '-');
  const bool is_known =
      command.get_option_no_throw(typed) == nullptr && command.get_option_no_throw(name) != nullptr;
  return is_known ? name + argument.substr(end) : argument;
}

// With the words of an intent as one argument, as people leave out the quotes of --intent 'rotate
// 30'. A case line, which has spaces, is none of them.
std::vector<std::string> with_intent_joined(const std::vector<std::string>& arguments) {
  std::vector<std::string> joined;
  bool is_intent = false;
  for (const std::string& argument : arguments) {
    const bool is_number = argument.size() > 1 && argument[0] == '-' && argument[1] != '-' &&
                           !diagnosis::parse_numbers(argument).empty();
    const bool is_word =
        is_number || (!argument.starts_with('-') && argument.find(' ') == std::string::npos);
    if (is_intent && is_word && joined.back() != "--intent") {
      joined.back() += ' ' + argument;
      continue;
    }
    is_intent = argument == "--intent" || (is_intent && joined.back() == "--intent");
    joined.push_back(argument);
  }
  return joined;
}

int complain(const Context& program, const std::string& sentence) {
  program.err << "gridproof: " << printable(sentence, 4000) << '\n';
  return bad_input;
}

int parse_and_execute(std::span<const std::string> arguments, const Context& program) {
  max_elements() = default_most_elements;
  isolate_children({});
  CLI::App app("The judge of torch.nn.functional.grid_sample.", "gridproof");
  app.formatter(help_formatter(program.help_columns));  // the commands have it as well
  app.set_version_flag("--version", std::string("gridproof ") + GRIDPROOF_VERSION);
  app.footer(
      "Example:\n  gridproof check --samples 1e6\n\n"
      "Exit code: 0 conforms, 1 findings, 2 something is wrong with the command or its input.");
  const std::vector<Command> commands = {
      add_subjects_command(app, program), add_check_command(app, program),
      add_merge_command(app, program),    add_waive_command(app, program),
      add_replay_command(app, program),   add_explain_command(app, program),
      add_spec_command(app, program),     add_score_command(app, program),
      add_probe_command(app, program),    add_diagnose_command(app, program),
      add_reduce_command(app, program),   add_displacement_command(app, program),
      add_smoke_command(app, program),    add_matrix_command(app, program),
      add_peers_command(app, program),    add_vectors_command(app, program),
      add_bench_command(app, program)};
  add_parsed(&app, "--most-elements",
             "Refuse tensors, and outputs, of more elements in memory [67108864]", "N",
             [](const std::string& option, const std::string& text) {
               max_elements() = parse_count(option, text);
             });
  for (const Command& command : commands) {
    // What follows bench and peers is for other programs.
    if (!command.app->get_prefix_command()) command.app->fallthrough();
  }
  const auto command_of = [&](const std::string& name) {
    return std::ranges::find_if(
        commands, [&](const Command& command) { return command.app->get_name() == name; });
  };
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "help") {
    const bool is_of_one = arguments.size() > 1 && command_of(arguments[1]) != commands.end();
    const std::vector<std::string> asked = is_of_one
                                               ? std::vector{arguments[1], std::string("--help")}
                                               : std::vector{std::string("--help")};
    return parse_and_execute(asked, program);
  }
  const auto named = command_of(first);
  if (named == commands.end() && (first.empty() || !first.starts_with('-'))) {
    std::vector<std::string> names;
    for (const Command& command : commands) names.push_back(command.app->get_name());
    const std::string expected =
        "expected " + alternatives(names) + " ('gridproof --help' tells more)";
    if (arguments.empty()) return complain(program, "no command: " + expected);
    const std::vector<std::string> near = similar(lower(first), names);
    const std::string instead =
        near.empty() ? expected : "did you mean " + alternatives(near) + "? " + expected;
    return complain(program,
                    fmt::format("unknown command '{}': {}", printable(first, 60), instead));
  }
  try {
    std::vector<std::string> words(arguments.begin(), arguments.end());
    if (named != commands.end() && !named->app->get_prefix_command()) {
      for (std::string& word : words) word = as_spelled(word, *named->app);
      words = with_intent_joined(words);
    }
    std::ranges::reverse(words);
    app.parse(words);
  } catch (const CLI::Success& success) {  // --help and --version
    app.exit(success, program.out, program.err);
    return conforms;
  } catch (const CLI::ParseError& error) {
    const bool is_named = named != commands.end();
    return complain(program,
                    sentence_of(error, is_named ? first : "", is_named ? *named->app : app));
  }
  if (named == commands.end()) return complain(program, "no command was given");
  const int code = named->execute();
  if (const std::string isolation = isolation_in_force(); !isolation.empty()) {
    program.out.flush();
    program.err << "isolation of foreign code: " << isolation << '\n';
  }
  return code;
}

}  // namespace

int run(std::span<const std::string> arguments, const Context& program) {
  try {
    const int code = parse_and_execute(arguments, program);
    if (program.out.flush()) return code;
    return complain(program, "cannot write to the standard output");
  } catch (const InputError& error) {
    return complain(program, error.what());
  } catch (const std::bad_alloc&) {
    return complain(program, "there is not enough memory for this");
  } catch (const std::system_error& error) {  // no more processes, threads or files
    return complain(program, std::string("the system refuses: ") + error.code().message());
  } catch (const std::exception& error) {
    return complain(program, "internal error: " + printable(error.what(), 400));
  }
}

}  // namespace gridproof::reports
