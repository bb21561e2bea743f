#include "reports/cli/select.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "reference/contract/foreign_text.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"
#include "reports/text/text.h"

namespace gridproof::reports {

bool is_torch(std::string_view subject) { return subject.starts_with("torch-"); }
bool is_control(std::string_view subject) {
  return subject.starts_with("conforming:") || subject.starts_with("biased:") ||
         subject.starts_with("mutant:");
}

namespace {

// What was once called legal is found by that name, too.
std::string current_name(const std::string& name) {
  constexpr std::string_view old_prefix = "legal:";
  return name.starts_with(old_prefix) ? "conforming:" + name.substr(old_prefix.size()) : name;
}

[[noreturn]] void reject_unknown(const std::string& name, const std::vector<SubjectEntry>& roster) {
  std::vector<std::string> known;
  std::vector<std::string> hidden;  // too many to list
  for (const SubjectEntry& entry : roster) {
    (entry.name.find(':') == std::string::npos ? known : hidden).push_back(entry.name);
  }
  known.insert(known.end(),
               {"torch", "peer:NAME", "process:COMMAND", "the path of a plug-in (.so)"});
  hidden.insert(hidden.end(), known.begin(), known.end() - 4);
  std::vector<std::string> near = similar(name, hidden);
  if (is_program(name)) near = {"process:" + name};
  reject(
      "--subject", name,
      alternatives(known) + (near.empty() ? "" : ", or did you mean " + alternatives(near) + "?"));
}

}  // namespace

std::vector<SubjectEntry> select(const std::vector<SubjectEntry>& roster,
                                 const std::vector<std::string>& names,
                                 const ForeignOptions& options) {
  std::vector<SubjectEntry> chosen;
  for (const std::string& given : names) {
    const std::string name = current_name(given);
    if (valid_text(name) != name) reject("--subject", name, "text in UTF-8");
    const auto found = std::ranges::find(roster, name, &SubjectEntry::name);
    if (auto foreign = foreign_subject(name, program_folder(), options)) {
      const bool is_alias = !foreign->spec.empty();
      if (is_alias &&
          (is_torch(foreign->name) ||
           std::ranges::find(roster, foreign->name, &SubjectEntry::name) != roster.end())) {
        reject("--subject", name,
               "an alias that is not the name of one of gridproof's own subjects");
      }
      const auto same = std::ranges::find(chosen, foreign->name, &SubjectEntry::name);
      if (same == chosen.end()) {
        chosen.push_back(std::move(*foreign));
      } else if (same->spec != foreign->spec) {
        reject("--subject", name, "another alias: this one is already taken");
      }
      continue;
    }
    if (found == roster.end()) reject_unknown(name, roster);
    if (std::ranges::find(chosen, name, &SubjectEntry::name) == chosen.end()) {
      chosen.push_back(*found);
    }
  }
  return chosen;
}

std::unique_ptr<Subject> open_subject(const SubjectEntry& entry) {
  try {
    return entry.open();
  } catch (const std::runtime_error& error) {
    throw InputError(entry.name + " does not start: " + printable(error.what(), 400));
  }
}

}  // namespace gridproof::reports
