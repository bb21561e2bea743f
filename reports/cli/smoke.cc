#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "oracle/gradients/gradient_judge.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/select.h"
#include "reports/evidence/evidence.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::string subject;
  std::optional<std::chrono::milliseconds> per_case;
};

using Clock = std::chrono::steady_clock;

// What an adapter has to get right, one thing at a time, the simplest first.
struct Step {
  std::string name;
  std::string hint;  // what is usually wrong when it fails
  std::vector<Case> cases;
};

// Values and coordinates that any implementation has in range, none of them special.
Case ordinary(const Options& options, Dtype dtype, int rank, std::int64_t batches = 1,
              std::int64_t channels = 2) {
  Shape input = {batches, channels};
  if (rank == 5) input.push_back(2);
  input.insert(input.end(), {3, 5});
  Shape grid = {batches};
  if (rank == 5) grid.push_back(1);
  grid.insert(grid.end(), {2, 7, rank - 2});
  std::vector<double> texels(static_cast<std::size_t>(element_count(input)));
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<double>((7 * i) % 31) / 8;
  std::vector<double> coordinates(static_cast<std::size_t>(element_count(grid)));
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    coordinates[i] = static_cast<double>((11 * i) % 47) / 16 - 1.4375;
  }
  return {request_for(options), Tensor(dtype, input, texels), Tensor(dtype, grid, coordinates)};
}

std::vector<Case> every_option(Dtype dtype, int rank) {
  std::vector<Case> cases;
  for (const auto& [mode, mode_name] : names<Mode>) {
    if (rank == 5 && mode == Mode::bicubic) continue;
    for (const auto& [padding, padding_name] : names<Padding>) {
      for (const bool align_corners : {false, true}) {
        cases.push_back(ordinary({.mode = mode, .padding = padding, .align_corners = align_corners},
                                 dtype, rank));
      }
    }
  }
  return cases;
}

// Both tensors with x and y exchanged in memory, and backwards, asked for the same elements.
std::vector<Case> layouts() {
  std::vector<Case> cases;
  for (const bool backwards : {false, true}) {
    Case test_case = ordinary({}, Dtype::f32, 4);
    for (Tensor* const tensor : {&test_case.input, &test_case.grid}) {
      const Shape shape = tensor->shape();
      Shape strides = contiguous_strides(shape);
      std::int64_t offset = 0;
      if (backwards) {
        offset = tensor->storage_size() - 1;
        for (std::int64_t& stride : strides) stride = -stride;
      } else {
        strides = {shape[1] * shape[2] * shape[3], 1, shape[1], shape[1] * shape[2]};
      }
      *tensor = Tensor::strided(tensor->dtype(), shape, strides, offset, tensor->shared_storage(),
                                tensor->storage_size());
    }
    cases.push_back(std::move(test_case));
  }
  return cases;
}

std::vector<Case> left_out() {
  Case nothing = ordinary({}, Dtype::f32, 4);
  nothing.request = {};
  Case only_mode = nothing;
  only_mode.request.mode = "nearest";
  return {nothing, only_mode};
}

std::vector<Case> special() {
  std::vector<Case> cases;
  for (const Case& test_case : every_option(Dtype::f32, 4)) {
    Case with_nan = test_case;
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<double> coordinates = {
        std::nan(""), 0, 0, std::nan(""), inf, 0, -inf, 0, 0, 5, -7, 0.25};
    with_nan.grid = Tensor(Dtype::f32, {1, 1, 6, 2}, coordinates);
    cases.push_back(std::move(with_nan));
  }
  return cases;
}

std::vector<Case> refusals() {
  std::vector<Case> cases;
  for (const auto change :
       std::vector<void (*)(Case&)>{[](Case& c) { c.request.mode = "linear-ish"; },
                                    [](Case& c) { c.request.padding_mode = "wrap"; },
                                    [](Case& c) { c.grid = Tensor(Dtype::f32, {1, 2, 7, 3}); },
                                    [](Case& c) { c.grid = Tensor(Dtype::f32, {2, 2, 7, 2}); },
                                    [](Case& c) { c.input = Tensor(Dtype::f32, {1, 2, 0, 5}); }}) {
    cases.push_back(ordinary({}, Dtype::f32, 4));
    change(cases.back());
  }
  return cases;
}

Case large() {
  return {request_for({}), Tensor(Dtype::f32, {1, 8, 512, 512}),
          Tensor(Dtype::f32, {1, 512, 512, 2})};
}

