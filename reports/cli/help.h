// What --help prints, wrapped at the width of the terminal. Tested by help_test.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reports/cli/arguments.h"

namespace gridproof::reports {

// How wide help is to be: as the terminal, where the output is one, else as the variable COLUMNS
// says, between 40 and 120; 80 where neither is known.
std::size_t help_columns(std::optional<int> terminal, const Environment& variable);

// The text in lines of so many columns. The first line stands after `first` columns, each further
// one has so many spaces before it. A word that is longer than a line has one of its own.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t first,
                    std::size_t further);

// A command in lines that a shell takes for one. Between quotes it is not broken.
std::string wrapped_command(std::string_view command, std::size_t columns, std::size_t first,
                            std::size_t further);

// CLI11's help in so many columns.
std::shared_ptr<CLI::Formatter> help_formatter(std::size_t columns);

}  // namespace gridproof::reports
