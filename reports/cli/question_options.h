// The options of a question that somebody holds in files, and of what was wrong with its answer.
// Tested by program_test.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/question/symptom.h"

namespace gridproof::reports {

CLI::Option* add_tensor(CLI::App& app, const std::string& flags, std::optional<std::string>& text,
                        const std::string& what);

// Two maps, or one array of both, each a tensor.
CLI::Option* add_maps(CLI::App& app, std::vector<std::string>& maps, const std::string& what);

CLI::Option* add_align_corners(CLI::App& app, std::optional<bool>& align_corners);

// A question, what was observed, and what was expected.
void add_symptom(CLI::App& app, SymptomArguments& arguments);

}  // namespace gridproof::reports
