#include "reports/journal/journal_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "oracle/judge/profile.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

// Counts, then what is notable: verdict, sample, channel, clause, profile.
Json to_json(const Judgement& judgement) {
  Json notable = Json::array();
  for (const SampleVerdict& verdict : judgement.notable) {
    notable.push_back({name(verdict.verdict), verdict.sample, verdict.channel, verdict.clause,
                       verdict.within ? Json(to_string(*verdict.within)) : Json()});
  }
  return {judgement.counts, std::move(notable), judgement.whole, judgement.message};
}

// The library would convert any number.
std::int64_t count_of(const Json& json) {
  if (!json.is_number_integer()) throw std::invalid_argument("expected a whole number");
  const auto count = json.get<std::int64_t>();
  if (count < 0) throw std::invalid_argument("a count is negative");
  return count;
}

Judgement judgement_of(const Json& json) {
  Judgement judgement{.whole = json.at(2).get<bool>(), .message = json.at(3).get<std::string>()};
  if (json.at(0).size() != verdict_count) throw std::invalid_argument("expected all counts");
  for (std::size_t i = 0; i < verdict_count; ++i) judgement.counts[i] = count_of(json.at(0).at(i));
  for (const Json& entry : json.at(1)) {
    SampleVerdict verdict{.sample = count_of(entry.at(1)),
                          .channel = count_of(entry.at(2)),
                          .clause = entry.at(3).get<std::string>()};
    const auto named = parse<Verdict>(entry.at(0).get<std::string>());
    if (!named) throw std::invalid_argument("there is no such verdict");
    verdict.verdict = *named;
    if (!entry.at(4).is_null())
      verdict.within = gridproof::parse_profile(entry.at(4).get<std::string>());
    judgement.notable.push_back(std::move(verdict));
  }
  return judgement;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::uint64_t ordinal_of(const Json& json) { return static_cast<std::uint64_t>(count_of(json)); }

void read_line(std::string_view text, JournalLines& lines) {
  const Json line = Json::parse(text);
  if (line.is_object()) {
    for (const Json& ordinal : line.at("asked")) lines.begun.insert(ordinal_of(ordinal));
    return;
  }
  std::vector<Judgement> judgements;
  for (const Json& entry : line.at(2)) judgements.push_back(judgement_of(entry));
  lines.judged[ordinal_of(line.at(0))] = std::move(judgements);
  const std::chrono::milliseconds spent(count_of(line.at(1)));
  lines.spent = std::clamp(spent, lines.spent, std::chrono::milliseconds(std::chrono::years(1)));
}

}  // namespace

JournalLines read_journal_lines(std::string_view text) {
  JournalLines lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', lines.whole)) {
    try {
      read_line(text.substr(lines.whole, end - lines.whole), lines);
    } catch (const std::exception& error) {
      throw JournalError(error.what());
    }
    lines.whole = end + 1;
  }
  for (const auto& [ordinal, judgements] : lines.judged) lines.begun.erase(ordinal);
  return lines;
}

std::string asked_line(const std::vector<std::uint64_t>& ordinals) {
  return line_of({{"asked", ordinals}});
}

std::string judged_line(std::uint64_t ordinal, std::chrono::milliseconds spent,
                        const std::vector<Judgement>& judgements) {
  Json all = Json::array();
  for (const Judgement& judgement : judgements) all.push_back(to_json(judgement));
  return line_of({ordinal, spent.count(), std::move(all)});
}

}  // namespace gridproof::reports
