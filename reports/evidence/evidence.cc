#include "reports/evidence/evidence.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "fuzz/campaign/history.h"
#include "fuzz/mutants/gradient_mutants.h"
#include "fuzz/mutants/mutants.h"
#include "oracle/exact/exact.h"
#include "oracle/judge/judge.h"
#include "reference/semantics/grid_sample.h"
#include "reports/report/gradient_notation.h"
#include "reports/report/notation.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_message = 300;

// A sentence that ends with what somebody else said, if they said anything.
std::string with_message(const std::string& sentence, std::string message) {
  while (message.ends_with('.') || message.ends_with(' ')) message.pop_back();
  return sentence + (message.empty() ? "" : ": " + message) + '.';
}

}  // namespace

namespace {

// What stands in the place of the gradients that were wanted.
std::string instead_of(const BackwardAnswer& answer) {
  if (const auto* const lost = std::get_if<Lost>(&answer))
    return "lost: " + printable(lost->why, max_message);
  if (const auto* const unsupported = std::get_if<Unsupported>(&answer))
    return "does not take part: " + printable(unsupported->what, max_message);
  if (const auto* const refusal = std::get_if<Refusal>(&answer)) {
    return fmt::format("refused{}: {}",
                       refusal->clause.empty() ? "" : ' ' + bracketed(refusal->clause),
                       printable(refusal->message, max_message));
  }
  return "no such gradient";
}

AnswerElement backward_element(const BackwardIncident& incident, const BackwardAnswer& answer) {
  const auto* const gradients = std::get_if<Gradients>(&answer);
  if (gradients == nullptr) return {{}, instead_of(answer)};
  const Tensor* const tensor = gradient_of(*gradients, incident.gradient);
  if (tensor == nullptr) return {{}, instead_of(answer)};
  const Case& forward = incident.reduced.forward;
  const Tensor& of = incident.gradient == Gradient::input ? forward.input : forward.grid;
  if (tensor->shape() != of.shape() || tensor->dtype() != of.dtype()) {
    return {{},
            fmt::format("a gradient of shape {} as {}", to_string(tensor->shape()),
                        name(tensor->dtype()))};
  }
  if (incident.element >= of.element_count()) return {{}, "an empty gradient"};
  return {tensor->contiguous().values()[static_cast<std::size_t>(incident.element)], ""};
}

// What is known of a number of the gradients that are right.
void add_set(FindingEvidence& evidence, const GradientJudge& judge,
             const BackwardIncident& incident, const Gradients& right) {
  const auto& [gradient, test_case, element, elements, answer] = incident;
  const Tensor* const expected = gradient_of(right, gradient);
  if (expected == nullptr || element >= expected->element_count()) {
    evidence.admissible = "an empty gradient";
    return;
  }
  evidence.place = fmt::format("{} at {}", name(gradient), location(test_case, gradient, element));
  const exact::Element value =
      exact_gradient(exact::BackwardEvaluator(test_case), test_case, gradient, element);
  evidence.exact = whole_exact(value);
  evidence.short_exact = short_exact(value);
  evidence.admissible = admissible_gradient(judge, test_case, right, gradient, element).text;
  const auto hull = judge.admissible(test_case, gradient, element);
  evidence.undecided = !hull;
  evidence.single = hull && hull->first == hull->second;
}

FindingEvidence backward_evidence(const BackwardIncident& incident, const Incident& whole,
                                  const CampaignOptions& options) {
  const BackwardCase& test_case = incident.reduced;
  const BackwardAnswer expected = grid_sample_backward(test_case);
  const bool is_right = whole.dialect == Dialect::pytorch && !options.one_sided;
  const GradientJudge judge(options.profile, is_right ? Kinks::right : Kinks::one_sided);
  FindingEvidence evidence{.dtype = test_case.forward.input.dtype(),
                           .got = backward_element(incident, incident.answer),
                           .reference = backward_element(incident, expected),
                           .within = whole.within,
                           .place = std::string(name(incident.gradient))};
  const GradientJudgment judgment = judge.judge(test_case, incident.answer, &expected);
  evidence.message = printable(judgment.message, max_message);
  if (const auto* const refusal = std::get_if<Refusal>(&expected)) {
    evidence.admissible = "a refusal under [" + refusal->clause + ']';
  } else {
    add_set(evidence, judge, incident, std::get<Gradients>(expected));
  }
  return evidence;
}

}  // namespace

