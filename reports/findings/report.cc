#include "reports/findings/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "fuzz/mutants/mutants.h"
#include "reference/semantics/grid_sample.h"
#include "reports/findings/statistics.h"
#include "reports/findings/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t most_message = 300;

std::string bracketed(const std::string& clause) {
  return clause.empty() ? "the documentation" : '[' + clause + ']';
}

std::string refusal_text(const Refusal& refusal) {
  std::string text = "refused";
  if (!refusal.clause.empty()) text += " [" + printable(refusal.clause, 60) + ']';
  if (!refusal.message.empty()) text += ": " + printable(refusal.message, most_message);
  return text;
}

}  // namespace

std::string spec_of(const SubjectEntry& subject) {
  return shell_quoted(subject.spec.empty() ? subject.name : subject.spec);
}

AnswerElement element_of(const Case& question, const Answer& answer, std::int64_t sample,
                         std::int64_t channel) {
  if (const auto* refusal = std::get_if<Refusal>(&answer)) return {{}, refusal_text(*refusal)};
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    return {{}, "lost: " + printable(lost->why, most_message)};
  }
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return {{}, "does not take part: " + printable(unsupported->what, most_message)};
  }
  const auto& output = std::get<Tensor>(answer);
  // A tensor of another shape than the question asks for has no such element.
  if (output.rank() != question.grid.rank() || output.rank() < 3) {
    return {{}, "an output of shape " + to_string(output.shape())};
  }
  Shape index(output.shape().size());
  index[1] = channel;
  std::int64_t rest = sample;
  for (std::size_t axis = index.size() - 1; axis > 1; --axis) {
    const std::int64_t size = question.grid.shape()[axis - 1];
    index[axis] = size == 0 ? 0 : rest % size;
    rest = size == 0 ? 0 : rest / size;
  }
  index[0] = rest;
  for (std::size_t axis = 0; axis < index.size(); ++axis) {
    if (index[axis] >= output.shape()[axis]) {
      return {{}, "an output of shape " + to_string(output.shape())};
    }
  }
  if (output.dtype() != question.input.dtype()) {
    return {
        {},
        fmt::format("{} as {}", to_text(output.at(index), output.dtype()), name(output.dtype()))};
  }
  return {output.at(index), ""};
}

std::string element_text(const AnswerElement& element, Dtype dtype) {
  return element.value ? notation(*element.value, dtype) : element.instead;
}

Evidence evidence_of(const Incident& incident, const Profile& profile) {
  const Case& question = incident.reduced;
  const Answer expected = grid_sample(question);
  const Judge judge(profile, incident.dialect);
  Evidence evidence{.dtype = question.input.dtype(),
                    .got = element_of(question, incident.answer, incident.sample, incident.channel),
                    .reference = element_of(question, expected, incident.sample, incident.channel)};
  const Judgement judgement = judge.judge(question, incident.answer, &expected);
  evidence.message = printable(judgement.message, most_message);
  const auto verdict = std::ranges::find_if(judgement.notable, [&](const SampleVerdict& v) {
    return v.sample == incident.sample && v.channel == incident.channel;
  });
  if (verdict != judgement.notable.end()) evidence.within = verdict->within;
  if (const auto refusal = exact::refusal_of(question)) {
    evidence.admissible = "a refusal under [" + refusal->clause + ']';
    return evidence;
  }
  const exact::Question exactly(question);
  if (incident.sample < exactly.samples() && incident.channel < exactly.channels()) {
    evidence.exact = exactly.element(incident.sample, incident.channel);
    const Admissible admissible = judge.admissible(question, incident.sample, incident.channel);
    evidence.admissible = notation(admissible, evidence.dtype);
    evidence.single = admissible.intervals.size() == 1 && admissible.latitude.empty() &&
                      admissible.intervals.front().first == admissible.intervals.front().second;
    evidence.jointly =
        profile.kind != Profile::Kind::same_bits && evidence.got.value &&
        std::ranges::any_of(admissible.intervals, [&](const auto& interval) {
          return interval.first <= *evidence.got.value && *evidence.got.value <= interval.second;
        });
  } else {
    evidence.admissible = "an empty output";
  }
  return evidence;
}

