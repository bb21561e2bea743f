#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

#include "fuzz/campaign/refusals.h"
#include "fuzz/campaign/repeats.h"
#include "fuzz/mutants/same_memory.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/cli/command.h"
#include "reports/cli/options.h"
#include "reports/cli/replay_gradients.h"
#include "reports/cli/select.h"
#include "reports/page/links.h"
#include "reports/render/snippets.h"
#include "reports/report/notation.h"
#include "reports/report/report.h"
#include "reports/text/case_reader.h"
#include "reports/text/input_error.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Arguments {
  std::vector<std::string> cases;     // each as read_cases takes it
  std::vector<std::string> subjects;  // empty: all that start here and are no controls
  Profile profile;
  std::optional<Dialect> dialect;  // of all; else each has its own
  bool strict = false;
  bool script = false;
  std::optional<std::chrono::milliseconds> per_case;
};

struct Reply {
  Answer answer;
  Judgment judgment;
};

using Place = std::pair<std::int64_t, std::int64_t>;  // sample, channel

// Judged as in a campaign: who declines for the values refuses.
OpenSubject opened(const SubjectEntry& entry, const Arguments& arguments) {
  std::unique_ptr<Subject> subject = open_subject(entry);
  const Judge judge(arguments.profile, arguments.dialect.value_or(subject->info().dialect));
  return {entry.name, refusing_by_values(std::move(subject), judge)};
}

// Those that were asked for, or everybody who is no control; of these, who cannot start here is
// left out and named.
std::vector<OpenSubject> open_subjects(const Arguments& arguments, const Context& program) {
  std::vector<OpenSubject> subjects;
  for (const SubjectEntry& entry :
       select(program.roster, arguments.subjects, {.per_case = arguments.per_case})) {
    subjects.push_back(opened(entry, arguments));
  }
  if (!arguments.subjects.empty()) return subjects;
  for (const SubjectEntry& entry : program.roster) {
    if (is_control(entry.name)) continue;
    try {
      subjects.push_back(opened(entry, arguments));
    } catch (const InputError& error) {
      program.out << "left out: " << error.what() << '\n';
    }
  }
  return subjects;
}

// What a subject answered to a question before.
struct Earlier {
  Case test_case;
  std::vector<Answer> answers;  // of each subject
};

// The replay of one case, after others.
class Replay {
 public:
  Replay(const Case& test_case, const std::vector<OpenSubject>& subjects,
         const std::vector<Earlier>& earlier, const Arguments& arguments, const Painter& painter)
      : question_(test_case),
        subjects_(subjects),
        strict_(arguments.strict),
        painter_(painter),
        has_answer_(!exact::refusal_of(test_case)),
        expected_(grid_sample(test_case)) {
    // Equal questions are to be answered alike.
    const auto latest_first = std::views::reverse(earlier);
    const auto same = std::ranges::find_if(
        latest_first, [&](const Earlier& one) { return ask_the_same(one.test_case, test_case); });
    for (const OpenSubject& subject : subjects) {
      Answer answer = subject.subject->answer(test_case);
      const Dialect dialect = arguments.dialect.value_or(subject.subject->info().dialect);
      judges_.emplace_back(arguments.profile, dialect);
      Judgment judgment = judges_.back().judge(test_case, answer, &expected_);
      if (same != latest_first.end()) {
        object_to_change(judgment, answer, same->answers[replies_.size()], expected_);
      }
      replies_.push_back({std::move(answer), std::move(judgment)});
    }
  }

  [[nodiscard]] const std::vector<Reply>& replies() const { return replies_; }

  [[nodiscard]] std::string text() const {
    std::string text = describe(question_) + '\n';
    if (const std::string site = site_address(); !site.empty()) {
      text += site + question_link(to_line(question_)) + '\n';
    }
    const std::int64_t elements =
        has_answer_ ? sample_count(question_) * question_.input.size(1) : 0;
    if (elements == 0) return text + whole_answers();
    const std::vector<Place> shown = places(elements);
    for (const Place& place : shown) text += element(place);
    if (std::cmp_less(shown.size(), elements)) {
      text += fmt::format("\n{} of {} shown; samples by verdict:\n",
                          counted(static_cast<std::int64_t>(shown.size()), "element"),
                          grouped(elements)) +
              counts();
    }
    return text;
  }

 private:
  // All elements of a small output; of a large one those that a verdict speaks of.
  [[nodiscard]] std::vector<Place> places(std::int64_t elements) const {
    std::set<Place> places;
    if (std::cmp_less_equal(elements, max_shown)) {
      for (std::int64_t sample = 0; sample < sample_count(question_); ++sample) {
        for (std::int64_t c = 0; c < question_.input.size(1); ++c) places.emplace(sample, c);
      }
      return {places.begin(), places.end()};
    }
    for (const Reply& reply : replies_) {
      for (const SampleVerdict& verdict : reply.judgment.notable) {
        places.emplace(verdict.sample, verdict.channel);
      }
    }
    if (places.empty()) places.emplace(0, 0);
    std::vector<Place> first(places.begin(), places.end());
    if (first.size() > max_shown) first.resize(max_shown);
    return first;
  }

