#include "reports/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <variant>

#include "reports/report/notation.h"
#include "reports/report/statistics.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t max_message = 300;
constexpr std::size_t max_names = 12;  // of clauses in a sentence

std::string refusal_text(const Refusal& refusal) {
  std::string text = "refused";
  if (!refusal.clause.empty()) text += " [" + printable(refusal.clause, 60) + ']';
  if (!refusal.message.empty()) text += ": " + printable(refusal.message, max_message);
  return text;
}

// ---- What a subject takes part in ----

// The kinds of question by four attributes, each a word of a part.
using Words = std::vector<std::string>;
const std::array<Words, 4>& attribute_words() {
  static const std::array<Words, 4> words = [] {
    std::array<Words, 4> all;
    for (const auto& [mode, name] : names<Mode>) all[0].emplace_back(name);
    for (const auto& [padding, name] : names<Padding>) all[1].emplace_back(name);
    all[2] = {"4-D", "5-D"};
    for (const auto& [dtype, name] : names<Dtype>) {
      if (dtype != Dtype::i32) all[3].emplace_back(name);
    }
    return all;
  }();
  return words;
}

// All that is combined of these words, as parts; bicubic has no 5-D.
std::set<std::string> combined(const std::array<Words, 4>& words) {
  std::set<std::string> parts;
  for (const std::string& mode : words[0]) {
    for (const std::string& padding : words[1]) {
      for (const std::string& rank : words[2]) {
        if (mode == name(Mode::bicubic) && rank == "5-D") continue;
        for (const std::string& dtype : words[3]) {
          parts.insert(fmt::format("{} {} {} {}", mode, padding, rank, dtype));
        }
      }
    }
  }
  return parts;
}

// "bilinear, nearest; 4-D": of each attribute the words that occur in `parts`, where they are not
// all; with "some of" in front where more is combined of these. Empty where each has all its words.
std::string described(const std::set<std::string>& parts) {
  std::array<Words, 4> present;
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    for (const std::string& word : attribute_words()[i]) {
      const bool occurs = std::ranges::any_of(parts, [&](const std::string& part) {
        return (' ' + part + ' ').find(' ' + word + ' ') != std::string::npos;
      });
      if (occurs) present[i].push_back(word);
    }
    if (present[i].size() == attribute_words()[i].size()) continue;
    text += fmt::format("{}{}", text.empty() ? "" : "; ", fmt::join(present[i], ", "));
  }
  if (text.empty() || combined(present) == parts) return text;
  return "some of " + text;
}

}  // namespace

std::string spec_of(const SubjectEntry& subject) {
  return shell_quoted(subject.spec.empty() ? subject.name : subject.spec);
}

AnswerElement element_of(const Case& test_case, const Answer& answer, std::int64_t sample,
                         std::int64_t channel) {
  if (const auto* refusal = std::get_if<Refusal>(&answer)) return {{}, refusal_text(*refusal)};
  if (const auto* lost = std::get_if<Lost>(&answer)) {
    return {{}, "lost: " + printable(lost->why, max_message)};
  }
  if (const auto* unsupported = std::get_if<Unsupported>(&answer)) {
    return {{}, "does not take part: " + printable(unsupported->what, max_message)};
  }
  const auto& output = std::get<Tensor>(answer);
  // A tensor of another shape than the question asks for has no such element.
  if (output.rank() != test_case.grid.rank() || output.rank() < 3 ||
      sample >= sample_count(test_case)) {
    return {{}, "an output of shape " + to_string(output.shape())};
  }
  Shape index = indices_of(sample, test_case.grid.shape());
  index.insert(index.begin() + 1, channel);
  for (std::size_t axis = 0; axis < index.size(); ++axis) {
    if (index[axis] >= output.shape()[axis]) {
      return {{}, "an output of shape " + to_string(output.shape())};
    }
  }
  if (output.dtype() != test_case.input.dtype()) {
    return {
        {},
        fmt::format("{} as {}", to_text(output.at(index), output.dtype()), name(output.dtype()))};
  }
  return {output.at(index), ""};
}

