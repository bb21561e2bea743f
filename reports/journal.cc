#include "reports/journal.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "reports/findings/text.h"
#include "reports/input.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

// What samples have in common that are notable for the same: verdict, channel, clause, profile.
// A subject that is wrong is so in thousands of samples of a case.
using Notable = std::tuple<Verdict, std::int64_t, std::string, std::string>;

// Counts; what is notable, each with its samples as the gap and the length of one run after the
// other; whether it is the whole answer, the message, the signed errors.
Json to_json(const Judgement& judgement) {
  struct Runs {
    std::vector<std::int64_t> gaps_and_lengths;
    std::int64_t end = 0;  // of the last run
  };
  std::map<Notable, Runs> groups;
  for (const SampleVerdict& verdict : judgement.notable) {
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
  const SignedErrors& errors = judgement.errors;
  return {judgement.counts,
          std::move(notable),
          judgement.whole,
          judgement.message,
          {errors.elements, errors.up, errors.away}};
}

Judgement judgement_of(const Json& json) {
  Judgement judgement{.counts = json.at(0).get<std::array<std::int64_t, verdict_count>>(),
                      .whole = json.at(2).get<bool>(),
                      .message = json.at(3).get<std::string>(),
                      .errors = {.elements = json.at(4).at(0).get<std::int64_t>(),
                                 .up = json.at(4).at(1).get<std::int64_t>(),
                                 .away = json.at(4).at(2).get<std::int64_t>()}};
  for (const Json& entry : json.at(1)) {
    SampleVerdict verdict{.channel = entry.at(1).get<std::int64_t>(),
                          .clause = entry.at(2).get<std::string>()};
    const auto named = parse<Verdict>(entry.at(0).get<std::string>());
    if (!named) throw std::invalid_argument("there is no such verdict");
    verdict.verdict = *named;
    if (const auto within = entry.at(3).get<std::string>(); !within.empty())
      verdict.within = gridproof::parse_profile(within);
    const Json& runs = entry.at(4);
    for (std::size_t i = 0; i < runs.size(); i += 2) {
      verdict.sample += runs.at(i).get<std::int64_t>();
      const auto length = runs.at(i + 1).get<std::int64_t>();
      if (length < 0 || length > std::int64_t{Judge::most_notable})
        throw std::invalid_argument("a judgement lists more than it can");
      for (std::int64_t k = 0; k < length; ++k, ++verdict.sample)
        judgement.notable.push_back(verdict);
    }
  }
  std::ranges::sort(judgement.notable, {}, &SampleVerdict::sample);
  return judgement;
}

Json header_of(const std::string& command) {
  return {{"gridproof", GRIDPROOF_VERSION}, {"command", command}};
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

Journal::Journal(const std::filesystem::path& folder, const std::string& command, bool resume)
    : file_(folder / "journal.jsonl") {
  if (resume) read(command);
  file_descriptor_ = Descriptor(
      open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (resume ? O_APPEND : O_TRUNC), 0644));
  if (file_descriptor_.get() < 0) {
    throw InputError(fmt::format("cannot write to '{}': {}", printable(file_.string(), 200),
                                 std::strerror(errno)));
  }
  if (!resume) write(line_of(header_of(command)));
}

void Journal::read(const std::string& command) {
  const std::string path = printable(file_.string(), 200);
  std::ifstream stream(file_, std::ios::binary);
  std::string line;
  if (!std::getline(stream, line)) {
    throw InputError(fmt::format("there is nothing to resume: no '{}'", path));
  }
  if (!(Json::parse(line, nullptr, false) == header_of(command))) {
    throw InputError(
        fmt::format("'{}' is of another campaign: expected that of '{}'", path, command));
  }
  std::uintmax_t whole = line.size() + 1;
  while (std::getline(stream, line) && !stream.eof()) {
    try {
      const Json json = Json::parse(line);
      std::vector<Judgement> judgements;
      for (const Json& entry : json.at(2)) judgements.push_back(judgement_of(entry));
      earlier_[json.at(0).get<std::uint64_t>()] = std::move(judgements);
      spent_ = std::max(spent_, std::chrono::milliseconds(json.at(1).get<std::int64_t>()));
    } catch (const std::exception&) {
      throw InputError(fmt::format("'{}' is damaged: expected a journal of gridproof check", path));
    }
    whole += line.size() + 1;
  }
  // What comes next is not to be appended to half a line.
  std::error_code error;
  std::filesystem::resize_file(file_, whole, error);
}

const std::vector<Judgement>* Journal::find(std::uint64_t ordinal) const {
  const auto found = earlier_.find(ordinal);
  return found == earlier_.end() ? nullptr : &found->second;
}

void Journal::add(std::uint64_t ordinal, const std::vector<Judgement>& judgements) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start_ + spent_);
  Json all = Json::array();
  for (const Judgement& judgement : judgements) all.push_back(to_json(judgement));
  const std::string line = line_of({ordinal, elapsed.count(), std::move(all)});
  const std::scoped_lock lock(mutex_);
  write(line);
}

void Journal::write(const std::string& line) const {
  if (write_all(file_descriptor_.get(), std::as_bytes(std::span(line)))) return;
  throw InputError(fmt::format("cannot write to '{}': {}", printable(file_.string(), 200),
                               std::strerror(errno)));
}

void Journal::remove() {
  std::error_code error;
  std::filesystem::remove(file_, error);
}

}  // namespace gridproof::reports