std::string title_of(const Finding& finding, const Profile& profile) {
  const std::string clause = bracketed(finding.clause);
  switch (finding.verdict) {
    case Verdict::lost:
      return finding.subject + " was lost";
    case Verdict::refused_wrongly:
      return finding.subject + " refuses what " + clause + " answers";
    case Verdict::latitude:
      return finding.subject + " uses the latitude of " + clause;
    case Verdict::quality_warning:
      return fmt::format("{} is less exact than {} asks at {} ({})", finding.subject,
                         to_string(profile), clause, finding.cause);
    default:
      return finding.subject + " deviates from " + clause;
  }
}

std::string sentence_of(const Finding& finding, const Evidence& evidence, const Profile& profile) {
  const std::string got = element_text(evidence.got, evidence.dtype);
  switch (finding.verdict) {
    case Verdict::lost:
      return "It gave no answer: " + evidence.message + '.';
    case Verdict::refused_wrongly:
      return "It refused a question that has an answer: " + evidence.message + '.';
    case Verdict::quality_warning:
      return fmt::format(
          "It gives {} where {} admits {}{}{}.", got, to_string(profile),
          evidence.single ? "only " : "", evidence.admissible,
          evidence.within ? "; " + to_string(*evidence.within) + " does not exclude it" : "");
    default:
      break;
  }
  // A message says what is wrong with an answer as a whole.
  if (evidence.message.starts_with("the ")) return "T" + evidence.message.substr(1) + '.';
  if (!evidence.message.empty()) return "It " + evidence.message + '.';
  if (finding.verdict == Verdict::latitude) {
    return fmt::format("It gives {}, within {}; the reference gives {}.", got, evidence.admissible,
                       element_text(evidence.reference, evidence.dtype));
  }
  if (evidence.jointly) {
    return fmt::format(
        "It gives {}, inside {}, but no one position gives the answers of all channels.", got,
        evidence.admissible);
  }
  return evidence.single
             ? fmt::format("It gives {} where only {} is right.", got, evidence.admissible)
             : fmt::format("It gives {}, outside {}.", got, evidence.admissible);
}

std::string cause_of(const Finding& finding) {
  const std::optional<std::string> sentence = mutant_sentence(finding.cause);
  if (!sentence) return "";
  const Incident& first = finding.incidents.front();
  std::string text = fmt::format("The same bits in {} of {} probes as mutant `{}`: {}",
                                 first.agreeing, first.probes, finding.cause, *sentence);
  for (std::size_t i = 0; i < first.ties.size(); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? "; nothing asked tells it from " : ", ", first.ties[i]);
  }
  return text;
}

std::string excuse_of(const Finding& finding) {
  if (!finding.waiver.empty()) return "waived: " + printable(finding.waiver, 100);
  return finding.known ? "known" : "";
}

std::vector<std::string> broken_waivers(const Report& report) {
  std::vector<std::string> sentences;
  for (const WaiverOutcome& outcome : report.result.waivers) {
    const std::string why = broken(outcome, report.day);
    if (why.empty() || (report.options.shard.count > 1 && !why.starts_with("expired"))) continue;
    sentences.push_back(fmt::format("waiver '{}' {}", printable(outcome.waiver.name, 100), why));
  }
  return sentences;
}

bool passes(const Report& report) {
  return report.result.ended.empty() &&
         std::ranges::all_of(report.subjects,
                             [&](const SubjectEntry& subject) {
                               return was_judged(report.result, subject.name);
                             }) &&
         std::ranges::none_of(report.result.findings,
                              [](const Finding& finding) { return excuse_of(finding).empty(); }) &&
         broken_waivers(report).empty() &&
         (!report.options.strict || biases_of(report).empty());
}

std::string statement_of(const Finding& finding, const Profile& profile) {
  const Evidence evidence = evidence_of(finding.incidents.front(), profile);
  const std::string cause = cause_of(finding);
  return fmt::format("{}. {}{}{}", title_of(finding, profile),
                     sentence_of(finding, evidence, profile), cause.empty() ? "" : " ", cause);
}