  [[nodiscard]] std::string element(const Place& place) const {
    const auto& [sample, channel] = place;
    const Dtype dtype = question_.input.dtype();
    Table table({{""}, {""}, {""}});
    std::vector<std::string> shown;  // subjects of different dialects have different sets
    for (const Judge& judge : judges_) {
      const Admissible admissible = judge.admissible(question_, sample, channel);
      const std::string set =
          notation(admissible, dtype) + (admissible.undecided ? "; being inside says nothing" : "");
      if (std::ranges::find(shown, set) != shown.end()) continue;
      const std::string dialect =
          judge.dialect() == Dialect::pytorch ? "" : fmt::format(" ({})", name(judge.dialect()));
      table.add({{"admissible" + dialect, Paint::dim},
                 set,
                 {admissible.clause.empty() ? "" : '[' + admissible.clause + ']', Paint::dim}});
      shown.push_back(set);
    }
    const AnswerElement expected = element_of(question_, expected_, sample, channel);
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      const AnswerElement got = element_of(question_, replies_[i].answer, sample, channel);
      table.add({subjects_[i].name, element_text(got, dtype),
                 element_verdict(replies_[i].judgment, sample, got, expected)});
    }
    return '\n' + painter_(Paint::bold, fmt::format("sample {}, channel {}", sample, channel)) +
           " at coordinate (" + coordinates_of(question_, sample) + ")\n" + table.text(painter_, 2);
  }

  // What the judge says of a sample, given one of its elements and the reference's.
  [[nodiscard]] Table::Cell element_verdict(const Judgment& judgment, std::int64_t sample,
                                            const AnswerElement& got,
                                            const AnswerElement& expected) const {
    if (!got.value || !expected.value) return whole_verdict(judgment);
    const auto found = std::ranges::find(judgment.notable, sample, &SampleVerdict::sample);
    if (found == judgment.notable.end()) {
      return verdict_cell(
          same_bits(*got.value, *expected.value) ? Verdict::same_bits : Verdict::admissible, "",
          strict_);
    }
    Table::Cell cell = verdict_cell(found->verdict, found->clause, strict_);
    if (const auto& within = found->within) cell.text += " within " + to_string(*within);
    if (!found->reason.empty()) cell.text += ": " + found->reason;
    return cell;
  }

  [[nodiscard]] Table::Cell whole_verdict(const Judgment& judgment) const {
    return verdict_cell(judgment.worst(),
                        judgment.notable.empty() ? "" : judgment.notable.front().clause, strict_);
  }

  // Answers that have no elements to speak of: refusals, and empty outputs.
  [[nodiscard]] std::string whole_answers() const {
    Table table({{""}, {""}, {""}});
    const auto refusal = exact::refusal_of(question_);
    table.add({{"admissible", Paint::dim},
               refusal ? "a refusal under [" + refusal->clause + ']' : "an empty output",
               ""});
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      table.add(
          {subjects_[i].name,
           element_text(element_of(question_, replies_[i].answer, 0, 0), question_.input.dtype()),
           whole_verdict(replies_[i].judgment)});
    }
    return '\n' + table.text(painter_, 2);
  }

  [[nodiscard]] std::string counts() const {
    std::vector<std::array<std::int64_t, verdict_count>> all;
    all.reserve(replies_.size());
    for (const Reply& reply : replies_) all.push_back(reply.judgment.counts);
    const std::vector<Verdict> verdicts = occurring(all);
    std::vector<Table::Column> columns = {{""}};
    for (const Verdict verdict : verdicts) {
      columns.push_back({std::string(name(verdict)), Table::Align::right});
    }
    Table table(std::move(columns));
    for (std::size_t i = 0; i < replies_.size(); ++i) {
      std::vector<Table::Cell> row = {subjects_[i].name};
      for (const Verdict verdict : verdicts) {
        row.emplace_back(grouped(replies_[i].judgment[verdict]));
      }
      table.add(std::move(row));
    }
    return table.text(painter_, 2);
  }

  const Case& question_;
  const std::vector<OpenSubject>& subjects_;
  std::vector<Judge> judges_;  // one for each subject
  bool strict_;
  Painter painter_;
  bool has_answer_;
  Answer expected_;
  std::vector<Reply> replies_;
};