FindingEvidence evidence_of(const Incident& incident, const CampaignOptions& options) {
  if (incident.backward) return backward_evidence(*incident.backward, incident, options);
  const Case& test_case = incident.reduced;
  const Answer expected = grid_sample(test_case);
  const Judge judge(options.profile, incident.dialect);
  FindingEvidence evidence{
      .dtype = test_case.input.dtype(),
      .got = element_of(test_case, incident.answer, incident.sample, incident.channel),
      .reference = element_of(test_case, expected, incident.sample, incident.channel),
      .within = incident.within,
      .place = fmt::format("sample {}, channel {}", incident.sample, incident.channel)};
  const Judgment judgment =
      judge.judge(test_case, incident.answer, options.shortcut ? &expected : nullptr);
  evidence.message = printable(judgment.message, max_message);
  const auto verdict = std::ranges::find_if(judgment.notable, [&](const SampleVerdict& v) {
    return v.sample == incident.sample && v.channel == incident.channel;
  });
  if (verdict != judgment.notable.end()) evidence.reason = verdict->reason;
  if (const auto refusal = exact::refusal_of(test_case)) {
    evidence.admissible = "a refusal under [" + refusal->clause + ']';
    return evidence;
  }
  const exact::Evaluator exactly(test_case);
  if (incident.sample < exactly.samples() && incident.channel < exactly.channels()) {
    const exact::Element value = exactly.element(incident.sample, incident.channel);
    evidence.exact = whole_exact(value);
    evidence.short_exact = short_exact(value);
    const Admissible admissible = judge.admissible(test_case, incident.sample, incident.channel);
    evidence.admissible = notation(admissible, evidence.dtype);
    evidence.undecided = admissible.undecided;
    evidence.single = admissible.intervals.size() == 1 && admissible.latitude.empty() &&
                      admissible.intervals.front().first == admissible.intervals.front().second;
    evidence.channels = exactly.channels();
    evidence.inside =
        options.profile.kind != Profile::Kind::same_bits && evidence.got.value &&
        std::ranges::any_of(admissible.intervals, [&](const auto& interval) {
          return interval.first <= *evidence.got.value && *evidence.got.value <= interval.second;
        });
  } else {
    evidence.admissible = "an empty output";
  }
  return evidence;
}

std::string title_of(const Finding& finding, const Profile& profile) {
  std::string clause = bracketed(finding.clause);
  if (const std::int64_t more = std::ssize(clauses_of(finding)) - 1; more > 0) {
    clause += " and " + counted(more, "more clause");
  }
  const std::string subject = printable(finding.subject);
  switch (finding.verdict) {
    case Verdict::lost:
      return subject + (is_of_gradients(finding) ? " was lost, asked for gradients" : " was lost");
    case Verdict::refused_wrongly:
      return subject + " refuses what " + clause + " answers";
    case Verdict::latitude:
      return subject + " uses the latitude of " + clause;
    case Verdict::quality_warning:
      return fmt::format("{} is less exact than {} asks at {} ({})", subject, to_string(profile),
                         clause, printable(finding.cause));
    default:
      return subject + " deviates from " + clause;
  }
}

