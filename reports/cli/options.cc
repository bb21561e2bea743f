#include "reports/cli/options.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "oracle/subjects/host/isolation.h"
#include "reference/contract/foreign_text.h"
#include "reports/cli/arguments.h"
#include "reports/text/input_error.h"
#include "reports/text/parse.h"

namespace gridproof::reports {
namespace {

// Calls `add(text)` for each value of an option that may stand more than once.
CLI::Option* add_each(CLI::App& app, const std::string& flag, const std::string& type,
                      const std::string& what, const std::function<void(const std::string&)>& add) {
  return app
      .add_option_function<std::vector<std::string>>(
          flag,
          [add](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) add(text);
          },
          what)
      ->type_name(type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void change_isolation(const std::function<void(IsolationOptions&)>& change) {
  IsolationOptions options = isolation_of_children();
  change(options);
  isolate_children(std::move(options));
}

Isolation parse_isolation(const std::string& option, const std::string& text) {
  const auto level = parse<Isolation>(text);
  if (!level) reject(option, text, "none, process or sandbox");
  if (*level == Isolation::sandbox && !sandbox_means().suffice()) {
    throw InputError(option +
                     " sandbox needs Landlock (Linux 5.13) and seccomp, which this system does "
                     "not allow: expected process or none");
  }
  return *level;
}

}  // namespace

CLI::Option* add_parsed(
    CLI::App& app, const std::string& flag, const std::string& type, const std::string& what,
    const std::function<void(const std::string& option, const std::string& text)>& assign) {
  return app
      .add_option_function<std::string>(
          flag, [assign, flag](const std::string& text) { assign(flag, text); }, what)
      ->type_name(type);
}

CLI::Option* add_each(CLI::App& app, const std::string& flag, std::vector<std::string>& values,
                      const std::string& type, const std::string& what) {
  return add_each(app, flag, type, what,
                  [&values](const std::string& text) { values.push_back(text); });
}

void add_profile(CLI::App& app, Profile& profile) {
  add_parsed(app, "--profile", profile, parse_profile, "P",
             "How strict to be about arithmetic: P0 … P4a(bf16), P5(8) [P1]");
}

void add_dialect(CLI::App& app, std::optional<Dialect>& dialect) {
  add_parsed(app, "--dialect", dialect, parse_dialect, "D",
             "Binding text: pytorch, onnx or onnx-16 [the subject's own]");
}

void add_seed(CLI::App& app, std::uint64_t& seed) {
  add_parsed(app, "--seed", seed, parse_seed, "N",
             "Seed of the cases; the same seed gives the same findings [1]");
}

void add_threads(CLI::App& app, int& threads) {
  add_parsed(app, "--threads", threads, parse_threads, "N", "Number of threads [one per core]");
}

void add_timeout(CLI::App& app, std::optional<std::chrono::milliseconds>& per_case) {
  add_parsed(app, "--timeout", per_case, parse_time, "TIME",
             "Time limit for each case of a subject in a process [10s; a peer or torch 60s]");
}

void add_strict(CLI::App& app, bool& strict) {
  app.add_flag("--strict", strict, "Latitude and quality warnings fail, too");
}

void add_baseline(CLI::App& app, std::optional<std::string>& baseline) {
  app.add_option("--baseline", baseline,
                 "An earlier report.json; only findings that are not in it fail")
      ->type_name("FILE");
}

void hand_on(CLI::App& app, HandedOn& arguments) {
  app.prefix_command();
  app.set_help_flag();
  arguments.app = &app;
}

void add_isolation(CLI::App& app) {
  add_parsed(
      app, "--isolation", "LEVEL",
      "Isolation of foreign code: sandbox, process or none [the strongest that this system has]",
      [](const std::string& option, const std::string& text) {
        change_isolation([level = parse_isolation(option, text)](IsolationOptions& options) {
          options.level = level;
        });
      });
  add_each(
      app, "--env", "NAME",
      "An environment variable that foreign code may see, besides PATH and other harmless ones",
      [](const std::string& name) {
        if (name.empty() || name.find('=') != std::string::npos) {
          reject("--env", name, "the name of an environment variable, whose value is passed on");
        }
        change_isolation([&](IsolationOptions& options) { options.variables.push_back(name); });
      });
  add_each(
      app, "--readable", "PATH", "A file or folder that sandboxed foreign code may read, too",
      [](const std::string& path) {
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
          throw InputError(fmt::format("--readable is '{}': there is no such file or folder",
                                       printable(path, 200)));
        }
        change_isolation([&](IsolationOptions& options) { options.readable.emplace_back(path); });
      });
}

}  // namespace gridproof::reports