void options(CLI::App& app, Arguments& arguments) {
  app.add_option("case", arguments.cases,
                 "A case, of values or of gradients, a file with one case per line, lines of a "
                 "file (FILE:4 or FILE:4-6), or - for "
                 "standard input; several are asked one after another, in the same memory")
      ->type_name("LINE|FILE...")
      ->required();
  add_each(app, "--subject", arguments.subjects, "NAME",
           "A subject to ask [all of 'gridproof subjects' that start]");
  add_profile(app, arguments.profile);
  add_dialect(app, arguments.dialect);
  add_strict(app, arguments.strict);
  app.add_flag("--script", arguments.script,
               "Print a Python script as well, which asks PyTorch without this program");
  add_timeout(app, arguments.per_case);
  add_isolation(app);
}

// A script that asks PyTorch alone; none for what is refused.
std::string script_of(const AnyCase& test_case) {
  if (const auto* const forward = std::get_if<Case>(&test_case)) {
    const Answer right = grid_sample(*forward);
    const auto* const output = std::get_if<Tensor>(&right);
    return output == nullptr ? "" : '\n' + pytorch_snippet(*forward, *output);
  }
  const auto& backward = std::get<BackwardCase>(test_case);
  const BackwardAnswer right = grid_sample_backward(backward);
  const auto* const gradients = std::get_if<Gradients>(&right);
  return gradients == nullptr ? "" : '\n' + pytorch_snippet(backward, *gradients);
}

// The replay of several cases, one after another.
class Session {
 public:
  Session(const Arguments& arguments, const Context& program, std::size_t cases)
      : arguments_(arguments),
        program_(program),
        subjects_(open_subjects(arguments, program)),
        cases_(cases),
        by_subject_(subjects_.size()) {}

  void replay(const SourcedCase& sourced) {
    if (!sourced.where.empty()) program_.out << sourced.where << ": ";
    std::visit([&](const auto& test_case) { replay_case(test_case); }, sourced.test_case);
    if (arguments_.script) program_.out << script_of(sourced.test_case);
    if (cases_ > 1) program_.out << '\n';
  }

  void show_counts() const {
    const std::vector<Verdict> verdicts = occurring(by_subject_);
    std::vector<Table::Column> columns = {
        {counted(static_cast<std::int64_t>(cases_), "case") + " by worst verdict"}};
    for (const Verdict verdict : verdicts) {
      columns.push_back({std::string(name(verdict)), Table::Align::right});
    }
    Table table(std::move(columns));
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      std::vector<Table::Cell> row = {subjects_[i].name};
      for (const Verdict verdict : verdicts) {
        row.emplace_back(grouped(by_subject_[i][static_cast<std::size_t>(verdict)]));
      }
      table.add(std::move(row));
    }
    program_.out << table.text(program_.painter);
  }

  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void replay_case(const Case& test_case) {
    const Case asked = cases_ > 1 ? memory_(test_case) : test_case;
    const Replay replay(asked, subjects_, earlier_, arguments_, program_.painter);
    program_.out << replay.text();
    earlier_.push_back({test_case, {}});
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      count(i, replay.replies()[i].judgment.worst());
      earlier_.back().answers.push_back(replay.replies()[i].answer);
    }
  }
  void replay_case(const BackwardCase& test_case) {
    BackwardCase asked = test_case;
    if (cases_ > 1) asked.forward = memory_(test_case.forward);
    const GradientReplay replay(asked, subjects_, arguments_.profile, arguments_.dialect,
                                arguments_.strict, program_.painter);
    program_.out << replay.text();
    for (std::size_t i = 0; i < subjects_.size(); ++i) count(i, replay.worst(i));
  }
  void count(std::size_t subject, Verdict worst) {
    ++by_subject_[subject][static_cast<std::size_t>(worst)];
    failed_ = failed_ || is_finding(worst, arguments_.strict);
  }

  const Arguments& arguments_;
  const Context& program_;
  std::vector<OpenSubject> subjects_;
  std::size_t cases_;
  std::vector<std::array<std::int64_t, verdict_count>> by_subject_;
  bool failed_ = false;
  SameMemory memory_;
  std::vector<Earlier> earlier_;
};

ExitCode execute(const Arguments& arguments, const Context& program) {
  std::vector<SourcedCase> cases;
  for (const std::string& argument : arguments.cases) {
    std::ranges::move(read_cases(argument, program.in), std::back_inserter(cases));
  }
  Session session(arguments, program, cases.size());
  for (const SourcedCase& sourced : cases) session.replay(sourced);
  if (cases.size() > 1) session.show_counts();
  return session.failed() ? ExitCode::findings : ExitCode::ok;
}

}  // namespace

namespace commands {
extern const Command replay = {
    .name = "replay",
    .group = Group::meaning,
    .summary = "Ask subjects a case, judge every answer, and show what is admissible",
    .example =
        "gridproof replay 'grid_sample mode=nearest input=f32[1,1,1,2]{1,2} "
        "grid=f32[1,1,1,2]{nan,0}'",
    .prepare = prepare<Arguments, options, execute>};
}  // namespace commands

}  // namespace gridproof::reports