std::string element_text(const AnswerElement& element, Dtype dtype) {
  return element.value ? notation(*element.value, dtype) : element.instead;
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

namespace {

// Why a subject was not judged; empty if it was.
std::string why_not_judged(const Report& report, const std::string& subject,
                           const Participation& part) {
  const std::string start = printable(subject, max_message) + " was not judged: ";
  if (report.options.only == Direction::backward) {
    return was_asked_gradients(report.result, subject) ? "" : start + "it has no gradients";
  }
  if (part.asked == 0) return start + "it took part in no question";
  if (part.decided > 0) return "";
  return fmt::format("{}{} undecided", start,
                     part.asked == 1 ? "its only sample is"
                                     : "all of its " + counted(part.asked, "sample") + " are");
}

}  // namespace

std::vector<std::string> gaps(const Report& report) {
  std::vector<std::string> sentences;
  for (const SubjectEntry& subject : report.subjects) {
    const Participation part = participation_of(report.result, subject.name);
    const std::string who = printable(subject.name, max_message);
    if (const std::string why = why_not_judged(report, subject.name, part); !why.empty()) {
      sentences.push_back(why);
    } else if (!part.untested.empty() && report.options.shard.count == 1) {
      const std::size_t shown = std::min(part.untested.size(), max_names);
      std::string names;
      for (std::size_t i = 0; i < shown; ++i) {
        names += (i == 0 ? "" : ", ") + bracketed(part.untested[i]);
      }
      if (shown < part.untested.size()) {
        names += fmt::format(" and {} more", part.untested.size() - shown);
      }
      sentences.push_back(fmt::format("of {} {} not tested: {}", who,
                                      part.untested.size() == 1
                                          ? "1 clause was"
                                          : counted(std::ssize(part.untested), "clause") + " were",
                                      names));
    }
  }
  if (!report.result.ended.empty()) sentences.push_back(printable(report.result.ended, 300));
  return sentences;
}

bool passes(const Report& report) {
  return open_findings_of(report) == 0 && broken_waivers(report).empty() && gaps(report).empty() &&
         failing_biases_of(report) == 0;
}

std::string outcome_of(const Report& report) {
  std::vector<std::string> reasons;
  const auto add = [&](std::int64_t count, std::string_view thing, std::string_view suffix) {
    if (count != 0) reasons.push_back(counted(count, thing) + std::string(suffix));
  };
  const std::int64_t excused = excused_findings_of(report);
  if (!passes(report)) {
    add(open_findings_of(report), "finding", "");
    add(std::ssize(broken_waivers(report)), "broken waiver", "");
    add(failing_biases_of(report), "kind", " of samples with a bias");
    std::vector<std::string> not_judged;
    for (const SubjectEntry& subject : report.subjects) {
      const Participation part = participation_of(report.result, subject.name);
      if (!why_not_judged(report, subject.name, part).empty()) {
        not_judged.push_back(printable(subject.name, max_message));
      }
    }
    if (not_judged.size() == 1) reasons.push_back(not_judged.front() + " was not judged");
    if (not_judged.size() > 1) {
      reasons.push_back(fmt::format("{} subjects were not judged", not_judged.size()));
    }
    if (report.options.shard.count == 1) add(untested_of(report), "clause", " not tested");
    if (!report.result.ended.empty()) reasons.emplace_back("it ended early");
    return fmt::format("does not pass: {}", fmt::join(reasons, ", "));
  }
  const Shard& shard = report.options.shard;
  if (shard.count > 1)
    return fmt::format("passes, as shard {} of {}", shard.index + 1, shard.count);
  std::string text = "passes";
  for (const SubjectEntry& subject : report.subjects) {
    const std::string part = part_of(participation_of(report.result, subject.name));
    if (part.empty()) continue;
    reasons.push_back(
        report.subjects.size() == 1 ? part : printable(subject.name, max_message) + " for " + part);
  }
  if (!reasons.empty()) {
    text +=
        fmt::format("{}{}", report.subjects.size() == 1 ? " for " : ", ", fmt::join(reasons, ", "));
  }
  if (excused != 0) text += fmt::format(", with {} known or waived", counted(excused, "finding"));
  return text;
}

std::string statement_of(const FindingText& text) {
  return fmt::format("{}. {}{}{}", text.title, text.sentence, text.cause.empty() ? "" : " ",
                     text.cause);
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

std::array<std::int64_t, verdict_count> gradient_totals_of(const CampaignResult& result,
                                                           const std::string& subject) {
  std::array<std::int64_t, verdict_count> totals{};
  const auto strata = result.gradients.find(subject);
  if (strata == result.gradients.end()) return totals;
  for (const auto& [stratum, counts] : strata->second) {
    for (std::size_t i = 0; i < verdict_count; ++i) totals[i] += counts.verdicts[i];
  }
  return totals;
}

bool was_asked_gradients(const CampaignResult& result, const std::string& subject) {
  return result.gradients.contains(subject);
}

std::string why_no_gradients(const Report& report, const std::string& subject) {
  if (report.options.only == Direction::forward || was_asked_gradients(report.result, subject))
    return "";
  const bool ended = !report.result.ended.empty() && report.result.gradients.empty();
  return ended ? "gradients: not asked, the campaign ended before them"
               : "gradients: not asked, the subject declares none";
}

Participation participation_of(const CampaignResult& result, const std::string& subject) {
  const auto found = result.participation.find(subject);
  if (found != result.participation.end()) return found->second;
  Participation part;
  const auto totals = totals_of(result, subject);
  for (std::size_t i = 0; i < verdict_count; ++i) {
    if (static_cast<Verdict>(i) != Verdict::unsupported) part.asked += totals[i];
  }
  part.decided = part.asked - totals[static_cast<std::size_t>(Verdict::undecided)];
  return part;
}

std::vector<ClauseResult> clause_results(const CampaignResult& result, const std::string& subject) {
  const Participation part = participation_of(result, subject);
  std::map<std::string, ClauseResult> by_name;
  for (const auto& [clause, decided] : part.decided_by_clause) by_name[clause].decided = decided;
  if (const auto found = result.clauses.find(subject); found != result.clauses.end()) {
    for (const auto& [clause, verdicts] : found->second) {
      if (std::ranges::any_of(verdicts, [](std::int64_t count) { return count != 0; })) {
        by_name[clause].verdicts = verdicts;
      }
    }
  }
  for (const std::string& clause : part.untested) by_name[clause].standing = Standing::untested;
  for (const std::string& clause : part.unsupported) {
    by_name[clause].standing = Standing::unsupported;
  }
  std::vector<ClauseResult> results;
  for (auto& [clause, entry] : by_name) {
    entry.clause = clause;
    results.push_back(std::move(entry));
  }
  return results;
}

namespace {

// As far as these kinds are not all.
std::string part_of(const std::vector<std::string>& kinds) {
  const std::set<std::string> parts(kinds.begin(), kinds.end());
  if (parts.empty()) return "";
  if (const std::string text = described(parts); !text.empty()) return printable(text);
  std::set<std::string> missing;
  std::ranges::set_difference(combined(attribute_words()), parts,
                              std::inserter(missing, missing.end()));
  return missing.empty() ? "" : "all but " + described(missing);
}

}  // namespace

std::string gradient_part_of(const Participation& participation) {
  return part_of(participation.gradients);
}

std::string part_of(const Participation& participation) {
  if (participation.parts.empty()) return "";
  if (std::string text = part_of(participation.parts); !text.empty()) return text;
  const std::ptrdiff_t clauses = std::ssize(participation.unsupported);
  return clauses == 0 ? "" : "all but " + counted(clauses, "clause");
}

namespace {

template <class Count>
std::int64_t sum_over_subjects(const Report& report, const Count& count) {
  std::int64_t sum = 0;
  for (const SubjectEntry& subject : report.subjects) {
    sum += count(participation_of(report.result, subject.name));
  }
  return sum;
}

}  // namespace

std::int64_t asked_of(const Report& report) {
  return sum_over_subjects(report, [](const Participation& part) { return part.asked; });
}

std::int64_t asked_of(const StratumCounts& counts) {
  return counts.samples - counts.verdicts[static_cast<std::size_t>(Verdict::unsupported)];
}

std::int64_t gradients_of(const Report& report) {
  std::int64_t sum = 0;
  for (const SubjectEntry& subject : report.subjects) {
    const auto totals = gradient_totals_of(report.result, subject.name);
    sum += std::accumulate(totals.begin(), totals.end(), std::int64_t{0}) -
           totals[static_cast<std::size_t>(Verdict::unsupported)];
  }
  return sum;
}

std::int64_t undecided_of(const Report& report) {
  std::int64_t sum = sum_over_subjects(
      report, [](const Participation& part) { return part.asked - part.decided; });
  for (const SubjectEntry& subject : report.subjects) {
    sum += gradient_totals_of(report.result,
                              subject.name)[static_cast<std::size_t>(Verdict::undecided)];
  }
  return sum;
}

std::int64_t untested_of(const Report& report) {
  return sum_over_subjects(report,
                           [](const Participation& part) { return std::ssize(part.untested); });
}

std::int64_t open_findings_of(const Report& report) {
  return std::ranges::count(report.result.findings, "", excuse_of);
}

std::int64_t excused_findings_of(const Report& report) {
  return std::ssize(report.result.findings) - open_findings_of(report);
}

namespace {

// `counted(number, thing)` writes how many there are.
template <class Counted>
std::string asked_text(const Report& report, const Counted& counted) {
  const std::string gradients = counted(gradients_of(report), "gradient");
  if (report.options.only == Direction::backward) return gradients;
  const std::string samples = counted(asked_of(report), "sample");
  return report.result.gradients.empty() ? samples : samples + " and " + gradients;
}

}  // namespace

std::string asked_text(const Report& report) {
  return asked_text(
      report, [](std::int64_t count, std::string_view thing) { return counted(count, thing); });
}

std::string totals_line(const Report& report) {
  const std::int64_t excused = excused_findings_of(report);
  const std::int64_t untested = untested_of(report);
  const auto plain = [](std::int64_t count, std::string_view thing) {
    return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
  };
  return fmt::format("{} judged, {}{}, {} undecided{}", asked_text(report, plain),
                     plain(std::ssize(report.result.findings), "finding"),
                     excused == 0 ? "" : fmt::format(" ({} known or waived)", excused),
                     undecided_of(report),
                     untested == 0 ? "" : ", " + plain(untested, "clause") + " not tested");
}

std::vector<std::string> coverage_lines(const Participation& participation) {
  std::vector<std::string> lines;
  for (const Coverage& coverage : participation.coverage) {
    lines.push_back(fmt::format("{}-way combinations: {} of {}", coverage.strength,
                                grouped(coverage.asked), grouped(coverage.possible)));
  }
  return lines;
}

std::int64_t cases_of(const Finding& finding) {
  std::int64_t cases = 0;
  for (const Incident& incident : finding.incidents) cases += incident.cases;
  return cases;
}

bool is_of_gradients(const Finding& finding) {
  return !finding.incidents.empty() && finding.incidents.front().backward.has_value();
}

bool is_of_gradients(const std::string& clause) { return clause.starts_with("grad."); }

std::string extent_of(const Finding& finding) {
  return is_of_gradients(finding) ? counted(cases_of(finding), "case")
                                  : counted(finding.samples, "sample");
}

std::string whole_extent_of(const Finding& finding) {
  return is_of_gradients(finding)
             ? extent_of(finding)
             : fmt::format("{} in {}", extent_of(finding), counted(cases_of(finding), "case"));
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

}  // namespace gridproof::reports