const Clause* find_clause(std::string_view name) {
  const auto found = std::ranges::find(clauses(), name, &Clause::name);
  return found == clauses().end() ? nullptr : &*found;
}

std::array<std::int64_t, verdict_count> totals_of(const CampaignResult& result,
                                                  const std::string& subject) {
  std::array<std::int64_t, verdict_count> totals{};
  const auto strata = result.strata.find(subject);
  if (strata == result.strata.end()) return totals;
  for (const auto& [stratum, counts] : strata->second) {
    for (std::size_t i = 0; i < verdict_count; ++i) totals[i] += counts.verdicts[i];
  }
  return totals;
}

bool was_judged(const CampaignResult& result, const std::string& subject) {
  auto totals = totals_of(result, subject);
  totals[static_cast<std::size_t>(Verdict::unsupported)] = 0;
  totals[static_cast<std::size_t>(Verdict::undecided)] = 0;
  return std::ranges::any_of(totals, [](std::int64_t count) { return count > 0; });
}

std::int64_t undecided_of(const CampaignResult& result) {
  std::int64_t undecided = 0;
  for (const auto& [subject, strata] : result.strata) {
    undecided += totals_of(result, subject)[static_cast<std::size_t>(Verdict::undecided)];
  }
  return undecided;
}

std::int64_t cases_of(const Finding& finding) {
  std::int64_t cases = 0;
  for (const Incident& incident : finding.incidents) cases += incident.cases;
  return cases;
}

std::vector<Verdict> occurring(const std::vector<std::array<std::int64_t, verdict_count>>& counts,
                               const std::vector<Verdict>& always) {
  std::vector<Verdict> verdicts;
  for (const auto& [verdict, name] : names<Verdict>) {
    if (std::ranges::find(always, verdict) != always.end() ||
        std::ranges::any_of(counts, [i = static_cast<std::size_t>(verdict)](const auto& row) {
          return row[i] != 0;
        })) {
      verdicts.push_back(verdict);
    }
  }
  return verdicts;
}

CaseFile case_file(const Report& report) {
  CaseFile file;
  std::size_t line = 0;
  const auto add = [&](const std::string& text) {
    file.text += text + '\n';
    ++line;
  };
  add("# Reduced cases of gridproof " + report.version + ". Made by: " + report.command);
  add("# gridproof replay cases.txt asks them all again; cases.txt:4 asks the one on line 4.");
  const auto add_all = [&](const std::vector<Finding>& findings, std::string_view what,
                           std::vector<std::size_t>& lines) {
    for (std::size_t i = 0; i < findings.size(); ++i) {
      const Finding& finding = findings[i];
      for (const Incident& incident : finding.incidents) {
        add(fmt::format("# {} {}: {}; {}", what, i + 1, title_of(finding, report.options.profile),
                        printable(incident.features, 200)));
        add(to_line(incident.reduced));
        if (&incident == &finding.incidents.front()) lines.push_back(line);
      }
    }
  };
  add_all(report.result.findings, "finding", file.findings);
  add_all(report.result.remarks, "remark", file.remarks);
  return file;
}

std::string replay_command(const Report& report, const Finding& finding, std::size_t line) {
  const std::string question = to_line(finding.incidents.front().reduced);
  const std::string what = question.size() <= longest_case
                               ? shell_quoted(question)
                               : fmt::format("{}:{}", case_file_name, line);
  const auto subject = std::ranges::find(report.subjects, finding.subject, &SubjectEntry::name);
  std::string command = fmt::format(
      "gridproof replay {} --subject {}", what,
      subject == report.subjects.end() ? shell_quoted(finding.subject) : spec_of(*subject));
  if (report.options.profile != Profile{}) {
    command += " --profile " + shell_quoted(to_string(report.options.profile));
  }
  if (report.options.dialect)
    command += fmt::format(" --dialect {}", name(*report.options.dialect));
  if (report.options.strict) command += " --strict";
  return printable(command, command.size());
}

}  // namespace gridproof::reports
