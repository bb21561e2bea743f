// Options that several commands have, and how an option is parsed. Tested by program_test.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "oracle/judge/profile.h"
#include "reference/contract/subject.h"

namespace gridproof::reports {

// An option whose text `assign(option, text)` takes, which may throw InputError.
CLI::Option* add_parsed(
    CLI::App& app, const std::string& flag, const std::string& type, const std::string& what,
    const std::function<void(const std::string& option, const std::string& text)>& assign);

// An option whose value is `parse(option, text)`.
template <class Value, class Parse>
  requires std::invocable<Parse, const std::string&, const std::string&>
CLI::Option* add_parsed(CLI::App& app, const std::string& flag, Value& value, const Parse& parse,
                        const std::string& type, const std::string& what) {
  return add_parsed(app, flag, type, what,
                    [&value, parse](const std::string& option, const std::string& text) {
                      value = parse(option, text);
                    });
}

// An option that may stand more than once, each time with one value.
CLI::Option* add_each(CLI::App& app, const std::string& flag, std::vector<std::string>& values,
                      const std::string& type, const std::string& what);

void add_profile(CLI::App& app, Profile& profile);
void add_dialect(CLI::App& app, std::optional<Dialect>& dialect);
void add_seed(CLI::App& app, std::uint64_t& seed);
void add_threads(CLI::App& app, int& threads);
void add_timeout(CLI::App& app, std::optional<std::chrono::milliseconds>& per_case);
void add_strict(CLI::App& app, bool& strict);
void add_baseline(CLI::App& app, std::optional<std::string>& baseline);

// A command that hands everything behind its name on to a program with options of its own.
struct HandedOn {
  const CLI::App* app = nullptr;
};
void hand_on(CLI::App& app, HandedOn& arguments);

// How foreign code is kept in its place: of the process, because its children are.
void add_isolation(CLI::App& app);

}  // namespace gridproof::reports
