// A folder of files that is never half written: each is written aside and renamed into its place.
// Tested by write_files_test.cc.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gridproof::reports {

// Makes the folder if it is not there, and tries that a file can be written into it, so that a long
// run does not end in a surprise. Throws InputError.
void prepare_folder(const std::filesystem::path& folder);

// Writes all files, then renames all. Throws InputError, and then no file has changed unless the
// renaming itself failed.
void write_files(const std::filesystem::path& folder,
                 const std::vector<std::pair<std::string, std::string_view>>& contents_by_name);

// Makes a folder that holds these files and nothing else, paths being relative to it; whatever it
// held is gone. It is made aside and takes its place in one step. Throws InputError, and then
// nothing has changed.
void replace_folder(const std::filesystem::path& folder,
                    const std::vector<std::pair<std::string, std::string>>& contents_by_path);

}  // namespace gridproof::reports