std::vector<Step> steps() {
  return {
      {"one case",
       "input is (N, C, H, W), grid (N, H, W, 2) with x before y, little-endian",
       {ordinary({}, Dtype::f32, 4)}},
      {"modes, paddings, align_corners", "each option must reach the implementation",
       every_option(Dtype::f32, 4)},
      {"options left out",
       "an option that the case leaves out must not be passed on as something else", left_out()},
      {"batches and channels",
       "no batch or channel may be lost",
       {ordinary({}, Dtype::f32, 4, 3, 1), ordinary({}, Dtype::f32, 4, 2, 19)}},
      {"strides and offsets", "element i, j, ... is at offset + i*strides[0] + j*strides[1] + ...",
       layouts()},
      {"5-D", "input is (N, C, D, H, W), grid (N, D, H, W, 3)", every_option(Dtype::f32, 5)},
      {"f64", "", every_option(Dtype::f64, 4)},
      {"f16", "", every_option(Dtype::f16, 4)},
      {"bf16", "", every_option(Dtype::bf16, 4)},
      {"NaN, infinity, far away", "this is where implementations differ; see 'gridproof check'",
       special()},
      {"refusals", "answer `refused` where the operator has no answer", refusals()},
      {"large tensors", "a line of 16 MB", {large()}},
  };
}

// Wrong answers to questions of the same mode, dtype and rank.
struct Kind {
  std::string what;  // "bilinear, 4-D, f32"
  std::size_t asked = 0;
  std::vector<std::pair<std::string, std::string>> wrong;  // padding_mode and align_corners of each
  std::string complaint;                                   // about the first
  Case first;
  bool is_unimplemented = false;  // a refusal says that there is no such thing
};

// What became of a step.
struct Result {
  std::size_t right = 0;
  std::size_t unsupported = 0;
  std::size_t unlike = 0;  // answered where a refusal is due
  std::size_t wrong = 0;
  std::vector<Kind> groups;
  double seconds = 0;
};