std::string sentence_of(const Finding& finding, const FindingEvidence& evidence,
                        const Profile& profile) {
  const std::string got = element_text(evidence.got, evidence.dtype);
  switch (finding.verdict) {
    case Verdict::lost:
      return with_message("It gave no answer", evidence.message);
    case Verdict::refused_wrongly:
      return with_message("It refused a question that has an answer", evidence.message);
    case Verdict::quality_warning:
      return fmt::format(
          "It gives {} where {} admits {}{}{}.", got, to_string(profile),
          evidence.single ? "only " : "", evidence.admissible,
          evidence.within ? "; " + to_string(*evidence.within) + " does not exclude it" : "");
    default:
      break;
  }
  // A message says what is wrong with an answer as a whole.
  if (evidence.message.starts_with("the "))
    return with_message("T" + evidence.message.substr(1), "");
  if (!evidence.message.empty()) return with_message("It " + evidence.message, "");
  if (finding.verdict == Verdict::latitude && finding.clause == "arith.zero-sign") {
    return fmt::format(
        "It gives {} where the reference gives {}: only the sign of the zero differs.", got,
        element_text(evidence.reference, evidence.dtype));
  }
  if (finding.verdict == Verdict::latitude) {
    return fmt::format("It gives {}, within {}; the reference gives {}.", got, evidence.admissible,
                       element_text(evidence.reference, evidence.dtype));
  }
  const Incident& first = finding.incidents.front();
  // What is right by itself, but not what it was the time before.
  if (evidence.inside && !first.before.empty()) {
    return fmt::format("It gives {}, and gave another answer when it was asked the same before.",
                       got);
  }
  if (finding.cause == not_the_same && first.before.empty()) {
    return fmt::format("It gave what is not right; asked again, it gives {}.", got);
  }
  if (evidence.inside) {
    return fmt::format("It gives {}, inside {}, but no one position gives {}.", got,
                       evidence.admissible,
                       evidence.channels > 1 ? "the answers of all channels" : "it");
  }
  const std::string reason = evidence.reason.empty() ? "" : ": " + evidence.reason;
  return evidence.single
             ? fmt::format("It gives {} where only {} is right{}.", got, evidence.admissible,
                           reason)
             : fmt::format("It gives {}, outside {}{}.", got, evidence.admissible, reason);
}

namespace {

std::optional<std::string> sentence_of_mutant(const std::string& cause) {
  const GradientMutant* const of_gradients = find_gradient_cause(cause);
  return of_gradients == nullptr ? mutant_sentence(cause) : of_gradients->sentence;
}

}  // namespace

std::string cause_of(const Finding& finding) {
  const std::optional<std::string> sentence = sentence_of_mutant(finding.cause);
  if (!sentence) {
    const std::string& common = finding.incidents.front().common;
    if (common.empty()) return "";
    if (finding.cause == not_the_same) return printable(common, max_message);
    return finding.verdict == Verdict::lost
               ? "It is " + printable(common, max_message) + '.'
               : "No known mistake explains it. " + printable(common, max_message);
  }
  std::size_t probes = 0;
  std::size_t agreeing = 0;
  for (const Incident& incident : finding.incidents) {
    probes += incident.probes;
    agreeing += incident.agreeing;
  }
  if (finding.verdict == Verdict::lost) {
    const std::string& common = finding.incidents.front().common;
    return fmt::format(
        "{}Of {} neighbors it is lost on, or wrong about, exactly those that mutant `{}` gets "
        "wrong: {}",
        common.empty() ? "" : "It is " + printable(common, max_message) + ". ", probes,
        finding.cause, *sentence);
  }
  const Incident& first = finding.incidents.front();
  std::string text = first.before.empty() ? "" : printable(first.common, max_message) + ' ';
  text += fmt::format(
      "The same {} in all {} as mutant `{}`: {}", agreeing == probes ? "bits" : "answers",
      counted(static_cast<std::int64_t>(probes), is_of_gradients(finding) ? "number" : "probe"),
      finding.cause, *sentence);
  if (agreeing != probes) {
    text += fmt::format(" (bit by bit in {}, but for rounding in the rest)",
                        grouped(static_cast<std::int64_t>(agreeing)));
  }
  const std::vector<std::string> ties = ties_of(finding);
  for (std::size_t i = 0; i < ties.size(); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? "; nothing asked tells it from " : ", ", ties[i]);
  }
  return text;
}

