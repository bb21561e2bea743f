#include "reports/checkpoint/checkpoint_lines.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "oracle/judge/judge.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

// What samples have in common that are notable for the same: verdict, channel, clause, profile.
// A subject that is wrong is so in thousands of samples of a case.
using Notable = std::tuple<Verdict, std::int64_t, std::string, std::string>;

// Counts; what is notable, each with its samples as the gap before and the length of one run after
// the other; whether it is the whole answer, the message, the signed errors.
Json to_json(const Judgment& judgment) {
  struct Runs {
    std::vector<std::int64_t> gaps_and_lengths;
    std::int64_t end = 0;  // of the last run
  };
  std::map<Notable, Runs> groups;
  for (const SampleVerdict& verdict : judgment.notable) {
    auto& [numbers, end] = groups[{verdict.verdict, verdict.channel, verdict.clause,
                                   verdict.within ? to_string(*verdict.within) : ""}];
    if (numbers.empty() || verdict.sample != end) {
      numbers.insert(numbers.end(), {verdict.sample - end, 0});
    }
    ++numbers.back();
    end = verdict.sample + 1;
  }
  Json notable = Json::array();
  for (const auto& [what, runs] : groups) {
    const auto& [verdict, channel, clause, within] = what;
    notable.push_back({name(verdict), channel, clause, within, runs.gaps_and_lengths});
  }
  const SignedErrors& errors = judgment.errors;
  return {judgment.counts, std::move(notable), judgment.whole, judgment.message,
          Json{errors.elements, errors.up, errors.away}};
}

// The library would convert any number.
std::int64_t count_of(const Json& json) {
  if (!json.is_number_integer()) throw std::invalid_argument("expected a whole number");
  const auto count = json.get<std::int64_t>();
  if (count < 0) throw std::invalid_argument("a count is negative");
  return count;
}

// A place that a tensor can have.
std::int64_t bounded(std::int64_t sample) {
  if (sample > std::int64_t{1} << 52) throw std::invalid_argument("a sample is out of range");
  return sample;
}

// A sum of the errors of so many elements, each of which counts as 64 units at most.
std::int64_t error_of(const Json& json, const SignedErrors& errors) {
  if (!json.is_number_integer()) throw std::invalid_argument("expected a whole number");
  const auto sum = json.get<std::int64_t>();
  const std::int64_t elements = std::min(errors.elements, std::int64_t{1} << 16);
  const std::int64_t most = elements << (SignedErrors::bits + 6);
  if (sum < -most || sum > most) throw std::invalid_argument("an error is out of range");
  return sum;
}

Judgment judgment_of(const Json& json) {
  Judgment judgment{.whole = json.at(2).get<bool>(), .message = json.at(3).get<std::string>()};
  if (json.at(0).size() != verdict_count) throw std::invalid_argument("expected all counts");
  for (std::size_t i = 0; i < verdict_count; ++i) judgment.counts[i] = count_of(json.at(0).at(i));
  for (const Json& entry : json.at(1)) {
    SampleVerdict verdict{.channel = count_of(entry.at(1)),
                          .clause = entry.at(2).get<std::string>()};
    const auto named = parse<Verdict>(entry.at(0).get<std::string>());
    if (!named) throw std::invalid_argument("there is no such verdict");
    verdict.verdict = *named;
    if (const auto within = entry.at(3).get<std::string>(); !within.empty())
      verdict.within = gridproof::parse_profile(within);
    const Json& runs = entry.at(4);
    for (std::size_t i = 0; i < runs.size(); i += 2) {
      verdict.sample += bounded(count_of(runs.at(i)));
      for (std::int64_t left = count_of(runs.at(i + 1)); left > 0; --left, ++verdict.sample) {
        if (judgment.notable.size() == Judge::max_notable)
          throw std::invalid_argument("more is notable than a judgment lists");
        judgment.notable.push_back(verdict);
      }
      bounded(verdict.sample);
    }
  }
  std::ranges::sort(judgment.notable, {}, &SampleVerdict::sample);
  judgment.errors.elements = count_of(json.at(4).at(0));
  judgment.errors.up = error_of(json.at(4).at(1), judgment.errors);
  judgment.errors.away = error_of(json.at(4).at(2), judgment.errors);
  return judgment;
}