// Whether an exception speaks of what its library does not do at all.
bool says_unimplemented(std::string message) {
  std::ranges::transform(message, message.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::array<std::string_view, 10> signs = {
      "notimplemented", "not implemented", "not yet implemented", "unimplemented",
      "unsupported",    "not supported",   "not yet supported",   "does not support",
      "only supports",  "only supported"};
  return std::ranges::any_of(
      signs, [&](std::string_view sign) { return message.find(sign) != std::string::npos; });
}

std::string complaint(const Case& test_case, const Answer& answer, const Judgment& judgment) {
  if (!judgment.message.empty()) {
    return fmt::format("{}: {}", name(judgment.worst()), printable(judgment.message, 400));
  }
  const SampleVerdict& first = judgment.notable.front();
  const Answer expected = grid_sample(test_case);
  return fmt::format("sample {}, channel {} is {}, not {} [{}]", first.sample, first.channel,
                     element_text(element_of(test_case, answer, first.sample, first.channel),
                                  test_case.input.dtype()),
                     element_text(element_of(test_case, expected, first.sample, first.channel),
                                  test_case.input.dtype()),
                     first.clause);
}

// The group of a question, which is made where there is none yet.
Kind& group_of(Result& result, const Case& test_case) {
  const std::string what =
      fmt::format("{}, {}-D, {}",
                  printable(test_case.request.mode.value_or(std::string(name(Options{}.mode))), 40),
                  test_case.input.rank(), name(test_case.input.dtype()));
  const auto found = std::ranges::find(result.groups, what, &Kind::what);
  if (found != result.groups.end()) return *found;
  return result.groups.emplace_back(Kind{.what = what});
}

Result run(const Step& step, Subject& subject, const Judge& judge) {
  Result result;
  const Clock::time_point start = Clock::now();
  for (const Case& test_case : step.cases) {
    const Answer answer = subject.answer(test_case);
    const Answer expected = grid_sample(test_case);
    const Judgment judgment = judge.judge(test_case, answer, &expected);
    Kind& group = group_of(result, test_case);
    ++group.asked;
    switch (judgment.worst()) {
      case Verdict::unsupported:
        ++result.unsupported;
        break;
      case Verdict::deviates:
      case Verdict::lost:
      case Verdict::refused_wrongly: {
        ++result.wrong;
        if (group.wrong.empty()) {
          group.complaint = complaint(test_case, answer, judgment);
          group.first = test_case;
        }
        const Options defaults;
        group.wrong.emplace_back(
            printable(test_case.request.padding_mode.value_or(std::string(name(defaults.padding))),
                      40),
            test_case.request.align_corners.value_or(defaults.align_corners) ? "True" : "False");
        group.is_unimplemented =
            group.is_unimplemented ||
            (judgment.worst() == Verdict::refused_wrongly && says_unimplemented(judgment.message));
        break;
      }
      case Verdict::latitude:
        ++result.unlike;
        break;
      default:
        ++result.right;
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

Table::Cell mark_of(const Result& result, std::size_t cases) {
  if (result.wrong != 0) return {"wrong", Paint::red};
  if (result.unsupported == cases) return {"unsupported", Paint::dim};
  return {"right", Paint::green};
}

// Of what the mark says, "14 of 18"; and what became of the rest.
std::string count_of(const Result& result, std::size_t cases) {
  const bool is_wrong = result.wrong != 0;
  const bool no_part = result.unsupported == cases;
  std::string text = fmt::format("{} of {}",
                                 is_wrong  ? result.wrong
                                 : no_part ? result.unsupported
                                           : result.right,
                                 cases);
  const auto add = [&text](std::size_t count, std::string_view what) {
    if (count != 0) text += fmt::format(", {} {}", count, what);
  };
  if (is_wrong) add(result.right, "right");
  if (!no_part) add(result.unsupported, "unsupported");
  add(result.unlike, "within latitude");
  return text;
}

// "padding_mode zeros, border, align_corners=True", or each pair where they are not a product.
std::string options_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<std::string> paddings;
  std::vector<std::string> flags;
  std::string each;
  for (const auto& [padding, flag] : pairs) {
    if (std::ranges::find(paddings, padding) == paddings.end()) paddings.push_back(padding);
    if (std::ranges::find(flags, flag) == flags.end()) flags.push_back(flag);
    each += fmt::format("{}{} with {}", each.empty() ? "" : ", ", padding, flag);
  }
  const std::set<std::pair<std::string, std::string>> different(pairs.begin(), pairs.end());
  if (different.size() != paddings.size() * flags.size()) {
    return "padding_mode and align_corners " + each;
  }
  return fmt::format("padding_mode {}; align_corners {}", fmt::join(paddings, ", "),
                     fmt::join(flags, ", "));
}

// The command that puts one case to the subject again.
std::string replay_of(const Case& test_case, const SubjectEntry& entry) {
  const std::string line = to_line(test_case);
  if (line.size() > longest_case) return "(the case is too long for a command line)";
  return fmt::format("gridproof replay {} --subject {}", shell_quoted(line), spec_of(entry));
}

std::string complaints_of(const Step& step, const Result& result, const SubjectEntry& entry,
                          const Painter& painter) {
  if (result.wrong == 0) return "";
  std::string text = fmt::format("\n{}\n", painter(Paint::bold, step.name));
  bool is_unimplemented = false;
  for (const Kind& group : result.groups) {
    if (group.wrong.empty()) continue;
    text += fmt::format("  {}: {} of {} wrong: {}\n    first: {}\n    {}\n", group.what,
                        group.wrong.size(), group.asked, options_of(group.wrong), group.complaint,
                        replay_of(group.first, entry));
    is_unimplemented = is_unimplemented || group.is_unimplemented;
  }
  if (is_unimplemented) {
    text +=
        "  hint: answer `unsupported`, not a refusal, for what is not implemented: in adapter.py, "
        "raise Unsupported\n";
  } else if (!step.hint.empty()) {
    text += "  hint: " + step.hint + "\n";
  }
  return text;
}

// ---- gradients ----

std::vector<BackwardCase> gradient_questions() {
  std::vector<BackwardCase> questions;
  for (const int rank : {4, 5}) {
    for (Case& test_case : every_option(Dtype::f32, rank)) {
      const Tensor output = std::get<Tensor>(grid_sample(test_case));
      std::vector<double> grads(static_cast<std::size_t>(output.element_count()));
      for (std::size_t i = 0; i < grads.size(); ++i) grads[i] = static_cast<double>(i % 5) - 1.5;
      questions.push_back({std::move(test_case), Tensor(Dtype::f32, output.shape(), grads), {}});
    }
  }
  return questions;
}

std::string complaint(const BackwardCase& question, const BackwardAnswer& answer,
                      const GradientJudgment& judgment) {
  if (!judgment.message.empty()) {
    return fmt::format("{}: {}", name(judgment.worst()), printable(judgment.message, 400));
  }
  const GradientVerdict& first = judgment.notable.front();
  const auto number = [&](const BackwardAnswer& of) {
    const Tensor& tensor = *gradient_of(std::get<Gradients>(of), first.gradient);
    return notation(tensor.contiguous().values()[static_cast<std::size_t>(first.element)],
                    tensor.dtype());
  };
  return fmt::format("{} at {} is {}, not {} [{}]", name(first.gradient),
                     location(question, first.gradient, first.element), number(answer),
                     number(grid_sample_backward(question)), first.clause);
}

// The gradients of a subject that has any: how many questions it got right, and the first that it
// did not.
struct GradientSmoke {
  std::size_t asked = 0;
  std::size_t right = 0;
  std::size_t unsupported = 0;
  std::string complaint;
  BackwardCase first;
  double seconds = 0;

  [[nodiscard]] std::size_t wrong() const { return asked - right - unsupported; }
};

GradientSmoke run_gradients(Subject& subject, Dialect dialect) {
  GradientSmoke result;
  const GradientJudge judge({}, dialect == Dialect::pytorch ? Kinks::right : Kinks::one_sided);
  const Clock::time_point start = Clock::now();
  for (const BackwardCase& question : gradient_questions()) {
    const BackwardAnswer answer = subject.backward(question);
    const BackwardAnswer expected = grid_sample_backward(question);
    const GradientJudgment judgment = judge.judge(question, answer, &expected);
    ++result.asked;
    if (judgment.worst() == Verdict::unsupported) {
      ++result.unsupported;
    } else if (!is_finding(judgment.worst(), false)) {
      ++result.right;
    } else if (result.complaint.empty()) {
      result.complaint = complaint(question, answer, judgment);
      result.first = question;
    }
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

void add_row(Table& table, const GradientSmoke& result) {
  Table::Cell mark = {"right", Paint::green};
  std::string count = fmt::format("{} of {}", result.right, result.asked);
  if (result.wrong() != 0) {
    mark = {"wrong", Paint::red};
    count = fmt::format("{} of {}", result.wrong(), result.asked);
  } else if (result.unsupported == result.asked) {
    mark = {"not asked", Paint::dim};
    count = "the subject declares none";
  }
  table.add(
      {{"gradients", Paint::bold}, mark, count, fmt::format("{:.1f}", 1000 * result.seconds)});
}

std::string complaints_of(const GradientSmoke& result, const SubjectEntry& entry,
                          const Painter& painter) {
  if (result.complaint.empty()) return "";
  return fmt::format("\n{}\n  first: {}\n  gridproof replay {} --subject {}\n",
                     painter(Paint::bold, "gradients"), result.complaint,
                     shell_quoted(to_line(result.first)), spec_of(entry));
}

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("--subject", arguments.subject,
                 "process:COMMAND, a plug-in (a path ending in .so), peer:NAME, torch, or a name")
      ->type_name("NAME")
      ->required();
  add_timeout(app, arguments.per_case);
  add_isolation(app);
}

ExitCode execute(const Arguments& arguments, const Context& program) {
  const SubjectEntry entry = select(program.roster, {arguments.subject},
                                    {.validate = true, .per_case = arguments.per_case})
                                 .front();
  const Clock::time_point start = Clock::now();
  const std::unique_ptr<Subject> subject = open_subject(entry);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::string who = printable(entry.name);
  const SubjectInfo info = subject->info();
  if (!info.name.empty()) who = printable(info.name + ' ' + info.version, 100);
  program.out << fmt::format("{} started in {:.2f} s; dialect {}\n",
                             program.painter(Paint::bold, who), seconds, name(info.dialect));
  const Judge judge({}, info.dialect);
  Table table({{""}, {""}, {""}, {"ms", Table::Align::right}});
  std::string complaints;
  std::size_t answered = 0;
  for (const Step& step : steps()) {
    const Result result = run(step, *subject, judge);
    answered += result.right;
    table.add({{step.name, Paint::bold},
               mark_of(result, step.cases.size()),
               count_of(result, step.cases.size()),
               fmt::format("{:.1f}", 1000 * result.seconds)});
    complaints += complaints_of(step, result, entry, program.painter);
  }
  const GradientSmoke gradients = run_gradients(*subject, info.dialect);
  add_row(table, gradients);
  complaints += complaints_of(gradients, entry, program.painter);
  program.out << table.text(program.painter, 2) << complaints;
  if (!complaints.empty()) return ExitCode::findings;
  if (answered == 0) {
    program.out << "\nIt supports none of these cases, so there is nothing to judge.\n";
    return ExitCode::findings;
  }
  program.out << "\nReady: gridproof check --subject " << spec_of(entry) << '\n';
  return ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command smoke = {
    .name = "smoke",
    .group = Group::judge,
    .summary = "Try a new subject on simple cases and say what it does wrong",
    .example = "gridproof smoke --subject 'process:python3 adapter.py'",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