std::string clause_list(const Finding& finding) {
  const std::vector<ClauseCounts> clauses = clauses_of(finding);
  std::string text;
  for (const ClauseCounts& of_clause : clauses) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", bracketed(of_clause.clause),
                        counted(of_clause.samples, is_of_gradients(finding) ? "case" : "sample"));
  }
  return clauses.size() < 2 ? "" : text;
}

std::vector<std::string> lines_of(const Incident& incident) {
  std::vector<std::string> lines;
  for (const Case& test_case : incident.before) lines.push_back(to_line(test_case));
  lines.push_back(line_of(incident));
  return lines;
}

namespace {

std::size_t size_of(const std::vector<std::string>& lines) {
  std::size_t size = 0;
  for (const std::string& line : lines) size += line.size();
  return size;
}

std::string replay_command(const Report& report, const Finding& finding, const FindingText& text) {
  std::string what;
  for (const std::string& line : text.lines) {
    if (text.is_short) what += (what.empty() ? "" : " ") + shell_quoted(line);
  }
  const auto subject = std::ranges::find(report.subjects, finding.subject, &SubjectEntry::name);
  std::string command = fmt::format(
      "gridproof replay {} --subject {}", text.is_short ? what : text.place,
      subject == report.subjects.end() ? shell_quoted(finding.subject) : spec_of(*subject));
  if (report.options.profile != Profile{}) {
    command += " --profile " + shell_quoted(to_string(report.options.profile));
  }
  if (report.options.dialect)
    command += fmt::format(" --dialect {}", name(*report.options.dialect));
  if (report.options.strict) command += " --strict";
  return printable(command, command.size());
}

// The first case begins on this line of the file of cases.
FindingText text_of(const Report& report, const Finding& finding, std::size_t line) {
  const Profile& profile = report.options.profile;
  FindingText text{.title = title_of(finding, profile),
                   .cause = cause_of(finding),
                   .clauses = clause_list(finding),
                   .excuse = excuse_of(finding),
                   .lines = lines_of(finding.incidents.front()),
                   .line = line,
                   .place = fmt::format("{}:{}", case_file_name, line)};
  for (const Incident& incident : finding.incidents) {
    text.evidence.push_back(evidence_of(incident, report.options));
  }
  text.sentence = sentence_of(finding, text.evidence.front(), profile);
  text.is_short = size_of(text.lines) <= longest_case;
  if (text.lines.size() > 1) text.place += fmt::format("-{}", line + text.lines.size() - 1);
  text.replay = replay_command(report, finding, text);
  return text;
}

}  // namespace

FullReport with_evidence(Report report, std::size_t lines_before) {
  FullReport full{std::move(report)};
  std::size_t line = lines_before;
  const auto add = [&](const std::string& text) {
    full.cases += text + '\n';
    ++line;
  };
  add("# Reduced cases of gridproof " + printable(full.version, 100) +
      ". Made by: " + printable(full.command, full.command.size()));
  add("# gridproof replay cases.txt asks them all again; cases.txt:4 asks the one on line 4, "
      "cases.txt:4-6 those up to line 6.");
  const auto add_all = [&](const std::vector<Finding>& findings, std::string_view what,
                           std::vector<FindingText>& texts) {
    for (const Finding& finding : findings) {
      const FindingText& text = texts.emplace_back(text_of(full, finding, line + 2));
      for (const Incident& incident : finding.incidents) {
        add(fmt::format("# {} {}: {}; {}", what, texts.size(), text.title,
                        printable(incident.features, 200)));
        for (const std::string& test_case : lines_of(incident)) add(test_case);
      }
    }
  };
  add_all(full.result.findings, "finding", full.findings);
  add_all(full.result.remarks, "remark", full.remarks);
  return full;
}

}  // namespace gridproof::reports
