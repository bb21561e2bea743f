#include "reports/checkpoint/checkpoint_file.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <utility>

#include "reference/contract/foreign_text.h"
#include "reports/text/input_error.h"
#include "reports/text/text_file.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

Json header_of(const std::string& command, const std::string& content) {
  return {{"gridproof", GRIDPROOF_VERSION}, {"command", command}, {"content", content}};
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

CheckpointFile::CheckpointFile(const std::filesystem::path& folder, const std::string& command,
                               const std::string& content, bool resume,
                               std::function<void(const std::string&)> tell)
    : file_(folder / "checkpoint.jsonl"), tell_(std::move(tell)) {
  if (resume) read(command, content);
  file_descriptor_ = Descriptor(
      open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (resume ? O_APPEND : O_TRUNC), 0644));
  if (file_descriptor_.get() < 0) {
    throw InputError(fmt::format("cannot write to '{}': {}", printable(file_.string(), 200),
                                 std::strerror(errno)));
  }
  if (!resume) write(line_of(header_of(command, content)));
}

void CheckpointFile::read(const std::string& command, const std::string& content) {
  const std::string path = printable(file_.string(), 200);
  std::error_code error;
  if (!std::filesystem::is_regular_file(file_, error)) {
    throw InputError(fmt::format("there is nothing to resume: no '{}'", path));
  }
  constexpr std::size_t most = std::size_t{8} << 30U;  // its own, line by line
  const std::string text = text_of_file(file_.string(), most);
  const std::size_t first = std::min(text.find('\n'), text.size());
  const Json header = Json::parse(text.substr(0, first), nullptr, false);
  if (!(header == header_of(command, content))) {  // != is false of what is no JSON
    if (header.is_object() && header.value("command", Json()) == Json(command) &&
        header.value("gridproof", Json()) == Json(GRIDPROOF_VERSION)) {
      throw InputError(fmt::format(
          "'{}' is of subjects or of a gridproof that were built anew since: their verdicts of "
          "before say nothing; start again without --resume",
          path));
    }
    throw InputError(
        fmt::format("'{}' is of another campaign: expected that of '{}'", path, command));
  }
  const std::size_t start = std::min(first + 1, text.size());
  try {
    earlier_ = read_checkpoint_lines(std::string_view(text).substr(start));
  } catch (const CheckpointError&) {
    throw InputError(
        fmt::format("'{}' is damaged: expected a checkpoint of gridproof check", path));
  }
  // What comes next is not to be appended to half a line.
  std::filesystem::resize_file(file_, start + earlier_.whole, error);
}

const std::vector<Judgment>* CheckpointFile::find(std::uint64_t ordinal) const {
  const auto found = earlier_.judged.find(ordinal);
  return found == earlier_.judged.end() ? nullptr : &found->second;
}

void CheckpointFile::begin(std::span<const std::uint64_t> ordinals) {
  const std::string line = asked_line({ordinals.begin(), ordinals.end()});
  const std::scoped_lock lock(mutex_);
  write(line);
}

bool CheckpointFile::was_cut_off(std::uint64_t ordinal) const {
  return earlier_.begun.contains(ordinal);
}

void CheckpointFile::ask_again(std::uint64_t /*ordinal*/, const Case& test_case) {
  constexpr int max_told = 16;
  const std::scoped_lock lock(telling_);
  if (!tell_ || ++told_ > max_told) return;
  const std::size_t under_way = earlier_.begun.size();
  tell_(fmt::format("the run before ended while {} under way{}: {}",
                    under_way == 1 ? "this case was" : "this case and others were",
                    under_way == 1 ? "" : "; they are asked again one at a time",
                    printable(to_line(test_case), 2000)));
}

void CheckpointFile::add(std::uint64_t ordinal, const std::vector<Judgment>& judgments) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start_ + earlier_.spent);
  const std::string line = judged_line(ordinal, elapsed, judgments);
  const std::scoped_lock lock(mutex_);
  write(line);
}

const std::vector<GradientJudgment>* CheckpointFile::find_gradients(std::uint64_t ordinal) const {
  const auto found = earlier_.gradients.find(ordinal);
  return found == earlier_.gradients.end() ? nullptr : &found->second;
}

void CheckpointFile::add_gradients(std::uint64_t ordinal,
                                   const std::vector<GradientJudgment>& judgments) {
  const std::string line = gradients_line(ordinal, judgments);
  const std::scoped_lock lock(mutex_);
  write(line);
}

void CheckpointFile::write(const std::string& line) const {
  if (write_all(file_descriptor_.get(), std::as_bytes(std::span(line)))) return;
  throw InputError(fmt::format("cannot write to '{}': {}", printable(file_.string(), 200),
                               std::strerror(errno)));
}

void CheckpointFile::remove() {
  std::error_code error;
  std::filesystem::remove(file_, error);
}

std::string content_of(const std::vector<SubjectEntry>& subjects) {
  std::vector<std::string> files = {"/proc/self/exe"};
  for (const SubjectEntry& subject : subjects) {
    files.insert(files.end(), subject.files.begin(), subject.files.end());
  }
  // FNV-1a over words of 64 bits, of which the upper bits come down again: tells builds apart, not
  // forgers off.
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x100000001b3U;
    hash ^= hash >> 32U;
  };
  std::array<char, 1 << 16> bytes{};
  for (const std::string& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::uint64_t length = 0;
    while (stream.read(bytes.data(), bytes.size()), stream.gcount() > 0) {
      const auto count = static_cast<std::size_t>(stream.gcount());
      std::fill(bytes.begin() + count, bytes.end(), '\0');
      for (std::size_t i = 0; i < count; i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        add(word);
      }
      length += count;
    }
    add(length);  // where one ends
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace gridproof::reports
