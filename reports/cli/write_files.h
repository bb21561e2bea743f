// A folder of files that is never half written, and in which nothing of anybody else's is lost:
// each file is written aside and renamed into its place, and only what was written here before is
// ever replaced or removed. What that is stands in the file `.gridproof-files` of the folder, in
// the notation of sha256sum. A file that is not in it, or has changed since, is somebody else's,
// and so is whatever is no regular file. Tested by write_files_test.cc.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gridproof::reports {

inline constexpr std::string_view list_name = ".gridproof-files";

// Makes the folder if it is not there, and tries that files of these names can be written into it,
// so that a long run does not end in a surprise. Throws InputError, also where a file of somebody
// else's is in the way.
void prepare_folder(const std::filesystem::path& folder, const std::vector<std::string>& names);

// Writes all files, then renames all. Throws InputError, and then no file has changed unless the
// renaming itself failed. A file in the way that has the very same contents is no obstacle.
void write_files(const std::filesystem::path& folder,
                 const std::vector<std::pair<std::string, std::string_view>>& contents_by_name);

// Throws InputError unless replace_folder may replace the folder: it is not there, or it holds
// nothing but what replace_folder wrote. Paths of a list are relative, with slashes.
void require_own_folder(const std::filesystem::path& folder);

// Makes a folder that holds these files and nothing else, paths being relative to it; what it held
// of ours is gone. It is made aside and takes its place in one step. Throws InputError, and then
// nothing has changed.
void replace_folder(const std::filesystem::path& folder,
                    const std::vector<std::pair<std::string, std::string>>& contents_by_path);

}  // namespace gridproof::reports