// Counts of both gradients, what is notable, whether it is the whole answer, the message.
Json to_json(const GradientJudgment& judgment) {
  Json notable = Json::array();
  for (const GradientVerdict& verdict : judgment.notable) {
    notable.push_back({name(verdict.verdict), name(verdict.gradient), verdict.element,
                       verdict.clause, verdict.within ? to_string(*verdict.within) : ""});
  }
  return {judgment.counts, std::move(notable), judgment.whole, judgment.message};
}

GradientJudgment gradients_of(const Json& json) {
  GradientJudgment judgment{.whole = json.at(2).get<bool>(),
                            .message = json.at(3).get<std::string>()};
  for (std::size_t g = 0; g < judgment.counts.size(); ++g) {
    const Json& counts = json.at(0).at(g);
    if (counts.size() != verdict_count) throw std::invalid_argument("expected all counts");
    for (std::size_t i = 0; i < verdict_count; ++i)
      judgment.counts[g][i] = bounded(count_of(counts.at(i)));
  }
  for (const Json& entry : json.at(1)) {
    const auto verdict = parse<Verdict>(entry.at(0).get<std::string>());
    const auto gradient = parse<Gradient>(entry.at(1).get<std::string>());
    if (!verdict || !gradient) throw std::invalid_argument("there is no such name");
    judgment.notable.push_back({.verdict = *verdict,
                                .gradient = *gradient,
                                .element = bounded(count_of(entry.at(2))),
                                .clause = entry.at(3).get<std::string>()});
    if (const auto within = entry.at(4).get<std::string>(); !within.empty())
      judgment.notable.back().within = gridproof::parse_profile(within);
  }
  return judgment;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::uint64_t ordinal_of(const Json& json) { return static_cast<std::uint64_t>(count_of(json)); }

void read_line(std::string_view text, CheckpointLines& lines) {
  const Json line = Json::parse(text);
  if (line.contains("gradients")) {
    std::vector<GradientJudgment> judgments;
    for (const Json& entry : line.at("judgments")) judgments.push_back(gradients_of(entry));
    lines.gradients[ordinal_of(line.at("gradients"))] = std::move(judgments);
    return;
  }
  if (line.is_object()) {
    for (const Json& ordinal : line.at("asked")) lines.begun.insert(ordinal_of(ordinal));
    return;
  }
  std::vector<Judgment> judgments;
  for (const Json& entry : line.at(2)) judgments.push_back(judgment_of(entry));
  lines.judged[ordinal_of(line.at(0))] = std::move(judgments);
  const std::chrono::milliseconds spent(count_of(line.at(1)));
  lines.spent = std::clamp(spent, lines.spent, std::chrono::milliseconds(std::chrono::years(1)));
}

}  // namespace

CheckpointLines read_checkpoint_lines(std::string_view text) {
  CheckpointLines lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', lines.whole)) {
    try {
      read_line(text.substr(lines.whole, end - lines.whole), lines);
    } catch (const std::exception& error) {
      throw CheckpointError(error.what());
    }
    lines.whole = end + 1;
  }
  for (const auto& [ordinal, judgments] : lines.judged) lines.begun.erase(ordinal);
  return lines;
}

std::string asked_line(const std::vector<std::uint64_t>& ordinals) {
  return line_of({{"asked", ordinals}});
}

std::string judged_line(std::uint64_t ordinal, std::chrono::milliseconds spent,
                        const std::vector<Judgment>& judgments) {
  Json all = Json::array();
  for (const Judgment& judgment : judgments) all.push_back(to_json(judgment));
  return line_of({ordinal, spent.count(), std::move(all)});
}

std::string gradients_line(std::uint64_t ordinal, const std::vector<GradientJudgment>& judgments) {
  Json all = Json::array();
  for (const GradientJudgment& judgment : judgments) all.push_back(to_json(judgment));
  return line_of({{"gradients", ordinal}, {"judgments", std::move(all)}});
}

}  // namespace gridproof::reports
